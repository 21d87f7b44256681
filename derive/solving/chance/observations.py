"""What is observed and what is asked for: the data of an inference, its log-likelihood, values that were given.

In: a Model and a task (`posterior of theta given k = 7`, `p(theta | x_1, …, x_n)`). Out: the unknowns, the observations that bear on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import InconsistentInput, Undetermined, WrongUse
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample, Variable

__all__ = ["Observation", "Question", "in_terms_of", "observations", "question", "symbol_of"]

INDEX = "i"


class Question(NamedTuple):
    """Unknowns (terms), what is given (terms without a value, and equations)."""

    unknowns: tuple[Term, ...]
    given: tuple[Term, ...]


class Observation(NamedTuple):
    """One observed variable or sample: how it is named, its law, log p(data | parameters) with values put in, and the index of a sample."""

    shown: tuple[Term, ...]
    law: Distribution
    log_density: Any
    data: Any  # symbol, Indexed over `index`, or a number
    source: Variable | Sample
    index: Any = None
    size: Any = None


def question(term: Term) -> Question:
    """Unknowns and given of `task:posterior(θ, data…)`, p(θ | data), E[θ | data]."""
    if term.head == "task" and term.args and term.args[0].head == "given":
        term = term.args[0]
    if term.head == "task":
        unknowns = _listed(term.args[:1])
        return Question(unknowns, _listed(term.args[1:]))
    for node in term.args:
        if node.head == "given":
            return Question(_listed(node.args[:1]), _listed(node.args[1:]))
    if term.head == "given":
        return Question(_listed(term.args[:1]), _listed(term.args[1:]))
    return Question(_listed(a for a in term.args if a.head != "name" or a.data.base != "p"), ())


def _listed(terms: Iterable[Term]) -> tuple[Term, ...]:
    found: list[Term] = []
    for term in terms:
        found.extend(_listed(term.args) if term.head in ("list", "tuple", "and") else [term])
    return tuple(found)


def symbol_of(term: Term, model: Model) -> Any:
    """The SymPy symbol of an unknown. A power that is a parameter of its own (sigma^2) gets a symbol that is named as it is written."""
    found = model.variables.get(term.data) if term.head == "name" else None
    value = found.symbol if found is not None else to_sympy(term, model.types)
    return sp.Symbol(plain(term), positive=True) if isinstance(value, sp.Pow) and isinstance(value.base, sp.Symbol) else value


def in_terms_of(symbol: Any, term: Term, model: Model) -> Model:
    """The model with an unknown such as sigma^2 as the symbol that stands for it."""
    value = to_sympy(term, model.types)
    if not isinstance(value, sp.Pow):
        return model
    table = {value: symbol, value.base: symbol ** (1 / value.exp)}
    variables = {
        n: replace(v, law=_with(v.law, table), symbol=symbol if v.symbol == value else v.symbol) for n, v in model.variables.items()
    }
    samples = {n: replace(v, law=_with(v.law, table)) for n, v in model.samples.items()}
    return replace(model, variables=variables, samples=samples)


def _with(law: Distribution | None, table: Mapping[Any, Any]) -> Distribution | None:
    if law is None:
        return None
    return Distribution(law.family, {n: v.subs(table) if isinstance(v, sp.Basic) else v for n, v in law.parameters.items()})


def observations(model: Model, unknowns: Iterable[Any], given: Iterable[Term] = ()) -> tuple[Observation, ...]:
    """The observed variables and samples whose laws depend on the unknowns, restricted to `given` when that is not empty.

    Raises Undetermined when nothing that is declared depends on the unknowns, WrongUse when something given does not exist.
    """
    symbols = set(unknowns)
    values: dict[Name, Any] = {}
    wanted: set[Name] = set()
    for condition in given:
        if condition.head == "dots":
            continue
        name, value = _condition(condition, model)
        wanted.add(_owner(name, model))
        if value is not None:
            values[name] = value
    found: list[Observation] = []
    for source in model.sources:
        if source.law is None or not _depends(source.law, symbols):
            continue
        name = source.name if isinstance(source, Variable) else source.base
        if wanted and name not in wanted:
            continue
        found.append(_observed(source, values, model))
    unused = {n for n in values if _owner(n, model) not in {_name_of(o.source) for o in found}}
    if unused:
        raise WrongUse(f"{', '.join(n.key for n in unused)} is given, and no law of the data that bears on this says what it is")
    if not found:
        shown = ", ".join(str(s) for s in symbols)
        raise Undetermined(f"no declared law depends on {shown}: data are needed", expected=(f"x | {shown} ~ …",))
    return tuple(found)


def _name_of(source: Variable | Sample) -> Name:
    return source.name if isinstance(source, Variable) else source.base


def _condition(term: Term, model: Model) -> tuple[Name, Any]:
    if term.head == "rel" and term.data == "=" and len(term.args) == 2:
        left, right = term.args
        return _name(left), to_sympy(right, model.types)
    return _name(term), None


def _name(term: Term) -> Name:
    node = term
    while node.head in ("index", "bold") and node.args:
        node = node.args[0]
    if node.head != "name":
        raise WrongUse(f"{plain(term)} is no variable", span=term.span)
    name: Name = node.data
    return name


def _owner(name: Name, model: Model) -> Name:
    """The variable or sample that a name belongs to: x for x_3."""
    if name in model.variables or name in model.samples:
        return name
    base = Name(name.base, name.font, name.accents)
    return base if base in model.samples else name


def _depends(law: Distribution, symbols: set[Any]) -> bool:
    return any(getattr(v, "free_symbols", set()) & symbols for v in _flat(law.values))


def _flat(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, (tuple, list)):
            yield from _flat(value)
        else:
            yield value


def _observed(source: Variable | Sample, values: Mapping[Name, Any], model: Model) -> Observation:
    law = source.law
    assert law is not None
    if isinstance(source, Variable):
        data = values.get(source.name, source.symbol)
        shown = Term("name", (), source.name)
        if source.name in values:
            _refuse_outside(data, law, source.name.key)
            shown = Term("rel", (shown, _number(values[source.name])), "=")
        return Observation((shown,), law, law.family.log_density(data, *law.values), data, source)
    return _sample(source, law, values, model)


def _refuse_outside(value: Any, law: Distribution, name: str) -> None:
    """Data that the law cannot give contradict the model."""
    support = law.family.support(*law.values)
    if support.kind not in ("interval", "integers") or not getattr(value, "is_number", False):
        return
    below = support.lower is not None and sp.Lt(value, support.lower) == sp.true
    above = support.upper is not None and sp.Gt(value, support.upper) == sp.true
    if below or above or (law.family.discrete and value.is_integer is False):
        raise InconsistentInput(f"{name} = {value} has probability 0 under {law.name}: it lies outside its support")


def _number(value: Any) -> Term:
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(value)


def _sample(source: Sample, law: Distribution, values: Mapping[Name, Any], model: Model) -> Observation:
    """log p(x_1, …, x_n): a sum over the index, or the few values that were given."""
    base = sp.IndexedBase(sp.Symbol(source.base.key, real=True))
    index = sp.Symbol(source.index.key if source.index is not None else INDEX, integer=True)
    mine = {name: value for name, value in values.items() if _owner(name, model) == source.base and name != source.base}
    density = law.family.log_density(base[index], *law.values)
    if mine:
        for name, value in mine.items():
            _refuse_outside(value, law, name.key)
        numbers = {int(name.sub): value for name, value in mine.items() if name.sub.isdigit()}
        shown = tuple(Term("rel", (Term("name", (), n), _number(v)), "=") for n, v in mine.items())
        total = sp.Add(*(density.subs(base[index], v).subs(index, k) for k, v in sorted(numbers.items())))
        return Observation(shown, law, total, tuple(v for _, v in sorted(numbers.items())), source, None, sp.Integer(len(numbers)))
    if source.size is None:
        raise Undetermined(
            f"how many {source.base.key} are observed is not said", expected=(f"given {source.base.key}_1, …, {source.base.key}_n",)
        )
    size = to_sympy(source.size, model.types)
    shown = (_member(source.base, "1"), Term("dots"), _member(source.base, plain(source.size)))
    return Observation(shown, law, sp.Sum(density, (index, 1, size)), base[index], source, index, size)


def _member(base: Name, label: str) -> Term:
    return Term("name", (), Name(base.base, base.font, base.accents, label))
