"""Iterates over arrays: one step of gradient descent or of Newton's method, by the gradient in matrix form.

In: the function, the start, the rate. Out: a Solution with the parts x_1 … x_k, each over the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.derivation import Claim, Derivation, Step
from derive.errors import NotSupported, WrongUse
from derive.expressions.term import Name, Term, integer
from derive.graph.node import Node
from derive.meaning.scope import Reading
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.matrices import assumptions_of
from derive.solving.optimisation.array_programmes import ArrayProgramme, array_programme, claim_step, relation
from derive.solving.optimisation.array_quadratics import quadratic_of
from derive.solving.optimisation.stationary_points import keyword

__all__ = ["solve_array_iterates"]

MOST_STEPS = 3


def solve_array_iterates(reading: Reading, body: Term, starts: Sequence[Term], rate: Sequence[Term], newton: bool) -> Solution:
    """The first iterates over the start. Raises NotSupported for Newton's method of functions that are not quadratic."""
    variable = _variable(reading, body, [*starts, *rate])
    if len(starts) != 1 or starts[0].head != "name":
        raise WrongUse("the start of an array is a name", expected=(f"from {variable.data.key}_0",))
    if not newton and not rate:
        raise WrongUse("gradient descent needs its rate", expected=("rate eta",))
    steps = keyword(reading.expanded, "steps")
    count = (integer(steps[0]) or 0) if steps else 1
    if not 0 < count <= MOST_STEPS:
        raise NotSupported(f"more than {MOST_STEPS} steps over arrays in one formula")
    kind = reading.types[variable.data]
    types = {**reading.types, starts[0].data: replace(kind, properties=frozenset(), lower=None, upper=None)}
    task = Term("optimum", (body, Term("tuple", (variable,))), "min")
    p = array_programme(replace(reading, expanded=task, types=types), beside=[*starts, *rate])
    update, steps_made = _update(p, rate, newton)
    parts: dict[str, Term] = {}
    now = p.task.built(starts[0])
    for k in range(1, count + 1):
        here = now
        now = p.put(update, here)
        name = Term("name", (), Name(variable.data.base, variable.data.font, sub=str(k)))
        shown = p.term(now)
        parts[name.data.key] = shown
        at = Term("at", (p.term(update), variable, p.term(here)))
        rule = rules.NEWTON if newton else rules.DESCENT
        steps_made.append(claim_step(rule, p.term(update), relation(name, shown), Claim("equal", at, shown)))
    answer = next(reversed(parts.values()))
    derivation = Derivation(task, answer, tuple(steps_made), tuple(assumptions_of(p.a)))
    return Solution(derivation, None, parts, p.gradient().notes, derivation.assumptions, types=types)


def _variable(reading: Reading, body: Term, fixed: Sequence[Term]) -> Term:
    """The array that the start is a value of: x where the start is x_0; else the one that was named."""
    given = [
        v for t in (keyword(reading.expanded, "wrt") or keyword(reading.expanded, "over")) for v in (t.args if t.head == "tuple" else (t,))
    ]
    names = list(dict.fromkeys(n.data for n in body.walk() if n.head == "name"))
    if len(given) == 1:
        return given[0]
    for start in fixed[:1]:
        if start.head == "name" and start.data.sub:
            base = start.data._replace(sub="")
            if base in names:
                return Term("name", (), base)
    raise WrongUse("which array moves? its start is a name with the subscript 0", expected=("wrt x", "from x_0"))


def _update(p: ArrayProgramme, rate: Sequence[Term], newton: bool) -> tuple[Node, list[Step]]:
    a = p.a
    if newton:
        q = quadratic_of(p)
        move = a.matmul(a.inverse(q.matrix), q.gradient)
        update = a.sub(p.x, move)
        claim = Claim("equal", p.term(a.nodes.make("matmul", q.matrix, move)), p.term(q.gradient))
        rule = rules.NEWTON
        return update, [*q.steps, claim_step(rule, p.term(q.gradient), p.term(update), claim, ("the Hessian is ", p.term(q.matrix)))]
    slope = p.gradient()
    update = a.sub(p.x, a.mul(p.task.built(rate[0]), slope.node))
    moved = Term("add", (p.variable.term, Term("neg", (Term("mul", (rate[0], p.term(slope.node))),))))
    return update, [*slope.steps, claim_step(rules.DESCENT, p.term(slope.node), p.term(update), Claim("equal", moved, p.term(update)))]
