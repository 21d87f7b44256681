"""What the printers of one line print: each row is a term, its LaTeX, its plain text, its inline Unicode."""

from __future__ import annotations

import pytest
from printer_terms import (
    A,
    B,
    X,
    Y,
    a,
    add,
    at,
    b,
    c,
    d,
    decay,
    div,
    e,
    f,
    i,
    inf,
    j,
    k,
    lam,
    logistic,
    m,
    mu,
    mul,
    n,
    named,
    neg,
    otherwise,
    pi,
    power,
    rel,
    s,
    sigma,
    size,
    t,
    theta,
    v,
    w,
    x,
    y,
    z,
)  # fmt: skip

from derive.expressions.inline import inline
from derive.expressions.latex import latex
from derive.expressions.plain import plain, plain_ascii
from derive.expressions.term import Term

T = Term
half = div(n(1), n(2))
residual = add(mul(A, x), neg(b))

ROWS = [
    # sums, products, signs
    (add(n(1), decay), "1 + e^{-x}", "1 + e^(-x)", "1 + e⁻ˣ"),
    (add(n(1), neg(logistic)), r"1 - \sigma(x)", "1 - sigmoid(x)", "1 − σ(x)"),
    (mul(logistic, add(n(1), neg(logistic))), r"\sigma(x) (1 - \sigma(x))", "sigmoid(x) (1 - sigmoid(x))", "σ(x)(1 − σ(x))"),
    (neg(add(x, n(1))), "-(x + 1)", "-(x + 1)", "−(x + 1)"),
    (add(neg(x), y), "-x + y", "-x + y", "−x + y"),
    (add(x, neg(neg(y))), "x - (-y)", "x - (-y)", "x − (−y)"),
    (add(x, add(y, z)), "x + (y + z)", "x + (y + z)", "x + (y + z)"),
    (mul(n(2), x), "2 x", "2 x", "2 x"),
    (mul(x, n(3)), r"x \cdot 3", "x * 3", "x · 3"),
    (mul(n(2), n(3)), r"2 \cdot 3", "2 * 3", "2 · 3"),
    (mul(n(2), power(n(10), n(3))), r"2 \cdot 10^3", "2 * 10^3", "2 · 10³"),
    (mul(x, y, sign="·"), r"x \cdot y", "x · y", "x · y"),
    (mul(mul(a, b), c, sign="·"), r"a b \cdot c", "a b · c", "a b · c"),
    (mul(mul(a, b), c), "(a b) c", "(a b) c", "(a b) c"),
    (mul(a, mul(b, c)), "a (b c)", "a (b c)", "a (b c)"),
    (mul(neg(a), b), "(-a) b", "(-a) b", "(−a) b"),
    (neg(mul(a, b)), "-a b", "-a b", "−a b"),
    (mul(x, add(y, n(1))), "x (y + 1)", "x (y + 1)", "x (y + 1)"),
    (mul(add(a, b), add(c, x)), "(a + b) (c + x)", "(a + b) (c + x)", "(a + b)(c + x)"),
    # a letter before a bracket
    (mul(v("f"), add(b, c)), r"f \cdot (b + c)", "f * (b + c)", "f · (b + c)"),
    (mul(s, add(n(1), x)), r"\sigma \cdot (1 + x)", "sigma * (1 + x)", "σ · (1 + x)"),
    (mul(s, add(n(1), neg(s))), r"\sigma (1 - \sigma)", "sigma (1 - sigma)", "σ (1 − σ)"),
    (mul(v("p"), add(n(1), neg(v("p")))), "p (1 - p)", "p (1 - p)", "p (1 − p)"),
    (mul(v("gamma"), add(n(1), x)), r"\gamma \cdot (1 + x)", "gamma * (1 + x)", "γ · (1 + x)"),
    (mul(pi, add(x, n(1))), r"\pi \cdot (x + 1)", "pi * (x + 1)", "π · (x + 1)"),
    # quotients
    (div(x, n(2)), r"\frac{x}{2}", "x/2", "x/2"),
    (div(mul(n(2), x), n(3)), r"\frac{2 x}{3}", "2 x / 3", "2 x / 3"),
    (div(n(1), mul(n(2), x)), r"\frac{1}{2 x}", "1/(2 x)", "1/(2 x)"),
    (div(add(x, n(1)), add(x, neg(n(1)))), r"\frac{x + 1}{x - 1}", "(x + 1)/(x - 1)", "(x + 1)/(x − 1)"),
    (div(div(a, b), c), r"\frac{\frac{a}{b}}{c}", "(a/b)/c", "(a/b)/c"),
    (div(a, div(b, c)), r"\frac{a}{\frac{b}{c}}", "a/(b/c)", "a/(b/c)"),
    (mul(half, x), r"\frac{1}{2} x", "(1/2) x", "(1/2) x"),
    (mul(n(2), half), r"2 \cdot \frac{1}{2}", "2 (1/2)", "2 (1/2)"),
    (neg(div(a, b)), r"-\frac{a}{b}", "-a/b", "−a/b"),
    (div(neg(a), b), r"\frac{-a}{b}", "(-a)/b", "(−a)/b"),
    (div(decay, power(add(n(1), decay), n(2))), r"\frac{e^{-x}}{(1 + e^{-x})^2}", "e^(-x)/(1 + e^(-x))^2", "e⁻ˣ/(1 + e⁻ˣ)²"),
    # powers and roots
    (power(x, n(2)), "x^2", "x^2", "x²"),
    (power(x, n(12)), "x^{12}", "x^12", "x¹²"),
    (power(x, add(size, neg(n(1)))), "x^{n-1}", "x^(n - 1)", "xⁿ⁻¹"),
    (power(neg(n(1)), k), "(-1)^k", "(-1)^k", "(−1)ᵏ"),
    (power(power(x, n(2)), n(3)), "(x^2)^3", "(x^2)^3", "(x²)³"),
    (power(x, power(y, z)), "x^{y^z}", "x^(y^z)", "x^(yᶻ)"),
    (power(div(x, y), n(2)), r"\left(\frac{x}{y}\right)^2", "(x/y)^2", "(x/y)²"),
    (power(e, mul(n(2), x)), "e^{2x}", "e^(2 x)", "e²ˣ"),
    (power(e, neg(div(power(x, n(2)), n(2)))), "e^{-x^2/2}", "e^(-x^2/2)", "e^(−x²/2)"),
    (power(x, half), "x^{1/2}", "x^(1/2)", "x^(1/2)"),
    (power(x, theta), r"x^\theta", "x^theta", "xᶿ"),
    (power(named("V", sup="pi"), n(2)), r"(V^\pi)^2", "(V^pi)^2", "(V^π)²"),
    (T("sqrt", (x,)), r"\sqrt{x}", "sqrt(x)", "√x"),
    (T("sqrt", (add(n(1), x),)), r"\sqrt{1 + x}", "sqrt(1 + x)", "√(1 + x)"),
    (T("root", (x, n(3))), r"\sqrt[3]{x}", "x^(1/3)", "∛x"),
    (T("factorial", (size,)), "n!", "n!", "n!"),
    (T("binomial", (size, k)), r"\binom{n}{k}", "binomial(n, k)", "C(n, k)"),
    # functions
    (f("sin", x), r"\sin x", "sin(x)", "sin(x)"),
    (power(f("sin", x), n(2)), r"\sin^2(x)", "sin(x)^2", "sin²(x)"),
    (power(f("tanh", x), neg(n(1))), r"(\tanh(x))^{-1}", "tanh(x)^(-1)", "tanh(x)⁻¹"),
    (power(logistic, n(2)), r"\sigma(x)^2", "sigmoid(x)^2", "σ(x)²"),
    (mul(n(6), x, f("log", x)), r"6 x \log x", "6 x log(x)", "6 x log(x)"),
    (mul(f("sin", x), y), r"\sin(x) y", "sin(x) y", "sin(x) y"),
    (mul(f("sin", x), f("cos", x)), r"\sin x \cos x", "sin(x) cos(x)", "sin(x) cos(x)"),
    (f("log", div(x, y)), r"\log\left(\frac{x}{y}\right)", "log(x/y)", "log(x/y)"),
    (f("log", x, n(2)), r"\log_2 x", "log_2(x)", "log₂(x)"),
    (f("exp", neg(x)), r"\exp(-x)", "exp(-x)", "exp(−x)"),
    (f("max", n(0), x), r"\max(0, x)", "max(0, x)", "max(0, x)"),
    (f("gamma", x), r"\Gamma(x)", "Gamma(x)", "Γ(x)"),
    (f("digamma", x), r"\psi(x)", "digamma(x)", "ψ(x)"),
    (f("relu", x), r"\operatorname{ReLU}(x)", "relu(x)", "ReLU(x)"),
    (f("softplus", add(x, y)), r"\operatorname{softplus}(x + y)", "softplus(x + y)", "softplus(x + y)"),
    (T("call", (v("f"), x, y)), "f(x, y)", "f(x, y)", "f(x, y)"),
    (T("call", (v("p"), x, T("semicolon", (theta,)))), r"p(x; \theta)", "p(x; theta)", "p(x; θ)"),
    (T("prime", (v("f"), mul(n(2), x)), 1), "f'(2 x)", "f'(2 x)", "f′(2 x)"),
    (T("prime", (v("sigmoid"), z), 1), r"\sigma'(z)", "sigmoid'(z)", "σ′(z)"),
    (T("prime", (v("f"),), 2), "f''", "f''", "f′′"),
    # names
    (lam, r"\lambda", "lambda", "λ"),
    (v("theta_0"), r"\theta_0", "theta_0", "θ₀"),
    (v("loss"), r"\mathrm{loss}", "loss", "loss"),
    (named("y", accents=("hat",)), r"\hat{y}", "y_hat", "ŷ"),
    (named("theta", accents=("hat",), sub="MLE"), r"\hat{\theta}_{\mathrm{MLE}}", "theta_hat_MLE", "θ̂_MLE"),
    (named("w", sup="*"), "w^*", "w^*", "w*"),
    (named("W", sup="(l)"), "W^{(l)}", "W^{(l)}", "W⁽ˡ⁾"),
    (named("c", sub="t-1"), "c_{t-1}", "c_{t-1}", "cₜ₋₁"),
    (named("w", primes=1), "w'", "w'", "w′"),
    (named("x", font="bf"), r"\mathbf{x}", "x", "𝐱"),
    (named("mu", font="bf"), r"\boldsymbol{\mu}", "mu", "𝛍"),
    (named("L", font="cal"), r"\mathcal{L}", "L", "ℒ"),
    (named("R", font="bb"), r"\mathbb{R}", "R", "ℝ"),
    (named("lambda", sub="max"), r"\lambda_\max", "lambda_max", "λₘₐₓ"),
    (named("pi", sub="theta"), r"\pi_\theta", "pi_theta", "π_θ"),
    (named("ell"), r"\ell", "ell", "ℓ"),
    # elements
    (at(x, i), "x_i", "x_i", "xᵢ"),
    (at(A, i, j), "A_{ij}", "A_{ij}", "Aᵢⱼ"),
    (at(x, add(i, n(1))), "x_{i+1}", "x_{i+1}", "xᵢ₊₁"),
    (at(A, i, add(j, n(1))), "A_{i, j+1}", "A_{i,j+1}", "A_(i,j+1)"),
    (at(A, i, T("blank")), "A_{i:}", "A_{i:}", "A_(i:)"),
    (T("index", (x, t), "<"), "x_{<t}", "x_{<t}", "x_{<t}"),
    (power(at(x, i), n(2)), "x_i^2", "x_i^2", "xᵢ²"),
    (at(named("W", sup="(l)"), i, j), "W^{(l)}_{ij}", "W^{(l)}_{ij}", "W⁽ˡ⁾ᵢⱼ"),
    (at(f("softmax", z), i), r"\operatorname{softmax}(z)_i", "softmax(z)_i", "softmax(z)ᵢ"),
    (
        mul(at(v("p"), i), add(T("delta", (i, j)), neg(at(v("p"), j)))),
        r"p_i (\delta_{ij} - p_j)", "p_i (delta_{ij} - p_j)", "pᵢ (δᵢⱼ − pⱼ)",
    ),
    # matrices and brackets
    (mul(n(2), T("transpose", (A,)), residual), r"2 A^{\top} (A x - b)", "2 A^T (A x - b)", "2 Aᵀ(A x − b)"),
    (T("inverse", (A,)), "A^{-1}", "A^(-1)", "A⁻¹"),
    (T("transpose", (T("inverse", (A,)),)), r"(A^{-1})^{\top}", "(A^(-1))^T", "(A⁻¹)ᵀ"),
    (T("transpose", (named("a", sup="(l)"),)), r"a^{(l)\top}", "(a^{(l)})^T", "(a⁽ˡ⁾)ᵀ"),
    (T("matmul", (A, x)), "A x", "A x", "A x"),
    (T("hadamard", (A, B)), r"A \odot B", "A .* B", "A ⊙ B"),
    (T("kron", (A, B)), r"A \otimes B", "kron(A, B)", "A ⊗ B"),
    (T("abs", (x,)), r"\lvert x \rvert", "|x|", "|x|"),
    (T("abs", (add(T("abs", (x,)), n(1)),)), r"\lvert \lvert x \rvert + 1 \rvert", "abs(|x| + 1)", "||x| + 1|"),
    (T("abs", (div(x, y),)), r"\left\lvert \frac{x}{y} \right\rvert", "|x/y|", "|x/y|"),
    (power(T("norm", (residual,), "2"), n(2)), r"\lVert A x - b \rVert_2^2", "||A x - b||_2^2", "‖A x − b‖²"),
    (T("norm", (A,), "F"), r"\lVert A \rVert_F", "||A||_F", "‖A‖_F"),
    (T("norm", (x,), "inf"), r"\lVert x \rVert_\infty", "||x||_inf", "‖x‖_∞"),
    (T("norm", (x, v("p")), "p"), r"\lVert x \rVert_p", "||x||_p", "‖x‖ₚ"),
    (mul(lam, power(T("norm", (x,), "2"), n(2))), r"\lambda \lVert x \rVert_2^2", "lambda ||x||_2^2", "λ ‖x‖²"),
    (T("inner", (x, y)), r"\langle x, y \rangle", "<x, y>", "⟨x, y⟩"),
    (T("matrix", (n(1), x, y, n(2)), (2, 2)), r"\begin{pmatrix} 1 & x \\ y & 2 \end{pmatrix}", "[[1, x], [y, 2]]", "[[1, x], [y, 2]]"),
    (T("vector", (x, y)), r"\begin{pmatrix} x \\ y \end{pmatrix}", "[x, y]", "[x, y]"),
    (T("tuple", (x, y)), "(x, y)", "(x, y)", "(x, y)"),
    (T("set", (n(0), n(1))), r"\{0, 1\}", "{0, 1}", "{0, 1}"),
    (T("interval", (n(0), inf), "[)"), r"[0, \infty)", "[0, inf)", "[0, ∞)"),
    (T("identity", (size,)), "I_n", "I_n", "Iₙ"),
    # big operators
    (sigma(power(at(x, i), n(2)), i, n(1), size), r"\sum_{i=1}^n x_i^2", "sum_{i=1}^n x_i^2", "∑ᵢ₌₁ⁿ xᵢ²"),
    (T("sum", (power(at(x, i), n(2)), i), "bare"), r"\sum_i x_i^2", "sum_i x_i^2", "∑ᵢ xᵢ²"),
    (T("sum", (at(x, k), k, rel(k, "!=", i)), "cond"), r"\sum_{k \ne i} x_k", "sum_{k != i} x_k", "∑_(k≠i) xₖ"),
    (sigma(add(at(x, i), n(1)), i, n(1), size), r"\sum_{i=1}^n (x_i + 1)", "sum_{i=1}^n (x_i + 1)", "∑ᵢ₌₁ⁿ (xᵢ + 1)"),
    (add(sigma(at(x, i), i, n(1), size), n(1)), r"\sum_{i=1}^n x_i + 1", "sum_{i=1}^n x_i + 1", "∑ᵢ₌₁ⁿ xᵢ + 1"),
    (mul(sigma(at(x, i), i, n(1), size), y), r"\left(\sum_{i=1}^n x_i\right) y", "(sum_{i=1}^n x_i) y", "(∑ᵢ₌₁ⁿ xᵢ) y"),
    (mul(div(n(1), size), sigma(at(x, i), i, n(1), size)), r"\frac{1}{n} \sum_{i=1}^n x_i", "(1/n) sum_{i=1}^n x_i", "(1/n) ∑ᵢ₌₁ⁿ xᵢ"),
    (
        sigma(at(x, i), i, n(0), add(size, neg(n(1)))),
        r"\sum_{i=0}^{n-1} x_i",
        "sum_{i=0}^{n-1} x_i",
        "∑ᵢ₌₀ⁿ⁻¹ xᵢ",
    ),
    (T("integral", (power(x, n(2)), x, n(0), n(1)), "definite"), r"\int_0^1 x^2 \, dx", "int_0^1 x^2 dx", "∫₀¹ x² dx"),
    (T("integral", (power(x, n(2)), x), "indefinite"), r"\int x^2 \, dx", "integrate x^2 wrt x", "∫ x² dx"),
    (T("limit", (f("sin", x), x, n(0)), "+"), r"\lim_{x \to 0^+} \sin x", "lim_{x -> 0+} sin(x)", "lim_(x→0⁺) sin(x)"),
    (d(div(n(1), x), x, n(1)), r"\frac{d}{dx} \frac{1}{x}", "d/dx (1/x)", "d/dx (1/x)"),
    (d(mul(x, y), x, n(2)), r"\frac{d^2}{dx^2} (x y)", "d^2/dx^2 (x y)", "d²/dx² (x y)"),
    (d(logistic, x, n(1)), r"\frac{d}{dx} \sigma(x)", "d/dx sigmoid(x)", "d/dx σ(x)"),
    (d(v("L"), at(w, j), n(1), kind="partial"), r"\frac{\partial L}{\partial w_j}", "∂L/∂w_j", "∂L/∂wⱼ"),
    (d(v("f"), x, n(1), y, n(1), kind="partial"), r"\frac{\partial^2 f}{\partial x \partial y}", "∂^2 f/∂x ∂y", "∂²f/∂x∂y"),
    (mul(x, d(y, x, n(1))), r"x \frac{d}{dx} y", "x (d/dx y)", "x (dy/dx)"),
    (T("total_derivative", (y, x)), r"\frac{dy}{dx}", "dy/dx", "dy/dx"),
    (T("gradient", (add(x, y), x)), r"\nabla_{x} (x + y)", "grad x + y wrt x", "∇ₓ (x + y)"),
    (T("hessian", (v("f"), w)), r"\nabla^2_{w} f", "hessian f wrt w", "∇²_w f"),
    (T("jacobian", (f("exp", x), x)), r"\frac{\partial}{\partial x} \exp(x)", "jacobian exp(x) wrt x", "∂/∂x exp(x)"),
    (T("at", (power(x, n(2)), x, n(3))), r"\left.x^2\right|_{x=3}", "x^2 at x = 3", "x² at x = 3"),
    (
        T("optimum", (power(x, n(2)), T("tuple", (x,)), rel(x, ">=", n(1))), "min"),
        r"\min_{x} x^2 \quad \text{s.t. } x \ge 1",
        "minimize x^2 over x subject to x >= 1",
        "minₓ x² s.t. x ≥ 1",
    ),
    # relations, logic, cases
    (rel(x, "<=", y), r"x \le y", "x <= y", "x ≤ y"),
    (T("chain", (n(0), x, n(1)), ("<", "<=")), r"0 < x \le 1", "0 < x <= 1", "0 < x ≤ 1"),
    (T("or", (rel(x, "=", n(2)), rel(x, "=", n(3)))), r"x = 2 \text{ or } x = 3", "x = 2 or x = 3", "x = 2 or x = 3"),
    (T("probability", (x, T("expect_under", (v("q"),))), "E"), r"\mathbb{E}_{q}[x]", "E_q[x]", "𝔼_q[x]"),
    (
        T("probability", (x, T("expect_under", (T("call", (v("q"), T("given", (z, x)))),))), "E"),
        r"\mathbb{E}_{q(z \mid x)}[x]", "E_{q(z | x)}[x]", "𝔼_(q(z|x))[x]",
    ),
    (T("probability", (x, T("expect_under", (x, v("q")))), "E"), r"\mathbb{E}_{x \sim q}[x]", "E_{x ~ q}[x]", "𝔼_(x∼q)[x]"),
    (T("index", (x, add(t, n(1))), "<"), "x_{<t+1}", "x_{<t+1}", "x_{<t+1}"),
    (T("index", (x, T("range", (T("blank"), t), "<"))), "x_{<t}", "x_{<t}", "x_{<t}"),
    (T("index", (x, T("range", (T("blank"), t), "<="))), r"x_{\le t}", "x_{<=t}", "x_{≤t}"),
    (T("set", (T("range", (n(1), v("K"))),)), r"\{1, \dots, K\}", "{1..K}", "{1, …, K}"),
    (T("set", (n(0), T("range", (n(1), v("K"))))), r"\{0, 1, \dots, K\}", "{0, 1..K}", "{0, 1, …, K}"),
    (named("R", font="bb", sup="m×n"), r"\mathbb{R}^{m \times n}", "R^{m x n}", "ℝ^(m×n)"),
    (T("mul", (v("W_f"), T("vector", (x, y))), "·"), r"W_f \cdot \begin{pmatrix} x \\ y \end{pmatrix}", "W_f · [x, y]", "W_f · [x, y]"),
    (T("and", (X, T("not", (Y,)))), r"X \land \lnot Y", "X and not Y", "X ∧ ¬Y"),
    (
        T("cases", (x, rel(x, ">", n(0)), n(0), otherwise)),
        r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        "{x if x > 0; 0 otherwise}",
        "{x if x > 0; 0 otherwise}",
    ),
    (T("indicator", (rel(x, ">", n(0)),)), r"\mathbb{1}[x > 0]", "1[x > 0]", "𝟙[x > 0]"),
    # probability
    (T("probability", (T("given", (X, Y)),), "E"), r"\mathbb{E}[X \mid Y]", "E[X | Y]", "𝔼[X|Y]"),
    (power(T("probability", (X,), "E"), n(2)), r"\mathbb{E}[X]^2", "E[X]^2", "𝔼[X]²"),
    (T("probability", (X, Y), "Cov"), r"\operatorname{Cov}(X, Y)", "Cov(X, Y)", "Cov(X, Y)"),
    (T("probability", (X, Y), "I"), "I(X; Y)", "I(X; Y)", "I(X; Y)"),
    (T("probability", (T("divergence_bar", (v("p"), v("q"))),), "KL"), r"D_{\mathrm{KL}}(p \,\|\, q)", "KL(p || q)", "KL(p ‖ q)"),
    (
        rel(X, "~", T("dist", (mu, power(s, n(2))), "Normal")),
        r"X \sim \mathcal{N}(\mu, \sigma^2)", "X ~ Normal(mu, sigma^2)", "X ∼ 𝒩(μ, σ²)",
    ),
    (T("dist", (a, b), "Beta"), r"\operatorname{Beta}(a, b)", "Beta(a, b)", "Beta(a, b)"),
    # numbers
    (n("0.25"), "0.25", "0.25", "0.25"),
    (n("1e-5"), "10^{-5}", "1e-5", "10⁻⁵"),
    (n("2.5e3"), r"2.5 \cdot 10^3", "2.5e3", "2.5 · 10³"),
    # tasks
    (T("task", (theta,), "mle"), r"\hat{\theta}_{\mathrm{MLE}}", "mle of theta", "mle of θ"),
    (T("task", (add(x, x),), "simplify"), r"\text{simplify }x + x", "simplify x + x", "simplify x + x"),
    (T("task", (rel(x, "=", n(1)), x), "solve"), r"\text{solve }x = 1\text{ for }x", "solve x = 1 for x", "solve x = 1 for x"),
    (
        T("task", (f("exp", x), x, n(0), n(3)), "taylor"),
        r"\text{taylor }\exp(x)\text{ at }x = 0\text{ order }3",
        "taylor exp(x) at x = 0 order 3",
        "taylor exp(x) at x = 0 order 3",
    ),
    (
        T("directional", (v("f"), a, b)),
        r"\text{directional derivative of }f\text{ at }a\text{ along }b",
        "directional derivative of f at a along b",
        "directional derivative of f at a along b",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("term", "expected"), [(row[0], row[1]) for row in ROWS], ids=[row[1] for row in ROWS])
def test_latex(term, expected):
    assert latex(term) == expected


@pytest.mark.parametrize(("term", "expected"), [(row[0], row[2]) for row in ROWS], ids=[row[1] for row in ROWS])
def test_plain(term, expected):
    assert plain(term) == expected


@pytest.mark.parametrize(("term", "expected"), [(row[0], row[3]) for row in ROWS], ids=[row[1] for row in ROWS])
def test_inline(term, expected):
    assert inline(term) == expected


@pytest.mark.parametrize("term", [row[0] for row in ROWS], ids=[row[1] for row in ROWS])
def test_latex_is_balanced(term):
    text = latex(term)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert text.isascii()


@pytest.mark.parametrize("term", [row[0] for row in ROWS], ids=[row[1] for row in ROWS])
def test_ascii_is_ascii(term):
    assert plain_ascii(term).isascii()
    assert "\n" not in plain_ascii(term)


def test_rows_of_an_aligned_block():
    rows = Term("lines", (rel(z, "=", add(mul(A, x), b)), rel(a, "=", f("sigmoid", z))))
    assert latex(rows) == r"\begin{aligned} z &= A x + b \\ a &= \sigma(z) \end{aligned}"
    assert plain(rows) == "z = A x + b\na = sigmoid(z)"


def test_check_block_continues_rows():
    block = Term("task", (rel(x, "=", y), rel(Term("blank"), "=", m)), "check")
    assert latex(block) == r"\text{check }\begin{aligned} x &= y \\ &= m \end{aligned}"
    assert plain(block) == "check x = y\n= m"


def test_words_are_harmless():
    assert latex(Term("word", (), "a_b & 50% of $x$")) == r"\text{a\_b \& 50\% of \$x\$}"


def test_an_unknown_head_is_named():
    assert plain(Term("mystery", (x,))) == "mystery(x)"
