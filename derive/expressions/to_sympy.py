"""Terms to SymPy: the expression that scalar mathematics is computed with.

In: a term and the types of its names. Out: a SymPy expression in which sums, derivatives, integrals and own functions stay
unevaluated; a number in front of a sum of terms stays in front. What has no scalar meaning raises `NotSupported` naming the
construct; what would grow beyond bounds raises `TooLarge` before it is built. Arrays appear entry by entry only (`x_i`, A_{ij}).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain as joined
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import S

from derive.errors import DoesNotExist, NotSupported, TooLarge, WrongUse
from derive.expressions import binding_terms, bounds, chance, scalar_functions, statement_terms
from derive.expressions.array_entries import STATISTICS, component, on_axis
from derive.expressions.binding_terms import unevaluated_derivative, unevaluated_sum
from derive.expressions.elementary import exp
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["public", "symbol", "to_sympy", "unevaluated_derivative", "unevaluated_sum"]

MAX_DEPTH = 150
MAX_NODES = 20_000
_INTEGERS = frozenset({"integer", "index", "natural", "whole", "size"})
_NOT_SCALAR = frozenset({"event", "function", "distribution"})
_CONSTANTS = {"e": S.Exp1, "pi": S.Pi, "inf": S.Infinity, "i": S.ImaginaryUnit, "eulergamma": S.EulerGamma}
_CONSTRUCTS = {
    "transpose": "a transpose",
    "norm": "a norm",
    "inner": "an inner product",
    "inverse": "an inverse",
    "pinv": "a pseudo-inverse",
    "given": "a conditional",
    "dist": "a distribution",
    "matmul": "a matrix product",
    "kron": "a Kronecker product",
    "identity": "an identity matrix",
    "ones": "a vector of ones",
    "optimum": "an optimum",
    "task": "a task inside an expression",
    "differential": "a differential",
    "directional": "a directional derivative",
    "divergence": "a divergence",
    "laplacian": "a Laplacian",
    "lambda": "a function as a value",
    "word": "a word",
    "dots": "an ellipsis",
    "blank": "an empty place",
    "setbuilder": "a set",
    "set": "a set",
    "interval": "an interval",
    "range": "a range of values",
    "divergence_bar": "a divergence between distributions",
    "expect_under": "an expectation",
    "lines": "several lines",
}


def symbol(name: Name, type: Type | None = None) -> sp.Symbol:
    """The SymPy symbol of a scalar name (or of the label of an array): named `name.key`, with the assumptions of its type."""
    if type is None:
        return sp.Symbol(name.key, real=True)
    if type.domain == "complex":
        return sp.Symbol(name.key, complex=True)
    assumptions: dict[str, bool] = {"integer": True} if type.domain in _INTEGERS else {"real": True}
    if type.domain in ("natural", "size"):
        assumptions["positive"] = True
    elif type.domain == "whole":
        assumptions["nonnegative"] = True
    lower = _number(type.lower.value) if type.lower is not None else None
    upper = _number(type.upper.value) if type.upper is not None else None
    if lower is not None and type.lower is not None and lower >= 0:
        assumptions["positive" if type.lower.strict or lower > 0 else "nonnegative"] = True
    elif upper is not None and type.upper is not None and upper <= 0:
        assumptions["negative" if type.upper.strict or upper < 0 else "nonpositive"] = True
    return sp.Symbol(name.key, **assumptions)


def to_sympy(term: Term, types: Mapping[Name, Type]) -> Any:
    """The SymPy expression of a scalar term, of a relation, or of a literal tuple, vector or matrix of scalars.

    `types` holds the type of every name; one that is missing is a real scalar (a size where it is the size of an array).
    Raises NotSupported, TooLarge, DoesNotExist (division by zero) and InconsistentInput (sizes that differ), each with its place.
    """
    _bound_tree(term)
    try:
        return _Conversion(types).expression(term)
    except RecursionError:
        raise TooLarge("an expression nested too deeply", span=term.span) from None


def public(expression: Any, names: Mapping[str, str]) -> Any:
    """The expression with a plain symbol, without assumptions, for every symbol whose name is in `names` (key → new name)."""
    found = [s for s in expression.atoms(sp.Symbol) if s.name in names]
    return expression.xreplace({s: sp.Symbol(names[s.name]) for s in found})


def _bound_tree(term: Term) -> None:
    """Refuses a tree that SymPy's recursion could not bear."""
    level, depth, nodes = [term], 0, 0
    while level:
        depth += 1
        nodes += len(level)
        if depth > MAX_DEPTH:
            raise TooLarge(f"an expression nested more than {MAX_DEPTH} deep", span=term.span)
        if nodes > MAX_NODES:
            raise TooLarge(f"an expression of more than {MAX_NODES} parts", span=term.span)
        level = [a for node in level for a in node.args]


def _number(term: Term) -> Any:
    """The exact value of a literal number, with its sign; None for anything else."""
    if term.head == "number":
        return term.value
    if term.head == "neg":
        inner = _number(term.args[0])
        return None if inner is None else -inner
    if term.head == "div":
        above, below = _number(term.args[0]), _number(term.args[1])
        return above / below if above is not None and below else None
    return None


def _times(coefficient: Any, factor: Any) -> Any:
    """coefficient · factor, where a rational coefficient stays in front of a sum of terms."""
    if coefficient.is_Rational and factor.is_Add and coefficient is not S.One:
        return S.Zero if coefficient is S.Zero else sp.Mul(coefficient, factor, evaluate=False)
    return sp.Mul(coefficient, factor)


class _Conversion:
    """One conversion: the types, the running indices in force, and the symbols made so far."""

    __slots__ = ("_labels", "_sizes", "_symbols", "_types", "bound")

    def __init__(self, types: Mapping[Name, Type]) -> None:
        self._types = types
        self.bound: dict[Name, sp.Symbol] = {}
        self._symbols: dict[Name, sp.Symbol] = {}
        self._labels: dict[Name, sp.IndexedBase] = {}
        self._sizes: frozenset[Name] | None = None

    def expression(self, term: Term) -> Any:
        """The expression of `term`."""
        method = _METHODS.get(term.head)
        if method is None:
            raise NotSupported(f"{_CONSTRUCTS.get(term.head, term.head)} has no scalar form", span=term.span)
        return method(self, term)

    def each(self, terms: tuple[Term, ...]) -> list[Any]:
        """The expressions of these terms."""
        return [self.expression(t) for t in terms]

    # ── atoms ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _number(self, term: Term) -> Any:
        bounds.bound_number(term.data, term.span)
        value = term.value
        return sp.Integer(value.numerator) if value.denominator == 1 else sp.Rational(value.numerator, value.denominator)

    def _constant(self, term: Term) -> Any:
        return _CONSTANTS[term.data]

    def _name(self, term: Term) -> Any:
        name: Name = term.data
        known = self.bound.get(name) or self._symbols.get(name)
        if known is not None:
            return known
        type = self._types.get(name)
        if type is not None and type.shape:
            raise NotSupported(f"the array {name.key} as a whole", span=term.span)
        if type is not None and type.domain in _NOT_SCALAR:
            raise NotSupported(f"{name.key}, {'an' if type.domain == 'event' else 'a'} {type.domain}, as a number", span=term.span)
        if type is None and self._is_size(name):
            made = sp.Symbol(name.key, integer=True, positive=True)
        else:
            made = symbol(name, type)
        self._symbols[name] = made
        return made

    def type(self, name: Name) -> Type | None:
        """The type of a name, where it has one."""
        return self._types.get(name)

    def label(self, name: Name) -> sp.IndexedBase:
        """The indexed base of an array."""
        base = self._labels.get(name)
        if base is None:
            base = self._labels[name] = sp.IndexedBase(symbol(name, self._types.get(name)))
        return base

    def _is_size(self, name: Name) -> bool:
        """Whether a name without a type is the size of an array."""
        if self._sizes is None:
            shapes = joined.from_iterable(t.shape for t in self._types.values())
            self._sizes = frozenset(n.data for size in shapes for n in size.walk() if n.head == "name")
        return name in self._sizes

    # ── arithmetic ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _add(self, term: Term) -> Any:
        parts = self.scalars(term)
        bounds.bound_sum(parts, term.span)
        return sp.Add(*parts)

    def scalars(self, term: Term) -> list[Any]:
        """The arguments of an operation on numbers."""
        parts = self.each(term.args)
        for part, written in zip(parts, term.args, strict=True):
            if not isinstance(part, sp.Expr) or isinstance(part, sp.MatrixBase):
                raise NotSupported("arithmetic with tuples, arrays and statements", span=written.span or term.span)
        return parts

    def _neg(self, term: Term) -> Any:
        (value,) = self.scalars(term)
        return _times(S.NegativeOne, value)

    def _mul(self, term: Term) -> Any:
        parts = self.scalars(term)
        bounds.bound_product(parts, term.span)
        if len(parts) == 2:
            return _times(parts[1], parts[0]) if parts[1].is_Rational else _times(*parts)
        return sp.Mul(*parts)

    def _div(self, term: Term) -> Any:
        above, below = self.scalars(term)
        if below is S.Zero:
            raise DoesNotExist("division by zero", span=term.span)
        bounds.bound_product((above, below), term.span)
        if below.is_Rational:
            return _times(1 / below, above)
        return sp.Mul(above, sp.Pow(below, S.NegativeOne))

    def _pow(self, term: Term) -> Any:
        base, exponent = self.scalars(term)
        return self._power(term, base, exponent)

    def _power(self, term: Term, base: Any, exponent: Any) -> Any:
        if getattr(exponent, "is_Matrix", False):
            raise WrongUse("the exponent is a matrix", span=term.span, expected=("a number",))
        if base is S.Zero and exponent.is_negative:
            raise DoesNotExist("division by zero", span=term.span)
        if base is S.Exp1:
            bounds.bound_exp(exponent, term.span)
            return exp(exponent)
        bounds.bound_power(base, exponent, term.span)
        return sp.Pow(base, exponent)

    def _sqrt(self, term: Term) -> Any:
        (value,) = self.scalars(term)
        return self._power(term, value, S.Half)

    def _root(self, term: Term) -> Any:
        value, order = self.scalars(term)
        if order is S.Zero:
            raise DoesNotExist("a root of order zero", span=term.span)
        if order.is_odd and value.is_Rational and value.is_negative:  # the real root, as on paper
            return -self._power(term, -value, 1 / order)
        return self._power(term, value, 1 / order)

    def _factorial(self, term: Term) -> Any:
        (n,) = self.scalars(term)
        bounds.bound_factorial(n, term.span)
        if n.is_Integer and n < 0:
            raise DoesNotExist("the factorial of a negative integer", span=term.span)
        return sp.factorial(n)

    def _binomial(self, term: Term) -> Any:
        n, k = self.scalars(term)
        bounds.bound_binomial(n, k, term.span)
        return sp.binomial(n, k)

    # ── applications ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _apply(self, term: Term) -> Any:
        function: str = term.data
        if FUNCTIONS[function].acts == "vector" or (function in STATISTICS and len(term.args) == 1 and term.args[0].head == "name"):
            return on_axis(term, self)
        if function not in scalar_functions.SCALAR or FUNCTIONS[function].acts == "matrix":
            raise NotSupported(f"{FUNCTIONS[function].words or function} as a scalar", span=term.span)
        return scalar_functions.apply(function, self.scalars(term), term.span)

    def _call(self, term: Term) -> Any:
        head, *arguments = term.args
        if head.head != "name":
            raise NotSupported("the application of an expression to an argument", span=term.span)
        values = self.each(tuple(joined.from_iterable(a.args if a.head == "semicolon" else (a,) for a in arguments)))
        return sp.Function(head.data.key, real=True)(*values)

    # ── entries of arrays ────────────────────────────────────────────────────────────────────────────────────────────

    def _index(self, term: Term) -> Any:
        if term.data is not None or any(i.head in ("blank", "range") for i in term.args[1:]):
            raise NotSupported("a slice of an array", span=term.span)
        indices = tuple(self.scalars(Term("indices", term.args[1:], None, term.span)))
        return component(term.args[0], indices, self, term)

    def _entry(self, term: Term) -> Any:
        return term.data  # an expression that is already made


_METHODS: dict[str, Callable[[_Conversion, Term], Any]] = {
    **binding_terms.METHODS,
    **statement_terms.METHODS,
    **chance.METHODS,
    "number": _Conversion._number,
    "constant": _Conversion._constant,
    "name": _Conversion._name,
    "add": _Conversion._add,
    "neg": _Conversion._neg,
    "mul": _Conversion._mul,
    "hadamard": _Conversion._mul,
    "div": _Conversion._div,
    "hadamard_div": _Conversion._div,
    "pow": _Conversion._pow,
    "hadamard_pow": _Conversion._pow,
    "sqrt": _Conversion._sqrt,
    "root": _Conversion._root,
    "factorial": _Conversion._factorial,
    "binomial": _Conversion._binomial,
    "apply": _Conversion._apply,
    "call": _Conversion._call,
    "index": _Conversion._index,
    "entry": _Conversion._entry,
}
