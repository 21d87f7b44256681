"""Terms over vectors and matrices, made with what is trivial left out: zeros in sums, ones in products, double transposes."""

from __future__ import annotations

from derive.expressions.term import Term

__all__ = ["difference", "half", "inverse", "is_one", "is_zero", "logdet", "negative", "product", "total", "trace", "transpose"]


def is_zero(term: Term) -> bool:
    """Whether it is the number 0."""
    return term.head == "number" and term.data == "0"


def is_one(term: Term) -> bool:
    """Whether it is the number 1 or an identity."""
    return (term.head == "number" and term.data == "1") or term.head == "identity"


def negative(term: Term) -> Term:
    """−A."""
    if is_zero(term):
        return term
    return term.args[0] if term.head == "neg" else Term("neg", (term,))


def total(*terms: Term) -> Term:
    """A + B + …, without zeros."""
    parts: list[Term] = []
    for term in terms:
        parts.extend(term.args if term.head == "add" else () if is_zero(term) else (term,))
    if not parts:
        return Term("number", (), "0")
    return parts[0] if len(parts) == 1 else Term("add", tuple(parts))


def difference(left: Term, right: Term) -> Term:
    """A − B."""
    if right.head == "add":
        return total(left, *(negative(t) for t in right.args))
    return total(left, negative(right))


def product(*terms: Term) -> Term:
    """A B …, without identities; 0 when a factor is."""
    if any(is_zero(t) for t in terms):
        return Term("number", (), "0")
    parts = [f for t in terms if not is_one(t) for f in (t.args if t.head == "mul" else (t,))]
    if not parts:
        return terms[-1]
    return parts[0] if len(parts) == 1 else Term("mul", tuple(parts))


def transpose(term: Term) -> Term:
    """Aᵀ; a double transpose is left out."""
    if term.head == "transpose":
        return term.args[0]
    return term if is_zero(term) or is_one(term) else Term("transpose", (term,))


def inverse(term: Term) -> Term:
    """A⁻¹."""
    if term.head == "inverse":
        return term.args[0]
    return term if is_one(term) else Term("inverse", (term,))


def trace(term: Term) -> Term:
    """tr A."""
    return Term("apply", (term,), "tr")


def logdet(term: Term) -> Term:
    """log det A; 0 of an identity."""
    return Term("number", (), "0") if is_one(term) else Term("apply", (Term("apply", (term,), "det"),), "log")


def half(term: Term) -> Term:
    """½ A."""
    return Term("mul", (Term("div", (Term("number", (), "1"), Term("number", (), "2"))), term))
