"""Facts that cannot hold together are found, whatever is asked; facts that can are left alone."""

from __future__ import annotations

import pytest

import derive

CONTRADICTIONS = [
    ("X ~ Poisson(lambda); E[X] = 3; Var(X)", "agree only where lambda = 3"),
    ("X ~ Normal(mu, s^2); Var(X) = 4; E[X^2]", "agree only where s^2 = 4"),
    ("X ~ Bernoulli(1/2); Y ~ Bernoulli(1/2); Cov(X, Y) = 1/2; Var(X + Y)", "not positive semidefinite"),
    ("X ~ Poisson(l); Y ~ Poisson(l); X indep Y; Cov(X, Y) = 1; Var(X + Y)", "declared to be independent"),
    ("X ~ Poisson(l); Y ~ Poisson(l); X indep Y; Cov(X, Y) = c; Var(X + Y)", "unless c = 0"),
    ("X ~ Uniform(0, 1); Y = X^2; X indep Y; E[X Y]", "is a function of X"),
    ("M_X(t) = t; Var(X)", "no moment generating function"),
    ("M_X(t) = 2 + t; E[X]", "at 0 it is 2"),
    ("E[X] = 1; E[X^2] = 2; E[X^4] = 3; Var(X^2)", "is less than E[X^2]^2 = 4"),
    ("E[X] = -1; X >= 0; bound P(X >= t) by markov", "but X >= 0"),
    ("N ~ Normal(0, 1); X_1, X_2, ... iid ~ Normal(0, 1); N indep X_i; E[sum_{i=1}^N X_i]", "is no number of terms"),
]

CONSISTENT = [
    ("X ~ Poisson(lambda); E[X] = lambda; Var(X)", "lambda"),
    ("X ~ Normal(mu, s^2); SD(X) = s; E[X^2]", "mu^2 + s^2"),
    ("X ~ Bernoulli(1/2); Y ~ Bernoulli(1/2); Cov(X, Y) = 1/8; Var(X + Y)", "3/4"),
    ("X ~ Poisson(l); Y ~ Poisson(l); X indep Y; Cov(X, Y) = 0; Var(X + Y)", "2 l"),
    ("M_X(t) = e^(t^2/2); Var(X)", "1"),
    ("N ~ Poisson(l); X_1, X_2, ... iid ~ Normal(m, 1); N indep X_i; E[sum_{i=1}^N X_i]", "m l"),
]


@pytest.mark.parametrize(("lines", "reason"), CONTRADICTIONS)
def test_a_contradiction_is_shown(lines: str, reason: str) -> None:
    record = derive.solve(lines.split("; ")).to_dict()
    assert record["error"]["kind"] == "inconsistent"
    assert reason in record["error"]["message"]


@pytest.mark.parametrize(("lines", "answer"), CONSISTENT)
def test_what_agrees_is_no_contradiction(lines: str, answer: str) -> None:
    assert derive.solve(lines.split("; ")).to_dict()["answer"]["plain"] == answer


def test_of_two_laws_the_later_one_counts_and_that_is_said() -> None:
    record = derive.solve(["X ~ Normal(0, 1)", "X ~ Exponential(1)", "E[X]"]).to_dict()
    assert record["answer"]["plain"] == "1"
    assert "X has two laws: the later one counts" in record["notes"]
