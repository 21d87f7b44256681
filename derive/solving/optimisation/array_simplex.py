"""Optima over vectors whose entries sum to a constant: shares of a weighted log-likelihood, the softmax of an entropy.

In: an `ArrayProgramme` on the simplex, or with Σ p = s, whose function is a sum over entries of c log p or of t p log p and linear terms.
Out: a Solution, or None where the programme is of another form. Source: Boyd & Vandenberghe, Convex Optimization (2004), section 5.2.
"""

from __future__ import annotations

from typing import NamedTuple

from derive.derivation import Claim, Prose, Step
from derive.errors import DoesNotExist, NotSupported
from derive.expressions.term import Term, number
from derive.graph.calculus.factors import Factors, factors, is_number, product
from derive.graph.calculus.polish import polished
from derive.graph.node import Node
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.optimisation.array_programmes import ArrayProgramme, Slope, claim_step, relation, terms_of
from derive.solving.optimisation.array_quadratics import finished

__all__ = ["solve_on_simplex", "total_of"]


def total_of(p: ArrayProgramme) -> Node | None:
    """s where the entries sum to s and nothing else holds but p ≥ 0; None for other constraints."""
    a = p.a
    total: Node | None = a.number(1) if p.is_simplex else None
    for constraint in p.constraints:
        if constraint.sign != "=":
            if constraint.gap is not a.neg(p.x):
                return None
            continue
        rest = p.at_zero(constraint.gap)
        held = a.sub(constraint.gap, rest)
        view = factors(held)
        sums = [b for b in view.powers if _is_total(p, b)]
        if constraint.gap.shape or len(view.powers) != 1 or not sums or total is not None:
            return None
        total = a.div(a.neg(rest), a.number(view.coefficient))
    return total


def _is_total(p: ArrayProgramme, node: Node) -> bool:
    if node.op != "sum":
        return False
    body = node.args[0]
    return body is p.x or (body.op == "element" and body.args[0] is p.x and len(body.data) == 1 and body.data[0][0] == "run")


def solve_on_simplex(p: ArrayProgramme) -> Solution | None:
    """The optimum where the function is of one of the forms; None for other programmes."""
    total = total_of(p)
    if total is None or len(p.x.shape) != 1:
        return None
    slope = p.gradient()
    weights = _weights(p, slope.node)
    if weights is not None:
        return _shares(p, slope, weights, total)
    found = _logarithmic(p, slope.node)
    if found is not None:
        return _softmax(p, slope, found, total)
    if not p.depends(slope.node):
        raise NotSupported(
            "the minimiser of a linear function on the simplex: it is a vertex, where the smallest coefficient stands, and not unique",
            span=p.written.span,
        )
    if not p.is_simplex and all(c.sign == "=" for c in p.constraints):
        return None
    raise NotSupported(
        "an optimum of this function on the simplex; closed forms are known for weighted logarithms and for entropies (the projection onto "
        "the simplex needs a sort)", span=p.written.span,
    )  # fmt: skip


def _weights(p: ArrayProgramme, gradient: Node) -> Node | None:
    """w where the gradient is −w ⊘ p."""
    view = factors(gradient)
    if view.powers.get(p.x) != -1:
        return None
    rest = Factors(-view.coefficient, {b: q for b, q in view.powers.items() if b is not p.x})
    found = p.a.full(product(p.a.nodes, rest), p.x.shape)
    return None if p.depends(found) else found


class Logarithmic(NamedTuple):
    """The gradient is `scale` log p + `logits` + `constant` 1."""

    scale: Node
    logits: Node | None
    constant: Node


def _logarithmic(p: ArrayProgramme, gradient: Node) -> Logarithmic | None:
    """The gradient as t log p + r with a scalar t; None where it is of another form."""
    a = p.a
    scale: list[Node] = []
    rest: list[Node] = []
    for term in terms_of(a, gradient):
        if not p.depends(term):
            rest.append(term)
            continue
        view = factors(term)
        inner = [b for b in view.powers if p.depends(b)]
        if len(inner) != 1 or view.powers[inner[0]] != 1 or inner[0].op not in ("log", "add"):
            return None
        front = product(a.nodes, Factors(view.coefficient, {b: q for b, q in view.powers.items() if b is not inner[0]}))
        if front.shape:
            return None
        for part in inner[0].args if inner[0].op == "add" else (inner[0],):
            if not p.depends(part):
                rest.append(a.mul(front, part))
                continue
            ratio = _log_ratio(p, part)
            if ratio is None:
                return None
            scale.append(front)
            rest += [a.neg(a.mul(front, a.function("log", b))) for b in ratio]
    if not scale:
        return None
    apart = [t for r in rest for t in (r.args if r.op == "add" else (r,))]
    logits = [t for t in apart if not _is_constant(t)]
    constants = [product(a.nodes, factors(t).parted(True)) for t in apart if _is_constant(t)]
    return Logarithmic(a.add(*scale), a.add(*logits) if logits else None, a.add(*constants) if constants else a.number(0))


def _log_ratio(p: ArrayProgramme, node: Node) -> list[Node] | None:
    """q where the node is log(p ⊘ q), nothing where it is log p; None for anything else."""
    if node.op != "log":
        return None
    if node.args[0] is p.x:
        return []
    view = factors(node.args[0])
    rest = Factors(1 / view.coefficient, {b: -q for b, q in view.powers.items() if b is not p.x})
    if view.powers.get(p.x) != 1 or view.coefficient <= 0:
        return None
    made = product(p.a.nodes, rest)
    return None if p.depends(made) else [made]


def _lagrange(p: ArrayProgramme, slope: Slope, total: Node) -> tuple[Node, Step]:
    """∇f + ν 1 = 0."""
    a = p.a
    nu = p.multiplier((), "nu", "eta", "kappa")
    condition = a.add(slope.node, a.mul(nu, a.ones(p.x.shape)))
    entries = Term("mul", (Term("transpose", (Term("ones"),)), p.variable.term))
    gap = Term("add", (entries, Term("neg", (p.term(total),))))
    lagrangian = Term("add", (p.objective, Term("mul", (p.term(nu), gap))))
    claim = Claim("equal", Term("gradient", (lagrangian, p.variable.term)), p.term(condition))
    return nu, claim_step(rules.LAGRANGE, p.written, relation(p.term(condition), number(0)), claim)


def _sum_step(p: ArrayProgramme, answer: Node, total: Node) -> Step:
    a = p.a
    entries = relation(Term("mul", (Term("transpose", (Term("ones"),)), p.variable.term)), p.term(total))
    claim = Claim("equal", p.term(a.nodes.make("sum", answer, data="all")), p.term(total))
    return claim_step(rules.MULTIPLIER, entries, relation(p.variable.term, p.term(answer)), claim)


def _shares(p: ArrayProgramme, slope: Slope, weights: Node, total: Node) -> Solution:
    """−w ⊘ p + ν 1 = 0 and Σ p = s: p = s w / Σ w."""
    a = p.a
    if weights.bounds.negative:
        raise DoesNotExist(f"there is no {p.word}: the function is unbounded where an entry tends to 0", span=p.written.span)
    assumed: list[Prose] = [] if weights.bounds.positive else [(p.term(weights), " > 0")]
    nu, lagrange = _lagrange(p, slope, total)
    over_nu = a.div(weights, nu)
    answer = a.mul(total, a.div(weights, a.sum(weights, "all")))
    zero = a.add(a.neg(a.nodes.make("div", weights, over_nu)), a.mul(nu, a.ones(p.x.shape)))
    steps = [
        *slope.steps, lagrange,
        claim_step(
            rules.SOLVE_STATIONARY, relation(p.term(a.add(slope.node, a.mul(nu, a.ones(p.x.shape)))), number(0)),
            relation(p.variable.term, p.term(over_nu)), Claim("equal", p.term(zero), p.zeros()), sign="⇔",
        ),
        _sum_step(p, answer, total),
    ]  # fmt: skip
    return finished(p, answer, steps, _said(p, slope), assumed)


def _softmax(p: ArrayProgramme, slope: Slope, form: Logarithmic, total: Node) -> Solution:
    """t log p + r + ν 1 = 0 and Σ p = s: p = s softmax(−r/t)."""
    a = p.a
    scale = form.scale
    if scale.bounds.negative:
        raise DoesNotExist(
            f"there is no {p.word} inside: the function is {'convex' if p.largest else 'concave'}, and best at a vertex",
            span=p.written.span,
        )
    assumed: list[Prose] = [] if scale.bounds.positive else [(p.term(scale), " > 0")]
    nu, lagrange = _lagrange(p, slope, total)
    pushed = a.mul(nu, a.ones(p.x.shape))
    rest = a.full(a.add(form.constant, *([form.logits] if form.logits is not None else [])), p.x.shape)
    over_nu = a.function("exp", polished(a, a.div(a.neg(a.add(rest, pushed)), scale)))
    if form.logits is None:
        logits = None
        answer = a.mul(a.div(total, a.size(p.x.shape[0])), a.ones(p.x.shape))
    else:
        logits = polished(a, a.div(a.neg(form.logits), scale))
        answer = a.mul(total, a.nodes.make("softmax", logits, data="last"))
    zero = a.add(a.mul(scale, a.nodes.make("log", over_nu)), rest, pushed)
    steps = [
        *slope.steps, lagrange,
        claim_step(
            rules.SOLVE_STATIONARY, relation(p.term(a.add(slope.node, pushed)), number(0)),
            relation(p.variable.term, p.term(over_nu)), Claim("equal", p.term(zero), p.zeros()), sign="⇔",
        ),
        _sum_step(p, answer, total),
    ]  # fmt: skip
    return finished(p, answer, steps, _said(p, slope), assumed, _least(p, form, logits) if is_number(total, 1) else None)


def _least(p: ArrayProgramme, form: Logarithmic, logits: Node | None) -> Node | None:
    """min Σ t p log p + (r − t)ᵀp = κ − t − t log Σ exp(−r/t), with κ what is the same for all entries; None beside a constant."""
    a = p.a
    size = a.function("log", a.size(p.x.shape[0])) if logits is None else a.nodes.make("logsumexp", logits, data="all")
    loose = p.root.args if p.root.op == "add" else (p.root,)
    if any(not p.depends(t) for t in loose):
        return None
    return a.sub(a.sub(form.constant, form.scale), a.mul(form.scale, size))


def _is_constant(node: Node) -> bool:
    view = factors(node)
    arrays = [b for b in view.powers if b.shape]
    return is_number(node, 0) or not view.coefficient or all(b.op == "ones" for b in arrays)


def _said(p: ArrayProgramme, slope: Slope) -> tuple[Prose, ...]:
    word = "concave" if p.largest else "convex"
    return (*slope.notes, (f"the function is {word} in ", p.variable.term, f", so the stationary point is the {p.word}"))
