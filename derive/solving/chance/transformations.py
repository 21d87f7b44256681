"""Densities of transformed variables: change of variables, branch by branch; the law named where a family has that density.

In: `density of Y`, `p_Y(y)` with Y = g(X) and a law of X. Out: a Solution whose answer is the density in the small letter, or None where
the variable is no function of one other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported, Undetermined
from derive.expressions.elementary import exp
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.build import build
from derive.probability.family import Distribution, Support
from derive.probability.model import Model, Variable
from derive.rules.chance_inference import RECOGNISE_PREDICTIVE
from derive.rules.chance_transformations import CHANGE, INSERT_DENSITY, INVERSE, JACOBIAN
from derive.solution import Solution
from derive.solving.chance.atoms_of_laws import refuse_atoms
from derive.solving.chance.density_forms import generic, named, shortest
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import follows, law_term
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["Target", "finished", "solve_density", "target_of", "with_letter"]


class Target(NamedTuple):
    """What the density is of: its name on paper, what it is in terms of others, the letter of its values."""

    label: str
    body: Term
    letter: Any


class Branch(NamedTuple):
    """One inverse x = h(y)."""

    inverse: Any
    slope: Any


def solve_density(reading: Reading) -> Solution | None:
    """The density of Y = g(X), or of a variable with a declared law."""
    model = build(reading)
    target = target_of(reading, model)
    if target is None:
        return None
    names = [
        n.data for n in target.body.walk() if n.head == "name" and n.data in model.variables and model.variables[n.data].law is not None
    ]
    distinct = tuple(dict.fromkeys(names))
    if len(distinct) != 1:
        return None
    source = model.variables[distinct[0]]
    law = source.law
    assert law is not None
    if any(isinstance(v, Term) for v in law.values):
        return None  # of a vector
    if not isinstance(law.family.log_density(source.symbol, *law.values), sp.Expr):
        return None
    function = to_sympy(target.body, model.types)
    journal = Journal(reading.term)
    if function == source.symbol:
        return _of_the_law(target, law, model, journal)
    if law.family.discrete:
        raise NotSupported("the mass of a transformed discrete variable", span=reading.expanded.span)
    refuse_atoms(function, target.label)
    # p(x) of x = g(z): the letter of the values is that of the variable, which in a formula is a number like any other
    model = replace(model, defined={n: b for n, b in model.defined.items() if n.key != getattr(target.letter, "name", "")})
    return _transformed(target, function, source, model, journal)


def target_of(reading: Reading, model: Model) -> Target | None:
    """What `density of …` or p_Y(y) is about."""
    term, written = reading.expanded, reading.term
    if term.head == "call":
        head, argument = term.args[0].data, (written if written.head == "call" else term).args[1]
        name = Name.from_key(head.sub) if head.sub else None
        if name is None:
            body, label = _lettered(argument, model)
        else:
            body = model.defined.get(name) or (Term("name", (), name) if name in model.variables else None)
            label = name.key
        if body is None:
            return None
        return Target(label, _opened(body, model), to_sympy(argument, {}))
    body = term.args[0]
    shown = written.args[0]
    label = plain(shown) if shown.head == "name" else "Y" if "Y" not in plain(shown) else "Z"
    letter = label.lower() if label.lower() != label else "t"
    return Target(label, _opened(body, model), sp.Symbol(letter, real=True))


def _lettered(argument: Term, model: Model) -> tuple[Term | None, str]:
    """p(x): of the variable x, or of X."""
    if argument.head != "name":
        return None, ""
    name = argument.data
    for candidate in (name, name._replace(base=name.base.upper())):
        if candidate in model.variables or candidate in model.defined:
            return Term("name", (), candidate), candidate.key
    return None, ""


def _opened(body: Term, model: Model) -> Term:
    """The body with defined variables put in."""
    for _ in range(8):
        opened = body.transform(lambda t: model.defined[t.data] if t.head == "name" and t.data in model.defined else t)
        if opened == body:
            break
        body = opened
    return body


def _of_the_law(target: Target, law: Distribution, model: Model, journal: Journal) -> Solution:
    value = _density(law, target.letter)
    support = law.family.support(*law.values)
    shown = Term("call", (Term("name", (), Name("p", sub=target.label)), from_sympy(target.letter)))
    claim = Claim("normalised", value, support, (target.letter,))
    journal.add(step(INSERT_DENSITY, shown, value, because=("the density of ", law_term(law)), claim=claim))
    return finished(value, law, (support.lower, support.upper), target, model, journal)


def _density(law: Distribution, x: Any) -> Any:
    return law.family.density(x, *law.values) if law.family.density is not None else exp(law.family.log_density(x, *law.values))


def _transformed(target: Target, function: Any, source: Variable, model: Model, journal: Journal) -> Solution:
    law = source.law
    assert law is not None
    support = law.family.support(*law.values)
    x = sp.Symbol(source.symbol.name, positive=True) if sp.sympify(support.lower).is_nonnegative else source.symbol
    g = function.subs(source.symbol, x)
    y = _letter(g, x, support, target.letter)
    branches, ends = _branches(g, x, y, support)
    equation = sp.Eq(y, g, evaluate=False)
    inverses = sp.Tuple(*(sp.Eq(x, b.inverse, evaluate=False) for b in branches))
    composed = sp.Tuple(*(g.subs(x, b.inverse) for b in branches))
    claim = Claim("equal", composed, sp.Tuple(*(y for _ in branches)))
    word = ("one branch",) if len(branches) == 1 else (f"{len(branches)} branches",)
    journal.add(step(INVERSE, equation, inverses[0] if len(branches) == 1 else inverses, "⇔", word, claim=claim))
    slopes = sp.Tuple(*(b.slope for b in branches))
    held = sp.Tuple(*(sp.Abs(sp.Derivative(b.inverse, y, evaluate=False)) for b in branches))
    one = len(branches) == 1
    journal.add(step(JACOBIAN, held[0] if one else held, slopes[0] if one else slopes, claim=Claim("equal", held, slopes)))
    terms = [_density(law, b.inverse) * b.slope for b in branches]
    raw = sp.Add(*terms)
    shown = Term("call", (Term("name", (), Name("p", sub=target.label)), from_sympy(y)))
    formula = Term("add", tuple(_product(source, b) for b in branches)) if not one else _product(source, branches[0])
    value = shortest(raw)
    claim = Claim("normalised", value, Support("interval", *ends), (y,))
    journal.add(step(CHANGE, shown, formula, claim=claim))
    tail = sp.Symbol(f"{y.name}_0", **y.assumptions0)
    model = with_letter(model, tail, ends)
    event = Term("probability", (Term("rel", (target.body, from_sympy(tail)), "<="),), "P")
    cumulative = Claim("equal", event, sp.Integral(value, (y, ends[0], tail)))
    journal.add(step(INSERT_DENSITY, formula, value, because=("with ", law_term(law)), claim=cumulative))
    law_of_it = named(value, y, ends)
    if law_of_it is not None:
        claim = Claim("equal", value, exp(law_of_it.family.log_density(y, *law_of_it.values)), (y,))
        subject = Term("name", (), Name.from_key(target.label))
        journal.add(
            step(RECOGNISE_PREDICTIVE, value, follows(subject, law_of_it), "⇒", ("the density of ", law_term(law_of_it)), claim=claim)
        )
    return finished(value, law_of_it, ends, target._replace(letter=y), model, journal)


def _product(source: Variable, branch: Branch) -> Term:
    inner = Term("call", (Term("name", (), Name("p", sub=source.name.key)), from_sympy(branch.inverse)))
    return Term("mul", (inner, from_sympy(branch.slope)))


def finished(value: Any, law: Distribution | None, ends: tuple[Any, Any], target: Target, model: Model, journal: Journal) -> Solution:
    """The solution whose answer is a density; the law too where it has a name."""
    low, high = ends
    counted = law is not None and law.family.discrete
    if counted:
        end = (", …",) if high == sp.oo else (", …, ", high)
        journal.note((("for ", target.letter, " = ", low, ", ", low + 1, *end, ", and 0 elsewhere"),))
    elif low != -sp.oo or high != sp.oo:
        journal.note((("for ", _range(target.letter, low, high), ", and 0 elsewhere"),))
    if law is not None:
        journal.note(((law.family.says,),))
        for name, parameter in law.parameters.items():
            journal.note(((f"{target.label} ~ {law.name}: {name} = ", parameter),))
    model = with_letter(model, target.letter, ends)
    support = None if counted or ends == (-sp.oo, sp.oo) or isinstance(value, sp.Piecewise) else (target.letter, low, high)
    ended = derivation(journal, value, model)
    return Solution(ended, value, {}, journal.notes, journal.assumptions, law, types=model.types, support=support)


def _range(letter: Any, low: Any, high: Any) -> Any:
    if high == sp.oo:
        return sp.Gt(sp.Symbol(letter.name, real=True), low, evaluate=False)
    if low == -sp.oo:
        return sp.Lt(sp.Symbol(letter.name, real=True), high, evaluate=False)
    return Term("chain", (from_sympy(low), from_sympy(letter), from_sympy(high)), ("<", "<"))


def with_letter(model: Model, letter: Any, ends: tuple[Any, Any]) -> Model:
    """The model in which the letter of the values lies in the support."""
    low, high = ends
    lower = Bound(from_sympy(low)) if low != -sp.oo else None
    upper = Bound(from_sympy(high)) if high != sp.oo else None
    return replace(model, types={**model.types, Name.from_key(letter.name): Type(lower=lower, upper=upper)})


# ── inverses ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _letter(g: Any, x: Any, support: Any, letter: Any) -> Any:
    """The letter of the values, positive where they are: roots and logarithms of it are then real."""
    low, _ = _ends(g, x, support)
    return sp.Symbol(letter.name, positive=True) if sp.sympify(low).is_nonnegative or g.is_positive or g.is_nonnegative else letter


def _ends(g: Any, x: Any, support: Any) -> tuple[Any, Any]:
    """The least and the greatest value, when g is monotone: limits at the ends of the support."""
    values = [_limit(g, x, e, side) for e, side in ((support.lower, "+"), (support.upper, "-"))]
    if any(v.is_comparable is False and not v.is_infinite and v.is_extended_real is False for v in values):
        raise NotSupported("the range of the transformation")
    a, b = values
    if a.has(sp.sign) and b.has(sp.sign) and a.is_infinite is not False and b.is_infinite is not False:
        return -sp.oo, sp.oo  # ±∞ times the sign of a factor that nothing decides: one end each way
    if a.has(sp.sign) or b.has(sp.sign):
        signed = sorted({n.args[0].as_base_exp()[0] for v in (a, b) for n in v.atoms(sp.sign)}, key=str)
        said = [plain(from_sympy(n)) for n in signed]
        raise Undetermined(f"the range depends on the sign of {said[0]}, which nothing declares", expected=tuple(f"{n} > 0" for n in said))
    return (a, b) if _less(a, b, support) else (b, a)


def _limit(g: Any, x: Any, end: Any, side: str) -> Any:
    """The limit from inside; of exponentials, logarithms and powers in which x stands once, what SymPy's arithmetic gives at the end."""
    if g.count(x) == 1 and all(isinstance(f, (sp.exp, sp.log)) for f in g.atoms(sp.Function)):
        value = g.subs(x, end)
        if value in (sp.oo, -sp.oo) or (value.is_finite and value.is_extended_real):
            return value
    return sp.limit(g, x, end, side)


def _less(a: Any, b: Any, support: Any) -> bool:
    if a == -sp.oo or b == sp.oo:
        return True
    if a == sp.oo or b == -sp.oo:
        return False
    gap = b - a
    if isinstance(support.upper, sp.Symbol):  # the ends of the support are in their order
        gap = gap.subs(support.upper, support.lower + sp.Rational(5, 7))
    return bool(gap.subs(dict.fromkeys(gap.free_symbols, sp.Rational(3, 7))).is_nonnegative)


def _branches(g: Any, x: Any, y: Any, support: Any) -> tuple[list[Branch], tuple[Any, Any]]:
    """The inverses that lie in the support, and the range of values."""
    slope = sp.diff(g, x)
    low, high = support.lower, support.upper
    places = [] if slope.is_positive or slope.is_negative else _turning(slope, x, low, high)
    cuts = sorted({*places, *_poles(g, x, low, high)}, key=sp.N) if not any(p.free_symbols for p in places) else places
    pieces = list(zip([low, *cuts], [*cuts, high], strict=True))
    if len(pieces) > 2:
        raise NotSupported("a transformation with more than two branches")
    found = _solutions(sp.Eq(g, y), x)
    branches = []
    for left, right in pieces:
        inside = [r for r in found if _is_inside(r, y, g, x, left, right)]
        if len(inside) != 1:
            raise NotSupported("the inverse of the transformation in closed form")
        inverse = sp.simplify(inside[0])
        derivative = sp.simplify(sp.diff(inverse, y))
        branches.append(Branch(inverse, shortened(_absolute(derivative, y, g, x, left, right))))
    ranges = [_ends(g, x, support._replace(lower=left, upper=right)) for left, right in pieces]
    if len(ranges) == 2 and branches[0] == branches[1] and _adjacent(*ranges):  # 1/X: one inverse, on both sides of the pole
        (a, b), (c, d) = ranges
        return branches[:1], (c, b) if a == d else (a, d)
    if any(r != ranges[0] for r in ranges):
        raise NotSupported("branches with different ranges")
    return branches, ranges[0]


def _adjacent(first: tuple[Any, Any], second: tuple[Any, Any]) -> bool:
    return bool(first[1] == second[0] or second[1] == first[0])


def _poles(g: Any, x: Any, low: Any, high: Any) -> list[Any]:
    """Where the function is infinite inside the support."""
    below = sp.denom(sp.together(g))
    if not below.has(x) or not below.is_polynomial(x):
        return []
    found = [s for s in _solutions(below, x) if s.is_real is not False]
    if any(s.free_symbols for s in found):
        return []
    return [s for s in found if _within(s, low, high)]


def _solutions(equation: Any, x: Any) -> list[Any]:
    try:
        return list(sp.solve(equation, x))
    except NotImplementedError:
        raise NotSupported("the inverse of the transformation in closed form") from None


def _turning(slope: Any, x: Any, low: Any, high: Any) -> list[Any]:
    if slope.has(sp.sign):
        return [s for s in _solutions(slope.atoms(sp.sign).pop().args[0], x) if _within(s, low, high)]
    zeros = [s for s in _solutions(slope, x) if s.is_real is not False and _within(s, low, high)]
    return sorted(zeros, key=sp.default_sort_key)


def _within(value: Any, low: Any, high: Any) -> bool:
    at = generic(value.free_symbols | sp.sympify(low).free_symbols | sp.sympify(high).free_symbols)
    number, a, b = (sp.sympify(e).subs(at) for e in (value, low, high))
    return bool(number > a) and bool(number < b)


def _middle(low: Any, high: Any) -> Any:
    if low == -sp.oo and high == sp.oo:
        return sp.Rational(1, 3)
    if high == sp.oo:
        return low + sp.Rational(2, 3)
    if low == -sp.oo:
        return high - sp.Rational(2, 3)
    return low + (high - low) / 3


def _is_inside(root: Any, y: Any, g: Any, x: Any, left: Any, right: Any) -> bool:
    """Whether the inverse takes g(a point of the piece) back to that point."""
    if root.has(sp.I):
        return False
    point = _middle(left, right)
    at = generic((g.free_symbols | root.free_symbols | sp.sympify(point).free_symbols) - {x, y})
    place = sp.sympify(point).subs(at)
    back = root.subs(at).subs(y, g.subs(at).subs(x, place))
    return bool(abs(sp.N(back - place)) < 1e-9)


def _absolute(derivative: Any, y: Any, g: Any, x: Any, left: Any, right: Any) -> Any:
    """|dh/dy|: its sign at one point of the piece is its sign throughout, for g is monotone there."""
    if derivative.is_positive:
        return derivative
    if derivative.is_negative:
        return -derivative
    point = _middle(left, right)
    symbols = (derivative.free_symbols | g.free_symbols | sp.sympify(point).free_symbols) - {x, y}
    at = generic(symbols)
    value = sp.N(derivative.subs(at).subs(y, g.subs(at).subs(x, sp.sympify(point).subs(at))))
    unknown = [s for s in symbols if not s.is_positive and derivative.has(s) and derivative.subs(s, -s) != derivative]
    if unknown:
        return sp.Abs(derivative)
    return derivative if value > 0 else -derivative
