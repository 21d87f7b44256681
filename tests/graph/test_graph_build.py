"""Terms become graphs with the right types, and the reference evaluation gives their value."""

from __future__ import annotations

import math

import pytest

from derive.errors import NotSupported, Refusal, TooLarge, Undetermined
from derive.graph.build import build
from derive.graph.evaluate import TooCostly, evaluate
from derive.graph.graph import Graph, Nodes
from derive.graph.node import Node
from derive.graph.operations import Undefined
from derive.graph.text import text
from derive.graph.validate import InvalidGraph, validate
from derive.meaning import read
from derive.meaning.scope import Scope


def graph_of(lines: str) -> Graph:
    scope = Scope()
    for number, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=number)
    graph = build(reading.expanded, reading.types)
    validate(graph)
    return graph


x = [1.0, 2.0, 4.0]
A = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
S = [[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]]
n3 = {"n": 3, "m": 2}
VALUES = [
    ("x in R^n ;; sum_{i=1}^n x_i^2 + 1", {"x": x}, 22.0),
    ("x in R^n ;; sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", {"x": x}, 5.0),
    ("x in R^n ;; sum_{i=1}^n i x_i", {"x": x}, 17.0),
    ("x in R^n ;; prod_{i=1}^n x_i", {"x": x}, 8.0),
    ("x in R^n ;; x_j", {"x": x, "j": 2}, 4.0),
    ("x in R^n ;; x_{j+1}", {"x": x, "j": 1}, 4.0),
    ("x in R^n ;; sum_{i \\ne j} x_i", {"x": x, "j": 0}, 6.0),
    ("A in R^{m x n} ;; x in R^n ;; A x", {"A": A, "x": x}, [17.0, 38.0]),
    ("A in R^{m x n} ;; A^T A", {"A": A}, [[17.0, 22.0, 27.0], [22.0, 29.0, 36.0], [27.0, 36.0, 45.0]]),
    ("x in R^n ;; x^T x", {"x": x}, 21.0),
    ("x in R^n ;; x x^T", {"x": x}, [[1.0, 2.0, 4.0], [2.0, 4.0, 8.0], [4.0, 8.0, 16.0]]),
    ("x in R^n ;; ||x||_1", {"x": x}, 7.0),
    ("x in R^n ;; ||x||_\\infty", {"x": x}, 4.0),
    ("S in R^{n x n} ;; det S", {"S": S}, 8.0),
    ("S in R^{n x n} ;; tr(S)", {"S": S}, 7.0),
    ("S in R^{n x n} ;; x in R^n ;; S^{-1} x", {"S": S, "x": [3.0, 5.0, 3.0]}, [1.0, 1.0, 1.0]),
    ("S in R^{n x n} ;; S - 2 I", {"S": S}, [[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]),
    ("[[1, 2], [3, 4]] [[0, 1], [1, 0]]", {}, [[2.0, 1.0], [4.0, 3.0]]),
    ("\\begin{pmatrix} 1 & 1 \\\\ 1 & 0 \\end{pmatrix}^{10}", {}, [[89.0, 55.0], [55.0, 34.0]]),
    ("\\sum_{i=1}^{5} i^2", {}, 55.0),
    ("x in R^n ;; softmax(x)_j", {"x": [0.0, 0.0, 0.0], "j": 1}, 1 / 3),
    ("max(x, y, 0)", {"x": -1.0, "y": -2.0}, 0.0),
    ("\\begin{cases} x & x > 0 \\\\ 2 x & \\text{otherwise} \\end{cases}", {"x": -1.0}, -2.0),
    ("z in R^{n x K} ;; y in {1..K}^n ;; \\sum_{i=1}^n z_{i,y_i}", {"z": A, "y": [2, 0]}, 7.0),
    ("x in R^n ;; y in R^m ;; D_{ij} = (x_i - y_j)^2", {"x": x, "y": [0.0, 1.0]}, [[1.0, 0.0], [4.0, 1.0], [16.0, 9.0]]),
    ("p log(p)", {"p": 0.0}, 0.0),
]


def flat(value: object) -> list[float]:
    return [entry for part in value for entry in flat(part)] if isinstance(value, list) else [float(value)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("lines", "arguments", "value"), VALUES, ids=[lines for lines, _, _ in VALUES])
def test_value(lines: str, arguments: dict[str, object], value: object) -> None:
    graph = graph_of(lines)
    sizes = {"n": 3, "m": 2, "K": 3} if "z" not in arguments else {"n": 2, "K": 3}
    got = evaluate(graph.roots[0], arguments, sizes)
    assert flat(got) == pytest.approx(flat(value))


TYPES = [
    ("A in R^{m x n} ;; x in R^n ;; A x", ("m",)),
    ("A in R^{m x n} ;; x in R^n ;; x^T A^T", ("m",)),
    ("A in R^{m x n} ;; B in R^{n x k} ;; A B", ("m", "k")),
    ("x_i in R^d ;; w in R^d ;; \\sum_{i=1}^n x_i^T w", ()),
    ("x_i in R^d ;; \\sum_{i=1}^n x_i x_i^T", ("d", "d")),
    ("x in R^n ;; sin(x)", ("n",)),
]


@pytest.mark.parametrize(("lines", "shape"), TYPES)
def test_shape(lines: str, shape: tuple[str, ...]) -> None:
    assert tuple(size.text() for size in graph_of(lines).roots[0].shape) == shape


REFUSED = [
    ("f: R -> R ;; f(x)", NotSupported, "undefined function"),
    ("\\sum_{t=0}^{\\infty} \\gamma^t r", NotSupported, "infinite"),
    ("\\sum_{i=1}^{10^{12}} i", Refusal, "too long"),
    ("E[X]", NotSupported, "probabilities"),
    ("\\int_0^1 x^2 \\, dx", NotSupported, "integral"),
]


@pytest.mark.parametrize(("lines", "error", "words"), REFUSED)
def test_refused_by_name(lines: str, error: type[Refusal], words: str) -> None:
    with pytest.raises(error, match=words):
        graph_of(lines)


def test_equal_nodes_are_shared() -> None:
    graph = graph_of("sin(x)^2 + sin(x)^2 + sin(x)")
    sines = [node for node in _walk(graph.roots[0]) if node.op == "sin"]
    assert len(set(map(id, sines))) == 1


def _walk(node: Node) -> list[Node]:
    return [node, *(n for a in node.args for n in _walk(a))]


def test_normal_form() -> None:
    nodes = Nodes()
    a, b = nodes.constant("pi"), nodes.constant("e")
    assert text(nodes.add(a, nodes.add(b, nodes.number(1)), nodes.number(2))) == "add(pi, e, 3)"
    assert text(nodes.mul(a, nodes.neg(nodes.mul(nodes.number(2), b)))) == "neg(mul(2, pi, e))"
    assert text(nodes.mul(a, a)) == "pow(pi, 2)"
    assert nodes.neg(nodes.neg(a)) is a
    assert text(nodes.pow(a, nodes.number(-2))) == "div(1, pow(pi, 2))"
    assert nodes.div(nodes.mul(nodes.number(2), a), nodes.number(2)) is a


def test_the_validator_sees_a_foreign_node() -> None:
    nodes = Nodes()
    own = nodes.constant("pi")
    foreign = Node("sin", (own,), None, (), (), own.bounds, 99)
    with pytest.raises(InvalidGraph):
        validate(Graph(nodes, (("", foreign),)))
    with pytest.raises(InvalidGraph):
        validate(Graph(nodes, (("", Node("nonsense", (), None, (), (), own.bounds, 0)),)))


def test_undefined_values() -> None:
    root = graph_of("log(x)").roots[0]
    with pytest.raises(Undefined):
        evaluate(root, {"x": -1.0})
    assert evaluate(root, {"x": 0.0}) == -math.inf
    with pytest.raises(Undefined):
        evaluate(graph_of("1/x").roots[0], {"x": 0.0})


def test_bounds_on_size() -> None:
    with pytest.raises(TooLarge):
        graph_of("x^{100000}")
    with pytest.raises(TooCostly):
        evaluate(graph_of("\\sum_{i=1}^{400000} \\sin(i)").roots[0], {})


def test_a_number_has_no_softmax() -> None:
    from derive.expressions.term import call_name, number

    with pytest.raises(Undetermined):
        build(call_name("softmax", number(1)), {})


@pytest.mark.parametrize("line", ["10^{10^{10}}", "2^{5000}", "x^{10^{9}} + 3^{10^{9}}"])
def test_large_powers_are_refused(line: str) -> None:
    with pytest.raises(TooLarge):
        graph_of(line)
