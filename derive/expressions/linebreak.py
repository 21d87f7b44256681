"""Breaking what is too wide: a term becomes a row of boxes with places to break, and lines are filled from the row.

In: a layout, a term, a width. Out: one box a line. A part that fits stays as it was drawn (a fraction stays stacked); a part that does not
is written in one row, its fractions as (…)/(…), and broken inside. Places to break have a rank: relations before sums before products,
and everything outside a bracket before everything inside.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.expressions.boxes import Box, bracket, text_box
from derive.expressions.layout import Layout
from derive.expressions.layout_arithmetic import factor_boxes, function_text
from derive.expressions.layout_binding import OPERATORS, body_level, measure, operator_box, probability_head, relation_text
from derive.expressions.linear import between_relations
from derive.expressions.linefill import Row, Segment, filled
from derive.expressions.precedence import ATOM, CALL, GIVEN, IMPLICATION, OPEN, QUOTIENT, RELATION, SIGN, SUM
from derive.expressions.task_words import task_phrase
from derive.expressions.term import Term
from derive.expressions.typography import columns

__all__ = ["broken"]

_RELATION, _SUM, _PRODUCT, _WORD, _INSIDE = 0, 1, 2, 3, 10


def broken(p: Layout, term: Term, width: int) -> list[Box]:
    """The lines of the term, each at most `width` columns."""
    if term.head == "lines":
        return [line for row in term.args for line in broken(p, row, width)]
    box = p.place(term)[0]
    if box.width <= width:
        return [box]
    width = max(width, 8)
    lines, splits = _filled(p, term, width)
    if splits and any(line.height > 1 for line in lines):  # brackets of several heights would open on one line and close on another
        return _filled(Layout({}, p.style.ascii), term, width)[0]
    return lines


def _filled(p: Layout, term: Term, width: int) -> tuple[list[Box], bool]:
    """The lines, and whether one of them ends inside a bracket."""
    indent = 4 if width >= 32 else 2
    return filled(p, _Flow(p, max(4, width - indent - 4)).row(term, 0), width, indent)


# ── from a term to a row ─────────────────────────────────────────────────────────────────────────────────────────────


class _Flow:
    """Writes terms as rows; parts of at most `room` columns stay whole."""

    def __init__(self, p: Layout, room: int) -> None:
        self.p = p
        self.room = room

    def row(self, term: Term, depth: int, *, whole: bool = True) -> Row:
        """The row of a term; one segment where it fits."""
        box = self.p.place(term)[0]
        if whole and depth and box.width <= self.room:
            return [Segment(box)]
        method = _ROWS.get(term.head)
        if method is not None:
            return method(self, term, depth)
        return self.words(self.p.text(term), depth)

    def at(self, term: Term, level: int, depth: int) -> Row:
        """The row of a term, in brackets unless it holds together at `level`."""
        box, found = self.p.place(term)
        if found >= level:
            return self.row(term, depth + 1)
        return self.enclosed(self.row(term, depth + _INSIDE)) if box.width > self.room - 2 else [Segment(self.p.enclose(box))]

    def enclosed(self, row: Row, left: str = "(", right: str = ")") -> Row:
        """A row in brackets."""
        return [Segment(_sign(self.p, left), opens=left), *row, Segment(_sign(self.p, right), closes=right)]

    def listed(self, terms: tuple[Term, ...], depth: int, separator: str = ",", level: int = GIVEN) -> Row:
        """Terms with a separator between them; a line may end behind it."""
        row: Row = []
        for position, term in enumerate(terms):
            inner = self.at(term, level, depth)
            if position:
                row.append(Segment(text_box(separator)))
                inner = [inner[0]._replace(rank=depth + _WORD, lead=" ", start=""), *inner[1:]]
            row.extend(inner)
        return row

    def words(self, text: str, depth: int) -> Row:
        """A text that cannot be taken apart otherwise: broken at its spaces, and within a word that is too long."""
        row: Row = []
        for position, word in enumerate(text.split(" ")):
            rest, lead, rank = word, " " if position else "", depth + _WORD if position else None
            while columns(rest) > self.room:
                head = rest[: self.room - 1]
                row.append(Segment(text_box(head), rank, lead))
                rest, lead, rank = rest[len(head) :], "", depth + _WORD + 1
            row.append(Segment(text_box(rest), rank, lead))
        return row


def _sign(p: Layout, sign: str) -> Box:
    return Box(bracket(sign, 1, p.style))


def _breakable(row: Row, rank: int, lead: str, start: str) -> Row:
    return [row[0]._replace(rank=rank, lead=lead, start=start), *row[1:]]


def _add(flow: _Flow, term: Term, depth: int) -> Row:
    row: Row = []
    for position, part in enumerate(term.args):
        negative = part.head == "neg"
        inner = flow.at(part.args[0], OPEN, depth) if negative else flow.at(part, SIGN if position == 0 else OPEN, depth)
        if position or negative:
            mark = flow.p.sign("−") if negative else "+"
            row.append(Segment(text_box(mark), depth + _SUM if position else None, " " if position else ""))
            spaced = position or part.args[0].head == "div"
            inner = [inner[0]._replace(lead=" " if spaced else ""), *inner[1:]]
        row.extend(inner)
    return row


def _neg(flow: _Flow, term: Term, depth: int) -> Row:
    inner = flow.at(term.args[0], OPEN, depth)
    gap = " " if term.args[0].head == "div" else ""
    return [Segment(text_box(flow.p.sign("−"))), inner[0]._replace(lead=gap), *inner[1:]]


def _mul(flow: _Flow, term: Term, depth: int) -> Row:
    row: Row = []
    last = len(term.args) - 1
    for position, (factor, (gap, box)) in enumerate(zip(term.args, factor_boxes(flow.p, term), strict=True)):
        if box.width <= flow.room:
            inner = [Segment(box)]
        else:
            inner = flow.at(factor, OPEN if position == last else QUOTIENT, depth)
        row.extend(_breakable(inner, depth + _PRODUCT, flow.p.sign(gap), flow.p.sign("· ")) if position else inner)
    return row


def _div(flow: _Flow, term: Term, depth: int) -> Row:
    above, below = (
        [Segment(flow.p.place(a)[0])] if a.head in ("name", "number") and flow.p.place(a)[0].width <= flow.room
        else flow.enclosed(flow.row(a, depth + _INSIDE))
        for a in term.args
    )  # fmt: skip
    return [*above, Segment(text_box("/"), depth + _PRODUCT, " ", ""), below[0]._replace(lead=" "), *below[1:]]


def _pow(flow: _Flow, term: Term, depth: int) -> Row:
    base, exponent = term.args
    power = flow.p.lifted(text_box(""), flow.p.tight(exponent))
    if power.width <= flow.room // 2:
        row = flow.at(base, CALL, depth) if flow.p.place(base)[0].width > flow.room // 2 else [Segment(flow.p.at(base, CALL))]
        if power.height > 1:
            power = Box(power.lines, power.baseline)
        return [*row, Segment(power)]
    return [*flow.at(base, CALL, depth), Segment(text_box("^")), *flow.enclosed(flow.row(exponent, depth + _INSIDE))]


def _root(flow: _Flow, term: Term, depth: int) -> Row:
    sign = "sqrt" if flow.p.style.ascii else "√"
    row = [Segment(text_box(sign)), *flow.enclosed(flow.row(term.args[0], depth + _INSIDE))]
    if term.head == "root":
        row += [Segment(text_box("^")), Segment(text_box(f"(2/{flow.p.text(term.args[1])})"))]
    return row


def _apply(flow: _Flow, term: Term, depth: int) -> Row:
    if term.data == "log" and len(term.args) == 2:
        head = flow.p.lowered(text_box("log"), flow.p.tight(term.args[1]))
        return [Segment(head), *flow.enclosed(flow.listed(term.args[:1], depth + _INSIDE))]
    return [Segment(text_box(flow.p.head(term.data))), *flow.enclosed(flow.listed(term.args, depth + _INSIDE))]


def _call(flow: _Flow, term: Term, depth: int) -> Row:
    arguments = term.args[1:]
    if not arguments:
        return flow.words(function_text(flow.p, term), depth)
    if arguments[-1].head == "semicolon":
        inside = [*flow.listed(arguments[:-1], depth + _INSIDE), Segment(text_box("; ")), *flow.listed(arguments[-1].args, depth + _INSIDE)]
    else:
        inside = flow.listed(arguments, depth + _INSIDE)
    return [Segment(text_box(function_text(flow.p, term))), *flow.enclosed(inside)]


def _brackets(left: str, right: str) -> Callable[[_Flow, Term, int], Row]:
    return lambda flow, term, depth: flow.enclosed(flow.listed(term.args, depth + _INSIDE), left, right)


def _matrix(flow: _Flow, term: Term, depth: int) -> Row:
    count = term.data[1]
    row: Row = []
    for k in range(0, len(term.args), count):
        inner = flow.enclosed(flow.listed(term.args[k : k + count], depth + 2 * _INSIDE), "[", "]")
        row.extend([Segment(text_box(",")), *_breakable(inner, depth + _INSIDE + _WORD, " ", "")] if k else inner)
    return flow.enclosed(row, "[", "]")


def _norm(flow: _Flow, term: Term, depth: int) -> Row:
    return flow.enclosed(flow.row(term.args[0], depth + _INSIDE), "‖", "‖")


def _operator(flow: _Flow, term: Term, depth: int) -> Row:
    head = operator_box(flow.p, term)
    if head.width > flow.room:
        return flow.words(flow.p.text(term), depth)
    inner = flow.at(term.args[0], body_level(term), depth)
    row = [Segment(head), *_breakable(inner, depth + _WORD, " ", "")]
    if term.head == "integral":
        row.append(Segment(text_box(measure(flow.p, term))))
    if term.head == "optimum" and len(term.args) > 2:
        row += [Segment(text_box("s.t. "), depth + _RELATION, "   ", ""), *flow.listed(term.args[2:], depth)]
    return row


def _relation(flow: _Flow, term: Term, depth: int) -> Row:
    signs = (term.data,) if term.head == "rel" else term.data
    level = (IMPLICATION if signs[0] in ("=>", "<=>") else RELATION) + 1
    row = [] if term.args[0].head == "blank" else flow.at(term.args[0], level, depth)
    for sign, argument in zip(signs, term.args[1:], strict=True):
        inner = flow.at(argument, level, depth)
        row.append(Segment(text_box(relation_text(flow.p, sign).strip()), depth + _RELATION if row else None, " "))
        row.extend([inner[0]._replace(lead=" "), *inner[1:]])
    return row


def _logic(flow: _Flow, term: Term, depth: int) -> Row:
    word = term.head if flow.p.style.ascii or between_relations(term) else {"and": "∧", "or": "∨"}[term.head]
    row = flow.at(term.args[0], RELATION, depth)
    for argument in term.args[1:]:
        row.append(Segment(text_box(word), depth + _RELATION, " "))
        inner = flow.at(argument, RELATION, depth)
        row.extend([inner[0]._replace(lead=" "), *inner[1:]])
    return row


def _cases(flow: _Flow, term: Term, depth: int) -> Row:
    row: Row = []
    for position, (value, condition) in enumerate(zip(term.args[::2], term.args[1::2], strict=True)):
        inner = flow.at(value, SUM, depth + _INSIDE)
        if position:
            row.append(Segment(text_box(";")))
            inner = _breakable(inner, depth + _INSIDE + _RELATION, " ", "")
        said = [Segment(text_box("otherwise"))] if condition.head == "otherwise" else flow.row(condition, depth + _INSIDE)
        word = [] if condition.head == "otherwise" else [Segment(text_box("if"), depth + _INSIDE + _SUM, " ")]
        row.extend([*inner, *word, said[0]._replace(lead=" "), *said[1:]])
    return flow.enclosed(row, "{", "}")


def _probability(flow: _Flow, term: Term, depth: int) -> Row:
    arguments = tuple(a for a in term.args if a.head != "expect_under")
    left, right = ("[", "]") if term.data == "E" else ("(", ")")
    inside = flow.listed(arguments, depth + _INSIDE, ";" if term.data == "I" else ",")
    return [Segment(probability_head(flow.p, term)), *flow.enclosed(inside, left, right)]


def _given(flow: _Flow, term: Term, depth: int) -> Row:
    sign = "|" if term.head == "given" else "||" if flow.p.style.ascii else "‖"
    left, right = flow.at(term.args[0], GIVEN + 1, depth), flow.listed(term.args[1:], depth)
    return [*left, Segment(text_box(sign), depth + _RELATION, " "), right[0]._replace(lead=" "), *right[1:]]


def _dist(flow: _Flow, term: Term, depth: int) -> Row:
    return [Segment(text_box(term.data)), *flow.enclosed(flow.listed(term.args, depth + _INSIDE))]


def _task(flow: _Flow, term: Term, depth: int) -> Row:
    row: Row = []
    for piece in task_phrase(term):
        if isinstance(piece, Term) and piece.head == "lines":
            for part in piece.args:
                row.extend(_breakable(flow.row(part, depth + 1), depth, " ", ""))
            continue
        inner = flow.words(flow.p.ascii(piece).strip(), depth) if isinstance(piece, str) else flow.row(piece, depth + 1)
        tight = isinstance(piece, str) and piece.startswith(",")
        row.extend(_breakable(inner, depth + _RELATION, "" if tight else " ", "") if row else inner)
    return row


def _scripted(flow: _Flow, term: Term, depth: int) -> Row:
    mark = {"transpose": "T", "inverse": "-1", "pinv": "+"}.get(term.head)
    script = flow.p.lifted(text_box(""), mark) if mark else text_box("!")
    return [*flow.at(term.args[0], CALL if mark else ATOM, depth), Segment(script)]


def _elementwise(flow: _Flow, term: Term, depth: int) -> Row:
    sign = flow.p.sign({"hadamard": "⊙", "hadamard_div": "⊘", "kron": "⊗"}[term.head])
    row = flow.at(term.args[0], QUOTIENT, depth)
    for argument in term.args[1:]:
        inner = flow.at(argument, QUOTIENT, depth)
        row += [Segment(text_box(sign), depth + _PRODUCT, " "), inner[0]._replace(lead=" "), *inner[1:]]
    return row


def _index(flow: _Flow, term: Term, depth: int) -> Row:
    script = flow.p.place(Term("index", (Term("word", (), ""), *term.args[1:]), term.data))[0]
    return [*flow.at(term.args[0], CALL, depth), Segment(script)] if script.width <= flow.room else flow.words(flow.p.text(term), depth)


_ROWS: dict[str, Callable[[_Flow, Term, int], Row]] = {
    "add": _add,
    "neg": _neg,
    "mul": _mul,
    "matmul": _mul,
    "div": _div,
    "transpose": _scripted,
    "inverse": _scripted,
    "pinv": _scripted,
    "factorial": _scripted,
    "hadamard": _elementwise,
    "hadamard_div": _elementwise,
    "kron": _elementwise,
    "index": _index,
    "pow": _pow,
    "sqrt": _root,
    "root": _root,
    "apply": _apply,
    "call": _call,
    "prime": _call,
    "tuple": _brackets("(", ")"),
    "vector": _brackets("[", "]"),
    "set": _brackets("{", "}"),
    "interval": _brackets("[", "]"),
    "inner": _brackets("⟨", "⟩"),
    "abs": _brackets("|", "|"),
    "norm": _norm,
    "matrix": _matrix,
    "list": lambda flow, term, depth: flow.listed(term.args, depth),
    **dict.fromkeys(OPERATORS, _operator),
    "rel": _relation,
    "chain": _relation,
    "and": _logic,
    "or": _logic,
    "cases": _cases,
    "probability": _probability,
    "given": _given,
    "divergence_bar": _given,
    "dist": _dist,
    "task": _task,
    "directional": _task,
}
