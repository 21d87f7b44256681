"""Which solver of probability a task goes to; expressions that hold probabilities are resolved first and handed on.

In: a Reading. Out: a Solution, with the model of the line in its derivation and the types of what the model adds.

A row of TABLE is a task and the solvers that may take it, in order: module under `derive.solving.chance` and function. A solver takes
the reading (`build(reading)` is the model in force, already built) and gives a Solution, or None where the task is not one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from derive.derivation import Prose
from derive.errors import NotSupported
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.meaning.scope import Reading
from derive.solution import Solution
from derive.solving.chance.elbo_names import names_elbo

if TYPE_CHECKING:
    from derive.probability.model import Model
    from derive.solving.chance.ordered_variables import Ordered

__all__ = ["TABLE", "concerns_chance", "law_of_expression", "solve", "task_of"]

Solver = Callable[[Reading], "Solution | None"]

TABLE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "expectation": (
        ("importance", "solve_importance"),
        ("classical_laws", "solve_count_given_sum"),
        ("mixtures", "solve_class_mean"),
        ("chain_moments", "solve_chain_moment"),
        ("gaussian_questions", "solve_gaussian_moment"),
        ("order_statistics", "solve_order_moment"),
        ("simplex_moments", "solve_simplex_moment"),
        ("posterior_moments", "solve_posterior_moment"),
        ("finite_expectations", "solve_finite_expectation"),
        ("expectation", "solve_expectation"),
    ),
    "variance": (
        ("importance", "solve_importance"),
        ("classical_laws", "solve_count_given_sum"),
        ("chain_moments", "solve_chain_moment"),
        ("gaussian_questions", "solve_gaussian_moment"),
        ("order_statistics", "solve_order_moment"),
        ("simplex_moments", "solve_simplex_moment"),
        ("posterior_moments", "solve_posterior_moment"),
        ("expectation", "solve_expectation"),
    ),
    "covariance": (("chain_moments", "solve_chain_moment"), ("expectation", "solve_expectation")),
    "correlation": (("expectation", "solve_expectation"),),
    "sd": (("posterior_moments", "solve_posterior_moment"), ("expectation", "solve_expectation")),
    "median": (("locations", "solve_median"),),
    "mode": (("locations", "solve_mode"),),
    "mean": (("expectation", "solve_expectation"),),
    "mean-and-variance": (("expectation", "solve_expectation"),),
    "moment": (("expectation", "solve_expectation"),),
    "mgf": (("expectation", "solve_expectation"),),
    "central-moment": (("expectation", "solve_expectation"),),
    "skewness": (("expectation", "solve_expectation"),),
    "kurtosis": (("expectation", "solve_expectation"),),
    "composition": (("events_composite", "solve_event_expression"), ("compositions", "solve_composition")),
    "posterior": (
        ("mixture_classes", "solve_numbered_class"),
        ("latent", "solve_class_probability"),
        ("mixtures", "solve_class_law"),
        ("gaussian", "solve_conditional"),
        ("gaussian_questions", "solve_gaussian_law"),
        ("vector_samples", "solve_sample_posterior"),
        ("linear_gaussian", "solve_vector_posterior"),
        ("posterior", "solve_posterior"),
        ("predictive", "solve_predictive"),
    ),
    "probability": (
        ("events", "solve_event"),
        ("discriminants", "solve_discriminant"),
        ("mixture_classes", "solve_numbered_class"),
        ("latent", "solve_class_probability"),
        ("mixtures", "solve_class_given_event"),
        ("classical_laws", "solve_count_given_sum"),
        ("hierarchical_events", "solve_link"),
        ("simplex_predictive", "solve_category_chance"),
        ("predictive", "solve_mass"),
        ("gaussian_questions", "solve_gaussian_event"),
        ("posterior_events", "solve_posterior_event"),
        ("hierarchical_events", "solve_data_masses"),
        ("posterior_events", "solve_predictive_event"),
        ("hierarchical_events", "solve_over_parameter"),
        ("events_areas", "solve_area"),
        ("linear_events", "solve_linear_event"),
        ("events_laws", "solve_law_event"),
    ),
    "given": (("events", "solve_event"), ("gaussian_questions", "solve_gaussian_event"), ("events_laws", "solve_law_event")),
    "stationary-distribution": (("events_chains", "solve_stationary"),),
    "density": (
        ("mixtures", "solve_mixture_density"),
        ("classical_laws", "solve_classical"),
        ("affine_vectors", "solve_affine_law"),
        ("linear_gaussian", "solve_vector_marginal"),
        ("predictive", "solve_mass"),
        ("transformations", "solve_density"),
        ("combined", "solve_combined"),
    ),
    "predictive": (
        ("linear_gaussian", "solve_vector_marginal"),
        ("simplex_predictive", "solve_category_prediction"),
        ("predictive", "solve_predictive"),
    ),
    "evidence": (
        ("linear_gaussian", "solve_vector_marginal"),
        ("predictive", "solve_evidence"),
    ),
    "mle": (
        ("joint_estimates", "solve_joint_estimate"),
        ("linear_estimates", "solve_vector_estimate"),
        ("estimation", "solve_mle"),
    ),
    "map": (
        ("vector_samples", "solve_sample_posterior"),
        ("linear_estimates", "solve_vector_estimate"),
        ("estimation", "solve_map"),
    ),
    "fisher-information": (("fisher", "solve_fisher"),),
    "kl-divergence": (
        ("information_tables", "solve_list_information"),
        ("information_dirichlet", "solve_dirichlet_information"),
        ("information_arrays", "solve_array_information"),
        ("information", "solve_divergence"),
    ),
    "jensen-shannon": (("information_tables", "solve_list_information"), ("information_arrays", "solve_array_information")),
    "entropy": (
        ("information_tables", "solve_list_information"),
        ("information_dirichlet", "solve_dirichlet_information"),
        ("information_arrays", "solve_array_information"),
        ("information_variables", "solve_information_of_variables"),
        ("information", "solve_cross_entropy"),
        ("information_tables", "solve_table_information"),
    ),
    "mutual-information": (
        ("information_arrays", "solve_array_information"),
        ("information_variables", "solve_information_of_variables"),
        ("information_tables", "solve_table_information"),
    ),
    "bound": (("bounds", "solve_bound"),),
    "confidence-interval": (("intervals", "solve_interval"),),
    "conditional": (("gaussian", "solve_conditional"), ("gaussian_questions", "solve_gaussian_law")),
    "marginal": (
        ("affine_vectors", "solve_affine_law"),
        ("mixtures", "solve_mixture_density"),
        ("gaussian", "solve_marginal"),
        ("linear_gaussian", "solve_vector_marginal"),
    ),
    "elbo": (("elbo", "solve_elbo"),),
    "elbo-expression": (("elbo_expressions", "solve_elbo_expression"),),
}
_CHANCE = ("probability", "dist", "divergence_bar", "given", "expect_under")
_COMBINED = ("add", "sum", "mul", "div", "neg")
_AROUND = frozenset(("derivative", "gradient", "hessian", "optimum"))
_OUTER = frozenset(("simplify", "expand", "factor", "solve", "expression", "code"))


def concerns_chance(reading: Reading) -> bool:
    """Whether the task is one of probability."""
    term = reading.expanded
    if term.head == "call" and _is_density(term, reading):
        return True
    if term.head in ("rel", "chain", "lines"):
        return False
    if term.head in _AROUND and names_elbo(reading):
        return True
    return reading.task in TABLE or term.has(*_CHANCE)


def task_of(reading: Reading) -> str:
    """The row of the table: the task that was read, or what the form of the term says it is."""
    term = reading.expanded
    if term.head in _AROUND and names_elbo(reading):
        return "elbo-expression"
    if term.head == "probability" or (term.head == "task" and term.data not in _OUTER):
        return str(reading.task)
    if term.head == "call" and _is_density(term, reading):
        conditional = any(a.head == "given" for a in term.args[1:])
        if term.args[0].data.base == "M":
            return "mgf"
        return "posterior" if conditional else "density"
    if term.head == "given":
        return "conditional"
    return "composition"


def _is_density(term: Term, reading: Reading) -> bool:
    """`p(theta | x)`, `p_Y(y)`, `f_X(x)` where nothing defines p and something is known about chance."""
    head = term.args[0]
    if head.head != "name" or not reading.options.get("facts"):
        return False
    if any(a.head == "given" for a in term.args[1:]):
        return True
    return head.data.base in ("p", "f", "M") and head.data not in reading.options.get("definitions", {})


def solve(reading: Reading) -> Solution:
    """The solution of a task of probability. Raises what the solvers raise; NotSupported where none takes it."""
    from derive.probability.build import build
    from derive.solving.chance.sample_extremes import with_order_statistics

    model = build(reading)
    reading = replace(reading, types=model.types, options={**reading.options, "model": model})
    task = task_of(reading)
    if task not in ("density", "mle", "map", "posterior"):
        reading = replace(reading, expanded=with_order_statistics(reading.expanded, model))
    ordered = _ordered(reading, model, task)
    if ordered is not None:
        inner = _tried(ordered.reading, ordered.model, task)
        if inner is not None:
            from derive.solving.chance.ordered_variables import with_opening

            return with_opening(inner, ordered, reading)
    solution = None if ordered is not None else _tried(reading, model, task)
    if solution is not None:
        return solution
    raise NotSupported(f"{task.replace('-', ' ')} tasks are read, but no solver for this one exists yet", span=reading.expanded.span)


def _tried(reading: Reading, model: Model, task: str) -> Solution | None:
    """What the first solver of the row that takes the task gives."""
    from derive.solving.chance.unanswered import refuse_unanswered

    for module, function in TABLE.get(task, ()):
        solver: Solver = getattr(import_module(f"derive.solving.chance.{module}"), function)
        solution = solver(reading)
        if solution is not None:
            refuse_unanswered(reading, solution, model)
            return _with_model(replace(solution, notes=(*_replaced(reading), *solution.notes)), model)
    return None


def _ordered(reading: Reading, model: Model, task: str) -> Ordered | None:
    """The reading with its order statistics as variables, where it has any; their densities and plain moments have a way of their own."""
    if task == "density" or not any(n.head == "name" and "(" in n.data.sub for n in reading.expanded.walk()):
        return None
    from derive.solving.chance.order_statistics import solve_order_moment
    from derive.solving.chance.ordered_variables import opened

    return None if task in ("expectation", "variance") and solve_order_moment(reading) is not None else opened(reading, model)


def law_of_expression(reading: Reading) -> Solution | None:
    """The law of a bare `X + Y` of declared variables, of a sum or a mean of a sample, of `A x + b`; None for any other expression."""
    term = reading.expanded
    barred = term.head == "name" and "bar" in term.data.accents
    if term.head == "name" and reading.options.get("facts"):
        from derive.solving.chance.normalisers import solve_normaliser

        found = solve_normaliser(reading)
        if found is not None:
            return found
    if reading.task not in ("expression", "sum") or not (barred or term.head in _COMBINED) or not reading.options.get("facts"):
        return None
    from derive.probability.build import build
    from derive.solving.chance.affine_vectors import solve_affine_law
    from derive.solving.chance.combined import solve_combined
    from derive.solving.chance.prepared import concerns_vectors, prepared

    model = build(reading)
    term = prepared(term, reading, model)
    if not any(node.head == "name" and model.is_random(node.data) for node in term.walk()):
        return None
    inner = replace(reading, expanded=term, task="expression", types=model.types, options={**reading.options, "model": model})
    solution = solve_affine_law(inner) if concerns_vectors(term, model) else solve_combined(inner)
    if solution is None:
        raise NotSupported(f"the law of {plain(reading.term)}: no rule gives it; its moments are E[…] and Var(…)", span=term.span)
    return None if solution is None else _with_model(solution, model)


def _replaced(reading: Reading) -> tuple[Prose, ...]:
    """What is said of variables on the line whose law an earlier line gave otherwise."""
    from derive.probability.domains import bare

    subjects = [bare(f).args[0] for f in reading.options.get("facts", ()) if bare(f).head == "rel" and bare(f).data == "~"]
    names = {n for n in reading.expanded.walk() if n.head == "name"}
    again = dict.fromkeys(s for k, s in enumerate(subjects) if s in subjects[:k] and names & set(s.walk()))
    return tuple((s, " has two laws: the later one counts") for s in again)


def _with_model(solution: Solution, model: Model) -> Solution:
    """The solution whose checks draw from the model, and whose answer has the types that the model knows."""
    derivation = solution.derivation
    if derivation is not None and derivation.model is None:
        derivation = replace(derivation, model=model)
    return replace(solution, derivation=derivation, types={**model.types, **solution.types})
