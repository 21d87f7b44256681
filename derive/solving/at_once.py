"""Derivatives of high order, or of an order that is a name, in one step.

In: an unresolved derivative. Out: the step and its value where the function has a known sequence of derivatives, else None.
"""

from __future__ import annotations

from typing import Any

from derive.derivation import Step
from derive.rules.higher import nth_derivative

__all__ = ["at_once"]

LEAST = 4  # from this order on a known sequence is used


def at_once(node: Any) -> tuple[Step, Any] | None:
    """A derivative of high order, or of an order that is a name, by a known sequence of derivatives."""
    if len(node.args) != 2 or (node.args[1][1].is_Integer and node.args[1][1] < LEAST):
        return None
    found = nth_derivative(node)
    if found is None:
        return None
    rule, rewrite = found
    result = rewrite.result
    step = Step(
        rule.id,
        rule.title,
        node,
        result,
        part=(node, result),
        because=rewrite.because,
        formula=rule.formula,
        assumptions=rewrite.assumptions,
    )
    return step, result
