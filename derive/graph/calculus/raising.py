"""Graph → Term: what is printed of a node, in matrix notation where it has no running index and in index notation where it has.

In: a node. Out: a `Term` that the builder makes the same value of. Raises NotSupported where notation has no word for an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.errors import NotSupported
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, call_name, number
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.chains import chain
from derive.graph.calculus.factors import ONE as UNIT
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.calculus.raising_indices import (
    array,
    comparison,
    delta,
    extreme,
    joined,
    label_sum,
    logsumexp,
    size_term,
    softmax,
    stack,
    stretch,
    unvec,
)
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.sizes import ZERO, Size

__all__ = ["Raising", "size_term"]

SIGNS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "=", "not_equal": "!="}


def mul_term(parts: list[Term]) -> Term:
    """A product; nested products are flat, a sign goes to the front."""
    flat: list[Term] = []
    negative = False
    for part in parts:
        positive = part.args[0] if part.head == "neg" else part
        negative = negative != (part.head == "neg")
        joins = positive.head == "mul" and positive.data is None and not _is_inner(positive)
        flat.extend(positive.args if joins else (positive,))
    made = flat[0] if len(flat) == 1 else Term("mul", tuple(flat))
    return Term("neg", (made,)) if negative else made


def _is_inner(term: Term) -> bool:
    """A product that is kept together: an inner product as a factor."""
    return term.span == KEPT


KEPT = (-1, -1)


def _kept(term: Term) -> Term:
    """An inner product, a quadratic form: as a factor it stands in parentheses."""
    return term.at(KEPT) if term.head == "mul" and term.has("transpose") else term


def _let_go(front: list[Term]) -> list[Term]:
    """A lone inner product goes last and needs no parentheses."""
    inner = [t for t in front if _is_inner(t)]
    if len(inner) != 1:
        return front
    return [*(t for t in front if not _is_inner(t)), inner[0].at(None)]


class Raising:
    """Raises nodes; `names` maps nodes to the terms that stand for them (named intermediates)."""

    def __init__(self, a: Algebra, names: Mapping[Node, Term] | None = None) -> None:
        self.a = a
        self.nodes = a.nodes
        self.names = dict(names or {})
        self._known: dict[Node, Term] = {}

    def term(self, node: Node) -> Term:
        """The term of a node."""
        for below in walk((node,)):  # arguments first: deep graphs do not recurse deeply
            if below not in self._known and below.op in ("add", "matmul", "sum"):
                self._known[below] = self._raised(below)
        return self._of(node)

    def _of(self, node: Node) -> Term:
        if node not in self._known:
            self._known[node] = self._raised(node)
        return self._known[node]

    def _raised(self, node: Node) -> Term:
        if node in self.names:
            return self.names[node]
        method = METHODS.get(node.op)
        if method is not None:
            return method(self, node)
        if node.op in FUNCTIONS:
            return call_name(node.op, *(self._of(a) for a in node.args))
        raise NotSupported(f"a formula for the operation {node.op}")

    def whole(self, node: Node, taken: set[str]) -> Term:
        """The term of an array; entry by entry where matrix notation has no form."""
        try:
            return self.term(node)
        except NotSupported:
            if not node.shape or node.axes:
                raise
        return self.by_entries(node, taken)

    def by_entries(self, node: Node, taken: set[str]) -> Term:
        """[formula of the entry] for i = 1, …, n."""
        from derive.graph.calculus.entries import entry, fresh_axes, lettered

        axes = fresh_axes(node, taken)
        body = self.term(lettered(self.a, entry(self.a, node, axes), axes, taken))
        return Term("task", (body, *(part for axis in axes for part in self.axis(axis))), "entries")

    def transposed(self, node: Node) -> Term:
        """The transpose of a vector or matrix; of a chain of matrices on a vector the reversed chain."""
        if len(node.shape) == 1 and node not in self.names:
            view = factors(node)
            arrays = view.parted(False)
            if len(arrays.powers) == 1 and set(arrays.powers.values()) == {1}:
                (core,) = arrays.powers
                parts = chain(core)
                if len(parts) > 1 and core not in self.names:
                    front = self._scalars(view.parted(True))
                    back = [_transpose(self._of(parts[-1]))]
                    back += [self._of(self.a.transpose(part)) for part in reversed(parts[:-1])]
                    return self._scaled(front, mul_term(back), view.parted(True))
                if view.coefficient != 1 or len(view.powers) > 1:
                    return self._scaled(self._scalars(view.parted(True)), _transpose(self._of(core)), view.parted(True))
            elif arrays.powers and min(arrays.powers.values()) > 0 and (view.coefficient != 1 or len(view.powers) > len(arrays.powers)):
                whole = product(self.nodes, arrays)
                return self._scaled(self._scalars(view.parted(True)), _transpose(self._of(whole)), view.parted(True))
        return _transpose(self._of(node))

    # ------------------------------------------------------------------------------------------ products
    def _scalars(self, view: Factors) -> list[Term]:
        above = [product(self.nodes, Factors(UNIT, {b: p})) for b, p in view.powers.items() if p > 0]
        made = [_kept(self._of(x)) for x in above]
        if abs(view.coefficient.numerator) != 1:
            made.insert(0, number(abs(view.coefficient.numerator)))
        return made

    def _scaled(self, front: list[Term], core: Term | None, view: Factors) -> Term:
        """front · core over the denominators of the view, with its sign."""
        parts = [*front, *([core] if core is not None else [])]
        top = mul_term(parts) if parts else number(1)
        below = [self._of(product(self.nodes, Factors(UNIT, {b: -p}))) for b, p in view.powers.items() if p < 0]
        if view.coefficient.denominator != 1:
            below.insert(0, number(view.coefficient.denominator))
        if below:
            bottom = mul_term(below)
            plain = core is not None and core.head == "add" and all(x.head == "number" for x in below)
            if core is not None and not front and (core.head == "sum" or plain):
                top = Term("mul", (Term("div", (number(1), bottom)), core))
            else:
                top = Term("div", (top, bottom))
        if view.coefficient < 0:
            top = top.args[0] if top.head == "neg" else Term("neg", (top,))
        return top

    def _product(self, node: Node) -> Term:
        view = factors(node)
        scalar, array = view.parted(True), view.parted(False)
        front = self._scalars(scalar)
        above = [self._of(product(self.nodes, Factors(UNIT, {b: p}))) for b, p in array.powers.items() if p > 0]
        below = [self._of(product(self.nodes, Factors(UNIT, {b: -p}))) for b, p in array.powers.items() if p < 0]
        core: Term | None = None
        if not array.powers:
            front = _let_go(front)
        if above:
            core = above[0] if len(above) == 1 else Term("hadamard", tuple(above))
        if below:
            bottom = below[0] if len(below) == 1 else Term("hadamard", tuple(below))
            if core is None:
                top = mul_term(front) if front else number(1)
                core, front = Term("hadamard_div", (top, bottom)), []
            else:
                core = Term("hadamard_div", (core, bottom))
        return self._scaled(front, core, scalar)

    def sum_of_terms(self, node: Node) -> Term:
        """A sum."""
        return _add(self, node)

    def matmul(self, node: Node) -> Term:
        """x ᵀ y, A B …, flat."""
        left, right = node.args
        if len(left.shape) == 1 and len(right.shape) == 1:
            return mul_term([self.transposed(left), self._of(right)])
        if len(left.shape) == 1:
            return self._of(self.nodes.make("matmul", self.nodes.make("transpose", right), left))
        return mul_term([self._of(left), self._of(right)])

    def axis(self, axis: Axis) -> tuple[Term, Term, Term]:
        """A running index and its ends."""
        return Term("name", (), Name.from_key(axis.name)), size_term(axis.lower), size_term(axis.upper)

    def index(self, array: Node, specs: tuple[tuple[object, ...], ...], indices: tuple[Node, ...]) -> Term:
        """An element of an array; its indices count from 1."""
        base = self._of(array)
        found: list[Term] = []
        for spec in specs:
            if spec[0] == "all":
                found.append(Term("blank"))
            elif spec[0] == "run":
                axis, start = spec[1], spec[2]
                assert isinstance(axis, Axis) and isinstance(start, Size)
                run = Term("name", (), Name.from_key(axis.name))
                shift = start - axis.lower + ONE
                found.append(run if shift == ZERO else Term("add", (run, size_term(shift))))
            else:
                assert isinstance(spec[1], int)
                found.append(self._of(self.nodes.add(indices[spec[1] - 1], self.nodes.number(1))))
        while found and found[-1].head == "blank":
            found.pop()
        return Term("index", (base, *found)) if found else base


ONE = Size({(): 1})


def _transpose(term: Term) -> Term:
    if term.head == "transpose":
        return term.args[0]
    if term.head == "neg":
        return Term("neg", (_transpose(term.args[0]),))
    return Term("transpose", (term,))


def _sorted_signs(parts: list[Term]) -> list[Term]:
    """A sum does not begin with a minus where a term without one is at hand."""
    if parts[0].head == "neg":
        first = next((k for k, p in enumerate(parts) if p.head != "neg"), None)
        if first is not None:
            parts = [parts[first], *parts[:first], *parts[first + 1 :]]
    return parts


def _add(r: Raising, node: Node) -> Term:
    parts: list[Term] = []
    for argument in node.args:
        part = r._of(argument)
        parts.extend(part.args if part.head == "add" else (part,))
    return Term("add", tuple(_sorted_signs(parts)))


def _sum(r: Raising, node: Node) -> Term:
    body = node.args[0]
    if isinstance(node.data, Axis):
        return Term(node.op, (r._of(body), *r.axis(node.data)), "range")
    if node.op == "prod":
        return call_name("prod", r._of(body))
    if node.data == "all" and len(body.shape) == 1:
        return mul_term([_transpose(_ones(body, 0)), r._of(body)])
    if node.data == "last" and len(body.shape) == 2:
        return mul_term([r._of(body), _ones(body, 1)])
    if node.data == "all" and len(body.shape) == 2:
        view = factors(body)
        if len(view.powers) == 1 and set(view.powers.values()) == {2}:
            (base,) = view.powers
            return (
                mul_term([number(view.coefficient), Term("pow", (Term("norm", (r._of(base),), "F"), number(2)))])
                if (view.coefficient != 1)
                else Term("pow", (Term("norm", (r._of(base),), "F"), number(2)))
            )
        return mul_term([_transpose(_ones(body, 0)), r._of(body), _ones(body, 1)])
    if node.data == "last":
        return Term("apply", (r._of(body), Term("keyword", (number(len(body.shape) - 1),), "axis")), "sum")
    return call_name("sum", r._of(body))


def _ones(node: Node, place: int) -> Term:
    return Term("ones", (size_term(node.shape[place]),))


def _function(name: str) -> Callable[[Raising, Node], Term]:
    return lambda r, node: call_name(name, *(r._of(a) for a in node.args))


def _where(r: Raising, node: Node) -> Term:
    condition, yes, no = node.args
    return Term("cases", (r._of(yes), r._of(condition), r._of(no), Term("otherwise")))


def _pow(r: Raising, node: Node) -> Term:
    base, exponent = node.args
    if base.op == "exp" and not base.shape and base.args[0].op == exponent.op == "number":
        return Term("pow", (Term("constant", (), "e"), number(base.args[0].data * exponent.data)))  # (e²)³ is e⁶
    head = "hadamard_pow" if base.shape else "pow"
    return Term(head, (r._of(base), r._of(exponent)))


def _exp(r: Raising, node: Node) -> Term:
    inner = r._of(node.args[0])
    if node.shape:
        return call_name("exp", inner)
    return Term("constant", (), "e") if inner == number(1) else Term("pow", (Term("constant", (), "e"), inner))


def _logdet(r: Raising, node: Node) -> Term:
    determinant = call_name("det", r._of(node.args[0]))
    return call_name("log", Term("abs", (determinant,)) if node.data == "abs" else determinant)


def _absolute(r: Raising, node: Node) -> Term:
    """|x|; bars around a matrix are a determinant."""
    inner = r._of(node.args[0])
    return Term("abs", (inner,)) if len(node.shape) < 2 else call_name("max", inner, Term("neg", (inner,)))


def _argument(r: Raising, node: Node) -> Term:
    kind = node.data[0]
    return Term("name", (), Name.from_key(kind.key))


METHODS: dict[str, Callable[[Raising, Node], Term]] = {
    "argument": _argument,
    "array": array,
    "kron": lambda r, node: Term("kron", tuple(r._of(x) for x in node.args)),
    "number": lambda r, node: number(node.data),
    "constant": lambda r, node: Term("constant", (), node.data),
    "size": lambda r, node: size_term(node.data),
    "index": lambda r, node: Term("name", (), Name.from_key(node.data.name)),
    "add": label_sum,
    "mul": lambda r, node: r._product(node),
    "div": lambda r, node: r._product(node),
    "neg": lambda r, node: r._product(node),
    "pow": _pow,
    "sqrt": lambda r, node: Term("sqrt", (r._of(node.args[0]),)),
    "abs": _absolute,
    "matmul": lambda r, node: r.matmul(node),
    "outer": lambda r, node: mul_term([r._of(node.args[0]), r.transposed(node.args[1])]),
    "transpose": lambda r, node: _transpose(r._of(node.args[0])),
    "row": lambda r, node: r._of(node.args[0]),
    "inverse": lambda r, node: Term("inverse", (r._of(node.args[0]),)),
    "trace": _function("tr"),
    "det": _function("det"),
    "pinv": lambda r, node: Term("pinv", (r._of(node.args[0]),)),
    "polarfactor": _function("polarfactor"),
    "leadingpair": _function("leadingpair"),
    **{name: _function(name) for name in ("eigmax", "eigmin", "leadingeigen", "trailingeigen")},
    "logdet": _logdet,
    "diag": _function("diag"),
    "diagonal": _function("diag"),
    "identity": lambda r, node: Term("identity", (size_term(node.data[0]),)),
    "ones": lambda r, node: Term("ones", (size_term(node.data[0]),)),
    "norm": lambda r, node: Term("norm", tuple(r._of(a) for a in node.args), node.data),
    "matrix_power": lambda r, node: Term("pow", (r._of(node.args[0]), number(node.data))),
    "stack": stack,
    "concat": joined,
    "slice": stretch,
    "vec": _function("vec"),
    "unvec": unvec,
    "sum": _sum,
    "prod": _sum,
    "mean": lambda r, node: call_name("mean", r._of(node.args[0])),
    "softmax": softmax("softmax"),
    "log_softmax": softmax("log_softmax"),
    "logsumexp": logsumexp,
    "amax": extreme("max"),
    "amin": extreme("min"),
    "element": lambda r, node: r.index(node.args[0], node.data, node.args[1:]),
    "where": _where,
    "indicator": lambda r, node: Term("indicator", (r._of(node.args[0]),)),
    "delta": delta,
    "and": lambda r, node: Term("and", tuple(r._of(a) for a in node.args)),
    "or": lambda r, node: Term("or", tuple(r._of(a) for a in node.args)),
    "not": lambda r, node: Term("not", tuple(r._of(a) for a in node.args)),
    "maximum": _function("max"),
    "minimum": _function("min"),
    "softplus": lambda r, node: call_name("log", Term("add", (number(1), _exp(r, node)))),
    "log_sigmoid": lambda r, node: call_name("log", call_name("sigmoid", r._of(node.args[0]))),
    "exp": _exp,
    **{op: comparison(sign) for op, sign in SIGNS.items()},
}
