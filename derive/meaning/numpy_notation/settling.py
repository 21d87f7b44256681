"""NumPy's arithmetic once the shapes are known: in the paper's own heads, so that nothing downstream has two meanings for one head.

In: a `matmul` or a term with data "np", and the ranks of its arguments (None: nothing says that it is an array, so it is a scalar).
Out: a term without "np"; a `matmul` stays one where its ranks are not known.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import NotSupported
from derive.expressions.term import Term

__all__ = ["settle_numpy"]


def settle_numpy(term: Term, ranks: Sequence[int | None]) -> Term:
    """`X @ Y`, `X * Y`, `x ** 2`, `a / b`, `np.abs(X)`, `x.T`, `X + b` as they are written on paper for arguments of these ranks.

    A vector beside a matrix is one row for all of its rows: 1 bᵀ. Raises NotSupported for broadcasts of other ranks.
    """
    first, last = ranks[0], ranks[-1]
    if term.head == "matmul":
        return _product(term, ranks)
    if term.head == "transpose":
        return term.args[0] if not first or first == 1 else Term("transpose", term.args, None, term.span)
    if term.head == "abs" and first and first > 1:  # |·| of a matrix is a determinant on paper
        return Term("apply", (term.args[0], Term("neg", term.args, None, term.span)), "max", term.span)
    arrays = {rank for rank in ranks if rank}
    args = term.args
    if len(arrays) > 1:
        if arrays != {1, 2}:
            raise NotSupported("a broadcast between these ranks", span=term.span)
        args = tuple(_rows(arg) if rank == 1 else arg for arg, rank in zip(args, ranks, strict=True))
    head = term.head
    if head == "mul" and sum(bool(rank) for rank in ranks) > 1:
        head = "hadamard"
    elif head == "div" and last:
        head = "hadamard_div"
    elif head == "pow" and arrays:
        head = "hadamard_pow"
    return Term(head, args, None, term.span)


def _rows(vector: Term) -> Term:
    return Term("mul", (Term("ones", (), None, vector.span), Term("transpose", (vector,), None, vector.span)), None, vector.span)


def _product(term: Term, ranks: Sequence[int | None]) -> Term:
    """`x @ A @ y` is xᵀA y, `x @ A` the column Aᵀx, `A @ x` the product as it stands."""
    args = term.args
    if ranks[0] == 1 and all(rank == 2 for rank in ranks[1:]):
        turned = tuple(Term("transpose", (matrix,), None, matrix.span) for matrix in reversed(args[1:]))
        return Term("mul", (*turned, args[0]), None, term.span)
    if all(rank == 2 for rank in ranks[1:-1]) and ranks[0] in (1, 2) and ranks[-1] in (1, 2):
        first = args[0] if ranks[0] == 2 else Term("transpose", (args[0],), None, args[0].span)
        return Term("mul", (first, *args[1:]), None, term.span)
    return term
