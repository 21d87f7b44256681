"""The commands of the prompt, `:help` and the like: what each answers, as a function of the session and the argument.

A reply is a value: what is said, the session afterwards, and what the prompt itself has to do (leave, change its keys, load a
file). Only `:save` touches the world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.report import Report
    from derive.session import Session

__all__ = ["COMMANDS", "Command", "Reply", "obey"]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command. `action` is "", "quit", "vi", "emacs", "ascii on", "ascii off" or "load"; `lines` are loaded."""

    text: str
    session: Session
    action: str = ""
    lines: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name without the colon, what it takes, one line of help, what it does."""

    name: str
    argument: str
    words: str
    run: Callable[[Session, str], Reply]
    choices: tuple[str, ...] = ()


def obey(session: Session, line: str) -> Reply:
    """Runs the command that the line is."""
    name, _, argument = line.strip()[1:].partition(" ")
    name = {"?": "help", "q": "quit", "h": "help", "exit": "quit"}.get(name, name)
    for command in COMMANDS:
        if command.name == name:
            argument = argument.strip()
            if command.choices and argument and argument not in command.choices:
                return _failed(session, f":{name} takes {' or '.join(command.choices)}, not {argument!r}")
            return command.run(session, argument)
    close = get_close_matches(name, [command.name for command in COMMANDS], 1)
    return _failed(session, f"unknown command :{name}" + (f"; did you mean :{close[0]}?" if close else "; :help lists them"))


def _failed(session: Session, text: str) -> Reply:
    return Reply(text, session, failed=True)


def _help(session: Session, argument: str) -> Reply:
    from derive.repl.help import help_text, suggestion

    text = help_text(argument)
    if text is not None:
        return Reply(text, session)
    close = suggestion(argument)
    return _failed(session, f"there is no topic or rule {argument!r}" + (f"; did you mean {close}?" if close else ""))


def _setting(field: str, label: str) -> Callable[[Session, str], Reply]:
    """A command that shows a setting, or sets it to "on" or "off"."""

    def run(session: Session, argument: str) -> Reply:
        if argument:
            changes: dict[str, Any] = {field: argument == "on"}
            session = replace(session, settings=replace(session.settings, **changes))
        return Reply(f"{label} is {'on' if getattr(session.settings, field) else 'off'}", session)

    return run


def _detail(session: Session, argument: str) -> Reply:
    if argument:
        session = replace(session, settings=replace(session.settings, detail=argument))
    return Reply(f"detail is {session.settings.detail}", session)


def _target(session: Session, argument: str) -> Reply:
    if argument:
        session = replace(session, settings=replace(session.settings, target=argument))
    return Reply(f"code is written for {session.settings.target}", session)


def _time_limit(session: Session, argument: str) -> Reply:
    if argument:
        try:
            seconds = float(argument)
        except ValueError:
            seconds = 0.0
        if not 0.0 < seconds < 1e9:
            return _failed(session, f"the time limit is a positive number of seconds, not {argument!r}")
        session = replace(session, settings=replace(session.settings, time_limit=seconds))
    return Reply(f"the time limit is {session.settings.time_limit:g} s a task", session)


def _of_report(show: Callable[[Report], str], lack: str) -> Callable[[Session, str], Reply]:
    """A command that shows something of the last report that has it, or of the report with the number in the argument."""

    def run(session: Session, argument: str) -> Reply:
        from derive.output import is_silent

        wanted = argument.lstrip("_")
        if wanted:
            found = [r for r in session.reports if wanted.isdigit() and r.number == int(wanted)]
        else:
            found = [r for r in session.reports if not is_silent(r)]
        if not found:
            return _failed(session, f"there is no result {wanted}" if wanted else "there is no result yet")
        text = next(filter(None, map(show, reversed(found))), "")
        return Reply(text, session) if text else _failed(session, lack)

    return run


def _latex(report: Report) -> str:
    from derive.presenting.latex_document import answer_latex

    return answer_latex(report)


def _code(report: Report) -> str:
    return "" if report.code is None else report.code.source.strip("\n")


def _json(report: Report) -> str:
    import json

    return json.dumps(report.to_dict(), ensure_ascii=False, indent=2)


def _markdown(report: Report) -> str:
    from derive.presenting.markdown import to_markdown

    return to_markdown(report)


def _steps(report: Report) -> str:
    from derive.presenting.text import report_text

    return report_text(report, "full", code=False)


def _undo(session: Session, argument: str) -> Reply:
    if not session.history:
        return _failed(session, "there is nothing to undo")
    return Reply(f"undone: {session.history[-1]}", session.undo())


def _names(session: Session, argument: str) -> Reply:
    from derive.presenting.names import declared

    return Reply(declared(session.scope) or "nothing is declared", session)


def _save(session: Session, argument: str) -> Reply:
    from derive.repl.journal import script

    if not argument:
        return _failed(session, ":save needs the name of a file")
    path = Path(argument).expanduser()
    path = path if path.suffix else path.with_suffix(".derive")
    try:
        path.write_text(script(session.history), encoding="utf-8")
    except (OSError, UnicodeEncodeError) as problem:
        return _failed(session, f"cannot write {path}: {getattr(problem, 'strerror', None) or 'not Unicode text'}")
    count = len(session.history)
    return Reply(f"{count} line{'s' * (count != 1)} in {path}", session)


def _load(session: Session, argument: str) -> Reply:
    from derive.lines import split_text

    if not argument:
        return _failed(session, ":load needs the name of a file")
    path = Path(argument).expanduser()
    path = path if path.suffix or path.exists() else path.with_suffix(".derive")
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        return _failed(session, f"cannot read {path}: {problem.strerror}")
    except UnicodeDecodeError:
        return _failed(session, f"cannot read {path}: not UTF-8 text")
    return Reply("", session, "load", tuple(line.text for line in split_text(text)))


def _action(action: str, text: str) -> Callable[[Session, str], Reply]:
    return lambda session, argument: Reply(text, session, action)


def _ascii(session: Session, argument: str) -> Reply:
    state = argument or "on"
    return Reply("only ASCII is shown" if state == "on" else "Unicode is shown", session, f"ascii {state}")


_second_opinion = _setting("second_opinion", "the second opinion")
_SWITCH = ("on", "off")

COMMANDS = (
    Command("help", "[TOPIC | RULE]", "this help, a topic, or a rule that a step names", _help),
    Command("detail", "brief|normal|full", "how much of a derivation is shown", _detail, ("brief", "normal", "full")),
    Command("steps", "[N]", "the last derivation (or that of result N) with every sub-step", _of_report(_steps, "there is no derivation")),
    Command("latex", "[N]", "the last answer as LaTeX", _of_report(_latex, "there is no answer")),
    Command("markdown", "[N]", "the last report as Markdown", _of_report(_markdown, "there is nothing to show")),
    Command("json", "[N]", "the last report as JSON", _of_report(_json, "there is nothing to show")),
    Command("code", "[N]", "the NumPy code of the last answer, a whole module", _of_report(_code, "there is no code")),
    Command("names", "", "what is declared and defined", _names),
    Command("undo", "", "forgets the last line", _undo),
    Command("save", "FILE", "writes the lines of the session to a .derive file", _save),
    Command("load", "FILE", "runs the lines of a .derive file", _load),
    Command("check", "on|off", "whether steps are checked numerically", _setting("check", "checking"), _SWITCH),
    Command("time-limit", "SECONDS", "how long one task may take", _time_limit),
    Command("target", "numpy|array-api", "what code is written for", _target, ("numpy", "array-api")),
    Command("inplace", "on|off", "whether code is for large arrays", _setting("inplace", "code for large arrays"), _SWITCH),
    Command("with-tests", "on|off", "whether a test module comes with the code", _setting("with_tests", "a test module"), _SWITCH),
    Command("second-opinion", "on|off", "whether latex2sympy2 reads scalar LaTeX, too", _second_opinion, _SWITCH),
    Command("ascii", "on|off", "whether only ASCII is shown", _ascii, _SWITCH),
    Command("vi", "", "vi keys", _action("vi", "vi keys")),
    Command("emacs", "", "emacs keys", _action("emacs", "emacs keys")),
    Command("quit", "", "leaves (so does Ctrl-D)", _action("quit", "")),
)
