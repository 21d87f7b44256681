"""Every record against scipy.stats, and its own entries against each other: moments, generating function, entropy, quadrature."""

import math
import warnings
from random import Random

import pytest
import scipy.stats as st
import sympy as sp
from scipy.integrate import IntegrationWarning, quad

from derive.probability.catalogue import FAMILIES

# family → (two parameter points, the frozen scipy law)
SCALAR = {
    "Bernoulli": ([(0.3,), (0.85,)], st.bernoulli),
    "Binomial": ([(7, 0.3), (12, 0.65)], st.binom),
    "Geometric": ([(0.3,), (0.8,)], st.geom),
    "NegativeBinomial": ([(3, 0.4), (2.5, 0.7)], st.nbinom),
    "Poisson": ([(0.7,), (4.5,)], st.poisson),
    "DiscreteUniform": ([(1, 6), (-2, 3)], lambda a, b: st.randint(a, b + 1)),
    "Uniform": ([(-1.0, 2.5), (0.5, 0.75)], lambda a, b: st.uniform(a, b - a)),
    "Beta": ([(2.0, 3.5), (0.7, 1.4)], st.beta),
    "Normal": ([(0.4, 2.25), (-1.5, 0.36)], lambda m, v: st.norm(m, math.sqrt(v))),
    "Laplace": ([(0.4, 1.2), (-1.0, 0.5)], lambda m, b: st.laplace(m, b)),
    "Logistic": ([(0.4, 1.2), (-1.0, 0.5)], lambda m, s: st.logistic(m, s)),
    "StudentT": ([(7.5, 0.4, 1.2), (5.0, -1.0, 0.5)], lambda nu, m, s: st.t(nu, m, s)),
    "Cauchy": ([(0.4, 1.2), (-1.0, 0.5)], st.cauchy),
    "Exponential": ([(0.6,), (2.5,)], lambda r: st.expon(scale=1 / r)),
    "Gamma": ([(2.5, 1.7), (4.0, 0.6)], lambda a, b: st.gamma(a, scale=1 / b)),
    "InverseGamma": ([(6.5, 1.7), (5.0, 0.6)], lambda a, b: st.invgamma(a, scale=b)),
    "ChiSquared": ([(3.0,), (7.5,)], st.chi2),
    "Weibull": ([(1.5, 2.0), (3.0, 0.7)], lambda k, s: st.weibull_min(k, scale=s)),
    "Rayleigh": ([(0.6,), (1.9,)], lambda s: st.rayleigh(scale=s)),
    "HalfNormal": ([(0.6,), (1.9,)], lambda s: st.halfnorm(scale=s)),
    "Lognormal": ([(0.3, 0.2), (-0.5, 0.4)], lambda m, v: st.lognorm(math.sqrt(v), scale=math.exp(m))),
    "Gumbel": ([(0.4, 1.2), (-1.0, 0.5)], lambda m, b: st.gumbel_r(m, b)),
    "Pareto": ([(1.5, 6.5), (0.7, 5.5)], lambda s, a: st.pareto(a, scale=s)),
}
POINTS = [(name, point) for name, (points, _) in SCALAR.items() for point in points]


def law_of(name, point):
    return SCALAR[name][1](*point)


def exact(point):
    return tuple(sp.nsimplify(v, rational=True) for v in point)


def value(expression):
    return float(sp.N(expression))


def places(name, law):
    if FAMILIES[name].discrete:
        return sorted({int(law.ppf(u)) for u in (0.1, 0.4, 0.7, 0.95)})
    return [float(law.ppf(u)) for u in (0.05, 0.3, 0.6, 0.9)]


def expectation(name, law, function):
    """By scipy's own density: a sum, or adaptive quadrature over pieces of the support."""
    low, high = law.support()
    if FAMILIES[name].discrete:
        last = int(min(high, law.ppf(1 - 1e-15) + 60))
        return math.fsum(function(x) * law.pmf(x) for x in range(int(low), last + 1))
    cuts = [
        low,
        *(float(law.ppf(u)) for u in (1e-6, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-6)),
        float(law.isf(1e-12)),
        float(law.isf(1e-20)),
        high,
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IntegrationWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # far out, where the density is 0
        return math.fsum(
            quad(lambda x: product(function, law, x), a, b, limit=400, epsabs=1e-13)[0]
            for a, b in zip(cuts, cuts[1:], strict=False)
            if a < b
        )


def product(function, law, x):
    density = law.pdf(x)
    return function(x) * density if density > 1e-200 else 0.0


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_density_is_that_of_scipy(name, point):
    family, law = FAMILIES[name], law_of(name, point)
    for x in places(name, law):
        expected = law.pmf(x) if family.discrete else law.pdf(x)
        at = sp.Integer(x) if family.discrete else sp.Float(x)
        assert value(family.density(at, *exact(point))) == pytest.approx(expected, rel=1e-9)
        assert value(family.log_density(at, *exact(point))) == pytest.approx(math.log(expected), rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_support_is_that_of_scipy(name, point):
    low, high = law_of(name, point).support()
    found = FAMILIES[name].support(*exact(point))
    assert (value(found.lower), value(found.upper)) == pytest.approx((low, high)) or name in ("Exponential",)
    assert found.kind == ("integers" if FAMILIES[name].discrete else "interval")


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_mean_variance_and_raw_moments(name, point):
    family, law = FAMILIES[name], law_of(name, point)
    if name == "Cauchy":
        assert family.mean is None and family.variance is None and family.moment is None
        return
    assert value(family.mean(*exact(point))) == pytest.approx(law.mean(), rel=1e-9, abs=1e-12)
    assert value(family.variance(*exact(point))) == pytest.approx(law.var(), rel=1e-9)
    for k in range(5):
        assert family.moment_exists(k, *exact(point)) == sp.true
        expected = expectation(name, law, lambda x, k=k: x**k)
        assert value(family.moment(k, *exact(point))) == pytest.approx(expected, rel=1e-5 if name in ("Pareto", "StudentT") else 1e-7)


@pytest.mark.parametrize(
    ("name", "point", "order", "exists"),
    [
        ("Cauchy", (0, 1), 1, False), ("Cauchy", (0, 1), 2, False), ("StudentT", (3, 0, 1), 2, True), ("StudentT", (3, 0, 1), 3, False),
        ("StudentT", (1, 0, 1), 1, False), ("Pareto", (1, 2), 1, True), ("Pareto", (1, 2), 2, False), ("InverseGamma", (2, 1), 1, True),
        ("InverseGamma", (2, 1), 2, False), ("Normal", (0, 1), -1, False), ("Gamma", (2, 1), -1, True), ("Gamma", (1, 1), -1, False),
        ("Exponential", (1,), -1, False), ("Beta", (2, 3), -1, True), ("Beta", (1, 3), -1, False), ("Lognormal", (0, 1), 9, True),
        ("Poisson", (2,), -1, False), ("Uniform", (1, 2), -1, True), ("Uniform", (-1, 2), -1, False), ("Rayleigh", (1,), -1, True),
        ("Rayleigh", (1,), -2, False), ("Weibull", (2, 1), -1, True), ("Weibull", (1, 1), -1, False), ("ChiSquared", (3,), -1, True),
        ("ChiSquared", (2,), -1, False), ("HalfNormal", (1,), -1, False), ("Geometric", (sp.Rational(1, 2),), -1, True),
    ],
)  # fmt: skip
def test_which_moments_exist(name, point, order, exists):
    found = FAMILIES[name].moment_exists(order, *map(sp.sympify, point))
    assert found == (sp.true if exists else sp.false)


@pytest.mark.parametrize(
    ("name", "point"),
    [("Gamma", (3.5, 1.7)), ("InverseGamma", (2.5, 1.2)), ("Beta", (2.5, 1.4)), ("Uniform", (0.5, 2.0)), ("Rayleigh", (1.3,)),
     ("Weibull", (2.5, 1.1)), ("ChiSquared", (5.0,)), ("Lognormal", (0.2, 0.3)), ("Pareto", (1.2, 4.0)), ("Geometric", (0.4,))],
)  # fmt: skip
def test_moments_of_negative_order(name, point):
    expected = expectation(name, law_of(name, point), lambda x: 1 / x)
    assert value(FAMILIES[name].moment(-1, *exact(point))) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_generating_function_is_an_expectation_in_its_domain(name, point):
    family = FAMILIES[name]
    values = exact(point)
    for t in (sp.Rational(1, 7), -sp.Rational(1, 3)):
        exists = family.mgf_exists(t, *values)
        assert exists in (sp.true, sp.false)
        if family.mgf is not None and exists == sp.true:
            expected = expectation(name, law_of(name, point), lambda x, t=t: math.exp(float(t) * x))
            assert value(family.mgf(t, *values)) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("name", ["Lognormal", "Pareto", "InverseGamma", "StudentT", "Cauchy"])
def test_heavy_tails_have_no_generating_function(name):
    values = exact(SCALAR[name][0][0])
    assert FAMILIES[name].mgf is None
    assert FAMILIES[name].mgf_exists(sp.Rational(1, 10), *values) == sp.false


@pytest.mark.parametrize(
    ("name", "t"), [("Exponential", 3), ("Gamma", 3), ("ChiSquared", 1), ("Laplace", 2), ("Logistic", 2), ("Geometric", 1)]
)
def test_generating_functions_end(name, t):
    assert FAMILIES[name].mgf_exists(sp.Integer(t), *exact(SCALAR[name][0][0])) == sp.false


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_distribution_function_median_and_quantile(name, point):
    family, law, values = FAMILIES[name], law_of(name, point), exact(point)
    if family.cdf is not None:
        for x in places(name, law):
            at = sp.Integer(x) if family.discrete else sp.Float(x)
            assert value(family.cdf(at, *values).doit()) == pytest.approx(law.cdf(x), rel=1e-8)
    if family.median is not None:
        assert law.cdf(value(family.median(*values))) == pytest.approx(0.5, abs=1e-9 if not family.discrete else 0.26)
    if family.quantile is not None:
        for u in (sp.Rational(1, 5), sp.Rational(3, 4)):
            assert value(family.quantile(u, *values)) == pytest.approx(law.ppf(float(u)), rel=1e-8)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_entropy(name, point):
    family, law = FAMILIES[name], law_of(name, point)
    if family.entropy is None:
        assert name in ("Binomial", "NegativeBinomial", "Poisson")
        return
    assert value(family.entropy(*exact(point))) == pytest.approx(float(law.entropy()), rel=1e-6)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_mode_is_where_the_density_is_largest(name, point):
    family, law, values = FAMILIES[name], law_of(name, point), exact(point)
    if family.mode is None or (family.mode_condition is not None and family.mode_condition(*values) != sp.true):
        return
    mode = value(family.mode(*values))
    density = law.pmf if family.discrete else law.pdf
    for step in (1, -1) if family.discrete else (1e-3, -1e-3):
        assert density(mode) >= density(mode + step) * (1 - 1e-12)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_rule_gives_expectations(name, point):
    family, law = FAMILIES[name], law_of(name, point)
    nodes, weights = family.quadrature(tuple(map(float, point)), 32)
    assert math.fsum(weights) == pytest.approx(1, abs=1e-12)
    functions = [lambda x: 1 / (1 + math.exp(-0.3 * x)) if x > -900 else 0.0, lambda x: math.cos(0.4 * x)]
    if name == "Cauchy":
        functions = [lambda x: 1 / (1 + x * x)]
    for function in functions:
        found = math.fsum(w * function(x) for x, w in zip(nodes, weights, strict=True))
        assert found == pytest.approx(expectation(name, law, function), rel=1e-6)
    if family.moment is not None:
        for k in (1, 2, 3):
            found = math.fsum(w * x**k for x, w in zip(nodes, weights, strict=True))
            assert found == pytest.approx(value(family.moment(k, *exact(point))), rel=1e-8)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_exponential_form_is_the_density_and_comes_back(name, point):
    family, law, values = FAMILIES[name], law_of(name, point), exact(point)
    if family.exponential is None:
        return
    form = family.exponential
    natural = form.natural(*values)
    assert [value(v) for v in form.parameters(*natural)] == pytest.approx([float(v) for v in point])
    shifted = family.exponential.natural(*(v * sp.Rational(21, 20) for v in values))
    rests = []
    for x in places(name, law):
        at = sp.nsimplify(x, rational=True)
        statistics = form.statistics(at)
        change = sum((b - a) * t for a, b, t in zip(natural, shifted, statistics, strict=True))
        moved = family.log_density(at, *(v * sp.Rational(21, 20) for v in values)) - family.log_density(at, *values)
        rests.append(value(moved - change))
    assert rests == pytest.approx([rests[0]] * len(rests), abs=1e-9)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_draws_have_the_law(name, point):
    family, law, random = FAMILIES[name], law_of(name, point), Random(7)
    drawn = sorted(family.draw(tuple(map(float, point)), random) for _ in range(4000))
    for u in (0.2, 0.5, 0.8):
        x = float(law.ppf(u))
        share = sum(v <= x + 1e-12 for v in drawn) / len(drawn)
        assert share == pytest.approx(law.cdf(x), abs=0.035)


def test_every_record_is_complete():
    for name, family in FAMILIES.items():
        assert family.says and family.source and family.density is not None and family.log_density is not None
        assert family.moment_exists is not None and family.mgf_exists is not None
        assert family.quadrature is not None and family.draw is not None
        assert family.name == name or (family.name, name) == ("Normal", "MultivariateNormal")


def test_symbolic_moments_are_those_of_the_books():
    m, v, a, b, p, n = sp.symbols("m v a b p n", positive=True)
    assert sp.expand(FAMILIES["Normal"].moment(4, m, v)) == m**4 + 6 * m**2 * v + 3 * v**2
    assert FAMILIES["Gamma"].moment(2, a, b) == a * (a + 1) / b**2
    assert sp.expand(FAMILIES["Binomial"].moment(2, n, p) - n * p * (1 - p) - (n * p) ** 2) == 0
    assert sp.simplify(FAMILIES["DiscreteUniform"].moment(2, sp.S.One, n) - (n + 1) * (2 * n + 1) / 6) == 0
    assert FAMILIES["StudentT"].moment_exists(2, a, m, b) == (a > 2)
