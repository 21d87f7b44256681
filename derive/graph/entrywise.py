"""Functions of numbers over whole arrays: nested lists of numbers, entry by entry, where a number stands for equal entries.

In: nested lists of one shape, and numbers. Out: nested lists, or numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

__all__ = ["Values", "flat", "folded", "mapped"]

Values = list[Any]


def mapped(function: Callable[..., Any], values: Values) -> Any:
    """The function entry by entry; a scalar stands for equal entries."""
    lead = next((v for v in values if type(v) is list), None)
    if lead is None:
        return function(*values)
    if type(lead[0]) is not list:
        if len(values) == 1:
            return list(map(function, lead))
        return list(map(function, *(v if type(v) is list else itertools.repeat(v, len(lead)) for v in values)))
    return [mapped(function, [v[k] if type(v) is list else v for v in values]) for k in range(len(lead))]


def folded(function: Callable[[Any, Any], Any], values: Values) -> Any:
    """A sum or product of arrays and numbers, two at a time: entry by entry in C."""
    total = values[0]
    for value in values[1:]:
        total = _joined(function, total, value)
    return total


def _joined(function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """The function of two numbers, entry by entry; a number stands for equal entries."""
    if type(a) is list:
        if type(a[0]) is list:
            return [_joined(function, x, y) for x, y in zip(a, b, strict=True)] if type(b) is list else [_joined(function, x, b) for x in a]
        return list(map(function, a, b)) if type(b) is list else [function(x, b) for x in a]
    if type(b) is list:
        return [_joined(function, a, y) for y in b] if type(b[0]) is list else [function(a, y) for y in b]
    return function(a, b)


def flat(value: Any) -> Values:
    """The entries in one list."""
    if type(value) is not list:
        return [value]
    if not value or type(value[0]) is not list:
        return value
    if not value[0] or type(value[0][0]) is not list:
        return list(itertools.chain.from_iterable(value))
    return [x for part in value for x in flat(part)]
