"""From what differentiation leaves to the form the field uses, one named step at a time.

In: an expression without unresolved derivatives. Out: the shortest form that a few cheap rules reach; a rule that does not make
the whole shorter leaves no trace. Work is bounded by the size of the expression; nothing here calls `sympy.simplify`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.derivation import Prose, Rewrite, Rule
from derive.expressions.nodes import SoftmaxAt, sigmoid, softplus
from derive.rules import algebra, forms, piecewise, sums
from derive.solving.cost import cost, size
from derive.solving.journal import Journal
from derive.solving.places import Closed, rewritten

__all__ = ["delta_resolved", "finish", "shortened"]

MAX_SIZE = 1500
MAX_ROUNDS = 8
_ALWAYS = frozenset(
    {
        "kronecker-delta",
        "same-sums",
        "nested-cases",
        "cases-with-zero",
        "constant-out-of-sum",
        "equal-branches",
        "softmax-sums-to-one",
        "logarithm-of-a-power",
    }
)
_OUTERMOST_FIRST = frozenset({"logistic-form", "softmax-form"})  # a product before the powers in it
_RULES: tuple[Rule, ...] = (
    *sums.FINISHING,
    *piecewise.FINISHING,
    *forms.RULES,
    forms.LOG_POWER,
    *algebra.RULES,
)
_EXPONENTIAL = frozenset({"logistic-form", "softmax-form", "logistic-symmetry", "logistic-odds", "logistic-opposites", "logistic-tanh"})


@dataclass(frozen=True, slots=True)
class _Pass:
    """One rule applied wherever it helps: the new whole, the changed parts and the instances."""

    whole: Any
    parts: tuple[tuple[Any, Any], ...]
    because: Prose
    assumptions: tuple[Prose, ...]


def _apply_everywhere(rule: Rule, whole: Any, closed: Closed) -> _Pass | None:
    parts: list[tuple[Any, Any]] = []
    because: list[Prose] = []
    assumptions: list[Prose] = []
    greedy = rule.id not in _ALWAYS

    def at(node: Any) -> Any:
        if not isinstance(node, rule.heads):
            return node
        rewrite: Rewrite | None = rule.apply(node)
        if rewrite is None or rewrite.result == node:
            return node
        if greedy and cost(rewrite.result) >= cost(node):
            return node
        parts.append((node, rewrite.result))
        because.append(rewrite.because)
        assumptions.extend(rewrite.assumptions)
        return rewrite.result

    new = rewritten(whole, at, closed, rule.id in _OUTERMOST_FIRST)
    if not parts or new == whole:
        return None
    return _Pass(new, tuple(parts), because[0], tuple(assumptions))


def _heads(whole: Any) -> set[type]:
    found: set[type] = set()
    stack = [whole]
    while stack:
        node = stack.pop()
        found.add(type(node))
        stack.extend(node.args)
    return found


def finish(whole: Any, journal: Journal) -> Any:
    """The answer: the whole in its shortest form; every rule that shortened it is a step of the journal."""
    if size(whole, MAX_SIZE + 1) > MAX_SIZE:
        return whole
    closed: dict[str, Closed] = {}
    best = cost(whole)
    for _ in range(MAX_ROUNDS):
        changed = False
        heads = _heads(whole)
        for rule in _RULES:
            if not any(issubclass(h, rule.heads) for h in heads) or (rule.id in _EXPONENTIAL and not heads & {sp.exp, sigmoid}):
                continue
            found = _apply_everywhere(rule, whole, closed.setdefault(rule.id, set()))
            if found is None:
                continue
            length = cost(found.whole)
            if length >= best and rule.id not in _ALWAYS:
                continue
            _write(journal, rule, whole, found)
            whole, best, changed = found.whole, length, True
            heads = _heads(whole)
        if not changed:
            break
    return _named(whole, journal, _heads(journal.start))


def _write(journal: Journal, rule: Rule, whole: Any, found: _Pass) -> None:
    part = found.parts[0] if len(found.parts) == 1 else (whole, found.whole)
    journal.record(rule, Rewrite(found.whole, found.because, found.assumptions), whole, found.whole, part)


def _named(whole: Any, journal: Journal, heads: set[type]) -> Any:
    """log(1 + eᵘ) by its name where the input spoke of softplus or where it stands more than once."""
    if not heads & {sp.exp, softplus}:
        return whole
    found = [node for node in sp.preorder_traversal(whole) if isinstance(node, sp.log) and forms.SOFTPLUS.apply(node) is not None]
    if not found or (softplus not in heads and len(found) < 2):
        return whole
    applied = _apply_everywhere(forms.SOFTPLUS, whole, set())
    if applied is None:
        return whole
    _write(journal, forms.SOFTPLUS, whole, applied)
    return applied.whole


def delta_resolved(whole: Any, journal: Journal, closed: Closed) -> Any:
    """The whole with every Kronecker delta under a sum resolved, as a step of its own."""
    if not whole.has(sp.KroneckerDelta):
        return whole
    for _ in range(MAX_ROUNDS):
        found = _apply_everywhere(sums.DELTA, whole, set())
        if found is None:
            return whole
        part = (whole, found.whole) if len(found.parts) > 1 else _outermost_sum(whole, found)
        journal.record(sums.DELTA, Rewrite(found.whole, found.because), whole, found.whole, part)
        whole = found.whole
    return whole


def _outermost_sum(whole: Any, found: _Pass) -> tuple[Any, Any]:
    """The changed part, or the whole where the part lies under another sum (it would hold a running index of that sum)."""
    before, after = found.parts[0]
    bound = {limit[0] for node in whole.atoms(sp.Sum, sp.Product) for limit in node.limits}
    inside = any(i in before.free_symbols for i in bound)
    return (whole, found.whole) if inside or before.has(SoftmaxAt) else (before, after)


def shortened(expression: Any) -> Any:
    """The shortest form that the rules reach, without a record."""
    return finish(expression, Journal(expression))
