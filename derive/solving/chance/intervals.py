"""Confidence intervals: of a Normal mean with known and with unknown variance, of a variance, of a proportion, a rate; Wald and Wilson.

In: a reading `95% confidence interval for mu [with s known] [using wald]`. Out: a Solution with the parts `lower` and `upper`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim
from derive.errors import InconsistentInput, NotSupported, Undetermined
from derive.expressions.nodes import chisquared_quantile, normal_cdf, student_quantile
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.model import Model, Sample
from derive.rules.chance_bounds import PIVOT, QUANTILE, SOLVE_PIVOT, WALD, WILSON
from derive.solution import Solution
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_interval"]

DEFAULT_LEVEL = sp.Rational(95, 100)


class Asked(NamedTuple):
    """Level, parameter (plain text), names that are known, method."""

    level: Any
    parameter: str
    known: tuple[str, ...]
    method: str


class Interval(NamedTuple):
    """The estimate, its half-width or the two ends, and what it rests on."""

    lower: Any
    upper: Any


def solve_interval(reading: Reading) -> Solution:
    """The interval that was asked for. Raises Undetermined without a sample, NotSupported for other parameters."""
    model = build(reading)
    asked = _asked(" ".join(str(n.data) for n in reading.expanded.walk() if n.head == "word"))
    sample = next((s for s in model.samples.values() if s.law is not None and s.size is not None), None)
    if sample is None or sample.law is None:
        raise Undetermined("a sample with its law is needed", expected=("x_1, ..., x_n iid ~ Normal(mu, s^2)",))
    journal = Journal(reading.term)
    found = _interval(sample, asked, model, journal)
    journal.note(((sample.law.family.says,),))
    parts = {"lower": found.lower, "upper": found.upper}
    ended = sp.Tuple(found.lower, found.upper)
    return Solution(derivation(journal, ended, model), None, parts, journal.notes, journal.assumptions, types=model.types)


def _asked(words: str) -> Asked:
    level = re.search(r"(\d+(?:\.\d+)?)\s*%", words)
    if level is not None and not 0 < float(level.group(1)) < 100:
        raise InconsistentInput(f"a confidence level lies between 0 and 100 percent, and this is {level.group(1)}")
    parameter = re.search(r"\bfor\s+(\S+(?:\s*\^\s*\S+)?)", words)
    known = re.search(r"\bwith\s+(.+?)\s+known", words)
    method = re.search(r"\b(?:using|by)\s+(\w+)", words)
    names = tuple(re.split(r"[,\s]+|\band\b", known.group(1))) if known else ()
    return Asked(
        sp.Rational(level.group(1)) / 100 if level else DEFAULT_LEVEL,
        parameter.group(1).replace(" ", "") if parameter else "",
        tuple(n for n in names if n),
        method.group(1).lower() if method else "",
    )


def _interval(sample: Sample, asked: Asked, model: Model, journal: Journal) -> Interval:
    law = sample.law
    assert law is not None
    assert sample.size is not None
    n = to_sympy(sample.size, model.types)
    i = sp.Symbol("i", integer=True)
    x = sp.IndexedBase(sp.Symbol(sample.base.key, real=True))
    mean = sp.Sum(x[i], (i, 1, n)) / n
    parameter = sp.Symbol(asked.parameter, real=True)
    if law.name == "Normal":
        return _normal(law.values, (x, i, n, mean), asked, parameter, journal)
    if law.name in ("Bernoulli", "Poisson", "Exponential") and str(law.values[0]) == asked.parameter:
        return _by_information(law.name, n, mean, asked, journal)
    raise NotSupported(f"a confidence interval for {asked.parameter or 'an unnamed parameter'} of {law.name}")


def _z(level: Any, journal: Journal) -> Any:
    """The two-sided quantile of the standard normal."""
    z = sp.sqrt(2) * sp.erfinv(level)
    symbol = sp.Symbol("z", positive=True)
    number = sp.N(z, 6)
    journal.add(
        step(QUANTILE, sp.Eq(2 * normal_cdf(symbol) - 1, level, evaluate=False), sp.Eq(symbol, z, evaluate=False), "⇔", (f"z ≈ {number}",),
             claim=Claim("equal", 2 * normal_cdf(z) - 1, level))
    )  # fmt: skip
    return z


def _normal(values: tuple[Any, ...], data: tuple[Any, Any, Any, Any], asked: Asked, parameter: Any, journal: Journal) -> Interval:
    mu, variance = values
    x, i, n, mean = data
    names = {str(s) for s in getattr(variance, "free_symbols", ())}
    if asked.parameter == str(mu):
        if variance.is_number or names & {k.split("^")[0] for k in asked.known} or asked.method in ("z", "known"):
            error = sp.sqrt(variance / n) if not isinstance(variance, sp.Pow) else variance.base / sp.sqrt(n)
            pivot = (mean - mu) / error
            shown = sp.Symbol("Z", real=True)
            journal.add(step(PIVOT, shown, pivot, "=", ("which is standard normal",), claim=Claim("equal", pivot * error + mu, mean)))
            return _around(mean, _z(asked.level, journal), error, mu, journal)
        j = sp.Symbol("j", integer=True)
        error = sp.sqrt(sp.Sum((x[i] - sp.Sum(x[j], (j, 1, n)) / n) ** 2, (i, 1, n)) / (n - 1)) / sp.sqrt(n)
        pivot = (mean - mu) / error
        because = ("which has Student's t law with ", n - 1, " degrees of freedom, for the variance is estimated")
        journal.add(step(PIVOT, sp.Symbol("T", real=True), pivot, "=", because, claim=Claim("equal", pivot * error + mu, mean)))
        quantile = student_quantile((1 + asked.level) / 2, n - 1)
        journal.note((("the variance is unknown: it is estimated with n − 1, and the t quantile takes the place of the normal one",),))
        return _around(mean, quantile, error, mu, journal)
    if asked.parameter in (str(variance), str(variance).replace("**", "^")):
        j = sp.Symbol("j", integer=True)
        squares = sp.Sum((x[i] - sp.Sum(x[j], (j, 1, n)) / n) ** 2, (i, 1, n))
        because = ("which has a chi-squared law with ", n - 1, " degrees of freedom")
        journal.add(
            step(
                PIVOT,
                sp.Symbol("Q", real=True),
                squares / variance,
                "=",
                because,
                claim=Claim("equal", squares / variance * variance, squares),
            )
        )
        high, low = chisquared_quantile((1 + asked.level) / 2, n - 1), chisquared_quantile((1 - asked.level) / 2, n - 1)
        lower, upper = squares / high, squares / low
        journal.add(step(SOLVE_PIVOT, squares / variance, sp.Tuple(lower, upper), "⇔", claim=Claim("at-most", lower, upper)))
        return Interval(lower, upper)
    raise Undetermined(f"{asked.parameter or 'the parameter'} is no parameter of the law", expected=(f"confidence interval for {mu}",))


def _around(estimate: Any, quantile: Any, error: Any, parameter: Any, journal: Journal) -> Interval:
    lower, upper = estimate - quantile * error, estimate + quantile * error
    inside = sp.Le(sp.Abs(estimate - parameter), quantile * error, evaluate=False)
    journal.add(
        step(
            SOLVE_PIVOT,
            inside,
            sp.Tuple(lower, upper),
            "⇔",
            claim=Claim("equal", sp.Tuple((lower + upper) / 2, (upper - lower) / 2), sp.Tuple(estimate, quantile * error)),
        )
    )
    return Interval(lower, upper)


def _by_information(family: str, n: Any, mean: Any, asked: Asked, journal: Journal) -> Interval:
    """θ̂ ± z/√(n I(θ̂)), or the Wilson interval of a proportion."""
    z = _z(asked.level, journal)
    if family == "Bernoulli" and asked.method == "wilson":
        centre, width = mean + z**2 / (2 * n), z * sp.sqrt(mean * (1 - mean) / n + z**2 / (4 * n**2))
        lower, upper = (centre - width) / (1 + z**2 / n), (centre + width) / (1 + z**2 / n)
        p = sp.Symbol("p", real=True)
        equation = (mean - p) ** 2 - z**2 * p * (1 - p) / n
        claim = Claim("equal", sp.Tuple(equation.subs(p, lower), equation.subs(p, upper)), sp.Tuple(sp.S.Zero, sp.S.Zero))
        journal.add(step(WILSON, sp.Eq(equation, 0, evaluate=False), sp.Tuple(lower, upper), "⇔", claim=claim))
        return Interval(lower, upper)
    if asked.method not in ("", "wald"):
        raise NotSupported(f"a confidence interval by {asked.method}", expected=("using wald", "using wilson"))
    estimate, information = {
        "Bernoulli": (mean, 1 / (mean * (1 - mean))),
        "Poisson": (mean, 1 / mean),
        "Exponential": (1 / mean, mean**2),
    }[family]
    error = sp.sqrt(1 / (n * information))
    journal.assume((("the sample is large: the estimate is nearly Normal",),))
    lower, upper = estimate - z * error, estimate + z * error
    because = ("with the Fisher information ", information, " at the estimate ", estimate)
    claim = Claim("equal", sp.Tuple((lower + upper) / 2, ((upper - lower) / (2 * z)) ** 2), sp.Tuple(estimate, 1 / (n * information)))
    journal.add(step(WALD, estimate, sp.Tuple(lower, upper), "⇒", because, claim=claim))
    return Interval(lower, upper)
