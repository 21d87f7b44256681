"""What is printed is read back as the same term: LaTeX and the plain language, over the everyday formulas of the field."""

from __future__ import annotations

import pytest

from derive.expressions.latex import latex
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.meaning import read, read_expression
from derive.meaning.scope import Scope

FORMULAS = r"""
\frac{1}{1+e^{-x}}
\frac{d}{dx} \frac{1}{1+e^{-x}}
\frac{d^2}{dx^2}\, x^3\ln x
\frac{d}{dx} \log \frac{(x+1)^2}{\sqrt{x^2+1}}
\frac{d}{dx}\sqrt{1+\sqrt{x}}
\sin x\cos y
\sin^2 x + \cos^2 x
x^{n-1} e^{2x} (3 + x)
\sqrt[3]{x + 1}
\max(0, 1 - t)
\lambda e^{-\lambda x}
\frac{x - \mu}{\sigma}
-\frac{1}{2} \log(2\pi) - \log\sigma - \frac{(x-\mu)^2}{2\sigma^2}
\frac{e^{x}-e^{-x}}{e^{x}+e^{-x}}
\log\frac{p}{1-p}
\tanh(x)^2
1 - \tanh^2(x)
\log_2 x
2^{-n}
(x^2)^3
x^{y^z}
a - (b - c)
-(a + b) c
a (-b)
\frac{a}{b} \frac{c}{d}
2 \cdot 3^k
|x - y| + |y|
n! \binom{n}{k} p^k (1-p)^{n-k}
\sum_{i=1}^n x_i^2 + 1
\frac{1}{n}\sum_{i=1}^n (x_i - \mu)^2
\log\sum_{j=1}^K \exp(z_j)
\prod_{i=1}^n p^{x_i} (1-p)^{1-x_i}
\sum_{i=1}^n \sum_{j=1}^m A_{ij} x_i y_j
\frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}
\sum_{k\ne i} x_k
\operatorname{softmax}(z)_i
\frac{\partial}{\partial w_j} \frac12 \sum_{i=1}^{N}\Big( y_i - \sum_{k=1}^{D} w_k x_{ik} \Big)^2
\frac{\partial}{\partial a}\log\frac{\Gamma(a)\,\Gamma(b)}{\Gamma(a+b)}
\frac{\partial^2}{\partial x \partial y} (x^2 y)
\begin{cases} x & x > 0 \\ \alpha (e^{x} - 1) & x \le 0 \end{cases}
\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}
\int_0^1 x^2 e^{-x} \, dx
\int_{-\infty}^{\infty} e^{-x^2/2} \, dx
\int x \cos x \, dx
\lim_{x\to 0} \frac{\sin x}{x}
\lim_{h\to 0^+}\frac{(x+h)^3-x^3}{h}
\nabla_x \lVert A x - b\rVert_2^2
\nabla_w^2 \frac1n\sum_{i=1}^n\log(1+e^{w x_i})
\left.x^2 + 1\right|_{x=2}
x^2 + y^2 = 1
0 < x \le 1
\hat{y} - y
\hat\theta_{\mathrm{MLE}}
W^{(l)} a^{(l-1)} + b^{(l)}
w^* + w'
\bar{x}^2
(X^\top X)^{-1} X^\top y
A^{-1} b
\operatorname{tr}(A B)
x^\top A x
A \odot B
\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{pmatrix} x \\ y \end{pmatrix}
\mathbb{E}[X \mid Y]
\mathbb{E}[X]^2
\operatorname{Var}(X + Y)
D_{KL}(p \,\|\, q)
P(A \mid B)
f'(x) + g''(x)
f(x) g(x)
\mathbb{1}[x > 0]
\min_{x} (x - 1)^2 \quad \text{s.t. } x \ge 2
""".strip().split("\n")

PLAIN = """
diff x * tanh(log(1 + exp(x))) wrt x
grad (1 - x)^2 + 100 (y - x^2)^2 wrt x, y
x e^(-x) / (1 + e^(-x))^2
sum i^2 for i from 1 to n
limit sin(x)/x as x -> 0
taylor e^x sin x at x = 0 order 3
integrate x e^(-x) wrt x from 0 to 1
minimize x^2 + y^2 over x, y subject to x + y = 1
sqrt(x^2 + y^2)
sigmoid(x) (1 - sigmoid(x))
relu(x) + softplus(x) + gelu(x)
max(0, x) + min(x, 1) + abs(x)
2 x sin x cos y
solve x^2 = 2 for x
simplify (x^2 - 1)/(x - 1)
||x||_1 + ||x||_inf
d/dx sigmoid(x)
""".strip().split("\n")


def comparable(term: Term, fonts: bool) -> Term:
    """The term without what print does not carry: whether a product had a sign, and fonts in plain text."""

    def strip(node: Term) -> Term:
        if node.head in ("mul", "matmul"):
            factors: list[Term] = []
            for factor in node.args:
                factors.extend(factor.args if factor.head == "mul" else (factor,))
            return Term("mul", tuple(factors))
        if node.head == "name" and not fonts:
            return Term("name", (), node.data._replace(font=""))
        if node.head == "root":  # x^(1/3) in plain text
            return Term("pow", (node.args[0], Term("div", (Term("number", (), "1"), node.args[1]))))
        return node

    return term.transform(strip)


SCOPE = Scope()

# declarations first, the formula last
SESSIONS = [
    ["x^3 + y^3 = 6xy", r"\frac{dy}{dx}"],
    ["A in R^{m x n}", "b in R^m", "x in R^n", "grad ||A x - b||^2 + lambda ||x||^2 wrt x"],
    ["y in R^n", r"K \succ 0", r"-\tfrac12 y^\top K^{-1}y-\tfrac12\log|K|-\tfrac n2\log 2\pi"],
    ["w in R^d", r"\nabla_w \log(1 + e^{-w^\top x})"],
    ["X ~ Normal(mu, sigma^2)", "E[X^4]"],
    ["f(x) := x^2", "f'(3) + f(x + 1)"],
]


@pytest.mark.parametrize("text", FORMULAS + PLAIN)
def test_latex_is_read_back(text):
    term = read(text, SCOPE)[0].term
    assert comparable(read_expression(latex(term), SCOPE), True) == comparable(term, True)


@pytest.mark.parametrize("text", FORMULAS + PLAIN)
def test_plain_is_read_back(text):
    term = read(text, SCOPE)[0].term
    assert comparable(read_expression(plain(term), SCOPE), False) == comparable(term, False)


@pytest.mark.parametrize("text", FORMULAS + PLAIN)
def test_print_is_a_fixed_point(text):
    term = read(text, SCOPE)[0].term
    assert latex(read_expression(latex(term), SCOPE)) == latex(term)


@pytest.mark.parametrize("lines", SESSIONS, ids=[lines[-1] for lines in SESSIONS])
@pytest.mark.parametrize("notation", [latex, plain])
def test_read_back_in_a_session(lines, notation):
    scope = SCOPE
    for line in lines[:-1]:
        scope = read(line, scope)[1]
    term = read(lines[-1], scope)[0].term
    fonts = notation is latex
    assert comparable(read_expression(notation(term), scope), fonts) == comparable(term, fonts)
