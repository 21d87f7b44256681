"""Records of vectors against scipy.stats, and their rules against their moments."""

import math
from random import Random

import numpy as np
import pytest
import scipy.stats as st
import sympy as sp

from derive.probability.catalogue import FAMILIES

THREE = (sp.Rational(1, 5), sp.Rational(1, 2), sp.Rational(3, 10))
ALPHA = (sp.Rational(3, 2), sp.Integer(2), sp.Rational(7, 2))
MEAN = sp.Matrix([sp.Rational(1, 2), -1])
COVARIANCE = sp.Matrix([[2, sp.Rational(1, 2)], [sp.Rational(1, 2), 1]])


def numbers(values):
    return np.array([[float(sp.N(v)) for v in row] for row in sp.Matrix(values).tolist()])


def rule(name, *values):
    nodes, weights = FAMILIES[name].quadrature(values, 24)
    return np.array(nodes, dtype=float), np.array(weights)


def moments(nodes, weights):
    mean = weights @ nodes
    return mean, (weights[:, None] * (nodes - mean)).T @ (nodes - mean)


def test_categorical():
    family, p = FAMILIES["Categorical"], sp.Tuple(*THREE)
    assert [family.density(sp.Integer(k), p) for k in (1, 2, 3, 4)] == [*THREE, 0]
    k = sp.Symbol("x", integer=True)
    assert family.density(k, p).subs(k, 2) == THREE[1]
    assert family.mean(p) == sp.Rational(21, 10)
    assert float(family.entropy(p)) == pytest.approx(st.entropy([0.2, 0.5, 0.3]))
    assert family.quadrature(((0.2, 0.5, 0.3),), 5) == ([1, 2, 3], [0.2, 0.5, 0.3])


def test_multinomial():
    family, p = FAMILIES["Multinomial"], sp.Tuple(*THREE)
    law = st.multinomial(5, [0.2, 0.5, 0.3])
    for counts in ((1, 3, 1), (0, 5, 0), (2, 2, 1)):
        x = sp.Tuple(*counts)
        assert float(family.density(x, sp.Integer(5), p)) == pytest.approx(law.pmf(counts))
        assert float(family.log_density(x, sp.Integer(5), p)) == pytest.approx(law.logpmf(counts))
    nodes, weights = rule("Multinomial", 5, (0.2, 0.5, 0.3))
    mean, covariance = moments(nodes, weights)
    assert weights.sum() == pytest.approx(1)
    assert mean == pytest.approx([float(v) for v in family.mean(sp.Integer(5), p)])
    assert covariance == pytest.approx(numbers(family.variance(sp.Integer(5), p)))
    assert covariance == pytest.approx(law.cov())


def test_dirichlet():
    family, alpha = FAMILIES["Dirichlet"], sp.Tuple(*ALPHA)
    law = st.dirichlet([1.5, 2.0, 3.5])
    for x in ((0.2, 0.3, 0.5), (0.6, 0.1, 0.3)):
        at = sp.Tuple(*(sp.nsimplify(v, rational=True) for v in x))
        assert float(family.density(at, alpha)) == pytest.approx(law.pdf(x))
        assert float(family.log_density(at, alpha)) == pytest.approx(law.logpdf(x))
    assert float(family.entropy(alpha)) == pytest.approx(law.entropy())
    nodes, weights = rule("Dirichlet", (1.5, 2.0, 3.5))
    mean, covariance = moments(nodes, weights)
    assert nodes.sum(axis=1) == pytest.approx(np.ones(len(nodes)))
    assert mean == pytest.approx(law.mean())
    assert mean == pytest.approx([float(v) for v in family.mean(alpha)])
    assert covariance == pytest.approx(numbers(family.variance(alpha)))
    assert family.mode(alpha) == sp.Tuple(sp.Rational(1, 8), sp.Rational(1, 4), sp.Rational(5, 8))
    assert family.exponential.parameters(*family.exponential.natural(alpha)) == (alpha,)


def test_multivariate_normal():
    family = FAMILIES["MultivariateNormal"]
    mean, covariance = numbers(MEAN).ravel(), numbers(COVARIANCE)
    law = st.multivariate_normal(mean, covariance)
    x = sp.Matrix([sp.Rational(1, 3), sp.Rational(1, 4)])
    assert float(family.density(x, MEAN, COVARIANCE)) == pytest.approx(law.pdf(numbers(x).ravel()))
    assert float(sp.N(family.log_density(x, MEAN, COVARIANCE))) == pytest.approx(law.logpdf(numbers(x).ravel()))
    assert float(sp.N(family.entropy(MEAN, COVARIANCE))) == pytest.approx(law.entropy())
    nodes, weights = rule("MultivariateNormal", tuple(mean), tuple(map(tuple, covariance)))
    found = moments(nodes, weights)
    assert found[0] == pytest.approx(mean)
    assert found[1] == pytest.approx(covariance)
    t = sp.Matrix([sp.Rational(1, 4), sp.Rational(1, 5)])
    assert float(sp.N(family.mgf(t, MEAN, COVARIANCE))) == pytest.approx(float(weights @ np.exp(nodes @ numbers(t).ravel())))


def test_a_length_that_is_a_symbol_makes_sums():
    size, k = sp.Symbol("K", integer=True, positive=True), sp.Symbol("k", integer=True)
    p = sp.IndexedBase("p", shape=(size,))
    assert FAMILIES["Categorical"].entropy(p) == -sp.Sum(p[k] * sp.log(p[k]), (k, 1, size))
    assert FAMILIES["Categorical"].density(k, p) == p[k]
    alpha = sp.IndexedBase("alpha", shape=(size,))
    assert FAMILIES["Dirichlet"].log_density(p, alpha).has(sp.Sum)


@pytest.mark.parametrize(
    ("name", "values", "mean"),
    [("Categorical", ((0.2, 0.5, 0.3),), 2.1), ("Multinomial", (4, (0.2, 0.5, 0.3)), (0.8, 2.0, 1.2)),
     ("Dirichlet", ((1.5, 2.0, 3.5),), (1.5 / 7, 2 / 7, 0.5)), ("MultivariateNormal", ((0.5, -1.0), ((2.0, 0.5), (0.5, 1.0))), (0.5, -1.0))],
)  # fmt: skip
def test_draws_have_the_mean(name, values, mean):
    random = Random(3)
    drawn = np.array([FAMILIES[name].draw(values, random) for _ in range(3000)], dtype=float)
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.12)


def test_gauss_rules_are_exact_to_their_degree():
    from derive.probability.gauss import hermite, jacobi, laguerre

    for k in range(12):
        rules = [(hermite(8), 0 if k % 2 else math.prod(range(k - 1, 0, -2))), (laguerre(2.5, 8), math.gamma(2.5 + k) / math.gamma(2.5))]
        rules.append((jacobi(1.5, 0.5, 8), math.prod((1.5 + i) / (2 + i) for i in range(k))))
        for (nodes, weights), expected in rules:
            assert math.fsum(w * x**k for x, w in zip(nodes, weights, strict=True)) == pytest.approx(expected, rel=1e-11, abs=1e-10)
