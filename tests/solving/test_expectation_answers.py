"""Expectation algebra: answers against values worked out by hand, refusals with their reasons, and the steps that a reader sees."""

from __future__ import annotations

import re

import pytest
import sympy as sp
from expectation_rows import ANSWERS, REFUSALS

from derive.report import Report
from derive.session import Session, Settings

QUICK = Settings(check=False, code=False)
POINTS = (0.37, 0.83, 1.21, 0.59, 1.47, 0.71, 0.93)
FUNCTIONS = {
    "Phi": lambda z: (1 + sp.erf(z / sp.sqrt(2))) / 2,
    "phi": lambda z: sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi),
    "trigamma": lambda z: sp.polygamma(1, z),
    "lam": sp.Symbol("lam"),
    "beta": sp.Symbol("beta"),
}


def asked(text: str, settings: Settings = QUICK) -> Report:
    """The report of the last line."""
    reports, _ = Session(settings=settings).run_all(text.split("; "))
    return reports[-1]


@pytest.mark.parametrize(("text", "expected", "fixed"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_answer_is_the_known_value(text: str, expected: str, fixed: dict[str, float]) -> None:
    report = asked(text)
    assert report.status == "solved", report.error
    given = report.to_dict()["answer"]["sympy"]
    assert given is not None
    names = {k: sp.Symbol(k) for k in re.findall(r"[A-Za-z_]\w*", f"{given} {expected}") if not hasattr(sp, k)}
    left, right = (sp.sympify(t, locals={**names, **FUNCTIONS}) for t in (given, expected))
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    point = {s: fixed.get(str(s), POINTS[k % len(POINTS)]) for k, s in enumerate(symbols)}
    a, b = (complex(sp.N(side.subs(point))) for side in (left, right))
    assert abs(a - b) <= 1e-8 * max(1.0, abs(b))


@pytest.mark.parametrize(("text", "words"), REFUSALS, ids=[r[0] for r in REFUSALS])
def test_refusal_names_its_reason(text: str, words: str) -> None:
    report = asked(text)
    assert report.status in ("refused", "error")
    assert report.error is not None
    assert words.lower() in report.error.message.lower()


CHECKED = [
    "X indep Y; E[X] = m1; E[Y] = m2; Var(X) = v1; Var(Y) = v2; Var(X Y)",
    "E[y] = mu; Var(y) = s^2; E[(y - c)^2]",
    "X ~ Normal(mu, sigma^2); E[max(X, 0)]",
    "X ~ Normal(mu, sigma^2); E[X | X > c]",
    "X ~ Gamma(a, b); E[log X]",
    "X_1, ..., X_n iid; E[X_i] = mu; Var(X_i) = v; E[1/(n-1) sum_{i=1}^n (X_i - X_bar)^2]",
    "mu ~ Normal(m, t^2); X | mu ~ Normal(mu, s^2); Var(X)",
    "Z ~ Bernoulli(p); X | Z = 1 ~ Normal(a, 1); X | Z = 0 ~ Normal(b, 1); Var(X)",
    "P(X=0, Y=0) = 1/2; P(X=0, Y=1) = 1/4; P(X=1, Y=0) = 0; P(X=1, Y=1) = 1/4; Cov(X, Y)",
    "x, mu in R^n; A symmetric; x ~ Normal(mu, Sigma); Var(x^T A x)",
    "M_X(t) = (1 - 2t)^{-k/2}; Var(X)",
]


@pytest.mark.parametrize("text", CHECKED)
def test_every_step_is_verified_and_code_runs(text: str) -> None:
    report = asked(text, Settings())
    assert report.status == "solved"
    assert report.verification is not None
    assert report.verification.status == "verified"
    assert report.code is not None
    assert report.code.check is not None
    assert report.code.check.status == "verified"


STEPS = [
    ("E[y] = mu; Var(y) = s^2; E[(y - c)^2]", ["second-moment", "linearity-of-expectation"]),
    ("lambda ~ Gamma(a, b); X | lambda ~ Poisson(lambda); Var(X)", ["total-variance"]),
    ("X_1, X_2, ... iid ~ Exponential(a); N ~ Poisson(lambda); N indep X_i; E[sum_{i=1}^N X_i]", ["wald"]),
    ("X ~ Exponential(a); E[X | X > 3]", ["memorylessness"]),
    ("X ~ Normal(mu, s^2); E[Φ(a X + b)]", ["probit-integral"]),
    ("X ~ Normal(0, 1); E[X g(X)]", ["stein-lemma"]),
    ("z ~ Normal(mu, s^2); d/dmu E[f(z)]", ["score-function"]),
    ("z = mu + s * u; u ~ Normal(0, 1); d/ds E[f(z)]", ["derivative-under-the-expectation"]),
]


@pytest.mark.parametrize(("text", "expected"), STEPS)
def test_named_rules_are_used(text: str, expected: list[str]) -> None:
    report = asked(text)
    assert report.status == "solved"
    assert report.derivation is not None
    used = {s.rule for s in report.derivation.walk()}
    assert set(expected) <= used


def test_independence_that_is_used_is_said() -> None:
    report = asked("X indep Y; E[X] = a; E[Y] = b; E[X Y]")
    said = [" ".join(str(p) for p in prose) for prose in report.assumptions]
    assert any("independent (declared)" in s for s in said)


def test_a_condition_on_a_parameter_is_said() -> None:
    report = asked("X ~ Gamma(a, b); E[1/X]")
    said = [" ".join(str(p) for p in prose) for prose in report.assumptions]
    assert any("does not exist" in s and "a > 1" in s for s in said)


def test_nothing_but_names_gives_an_identity() -> None:
    report = asked("Cov(X + Y, X - Y)")
    assert report.status == "solved"
    assert str(report.answer) == "Variance(X) - Variance(Y)"


def test_the_parametrisation_is_said() -> None:
    report = asked("X ~ Gamma(a, b); E[X]")
    notes = [" ".join(str(p) for p in n) for n in (report.solution.notes if report.solution is not None else ())]
    assert any("rate" in n for n in notes)


MINIMA = [
    ("X ~ Normal(mu, s^2); minimize E[(X - c)^2] over c", {"c": "mu", "value": "s**2"}),
    (
        "x_1, ..., x_n iid; E[x_i] = mu; Var(x_i) = s^2; x_bar = (1/n) sum_{i=1}^n x_i; minimize E[(c x_bar - mu)^2] over c",
        {"c": "mu**2/(mu**2 + s**2/n)"},
    ),
    (
        "E[X] = m; Var(X) = v; E[Y] = k; Var(Y) = w; Cov(X, Y) = r; minimize E[(Y - a - b X)^2] over a, b",
        {"a": "k - m*r/v", "b": "r/v"},
    ),
    ("Var(X) = v; Var(Y) = w; Cov(X, Y) = c; minimize Var(X - b Y) over b", {"b": "c/w", "value": "v - c**2/w"}),
]


@pytest.mark.parametrize(("text", "expected"), MINIMA)
def test_minima_of_expectations(text: str, expected: dict[str, str]) -> None:
    report = asked(text)
    assert report.status == "solved"
    parts = report.to_dict()["answer"]["parts"]
    for name, value in expected.items():
        left, right = sp.sympify(parts[name]["sympy"]), sp.sympify(value)
        assert sp.simplify(left - right) == 0


VECTORS = [
    ("x in R^n; A in R^{m x n}; Cov(x) = Sigma; Cov(A x)", "A Sigma A^T"),
    ("x, mu in R^n; x ~ Normal(mu, Sigma); E[x x^T]", "Sigma + mu mu^T"),
    ("x, mu in R^n; x ~ Normal(mu, Sigma); E[||x||^2]", "tr(Sigma) + mu^T mu"),
    ("x, mu in R^n; x ~ Normal(mu, sigma^2 I); E[||x - mu||^2]", "sigma^2 n"),
    ("w, r in R^n; Cov(r) = Sigma; Var(w^T r)", "w^T Sigma w"),
    ("x in R^n; A in R^{m x n}; B in R^{k x n}; Cov(x) = Sigma; Cov(A x, B x)", "A Sigma B^T"),
    ("x, t, mu in R^n; x ~ Normal(mu, Sigma); E[e^{t^T x}]", "exp(t^T mu + t^T Sigma t / 2)"),
    ("x ~ Normal(mu, Sigma); mu in R^d; E[x^T A x]", "tr(A Sigma) + mu^T A mu"),
]


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_moments_of_vectors(text: str, expected: str) -> None:
    report = asked(text)
    assert report.status == "solved"
    assert report.to_dict()["answer"]["plain"] == expected
