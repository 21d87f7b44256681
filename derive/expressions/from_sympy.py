"""SymPy to terms, for print: quotients as quotients, roots as roots, terms and factors in the order of a textbook.

In: a SymPy expression, relation, matrix or tuple (own nodes included). Out: a `Term`. Nothing is simplified; what somebody left
unevaluated in an order of his own stays in that order. Symbols are named by `Name.from_key(symbol.name)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import S
from sympy.core.function import AppliedUndef

from derive.errors import NotSupported
from derive.expressions import from_sympy_binding as binding
from derive.expressions.arrangement import BIG_OPERATORS, order_terms
from derive.expressions.chance import Chance
from derive.expressions.chance import term_of as chance_term
from derive.expressions.functions import FUNCTIONS
from derive.expressions.nodes import SampleMax, SampleMedian, SampleMin, SoftmaxAt
from derive.expressions.precedence import is_tall_exponent
from derive.expressions.quotients import quotient_of, reciprocal
from derive.expressions.term import Name, Term, integer, number

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["from_sympy"]

_E = Term("constant", (), "e")
_ONE = number(1)
_ROOTS = 12  # the highest root that is written with a root sign
_RELATIONS = {
    sp.Eq: "=", sp.Ne: "!=", sp.StrictLessThan: "<", sp.LessThan: "<=", sp.StrictGreaterThan: ">", sp.GreaterThan: ">=",
}  # fmt: skip
_CONSTANTS = {
    S.Exp1: _E, S.Pi: Term("constant", (), "pi"), S.Infinity: Term("constant", (), "inf"), S.ImaginaryUnit: Term("constant", (), "i"),
    S.EulerGamma: Term("constant", (), "eulergamma"), S.ComplexInfinity: Term("constant", (), "inf"), S.NaN: Term("word", (), "undefined"),
    S.NegativeInfinity: Term("neg", (Term("constant", (), "inf"),)), S.true: Term("word", (), "true"), S.false: Term("word", (), "false"),
}  # fmt: skip
_SPELLED = {
    "Max": "max", "Min": "min", "ceiling": "ceil", "Determinant": "det", "Trace": "tr", "Mod": "mod",
}  # fmt: skip


def from_sympy(expression: Any, types: Mapping[Name, Type] | None = None) -> Term:
    """The term that prints the expression.

    `types` says how long arrays are: a softmax over a part of an array is written out. Python numbers and tuples are accepted.
    """
    if types and isinstance(expression, sp.Basic):
        partial = {s: s.definition() for s in expression.atoms(SoftmaxAt) if not _is_whole(s, types)}
        if partial:
            expression = expression.xreplace(partial)
    if isinstance(expression, sp.MatrixBase):
        expression = sp.ImmutableDenseMatrix(expression)
    elif not isinstance(expression, sp.Basic):
        expression = sp.sympify(expression, strict=True)
    return _term(expression)


def _is_whole(softmax: SoftmaxAt, types: Mapping[Name, Type]) -> bool:
    body, k, lower, upper, _ = softmax.args
    if not isinstance(body, sp.Indexed) or body.indices[-1] != k or lower != 1:
        return False
    type = types.get(Name.from_key(str(body.base.label)))
    return type is None or not type.shape or _term(upper) == type.shape[-1]


@lru_cache(maxsize=8192)
def _term(expression: Any) -> Term:
    """One expression; equal ones are converted once."""
    found = _CONSTANTS.get(expression)
    return found if found is not None else _converter(type(expression))(expression)


def _converter(kind: Any) -> Callable[[Any], Term]:
    for ancestor in kind.__mro__:
        if ancestor in _CONVERTERS:
            return _CONVERTERS[ancestor]
    return _named


def _terms(expressions: Iterable[Any]) -> tuple[Term, ...]:
    return tuple(map(_term, expressions))


# ── numbers and names ────────────────────────────────────────────────────────────────────────────────────────────────


_LARGEST_DENOMINATOR = 1000  # a longer fraction that ends as a decimal is shown as one: it was written so


def _decimal(numerator: int, denominator: int) -> str | None:
    """The decimal that the fraction is, when it ends within 20 digits."""
    digits = 0
    while denominator != 1 and digits <= 20:
        scaled = numerator * 10
        common = gcd(scaled, denominator)
        numerator, denominator, digits = scaled // common, denominator // common, digits + 1
    if denominator != 1 or digits > 20:
        return None
    text = str(numerator).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}"


def _rational(value: Any) -> Term:
    if value.p < 0:
        return Term("neg", (_rational(-value),))
    if value.q == 1:
        return Term("number", (), str(value.p))
    if value.q > _LARGEST_DENOMINATOR:
        decimal = _decimal(value.p, value.q)
        if decimal is not None:
            return Term("number", (), decimal)
    return Term("div", (Term("number", (), str(value.p)), Term("number", (), str(value.q))))


def _float(value: Any) -> Term:
    if value < 0:
        return Term("neg", (_float(-value),))
    text = repr(float(value)) if value._prec <= 53 else str(value).rstrip("0")
    text = text.removesuffix(".0").removesuffix(".").replace("e-0", "e-").replace("e+", "e")
    return Term("number", (), text)


@lru_cache(maxsize=4096)
def _name(key: str) -> Term:
    return Term("name", (), Name.from_key(key))


# ── sums, products, powers ───────────────────────────────────────────────────────────────────────────────────────────


def _add(expression: Any) -> Term:
    return Term("add", _terms(order_terms(expression)))


def _mul(expression: Any) -> Term:
    parts = quotient_of(expression)
    result = _quotient(parts.coefficient, _based_logarithms(parts.above, parts.below), parts.below)
    return Term("neg", (result,)) if parts.negative else result


def _based_logarithms(above: list[Any], below: list[Any]) -> list[Any]:
    """log x / log 2 becomes log₂ x; `below` loses the logarithm of the base."""
    for base in [f for f in below if isinstance(f, sp.log) and f.args[0] in (2, 10)]:
        for position, factor in enumerate(above):
            if isinstance(factor, sp.log) and not factor.args[0].is_Integer:
                below.remove(base)
                based = Term("apply", (_term(factor.args[0]), _term(base.args[0])), "log")
                return [*above[:position], based, *above[position + 1 :]]
    return above


def _quotient(coefficient: Any, above: list[Any], below: list[Any]) -> Term:
    """coefficient · above / below; a big operator above keeps the fraction in front of it."""
    big = [f for f in above if isinstance(f, (*BIG_OPERATORS, sp.Piecewise))]
    if big and (below or coefficient.q != 1) and not any(isinstance(f, BIG_OPERATORS) for f in below):
        rest = [f for f in above if not any(f is b for b in big)]
        return _product([_quotient(coefficient, rest, below), *map(_as_term, big)])
    factors = [_as_term(f) for f in above]
    front = _rational(coefficient)
    if coefficient.q != 1 and front.head == "number":
        factors.insert(0, front)
        coefficient = sp.S.One
    if coefficient.p != 1 or not factors:
        factors.insert(0, number(coefficient.p))
    divisors = [_as_term(f) for f in below]
    if coefficient.q != 1:
        divisors.insert(0, number(coefficient.q))
    return Term("div", (_product(factors), _product(divisors))) if divisors else _product(factors)


def _as_term(factor: Any) -> Term:
    return factor if isinstance(factor, Term) else _term(factor)


def _product(factors: list[Term]) -> Term:
    if len(factors) > 1 and factors[0] == _ONE:
        factors = factors[1:]
    flat: list[Term] = []
    for factor in factors:
        flat.extend(factor.args if factor.head == "mul" and factor.data is None else (factor,))
    return flat[0] if len(flat) == 1 else Term("mul", tuple(flat))


def _pow(expression: Any) -> Term:
    below = reciprocal(expression)
    if below is not None:
        return Term("div", (_ONE, _term(below)))
    return _power(_term(expression.base), expression.exp)


def _power(base: Term, exponent: Any) -> Term:
    if exponent.is_Rational and exponent.q != 1 and exponent.p == 1 and exponent.q <= _ROOTS:
        return Term("sqrt", (base,)) if exponent.q == 2 else Term("root", (base, number(exponent.q)))
    return base if exponent is S.One else Term("pow", (base, _term(exponent)))


def _exp(expression: Any) -> Term:
    exponent = _term(expression.args[0])
    if exponent == _ONE:
        return _E
    return Term("apply", (exponent,), "exp") if is_tall_exponent(exponent) else Term("pow", (_E, exponent))


# ── applications ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _named(expression: Any) -> Term:
    """Any function: by its name in the table of functions, else by the name SymPy gives it."""
    spelled = type(expression).__name__
    function = _SPELLED.get(spelled, spelled)
    arguments = _terms(expression.args)
    if function in FUNCTIONS:
        return Term("apply", arguments, function)
    return Term("call", (Term("name", (), Name(function)), *arguments))


def _extremum(expression: Any) -> Term:
    numbers = sorted((a for a in expression.args if a.is_number), key=float)
    others = sorted((a for a in expression.args if not a.is_number), key=lambda a: (not a.is_Symbol, sp.default_sort_key(a)))
    return Term("apply", _terms([*numbers, *others]), _SPELLED[type(expression).__name__])


def _undefined(expression: Any) -> Term:
    return Term("call", (_name(expression.func.__name__), *_terms(expression.args)))


def _polygamma(expression: Any) -> Term:
    order, place = expression.args
    named = {S.Zero: "digamma", S.One: "trigamma"}.get(order)
    return Term("apply", (_term(place),), named) if named else Term("apply", _terms(expression.args), "polygamma")


def _head(head: str) -> Callable[[Any], Term]:
    return lambda expression: Term(head, _terms(expression.args))


def _bound(write: Callable[[Any, Callable[[Any], Term]], Term]) -> Callable[[Any], Term]:
    return lambda expression: write(expression, _term)


def _softmax(expression: Any) -> Term:
    body, k, lower, upper, i = expression.args
    if isinstance(body, sp.Indexed) and body.indices[-1] == k and lower == 1 and not any(j.has(k) for j in body.indices[:-1]):
        array = _term(body.base) if len(body.indices) == 1 else Term("index", (_term(body.base), *_terms(body.indices[:-1])))
        return Term("index", (Term("apply", (array,), "softmax"), _term(i)))
    total = Term("sum", (_exp(sp.exp(body)), _term(k), _term(lower), _term(upper)), "range")
    return Term("div", (_exp(sp.exp(body.subs(k, i))), total))


def _statistic(function: str) -> Callable[[Any], Term]:
    def convert(expression: Any) -> Term:
        body, k, lower, _ = expression.args
        if isinstance(body, sp.Indexed) and body.indices == (k,) and lower == 1:
            return Term("apply", (_term(body.base),), function)
        raise NotSupported(f"the {function} of entries that are no array")

    return convert


# ── statements and collections ───────────────────────────────────────────────────────────────────────────────────────


def _relation(expression: Any) -> Term:
    return Term("rel", _terms(expression.args), _RELATIONS[type(expression)])


def _and(expression: Any) -> Term:
    between = _between(expression.args)
    return between if between is not None else Term("and", _terms(sorted(expression.args, key=sp.default_sort_key)))


def _between(statements: tuple[Any, ...]) -> Term | None:
    """a < x and x ≤ b as a < x ≤ b."""
    strict = (sp.StrictLessThan, sp.StrictGreaterThan)
    if len(statements) != 2 or not all(isinstance(s, (*strict, sp.LessThan, sp.GreaterThan)) for s in statements):
        return None
    rising = [(s.lts, s.gts, "<" if isinstance(s, strict) else "<=") for s in statements]
    for (a, b, first), (c, d, second) in (rising, rising[::-1]):
        if b == c and not b.is_number:
            return Term("chain", _terms((a, b, d)), (first, second))
    return None


def _cases(expression: Any) -> Term:
    if len(expression.args) == 2 and expression.args[0][0] is S.One and expression.args[1] == (S.Zero, S.true):
        return Term("indicator", (_term(expression.args[0][1]),))
    arguments: list[Term] = []
    for value, condition in expression.args:
        arguments += [_term(value), Term("otherwise") if condition is S.true else _term(condition)]
    return Term("cases", tuple(arguments))


def _matrix(expression: Any) -> Term:
    entries = _terms(expression)
    if expression.shape[1] == 1 and expression.shape[0] > 1:
        return Term("vector", entries)
    return Term("matrix", entries, tuple(map(int, expression.shape)))


def _interval(expression: Any) -> Term:
    low, high, left_open, right_open = expression.args
    return Term("interval", _terms((low, high)), ("(" if left_open else "[") + (")" if right_open else "]"))


def _mat_mul(expression: Any) -> Term:
    coefficient, factors = expression.as_coeff_matrices()
    return _product([*([] if coefficient is S.One else [_term(coefficient)]), *_terms(factors)])


def _mat_pow(expression: Any) -> Term:
    base, exponent = _terms(expression.args)
    return Term("inverse", (base,)) if integer(exponent) == -1 else Term("pow", (base, exponent))


_CONVERTERS: dict[type, Callable[[Any], Term]] = {
    sp.Rational: _rational,
    sp.Float: _float,
    sp.Symbol: lambda e: _name(e.name),
    sp.Dummy: lambda e: _name(e.name.lstrip("_")),
    sp.Add: _add,
    sp.Mul: _mul,
    sp.Pow: _pow,
    sp.exp: _exp,
    sp.Max: _extremum,
    sp.Min: _extremum,
    sp.Abs: _head("abs"),
    sp.Heaviside: lambda e: Term("apply", (_term(e.args[0]),), "step"),  # its value at 0 is SymPy's own affair
    sp.factorial: _head("factorial"),
    sp.binomial: _head("binomial"),
    sp.KroneckerDelta: _head("delta"),
    sp.polygamma: _polygamma,
    sp.LambertW: lambda e: Term("call", (_name("W" if len(e.args) == 1 else f"W_{e.args[1]}"), _term(e.args[0]))),
    AppliedUndef: _undefined,
    SoftmaxAt: _softmax,
    Chance: lambda e: chance_term(e, _term),
    SampleMax: _statistic("max"),
    SampleMin: _statistic("min"),
    SampleMedian: _statistic("median"),
    sp.Sum: _bound(binding.big("sum", S.Zero)),
    sp.Product: _bound(binding.big("prod", S.One)),
    sp.Integral: _bound(binding.integral),
    sp.Limit: _bound(binding.limit),
    sp.Derivative: _bound(binding.derivative),
    sp.Subs: _bound(binding.subs),
    sp.Order: lambda e: Term("call", (_name("O"), _term(e.expr))),
    sp.Indexed: lambda e: Term("index", (_term(e.base), *_terms(e.indices))),
    sp.IndexedBase: lambda e: _name(str(e.label)),
    sp.core.relational.Relational: _relation,
    sp.And: _and,
    sp.Or: _head("or"),
    sp.Not: _head("not"),
    sp.Piecewise: _cases,
    sp.Tuple: _head("tuple"),
    sp.Lambda: lambda e: Term("lambda", (_term(e.expr), *_terms(e.variables))),
    sp.MatrixBase: _matrix,
    sp.FiniteSet: lambda e: Term("set", _terms(sorted(e.args, key=sp.default_sort_key))),
    sp.Interval: _interval,
    sp.MatrixSymbol: lambda e: _name(e.name),
    sp.MatAdd: lambda e: Term("add", _terms(e.args)),
    sp.MatMul: _mat_mul,
    sp.MatPow: _mat_pow,
    sp.Transpose: _head("transpose"),
    sp.Inverse: lambda e: Term("inverse", (_term(e.args[0]),)),
    sp.Identity: lambda e: Term("identity", (_term(e.shape[0]),)),
    sp.HadamardProduct: _head("hadamard"),
    sp.KroneckerProduct: _head("kron"),
}
