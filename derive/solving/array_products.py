"""Products with derivatives, and expressions that hold derivatives of arrays: ∇²f v without the Hessian, J v, vᵀJ, ‖∇f‖², ∇(vᵀ∇f).

In: the reading of the task. Out: its Solution. A product with a vector is one sweep over the gradient along it; everything else puts the
derivatives that stand inside in first.
"""

from __future__ import annotations

from dataclasses import replace

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported
from derive.expressions.term import Term
from derive.graph.build import Builder
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.polish import polished
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.recognition import recognised
from derive.graph.calculus.reverse import sweep
from derive.graph.node import Node
from derive.meaning.scope import Reading
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.array_tasks import pushed_forward
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

__all__ = ["solve_array_expression"]

SOLVERS = {"gradient": solve_array_gradient, "jacobian": solve_array_jacobian, "hessian": solve_array_hessian}


def solve_array_expression(reading: Reading) -> Solution:
    """An expression with gradients, Jacobians or Hessians inside."""
    term = reading.expanded
    product = _product(term)
    if product is not None:
        found = _of_product(reading, *product)
        if found is not None:
            return found
    return _put_in(reading)


# ---------------------------------------------------------------------------------------------- products with a vector
def _product(term: Term) -> tuple[Term, Term, bool] | None:
    """The operator, the vector, and whether the vector stands on the left."""
    if term.head != "mul" or len(term.args) != 2:
        return None
    left, right = term.args
    if left.head in ("hessian", "jacobian") and not right.has(*SOLVERS):
        return left, right, False
    if right.head in ("hessian", "jacobian") and left.head == "transpose" and not left.has(*SOLVERS):
        return right, left.args[0], True
    return None


def _of_product(reading: Reading, operator: Term, vector: Term, from_left: bool) -> Solution | None:
    """H v = ∇(∇fᵀv), J v = df along v, vᵀJ = ∇(vᵀf)ᵀ; None where the plain way is the right one."""
    variables = variables_of(operator.args[1:], reading)
    if len(variables) != 1:
        return None
    task = ArrayTask(operator.args[0], variables, reading)
    variable = task.variables[0]
    a = task.a
    builder = Builder([operator.args[0], vector], reading.types)
    builder.nodes = a.nodes
    v = a.rebuilt(builder.column(vector))
    if not v.shape or not variable.node.shape:
        return None
    if operator.head == "hessian":
        if task.root.shape or v.shape != variable.node.shape or (from_left and len(v.shape) > 1):
            return None
        return _hessian_product(task, variable, v, reading)
    if len(task.root.shape) != 1 or len(variable.node.shape) != 1 or len(v.shape) != 1:
        return None
    return _jacobian_product(task, variable, v, from_left)


def _hessian_product(task: ArrayTask, variable: Variable, v: Node, reading: Reading) -> Solution:
    a, term = task.a, reading.expanded
    gradient = Gradient(task)
    first, more = gradient.read_off(variable)
    steps = [*gradient.steps, *more]
    found = gradient.found.get(variable.node)
    value = a.number(0)
    if found is not None:
        inner = a.full(task.settled(found, gradient.parts), variable.node.shape)
        if variable.declared is not variable.node:
            inner = a.rebuilt(inner, {variable.declared: variable.node})
        value = sweep(a, [(a.dot(inner, v), a.number(1))], [variable.node]).get(variable.node, value)
    answer = Raising(a).term(a.full(task.settled(value), variable.node.shape))
    refuse_unreadable([answer], reading)
    steps.append(step(rules.ALONG, term, answer, because=("with ∇f = ", first)))
    return Solution(Derivation(term, answer, tuple(steps)), answer, {}, (*task.notes, *gradient.notes), tuple(assumptions_of(a)))


def _jacobian_product(task: ArrayTask, variable: Variable, v: Node, from_left: bool) -> Solution:
    a, term = task.a, task.reading.expanded
    if from_left:
        value = sweep(a, [(task.root, v)], [variable.node]).get(variable.node, a.number(0))
        shape = variable.node.shape
    else:
        value, shape = pushed_forward(task, variable, v), task.root.shape
    raising = Raising(a)
    whole = a.full(task.settled(value), shape)
    answer = raising.transposed(whole) if from_left else raising.term(whole)
    refuse_unreadable([answer], task.reading)
    used = rules_in(task.root, task.nodes)
    steps = (Step(used[0].id, used[0].title, term, answer, formula=",  ".join(rule.formula for rule in used[:2])),)
    return Solution(Derivation(term, answer, steps), answer, {}, tuple(task.notes), tuple(assumptions_of(a)))


# ---------------------------------------------------------------------------------------------- derivatives inside
def _put_in(reading: Reading) -> Solution:
    """The innermost derivatives worked out and put in, then the rest."""
    term = reading.expanded
    steps: list[Step] = []
    notes: list[Prose] = []
    assumptions: list[Prose] = []
    known: dict[Term, Term] = {}
    outer = term.head in SOLVERS

    def change(node: Term) -> Term:
        if node.head not in SOLVERS:
            return node
        if node not in known:
            solution = SOLVERS[node.head](replace(reading, expanded=node))
            if solution.answer is None:
                raise NotSupported("derivatives with respect to several variables inside an expression", span=node.span)
            inside = solution.derivation.steps if solution.derivation is not None else ()
            if outer:  # it has variables and names of parts of its own
                steps.append(replace(step(rules.PUT_IN, node, solution.answer, formula=""), steps=inside))
            else:
                steps.extend(inside)
            notes.extend(n for n in solution.notes if n not in notes)
            assumptions.extend(n for n in solution.assumptions if n not in assumptions)
            known[node] = solution.answer
        return known[node]

    inner = term.args[0].transform(change) if outer else term.transform(change)
    if outer:
        whole = Term(term.head, (inner, *term.args[1:]), term.data, term.span)
        solution = SOLVERS[term.head](replace(reading, expanded=whole))
        rest = list(solution.derivation.steps) if solution.derivation is not None else []
        derivation = Derivation(term, solution.derivation.answer if solution.derivation is not None else None, (*steps, *rest))
        return replace(solution, derivation=derivation, notes=(*notes, *(n for n in solution.notes if n not in notes)))
    builder = Builder([inner], reading.types)
    a = Algebra(builder.nodes)
    root = builder.column(inner)
    answer = Raising(a).term(a.full(polished(a, recognised(a, root)), root.shape))
    refuse_unreadable([answer], reading)
    because: list[object] = []
    for operator, found in known.items():
        because += [", " if because else "with ", Term("rel", (operator, found), "=")]
    steps.append(step(rules.PUT_IN, inner, answer, because=tuple(because), formula=""))
    return Solution(Derivation(term, answer, tuple(steps)), answer, {}, tuple(notes), tuple(assumptions))
