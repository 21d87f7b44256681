"""What the functions and methods of NumPy and SciPy say, one call at a time.

In: a call of Python's tree and the canonical name of what is called. Out: a term. Keyword arguments that change the value are read,
others are refused by name.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from derive.errors import UnknownName
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Span, Term, number
from derive.meaning.numpy_notation.arguments import Arguments, axis_of, reduce
from derive.meaning.numpy_notation.arrays import ARRAYS
from derive.meaning.numpy_notation.by_shape import is_dtype, read_by_shape
from derive.meaning.numpy_notation.formulas import FORMULAS
from derive.meaning.numpy_notation.indexing import integer_of, read_comprehension
from derive.meaning.numpy_notation.names import ARITHMETIC, COMPARISONS, ELEMENTWISE, REDUCTIONS, SHAPED, nearest
from derive.meaning.numpy_notation.terms import combine

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.expressions import Expressions as Reader

__all__ = ["read_call", "read_method"]

METHODS = {
    "sum": "np.sum", "mean": "np.mean", "max": "np.max", "min": "np.min", "prod": "np.prod", "var": "np.var", "std": "np.std",
    "cumsum": "np.cumsum", "dot": "np.dot", "trace": "np.trace", "diagonal": "np.diagonal", "clip": "np.clip",
    "transpose": "np.transpose",
    "round": "np.round", "reshape": "np.reshape", "ravel": "np.ravel", "flatten": "np.ravel", "squeeze": "np.squeeze",
    "swapaxes": "np.swapaxes", "argmax": "np.argmax", "argmin": "np.argmin",
}  # fmt: skip
NO_CHANGE = ("copy",)


def read_call(reader: Reader, node: ast.Call, name: str, part: int | None = None) -> Term:
    """The term of a call of the function with canonical name `name`; `part` chooses from the pair of `slogdet`."""
    arguments = Arguments(reader, node, name)
    span = reader.span(node)
    by_shape = read_by_shape(reader, arguments, name, span)
    if by_shape is not None:
        return by_shape
    if name == "linalg.slogdet":
        return _slogdet(reader, arguments, span, part)
    if name in REDUCTIONS or name in ("sum", "math.prod") or (name in ("max", "min") and len(node.args) == 1):
        return _reduction(reader, arguments, REDUCTIONS.get(name, name.rpartition(".")[2]), span, rows=name in ("sum", "max", "min"))
    own = FORMULAS.get(name) or ARRAYS.get(name)
    if own is not None:
        return own(reader, arguments, span)
    if name in ARITHMETIC:
        operator = ARITHMETIC[name]
        if operator == "neg":
            return Term("neg", (reader.value(arguments.take()[0]),), None, span)
        left, right = (reader.literal(a) for a in arguments.take(least=2, most=2))
        if operator == "@" and name != "np.matmul" and (left.head == "number" or right.head == "number"):
            operator = "*"  # np.dot with a number multiplies by it
        elif name == "np.dot" and reader.shaped:
            return Term("matmul", (left, right), "dot", span)
        return combine(operator, left, right, span)
    if name in COMPARISONS:
        return Term("indicator", (_comparison(reader, arguments, COMPARISONS[name], span),), None, span)
    if name in SHAPED:
        return Term("apply", (reader.literal(arguments.take()[0]),), SHAPED[name], span)
    return _elementwise(reader, arguments, name, span)


def read_method(reader: Reader, node: ast.Call, function: ast.Attribute) -> Term:
    """The term of `x.sum()` and its like."""
    method = function.attr
    if method == "astype":
        target = node.args[0] if len(node.args) == 1 else node
        array = reader.value(function.value)
        if is_dtype(reader, target) or array.head == "indicator":
            return array
        reader.refuse(node, ".astype of this type")
    if method in NO_CHANGE and not node.args:
        return reader.value(function.value)
    if method not in METHODS:
        raise UnknownName(
            f".{method}() is not among the methods that are read", span=reader.span(function), suggestion=nearest(method, METHODS)
        )
    if method == "transpose" and len(node.args) > 1:
        order = ast.copy_location(ast.Tuple(node.args, ast.Load()), node)
        return read_call(reader, ast.copy_location(ast.Call(node.func, [function.value, order], node.keywords), node), METHODS[method])
    inner = ast.copy_location(ast.Call(node.func, [function.value, *node.args], node.keywords), node)
    return read_call(reader, inner, METHODS[method])


def _elementwise(reader: Reader, arguments: Arguments, name: str, span: Span) -> Term:
    function = ELEMENTWISE[name]
    if function == "clip":
        return _clip(reader, arguments, span)
    least, most = FUNCTIONS[function].arity
    if name.startswith("np.") and function in ("max", "min"):
        least = most = 2
    elif name.startswith("np."):
        most = least
    if most < 0:
        most = 64
    if FUNCTIONS[function].acts == "vector" and "axis" in arguments.keywords:
        return _reduction(reader, arguments, function, span)
    values = [reader.value(a) for a in arguments.take(*_NAMED.get(function, ()), least=least, most=most)]
    return Term("apply", tuple(values), function, span)


_NAMED = {"leaky_relu": ("negative_slope", "alpha"), "elu": ("alpha",), "celu": ("alpha",), "swish": ("beta",)}


def _clip(reader: Reader, arguments: Arguments, span: Span) -> Term:
    for keyword in ("a_min", "min", "a_max", "max"):
        if keyword in arguments.keywords and len(arguments.positional) == (1 if keyword.endswith("min") else 2):
            arguments.positional.append(arguments.keywords.pop(keyword))
    given = arguments.take(least=2, most=3)
    value = reader.value(given[0])
    ends = [None if isinstance(end, ast.Constant) and end.value is None else reader.value(end) for end in given[1:]]
    ends += [None] * (2 - len(ends))
    if ends[0] is not None and ends[1] is not None:
        return Term("apply", (value, ends[0], ends[1]), "clip", span)
    if ends[0] is not None:
        return Term("apply", (value, ends[0]), "max", span)
    return Term("apply", (value, ends[1]), "min", span) if ends[1] is not None else value


# reductions


def _reduction(reader: Reader, arguments: Arguments, function: str, span: Span, *, rows: bool = False) -> Term:
    """A reduction over its axis; Python's own `sum`, `max` and `min` (`rows`) run over the first axis."""
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(first, (ast.GeneratorExp, ast.ListComp)):
        if function not in ("sum", "prod"):
            reader.refuse(first, f"a comprehension in {arguments.name}")
        arguments.take()
        return read_comprehension(reader, first, function, span)
    keepdims = arguments.flag("keepdims")
    axis_given = arguments.keywords.pop("axis", None)
    if axis_given is None and len(arguments.positional) == 2 and not rows:
        axis_given = arguments.positional.pop()
    if function in ("var", "std") and (ddof := arguments.keywords.pop("ddof", None)) is not None and integer_of(ddof) != 0:
        reader.refuse(ddof, f"{arguments.name} with ddof other than 0")
    value = reader.literal(arguments.take()[0])
    axis = number(0) if rows else axis_of(reader, axis_given, arguments.name)
    if function in ("var", "std"):
        centre = reduce("mean", value, axis, axis.head != "word", span)
        deviation = Term("add", (value, Term("neg", (centre,), None, span)), "np", span)
        variance = reduce("mean", Term("pow", (deviation, number(2)), "np", span), axis, keepdims, span)
        return variance if function == "var" else Term("sqrt", (variance,), None, span)
    return reduce(function, value, axis, keepdims, span)


def _comparison(reader: Reader, arguments: Arguments, relation: str, span: Span) -> Term:
    if relation == "not":
        return Term("not", (reader.condition(arguments.take()[0]),), None, span)
    left, right = arguments.take(least=2, most=2)
    if relation in ("and", "or"):
        return Term(relation, (reader.condition(left), reader.condition(right)), None, span)
    return Term("rel", (reader.value(left), reader.value(right)), relation, span)


def _slogdet(reader: Reader, arguments: Arguments, span: Span, part: int | None) -> Term:
    determinant = Term("apply", (reader.literal(arguments.take()[0]),), "det", span)
    if part is None:
        reader.refuse(arguments.node, "the pair np.linalg.slogdet(X) as one value (its second part is [1])")
    if part == 0:
        return Term("apply", (determinant,), "sign", span)
    return Term("apply", (Term("abs", (determinant,), None, span),), "log", span)
