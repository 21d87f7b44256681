"""Functions of NumPy that make arrays, choose between them, or act on whole matrices, as terms.

In: the arguments of a call. Out: a term; `ARRAYS` says which function of this file reads which call.
"""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING

from derive.expressions.term import Span, Term, number
from derive.meaning.numpy_notation.arguments import Arguments, CallReader, axis_of, reduce
from derive.meaning.numpy_notation.by_shape import is_dtype
from derive.meaning.numpy_notation.indexing import integer_of
from derive.meaning.numpy_notation.terms import piecewise

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.expressions import Expressions as Reader

__all__ = ["ARRAYS"]

LARGEST_LITERAL = 12


def _like(reader: Reader, node: ast.expr, condition: ast.expr) -> Term:
    """A branch of `where`; `ones_like(x)` beside a condition on x is 1, for the condition has its shape."""
    if isinstance(node, ast.Call) and reader.called(node.func) in ("np.ones_like", "np.zeros_like") and len(node.args) == 1:
        inside = {ast.dump(part) for part in ast.walk(condition)}
        if ast.dump(node.args[0]) in inside:
            return number(1 if reader.called(node.func) == "np.ones_like" else 0, reader.span(node))
    return reader.value(node)


def _where(reader: Reader, arguments: Arguments, span: Span) -> Term:
    condition, left, right = arguments.take(least=3, most=3)
    return piecewise(((_like(reader, left, condition), reader.condition(condition)),), _like(reader, right, condition), span)


def _select(reader: Reader, arguments: Arguments, span: Span) -> Term:
    given = arguments.take("default", least=2, most=3)
    conditions, values = given[:2]
    if (
        not isinstance(conditions, (ast.List, ast.Tuple))
        or not isinstance(values, (ast.List, ast.Tuple))
        or len(conditions.elts) != len(values.elts)
    ):
        reader.refuse(arguments.node, "np.select without two lists of one length")
    pieces = tuple((reader.value(v), reader.condition(c)) for v, c in zip(values.elts, conditions.elts, strict=True))
    return piecewise(pieces, reader.value(given[2]) if len(given) == 3 else number(0), span)


def _heaviside(reader: Reader, arguments: Arguments, span: Span) -> Term:
    x, middle = (reader.value(a) for a in arguments.take(least=2, most=2))
    pieces = (number(0), Term("rel", (x, number(0)), "<", span), middle, Term("rel", (x, number(0)), "=", span))
    return Term("cases", (*pieces, number(1), Term("otherwise", (), None, span)), None, span)


def _sizes(reader: Reader, node: ast.expr) -> tuple[Term, ...]:
    if isinstance(node, (ast.Tuple, ast.List)):
        return tuple(reader.value(part) for part in node.elts)
    if isinstance(node, ast.Attribute) and node.attr == "shape":
        reader.refuse(node, "the shape of another array here")
    return (reader.value(node),)


def _identity(reader: Reader, arguments: Arguments, span: Span) -> Term:
    dtype = arguments.keywords.pop("dtype", None)
    if dtype is not None and not is_dtype(reader, dtype):
        reader.refuse(dtype, "this dtype")
    return Term("identity", (reader.value(arguments.take()[0]),), None, span)


def _filled(reader: Reader, shape: ast.expr, value: Term, span: Span) -> Term:
    """An array of one value: a literal where its shape is small and given, else the value times a vector of ones."""
    sizes = _sizes(reader, shape)
    counts = [int(size.value) if size.head == "number" else 0 for size in sizes]
    if all(0 < count <= LARGEST_LITERAL for count in counts) and len(counts) <= 2:
        entries = (value,) * math.prod(counts)
        return Term("vector", entries, None, span) if len(counts) == 1 else Term("matrix", entries, tuple(counts), span)
    if len(sizes) != 1:
        reader.refuse(shape, "a large array of ones")
    ones = Term("ones", sizes, None, span)
    return ones if value == number(1) else Term("mul", (value, ones), None, span)


def _ones(reader: Reader, arguments: Arguments, span: Span) -> Term:
    return _filled(reader, arguments.take()[0], number(1), span)


def _zeros(reader: Reader, arguments: Arguments, span: Span) -> Term:
    return _filled(reader, arguments.take()[0], number(0), span)


def _shaped_like(reader: Reader, arguments: Arguments, span: Span) -> Term:
    reader.refuse(arguments.node, f"{arguments.name} other than beside a condition on the same array")


def _full(reader: Reader, arguments: Arguments, span: Span) -> Term:
    shape, value = arguments.take("fill_value", least=2, most=2)
    return _filled(reader, shape, reader.value(value), span)


def _array(reader: Reader, arguments: Arguments, span: Span) -> Term:
    dtype = arguments.keywords.pop("dtype", None)
    if dtype is not None and not is_dtype(reader, dtype):
        reader.refuse(dtype, "this dtype")
    return reader.literal(arguments.take()[0]).at(span)


def _inner(reader: Reader, arguments: Arguments, span: Span) -> Term:
    left, right = (reader.literal(a) for a in arguments.take(least=2, most=2))
    return Term("matmul", (left, Term("transpose", (right,), "np", right.span)), None, span)


def _vdot(reader: Reader, arguments: Arguments, span: Span) -> Term:
    return Term("inner", tuple(reader.literal(a) for a in arguments.take(least=2, most=2)), None, span)


def _outer(reader: Reader, arguments: Arguments, span: Span) -> Term:
    left, right = (reader.literal(a) for a in arguments.take(least=2, most=2))
    return Term("mul", (left, Term("transpose", (right,), None, right.span)), None, span)


def _solve(reader: Reader, arguments: Arguments, span: Span) -> Term:
    matrix, right = (reader.literal(a) for a in arguments.take(least=2, most=2))
    return Term("matmul", (Term("inverse", (matrix,), None, matrix.span), right), None, span)


def _matrix_power(reader: Reader, arguments: Arguments, span: Span) -> Term:
    return Term("pow", tuple(reader.literal(a) for a in arguments.take(least=2, most=2)), None, span)


def _transpose(reader: Reader, arguments: Arguments, span: Span) -> Term:
    return Term("transpose", (reader.literal(arguments.take()[0]),), "np", span)


def _size(reader: Reader, arguments: Arguments, span: Span) -> Term:
    return Term("size", (reader.value(arguments.take()[0]),), None, span)


def _length(reader: Reader, arguments: Arguments, span: Span) -> Term:
    return Term("size", (reader.value(arguments.take()[0]), number(0)), None, span)


def _difference(reader: Reader, arguments: Arguments, span: Span) -> Term:
    x, blank, one = reader.value(arguments.take()[0]), Term("blank"), number(1)
    later = Term("slice", (x, Term("range", (one, blank))), None, span)
    earlier = Term("slice", (x, Term("range", (blank, Term("neg", (one,))))), None, span)
    return Term("add", (later, Term("neg", (earlier,), None, span)), "np", span)


def _norm(reader: Reader, arguments: Arguments, span: Span) -> Term:
    """Without an order, as on paper: the 2-norm of a vector and the Frobenius norm of a matrix."""
    keepdims = arguments.flag("keepdims")
    axis = arguments.keywords.pop("axis", None)
    given = arguments.take("ord", least=1, most=2)
    x = reader.literal(given[0])
    order = given[1] if len(given) == 2 else None
    kind = _norm_kind(reader, order)
    if axis is not None:
        place = axis_of(reader, axis, arguments.name)
        if place.head not in ("number", "neg") or kind not in ("", "2", "1"):
            reader.refuse(axis, f"{arguments.name} with this axis and order")
        size = Term("abs", (x,), "np", span)
        if kind == "1":
            return reduce("sum", size, place, keepdims, span)
        return Term("sqrt", (reduce("sum", Term("pow", (x, number(2)), "np", span), place, keepdims, span),), None, span)
    if keepdims:
        reader.refuse(arguments.node, f"{arguments.name} with keepdims=")
    if kind is None:
        assert order is not None
        return Term("norm", (x, reader.value(order)), "p", span)
    return Term("norm", (x,), kind, span)


def _norm_kind(reader: Reader, order: ast.expr | None) -> str | None:
    if order is None or (isinstance(order, ast.Constant) and order.value is None):
        return ""
    if isinstance(order, ast.Constant) and isinstance(order.value, str):
        kinds = {"fro": "F", "nuc": "*"}
        if order.value not in kinds:
            reader.refuse(order, f"the order {order.value!r}")
        return kinds[order.value]
    value = integer_of(order)
    if value is not None:
        if value < 0:
            reader.refuse(order, "a negative order")
        return str(value) if value in (0, 1, 2) else None
    return "inf" if reader.value(order) == Term("constant", (), "inf") else None


def _multi_dot(reader: Reader, arguments: Arguments, span: Span) -> Term:
    chain = arguments.take()[0]
    if not isinstance(chain, (ast.List, ast.Tuple)) or len(chain.elts) < 2:
        reader.refuse(chain, "np.linalg.multi_dot without a list of matrices")
    return Term("matmul", tuple(reader.value(part) for part in chain.elts), None, span)


ARRAYS: dict[str, CallReader] = {
    "np.where": _where, "np.select": _select, "np.heaviside": _heaviside, "np.transpose": _transpose,
    "linalg.matrix_transpose": _transpose, "np.outer": _outer, "linalg.outer": _outer, "np.inner": _inner, "np.vdot": _vdot,
    "np.vecdot": _vdot, "np.array": _array, "np.asarray": _array, "np.eye": _identity, "np.identity": _identity, "np.ones": _ones,
    "np.zeros": _zeros, "np.full": _full, "np.ones_like": _shaped_like, "np.zeros_like": _shaped_like, "linalg.solve": _solve,
    "linalg.norm": _norm, "linalg.vector_norm": _norm, "linalg.matrix_power": _matrix_power, "linalg.multi_dot": _multi_dot,
    "np.size": _size, "len": _length, "np.diff": _difference,
}  # fmt: skip
