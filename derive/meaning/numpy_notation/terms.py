"""Operators of Python as terms: which are marked "np" because arrays are taken entry by entry.

In: the operands' terms. Out: one term.
"""

from __future__ import annotations

from derive.expressions.term import Span, Term

__all__ = ["combine", "is_scalar", "piecewise"]


def is_scalar(term: Term) -> bool:
    """Whether the term is a scalar whatever its names are."""
    if term.head in ("number", "constant"):
        return True
    return term.head in ("neg", "add", "mul", "div", "pow") and all(is_scalar(a) for a in term.args)


def combine(operator: str, left: Term, right: Term, span: Span, *, flat: bool = False) -> Term:
    """`left operator right` as a term, marked "np" where arrays would be taken entry by entry; `flat` continues a run."""
    scalars = is_scalar(left), is_scalar(right)
    entrywise = None if any(scalars) else "np"
    match operator:
        case "+" | "-":
            added = right if operator == "+" else Term("neg", (right,), None, right.span)
            if flat and left.head == "add":
                return Term("add", (*left.args, added), left.data or entrywise, span)
            return Term("add", (left, added), entrywise, span)
        case "*":
            if flat and left.head == "mul":
                return Term("mul", (*left.args, right), left.data if scalars[1] else "np", span)
            return Term("mul", (left, right), entrywise, span)
        case "/":
            return Term("div", (left, right), None if scalars[1] else "np", span)
        case "**":
            return Term("pow", (left, right), None if all(scalars) else "np", span)
        case "@":
            if flat and left.head == "matmul":
                return Term("matmul", (*left.args, right), None, span)
            return Term("matmul", (left, right), None, span)
        case "//":
            return Term("apply", (combine("/", left, right, span),), "floor", span)
    return Term("apply", (left, right), "mod", span)


def piecewise(pieces: tuple[tuple[Term, Term], ...], otherwise: Term, span: Span | None) -> Term:
    """A `cases` of (value, condition) pairs; one that stands in the last branch is merged."""
    arguments = tuple(part for piece in pieces for part in piece)
    last = otherwise.args if otherwise.head == "cases" else (otherwise, Term("otherwise", (), None, span))
    return Term("cases", (*arguments, *last), None, span)
