"""What the emitter writes, the reader reads: formula → code → formula, the two compared as numbers; every module of examples/, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading_back import agrees, loaded, settled

from derive.documents.document import translate_document
from derive.expressions.plain import plain
from derive.lines import split_text
from derive.meaning.numpy_notation.module import functions_of
from derive.session import Session, Settings, solve

X, RX, V = "X in R^{n x d}", "x in R^n", "v in R^n"
A, S, B = "A in R^{n x n}", "Sigma in S^n_{++}", "b in R^n"

ELEMENTWISE = [
    "x^2 + 3 x - 1",
    "x^3/(1 + x^2)",
    "exp(-x^2/2)/sqrt(2 pi)",
    "sin(x) cos(y)",
    "tan(x)",
    "sinh(x) + cosh(y)",
    "tanh(x)",
    "asin(x/(1 + x^2))",
    "atan(x) + atan2(y, x)",
    "asinh(x)",
    "log(1 + x^2)",
    "exp(x) - 1",
    "log(1 + exp(x))",
    "log(exp(x) + exp(y))",
    "1/(1 + exp(-x))",
    "sigma(x)",
    "log sigma(x)",
    "sigma(x)(1 - sigma(x))",
    "-y log(sigma(x)) - (1 - y) log(1 - sigma(x))",
    "log(1 - exp(-x)) where x > 0",
    "(1 - cos(x))/x^2",
    "sqrt(x^2 + y^2)",
    "x log x where x > 0",
    "x log(x/y) where x > 0, y > 0",
    "-x log x where x > 0",
    "-p log p - (1 - p) log(1 - p) where 0 < p < 1",
    "Gamma(x) where x > 0",
    "log Gamma(x) where x > 0",
    "psi(x) where x > 0",
    "erf(x)",
    "1 - erf(x)",
    "Phi(x)",
    "log Phi(x)",
    "1 - Phi(x)",
    "x Phi(x)",
    "relu(x)",
    "max(x, 0)",
    "min(x, y, 1)",
    "|x|",
    "sign(x)",
    "leaky_relu(x)",
    "elu(x)",
    "selu(x)",
    "gelu(x)",
    "silu(x)",
    "mish(x)",
    "softsign(x)",
    "hard_sigmoid(x)",
    "clip(x, -1, 1)",
    "swish(x, beta)",
    "gelu_tanh(x)",
    "1[x > 0]",
    "1[x > 0] x + 1[x <= 0] y",
    "floor(x) + ceil(y)",
    "round(x)",
    "x^(1/3)",
    "sqrt(x) where x > 0",
    "x^a where x > 0",
    "2^x",
    "log_2(x) where x > 0",
    "log_{10}(x) where x > 0",
    "d/dx sigma(x)",
    "d/dx softplus(x)",
    "d/dx tanh(x)^2",
    "d/dx x^x where x > 0",
    "d/dx relu(x)",
    "d/dx log(1 + exp(x))",
    "d/dx gelu(x)",
    "d/dx |x|",
    "d^2/dx^2 exp(-x^2)",
    "d/dx erf(x)",
    "mod(x, 3)",
    "x^7",
    "x^(-2)",
    "1/x",
    "binom(n, k) p^k (1 - p)^(n - k)",
    "n!",
    "log(n!)",
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))",
    "logit(p) where 0 < p < 1",
    "exp(-lambda) lambda^k / k! where lambda > 0",
]
VECTORS = [
    [RX, "sum(x)"],
    [RX, "mean(x)"],
    [RX, "x - mean(x)"],
    [RX, "sum_{i=1}^n (x_i - mean(x))^2/n"],
    [RX, "||x||"],
    [RX, "||x||^2"],
    [RX, "||x||_1"],
    [RX, "||x||_\\infty"],
    [RX, "x/||x||"],
    [RX, "||x||_3"],
    [RX, "max(x)"],
    [RX, "min_i x_i"],
    [RX, "argmax_i x_i"],
    [RX, "median(x)"],
    [RX, "prod_{i=1}^n (1 + x_i^2)"],
    [RX, "cumsum(x)"],
    [RX, "softmax(x)"],
    [RX, "log softmax(x)"],
    [RX, "logsumexp(x)"],
    [RX, "log sum_{i=1}^n exp(x_i)"],
    [RX, "sum_{i=1}^n log(1 + exp(-x_i))"],
    [RX, "x .* sigma(x)"],
    [RX, "relu(x - 1)"],
    [RX, V, "x^T v"],
    [RX, V, "x v^T"],
    [RX, V, "x^T v/(||x|| ||v||)"],
    [RX, V, "||x - v||^2"],
    [RX, V, "x .* v"],
    [RX, V, "x ./ (1 + v .^ 2)"],
    [RX, V, "sum_{i=1}^n x_i log(x_i/v_i) "],
    [RX, "sum_{i=2}^n (x_i - x_{i-1})^2"],
    [RX, "sum_{i=1}^{n-2} x_i x_{i+2}"],
    [RX, "sum_{i=1}^n i x_i"],
    [RX, "sum_{i=1}^n x_i^2 cos(i)"],
    [RX, "sum_{i=1}^n sum_{j=1}^n (x_i - x_j)^2"],
    [RX, "y in R^m", "sum_{i=1}^n sum_{j=1}^m |x_i - y_j|"],
    [RX, "sum_{i=1}^n sum_{j=1}^{i} x_i x_j"],
    [RX, "sum_{i=1}^n 1[x_i > t]"],
    [RX, "sum_{i=1}^n x_i 1[x_i > 0]"],
    [RX, "y in R^m", "D_{ij} = |x_i - y_j|"],
    [RX, "y in R^m", "D_{ji} = x_i - y_j"],
    [RX, "y in R^m", "K_{ij} = x_i y_j"],
    [RX, "x_1 + x_n"],
    [RX, "x_i"],
    [RX, "sum_{i=1}^n x_i / i"],
    [RX, "sum_{i != j} x_i x_j"],
    [RX, "sum_{k=1}^n x_k^k"],
    ["sum_{k=0}^n x^k cos(k)"],
    ["sum_{k=1}^n 1/k^2"],
    ["prod_{k=1}^n (1 + x/k)"],
    [RX, "grad logsumexp(x) wrt x"],
    [RX, "jacobian softmax(x) wrt x"],
    [RX, "hessian logsumexp(x) wrt x"],
    [RX, "grad sum(relu(x)) wrt x"],
    [RX, "grad ||x|| wrt x"],
    [RX, "y in {0, 1}^n", "sum_{i=1}^n (softplus(x_i) - y_i x_i)"],
    [RX, "sum_{t=2}^n x_t x_{t-1}/ sum_{t=1}^n x_t^2"],
    [RX, "mu in R", "s > 0", "-n/2 log(2 pi s^2) - 1/(2 s^2) sum_{i=1}^n (x_i - mu)^2"],
    [RX, "sort(x)"],
    [RX, "x x^T"],
    [RX, "diag(x)"],
]
MATRICES = [
    [A, RX, "A x"],
    [A, RX, "x^T A x"],
    [A, "tr(A)"],
    [A, "det(A)"],
    [S, "log det Sigma"],
    [A, "A^T A"],
    [A, "A^{-1} b where b in R^n"],
    [S, B, "Sigma^{-1} b"],
    [S, B, "mu in R^n", "(b - mu)^T Sigma^{-1} (b - mu)"],
    [S, B, "mu in R^n", "-n/2 log(2 pi) - 1/2 log det Sigma - 1/2 (b - mu)^T Sigma^{-1} (b - mu)"],
    [X, "y in R^n", "(X^T X)^{-1} X^T y"],
    [X, "y in R^n", "lambda > 0", "(X^T X + lambda I)^{-1} X^T y"],
    [X, "w in R^d", "y in R^n", "||X w - y||^2 + lambda ||w||^2"],
    [X, "w in R^d", "y in R^n", "grad ||X w - y||^2 wrt w"],
    [X, "w in R^d", "y in R^n", "-sum_{i=1}^n (y_i log sigma(x_i^T w) + (1-y_i) log(1 - sigma(x_i^T w))) where x_i in R^d"],
    [X, "||X||_F"],
    [X, "||X||_2"],
    [X, "||X||_*"],
    [X, "sum(X)"],
    [X, "mean(X)"],
    [X, "X^T 1"],
    [X, "softmax(X)"],
    [X, "sum_{i=1}^n sum_{j=1}^d X_{ij}^2"],
    [X, "y in {1..d}^n", "-1/n sum_{i=1}^n log softmax(X_i)_{y_i}"],
    [X, "y in {1..d}^n", "-1/n sum_{i=1}^n (X_{i,y_i} - log sum_{k=1}^d exp(X_{ik}))"],
    [X, "y_i = argmax_k X_{ik}"],
    [X, "C_{ij} = sum_{k=1}^d X_{ik} X_{jk}"],
    ["x_i in R^d", "D_{ij} = ||x_i - x_j||^2"],
    ["x_i in R^d", "z_j in R^d", "K_{ij} = exp(-||x_i - z_j||^2/(2 s^2))"],
    ["x_i in R^d", "z_j in R^d", "K_{ij} = (x_i^T z_j + 1)^3"],
    ["x_i in R^d", "w in R^d", "sum_{i=1}^n sigma(x_i^T w)"],
    ["Q in R^{n x d}", "K in R^{m x d}", "V in R^{m x p}", "softmax(Q K^T/sqrt(d)) V"],
    [A, "A^3"],
    [A, "B in R^{n x n}", "tr(A B)"],
    [A, "B in R^{n x n}", "A .* B"],
    [X, "W in R^{d x k}", "b in R^k", "relu(X W + b)"],
    [X, "W in R^{d x k}", "b in R^k", "grad sum(relu(X W + b)) wrt W"],
    [X, "W in R^{d x k}", "b in R^k", "grad sum(tanh(X W + b)) wrt b"],
    [X, "w in R^n", "X^T diag(w) X"],
    [S, "grad log det Sigma wrt Sigma"],
    [A, B, "grad b^T A^{-1} b wrt A"],
    [A, B, "RX in R^n", "||A b||_2"],
    [X, "X_{i,:}"],
    [X, "X_{:,j}"],
    [X, "mu in R^d", "sum_{i=1}^n ||X_i - mu||^2"],
    [X, "1/n (X - 1 mu^T)^T (X - 1 mu^T) where mu in R^d"],
    [A, "sum_{i=1}^n A_{ii}"],
    [A, "sum_{i < j} A_{ij}"],
    [A, "A^+ b where b in R^n"],
    ["T in R^{a x b x c}", "sum_{i=1}^a sum_{j=1}^b sum_{k=1}^c T_{ijk}^2"],
    ["A in R^{m x n}", "B in R^{n x p}", "C_{ij} = sum_{k=1}^n A_{ik} B_{kj}"],
    [A, "A + I"],
    [A, "u in R^n", "A + u u^T"],
    [X, "layernorm(x) where x in R^n"],
    ["A in R^{m x n}", "B in R^{p x q}", "kron(A, B)"],
    [X, "log softmax(X)"],
    [X, "max_j X_{1j}"],
]
FORMULAS = [*([formula] for formula in ELEMENTWISE), *VECTORS, *MATRICES]

EXAMPLES = Path(__file__).parents[2] / "examples"
LEAST_POINTS = 1


@pytest.mark.parametrize("lines", FORMULAS, ids=[" ; ".join(lines) for lines in FORMULAS])
def test_a_formula_comes_back(lines: list[str]) -> None:
    code = solve(lines).code
    assert code is not None
    assert agrees(code.source, code.function) >= LEAST_POINTS


CODES = [
    (["x in R^n", "softmax(x)"], "softmax(x)"),
    (["X in R^{n x d}", "log softmax(X)"], "log_softmax(X)"),
    (["x in R^n", "logsumexp(x)"], "logsumexp(x)"),
    (["sigma(x)"], "sigmoid(x)"),
    (["log(1 + exp(x))"], "softplus(x)"),
    (["A in R^{n x n}", "b in R^n", "A^{-1} b"], "A^(-1) b"),
    (["X in R^{n x d}", "y in R^n", "(X^T X)^{-1} X^T y"], "(X^T X)^(-1) X^T y"),
    (["x in R^n", "sum_{i=2}^n (x_i - x_{i-1})^2"], "sum_{i=1}^{n-1} (x_{i+1} - x_i)^2"),
    (["x in R^n", "y in R^m", "sum_{i=1}^n sum_{j=1}^m |x_i - y_j|"], "sum_{i=1}^n sum_{j=1}^m |x_i - y_j|"),
]


@pytest.mark.parametrize(("lines", "formula"), CODES, ids=[formula for _, formula in CODES])
def test_the_formula_that_comes_back_is_one_of_paper(lines: list[str], formula: str) -> None:
    code = solve(lines).code
    assert code is not None
    _, _, values = settled(code.source, code.function)
    assert plain(values[0]) == formula


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.derive")), ids=lambda path: path.stem)
def test_the_modules_of_the_examples_are_read(script: Path) -> None:
    reports, _ = Session().run_all([line.text for line in split_text(script.read_text(encoding="utf-8"))])
    for report in reports:
        if report.code is not None:
            assert agrees(report.code.source, report.code.function) >= LEAST_POINTS, report.text


@pytest.mark.parametrize(
    "document", sorted(p for p in (EXAMPLES / "documents").iterdir() if p.suffix in (".tex", ".md")), ids=lambda p: p.stem
)
def test_the_modules_of_documents_are_read(document: Path) -> None:
    source = translate_document([document], Settings()).source
    functions = [name for name, _ in functions_of(source)]
    assert len(functions) >= 10
    assert all(hasattr(loaded(source), name) for name in functions)
    for name in functions:
        assert agrees(source, name) >= LEAST_POINTS, name
