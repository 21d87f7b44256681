"""The session: an immutable value that runs lines and gives reports. Every door leads here.

In: a line of text (or a SymPy expression). Out: a Report and the session after it. Reading, solving, checking and translating happen
in this order; each failure is a report, never an exception.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from derive.answering import Settings, answer, load, second_reading, summary_of, value_of
from derive.deadline import deadline
from derive.derivation import Prose
from derive.errors import DeriveError, InternalError, TooLarge
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term
from derive.meaning import read as read_line
from derive.meaning.broken import broken_names
from derive.meaning.resting import with_inner_types
from derive.meaning.scope import Reading, Scope, Type
from derive.report import Report
from derive.solution import Code
from derive.unhurried import unhurried

__all__ = ["Readable", "Session", "Settings", "read", "report_of_reading", "solve", "translate"]

DEEPEST_STACK = 5000
_SILENT = ("declaration", "definition", "fact", "constraint", "update")


@dataclass(frozen=True, slots=True)
class Session:
    """Everything said so far. `run` gives the report of one more line and the session after it."""

    scope: Scope = field(default_factory=Scope)
    settings: Settings = field(default_factory=Settings)
    line: str = ""
    report: Report | None = None  # of the last line
    before: Session | None = None
    length: int = 0  # lines so far

    def _chain(self) -> list[Session]:
        """The sessions after each line, in order."""
        chain: list[Session] = []
        session: Session | None = self
        while session is not None and session.before is not None:
            chain.append(session)
            session = session.before
        return chain[::-1]

    @property
    def history(self) -> tuple[str, ...]:
        """The lines so far."""
        return tuple(session.line for session in self._chain())

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports of the lines so far."""
        return tuple(session.report for session in self._chain() if session.report is not None)

    def run(self, text: Any, *, number: int | None = None, final: bool = True) -> tuple[Report | None, Session]:
        """Run one line; the report is None for a blank line. Never raises a DeriveError.

        A definition or an equation is a task of its own only on the last line: with `final=False` it is taken in and nothing more.
        """
        line = text if isinstance(text, str) else _line_of(text)
        if not line.strip():
            return None, self
        place = number if number is not None else self.length + 1
        with unhurried():
            report, scope = _run(line, self.scope, self.settings, place, final)
        scope = _with_result(scope, report, place)
        return report, Session(scope, self.settings, line, report, self, self.length + 1)

    def run_all(self, lines: Iterable[Any]) -> tuple[list[Report], Session]:
        """Run lines in order: a report for every task, for every failure, and for the last line whatever it is."""
        from derive.reading import join_check

        session = self
        reports: list[Report] = []
        last: Report | None = None
        joined = join_check([line if isinstance(line, str) else _line_of(line) for line in lines])
        with unhurried():
            for count, line in enumerate(joined, 1):
                report, session = session.run(line, final=count == len(joined))
                if report is None:
                    continue
                last = report
                if report.error is not None or report.reading is None or report.reading.kind not in _SILENT:
                    reports.append(report)
        if last is not None and (not reports or reports[-1] is not last):
            reports.append(last)
        return reports, session

    def undo(self) -> Session:
        """The session before the last line; itself when there is none."""
        return self.before if self.before is not None else self


def _line_of(expression: Any) -> str:
    """A SymPy expression as a line of the plain notation."""
    if isinstance(expression, int | float):
        return repr(expression)
    from sympy import Basic

    from derive.expressions.from_sympy import from_sympy
    from derive.expressions.plain import plain

    if not isinstance(expression, Basic):
        raise TypeError(f"a line is text or a SymPy expression, not {type(expression).__name__}")
    return plain(from_sympy(expression))


def _with_result(scope: Scope, report: Report, place: int) -> Scope:
    """The answer as `_` and `_3`, the steps as `_3.2`."""
    if report.solution is None or report.status not in ("solved", "partial"):
        return scope
    found: dict[str, Any] = {}
    if report.solution.answer is not None:
        found["_"] = found[f"_{place}"] = report.solution.answer
    if report.solution.derivation is not None:
        from derive.presenting.levels import fold

        for count, step in enumerate(fold(report.solution.derivation.steps), 1):
            found[f"_{place}.{count}"] = step.after
    return replace(scope, results={**scope.results, **found})


def _run(line: str, scope: Scope, settings: Settings, place: int, final: bool) -> tuple[Report, Scope]:
    clock = time.perf_counter
    seconds: dict[str, float] = {}
    reading: Reading | None = None
    after = scope
    task, notation = "expression", ""
    if sys.getrecursionlimit() < DEEPEST_STACK:
        sys.setrecursionlimit(DEEPEST_STACK)  # SymPy descends a few frames for every level of a formula
    try:
        with deadline(settings.time_limit):
            start = clock()
            reading, after = read_line(line, scope, line=place)
            reading = with_inner_types(reading, scope) if final else reading
            seconds["reading"] = clock() - start
            task, notation = reading.task, reading.notation
        reading = _array_of_entries(reading, scope, place)
        if reading.kind in _SILENT and not final:
            return Report("solved", task, line, notation, reading=reading, seconds=seconds, number=place), after
        load(reading)
        with deadline(settings.time_limit):
            if settings.second_opinion and notation == "latex":
                reading = replace(reading, notes=(*reading.notes, second_reading(line, reading)))
            return answer(reading, line, settings, seconds, place), after
    except DeriveError as problem:
        error: DeriveError = problem
    except RecursionError:
        error = TooLarge("the expression is nested too deeply to be worked on")
    except MemoryError:
        error = TooLarge("the computation needs more memory than is allowed")
    except Exception as defect:
        error = InternalError(f"derive failed inside ({type(defect).__name__}: {defect}); nothing was answered")
        error.__cause__ = defect
    if not notation:
        from derive.reading import detect

        notation = detect(line)
    report = Report(error.status, task, line, notation, reading=reading, error=error, seconds=seconds, number=place)
    if reading is None and (lost := broken_names(line)):
        definitions = {n: d for n, d in scope.definitions.items() if n not in lost}
        return report, replace(scope, broken={**scope.broken, **dict.fromkeys(lost, place)}, definitions=definitions)
    return report, after if reading is not None and reading.kind in _SILENT else scope


def report_of_reading(reading: Reading, text: str, settings: Settings, place: int) -> Report:
    """The report of what was read elsewhere than on a line. Never raises a DeriveError."""
    if sys.getrecursionlimit() < DEEPEST_STACK:
        sys.setrecursionlimit(DEEPEST_STACK)
    load(reading)
    try:
        with deadline(settings.time_limit):
            return answer(reading, text, settings, {}, place)
    except DeriveError as problem:
        error: DeriveError = problem
    except RecursionError:
        error = TooLarge("the expression is nested too deeply to be worked on")
    except MemoryError:
        error = TooLarge("the computation needs more memory than is allowed")
    except Exception as defect:
        error = InternalError(f"derive failed inside ({type(defect).__name__}: {defect}); nothing was answered")
        error.__cause__ = defect
    error.span = None
    return Report(error.status, reading.task, text, reading.notation, reading=reading, error=error, number=place)


def _array_of_entries(reading: Reading, scope: Scope, place: int) -> Reading:
    """The reading of `D` where an earlier line said what `D_{ij}` is: the whole array, with axes in the order of its indices."""
    from derive.graph.subscripts import left_indices

    term = reading.term
    if reading.kind != "task" or term.head != "name" or term.data.sub or term.data in scope.declarations or term.data in scope.definitions:
        return reading
    for name in scope.definitions:
        if not name.sub.isalpha() or name._replace(sub="") != term.data:
            continue
        entry, _ = read_line(plain_name(name), scope, line=place)
        whole = Term("rel", (Term("name", (), name), entry.expanded), "=")
        if left_indices(whole):
            return replace(entry, term=whole, expanded=whole, task="definition")
    return reading


# ------------------------------------------------------------------ the library's door
def solve(lines: Any, **settings: Any) -> Report:
    """Run lines (one text with newlines, a list or tuple of texts, or a SymPy expression) and give the report of the last task.

    Settings are those of `Settings`. Errors and refusals are in the report; nothing is raised but for wrong settings.
    """
    from derive.reading.lines import split_lines

    texts: list[Any]
    if isinstance(lines, str):
        texts = [line.text for line in split_lines(lines)]
    elif isinstance(lines, list | tuple):
        texts = list(lines)
    else:
        texts = [lines]
    reports, _ = Session(settings=Settings(**settings)).run_all(texts)
    if not reports:
        from derive.errors import SyntaxProblem

        return Report("error", "expression", "", "plain", error=SyntaxProblem("there is nothing to read", span=(0, 0)))
    return reports[-1]


@dataclass(frozen=True, slots=True)
class Readable:
    """A reading to go on with: its printed forms, its notes, and a real SymPy expression."""

    reading: Reading

    @property
    def term(self) -> Term:
        """The tree of what was written."""
        return self.reading.term

    @property
    def latex(self) -> str:
        """LaTeX of the reading."""
        from derive.expressions.latex import latex

        return latex(self.reading.term)

    @property
    def plain(self) -> str:
        """The reading in the plain notation."""
        from derive.expressions.plain import plain

        return plain(self.reading.term)

    @property
    def notes(self) -> tuple[Prose, ...]:
        """The choices that were made."""
        return self.reading.notes

    @property
    def sympy(self) -> Any:
        """A SymPy expression: undeclared names as in code and without assumptions. Raises NotSupported where SymPy has no form."""
        from derive.expressions.naming import assign_code_names
        from derive.expressions.to_sympy import public, to_sympy

        value = value_of(self.reading)
        names = assign_code_names({n.data for n in value.walk() if n.head == "name"})
        unknown = {n.key: code for n, code in names.items() if n not in self.reading.types}
        return public(to_sympy(value, self.reading.types), unknown)


def read(text: Any, scope: Scope | None = None) -> Readable:
    """Read one line of text, or a SymPy expression; raises a DeriveError when it cannot be read."""
    return Readable(read_line(text if isinstance(text, str) else _line_of(text), scope)[0])


def translate(expression: Any, types: Mapping[Name, Type] | None = None) -> Code:
    """The NumPy code of an expression: text of any notation, or a SymPy expression. Raises a DeriveError when there is none."""
    from derive.translation.translate import translate as to_code

    text = expression if isinstance(expression, str) else _line_of(expression)
    reading, _ = read_line(text)
    return to_code(value_of(reading), {**reading.types, **(types or {})}, function="evaluate", summary=summary_of(reading), formula=None)
