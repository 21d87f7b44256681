"""From one token to one item: names, numbers, operators, letters in other alphabets, quoted text.

In: the terminal, its text, its place, and the entry of the vocabulary where it has one. Out: an `Item`, or a `Token` for what
only holds the syntax together (brackets, commands that wait for an argument).
"""

from __future__ import annotations

import re

from derive.errors import AmbiguousInput, SyntaxProblem, UnknownName
from derive.reading.characters import RAISED, character_entry, letter
from derive.reading.commands import ACCENT_WORDS, COMMANDS, ENVIRONMENTS, MATH_ENVIRONMENTS, SYMBOLS, UNDERSCORED, Entry
from derive.reading.item import Item
from derive.reading.token import Token

__all__ = ["ACCENT_WORDS", "closest", "delimiter", "entry", "is_operand", "latex_leaf", "plain_leaf", "run_items", "text_content"]

_ABBREVIATIONS = {"st": "s.t.", "iid": "iid", "wrt": "wrt"}
_DELIMITERS = {".": ".", "/": "/", "\\backslash": "\\", "\\vert": "|", "|": "|", "\\|": "‖", "\\Vert": "‖", "<": "<", ">": ">"}
_NEEDS = {
    **dict.fromkeys(("\\left", "\\right", "\\middle"), "a bracket, a bar or a point after it"),
    **dict.fromkeys(("\\begin", "\\end"), "the name of an environment in braces"),
    **{
        command: f"an argument of {command} in braces"
        for command in (
            *("\\text", "\\mbox", "\\textrm", "\\textnormal", "\\textup", "\\textsf", "\\texttt", "\\textit", "\\emph"),
            *("\\label", "\\tag", "\\color", "\\textcolor", "\\phantom", "\\hspace", "\\vspace", "\\DeclareMathOperator"),
        )
    },
    "\\not": "a relation after \\not, such as = or \\in",
}
_NUMBER_GROUPS = re.compile(r"\{,\}|\\,|_")
_EXPONENT = re.compile(r"(?!1e)[0-9]+[eE]([+-])[0-9]+$")


def entry(text: str, start: int) -> Entry:
    """The vocabulary's entry of a command or a character. Raises `UnknownName`, `SyntaxProblem`."""
    found = COMMANDS.get(text) if text[0] == "\\" else SYMBOLS.get(text)
    if found is not None:
        return found
    if text[0] != "\\":
        found = character_entry(text)
        if found is not None:
            return found
        return ("UNKNOWN", "", text)
    return _unusual(text, start)


def _unusual(text: str, start: int) -> Entry:
    """A new row with its extra space, a negated relation, a bar between fences; everything else is unknown."""
    if text.startswith("\\\\"):
        return ("NEWLINE", "", "")
    if text.startswith("\\not") and text != "\\notin":
        found = COMMANDS.get("\\not" + text[4:].strip())
        if found is not None:
            return found
        if not text[4:5].isalpha():
            raise SyntaxProblem(
                f"cannot negate {text[4:].strip() or 'nothing'}",
                span=(start, start + len(text)),
                expected=("a relation after \\not, such as = or \\in",),
            )
    if text.startswith("\\middle") and not text[7:8].isalpha():
        side = delimiter(text[7:], start)
        if side in "|‖":
            return ("ATOM", "bar", "mid" if side == "|" else "‖")
        if side == "/":
            return ("ATOM", "op", "/")
    if len(text) > 1 and not text[1].isalpha():
        if text[1].isspace():
            return ("SKIP", "", "")
        raise SyntaxProblem(f"unknown command {text}", span=(start, start + len(text)), expected=("a LaTeX command",))
    if text == "\\":
        raise SyntaxProblem("a backslash with nothing after it", span=(start, start + 1), expected=("a LaTeX command",))
    if text in _NEEDS:
        raise SyntaxProblem(f"{text} is not complete", span=(start, start + len(text)), expected=(_NEEDS[text],))
    suggestion = closest(text, COMMANDS)
    raise UnknownName(
        f"unknown command {text}",
        span=(start, start + len(text)),
        expected=("a LaTeX command of mathematics",),
        suggestion=suggestion,
    )


def closest(word: str, known: object) -> str | None:
    """The known spelling nearest to `word` by edit distance (transpositions count one), or None where none is near."""
    from difflib import SequenceMatcher

    best: tuple[float, str] | None = None
    size = len(word)
    bound = 1 if size <= 4 else 2 if size <= 9 else 3
    for candidate in known:  # type: ignore[attr-defined]
        if abs(len(candidate) - size) > bound or (len(candidate) > 2 and not candidate[-1].isalpha()):
            continue
        distance = _distance(word, candidate, bound)
        if distance > bound:
            continue
        likeness = SequenceMatcher(None, word, candidate).ratio()
        score = distance - likeness
        if best is None or score < best[0]:
            best = (score, candidate)
    return best[1] if best else None


def _distance(left: str, right: str, bound: int) -> int:
    """Optimal string alignment distance, given up beyond the bound."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        now = [i]
        for j, b in enumerate(right, 1):
            cost = min(row[j] + 1, now[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > bound:
            return bound + 1
        before, row = row, now
    return row[-1]


def delimiter(text: str, start: int) -> str:
    r"""The character of a delimiter behind \left, \right or \middle. Raises `SyntaxProblem` for what cannot be one."""
    word = text.strip()
    if word in _DELIMITERS:
        return _DELIMITERS[word]
    found = COMMANDS.get(word) if word[:1] == "\\" else SYMBOLS.get(word)
    if found is not None and (found[0] in {"OPEN", "CLOSE", "LSQB", "RSQB"}):
        return found[2]
    if found is not None and found[1] == "bar":
        return "‖" if found[2] == "‖" else "|"
    raise SyntaxProblem(
        f"{word} is no delimiter",
        span=(start, start + len(text)),
        expected=("a bracket, a bar or a point after \\left and \\right",),
    )


def _number(text: str, start: int) -> Item:
    end = start + len(text)
    if not text.isdigit():
        text = _NUMBER_GROUPS.sub("", text).lower()
        if text[-1] == ".":
            text = text[:-1]
        elif text[0] == ".":
            text = "0" + text
    return Item("number", text, (), start, end)


def _atom(kind: str, text: str, start: int, end: int) -> Item:
    if kind == "bar":
        return Item("bar", "‖" if text == "||" else text, (), start, end, glued=text == "||")
    if kind == "font":
        font, inner = text.split(" ", 1)
        what = "number" if inner.isdigit() else "name"
        return Item("font", font, (Item(what, inner, (), start, end),), start, end)
    if kind == "accent":
        base, *accents = text.split(" ")
        item = Item("name", base, (), start, end)
        for accent in accents:
            item = Item("accent", accent, (item,), start, end)
        return item
    if kind == "frac":
        over, under = (Item("group", "", (Item("number", part, (), start, end),), start, end) for part in text.split(" "))
        return Item("frac", "", (over, under), start, end)
    return Item(kind, text, (), start, end)


def text_content(text: str) -> str:
    r"""What stands inside \text{…} or quotes."""
    return text[text.index("{") + 1 : -1] if text[0] == "\\" else text[1:-1]


def _text(text: str, start: int, end: int) -> Item:
    content = text_content(text)
    word = " ".join(content.split())
    if word.replace(" ", "") in {"argmax", "argmin"}:
        return Item("big", word.replace(" ", ""), (), start, end)
    return Item("text", content, (), start, end)


def _signed(text: str, start: int, end: int, name: Item | None) -> Item:
    sign = Item("op", "-" if text[0] != "+" else "+", (), start, start + 1)
    value = name if name is not None else _number(text[1:], start + 1)
    return Item("group", "signed", (sign, value), start, end)


def latex_leaf(terminal: str, text: str, start: int, end: int, found: Entry | None) -> Item | Token:
    """The item of a LaTeX token."""
    if terminal == "ATOM":
        assert found is not None
        kind = found[1]
        if kind in {"op", "name", "function", "big"}:
            return Item(kind, found[2], (), start, end)
        return _atom(kind, found[2], start, end)
    if terminal == "NAME":
        return _latex_name(text, start, end)
    if terminal == "NUMBER":
        if not text.isdigit() and (match := _EXPONENT.match(text)):
            mantissa, exponent = re.split("[eE]", text)
            raise AmbiguousInput(
                f"{text} can be read in two ways",
                readings=(f"{mantissa} · 10^({exponent})", f"{mantissa} e {match[1]} {exponent[1:]}"),
                span=(start, end),
                expected=(rf"{mantissa} \cdot 10^{{{exponent}}}", f"{mantissa} e {match[1]} {exponent[1:]}"),
            )
        return _number(text, start)
    if terminal in {"LETTER", "LABEL", "RESULT"}:
        return Item("name", text, (), start, end)
    if terminal in {"DIGIT", "FIRST_DIGIT"}:
        return Item("number", text, (), start, end)
    if terminal == "SIGNED":
        name = _latex_name(text[1:], start + 1, end) if text[1].isalpha() else None
        return _signed(text, start, end, name)
    if terminal == "TEXT":
        return _text(text, start, end)
    return _structure(terminal, text, start, end, found)


def _latex_name(text: str, start: int, end: int) -> Item:
    if len(text) == 1:
        return Item("name", text, (), start, end)
    if text.isalpha():
        return Item("name", text, (), start, end, glued=True)
    if text in UNDERSCORED or text[1:].isdigit():
        return Item("name", text, (), start, end)
    return _abbreviation(text, start, end) or Item("name", text, (), start, end, glued=True)


def _abbreviation(text: str, start: int, end: int) -> Item | None:
    """`s.t.`, `i.i.d.`, `w.r.t.`, `arg max`."""
    if "." in text:
        return Item("name", _ABBREVIATIONS["".join(c for c in text if c.isalpha())], (), start, end)
    if text.startswith("arg") and text[3:4].isspace():
        return Item("name", "arg" + text[3:].strip(), (), start, end)
    return None


def plain_leaf(terminal: str, text: str, start: int, end: int, found: Entry | None) -> Item | Token:
    """The item of a plain token."""
    if terminal == "NAME":
        return plain_name(text, start, end)
    if terminal == "NUMBER":
        return _number(text, start)
    if terminal == "ATOM":
        assert found is not None
        return _atom(found[1], found[2], start, end)
    if terminal == "SIGNED":
        digits = text[1].isdigit()
        return _signed(text, start, end, None if digits else plain_name(text[1:], start + 1, end))
    if terminal == "RESULT":
        return Item("name", text, (), start, end)
    if terminal == "TEXT":
        return _text(text, start, end)
    if terminal == "AMP":
        return Item("op", "&", (), start, end)
    return _structure(terminal, text, start, end, found)


def plain_name(text: str, start: int, end: int) -> Item:
    """A run of letters and digits with its underscores: `x`, `m1`, `x_1`, `y_hat`, `x_bar_i`, `hard_sigmoid`, `μ1`."""
    if text.isalnum():
        if text[0].isascii():
            return Item("name", text, (), start, end)
        return Item("name", letter(text[0]) + text[1:], (), start, end)
    if "_" not in text:
        abbreviation = _abbreviation(text, start, end)
        if abbreviation is not None:
            return abbreviation
    parts = text.split("_")
    head = next((n for n in (3, 2) if "_".join(parts[:n]) in UNDERSCORED), 1)
    base = "_".join(parts[:head])
    place = start + len(base)
    item = Item("name", base, (), start, place)
    labels: list[Item] = []
    for part in parts[head:]:
        where = place + 1
        place = where + len(part)
        if part == "star":
            item.sup = Item("op", "*", (), where, place)
        elif part == "prime":
            item.primes += 1
        elif part in ACCENT_WORDS:
            item = Item("accent", part, (item,), start, place)
        else:
            labels.extend(_label(part, where))
    if labels:
        first, last = labels[0], labels[-1]
        item.sub = first if len(labels) == 1 else Item("group", "", tuple(_separated(labels)), first.start, last.end)
    item.end = end
    return item


def _label(part: str, start: int) -> list[Item]:
    """A subscript without braces: a number, a name, or a number and a name (`x_2n`)."""
    if part.isdigit():
        return [Item("number", part, (), start, start + len(part))]
    digits = len(part) - len(part.lstrip("0123456789"))
    name = Item("name", part[digits:], (), start + digits, start + len(part))
    return [Item("number", part[:digits], (), start, start + digits), name] if digits else [name]


def _separated(labels: list[Item]) -> list[Item]:
    separated: list[Item] = []
    for label in labels:
        if separated and label.start > separated[-1].end:
            separated.append(Item("op", ",", (), separated[-1].end, label.start))
        separated.append(label)
    return separated


# Operators that can never be an argument or a script by themselves.
_BETWEEN = frozenset(
    "/ = != < > <= >= << >> := <- -> => <=> ~ , ; : . & ∝ ≈ ≡ ≅ in notin subset cup cap and or times cdot odot oplus otimes .* ./ .^ @ "
    "setminus succ succeq prec preceq mapsto newline pm mp % ?".split()
)


def is_operand(item: Item) -> bool:
    """Whether this can be an argument or a script without braces; a sign or a star can, a relation or a bar cannot."""
    return not (item.kind == "bar" or (item.kind == "op" and item.text in _BETWEEN))


def _structure(terminal: str, text: str, start: int, end: int, found: Entry | None) -> Item | Token:
    if found is not None and found[2]:
        return Token(terminal, found[2], start, end)
    if terminal in {"BEGIN", "END"}:
        return _environment(terminal, text, start, end)
    if terminal in {"LEFT", "RIGHT"}:
        word = 5 if terminal == "LEFT" else 6
        return Token(terminal, delimiter(text[word:], start + word), start, end)
    return Token(terminal, text, start, end)


def _environment(terminal: str, text: str, start: int, end: int) -> Token:
    name = text[text.index("{") + 1 : text.index("}")].strip()
    if name not in ENVIRONMENTS and name not in MATH_ENVIRONMENTS:
        inside = text.index("{") + 1
        raise UnknownName(
            f"unknown environment {name}",
            span=(start + inside, start + text.index("}")),
            expected=("an environment of mathematics",),
            suggestion=closest(name, [*ENVIRONMENTS, *MATH_ENVIRONMENTS]),
        )
    return Token(terminal, name, start, end)


def run_items(text: str, start: int, table: dict[str, str]) -> tuple[Item, ...]:
    """The items of a run of raised or lowered characters: `⁻¹` is an operator and a number, `ᵀ` the transposition."""
    items: list[Item] = []
    for offset, character in enumerate(text):
        plain = table[character]
        place = start + offset
        if plain == "T" and table is RAISED:
            items.append(Item("op", "top", (), place, place + 1))
        elif plain.isdigit() and items and items[-1].kind == "number":
            items[-1].text += plain
            items[-1].end = place + 1
        elif plain.isdigit():
            items.append(Item("number", plain, (), place, place + 1))
        elif plain.isalpha():
            items.append(Item("name", letter(plain), (), place, place + 1))
        else:
            items.append(Item("op", plain, (), place, place + 1))
    return tuple(items)
