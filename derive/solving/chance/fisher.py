"""Fisher information: the expectation of minus the second derivative of the log-density, of one observation or of a sample.

In: a reading whose model has a law with the parameter. Out: a Solution with a number, or with the entries of the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DoesNotExist, NotSupported, Undetermined
from derive.expressions.elementary import exp
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample, Variable
from derive.rules.chance_inference import CURVATURE, FISHER, FISHER_SQUARE, LOG_LIKELIHOOD, SCORE
from derive.solution import Solution
from derive.solving.chance.densities import quotient
from derive.solving.chance.observations import in_terms_of, symbol_of
from derive.solving.chance.standard_variables import mean_by_standard_variable
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_fisher"]


def solve_fisher(reading: Reading) -> Solution:
    """`fisher information of p`. Raises DoesNotExist where the support depends on the parameter, NotSupported without a closed form."""
    model = build(reading)
    terms = tuple(t for a in reading.expanded.args for t in (a.args if a.head in ("list", "tuple") else (a,)))
    symbols = []
    for term in terms:
        symbol = symbol_of(term, model)
        model = in_terms_of(symbol, term, model)
        symbols.append(symbol)
    source = _source(model, symbols, terms)
    law = source.law
    assert law is not None
    support = law.family.support(*law.values)
    if any(e is not None and sp.sympify(e).has(*symbols) for e in (support.lower, support.upper)):
        raise DoesNotExist(
            f"the support of {law.name} depends on the parameter: the Fisher information does not exist (the model is not regular)"
        )
    journal = Journal(reading.term)
    entries = _entries(source, law, symbols, terms, journal)
    journal.note(((law.family.says,),))
    assumption = ("differentiation and expectation are exchanged: the model is regular",)
    journal.assume((assumption,))
    if len(symbols) == 1:
        value = entries[0][0]
        return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
    matrix = sp.Matrix(entries)
    return Solution(derivation(journal, matrix, model), matrix, {}, journal.notes, journal.assumptions, types=model.types)


def _source(model: Model, symbols: Sequence[Any], terms: Sequence[Term]) -> Variable | Sample:
    for source in model.sources:
        if source.law is not None and any(s in getattr(v, "free_symbols", ()) for s in symbols for v in source.law.values):
            return source
    raise Undetermined(f"no declared law has the parameter {', '.join(map(plain, terms))}", expected=("x_1, …, x_n iid ~ …",))


def _entries(
    source: Variable | Sample, law: Distribution, symbols: Sequence[Any], terms: Sequence[Term], journal: Journal
) -> list[list[Any]]:
    x = source.symbol if isinstance(source, Variable) else sp.Symbol(source.base.key, real=True)
    name = Term("name", (), source.name if isinstance(source, Variable) else source.base)
    logarithm = sp.expand_log(law.family.log_density(x, *law.values), force=True)
    whole = Term("apply", (density((name,), tuple(terms)),), "log")
    journal.add(step(LOG_LIKELIHOOD, whole, logarithm, claim=Claim("equal", exp(logarithm), exp(law.family.log_density(x, *law.values)))))
    rows: list[list[Any]] = []
    for a in symbols:
        first = _collected(sp.diff(logarithm, a))
        held = sp.Derivative(logarithm, a, evaluate=False)
        journal.add(step(SCORE, held, first, claim=Claim("equal", held, first)))
        row: list[Any] = []
        for b in symbols:
            if len(rows) > symbols.index(b):
                row.append(rows[symbols.index(b)][len(rows)])
                continue
            value = _curvature(first, b, x, law, journal)
            row.append(value)
        rows.append(row)
    if isinstance(source, Sample) and source.size is not None:
        n = plain(source.size)
        journal.note(((f"of one observation: the sample of {n} has {n} times as much",),))
    return rows


def _term(value: Any) -> Term:
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(value)


def _collected(value: Any) -> Any:
    """Every term with its constants in front, nothing multiplied out."""
    return sp.Add(*(sp.factor_terms(term) for term in sp.Add.make_args(value)))


def _curvature(first: Any, b: Any, x: Any, law: Distribution, journal: Journal) -> Any:
    """E[−∂² log p], or E[score²] where the score jumps."""
    if first.has(sp.sign, sp.Abs):
        squared = sp.expand(first**2).replace(
            lambda e: isinstance(e, sp.Pow) and isinstance(e.base, sp.sign) and e.exp == 2, lambda _: sp.S.One
        )
        value = quotient(shortened(_expected(squared, x, law)))
        shown = Term("probability", (_term(first**2),), "E")
        because = ("the score jumps where the log-density has a kink: the expectation of its square is taken",)
        journal.add(step(FISHER_SQUARE, shown, value, because=because, claim=Claim("equal", value, _mean(first**2, x, law))))
        return value
    second = _collected(sp.diff(first, b))
    held = sp.Derivative(first, b, evaluate=False)
    journal.add(step(CURVATURE, held, second, claim=Claim("equal", held, second)))
    value = quotient(shortened(-_expected(second, x, law)))
    shown = Term("neg", (Term("probability", (_term(second),), "E"),))
    journal.add(step(FISHER, shown, value, claim=Claim("equal", value, _mean(-second, x, law))))
    return value


def _mean(of: Any, x: Any, law: Distribution) -> Any:
    """The expectation as a sum or an integral."""
    support = law.family.support(*law.values)
    limits = (x, support.lower, support.upper)
    weighted = of * exp(law.family.log_density(x, *law.values))
    return sp.Sum(weighted, limits) if law.family.discrete else sp.Integral(weighted, limits)


def _expected(expression: Any, x: Any, law: Distribution) -> Any:
    """E of an expression that is a polynomial of x, by the moments of the law."""
    opened = sp.expand(sp.together(expression)) if expression.is_rational_function(x) else sp.expand(expression)
    opened = sp.expand(opened)
    if not opened.is_polynomial(x):
        found = mean_by_standard_variable(expression, x, law)
        if found is not None:
            return found
        raise NotSupported(f"the expectation of {plain(_term(expression))} under {law.name}")
    total = sp.S.Zero
    for (power,), coefficient in sp.Poly(opened, x).terms():
        if power == 0:
            total += coefficient
            continue
        exists = law.family.moment_exists(power, *law.values) if law.family.moment_exists is not None else sp.true
        if exists == sp.false or law.family.moment is None:
            raise DoesNotExist(f"{law.name} has no moment of order {power}")
        total += coefficient * law.family.moment(power, *law.values)
    return total
