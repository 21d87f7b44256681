"""Functions of arrays at a point: gradients, Jacobians and Hessians at a vector or matrix, Taylor polynomials of scalar functions.

In: the reading of the task. Out: its Solution: the derivative in general first, then its value at the point, which is compared with
differences of the function there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported, Undetermined
from derive.expressions.term import Term, integer, number
from derive.graph import matrices
from derive.graph.build import Builder
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.placing import placed
from derive.graph.calculus.polish import polished
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.recognition import recognised
from derive.graph.node import Node
from derive.meaning.scope import Reading
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.array_tasks import solve_array_derivative, solve_array_directional
from derive.solving.jacobians import solve_array_hessian, solve_array_jacobian
from derive.solving.matrices import refuse_unreadable, solve_array_gradient, step

__all__ = ["Place", "solve_array_at", "solve_array_taylor"]

SOLVERS = {
    "gradient": solve_array_gradient,
    "jacobian": solve_array_jacobian,
    "hessian": solve_array_hessian,
    "derivative": solve_array_derivative,
    "directional": solve_array_directional,
}


class Place:
    """Values of variables, and expressions taken there."""

    def __init__(self, pairs: Sequence[Term], terms: Sequence[Term], reading: Reading) -> None:
        self.reading = reading
        self.pairs = tuple(pairs)
        self.builder = Builder([*terms, *pairs], reading.types)
        self.a = Algebra(self.builder.nodes)
        self.values: dict[Node, Node] = {}
        for variable, value in zip(pairs[::2], pairs[1::2], strict=True):
            argument = self.builder.column(variable)
            if argument.op != "argument":
                raise NotSupported("a value at such a point", span=variable.span)
            self.values[argument] = self._value(value, argument)

    def _value(self, value: Term, argument: Node) -> Node:
        node = self.builder.column(value)
        if node.op == "number" and node.data == 0:
            return node
        if not node.shape and argument.shape:
            variable = argument.data[0].key
            known = value.head == "name" and self.reading.types.get(value.data) is not None
            wanted = (f"{value.data.key} in R^…",) if value.head == "name" and not known else ("a vector or matrix", "0")
            raise Undetermined(f"the point has not the shape of {variable}", span=value.span, expected=wanted)
        node = matrices.of_shape(self.builder.nodes, node, argument.shape)
        return self.a.rebuilt(node)

    def node(self, term: Term) -> Node:
        """An expression at the place."""
        node = self.builder.column(term)
        made = placed(self.a, recognised(self.a, node), self.values)
        made = polished(self.a, made)
        return self.a.full(made, node.shape) if node.shape and not made.shape else made

    def term(self, term: Term) -> Term:
        """The same as a term."""
        return Raising(self.a).term(self.node(term))


# ---------------------------------------------------------------------------------------------- at a point
def solve_array_at(reading: Reading) -> Solution:
    """A derivative at a point: the derivative, then its value there."""
    term = reading.expanded
    body, *pairs = term.args
    solver = SOLVERS.get(body.head)
    if solver is None:
        return _value_at(reading)
    inner = solver(replace(reading, expanded=body))
    steps = [*(inner.derivation.steps if inner.derivation is not None else ())]
    found = {"": inner.answer} if inner.answer is not None else dict(inner.parts)
    place = Place(pairs, [body.args[0], *found.values()], reading)
    answers: dict[str, Term] = {}
    for label, general in found.items():
        value = place.term(general)
        answers[label] = value
        steps.append(step(rules.POINT, Term("at", (_part(body, label), *pairs)), value, because=_said(pairs), formula=""))
    refuse_unreadable(list(answers.values()), reading)
    single = answers[""] if inner.answer is not None else None
    shown = single if single is not None else Term("tuple", tuple(answers.values()))
    derivation = Derivation(term, shown, tuple(steps))
    return Solution(derivation, single, {} if single is not None else answers, inner.notes, inner.assumptions)


def _part(body: Term, label: str) -> Term:
    """The gradient with respect to one of several variables."""
    if not label:
        return body
    variables = [v for t in body.args[1:] for v in (t.args if t.head in ("tuple", "vector", "list") else (t,))]
    return Term(body.head, (body.args[0], next(v for v in variables if v.data.key == label)), body.data)


def _said(pairs: Sequence[Term]) -> Prose:
    said: list[object] = ["with "]
    for variable, value in zip(pairs[::2], pairs[1::2], strict=True):
        said += [", " if len(said) > 1 else "", Term("rel", (variable, value), "=")]
    return tuple(said)


def _value_at(reading: Reading) -> Solution:
    """The value of an expression without derivatives."""
    term = reading.expanded
    body, *pairs = term.args
    place = Place(pairs, [body], reading)
    answer = place.term(body)
    refuse_unreadable([answer], reading)
    return Solution(Derivation(term, answer, (step(rules.POINT, term, answer, because=_said(pairs), formula=""),)), answer)


# ---------------------------------------------------------------------------------------------- Taylor
def solve_array_taylor(reading: Reading) -> Solution:
    """f(x₀) + ∇f(x₀)ᵀ(x − x₀) + ½ (x − x₀)ᵀ ∇²f(x₀) (x − x₀)."""
    term = reading.expanded
    body, variable, point, *rest = term.args
    order = integer(rest[0]) if rest else None
    if order not in (1, 2):
        raise NotSupported("Taylor polynomials over arrays go to order 1 or 2", span=term.span, expected=("order 2",))
    kind = reading.types.get(variable.data) if variable.head == "name" else None
    if kind is None or len(kind.shape) != 1:
        what = "a Taylor polynomial with respect to a matrix: its second term has order four"
        if kind is None or not kind.shape or order == 2:
            raise NotSupported(what if kind is not None and kind.shape else "a Taylor polynomial of arrays in a scalar", span=term.span)
    first = solve_array_gradient(replace(reading, expanded=Term("gradient", (body, variable))))
    steps: list[Step] = list(first.derivation.steps if first.derivation is not None else ())
    general: list[Term] = [body, first.answer]
    notes, assumptions = [*first.notes], [*first.assumptions]
    if order == 2:
        second = solve_array_hessian(replace(reading, expanded=Term("hessian", (body, variable))))
        if second.derivation is not None:
            steps += [s for s in second.derivation.steps if s not in steps]
        general.append(second.answer)
        notes += [n for n in second.notes if n not in notes]
        assumptions += [n for n in second.assumptions if n not in assumptions]
    place = Place((variable, point), general, reading)
    a = place.a
    pairs = (variable, point)
    values: list[Term] = []
    for operator, found in zip(("", "gradient", "hessian"), general, strict=False):
        before = Term("at", (Term(operator, (body, variable)) if operator else body, *pairs))
        value = place.term(found)
        values.append(value)
        steps.append(step(rules.POINT, before, value, because=_said(pairs), formula=""))
    answer = _polynomial(a, [place.node(t) for t in general], place, variable, point)
    refuse_unreadable([answer], reading)
    steps.append(step(rules.TAYLOR, term, answer))
    return Solution(Derivation(term, answer, tuple(steps)), answer, {}, tuple(notes), tuple(assumptions))


def _polynomial(a: Algebra, values: Sequence[Node], place: Place, variable: Term, point: Term) -> Term:
    x = place.builder.column(variable)
    at = place.values[x]
    origin = not at.shape or (at.op == "array" and all(a.zero(entry) for entry in at.args))
    d = x if origin else a.nodes.sub(x, at)
    terms = [values[0], a.dot(a.full(values[1], x.shape), d)]
    if len(values) > 2:
        terms.append(a.div(a.matmul(a.matmul(a.full(values[2], (*x.shape, *x.shape)), d), d), a.number(2)))
    raising = Raising(a)
    shown = [raising.term(t) for t in terms if not a.zero(t)]
    if not shown:
        return number(0)
    return shown[0] if len(shown) == 1 else Term("add", tuple(shown))
