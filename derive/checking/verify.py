"""The checks of a derivation: every step, sub-steps included, by what does not know the rules.

In: a derivation and the types of the names. Out: the same derivation with a `Check` in every step, and the sum of the checks.
Which check a derivation has follows from what it holds: scalars, arrays, a network, a model of chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from derive.checking.arrays import check_arrays, concerns_arrays
from derive.checking.networks import check_network, is_network
from derive.derivation import Derivation
from derive.expressions.term import Name, Term
from derive.solution import Verification

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["check_derivation", "summarise"]


def check_derivation(
    derivation: Derivation,
    types: Mapping[Name, Type],
    deadline: float | None = None,
    constraints: Sequence[Any] = (),
) -> Derivation:
    """The derivation with a check in every step.

    `deadline` is a value of `time.monotonic()`; steps that are not reached by then are unverified. `constraints` are equations
    that hold throughout (SymPy relations) or `Curve`s, which say which variable depends on which.
    """
    if derivation.model is not None:
        from derive.checking.chance.joint_tables import check_tables
        from derive.probability.finite import Problem

        if isinstance(derivation.model, Problem):
            return check_tables(derivation)
        from derive.checking.chance.verify import check_derivation as check_chance
        from derive.probability.model import Model

        if isinstance(derivation.model, Model):
            return check_chance(derivation, derivation.model, types, deadline, constraints)
    if concerns_arrays(derivation) and is_network(derivation):
        return check_network(derivation, types, deadline)
    if concerns_arrays(derivation) and isinstance(derivation.answer, Term):
        return check_arrays(derivation, types, deadline)
    from derive.checking.expressions import check_steps

    return check_steps(derivation, types, deadline, constraints)


def summarise(derivation: Derivation) -> Verification:
    """The sum of the checks of all steps; the error is the largest of a step."""
    checks = [step.check for step in derivation.walk()]
    verified = sum(1 for c in checks if c is not None and c.status in ("verified", "exact"))
    errors = [c.max_error for c in checks if c is not None and c.max_error is not None]
    if any(c is not None and c.status == "failed" for c in checks):
        status = "failed"
    elif verified == len(checks):
        status = "verified"
    else:
        status = "partly" if verified else "unverified"
    return Verification(status, len(checks), verified, max(errors, default=None))
