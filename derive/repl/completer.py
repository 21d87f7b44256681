"""Completion at the prompt: commands, LaTeX macros, task words, functions, declared names; `\\alpha` becomes α."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion

if TYPE_CHECKING:
    from prompt_toolkit.document import Document

    from derive.repl.loading import Loading
    from derive.session import Session

__all__ = ["MathematicsCompleter", "candidates"]

_MACRO = re.compile(r"\\[A-Za-z]*$")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*$")
_COMMAND = re.compile(r"^\s*:([a-z-]*)$")
_COMMAND_ARGUMENT = re.compile(r"^\s*:([a-z-]+)\s+(\S*)$")


class MathematicsCompleter(Completer):
    """Completes what stands before the cursor."""

    def __init__(self, loading: Loading, current: Callable[[], Session | None]) -> None:
        self._loading = loading
        self._current = current

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        names = _declared(self._current())
        for text, length, shown in candidates(document.text_before_cursor, names):
            yield Completion(text, start_position=-length, display=shown)


def candidates(before: str, names: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    """What may stand instead of the end of `before`: the text, how many characters it replaces, what the menu shows."""
    command = _COMMAND.match(before)
    if command:
        yield from _commands(command[1])
        return
    argument = _COMMAND_ARGUMENT.match(before)
    if argument:
        yield from _arguments(argument[1], argument[2])
        return
    macro = _MACRO.search(before)
    if macro:
        yield from _macros(macro[0])
        return
    word = _WORD.search(before)
    if word:
        start = word[0]
        known = sorted({*names, *_words()} - {start})
        own = [n for n in names if n.startswith(start) and n != start]
        for text in (*own, *(k for k in known if k.startswith(start) and k not in own)):
            yield text, len(start), text


def _commands(start: str) -> Iterator[tuple[str, int, str]]:
    from derive.repl.commands import COMMANDS

    for command in COMMANDS:
        if command.name.startswith(start):
            yield command.name, len(start), f":{command.name} {command.argument}".rstrip()


def _arguments(name: str, start: str) -> Iterator[tuple[str, int, str]]:
    from derive.repl.commands import COMMANDS

    choices: Iterable[str] = ()
    if name == "help":
        from derive.repl.help import TOPICS

        choices = (*TOPICS, *_rules())
    for command in COMMANDS:
        if command.name == name and command.choices:
            choices = command.choices
    for choice in choices:
        if choice.startswith(start):
            yield choice, len(start), choice


def _macros(start: str) -> Iterator[tuple[str, int, str]]:
    symbol = _symbols().get(start)
    if symbol:
        yield symbol, len(start), f"{start}  {symbol}"
    for macro, sign in _symbols().items():
        if macro.startswith(start) and macro != start:
            yield macro, len(start), f"{macro}  {sign}".rstrip()


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    """Every macro that the reader knows, with its backslash, and the character that stands for it ("" where there is none)."""
    from derive.reading.commands import COMMANDS, UNICODE

    macros = {name.lstrip("\\"): "" for name in COMMANDS} | {name.lstrip("\\"): sign for name, sign in UNICODE.items()}
    return {f"\\{name}": sign for name, sign in sorted(macros.items()) if name.isascii() and name.isalpha()}


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    """The words of the language: functions and what a task is made of."""
    from derive.expressions.functions import FUNCTIONS
    from derive.reading.highlighting import KEYWORDS

    return (*FUNCTIONS, *(word for word in KEYWORDS if len(word) > 3))


def _rules() -> tuple[str, ...]:
    import sys

    return tuple(sys.modules["derive.rules"].RULES) if "derive.session" in sys.modules else ()


def _declared(session: Session | None) -> tuple[str, ...]:
    """The names of the session as they are typed in plain text."""
    if session is None:
        return ()
    from derive.expressions.term import Term
    from derive.presenting.mathematics import plain_of

    scope = session.scope
    names = [plain_of(Term("name", (), name)) for name in (*scope.declarations, *scope.definitions)]
    return tuple(dict.fromkeys([*names, *scope.results]))
