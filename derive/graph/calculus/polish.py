"""The last touch before an answer is shown: a minus in front goes into a difference, −2 Aᵀ(b − A x) is 2 Aᵀ(A x − b).

In: a tidy node. Out: a node of the same value.
"""

from __future__ import annotations

from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.chains import chain
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.node import Node

__all__ = ["polished"]


def polished(a: Algebra, node: Node) -> Node:
    """The node with signs where a person would put them."""
    if node.op == "add":
        return a.nodes.add(*(polished(a, x) for x in node.args))
    view = factors(node)
    if view.coefficient >= 0:
        return node
    for base, power in view.powers.items():
        if power != 1:
            continue
        turned = _turned(a, base)
        if turned is not None:
            powers = {turned if b is base else b: p for b, p in view.powers.items()}
            return product(a.nodes, Factors(-view.coefficient, powers))
    return node


def _turned(a: Algebra, node: Node) -> Node | None:
    """The negative of a node that holds a difference; None where a sign would only move."""
    if node.op == "add":
        return _difference(a, node)
    if node.op == "matmul":
        parts = chain(node)
        for place, part in enumerate(parts):
            turned = _turned(a, part) if part.op != "matmul" else None
            if turned is not None:
                made = [*parts[:place], turned, *parts[place + 1 :]]
                result = made[-1]
                for left in reversed(made[:-1]):
                    result = a.nodes.make("matmul", left, result)
                return result
    if node.op == "outer":
        for place in (0, 1):
            turned = _turned(a, node.args[place])
            if turned is not None:
                return a.nodes.make("outer", *(turned if k == place else x for k, x in enumerate(node.args)))
    if node.op == "transpose":
        turned = _turned(a, node.args[0])
        return None if turned is None else a.nodes.make("transpose", turned)
    if node.op == "sum":
        view = factors(node.args[0])
        for base, power in view.powers.items():
            turned = _turned(a, base) if power == 1 and view.coefficient > 0 else None
            if turned is not None:
                body = product(a.nodes, Factors(view.coefficient, {turned if b is base else b: p for b, p in view.powers.items()}))
                return a.nodes.make("sum", body, data=node.data)
    return None


def _difference(a: Algebra, node: Node) -> Node | None:
    signs = [factors(x).coefficient < 0 for x in node.args]
    if sum(signs) * 2 < len(signs) or any(x.op == "number" for x in node.args):
        return None
    return a.nodes.add(*(a.neg(x) for x in node.args))
