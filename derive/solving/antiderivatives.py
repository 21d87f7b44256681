"""Antiderivatives: SymPy's, with the rule by which they are found.

In: an integrand and its variable. Out: a function whose derivative it is (the check differentiates it again), the rule, its instance.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.integrals.manualintegrate import integral_steps, manualintegrate
from sympy.integrals.rationaltools import ratint

from derive.deadline import deadline
from derive.derivation import Prose, Rule
from derive.errors import NotSupported, TimeLimit
from derive.expressions.nodes import expand_definitions
from derive.rules.limits_and_integrals import ANTIDERIVATIVE, PARTS, SUBSTITUTION, SYMPY_INTEGRAL
from derive.solving.cost import cost
from derive.solving.simplification import shortened

__all__ = ["TROUBLE", "antiderivative", "real_logarithms", "simplest"]

SECONDS = 6.0
SIMPLIFYING = 2.0
TROUBLE = (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError, ZeroDivisionError, KeyError, IndexError)


def antiderivative(f: Any, x: Any) -> tuple[Any, Rule, Prose, tuple[Any, ...]]:
    """An antiderivative, the rule that finds it, its instance, and what must hold of the parameters (λ ≠ 0). Raises NotSupported."""
    f = _with_exponentials(expand_definitions(f))
    exponential = _of_exponentials(f, x)
    if exponential is not None:
        return (*exponential, ())
    try:
        with deadline(SECONDS):
            found = manualintegrate(f, x)
            rule, because = _rule(f, x)
            if found.has(sp.Integral):
                found, rule, because = sp.integrate(f, x), SYMPY_INTEGRAL, ()
    except TimeLimit:
        raise NotSupported("this integral, within the time that it may take") from None
    except TROUBLE:
        raise NotSupported("an antiderivative of this function") from None
    if found.has(sp.Integral) or found.has(sp.I):
        raise NotSupported("an antiderivative of this function in closed form")
    found, conditions = _general(found, x)
    return shortened(found), rule, because, conditions


def _general(found: Any, x: Any) -> tuple[Any, tuple[Any, ...]]:
    """The branch for parameters in general, and the inequations (n ≠ −1) under which it stands."""
    conditions: list[Any] = []
    for node in list(found.atoms(sp.Piecewise)):
        value, condition = node.args[0]
        parts = sp.And.make_args(condition)
        if all(isinstance(part, sp.Ne) and not part.has(x) for part in parts):
            conditions += [part for part in parts if part not in conditions]
            found = found.xreplace({node: value})
    return found, tuple(conditions)


def _of_exponentials(f: Any, x: Any) -> tuple[Any, Rule, Prose] | None:
    """A rational function of eˣ, with u = eˣ; None for others and for polynomials in eˣ and e⁻ˣ."""
    waves = {w: w.args[0] / x for w in f.atoms(sp.exp) if w.has(x)}
    if not waves or any(not power.is_Integer for power in waves.values()):
        return None
    u = sp.Dummy("u", positive=True)
    rational = sp.cancel(sp.together(f.xreplace({w: u**power for w, power in waves.items()}) / u))
    if rational.has(x) or not rational.is_rational_function(u) or sp.denom(rational).is_Mul or sp.degree(sp.denom(rational), u) == 0:
        return None
    if (sp.denom(rational).is_Pow and sp.denom(rational).base == u) or rational.free_symbols != {u}:
        return None
    try:
        with deadline(SIMPLIFYING):
            found = ratint(rational, u, real=True)
    except (TimeLimit, *TROUBLE):
        return None
    return shortened(found.subs(u, sp.exp(x))), SUBSTITUTION, ("with u = ", sp.exp(x))


def _with_exponentials(f: Any) -> Any:
    """Hyperbolic functions as exponentials where they stand in a denominator."""
    return f.replace(sp.sech, lambda u: 1 / sp.cosh(u)).rewrite(sp.exp) if f.has(sp.sech) else f


def real_logarithms(found: Any, f: Any, x: Any) -> Any:
    """The antiderivative with log|u| for log u, where u has both signs and f is defined for both."""
    table = {}
    for node in found.atoms(sp.log):
        inside = node.args[0]
        roots = f.has(sp.log) or any(p.exp.is_integer is not True and p.base.has(x) for p in f.atoms(sp.Pow))
        if not inside.has(x) or inside.is_nonnegative or roots:
            continue
        if inside.is_polynomial(x) and not inside.free_symbols - {x} and not sp.real_roots(inside):
            continue
        table[node] = sp.log(sp.Abs(inside))
    return found.xreplace(table)


def _rule(f: Any, x: Any) -> tuple[Rule, Prose]:
    steps = integral_steps(f, x)
    for _ in range(4):
        name = type(steps).__name__
        if name == "PartsRule":
            return PARTS, ("with u = ", steps.u, ", v′ = ", steps.dv)
        if name == "URule":
            return SUBSTITUTION, ("with u = ", steps.u_func)
        inner = getattr(steps, "substep", None) or (steps.alternatives[0] if name == "AlternativeRule" else None)
        if inner is None:
            break
        steps = inner
    return ANTIDERIVATIVE, ()


def simplest(value: Any) -> Any:
    """The shortest of the forms that SymPy and the rules of the house make of a value."""
    found = [shortened(value)]
    if cost(found[0]) <= 8 and len(found[0].atoms(sp.log)) < 2:
        return found[0]
    try:
        with deadline(SIMPLIFYING):
            for function in _FORMS:
                new = function(value)
                found += [new] if function is _of_logarithms else [new, shortened(new)]
    except (TimeLimit, *TROUBLE):
        pass
    return _without_powers_in_logarithms(min(found, key=cost))


def _of_roots(value: Any) -> Any:
    return sp.radsimp(sp.sqrtdenest(sp.expand(value))) if not value.free_symbols else value


def _of_logarithms(value: Any) -> Any:
    return sp.logcombine(sp.expand_log(sp.expand(value))) if value.has(sp.log) else value


def _without_powers_in_logarithms(value: Any) -> Any:
    """log 2⁸ as 8 log 2, log √2 as log 2 / 2."""
    powers = {}
    for node in value.atoms(sp.log):
        base, exponent = sp.perfect_power(node.args[0]) or (None, None) if node.args[0].is_Integer else node.args[0].as_base_exp()
        if base is not None and exponent != 1 and sp.sympify(exponent).is_Rational:
            powers[node] = exponent * sp.log(base)
    return value.xreplace(powers)


_FORMS = (_of_logarithms, _of_roots, sp.factor_terms, sp.simplify)
