"""The model that the facts of a session make, and the distributions that are written in it."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from derive.errors import DeriveError, InconsistentInput
from derive.expressions.plain import plain
from derive.expressions.term import Name
from derive.meaning.reader import read
from derive.meaning.scope import Scope
from derive.probability.build import build
from derive.probability.model import Model


def model(text: str) -> Model:
    """The model in force on the last line."""
    scope = Scope()
    for line in text.split("; "):
        reading, scope = read(line, scope)
    return build(reading)


LAWS = [
    ("X ~ Normal(mu, s^2); E[X]", "X", "Normal", {"mean": "mu", "variance": "s**2"}),
    ("X ~ Normal(mu, sd=s); E[X]", "X", "Normal", {"mean": "mu", "variance": "s**2"}),
    ("X ~ Normal(0, prec=t); E[X]", "X", "Normal", {"mean": "0", "variance": "1/t"}),
    ("X ~ Normal(0, var=v); E[X]", "X", "Normal", {"mean": "0", "variance": "v"}),
    ("X ~ Gamma(2, scale=3); E[X]", "X", "Gamma", {"shape": "2", "rate": "1/3"}),
    ("X ~ Gamma(shape=a, rate=b); E[X]", "X", "Gamma", {"shape": "a", "rate": "b"}),
    ("X ~ Exponential(scale=c); E[X]", "X", "Exponential", {"rate": "1/c"}),
    ("X ~ StudentT(5); E[X]", "X", "StudentT", {"nu": "5", "mean": "0", "scale": "1"}),
    ("X ~ Binomial(n, p); E[X]", "X", "Binomial", {"n": "n", "p": "p"}),
    ("(X, Y) ~ Normal([m, k], [[v, c], [c, w]]); E[X]", "Y", "Normal", {"mean": "k", "variance": "w"}),
    ("X ~ Laplace(0, var=2); E[X]", "X", "Laplace", {"mean": "0", "scale": "1"}),
]


@pytest.mark.parametrize(("text", "name", "family", "parameters"), LAWS)
def test_a_law_in_the_parameters_of_its_record(text: str, name: str, family: str, parameters: dict[str, str]) -> None:
    law = model(text).variables[Name(name)].law
    assert law is not None
    assert law.name == family
    assert {k: str(v) for k, v in law.parameters.items()} == parameters


INCONSISTENT = [
    ("p ~ Beta(-1, 2); E[p]", "alpha must be positive"),
    ("X ~ Bernoulli(1.5); E[X]", "between 0 and 1"),
    ("X ~ Normal(0, -1); E[X]", "variance must be positive"),
    ("X ~ Uniform(2, 1); E[X]", "lower end"),
    ("X ~ Binomial(2.5, 0.1); E[X]", "integer"),
    ("X ~ Normal(0, sd=-1); E[X]", "sd must be positive"),
    ("z ~ Categorical(0.5, 0.6); E[z]", "sum to 1"),
    ("(X, Y) ~ Normal([0, 0], [[1, 2], [2, 1]]); E[X]", "semidefinite"),
    ("E[X] = 1; E[X] = 2; E[X]", "both 1 and 2"),
    ("Var(X) = -1; E[X]", "not negative"),
    ("Corr(X, Y) = 2; E[X]", "between"),
    ("E[X] = 3; E[X^2] = 4; Var(X)", "less than"),
    ("Var(X) = 1; Var(Y) = 1; Cov(X, Y) = 3; E[X]", "semidefinite"),
    ("Corr(X, Y) = 0.9; Corr(Y, Z) = 0.9; Corr(X, Z) = -0.9; Var(X) = 1; Var(Y) = 1; Var(Z) = 1; E[X]", "semidefinite"),
    ("X ~ Normal(0, 1); E[X] = 3; Var(X)", "the declared Normal has 0"),
]


@pytest.mark.parametrize(("text", "words"), INCONSISTENT)
def test_what_contradicts_itself_is_refused(text: str, words: str) -> None:
    with pytest.raises(InconsistentInput, match=words):
        model(text)


@pytest.mark.parametrize("text", ["X ~ Normal(0); E[X]", "X ~ Gamma(1, 2, 3); E[X]", "X ~ Gamma(1, foo=2); E[X]"])
def test_parameters_that_do_not_fit(text: str) -> None:
    with pytest.raises(DeriveError):
        model(text)


def sample(found: Model, name: str) -> Any:
    """The sample of this name."""
    return found.samples[Name(name)]


SAMPLES = [
    ("x_1, ..., x_n iid ~ Bernoulli(p); E[x_1]", "x", "n", True, 0),
    ("X_1, X_2, ... iid; E[X_i]", "X", None, True, 0),
    ("x_1, …, x_n | theta iid ~ Bernoulli(theta); E[x_1]", "x", "n", True, 1),
    ("y_i | w ~ Normal(w x_i, 1/beta) for i = 1, …, n; E[y_1]", "y", "n", False, 1),
    (r"y_i \mid w \sim \mathcal{N}(w x_i, \beta^{-1}), \quad i = 1, \dots, n; E[y_1]", "y", "n", False, 1),
    ("X_1, …, X_n independent; E[X_1]", "X", "n", False, 0),
]


@pytest.mark.parametrize(("text", "name", "size", "iid", "given"), SAMPLES)
def test_samples(text: str, name: str, size: str | None, iid: bool, given: int) -> None:
    found = sample(model(text), name)
    assert (None if found.size is None else plain(found.size)) == size
    assert found.iid is iid
    assert len(found.given) == given


def test_members_are_entries_of_the_sample() -> None:
    found = model("x_1, ..., x_n iid ~ Normal(mu, s^2); E[x_1]")
    assert found.sample_of(Name("x", sub="1")) is found.samples[Name("x")]
    assert found.sample_of(Name("y", sub="1")) is None


def test_cases_moments_events_and_independence() -> None:
    found = model(
        "Z ~ Bernoulli(p); X | Z = 1 ~ Normal(1, 1); X | Z = 0 ~ Normal(0, 1); E[Y] = m; Var(Y | X) = v; "
        "P(A and B) = 0.1; P(E|H) / P(E|not H) = 20; X indep Y; A indep B | C; A, B, C partition; E[X]"
    )
    assert [plain(c) for c, _ in found.variables[Name("X")].cases] == ["Z = 1", "Z = 0"]
    assert [(f.operator, len(f.given)) for f in found.moments] == [("E", 0), ("Var", 1)]
    assert [f.equation is None for f in found.events] == [True, False]
    assert [(i.kind, len(i.groups), len(i.given)) for i in found.independences] == [
        ("independent", 2, 0), ("independent", 2, 1), ("partition", 3, 0),
    ]  # fmt: skip


def test_named_distributions_and_defined_variables() -> None:
    found = model("q(z) = Normal(m, v); P = Exponential(a); X ~ Normal(0, 1); Y = X^2; M_W(t) = e^{t}; E[Y]")
    assert {n.key: d.name for n, d in found.named.items()} == {"q": "Normal", "P": "Exponential"}
    assert [n.key for n in found.defined] == ["Y"]
    assert [f.operator for f in found.moments] == ["MGF"]


def test_a_squared_parameter_has_a_law() -> None:
    found = model("sigma^2 ~ InverseGamma(a, b); x_1, …, x_n | sigma^2 iid ~ Normal(mu, sigma^2); E[x_1]")
    assert found.variables[Name("sigma", sup="2")].symbol == sp.Symbol("sigma", positive=True) ** 2


DOMAINS = [
    ("X ~ Exponential(lambda); E[X]", "lambda", "positive"),
    ("X ~ Normal(mu, s^2); E[X]", "s", "positive"),
    ("X ~ Normal(0, 1/b); E[X]", "b", "positive"),
    ("X ~ Binomial(n, p); E[X]", "n", "integer"),
    ("Var(Y) = v; E[Y]", "v", "positive"),
]


@pytest.mark.parametrize(("text", "name", "property_"), DOMAINS)
def test_laws_say_where_their_parameters_live(text: str, name: str, property_: str) -> None:
    from derive.expressions.to_sympy import symbol

    kind = model(text).types[Name(name)]
    assert getattr(symbol(Name(name), kind), f"is_{property_}") is True


SHAPES = [
    ("x, mu in R^n; x ~ Normal(mu, Sigma); E[x]", "Sigma", ["n", "n"]),
    ("x in R^n; E[x] = mu; Cov(x) = S; E[x]", "mu", ["n"]),
    ("x in R^n; E[x] = mu; Cov(x) = S; E[x]", "S", ["n", "n"]),
    ("mu in R^d; x_1, ..., x_n iid ~ Normal(mu, Sigma); E[x_1]", "x", ["n", "d"]),
    ("theta ~ Dirichlet(a, b, c); E[theta_1]", "theta", ["3"]),
]


@pytest.mark.parametrize(("text", "name", "shape"), SHAPES)
def test_laws_and_moments_say_shapes(text: str, name: str, shape: list[str]) -> None:
    assert [plain(s) for s in model(text).types[Name(name)].shape] == shape


def test_several_statements_on_one_line() -> None:
    found = model("X ~ Normal(0, 1), Y ~ Exponential(a), a > 0, X indep Y; E[X]")
    assert {n.key for n in found.variables} == {"X", "Y"}
    assert [i.kind for i in found.independences] == ["independent"]
    together = model("X ~ Normal(0, 1), Y ~ Normal(0, 2) independent; E[X]")
    assert len(together.independences[0].groups) == 2
    ranged = model("y_i | w ~ Normal(w x_i, 1), i = 1, …, n; E[y_1]")
    assert plain(ranged.samples[Name("y")].size) == "n"  # type: ignore[arg-type]
