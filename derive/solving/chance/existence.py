"""Whether what is asked for is there at all, before anything is computed: real functions of the variables, means under covariances.

In: an expression with nodes and what is known. Out: the assumptions under which it exists; DoesNotExist, with a value of the variable that
shows it, where it never does. A function that is complex with positive probability has no expectation, whatever an integral would give.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose
from derive.errors import DeriveError, DoesNotExist
from derive.expressions import nodes
from derive.expressions.chance import Chance, Correlation, Covariance, Expectation
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.probability.family import Distribution
from derive.solving.chance.known import Known, owner

__all__ = ["heavy_tailed", "require_real"]

_CONFINED = (sp.log, sp.asin, sp.acos, sp.atanh, sp.acosh, sp.acoth, sp.asec, sp.acsc, nodes.logit, nodes.log1p)
_DRAWS = 8  # of the parameters
_TOGETHER = 30  # points of several variables at once
_WHOLE = (-1, 1, "-1/2", "1/2", "-1/8", "1/8", -2, 2, -7, 7)
_INSIDE = ("1/50", "1/9", "2/9", "2/5", "1/2", "3/5", "7/9", "8/9", "49/50")
_BEYOND = ("1/100", "1/10", "2/5", 1, "5/2", 8)
MAX_WHOLE = 6  # integers of a support that are tried


def require_real(whole: Any, known: Known) -> tuple[Prose, ...]:
    """Raises DoesNotExist where a function under E, Var, … is not real on the support; assumptions where that hangs on parameters."""
    found: dict[Prose, None] = {}
    for node in whole.atoms(Chance) if isinstance(whole, sp.Basic) else ():
        for operand in node.operands:
            for body in _bodies(operand):
                if _is_confined(body, known):
                    found.update(dict.fromkeys(_defined(body, node, known)))
    return tuple(found)


def _bodies(operand: Any) -> Iterator[Any]:
    """The operand, or what stands under its sums and products over an index."""
    if not isinstance(operand, sp.Basic) or operand.has(Chance):
        return
    if operand.has(sp.Sum, sp.Product, sp.Integral, sp.Derivative):
        for inner in operand.atoms(sp.Sum, sp.Product):
            if not inner.function.has(sp.Sum, sp.Product, sp.Integral, sp.Derivative):
                yield inner.function
    else:
        yield operand


def _is_confined(body: Any, known: Known) -> bool:
    """Whether a function of a random variable stands in the body that is not defined everywhere."""
    return any(known.atoms(part) for part in _confined_parts(body))


def _confined_parts(body: Any) -> list[Any]:
    return [p for p in sp.postorder_traversal(body) if isinstance(p, _CONFINED) or (p.is_Pow and not _is_everywhere(p))]


def _is_everywhere(power: Any) -> bool:
    """x² and 2^x are defined at every number; 1/x not at 0, √x not below it."""
    return bool(power.exp.is_integer and power.exp.is_nonnegative) or bool(power.base.is_positive)


def _defined(body: Any, node: Chance, known: Known) -> tuple[Prose, ...]:
    atoms = sorted(known.atoms(body), key=str)
    events = [c for c in node.conditions if not (c.is_Symbol or isinstance(c, sp.Indexed))]
    if not all(isinstance(c, sp.core.relational.Relational) for c in events):
        return ()
    source = random.Random(str(body))
    verdicts: list[tuple[Any, dict[Any, Any]] | None] = []
    for _ in range(_DRAWS):
        trial = _Trial(known, source)
        places = trial.places(atoms)
        if places is None:
            return ()
        kept = [p for p in places if all(_holds(c, p, trial) for c in events)]
        if not kept:
            continue
        verdicts.append(next(((w, p) for p in kept if (w := _fault(body, p, trial)) is not None), None))
        if not trial.parameters:
            break
    faults = [v for v in verdicts if v is not None]
    if not faults:
        return ()
    part, place = faults[0]
    if len(faults) == len(verdicts):
        raise _refusal(node, body, part, place, atoms, known)
    return (_assumption(part, node, atoms, known),)


def _refusal(node: Chance, body: Any, part: Any, place: Mapping[Any, Any], atoms: list[Any], known: Known) -> DoesNotExist:
    at = ", ".join(f"{_plain(a)} = {_plain(place[a])}" for a in atoms)
    lacks = "is not defined" if part.is_Pow and part.exp.is_integer else "is not a real number"
    near = "" if _are_discrete(atoms, known) else "near "
    return DoesNotExist(f"{_plain(node)} does not exist: {_plain(part)} {lacks} {near or 'at '}{at}, which has positive probability")


def _plain(expression: Any) -> str:
    return plain(from_sympy(expression))


def _assumption(part: Any, node: Chance, atoms: list[Any], known: Known) -> Prose:
    """The least value of what is under the root or the logarithm is not negative; in words where it is no linear function."""
    otherwise = (": otherwise ", node, " does not exist")
    inner = part.base if part.is_Pow else part.args[0]
    least = _least(inner, atoms[0], known) if len(atoms) == 1 and isinstance(part, (sp.Pow, sp.log)) else None
    if least is not None:
        return (sp.Ge(least, S.Zero), *otherwise)
    return (part, " is a real number for every value of ", *_listed(atoms), *otherwise)


def _listed(atoms: list[Any]) -> Prose:
    found: list[Any] = []
    for place, atom in enumerate(atoms):
        found += [", ", atom] if place else [atom]
    return tuple(found)


def _least(inner: Any, atom: Any, known: Known) -> Any:
    law = known.law(atom)
    if law is None or not inner.is_polynomial(atom) or sp.degree(inner, atom) != 1:
        return None
    slope = inner.coeff(atom, 1)
    support = law.family.support(*law.values)
    end = support.lower if slope.is_positive else support.upper if slope.is_negative else None
    return None if end is None or not sp.sympify(end).is_finite else sp.expand(inner.subs(atom, end))


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Trial:
    """One choice of numbers for the parameters, and points of the supports under it."""

    def __init__(self, known: Known, source: random.Random) -> None:
        self.known = known
        self.source = source
        self.parameters: dict[Any, Any] = {}
        self.barred = False  # whether the numbers are no parameters of the laws

    def number(self, symbol: Any) -> Any:
        """A number in the domain of the symbol, the same each time."""
        if symbol not in self.parameters:
            self.parameters[symbol] = self._drawn(symbol)
        return self.parameters[symbol]

    def _drawn(self, symbol: Any) -> Any:
        kind = self.known.types.get(owner(symbol)) if symbol.is_Symbol else None
        low, high = (_bound(b) for b in ((kind.lower, kind.upper) if kind is not None else (None, None)))
        if symbol.is_integer:
            least = low if low is not None else 1 if symbol.is_positive else 0 if symbol.is_nonnegative else -3
            return sp.Integer(int(least) + self.source.randint(0, 5))
        if low is None and (symbol.is_positive or symbol.is_nonnegative):
            low = 0.0
        if low is not None and high is not None:
            return sp.Rational(str(round(low + (high - low) * self.source.uniform(0.1, 0.9), 3)))
        if low is not None:
            return sp.Rational(str(round(low + self.source.uniform(0.2, 3.0), 3)))
        if high is not None:
            return sp.Rational(str(round(high - self.source.uniform(0.2, 3.0), 3)))
        return sp.Rational(str(round(self.source.choice((-1, 1)) * self.source.uniform(0.2, 2.5), 3)))

    def numeric(self, value: Any, place: Mapping[Any, Any]) -> Any:
        """The expression with numbers for everything; None where something in it has none."""
        written = nodes.expand_definitions(value.xreplace(dict(place))) if isinstance(value, sp.Basic) else sp.sympify(value)
        free = written.free_symbols
        if any(isinstance(s, sp.Indexed) for s in free) or written.has(sp.Indexed, Chance):
            return None
        written = written.xreplace({s: self.number(s) for s in free})
        return written if not written.free_symbols and not written.atoms(sp.core.function.AppliedUndef) else None

    def places(self, atoms: list[Any]) -> list[dict[Any, Any]] | None:
        """Points of the common support, of which each has a neighbourhood of positive probability; None where a support is not known."""
        if len(atoms) == 1 and not self.known.parents(atoms[0]):
            points = self._points(atoms[0], {})
            return None if points is None else [{atoms[0]: p} for p in points]
        found = []
        for _ in range(_TOGETHER):
            place: dict[Any, Any] = {}
            for atom in atoms:
                if not self._place(atom, place, ()):
                    return [] if self.barred else None
            found.append(place)
        return found

    def _place(self, atom: Any, place: dict[Any, Any], waiting: tuple[Any, ...]) -> bool:
        if atom in place:
            return True
        if atom in waiting or not all(self._place(p, place, (*waiting, atom)) for p in sorted(self.known.parents(atom), key=str)):
            return False
        points = self._points(atom, place)
        if not points:
            return False
        place[atom] = self.source.choice(points)
        return True

    def _points(self, atom: Any, place: Mapping[Any, Any]) -> list[Any] | None:
        law = self.known.law(atom)
        if law is None and self.known.cases(atom):
            law = self.source.choice(self.known.cases(atom))[1]
        if law is not None and law.name not in ("Bernoulli", "Categorical"):
            return self._of_law(law, place)
        values = self.known.values(atom)
        return None if values is None else [v for v, p in values.items() if p != 0]

    def _of_law(self, law: Distribution, place: Mapping[Any, Any]) -> list[Any] | None:
        if not all(isinstance(v, sp.Basic) for v in law.values):
            return None
        support = law.family.support(*law.values)
        if support.kind not in ("interval", "integers"):
            return None
        low, high = (self.numeric(sp.sympify(e), place) for e in (support.lower, support.upper))
        if low is None or high is None or not (low.is_extended_real and high.is_extended_real):
            return None
        if bool(low > high):
            self.barred = True
            return []
        if support.kind == "integers":
            last = high if high.is_finite else low + MAX_WHOLE
            return [low + k for k in range(min(int(last - low) + 1, MAX_WHOLE))] + [last]
        if low.is_finite and high.is_finite:
            return [low + (high - low) * sp.Rational(t) for t in _INSIDE]
        if low.is_finite:
            return [low + sp.Rational(t) for t in _BEYOND]
        if high.is_finite:
            return [high - sp.Rational(t) for t in _BEYOND]
        return [sp.Rational(t) for t in _WHOLE]


def _bound(bound: Any) -> float | None:
    if bound is None or bound.value.head not in ("number", "neg") or bound.value.has("name"):
        return None
    from derive.expressions.to_sympy import to_sympy

    value = to_sympy(bound.value, {})
    return float(value) if value.is_number else None


def _holds(condition: Any, place: Mapping[Any, Any], trial: _Trial) -> bool:
    value = trial.numeric(condition, place)
    return value is None or bool(value)


def _fault(body: Any, place: Mapping[Any, Any], trial: _Trial) -> Any:
    """The innermost function that is to blame where the body is not a real number at the point; None where it is one."""
    if not _is_amiss(body, place, trial):
        return None
    return next((p for p in _confined_parts(body) if _is_amiss(p, place, trial)), body)


def _is_amiss(body: Any, place: Mapping[Any, Any], trial: _Trial) -> bool:
    written = trial.numeric(body, place)
    if written is None:
        return False
    if written.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
        return _are_discrete(place, trial.known)
    value = written.evalf(15)
    if value.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
        return _are_discrete(place, trial.known)
    real, imaginary = value.as_real_imag()
    if not (real.is_Float or real.is_Rational) or not (imaginary.is_Float or imaginary.is_Rational):
        return False
    return bool(abs(imaginary) > 1e-9 * (1 + abs(real)))


def _are_discrete(atoms: Iterable[Any], known: Known) -> bool:
    """Whether single points have positive probability: a pole of a density's function may be integrable, that of a mass counts."""
    laws = [known.law(a) for a in atoms]
    return all(law is None or law.family.discrete for law in laws)


# ── means under covariances ──────────────────────────────────────────────────────────────────────────────────────────


def heavy_tailed(node: Any, known: Known) -> list[Any]:
    """The expectations that Cov(U, V) and Corr(U, V) rest on, where one of the variables below may have no mean."""
    if not isinstance(node, (Covariance, Correlation)):
        return []
    below, waiting = set(), list(known.atoms(sp.Tuple(*node.operands)))
    while waiting:
        atom = waiting.pop()
        if atom not in below:
            below.add(atom)
            waiting += known.parents(atom)
    if not any(_may_lack_moments(known.law(a)) for a in below):
        return []
    left, right = node.operands
    found = [Expectation.of(o, given=node.conditions) for o in (left, right)]
    if not known.independent(known.atoms(left), known.atoms(right), set(node.conditions)):
        found.append(Expectation.of(left * right, given=node.conditions))
    return found


def _may_lack_moments(law: Distribution | None) -> bool:
    if law is None or law.family.moment_exists is None or not all(isinstance(v, sp.Basic) for v in law.values):
        return False
    try:
        return any(law.family.moment_exists(order, *law.values) not in (True, S.true) for order in (1, 2))
    except DeriveError:
        return False
