"""An experiment: numbers for the parameters, and a concrete joint law of the random variables.

In: a `Structure` (what a model says, as sources over SymPy expressions) and the number of the experiment. Out: a `World`, in which
expressions with random variables and with operators such as E[…] have values. Declared laws are taken as declared; variables of which
only facts are known get a random finite law that obeys the facts and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef

from derive.checking.arithmetic import REAL, Arithmetic
from derive.checking.chance.integrals import integral
from derive.checking.chance.sources import Key, LawSource, Source
from derive.checking.evaluate import root_frame
from derive.checking.frame import Column, Frame, Unevaluable, indices
from derive.checking.sampling import Sample
from derive.expressions.chance import Chance

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure

__all__ = ["Parameters", "World"]

POINTS = 6
SIZES = (3, 2, 3, 2, 3, 2)  # of samples
BIG_SIZES = (4, 5, 3, 6, 4, 5)  # of samples that are data only
BASE = root_frame(Sample({}, 1)).handlers


class Parameters:
    """One point: the values of the parameters, made up by their types; `given` are values that the law decides."""

    count = 1
    curves: tuple[Any, ...] = ()

    def __init__(self, types: Mapping[Any, Any], number: int) -> None:
        self._sample = Sample(types, POINTS, number // POINTS)
        self._place = number % POINTS
        self.given: dict[str, Any] = {}
        self.used: dict[str, Any] = {}
        self.entries: dict[tuple[str, tuple[int, ...]], Any] = {}
        self.shift: dict[str, float] = {}

    def column(self, symbol: sp.Symbol) -> Sequence[Any]:
        """The value of a scalar parameter."""
        value = self.given.get(symbol.name)
        if value is None:
            value = self._sample.column(symbol)[self._place] + self.shift.get(symbol.name, 0)
        self.used[symbol.name] = value
        return [value]

    def entry(self, label: sp.Symbol, places: tuple[int, ...], point: int) -> Any:
        """The entry of an array that is not random."""
        value = self._sample.entry(label, places, self._place)
        self.entries[label.name, places] = value
        return value


class WorldFrame(Frame):
    """A frame in which a bound variable with the name of a random one is that: in ∫ p(x | θ) p(θ) dθ the density is at the bound θ."""

    __slots__ = ("world",)
    world: World

    def child(
        self,
        parents: Sequence[int],
        symbols: Mapping[Any, Column] | None = None,
        bump: tuple[Any, list[tuple[int, ...]], Column] | None = None,
        arithmetic: Arithmetic | None = None,
    ) -> Frame:
        """As that of a frame; keys of random variables are their names."""
        sources = self.world.sources
        named = {s.name if _is_written(s) and s.name in sources else s: c for s, c in (symbols or {}).items()}
        plain = super().child(parents, named, bump, arithmetic)
        made = WorldFrame(plain.arithmetic, self.points, plain.roots, plain.symbols, plain.bumps, self.handlers, self.noisy)
        made.world = self.world
        return made


class Met(NamedTuple):
    """The value of an operator, and the flags that its evaluation set."""

    column: Column
    is_exact: bool
    diverges: bool
    sizes: list[float]


class World:
    """One experiment. `level` says how finely continuous laws are summed (see `rules`); the flags say what the last evaluation met."""

    def __init__(self, structure: Structure, number: int, *, many: bool = False) -> None:
        self.structure = structure
        self.number = number
        self.random = Random(f"world {number}")
        self.points = Parameters(structure.types, number)
        self.points.shift = structure.shifts
        self.level = 0
        self.is_exact = True
        self.diverges = False
        self.sizes: list[float] = []
        self.lane_weights: list[float] = []  # of the lanes of the operator around, while its operands are evaluated
        self._known: dict[tuple[int, Any], Met] = {}  # operators by level
        self.size = (BIG_SIZES if many else SIZES)[number % POINTS]
        for name in structure.size_names:
            self.points.given[name] = self.size
        self.sources: dict[Key, Source] = {}
        self.lengths: dict[str, int] = {}  # of samples
        self.unbounded: set[str] = set()  # samples whose members beyond their length are taken to be 0: they have next to no mass
        self.described: tuple[tuple[str, Any], ...] = ()
        structure.furnish(self)
        self._known.clear()  # what was met while the law was being made holds no longer

    # ── frames ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def frame(self) -> Frame:
        """One lane: the parameters only."""
        root = root_frame(self.points)
        made = WorldFrame(root.arithmetic, self.points, root.roots, {}, (), self._handler, {})
        made.world = self
        return made

    def fresh(self, level: int) -> None:
        """Forget what was met, and go on at another level."""
        self.level, self.is_exact, self.diverges = level, True, False
        self.sizes = []

    def _handler(self, kind: type) -> Callable[[Frame, Any], Column]:
        own = self._own.get(kind)
        if own is not None:
            return own
        if issubclass(kind, Chance):
            return self._operator
        return BASE(kind)

    @cached_property
    def _own(self) -> dict[Any, Callable[[Frame, Any], Column]]:
        return {
            sp.Symbol: self._symbol, sp.Dummy: self._symbol, sp.Indexed: self._indexed, sp.Derivative: self._derivative,
            sp.Integral: integral,
            **self.structure.handlers(self),
        }  # fmt: skip

    def _operator(self, frame: Frame, e: Any) -> Column:
        """The value of an operator; where nothing has a value but the parameters it is worked out once a level, for all steps."""
        from derive.checking.chance.operators import evaluate

        if frame.symbols or frame.bumps or frame.lanes != 1 or frame.arithmetic is not REAL:
            return evaluate(self, frame, e)
        known = self._known.get((self.level, e)) or self.structure.settled.get((self.level, e))
        if known is None:
            known = self._known[self.level, e] = self._met(frame, e, evaluate)
            if self._is_without_parameters and self._is_over_variables(e):
                self.structure.settled[self.level, e] = known
        self.is_exact, self.diverges = self.is_exact and known.is_exact, self.diverges or known.diverges
        self.sizes += known.sizes
        return known.column

    def _met(self, frame: Frame, e: Any, evaluate: Callable[[World, Frame, Any], Column]) -> Met:
        """The value of an operator with what its evaluation met, as if it were the first one."""
        before = self.is_exact, self.diverges, self.sizes
        self.is_exact, self.diverges, self.sizes = True, False, []
        try:
            return Met(evaluate(self, frame, e), self.is_exact, self.diverges, self.sizes)
        finally:
            self.is_exact, self.diverges, self.sizes = before

    @cached_property
    def _is_without_parameters(self) -> bool:
        """Whether the law is the same in every experiment: all variables have declared laws over numbers and each other."""
        if self.lengths or self.points.given or not all(isinstance(s, LawSource) for s in self.sources.values()):
            return False
        parameters = [p for s in self.sources.values() if isinstance(s, LawSource) for p in s.parameters]
        return all(isinstance(p, sp.Basic) and self._is_over_variables(p) for p in parameters)

    def _is_over_variables(self, e: Any) -> bool:
        """Whether an expression holds numbers and random variables, and nothing else that an experiment makes up."""
        return not e.has(sp.Indexed, AppliedUndef, *self.structure.held_kinds) and all(s.name in self.sources for s in e.free_symbols)

    def _symbol(self, frame: Frame, e: Any) -> Column:
        found = frame.symbols.get(e)
        if found is None and _is_written(e):
            found = frame.symbols.get(e.name)
        if found is not None:
            return found
        if not _is_written(e):
            return BASE(sp.Symbol)(frame, e)
        opposite = self.structure.opposites.get(e.name)
        key = self.structure.key_of(e.name if opposite is None else opposite, self)
        if key is None:
            return BASE(sp.Symbol)(frame, e)
        column = frame.symbols.get(key)
        if column is None:
            raise Unevaluable(f"{e.name} is random and has no value here")
        if e.name in self.structure.roots and key != e.name:
            exponent = 1 / float(self.structure.roots[e.name][1])
            return [v**exponent for v in column]
        return column if opposite is None else [not v for v in column]

    def _indexed(self, frame: Frame, e: Any) -> Column:
        label = e.args[0].args[0].name
        if label not in self.lengths:
            return BASE(sp.Indexed)(frame, e)
        column: Column = []
        for lane, place in enumerate(indices(frame, e.args[1:])):
            values = frame.symbols.get((label, *place))
            if values is None and label in self.unbounded and place[0] > self.lengths[label]:
                column.append(0.0)
                continue
            if values is None:
                if not all(1 <= p <= self.lengths[label] for p in place):
                    raise Unevaluable(f"{label} has no entry {place[0]}")
                raise Unevaluable(f"{label} is random and has no value here")
            column.append(values[lane])
        return column

    def _derivative(self, frame: Frame, e: Any) -> Column:
        if not e.has(Chance, *self.structure.held_kinds):
            return BASE(sp.Derivative)(frame, e)
        from derive.checking.chance.operators import difference

        return difference(self, frame, e)

    # ── who is random ────────────────────────────────────────────────────────────────────────────────────────────────

    def keys_of(self, expressions: Iterable[Any], frame: Frame | None = None) -> set[Key]:
        """The random variables whose values the expressions need; those under an operator are its own affair."""
        found: set[Key] = set()
        for expression in expressions:
            self._gather(expression, frame, frozenset(), found)
        return found

    def _gather(self, e: Any, frame: Frame | None, bound: frozenset[str], found: set[Key]) -> None:
        if isinstance(e, sp.Dummy):
            return
        if isinstance(e, sp.Symbol):
            name = self.structure.opposites.get(e.name, e.name)
            if name not in bound and (frame is None or e not in frame.symbols):
                key = self.structure.key_of(name, self)
                if key is not None:
                    found.add(key)
            return
        if isinstance(e, sp.Indexed):
            self._gather_entry(e, frame, bound, found)
            return
        if isinstance(e, self.structure.held_kinds):
            found |= self.structure.held_keys(self, frame, e)
            return
        if isinstance(e, Chance):
            for condition in e.conditions:
                if self.subject(condition, frame):
                    self._gather(condition, frame, bound, found)
                elif isinstance(condition, sp.Eq) and self.subject(condition.lhs, frame):
                    self._gather(condition.rhs, frame, bound, found)
            return
        if isinstance(e, ExprWithLimits):
            inner = bound | {limit[0].name for limit in e.limits}
            self._gather(e.function, frame, inner, found)
            for limit in e.limits:
                for end in limit[1:]:
                    self._gather(end, frame, bound, found)
            return
        for part in e.args:
            self._gather(part, frame, bound, found)

    def _gather_entry(self, e: Any, frame: Frame | None, bound: frozenset[str], found: set[Key]) -> None:
        label = e.args[0].args[0].name
        length = self.lengths.get(label)
        if length is None:
            for index in e.args[1:]:
                self._gather(index, frame, bound, found)
            return
        symbols = {s for index in e.args[1:] for s in index.free_symbols}
        if frame is not None and not any(s.name in bound for s in symbols):
            try:
                places = set(indices(frame, e.args[1:]))
                found |= {(label, *p) for p in places if label not in self.unbounded or p[0] <= length}
                return
            except Unevaluable:
                pass
        for index in e.args[1:]:
            self._gather(index, frame, bound, found)
        found |= {key for key in self.sources if isinstance(key, tuple) and key[0] == label}

    def subject(self, condition: Any, frame: Frame | None) -> tuple[Key, ...]:
        """The variables that a condition names, where it is a bare variable; empty for a relation and for a named event."""
        if not isinstance(condition, sp.Basic):
            return (condition.key,)
        if isinstance(condition, sp.Symbol):
            key = self.structure.key_of(condition.name, self)
            return () if key is None or condition.name in self.structure.event_names else (key,)
        if isinstance(condition, sp.Indexed):
            keys = self.keys_of([condition], frame)
            return tuple(sorted(keys, key=str)) if condition.args[0].args[0].name in self.lengths else ()
        if isinstance(condition, (sp.IndexedBase, *self.structure.held_kinds)):
            return self.structure.held_subject(self, condition)
        return ()

    def value_of(self, frame: Frame, key: Key) -> Column:
        """The value that a random variable has in the frame."""
        column = frame.symbols.get(key)
        if column is None:
            raise Unevaluable(f"{self.name_of(key)} is random and has no value here")
        return column

    def name_of(self, key: Key) -> str:
        """A key as it is written."""
        return key if isinstance(key, str) else f"{key[0]}_{','.join(map(str, key[1:]))}"

    def ends_of(self, key: Key) -> list[Any]:
        """The finite ends of the support of a variable with a law, as expressions."""
        source = self.sources.get(key)
        if not isinstance(source, LawSource) or not source.continuous or not all(isinstance(p, sp.Basic) for p in source.parameters):
            return []
        support = source.family.support(*source.parameters)
        return [end for end in (support.lower, support.upper) if end.is_finite is not False and end not in (sp.oo, -sp.oo)]

    def atoms_of(self, expression: Any, key: Key) -> list[Any]:
        """What stands for a variable in an expression."""
        parts = expression.atoms(sp.Symbol, sp.Indexed)
        return [part for part in parts if self.keys_of([part]) == {key} and not (isinstance(part, sp.Symbol) and part.name in self.lengths)]

    def has_density(self, keys: Iterable[Key]) -> bool:
        """Whether a continuous variable is among them or behind them."""
        return any(source.continuous for source in self.ordered(set(keys)))

    def ordered(self, keys: set[Key]) -> list[Source]:
        """The sources of these variables and of everything that they depend on, parents first."""
        done: list[Source] = []
        seen: set[int] = set()

        def visit(key: Key) -> None:
            source = self.sources.get(key)
            if source is None:
                raise Unevaluable(f"nothing is known of the law of {self.name_of(key)}")
            if id(source) in seen:
                return
            seen.add(id(source))
            for parent in sorted(source.parents, key=str):
                visit(parent)
            done.append(source)

        for key in sorted(keys, key=self._rank):
            visit(key)
        return done

    def _rank(self, key: Key) -> tuple[int, str]:
        source = self.sources.get(key)
        return (1 if source is not None and source.continuous else 0, str(key))

    # ── values of free random variables ──────────────────────────────────────────────────────────────────────────────

    def drawn(self, keys: set[Key], lanes: int) -> Frame:
        """A frame of so many lanes in which these variables (and what they depend on) have values drawn from the joint law."""
        frame = self.frame().child([0] * lanes)
        for source in self.ordered(keys):
            columns = source.draw(frame, self.random)
            frame = frame.child(range(frame.lanes), columns)
        return self.frame().child([0] * lanes, {k: c for k, c in frame.symbols.items() if k in keys})

    def counterexample(self, frame: Frame, lane: int) -> tuple[tuple[str, Any], ...]:
        """The values of the parameters and of the random variables, and what the law was where it is made up."""
        shown: list[tuple[str, Any]] = sorted((k, v) for k, v in self.points.used.items() if not k.endswith("(law)"))
        arrays: dict[str, dict[str, Any]] = {}
        for (label, places), value in sorted(self.points.entries.items()):
            arrays.setdefault(label, {})[",".join(map(str, places))] = value
        shown += arrays.items()
        shown += [(self.name_of(k), c[lane]) for k, c in frame.symbols.items() if isinstance(k, (str, tuple))]
        return (*shown, *self.described)


def finite(value: Any) -> bool:
    """Whether the value is a finite real number."""
    return not isinstance(value, complex) and value is not None and math.isfinite(value)


def _is_written(symbol: Any) -> bool:
    """Whether a symbol is that of a name; a dummy has a name for people to read only, and is never a variable of the model."""
    return isinstance(symbol, sp.Symbol) and not isinstance(symbol, sp.Dummy)
