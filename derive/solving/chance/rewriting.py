"""The strategy of expectation algebra: one rule at a time on the innermost nodes, until nothing is left to take.

In: an expression with nodes E, Var, Cov, … and what is known. Out: an expression without them, the steps in a journal. What is missing
is named in an Undetermined; nodes of variables of which nothing was said stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.derivation import Claim, Prose, Rule, Step
from derive.errors import TooLarge
from derive.expressions.chance import Chance
from derive.solving.chance.known import Known, outermost
from derive.solving.journal import Journal

__all__ = ["Found", "NodeRule", "tidied", "worked_out"]

MAX_ROUNDS = 80
MAX_TERMS = 400


class Found(NamedTuple):
    """One use of a rule on one node: what the node becomes, the instance, what it assumes, the steps inside."""

    rule: Rule
    result: Any
    because: Prose = ()
    assumptions: tuple[Prose, ...] = ()
    steps: tuple[Step, ...] = ()
    claim: Claim | None = None


NodeRule = Callable[[Any, Known], "Found | None"]


def worked_out(whole: Any, known: Known, journal: Journal, node_rules: Sequence[NodeRule]) -> Any:
    """The expression with every node taken as far as the rules go."""
    for _ in range(MAX_ROUNDS):
        found = _round(whole, known, node_rules)
        if found is None:
            return whole
        rule, table, because, assumptions, steps, claim = found
        after = tidied(whole.xreplace(table))
        _existing(whole, after, table, known, node_rules)
        if len(sp.Add.make_args(after)) > MAX_TERMS:
            raise TooLarge(f"an expectation of more than {MAX_TERMS} terms")
        journal.add(
            Step(
                rule.id, rule.title, whole, after, part=(whole, after), because=because, formula=rule.formula, assumptions=assumptions,
                steps=steps, trivial=rule.trivial, claim=claim,
            )
        )  # fmt: skip
        whole = after
    raise TooLarge(f"an expectation that takes more than {MAX_ROUNDS} steps")


def _existing(whole: Any, after: Any, table: dict[Any, Any], known: Known, node_rules: Sequence[NodeRule]) -> None:
    """A zero makes the factors beside it vanish: they are worked out first, for what does not exist is not zero times anything."""
    if S.Zero not in table.values():
        return
    kept = set(_innermost_first(after)) | set(table)
    for node in outermost(whole):
        if node not in kept and not any(node.has(t) for t in table):
            worked_out(node, known, Journal(node), node_rules)


def _round(
    whole: Any, known: Known, node_rules: Sequence[NodeRule]
) -> tuple[Rule, dict[Any, Any], Prose, tuple[Prose, ...], tuple[Step, ...], Claim | None] | None:
    """The first rule that fires, on every node where the same rule fires."""
    nodes = _innermost_first(whole)
    for node_rule in node_rules:
        first: Found | None = None
        table: dict[Any, Any] = {}
        assumed: dict[Prose, None] = {}
        said: dict[Prose, None] = {}
        steps: list[Step] = []
        for node in nodes:
            if any(node.has(done) for done in table):
                continue
            found = node_rule(node, known)
            if found is None or found.result == node or (first is not None and found.rule is not first.rule):
                continue
            if found.claim is not None and table:
                continue
            first = first or found
            table[node] = found.result
            said.setdefault(found.because)
            assumed.update(dict.fromkeys(found.assumptions))
            steps += found.steps
        if first is not None:
            return (
                first.rule,
                table,
                _listed([s for s in said if s]),
                tuple(assumed),
                tuple(steps),
                first.claim if len(table) == 1 else None,
            )
    return None


def _listed(proses: list[Prose]) -> Prose:
    result: list[Any] = []
    for prose in proses[:4]:
        result += ["; "] if result else []
        result += prose
    return (*result, "; …") if len(proses) > 4 else tuple(result)


def _innermost_first(whole: Any) -> list[Any]:
    """Nodes in the order of print, those inside another one before it."""
    found: dict[Any, None] = {}
    for node in sp.postorder_traversal(whole):
        if isinstance(node, Chance):
            found.setdefault(node)
    return list(found)


def tidied(expression: Any) -> Any:
    """Sums of constants as products, constants in front of sums, sums of sums taken apart."""
    if not expression.has(sp.Sum, sp.Product):
        return expression
    return expression.replace(lambda e: isinstance(e, (sp.Sum, sp.Product)), _tidy)


def _tidy(node: Any) -> Any:
    if len(node.limits) != 1 or len(node.limits[0]) != 3:
        return node
    index, low, high = node.limits[0]
    body = node.function
    count = high - low + 1
    if not body.has(index):
        return body * count if isinstance(node, sp.Sum) else body**count
    if isinstance(node, sp.Product):
        return node
    if body.is_Mul:
        front, rest = body.as_independent(index, as_Add=False)
        if front != 1:
            return front * _tidy(sp.Sum(rest, node.limits[0]))
    if body.is_Add and any(not t.has(index) or isinstance(t, sp.Sum) for t in body.args):
        return sp.Add(*(_tidy(sp.Sum(t, node.limits[0])) for t in body.args))
    if body == index:
        return sp.factor(high * (high + 1) / 2 - (low - 1) * low / 2) if low != 1 else high * (high + 1) / 2
    if body.is_Number and body == 0:
        return S.Zero
    return node
