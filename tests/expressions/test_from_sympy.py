"""SymPy to terms: what an author would have written, and that it means the same."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Add,
    Derivative,
    E,
    Eq,
    Function,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Limit,
    Max,
    Min,
    Mul,
    Ne,
    Piecewise,
    Pow,
    Product,
    Rational,
    Subs,
    Sum,
    Tuple,
    cos,
    erf,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
)  # fmt: skip

from derive.expressions import nodes
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.latex import latex
from derive.expressions.plain import plain
from derive.expressions.term import Name, name
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type

x, y, mu, p, a = symbols("x y mu p a", real=True)
s = sp.Symbol("sigma", positive=True)
lam = sp.Symbol("lambda", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
i, j, k = symbols("i j k", integer=True)
X, Z, W = (IndexedBase(sp.Symbol(letter, real=True)) for letter in "xzw")
f = Function("f")
g = nodes.sigmoid
softmax = nodes.SoftmaxAt

PLAIN = [
    # sums: descending degree, a positive term first
    (x**2 - 2 * x + 1, "x^2 - 2 x + 1"),
    (1 - g(x), "1 - sigmoid(x)"),
    (1 - tanh(x) ** 2, "1 - tanh(x)^2"),
    (1 + exp(-x), "1 + e^(-x)"),
    (y - x**2, "y - x^2"),
    (-(x**2) + 2 * x + 3, "3 + 2 x - x^2"),
    (-x - 1, "-x - 1"),
    (x**2 + x * y + y**2 - 3 * x, "x^2 + x y + y^2 - 3 x"),
    (x - mu, "x - mu"),
    (1 + 1 / x, "1 + 1/x"),
    (1 + sqrt(x), "1 + sqrt(x)"),
    (g(x) * (1 + x * (1 - g(x))), "sigmoid(x) (1 + x (1 - sigmoid(x)))"),
    (n * mu / s**2, "n mu / sigma^2"),
    (2 / (x + 1) - x / (x**2 + 1), "2/(x + 1) - x/(x^2 + 1)"),
    (k * log(p) + (n - k) * log(1 - p), "k log(p) + (n - k) log(1 - p)"),
    (6 * x * log(x) + 5 * x, "6 x log(x) + 5 x"),
    (-n * log(s) - Sum((X[i] - mu) ** 2, (i, 1, n)) / (2 * s**2), "-n log(sigma) - (1/(2 sigma^2)) sum_{i=1}^n (x_i - mu)^2"),
    # products: numbers, letters, elements, roots, brackets, exponentials, functions, brackets with functions
    (g(x) * (1 - g(x)), "sigmoid(x) (1 - sigmoid(x))"),
    ((x + 1) * exp(x), "(x + 1) e^x"),
    (exp(x) * sin(x), "e^x sin(x)"),
    (lam * exp(-lam * x), "lambda e^(-lambda x)"),
    (lam * W[j] * x, "lambda x w_j"),
    (2 * pi * x, "2 pi x"),
    (sp.binomial(n, k) * p**k * (1 - p) ** (n - k), "binomial(n, k) p^k (1 - p)^(n - k)"),
    (softmax(Z[k], k, 1, n, i) * (KroneckerDelta(i, j) - softmax(Z[k], k, 1, n, j)), "softmax(z)_i (delta_{ij} - softmax(z)_j)"),
    # quotients
    (x / 2, "x/2"),
    (-x / 2, "-x/2"),
    (Rational(3, 4), "3/4"),
    (Rational(-3, 4), "-3/4"),
    (1 / x, "1/x"),
    (x**-2, "1/x^2"),
    (exp(-x) / (1 + exp(-x)) ** 2, "e^(-x)/(1 + e^(-x))^2"),
    ((x - mu) ** 2 / (2 * s**2), "(x - mu)^2/(2 sigma^2)"),
    ((2 * y - x**2) / (y**2 - 2 * x), "(2 y - x^2)/(y^2 - 2 x)"),
    (Sum(X[i], (i, 1, n)) / n, "(1/n) sum_{i=1}^n x_i"),
    (exp(X[i]) / Sum(exp(X[k]), (k, 1, n)), "e^(x_i)/(sum_{k=1}^n e^(x_k))"),
    # powers and roots
    (x ** Rational(3, 2), "x^(3/2)"),
    (sqrt(x), "sqrt(x)"),
    (x ** Rational(1, 3), "x^(1/3)"),
    (1 / (4 * sqrt(x) * sqrt(1 + sqrt(x))), "1/(4 sqrt(x) sqrt(1 + sqrt(x)))"),
    (sqrt(2) / 2, "sqrt(2)/2"),
    (sqrt(2) * x / 2, "x/sqrt(2)"),
    (sqrt(2) * sqrt(x), "sqrt(2 x)"),
    (1 / sqrt(2 * pi), "1/sqrt(2 pi)"),
    (exp(-(x**2) / 2) / sqrt(2 * pi), "e^(-x^2/2)/sqrt(2 pi)"),
    (2 / sqrt(pi), "2/sqrt(pi)"),
    (exp(x / 2), "e^(x/2)"),
    (exp(1), "e"),
    (x**y, "x^y"),
    (x ** (-n), "x^(-n)"),
    (log(x) / log(2), "log_2(x)"),
    (log(2) * x, "x log(2)"),
    # numbers
    (sp.Float("0.25"), "0.25"),
    (sp.Float(-1.5), "-1.5"),
    (sp.Float(1e-7), "1e-7"),
    (sp.Integer(-2), "-2"),
    (oo, "inf"),
    (-oo, "-inf"),
    # what somebody wrote stays in its order
    (Mul(2, x + 1, evaluate=False), "2 (x + 1)"),
    (Mul(-1, x + 1, evaluate=False), "-(x + 1)"),
    (Mul(y, x, evaluate=False), "y x"),
    (Add(1, x, evaluate=False), "x + 1"),
    (Mul(x, Pow(y, -1), evaluate=False), "x/y"),
    # functions
    (Max(x, 0), "max(0, x)"),
    (Min(1, Max(0, x)), "min(1, max(0, x))"),
    (Abs(x), "|x|"),
    (sp.sign(x), "sign(x)"),
    (erf(x), "erf(x)"),
    (sp.gamma(x), "Gamma(x)"),
    (sp.loggamma(x), "loggamma(x)"),
    (sp.digamma(x), "digamma(x)"),
    (sp.polygamma(1, x), "trigamma(x)"),
    (sp.polygamma(2, x), "polygamma(2, x)"),
    (sp.Heaviside(x), "step(x)"),
    (sp.factorial(n), "n!"),
    (nodes.gelu(x), "gelu(x)"),
    (f(x, y), "f(x, y)"),
    (sp.LambertW(x), "W(x)"),
    # binding
    (Sum(i**2, (i, 1, n)), "sum_{i=1}^n i^2"),
    (Sum(i * j, (i, 1, n), (j, 1, 3)), "sum_{j=1}^3 sum_{i=1}^n i j"),
    (Sum(Piecewise((X[k], Ne(k, i)), (0, True)), (k, 1, n)), "sum_{k != i} x_k"),
    (Product(X[i], (i, 1, n)), "prod_{i=1}^n x_i"),
    (Integral(exp(-x), (x, 0, oo)), "int_0^inf e^(-x) dx"),
    (Integral(x, x), "integrate x wrt x"),
    (Limit(sin(x) / x, x, 0, "+-"), "lim_{x -> 0} sin(x)/x"),
    (Limit(1 / x, x, 0, "-"), "lim_{x -> 0-} 1/x"),
    (Derivative(f(x), x), "d/dx f(x)"),
    (Derivative(y, x, evaluate=False), "dy/dx"),
    (Derivative(x**2 * f(x), (x, 2)), "d^2/dx^2 (x^2 f(x))"),
    (Derivative(f(x, y), x, y), "∂^2/∂x ∂y f(x, y)"),
    (Derivative(X[i] * x, X[i]), "∂/∂x_i (x x_i)"),
    (Subs(Derivative(f(y), y), y, 2 * x), "f'(2 x)"),
    (Subs(x**2, x, 3), "x^2 at x = 3"),
    # statements and collections
    (Eq(x, y), "x = y"),
    (sp.And(x > 0, x <= 1), "0 < x <= 1"),
    (sp.Or(Eq(x, 1), Eq(y, 1)), "x = 1 or y = 1"),
    (Piecewise((x, x > 0), (0, True)), "{x if x > 0; 0 otherwise}"),
    (Tuple(x, y), "(x, y)"),
    (sp.Matrix([[1, x], [y, 2]]), "[[1, x], [y, 2]]"),
    (sp.Matrix([x, y]), "[x, y]"),
    (sp.FiniteSet(0, 1), "{0, 1}"),
    (sp.Interval.Ropen(0, 1), "[0, 1)"),
    (sp.O(x**3), "O(x^3)"),
]


@pytest.mark.parametrize(("expression", "expected"), PLAIN, ids=[text for _, text in PLAIN])
def test_plain(expression, expected):
    assert plain(from_sympy(expression)) == expected


def test_names_come_from_keys():
    assert from_sympy(sp.Symbol("hat(y)")).data == Name("y", accents=("hat",))
    assert latex(from_sympy(sp.Symbol("W^(l)"))) == "W^{(l)}"


def test_python_values_are_accepted():
    assert plain(from_sympy(3)) == "3"
    assert plain(from_sympy((1, x))) == "(1, x)"


def test_text_is_never_evaluated():
    with pytest.raises(sp.SympifyError):
        from_sympy("__import__('os')")


def test_softmax_over_a_part_of_an_array_is_written_out():
    part = softmax(Z[k], k, 1, 3, i)
    whole = {Name("z"): Type("real", (name("n"),))}
    assert plain(from_sympy(softmax(Z[k], k, 1, n, i), whole)) == "softmax(z)_i"
    assert plain(from_sympy(part, whole)) == "e^(z_i)/(sum_{k=1}^3 e^(z_k))"
    assert plain(from_sympy(softmax(Z[k] + x, k, 1, n, i))) == "e^(x + z_i)/(sum_{k=1}^n e^(x + z_k))"


def test_tall_exponents_become_exp():
    assert latex(from_sympy(exp(-((x - mu) ** 2) / (2 * s**2)))) == r"\exp\left(-\frac{(x - \mu)^2}{2 \sigma^2}\right)"
    assert latex(from_sympy(exp(-(x**2) / 2))) == "e^{-x^2/2}"
    assert inline(from_sympy(exp(-x))) == "e⁻ˣ"


leaves = st.sampled_from([x, y, mu, s, sp.Integer(2), sp.Integer(-1), Rational(1, 2), Rational(-3, 5), sp.Integer(3), pi, E])


def larger(inner):
    return st.one_of(
        st.tuples(inner, inner).map(lambda q: q[0] + q[1]),
        st.tuples(inner, inner).map(lambda q: q[0] - q[1]),
        st.tuples(inner, inner).map(lambda q: q[0] * q[1]),
        st.tuples(inner, inner).map(lambda q: Mul(q[0], q[1], evaluate=False)),
        st.tuples(inner, inner).map(lambda q: Add(q[0], q[1], evaluate=False)),
        st.tuples(inner, inner).map(lambda q: q[0] / q[1] if q[1] != 0 else q[0]),
        st.tuples(inner, st.sampled_from([2, 3, -1, -2, Rational(1, 2), Rational(-1, 2), Rational(2, 3)])).map(
            lambda q: Pow(q[0] ** 2 + 1, q[1])
        ),
        st.sampled_from([sin, cos, exp, tanh, g, nodes.softplus, Abs]).flatmap(lambda h: inner.map(h)),
        inner.map(lambda e: log(e**2 + 1)),
        inner.map(lambda e: Max(0, e)),
        st.tuples(inner, inner).map(lambda q: Piecewise((q[0], x > 0), (q[1], True))),
    )


@settings(max_examples=80, deadline=None)
@given(st.recursive(leaves, larger, max_leaves=8))
def test_the_term_means_the_same(expression):
    """The way back to SymPy gives the same value at a point, to 15 digits."""
    point = {x: Rational(7, 10), y: Rational(-13, 10), mu: Rational(2, 5), s: Rational(9, 7)}
    back = to_sympy(from_sympy(expression), {Name("sigma"): Type("real")})
    there = {sp.Symbol(symbol.name, real=True): value for symbol, value in point.items()}
    try:
        expected, found = (nodes.expand_definitions(e).subs(values).evalf(20) for e, values in ((expression, point), (back, there)))
    except ValueError:  # SymPy's Max of a division by zero
        reject()
    assume(expected.is_number and expected.is_finite and abs(expected) < 10**6)
    assert abs(expected - found) <= 1e-12 * max(1, abs(expected))
