"""Every rule on its own examples: the structure that it promises, and the same value by an oracle that knows no rule."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from random import Random

import pytest
import sympy as sp
from derivative_oracle import agree_at_points

from derive import rules
from derive.derivation import Rule
from derive.expressions.to_sympy import to_sympy
from derive.meaning import read
from derive.rules import RULES
from derive.rules.catalogue import ALL

EXAMPLES = [(rule.id, before, after) for rule in RULES.values() for before, after in rule.examples]


def expression(text: str) -> sp.Basic:
    reading, _ = read(text)
    return to_sympy(reading.expanded, reading.types)


def applied(rule: Rule, before: sp.Basic) -> sp.Basic:
    rewrite = rule.apply(before, sp.Symbol("x", real=True)) if isinstance(before, sp.Eq) else rule.apply(before)
    assert rewrite is not None, f"{rule.id} does not fire on {before}"
    return rewrite.result


@pytest.mark.parametrize(("identity", "before", "after"), EXAMPLES)
def test_a_rule_makes_of_its_example_what_it_says(identity: str, before: str, after: str) -> None:
    assert applied(RULES[identity], expression(before)) == expression(after)


@pytest.mark.parametrize(("identity", "before", "after"), [e for e in EXAMPLES if "=" not in e[1]])
def test_both_sides_of_an_example_have_the_same_value(identity: str, before: str, after: str) -> None:
    left = expression(before)
    assert agree_at_points(left, applied(RULES[identity], left), Random(identity))


def test_identities_are_unique_kebab_case_and_documented() -> None:
    for identity, rule in RULES.items():
        assert identity == rule.id
        assert identity == identity.lower().replace(" ", "-").replace("_", "-")
        assert rule.title
        assert rule.formula
        assert rule.heads


def test_no_two_rules_share_an_identity() -> None:
    assert len(RULES) == len(ALL)


def test_no_rule_of_chance_is_left_out() -> None:
    modules = [import_module(f"derive.rules.{found.name}") for found in iter_modules(rules.__path__) if found.name.startswith("chance_")]
    assert len(modules) >= 6
    assert {rule.id for module in modules for rule in vars(module).values() if isinstance(rule, Rule)} <= set(RULES)


def test_an_example_never_contains_a_step_of_another_rule() -> None:
    for rule in RULES.values():
        for before, _ in rule.examples:
            left = expression(before)
            assert isinstance(left.args[0] if isinstance(left, sp.Derivative) else left, rule.heads) or isinstance(left, rule.heads)
