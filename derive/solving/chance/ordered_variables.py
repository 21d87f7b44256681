"""Order statistics inside any task: X_(k) is F⁻¹(U_(k)), the order statistic of uniform numbers, U_(k) ~ Beta(k, n − k + 1).

In: a reading whose term holds X_(k) of an iid sample, and the model. Out: the reading with U_(k) in its place, the model in which U_(k) is
a variable with its law, and the step that says so. Several order statistics of one sample are dependent: nothing says otherwise of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim, Prose, Step
from derive.errors import NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import symbol, to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample, Variable
from derive.rules.chance_transformations import ORDER_STATISTIC
from derive.solution import Solution
from derive.solving.chance.order_statistics import order_statistic, ordered
from derive.solving.chance.steps import step
from derive.solving.chance.transformations import Target
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal

__all__ = ["Ordered", "opened", "with_opening"]

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Ordered(NamedTuple):
    """A reading about order statistics as one about variables with a law."""

    reading: Reading
    model: Model
    steps: tuple[Step, ...]
    assumptions: tuple[Prose, ...]


def opened(reading: Reading, model: Model) -> Ordered | None:
    """The reading with its order statistics as variables; None where there are none. Raises NotSupported where they have no such form."""
    found = {n.data: order for n in reading.expanded.walk() if (order := order_statistic(n, model)) is not None}
    if not found:
        return None
    span = reading.expanded.span
    variables, types = dict(model.variables), dict(model.types)
    table: dict[Name, tuple[Term, Distribution]] = {}
    steps: list[Step] = []
    assumptions: dict[Prose, None] = {}
    for name, (sample, rank) in found.items():
        law = sample.law
        if law is None or sample.size is None or not sample.iid or sample.given:
            raise Undetermined(f"the law of the sample {sample.base.key} is needed", span=span, expected=("X_1, …, X_n iid ~ …",))
        if law.family.discrete or law.family.quantile is None or law.family.cdf is None:
            raise NotSupported(f"order statistics of {law.name} beyond their density", span=span)
        target = Target(plain(Term("name", (), name)), Term("name", (), name), sp.Symbol(sample.base.key.lower(), real=True))
        own = None if _is_standard(law) else ordered(target, (sample, rank), model, Journal(reading.term)).distribution
        uniform = name if _is_standard(law) or own is not None else _fresh(name, variables)
        size = to_sympy(sample.size, model.types)
        if own is None:
            own = Distribution(FAMILIES["Beta"], {"alpha": rank, "beta": size - rank + 1})
            types[uniform] = Type("random", lower=Bound(number(0), True), upper=Bound(number(1), True))
        else:  # the smallest of exponentials is one
            types[uniform] = Type("random")
        for place in rank.free_symbols:  # 1 ≤ k ≤ n
            types[Name.from_key(place.name)] = Type("natural", lower=Bound(number(1), False), upper=Bound(sample.size, False))
        variables[uniform] = Variable(uniform, symbol(uniform, types[uniform]), own)
        table[name] = (Term("name", (), uniform), law)
        steps.append(_opening(name, uniform, own, law))
        assumptions[(f"the members of {sample.base.key} are independent and identically distributed (declared)",)] = None
    if len(found) > 1 and not _is_linear(reading.expanded, found, model):
        raise NotSupported("the joint law of several order statistics: only expectations of their sums are there", span=span)
    _refuse_members(reading.expanded, found, model)
    term = _replaced(reading.expanded, table, types)
    model = replace(model, variables=variables, types=types)
    options = {**reading.options, "model": model}
    return Ordered(replace(reading, term=term, expanded=term, types=types, options=options), model, tuple(steps), tuple(assumptions))


def with_opening(solution: Solution, ordered: Ordered, reading: Reading) -> Solution:
    """The solution with what the order statistics are in front."""
    derivation = solution.derivation
    if derivation is not None:
        assumptions = (*ordered.assumptions, *derivation.assumptions)
        derivation = replace(derivation, steps=(*ordered.steps, *derivation.steps), assumptions=assumptions)
    return replace(solution, derivation=derivation, assumptions=(*ordered.assumptions, *solution.assumptions))


def _is_standard(law: Distribution) -> bool:
    return law.name == "Uniform" and tuple(law.values) == (0, 1)


def _fresh(name: Name, variables: Mapping[Name, Variable]) -> Name:
    return next(n for base in ("U", "V", "W", "Y", "Z") if (n := name._replace(base=base)) not in variables and n != name)


def _opening(name: Name, uniform: Name, own: Distribution, law: Distribution) -> Step:
    """U_(k) ~ Beta(k, n − k + 1), by its density; X_(k) = F⁻¹(U_(k))."""
    u = sp.Symbol("u", positive=True)
    support = own.family.support(*own.values)
    density = own.family.density(u, *own.values) if own.family.density is not None else sp.exp(own.family.log_density(u, *own.values))
    shown = Term("name", (), uniform)
    because: Prose = ("the order statistic of uniform numbers",) if own.name == "Beta" else ("its density is that of ", follows(shown, own))
    if uniform != name and law.family.quantile is not None:
        inside = law.family.quantile(symbol(uniform, Type("random")), *law.values)
        because = (*because, ": ", Term("rel", (Term("name", (), name), from_sympy(inside)), "="))
    claim = Claim("normalised", density, support, (u,))
    return step(ORDER_STATISTIC, Term("call", (Term("name", (), Name("p")), from_sympy(u))), follows(shown, own), "⇒", because, claim=claim)


def _is_linear(term: Term, found: Mapping[Name, Any], model: Model) -> bool:
    """Whether the task is E of a sum of order statistics."""
    if term.head != "probability" or term.data != "E" or len(term.args) != 1 or term.args[0].head == "given":
        return False
    body = to_sympy(term.args[0], model.types)
    atoms = [symbol(n, model.types.get(n)) for n in found]
    return bool(body.is_polynomial(*atoms) and sp.Poly(body, *atoms).total_degree() <= 1)


def _refuse_members(term: Term, found: Mapping[Name, tuple[Sample, Any]], model: Model) -> None:
    """X_2 beside X_(1): the two depend on each other, in a way that the law of each does not show."""
    bases = {sample.base for sample, _ in found.values()}
    for node in term.walk():
        if node.head == "name" and node.data not in found and (node.data in bases or node.data._replace(sub="") in bases) and node.data.sub:
            if not _is_linear(term, {**found, node.data: None}, model):
                raise NotSupported("an order statistic beside a member of the sample", span=term.span)


def _replaced(term: Term, table: Mapping[Name, tuple[Term, Distribution]], types: Mapping[Name, Type]) -> Term:
    """F⁻¹(U_(k)) for X_(k); X_(k) ≤ t as U_(k) ≤ F(t), for F is increasing."""

    def change(node: Term) -> Term:
        if node.head == "rel" and node.data in _FLIPPED:
            left, right = node.args
            sign = str(node.data)
            if right.head == "name" and right.data in table:
                left, right, sign = right, left, _FLIPPED[sign]
            names = {n.data for n in right.walk() if n.head == "name"}
            if left.head == "name" and left.data in table and not names & table.keys():
                uniform, law = table[left.data]
                bound = right if uniform == left else from_sympy(_cdf(law, to_sympy(right, types)))
                return Term("rel", (uniform, bound), sign, node.span)
        if node.head == "name" and node.data in table:
            uniform, law = table[node.data]
            if uniform.data == node.data or law.family.quantile is None:
                return uniform
            return from_sympy(law.family.quantile(symbol(uniform.data, types[uniform.data]), *law.values))
        return node.with_args(tuple(change(a) for a in node.args)) if node.args else node

    return change(term)


def _cdf(law: Distribution, t: Any) -> Any:
    if law.family.cdf is None:
        raise NotSupported(f"the distribution function of {law.name} in closed form")
    return law.family.cdf(t, *law.values)
