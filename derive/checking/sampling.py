"""Points to check at: values for symbols and arrays by domain, bounds, values and properties.

In: the types of the names. Out: `Sample`, deterministic points that make up a value for whatever symbol or array entry is asked
for. Points differ in scale and sign: generic, positive, in (0, 1), small, large, so that both arms of a condition and most
domains are met; where an expression is not finite and real, other points are taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.curves import Curve, start_on_curve
from derive.checking.evaluate import root_frame
from derive.checking.frame import Unevaluable, undefined
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy

if TYPE_CHECKING:
    from derive.meaning.scope import Bound, Type

__all__ = ["Sample"]

_SCALES = ("generic", "positive", "generic", "unit", "large", "positive", "small", "generic")
_RANGES = {"generic": (-2.2, 2.2), "positive": (0.25, 2.6), "unit": (0.08, 0.92), "large": (-8.5, 8.5), "small": (-0.4, 0.4)}
_INDICES = ("212313", "223131", "231212", "213223", "221332", "232121")  # all coincide at the first point, any two differ later
_DOMINANT = 6  # on the diagonal: larger than a row of entries in (-1, 1)


class Sample:
    """`count` points; `column` and `entry` give values, made up when first asked for and remembered.

    `batch` distinguishes further samples of the same names, `count` of them each. `derived` gives columns that follow from others
    (a variable on a curve).
    """

    def __init__(self, types: Mapping[Name, Type], count: int = 6, batch: int = 0) -> None:
        self.count = count
        self.batch = batch
        self._types = {name.key: type for name, type in types.items()}
        self._all_types = types
        self._columns: dict[str, Sequence[Any]] = {}
        self._entries: dict[tuple[str, tuple[int, ...], int], Any] = {}
        self._ranks: dict[str, dict[str, int]] = {}
        literal = [int(size.value) for type in types.values() for size in type.shape if size.head == "number"]
        self._index_limit = max(1, min([3, *literal]))
        self.derived: dict[Any, Callable[[], Sequence[Any]]] = {}
        self.curves: tuple[Curve, ...] = ()

    def column(self, symbol: sp.Symbol) -> Sequence[Any]:
        """The value of a scalar symbol at every point."""
        found = self._columns.get(symbol.name)
        if found is None:
            if symbol in self.derived:
                found = self.derived[symbol]()
            else:
                found = self._make_column(symbol)
            self._columns[symbol.name] = found
        return found

    def entry(self, label: sp.Symbol, indices: tuple[int, ...], point: int) -> Any:
        """The entry of an array; entries outside its shape exist too."""
        key = (label.name, indices, point)
        found = self._entries.get(key)
        if found is None:
            found = self._entries[key] = self._make_entry(label, indices, point)
        return found

    def constrain(self, curves: Sequence[Curve]) -> None:
        """Puts the dependent variables on their curves."""
        self.curves = tuple(curves)
        for curve in curves:
            self.derived[curve.dependent] = partial(self._on_curve, curve)

    def _on_curve(self, curve: Curve) -> Sequence[Any]:
        return start_on_curve(curve, root_frame(self))

    def described(self, symbols: Sequence[sp.Symbol], point: int) -> tuple[tuple[str, Any], ...]:
        """The values at a point, by name: numbers, and for arrays a mapping from indices to the entries that were used."""
        found: list[tuple[str, Any]] = []
        for symbol in sorted(set(symbols), key=lambda s: s.name):
            entries = {i: v for (name, i, p), v in self._entries.items() if name == symbol.name and p == point}
            if entries:
                found.append((symbol.name, {",".join(map(str, i)): v for i, v in sorted(entries.items())}))
            elif symbol.name in self._columns:
                found.append((symbol.name, self._columns[symbol.name][point]))
        return tuple(found)

    # ── scalars ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _make_column(self, symbol: sp.Symbol) -> Sequence[Any]:
        random = Random(f"{symbol.name}:{self.batch}")
        type = self._types.get(symbol.name)
        if type is not None and type.upper is not None and self._is_said_twice(symbol.name, type.upper):
            type = replace(type, upper=None)
        if type is not None and type.values:
            values = [self._bound_value(term, 0) for term in type.values]
            return [random.choice(values) for _ in range(self.count)]
        if symbol.is_integer:
            return self._integers(symbol, type, random)
        if type is not None and type.domain == "complex":
            return [complex(random.uniform(-2, 2), random.uniform(-2, 2)) for _ in range(self.count)]
        lower = self._bound(type.lower) if type is not None and type.lower is not None else None
        upper = self._bound(type.upper) if type is not None and type.upper is not None else None
        return [self._real(symbol, lower and lower[p], upper and upper[p], self._scale(p), random) for p in range(self.count)]

    def _is_said_twice(self, name: str, upper: Bound) -> bool:
        """Whether a < b is the lower bound of b as well: b is drawn above a then."""
        above = {n.data.key for n in upper.value.walk() if n.head == "name"}
        lower = [self._types[key].lower for key in above if key in self._types]
        return any(n.head == "name" and n.data.key == name for bound in lower if bound is not None for n in bound.value.walk())

    def _scale(self, point: int) -> str:
        if self.batch % 3 == 1:
            return ("positive", "unit")[point % 2]
        if self.batch % 3 == 2:
            return ("large", "generic", "small")[point % 3]
        return _SCALES[point % len(_SCALES)]

    def _real(self, symbol: Any, lower: Any, upper: Any, scale: str, random: Random) -> float:
        low, high = _RANGES[scale]
        if lower is not None and upper is not None and math.isfinite(lower) and math.isfinite(upper):
            return float(lower + (upper - lower) * random.uniform(0.04, 0.96))
        if lower is not None and math.isfinite(lower):
            return float(lower + abs(random.uniform(max(low, 0.05 * high), high)))
        if upper is not None and math.isfinite(upper):
            return float(upper - abs(random.uniform(max(low, 0.05 * high), high)))
        value = random.uniform(low, high)
        if abs(value) < 0.03:
            value += 0.05
        if symbol.is_nonnegative:
            return abs(value)
        return -abs(value) if symbol.is_nonpositive else value

    def _integers(self, symbol: Any, type: Type | None, random: Random) -> Sequence[int]:
        """Sizes are 3 to 5 and differ by name and point; indices stay within every size, first coincide and then differ."""
        domain = type.domain if type is not None else "size" if symbol.is_positive else "index"
        if domain == "size":
            rank = self._rank(symbol.name, "size")
            return [3 + (rank + p + self.batch) % 3 for p in range(self.count)]
        lower = [math.floor(v) + 1 if type.lower.strict else math.ceil(v) for v in self._bound(type.lower)] if type and type.lower else None
        upper = [math.ceil(v) - 1 if type.upper.strict else math.floor(v) for v in self._bound(type.upper)] if type and type.upper else None
        if domain == "index" and upper is None:
            pattern = _INDICES[(self._rank(symbol.name, "index") + self.batch) % len(_INDICES)]
            starts = lower or [1] * self.count
            return [starts[p] + (int(pattern[p % len(pattern)]) - 1) % self._index_limit for p in range(self.count)]
        first = 3 if domain == "natural" else 1 if symbol.is_positive else 0 if symbol.is_nonnegative else -3
        found = []
        for p in range(self.count):
            low = lower[p] if lower is not None else first
            if domain == "natural" and (upper is None or upper[p] >= 3):
                low = max(low, 3)  # not below the sizes, so that it may be a size itself
            high = upper[p] if upper is not None else low + 4
            low = min(low, high) if lower is None else low
            found.append(random.randint(low, min(max(low, high), low + 6)))
        return found

    def _rank(self, name: str, kind: str) -> int:
        """How many names of this kind were asked for before this one."""
        return self._ranks.setdefault(kind, {}).setdefault(name, len(self._ranks[kind]))

    def _bound(self, bound: Bound) -> list[float]:
        return [self._bound_value(bound.value, p) for p in range(self.count)]

    def _bound_value(self, term: Term, point: int) -> Any:
        """A bound or a label: a number or an expression in other names."""
        expression = to_sympy(term, self._all_types)
        if expression.is_Integer:
            return int(expression)
        value = root_frame(self).values(expression)[point]
        if undefined(value):
            raise Unevaluable("a bound that is not a number")
        return value

    # ── arrays ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _make_entry(self, label: sp.Symbol, indices: tuple[int, ...], point: int) -> Any:
        type = self._types.get(label.name)
        random = Random(f"{label.name}{indices}:{point}:{self.batch}")
        if type is not None:
            if type.properties:
                return self._with_property(label, type, indices, point, random)
            if type.values:
                return self._bound_value(random.choice(type.values), point)
        if label.is_integer or (type is not None and type.domain in ("index", "natural", "whole", "integer")):
            low = int(self._bound_value(type.lower.value, point)) if type is not None and type.lower is not None else 1
            high = int(self._bound_value(type.upper.value, point)) if type is not None and type.upper is not None else low + 2
            return random.randint(low, max(low, high))
        lower = self._bound_value(type.lower.value, point) if type is not None and type.lower is not None else None
        upper = self._bound_value(type.upper.value, point) if type is not None and type.upper is not None else None
        return self._real(label, lower, upper, self._scale(point), random)

    def _with_property(self, label: sp.Symbol, type: Type, indices: tuple[int, ...], point: int, random: Random) -> Any:
        properties = type.properties
        if "simplex" in properties or "onehot" in properties:
            return self._on_simplex(label, type, indices, point)
        if "diagonal" in properties and len(set(indices)) > 1:
            return 0.0
        if properties & {"symmetric", "positive-definite", "positive-semidefinite"} and len(indices) == 2:
            if indices[0] > indices[1]:
                return self.entry(label, (indices[1], indices[0]), point)
            value = random.uniform(-1, 1)
            dominant = properties & {"positive-definite", "positive-semidefinite"} and indices[0] == indices[1]
            return value + _DOMINANT if dominant else value
        return self._real(label, None, None, self._scale(point), random)

    def _on_simplex(self, label: sp.Symbol, type: Type, indices: tuple[int, ...], point: int) -> Any:
        """Entries of a point of the simplex, or of a unit vector, along the last axis."""
        size = int(self._bound_value(type.shape[-1], point)) if type.shape else 3
        random = Random(f"{label.name}{indices[:-1]}:{point}:{self.batch}")
        if "onehot" in type.properties:
            return int(indices[-1] == random.randint(1, size))
        weights = [random.uniform(0.2, 1.2) for _ in range(size)]
        return weights[indices[-1] - 1] / sum(weights) if 1 <= indices[-1] <= size else 0.0
