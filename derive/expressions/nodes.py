"""The functions that SymPy lacks, as SymPy functions: they substitute, print and differentiate like SymPy's own.

Each class states its `definition` in elementary functions: that is what numbers are computed from, what `rewrite` gives and what
an answer is written as where only SymPy's names may occur. Derivatives with steps come from `derive.rules`, not from `fdiff`;
`fdiff` differentiates the definition so that `expr.diff(x)` works for those who go on with SymPy.

Sources: Hendrycks & Gimpel 2016 (GELU), Klambauer et al. 2017 (SELU), Misra 2019 (Mish), Howard et al. 2019 (hard versions),
Clevert et al. 2016 (ELU), Ramachandran et al. 2017 (Swish).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import (
    Abs,
    Expr,
    Function,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Symbol,
    erf,
    exp,
    log,
    pi,
    polygamma,
    sqrt,
    tanh,
    true,
)

__all__ = ["NODES", "SELU_ALPHA", "SELU_SCALE", "DefinedFunction", "SoftmaxAt", "define", "expand_definitions", "steps_down"]

LEAKY_SLOPE = Rational(1, 100)
SELU_ALPHA = Rational("1.6732632423543772")
SELU_SCALE = Rational("1.0507009873554805")


class DefinedFunction(Function):  # type: ignore[misc]
    """A function with a definition in elementary ones. Domain ℝ, values ℝ."""

    def definition(self) -> Expr:
        """The function written out in SymPy's own functions."""
        raise NotImplementedError

    def _eval_rewrite(self, rule: Any, args: Any, **hints: Any) -> Expr:
        return self.func(*args).definition()

    def fdiff(self, argindex: int = 1) -> Expr:
        place = Symbol("place", real=True)
        arguments = list(self.args)
        value = arguments[argindex - 1]
        arguments[argindex - 1] = place
        return self.func(*arguments).definition().diff(place).subs(place, value)

    def _eval_evalf(self, prec: int) -> Any:
        return self.definition()._eval_evalf(prec)

    def _eval_is_real(self) -> bool | None:
        if all(a.is_real for a in self.args):
            return True
        return None

    def _eval_is_extended_real(self) -> bool | None:
        return self._eval_is_real()

    def _eval_is_finite(self) -> bool | None:
        return self._eval_is_real()


def define(name: str, body: Callable[..., Expr], *, positive: bool = False, arguments: int | tuple[int, ...] = 1) -> type[DefinedFunction]:
    """A new function class from its definition."""

    def definition(self: DefinedFunction) -> Expr:
        return body(*self.args)

    members: dict[str, Any] = {"definition": definition, "nargs": arguments, "__doc__": f"{name}(x)", "__module__": __name__}
    if positive:
        members["_eval_is_positive"] = lambda self: True if self.args[0].is_real else None
    return type(name, (DefinedFunction,), members)


def _logistic(x: Expr) -> Expr:
    return 1 / (1 + exp(-x))


sigmoid = define("sigmoid", _logistic, positive=True)
logit = define("logit", lambda x: log(x / (1 - x)))
log_sigmoid = define("log_sigmoid", lambda x: -log(1 + exp(-x)))
softplus = define("softplus", lambda x: log(1 + exp(x)), positive=True)
relu = define("relu", lambda x: Max(0, x))
relu6 = define("relu6", lambda x: Min(Max(0, x), 6))
leaky_relu = define("leaky_relu", lambda x, a=LEAKY_SLOPE: Piecewise((x, x > 0), (a * x, true)), arguments=(1, 2))
elu = define("elu", lambda x, a=S.One: Piecewise((x, x > 0), (a * (exp(x) - 1), true)), arguments=(1, 2))
celu = define("celu", lambda x, a=S.One: Piecewise((x, x > 0), (a * (exp(x / a) - 1), true)), arguments=(1, 2))
selu = define("selu", lambda x: SELU_SCALE * Piecewise((x, x > 0), (SELU_ALPHA * (exp(x) - 1), true)))
normal_cdf = define("normal_cdf", lambda x: (1 + erf(x / sqrt(2))) / 2, positive=True)
normal_pdf = define("normal_pdf", lambda x: exp(-(x**2) / 2) / sqrt(2 * pi), positive=True)
gelu = define("gelu", lambda x: x * (1 + erf(x / sqrt(2))) / 2)
gelu_tanh = define("gelu_tanh", lambda x: x * (1 + tanh(sqrt(2 / pi) * (x + Rational(44715, 1000000) * x**3))) / 2)
swish = define("swish", lambda x, b=S.One: x * _logistic(b * x), arguments=(1, 2))
silu = define("silu", lambda x: x * _logistic(x))
mish = define("mish", lambda x: x * tanh(log(1 + exp(x))))
softsign = define("softsign", lambda x: x / (1 + Abs(x)))
hard_sigmoid = define("hard_sigmoid", lambda x: Min(Max(0, (x + 3) / 6), 1))
hard_tanh = define("hard_tanh", lambda x: Min(Max(-1, x), 1))
hard_swish = define("hard_swish", lambda x: x * Min(Max(0, x + 3), 6) / 6)
tanhshrink = define("tanhshrink", lambda x: x - tanh(x))
step = define("step", lambda x: Piecewise((1, x > 0), (0, true)))
expm1 = define("expm1", lambda x: exp(x) - 1)
log1p = define("log1p", lambda x: log(1 + x))
square = define("square", lambda x: x**2)
hypot = define("hypot", lambda x, y: sqrt(x**2 + y**2), arguments=2)
clip = define("clip", lambda x, a, b: Min(Max(x, a), b), arguments=3)
trigamma = define("trigamma", lambda x: polygamma(1, x))

NODES: dict[str, type[DefinedFunction]] = {
    f.__name__: f
    for f in (
        sigmoid, logit, log_sigmoid, softplus, relu, relu6, leaky_relu, elu, celu, selu, normal_cdf, normal_pdf, gelu, gelu_tanh,
        swish, silu, mish, softsign, hard_sigmoid, hard_tanh, hard_swish, tanhshrink, step, expm1, log1p, square, hypot, clip, trigamma,
    )
}  # fmt: skip


class SoftmaxAt(Function):  # type: ignore[misc]
    """A component of softmax: SoftmaxAt(body, k, lower, upper, i) is e^{body(i)} / Σ_{k=lower}^{upper} e^{body(k)}.

    `body` is an expression in the bound index `k`; values in (0, 1).
    """

    nargs = 5

    def definition(self) -> Expr:
        """The quotient of exponentials written out."""
        from sympy import Sum

        body, k, lower, upper, i = self.args
        return exp(body.subs(k, i)) / Sum(exp(body), (k, lower, upper))

    @property
    def free_symbols(self) -> set[Any]:
        body, k, lower, upper, i = self.args
        free: set[Any] = (body.free_symbols - {k}) | lower.free_symbols | upper.free_symbols | i.free_symbols
        return free

    def _eval_is_positive(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True


class Quantile(Function):  # type: ignore[misc]
    """The x with P(X ≤ x) = p, by p and the degrees of freedom. No elementary form."""

    nargs = 2

    def _eval_is_real(self) -> bool:
        return True


class student_quantile(Quantile):
    """Of Student's t law."""


class chisquared_quantile(Quantile):
    """Of the chi-squared law."""

    def _eval_is_positive(self) -> bool:
        return True


class SampleStatistic(Function):  # type: ignore[misc]
    """A value that the entries body(k), k = lower … upper, have together and that is no sum: (body, k, lower, upper)."""

    nargs = 4

    @property
    def free_symbols(self) -> set[Any]:
        body, k, lower, upper = self.args
        free: set[Any] = (body.free_symbols - {k}) | lower.free_symbols | upper.free_symbols
        return free

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_positive else None


class SampleMax(SampleStatistic):
    """The largest of the entries."""


class SampleMin(SampleStatistic):
    """The least of the entries."""


class SampleMedian(SampleStatistic):
    """The median of the entries: the middle one, or the mean of the two in the middle."""


def steps_down(expression: Expr) -> Expr:
    """One defined function, the outermost, written out; the expression itself where there is none."""
    return expression.definition() if isinstance(expression, (DefinedFunction, SoftmaxAt)) else expression


def expand_definitions(expression: Any) -> Any:
    """The expression with every function of this module written out in SymPy's own."""
    return expression.replace(lambda e: isinstance(e, (DefinedFunction, SoftmaxAt)), lambda e: e.definition())
