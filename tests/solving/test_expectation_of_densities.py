"""p(x) inside an expectation is the density of the declared law: log-likelihoods, scores, entropies; and total variance put together."""

from __future__ import annotations

import pytest

import derive

ANSWERS = [
    ("x ~ Bernoulli(sigmoid(a)); E[d/da log p(x)]", "0"),
    ("x ~ Normal(m, s^2); E[d/dm log p(x)]", "0"),
    ("x ~ Poisson(l); E[(d/dl log p(x))^2]", "1/l"),
    ("x ~ Normal(m, s^2); E[log p(x)]", "-(1 + log(2 pi s^2))/2"),
    ("E[X] = mu; Var(X) = s^2; Var(E[X|Y]) + E[Var(X|Y)]", "s^2"),
]


@pytest.mark.parametrize(("lines", "answer"), ANSWERS)
def test_the_density_is_that_of_the_law(lines: str, answer: str) -> None:
    record = derive.solve(lines.split("; ")).to_dict()
    assert record["answer"]["plain"] == answer
    assert record["verification"]["status"] == "verified"


def test_independence_given_a_parameter_is_said_so() -> None:
    record = derive.solve(["mu ~ Normal(0, 1)", "x_1, x_2 | mu iid ~ Normal(mu, 1)", "Cov(x_1, x_2)"]).to_dict()
    assert record["answer"]["plain"] == "1"
    assert record["assumptions"] == ["x_1 and x_2 are independent given mu (declared)"]
