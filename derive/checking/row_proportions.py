"""Rows that go on with ∝: the two sides differ by a factor that the subject does not stand in.

In: two sides as terms, the names that the chain is about (θ of p(θ | x)), the model if there is one. Out: a `Check` of
L(θ) R(θ′) = R(θ) L(θ′). Densities are those of the declared laws; p(θ | x) stands for the product of the laws of θ and x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.checking.expressions import check_equal
from derive.derivation import Check
from derive.errors import DeriveError, NotSupported
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import symbol, to_sympy
from derive.meaning.scope import Type
from derive.probability.model import Model

__all__ = ["check_proportion", "is_density", "subject_of_chain"]


def is_density(term: Term) -> bool:
    """Whether it is p(θ | x), p(θ), L(θ): a function by its notation."""
    return (term.head == "call" and term.args[0].head == "name") or (term.head == "probability" and term.data == "p")


def subject_of_chain(term: Term) -> tuple[Name, ...]:
    """The names that a proportion beginning with this term is about."""
    first = term.args[0] if term.head in ("rel", "chain") else term
    if not is_density(first):
        return ()
    subject, _ = _subject(first)
    return tuple(n.data for part in subject for n in (part.args[:1] if part.head == "rel" else (part,)) if n.head == "name")


def check_proportion(left: Term, right: Term, over: Sequence[Name], types: Mapping[Name, Type], model: Model | None) -> Check:
    """Whether the ratio of the sides does not depend on the subject; without one, on some name that both hold."""
    try:
        sides = [_densities(t, types, model) for t in (left, right)]
    except DeriveError as problem:
        return Check("unverified", reason=f"no numbers for it: {problem.message}")
    shared = sides[0].free_symbols & sides[1].free_symbols
    subjects = [symbol(n, types.get(n)) for n in over]
    if subjects:
        return _constant(sides, subjects, types)
    shared = {s for s in shared if isinstance(s, sp.Symbol)}
    varied = shared & (_in_bases(sides[0]) | _in_bases(sides[1])) or shared
    first = min(varied, key=lambda s: (_PARAMETERS.index(s.name) if s.name in _PARAMETERS else len(_PARAMETERS), s.name), default=None)
    if first is None:
        return Check("unverified", reason="no name that both sides hold")
    check = _constant(sides, [first], types)
    if check.status != "failed":
        return check
    others = [_constant(sides, [s], types) for s in sorted(varied - {first}, key=str)]
    if any(c.status != "failed" for c in others):
        return Check("unverified", reason="nothing says in which name the two sides are proportional")
    return check


_PARAMETERS = ("theta", "mu", "w", "beta", "lambda", "p", "pi", "phi", "sigma", "alpha", "z", "x", "y")


def _in_bases(value: Any) -> set[Any]:
    """The names that stand elsewhere than in exponents and binomial coefficients."""
    if isinstance(value, sp.exp):
        return set()
    if isinstance(value, sp.Pow):
        return _in_bases(value.base)
    if isinstance(value, (sp.binomial, sp.factorial)):
        return set()
    if not value.args:
        return {value} if isinstance(value, sp.Symbol) else set()
    return set().union(*(_in_bases(a) for a in value.args))


def _constant(sides: Sequence[Any], subjects: Sequence[Any], types: Mapping[Name, Type]) -> Check:
    """L(θ) R(θ′) against R(θ) L(θ′)."""
    also = dict(types)
    moved: dict[Any, Any] = {}
    for s in subjects:
        name = Name.from_key(s.name)
        other = primed(name)
        moved[s] = sp.Symbol(other.key, **s.assumptions0)
        if name in types:
            also[other] = replace(types[name], domain="real" if types[name].domain == "random" else types[name].domain)
    left, right = sides
    return check_equal(left * right.xreplace(moved), right * left.xreplace(moved), also)


def primed(name: Name) -> Name:
    """The name with a prime more."""
    return name._replace(primes=name.primes + 1)


def _densities(term: Term, types: Mapping[Name, Type], model: Model | None) -> Any:
    """The term over SymPy, densities put in from the declared laws."""
    found: dict[Term, tuple[Name, Any]] = {}

    def change(node: Term) -> Term:
        if not is_density(node):
            return node
        if node not in found:
            found[node] = (Name("density", sub=str(len(found))), _density(node, types, model))
        return Term("name", (), found[node][0])

    changed = change(term) if is_density(term) else term.transform(change)
    value = to_sympy(changed, types)
    return value.xreplace({symbol(name, None): density for name, density in found.values()})


def _density(node: Term, types: Mapping[Name, Type], model: Model | None) -> Any:
    if model is None:
        raise NotSupported("a density that nothing declares")
    subject, given = _subject(node)
    values = {part.args[0].data if part.head == "rel" else part.data: part for part in (*subject, *given)}
    inside = [_name(p) for p in subject]
    known = {_name(p) for p in given}
    parents = {s.name for n in inside for v in _law(n, model).values if isinstance(v, sp.Basic) for s in v.free_symbols}
    own = all(Name.from_key(p) not in model.variables or Name.from_key(p) in known for p in parents)
    dependent = any(symbol(n, types.get(n)).name in parents or n in inside for n in known)
    others = [] if own and (dependent or not known) else [n for n in known if n in model.variables]
    density = sp.S.One
    for name in (*inside, *others):
        part = values[name]
        x = to_sympy(part.args[1] if part.head == "rel" else part, types)
        law = _law(name, model)
        density = density * sp.exp(law.family.log_density(x, *law.values))
    return density


def _law(name: Name, model: Model) -> Any:
    variable = model.variables.get(name)
    if variable is None or variable.law is None or variable.cases:
        raise NotSupported(f"the law of {name.key} is not declared")
    return variable.law


def _name(part: Term) -> Name:
    target = part.args[0] if part.head == "rel" and part.data == "=" else part
    if target.head != "name":
        raise NotSupported("a density of another form")
    found: Name = target.data
    return found


def _subject(node: Term) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """What stands before the bar and behind it."""
    args = node.args[1:] if node.head == "call" else node.args
    if len(args) == 1 and args[0].head == "given":
        before, behind = args[0].args[0], args[0].args[1:]
        return _listed(before), tuple(p for b in behind for p in _listed(b))
    return tuple(p for a in args for p in _listed(a)), ()


def _listed(term: Term) -> tuple[Term, ...]:
    return term.args if term.head in ("list", "tuple", "and") else (term,)
