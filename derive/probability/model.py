"""The model that the facts of a session make: variables with laws, samples, moments, independence, events. Values; built in `build`.

Terms are kept as they were written; symbols are those of `expressions.to_sympy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.expressions.term import Name, Term
from derive.probability.family import Distribution

__all__ = ["EventFact", "Independence", "Model", "MomentFact", "Sample", "Variable"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One random variable. `law` is None where only facts are known of it; `given` are the names (or equations such as Z = 1) that the law
    is conditional on; `law_term` is the distribution as written. A vector has a `shape`. `values` is a declared finite support.
    `cases` are laws that hold where another variable has a value: (condition, law).
    """

    name: Name
    symbol: Any
    law: Distribution | None = None
    given: tuple[Term, ...] = ()
    law_term: Term | None = None
    shape: tuple[Term, ...] = ()
    values: tuple[Term, ...] = ()
    cases: tuple[tuple[Term, Distribution], ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """x_1, …, x_n: `base` is x, `size` the term n (None: unbounded), `index` the running index of its law (y_i | w ~ Normal(w x_i, …)).

    `law` may contain Indexed symbols over `index`. `iid` members are identically distributed; all are independent given `given`.
    """

    base: Name
    size: Term | None
    law: Distribution | None = None
    given: tuple[Term, ...] = ()
    law_term: Term | None = None
    index: Name | None = None
    iid: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class MomentFact:
    """E[X] = mu, Var(X) = v, Cov(X, Y) = c, Corr(…) = r, E[X | Y] = …, M_X(t) = …: operator "E" "Var" "Cov" "Corr" "MGF" "SD"."""

    operator: str
    arguments: tuple[Term, ...]
    value: Term
    given: tuple[Term, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class EventFact:
    """P(event | given) = value. `ratio` facts (P(E|H)/P(E|not H) = 20) keep the whole equation in `equation`."""

    event: Term | None
    given: Term | None
    value: Term
    equation: Term | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Independence:
    """X ⊥ Y (mutually, for more than two), perhaps given others; `kind` is "independent", "iid", "partition" or "markov"."""

    groups: tuple[tuple[Term, ...], ...]
    given: tuple[Term, ...] = ()
    kind: str = "independent"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that is known about chance on a line. `defined` are deterministic functions of random variables (Y = X^2).

    `families` are variational or named distributions: q(z) = Normal(m, v), P = Exponential(a).
    """

    variables: Mapping[Name, Variable] = field(default_factory=dict)
    samples: Mapping[Name, Sample] = field(default_factory=dict)
    moments: tuple[MomentFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    independences: tuple[Independence, ...] = ()
    defined: Mapping[Name, Term] = field(default_factory=dict)
    named: Mapping[Name, Distribution] = field(default_factory=dict)
    types: Mapping[Name, Any] = field(default_factory=dict)

    def is_random(self, name: Name) -> bool:
        """Whether the name is a random variable, a sample or a function of them."""
        return name in self.variables or name in self.samples or name in self.defined
