"""Components of a random vector: x_1 of a Gaussian, θ_1 of a Dirichlet, n_1 of a multinomial.

In: the law of the vector and an entry (`Indexed`). Out: the law of the entry, and the covariance of two; None where it is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.errors import NotSupported
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type
from derive.probability.family import Distribution
from derive.probability.laws import entries

__all__ = ["component_law", "entry_covariance"]


def _entry(value: Any, places: tuple[Any, ...], types: Mapping[Name, Type]) -> Any:
    """The entry of a parameter that is an array; None where it cannot be written."""
    listed = entries(value)
    if listed is not None and len(places) == 1 and places[0].is_Integer and 0 < int(places[0]) <= len(listed):
        return to_sympy(listed[int(places[0]) - 1], types)
    indices = tuple(Term("entry", (), p) for p in places)
    if value.head == "number" and value.value == 0:
        return sp.S.Zero
    if value.head == "identity" and len(places) == 2:
        return sp.KroneckerDelta(*places)
    try:
        return to_sympy(Term("index", (value, *indices)), types)
    except NotSupported:
        return None


def _total(value: Any, types: Mapping[Name, Type]) -> Any:
    """The sum of the entries."""
    listed = entries(value)
    if listed is not None:
        return sp.Add(*(to_sympy(e, types) for e in listed))
    if value.head == "name" and value.data in types and types[value.data].shape:
        j = sp.Symbol("j", integer=True)
        size = to_sympy(types[value.data].shape[0], types)
        return sp.Sum(_entry(value, (j,), types), (j, 1, size))
    return None


def component_law(law: Distribution | None, atom: Any, types: Mapping[Name, Type]) -> Distribution | None:
    """The marginal law of one entry."""
    from derive.probability.catalogue import FAMILIES

    if law is None:
        return None
    place = atom.indices
    if "covariance" in law.parameters:
        mean = _entry(law.parameters["mean"], place, types)
        spread = _entry(law.parameters["covariance"], place * 2, types)
        return None if mean is None or spread is None else Distribution(FAMILIES["Normal"], {"mean": mean, "variance": spread})
    if law.name == "Dirichlet":
        own, total = _entry(law.parameters["alpha"], place, types), _total(law.parameters["alpha"], types)
        return None if own is None or total is None else Distribution(FAMILIES["Beta"], {"alpha": own, "beta": total - own})
    if law.name == "Multinomial":
        share = _entry(law.parameters["p"], place, types)
        return None if share is None else Distribution(FAMILIES["Binomial"], {"n": law.parameters["n"], "p": share})
    return None


def entry_covariance(law: Distribution | None, left: Any, right: Any, types: Mapping[Name, Type]) -> Any:
    """Cov of two different entries of one vector; None where it is not known."""
    if law is None:
        return None
    if "covariance" in law.parameters:
        return _entry(law.parameters["covariance"], (*left.indices, *right.indices), types)
    if law.name == "Dirichlet":
        a, b = (_entry(law.parameters["alpha"], e.indices, types) for e in (left, right))
        total = _total(law.parameters["alpha"], types)
        return None if a is None or b is None or total is None else -a * b / (total**2 * (total + 1))
    if law.name == "Multinomial":
        p, q = (_entry(law.parameters["p"], e.indices, types) for e in (left, right))
        return None if p is None or q is None else -law.parameters["n"] * p * q
    return None
