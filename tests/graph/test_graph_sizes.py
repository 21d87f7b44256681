"""Sizes are equal when they are the same polynomial, however they were written."""

from __future__ import annotations

import pytest

from derive.expressions.term import Term, name, number
from derive.graph.sizes import ONE, Size, constant_size, named_size, size_of

n, k = named_size("n"), named_size("k")


def test_arithmetic() -> None:
    assert n - ONE + ONE == n
    assert (n - k) + (k - n) == constant_size(0)
    assert (n + ONE) * (n - ONE) == n * n - ONE
    assert hash(n + k) == hash(k + n)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (n - k + ONE, "n - k + 1"),
        (constant_size(3), "3"),
        (constant_size(0), "0"),
        (n * k, "k*n"),
        (constant_size(2) * n, "2*n"),
        (-n, "-n"),
    ],
)
def test_text(size: Size, shown: str) -> None:
    assert size.text() == shown


def test_values_and_substitution() -> None:
    assert (n * k - ONE).value({"n": 3, "k": 4}) == 11
    assert (n * k).substitute("n", k + ONE) == k * k + k
    assert n.symbol == "n" and (n + ONE).symbol is None
    assert constant_size(5).constant == 5 and n.constant is None
    with pytest.raises(KeyError):
        n.value({})


def test_terms() -> None:
    assert size_of(Term("add", (name("N"), Term("neg", (name("K"),)), number(1)))) == named_size("N") - named_size("K") + ONE
    assert size_of(Term("pow", (name("n"), number(2)))) is None
    assert size_of(number("0.5")) is None
