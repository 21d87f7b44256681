"""From a reading to its report: solved, checked, translated, in this order; what goes wrong is a refusal with its reason.

In: a Reading and the settings of the session. Out: a Report, or a DeriveError that the session turns into one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from derive.derivation import Prose
from derive.errors import DeriveError, FailedCheck, NotSupported, Refusal, Undetermined
from derive.expressions.term import Name, Term
from derive.meaning.scope import Reading
from derive.report import Report
from derive.solution import Code, Solution, Verification

__all__ = ["Settings", "answer", "load", "second_reading", "summary_of", "value_of"]

LONGEST_SUMMARY = 100
_NAMED = frozenset(("derivative", "gradient", "hessian", "jacobian", "directional-derivative", "backprop", "solve"))


@dataclass(frozen=True, slots=True)
class Settings:
    """How a session works: level of detail, whether steps are checked and code is made, seconds a task may take."""

    detail: str = "normal"
    check: bool = True
    code: bool = True
    time_limit: float = 20.0
    second_opinion: bool = False


def load() -> None:
    """What solving needs, loaded before the clock of the task starts: a limit that strikes during an import leaves half a module."""
    import derive.checking.verify
    import derive.expressions.from_sympy
    import derive.solving
    import derive.translation.translate  # noqa: F401


def answer(reading: Reading, line: str, settings: Settings, seconds: dict[str, float], place: int) -> Report:
    clock = time.perf_counter
    if reading.kind in ("declaration", "fact") or reading.task in ("declaration",):
        return Report("solved", reading.task, line, reading.notation, reading=reading, seconds=seconds, number=place)
    _refuse_undefined(reading)
    start = clock()
    solution, refusal = _solve(reading)
    if solution is not None and solution.types:
        reading = replace(reading, types={**reading.types, **solution.types})
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
        solution = Solution(None, answer=value_of(reading))
    return Report(
        status, reading.task, line, reading.notation, reading=reading, solution=solution, verification=verification, code=code,
        error=error, notes=tuple(notes), seconds=seconds, number=place,
    )  # fmt: skip


def _refuse_undefined(reading: Reading) -> None:
    """What nothing says how to compute: an unknown function by itself, or `dL/dw` where L is no name of anything."""
    if reading.task in ("expression", "equation", "definition", "code"):
        for node in value_of(reading).walk():
            if node.head == "call" and node.args[0].head == "name":
                name = node.args[0].data.key
                raise Undetermined(f"{name} is not defined: there is nothing to compute", span=node.span, expected=(f"{name}(…) := …",))
    if "equation" in reading.options:
        return
    for node in reading.expanded.walk():
        if node.head == "total_derivative" and node.args[0] != node.args[1]:
            from derive.expressions.plain import plain

            raise Undetermined(f"{plain(node)}: {plain(node.args[0])} is not defined", span=node.span)


def value_of(reading: Reading) -> Term:
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


def second_reading(line: str, reading: Reading) -> Prose:
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
                parts, solution.bindings, reading.types, function=function, summary=summary_of(reading), first=_variables(reading)
            )
        else:
            code = to_code(
                target, reading.types, function=function, summary=summary_of(reading), formula=value_of(reading), first=_variables(reading)
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
        return value_of(reading), function
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


def summary_of(reading: Reading) -> str:
    from derive.expressions.inline import inline

    written, expanded = inline(reading.term), inline(reading.expanded)
    return expanded if len(expanded) <= LONGEST_SUMMARY and reading.kind == "task" else written
