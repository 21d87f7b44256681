"""The questions of probability_problems.txt that sympy.stats has words for, written for it as its documentation would.

`QUESTIONS` maps a heading to a function without arguments; its value is an expression over symbols with the names that the file uses.
What is missing has no words there: events without variables, facts about moments, samples of symbolic size, estimators, bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.stats import (
    Bernoulli,
    Beta,
    Binomial,
    Die,
    E,
    Exponential,
    FiniteRV,
    Gamma,
    Normal,
    P,
    Poisson,
    Uniform,
    density,
    entropy,
    moment_generating_function,
    variance,
)

__all__ = ["QUESTIONS"]

a, b, m_1, m_2, mu, c, m_0 = sp.symbols("a b m_1 m_2 mu c m_0", real=True)
shape, rate, sigma, lam, s_1, s_2, v_1, v_2, t, s, y = sp.symbols("a b sigma lambda s_1 s_2 v_1 v_2 t s y", positive=True)
f, p, q, sensitivity = sp.symbols("f p q s", positive=True)
z = sp.Symbol("z", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
half = sp.Rational(1, 2)


def _tested(prior: Any, right: Any, wrong: Any) -> Any:
    ill, among_ill, among_well = Bernoulli("D", prior), Bernoulli("U", right), Bernoulli("V", wrong)
    return P(sp.Eq(ill, 1), sp.Eq(ill * among_ill + (1 - ill) * among_well, 1))


def _machines() -> Any:
    machine = FiniteRV("C", {1: half, 2: sp.Rational(3, 10), 3: sp.Rational(1, 5)})
    defects = [Bernoulli(f"D{i}", rate) for i, rate in enumerate((sp.Rational(1, 100), sp.Rational(1, 50), sp.Rational(1, 20)))]
    defect = sp.Piecewise((defects[0], sp.Eq(machine, 1)), (defects[1], sp.Eq(machine, 2)), (defects[2], True))
    return P(sp.Eq(machine, 3), sp.Eq(defect, 1))


def _between() -> Any:
    X = Normal("X", 0, 1)
    return P(sp.And(X > -1, X < 2))


def _truncated() -> Any:
    X = Normal("X", 0, 1)
    return E(X, sp.Gt(X, c))


def _posterior() -> Any:
    theta = Beta("theta", 2, 3)
    heads = Binomial("k", 10, theta)
    return density(theta, sp.Eq(heads, 7))(z)


def _predictive() -> Any:
    return density(Normal("x", Normal("mu", m_0, t), s))(z)


def _evidence() -> Any:
    return density(Poisson("X", Gamma("lambda", shape, 1 / rate)))(k)


def _divergence() -> Any:
    X = Normal("X", m_1, s_1)
    return E(sp.expand_log(sp.log(density(X)(X)) - sp.log(density(Normal("Y", m_2, s_2))(X))))


def _fisher() -> Any:
    x = sp.Symbol("x", positive=True)
    X = Poisson("X", lam)
    score = sp.diff(sp.expand_log(sp.log(density(X)(x)), force=True), lam)
    return E(score.subs(x, X) ** 2)


def _divergence_of_coins() -> Any:
    X, Y = Bernoulli("X", p), Bernoulli("Y", q)
    mine, other = density(X), density(Y)
    return sum(mine[value] * sp.log(mine[value] / other[value]) for value in (0, 1))


QUESTIONS: dict[str, Callable[[], Any]] = {
    "diagnostic test": lambda: _tested(sp.Rational(1, 100), sp.Rational(99, 100), sp.Rational(1, 20)),
    "three machines": _machines,
    "two dice": lambda: P(sp.Eq(Die("X", 6) + Die("Y", 6), 7)),
    "Bayes in symbols": lambda: _tested(p, sensitivity, f),
    "fourth moment of a Gaussian": lambda: E(Normal("X", mu, sigma) ** 4),
    "mean of a lognormal by its exponential": lambda: E(sp.exp(Normal("X", mu, sigma))),
    "rectified Gaussian": lambda: E(sp.Max(Normal("X", 0, 1), 0)),
    "variance of a uniform": lambda: variance(Uniform("X", a, b)),
    "second moment of a gamma": lambda: E(Gamma("X", shape, 1 / rate) ** 2),
    "variance of a Poisson": lambda: variance(Poisson("X", lam)),
    "expectation of a square of an exponential": lambda: E(Exponential("X", lam) ** 2),
    "mean of a beta": lambda: E(Beta("X", shape, rate)),
    "tail of an exponential": lambda: P(Exponential("X", 2) > 3),
    "a Gaussian between two values": _between,
    "binomial tail": lambda: P(Binomial("X", 10, half) >= 8),
    "truncated Gaussian": _truncated,
    "moment generating function": lambda: moment_generating_function(Gamma("X", shape, 1 / rate))(sp.Symbol("t", real=True)),
    "Beta-Binomial at data": _posterior,
    "predictive of a Gaussian": _predictive,
    "evidence of a Gamma-Poisson": _evidence,
    "Fisher information": _fisher,
    "KL of Bernoullis": _divergence_of_coins,
    "KL of Gaussians": _divergence,
    "entropy of an exponential": lambda: entropy(Exponential("X", lam)),
    "lognormal density": lambda: density(sp.exp(Normal("X", mu, sigma)))(y),
    "square of a standard Gaussian": lambda: density(Normal("X", 0, 1) ** 2)(y),
    "sum of two Gaussians": lambda: density(Normal("X", m_1, sp.sqrt(v_1)) + Normal("Y", m_2, sp.sqrt(v_2)))(z),
    "comparison of two Gaussians": lambda: P(Normal("X", m_1, sp.sqrt(v_1)) > Normal("Y", m_2, sp.sqrt(v_2))),
}
