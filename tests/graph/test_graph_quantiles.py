"""The quantile functions: the reference against SciPy's own, and against the distribution functions that they invert."""

import mpmath
import pytest

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
