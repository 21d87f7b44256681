"""The points at which steps over arrays are checked: one draw of the arguments, in double precision and in high precision.

In: what the steps are evaluated with (a `Laboratory`), the number of the draw. Out: values of nodes and their derivatives along
directions, by evaluating the nodes only. `Near` works in doubles: a derivative is the imaginary part after an imaginary step, exact to
rounding. `Exact` works with 200 bits and central differences, and is asked wherever doubles are in doubt or do not agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from derive.checking.draws import Draw, direction, draw
from derive.checking.nested import combined, flat, mapped
from derive.expressions.term import Name
from derive.graph.continuation import Continuation, Program, imaginary, stepped
from derive.graph.evaluate import Evaluation, context
from derive.graph.node import ArgumentType, Node, Shape

if TYPE_CHECKING:
    from derive.graph.build import Builder
    from derive.meaning.scope import Type

__all__ = ["DIFFERENTIAL", "Exact", "Laboratory", "Near", "Point"]

BITS = 200
STEP_BITS = 50  # the step of a difference is 2^-50
SECOND_BITS = 40  # of a second difference, and of differences that are asked for once
IMAGINARY = 2.0**-100
SPACING = 2.0**-10  # of the central difference of slopes
WEIGHTS = ((1, 45 / 60), (2, -9 / 60), (3, 1 / 60))  # of sixth order
DIFFERENTIAL = "(differential)"
SIZED = frozenset(("size", "identity", "ones"))

Steps = Mapping[str, Any]  # by the key of an argument, how far each entry moves


class _Values(dict[str, Any]):
    """The values of the arguments at a point, and those of differentials once they are asked for."""

    def __init__(self, point: Point, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.point = point

    def __missing__(self, key: str) -> Any:
        if DIFFERENTIAL not in key:
            raise KeyError(key)
        made = self[key] = self.point.change(key)
        return made


class Laboratory(Protocol):
    """What all points of one derivation share."""

    types: Mapping[Name, Type]
    variables: set[Name]
    differentials: dict[Name, tuple[Node, Name | None]]
    program: Program

    @property
    def builder(self) -> Builder:
        """What makes nodes of terms."""


class Point:
    """One draw. What is missing here is how nodes are evaluated."""

    def __init__(self, laboratory: Laboratory, number: int) -> None:
        self.laboratory = laboratory
        self.number = number
        self.draw = Draw({}, {})
        self._directions: dict[Any, Any] = {}
        self._made = -1

    numbers: Any  # the context that the numbers of the draw belong to

    def ready(self) -> Point:
        """The point with a value for every argument that is known by now."""
        nodes = self.laboratory.builder.nodes
        made = len(nodes.all())  # type: ignore[arg-type]
        if made == self._made:
            return self
        self._made = made
        arguments = {n.data[0].key: n.data for n in nodes.arguments() if DIFFERENTIAL not in n.data[0].key}
        names = {name for _, shape in arguments.values() for size in shape for name in size.names}
        for node in nodes.all():
            if node.op in SIZED or node.axes:
                names.update(name for size in _sizes(node) for name in size.names)
        if len(arguments) != len(self.draw.values) or not names <= self.draw.sizes.keys():
            kinds = {key: (self._kind(kind), shape) for key, (kind, shape) in arguments.items()}
            self.draw = draw(kinds, sorted(names), self.number, self.numbers)
            self._forget()
        return self

    def _forget(self) -> None:
        """Values at an earlier draw are none any more."""

    def _kind(self, kind: ArgumentType) -> ArgumentType:
        declared = self.laboratory.types.get(Name.from_key(kind.key))
        return kind._replace(properties=declared.properties) if declared is not None else kind

    def placed(self, values: Sequence[tuple[str, Node]]) -> Point:
        """The same draw with some arguments at given values."""
        made = type(self)(self.laboratory, self.number)
        moved = {key: self.value(node) for key, node in values}
        made.draw = self.draw._replace(values={**self.draw.values, **moved})
        made._made = self._made
        return made

    def dims(self, shape: Shape) -> tuple[int, ...]:
        """The sizes of a shape at this point."""
        return tuple(size.value(self.draw.sizes) for size in shape)

    def direction(self, key: str, dims: tuple[int, ...], number: int) -> Any:
        """The direction of this number of a variable."""
        known = self._directions.get((key, dims, number))
        if known is None:
            known = mapped(self.numbers.mpf, direction(dims, self.number + 100 * number, key))
            self._directions[key, dims, number] = known
        return known

    def along(self, name: Name, number: int) -> Any:
        """The direction of this number, of the shape of the variable's value."""
        return self.direction(name.key, _dims(self.draw.values[name.key]), number)

    def numbered(self, name: Name) -> int:
        """The number of the direction of one variable: that of the differentials where it is the only one, a direction of its own else."""
        return 0 if self.laboratory.variables == {name} else 1

    def like(self, name: Name, steps: Any) -> Any:
        """Steps as an array of the shape of a variable; a row stands for a column."""
        entries = iter(flat(steps))
        return mapped(lambda _: next(entries), self.draw.values[name.key])

    def known(self, names: Mapping[Name, int]) -> dict[str, Any]:
        """Directions of those variables that have a value here."""
        return {name.key: self.along(name, number) for name, number in names.items() if name.key in self.draw.values}

    def change(self, key: str) -> Any:
        """dZ along the directions of all variables."""
        z, variable = self.laboratory.differentials[Name.from_key(key)]
        if variable is not None:
            return self.direction(variable.key, self.dims(z.shape), 0)
        return self.difference(z, dict.fromkeys(self.laboratory.variables, 0))

    # ------------------------------------------------------------------------------------------ what the two kinds do
    def value(self, node: Node) -> Any:
        """The value of a node at the point; a differential is the difference along the direction."""
        raise NotImplementedError

    def difference(self, z: Node, along: Mapping[Name, int]) -> Any:
        """The derivative of a node along directions of variables (numbered, so that several are at hand)."""
        raise NotImplementedError

    def slope(self, z: Node, steps: Steps) -> Any:
        """The derivative of a node along these steps of arguments."""
        raise NotImplementedError

    def bend(self, z: Node, first: Steps, second: Steps) -> Any:
        """The second derivative of a node, along the first steps and the second."""
        raise NotImplementedError

    def moved(self, steps: Steps, h: Any) -> dict[str, Any]:
        """The values of the arguments that move, h times their steps further."""
        return {key: combined(self.draw.values[key], step, lambda x, d: x + h * d) for key, step in steps.items()}


# ---------------------------------------------------------------------------------------------- double precision
class Near(Point):
    """The point in double precision: slopes by imaginary steps."""

    def __init__(self, laboratory: Laboratory, number: int) -> None:
        super().__init__(laboratory, number)
        self.numbers = _FLOATS
        self._here: Continuation | None = None
        self._along: dict[Any, Continuation] = {}

    def _forget(self) -> None:
        self._here = None
        self._along.clear()

    def _evaluation(self, steps: Steps, shifts: Steps | None = None, h: float = 0.0) -> Continuation:
        """Arguments moved by an imaginary step along `steps`, and h times `shifts` along the real axis."""
        values = {**self.draw.values, **(self.moved(shifts, h) if shifts else {})}
        for key, along in steps.items():
            values[key] = stepped(values[key], along, IMAGINARY)
        moved = {*steps, *(shifts or ())}
        beside = self._here if moved != set(self.draw.values) else None
        return Continuation(self.laboratory.program, values, self.draw.sizes, beside, moved)

    def _resting(self) -> Continuation:
        if self._here is None:
            self._here = Continuation(self.laboratory.program, _Values(self, self.draw.values), self.draw.sizes)
        return self._here

    def value(self, node: Node) -> Any:
        return self._resting().value(node)

    def difference(self, z: Node, along: Mapping[Name, int]) -> Any:
        key = tuple(sorted((name.key, number) for name, number in along.items()))
        evaluation = self._along.get(key)
        if evaluation is None:
            self._resting()
            evaluation = self._along[key] = self._evaluation(self.known(along))
        return imaginary(evaluation.value(z), IMAGINARY)

    def slope(self, z: Node, steps: Steps) -> Any:
        self._resting()
        return imaginary(self._evaluation(steps).value(z), IMAGINARY)

    def bend(self, z: Node, first: Steps, second: Steps) -> Any:
        total: Any = None
        for distance, weight in WEIGHTS:
            for sign in (1, -1):
                slope = self._evaluation(first, second, sign * distance * SPACING).value(z)
                part = imaginary(slope, IMAGINARY * SPACING / (sign * weight))
                total = part if total is None else combined(total, part, lambda x, y: x + y)
        return total


class _Floats:
    """The context of floats, as far as draws ask for it."""

    mpf = float
    one, zero = 1.0, 0.0


_FLOATS = _Floats()


# ---------------------------------------------------------------------------------------------- high precision
class Exact(Point):
    """The point in high precision: slopes by central differences."""

    def __init__(self, laboratory: Laboratory, number: int) -> None:
        super().__init__(laboratory, number)
        self.numbers = context(BITS)
        self._here: Evaluation | None = None
        self._sides: dict[Any, Evaluation] = {}

    def _forget(self) -> None:
        self._here = None
        self._sides.clear()

    def evaluation(self, moved: Mapping[str, Any]) -> Evaluation:
        """The evaluation with some arguments moved."""
        return Evaluation({**self.draw.values, **moved}, self.draw.sizes, BITS)

    def value(self, node: Node) -> Any:
        if self._here is None:
            self._here = self.evaluation({})
            self._here.arguments = _Values(self, self._here.arguments)
        return self._here.array(node, {})

    def difference(self, z: Node, along: Mapping[Name, int]) -> Any:
        h = context(BITS).mpf(2) ** -STEP_BITS
        ahead, behind = self._side(along, h).array(z, {}), self._side(along, -h).array(z, {})
        return combined(ahead, behind, lambda x, y: (x - y) / (2 * h))

    def _side(self, along: Mapping[Name, int], h: Any) -> Evaluation:
        key = (tuple(sorted((n.key, k) for n, k in along.items())), h)
        if key not in self._sides:
            self._sides[key] = self.evaluation(self.moved(self.known(along), h))
        return self._sides[key]

    def slope(self, z: Node, steps: Steps) -> Any:
        h = context(BITS).mpf(2) ** -SECOND_BITS
        ahead, behind = (self.evaluation(self.moved(steps, s * h)).array(z, {}) for s in (1, -1))
        return combined(ahead, behind, lambda x, y: (x - y) / (2 * h))

    def bend(self, z: Node, first: Steps, second: Steps) -> Any:
        h = context(BITS).mpf(2) ** -SECOND_BITS
        total: Any = None
        for s in (1, -1):
            for t in (1, -1):
                values = self.moved(first, s * h)
                for key, step in second.items():
                    values[key] = combined(values.get(key, self.draw.values[key]), step, lambda x, d, t=t: x + t * h * d)
                part = mapped(lambda x, sign=s * t: sign * x / (4 * h * h), self.evaluation(values).array(z, {}))
                total = part if total is None else combined(total, part, lambda x, y: x + y)
        return total


# ---------------------------------------------------------------------------------------------- shapes and sizes
def _dims(value: Any) -> tuple[int, ...]:
    found: list[int] = []
    while isinstance(value, list):
        found.append(len(value))
        value = value[0]
    return tuple(found)


def _sizes(node: Node) -> Any:
    if node.op == "size":
        yield node.data
    elif node.op in ("identity", "ones"):
        yield from node.data
    for axis in node.axes:
        yield axis.lower
        yield axis.upper
