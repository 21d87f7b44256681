"""Jacobians and Hessians with respect to several vectors and scalars: one part a variable, one block a pair of variables.

In: the reading of the task. Out: its Solution with parts: `x`, `y` of a Jacobian, `H_xx`, `H_xy`, `H_yy` of a Hessian, which is symmetric.
"""

from __future__ import annotations

from dataclasses import replace

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported
from derive.expressions.term import Term, number
from derive.graph.calculus.linear import coefficient
from derive.graph.calculus.raising import Raising, mul_term
from derive.graph.calculus.reverse import sweep
from derive.graph.node import ArgumentType, Node
from derive.meaning.scope import Reading
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.differentials import rules_in
from derive.solving.matrices import ArrayTask, Gradient, Variable, assumptions_of, refuse_unreadable, step

__all__ = ["hessian_blocks", "jacobian_parts"]


def jacobian_parts(reading: Reading, task: ArrayTask) -> Solution:
    """∂f/∂x, ∂f/∂y of a vector function."""
    from derive.solving.jacobians import solve_array_jacobian

    steps: list[Step] = []
    parts: dict[str, Term] = {}
    notes: list[Prose] = []
    assumptions: list[Prose] = []
    applied: list[Term] = []
    for variable in task.variables:
        target = Term("jacobian", (task.body, variable.term))
        found = solve_array_jacobian(replace(reading, expanded=target))
        assert isinstance(found.answer, Term)
        parts[variable.name.key] = found.answer
        steps.append(step(rules.READ_OFF_MATRIX, target, found.answer))
        applied.append(mul_term([found.answer, Term("differential", (variable.term,))]))
        notes += [n for n in found.notes if n not in notes]
        assumptions += [n for n in found.assumptions if n not in assumptions]
    used = rules_in(task.root, task.nodes)
    whole = Term("differential", (task.body,))
    formula = ",  ".join(rule.formula for rule in used[:2])
    steps.insert(0, Step(used[0].id, used[0].title, whole, Term("add", tuple(applied)), formula=formula))
    derivation = Derivation(reading.expanded, Term("tuple", tuple(parts.values())), tuple(steps))
    return Solution(derivation, None, parts, tuple(notes), tuple(assumptions))


def hessian_blocks(reading: Reading, task: ArrayTask) -> Solution:
    """The blocks ∂²f/∂x∂yᵀ for every pair of variables."""
    if any(len(v.node.shape) > 1 for v in task.variables):
        raise NotSupported("a Hessian with respect to a matrix: it has order four and no matrix form", span=reading.expanded.span)
    gradient = Gradient(task)
    a = task.a
    steps = list(gradient.steps)
    inner: dict[Variable, Node | None] = {}
    for variable in task.variables:
        _, more = gradient.read_off(variable)
        steps += more
        found = gradient.found.get(variable.node)
        inner[variable] = None if found is None else _over_variables(task, gradient, found, variable)
    parts: dict[str, Term] = {}
    for place, first in enumerate(task.variables):
        for second in task.variables[place:]:
            rows, columns = (first, second) if first.node.shape or not second.node.shape else (second, first)
            block = _block(task, inner[rows], rows, columns)
            shape = (*rows.node.shape, *columns.node.shape)
            answer = Raising(a).term(a.full(task.settled(block), shape))
            target = Term("derivative", (task.body, rows.term, number(1), columns.term, number(1)), "partial")
            if rows is columns:
                target = Term("hessian", (task.body, rows.term))
            steps.append(step(rules.READ_OFF_MATRIX, target, answer, formula="d(∇ₓf) = H dy ⇒ ∂²f/∂x∂yᵀ = H"))
            parts[f"H_{rows.name.key}{columns.name.key}"] = answer
    refuse_unreadable(list(parts.values()), reading)
    derivation = Derivation(reading.expanded, Term("tuple", tuple(parts.values())), tuple(steps))
    return Solution(derivation, None, parts, (*task.notes, *gradient.notes), tuple(assumptions_of(a)))


def _over_variables(task: ArrayTask, gradient: Gradient, found: Node, variable: Variable) -> Node:
    a = task.a
    inner = a.full(task.settled(found, gradient.parts), variable.node.shape)
    declared = {v.declared: v.node for v in task.variables if v.declared is not v.node}
    return a.rebuilt(inner, declared) if declared else inner


def _block(task: ArrayTask, inner: Node | None, rows: Variable, columns: Variable) -> Node:
    """∂(∇f)/∂y: rows for the first variable, columns for the second; a vector where the second is a scalar."""
    a = task.a
    if inner is None:
        return a.number(0)
    if not inner.shape:
        return sweep(a, [(inner, a.number(1))], [columns.node]).get(columns.node, a.number(0))
    u = a.nodes.argument(ArgumentType(task.fresh("u", "p", "q").key), inner.shape)
    pulled = sweep(a, [(inner, u)], [columns.node]).get(columns.node)
    if pulled is None:
        return a.number(0)
    if not columns.node.shape:
        return coefficient(a, pulled, u)
    return a.transpose(coefficient(a, a.full(pulled, columns.node.shape), u))
