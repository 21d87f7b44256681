"""Several variables at once: information of variables, Gaussian forms, mixtures, areas, predictive probabilities, classical laws."""

import pytest
import sympy as sp

import derive
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.solving.chance import classical_laws, gaussian_questions

WIENER = ("X ~ Normal(mu, s^2)", "N ~ Normal(0, t^2)", "X indep N", "Y = X + N")
PAIR = "(X, Y) ~ Normal([[1],[2]], [[4, 2],[2, 9]])"
SQUARE = ("X, Y ~ Uniform(0, 1)", "X indep Y")
MIXED = ("z ~ Bernoulli(p)", "x | z = 1 ~ Normal(a, 1)", "x | z = 0 ~ Normal(b, 1)")
NORMALS = ("X, Y ~ Normal(0, 1)", "X indep Y")
COUNTS = ("X ~ Poisson(a)", "Y ~ Poisson(b)", "X indep Y")


def _report(*lines: str) -> dict:
    return derive.solve(list(lines)).to_dict()


ANSWERS = [
    # information
    ((*("X ~ Bernoulli(p)", "Y = 1 - X"), "H(Y)"), "(p - 1) log(1 - p) - p log(p)"),
    (("X, Y ~ Bernoulli(p)", "X indep Y", "I(X; Y)"), "0"),
    (("X ~ Normal(0, P)", "Z ~ Normal(0, N)", "X indep Z", "Y = X + Z", "I(X; Y)"), "log((N + P)/N)/2"),
    (("(X, Y) ~ Normal([[0],[0]], [[1, rho],[rho, 1]])", "H(X | Y)"), "log(2 e pi * (1 - rho^2))/2"),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "H(X, Y)"), "2 - log(a) - log(b)"),
    (("X ~ Exponential(a)", "Y = 2 X", "H(Y)"), "1 - log(a) + log(2)"),
    (("KL(Laplace(m, a) || Laplace(n, b))",), "log(b/a) - 1 + (a exp(-|m - n|/a) + |m - n|)/b"),
    (("X ~ Bernoulli(1/2)", "Y ~ Bernoulli(1/2)", "X indep Y", "Z = X + Y", "I(X; Z)"), "log(2)/2"),
    # Gaussians
    ((*WIENER, "E[X | Y = y]"), "mu + s^2 (y - mu) / (s^2 + t^2)"),
    ((*WIENER, "Var(X | Y)"), "s^2 t^2 / (s^2 + t^2)"),
    ((PAIR, "P(X > Y)"), "normal_cdf(-1/3)"),
    ((PAIR, "P(X > 2 | Y = 5)"), "normal_cdf(-sqrt(2)/8)"),
    ((PAIR, "E[X | X + Y = s]"), "6 s / 17 - 1/17"),
    (("(X, Y) ~ Normal([[0],[0]], [[4, 2],[2, 9]])", "P(X > 0, Y > 0)"), "1/4 + asin(1/3)/(2 pi)"),
    (("mu ~ Normal(0, 1)", "x | mu ~ Normal(mu, 1)", "P(mu > 0 | x = 1)"), "normal_cdf(sqrt(2)/2)"),
    # classes
    ((*MIXED, "density of x"), "p exp(-(x - a)^2/2) / sqrt(2 pi) + (1 - p) exp(-(x - b)^2/2) / sqrt(2 pi)"),
    ((*MIXED, "E[z | x]"), "sigmoid((x - b)^2/2 - (x - a)^2/2 - log(1 - p) + log(p))"),
    ((*MIXED, "P(z = 1 | x > t)"), "p normal_cdf(a - t) / (p normal_cdf(a - t) + (1 - p) normal_cdf(b - t))"),
    (
        ("z in {1,2,3}", "P(z=1)=0.5", "P(z=2)=0.3", "P(z=3)=0.2", "x | z = 1 ~ Normal(0,1)", "x | z = 2 ~ Normal(1,1)",
         "x | z = 3 ~ Normal(2,4)", "P(z = 2 | x)"),
        "exp(-(x - 1)^2/2)/(exp(-(x - 2)^2/8)/3 + 5 e^(-x^2/2) / 3 + exp(-(x - 1)^2/2))",
    ),
    (
        ("a, b, x in R^d", "y ~ Bernoulli(p)", "x | y = 1 ~ Normal(a, Sigma)", "x | y = 0 ~ Normal(b, Sigma)", "P(y = 1 | x)"),
        "sigmoid((a - b)^T Sigma^(-1) x + (1/2) (b^T Sigma^(-1) b) - (1/2) (a^T Sigma^(-1) a) + log(p) - log(1 - p))",
    ),
    # areas
    ((*SQUARE, "P(X + Y < 1/2)"), "1/8"),
    ((*SQUARE, "P(|X - Y| < 1/4)"), "7/16"),
    ((*SQUARE, "P(X Y < 1/2)"), "1/2 + log(2)/2"),
    ((*SQUARE, "P(X < Y | X < 1/2)"), "3/4"),
    # parameters with laws
    (("theta ~ Beta(1,1)", "k | theta ~ Binomial(10, theta)", "P(theta > 1/2 | k = 7)"), "227/256"),
    (("theta ~ Beta(a,b)", "x_1, x_2 | theta iid ~ Bernoulli(theta)", "P(x_2 = 1 | x_1 = 1)"), "(a + 1)/(a + b + 1)"),
    (("lambda ~ Gamma(a,b)", "x | lambda ~ Exponential(lambda)", "P(x > t)"), "(b/(b + t))^a"),
    (("theta ~ Normal(m, s^2)", "y | theta ~ Bernoulli(Phi(theta))", "P(y = 1)"), "normal_cdf(m/sqrt(s^2 + 1))"),
    # classical laws
    ((*NORMALS, "density of Z where Z = X/Y"), "1/(pi * (z^2 + 1))"),
    ((*NORMALS, "density of R where R = sqrt(X^2 + Y^2)"), "r e^(-r^2/2)"),
    ((*COUNTS, "E[X | X + Y = n]"), "n a / (a + b)"),
    # Fisher information
    (("X ~ Cauchy(t, g)", "fisher information of t"), "1/(2 g^2)"),
    (("X ~ Logistic(m, s)", "fisher information of s"), "(pi^2 + 3)/(9 s^2)"),
    (("X ~ StudentT(nu, m, s)", "fisher information of m"), "(nu + 1)/(s^2 (nu + 3))"),
    (("X ~ Weibull(k, l)", "fisher information of l"), "k^2/l^2"),
    (("X ~ Laplace(m, b)", "fisher information of b"), "1/b^2"),
    # words and signs
    (("X ~ Exponential(l)", "median of X"), "log(2)/l"),
    (("X ~ Gamma(a, b)", "mode of X"), "(a - 1)/b"),
    (("P(D) = 1%", "P(+|D) = 99%", "P(+|not D) = 5%", "P(D|+)"), "1/6"),
    (("P(A)=0.5", "P(B)=0.4", "P(A and B)=0.1", r"P(A \setminus B)"), "2/5"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), ANSWERS, ids=[" | ".join(a[0])[-70:] for a in ANSWERS])
def test_answers(lines: tuple[str, ...], expected: str) -> None:
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    assert report["answer"]["plain"] == expected
    assert report["verification"]["status"] == "verified"


REFUSED = [
    (("X ~ Normal(0,1)", "Y ~ Normal(0,1)", "P(X > Y)"), "independen|⫫"),
    (("X, Y ~ Normal(0,1)", "I(X; Y)"), "⫫"),
    (("X, Y ~ Uniform(0,1)", "P(X + Y < 1/2)"), "⫫"),
    (("X ~ Normal(0,1)", "I(X; 2X)"), "function of the others"),
    (("X ~ Bernoulli(p)", "Y | X ~ Bernoulli((1+X)/3)", "Z | X ~ Bernoulli((1+X)/3)", "I(Y; Z)"), "how it depends on Y"),
    (("X, Y ~ Normal(0,1)", "density of R where R = X/Y"), "⫫"),
    (("f ~ Normal(0,1)", "y_1 | f ~ Normal(f, 1)", "y_2 | f ~ Normal(f, 1)", "P(y_1 > y_2)"), ""),
    (("z ~ Bernoulli(p)", "x | z = 1 ~ Uniform(0,2)", "x | z = 0 ~ Uniform(0,1)", "E[z | x]"), ""),
]


@pytest.mark.parametrize(("lines", "reason"), REFUSED, ids=[" | ".join(r[0])[-60:] for r in REFUSED])
def test_what_is_not_said_is_asked_for(lines: tuple[str, ...], reason: str) -> None:
    report = _report(*lines)
    assert report["status"] == "refused"
    assert any(part in report["error"]["message"] for part in reason.split("|"))


def test_a_wrong_conditional_law_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(gaussian_questions.Gaussians):
        def covariance(self, first, second):  # type: ignore[no-untyped-def]
            return 2 * super().covariance(first, second) if first != second else super().covariance(first, second)

    right = gaussian_questions.gaussians

    def planted(model, forms):  # type: ignore[no-untyped-def]
        found = right(model, forms)
        return None if found is None else Wrong(found.means, found.covariances, found.insertions, found.assumptions)

    monkeypatch.setattr(gaussian_questions, "gaussians", planted)
    report = _report(PAIR, "P(X > 2 | Y = 5)")
    assert report["status"] == "refused"
    assert report["error"]["kind"] == "failed-check"


def test_a_wrong_classical_law_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = classical_laws._ratio_of_normals

    def planted(function, laws):  # type: ignore[no-untyped-def]
        found = right(function, laws)
        return None if found is None else (Distribution(FAMILIES["Cauchy"], {"location": sp.S.Zero, "scale": sp.Integer(2)}), *found[1:])

    monkeypatch.setattr(classical_laws, "_ratio_of_normals", planted)
    report = _report(*NORMALS, "density of Z where Z = X/Y")
    assert report["status"] == "refused"
    assert report["error"]["kind"] == "failed-check"
