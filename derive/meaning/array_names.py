"""Names that can only be vectors or matrices where they stand: in a norm, under a trace, in a sum over entries, after a matrix.

In: the ranks of a line and a term that must be an array. Out: nothing; the ranks learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, number

if TYPE_CHECKING:
    from derive.meaning.ranks import Ranks

__all__ = [
    "SCALAR_LETTERS",
    "entrywise",
    "inside_matrix",
    "inside_norm",
    "inverse_applied",
    "is_bias",
    "is_matrix_letter",
    "multiplied",
    "must_be_array",
    "numbers_below",
]

SCALAR_LETTERS = frozenset(("lambda", "alpha", "eta", "gamma", "c", "t"))
_SMOOTHING = ("eps", "epsilon", "varepsilon")
_WIDTHS = ("d", "k", "n", "m", "dk", "dim")


def is_matrix_letter(n: Name) -> bool:
    """Whether the letter is one that papers use for a matrix."""
    return n.base[:1].isupper() or n.base in ("Sigma", "Lambda", "Omega", "Gamma", "Phi", "Psi", "Theta")


def inverse_applied(ranks: Ranks, args: tuple[Term, ...]) -> None:
    """The Jacobian of X⁻¹ b: of a vector function, so that X is a matrix and b a vector."""
    for factor, following in zip(args, args[1:], strict=False):
        inverted = factor.head == "pow" and factor.args[1] == Term("neg", (number(1),)) and factor.args[0].head == "name"
        if inverted and is_matrix_letter(factor.args[0].data) and following.head == "name" and not is_matrix_letter(following.data):
            ranks.learn(factor.args[0], 2)
            ranks.learn(following, 1)


def multiplied(ranks: Ranks, function: Term, variable: Term) -> None:
    """The Jacobian of A x, exp(A x) by x: a capital in front of the variable is a matrix, and the variable a vector."""
    free = variable.head == "name" and variable.data not in ranks.ranks and not is_matrix_letter(variable.data)
    if not free or variable.data.base in SCALAR_LETTERS:
        return
    for node in function.walk():
        if node.head == "mul" and node.data is None and node.args[-1] == variable:
            before = node.args[-2]
            if before.head == "name" and is_matrix_letter(before.data) and ranks.ranks.get(before.data, 2) == 2:
                ranks.learn(before, 2)
                ranks.learn(variable, 1)


def must_be_array(ranks: Ranks, term: Term) -> None:
    """The names of what must be a vector (or a matrix, by the letter): x, exp(A x), A x + b."""
    while term.head in ("pow", "apply", "neg", "abs", "sqrt", "hadamard_pow"):
        term = next((a for a in term.args if a.head != "number"), term.args[0])  # max(0, x)
    ranks.learn(term, 2 if term.head == "name" and is_matrix_letter(term.data) else 1)
    for part in term.args if term.head in ("add", "hadamard") else ():
        inner = part.args[0] if part.head == "neg" else part
        if inner.head in ("apply", "hadamard") or term.head == "hadamard":
            must_be_array(ranks, inner)
    if term.head in ("mul", "add") and not ranks.rank(term):
        inside_norm(ranks, term, "2")


def entrywise(ranks: Ranks, term: Term) -> None:
    """The factors of entrywise products of which nothing is known otherwise are vectors, or matrices by the letter."""
    for node in term.walk():
        if node.head == "hadamard" and not any(ranks.rank(a) for a in node.args):
            must_be_array(ranks, node)


def inside_matrix(ranks: Ranks, term: Term) -> None:
    """Under a trace or a determinant capitals are matrices: tr(X⁻¹ A), det(A + B)."""
    if term.head == "name" and is_matrix_letter(term.data):
        ranks.learn(term, 2)
    elif term.head in ("mul", "add", "neg", "transpose"):
        for part in term.args:
            inside_matrix(ranks, part)
    elif term.head in ("pow", "inverse", "div"):
        inside_matrix(ranks, term.args[0])


def inside_norm(ranks: Ranks, inner: Term, kind: str) -> None:
    """In a norm everything is a vector or a matrix: `A x − b`, `x`, `W`."""
    if inner.head == "name":
        ranks.learn(inner, 2 if kind in ("F", "*") or is_matrix_letter(inner.data) else 1)
    elif inner.head in ("add", "neg"):
        for part in inner.args:
            if ranks.rank(part) is None and part.head != "name":
                inside_norm(ranks, part, kind)
        if ranks.rank(inner) is None:
            for part in inner.args:
                inside_norm(ranks, part, kind)
    elif inner.head == "div":
        inside_norm(ranks, inner.args[0], kind)
    elif inner.head == "mul":
        names = [a for a in inner.args if a.head == "name" and a.data not in ranks.ranks]
        last = inner.args[-1]
        if last.head == "name" and ranks.rank(last) is None and len(names) >= 1:
            matrices = [a for a in inner.args[:-1] if a.head == "name" and is_matrix_letter(a.data)]
            ranks.learn(last, 2 if is_matrix_letter(last.data) and (matrices or kind in ("F", "*")) else 1)
        elif last.head == "apply" and ranks.rank(last) is None and FUNCTIONS[str(last.data)].acts == "elementwise":
            if names and is_matrix_letter(names[-1].data) and not any(ranks.rank(a) == 1 for a in inner.args[:-1]):
                must_be_array(ranks, last)  # W tanh(A x)
        elif last.head == "add" and ranks.rank(last) is None and _is_of_names(last):
            if not any(ranks.rank(a) == 1 for a in inner.args[:-1]):
                inside_norm(ranks, last, kind)  # A (x − b)


def _is_of_names(term: Term) -> bool:
    """A sum or difference of names, none of them a usual number."""
    names = [a.args[0] if a.head == "neg" else a for a in term.args]
    return all(n.head == "name" and n.data.base not in SCALAR_LETTERS for n in names)


def numbers_below(radicand: Term) -> list[Name]:
    """The names below a root that are numbers by custom: ε in √(σ² + ε), the width in √d."""
    if radicand.head == "name":
        return [radicand.data] if radicand.data.base in _WIDTHS else []
    return [a.data for a in radicand.args if a.head == "name" and a.data.base in _SMOOTHING] if radicand.head == "add" else []


def is_bias(identifier: str) -> bool:
    """Whether a program calls a bias so: bq beside Wq."""
    return len(identifier) == 2 and identifier[0] == "b" and identifier[1].isalpha()
