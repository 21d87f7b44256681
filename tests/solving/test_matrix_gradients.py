"""Gradients, Jacobians and Hessians over arrays: the answer in the form of the field, every step verified, the code run.

Every row goes the whole way; nothing is compared with a rule: the checks are differences of the function itself.
"""

from __future__ import annotations

from typing import Any

import pytest
from questions import report_of, shown

from derive.graph.calculus.adjoints import ADJOINTS

Lines = tuple[str, ...]

ANSWERS: list[tuple[str, Lines, str]] = [
    ("linear", ("a in R^n", "x in R^n", "grad a^T x wrt x"), "a"),
    ("linear-const", ("a in R^n", "x in R^n", "grad a^T x + 3 wrt x"), "a"),
    ("quad", ("A in R^{n x n}", "x in R^n", "grad x^T A x wrt x"), "(Aᵀ + A) x"),
    ("quad-sym", ("A in S^n", "x in R^n", "grad x^T A x wrt x"), "2 A x"),
    ("quad-affine", ("A in S^n", "b in R^n", "x in R^n", "grad 1/2 x^T A x - b^T x wrt x"), "A x − b"),
    ("quad-A", ("A in R^{n x n}", "x in R^n", "grad x^T A x wrt A"), "x xᵀ"),
    ("bilinear", ("a in R^m", "X in R^{m x n}", "b in R^n", "grad a^T X b wrt X"), "a bᵀ"),
    ("bilin-xx", ("a in R^m", "X in R^{m x n}", "b in R^m", "grad a^T X X^T b wrt X"), "(b aᵀ + a bᵀ) X"),
    ("xtx", ("a in R^n", "X in R^{m x n}", "b in R^n", "grad a^T X^T X b wrt X"), "X (b aᵀ + a bᵀ)"),
    ("wls", ("A in R^{m x n}", "x in R^n", "b in R^m", "W in S^m", "grad (A x - b)^T W (A x - b) wrt x"), "2 Aᵀ W (A x − b)"),
    ("wls-A", ("A in R^{m x n}", "x in R^n", "b in R^m", "grad ||A x - b||^2 wrt A"), "2 (A x − b) xᵀ"),
    ("lsq-mean", ("X in R^{n x d}", "w in R^d", "y in R^n", "grad 1/(2 n) ||X w - y||^2 wrt w"), "Xᵀ(X w − y) / n"),
    ("ridge-hess", ("X in R^{n x d}", "w in R^d", "y in R^n", "hessian ||X w - y||^2 + lambda ||w||^2 wrt w"), "2 λ I_d + 2 Xᵀ X"),
    ("tr-ax", ("A in R^{m x n}", "X in R^{n x m}", "grad tr(A X) wrt X"), "Aᵀ"),
    ("tr-axt", ("A in R^{m x n}", "X in R^{m x n}", "grad tr(A X^T) wrt X"), "A"),
    ("tr-xtax", ("A in R^{n x n}", "X in R^{n x m}", "grad tr(X^T A X) wrt X"), "(Aᵀ + A) X"),
    ("tr-xtx", ("X in R^{n x m}", "grad tr(X^T X) wrt X"), "2 X"),
    ("tr-x2", ("X in R^{n x n}", "grad tr(X^2) wrt X"), "2 Xᵀ"),
    ("tr-x3", ("X in R^{n x n}", "grad tr(X^3) wrt X"), "3 Xᵀ Xᵀ"),
    ("tr-ax2b", ("A in R^{n x n}", "B in R^{n x n}", "X in R^{n x n}", "grad tr(A X X B) wrt X"), "Aᵀ Bᵀ Xᵀ + Xᵀ Aᵀ Bᵀ"),
    ("tr-inv", ("A in R^{n x n}", "X in R^{n x n}", "grad tr(A X^{-1}) wrt X"), "−(X⁻¹)ᵀ Aᵀ(X⁻¹)ᵀ"),
    ("inv-quad", ("a in R^n", "b in R^n", "X in R^{n x n}", "grad a^T X^{-1} b wrt X"), "−(X⁻¹)ᵀ a bᵀ(X⁻¹)ᵀ"),
    ("det", ("X in R^{n x n}", "grad det(X) wrt X"), "det(X)(X⁻¹)ᵀ"),
    ("logdet-gen", ("X in R^{n x n}", "grad log det(X) wrt X"), "(X⁻¹)ᵀ"),
    ("logdet-gram", ("X in R^{m x n}", "grad log det(X^T X) wrt X"), "2 X (Xᵀ X)⁻¹"),
    ("logdet-ridge", ("X in R^{m x n}", "lambda > 0", "grad log det(X^T X + lambda I) wrt X"), "2 X (Xᵀ X + λ Iₙ)⁻¹"),
    ("det-axb", ("A in R^{n x n}", "B in R^{n x n}", "X in R^{n x n}", "grad log det(A X B) wrt X"), "(X⁻¹)ᵀ"),
    ("frob2", ("A in R^{m x n}", "X in R^{n x k}", "B in R^{m x k}", "grad ||A X - B||_F^2 wrt X"), "2 Aᵀ(A X − B)"),
    (
        "mf",
        ("R in R^{m x n}", "U in R^{m x k}", "V in R^{n x k}", "grad ||R - U V^T||_F^2 + lambda ||U||_F^2 wrt U, V"),
        "U: 2 (U Vᵀ − R) V + 2 λ U; V: 2 (U Vᵀ − R)ᵀ U",
    ),
    ("norm", ("A in R^{m x n}", "x in R^n", "b in R^m", "grad ||A x - b|| wrt x"), "Aᵀ(A x − b) / ‖A x − b‖"),
    ("l1", ("x in R^n", "lambda > 0", "grad lambda ||x||_1 wrt x"), "λ sign(x)"),
    ("norm-p", ("x in R^n", "grad ||x||_3^3 wrt x"), "3 (sign(x) ⊙ |x|^(⊙2))"),
    ("rayleigh", ("A in S^n", "x in R^n", "grad (x^T A x)/(x^T x) wrt x"), "2 A x / (xᵀ x) − 2 (xᵀ A x) x / (xᵀ x)²"),
    ("cosine", ("x in R^n", "y in R^n", "grad (x^T y)/(||x|| ||y||) wrt x"), "(y/‖x‖ − (xᵀ y) x / ‖x‖³)/‖y‖"),
    ("normalise-jac", ("x in R^n", "jacobian x/||x|| wrt x"), "Iₙ/‖x‖ − x xᵀ / ‖x‖³"),
    ("softmax-jac", ("z in R^n", "jacobian softmax(z) wrt z"), "diag(softmax(z)) − softmax(z) softmax(z)ᵀ"),
    ("lse", ("z in R^n", "grad log(sum(exp(z))) wrt z"), "softmax(z)"),
    ("lse-hess", ("z in R^n", "hessian logsumexp(z) wrt z"), "diag(softmax(z)) − softmax(z) softmax(z)ᵀ"),
    ("lse-Ax", ("A in R^{m x n}", "x in R^n", "b in R^m", "grad logsumexp(A x + b) wrt x"), "Aᵀ softmax(A x + b)"),
    ("ce-lin", ("W in R^{k x d}", "x in R^d", "y in R^k", "y onehot", "grad -y^T log(softmax(W x)) wrt W"), "(softmax(W x) − y) xᵀ"),
    ("ce-gen", ("y in R^k", "z in R^k", "grad -y^T log(softmax(z)) wrt z"), "(𝟏ᵀ y) softmax(z) − y"),
    ("ce-simplex", ("p in Delta^k", "z in R^k", "grad -sum_{j=1}^k p_j log(softmax(z)_j) wrt z"), "softmax(z) − p"),
    ("ce-hess", ("y in R^k", "y onehot", "z in R^k", "hessian -y^T log(softmax(z)) wrt z"), "diag(softmax(z)) − softmax(z) softmax(z)ᵀ"),
    (
        "logreg01",
        (
            "x_i in R^d",
            "y_i in {0, 1}",
            "w in R^d",
            "grad -sum_{i=1}^n (y_i log(sigma(w^T x_i)) + (1 - y_i) log(1 - sigma(w^T x_i))) wrt w",
        ),
        "∑ᵢ₌₁ⁿ (σ(wᵀ xᵢ) − yᵢ) xᵢ",
    ),
    (
        "logreg-pm",
        ("x_i in R^d", "y_i in {-1, 1}", "w in R^d", "grad 1/n sum_{i=1}^n log(1 + exp(-y_i w^T x_i)) + lambda/2 ||w||^2 wrt w"),
        "λ w − (1/n) ∑ᵢ₌₁ⁿ σ(−yᵢ wᵀ xᵢ) yᵢ xᵢ",
    ),
    (
        "logreg-mat",
        ("X in R^{n x d}", "y in {0,1}^n", "w in R^d", "grad 1/n sum(log(1 + exp(X w)) - y .* (X w)) wrt w"),
        "Xᵀ(σ(X w) − y) / n",
    ),
    ("logreg-1", ("X in R^{n x d}", "y in R^n", "w in R^d", "grad 1^T log(1 + exp(X w)) - y^T X w wrt w"), "Xᵀ(σ(X w) − y)"),
    ("poisson", ("x_i in R^d", "w in R^d", "y in R^n", "grad sum_{i=1}^n (exp(w^T x_i) - y_i w^T x_i) wrt w"), "∑ᵢ₌₁ⁿ (e^(wᵀ xᵢ) − yᵢ) xᵢ"),
    (
        "hinge",
        ("x_i in R^d", "y_i in {-1, 1}", "w in R^d", "grad sum_{i=1}^n max(0, 1 - y_i w^T x_i) wrt w"),
        "−∑ᵢ₌₁ⁿ 𝟙[1 − yᵢ wᵀ xᵢ > 0] yᵢ xᵢ",
    ),
    (
        "sqhinge",
        ("x_i in R^d", "y_i in {-1, 1}", "w in R^d", "grad sum_{i=1}^n max(0, 1 - y_i w^T x_i)^2 wrt w"),
        "−2 ∑ᵢ₌₁ⁿ max(0, 1 − yᵢ wᵀ xᵢ) · 𝟙[1 − yᵢ wᵀ xᵢ > 0] yᵢ xᵢ",
    ),
    (
        "gauss-mu",
        ("x_i in R^d", "mu in R^d", "Sigma in S^d_{++}", "grad -1/2 sum_{i=1}^n (x_i - mu)^T Sigma^{-1} (x_i - mu) wrt mu"),
        "Σ⁻¹ ∑ᵢ₌₁ⁿ (xᵢ − μ)",
    ),
    (
        "gauss-S",
        (
            "x_i in R^d",
            "mu in R^d",
            "Sigma in S^d_{++}",
            "grad -n/2 log det Sigma - 1/2 sum_{i=1}^n (x_i - mu)^T Sigma^{-1} (x_i - mu) wrt mu, Sigma",
        ),
        "mu: Σ⁻¹ ∑ᵢ₌₁ⁿ (xᵢ − μ); Sigma: Σ⁻¹ (∑ᵢ₌₁ⁿ (xᵢ − μ)(xᵢ − μ)ᵀ) Σ⁻¹ / 2 − n Σ⁻¹ / 2",
    ),
    (
        "gauss-one",
        ("x in R^d", "mu in R^d", "Sigma in S^d_{++}", "grad -1/2 log det(Sigma) - 1/2 (x - mu)^T Sigma^{-1} (x - mu) wrt Sigma"),
        "Σ⁻¹ (x − μ)(x − μ)ᵀ Σ⁻¹ / 2 − Σ⁻¹/2",
    ),
    (
        "gauss-prec",
        ("x in R^d", "mu in R^d", "P in S^d_{++}", "grad 1/2 log det(P) - 1/2 (x - mu)^T P (x - mu) wrt P"),
        "(1/2)(P⁻¹ − (x − μ)(x − μ)ᵀ)",
    ),
    ("exp-jac", ("A in R^{m x n}", "x in R^n", "jacobian exp(A x) wrt x"), "diag(exp(A x)) A"),
    ("tanh-jac", ("W in R^{m x n}", "x in R^n", "b in R^m", "jacobian tanh(W x + b) wrt x"), "diag(1 − tanh(W x + b)^(⊙2)) W"),
    ("affine-jac", ("A in R^{m x n}", "x in R^n", "b in R^m", "jacobian A x + b wrt x"), "A"),
    ("had", ("a in R^n", "x in R^n", "grad sum(a .* x .* x) wrt x"), "2 (a ⊙ x)"),
    (
        "attn-Q",
        ("Q in R^{n x d}", "K in R^{t x d}", "V in R^{t x p}", "G in R^{n x p}", "grad tr(G^T softmax(Q K^T / sqrt(d)) V) wrt Q"),
        "(softmax(Q Kᵀ / √d) ⊙ (G Vᵀ − (softmax(Q Kᵀ / √d) ⊙ (G Vᵀ)) · 𝟏 · 𝟏ᵀ)) K / √d",
    ),
    (
        "attn-QKV",
        ("Q in R^{n x d}", "K in R^{t x d}", "V in R^{t x p}", "G in R^{n x p}", "grad tr(G^T softmax(Q K^T / sqrt(d)) V) wrt Q, K, V"),
        "Q: (softmax(Q Kᵀ / √d) ⊙ (G Vᵀ − (softmax(Q Kᵀ / √d) ⊙ (G Vᵀ)) · 𝟏 · 𝟏ᵀ)) K / √d; K: (softmax(Q Kᵀ / √d) ⊙ (G Vᵀ − (softmax(Q Kᵀ / √d) ⊙ (G Vᵀ)) · 𝟏 · 𝟏ᵀ))ᵀ Q / √d; V: softmax(Q Kᵀ / √d)ᵀ G",
    ),
    (
        "mlp",
        (
            "W_1 in R^{h x d}",
            "b_1 in R^h",
            "W_2 in R^{k x h}",
            "b_2 in R^k",
            "x in R^d",
            "y in R^k",
            "grad 1/2 ||W_2 relu(W_1 x + b_1) + b_2 - y||^2 wrt W_1, b_1, W_2, b_2",
        ),
        "W_1: ((W₂ᵀ(W₂ ReLU(W₁ x + b₁) + b₂ − y)) ⊙ 𝟙[W₁ x + b₁ > 0]) xᵀ; b_1: (W₂ᵀ(W₂ ReLU(W₁ x + b₁) + b₂ − y)) ⊙ 𝟙[W₁ x + b₁ > 0]; W_2: (W₂ ReLU(W₁ x + b₁) + b₂ − y) ReLU(W₁ x + b₁)ᵀ; b_2: W₂ ReLU(W₁ x + b₁) + b₂ − y",
    ),
    (
        "mlp-ce",
        (
            "W_1 in R^{h x d}",
            "b_1 in R^h",
            "W_2 in R^{k x h}",
            "b_2 in R^k",
            "x in R^d",
            "y in R^k",
            "y onehot",
            "grad -y^T log(softmax(W_2 tanh(W_1 x + b_1) + b_2)) wrt W_1, W_2",
        ),
        "W_1: ((W₂ᵀ(softmax(W₂ tanh(W₁ x + b₁) + b₂) − y)) ⊙ (1 − tanh(W₁ x + b₁)^(⊙2))) xᵀ; W_2: (softmax(W₂ tanh(W₁ x + b₁) + b₂) − y) tanh(W₁ x + b₁)ᵀ",
    ),
    (
        "mlp-batch",
        (
            "X in R^{n x d}",
            "W_1 in R^{d x h}",
            "W_2 in R^{h x k}",
            "Y in R^{n x k}",
            "grad 1/(2 n) ||sigma(X W_1) W_2 - Y||_F^2 wrt W_1, W_2",
        ),
        "W_1: Xᵀ(((σ(X W₁) W₂ − Y) W₂ᵀ) ⊙ σ(X W₁) ⊙ (1 − σ(X W₁))) / n; W_2: σ(X W₁)ᵀ(σ(X W₁) W₂ − Y) / n",
    ),
    (
        "ce-batch",
        ("X in R^{n x d}", "W in R^{d x k}", "Y in R^{n x k}", "grad -1/n sum(Y .* log(softmax(X W))) wrt W"),
        "Xᵀ((Y · 𝟏 · 𝟏ᵀ) ⊙ softmax(X W) − Y) / n",
    ),
    ("idx-quad", ("A in R^{n x n}", "x in R^n", "grad sum_{i=1}^n sum_{j=1}^n A_{ij} x_i x_j wrt x"), "(Aᵀ + A) x"),
    ("idx-lin", ("A in R^{m x n}", "x in R^n", "b in R^m", "grad sum_{i=1}^m (sum_{j=1}^n A_{ij} x_j - b_i)^2 wrt x"), "2 Aᵀ(A x − b)"),
    (
        "centred",
        ("x in R^n", "grad 1/n sum_{i=1}^n (x_i - 1/n sum_{j=1}^n x_j)^2 wrt x"),
        "2 (x − (∑ⱼ₌₁ⁿ xⱼ)/n) / n",
    ),
    ("outer-fit", ("A in S^n", "x in R^n", "grad ||A - x x^T||_F^2 wrt x"), "4 (x xᵀ − A) x"),
    ("outer-fit-hess", ("A in S^n", "x in R^n", "hessian 1/4 ||A - x x^T||_F^2 wrt x"), "2 x xᵀ − A + (xᵀ x) Iₙ"),
    ("barrier2", ("a_i in R^n", "b in R^m", "x in R^n", "hessian -sum_{i=1}^m log(b_i - a_i^T x) wrt x"), "∑ᵢ₌₁ᵐ aᵢ aᵢᵀ / (bᵢ − aᵢᵀ x)²"),
    ("diag", ("d in R^n", "A in R^{n x n}", "grad tr(A diag(d)) wrt d"), "diag(A)"),
    ("diag-quad", ("d in R^n", "x in R^n", "grad x^T diag(d) x wrt d"), "x^(⊙2)"),
    ("lam", ("A in R^{m x n}", "x in R^n", "b in R^m", "d/dlambda (||A x - b||^2 + lambda ||x||^2)"), "‖x‖²"),
    ("zero", ("x in R^n", "y in R^n", "grad ||y||^2 wrt x"), "0 · 𝟏"),
    ("orth", ("Q in R^{n x n}", "Q orthogonal", "x in R^n", "grad ||Q x||^2 wrt x"), "2 x"),
    ("huber", ("x in R^n", "y in R^n", "grad sum_{i=1}^n sqrt(1 + (x_i - y_i)^2) wrt x"), "(x − y) ⊘ √(1 + (x − y)^(⊙2))"),
    ("kl-cat", ("p in R^n", "q in R^n", "grad sum_{i=1}^n p_i log(p_i/q_i) wrt p, q"), "p: 1 + log(p ⊘ q); q: −p ⊘ q"),
    (
        "triplet",
        ("a in R^d", "p in R^d", "q in R^d", "grad max(0, ||a - p||^2 - ||a - q||^2 + 1) wrt a"),
        "2 · 𝟙[‖a − p‖² − ‖a − q‖² + 1 > 0] (q − p)",
    ),
    ("gp", ("y in R^n", "K in S^n_{++}", "grad -1/2 y^T K^{-1} y - 1/2 log det K wrt K"), "K⁻¹ y yᵀ K⁻¹ / 2 − K⁻¹/2"),
    ("max", ("x in R^n", "grad max(x) wrt x"), "𝟙[x = max(x)]"),
    ("fro-norm", ("X in R^{m x n}", "A in R^{m x n}", "grad ||X - A||_F wrt X"), "(X − A)/‖X − A‖_F"),
    ("autoenc", ("W in R^{k x d}", "x in R^d", "grad ||x - W^T W x||^2 wrt W"), "−2 W ((x − Wᵀ W x) xᵀ + x (x − Wᵀ W x)ᵀ)"),
    (
        "autoenc-tanh",
        ("W in R^{k x d}", "x in R^d", "grad ||x - W^T tanh(W x)||^2 wrt W"),
        "−2 (((W (x − Wᵀ tanh(W x))) ⊙ (1 − tanh(W x)^(⊙2))) xᵀ + tanh(W x)(x − Wᵀ tanh(W x))ᵀ)",
    ),
    ("sigm-lin", ("W in R^{m x n}", "x in R^n", "v in R^m", "grad v^T sigma(W x) wrt x"), "Wᵀ(v ⊙ σ(W x) ⊙ (1 − σ(W x)))"),
    ("logsig", ("w in R^d", "x in R^d", "grad log(sigma(w^T x)) wrt w"), "(1 − σ(wᵀ x)) x"),
    ("logsig-h", ("w in R^d", "x in R^d", "hessian log(sigma(w^T x)) wrt w"), "−σ(wᵀ x)(1 − σ(wᵀ x)) x xᵀ"),
    ("mean", ("x in R^n", "grad mean(x) wrt x"), "𝟏/n"),
    ("labels", ("z in R^{n x K}", "y in {1..K}^n", "grad -sum_{i=1}^n log(softmax(z_i)_{y_i}) wrt z"), "softmax(z) − onehot(y, K)"),
    (
        "scalar-w",
        ("X in R^{n x d}", "w in R^d", "y in R^n", "beta > 0", "grad beta/2 ||y - X w||^2 - n/2 log(beta) wrt w, beta"),
        "w: β Xᵀ(X w − y); beta: (‖y − X w‖² − n/β)/2",
    ),
    (
        "lam2",
        (
            "A in R^{m x n}",
            "x in R^n",
            "b in R^m",
            "\\frac{\\partial}{\\partial \\lambda} (\\lVert A x - b\\rVert^2 + \\lambda \\lVert x\\rVert^2)",
        ),
        "‖x‖²",
    ),
    ("pd-X", ("X \\in \\mathbb{R}^{n \\times n}", "\\frac{\\partial \\log\\det X}{\\partial X}"), "(X⁻¹)ᵀ"),
    ("dt-inv", ("A in R^{n x n}", "B in R^{n x n}", "d/dt (A + t B)^{-1}"), "−(A + t B)⁻¹ B (A + t B)⁻¹"),
    ("dt-logdet", ("A in S^n_{++}", "B in S^n", "d/dt log det(A + t B)"), "tr((A + t B)⁻¹ B)"),
    ("dir", ("A in S^n", "x in R^n", "v in R^n", "directional derivative of x^T A x along v wrt x"), "2 vᵀ A x"),
    (
        "latex-ridge",
        ("\\nabla_w \\left( \\frac{1}{2n} \\lVert X w - y \\rVert_2^2 + \\frac{\\lambda}{2} \\lVert w \\rVert_2^2 \\right)",),
        "Xᵀ(X w − y) / n + λ w",
    ),
    ("hess-lse-A", ("A in R^{m x n}", "x in R^n", "hessian logsumexp(A x) wrt x"), "Aᵀ(diag(softmax(A x)) − softmax(A x) softmax(A x)ᵀ) A"),
    ("hess-quartic", ("x in R^n", "hessian ||x||^4 wrt x"), "4 ‖x‖² Iₙ + 8 x xᵀ"),
    ("hess-norm", ("x in R^n", "hessian ||x|| wrt x"), "Iₙ/‖x‖ − x xᵀ / ‖x‖³"),
    ("hess-rosen", ("x in R^n", "hessian sum(exp(x)) wrt x"), "diag(exp(x))"),
    (
        "hess-mixed",
        ("x in R^n", "A in R^{m x n}", "hessian 1/2 ||sigma(A x)||^2 wrt x"),
        "Aᵀ diag((2 σ(A x) − 3 σ(A x)^(⊙2)) ⊙ σ(A x) ⊙ (1 − σ(A x))) A",
    ),
    ("jac-layer", ("W in R^{m x n}", "U in R^{k x m}", "x in R^n", "jacobian U tanh(W x) wrt x"), "U diag(1 − tanh(W x)^(⊙2)) W"),
    ("jac-outer", ("x in R^n", "a in R^n", "jacobian (a^T x) x wrt x"), "(aᵀ x) Iₙ + x aᵀ"),
    ("jac-had", ("x in R^n", "y in R^n", "jacobian x .* y wrt x"), "diag(y)"),
    ("jac-lsm", ("z in R^n", "jacobian log(softmax(z)) wrt z"), "Iₙ − 𝟏 softmax(z)ᵀ"),
    ("partial of an inverse", (r"A \in \mathbb{R}^{n \times n}", r"\frac{\partial}{\partial A} a^\top A^{-1} b"), "−(A⁻¹)ᵀ a bᵀ(A⁻¹)ᵀ"),
    ("simplexvar", ("p in Delta^k", "grad -p^T log(p) wrt p"), "−(log(p) + 1)"),
    ("simplexsum", ("p in Delta^k", "grad (1^T p)^2 wrt p"), "2 · 𝟏"),
    ("orthvar", ("Q in R^{n x n}", "Q orthogonal", "A in R^{n x n}", "grad ||Q^T Q - A||_F^2 wrt Q"), "Q · (2 (Iₙ − A) + 2 (Iₙ − A)ᵀ)"),
    ("symvar", ("S in S^n", "A in R^{n x n}", "grad tr(A S^T) wrt S"), "A"),
    ("symvar2", ("S in S^n", "A in R^{n x n}", "grad tr(A S S) wrt S"), "Aᵀ S + S Aᵀ"),
    ("dropout", ("m in {0,1}^h", "W in R^{h x d}", "x in R^d", "v in R^h", "grad v^T (m .* relu(W x)) wrt W"), "(v ⊙ m ⊙ 𝟙[W x > 0]) xᵀ"),
    (
        "three",
        (
            "W_1 in R^{h x d}",
            "W_2 in R^{h x h}",
            "W_3 in R^{k x h}",
            "x in R^d",
            "y in R^k",
            "y onehot",
            "grad -y^T log(softmax(W_3 relu(W_2 relu(W_1 x)))) wrt W_1, W_2, W_3",
        ),
        "W_1: ((W₂ᵀ((W₃ᵀ(softmax(W₃ ReLU(W₂ ReLU(W₁ x))) − y)) ⊙ 𝟙[W₂ ReLU(W₁ x) > 0])) ⊙ 𝟙[W₁ x > 0]) xᵀ; W_2: ((W₃ᵀ(softmax(W₃ ReLU(W₂ ReLU(W₁ x))) − y)) ⊙ 𝟙[W₂ ReLU(W₁ x) > 0]) ReLU(W₁ x)ᵀ; W_3: (softmax(W₃ ReLU(W₂ ReLU(W₁ x))) − y) ReLU(W₂ ReLU(W₁ x))ᵀ",
    ),
    (
        "focal",
        ("w in R^d", "x in R^d", "grad -(1 - sigma(w^T x))^2 log(sigma(w^T x)) wrt w"),
        "(2 log(σ(wᵀ x))(1 − σ(wᵀ x))² σ(wᵀ x) − (1 − σ(wᵀ x))³) x",
    ),
    ("gelu", ("W in R^{h x d}", "x in R^d", "v in R^h", "grad v^T gelu(W x) wrt W"), "(v ⊙ (Φ(W x) + (W x) ⊙ φ(W x))) xᵀ"),
    ("softplus", ("w in R^d", "x in R^d", "grad softplus(w^T x) wrt w"), "σ(wᵀ x) x"),
    ("bregman", ("x in R^n", "y in R^n", "grad x^T log(x ./ y) wrt x"), "1 + log(x ⊘ y)"),
    (
        "maha",
        ("x in R^d", "mu in R^d", "Sigma in S^d_{++}", "grad sqrt((x - mu)^T Sigma^{-1} (x - mu)) wrt x"),
        "Σ⁻¹ (x − μ) / √((x − μ)ᵀ Σ⁻¹ (x − μ))",
    ),
    ("logdet-lowrank", ("D in R^{n x n}", "D diagonal", "U in R^{n x k}", "grad log det(D + U U^T) wrt U"), "2 (D + U Uᵀ)⁻¹ U"),
    ("wishart", ("S in S^n_{++}", "P in S^n_{++}", "nu > 0", "grad nu/2 log det P - 1/2 tr(P S) wrt P"), "(1/2)(ν P⁻¹ − S)"),
    (
        "nce",
        ("q in R^d", "k in R^d", "K in R^{n x d}", "tau > 0", "grad -(q^T k)/tau + logsumexp(K q / tau) wrt q"),
        "(Kᵀ softmax(K q / τ) − k)/τ",
    ),
    ("trace-exp", ("X in R^{n x n}", "grad np.trace(np.exp(X)) wrt X"), "Iₙ ⊙ exp(X)"),
    ("vec-pow", ("x in R^n", "grad sum_{i=1}^n x_i^4 wrt x"), "4 x^(⊙3)"),
    ("prodx", ("x in R^n", "grad prod_{i=1}^n x_i wrt x"), "(∏ᵢ₌₁ⁿ xᵢ) ⊘ x"),
    ("smooth-tv", ("x in R^n", "c in R^n", "grad sum_{i=1}^n sum_{j=1}^n (x_i - x_j)^2 wrt x"), "4 n x − 4 (𝟏ᵀ x) · 𝟏"),
    ("gram-idx", ("X in R^{n x d}", "w in R^d", "y in R^n", "grad sum_{i=1}^n (y_i - sum_{j=1}^d X_{ij} w_j)^2 wrt w"), "2 Xᵀ(X w − y)"),
    ("frob-idx", ("X in R^{m x n}", "Y in R^{m x n}", "grad sum_{i=1}^m sum_{j=1}^n (X_{ij} - Y_{ij})^2 wrt X"), "2 (X − Y)"),
    (
        "mf-idx",
        ("R in R^{m x n}", "U in R^{m x k}", "V in R^{n x k}", "grad sum_{i=1}^m sum_{j=1}^n (R_{ij} - sum_{l=1}^k U_{il} V_{jl})^2 wrt U"),
        "2 (U Vᵀ − R) V",
    ),
    (
        "labels2",
        ("W in R^{K x d}", "x_i in R^d", "y_i in {1..K}", "grad -1/n sum_{i=1}^n log(softmax(W x_i)_{y_i}) wrt W"),
        "(1/n) ∑ᵢ₌₁ⁿ (softmax(W xᵢ) − onehot(yᵢ, K)) xᵢᵀ",
    ),
    ("labels3", ("z in R^K", "y in {1..K}", "grad -log(softmax(z)_y) wrt z"), "softmax(z) − onehot(y, K)"),
    (
        "labels4",
        ("X in R^{n x d}", "W in R^{d x K}", "y in {1..K}^n", "grad -1/n sum_{i=1}^n log(softmax(X W)_{i,y_i}) wrt W"),
        "Xᵀ(softmax(X W) − onehot(y, K)) / n",
    ),
]

REFUSED: list[tuple[str, Lines, str, str]] = [
    ("trace of exp", ("X in R^{n x n}", "grad tr(exp(X)) wrt X"), "refused", "entry by entry or as the function of the matrix"),
    ("inverse of a vector", ("x in R^n", "grad 1^T x^{-1} wrt x"), "error", "the inverse of a vector"),
    ("gradient of a vector", ("X in R^{m x n}", "v in R^n", "grad X v wrt X"), "error", "no scalar"),
    ("one-hot", ("y onehot", "y in R^k", "z in R^k", "grad -y^T log(softmax(z)) wrt y"), "error", "y is no real variable"),
    ("a size", ("x in R^n", "grad n ||x||^2 wrt n"), "error", "n is no real variable"),
    ("an expression", ("x in R^n", "grad ||x||^2 wrt x + 1"), "error", "with respect to a variable"),
    ("a vector", ("A in R^{m x n}", "X in R^{n x k}", "grad A X wrt X"), "error", "no scalar"),
]

WRONG: list[tuple[str, str, Lines]] = [
    ("matmul", "the transposes are missing", ("A in R^{n x n}", "x in R^n", "b in R^n", "grad ||A x - b||^2 wrt x")),
    ("inverse", "the sign is wrong", ("A in R^{n x n}", "X in R^{n x n}", "grad tr(A X^{-1}) wrt X")),
    ("logdet", "the transpose is missing", ("X in R^{n x n}", "grad log det(X) wrt X")),
    ("softmax", "the normalisation is missing", ("a in R^n", "z in R^n", "grad a^T softmax(z) wrt z")),
    ("exp", "the derivative is 1", ("x in R^n", "grad sum(exp(x)) wrt x")),
    ("exp", "the derivative is 1", ("A in R^{m x n}", "x in R^n", "jacobian exp(A x) wrt x")),
    ("norm", "twice as long", ("x in R^n", "grad ||x|| wrt x")),
]


def planted(operation: str) -> Any:
    """An adjoint that is wrong in the way the row says."""
    right = ADJOINTS[operation]

    def matmul(a: Any, node: Any, g: Any) -> Any:
        left, other = node.args
        return (a.outer(g, other), a.matmul(left, g)) if len(other.shape) == 1 else right(a, node, g)

    def wrong(a: Any, node: Any, g: Any) -> Any:
        made = {
            "inverse": lambda: [a.neg(x) for x in right(a, node, g)],
            "logdet": lambda: [a.mul(g, a.inverse(node.args[0]))],
            "softmax": lambda: [a.mul(g, node)],
            "exp": lambda: [g],
            "norm": lambda: [a.mul(a.number(2), x) for x in right(a, node, g)],
        }
        return made[operation]()

    return matmul if operation == "matmul" else wrong


@pytest.mark.parametrize(("lines", "answer"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_the_answer_is_verified_and_its_code_runs(lines: Lines, answer: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.verification.status == "verified"
    assert report.code is not None and report.code.check.status == "verified"
    assert shown(report) == answer


@pytest.mark.parametrize(("lines", "status", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_has_no_answer_is_refused_by_name(lines: Lines, status: str, words: str) -> None:
    report = report_of(lines)
    assert report.status == status
    assert words in report.error.message


@pytest.mark.parametrize(("operation", "lines"), [(row[0], row[2]) for row in WRONG], ids=[f"{row[0]}: {row[1]}" for row in WRONG])
def test_a_wrong_adjoint_is_caught(operation: str, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report_of(lines).status == "solved"
    monkeypatch.setitem(ADJOINTS, operation, planted(operation))
    report = report_of(lines)
    assert report.status == "refused"
    assert report.error.kind == "failed-check"
    assert report.verification.status == "failed"


def test_what_does_not_occur_has_a_zero_gradient_and_a_note_says_so() -> None:
    report = report_of(("x in R^n", "y in R^n", "grad ||y||^2 wrt x"))
    assert report.status == "solved"
    assert any("does not occur" in str(piece) for note in report.solution.notes for piece in note)


def test_the_property_that_an_answer_rests_on_is_said() -> None:
    report = report_of(("y in R^k", "z in R^k", "y onehot", "grad -y^T log(softmax(z)) wrt z"))
    assert any("sum to 1" in str(piece) for prose in report.solution.assumptions for piece in prose)
    general = report_of(("y in R^k", "z in R^k", "grad -y^T log(softmax(z)) wrt z"))
    assert not general.solution.assumptions
