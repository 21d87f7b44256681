"""A report for the terminal: the reading, numbered steps, the answer, the code; failures with a caret under the place.

In: a Report, a level of detail, a Style. Out: lines of text. Every line fits the width, except lines of code and of
mathematics that cannot be broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from derive.derivation import Check
from derive.expressions.typography import columns
from derive.presenting.answers import shown_answer
from derive.presenting.layout import beside, block, columns_of_steps, wrap
from derive.presenting.levels import Shown, remarks, settles, shown_steps
from derive.presenting.mathematics import inline_of, pretty_of
from derive.presenting.place import excerpt, place_of
from derive.presenting.prose import inline_prose
from derive.presenting.spelled import MOST_ROWS, is_statement, spelled_out
from derive.presenting.style import PLAIN, Style
from derive.presenting.terms import in_terms
from derive.presenting.verdict import check_words, code_words, counterexample_words, plural, verification_words

if TYPE_CHECKING:
    from derive.errors import DeriveError
    from derive.meaning.scope import Reading
    from derive.report import Report
    from derive.solution import CheckedRows, Code, Solution

__all__ = ["answer_text", "error_text", "report_text", "stated_text", "to_text"]

INDENT = 13  # "  reading    "
_DOCSTRING = re.compile(r'^( +"""[^\n"]+)\n\n(?:(?!""")[\s\S])*"""\n', re.MULTILINE)


def to_text(report: Report, detail: str = "normal", style: Style = PLAIN, *, code: bool = True) -> str:
    """The whole report, its error (if it has one) at the end."""
    parts = [report_text(report, detail, style, code=code), error_text(report, style)]
    return "\n\n".join(part for part in parts if part)


def report_text(report: Report, detail: str = "normal", style: Style = PLAIN, *, code: bool = True) -> str:
    """The report without its error: reading, steps, answer, code, notes. Empty where nothing of that is known."""
    report = in_terms(report)
    sections: list[list[str]] = []
    sections.append(_reading(report, style))
    if report.rows is not None:
        sections.append(_checked_rows(report.rows, style))
    solution = report.solution
    if solution is not None:
        sections.append(_steps(solution, detail, style))
        if report.verification is None or report.verification.status != "failed":
            sections.append(_answer(report, solution, style))
    if code and report.code is not None and detail != "brief":
        sections.append(_code(report.code, detail, style))
    sections.append(_listed("notes", remarks(report, detail), style))
    return "\n\n".join("\n".join(section) for section in sections if section)


def _checked_rows(checked: CheckedRows, style: Style) -> list[str]:
    """One line a row: the mark, what was found, and the point where a row fails."""
    lines: list[str] = []
    for row in checked.rows:
        mark = {"follows": "✓", "does not follow": "✗", "undecided": "?"}.get(row.status, "·")
        said = {"start": "", "premise": "the premise"}.get(row.status, row.status)
        if row.status == "follows" and row.line > 1:
            said = f"follows from row {row.line - 1}"
        if row.check is not None and row.check.status == "failed" and row.check.counterexample:
            said += f": {counterexample_words(row.check)}"
        if row.check is not None and row.status == "undecided":
            said += f": {row.check.reason}"
        lines.append(style.words(f"  row {row.line}  {mark}  {said}".rstrip()))
        if row.hint:
            lines.append(style.words(f"            {row.hint}"))
    return lines


def answer_text(report: Report, style: Style = PLAIN) -> str:
    """Only the answer, a part a line; empty where there is none."""
    report = in_terms(report)
    solution = report.solution
    if solution is None or (report.verification is not None and report.verification.status == "failed"):
        return ""
    answer = shown_answer(report)
    if answer is not None:
        return inline_of(answer, ascii=style.ascii)
    return "\n".join(f"{style.words(_label(label))} = {inline_of(value, ascii=style.ascii)}" for label, value in solution.parts.items())


def _reading(report: Report, style: Style) -> list[str]:
    if report.reading is None:
        return []
    lines, baseline = pretty_of(report.reading.term, style.width - INDENT, ascii=style.ascii)
    return block("reading", [*lines, *_spelled(report.reading, style), *_choices(report, style)], style, INDENT, at=baseline)


def _spelled(reading: Reading, style: Style) -> list[str]:
    """What the line stands for with its definitions put in, `= d/dw (y − w x)²`, where it takes no more than a few rows."""
    spelled = spelled_out(reading)
    if spelled is None:
        return []
    lead = "that is, " if is_statement(spelled) else "= "
    rows, baseline = pretty_of(spelled, style.width - INDENT - len(lead), ascii=style.ascii)
    if len(rows) > MOST_ROWS:
        return []
    return [(lead if i == baseline else " " * len(lead)) + row for i, row in enumerate(rows)]


def _choices(report: Report, style: Style) -> list[str]:
    notes = () if report.reading is None else report.reading.notes
    said = style.words(" · ".join(inline_prose(note, ascii=style.ascii) for note in notes))
    return [style.paint(line, "quiet") for line in wrap(said, style.width - INDENT)]


def stated_text(report: Report, style: Style = PLAIN) -> str:
    """What is said of a declaration or a definition: how it was read, with the choices that were made, in one line."""
    if report.reading is None:
        return ""
    said = [inline_of(report.reading.term, ascii=style.ascii)]
    said += [style.words(inline_prose(note, ascii=style.ascii)) for note in report.reading.notes]
    room = style.width - 2
    line = "   ".join([said[0], " · ".join(said[1:])]) if len(said) > 1 else said[0]
    if columns(line) > room:
        dots = style.words("…")
        line = line[: room - len(dots)].rstrip() + dots
    return "  " + style.paint(line, "quiet")


def _steps(solution: Solution, detail: str, style: Style) -> list[str]:
    shown = shown_steps(solution.derivation, detail)
    if not shown:
        return []
    if detail == "brief":
        return [_heading(item, style) for item in shown]
    titles = [style.words(item.step.title) for item in shown]
    indent = columns_of_steps(shown, titles, style.width)
    steps = [_step(item, title, indent, detail, style) for item, title in zip(shown, titles, strict=True)]
    apart = any(len(rows) > 3 for rows in steps)  # tall steps stand apart
    out: list[str] = []
    for rows in steps:
        out += ["", *rows] if out and apart else rows
    return out


def _heading(item: Shown, style: Style) -> str:
    return "  " + style.paint(item.number, "number") + "  " + style.words(item.step.title)


def _step(item: Shown, title: str, indent: int, detail: str, style: Style) -> list[str]:
    step, lead = item.step, "  " + "   " * item.depth
    room = style.width - indent
    head = f"{item.number}  {title}"
    body = wrap(_instance(item, style), room)
    equation, baseline = _equation(item, room, style)
    place = 0 if body else baseline
    body += equation
    for assumption in step.assumptions:
        body += wrap(style.words("assumes " + inline_prose(assumption, ascii=style.ascii)), room)
    doubt = check_words(step.check)
    if doubt:
        role = "bad" if step.check is not None and step.check.status == "failed" else "quiet"
        body += [style.paint(line, role) for line in wrap(style.words(doubt), room)]
    elif detail == "full" and step.check is not None:
        body += [style.paint(line, "quiet") for line in wrap(style.words(_how(step.check)), room)]
    painted = lead + style.paint(item.number, "number") + "  " + style.paint(title, "title")
    return beside(painted, columns(lead + head), body, indent, place)


def _how(check: Check) -> str:
    error = f", error {check.max_error:.0e}".replace("e-0", "e-") if check.max_error else ""
    points = f" at {plural(check.points, 'point')}" if check.points else ""
    return f"✓ {check.method or check.status}{points}{error}"


def _instance(item: Shown, style: Style) -> str:
    """The formula of the rule and its instance: `(1/u)′ = −u′/u²  with u = 1 + e⁻ˣ`."""
    parts = [style.words(item.step.formula), inline_prose(item.step.because, ascii=style.ascii)]
    return "  ".join(part for part in parts if part)


def _equation(item: Shown, room: int, style: Style) -> tuple[list[str], int]:
    """`= after`, or `before = after` where the step does not go on from the one above; and the row of the baseline."""
    step = item.step
    relation = style.words(step.relation)
    lead = columns(relation) + 1
    after, baseline = pretty_of(step.after, room - lead, ascii=style.ascii)
    rows = [(relation + " " if i == baseline else " " * lead) + line for i, line in enumerate(after)]
    if not item.says_before:
        return rows, baseline
    before, middle = pretty_of(step.before, room, ascii=style.ascii)
    width = max(map(columns, before)) + 1
    if width + max(map(columns, rows)) > room:
        return before + rows, middle
    above, below = max(middle, baseline), max(len(before) - middle, len(rows) - baseline)
    joined = []
    for row in range(-above, below):
        left = before[middle + row] if 0 <= middle + row < len(before) else ""
        right = rows[baseline + row] if 0 <= baseline + row < len(rows) else ""
        joined.append((left + " " * (width - columns(left)) + right).rstrip())
    return joined, above


def _answer(report: Report, solution: Solution, style: Style) -> list[str]:
    room = style.width - INDENT
    said = style.words(verification_words(report))
    rows: list[str] = []
    place = 0
    if solution.derivation is None and report.reading is not None and solution.answer in (report.reading.term, report.reading.expanded):
        return []  # nothing was done to the expression: the reading says it all
    answer = shown_answer(report)
    if answer is not None:
        rows, place = pretty_of(answer, room, ascii=style.ascii)
        rows = _with_remark(rows, place, said, room, style)
    elif solution.parts:
        for label, value in solution.parts.items():
            head = style.words(_label(label)) + " = "
            lines, baseline = pretty_of(value, room - columns(head), ascii=style.ascii)
            rows += [(head if i == baseline else " " * columns(head)) + line for i, line in enumerate(lines)]
        rows += [style.paint(line, "good") for line in wrap(said, room)]
    if not rows:
        return []
    out = block("answer", rows, style, INDENT, at=place)
    assumed = [*solution.assumptions, *(() if solution.derivation is None else solution.derivation.assumptions)]
    return out + _listed("assuming", assumed, style)


def _label(label: str) -> str:
    from derive.expressions.term import Name, Term

    return label if " " in label else inline_of(Term("name", (), Name.from_key(label)))


def _with_remark(rows: list[str], baseline: int, said: str, room: int, style: Style) -> list[str]:
    """The answer with what the checks found at its right, or below it where there is no room."""
    if not said:
        return rows
    width = max(map(columns, rows))
    column = max(36, width + 4)
    painted = style.paint(said, "good")
    if column + columns(said) > room:
        column = width + 4
    if column + columns(said) > room:
        return [*rows, *(style.paint(line, "good") for line in wrap(said, room))]
    return [row + " " * (column - columns(row)) + painted if i == baseline else row for i, row in enumerate(rows)]


def _code(code: Code, detail: str, style: Style) -> list[str]:
    """The code without what every module has; the documentation of the function cut to its summary unless all is wanted."""
    source = code.source if detail == "full" else _DOCSTRING.sub(r'\1"""\n', code.source)
    lines = style.words(source.strip("\n")).split("\n")
    while lines and (lines[0] == "import numpy as np" or not lines[0].strip()):
        lines.pop(0)
    role = "good" if settles(code.check) else "bad"
    said = [style.paint(line, role) for line in wrap(style.words(code_words(code)), style.width - INDENT)]
    for note in code.notes:
        said += wrap(style.words(inline_prose(note, ascii=style.ascii)), style.width - INDENT)
    shown = block("numpy", lines + said, style, INDENT)
    if code.tests:
        tests = style.words(code.tests.strip("\n")).split("\n")
        shown += ["", *block("tests", [*tests, style.paint(f"test_{code.function}.py, run: all pass", "good")], style, INDENT)]
    return shown


def _listed(label: str, items: Iterable[Any], style: Style) -> list[str]:
    texts = dict.fromkeys(style.words(inline_prose(item, ascii=style.ascii)) for item in items)
    rows = [line for text in texts for line in wrap(text, style.width - INDENT)]
    return block(label, rows, style, INDENT) if rows else []


def error_text(report: Report, style: Style = PLAIN) -> str:
    """The error of a report: its message, the source with a caret, what was expected, a suggestion. Empty where there is none."""
    if report.error is None:
        return ""
    label = report.status if report.status in ("error", "refused", "partial") else report.error.status
    return "\n".join(_error(report.error, label, report.text, style))


def _error(error: DeriveError, label: str, text: str, style: Style) -> list[str]:
    room = style.width - INDENT
    rows = wrap(style.words(error.message), room)
    place = place_of(error, text)
    if place is not None and place.source.strip() and not (place.is_all and label == "refused"):
        source, carets = excerpt(place, style, room)
        rows += [source, style.paint(carets, "caret")]
    readings = getattr(error, "readings", ())
    for number, reading in enumerate(readings, 1):
        declaration = error.expected[number - 1] if number <= len(error.expected) else reading
        settled = "" if declaration == reading else f"   with  {declaration}"
        rows += wrap(style.words(f"{number}  {reading}{settled}"), room)
    if error.expected and not readings and not error.suggestion:
        rows += wrap(style.words("expected " + _either(error.expected)), room)
    counterexample = getattr(error, "counterexample", None)
    if counterexample:
        rows += wrap(style.words("at " + counterexample_words(Check("failed", counterexample=tuple(counterexample.items())))), room)
    if error.suggestion:
        rows += wrap(style.words(f"did you mean {error.suggestion}?"), room)
    return block(label, rows, style, INDENT, role="bad")


def _either(expected: tuple[str, ...]) -> str:
    return expected[0] if len(expected) == 1 else ", ".join(expected[:-1]) + " or " + expected[-1]
