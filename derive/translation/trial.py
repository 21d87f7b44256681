"""What the code is tried on: random samples, extremes, and the example of the docstring.

In: the reference graph and the arguments of the code. Out: `Case`s with their values marked for the worker, and the example.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from derive.graph.graph import Graph, walk
from derive.graph.node import ArgumentType
from derive.translation.arguments import Arguments, Drawn
from derive.translation.prove import ORDINARY_BITS, Case, reference
from derive.translation.sample import EXTREMES, POSITIVE, UNIT, WIDE, Point, extremes, inside, samples

__all__ = ["Example", "cases", "example", "is_elementwise"]

SAMPLES = 5
WIDEST = 88  # of a line of the example
SENSITIVE = frozenset(
    ("exp", "log", "sigmoid", "softmax", "log_softmax", "softplus", "tanh", "cosh", "sinh", "erf", "normal_cdf", "sqrt", "norm")
)
SOLVERS = frozenset(("inverse", "det", "pinv", "matrix_power"))


class Example(NamedTuple):
    """The lines that set the arguments, the call as it is shown, and the expression that is run."""

    lines: tuple[str, ...]
    call: str
    run: str


def is_elementwise(graph: Graph) -> bool:
    """Whether there are numbers only: the code then broadcasts over arrays."""
    return all(not node.shape and not node.axes for node in walk(graph.roots))


# ---------------------------------------------------------------------------------------------- values for the worker
def _marked(value: Any, kind: ArgumentType) -> Any:
    if not isinstance(value, list):
        return value
    shape: list[int] = []
    inner: Any = value
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0] if inner else 0.0
    entries: list[Any] = value
    for _ in shape[1:]:
        entries = [entry for part in entries for entry in part]
    if kind.kind == "label":
        return ("array", "int64", tuple(shape), [int(e) for e in entries])
    return ("array", "float64", tuple(shape), [float(e) for e in entries])


def _given(arguments: Arguments, point: Point) -> dict[str, Any]:
    given = {arguments.names[key]: _marked(point.values[key], kind) for key, (kind, _) in arguments.kinds.items()}
    given.update({arguments.names[name]: point.sizes[name] for name in arguments.whole})
    return given


def _stacked(arguments: Arguments, points: list[Point], extreme: bool) -> Case:
    """All points at once: every scalar an array."""
    given: dict[str, Any] = {}
    for key, (kind, _) in arguments.kinds.items():
        whole = kind.kind in {"index", "label"}
        entries = [int(p.values[key]) if whole else float(p.values[key]) for p in points]
        given[arguments.names[key]] = ("array", "int64" if whole else "float64", (len(points),), entries)
    return Case(points, given, extreme, True)


def cases(graph: Graph, arguments: Arguments, drawn: Drawn, elementwise: bool) -> list[Case]:
    """At least five random samples (scalars also as arrays), and extremes; points are drawn for all that the reference needs."""
    points = samples(*drawn, SAMPLES)
    made = [Case([p], _given(arguments, p)) for p in points]
    if not drawn.kinds and not drawn.whole:
        return made[:1]
    if elementwise and not drawn.whole:
        made = made[:2]
        if arguments.kinds:
            made.append(_stacked(arguments, points, False))
            far = extremes(arguments.kinds, points[0])
            return [*made, _stacked(arguments, far, True)] if far else made
    far_point = _far(graph, arguments, points[0])
    return [*made, Case([far_point], _given(arguments, far_point), True)] if far_point is not None else made


def _far(graph: Graph, arguments: Arguments, base: Point) -> Point | None:
    """A point whose arrays hold extremes, where the graph has functions that mind."""
    operations = {node.op for node in walk(graph.roots)}
    if not operations & SENSITIVE or operations & SOLVERS:
        return None
    values = dict(base.values)
    changed = False
    for key, (kind, shape) in arguments.kinds.items():
        allowed = [v for v in EXTREMES if inside(kind, v)]
        if shape and kind.kind == "real" and not kind.values and not kind.properties and allowed:
            values[key] = _filled(base.values[key], allowed[::-1], [0])
            changed = True
    return Point(values, base.sizes) if changed else None


def _filled(value: Any, entries: list[float], place: list[int]) -> Any:
    if isinstance(value, list):
        return [_filled(v, entries, place) for v in value]
    place[0] += 1
    return entries[(place[0] * 3) % len(entries)]


# ---------------------------------------------------------------------------------------------- the example
def example(graph: Graph, arguments: Arguments, drawn: Drawn, function: str, elementwise: bool, field: str) -> Example | None:
    """A call with small numbers at which the mathematics has a value; of numbers, the first argument is shown as an array."""
    tried = [(regime, p) for regime in (POSITIVE, UNIT, WIDE) for p in samples(*drawn, 2, seed=7, regime=regime)]
    for regime, point in tried:
        first = next(iter(arguments.kinds), None)
        row = _row(arguments.kinds[first][0], point.values[first], regime) if first is not None and elementwise else []
        points = [Point({**point.values, first: v}, point.sizes) for v in row] if first is not None and row else [point]
        if all(reference(graph, p, ORDINARY_BITS) is not None for p in points):
            return _written(graph, arguments, point, function, field, first if row else None, row)
    return None


def _row(kind: ArgumentType, value: float, regime: str) -> list[float]:
    """Three values of a real argument; none of one with few values."""
    if kind.kind != "real" or kind.values:
        return []
    rows = [[0.2, 0.5, 0.8]] if regime == UNIT or kind.bounds.high == 1 else []
    rows += [[value, round(value + step, 4), round(value + 2 * step, 4)] for step in (1.0, -1.0, 0.01)]
    return next((row for row in rows if all(inside(kind, v) for v in row)), [])


def _written(graph: Graph, arguments: Arguments, point: Point, function: str, field: str, varied: str | None, row: list[float]) -> Example:
    given: dict[str, str] = {}
    for key, (_, shape) in arguments.kinds.items():
        value = row if key == varied else point.values[key]
        given[arguments.names[key]] = f"np.array({value!r})" if shape or key == varied else repr(value)
    given.update({arguments.names[name]: repr(point.sizes[name]) for name in arguments.whole})
    inline = f"{function}({', '.join(f'{key}={value}' for key, value in given.items())}){field}"
    several = bool(graph.roots[0].shape) or varied is not None
    wrap = "np.round({}, 6)" if several else "round(float({}), 6)"
    if len(inline) <= WIDEST - len(wrap):
        return Example((), wrap.format(inline), wrap.format(inline))
    lines = tuple(f"{key} = {value}" for key, value in given.items())
    short = f"{function}({', '.join(given)}){field}"
    return Example(lines, wrap.format(short), wrap.format(inline))
