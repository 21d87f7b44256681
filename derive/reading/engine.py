"""The LALR driver with a contextual lexer: runs the tables that Lark built, without importing Lark.

In: the tables of a grammar, the callbacks of its rules, and a text. Out: what the callback of the start rule returns.
In each state the lexer tries the terminals that only such states accept, then the common ones (`grammar/*.lark` says which they
are); states that accept the same terminals share one regular expression, which is compiled when it is first needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from derive.errors import InputError
from derive.reading.token import Token, Unexpected

__all__ = ["MAXIMUM_NESTING", "Grammar"]

MAXIMUM_NESTING = 200

_SPACE = r"[\s\u200b\u2060-\u2064\ufeff]*"
_SPACES = re.compile(_SPACE).match


class Grammar:
    """One notation: tables (see `build.tables`), a classifier of commands and characters, makers of leaves, callbacks."""

    def __init__(
        self,
        tables: Mapping[str, Any],
        entry: Callable[[str, int], tuple[str, str, str]],
        leaf: Callable[[str, str, int, int, tuple[str, str, str] | None], Any],
        callbacks: Mapping[str, Callable[[list[Any]], Any]],
    ) -> None:
        self.patterns: dict[str, str] = dict(tables["terminals"])
        self.modes: list[list[str]] = tables["modes"]
        self.ignored = frozenset(tables["ignored"])
        self.classified = frozenset(tables["classified"])
        self.rows: list[dict[str, int]] = [tables["rows"][n] for n in tables["row_of_state"]]
        self.mode_of_state: list[int] = tables["mode_of_state"]
        self.start: int = tables["start"]
        self.rules = [(origin, size, callbacks[name]) for origin, size, name in tables["rules"]]
        self.same = frozenset(n for n, rule in enumerate(tables["rules"]) if rule[2] == "same" and rule[1] == 1)
        self.entry = entry
        self.leaf = leaf
        self.scanners: dict[int, Callable[[str, int, int], re.Match[str] | None]] = {}
        self.common = self._compiled(tables["common"])

    def scanner(self, mode: int) -> Callable[[str, int, int], re.Match[str] | None]:
        """The compiled expression of the terminals that only some states accept; mode 0 is that of an ordinary sequence."""
        if mode not in self.scanners:
            self.scanners[mode] = self._compiled(self.modes[mode])
        return self.scanners[mode]

    def _compiled(self, names: list[str]) -> Callable[[str, int, int], re.Match[str] | None]:
        alternatives = "|".join(f"(?P<{name}>{self.patterns[name]})" for name in names) or "(?!)"
        return re.compile(f"{_SPACE}(?:{alternatives})").match

    def run(self, text: str, start: int, end: int) -> Any:
        """Parse text[start:end]. Raises `Unexpected` where the grammar does not go on."""
        rows, rules, same, mode_of_state = self.rows, self.rules, self.same, self.mode_of_state
        scanners, classified, ignored, entry_of, leaf = self.scanners, self.classified, self.ignored, self.entry, self.leaf
        common = self.common
        states = [self.start]
        values: list[Any] = []
        position = start
        while True:
            state = states[-1]
            mode = mode_of_state[state]
            match = (
                (scanners.get(mode) or self.scanner(mode))(text, position, end)
                or common(text, position, end)
                or self.scanner(0)(text, position, end)
            )
            entry = None
            if match is None:
                first = _SPACES(text, position, end).end()  # type: ignore[union-attr]
                terminal, word, position = ("$END", "", end) if first == end else ("UNKNOWN", text[first], first + 1)
            else:
                terminal = match.lastgroup or ""
                first, position = match.span(terminal)
                if terminal in ignored:
                    continue
                word = match[terminal]
                if terminal in classified:
                    entry = entry_of(word, first)
                    terminal = entry[0]
                    if terminal == "SKIP":
                        continue
            while True:
                action = rows[state].get(terminal)
                if action is None:
                    raise Unexpected(Token(terminal, word, first, position), values, tuple(rows[state]))
                if action >= 0:
                    states.append(action)
                    if len(states) > MAXIMUM_NESTING:
                        self._bound(values, first)
                    values.append(leaf(terminal, word, first, position, entry))
                    break
                origin, size, callback = rules[~action]
                if ~action in same:
                    states[-1] = rows[states[-2]][origin]
                    state = states[-1]
                    continue
                if size:
                    value = callback(values[-size:])
                    del values[-size:]
                    del states[-size:]
                else:
                    value = callback([])
                values.append(value)
                if terminal == "$END" and origin == "start":
                    return value
                state = rows[states[-1]][origin]
                states.append(state)

    @staticmethod
    def _bound(values: list[Any], position: int) -> None:
        """Refuse nesting beyond the bound: everything that waits for its end or its argument is a level."""
        levels = sum(1 for value in values if type(value) is Token)
        if levels > MAXIMUM_NESTING:
            raise InputError(f"nested deeper than {MAXIMUM_NESTING} levels", span=(position, position + 1))
