"""A function at a point: variables replaced by zero, by a literal or by another array, and what can then be computed exactly is.

In: a tidy node, values for arguments. Out: a node of the same value; literals of numbers are worked out entry by entry, zero is the number
0 beside arrays. Raises DoesNotExist where the function has no value there, NotSupported where a matrix of zeros meets what needs its size.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt

from derive.errors import DeriveError, DoesNotExist, NotSupported
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import is_number, product
from derive.graph.graph import walk
from derive.graph.node import Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import constant_size

__all__ = ["placed"]

LARGEST_LITERAL = 64
AT_ZERO: dict[str, int | Fraction] = {
    **dict.fromkeys(("relu", "tanh", "sin", "sinh", "abs", "erf", "arctan", "arcsin", "arcsinh", "tan", "expm1", "log1p"), 0),
    **dict.fromkeys(("exp", "cos", "cosh"), 1),
    "sigmoid": Fraction(1, 2),
}
COMPARISONS = {
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
}


def placed(a: Algebra, node: Node, values: Mapping[Node, Node]) -> Node:
    """The node with the arguments at their values."""
    done: dict[Node, Node] = dict(values)
    touched = set(values)
    for below in walk((node,)):
        if below in done:
            continue
        if below.op == "array":
            touched.add(below)
        if not any(x in touched for x in below.args):
            done[below] = below
            continue
        touched.add(below)
        done[below] = _made(a, below, tuple(done[x] for x in below.args))
    return done[node]


def _made(a: Algebra, node: Node, args: tuple[Node, ...]) -> Node:
    found = _with_zeros(a, node, args)
    if found is not None:
        return found
    if node.op in ("matmul", "outer") and any(_is_zero(x) for x in args):
        return a.number(0)
    if node.op in ("det", "logdet") and args[0].op == "identity":
        return a.number(int(node.op == "det"))
    found = _literal(a, node, args)
    if found is not None:
        return found
    if OPERATIONS[node.op].elementwise and not any(x.shape for x in args):
        return _scalar(a, node.op, args) or a.remade(node, args)
    return a.remade(node, args)


# ---------------------------------------------------------------------------------------------- zero in the place of an array
def _with_zeros(a: Algebra, node: Node, args: tuple[Node, ...]) -> Node | None:
    """Where an argument with a shape became the number 0, or another scalar for equal entries."""
    lost = [k for k, (x, y) in enumerate(zip(node.args, args, strict=True)) if x.shape and not y.shape]
    if not lost:
        return None
    op, zero = node.op, a.number(0)
    if op in ("matmul", "outer", "kron"):
        if any(is_number(args[k], 0) for k in lost):
            return zero
        full = [a.full(y, x.shape) for x, y in zip(node.args, args, strict=True)]
        return a.remade(node, tuple(full))
    if op in ("transpose", "row", "element", "stack"):
        return args[0] if len(args) == 1 else None
    if op == "sum" and node.data in ("all", "last"):
        shape = node.args[0].shape
        return a.mul(args[0], a.count(shape if node.data == "all" else shape[-1:]))
    if op == "mean":
        return args[0]
    if op == "diag":
        return a.mul(args[0], a.identity(node.shape[0])) if not is_number(args[0], 0) else zero
    if op in ("diagonal", "trace", "norm", "matrix_power", "variance") and is_number(args[0], 0):
        return zero
    if op == "softmax" and node.data == "last":
        return a.div(a.number(1), a.size(node.shape[-1]))
    if op == "log_softmax" and node.data == "last":
        return a.neg(a.function("log", a.size(node.shape[-1])))
    if op == "logsumexp" and node.data in ("all", "last"):
        shape = node.args[0].shape
        return a.add(args[0], a.function("log", a.count(shape if node.data == "all" else shape[-1:])))
    if op in ("add", "mul", "div", "neg", "pow") or OPERATIONS[op].elementwise or op == "where":
        if op == "div" and is_number(args[1], 0):
            raise DoesNotExist("the function has no value at the point: a denominator is 0 there")
        if any(x.shape for x in args):
            return a.remade(node, args)
        return _scalar(a, op, args) or a.remade(node, args)
    if op in ("inverse", "det", "logdet"):
        raise DoesNotExist("the function has no value at the point: a matrix is singular there")
    raise NotSupported(f"the operation {op} at zero")


def _scalar(a: Algebra, op: str, args: tuple[Node, ...]) -> Node | None:
    """An operation on numbers, where its value is a number."""
    values = [_rational(x) for x in args]
    if op == "div" and values[1] == 0:
        raise DoesNotExist("the function has no value at the point: a denominator is 0 there")
    if op in ("log", "log2", "log10") and values[0] is not None and values[0] <= 0:
        raise DoesNotExist("the function has no value at the point: a logarithm of what is not positive")
    if any(v is None for v in values):
        return None
    known = [v for v in values if v is not None]
    if op in COMPARISONS:
        if known[0] == known[1] and op in ("less", "greater"):
            raise DoesNotExist("the function has a kink at the point: it has no derivative there")
        return a.number(int(COMPARISONS[op](*known)))
    if op == "indicator":
        return a.number(known[0])
    x = known[0]
    if op == "pow" and known[1].denominator == 1 and abs(known[1]) <= 64 and (x or known[1] > 0):
        return a.number(x ** int(known[1]))
    if op in ("sqrt", "pow") and (op == "sqrt" or known[1] == Fraction(1, 2)):
        return _root(a, x)
    if op == "log" and x == 1:
        return a.number(0)
    if x == 0 and op == "sign":
        raise DoesNotExist("the function has a kink at the point: it has no derivative there")
    if x == 0 and op in AT_ZERO:
        return a.number(Fraction(AT_ZERO[op]))
    if x == 0 and op in ("softplus", "log_sigmoid"):
        half = a.function("log", a.number(2))
        return half if op == "softplus" else a.neg(half)
    if op in ("abs", "relu", "sign", "square"):
        made = {"abs": abs(x), "relu": max(x, Fraction(0)), "sign": Fraction((x > 0) - (x < 0)), "square": x * x}
        return a.number(made[op])
    if op in ("maximum", "minimum"):
        return a.number(max(known) if op == "maximum" else min(known))
    return None


def _root(a: Algebra, x: Fraction) -> Node | None:
    if x < 0:
        raise DoesNotExist("the function has no value at the point: a square root of what is negative")
    top, bottom = isqrt(x.numerator), isqrt(x.denominator)
    return a.number(Fraction(top, bottom)) if top * top == x.numerator and bottom * bottom == x.denominator else None


def _rational(node: Node) -> Fraction | None:
    if node.op == "neg":
        inner = _rational(node.args[0])
        return None if inner is None else -inner
    if node.op == "div" and not node.shape:
        top, bottom = _rational(node.args[0]), _rational(node.args[1])
        return None if top is None or not bottom else top / bottom
    value: Fraction | None = node.data if node.op == "number" else None
    return value


# ---------------------------------------------------------------------------------------------- literals, entry by entry
Rows = list[list[Node]]


def _is_zero(node: Node) -> bool:
    """A literal of zeros."""
    return node.op == "array" and all(is_number(x, 0) for x in node.args)


def _rows(a: Algebra, node: Node) -> Rows | None:
    """The entries of a literal; a vector is a column."""
    if not node.shape:
        return None if node.op == "argument" and node.axes else [[node]]
    sizes = [s.constant for s in node.shape]
    if len(sizes) > 2 or any(s is None for s in sizes):
        return None
    m, n = sizes[0] or 0, (sizes[1] or 0) if len(sizes) == 2 else 1
    if m * n > LARGEST_LITERAL:
        return None
    if node.op == "array":
        return [list(node.args[i * n : (i + 1) * n]) for i in range(m)]
    if node.op == "identity":
        return [[a.number(int(i == j)) for j in range(n)] for i in range(m)]
    if node.op == "ones":
        return [[a.number(1)] for _ in range(m)]
    if node.op == "stack" and node.args[0].op == "delta" and len(node.data) == 1 and node.args[0].args[1].op == "number":
        return [[a.number(int(node.args[0].args[1].data == i))] for i in range(m)]
    if node.op in ("mul", "div", "neg"):
        scale, core = a.peeled(node)
        inner = _rows(a, core) if core is not node else None
        front = product(a.nodes, scale)
        return None if inner is None else [[a.mul(front, x) for x in row] for row in inner]
    if node.op == "diag":
        inner = _rows(a, node.args[0])
        return None if inner is None else [[inner[i][0] if i == j else a.number(0) for j in range(n)] for i in range(m)]
    return None


def _array(a: Algebra, rows: Rows, like: Node) -> Node:
    if not like.shape:
        return rows[0][0]
    shape = tuple(constant_size(s) for s in ((len(rows), len(rows[0])) if len(like.shape) == 2 else (len(rows),)))
    return a.nodes.make("array", *(x for row in rows for x in row), data=shape)


def _literal(a: Algebra, node: Node, args: tuple[Node, ...]) -> Node | None:
    """An operation on literals as a literal; None where an argument is none."""
    if not any(x.op == "array" for x in args) or node.axes:
        return None
    known = [_rows(a, x) for x in args]
    if any(k is None for k in known):
        return None
    rows = [k for k in known if k is not None]
    try:
        made = _entries(a, node, args, rows)
    except DoesNotExist:
        raise
    except DeriveError:
        return None
    return None if made is None else _array(a, made, node)


def _entries(a: Algebra, node: Node, args: tuple[Node, ...], rows: list[Rows]) -> Rows | None:
    op, first = node.op, rows[0]
    if op == "matmul":
        left = _turned(first) if len(args[0].shape) == 1 else first
        made = [[a.add(*(a.mul(x, y) for x, y in zip(row, column, strict=True))) for column in _turned(rows[1])] for row in left]
        return _turned(made) if len(args[0].shape) == 1 and len(args[1].shape) == 2 else made
    if op == "outer":
        return [[a.mul(x[0], y[0]) for y in rows[1]] for x in first]
    if op == "transpose":
        return _turned(first)
    if op == "element" and all(spec[0] == "at" for spec in node.data) and all(x.op == "number" for x in args[1:]):
        place = [int(args[spec[1]].data) for spec in node.data]
        return [[first[place[0]][place[1] if len(place) > 1 else 0]]]
    if op == "row":
        return first
    if op == "diag":
        return [[x[0] if i == j else a.number(0) for j in range(len(first))] for i, x in enumerate(first)]
    if op == "diagonal":
        return [[row[i]] for i, row in enumerate(first)]
    if op == "trace":
        return [[a.add(*(row[i] for i, row in enumerate(first)))]]
    if op == "sum" and node.data == "all":
        return [[a.add(*(x for row in first for x in row))]]
    if op == "sum" and node.data == "last" and len(args[0].shape) == 2:
        return [[a.add(*row)] for row in first]
    if op == "norm" and node.data in ("2", "F") and (node.data == "F" or len(args[0].shape) == 1):
        total = a.add(*(a.mul(x, x) for row in first for x in row))
        return [[_scalar(a, "sqrt", (total,)) or a.sqrt(total)]]
    if op in ("inverse", "det", "logdet"):
        return _of_numbers(a, op, first)
    if op == "softmax" and node.data == "last":
        across = first if len(args[0].shape) == 2 else _turned(first)
        powers = [[_scalar(a, "exp", (x,)) or a.function("exp", x) for x in row] for row in across]
        made = [[a.div(x, a.add(*row)) for x in row] for row in powers]
        return made if len(args[0].shape) == 2 else _turned(made)
    if op == "add" or OPERATIONS[op].elementwise:
        height, width = max(len(r) for r in rows), max(len(r[0]) for r in rows)
        if any((len(r), len(r[0])) not in ((height, width), (1, 1)) for r in rows):
            return None

        def at(i: int, j: int) -> Node:
            return _one(a, op, tuple(r[i][j] if len(r) * len(r[0]) > 1 else r[0][0] for r in rows))

        return [[at(i, j) for j in range(width)] for i in range(height)]
    return None


def _one(a: Algebra, op: str, entries: tuple[Node, ...]) -> Node:
    found = _scalar(a, op, entries) if op not in ("add", "mul", "neg") else None
    if found is not None:
        return found
    if op in ("add", "mul", "div", "neg", "pow"):
        made: Node = getattr(a, op)(*entries)
        return made
    return a.sqrt(entries[0]) if op == "sqrt" else a.function(op, *entries)


def _turned(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def _of_numbers(a: Algebra, op: str, rows: Rows) -> Rows | None:
    """The determinant or the inverse of a matrix of rational numbers, by elimination."""
    found = [[_rational(x) for x in row] for row in rows]
    n = len(found)
    if any(x is None for row in found for x in row) or any(len(row) != n for row in found):
        return None
    m = [[x or Fraction(0) for x in row] + [Fraction(int(i == j)) for j in range(n)] for i, row in enumerate(found)]
    determinant = Fraction(1)
    for k in range(n):
        pivot = next((i for i in range(k, n) if m[i][k]), None)
        if pivot is None:
            if op == "det":
                return [[a.number(0)]]
            raise DoesNotExist("the function has no value at the point: a matrix is singular there")
        if pivot != k:
            m[k], m[pivot] = m[pivot], m[k]
            determinant = -determinant
        determinant *= m[k][k]
        m[k] = [x / m[k][k] for x in m[k]]
        for i in range(n):
            if i != k:
                m[i] = [x - m[i][k] * y for x, y in zip(m[i], m[k], strict=True)]
    if op == "det":
        return [[a.number(determinant)]]
    if op == "logdet":
        if determinant <= 0:
            raise DoesNotExist("the function has no value at the point: a logarithm of what is not positive")
        return [[_scalar(a, "log", (a.number(determinant),)) or a.function("log", a.number(determinant))]]
    return [[a.number(x) for x in row[n:]] for row in m]
