"""Proximal operators: a distance and a norm without square.

In: an `ArrayProgramme` without constraints whose function is h/2 ‖x − a‖² + t ‖x‖₁ or + t ‖x‖₂. Out: a Solution, or None where no such norm
occurs. Source: Parikh & Boyd, Proximal Algorithms (2014), section 6.5.
"""

from __future__ import annotations

from dataclasses import replace

from derive.derivation import Claim, Prose
from derive.errors import NotSupported
from derive.expressions.term import Term, number
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.node import Node
from derive.meaning.scope import Reading
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.optimisation.array_balls import isotropic
from derive.solving.optimisation.array_programmes import ArrayProgramme, array_programme, claim_step, relation
from derive.solving.optimisation.array_quadratics import finished, quadratic_of

__all__ = ["solve_proximal"]


def solve_proximal(p: ArrayProgramme, reading: Reading) -> Solution | None:
    """The soft threshold, entry by entry (1-norm) or of the length (2-norm); None where there is no such norm."""
    terms = p.objective.args if p.objective.head == "add" else (p.objective,)
    kinked = [(t, found) for t in terms if (found := _norm(p, p.task.built(t))) is not None]
    if not kinked:
        return None
    if len(kinked) != 1 or p.constraints or len(p.x.shape) != 1:
        raise NotSupported("an optimum of a function with several norms, or with a norm and constraints", span=p.written.span)
    weight, kind = kinked[0][1]
    smooth = [t for t in terms if t is not kinked[0][0]]
    if not smooth:
        raise NotSupported("the minimum of a norm: it is at 0", span=p.written.span)
    body = smooth[0] if len(smooth) == 1 else Term("add", tuple(smooth))
    inner = array_programme(replace(reading, expanded=Term("optimum", (body, reading.expanded.args[1]), "min")))
    q = quadratic_of(inner)
    form = isotropic(inner, q)
    if form is None or factors(form[0]).coefficient < 0:
        raise NotSupported(
            f"the minimum of this function with a {kind}-norm: its entries are not separate, and it has no closed form (coordinate or "
            "proximal descent finds it)", span=p.written.span,
        )  # fmt: skip
    scale, centre = (p.task.built(inner.term(node)) for node in form)
    a = p.a
    level = a.div(weight, scale)
    if kind == "1":
        answer = a.mul(a.function("sign", centre), a.function("maximum", a.sub(a.function("abs", centre), level), a.number(0)))
        rule = rules.SOFT_THRESHOLD
    else:
        length = a.nodes.make("norm", centre, data="2")
        answer = a.mul(a.function("maximum", a.number(0), a.sub(a.number(1), a.div(level, length))), centre)
        rule = rules.BLOCK_THRESHOLD
    rest = a.mul(scale, a.sub(centre, answer))  # −∇ of the smooth part: a subgradient of the norm
    if kind == "1":
        claim = Claim("at-most", p.term(a.function("abs", rest)), Term("mul", (p.term(weight), _above_one())))
    else:
        claim = Claim("at-most", p.term(a.nodes.make("norm", rest, data="2")), Term("mul", (p.term(weight), _above_one())))
    because: Prose = ("the gradient of the smooth part is ", inner.term(q.gradient), "; its negative is a subgradient of the norm")
    step = claim_step(rule, p.written, relation(p.variable.term, p.term(answer)), claim, because)
    assumed: list[Prose] = [] if weight.bounds.nonnegative else [(p.term(weight), " > 0")]
    if not (scale.bounds.positive or scale.op == "number"):
        assumed.append((p.term(scale), " > 0"))
    notes: tuple[Prose, ...] = ((f"the {kind}-norm has a kink at 0: the condition is 0 ∈ ∂f",),)
    return finished(p, answer, [*q.steps, step], notes, assumed)


def _above_one() -> Term:
    """1 with room for rounding."""
    return Term("add", (number(1), Term("pow", (number(10), Term("neg", (number(13),))))))


def _norm(p: ArrayProgramme, node: Node) -> tuple[Node, str] | None:
    """t and which norm where the node is t ‖x‖ or t Σ|x_i|."""
    view = factors(node)
    for base, power in view.powers.items():
        if power != 1:
            continue
        kind = ""
        if base.op == "norm" and base.args[0] is p.x and base.data in ("1", "2"):
            kind = str(base.data)
        elif base.op == "sum" and base.args[0].op == "abs":
            inner = base.args[0].args[0]
            whole = inner is p.x or (inner.op == "element" and inner.args[0] is p.x and inner.data[0][0] == "run")
            kind = "1" if whole else ""
        if kind:
            rest = product(p.a.nodes, Factors(view.coefficient, {b: q for b, q in view.powers.items() if b is not base}))
            return None if p.depends(rest) else (rest, kind)
    return None
