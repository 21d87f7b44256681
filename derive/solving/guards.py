"""Questions whose plain answer 0 would hide that something is missing: they are refused.

In: the reading of a derivative task. Out: nothing, or an Undetermined that says which declaration settles it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import Undetermined
from derive.expressions.term import Term
from derive.meaning.scope import Reading

__all__ = ["refuse_lone_names", "refuse_split_arrays"]

_DERIVATIVES = ("derivative", "gradient", "hessian", "jacobian", "directional")


def refuse_lone_names(reading: Reading) -> None:
    """∂L/∂p where nothing says what L is."""
    for node in reading.expanded.walk():
        if node.head not in _DERIVATIVES or not node.args:
            continue
        body, *variables = node.args
        if body.head == "name" and body not in _flat(variables):
            name = body.data.key
            raise Undetermined(
                f"{name} is not defined, so its derivative is not determined (that of a constant is 0)",
                span=body.span or node.span,
                expected=(f"{name} = … on an earlier line", f"{name}(…) with its arguments"),
            )


def _flat(terms: list[Term]) -> list[Term]:
    found: list[Term] = []
    for term in terms:
        found.extend(term.args if term.head in ("tuple", "vector", "list") else (term,))
    return found


def refuse_split_arrays(expression: Any) -> None:
    """∂/∂z_j where z_j was read as a name of its own and z as an array beside it."""
    arrays = {str(base.label) for base in expression.atoms(sp.IndexedBase)}
    if not arrays:
        return
    for node in expression.atoms(sp.Derivative):
        for pair in node.args[1:]:
            variable = pair[0]
            if isinstance(variable, sp.Symbol) and "_" in variable.name and variable.name.split("_")[0] in arrays:
                base = variable.name.split("_")[0]
                message = f"{variable.name} was read as a name of its own, and {base} as an array"
                raise Undetermined(message, expected=(f"{base} in R^n on an earlier line",))
