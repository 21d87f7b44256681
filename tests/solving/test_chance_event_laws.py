"""Probabilities of variables with declared laws: intervals, tails, masses, conditions, dice."""

from __future__ import annotations

import pytest
import sympy as sp
from questions import report_of, same

ANSWERS: list[tuple[tuple[str, ...], str]] = [
    (("X ~ DiscreteUniform(1, 6)", "Y ~ DiscreteUniform(1, 6)", "X indep Y", "P(X + Y = 7)"), "1/6"),
    (("X, Y iid ~ DiscreteUniform(1,6)", "P(max(X,Y) = 6)"), "11/36"),
    (("X, Y iid ~ DiscreteUniform(1,6)", "P(X > Y)"), "15/36"),
    (("X, Y iid ~ DiscreteUniform(1,6)", "P(X = 2 | X + Y = 7)"), "1/6"),
    (("X, Y iid ~ DiscreteUniform(1,6)", "P(X + Y >= 10)"), "1/6"),
    (("X ~ DiscreteUniform(1, 6)", "P(X > 4)"), "1/3"),
    (("X ~ DiscreteUniform(1, 6)", "P(X \\in \\{2,4,6\\})"), "1/2"),
    (("X ~ DiscreteUniform(1, 6)", "P(X = 6 | X > 3)"), "1/3"),
    (("X_1, X_2 iid ~ Bernoulli(p)", "P(X_1 + X_2 = 1)"), "2*p*(1-p)"),
    (("X ~ Binomial(10, 1/2)", "P(X >= 8)"), "7/128"),
    (("X ~ Binomial(10, 1/2)", "P(X = 5)"), "63/256"),
    (("X ~ Binomial(n, p)", "P(X = k)"), "binomial(n,k)*p**k*(1-p)**(n-k)"),
    (("X ~ Binomial(n, p)", "P(X >= 1)"), "1-(1-p)**n"),
    (("X ~ Poisson(lambda)", "P(X >= 1)"), "1-exp(-lam)"),
    (("X ~ Poisson(lambda)", "P(X = 0)"), "exp(-lam)"),
    (("X ~ Poisson(3)", "P(X <= 2)"), "17*exp(-3)/2"),
    (("X ~ Poisson(lambda)", "P(X = 2 | X >= 1)"), "lam**2*exp(-lam)/2/(1-exp(-lam))"),
    (("X ~ Geometric(p)", "P(X > k)"), "(1-p)**k"),
    (("X ~ Geometric(p)", "P(X = 3)"), "p*(1-p)**2"),
    (("X ~ Geometric(p)", "P(X > m + n | X > m)"), "(1-p)**n"),
    (("X ~ Exponential(lambda)", "P(X > t)"), "exp(-lam*t)"),
    (("X ~ Exponential(lambda)", "P(X > s + t | X > s)"), "exp(-lam*t)"),
    (("X ~ Exponential(2)", "P(1 < X < 3)"), "exp(-2)-exp(-6)"),
    (("X ~ Uniform(0, 1)", "P(X < 0.3)"), "3/10"),
    (("X ~ Uniform(a, b)", "P(X <= c)"), "(c-a)/(b-a)"),
    (("X ~ Uniform(0, 10)", "P(X > 7 | X > 4)"), "1/2"),
    (("X ~ Normal(mu, s^2)", "P(X > c)"), "erfc((c-mu)/(s*sqrt(2)))/2"),
    (("X ~ Normal(0,1)", "P(-1 < X < 1)"), "erf(1/sqrt(2))"),
    (("X \\sim \\mathcal{N}(0,1)", "P(|X| \\ge 2)"), "erfc(sqrt(2))"),
    (("X \\sim \\mathcal{N}(\\mu,\\sigma^2)", "P(|X - \\mu| \\le 2 \\sigma)"), "erf(sqrt(2))"),
    (("X ~ Normal(5, 4)", "P(X <= 7)"), "(1+erf(1/sqrt(2)))/2"),
    (("X ~ Normal(0,1)", "P(X = 1)"), "0"),
    (("X ~ Pareto(m, a)", "P(X > x)"), "(m/x)**a"),
    (("X ~ Normal(0,1)", "P(X > 2 | X > 1)"), "erfc(sqrt(2))/erfc(1/sqrt(2))"),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "P(X < Y)"), "a/(a+b)"),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "P(min(X, Y) > t)"), "exp(-(a+b)*t)"),
    (("X ~ Normal(m_1, v_1)", "Y ~ Normal(m_2, v_2)", "X indep Y", "P(X > Y)"), "erfc((m_2-m_1)/sqrt(2*(v_1+v_2)))/2"),
    (
        ("Z ~ Bernoulli(p)", "X | Z = 1 ~ Normal(m_1, s^2)", "X | Z = 0 ~ Normal(m_0, s^2)", "P(X > c)"),
        "p*erfc((c-m_1)/(s*sqrt(2)))/2+(1-p)*erfc((c-m_0)/(s*sqrt(2)))/2",
    ),
    (("X ~ Bernoulli(p)", "P(X = 1)"), "p"),
    (("X ~ Bernoulli(0.3)", "P(X = 0)"), "7/10"),
    (("X \\sim \\operatorname{Binomial}(5, \\frac{1}{3})", "P(X = 2)"), "80/243"),
    (("X \\sim \\operatorname{Binomial}(5, p)", "P(X \\ge 1)"), "1-(1-p)**5"),
    (("X \\sim \\operatorname{Binomial}(5, p)", "P(X \\le 1)"), "(1-p)**5+5*p*(1-p)**4"),
    (("X \\sim \\operatorname{Binomial}(5, p)", "P(2 \\le X \\le 3)"), "10*p**2*(1-p)**3+10*p**3*(1-p)**2"),
    (("X \\sim \\operatorname{Poisson}(\\lambda)", "P(X = k)"), "lam**k*exp(-lam)/gamma(k+1)"),
    (("X \\sim \\operatorname{Poisson}(2)", "P(X > 1)"), "1-3*exp(-2)"),
    (("X \\sim \\operatorname{Poisson}(2)", "P(X \\le 1 \\mid X \\le 2)"), "3/5"),
    (("X \\sim \\operatorname{Geometric}(p)", "P(X \\le 3)"), "1-(1-p)**3"),
    (("X \\sim \\operatorname{Geometric}(p)", "P(X > 5 \\mid X > 2)"), "(1-p)**3"),
    (("X \\sim \\operatorname{Exponential}(\\lambda)", "P(X \\le t)"), "1-exp(-lam*t)"),
    (("t > 0", "s > 0", "X \\sim \\operatorname{Exponential}(\\lambda)", "P(X > s + t \\mid X > s)"), "exp(-lam*t)"),
    (("X \\sim \\operatorname{Uniform}(0, 1)", "P(X^2 < 1/4)"), "1/2"),
    (("X \\sim \\operatorname{Uniform}(-1, 1)", "P(|X| < 1/4)"), "1/4"),
    (("X \\sim \\mathcal{N}(\\mu, \\sigma^2)", "P(X \\le \\mu + \\sigma)"), "(1+erf(1/sqrt(2)))/2"),
    (("X \\sim \\mathcal{N}(0, 1)", "P(X > 1.96)"), "erfc(1.96/sqrt(2))/2"),
    (("X \\sim \\mathcal{N}(0, 1)", "P(X > c)"), "erfc(c/sqrt(2))/2"),
    (("X \\sim \\mathcal{N}(100, 15^2)", "P(85 < X < 130)"), "(erf(2/sqrt(2))+erf(1/sqrt(2)))/2"),
    (("X ~ Laplace(0, 1)", "P(X > 1)"), "exp(-1)/2"),
    (("X ~ Cauchy(0, 1)", "P(X > 1)"), "1/4"),
    (("X ~ Weibull(k, s)", "P(X > x)"), "exp(-(x/s)**k)"),
    (("X ~ Logistic(0, 1)", "P(X < x)"), "1/(1+exp(-x))"),
    (("X ~ Lognormal(m, s^2)", "P(X > c)"), "erfc((log(c)-m)/(s*sqrt(2)))/2"),
    (("X ~ Gamma(2, b)", "P(X > c)"), "(1+b*c)*exp(-b*c)"),
    (("X ~ Rayleigh(s)", "P(X > r)"), "exp(-r**2/(2*s**2))"),
    (("X ~ Poisson(a)", "Y ~ Poisson(b)", "X indep Y", "P(X + Y = 0)"), "exp(-a-b)"),
    (("X ~ Poisson(a)", "Y ~ Poisson(b)", "X indep Y", "P(X = 1, Y = 2)"), "a*exp(-a)*b**2*exp(-b)/2"),
    (("X ~ Normal(0,1)", "Y ~ Normal(0,1)", "X indep Y", "P(X + Y > 2)"), "erfc(1)/2"),
    (("U ~ Uniform(0,1)", "V ~ Uniform(0,1)", "U indep V", "P(max(U, V) <= u)"), "u**2"),
    (("X, Y iid ~ Exponential(a)", "P(X > t, Y > t)"), "exp(-2*a*t)"),
    (("X_1, ..., X_n iid ~ Bernoulli(p)", "P(X_1 = 1, X_2 = 0)"), "p*(1-p)"),
    (("X_1, X_2, X_3 iid ~ DiscreteUniform(1,6)", "P(X_1 + X_2 + X_3 = 10)"), "1/8"),
    (("X, Y iid ~ DiscreteUniform(1,6)", "P(X = Y)"), "1/6"),
    (("X, Y iid ~ DiscreteUniform(1,6)", "P(|X - Y| = 1)"), "5/18"),
    (("X ~ Categorical(0.2, 0.3, 0.5)", "P(X = 3)"), "1/2"),
    (("X ~ Categorical([0.2, 0.3, 0.5])", "P(X >= 2)"), "4/5"),
    (("X ~ DiscreteUniform(1, n)", "P(X <= k)"), "k/n"),
]


@pytest.mark.parametrize(("lines", "expected"), ANSWERS)
def test_answers(lines: tuple[str, ...], expected: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report
    assert same(sp.sympify(report.answer), expected)
    assert report.verification is not None
    assert report.verification.status != "failed"
    assert report.code is not None


def test_what_ends_are_taken_for_is_said() -> None:
    report = report_of(("X ~ Uniform(a, b)", "P(X <= c)"))
    assert {str(a[0]) for a in report.assumptions} == {"c <= b", "a <= c"}


def test_undeclared_independence_is_refused() -> None:
    report = report_of(("X ~ DiscreteUniform(1, 6)", "Y ~ DiscreteUniform(1, 6)", "P(X + Y = 7)"))
    assert report.error is not None
    assert "X ⫫ Y is needed" in report.error.message
