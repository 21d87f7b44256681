"""Which solver a task goes to; what no solver exists for is refused by its name.

In: a Reading. Out: a Solution, or a NotSupported that says what was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from derive.errors import NotSupported, TooLarge
from derive.expressions.term import Term
from derive.meaning.scope import Reading
from derive.solution import Solution
from derive.solving.chance.dispatch import concerns_chance, law_of_expression
from derive.solving.chance.dispatch import solve as solve_chance
from derive.solving.chance.simplex_functionals import with_sums
from derive.solving.kinds import concerns_arrays, concerns_components, concerns_entries
from derive.solving.lone_names import refuse_lone_names, refuse_running_labels

__all__ = ["solve", "solve_calculus"]

Solver = Callable[[Reading], Solution]

# head of the term → module and function
_HEADS: dict[str, tuple[str, str]] = {
    "derivative": ("expressions", "solve_derivative"),
    "prime": ("expressions", "solve_derivative"),
    "at": ("expressions", "solve_derivative"),
    "gradient": ("several", "solve_gradient"),
    "jacobian": ("several", "solve_jacobian"),
    "hessian": ("several", "solve_hessian"),
    "directional": ("several", "solve_directional"),
    "total_derivative": ("implicit", "solve_implicit"),
    "optimum": ("optima", "solve_optimum"),
    "limit": ("limits", "solve_limit"),
    "integral": ("integrals", "solve_integral"),
}
_OVER_ARRAYS: dict[str, tuple[str, str]] = {
    "gradient": ("networks", "solve_gradient"),
    "jacobian": ("jacobians", "solve_array_jacobian"),
    "hessian": ("jacobians", "solve_array_hessian"),
    "derivative": ("array_tasks", "solve_array_derivative"),
    "directional": ("array_tasks", "solve_array_directional"),
    "at": ("array_points", "solve_array_at"),
    "differential": ("array_differentials", "solve_array_differential"),
    "taylor": ("array_points", "solve_array_taylor"),
    "expression": ("array_products", "solve_array_expression"),
}
_TASKS: dict[str, tuple[str, str]] = {
    "simplify": ("expressions", "solve_simplify"),
    "expand": ("expressions", "solve_expand"),
    "factor": ("expressions", "solve_factor"),
    "solve": ("unknowns", "solve_unknown"),
    "taylor": ("taylor", "solve_taylor"),
    "stationary-points": ("optimisation.stationary_points", "solve_stationary_points"),
    "gradient-descent": ("optimisation.iterates", "solve_iterates"),
    "newton": ("optimisation.iterates", "solve_iterates"),
    "question": ("questions.dispatch", "solve_question"),
    "expression": ("expressions", "solve_expression"),
    "code": ("expressions", "solve_expression"),
}
_REFUSED: dict[str, str] = {
    "divergence": "divergences of vector fields",
    "laplacian": "Laplacians",
    "differential": "differentials",
    "probability": "probabilities and expectations",
    "dist": "distributions",
    "given": "conditional probabilities",
    "lines": "several equations at once",
    "chain": "chains of relations",
    "list": "lists of statements",
    "lambda": "functions as values",
    "divergence_bar": "divergences between distributions",
}
_WRITTEN_OUT = ("written_out.dispatch", "solve_written_out")
_INNER = ("gradient", "hessian", "jacobian")
_COMPOSED = ("neg", "add", "mul", "div", "pow", "sqrt", "root", "apply", "abs")
_DERIVATIVES = ("derivative", "gradient", "hessian", "jacobian", "total_derivative", "prime", "at")


def solve(reading: Reading) -> Solution:
    """The solution of the task that was read.

    Raises NotSupported for a task that no solver exists for (named), Undetermined, DoesNotExist, WrongUse or TooLarge.
    """
    written = with_sums(reading.expanded, reading.types)
    if written != reading.expanded:
        reading = replace(reading, expanded=written)
    pointwise = _pointwise(reading)
    if pointwise is not None:
        return pointwise
    if concerns_chance(reading) and _stated_chain(reading.expanded) is None:
        return solve_chance(reading)
    return law_of_expression(reading) or solve_calculus(reading)


def _pointwise(reading: Reading) -> Solution | None:
    """The best function under expectations, at every point by itself."""
    if reading.expanded.head != "optimum" or not reading.expanded.has("call"):
        return None
    from derive.solving.chance.pointwise_optima import solve_pointwise_optimum

    return solve_pointwise_optimum(reading)


def _stated_chain(term: Term) -> tuple[str, str] | None:
    """The stationary distribution of a matrix that is written out needs no model."""
    return _written_out(term) if term.head == "task" and term.data == "stationary-distribution" else None


def solve_calculus(reading: Reading) -> Solution:
    """The solution of a task that does not concern chance, or in which expectations stay as they are."""
    found = _solver_of(reading)
    if found is None:
        raise NotSupported(f"{_called(reading)} are read, but no solver for them exists yet", span=reading.expanded.span)
    refuse_lone_names(reading)
    refuse_running_labels(reading)
    if reading.expanded.has("at"):
        from derive.solving.domain import refuse_outside

        refuse_outside(reading)
    if found == _WRITTEN_OUT and reading.expanded.head != "task":
        try:
            return _called_by_name(found)(reading)
        except (NotSupported, TooLarge):
            found = _solver_of(reading, literal=False) or found
    return _called_by_name(found)(reading)


def _called_by_name(place: tuple[str, str]) -> Solver:
    module, function = place
    solver: Solver = getattr(import_module(f"derive.solving.{module}"), function)
    return solver


def _written_out(term: Term) -> tuple[str, str] | None:
    """Linear algebra of matrices whose entries are written out; a derivative is none, whatever it is of."""
    if term.head in _OVER_ARRAYS and term.head not in ("at", "expression"):
        return None
    from derive.solving.written_out.dispatch import takes

    return _WRITTEN_OUT if takes(term) else None


def _solver_of(reading: Reading, literal: bool = True) -> tuple[str, str] | None:
    term = reading.expanded
    if literal and (written := _written_out(term)) is not None:
        return written
    if term.head == "task" and term.data == "question":
        return _TASKS["question"]
    if term.head == "apply" and term.data in ("det", "trace") and _asks_for_jacobian_value(reading):
        return ("of_jacobians", "solve_jacobian_value")
    if concerns_components(reading):
        return ("array_entries", "solve_by_components")
    if concerns_entries(reading):
        return ("array_entries", "solve_array_entry")
    if concerns_arrays(reading):
        if term.head in _INNER and term.args[0].has(*_INNER):
            return _OVER_ARRAYS["expression"]
        if term.head in _OVER_ARRAYS:
            return _OVER_ARRAYS[term.head]
        if term.head == "task" and term.data in _OVER_ARRAYS:
            return _OVER_ARRAYS[term.data]
        if term.has(*_INNER):
            return _OVER_ARRAYS["expression"]
    if _is_implicit(term.args[0] if term.head == "at" else term, reading):
        return _HEADS["total_derivative"]
    if term.head == "at" and term.args[0].head in ("gradient", "jacobian", "hessian"):
        return _HEADS[term.args[0].head]
    if term.head in _HEADS:
        return _HEADS[term.head]
    if term.head == "task":
        return _TASKS.get(term.data)
    if term.head in _COMPOSED and term.has("integral") and not term.has(*_DERIVATIVES):
        return _HEADS["integral"]
    if term.head in _COMPOSED and term.has("limit") and not term.has(*_DERIVATIVES):
        return _HEADS["limit"]
    if term.head in _REFUSED or reading.task in _REFUSED:
        return None
    if term.head == "rel":
        if term.data in ("=", ":=") and term.args[1].has(*_DERIVATIVES, "integral", "limit"):
            return ("definitions", "solve_right_side")
        raise NotSupported("a relation by itself asks for nothing; `solve … for x` isolates a name", span=term.span)
    if term.head in ("sum", "prod") and not _over_arrays(term):
        return ("closed_forms", "solve_running")
    return _TASKS["expression"]


def _asks_for_jacobian_value(reading: Reading) -> bool:
    from derive.solving.of_jacobians import asks_for_jacobian_value

    return asks_for_jacobian_value(reading)


def _is_implicit(term: Term, reading: Reading) -> bool:
    """Whether it is dy/dx, or a derivative of higher order of a y that an equation gives."""
    if term.head == "total_derivative":
        return True
    if term.head != "derivative" or reading.options.get("equation") is None:
        return False
    return term.args[0].head in ("name", "total_derivative")


def _over_arrays(term: Term) -> bool:
    return term.has("index", "call") or term.has(*_DERIVATIVES)


def _called(reading: Reading) -> str:
    term = reading.expanded
    if term.head == "task":
        return f"{str(term.data).replace('-', ' ')} tasks"
    return _REFUSED.get(term.head) or _REFUSED.get(reading.task) or f"{reading.task} tasks"
