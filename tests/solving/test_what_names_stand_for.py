"""Entries of arrays, families, powers and arrays that are defined, operands of ∇: the emitted code against differences of NumPy functions
that were written by hand. Every row was once, or would be, answered by a gradient with a part missing and nothing said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive.expressions.term import Term
from derive.presenting.mathematics import inline_of
from derive.report import Report
from derive.session import Session
from derive.solving import array_entries

Lines = tuple[str, ...]
Inputs = dict[str, Any]


def report_of(lines: Lines) -> Report:
    reports, _ = Session().run_all(lines)
    return reports[-1]


def slope(function: Callable[..., Any], inputs: Inputs, name: str, place: tuple[int, ...] | None = None) -> Any:
    """The derivative by one argument, entry by entry, by central differences; of one entry or row where `place` says which."""
    x = np.asarray(inputs[name], dtype=float)
    h = 1e-6
    found = []
    for at in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[at] += h
        down[at] -= h
        found.append((np.asarray(function(**{**inputs, name: up})) - np.asarray(function(**{**inputs, name: down}))) / (2 * h))
    whole = np.moveaxis(np.array(found).reshape(*x.shape, *found[0].shape), range(x.ndim), range(-x.ndim, 0)) if x.shape else found[0]
    return whole if place is None else whole[place]


def draw(**shapes: tuple[int, ...]) -> Inputs:
    rng = np.random.default_rng(5)
    return {name: rng.uniform(0.4, 1.4, size=shape) if shape else float(rng.uniform(0.4, 1.4)) for name, shape in shapes.items()}


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def batch_norm(x: Any, g: Any, gamma: float, epsilon: float) -> Any:
    return np.sum(g * gamma * (x - x.mean()) / np.sqrt(x.var() + epsilon))


# lines, the function, its arguments, the variable, the free indices of the task (from 0) and the place of the derivative they stand for
ROWS: list[tuple[str, Lines, Callable[..., Any], Inputs, str, Inputs, tuple[int, ...] | None]] = [
    # an entry of an array whose shape the line shows
    ("quadratic form", (r"\frac{\partial}{\partial x_k} x^\top A x",), lambda x, A: x @ A @ x, draw(x=(3,), A=(3, 3)), "x", {"k": 1}, (1,)),
    (
        "least mean squares",
        (r"\frac{\partial}{\partial \theta_j} \frac{1}{2m}\sum_{i=1}^m (\theta^\top x_i - y_i)^2",),
        lambda theta, x, y: np.sum((x @ theta - y) ** 2) / (2 * len(y)),
        draw(theta=(3,), x=(4, 3), y=(4,)), "theta", {"j": 2}, (2,),
    ),
    ("norm", (r"\frac{\partial}{\partial x_k} \|x\|_2",), lambda x: np.linalg.norm(x), draw(x=(3,)), "x", {"k": 0}, (0,)),
    (
        "logistic", (r"\frac{\partial}{\partial w_j} \sigma(w^\top x + b)",),
        lambda w, x, b: sigmoid(w @ x + b), draw(w=(3,), x=(3,), b=()), "w", {"j": 1}, (1,),
    ),
    (
        "entry of a matrix",
        ("W in R^{m x n}", "x in R^n", "y in R^m", "L = 1/2 ||W x - y||^2", r"\frac{\partial L}{\partial W_{ij}}"),
        lambda W, x, y: 0.5 * np.sum((W @ x - y) ** 2), draw(W=(2, 3), x=(3,), y=(2,)), "W", {"i": 1, "j": 2}, (1, 2),
    ),
    (
        "row of a matrix",
        ("u_i in R^k", "v_j in R^k", r"L = \sum_{i=1}^n\sum_{j=1}^m (r_{ij} - u_i^\top v_j)^2", "grad L wrt u_i"),
        lambda r, u, v: np.sum((r - u @ v.T) ** 2), draw(r=(4, 3), u=(4, 2), v=(3, 2)), "u", {"i": 2}, (2,),
    ),
    ("entries beside a norm", (r"\nabla_x \left( \|x\|_2^2 + x_1 x_2 \right)",), lambda x: x @ x + x[0] * x[1], draw(x=(4,)), "x", {}, None),
    ("in a definition", ("f = x_1 x_2", "grad ||x||^2 + f wrt x"), lambda x: x @ x + x[0] * x[1], draw(x=(3,)), "x", {}, None),
    (
        "in a Jacobian", ("A in R^{m x n}", "jacobian exp(A x) .* sin(x_2) wrt x"),
        lambda A, x: np.exp(A @ x) * np.sin(x[1]), draw(A=(2, 3), x=(3,)), "x", {}, None,
    ),
    ("nothing but entries", ("jacobian (x_1^2 + x_2, x_1 x_2) wrt x",), lambda x: np.array([x[0] ** 2 + x[1], x[0] * x[1]]), draw(x=(2,)), "x", {}, None),
    # the operand of nabla
    ("nabla of a product", (r"\nabla_x x^\top x",), lambda x: x @ x, draw(x=(3,)), "x", {}, None),
    ("nabla by a matrix", ("A in R^{m x n}", "z in R^m", r"\nabla_A z^\top A y"), lambda A, z, y: z @ A @ y, draw(A=(2, 3), z=(2,), y=(3,)), "A", {}, None),
    # a power that is defined
    (
        "batch norm",
        (
            "x, g in R^n", r"\mu = \frac1n \sum_{i=1}^n x_i", r"\sigma^2 = \frac1n\sum_{i=1}^n (x_i-\mu)^2",
            r"L = \sum_i g_i \gamma \frac{x_i-\mu}{\sqrt{\sigma^2+\epsilon}}", "grad L wrt x",
        ),
        batch_norm, draw(x=(5,), g=(5,), gamma=(), epsilon=()), "x", {}, None,
    ),
    ("square of a radius", ("r^2 = x^2 + y^2", "d/dx exp(-r^2)"), lambda x, y: np.exp(-(x**2) - y**2), draw(x=(), y=()), "x", {}, None),
    ("the radius itself", ("r^2 = x^2 + y^2", "d/dx exp(-r)"), lambda x, y: np.exp(-np.hypot(x, y)), draw(x=(), y=()), "x", {}, None),
    # families
    ("time", ("h_t in R^d", "y_t in R^d", r"grad \sum_{t=1}^T \|h_t - y_t\|^2 wrt h"), lambda h, y: np.sum((h - y) ** 2), draw(h=(4, 2), y=(4, 2)), "h", {}, None),
    ("groups", ("w_g in R^d", r"grad \sum_{g=1}^G \|w_g\|_2 wrt w"), lambda w: np.sum(np.linalg.norm(w, axis=1)), draw(w=(3, 2)), "w", {}, None),
    (
        "negative samples",
        ("u_o, v_c in R^d", "u_k in R^d", r"\nabla_{v_c} \left( -\log \sigma(u_o^\top v_c) - \sum_{k=1}^K \log \sigma(-u_k^\top v_c) \right)"),
        lambda u_o, v_c, u: -np.log(sigmoid(u_o @ v_c)) - np.sum(np.log(sigmoid(-u @ v_c))), draw(u_o=(3,), v_c=(3,), u=(4, 3)), "v_c", {}, None,
    ),
    (
        "a family that is defined",
        ("x_t in R^d", "W in R^{m x d}", r"h_t = \tanh(W x_t)", "y_t in R^m", r"L = \sum_{t=1}^T \|h_t - y_t\|^2", "grad L wrt W"),
        lambda x, W, y: np.sum((np.tanh(x @ W.T) - y) ** 2), draw(x=(4, 2), W=(3, 2), y=(4, 3)), "W", {}, None,
    ),
    # arrays that are defined by their entries
    ("kernel matrix", ("x_i in R^d", r"K_{ij} = x_i^\top x_j", "a in R^n", "grad a^T K a wrt a"), lambda x, a: a @ x @ x.T @ a, draw(x=(4, 2), a=(4,)), "a", {}, None),
    (
        "width of a kernel", ("x in R^n", "K_{ij} = exp(-g (x_i - x_j)^2)", "grad sum(K) wrt g"),
        lambda x, g: np.sum(np.exp(-g * (x[:, None] - x) ** 2)), draw(x=(4,), g=()), "g", {}, None,
    ),
    (
        "softmax by entries", (r"p_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}", r"\frac{\partial p_i}{\partial z_j}"),
        lambda z: np.exp(z) / np.sum(np.exp(z)), draw(z=(4,)), "z", {"i": 1, "j": 2}, (1, 2),
    ),
    # capitals and bases
    (
        "weights of entries", ("R in R^{n x m}", "U in R^{n x k}", "V in R^{m x k}", "L = np.sum(W * (R - U @ V.T)**2)", "grad L wrt U"),
        lambda R, U, V, W: np.sum(W * (R - U @ V.T) ** 2), draw(R=(4, 3), U=(4, 2), V=(3, 2), W=(4, 3)), "U", {}, None,
    ),
    ("centring", ("X in R^{n x d}", "H = I - 1 1^T / n", "grad tr(X^T H X) wrt X"), lambda X: np.sum((X - X.mean(axis=0)) ** 2), draw(X=(4, 3)), "X", {}, None),
    ("sum from 0", (r"\frac{\partial}{\partial r_k} \sum_{t=0}^T \gamma^t r_t",), lambda gamma, r: np.sum(gamma ** np.arange(4) * r), draw(gamma=(), r=(4,)), "r", {"k": 2}, (2,)),
    ("sum from 1", (r"\frac{\partial}{\partial r_k} \sum_{t=1}^T \gamma^t r_t",), lambda gamma, r: np.sum(gamma ** np.arange(1, 5) * r), draw(gamma=(), r=(4,)), "r", {"k": 2}, (2,)),
    ("factor from 0", (r"\frac{\partial}{\partial a_k} \sum_{j=0}^n j a_j^2",), lambda a: np.sum(np.arange(4) * a**2), draw(a=(4,)), "a", {"k": 2}, (2,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "function", "inputs", "variable", "indices", "place"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_code_is_the_derivative_of_what_was_meant(
    lines: Lines, function: Callable[..., Any], inputs: Inputs, variable: str, indices: Inputs, place: tuple[int, ...] | None
) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.verification is not None and report.verification.status == "verified"
    assert report.code is not None and report.code.check is not None and report.code.check.status == "verified"
    module: dict[str, Any] = {}
    exec(report.code.source, module)
    names = [argument.name for argument in report.code.arguments]
    sizes = {n: v for n, v in indices.items() if n in names}
    given = {n: inputs[n] for n in names if n in inputs}
    found = module[report.code.function](**given, **sizes)
    np.testing.assert_allclose(found, slope(function, inputs, variable, place), rtol=1e-5, atol=1e-6)


REFUSED = [
    # what cannot be answered is refused with what would settle it, and not answered by 0
    (("x in R^d", "mu = mean(x)", "s^2 = mean((x - mu)^2) +", "jacobian (x - mu)/sqrt(s^2 + eps) wrt x"), "line 3 could not be read"),
    ((r"\hat y = x +* 2", r"\frac{d}{dx} (\hat y + x)"), "line 1 could not be read"),
    (("K_{ij} = x_i +* x_j", "a in R^n", "grad a^T K a wrt a"), "line 1 could not be read"),
    ((r"\begin{aligned} c_t &= f +* x \\ h &= c_t^2 \end{aligned}", "d/dx (h + x)"), "line 1 could not be read"),
    ((r"\frac{\partial h_t}{\partial h_k} where h_t = \tanh(W h_{t-1})",), "h_k does not occur"),
    (("jacobian (x_1^2 + x_3, x_1 x_3) wrt x",), "nothing says that x_1 is an entry of it"),
    ((r"\frac{\partial}{\partial x_j} (x y)",), "x_j does not occur"),
    (("w in R^d", r"\nabla_w \left( \sum_{i=1}^n y_i \log(w^\top x_i) + (1 - y_i) \log(1 - w^\top x_i) \right)"), "does the sum take what follows"),
    (("x in R^n", r"f = \sum_{i=1}^{n-1} 100(x_{i+1} - x_i^2)^2 + (1-x_i)^2", "grad f wrt x"), "line 2 could not be read"),
    (("W in R^{m x m}", "y_t in R^m", r"h_t = \tanh(W h_{t-1})", r"grad \sum_{t=1}^T \|h_t - y_t\|^2 wrt W"), "a recursion is not unrolled"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "words"), REFUSED)
def test_what_is_not_determined_is_refused_and_not_zero(lines: Lines, words: str) -> None:
    report = report_of(lines)
    assert report.status in ("refused", "error")
    assert report.error is not None and report.error.kind not in ("internal", "failed-check")
    assert words in report.error.message


FORMS = [
    ((r"\nabla^2_x x^\top A x",), "Aᵀ + A"),
    (("x in R^n", r"\frac{\partial^2}{\partial x_k \partial x_l} x^\top A x"), "Aₗₖ + Aₖₗ"),
    (("theta, x_i in R^n", r"\frac{\partial}{\partial \theta_j} \sum_{i=1}^m (\theta^\top x_i - y_i)^2"), "2 ∑ᵢ₌₁ᵐ (θᵀ xᵢ − yᵢ) xᵢⱼ"),
    (("mu_k in R^d", "x_i in R^d", r"\frac{\partial}{\partial \mu_k} \sum_{i=1}^n r_{ik} \|x_i - \mu_k\|^2"), "2 ∑ᵢ₌₁ⁿ rᵢₖ (μₖ − xᵢ)"),
    (("r^2 = x^2 + y^2", "dr/dx"), "x/r"),
    (("dy/dx where y^2 = x^3 + 1",), "3 x² / (2 y)"),
    (("x_i in R^d", r"K_{ij} = x_i^\top x_j", "code K"), ""),
]


@pytest.mark.parametrize(("lines", "answer"), FORMS)
def test_answers_are_written_as_in_the_field(lines: Lines, answer: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    if answer:
        assert inline_of(report.solution.answer) == answer
    else:
        assert "x @ x.T" in report.code.source


NOTED = [
    ((r"\frac{\partial}{\partial x_k} x^\top A x",), "is an entry of"),
    (("X in R^{n x d}", "b in R^p", "grad ||X W + b||_F^2 wrt b"), "added to every row"),
    (("h_t in R^d", r"grad \sum_{t=1}^T \|h_t\|^2 wrt h"), "one of a family"),
    (("jacobian (x_1^2, x_1 x_2) wrt x",), "taken as the vector of its 2 entries"),
]


@pytest.mark.parametrize(("lines", "words"), NOTED)
def test_what_was_taken_so_is_said(lines: Lines, words: str) -> None:
    report = report_of(lines)
    assert any(words in str(piece) for note in report.reading.notes for piece in note)


PLANTED = [
    ((r"\frac{\partial}{\partial x_k} x^\top A x",), lambda term: Term("neg", (term,))),
    (("x in R^n", r"\frac{\partial}{\partial x_k} \|x\|_2"), lambda term: Term("mul", (Term("number", (), "2"), term))),
    (
        ("W in R^{m x m}", "x in R^m", r"\frac{\partial}{\partial W_{ij}} x^\top W^\top W x"),
        lambda term: Term("add", (term, Term("number", (), "1"))),
    ),
]


@pytest.mark.parametrize(("lines", "wrong"), PLANTED)
def test_a_wrong_entry_fails_its_check(lines: Lines, wrong: Callable[[Term], Term], monkeypatch: pytest.MonkeyPatch) -> None:
    right = array_entries.entry_of
    monkeypatch.setattr(array_entries, "entry_of", lambda *given: wrong(right(*given)))
    report = report_of(lines)
    assert report.status == "refused"
    assert report.error is not None and report.error.kind == "failed-check"


COMPONENTS = [
    (("x in R^2", "f(x) = (x_1^2 x_2, \\sin x_1)", "jacobian f wrt x"), "[[2 x₁ x₂, x₁²], [cos(x₁), 0]]"),
    (("x in R^2", "hessian x_1^2 x_2 wrt x"), "[[2 x₂, 2 x₁], [2 x₁, 0]]"),
    (("x in R^3", "grad x_1^2 + x_1 x_2 + sin x_3 wrt x"), "[2 x₁ + x₂, x₁, cos(x₃)]"),
]


@pytest.mark.parametrize(("lines", "answer"), COMPONENTS)
def test_functions_of_a_few_entries_are_answered_entry_by_entry(lines: Lines, answer: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.verification is not None and report.verification.status == "verified"
    assert report.code is not None and report.code.check is not None and report.code.check.status == "verified"
    assert inline_of(report.solution.answer) == answer
