"""Losses, layers, cells, convolutions, points, Taylor polynomials and products with derivatives: each solved, every step and the code verified.

The checks are differences of the function itself; where a row has an answer, it is the form of the field.
"""

from __future__ import annotations

import pytest
from questions import report_of, shown

from derive.graph.calculus import entries

Lines = tuple[str, ...]

GATES = (
    "W_f, W_i, W_o, W_c in R^{m x d}",
    "U_f, U_i, U_o, U_c in R^{m x m}",
    "x in R^d",
    "a in R^m",
    "s in R^m",
    "v in R^m",
)
HEADS = (
    "X in R^{n x d}",
    "Q_1 in R^{d x k}",
    "K_1 in R^{d x k}",
    "V_1 in R^{d x k}",
    "Q_2 in R^{d x k}",
    "K_2 in R^{d x k}",
    "V_2 in R^{d x k}",
    "O_1 in R^{k x d}",
    "O_2 in R^{k x d}",
    "G in R^{n x d}",
)

SOLVED: list[tuple[str, Lines, str]] = [
    # losses
    (
        "huber",
        (
            "x_i in R^d",
            "w in R^d",
            "y in R^n",
            "delta > 0",
            (
                r"\nabla_w \sum_{i=1}^n \begin{cases} \frac12 (y_i - w^T x_i)^2 & |y_i - w^T x_i| \le \delta \\"
                r" \delta(|y_i - w^T x_i| - \delta/2) & \text{otherwise}\end{cases}"
            ),
        ),
        "",
    ),
    (
        "hinge with weight decay",
        (
            "x_i in R^d",
            "y_i in {-1,1}",
            "w in R^d",
            "b in R",
            "C > 0",
            "grad 1/2 ||w||^2 + C sum_{i=1}^n max(0, 1 - y_i (w^T x_i + b)) wrt w, b",
        ),
        "w: w − C ∑ᵢ₌₁ⁿ 𝟙[1 − yᵢ (wᵀ xᵢ + b) > 0] yᵢ xᵢ; b: −C ∑ᵢ₌₁ⁿ 𝟙[1 − yᵢ (wᵀ xᵢ + b) > 0] yᵢ",
    ),
    (
        "triplet",
        ("a in R^d", "p in R^d", "n in R^d", "alpha > 0", "grad max(0, ||a - p||^2 - ||a - n||^2 + alpha) wrt a, p, n"),
        "",
    ),
    (
        "contrastive",
        ("z_i in R^d", "u_i in R^d", "tau > 0", "grad -sum_{i=1}^n log(exp(z_i^T u_i/tau)/sum_{j=1}^n exp(z_i^T u_j/tau)) wrt z"),
        "softmax(z uᵀ / τ) u / τ − u/τ",
    ),
    (
        "contrastive, one query",
        ("q in R^d", "k_j in R^d", "tau > 0", "grad -log(exp(q^T k_1/tau)/sum_{j=1}^n exp(q^T k_j/tau)) wrt q"),
        "(kᵀ softmax(k q / τ) − k₁)/τ",
    ),
    (
        "focal",
        (
            "x_i in R^d",
            "w in R^d",
            "y_i in {0,1}",
            "gamma > 0",
            "grad -sum_{i=1}^n y_i (1 - sigma(w^T x_i))^gamma log(sigma(w^T x_i)) wrt w",
        ),
        "",
    ),
    ("tied autoencoder", ("X in R^{n x d}", "W in R^{d x k}", "grad ||X - X W W^T||_F^2 wrt W"), ""),
    ("cosine", ("x in R^n", "y in R^n", "grad 1 - x^T y/(||x|| ||y||) wrt x, y"), ""),
    (
        "log-det regulariser",
        ("W in R^{m x n}", "lambda > 0", "epsilon > 0", "grad ||W||_F^2 - lambda log det(W^T W + epsilon I) wrt W"),
        "2 W − 2 λ W (Wᵀ W + ε Iₙ)⁻¹",
    ),
    (
        "low rank plus diagonal",
        ("d in R^n", "U in R^{n x k}", "y in R^n", "grad log det(diag(d) + U U^T) + y^T (diag(d) + U U^T)^{-1} y wrt U, d"),
        "",
    ),
    ("p-norm", ("x in R^n", "p > 1", "grad ||x||_p^p wrt x"), "p (sign(x) ⊙ |x|^(⊙p − 1))"),
    ("Rayleigh", ("A in S^n", "B in S^n_{++}", "x in R^n", "grad (x^T A x)/(x^T B x) wrt x"), ""),
    ("cube", ("A in R^{n x n}", "x in R^n", "y in R^n", "grad y^T A^3 x wrt A"), ""),
    # layers and cells
    (
        "layer norm",
        ("x in R^d", "g in R^d", "gamma in R^d", "beta in R^d", "grad g^T (gamma .* layernorm(x) + beta) wrt x, gamma, beta"),
        "",
    ),
    ("layer norm of rows", ("X in R^{n x d}", "G in R^{n x d}", "grad sum(G .* layernorm(X)) wrt X"), ""),
    (
        "batch norm",
        (
            "X in R^{n x d}",
            "G in R^{n x d}",
            "gamma in R^d",
            "beta in R^d",
            "epsilon > 0",
            "mu_j = 1/n sum_{i=1}^n X_{ij}",
            "s_j = 1/n sum_{i=1}^n (X_{ij} - mu_j)^2",
            "grad sum_{i=1}^n sum_{j=1}^d G_{ij} (gamma_j (X_{ij} - mu_j)/sqrt(s_j + epsilon) + beta_j) wrt X, gamma, beta",
        ),
        "",
    ),
    (
        "dropout",
        ("m in {0,1}^h", "p > 0", "W in R^{h x d}", "x in R^d", "v in R^h", "grad v^T (m .* relu(W x) / p) wrt W, x"),
        "W: (v ⊙ m ⊙ 𝟙[W x > 0]) xᵀ / p; x: Wᵀ(v ⊙ m ⊙ 𝟙[W x > 0]) / p",
    ),
    (
        "softmax over rows",
        ("Z in R^{n x k}", "G in R^{n x k}", "grad sum(G .* softmax(Z)) wrt Z"),
        "softmax(Z) ⊙ (G − (softmax(Z) ⊙ G) · 𝟏 · 𝟏ᵀ)",
    ),
    (
        "recurrent cell",
        ("W in R^{h x h}", "U in R^{h x d}", "b in R^h", "x in R^d", "s in R^h", "v in R^h", "grad v^T tanh(W s + U x + b) wrt W, U, b, s"),
        "",
    ),
    (
        "LSTM cell",
        (
            *GATES,
            "f = sigma(W_f x + U_f a)",
            "q = sigma(W_i x + U_i a)",
            "o = sigma(W_o x + U_o a)",
            "g = tanh(W_c x + U_c a)",
            "c = f .* s + q .* g",
            "grad v^T (o .* tanh(c)) wrt W_f, W_i, W_o, W_c, x, a, s",
        ),
        "",
    ),
    (
        "GRU cell",
        (
            "W_z, W_r, W in R^{m x d}",
            "U_z, U_r, U in R^{m x m}",
            "x in R^d",
            "h in R^m",
            "v in R^m",
            "z = sigma(W_z x + U_z h)",
            "r = sigma(W_r x + U_r h)",
            "k = tanh(W x + U (r .* h))",
            "grad v^T ((1 - z) .* k + z .* h) wrt W_z, U_z, W_r, U_r, W, U, x, h",
        ),
        "",
    ),
    (
        "embedding by one-hot rows",
        ("E in R^{V x d}", "X in R^{n x V}", "X onehot", "W in R^{d x k}", "G in R^{n x k}", "grad sum(G .* tanh(X E W)) wrt E"),
        "Xᵀ(G ⊙ (1 − tanh(X E W)^(⊙2))) Wᵀ",
    ),
    ("a row of the embedding", ("E in R^{V x d}", "t in {1..V}", "v in R^d", "grad v^T E_t wrt E"), ""),
    (
        "two heads",
        (
            *HEADS,
            "grad tr(G^T (softmax(X Q_1 K_1^T X^T / sqrt(k)) X V_1 O_1 + softmax(X Q_2 K_2^T X^T / sqrt(k)) X V_2 O_2)) wrt Q_1, O_2",
        ),
        "",
    ),
    # shifted indices
    (
        "convolution, kernel",
        ("x in R^n", "w in R^K", "g in R^{n-K+1}", "grad sum_{i=1}^{n-K+1} g_i sum_{k=1}^K w_k x_{i+k-1} wrt w"),
        "[∑ᵢ₌₁ⁿ⁻ᴷ⁺¹ gᵢ xᵢ₊ₖ₋₁] for k = 1, …, K",
    ),
    (
        "convolution, input",
        ("x in R^n", "w in R^K", "g in R^{n-K+1}", "grad sum_{i=1}^{n-K+1} g_i sum_{k=1}^K w_k x_{i+k-1} wrt x"),
        "[∑ₖ₌₁ᴷ wₖ {gⱼ₋ₖ₊₁ if j − k ≥ 0 and j − k ≤ n − K; 0 otherwise}] for j = 1, …, n",
    ),
    (
        "convolution, squared loss",
        ("x in R^n", "w in R^K", "t in R^{n-K+1}", "grad 1/2 sum_{i=1}^{n-K+1} (sum_{k=1}^K w_k x_{i+k-1} - t_i)^2 wrt w, x"),
        "",
    ),
    (
        "convolution, relu and bias",
        ("x in R^n", "w in R^K", "b in R", "v in R^{n-K+1}", "grad sum_{i=1}^{n-K+1} v_i relu(sum_{k=1}^K w_k x_{i+k-1} + b) wrt w, x, b"),
        "",
    ),
    (
        "smoothness",
        ("x in R^n", "grad sum_{i=1}^{n-1} (x_{i+1} - x_i)^2 wrt x"),
        "[2 {xⱼ − xⱼ₋₁ if j ≥ 2; 0 otherwise} − 2 {xⱼ₊₁ − xⱼ if j ≤ n − 1; 0 otherwise}] for j = 1, …, n",
    ),
    (
        "autoregression",
        ("x in R^n", "phi in R^p", "grad sum_{t=p+1}^{n} (x_t - sum_{k=1}^p phi_k x_{t-k})^2 wrt phi"),
        "[−2 ∑ₜ₌ₚ₊₁ⁿ (xₜ − ∑ₖ₌₁ᵖ φₖ xₜ₋ₖ) xₜ₋ᵢ] for i = 1, …, p",
    ),
    ("chain", ("A in R^{n x n}", "x in R^n", "grad sum_{i=1}^{n-1} A_{i,i+1} x_i x_{i+1} wrt x, A"), ""),
    ("row sums", ("X in R^{n x d}", "v in R^n", "grad sum_{i=1}^n v_i (sum_{j=1}^d X_{ij})^2 wrt X"), ""),
    ("column means", ("X in R^{n x d}", "grad sum_{j=1}^d (1/n sum_{i=1}^n X_{ij})^2 wrt X"), ""),
    # Kronecker products
    ("Kronecker trace", ("A in R^{m x m}", "B in R^{n x n}", r"\nabla_A \operatorname{tr}(A \otimes B)"), "tr(B) Iₘ"),
    ("Kronecker log-det", ("A in R^{m x m}", "B in R^{n x n}", r"\nabla_A \log\det(A \otimes B)"), "n (A⁻¹)ᵀ"),
    ("Kronecker norm", ("A in R^{m x n}", "B in R^{p x q}", r"\nabla_A \lVert A \otimes B \rVert_F^2"), "2 ‖B‖_F² A"),
    (
        "Kronecker form",
        ("A in R^{m x m}", "B in R^{n x n}", "x in R^{m n}", r"\nabla_x \left(x^\top (A \otimes B) x\right)"),
        "(Aᵀ ⊗ Bᵀ + A ⊗ B) x",
    ),
    # at a point
    ("at numbers", ("x in R^2", "grad x^T [[2, 1], [1, 3]] x wrt x at x = [1, 2]"), "[8, 14]"),
    ("at a named point", ("A in R^{n x n}", "x in R^n", "grad x^T A x wrt x at x = x_0"), "(Aᵀ + A) x₀"),
    ("at zero", ("A in R^{m x n}", "b in R^m", "x in R^n", "grad ||A x - b||^2 wrt x at x = 0"), "−2 Aᵀ b"),
    ("at the identity", ("X in R^{n x n}", "grad log det X wrt X at X = I"), "Iₙ"),
    ("at a matrix", ("X in R^{2 x 2}", "grad log det X wrt X at X = [[2, 0], [1, 4]]"), "[[1/2, −1/8], [0, 1/4]]"),
    ("Jacobian at a point", ("z in R^2", "jacobian softmax(z) wrt z at z = [0, 0]"), "[[1/4, −1/4], [−1/4, 1/4]]"),
    ("Hessian at zero", ("x in R^n", "hessian sum(exp(x)) wrt x at x = 0"), "Iₙ"),
    ("weights at zero", ("x in R^2", "w in R^2", "grad sigma(w^T x) wrt w at w = [0, 0]"), "x/4"),
    (
        "two variables at zero",
        ("A in R^{m x n}", "x in R^n", "b in R^m", "grad ||A x - b||^2 wrt x, b at x = 0, b = 0"),
        "x: 0 · 𝟏; b: 0 · 𝟏",
    ),
    ("evaluated with a bar", (r"A \in S^n", r"\left. \nabla_x (x^\top A x) \right|_{x = x_0}"), "2 A x₀"),
    # directions
    ("direction at a point", ("A in S^n", "x, v, p in R^n", "directional derivative of x^T A x at p along v"), "2 pᵀ A v"),
    ("direction with numbers", ("x in R^2", "directional derivative of ||x||^2 at [1, 2] along [3, 4]"), "22"),
    (
        "direction of a vector function",
        ("A in R^{m x n}", "x, v in R^n", "directional derivative of tanh(A x) along v wrt x"),
        "(A v) ⊙ (1 − tanh(A x)^(⊙2))",
    ),
    # products with derivatives
    ("Hessian-vector product", ("A in R^{m x n}", "x, v in R^n", "(hessian ||A x||^2 wrt x) v"), "2 Aᵀ A v"),
    (
        "Hessian-vector product of a sum",
        ("x_i in R^d", "w in R^d", "v in R^d", "(hessian sum_{i=1}^n log(1 + exp(w^T x_i)) wrt w) v"),
        "∑ᵢ₌₁ⁿ (vᵀ xᵢ) σ(wᵀ xᵢ)(1 − σ(wᵀ xᵢ)) xᵢ",
    ),
    (
        "Hessian of a matrix along a matrix",
        ("X, V in R^{m x n}", "(hessian ||X X^T||_F^2 wrt X) V"),
        "4 X Vᵀ X + 4 X Xᵀ V + 4 V Xᵀ X",
    ),
    ("Jacobian times vector", ("A in R^{m x n}", "x, v in R^n", "(jacobian tanh(A x) wrt x) v"), "(A v) ⊙ (1 − tanh(A x)^(⊙2))"),
    (
        "vector times Jacobian",
        ("A in R^{m x n}", "x in R^n", "v in R^m", "v^T (jacobian tanh(A x) wrt x)"),
        "(v ⊙ (1 − tanh(A x)^(⊙2)))ᵀ A",
    ),
    ("norm of the gradient", ("A in R^{m x n}", "x in R^n", "b in R^m", "|| grad ||A x - b||^2 wrt x ||^2"), "‖2 Aᵀ(A x − b)‖²"),
    ("trace of the Hessian", ("A in R^{m x n}", "x in R^n", "tr(hessian ||A x||^2 wrt x)"), "2 tr(Aᵀ A)"),
    # several variables
    ("Hessian blocks", ("A in R^{n x n}", "x, y in R^n", "hessian x^T A y wrt x, y"), "H_xx: 0 · 𝟏 · 𝟏ᵀ; H_xy: A; H_yy: 0 · 𝟏 · 𝟏ᵀ"),
    (
        "Hessian of weights and bias",
        ("x_i in R^d", "w in R^d", "b in R", "hessian sum_{i=1}^n log(1 + exp(w^T x_i + b)) wrt w, b"),
        (
            "H_ww: ∑ᵢ₌₁ⁿ σ(wᵀ xᵢ + b)(1 − σ(wᵀ xᵢ + b)) xᵢ xᵢᵀ; H_wb: ∑ᵢ₌₁ⁿ σ(wᵀ xᵢ + b)(1 − σ(wᵀ xᵢ + b)) xᵢ; "
            "H_bb: ∑ᵢ₌₁ⁿ σ(wᵀ xᵢ + b)(1 − σ(wᵀ xᵢ + b))"
        ),
    ),
    ("Jacobians", ("A in R^{m x n}", "B in R^{m x k}", "x in R^n", "y in R^k", "jacobian A x + B y wrt x, y"), "x: A; y: B"),
    # differentials
    ("d of a quadratic form", ("A in R^{n x n}", "x in R^n", "d(x^T A x)"), "xᵀ(Aᵀ + A) dx"),
    ("d of a squared norm", ("A in R^{m x n}", "x in R^n", "b in R^m", "d(||A x - b||^2)"), "2 (A x − b)ᵀ A dx"),
    ("d of log det", ("X in R^{n x n}", "d(log det X)"), "tr(X⁻¹ dX)"),
    ("d of an inverse", ("X in R^{n x n}", r"\mathrm{d}(X^{-1})"), "−X⁻¹ (dX) X⁻¹"),
    ("d of softmax", ("z in R^n", "d(softmax(z))"), "softmax(z) ⊙ (dz − (dz)ᵀ softmax(z))"),
    ("d with two variables", ("x, y in R^n", "differential of x^T y wrt x, y"), "yᵀ dx + xᵀ dy"),
    # Taylor
    (
        "Taylor at zero",
        ("x, a in R^n", "taylor log(1 + exp(a^T x)) at x = 0 order 2"),
        "log(2) + aᵀ x / 2 + (aᵀ x)²/8",
    ),
    ("Taylor of first order", ("x, a in R^n", "taylor log(1 + exp(a^T x)) at x = x_0 order 1"), "log(1 + e^(aᵀ x₀)) + σ(aᵀ x₀) aᵀ(x − x₀)"),
    ("Taylor of a matrix function", ("X in R^{n x n}", "taylor log det X at X = I order 1"), "tr(X − Iₙ)"),
    ("Taylor of log-sum-exp", ("A in R^{m x n}", "x in R^n", "taylor logsumexp(A x) at x = x_0 order 2"), ""),
    (
        "Taylor at numbers",
        ("x in R^2", "taylor ||x||^4 at x = [1, 1] order 2"),
        "4 + [8, 8]ᵀ(x − [1, 1]) + (x − [1, 1])ᵀ [[16, 8], [8, 16]] (x − [1, 1]) / 2",
    ),
]

REFUSED: list[tuple[str, Lines, str]] = [
    ("a kink at the point", ("x in R^n", "grad sum(relu(x)) wrt x at x = 0"), "kink"),
    ("no value at the point", ("x in R^n", "grad ||x|| wrt x at x = 0"), "no value at the point"),
    ("a singular point", ("X in R^{2 x 2}", "grad log det X wrt X at X = [[1, 2], [2, 4]]"), "singular"),
    ("a point of another length", ("A in R^{3 x 3}", "x in R^3", "grad x^T A x wrt x at x = [1, 2]"), ""),
    ("Taylor of third order", ("x in R^n", "taylor ||x||^4 at x = 0 order 3"), "order 1 or 2"),
    ("Taylor of second order in a matrix", ("X in R^{n x n}", "taylor log det X at X = I order 2"), "order four"),
    ("Hessian blocks of a matrix", ("X in R^{m x n}", "y in R^m", "hessian ||X||_F^2 + ||y||^2 wrt X, y"), "order four"),
    ("d of two unknowns", ("p, q in R^n", "d(p^T q)"), "variable of the differential"),
]


@pytest.mark.parametrize(("lines", "answer"), [row[1:] for row in SOLVED], ids=[row[0] for row in SOLVED])
def test_every_step_and_the_code_are_verified(lines: Lines, answer: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.verification.status == "verified"
    assert report.code is not None and report.code.check.status == "verified"
    if answer:
        assert shown(report) == answer


@pytest.mark.parametrize(("lines", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_verified_is_refused_by_name(lines: Lines, words: str) -> None:
    report = report_of(lines)
    assert report.status in ("refused", "error")
    assert report.error.kind not in ("internal", "failed-check")
    assert words in report.error.message


def test_a_condition_that_is_left_out_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "_never_negative", lambda *_: True)
    report = report_of(("x in R^n", "grad sum_{i=1}^{n-1} (x_{i+1} - x_i)^2 wrt x"))
    assert report.status != "solved" or report.verification.status != "verified"


def test_gates_named_by_a_letter_of_the_network_are_definitions() -> None:
    report = report_of(("W_z in R^{m x d}", "x in R^d", "v in R^m", "z = sigma(W_z x)", "grad v^T z wrt W_z"))
    assert report.status == "solved"
    assert not any("does not occur" in str(piece) for note in report.solution.notes for piece in note)


def test_what_is_held_constant_is_said() -> None:
    report = report_of(("A in R^{n x n}", "x in R^n", "d(x^T A x)"))
    assert any("A held constant" in str(piece) for note in report.solution.notes for piece in note)
