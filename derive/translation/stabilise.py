"""Graph → a graph of the same value that is safe in floating point: every rule, on every node, until none fires.

In: the reference graph. Out: the graph that is lowered. Rules live in `stability/`, by field; choices are guarded at the end.
"""

from __future__ import annotations

from derive.graph.graph import Graph, Nodes
from derive.graph.node import Node
from derive.translation.guard import guarded
from derive.translation.sharing import reused, with_kept_inverses
from derive.translation.stability.cancellations import CANCELLATIONS
from derive.translation.stability.entropies import ENTROPIES
from derive.translation.stability.exponentials import EXPONENTIALS
from derive.translation.stability.forms import Rule
from derive.translation.stability.gammas import GAMMAS
from derive.translation.stability.logarithms import LOGARITHMS
from derive.translation.stability.masked import MASKED
from derive.translation.stability.matrices import MATRICES
from derive.translation.stability.mixtures import MIXTURES
from derive.translation.stability.normalised import NORMALISED
from derive.translation.stability.orientation import oriented
from derive.translation.stability.powers import POWERS, squared
from derive.translation.stability.ratios import RATIOS
from derive.translation.stability.sums import SUMS
from derive.translation.stability.vanishing import VANISHING

__all__ = ["RULES", "stabilise"]

RULES: tuple[Rule, ...] = (
    *(*EXPONENTIALS, *MIXTURES, *LOGARITHMS, *ENTROPIES, *CANCELLATIONS, *NORMALISED, *MASKED, *SUMS, *GAMMAS, *POWERS, *RATIOS),
    *(*VANISHING, *MATRICES),
)
FIRED_ON = frozenset(op for rule in RULES for op in rule.ops)
BY_OPERATION: dict[str, tuple[Rule, ...]] = {op: tuple(rule for rule in RULES if op in rule.ops) for op in FIRED_ON}
MOST_ROUNDS = 24


def stabilise(graph: Graph) -> Graph:
    """The stabilised graph; choices between cases are guarded so that the arm that is not taken is harmless."""
    done: dict[Node, Node] = {}
    stable = with_kept_inverses(graph).mapped(lambda root: _stable(graph.nodes, root, done))
    return oriented(reused(stable)).rebuild(lambda node: guarded(graph.nodes, squared(graph.nodes, node)))


def _stable(nodes: Nodes, node: Node, done: dict[Node, Node]) -> Node:
    """The node rewritten, arguments first; what a rule makes is rewritten in its turn."""
    known = done.get(node)
    if known is not None:
        return known
    current = node
    for _ in range(MOST_ROUNDS):
        rebuilt = nodes.remake(current, tuple([done.get(a) or _stable(nodes, a, done) for a in current.args]))
        if rebuilt is not current:
            current = rebuilt
            if current in done:
                current = done[current]
                break
            if any(a not in done for a in current.args):
                continue  # the normal form made new arguments
        changed = _once(nodes, current)
        if changed is None:
            break
        current = changed
    done[node] = current
    done[current] = current
    return current


def _once(nodes: Nodes, node: Node) -> Node | None:
    for rule in BY_OPERATION.get(node.op, ()):
        changed = rule.apply(nodes, node)
        if changed is not None and changed is not node:
            return changed
    return None
