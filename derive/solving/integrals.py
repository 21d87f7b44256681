"""Integrals of scalar functions: antiderivatives, definite and improper integrals, iterated integrals and integrals over regions.

In: a reading whose expression holds integrals. Out: a Solution; indefinite integrals show their constant. What diverges is refused with
the reason; what holds for some parameters only states the assumption. Antiderivatives are differentiated again by the check, values are
compared with quadrature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.derivation import Prose, Rewrite
from derive.errors import DoesNotExist, NotSupported
from derive.expressions.term import Name
from derive.meaning.scope import Reading, Type
from derive.rules.limits_and_integrals import SIMPLIFIED
from derive.solution import Solution
from derive.solving.antiderivatives import antiderivative, real_logarithms, simplest
from derive.solving.assumed import Needed, assuming, signs_of_convergence, without_bars
from derive.solving.by_parts import by_parts
from derive.solving.definite import definite
from derive.solving.iterated import bound_types, exchanged, inside
from derive.solving.journal import Journal
from derive.solving.places import with_replaced
from derive.solving.regions import over_regions
from derive.solving.round_regions import in_round_coordinates
from derive.solving.tasks import solution

__all__ = ["solve_integral"]

NOT_ELEMENTARY = (sp.erfi, sp.Si, sp.Ci, sp.Ei, sp.li, sp.fresnels, sp.fresnelc, sp.hyper, sp.meijerg)
MOST_ASSUMPTIONS = 4
MOST_INTEGRATIONS = 40
MOST_PARTS = 4


def solve_integral(reading: Reading) -> Solution:
    """The expression with every integral worked out, the inner ones first, under as few assumptions as it takes."""
    assumed: tuple[Prose, ...] = ()
    problem: Exception = NotSupported("this integral")
    for _ in range(MOST_ASSUMPTIONS):
        try:
            return _solved(reading, assumed)
        except Needed as needed:
            further = assuming(reading, needed.quantities)
            problem = NotSupported(f"this integral: nothing is declared that says whether {needed}")
        except (NotSupported, DoesNotExist) as refusal:
            further = _by_signs(reading)
            problem = refusal
        if further is None or not further[1]:
            break
        reading, said = further
        assumed += said
    raise problem


def _by_signs(reading: Reading) -> tuple[Reading, tuple[Prose, ...]] | None:
    """The reading in which every undeclared parameter has a sign for which the integral converges."""
    try:
        expression = over_regions(reading)[0]
    except Needed:
        return None
    signs = signs_of_convergence(reading, expression)
    if signs is None and any(len(node.limits[0]) == 1 for node in expression.atoms(sp.Integral)):
        bound = {limit[0] for node in expression.atoms(sp.Integral) for limit in node.limits}
        signs = dict.fromkeys(sorted((s for s in expression.free_symbols - bound if not s.is_positive), key=lambda s: s.name), 1)
    if signs is None:
        return None
    needed = [s if sign > 0 else -s for s, sign in signs.items()]
    if not needed:  # it converges for all signs: a closed form may need one all the same
        needed = sorted((s for s in expression.free_symbols if not s.is_positive), key=lambda s: s.name)
    return assuming(reading, needed)


def _solved(reading: Reading, assumed: tuple[Prose, ...]) -> Solution:
    expression, first = over_regions(reading)
    journal = Journal(expression if first is None else first[1])
    if first is not None:
        journal.record(first[0], Rewrite(expression), first[1], expression, first[2])
    journal.assume(assumed)
    whole = inside(expression)
    types = {**reading.types, **bound_types(whole, reading.types)}
    tried_round = False
    seen: list[Any] = []
    wants_parts = reading.using is not None and reading.using.lower().removeprefix("integration-").removeprefix("by-") == "parts"
    for _ in range(MOST_INTEGRATIONS):
        node = _innermost(whole)
        if node is None:
            break
        parts = by_parts(whole, node, journal, seen) if wants_parts and len(seen) < MOST_PARTS else None
        if parts is not None:
            whole = parts
            seen.append(node.function)
            continue
        if len(node.limits[0]) != 3:
            whole = _indefinite(whole, node, journal)
            continue
        turned = in_round_coordinates(whole, node, journal) if not tried_round else None
        tried_round = True
        if turned is not None:
            whole = turned
            continue
        whole = _integrated(whole, node, journal, types)
    value = simplest(without_bars(whole, types))
    if value.has(sp.oo, sp.zoo, sp.nan):
        raise DoesNotExist("the integral diverges")
    if value.has(sp.I, sp.Integral):
        raise NotSupported("this integral in closed form over the reals")
    if value != whole and journal.steps:
        journal.record(SIMPLIFIED, Rewrite(value), whole, value, (whole, value))
    done = solution(journal, value)
    return Solution(done.derivation, done.answer, notes=done.notes, assumptions=done.assumptions, types=types)


def _integrated(whole: Any, node: Any, journal: Journal, types: Mapping[Name, Type]) -> Any:
    """One integration in the order that was written; where the inner integral is not elementary, the order exchanged."""
    mark = len(journal.steps)
    done, problem = None, NotSupported("this integral")
    try:
        done = definite(whole, node, journal, types)
    except NotSupported as refusal:
        problem = refusal
    if done is not None and (len(node.limits) == 1 or not done.has(*NOT_ELEMENTARY)):
        return done
    taken = journal.steps[mark:]
    del journal.steps[mark:]
    other = exchanged(whole, node, journal)
    if other is not None:
        return other
    if done is None:
        raise problem
    journal.steps += taken
    return done


def _innermost(whole: Any) -> Any:
    found = [n for n in sp.preorder_traversal(whole) if isinstance(n, sp.Integral) and not n.function.has(sp.Integral)]
    return found[0] if found else None


def _indefinite(whole: Any, node: Any, journal: Journal) -> Any:
    f, x = node.function, node.limits[0][0]
    found, rule, because, conditions = antiderivative(f, x)
    journal.assume((condition,) for condition in conditions)
    found = real_logarithms(found, f, x)
    found -= found.as_coeff_Add()[0]
    constant = sp.Symbol("C", real=True)
    rest = node.limits[1:]
    after = with_replaced(whole, node, sp.Integral(found, *rest) if rest else found, set())
    after = after if rest or after.has(constant) else after + constant
    derivative = sp.Derivative(found, x, evaluate=False)
    journal.note((("C is any constant",),))
    journal.record(rule, Rewrite(after, because), whole, after, (derivative, f))
    return after
