"""What an operation says of itself, in one place: shape, reference evaluation, bounds, NumPy.

`evaluate` is slow and obvious and gives one entry: of an elementwise operation it is a function of mpmath numbers, of the others a
function of the evaluation, the node, the place (the values of the running indices) and the position (the indices of the entry, from 0).
It raises `Undefined` where there is no value.
`numpy` and `host` are Python source over the arguments x, y, z: NumPy for arrays, `math` for plain numbers. Several statements
(`e = np.exp(-np.abs(x)); e / (1.0 + e) ** 2`) name what they share; a bare call of another operation stands for its own source.
`differential` and `adjoint` stand beside them once there is reverse mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from derive.errors import NotSupported
from derive.graph.node import FREE, Axis, Bounds, Node, Shape

__all__ = ["Operation", "Undefined", "broadcast", "elementwise", "union_axes"]


class Undefined(ArithmeticError):
    """The operation has no real value at this point."""


ShapeRule = Callable[[tuple[Node, ...], Any], tuple[Shape, tuple[Axis, ...]]]


class Operation(NamedTuple):
    """One operation of the graph."""

    name: str
    shape: ShapeRule
    evaluate: Callable[..., Any]
    bounds: Callable[..., Bounds] | None = None
    numpy: str = ""
    host: str = ""
    elementwise: bool = False
    risky: Callable[[Bounds], bool] | None = None  # whether it may warn or overflow for a first argument within these bounds
    safe: float = 1.0  # an argument for which it never does
    differential: Callable[..., Any] | None = None
    adjoint: Callable[..., Any] | None = None


def union_axes(args: tuple[Node, ...]) -> tuple[Axis, ...]:
    """The named axes of several nodes, in order of appearance."""
    axes: dict[Axis, None] = {}
    for argument in args:
        for axis in argument.axes:
            axes[axis] = None
    return tuple(axes)


def broadcast(args: tuple[Node, ...], data: Any = None) -> tuple[Shape, tuple[Axis, ...]]:
    """Scalars against anything, equal shapes against each other, named axes united."""
    shape: Shape = ()
    for argument in args:
        if argument.shape and shape and argument.shape != shape:
            raise NotSupported(f"an elementwise operation on shapes {_shown(shape)} and {_shown(argument.shape)}")
        shape = shape or argument.shape
    return shape, union_axes(args)


def _shown(shape: Shape) -> str:
    return " × ".join(size.text() for size in shape)


def elementwise(
    name: str,
    evaluate: Callable[..., Any],
    numpy: str,
    host: str = "",
    bounds: Callable[..., Bounds] | None = None,
    risky: Callable[[Bounds], bool] | None = None,
    safe: float = 1.0,
) -> Operation:
    """An operation on numbers, applied entry by entry."""
    return Operation(name, broadcast, evaluate, bounds, numpy, host, True, risky, safe)


def within(low: float, high: float, low_open: bool = False, high_open: bool = False) -> Callable[..., Bounds]:
    """A bounds rule that does not look at the arguments."""
    fixed = Bounds(low, high, low_open, high_open)
    return lambda *_: fixed


def anything(*_: Any) -> Bounds:
    """No bound."""
    return FREE
