"""Where an expression jumps or bends: the functions whose zeros are the places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from derive.expressions import nodes

__all__ = ["cuts_of"]

MOST_NESTED = 4
MOST_BRANCHES = 16
_KINKED = (sp.Abs, sp.sign, sp.Heaviside, nodes.relu, nodes.leaky_relu, nodes.elu, nodes.selu, nodes.celu, nodes.step)


def cuts_of(expressions: Iterable[Any]) -> list[Any]:
    """What is zero where an expression jumps or bends; maxima and absolute values inside are taken apart."""
    found: dict[Any, None] = {}
    for expression in expressions:
        for node in sp.preorder_traversal(expression):
            if isinstance(node, Relational) and not isinstance(node, (sp.Eq, sp.Ne)):
                found.update(dict.fromkeys(_branches(node.lhs - node.rhs)))
            elif isinstance(node, _KINKED):
                found.update(dict.fromkeys(_branches(node.args[0])))
            elif isinstance(node, (sp.Max, sp.Min)):
                for k, first in enumerate(node.args):
                    for second in node.args[k + 1 :]:
                        found.update(dict.fromkeys(_branches(first - second)))
    return list(found)


def _branches(expression: Any) -> list[Any]:
    """The expression with every maximum, minimum and absolute value replaced by each of the things that it may be."""
    found = [expression]
    for _ in range(MOST_NESTED):
        bent = next((node for e in found for node in e.atoms(sp.Max, sp.Min, sp.Abs)), None)
        if bent is None or len(found) > MOST_BRANCHES:
            break
        values = (bent.args[0], -bent.args[0]) if isinstance(bent, sp.Abs) else bent.args
        found = [e.xreplace({bent: value}) for e in found for value in values]
    return list(dict.fromkeys(found))
