"""Posteriors, evidence, prediction, maximum likelihood, Fisher information: whole lines, with what is expected of the answer."""

import pytest
import sympy as sp

import derive


def _report(*lines: str) -> dict:
    return derive.solve(list(lines)).to_dict()


def _same(found: str, expected: str) -> bool:
    """Whether two expressions agree at two points, exactly or nearly; names are plain positive symbols."""
    names = sp.sympify(f"[{found}, {expected}]", locals={n: sp.Symbol(n, positive=True) for n in ("lam", "n", "k", "s", "x", "N")})
    left, right = names
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    for shift in (0, 1):
        point = {s: sp.Rational(7 + 3 * place + shift, 5 + place) for place, s in enumerate(symbols)}
        if abs(sp.N(left.subs(point) - right.subs(point))) > 1e-9:
            return False
    return True


POSTERIORS = [
    (("theta ~ Beta(a, b)", "k | theta ~ Binomial(n, theta)", "posterior of theta"), "Beta", {"alpha": "a + k", "beta": "b + n - k"}),
    (("theta ~ Uniform(0, 1)", "k | theta ~ Binomial(n, theta)", "posterior of theta"), "Beta", {"alpha": "k + 1", "beta": "n - k + 1"}),
    (("theta ~ Beta(2, 3)", "k | theta ~ Binomial(10, theta)", "p(theta | k = 7)"), "Beta", {"alpha": "9", "beta": "6"}),
    (("theta ~ Beta(a, b)", "k | theta ~ Geometric(theta)", "posterior of theta"), "Beta", {"alpha": "a + 1", "beta": "b + k - 1"}),
    (
        ("theta ~ Beta(a, b)", "k | theta ~ NegativeBinomial(r, theta)", "posterior of theta"),
        "Beta",
        {"alpha": "a + r", "beta": "b + k"},
    ),
    (("lambda ~ Gamma(a, b)", "x | lambda ~ Poisson(lambda)", "posterior of lambda given x"), "Gamma", {"shape": "a + x", "rate": "b + 1"}),
    (
        ("lambda ~ Gamma(a, b)", "x_1, ..., x_n | lambda iid ~ Poisson(lambda)", "posterior of lambda given x_1 = 3, x_2 = 5"),
        "Gamma",
        {"shape": "a + 8", "rate": "b + 2"},
    ),
    (("lambda ~ Exponential(b)", "x | lambda ~ Exponential(lambda)", "p(lambda | x)"), "Gamma", {"shape": "2", "rate": "b + x"}),
    (("lambda ~ Gamma(a, b)", "x | lambda ~ Gamma(c, lambda)", "posterior of lambda"), "Gamma", {"shape": "a + c", "rate": "b + x"}),
    (("tau ~ Gamma(a, b)", "x | tau ~ Normal(m, 1/tau)", "posterior of tau"), "Gamma", {"shape": "a + 1/2", "rate": "b + (x - m)**2/2"}),
    (
        ("v ~ InverseGamma(a, b)", "x | v ~ Normal(m, v)", "posterior of v"),
        "InverseGamma",
        {"shape": "a + 1/2", "scale": "b + (x - m)**2/2"},
    ),
    (
        ("mu ~ Normal(m_0, t^2)", "x | mu ~ Normal(mu, s^2)", "posterior of mu"),
        "Normal",
        {"mean": "(m_0*s**2 + x*t**2)/(s**2 + t**2)", "variance": "s**2*t**2/(s**2 + t**2)"},
    ),
    (("theta ~ Dirichlet(1, 2, 3)", "(a, b, c) | theta ~ Multinomial(N, theta)", "posterior of theta"), "Dirichlet", {}),
    (
        ("mu ~ Normal(m_0, t^2)", "x | mu ~ Normal(mu, s^2)", "predictive of x"),
        "Normal",
        {"mean": "m_0", "variance": "s**2 + t**2"},
    ),
    (("theta ~ Beta(a, b)", "x | theta ~ Bernoulli(theta)", "predictive of x"), "Bernoulli", {"p": "a/(a + b)"}),
    (("lambda ~ Gamma(a, b)", "x | lambda ~ Poisson(lambda)", "predictive of x"), "NegativeBinomial", {"r": "a", "p": "b/(b + 1)"}),
]


@pytest.mark.parametrize(("lines", "name", "parameters"), POSTERIORS, ids=[" ; ".join(p[0]) for p in POSTERIORS])
def test_law(lines, name, parameters):
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    found = report["answer"]["distribution"]
    assert found["name"] == name
    for key, expected in parameters.items():
        assert _same(found["parameters"][key], expected), found
    assert report["verification"]["status"] == "verified"
    assert report["code"] is not None
    assert report["code"]["check"]["status"] == "verified"


def test_dirichlet_parameters_are_a_list():
    report = _report("theta ~ Dirichlet(a_1, a_2)", "(n_1, n_2) | theta ~ Multinomial(n, theta)", "posterior of theta")
    assert report["answer"]["distribution"]["parameters"]["alpha"] == "[a_1 + n_1, a_2 + n_2]"


VALUES = [
    (("theta ~ Beta(a, b)", "k | theta ~ Binomial(n, theta)", "E[theta | k]"), "(a + k)/(a + b + n)"),
    (
        ("theta ~ Beta(a, b)", "k | theta ~ Binomial(n, theta)", "Var(theta | k)"),
        "(a + k)*(b + n - k)/((a + b + n)**2*(a + b + n + 1))",
    ),
    (("lambda ~ Gamma(a, b)", "X | lambda ~ Exponential(lambda)", "p(X)"), "a*b**a/(b + X)**(a + 1)"),
    (("X ~ Bernoulli(p)", "fisher information of p"), "1/(p*(1 - p))"),
    (("X ~ Poisson(lambda)", "fisher information of lambda"), "1/lam"),
    (("X ~ Normal(mu, v)", "fisher information of v"), "1/(2*v**2)"),
    (("X ~ Laplace(mu, b)", "fisher information of mu"), "1/b**2"),
    (("X ~ Geometric(p)", "fisher information of p"), "1/(p**2*(1 - p))"),
    (("k ~ Binomial(n, p)", "mle of p"), "k/n"),
    (("x_1, ..., x_n iid ~ Poisson(lambda)", "mle of lambda given x_1 = 3, x_2 = 5"), "4"),
    (("theta ~ Beta(a, b)", "k | theta ~ Binomial(n, theta)", "map of theta"), "(a + k - 1)/(a + b + n - 2)"),
]


@pytest.mark.parametrize(("lines", "expected"), VALUES, ids=[" ; ".join(v[0]) for v in VALUES])
def test_value(lines, expected):
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    assert _same(report["answer"]["sympy"], expected), report["answer"]["sympy"]
    assert report["verification"]["status"] == "verified"


ESTIMATES = [
    (("x_1, ..., x_n iid ~ Exponential(lambda)", "mle of lambda"), lambda np, x: 1 / x.mean()),
    (("x_1, ..., x_n iid ~ Exponential(lambda)", "mle of 1/lambda"), lambda np, x: x.mean()),
    (("x_1, ..., x_n iid ~ Laplace(mu, b)", "mle of mu"), lambda np, x: np.median(x)),
    (("x_1, ..., x_n iid ~ Uniform(0, theta)", "mle of theta"), lambda np, x: x.max()),
    (("x_1, ..., x_n iid ~ Rayleigh(sigma)", "mle of sigma"), lambda np, x: np.sqrt((x**2).mean() / 2)),
    (("x_1, ..., x_n iid ~ Geometric(p)", "mle of p"), lambda np, x: 1 / x.mean()),
    (("x_1, ..., x_n iid ~ Beta(theta, 1)", "mle of theta"), lambda np, x: -1 / np.log(x / 4).mean()),
]


@pytest.mark.parametrize(("lines", "reference"), ESTIMATES, ids=[" ; ".join(e[0]) for e in ESTIMATES])
def test_estimate_from_data(lines, reference):
    np = pytest.importorskip("numpy")
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    assert report["verification"]["status"] == "verified"
    space: dict = {}
    exec(report["code"]["source"], space)  # the emitted module, as a user would run it
    data = np.array([1.5, 0.7, 2.2, 3.1, 0.4])
    given = data / 4 if "Beta(" in lines[0] else data
    found = space[report["code"]["function"]](x=given)
    assert abs(float(found) - reference(np, data)) < 1e-12


def test_normal_estimates_have_two_parts():
    report = _report("x_1, ..., x_n iid ~ Normal(mu, sigma^2)", "mle of mu, sigma^2")
    assert list(report["answer"]["parts"]) == ["mu", "sigma^2"]
    assert report["verification"]["status"] == "verified"


REFUSED = [
    (("x_1, ..., x_n iid ~ Cauchy(m, 1)", "mle of m"), "no solution in closed form"),
    (("x_1, ..., x_n iid ~ Gamma(a, b)", "mle of a, b"), "no solution in closed form"),
    (("X ~ Uniform(0, theta)", "fisher information of theta"), "does not exist"),
    (("x_1, ..., x_n iid ~ Uniform(theta, theta + 1)", "mle of theta"), "not unique"),
    (("k | theta ~ Binomial(n, theta)", "posterior of theta"), "prior"),
]


@pytest.mark.parametrize(("lines", "reason"), REFUSED, ids=[" ; ".join(r[0]) for r in REFUSED])
def test_refused(lines, reason):
    report = _report(*lines)
    assert report["status"] == "refused"
    assert reason in report["error"]["message"]
