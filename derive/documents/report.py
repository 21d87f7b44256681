"""What became of the formulas of a document, as text for a terminal, as Markdown, and as JSON.

In: a `Translation`. Out: text. Nothing in it depends on the time or the machine: the same documents give the same report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from derive.documents.claims import DIFFERS
from derive.documents.document import Outcome, Translation
from derive.documents.kinds import DECLARED, FALSE, NEEDS, NOTHING, REFUSED, TRANSLATED, UNREADABLE, WITHHELD

__all__ = ["as_json", "as_markdown", "as_text", "summary"]

_TITLES = {
    TRANSLATED: "Translated",
    NEEDS: "Need a declaration",
    UNREADABLE: "Could not be read",
    WITHHELD: "Withheld: the code failed its proof",
    REFUSED: "Read, but there is no code",
    FALSE: "Do not hold",
    DECLARED: "Taken in: declarations, and names that have a value",
    NOTHING: "Nothing to compute",
}
_SHORT = {FALSE: "that do not hold", DECLARED: "taken in", NOTHING: "with nothing to compute", NEEDS: "in need of a declaration"}
_UNLISTED = (DECLARED, NOTHING)
_WORTH_SAYING = ("supersedes", "left out", "left aside", "not accurate", "stops at", "not proved", "taken to be", DIFFERS)
LONGEST = 70


def _groups(translation: Translation) -> Iterable[tuple[str, list[Outcome]]]:
    for status in _TITLES:
        found = [outcome for outcome in translation.outcomes if outcome.status == status]
        if found:
            yield status, found


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _missing(outcome: Outcome) -> str:
    wanted = f": declare {' or '.join(outcome.expected)}" if outcome.expected else ""
    return f"{outcome.reason}{wanted}"


def summary(translation: Translation) -> str:
    """One line: how many formulas there are, and how many of each kind."""
    counts = ", ".join(f"{len(found)} {_SHORT.get(status, status)}" for status, found in _groups(translation))
    return f"{len(translation.outcomes)} formulas: {counts}" if translation.outcomes else "no formula was found"


def as_text(translation: Translation, is_brief: bool = False) -> str:
    """For a terminal: each function with its place, then what was not translated and why."""
    rows: list[str] = []
    for status, found in _groups(translation):
        if status in _UNLISTED or (is_brief and status == TRANSLATED):
            continue
        rows += [_TITLES[status]]
        for outcome in found:
            if status == TRANSLATED:
                rows.append(f"  {outcome.place}  {outcome.function}")
                rows += [f"      {note}" for note in outcome.notes if _matters(note)]
            else:
                rows += [f"  {outcome.place}  {_shortened(outcome.text)}", f"      {_missing(outcome)}"]
        rows.append("")
    remarks = [f"  {remark.place}  {remark.message}" for remark in translation.remarks]
    if remarks:
        rows += ["Remarks", *remarks, ""]
    cached = f" ({translation.from_cache} from an earlier run)" if translation.from_cache else ""
    return "\n".join([*rows, summary(translation) + cached]) + "\n"


def _matters(note: str) -> bool:
    """Whether a note says more than what was inferred: that belongs to the written report."""
    return any(word in note for word in _WORTH_SAYING)


def as_markdown(translation: Translation) -> str:
    """The whole report: every formula, in groups."""
    rows = [f"# {summary(translation)}", ""]
    for status, found in _groups(translation):
        rows += [f"## {_TITLES[status]}", ""]
        rows += ["| place | formula | function | remarks |" if status == TRANSLATED else "| place | formula | reason | remarks |"]
        rows += ["|---|---|---|---|"]
        for outcome in found:
            third = f"`{outcome.function}`" if status == TRANSLATED else _cell(_missing(outcome))
            text = outcome.text.replace("|", "\\|").replace("`", "'")
            rows.append(f"| {outcome.place} | `{text}` | {third} | {_cell('; '.join(outcome.notes))} |")
        rows.append("")
    if translation.remarks:
        rows += ["## Remarks", "", *(f"- {remark.place}: {remark.message}" for remark in translation.remarks), ""]
    return "\n".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def as_json(translation: Translation) -> str:
    """The whole report as one JSON object: `version`, `counts`, `formulas`, `remarks`."""
    formulas = []
    for outcome in translation.outcomes:
        file, line, column, cell = outcome.place
        formulas.append(
            {
                "file": file,
                "cell": cell or None,
                "line": line,
                "column": column,
                "kind": outcome.kind,
                "label": outcome.label or None,
                "formula": outcome.text,
                "status": outcome.status,
                "function": outcome.function or None,
                "reason": outcome.reason or None,
                "expected": list(outcome.expected),
                "notes": list(outcome.notes),
            }
        )
    remarks = [
        {"file": r.place.file, "cell": r.place.cell or None, "line": r.place.line, "column": r.place.column, "message": r.message}
        for r in translation.remarks
    ]
    counts = {status: len(found) for status, found in _groups(translation)}
    return json.dumps({"version": 1, "counts": counts, "formulas": formulas, "remarks": remarks}, ensure_ascii=False, indent=1) + "\n"
