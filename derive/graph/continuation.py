"""Values of a graph, a whole array at a time, every node once: near the real axis in double precision, or as decimals.

In: nodes, arguments as nested lists of floats or, where they are moved by an imaginary step, of complex numbers. Out: nested lists of
such numbers. Real arguments give real values; with x + ih the value is f(x) + ih f'(x), without a rule of derivatives and without
cancellation (Squire & Trapp 1998), because every operation here is analytic beside the real axis or chosen by its real part. Arguments
that are decimals give decimals of as many digits as the context of the thread says.
`Undefined` where the mathematics clearly has no value; every other trouble (`InDoubt`, an overflow, a kink, an operation that is not
continued here) says nothing, and who asks needs the reference evaluation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from derive.graph.continued import DECIMALS, NEAR_REAL, Functions, InDoubt, absolute, largest, multiplied, smallest
from derive.graph.entrywise import Values, flat, folded, mapped
from derive.graph.evaluate import Doubles, Evaluation
from derive.graph.node import Node
from derive.graph.operations import OPERATIONS, Undefined
from derive.graph.operations.linear_algebra import eliminate

__all__ = ["EXACT", "NO_ANSWER", "Continuation", "InDoubt", "Program", "imaginary", "stepped"]

MOST_ENTRIES = 20_000
NO_ANSWER = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # all that may stand for InDoubt; Undefined among them


class _NearReal(Doubles):
    """What the reference evaluation of the operations that are analytic as they stand asks of a context."""

    euler = 0.5772156649015329

    @staticmethod
    def mpf(x: Any) -> Any:  # type: ignore[override]
        """The number itself: floats and complex numbers mix."""
        return x


class _Decimals:
    """The same for decimals."""

    one, zero = Decimal(1), Decimal(0)
    mpf = Decimal


# ---------------------------------------------------------------------------------------------- whole arrays
def _matmul(node: Node, args: Values) -> Any:
    a, b = args
    left, right = len(node.args[0].shape), len(node.args[1].shape)
    if left > 2 or right > 2:
        raise InDoubt
    if right == 1:
        return sum(map(operator.mul, a, b)) if left == 1 else [sum(map(operator.mul, row, b)) for row in a]
    columns = list(zip(*b, strict=True))
    if left == 1:
        return [sum(map(operator.mul, a, column)) for column in columns]
    return [[sum(map(operator.mul, row, column)) for column in columns] for row in a]


def _outer(node: Node, args: Values) -> Any:
    if len(node.shape) != 2:
        raise InDoubt
    return [[x * y for y in args[1]] for x in args[0]]


def _transposed(node: Node, args: Values) -> Any:
    if len(node.shape) != 2:
        raise InDoubt
    return list(map(list, zip(*args[0], strict=True)))


def _diag(node: Node, args: Values) -> Any:
    return [[x if i == j else 0 for j in range(len(args[0]))] for i, x in enumerate(args[0])]


def _norm(root: Callable[[Any], Any]) -> Callable[[Node, Values], Any]:
    def norm(node: Node, args: Values) -> Any:
        entries = flat(args[0])
        if node.data == "F" or (node.data == "2" and len(node.args[0].shape) == 1):
            return root(sum(map(operator.mul, entries, entries)))
        if node.data == "1" and len(node.args[0].shape) == 1:
            return sum(map(absolute, entries))
        if node.data == "inf" and len(node.args[0].shape) == 1:
            return largest(*map(absolute, entries))
        raise InDoubt

    return norm


def _eliminated(matrix: Values, right: Values) -> tuple[Values, Any]:
    """The solution of a square system and the determinant; of a matrix that floats cannot tell from a singular one, neither."""
    solution, determinant = eliminate(matrix, right)
    if determinant == 0:
        raise InDoubt
    return solution, determinant


def _inverse(node: Node, args: Values) -> Any:
    size = len(args[0])
    return _eliminated(args[0], [[1 if i == j else 0 for j in range(size)] for i in range(size)])[0]


def _solve(node: Node, args: Values) -> Any:
    if len(node.args[1].shape) == 1:
        return [x for (x,) in _eliminated(args[0], [[x] for x in args[1]])[0]]
    return _eliminated(args[0], args[1])[0]


def _det(node: Node, args: Values) -> Any:
    return _eliminated(args[0], [[] for _ in args[0]])[1]


WHOLE: dict[str, Callable[[Node, Values], Any]] = {
    "matmul": _matmul,
    "outer": _outer,
    "transpose": _transposed,
    "row": lambda node, args: args[0],
    "trace": lambda node, args: sum(row[k] for k, row in enumerate(args[0])),
    "diag": _diag,
    "diagonal": lambda node, args: [row[k] for k, row in enumerate(args[0])],
    "inverse": _inverse,
    "solve": _solve,
    "det": _det,
}


# ---------------------------------------------------------------------------------------------- reductions
def _mean(entries: Values) -> Any:
    return sum(entries) / len(entries)


REDUCTIONS: dict[str, Callable[[Values], Any]] = {
    "sum": sum,
    "prod": lambda entries: multiplied(*entries),
    "mean": _mean,
    "amax": lambda entries: largest(*entries),
    "amin": lambda entries: smallest(*entries),
}


# ---------------------------------------------------------------------------------------------- the kinds of numbers
class Kind(NamedTuple):
    """What is to be done for operations, in one kind of numbers."""

    elementwise: Mapping[str, Callable[..., Any]]
    whole: Mapping[str, Callable[[Node, Values], Any]]
    reductions: Mapping[str, Callable[[Values], Any]]
    keeping: Mapping[str, Callable[[Values], Values]]  # along an axis that stays
    fraction: Callable[[int, int], Any]
    numbers: Any


def _kind(functions: Functions, numbers: Any) -> Kind:
    exponential, logarithm = functions.exponential, functions.logarithm

    def logsumexp(entries: Values) -> Any:
        top = max(x.real for x in entries)
        return top + logarithm(sum(exponential(x - top) for x in entries))

    def softmax(entries: Values) -> Values:
        top = max(x.real for x in entries)
        raised = [exponential(x - top) for x in entries]
        total = sum(raised)
        return [x / total for x in raised]

    def log_softmax(entries: Values) -> Values:
        total = logsumexp(entries)
        return [x - total for x in entries]

    return Kind(
        functions.elementwise,
        {**WHOLE, "norm": _norm(functions.root), "logdet": lambda node, args: logarithm(_det(node, args))},
        {**REDUCTIONS, "logsumexp": logsumexp},
        {"softmax": softmax, "log_softmax": log_softmax},
        functions.fraction,
        numbers,
    )


NEAR = _kind(NEAR_REAL, _NearReal())
EXACT = _kind(DECIMALS, _Decimals())

# Operations whose reference evaluation is analytic as it stands, and asks its numbers for nothing but arithmetic.
ANALYTIC = frozenset(
    "number size index constant element stack array kron matmul outer transpose row trace diag diagonal identity ones "
    "lstsq matrix_power cumsum variance sum prod mean".split()
)


def _rows(function: Callable[[Values], Any], value: Any, depth: int) -> Any:
    return function(value) if depth <= 1 else [_rows(function, part, depth - 1) for part in value]


# ---------------------------------------------------------------------------------------------- the evaluation
FOLDED: dict[str, Callable[[Any, Any], Any]] = {"add": operator.add, "mul": operator.mul}
Instruction = tuple[Callable[["Continuation", Values], Any], tuple[Node, ...]]


class Program(dict[Node, Instruction]):
    """What is to be done for a node, found once and kept for all points; and the keys of the arguments that it depends on."""

    def __init__(self, kind: Kind = NEAR) -> None:
        super().__init__()
        self.kind = kind
        self._below: dict[Node, frozenset[str]] = {}

    def below(self, node: Node) -> frozenset[str]:
        """The keys of the arguments below a node."""
        known = self._below.get(node)
        if known is None:
            if node.op == "argument":
                known = frozenset((node.data[0].key,))
            elif len(node.args) == 1:
                known = self.below(node.args[0])
            else:
                known = frozenset().union(*[self.below(a) for a in node.args])
            self._below[node] = known
        return known

    def __missing__(self, node: Node) -> Instruction:
        if node.axes:
            raise InDoubt
        made = self[node] = _method(node, self.kind)
        return made


def _method(node: Node, kind: Kind) -> Instruction:
    """How the whole value of a node without running indices is computed, and from which nodes."""
    op = node.op
    if op == "argument":
        key = node.data[0].key
        return lambda evaluation, args: evaluation.arguments[key], ()
    if op == "number":
        number = kind.fraction(node.data.numerator, node.data.denominator)
        return lambda evaluation, args: number, ()
    if op == "where" or any(a.axes for a in node.args):
        return lambda evaluation, args: evaluation.entrywise(node), ()
    if op in kind.elementwise:
        function = kind.elementwise[op]
        if op == "pow" and node.args[1].op == "number" and node.args[1].data == 2:
            return lambda evaluation, args: mapped(operator.mul, [args[0], args[0]]), node.args[:1]
        if node.shape and op in FOLDED:
            joined = FOLDED[op]
            return lambda evaluation, args: folded(joined, args), node.args
        if node.shape:
            return lambda evaluation, args: mapped(function, args), node.args
        return lambda evaluation, args: function(*args), node.args
    if op in kind.whole:
        whole = kind.whole[op]
        return lambda evaluation, args: whole(node, args), node.args
    if op in kind.reductions and isinstance(node.data, str):
        reduction, rank = kind.reductions[op], len(node.args[0].shape)
        if node.data == "all":
            return lambda evaluation, args: reduction(flat(args[0])), node.args
        return lambda evaluation, args: _rows(reduction, args[0], rank), node.args
    if op in kind.keeping and node.data == "last":
        keeping = kind.keeping[op]
        return lambda evaluation, args: _rows(keeping, args[0], len(node.shape)), node.args
    return lambda evaluation, args: evaluation.entrywise(node), node.args


class Continuation(Evaluation):
    """One evaluation near the real axis. Nodes that do not depend on what is moved beside a point `beside` have their values there."""

    def __init__(
        self,
        program: Program,
        arguments: Mapping[str, Any],
        sizes: Mapping[str, int],
        beside: Continuation | None = None,
        moved: Iterable[str] = (),
    ) -> None:
        self.kind = program.kind
        self.context = program.kind.numbers
        self.sizes = sizes
        self.arguments = arguments  # type: ignore[assignment]
        self.values: dict[Node, Any] = {}
        self._program = program
        self._entries = {}
        self._once = {}
        self._beside = beside
        self._moved = frozenset(moved)

    def value(self, node: Node) -> Any:
        """The whole value of a node without running indices."""
        values = self.values
        if node in values:
            return values[node]
        if self._beside is not None and self._moved.isdisjoint(self._program.below(node)):
            made = self._beside.value(node)  # where it is in the other evaluation
        else:
            method, args = self._program[node]
            made = method(self, [values[a] if a in values else self.value(a) for a in args])
        values[node] = made
        return made

    def entry(self, node: Node, place: Mapping[Any, Any], position: tuple[int, ...]) -> Any:
        """One entry; of a node without running indices from its whole value."""
        if not node.axes:
            value = self.values[node] if node in self.values else self.value(node)
            for index in position if node.shape else ():
                value = value[index]
            return value
        if not node.shape:
            position = ()
        key = (node.number, position, *[place[axis] for axis in node.axes])
        value = self._entries.get(key)
        if value is None:
            if len(self._entries) >= MOST_ENTRIES:
                raise InDoubt
            value = self._entries[key] = self._computed(node, place, position)
        return value

    def _computed(self, node: Node, place: Mapping[Any, Any], position: tuple[int, ...]) -> Any:
        op, kind = node.op, self.kind
        if op in kind.elementwise:
            return kind.elementwise[op](*[self.entry(a, place, position) for a in node.args])
        if op in ANALYTIC:
            return OPERATIONS[op].evaluate(self, node, place, position)
        if op == "where":
            return self._chosen(node, place, position)
        if op in kind.reductions:
            return kind.reductions[op](self._along(node, place, position))
        if op in kind.keeping:
            return self._kept(node, place, position)
        raise InDoubt

    def _chosen(self, node: Node, place: Mapping[Any, Any], position: tuple[int, ...]) -> Any:
        """An entry of one of two branches; the other needs no value there."""
        condition, yes, no = node.args
        try:
            return self.entry(yes if self.entry(condition, place, position) else no, place, position)
        except Undefined:
            raise InDoubt from None

    def _along(self, node: Node, place: Mapping[Any, Any], position: tuple[int, ...]) -> Values:
        """The entries that a reduction takes together."""
        body = node.args[0]
        if node.data == "all":
            return [self.entry(body, place, p) for p in self.positions(body.shape)]
        if node.data == "last":
            return [self.entry(body, place, (*position, k)) for k in range(body.shape[-1].value(self.sizes))]
        return [self.entry(body, {**place, node.data: k}, position) for k in self.run(node.data)]

    def _kept(self, node: Node, place: Mapping[Any, Any], position: tuple[int, ...]) -> Any:
        """An entry of a softmax."""
        if node.data == "last":
            return self.kind.keeping[node.op](self._along(node, place, position[:-1]))[position[-1]]
        index = place[node.data] - node.data.lower.value(self.sizes)
        return self.kind.keeping[node.op](self._along(node, place, position))[index]

    def array(self, node: Node, place: Mapping[Any, Any]) -> Any:
        """The whole value as nested lists."""
        return self.value(node) if not node.axes else self._level(node, place, ())

    def entrywise(self, node: Node) -> Any:
        """The whole value, entry by entry."""
        return self._level(node, {}, (), computed=True)

    def _level(self, node: Node, place: Mapping[Any, Any], position: tuple[int, ...], computed: bool = False) -> Any:
        if len(position) == len(node.shape):
            return self._computed(node, place, position) if computed else self.entry(node, place, position)
        extent = node.shape[len(position)].value(self.sizes)
        return [self._level(node, place, (*position, k), computed) for k in range(extent)]


# ---------------------------------------------------------------------------------------------- nested lists of complex numbers
def imaginary(value: Any, h: float) -> Any:
    """The imaginary parts over the step."""
    return [imaginary(v, h) for v in value] if type(value) is list else value.imag / h


def stepped(value: Any, along: Any, h: float) -> Any:
    """value + ih · along."""
    if type(value) is list:
        return [stepped(v, d, h) for v, d in zip(value, along, strict=True)]
    return complex(value, h * along)
