"""Sums over pairs, what a function without brackets takes with a sum behind it, names that are declared again."""

from __future__ import annotations

import pytest

from derive.errors import AmbiguousInput
from derive.expressions.plain import plain
from derive.expressions.term import Name
from derive.meaning import read
from derive.meaning.scope import Reading, Scope
from derive.meaning.sizes import size_text

Lines = tuple[str, ...]


def reading_of(lines: Lines) -> Reading:
    scope = Scope()
    for place, line in enumerate(lines, 1):
        reading, scope = read(line, scope, line=place)
    return reading


TAKEN = [
    (r"\log\frac1n\sum_{k=1}^n e^{z_k}", r"\log\left(\frac1n\sum_{k=1}^n e^{z_k}\right)"),
    (r"\log \frac{1}{n} \sum_{k=1}^n e^{z_k}", r"\log\left(\frac1n\sum_{k=1}^n e^{z_k}\right)"),
    (r"\log 2 \sum_{k=1}^n e^{z_k} + 1", r"\log\left(2\sum_{k=1}^n e^{z_k}\right) + 1"),
    ("log 1/n sum_{k=1}^n e^(z_k)", r"\log\left(\frac1n\sum_{k=1}^n e^{z_k}\right)"),
    ("log 1/n", r"\log\left(\frac1n\right)"),
    ("ln 1/2 prod_{k=1}^n z_k", r"\ln\left(\frac12\prod_{k=1}^n z_k\right)"),
    (r"\log Z \prod_{k=1}^n p_k", r"\log\left(Z\prod_{k=1}^n p_k\right)"),
    (r"\log(p) \sum_{k=1}^n z_k", r"\left(\log p\right) \sum_{k=1}^n z_k"),
    (r"\log x/2", r"\frac{\log x}{2}"),
]


@pytest.mark.parametrize(("line", "same"), TAKEN)
def test_a_function_takes_the_sum_behind_a_number(line: str, same: str) -> None:
    assert plain(reading_of((line,)).term).replace(" ", "") == plain(reading_of((same,)).term).replace(" ", "")


@pytest.mark.parametrize("line", [r"\log p \sum_{i=1}^n x_i", r"\sin x \sum_{i=1}^n a_i", r"\log\frac{p}{q} \sum_i x_i"])
def test_a_name_between_function_and_sum_is_asked_about(line: str) -> None:
    with pytest.raises(AmbiguousInput) as caught:
        reading_of((line,))
    assert len(caught.value.readings) == 2


PAIRS = [
    (("x in R^n", r"\sum_{i<j} |x_i - x_j|"), "sum_i sum_{j>i} |x_i - x_j|"),
    ((r"\sum_{i<j} |x_i - x_j|",), "sum_i sum_{j>i} |x_i - x_j|"),
    ((r"\sum_{i\le j} x_i x_j",), "sum_i sum_{j>=i} x_i x_j"),
    ((r"\sum_{i \ne j} |x_i - x_j|",), "sum_i sum_{j!=i} |x_i - x_j|"),
    ((r"\sum_{1 \le i < j \le n} x_i x_j",), "sum_{i=1}^n sum_{j=i+1}^n x_i x_j"),
    ((r"\sum_{0 < i \le j < n} x_i x_j",), "sum_{i=1}^{n - 1} sum_{j=i}^{n - 1} x_i x_j"),
    ((r"\sum_{i,j: i<j} x_i x_j",), "sum_i sum_{j>i} x_i x_j"),
    ((r"\sum_{i<j<k} x_i x_j x_k",), "sum_i sum_{j>i} sum_{k>j} x_i x_j x_k"),
    ((r"\prod_{i<j} (x_j - x_i)",), "prod_i prod_{j>i} (x_j - x_i)"),
    ((r"\sum_{1 \le i \le n} x_i",), "sum_{i=1}^n x_i"),
    (("L = \\sum_{i<j} x_i x_j", "2 L"), "2 (sum_i sum_{j>i} x_i x_j)"),
    # one letter: the other is bound outside, given, or the index of what is defined
    ((r"\sum_j \sum_{i<j} x_i x_j",), "sum_j sum_{i<j} x_i x_j"),
    ((r"\sum_{j \ne i} w_{ij} x_j",), "sum_{j!=i} w_{ij} x_j"),
    ((r"y_j - \sum_{i<j} w_{ji} x_i",), "y_j - (sum_{i<j} w_{ji} x_i)"),
    (("j in Z", r"\sum_{i<j} w_{ji} x_i"), "sum_{i<j} w_{ji} x_i"),
]


def compact(text: str) -> str:
    return text.replace(" ", "").replace("(", "").replace(")", "")


@pytest.mark.parametrize(("lines", "expected"), PAIRS)
def test_sums_over_pairs(lines: Lines, expected: str) -> None:
    assert compact(plain(reading_of(lines).expanded)) == compact(expected)


def test_an_entry_with_a_letter_of_the_pair_is_asked_about() -> None:
    with pytest.raises(AmbiguousInput):
        reading_of((r"\frac{\partial}{\partial x_j} \sum_{i<j} x_i x_j",))


def test_a_given_letter_is_said() -> None:
    notes = ["".join(p if isinstance(p, str) else plain(p) for p in n) for n in reading_of((r"\sum_{j>i} w_{ij} x_j",)).notes]
    assert "i is given: the sum runs over j" in notes


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("A in R^{m x n}", "A in R^{n x n}"), "A was m × n (line 1); a later declaration replaces that"),
        (("x in R", "x in R^n"), "x was a scalar (line 1); a later declaration replaces that"),
        (("A in R^{m x n}", "A in R^{n x n}", "tr(A)"), "A was m × n (line 1); a later declaration replaces that"),
        (("A in R^{n x n}", "A symmetric"), ""),
        (("x in R^n", "x > 0"), ""),
    ],
)
def test_a_name_declared_again(lines: Lines, said: str) -> None:
    notes = ["".join(p if isinstance(p, str) else plain(p) for p in n) for n in reading_of(lines).notes]
    assert notes == ([said] if said else [])


LENGTHS = [
    ((r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2",), {"x": "n"}),
    ((r"\sum_{i=1}^{n-1} x_i",), {"x": "n - 1"}),
    (("x in R^N", "w in R^K", r"\sum_{i=1}^{N-K+1} (\sum_{k=1}^K w_k x_{i+k-1} - t_i)^2"), {"t": "N - K + 1"}),
    ((r"\sum_{t=1}^{T} (x_t - a x_{t-1})^2",), {"x": "T + 1"}),
    ((r"\sum_{i=2}^n (x_i - x_{i-1})^2",), {"x": "n"}),
    (("x in R^m", r"\sum_{i=1}^{n-1} x_i"), {"x": "m"}),
]


@pytest.mark.parametrize(("lines", "expected"), LENGTHS)
def test_lengths_that_ranges_say(lines: Lines, expected: dict[str, str]) -> None:
    types = reading_of(lines).types
    assert {key: size_text(types[Name(key)].shape[0]) for key in expected} == expected
