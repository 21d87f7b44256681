"""Wrong rules are caught, right ones are not accused, and what cannot be compared says so."""

from __future__ import annotations

import time

import pytest
import sympy as sp

from derive.checking.curves import Curve
from derive.checking.expressions import check_equal, check_step
from derive.checking.verify import check_derivation, summarise
from derive.derivation import Derivation, Step
from derive.expressions import nodes
from derive.expressions.binding_terms import unevaluated_derivative
from derive.expressions.nodes import SoftmaxAt
from derive.expressions.term import Name, Term, name, number
from derive.meaning.scope import Bound, Type

x, y, a, b = sp.symbols("x y a b", real=True)
p = sp.Symbol("p", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
z = sp.IndexedBase(sp.Symbol("z", real=True))
w = sp.IndexedBase(sp.Symbol("w", real=True))
f, g = sp.Function("f", real=True), sp.Function("g", real=True)
s = nodes.sigmoid(x)
TYPES = {
    Name("n"): Type("size"),
    Name("z"): Type(shape=(name("n"),)),
    Name("w"): Type(shape=(name("n"),)),
    Name("i"): Type("index"),
    Name("j"): Type("index"),
    Name("p"): Type(lower=Bound(number(0)), upper=Bound(number(1))),
}


def d(body: sp.Expr, *variables: sp.Expr) -> sp.Expr:
    return unevaluated_derivative(body, *((v, 1) for v in variables))


def softmax(index: sp.Expr) -> sp.Expr:
    return SoftmaxAt(z[k], k, 1, n, index)


elu = sp.Piecewise((x, x > 0), (a * (sp.exp(x) - 1), True))
ill_conditioned = (x + 10**9) ** 2 - x**2 - 2 * 10**9 * x

RIGHT = {
    "sigmoid": (d(1 / (1 + sp.exp(-x)), x), s * (1 - s)),
    "second derivative": (d(d(1 / (1 + sp.exp(-x)), x), x), s * (1 - s) * (1 - 2 * s)),
    "chain": (d(sp.sin(3 * x**2), x), 6 * x * sp.cos(3 * x**2)),
    "fifth derivative": (d(sp.exp(-2 * x), x, x, x, x, x), -32 * sp.exp(-2 * x)),
    "derivative of a derivative": (d(d(d(d(sp.sin(x), x), x), x), x), sp.sin(x)),
    "three variables": (d(d(d(sp.exp(x * y * a), x), y), a), (1 + 3 * x * y * a + (x * y * a) ** 2) * sp.exp(x * y * a)),
    "mixed": (d(sp.exp(x * y), x, y), (1 + x * y) * sp.exp(x * y)),
    "power": (d(x**a, x), a * x ** (a - 1)),
    "log": (d(sp.log(x), x), 1 / x),
    "kink": (d(sp.Abs(x) ** 3, x), 3 * x**2 * sp.sign(x)),
    "maximum": (d(sp.Max(0, x) ** 2, x), 2 * sp.Max(0, x)),
    "cases": (d(elu, x), sp.Piecewise((1, x > 0), (a * sp.exp(x), True))),
    "log-sum-exp": (d(sp.log(sp.Sum(sp.exp(z[k]), (k, 1, n))), z[i]), softmax(i)),
    "softmax": (d(softmax(i), z[j]), softmax(i) * (sp.KroneckerDelta(i, j) - softmax(j))),
    "sum rule": (d(sp.Sum(z[k] ** 2 * w[k], (k, 1, n)), z[j]), sp.Sum(2 * z[k] * w[k] * sp.KroneckerDelta(k, j), (k, 1, n))),
    "delta resolved": (sp.Sum(2 * z[k] * sp.KroneckerDelta(k, j), (k, 1, n)), 2 * z[j]),
    "closed form": (sp.Sum(k**2, (k, 1, n)), n * (n + 1) * (2 * n + 1) / 6),
    "product": (d(sp.Product(z[k], (k, 1, n)), z[j]), sp.Product(z[k], (k, 1, n)) / z[j]),
    "undefined function": (d(f(x**2), x), 2 * x * sp.Subs(d(f(y), y), y, x**2)),
    "undefined product": (d(f(x) * g(x), x), d(f(x), x) * g(x) + f(x) * d(g(x), x)),
    "Leibniz": (d(sp.Integral(sp.exp(-(y**2)), (y, 0, x**2)), x), 2 * x * sp.exp(-(x**4))),
    "digamma": (d(sp.loggamma(p), p), sp.polygamma(0, p)),
    "gelu": (d(nodes.gelu(x), x), nodes.normal_cdf(x) + x * nodes.normal_pdf(x)),
    "Pythagoras": (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, sp.Integer(0)),
    "ill-conditioned": (ill_conditioned, sp.Integer(10**18)),
    "cancelling exponentials": (sp.cosh(30 * x) ** 2 - sp.sinh(30 * x) ** 2, sp.Integer(1)),
    "difference quotient": (((x + sp.Rational(1, 10**9)) ** 2 - x**2) * 10**9, 2 * x + sp.Rational(1, 10**9)),
    "log of a square": (sp.log(x**2), 2 * sp.log(sp.Abs(x))),
    "constants": (sp.log(8), 3 * sp.log(2)),
    "value at a point": (sp.Subs(d(sp.log(1 + sp.exp(-2 * x)), x), x, 0), sp.Integer(-1)),
    "gradient": (sp.Tuple(d(x * y, x), d(x * y, y)), sp.Tuple(y, x)),
    "matrix": (sp.ImmutableDenseMatrix([[d(x * y, x, y)]]), sp.ImmutableDenseMatrix([[1]])),
}

WRONG = {
    "sign": (d(1 / (1 + sp.exp(-x)), x), -s * (1 - s)),
    "factor 1 + 1e-6": (d(1 / (1 + sp.exp(-x)), x), s * (1 - s) * sp.Rational(1_000_001, 1_000_000)),
    "inner derivative": (d(sp.sin(3 * x**2), x), sp.cos(3 * x**2)),
    "second derivative": (d(d(1 / (1 + sp.exp(-x)), x), x), s * (1 - s) * (1 + 2 * s)),
    "wrong branch": (d(elu, x), sp.Piecewise((1, x > 0), (a * (sp.exp(x) - 1), True))),
    "branches exchanged": (d(sp.Abs(x), x), -sp.sign(x)),
    "one sum term less": (sp.Sum(k**2, (k, 1, n - 1)), n * (n + 1) * (2 * n + 1) / 6),
    "delta forgotten": (d(softmax(i), z[j]), softmax(i) * (1 - softmax(j))),
    "delta everywhere": (d(softmax(i), z[j]), -softmax(i) * softmax(j)),
    "entry for sum": (d(sp.Sum(z[k] ** 2, (k, 1, n)), z[j]), sp.Sum(2 * z[k], (k, 1, n))),
    "undefined function": (d(f(x**2), x), sp.Subs(d(f(y), y), y, x**2)),
    "product rule": (d(f(x) * g(x), x), d(f(x), x) * d(g(x), x)),
    "Leibniz": (d(sp.Integral(sp.exp(-(y**2)), (y, 0, x**2)), x), sp.exp(-(x**4))),
    "constants": (sp.log(8), 2 * sp.log(2)),
    "small beside large": (ill_conditioned - 10**18, sp.Rational(1, 10**6)),
    "exact": (sp.Rational(1, 3), sp.Rational(1, 3) + sp.Rational(1, 10**30)),
    "domain lost": (sp.log(x**2), 2 * sp.log(x)),
    "root of a square": (sp.Abs(x), x),
    "one entry of a gradient": (sp.Tuple(d(x * y, x), d(x * y, y)), sp.Tuple(y, -x)),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_steps_are_verified(case: str) -> None:
    check = check_equal(*RIGHT[case], TYPES)
    assert check.status in ("verified", "exact"), check
    assert check.status == "exact" or check.max_error < 1e-9


@pytest.mark.parametrize("case", WRONG)
def test_wrong_steps_fail_with_a_counterexample(case: str) -> None:
    check = check_equal(*WRONG[case], TYPES)
    assert check.status == "failed", check
    values = dict(check.counterexample)
    assert values["left"] != values["right"]


def test_the_counterexample_names_the_values() -> None:
    check = check_equal(2 * x * z[1], 3 * x * z[1], TYPES)
    values = dict(check.counterexample)
    assert values["left"] == pytest.approx(2 * values["x"] * values["z"]["1"])
    assert values["right"] == pytest.approx(3 * values["x"] * values["z"]["1"])


def test_checks_are_deterministic() -> None:
    assert check_equal(*WRONG["inner derivative"], TYPES) == check_equal(*WRONG["inner derivative"], TYPES)


def test_assumptions_of_a_step_allow_other_domains() -> None:
    step = Step("log-power", "", sp.log(x**2), 2 * sp.log(x), assumptions=(("x > 0",),))
    assert check_step(step, TYPES).status == "verified"


def test_only_the_part_is_compared() -> None:
    step = Step("", "", x**2 + 1, x**2 + 1 + y, part=(sp.sin(x) ** 2, 1 - sp.cos(x) ** 2))
    assert check_step(step, TYPES).status == "verified"


@pytest.mark.parametrize(
    ("left", "right", "relation", "status"),
    [
        (sp.Min(x, 0), x, "≤", "verified"),
        (x, sp.Min(x, 0), "≤", "failed"),
        (x**2 + 1, x**2, ">", "verified"),
        (3 * sp.exp(x) * p, sp.exp(x) * p, "∝", "verified"),
        (3 * sp.exp(x) * p, sp.exp(2 * x) * p, "∝", "failed"),
        (x, x + sp.Rational(1, 10**9), "≈", "unverified"),
    ],
)
def test_relations(left: sp.Expr, right: sp.Expr, relation: str, status: str) -> None:
    assert check_equal(left, right, TYPES, relation).status == status


@pytest.mark.parametrize(
    ("left", "right", "relation", "status"),
    [
        (sp.Eq(2 * x + 4, 0), sp.Eq(x, -2), "⇔", "verified"),
        (sp.Eq(2 * x + 4, 0), sp.Eq(x, 2), "⇔", "failed"),
        (sp.Eq(x**2, 4), sp.Or(sp.Eq(x, 2), sp.Eq(x, -2)), "⇔", "verified"),
        (sp.Eq(x**2, 4), sp.Eq(x, 2), "⇔", "failed"),
        (sp.Eq(x, 2), sp.Eq(x**2, 4), "⇒", "verified"),
        (sp.Eq(x, 2), sp.Eq(x**2, 4), "⇔", "failed"),
        (sp.Eq(p**2, 4), sp.Eq(p, 2), "⇔", "verified"),
        (sp.Eq(a * x, b), sp.Eq(x, b / a), "⇔", "verified"),
        (sp.Eq(a * x, b), sp.Eq(x, a / b), "⇔", "failed"),
        (sp.Gt(2 * x, 4), sp.Gt(x, 2), "⇔", "verified"),
        (sp.Gt(-2 * x, 4), sp.Gt(x, -2), "⇔", "failed"),
    ],
)
def test_equations_have_the_same_solutions(left: sp.Basic, right: sp.Basic, relation: str, status: str) -> None:
    types = {key: value for key, value in TYPES.items() if key != Name("p")}
    assert check_equal(left, right, types, relation).status == status


FOLIUM = sp.Eq(x**3 + y**3, 6 * x * y)
SLOPE = (2 * y - x**2) / (y**2 - 2 * x)


def test_implicit_derivatives_are_checked_on_the_curve() -> None:
    curve = Curve(FOLIUM.lhs - FOLIUM.rhs, y, x)
    assert check_equal(d(y, x), SLOPE, {}, constraints=[curve]).status == "verified"
    assert check_equal(d(y, x), -SLOPE, {}, constraints=[curve]).status == "failed"
    assert check_equal(d(d(y, x), x), d(SLOPE, x), {}, constraints=[curve]).status == "verified"
    differentiated = sp.Eq(3 * x**2 + 3 * y**2 * d(y, x), 6 * y + 6 * x * d(y, x))
    assert check_equal(differentiated, sp.Eq(d(y, x), SLOPE), {}, "⇔", [FOLIUM]).status == "verified"
    assert check_equal(differentiated, sp.Eq(d(y, x), -SLOPE), {}, "⇔", [FOLIUM]).status == "failed"


def test_implicit_functions_may_be_written_as_functions() -> None:
    h = sp.Function("y", real=True)(x)
    total = check_equal(d(x**3 + h**3, x), 3 * x**2 + 3 * h**2 * d(h, x), {}, constraints=[FOLIUM])
    slope = check_equal(d(h, x), SLOPE.subs(y, h), {}, constraints=[FOLIUM])
    wrong = check_equal(d(h, x), SLOPE.subs(y, h) + 1, {}, constraints=[FOLIUM])
    assert (total.status, slope.status, wrong.status) == ("verified", "verified", "failed")


def test_declared_domains_are_respected() -> None:
    logit = sp.log(p / (1 - p))
    assert check_equal(d(logit, p), 1 / (p * (1 - p)), TYPES).points >= 5
    onehot = {Name("y"): Type(shape=(number(3),), properties=frozenset({"onehot"}))}
    e = sp.IndexedBase(sp.Symbol("y", real=True))
    assert check_equal(sp.Sum(e[k], (k, 1, 3)), sp.Integer(1), onehot).status == "verified"
    assert check_equal(e[i] ** 2, e[i], onehot).status == "verified"
    labels = {Name("t"): Type(values=(number(-1), number(1)))}
    t = sp.Symbol("t", real=True)
    assert check_equal(t**2, sp.Integer(1), labels).status == "verified"
    assert check_equal(t**3, -t, labels).status == "failed"


def test_terms_are_converted() -> None:
    left = Term("derivative", (Term("pow", (name("x"), number(2))), name("x"), number(1)), "d")
    right = Term("mul", (number(2), name("x")))
    assert check_equal(left, right, {}).status == "verified"
    assert check_equal(Term("transpose", (name("x"),)), right, {}).status == "unverified"


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (sp.Order(x), sp.Integer(0), "Order"),
        (sp.Sum(k, (k, 1, 10**12)), sp.Integer(3), "too many"),
        (sp.log(-1 - x**2), sp.Integer(3), "no point"),
        (sp.Tuple(x, y), sp.Tuple(x), "shapes"),
    ],
)
def test_what_cannot_be_compared_says_why(left: sp.Expr, right: sp.Expr, words: str) -> None:
    check = check_equal(left, right, TYPES)
    assert check.status == "unverified"
    assert words in check.reason


def test_a_derivation_is_checked_with_its_sub_steps() -> None:
    inner = Step("power", "", d(x**2, x), 2 * x)
    wrong = Step("power", "", d(x**3, x), 3 * x)
    before, after = d(sp.sin(x**2), x), 2 * x * sp.cos(x**2)
    good = Derivation(before, after, (Step("chain", "", before, after, steps=(inner,)),))
    checked = check_derivation(good, {})
    assert [step.check.status for step in checked.walk()] == ["verified", "verified"]
    summary = summarise(checked)
    assert (summary.status, summary.steps, summary.verified) == ("verified", 2, 2)
    assert summary.max_error < 1e-12
    bad = check_derivation(Derivation(x, x, (Step("", "", x, x, steps=(wrong,)),)), {})
    assert summarise(bad).status == "failed"
    unknown = Derivation(x, x, (Step("", "", x, x), Step("", "", sp.Order(x), sp.Integer(0))))
    assert summarise(check_derivation(unknown, {})).status == "partly"


def test_after_the_deadline_steps_are_unverified() -> None:
    derivation = Derivation(x, x, (Step("", "", 2 * x, x + x),))
    checked = check_derivation(derivation, {}, deadline=time.monotonic() - 1)
    assert checked.steps[0].check.status == "unverified"
    assert "time limit" in checked.steps[0].check.reason
