"""How large an exact number becomes, estimated before it is built.

In: SymPy operands. Out: nothing, or `TooLarge` naming what would have been built. Exact integers up to 20,000 bits are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lgamma, log
from typing import Any

from derive.errors import TooLarge
from derive.expressions.term import Span

__all__ = [
    "MAX_BITS",
    "bits",
    "bound_binomial",
    "bound_exp",
    "bound_factorial",
    "bound_number",
    "bound_power",
    "bound_product",
    "bound_sum",
]

MAX_BITS = 20_000
MAX_DIGITS = 6_020  # decimal digits of a number of MAX_BITS bits
MAX_EXPONENT = 1e15  # of an exponential of a constant: e^(10^15) is still a number that multiple precision can hold
MAX_LOOP = 2_500  # of functions that SymPy computes by a product or a recurrence


def bits(value: Any) -> int:
    """The bits that numerator and denominator of a rational need together; 0 for what is not a rational."""
    if value.is_Rational:
        return int((abs(value.p) - 1).bit_length() + (value.q - 1).bit_length()) if value.p else 0
    return 0


def _coefficient_bits(value: Any) -> int:
    """Bits of all rational factors of a product, those under fractional powers included."""
    if value.is_Rational:
        return bits(value)
    if value.is_Mul:
        return sum(_coefficient_bits(a) for a in value.args if a.is_Rational or (a.is_Pow and a.base.is_Rational))
    if value.is_Pow and value.base.is_Rational:
        return bits(value.base)
    return 0


def bound_number(text: str, span: Span | None = None) -> None:
    """A number as it was written: its digits together with its decimal exponent."""
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 6 or abs(int(exponent or 0)) + len(mantissa) > MAX_DIGITS:
        raise TooLarge(f"a number of more than {MAX_DIGITS} digits", span=span)


def bound_product(factors: Sequence[Any], span: Span | None = None) -> None:
    """The coefficient of a product."""
    total = 0
    for factor in factors:
        if factor.is_Number or factor.is_Mul:
            total += _coefficient_bits(factor)
    if total > MAX_BITS:
        raise TooLarge(f"a product with a coefficient of more than {MAX_BITS} bits", span=span)


def bound_sum(terms: Sequence[Any], span: Span | None = None) -> None:
    """The common denominator of a sum's coefficients (integers hardly grow when they are added)."""
    total = 0
    for term in terms:
        coefficient = term.as_coeff_Mul()[0] if term.is_Mul else term
        if coefficient.is_Rational and coefficient.q != 1:
            total += coefficient.q.bit_length()
    if total > MAX_BITS:
        raise TooLarge(f"a sum whose common denominator may have more than {MAX_BITS} bits", span=span)


def bound_power(base: Any, exponent: Any, span: Span | None = None) -> None:
    """base ** exponent, also where SymPy would raise only the numeric coefficient of the base."""
    if exponent.is_Rational:
        magnitude = -(-abs(exponent.p) // exponent.q)
        if _coefficient_bits(base) * magnitude > MAX_BITS:
            raise TooLarge("the power is too large to be written out", span=span)
        if exponent.q != 1 and _coefficient_bits(base) > MAX_BITS // 10:
            raise TooLarge("a root of so large a number", span=span)
        if base.is_Pow and bits(exponent) + bits(base.exp) > MAX_BITS:
            raise TooLarge("the exponents together are too large", span=span)
        if magnitude > MAX_BITS and not base.is_Number and not base.free_symbols:
            raise TooLarge("the power of a constant is too large to be written out", span=span)
    elif not exponent.free_symbols and not base.free_symbols:
        bound_exp(exponent, span, factor=abs(float(log(max(2, _magnitude(base))))))


def _magnitude(value: Any) -> int:
    if value.is_Rational:
        return max(abs(int(value.p)), int(value.q))
    return 1 << 64


def bound_exp(exponent: Any, span: Span | None = None, factor: float = 1.0) -> None:
    """e to the power of a constant."""
    if exponent.is_Rational:
        if abs(exponent.p) > MAX_EXPONENT * exponent.q:
            raise TooLarge("the exponential of so large a number", span=span)
    elif not exponent.free_symbols and exponent.is_finite:
        size = abs(exponent.evalf(6))
        if size.is_Float and size * factor > MAX_EXPONENT:
            raise TooLarge("the exponential of so large a number", span=span)


def bound_factorial(n: Any, span: Span | None = None, what: str = "the factorial") -> None:
    """n!, Γ(n) and what else is computed by a product of about n factors."""
    if n.is_Rational and abs(n.p) > MAX_LOOP * n.q:
        raise TooLarge(f"{what} of so large a number", span=span)


def bound_binomial(n: Any, k: Any, span: Span | None = None) -> None:
    """C(n, k) of numbers."""
    if not k.is_Rational or not n.is_Rational:
        return
    small = min(k, n - k) if n.is_Integer and k.is_Integer and 0 <= k <= n else k
    if abs(small) > MAX_LOOP * 8 or bits(n) > 256:
        raise TooLarge("the binomial coefficient of so large numbers", span=span)
    if n.is_Integer and n > 0 and small > 0:
        top, low = float(n), float(small)
        size = (lgamma(top + 1) - lgamma(low + 1) - lgamma(top - low + 1)) / log(2) if top < 1e12 else low * log(top) / log(2)
        if size > MAX_BITS:
            raise TooLarge("the binomial coefficient of so large numbers", span=span)
    elif abs(small) > MAX_LOOP:
        raise TooLarge("the binomial coefficient of so large numbers", span=span)
