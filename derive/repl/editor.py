"""The editor of the prompt: keys, colours, completion, the toolbar. All that it knows of mathematics is how a line is read.

Until the reader is loaded (a moment after the first paint) a line is plain text and everything else works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition, has_completions
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout.processors import HighlightMatchingBracketProcessor
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from derive.lines import is_check
from derive.repl import is_command
from derive.repl.completer import MathematicsCompleter

if TYPE_CHECKING:
    from pathlib import Path

    from prompt_toolkit.document import Document

    from derive.repl.loading import Loading
    from derive.session import Session

__all__ = ["build_editor"]

_STYLE = Style.from_dict(
    {
        "prompt": "bold ansicyan",
        "number-hint": "ansibrightblack",
        "bottom-toolbar": "noreverse ansibrightblack",
        "bottom-toolbar.text": "noreverse ansibrightblack",
        "toolbar.bad": "ansired",
        "auto-suggestion": "ansibrightblack",
        "matching-bracket.cursor": "bold underline",
        "matching-bracket.other": "bold underline",
        "math.command": "ansiblue",
        "math.function": "ansiblue",
        "math.keyword": "bold ansimagenta",
        "math.number": "ansicyan",
        "math.comment": "ansibrightblack",
        "math.error": "ansired underline",
    }
)


class _MathematicsLexer(Lexer):
    """Colours from `derive.reading.highlight`."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        text = document.text
        lines = text.split("\n")
        if not self._loading.reader_ready or is_command(text) or len(text) > 5000:
            return lambda number: [("", lines[number])]
        from derive.repl.colours import coloured_lines

        coloured = coloured_lines(text)
        return lambda number: coloured[number] if number < len(coloured) else []


def _submits(text: str, loading: Loading) -> bool:
    """Whether Enter runs the text: a command, nothing, what balances; anything behind a blank row, except inside a function or `check`."""
    if not text.strip() or is_command(text):
        return True
    if is_check(text.split("\n", 1)[0]):  # rows follow, up to a blank one
        return text.endswith("\n") and not is_check(text)
    if not loading.reader_ready:
        loading.wait()
    from derive.reading import is_complete

    if is_complete(text if "\n" not in text else text + "\n"):
        return True
    return text.endswith("\n") and not text.lstrip().startswith(("def ", "@", "check"))


def _keys(loading: Loading) -> KeyBindings:
    keys = KeyBindings()

    @Condition
    def browsing() -> bool:
        from prompt_toolkit.application import get_app

        state = get_app().current_buffer.complete_state
        return state is not None and state.current_completion is not None

    @keys.add("enter", filter=~browsing)
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if _submits(buffer.text, loading):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    @keys.add("enter", filter=browsing)
    def _accept(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None

    @keys.add("escape", "enter")
    def _new_row(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("tab", filter=~has_completions)
    def _complete(event: KeyPressEvent) -> None:
        event.current_buffer.start_completion(insert_common_part=True)

    return keys


def _toolbar(loading: Loading) -> Callable[[], StyleAndTextTuples]:
    seen: dict[str, StyleAndTextTuples] = {}

    def show() -> StyleAndTextTuples:
        from prompt_toolkit.application import get_app

        text = get_app().current_buffer.text
        if not text.strip():
            return [("", " :help · Tab completes · Ctrl-R searches · Ctrl-D leaves")]
        if is_command(text) or not loading.reader_ready:
            return [("", " command" if is_command(text) else " ")]
        if text not in seen:
            from derive.repl.status import line_status

            seen.clear()
            words, good = line_status(text)
            seen[text] = [("" if good else "class:toolbar.bad", " " + words)]
        return seen[text]

    return show


def _next_number(current: Callable[[], Session | None]) -> Callable[[], StyleAndTextTuples]:
    """At the right: the name under which the result of this line can be used later."""

    def show() -> StyleAndTextTuples:
        session = current()
        return [("class:number-hint", f"_{1 if session is None else len(session.history) + 1}")]

    return show


def build_editor(
    loading: Loading, current: Callable[[], Session | None], directory: Path | None, options: dict[str, Any] | None = None
) -> PromptSession[str]:
    """The prompt. `current` gives the session whose names are completed; without a directory, history stays in memory."""
    history: History = InMemoryHistory() if directory is None else FileHistory(str(directory / "history"))
    editor: PromptSession[str] = PromptSession(
        [("class:prompt", "derive> ")],
        lexer=_MathematicsLexer(loading),
        completer=MathematicsCompleter(loading, current),
        complete_while_typing=False,
        history=history,
        auto_suggest=AutoSuggestFromHistory(),
        enable_history_search=False,
        multiline=True,
        prompt_continuation=lambda width, number, wrapped: " " * width,
        key_bindings=_keys(loading),
        input_processors=[HighlightMatchingBracketProcessor(chars="[](){}")],
        bottom_toolbar=_toolbar(loading),
        rprompt=_next_number(current),
        style=_STYLE,
        editing_mode=EditingMode.EMACS,
        include_default_pygments_style=False,
        **(options or {}),
    )
    editor.app.after_render += lambda app: loading.begin()
    return editor
