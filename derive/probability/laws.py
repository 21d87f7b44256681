"""A distribution as it was written, as a member of its family: positions and keywords, other parametrisations, domains.

In: a `dist` term and the types of its names. Out: a Distribution, with a note where a parameter was converted. A parameter that
contradicts its domain is an InconsistentInput.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.derivation import Prose
from derive.errors import InconsistentInput, NotSupported, SyntaxProblem
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type
from derive.probability.domains import is_array
from derive.probability.family import Distribution, Family, Parameter
from derive.probability.inner_products import entrywise

__all__ = ["ARRAYS", "distribution", "entries", "noted"]

ARRAYS = frozenset(("vector", "simplex", "positive-vector", "covariance"))
_LISTED = ("vector", "tuple", "list")

# family → keyword → (parameter of the record, its value from the keyword's)
_CONVERSIONS: dict[str, dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "Normal": {"sd": ("variance", lambda s: s**2), "std": ("variance", lambda s: s**2), "prec": ("variance", lambda t: 1 / t)},
    "Lognormal": {"sd": ("variance", lambda s: s**2), "std": ("variance", lambda s: s**2), "prec": ("variance", lambda t: 1 / t)},
    "Exponential": {"scale": ("rate", lambda s: 1 / s), "mean": ("rate", lambda m: 1 / m)},
    "Gamma": {"scale": ("rate", lambda s: 1 / s)},
    "Weibull": {"rate": ("scale", lambda r: 1 / r)},
    "Laplace": {
        "var": ("scale", lambda v: sp.sqrt(v / 2)), "variance": ("scale", lambda v: sp.sqrt(v / 2)),
        "sd": ("scale", lambda s: s / sp.sqrt(2)), "rate": ("scale", lambda r: 1 / r),
    },
    "Rayleigh": {"scale": ("sigma", lambda s: s)},
}  # fmt: skip
_KEYWORDS = {
    "loc": ("mean", "location"), "location": ("mean", "location"), "mu": ("mean", "location"), "mean": ("mean",),
    "var": ("variance",), "v": ("variance",), "lambda": ("rate",), "lam": ("rate",), "a": ("alpha", "shape"), "b": ("beta", "rate"),
    "k": ("k", "shape"), "df": ("nu", "k"), "prob": ("p",), "p": ("p",), "n": ("n",), "cov": ("covariance",), "low": ("a",), "high": ("b",),
    "sigma": ("sigma",), "concentration": ("alpha",),
}  # fmt: skip
_DEFAULTS: dict[str, dict[str, Any]] = {"StudentT": {"mean": sp.S.Zero, "scale": sp.S.One}, "Exponential": {}, "Uniform": {}}


def distribution(term: Term, types: Mapping[Name, Type]) -> Distribution:
    """The member of a family that a `dist` term writes.

    Raises NotSupported for a family without a record, SyntaxProblem for parameters that do not fit, InconsistentInput for values outside
    their domains.
    """
    return noted(term, types)[0]


def noted(term: Term, types: Mapping[Name, Type]) -> tuple[Distribution, tuple[Prose, ...]]:
    """The distribution and what is to be said of it: its parametrisation, and the conversions."""
    family = _family(term, types)
    values, notes = _assigned(term, family, types)
    parameters: dict[str, Any] = {}
    for parameter in family.parameters:
        if parameter.name not in values:
            raise SyntaxProblem(
                f"{term.data} needs its {parameter.name}",
                span=term.span,
                expected=(f"{term.data}({', '.join(p.name for p in family.parameters)})",),
            )
        parameters[parameter.name] = values[parameter.name]
    for parameter in family.parameters:
        _refuse_outside(term, parameter, parameters[parameter.name])
    _refuse_inconsistent(term, family, parameters)
    return Distribution(family, parameters), (*notes, (family.says,))


def entries(value: Any) -> tuple[Term, ...] | None:
    """The entries of a vector that is written out; None for a name."""
    if not isinstance(value, Term):
        return None
    if value.head in _LISTED:
        return value.args
    return value.args if value.head == "matrix" and 1 in value.data else None


def _family(term: Term, types: Mapping[Name, Type]) -> Family:
    from derive.probability.catalogue import FAMILIES

    name = str(term.data)
    if name == "Normal" and any(is_array(_value(a), types) for a in term.args):
        name = "MultivariateNormal"
    family = FAMILIES.get(name)
    if family is None:
        raise NotSupported(f"the {name} distribution is read, but nothing is known of it yet", span=term.span)
    return family


def _value(argument: Term) -> Term:
    return argument.args[0] if argument.head == "keyword" else argument


def _assigned(term: Term, family: Family, types: Mapping[Name, Type]) -> tuple[dict[str, Any], list[Prose]]:
    """Parameter of the record → value."""
    values: dict[str, Any] = dict(_DEFAULTS.get(str(term.data), {}))
    notes: list[Prose] = []
    positional = [a for a in term.args if a.head != "keyword"]
    first = family.parameters[-1 if len(family.parameters) > 1 else 0]
    if len(positional) > len(family.parameters) and first.domain in ARRAYS:  # Dirichlet(a_1, a_2, a_3), Multinomial(n, p_1, p_2)
        lead = len(family.parameters) - 1
        positional = [*positional[:lead], Term("vector", tuple(positional[lead:]), None, term.span)]
    if len(positional) > len(family.parameters):
        expected = f"{term.data}({', '.join(p.name for p in family.parameters)})"
        raise SyntaxProblem(f"{term.data} has {len(family.parameters)} parameters", span=term.span, expected=(expected,))
    for parameter, argument in zip(family.parameters, positional, strict=False):
        values[parameter.name] = _converted(argument, parameter, types)
    for argument in term.args:
        if argument.head == "keyword":
            _keyword(argument, term, family, types, values, notes)
    return values, notes


def _keyword(argument: Term, term: Term, family: Family, types: Mapping[Name, Type], values: dict[str, Any], notes: list[Prose]) -> None:
    word, written = str(argument.data), argument.args[0]
    known = {p.name: p for p in family.parameters}
    conversion = _CONVERSIONS.get(str(term.data), {}).get(word)
    if "covariance" in known and word in ("prec", "precision"):
        values["covariance"] = _inverse(written)
        notes.append((f"{word} = ", written, ": the covariance is its inverse"))
        return
    if word not in known and conversion is not None:
        name, convert = conversion
        value = to_sympy(written, types)
        if value.is_nonpositive or (value.is_number and not value.is_real):
            raise InconsistentInput(f"{plain(term)}: {word} must be positive", span=argument.span or term.span)
        values[name] = convert(value)
        notes.append((f"{word} = ", written, f": the {name} is ", values[name]))
        return
    names = [word, *_KEYWORDS.get(word, ())]
    target = next((known[n] for n in names if n in known), None) or next((p for p in family.parameters if word in p.aliases), None)
    if target is None:
        raise SyntaxProblem(
            f"{term.data} has no parameter {word}",
            span=argument.span or term.span,
            expected=tuple(dict.fromkeys((*known, *_CONVERSIONS.get(str(term.data), {})))),
        )
    values[target.name] = _converted(written, target, types)


def _inverse(matrix: Term) -> Term:
    """Λ⁻¹; (1/c) I of c I."""
    if matrix.head == "identity":
        return matrix
    if matrix.head == "mul" and matrix.args[-1].head == "identity":
        scale = matrix.args[0] if len(matrix.args) == 2 else Term("mul", matrix.args[:-1])
        return Term("mul", (Term("div", (number(1), scale)), matrix.args[-1]), None, matrix.span)
    return Term("inverse", (matrix,), None, matrix.span)


def _converted(term: Term, parameter: Parameter, types: Mapping[Name, Type]) -> Any:
    if parameter.domain not in ARRAYS:
        return to_sympy(entrywise(term, types), types)
    return Term("vector", term.args, None, term.span) if term.head in _LISTED else term


# ── domains ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_outside(term: Term, parameter: Parameter, value: Any) -> None:
    """A value that is certainly not in the parameter's domain."""
    needed = ""
    if parameter.domain in ARRAYS:
        needed = _array_needs(parameter, value)
    elif parameter.domain == "positive" and (value.is_positive is False or value.is_infinite):
        needed = "must be positive"
    elif parameter.domain == "nonnegative" and value.is_negative:
        needed = "must not be negative"
    elif parameter.domain == "probability" and _is_no_probability(value):
        needed = "must lie between 0 and 1"
    elif parameter.domain in ("natural", "whole", "integer"):
        lowest = {"natural": 1, "whole": 0, "integer": None}[parameter.domain]
        if value.is_integer is False or (lowest is not None and value.is_number and value < lowest):
            needed = "must be an integer" + ("" if lowest is None else f" from {lowest} on")
    if needed:
        raise InconsistentInput(f"{plain(term)}: {parameter.name} {needed}", span=term.span)


def _is_no_probability(value: Any) -> bool:
    return bool(value.is_negative or (value - 1).is_positive)


def _exact(term: Term) -> Fraction | None:
    if term.head == "number":
        return term.value
    if term.head == "neg":
        inner = _exact(term.args[0])
        return None if inner is None else -inner
    if term.head == "div":
        above, below = _exact(term.args[0]), _exact(term.args[1])
        return above / below if above is not None and below else None
    return None


def _array_needs(parameter: Parameter, value: Any) -> str:
    listed = entries(value)
    if listed is not None and parameter.domain in ("simplex", "positive-vector"):
        found = [_exact(e) for e in listed]
        known = [f for f in found if f is not None]
        if any(f < 0 for f in known) or (parameter.domain == "positive-vector" and any(f == 0 for f in known)):
            return "must have positive entries" if parameter.domain == "positive-vector" else "must have entries from 0 to 1"
        if parameter.domain == "simplex" and len(known) == len(found) and sum(known) != 1:
            return f"must sum to 1, and this sums to {plain(number(sum(known, Fraction(0))))}"
    if parameter.domain == "covariance" and isinstance(value, Term) and value.head == "matrix":
        rows, columns = value.data
        cells = [[value.args[r * columns + c] for c in range(columns)] for r in range(rows)]
        if rows != columns:
            return "must be square"
        numbers = [[_exact(c) for c in row] for row in cells]
        for r in range(rows):
            diagonal = numbers[r][r]
            if diagonal is not None and diagonal < 0:
                return "must have no negative variance on its diagonal"
            for c in range(r):
                left, right, below = numbers[r][c], numbers[c][r], numbers[c][c]
                if left is not None and right is not None and left != right:
                    return "must be symmetric"
                if left is not None and diagonal is not None and below is not None and left * left > diagonal * below:
                    return "must be positive semidefinite"
    return ""


def _refuse_inconsistent(term: Term, family: Family, parameters: Mapping[str, Any]) -> None:
    if family.name in ("Uniform", "DiscreteUniform"):
        low, high = parameters["a"], parameters["b"]
        gap = high - low
        if gap.is_negative or (gap.is_zero and family.name == "Uniform"):
            raise InconsistentInput(f"{plain(term)}: the lower end must be below the upper one", span=term.span)
