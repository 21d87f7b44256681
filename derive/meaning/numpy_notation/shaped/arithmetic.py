"""Operations entry by entry as terms, with the heads that paper has for scalars, vectors and matrices.

In: terms and their ranks. Out: one term. `BUILDERS` has a row an operation.
"""

from __future__ import annotations

from derive.expressions.term import Term, number
from derive.meaning.numpy_notation.shaped.extents import added, polynomial
from derive.meaning.numpy_notation.shaped.values import Build
from derive.meaning.numpy_notation.terms import piecewise

__all__ = ["BUILDERS", "applied", "cased", "headed", "related"]

OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MINUS_ONE = Term("neg", (number(1),))


def _add(terms: list[Term], ranks: list[int]) -> Term:
    return Term("add", tuple(terms))


def _neg(terms: list[Term], ranks: list[int]) -> Term:
    return terms[0].args[0] if terms[0].head == "neg" else Term("neg", tuple(terms))


def _mul(terms: list[Term], ranks: list[int]) -> Term:
    """Numbers first, then the arrays entry by entry."""
    one = number(1)
    arrays = [t for t, r in zip(terms, ranks, strict=True) if r]
    numbers = [t for t, r in zip(terms, ranks, strict=True) if not r and t != one]
    if not arrays:
        return numbers[0] if len(numbers) == 1 else Term("mul", tuple(numbers)) if numbers else one
    product = arrays[0] if len(arrays) == 1 else Term("hadamard", tuple(arrays))
    return product if not numbers else Term("mul", (*numbers, product))


def _div(terms: list[Term], ranks: list[int]) -> Term:
    return Term("hadamard_div" if ranks[1] else "div", tuple(terms))


def _pow(terms: list[Term], ranks: list[int]) -> Term:
    return Term("hadamard_pow" if any(ranks) else "pow", tuple(terms))


def _abs(terms: list[Term], ranks: list[int]) -> Term:
    """|·| of a matrix is a determinant on paper."""
    if ranks[0] > 1:
        return Term("apply", (terms[0], Term("neg", (terms[0],))), "max")
    return Term("abs", tuple(terms))


def _not(terms: list[Term], ranks: list[int]) -> Term:
    term = terms[0]
    if term.head == "rel" and term.data in OPPOSITE:
        return Term("rel", term.args, OPPOSITE[term.data])
    return term.args[0] if term.head == "not" else Term("not", (term,))


def headed(head: str, data: object = None) -> Build:
    """The operation with this head."""
    return lambda terms, ranks: Term(head, tuple(terms), data)


def applied(function: str) -> Build:
    """The named function."""
    return headed("apply", function)


def related(relation: str) -> Build:
    """A comparison; positions are compared as paper counts them."""

    def build(terms: list[Term], ranks: list[int]) -> Term:
        if all(t.head == "add" and t.args[-1] == MINUS_ONE and polynomial(t) is not None for t in terms):
            terms = [added(t, 1) for t in terms]
        return Term("rel", tuple(terms), relation)

    return build


def cased(count: int) -> Build:
    """`count` pairs of a value and a condition, then the value that is left."""

    def build(terms: list[Term], ranks: list[int]) -> Term:
        pairs = tuple((terms[2 * k], terms[2 * k + 1]) for k in range(count))
        return piecewise(pairs, terms[-1], None)

    return build


BUILDERS: dict[str, Build] = {
    "add": _add,
    "neg": _neg,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "abs": _abs,
    "sqrt": headed("sqrt"),
    "root": headed("root"),
    "factorial": headed("factorial"),
    "binomial": headed("binomial"),
    "and": headed("and"),
    "or": headed("or"),
    "not": _not,
}
