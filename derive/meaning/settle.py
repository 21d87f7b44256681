"""What depends on shapes, settled: |A| is a determinant, ‖x‖ a 2-norm, A^{-1} an inverse, x · y an inner product, I an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import WrongUse
from derive.expressions.term import Name, Term, number
from derive.meaning.blocks import as_joined

if TYPE_CHECKING:
    from derive.meaning.shapes import Shapes

__all__ = ["settle"]

_ENTRYWISE = ("add", "neg", "pow", "hadamard", "hadamard_div", "div")
_IDENTITY = (Name("I"), Name("I", "bf"), Name("I", "bb"))


def settle(term: Term, shapes: Shapes) -> Term:
    """The term with what the ranks of its parts decide put in its proper form."""
    return _Settling(shapes).term(term)


class _Settling:
    """One pass; what is shared is settled once."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.done: dict[tuple[int, bool], Term] = {}

    def term(self, term: Term, totalled: bool = False) -> Term:
        """The term settled; `totalled`: its entries are added up or stand on a diagonal, so that a power is one of every entry."""
        if not term.args:
            return _settled(term, (), self.shapes)
        if (id(term), totalled) not in self.done:
            inside = (totalled and term.head in _ENTRYWISE) or (term.head == "apply" and term.data in ("sum", "mean", "diag"))
            args = tuple(self.term(a, inside) for a in term.args)
            power = totalled and term.head == "pow"
            self.done[id(term), totalled] = self._power(term, args) if power else _settled(term, args, self.shapes)
        return self.done[id(term), totalled]

    def _power(self, term: Term, args: tuple[Term, ...]) -> Term:
        """`sum(x^2)`, `diag(s^2)`: x of every entry."""
        if term.data == "np" or self.shapes.rank(args[0]) != 1 or args[0].head == "transpose" or args[1].head != "number":
            return _settled(term, args, self.shapes)
        self.shapes.remarks.append((term.with_args(args), " is the power of every entry"))
        return Term("hadamard_pow", args, None, term.span)


def _settled(term: Term, args: tuple[Term, ...], shapes: Shapes) -> Term:
    node = term.with_args(args)
    head = node.head
    if node.data == "np" or head == "matmul" or (head == "apply" and args and args[-1].head == "keyword"):
        from derive.meaning.numpy_notation.settling import settle_numpy

        return settle_numpy(node, shapes.rank, shapes.sizes.fresh)
    if head == "name":
        if node.data in _IDENTITY and node.data not in shapes.declared and (node.data.font == "bf" or shapes.ranks.get(node.data) == 2):
            shapes.inferred.pop(node.data, None)
            return Term("identity", (), None, node.span)
        if (
            node.data.base == "I"
            and node.data.sub
            and node.data not in shapes.declared
            and len(node.data.sub) == 1
            and node.data.font in ("", "bf")
        ):
            shapes.inferred.pop(node.data, None)
            return Term("identity", (Term("name", (), Name(node.data.sub)),), None, node.span)
        return node
    if head == "abs" and shapes.rank(args[0]) == 2:
        return Term("apply", args, "det", node.span)
    if head == "norm" and node.data == "":
        return Term("norm", args, "F" if shapes.rank(args[0]) == 2 else "2", node.span)
    if head == "norm" and node.data == "2" and shapes.rank(args[0]) == 2:
        return Term("norm", args, "spectral", node.span)
    if head == "pow" and shapes.rank(args[0]) == 2 and args[1] == Term("neg", (Term("number", (), "1"),)):
        return Term("inverse", (args[0],), None, node.span)
    if head == "add":
        return _rows_added(node, shapes)
    if head == "mul" and len(args) > 1 and args[-1] == Term("number", (), "1") and shapes.rank(args[-2]) == 2:
        ones = Term("ones", (shapes.sizes.fresh(),), None, args[-1].span)
        return _settled(node.with_args((*args[:-1], ones)), (*args[:-1], ones), shapes)
    if head in ("matrix", "vector") and (block := as_joined(node, shapes.rank)) is not None:
        return _said(block, shapes)
    if head == "mul" and any(a.head == "vector" for a in args[1:]):
        args = tuple(_block_behind(before, a, shapes) for before, a in zip((number(1), *args), args, strict=False))
        node = node.with_args(args)
    if head == "mul" and len(args) > 1:
        node = _repeated(node, shapes)
        args = node.args
    if head == "pow" and args[0].head == "constant" and args[0].data == "e" and _is_square(args[1], shapes):
        shapes.remarks.append((node, " is the exponential of the matrix"))
        return Term("apply", (args[1],), "matrix_exp", node.span)
    if head == "pow" and args[0].head == "constant" and args[0].data == "e" and shapes.rank(args[1]):
        return Term("apply", (args[1],), "exp", node.span)
    if head == "pow" and shapes.rank(args[0]) == 1 and args[0].head == "apply" and args[1].head == "number":
        return Term("hadamard_pow", args, None, node.span)
    if head == "pow" and shapes.rank(args[0]) == 1 and args[0].head != "transpose" and args[1].head == "neg":
        raise WrongUse("the inverse of a vector", span=node.span, suggestion="1 ./ x for the reciprocals of its entries")
    if head == "pow" and shapes.rank(args[0]) == 1 and args[0].head != "transpose" and args[1].head == "number":
        raise WrongUse("a power of a vector", span=node.span, suggestion="‖x‖^2 or x .* x")
    if head == "pow" and args[1].head == "transpose":
        return node
    if head == "div" and shapes.rank(args[1]) == 2:
        raise WrongUse("division by a matrix", span=node.span, suggestion="a product with A^{-1} on the side that is meant")
    if head == "mul" and len(args) == 2 and (columns := _columns(args)) is not None:
        shapes.remarks.append((node, " is the inner product"))
        return Term("inner", columns, None, node.span)
    if head == "mul" and node.data == "·":
        ranks = [shapes.rank(a) for a in args]
        if ranks == [1, 1] and "transpose" not in (args[0].head, args[1].head):
            return Term("inner", args, None, node.span)
        flat: list[Term] = []
        for a in args:
            flat += a.args if a.head == "mul" and a.data is None else (a,)
        return Term("mul", tuple(flat), None, node.span)
    return node


def _is_square(term: Term, shapes: Shapes) -> bool:
    shape = shapes.shape(term)
    return len(shape) == 2 and shapes.sizes.find(shape[0]) == shapes.sizes.find(shape[1])


def _block_behind(before: Term, term: Term, shapes: Shapes) -> Term:
    """W [h, x]: the vectors one after the other."""
    block = as_joined(term, shapes.rank, behind_matrix=True) if term.head == "vector" and shapes.rank(before) == 2 else None
    return term if block is None else _said(block, shapes)


def _said(block: Term, shapes: Shapes) -> Term:
    words = " stand side by side" if block.data == "hcat" else " follow each other"
    listed: list[object] = []
    for place, part in enumerate(block.args):
        listed += [" and " if place else "", part]
    shapes.remarks.append((*listed, words))
    return block


def _columns(args: tuple[Term, ...]) -> tuple[Term, ...] | None:
    """Two columns of the same length that are written out, as vectors: their product can only be the inner one."""
    if any(a.head != "matrix" or a.data[1] != 1 or a.data[0] == 1 for a in args) or args[0].data != args[1].data:
        return None
    return tuple(Term("vector", a.args, None, a.span) for a in args)


def _repeated(node: Term, shapes: Shapes) -> Term:
    """`1 bᵀ` repeats b in every row; in `1 1ᵀ` both are as long."""
    args = list(node.args)
    for k, following in enumerate(args[1:]):
        if following.head != "transpose" or shapes.rank(following.args[0]) != 1:
            continue
        of_ones = following.args[0].head == "ones"
        one = args[k] == Term("number", (), "1") and (k == 0 or of_ones)
        if not one and not (args[k].head == "ones" and not args[k].args and (k == 0 or of_ones)):
            continue
        size = following.args[0].args[0] if of_ones and following.args[0].args else shapes.sizes.fresh()
        args[k] = Term("ones", (size,), None, args[k].span)
        if of_ones:
            args[k + 1] = Term("transpose", (Term("ones", (size,), None, following.args[0].span),), None, following.span)
    return node.with_args(tuple(args))


def _rows_added(node: Term, shapes: Shapes) -> Term:
    """`X W + b` adds b to every row: `X W + 1 bᵀ`; `x + c` adds c to every entry."""
    ranks = [shapes.rank(a) for a in node.args]
    if any(ranks) and 0 in ranks:
        for part, rank in zip(node.args, ranks, strict=True):
            inner = part.args[0] if part.head == "neg" else part
            if rank == 0 and inner.head in ("name", "index"):
                shapes.remarks.append((inner.at(None), " is a scalar beside an array: it stands in every entry"))
    if 2 not in ranks or 1 not in ranks:
        return node
    parts: list[Term] = []
    for part, rank in zip(node.args, ranks, strict=True):
        inner = part.args[0] if part.head == "neg" else part
        if rank == 1 and not shapes.is_row(inner):
            row = Term(
                "mul",
                (Term("ones", (shapes.sizes.fresh(),), None, part.span), Term("transpose", (inner,), None, part.span)),
                None,
                part.span,
            )
            parts.append(Term("neg", (row,), None, part.span) if part.head == "neg" else row)
            shapes.remarks.append((inner.at(None), " is a vector beside a matrix: it is added to every row"))
        else:
            parts.append(part)
    return node.with_args(tuple(parts))
