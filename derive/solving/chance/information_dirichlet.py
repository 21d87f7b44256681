"""Divergence and entropy of Dirichlet laws, and of categorical laws by their vectors: over vectors of any length, or over written entries.

In: KL(Dirichlet(α) ‖ Dirichlet(β)), H(Dirichlet(α)), KL(Categorical(p) ‖ Categorical(q)) with names for vectors. Out: a Solution, or None.
Source: W. D. Penny, Kullback-Liebler Divergences of Normal, Gamma, Dirichlet and Wishart Densities, 2001.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Step
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.build import build
from derive.probability.family import Distribution, Family
from derive.probability.laws import distribution, entries
from derive.probability.model import Model
from derive.rules.chance_information import CROSS_ENTROPY, ENTROPY, INSERT_MOMENTS, KL
from derive.solution import Solution
from derive.solving.chance.information import law_of
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_dirichlet_information", "with_vectors_of_probabilities"]

_SIZE = Name("K")
_MEANS = sp.IndexedBase(sp.Symbol("L", real=True))


def solve_dirichlet_information(reading: Reading) -> Solution | None:
    """The divergence, entropy or cross-entropy of Dirichlet laws."""
    model = build(reading)
    bar = next((a for a in reading.expanded.args if a.head == "divergence_bar"), None)
    operands = bar.args if bar is not None else reading.expanded.args
    if not operands or len(operands) > 2 or reading.expanded.data not in ("KL", "H"):
        return None
    found = [law_of(o, model) if o.head in ("dist", "name") else None for o in operands]
    laws = [law for law in found if law is not None and law.name == "Dirichlet"]
    types = _types(model, laws) if len(laws) == len(operands) else None
    if types is None or len({_length(law.parameters["alpha"], types) for law in laws}) != 1:
        return None
    vectors = _Vectors(laws[0].parameters["alpha"], laws[-1].parameters["alpha"], bar is not None, {**model.types, **types})
    rule = KL if bar is not None else ENTROPY if len(laws) == 1 else CROSS_ENTROPY
    journal = Journal(reading.term)
    opened = vectors.opened()
    value = vectors.value()
    x, k = Term("name", (), Name("x")), Term("name", (), Name("k"))
    mean = Term("probability", (Term("apply", (Term("index", (x, k)),), "log"),), "E")
    shown = from_sympy(opened).transform(lambda t: mean if t == from_sympy(_MEANS[vectors.k]) else t)
    shown = shown.transform(lambda t: _mean_at(t, x))
    journal.add(
        step(rule, reading.term, shown, because=("the log-densities are linear in the log x_k",), claim=vectors.pointwise(laws[0].family))
    )
    a, total = sp.Symbol("alpha_k", positive=True), sp.Symbol("alpha_0", positive=True)
    said = Term("rel", (mean, from_sympy(sp.digamma(a) - sp.digamma(total))), "=")
    because = ("with ", said, " where ", total, " is the sum of the parameters")
    whole = vectors.of_two()
    journal.add(step(INSERT_MOMENTS, shown, value, because=because, claim=whole, steps=(_logarithm(mean),)))
    journal.note(((laws[0].family.says,),))
    if bar is None:
        journal.note((("differential entropy: it may be negative, and it changes with the unit of x",),))
    known = replace(model, types=vectors.types)
    return Solution(derivation(journal, value, known), value, {}, journal.notes, journal.assumptions, types=known.types)


def _mean_at(term: Term, x: Term) -> Term:
    """E[log x_3] where the place is a number."""
    if term.head != "index" or term.args[0] != Term("name", (), Name("L")):
        return term
    return Term("probability", (Term("apply", (Term("index", (x, *term.args[1:])),), "log"),), "E")


class _Vectors:
    """log p(x) − log q(x), or −log q(x), of two Dirichlet laws; E[log x_k] stands as an entry of L until it is known."""

    def __init__(self, first: Term, second: Term, divergence: bool, types: Mapping[Name, Type]) -> None:
        self.first, self.second, self.divergence, self.types = first, second, divergence, types
        self.k = sp.Symbol("k", integer=True, positive=True)
        self.written = entries(first) is not None
        self.size = to_sympy(_length(first, types), types)

    def _sides(self) -> list[Any]:
        """The parameters: entries where they are written out, else the entry at k."""
        if self.written:
            return [[to_sympy(e, self.types) for e in entries(v) or ()] for v in (self.first, self.second)]
        return [sp.IndexedBase(sp.Symbol(v.data.key, real=True)) for v in (self.first, self.second)]

    def _over(self, body: Callable[[Any, Any, Any], Any]) -> Any:
        a, b = self._sides()
        if self.written:
            return sp.Add(*(body(a[j], b[j], _MEANS[j + 1]) for j in range(int(self.size))))
        return sp.Sum(body(a[self.k], b[self.k], _MEANS[self.k]), (self.k, 1, self.size))

    def opened(self) -> Any:
        """Over E[log x_k]."""
        normaliser = self._over(lambda a, b, t: sp.loggamma(b)) - sp.loggamma(self._over(lambda a, b, t: b))
        if not self.divergence:
            return normaliser - self._over(lambda a, b, t: (b - 1) * t)
        own = self._over(lambda a, b, t: sp.loggamma(a)) - sp.loggamma(self._over(lambda a, b, t: a))
        return normaliser - own + self._over(lambda a, b, t: (a - b) * t)

    def value(self) -> Any:
        """With E[log x_k] put in."""
        total = sp.digamma(self._over(lambda a, b, t: a))
        (a, _) = self._sides()
        return _numbers(self.opened().replace(_is_mean, lambda e: sp.digamma(a[e.indices[0] - (1 if self.written else 0)]) - total))

    def _at(self, expression: Any, length: int) -> tuple[Any, list[Any], list[Any], list[Any]]:
        """The expression for vectors of so many symbols, and those: parameters of both, and entries of L."""
        a, b, means = (list(sp.symbols(f"{n}(1:{length + 1})", positive=n != "L")) for n in ("a", "b", "L"))
        if self.first == self.second:
            b = a
        opened = expression.subs(self.size, length).doit()
        tables = zip((*self._sides(), _MEANS), (a, b, means), strict=True)
        return opened.xreplace({base[j + 1]: v for base, values in tables for j, v in enumerate(values)}), a, b, means

    def pointwise(self, family: Family) -> Claim:
        """The log-densities of the record at a point, against the same with log x_k in the place of its mean."""
        if self.written:
            a, b = self._sides()
            opened, means = self.opened(), [_MEANS[j + 1] for j in range(len(a))]
        else:
            opened, a, b, means = self._at(self.opened(), 3)
        xs = list(sp.symbols(f"x(1:{len(a) + 1})", positive=True))
        second = family.log_density(sp.Tuple(*xs), sp.Tuple(*b))
        record = family.log_density(sp.Tuple(*xs), sp.Tuple(*a)) - second if self.divergence else -second
        return Claim("equal", record, opened.xreplace({m: sp.log(x) for m, x in zip(means, xs, strict=True)}))

    def of_two(self) -> Claim:
        """For two entries the laws are Beta laws, and the whole is one integral."""
        if self.written and int(self.size) != 2:
            return Claim("equal", self.value(), self.value())
        value, a, b, _ = self._at(self.value(), 2) if not self.written else (self.value(), *self._sides(), None)
        u = sp.Symbol("u", positive=True)
        log_p, log_q = ((c[0] - 1) * sp.log(u) + (c[1] - 1) * sp.log(1 - u) - sp.log(sp.beta(*c)) for c in (a, b))
        inside = log_p - log_q if self.divergence else -log_q
        return Claim("equal", sp.Integral(sp.exp(log_p) * inside, (u, 0, 1)), value)


def _is_mean(e: Any) -> bool:
    return isinstance(e, sp.Indexed) and e.base == _MEANS


def _logarithm(mean: Term) -> Step:
    """E[log x_k] = ψ(α_k) − ψ(α_0), for one entry is Beta(α_k, α_0 − α_k)."""
    a, b, u = sp.Symbol("a", positive=True), sp.Symbol("b", positive=True), sp.Symbol("u", positive=True)
    density = u ** (a - 1) * (1 - u) ** (b - 1) / sp.beta(a, b)
    value = sp.digamma(a) - sp.digamma(a + b)
    claim = Claim("equal", sp.Integral(sp.log(u) * density, (u, 0, 1)), value)
    because = ("one entry is Beta(a, b) with a its parameter and b the sum of the others",)
    return step(INSERT_MOMENTS, mean, value, because=because, claim=claim)


def _types(model: Model, laws: list[Distribution]) -> dict[Name, Type] | None:
    """The parameters that are names of vectors, all of one length."""
    found: dict[Name, Type] = {}
    names = [v.data for law in laws for v in [law.parameters["alpha"]] if isinstance(v, Term) and v.head == "name"]
    sizes = {model.types[n].shape for n in names if n in model.types and len(model.types[n].shape) == 1}
    if len(sizes) > 1:
        return None
    shape = next(iter(sizes), (Term("name", (), _SIZE),))
    if names and shape[0].head == "name":
        found[shape[0].data] = Type("natural", lower=Bound(number(2), False))
    for name in names:
        known = model.types.get(name, Type())
        found[name] = replace(known, shape=shape, lower=Bound(number(0), True), upper=None)
    return found


def _length(value: Any, types: Mapping[Name, Type]) -> Any:
    listed = entries(value)
    if listed is not None:
        return number(len(listed))
    return types[value.data].shape[0] if isinstance(value, Term) and value.head == "name" and value.data in types else None


def _numbers(value: Any) -> Any:
    """Whole parameters have rational values and logarithms."""
    return sp.logcombine(sp.expand_func(value), force=True) if value.is_number else value


# ── categorical laws ─────────────────────────────────────────────────────────────────────────────────────────────────


def with_vectors_of_probabilities(operands: tuple[Term, ...], model: Model) -> tuple[tuple[Term, ...], Model] | None:
    """Categorical(p) of a named vector as the vector p, on the simplex; None where an operand is something else."""
    laws = [distribution(o, model.types) if o.head == "dist" and o.data == "Categorical" else None for o in operands]
    if not laws or any(law is None for law in laws):
        return None
    vectors = [law.parameters["p"] for law in laws if law is not None]
    if any(not isinstance(v, Term) or v.head != "name" for v in vectors):
        return None
    sizes = {model.types[v.data].shape for v in vectors if v.data in model.types and len(model.types[v.data].shape) == 1}
    if len(sizes) > 1:
        return None
    shape = next(iter(sizes), (Term("name", (), _SIZE),))
    types = dict(model.types)
    for v in vectors:
        known = types.get(v.data, Type())
        types[v.data] = replace(known, shape=shape, properties=known.properties | {"simplex"}, lower=Bound(number(0), False))
    return tuple(vectors), replace(model, types=types)
