"""What is declared about arrays and matters for an answer: one-hot labels and probabilities sum to one.

In: an expression and the reading. Out: the expression in which Σ yᵢ over the whole range of such a y is 1, as a step.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Rewrite
from derive.expressions.term import Name
from derive.meaning.scope import Reading
from derive.rules.moves import SUMS_TO_ONE
from derive.solving.journal import Journal
from derive.solving.places import with_replaced
from derive.solving.simplification import finish

__all__ = ["apply_facts"]

_SIMPLEX = frozenset({"simplex", "onehot"})


def apply_facts(whole: Any, journal: Journal, reading: Reading) -> Any:
    """The whole with every sum of a declared simplex vector replaced by 1."""
    names = {name.key for name, type in reading.types.items() if type.properties & _SIMPLEX and len(type.shape) == 1}
    if not names or not whole.has(sp.Sum):
        return whole
    whole = finish(whole, journal)
    for total in whole.atoms(sp.Sum):
        body = total.function
        if (
            len(total.limits) == 1
            and isinstance(body, sp.Indexed)
            and str(body.base.label) in names
            and body.indices == (total.limits[0][0],)
        ):
            new = with_replaced(whole, total, S.One, set())
            name = Name.from_key(str(body.base.label)).key
            journal.record(SUMS_TO_ONE, Rewrite(new, (f"{name} is declared so",)), whole, new, (whole, new))
            whole = new
    return whole
