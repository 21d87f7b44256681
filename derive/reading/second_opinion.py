"""latex2sympy2 as a second reader of scalar LaTeX, in a process of its own: it confirms or questions a reading, never replaces it.

In: LaTeX, and points to evaluate at. Out: what the other reader says at those points, as plain numbers and text. Nothing of it is
imported here: it is run as a script, started anew after each formula that it could not read, and stopped when it takes too long.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

__all__ = ["SecondReading", "available", "read_again", "respelled"]

SCRIPT = Path(__file__).with_name("second_reader.py")
START_SECONDS = 20
SECONDS_EACH = 6
LONGEST_FORMULA = 2_000

_SIZES = re.compile(r"\\(?:big|Big|bigg|Bigg)[lrm]?(?=\s*[()\[\]|.]|\s*\\[{}|])")
_SPACES = re.compile(r"\\[;:!> ]")
_DELIMITERS = re.compile(r"^\s*(?:\$\$?|\\\(|\\\[)(.*?)(?:\$\$?|\\\)|\\\])\s*$", re.DOTALL)


class SecondReading(NamedTuple):
    """What the other reader made of a formula: its text, the keys of its names, its value at each point (None: it has none there).

    `problem` says in its own words why there is nothing.
    """

    text: str = ""
    names: frozenset[str] = frozenset()
    values: tuple[complex | None, ...] = ()
    problem: str = ""


def available() -> bool:
    """Whether the extra `second-opinion` is installed."""
    return find_spec("latex2sympy2") is not None


def respelled(latex: str) -> str:
    r"""The formula in the spelling that latex2sympy2 knows, meaning the same: `\log` is its `\ln`, `\tfrac12` its `\frac{1}{2}`."""
    inside = _DELIMITERS.match(latex)
    text = inside[1] if inside else latex
    text = re.sub(r"\\log(?![A-Za-z])(?!\s*_)", r"\\ln", text)
    text = re.sub(r"\\[tdc]frac(?![A-Za-z])", r"\\frac", text)
    text = re.sub(r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\frac\s*(\d)\s*\{", r"\\frac{\1}{", text)
    return _SPACES.sub(" ", _SIZES.sub("", text)).strip()


def read_again(requests: Sequence[tuple[str, Sequence[Mapping[str, float]]]]) -> list[SecondReading]:
    """The second reading of each (LaTeX, points); points map keys of names to numbers. One process, restarted after a problem."""
    readings: list[SecondReading] = []
    while len(readings) < len(requests):
        readings += _run(requests[len(readings) :])
    return readings


def _run(requests: Sequence[tuple[str, Sequence[Mapping[str, float]]]]) -> list[SecondReading]:
    """The readings up to and including the first problem: at least one."""
    if len(requests[0][0]) > LONGEST_FORMULA:
        return [SecondReading(problem=f"the formula is longer than {LONGEST_FORMULA} characters")]
    known = list(takewhile(lambda request: len(request[0]) <= LONGEST_FORMULA, requests))
    lines = "".join(json.dumps({"latex": respelled(latex), "points": list(map(dict, points))}) + "\n" for latex, points in known)
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(SCRIPT)],
            input=lines.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=START_SECONDS + SECONDS_EACH * len(known),
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            check=False,
        )
        output = done.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
    except OSError as problem:
        return [SecondReading(problem=f"its process does not start: {problem.strerror}")]
    replies = [_reading(line) for line in output.decode(errors="replace").splitlines() if line.endswith("}")]
    if len(replies) < len(known) and not (replies and replies[-1].problem):
        replies.append(SecondReading(problem="it gave no answer in time"))
    return replies


def _reading(line: str) -> SecondReading:
    reply = json.loads(line)
    if "problem" in reply:
        return SecondReading(problem=reply["problem"])
    values = tuple(None if value is None else complex(*value) for value in reply["values"])
    return SecondReading(reply["text"], frozenset(reply["names"]), values)
