"""What everyday input means: text on the left, the reading in plain notation on the right."""

from __future__ import annotations

import pytest

from derive.expressions.plain import plain
from derive.meaning import read, read_expression
from derive.meaning.scope import Scope

EXPRESSIONS = [
    (r"\frac12 x", "(1/2) x"),
    (r"\frac1{1+e^{-z}}", "1/(1 + e^(-z))"),
    (r"\sin x\cos y", "sin(x) cos(y)"),
    (r"\log\sum_j\exp(z_j)", "log(sum_j exp(z_j))"),
    (r"x_i^2", "x_i^2"),
    (r"\hat{y}_i", "y_hat_i"),
    (r"\sigma'(z)", "sigmoid'(z)"),
    (r"P(A|B)", "P(A | B)"),
    (r"D_{KL}(q(z\mid x)\,\|\,p(z))", "KL(q(z | x) || p(z))"),
    (r"\sum_{k\ne i} x_k", "sum_{k != i} x_k"),
    (r"V^\pi(s)", "V^pi(s)"),
    (r"x_{<t}", "x_{<t}"),
    (r"\mathbb 1[x > 0]", "1[x > 0]"),
    (r"\mathbf 1\{x > 0\}", "1[x > 0]"),
    (r"\operatorname*{arg\,max}_\theta f(\theta)", "argmax_{theta} f(theta)"),
    (r"AB - BA", "A B - B A"),
    (r"\left.\frac{\partial f}{\partial x}\right|_{x=x_0}", "∂f/∂x at x = x_0"),
    (r"\sin^2 x + \cos^2 x", "sin(x)^2 + cos(x)^2"),
    (r"\sin^{-1} x", "asin(x)"),
    (r"\log_2 n", "log_2(n)"),
    (r"\left[\log x\right]^2", "log(x)^2"),
    (r"|x| + |y|", "|x| + |y|"),
    (r"2|x|", "2 |x|"),
    (r"a(b+c)", "a (b + c)"),
    (r"p(1-p)", "p (1 - p)"),
    (r"p(x)\log p(x)", "p(x) log(p(x))"),
    (r"f(x)+g(x)", "f(x) + g(x)"),
    (r"\sigma(x)(1-\sigma(x))", "sigmoid(x) (1 - sigmoid(x))"),
    (r"\sum_{i=1}^n x_i^2 + 1", "sum_{i=1}^n x_i^2 + 1"),
    (r"\sum_{i=1}^n (x_i - \mu)^2", "sum_{i=1}^n (x_i - mu)^2"),
    (r"\max(0, 1 - t)", "max(0, 1 - t)"),
    (r"\max_j z_j", "maximize z_j over j"),
    (r"\binom{n}{k} p^k", "binomial(n, k) p^k"),
    (r"n! / k!", "n!/k!"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", "E_{x ~ p}[f(x)]"),
    (r"\mathbb{E}[X^2]-\mathbb{E}[X]^2", "E[X^2] - E[X]^2"),
    (r"\int_0^1 x^2\,dx", "int_0^1 x^2 dx"),
    (r"\int \frac{dx}{1+x^2}", "integrate 1/(1 + x^2) wrt x"),
    (r"\int_0^1\int_0^x xy\,dy\,dx", "int_0^1 int_0^x x y dy dx"),
    (r"\lim_{x\to0^+} \frac{\sin x}{x}", "lim_{x -> 0+} sin(x)/x"),
    (r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}", "{x if x > 0; 0 otherwise}"),
    (r"\begin{cases} x, & \text{if } x > 0 \\ \alpha x, & x \le 0 \end{cases}", "{x if x > 0; alpha x if x <= 0}"),
    (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "[[a, b], [c, d]]"),
    (r"\frac{\partial^2}{\partial x\partial y} (x^2 y^3)", "∂^2/∂x ∂y (x^2 y^3)"),
    (r"\frac{d^2}{dx^2} x^3", "d^2/dx^2 x^3"),
    (r"c_{t-1} + i_t", "c_{t-1} + i_t"),
    (r"W^{(l)} a^{(l-1)}", "W^{(l)} a^{(l-1)}"),
    (r"\theta^* + \bar{x}", "theta^* + x_bar"),
    (r"e^{-x^2/2}", "e^(-x^2/2)"),
    (r"\tfrac{1}{\sqrt{2\pi}}", "1/sqrt(2 pi)"),
    (r"\exp(-\tfrac12 x^2)", "exp(-(1/2) x^2)"),
    ("d^2/dx dy (x^2 y^3)", "d^2/dx dy (x^2 y^3)"),
    ("∂²/∂x∂y x^2 y", "∂^2/∂x ∂y (x^2 y)"),
    ("6xy + 2ab", "6 x y + 2 a b"),
    ("xy^2", "x y^2"),
    ("alpha beta gamma", "alpha beta gamma"),
    ("2 x sin x", "2 x sin(x)"),
    ("x(1-x)", "x (1 - x)"),
    ("softplus x", "softplus(x)"),
    ("tanh^2 x", "tanh(x)^2"),
    ("sqrt(x^2 + y^2)", "sqrt(x^2 + y^2)"),
    ("e^-x^2", "e^(-x^2)"),
    ("sin x/2", "sin(x)/2"),
    ("1/2 x", "(1/2) x"),
    ("x^2 / y z", "(x^2/y) z"),
    ("{x if x > 0; 0 otherwise}", "{x if x > 0; 0 otherwise}"),
    ("1[x > 0]", "1[x > 0]"),
    ("max(x, 0)", "max(x, 0)"),
    ("sum_{i=1}^n x_i y_i", "sum_{i=1}^n x_i y_i"),
    ("E[X|Y]", "E[X | Y]"),
    ("P(+|D)", "P(+ | D)"),
    ("int_0^1 x^2 dx", "int_0^1 x^2 dx"),
    ("σ(x)(1 − σ(x))", "sigmoid(x) (1 - sigmoid(x))"),
    ("√x + x²", "sqrt(x) + x^2"),
    ("diff x^3 wrt x twice", "d^2/dx^2 x^3"),
    ("diff x * tanh(x) wrt x", "d/dx (x tanh(x))"),
    ("sum i^2 for i from 1 to n", "sum_{i=1}^n i^2"),
    ("grad (1 - x)^2 + 100 (y - x^2)^2 wrt x, y", "grad (1 - x)^2 + 100 (y - x^2)^2 wrt x, y"),
    ("np.maximum(x, 0)", "max(x, 0)"),
    ("lambda x: x**2", "x^2"),
    # labels, spaces, scope: as they stand in papers
    (r"\frac{d}{dx}\sigma\!\left(wx\right)", "d/dx sigmoid(w x)"),
    (r"\sigma{(wx)}", "sigmoid(w x)"),
    ("x^TAx", "x^T A x"),
    ("(X^TX)^{-1}X^Ty", "(X^T X)^(-1) X^T y"),
    ("Σᵢ yᵢ log ŷᵢ", "sum_i y_i log(y_hat_i)"),
    ("√tr(AᵀA)", "sqrt(tr(A^T A))"),
    (r"\frac{\partial C}{\partial w^l_{jk}}", "∂C/∂(w_jk^l)"),
    ("z^{[l]}=W^{[l]}a^{[l-1]}+b^{[l]}", "z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}"),
    (r"x^{k+1}=x^k-\alpha\nabla f(x^k)", "x^{k+1} = x^k - alpha (grad f(x^k))"),
    ("|A||B|", "|A| * |B|"),
    ("[x]_+", "max(0, x)"),
    (r"(f\circ g)(x)", "f(g(x))"),
    (r"\int dx\, f(x) p(x)", "integrate f(x) p(x) wrt x"),
    (r"\int_0^1 dx\, x^2", "int_0^1 x^2 dx"),
    (r"\sum_{i=1,i\neq j}^n x_i", "sum_{i=1}^n 1[i != j] x_i"),
    (r"\sum_{\substack{i=1\\ i\neq j}}^n x_i", "sum_{i=1}^n 1[i != j] x_i"),
    (r"\nabla f(x)^\top(y-x)", "(grad f(x))^T (y - x)"),
    (r"\nabla_a C \odot \sigma'(z)", "(grad C wrt a) .* sigmoid'(z)"),
    ("∂²f/∂x∂y", "∂^2 f/∂x ∂y"),
    (r"y^\top K^{-1}y+\log|K|", "y^T K^(-1) y + log(det(K))"),
    ("n choose k", "binomial(n, k)"),
    (r"\log D(x) + \log(1 - D(G(z)))", "log(D(x)) + log(1 - D(G(z)))"),
    (r"\gamma^T V(s_T)", "gamma^T V(s_T)"),
    ("theta - lr * m_hat / (sqrt(v_hat) + eps)", "theta - lr m_hat / (sqrt(v_hat) + eps)"),
    (r"\sum_{k}\mathbb 1_{[k\ne i]}\exp(a_k)", "sum_k 1[k != i] exp(a_k)"),
    ("diff(x^2, x)", "d/dx x^2"),
    (r"\begin{aligned} L &= -\log p \\ &= \log(1+e^{-z})\end{aligned}", "L = -log(p) = log(1 + e^(-z))"),
    (r"\prod_t p(x_t\mid x_{<t})", "prod_t p(x_t | x_{<t})"),
    ("argmin_w (w - 1)^2 + lambda w^2", "argmin_{w} ((w - 1)^2 + lambda w^2)"),
    ("d/dx x^2 evaluated at x = 3", "d/dx x^2 at x = 3"),
    ("1{,}000 x", "1000 x"),
]


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_reading_of_everyday_input(text: str, expected: str) -> None:
    assert plain(read_expression(text)) == expected


def run(*lines: str) -> tuple[object, Scope]:
    scope = Scope()
    reading = None
    for place, line in enumerate(lines, 1):
        reading, scope = read(line, scope, line=place)
    return reading, scope


DEFINED = [
    (("f(x) := log(1 + e^(-2x))", "f'(0)"), "d/dx log(1 + e^(-2 x)) at x = 0"),
    (("f(x) := x^2 + 1", "f(3)"), "3^2 + 1"),
    (("f(x) = x^2", "g(x) = f(x + 1)", "g(y)"), "(y + 1)^2"),
    (("p = 1/(1 + e^(-z))", "L = -t log p", r"\frac{dL}{dz}"), "d/dz (-t log(1/(1 + e^(-z))))"),
    (("u = x^2", "u^2 + u"), "(x^2)^2 + x^2"),
]


@pytest.mark.parametrize(("lines", "expected"), DEFINED)
def test_definitions_are_put_in(lines: tuple[str, ...], expected: str) -> None:
    reading, _ = run(*lines)
    assert plain(reading.expanded) == expected  # type: ignore[attr-defined]


def test_an_equation_makes_dy_dx_implicit() -> None:
    reading, _ = run("x^3 + y^3 = 6xy", "dy/dx")
    assert reading.task == "derivative"  # type: ignore[attr-defined]
    assert plain(reading.options["equation"]) == "x^3 + y^3 = 6 x y"  # type: ignore[attr-defined]


def test_order_of_matrices_is_kept() -> None:
    assert read_expression("A B - B A").args[0].args[0].data.base == "A"
    assert read_expression("A B") != read_expression("B A")


def test_every_choice_is_noted() -> None:
    reading, _ = run("xy + 1")
    assert ("xy is read as the product x y",) in reading.notes  # type: ignore[attr-defined]
    reading, _ = run("a(b + c)")
    assert any("product" in str(part) for note in reading.notes for part in note)  # type: ignore[attr-defined]


TASKS = [
    ("minimize x^2 + y^2 over x, y subject to x + y = 1", "optimum"),
    (r"\min_{x,y} (x-2)^2+(y-1)^2 \quad \text{s.t. } x+y\le 2", "optimum"),
    ("taylor e^x sin x at x = 0 order 3", "taylor"),
    (r"\lim_{h\to 0}\frac{(x+h)^3-x^3}{h}", "limit"),
    (r"\int_0^1 x\,dx", "integral"),
    ("P(D|+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01", "given"),
    (r"\mathbb{E}[X^4]", "expectation"),
    ("mle of mu, sigma^2", "mle"),
    ("qr A", "qr"),
    ("least squares A, b", "least-squares"),
    ("is x^2 + x y + y^2 convex in x, y", "question"),
    ("solve x^2 = 2 for x", "solve"),
    ("simplify (x^2 - 1)/(x - 1)", "simplify"),
    ("KL(Bernoulli(p) || Bernoulli(q))", "kl-divergence"),
    ("KL(N(0, 1) || N(mu, s^2))", "kl-divergence"),
    ("bound P(X >= c) by markov", "bound"),
    ("check\nd/dx x^2\n= 2 x", "check"),
    ("directional derivative of x^2 y at (1, 2) along (3, 4)", "directional-derivative"),
    ("gradient descent x^2 from 1 rate 0.1 steps 3", "gradient-descent"),
]


@pytest.mark.parametrize(("text", "task"), TASKS)
def test_tasks_are_named(text: str, task: str) -> None:
    reading, _ = read(text)
    assert reading.task == task
