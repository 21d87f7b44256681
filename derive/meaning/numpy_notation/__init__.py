"""NumPy as a notation: an expression, a Python lambda or a small function, read through Python's own `ast`.

In: the text and its offset in the line. Out: a `NumpyReading`, whose term says what the code computes. Nothing is ever run: every
node of the syntax tree is on a white list, every other is refused by name with its place.

Arithmetic that means something else for arrays on paper carries data "np": `mul`, `div`, `pow` and `abs` are entry by entry,
`add` broadcasts, `transpose` leaves a vector as it is; `settling` writes it as on paper once the shapes are known. A reduction
(`sum`, `mean`, `max` …) carries its axis as a `keyword` "axis", a number as in NumPy or the word "all", unless it is as on paper:
`sum`, `mean`, `prod` over all entries, `softmax`, `logsumexp` along the last axis; `keepdims` is a second keyword. Positions count
from 0 in NumPy and from 1 on paper: `x[0]` is x_1, `x[i]` is x_i, as the code of x_i is `x[i]`. What has no counterpart on paper
(slices with ends, positions from the end, a new axis) is a `slice`, whose arguments are NumPy's own. `x.shape[0]`, `len(x)` are
`size` (x, axis).
"""

from __future__ import annotations

from collections.abc import Collection

from derive.errors import DeriveError, SyntaxProblem, TooLarge
from derive.meaning.numpy_notation.statements import NumpyReading, Reader

__all__ = ["NumpyReading", "read_numpy", "read_shaped"]

MOST_CHARACTERS = 20_000
MOST_BRACKETS = 80  # Python's own parser stops at 200 brackets; the reader needs a few frames a level


def read_numpy(
    text: str, offset: int = 0, *, names: Collection[str] = (), functions: Collection[str] = (), sizes: Collection[str] = ()
) -> NumpyReading:
    """The meaning of `text`: an expression, `lambda x: …`, or `def f(x): …`; spans are shifted by `offset`.

    `names` are identifiers that the session declares (so that `e` is not the constant), `functions` those that may be called,
    `sizes` those that are dimensions and not positions. Raises SyntaxProblem, UnknownName, NotSupported or TooLarge, placed.
    """
    return _read(text, offset, Reader, names, functions, sizes)


def read_shaped(text: str, offset: int = 0, *, names: Collection[str] = (), functions: Collection[str] = ()) -> NumpyReading:
    """The same with positions counted from 0, as NumPy counts them: what `shaped` settles once the shapes are known."""
    return _read(text, offset, _ShapedReader, names, functions, ())


class _ShapedReader(Reader):
    """Keeps positions as they are in NumPy."""

    shaped = True


def _read(
    text: str, offset: int, kind: type[Reader], names: Collection[str], functions: Collection[str], sizes: Collection[str]
) -> NumpyReading:
    whole = (offset, offset + len(text))
    if len(text) > MOST_CHARACTERS:
        raise TooLarge(f"NumPy code of {len(text)} characters: at most {MOST_CHARACTERS} are read", span=whole)
    depth = 0
    for place, character in enumerate(text, offset):
        depth += (character in "([{") - (character in ")]}")
        if depth > MOST_BRACKETS:
            raise TooLarge(f"brackets are nested deeper than {MOST_BRACKETS}", span=(place, place + 1))
        if character in "\\\0":
            raise SyntaxProblem("NumPy code has no such character", span=(place, place + 1))
    source = text.lstrip()
    reader = kind(source, offset + len(text) - len(source), names, functions, sizes)
    try:
        return reader.module(reader.parse())
    except DeriveError as error:
        raise error.at(whole) from None
    except RecursionError:
        raise TooLarge("the NumPy code is nested too deeply", span=whole) from None
