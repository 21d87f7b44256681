"""Optima over a ball, a sphere or a box: projections and linear functions.

In: an `ArrayProgramme` with one constraint ‖x‖ ≤ r, ‖x‖ = r (squared or not), or with bounds of the entries. Out: a Solution, or None where
the programme is of another form. Source: Parikh & Boyd, Proximal Algorithms (2014), section 6.2 to 6.5.
"""

from __future__ import annotations

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported
from derive.expressions.term import Term, number
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.calculus.polish import polished
from derive.graph.node import Node
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.matrices import assumptions_of
from derive.solving.optimisation.array_programmes import ArrayProgramme, Constraint, claim_step, relation
from derive.solving.optimisation.array_quadratics import Quadratic, finished, quadratic_of

__all__ = ["isotropic", "solve_in_ball", "solve_in_box"]


def isotropic(p: ArrayProgramme, q: Quadratic) -> tuple[Node, Node] | None:
    """h and the centre where the gradient is h (x − centre) with a scalar h > 0; None where the matrix is no multiple of I."""
    view = factors(q.matrix)
    arrays = view.parted(False).powers
    if len(arrays) != 1 or next(iter(arrays)).op != "identity":
        return None
    scale = product(p.a.nodes, view.parted(True))
    return scale, polished(p.a, p.a.full(p.a.div(p.a.neg(q.constant), scale), p.x.shape))


# ---------------------------------------------------------------------------------------------- balls and spheres
def radius_of(p: ArrayProgramme, constraint: Constraint) -> Node | None:
    """r where the constraint is ‖x‖ ≤ r, ‖x‖² ≤ r² or the same with =; None for others."""
    a = p.a
    if constraint.gap.shape or constraint.gap.op != "add":
        return None
    inside = [t for t in constraint.gap.args if p.depends(t)]
    bound = a.neg(a.add(*(t for t in constraint.gap.args if not p.depends(t))))
    if len(inside) != 1:
        return None
    view = factors(inside[0])
    if len(view.powers) != 1 or view.coefficient <= 0:
        return None
    ((base, power),) = view.powers.items()
    bound = a.div(bound, a.number(view.coefficient))
    if base.op == "norm" and base.data in ("2", "F") and base.args[0] is p.x:
        return bound if power == 1 else _root(p, bound) if power == 2 else None
    squared = base.op == "matmul" and base.args[0] is p.x and base.args[1] is p.x and power == 1
    return _root(p, bound) if squared else None


def _root(p: ArrayProgramme, node: Node) -> Node:
    """The positive root; of the square of what is positive that itself."""
    view = factors(node)
    if view.coefficient == 1 and all(q % 2 == 0 and b.bounds.positive for b, q in view.powers.items()):
        return product(p.a.nodes, Factors(view.coefficient, {b: q / 2 for b, q in view.powers.items()}))
    return p.a.sqrt(node)


def solve_in_ball(p: ArrayProgramme) -> Solution | None:
    """A linear function or a distance over a ball or a sphere; None for other programmes."""
    if len(p.constraints) != 1 or len(p.x.shape) != 1:
        return None
    constraint = p.constraints[0]
    radius = radius_of(p, constraint)
    if radius is None or constraint.sign == "<":
        return None
    slope = p.gradient()
    if not p.depends(slope.node):
        return _linear(p, constraint, radius)
    q = quadratic_of(p)
    found = isotropic(p, q)
    pure = p.root.op != "add" or all(p.depends(t) for t in p.root.args)
    if constraint.sign == "=" and pure and p.a.zero(p.at_zero(slope.node)):
        return _rayleigh(p, radius, q)
    if found is None or factors(found[0]).coefficient < 0:
        raise NotSupported(
            "an optimum of this quadratic function over a ball: the multiplier solves the secular equation, which has no closed form",
            span=p.written.span,
        )
    return _projected(p, constraint, radius, q, found[1])


def _length(p: ArrayProgramme, x: Node) -> Node:
    view = factors(x)
    turned = product(p.a.nodes, Factors(-view.coefficient, view.powers)) if view.coefficient < 0 else x
    return p.a.nodes.make("norm", turned, data="2")


def _multiplied(p: ArrayProgramme, constraint: Constraint, gradient: Node, value: Node, answer: Node) -> list[Step]:
    """∇f + 2 μ x = 0 at the answer with this multiplier; the constraint is written as ‖x‖² − r² for it."""
    a = p.a
    mu = p.multiplier((), "mu", "eta", "kappa")
    condition = a.add(gradient, a.mul(a.number(2), mu, p.x))
    rule = rules.LAGRANGE if constraint.sign == "=" else rules.KKT
    square = Term("pow", (Term("norm", (p.variable.term,), "2"), number(2)))
    lagrangian = Term("add", (p.objective, Term("mul", (p.term(mu), square))))
    first = Claim("equal", Term("gradient", (lagrangian, p.variable.term)), p.term(condition))
    zero = a.add(p.put(gradient, answer), a.mul(a.number(2), value, a.nodes.make("mul", a.number(1), answer)))
    second = Claim("equal", p.term(zero), p.zeros())
    statement = relation(p.term(condition), number(0))
    return [
        claim_step(rule, p.written, statement, first, ("the constraint as ", square)),
        claim_step(rules.MULTIPLIER, statement, relation(p.term(mu), p.term(value)), second),
    ]


def _linear(p: ArrayProgramme, constraint: Constraint, radius: Node) -> Solution:
    """cᵀx is least against the direction of c: x = −r c/‖c‖ (Cauchy–Schwarz)."""
    a = p.a
    slope = p.gradient()
    c = slope.node
    answer = polished(a, a.neg(a.mul(radius, a.div(c, _length(p, c)))))
    value = a.div(_length(p, c), a.mul(a.number(2), radius))
    steps = [*slope.steps, *_multiplied(p, constraint, c, value, answer)]
    assumed: list[Prose] = [(p.term(product(a.nodes, factors(c).parted(False)) if c.op != "add" else c), " ≠ 0")]
    reached = a.neg(a.mul(radius, _length(p, c)))
    alone = p.root.op != "add" or all(p.depends(t) for t in p.root.args)
    return finished(p, answer, steps, slope.notes, assumed + _positive(p, radius), reached if alone else None)


def _rayleigh(p: ArrayProgramme, radius: Node, q: Quadratic) -> Solution:
    """xᵀS x with ‖x‖ = r: r² times the largest (smallest) eigenvalue."""
    a = p.a
    if str(p.reading.expanded.data).startswith("arg"):
        raise NotSupported(
            "the optimiser of a quadratic form on a sphere: an eigenvector has no formula of its own, only its eigenvalue has",
            span=p.written.span,
        )
    word, names = ("largest", ("eigmax", "leadingeigen")) if p.largest else ("smallest", ("eigmin", "trailingeigen"))
    half = a.div(q.matrix, a.number(-2 if p.largest else 2))
    eigenvalue = a.nodes.make(names[0], half)
    shown = p.term(a.mul(radius, radius, eigenvalue))
    bound = p.term(a.mul(eigenvalue, a.dot(p.x, p.x)))
    low, high = (p.written, bound) if p.largest else (bound, p.written)
    reached = p.term(a.trace(a.nodes.make("matmul", a.nodes.make(names[1], half), half)))  # vᵀS v at the eigenvector v
    rule = rules.RAYLEIGH
    where: Prose = (f"with equality at an eigenvector v of the {word} eigenvalue",)
    steps = (
        *q.steps,
        claim_step(rule, p.written, relation(low, high, "<="), Claim("at-most", low, high), ("for every vector",)),
        claim_step(rule, p.written, shown, Claim("equal", reached, p.term(eigenvalue)), where),
    )
    notes: tuple[Prose, ...] = ((f"attained at an eigenvector v of the {word} eigenvalue, of the length of the constraint, and at −v",),)
    assumptions = tuple(dict.fromkeys([*assumptions_of(a), *_positive(p, radius)]))
    return Solution(
        Derivation(p.reading.expanded, shown, steps, assumptions), None, {"value": shown}, (*q.notes, *notes), assumptions, types=p.types
    )


def _positive(p: ArrayProgramme, radius: Node) -> list[Prose]:
    return [] if radius.bounds.positive or radius.op == "number" else [(p.term(radius), " > 0")]


def _projected(p: ArrayProgramme, constraint: Constraint, radius: Node, q: Quadratic, centre: Node) -> Solution:
    """‖x − a‖² over ‖x‖ ≤ r: a where it is inside, else r a/‖a‖."""
    a = p.a
    if constraint.sign == "=":
        if a.zero(centre) or not _has_arrays(centre):
            raise DoesNotExist(f"the {p.word} is not unique: the function is the same all over the sphere", span=p.written.span)
        answer = a.mul(radius, a.div(centre, _length(p, centre)))
        assumed: list[Prose] = [(p.term(centre), " ≠ 0")]
        ratio = a.div(_length(p, centre), radius)
    else:
        ratio = a.function("maximum", a.number(1), a.div(_length(p, centre), radius))
        answer = a.div(centre, ratio)
        assumed = []
    scale = factors(q.matrix).parted(True)
    value = a.mul(product(a.nodes, Factors(scale.coefficient / 2, scale.powers)), a.sub(ratio, a.number(1)))
    steps = [*q.steps, *_multiplied(p, constraint, q.gradient, value, answer)]
    return finished(p, answer, steps, q.notes, assumed + _positive(p, radius))


def _has_arrays(node: Node) -> bool:
    return bool(factors(node).coefficient) and any(b.shape and b.op != "ones" for b in factors(node).powers)


# ---------------------------------------------------------------------------------------------- boxes
def solve_in_box(p: ArrayProgramme) -> Solution | None:
    """A distance over l ≤ x ≤ u, entry by entry; None for other programmes."""
    a = p.a
    low = [p.task.built(b.value) for b in (p.kind.lower,) if b is not None]
    high = [p.task.built(b.value) for b in (p.kind.upper,) if b is not None]
    if p.is_simplex or any(b is not None and b.strict for b in (p.kind.lower, p.kind.upper)):
        return None
    for constraint in p.constraints:
        rest = p.at_zero(constraint.gap)
        moving = a.sub(constraint.gap, rest)
        if constraint.sign != "<=" or not constraint.gap.shape or moving not in (p.x, a.neg(p.x)):
            return None
        (high if moving is p.x else low).append(a.neg(rest) if moving is p.x else rest)
    if not low and not high:
        return None
    q = quadratic_of(p)
    found = isotropic(p, q)
    if found is None or factors(found[0]).coefficient < 0:
        message = "an optimum of this quadratic function over a box: its entries are not separate, so that there is no closed form"
        raise NotSupported(message, span=p.written.span)
    answer = found[1]
    for bound in low:
        answer = a.function("maximum", answer, bound)
    for bound in high:
        answer = a.function("minimum", answer, bound)
    free = claim_step(
        rules.ENTRY_BY_ENTRY, relation(p.term(q.gradient), number(0)), relation(p.variable.term, p.term(found[1])),
        Claim("equal", p.term(p.put(q.gradient, found[1])), p.zeros()), sign="⇔",
    )  # fmt: skip
    slope = p.put(q.gradient, answer)
    push = a.mul(slope, a.sub(answer, found[1]))
    clip = claim_step(
        rules.CLIPPED, p.written, relation(p.variable.term, p.term(answer)), Claim("at-most", number(0), p.term(push)),
        ("the gradient points out of the box where an end is active",),
    )  # fmt: skip
    assumed: list[Prose] = [(p.term(x), " ≤ ", p.term(y)) for x in low for y in high if not (x.op == "number" and y.op == "number")]
    return finished(p, answer, [*q.steps, free, clip], q.notes, assumed)
