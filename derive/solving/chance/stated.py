"""Moments from a stated moment generating function; SymPy's integral where nothing else applies, believed only when numbers agree.

In: an `Expectation` or `Variance` node and what is known. Out: `Found`, or None.
"""

from __future__ import annotations

import math
from typing import Any

import sympy as sp
from sympy import S

from derive.checking.evaluate import Unevaluable, evaluate
from derive.deadline import deadline
from derive.derivation import Claim
from derive.errors import TimeLimit
from derive.expressions.chance import Expectation, Variance
from derive.expressions.nodes import expand_definitions
from derive.probability.family import Distribution
from derive.rules import chance_expectation as rules
from derive.solving.chance import lotus
from derive.solving.chance.known import Known
from derive.solving.chance.moments import plain_law
from derive.solving.chance.rewriting import Found

__all__ = ["by_mgf", "integrated"]

MAX_ORDER = 8
SECONDS = 2.5
_BELLS = frozenset(("Normal", "HalfNormal"))  # against whose densities such functions have no closed integral that SymPy finds
_OF_EXPONENTIALS = (sp.tanh, sp.coth, sp.sech, sp.csch)


def by_mgf(node: Any, known: Known) -> Found | None:
    """E[Xᵏ] = M⁽ᵏ⁾(0) from a stated M_X(t); E[e^{sX}] = M(s)."""
    if node.conditions or not isinstance(node, (Expectation, Variance)):
        return None
    body = node.operands[0]
    atoms = known.atoms(body)
    if len(atoms) != 1:
        return None
    (atom,) = atoms
    stated = known.mgf(atom) if known.law(atom) is None else None
    if stated is None:
        return None
    t, function = stated
    if isinstance(node, Variance):
        if body != atom:
            return None
        (first, slope), (second, curvature) = (_derivative_at_zero(function, t, k) for k in (1, 2))
        value = sp.simplify(curvature - slope**2)
        return Found(rules.MGF_VARIANCE, value, ("with M(t) = ", function), claim=Claim("equal", second - first**2, value))
    if isinstance(body, sp.exp):
        rest = body.args[0] / atom
        if rest.has(atom):
            return None
        value = function.subs(t, rest)
        return Found(rules.LAW_MGF, value, ("M(t) = ", function), claim=Claim("equal", sp.Subs(function, t, rest), value))
    base, order = body.as_base_exp()
    if base != atom or not order.is_Integer or not 0 < order <= MAX_ORDER:
        return None
    derivative, value = _derivative_at_zero(function, t, int(order))
    claim = Claim("equal", derivative, value)
    return Found(rules.CENTRAL_MOMENT, value, (body, f" is the derivative of order {order} of M(t) = ", function, " at 0"), claim=claim)


def _derivative_at_zero(function: Any, t: Any, order: int) -> tuple[Any, Any]:
    """The derivative at 0 as it is written, and its value."""
    slope = function.diff(t, order)
    value = sp.simplify(slope.subs(t, 0))
    if value.has(S.NaN, S.ComplexInfinity):
        value = sp.limit(slope, t, 0)
    return sp.Subs(sp.Derivative(function, (t, order), evaluate=False), t, S.Zero), value


def integrated(node: Any, known: Known) -> Found | None:
    """∫ g(x) p(x) dx as SymPy finds it, for a single variable with a law; checked by numbers before it is believed."""
    if not isinstance(node, Expectation):
        return None
    found = plain_law(node, known)
    if found is None:
        return None
    atom, law = found
    body = node.operands[0]
    variable = sp.Symbol(atom.name, real=True) if atom.is_Symbol else sp.Symbol("x", real=True)
    if law.name in _BELLS and _wraps_exponential(expand_definitions(body), atom):
        return None
    try:
        with deadline(SECONDS):
            value = _fallback(body.xreplace({atom: variable}), variable, law)
    except (TimeLimit, NotImplementedError, ValueError, TypeError):
        return None
    if value.has(sp.Integral, sp.Sum) or value.has(variable):
        return None
    if value.is_infinite or value.has(S.NaN, S.ComplexInfinity) or value in (S.Infinity, S.NegativeInfinity):
        raise lotus.refuse(body, atom, law)
    value = _unconditional(value)
    if value is None or not _agrees(value, body, atom, law):
        return None
    return Found(rules.LOTUS, value, lotus.said(atom, law))


def _wraps_exponential(body: Any, x: Any) -> bool:
    """Whether an exponential in x stands below a bar, in a logarithm or the like: log(1 + eˣ), 1/(1 + e⁻ˣ), tanh x."""
    if isinstance(body, _OF_EXPONENTIALS) and body.has(x):
        return True
    outer = (isinstance(body, sp.Pow) and not body.exp.is_Integer) or (isinstance(body, sp.Function) and not isinstance(body, sp.exp))
    below = isinstance(body, sp.Pow) and body.exp.is_negative and body.base.is_Add
    if (outer or below) and any(e.has(x) for e in body.atoms(sp.exp, *_OF_EXPONENTIALS)):
        return True
    return any(_wraps_exponential(part, x) for part in body.args)


def _fallback(body: Any, x: Any, law: Distribution) -> Any:
    """SymPy's integral or sum, as it stands: the caller checks it by numbers."""
    density = law.family.density(x, *law.values) if law.family.density is not None else sp.exp(law.family.log_density(x, *law.values))
    support = law.family.support(*law.values)
    limits = (x, support.lower, support.upper)
    return sp.summation(body * density, limits) if law.family.discrete else sp.integrate(expand_definitions(body) * density, limits)


def _unconditional(value: Any) -> Any:
    """The value without the cases of SymPy's convergence conditions, where the first case is the only closed form."""
    for node in value.atoms(sp.Piecewise):
        closed = [v for v, _ in node.args if not v.has(sp.Integral, sp.Sum)]
        if not closed or closed[0].is_infinite:
            return None
        value = value.xreplace({node: closed[0]})
    return value


def _agrees(value: Any, body: Any, atom: Any, law: Any) -> bool:
    """Whether the family's own rule gives the same numbers at two random points, coarse and fine."""
    symbols = sorted((value.free_symbols | body.free_symbols | {s for v in law.values for s in v.free_symbols}) - {atom}, key=str)
    rule = law.family.quadrature
    if rule is None:
        return False
    for seed in (0, 1):
        numbers = {s: _number(k + 3 * seed, s) for k, s in enumerate(symbols)}
        try:
            at = tuple(float(v.subs(numbers)) for v in law.values)
            coarse, fine = (_mean(body.subs(numbers), atom, rule(at, count)) for count in (40, 60))
            exact = complex(evaluate(value, numbers))
        except (Unevaluable, TypeError, ValueError, ZeroDivisionError, OverflowError):
            return False
        scale = max(1.0, abs(fine))
        if abs(coarse - fine) > 1e-4 * scale or abs(exact - fine) > 1e-3 * scale:
            return False
    return True


def _mean(body: Any, atom: Any, rule: tuple[list[float], list[float]]) -> float:
    variable = sp.Dummy("x", real=True)
    function = body.xreplace({atom: variable})
    return math.fsum(w * float(evaluate(function, {variable: x})) for x, w in zip(*rule, strict=True))


def _number(place: int, symbol: Any) -> Any:
    options = (sp.Rational(7, 10), sp.Rational(13, 10), sp.Rational(2, 5), sp.Rational(17, 10), sp.Rational(9, 10), sp.Rational(3, 5))
    if symbol.is_integer:
        return sp.Integer(2 + place % 3)
    upper = (symbol - 1).is_negative
    value = options[place % len(options)]
    return value / 2 if upper else -value if symbol.is_negative else value
