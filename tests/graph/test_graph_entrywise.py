"""Sums and products of nested lists and numbers, entry by entry; sizes and products that are found once."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import pytest

from derive.graph.calculus.factors import factors, product
from derive.graph.entrywise import flat, folded, mapped
from derive.graph.graph import Nodes
from derive.graph.node import ArgumentType
from derive.graph.randomness import whole_number
from derive.graph.sizes import Size, named_size
from derive.translation.stability import forms

VECTOR, MATRIX = [1.0, 2.0, 3.0], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
VALUES: list[list[Any]] = [
    [2.0, 3.0],
    [VECTOR, 2.0],
    [2.0, VECTOR, 1j],
    [VECTOR, VECTOR],
    [MATRIX, 0.5],
    [0.5, MATRIX],
    [MATRIX, MATRIX, 2.0],
    [[MATRIX, MATRIX], 3.0],
]


@pytest.mark.parametrize("values", VALUES, ids=str)
@pytest.mark.parametrize("function", [operator.add, operator.mul])
def test_two_at_a_time_is_all_at_once(function: Any, values: list[Any]) -> None:
    def together(*numbers: Any) -> Any:
        total = numbers[0]
        for number in numbers[1:]:
            total = function(total, number)
        return total

    assert folded(function, values) == mapped(together, values)


@pytest.mark.parametrize(
    ("value", "entries"), [(2.0, [2.0]), (VECTOR, VECTOR), (MATRIX, [1, 2, 3, 4, 5, 6]), ([], []), ([MATRIX], [1, 2, 3, 4, 5, 6])]
)
def test_entries_in_one_list(value: Any, entries: list[Any]) -> None:
    assert flat(value) == entries


def test_the_numbers_drawn_are_those_of_randint() -> None:
    from random import Random

    one, other = Random(5), Random(5)
    bounds = [(0, 1), (-9, 9), (8, 120), (3, 3), (0, 0)] * 20
    assert [whole_number(one, *b) for b in bounds] == [other.randint(*b) for b in bounds]


@pytest.mark.parametrize(
    ("terms", "text", "symbol", "value"),
    [
        ({("n",): 1}, "n", "n", 5),
        ({(): 3}, "3", None, 3),
        ({}, "0", None, 0),
        ({("n",): 2, (): -1}, "2*n - 1", None, 9),
        ({("k", "n"): 1}, "k*n", None, 10),
        ({("n",): 1, ("k",): 0}, "n", "n", 5),
    ],
)
def test_sizes(terms: dict[tuple[str, ...], int], text: str, symbol: str | None, value: int) -> None:
    size = Size(terms)
    assert (size.text(), size.symbol, size.value({"n": 5, "k": 2})) == (text, symbol, value)
    assert size - size == Size({}) and size + size - size == size


@pytest.mark.parametrize("view", [factors, forms.factors])
def test_a_product_is_taken_apart_once_and_not_changed_by_who_asks(view: Any) -> None:
    nodes = Nodes()
    x, y = (nodes.argument(ArgumentType(key), (named_size("n"),)) for key in ("x", "y"))
    node = nodes.div(nodes.mul(nodes.number(6), x, x, y), nodes.number(4))
    first = view(node)
    assert first.coefficient == Fraction(3, 2) and first.powers == {x: 2, y: 1}
    if view is forms.factors:
        first.powers.clear()
    assert view(node).powers == {x: 2, y: 1}
    zero = nodes.number(0)
    assert view(zero).powers == view(zero).powers
    assert product(nodes, factors(node)) is product(nodes, factors(node))
