"""P(z | x) looks at the supports first: a class that cannot have produced the value has no share in it."""

from __future__ import annotations

import pytest

import derive

UNIFORMS = "z ~ Bernoulli(p); x | z = 1 ~ Uniform(0, 2); x | z = 0 ~ Uniform(0, 1)"
MIXED = "z ~ Bernoulli(p); x | z = 1 ~ Poisson(a); x | z = 0 ~ Normal(b, 1)"
HALF = "z ~ Bernoulli(p); x | z = 1 ~ Exponential(a); x | z = 0 ~ Normal(b, 1)"
THREE = "z ~ Categorical([0.2, 0.3, 0.5]); x | z = 1 ~ Uniform(0, 1); x | z = 2 ~ Uniform(0, 2); x | z = 3 ~ Uniform(0, 3)"

ANSWERS = [
    (f"{UNIFORMS}; P(z = 1 | x = 3/2)", "1"),
    (f"{UNIFORMS}; P(z = 0 | x = 3/2)", "0"),
    (f"{UNIFORMS}; P(z = 1 | x = 1/2)", "sigmoid(log(p) - log(2) - log(1 - p))"),
    (f"{MIXED}; P(z = 1 | x = 3/2)", "0"),
    (f"{HALF}; P(z = 1 | x = -2)", "0"),
    (f"{THREE}; P(z = 2 | x = 3/2)", "9/19"),
]
REFUSED = [
    (f"{UNIFORMS}; P(z = 1 | x = 3)", "inconsistent"),
    (f"{MIXED}; P(z = 1 | x = 3)", "not-supported"),
    (f"{HALF}; P(z = 1 | x)", "undetermined"),
]


@pytest.mark.parametrize(("lines", "answer"), ANSWERS)
def test_only_possible_classes_count(lines: str, answer: str) -> None:
    record = derive.solve(lines.split("; ")).to_dict()
    assert record["answer"]["plain"] == answer
    assert record["verification"]["status"] == "verified"


@pytest.mark.parametrize(("lines", "kind"), REFUSED)
def test_what_has_no_share_is_refused(lines: str, kind: str) -> None:
    assert derive.solve(lines.split("; ")).to_dict()["error"]["kind"] == kind
