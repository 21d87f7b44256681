"""How tightly a written term holds together: the levels that the printers compare before they leave out brackets.

A printer gives every piece of text its level; a place that needs a higher one puts the text in brackets. The order follows the
language: a big operator (∑, d/dx, lim, ∇) takes everything to its right up to the next + or −, a named function without brackets
the factors that follow it.
"""

from __future__ import annotations

from derive.expressions.functions import ALIASES
from derive.expressions.term import Term

__all__ = [
    "AND",
    "ATOM",
    "CALL",
    "FUNCTION",
    "GIVEN",
    "IMPLICATION",
    "LIST",
    "NOT",
    "OPEN",
    "OR",
    "POWER",
    "PRODUCT",
    "QUOTIENT",
    "RELATION",
    "SHORT",
    "SIGN",
    "SUM",
    "TRIGONOMETRIC",
    "is_small_fraction",
    "is_tall_exponent",
    "may_apply",
]

LIST = 0  # a, b
GIVEN = 1  # A | B
IMPLICATION = 2
OR = 3
AND = 4
NOT = 5
RELATION = 6
SUM = 7  # a + b
SIGN = 8  # −a
OPEN = 9  # ∑ …, d/dx …: open to the right
PRODUCT = 10  # a b
SHORT = 11  # \sin x: open to the right, but not to the next named function
QUOTIENT = 12  # a/b
FUNCTION = 13  # sin(x), whose power is not written behind
POWER = 14  # a^b
CALL = 15  # f(x), σ(x): takes scripts behind its brackets
ATOM = 16

# Functions whose power is written behind their name: sin²(x).
TRIGONOMETRIC = frozenset((
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch", "log",
))  # fmt: skip

_SMALL_EXPONENT = 12  # nodes
_ATOMIC = ("number", "name", "constant")
# Letters that a reader takes for a function when brackets follow.
_FUNCTION_LETTERS = frozenset((
    "f", "g", "h", "p", "q", "u", "v", "w", "k", "r", "s", "F", "G", "H", "J", "L", "E", "I", "P", "V", "Q", "U", "S", "D",
    "phi", "varphi", "psi", "Phi", "Psi", "ell", "sigma", "Gamma", "pi", "mu", "delta",
))  # fmt: skip


def is_small_fraction(term: Term) -> bool:
    """Whether a quotient in a script is written with a slash: x/2, x²/2."""
    if term.head != "div":
        return False
    above, below = term.args
    if above.head == "pow":
        above = above.args[0] if above.args[1].head == "number" else above
    return above.head in _ATOMIC and below.head in _ATOMIC


def is_tall_exponent(exponent: Term) -> bool:
    """Whether an exponent is better written as the argument of exp: a fraction of more than two letters, a sum sign, a long sum."""
    size = 0
    for node in exponent.walk():
        size += 1
        if node.head == "div" and not is_small_fraction(node):
            return True
        if node.head in ("sum", "prod", "integral", "cases", "derivative", "binomial", "at", "matrix"):
            return True
    return size > _SMALL_EXPONENT


def may_apply(factor: Term, bracketed: Term) -> bool:
    """Whether `factor` directly before `bracketed` in brackets could be read as the application of a function.

    A letter that occurs within the brackets as well is a number there, so that it is one here: `p (1 - p)`.
    """
    if factor.head == "constant":
        return bool(factor.data == "pi")
    if factor.head == "prime":
        return len(factor.args) == 1
    if factor.head != "name":
        return False
    base = factor.data.base
    if base not in _FUNCTION_LETTERS and base not in ALIASES and not factor.data.sup and factor.data.font != "cal":
        return False
    return all(node.data != factor.data for node in bracketed.walk() if node.head == "name")
