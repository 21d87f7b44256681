"""What a model says, made ready for experiments: laws over SymPy expressions, and who needs a made-up law.

In: a Model. Out: a `Structure`, which furnishes worlds: every random variable gets its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.coupling import couple
from derive.checking.chance.sources import CaseSource, Key, LawSource
from derive.checking.chance.vector_sources import VectorSource
from derive.checking.frame import Column, Frame, Unevaluable
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import symbol, to_sympy
from derive.probability.family import Distribution
from derive.probability.model import Joint, Model, Sample, Variable

if TYPE_CHECKING:
    from derive.checking.chance.world import World

__all__ = ["Structure", "entries_of"]

_SHIFTS = {  # so that four moments exist, and densities are finite
    "StudentT": {"nu": 4.5}, "Pareto": {"shape": 4.5}, "InverseGamma": {"shape": 4.5}, "Beta": {"alpha": 1.0, "beta": 1.0},
    "Gamma": {"shape": 1.0}, "ChiSquared": {"k": 2.0}, "Weibull": {"shape": 1.0},
}  # fmt: skip
_LISTED = ("vector", "tuple", "list")
VECTOR_LENGTH = 2
MOST_MEMBERS = 8
UNBOUNDED = 3  # members of X_1, X_2, … that exist: numbers of members beyond have next to no mass
_RARE = {"Poisson": ("rate", 4e-4), "Geometric": ("p", 1 - 4e-4), "NegativeBinomial": ("p", 1 - 4e-4), "Bernoulli": ("p", 0.5)}


class Structure:
    """A model over SymPy. `event_names` are named events, `opposites` names that say that another event does not happen (− for +)."""

    def __init__(self, model: Model, types: Mapping[Name, Any] | None = None) -> None:
        self.model = model
        self.types: Mapping[Name, Any] = {**(types or {}), **model.types}
        self.keys = {name.key: name for name in self.types}
        self.held: list[Any] = []
        self.held_kinds: tuple[type, ...] = ()
        self.event_names: set[str] = set()
        self.opposites: dict[str, str] = {}
        self.size_names: set[str] = set()
        self.shifts: dict[str, float] = {}
        self._laws: dict[Any, tuple[Any, ...]] = {}
        self.settled: dict[tuple[int, Any], Any] = {}  # operators whose values no experiment changes: see `World._operator`
        for sample in model.samples.values():
            if sample.size is not None and sample.size.head == "name":
                self.size_names.add(sample.size.data.key)
        for law in self._all_laws():
            for parameter, value in law.parameters.items():
                shift = _SHIFTS.get(law.name, {}).get(parameter, 0.0)
                if shift and isinstance(value, sp.Symbol) and not value.is_integer:
                    self.shifts[value.name] = max(shift, self.shifts.get(value.name, 0.0))
        self.defined = {name.key: body for name, body in model.defined.items()}
        self.roots: dict[str, tuple[str, Any]] = {}  # sigma → (sigma^2, 2), where σ² is the variable
        for name, variable in model.variables.items():
            if isinstance(variable.symbol, sp.Pow) and isinstance(variable.symbol.base, sp.Symbol):
                self.roots[variable.symbol.base.name] = (name.key, variable.symbol.exp)
        self._bodies: dict[str, Any] = {}
        from derive.checking.chance.tables import Facts

        self.facts = Facts(self)

    def _all_laws(self) -> Iterator[Distribution]:
        model = self.model
        for variable in model.variables.values():
            yield from (law for law in (variable.law, *(law for _, law in variable.cases)) if law is not None)
        yield from (s.law for s in model.samples.values() if s.law is not None)
        yield from (j.law for j in model.joints)
        yield from model.named.values()

    # ── what may be subclassed by held nodes (see `held`) ────────────────────────────────────────────────────────────

    def handlers(self, world: World) -> dict[Any, Callable[[Frame, Any], Column]]:
        """Handlers of further node types in this world."""
        return {kind: lambda frame, e: self.held[int(e.args[0])].values(world, frame) for kind in self.held_kinds}

    def held_keys(self, world: World, frame: Frame | None, e: Any) -> set[Key]:
        """The free random variables of a further node."""
        keys: set[Key] = self.held[int(e.args[0])].keys(world, frame)
        return keys

    def held_subject(self, world: World, condition: Any) -> tuple[Key, ...]:
        """All members of a sample or of a vector that a condition names as a whole."""
        label = condition.name if isinstance(condition, sp.IndexedBase) else str(getattr(self.held[int(condition.args[0])], "label", ""))
        return tuple((label, k) for k in range(1, world.lengths.get(label, 0) + 1))

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def key_of(self, name: str, world: World) -> Key | None:
        """The random variable of this name in a world: a scalar, or a member such as x_1 or x_n."""
        if name in world.sources:
            return name
        if name in self.roots:
            return self.roots[name][0]
        if "_" not in name:
            return None
        label, _, place = name.rpartition("_")
        length = world.lengths.get(label)
        if length is None or (label, 1) not in world.sources:
            return None
        if place.isdigit():
            return (label, int(place)) if 1 <= int(place) <= length else None
        sample = self.model.samples.get(self.keys.get(label, Name(label)))
        if sample is not None and sample.size is not None and sample.size.head == "name" and sample.size.data.key == place:
            return (label, length)
        return None

    def expression(self, term: Term) -> Any:
        """A term over SymPy, definitions of random variables put in."""
        return self.inserted(to_sympy(term, self.types))

    def inserted(self, expression: Any) -> Any:
        """The expression with what defined random variables stand for."""
        if not self.defined or not isinstance(expression, sp.Basic):
            return expression
        for _ in range(20):
            table = {s: self._body(s.name) for s in expression.atoms(sp.Symbol) if s.name in self.defined}
            table = {s: b for s, b in table.items() if b is not None}
            if not table:
                return expression
            expression = expression.xreplace(table)
        raise Unevaluable("a definition that refers to itself")

    def _body(self, name: str) -> Any:
        if name not in self._bodies:
            try:
                self._bodies[name] = to_sympy(self.defined[name], self.types)
            except DeriveError:
                self._bodies[name] = None
        return self._bodies[name]

    # ── furnishing a world ───────────────────────────────────────────────────────────────────────────────────────────

    def furnish(self, world: World) -> None:
        """Every random variable of the model gets its source in the world."""
        for law in self._all_laws():
            self._admit(law, world)
        if any(s.size is None for s in self.model.samples.values()):
            world.unbounded = {s.base.key for s in self.model.samples.values() if s.size is None}
            self._make_rare(world)
        joint = {name for j in self.model.joints for name in j.members}
        for sample in self.model.samples.values():
            if self._length(sample, world) is not None:
                world.lengths[sample.base.key] = self._length(sample, world) or 0
        for variable in self.model.variables.values():
            if variable.shape:
                world.lengths[variable.name.key] = self._dimension(variable.shape, world)
        random = {v.key for v in self.model.variables} | {s.key for s in self.model.samples}
        for each in self.model.joints:
            self._joint(each, world, random)
        for name, variable in self.model.variables.items():
            if name not in joint:
                self._variable(variable, world, random)
        for sample in self.model.samples.values():
            self._sample(sample, world, random)
        self.facts.furnish(world)
        couple(world, self.facts.moments.independent)
        self.facts.moments.settle(world)

    def _make_rare(self, world: World) -> None:
        """A random number of members is small: then few members are all that count."""
        for variable in self.model.variables.values():
            law = variable.law
            if law is None or law.name not in _RARE:
                continue
            parameter, value = _RARE[law.name]
            symbol = law.parameters[parameter]
            if isinstance(symbol, sp.Symbol):
                world.points.given[symbol.name] = value if world.number % 2 else value**2 if value < 0.5 else 1 - (1 - value) * 0.6

    def _admit(self, law: Distribution, world: World) -> None:
        """Values for symbols that stand in a literal covariance or in literal probabilities: positive definite, with sum one."""
        for parameter, value in zip(law.family.parameters, law.values, strict=True):
            if not isinstance(value, Term):
                continue
            if parameter.domain == "simplex" and value.head in _LISTED:
                weights = [world.random.uniform(0.3, 1.3) for _ in value.args]
                for term, weight in zip(value.args, weights, strict=True):
                    if term.head == "name":
                        world.points.given.setdefault(term.data.key, weight / sum(weights))
            if parameter.domain == "covariance" and value.head == "matrix":
                self._admit_covariance(value, world)

    def _admit_covariance(self, value: Term, world: World) -> None:
        rows, columns = value.data
        given = world.points.given
        for k in range(rows):
            inner = value.args[k * columns + k]
            if inner.head == "name" and (self.types.get(inner.data) is None or not self.types[inner.data].shape):
                given.setdefault(inner.data.key, world.random.uniform(0.6, 2.2))
        deviations = []
        for k in range(rows):
            try:
                deviations.append(float(world.frame().values(self.expression(value.args[k * columns + k]))[0]) ** 0.5)
            except (DeriveError, Unevaluable, TypeError):
                return
        for j in range(rows):
            for k in range(j + 1, columns):
                inner = value.args[j * columns + k]
                if inner.head == "name":
                    share = world.random.uniform(0.3, 0.75) / (rows - 1) * world.random.choice((-1, 1))
                    given.setdefault(inner.data.key, share * deviations[j] * deviations[k])

    def _length(self, sample: Sample, world: World) -> int | None:
        size = sample.size
        if size is None:
            return UNBOUNDED
        if size.head == "number":
            return min(int(size.value), MOST_MEMBERS)
        if size.head == "name":
            return world.size
        return world.size

    def _dimension(self, shape: tuple[Term, ...], world: World) -> int:
        size = shape[0]
        if size.head == "number":
            return int(size.value)
        value = world.points.column(to_sympy(size, self.types))[0]
        return int(value)

    def parameters_of(self, law: Distribution, world: World) -> tuple[Any, ...]:
        """The parameters as expressions, with entries for arrays."""
        found: list[Any] = []
        for parameter, value in zip(law.family.parameters, law.values, strict=True):
            if parameter.domain in ("vector", "simplex", "positive-vector", "covariance"):
                found.append(entries_of(value, self, world, square=parameter.domain == "covariance"))
            else:
                found.append(self.inserted(to_sympy(value, self.types) if isinstance(value, Term) else value))
        return tuple(found)

    def law(self, key: Key, law: Distribution, world: World, random: set[str], index: Mapping[Any, int] | None = None) -> LawSource:
        """The source of one scalar with a law."""
        parameters = self.parameters_of(law, world)
        parents = self._keys_behind(parameters, world, random, index or {})
        if any(isinstance(p, (sp.Tuple, sp.MatrixBase)) for p in parameters):
            parameters = tuple(_listed(p) for p in parameters)
        return LawSource(key, law.family, parameters, parents, index or {})

    def _keys_behind(self, parameters: Iterable[Any], world: World, random: set[str], index: Mapping[Any, int]) -> frozenset[Key]:
        """The random variables in the parameters; an entry of a random sample at the index is that member."""
        found: set[Key] = set()
        for parameter in parameters:
            if isinstance(parameter, sp.Basic):
                found |= {self.roots[s.name][0] for s in parameter.atoms(sp.Symbol) if s.name in self.roots}
            names = {s.name for s in parameter.atoms(sp.Symbol)} & random if isinstance(parameter, sp.Basic) else set()
            for name in names:
                length = world.lengths.get(name)
                if length is None:
                    found.add(name)
                elif index:
                    found |= {(name, k) for k in index.values()}
                else:
                    found |= {(name, k) for k in range(1, length + 1)}
            if isinstance(parameter, sp.Basic):
                for s in parameter.atoms(sp.Symbol):
                    member = self._member(s.name, world)
                    if member is not None:
                        found.add(member)
        return frozenset(found)

    def _member(self, name: str, world: World) -> Key | None:
        label, _, place = name.rpartition("_")
        return (label, int(place)) if label in world.lengths and place.isdigit() and int(place) <= world.lengths[label] else None

    def _variable(self, variable: Variable, world: World, random: set[str]) -> None:
        key = variable.name.key
        if variable.cases:
            laws = []
            for condition, law in variable.cases:
                source = self.law(key, law, world, random)
                assert isinstance(source, LawSource)
                laws.append((self.expression(condition), source))
            if variable.law is not None:
                source = self.law(key, variable.law, world, random)
                assert isinstance(source, LawSource)
                laws.append((sp.true, source))
            parents = frozenset().union(*(law.parents for _, law in laws))
            conditions = {s.name for condition, _ in laws for s in condition.atoms(sp.Symbol)} & random
            world.sources[key] = CaseSource(key, tuple(laws), parents | conditions)
            return
        if variable.law is None:
            return
        if variable.shape:
            self._vector(tuple((key, k) for k in range(1, world.lengths[key] + 1)), variable.law, world, random)
            return
        source = self.law(key, variable.law, world, random)
        world.sources[key] = source

    def _vector(self, keys: tuple[Key, ...], law: Distribution, world: World, random: set[str]) -> None:
        parameters = self.parameters_of(law, world)
        source = VectorSource(keys, law.family, parameters, self._keys_behind(parameters, world, random, {}) - frozenset(keys))
        for key in keys:
            world.sources[key] = source

    def _joint(self, joint: Joint, world: World, random: set[str]) -> None:
        if any((kind := self.types.get(name)) is not None and kind.shape for name in joint.members):
            return  # blocks: nothing is furnished, and what needs them has no numbers
        try:
            self._vector(tuple(name.key for name in joint.members), joint.law, world, random)
        except Unevaluable:
            return

    def _sample(self, sample: Sample, world: World, random: set[str]) -> None:
        if sample.law is None:
            return
        label = sample.base.key
        kind = self.types.get(sample.base)
        if kind is not None and len(kind.shape) > 1:
            return
        for k in range(1, world.lengths[label] + 1):
            index: dict[Any, int] = {}
            if sample.index is not None:
                symbols = {s for p in sample.law.values if isinstance(p, sp.Basic) for s in p.atoms(sp.Symbol)}
                index = {s: k for s in symbols if s.name == sample.index.key}
            world.sources[label, k] = self.law((label, k), sample.law, world, random, index)

    def bounds(self, name: str, frame: Frame) -> tuple[Column | None, Column | None]:
        """The declared ends of a parameter's values, lane by lane."""
        kind = self.types.get(self.keys.get(name, Name(name)))
        ends = (None, None) if kind is None else (kind.lower, kind.upper)
        return tuple(None if end is None else frame.values(self.expression(end.value)) for end in ends)  # type: ignore[return-value]


def _listed(parameter: Any) -> Any:
    """A tuple of expressions as a function of a frame that gives tuples of numbers."""
    if not isinstance(parameter, sp.Tuple):
        return parameter

    def values(frame: Frame) -> Column:
        return list(zip(*map(frame.values, parameter), strict=True))

    return values


def entries_of(value: Any, structure: Structure, world: World, *, square: bool = False) -> Any:
    """An array parameter entry by entry: a Tuple, or a Matrix for a covariance."""
    if isinstance(value, (sp.Tuple, sp.MatrixBase)):
        return value
    if isinstance(value, (tuple, list)):
        return sp.Tuple(*value)
    if not isinstance(value, Term):
        raise Unevaluable("a parameter that is an array without entries")
    if value.head in _LISTED:
        return sp.Tuple(*(structure.inserted(to_sympy(a, structure.types)) for a in value.args))
    if value.head == "matrix":
        cells = [structure.inserted(to_sympy(a, structure.types)) for a in value.args]
        rows, columns = value.data
        return sp.Matrix(rows, columns, cells) if square else sp.Tuple(*cells)
    if value.head == "name":
        kind = structure.types.get(value.data)
        if kind is not None and kind.shape:
            base = sp.IndexedBase(symbol(value.data, kind))
            length = structure._dimension(kind.shape, world)
            if square:
                return sp.Matrix(length, length, lambda i, j: base[i + 1, j + 1])
            return sp.Tuple(*(base[k] for k in range(1, length + 1)))
    raise Unevaluable("a parameter that is an array without entries")
