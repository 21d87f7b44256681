"""What the steps of a backpropagation say: the layers, their order, and which formula is the adjoint of which name.

In: a derivation that begins with a forward pass. Out: terms by name, and claims; nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.derivation import Derivation, Step
from derive.errors import InconsistentInput
from derive.expressions.term import Name, Term

__all__ = ["BACKWARD", "FORWARD", "LOSS", "claims_of", "formulas_of", "ordered"]

FORWARD = "forward-pass"
BACKWARD = "backpropagation"
LOSS = Name("L", sup="(loss)")


def formulas_of(derivation: Derivation) -> tuple[dict[Name, Term], dict[Name, Term]]:
    """The layers as the forward pass has them, and as the later steps take them apart; the function itself is the last."""
    first = derivation.steps[0]
    written = {left.data: right for left, right in equations(first)}
    formulas = {**written, LOSS: first.after}
    for step in derivation.steps[1:]:
        if step.rule == BACKWARD:
            for left, right in equations(step):
                if right.head != "gradient":
                    formulas[left.data] = right
    return written, formulas


def equations(step: Step) -> Iterator[tuple[Term, Term]]:
    for piece in step.because:
        if isinstance(piece, Term) and piece.head == "rel" and piece.data == "=" and piece.args[0].head == "name":
            yield piece.args[0], piece.args[1]


def claims_of(derivation: Derivation) -> Iterator[tuple[int, Name, Term, Name | None]]:
    """Of every later step: its place, the name that its formula is the adjoint of, the formula, the name that it gets."""
    for place, step in enumerate(derivation.steps[1:], 1):
        if step.rule == BACKWARD:
            of = next(right.args[1].data for left, right in equations(step) if right.head == "gradient")
            yield place, of, step.after, step.before.data
        else:
            yield place, step.before.args[1].data, step.after, None


def ordered(formulas: Mapping[Name, Term]) -> list[Name]:
    """The names, each after those in its formula."""
    order: dict[Name, None] = {}
    for root in formulas:
        stack = [root]
        while stack:
            name = stack[-1]
            missing = [n.data for n in formulas[name].walk() if n.head == "name" and n.data in formulas and n.data not in order]
            if name in order or not missing:
                order[stack.pop()] = None
            elif len(stack) > len(formulas):
                raise InconsistentInput("the layers stand on each other in a circle")
            else:
                stack += missing
    return list(order)
