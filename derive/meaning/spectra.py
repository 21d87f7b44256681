"""Eigenvalues in a formula: of which matrices they are real numbers in an order, so that one of them is the largest.

In: a settled term and the types of its names. Raises Undetermined for λ_max of a matrix that nothing says is symmetric.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.errors import Undetermined
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.meaning.scope import Type

__all__ = ["refuse_complex_spectra"]

_EXTREME = frozenset(("eigmax", "eigmin", "leadingeigen", "trailingeigen"))
_SYMMETRIC = frozenset(("symmetric", "positive-definite", "positive-semidefinite", "diagonal"))


def refuse_complex_spectra(term: Term, types: Mapping[Name, Type]) -> None:
    """λ_max(A) needs a symmetric A: by declaration, or by its form."""
    if not term.has("apply"):
        return
    for node in term.walk():
        if node.head == "apply" and node.data in _EXTREME and not _is_symmetric(node.args[0], types):
            argument = plain(node.args[0])
            expected = (f"{argument} symmetric",) if node.args[0].head == "name" else (f"lambda_max(({argument} + ({argument})^T)/2)",)
            message = f"nothing says that {argument} is symmetric, so that its eigenvalues could be complex and none the largest"
            raise Undetermined(message, span=node.span, expected=expected)


def _is_symmetric(term: Term, types: Mapping[Name, Type]) -> bool:
    """Whether the term is its own transpose: declared so, AᵀA, A + Aᵀ, u uᵀ, and sums, multiples and inverses of such."""
    head, args = term.head, term.args
    if head == "name":
        kind = types.get(term.data)
        return kind is None or len(kind.shape) < 2 or bool(kind.properties & _SYMMETRIC)
    if head in ("identity", "number", "constant") or (head == "apply" and term.data in (*_EXTREME, "diag", "kron")):
        return True
    if head in ("neg", "transpose", "inverse", "pinv", "sqrt"):
        return _is_symmetric(args[0], types)
    if head in ("div", "pow", "hadamard_pow"):
        return _is_symmetric(args[0], types)
    if head == "add":
        odd = [a for a in args if not _is_symmetric(a, types)]
        return {_turned(a, types) for a in odd} == set(odd)
    if head in ("hadamard", "kron"):
        return all(_is_symmetric(a, types) for a in args)
    if head == "matrix":
        rows, columns = term.data
        return rows == columns and all(args[i * columns + j] == args[j * columns + i] for i in range(rows) for j in range(i))
    if head == "mul":
        arrays = [a for a in args if not _is_number(a, types)]
        if len(arrays) == 1:
            return _is_symmetric(arrays[0], types)
        return len(arrays) > 0 and [_turned(a, types) for a in reversed(arrays)] == arrays
    return False


def _is_number(term: Term, types: Mapping[Name, Type]) -> bool:
    from derive.meaning.inference import shape_of

    return not shape_of(term, types) and term.head != "transpose"


def _turned(term: Term, types: Mapping[Name, Type]) -> Term:
    """The transpose, pushed inside products and sums."""
    if term.head == "transpose":
        return term.args[0]
    if term.head in ("neg", "add"):
        return term.with_args(tuple(_turned(a, types) for a in term.args))
    if term.head == "mul":
        return term.with_args(tuple(_turned(a, types) for a in reversed(term.args)))
    if term.head == "inverse":
        return term.with_args((_turned(term.args[0], types),))
    kind = types.get(term.data) if term.head == "name" else None
    symmetric = kind is not None and len(kind.shape) == 2 and bool(kind.properties & _SYMMETRIC)
    return term if symmetric or term.head == "identity" else Term("transpose", (term,))
