"""The evidence lower bound of the declared model, where it stands in a formula by its name.

In: a reading. Out: whether the name is that of the bound.
"""

from __future__ import annotations

from derive.expressions.term import Name, Term
from derive.meaning.scope import Reading

__all__ = ["ELBO", "names_elbo"]

ELBO = Term("name", (), Name("ELBO"))


def names_elbo(reading: Reading) -> bool:
    """Whether the bound of the declared model stands in the term by its name, with nothing else called so."""
    known = (*reading.options.get("definitions", {}), *reading.options.get("declarations", {}))
    return bool(reading.options.get("facts")) and Name("ELBO") not in known and ELBO in reading.expanded.walk()
