"""What a law says of its parameters and of its variable: σ in Normal(μ, σ²) is positive, p in Bernoulli(p) lies in (0, 1).

In: the facts of a line and the types that are declared. Out: the types of every name, shapes inferred, domains filled in where nothing
was declared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from derive.errors import InconsistentInput
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.inference import infer, shape_of
from derive.meaning.scope import Bound, Definition, Reading, Scope, Type
from derive.meaning.types import types_of
from derive.probability.affine import affine_ends
from derive.probability.catalogue import FAMILIES
from derive.probability.statements import columns, range_of, split_given, subject_of

__all__ = ["bare", "domains", "is_array", "typed"]

_POSITIVE, _UNIT, _COUNT, _SIMPLEX = "positive", "probability", "natural", "simplex"
# what the parameters of a family are, by position; "" for any number
_DOMAINS: dict[str, tuple[str, ...]] = {
    "Bernoulli": (_UNIT,), "Binomial": (_COUNT, _UNIT), "Geometric": (_UNIT,), "NegativeBinomial": (_POSITIVE, _UNIT),
    "Poisson": (_POSITIVE,), "Categorical": (_SIMPLEX,), "Multinomial": (_COUNT, _SIMPLEX), "Dirichlet": ("positive-vector",),
    "Normal": ("", _POSITIVE), "Lognormal": ("", _POSITIVE), "Exponential": (_POSITIVE,), "Gamma": (_POSITIVE, _POSITIVE),
    "InverseGamma": (_POSITIVE, _POSITIVE), "ChiSquared": (_POSITIVE,), "Weibull": (_POSITIVE, _POSITIVE), "Rayleigh": (_POSITIVE,),
    "Beta": (_POSITIVE, _POSITIVE), "Laplace": ("", _POSITIVE), "Logistic": ("", _POSITIVE), "StudentT": (_POSITIVE, "", _POSITIVE),
    "Cauchy": ("", _POSITIVE), "Pareto": (_POSITIVE, _POSITIVE), "DiscreteUniform": (_COUNT, _COUNT),
}  # fmt: skip
_WORDS = ("iid", "for-each")
_KEYWORDS = {
    "sd": _POSITIVE, "std": _POSITIVE, "var": _POSITIVE, "variance": _POSITIVE, "prec": _POSITIVE, "scale": _POSITIVE, "rate": _POSITIVE,
    "shape": _POSITIVE, "p": _UNIT, "n": _COUNT,
}  # fmt: skip
_SUPPORTS = {
    **dict.fromkeys(("Exponential", "Gamma", "InverseGamma", "Lognormal", "ChiSquared", "Weibull", "Rayleigh", "Geometric"), (_POSITIVE,)),
    **dict.fromkeys(("Beta",), (_UNIT,)),
    **dict.fromkeys(("Binomial", "Poisson", "NegativeBinomial", "Bernoulli"), ("nonnegative",)),
}  # fmt: skip


def typed(
    reading: Reading, facts: Sequence[Term], definitions: Mapping[Name, Definition], scope: Scope
) -> tuple[dict[Name, Type], tuple[Term, ...]]:
    """The types of all names of the line, of the facts and of the definitions that the facts rest on; and the facts settled."""
    inner = tuple(bare(f) for f in facts)
    bodies = tuple(d.body for d in definitions.values() if not d.parameters)
    laws = tuple(d.body for d in definitions.values() if d.parameters and d.body.head == "dist")  # q(z) = Normal(m, v)
    whole = Term("list", (reading.expanded, *inner, *bodies))
    known = types_of(whole, scope)
    written = {n.data for n in whole.walk() if n.head == "name"} | {*scope.declarations}
    written |= {n.data for d in scope.declarations.values() for size in d.type.shape for n in size.walk() if n.head == "name"}
    for name, kind in reading.types.items():
        if (name not in known or not known[name].shape) and (kind.domain != "size" or name in written):
            known[name] = replace(kind, shape=tuple(s if s.head != "name" or s.data in written else Term("blank") for s in kind.shape))
    settled, types = whole, known
    for sized in (True, False):  # a sum may go over a part of a sample, or over a random number of members
        started = dict(known)
        for fact, statement in zip(facts, inner, strict=True):
            _sampled(fact, statement, started, sized)
        try:
            settled, types, _ = infer(whole, started)
            break
        except InconsistentInput:
            if not sized:
                raise
    statements = settled.args[1 : 1 + len(inner)]
    return domains([*statements, *bodies, *laws, reading.expanded], types), tuple(map(_dressed, facts, statements))


def _dressed(fact: Term, statement: Term) -> Term:
    """The statement with the words that stood around it."""
    return fact.with_args((_dressed(fact.args[0], statement), *fact.args[1:])) if fact.head == "task" and fact.data in _WORDS else statement


def bare(fact: Term) -> Term:
    """The statement itself, without `iid` and `for i = 1, …, n`."""
    while fact.head == "task" and fact.data in _WORDS:
        fact = fact.args[0]
    return fact


def _sampled(fact: Term, statement: Term, types: dict[Name, Type], sized: bool) -> None:
    """x of x_1, …, x_n is an array with n entries (rows, where its members are vectors), and so is what its law takes entry by entry."""
    subject, _ = split_given(statement.args[0] if statement.head == "rel" and statement.data == "~" else statement)
    index, size, _ = range_of(fact.args[1]) if fact.head == "task" and fact.data == "for-each" else (None, None, "")
    found = subject_of(subject, index)
    if found.base is None:
        return
    size = (found.size or size) if sized else None
    size = size or Term("word", (), f"size of {found.base.key}")
    arrays = {found.base}
    for node in statement.walk() if found.running is not None else ():
        if node.head == "index" and node.args[0].head == "name" and node.args[1] == Term("name", (), found.running):
            arrays.add(node.args[0].data)
    for base in arrays:
        known = types.get(base)
        if known is not None and known.shape and known.shape[0].head not in ("blank", "word"):
            continue
        rest = known.shape[1:] if known is not None else ()
        if base == found.base and not rest and _is_law_of_vectors(statement, types):
            rest = (Term("blank"),)
        types[base] = Type("random" if known is None and base == found.base else known.domain if known else "real", (size, *rest))
    for part in size.walk():
        if part.head == "name":
            types.setdefault(part.data, Type("size", lower=Bound(number(1), False)))


def _is_law_of_vectors(statement: Term, types: Mapping[Name, Type]) -> bool:
    law = statement.args[1] if statement.head == "rel" and statement.data == "~" else statement
    arguments = [a.args[0] if a.head == "keyword" else a for a in law.args] if law.head == "dist" and law.data == "Normal" else []
    if len(arguments) > 1 and arguments[1].head == "name" and arguments[1].data.base in ("Sigma", "Lambda"):
        return arguments[1].data not in types or bool(types[arguments[1].data].shape)
    return any(is_array(a, types) for a in arguments)


def domains(terms: Sequence[Term], types: Mapping[Name, Type]) -> dict[Name, Type]:
    """The types with the domains of parameters and the supports of variables, where nothing was declared of them."""
    found = dict(types)
    differing = _of_several_kinds(terms)
    for term in terms:
        for node in term.walk():
            if node.head == "dist":
                _parameters(node, found)
        if term.head == "rel" and term.data == "~" and split_given(term.args[0])[0] not in differing:
            _support(term, found)
        elif term.head == "rel" and term.args[0].head == "probability":
            _moment(term.args[0], term.args[1], found)
    return found


def _of_several_kinds(terms: Sequence[Term]) -> set[Term]:
    """The variables with laws of different supports for the values of another one: x | z = 1 ~ Exponential(a), x | z = 0 ~ Normal(b, 1)."""
    kinds: dict[Term, set[str]] = {}
    for term in terms:
        if term.head == "rel" and term.data == "~" and term.args[1].head == "dist":
            subject, given = split_given(term.args[0])
            if any(g.head == "rel" for g in given):
                kinds.setdefault(subject, set()).add(_support_of(str(term.args[1].data)))
    return {subject for subject, found in kinds.items() if len(found) > 1}


def _moment(left: Term, value: Term, types: dict[Name, Type]) -> None:
    """A variance is positive, and the matrix that is one is symmetric."""
    if left.data not in ("Var", "Cov", "SD", "Corr") or (left.data in ("Cov", "Corr") and len(left.args) > 1):
        return
    if value.head == "name" and value.data in types and len(types[value.data].shape) == 2:
        kind = types[value.data]
        types[value.data] = replace(kind, properties=kind.properties | {"symmetric", "positive-semidefinite"})
    elif is_array(value, types):
        _covariance(value, types)
    elif left.data != "Cov":
        _confine(value, _POSITIVE, types)


def _domains_of(name: str) -> tuple[str, ...]:
    """The domains of the parameters by position: those of the table, or of the family's record."""
    if name in _DOMAINS or name not in FAMILIES:
        return _DOMAINS.get(name, ())
    return tuple("" if p.domain == "real" else p.domain for p in FAMILIES[name].parameters)


def _support_of(name: str) -> str:
    """The domain of the variable: that of the table, or of a record whose support does not depend on the parameters."""
    if name in _SUPPORTS or name in _DOMAINS or name not in FAMILIES:
        return _SUPPORTS.get(name, ("",))[0]
    family = FAMILIES[name]
    found = family.support(*family.parameters)
    if found.kind not in ("interval", "integers") or found.lower != 0:
        return ""
    return "nonnegative" if family.discrete else _UNIT if found.upper == 1 else _POSITIVE


def _parameters(law: Term, types: dict[Name, Type]) -> None:
    known = _domains_of(str(law.data))
    multivariate = law.data == "Normal" and any(is_array(a.args[0] if a.head == "keyword" else a, types) for a in law.args)
    if multivariate and len(law.args) > 1:
        _covariance(law.args[1], types)
    for place, argument in enumerate(law.args):
        if argument.head == "keyword":
            _confine(argument.args[0], _KEYWORDS.get(str(argument.data), ""), types)
        elif not multivariate and known:
            _confine(argument, _domain_at(known, place, len(law.args)), types)
    if law.data in ("Uniform", "DiscreteUniform") and len(law.args) == 2:
        _ordered(law.args[0], law.args[1], types)


def _covariance(spread: Term, types: dict[Name, Type]) -> None:
    """The matrices that a covariance is made of, Σ and the Λ of Λ⁻¹, are positive definite; the numbers in front of them are positive."""
    while spread.head == "inverse" or (spread.head == "pow" and spread.args[1].head == "neg"):
        spread = spread.args[0]
    if spread.head == "name" and spread.data in types and len(types[spread.data].shape) == 2:
        kind = types[spread.data]
        types[spread.data] = replace(kind, properties=kind.properties | {"symmetric", "positive-definite", "invertible"})
    elif spread.head == "add":
        for part in spread.args:
            _covariance(part, types)
    elif spread.head == "mul" and len(spread.args) > 1 and is_array(spread.args[-1], types):
        for factor in spread.args[:-1]:
            if not is_array(factor, types):
                _confine(factor, _POSITIVE, types)
        if not any(is_array(f, types) for f in spread.args[:-1]):
            _covariance(spread.args[-1], types)
    elif spread.head == "div" and is_array(spread.args[0], types):
        _confine(spread.args[1], _POSITIVE, types)
        _covariance(spread.args[0], types)


def _ordered(low: Term, high: Term, types: dict[Name, Type]) -> None:
    """The upper end is above the lower one, where it is a name that nothing bounds."""
    if high.head != "name" or low == high:
        if low != high:
            _confine_affine(Term("add", (high, Term("neg", (low,)))), _POSITIVE, types)
        return
    kind = types.get(high.data, Type())
    if not kind.shape and kind.lower is None and kind.upper is None and kind.domain in ("real", "random"):
        types[high.data] = replace(kind, lower=Bound(low, True))


def _domain_at(known: tuple[str, ...], place: int, count: int) -> str:
    """The domain at a position; the entries of a vector may stand one by one behind the rest."""
    last = known[-1]
    if last not in (_SIMPLEX, "positive-vector"):
        return known[place] if place < len(known) else ""
    if place < len(known) - 1:
        return known[place]
    single = {_SIMPLEX: _UNIT, "positive-vector": _POSITIVE}[last]
    return last if count == len(known) else single


def is_array(term: Term, types: Mapping[Name, Type]) -> bool:
    """Whether the parameter of a law is a vector or a matrix."""
    if term.head == "name":
        kind = types.get(term.data)
        return kind is not None and bool(kind.shape)
    if term.head in ("matrix", "vector", "identity", "ones", "tuple"):
        return True
    if term.head == "index":
        kind = types.get(term.args[0].data) if term.args[0].head == "name" else None
        return kind is not None and len(kind.shape) > len(term.args) - 1
    if term.head in ("norm", "inner", "sum", "apply", "probability"):
        return False
    if term.head == "mul":
        return len(shape_of(term, types)) > 0
    return any(is_array(a, types) for a in term.args)


def _confine(term: Term, domain: str, types: dict[Name, Type]) -> None:
    """A name in the place of a parameter gets the parameter's domain; so does the σ of σ², and the β of 1/β."""
    if term.head in ("vector", "tuple") and domain in (_SIMPLEX, "positive-vector"):
        for part in term.args:
            _confine(part, _UNIT if domain == _SIMPLEX else _POSITIVE, types)
        return
    if term.head in ("add", "mul", "div", "neg"):
        _confine_affine(term, domain, types)
    while domain == _POSITIVE and (term.head == "pow" or (term.head == "div" and term.args[0].head == "number")):
        term = term.args[0] if term.head == "pow" else term.args[1]
    if term.head != "name":
        return
    kind = types.get(term.data, Type())
    if domain in (_SIMPLEX, "positive-vector"):
        if not kind.shape:
            kind = replace(kind, shape=(Term("name", (), Name("K")),))
        properties = kind.properties | {"simplex"} if domain == _SIMPLEX else kind.properties
        types[term.data] = replace(kind, properties=properties, lower=kind.lower or Bound(number(0), domain != _SIMPLEX))
    elif kind.shape or kind.lower is not None or kind.upper is not None or kind.domain not in ("real", "random"):
        return
    elif domain == _POSITIVE:
        types[term.data] = replace(kind, lower=Bound(number(0), True))
    elif domain == "nonnegative":
        types[term.data] = replace(kind, lower=Bound(number(0), False))
    elif domain == _UNIT:
        types[term.data] = replace(kind, lower=Bound(number(0), True), upper=Bound(number(1), True))
    elif domain == _COUNT:
        types[term.data] = replace(kind, domain="natural" if kind.domain == "real" else kind.domain, lower=Bound(number(1), False))


def _confine_affine(term: Term, domain: str, types: dict[Name, Type]) -> None:
    """A name in c s + d lies where that is in the domain: θ of Bernoulli(1/2 + θ)."""
    if any(n.head not in ("name", "number", "add", "mul", "div", "neg") for n in term.walk()):
        return
    names = {n.data for n in term.walk() if n.head == "name"}
    if len(names) != 1:
        return
    (name,) = names
    kind = types.get(name, Type())
    if kind.shape or kind.domain not in ("real", "random") or kind.lower is not None or kind.upper is not None:
        return
    found = affine_ends(to_sympy(term, {}), domain)
    if found is None:
        return
    lower, upper = (Bound(from_sympy(end), True) if end.is_finite else None for end in (found.lower, found.upper))
    types[name] = replace(kind, lower=lower, upper=upper)


def _support(relation: Term, types: dict[Name, Type]) -> None:
    subject, _ = split_given(relation.args[0])
    law = relation.args[1]
    if law.head != "dist":
        return
    if law.data in ("Dirichlet", "Multinomial") and subject.head == "name":
        _vector_support(subject.data, law, types)
        return
    domain = _support_of(str(law.data))
    for member in subject.args if subject.head == "list" else (subject,):
        target = member.args[0] if member.head == "pow" else member
        if target.head == "name":
            types.setdefault(target.data, Type("random"))
            _confine(target, domain, types)
    names = columns(subject)
    for name in names or ():
        types.setdefault(name, Type("random"))
    found = subject_of(subject)
    if found.base is not None and domain in (_POSITIVE, "nonnegative") and found.base in types and types[found.base].lower is None:
        types[found.base] = replace(types[found.base], lower=Bound(number(0), domain == _POSITIVE))


def _vector_support(name: Name, law: Term, types: dict[Name, Type]) -> None:
    """A point of the simplex, or counts, with as many entries as the parameter."""
    last = law.args[-1].args[0] if law.args[-1].head == "keyword" else law.args[-1]
    scalars = len(law.args) - (law.data == "Multinomial")
    size = Term("name", (), Name("K"))
    if last.head in ("vector", "tuple", "list", "matrix"):
        size = number(len(last.args))
    elif scalars > 1:
        size = number(scalars)
    elif last.head == "name" and last.data in types and types[last.data].shape:
        size = types[last.data].shape[0]
    kind = types.get(name, Type("random"))
    shape = kind.shape or (size,)
    properties = kind.properties | ({"simplex"} if law.data == "Dirichlet" else frozenset())
    types[name] = replace(kind, shape=shape, properties=properties, lower=kind.lower or Bound(number(0), law.data == "Dirichlet"))
