"""e and π are names where a line says of them what is said of random variables and of probabilities; numbers everywhere else."""

from __future__ import annotations

import pytest

import derive

ANSWERS = [
    ("E[e] = 0; Var(e) = s^2; E[(a + e)^2]", "a^2 + s^2"),
    ("E[e] = 0; Var(e) = s^2; e indep g; E[g] = m; Var(g) = v; E[(f + e - g)^2]", "s^2 + (f - m)^2 + v"),
    ("e indep g; E[e] = 0; E[g] = m; E[e g]", "0"),
    ("E[e] = 0; Var(e) = s^2; Var(e + 1)", "s^2"),
    ("E[pi] = 0.5; Var(pi) = 0.1; Var(2 pi)", "2/5"),
    ("e ~ Normal(0, s^2); y = a + e; Var(y)", "s^2"),
    ("y = a + e; e ~ Normal(0, s^2); Var(y)", "s^2"),
    ("e, g iid ~ Normal(0, 1); Var(e + g)", "2"),
    ("e ~ Normal(0, 1); E[exp(e)]", "e^(1/2)"),
    ("z ~ Bernoulli(pi); E[z]", "pi"),
    (r"y \sim \mathrm{Bernoulli}(\pi); Var(y)", "pi (1 - pi)"),
    (r"P(y=1) = \pi; P(y=0)", "1 - pi"),
    (r"\pi ~ Beta(a, b); k | \pi ~ Binomial(n, \pi); posterior of \pi", "(pi | k) ~ Beta(a + k, b - k + n)"),
    ("X ~ Normal(0, 1); E[e^X]", "e^(1/2)"),
    ("X ~ Normal(e, pi); E[X]", "e"),
]


@pytest.mark.parametrize(("lines", "answer"), ANSWERS)
def test_the_letter_is_what_the_lines_say(lines: str, answer: str) -> None:
    assert derive.solve(lines.split("; ")).to_dict()["answer"]["plain"] == answer


def test_a_letter_that_stays_a_number_has_its_value() -> None:
    assert derive.solve(["X ~ Normal(e, pi)", "Var(X)"]).to_dict()["answer"]["numeric"] == pytest.approx(3.141592653589793)


def test_the_choice_is_said_on_its_line() -> None:
    from derive.meaning.reader import read

    reading, _ = read("e ~ Normal(0, s^2)")
    assert any("is a random variable here" in str(part) for note in reading.notes for part in note)
