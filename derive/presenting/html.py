"""A report as a self-contained piece of HTML: MathML, steps as a table, code in `<pre>`. No script, no style sheet."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from derive.presenting.answers import shown_answer
from derive.presenting.latex_document import part_label, reading_rows, relation_latex, statement_latex
from derive.presenting.levels import remarks, shown_steps
from derive.presenting.mathematics import latex_of
from derive.presenting.mathml import mathml
from derive.presenting.place import place_of
from derive.presenting.prose import html_prose
from derive.presenting.terms import in_terms
from derive.presenting.verdict import check_words, code_words, verification_words

if TYPE_CHECKING:
    from derive.derivation import Step
    from derive.report import Report
    from derive.solution import Solution

__all__ = ["to_html"]


def to_html(report: Report, detail: str = "normal") -> str:
    """One `<div class="derive-report">`."""
    report = in_terms(report)
    parts: list[str] = []
    if report.reading is not None:
        parts += ["<div><b>Reading</b></div>", *(mathml(row, display=True) for row in reading_rows(report.reading))]
        parts += _listed(report.reading.notes)
    solution = report.solution
    if solution is not None:
        parts += _steps(report, solution, detail)
        if report.verification is None or report.verification.status != "failed":
            parts += _answer(report, solution)
    if report.code is not None and detail != "brief":
        source = escape(report.code.source.strip("\n"))
        parts.append(f"<div><b>NumPy</b></div><pre><code>{source}</code></pre><div><small>{escape(code_words(report.code))}</small></div>")
    parts += _listed(remarks(report, detail))
    if report.error is not None:
        parts += _error(report)
    return '<div class="derive-report">\n' + "\n".join(parts) + "\n</div>"


def _listed(notes: Iterable[Any]) -> list[str]:
    said = "".join(f"<li>{html_prose(note)}</li>" for note in notes)
    return [f"<ul>{said}</ul>"] if said else []


def _steps(report: Report, solution: Solution, detail: str) -> list[str]:
    rows = []
    for item in shown_steps(solution.derivation, detail):
        step = item.step
        if detail == "brief":
            rows.append(f"<tr><td>{item.number}</td><td>{escape(step.title)}</td></tr>")
            continue
        before = latex_of(step.before) + " " if item.says_before else ""
        equation = mathml(f"{before}{relation_latex(step.relation)} {latex_of(step.after)}")
        reason = " ".join(
            text
            for text in (
                _formula(report, step),
                html_prose(step.because) if step.because else "",
                *("assumes " + html_prose(a) for a in step.assumptions),
                f"<b>{escape(check_words(step.check))}</b>" if check_words(step.check) else "",
            )
            if text
        )
        cell = '<td style="text-align:left">{}</td>'
        cells = (item.number, f"<b>{escape(step.title)}</b>", f"{equation}<br/><small>{reason}</small>")
        rows.append("<tr>" + "".join(cell.format(text) for text in cells) + "</tr>")
    return ["<table>" + "\n".join(rows) + "</table>"] if rows else []


def _formula(report: Report, step: Step) -> str:
    stated = statement_latex(report, step) if step.formula else ""
    return mathml(stated) if stated else escape(step.formula)


def _answer(report: Report, solution: Solution) -> list[str]:
    answer = shown_answer(report)
    if answer is not None:
        shown = [mathml(latex_of(answer), display=True)]
    else:
        shown = [mathml(f"{part_label(label)} = {latex_of(value)}", display=True) for label, value in solution.parts.items()]
    if not shown:
        return []
    said = escape(verification_words(report))
    assumed = [*solution.assumptions, *(() if solution.derivation is None else solution.derivation.assumptions)]
    remark = [f"<div><small>{said}</small></div>"] if said else []
    return ["<div><b>Answer</b></div>", *shown, *remark, *_listed(dict.fromkeys(assumed))]


def _error(report: Report) -> list[str]:
    error = report.error
    assert error is not None
    out = [f"<div><b>{escape(report.status.capitalize())}:</b> {escape(error.message)}</div>"]
    place = place_of(error, report.text)
    if place is not None and place.source.strip():
        out.append(f"<pre>{escape(place.source)}\n{' ' * (place.column - 1)}{'^' * place.length}</pre>")
    if error.suggestion:
        out.append(f"<div>Did you mean <code>{escape(error.suggestion)}</code>?</div>")
    return out
