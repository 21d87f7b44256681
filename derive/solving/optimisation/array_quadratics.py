"""Quadratic functions of a vector or a matrix: the gradient is linear, and its zero solves a linear system.

In: an `ArrayProgramme` whose function is quadratic, with no constraint, linear equations, or one linear inequality. Out: a Solution.
Source: Boyd & Vandenberghe, Convex Optimization (2004), sections 4.4, 5.5 and 10.1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported, Refusal, Undetermined
from derive.expressions.plain import plain
from derive.expressions.term import Term, number
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.calculus.linear import coefficient
from derive.graph.calculus.polish import polished
from derive.graph.calculus.raising import mul_term
from derive.graph.calculus.reverse import dependents, sweep
from derive.graph.node import ArgumentType, Node
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.assumed import within_assumed
from derive.solving.matrices import assumptions_of
from derive.solving.optimisation.array_programmes import ArrayProgramme, Constraint, claim_step, jacobian_of, relation, terms_of
from derive.solving.optimisation.definiteness import definiteness

__all__ = ["Quadratic", "finished", "quadratic_of", "solve_quadratic", "solved_quadratic"]


class Quadratic(NamedTuple):
    """∇f = `matrix` x + `constant` (x `matrix` + … where `on_the_right`); the steps that found it."""

    matrix: Node
    constant: Node
    gradient: Node
    steps: tuple[Step, ...]
    notes: tuple[Prose, ...]
    on_the_right: bool = False


def quadratic_of(p: ArrayProgramme) -> Quadratic:
    """The gradient as a linear function. Raises NotSupported where it is none."""
    a = p.a
    slope = p.gradient()
    inner = slope.node
    constant = a.full(p.at_zero(inner), p.x.shape)
    right = False
    if not p.x.shape:
        found = sweep(a, [(inner, a.number(1))], [p.x]).get(p.x)
        if found is None:
            raise _linear(p, inner)
        matrix = found
    elif len(p.x.shape) == 1:
        u = a.nodes.argument(ArgumentType(p.task.fresh("u").key), p.x.shape)
        pulled = sweep(a, [(inner, u)], [p.x]).get(p.x)
        if pulled is None:
            raise _linear(p, inner)
        matrix = a.transpose(coefficient(a, a.full(pulled, p.x.shape), u))
    else:
        try:
            matrix = _beside(p, inner, True)
        except NotSupported:
            matrix, right = _beside(p, inner, False), True
    if p.depends(matrix) or p.depends(constant):
        raise NotSupported("a stationary point of a function that is not quadratic in an array", span=p.written.span)
    return Quadratic(matrix, constant, inner, slope.steps, slope.notes, right)


def _linear(p: ArrayProgramme, gradient: Node) -> Refusal:
    if p.depends(gradient):
        return NotSupported("an optimum of a function of an array that has kinks and no quadratic part", span=p.written.span)
    if p.constraints or p.is_simplex or p.kind.lower is not None or p.kind.upper is not None:
        return NotSupported("an optimum of a linear function of an array under these constraints", span=p.written.span)
    way = "above" if p.largest else "below"
    return DoesNotExist(f"there is no {p.word}: the function is linear in {p.variable.name.key} and unbounded {way}", span=p.written.span)


def _beside(p: ArrayProgramme, node: Node, left: bool) -> Node:
    """M where the part that depends on the variable is M W (W M where not `left`). Raises NotSupported."""
    a = p.a
    holds = dependents((node,), (p.x,))

    def of(part: Node) -> Node:
        if part is p.x:
            return a.identity(p.x.shape[0 if left else 1])
        if part.op == "add":
            return a.add(*(of(x) for x in part.args if x in holds))
        if part.op in ("mul", "neg", "div"):
            view = factors(part)
            inner = [b for b in view.powers if b in holds]
            rest = Factors(view.coefficient, {b: q for b, q in view.powers.items() if b not in holds})
            if len(inner) == 1 and view.powers[inner[0]] == 1 and not rest.parted(False).powers:
                return a.mul(product(a.nodes, rest), of(inner[0]))
        if part.op == "matmul":
            first, second = part.args
            if left and first not in holds and len(first.shape) == 2:
                return a.matmul(first, of(second))
            if not left and second not in holds and len(second.shape) == 2:
                return a.matmul(of(first), second)
            if not left and first not in holds and len(first.shape) == 2:
                raise NotSupported("an equation A W + W B = C (a Sylvester equation)")
        raise NotSupported("a stationary point of a function that is not quadratic in a matrix, or is an equation A W + W B = C")

    return of(node)


# ---------------------------------------------------------------------------------------------- solving
def solve_quadratic(p: ArrayProgramme) -> Solution:
    """The optimum of a quadratic function. Raises DoesNotExist where it is not bounded, NotSupported for other constraints."""
    return solved_quadratic(p, quadratic_of(p))


def solved_quadratic(p: ArrayProgramme, q: Quadratic) -> Solution:
    """The same from the gradient."""
    a = p.a
    sign = definiteness(a, q.matrix)
    if sign.level < 0:
        way = "above" if p.largest else "below"
        raise DoesNotExist(f"there is no {p.word}: the function is unbounded {way}", span=p.written.span)
    if sign.level == 0:
        raise Undetermined(
            f"whether there is a {p.word} depends on the Hessian {plain(p.term(q.matrix))}: nothing says that it is positive definite",
            span=p.written.span, expected=("A in S^n_{++} on an earlier line",),
        )  # fmt: skip
    assumed = [*sign.assumptions]
    if sign.level == 1:
        shown = p.term(_without_number(p, _core_of(p, q.matrix)))
        assumed.append((shown, " is invertible" if p.x.shape else " > 0"))
    equal = [c for c in p.constraints if c.sign == "="]
    below = [c for c in p.constraints if c.sign != "="]
    if p.kind.lower is not None or p.kind.upper is not None or p.is_simplex:
        raise NotSupported(f"an optimum of a quadratic function over the entries that are declared for {p.variable.name.key}")
    if below and (equal or len(below) > 1 or below[0].gap.shape):
        raise NotSupported("an optimum of a quadratic function under these inequalities", span=p.written.span)
    steps = [*q.steps, _convex(p, q)]
    if not equal and not below:
        answer, more = _free(p, q)
    else:
        answer, more, beyond = _held(p, q, equal) if equal else _bounded(p, q, below[0])
        assumed += beyond
    steps += more
    return finished(p, answer, steps, q.notes, assumed)


def finished(
    p: ArrayProgramme,
    answer: Node,
    steps: list[Step],
    notes: tuple[Prose, ...] = (),
    assumed: list[Prose] | None = None,
    reached: Node | None = None,
) -> Solution:
    """The solution with the optimum against feasible points, and the value (`reached` where it is shorter so) where it is asked for."""
    shown = p.term(answer)
    best = Step(
        rules.GLOBAL.id, rules.GLOBAL.title, p.written, relation(p.variable.term, shown), "⇒",
        because=("compared with feasible points",), formula=rules.GLOBAL.formula, claim=p.optimum(answer),
    )  # fmt: skip
    steps = [*steps, best]
    parts: dict[str, Term] = {p.variable.name.key: shown}
    if not str(p.reading.expanded.data).startswith("arg"):
        least = p.put(p.root, answer) if reached is None else reached
        value = p.term(p.a.neg(least) if p.largest else least)
        parts["value"] = value
        at = Term("at", (p.written, p.variable.term, shown))
        claim = Claim("equal", at, value)
        steps.append(Step(rules.AT_OPTIMUM.id, rules.AT_OPTIMUM.title, at, value, formula=rules.AT_OPTIMUM.formula, claim=claim))
    assumptions = tuple(dict.fromkeys([*(assumed or []), *assumptions_of(p.a)]))
    derivation = Derivation(p.reading.expanded, shown, tuple(steps), assumptions)
    return Solution(derivation, None, parts, tuple(dict.fromkeys(notes)), assumptions, types=within_assumed(p.types, assumptions))


def _core_of(p: ArrayProgramme, matrix: Node) -> Node:
    """The matrix without its scalar factors."""
    view = factors(matrix)
    return product(p.a.nodes, view.parted(False)) if matrix.op != "add" and matrix.shape else matrix


def _without_number(p: ArrayProgramme, node: Node) -> Node:
    """The node without a positive number that all its terms share."""
    terms = terms_of(p.a, node)
    common = factors(terms[0]).coefficient
    if common <= 0 or any(factors(t).coefficient != common for t in terms):
        return node
    return p.a.add(*(p.a.mul(p.a.number(1 / common), t) for t in terms))


def _convex(p: ArrayProgramme, q: Quadratic) -> Step:
    """The Hessian along the variable itself: xᵀH x is not negative."""
    a = p.a
    moved = _times(p, q, q.matrix, p.x)
    form = p.term(a.dot(p.x, moved))
    shown = p.term(q.matrix)
    hessian = Term("hessian", (p.objective, p.variable.term))
    word: Prose = ("it is positive semi-definite: the function is convex" if not p.largest else "the negative function is convex",)
    if not p.x.shape:
        hessian = Term("derivative", (p.objective, p.variable.term, number(2)), "d")
    before = hessian if len(p.x.shape) < 2 else p.objective
    because: Prose = ("the Hessian is ", shown, "; ", *word)
    return claim_step(rules.CONVEX, before, relation(number(0), form, "<="), Claim("at-most", number(0), form), because)


def _scaled(p: ArrayProgramme, matrix: Node, right: Node) -> tuple[Node, Node]:
    """Both sides of H x = b without common scalar factors and denominators."""
    a = p.a
    lead = factors(right)
    first = matrix.args[0] if matrix.op == "add" else matrix
    scale = lead.parted(True) if right.op != "add" and not a.zero(right) else factors(first).parted(True)
    scale = Factors(abs(scale.coefficient), scale.powers) if scale.coefficient else factors(first).parted(True)
    if scale.coefficient == 1 and not scale.powers:
        return matrix, right
    inverse = product(a.nodes, Factors(Fraction(1) / scale.coefficient, {b: -q for b, q in scale.powers.items()}))

    def over(node: Node) -> Node:
        return a.add(*(a.mul(inverse, x) for x in node.args)) if node.op == "add" else a.mul(inverse, node)

    return over(matrix), over(right)


def _times(p: ArrayProgramme, q: Quadratic, matrix: Node, x: Node) -> Node:
    if not p.x.shape:
        return p.a.mul(matrix, x)
    return p.a.matmul(x, matrix) if q.on_the_right else p.a.matmul(matrix, x)


def _free(p: ArrayProgramme, q: Quadratic) -> tuple[Node, list[Step]]:
    """H x = b."""
    a = p.a
    matrix, right = _scaled(p, q.matrix, a.full(a.neg(q.constant), p.x.shape))
    right = polished(a, right)
    if p.x.shape and not factors(right).coefficient:
        raise NotSupported(f"the {p.word} of a quadratic form without a linear part: it is at 0", span=p.written.span)
    full_gap = a.sub(_times(p, q, q.matrix, p.x), a.full(a.neg(q.constant), p.x.shape))
    zero = relation(Term("gradient", (p.objective, p.variable.term)), number(0))
    shown_left = p.term(_times(p, q, matrix, p.x))
    system = relation(shown_left, p.term(right))
    answer = _times(p, q, a.inverse(matrix), right) if p.x.shape else a.div(right, matrix)
    steps = [
        claim_step(rules.STATIONARY, zero, system, Claim("equal", p.term(q.gradient), p.term(full_gap)), sign="⇔"),
        claim_step(
            rules.LINEAR_SYSTEM, system, relation(p.variable.term, p.term(answer)),
            Claim("equal", p.term(_product(p, q, matrix, answer)), p.term(right)), sign="⇔",
        ),
    ]  # fmt: skip
    return answer, steps


def _product(p: ArrayProgramme, q: Quadratic, matrix: Node, answer: Node) -> Node:
    """H x* as it stands, without cancelling H H⁻¹: the check is to see both."""
    if not p.x.shape:
        return p.a.nodes.make("mul", matrix, answer)
    sides = (answer, matrix) if q.on_the_right else (matrix, answer)
    return p.a.nodes.make("matmul", *sides)


def _held(p: ArrayProgramme, q: Quadratic, equal: list[Constraint]) -> tuple[Node, list[Step], list[Prose]]:
    """H x + c + Aᵀν = 0 and A x = b: x = −H⁻¹(c + Aᵀν), A H⁻¹Aᵀ ν = −(b + A H⁻¹c)."""
    a = p.a
    if len(p.x.shape) != 1:
        raise NotSupported("equations that hold for a matrix, or for a number beside arrays", span=p.written.span)
    if len(equal) > 2 or (len(equal) == 2 and any(c.gap.shape for c in equal)) or len(equal[0].gap.shape) > 1:
        raise NotSupported("an optimum of a quadratic function under so many equations; one system A x = b is solved", span=p.written.span)
    slopes = [jacobian_of(p, c.gap) for c in equal]
    for constraint, slope in zip(equal, slopes, strict=True):
        if p.depends(slope) or a.zero(slope):
            raise NotSupported("an optimum of a quadratic function under an equation that is not linear", span=constraint.written.span)
    rests = [p.at_zero(c.gap) for c in equal]  # a x + rest = 0
    inverse = a.inverse(q.matrix)
    unheld = a.matmul(inverse, a.neg(q.constant)) if not a.zero(_plain(q.constant)) else a.number(0)
    system = len(equal[0].gap.shape) == 1
    missing = [a.add(_applied(p, s, unheld), r) for s, r in zip(slopes, rests, strict=True)]  # how far it is from the constraint
    if system:
        (slope,), (gap,) = slopes, missing
        nu = [p.multiplier(gap.shape, "nu", "eta")]
        middle = a.matmul(slope, a.matmul(inverse, a.transpose(slope)))
        values = [a.matmul(a.inverse(middle), gap)]
        pushes = [a.matmul(a.transpose(slope), m) for m in nu]
        pushed = [a.matmul(a.transpose(slope), v) for v in values]
        assumed: list[Prose] = [(p.term(slope), " has full row rank")]
    else:
        nu = [p.multiplier((), *letters) for letters in (("nu", "eta"), ("kappa", "xi"))[: len(equal)]]
        gram = [[a.matmul(s, a.matmul(inverse, t)) for t in slopes] for s in slopes]
        values = _solved(p, gram, missing)
        pushes = [a.mul(m, s) for m, s in zip(nu, slopes, strict=True)]
        pushed = [a.mul(v, s) for v, s in zip(values, slopes, strict=True)]
        names = [p.term(_core_of(p, s)) for s in slopes if s.op != "ones"]
        together: Prose = (*_listed([p.term(s) for s in slopes]), " are linearly independent")
        assumed = [(n, " ≠ 0") for n in names] if len(slopes) == 1 else [together]
    answer = a.sub(unheld, a.matmul(inverse, a.add(*pushed)))
    over_nu = a.sub(unheld, a.matmul(inverse, a.add(*pushes)))
    condition = a.add(q.gradient, *pushes)
    lagrange = relation(p.term(condition), number(0))
    zero = a.add(q.constant, _chain(p, q.matrix, over_nu), *pushes)
    steps = [
        claim_step(rules.LAGRANGE, p.written, lagrange, _slope_claim(p, condition, nu, equal)),
        claim_step(
            rules.LINEAR_SYSTEM, lagrange, relation(p.variable.term, p.term(over_nu)),
            Claim("equal", p.term(zero), p.zeros()), sign="⇔",
        ),
    ]  # fmt: skip
    for multiplier, value, constraint in zip(nu, values, equal, strict=True):
        left, right = constraint.written.args
        first, second = (Term("at", (side, p.variable.term, p.term(answer))) for side in (left, right))
        steps.append(
            claim_step(rules.MULTIPLIER, constraint.written, relation(p.term(multiplier), p.term(value)), Claim("equal", first, second))
        )
    return answer, steps, assumed


def _slope_claim(p: ArrayProgramme, condition: Node, nu: list[Node], equal: list[Constraint]) -> Claim:
    """∇(f + ν h) in the name of the Lagrangian, whose gradient the check takes itself."""
    gaps = [Term("add", (c.written.args[0], Term("neg", (c.written.args[1],)))) for c in equal]
    held = [
        mul_term([p.term(m), g]) if not m.shape else mul_term([Term("transpose", (p.term(m),)), g]) for m, g in zip(nu, gaps, strict=True)
    ]
    lagrangian = Term("add", (p.objective, *held))
    return Claim("equal", Term("gradient", (lagrangian, p.variable.term)), p.term(condition))


def _chain(p: ArrayProgramme, matrix: Node, x: Node) -> Node:
    return p.a.nodes.make("matmul", matrix, x)


def _plain(node: Node) -> Node:
    return node.args[0] if node.op == "mul" and node.args[0].op == "number" and node.args[0].data == 0 else node


def _applied(p: ArrayProgramme, slope: Node, x: Node) -> Node:
    return p.a.number(0) if p.a.zero(x) else p.a.matmul(slope, x)


def _listed(terms: list[Term]) -> list[object]:
    found: list[object] = []
    for k, term in enumerate(terms):
        found += [" and " if k else "", term]
    return found[1:]


def _solved(p: ArrayProgramme, gram: list[list[Node]], right: list[Node]) -> list[Node]:
    """One or two equations for as many multipliers."""
    a = p.a
    if len(right) == 1:
        return [a.div(right[0], gram[0][0])]
    (g, h), (k, m) = gram
    determinant = a.sub(a.mul(g, m), a.mul(h, k))
    first, second = right
    return [a.div(a.sub(a.mul(m, first), a.mul(h, second)), determinant), a.div(a.sub(a.mul(g, second), a.mul(k, first)), determinant)]


def _bounded(p: ArrayProgramme, q: Quadratic, constraint: Constraint) -> tuple[Node, list[Step], list[Prose]]:
    """One linear inequality: where the free optimum violates it, it holds with equality, with a positive multiplier."""
    a = p.a
    slope = jacobian_of(p, constraint.gap)
    if p.depends(slope) or a.zero(slope):
        raise NotSupported("an optimum of a quadratic function under an inequality that is not linear", span=constraint.written.span)
    if constraint.sign == "<":
        raise NotSupported("an optimum under a strict inequality", span=constraint.written.span)
    inverse = a.inverse(q.matrix)
    unheld = a.matmul(inverse, a.neg(q.constant)) if not a.zero(_plain(q.constant)) else a.number(0)
    excess = a.add(_applied(p, slope, unheld), p.at_zero(constraint.gap))
    push = a.matmul(inverse, slope)
    mu = p.multiplier((), "mu", "eta", "kappa")
    value = a.div(a.function("maximum", a.number(0), excess), a.matmul(slope, push))
    answer = a.sub(unheld, a.mul(value, push))
    condition = a.add(q.gradient, a.mul(mu, slope))
    slack = a.mul(value, p.put(constraint.gap, answer))
    slopes = _slope_claim(p, condition, [mu], [_turned(constraint)])
    steps = [
        claim_step(rules.KKT, p.written, relation(p.term(condition), number(0)), slopes),
        claim_step(
            rules.SLACKNESS, relation(mul_term([p.term(mu), p.term(constraint.gap)]), number(0)), relation(p.term(mu), p.term(value)),
            Claim("equal", p.term(slack), number(0)), ("μ = 0 where the free optimum is feasible, g = 0 elsewhere",),
        ),
    ]  # fmt: skip
    return answer, steps, [(p.term(_core_of(p, slope)), " ≠ 0")]


def _turned(constraint: Constraint) -> Constraint:
    """g ≤ 0 with its sides in the order of the gap."""
    if constraint.written.data in (">=", ">"):
        left, right = constraint.written.args
        return constraint._replace(written=Term("rel", (right, left), "<="))
    return constraint
