"""Answers that hold where they claim to: maxima inside their domains, nothing that only repeats the question, statements that are true."""

from __future__ import annotations

import pytest
import sympy as sp

import derive
from derive.checking.chance.verify import check_derivation
from derive.derivation import Claim, Derivation, Step
from derive.expressions.term import Name
from derive.meaning.reader import read
from derive.meaning.scope import Scope
from derive.probability.build import build

COIN = ("theta ~ Beta(a,b)", "k | theta ~ Binomial(n, theta)")
CHAIN = (
    "X_t in {0,1}", "P(X_{t+1}=1 | X_t=0)=0.3", "P(X_{t+1}=0 | X_t=1)=0.4", "P(X_0=1)=0.5", "X_0, X_1, ... markov",
)  # fmt: skip
SAMPLE = "x_1, ..., x_n iid ~ "

ANSWERS = [
    # maxima at an end of the domain, or confined to a part of it
    (("k ~ Binomial(5, p)", "mle of p given k = 5"), "1"),
    (("k ~ Binomial(5, p)", "mle of p given k = 0"), "0"),
    (("theta ~ Beta(1,1)", "k | theta ~ Binomial(5, theta)", "map of theta given k = 5"), "1"),
    (("theta ~ Uniform(0,1/2)", "k | theta ~ Binomial(n, theta)", "map of theta"), "min(1/2, k/n)"),
    (("k ~ Binomial(n, p)", "mle of p given k = 7"), "7/n"),
    (("sigma^2 > 1", SAMPLE + "Normal(0, sigma^2)", "mle of sigma^2"), "max(1, (1/n) sum_{i=1}^n x_i^2)"),
    (("sigma > 1", SAMPLE + "Normal(0, sigma^2)", "mle of sigma^2"), "max(1, (1/n) sum_{i=1}^n x_i^2)"),
    (("mu > 0", SAMPLE + "Normal(mu, 1)", "mle of mu"), "max(0, (1/n) sum_{i=1}^n x_i)"),
    ((SAMPLE + "Uniform(0, 2 theta)", "mle of theta"), "max(x)/2"),
    ((SAMPLE + "Uniform(theta, 2 theta)", "mle of theta"), "max(x)/2"),
    ((SAMPLE + "Bernoulli(1/2 + theta)", "mle of theta"), "-(n - 2 sum_{i=1}^n x_i)/(2 n)"),
    (("mu ~ Laplace(0,1)", "x | mu ~ Normal(mu,1)", "map of mu"), "max(0, |x| - 1) sign(x)"),
    # laws by a letter
    ((r"X \sim t_5", "Var(X)"), "5/3"),
    (("X ~ t(5)", "Var(X)"), "5/3"),
    ((r"X \sim \chi^2_k", "Var(X)"), "2 k"),
    ((r"X \sim \chi^2(3)", "E[X^2]"), "15"),
    # chains
    ((*CHAIN, "E[X_3]"), "0.4305"),
    ((*CHAIN, "E[X_2 | X_0 = 1]"), "12/25"),
    ((*CHAIN, "Cov(X_1, X_2)"), "0.07425"),
    (("P(A)=0.7", "log(P(A)/P(not A))"), "log(7/3)"),
    # laws of expressions
    (("x in R^n", "x ~ Normal(mu, Sigma)", "A x + b"), "A x + b ~ Normal(A mu + b, A Sigma A^T)"),
    (("X_1, ..., X_n iid ~ Bernoulli(p)", "sum_{i=1}^n X_i"), "binomial(n, z) p^z (1 - p)^(n - z)"),
    # sums, generating functions and bounds whose checks have to be drawn well
    (("X ~ Poisson(l)", "P(X > k)"), "1 - sum_{j=0}^k l^j e^(-l) / j!"),
    (("X ~ NegativeBinomial(r,p)", "MGF of X"), "(p/(1 - (1 - p) e^t))^r"),
    (("X ~ Exponential(lambda)", "bound P(X >= t) by chernoff"), "lambda t e^(1 - lambda t)"),
    (("X_1, ..., X_n independent", "E[X_i]=mu_i", "Var(X_i)=s_i^2", "Var(sum_{i=1}^n a_i X_i)"), "sum_{i=1}^n a_i^2 s_i^2"),
    (("X_i iid ~ Normal(1,2)", "Var(sum_{i=1}^n X_i)"), "2 n"),
    (("X ~ Normal(mu, s^2)", "Y ~ Normal(mu, s^2)", "X indep Y", "E[X | X + Y]"), "(X + Y)/2"),
    ((r"m_i \sim Bernoulli(p) \text{ iid}", r"Var(\sum_{i=1}^n m_i w_i)"), "p (1 - p) sum_{i=1}^n w_i^2"),
    (("X ~ Cauchy(0,1)", "density of Y where Y = 1/X"), "1/(pi * (y^2 + 1))"),
    (("E[X]=mu", "Var(X)=s^2", "Var(E[X|Y]) + E[Var(X|Y)]"), "s^2"),
    (("z ~ Normal(0,1)", "x | z ~ Normal(w z, s^2)", "q(z) = Normal(m, v)", "d/dm ELBO"), "w (x - m w) / s^2 - m"),
]

PARTS = [
    ((SAMPLE + "Uniform(a, b)", "mle of a, b"), {"a": "min(x)", "b": "max(x)"}),
    (
        ("mu > 0", SAMPLE + "Normal(mu, s^2)", "mle of mu, s^2"),
        {"mu": "max(0, (1/n) sum_{i=1}^n x_i)", "s^2": "(1/n) sum_{i=1}^n (x_i - max(0, (1/n) sum_{i=1}^n x_i))^2"},
    ),
]

ASSUMED = [
    ((*COIN, "map of theta"), ("a + k > 1", "b - k + n > 1")),
    (("theta ~ Beta(1/2,1/2)", COIN[1], "map of theta"), ("k > 1/2", "n - k > 1/2")),
    (("lambda ~ Gamma(1/2,1)", "x | lambda ~ Poisson(lambda)", "map of lambda"), ("x > 1/2",)),
    (("k ~ Binomial(n, p)", "mle of p given k = 7"), ("n >= 7",)),
    (("X ~ Geometric(p)", "P(X > c)"), ("c is a whole number",)),
    (("X ~ Uniform(a,b)", "MGF of X"), ("t != 0: where they are equal, the value is the limit",)),
    (("mu ~ Normal(0,1)", "x_1, x_2 | mu iid ~ Normal(mu, 1)", "Cov(x_1, x_2)"), ("independent given mu",)),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "density of X+Y"), ("a != b",)),
]

REFUSED = [
    (("X ~ Foo(0,1)", "E[X]"), "nothing that is known of X"),
    (("x ~ p", "E[x]"), "nothing that is known of x"),
    (("X_1, ..., X_n", "Var(X_i)=s^2", "Var(1/n sum_{i=1}^n X_i)"), "do not determine it"),
    (("X_i iid ~ Normal(0,1)", "N ~ Poisson(l)", "E[prod_{i=1}^N X_i]"), "N is random"),
    (("x_1, x_2 iid ~ Poisson(l)", "mle of l given x_1 = 0, x_2 = 0"), "not attained"),
    ((SAMPLE + "Uniform(theta, theta+1)", "mle of theta"), "(max(x) - 1 and min(x))"),
    (("E[X]=mu", "bound E[X^3] by jensen"), "nothing says that X is positive"),
    (("X ~ Uniform(0,1)", "bound P(X >= 1/2) by chernoff"), "closed form"),
    (("X ~ Normal(0,1)", "density of Y where Y = max(X,0)"), "mixed"),
    (("X ~ Normal(0,1)", "density of Y where Y = floor(X)"), "no density"),
]


@pytest.mark.parametrize(("lines", "expected"), ANSWERS, ids=[" / ".join(lines) for lines, _ in ANSWERS])
def test_answer(lines: tuple[str, ...], expected: str) -> None:
    report = derive.solve(list(lines)).to_dict()
    assert report["status"] == "solved", report["error"]
    assert report["answer"]["plain"] == expected


@pytest.mark.parametrize(("lines", "expected"), PARTS, ids=[" / ".join(lines) for lines, _ in PARTS])
def test_parts(lines: tuple[str, ...], expected: dict[str, str]) -> None:
    report = derive.solve(list(lines)).to_dict()
    assert report["status"] == "solved", report["error"]
    found = {name: part["plain"] if isinstance(part, dict) else part for name, part in report["answer"]["parts"].items()}
    assert found == expected
    assert report["verification"]["status"] == "verified"


@pytest.mark.parametrize(("lines", "expected"), ASSUMED, ids=[" / ".join(lines) for lines, _ in ASSUMED])
def test_assumption(lines: tuple[str, ...], expected: tuple[str, ...]) -> None:
    report = derive.solve(list(lines)).to_dict()
    assert report["status"] == "solved", report["error"]
    said = " | ".join(report["assumptions"])
    assert all(part in said for part in expected), said


@pytest.mark.parametrize(("lines", "message"), REFUSED, ids=[" / ".join(lines) for lines, _ in REFUSED])
def test_refusal(lines: tuple[str, ...], message: str) -> None:
    report = derive.solve(list(lines)).to_dict()
    assert report["status"] in ("refused", "error")
    assert report["error"]["kind"] != "internal"
    assert message in report["error"]["message"]


def test_elbo_is_largest_at_the_posterior() -> None:
    report = derive.solve(["z ~ Normal(0,1)", "x | z ~ Normal(w z, s^2)", "q(z) = Normal(m, v)", "maximize ELBO over m, v"]).to_dict()
    assert report["status"] == "solved", report["error"]
    parts = {n: p["plain"] if isinstance(p, dict) else p for n, p in report["answer"]["parts"].items()}
    assert (parts["m"], parts["v"]) == ("w x / (s^2 + w^2)", "s^2/(s^2 + w^2)")


@pytest.mark.parametrize(
    "lines", [("E[X]=m", "E[a X + b]"), ("X indep Y", "Var(X + Y)"), ("E[X]=mu", "Var(X)=s^2", "E[X^2]")], ids=["linear", "free", "stated"]
)
def test_what_is_an_answer_stays_one(lines: tuple[str, ...]) -> None:
    assert derive.solve(list(lines)).to_dict()["status"] == "solved"


def test_maximum_outside_the_domain_is_caught() -> None:
    """(a + k − 1)/(a + b + n − 2) without a word on a + k > 1: negative where k = 0 and a < 1."""
    scope = Scope()
    for line in ("theta ~ Beta(1/2,1/2)", "k | theta ~ Binomial(n, theta)", "map of theta"):
        reading, scope = read(line, scope)
    model = build(reading)
    theta, k = (model.variables[Name(n)].symbol for n in ("theta", "k"))
    n = next(s for s in model.variables[Name("k")].law.values[0].free_symbols)
    objective = (k - sp.Rational(1, 2)) * sp.log(theta) + (n - k - sp.Rational(1, 2)) * sp.log(1 - theta)
    value = (2 * k - 1) / (2 * n - 2)
    wrong = Step("", "", objective, value, "⇒", claim=Claim("maximum", objective, (value,), (theta,)))
    right = Step("", "", objective, value, "⇒", claim=wrong.claim, assumptions=((sp.Gt(k, 1),), (sp.Lt(k, n - 1),)))
    found = [check_derivation(Derivation(objective, value, (s,)), model, model.types).steps[0].check for s in (wrong, right)]
    assert found[0] is not None and found[0].status == "failed"
    assert found[1] is not None and found[1].status != "failed"


@pytest.mark.parametrize(("factor", "status"), [(sp.Rational(1, 2), "verified"), (sp.Rational(1, 3), "failed")])
def test_conditional_expectation_by_test_functions(factor: object, status: str) -> None:
    from derive.expressions.chance import Expectation

    scope = Scope()
    for line in ("X ~ Normal(1, 2)", "Y ~ Normal(1, 2)", "X indep Y", "E[X | X + Y]"):
        reading, scope = read(line, scope)
    model = build(reading)
    x, y = (model.variables[Name(n)].symbol for n in ("X", "Y"))
    step = Step("", "", Expectation.of(x, given=(x + y,)), factor * (x + y))
    check = check_derivation(Derivation(step.before, step.after, (step,)), model, model.types).steps[0].check
    assert check is not None and check.status == status
