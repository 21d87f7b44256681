"""What the code is wanted as: for which library, in place or not, with tests beside it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ARRAY_API", "LIBRARIES", "NUMPY", "PLAIN", "RESERVED", "Target"]

NUMPY = "numpy"
ARRAY_API = "array-api"
LIBRARIES = (NUMPY, ARRAY_API)
RESERVED = {  # names that the module has already
    NUMPY: frozenset(("np", "math", "special")),
    ARRAY_API: frozenset(("np", "math", "special", "xp", "numpy", "device", "array_namespace", "is_array_api_obj", "Any")),
}


class Target(NamedTuple):
    """`library` is one of LIBRARIES, `inplace` asks for an `out` argument and work in blocks, `tests` for a test module."""

    library: str = NUMPY
    inplace: bool = False
    tests: bool = False


PLAIN = Target()
