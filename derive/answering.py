"""From a reading to its report: solved, checked, translated, in this order; what goes wrong is a refusal with its reason.

In: a Reading and the settings of the session. Out: a Report, or a DeriveError that the session turns into one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from derive.derivation import Prose
from derive.errors import DeriveError, FailedCheck, NotSupported, Refusal, Undetermined
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Bound, Reading
from derive.overlapping import Overlapping
from derive.report import Report
from derive.solution import Code, Solution, Verification

__all__ = ["Settings", "answer", "load", "second_reading", "summary_of", "value_of"]

LONGEST_SUMMARY = 100
_DIFFERENTIATED = frozenset(("gradient", "jacobian", "hessian"))
_NAMED = frozenset(
    "derivative gradient hessian jacobian directional-derivative backprop solve posterior predictive evidence mle kl-divergence entropy "
    "expectation variance covariance correlation density marginal conditional probability mutual-information fisher-information "
    "confidence-interval bound elbo".split()
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a session works: level of detail, whether steps are checked and code is made, seconds a task may take.

    `target` is "numpy" or "array-api", `inplace` asks for code for large arrays, `with_tests` for a test module with the code.
    With `value_and_grad` the code of a gradient or derivative returns the value of the function too, computed once.
    """

    detail: str = "normal"
    check: bool = True
    code: bool = True
    time_limit: float = 20.0
    second_opinion: bool = False
    value_and_grad: bool = False
    target: str = "numpy"
    inplace: bool = False
    with_tests: bool = False


def load(reading: Reading | None = None) -> None:
    """What solving needs, loaded before the clock of the task starts: a limit that strikes during an import leaves half a module."""
    import derive.checking.verify
    import derive.solving
    import derive.translation.translate
    from derive.solving.kinds import concerns_arrays

    if reading is None or reading.expanded.head not in _DIFFERENTIATED or not concerns_arrays(reading):  # those need no SymPy
        import derive.checking.expressions
        import derive.expressions.from_sympy  # noqa: F401


def answer(reading: Reading, line: str, settings: Settings, seconds: dict[str, float], place: int) -> Report:
    clock = time.perf_counter
    if reading.kind in ("declaration", "fact") or reading.task in ("declaration",):
        return Report("solved", reading.task, line, reading.notation, reading=reading, seconds=seconds, number=place)
    if reading.task == "check" and reading.expanded.head == "task" and reading.expanded.data == "check":
        return _checked(reading, line, seconds, place)
    _refuse_undefined(reading)
    reading = _with_indices(reading)
    start = clock()
    solution, refusal = _solve(reading)
    if solution is not None and solution.types:
        reading = replace(reading, types={**reading.types, **solution.types})
    seconds["derivation"] = clock() - start
    verification: Verification | None = None
    error: DeriveError | None = None
    status = "solved"
    checks: Overlapping[tuple[Solution, Verification]] | None = None
    if solution is not None and solution.derivation is not None and settings.check:
        checks = Overlapping(partial(_verify, solution, reading))
    code: Code | None = None
    trouble: DeriveError | None = None
    notes: list[Prose] = []
    spent = 0.0
    if settings.code:  # the steps are checked while the code runs
        start = clock()
        code, trouble = _translate(reading, solution, notes, settings, checks.start if checks is not None else None)
        spent = clock() - start - (checks.seconds if checks is not None else 0.0)
    if checks is not None:
        solution, verification = checks.result()
        seconds["verification"] = checks.seconds
        if verification.status == "failed":
            code, trouble, error, status, notes = None, None, _failure(solution), "refused", []
    if settings.code and status == "solved":
        seconds["code"] = spent
        if solution is None and code is None:
            stated = reading.task in ("definition", "equation") or (refusal is not None and "no scalar form" in refusal.message)
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


def _with_indices(reading: Reading) -> Reading:
    """The reading whose types say of a free index that paper counts it from 0: the answer may not show the array that says so."""
    if not any(kind.domain == "index" for kind in reading.types.values()) or not reading.expanded.has("index"):
        return reading
    from derive.graph.subscripts import Subscripts

    try:
        free = Subscripts([reading.expanded], reading.types).free
    except Refusal:
        return reading
    start = Bound(number(0), strict=False)
    types = {name: replace(reading.types[name], lower=start) for name, base in free.items() if base == 0 and name in reading.types}
    return replace(reading, types={**reading.types, **types}) if types else reading


def _checked(reading: Reading, line: str, seconds: dict[str, float], place: int) -> Report:
    """The judgement of somebody's own derivation."""
    from derive.checking.rows import check_rows

    start = time.perf_counter()
    rows = check_rows(reading)
    seconds["verification"] = time.perf_counter() - start
    return Report("solved", "check", line, reading.notation, reading=reading, seconds=seconds, number=place, rows=rows)


def _refuse_undefined(reading: Reading) -> None:
    """What nothing says how to compute: an unknown function by itself, or `dL/dw` where L is no name of anything."""
    from derive.solving.chance.dispatch import concerns_chance

    if concerns_chance(reading) or _asks(reading.expanded):
        return
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

    if _is_over_entries(reading):
        return None, None
    try:
        return solve_task(reading), None
    except NotSupported as refusal:
        if reading.task == "expression":
            from derive.solving.array_simplification import simplified

            return simplified(reading), refusal
        if reading.task in ("definition", "equation", "code", "sum", "product"):
            return None, refusal
        raise


def _whole_array(reading: Reading) -> Name | None:
    """The array that the line defines entry by entry: D where it says `D_{ij} = (x_i - x_j)^2`; not where D stands on the right, too."""
    from derive.graph.subscripts import left_indices

    if reading.expanded.head != "rel" or not left_indices(reading.expanded):
        return None
    left, right = reading.expanded.args
    if left.head == "index" and left.args[0].head != "name":
        return None
    name = left.args[0].data if left.head == "index" else left.data._replace(sub="")
    return None if any(n.head == "name" and n.data == name for n in right.walk()) else name


def _is_over_entries(reading: Reading) -> bool:
    """Whether the task is an array by its entries, or its largest entry or the place of that: `argmax_i x_i`. There is nothing to solve."""
    from derive.graph.subscripts import Subscripts

    if reading.expanded.head == "task" and reading.expanded.data == "entries":
        return True
    return reading.expanded.head == "optimum" and Subscripts.is_reduction(reading.expanded)


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
    checked = check_derivation(solution.derivation, {**reading.types, **solution.types}, constraints=constraints)
    return replace(solution, derivation=checked), summarise(checked)


def _failure(solution: Solution) -> FailedCheck:
    """Which step failed, and where."""
    assert solution.derivation is not None
    for step in solution.derivation.walk():
        if step.check is not None and step.check.status == "failed":
            point = dict(step.check.counterexample)
            return FailedCheck(f"the step “{step.title}” failed its check; the answer is withheld", counterexample=point)
    return FailedCheck("a step failed its check; the answer is withheld")


def _translate(
    reading: Reading, solution: Solution | None, notes: list[Prose], settings: Settings, meanwhile: Callable[[], None] | None = None
) -> tuple[Code | None, DeriveError | None]:
    """The code of the answer; code that fails its run is withheld with a note."""
    from derive.translation.target import Target
    from derive.translation.translate import translate as to_code

    wanted = Target(settings.target, settings.inplace, settings.with_tests)
    target, function = _target(reading, solution)
    if target is None:
        return None, None
    if solution is not None and solution.derivation is not None and solution.derivation.model is not None:
        from derive.probability.data import closed_units, data_types, within_support

        types = data_types(solution.derivation.model, reading.types)
        if reading.task in ("entropy", "kl-divergence", "jensen-shannon"):
            types = closed_units(types, reading.options.get("declarations", {}))
        if solution.support is not None and isinstance(target, Term):
            target, types = within_support(target, solution.support, types)
        reading = replace(reading, types=types)
    if settings.value_and_grad and solution is not None:
        target, function = _with_value(target, function, reading, solution)
    try:
        if solution is not None and solution.bindings:
            from derive.translation.layers import translate_layers

            parts = {"": target} if isinstance(target, Term) else target
            code = translate_layers(
                parts,
                solution.bindings,
                reading.types,
                function=function,
                summary=summary_of(reading),
                first=_variables(reading),
                wanted=wanted,
                derivative_of=_derivative_of(reading, solution),
                meanwhile=meanwhile,
            )
        else:
            code = to_code(
                target,
                reading.types,
                function=function,
                summary=summary_of(reading),
                formula=value_of(reading),
                first=_variables(reading),
                wanted=wanted,
                derivative_of=_derivative_of(reading, solution),
                meanwhile=meanwhile,
            )
    except Refusal as trouble:
        return None, trouble
    if code.check is not None and code.check.status == "failed":
        point = ", ".join(f"{k} = {v}" for k, v in code.check.counterexample)
        reason = f" ({code.check.reason})" if code.check.reason else ""
        notes.append((f"the code is withheld: it failed its run{' at ' + point if point else ''}{reason}",))
        return None, None
    return code, None


def _derivative_of(reading: Reading, solution: Solution | None) -> tuple[Term, tuple[Name, ...]] | None:
    """The function that the task differentiates once, and its variables."""
    layers = reading.options.get("layers") if solution is not None and solution.bindings else None
    term = reading.expanded if layers is None else layers.task
    if term.head == "derivative" and (len(term.args) != 3 or term.args[2] != Term("number", (), "1")):
        return None
    if term.head not in ("gradient", "derivative"):
        return None
    names = [term.args[1]] if term.head == "derivative" else term.args[1:]
    return (term.args[0], tuple(n.data for n in names)) if all(n.head == "name" for n in names) else None


def _with_value(
    target: Term | Mapping[str, Term], function: str, reading: Reading, solution: Solution
) -> tuple[Term | Mapping[str, Term], str]:
    """What a gradient's code returns where the value of the function is wanted beside it: the value first."""
    term = reading.expanded
    if reading.task not in ("gradient", "backprop", "derivative") or term.head not in ("gradient", "derivative"):
        return target, function
    if term.head == "derivative" and (len(term.args) != 3 or term.args[2] != Term("number", (), "1")):
        return target, function
    layers = reading.options.get("layers")
    value = layers.task.args[0] if solution.bindings and layers is not None else term.args[0]
    found = {term.head: target} if isinstance(target, Term) else dict(target)
    return {"value": value, **found}, f"value_and_{function}"


_WORK = frozenset(("derivative", "gradient", "hessian", "jacobian", "at", "task", "directional", "total_derivative"))


def _target(reading: Reading, solution: Solution | None) -> tuple[Term | Mapping[str, Term] | None, str]:
    from derive.expressions.naming import code_name

    def term_of(expression: Any) -> Term:
        if isinstance(expression, Term):
            return expression
        from derive.expressions.from_sympy import from_sympy

        return from_sympy(expression, reading.types)

    written = reading.task in ("expression", "definition", "equation", "code", "sum", "product") or _is_over_entries(reading)
    chance = solution is not None and solution.derivation is not None and solution.derivation.model is not None
    asks = solution is not None and written and _asks(reading.expanded)
    if (
        written
        and not chance
        and not asks
        and not any(n.head in _WORK and not (n.head == "task" and n.data == "entries") for n in reading.expanded.walk())
        and not (solution is not None and solution.answer is not None and _has_limit(reading.expanded))
    ):
        if (array := _whole_array(reading)) is not None:
            return reading.expanded, code_name(array)
        left = reading.term.args[0] if reading.expanded.head == "rel" and reading.expanded.data in ("=", ":=") else None
        if left is not None and left.head in ("call", "index"):
            left = left.args[0]
        function = code_name(left.data) if left is not None and left.head == "name" else "evaluate"
        return value_of(reading), function
    if solution is None or (isinstance(solution.answer, Term) and solution.answer.head == "word"):
        return None, ""
    function = reading.task.replace("-", "_") if reading.task in _NAMED else "evaluate"
    is_law = solution.distribution is not None and isinstance(solution.answer, Term) and solution.answer.head == "rel"
    apart = reading.expanded.head == "gradient" and len(solution.parts) > 1 and len(reading.expanded.args) == len(solution.parts) + 1
    if solution.answer is not None and not is_law and not apart:
        return term_of(solution.answer), function
    if solution.parts:
        return {k: term_of(v) for k, v in solution.parts.items()}, function
    return None, ""


def _asks(term: Term) -> bool:
    """Whether the expression is a task about a matrix in other words; one without entries is none, and asks for no SymPy."""
    if not term.has("matrix", "vector", "tuple"):
        return False
    from derive.solving.written_out.dispatch import question_of

    return question_of(term) is not None


def _has_limit(term: Term) -> bool:
    """Whether a limit, an integral, or a sum or product without end stands in it: code computes what became of it."""
    endless = (n for n in term.walk() if n.head in ("sum", "prod") and n.data == "range")
    return term.has("limit", "integral") or any(e.head == "constant" and e.data == "inf" for n in endless for e in n.args[3:4])


def _variables(reading: Reading) -> tuple[Name, ...]:
    """The variables that the task differentiates with respect to, in order."""
    for node in reading.expanded.walk():
        if node.head in ("derivative", "gradient", "hessian", "jacobian", "total_derivative"):
            return tuple(a.data for a in node.args[1:] if a.head == "name")
    return ()


def summary_of(reading: Reading) -> str:
    from derive.expressions.inline import inline

    written = inline(reading.term)
    if reading.kind != "task" or reading.expanded == reading.term:
        return written
    expanded = inline(reading.expanded)
    return expanded if len(expanded) <= LONGEST_SUMMARY else written
