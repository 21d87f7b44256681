"""Bare expressions over arrays: the shorter form where there is one, checked; the expression itself where there is none."""

from __future__ import annotations

import pytest

from derive.expressions.plain import plain
from derive.session import solve

SHORTER = [
    ("tr(A B) - tr(B A)", "0"),
    ("tr(A B A) - tr(A A B)", "0"),
    ("(A B)^T - B^T A^T", "0"),
    ("tr(A^T) - tr(A)", "0"),
]


@pytest.mark.parametrize(("text", "answer"), SHORTER)
def test_a_shorter_form_is_found_and_checked(text: str, answer: str) -> None:
    report = solve(["A, B in R^{n x n}", text])
    assert plain(report.answer) == answer
    assert report.verification is not None
    assert report.verification.status == "verified"


@pytest.mark.parametrize("text", ["A B + B A", "A B - B A", "tr(A B)", "det(A B)"])
def test_what_has_no_shorter_form_stays_as_it_is(text: str) -> None:
    report = solve(["A, B in R^{n x n}", text])
    assert report.derivation is None
    assert report.status == "solved"
    assert report.code is not None
