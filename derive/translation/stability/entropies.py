"""x log y with 0 · log 0 = 0: entropies, cross-entropies and relative entropies, in every base."""

from __future__ import annotations

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Rule, factors, scaled, terms, total
from derive.translation.stability.logarithms import LOGARITHMS

__all__ = ["ENTROPIES"]


def _may_vanish(node: Node) -> bool:
    """Whether it may be 0; a number over something is not."""
    if node.op == "div" and node.args[0].op in {"size", "number", "constant"}:
        return False
    return not node.bounds.nonzero and node.op not in {"size", "number", "constant"}


def xlogy(nodes: Nodes, node: Node) -> Node | None:
    """x log y → xlogy(x, y), x log(1 + y) → xlog1py(x, y), x log(x/y) → rel_entr(x, y), where 0 · log 0 may occur and is 0."""
    if node.op != "mul":
        return None
    logs = [a for a in node.args if (a.args[0] if a.op == "div" else a).op in {"log", "log1p"} and not _far_from_zero(a)]
    others = [a for a in node.args if a not in logs]
    if len(logs) != 1:
        return None
    (log,) = logs
    if log.op == "div":  # x (log y / c)
        inner = xlogy(nodes, nodes.mul(*others, log.args[0]))
        return nodes.div(inner, log.args[1]) if inner is not None else None
    chosen = [m for m in others if _may_vanish(m) and m.shape == log.shape]
    if not chosen:
        return None
    y = log.args[0]
    if any(_is_power_of(m, y) for m in others):  # a^x log a: a power with this exponent is taken to have a positive base
        return None
    same = [m for m in chosen if m in factors(y).powers]
    multiplier = same[0] if same else nodes.mul(*chosen)
    taken = {same[0]} if same else set(chosen)
    rest = [a for a in others if a not in taken]
    if same and y.op == "div" and _numbers_beside(y.args[0], multiplier):
        made = _relative_entropy(nodes, multiplier, y.args[1], y.args[0])
    else:
        made = nodes.make("xlogy" if log.op == "log" else "xlog1py", multiplier, y)
    return nodes.mul(*rest, made) if rest else made


def _is_power_of(node: Node, base: Node) -> bool:
    return node.op == "pow" and node.args[1].op != "number" and node.args[0] is base


def _numbers_beside(node: Node, x: Node) -> bool:
    """Whether the node is x, or a positive number times x."""
    return node is x or (node.op == "mul" and len(node.args) == 2 and node.args[0].op == "number" and node.args[1] is x)


def _relative_entropy(nodes: Nodes, x: Node, y: Node, above: Node) -> Node:
    """x log(c x/y), 0 where x is 0 whatever y is; both may be negative unless it is known that they are not."""
    if x.bounds.nonnegative and y.bounds.nonnegative:
        return nodes.make("rel_entr", x, y if above is x else nodes.div(y, above.args[0]))
    below = nodes.make("where", nodes.make("equal", x, nodes.number(0)), nodes.number(1), y)
    return nodes.make("xlogy", x, nodes.div(above, below))


def _far_from_zero(log: Node) -> bool:
    log = log.args[0] if log.op == "div" else log
    bounds = log.args[0].bounds
    return bounds.positive if log.op == "log" else (bounds.low > -1 or (bounds.low == -1 and bounds.low_open))


def xlogx_inside(nodes: Nodes, node: Node) -> Node | None:
    """x (a + log x) → x a + xlogy(x, x), and x (log x − log y) → rel_entr(x, y)."""
    sums = [a for a in node.args if a.op == "add"]
    for inner in sums:
        rest = [a for a in node.args if a is not inner]
        parts = terms(nodes, inner)
        for k, (weight, log) in enumerate(parts):
            x = _argument(nodes, log)
            if x is None or x not in rest or not _may_vanish(x):
                continue
            others = [t for j, t in enumerate(parts) if j != k]
            lead = [a for a in rest if a is not x]
            y = _argument(nodes, others[0][1]) if len(others) == 1 and others[0][0] == -weight == -1 else None
            if y is not None:
                made = nodes.make("rel_entr", x, y)
                return nodes.mul(*lead, made) if lead else made
            if log.op != "log":
                continue
            made = nodes.add(scaled(nodes, weight, nodes.make("xlogy", x, x)), nodes.mul(x, total(nodes, others)))
            return nodes.mul(*lead, made) if lead else made
    return None


def _argument(nodes: Nodes, log: Node) -> Node | None:
    """x of log x, and of log1p(x − 1)."""
    if log.op == "log":
        return log.args[0]
    return nodes.add(nodes.number(1), log.args[0]) if log.op == "log1p" else None


def other_bases(nodes: Nodes, node: Node) -> Node | None:
    """log₂ f → log f/log 2 where log f has a form of its own; x log₂ y → x log y/log 2 where x may be 0."""
    if node.op == "mul":
        logs = [a for a in node.args if a.op in BASES]
        others = [a for a in node.args if a not in logs]
        if len(logs) != 1:
            return None
        made = xlogy(nodes, nodes.mul(*others, nodes.make("log", logs[0].args[0])))
        return None if made is None else nodes.div(made, _log_base(nodes, logs[0]))
    natural = nodes.make("log", node.args[0])
    for rule in LOGARITHMS:
        made = rule.apply(nodes, natural) if "log" in rule.ops else None
        if made is not None:
            return nodes.div(made, _log_base(nodes, node))
    return None


BASES = {"log2": 2, "log10": 10}


def _log_base(nodes: Nodes, node: Node) -> Node:
    return nodes.make("log", nodes.number(BASES[node.op]))


ENTROPIES: tuple[Rule, ...] = (
    Rule("other-bases", "log₂ f = log f/log 2", ("log2", "log10", "mul"), other_bases),
    Rule("x-log-x-inside", "x (a + log x) = x a + xlogy(x, x)", ("mul",), xlogx_inside),
    Rule("x-log-y", "x log y = xlogy(x, y)", ("mul",), xlogy),
)
