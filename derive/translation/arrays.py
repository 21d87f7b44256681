"""Reductions, norms, literals and solvers in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.errors import NotSupported
from derive.graph.node import Axis, Node
from derive.graph.operations import OPERATIONS
from derive.translation import source as py
from derive.translation.choice import decimal
from derive.translation.contract import total
from derive.translation.source import Source
from derive.translation.values import BATCH, Label, Value, aligned, merged, ordered

if TYPE_CHECKING:
    from derive.translation.lower import Lowering

__all__ = ["METHODS", "all_but_one", "call", "may_be_whole", "presummed", "reduced_places"]


def presummed(value: Value, kept: frozenset[str], others: list[Value]) -> Value:
    """Dimensions of a lone factor that nothing else has are summed at once."""
    if others:
        return value
    return total(value, {d for d in value.dims if d not in kept})


# ---------------------------------------------------------------------------------------------- reductions
def _together(lowering: Lowering, node: Node) -> tuple[Node, set[Label]]:
    """What is reduced, and the running indices along which it is: a mean of means, a maximum of maxima is one."""
    body, gone = node.args[0], {node.data}
    while node.op in TOGETHER and isinstance(node.data, Axis) and body.op == node.op and isinstance(body.data, Axis):
        if lowering.uses[body] > 1 or body.data not in body.args[0].axes or (node.op == "mean" and _is_product(body.args[0])):
            break
        gone.add(body.data)
        body = body.args[0]
    return body, gone


def reduced_places(node: Node, value: Value, axes: set[Label] | None = None) -> tuple[list[int], tuple[Label, ...]]:
    if isinstance(node.data, Axis):
        gone: set[Label] = axes or {node.data}
    elif node.data == "all":
        gone = {d for d in value.dims if isinstance(d, int)}
    else:
        gone = {len(node.args[0].shape) - 1}
    shift = len(value.dims) if BATCH in value.dims else 0  # behind dimensions that nobody knows, axes are counted from the end
    places = [k - shift for k, d in enumerate(value.dims) if d in gone]
    return places, tuple(d for d in value.dims if d not in gone)


TOGETHER = frozenset(("mean", "amax", "amin"))


def _axis(places: list[int]) -> Source:
    return py.number(places[0]) if len(places) == 1 else py.tuple_(*map(py.number, places))


def call(function: str, source: Source, places: list[int], value: Value, keep: bool = False) -> Source:
    """np.function over these places; without an axis where that is all of them."""
    keywords: dict[str, Source] = {} if len(places) == len(value.dims) else {"axis": _axis(places)}
    if keep and keywords:
        keywords["keepdims"] = py.name("True")
    return py.apply(function, source, **keywords)


def all_but_one(lowering: Lowering, node: Node) -> Value | None:
    """Σ or ∏ over k ≠ i: the entries along k without the one at i, where i is an argument."""
    body, axis = node.args[0], node.data
    neutral = 1 if node.op == "prod" else 0
    if body.op != "where" or body.args[0].op != "not_equal" or not isinstance(axis, Axis):
        return None
    rest = body.args[2]
    nothing = rest.op == "neg" and rest.args[0].op == "constant" if node.op == "logsumexp" else rest.op == "number" and rest.data == neutral
    if not nothing or axis not in body.args[1].axes:
        return None
    nodes = lowering.nodes
    for side, other in (body.args[0].args, body.args[0].args[::-1]):
        if side.axes != (axis,) or other.axes:
            continue
        shift = nodes.sub(side, nodes.index(axis)) if side.op != "index" else nodes.number(0)
        shift = nodes.add(*(a for a in side.args if a.op != "index")) if side.op == "add" else shift
        position = nodes.add(other, nodes.neg(shift), nodes.neg(nodes.size(axis.lower)))
        if shift.axes or position.op != "argument" or position.data[0].kind != "index":
            continue
        value = lowering.value(body.args[1])
        keywords = {"axis": py.number(value.dims.index(axis))} if len(value.dims) > 1 else {}
        return Value(py.apply("np.delete", value.source, lowering.value(position).source, **keywords), value.dims)
    return None


_OF_INTEGERS = frozenset(("add", "sub", "mul", "neg", "abs", "element", "pow", "maximum", "minimum"))


def _reduction(function: str) -> Callable[[Lowering, Node], Value]:
    def lower(lowering: Lowering, node: Node) -> Value:
        body, gone = _together(lowering, node)
        value = (all_but_one(lowering, node) if node.op in {"sum", "prod"} else None) or lowering.value(body)
        places, dims = reduced_places(node, value, gone)
        if not places:
            if node.op in {"sum", "prod"}:
                combine = lowering.nodes.pow if node.op == "prod" else lowering.nodes.mul
                return lowering.value(combine(node.args[0], lowering.nodes.size(node.data.size)))
            return value
        if node.op == "prod" and may_be_whole(node.args[0]):
            value = Value(py.binary("*", py.number("1.0"), value.source), value.dims)
        if lowering.leading:
            return Value(call(function, value.source, places, value, keep=True), value.dims)
        return Value(call(function, value.source, places, value), dims)

    return lower


def may_be_whole(node: Node) -> bool:
    """Whether integers that are given stay integers in it: their product would overflow without a word."""
    if node.op == "number":
        return bool(node.data.denominator == 1)
    return node.op in {"argument", "index", "size"} or (node.op in _OF_INTEGERS and all(map(may_be_whole, node.args)))


def _mean(lowering: Lowering, node: Node) -> Value:
    """np.mean; of a product of matrices the product divided by the count."""
    body = node.args[0]
    if isinstance(node.data, Axis) and node.data in body.axes and (node.shape or node.axes) and _is_product(body):
        nodes = lowering.nodes
        return lowering.value(nodes.div(nodes.make("sum", body, data=node.data), nodes.size(node.data.size)))
    return _counted(lowering, node) or _reduction("np.mean")(lowering, node)


def _is_product(body: Node) -> bool:
    if body.op == "neg":
        return _is_product(body.args[0])
    if body.op == "outer":
        return True
    factors = [a for a in body.args if a.shape or a.axes] if body.op == "mul" else []
    return len(factors) > 1 and len({(a.shape, a.axes) for a in factors}) > 1


def _variance(lowering: Lowering, node: Node) -> Value:
    return _reduction("np.var")(lowering, node)


# ---------------------------------------------------------------------------------------------- arrays
def _in_order(lowering: Lowering, node: Node) -> tuple[Source, tuple[Label, ...]]:
    """The source with named axes in front and the positions in order."""
    value = lowering.value(node)
    dims = (*(d for d in value.dims if isinstance(d, Axis)), *range(len(node.shape)))
    return ordered(value, dims), dims


def _on_matrices(lowering: Lowering, node: Node) -> Value:
    """An operation that acts on the last two dimensions."""
    sources, axes = [], [d for a in node.args for d in lowering.value(a).dims if isinstance(d, Axis)]
    for argument in node.args:
        source, dims = _in_order(lowering, argument)
        if len(dims) > len(argument.shape) and (len(node.args) > 1 or node.op not in {"inverse", "det", "logdet", "pinv"}):
            raise NotSupported(f"code for {node.op} along a running index")
        sources.append(source)
    source = lowering.said(OPERATIONS[node.op].numpy, sources)
    if node.op == "diag" and lowering.standard:
        like = {"dtype": py.attribute(sources[0], "dtype")}
        source = py.binary("*", py.apply("np.eye", py.item(py.attribute(sources[0], "shape"), py.number(0)), **like), sources[0])
    if node.op == "inverse" and node.data:
        source = source.named("P")  # the precision, as of a covariance
    return Value(source, (*dict.fromkeys(axes), *range(len(node.shape))))


def _ridge(lowering: Lowering, node: Node) -> Value:
    """Least squares of X on top of r I and y on top of zeros."""
    x, y, root = (_in_order(lowering, a)[0] for a in node.args)
    width = py.item(py.attribute(x, "shape"), py.number(1)).named("columns")
    columns = py.tuple_(width, py.item(py.attribute(y, "shape"), py.number(1))) if len(node.shape) == 2 else width
    below = py.binary("*", root, py.apply("np.eye", width, dtype=py.attribute(x, "dtype")))
    above = py.apply("np.concatenate", py.list_(x, below)).named("augmented")
    right = py.apply("np.concatenate", py.list_(y, py.apply("np.zeros", columns, dtype=py.attribute(y, "dtype")))).named("target")
    solution = py.apply("np.linalg.lstsq", above, right, rcond=py.name("None"))
    return Value(py.item(solution, py.number(0)), tuple(range(len(node.shape))))


def _transpose(lowering: Lowering, node: Node) -> Value:
    value = lowering.value(node.args[0])
    last = len(node.shape) - 1
    return Value(value.source, tuple(last - d if isinstance(d, int) else d for d in value.dims))


def _norm(lowering: Lowering, node: Node) -> Value:
    body = node.args[0]
    if lowering.leading:
        value = lowering.value(body)
        return Value(py.apply("np.linalg.norm", value.source, axis=py.number(-1), keepdims=py.name("True")), value.dims)
    source, dims = _in_order(lowering, body)
    axes = dims[: len(dims) - len(body.shape)]
    last = list(range(len(axes), len(dims)))
    value = Value(source, dims)
    matrix = len(body.shape) == 2
    kind = node.data
    if kind in {"2", "F"} and not (matrix and kind == "2"):
        keywords = {"axis": _axis(last)} if axes else {}
        return Value(py.apply("np.linalg.norm", source, **keywords), axes)
    if matrix and kind in {"1", "2", "inf", "*"}:
        if axes:
            raise NotSupported("code for a matrix norm along a running index")
        order = {"1": py.number(1), "2": py.number(2), "inf": py.name("np.inf"), "*": py.number('"nuc"')}[kind]
        return Value(py.apply("np.linalg.norm", source, order), ())
    size = py.apply("np.abs", source)
    if kind == "1":
        return Value(call("np.sum", size, last, value), axes)
    if kind == "inf":
        return Value(call("np.max", size, last, value), axes)
    if kind == "0":
        return Value(call("np.count_nonzero", source, last, value), axes)
    exponent = lowering.value(node.args[1])
    if exponent.dims:
        raise NotSupported("code for a norm whose order is an array")
    inner = call("np.sum", py.binary("**", size, exponent.source), last, value)
    return Value(py.binary("**", inner, py.binary("/", py.number(1), exponent.source)), axes)


def _array(lowering: Lowering, node: Node) -> Value:
    values = [lowering.value(a) for a in node.args]
    if any(isinstance(d, Axis) for v in values for d in v.dims):
        if len(node.data) > 1 or any(a.shape for a in node.args):
            raise NotSupported("code for a vector or matrix written out along a running index")
        dims = merged(values, lowering.order)
        sources = [aligned(v, dims) for v in values]
        same = all(v.dims == dims for v in values)
        listed = py.list_(*sources) if same else py.apply("np.broadcast_arrays", *sources)
        return Value(py.apply("np.stack", listed, axis=py.number(-1)), (*dims, 0))
    if any(BATCH in v.dims for v in values):
        return _stacked_entries([decimal(v.source) for v in values], [s.constant or 0 for s in node.data])
    inner = max((len(a.shape) for a in node.args), default=0)
    entries = []
    for argument, value in zip(node.args, values, strict=True):
        source = ordered(value, tuple(range(len(argument.shape))))
        if inner and not argument.shape:
            shape = next(a.shape for a in node.args if a.shape)
            source = py.apply("np.full", py.tuple_(*(lowering.size(s) for s in shape)), source)
        entries.append(decimal(source))
    sizes = [s.constant or 0 for s in node.data]
    if inner:
        return Value(py.apply("np.stack", py.list_(*entries)), tuple(range(len(node.shape))))
    if len(sizes) == 2:
        entries = [py.list_(*entries[r * sizes[1] : (r + 1) * sizes[1]]) for r in range(sizes[0])]
    keywords = {}
    if lowering.dtype and all(v.host for v in values):
        keywords["dtype"] = py.name(f"{lowering.dtype}.dtype")
    return Value(py.apply("np.array", py.list_(*entries), **keywords), tuple(range(len(sizes))))


def _stacked_entries(entries: list[Source], sizes: list[int]) -> Value:
    """Entries of any common shape side by side: the dimensions of the vector or matrix are the last ones."""
    spread = py.apply("np.broadcast_arrays", *entries)
    if len(sizes) == 1:
        return Value(py.apply("np.stack", spread, axis=py.number(-1)), (BATCH, 0))
    spread = spread.named("entries")
    shape = py.attribute(py.item(spread, py.number(0)), "shape")
    flat = py.apply("np.stack", spread, axis=py.number(-1))
    reshaped = Source("method", "reshape", (flat, Source("star", "", (shape,)), *map(py.number, sizes)))
    return Value(reshaped, (BATCH, *range(len(sizes))))


def _filled(function: str) -> Callable[[Lowering, Node], Value]:
    def lower(lowering: Lowering, node: Node) -> Value:
        keywords = {"dtype": py.name(f"{lowering.dtype}.dtype")} if lowering.dtype else {}
        return Value(py.apply(function, lowering.size(node.data[0]), **keywords), tuple(range(len(node.shape))))

    return lower


def _concat(lowering: Lowering, node: Node) -> Value:
    """np.concatenate of arrays along one of their dimensions."""
    parts = [_in_order(lowering, a) for a in node.args]
    if any(len(dims) > len(a.shape) for a, (_, dims) in zip(node.args, parts, strict=True)):
        raise NotSupported("code for arrays one after the other along a running index")
    keywords = {"axis": py.number(node.data)} if node.data else {}
    return Value(py.apply("np.concatenate", py.list_(*(source for source, _ in parts)), **keywords), tuple(range(len(node.shape))))


def _reshaped(lowering: Lowering, node: Node) -> Value:
    """The columns of a matrix one below the other, and back."""
    source, dims = _in_order(lowering, node.args[0])
    if len(dims) > len(node.args[0].shape):
        raise NotSupported("code for vec along a running index")
    sizes = (py.number(-1),) if node.op == "vec" else tuple(lowering.size(s) for s in node.data)
    shape = sizes[0] if len(sizes) == 1 else py.tuple_(*sizes)
    return Value(py.apply("np.reshape", source, shape, order=py.number('"F"')), tuple(range(len(node.shape))))


def _slice(lowering: Lowering, node: Node) -> Value:
    """x[first : first + length] along one of its dimensions."""
    dimension, first, length = node.data
    source, dims = _in_order(lowering, node.args[0])
    if len(dims) > len(node.shape):
        raise NotSupported("code for a stretch along a running index")
    low = py.number(0) if first.constant == 0 else lowering.size(first)
    places = [*(py.slice_() for _ in range(dimension)), py.slice_(None if first.constant == 0 else low, lowering.size(first + length))]
    return Value(py.item(source, *places), tuple(range(len(node.shape))))


def _matrix_power(lowering: Lowering, node: Node) -> Value:
    source, dims = _in_order(lowering, node.args[0])
    return Value(py.apply("np.linalg.matrix_power", source, py.number(node.data)), dims)


def _trace(lowering: Lowering, node: Node) -> Value:
    body = node.args[0]
    if body.op in {"matmul", "outer", "mul", "neg", "transpose", "diag"}:
        return lowering.product(node)
    source, dims = _in_order(lowering, body)
    if len(dims) > 2:
        raise NotSupported("code for a trace along a running index")
    return Value(py.apply("np.trace", source), ())


def _counted(lowering: Lowering, node: Node) -> Value | None:
    """A sum or mean of an indicator: of the truth values themselves."""
    body, gone = _together(lowering, node)
    unit = body.op == "where" and all(a.op == "number" for a in body.args[1:]) and [a.data for a in body.args[1:]] == [1, 0]
    if body.op != "indicator" and not unit:
        return None
    value = lowering.value(body.args[0])
    places, dims = reduced_places(node, value, gone)
    if not places or value.host:
        return None
    if lowering.leading:
        return Value(call(f"np.{node.op}", value.source, places, value, keep=True), value.dims)
    return Value(call(f"np.{node.op}", value.source, places, value), dims)


def _sum(lowering: Lowering, node: Node) -> Value:
    found = _counted(lowering, node)
    if found is None:
        whole = lowering.batch or lowering.leading or all_but_one(lowering, node) is not None
        found = _reduction("np.sum")(lowering, node) if whole else lowering.product(node)
    return found


METHODS: dict[str, Callable[[Lowering, Node], Value]] = {
    "sum": _sum,
    "prod": _reduction("np.prod"),
    "mean": _mean,
    "variance": _variance,
    "amax": _reduction("np.max"),
    "amin": _reduction("np.min"),
    "argmax": _reduction("np.argmax"),
    "argmin": _reduction("np.argmin"),
    "median": _reduction("np.median"),
    "transpose": _transpose,
    "inverse": _on_matrices,
    "pinv": _on_matrices,
    "solve": _on_matrices,
    "lstsq": _on_matrices,
    "det": _on_matrices,
    "logdet": _on_matrices,
    "kron": _on_matrices,
    "polarfactor": _on_matrices,
    "leadingpair": _on_matrices,
    "eigmax": _on_matrices,
    "eigmin": _on_matrices,
    "leadingeigen": _on_matrices,
    "trailingeigen": _on_matrices,
    "diag": _on_matrices,
    "diagonal": _on_matrices,
    "cumsum": _on_matrices,
    "sort": _on_matrices,
    "ridge": _ridge,
    "norm": _norm,
    "array": _array,
    "identity": _filled("np.eye"),
    "ones": _filled("np.ones"),
    "matrix_power": _matrix_power,
    "concat": _concat,
    "slice": _slice,
    "vec": _reshaped,
    "unvec": _reshaped,
    "trace": _trace,
}
