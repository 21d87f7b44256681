"""Whole numbers drawn at random, for points and arrays to check at.

In: a generator of Python's. Out: the numbers that its own methods draw, without their conversions.
"""

from __future__ import annotations

from random import Random

__all__ = ["whole_number"]


def whole_number(rng: Random, low: int, high: int) -> int:
    """A random integer, both ends included: what `randint` draws."""
    count = high - low + 1
    bits = count.bit_length()
    draw = rng.getrandbits
    drawn = draw(bits)
    while drawn >= count:
        drawn = draw(bits)
    return low + drawn
