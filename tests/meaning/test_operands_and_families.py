"""What ∇ takes, powers and arrays that are defined, families by a running subscript, lines that failed: how they are read."""

from __future__ import annotations

import pytest

from derive.errors import AmbiguousInput, DeriveError, NotSupported, Undetermined
from derive.expressions.plain import plain
from derive.meaning import read
from derive.meaning.broken import broken_names
from derive.meaning.scope import Reading, Scope

Lines = tuple[str, ...]


def reading_of(lines: Lines) -> Reading:
    scope = Scope()
    for place, line in enumerate(lines, 1):
        reading, scope = read(line, scope, line=place)
    return reading


OPERANDS = [
    ((r"\nabla_x x^\top A x",), "grad x^T A x wrt x"),
    ((r"\nabla^2_x x^\top A x",), "hessian x^T A x wrt x"),
    (("b in R^n", r"\nabla_x b^\top x"), "grad b^T x wrt x"),
    (("a, x in R^n", r"\nabla_x a \cdot x"), "grad <a, x> wrt x"),
    (("x in R^n", "f(x) = A x", r"\nabla_x f(x)^\top f(x)"), "grad f(x)^T f(x) wrt x"),
    ((r"\nabla f(x)^\top (y - x)",), "(grad f(x))^T (y - x)"),
    (("x, v in R^n", "L = x^T x", r"\nabla_x L^\top v"), "(grad L wrt x)^T v"),
    ((r"\nabla_a C \odot \sigma'(z)",), "(grad C wrt a) .* sigmoid'(z)"),
    ((r"\nabla^2 f(x) v",), "(hessian f(x)) v"),
    (("x in R^n", r"W in R^{m x n}", r"\frac{\partial}{\partial x^\top} \tanh(W x)"), "∂/∂(x^T) tanh(W x)"),
]


@pytest.mark.parametrize(("lines", "expected"), OPERANDS)
def test_nabla_takes_its_operand_as_a_derivative_does(lines: Lines, expected: str) -> None:
    assert plain(reading_of(lines).term) == expected


EXPANDED = [
    (("s^2 = x + 1", "s^2 + s^4"), "(x + 1) + (x + 1)^2"),
    (("s^2 = x + 1", "1/s"), "1/sqrt(x + 1)"),
    (("A in R^{n x n}", "x in R^n", "A^2 = A", "A x"), "A x"),
    (("x_i in R^d", r"K_{ij} = x_i^\top x_j", "K_{12}"), "x_1^T x_2"),
    ((r"p_i = e^{z_i}", r"p_j"), "e^(z_j)"),
    (("y_t in R^d", r"h_t = 2 y_t", r"\sum_{t=1}^T \|h_t\|^2"), "sum_{t=1}^T ||2 y_t||_2^2"),
    (("x in R^n", "sum(x^2)"), "sum(x.^2)"),
    (("w_i in R^d", "c_j in R^d", r"\sum_{i,j} f_{ij} (w_i^\top c_j + b_i)^2"), "sum_i sum_j f_{ij} (w_i^T c_j + b_i)^2"),
    (("A in R^{n x n}", "A_{12} tr(A)"), "A_{12} tr(A)"),
    (("Q, K in R^{n x d}", "tr(log softmax(Q K^T))"), "tr(log(softmax(Q K^T)))"),
    (("A in R^{m x n}", "B in R^{p x q}", "z in R^{m p}", "y in R^{n q}", r"z^\top (A \otimes B) y"), "z^T kron(A, B) y"),
]


@pytest.mark.parametrize(("lines", "expected"), EXPANDED)
def test_definitions_of_powers_arrays_and_families(lines: Lines, expected: str) -> None:
    assert plain(reading_of(lines).expanded) == expected


REFUSED: list[tuple[Lines, type[DeriveError], str]] = [
    ((r"\sum_{i=1}^n x_i^2 + x_i",), AmbiguousInput, "does the sum take what follows"),
    ((r"f = -\sum_{i=1}^n y_i \log x_i + (1 - y_i) \log(1 - x_i)",), AmbiguousInput, "does the sum take what follows"),
    ((r"\nabla_x x'Ax",), AmbiguousInput, "the transpose of x"),
    ((r"\frac{\partial}{\partial w_j} \sum_{i=1}^n (y_i - w^\top x_i)^2 + \lambda \|w\|^2",), AmbiguousInput, "does it take the whole sum"),
    ((r"\frac{\partial}{\partial x_k} (x y)",), Undetermined, "x_k does not occur"),
    (("P, X in R^{n x n}", "P^2 = X X^T", "grad tr(P X) wrt X"), Undetermined, "P is tied to X"),
    (("y_t in R^d", r"h_t = \tanh(W h_{t-1})", r"\sum_{t=1}^T \|h_t - y_t\|^2"), NotSupported, "a recursion is not unrolled"),
]


@pytest.mark.parametrize(("lines", "error", "words"), REFUSED)
def test_two_readings_or_none_are_refused(lines: Lines, error: type[DeriveError], words: str) -> None:
    with pytest.raises(error, match=words):
        reading_of(lines)


NAMES = [
    ("s^2 = mean((x", ["s^2"]),
    (r"\hat y = x +* 2", ["hat(y)"]),
    ("f(x) = x +* 2", ["f"]),
    (r"\begin{aligned} c_t &= f +* x \\ h_t &= c_t^2 \end{aligned}", ["c_t", "h_t"]),
    ("x^2 + y^2 = 1 +* 2", []),
    ("grad L wrt x", []),
]


@pytest.mark.parametrize(("line", "names"), NAMES)
def test_names_that_a_broken_line_would_have_defined(line: str, names: list[str]) -> None:
    assert [name.key for name in broken_names(line)] == names
