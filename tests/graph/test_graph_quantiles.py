"""Quantile and distribution functions: the reference against SciPy's own, quantiles against the functions that they invert."""

import mpmath
import pytest

from derive.graph.operations.distribution_functions import beta_cdf, gamma_cdf, gamma_tail, student_cdf
from derive.graph.operations.quantiles import chisquared_quantile, student_quantile
from derive.graph.operations.record import Undefined

LEVELS = (0.005, 0.05, 0.5, 0.9, 0.975, 0.9995)
DEGREES = (1, 2, 4.5, 30, 400)


@pytest.mark.parametrize("nu", DEGREES)
@pytest.mark.parametrize("p", LEVELS)
def test_references_agree_with_scipy(p, nu):
    special = pytest.importorskip("scipy.special")
    assert float(student_quantile(mpmath.mp, mpmath.mpf(p), mpmath.mpf(nu))) == pytest.approx(special.stdtrit(nu, p), rel=1e-9, abs=1e-12)
    assert float(chisquared_quantile(mpmath.mp, mpmath.mpf(p), mpmath.mpf(nu))) == pytest.approx(special.chdtri(nu, 1 - p), rel=1e-9)


@pytest.mark.parametrize("quantile", [student_quantile, chisquared_quantile])
@pytest.mark.parametrize(("p", "nu"), [(0, 3), (1, 3), (-0.5, 3), (0.5, 0), (0.5, -2)])
def test_outside_the_domain_there_is_no_value(quantile, p, nu):
    with pytest.raises(Undefined):
        quantile(mpmath.mp, mpmath.mpf(p), mpmath.mpf(nu))


@pytest.mark.parametrize(
    ("function", "name", "points"),
    [
        (gamma_cdf, "gammainc", [(2.3, 0.9), (0.4, 3.0), (7.0, 0.0)]),
        (gamma_tail, "gammaincc", [(2.3, 0.9), (0.4, 30.0), (7.0, 0.0)]),
        (beta_cdf, "betainc", [(2.3, 1.4, 0.4), (0.5, 0.5, 0.25), (3.0, 5.0, 1.0)]),
        (student_cdf, "stdtr", [(4.5, 0.9), (1.0, -3.0), (30.0, 0.0)]),
    ],
)
def test_distribution_functions_agree_with_scipy(function, name, points):
    special = pytest.importorskip("scipy.special")
    for point in points:
        found = function(mpmath.mp, *map(mpmath.mpf, point))
        assert float(found) == pytest.approx(float(getattr(special, name)(*point)), rel=1e-10, abs=1e-14)


@pytest.mark.parametrize(
    ("function", "point"),
    [(gamma_cdf, (-1, 2)), (gamma_tail, (1, -2)), (beta_cdf, (1, 2, 1.5)), (beta_cdf, (0, 2, 0.5)), (student_cdf, (0, 1))],
)
def test_distribution_functions_have_domains(function, point):
    with pytest.raises(Undefined):
        function(mpmath.mp, *map(mpmath.mpf, point))
