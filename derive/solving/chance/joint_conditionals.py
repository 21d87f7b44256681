"""Conditional expectations under a joint law: a Gaussian pair, members of an iid sample given their sum.

In: a node and what is known. Out: `Found`, or None where a rule does not apply.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import InconsistentInput
from derive.expressions.chance import Expectation, Variance
from derive.rules import chance_expectation as rules
from derive.solving.chance.known import Known, owner
from derive.solving.chance.moments import independence
from derive.solving.chance.rewriting import Found

__all__ = ["exchangeable", "gaussian_conditional"]


def gaussian_conditional(node: Any, known: Known) -> Found | None:
    """E[X | Y] and Var(X | Y) for jointly Gaussian X, Y."""
    if not isinstance(node, (Expectation, Variance)) or len(node.conditions) != 1:
        return None
    (given,) = node.conditions
    (target,) = node.operands
    if not (target.is_Symbol and given.is_Symbol and known.is_random(given)) or target == given:
        return None
    joint = known.joint(target, given)
    if joint is None or "covariance" not in joint.law.parameters:
        return None
    shared, spread, own = (known.joint_entry(joint, a, b) for a, b in ((target, given), (given, given), (target, target)))
    laws = known.law(target), known.law(given)
    if shared is None or laws[0] is None or laws[1] is None:
        return None
    if spread.is_zero:
        raise InconsistentInput(f"Var({given}) = 0: there is no conditional density")
    if isinstance(node, Variance):
        return Found(rules.GAUSSIAN_CONDITIONAL, own - shared**2 / spread)
    return Found(rules.GAUSSIAN_CONDITIONAL, laws[0].values[0] + shared / spread * (given - laws[1].values[0]))


def exchangeable(node: Any, known: Known) -> Found | None:
    """E[x_1 | Σ xᵢ] = Σ xᵢ / n for an iid sample; E[X | X + Y] = (X + Y)/2 for iid X, Y."""
    if not isinstance(node, Expectation) or len(node.conditions) != 1:
        return None
    (given,) = node.conditions
    (target,) = node.operands
    total, value = given.args if isinstance(given, sp.Eq) else (given, given)
    if isinstance(total, sp.Sum) and isinstance(target, sp.Indexed) and len(total.limits) == 1:
        index, low, high = total.limits[0]
        sample = known.model.samples.get(owner(target))
        if (
            sample is not None
            and sample.iid
            and known.members_independent(owner(target))
            and total.function == target.base[index]
            and low == 1
        ):
            return Found(rules.EXCHANGEABLE, value / high, (), ((target, " are independent and identically distributed (declared)"),))
    members = total.is_Add and target in total.args and all(known.is_random(t) for t in total.args)
    if members and (_identical(total.args, known) or _members_of_one(total.args, known)):
        return Found(rules.EXCHANGEABLE, value / len(total.args), (), (independence([{t} for t in total.args]),))
    return None


def _members_of_one(atoms: tuple[Any, ...], known: Known) -> bool:
    """Whether the atoms are different members of one iid sample."""
    if not all(isinstance(a, sp.Indexed) for a in atoms) or len({owner(a) for a in atoms}) != 1:
        return False
    sample = known.model.samples.get(owner(atoms[0]))
    return sample is not None and sample.iid and all(known.independent({a}, {b}) for k, a in enumerate(atoms) for b in atoms[k + 1 :])


def _identical(atoms: tuple[Any, ...], known: Known) -> bool:
    if set(atoms) - {atoms[0]} <= known.twins(atoms[0]):
        return True
    laws = [known.law(a) for a in atoms]
    first = laws[0]
    if first is None or any(law is None or law.family is not first.family or law.values != first.values for law in laws):
        return False
    return all(known.independent({a}, set(atoms) - {a}) for a in atoms)
