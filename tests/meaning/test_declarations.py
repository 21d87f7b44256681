"""Declarations, definitions, facts: what they add to the scope, and which contradictions are named."""

from __future__ import annotations

import pytest

from derive.errors import InconsistentInput
from derive.expressions.term import Name, number
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.meaning.sizes import size_text


def declared(*lines: str) -> Scope:
    scope = Scope()
    for place, line in enumerate(lines, 1):
        _, scope = read(line, scope, line=place)
    return scope


SHAPES = [
    ("x in R", "x", []),
    ("x in R^n", "x", ["n"]),
    ("A in R^{m x n}", "A", ["m", "n"]),
    (r"A \in \mathbb{R}^{m \times n}", "A", ["m", "n"]),
    ("T in R^{a x b x c}", "T", ["a", "b", "c"]),
    (r"C \in \mathbb{S}^m", "C", ["m", "m"]),
    ("A in R^{3 x 3}", "A", ["3", "3"]),
    ("p in Delta^K", "p", ["K"]),
    ("y in {0, 1}^n", "y", ["n"]),
    (r"x_i \in \mathbb{R}^d", "x", ["?", "d"]),
]


@pytest.mark.parametrize(("line", "name", "shape"), SHAPES)
def test_shapes(line: str, name: str, shape: list[str]) -> None:
    kind = declared(line).declarations[Name(name)].type
    assert [size_text(s) for s in kind.shape] == shape


@pytest.mark.parametrize("line", ["lambda > 0", r"\lambda > 0", "λ > 0"])
def test_a_positive_scalar(line: str) -> None:
    kind = declared(line).declarations[Name("lambda")].type
    assert kind.lower is not None
    assert kind.lower.value == number(0)
    assert kind.lower.strict


def test_both_bounds() -> None:
    kind = declared("0 < p < 1").declarations[Name("p")].type
    assert kind.lower is not None
    assert kind.upper is not None
    assert (kind.lower.value, kind.upper.value) == (number(0), number(1))


def test_several_declarations_on_a_line() -> None:
    scope = declared(r"a, x_0 \in \mathbb{R}^n,\; b \in \mathbb{R}")
    assert [len(scope.declarations[Name.from_key(k)].type.shape) for k in ("a", "x_0", "b")] == [1, 1, 0]


@pytest.mark.parametrize("line", ["A symmetric", r"A \text{ is symmetric}", "A in S^n", "A is symmetric"])
def test_properties(line: str) -> None:
    assert "symmetric" in declared(line).declarations[Name("A")].type.properties


def test_positive_definite() -> None:
    for line in (r"\Sigma \succ 0", "Sigma in S^n_{++}"):
        assert "positive-definite" in declared(line).declarations[Name("Sigma")].type.properties


def test_definitions() -> None:
    scope = declared("f(x, y) := x^2 + y", "L = a^2", r"\hat\beta = b + 1")
    assert scope.definitions[Name("f")].parameters == (Name("x"), Name("y"))
    assert set(scope.definitions) == {Name("f"), Name("L"), Name("beta", accents=("hat",))}


@pytest.mark.parametrize(
    "line",
    ["X ~ Normal(mu, sigma^2)", r"X \sim \mathcal{N}(\mu, \sigma^2)", "X_1, ..., X_n iid ~ Bernoulli(p)", "X | theta ~ Binomial(n, theta)",
     "E[X] = mu", "Var(X) = s^2", "X indep Y", "P(+|D) = 0.99"],
)  # fmt: skip
def test_facts_are_kept(line: str) -> None:
    assert len(declared(line).facts) == 1


def test_a_mismatch_names_both_shapes() -> None:
    with pytest.raises(InconsistentInput) as caught:
        declared("A in R^{m x n}", "x in R^k", "A x")
    assert caught.value.message == "A x: A is m × n and x has length k; n = k is needed"
    assert caught.value.span == (0, 3)


def test_a_circle_of_definitions_is_named() -> None:
    with pytest.raises(InconsistentInput, match="circle: a → b → a"):
        declared("a = b + 1", "b = a + 1", "a^2")


def test_inferred_shapes_are_said() -> None:
    reading, _ = read("grad ||A x - b||^2 wrt x")
    said = ["".join(p if isinstance(p, str) else p.data.key for p in note) for note in reading.notes]
    assert any(s.startswith("inferred: ") and "A ∈ ℝ^(" in s for s in said)
    shapes = {n.key: len(t.shape) for n, t in reading.types.items() if t.shape}
    assert shapes == {"A": 2, "x": 1, "b": 1}
