"""Running sums, products and log-sum-exps: Σ_{j ≤ i} f_j for all i is one cumulative sum, not a mask of n × n.

In: a reduction over j of a choice between f_j and what changes nothing, under j ≤ i + c or j ≥ i + c. Out: its value, with the dimension of
j turned into that of i; None where it is no such thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE, ZERO, Size, constant_size
from derive.translation import source as py
from derive.translation.arrays import may_be_whole
from derive.translation.source import Source
from derive.translation.values import BATCH, Value

if TYPE_CHECKING:
    from derive.translation.lower import Lowering

__all__ = ["is_running", "running"]

FUNCTIONS = {"sum": "np.cumsum", "prod": "np.cumprod", "logsumexp": "np.logaddexp.accumulate"}
NEUTRAL = {"sum": "0.0", "prod": "1.0", "logsumexp": "-math.inf"}
SIGNS = {"less": ("<=", -1), "less_equal": ("<=", 0), "greater": (">=", 1), "greater_equal": (">=", 0)}


class _Run(NamedTuple):
    """f_j over j ≤ i + shift, or over j ≥ i + shift where it is `upward`."""

    body: Node
    inner: Axis
    outer: Axis
    shift: Size
    upward: bool


def is_running(node: Node) -> bool:
    """Whether the reduction is one that accumulates."""
    return _run(node) is not None


def _run(node: Node) -> _Run | None:
    if node.op not in FUNCTIONS or not isinstance(node.data, Axis) or node.args[0].op != "where":
        return None
    condition, body, otherwise = node.args[0].args
    if condition.op not in SIGNS or not _changes_nothing(node.op, otherwise) or body.shape:
        return None
    sign, strict = SIGNS[condition.op]
    left, right = (_shifted(a) for a in condition.args)
    if left is None or right is None:
        return None
    if left[0] != node.data:
        left, right = right, left
        sign, strict = {"<=": ">=", ">=": "<="}[sign], -strict
    (inner, own), (outer, other) = left, right
    if inner != node.data or outer == inner or outer in body.axes or inner not in body.axes:
        return None
    made = _Run(body, inner, outer, other - own + constant_size(strict), sign == ">=")
    return made if _ends(made) is not None else None


def _changes_nothing(op: str, node: Node) -> bool:
    if op == "logsumexp":
        return node.op == "neg" and node.args[0].op == "constant" and node.args[0].data == "inf"
    return node.op == "number" and bool(node.data == (1 if op == "prod" else 0))


def _shifted(node: Node) -> tuple[Axis, Size] | None:
    """An index and what is added to it."""
    if node.op == "index":
        return node.data, ZERO
    if node.op != "add":
        return None
    axis, shift = None, ZERO
    for part in node.args:
        inner, sign = (part.args[0], -1) if part.op == "neg" else (part, 1)
        if inner.op == "index" and sign == 1 and axis is None:
            axis = inner.data
        elif inner.op == "number" and inner.data.denominator == 1:
            shift = shift + constant_size(sign * int(inner.data))
        elif inner.op == "size":
            shift = shift + inner.data if sign > 0 else shift - inner.data
        else:
            return None
    return (axis, shift) if axis is not None else None


def _ends(run: _Run) -> tuple[int, int] | None:
    """By how many positions the first and the last range are beyond the first and the last f: (−1, 0) for all j < i."""
    first = run.outer.lower + run.shift - run.inner.lower
    last = run.outer.upper + run.shift - run.inner.upper
    low, high = first.constant, last.constant
    if low is None or high is None:
        return None
    fits = -1 <= low <= 0 and high <= 0 if not run.upward else low >= 0 and 0 <= high <= 1
    return (low, high) if fits and (run.inner.upper - run.inner.lower + ONE).constant is None else None


def running(lowering: Lowering, node: Node) -> Value | None:
    """The value by accumulation; None where the node is none that accumulates, or the target has no such function."""
    run = _run(node)
    ends = _ends(run) if run is not None else None
    if run is None or ends is None or lowering.standard or lowering.batch or lowering.leading:
        return None
    value = lowering.value(run.body)
    if run.inner not in value.dims or run.outer in value.dims or BATCH in value.dims:
        return None
    place = value.dims.index(run.inner)
    source = value.source
    if node.op == "prod" and may_be_whole(run.body):
        source = py.binary("*", py.number("1.0"), source)
    axis = {"axis": py.number(place)} if len(value.dims) > 1 else {}

    def along(inner: Source, *bounds: Source | None) -> Source:
        return py.item(inner, *(py.slice_() for _ in range(place)), py.slice_(*bounds))

    low, high = ends
    back = (None, None, py.number(-1))

    def accumulated(inner: Source, opened: bool) -> Source:
        made = py.apply(FUNCTIONS[node.op], inner, **axis)
        return py.apply("np.insert", made, py.number(0), py.number(NEUTRAL[node.op]), **axis) if opened else made

    if run.upward:
        made = along(accumulated(along(source, *back), high > 0), *back)
        made = along(made, py.number(low)) if low else made
    else:
        made = accumulated(along(source, None, py.number(high)) if high else source, low < 0)
    return Value(made, tuple(run.outer if d == run.inner else d for d in value.dims))
