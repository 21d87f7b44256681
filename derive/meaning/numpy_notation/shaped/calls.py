"""Functions of NumPy that are read only where the shapes of their arguments are known: `np.arange`, `np.einsum`, `np.expand_dims` …

In: a `numpy` term, whose data is the canonical name of the function. Out: the value; `CALLS` has a line a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.errors import InconsistentInput, NotSupported, SyntaxProblem
from derive.expressions.term import Term, integer, number
from derive.meaning.numpy_notation.shaped import positions, products, reductions
from derive.meaning.numpy_notation.shaped.arithmetic import BUILDERS, cased, related
from derive.meaning.numpy_notation.shaped.extents import ONE, added
from derive.meaning.numpy_notation.shaped.values import Positions, Value, scalar

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped.evaluation import Evaluation

__all__ = ["CALLS"]


class _Given:
    """The arguments of the call: in order, or by their keyword."""

    def __init__(self, term: Term, *names: str) -> None:
        self.term = term
        self.options = {a.data: a.args[0] for a in term.args if a.head == "keyword"}
        plain = [a for a in term.args if a.head != "keyword"]
        if len(plain) > len(names):
            raise SyntaxProblem(f"{term.data} with {len(plain)} arguments", span=term.span)
        self.found = dict(zip(names, plain, strict=False))
        for name in names:
            if name in self.options:
                self.found[name] = self.options.pop(name)
        if self.options:
            raise NotSupported(f"{term.data} with {next(iter(self.options))}=", span=term.span)

    def __getitem__(self, name: str) -> Term:
        if name not in self.found:
            raise SyntaxProblem(f"{self.term.data} needs {name}", span=self.term.span)
        return self.found[name]

    def get(self, name: str) -> Term | None:
        found = self.found.get(name)
        return None if found is not None and found == Term("word", (), "None") else found


def _numbers(term: Term) -> list[int]:
    """The integers that are written: one, or a tuple."""
    found = [integer(part) for part in (term.args if term.head == "tuple" else (term,))]
    if any(n is None for n in found):
        raise NotSupported("an axis that is not a number", span=term.span)
    return [n for n in found if n is not None]


def _einsum(e: Evaluation, term: Term) -> Value:
    first = term.args[0]
    if first.head != "word":
        raise NotSupported("np.einsum without its subscripts as text", span=term.span)
    if any(a.head == "keyword" for a in term.args):
        raise NotSupported("np.einsum with keyword arguments", span=term.span)
    return products.einsum(e, first.data, [e.value(a) for a in term.args[1:]], term.span)


def _expand_dims(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "axis")
    return positions.inserted(e.value(given["a"]), _numbers(given["axis"]))


def _squeeze(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "axis")
    array = e.value(given["a"])
    shape = e.array.resolved(array.shape)
    axis = given.get("axis")
    rank = len(shape)
    gone = {k % rank for k in _numbers(axis)} if axis is not None else {k for k in range(rank) if shape[k] == ONE}
    if any(shape[k] != ONE for k in gone) or (axis is None and any(s.head != "number" for s in shape)):
        raise NotSupported("np.squeeze of an axis whose length is not known to be 1", span=term.span)
    kept = [k for k in range(rank) if k not in gone]

    def entry(p: Positions) -> Term:
        places = dict(zip(kept, p, strict=True))
        return array.entry(tuple(places.get(k, ONE) for k in range(rank)))

    return Value(tuple(shape[k] for k in kept), entry, array.whole, array.is_condition)


def _transpose(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "axes")
    array, axes = e.value(given["a"]), given.get("axes")
    if axes is None:
        return products.transposed(array)
    order = [k % len(array.shape) for k in _numbers(axes)]
    if sorted(order) != list(range(len(array.shape))):
        raise SyntaxProblem("the axes of a transpose are those of the array in another order", span=term.span)
    return products.transposed(array, order)


def _swapaxes(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "axis1", "axis2")
    array = e.value(given["a"])
    rank = len(array.shape)
    first, second = (_numbers(given[name])[0] % rank for name in ("axis1", "axis2"))
    order = list(range(rank))
    order[first], order[second] = order[second], order[first]
    return products.transposed(array, order)


def _moved(e: Evaluation, term: Term) -> Value:
    """`.mT`: the last two axes."""
    array = e.value(term.args[0])
    rank = len(array.shape)
    return products.transposed(array, [*range(rank - 2), rank - 1, rank - 2]) if rank > 1 else array


def _reshape(e: Evaluation, term: Term) -> Value:
    """Only axes of length 1 come and go."""
    given = [a for a in term.args if a.head != "keyword"]
    array = e.value(given[0])
    wanted = given[1].args if len(given) == 2 and given[1].head == "tuple" else given[1:]
    shape = e.array.resolved(array.shape)
    real = [size for size in shape if size != ONE]
    sizes: list[Term] = []
    for part in wanted:
        if integer(part) == -1:
            if len(real) != 1:
                raise NotSupported("reshape of an array of several axes", span=term.span)
            sizes.append(real[0])
        else:
            size = e.size_value(part)
            if size is None:
                raise NotSupported("reshape to what is no size", span=term.span)
            sizes.append(size)
    if [s for s in sizes if s != ONE] != real:
        raise NotSupported("reshape other than by axes of length 1", span=term.span)
    axes = [k for k, size in enumerate(sizes) if size != ONE]
    old = [k for k, size in enumerate(shape) if size != ONE]

    def entry(p: Positions) -> Term:
        places = {k: p[axis] for k, axis in zip(old, axes, strict=True)}
        return array.entry(tuple(places.get(k, ONE) for k in range(len(shape))))

    return Value(tuple(sizes), entry, array.whole, array.is_condition)


def _ravel(e: Evaluation, term: Term) -> Value:
    array = e.value(term.args[0])
    return _reshape(e, Term("numpy", (term.args[0], number(-1)), "np.reshape", term.span)) if len(array.axes) <= 1 else _flat(term)


def _flat(term: Term) -> Value:
    raise NotSupported("a matrix as one long vector", span=term.span)


def _filled(value: int | None) -> Callable[[Evaluation, Term], Value]:
    def read(e: Evaluation, term: Term) -> Value:
        given = _Given(term, "shape") if value is not None else _Given(term, "shape", "fill_value")
        wanted = given["shape"]
        parts = wanted.args if wanted.head == "tuple" else (wanted,)
        sizes = [e.size_value(part) for part in parts] if wanted.head != "shape" else list(e.value(wanted.args[0]).shape)
        if any(size is None for size in sizes):
            raise NotSupported("an array whose sizes are no sizes", span=term.span)
        return _constant(
            e, [s for s in sizes if s is not None], scalar(number(value)) if value is not None else e.value(given["fill_value"])
        )

    return read


def _like(value: int | None) -> Callable[[Evaluation, Term], Value]:
    def read(e: Evaluation, term: Term) -> Value:
        given = _Given(term, "a") if value is not None else _Given(term, "a", "fill_value")
        shape = list(e.value(given["a"]).shape)
        return _constant(e, shape, scalar(number(value)) if value is not None else e.value(given["fill_value"]))

    return read


def _constant(e: Evaluation, shape: list[Term], value: Value) -> Value:
    """An array of one number."""
    if value.shape:
        raise NotSupported("an array filled with an array")
    term = e.array.at(value, ())
    whole: Term | None = None
    sizes = [size for size in shape if size != ONE]
    if not sizes:
        whole = term
    elif len(sizes) == 1 and term != number(0):
        whole = Term("ones", (sizes[0],)) if term == ONE else Term("mul", (term, Term("ones", (sizes[0],))))
    return Value(tuple(shape), lambda _: term, whole)


def _blocks(e: Evaluation, term: Term) -> Value:
    """Arrays one below the other."""
    given = _Given(term, "arrays", "axis")
    axis = given.get("axis")
    if given["arrays"].head not in ("tuple", "vector") or (axis is not None and integer(axis) != 0):
        raise NotSupported("np.concatenate other than one below the other", span=term.span)
    values = [e.number(a) for a in given["arrays"].args]
    rests = {len(v.shape) for v in values}
    if len(rests) != 1 or not values[0].shape:
        raise SyntaxProblem("the arrays do not have the same number of axes", span=term.span)
    rest = values[0].shape[1:]
    for value in values[1:]:
        for a, b in zip(rest, value.shape[1:], strict=True):
            e.array.agree(a, b, [v.shape for v in values], term.span)
    starts = [number(0)]
    for value in values:
        starts.append(added(starts[-1], e.array.extents.find(value.shape[0])))

    def entry(p: Positions) -> Term:
        terms: list[Term] = []
        for value, start, end in zip(values, starts, starts[1:], strict=False):
            terms.append(e.array.at(value, (added(p[0], Term("neg", (start,))), *p[1:])))
            terms.append(Term("rel", (p[0], end), "<="))
        return cased(len(values) - 1)(terms[:-1], [0] * len(terms))

    return Value((starts[-1], *rest), entry, None, blocks=tuple(values))


def _delete(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "arr", "obj")
    array, place = e.value(given["arr"]), e.value(given["obj"])
    if len(array.shape) != 1 or place.shape:
        raise NotSupported("np.delete other than of one entry of a vector", span=term.span)
    position = added(e.array.at(place, ()), 1)

    def entry(p: Positions) -> Term:
        before, after = e.array.at(array, p), e.array.at(array, (added(p[0], 1),))
        return Term("cases", (before, Term("rel", (p[0], position), "<"), after, Term("otherwise")))

    return Value((added(array.shape[0], -1),), entry, None, without=(array, position))


def _place(function: str) -> Callable[[Evaluation, Term], Value]:
    def read(e: Evaluation, term: Term) -> Value:
        given = _Given(term, "a", "axis")
        return reductions.place(e, function, e.number(given["a"]), given.get("axis"), term.span)

    return read


def _sort(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "axis")
    return reductions.along(e, "sort", e.value(given["a"]), given.get("axis"), term.span)


def _least_squares(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "b", "rcond")
    return products.least_squares(e, e.number(given["a"]), e.number(given["b"]), term.span)


def _cholesky(e: Evaluation, term: Term) -> Value:
    matrix = e.value(_Given(term, "a")["a"])
    if len(matrix.shape) != 2:
        raise SyntaxProblem("the Cholesky factor is that of a matrix", span=term.span)
    e.array.agree(matrix.shape[0], matrix.shape[1], [matrix.shape], term.span)
    whole = Term("task", (e.array.whole(matrix),), "cholesky", term.span)
    return e.array.of_whole(matrix.shape, whole)._replace(factor_of=matrix)


def _solve_triangular(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "b", "lower")
    factor = e.value(given["a"])
    if factor.factor_of is None or given.get("lower") != Term("word", (), "True"):
        raise NotSupported("solve_triangular other than with a lower Cholesky factor", span=term.span)
    return products.solved(e, factor, e.value(given["b"]), term.span)


def _triangle(lower: bool) -> Callable[[Evaluation, Term], Value]:
    """The entries on one side of the diagonal."""

    def read(e: Evaluation, term: Term) -> Value:
        given = _Given(term, "m", "k")
        array, shift = e.number(given["m"]), given.get("k")
        if len(array.shape) != 2:
            raise NotSupported("a triangle of an array that is no matrix", span=term.span)
        offset = 0 if shift is None else integer(shift)
        if offset is None:
            raise NotSupported("a triangle from a diagonal that is no number", span=term.span)

        def entry(p: Positions) -> Term:
            condition = Term("rel", (p[1], added(p[0], offset)), "<=" if lower else ">=")
            return Term("cases", (e.array.at(array, p), condition, number(0), Term("otherwise")))

        return Value(array.shape, entry, None)

    return read


def _pairs(operation: str) -> Callable[[Evaluation, Term], Value]:
    """`np.subtract.outer(x, y)`: every entry of the one with every entry of the other."""

    def read(e: Evaluation, term: Term) -> Value:
        given = _Given(term, "A", "B")
        left, right = e.number(given["A"]), e.number(given["B"])
        left = positions.inserted(left, [len(left.shape) + k for k in range(len(right.shape))])
        if operation == "sub":
            return e.array.entrywise(BUILDERS["add"], [left, e.array.entrywise(BUILDERS["neg"], [right], term.span)], term.span)
        if operation in BUILDERS:
            return e.array.entrywise(BUILDERS[operation], [left, right], term.span)
        return e.array.entrywise(related(operation), [left, right], term.span, is_condition=True)

    return read


def _average(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "a", "axis", "weights")
    array, weights = e.number(given["a"]), given.get("weights")
    places = reductions.axes_of(given.get("axis"), len(array.shape), term.span)
    if weights is None:
        return reductions.reduced(e, "mean", array, places, False, term.span)
    weight = e.number(weights)
    if len(weight.shape) != len(array.shape):
        raise NotSupported("np.average with weights of another shape", span=term.span)
    top = reductions.reduced(e, "sum", e.array.entrywise(BUILDERS["mul"], [weight, array], term.span), places, False, term.span)
    bottom = reductions.reduced(e, "sum", weight, places, False, term.span)
    return e.array.entrywise(BUILDERS["div"], [top, bottom], term.span)


def _take_along(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "arr", "indices", "axis")
    array, places = e.value(given["arr"]), e.value(given["indices"])
    rank = len(array.shape)
    axis = _numbers(given["axis"])[0] % rank
    if len(places.shape) != rank:
        raise SyntaxProblem("np.take_along_axis takes arrays of as many axes", span=term.span)
    shape = tuple(
        places.shape[k] if k == axis else s
        for k, s in enumerate(e.array.broadcast([_without(array.shape, axis), _without(places.shape, axis)], term.span))
    )

    def entry(p: Positions) -> Term:
        here = added(e.array.at(places, p), 1)
        return e.array.at(array, tuple(here if k == axis else q for k, q in enumerate(p)))

    return Value(shape, entry, None)


def _without(shape: tuple[Term, ...], axis: int) -> tuple[Term, ...]:
    return tuple(ONE if k == axis else size for k, size in enumerate(shape))


def _whole_number(e: Evaluation, term: Term) -> Value:
    """`int(…)` of what is a whole number: a size, a position."""
    value = e.value(term.args[0])
    if value.shape or (e.size_value(term.args[0]) is None and e.array.at(value, ()).head != "optimum"):
        raise NotSupported("int() of what is no whole number", span=term.span)
    return value


def _difference(e: Evaluation, term: Term) -> Value:
    """`np.diff`: what stands behind, less what stands before."""
    given = _Given(term, "a", "n", "axis")
    array = e.number(given["a"])
    if given.get("n") not in (None, ONE) or not array.shape:
        raise NotSupported("np.diff more than once", span=term.span)
    axis = given.get("axis")
    here = (_numbers(axis)[0] if axis is not None else -1) % len(array.shape)
    shape = e.array.resolved(array.shape)

    def entry(p: Positions) -> Term:
        later = e.array.at(array, tuple(added(q, 1) if k == here else q for k, q in enumerate(p)))
        return Term("add", (later, Term("neg", (e.array.at(array, p),))))

    return Value(tuple(added(s, -1) if k == here else s for k, s in enumerate(shape)), entry, None)


def _cho_factor(e: Evaluation, term: Term) -> Value:
    matrix = e.value(_Given(term, "a", "lower")["a"])
    if len(matrix.shape) != 2:
        raise SyntaxProblem("the Cholesky factor is that of a matrix", span=term.span)
    return e.array.of_whole(matrix.shape, Term("task", (e.array.whole(matrix),), "cho_factor", term.span))._replace(factor_of=matrix)


def _cho_solve(e: Evaluation, term: Term) -> Value:
    given = _Given(term, "c_and_lower", "b")
    first, right = given["c_and_lower"], e.value(given["b"])
    if first.head == "tuple" and len(first.args) == 2 and first.args[1] == Term("word", (), "True"):
        first = first.args[0]
        kind = "cholesky"
    else:
        kind = "cho_factor"
    factor = e.value(first)
    if factor.factor_of is None or factor.whole is None or factor.whole.data != kind:
        raise NotSupported("cho_solve other than with cho_factor(A) or (L, True)", span=term.span)
    return products.solved(e, factor.factor_of, right, term.span)


def _shaped_as(e: Evaluation, term: Term) -> Value:
    """A value whose shape a comment says: `z = X @ w  # (n,)`."""
    value = e.value(term.args[0])
    said = term.args[1:]
    if len(said) != len(value.shape):
        raise InconsistentInput(f"the comment says {e.array.said(said)}, the value has {len(value.shape)} axes", span=term.span)
    for size, stated in zip(value.shape, said, strict=True):
        if e.array.extents.find(size) != ONE or integer(stated) != 1:
            e.sizes |= {part.data for part in stated.walk() if part.head == "name"}
            e.array.agree(size, stated, [value.shape, said], term.span)
    return value


def _same_size(e: Evaluation, term: Term) -> Value:
    """Arrays that a loop goes through side by side are as long as each other."""
    sizes = [e.size_value(part) for part in term.args]
    first = sizes[0]
    for size in sizes[1:]:
        if first is None or size is None or not e.array.extents.unify(first, size):
            raise InconsistentInput("a loop goes through arrays of different lengths", span=term.span)
    assert first is not None
    return scalar(e.array.extents.find(first))


def _set_by_loop(e: Evaluation, term: Term) -> Value:
    """An array whose entries a loop sets, or adds to."""
    base, body, order, *ranges = term.args
    array = e.value(base)
    spans = {index.data: (low, high) for index, low, high in zip(ranges[::3], ranges[1::3], ranges[2::3], strict=True)}
    names = [index.data for index in order.args]
    if len(names) != len(array.shape) or set(names) != set(spans):
        raise NotSupported("a loop that sets parts of an array", span=term.span)
    for name, size in zip(names, array.shape, strict=True):
        low, high = (e.size_value(end) for end in spans[name])
        if low != ONE or high is None or not e.array.extents.unify(high, size):
            raise NotSupported("a loop that sets only some entries of an array", span=term.span)
    with e.array.running(len(names)) as letters:
        if e.within(dict(zip(names, letters, strict=True)), body).shape:
            raise NotSupported("a loop that sets rows of an array", span=term.span)

    def entry(p: Positions) -> Term:
        value = e.within(dict(zip(names, p, strict=True)), body)
        made = e.array.at(value, ())
        start = e.array.at(array, p)
        return made if term.data == "fill" or start == number(0) else Term("add", (start, made))

    return Value(array.shape, entry, None)


Call = Callable[["Evaluation", Term], Value]
CALLS: dict[str, Call] = {
    "np.arange": positions.arange,
    "np.einsum": _einsum,
    "np.expand_dims": _expand_dims,
    "np.squeeze": _squeeze,
    "np.transpose": _transpose,
    "np.permute_dims": _transpose,
    "np.swapaxes": _swapaxes,
    "linalg.matrix_transpose": _moved,
    "np.reshape": _reshape,
    "np.ravel": _ravel,
    "np.zeros": _filled(0),
    "np.ones": _filled(1),
    "np.full": _filled(None),
    "np.zeros_like": _like(0),
    "np.ones_like": _like(1),
    "np.full_like": _like(None),
    "np.concatenate": _blocks,
    "np.delete": _delete,
    "np.argmax": _place("argmax"),
    "np.argmin": _place("argmin"),
    "np.sort": _sort,
    "linalg.lstsq": _least_squares,
    "linalg.cholesky": _cholesky,
    "linalg.solve_triangular": _solve_triangular,
    "np.tril": _triangle(True),
    "np.triu": _triangle(False),
    "np.subtract.outer": _pairs("sub"),
    "np.add.outer": _pairs("add"),
    "np.multiply.outer": _pairs("mul"),
    "np.equal.outer": _pairs("="),
    "np.less.outer": _pairs("<"),
    "np.greater.outer": _pairs(">"),
    "np.average": _average,
    "np.take_along_axis": _take_along,
    "np.diff": _difference,
    "linalg.cho_factor": _cho_factor,
    "linalg.cho_solve": _cho_solve,
    "int": _whole_number,
    "shaped_as": _shaped_as,
    "same_size": _same_size,
    "fill": _set_by_loop,
    "fill+": _set_by_loop,
}
"""Canonical name → how it is read where shapes are known."""
