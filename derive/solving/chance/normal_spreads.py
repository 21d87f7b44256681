"""Covariances by their form (c I, diag(v), a full matrix): their traces, quadratic forms and log-determinants as an author writes them.

In: covariances as terms, and the length d of the vectors. Out: terms: ½ Σᵢ (σᵢ² + μᵢ² − 1 − log σᵢ²) where the covariances are diagonal,
multiples of d and of squared norms for c I, tr(Σ₂⁻¹ Σ₁) and log det Σ where they are full.
"""

from __future__ import annotations

from typing import NamedTuple

from derive.expressions.term import Name, Term, number
from derive.solving.chance.matrix_terms import difference, half, inverse, is_zero, logdet, product, trace, transpose
from derive.solving.chance.vector_terms import added, negated

__all__ = ["Spread", "cross_entropy", "divergence", "entropy", "expected_square", "sized", "spread_of"]

_PLACES = ("i", "j", "k", "l")


class Spread(NamedTuple):
    """A covariance: c I has its scale, diag(v) its vector v, another neither."""

    matrix: Term
    scale: Term | None = None
    diagonal: Term | None = None


def sized(term: Term, size: Term) -> Term:
    """The term whose identities have the size of the vectors."""
    return term.transform(lambda n: Term("identity", (size,), None, n.span) if n.head == "identity" and not n.args else n)


def spread_of(covariance: Term) -> Spread:
    """The covariance by its form."""
    if covariance.head == "identity":
        return Spread(covariance, scale=number(1))
    if covariance.head == "mul" and covariance.args[-1].head == "identity":
        return Spread(covariance, scale=_one_factor(covariance.args[:-1]))
    if covariance.head == "div" and covariance.args[1].head != "identity":
        above = spread_of(covariance.args[0])
        return Spread(covariance, scale=None if above.scale is None else _quotient(above.scale, covariance.args[1]))
    if covariance.head == "apply" and covariance.data == "diag" and len(covariance.args) == 1:
        return Spread(covariance, diagonal=covariance.args[0])
    return Spread(covariance)


def divergence(gap: Term, first: Spread, second: Spread, size: Term) -> Term:
    """KL(N(m₁, S₁) ‖ N(m₂, S₂)) where gap = m₂ − m₁."""
    if first.diagonal is not None or second.diagonal is not None:
        inside = _entry_terms(gap, first, second, size)
        if inside is not None:
            return half(inside)
    return half(added([expected_square(gap, first, second, size), negated(size), _log_ratio(first, second, size)]))


def expected_square(gap: Term, first: Spread, second: Spread, size: Term) -> Term:
    """E[(x − m₂)ᵀ S₂⁻¹ (x − m₂)] of x ~ N(m₁, S₁) where gap = m₂ − m₁."""
    return added([_ratio(first, second, size), number(0) if is_zero(gap) else _quadratic(gap, second)])


def cross_entropy(gap: Term, first: Spread, second: Spread, size: Term) -> Term:
    """H(N(m₁, S₁), N(m₂, S₂)) where gap = m₂ − m₁."""
    turn = _multiple(size, _log(Term("mul", (number(2), Term("constant", (), "pi")))))
    return half(added([expected_square(gap, first, second, size), turn, _logdet(second, size)]))


def entropy(spread: Spread, size: Term) -> Term:
    """H(N(m, S)) = ½ (d log 2πe + log det S)."""
    turn = _multiple(size, _log(Term("mul", (number(2), Term("constant", (), "pi"), Term("constant", (), "e")))))
    return half(added([turn, _logdet(spread, size)]))


# ── entry by entry ───────────────────────────────────────────────────────────────────────────────────────────────────


def _entry_terms(gap: Term, first: Spread, second: Spread, size: Term) -> Term | None:
    """Σᵢ (aᵢ/bᵢ + gᵢ²/bᵢ − 1 + log bᵢ − log aᵢ); None where a covariance is full or the means have no entries."""
    taken = {n.data.base for t in (gap, first.matrix, second.matrix, size) for n in t.walk() if n.head == "name"}
    place = Term("name", (), Name(next((p for p in _PLACES if p not in taken), "i_1")))
    a, b = _variance_at(first, place), _variance_at(second, place)
    shift = _at(gap, place)
    if a is None or b is None or shift is None:
        return None
    parts = [_quotient(a, b)]
    if not is_zero(shift):
        inner = shift.args[0] if shift.head == "neg" else shift
        parts.append(_quotient(Term("pow", (inner, number(2))), b))
    parts.append(negated(number(1)))
    if a != b:
        parts += [] if b == number(1) else [_log(b)]
        parts += [] if a == number(1) else [negated(_log(a))]
    return Term("sum", (added(parts), place, number(1), size), "range")


def _variance_at(spread: Spread, place: Term) -> Term | None:
    return spread.scale if spread.scale is not None else None if spread.diagonal is None else _at(spread.diagonal, place)


def _at(vector: Term, place: Term) -> Term | None:
    """The entry of a vector that is put together entry by entry."""
    if vector.head == "number":
        return vector
    if vector.head == "name":
        return Term("index", (vector, place))
    if vector.head == "hadamard_pow":
        inner = _at(vector.args[0], place)
        return None if inner is None else Term("pow", (inner, vector.args[1]))
    if vector.head == "apply" and vector.data in ("exp", "log") and len(vector.args) == 1:
        inner = _at(vector.args[0], place)
        return None if inner is None else Term("apply", (inner,), vector.data)
    if vector.head not in ("add", "neg", "hadamard"):
        return None
    found = [_at(a, place) for a in vector.args]
    inside = tuple(f for f in found if f is not None)
    if len(inside) < len(found):
        return None
    if vector.head == "hadamard":
        return Term("pow", (inside[0], number(2))) if len(inside) == 2 and inside[0] == inside[1] else Term("mul", inside)
    return vector.with_args(inside)


# ── as a whole ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _ratio(first: Spread, second: Spread, size: Term) -> Term:
    """tr(S₂⁻¹ S₁)."""
    if first.matrix == second.matrix:
        return size
    if first.scale is not None and second.scale is not None:
        return _multiple(size, _quotient(first.scale, second.scale))
    if second.scale is not None:
        return _quotient(trace(first.matrix), second.scale)
    if first.scale is not None:
        return _multiple(first.scale, trace(inverse(second.matrix)))
    return trace(product(inverse(second.matrix), first.matrix))


def _quadratic(gap: Term, spread: Spread) -> Term:
    """gapᵀ S⁻¹ gap."""
    if spread.scale is None:
        return product(transpose(gap), inverse(spread.matrix), gap)
    inner = gap.args[0] if gap.head == "neg" else gap
    return _quotient(Term("pow", (Term("norm", (inner,), "2"), number(2))), spread.scale)


def _log_ratio(first: Spread, second: Spread, size: Term) -> Term:
    """log det S₂ − log det S₁."""
    if first.scale is not None and second.scale is not None:
        if first.scale == second.scale:
            return number(0)
        if number(1) not in (first.scale, second.scale):
            return _multiple(size, _log(_quotient(second.scale, first.scale)))
    return difference(_logdet(second, size), _logdet(first, size))


def _logdet(spread: Spread, size: Term) -> Term:
    if spread.scale is not None:
        return number(0) if spread.scale == number(1) else _multiple(size, _log(spread.scale))
    if spread.diagonal is not None:
        place = Term("name", (), Name(next(p for p in _PLACES if Name(p) not in {n.data for n in spread.diagonal.walk()})))
        entry = _at(spread.diagonal, place)
        if entry is not None:
            return Term("sum", (_log(entry), place, number(1), size), "range")
    return logdet(spread.matrix)


def _log(term: Term) -> Term:
    return Term("apply", (term,), "log")


def _one_factor(factors: tuple[Term, ...]) -> Term:
    return factors[0] if len(factors) == 1 else Term("mul", factors)


def _multiple(count: Term, term: Term) -> Term:
    if number(1) in (count, term):
        return term if count == number(1) else count
    return Term("mul", (count, *(term.args if term.head == "mul" else (term,))))


def _quotient(above: Term, below: Term) -> Term:
    if above == below:
        return number(1)
    return above if below == number(1) else Term("div", (above, below))
