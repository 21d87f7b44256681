"""The form of a density that is shown, and the family that it belongs to.

In: a density over SymPy and its letter. Out: an equal expression; a `Distribution`, or None where no family has the density.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.expressions.elementary import log
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.laws import ARRAYS
from derive.solving.chance.densities import matched, spread
from derive.solving.simplification import shortened

__all__ = ["generic", "named", "shortest"]


def generic(symbols: Any) -> dict[Any, Any]:
    """One generic value for each symbol."""
    return {s: sp.Rational(3 + k, 7 + k) for k, s in enumerate(sorted(symbols, key=str))}


def shortest(raw: Any) -> Any:
    """The shortest of a few forms of a density."""
    short = shortened(raw)
    if short == raw and isinstance(raw, sp.Mul) and not _is_scattered(raw) and sp.powsimp(raw) == raw:
        return raw
    forms = [raw, short, sp.powsimp(sp.simplify(raw))]
    return min(forms, key=lambda f: (f.count_ops(), sp.default_sort_key(f)))


def _is_scattered(product: Any) -> bool:
    """Whether something may be gathered: a sum with fractions in front of its terms, or powers of products and of their factors."""
    for node in sp.preorder_traversal(product):
        if isinstance(node, sp.Add) and any(term.as_coeff_Mul()[0].q != 1 for term in node.args if term.as_coeff_Mul()[0].is_Rational):
            return True
        if isinstance(node, sp.Pow) and isinstance(node.base, sp.Mul) and not node.base.is_number:
            return True
    return False


def named(value: Any, y: Any, ends: tuple[Any, Any]) -> Distribution | None:
    """The family with this density, found by its statistics; its normaliser is compared."""
    logarithm = sp.expand_log(log(value), force=True)
    opened = None
    for family in FAMILIES.values():
        form = family.exponential
        if (
            form is None
            or family.discrete
            or any(p.domain in ARRAYS for p in family.parameters)
            or len(family.parameters) != len(form.natural(*(sp.Dummy() for _ in family.parameters)))
        ):
            continue
        dummies = [sp.Dummy(p.name, positive=True) for p in family.parameters]
        support = family.support(*dummies)
        if support.kind != "interval" or (support.lower, support.upper) != ends:
            continue
        opened = spread(logarithm, y) if opened is None else opened
        found = matched(opened, y, form.statistics(y))
        if found is None:
            continue
        values = tuple(shortened(v) for v in form.parameters(*found.coefficients))
        if any(v.has(sp.zoo, sp.nan) or v == 0 for v in values):
            continue
        other = family.log_density(y, *values)
        at = generic((logarithm - other).free_symbols)
        if abs(sp.N((logarithm - other).subs(at))) < 1e-9:
            return Distribution(family, dict(zip((p.name for p in family.parameters), values, strict=True)))
    return None
