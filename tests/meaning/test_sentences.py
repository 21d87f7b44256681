"""Sentences are no products of their words: a question declares nothing, and `s known` changes nothing."""

from __future__ import annotations

import pytest

import derive
from derive.errors import NotSupported
from derive.meaning.reader import read, read_expression


@pytest.mark.parametrize("line", ["are X and Y independent", "is X independent of Y", "Is X independent of Y?"])
def test_a_question_about_independence_declares_nothing(line: str) -> None:
    reading, scope = read(line)
    assert reading.task == "question"
    assert not scope.facts


@pytest.mark.parametrize("line", ["A subset B", "A subseteq B", "are X, Y mutually independent"])
def test_what_is_no_formula_is_refused(line: str) -> None:
    with pytest.raises(NotSupported):
        read(line)


@pytest.mark.parametrize("line", ["s known", "s is known", "mu, s known", r"\sigma^2 \text{ known}"])
def test_a_word_about_a_parameter_declares_nothing_else(line: str) -> None:
    reading, scope = read(line)
    assert reading.kind == "declaration"
    assert not scope.facts


def test_an_answer_is_as_without_the_word() -> None:
    lines = ["x_1, ..., x_n iid ~ Normal(mu, s^2)", "s known", "mle of mu"]
    assert derive.solve(lines).to_dict()["answer"]["plain"] == derive.solve([lines[0], lines[2]]).to_dict()["answer"]["plain"]


def test_mod_between_operands_is_a_remainder() -> None:
    assert read_expression("x mod 3") == read_expression(r"x \bmod 3")
    assert read_expression("(x + 1) mod (y + 2)") == read_expression("mod(x + 1, y + 2)")
