r"""One display holds several formulas: its rows, and what commas and `\quad` separate. Here they become pieces, each read as one line.

In: a `Formula`. Out: `Piece`s: the text of one line, the label, what it is in its display ("main", or "where" for what is said of the
names of the piece before it), and the conditions behind it. A row that begins with a relation or with a sign goes on from the row above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from derive.documents.formulas import DISPLAY, LINE, Formula, Stretch

__all__ = ["MEMBERS_APART", "Piece", "members", "pieces"]

_ALIGNED = "align alignat flalign gather multline eqnarray dmath dgroup darray IEEEeqnarray xalignat xxalignat".split()
_INNER = ["aligned", "alignedat", "gathered", "split", "multlined", "equation", *_ALIGNED]
_TOKEN = re.compile(
    r"\\begin\s*\{[^{}]*\}|\\end\s*\{[^{}]*\}|\\left(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|\S)|\\right(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|\S)"
    r"|\\\\(?:\s*\*)?(?:\s*\[[^\]\n]*\])?|\\(?:q?quad|qquad)(?![A-Za-z])"
    r"|\\(?:text|textrm|textit|textnormal|mbox|mathrm)\s*\{(?P<words>[^{}]*)\}|\\(?:short)?intertext\s*\{(?P<prose>(?:[^{}]|\{[^{}]*\})*)\}"
    r"|\\(?:stackrel|overset)\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*\{(?P<under>[^{}]*)\}"
    r"|\\[{}]|\\[A-Za-z]+|\\.|:=|[(){}\[\]]|[&,;=<>]",
    re.DOTALL,
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{\s*([A-Za-z]+)\*?\s*\}(?:\[[^\]\n]*\]|\{[0-9]+\})?")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_MARKS = re.compile(
    r"\\(?:nonumber|notag|displaystyle|textstyle|allowbreak|hfill|qed|qedhere|noindent|centering|small|footnotesize)(?![A-Za-z])"
    r"|\\(?:displaybreak|pagebreak)(?:\[[0-9]\])?|\\tag\*?\s*\{[^{}]*\}|\\label\s*\{[^{}]*\}|\\(?:eq)?ref\s*\{[^{}]*\}"
    r"|\\(?:vspace|hspace)\*?\s*\{[^{}]*\}|\\footnote(?:mark)?\s*(?:\{[^{}]*\})?"
)
_GOES_ON = re.compile(
    r"(?:[=<>+\-*/]|:=|\\(?:le|leq|ge|geq|ne|neq|approx|simeq|equiv|propto|sim|to|cdot|times|pm|mp|in|leqslant|geqslant|coloneqq|triangleq)"
    r"(?![A-Za-z])|\\(?:stackrel|overset)(?![A-Za-z]))"
)
_OPEN_END = re.compile(r"(?:[=+\-*/(,]|\\(?:cdot|times|left\s*[(\[.|]|big[lr]?[(\[])|\\[{])\s*$")
_PUNCTUATION = re.compile(r"(?:\s|[.,;]|\\[,;:! ]|~)+$")
_RELATIONS = {"=": "=", ":=": "=", "\\coloneqq": "=", "\\triangleq": "=", "\\eqdef": "=", "\\leftarrow": "<-", "\\gets": "<-"}
_OTHER = dict.fromkeys(
    "< > \\le \\leq \\ge \\geq \\ne \\neq \\leqslant \\geqslant \\ll \\gg \\approx \\simeq \\cong \\equiv \\propto \\sim \\to \\in \\notin "
    "\\subset \\subseteq \\Rightarrow \\implies \\iff \\Leftrightarrow \\Longrightarrow \\mapsto \\rightarrow \\longrightarrow \\succ "
    "\\succeq \\preceq \\prec \\lesssim \\gtrsim \\longmapsto".split(),
    "other",
)
_WHERE = frozenset(("where", "with", "in which"))
_JOINS = frozenset(("and", "or", "so", "thus", "hence", "therefore", "then", "while", "but", "also", "i.e.", "that is", "as well as"))
_CONSTRAINTS = ("subject", "s.t", "such that")
_CONDITION = re.compile(
    r"(?:for|if|when|whenever|provided|on|over|such that|as|since|because|by|at|in|from|using|subject|s\.t\.|otherwise|only|almost)\b"
)
_WORD_IN_FRONT = re.compile(
    r"\\(?:text|textrm|mbox|textnormal|mathrm)\s*\{\s*(?:for|if|when|whenever)?\s*(?:all|every|each|any|some)?\s*\}|\\forall(?![A-Za-z])"
)
_INDEX_RANGE = re.compile(r"[A-Za-z](?:\s*,\s*[A-Za-z])*\s*=\s*[^=]*\\[lcd]?dots")


class Piece(NamedTuple):
    """One line of mathematics out of a formula."""

    formula: Formula
    stretch: Stretch
    label: str = ""
    role: str = "main"
    conditions: tuple[Stretch, ...] = ()


class _Sign(NamedTuple):
    start: int
    end: int
    text: str
    words: str | None
    prose: str | None


def _is_sized(sign: str, command: str) -> bool:
    """Whether this is \\left or \\right, not \\leftarrow."""
    return sign.startswith(command) and not sign[len(command) : len(command) + 1].isalpha()


def _signs(text: str) -> Iterator[_Sign]:
    """What stands at the outermost level of a text: signs that separate, in order."""
    depth: list[str] = []
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign.startswith("\\begin") or _is_sized(sign, "\\left") or sign in ("{", "(", "[", "\\{"):
            depth.append(sign[:6] if sign[0] == "\\" else sign)
        elif sign.startswith(("\\end{", "\\end ")) or _is_sized(sign, "\\right"):
            wanted = "\\begin" if sign.startswith("\\end") else "\\left"
            while depth and not depth.pop().startswith(wanted):
                pass
        elif sign in ("}", ")", "]", "\\}"):
            opening = {"}": "{", ")": "(", "]": "[", "\\}": "\\{"}[sign]
            half_open = {")": "[", "]": "("}.get(sign)  # [0, 1)
            if opening in depth or half_open in depth:
                while depth and depth.pop() not in (opening, half_open):
                    pass
        elif not depth:
            under = token["under"]
            yield _Sign(token.start(), token.end(), under.strip() if under is not None else sign, token["words"], token["prose"])


# ---------------------------------------------------------------------------------------------- rows
def _unwrapped(stretch: Stretch, environment: str) -> tuple[Stretch, bool, bool]:
    """The content of a display, whether it has rows, whether they are one formula (multline)."""
    base = environment.rstrip("*")
    rows = base in _ALIGNED
    together = base in ("multline", "dmath")
    stretch = stretch.stripped()
    if base in ("alignat", "xalignat", "xxalignat", "IEEEeqnarray"):
        count = re.match(r"\s*(?:\[[^\]]*\])?\{[^{}]*\}", stretch.text)
        stretch = stretch.cut(count.end(), len(stretch.text)) if count else stretch
    while True:
        bare = _LABEL.sub(lambda m: " " * len(m[0]), stretch.text)
        opening = _ENVIRONMENT.match(bare.lstrip())
        if opening is None or opening[1] not in _INNER:
            return stretch, rows, together
        start = len(bare) - len(bare.lstrip())
        closing = re.search(rf"\\end\s*\{{\s*{opening[1]}\*?\s*\}}[\s.,;]*$", bare)
        if closing is None or bare.find(f"\\begin{{{opening[1]}}}", start + 6) >= 0:
            return stretch, rows, together
        outside = _LABEL.search(stretch.text[:start]) or _LABEL.search(stretch.text, closing.start())
        inner = stretch.cut(start + opening.end(), closing.start())
        if outside is not None and "\\label" not in inner.text:
            inner = inner.joined(Stretch(outside[0], [inner.places[-1]] * (len(outside[0]) + 1)))
        rows = rows or opening[1] != "equation"
        stretch, together = inner.stripped(), opening[1] in ("multlined", "multline", "dmath")


def _rows(stretch: Stretch) -> list[Stretch]:
    """The rows of a display, its `\\intertext` being an end of a row."""
    cuts = [(s.start, s.end) for s in _signs(stretch.text) if s.text.startswith("\\\\") or s.prose is not None]
    rows, last = [], 0
    for start, end in cuts:
        rows.append(stretch.cut(last, start))
        last = end
    rows.append(stretch.cut(last, len(stretch.text)))
    return [row for row in rows if row.text.strip()]


def _without(stretch: Stretch, spans: list[tuple[int, int]]) -> Stretch:
    for start, end in reversed(spans):
        stretch = stretch.replaced(start, end, " ")
    return stretch


def _logical_rows(rows: list[Stretch], together: bool) -> list[Stretch]:
    made: list[Stretch] = []
    for row in rows:
        empty_cell = row.text.lstrip().startswith("&")
        bare = _without(row, [(s.start, s.end) for s in _signs(row.text) if s.text == "&"])
        start = _MARKS.sub("", bare.text).lstrip()
        start = re.sub(r"^(?:\\q?quad(?![A-Za-z])|\\[,;:! ]|\{\}|~|\s)+", "", start)
        is_open = bool(made) and _OPEN_END.search(_MARKS.sub("", made[-1].text)) is not None
        goes_on = made and (together or is_open or _GOES_ON.match(start) or (empty_cell and not _has_equals(bare.text)))
        if goes_on and not re.match(r"-?\s*\\?[A-Za-z]+\s*=", start):
            bare = bare.replaced(0, len(bare.text) - len(bare.text.lstrip("~ \n\t")), "")
            quad = re.match(r"(?:\s*\\q?quad(?![A-Za-z]))+", bare.text)
            made[-1] = made[-1].joined(bare.replaced(0, quad.end(), "") if quad else bare)
        else:
            made.append(bare)
    return made


def _has_equals(text: str) -> bool:
    return any(s.text in _RELATIONS for s in _signs(text))


# ---------------------------------------------------------------------------------------------- pieces of a row
def _clean(stretch: Stretch) -> Stretch:
    """The stretch without marks and without punctuation at its end."""
    stretch = _without(stretch, [m.span() for m in _MARKS.finditer(stretch.text)]).stripped()
    ending = _PUNCTUATION.search(stretch.text)
    if ending is not None:
        stretch = stretch.cut(0, ending.start())
    while (space := re.match(r"(?:\\[,;:! ]|~|\\q?quad(?![A-Za-z])|[,;]|\s)+", stretch.text)) is not None:
        stretch = stretch.cut(space.end(), len(stretch.text))
    return stretch


def _parts(row: Stretch) -> list[tuple[str, Stretch]]:
    """What a row consists of: ("main" | "where" | "condition", stretch), cut at `\\quad`s and at words that join."""
    role, last = "main", 0
    parts: list[tuple[str, Stretch]] = []
    starts: list[int] = []
    signs = list(_signs(row.text))
    for sign in signs:
        words = (sign.words or "").strip().strip(",").strip().lower() if sign.words is not None else None
        if words and words.startswith(_CONSTRAINTS):  # what follows are the constraints of an optimum
            while parts and not row.text[last : sign.start].strip("\\, qud"):
                role, _ = parts.pop()
                last = starts.pop()
            break
        if sign.text in ("\\quad", "\\qquad", ";") or (sign.text == "," and _begins_equation(row.text, sign.end, signs)):
            parts.append((role, row.cut(last, sign.start)))
            starts.append(last)
            role, last = "main" if role != "where" else role, sign.end
        elif words and (words in _WHERE or words in _JOINS):
            parts.append((role, row.cut(last, sign.start)))
            starts.append(last)
            role = "where" if words in _WHERE else role if role == "where" else "main"
            last = sign.end
        elif words and _CONDITION.match(words) and not words.startswith("otherwise"):
            parts.append((role, row.cut(last, sign.start)))
            starts.append(last)
            role, last = "condition", sign.start
    parts.append((role, row.cut(last, len(row.text))))
    return parts


def _begins_equation(text: str, place: int, signs: list[_Sign]) -> bool:
    """Whether a name and an equals sign stand behind this comma: `a = b, c = d`."""
    following = next((s for s in signs if s.start >= place and (s.text in _RELATIONS or s.text in _OTHER or s.text == ",")), None)
    before = any(s.text in _RELATIONS for s in signs if s.start < place)
    return before and following is not None and following.text in _RELATIONS and not _INDEX_RANGE.match(text[place:].strip())


def _is_condition(text: str) -> bool:
    return bool(
        _INDEX_RANGE.match(text)
        or text.startswith(("\\forall", "\\text{for", "\\text{ for", "(", "\\text{if", "\\text{ if"))
        or (not _has_equals(text) and any(s.text in _OTHER for s in _signs(text)))
    )


def _condition(part: Stretch) -> Stretch:
    """What a condition says, without its first words and its brackets."""
    word = _WORD_IN_FRONT.match(part.text)
    part = part.cut(word.end(), len(part.text)).stripped() if word else part
    return part.stripped("()") if part.text.startswith("(") and part.text.endswith(")") else part


def pieces(formula: Formula) -> Iterator[Piece]:
    """The pieces of a formula in order, each with the conditions that stand behind it."""
    if formula.kind == LINE or formula.problem:
        yield Piece(formula, formula.stretch)
        return
    stretch, rows, together = (formula.stretch, False, False)
    if formula.kind == DISPLAY:
        stretch, rows, together = _unwrapped(formula.stretch, formula.environment)
    listed = _logical_rows(_rows(stretch), together) if rows or "\\\\" in stretch.text else [stretch]
    for row in listed:
        label = _LABEL.search(row.text)
        waiting: Piece | None = None
        for role, raw in _parts(row) if formula.kind == DISPLAY else [("main", row)]:
            part = _clean(raw)
            if not part.text:
                continue
            follows = waiting is not None and role == "main" and _is_condition(part.text)
            if formula.kind == DISPLAY and (role == "condition" or follows):
                if waiting is not None:
                    waiting = waiting._replace(conditions=(*waiting.conditions, _condition(part)))
                continue
            if waiting is not None:
                yield waiting
            named = label[1].strip() if label and (waiting is None or len(listed) > 1) and role == "main" else ""
            waiting = Piece(formula, part, named if waiting is None else "", role)
        if waiting is not None:
            yield waiting


# ---------------------------------------------------------------------------------------------- members of an equation
MEMBERS_APART = ("=", "<-")


def members(stretch: Stretch) -> tuple[list[Stretch], list[str]]:
    """The members of a relation at the outermost level and the relations between them ("=", "<-", "other")."""
    found, relations, last = [], [], 0
    for sign in _signs(stretch.text):
        if (sign.words or "").strip().startswith(_CONSTRAINTS):
            break
        kind = _RELATIONS.get(sign.text) or _OTHER.get(sign.text)
        if kind is None:
            continue
        found.append(stretch.cut(last, sign.start).stripped())
        relations.append(kind)
        last = sign.end
    found.append(stretch.cut(last, len(stretch.text)).stripped())
    return found, relations
