"""Three kinds of numbers to evaluate with: doubles, complex doubles, multiple precision.

In: plain numbers. Out: plain numbers; a function outside its real domain raises ValueError or gives a complex number, never a
wrong real one. In the *continued* kinds |x|, max, min, sign, comparisons and steps go by the real part, so that a function of
a real variable is analytic around every point that is not a kink and may be differentiated along an imaginary step.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

from derive.checking.special import erf_complex, erfc_complex, gamma_complex, loggamma_complex, loggamma_real, polygamma
from derive.expressions import distribution_functions as functions_of_laws
from derive.expressions import nodes
from derive.graph.operations import Undefined
from derive.graph.operations import distribution_functions as laws
from derive.graph.operations.quantiles import chisquared_quantile, student_quantile

__all__ = ["CONTINUED", "REAL", "Arithmetic", "multiple_precision"]

Number = Any  # int, float, complex, mpf or mpc
MAX_ARGUMENT = 1e9  # of a function in multiple precision


class Arithmetic:
    """Functions on one kind of number, by SymPy class; `one` and `nan` of the kind.

    `continuation` is the continued kind of the same precision, where there is one; `continued` says that this is one.
    """

    __slots__ = ("constants", "continuation", "continued", "digits", "functions", "imaginary", "nan", "one", "power", "real")

    def __init__(
        self,
        functions: dict[Any, Callable[..., Number]],
        constants: dict[Any, Number],
        *,
        one: Number,
        nan: Number,
        power: Callable[[Number, Number], Number],
        real: Callable[[Number], Number],
        imaginary: Number,
        digits: int,
        continuation: Arithmetic | None,
        continued: bool = False,
    ) -> None:
        self.functions = functions
        self.constants = constants
        self.one = one
        self.nan = nan
        self.power = power
        self.real = real
        self.imaginary = imaginary
        self.digits = digits
        self.continuation = continuation
        self.continued = continued


# ── real doubles ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _real_power(base: Number, exponent: Number) -> Number:
    if type(base) is int and type(exponent) is int and (exponent < 0 or abs(exponent) * base.bit_length() > 900):
        base = float(base)
    if base < 0 and exponent != (whole := math.floor(exponent)):
        raise ValueError("a fractional power of a negative number")
    if base < 0 and type(exponent) is float:
        exponent = int(whole)
    return base**exponent


def _sign(x: Number) -> int:
    return int(x > 0) - int(x < 0)


def _complex_power(base: Number, exponent: Number) -> Number:
    if isinstance(exponent, complex) and exponent.imag == 0:
        exponent = exponent.real
    if not isinstance(exponent, complex) and exponent == math.floor(exponent) and abs(exponent) < 1e6:
        n, result = abs(int(exponent)), 1
        while n:  # by squaring: the polar form would lose a small imaginary part
            if n & 1:
                result = result * base
            base = base * base
            n >>= 1
        return result if exponent >= 0 else 1 / result
    if base == 0:
        return base**exponent
    return cmath.exp(exponent * cmath.log(base))


def _real_part(z: Number) -> Number:
    return z.real


def _nearly_real(z: Number) -> Number:
    """The real part of a number off the real line by no more than a step; ValueError for others, which have no order."""
    if z.imag and abs(z.imag) > 1e-3 * (1 + abs(z.real)):
        raise ValueError("not a real number")
    return z.real


def _itself(x: Number) -> Number:
    return x


def _by_real_part(choose: Callable[..., Number], real: Callable[[Number], Number]) -> Callable[..., Number]:
    return lambda *values: choose(values, key=real)


def _floor_real(z: Number) -> int:
    floor: int = math.floor(z.real)
    return floor


def _binomial(n: Number, k: Number, gamma: Callable[[Number], Number]) -> Number:
    if type(k) is int and k < 0:
        return 0
    if type(n) is int and type(k) is int and 0 <= n < 150:
        return math.comb(n, k)
    return gamma(n + 1) / (gamma(k + 1) * gamma(n - k + 1))


def _atan2_continued(y: Number, x: Number, atan: Callable[[Number], Number], pi: Number) -> Number:
    a, b = x.real, y.real
    if abs(a) > abs(b):
        return atan(y / x) + (0 if a > 0 else pi if b >= 0 else -pi)
    return (pi if b > 0 else -pi) / 2 - atan(x / y)


# ── functions that are built from others, in any arithmetic ──────────────────────────────────────────────────────────


def _with_compositions(
    f: dict[Any, Callable[..., Number]], real: Callable[[Number], Number], pi: Number
) -> dict[Any, Callable[..., Number]]:
    """The table `f` of elementary functions completed by reciprocal functions and by those of the field, from their definitions."""
    exp, log, sqrt, tanh, erf = f[sp.exp], f[sp.log], f["sqrt"], f[sp.tanh], f[sp.erf]
    sin, cos, sinh, cosh, maximum, minimum, modulus = f[sp.sin], f[sp.cos], f[sp.sinh], f[sp.cosh], f[sp.Max], f[sp.Min], f[sp.Abs]
    gamma = f[sp.gamma]

    def sigmoid(x: Number) -> Number:
        if real(x) >= 0:
            return 1 / (1 + exp(-x))
        e = exp(x)
        return e / (1 + e)

    def softplus(x: Number) -> Number:
        return x + log(1 + exp(-x)) if real(x) > 0 else log(1 + exp(x))

    def elu(x: Number, a: Number = 1) -> Number:
        return x if real(x) > 0 else a * (exp(x) - 1)

    scale, alpha = nodes.SELU_SCALE, nodes.SELU_ALPHA
    one = pi / pi
    selu_scale, selu_alpha = one * int(scale.p) / int(scale.q), one * int(alpha.p) / int(alpha.q)
    f.update(
        {
            sp.tan: lambda x: sin(x) / cos(x),
            sp.cot: lambda x: cos(x) / sin(x),
            sp.sec: lambda x: 1 / cos(x),
            sp.csc: lambda x: 1 / sin(x),
            sp.coth: lambda x: cosh(x) / sinh(x),
            sp.sech: lambda x: 1 / cosh(x),
            sp.csch: lambda x: 1 / sinh(x),
            sp.acot: lambda x: f[sp.atan](1 / x),
            sp.factorial: lambda x: math.factorial(x) if type(x) is int and 0 <= x < 150 else gamma(x + 1),
            sp.binomial: lambda n, k: _binomial(n, k, gamma),
            sp.beta: lambda a, b, *_: gamma(a) * gamma(b) / gamma(a + b),
            sp.digamma: lambda x: f[sp.polygamma](0, x),
            sp.trigamma: lambda x: f[sp.polygamma](1, x),
            sp.harmonic: lambda n: f[sp.polygamma](0, n + 1) - f[sp.polygamma](0, pi / pi),
            sp.Heaviside: lambda x, middle=0.5: 1 if real(x) > 0 else 0 if real(x) < 0 else middle,
            nodes.sigmoid: sigmoid,
            nodes.logit: lambda x: log(x / (1 - x)),
            nodes.log_sigmoid: lambda x: -softplus(-x),
            nodes.softplus: softplus,
            nodes.relu: lambda x: x if real(x) > 0 else 0 * x,
            nodes.relu6: lambda x: minimum(maximum(0 * x, x), 6 + 0 * x),
            nodes.leaky_relu: lambda x, a=one / 100: x if real(x) > 0 else a * x,
            nodes.elu: elu,
            nodes.celu: lambda x, a=1: x if real(x) > 0 else a * (exp(x / a) - 1),
            nodes.selu: lambda x: selu_scale * (x if real(x) > 0 else selu_alpha * (exp(x) - 1)),
            nodes.normal_cdf: lambda x: (1 + erf(x / sqrt(2 * one))) / 2,
            nodes.normal_pdf: lambda x: exp(-x * x / 2) / sqrt(2 * pi),
            nodes.gelu: lambda x: x * (1 + erf(x / sqrt(2 * one))) / 2,
            nodes.gelu_tanh: lambda x: x * (1 + tanh(sqrt(2 / pi) * (x + one * 44715 / 1000000 * x * x * x))) / 2,
            nodes.swish: lambda x, b=1: x * sigmoid(b * x),
            nodes.silu: lambda x: x * sigmoid(x),
            nodes.mish: lambda x: x * tanh(softplus(x)),
            nodes.softsign: lambda x: x / (1 + modulus(x)),
            nodes.hard_sigmoid: lambda x: minimum(maximum(0 * x, (x + 3) / 6), 1 + 0 * x),
            nodes.hard_tanh: lambda x: minimum(maximum(-1 + 0 * x, x), 1 + 0 * x),
            nodes.hard_swish: lambda x: x * minimum(maximum(0 * x, x + 3), 6 + 0 * x) / 6,
            nodes.tanhshrink: lambda x: x - tanh(x),
            nodes.step: lambda x: 1 if real(x) > 0 else 0,
            nodes.expm1: lambda x: exp(x) - 1,
            nodes.log1p: lambda x: log(1 + x),
            nodes.square: lambda x: x * x,
            nodes.hypot: lambda x, y: sqrt(x * x + y * y),
            nodes.clip: lambda x, a, b: minimum(maximum(x, a), b),
            nodes.trigamma: lambda x: f[sp.polygamma](1, x),
        }
    )
    return f


def _lambert(z: Number, branch: Number = 0) -> Number:
    return complex(mpmath.fp.lambertw(z, int(branch.real)))


def _lambert_real(x: Number, branch: Number = 0) -> Number:
    value = _lambert(x, branch)
    if abs(value.imag) > 1e-12 * (1 + abs(value.real)):
        raise ValueError("the Lambert function left of −1/e")
    return value.real


def _of_laws(c: Any, number: Callable[[Any], Any]) -> dict[Any, Callable[..., Number]]:
    """Distribution and quantile functions without elementary form, in a context of mpmath."""

    def taken(function: Callable[..., Any]) -> Callable[..., Number]:
        def value(*arguments: Number) -> Number:
            try:
                return function(c, *map(number, arguments))
            except (Undefined, TypeError) as problem:
                raise ValueError("an argument outside the domain") from problem

        return value

    return {
        functions_of_laws.gamma_cdf: taken(laws.gamma_cdf), functions_of_laws.gamma_tail: taken(laws.gamma_tail),
        functions_of_laws.beta_cdf: taken(laws.beta_cdf), functions_of_laws.student_cdf: taken(laws.student_cdf),
        nodes.student_quantile: taken(student_quantile), nodes.chisquared_quantile: taken(chisquared_quantile),
    }  # fmt: skip


_REAL_FUNCTIONS: dict[Any, Callable[..., Number]] = {
    "sqrt": math.sqrt, sp.exp: _exp, sp.log: math.log, sp.sin: math.sin, sp.cos: math.cos,
    sp.asin: math.asin, sp.acos: math.acos, sp.atan: math.atan, sp.atan2: math.atan2,
    sp.sinh: math.sinh, sp.cosh: math.cosh, sp.tanh: math.tanh, sp.asinh: math.asinh, sp.acosh: math.acosh, sp.atanh: math.atanh,
    sp.Abs: abs, sp.sign: _sign, sp.Max: max, sp.Min: min, sp.floor: math.floor, sp.ceiling: math.ceil, sp.Mod: lambda a, b: a % b,
    sp.re: lambda x: x, sp.im: lambda x: 0, sp.conjugate: lambda x: x, sp.arg: lambda x: 0.0 if x > 0 else math.pi,
    sp.LambertW: _lambert_real,
    sp.erf: math.erf, sp.erfc: math.erfc, sp.gamma: math.gamma, sp.loggamma: loggamma_real, sp.polygamma: polygamma,
    **_of_laws(mpmath.fp, float),
}  # fmt: skip

_CONTINUED_FUNCTIONS: dict[Any, Callable[..., Number]] = {
    "sqrt": cmath.sqrt, sp.exp: cmath.exp, sp.log: cmath.log, sp.sin: cmath.sin, sp.cos: cmath.cos,
    sp.asin: cmath.asin, sp.acos: cmath.acos, sp.atan: cmath.atan,
    sp.atan2: lambda y, x: _atan2_continued(y, x, cmath.atan, math.pi),
    sp.sinh: cmath.sinh, sp.cosh: cmath.cosh, sp.tanh: cmath.tanh, sp.asinh: cmath.asinh, sp.acosh: cmath.acosh, sp.atanh: cmath.atanh,
    sp.Abs: lambda z: z if z.real >= 0 else -z, sp.sign: lambda z: _sign(z.real),
    sp.Max: _by_real_part(max, _real_part), sp.Min: _by_real_part(min, _real_part),
    sp.floor: _floor_real, sp.ceiling: lambda z: math.ceil(z.real), sp.Mod: lambda a, b: a - b * math.floor((a / b).real),
    sp.re: lambda z: z, sp.im: lambda z: 0, sp.conjugate: lambda z: z,
    sp.LambertW: _lambert,
    sp.erf: erf_complex, sp.erfc: erfc_complex, sp.gamma: gamma_complex, sp.loggamma: loggamma_complex, sp.polygamma: polygamma,
}  # fmt: skip


_CONSTANTS = {
    type(sp.pi): math.pi, type(sp.E): math.e, type(sp.EulerGamma): 0.5772156649015329, type(sp.oo): math.inf, type(-sp.oo): -math.inf,
    type(sp.GoldenRatio): (1 + math.sqrt(5)) / 2, type(sp.Catalan): 0.915965594177219,
}  # fmt: skip

CONTINUED = Arithmetic(
    _with_compositions(_CONTINUED_FUNCTIONS, _real_part, math.pi), _CONSTANTS,
    one=1.0, nan=complex(math.nan, math.nan), power=_complex_power, real=_real_part, imaginary=1j, digits=15, continuation=None,
    continued=True,
)  # fmt: skip

REAL = Arithmetic(
    _with_compositions(_REAL_FUNCTIONS, _itself, math.pi), _CONSTANTS,
    one=1.0, nan=math.nan, power=_real_power, real=_itself, imaginary=1j, digits=15, continuation=CONTINUED,
)  # fmt: skip


def multiple_precision(digits: int, *, complex_values: bool = False, largest: float = MAX_ARGUMENT) -> Arithmetic:
    """An arithmetic of `digits` decimal digits in a context of its own; values may leave the real line and are then complex.

    With `complex_values`, variables are complex by themselves: |z| is the modulus, and nothing is continued. `largest` is the largest
    argument that a function takes.
    """
    mp = mpmath.MPContext()
    mp.dps = digits
    if complex_values:
        return _in_context(mp, digits, continued=False, continuation=None, largest=largest)
    continuation = _in_context(mp, digits, continued=True, continuation=None, largest=largest)
    return _in_context(mp, digits, continued=False, continuation=continuation, largest=largest)


def _in_context(mp: Any, digits: int, *, continued: bool, continuation: Arithmetic | None, largest: float) -> Arithmetic:
    """The functions of one multiple precision context."""

    def power(base: Number, exponent: Number) -> Number:
        base = mp.mpmathify(base)
        if base and abs(mp.mag(base)) * abs(exponent) > largest:
            raise OverflowError("a power beyond multiple precision")
        return base**exponent if isinstance(exponent, int) else mp.power(base, exponent)

    def bounded(function: Callable[..., Number]) -> Callable[..., Number]:
        """The function where its argument is not so large that reducing it would take more digits than there is memory."""

        def value(*arguments: Number) -> Number:
            if any(abs(x) > largest for x in arguments):
                raise OverflowError("an argument beyond multiple precision")
            try:
                return function(*arguments)
            except mp.NoConvergence:
                raise ValueError("a function that does not converge") from None

        return value

    limited_exp = bounded(mp.exp)

    def exp(x: Number) -> Number:
        return mp.zero if x.real < -largest else limited_exp(x)

    large = {
        sp.sin: mp.sin, sp.cos: mp.cos, sp.sinh: mp.sinh, sp.cosh: mp.cosh, sp.tanh: mp.tanh,
        sp.erf: mp.erf, sp.erfc: mp.erfc, sp.erfinv: mp.erfinv, sp.gamma: mp.gamma, sp.loggamma: mp.loggamma, sp.zeta: mp.zeta,
        sp.erfi: mp.erfi, sp.Si: mp.si, sp.Ci: mp.ci, sp.Ei: mp.ei, sp.li: mp.li, sp.fresnels: mp.fresnels, sp.fresnelc: mp.fresnelc,
        sp.polygamma: lambda m, x: mp.psi(int(m), x), sp.uppergamma: mp.gammainc, sp.polylog: mp.polylog,
        sp.lowergamma: lambda a, x: mp.gammainc(a, 0, x),
        **_of_laws(mp, mp.mpmathify),
        sp.floor: lambda z: int(mp.floor(mp.re(z))), sp.ceiling: lambda z: int(mp.ceil(mp.re(z))),
        sp.Mod: lambda a, b: a - b * mp.floor(mp.re(mp.mpmathify(a) / b)),
    }  # fmt: skip
    functions: dict[Any, Callable[..., Number]] = {
        **{kind: bounded(function) for kind, function in large.items()},
        sp.exp: exp, sp.LambertW: bounded(lambda z, branch=0: mp.lambertw(z, int(branch))),
        "sqrt": mp.sqrt, sp.log: mp.log, sp.asin: mp.asin, sp.acos: mp.acos, sp.atan: mp.atan,
        sp.asinh: mp.asinh, sp.acosh: mp.acosh, sp.atanh: mp.atanh,
        sp.Max: _by_real_part(max, _nearly_real), sp.Min: _by_real_part(min, _nearly_real), sp.sign: lambda z: _sign(_nearly_real(z)),
        sp.Abs: (lambda z: z if z.real >= 0 else -z) if continued else abs,
        sp.re: _itself if continued else mp.re, sp.im: (lambda z: 0) if continued else mp.im,
        sp.conjugate: _itself if continued else mp.conj, sp.arg: mp.arg,
        sp.atan2: lambda y, x: _atan2_continued(mp.mpmathify(y), mp.mpmathify(x), mp.atan, mp.pi + 0),
    }  # fmt: skip
    constants = {
        type(sp.pi): +mp.pi, type(sp.E): +mp.e, type(sp.EulerGamma): +mp.euler, type(sp.oo): mp.inf, type(-sp.oo): -mp.inf,
        type(sp.GoldenRatio): +mp.phi, type(sp.Catalan): +mp.catalan,
    }  # fmt: skip
    return Arithmetic(
        _with_compositions(functions, _nearly_real, +mp.pi), constants,
        one=mp.mpf(1), nan=mp.nan, power=power, real=_nearly_real, imaginary=mp.j + 0, digits=digits,
        continuation=continuation, continued=continued,
    )  # fmt: skip
