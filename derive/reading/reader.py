"""Text to items. In: one line of LaTeX or plain mathematics. Out: a flat tuple of `Item`s, or an error with its place."""

from __future__ import annotations

import re
from functools import lru_cache

from derive.errors import SyntaxProblem, TooLarge
from derive.reading import callbacks, scripts
from derive.reading.diagnosis import explain, mismatch, no_operand
from derive.reading.engine import Grammar
from derive.reading.item import Item
from derive.reading.leaves import entry, latex_leaf, plain_leaf
from derive.reading.lines import split_rows
from derive.reading.tables import stored
from derive.reading.token import Mismatch, NoOperand, Unexpected

__all__ = ["MAXIMUM_LENGTH", "detect", "parse"]

MAXIMUM_LENGTH = 100_000

_DEFINITION = re.compile(r"\s*(?:@\w|def\s+\w+\s*\()")
_LATEX = re.compile(r"\\[A-Za-z(){}\[\]|,;:!%\\]|\$|\d\{,\}\d")
_NUMPY = re.compile(
    r"(?<![\w.])(?:np|numpy|scipy)\.\w|[\w)\]]\.(?:sum|mean|var|std|max|min|prod|dot)\(|\blambda\s+[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*\s*:(?!=)"
    r"|[\w)\]]\s*@\s*[\w(\[-]"
)
_DELIMITED = re.compile(r"\$|\\[()\[\]]")
_DOTS = re.compile(r"[·⋅∙•]|\\cdot|\\bullet|\\centerdot")
_CHECK = re.compile(r"\s*check[ \t\r]*\n")
_OPERAND_BEFORE = frozenset({"!", "%", "top", "prime", "dagger"})


def detect(text: str) -> str:
    """The notation: "latex" (a command, `$`, an environment), "numpy" (`np.`, `.sum(…)`, `def`, a lambda, `@`) or "plain"."""
    if _DEFINITION.match(text):
        return "numpy"
    if _LATEX.search(text):
        return "latex"
    return "numpy" if _NUMPY.search(text) else "plain"


@lru_cache(maxsize=4)
def grammar(notation: str) -> Grammar:
    """The parser of a notation, loaded once. Raises `KeyError` for an unknown notation."""
    leaf = {"latex": latex_leaf, "plain": plain_leaf}[notation]
    return Grammar(stored(notation), entry, leaf, {**vars(scripts), **vars(callbacks)})


def parse(text: str, notation: str | None = None) -> tuple[Item, ...]:
    """The items of a line.

    `notation` is "latex" or "plain"; without it the line says which (a NumPy line is read as plain). Several lines, as
    `check` and its rows are, become one `env` item "aligned" with a row each, behind `check` where that is the first line.
    Raises `SyntaxProblem`, `UnknownName`, `InputError` (nesting), `AmbiguousInput`, `TooLarge`, each with its place.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise TooLarge(
            f"a line of {len(text):,} characters; at most {MAXIMUM_LENGTH:,} are read",
            span=(MAXIMUM_LENGTH, len(text)),
        )
    text = text.replace("_{**}", "_{∗∗}")  # K_{**} of a Gaussian process is no power
    if "\n" in text.strip():
        rows = split_rows(text)
        if len(rows) > 1:
            return _rows(text, [(row.start, row.end) for row in rows], notation)
        if rows:
            return _parse(text, rows[0].start, rows[0].end, notation)
    return _parse(text, 0, len(text), notation)


def _rows(text: str, places: list[tuple[int, int]], notation: str | None) -> tuple[Item, ...]:
    """Several lines as one aligned block; each row may be in its own notation."""
    head: tuple[Item, ...] = ()
    if _CHECK.match(text):
        start, end = places.pop(0)
        head = (Item("name", "check", (), start, end, glued=True),)
    rows = []
    for start, end in places:
        cell = Item("cell", "", _parse(text, start, end, notation), start, end)
        rows.append(Item("row", "", (cell,), start, end))
    return (*head, Item("env", "aligned", tuple(rows), places[0][0], places[-1][1], space=bool(head)))


def _parse(text: str, start: int, end: int, notation: str | None) -> tuple[Item, ...]:
    chosen = notation or detect(text[start:end])
    chosen = "latex" if chosen == "latex" else "plain"
    try:
        items: tuple[Item, ...] = grammar(chosen).run(text, start, end)
    except Unexpected as unexpected:
        raise explain(unexpected, text, start, end, chosen) from None
    except Mismatch as found:
        raise mismatch(found, text) from None
    except NoOperand as found:
        raise no_operand(found, text, chosen) from None
    if _DELIMITED.search(text, start, end):
        _balanced_delimiters(text, start, end)
    if _DOTS.search(text, start, end):
        _mark_placeholders(items)
    if "<" in text and ">" in text and chosen == "plain":
        items = _angles(items)
    return items


_DELIMITER = re.compile(r"\\\\|\\[()\[\]]|\\[\s\S]|\$\$?")
_OTHER = {"\\)": "\\(", "\\]": "\\["}


def _balanced_delimiters(text: str, start: int, end: int) -> None:
    """Math delimiters are dropped, but one that is never closed means that something is missing."""
    waiting: list[re.Match[str]] = []
    for match in _DELIMITER.finditer(text, start, end):
        sign = match[0]
        if sign in {"\\(", "\\["}:
            waiting.append(match)
        elif sign in _OTHER or sign[0] == "$":
            opening = _OTHER.get(sign, sign)
            if waiting and waiting[-1][0] == opening:
                waiting.pop()
            elif sign[0] == "$" and not any(w[0][0] == "$" for w in waiting):
                waiting.append(match)
            else:
                raise SyntaxProblem(f"{sign} closes nothing", span=match.span(), expected=(f"{opening} before it",))
    if waiting:
        sign = waiting[0][0]
        closing = {"\\(": "\\)", "\\[": "\\]"}.get(sign, sign)
        raise SyntaxProblem(f"{sign} is never closed", span=waiting[0].span(), expected=(f"{closing} at the end of the formula",))


def _mark_placeholders(items: tuple[Item, ...]) -> None:
    r"""A dot where an operand is missing is a placeholder: f(\cdot), \|\cdot\|, p(\cdot \mid x)."""
    bars = 0
    for place, item in enumerate(items):
        if item.is_op("cdot"):
            before = items[place - 1] if place else None
            after = items[place + 1] if place + 1 < len(items) else None
            if not _ends_operand(before, bars) and not _starts_operand(after, bars):
                item.kind, item.text = "placeholder", ""
        elif item.kind == "bar" and item.text != "mid":
            bars += 1
        if item.children:  # together: what stands beside a dot says whether an operand is missing
            _mark_placeholders(item.children)
        for script in (item.sub, item.sup):
            if script is not None and (script.children or script.is_op("cdot")):
                _mark_placeholders(script.children or (script,))


def _ends_operand(item: Item | None, bars: int) -> bool:
    if item is None or (item.kind == "bar" and (item.text == "mid" or bars % 2 == 1)):
        return False
    return item.kind != "op" or item.text in _OPERAND_BEFORE


def _starts_operand(item: Item | None, bars: int) -> bool:
    if item is None or (item.kind == "bar" and (item.text == "mid" or bars % 2 == 1)):
        return False
    return item.kind != "op" or item.text in {"-", "+", "not"}


def _angles(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """<x, y> in plain text: a < where no operand stands before it, and its > behind a comma."""
    made: list[Item] = []
    waiting: list[int] = []  # where in `made` an angle may have opened
    for item in items:
        for part in (item, item.sub, item.sup):
            if part is not None and part.children:
                part.children = _angles(part.children)
        if item.is_op("<") and not _ends_operand(made[-1] if made else None, 0):
            waiting.append(len(made))
        elif item.is_op(">") and waiting:
            opening = waiting.pop()
            inside = tuple(made[opening + 1 :])
            if any(part.is_op(",") for part in inside):
                first = made[opening]
                del made[opening:]
                made.append(Item("fence", "<>", inside, first.start, item.end, sub=item.sub, sup=item.sup, space=first.space))
                continue
        made.append(item)
    return tuple(made)
