"""What the code is wanted as: for which library, in place or not, with tests beside it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ARRAY_API", "LIBRARIES", "NUMPY", "Target"]

NUMPY = "numpy"
ARRAY_API = "array-api"
LIBRARIES = (NUMPY, ARRAY_API)


class Target(NamedTuple):
    """`library` is one of LIBRARIES; `inplace` is for large arrays: an `out` argument and work in blocks; `tests` asks for a test module."""

    library: str = NUMPY
    inplace: bool = False
    tests: bool = False
