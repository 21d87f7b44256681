"""Special functions over the array API standard, which has none: the text of the functions that an emitted module carries along.

In: the names of SciPy functions that code calls. Out: Python source, those that others need first. Sources: Cody, Rational Chebyshev
approximations for the error function (1969) and its program CALERF; Abramowitz & Stegun 6.1.40, 6.3.18, 6.4.12 (asymptotic series of
log Γ and its derivatives). Accurate to about 1e-15 of the value or, for log Γ near its zeros, of 1.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["FUNCTIONS", "functions_for"]

_POLYNOMIAL = '''
def _polynomial(x: Any, *coefficients: float) -> Any:
    """c_0 xⁿ + c_1 xⁿ⁻¹ + … + c_n by Horner's rule."""
    total = coefficients[0] + 0.0 * x
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total
'''

_ERF_PARTS = '''
def _erf_parts(xp: Any, x: Any) -> tuple[Any, Any, Any]:
    """|x|, erf x where |x| < 0.47, and erfcx |x| = exp(x²) erfc |x| elsewhere (Cody 1969)."""
    size = xp.abs(x)
    small = xp.clip(size, 0.0, 0.46875) ** 2
    inner = x * (
        _polynomial(small, 1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
        / _polynomial(small, 1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
    )
    y = xp.clip(size, 0.46875, 4.0)
    above = (
        (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2)
        + (8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3)
    )
    below = (
        (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3)
        + (3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)
    )
    middle = _polynomial(y, *above) / _polynomial(y, *below)
    far = xp.clip(size, 4.0, None)
    v = (1.0 / far) ** 2
    p = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2)
    q = (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3)
    ratio = _polynomial(v, *p, 6.58749161529837803e-4) / _polynomial(v, *q)
    outer = (0.56418958354775628695 - v * ratio) / far
    return size, inner, xp.where(size < 4.0, middle, outer)
'''

_GAUSSIAN = '''
def _gaussian(xp: Any, size: Any) -> Any:
    """exp(−x²) to full accuracy: x² is split so that no digit of it is lost."""
    size = xp.clip(size, 0.0, 30.0)
    coarse = xp.floor(size * 16.0) / 16.0
    return xp.exp(-coarse * coarse) * xp.exp(-(size - coarse) * (size + coarse))
'''

_ERF = '''
def _erf(xp: Any, x: Any) -> Any:
    """The error function."""
    size, inner, scaled = _erf_parts(xp, x)
    return xp.where(size < 0.46875, inner, xp.sign(x) * (1.0 - _gaussian(xp, size) * scaled))
'''

_ERFC = '''
def _erfc(xp: Any, x: Any) -> Any:
    """1 − erf x, with all digits where it is small."""
    size, inner, scaled = _erf_parts(xp, x)
    tail = _gaussian(xp, size) * scaled
    return xp.where(size < 0.46875, 1.0 - inner, xp.where(x > 0.0, tail, 2.0 - tail))
'''

_ERFCX = '''
def _erfcx(xp: Any, x: Any) -> Any:
    """exp(x²) erfc x."""
    size, inner, scaled = _erf_parts(xp, x)
    near = xp.clip(size, 0.0, 0.46875)
    left = xp.clip(size, 0.0, 26.6)
    reflected = 2.0 * xp.exp(left * left) - scaled
    return xp.where(size < 0.46875, xp.exp(near * near) * (1.0 - inner), xp.where(x > 0.0, scaled, reflected))
'''

_NDTR = '''
def _ndtr(xp: Any, x: Any) -> Any:
    """The distribution function of the standard normal distribution."""
    return 0.5 * _erfc(xp, -x * 0.70710678118654752440)
'''

_LOG_NDTR = '''
def _log_ndtr(xp: Any, x: Any) -> Any:
    """The logarithm of the distribution function of the standard normal distribution."""
    z = x * 0.70710678118654752440
    left = xp.log(0.5 * _erfcx(xp, -xp.clip(z, None, -0.5))) - z * z
    return xp.where(z < -0.5, left, xp.log1p(-0.5 * _erfc(xp, xp.clip(z, -0.5, None))))
'''

_GAMMALN = '''
def _gammaln(xp: Any, x: Any) -> Any:
    """log Γ(x) of x > 0, nan elsewhere: Stirling's series from 10 on, below it by the recurrence."""
    low = x < 10.0
    start = xp.where(low, x, 1.0)
    shift = start
    for k in range(1, 10):
        shift = shift * (start + k)
    y = xp.where(low, x + 10.0, x)
    y = xp.where(x > 0.0, y, 10.0)
    v = 1.0 / (y * y)
    series = _polynomial(v, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12) / y
    value = (y - 0.5) * xp.log(y) - y + 0.91893853320467274178 + series - xp.log(xp.where(low & (x > 0.0), shift, 1.0))
    value = xp.where((x == 1.0) | (x == 2.0), 0.0 * y, value)
    return xp.where(x > 0.0, value, float("nan") * y)
'''

_GAMMA = '''
def _gamma(xp: Any, x: Any) -> Any:
    """Γ(x) of x > 0, nan elsewhere."""
    return xp.exp(_gammaln(xp, x))
'''

_DIGAMMA = '''
def _digamma(xp: Any, x: Any) -> Any:
    """The derivative of log Γ(x) at x > 0, nan elsewhere."""
    inside = xp.where(x > 0.0, x, 1.0)
    shift = 0.0 * inside
    for k in range(10):
        shift = shift + 1.0 / (inside + k)
    y = inside + 10.0
    v = 1.0 / (y * y)
    series = v * _polynomial(v, 691 / 32760, -1 / 132, 1 / 240, -1 / 252, 1 / 120, -1 / 12)
    return xp.where(x > 0.0, xp.log(y) - 0.5 / y + series - shift, float("nan") * y)
'''

_TRIGAMMA = '''
def _trigamma(xp: Any, x: Any) -> Any:
    """The second derivative of log Γ(x) at x > 0, nan elsewhere."""
    inside = xp.where(x > 0.0, x, 1.0)
    shift = 0.0 * inside
    for k in range(10):
        shift = shift + 1.0 / (inside + k) ** 2
    y = inside + 10.0
    v = 1.0 / (y * y)
    series = _polynomial(v, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6) * v / y
    return xp.where(x > 0.0, 1.0 / y + 0.5 * v + series + shift, float("nan") * y)
'''

_BETALN = '''
def _betaln(xp: Any, a: Any, b: Any) -> Any:
    """The logarithm of the beta function."""
    return _gammaln(xp, a) + _gammaln(xp, b) - _gammaln(xp, a + b)
'''

_XLOGY = '''
def _xlogy(xp: Any, x: Any, y: Any) -> Any:
    """x log y, 0 where x is 0."""
    return xp.where(x == 0.0, 0.0 * x, x * xp.log(xp.where(x == 0.0, 1.0 + 0.0 * x, y)))
'''

_XLOG1PY = '''
def _xlog1py(xp: Any, x: Any, y: Any) -> Any:
    """x log(1 + y), 0 where x is 0."""
    return xp.where(x == 0.0, 0.0 * x, x * xp.log1p(xp.where(x == 0.0, 0.0 * x, y)))
'''

_REL_ENTR = '''
def _rel_entr(xp: Any, x: Any, y: Any) -> Any:
    """x log(x/y), 0 where x is 0."""
    one = 1.0 + 0.0 * x
    return xp.where(x == 0.0, 0.0 * x, x * xp.log(xp.where(x == 0.0, one, x) / xp.where(x == 0.0, one, y)))
'''

FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {  # name → text, what it calls
    "polynomial": (_POLYNOMIAL, ()),
    "erf_parts": (_ERF_PARTS, ("polynomial",)),
    "gaussian": (_GAUSSIAN, ()),
    "erf": (_ERF, ("erf_parts", "gaussian")),
    "erfc": (_ERFC, ("erf_parts", "gaussian")),
    "erfcx": (_ERFCX, ("erf_parts",)),
    "ndtr": (_NDTR, ("erfc",)),
    "log_ndtr": (_LOG_NDTR, ("erfcx", "erfc")),
    "gammaln": (_GAMMALN, ("polynomial",)),
    "gamma": (_GAMMA, ("gammaln",)),
    "digamma": (_DIGAMMA, ("polynomial",)),
    "trigamma": (_TRIGAMMA, ("polynomial",)),
    "betaln": (_BETALN, ("gammaln",)),
    "xlogy": (_XLOGY, ()),
    "xlog1py": (_XLOG1PY, ()),
    "rel_entr": (_REL_ENTR, ()),
}


def functions_for(names: Iterable[str]) -> list[str]:
    """The texts of these functions and of what they call, in an order in which each is defined before it is used."""
    texts: dict[str, str] = {}

    def add(name: str) -> None:
        if name not in texts:
            text, needed = FUNCTIONS[name]
            for other in needed:
                add(other)
            texts[name] = text.strip("\n")

    for name in names:
        add(name)
    return list(texts.values())
