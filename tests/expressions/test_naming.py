"""Names in code, and the text that SymPy reads."""

from __future__ import annotations

import keyword

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from derive.expressions import nodes
from derive.expressions.naming import assign_code_names, code_name, sympy_text
from derive.expressions.term import Name

CODE_NAMES = [
    (Name("lambda"), "lam"),
    (Name("lambda", sub="1"), "lam_1"),
    (Name("Sigma"), "Sigma"),
    (Name("y", accents=("hat",)), "y_hat"),
    (Name("x", accents=("bar",)), "x_bar"),
    (Name("c", accents=("tilde",)), "c_tilde"),
    (Name("theta", accents=("hat",), sub="MLE"), "theta_hat_MLE"),
    (Name("x", sup="*"), "x_star"),
    (Name("w", primes=1), "w_prime"),
    (Name("w", primes=2), "w_prime_prime"),
    (Name("w", font="bf"), "w"),
    (Name("L", font="cal"), "L"),
    (Name("theta", sub="0"), "theta_0"),
    (Name("W", sup="(l)"), "W_l"),
    (Name("W", sup="(l-1)"), "W_l_minus_1"),
    (Name("W", sub="1"), "W_1"),
    (Name("c", sub="t-1"), "c_t_minus_1"),
    (Name("c", sub="t+1"), "c_t_plus_1"),
    (Name("ell"), "ell"),
    (Name("V", sup="pi"), "V_pi"),
    (Name("x", sub="i,j"), "x_i_j"),
    (Name("np"), "np_"),
    (Name("class"), "class_"),
    (Name("in"), "in_"),
    (Name("max"), "max_"),
    (Name("m1"), "m1"),
    (Name("E"), "E"),
    (Name("pi"), "pi"),
    (Name("é"), "e"),
    (Name("2x"), "x2x"),
    (Name("__import__('os')"), "__import__os"),
]


@pytest.mark.parametrize(("name", "expected"), CODE_NAMES, ids=[name.key for name, _ in CODE_NAMES])
def test_code_name(name, expected):
    assert code_name(name) == expected


def test_names_that_collide_are_numbered_in_order():
    w, bold, second = Name("w"), Name("w", font="bf"), Name("w", sub="2")
    assert assign_code_names([w, bold, second, w]) == {w: "w", bold: "w_3", second: "w_2"}
    assert assign_code_names([bold, w]) == {bold: "w", w: "w_2"}


labels = st.text(alphabet="abT01+-*()',", max_size=4)
any_name = st.builds(
    Name,
    st.sampled_from(["x", "lambda", "W", "loss", "np", "if", "é", "x y", "1"]),
    st.sampled_from(["", "bf", "cal"]),
    st.sampled_from([(), ("hat",), ("bar", "hat")]),
    labels,
    labels,
    st.integers(0, 2),
)


@given(st.lists(any_name, max_size=12))
def test_every_name_gets_an_identifier_of_its_own(names):
    assigned = assign_code_names(names)
    assert set(assigned) == set(names)
    assert len(set(assigned.values())) == len(assigned)
    assert all(text.isidentifier() and text.isascii() and not keyword.iskeyword(text) for text in assigned.values())
    assert assign_code_names(names) == assigned


x, y = sp.symbols("x y", real=True)
lam = sp.Symbol("lambda", positive=True)
y_hat = sp.Symbol("hat(y)", real=True)

TEXTS = [
    (x**2 / 2, "x**2/2"),
    (lam * sp.exp(-lam * x), "lam*exp(-lam*x)"),
    (nodes.sigmoid(x), "1/(1 + exp(-x))"),
    (nodes.relu(y_hat), "Max(0, y_hat)"),
    (nodes.normal_cdf(x), "erf(sqrt(2)*x/2)/2 + 1/2"),
    (sp.Piecewise((x, x > 0), (0, True)), "Piecewise((x, x > 0), (0, True))"),
    (sp.polygamma(0, x), "polygamma(0, x)"),
    (sp.Symbol("theta_0") + sp.Symbol("c_t-1"), "c_t_minus_1 + theta_0"),
    (sp.E * sp.Symbol("E"), "E*E_"),
    (sp.I * sp.Symbol("I"), "I*I_"),
]


@pytest.mark.parametrize(("expression", "expected"), TEXTS, ids=[text for _, text in TEXTS])
def test_sympy_text(expression, expected):
    assert sympy_text(expression) == expected


@pytest.mark.parametrize("expression", [e for e, _ in TEXTS], ids=[text for _, text in TEXTS])
def test_sympify_reads_the_text(expression):
    read = sp.sympify(sympy_text(expression))
    names = {s: f"{code_name(Name.from_key(s.name))}{'_' if s.name in 'EI' else ''}" for s in expression.free_symbols}
    values = {s: sp.Rational(3 + k, 7) for k, s in enumerate(sorted(names, key=str))}
    expected = nodes.expand_definitions(expression).subs(values)
    assert sp.simplify(read.subs({sp.Symbol(names[s]): value for s, value in values.items()}) - expected).equals(0)


def test_sympy_text_takes_given_names():
    assert sympy_text(x + y, {Name("x"): "x_2"}) == "x_2 + y"


def test_sympy_text_of_what_is_no_scalar():
    base, i = sp.IndexedBase("x"), sp.Symbol("i", integer=True)
    for expression in (base[i], sp.Tuple(x, y), sp.Matrix([x, y]), sp.Eq(x, y), sp.Sum(base[i], (i, 1, 3)), sp.MatrixSymbol("A", 2, 2)):
        assert sympy_text(expression) is None
