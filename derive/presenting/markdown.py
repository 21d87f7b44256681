"""A report as Markdown: `$…$` and `$$…$$` that render on GitHub, in Jupyter and in the usual editors.

Markdown takes backslashes before punctuation away before mathematics is set, so `\\,`, `\\{` and the like are written as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from derive.presenting.answers import shown_answer
from derive.presenting.latex_document import part_label, reading_rows, relation_latex, statement_latex
from derive.presenting.levels import Shown, remarks, shown_steps
from derive.presenting.mathematics import latex_of
from derive.presenting.place import place_of
from derive.presenting.prose import escape_markdown
from derive.presenting.terms import in_terms
from derive.presenting.verdict import check_words, code_words, verification_words

if TYPE_CHECKING:
    from derive.report import Report
    from derive.solution import Solution

__all__ = ["to_markdown"]

_WORDS = {
    r"\,": r"\thinspace ",
    r"\;": r"\thickspace ",
    r"\:": r"\medspace ",
    r"\!": r"\negthinspace ",
    r"\ ": "~",
    r"\{": r"\lbrace ",
    r"\}": r"\rbrace ",
    r"\|": r"\Vert ",
}
_PUNCTUATION = re.compile(r"\\\\|\\[,;:! {}|]|\*|<|>")
_BEHIND = {"*": r"\ast ", "<": r"\lt ", ">": r"\gt "}


def _sturdy(latex: str) -> str:
    """LaTeX that survives a Markdown processor."""
    latex = latex.replace(r"\operatorname*", r"\operatorname")
    return _PUNCTUATION.sub(lambda m: _WORDS.get(m[0]) or _BEHIND.get(m[0]) or m[0], latex)


def _inline(value: Any) -> str:
    return f"${_sturdy(latex_of(value)).strip()}$"


def _display(latex: str) -> str:
    return f"$$\n{_sturdy(latex).strip()}\n$$"


def _prose(prose: Any) -> str:
    pieces = prose if isinstance(prose, tuple) else (prose,)
    return "".join(escape_markdown(p) if isinstance(p, str) else _inline(p) for p in pieces)


def to_markdown(report: Report, detail: str = "normal") -> str:
    """The whole report, its error included."""
    report = in_terms(report)
    parts: list[str] = []
    if report.reading is not None:
        parts += ["**Reading**", *map(_display, reading_rows(report.reading)), *_bullets(report.reading.notes)]
    solution = report.solution
    if solution is not None:
        parts += _steps(report, solution, detail)
        if report.verification is None or report.verification.status != "failed":
            parts += _answer(report, solution)
    if report.code is not None and detail != "brief":
        parts += ["**NumPy**", "```python\n" + report.code.source.strip("\n") + "\n```", f"*{code_words(report.code)}*"]
    parts += _bullets(remarks(report, detail))
    if report.error is not None:
        parts += _error(report)
    return "\n\n".join(part for part in parts if part)


def _bullets(notes: Iterable[Any]) -> list[str]:
    said = [f"- {_prose(note)}" for note in notes]
    return ["\n".join(said)] if said else []


def _steps(report: Report, solution: Solution, detail: str) -> list[str]:
    shown = shown_steps(solution.derivation, detail)
    if not shown:
        return []
    if detail == "brief":
        return ["\n".join(f"{item.number}. {escape_markdown(item.step.title)}" for item in shown)]
    out = ["**Derivation**"]
    for item in shown:
        out += [_reason(report, item), _display(_equation(item))]
    return out


def _equation(item: Shown) -> str:
    step = item.step
    before = latex_of(step.before) if item.says_before else ""
    return f"{before} {relation_latex(step.relation)} {latex_of(step.after)}"


def _reason(report: Report, item: Shown) -> str:
    step = item.step
    number = item.number.replace(".", r"\.")
    pieces = [f"{number}\\. **{escape_markdown(step.title)}**" if item.depth == 0 else f"{number} *{escape_markdown(step.title)}*"]
    if step.formula:
        stated = statement_latex(report, step)
        pieces.append(f"${_sturdy(stated).strip()}$" if stated else escape_markdown(step.formula))
    if step.because:
        pieces.append(_prose(step.because))
    pieces += ["assumes " + _prose(assumption) for assumption in step.assumptions]
    doubt = check_words(step.check)
    return " ".join([*pieces, f"**{escape_markdown(doubt)}**"] if doubt else pieces)


def _answer(report: Report, solution: Solution) -> list[str]:
    answer = shown_answer(report)
    if answer is not None:
        shown = _display(latex_of(answer))
    elif solution.parts:
        rows = " \\\\\n".join(f"{part_label(label)} &= {latex_of(value)}" for label, value in solution.parts.items())
        shown = _display("\\begin{aligned}\n" + rows + "\n\\end{aligned}")
    else:
        return []
    said = verification_words(report)
    assumed = [*solution.assumptions, *(() if solution.derivation is None else solution.derivation.assumptions)]
    return ["**Answer**", shown, f"*{said}*" if said else "", *_bullets(("assuming ", *_tuple(a)) for a in dict.fromkeys(assumed))]


def _tuple(prose: Any) -> tuple[Any, ...]:
    return prose if isinstance(prose, tuple) else (prose,)


def _error(report: Report) -> list[str]:
    error = report.error
    assert error is not None
    out = [f"**{report.status.capitalize()}:** {escape_markdown(error.message)}"]
    place = place_of(error, report.text)
    if place is not None and place.source.strip():
        out.append("```text\n" + place.source + "\n" + " " * (place.column - 1) + "^" * place.length + "\n```")
    if error.suggestion:
        out.append(f"Did you mean `{error.suggestion}`?")
    return out
