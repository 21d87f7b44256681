"""Rules on E[…]: constants, linearity, products, moments by variances and covariances, laws of single variables.

In: an `Expectation` node and what is known. Out: `Found`, or None where a rule does not apply. Conditioned variables are constants.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Claim, Prose
from derive.expressions.chance import Chance, Covariance, Expectation, Variance
from derive.probability.family import Distribution
from derive.rules import chance_expectation as rules
from derive.solving.chance import lotus
from derive.solving.chance.known import Known, owner
from derive.solving.chance.rewriting import Found

__all__ = [
    "constant", "expanded", "frozen", "generators", "independence", "independent_product", "is_linear", "law_in", "linear", "lotus_of",
    "mean_of_law", "mixed_moment", "over_sample", "plain_law", "second_moment", "stated_value",
]  # fmt: skip

MAX_DEGREE = 12


def frozen(node: Any, known: Known) -> set[Any]:
    """The atoms that the node is conditional on: constants inside it."""
    return {a for c in node.conditions if c.is_Symbol or isinstance(c, sp.Indexed) for a in known.atoms(c)}


def free(expression: Any, node: Any, known: Known) -> set[Any]:
    """The atoms of the expression that are random inside the node."""
    return known.atoms(expression) - frozen(node, known)


def split(term: Any, node: Any, known: Known) -> tuple[Any, Any]:
    """The constant factor and the random one."""
    factors = sp.Mul.make_args(term)
    random = [f for f in factors if free(f, node, known)]
    fixed = [f for f in factors if not free(f, node, known)]
    return sp.Mul(*fixed), sp.Mul(*random)


def generators(expression: Any, node: Any, known: Known) -> list[Any]:
    """What the expression is a polynomial in: random sums as a whole, and atoms outside them."""
    found: dict[Any, None] = {}
    walk = sp.preorder_traversal(expression)
    for part in walk:
        if isinstance(part, sp.Sum) and free(part, node, known):
            found.setdefault(part)
            walk.skip()
        elif isinstance(part, Chance):
            if free(part, node, known):
                found.setdefault(part)
            walk.skip()
        elif known.is_random(part) and part not in frozen(node, known):
            found.setdefault(part)
            walk.skip()
    return list(found)


def is_linear(expression: Any, node: Any, known: Known) -> bool:
    """Whether the expression is of first degree in atoms and in sums of such."""
    for part in generators(expression, node, known):
        if isinstance(part, sp.Sum) and not (is_linear(part.function, node, known) and not _random_limits(part, node, known)):
            return False
    return degree(expression, node, known) == 1


def degree(expression: Any, node: Any, known: Known) -> int | None:
    """The degree as a polynomial in its generators; None where it is none."""
    parts = generators(expression, node, known)
    table = {g: sp.Dummy() for g in parts}
    written = expression.xreplace(table)
    symbols = list(table.values())
    if not symbols:
        return 0
    if not written.is_polynomial(*symbols):
        return None
    found = sp.total_degree(written, *symbols)
    return int(found)


def _random_limits(total: Any, node: Any, known: Known) -> bool:
    return any(free(end, node, known) for limit in total.limits for end in limit[1:])


# ── constants, facts, linearity ──────────────────────────────────────────────────────────────────────────────────────


def constant(node: Any, known: Known) -> Found | None:
    if isinstance(node, Expectation) and not free(node.operands[0], node, known):
        return Found(rules.CONSTANT, node.operands[0])
    return None


def stated_value(node: Any, known: Known) -> Found | None:
    """A moment that was given."""
    value = known.stated(node)
    return None if value is None else Found(rules.STATED, value, (node, " = ", value))


def linear(node: Any, known: Known) -> Found | None:
    """Sums term by term, constants in front, sums over an index."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    terms = sp.Add.make_args(body)
    result = S.Zero
    for term in terms:
        front, rest = split(term, node, known)
        if not free(rest, node, known):
            result += term
        elif isinstance(rest, sp.Sum) and len(rest.limits) == 1 and not _random_limits(rest, node, known):
            result += front * sp.Sum(Expectation.of(rest.function, given=node.conditions), *rest.limits)
        elif len(terms) > 1 or front != 1:
            result += front * Expectation.of(rest, given=node.conditions)
        else:
            return _rational(node, known)
    return Found(rules.LINEARITY, result)


def _rational(node: Any, known: Known) -> Found | None:
    """(X + c)/d and (a + b X) X as sums, where the parts are simple."""
    body = node.operands[0]
    if not body.is_Mul:
        return None
    sums = [f for f in body.args if f.is_Add]
    others = [f for f in body.args if not f.is_Add]
    if len(sums) == 1 and not any(free(f, node, known) for f in others):
        return Found(rules.LINEARITY, sp.Add(*(sp.Mul(*others) * Expectation.of(t, given=node.conditions) for t in sums[0].args)))
    return None


# ── products and powers ──────────────────────────────────────────────────────────────────────────────────────────────


def factors_of(body: Any) -> list[Any]:
    """The factors, with e^{a + b} as e^a e^b and c^{a + b} as c^a c^b."""
    found: list[Any] = []
    for factor in sp.Mul.make_args(body):
        if isinstance(factor, sp.exp):
            found += [sp.exp(t) for t in sp.Add.make_args(sp.expand(factor.args[0]))]
        elif factor.is_Pow and factor.exp.is_Add:
            found += [factor.base**t for t in factor.exp.args]
        elif factor.is_Pow and factor.base.is_Mul and factor.exp.is_Integer:
            found += [f**factor.exp for f in factor.base.args]
        else:
            found.append(factor)
    return found


def independence(groups: Iterable[Iterable[Any]], given: Iterable[Any] = ()) -> Prose:
    """X and Y are independent, given what they are conditional on."""
    names = sorted({atom for group in groups for atom in group}, key=str)
    prose: list[Any] = []
    for k, item in enumerate(names):
        prose += [" and " if k == len(names) - 1 else ", "] if k else []
        prose.append(item)
    conditions: list[Any] = []
    for condition in sorted(given, key=str):
        conditions += [", " if conditions else " given ", condition]
    return (*prose, " are independent", *conditions, " (declared)") if conditions else (*prose, " are independent (declared)")


def components(factors: list[Any], node: Any, known: Known) -> list[tuple[list[Any], set[Any]]] | None:
    """The factors in groups that are independent of one another; None where they are all one group."""
    fixed = frozen(node, known)
    groups: list[tuple[list[Any], set[Any]]] = []
    for factor in factors:
        own = free(factor, node, known)
        if not own:
            groups.append(([factor], set()))
            continue
        together = [g for g in groups if g[1] and not known.independent(g[1], own, fixed)]
        merged = ([f for g in together for f in g[0]] + [factor], set().union(own, *(g[1] for g in together)))
        groups = [g for g in groups if not any(g is t for t in together)] + [merged]
    random = [g for g in groups if g[1]]
    if len(random) < 2:
        return None
    for group in random:
        others = set().union(*(g[1] for g in random if g is not group))
        if not known.independent(group[1], others, fixed):
            return None
    return groups


def independent_product(node: Any, known: Known) -> Found | None:
    """E[g(X) h(Y)] = E[g(X)] E[h(Y)] where that is declared."""
    if not isinstance(node, Expectation):
        return None
    factors = factors_of(node.operands[0])
    if len(factors) < 2:
        return None
    groups = components(factors, node, known)
    if groups is None:
        return None
    result = S.One
    for parts, atoms in groups:
        result *= Expectation.of(sp.Mul(*parts), given=node.conditions) if atoms else sp.Mul(*parts)
    return Found(rules.INDEPENDENT_PRODUCT, result, (), (independence((a for _, a in groups if a), frozen(node, known)),))


def over_sample(node: Any, known: Known) -> Found | None:
    """E[Π g(x_i)] and E[e^{t Σ x_i}]: a product over the members."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    if isinstance(body, sp.Product) and len(body.limits) == 1:
        inner, limits = body.function, body.limits[0]
    elif isinstance(body, sp.exp):
        front, rest = split(body.args[0], node, known)
        if not isinstance(rest, sp.Sum) or len(rest.limits) != 1 or _random_limits(rest, node, known):
            return None
        inner, limits = sp.exp(front * rest.function), rest.limits[0]
    else:
        return None
    own = free(inner, node, known)
    if len({owner(a) for a in own}) != 1 or not all(isinstance(a, sp.Indexed) and a.indices == (limits[0],) for a in own):
        return None
    if not known.members_independent(owner(next(iter(own))), frozen(node, known)):
        return None
    said: Prose = (next(iter(own)), " are independent (declared)")
    return Found(rules.IID_PRODUCT, sp.Product(Expectation.of(inner, given=node.conditions), limits), (), (said,))


def second_moment(node: Any, known: Known) -> Found | None:
    """E[Z²] = Var(Z) + E[Z]² for a linear Z."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    if not (body.is_Pow and body.exp == 2) or not is_linear(body.base, node, known):
        return None
    inner = body.base
    if (known.is_random(inner) and known.is_bare(inner)) or isinstance(inner, Chance):
        return None
    result = Variance.of(inner, given=node.conditions) + Expectation.of(inner, given=node.conditions) ** 2
    return Found(rules.SECOND_MOMENT, result, () if known.is_random(inner) else ("with Z = ", inner))


def mixed_moment(node: Any, known: Known) -> Found | None:
    """E[UV] = Cov(U, V) + E[U] E[V] for linear U, V."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    if not body.is_Mul or len(body.args) != 2:
        return None
    left, right = body.args
    if not (is_linear(left, node, known) and is_linear(right, node, known)):
        return None
    atoms = free(body, node, known)
    if all(known.is_bare(a) for a in atoms) and known.is_random(left) and known.is_random(right):
        return None
    if isinstance(left, Chance) or isinstance(right, Chance):
        return None
    given = node.conditions
    result = Covariance.of(left, right, given=given) + Expectation.of(left, given=given) * Expectation.of(right, given=given)
    return Found(rules.MIXED_MOMENT, result)


def expanded(node: Any, known: Known) -> Found | None:
    """Products and powers of sums multiplied out."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    order = degree(body, node, known)
    if order is None or order > MAX_DEGREE:
        written = sp.expand(body, deep=False, power_exp=False, power_base=False, log=False, trig=False)
        if written == body or not written.is_Add or len(written.args) > 30:
            return None
        return Found(rules.EXPAND, Expectation.of(written, given=node.conditions))
    sums = [g for g in generators(body, node, known) if isinstance(g, sp.Sum)]
    if sums and order > 2:
        return None
    held = {s: sp.Dummy(commutative=True) for s in sums}
    written = sp.expand(body.xreplace(held), power_exp=False, power_base=False, log=False)
    written = written.xreplace({d: s for s, d in held.items()})
    if written == body:
        return None
    return Found(rules.EXPAND, Expectation.of(written, given=node.conditions))


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def law_in(atom: Any, node: Any, known: Known) -> Distribution | None:
    """The law of the atom given the node's conditions: the declared one, where its parents are among them and nothing else tells of it."""
    law = known.law(atom)
    if law is None:
        return None
    given, parents = frozen(node, known), known.parents(atom)
    if not parents <= given:
        return None
    others = given - parents
    return law if not others or known.independent({atom}, others, parents) else None


def plain_law(node: Any, known: Known) -> tuple[Any, Distribution] | None:
    """The one atom of the node and its law, where there is one and every condition is a variable."""
    if any(not (c.is_Symbol or isinstance(c, sp.Indexed)) for c in node.conditions):
        return None
    operands = sp.Tuple(*node.operands)
    atoms = free(operands, node, known)
    if len(atoms) != 1 or any(isinstance(g, sp.Sum) for g in generators(operands, node, known)):
        return None
    atom = next(iter(atoms))
    law = law_in(atom, node, known)
    return None if law is None or (any(not isinstance(v, sp.Basic) for v in law.values) and law.name != "Categorical") else (atom, law)


def mean_of_law(node: Any, known: Known) -> Found | None:
    """E[X] and Var(X) of a declared law."""
    found = plain_law(node, known)
    if found is None or node.operands[0] != found[0]:
        return None
    atom, law = found
    if isinstance(node, Expectation):
        value = lotus.expectation(atom, atom, law)
    elif isinstance(node, Variance):
        value = lotus.variance(law, atom)
    else:
        return None
    return None if value is None else Found(value.rule, value.result, value.because, value.assumptions)


def lotus_of(node: Any, known: Known) -> Found | None:
    """E[g(X)] for a declared law, by a closed form."""
    if not isinstance(node, Expectation):
        return None
    found = plain_law(node, known)
    if found is None:
        return None
    atom, law = found
    value = lotus.expectation(node.operands[0], atom, law)
    if value is None:
        return None
    return Found(
        value.rule, value.result, value.because, value.assumptions, claim=_integral(node.operands[0], atom, law, value.result, known)
    )


def _integral(body: Any, atom: Any, law: Distribution, value: Any, known: Known) -> Claim | None:
    """For an entry of a random vector: the integral over its own law, which numbers reach where those over the whole vector do not."""
    if not isinstance(atom, sp.Indexed) or owner(atom) not in known.model.variables or law.family.discrete or law.family.density is None:
        return None
    x = sp.Dummy("x", real=True)
    support = law.family.support(*law.values)
    return Claim(
        "equal", sp.Integral(body.xreplace({atom: x}) * law.family.density(x, *law.values), (x, support.lower, support.upper)), value
    )
