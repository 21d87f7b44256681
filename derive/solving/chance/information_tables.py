"""Entropy and mutual information of finite variables, from their joint table; entropies and divergences of lists of probabilities.

In: a reading of H(X), H(X, Y), H(Y | X), I(X; Y), KL([…] ‖ […]) whose variables have finite tables. Out: a Solution, or None without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DoesNotExist, InconsistentInput, Undetermined
from derive.expressions.elementary import log
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.finite import System
from derive.probability.finite_facts import problem_of
from derive.probability.laws import entries
from derive.probability.model import Model
from derive.rules.chance_information import (
    CHAIN_RULE,
    CROSS_ENTROPY,
    ENTROPY,
    JENSEN_SHANNON,
    KL,
    MARGINALS,
    MUTUAL_INFORMATION,
    SUM_OVER_TABLE,
)
from derive.solution import Solution
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["conditional", "entropy_of", "marginal", "mutual", "show_marginals", "solve_list_information", "solve_table_information"]

Table = Mapping[tuple[Term, ...], Any]


# ── joint tables ─────────────────────────────────────────────────────────────────────────────────────────────────────


def solve_table_information(reading: Reading) -> Solution | None:
    """H(X), H(X, Y), H(Y | X), I(X; Y) of finite variables. Raises Undetermined where the table is not settled."""
    model = build(reading)
    term = reading.expanded
    given = next((a for a in term.args if a.head == "given"), None)
    if given is not None:
        wanted, known = _listed(given.args[:1]), _listed(given.args[1:])
    else:
        wanted, known = _listed(term.args), ()
    if not all(n.head == "name" for n in (*wanted, *known)):
        return None
    names = tuple(dict.fromkeys((*wanted, *known)))
    table = _joint(model, names)
    if table is None:
        return None
    journal = Journal(reading.term)
    if term.data == "I" or known:
        show_marginals(table, names, journal)
    if term.data == "I":
        value = mutual(reading.term, table, names, (wanted[:1], wanted[1:]), journal)
    elif known:
        value = conditional(reading.term, table, names, (wanted, known), journal)
    else:
        value = entropy_of(reading.term, marginal(table, names, wanted), journal)
    journal.note((("in nats: divide by log 2 for bits",),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _listed(terms: Sequence[Term]) -> tuple[Term, ...]:
    found: list[Term] = []
    for term in terms:
        found.extend(_listed(term.args) if term.head in ("list", "tuple", "and") else [term])
    return tuple(found)


def _joint(model: Model, names: tuple[Term, ...]) -> Table | None:
    """The joint probabilities of the variables by their values; None when no fact gives values."""
    queries: list[Term] = []
    for name in names:
        values = [
            node.args[1]
            for fact in model.events
            for side in (fact.event, fact.given, fact.equation)
            if side is not None
            for node in side.walk()
            if node.head == "rel" and node.data == "=" and node.args[0] == name
        ]
        declared = model.variables.get(name.data)
        values += list(declared.values) if declared is not None else []
        if not values:
            return None
        queries += [Term("rel", (name, v), "=") for v in dict.fromkeys(values)]
    problem = problem_of(model, queries)
    system = System(problem)
    space = problem.space
    if not system.consistent:
        raise InconsistentInput("the probabilities contradict each other: no joint table has all of them")
    axes = [next(o for o in space.outcomes if o.name == name.data.key) for name in names]
    found: dict[tuple[Term, ...], Any] = {}
    for cell in product(*(o.values for o in axes)):
        events = [space.event(Term("rel", (name, value), "=")) for name, value in zip(names, cell, strict=True)]
        mask = space.all
        for event in events:
            mask &= event
        share = system.value(mask, space.all)
        if share is None:
            shown = ", ".join(f"{plain(n)} = {plain(v)}" for n, v in zip(names, cell, strict=True))
            raise Undetermined(f"P({shown}) is not determined by what is given", expected=(f"P({shown}) = …",))
        found[cell] = sp.Rational(share.numerator, share.denominator) if hasattr(share, "numerator") else share
    return found


def marginal(table: Table, names: tuple[Term, ...], kept: tuple[Term, ...]) -> Table:
    """The table of some of the variables."""
    places = [names.index(k) for k in kept]
    result: dict[tuple[Term, ...], Any] = {}
    for values, share in table.items():
        key = tuple(values[p] for p in places)
        result[key] = result.get(key, sp.S.Zero) + share
    return {k: min((v, sp.factor(v)), key=sp.count_ops) if sp.sympify(v).free_symbols else v for k, v in result.items()}


def show_marginals(table: Table, names: tuple[Term, ...], journal: Journal) -> None:
    """Writes every marginal of the table down."""
    if len(names) < 2:
        return
    for name in names:
        for (value,), share in marginal(table, names, (name,)).items():
            parts = [s for v, s in table.items() if v[names.index(name)] == value]
            shown = Term("probability", (Term("rel", (name, value), "="),), "P")
            total = Term("add", tuple(from_sympy(p) for p in parts))
            claim = Claim("equal", sp.Add(*parts), share)
            journal.add(
                step(MARGINALS, shown, Term("rel", (total, from_sympy(share)), "=") if len(parts) > 1 else from_sympy(share), claim=claim)
            )


def _entropy(table: Table) -> Any:
    return sp.Add(*(-p * log(p) for p in table.values() if p != 0))


def _written(probabilities: Sequence[Any]) -> Term:
    """−Σ p log p with the numbers put in."""
    parts = tuple(Term("mul", (from_sympy(p), Term("apply", (from_sympy(p),), "log"))) for p in probabilities if p != 0)
    return Term("neg", (Term("add", parts) if len(parts) > 1 else parts[0],)) if parts else from_sympy(sp.S.Zero)


def entropy_of(shown: Any, table: Table, journal: Journal) -> Any:
    """The entropy of a table, with its steps."""
    value = _tidy(_entropy(table))
    written = _written(list(table.values()))
    zero = ("with 0 log 0 = 0",) if any(p == 0 for p in table.values()) else ()
    journal.add(step(ENTROPY, shown, written, "=", zero, claim=Claim("equal", _entropy(table), _evaluated(written))))
    journal.add(step(SUM_OVER_TABLE, written, value, claim=Claim("equal", _evaluated(written), value)))
    return value


def _evaluated(term: Term) -> Any:
    return to_sympy(term, {})


def mutual(shown: Any, table: Table, names: tuple[Term, ...], sides: tuple[tuple[Term, ...], ...], journal: Journal) -> Any:
    """Σ p(x, y) log (p(x, y) / (p(x) p(y)))."""
    first, second = (marginal(table, names, side) for side in sides)
    places = [[names.index(n) for n in side] for side in sides]
    terms, parts = [], []
    for values, share in table.items():
        if share == 0:
            continue
        product_of = first[tuple(values[p] for p in places[0])] * second[tuple(values[p] for p in places[1])]
        terms.append(share * log(share / product_of))
        ratio = Term("div", (from_sympy(share), from_sympy(product_of)))
        parts.append(Term("mul", (from_sympy(share), Term("apply", (ratio,), "log"))))
    total = sp.Add(*terms)
    written = Term("add", tuple(parts)) if len(parts) > 1 else parts[0]
    value = _tidy(total)
    entropies = _entropy(first) + _entropy(second) - _entropy(table)
    because = ("as the sum of p(x, y) log (p(x, y)/(p(x) p(y))) over the table",)
    journal.add(step(MUTUAL_INFORMATION, shown, written, "=", because, claim=Claim("equal", entropies, total)))
    journal.add(step(SUM_OVER_TABLE, written, value, claim=Claim("equal", _evaluated(written), value)))
    return value


def conditional(shown: Any, table: Table, names: tuple[Term, ...], sides: tuple[tuple[Term, ...], ...], journal: Journal) -> Any:
    """H(wanted | known) by the chain rule, with its steps."""
    wanted, known = sides
    both = _entropy(marginal(table, names, (*wanted, *known)))
    alone = _entropy(marginal(table, names, known))
    value = _tidy(both - alone)
    joint = Term("probability", (*wanted, *known), "H")
    difference = Term("add", (joint, Term("neg", (Term("probability", known, "H"),))))
    average = sp.S.Zero
    alone_table = marginal(table, names, known)
    places = [names.index(n) for n in known]
    for values, share in marginal(table, names, names).items():
        if share != 0:
            average -= share * log(share / alone_table[tuple(values[p] for p in places)])
    journal.add(step(CHAIN_RULE, shown, difference, claim=Claim("equal", average, both - alone)))
    inserted = Term("add", (from_sympy(_tidy(both)), Term("neg", (from_sympy(_tidy(alone)),))))
    journal.add(step(SUM_OVER_TABLE, difference, inserted, claim=Claim("equal", both - alone, _tidy(both) - _tidy(alone))))
    journal.add(step(SUM_OVER_TABLE, inserted, value, claim=Claim("equal", both - alone, value)))
    return value


def _tidy(value: Any) -> Any:
    """Logarithms of rationals in terms of those of primes; every logarithm with one factor."""
    opened = sp.expand(sp.expand_log(value, force=True))
    if opened.free_symbols:
        logarithms = sorted(opened.atoms(sp.log), key=sp.default_sort_key)
        opened = sp.collect(opened, logarithms, sp.factor)
    return opened if opened.count_ops() <= value.count_ops() else value


# ── lists of probabilities ───────────────────────────────────────────────────────────────────────────────────────────


def solve_list_information(reading: Reading) -> Solution | None:
    """H([1/2, 1/4, 1/4]), KL([…] ‖ […]), JS. Raises InconsistentInput when they do not sum to one, DoesNotExist when it is infinite."""
    model = build(reading)
    term = reading.expanded
    bar = next((a for a in term.args if a.head == "divergence_bar"), None)
    operands = bar.args if bar is not None else term.args
    if bar is None and len(operands) > 2 and all(a.head not in ("name", "dist", "given") for a in operands):
        operands = (Term("vector", operands),)
    lists = [_probabilities(o, model) for o in operands]
    if not lists or any(p is None for p in lists) or len(lists) > 2:
        return None
    first = lists[0]
    second = lists[-1]
    assert first is not None
    assert second is not None
    if len(first) != len(second):
        raise InconsistentInput(f"the two distributions have {len(first)} and {len(second)} values")
    journal = Journal(reading.term)
    if term.data == "JS":
        value = _jensen_shannon(reading.term, first, second, journal)
    elif bar is not None:
        value = _divergence(reading.term, first, second, journal)
    elif len(lists) == 2:
        total = sp.Add(*(-p * _logarithm(q, p) for p, q in zip(first, second, strict=True) if p != 0))
        value = _tidy(total) if total.is_number else total
        journal.add(step(CROSS_ENTROPY, reading.term, value, claim=Claim("equal", total, value)))
    else:
        value = entropy_of(reading.term, {(from_sympy(sp.Integer(k)),): p for k, p in enumerate(first)}, journal)
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _logarithm(q: Any, p: Any) -> Any:
    if q == 0 and p != 0:
        raise DoesNotExist("a value has probability 0 under the second distribution and not under the first: it is infinite")
    return log(q)


def _divergence(shown: Any, first: list[Any], second: list[Any], journal: Journal) -> Any:
    terms = [(p, q) for p, q in zip(first, second, strict=True) if p != 0]
    for p, q in terms:
        _logarithm(q, p)
    total = sp.Add(*(p * log(p / q) for p, q in terms))
    written = Term(
        "add",
        tuple(Term("mul", (from_sympy(p), Term("apply", (Term("div", (from_sympy(p), from_sympy(q))),), "log"))) for p, q in terms),
    )
    value = _tidy(total) if total.is_number else total
    journal.add(step(KL, shown, written, claim=Claim("equal", total, sp.Add(*(p * log(p) - p * log(q) for p, q in terms)))))
    if value.is_number:
        journal.add(step(SUM_OVER_TABLE, written, value, claim=Claim("equal", total, value)))
    return value


def _jensen_shannon(shown: Any, first: list[Any], second: list[Any], journal: Journal) -> Any:
    middle = [(p + q) / 2 for p, q in zip(first, second, strict=True)]
    parts = []
    for one in (first, second):
        parts.append(sp.Add(*(p * log(p / m) for p, m in zip(one, middle, strict=True) if p != 0)))
    total = (parts[0] + parts[1]) / 2
    entropies = [sp.Add(*(-p * log(p) for p in one if p != 0)) for one in (middle, first, second)]
    value = _tidy(total) if total.is_number else total
    because = ("with the middle ", sp.Tuple(*middle))
    claim = Claim("equal", entropies[0] - (entropies[1] + entropies[2]) / 2, value)
    journal.add(step(JENSEN_SHANNON, shown, value, "=", because, claim=claim))
    return value


def _probabilities(term: Term, model: Model) -> list[Any] | None:
    """The entries of a written list of probabilities, of a Bernoulli or a categorical law that is written out."""
    if term.head == "dist" and term.data in ("Bernoulli", "Categorical"):
        if term.data == "Bernoulli":
            p = to_sympy(term.args[0], model.types)
            return [p, 1 - p]
        written: Sequence[Term] | None = term.args if len(term.args) > 1 else entries(term.args[0])
    else:
        written = entries(term)
    if written is None:
        return None
    values = [to_sympy(w, model.types) for w in written]
    total = sp.Add(*values)
    if any(v.is_negative for v in values) or (total.is_number and total != 1):
        raise InconsistentInput(f"the probabilities {', '.join(plain(w) for w in written)} do not sum to 1", span=term.span)
    return values
