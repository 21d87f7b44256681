"""Calls that are read only where the shapes of their arguments are known: their arguments as terms, nothing else.

In: the arguments of a call. Out: a `numpy` term, whose data is the canonical name; `shaped` says what it is.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from derive.errors import NotSupported
from derive.expressions.term import Span, Term, number
from derive.meaning.numpy_notation.arguments import Arguments
from derive.meaning.numpy_notation.indexing import integer_of
from derive.meaning.numpy_notation.names import BY_SHAPE, SHAPE_HELPS, spelled

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.expressions import Expressions as Reader

__all__ = ["is_dtype", "read_by_shape"]

FLOATS = ("float", "np.float64", "np.float32", "numpy.float64", "numpy.float32", "np.floating")


def read_by_shape(reader: Reader, arguments: Arguments, name: str, span: Span) -> Term | None:
    """The call as a `numpy` term; None where it is read without shapes. Raises NotSupported where they are needed and not known."""
    if name not in BY_SHAPE and not (reader.shaped and name in SHAPE_HELPS):
        return None
    if not reader.shaped:
        raise NotSupported(f"{spelled(name)} needs the shapes of its arguments", span=span, expected=("where x in R^n",))
    _refuse_other_defaults(reader, arguments, name)
    dtype = arguments.keywords.pop("dtype", None)
    if (
        dtype is not None
        and not is_dtype(reader, dtype)
        and not (isinstance(dtype, ast.Name) and dtype.id == "int" and name == "np.arange")
    ):
        reader.refuse(dtype, "this dtype")
    for ignored in ("check_finite", "overwrite_a", "overwrite_b", "optimize"):
        arguments.keywords.pop(ignored, None)
    parts = [_term(reader, part) for part in arguments.positional]
    parts += [Term("keyword", (_term(reader, part),), keyword) for keyword, part in arguments.keywords.items()]
    if not parts:
        reader.refuse(arguments.node, f"{arguments.name} without arguments")
    return Term("tuple" if name == "np.broadcast_arrays" else "numpy", tuple(parts), None if name == "np.broadcast_arrays" else name, span)


def _refuse_other_defaults(reader: Reader, arguments: Arguments, name: str) -> None:
    """SciPy's Cholesky factor is the upper one, unless `lower=True` is said."""
    path = reader.path(arguments.node.func) or ""
    if name == "linalg.cholesky" and ("scipy" in path or path.startswith(("sp.", "linalg."))):
        if not arguments.flag("lower"):
            reader.refuse(arguments.node, "SciPy's upper Cholesky factor (lower=True gives the lower one)")


def is_dtype(reader: Reader, node: ast.expr) -> bool:
    """Whether the node names a floating dtype: `float`, `np.float64`, `x.dtype`, `np.result_type(x, y)`."""
    if isinstance(node, ast.Attribute) and node.attr == "dtype":
        return True
    if isinstance(node, ast.Call):
        return reader.path(node.func) in ("np.result_type", "numpy.result_type")
    name = node.id if isinstance(node, ast.Name) else reader.path(node) if isinstance(node, ast.Attribute) else None
    return name in FLOATS


def _term(reader: Reader, node: ast.expr) -> Term:
    """An argument: text, None, True and False as words, integers, tuples, or a value."""
    span = reader.span(node)
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (bool, str))):
        return Term("word", (), str(node.value), span)
    count = integer_of(node)
    if count is not None:
        return number(count, span)
    if isinstance(node, (ast.Tuple, ast.List)):
        return Term("tuple", tuple(_term(reader, part) for part in node.elts), None, span)
    if isinstance(node, ast.Starred):
        node = node.value
    if isinstance(node, ast.Attribute) and node.attr == "shape":
        array = reader.value(node.value)
        return Term("shape", (array,), None, span)
    return reader.value(node)
