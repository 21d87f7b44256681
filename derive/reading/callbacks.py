"""What the grammars call when a rule is complete: lists of items grow, brackets close, commands get their arguments.

In: the children of a rule (`Item`s, `Token`s, lists of items). Out: an item, or the list of items that a sequence is.
A function's name is the alias behind `->` in grammar/*.lark. Raises `SyntaxProblem` with its place where the parts of a
rule do not fit together.
"""

from __future__ import annotations

from typing import Any

from derive.errors import SyntaxProblem
from derive.reading.commands import ENVIRONMENTS, MATH_ENVIRONMENTS
from derive.reading.item import Item
from derive.reading.leaves import is_operand
from derive.reading.token import Mismatch, NoOperand, Token

_PAIRS = frozenset({"()", "[]", "{}", "<>", "⌊⌋", "⌈⌉", "||", "‖‖", "⟦⟧"})
_HALF_OPEN = frozenset({"[)", "(]"})
_BIG_WORDS = frozenset({"max", "min", "sup", "inf", "lim", "argmax", "argmin", "limsup", "liminf"})
_JOINING = frozenset({"max", "min", "perp"})  # \\arg\\max, \\perp\\!\\!\\perp
_MATRIX_OF_FENCE = {"()": "pmatrix", "[]": "bmatrix", "||": "vmatrix", "‖‖": "Vmatrix", "{.": "cases"}


class _Broken(list[Item]):
    """A list that was broken over rows; it holds `newline` operators."""


# Sequences


def empty(_children: list[Any]) -> list[Item]:
    return []


def append(children: list[Any]) -> list[Item]:
    items: list[Item]
    item: Item
    items, item = children
    if items:
        last = items[-1]
        if item.start > last.end:
            item.space = True
        if item.text in _JOINING and last.is_bare():
            if item.kind == "big" and last.kind == "function" and last.text == "arg":
                item.text = "arg" + item.text
                item.start = last.start
                items.pop()
            elif item.is_op("perp") and last.is_op("perp"):
                last.end = item.end
                return items
    items.append(item)
    return items


def append_environment(children: list[Any]) -> list[Item]:
    r"""\begin{equation} and its like only hold mathematics: what is inside takes their place."""
    items, item = children
    if item.kind == "group":
        items.extend(item.children)
        return list(items)
    return append(children)


def same(children: list[Any]) -> Any:
    return children[0]


def single(children: list[Any]) -> list[Any]:
    return [children[0]]


def more(children: list[Any]) -> list[Any]:
    children[0].append(children[2])
    rows: list[Any] = children[0]
    return rows


def broken(children: list[Any]) -> list[Item]:
    items, sign, cell = children
    result = _Broken(items)
    if sign.type == "NEWLINE":
        result.append(Item("op", "newline", (), sign.start, sign.end))
    result.extend(cell)
    return result


def line(children: list[Any]) -> tuple[Item, ...]:
    """A plain line."""
    return tuple(children[0])


def formula(children: list[Any]) -> tuple[Item, ...]:
    """A LaTeX formula; rows and cells without an environment are an aligned block."""
    rows = _without_empty_end(children[0])
    if len(rows) == 1 and len(rows[0]) == 1:
        return tuple(_without_punctuation(rows[0][0]))
    start = next((item.start for row in rows for cell in row for item in cell), 0)
    end = max((item.end for row in rows for cell in row for item in cell), default=0)
    return (_environment("aligned", rows, start, end),)


def _without_empty_end(rows: list[list[list[Item]]]) -> list[list[list[Item]]]:
    while len(rows) > 1 and not any(rows[-1]):
        rows.pop()
    return rows


def _without_punctuation(cell: list[Item]) -> list[Item]:
    """The cell without the comma or the full stop that the sentence around a formula puts at its end."""
    return cell[:-1] if len(cell) > 1 and cell[-1].is_op(",", ".", ";") and cell[-1].is_bare() else cell


def _environment(name: str, rows: list[list[list[Item]]], start: int, end: int) -> Item:
    made = []
    for row in rows:
        cells = []
        for cell in map(_without_punctuation, row):
            first, last = (cell[0].start, cell[-1].end) if cell else (start, start)
            cells.append(Item("cell", "", tuple(cell), first, last))
        filled = [cell for cell in cells if cell.children]
        first, last = (filled[0].start, filled[-1].end) if filled else (start, start)
        made.append(Item("row", "", tuple(cells), first, last))
    return Item("env", name, tuple(made), start, end)


# Brackets, groups, environments


def fence(children: list[Any]) -> Item:
    opening, items, closing = children
    text = opening.text + closing.text
    if text not in _PAIRS and not (text in _HALF_OPEN and any(item.is_op(",") for item in items)):
        raise Mismatch(opening, closing)
    return _fenced(text, items, opening.start, closing.end)


def left_right(children: list[Any]) -> Item:
    opening, items, closing = children
    return _fenced(opening.text + closing.text, items, opening.start, closing.end)


def _fenced(text: str, items: list[Item], start: int, end: int) -> Item:
    if isinstance(items, _Broken):
        items = [item for item in items if not item.is_op("newline")]
    if len(items) == 1:
        only = items[0]
        if only.kind == "env" and only.text in {"array", "matrix"} and text in _MATRIX_OF_FENCE and only.is_bare():
            return Item("env", _MATRIX_OF_FENCE[text], only.children, start, end)
    return Item("fence", text, tuple(items), start, end)


def group(children: list[Any]) -> Item:
    opening, items, closing = children
    return Item("group", "", tuple(items), opening.start, closing.end)


def over(children: list[Any]) -> Item:
    r"""{a \over b}, {n \choose k}."""
    opening, upper, sign, lower, closing = children
    parts = tuple(
        Item("group", "", tuple(part), part[0].start if part else sign.start, part[-1].end if part else sign.end) for part in (upper, lower)
    )
    if sign.text == "atop":
        raise SyntaxProblem("\\atop has no meaning of its own", span=(sign.start, sign.end), expected=("\\over or \\choose",))
    return Item("frac" if sign.text == "frac" else "binom", "", parts, opening.start, closing.end)


def switch(children: list[Any]) -> Item:
    r"""{\bf x}: an old-fashioned change of font inside a group."""
    opening, sign, items, closing = children
    inner = Item("group", "", tuple(items), sign.end, closing.start)
    item = font([sign, inner])
    item.start, item.end = opening.start, closing.end
    return item


def environment(children: list[Any]) -> Item:
    opening, rows, closing = children
    if opening.text != closing.text:
        raise Mismatch(opening, closing)
    rows = _without_empty_end(rows)
    if opening.text in MATH_ENVIRONMENTS:
        if len(rows) == 1 and len(rows[0]) == 1:
            return Item("group", "", tuple(rows[0][0]), opening.start, closing.end)
        return _environment("aligned", rows, opening.start, closing.end)
    return _environment(ENVIRONMENTS[opening.text], rows, opening.start, closing.end)


# Commands with arguments


def _grouped(item: Item) -> Item:
    return item if item.kind == "group" and item.is_bare() else Item("group", "", (item,), item.start, item.end)


def _single(item: Item) -> Item:
    """The only item of a group, or the item itself."""
    while item.kind == "group" and len(item.children) == 1 and item.is_bare():
        item = item.children[0]
    return item


def _operands(sign: Token, *items: Item) -> None:
    """Refuse an operator or a bar as an argument: `\\frac + 1`, `\\sqrt |x|`."""
    for item in items:
        if not is_operand(item) or item.is_op("+", "-"):
            raise NoOperand(sign, item.start, item.end)


def frac(children: list[Any]) -> Item:
    sign, upper, lower = children
    _operands(sign, upper, lower)
    kind = "binom" if sign.text == "binom" else "frac"
    return Item(kind, "", (_grouped(upper), _grouped(lower)), sign.start, lower.end)


def ratio(children: list[Any]) -> Item:
    r"""\dv{f}{x}, \pdv{x}: a quotient of differentials, spelled by a command."""
    sign, *parts = children
    parts = [_grouped(part) for part in parts]

    def differential(place: Item, inner: tuple[Item, ...]) -> Item:
        d = Item("name", "d", (), sign.start, sign.end) if sign.text == "d" else Item("partial", "", (), sign.start, sign.end)
        return Item("group", "", (d, *inner), place.start, place.end)

    upper = differential(parts[0], parts[0].children) if len(parts) == 2 else differential(parts[0], ())
    return Item("frac", "", (upper, differential(parts[-1], parts[-1].children)), sign.start, parts[-1].end)


def stack(children: list[Any]) -> Item:
    r"""\overset{a}{b} is b with a above, \underset{a}{b} with a below."""
    sign, script, base = children
    base = _single(base)
    if (base.sup if sign.text == "over" else base.sub) is not None:
        base = Item("group", "", (base,), base.start, base.end)
    if sign.text == "over":
        base.sup = script
    else:
        base.sub = script
    base.start, base.end = sign.start, max(base.end, script.end)
    return base


def sqrt(children: list[Any]) -> Item:
    sign, body = children
    _operands(sign, body)
    return Item("sqrt", "", (_grouped(body),), sign.start, body.end)


def root_index(children: list[Any]) -> Item:
    sign, opening, index, closing, body = children
    _operands(sign, body)
    of = Item("group", "", tuple(index), opening.start, closing.end)
    return Item("sqrt", "", (_grouped(body), of), sign.start, body.end)


def accent(children: list[Any]) -> Item:
    sign, inner = children
    _operands(sign, inner)
    return Item("accent", sign.text, (_single(inner),), sign.start, inner.end)


def _word(items: tuple[Item, ...]) -> str | None:
    """The word that the letters inside a command spell: `arg\\,max`, `log\\_softmax`, `ReLU6`; None for other contents."""
    parts = []
    for item in items:
        if not item.is_bare():
            return None
        if item.kind in {"name", "function", "number", "big"}:
            parts.append(item.text)
        elif item.kind == "text":
            parts.append("".join(item.text.split()))
        elif item.is_op("_", "-"):
            parts.append("_")
        else:
            return None
    return "".join(parts) or None


def _word_item(word: str, start: int, end: int) -> Item:
    return Item("big" if word in _BIG_WORDS else "function", word, (), start, end)


def font(children: list[Any]) -> Item:
    sign, inner = children
    items = inner.children if inner.kind == "group" and inner.is_bare() else (inner,)
    if sign.text in {"rm", "it"}:
        word = _word(items)
        letter_only = len(items) == 1 and items[0].kind in {"name", "number"} and not items[0].glued
        if word is not None and not letter_only:
            return _word_item(word, sign.start, inner.end)
        if sign.text == "it":
            return _single(inner)
    return Item("font", sign.text, items, sign.start, inner.end)


def operator(children: list[Any]) -> Item:
    r"""\operatorname{softmax}: a function by name; around a letter in a font it says nothing."""
    sign, inner = children
    items = inner.children if inner.kind == "group" and inner.is_bare() else (inner,)
    word = _word(items)
    if word is None:
        item = _single(inner)
        item.start = sign.start
        return item
    if word == "d":
        return Item("font", "rm", items, sign.start, inner.end)
    return _word_item(word, sign.start, inner.end)


def norm(children: list[Any]) -> Item:
    sign, inner = children
    items = inner.children if inner.kind == "group" and inner.is_bare() else (inner,)
    return Item("fence", sign.text, items, sign.start, inner.end)


def arrow(children: list[Any]) -> Item:
    r"""\xrightarrow{d}: an arrow with a word above."""
    sign, above = children
    return Item("op", sign.text, (), sign.start, above.end, sup=above)


def brace(children: list[Any]) -> Item:
    r"""\underbrace{…}: the label that follows is dropped (see `scripts`)."""
    sign, inner = children
    items = inner.children if inner.kind == "group" and inner.is_bare() else (inner,)
    return Item("group", "brace", items, sign.start, inner.end)


def wrap(children: list[Any]) -> Item:
    item = _single(children[1])
    item.start, item.end = children[0].start, children[1].end
    return item
