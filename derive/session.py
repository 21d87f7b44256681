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

from derive.deadline import deadline
from derive.derivation import Prose
from derive.errors import DeriveError, FailedCheck, InternalError, NotSupported, Refusal, TooLarge, Undetermined
from derive.expressions.term import Name, Term
from derive.meaning import read as read_line
from derive.meaning.scope import Reading, Scope, Type
from derive.report import Report
from derive.solution import Code, Solution, Verification

__all__ = ["Readable", "Session", "Settings", "read", "solve", "translate"]

DEEPEST_STACK = 5000
LONGEST_SUMMARY = 100
_NAMED = frozenset(("derivative", "gradient", "hessian", "jacobian", "directional-derivative", "backprop", "solve"))
_SILENT = ("declaration", "definition", "fact", "constraint", "update")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a session works: level of detail, whether steps are checked and code is made, seconds a task may take."""

    detail: str = "normal"
    check: bool = True
    code: bool = True
    time_limit: float = 20.0
    second_opinion: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Everything said so far. `run` gives the report of one more line and the session after it."""

    scope: Scope = field(default_factory=Scope)
    settings: Settings = field(default_factory=Settings)
    history: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    before: Session | None = None

    def run(self, text: Any, *, number: int | None = None, final: bool = True) -> tuple[Report | None, Session]:
        """Run one line; the report is None for a blank line. Never raises a DeriveError.

        A definition or an equation is a task of its own only on the last line: with `final=False` it is taken in and nothing more.
        """
        line = text if isinstance(text, str) else _line_of(text)
        if not line.strip():
            return None, self
        place = number if number is not None else len(self.history) + 1
        report, scope = _run(line, self.scope, self.settings, place, final)
        scope = _with_result(scope, report, place)
        after = replace(self, scope=scope, history=(*self.history, line), reports=(*self.reports, report), before=self)
        return report, after

    def run_all(self, lines: Iterable[Any]) -> tuple[list[Report], Session]:
        """Run lines in order: a report for every task, for every failure, and for the last line whatever it is."""
        from derive.reading import join_check

        session = self
        reports: list[Report] = []
        last: Report | None = None
        joined = join_check([line if isinstance(line, str) else _line_of(line) for line in lines])
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
            seconds["reading"] = clock() - start
            task, notation = reading.task, reading.notation
        if reading.kind in _SILENT and not final:
            return Report("solved", task, line, notation, reading=reading, seconds=seconds, number=place), after
        _load()
        with deadline(settings.time_limit):
            if settings.second_opinion and notation == "latex":
                reading = replace(reading, notes=(*reading.notes, _second_opinion(line, reading)))
            return _answer(reading, line, settings, seconds, place), after
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
    return report, after if reading is not None and reading.kind in _SILENT else scope


def _load() -> None:
    """What solving needs, loaded before the clock of the task starts: a limit that strikes during an import leaves half a module."""
    import derive.checking.verify
    import derive.expressions.from_sympy
    import derive.solving
    import derive.translation.translate  # noqa: F401


def _answer(reading: Reading, line: str, settings: Settings, seconds: dict[str, float], place: int) -> Report:
    clock = time.perf_counter
    if reading.kind in ("declaration", "fact") or reading.task in ("declaration",):
        return Report("solved", reading.task, line, reading.notation, reading=reading, seconds=seconds, number=place)
    _refuse_undefined(reading)
    start = clock()
    solution, refusal = _solve(reading)
    seconds["derivation"] = clock() - start
    verification: Verification | None = None
    error: DeriveError | None = None
    status = "solved"
    if solution is not None and solution.derivation is not None and settings.check:
        start = clock()
        solution, verification = _verify(solution, reading)
        seconds["verification"] = clock() - start
        if verification.status == "failed":
            error, status = _failure(solution), "refused"
    code: Code | None = None
    notes: list[Prose] = []
    if settings.code and status == "solved":
        start = clock()
        code, trouble = _translate(reading, solution, notes)
        seconds["code"] = clock() - start
        if solution is None and code is None:
            stated = reading.task in ("definition", "equation")
            raise (trouble if stated and trouble is not None else refusal or trouble) or NotSupported("no solver for this exists yet")
        if code is None and trouble is not None:
            notes.append((f"no code: {trouble.message}",))
    elif solution is None and refusal is not None:
        raise refusal
    if solution is None:
        solution = Solution(None, answer=_value(reading))
    return Report(
        status, reading.task, line, reading.notation, reading=reading, solution=solution, verification=verification, code=code,
        error=error, notes=tuple(notes), seconds=seconds, number=place,
    )  # fmt: skip


def _refuse_undefined(reading: Reading) -> None:
    """What nothing says how to compute: an unknown function by itself, or `dL/dw` where L is no name of anything."""
    if reading.task in ("expression", "equation", "definition", "code"):
        for node in _value(reading).walk():
            if node.head == "call" and node.args[0].head == "name":
                name = node.args[0].data.key
                raise Undetermined(f"{name} is not defined: there is nothing to compute", span=node.span, expected=(f"{name}(…) := …",))
    if "equation" in reading.options:
        return
    for node in reading.expanded.walk():
        if node.head == "total_derivative" and node.args[0] != node.args[1]:
            from derive.expressions.plain import plain

            raise Undetermined(f"{plain(node)}: {plain(node.args[0])} is not defined", span=node.span)


def _value(reading: Reading) -> Term:
    """What a line's code computes: the right side of a definition or an equation, else the expression."""
    term = reading.expanded
    if term.head == "rel" and term.data in ("=", ":=") and len(term.args) == 2:
        return term.args[1]
    if term.head == "chain" and set(term.data) == {"="}:
        return term.args[-1]
    return term


def _solve(reading: Reading) -> tuple[Solution | None, Refusal | None]:
    """The solution; an expression that SymPy cannot hold is no failure: its code may still be written."""
    from derive.solving import solve as solve_task

    try:
        return solve_task(reading), None
    except NotSupported as refusal:
        if reading.task == "expression":
            from derive.solving.array_simplification import simplified

            return simplified(reading), refusal
        if reading.task in ("definition", "equation", "code", "sum", "product"):
            return None, refusal
        raise


def _second_opinion(line: str, reading: Reading) -> Prose:
    """What the second reader says of the formula as it stands on the line."""
    from derive.checking.opinion import second_opinion
    from derive.expressions.to_sympy import to_sympy

    try:
        expression = to_sympy(reading.term, reading.types)
    except Refusal as refusal:
        return (f"second opinion: none, {refusal.message}",)
    return second_opinion(line, expression).note()


def _verify(solution: Solution, reading: Reading) -> tuple[Solution, Verification]:
    from derive.checking.verify import check_derivation, summarise

    assert solution.derivation is not None
    constraints = tuple(reading.options.get("constraints", ()))
    checked = check_derivation(solution.derivation, reading.types, constraints=constraints)
    return replace(solution, derivation=checked), summarise(checked)


def _failure(solution: Solution) -> FailedCheck:
    """Which step failed, and where."""
    assert solution.derivation is not None
    for step in solution.derivation.walk():
        if step.check is not None and step.check.status == "failed":
            point = dict(step.check.counterexample)
            return FailedCheck(f"the step “{step.title}” failed its check; the answer is withheld", counterexample=point)
    return FailedCheck("a step failed its check; the answer is withheld")


def _translate(reading: Reading, solution: Solution | None, notes: list[Prose]) -> tuple[Code | None, DeriveError | None]:
    """The code of the answer; code that fails its run is withheld with a note."""
    from derive.translation.translate import translate as to_code

    target, function = _target(reading, solution)
    if target is None:
        return None, None
    try:
        if solution is not None and solution.bindings:
            from derive.translation.layers import translate_layers

            parts = {"": target} if isinstance(target, Term) else target
            code = translate_layers(
                parts, solution.bindings, reading.types, function=function, summary=_summary(reading), first=_variables(reading)
            )
        else:
            code = to_code(
                target, reading.types, function=function, summary=_summary(reading), formula=_value(reading), first=_variables(reading)
            )
    except Refusal as trouble:
        return None, trouble
    if code.check is not None and code.check.status == "failed":
        point = ", ".join(f"{k} = {v}" for k, v in code.check.counterexample)
        reason = f" ({code.check.reason})" if code.check.reason else ""
        notes.append((f"the code is withheld: it failed its run{' at ' + point if point else ''}{reason}",))
        return None, None
    return code, None


def _target(reading: Reading, solution: Solution | None) -> tuple[Term | Mapping[str, Term] | None, str]:
    from derive.expressions.from_sympy import from_sympy
    from derive.expressions.naming import code_name

    def term_of(expression: Any) -> Term:
        return expression if isinstance(expression, Term) else from_sympy(expression, reading.types)

    if reading.task in ("expression", "definition", "equation", "code", "sum", "product") and not reading.expanded.has(
        "derivative", "gradient", "hessian", "jacobian", "at", "task", "directional", "total_derivative"
    ):
        left = reading.term.args[0] if reading.expanded.head == "rel" and reading.expanded.data in ("=", ":=") else None
        if left is not None and left.head in ("call", "index"):
            left = left.args[0]
        function = code_name(left.data) if left is not None and left.head == "name" else "evaluate"
        return _value(reading), function
    if solution is None:
        return None, ""
    function = reading.task.replace("-", "_") if reading.task in _NAMED else "evaluate"
    if solution.answer is not None:
        return term_of(solution.answer), function
    if solution.parts:
        return {k: term_of(v) for k, v in solution.parts.items()}, function
    return None, ""


def _variables(reading: Reading) -> tuple[Name, ...]:
    """The variables that the task differentiates with respect to, in order."""
    for node in reading.expanded.walk():
        if node.head in ("derivative", "gradient", "hessian", "jacobian", "total_derivative"):
            return tuple(a.data for a in node.args[1:] if a.head == "name")
    return ()


def _summary(reading: Reading) -> str:
    from derive.expressions.inline import inline

    written, expanded = inline(reading.term), inline(reading.expanded)
    return expanded if len(expanded) <= LONGEST_SUMMARY and reading.kind == "task" else written


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

        value = _value(self.reading)
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
    return to_code(_value(reading), {**reading.types, **(types or {})}, function="evaluate", summary=_summary(reading), formula=None)
