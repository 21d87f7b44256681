"""The order in which the rules of expectation algebra are tried, and what is said where none applies any more.

In: an expression with nodes, what is known. Out: the expression without them, with its steps; or the reason why there is none.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Step
from derive.errors import NotSupported, TooLarge, Undetermined
from derive.expressions.chance import Chance, Covariance, Expectation, Probability, Variance
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.rules import chance_expectation as rules
from derive.solving.chance import (
    composite_facts,
    conditional,
    gaussian_sums,
    joint_conditionals,
    moments,
    smaller_of_two,
    stated,
    table_moments,
    unknown_functions,
    variances,
)
from derive.solving.chance.existence import heavy_tailed, require_real
from derive.solving.chance.known import Known, outermost
from derive.solving.chance.moments import free
from derive.solving.chance.rewriting import NodeRule, worked_out
from derive.solving.journal import Journal

__all__ = ["NODE_RULES", "resolved", "take_out"]

NODE_RULES: tuple[NodeRule, ...] = (
    moments.constant,
    moments.stated_value,
    variances.deviation,
    conditional.independent_condition,
    joint_conditionals.exchangeable,
    variances.correlation,
    table_moments.of_table,
    table_moments.probability_of_event,
    conditional.random_sum,
    conditional.random_product,
    moments.linear,
    variances.affine,
    variances.with_itself,
    variances.independent_pair,
    moments.mean_of_law,
    variances.joint_entry,
    variances.stated_inverse,
    joint_conditionals.gaussian_conditional,
    stated.by_mgf,
    variances.sample_variance,
    variances.of_sample,
    variances.of_sum,
    variances.covariance_terms,
    variances.by_correlation,
    conditional.covariance_by_condition,
    conditional.given_value,
    conditional.given_event,
    moments.independent_product,
    moments.over_sample,
    conditional.tower,
    conditional.total_by_cases,
    moments.second_moment,
    gaussian_sums.joint_moment,
    moments.mixed_moment,
    unknown_functions.stein,
    moments.lotus_of,
    gaussian_sums.of_linear_form,
    gaussian_sums.maximum_of_two,
    smaller_of_two.by_minimum,
    smaller_of_two.smaller_of_two,
    moments.expanded,
    composite_facts.from_composites,
    conditional.total_by_facts,
    variances.by_moments,
    conditional.collapsed,
    stated.integrated,
)


def resolved(whole: Any, known: Known) -> tuple[Any, tuple[Step, ...]]:
    """The value and its steps; (None, ()) where nodes are left."""
    journal = Journal(whole)
    value = worked_out(whole, known, journal, NODE_RULES)
    return (None, ()) if outermost(value) else (value, tuple(journal.steps))


def take_out(whole: Any, known: Known, journal: Journal) -> Any:
    """The expression with its nodes worked out. Raises Undetermined naming what is missing; bare variables keep their nodes."""
    journal.assume(require_real(whole, known))
    require_means(whole, known, journal)
    value = worked_out(whole, known, journal, NODE_RULES)
    together = reunited(value, journal)
    value = together if together == value else worked_out(together, known, journal, NODE_RULES)
    left = outermost(value)
    for node in left:
        refuse_missing(node, known)
    return value


def require_means(whole: Any, known: Known, journal: Journal) -> None:
    """Raises DoesNotExist where a covariance lacks the means that it is made of: independence gives 0 only where they exist."""
    for node in whole.atoms(Chance) if isinstance(whole, sp.Basic) else ():
        for mean in heavy_tailed(node, known):
            inner = Journal(mean)
            try:
                worked_out(mean, known, inner, NODE_RULES)
            except (NotSupported, TooLarge, Undetermined):
                continue  # not worked out is not the same as absent
            journal.assume(a for a in inner.assumptions if any(p == mean or isinstance(p, sp.Rel) for p in a))


def reunited(value: Any, journal: Journal) -> Any:
    """E[Var(X | Y)] + Var(E[X | Y]) is Var(X), where neither part could be worked out."""
    for inside in [n for n in outermost(value) if isinstance(n, Expectation) and isinstance(n.operands[0], Variance) and not n.conditions]:
        (body,), given = inside.operands[0].operands, inside.operands[0].conditions
        between = Variance(Expectation.of(body, given=given))
        share = value.coeff(inside)
        if share != 0 and share == value.coeff(between):
            after = value - share * (inside + between) + share * Variance(body)
            rule = rules.TOTAL_VARIANCE
            journal.add(Step(rule.id, rule.title, value, after, part=(value, after), formula=rule.formula))
            value = after
    return value


def refuse_missing(node: Chance, known: Known) -> None:
    """Raises for a node that no rule takes, unless nothing at all is known of its variables."""
    atoms = known.atoms(sp.Tuple(*node.operands))
    if isinstance(node, Probability):
        raise NotSupported(f"{plain(from_sympy(node))} inside an expectation")
    if not atoms or all(known.is_bare(a) for a in atoms):
        return
    if isinstance(node, Expectation) and unknown_functions.has_unknown_function(node.operands[0], known):
        return
    shown = plain(from_sympy(node))
    if isinstance(node, Covariance) and len(atoms) > 1:
        a, b = (plain(from_sympy(o)) for o in node.operands)
        raise Undetermined(
            f"{shown} is needed: it is not stated whether {a} and {b} are independent",
            expected=(f"{a} indep {b}", f"{shown} = …"),
        )
    if isinstance(node, (Expectation, Variance)) and len(atoms) == 1 and not node.conditions:
        atom = next(iter(atoms))
        if known.law(atom) is None and not known.cases(atom):
            raise Undetermined(
                f"{shown} is needed: what is given of {plain(from_sympy(atom))} does not determine it", expected=(f"{shown} = …",)
            )
        raise NotSupported(f"{shown} has no closed form that is known here")
    if isinstance(node, Expectation) and len(atoms) > 1 and not node.conditions:
        names = sorted(plain(from_sympy(a)) for a in atoms)
        pairs = [
            (a, b) for k, a in enumerate(sorted(atoms, key=str)) for b in sorted(atoms, key=str)[k + 1 :] if not known.independent({a}, {b})
        ]
        if pairs:
            a, b = (plain(from_sympy(x)) for x in pairs[0])
            raise Undetermined(
                f"{shown} is not determined: it is not stated whether {' and '.join(names)} are independent",
                expected=(f"{a} indep {b}", f"{shown} = …"),
            )
        if len(atoms) > 2 and any(not known.independent({a}, atoms - {a}) for a in atoms):
            raise Undetermined(
                f"{shown} is not determined: {', '.join(names)} are independent in pairs, which does not make them mutually independent",
                expected=(f"{', '.join(names)} independent",),
            )
        raise NotSupported(f"{shown} has no closed form that is known here")
    if node.conditions:
        raise Undetermined(f"{shown} is needed: what is given does not determine it", expected=(f"{shown} = …",))
    raise Undetermined(f"{shown} is needed", expected=(f"{shown} = …",))


def has_law(node: Any, known: Known) -> bool:
    """Whether every atom of the node has a law."""
    return all(known.law(a) is not None for a in free(sp.Tuple(*node.operands), node, known))
