"""Jacobians and Hessians over arrays: one reverse sweep with a symbolic direction, and the matrix of the linear form it gives.

In: the reading of the task. Out: its Solution. J_ij = ∂f_i/∂x_j; the Hessian is the Jacobian of the gradient. What has order above
two is written with indices.
"""

from __future__ import annotations

from derive.derivation import Derivation, Step
from derive.errors import NotSupported, WrongUse
from derive.expressions.term import Term
from derive.graph.calculus.linear import coefficient
from derive.graph.calculus.raising import Raising, mul_term
from derive.graph.calculus.reverse import sweep
from derive.graph.node import ArgumentType, Node
from derive.meaning.scope import Reading
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.differentials import rules_in
from derive.solving.intermediates import Parts, definition_term, named_parts
from derive.solving.matrices import ArrayTask, Gradient, Variable, assumptions_of, refuse_unreadable, step, variables_of

__all__ = ["solve_array_hessian", "solve_array_jacobian"]


def _direction(task: ArrayTask, letter: str, like: Node) -> Node:
    name = task.fresh(letter)
    return task.a.nodes.argument(ArgumentType(name.key), like.shape)


def _matrix(task: ArrayTask, f: Node, variable: Variable) -> Node:
    """∂f/∂x of a vector f with respect to a vector or a scalar x."""
    a = task.a
    u = _direction(task, "u", f)
    pulled = sweep(a, [(f, u)], [variable.node]).get(variable.node)
    if pulled is None:
        raise _Constant
    if not variable.node.shape:
        return coefficient(a, pulled, u)
    return a.transpose(coefficient(a, a.full(pulled, variable.node.shape), u))


class _Constant(Exception):
    """The function does not depend on the variable."""


def _zeros(task: ArrayTask, rows: Node, variable: Variable) -> Term:
    shape = (*rows.shape, *variable.node.shape)
    return Raising(task.a).term(task.a.nodes.mul(task.a.number(0), task.a.ones(shape)))


def solve_array_jacobian(reading: Reading) -> Solution:
    """J_ij = ∂f_i/∂x_j of a vector function; of a scalar function the gradient."""
    term = reading.expanded
    task = ArrayTask(term.args[0], variables_of(term.args[1:], reading), reading)
    if not task.root.shape:
        from derive.solving.matrices import solve_array_gradient

        return solve_array_gradient(reading)
    if len(task.variables) != 1:
        from derive.solving.array_blocks import jacobian_parts

        return jacobian_parts(reading, task)
    variable = task.variables[0]
    if len(task.root.shape) + len(variable.node.shape) > 2:
        from derive.solving.array_orders import solve_indexed_jacobian

        return solve_indexed_jacobian(task, variable)
    a = task.a
    parts = named_parts(a, task.root, task.nodes, task.taken)
    raising = Raising(a)
    steps: list[Step] = []
    try:
        output = raising.term(parts.output)
    except NotSupported:
        from derive.solving.array_orders import solve_indexed_jacobian

        return solve_indexed_jacobian(task, variable)
    if parts.definitions:
        steps.append(_naming(raising, parts, task.body, output))
    try:
        whole = _matrix(task, task.root, variable)
    except NotSupported:
        from derive.solving.array_orders import solve_indexed_jacobian

        return solve_indexed_jacobian(task, variable)
    except _Constant:
        zero = _zeros(task, task.root, variable)
        target = Term(term.head, (task.body, variable.term))
        absent = (variable.term, " does not occur")
        return Solution(Derivation(term, zero, (step(rules.READ_OFF_MATRIX, target, zero, because=absent),)), zero, notes=(absent,))
    settled = task.settled(whole)
    answer = raising.whole(settled, task.taken)
    refuse_unreadable([answer], reading)
    differential = Term("differential", (output,))
    used = rules_in(task.root, task.nodes)
    applied = _applied(answer, variable)
    because: tuple[object, ...] = ("with ", *_listed(raising, parts)) if parts.definitions else ()
    formula = ",  ".join(rule.formula for rule in used[:2])
    titles = used[0].title if len(used) == 1 else f"{used[0].title}, {used[1].title[0].lower()}{used[1].title[1:]}"
    steps.append(Step(used[0].id, titles, differential, applied, because=because, formula=formula))
    target = Term("jacobian", (task.body, variable.term))
    steps.append(step(rules.READ_OFF_MATRIX, target, answer, formula=rules.READ_OFF_MATRIX.formula))
    return Solution(Derivation(term, answer, tuple(steps)), answer, {}, tuple(task.notes), tuple(assumptions_of(a)))


def _listed(raising: Raising, parts: Parts) -> list[object]:
    found: list[object] = []
    for definition in parts.definitions:
        found += [", " if found else "", definition_term(raising, definition)]
    return found


def _naming(raising: Raising, parts: Parts, body: Term, output: Term) -> Step:
    return step(rules.NAME, body, output, because=tuple(_listed(raising, parts)), formula="")


def _applied(matrix: Term, variable: Variable) -> Term:
    """J dx."""
    differential = Term("differential", (variable.term,))
    return differential if variable.node.shape and matrix.head == "identity" else mul_term([matrix, differential])


# ---------------------------------------------------------------------------------------------- Hessians
def solve_array_hessian(reading: Reading) -> Solution:
    """∇²f with respect to a vector: the gradient first, then its Jacobian."""
    term = reading.expanded
    task = ArrayTask(term.args[0], variables_of(term.args[1:], reading), reading)
    if task.root.shape or task.root.axes:
        raise WrongUse("the Hessian of a value that is no scalar", span=term.args[0].span)
    if len(task.variables) != 1:
        from derive.solving.array_blocks import hessian_blocks

        return hessian_blocks(reading, task)
    variable = task.variables[0]
    if len(variable.node.shape) > 1:
        from derive.solving.array_orders import solve_indexed_hessian

        return solve_indexed_hessian(task, variable)
    gradient = Gradient(task)
    first, more = gradient.read_off(variable)
    steps = [*gradient.steps, *more]
    a = task.a
    found = gradient.found.get(variable.node)
    if found is None:
        zero = _zeros(task, variable.node, variable)
        target = Term("hessian", (task.body, variable.term))
        steps.append(step(rules.READ_OFF_MATRIX, target, zero, because=(variable.term, " does not occur")))
        return Solution(Derivation(term, zero, tuple(steps)), zero, {}, (*task.notes, *gradient.notes))
    inner = a.full(gradient.task.settled(found, gradient.parts), variable.node.shape)
    inner = a.rebuilt(inner, {variable.declared: variable.node}) if variable.declared is not variable.node else inner
    try:
        whole = _matrix(task, inner, variable)
    except _Constant:
        zero = _zeros(task, variable.node, variable)
        target = Term("hessian", (task.body, variable.term))
        steps.append(step(rules.READ_OFF_MATRIX, target, zero, because=("the gradient does not depend on ", variable.term)))
        return Solution(Derivation(term, zero, tuple(steps)), zero, {}, (*task.notes, *gradient.notes))
    except NotSupported:
        from derive.solving.array_orders import solve_indexed_hessian

        return solve_indexed_hessian(task, variable)
    raising = Raising(a)
    settled = task.settled(whole)
    answer = raising.whole(settled, task.taken)
    refuse_unreadable([answer], reading)
    differential = Term("differential", (first,))
    applied = _applied(answer, variable)
    used = rules_in(inner, task.nodes)
    titles = "Differential of the gradient"
    steps.append(Step(used[0].id, titles, differential, applied, formula=",  ".join(rule.formula for rule in used[:2])))
    target = Term("hessian", (task.body, variable.term))
    steps.append(step(rules.READ_OFF_MATRIX, target, answer, formula="dg = H dx ⇒ ∇²f = H"))
    notes = (*task.notes, *gradient.notes)
    return Solution(Derivation(term, answer, tuple(steps)), answer, {}, notes, tuple(assumptions_of(a)))
