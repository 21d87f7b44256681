"""Questions whose plain answer 0 would hide that something is missing: they are refused.

In: the reading of a derivative task. Out: nothing, or an Undetermined that says which declaration settles it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from derive.derivation import Prose
from derive.errors import Undetermined
from derive.expressions.term import Name
from derive.expressions.typography import GREEK
from derive.meaning.scope import Reading

__all__ = ["refuse_split_arrays", "refuse_unknown_functions"]


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


def refuse_unknown_functions(answer: Any, reading: Reading) -> tuple[Prose, ...]:
    """Refuses an answer that is nothing but the derivative of a function of which nothing is known; notes one inside a longer answer.

    A word that is no declared function is refused wherever its derivative stays: it is more often misspelt than unknown.
    """
    entries = list(answer) if isinstance(answer, (sp.Tuple, sp.MatrixBase)) else [answer]
    unknown = {node.func.__name__: node for entry in entries for node in _underived(entry)}
    if not unknown:
        return ()
    alone = all(_is_underived(entry) or entry.is_zero for entry in entries)
    for key, node in unknown.items():
        name = Name.from_key(key)
        type = reading.types.get(name)
        declared = type is not None and type.domain == "function"
        if alone or (len(name.base) > 1 and name.base not in GREEK and not declared):
            raise Undetermined(
                f"{key} is not defined; its derivative can only be written {key}′",
                expected=(f"{key}({', '.join(map(str, node.args))}) := … on an earlier line",),
            )
    return tuple((f"{key} is an unknown function",) for key in unknown)


def _is_underived(entry: Any) -> bool:
    return bool(
        (isinstance(entry, sp.Derivative) and isinstance(entry.args[0], AppliedUndef))
        or (isinstance(entry, sp.Subs) and isinstance(entry.args[0], sp.Derivative) and isinstance(entry.args[0].args[0], AppliedUndef))
    )


def _underived(entry: Any) -> list[Any]:
    """The applications of unknown functions whose derivative stays in an expression."""
    return [node.args[0] for node in entry.atoms(sp.Derivative) if isinstance(node.args[0], AppliedUndef)]
