"""Entropies and divergences over arrays: distributions on {1, …, K} as vectors of the simplex, multivariate Normals, joint Normals.

In: KL(p ‖ q), H(p), H(p, q), JS(p ‖ q) with p, q ∈ Δ^K; KL and H of Normal(μ, Σ); I(X; Y) of jointly Normal variables. Out: a Solution
over terms, or None where the operands are none of these.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.laws import distribution
from derive.probability.model import Model
from derive.rules.chance_information import CROSS_ENTROPY, ENTROPY, INSERT_MOMENTS, JENSEN_SHANNON, KL, KL_NORMALS, MUTUAL_INFORMATION
from derive.solution import Solution
from derive.solving.chance.information_dirichlet import with_vectors_of_probabilities
from derive.solving.chance.matrix_terms import difference, half, inverse, is_zero, logdet, negative, product, transpose
from derive.solving.chance.normal_spreads import cross_entropy, entropy, expected_square, sized, spread_of
from derive.solving.chance.normal_spreads import divergence as spread_divergence
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_array_information"]

K = Term("name", (), Name("k"))


def solve_array_information(reading: Reading) -> Solution | None:
    """The solution over terms. Sums run over the whole simplex, with 0 log 0 = 0."""
    model = build(reading)
    term = reading.expanded
    if term.data == "I":
        return _joint_normals(reading, model)
    bar = next((a for a in term.args if a.head == "divergence_bar"), None)
    operands = bar.args if bar is not None else term.args
    named = with_vectors_of_probabilities(operands, model)
    operands, model = named if named is not None else (operands, model)
    if operands and all(_is_simplex(o, model) for o in operands):
        return _simplex(reading, operands, bar is not None, model)
    laws = [_normal(o, model) for o in operands]
    if laws and all(law is not None for law in laws) and len(laws) <= 2:
        return _normals(reading, [law for law in laws if law is not None], bar is not None, model)
    return None


# ── the simplex ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_simplex(term: Term, model: Model) -> bool:
    """Whether it is a declared vector of probabilities."""
    if term.head != "name":
        return False
    kind = model.types.get(term.data)
    return kind is not None and len(kind.shape) == 1 and (("simplex" in kind.properties) or kind.lower is not None)


def _entry(vector: Term) -> Term:
    return Term("index", (vector, K))


def _log(term: Term) -> Term:
    return Term("apply", (term,), "log")


def _sum(body: Term, size: Term) -> Term:
    return Term("sum", (body, K, Term("number", (), "1"), size), "range")


def _simplex(reading: Reading, operands: tuple[Term, ...], divergence: bool, model: Model) -> Solution:
    size = model.types[operands[0].data].shape[0]
    p, q = operands[0], operands[-1]
    journal = Journal(reading.term)
    if reading.expanded.data == "JS":
        middle = Term("div", (Term("add", (_entry(p), _entry(q))), Term("number", (), "2")))
        parts = [_sum(Term("mul", (_entry(v), _log(Term("div", (_entry(v), middle))))), size) for v in (p, q)]
        answer = Term("div", (Term("add", tuple(parts)), Term("number", (), "2")))
        rule, other = JENSEN_SHANNON, _shannon(p, q, middle, size)
    elif divergence:
        answer = _sum(Term("mul", (_entry(p), _log(Term("div", (_entry(p), _entry(q)))))), size)
        rule, other = KL, _sum(Term("mul", (_entry(p), Term("add", (_log(_entry(p)), Term("neg", (_log(_entry(q)),)))))), size)
    else:
        answer = Term("neg", (_sum(Term("mul", (_entry(p), _log(_entry(q)))), size),))
        rule = ENTROPY if len(operands) == 1 else CROSS_ENTROPY
        other = _sum(Term("mul", (_entry(p), _log(Term("div", (Term("number", (), "1"), _entry(q)))))), size)
    because = ("with 0 log 0 = 0",)
    claim = Claim("equal", _as_sympy(other, model), _as_sympy(answer, model))
    journal.add(step(rule, reading.term, answer, "=", because, claim=claim))
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)


def _shannon(p: Term, q: Term, middle: Term, size: Term) -> Term:
    """H(m) − ½H(p) − ½H(q)."""
    entropies = [Term("neg", (_sum(Term("mul", (v, _log(v))), size),)) for v in (middle, _entry(p), _entry(q))]
    return Term("add", (entropies[0], negative(half(entropies[1])), negative(half(entropies[2]))))


def _as_sympy(term: Term, model: Model) -> Any:
    return to_sympy(term, model.types)


# ── multivariate Normals ─────────────────────────────────────────────────────────────────────────────────────────────


def _normal(term: Term, model: Model) -> Distribution | None:
    """A multivariate Normal with its parameters as terms."""
    law: Distribution | None = None
    if term.head == "dist" and term.data == "Normal":
        if not any(_is_array(a, model) for a in term.args):
            return None
        law = distribution(term, model.types)
    elif term.head == "name" and term.data in model.named:
        law = model.named[term.data]
    elif term.head == "name" and term.data in model.variables and not model.variables[term.data].given:
        law = model.variables[term.data].law
    if law is None or "covariance" not in law.parameters:
        return None
    return law


def _is_array(term: Term, model: Model) -> bool:
    return any(
        n.head in ("identity", "matrix", "vector") or (n.head == "name" and n.data in model.types and bool(model.types[n.data].shape))
        for n in term.walk()
    ) or (term.head == "name" and term.data.base == "Sigma")


def _covariance(law: Distribution) -> Term:
    value: Term = law.parameters["covariance"]
    return value


def _mean(law: Distribution) -> Term:
    value = law.parameters["mean"]
    return value if isinstance(value, Term) else Term("number", (), "0")


def _dimension(laws: list[Distribution], model: Model) -> Term:
    """The size n as a term."""
    for law in laws:
        for parameter in (_mean(law), _covariance(law)):
            for node in parameter.walk():
                if node.head == "name" and node.data in model.types and model.types[node.data].shape:
                    size: Term = model.types[node.data].shape[0]
                    return size
                if node.head == "identity" and node.args:
                    return node.args[0]
    return Term("name", (), Name("n"))


def _normals(reading: Reading, laws: list[Distribution], divergence: bool, model: Model) -> Solution:
    size = _dimension(laws, model)
    laws = [replace(law, parameters={n: sized(v, size) if isinstance(v, Term) else v for n, v in law.parameters.items()}) for law in laws]
    first, second = laws[0], laws[-1]
    journal = Journal(reading.term)
    if len(laws) == 1 and not divergence:
        return _entropy(reading, first, size, model, journal)
    gap = difference(_mean(second), _mean(first))
    spreads = spread_of(_covariance(first)), spread_of(_covariance(second))
    answer = (spread_divergence if divergence else cross_entropy)(gap, *spreads, size)
    whole = sized(reading.expanded, size)
    x = Term("name", (), Name("x"))
    shown = _difference_of_logs(x, first, second) if divergence else negative(_log_density(x, second))
    expectation = Term("probability", (shown, Term("expect_under", (x, Term("name", (), Name("p"))))), "E")
    journal.add(step(KL if divergence else CROSS_ENTROPY, reading.term, expectation, claim=Claim("equal", whole, answer)))
    moments = ("with ", Term("rel", (_expected_square(x, second), expected_square(gap, *spreads, size)), "="))
    journal.add(step(INSERT_MOMENTS, expectation, answer, "=", moments, claim=Claim("equal", whole, answer)))
    journal.note(((first.family.says,),))
    types = {**model.types, **_types(laws, size, model)}
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=types)


def _log_density(x: Term, law: Distribution) -> Term:
    centred = difference(x, _mean(law))
    quadratic = product(transpose(centred), inverse(_covariance(law)), centred)
    parts = [] if is_zero(logdet(_covariance(law))) else [logdet(_covariance(law))]
    return negative(half(Term("add", (*parts, quadratic)) if parts else quadratic))


def _difference_of_logs(x: Term, first: Distribution, second: Distribution) -> Term:
    return Term("add", (_log_density(x, first), negative(_log_density(x, second))))


def _expected_square(x: Term, law: Distribution) -> Term:
    centred = difference(x, _mean(law))
    return Term("probability", (product(transpose(centred), inverse(_covariance(law)), centred),), "E")


def _types(laws: list[Distribution], size: Term, model: Model) -> dict[Name, Type]:
    """The shapes of the parameters: all of one size, which is what makes the line mean something."""
    found: dict[Name, Type] = {}
    for law in laws:
        for parameter, shape, properties in (
            (_mean(law), (size,), frozenset[str]()),
            (_covariance(law), (size, size), frozenset(("symmetric", "positive-definite"))),
        ):
            if parameter.head == "name":
                known = model.types.get(parameter.data, Type())
                found[parameter.data] = replace(known, shape=shape, properties=known.properties | properties)
    return found


def _entropy(reading: Reading, law: Distribution, size: Term, model: Model, journal: Journal) -> Solution:
    answer = entropy(spread_of(_covariance(law)), size)
    x = Term("name", (), Name("x"))
    expectation = Term("neg", (Term("probability", (_log(Term("call", (Term("name", (), Name("p")), x))),), "E"),))
    claim = Claim("equal", sized(reading.expanded, size), answer)
    journal.add(step(ENTROPY, reading.term, expectation, claim=claim))
    square = Term(
        "probability", (product(transpose(difference(x, _mean(law))), inverse(_covariance(law)), difference(x, _mean(law))),), "E"
    )
    journal.add(step(INSERT_MOMENTS, expectation, answer, "=", ("with ", Term("rel", (square, size), "=")), claim=claim))
    journal.note((("differential entropy: it may be negative, and it changes with the unit of x",),))
    types = {**model.types, **_types([law], size, model)}
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=types)


# ── joint Normals ────────────────────────────────────────────────────────────────────────────────────────────────────


def _joint_normals(reading: Reading, model: Model) -> Solution | None:
    """I(X; Y) = ½ log(v_x v_y / det) of two jointly Normal variables."""
    names = [a.data for a in reading.expanded.args if a.head == "name"]
    joint = next((j for j in model.joints if len(names) == 2 and set(names) <= set(j.members) and j.law.name == "Normal"), None)
    if joint is None or any(model.variables[n].shape for n in names):
        return None
    size = len(joint.members)
    covariance = joint.law.parameters["covariance"]
    places = [joint.members.index(n) for n in names]
    a, b, c = (to_sympy(covariance.args[i * size + j], model.types) for i, j in ((places[0],) * 2, (places[1],) * 2, tuple(places)))
    inside = shortened(1 - c**2 / (a * b))
    value = -sp.log(inside) / 2
    journal = Journal(reading.term)
    entropies = [sp.log(2 * sp.pi * sp.E * v) / 2 for v in (a, b)]
    together = sp.log((2 * sp.pi * sp.E) ** 2 * (a * b - c**2)) / 2
    parts = sp.Add(*entropies, -together, evaluate=False)
    journal.add(step(MUTUAL_INFORMATION, reading.term, parts, claim=Claim("equal", entropies[0] + entropies[1] - together, parts)))
    because = ("with the correlation ", shortened(c / sp.sqrt(a * b)))
    journal.add(step(KL_NORMALS, parts, value, "=", because, claim=Claim("equal", reading.expanded, value)))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
