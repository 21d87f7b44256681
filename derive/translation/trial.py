"""What the code is tried on: random samples, extremes, and the example of the docstring.

In: the reference graph and the arguments of the code. Out: `Case`s with their values marked for the worker, and the example.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from derive.graph.graph import Graph, walk
from derive.graph.node import ArgumentType
from derive.translation.arguments import Arguments, Drawn
from derive.translation.references import Case, References
from derive.translation.sample import EXTREMES, POSITIVE, UNIT, WIDE, Point, extremes, inside, ordered, samples

__all__ = ["Example", "cases", "example", "marked"]

SAMPLES = 5
ODD_SIZE = 7  # of an array of scalars: no running index takes so many values in the samples
WHOLE = (2, 3, 1)
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


# ---------------------------------------------------------------------------------------------- values for the worker
def marked(value: Any, kind: ArgumentType) -> Any:
    """A value as the worker takes it: an array with its dtype and shape, or a number."""
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
    given = {arguments.names[key]: marked(point.values[key], kind) for key, (kind, _) in arguments.kinds.items()}
    given.update({arguments.names[name]: point.sizes[name] for name in arguments.whole})
    return given


def _stacked(arguments: Arguments, points: list[Point], shape: tuple[int, ...], keys: Collection[str], extreme: bool = False) -> Case:
    """All points at once: the scalars with these keys are arrays of this shape, everything else is as at the first point."""
    given = _given(arguments, points[0])
    for key in keys:
        entries = [p.values[key] for p in points]
        whole = all(isinstance(e, int) for e in entries)
        given[arguments.names[key]] = ("array", "int64" if whole else "float64", shape, [e if whole else float(e) for e in entries])
    return Case(points, given, extreme, True)


def _with_numbers_of(arguments: Arguments, base: Point, other: Point, keys: Collection[str]) -> Point:
    """The base with these scalars as at another point."""
    return Point(ordered(arguments.kinds, {**base.values, **{key: other.values[key] for key in keys}}), base.sizes)


def _whole_numbers(arguments: Arguments, base: Point, keys: Collection[str], shift: int) -> Point:
    """The base with Python integers wherever the domain of a scalar holds them."""
    values = dict(base.values)
    for place, key in enumerate(keys):
        tried = (WHOLE[(place + shift) % len(WHOLE)], 0, 1)
        values[key] = next((v for v in tried if inside(arguments.kinds[key][0], v)), values[key])
    return Point(ordered(arguments.kinds, values), base.sizes)


def _in_rows(arguments: Arguments, base: Point) -> Case:
    """Two rows of every vector: the base, and its entries the other way round."""
    turned = Point({key: value[::-1] if key in arguments.leading else value for key, value in base.values.items()}, base.sizes)
    given = _given(arguments, base)
    for key in arguments.leading:
        entries = [float(entry) for point in (base, turned) for entry in point.values[key]]
        given[arguments.names[key]] = ("array", "float64", (2, len(entries) // 2), entries)
    return Case([base, turned], given, False, True)


def _has_symbolic_powers(graph: Graph) -> bool:
    return any(node.op == "pow" and node.args[1].op != "number" and not node.axes for node in walk(graph.roots))


def cases(graph: Graph, arguments: Arguments, drawn: Drawn) -> list[Case]:
    """At least five random samples, scalars that may be arrays also as arrays and as integers, and extremes.

    The arrays have another size than any running index, and one that an index may have. Points are drawn for all that the reference needs.
    """
    points = list(samples(*drawn, SAMPLES + 1))
    made = [Case([p], _given(arguments, p)) for p in points]
    if not drawn.kinds and not drawn.whole:
        return made[:1]
    keys = [key for key in arguments.kinds if key in arguments.spread]
    base = points[0]
    if keys:
        plain = keys == list(arguments.kinds) and not drawn.whole
        together = [_with_numbers_of(arguments, base, p, keys) for p in points]
        made = [*made[: 2 if plain else SAMPLES], _stacked(arguments, together, (2, 3), keys)]
        if arguments.batched or len(keys) < len(arguments.kinds):
            tied = {k for key, (kind, _) in arguments.kinds.items() if kind.most for k in (key, kind.most)}
            first = [key for key in keys if key not in tied][:1]  # n of k among n is not changed alone
            alone = [_with_numbers_of(arguments, base, p, first) for p in samples(*drawn, ODD_SIZE, seed=3)] if first else []
            made += [_stacked(arguments, alone, (ODD_SIZE,), first)] if first else []
        if not _has_symbolic_powers(graph):  # NumPy has no negative powers of whole numbers, and says so
            made.append(_stacked(arguments, [_whole_numbers(arguments, base, keys, k) for k in range(3)], (3,), keys))
    if arguments.leading:
        made.append(_in_rows(arguments, base))
    numbers = [key for key, (kind, shape) in arguments.kinds.items() if not shape and kind.kind in {"real", "integer"}]
    if numbers:
        whole = _whole_numbers(arguments, base, numbers, 0)
        made.append(Case([whole], _given(arguments, whole)))
    made += _extreme(graph, arguments, keys, base)
    far_point = _far(graph, arguments, base)
    return [*made, Case([far_point], _given(arguments, far_point), True)] if far_point is not None else made


def _extreme(graph: Graph, arguments: Arguments, keys: list[str], base: Point) -> list[Case]:
    """Every scalar at extremes in its turn; those that may be arrays at once."""
    far = extremes({key: arguments.kinds[key] for key in keys}, base)
    made = [_stacked(arguments, far, (len(far),), keys, True)] if far else []
    operations = {node.op for node in walk(graph.roots)}
    if operations & SENSITIVE and not operations & SOLVERS:
        others = {key: value for key, value in arguments.kinds.items() if key not in keys and not value[1] and value[0].kind == "real"}
        made += [Case([p], _given(arguments, p), True) for p in extremes(others, base)]
    return made


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
def example(references: References, arguments: Arguments, drawn: Drawn, function: str, field: str) -> Example | None:
    """A call with small numbers at which the mathematics has a value; of numbers, the first argument is shown as an array."""
    tried = ((regime, p) for regime in (POSITIVE, UNIT, WIDE) for p in samples(*drawn, 2, seed=7, regime=regime))
    for regime, point in tried:
        first = next((key for key in arguments.kinds if arguments.spread >= {*arguments.kinds}), None)
        row = _row(arguments.kinds[first][0], point.values[first], regime) if first is not None and not arguments.batched else []
        points = [Point({**point.values, first: v}, point.sizes) for v in row] if first is not None and row else [point]
        if all(map(references.has_value, points)):
            return _written(references.graph, arguments, point, function, field, first if row else None, row)
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
    for key, name in arguments.names.items():
        if key not in arguments.kinds:
            given[name] = repr(point.sizes[key])
            continue
        value = row if key == varied else point.values[key]
        given[name] = f"np.array({value!r})" if arguments.kinds[key][1] or key == varied else repr(value)
    inline = f"{function}({', '.join(f'{key}={value}' for key, value in given.items())}){field}"
    several = bool(graph.roots[0].shape) or varied is not None
    wrap = "np.round({}, 6)" if several else "round(float({}), 6)"
    if len(inline) <= WIDEST - len(wrap):
        return Example((), wrap.format(inline), wrap.format(inline))
    lines = tuple(f"{key} = {value}" for key, value in given.items())
    short = f"{function}({', '.join(given)}){field}"
    return Example(lines, wrap.format(short), wrap.format(inline))
