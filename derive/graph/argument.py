"""What the type of a name says about an argument: its kind, its bounds, its finite set of values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from derive.expressions.term import Name, Term
from derive.graph.node import ArgumentType, Bounds
from derive.graph.sizes import ONE, Size, size_of

if TYPE_CHECKING:
    from derive.meaning.scope import Bound, Type

__all__ = ["argument_type"]

INTEGERS = frozenset(("integer", "natural", "whole", "index", "size"))
LEAST = {"natural": 1.0, "whole": 0.0, "size": 1.0}


def _numeric(term: Term) -> float | None:
    if term.head == "neg":
        inner = _numeric(term.args[0])
        return None if inner is None else -inner
    if term.head == "number":
        return float(term.value)
    if term.head == "div":
        top, bottom = _numeric(term.args[0]), _numeric(term.args[1])
        return None if top is None or not bottom else top / bottom
    if term.head == "constant":
        return {"inf": math.inf, "pi": math.pi, "e": math.e}.get(term.data)
    return None


def _end(bound: Bound | None, default: float) -> tuple[float, bool]:
    value = None if bound is None else _numeric(bound.value)
    return (default, False) if bound is None or value is None else (value, bound.strict)


def _labels(type: Type) -> Size | None:
    """The number of labels where the entries are 1..K, which code counts from 0."""
    if len(type.values) == 1 and type.values[0].head == "range":
        low, high = (size_of(a) for a in type.values[0].args[:2])
        return high if low == ONE else None
    if (
        type.domain in {"integer", "natural", "index"}
        and type.lower is not None
        and type.upper is not None
        and size_of(type.lower.value) == ONE
    ):
        return size_of(type.upper.value)
    return None


def argument_type(name: Name, type: Type | None) -> ArgumentType:
    """What is known of the argument."""
    if type is None:
        return ArgumentType(name.key)
    labels = _labels(type)
    if labels is not None and type.shape:
        return ArgumentType(name.key, "label", Bounds(0.0), (), type.properties, labels)
    if type.domain == "index" and type.shape and type.lower is None:
        return ArgumentType(name.key, "label", Bounds(0.0), (), type.properties)
    low, low_open = _end(type.lower, LEAST.get(type.domain, -math.inf))
    high, high_open = _end(type.upper, math.inf)
    values = tuple(v for v in map(_numeric, type.values) if v is not None)
    if values:
        low, high, low_open, high_open = min(values), max(values), False, False
    if type.properties & {"simplex", "onehot"}:
        low, high = max(low, 0.0), min(high, 1.0)
    kind = "integer" if type.domain in INTEGERS else "real"
    most = type.upper.value.data.key if type.upper is not None and type.upper.value.head == "name" and kind == "integer" else ""
    return ArgumentType(name.key, kind, Bounds(low, high, low_open, high_open), values, type.properties, None, most)
