"""All rules of all fields, and which derivative rules are tried for which type of function.

In: the submodules' tables. Out: `ALL`, and `rule_that_applies`, which is the only dispatch there is.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from derive.derivation import Rewrite, Rule
from derive.rules import (
    algebra,
    chain,
    chance_bounds,
    chance_events,
    chance_expectation,
    chance_formulas,
    chance_inference,
    chance_information,
    chance_several,
    chance_transformations,
    derivatives,
    equations,
    forms,
    higher,
    integrals,
    limits_and_integrals,
    linear_algebra,
    matrix,
    moves,
    optima,
    piecewise,
    questions,
    sums,
)
from derive.rules.dependence import split

__all__ = ["ALL", "rule_that_applies"]

ALL: tuple[Rule, ...] = (
    *derivatives.RULES,
    derivatives.BY_LOGARITHMS,
    *chain.RULES,
    *higher.RULES,
    *sums.RULES,
    *integrals.RULES,
    *piecewise.RULES,
    *algebra.RULES,
    *forms.RULES,
    forms.SOFTPLUS,
    forms.LOG_POWER,
    *sums.FINISHING,
    *piecewise.FINISHING,
    *equations.RULES,
    *matrix.RULES,
    *moves.RULES,
    *limits_and_integrals.RULES,
    *linear_algebra.RULES,
    *optima.RULES,
    *questions.RULES,
    *chance_events.RULES,
    *chance_expectation.RULES,
    *chance_inference.RULES,
    *chance_information.RULES,
    *chance_transformations.RULES,
    *chance_several.RULES,
    *chance_formulas.RULES,
    *chance_bounds.RULES,
)


def _by_head() -> dict[type, tuple[Rule, ...]]:
    """Type of the differentiated function → rules, in the order in which they are tried."""
    table: dict[type, list[Rule]] = {}
    for rule in (*derivatives.RULES, *sums.RULES, *integrals.RULES, *piecewise.RULES):
        for head in rule.heads:
            table.setdefault(head, []).append(rule)
    for head, rule in chain.BY_FUNCTION.items():
        table.setdefault(head, []).append(rule)
    return {head: tuple(rules) for head, rules in table.items()}


_BY_HEAD = _by_head()
_CONSTANT = _BY_HEAD.pop(sp.Expr)
_UNDEFINED = _BY_HEAD.pop(AppliedUndef)


def rule_that_applies(node: Any) -> tuple[Rule, Rewrite] | None:
    """The first rule that fires on an unresolved derivative of first order, with what it makes of it."""
    function, _ = split(node)
    rules = _BY_HEAD.get(type(function), ())
    if isinstance(function, AppliedUndef):
        rules = _UNDEFINED
    for rule in (*_CONSTANT, *rules):
        rewrite = rule.apply(node)
        if rewrite is not None:
            return rule, rewrite
    return None
