"""Other tasks over arrays: derivatives with respect to a scalar, ∂f/∂X in the notation of derivatives, derivatives along a direction.

In: the reading of the task. Out: its Solution, or a refusal that names what is missing.
"""

from __future__ import annotations

from dataclasses import replace

from derive.derivation import Derivation, Step
from derive.errors import NotSupported, Undetermined
from derive.expressions.term import Name, Term, integer
from derive.graph.build import Builder
from derive.graph.calculus.polish import polished
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.reverse import sweep
from derive.graph.node import ArgumentType, Node
from derive.meaning.scope import Reading
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.differentials import rules_in
from derive.solving.jacobians import solve_array_hessian, solve_array_jacobian
from derive.solving.matrices import (
    ArrayTask,
    Gradient,
    Variable,
    assumptions_of,
    refuse_unreadable,
    solve_array_gradient,
    step,
    variables_of,
)

__all__ = ["solve_array_derivative", "solve_array_directional"]


def solve_array_derivative(reading: Reading) -> Solution:
    """∂f/∂x: of a scalar function the gradient, of a vector the Jacobian; ∂²f/∂x∂xᵀ the Hessian; of an array by a scalar the array."""
    term = reading.expanded
    body, *pairs = term.args
    variables, orders = pairs[::2], [integer(order) for order in pairs[1::2]]
    if any(order is None for order in orders):
        raise NotSupported("a derivative of an unknown order over arrays", span=term.span)
    total = sum(order or 0 for order in orders)
    plain = [v.args[0] if v.head == "transpose" else v for v in variables]
    shaped = [v for v in plain if v.head == "name" and (kind := reading.types.get(v.data)) is not None and kind.shape]
    if total == 2 and shaped and len(set(plain)) == 1:
        return solve_array_hessian(replace(reading, expanded=Term("hessian", (body, plain[0]), None, term.span)))
    if total != 1:
        raise NotSupported("derivatives of this order over arrays are read, but no solver for them exists yet", span=term.span)
    if shaped:
        return _by_an_array(reading, Term("gradient", (body, plain[0]), None, term.span))
    return _by_a_scalar(reading, body, plain[0])


def _by_an_array(reading: Reading, term: Term) -> Solution:
    body = term.args[0]
    node = Builder([body], reading.types).column(body)
    if node.shape:
        return solve_array_jacobian(replace(reading, expanded=Term("jacobian", term.args, None, term.span)))
    return solve_array_gradient(replace(reading, expanded=term))


def _by_a_scalar(reading: Reading, body: Term, variable: Term) -> Solution:
    written = str(reading.expanded.data or "d")
    task = ArrayTask(body, variables_of([variable], reading), reading, written)
    if not task.root.shape:
        return solve_array_gradient(replace(reading, expanded=Term("gradient", (body, variable), None, reading.expanded.span)), written)
    a, t = task.a, task.variables[0]
    u = a.nodes.argument(ArgumentType(task.fresh("U", "M", "V").key), task.root.shape)
    pulled = sweep(a, [(task.root, u)], [t.node]).get(t.node)
    pushed: Node | None = None if pulled is None else sweep(a, [(pulled, a.number(1))], [u]).get(u)
    raising = Raising(a)
    target = task.target(t)
    if pushed is None:
        zero = raising.term(a.nodes.mul(a.number(0), a.ones(task.root.shape)))
        because = (variable, " does not occur")
        return Solution(Derivation(target, zero, (step(rules.READ_OFF_MATRIX, target, zero, because=because),)), zero, notes=(because,))
    whole = a.full(polished(a, pushed), task.root.shape)
    answer = raising.term(whole)
    refuse_unreadable([answer], reading)
    used = rules_in(task.root, task.nodes)
    steps = (Step(used[0].id, used[0].title, target, answer, formula=",  ".join(rule.formula for rule in used[:2])),)
    return Solution(Derivation(target, answer, steps), answer, {}, tuple(task.notes), tuple(assumptions_of(a)))


# ---------------------------------------------------------------------------------------------- along a direction
def solve_array_directional(reading: Reading) -> Solution:
    """D_v f = ⟨∇f, v⟩, v as it is given; of a vector or matrix function J v."""
    term = reading.expanded
    body, *rest = term.args
    direction = rest[-1]
    variable, place = _varied(reading, body, rest)
    if place is not None:
        from derive.solving.array_points import solve_array_at

        inner = Term("directional", (body, variable, direction))
        return solve_array_at(replace(reading, expanded=Term("at", (inner, variable, place))))
    task = ArrayTask(body, variables_of([variable], reading), reading)
    a = task.a
    builder = Builder([body, direction], reading.types)
    builder.nodes = a.nodes
    found_variable = task.variables[0]
    v = a.rebuilt(builder.column(direction))
    if v.shape != found_variable.node.shape:
        raise Undetermined("the direction has not the shape of the variable", span=direction.span)
    along = Term("directional", (body, variable, direction))
    if task.root.shape:
        return _along(task, found_variable, v, along)
    gradient = Gradient(task)
    _, more = gradient.read_off(found_variable)
    g = gradient.found.get(found_variable.node)
    value = a.number(0) if g is None else a.dot(a.full(task.settled(g, gradient.parts), v.shape), v)
    answer = Raising(a).term(polished(a, value))
    steps = (*gradient.steps, *more, step(rules.DIRECTION, along, answer))
    notes = (*task.notes, *gradient.notes, (NOT_NORMALISED,))
    return Solution(Derivation(along, answer, steps), answer, {}, notes, tuple(gradient.assumptions))


NOT_NORMALISED = "the direction is taken as it is given, not normalised"


def _along(task: ArrayTask, variable: Variable, v: Node, along: Term) -> Solution:
    """J v of a vector or matrix function."""
    pushed = pushed_forward(task, variable, v)
    answer = Raising(task.a).term(task.a.full(task.settled(pushed), task.root.shape))
    refuse_unreadable([answer], task.reading)
    used = rules_in(task.root, task.nodes)
    steps = (Step(used[0].id, used[0].title, along, answer, formula=",  ".join(rule.formula for rule in used[:2])),)
    notes = (*task.notes, (NOT_NORMALISED,))
    return Solution(Derivation(along, answer, steps), answer, {}, notes, tuple(assumptions_of(task.a)))


def pushed_forward(task: ArrayTask, variable: Variable, v: Node) -> Node:
    """J v: the adjoint of the direction u in ⟨Jᵀu, v⟩."""
    a = task.a
    u = a.nodes.argument(ArgumentType(task.fresh("u", "U", "p").key), task.root.shape)
    pulled = sweep(a, [(task.root, u)], [variable.node]).get(variable.node)
    if pulled is None:
        return a.number(0)
    return sweep(a, [(a.dot(a.full(pulled, v.shape), v), a.number(1))], [u]).get(u, a.number(0))


def _varied(reading: Reading, body: Term, rest: list[Term]) -> tuple[Term, Term | None]:
    """The variable that the direction belongs to, and the point: the name that is given, or the only array of the shape."""
    *places, direction = rest
    place = places[0] if places else None
    if place is not None and place.head == "rel" and place.data == "=" and place.args[0].head == "name":
        return place.args[0], place.args[1]
    named = [v for v in reading.options.get("variables", ()) if isinstance(v, Term)]
    if named:
        return named[0], place
    names = dict.fromkeys(n.data for n in body.walk() if n.head == "name" and n not in (direction, place))
    if place is not None and place.head == "name" and any(n == place for n in body.walk()) and body.has("name"):
        return place, None  # f at x: x is the variable
    wanted = Builder([body, direction], reading.types).column(direction).shape
    shapes = {n: Builder([body], reading.types).value_of(n).shape for n in names if _is_real(reading, n)}
    alike = [n for n, shape in shapes.items() if shape == wanted]
    if len(alike) != 1:
        message = "the variable of the directional derivative is needed"
        raise Undetermined(message, span=reading.expanded.span, expected=("wrt and a variable",))
    return Term("name", (), alike[0]), place


def _is_real(reading: Reading, name: Name) -> bool:
    kind = reading.types.get(name)
    return kind is not None and kind.domain == "real" and bool(kind.shape)
