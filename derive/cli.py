"""The command line: arguments, files and standard input become lines of a session; reports are printed as they come.

Nothing that costs time is imported at the top: `derive --version` is a bare Python, and SymPy loads only when a task is run.
Exit status: 0 solved · 1 partial, refused or a check that failed · 2 input error or wrong use · 130 interrupted.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from derive.lines import Line
    from derive.options import Options
    from derive.report import Report

__all__ = ["main"]

BROKEN_PIPE = 141  # what a shell reports for a program that SIGPIPE ended


def main(arguments: list[str] | None = None) -> int:
    """Runs the command with these arguments and returns its exit status; without arguments, with those of the process."""
    if arguments is not None:
        return _status(arguments)
    status = _status(sys.argv[1:])
    _leave(status)
    return status


def _status(given: list[str]) -> int:
    if given == ["--version"]:
        return _version()
    from derive.options import WrongOptions, parse

    try:
        if given[:1] == ["translate"]:
            from derive.documents.command import run

            return run(given[1:])
        if given[:1] == ["explain"] and _is_file(given[1:]):
            from derive.explain import run as explain

            return explain(given[1:])
        return _do(parse(given))
    except WrongOptions as problem:
        sys.stderr.write(f"derive: {problem}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return 130
    except BrokenPipeError:
        _close_quietly(sys.stdout)
        return BROKEN_PIPE


def _is_file(words: list[str]) -> bool:
    """Whether `explain` is the command for a Python file, or help about it, and not the word before an expression."""
    target = next((word for word in words if not word.startswith("-")), "")
    name = target.partition(" wrt ")[0].strip()
    return not target or name.endswith(".py") or ".py:" in name


def _do(options: Options) -> int:
    if options.version:
        return _version()
    if options.help:
        from derive.options import usage

        sys.stdout.write(usage())
        return 0
    if options.completion:
        from derive.completion import completion

        sys.stdout.write(completion(options.completion))
        return 0
    return _work(options)


def _leave(status: int) -> None:
    """Ends the process at once where SymPy is loaded: taking its modules apart would take longer than a short derivation."""
    if "sympy" not in sys.modules:
        return
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            status = BROKEN_PIPE
    os._exit(status)


def _version() -> int:
    from derive import __version__

    sys.stdout.write(f"derive {__version__}\n")
    return 0


def _close_quietly(stream: TextIO) -> None:
    """Lets the interpreter's last flush go nowhere instead of failing at a closed pipe."""
    import os

    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 (pathlib would be imported for this alone)
        os.dup2(nowhere.fileno(), stream.fileno())


def _work(options: Options) -> int:
    if not options.lines and sys.stdin is not None and sys.stdin.isatty():
        from derive.repl.prompt import start

        return start(options)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    _start_code_worker(options)
    _load_quietly()
    return _run(options)


def _start_code_worker(options: Options) -> None:
    """The process that will run emitted code imports NumPy while this one imports SymPy."""
    if options.check:
        from derive.translation.run import start

        start()


def _load_quietly() -> None:
    """Loads what a task needs: no warnings for users, no collection of garbage while modules load."""
    import gc
    import warnings

    warnings.simplefilter("ignore")
    gc.disable()
    import derive.session  # noqa: F401

    gc.freeze()
    gc.enable()


def _run(options: Options) -> int:
    """Runs the lines, prints each report as soon as it is there, and returns the worst exit status.

    Declarations and definitions are silent, except on the last line, where they are what was asked for.
    """
    from derive.lines import Line
    from derive.output import is_silent, printer_of
    from derive.repl import is_command
    from derive.repl.commands import obey
    from derive.session import Session, Settings

    printer = printer_of(options)
    session = Session(
        settings=Settings(
            detail=options.detail,
            check=options.check,
            time_limit=options.time_limit,
            value_and_grad=options.value_and_grad,
            second_opinion=options.second_opinion,
            target=options.target,
            inplace=options.inplace,
            with_tests=options.with_tests,
        )
    )
    status = 0
    lines = _lines(options)
    while lines:
        line = lines.pop(0)
        if is_command(line.text):
            reply = obey(session, line.text)
            session = reply.session
            options.detail = session.settings.detail
            printer.say(reply.text)
            status = max(status, 2 if reply.failed else 0)
            lines = [] if reply.action == "quit" else [*(Line(text, line.number) for text in reply.lines), *lines]
            continue
        report, session = session.run(line.text, number=line.number, final=not lines)
        if report is None:
            report = _nothing(line)
        if not lines or not is_silent(report):
            shown = printer.show(report)
            status = max(status, exit_status(report), 0 if shown else 1)
    printer.finish()
    return status


def _nothing(line: Line) -> Report:
    from derive.errors import SyntaxProblem
    from derive.report import Report

    error = SyntaxProblem("there is nothing to read", expected=("a line of mathematics",))
    return Report("error", "expression", line.text, "plain", error=error, number=line.number)


def _lines(options: Options) -> list[Line]:
    """The lines to run: arguments with the contents of `.derive` files in their places, or the lines of standard input."""
    from derive.lines import Line, join_arguments, split_text

    if not options.lines:
        found = list(split_text(_read_stdin()))
        return found or [Line("", 1)]
    out: list[Line] = []
    for line in join_arguments(options.lines):
        text = _file_text(line.text)
        out += [line] if text is None else split_text(text)
    return out


def _read_stdin() -> str:
    return "" if sys.stdin is None else sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _file_text(argument: str) -> str | None:
    """The contents of the file that the argument names, or None where it is a line."""
    if not argument.endswith(".derive"):
        return None
    try:
        with open(argument, encoding="utf-8", errors="surrogateescape", newline="") as file:  # noqa: PTH123
            return file.read()
    except OSError as problem:
        from derive.options import WrongOptions

        raise WrongOptions(f"cannot read {argument}: {problem.strerror}") from None


def exit_status(report: Report) -> int:
    """The exit status that the report alone would give."""
    if report.status == "error":
        return 2
    failed = report.verification is not None and report.verification.status == "failed"
    wrong = report.rows is not None and report.rows.first_wrong is not None
    return 1 if failed or wrong or report.status != "solved" else 0
