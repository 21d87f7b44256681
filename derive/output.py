"""What the command line prints: a printer for each way of asking (text, JSON, LaTeX, Markdown, only the code, only the answer).

In: reports, one after the other. Out: standard output, and standard error for errors (in JSON everything is in the object).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from derive.options import Options
    from derive.presenting.style import Style
    from derive.report import Report

__all__ = ["Printer", "is_silent", "printer_of", "style_for", "terminal_width"]


def is_silent(report: Report) -> bool:
    """Whether nothing is printed for the line unless it is the last: a declaration, a definition, a fact."""
    kinds = ("declaration", "definition", "fact", "constraint", "update", "empty")
    return report.error is None and report.reading is not None and report.reading.kind in kinds


def terminal_width(stream: TextIO) -> int:
    """The columns of the terminal behind the stream; COLUMNS, or 80, where there is none."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return max(20, int(columns))
    try:
        return max(20, os.get_terminal_size(stream.fileno()).columns or 80)
    except (OSError, ValueError, AttributeError):
        return 80


def style_for(stream: TextIO, color: str, ascii: bool) -> Style:
    """The style that fits the stream: colours at a terminal unless NO_COLOR is set, ASCII where it cannot carry Unicode."""
    from derive.presenting.style import Style

    at_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    colour = color == "always" or (color == "auto" and at_terminal and not os.environ.get("NO_COLOR"))
    unicode = (getattr(stream, "encoding", None) or "").lower().replace("-", "") in ("utf8", "utf16", "utf32", "utf8sig")
    return Style(terminal_width(stream), colour, ascii or not unicode)


class Printer:
    """Prints reports as text: the report to standard output, its error to standard error."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.out = style_for(sys.stdout, options.color, options.ascii)
        self.err = style_for(sys.stderr, options.color, options.ascii)
        self.count = 0

    def show(self, report: Report) -> bool:
        """Prints one report; False where there was nothing of what was asked for."""
        gap = "\n" if self.count else ""
        self.count += 1
        body = self.body(report)
        if body:
            sys.stdout.write(f"{gap}{body}\n")
            sys.stdout.flush()
        self.complain(report, "\n" if body or gap else "")
        return True

    def body(self, report: Report) -> str:
        """What goes to standard output."""
        from derive.presenting.text import report_text

        return report_text(report, self.options.detail, self.out)

    def complain(self, report: Report, gap: str = "") -> None:
        """Prints the error of the report, if it has one, to standard error."""
        from derive.presenting.text import error_text

        said = error_text(report, self.err)
        if said:
            sys.stderr.write(f"{gap}{said}\n")
            sys.stderr.flush()

    def say(self, text: str) -> None:
        """Prints the answer of a command (`:help`)."""
        if text:
            sys.stdout.write(self.out.words(text.rstrip("\n")) + "\n")

    def finish(self) -> None:
        """Called after the last report."""


class _Answers(Printer):
    """Only the answers, each on a line (a part a line)."""

    def show(self, report: Report) -> bool:
        said = self.body(report)
        if said:
            sys.stdout.write(said + "\n")
            sys.stdout.flush()
        self.complain(report)
        return bool(said)

    def body(self, report: Report) -> str:
        from derive.presenting.latex_document import answer_latex
        from derive.presenting.text import answer_text

        return answer_text(report, self.out) if self.options.format == "text" else answer_latex(report)


class _Code(Printer):
    """Only the code, whole modules."""

    def show(self, report: Report) -> bool:
        from derive.presenting.prose import inline_prose

        if report.code is not None:
            gap = "\n\n" if self.count else ""
            self.count += 1
            tests = "\n\n" + report.code.tests.rstrip("\n") if report.code.tests else ""
            sys.stdout.write(gap + report.code.source.rstrip("\n") + tests + "\n")
            sys.stdout.flush()
        elif report.error is None:
            notes = "; ".join(inline_prose(note) for note in report.notes)
            sys.stderr.write(self.err.words(notes or "there is no code for this") + "\n")
        self.complain(report)
        return report.code is not None


class _Json(Printer):
    """One JSON object per report and line; nothing else on any stream."""

    def show(self, report: Report) -> bool:
        import json

        sys.stdout.write(json.dumps(report.to_dict(), ensure_ascii=False, allow_nan=False) + "\n")
        sys.stdout.flush()
        return True

    def say(self, text: str) -> None:
        sys.stderr.write(text.rstrip("\n") + "\n" if text else "")


class _Markdown(Printer):
    """Markdown with `$$`."""

    def show(self, report: Report) -> bool:
        from derive.presenting.markdown import to_markdown

        gap = "\n---\n\n" if self.count else ""
        self.count += 1
        sys.stdout.write(gap + to_markdown(report, self.options.detail) + "\n")
        sys.stdout.flush()
        self.complain(report)
        return True


class _Latex(Printer):
    """One LaTeX document that holds all reports."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.reports: list[Report] = []

    def show(self, report: Report) -> bool:
        self.reports.append(report)
        self.complain(report)
        return True

    def finish(self) -> None:
        from derive.presenting.latex_document import to_document

        sys.stdout.write(to_document(self.reports, self.options.detail))


def printer_of(options: Options) -> Printer:
    """The printer that the options ask for."""
    if options.json:
        return _Json(options)
    if options.only_code:
        return _Code(options)
    if options.quiet:
        return _Answers(options)
    return {"text": Printer, "markdown": _Markdown, "latex": _Latex}[options.format](options)
