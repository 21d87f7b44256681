"""Builds the parser's tables from the grammar files, with Lark.

In: grammar/shared.lark and the notation's own file. Out: the tables that `engine.Grammar` runs, or Lark's own parser.
`python -m derive.reading.build` writes the tables to latex.json and plain.json, which are shipped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from derive.reading.tables import NOTATIONS, digest, grammar_text

__all__ = ["lark_parser", "tables"]

CLASSIFIED = ("COMMAND", "SYMBOL")


class _Postlex:
    """Drops what the classifier calls SKIP; terminals of `always_accept` are tried in every state."""

    def __init__(self, always_accept: tuple[str, ...]) -> None:
        self.always_accept = always_accept

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        return (token for token in stream if token.type != "SKIP")


def lark_parser(notation: str, transformer: Any = None, entry: Callable[[str, int], tuple[str, str, str]] | None = None) -> Any:
    """Lark's own LALR parser with its contextual lexer over the same grammar, commands classified by `entry`."""
    from lark import Lark

    def classify(token: Any) -> Any:
        if entry is not None:
            token.type = entry(str(token), token.start_pos)[0]
        return token

    text = grammar_text(notation)
    always = tuple(name for name in (*CLASSIFIED, "TEXT", "LEFT", "RIGHT", "BEGIN", "END") if f"\n{name}" in text)
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        keep_all_tokens=True,
        maybe_placeholders=False,
        postlex=_Postlex(always),
        transformer=transformer,
        lexer_callbacks=dict.fromkeys(CLASSIFIED, classify),
    )


def tables(notation: str) -> dict[str, Any]:
    """The tables of a notation, ready for JSON.

    terminals: name → pattern; ignored: names; modes: the terminals of a state, by precedence, which are tried before the common
    ones (mode 0 is that of an ordinary sequence); rows: distinct rows of the parse table (symbol → n: shift to or go to state n,
    ~n: reduce by rule n); rules: (origin, size, callback).
    """
    parser = lark_parser(notation)
    table = parser.parser.parser._parse_table
    patterned = {t.name: t for t in parser.terminals if t.pattern is not None}
    order = sorted(patterned.values(), key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    spaces = {n for n in parser.ignore_tokens if n.startswith("__")}
    always = {*parser.options.postlex.always_accept, *parser.ignore_tokens} - spaces
    number, states = _numbered(table.states, table.start_states["start"])
    known = {argument for actions in table.states.values() for action, argument in actions.values() if action.name != "Shift"}
    ordered = sorted(known, key=lambda rule: (str(rule.origin.name), str(rule.alias), [str(symbol.name) for symbol in rule.expansion]))
    rows: list[dict[str, int]] = []
    row_of_state: list[int] = []
    modes = [[t.name for t in order if t.name in {"NUMBER", "NAME", "RESULT"}]]
    mode_of_state: list[int] = []
    for state in states:
        actions = table.states[state]
        row = {
            str(symbol): number[argument] if action.name == "Shift" else ~ordered.index(argument)
            for symbol, (action, argument) in sorted(actions.items())
        }
        if row not in rows:
            rows.append(row)
        row_of_state.append(rows.index(row))
        mode = [t.name for t in order if t.name in actions and t.name not in always]
        if mode not in modes:
            modes.append(mode)
        mode_of_state.append(modes.index(mode))
    return {
        "digest": digest(notation),
        "terminals": {t.name: t.pattern.to_regexp() for t in order if t.name not in spaces},
        "ignored": sorted(set(parser.ignore_tokens) - spaces),
        "classified": [name for name in CLASSIFIED if name in patterned],
        "common": [t.name for t in order if t.name in always],
        "modes": modes,
        "mode_of_state": mode_of_state,
        "rows": rows,
        "row_of_state": row_of_state,
        "rules": [[str(rule.origin.name), len(rule.expansion), str(rule.alias or rule.origin.name)] for rule in ordered],
        "start": 0,
    }


def _numbered(table: Mapping[int, Mapping[str, Any]], start: int) -> tuple[dict[int, int], list[int]]:
    """The states numbered from the start in an order that is the same every time (Lark's own numbers are not)."""
    states = [start]
    number = {start: 0}
    for state in states:
        for _, (action, argument) in sorted(table[state].items()):
            if action.name == "Shift" and argument not in number:
                number[argument] = len(states)
                states.append(argument)
    return number, states


def main() -> None:
    """Write the tables of every notation beside this module."""
    for notation in NOTATIONS:
        made = json.dumps(tables(notation), ensure_ascii=False, separators=(",", ":"))
        Path(__file__).with_name(f"{notation}.json").write_text(made + "\n", "utf-8")


if __name__ == "__main__":
    main()
