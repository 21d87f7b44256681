"""A function of a linear combination of Gaussians is a function of one Gaussian; mixed moments of a Gaussian pair.

In: an `Expectation` node and what is known. Out: `Found`, or None.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose
from derive.expressions.chance import Chance, Expectation, Variance
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.rules import chance_expectation as rules
from derive.solving.chance import lotus
from derive.solving.chance.known import Known
from derive.solving.chance.moments import free, frozen, generators, independence, is_linear, law_in
from derive.solving.chance.pieces import is_smooth
from derive.solving.chance.rewriting import Found

__all__ = ["joint_moment", "maximum_of_two", "of_linear_form"]

MAX_ORDER = 8


def _jointly_gaussian(atoms: set[Any], node: Any, known: Known) -> bool:
    """Whether every atom is Gaussian and they are independent, or members of one joint Gaussian."""
    laws = [law_in(a, node, known) for a in atoms]
    if any(law is None or law.name != "Normal" for law in laws):
        return False
    joint = known.joint(*atoms) if len(atoms) > 1 else None
    if joint is not None:
        return "covariance" in joint.law.parameters
    return all(known.independent({a}, atoms - {a}, frozen(node, known)) for a in atoms)


def _forms(body: Any, node: Any, known: Known) -> list[Any] | None:
    """The largest linear parts; None where an atom stands outside of them."""
    found: dict[Any, None] = {}
    walk = sp.preorder_traversal(body)
    for part in walk:
        if isinstance(part, Chance):
            return None
        if not isinstance(part, sp.Expr) or not free(part, node, known):
            continue
        if is_linear(part, node, known):
            found.setdefault(part)
            walk.skip()
    return list(found) or None


def _affine_in(form: Any, base: Any, node: Any, known: Known) -> tuple[Any, Any] | None:
    """(a, b) with form = a · base + b."""
    parts = generators(sp.Tuple(form, base), node, known)
    table = {g: sp.Dummy() for g in parts}
    symbols = list(table.values())
    first, second = sp.Poly(sp.expand(form.xreplace(table)), *symbols), sp.Poly(sp.expand(base.xreplace(table)), *symbols)
    ratio = None
    for symbol in symbols:
        above, below = first.coeff_monomial(symbol), second.coeff_monomial(symbol)
        if below == 0 or above == 0:
            if above != below:
                return None
            continue
        quotient = sp.cancel(above / below)
        if ratio is not None and sp.cancel(ratio - quotient) != 0:
            return None
        ratio = quotient
    if ratio is None:
        return None
    return ratio, sp.expand(first.coeff_monomial(1) - ratio * second.coeff_monomial(1))


def of_linear_form(node: Any, known: Known) -> Found | None:
    """E[g(Σ aᵢXᵢ + b)] for Gaussian Xᵢ, g no polynomial of low degree."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    atoms = free(body, node, known)
    if not atoms or (body.is_Mul and any(not free(f, node, known) for f in body.args)):
        return None
    forms = _forms(body, node, known)
    if forms is None or is_linear(body, node, known):
        return None
    base = max(forms, key=lambda f: len(generators(f, node, known)))
    if known.is_random(base) and (is_smooth(body, base) or all(known.is_random(f) for f in forms)):
        return None
    offset = sp.Add(*(t for t in sp.Add.make_args(base) if not free(t, node, known)))
    kinked = not all(is_smooth(body, a) for a in atoms)
    if not kinked:
        base = base - offset
    inside = sp.Dummy("L", real=True)
    table = {}
    for form in forms:
        found = _affine_in(form, base, node, known)
        if found is None:
            return None
        table[form] = found[0] * inside + found[1]
    if not _gaussian_parts(base, atoms, node, known):
        return None
    from derive.solving.chance.strategy import resolved

    mean, mean_steps = resolved(Expectation.of(base, given=node.conditions), known)
    spread, spread_steps = resolved(Variance.of(base, given=node.conditions), known)
    if mean is None or spread is None:
        return None
    family = FAMILIES["Normal"]
    law = Distribution(family, {"mean": mean, "variance": spread})
    if spread == 0:
        return Found(rules.GAUSSIAN_SUM, body.xreplace(table).subs(inside, mean))
    function = body.xreplace(table)
    value = lotus.expectation(function, inside, law)
    result = value.result if value is not None else lotus.expectation_of_sum(sp.expand(function), inside, law)
    if result is None:
        return None
    because: Prose = (base, f" ~ {lotus.shown(law)}")
    assumptions = value.assumptions if value is not None else ()
    if len(atoms) > 1 and known.joint(*atoms) is None:
        assumptions = (*assumptions, independence([{a} for a in atoms]))
    return Found(rules.GAUSSIAN_SUM, result, because, assumptions, (*mean_steps, *spread_steps))


def _gaussian_parts(base: Any, atoms: set[Any], node: Any, known: Known) -> bool:
    """Whether the linear form is Gaussian: of jointly Gaussian variables, or of a Gaussian sample with independent members."""
    sums = [g for g in generators(base, node, known) if isinstance(g, sp.Sum)]
    if not sums:
        return _jointly_gaussian(atoms, node, known)
    if len(sums) != len(generators(base, node, known)) or len(sums) != 1:
        return False
    from derive.solving.chance.known import owner

    inner = free(sums[0].function, node, known)
    index = sums[0].limits[0][0]
    if len(inner) != 1 or len(sums[0].limits) != 1:
        return False
    (member,) = inner
    law = known.law(member)
    gaussian = law is not None and law.name == "Normal" and known.parents(member) <= frozen(node, known)
    own = isinstance(member, sp.Indexed) and member.indices == (index,)
    return gaussian and own and known.members_independent(owner(member), frozen(node, known))


def maximum_of_two(node: Any, known: Known) -> Found | None:
    """max(X, Y) = Y + max(X − Y, 0); min likewise."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    if not isinstance(body, (sp.Max, sp.Min)) or len(body.args) != 2:
        return None
    a, b = sorted(body.args, key=str)
    left, right = free(a, node, known), free(b, node, known)
    if (
        not left
        or not right
        or not (is_linear(a, node, known) and is_linear(b, node, known))
        or not _jointly_gaussian(left | right, node, known)
    ):
        return None
    result = b + body.func(a - b, 0)
    return Found(
        rules.EXPAND,
        Expectation.of(b, given=node.conditions) + Expectation.of(body.func(a - b, S.Zero), given=node.conditions),
        (body, " = ", result),
    )


def joint_moment(node: Any, known: Known) -> Found | None:
    """E[Xᵃ Yᵇ] for jointly Gaussian X and Y, from the moment generating function."""
    if not isinstance(node, Expectation) or node.conditions:
        return None
    body = node.operands[0]
    powers = body.as_powers_dict() if body.is_Mul or body.is_Pow else {}
    atoms = list(powers)
    if len(atoms) < 2 or not all(a.is_Symbol and known.is_random(a) and powers[a].is_Integer and powers[a] > 0 for a in atoms):
        return None
    joint = known.joint(*atoms)
    order = sum(int(p) for p in powers.values())
    if joint is None or "covariance" not in joint.law.parameters or not 2 < order <= MAX_ORDER:
        return None
    at = [sp.Dummy(f"t{k}", real=True) for k in range(len(atoms))]
    laws = [known.law(a) for a in atoms]
    if any(law is None for law in laws):
        return None
    exponent = sp.Add(*(t * law.values[0] for t, law in zip(at, laws, strict=True) if law is not None))
    for k, s in enumerate(at):
        for j, t in enumerate(at):
            exponent += s * t * known.joint_entry(joint, atoms[k], atoms[j]) / 2
    value = sp.exp(exponent)
    for t, atom in zip(at, atoms, strict=True):
        value = sp.expand(value.diff(t, int(powers[atom])).subs(t, 0))
    return Found(rules.JOINT_MOMENT, value)
