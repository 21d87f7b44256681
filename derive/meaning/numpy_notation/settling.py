"""NumPy's arithmetic once the shapes are known: in the paper's own heads, so that nothing downstream has two meanings for one head.

In: a `matmul`, a term with data "np" or a reduction with a `keyword`, and a function that gives the rank of a term (None: nothing says
that it is an array, so it is a scalar). Out: a term as on paper; the same term where paper has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.errors import NotSupported
from derive.expressions.term import Term, number

__all__ = ["reduced_rank", "reduced_shape", "settle_numpy"]

Rank = Callable[[Term], int | None]
Fresh = Callable[[], Term]

ALL = Term("word", (), "all")


def reduced_rank(inner: int | None, term: Term) -> int | None:
    """The rank of a reduction with an axis, from that of what it reduces."""
    options = {a.data: a.args[0] for a in term.args if a.head == "keyword"}
    if term.data in ("softmax", "log_softmax", "cumsum") or "keepdims" in options:
        return inner
    axis = options["axis"]
    return 0 if axis == ALL else max((inner or 0) - (len(axis.args) if axis.head == "tuple" else 1), 0)


def reduced_shape(inner: tuple[Term, ...], term: Term) -> tuple[Term, ...]:
    """The shape of a reduction with an axis, from that of what it reduces."""
    options = {a.data: a.args[0] for a in term.args if a.head == "keyword"}
    if term.data in ("softmax", "log_softmax", "cumsum"):
        return inner
    axis = options.get("axis", ALL)
    parts = axis.args if axis.head == "tuple" else (axis,)
    places = {int(p.value if p.head == "number" else -p.args[0].value) % len(inner) for p in parts if p.head != "word" and inner}
    gone = set(range(len(inner))) if axis == ALL else places
    if "keepdims" in options:
        return tuple(number(1) if k in gone else size for k, size in enumerate(inner))
    return tuple(size for k, size in enumerate(inner) if k not in gone)


def settle_numpy(term: Term, rank: Rank, fresh: Fresh | None = None) -> Term:
    """`X @ Y`, `X * Y`, `x ** 2`, `a / b`, `np.abs(X)`, `x.T`, `X + b`, `np.max(x)` as they are written on paper for these ranks.

    A vector beside a matrix is one row for all of its rows: 1 bᵀ; an axis of length 1 is repeated along the matrix beside it. `fresh`
    gives sizes that are found later. Raises NotSupported for broadcasts of other ranks.
    """
    if term.head == "apply":
        return _reduction(term, rank, fresh)
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
    if 2 in arrays:
        args = _repeated(args, ranks, fresh)
    if len(arrays) > 1:
        if arrays != {1, 2}:
            raise NotSupported("a broadcast between these ranks", span=term.span)
        args = tuple(_rows(arg, fresh) if rank == 1 else arg for arg, rank in zip(args, ranks, strict=True))
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


def _rows(vector: Term, fresh: Fresh | None) -> Term:
    if vector.head == "neg":
        return Term("neg", (_rows(vector.args[0], fresh),), None, vector.span)
    ones = Term("ones", (fresh(),) if fresh is not None else (), None, vector.span)
    return Term("mul", (ones, Term("transpose", (vector,), None, vector.span)), None, vector.span)


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


def _reduction(term: Term, rank: Rank, fresh: Fresh | None) -> Term:
    """A reduction over all entries, or of a vector, is that of the paper; the sum of the rows or columns is a product with ones."""
    options = {a.data: a.args[0] for a in term.args[1:] if a.head == "keyword"}
    array, axis = term.args[0], options.get("axis", ALL)
    inner = rank(array)
    if not inner or ("keepdims" in options and (fresh is None or term.data in ALONG)):
        return term
    whole = axis == ALL or (inner == 1 and axis in (number(0), number(-1)))
    if "keepdims" in options:
        return _kept(term, array, axis, inner, whole, rank, fresh)
    if term.data == "logsumexp" and whole and inner > 1:
        total = Term("apply", (Term("apply", (array,), "exp", term.span),), "sum", term.span)
        return Term("apply", (total,), "log", term.span)
    if whole and (inner == 1 or term.data in ("max", "min")):
        return Term("apply", (array,), term.data, term.span)
    if inner == 2 and axis in (number(1), number(-1)) and term.data in ALONG:
        return Term("apply", (array,), term.data, term.span)
    if inner == 2 and term.data == "sum" and axis in (number(0), number(1), number(-1)):
        return Term("mul", (_turned(array, axis), Term("ones", (), None, term.span)), None, term.span)
    if inner == 2 and term.data == "mean" and fresh is not None and axis in (number(0), number(1), number(-1)):
        size = fresh()
        total = Term("mul", (_turned(array, axis), Term("ones", (size,), None, term.span)), None, term.span)
        return Term("div", (total, size), None, term.span)
    return term


ALONG = ("softmax", "log_softmax", "logsumexp", "cumsum")


def _turned(matrix: Term, axis: Term) -> Term:
    """The matrix whose rows are reduced."""
    return matrix if axis != number(0) else Term("transpose", (matrix,), None, matrix.span)


def _kept(term: Term, array: Term, axis: Term, inner: int, whole: bool, rank: Rank, fresh: Fresh | None) -> Term:
    """A reduction of a vector or matrix whose axis stays as one of length 1: a scalar, a column r 1ᵀ, a row 1 rᵀ."""
    plain = term.with_args(tuple(a for a in term.args if a.head != "keyword" or a.data != "keepdims"))
    if inner > 2:
        return term
    found = _reduction(plain, rank, fresh)
    if whole:
        return found  # it is repeated wherever it stands
    return _column(found) if axis != number(0) else Term("transpose", (_column(found),), None, term.span)


# ---------------------------------------------------------------------------------------------- axes of length 1
ONCE = Term("ones", (number(1),))
ENTRYWISE = frozenset(("neg", "sqrt", "abs", "add", "mul", "div", "pow", "hadamard", "hadamard_div", "hadamard_pow", "apply"))


def _column(vector: Term) -> Term:
    return Term("mul", (vector, Term("transpose", (ONCE,))), None, vector.span)


def _axis(term: Term) -> str:
    """ "column" or "row" where the term is a matrix of one column or one row that a reduction left."""
    if term.head == "mul" and len(term.args) == 2 and term.args[1] == Term("transpose", (ONCE,)):
        return "column"
    if term.head == "transpose" and _axis(term.args[0]) == "column":
        return "row"
    if term.head not in ENTRYWISE or (term.head == "apply" and any(a.head == "keyword" for a in term.args)):
        return ""
    found = {_axis(a) for a in term.args} - {""}
    return found.pop() if len(found) == 1 else ""


def _vector(term: Term) -> Term:
    """The vector that the single column or row is."""
    if term.head == "mul" and _axis(term.args[0]) == "" and term.args[-1] == Term("transpose", (ONCE,)):
        return term.args[0]
    if term.head == "transpose":
        return _vector(term.args[0])
    return term.with_args(tuple(_vector(a) if _axis(a) else a for a in term.args))


def _repeated(args: tuple[Term, ...], ranks: list[int | None], fresh: Fresh | None) -> tuple[Term, ...]:
    """The arguments with a single column or row repeated along the matrix beside it."""
    axes = [_axis(arg) if rank == 2 else "" for arg, rank in zip(args, ranks, strict=True)]
    beside = {axis for axis, rank in zip(axes, ranks, strict=True) if rank and (rank == 2 or not axis)}
    if beside == {""} or len(beside) == 1:
        return args
    made: list[Term] = []
    for arg, axis in zip(args, axes, strict=True):
        if not axis:
            made.append(arg)
            continue
        ones = Term("ones", (fresh(),) if fresh is not None else (), None, arg.span)
        vector = _vector(arg)
        inner = vector.args[0] if vector.head == "neg" else vector
        first, second = (inner, ones) if axis == "column" else (ones, inner)
        row = Term("mul", (first, Term("transpose", (second,), None, arg.span)), None, arg.span)
        made.append(row if inner is vector else Term("neg", (row,), None, arg.span))
    return tuple(made)
