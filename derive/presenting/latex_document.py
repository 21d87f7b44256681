"""Reports as one LaTeX document that compiles: the reading, the steps as `align*` with their reasons, the answer, the code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from derive.presenting.answers import shown_answer
from derive.presenting.levels import Shown, remarks, shown_steps
from derive.presenting.mathematics import inline_of, latex_of
from derive.presenting.prose import latex_prose
from derive.presenting.spelled import LONGEST_SPELLED, is_statement, spelled_out
from derive.presenting.terms import in_terms
from derive.presenting.transliteration import formula_latex, text_latex, to_ascii
from derive.presenting.verdict import check_words, code_words, verification_words

if TYPE_CHECKING:
    from derive.derivation import Step
    from derive.meaning.scope import Reading
    from derive.report import Report
    from derive.solution import Solution

__all__ = ["answer_latex", "part_label", "reading_rows", "relation_latex", "statement_latex", "to_document", "to_latex"]

_PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
\usepackage{listings}
\lstset{language=Python,basicstyle=\ttfamily\small,columns=fullflexible,keepspaces=true,breaklines=true,frame=single}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\begin{document}
"""
_RELATIONS = {"=": "=", "∝": r"\propto", "⇔": r"\Leftrightarrow", "⇒": r"\Rightarrow", "≤": r"\le", "≥": r"\ge", "≈": r"\approx"}


def relation_latex(relation: str) -> str:
    """The relation of a step in math mode."""
    return _RELATIONS.get(relation, relation)


def to_document(reports: Sequence[Report], detail: str = "normal") -> str:
    """A whole document."""
    return _PREAMBLE + "\n\\bigskip\\hrule\\bigskip\n\n".join(to_latex(r, detail) for r in reports) + "\n\\end{document}\n"


def to_latex(report: Report, detail: str = "normal") -> str:
    """One report as the body of a document; needs amsmath, amssymb and listings."""
    report = in_terms(report)
    parts: list[str] = []
    if report.reading is not None:
        rows = " \\\\\n".join(reading_rows(report.reading))
        body = f"\\begin{{gather*}}\n{rows}\n\\end{{gather*}}" if "\n" in rows else f"\\[\n{rows}\n\\]"
        parts.append(_headed("Reading", body))
        parts += _sentences(report.reading.notes)
    solution = report.solution
    if solution is not None:
        parts += _steps(report, solution, detail)
        if report.verification is None or report.verification.status != "failed":
            parts += _answer(report, solution)
    if report.code is not None and detail != "brief":
        source = to_ascii(report.code.source).strip("\n").replace(r"\end{lstlisting}", "")
        parts.append(_headed("NumPy", f"\\begin{{lstlisting}}\n{source}\n\\end{{lstlisting}}"))
        parts.append(text_latex(code_words(report.code)))
    parts += _sentences(remarks(report, detail))
    if report.error is not None:
        parts.append(rf"\textbf{{{report.status.capitalize()}:}} {text_latex(report.error.message)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def answer_latex(report: Report) -> str:
    """Only the answer, in math mode, a part a line; empty where there is none."""
    report = in_terms(report)
    solution = report.solution
    if solution is None or (report.verification is not None and report.verification.status == "failed"):
        return ""
    answer = shown_answer(report)
    if answer is not None:
        return latex_of(answer)
    return "\n".join(f"{part_label(label)} = {latex_of(value)}" for label, value in solution.parts.items())


def reading_rows(reading: Reading) -> list[str]:
    """The reading in math mode: what was written, and below it what it stands for where definitions were put in and it is short."""
    rows = [latex_of(reading.term)]
    spelled = spelled_out(reading)
    if spelled is not None and len(inline_of(spelled)) <= LONGEST_SPELLED:
        rows.append(rf"\text{{that is, }} {latex_of(spelled)}" if is_statement(spelled) else f"= {latex_of(spelled)}")
    return rows


def statement_latex(report: Report, step: Step) -> str:
    """The formula of a step for math mode: as its rule states it, else made from the line of Unicode; empty where it is words."""
    stated = report.statement_of(step)
    return formula_latex(step.formula) if stated is None else stated


def part_label(label: str) -> str:
    """The label of a part in math mode: a name where it is one, else words."""
    from derive.expressions.term import Name, Term

    return rf"\text{{{text_latex(label)}}}" if " " in label else latex_of(Term("name", (), Name.from_key(label)))


def _headed(title: str, body: str) -> str:
    return rf"\textbf{{{title}}}" + "\n" + body


def _sentences(notes: Iterable[Any]) -> list[str]:
    said = [latex_prose(note) for note in notes]
    return [r"\begin{itemize}" + "".join(f"\n\\item {text}" for text in said) + "\n\\end{itemize}"] if said else []


def _steps(report: Report, solution: Solution, detail: str) -> list[str]:
    shown = shown_steps(solution.derivation, detail)
    if not shown or solution.derivation is None:
        return []
    if detail == "brief":
        return [r"\begin{enumerate}" + "".join(rf"\item {text_latex(s.step.title)}" for s in shown) + r"\end{enumerate}"]
    rows = [row for count, item in enumerate(i for i in shown if i.depth == 0) for row in _rows(item, count == 0, solution)]
    chain = "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"
    reasons = "".join(f"\n\\item[{item.number}] {_reason(report, item)}" for item in shown)
    return [_headed("Derivation", chain), f"\\begin{{description}}{reasons}\n\\end{{description}}"]


def _rows(item: Shown, first: bool, solution: Solution) -> list[str]:
    """What the step starts from where it does not go on from the step before, and what it comes to."""
    after = rf"&{relation_latex(item.step.relation)} {latex_of(item.step.after)} && \text{{({item.number})}}"
    if first and not item.says_before and solution.derivation is not None:
        return [f"& {latex_of(solution.derivation.start)}", after]
    return [f"& {latex_of(item.step.before)}", after] if item.says_before else [after]


def _reason(report: Report, item: Shown) -> str:
    step = item.step
    pieces = [rf"\textit{{{text_latex(step.title)}.}}"]
    if step.formula:
        stated = statement_latex(report, step)
        pieces.append(f"${stated}$" if stated else text_latex(step.formula))
    if step.because:
        pieces.append(latex_prose(step.because))
    if item.depth:
        pieces.append(f"${latex_of(step.before)} {relation_latex(step.relation)} {latex_of(step.after)}$")
    pieces += ["assumes " + latex_prose(assumption) for assumption in step.assumptions]
    doubt = check_words(step.check)
    if doubt:
        pieces.append(rf"\textbf{{{text_latex(doubt)}}}")
    return " ".join(pieces)


def _answer(report: Report, solution: Solution) -> list[str]:
    answer = shown_answer(report)
    if answer is not None:
        body = "\\[\n" + latex_of(answer) + "\n\\]"
    elif solution.parts:
        rows = [f"{part_label(label)} &= {latex_of(value)}" for label, value in solution.parts.items()]
        body = "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"
    else:
        return []
    assumed = [*solution.assumptions, *(() if solution.derivation is None else solution.derivation.assumptions)]
    return [_headed("Answer", body), text_latex(verification_words(report)), *_sentences(dict.fromkeys(assumed))]
