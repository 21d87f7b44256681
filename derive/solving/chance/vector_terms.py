"""Terms over vectors and matrices put together as an author would: zeros and ones gone, scalars in front, transposes inside.

In: terms. Out: terms; nothing is evaluated. Used where SymPy has no form, for shapes are symbolic.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.expressions.term import Term, number

__all__ = ["ONE", "ZERO", "added", "inverted", "is_zero", "negated", "product", "quadratic", "scaled", "sized", "trace", "transposed"]

ZERO, ONE = number(0), number(1)


def is_zero(term: Term) -> bool:
    """Whether the term is the number zero (which stands for a zero vector or matrix too)."""
    return term.head == "number" and term.value == 0


def negated(term: Term) -> Term:
    """−t."""
    if is_zero(term):
        return term
    return term.args[0] if term.head == "neg" else Term("neg", (term,))


def _count(term: Term) -> tuple[Term, int]:
    if term.head == "neg":
        inner, count = _count(term.args[0])
        return inner, -count
    if term.head == "mul" and term.args[0].head == "number" and term.args[0].value.denominator == 1 and len(term.args) > 1:
        rest = term.args[1] if len(term.args) == 2 else Term("mul", term.args[1:])
        return rest, int(term.args[0].value)
    return term, 1


def added(terms: Iterable[Term]) -> Term:
    """The sum, like terms together."""
    counts: dict[Term, int] = {}
    for term in terms:
        for part in term.args if term.head == "add" else (term,):
            if is_zero(part):
                continue
            inner, count = _count(part)
            counts[inner] = counts.get(inner, 0) + count
    parts = []
    for inner, count in counts.items():
        if count:
            parts.append(scaled(count, inner))
    if not parts:
        return ZERO
    return parts[0] if len(parts) == 1 else Term("add", tuple(parts))


def scaled(count: int, term: Term) -> Term:
    """count · t."""
    if count == 0 or is_zero(term):
        return ZERO
    if count < 0:
        return Term("neg", (scaled(-count, term),))
    if count == 1:
        return term
    if term.head == "number" and term.value.denominator == 1:
        return number(int(term.value) * count)
    rest = term.args if term.head == "mul" and term.data is None else (term,)
    return Term("mul", (number(count), *rest))


def product(factors: Iterable[Term], scalars: frozenset[Term] | set[Term] = frozenset()) -> Term:
    """The product: ones and identities gone, signs and scalars in front."""
    sign, front, rest = 1, [], []
    whole = list(_flat(factors))
    for written in whole:
        factor = written
        while factor.head == "neg":
            sign, factor = -sign, factor.args[0]
        if is_zero(factor):
            return ZERO
        if factor == ONE:
            continue
        if factor.head == "number" or factor in scalars or _is_scalar(factor):
            front.append(factor)
        else:
            rest.append(factor)
    inner = _cancelled([f for f in rest if f.head != "identity"]) or rest[:1]
    parts = [*sorted(front, key=lambda f: f.head != "number"), *inner]
    if not parts:
        made = ONE
    else:
        made = parts[0] if len(parts) == 1 else Term("mul", tuple(parts))
    return negated(made) if sign < 0 else made


def inverted(term: Term) -> Term | None:
    """A of A⁻¹; None for other terms."""
    if term.head == "inverse":
        return term.args[0]
    return term.args[0] if term.head == "pow" and term.args[1] == Term("neg", (ONE,)) else None


def _cancelled(factors: list[Term]) -> list[Term]:
    """A⁻¹ A B as B, unless nothing would be left."""
    for place, factor in enumerate(factors):
        base = inverted(factor)
        if base is None:
            continue
        inside = list(base.args) if base.head == "mul" else [base]
        count = len(inside)
        if factors[place + 1 : place + 1 + count] == inside:
            left = [*factors[:place], *factors[place + 1 + count :]]
        elif place >= count and factors[place - count : place] == inside:
            left = [*factors[: place - count], *factors[place + 1 :]]
        else:
            continue
        return _cancelled(left) if left else factors
    return factors


def cancelled(factors: list[Term]) -> list[Term]:
    """The factors without what stands beside its own inverse: (XᵀX)⁻¹ Xᵀ X w is w. What would cancel altogether stays."""
    for k, factor in enumerate(factors):
        if factor.head != "inverse":
            continue
        inside = list(factor.args[0].args) if factor.args[0].head == "mul" else [factor.args[0]]
        count = len(inside)
        for start in (k + 1, k - count):
            if start >= 0 and factors[start : start + count] == inside and len(factors) > count + 1:
                first, last = min(start, k), max(start + count, k + 1)
                return cancelled([*factors[:first], *factors[last:]])
    return factors


def _flat(factors: Iterable[Term]) -> Iterable[Term]:
    for factor in factors:
        sign = factor.head == "neg"
        inner = factor.args[0] if sign else factor
        if inner.head == "mul":
            if sign:
                yield Term("neg", (ONE,))
            yield from _flat(inner.args)
        else:
            yield factor


def _is_scalar(term: Term) -> bool:
    if term.head == "div":
        return all(_is_scalar(a) or a.head == "number" for a in term.args)
    return term.head in ("norm", "inner") or (term.head == "apply" and term.data in ("tr", "det", "exp", "log"))


def transposed(term: Term, symmetric: frozenset[Term] | set[Term] = frozenset()) -> Term:
    """tᵀ with the transpose inside sums and products."""
    if term in symmetric or term.head in ("identity", "number"):
        return term
    if term.head == "transpose":
        return term.args[0]
    if term.head in ("add", "neg"):
        return term.with_args(tuple(transposed(a, symmetric) for a in term.args))
    if term.head == "mul":
        return Term("mul", tuple(transposed(a, symmetric) for a in reversed(term.args)))
    base = inverted(term)
    if _is_scalar(term) or (base is not None and transposed(base, symmetric) == base):
        return term
    return Term("transpose", (term,))


def trace(term: Term, scalars: set[Term] | frozenset[Term] = frozenset()) -> Term:
    """tr(t), scalars and signs outside."""
    if is_zero(term):
        return ZERO
    if term.head == "neg":
        return negated(trace(term.args[0], scalars))
    if term.head == "add":
        return added(trace(a, scalars) for a in term.args)
    if term.head == "mul":
        front = [a for a in term.args if a.head == "number" or a in scalars or _is_scalar(a)]
        rest = [a for a in term.args if a not in front]
        if front and rest:
            inner = rest[0] if len(rest) == 1 else Term("mul", tuple(rest))
            return product([*front, trace(inner, scalars)], scalars)
    if term.head == "identity" and term.args:
        return term.args[0]
    return Term("apply", (term,), "tr")


def quadratic(left: Term, middle: Iterable[Term], right: Term, symmetric: set[Term], scalars: set[Term]) -> Term:
    """leftᵀ · middle · right."""
    if is_zero(left) or is_zero(right):
        return ZERO
    first = Term("transpose", (left,)) if left.head in ("add", "neg") else transposed(left, symmetric)
    return product([first, *middle, right], scalars)


def sized(term: Term, shape: tuple[Term, ...]) -> Term:
    """The term whose identities have the size of the vector."""
    if len(shape) != 1:
        return term
    return term.transform(lambda n: Term("identity", shape, None, n.span) if n.head == "identity" and not n.args else n)
