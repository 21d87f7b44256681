"""Tasks of expectation algebra: E, Var, Cov, Corr, SD with conditions, means and variances, moments, moment generating functions.

In: a Reading and the model of the line. Out: a Solution with the steps. What does not exist is a DoesNotExist, what is not determined an
Undetermined that names what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported, WrongUse
from derive.expressions.chance import Expectation, StandardDeviation, Variance
from derive.expressions.elementary import exp
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.build import build
from derive.probability.model import Model
from derive.rules import chance_expectation as rules
from derive.solution import Solution
from derive.solving.chance.known import Known, as_member
from derive.solving.chance.observations import in_terms_of, symbol_of
from derive.solving.chance.prepared import concerns_vectors, prepared, under
from derive.solving.chance.presentable import presentable
from derive.solving.chance.strategy import take_out
from derive.solving.journal import Journal

__all__ = ["solve_expectation", "value_of"]

_ALONE = {"mean": "E", "variance": "Var", "expectation": "E", "sd": "SD", "covariance": "Cov", "correlation": "Corr"}
_SHAPES = {"skewness": 3, "kurtosis": 4}


def solve_expectation(reading: Reading) -> Solution | None:
    """The solution of an expectation task; None where the term is none."""
    model = build(reading)
    term, model = under(reading.expanded, model)
    term = prepared(term, reading, model)
    if term.head == "task":
        return _worded(term, reading, model)
    if term.head == "call" and len(term.args) == 2 and term.args[0].data.base == "M" and term.args[0].data.sub:
        variable = Term("name", (), Name.from_key(term.args[0].data.sub))
        return _mgf(Term("probability", (variable, term.args[1]), "MGF", term.span), model)
    if term.head != "probability" or term.data not in ("E", "Var", "Cov", "Corr", "SD", "MGF"):
        return None
    if term.data == "MGF":
        return _mgf(term, model)
    if concerns_vectors(term, model):
        from derive.solving.chance.expectation_vectors import solve_vectors

        return solve_vectors(term, model)
    expression = to_sympy(term, model.types)
    for known in list(model.variables.values()):  # σ² ~ InverseGamma(a, b): σ² is one variable, and σ its root
        if isinstance(known.symbol, sp.Pow) and isinstance(known.symbol.base, sp.Symbol):
            power = Term("pow", (Term("name", (), known.name._replace(sup="")), Term("number", (), known.name.sup)))
            whole = symbol_of(power, replace(model, variables={}))
            expression = expression.subs({known.symbol: whole, known.symbol.base: whole ** (1 / known.symbol.exp)})
            model = in_terms_of(whole, power, model)
    return _one(expression, model)


def value_of(term: Term, model: Model) -> tuple[Any, Derivation, tuple[Prose, ...], tuple[Prose, ...]]:
    """The value of one expression with nodes, its derivation, notes and assumptions."""
    expression = to_sympy(as_member(term, model), model.types)
    known = Known(model, expression)
    journal = Journal(expression)
    gathered = _total_variance(expression)
    if gathered != expression:
        rule = rules.TOTAL_VARIANCE
        journal.add(Step(rule.id, rule.title, expression, gathered, part=(expression, gathered), formula=rule.formula))
    value = _finished(take_out(gathered, known, journal), journal)
    notes = (*_parametrisations(expression, known), *known.notes, *journal.notes)
    return value, journal.derivation(value), tuple(dict.fromkeys(notes)), journal.assumptions


def _total_variance(expression: Any) -> Any:
    """Var(E[X | Y]) + E[Var(X | Y)] as Var(X), in a sum that holds both."""
    terms = list(sp.Add.make_args(expression))
    for first in terms:
        inner = first.operands[0] if isinstance(first, Variance) and not first.conditions else None
        if not isinstance(inner, Expectation) or not inner.conditions:
            continue
        second = Expectation.of(Variance.of(*inner.operands, given=inner.conditions))
        if second in terms:
            terms.remove(first)
            terms.remove(second)
            return sp.Add(*terms, Variance.of(*inner.operands))
    return expression


def _one(expression: Any, model: Model) -> Solution:
    known = Known(model, expression)
    journal = Journal(expression)
    value = _finished(take_out(_differentiated(expression, journal), known, journal), journal)
    journal.note((*_parametrisations(expression, known), *known.notes))
    model = replace(_with_bare(model, known), types=_confined(model.types, journal.assumptions))
    derivation = replace(journal.derivation(value), model=model)
    return Solution(derivation, value, notes=journal.notes, assumptions=journal.assumptions, types=model.types)


def _differentiated(expression: Any, journal: Journal) -> Any:
    """The derivatives inside worked out: E[d/dm log p(x)] is an expectation of a formula."""
    held = [d for d in expression.atoms(sp.Derivative) if not d.atoms(AppliedUndef)] if isinstance(expression, sp.Basic) else []
    after = expression.xreplace({d: sp.expand(sp.simplify(d.doit())) for d in held}) if held else expression
    if after != expression:
        journal.add(Step(rules.TIDY.id, rules.TIDY.title, expression, after, part=(expression, after), because=("the derivatives inside",)))
    return after


def _confined(types: Mapping[Name, Type], assumptions: tuple[Prose, ...]) -> dict[Name, Type]:
    """The types with the bounds that were assumed: c > 0, a < c."""
    found = dict(types)
    for prose in assumptions:
        relation = prose[0] if prose else None
        if not isinstance(relation, (sp.Lt, sp.Gt, sp.Le, sp.Ge)):
            continue
        strict = isinstance(relation, (sp.Lt, sp.Gt))
        smaller, larger = (relation.lhs, relation.rhs) if isinstance(relation, (sp.Lt, sp.Le)) else (relation.rhs, relation.lhs)
        for symbol, other, side in ((larger, smaller, "lower"), (smaller, larger, "upper")):
            if not symbol.is_Symbol:
                continue
            name = Name.from_key(symbol.name)
            kind = found.get(name, Type())
            if kind.shape or getattr(kind, side) is not None:
                continue
            bound = Bound(from_sympy(other), strict)
            found[name] = replace(kind, lower=bound) if side == "lower" else replace(kind, upper=bound)
            break
    return found


def _with_bare(model: Model, known: Known) -> Model:
    """The model in which names of which nothing was said are variables too, for the checks."""
    from derive.probability.model import Variable

    fresh = {a for a in known.bare if isinstance(a, sp.Symbol)}
    if not fresh:
        return model
    variables = {**model.variables, **{Name.from_key(a.name): Variable(Name.from_key(a.name), a) for a in fresh}}
    return replace(model, variables=variables)


def _finished(value: Any, journal: Journal) -> Any:
    """The last step: like terms together."""
    after = presentable(value)
    if after != value:
        journal.add(Step(rules.TIDY.id, rules.TIDY.title, value, after, part=(value, after), formula=rules.TIDY.formula))
    return after


def _parametrisations(expression: Any, known: Known) -> tuple[Prose, ...]:
    """How the laws of the variables are parametrised, and what their squares stand for."""
    atoms = known.atoms(sp.Tuple(*(o for n in expression.atoms(Expectation, Variance, sp.Function) for o in getattr(n, "operands", ()))))
    found: dict[Prose, None] = {}
    waiting, seen = sorted(atoms, key=str), set()
    while waiting:
        atom = waiting.pop(0)
        if atom in seen:
            continue
        seen.add(atom)
        law = known.law(atom)
        if law is not None:
            found.setdefault((law.family.says,))
        waiting += sorted(known.parents(atom), key=str)
    return tuple(found)


# ── tasks in words ───────────────────────────────────────────────────────────────────────────────────────────────────


def _worded(term: Term, reading: Reading, model: Model) -> Solution | None:
    """`mean and variance of X`, `moment 4 of X`, `MGF of X`, `variance of X`."""
    task = str(term.data)
    operands = tuple(a for a in term.args if a.head != "keyword")
    if task in _ALONE and operands:
        inner = Term("probability", operands, _ALONE[task], term.span)
        return solve_expectation(replace(reading, term=inner, expanded=inner, task=task))
    if task == "mgf" and len(operands) == 1:
        return _mgf(Term("probability", operands, "MGF", term.span), model)
    if task == "mean-and-variance" and len(operands) == 1:
        return _mean_and_variance(operands[0], reading, model)
    if task in ("moment", "central-moment") and len(operands) == 2:
        return _moment(operands, task, model)
    if task in _SHAPES and len(operands) == 1:
        return _standardised(operands[0], _SHAPES[task], model)
    return None


def _operand(term: Term, model: Model) -> tuple[Any, tuple[Any, ...]]:
    """The variable and its conditions."""
    node = to_sympy(Term("probability", (as_member(term, model),), "E"), model.types)
    return node.operands[0], node.conditions


def _moment(operands: tuple[Term, ...], task: str, model: Model) -> Solution:
    order_term, variable_term = operands
    if order_term.head != "number" or order_term.value.denominator != 1 or not 0 <= order_term.value <= 24:
        raise NotSupported("a moment of this order", span=order_term.span, expected=("moment 4 of X",))
    order = int(order_term.value)
    variable, given = _operand(variable_term, model)
    if task == "moment":
        return _one(Expectation.of(variable**order, given=given), model)
    known = Known(model, Expectation.of(variable, given=given))
    mean = take_out(Expectation.of(variable, given=given), known, Journal(variable))
    return _one(Expectation.of((variable - mean) ** order, given=given), model)


def _standardised(term: Term, order: int, model: Model) -> Solution:
    """E[(X − μ)^k]/σ^k."""
    variable, given = _operand(term, model)
    known = Known(model, Expectation.of(variable, given=given))
    mean = take_out(Expectation.of(variable, given=given), known, Journal(variable))
    above = Expectation.of((variable - mean) ** order, given=given)
    return _one(above / StandardDeviation.of(variable, given=given) ** order, model)


def _mgf(term: Term, model: Model) -> Solution:
    variable, given = _operand(term.args[0], model)
    letter = next(c for c in ("t", "s", "u") if sp.Symbol(c) not in {sp.Symbol(s.name) for s in variable.free_symbols})
    argument = sp.Symbol(letter, real=True)
    if len(term.args) > 1:
        argument = to_sympy(term.args[1], model.types)
    return _one(Expectation.of(exp(argument * variable), given=given), model)


def _mean_and_variance(term: Term, reading: Reading, model: Model) -> Solution:
    parts: dict[str, Any] = {}
    steps: list[Step] = []
    notes: dict[Prose, None] = {}
    assumptions: dict[Prose, None] = {}
    starts = []
    whole = model
    for label, operator in (("mean", "E"), ("variance", "Var")):
        inner = Term("probability", (term,), operator, term.span)
        found = solve_expectation(replace(reading, term=inner, expanded=inner, options={**reading.options, "model": model}))
        if found is None or found.derivation is None:
            raise WrongUse("a mean and a variance are of a random variable", span=term.span)
        parts[label] = found.answer
        starts.append(found.derivation.start)
        steps += found.derivation.steps
        notes.update(dict.fromkeys(found.notes))
        assumptions.update(dict.fromkeys(found.assumptions))
        whole = found.derivation.model or whole
    start = (
        sp.Tuple(*starts)
        if all(isinstance(s, sp.Basic) for s in starts)
        else Term("tuple", tuple(s for s in starts if isinstance(s, Term)))
    )
    derivation = Derivation(start, parts["variance"], tuple(steps), tuple(assumptions), model=whole)
    return Solution(derivation, None, parts, tuple(notes), tuple(assumptions), types=_types(model))


def _types(model: Model) -> Mapping[Name, Any]:
    return model.types
