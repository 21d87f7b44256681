"""Rule, Step, Derivation: what was done, as an immutable tree that every door and every format reads.

An expression in a step is a SymPy expression or a `Term`; presenting turns both into a `Term`.
Prose that holds mathematics is a tuple of strings and expressions (`("with u = ", expr)`), so that each format sets it its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Check", "Claim", "Derivation", "Prose", "Rewrite", "Rule", "Step"]

Prose = tuple[Any, ...]  # strings and expressions (SymPy or Term), in order


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found. `status` is "verified", "exact", "unverified" (with `reason`) or "failed" (with `counterexample`)."""

    status: str
    method: str = ""
    points: int = 0
    max_error: float | None = None
    reason: str = ""
    counterexample: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a step asserts, for the check, where its two sides as shown do not say it in a form that has numbers.

    kind  "equal"         left = right as values (or as functions of `over`)
          "proportional"  left / right does not depend on `over`
          "at-most"       left ≤ right at every point
          "maximum"       the function `left` of `over` is largest at the values `right` (a tuple), inside their domains
          "normalised"    `left` sums or integrates to one over `over`, which has the support `right`
          "distributed"   the law `right` is that of the expression `left` under the model
          "optimum"       `left`, a function of `over`, is least at the values `right` among all points that obey the relations `under`
          "stationary"    the points `right` are those where all slopes of `left`, a function of `over`, are zero
    """

    kind: str
    left: Any
    right: Any = None
    over: tuple[Any, ...] = ()
    under: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a rule made of the expression it fired on: the result, the instance in words, what it assumed, what to remark (kinks)."""

    result: Any
    because: Prose = ()
    assumptions: tuple[Prose, ...] = ()
    notes: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that may be done to an expression.

    `id` is kebab-case, stable and documented; `formula` is the statement in one line of Unicode, `statement` in LaTeX;
    `heads` are the types it fires on; `apply` gives a Rewrite or None. `examples` are pairs of lines of the input
    language (before, after). `trivial` steps are folded into their neighbours at the normal level of detail.
    """

    id: str
    title: str
    formula: str
    statement: str
    heads: tuple[type, ...]
    apply: Callable[..., Rewrite | None]
    examples: tuple[tuple[str, str], ...] = ()
    source: str = ""
    trivial: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One use of one rule on a whole expression.

    `before` and `after` are whole expressions, `part` the part that changed as (before, after); the check compares only that.
    `relation` is one of = ∝ ⇔ ⇒ ≤ ≈. `steps` are sub-steps (inner derivatives, folded trivial steps). `model` is what is known about
    chance at this step and below it, where that differs from what the derivation says (before data are taken in, say).
    """

    rule: str
    title: str
    before: Any
    after: Any
    relation: str = "="
    part: tuple[Any, Any] | None = None
    because: Prose = ()
    formula: str = ""
    assumptions: tuple[Prose, ...] = ()
    steps: tuple[Step, ...] = ()
    check: Check | None = None
    trivial: bool = False
    claim: Claim | None = None
    model: Any = None

    def walk(self) -> Iterator[Step]:
        """This step and all below it."""
        yield self
        for step in self.steps:
            yield from step.walk()


@dataclass(frozen=True, slots=True)
class Derivation:
    """A chain of steps from `start` to `answer`; `assumptions` gathers those of the steps, without repetition.

    `model` is what is known about chance, where random variables occur; the checks draw from it.
    """

    start: Any
    answer: Any
    steps: tuple[Step, ...] = ()
    assumptions: tuple[Prose, ...] = field(default=())
    model: Any = None

    def walk(self) -> Iterator[Step]:
        """Every step, sub-steps included."""
        for step in self.steps:
            yield from step.walk()
