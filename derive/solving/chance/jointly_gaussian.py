"""Linear forms of jointly Gaussian variables: their means and covariances, from laws, joint laws and linear conditional laws.

In: a Model and SymPy expressions that are linear in its variables. Out: a `Gaussians`, or None where a form is not linear or a variable is
not Gaussian. Raises Undetermined where nothing says how the variables hang together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from derive.derivation import Prose
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.laws import entries
from derive.probability.model import Joint, Model
from derive.probability.outcomes_listed import law_of, refuse_unrelated

__all__ = ["Gaussians", "Moments", "gaussians", "symbol_in"]


@dataclass(frozen=True)
class Moments:
    """Mean and variance of one linear form, perhaps given others."""

    mean: Any
    variance: Any

    @property
    def law(self) -> Distribution:
        """The Normal law with them."""
        return Distribution(FAMILIES["Normal"], {"mean": self.mean, "variance": self.variance})


@dataclass
class Gaussians:
    """Independent blocks of Gaussian symbols, and what every variable is in terms of them."""

    means: dict[Any, Any] = field(default_factory=dict)
    covariances: dict[frozenset[Any], Any] = field(default_factory=dict)
    insertions: dict[Any, Any] = field(default_factory=dict)
    assumptions: tuple[Prose, ...] = ()

    def opened(self, form: Any) -> Any | None:
        """The form in terms of the blocks; None where it is not linear."""
        value = sp.expand(form)
        for _ in range(len(self.insertions) + 1):
            value = sp.expand(value.xreplace(self.insertions))
        symbols = list(self.means)
        if not value.is_polynomial(*symbols) or sp.Poly(value, *symbols).total_degree() > 1:
            return None
        return value

    def mean(self, form: Any) -> Any:
        """E[form]."""
        return _short(self._opened(form).xreplace(self.means))

    def covariance(self, first: Any, second: Any) -> Any:
        """Cov(first, second)."""
        left, right = self._opened(first), self._opened(second)
        total = sp.S.Zero
        for a in self.means:
            weight = left.coeff(a)
            if weight == 0:
                continue
            for b in self.means:
                shared = self.covariances.get(frozenset((a, b)), sp.S.Zero)
                if shared != 0:
                    total += weight * right.coeff(b) * shared
        return _short(total)

    def given(self, form: Any, known: Sequence[Any], values: Sequence[Any]) -> Moments | None:
        """The law of the form where the known forms have the values; None where these are not independent of each other."""
        if not known:
            return Moments(self.mean(form), self.covariance(form, form))
        inner = sp.Matrix([[self.covariance(a, b) for b in known] for a in known])
        if sp.simplify(inner.det()) == 0:
            return None
        cross = sp.Matrix([[self.covariance(form, b) for b in known]])
        weights = cross * inner.inv()
        gaps = [v - self.mean(k) for k, v in zip(known, values, strict=True)]
        mean = self.mean(form) + sp.Add(*(sp.factor(w) * g for w, g in zip(weights, gaps, strict=True)))
        return Moments(mean, _short(self.covariance(form, form) - (weights * cross.T)[0, 0]))

    def _opened(self, form: Any) -> Any:
        value = self.opened(form)
        assert value is not None
        return value


def _short(value: Any) -> Any:
    return min((sp.factor(value), sp.cancel(value), value, sp.expand(value)), key=sp.count_ops)


def symbol_in(model: Model, name: Name) -> Any:
    """The symbol of a variable or of a member of a sample."""
    variable = model.variables.get(name)
    return variable.symbol if variable is not None else to_sympy(Term("name", (), name), model.types)


def gaussians(model: Model, forms: Sequence[Any]) -> Gaussians | None:
    """What the forms are made of."""
    found = Gaussians()
    by_symbol = {v.symbol: n for n, v in model.variables.items()}
    roots: dict[Name, None] = {}
    conditional: dict[Name, None] = {}
    pending = [s for f in forms for s in sorted(f.free_symbols, key=str)]
    seen: set[Any] = set()
    while pending:
        symbol = pending.pop(0)
        if symbol in seen:
            continue
        seen.add(symbol)
        name = by_symbol.get(symbol) or (Name.from_key(symbol.name) if isinstance(symbol, sp.Symbol) else None)
        if name is None or not model.is_random(name):
            continue
        variable = model.variables.get(name)
        if variable is not None and (variable.shape or variable.cases):
            return None
        if variable is not None and variable.given and variable.law is not None:
            if variable.law.name != "Normal" or variable.law.values[1].free_symbols & set(by_symbol):
                return None
            conditional[name] = None
            pending += sorted(variable.law.values[0].free_symbols, key=str)
            pending += [to_sympy(t, model.types) for t in variable.given if t.head == "name"]
            continue
        law = law_of(model, name)
        if law is None or law.name != "Normal" or any(isinstance(v, Term) for v in law.values):
            return None
        if any(v.free_symbols & set(by_symbol) for v in law.values):
            return None
        roots[name] = None
    return found if _place(found, model, list(roots), list(conditional)) else None


def _place(found: Gaussians, model: Model, roots: list[Name], conditional: list[Name]) -> bool:
    if not roots:
        return False
    joints = [j for j in model.joints if j.law.name == "Normal" and set(j.members) & set(roots)]
    placed: set[Name] = set()
    heads: list[Name] = []
    for joint in joints:
        if not _joint(found, model, joint):
            return False
        placed |= set(joint.members)
        heads.append(next(m for m in joint.members if m in roots))
    for name in roots:
        if name in placed:
            continue
        law = law_of(model, name)
        assert law is not None
        _single(found, symbol_in(model, name), *law.values)
        heads.append(name)
    if len(heads) > 1:
        refuse_unrelated(model, heads)
        said = Term("list", tuple(Term("name", (), n) for n in heads))
        found.assumptions = ((said, " are independent (declared)"),)
    known = {symbol_in(model, n) for n in (*roots, *placed)}
    waiting = list(conditional)
    while waiting:
        # the noise of Y | X is independent of X alone: everything else that occurs must be among what it is conditional on
        needed = {symbol_in(model, r) for r in roots} | (known & set(found.insertions))
        ready = next((n for n in waiting if _given(model, n) >= needed), None)
        if ready is None:
            return False
        variable = model.variables[ready]
        assert variable.law is not None
        noise = sp.Dummy(f"noise of {ready.key}", real=True)
        _single(found, noise, sp.S.Zero, variable.law.values[1])
        found.insertions[variable.symbol] = variable.law.values[0] + noise
        if found.opened(variable.symbol) is None:
            return False
        known.add(variable.symbol)
        waiting.remove(ready)
    return True


def _given(model: Model, name: Name) -> set[Any]:
    return {to_sympy(t, model.types) for t in model.variables[name].given}


def _single(found: Gaussians, symbol: Any, mean: Any, variance: Any) -> None:
    found.means[symbol] = mean
    found.covariances[frozenset((symbol,))] = variance


def _joint(found: Gaussians, model: Model, joint: Joint) -> bool:
    mean, covariance = joint.law.parameters["mean"], joint.law.parameters["covariance"]
    written = entries(mean)
    size = len(joint.members)
    if written is None or len(written) != size or any(model.variables[m].shape for m in joint.members) or joint.given:
        return False
    if not isinstance(covariance, Term) or len(covariance.args) != size * size:
        return False
    symbols = [model.variables[m].symbol for m in joint.members]
    for k, symbol in enumerate(symbols):
        found.means[symbol] = to_sympy(written[k], model.types)
        for j, other in enumerate(symbols):
            found.covariances[frozenset((symbol, other))] = to_sympy(covariance.args[k * size + j], model.types)
    return True
