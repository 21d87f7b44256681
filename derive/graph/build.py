"""Term and types → graph: every value gets its positional shape and its named axes.

In: terms (one, or several by label), the type of each name. Out: a `Graph`, unstabilised: the reference of everything after it.
Raises NotSupported by name for what has no array form. Indices count from 1 on paper and from 0 in code; a free index is an integer
argument; a running index is a named axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.errors import NotSupported, TooLarge, Undetermined
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, integer
from derive.graph import axes, matrices, points, sums
from derive.graph.argument import argument_type
from derive.graph.assumptions import assumed_bounds, counts, said_of
from derive.graph.graph import Graph, Nodes, walk
from derive.graph.node import FREE, ArgumentType, Axis, Bounds, Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ZERO, named_size
from derive.graph.subscripts import Subscripts, left_indices

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["Builder", "build"]

LARGEST_EXPONENT = 10_000
DEEPEST = 250

COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "=": "equal", "!=": "not_equal"}
DEFAULTS: dict[str, tuple[str, Fraction]] = {
    "leaky_relu": ("leaky_relu", Fraction(1, 100)),
    "elu": ("elu", Fraction(1)),
    "celu": ("celu", Fraction(1)),
    "swish": ("silu", Fraction(0)),
}
REDUCTIONS = {"sum": "sum", "mean": "mean", "prod": "prod", "max": "amax", "min": "amin", "median": "median"}


class Builder:
    """Builds terms over one set of nodes. `axes` are the running indices in force."""

    def __init__(self, terms: list[Term], types: Mapping[Name, Type]) -> None:
        self.nodes = Nodes()
        self.types = types
        self.subscripts = Subscripts(terms, types)
        self.counts, self.assumed = counts(terms), assumed_bounds(terms)
        self.used: set[Name] = set()  # names that were taken to be what nobody declared
        self.axes: dict[Name, Axis] = {}
        self.depth = 0
        self._known: dict[Term | tuple[Term, tuple[Axis, ...]], Node] = {}

    def build(self, term: Term) -> Node:
        """The node of a term; a transposed vector is a `row`."""
        key = (term, tuple(self.axes.values())) if self.axes else term
        known = self._known.get(key)
        if known is not None:
            return known
        if self.depth > DEEPEST:
            raise TooLarge("the expression is nested too deeply to translate", span=term.span)
        method = METHODS.get(term.head)
        if method is None:
            raise NotSupported(f"code for {_what(term)}", span=term.span)
        self.depth += 1
        try:
            node = method(self, term)
        except NotSupported as error:
            raise error.at(term.span) from None
        finally:
            self.depth -= 1
        self._known[key] = node
        return node

    def column(self, term: Term) -> Node:
        """The node of a term, a transposed vector without its mark."""
        node = self.build(term)
        return node.args[0] if node.op == "row" else node

    def each(self, terms: tuple[Term, ...]) -> list[Node]:
        """The nodes of these terms."""
        return [self.column(t) for t in terms]

    def bound(self, axes: Mapping[Name, Axis], term: Term) -> Node:
        """The term with these running indices in force."""
        outer = self.axes
        self.axes = {**outer, **axes}
        try:
            return self.column(term)
        finally:
            self.axes = outer

    def value_of(self, name: Name) -> Node:
        """A name as a value: a running index, a free index, a size, or an argument."""
        if name in self.axes:
            return self.nodes.index(self.axes[name])
        subscripts = self.subscripts
        if name in subscripts.free:
            counted_from = ZERO if subscripts.free[name] == 0 else None
            position = self.nodes.argument(ArgumentType(name.key, "index", Bounds(0.0), size=counted_from))
            return self.nodes.add(position, self.nodes.number(subscripts.free[name]))
        if name.key in subscripts.sizes:
            return self.nodes.size(named_size(name.key))
        kind = argument_type(name, self.types.get(name))
        if kind.kind == "real" and kind.bounds == FREE and not kind.values:
            if name in self.counts.bounds:
                kind = self.counts.typed(kind, name)
            elif name in self.assumed:
                kind = kind._replace(bounds=self.assumed[name])
                self.used.add(name)
        node = self.nodes.argument(kind, subscripts.shapes.get(name, ()))
        return self.nodes.add(node, self.nodes.number(1)) if kind.kind == "label" else node


def _what(term: Term) -> str:
    if term.head == "call" and term.args[0].head == "name":
        key = term.args[0].data.key
        return f"an undefined function: nothing says what {key}(…) is, and a product is written {key} * (…)"
    words = {
        "call": "an undefined function",
        "prime": "the derivative of an undefined function",
        "probability": "probabilities and expectations",
        "dist": "distributions",
        "setbuilder": "sets",
        "set": "sets",
        "word": "words",
        "dots": "dots",
    }
    return words.get(term.head, f"a term of kind “{term.head}”")


# ---------------------------------------------------------------------------------------------- atoms and arithmetic
def _number(b: Builder, term: Term) -> Node:
    return b.nodes.number(term.value)


def _constant(b: Builder, term: Term) -> Node:
    if term.data == "i":
        raise NotSupported("code for complex numbers", span=term.span)
    return b.nodes.constant(term.data)


def _name(b: Builder, term: Term) -> Node:
    return b.value_of(term.data)


def _add(b: Builder, term: Term) -> Node:
    parts = [b.build(a) for a in term.args]
    if all(p.op == "row" for p in parts):
        return b.nodes.make("row", b.nodes.add(*(p.args[0] for p in parts)))
    return b.nodes.add(*matrices.same_shape(b.nodes, parts))


def _neg(b: Builder, term: Term) -> Node:
    node = b.build(term.args[0])
    return b.nodes.make("row", b.nodes.neg(node.args[0])) if node.op == "row" else b.nodes.neg(node)


def _div(b: Builder, term: Term) -> Node:
    top, bottom = b.build(term.args[0]), b.column(term.args[1])
    if top.op == "row":
        return b.nodes.make("row", b.nodes.div(top.args[0], bottom))
    return b.nodes.div(top, bottom)


def _pow(b: Builder, term: Term) -> Node:
    base = b.column(term.args[0])
    exponent = integer(term.args[1])
    if exponent is not None and abs(exponent) > LARGEST_EXPONENT:
        raise TooLarge("the exponent is too large to translate", span=term.span)
    if len(base.shape) == 2:
        entries = matrices.diagonal_of(b.nodes, base) if exponent is None else None
        if entries is not None:
            return b.nodes.make("diag", b.nodes.pow(entries, b.column(term.args[1])))
        return matrices.power(b.nodes, base, exponent)
    if base.op == "constant" and base.data == "e":
        return b.nodes.make("exp", b.column(term.args[1]))
    return b.nodes.pow(base, b.column(term.args[1]))


def _hadamard_pow(b: Builder, term: Term) -> Node:
    base, exponent = b.each(term.args)
    return b.nodes.pow(base, exponent)


def _root(b: Builder, term: Term) -> Node:
    base, degree = b.each(term.args)
    if degree.op == "number" and degree.data == 3:
        return b.nodes.make("cbrt", base)
    return b.nodes.pow(base, b.nodes.div(b.nodes.number(1), degree))


def _elementwise(op: str) -> Callable[[Builder, Term], Node]:
    return lambda b, term: b.nodes.make(op, *b.each(term.args))


def _hadamard(b: Builder, term: Term) -> Node:
    return b.nodes.mul(*matrices.same_shape(b.nodes, b.each(term.args)))


def _hadamard_div(b: Builder, term: Term) -> Node:
    return b.nodes.div(*matrices.same_shape(b.nodes, b.each(term.args)))


def _delta(b: Builder, term: Term) -> Node:
    return b.nodes.make("delta", *_positions(b.nodes, b.each(term.args)))


def _positions(nodes: Nodes, indices: list[Node]) -> list[Node]:
    """Indices that are compared, both counted from 0 where one of them is a position in code plus 1."""
    shifts = {a.data for node in indices if node.op == "add" for a in node.args if a.op == "number"}
    whole = all(_is_index(node) for node in indices)
    return [nodes.add(node, nodes.number(-1)) for node in indices] if whole and Fraction(1) in shifts else indices


def _is_index(node: Node) -> bool:
    if node.op == "add":
        return all(_is_index(a) or a.op in {"number", "size"} for a in node.args)
    if node.op == "element":
        return _is_index(node.args[0])
    if node.op in {"argmax", "argmin"}:
        return True
    return node.op in {"index", "number"} or (node.op == "argument" and node.data[0].kind in {"index", "label"})


# ---------------------------------------------------------------------------------------------- functions
def _apply(b: Builder, term: Term) -> Node:
    function = str(term.data)
    if term.args and term.args[-1].head == "keyword":
        return axes.reduced(b, function, term)
    args = b.each(term.args)
    nodes = b.nodes
    if function in {"max", "min"} and not (len(args) == 1 and args[0].shape):
        result = args[0]
        for argument in args[1:]:
            result = nodes.make("maximum" if function == "max" else "minimum", result, argument)
        return result
    if function in REDUCTIONS:
        return nodes.make(REDUCTIONS[function], _one_array(b, args), data="all")
    if function == "layernorm":
        return matrices.layernorm(nodes, _one_array(b, args[:1]), args[1:])
    if function == "logsumexp":
        array = _one_array(b, args)
        return nodes.make("log", nodes.make("sum", nodes.make("exp", array), data="last"))
    if function in {"softmax", "log_softmax", "cumsum", "sort"}:
        return nodes.make(function, _one_array(b, args), data="last")
    if function == "log" and len(args) == 2:
        base = args[1].data if args[1].op == "number" else None
        if base in {2, 10}:
            return nodes.make(f"log{base}", args[0])
        return nodes.div(nodes.make("log", args[0]), nodes.make("log", args[1]))
    if function in DEFAULTS and len(args) == 1:
        op, value = DEFAULTS[function]
        return nodes.make(op, args[0]) if op == "silu" else nodes.make(op, args[0], nodes.number(value))
    if function in FUNCTIONS and FUNCTIONS[function].acts == "matrix":
        return matrices.function(b.nodes, function, args)
    operation = OPERATIONS.get(function)
    if operation is None or not operation.elementwise:
        raise NotSupported(f"code for the function {function}", span=term.span)
    return nodes.pow(args[0], nodes.number(2)) if function == "square" else nodes.make(function, *args)


def _one_array(b: Builder, args: list[Node]) -> Node:
    if len(args) == 1:
        if not args[0].shape:
            raise Undetermined("the shape of the argument is needed: a vector or a matrix")
        return args[0]
    return matrices.literal(b.nodes, args, (len(args),))


# ---------------------------------------------------------------------------------------------- conditions and choice
def _rel(b: Builder, term: Term) -> Node:
    if term.data in COMPARISONS:
        return b.nodes.make(COMPARISONS[term.data], *_positions(b.nodes, b.each(term.args)))
    if term.data in {"in", "notin"} and term.args[1].head in {"set", "interval"}:
        inside = _membership(b, b.column(term.args[0]), term.args[1])
        return inside if term.data == "in" else b.nodes.make("not", inside)
    raise NotSupported(f"code for the relation {term.data}", span=term.span)


def _membership(b: Builder, x: Node, among: Term) -> Node:
    nodes = b.nodes
    values = b.each(among.args)
    if among.head == "interval":
        low = nodes.make("greater_equal" if among.data[0] == "[" else "greater", x, values[0])
        high = nodes.make("less_equal" if among.data[1] == "]" else "less", x, values[1])
        return nodes.make("and", low, high)
    result = nodes.make("equal", x, values[0])
    for value in values[1:]:
        result = nodes.make("or", result, nodes.make("equal", x, value))
    return result


def _chain(b: Builder, term: Term) -> Node:
    parts = [
        _rel(b, Term("rel", (left, right), sign, term.span)) for sign, left, right in zip(term.data, term.args, term.args[1:], strict=False)
    ]
    return _joined("and", b, parts)


def _joined(op: str, b: Builder, parts: list[Node]) -> Node:
    result = parts[0]
    for part in parts[1:]:
        result = b.nodes.make(op, result, part)
    return result


def _cases(b: Builder, term: Term) -> Node:
    values = [b.column(v) for v in term.args[::2]]
    conditions = [None if c.head == "otherwise" else b.column(c) for c in term.args[1::2]]
    return sums.choice(b.nodes, values, conditions)


def _size(b: Builder, term: Term) -> Node:
    """`len(y)`, `X.shape[0]`."""
    array, place = b.column(term.args[0]), integer(term.args[1])
    if place is None or not -len(array.shape) <= place < len(array.shape):
        raise NotSupported("the size of an axis that is not there", span=term.span)
    return b.nodes.size(array.shape[place])


METHODS: dict[str, Callable[[Builder, Term], Node]] = {
    "size": _size,
    "at": points.at_point,
    "task": points.entries,
    "differential": points.differential,
    "number": _number,
    "constant": _constant,
    "name": _name,
    "add": _add,
    "neg": _neg,
    "mul": matrices.product,
    "matmul": matrices.product,
    "div": _div,
    "pow": _pow,
    "sqrt": lambda b, term: b.nodes.pow(b.column(term.args[0]), b.nodes.number(Fraction(1, 2))),
    "root": _root,
    "factorial": _elementwise("factorial"),
    "binomial": _elementwise("binomial"),
    "hadamard": _hadamard,
    "hadamard_div": _hadamard_div,
    "hadamard_pow": _hadamard_pow,
    "kron": matrices.kronecker,
    "apply": _apply,
    "abs": matrices.absolute,
    "norm": matrices.norm,
    "inner": matrices.inner,
    "transpose": matrices.transpose,
    "inverse": matrices.inverse,
    "pinv": matrices.pseudoinverse,
    "identity": matrices.identity,
    "ones": matrices.ones,
    "matrix": matrices.matrix,
    "vector": matrices.vector,
    "tuple": matrices.vector,
    "index": sums.element,
    "sum": sums.reduced,
    "prod": sums.reduced,
    "optimum": sums.extreme,
    "rel": _rel,
    "chain": _chain,
    "and": lambda b, term: _joined("and", b, b.each(term.args)),
    "or": lambda b, term: _joined("or", b, b.each(term.args)),
    "not": _elementwise("not"),
    "indicator": _elementwise("indicator"),
    "delta": _delta,
    "cases": _cases,
}


def _root_node(b: Builder, term: Term) -> Node:
    if term.head == "rel" and term.data in {"=", ":="}:
        names = left_indices(term)
        axes = {n: b.subscripts.whole(n, term) for n in names}
        value = sums.as_place(b, b.bound(axes, term.args[1]) if names else b.column(term.args[1]))
        return b.nodes.make("stack", value, data=tuple(axes.values())) if names else value
    return sums.as_place(b, b.column(term))


def build(target: Term | Mapping[str, Term], types: Mapping[Name, Type]) -> Graph:
    """The graph of a term, or of several under their labels."""
    parts = {"": target} if isinstance(target, Term) else dict(target)
    builder = Builder(list(parts.values()), types)
    outputs = []
    for label, term in parts.items():
        node = _root_node(builder, term)
        if node.axes:
            raise NotSupported(f"the running index {node.axes[0].name} is bound by no sum", span=term.span)
        _complete(node, term)
        outputs.append((label, node))
    return Graph(builder.nodes, tuple(outputs), said_of(builder.assumed, builder.used))


def _complete(root: Node, term: Term) -> None:
    """Undetermined where an identity or a vector of ones got no size."""
    for node in walk((root,)):
        if node.op in {"identity", "ones"} and matrices.UNKNOWN in node.data:
            raise Undetermined("the size of an identity or of a vector of ones is needed", span=term.span)
