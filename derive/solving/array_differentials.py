"""The differential itself: d(xᵀA x) = xᵀ(A + Aᵀ) dx, d(X⁻¹) = −X⁻¹ dX X⁻¹.

In: the reading of the task, with its variables or without. Out: its Solution; what is held constant is said. The answer holds dx, an
argument of the code with the shape of x.
"""

from __future__ import annotations

from derive.derivation import Derivation, Prose, Step
from derive.errors import Undetermined
from derive.expressions.term import Name, Term, number
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.reverse import sweep
from derive.graph.node import ArgumentType, Node
from derive.meaning.scope import Reading
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.differentials import pairing, rules_in
from derive.solving.matrices import ArrayTask, Gradient, assumptions_of, refuse_unreadable, step, variables_of

__all__ = ["solve_array_differential"]

UNKNOWNS = ("x", "X", "w", "W", "theta", "Theta", "z", "Z", "beta", "u", "U", "v", "V", "y", "Y")  # in the order of preference


def solve_array_differential(reading: Reading) -> Solution:
    """d f for a function of vectors and matrices."""
    term = reading.expanded
    body, *named = term.args
    variables, notes = (variables_of(named, reading), ()) if named else _chosen(body, reading)
    task = ArrayTask(body, variables, reading)
    start = Term("task", (body, *variables), "differential")
    target = Term("differential", (body,))
    if task.root.shape:
        return _of_array(task, start, target, notes)
    gradient = Gradient(task)
    a, raising = task.a, Raising(task.a)
    parts: list[Term] = []
    for variable in task.variables:
        g = gradient.found.get(variable.node)
        if g is not None:
            whole = a.full(task.settled(g, gradient.parts), variable.node.shape)
            parts.append(pairing(raising, a, whole, variable.node, task.taken))
    answer = number(0) if not parts else parts[0] if len(parts) == 1 else Term("add", tuple(parts))
    refuse_unreadable([answer], reading)
    steps = list(gradient.steps)
    if not steps or steps[-1].after != answer or len(steps) > 1:
        steps.append(step(rules.PUT_BACK if gradient.parts.definitions else rules.DIFFERENTIAL, target, answer, formula=""))
    found = (*task.notes, *gradient.notes, *notes)
    return Solution(Derivation(start, answer, tuple(steps)), answer, {}, found, tuple(gradient.assumptions))


def _of_array(task: ArrayTask, start: Term, target: Term, notes: tuple[Prose, ...]) -> Solution:
    """The differential of a vector or matrix: df along dx, by the adjoint of the adjoint."""
    a = task.a
    raising = Raising(a)
    u = a.nodes.argument(ArgumentType(task.fresh("U", "M", "V").key), task.root.shape)
    pulled = sweep(a, [(task.root, u)], task.nodes)
    parts: list[Node] = []
    for variable in task.variables:
        if variable.node not in pulled:
            continue
        along = a.nodes.argument(ArgumentType(task.fresh(f"d{variable.name.key}").key), variable.node.shape)
        raising.names[along] = Term("differential", (variable.term,))
        inner = a.dot(a.full(pulled[variable.node], variable.node.shape), along)
        parts.append(sweep(a, [(inner, a.number(1))], [u]).get(u, a.number(0)))
    whole = a.full(task.settled(a.add(*parts)) if parts else a.number(0), task.root.shape)
    answer = raising.term(whole)
    refuse_unreadable([answer], task.reading)
    used = rules_in(task.root, task.nodes)
    steps = (Step(used[0].id, used[0].title, target, answer, formula=",  ".join(rule.formula for rule in used[:2])),)
    return Solution(Derivation(start, answer, steps), answer, {}, (*task.notes, *notes), tuple(assumptions_of(a)))


def _chosen(body: Term, reading: Reading) -> tuple[list[Term], tuple[Prose, ...]]:
    """The variable where none is named: the only array, or the letter of an unknown; the others are said to be constant."""
    free: dict[Name, None] = {}
    for node in body.walk():
        if node.head == "name":
            kind = reading.types.get(node.data)
            if kind is not None and kind.shape and kind.domain == "real" and not kind.values and "onehot" not in kind.properties:
                free[node.data] = None
    if not free:
        raise Undetermined("the variable of the differential is needed", span=reading.expanded.span, expected=("differential … wrt x",))
    chosen = next(iter(free)) if len(free) == 1 else None
    if chosen is None:
        ranked = sorted((UNKNOWNS.index(n.base), n) for n in free if n.base in UNKNOWNS)
        chosen = ranked[0][1] if ranked and (len(ranked) == 1 or ranked[0][0] < ranked[1][0]) else None
    if chosen is None:
        raise Undetermined("the variable of the differential is needed", span=reading.expanded.span, expected=("differential … wrt x",))
    constant = [n.key for n in free if n != chosen]
    variable = Term("name", (), chosen)
    said = f"{' and '.join(constant)} held constant; differential … wrt names another variable"
    return [variable], ((said,),) if constant else ()
