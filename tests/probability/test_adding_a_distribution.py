"""What docs/adding-a-distribution.md promises: a record and two words are all that a family needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sympy as sp

import derive
from derive.expressions.nodes import expand_definitions
from derive.meaning.vocabulary import DISTRIBUTIONS
from derive.probability.catalogue import FAMILIES
from derive.rules import RULES

DOCS = Path(__file__).parents[2] / "docs"
POINT = {"m": sp.Rational(2, 5), "b": sp.Rational(6, 5), "c": sp.Rational(17, 10), "t": sp.Rational(1, 10), "y": sp.Rational(3, 2)}
GAMMA = sp.EulerGamma


def gumbel(x: sp.Expr) -> sp.Expr:
    z = (x - POINT["m"]) / POINT["b"]
    return sp.exp(-z - sp.exp(-z)) / POINT["b"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("E[X]", POINT["m"] + GAMMA * POINT["b"]),
        ("Var(X)", sp.pi**2 * POINT["b"] ** 2 / 6),
        ("E[(X - m)^2]", (sp.pi**2 / 6 + GAMMA**2) * POINT["b"] ** 2),
        ("P(X > c)", 1 - sp.exp(-sp.exp(-(POINT["c"] - POINT["m"]) / POINT["b"]))),
        ("MGF of X", sp.exp(POINT["m"] * POINT["t"]) * sp.gamma(1 - POINT["b"] * POINT["t"])),
        ("density of Y where Y = e^X", gumbel(sp.log(POINT["y"])) / POINT["y"]),
    ],
)
def test_a_record_answers_with_steps_checks_and_code(question: str, answer: sp.Expr) -> None:
    report = derive.solve(["X ~ Gumbel(m, b)", question])
    assert report.status == "solved", report.error
    assert report.verification is not None
    assert report.verification.status == "verified"
    assert report.code is not None
    found = expand_definitions(report.answer)
    value = found.subs({s: POINT[s.name] for s in found.free_symbols})
    assert float(sp.N(value)) == pytest.approx(float(sp.N(answer)), rel=1e-12)


def test_what_a_record_says_does_not_exist_is_refused() -> None:
    report = derive.solve(["X ~ Gumbel(m, b)", "E[1/X]"])
    assert report.status == "refused"


def test_the_rules_that_the_documentation_lists_are_there() -> None:
    page = (DOCS / "probability.md").read_text(encoding="utf-8")
    listed = [row for row in page.splitlines() if row.startswith("| `chance_")]
    named = [identity for row in listed for identity in re.findall(r"`([a-z0-9-]+)`", row)]
    assert len(named) > 150
    assert [identity for identity in named if identity not in RULES] == []


@pytest.mark.parametrize("name", [n for n in FAMILIES if n != "MultivariateNormal"])
def test_every_family_can_be_written_and_is_described(name: str) -> None:
    assert DISTRIBUTIONS[name] == name
    assert FAMILIES[name].says.replace("|", "\\|") in (DOCS / "probability.md").read_text(encoding="utf-8")
