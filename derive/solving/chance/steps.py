"""One step of a named rule, with what it claims; the derivation with the model that its checks draw from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derive.derivation import Claim, Derivation, Prose, Rule, Step
from derive.probability.model import Model
from derive.solving.journal import Journal

__all__ = ["derivation", "step"]


def step(rule: Rule, before: Any, after: Any, relation: str = "=", because: Prose = (), *, claim: Claim | None = None, **more: Any) -> Step:
    """One step of a named rule; what is asserted is the claim where the two sides have no numbers of their own."""
    return Step(rule.id, rule.title, before, after, relation, because=because, formula=rule.formula, claim=claim, **more)


def derivation(journal: Journal, answer: Any, model: Model) -> Derivation:
    """What the journal holds, with the model."""
    return replace(journal.derivation(answer), model=model)
