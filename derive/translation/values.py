"""A lowered value: NumPy source together with what each of its dimensions is, and how dimensions are brought into line.

A dimension is a named axis or a positional dimension of the node (0, 1, …). Values keep the order of dimensions that they come in;
`aligned` transposes and inserts new axes only where a consumer needs it. `BATCH` stands for whatever dimensions a scalar argument comes
with; it is always the first label, and the source keeps it in front by counting axes from the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from derive.graph.node import Axis
from derive.translation import source as py
from derive.translation.source import Source

__all__ = ["BATCH", "Label", "Value", "aligned", "merged", "ordered"]

Label = Axis | int | str
BATCH = "batch"


class Value(NamedTuple):
    """Source with its dimensions; `host` is a plain Python number, which never changes the dtype of an array."""

    source: Source
    dims: tuple[Label, ...] = ()
    host: bool = False

    @property
    def is_array(self) -> bool:
        """Whether it has a dimension."""
        return bool(self.dims)


def merged(values: Sequence[Value], order: Sequence[Axis] = ()) -> tuple[Label, ...]:
    """An order of dimensions for values that meet element by element: that of the largest (of several, one that is not transposed), named
    axes that it lacks in front.

    `order` is the order in which axes are wanted at the end; it decides where a missing one is put.
    """
    largest = max(values, key=lambda v: (len(v.dims), _in_order(v.dims), _as_wanted(v.dims, order))).dims
    missing: dict[Label, None] = {}
    for value in values:
        for label in value.dims:
            if label not in largest:
                missing[label] = None
    dims = list(largest)
    for label in reversed(missing):
        dims.insert(_place(label, dims, order), label)
    if BATCH in dims:
        dims.remove(BATCH)
        dims.insert(0, BATCH)
    return tuple(dims)


def _in_order(dims: Sequence[Label]) -> bool:
    positions = [d for d in dims if isinstance(d, int)]
    return positions == sorted(positions)


def _as_wanted(dims: Sequence[Label], order: Sequence[Axis]) -> bool:
    ranks = [order.index(d) for d in dims if isinstance(d, Axis) and d in order]
    return ranks == sorted(ranks)


def _place(label: Label, dims: Sequence[Label], order: Sequence[Axis]) -> int:
    if not isinstance(label, Axis):
        return len(dims)
    if label not in order:
        return 0
    rank = {axis: k for k, axis in enumerate(order)}
    before = [k for k, d in enumerate(dims) if isinstance(d, Axis) and rank.get(d, len(rank)) < rank[label]]
    return max(before) + 1 if before else 0


def ordered(value: Value, dims: tuple[Label, ...]) -> Source:
    """The source with its own dimensions in the order in which they stand in `dims`."""
    wanted = tuple(label for label in dims if label in value.dims)
    if wanted == value.dims:
        return value.source
    if BATCH in wanted:
        named = wanted[1:]
        order = tuple(py.number(value.dims.index(label) - len(value.dims)) for label in named)
        source = tuple(py.number(k - len(named)) for k in range(len(named)))
        return py.apply("np.moveaxis", value.source, py.tuple_(*order), py.tuple_(*source))
    if len(wanted) == 2:
        inner = value.source
        return inner.args[0] if inner.kind == "attribute" and inner.text == "T" else py.attribute(inner, "T")
    order = tuple(py.number(value.dims.index(label)) for label in wanted)
    return py.apply("np.transpose", value.source, py.tuple_(*order))


def aligned(value: Value, dims: tuple[Label, ...]) -> Source:
    """The source so that it broadcasts against arrays with these dimensions."""
    source = ordered(value, dims)
    if BATCH in value.dims:
        missing = [k - len(dims) for k, label in enumerate(dims) if label not in value.dims]
        places = tuple(map(py.number, missing))
        return py.apply("np.expand_dims", source, places[0] if len(places) == 1 else py.tuple_(*places)) if places else source
    present = [label in value.dims for label in dims]
    while present and not present[0]:
        present.pop(0)  # NumPy adds leading dimensions by itself
    if all(present):
        return source
    colon = py.slice_()
    return py.item(source, *(colon if here else py.name("None") for here in present))
