"""Terms become the SymPy expressions that were meant, unevaluated where work remains, and nothing large is ever built."""

from __future__ import annotations

import time

import pytest
import sympy as sp

from derive.errors import DeriveError, DoesNotExist, InconsistentInput, NotSupported, TooLarge
from derive.expressions import nodes
from derive.expressions.nodes import SoftmaxAt
from derive.expressions.term import Name, Term, call_name, name, number
from derive.expressions.to_sympy import public, symbol, to_sympy
from derive.meaning.scope import Bound, Type

n, x, y, z, i, j, k, A = map(name, "n x y z i j k A".split())
E = Term("constant", (), "e")
TYPES = {
    Name("n"): Type("size"),
    Name("z"): Type(shape=(n,)),
    Name("y"): Type(shape=(n,)),
    Name("A"): Type(shape=(name("m"), n)),
    Name("p"): Type(lower=Bound(number(0)), upper=Bound(number(1))),
    Name("i"): Type("index"),
    Name("B"): Type("event"),
}
X = sp.Symbol("x", real=True)
W = sp.Symbol("w", real=True)
N = sp.Symbol("n", integer=True, positive=True)
I, J, K = (sp.Symbol(s, integer=True) for s in "ijk")
Z = sp.IndexedBase(sp.Symbol("z", real=True))
AA = sp.IndexedBase(sp.Symbol("A", real=True))


def t(head: str, *args: Term, data: object = None) -> Term:
    return Term(head, args, data)


def num(value: int | str) -> Term:
    return number(value)


def z_at(index: Term) -> Term:
    return t("index", z, index)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (num("0.25"), sp.Rational(1, 4)),
        (num("1e-5"), sp.Rational(1, 100000)),
        (t("div", num(1), t("add", num(1), t("pow", E, t("neg", x)))), 1 / (1 + sp.exp(-X))),
        (t("sqrt", num(12)), 2 * sp.sqrt(3)),
        (t("root", num(-8) if False else t("neg", num(8)), num(3)), sp.Integer(-2)),
        (t("binomial", num(5), num(2)), sp.Integer(10)),
        (t("factorial", num(5)), sp.Integer(120)),
        (call_name("sigmoid", x), nodes.sigmoid(X)),
        (call_name("log", x, num(2)), sp.log(X) / sp.log(2)),
        (call_name("log", num(8), num(2)), sp.Integer(3)),
        (call_name("digamma", x), sp.polygamma(0, X)),
        (call_name("max", num(0), x), sp.Max(0, X)),
        (t("abs", x), sp.Abs(X)),
        (z_at(t("add", i, num(1))), Z[I + 1]),
        (t("index", t("index", A, i), j), AA[I, sp.Symbol("j", real=True)]),
        (t("sum", t("pow", z_at(k), num(2)), k, num(1), n, data="range"), sp.Sum(Z[K] ** 2, (K, 1, N))),
        (t("sum", t("pow", z_at(k), num(2)), k, data="bare"), sp.Sum(Z[K] ** 2, (K, 1, N))),
        (t("prod", z_at(k), k, num(1), n, data="range"), sp.Product(Z[K], (K, 1, N))),
        (call_name("logsumexp", z), sp.log(sp.Sum(sp.exp(Z[K]), (K, 1, N)))),
        (call_name("mean", z), sp.Sum(Z[K], (K, 1, N)) / N),
        (t("index", call_name("softmax", z), i), SoftmaxAt(Z[K], K, 1, N, I)),
        (t("index", call_name("sigmoid", z), i), nodes.sigmoid(Z[I])),
        (t("index", t("mul", x, z), i), X * Z[I]),
        (t("delta", i, k), sp.KroneckerDelta(I, sp.Symbol("k", real=True))),
        (t("rel", x, num(2), data="="), sp.Eq(X, 2)),
        (t("tuple", x, num(2)), sp.Tuple(X, 2)),
        (t("matrix", x, num(2), num(3), num(4), data=(2, 2)), sp.ImmutableDenseMatrix([[X, 2], [3, 4]])),
        (t("at", t("pow", x, num(2)), x, num(3)), sp.Subs(X**2, X, 3)),
        (t("call", name("f"), x), sp.Function("f", real=True)(X)),
        (t("prime", name("f"), x, data=2), sp.Derivative(sp.Function("f", real=True)(X), (X, 2))),
        (t("integral", t("pow", x, num(2)), x, num(0), num(1), data="definite"), sp.Integral(X**2, (X, 0, 1))),
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_expression_that_was_meant(term: Term, expected: sp.Basic) -> None:
    assert to_sympy(term, TYPES) == expected


def test_a_number_stays_in_front_of_a_sum() -> None:
    assert str(to_sympy(t("mul", num(2), t("add", x, name("w"))), {})) == "2*(w + x)"
    assert str(to_sympy(t("neg", t("add", x, name("w"))), {})) == "-(w + x)"


def test_derivatives_stay_unevaluated() -> None:
    constant = to_sympy(t("derivative", num(3), x, num(1), data="d"), {})
    assert isinstance(constant, sp.Derivative)
    assert constant.args[0] == 3
    gradient = to_sympy(t("gradient", t("mul", x, name("w")), x, name("w")), {})
    assert [type(g) for g in gradient] == [sp.Derivative] * 2
    assert to_sympy(t("hessian", t("mul", x, name("w")), x, name("w")), {}).shape == (2, 2)
    jacobian = to_sympy(t("jacobian", t("tuple", x, name("w"), num(1)), x, name("w")), {})
    assert jacobian.shape == (3, 2)


def test_cases_and_conditions_keep_every_condition() -> None:
    term = t("cases", x, t("rel", x, num(0), data=">"), num(0), t("rel", x, num(0), data="<="))
    value = to_sympy(term, {})
    assert [str(arm.cond) for arm in value.args] == ["x > 0", "x <= 0"]
    member = to_sympy(t("indicator", t("rel", x, t("interval", num(0), num(1), data="[)"), data="in")), {})
    assert member.subs(X, 0) == 1
    assert member.subs(X, 1) == 0


def test_a_sum_over_a_condition_keeps_the_condition() -> None:
    value = to_sympy(t("sum", z_at(k), k, t("rel", k, i, data="!="), data="cond"), TYPES)
    body, condition = value.function.args[0].args
    assert (body, condition) == (Z[K], sp.Ne(K, I))
    assert value.limits == (sp.Tuple(K, 1, N),)


def test_a_running_index_does_not_leave_its_sum() -> None:
    inner = t("sum", t("mul", z_at(i), x), i, num(1), n, data="range")
    total = to_sympy(t("mul", z_at(i), inner), TYPES)
    assert total.free_symbols >= {sp.Symbol("i", integer=True), X}
    assert to_sympy(inner, TYPES).bound_symbols == [I]


def test_softmax_of_several_scalars_is_a_tuple() -> None:
    value = to_sympy(call_name("softmax", x, name("w")), {})
    assert value == sp.Tuple(sp.exp(X) / (sp.exp(X) + sp.exp(W)), sp.exp(W) / (sp.exp(X) + sp.exp(W)))


def test_assumptions_follow_the_type() -> None:
    assert symbol(Name("x")) == X
    assert symbol(Name("p"), TYPES[Name("p")]).is_positive
    assert symbol(Name("n"), Type("natural")).is_positive
    assert symbol(Name("n"), Type("whole")).is_nonnegative
    assert symbol(Name("q"), Type(upper=Bound(number(0)))).is_negative
    assert symbol(Name("c"), Type("complex")).is_real is None
    assert symbol(Name("y", accents=("hat",))).name == "hat(y)"


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (z, "array z"),
        (t("transpose", z), "transpose"),
        (t("norm", z, data="2"), "norm"),
        (name("B"), "event"),
        (t("index", A, i), "1 of its 2 indices"),
        (t("index", z, t("blank")), "slice"),
        (call_name("det", A), "determinant"),
        (call_name("softmax", z), "softmax"),
        (t("sum", x, k, data="bare"), "range is not known"),
        (t("rel", x, y, data="~"), "array y"),
        (t("task", x, data="simplify"), "task"),
        (call_name("gcd", x, num(2)), "greatest common divisor"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_scalar_is_refused_by_name(term: Term, words: str) -> None:
    with pytest.raises(NotSupported, match=words):
        to_sympy(term.at((3, 7)), TYPES)


def test_a_refusal_has_the_place_of_its_construct() -> None:
    with pytest.raises(NotSupported) as caught:
        to_sympy(t("add", x, Term("transpose", (x,), None, (4, 7))), {})
    assert caught.value.span == (4, 7)


def tower(height: int) -> Term:
    term = x
    for _ in range(height):
        term = t("pow", x, term)
    return term


def nested(depth: int) -> Term:
    term = x
    for _ in range(depth):
        term = call_name("sin", term)
    return term


BIG = num("1" + "0" * 3000)
HUGE = [
    t("pow", num(10), t("pow", num(10), num(10))),
    t("pow", num(10), t("pow", num(10), t("pow", num(10), num(10)))),
    t("factorial", num(9999999)),
    t("factorial", t("factorial", num(20))),
    t("binomial", num(10**9), num(5 * 10**8)),
    t("pow", t("mul", num(2), x), num(10**9)),
    t("pow", t("div", x, num(3)), num(10**12)),
    t("pow", t("add", num(1), t("sqrt", num(2))), num(10**9)),
    t("pow", E, t("pow", E, t("pow", E, t("pow", E, num(10))))),
    t("pow", num(2), t("pow", E, num(100))),
    t("mul", *([BIG] * 9)),
    t("mul", t("mul", *([BIG] * 2)), t("mul", *([BIG] * 2)), x),
    num("1e400000000"),
    num("9" * 7000),
    call_name("gamma", num(10**9)),
    call_name("gamma", t("div", num(10**9 + 1), num(2))),
    nested(10_000),
    t("add", *([x] * 50_000)),
]


@pytest.mark.parametrize("term", HUGE, ids=lambda term: f"{term.head} {len(repr(term)) % 1000}" if term.head != "apply" else term.data)
def test_nothing_large_is_built(term: Term) -> None:
    start = time.monotonic()
    with pytest.raises(TooLarge):
        to_sympy(term, {})
    assert time.monotonic() - start < 10  # seconds: it is refused, not computed


@pytest.mark.parametrize(
    "term",
    [
        tower(20),
        nested(100),
        t("pow", num(2), num(10_000)),
        t("factorial", num(1000)),
        call_name("digamma", num(10**9)),
        call_name("loggamma", t("div", num(7), num(2))),
        t("sum", t("pow", i, num(2)), i, num(1), t("pow", num(10), num(12)), data="range"),
        t("pow", x, num(10**9)),
        t("pow", num(1), num(10**9)),
    ],
    ids=lambda term: term.head,
)
def test_what_is_large_only_on_paper_is_kept(term: Term) -> None:
    assert to_sympy(term, {}) is not None


@pytest.mark.parametrize(
    "term",
    [
        t("div", x, num(0)),
        t("pow", num(0), t("neg", num(1))),
        call_name("log", num(0)),
        t("factorial", t("neg", num(3))),
        call_name("gamma", num(0)),
    ],
    ids=lambda term: term.head,
)
def test_what_does_not_exist_is_said(term: Term) -> None:
    with pytest.raises(DoesNotExist):
        to_sympy(term, {})


def test_ranges_that_differ_are_inconsistent() -> None:
    types = {Name("a"): Type(shape=(n,)), Name("b"): Type(shape=(name("m"),))}
    term = t("sum", t("mul", t("index", name("a"), k), t("index", name("b"), k)), k, data="bare")
    with pytest.raises(InconsistentInput, match="a and of b"):
        to_sympy(term, types)


def test_errors_are_ours() -> None:
    for term in HUGE:
        with pytest.raises(DeriveError):
            to_sympy(term, {})


def test_public_names_have_no_assumptions() -> None:
    expression = sp.exp(-X) * Z[I]
    plain = public(expression, {"x": "x", "z": "z"})
    assert plain == sp.exp(-sp.Symbol("x")) * sp.IndexedBase("z")[I]
    assert sp.diff(plain, sp.Symbol("x")) == -plain
