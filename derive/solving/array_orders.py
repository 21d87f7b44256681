"""Derivatives of order above two in index notation: ∂F_ij/∂X_kl of a matrix function, ∂²f/∂X_ij∂X_kl of a scalar one.

In: the task. Out: its Solution, whose answer is the formula of an entry for all indices. The sweep is given the unit matrix e_i e_jᵀ for
the entry F_ij, and the entry (k, l) of what comes back is read off; unit vectors become Kronecker deltas.
"""

from __future__ import annotations

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported
from derive.expressions.term import Term
from derive.graph.calculus.entries import entry, lettered
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.reverse import sweep
from derive.graph.calculus.spelling import spelled, unit
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.differentials import rules_in
from derive.solving.matrices import ArrayTask, Gradient, Variable, assumptions_of, refuse_unreadable, step

__all__ = ["solve_indexed_hessian", "solve_indexed_jacobian"]

LETTERS = "ijklpqrsabcdmn"


def solve_indexed_jacobian(task: ArrayTask, variable: Variable) -> Solution:
    """∂F_ij/∂X_kl."""
    term = task.reading.expanded
    target = Term("jacobian", (task.body, variable.term))
    answer = _entries(task, task.root, variable)
    refuse_unreadable([answer], task.reading)
    used = rules_in(task.root, task.nodes)
    title = used[0].title if len(used) == 1 else f"{used[0].title}, {used[1].title[0].lower()}{used[1].title[1:]}"
    formula = ",  ".join(rule.formula for rule in used[:2])
    made = Step(used[0].id, title, target, answer, formula=formula)
    notes = (*task.notes, _said(answer, variable, len(task.root.shape)))
    return Solution(Derivation(term, answer, (made,)), answer, {}, notes, tuple(assumptions_of(task.a)))


def solve_indexed_hessian(task: ArrayTask, variable: Variable) -> Solution:
    """∂²f/∂X_ij∂X_kl: the gradient first, then the derivative of its entries."""
    term, a = task.reading.expanded, task.a
    target = Term("hessian", (task.body, variable.term))
    gradient = Gradient(task)
    first, more = gradient.read_off(variable)
    found = gradient.found.get(variable.node)
    inner = a.number(0) if found is None else a.full(task.settled(found, gradient.parts, declared=False), variable.node.shape)
    answer = _entries(task, inner, variable)
    refuse_unreadable([answer], task.reading)
    because: Prose = ("the entries of ", Term("rel", (Term("gradient", (task.body, variable.term)), first), "="), " once more")
    steps = (*gradient.steps, *more, step(rules.ENTRY_BY_ENTRY, target, answer, because=because))
    notes = (*task.notes, *gradient.notes, _said(answer, variable))
    return Solution(Derivation(term, answer, steps), answer, {}, notes, tuple(assumptions_of(a)))


def _entries(task: ArrayTask, function: Node, variable: Variable) -> Term:
    """[∂F_ij/∂X_kl] for i, j, k, l."""
    _refuse_moved(function)
    a = task.a
    x = variable.node
    shape = function.shape or x.shape
    letters = _letters(task)
    count = len(shape) + len(x.shape)
    rows = tuple(Axis(letter, ONE, size) for letter, size in zip(letters, shape, strict=False))
    columns = tuple(Axis(letter, ONE, size) for letter, size in zip(letters[len(shape) :], x.shape, strict=False))
    try:
        pulled = None if not function.shape else sweep(a, [(function, unit(a, rows))], [x]).get(x)
        body = a.number(0) if pulled is None else spelled(a, task.settled(a.full(pulled, x.shape)), columns, letters[count:])
    except NotSupported:  # running indices that no matrix has: the formula of the entry is differentiated
        pulled = sweep(a, [(entry(a, function, rows), a.number(1))], [x], rows).get(x)
        body = a.number(0) if pulled is None else entry(a, task.settled(a.full(pulled, x.shape)), columns)
        body = lettered(a, body, (*rows, *columns), task.taken)
    raising = Raising(a)
    ends = (part for axis in (*rows, *columns) for part in raising.axis(axis))
    return Term("task", (raising.term(body), *ends), "entries")


PLACED = {"vec": "vec", "unvec": "vec", "concat": "arrays that follow each other", "slice": "a stretch of an array"}


def _refuse_moved(function: Node) -> None:
    """Entries of what moves entries to other places have no formula with the indices of the variable."""
    words = next((PLACED[node.op] for node in walk((function,)) if node.op in PLACED), None)
    if words is not None:
        raise NotSupported(f"a derivative of order above two through {words}")


def _letters(task: ArrayTask) -> list[str]:
    sizes = {name for node in task.a.nodes.all() for size in node.shape for name in size.names}
    running = {axis.name for node in task.a.nodes.all() for axis in node.axes}
    free = [c for c in LETTERS if c not in task.taken and c not in sizes and c not in running]
    return free + [f"{c}_{k}" for k in (1, 2, 3) for c in "ijkl"]


def _said(answer: Term, variable: Variable, rank: int = 0) -> Prose:
    """Which derivative the entry is; `rank` is that of the function."""
    indices = answer.args[1::3]
    count = rank or len(variable.node.shape)
    below = Term("index", (variable.term, *indices[count:]))
    if rank:
        return ("the entry is the derivative of the entry ", Term("tuple", indices[:count]), " with respect to ", below)
    return ("the entry is the second derivative with respect to ", Term("index", (variable.term, *indices[:count])), " and ", below)
