"""Functions of a positive definite matrix: the likelihood of a covariance or of a precision, log det and a trace.

In: an `ArrayProgramme` without constraints whose gradient is α Σ⁻¹ − Σ⁻¹ S Σ⁻¹ or S − α Λ⁻¹. Out: a Solution, or None where it is of
another form. Source: Magnus & Neudecker, Matrix Differential Calculus (2019), chapter 17.
"""

from __future__ import annotations

from derive.derivation import Claim, Prose
from derive.expressions.term import number
from derive.graph.calculus.chains import chain
from derive.graph.calculus.factors import factors, product
from derive.graph.node import Node
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.optimisation.array_programmes import ArrayProgramme, claim_step, relation, terms_of
from derive.solving.optimisation.array_quadratics import finished
from derive.solving.optimisation.definiteness import definiteness

__all__ = ["solve_covariance"]


def solve_covariance(p: ArrayProgramme) -> Solution | None:
    """The optimum over a matrix that is declared positive definite; None for functions of another form."""
    if len(p.x.shape) != 2 or p.constraints or "positive-definite" not in p.kind.properties:
        return None
    a = p.a
    slope = p.gradient()
    gradient = a.rebuilt(slope.node, {p.x: p.variable.declared})
    inverse = a.inverse(p.variable.declared)
    once: list[Node] = []  # α of α Σ⁻¹
    twice: list[Node] = []  # S of −Σ⁻¹ S Σ⁻¹
    free: list[Node] = []  # what does not depend on it
    for term in terms_of(a, gradient):
        view = factors(term)
        scale, (core, *others) = product(a.nodes, view.parted(True)), [*view.parted(False).powers, None]
        if others != [None]:
            return None
        if core is inverse:
            once.append(scale)
        elif core is not None and core.op == "matmul" and chain(core)[0] is inverse and chain(core)[-1] is inverse:
            inner = chain(core)[1:-1]
            made = inner[0]
            for part in inner[1:]:
                made = a.matmul(made, part)
            twice.append(a.neg(a.mul(scale, made)))
        else:
            free.append(term)
    if not once or bool(twice) == bool(free):
        return None
    alpha = a.add(*once)
    if twice:
        middle = a.add(*twice)
        answer = a.div(middle, alpha)
    else:
        middle = a.add(*free)
        answer = a.mul(a.neg(alpha), a.inverse(middle))
        alpha = a.neg(alpha)
    if p.depends(middle) or a.rebuilt(middle, {p.variable.declared: p.x}) is not middle:
        return None
    sign = definiteness(a, middle)
    assumed: list[Prose] = [*sign.assumptions]
    if sign.level < 2:
        assumed.append((p.term(middle), " is positive definite"))
    if not alpha.bounds.positive and alpha.op != "number":
        assumed.append((p.term(alpha), " > 0"))
    at = p.put(slope.node, answer)
    step = claim_step(
        rules.DETERMINANT, relation(p.term(slope.node), number(0)), relation(p.variable.term, p.term(answer)),
        Claim("equal", p.term(at), p.zeros()), sign="⇔",
    )  # fmt: skip
    return finished(p, answer, [*slope.steps, step], slope.notes, assumed)
