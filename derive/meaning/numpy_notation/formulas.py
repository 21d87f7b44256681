"""Functions of NumPy and SciPy that the language writes with others: `np.log10`, `special.xlogy`, `norm.logpdf` …

In: the arguments of a call. Out: a term; `FORMULAS` has one line a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.expressions.term import Span, Term, number
from derive.meaning.numpy_notation.arguments import Arguments, CallReader

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.expressions import Expressions as Reader

__all__ = ["FORMULAS"]


def _apply(function: str, *before: Term) -> Callable[..., Term]:
    return lambda *values: Term("apply", (*values, *before), function)


def _formula(count: int, build: Callable[..., Term], least: int | None = None) -> CallReader:
    def read(reader: Reader, arguments: Arguments, span: Span) -> Term:
        values = [reader.literal(a) for a in arguments.take(least=count if least is None else least, most=count)]
        return build(*values).at(span)

    return read


def _mul(*factors: Term) -> Term:
    return Term("mul", factors, "np")


def _neg(term: Term) -> Term:
    return Term("neg", (term,))


def _add(*terms: Term) -> Term:
    return Term("add", terms, "np")


def _div(left: Term, right: Term) -> Term:
    return Term("div", (left, right), None if right.head == "number" else "np")


def _pow(left: Term, right: Term) -> Term:
    return Term("pow", (left, right), "np")


def _abs(x: Term) -> Term:
    return Term("abs", (x,), "np")


_LOG, _LOG1P, _EXP = _apply("log"), _apply("log1p"), _apply("exp")
_PI = Term("constant", (), "pi")


def _standard(x: Term, loc: Term | None = None, scale: Term | None = None) -> Term:
    centred = x if loc is None else _add(x, _neg(loc))
    return centred if scale is None else _div(centred, scale)


def _normal(function: str, *, log: bool = False, upper: bool = False) -> CallReader:
    """A method of scipy.stats.norm, with its location and scale (a standard deviation)."""

    def read(reader: Reader, arguments: Arguments, span: Span) -> Term:
        values: dict[str, Term] = {}
        for keyword in ("loc", "scale"):
            if keyword in arguments.keywords:
                values[keyword] = reader.value(arguments.keywords.pop(keyword))
        values |= dict(zip(("x", "loc", "scale"), (reader.value(a) for a in arguments.take(most=3)), strict=False))
        x = _standard(values["x"], values.get("loc"), values.get("scale"))
        result = _apply(function)(_neg(x) if upper else x)
        if function == "normal_pdf" and "scale" in values:
            result = _div(result, values["scale"])
        return (_LOG(result) if log else result).at(span)

    return read


def _huber(delta: Term, r: Term) -> Term:
    half = _div(number(1), number(2))
    inside = _mul(half, _pow(r, number(2)))
    outside = _mul(delta, _add(_abs(r), _neg(_mul(half, delta))))
    return Term("cases", (inside, Term("rel", (_abs(r), delta), "<="), outside, Term("otherwise")))


def _several(function: str) -> CallReader:
    return lambda reader, arguments, span: Term("apply", tuple(reader.value(a) for a in arguments.take(least=2, most=64)), function, span)


_ABS = _formula(1, _abs)
_SQRT = _formula(1, lambda x: Term("sqrt", (x,)))
_LOG2 = _formula(1, _apply("log", number(2)))
_LOG10 = _formula(1, _apply("log", number(10)))
_CBRT = _formula(1, lambda x: Term("root", (x, number(3))))
_BINOMIAL = _formula(2, lambda n, k: Term("binomial", (n, k)))
_FACTORIAL = _formula(1, lambda n: Term("factorial", (n,)))
_RADIANS = _formula(1, lambda x: _div(_mul(x, _PI), number(180)))
_DEGREES = _formula(1, lambda x: _div(_mul(number(180), x), _PI))
_UNCHANGED = _formula(1, lambda x: x)

FORMULAS: dict[str, CallReader] = {
    "max": _several("max"), "min": _several("min"),
    "np.abs": _ABS, "np.absolute": _ABS, "np.fabs": _ABS, "math.fabs": _ABS, "abs": _ABS, "np.sqrt": _SQRT, "math.sqrt": _SQRT,
    "np.cbrt": _CBRT, "math.cbrt": _CBRT, "np.log2": _LOG2, "np.log10": _LOG10, "math.log2": _LOG2, "math.log10": _LOG10,
    "np.square": _formula(1, lambda x: _pow(x, number(2))), "np.reciprocal": _formula(1, lambda x: _div(number(1), x)),
    "np.exp2": _formula(1, lambda x: _pow(number(2), x)), "np.logaddexp": _formula(2, lambda a, b: _LOG(_add(_EXP(a), _EXP(b)))),
    "np.kron": _formula(2, lambda a, b: Term("kron", (a, b))), "linalg.inv": _formula(1, lambda x: Term("inverse", (x,))),
    "linalg.pinv": _formula(1, lambda x: Term("pinv", (x,))),
    "np.floor_divide": _formula(2, lambda a, b: _apply("floor")(_div(a, b))),
    "np.radians": _RADIANS, "np.deg2rad": _RADIANS, "np.degrees": _DEGREES, "np.rad2deg": _DEGREES,
    "special.xlogy": _formula(2, lambda x, y: _mul(x, _LOG(y))), "special.xlog1py": _formula(2, lambda x, y: _mul(x, _LOG1P(y))),
    "special.entr": _formula(1, lambda x: _neg(_mul(x, _LOG(x)))),
    "special.rel_entr": _formula(2, lambda p, q: _mul(p, _LOG(_div(p, q)))),
    "special.log_ndtr": _formula(1, lambda x: _LOG(_apply("normal_cdf")(x))),
    "special.betaln": _formula(2, lambda a, b: _LOG(_apply("beta")(a, b))), "special.huber": _formula(2, _huber),
    "special.comb": _BINOMIAL, "special.binom": _BINOMIAL, "math.comb": _BINOMIAL, "special.factorial": _FACTORIAL,
    "math.factorial": _FACTORIAL, "norm.cdf": _normal("normal_cdf"), "norm.sf": _normal("normal_cdf", upper=True),
    "norm.pdf": _normal("normal_pdf"), "norm.logpdf": _normal("normal_pdf", log=True),
    "norm.logcdf": _normal("normal_cdf", log=True),
    "float": _UNCHANGED, "np.float64": _UNCHANGED,
}  # fmt: skip
