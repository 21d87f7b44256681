"""The parser's tables as they are shipped, and whether they are still those of the grammar files.

In: a notation. Out: the tables that `engine.Grammar` runs. Only when the grammar files have changed is Lark imported, to build
them anew in memory.
"""

from __future__ import annotations

import json
import zlib
from importlib.machinery import SourceFileLoader
from typing import Any

__all__ = ["NOTATIONS", "digest", "grammar_text", "stored"]

NOTATIONS = ("latex", "plain")

_HERE = __file__[: __file__.rindex("tables")]  # plain text: pathlib would double the time that loading takes
_READ = SourceFileLoader(__name__, __file__).get_data


def _read(name: str) -> str:
    """A grammar file: inside the package when installed, beside it in a checkout."""
    try:
        return _READ(f"{_HERE}../grammar/{name}.lark").decode()
    except FileNotFoundError:
        return _READ(f"{_HERE}../../grammar/{name}.lark").decode()


def grammar_text(notation: str) -> str:
    """The whole grammar of a notation: what is shared, then its own."""
    return _read("shared") + "\n" + _read(notation)


def digest(notation: str) -> str:
    """A short fingerprint of the grammar, by which stored tables are known to be current."""
    return f"{zlib.crc32(grammar_text(notation).encode()):08x}"


def stored(notation: str) -> dict[str, Any]:
    """The tables from the package where they are current, else built now in memory."""
    try:
        found: dict[str, Any] = json.loads(_READ(f"{_HERE}{notation}.json"))
    except FileNotFoundError:
        found = {}
    if found.get("digest") != digest(notation):
        from derive.reading.build import tables

        return tables(notation)
    return found
