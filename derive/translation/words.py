"""The arguments of the code in words: annotation, shape, domain.

In: the arguments. Out: the parameters of the function as the documentation shows them.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.expressions.plain import plain_name
from derive.expressions.term import Name
from derive.graph.node import ArgumentType
from derive.solution import Argument
from derive.translation.arguments import Arguments, shape_text
from derive.translation.emit import Parameter

__all__ = ["parameters_of"]


def parameters_of(arguments: Arguments, before: Sequence[str] = ()) -> list[Parameter]:
    """The parameters of the function with their annotations and what they are.

    A number that a line of `before` makes an array of the right dtype may as well come as one.
    """
    made = []
    for key in arguments.names:
        if key not in arguments.kinds:
            made.append(Parameter(Argument(arguments.names[key], key, ()), "int", "int"))
            continue
        kind, shape = arguments.kinds[key]
        argument = Argument(arguments.names[key], plain_name(Name.from_key(key)), shape_text(shape))
        if kind.kind == "index":
            made.append(Parameter(argument, "int", "int, an index that counts from 0"))
        elif shape:
            lead = "..., " if key in arguments.leading else ""
            shown = lead + ", ".join(argument.shape) + ("," if len(shape) == 1 and not lead else "")
            words = f"array of integers, shape ({shown}), counted from 0" if kind.kind == "label" else f"array, shape ({shown})"
            made.append(Parameter(argument, "np.ndarray", words))
        else:
            several = key in arguments.spread
            converted = any(line.startswith(f"{argument.name} = np.asarray(") for line in before)
            annotation = "float | np.ndarray" if several or converted else "float"
            words = "float or array" if several else "float"
            made.append(Parameter(argument, annotation, words + _domain(kind)))
    return made


def _domain(kind: ArgumentType) -> str:
    low, high = kind.bounds.low, kind.bounds.high
    if kind.values:
        return f", one of {', '.join(f'{v:g}' for v in kind.values)}"
    if kind.bounds.positive and high == float("inf"):
        return ", positive"
    if low == 0 and high == 1:
        return ", between 0 and 1"
    return ""
