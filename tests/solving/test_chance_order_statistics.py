"""An order statistic is no member of its sample: its own law in every task, and nothing where the joint law of several is asked for."""

from __future__ import annotations

import pytest

import derive

UNIFORM = "U_1, ..., U_n iid ~ Uniform(0, 1)"
WAITING = "X_1, ..., X_n iid ~ Exponential(l)"
SPREAD = "X_1, ..., X_n iid ~ Uniform(a, b)"

ANSWERS = [
    (UNIFORM, "moment 2 of U_(1)", "2/((n + 1) (n + 2))"),
    (UNIFORM, "mean and variance of U_(n)", "mean = n/(n + 1), variance = n/((n + 1)^2 (n + 2))"),
    (UNIFORM, "d/dn E[U_(1)]", "-1/(n + 1)^2"),
    (UNIFORM, "P(U_(1) > t)", "(1 - t)^n"),
    (UNIFORM, "P(U_(n) <= t)", "t^n"),
    (UNIFORM, "bound P(U_(1) >= t) by markov", "1/(t (n + 1))"),
    (UNIFORM, "E[log U_(n)]", "digamma(n) - digamma(n + 1)"),
    (UNIFORM, "E[U_3]", "1/2"),
    (UNIFORM, "E[U_(n) - U_(1)]", "(n - 1)/(n + 1)"),
    (UNIFORM, "E[U_(n)^2]", "n/(n + 2)"),
    (WAITING, "E[X_(k)]", "(digamma(n + 1) - digamma(n - k + 1))/l"),
    (WAITING, "Var(X_(n))", "(pi^2/6 - trigamma(n + 1))/l^2"),
    (WAITING, "P(X_(1) > t)", "e^(-n l t)"),
    ("X_1, X_2 iid ~ Exponential(l)", "E[X_(2)]", "3/(2 l)"),
    (SPREAD, "E[X_(1)]", "(n a + b)/(n + 1)"),
    (SPREAD, "Var(X_(n))", "n (b - a)^2 / ((n + 1)^2 (n + 2))"),
    ("X_1, ..., X_n iid ~ Normal(0, 1)", "P(X_(n) <= t)", "normal_cdf(t)^n"),
]

REFUSED = [
    (UNIFORM, "Var(U_(n) - U_(1))"),
    (UNIFORM, "Cov(U_(1), U_(n))"),
    (UNIFORM, "P(U_(1) < U_(2))"),
    (UNIFORM, "E[U_(1) U_2]"),
    ("X_1, ..., X_n iid ~ Poisson(l)", "E[X_(1)]"),
]


@pytest.mark.parametrize(("sample", "task", "answer"), ANSWERS)
def test_the_law_of_the_order_statistic_counts(sample: str, task: str, answer: str) -> None:
    record = derive.solve([sample, task]).to_dict()
    assert record["answer"]["plain"] == answer
    assert record["verification"]["status"] in ("verified", "partly")


@pytest.mark.parametrize(("sample", "task"), REFUSED)
def test_what_needs_a_joint_law_is_refused(sample: str, task: str) -> None:
    assert derive.solve([sample, task]).to_dict()["error"]["kind"] == "not-supported"
