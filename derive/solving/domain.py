"""Where an expression is defined: a value at a point is asked of the function as it was written, not of what became of it.

In: terms and expressions as they were before any step. Out: refusals at points outside the domain, and the conditions that an
answer no longer shows (x ≠ 1 where (x² − 1)/(x − 1) became x + 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp
from sympy import S
from sympy.polys.polyerrors import PolynomialError

from derive.checking.curves import Curve, start_on_curve
from derive.checking.evaluate import root_frame
from derive.checking.frame import Unevaluable
from derive.checking.sampling import Sample
from derive.derivation import Prose
from derive.errors import DeriveError, DoesNotExist, InconsistentInput
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.nodes import DefinedFunction, SoftmaxAt
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.rules.conditions import nonzero, positive
from derive.solving.cost import size

__all__ = ["lost_conditions", "lost_poles", "refuse_outside", "refuse_undefined"]

MAX_SIZE = 600
_UNDEFINED = (S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
_BINDERS = (sp.Sum, sp.Product, sp.Integral, sp.Limit, sp.Subs, SoftmaxAt)
_BINDING_HEADS = frozenset({"sum", "prod", "integral", "limit", "lambda", "cases", "indicator", "setbuilder", "optimum"})
_DERIVATIVES = frozenset({"derivative", "gradient", "hessian", "jacobian", "directional"})
_PARTIAL = frozenset({"div", "hadamard_div", "pow", "hadamard_pow", "apply", "sqrt", "root", "factorial"})


def shown(expression: Any) -> str:
    """An expression in a message."""
    return inline(from_sympy(expression))


# ── values at a point ────────────────────────────────────────────────────────────────────────────────────────────────


def refuse_outside(reading: Reading) -> None:
    """Raises DoesNotExist where a value is asked at a point at which the function, as it was written, has none.

    InconsistentInput where the point contradicts a declaration.
    """
    for node in reading.expanded.walk():
        if node.head != "at":
            continue
        body, *rest = node.args
        try:
            values = [to_sympy(t, reading.types) for t in rest]
        except DeriveError:
            continue
        table = dict(zip(values[::2], values[1::2], strict=True))
        for name, value in zip(rest[::2], values[1::2], strict=True):
            _refuse_contradiction(name, value, node, reading)
        for part in _partial(body):
            try:
                expression = to_sympy(part.args[1] if part.head in ("div", "hadamard_div") else part, reading.types)
            except DoesNotExist:
                raise
            except DeriveError:
                continue
            if part.head in ("div", "hadamard_div"):
                if isinstance(expression, sp.Expr) and sp.expand(expression.xreplace(table)).is_zero:
                    raise DoesNotExist(f"{inline(part)} is not defined at {_place(table)}: the denominator is 0 there", span=node.span)
            elif isinstance(expression, sp.Expr):
                refuse_undefined(expression, table)


def _partial(term: Term) -> Iterator[Term]:
    """The parts of a body that may have no value: quotients, powers, functions; not those under a running index or a case."""
    if term.head in _BINDING_HEADS:
        return
    if term.head in _PARTIAL:
        yield term
    inner = term.args[:1] if term.head in _DERIVATIVES or term.head == "at" else term.args
    for argument in inner:
        yield from _partial(argument)


def _place(table: Mapping[Any, Any]) -> str:
    return ", ".join(f"{shown(x)} = {shown(v)}" for x, v in table.items())


def _refuse_contradiction(name: Term, value: Any, node: Term, reading: Reading) -> None:
    type = reading.types.get(name.data) if name.head == "name" else None
    if type is None or not isinstance(value, sp.Expr) or not value.is_number:
        return
    said = _violated(type, name.data, value, reading)
    if said is not None:
        raise InconsistentInput(f"{name.data.key} = {shown(value)} contradicts the declaration {said}", span=node.span)


def _violated(type: Type, name: Name, value: Any, reading: Reading) -> str | None:
    if type.domain in ("integer", "natural", "whole", "index", "size") and value.is_integer is False:
        return f"of {name.key} as an integer"
    least = {"natural": 1, "size": 1, "index": 1, "whole": 0}.get(type.domain)
    if least is not None and value < least:
        return f"{name.key} ≥ {least}"
    for bound, sign, words in ((type.lower, 1, (">", "≥")), (type.upper, -1, ("<", "≤"))):
        if bound is None:
            continue
        limit = to_sympy(bound.value, reading.types)
        gap = sign * (value - limit)
        if gap.is_number and (gap.is_negative or (bound.strict and gap.is_zero)):
            return f"{name.key} {words[0] if bound.strict else words[1]} {inline(bound.value)}"
    return None


def refuse_undefined(expression: Any, table: Mapping[Any, Any]) -> None:
    """Raises DoesNotExist where a part of the expression is not a finite real number at the point."""
    if size(expression, MAX_SIZE) >= MAX_SIZE:
        return
    part = _undefined(expression, table)
    if part is not None:
        raise DoesNotExist(f"{shown(part)} is not defined at {_place(table)}")


def _undefined(expression: Any, table: Mapping[Any, Any]) -> Any:
    """The innermost part without a finite real value at the point, or None."""
    if isinstance(expression, (*_BINDERS, sp.logic.boolalg.Boolean)):
        return None
    if isinstance(expression, sp.Derivative):
        return _undefined(expression.args[0], table)
    if isinstance(expression, sp.Piecewise):
        for value, condition in expression.args:
            holds = condition.subs(table)
            if holds is S.true:
                return _undefined(value, table)
            if holds is not S.false:
                return None
        return expression
    if isinstance(expression, DefinedFunction):
        return None if _undefined(expression.definition(), table) is None else expression
    for argument in expression.args:
        if isinstance(argument, sp.Expr):
            found = _undefined(argument, table)
            if found is not None:
                return found
    if not expression.args or not expression.free_symbols & set(table) or expression.has(sp.Derivative, sp.Subs):
        return None
    value = expression.xreplace(dict(table))
    if value.has(*_UNDEFINED):
        return expression
    if value.is_number and value.is_real is False and not expression.has(S.ImaginaryUnit):
        return expression
    return None


# ── conditions that an answer no longer shows ────────────────────────────────────────────────────────────────────────


def lost_conditions(term: Term, answer: Any, reading: Reading, *, only_poles: bool = False) -> tuple[Prose, ...]:
    """What must hold for the term to have a value and is not seen in the answer any more."""
    if not isinstance(answer, sp.Expr):
        return ()
    found: dict[Prose, None] = {}
    for part in _partial(term):
        try:
            if part.head == "div":
                found.update(dict.fromkeys(lost_poles(to_sympy(part.args[1], reading.types), answer, reading.types)))
            elif not only_poles and part.head == "apply" and part.data == "log" and len(part.args) == 1:
                inside = to_sympy(part.args[0], reading.types)
                if not answer.has(sp.log(inside)) and not _keeps_logarithm(inside, answer):
                    found.update(dict.fromkeys(positive(inside)))
            elif not only_poles and part.head == "sqrt":
                inside = to_sympy(part.args[0], reading.types)
                if not answer.has(sp.sqrt(inside)) and not inside.is_nonnegative:
                    found[(sp.Ge(inside, 0, evaluate=False),)] = None
        except DeriveError:
            continue
    return tuple(found)


def _keeps_logarithm(inside: Any, answer: Any) -> bool:
    """Whether some logarithm of the answer is undefined wherever log(inside) is: its argument is a power or multiple of it."""
    return any((node.args[0] / inside).is_positive or (node.args[0] * inside).is_positive for node in answer.atoms(sp.log))


def lost_poles(below: Any, answer: Any, types: Mapping[Name, Type]) -> tuple[Prose, ...]:
    """The zeros of a denominator at which the answer has a value all the same, as conditions."""
    if not isinstance(below, sp.Expr) or below.is_number or size(below, 120) >= 120:
        return ()
    if below.has(sp.Derivative, *_BINDERS) or answer.has(sp.Derivative, *_BINDERS):
        return ()
    found: dict[Prose, None] = {}
    for factor in _factors(below):
        for condition in nonzero(factor):
            if not _still_shown(factor, answer, types):
                found[condition] = None
    return tuple(found)


def _factors(below: Any) -> list[Any]:
    try:
        parts = [base for base, _ in sp.factor_list(below)[1]]
    except PolynomialError:
        return [below]
    return parts or [below]


def _still_shown(factor: Any, answer: Any, types: Mapping[Name, Type]) -> bool:
    """Whether the answer, too, has no value where the factor vanishes."""
    for node in answer.atoms(sp.Pow):
        if node.exp.is_negative and (node.base == factor or (node.base.is_polynomial() and _divides(factor, node.base))):
            return True
    symbols = sorted((s for s in factor.free_symbols if isinstance(s, sp.Symbol) and not s.is_integer), key=lambda s: s.name)
    if not symbols or not answer.free_symbols & set(symbols):
        return False
    x = next(s for s in symbols if s in answer.free_symbols)
    slope = factor.coeff(x, 1)
    if not factor.has(sp.Indexed) and factor.is_polynomial(x) and sp.degree(factor, x) == 1 and slope.is_nonzero:
        at = answer.subs(x, sp.cancel(x - factor / slope))
        return bool(at.has(*_UNDEFINED))
    sample = Sample(types)
    try:
        frame = root_frame(sample)
        roots = start_on_curve(Curve(factor, x), frame)
        values = frame.with_symbol(x, roots).values(answer)
    except Unevaluable:
        return True
    pairs = [v for r, v in zip(roots, values, strict=True) if r == r]  # noqa: PLR0124
    return not any(isinstance(v, (int, float)) and abs(v) < 1e12 for v in pairs)


def _divides(factor: Any, base: Any) -> bool:
    if not factor.is_polynomial() or not factor.free_symbols <= base.free_symbols:
        return False
    return bool(sp.rem(base, factor, *sorted(factor.free_symbols, key=str)) == 0)
