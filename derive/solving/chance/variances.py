"""Rules on Var, Cov, Corr and SD: shift and scale, sums, bilinearity, samples, and moments where nothing else is known.

In: a node and what is known. Out: `Found`, or None where a rule does not apply.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose
from derive.expressions.chance import Chance, Correlation, Covariance, Expectation, StandardDeviation, Variance
from derive.rules import chance_expectation as rules
from derive.solving.chance.known import Known, owner
from derive.solving.chance.moments import free, frozen, independence, is_linear, split
from derive.solving.chance.rewriting import Found
from derive.solving.chance.vector_entries import entry_covariance

__all__ = [
    "affine", "by_correlation", "by_moments", "correlation", "covariance_terms", "deviation", "independent_pair", "joint_entry",
    "of_sample", "of_sum", "sample_variance", "stated_inverse", "with_itself",
]  # fmt: skip


def deviation(node: Any, known: Known) -> Found | None:
    if isinstance(node, StandardDeviation):
        return Found(rules.DEVIATION, sp.sqrt(Variance(*node.args)))
    return None


def correlation(node: Any, known: Known) -> Found | None:
    """Corr by Cov and the variances."""
    if not isinstance(node, Correlation):
        return None
    a, b = node.operands
    given = node.conditions
    below = sp.sqrt(Variance.of(a, given=given)) * sp.sqrt(Variance.of(b, given=given))
    return Found(rules.CORRELATION, Covariance.of(a, b, given=given) / below)


def affine(node: Any, known: Known) -> Found | None:
    """Var(aX + b) = a² Var(X); the variance of a constant is zero."""
    if not isinstance(node, Variance):
        return None
    body = node.operands[0]
    if not free(body, node, known):
        return Found(rules.VARIANCE_AFFINE, S.Zero)
    random = [t for t in sp.Add.make_args(body) if free(t, node, known)]
    if len(random) == 1:
        front, rest = split(random[0], node, known)
        if rest != body:
            return Found(rules.VARIANCE_AFFINE, front**2 * Variance.of(rest, given=node.conditions))
        return None
    kept = sp.Add(*random)
    if kept != body:
        return Found(rules.VARIANCE_AFFINE, Variance.of(kept, given=node.conditions))
    return _one_factor(node, kept, known)


def _one_factor(node: Any, body: Any, known: Known) -> Found | None:
    common = sp.factor_terms(body)
    front, rest = split(common, node, known)
    if front != 1 and rest.is_Add:
        return Found(rules.VARIANCE_AFFINE, front**2 * Variance.of(rest, given=node.conditions))
    return None


def of_sum(node: Any, known: Known) -> Found | None:
    """The variance of a sum of linear terms; covariances of independent terms are left out, and that is said."""
    if not isinstance(node, Variance) or not node.operands[0].is_Add:
        return None
    if not all(is_linear(t, node, known) or _separate(t, node, known) for t in node.operands[0].args):
        return None
    terms = [split(t, node, known) for t in node.operands[0].args]
    given = node.conditions
    result = sp.Add(*(a**2 * Variance.of(x, given=given) for a, x in terms))
    dependent, apart = False, []
    for k, (a, x) in enumerate(terms):
        for b, y in terms[k + 1 :]:
            if _independent(x, y, node, known):
                apart.append((x, y))
            else:
                dependent = True
                result += 2 * a * b * Covariance.of(x, y, given=given)
    assumptions = (independence([free(x, node, known) for pair in apart for x in pair], given),) if apart else ()
    return Found(rules.VARIANCE_SUM if dependent else rules.INDEPENDENT_SUM, result, (), assumptions)


def _separate(term: Any, node: Any, known: Known) -> bool:
    """A term of its own atoms, of whatever form, that is independent of the others: its variance is worked out by itself."""
    own = free(term, node, known)
    others = free(sp.Add(*(t for t in node.operands[0].args if t != term)), node, known)
    return bool(own) and not own & others and known.independent(own, others, frozen(node, known))


def _independent(x: Any, y: Any, node: Any, known: Known) -> bool:
    return known.independent(free(x, node, known), free(y, node, known), frozen(node, known))


def of_sample(node: Any, known: Known) -> Found | None:
    """Var(Σ aᵢ xᵢ) = Σ aᵢ² Var(xᵢ) over independent members."""
    if not isinstance(node, Variance):
        return None
    body = node.operands[0]
    if not isinstance(body, sp.Sum) or len(body.limits) != 1:
        return None
    index = body.limits[0][0]
    own = free(body.function, node, known)
    if any(free(e, node, known) for e in body.limits[0][1:]) or not _own_members(own, index, node, known):
        return None
    front, rest = split(body.function, node, known)
    result = sp.Sum(front**2 * Variance.of(rest, given=node.conditions), body.limits[0])
    return Found(rules.INDEPENDENT_SUM, result, (), (_members(own),))


def _own_members(own: set[Any], index: Any, node: Any, known: Known) -> bool:
    """Whether every atom is the member of this index of a sample of independent members, and the samples are independent."""
    if not own or not all(isinstance(a, sp.Indexed) and a.indices == (index,) for a in own):
        return False
    given = frozen(node, known)
    if not all(known.members_independent(owner(a), given) for a in own):
        return False
    atoms = sorted(own, key=str)
    return all(known.independent({a}, {b}, given) for k, a in enumerate(atoms) for b in atoms[k + 1 :])


def _members(own: set[Any]) -> Prose:
    listed: list[Any] = []
    for k, atom in enumerate(sorted(own, key=str)):
        listed += [", " if k else "", atom]
    return (*listed, " are independent over the index (declared)")


def with_itself(node: Any, known: Known) -> Found | None:
    if isinstance(node, Covariance) and node.operands[0] == node.operands[1]:
        return Found(rules.COVARIANCE_SELF, Variance.of(node.operands[0], given=node.conditions))
    return None


def independent_pair(node: Any, known: Known) -> Found | None:
    """Cov(X, Y) = 0 where X and Y are declared independent, or one is a constant."""
    if not isinstance(node, (Covariance, Correlation)):
        return None
    a, b = node.operands
    left, right = free(a, node, known), free(b, node, known)
    if not left or not right:
        return Found(rules.BILINEARITY, S.Zero)
    if known.independent(left, right, frozen(node, known)):
        return Found(rules.INDEPENDENT_COVARIANCE, S.Zero, (), (independence((left, right), node.conditions),))
    return None


def covariance_terms(node: Any, known: Known) -> Found | None:
    """Cov(Σ aᵢXᵢ + c, Σ bⱼYⱼ + d) = Σ aᵢbⱼ Cov(Xᵢ, Yⱼ), sums over a sample included."""
    if not isinstance(node, Covariance):
        return None
    a, b = (_terms(o, node, known) for o in node.operands)
    if len(a) == len(b) == 1 and a[0] == (S.One, node.operands[0]) and b[0] == (S.One, node.operands[1]):
        return _over_index(node, known)
    given = node.conditions
    result = S.Zero
    for x, u in a:
        for y, w in b:
            result += x * y * (Variance.of(u, given=given) if u == w else Covariance.of(u, w, given=given))
    return Found(rules.BILINEARITY, result)


def _terms(operand: Any, node: Any, known: Known) -> list[tuple[Any, Any]]:
    return [split(t, node, known) for t in sp.Add.make_args(operand) if free(t, node, known)]


def _over_index(node: Any, known: Known) -> Found | None:
    """Cov(Σ aᵢxᵢ, Σ bᵢxᵢ) = Σ aᵢbᵢ Var(xᵢ); Cov(x_k, Σ bᵢxᵢ) = b_k Var(x_k); Cov(Y, Σ bᵢxᵢ) = Σ bᵢ Cov(Y, xᵢ)."""
    a, b = node.operands
    if not isinstance(b, sp.Sum):
        a, b = b, a
    if not isinstance(b, sp.Sum) or len(b.limits) != 1:
        return None
    index, low, high = b.limits[0]
    if free(low, node, known) or free(high, node, known):
        return None
    given = node.conditions
    own = free(b.function, node, known)
    apart = _own_members(own, index, node, known)
    if isinstance(a, sp.Sum) and len(a.limits) == 1:
        second = a.limits[0]
        inner = a.function.xreplace({second[0]: index})
        if apart and second[1:] == (low, high) and free(inner, node, known) <= own:
            return Found(rules.BILINEARITY, sp.Sum(Covariance.of(inner, b.function, given=given), b.limits[0]), (), (_members(own),))
        return None
    left = free(a, node, known)
    members = [m for m in left if isinstance(m, sp.Indexed) and owner(m) in {owner(o) for o in own}]
    if apart and len(left) == 1 and members == list(left):
        place = members[0].indices[0]
        inside: Prose = (place, " lies between ", low, " and ", high)
        shown = () if _inside(place, low, high) else (inside,)
        at = b.function.xreplace({index: place})
        return Found(rules.BILINEARITY, Covariance.of(a, at, given=given), (), (_members(own), *shown))
    if not members:
        return Found(rules.BILINEARITY, sp.Sum(Covariance.of(a, b.function, given=given), b.limits[0]))
    return None


def _inside(place: Any, low: Any, high: Any) -> bool:
    """A running index of the same range needs no word; a number inside the range neither."""
    return place.is_Symbol or bool((place - low).is_nonnegative and (high - place).is_nonnegative)


def joint_entry(node: Any, known: Known) -> Found | None:
    """Cov(X, Y) as the declared joint law has it, or by a stated correlation."""
    if not isinstance(node, (Covariance, Variance)) or node.conditions:
        return None
    a, b = node.operands if isinstance(node, Covariance) else (node.operands[0], node.operands[0])
    if isinstance(a, sp.Indexed) and isinstance(b, sp.Indexed) and a != b and owner(a) == owner(b) and owner(a) in known.model.variables:
        entry = entry_covariance(known.model.variables[owner(a)].law, a, b, known.types)
        return None if entry is None else Found(rules.JOINT_COVARIANCE, entry)
    if not (a.is_Symbol and b.is_Symbol):
        return None
    joint = known.joint(a, b) if a != b else known.joint(a)
    value = known.joint_entry(joint, a, b) if joint is not None else None
    return None if value is None else Found(rules.JOINT_COVARIANCE, value)


def by_correlation(node: Any, known: Known) -> Found | None:
    """Cov(X, Y) = Corr(X, Y) √Var(X) √Var(Y) where a correlation was stated."""
    if not isinstance(node, Covariance):
        return None
    a, b = node.operands
    stated = known.stated(Correlation.of(a, b, given=node.conditions))
    if stated is None:
        return None
    result = stated * sp.sqrt(Variance.of(a, given=node.conditions)) * sp.sqrt(Variance.of(b, given=node.conditions))
    return Found(rules.BY_CORRELATION, result)


def stated_inverse(node: Any, known: Known) -> Found | None:
    """Var(X) where E[X²] was stated, Cov(X, Y) where E[XY] was."""
    if isinstance(node, Variance):
        square = Expectation.of(node.operands[0] ** 2, given=node.conditions)
        if known.stated(square) is not None:
            return Found(rules.VARIANCE_BY_MOMENTS, square - Expectation.of(node.operands[0], given=node.conditions) ** 2)
    if isinstance(node, Covariance):
        a, b = node.operands
        product = Expectation.of(a * b, given=node.conditions)
        if known.stated(product) is not None:
            return Found(
                rules.COVARIANCE_BY_MOMENTS,
                product - Expectation.of(a, given=node.conditions) * Expectation.of(b, given=node.conditions),
            )
    return None


def by_moments(node: Any, known: Known) -> Found | None:
    """Var(Z) = E[Z²] − E[Z]² and Cov(U, V) = E[UV] − E[U] E[V] for what is not a plain variable."""
    given = node.conditions
    if isinstance(node, Variance):
        body = node.operands[0]
        if isinstance(body, Chance):
            return None
        if known.is_random(body) and not known.cases(body) and not _tabulated(body, known):
            return None
        square = _squared(body)
        return Found(rules.VARIANCE_BY_MOMENTS, Expectation.of(square, given=given) - Expectation.of(body, given=given) ** 2)
    if isinstance(node, Covariance):
        a, b = node.operands
        if all(known.is_random(o) or isinstance(o, Chance) for o in (a, b)) and not all(_tabulated(o, known) for o in (a, b)):
            return None
        product = Expectation.of(a * b, given=given)
        return Found(rules.COVARIANCE_BY_MOMENTS, product - Expectation.of(a, given=given) * Expectation.of(b, given=given))
    return None


def _tabulated(atom: Any, known: Known) -> bool:
    return isinstance(atom, sp.Symbol) and known.is_random(atom) and known.law(atom) is None and known.is_tabulated(atom)


def _squared(body: Any) -> Any:
    if body.is_Mul:
        return sp.Mul(*(f**2 for f in body.args))
    if isinstance(body, sp.Piecewise) and all(v in (0, 1) for v, _ in body.args):
        return body  # an indicator is its own square
    return body**2


def sample_variance(node: Any, known: Known) -> Found | None:
    """Var(Σ (xᵢ − x̄)²) for Gaussian data."""
    if not isinstance(node, Variance):
        return None
    body = node.operands[0]
    if not isinstance(body, sp.Sum) or len(body.limits) != 1 or not (body.function.is_Pow and body.function.exp == 2):
        return None
    index, low, high = body.limits[0]
    inner = sp.expand(body.function.base)
    atoms = [a for a in free(inner, node, known) if isinstance(a, sp.Indexed) and a.indices == (index,)]
    if len(atoms) != 1 or low != 1:
        return None
    j = sp.Dummy("j", integer=True)
    mean = sp.Sum(atoms[0].base[j], (j, 1, high)) / high
    rest = sp.expand(atoms[0] - inner)
    if not (isinstance(rest, sp.Mul) and rest.replace(lambda e: isinstance(e, sp.Sum), _renamed(j)) == mean):
        return None
    law = known.law(atoms[0])
    if law is None or law.name != "Normal" or known.parents(atoms[0]) or not known.members_independent(owner(atoms[0])):
        return None
    return Found(rules.SAMPLE_VARIANCE, 2 * (high - 1) * law.values[1] ** 2, (), (_members({atoms[0]}),))


def _renamed(to: Any) -> Any:
    return lambda total: sp.Sum(total.function.xreplace({total.limits[0][0]: to}), (to, *total.limits[0][1:]))
