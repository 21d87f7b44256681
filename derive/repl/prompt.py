"""The loop of the prompt: read a line, run it, show its report, write it down.

The prompt is painted before SymPy is loaded; a line that is entered meanwhile waits for it. Ctrl-C stops a computation and
keeps the session.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from prompt_toolkit.enums import EditingMode

from derive.repl import is_command
from derive.repl.busy import Busy
from derive.repl.editor import build_editor
from derive.repl.journal import Journal, left_behind, state_directory
from derive.repl.loading import Loading
from derive.repl.terminal import ask, quiet_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from derive.options import Options
    from derive.presenting.style import Style
    from derive.repl.commands import Reply
    from derive.report import Report
    from derive.session import Session

__all__ = ["start"]


def start(options: Options) -> int:
    """Runs the prompt until the person leaves; returns the exit status."""
    with quiet_terminal():
        return _Prompt(options).run()


class _Prompt:
    """The state of one prompt: the session as it is now, the editor, the journal."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.session: Session | None = None
        self.directory = _directory()
        self.loading = Loading()
        self.editor = build_editor(self.loading, lambda: self.session, self.directory)
        self.journal: Journal | None = None

    def run(self) -> int:
        """Reads and runs lines until Ctrl-D or `:quit`."""
        self._offer_back()
        while True:
            try:
                text = self.editor.prompt()
            except KeyboardInterrupt:
                continue
            except EOFError:
                break
            if text.strip() and not self._handle(text):
                break
        if self.journal is not None:
            self.journal.close()
        return 0

    def _offer_back(self) -> None:
        """Offers the lines of the last session that ended unexpectedly, and runs them again where they are wanted."""
        if self.directory is None:
            return
        for path, text in left_behind(self.directory):
            from derive.lines import split_text

            lines = tuple(line.text for line in split_text(text))
            count = f"{len(lines)} line{'s' * (len(lines) != 1)}"
            try:
                answer = ask(f"the last session ended unexpectedly ({count}); restore? [y/N] ")
            except KeyboardInterrupt:
                print()
                return
            if answer.lower() in ("y", "yes"):
                self._restore(lines)
            path.unlink(missing_ok=True)
            return

    def _restore(self, lines: tuple[str, ...]) -> None:
        try:
            self._run_lines(lines, quiet=True)
        except KeyboardInterrupt:
            print("  interrupted")

    def _handle(self, text: str) -> bool:
        """Runs what was entered; False where the person leaves."""
        try:
            session = self._ready()
            if is_command(text):
                from derive.repl.commands import obey

                return self._obey(obey(session, text))
            from derive.lines import split_text

            self._run_lines(tuple(line.text for line in split_text(text)))
        except KeyboardInterrupt:
            print("  interrupted")
        return True

    def _ready(self) -> Session:
        """The session; waits for what is still being loaded."""
        if self.session is None:
            with Busy(sys.stdout, ascii=self.options.ascii):
                self.loading.wait()
            from derive.session import Session, Settings

            self.session = Session(
                settings=Settings(
                    detail=self.options.detail,
                    check=self.options.check,
                    time_limit=self.options.time_limit,
                    second_opinion=self.options.second_opinion,
                    target=self.options.target,
                    inplace=self.options.inplace,
                    with_tests=self.options.with_tests,
                )
            )
        return self.session

    def _run_lines(self, lines: tuple[str, ...], *, quiet: bool = False) -> None:
        """Runs lines one after the other. Ctrl-C stops the line in progress and those after it."""
        for line in lines:
            session = self._ready()
            with Busy(sys.stdout, ascii=self.options.ascii):
                report, after = session.run(line, final=False)
            chosen = None if report is None or quiet else self._choose(report)
            if chosen is not None:
                self._run_lines(chosen)
                continue
            self.session = after
            self._record()
            if report is not None and not quiet:
                self._show(report)

    def _show(self, report: Report) -> None:
        """Prints the report; of a declaration or a definition only how it was read."""
        from derive.output import is_silent
        from derive.presenting.text import stated_text, to_text

        assert self.session is not None
        if is_silent(report):
            print(stated_text(report, self._style()), flush=True)
            return
        said = to_text(report, self.session.settings.detail, self._style())
        print(f"\n{said}\n", flush=True)

    def _style(self) -> Style:
        from derive.output import style_for

        return style_for(sys.stdout, self.options.color, self.options.ascii)

    def _choose(self, report: Report) -> tuple[str, ...] | None:
        """Asks which of two readings is meant; the lines that say so, or None where none of them is."""
        from derive.errors import AmbiguousInput
        from derive.repl.choice import settled_lines

        error = report.error
        if not isinstance(error, AmbiguousInput) or len(error.expected) < 2:
            return None
        style = self._style()
        print("\n  " + style.words(error.message))
        for number, declaration in enumerate(error.expected, 1):
            reading = error.readings[number - 1] if number <= len(error.readings) else ""
            hint = "" if declaration == reading else f"   with  {declaration}"
            print(style.words(f"  {number}  {reading or declaration}{hint if reading else ''}"))
        answer = ask(f"  which one? [1-{len(error.expected)}, Enter for neither] ")
        if not (answer.isdigit() and 1 <= int(answer) <= len(error.expected)):
            return None
        return settled_lines(report.text, error, int(answer) - 1)

    def _obey(self, reply: Reply) -> bool:
        """Shows the reply to a command and does what it asks of the prompt; False for `:quit`."""
        self.session = reply.session
        if reply.text:
            style = self._style()
            print(style.paint(style.words(reply.text), "bad") if reply.failed else style.words(reply.text), flush=True)
        if reply.action == "quit":
            return False
        if reply.action in ("vi", "emacs"):
            self.editor.editing_mode = EditingMode.VI if reply.action == "vi" else EditingMode.EMACS
        elif reply.action.startswith("ascii"):
            self.options.ascii = reply.action == "ascii on"
        elif reply.action == "load":
            self._run_lines(reply.lines)
        self._record()
        return True

    def _record(self) -> None:
        """Writes the session down as it is now; a state directory that cannot be written costs only the journal."""
        if self.directory is None or self.session is None:
            return
        with suppress(OSError):
            if self.journal is None:
                self.journal = Journal(self.directory)
            self.journal.record(tuple(self.session.history))


def _directory() -> Path | None:
    try:
        return state_directory()
    except OSError:
        return None
