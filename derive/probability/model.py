"""The model that the facts of a session make: variables with laws, samples, moments, independence, events. Values; built in `build`.

Terms are kept as they were written; symbols are those of `expressions.to_sympy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.expressions.term import Name, Term
from derive.probability.family import Distribution

__all__ = ["EventFact", "Independence", "Joint", "Model", "MomentFact", "Sample", "Variable"]


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
class Joint:
    """(X, Y) ~ Normal(m, V), (n_1, …, n_k) ~ Multinomial(n, p): one law of several variables, members in the order of its entries.

    Members may be vectors: then the mean and the covariance of the law are matrices of blocks. Every member is a `Variable` too, with
    its marginal law where it is a scalar and the family has one.
    """

    members: tuple[Name, ...]
    law: Distribution
    given: tuple[Term, ...] = ()
    law_term: Term | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class MomentFact:
    """E[X] = mu, Var(X) = v, Cov(X, Y) = c, Corr(…) = r, E[X | Y] = …, M_X(t) = …: operator "E" "Var" "Cov" "Corr" "MGF" "SD".

    The arguments of an MGF are the variable and its argument t.
    """

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

    `named` are variational or named distributions: q(z) = Normal(m, v), P = Exponential(a). `types` are those of every name of the
    line and of the facts, with the domains that parameters of declared laws and supports have.
    """

    variables: Mapping[Name, Variable] = field(default_factory=dict)
    samples: Mapping[Name, Sample] = field(default_factory=dict)
    joints: tuple[Joint, ...] = ()
    moments: tuple[MomentFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    independences: tuple[Independence, ...] = ()
    defined: Mapping[Name, Term] = field(default_factory=dict)
    named: Mapping[Name, Distribution] = field(default_factory=dict)
    types: Mapping[Name, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[Variable | Sample, ...]:
        """Variables and samples, in the order of their declaration among each."""
        return (*self.variables.values(), *self.samples.values())

    def is_random(self, name: Name) -> bool:
        """Whether the name is a random variable, a sample or a function of them."""
        return name in self.variables or name in self.samples or name in self.defined or self.sample_of(name) is not None

    def sample_of(self, name: Name) -> Sample | None:
        """The sample that `x_1`, `x_n` or `x_i`, read as a plain name, is a member of; None for any other name, such as the order
        statistic x_(k), which is a function of all members.
        """
        if not name.sub or name in self.variables or "(" in name.sub:
            return None
        return self.samples.get(name._replace(sub=""))
