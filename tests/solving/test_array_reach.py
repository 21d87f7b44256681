"""Reach of the calculus over arrays: axes, entries of order above two, tensors, products with derivatives, cells of recurrent networks."""

from __future__ import annotations

from typing import Any

import pytest
from questions import report_of

from derive.expressions.inline import inline
from derive.expressions.plain import plain
from derive.expressions.pretty import pretty_lines
from derive.graph.calculus.adjoints import ADJOINTS

Lines = tuple[str, ...]

X = "X in R^{n x d}"
T = "T in R^{a x b x c}"

ANSWERS: list[tuple[str, Lines, str]] = [
    # axes
    ("centred", (X, "grad np.sum((X - np.mean(X, axis=0))**2) wrt X"), "2 (X - 1 * 1^T X / n)"),
    ("undeclared", ("grad np.sum((X - np.mean(X, axis=0))**2) wrt X",), "2 (X - 1 * 1^T X / n)"),
    ("variances", (X, "grad np.sum(np.var(X, axis=0)) wrt X"), "2 (X - 1 * 1^T X / n) / n"),
    ("means", (X, "grad np.sum(X.mean(axis=1)**2) wrt X"), "2 X * 1 * 1^T / d^2"),
    ("largest", (X, "grad np.sum(np.max(X, axis=1)) wrt X"), "1[X = max(X, axis=1) * 1^T]"),
    ("variance", ("x in R^n", "grad np.var(x) wrt x"), "2 (x - mean(x)) / n"),
    (
        "softmax by hand",
        ("Z, R in R^{n x k}", "grad np.sum(R * np.exp(Z)/np.exp(Z).sum(axis=1, keepdims=True)) wrt Z"),
        "softmax(Z) .* (R - (softmax(Z) .* R) * 1 * 1^T)",
    ),
    (
        "softmax with the largest subtracted",
        (
            "Z, R in R^{n x k}",
            "E = np.exp(Z - Z.max(axis=1, keepdims=True))",
            "grad np.sum(R * E / E.sum(axis=1, keepdims=True)) wrt Z",
        ),
        "softmax(Z) .* (R - (softmax(Z) .* R) * 1 * 1^T)",
    ),
    ("power entry by entry", (X, "y in R^n", "grad sum((X w - y).^2) wrt w"), "2 X^T (X w - y)"),
    # matrices
    ("absolute determinant", ("X in R^{n x n}", "grad log|det X| wrt X"), "(X^(-1))^T"),
    ("its square", ("X in R^{n x n}", "grad (log|det X|)^2 wrt X"), "2 log(|det(X)|) (X^(-1))^T"),
    ("largest entry", ("x in R^n", "grad max_i x_i wrt x"), "1[x = max(x)]"),
    ("sorted", ("x, w in R^n", "grad sum_i w_i sort(x)_i wrt x"), "[sum_{k=1}^n w_k * 1[x_j = sort(x)_k]] for j = 1, …, n"),
    ("ones behind", ("X in R^{n x n}", "grad 1^T log(X) 1 wrt X"), "1 ./ X"),
    ("two identities", ("K in S^n_{++}", "grad log det (K + s I) + tr((K + s I)^{-1}) wrt s"), "tr((K + s I_n)^(-1) - (K + s I_n)^(-1) (K + s I_n)^(-1))"),
    ("differential", ("differential of log det X wrt X",), "tr(X^(-1) dX)"),
    ("absolute values", ("A in R^{n x n}", "grad sum(abs(A)) wrt A"), "sign(A)"),
    ("methods", (X, "grad ((X - X.mean(axis=0))**2).sum() wrt X"), "2 (X - 1 * 1^T X / n)"),
    ("inverse in a trace", ("grad tr(X^{-1} A) wrt X",), "-(X^(-1))^T A^T (X^(-1))^T"),
    ("bilinear", ("grad x^T A y wrt x",), "A y"),
    # rows of the variable
    ("rows", (X, "grad sum_{i=1}^n ||x_i||_2 wrt X"), "X_{jk}/||X_j||_2] for j = 1, …, n, k = 1, …, d"),
    ("centred rows", (X, "grad sum_{i=1}^n ||x_i - 1/n sum_{j=1}^n x_j||^2 wrt X"), "2 (X - 1 (sum_{j=1}^n X_j)^T / n)"),
    # running indices
    (
        "Toeplitz",
        ("t, x in R^n", "grad sum_{i=1}^n sum_{j=1}^n t_{|i-j|+1} x_i x_j wrt x"),
        "[sum_{i=1}^n x_i t_{|i-k|+1} + sum_{j=1}^n t_{|k-j|+1} x_j] for k = 1, …, n",
    ),
    (
        "Laplacian of a graph",
        ("x in R^n", "K in R^{n x n}", "hessian sum_i sum_j K_ij (x_i - x_j)^2 wrt x"),
        "[2 (delta_{lk} sum_{j=1}^n K_{lj} - K_{lk}) - 2 (K_{kl} - delta_{lk} sum_{i=1}^n K_{il})] for k = 1, …, n, l = 1, …, n",
    ),
    # order above two
    ("trace", ("A in R^{n x n}", X, "hessian tr(X^T A X) wrt X"), "(A_{ik} + A_{ki}) delta_{jl}"),
    ("squares", ("hessian ||X||_F^2 wrt X",), "2 delta_{ik} delta_{jl}"),
    ("log det", ("X in S^n_{++}", "hessian log det X wrt X"), "-(X^(-1))_{jk} (X^(-1))_{il}"),
    ("residual", ("A in R^{m x n}", X, "B in R^{m x d}", "hessian ||A X - B||_F^2 wrt X"), "2 (A^T A)_{ik} delta_{jl}"),
    ("inverse", ("X in R^{n x n}", "jacobian X^{-1} wrt X"), "-(X^(-1))_{ik} (X^(-1))_{lj}"),
    ("gram", (X, "jacobian X^T X wrt X"), "X_{ki} delta_{jl} + X_{kj} delta_{il}"),
    ("product", ("A in R^{m x n}", X, "B in R^{d x p}", "jacobian A X B wrt X"), "A_{ik} B_{lj}"),
    ("affine", ("A in R^{m x n}", "x in R^n", "jacobian A x wrt A"), "x_k delta_{ij}"),
    # tensors
    ("norm", (T, "grad ||T||^2 wrt T"), "2 T"),
    ("contraction", (T, "u in R^a", "v in R^b", "w in R^c", "grad sum_{i,j,k} T_{ijk} u_i v_j w_k wrt T"), "u_i v_j w_k"),
    ("entrywise", (T, "grad sum(tanh(T)) wrt T"), "1 - tanh(T).^2"),
    ("middle axis", (T, "grad np.sum(np.sum(T, axis=1)**2) wrt T"), "2 sum_{l=1}^b T_{ilk}"),
    # products with derivatives
    ("hvp", ("hvp ||A x - b||^2 wrt x along v",), "2 A^T A v"),
    ("hvp of entries", ("x in R^n", "hvp sum_i x_i^4 wrt x along v"), "12 (v .* x.^2)"),
    ("hvp of a matrix", ("A in R^{n x n}", "hvp tr(X^T A X) wrt X along V"), "(A^T + A) V"),
    ("jvp", ("A in R^{m x n}", "jvp tanh(A x) wrt x along v"), "(A v) .* (1 - tanh(A x).^2)"),
    ("vjp", ("A in R^{m x n}", "vjp tanh(A x) wrt x along u"), "(u .* (1 - tanh(A x).^2))^T A"),
]  # fmt: skip

SOLVED: list[tuple[str, Lines]] = [
    (
        "batch norm",
        (X, "R in R^{n x d}", "g, b in R^d", "eps > 0",
         "Y = g * (X - np.mean(X, axis=0)) / np.sqrt(np.var(X, axis=0) + eps) + b", "grad np.sum(R * Y) wrt X, g, b"),
    ),
    (
        "layer norm",
        (X, "R in R^{n x d}", "eps > 0",
         "grad np.sum(R * (X - X.mean(axis=1, keepdims=True)) / np.sqrt(X.var(axis=1, keepdims=True) + eps)) wrt X"),
    ),
    (
        "batch norm by entries",
        ("x, r in R^n", "eps > 0", "mu = 1/n sum_i x_i", "v = 1/n sum_i (x_i - mu)^2", "h_i = g (x_i - mu)/sqrt(v + eps) + b",
         "grad sum_i r_i h_i wrt x, g, b"),
    ),
    (
        "focal loss",
        ("z in R^n", "y in {0,1}^n", "gamma > 0", "p = sigma(z)",
         "grad -sum_i (y_i (1-p_i)^gamma log p_i + (1-y_i) p_i^gamma log(1-p_i)) wrt z"),
    ),
    ("matrix factorisation", ("grad sum_{i,j} (R_ij - u_i^T v_j)^2 wrt U, V",)),
    ("differences", ("x in R^n", "hessian sum_{i=1}^{n-1} (x_{i+1} - x_i)^2 wrt x")),
    ("pseudo-inverse", ("A in R^{m x n}", "b in R^m", "grad ||A^+ b||^2 wrt A")),
    ("Kronecker", ("A in R^{m x n}", "B in R^{p x q}", "C in R^{mp x nq}", r"grad ||A \otimes B - C||_F^2 wrt A")),
    ("stride", ("w in R^3", "x in R^{2n+1}", "grad sum_{i=1}^{n} (sum_{k=1}^{3} w_k x_{2i+k-2})^2 wrt w")),
    (
        "CP decomposition",
        ("A in R^{n x r}", "B in R^{m x r}", "C in R^{p x r}", "T in R^{n x m x p}",
         "grad sum_{i,j,k} (T_{ijk} - sum_{l=1}^r A_{il} B_{jl} C_{kl})^2 wrt A"),
    ),
    (
        "LSTM cell",
        ("x in R^d", "h, c in R^m", "i = sigma(W_i x + U_i h + b_i)", "f = sigma(W_f x + U_f h + b_f)",
         "o = sigma(W_o x + U_o h + b_o)", "g = tanh(W_g x + U_g h + b_g)", "c' = f .* c + i .* g", "h' = o .* tanh(c')",
         "backprop ||h' - y||^2 wrt W_f, U_o, b_i, x"),
    ),
    (
        "GRU cell",
        ("x in R^d", "h in R^m", "z = sigma(W_z x + U_z h)", "r = sigma(W_r x + U_r h)", "s = tanh(W_n x + r .* (U_n h))",
         "h' = (1 - z) .* s + z .* h", "backprop ||h'||^2 wrt W_z, U_n, W_r, h"),
    ),
    (
        "recurrent steps",
        ("h_0 in R^m", "x_1, x_2 in R^d", "h_1 = tanh(W h_0 + U x_1 + b)", "h_2 = tanh(W h_1 + U x_2 + b)",
         "backprop ||h_2 - y||^2 wrt W, U, b"),
    ),
]  # fmt: skip

REFUSED: list[tuple[str, Lines, str, str]] = [
    ("trace of a logarithm", ("X in R^{n x n}", "grad tr(log(X)) wrt X"), "refused", "entry by entry or as the function of the matrix"),
    ("trace of a root", (X, "grad tr(sqrt(X^T X)) wrt X"), "refused", "entry by entry or as the function of the matrix"),
    ("inverse of a vector", ("x in R^n", "grad 1^T x^{-1} wrt x"), "error", "the inverse of a vector"),
    ("determinant", (X, "grad det(X) wrt X"), "error", "square"),
    ("a stride without a range", ("x in R^n", "w in R^k", "grad sum_i x_{2i} wrt x"), "refused", "the range of i is needed"),
]

WRONG: list[tuple[str, Lines]] = [
    ("pinv", ("A in R^{m x n}", "b in R^m", "grad ||A^+ b||^2 wrt A")),
    ("kron", ("A in R^{m x n}", "B in R^{p x q}", "C in R^{mp x nq}", r"grad ||A \otimes B - C||_F^2 wrt A")),
    ("sort", ("x, w in R^n", "grad sum_i w_i sort(x)_i wrt x")),
    ("inverse", ("X in R^{n x n}", "jacobian X^{-1} wrt X")),
    ("exp", ("X in R^{m x n}", "hessian sum(exp(X)) wrt X")),
]


@pytest.mark.parametrize(("lines", "answer"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_the_answer_is_verified_and_its_code_runs(lines: Lines, answer: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.verification.status == "verified"
    assert report.code is not None and report.code.check.status == "verified"
    found = plain(report.solution.answer)
    assert found == answer or found.startswith((f"[{answer}] for i = 1", f"[{answer}"))


@pytest.mark.parametrize("lines", [row[1] for row in SOLVED], ids=[row[0] for row in SOLVED])
def test_every_step_and_the_code_are_verified(lines: Lines) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.verification.status == "verified"
    assert report.code is not None and report.code.check.status == "verified"
    assert not any("does not occur" in str(note) for note in report.solution.notes)


@pytest.mark.parametrize(("operation", "lines"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_adjoint_is_caught(operation: str, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ADJOINTS[operation]

    def wrong(a: Any, node: Any, g: Any) -> Any:
        return [None if x is None else a.mul(a.number(2), x) for x in right(a, node, g)]

    monkeypatch.setitem(ADJOINTS, operation, wrong)
    report = report_of(lines)
    assert report.status == "refused"
    assert report.verification.status == "failed"


@pytest.mark.parametrize(("lines", "status", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_wrong_use_is_refused_with_the_reason(lines: Lines, status: str, words: str) -> None:
    report = report_of(lines)
    assert report.status == status
    assert words in report.error.message


def test_the_differential_of_a_part_is_a_checked_step_of_its_own() -> None:
    report = report_of(("grad ||A x - b||^2 + lambda ||x||^2 wrt x",))
    steps = report.solution.derivation.steps
    assert [step.title for step in steps] == [
        "Name the parts", "Squared norm", "Affine map", "Gather", "Read off the gradient", "Put the parts back",
    ]  # fmt: skip
    (inner,) = steps[2].steps
    assert (inline(inner.before), inline(inner.after)) == ("dr", "A dx")
    assert inner.check.status == "verified"


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        (("grad ||A x - b||^2 wrt x",), ("value", "gradient")),
        (("grad x^T A y wrt x, y",), ("value", "x", "y")),
        (("d/dx x sin x",), ("value", "derivative")),
        ((X, "H = tanh(X W_1 + b_1)", "Z = H W_2 + b_2", "backprop ||Z - Y||_F^2 wrt W_1, b_1, W_2, b_2"), ("value", "W_1", "b_1", "W_2", "b_2")),
    ],
)  # fmt: skip
def test_value_and_gradient_together(lines: Lines, parts: tuple[str, ...]) -> None:
    report = report_of(lines, value_and_grad=True)
    assert report.status == "solved", report.error
    assert report.code.check.status == "verified"
    names = [line.split(":")[0].strip() for line in report.code.source.split("class ")[1].split("def ")[0].splitlines() if ":" in line]
    assert tuple(n for n in names if n in parts) == parts


def test_normalisation_is_taken_part_by_part() -> None:
    report = report_of(
        (X, "R in R^{n x d}", "eps > 0",
         "H = (X - X.mean(axis=1, keepdims=True)) / np.sqrt(X.var(axis=1, keepdims=True) + eps)", "grad np.sum(R * H) wrt X")
    )  # fmt: skip
    assert plain(report.solution.answer) == "delta_Z - delta_Z * 1 * 1^T / d"
    assert report.verification.status == "verified"


def test_what_is_too_wide_and_broken_inside_brackets_is_flat() -> None:
    lines = ("x in R^n", "A in R^{n x n}", "grad (x^T A x + x^T x + ||A x - y||^2 + sum_i log(1 + exp(x_i)) + lambda ||x||_1)^2 wrt x")
    report = report_of(lines)
    boxes = pretty_lines(report.solution.answer, 60)
    assert len(boxes) > 1
    assert {box.height for box in boxes} == {1}


def test_what_is_said_of_an_entry_names_the_indices() -> None:
    report = report_of(("A in R^{m x n}", "x in R^n", "jacobian A x wrt A"))
    said = ["".join(part if isinstance(part, str) else inline(part) for part in note) for note in report.solution.notes]
    assert any("the entry is the derivative" in words for words in said)
