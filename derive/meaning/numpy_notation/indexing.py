"""Positions in NumPy: `x[0]`, `X[:, j]`, `x[1:] - x[:-1]`, `x.shape[0]`, and sums over a running position.

In: a subscript or a comprehension of Python's tree. Out: an `index` or a `sum`, counted from 1 as on paper.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Name, Span, Term, number

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.expressions import Expressions as Reader

__all__ = ["read_comprehension", "read_subscript"]

MASK = "a selection by a condition (np.where(condition, x, 0) keeps the shape)"


def read_subscript(reader: Reader, node: ast.Subscript) -> Term:
    """`x[…]`: entries, rows and columns as on paper where they are so there, else a `slice`."""
    span = reader.span(node)
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape" and reader.path(node.value) is None:
        axis = integer_of(node.slice)
        if axis is None:
            reader.refuse(node.slice, "an axis that is not a number")
        return Term("size", (reader.value(node.value.value), number(axis)), None, span)
    if isinstance(node.value, ast.Call) and reader.called(node.value.func) == "linalg.slogdet":
        part = integer_of(node.slice)
        if part not in (0, 1):
            reader.refuse(node.slice, "a part other than 0 and 1")
        from derive.meaning.numpy_notation.calls import read_call

        return read_call(reader, node.value, "linalg.slogdet", part)
    if isinstance(node.value, ast.Call) and reader.called(node.value.func) == "linalg.lstsq" and reader.shaped:
        if integer_of(node.slice) != 0:
            reader.refuse(node.slice, "a part of np.linalg.lstsq other than [0]")
        return reader.value(node.value)
    entries = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if not entries:
        return reader.value(node.value)  # x[()]
    if reader.shaped:
        array = reader.value(node.value)
        return Term("slice", (array, *(_from_zero(reader, entry) for entry in entries)), None, span)
    places = [_whole(reader, entry) or _position(reader, entry) for entry in entries]
    array = reader.value(node.value)
    terms = tuple(place for place in places if place is not None and not _negative(place))
    if len(terms) < len(places):
        return Term("slice", (array, *(_as_in_numpy(reader, entry) for entry in entries)), None, span)
    if array.head == "index" and array.data is None and not array.has("blank"):
        return Term("index", (*array.args, *terms), None, span)  # x[i][j]
    return Term("index", (array, *terms), None, span)


def _whole(reader: Reader, node: ast.expr) -> Term | None:
    """A blank where the entry is `:`."""
    whole = isinstance(node, ast.Slice) and node.lower is None and node.upper is None and node.step is None
    return Term("blank", (), None, reader.span(node)) if whole else None


def integer_of(node: ast.expr) -> int | None:
    """The integer literal that the node is, or None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = integer_of(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 10**9:
        return node.value
    return None


def _negative(place: Term) -> bool:
    return (place.head == "number" and place.value < 1) or (place.head == "neg" and place.args[0].head == "number")


def _position(reader: Reader, node: ast.expr) -> Term | None:
    """The position on paper, counted from 1; None for what only NumPy has (a slice with ends, a new axis, an ellipsis)."""
    if isinstance(node, (ast.Slice, ast.Starred)) or (isinstance(node, ast.Constant) and node.value in (None, Ellipsis)):
        return None
    if isinstance(node, ast.Attribute) and reader.path(node) == "np.newaxis":
        return None
    if isinstance(node, (ast.Compare, ast.BoolOp)) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Invert, ast.Not))):
        reader.refuse(node, MASK)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        reader.refuse(node, MASK)
    coefficients: dict[str, int] = {}
    constant = _linear(reader, node, 1, coefficients)
    span = reader.span(node)
    shift = constant + 1
    terms: list[Term] = []
    for identifier, coefficient in coefficients.items():
        if not coefficient:
            continue
        paper, counted = _counted(reader, identifier, span)
        if counted:
            shift -= coefficient
        name = Term("name", (), paper, span)
        size = abs(coefficient)
        term = name if size == 1 else Term("mul", (number(size, span), name), None, span)
        terms.append(term if coefficient > 0 else Term("neg", (term,), None, span))
    if not terms:
        return number(shift, span) if constant >= 0 else number(constant, span)
    if shift:
        terms.append(number(shift, span))
    return terms[0] if len(terms) == 1 else Term("add", tuple(terms), None, span)


def _linear(reader: Reader, node: ast.expr, factor: int, coefficients: dict[str, int]) -> int:
    """Adds factor × node to `coefficients`; the constant part is returned. Refuses what is not linear in names."""
    value = integer_of(node)
    if value is not None:
        return factor * value
    match node:
        case ast.Name():
            coefficients[node.id] = coefficients.get(node.id, 0) + factor
            return 0
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            sign = factor if isinstance(node.op, ast.Add) else -factor
            return _linear(reader, node.left, factor, coefficients) + _linear(reader, node.right, sign, coefficients)
        case ast.BinOp(op=ast.Mult()):
            for number_side, other in ((node.left, node.right), (node.right, node.left)):
                times = integer_of(number_side)
                if times is not None:
                    return _linear(reader, other, factor * times, coefficients)
        case ast.UnaryOp(op=ast.USub()):
            return _linear(reader, node.operand, -factor, coefficients)
    raise NotSupported("a position is a number, a name, or a sum of them in NumPy notation", span=reader.span(node))


def _counted(reader: Reader, identifier: str, span: Span) -> tuple[Name, bool]:
    """The name on paper, and whether it counts positions (from 1 on paper and from 0 in NumPy) or is a number with a value."""
    if identifier in reader.running:
        return reader.running[identifier], True
    if identifier in reader.local:
        return reader.local[identifier], False
    node = ast.Name(identifier, ast.Load())
    node.lineno = node.end_lineno = 1
    node.col_offset = node.end_col_offset = 0
    paper = reader.parameters.get(identifier) or reader.fresh(identifier, node)
    if identifier in reader.sizes:
        return paper, False
    reader.positions.setdefault(identifier, span)
    return paper, True


def _from_zero(reader: Reader, node: ast.expr) -> Term:
    """An argument of a `slice` where all positions count from 0, as in NumPy."""
    span = reader.span(node)
    if isinstance(node, ast.Slice):
        ends = [Term("blank", (), None, span) if end is None else reader.value(end) for end in (node.lower, node.upper)]
        step = () if node.step is None else (reader.value(node.step),)
        return Term("range", (*ends, *step), None, span)
    if isinstance(node, ast.Constant) and node.value is Ellipsis:
        return Term("dots", (), None, span)
    if isinstance(node, ast.Starred):
        reader.refuse(node, "`*`")
    if (isinstance(node, ast.Constant) and node.value is None) or (isinstance(node, ast.Attribute) and reader.path(node) == "np.newaxis"):
        return Term("word", (), "newaxis", span)
    return reader.value(node)


def _as_in_numpy(reader: Reader, node: ast.expr) -> Term:
    """An argument of a `slice`: NumPy's own position, a `range` with open ends, a new axis, an ellipsis."""
    span = reader.span(node)
    if isinstance(node, ast.Slice):
        ends = [Term("blank", (), None, span) if end is None else reader.value(end) for end in (node.lower, node.upper)]
        step = () if node.step is None else (reader.value(node.step),)
        return Term("range", (*ends, *step), None, span)
    if isinstance(node, ast.Constant) and node.value is Ellipsis:
        return Term("dots", (), None, span)
    if isinstance(node, ast.Starred):
        reader.refuse(node, "`*`")
    position = _position(reader, node)
    if position is None:
        return Term("word", (), "newaxis", span)
    if position.head in ("number", "neg"):
        literal = integer_of(node)
        return number(literal if literal is not None else 0, span)
    return Term("add", (position, Term("neg", (number(1, span),), None, span)), None, span)


def read_comprehension(reader: Reader, node: ast.GeneratorExp | ast.ListComp, head: str, span: Span) -> Term:
    """`sum(body for i in range(n))`: a sum (or product) with a running index from 1 to n."""
    bounds: list[tuple[str, Name, Term, Term]] = []
    try:
        for generator in node.generators:
            if generator.ifs:
                reader.refuse(generator.ifs[0], "a condition in a comprehension")
            target, over = generator.target, generator.iter
            if not isinstance(target, ast.Name):
                reader.refuse(target, "several running names")
            if not (isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range" and not over.keywords):
                raise SyntaxProblem("a sum runs over a range in NumPy notation", span=reader.span(over), expected=("range(n)",))
            if len(over.args) not in (1, 2):
                reader.refuse(over, "a range with a step")
            used = {*reader.running, *reader.local, *reader.parameters, *reader.values, *reader.positions}
            if target.id in used:
                reader.refuse(target, f"{target.id} as a running name beside another {target.id}")
            upper = reader.value(over.args[-1])
            first = reader.value(over.args[0]) if len(over.args) == 2 else number(0)
            lower = number(first.value.numerator + 1) if first.head == "number" else Term("add", (first, number(1)))
            paper = reader.fresh(target.id, target)
            reader.running[target.id] = paper
            bounds.append((target.id, paper, lower, upper))
        result = reader.value(node.elt)
    finally:
        for identifier, *_ in bounds:
            reader.running.pop(identifier, None)
    for _, paper, lower, upper in reversed(bounds):
        result = Term(head, (result, Term("name", (), paper), lower, upper), "range", span)
    return result
