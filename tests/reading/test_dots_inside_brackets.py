"""A dot inside brackets is a product where operands stand beside it, and a placeholder where one is missing."""

from __future__ import annotations

import pytest

from derive.meaning import read


@pytest.mark.parametrize(
    "formula", [r"(a \cdot b)", r"\sigma(w \cdot h + b)", r"\frac{a \cdot b}{c}", r"e^{a \cdot b}", r"\left[a \cdot b\right]"]
)
def test_products(formula: str) -> None:
    assert not read(formula)[0].term.has("blank")


@pytest.mark.parametrize("formula", [r"f(\cdot)", r"\lVert\cdot\rVert", r"p(\cdot \mid x)"])
def test_placeholders(formula: str) -> None:
    assert read(formula)[0].term.has("blank")
