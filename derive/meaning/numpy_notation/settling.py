"""NumPy's arithmetic once the shapes are known: in the paper's own heads, so that nothing downstream has two meanings for one head.

In: a `matmul`, a term with data "np" or a reduction with a `keyword`, and a function that gives the rank of a term (None: nothing says
that it is an array, so it is a scalar). Out: a term as on paper; the same term where paper has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.errors import NotSupported
from derive.expressions.term import Term, number

__all__ = ["reduced_rank", "settle_numpy"]

Rank = Callable[[Term], int | None]

ALL = Term("word", (), "all")


def reduced_rank(inner: int | None, term: Term) -> int | None:
    """The rank of a reduction with an axis, from that of what it reduces."""
    options = {a.data: a.args[0] for a in term.args if a.head == "keyword"}
    if term.data in ("softmax", "log_softmax", "cumsum") or "keepdims" in options:
        return inner
    axis = options["axis"]
    return 0 if axis == ALL else max((inner or 0) - (len(axis.args) if axis.head == "tuple" else 1), 0)


def settle_numpy(term: Term, rank: Rank) -> Term:
    """`X @ Y`, `X * Y`, `x ** 2`, `a / b`, `np.abs(X)`, `x.T`, `X + b`, `np.max(x)` as they are written on paper for these ranks.

    A vector beside a matrix is one row for all of its rows: 1 bᵀ. Raises NotSupported for broadcasts of other ranks.
    """
    if term.head == "apply":
        return _reduction(term, rank)
    ranks = [_entry_rank(a, rank) for a in term.args]
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


def _entry_rank(term: Term, rank: Rank) -> int | None:
    """The rank of an argument; a condition on an array is an array of zeros and ones."""
    if term.head != "indicator":
        return rank(term)
    ranks = [rank(side) for part in term.walk() if part.head in ("rel", "chain") for side in part.args]
    return max((r for r in ranks if r), default=None)


def _rows(vector: Term) -> Term:
    return Term("mul", (Term("ones", (), None, vector.span), Term("transpose", (vector,), None, vector.span)), None, vector.span)


def _product(term: Term, ranks: list[int | None]) -> Term:
    """`x @ A @ y` is xᵀA y, `x @ A` the column Aᵀx, `A @ x` the product as it stands."""
    args = term.args
    if ranks[0] == 1 and all(rank == 2 for rank in ranks[1:]):
        turned = tuple(Term("transpose", (matrix,), None, matrix.span) for matrix in reversed(args[1:]))
        return Term("mul", (*turned, args[0]), None, term.span)
    if all(rank == 2 for rank in ranks[1:-1]) and ranks[0] in (1, 2) and ranks[-1] in (1, 2):
        first = args[0] if ranks[0] == 2 else Term("transpose", (args[0],), None, args[0].span)
        return Term("mul", (first, *args[1:]), None, term.span)
    return term


def _reduction(term: Term, rank: Rank) -> Term:
    """A reduction over all entries, or of a vector, is that of the paper; the sum of the rows or columns is a product with ones."""
    array, axis = term.args[0], term.args[1].args[0]
    inner = rank(array)
    if not inner or len(term.args) > 2:
        return term
    whole = axis == ALL or (inner == 1 and axis in (number(0), number(-1)))
    if term.data == "logsumexp" and whole and inner > 1:
        total = Term("apply", (Term("apply", (array,), "exp", term.span),), "sum", term.span)
        return Term("apply", (total,), "log", term.span)
    if whole and (inner == 1 or term.data in ("max", "min")):
        return Term("apply", (array,), term.data, term.span)
    if inner == 2 and axis in (number(1), number(-1)) and term.data in ("softmax", "log_softmax", "logsumexp", "cumsum"):
        return Term("apply", (array,), term.data, term.span)
    if inner == 2 and term.data == "sum" and axis in (number(0), number(1), number(-1)):
        matrix = array if axis != number(0) else Term("transpose", (array,), None, array.span)
        return Term("mul", (matrix, Term("ones", (), None, term.span)), None, term.span)
    return term
