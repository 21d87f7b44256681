"""The table of operations: what each says in NumPy has the value that its reference gives, within its bounds."""

from __future__ import annotations

import math

import pytest

from derive.graph.evaluate import evaluate
from derive.graph.graph import Graph, Nodes
from derive.graph.node import ArgumentType, Bounds
from derive.graph.operations import OPERATIONS, Undefined
from derive.graph.validate import validate
from derive.translation.lower import Lowering
from derive.translation.run import run
from derive.translation.source import text

NAMES = ("x", "y", "z")
ARITY = {
    **dict.fromkeys(
        ("add", "mul", "div", "pow", "maximum", "minimum", "mod", "hypot", "atan2", "beta", "log_beta", "binomial", "log_binomial"), 2
    ),
    **dict.fromkeys(("rising", "xlogy", "xlog1py", "rel_entr", "logaddexp", "leaky_relu", "elu", "celu", "swish"), 2),
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), 2),
    "clip": 3,
}
POINTS = (-2.3, -1.0, -0.4, -1e-9, 0.0, 1e-9, 0.3, 0.5, 1.0, 1.7, 2.5, 30.0)
SECOND, THIRD = 0.75, 1.5
LAWS = ("student_quantile", "chisquared_quantile", "gamma_cdf", "gamma_tail", "beta_cdf", "student_cdf")  # in test_graph_quantiles
# Not of numbers alone: truth values, whole numbers, indices.
LEFT_OUT = frozenset(("and", "or", "not", "indicator", "delta", "gcd", "polygamma", "re", "im", *LAWS))
TESTED = sorted(name for name, operation in OPERATIONS.items() if operation.elementwise and name not in LEFT_OUT)
# Where NumPy loses digits by itself, or has a convention of its own.
LOOSE = {
    "tanhshrink": 1e-6,
    "digamma": 1e-8,
    "trigamma": 1e-8,
    "gamma": 1e-11,
    "loggamma": 1e-7,
    "log_beta": 1e-7,
    "beta": 1e-8,
    "binomial": 1e-9,
    "rising": 1e-7,
}
SKIPPED = (
    {("zeta", x) for x in POINTS if x <= 1} | {("loggamma", x) for x in POINTS if x <= 0} | {("log_beta", x) for x in POINTS if x <= 0}
)
SKIPPED |= {("log_binomial", x) for x in POINTS if x <= 0} | {("binomial", x) for x in POINTS if x <= 0}


@pytest.mark.parametrize("name", TESTED)
def test_numpy_agrees_with_the_reference(name: str) -> None:
    nodes = Nodes()
    arguments = [nodes.argument(ArgumentType(key)) for key in NAMES[: ARITY.get(name, 1)]]
    root = nodes.make(name, *arguments)
    graph = Graph(nodes, (("", root),))
    validate(graph)
    source = text(Lowering(graph, {key: key for key in NAMES}, {}, None).output(root))
    module = f"import math\nimport numpy as np\nfrom scipy import special\n\ndef f(x, y, z):\n    return {source}\n"
    grid = ("array", "float64", (len(POINTS),), list(POINTS))
    outcome = run(module, "f", [{"x": grid, "y": SECOND, "z": THIRD}])
    assert outcome.reason == ""
    assert outcome.results[0].error == ""
    compared = 0
    for x, got in zip(POINTS, outcome.results[0].value, strict=True):
        if (name, x) in SKIPPED:
            continue
        try:
            wanted = float(evaluate(root, {"x": x, "y": SECOND, "z": THIRD}, bits=1200))
        except Undefined:
            continue
        compared += 1
        if math.isinf(wanted):
            assert got == wanted
        else:
            assert got == pytest.approx(wanted, rel=LOOSE.get(name, 1e-12), abs=1e-300 if name not in LOOSE else 1e-12)
        assert root.bounds.low <= wanted <= root.bounds.high
    assert compared


@pytest.mark.parametrize("name", [n for n in TESTED if OPERATIONS[n].bounds is not None and ARITY.get(n, 1) == 1])
@pytest.mark.parametrize(("low", "high"), [(0.1, 0.9), (-0.9, -0.1), (0.5, 3.0), (-3.0, 3.0)])
def test_bounds_hold_the_values(name: str, low: float, high: float) -> None:
    nodes = Nodes()
    root = nodes.make(name, nodes.argument(ArgumentType("x", bounds=Bounds(low, high))))
    for k in range(9):
        x = low + (high - low) * k / 8
        try:
            value = float(evaluate(root, {"x": x}))
        except Undefined:
            continue
        assert root.bounds.low - 1e-12 <= value <= root.bounds.high + 1e-12
        assert value > 0 or not root.bounds.positive


def test_every_operation_is_complete() -> None:
    for name, operation in OPERATIONS.items():
        assert operation.name == name
        assert callable(operation.shape) and callable(operation.evaluate)
