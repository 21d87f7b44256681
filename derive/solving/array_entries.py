"""Derivatives by an entry or a row of an array where the function holds the array as a whole: ∂(xᵀA x)/∂x_k, ∂L/∂W_ij, ∇_{u_i} L.

In: the reading of the task, whose variables are elements. Out: its Solution: the gradient (or Jacobian, or Hessian) with respect to the
array, and the entry of it that was asked for. Where the array stands with these indices only, the element is a variable by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from derive.derivation import Derivation, Step
from derive.errors import NotSupported
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, integer, number
from derive.meaning.expand import substitute
from derive.meaning.inference import shape_of
from derive.meaning.scope import Reading, Type
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.jacobians import solve_array_hessian, solve_array_jacobian
from derive.solving.kinds import differentiated_by
from derive.solving.matrices import refuse_unreadable, solve_array_gradient, step

__all__ = ["entry_of", "solve_array_entry", "solve_by_components"]


def solve_array_entry(reading: Reading) -> Solution:
    """∂f/∂x_k as the k-th entry of ∇f; by the rules of scalars where these have a form for everything."""
    from derive.solving.expressions import solve_derivative

    if reading.expanded.head == "derivative":
        try:
            return solve_derivative(reading)
        except NotSupported:
            pass  # a norm, a transpose: the array as a whole
    body, variables = reading.expanded.args[0], differentiated_by(reading.expanded)
    arrays = {v.args[0] for v in variables}
    if len(arrays) != 1 or len(variables) > 2:
        raise NotSupported("a derivative by entries of several arrays", span=reading.expanded.span)
    if len(variables) == 1 and _is_alone(variables[0], body):
        return _by_itself(reading, body, variables[0])
    return _of_the_array(reading, body, variables)


def solve_by_components(reading: Reading) -> Solution:
    """The gradient, Jacobian or Hessian of a function of x_1, …, x_n by the rules of scalars: a vector or a matrix of formulas."""
    from derive.solving.dispatch import solve_calculus

    body, variable = reading.expanded.args
    size = integer(reading.types[variable.data].shape[0]) or 0
    entries = tuple(Term("index", (variable, number(k + 1))) for k in range(size))
    head = reading.expanded.head
    solution = solve_calculus(replace(reading, expanded=Term(head, (body, *entries), None, reading.expanded.span)))
    if head != "gradient":
        return solution
    return replace(solution, answer=Term("vector", tuple(map(_as_term, solution.parts.values()))), parts={})


def _as_term(value: object) -> Term:
    from derive.expressions.from_sympy import from_sympy

    return value if isinstance(value, Term) else from_sympy(value)


def _is_alone(variable: Term, body: Term) -> bool:
    """Whether the array stands in the function with these indices only, and none of them runs there."""
    array = variable.args[0]
    bound = {n.data for node in body.walk() if node.head in ("sum", "prod") for a in node.args[1:2] for n in a.walk() if n.head == "name"}
    if bound & {n.data for a in variable.args[1:] for n in a.walk() if n.head == "name"}:
        return False

    def occurs(node: Term) -> bool:
        return node != variable and (node == array or any(map(occurs, node.args)))

    return not occurs(body) and any(node == variable for node in body.walk())


def _by_itself(reading: Reading, body: Term, variable: Term) -> Solution:
    """The gradient with respect to a name that stands for the element, which is put back in the answer and its steps."""
    kind = reading.types[variable.args[0].data]
    taken = {n.key for n in reading.types}
    base = variable.args[0].data.base
    fresh = next(n for n in (Name(base, sub="".join(_letters(variable)) + "'" * k) for k in range(9)) if n.key not in taken)
    symbol = Term("name", (), fresh)
    rest = kind.shape[len(variable.args) - 1 :]
    inner = replace(
        reading,
        expanded=Term("gradient", (_exchanged(body, variable, symbol), symbol), None, reading.expanded.span),
        types={**reading.types, fresh: Type(kind.domain, rest)},
    )
    solution = solve_array_gradient(inner)
    assert isinstance(solution.answer, Term)
    answer = _exchanged(solution.answer, symbol, variable)
    derivation = solution.derivation
    assert derivation is not None
    last = step(rules.ENTRY, reading.expanded, answer, because=("with ", Term("rel", (symbol, variable), "=")), formula="")
    types = {**solution.types, fresh: Type(kind.domain, rest)}
    return replace(solution, derivation=Derivation(reading.expanded, answer, (*derivation.steps, last)), answer=answer, types=types)


def _letters(variable: Term) -> list[str]:
    return [a.data.key if a.head == "name" else str(a.data) if a.head == "number" else "" for a in variable.args[1:]]


def _exchanged(term: Term, old: Term, new: Term) -> Term:
    return term.transform(lambda node: new if node == old else node)


def _of_the_array(reading: Reading, body: Term, variables: Sequence[Term]) -> Solution:
    """The entry of the derivative with respect to the whole array."""
    array = variables[0].args[0]
    shape = shape_of(body, reading.types)
    head = "hessian" if len(variables) == 2 else "jacobian" if shape else "gradient"
    if head == "hessian" and any(len(v.args) != 2 or len(reading.types[array.data].shape) != 1 for v in variables):
        raise NotSupported("a second derivative by entries of a matrix", span=reading.expanded.span)
    solver = {"gradient": solve_array_gradient, "jacobian": solve_array_jacobian, "hessian": solve_array_hessian}[head]
    whole = Term(head, (body, array))
    solution = solver(replace(reading, expanded=whole))
    found = solution.answer
    assert isinstance(found, Term) and solution.derivation is not None
    places = tuple(p for v in variables for p in v.args[1:])
    if shape:
        places = (*(Term("blank") for _ in shape), *places)
    answer = entry_of(found, places, reading.types)
    refuse_unreadable([answer], reading)
    last = step(rules.ENTRY, reading.expanded, answer, because=("the entry of ", Term("rel", (whole, found), "=")))
    steps: tuple[Step, ...] = (*solution.derivation.steps, last)
    return replace(solution, derivation=Derivation(reading.expanded, answer, steps), answer=answer)


# ---------------------------------------------------------------------------------------------- entries of terms
def entry_of(term: Term, places: tuple[Term, ...], types: Mapping[Name, Type]) -> Term:
    """The entry of an array at these places, as far inside as it can be written: (a x + y)_k is a x_k + y_k."""

    def rank(t: Term) -> int:
        return len(shape_of(t, types))

    def entry(t: Term) -> Term:
        head, args = t.head, t.args
        if head == "name":
            return Term("index", (t, *places))
        if head == "index" and t.data is None and not any(a.head in ("blank", "range") for a in args[1:]):
            return Term("index", (*args, *places))
        if head in ("neg", "abs") and rank(args[0]) == rank(t):
            return t.with_args((entry(args[0]),))
        if head in ("add", "hadamard") and all(rank(a) == rank(t) for a in args):
            made = tuple(entry(a) for a in args)
            return Term("mul", made) if head == "hadamard" else t.with_args(made)
        if head == "div" and not rank(args[1]):
            return t.with_args((entry(args[0]), args[1]))
        if head == "hadamard_div" and all(rank(a) == rank(t) for a in args):
            return Term("div", tuple(entry(a) for a in args))
        if head == "mul":
            return _product(t)
        if head == "sum" and t.data == "range" and not _binds(t):
            return t.with_args((entry(args[0]), *args[1:]))
        if head == "apply" and len(args) == 1 and t.data in FUNCTIONS and FUNCTIONS[t.data].acts == "elementwise":
            return t.with_args((entry(args[0]),))
        if head == "ones" and len(places) == 1:
            return Term("number", (), "1")
        if head == "transpose" and len(places) == 2 and rank(args[0]) == 2:
            return entry_of(args[0], places[::-1], types)
        if head == "task" and t.data == "entries" and len(args) // 3 >= len(places):
            return _at_places(t, places)
        return Term("index", (t, *places))

    def _product(t: Term) -> Term:
        shaped = [k for k, a in enumerate(t.args) if rank(a) or a.head in ("transpose", "ones")]
        if not shaped:
            return Term("index", (t, *places))
        first, last = shaped[0], shaped[-1]
        inner = t.args[first : last + 1]
        outer = (*t.args[:first], *t.args[last + 1 :])
        if len(inner) == 1:
            made: tuple[Term, ...] = (entry(inner[0]),)
        elif len(inner) == 2 and len(places) == 2 and inner[1].head == "transpose" and rank(inner[0]) == rank(inner[1].args[0]) == 1:
            made = (entry_of(inner[0], places[:1], types), entry_of(inner[1].args[0], places[1:], types))
        else:
            made = (Term("index", (Term("mul", inner), *places)),)
        return Term("mul", (*outer, *made)) if outer or len(made) > 1 else made[0]

    def _binds(t: Term) -> bool:
        """Whether the sum runs over a letter that stands in the places."""
        running = {n.data for n in t.args[1].walk() if n.head == "name"}
        return any(n.data in running for p in places for n in p.walk() if n.head == "name")

    return entry(term)


def _at_places(term: Term, places: tuple[Term, ...]) -> Term:
    """[formula of the entry] at the first indices: the formula there, without the indices that are left where it is a vector by them."""
    body, *rest = term.args
    count = len(places)
    made = substitute(body, {index.data: place for index, place in zip(rest[::3], places, strict=False)})
    left = rest[3 * count :]
    if not left:
        return made
    whole = _without(made, left[0]) if len(left) == 3 else None
    return whole if whole is not None else Term("task", (made, *left), "entries")


def _without(term: Term, index: Term) -> Term | None:
    """The vector that a formula is the entry of, at this index; None where it is not written so."""
    if term.head == "index" and term.args[-1] == index and not _holds(term.args[:-1], index):
        return term.args[0] if len(term.args) == 2 else term.with_args(term.args[:-1])
    if term.head in ("neg", "mul", "div"):
        with_it = [k for k, a in enumerate(term.args) if _holds((a,), index)]
        inner = _without(term.args[with_it[0]], index) if len(with_it) == 1 and not (term.head == "div" and with_it[0]) else None
        return None if inner is None else term.with_args(tuple(inner if k == with_it[0] else a for k, a in enumerate(term.args)))
    return None


def _holds(terms: Sequence[Term], index: Term) -> bool:
    return any(node == index for term in terms for node in term.walk())
