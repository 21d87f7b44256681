"""A report as the JSON object of docs/report.schema.json: version 1, plain values only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from derive.derivation import Check, Step
from derive.expressions.term import Name, Term
from derive.presenting.mathematics import latex_of, plain_of
from derive.presenting.place import place_of
from derive.presenting.prose import plain_prose
from derive.presenting.spelled import spelled_out
from derive.presenting.terms import in_terms

if TYPE_CHECKING:
    from derive.errors import DeriveError
    from derive.meaning.scope import Reading, Type
    from derive.report import Report
    from derive.solution import CheckedRows, Code, Solution, Verification

__all__ = ["VERSION", "to_dict"]

VERSION = 1


def to_dict(report: Report) -> dict[str, Any]:
    """The report with every field of the schema. Prose is flattened to text, expressions to plain text and LaTeX."""
    given = report.solution
    report = in_terms(report)
    solution = report.solution
    types = {} if report.reading is None else report.reading.types
    withheld = report.verification is not None and report.verification.status == "failed"
    return {
        "version": VERSION,
        "status": report.status,
        "task": report.task,
        "input": {"text": report.text, "notation": report.notation},
        "reading": _reading(report.reading),
        "assumptions": [] if solution is None else _texts(solution.assumptions, _derivation_assumptions(solution)),
        "notes": _texts(report.notes, () if solution is None else solution.notes),
        "answer": None if solution is None or given is None or withheld else _answer(solution, given, types),
        "derivation": None
        if solution is None or solution.derivation is None
        else {"steps": [_step(step) for step in solution.derivation.steps]},
        "verification": _verification(report.verification),
        "code": None if report.code is None else _code(report.code),
        **({} if report.rows is None else {"check": _rows(report.rows)}),
        "error": None if report.error is None else _error(report.error, report),
        "seconds": {name: round(value, 6) for name, value in report.seconds.items()},
    }


def _rows(checked: CheckedRows) -> dict[str, Any]:
    """A checked block: the first row that does not follow, and every row."""
    lines = []
    for row in checked.rows:
        found: dict[str, Any] = {"line": row.line, "status": row.status, "rule": None, "check": _check(row.check)}
        if row.check is not None and row.check.status == "failed":
            found["counterexample"] = {str(name): _plain_value(value) for name, value in row.check.counterexample}
        if row.hint:
            found["hint"] = row.hint
        lines.append(found)
    return {"first_wrong": checked.first_wrong, "lines": lines}


def _texts(*groups: Iterable[Any]) -> list[str]:
    """Prose as text, each once, in order."""
    return list(dict.fromkeys(plain_prose(prose) for group in groups for prose in group))


def _derivation_assumptions(solution: Solution) -> tuple[Any, ...]:
    return () if solution.derivation is None else solution.derivation.assumptions


def _reading(reading: Reading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    found: dict[str, Any] = {**_both(reading.term), "notes": _texts(reading.notes)}
    spelled = spelled_out(reading)
    if spelled is not None:
        found["expanded"] = _both(spelled)
    return found


def _both(expression: Any) -> dict[str, str]:
    return {"plain": plain_of(expression), "latex": latex_of(expression)}


def _answer(solution: Solution, given: Solution, types: Mapping[Name, Type]) -> dict[str, Any] | None:
    """The answer: `solution` has it as terms, `given` as it was computed."""
    parts = {str(label): _value(term, given.parts[label], types, bool(solution.bindings)) for label, term in solution.parts.items()}
    if solution.answer is None and not parts:
        return None
    if solution.answer is None:
        answer: dict[str, Any] = {
            "plain": ", ".join(f"{label} = {part['plain']}" for label, part in parts.items()),
            "latex": r",\quad ".join(f"{_label(label)} = {part['latex']}" for label, part in parts.items()),
            "sympy": None,
            "numeric": None,
        }
    else:
        answer = _value(solution.answer, given.answer, types, bool(solution.bindings))
    answer["parts"] = parts
    if solution.bindings:
        answer["bindings"] = [{"name": plain_of(Term("name", (), name)), **_both(term)} for name, term in solution.bindings.items()]
    if given.distribution is not None:
        answer["distribution"] = {
            "name": given.distribution.name,
            "parameters": {name: _parameter(value) for name, value in given.distribution.parameters.items()},
        }
    return answer


def _label(label: str) -> str:
    """The label of a part in LaTeX: a name in plain notation, or words."""
    if " " in label:
        return rf"\text{{{label}}}"
    return latex_of(Term("name", (), Name.from_key(label)))


def _value(term: Any, expression: Any, types: Mapping[Name, Type], over_layers: bool = False) -> dict[str, Any]:
    expression = term if over_layers else _as_sympy(expression, types)  # SymPy does not know that the names of layers are arrays
    return {**_both(term), "sympy": sympy_text_of(expression), "numeric": numeric(expression)}


def _as_sympy(expression: Any, types: Mapping[Name, Type]) -> Any:
    """A bare expression, which nobody computed with, as a SymPy expression; the term itself where SymPy has no form."""
    if not isinstance(expression, Term) or _is_of_whole_arrays(expression, types):
        return expression
    from derive.errors import DeriveError
    from derive.expressions.to_sympy import to_sympy

    try:
        return to_sympy(expression, types)
    except DeriveError:
        return expression


def _is_of_whole_arrays(term: Term, types: Mapping[Name, Type]) -> bool:
    """Whether an array stands in the term without an index: SymPy has no form of that, and need not be loaded to say so."""
    owners = {id(n.args[0]) for n in term.walk() if n.head in ("index", "size")}
    arrays = (n for n in term.walk() if n.head == "name" and id(n) not in owners and n.data in types)
    return any(types[n.data].shape for n in arrays)


def _parameter(value: Any) -> str | None:
    """A parameter of a law as text: a list for a vector that is written out, plain notation for other arrays."""
    entries = value.args if type(value).__name__ == "Tuple" else None
    if entries is not None:
        return "[" + ", ".join(str(sympy_text_of(entry)) for entry in entries) + "]"
    return plain_of(value) if isinstance(value, Term) else sympy_text_of(value)


def sympy_text_of(expression: Any) -> str | None:
    """What `sympy.sympify` reads, with names as in code, for a scalar SymPy expression; None for others."""
    if isinstance(expression, Term | str | tuple | list):
        return None
    from derive.expressions.chance import Chance
    from derive.expressions.naming import sympy_text
    from derive.expressions.nodes import Quantile, SampleStatistic

    if expression.has(Chance, Quantile, SampleStatistic):
        return None  # SymPy would take them for functions that it knows nothing of
    return sympy_text(expression)


def _is_scalar(expression: Any) -> bool:
    if isinstance(expression, Term | str | tuple | list):
        return False
    from sympy import Expr

    return isinstance(expression, Expr)


def numeric(expression: Any) -> float | None:
    """The value as a float where the expression is a finite real number."""
    if isinstance(expression, int | float):
        return float(expression) if math.isfinite(expression) else None
    if not _is_scalar(expression):
        return None
    from sympy import Derivative, Integral, Limit, Product, Sum

    if expression.free_symbols or expression.has(Derivative, Integral, Limit, Product, Sum) or not expression.is_number:
        return None
    try:
        value = float(expression.evalf(20))
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _step(step: Step) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "title": step.title,
        "relation": step.relation,
        "before": _both(step.before),
        "after": _both(step.after),
        "because": "; ".join(text for text in (step.formula, plain_prose(step.because)) if text),
        "assumptions": _texts(step.assumptions),
        "check": _check(step.check),
        "steps": [_step(inner) for inner in step.steps],
    }


def _check(check: Check | None) -> dict[str, Any] | None:
    """A check; the fields that do not belong to its status are left out."""
    if check is None:
        return None
    found: dict[str, Any] = {"status": check.status}
    if check.method:
        found["method"] = check.method
    if check.points:
        found["points"] = check.points
    if check.max_error is not None and math.isfinite(check.max_error):
        found["max_error"] = float(check.max_error)
    if check.reason or check.status == "unverified":
        found["reason"] = check.reason or "no check applies"
    if check.counterexample or check.status == "failed":
        found["counterexample"] = {str(name): _plain_value(value) for name, value in check.counterexample}
    return found


def _plain_value(value: Any) -> Any:
    """A JSON value: numbers as they are (those that JSON lacks as text), arrays as lists, everything else as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain_value(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain_value(item) for item in value]
    number = numeric(value)
    return str(value) if number is None else number


def _verification(found: Verification | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"status": found.status, "steps": found.steps, "verified": found.verified, "max_error": found.max_error}


def _code(code: Code) -> dict[str, Any]:
    found = {
        "source": code.source,
        "function": code.function,
        "arguments": [{"name": a.name, "symbol": a.symbol, "shape": list(a.shape)} for a in code.arguments],
        "returns": {"shape": list(code.returns)},
        "check": _check(code.check),
        "notes": _texts(code.notes),
    }
    return {**found, "tests": code.tests} if code.tests else found


def _error(error: DeriveError, report: Report) -> dict[str, Any]:
    place = place_of(error, report.text)
    found: dict[str, Any] = {
        "kind": error.kind,
        "message": error.message,
        "line": None if place is None else max(report.number, 1) + place.row,
        "column": None if place is None else place.column,
        "length": None if place is None else place.length,
        "expected": list(error.expected),
        "suggestion": error.suggestion,
    }
    readings = getattr(error, "readings", ())
    if readings:
        found["readings"] = list(readings)
    counterexample = getattr(error, "counterexample", None)
    if counterexample:
        found["counterexample"] = {str(name): _plain_value(value) for name, value in counterexample.items()}
    return found
