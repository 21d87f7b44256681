"""What does not exist is refused before anything is computed: functions that are not real on the support, covariances without means."""

from __future__ import annotations

import pytest

import derive

REFUSED = [
    ("X ~ Normal(0, 1); E[sqrt(X)]", "sqrt(X) is not a real number near X = -1"),
    ("X ~ Laplace(0, 1); E[sqrt(X)]", "not a real number"),
    ("X ~ Cauchy(0, 1); E[sqrt(X)]", "not a real number"),
    ("X ~ Normal(0, 1); E[X^(2/3)]", "not a real number"),
    ("X ~ Uniform(-1, 1); E[log X]", "log(X) is not a real number near X"),
    ("X ~ Normal(0, 1); Var(log X)", "not a real number"),
    ("X ~ Uniform(0, 2); E[arccos(X)]", "acos(X) is not a real number"),
    ("X ~ Uniform(-1, 1); E[arcsin(2 X)]", "not a real number"),
    ("X ~ Normal(0, 1); Y ~ Normal(0, 1); X indep Y; E[sqrt(X Y)]", "not a real number near X"),
    ("X_1, ..., X_n iid ~ Normal(0, 1); E[sum_{i=1}^n log X_i]", "not a real number"),
    ("X ~ Poisson(l); E[log X]", "log(X) is not a real number at X = 0"),
    ("X ~ Binomial(5, p); E[1/X]", "1/X is not defined at X = 0"),
    ("P(X=-1)=0.25; P(X=0)=0.5; P(X=1)=0.25; E[1/X]", "1/X is not defined at X = 0"),
    ("P(X=-1)=0.25; P(X=0)=0.5; P(X=1)=0.25; E[log X]", "log(X) is not a real number at X = -1"),
    ("X ~ Cauchy(0, 1); Y ~ Normal(0, 1); X indep Y; Cov(X, Y)", "E[X] does not exist"),
    ("X ~ Cauchy(0, 1); Y ~ Normal(0, 1); X indep Y; Corr(X, Y)", "E[X] does not exist"),
    ("X ~ Cauchy(0, 1); Y ~ Normal(0, 1); X indep Y; Cov(X + Y, Y)", "E[X] does not exist"),
    ("X ~ Pareto(1, 1); Y ~ Normal(0, 1); X indep Y; Cov(X, Y)", "E[X] does not exist"),
    ("X ~ StudentT(1); Y ~ Normal(0, 1); X indep Y; Cov(X, Y)", "E[X] does not exist"),
    ("X | Y ~ Normal(0, 1); Y ~ Cauchy(0, 1); Cov(X, Y)", "E[Y] does not exist"),
]

SOLVED = [
    ("X ~ Exponential(l); E[sqrt(X)]", "sqrt(pi)/(2 sqrt(l))", ""),
    ("X ~ Uniform(-1, 1); E[arcsin(X)]", "0", ""),
    ("X ~ Beta(a, b); E[log(1 - X)]", "digamma(b) - digamma(a + b)", ""),
    ("X ~ Poisson(l); E[1/(X + 1)]", "(1 - e^(-l))/l", ""),
    ("X ~ Uniform(a, b); E[log X]", "(a log(a) - a - b log(b) + b)/(a - b)", "a >= 0"),
    ("X ~ StudentT(3/2); Y ~ Normal(0, 1); X indep Y; Cov(X, Y)", "0", ""),
    ("X ~ StudentT(nu); Y ~ Normal(0, 1); X indep Y; Cov(X, Y)", "0", "nu > 1"),
]


@pytest.mark.parametrize(("lines", "reason"), REFUSED)
def test_what_does_not_exist_is_refused_with_a_value_that_shows_it(lines: str, reason: str) -> None:
    record = derive.solve(lines.split("; ")).to_dict()
    assert record["status"] == "refused"
    assert record["error"]["kind"] == "does-not-exist"
    assert reason in record["error"]["message"]


@pytest.mark.parametrize(("lines", "answer", "assumption"), SOLVED)
def test_what_exists_is_answered_with_what_it_assumes(lines: str, answer: str, assumption: str) -> None:
    record = derive.solve(lines.split("; ")).to_dict()
    assert record["answer"]["plain"] == answer
    assert record["verification"]["status"] == "verified"
    assert any(a.startswith(assumption) for a in record["assumptions"]) or not assumption
