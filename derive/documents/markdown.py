"""The formulas of Markdown, of a notebook, and of a file with one formula a line.

In: the text. Out: `Formula`s and remarks in order, as for LaTeX. Code (fenced, indented, between backticks) and HTML comments are passed
over; a fence marked `math` is a display. Of a notebook the Markdown cells are read; macros defined in one cell are known in the next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from derive.documents.formulas import DISPLAY, INLINE, LINE, Formula, Remark, Stretch, Text
from derive.documents.latex import DISPLAYED, formula, mathematics_end, uncommented
from derive.documents.macros import DEFINITION, Macros, read_definition
from derive.reading.lines import split_lines

__all__ = ["DocumentProblem", "line_formulas", "markdown_formulas", "notebook_formulas"]

_TOKEN = re.compile(
    r"^(?P<fence> {0,3}(?P<mark>`{3,}|~{3,})[ \t]*(?P<language>[^\n`]*))$"
    r"|(?P<indented>(?:^|(?<=\n))[ \t]*\n(?:(?:    |\t)[^\n]*(?:\n|$))+)"
    r"|(?P<comment><!--.*?(?:-->|\Z))"
    r"|(?P<quoted>\$`[^`\n]+`\$)"
    r"|(?P<ticks>(?<!`)(`+)(?!`)(?:.(?!\n[ \t]*\n))*?[^`](?P=ticks_)(?!`))".replace("(`+)", "(?P<ticks_>`+)")
    + r"|(?P<definition>"
    + DEFINITION.pattern
    + ")"
    r"|\\begin\s*\{(?P<begin>[^{}\n]+)\}"
    r"|(?P<open>\\{1,2}\[|\\{1,2}\(|\$\$|\$)"
    r"|\\.|(?P<blank>\n[ \t]*\n)",
    re.MULTILINE | re.DOTALL,
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_LIST_ITEM = re.compile(r"(?:[-*+]|\d+[.)])[ \t]")
_INLINE_END = re.compile(r"\\.|\$|`|\n[ \t]*\n", re.DOTALL)
MOST_CELLS = 100_000


class DocumentProblem(Exception):
    """A file that is no document of its kind; the message is one sentence."""


def markdown_formulas(origin: Text, macros: Macros) -> Iterator[Formula | Remark]:
    """Every formula of a Markdown text, in order."""
    text = origin.text
    front = _FRONT_MATTER.match(text)
    place = spoken = front.end() if front else 0
    while (token := _TOKEN.search(text, place)) is not None:
        place = token.end()
        if token["fence"]:
            end, place = _fence_end(text, token)
            if token["language"].strip().split(" ")[0].strip("{}.") == "math":
                yield formula(origin, macros, token.end(), end, DISPLAY, "", origin.text[spoken : token.start()])
            spoken = place
        elif token["indented"]:
            if _continues_list(text, token.start()):
                place = token.start() + 1
        elif token["quoted"]:
            yield formula(origin, macros, token.start() + 2, token.end() - 2, INLINE, "", text[spoken : token.start()])
            spoken = place
        elif token["definition"]:
            name, macro, place = read_definition(text, token.start())
            place = max(place, token.end())
            if macro is not None:
                macros.define(name, macro)
        elif token["blank"]:
            spoken = token.end()
            place = token.end() - 1  # the newline may begin a fence or an indented block
        elif token["open"] or (token["begin"] or "").rstrip("*") in DISPLAYED:
            found = _mathematics(text, token)
            if found is None:
                continue
            opening, environment, end, after = found
            kind = INLINE if opening in ("$", "\\(") else DISPLAY
            before = text[spoken : token.start()]
            if end < 0:
                empty = Stretch("", range(token.start(), token.start() + 1))
                yield Formula(
                    empty, kind, environment, origin, token.start(), text[token.start() : after], before, f"{token[0]} is never closed"
                )
            else:
                yield formula(origin, macros, token.end(), end, kind, environment, before)
            place = spoken = after


def _fence_end(text: str, token: re.Match[str]) -> tuple[int, int]:
    """Where the content of a fenced block ends, and where the text goes on."""
    closing = re.compile(rf"^ {{0,3}}{re.escape(token['mark'][0])}{{{len(token['mark'])},}}[ \t]*$", re.MULTILINE).search(text, token.end())
    return (closing.start(), closing.end()) if closing else (len(text), len(text))


def _continues_list(text: str, start: int) -> bool:
    """Whether an indented block belongs to an item of a list: then it is text."""
    paragraph = text[:start].rstrip("\n").rsplit("\n\n", 1)[-1]
    return any(_LIST_ITEM.match(row.lstrip()) for row in paragraph.split("\n")) or paragraph[:1] in (" ", "\t")


def _mathematics(text: str, token: re.Match[str]) -> tuple[str, str, int, int] | None:
    """The delimiter, the environment, and the end of the mathematics; None where a dollar sign is money."""
    if token["begin"]:
        return ("", token["begin"], *mathematics_end(text, token.end(), "", token["begin"]))
    opening = token["open"]
    if opening == "$":
        end = _inline_end(text, token.end())
        return None if end < 0 else ("$", "", end, end + 1)
    if opening.startswith("\\\\"):  # Markdown that takes away one backslash
        closing = {"\\\\[": "\\\\]", "\\\\(": "\\\\)"}[opening]
        end = text.find(closing, token.end())
        return None if end < 0 else (opening[1:], "", end, end + 3)
    end, after = mathematics_end(text, token.end(), opening, "")
    if end < 0 and opening != "$$":
        return None  # \( and \[ are brackets in Markdown, too
    return opening, "", end, after


def _inline_end(text: str, start: int) -> int:
    """The closing dollar sign: no space inside at either end, no digit behind it, no blank row between."""
    if start >= len(text) or text[start].isspace():
        return -1
    for found in _INLINE_END.finditer(text, start):
        if found[0][0] in "\n`":  # a code span goes before
            return -1
        if found[0] == "$":
            behind = text[found.end() : found.end() + 1]
            return -1 if text[found.start() - 1].isspace() or behind.isdigit() else found.start()
    return -1


def notebook_formulas(text: str, file: str, macros: Macros) -> Iterator[Formula | Remark]:
    """The formulas of the Markdown cells of a notebook, with the number of the cell (from 1). Raises DocumentProblem."""
    try:
        notebook: Any = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise DocumentProblem(f"{file} is no notebook: {problem}") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or len(cells) > MOST_CELLS:
        raise DocumentProblem(f"{file} is no notebook: it has no list of cells")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
            continue
        source = cell.get("source", "")
        written = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else source
        if isinstance(written, str):
            yield from markdown_formulas(Text(written, file, number), macros)


def line_formulas(origin: Text) -> Iterator[Formula]:
    """One formula a line, in any notation; what is open at the end of a line goes on in the next."""
    for line in split_lines(origin.text):
        yield Formula(uncommented(origin, line.start, line.end), LINE, "", origin, line.start, line.text)
