"""Probability as textbooks write it: a small p of events, a sample mean with its size, laws by one letter, and refusals that say what is missing."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from questions import report_of, same, shown

from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.solving.chance.moments import independence

SAMPLE = "X_1, ..., X_n iid ~ Normal(mu, sigma^2)"
BOXES = ("p(B=r) = 4/10", "p(B=b) = 6/10", "p(F=a|B=r) = 1/4", "p(F=a|B=b) = 3/4")
LATENT = ("z ~ Normal(0, 1)", "x | z ~ Normal(z, 1)")

VALUES = [
    # a small p of events
    (("p(A)=0.3, p(B|A)=0.5, p(B|not A)=0.2", "p(A|B)"), "15/29"),
    (("p(A|B) given p(B|A)=0.5, p(B|not A)=0.2, p(A)=0.3",), "15/29"),
    ((*BOXES, "p(B=r|F=a)"), "2/11"),
    ((*BOXES, "p(F=a)"), "11/20"),
    ((r"p(X=1 \mid Y=1) = 0.9, p(X=1 \mid Y=0) = 0.2, p(Y=1) = 0.3", r"p(Y=1 \mid X=1)"), "27/41"),
    (("p(D) = d, p(T|D) = s, p(T|not D) = f", "p(D|T)"), "d*s/(d*s + f*(1 - d))"),
    (("p(x=0,y=0)=1/3, p(x=0,y=1)=1/3, p(x=1,y=1)=1/3", "I(x;y)"), "log(3) - 4*log(2)/3"),
    # a p that is a function, or a density, stays one
    (("p(x) = 3 x^2", "p(2)"), "12"),
    (("p(x) = c x^2 on [0, 1]", "E[X]"), "3/4"),
    (("theta ~ Beta(2, 2)", "x | theta ~ Binomial(10, theta)", "E[theta | x = 7]"), "9/14"),
    (("X ~ Binomial(10, 0.3)", "p(X = 3)"), "120*(3/10)**3*(7/10)**7"),
    # values and independence on one line
    (("P(A) = 0.3, P(B) = 0.4, A, B independent", "P(A or B)"), "29/50"),
    (("P(A) = 0.3, P(B) = 0.4, A and B are disjoint", "P(A or B)"), "7/10"),
    (("E[X] = 1, E[Y] = 2, X, Y independent", "E[X Y]"), "2"),
    # the mean of a sample with its size below
    ((SAMPLE, r"E[\bar{X}_n]"), "mu"),
    ((SAMPLE, r"Var(\bar{X}_n)"), "sigma**2/n"),
    ((SAMPLE, r"Cov(X_1, \bar{X}_n)"), "sigma**2/n"),
    ((SAMPLE, r"E[\frac{1}{n-1} \sum_{i=1}^n (X_i - \bar{X}_n)^2]"), "sigma**2"),
    ((SAMPLE, r"E[\sum_{i=1}^n (X_i - \bar{X}_n)]"), "0"),
    (("X_1, ..., X_5 iid ~ Normal(mu, sigma^2)", r"Var(\bar{X}_5)"), "sigma**2/5"),
    (("X_1, ..., X_n iid", "E[X_i] = mu", "Var(X_i) = s^2", r"\mathbb{V}(\bar{X}_n)"), "s**2/n"),
    ((SAMPLE, r"\bar{X}_n = \frac1n \sum_{i=1}^n X_i", r"Var(\bar{X}_n)"), "sigma**2/n"),
    # a variational family by one letter
    ((*LATENT, "q(z) = N(m, s^2)", "ELBO"), "log(s/sqrt(2*pi)) - m**2/2 - s**2 - (m - x)**2/2 + 1/2"),
    # races of multiples
    (("X, Y iid ~ Exponential(1)", "P(X > 2 Y)"), "1/3"),
    (("X, Y iid ~ Exponential(1)", "P(-X > -2 Y)"), "2/3"),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "P(3 X <= 2 Y)"), "2*a/(2*a + 3*b)"),
    (("c > 0", "X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "P(X > c Y)"), "b/(a*c + b)"),
]

REFUSED = [
    (("f(A) = 0.3", "f(A|B)"), "not as a conditional probability", ""),
    (("p(a)=0.3, p(b|a)=0.5, p(b|not a)=0.2", "p(a|b)"), "not as a conditional probability", ""),
    ((SAMPLE, r"Var(\bar{X}_m)"), "the mean of how many?", "X_bar_m = (1/n) sum_{i=1}^n X_i"),
    ((SAMPLE, r"Cov(X_1, \bar{X}_5)"), "the mean of how many?", ""),
    (("X_1, X_2, ... iid ~ Normal(mu, 1)", r"E[\bar{X}_n]"), "the mean of how many?", ""),
    (("X ~ Uniform(0, 1)", r"Y = -\log(1 - X)/\lambda", "density of Y"), "the sign of lambda", "lambda > 0"),
    (("r, b partition", "P(r) = 0.2", "P(a|r) = 0.3, P(a|b) = 0.5", "P(b|o)"), "is needed", "r indep o"),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "P(X > c Y)"), "", ""),
]


def _expression(answer: Any) -> sp.Expr:
    return to_sympy(answer, {}) if isinstance(answer, Term) else answer


@pytest.mark.parametrize(("lines", "expected"), VALUES)
def test_the_answer_is(lines: tuple[str, ...], expected: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.solution is not None
    assert same(_expression(report.solution.answer), expected), shown(report)


@pytest.mark.parametrize(("lines", "said", "expected"), REFUSED)
def test_what_is_missing_is_said(lines: tuple[str, ...], said: str, expected: str) -> None:
    report = report_of(lines)
    assert report.error is not None, shown(report)
    assert said in report.error.message
    assert not expected or expected in report.error.expected


def test_independence_is_said_once_and_in_one_order() -> None:
    x, y, z = sp.symbols("X Y Z")
    assert independence(({y}, {x})) == independence(({x}, {y})) == (x, " and ", y, " are independent (declared)")
    assert independence(([z, x], [y, x])) == (x, ", ", y, " and ", z, " are independent (declared)")
    report = report_of(("X, Y iid ~ Normal(0, 1)", "E[max(X, Y)]"))
    assert report.to_dict()["assumptions"] == ["X and Y are independent (declared)"]


def test_a_capital_that_nothing_declares_is_said_to_be_a_constant() -> None:
    notes = report_of(("X ~ Normal(0, 1)", "Cov(X, T)")).to_dict()["notes"]
    assert "T is a constant: nothing says that it is random" in notes
    assert not any("constant" in n for n in report_of(("X ~ Normal(A, 1)", "E[A X]")).to_dict()["notes"])
