"""n-th derivatives in one step: of the functions whose derivatives repeat or form a known sequence, at a linear argument.

In: an unresolved derivative ∂ⁿf/∂xⁿ, n a number or a name. Out: its value, or None where f is not in the table.
Source: Gradshteyn & Ryzhik 2007, 0.42 and 0.43.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.derivation import Prose, Rewrite, Rule
from derive.rules.dependence import by_dependence, depends, times
from derive.rules.instances import instances

__all__ = ["RULES", "nth_derivative"]

MAX_TERMS = 40


class _Sequence(NamedTuple):
    """The n-th derivative of one kind of function: of f(u), u = a x + b, as a function of (f(u), u, a, n); None where it is not known."""

    rule: Rule
    value: Callable[[Any, Any, Any, Any], Any]


def _logarithm(f: Any, u: Any, a: Any, n: Any) -> Any:
    return S.NegativeOne ** (n - 1) * sp.factorial(n - 1) * a**n * u ** (-n)


def _power(f: Any, u: Any, a: Any, n: Any) -> Any:
    m = f.exp
    if n.is_Integer:
        if m.is_Integer and 0 <= m < n:
            return S.Zero
        falling = sp.Mul(*(m - k for k in range(int(n))))
        return times(falling, a**n, sp.Pow(u, m - n))
    if m.is_Integer and m.is_negative:
        k = -m
        return S.NegativeOne**n * sp.factorial(n + k - 1) / sp.factorial(k - 1) * a**n * sp.Pow(u, m - n)
    if m.is_Symbol:
        return sp.factorial(m) / sp.factorial(m - n) * a**n * sp.Pow(u, m - n)
    return None


def _exponential(f: Any, u: Any, a: Any, n: Any) -> Any:
    return f * (a * sp.log(f.base)) ** n


def _hyperbolic(f: Any, u: Any, a: Any, n: Any) -> Any:
    if not n.is_Integer:
        return None
    other = sp.cosh if isinstance(f, sp.sinh) else sp.sinh
    return a**n * (f if n % 2 == 0 else other(u))


def _rule(identity: str, title: str, formula: str, statement: str) -> Rule:
    return Rule(f"nth-derivative-of-{identity}", f"n-th derivative of {title}", formula, statement, (sp.Derivative,), _apply)


def _apply(node: Any) -> Rewrite | None:
    found = nth_derivative(node)
    return None if found is None else found[1]


_TABLE: dict[type, _Sequence] = {
    sp.sin: _Sequence(
        _rule("sin", "the sine", "sin⁽ⁿ⁾(a x + b) = aⁿ sin(a x + b + n π/2)", r"\sin^{(n)}(ax+b) = a^n\sin(ax+b+\tfrac{n\pi}{2})"),
        lambda f, u, a, n: a**n * sp.sin(u + n * sp.pi / 2),
    ),
    sp.cos: _Sequence(
        _rule("cos", "the cosine", "cos⁽ⁿ⁾(a x + b) = aⁿ cos(a x + b + n π/2)", r"\cos^{(n)}(ax+b) = a^n\cos(ax+b+\tfrac{n\pi}{2})"),
        lambda f, u, a, n: a**n * sp.cos(u + n * sp.pi / 2),
    ),
    sp.exp: _Sequence(
        _rule("exp", "the exponential", "(e^(a x + b))⁽ⁿ⁾ = aⁿ e^(a x + b)", r"\left(e^{ax+b}\right)^{(n)} = a^n e^{ax+b}"),
        lambda f, u, a, n: a**n * f,
    ),
    sp.log: _Sequence(
        _rule(
            "log",
            "the logarithm",
            "log⁽ⁿ⁾(a x + b) = (−1)ⁿ⁻¹ (n − 1)! aⁿ/(a x + b)ⁿ",
            r"\log^{(n)}(ax+b) = \frac{(-1)^{n-1}(n-1)!\,a^n}{(ax+b)^n}",
        ),
        _logarithm,
    ),
    sp.sinh: _Sequence(
        _rule("sinh", "the hyperbolic sine", "sinh″(u) = sinh u", r"\sinh'' u = \sinh u"),
        _hyperbolic,
    ),
    sp.cosh: _Sequence(
        _rule("cosh", "the hyperbolic cosine", "cosh″(u) = cosh u", r"\cosh'' u = \cosh u"),
        _hyperbolic,
    ),
}
_POWER = _Sequence(
    _rule(
        "a-power",
        "a power",
        "(uᵐ)⁽ⁿ⁾ = m (m − 1) … (m − n + 1) aⁿ uᵐ⁻ⁿ, u = a x + b",
        r"\left(u^m\right)^{(n)} = m(m-1)\cdots(m-n+1)\,a^n u^{m-n},\ u = ax+b",
    ),
    _power,
)
_EXPONENTIAL = _Sequence(
    _rule(
        "an-exponential",
        "an exponential",
        "(cᵘ)⁽ⁿ⁾ = (a log c)ⁿ cᵘ, u = a x + b",
        r"\left(c^u\right)^{(n)} = (a\log c)^n c^u,\ u = ax+b",
    ),
    _exponential,
)
_SUM = _rule("a-sum", "a sum", "(u + v)⁽ⁿ⁾ = u⁽ⁿ⁾ + v⁽ⁿ⁾", r"(u+v)^{(n)} = u^{(n)} + v^{(n)}")
RULES: tuple[Rule, ...] = (*(sequence.rule for sequence in _TABLE.values()), _POWER.rule, _EXPONENTIAL.rule, _SUM)


def nth_derivative(node: Any) -> tuple[Rule, Rewrite] | None:
    """The rule and the value of a derivative of any order in one variable."""
    if len(node.args) != 2:
        return None
    f, (x, n) = node.args
    if not isinstance(x, sp.Symbol):
        return None
    return _of(f, x, n)


def _of(f: Any, x: Any, n: Any) -> tuple[Rule, Rewrite] | None:
    if f.is_Add:
        return _of_sum(f, x, n)
    if f.is_Mul:
        free, bound = by_dependence(f.args, x)
        if len(bound) != 1 or not free:
            return None
        found = _of(bound[0], x, n)
        if found is None:
            return None
        rule, rewrite = found
        return rule, Rewrite(times(sp.Mul(*free), rewrite.result), rewrite.because, rewrite.assumptions)
    if f == x:
        return (_POWER.rule, Rewrite(S.Zero)) if n.is_Integer and n > 1 else None
    sequence, u = _sequence(f, x)
    if sequence is None or not u.is_polynomial(x) or sp.degree(u, x) != 1:
        return None
    a = sp.expand(u).coeff(x, 1)
    value = sequence.value(f, u, a, n)
    if value is None:
        return None
    return sequence.rule, Rewrite(value, _because(a, n), _needs(f, n))


def _sequence(f: Any, x: Any) -> tuple[_Sequence | None, Any]:
    if f.is_Pow:
        if not depends(f.exp, x):
            return _POWER, f.base
        return (None, f) if depends(f.base, x) else (_EXPONENTIAL, f.exp)
    return _TABLE.get(type(f)), f.args[0] if f.args else f


def _because(a: Any, n: Any) -> Prose:
    return instances(("n", n), *(() if a is S.One else (("a", a),)))


def _needs(f: Any, n: Any) -> tuple[Prose, ...]:
    if f.is_Pow and not n.is_Integer and f.exp.is_Symbol:
        return ((sp.Ge(f.exp, n, evaluate=False),),)
    if isinstance(f, sp.log) and not n.is_Integer:
        return ((sp.Ge(n, 1, evaluate=False),),)
    return ()


def _of_sum(f: Any, x: Any, n: Any) -> tuple[Rule, Rewrite] | None:
    free, bound = by_dependence(f.args, x)
    if not bound or len(bound) > MAX_TERMS or (free and not n.is_Integer):
        return None
    found = [_of(term, x, n) for term in bound]
    parts = [part for part in found if part is not None]
    if len(parts) != len(found):
        return None
    rules = {rule.id: rule for rule, _ in parts}
    rule = next(iter(rules.values())) if len(rules) == 1 else _SUM
    needs = tuple(dict.fromkeys(a for _, rewrite in parts for a in rewrite.assumptions))
    return rule, Rewrite(sp.Add(*(rewrite.result for _, rewrite in parts)), ("term by term",), needs)
