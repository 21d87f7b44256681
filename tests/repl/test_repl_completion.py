"""What Tab offers."""

from __future__ import annotations

import pytest

from derive.repl.completer import candidates


def offered(before: str, names: tuple[str, ...] = ()) -> list[str]:
    return [text for text, _, _ in candidates(before, names)]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (r"x + \alpha", "α"),
        (r"\in", "∈"),
        (r"x + \alp", r"\alpha"),
        (r"\fra", r"\frac"),
        (":he", "help"),
        (":detail b", "brief"),
        (":help ke", "keys"),
        ("jaco", "jacobian"),
        ("d/dx sigm", "sigmoid"),
    ],
)
def test_what_is_offered_first(before: str, expected: str) -> None:
    assert offered(before)[0] == expected


def test_declared_names_come_before_the_others() -> None:
    assert offered("d/dx si", ("size_of_it", "x"))[:2] == ["size_of_it", "sigmoid"]


def test_nothing_is_offered_for_nothing() -> None:
    assert offered("x + ") == []
    assert offered("2") == []


def test_a_candidate_replaces_what_was_typed() -> None:
    assert next((text, length) for text, length, _ in candidates(r"e^{\gam", ())) == (r"\gamma", 4)
