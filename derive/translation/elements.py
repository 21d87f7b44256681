"""Subscripts in NumPy: slices for running indices, integers for fixed ones, integer arrays for gathers.

In: a value and what to do with each of its dimensions. Out: the value with those dimensions taken. Positions count from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derive.graph.node import Axis
from derive.graph.sizes import ZERO, Size
from derive.translation import source as py
from derive.translation.source import Source
from derive.translation.values import Label, Value, aligned, merged

__all__ = ["taken"]

Selection = tuple[Any, ...]  # ("all", label) · ("run", axis, start, its size or None) · ("turned", axis, positions) · ("at", value)


def taken(
    value: Value, selections: Mapping[Label, Selection], size: Callable[[Size], Source], arange: Callable[[Axis, Size], Value]
) -> Value:
    """The value with each dimension kept, run along, or taken at a position; dimensions without a selection are kept."""
    spec = [selections.get(label, ("all", label)) for label in value.dims]
    if any(s[0] == "turned" for s in spec) and any((s[0] == "at" and s[1].dims) or s[0] == "run" for s in spec):
        spec = [("at", turned_positions(s)) if s[0] == "turned" else s for s in spec]
    runs = [s[1] for s in spec if s[0] == "run"]
    gathers = [s[1] for s in spec if s[0] == "at" and s[1].dims]
    diagonal = len(set(runs)) < len(runs)
    if diagonal and len(spec) == 2 and all(_whole(s) for s in spec):
        return Value(py.apply("np.diag", value.source), (runs[0],))
    if not gathers and not diagonal:
        return _basic(value, spec, size)
    mixed = {label for g in gathers for label in g.dims} | {axis for axis in runs if runs.count(axis) > 1}
    spec = [("at", arange(s[1], s[2])) if s[0] == "run" and s[1] in mixed else s for s in spec]
    spec = [("at", arange(s[1], ZERO)) if s[0] == "all" and isinstance(s[1], Axis) and s[1] in mixed else s for s in spec]
    arrays = [s[1] for s in spec if s[0] == "at" and s[1].dims]
    around = merged(arrays)
    indices, dims, places = [], [], []
    for place, s in enumerate(spec):
        if s[0] == "at":
            indices.append(aligned(s[1], around))
            places.append(place)
        else:
            indices.append(_slice(s, size))
            dims.append((place, s[1]))
    together = places == list(range(places[0], places[-1] + 1))
    before = [label for place, label in dims if together and place < places[0]]
    after = [label for place, label in dims if not (together and place < places[0])]
    return Value(py.item(value.source, *indices), (*before, *around, *after))


def turned_positions(s: Selection) -> Value:
    """The positions from the last to the first."""
    return Value(py.item(s[2].source, py.slice_(None, None, py.number(-1))), s[2].dims)


def _whole(s: Selection) -> bool:
    return bool(s[0] == "all" or (s[0] == "run" and s[2] == ZERO and s[1].size == s[3]))


def _slice(s: Selection, size: Callable[[Size], Source]) -> Source:
    if _whole(s):
        return py.slice_()
    if s[0] == "turned":
        return py.slice_(None, None, py.number(-1))
    _, axis, start, whole = s
    stop = start + axis.size
    begin = None if start == ZERO else size(start)
    if stop == whole:
        return py.slice_(begin)
    left = (whole - stop).constant
    return py.slice_(begin, size(stop) if left is None or left < 0 else py.number(-left))


def _basic(value: Value, spec: list[Selection], size: Callable[[Size], Source]) -> Value:
    dims = tuple(s[1] for s in spec if s[0] != "at")
    if all(_whole(s) for s in spec):
        return Value(value.source, dims)
    indices = [s[1].source if s[0] == "at" else _slice(s, size) for s in spec]
    while spec and _whole(spec[-1]):
        spec, indices = spec[:-1], indices[:-1]
    return Value(py.item(value.source, *indices), dims)
