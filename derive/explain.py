"""`derive explain FILE.py:function [wrt NAME,…]`: the formula of a Python function, its gradient with steps, and the gradient's code.

In: the arguments behind the word. Out: reports as everywhere: the function as a definition, then its gradient. The file is read and never
run. Exit status: 0 explained · 1 partial, refused or a check that failed · 2 what cannot be read, or wrong use.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from derive.options import OPTIONS, Option, Options, WrongOptions, parse

if TYPE_CHECKING:
    from derive.errors import DeriveError
    from derive.report import Report
    from derive.session import Settings

__all__ = ["EXPLAIN_OPTIONS", "explain", "explain_usage", "listed", "run"]

_SHARED = (
    *("json", "format", "detail", "only_code", "value_and_grad", "quiet", "check", "color", "ascii", "time_limit", "target", "inplace"),
    *("with_tests", "help"),
)


EXPLAIN_OPTIONS: tuple[Option, ...] = tuple(option for option in OPTIONS if option.field in _SHARED)
"""The options of the command line that hold here as well."""


def run(arguments: list[str]) -> int:
    """Runs the command. Raises WrongOptions."""
    options = parse(arguments)
    if options.help:
        sys.stdout.write(explain_usage())
        return 0
    path, function, variables = _asked(options)
    source = _source(path)
    if not function:
        return _list(path, source, options)
    return _explain(path, source, function, variables, options)


def _asked(options: Options) -> tuple[Path, str, tuple[str, ...]]:
    """The file, the function, the variables."""
    if not options.lines:
        raise WrongOptions("explain needs a function: derive explain module.py:function")
    target, _, rest = options.lines[0].partition(" wrt ")
    words = [*(("wrt", *_names(rest)) if rest else ()), *(word for line in options.lines[1:] for word in _names(line))]
    if words and words[0] != "wrt":
        raise WrongOptions(f"behind the function come wrt and names, not {words[0]!r}")
    if len(words) == 1:
        raise WrongOptions("behind wrt come the names of arguments")
    variables = words[1:]
    name, colon, function = target.rpartition(":")
    if not colon or not function.isidentifier():
        name, function = target, ""
    if not name.endswith(".py"):
        raise WrongOptions(f"explain reads a Python file: derive explain module.py:function, not {target!r}")
    if not function and variables:
        raise WrongOptions("which function? derive explain module.py:function wrt …")
    return Path(name), function, tuple(variables)


def _names(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _source(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as problem:
        raise WrongOptions(f"cannot read {path}: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise WrongOptions(f"cannot read {path}: it is not UTF-8") from None


# ---------------------------------------------------------------------------------------------- a list
def listed(source: str) -> list[tuple[str, int, str]]:
    """Every function of the file: its name, its line, and why it cannot be explained ("" where it can)."""
    from derive.errors import DeriveError
    from derive.meaning.numpy_notation.module import functions_of, place_in
    from derive.meaning.reader import read_python

    found: list[tuple[str, int, str]] = []
    for name, span in functions_of(source):
        reason = ""
        try:
            read_python(source, name)
        except DeriveError as error:
            line, column = place_in(source, error.span)
            reason = f"{error.message} (line {line}, column {column})"
        found.append((name, place_in(source, span)[0], reason))
    return found


def _list(path: Path, source: str, options: Options) -> int:
    from derive.errors import DeriveError

    try:
        functions = listed(source)
    except DeriveError as error:
        return _complain(_report_of(error, str(path), source), options)
    if options.json:
        import json

        for name, line, reason in functions:
            sys.stdout.write(
                json.dumps({"function": name, "line": line, "readable": not reason, "reason": reason}, ensure_ascii=False) + "\n"
            )
        return 0
    if not functions:
        sys.stdout.write(f"{path} has no functions\n")
        return 0
    width = max(len(name) for name, _, _ in functions)
    for name, line, reason in functions:
        sys.stdout.write(f"  {name:<{width}}  line {line:<5} {'not read: ' + reason if reason else 'can be explained'}\n")
    return 0


# ---------------------------------------------------------------------------------------------- one function
def explain(source: str, function: str, variables: tuple[str, ...] = (), settings: Settings | None = None, label: str = "") -> list[Report]:
    """The reports of a function: what each of its values is, then the gradient. Errors are in the reports; nothing is raised."""
    from derive.errors import DeriveError
    from derive.meaning.reader import read_python
    from derive.report import Report
    from derive.session import Settings, report_of_reading

    settings = settings or Settings()
    text = label or function
    start = time.perf_counter()
    try:
        found = read_python(source, function, variables)
    except DeriveError as error:
        return [_report_of(error, text, source)]
    seconds = {"reading": time.perf_counter() - start}
    reports = [
        Report("solved", "definition", text, "numpy", reading=reading, seconds=seconds if not count else {}, number=count + 1)
        for count, reading in enumerate(found.values)
    ]
    if found.gradient is None:
        assert found.refusal is not None
        found.refusal.span = None
        refused = Report(found.refusal.status, "gradient", text, "numpy", error=found.refusal, number=len(reports) + 1)
        return [*reports, refused]
    return [*reports, report_of_reading(found.gradient, text, settings, len(reports) + 1)]


def _report_of(error: DeriveError, text: str, source: str) -> Report:
    """The report of an error, with line and column of the file in its message."""
    from derive.meaning.numpy_notation.module import place_in
    from derive.report import Report

    if error.span is not None:
        line, column = place_in(source, error.span)
        error.message = f"line {line}, column {column}: {error.message}"
        error.source = source
    return Report(error.status, "definition", text, "numpy", error=error, number=1)


def _complain(report: Report, options: Options) -> int:
    from derive.output import printer_of

    printer = printer_of(options)
    printer.show(report)
    printer.finish()
    return 2 if report.status == "error" else 1


def _explain(path: Path, source: str, function: str, variables: tuple[str, ...], options: Options) -> int:
    from derive.output import printer_of
    from derive.session import Settings

    if options.check:
        from derive.translation.run import start

        start()
    settings = Settings(
        detail=options.detail,
        check=options.check,
        time_limit=options.time_limit,
        value_and_grad=options.value_and_grad,
        target=options.target,
        inplace=options.inplace,
        with_tests=options.with_tests,
    )
    printer = printer_of(options)
    status = 0
    for report in explain(source, function, variables, settings, f"{path}:{function}"):
        failed = report.verification is not None and report.verification.status == "failed"
        status = max(status, 2 if report.status == "error" else 1 if failed or report.status != "solved" else 0)
        if report.task == "definition" and report.error is None and (options.only_code or options.quiet):
            continue
        printer.show(report)
        if report.task == "definition" and report.error is None and options.format == "text" and not options.json:
            printer.say(_latex_line(report))
    printer.finish()
    return status


def _latex_line(report: Report) -> str:
    """The formula in LaTeX, everything put in."""
    from derive.expressions.latex import latex

    assert report.reading is not None
    return f"\n  latex      {latex(report.reading.expanded)}"


def explain_usage() -> str:
    """The text of `derive explain --help`."""
    rows = []
    for option in EXPLAIN_OPTIONS:
        left = ", ".join(option.names) + (f" {option.metavar}" if option.flag is None else "")
        rows.append(f"  {left:<32}{option.words}" if len(left) <= 30 else f"  {left}\n{'':34}{option.words}")
    return (
        "usage: derive explain [OPTION…] FILE.py:FUNCTION [wrt NAME,…]\n"
        "       derive explain FILE.py\n\n"
        "Reads a NumPy function from a Python file, which is never run: its formula, the gradient with respect to its floating\n"
        "arguments or those that are named, with steps, and the gradient's code. Without a function: which there are.\n\n"
        "  derive explain model.py:loss\n"
        "  derive explain model.py:loss wrt W,b --json\n\n"
        "options\n" + "\n".join(rows) + "\n\n"
        "exit status: 0 explained · 1 partial, refused or a check that failed · 2 what cannot be read, or wrong use · 130 interrupted\n"
    )
