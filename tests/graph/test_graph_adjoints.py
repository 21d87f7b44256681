"""Every adjoint against differences of the reference value: entrywise operations one by one, operations of arrays in small graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from derive.graph.calculus.adjoints import ADJOINTS
from derive.graph.calculus.adjoints.functions import SLOPES
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.linear import coefficient
from derive.graph.calculus.reverse import gradient
from derive.graph.evaluate import context, evaluate
from derive.graph.graph import Nodes
from derive.graph.node import ArgumentType, Axis, Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ONE, ZERO, constant_size

POINTS: dict[str, tuple[str, ...]] = {
    "acosh": ("1.7", "2.3"),
    "clip": ("0.3", "-0.5", "0.8"),
    "pow": ("1.3", "0.7"),
    "gamma": ("1.3", "2.4"),
}
THREE, TWO = constant_size(3), constant_size(2)
MATRIX = [[1.5, 0.25], [-0.5, 2.25]]
TALL = [[0.5, -1.25], [1.0, 0.75], [-0.25, 2.0]]
VECTOR = [0.75, -1.5]


def arity(op: str) -> int:
    return {"celu": 2, "elu": 2, "leaky_relu": 2, "swish": 2, "clip": 3}.get(op, len(SLOPES[op]))


def varied(op: str) -> range:
    """The arguments that have a derivative."""
    return range(1) if op in {"celu", "elu", "clip"} else range(arity(op))


@pytest.mark.parametrize("op", sorted(SLOPES))
@pytest.mark.parametrize("which", [0, 1])
def test_the_slope_of_an_entrywise_operation(op: str, which: int) -> None:
    a = Algebra(Nodes())
    names = "xyz"[: arity(op)]
    arguments = [a.nodes.argument(ArgumentType(name)) for name in names]
    node = a.nodes.make(op, *arguments)
    start = POINTS.get(op, ("0.4", "0.7"))
    c = context(200)
    point = {name: c.mpf(start[k % len(start)]) + c.mpf(which) / 10 for k, name in enumerate(names)}
    places = list(varied(op))
    found = gradient(a, node, [arguments[k] for k in places])
    h = c.mpf(2) ** -50
    for place, slope in zip(places, found, strict=True):
        name = names[place]
        ahead = evaluate(node, {**point, name: point[name] + h}, bits=200)
        behind = evaluate(node, {**point, name: point[name] - h}, bits=200)
        value = evaluate(slope, point, bits=200) if slope is not None else 0
        assert abs(value - (ahead - behind) / (2 * h)) < 1e-12 * (1 + abs(value))


def inputs(a: Algebra) -> dict[str, Node]:
    shapes = {"A": (TWO, TWO), "T": (THREE, TWO), "x": (TWO,), "s": ()}
    return {key: a.nodes.argument(ArgumentType(key), shape) for key, shape in shapes.items()}


VALUES: dict[str, Any] = {"A": MATRIX, "T": TALL, "x": VECTOR, "s": 0.75}
I = Axis("i", ONE, TWO)


def row(a: Algebra, matrix: Node) -> Node:
    return a.nodes.make("element", matrix, data=(("run", I, ZERO), ("all",)))


GRAPHS: dict[str, Callable[[Algebra, dict[str, Node]], Node]] = {
    "nuclear norm": lambda a, v: a.nodes.make("norm", a.nodes.make("matmul", v["T"], v["A"]), data="*"),
    "spectral norm": lambda a, v: a.nodes.make("norm", a.nodes.make("matmul", v["T"], v["A"]), data="2"),
    "dot": lambda a, v: a.nodes.make("matmul", v["x"], v["x"]),
    "matrix and vector": lambda a, v: a.nodes.make("norm", a.nodes.make("matmul", v["T"], v["x"]), data="2"),
    "vector and matrix": lambda a, v: a.nodes.make("norm", a.nodes.make("matmul", v["x"], v["A"]), data="2"),
    "matrix and matrix": lambda a, v: a.nodes.make("norm", a.nodes.make("matmul", v["T"], v["A"]), data="F"),
    "transpose": lambda a, v: a.nodes.make(
        "trace", a.nodes.make("matmul", v["A"], a.nodes.make("matmul", a.nodes.make("transpose", v["T"]), v["T"]))
    ),
    "outer": lambda a, v: a.nodes.make(
        "det", a.nodes.add(v["A"], a.nodes.make("outer", v["x"], a.nodes.make("matmul", v["A"], v["x"])))
    ),
    "inverse": lambda a, v: a.nodes.make("trace", a.nodes.make("matmul", a.nodes.make("inverse", v["A"]), v["A"])),
    "inverse form": lambda a, v: a.nodes.make("matmul", v["x"], a.nodes.make("matmul", a.nodes.make("inverse", v["A"]), v["x"])),
    "determinant": lambda a, v: a.nodes.make("det", v["A"]),
    "log-determinant": lambda a, v: a.nodes.make("logdet", v["A"]),
    "trace of power": lambda a, v: a.nodes.make("trace", a.nodes.make("matrix_power", v["A"], data=4)),
    "power": lambda a, v: a.nodes.make("norm", a.nodes.make("matrix_power", v["A"], data=3), data="F"),
    "diagonal": lambda a, v: a.nodes.make("norm", a.nodes.make("diagonal", v["A"]), data="2"),
    "diagonal matrix": lambda a, v: a.nodes.make("det", a.nodes.add(v["A"], a.nodes.make("diag", v["x"]))),
    "sum": lambda a, v: a.nodes.make("sum", a.nodes.make("exp", v["T"]), data="all"),
    "sum of rows": lambda a, v: a.nodes.make("norm", a.nodes.make("sum", a.nodes.make("exp", v["T"]), data="last"), data="2"),
    "mean": lambda a, v: a.nodes.make("mean", a.nodes.make("exp", v["T"]), data="all"),
    "mean of rows": lambda a, v: a.nodes.make("norm", a.nodes.make("mean", a.nodes.make("exp", v["T"]), data="last"), data="2"),
    "variance": lambda a, v: a.nodes.make("variance", v["x"], data="last"),
    "product": lambda a, v: a.nodes.make("prod", v["x"], data="last"),
    "largest": lambda a, v: a.nodes.make("amax", v["x"], data="all"),
    "largest of rows": lambda a, v: a.nodes.make("norm", a.nodes.make("amax", v["T"], data="last"), data="2"),
    "smallest": lambda a, v: a.nodes.make("amin", v["T"], data="all"),
    "softmax": lambda a, v: a.nodes.make("matmul", v["x"], a.nodes.make("softmax", v["x"], data="last")),
    "softmax of rows": lambda a, v: a.nodes.make("norm", a.nodes.make("softmax", v["T"], data="last"), data="F"),
    "log-softmax": lambda a, v: a.nodes.make("matmul", v["x"], a.nodes.make("log_softmax", v["x"], data="last")),
    "log-softmax of rows": lambda a, v: a.nodes.make("norm", a.nodes.make("log_softmax", v["T"], data="last"), data="F"),
    "log-sum-exp": lambda a, v: a.nodes.make("logsumexp", v["x"], data="all"),
    "log-sum-exp of rows": lambda a, v: a.nodes.make("norm", a.nodes.make("logsumexp", v["T"], data="last"), data="2"),
    "1-norm": lambda a, v: a.nodes.make("norm", v["x"], data="1"),
    "largest size": lambda a, v: a.nodes.make("norm", v["x"], data="inf"),
    "p-norm": lambda a, v: a.nodes.make("norm", v["x"], a.nodes.number(3), data="p"),
    "broadcast scalar": lambda a, v: a.nodes.make("norm", a.nodes.add(v["T"], v["s"]), data="F"),
    "scaled": lambda a, v: a.nodes.make("logdet", a.nodes.add(a.nodes.mul(v["s"], v["A"]), a.identity(TWO))),
    "literal": lambda a, v: a.nodes.make(
        "norm", a.nodes.make("array", v["s"], a.nodes.make("exp", v["s"]), data=(TWO,)), data="2"
    ),
    "rows": lambda a, v: a.nodes.make(
        "sum", a.nodes.make("exp", a.nodes.make("matmul", row(a, v["A"]), v["x"])), data=I
    ),
    "a row beside a sum": lambda a, v: a.nodes.make(
        "prod", a.nodes.add(a.nodes.make("matmul", row(a, v["A"]), row(a, v["A"])), a.nodes.make("matmul", v["x"], v["x"])), data=I
    ),
    "choice": lambda a, v: a.nodes.make(
        "sum",
        a.nodes.make("where", a.nodes.make("greater", v["x"], a.nodes.number(0)), a.nodes.make("exp", v["x"]), a.nodes.mul(v["s"], v["x"])),
        data="all",
    ),
}  # fmt: skip


def flat(value: Any) -> list[Any]:
    return [x for part in value for x in flat(part)] if isinstance(value, list) else [value]


def moved(value: Any, place: int, h: Any, c: Any) -> Any:
    """The nested lists with one entry changed."""
    if not isinstance(value, list):
        return c.mpf(value) + h
    count = len(flat(value[0]))
    return [moved(v, place % count, h, c) if k == place // count else v for k, v in enumerate(value)]


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_the_gradient_of_a_small_graph(name: str) -> None:
    a = Algebra(Nodes())
    arguments = inputs(a)
    output = GRAPHS[name](a, arguments)
    c = context(200)
    h = c.mpf(2) ** -50
    found = gradient(a, output, list(arguments.values()))
    for key, slope in zip(arguments, found, strict=True):
        entries = flat(VALUES[key])
        made = flat(evaluate(slope, VALUES, bits=200)) if slope is not None else [0] * len(entries)
        assert len(made) == len(entries)
        for place, value in enumerate(made):
            ahead = evaluate(output, {**VALUES, key: moved(VALUES[key], place, h, c)}, bits=200)
            behind = evaluate(output, {**VALUES, key: moved(VALUES[key], place, -h, c)}, bits=200)
            assert abs(value - (ahead - behind) / (2 * h)) < 1e-12 * (1 + abs(value)), (key, place)


def test_every_operation_with_an_adjoint_is_in_the_table_of_operations() -> None:
    assert set(ADJOINTS) <= set(OPERATIONS)


def test_the_matrix_of_a_linear_form() -> None:
    a = Algebra(Nodes())
    v = inputs(a)
    u = a.nodes.argument(ArgumentType("u"), (TWO,))
    form = a.add(a.matmul(v["A"], u), a.mul(a.matmul(v["x"], u), v["x"]), a.mul(v["x"], u))
    matrix = coefficient(a, form, u)
    given = {**VALUES, "u": [0.5, -2.0]}
    rows = evaluate(matrix, given, bits=200)
    product = [sum(m * w for m, w in zip(r, given["u"], strict=True)) for r in rows]
    assert all(abs(p - f) < 1e-30 for p, f in zip(product, evaluate(form, given, bits=200), strict=True))
