"""Two-dimensional text: what a person sees, that it fits the width, and that ASCII is ASCII."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printer_terms import (
    A,
    X,
    Y,
    add,
    at,
    b,
    d,
    decay,
    div,
    e,
    f,
    i,
    inf,
    k,
    lam,
    logistic,
    mu,
    mul,
    n,
    named,
    neg,
    otherwise,
    power,
    rel,
    s,
    sigma,
    size,
    v,
    w,
    x,
    y,
    z,
)  # fmt: skip

from derive.expressions.pretty import pretty, pretty_lines
from derive.expressions.term import Term
from derive.expressions.typography import columns

T = Term
residual = add(mul(A, x), neg(b))
bernoulli = add(mul(k, f("log", x)), mul(add(size, neg(k)), f("log", add(n(1), neg(x)))))


def drawn(text):
    """The lines of a picture, without its frame of empty lines and indentation."""
    return [line.rstrip() for line in dedent(text).strip("\n").split("\n")]


PICTURES = [
    (T("probability", (x, T("expect_under", (v("q"),))), "E"), "𝔼 [x]\n q"),
    (T("index", (x, v("t")), "<"), "x\n <t"),
    (T("index", (x, T("range", (T("blank"), v("t")), "<"))), "x\n <t"),
    (T("set", (n(0), T("range", (n(1), v("K"))))), "{0, 1, …, K}"),
    (T("or", (rel(x, "=", n(2)), rel(x, "=", n(3)))), "x = 2 or x = 3"),
    (T("mul", (v("W_f"), T("vector", (x, y))), "·"), "      ⎡x⎤\nW_f · ⎣y⎦"),
    (
        d(div(n(1), add(n(1), decay)), x, n(1)),
        """
        d ⎛   1   ⎞
        ──⎜───────⎟
        dx⎝1 + e⁻ˣ⎠
        """,
    ),
    (
        div(decay, power(add(n(1), decay), n(2))),
        """
           e⁻ˣ
        ──────────
        (1 + e⁻ˣ)²
        """,
    ),
    (
        T("gradient", (add(power(T("norm", (residual,), "2"), n(2)), mul(lam, power(T("norm", (x,), "2"), n(2)))), x)),
        """
        ∇ₓ (‖A x − b‖² + λ ‖x‖²)
        """,
    ),
    (
        mul(neg(div(n(1), mul(n(2), power(s, n(2))))), sigma(power(add(at(x, i), neg(mu)), n(2)), i, n(1), size)),
        """
        ⎛   1  ⎞  n
        ⎜− ────⎟  ∑  (xᵢ − μ)²
        ⎝  2 σ²⎠ i=1
        """,
    ),
    (
        T("integral", (power(e, neg(power(x, n(2)))), x, n(0), inf), "definite"),
        """
        ∞
        ⌠  −x²
        ⌡ e    dx
        0
        """,
    ),
    (
        T("cases", (x, rel(x, ">", n(0)), mul(lam, add(power(e, x), neg(n(1)))), otherwise)),
        """
        ⎧x           if x > 0
        ⎩λ (eˣ − 1)  otherwise
        """,
    ),
    (
        T("matrix", (n(1), div(x, y), n(0), n(2)), (2, 2)),
        """
        ⎡   x⎤
        ⎢1  ─⎥
        ⎢   y⎥
        ⎣0  2⎦
        """,
    ),
    (
        T("sqrt", (add(n(1), div(x, y)),)),
        """
              ______
             ╱     x
            ╱  1 + ─
          ╲╱       y
        """,
    ),
    (T("sqrt", (x,)), "√x"),
    (
        power(div(x, y), n(2)),
        """
        ⎛x⎞²
        ⎜─⎟
        ⎝y⎠
        """,
    ),
    (
        T("at", (d(v("f"), x, n(1)), x, n(0))),
        """
        df│
        ──│
        dx│x=0
        """,
    ),
    (
        T("limit", (div(f("sin", x), x), x, n(0)), ""),
        """
            sin(x)
        lim ──────
        x→0   x
        """,
    ),
    (
        T("optimum", (T("norm", (residual,), "2"), T("tuple", (x,))), "argmin"),
        """
        arg min ‖A x − b‖
           x
        """,
    ),
    (
        T("binomial", (size, k)),
        """
        ⎛n⎞
        ⎝k⎠
        """,
    ),
    (named("theta", accents=("hat",), sub="0"), "θ̂₀"),
    (T("probability", (T("given", (X, Y)),), "P"), "P(X|Y)"),
]


@pytest.mark.parametrize(("term", "picture"), PICTURES)
def test_picture(term, picture):
    assert [line.rstrip() for line in pretty(term).lines] == drawn(picture)


ASCII_PICTURES = [
    (
        d(div(n(1), add(n(1), decay)), x, n(1)),
        r"""
        d /   1   \
        --|-------|
        dx|     -x|
          \1 + e  /
        """,
    ),
    (
        sigma(power(at(x, i), n(2)), i, n(1), size),
        """
         n     2
        sum x_i
        i=1
        """,
    ),
    (T("norm", (residual,), "2"), "||A x - b||"),
    (mul(logistic, add(n(1), neg(logistic))), "sigmoid(x) (1 - sigmoid(x))"),
]


@pytest.mark.parametrize(("term", "picture"), ASCII_PICTURES)
def test_ascii_picture(term, picture):
    assert [line.rstrip() for line in pretty(term, 80, True).lines] == drawn(picture)


def test_baseline_is_the_line_of_writing():
    assert pretty(div(x, y)).baseline == 1
    assert pretty(x).baseline == 0
    box = pretty(T("integral", (x, x, n(0), n(1)), "definite"))
    assert "dx" in box.lines[box.baseline]


def polynomial(count):
    return add(*(mul(n(k + 2), power(x, n(count - k)), power(y, n(k + 1))) for k in range(count)))


def test_breaks_at_the_relation_and_at_signs():
    boxes = pretty_lines(rel(T("call", (v("f"), x, y)), "=", polynomial(8)), 40)
    lines = [box.lines[0].rstrip() for box in boxes]
    assert lines[0].startswith("f(x, y) = 2 x⁸ y")
    assert all(line.startswith("    + ") for line in lines[1:])


def test_broken_products_are_ascii_where_only_that_may_be_used():
    product = mul(T("sqrt", (v("lambda"),)), n(0), sigma(x, v("i"), n(1), size))
    lines = pretty(T("sqrt", (neg(neg(product)),)), 24, True).lines
    assert all(line.isascii() for line in lines) and any("*" in line for line in lines)


def test_breaks_outside_brackets_first():
    product = mul(add(*[x] * 6), add(*[y] * 6), add(*[z] * 6))
    lines = [box.lines[0].rstrip() for box in pretty_lines(product, 40)]
    assert lines == ["(x + x + x + x + x + x)", "    · (y + y + y + y + y + y)", "    · (z + z + z + z + z + z)"]


def test_a_wide_fraction_is_written_in_line():
    box = pretty(div(polynomial(9), polynomial(3)), 40)
    assert "─" not in str(box)
    assert str(box).startswith("(") and "/ (" in str(box)


def test_tall_lines_are_kept_apart():
    text = str(pretty(add(*(div(n(1), power(x, n(p))) for p in range(2, 30))), 40))
    assert "\n\n" in text


def test_a_long_number_is_split_not_cut():
    digits = str(7**200)
    assert "".join(str(pretty(n(digits), 40)).split()) == digits


names = st.sampled_from([x, y, lam, mu, at(x, i), at(A, i, k), v("theta_0"), named("y", accents=("hat",)), v("loss")])
numbers = st.integers(0, 10**9).map(n)


def larger(inner):
    several = st.lists(inner, min_size=2, max_size=5).map(tuple)
    return st.one_of(
        several.map(lambda terms: T("add", terms)),
        several.map(lambda terms: T("mul", terms)),
        inner.map(neg),
        st.tuples(inner, inner).map(lambda p: div(*p)),
        st.tuples(inner, inner).map(lambda p: power(*p)),
        inner.map(lambda t: T("sqrt", (t,))),
        st.sampled_from(["sin", "log", "sigmoid", "softplus"]).flatmap(lambda g: inner.map(lambda t: f(g, t))),
        inner.map(lambda t: sigma(t, i, n(1), size)),
        inner.map(lambda t: d(t, x, n(1))),
        inner.map(lambda t: T("integral", (t, x, n(0), n(1)), "definite")),
        inner.map(lambda t: T("abs", (t,))),
        inner.map(lambda t: T("transpose", (t,))),
        st.tuples(inner, inner).map(lambda p: rel(p[0], "<=", p[1])),
        st.tuples(inner, inner, inner).map(lambda p: T("cases", (p[0], rel(p[1], ">", n(0)), p[2], otherwise))),
        several.map(lambda terms: T("tuple", terms)),
        several.map(lambda terms: T("matrix", terms[:2], (1, 2))),
        st.tuples(inner, inner).map(lambda p: T("probability", (T("given", p),), "E")),
        inner.map(lambda t: T("gradient", (t, w))),
    )


terms = st.recursive(names | numbers, larger, max_leaves=16)


@settings(max_examples=60, deadline=None)
@given(terms, st.sampled_from([24, 40, 60, 80]), st.booleans())
def test_fits_the_width_in_boxes_of_one_width(term, width, ascii):
    box = pretty(term, width, ascii)
    assert {columns(line) for line in box.lines} == {box.width}
    assert box.width <= width
    assert 0 <= box.baseline < box.height
    if ascii:
        assert all(line.isascii() for line in box.lines)


@settings(max_examples=40, deadline=None)
@given(terms)
def test_nothing_is_lost_in_a_narrow_column(term):
    """Every name and every digit of the wide picture is in the narrow one as often: nothing is cut off."""
    wide, narrow = (str(pretty(term, width, True)) for width in (100_000, 30))
    for sign in "xy123456789λμ":
        assert wide.count(sign) <= narrow.count(sign)
