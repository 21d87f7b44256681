"""The sign of an expression in one variable over an interval, decided exactly or not at all.

In: a SymPy expression, its variable, an interval. Out: "positive", "nonnegative", "zero", the same for the opposite sign, or None.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["opposite", "sign_everywhere", "sign_over"]

_OPPOSITE = {"positive": "negative", "nonnegative": "nonpositive", "negative": "positive", "nonpositive": "nonnegative", "zero": "zero"}
_LONGEST = 60  # of operations of an expression whose equivalent forms are tried


def opposite(sign: str | None) -> str | None:
    """The sign of −f, given that of f."""
    return None if sign is None else _OPPOSITE[sign]


def sign_everywhere(expression: Any) -> str | None:
    """The sign that the assumptions of the symbols give, in any of some equivalent forms."""
    forms = _forms(expression)
    for name in ("zero", "positive", "negative", "nonnegative", "nonpositive"):
        if any(getattr(form, f"is_{name}") for form in forms):
            return name
    return None


def _forms(expression: Any) -> list[Any]:
    found = [expression]
    if expression.count_ops() <= _LONGEST:
        for change in (sp.factor, sp.together, sp.simplify, lambda e: sp.factor(sp.simplify(e.rewrite(sp.exp)))):
            changed = change(expression)
            if changed not in found:
                found.append(changed)
    return found


def sign_over(expression: Any, variable: Any, interval: Any) -> str | None:
    """The sign of an expression that holds no other symbol, over the interior of an interval."""
    if expression.free_symbols - {variable}:
        return None
    placed, inner = _placed(expression, variable, interval)
    found = sign_everywhere(placed)
    if found is not None:
        return found
    return _of_rational(placed, inner, interval) or _of_exponentials(placed, inner)


def _placed(expression: Any, variable: Any, interval: Any) -> tuple[Any, Any]:
    """The expression in a variable that knows by itself where it is: t > 0 with x = a + t or x = b − t, or any real x."""
    low, high = interval.inf, interval.sup
    if low.is_finite:
        t = sp.Dummy("t", positive=True)
        return expression.subs(variable, low + t if low != 0 else t), t
    if high.is_finite:
        t = sp.Dummy("t", positive=True)
        return expression.subs(variable, high - t if high != 0 else -t), t
    t = sp.Dummy("t", real=True)
    return expression.subs(variable, t), t


def _of_rational(expression: Any, variable: Any, interval: Any) -> str | None:
    """A quotient of polynomials with rational coefficients: the signs between its real zeros and poles."""
    whole = sp.together(expression)
    if not whole.is_rational_function(variable):
        return None
    above, below = whole.as_numer_denom()
    try:
        top, bottom = sp.Poly(above, variable), sp.Poly(below, variable)
        places = {*sp.real_roots(top), *sp.real_roots(bottom)} if top.domain.is_ZZ or top.domain.is_QQ else None
    except (sp.PolynomialError, NotImplementedError):
        return None
    if places is None:
        return None
    width = interval.measure
    low = sp.S.Zero if variable.is_positive else -sp.oo
    high = width if variable.is_positive else sp.oo
    inside = sorted((p for p in places if bool(p > low) and bool(p < high)), key=sp.N)
    signs = {sp.sign(top.eval(at) / bottom.eval(at)) for at in _between(inside, low, high)}
    if signs == {sp.S.One}:
        return "nonnegative" if inside else "positive"
    if signs == {sp.S.NegativeOne}:
        return "nonpositive" if inside else "negative"
    return None


def _between(places: list[Any], low: Any, high: Any) -> list[Any]:
    """A rational number inside every part into which the places cut the interval."""
    ends = [low, *places, high]
    found = []
    for left, right in zip(ends, ends[1:], strict=False):
        if left == -sp.oo:
            found.append(sp.Integer(0) if right == sp.oo else sp.floor(right) - 1)
        elif right == sp.oo:
            found.append(sp.ceiling(left) + 1)
        else:
            found.append(_rational_between(left, right))
    return found


def _rational_between(left: Any, right: Any) -> Any:
    digits = 4
    while digits < 200:
        middle = sp.Rational(str(sp.N((left + right) / 2, digits)))
        if bool(left < middle) and bool(middle < right):
            return middle
        digits *= 2
    return (left + right) / 2


def _of_exponentials(expression: Any, variable: Any) -> str | None:
    """A quotient of polynomials in e^{c t}: with u = e^{c t} it is one in u > 0 (u > 1 or u < 1 for t > 0)."""
    written = sp.expand(expression.rewrite(sp.exp), power_exp=True)
    rates = {a.args[0].coeff(variable) for a in written.atoms(sp.exp) if a.args[0].has(variable)}
    if not rates or any(r == 0 or not r.is_Rational for r in rates):
        return None
    step = sp.gcd(list(rates)) if len(rates) > 1 else abs(next(iter(rates)))
    u = sp.Dummy("u", positive=True)
    swapped = sp.together(written.replace(lambda e: isinstance(e, sp.exp) and e.has(variable), lambda e: _as_power(e, variable, step, u)))
    if swapped.has(variable):
        return None
    return sign_everywhere(swapped) or _of_rational(swapped, u, sp.Interval.open(0, sp.oo))


def _as_power(exponential: Any, variable: Any, step: Any, u: Any) -> Any:
    rate = exponential.args[0].coeff(variable)
    rest = sp.expand(exponential.args[0] - rate * variable)
    return sp.exp(rest) * u ** (rate / step)
