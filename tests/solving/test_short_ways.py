"""Ways that are short because something is known beforehand give what the long ways give."""

import pytest
import sympy as sp
from questions import report_of

from derive.solving.chance.events_masses import tidied
from derive.solving.chance.presentable import presentable
from derive.solving.chance.rational_forms import quotient_of

A, B = sp.symbols("a b", positive=True)
X, Y = sp.symbols("x y", real=True)
S = sp.Symbol("sigma", positive=True)

QUOTIENTS = [
    X**4 + 6 * X**2 * S**2 + 3 * S**4,
    A * (A + 1) / B**2,
    A * B / ((A + B) ** 2 * (A + B + 1)),
    (B - A) ** 2 / 12,
    X / 2 + Y / 3,
    X / (1 - X) + 1 / (1 - X) ** 2,
    (X**2 - Y**2) / (X - Y),
    -X * (X - 1),
    (2 * A + 2 * B) ** -1 + 1 / A,
]


@pytest.mark.parametrize("value", QUOTIENTS, ids=str)
def test_quotients_in_one_ring(value):
    quotient = quotient_of(value)
    assert quotient.factored() == sp.factor(value)
    assert quotient.cancelled() == sp.cancel(value)


@pytest.mark.parametrize("value", [sp.S.Zero, sp.Integer(3), sp.sqrt(A), sp.exp(X), A**B, (A + B) ** 40, X * 10**14, sp.log(A)], ids=str)
def test_what_is_no_short_quotient(value):
    assert quotient_of(value) is None


FORMS = [
    (sp.exp(S**2 / 2 + X), sp.exp((S**2 + 2 * X) / 2, evaluate=False)),
    (sp.sqrt(2) / (2 * sp.sqrt(sp.pi)), sp.sqrt(2) / (2 * sp.sqrt(sp.pi))),
    (A**2 + A * B, A * (A + B)),
    ((A + A**2) / B**2, A * (A + 1) / B**2),
    (sp.sqrt(A) * sp.sqrt(B) * sp.exp(X) * sp.exp(Y), sp.sqrt(A) * sp.sqrt(B) * sp.exp(X + Y)),
]


@pytest.mark.parametrize(("value", "expected"), FORMS, ids=str)
def test_presentable_forms(value, expected):
    made = presentable(value)
    assert sp.simplify(made - expected) == 0
    assert made.count_ops() <= max(expected.count_ops(), value.count_ops())


@pytest.mark.parametrize("value", [1 - sp.exp(-A * B), sp.exp(-6), sp.exp(-A) - sp.exp(-2 * A), sp.exp(-A * (X - 1)) * sp.exp(-A)], ids=str)
def test_tidied_masses(value):
    made = tidied(value)
    assert sp.simplify(made - value) == 0
    assert made.count_ops() <= value.count_ops() + 1


DENSITIES = [
    (("X ~ Normal(mu, sigma^2)", "density of Y where Y = 3 X + 2"), "Normal"),
    (("X ~ Exponential(lambda)", "density of Y where Y = 2 X"), "Exponential"),
    (("X ~ Uniform(0, 1)", "density of Y where Y = -log(X)"), "Exponential"),
    (("X ~ Normal(0, 1)", "density of Y where Y = X^2"), "Gamma"),
]


@pytest.mark.parametrize(("lines", "name"), DENSITIES)
def test_densities_are_recognised(lines, name):
    report = report_of(lines)
    assert report.status == "solved"
    assert report.verification.status == "verified"
    assert report.solution.distribution.name == name


@pytest.mark.parametrize("body", ["log(1 + e^X)", "sigmoid(X)", "tanh(X)^2", "log(1 + e^X)^2"])
def test_no_closed_form_is_said(body):
    report = report_of(("X ~ Normal(mu, sigma^2)", f"E[{body}]"))
    assert report.status == "refused"
    assert "has no closed form" in report.error.message


@pytest.mark.parametrize(("body", "value"), [("sigmoid(X)", "1/2"), ("tanh(X)", "0"), ("X e^X", "exp(1/2)"), ("cos(X)", "exp(-1/2)")])
def test_what_has_one_keeps_it(body, value):
    report = report_of(("X ~ Normal(0, 1)", f"E[{body}]"))
    assert report.status == "solved"
    assert sp.simplify(report.solution.answer - sp.sympify(value)) == 0
