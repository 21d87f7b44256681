"""Terms of NumPy with the shapes known: evaluated to arrays as paper writes them, head by head.

In: a term that `numpy_notation` read with positions counted from 0, the values of its names. Out: a `Value`. Raises InconsistentInput where
shapes do not go together, NotSupported by name for what has no reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, integer, number
from derive.meaning.numpy_notation.shaped import positions, products, reductions
from derive.meaning.numpy_notation.shaped.arithmetic import BUILDERS, applied, cased, related
from derive.meaning.numpy_notation.shaped.calls import CALLS
from derive.meaning.numpy_notation.shaped.extents import ONE, polynomial
from derive.meaning.numpy_notation.shaped.values import Array, Positions, Value, scalar

__all__ = ["Evaluation"]

SHAPED_RESULTS = {"matrix_exp": 2, "matrix_log": 2, "rank": 0, "eigenvalues": 1, "cond": 0}


class Evaluation:
    """One function on its way from terms of NumPy to arrays on paper."""

    def __init__(self, names: Mapping[Name, Value]) -> None:
        self.array = Array()
        self.names = dict(names)
        self.known: dict[int, tuple[Value, Term]] = {}  # by identity, as long as the running indices stay; the term is kept alive
        self.sizes: set[Name] = set()  # names that are sizes or whole numbers
        self.notes: list[str] = []
        self.definite: set[Name] = set()  # matrices that have a Cholesky factor
        self.free: set[Name] = set()  # names of positions
        self.counted: set[Name] = set()  # names of labels
        self.labels: dict[Name, Term] = {}  # and how many there are

    def note(self, text: str) -> None:
        """What was taken for granted, said once."""
        if text not in self.notes:
            self.notes.append(text)

    def is_position(self, term: Term) -> bool:
        """Whether the term is a whole number made of sizes, indices, labels and places."""
        poly = polynomial(term)
        return poly is not None and all(self._is_whole(part) for monomial in poly for part in monomial)

    def _is_whole(self, part: Term) -> bool:
        if part.head == "name":
            return part.data in self.sizes or part.data in self.free or part.data in self.array.active
        return part.head in ("word", "optimum") or (
            part.head == "index" and part.args[0].head == "name" and part.args[0].data in self.counted
        )

    def count_labels(self, term: Term, size: Term) -> None:
        """Labels that stand in the term are among so many."""
        if term.head == "name" and term.data in self.counted and size != ONE:
            known = self.labels.setdefault(term.data, size)
            self.array.agree(known, size, [(known,), (size,)], term.span)
        for argument in term.args if term.head != "size" else ():
            self.count_labels(argument, size)

    def value(self, term: Term) -> Value:
        """The array that the term is."""
        method = METHODS.get(term.head)
        if method is None:
            raise NotSupported(f"a term of kind “{term.head}” in NumPy", span=term.span)
        known = self.known.get(id(term))
        if known is not None:
            return known[0]
        try:
            found = method(self, term)
        except NotSupported as problem:
            raise problem.at(term.span) from None
        if term.args:
            self.known[id(term)] = found, term
        return found

    def number(self, term: Term) -> Value:
        """The array, a condition as 0 and 1."""
        return self.array.number_of(self.value(term))

    def within(self, indices: Mapping[Name, Term], body: Term) -> Value:
        """The body with running indices at these positions, counted from 1."""
        outer = {name: self.names.get(name) for name in indices}
        known, self.known = self.known, {}
        new = {n.data for p in indices.values() for n in p.walk() if n.head == "name"} - self.sizes
        self.names.update({name: scalar(position) for name, position in indices.items()})
        self.sizes |= new
        try:
            value = self.value(body)
            if not value.shape:
                return scalar(self.array.at(value, ()), value.is_condition)
            return value
        finally:
            self.known = known
            self.sizes -= new
            for name, value_before in outer.items():
                if value_before is None:
                    self.names.pop(name, None)
                else:
                    self.names[name] = value_before

    def size_value(self, term: Term) -> Term | None:
        """The size that the term is: an integer polynomial in sizes."""
        value = self.value(term)
        if value.shape or value.is_condition:
            return None
        found = self.array.at(value, ())
        return self.array.extents.find(found) if self.is_position(found) else None


# ---------------------------------------------------------------------------------------------- leaves
def _leaf(e: Evaluation, term: Term) -> Value:
    return scalar(term)


def _name(e: Evaluation, term: Term) -> Value:
    value = e.names.get(term.data)
    if value is None:
        return scalar(term)
    if value.whole is not None and value.whole.head == "name":
        return value._replace(whole=value.whole.at(term.span))
    return value


def _entries(e: Evaluation, term: Term) -> Value:
    """A literal vector."""
    values = [e.number(a) for a in term.args]
    if any(v.shape for v in values):
        raise NotSupported("an array literal of arrays", span=term.span)
    terms = tuple(e.array.at(v, ()) for v in values)
    return e.array.of_whole((number(len(terms)),), Term("vector", terms, None, term.span))


def _matrix(e: Evaluation, term: Term) -> Value:
    values = [e.number(a) for a in term.args]
    if any(v.shape for v in values):
        raise NotSupported("an array literal of arrays", span=term.span)
    whole = Term("matrix", tuple(e.array.at(v, ()) for v in values), term.data, term.span)
    shape = (number(term.data[0]), number(term.data[1]))
    if ONE in shape:
        return Value(shape, lambda p: Term("index", (whole, *p)), None)
    return e.array.of_whole(shape, whole)


def _identity(e: Evaluation, term: Term) -> Value:
    size = e.size_value(term.args[0])
    if size is None:
        raise NotSupported("an identity whose size is no size", span=term.span)
    whole = Term("identity", (size,), None, term.span)
    return Value((size, size), lambda p: Term("delta", p), whole)


def _ones(e: Evaluation, term: Term) -> Value:
    sizes = [e.size_value(a) for a in term.args]
    if len(sizes) != 1 or sizes[0] is None:
        raise NotSupported("ones whose size is no size", span=term.span)
    return Value((sizes[0],), lambda _: ONE, Term("ones", (sizes[0],)))


def _size(e: Evaluation, term: Term) -> Value:
    shape = e.array.resolved(e.value(term.args[0]).shape)
    if len(term.args) == 1:
        sizes: Term = ONE
        for size in shape:
            sizes = size if sizes == ONE else Term("mul", (sizes, size))
        return scalar(sizes)
    place = integer(term.args[1])
    if place is None or not -len(shape) <= place < len(shape):
        raise SyntaxProblem(f"an array of {len(shape)} axes has no such axis", span=term.span)
    return scalar(shape[place])


# ---------------------------------------------------------------------------------------------- entry by entry
def _entrywise(e: Evaluation, term: Term) -> Value:
    head = term.head
    if head == "mul" and term.data is None and len(term.args) == 2 and term.args[1].head == "transpose" and term.args[1].data is None:
        return products.outer(e, e.value(term.args[0]), e.value(term.args[1].args[0]), term.span)
    values = [e.number(a) for a in term.args]
    if head == "pow" and term.data is None and len(values[0].shape) == 2:
        e.array.agree(values[0].shape[0], values[0].shape[1], [values[0].shape], term.span)
        return e.array.of_whole(values[0].shape, Term("pow", (e.array.whole(values[0]), e.array.whole(values[1])), None, term.span))
    return e.array.entrywise(BUILDERS[head], values, term.span)


def _condition(e: Evaluation, term: Term) -> Value:
    if term.head == "rel":
        if term.data == "=":
            _one_hot(e, term)
        return e.array.entrywise(related(term.data), [e.number(a) for a in term.args], term.span, is_condition=True)
    if term.head == "chain":
        pairs = zip(term.args, term.args[1:], strict=False)
        parts = tuple(Term("rel", pair, sign, term.span) for pair, sign in zip(pairs, term.data, strict=True))
        return _condition(e, Term("and", parts, None, term.span))
    values = [e.value(a) for a in term.args] if term.data == "bits" else [_truth(e, a) for a in term.args]
    if not all(v.is_condition for v in values):
        raise NotSupported("a bit operator on what is no condition", span=term.span)
    return e.array.entrywise(BUILDERS[term.head], values, term.span, is_condition=True)


def _one_hot(e: Evaluation, term: Term) -> None:
    """`np.arange(k) == y[:, None]`: there are k labels."""
    for side, other in (term.args, term.args[::-1]):
        if side.head == "numpy" and side.data == "np.arange":
            e.count_labels(other, e.array.extents.find(e.value(side).shape[0]))


def _truth(e: Evaluation, term: Term) -> Value:
    value = e.value(term)
    if value.is_condition:
        return value
    return e.array.entrywise(related("!="), [value, scalar(number(0))], term.span, is_condition=True)


def _indicator(e: Evaluation, term: Term) -> Value:
    return _truth(e, term.args[0])


def _cases(e: Evaluation, term: Term) -> Value:
    values: list[Value] = []
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        values.append(e.number(value))
        if condition.head != "otherwise":
            values.append(_truth(e, condition))
    if len(values) % 2 == 0:
        raise NotSupported("cases that leave something out", span=term.span)
    return e.array.entrywise(cased(len(values) // 2), values, term.span)


def _apply(e: Evaluation, term: Term) -> Value:
    function = str(term.data)
    options = {a.data: a.args[0] for a in term.args if a.head == "keyword"}
    args = [a for a in term.args if a.head != "keyword"]
    one = len(args) == 1
    if (
        one
        and function in reductions.REDUCING
        and (function not in ("max", "min", "median", "logsumexp") or options or function == "logsumexp")
    ):
        array = e.value(args[0])
        axis = options.get("axis", number(-1) if function == "logsumexp" else None)
        places = reductions.axes_of(axis, len(array.shape), term.span)
        return _reduced(e, function, array, places, "keepdims" in options, term)
    if one and function in reductions.ALONG:
        return reductions.along(e, function, e.value(args[0]), options.get("axis"), term.span)
    if one and function in ("max", "min", "median"):
        array = e.value(args[0])
        return reductions.reduced(e, function, array, range(len(array.shape)), False, term.span)
    acts = FUNCTIONS[function].acts if function in FUNCTIONS else "elementwise"
    if acts == "matrix":
        return _of_matrix(e, function, args, term)
    if acts != "elementwise":
        raise NotSupported(f"{function} here", span=term.span)
    return e.array.entrywise(applied(function), [e.number(a) for a in args], term.span)


def _reduced(e: Evaluation, function: str, array: Value, places: tuple[int, ...], keepdims: bool, term: Term) -> Value:
    if array.without is not None and function in ("sum", "prod") and not keepdims:
        base, position = array.without
        with e.array.running(1) as (index,):
            body = e.array.at(base, (index,))
        apart = Term("cases", (body, Term("rel", (index, position), "!="), number(0 if function == "sum" else 1), Term("otherwise")))
        return scalar(Term(function, (apart, index, ONE, e.array.extents.find(base.shape[0])), "range", term.span))
    return reductions.reduced(e, function, array, places, keepdims, term.span)


def _of_matrix(e: Evaluation, function: str, args: list[Term], term: Term) -> Value:
    value = e.number(args[0])
    if function == "diag":
        return _diagonal(e, value, term)
    if len(value.shape) != 2:
        raise SyntaxProblem(f"{FUNCTIONS[function].words or function} is that of a matrix", span=term.span)
    if function in ("det", "logdet", "tr", "matrix_exp", "matrix_log", "eigenvalues"):
        e.array.agree(value.shape[0], value.shape[1], [value.shape], term.span)
    whole = Term("apply", (e.array.whole(value),), function, term.span)
    return e.array.of_whole(value.shape[: SHAPED_RESULTS.get(function, 0)], whole)


def _diagonal(e: Evaluation, value: Value, term: Term) -> Value:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    if len(value.shape) == 1:
        size = value.shape[0]
        whole = None if value.whole is None else Term("apply", (value.whole,), "diag", term.span)
        return Value((size, size), lambda p: BUILDERS["mul"]([Term("delta", p), e.array.at(value, p[:1])], [0, 0]), whole)
    if len(value.shape) != 2:
        raise SyntaxProblem("a diagonal is that of a matrix", span=term.span)
    if not e.array.extents.unify(*value.shape):
        raise NotSupported("the diagonal of a matrix that is not square", span=term.span)
    whole = None if value.whole is None else Term("apply", (value.whole,), "diag", term.span)
    return Value(value.shape[:1], lambda p: e.array.at(value, (p[0], p[0])), whole)


# ---------------------------------------------------------------------------------------------- products
def _matmul(e: Evaluation, term: Term) -> Value:
    result = e.value(term.args[0])
    for argument in term.args[1:]:
        result = (
            products.contracted(e, result, e.value(argument), term.span)
            if term.data == "dot"
            else products.product(e, result, e.value(argument), term.span)
        )
    return result


def _transpose(e: Evaluation, term: Term) -> Value:
    return products.transposed(e.value(term.args[0]))


def _inverse(e: Evaluation, term: Term) -> Value:
    value = e.value(term.args[0])
    if value.factor_of is not None:
        return products.inverse(e, value._replace(factor_of=None), term.span)
    return products.inverse(e, value, term.span, term.head)


def _norm(e: Evaluation, term: Term) -> Value:
    value = e.number(term.args[0])
    rest = [e.array.at(e.number(a), ()) for a in term.args[1:]]
    if not value.shape:
        return e.array.entrywise(BUILDERS["abs"], [value], term.span)
    if len(value.shape) > 2 or (len(value.axes) < len(value.shape) and term.data != ""):
        raise NotSupported("a norm of this array", span=term.span)
    return scalar(Term("norm", (e.array.whole(value), *rest), term.data, term.span))


def _inner(e: Evaluation, term: Term) -> Value:
    """`np.vdot`: the sum of the products of all entries."""
    left, right = (e.number(a) for a in term.args)
    return reductions.total(e, e.array.entrywise(BUILDERS["mul"], [left, right], term.span), term.span)


def _kronecker(e: Evaluation, term: Term) -> Value:
    left, right = (e.number(a) for a in term.args)
    if len(left.shape) != 2 or len(right.shape) != 2:
        raise NotSupported("np.kron of arrays that are no matrices", span=term.span)
    shape = tuple(e.array.extents.find(Term("mul", pair)) for pair in zip(left.shape, right.shape, strict=True))
    return e.array.of_whole(shape, Term("kron", (e.array.whole(left), e.array.whole(right)), None, term.span))


# ---------------------------------------------------------------------------------------------- sums over a range
def _sum(e: Evaluation, term: Term) -> Value:
    """`sum(… for i in range(n))`: the index counts from 1, and stands in the body as i − 1."""
    body, index, lower, upper = term.args
    low, high = e.size_value(lower), e.size_value(upper)
    if low is None or high is None:
        raise NotSupported("a range whose ends are no sizes", span=term.span)
    with e.array.running(1) as (letter,):
        inner = e.array.number_of(e.within({index.data: letter}, body))
        if not inner.shape:
            return scalar(Term(term.head, (e.array.at(inner, ()), letter, low, high), "range", term.span))
        shape = inner.shape

    def entry(p: Positions) -> Term:
        with e.array.running(1) as (letter,):
            value = e.array.number_of(e.within({index.data: letter}, body))
            return Term(term.head, (e.array.at(value, p), letter, low, high), "range", term.span)

    return Value(shape, entry, None)


def _call(e: Evaluation, term: Term) -> Value:
    return CALLS[term.data](e, term)


Method = Callable[[Evaluation, Term], Value]
METHODS: dict[str, Method] = {
    "number": _leaf,
    "constant": _leaf,
    "name": _name,
    "vector": _entries,
    "matrix": _matrix,
    "identity": _identity,
    "ones": _ones,
    "size": _size,
    **dict.fromkeys(("add", "neg", "mul", "div", "pow", "sqrt", "root", "abs", "factorial", "binomial"), _entrywise),
    **dict.fromkeys(("rel", "chain", "and", "or", "not"), _condition),
    "indicator": _indicator,
    "cases": _cases,
    "apply": _apply,
    "matmul": _matmul,
    "transpose": _transpose,
    "inverse": _inverse,
    "pinv": _inverse,
    "norm": _norm,
    "inner": _inner,
    "kron": _kronecker,
    "sum": _sum,
    "prod": _sum,
    "slice": positions.taken,
    "numpy": _call,
}
"""Head → how it is evaluated."""
