"""What a session knows: declarations, definitions, facts; and what a line was read as. All immutable values; no SymPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from derive.derivation import Prose
from derive.expressions.term import Name, Term

__all__ = ["Bound", "Declaration", "Definition", "Expansion", "Reading", "Scope", "Type"]


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of an interval: the value (a number or an expression) and whether it is excluded."""

    value: Term
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Type:
    """What a name stands for.

    domain      "real" "integer" "natural" (1, 2, …) "whole" (0, 1, …) "index" (a running or free index, 1-based on paper)
                "complex" "event" "random" "function" "distribution" "size" (a positive integer that is a dimension)
    shape       sizes as terms: () scalar, (n,) vector, (m, n) matrix …; of a random variable, of its values
    lower/upper entrywise bounds
    values      a finite set of entries (labels {0, 1}, {-1, 1})
    properties  symmetric, positive-definite, positive-semidefinite, orthogonal, diagonal, invertible, onehot, simplex …
    arguments   of a function: the shapes of its arguments
    """

    domain: str = "real"
    shape: tuple[Term, ...] = ()
    lower: Bound | None = None
    upper: Bound | None = None
    values: tuple[Term, ...] = ()
    properties: frozenset[str] = frozenset()
    arguments: tuple[tuple[Term, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared name: its type, and the line (from 1) that says so."""

    name: Name
    type: Type
    line: int = 0


@dataclass(frozen=True, slots=True)
class Definition:
    """`f(x, y) := body` (parameters are given), `L = body`, or with `indexed` the array `K_{ij} = body`, whose parameters are its indices.

    `σ^2 = body` defines the name σ² (its superscript is "2").
    """

    name: Name
    parameters: tuple[Name, ...]
    body: Term
    line: int = 0
    indexed: bool = False


class Expansion(NamedTuple):
    """The body of a definition with everything put in, and how many nodes it has as a tree (shared parts counted wherever they stand)."""

    term: Term
    nodes: int


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything earlier lines said. `constraints` are equations and inequalities, `facts` statements about random variables.

    `expansions` remembers what definitions are with everything put in, until a later line changes it: `mentioned` are the names in them.
    """

    declarations: Mapping[Name, Declaration] = field(default_factory=dict)
    definitions: Mapping[Name, Definition] = field(default_factory=dict)
    constraints: tuple[Term, ...] = ()
    facts: tuple[Term, ...] = ()
    results: Mapping[str, Any] = field(default_factory=dict)  # "_", "_3", "_3.2" → Term
    line: int = 0
    expansions: Mapping[Name, Expansion] = field(default_factory=dict)
    mentioned: frozenset[Name] = frozenset()
    broken: Mapping[Name, int] = field(default_factory=dict)  # names whose defining line could not be read → that line
    replaced: Mapping[Name, Prose] = field(default_factory=dict)  # names that were declared again with another shape → what is said of it

    def declare(self, *declarations: Declaration) -> Scope:
        """The scope with these declarations in force (a later one for the same name replaces the earlier)."""
        if not declarations:
            return self
        return self._with(declarations={**self.declarations, **{d.name: d for d in declarations}})

    def define(self, definition: Definition) -> Scope:
        """The scope with this definition in force."""
        definitions = {**self.definitions, definition.name: definition}
        stale = definition.name in self.expansions or definition.name in self.mentioned
        broken = {n: line for n, line in self.broken.items() if n != definition.name}
        expansions = {} if stale else self.expansions
        return self._with(definitions=definitions, expansions=expansions, broken=broken)

    def remember(self, definition: Definition, expansion: Expansion | None) -> Scope:
        """The scope that knows what a definition is with everything put in, unless what an earlier line says changes with this one."""
        known = expansion is not None and not definition.parameters and definition.name not in self.mentioned
        names = {n.data for n in definition.body.walk() if n.head == "name"}
        expansions = {**self.expansions, definition.name: expansion} if known and expansion is not None else self.expansions
        return self._with(expansions=expansions, mentioned=self.mentioned | names)

    def _with(self, **changes: Any) -> Scope:
        """The scope with these fields; made on every line, so without what `replace` looks after."""
        made = object.__new__(Scope)
        for name in Scope.__slots__:
            object.__setattr__(made, name, changes[name] if name in changes else getattr(self, name))
        return made


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as it was understood.

    `term` is what was written (names not yet replaced by their definitions); `expanded` has the definitions put in.
    `types` holds the type of every name that occurs, inferred or declared. `notes` are the choices that were made, one short
    line each. `kind` is "task", "declaration", "definition", "fact", "command" or "empty"; `task` is the report's task name
    ("derivative", "gradient", "expression", …). `using` is the method asked for, `options` whatever else the task carries.
    """

    text: str
    notation: str
    kind: str
    term: Term
    expanded: Term
    task: str = "expression"
    notes: tuple[Prose, ...] = ()
    types: Mapping[Name, Type] = field(default_factory=dict)
    using: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
