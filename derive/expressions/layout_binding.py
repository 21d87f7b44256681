"""Boxes of what binds variables (∑, ∫, lim, d/dx, ∇, min), of relations, cases and probability.

In: terms. Out: writers for a `Layout`.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.expressions.boxes import Box, above, beside, bracketed, fraction, grid, sunk_box, text_box
from derive.expressions.inline import PROBABILITY_SIGNS
from derive.expressions.layout import Layout, Placed, Writer
from derive.expressions.linear import between_relations
from derive.expressions.precedence import AND, ATOM, CALL, GIVEN, IMPLICATION, LIST, NOT, OPEN, OR, QUOTIENT, RELATION, SUM
from derive.expressions.task_words import task_phrase
from derive.expressions.term import Term, integer, listed_operands, number

__all__ = ["BINDING", "OPERATORS", "body_level", "measure", "operator_box", "probability_head", "relation_text"]

_WORDS = {"and": (" ∧ ", " and ", AND), "or": (" ∨ ", " or ", OR)}

# ── binding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def operator_box(p: Layout, term: Term) -> Box:
    """What stands before the body of ∑, ∫, lim, d/dx, ∇, min: the sign with its limits."""
    return OPERATORS[term.head](p, term)


def _big_sign(p: Layout, term: Term) -> Box:
    sign = text_box(p.sign("∑" if term.head == "sum" else "∏"))
    if term.data == "range":
        _, i, lower, upper = term.args
        return above([text_box(p.tight(upper)), sign, text_box(f"{p.text(i)}={p.tight(lower)}")], 1)
    if term.data == "none":
        return sign
    below = p.text(term.args[-1]).replace(" ", "") if term.data == "cond" else ",".join(p.text(a) for a in term.args[1:])
    return above([sign, text_box(below)], 0)


def _integral_sign(p: Layout, term: Term) -> Box:
    body, x, *rest = term.args
    height = p.body(body).height
    if height == 1 and not p.style.ascii:
        sign = text_box("∫" * (max(1, len(rest)) if term.data == "region" else 1))
    else:
        baseline = p.body(body).baseline
        top, middle, bottom = p.style.integral
        extra = max(0, 3 - height) if p.style.ascii else 0
        sign = Box((top, *[middle] * (height + extra - 2), bottom), baseline + extra // 2)
    if term.data == "region":
        return above([sign, text_box(p.text(x).replace(" ", ""))], 0)
    if not rest:
        return sign
    lower, upper = (text_box("" if limit.head == "blank" else p.tight(limit)) for limit in rest)
    return above([upper, sign, lower], 1)


def measure(p: Layout, term: Term) -> str:
    """What stands behind the body of an integral: ` dx`."""
    variables = term.args[2:] if term.data == "region" else term.args[1:2]
    return "".join(f" d{p.text(v)}" for v in variables)


def _limit_sign(p: Layout, term: Term) -> Box:
    _, x, point = term.args
    side = "" if not term.data else term.data if p.style.ascii else {"+": "⁺", "-": "⁻"}[term.data]
    return above([text_box("lim"), text_box(f"{p.text(x)}{p.sign('→')}{p.tight(point)}{side}")], 0)


def _derivative_sign(p: Layout, term: Term, body: str = "") -> Box:
    pairs = term.args[1:]
    d = "d" if term.data == "d" else p.sign("∂")
    variables = pairs[::2]
    orders = pairs[1::2] or (number(1),) * len(variables)
    known = [integer(order) for order in orders]
    total = str(sum(k for k in known if k is not None)) if None not in known else "+".join(p.text(o) for o in orders)
    numerator = p.row(text_box(d) if total == "1" else p.lifted(text_box(d), total), text_box(body))
    below: list[Box] = []
    for variable, order, whole in zip(variables, orders, known, strict=True):
        box = p.row(text_box(d), p.at(variable, CALL))
        below.append(box if whole == 1 else p.lifted(box, p.text(order)))
    gap = " " if p.style.ascii else ""
    return fraction(numerator, p.row(*(part for k, box in enumerate(below) for part in ((gap if k else ""), box))), p.style)


def _nabla_sign(sign: str) -> Callable[[Layout, Term], Box]:
    def write(p: Layout, term: Term) -> Box:
        head = text_box(p.sign(sign))
        return p.lowered(head, ",".join(p.text(v) for v in term.args[1:])) if len(term.args) > 1 else head

    return write


def _jacobian_sign(p: Layout, term: Term) -> Box:
    text = ", ".join(p.text(v) for v in term.args[1:])
    return fraction(text_box(p.sign("∂")), text_box(p.sign("∂") + (f"({text})" if len(term.args) > 2 else text)), p.style)


def _optimum_sign(p: Layout, term: Term) -> Box:
    variables = term.args[1]
    word = text_box({"argmin": "arg min", "argmax": "arg max"}.get(term.data, term.data))
    over = variables.args if variables.head in ("tuple", "list", "blank") else (variables,)
    return above([word, text_box(", ".join(p.text(v) for v in over))], 0) if over else word


def body_level(term: Term) -> int:
    """How tightly the body of an operator must hold together to go without brackets."""
    return OPEN if term.head in ("sum", "prod", "integral", "limit", "optimum") else CALL


def _operator(p: Layout, term: Term) -> Placed:
    body = term.args[0]
    if term.head == "derivative" and body.head in ("name", "index"):
        return _derivative_sign(p, term, p.text(body)), QUOTIENT
    box = p.body(body, body_level(term))
    closed = term.head in ("derivative", "jacobian") and box.lines[box.baseline][:1] in "⎜|("
    parts: list[Box | str] = [operator_box(p, term), box] if closed else [operator_box(p, term), " ", box]
    if term.head == "integral":
        parts.append(measure(p, term))
    if term.head == "optimum" and len(term.args) > 2:
        return p.row(*parts, "   s.t. ", p.separated(term.args[2:])), LIST
    return p.row(*parts), OPEN


def _total_derivative(p: Layout, term: Term) -> Placed:
    return fraction(text_box("d" + p.text(term.args[0])), text_box("d" + p.text(term.args[1])), p.style), QUOTIENT


def _evaluated(p: Layout, term: Term) -> Placed:
    body, *pairs = term.args
    values = ", ".join(f"{p.text(x)}={p.tight(v)}" for x, v in zip(pairs[::2], pairs[1::2], strict=True))
    box = p.at(body, OPEN)
    if box.height == 1:
        box = Box((" " * box.width, box.lines[0], " " * box.width), 1)
    return sunk_box(bracketed(box, "", "|", p.style), text_box(values)), QUOTIENT


def _cases(p: Layout, term: Term) -> Placed:
    rows = []
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        said = text_box("otherwise") if condition.head == "otherwise" else p.row("if ", p.place(condition)[0])
        rows.append((p.place(value)[0], said))
    return p.enclose(grid(rows, left=True), "{", ""), QUOTIENT


# ── relations, logic, probability ────────────────────────────────────────────────────────────────────────────────────


def relation_text(p: Layout, sign: str) -> str:
    """A relation with its spaces."""
    return p.ascii(f" {p.linear.relations.get(sign, sign)} ")


def _rel(p: Layout, term: Term) -> Placed:
    level = IMPLICATION if term.data in ("=>", "<=>") else RELATION
    if term.args[0].head == "blank":
        return p.row(text_box(relation_text(p, term.data).lstrip()), p.at(term.args[1], level + 1)), level
    return p.row(p.at(term.args[0], level + 1), text_box(relation_text(p, term.data)), p.at(term.args[1], level + 1)), level


def _chain(p: Layout, term: Term) -> Placed:
    parts = [p.at(term.args[0], SUM)]
    for sign, argument in zip(term.data, term.args[1:], strict=True):
        parts += [text_box(relation_text(p, sign)), p.at(argument, SUM)]
    return beside(*parts), RELATION


def _logic(p: Layout, term: Term) -> Placed:
    sign, word, level = _WORDS[term.head]
    return p.separated(term.args, word if p.style.ascii or between_relations(term) else sign, level + 1), level


def probability_head(p: Layout, term: Term) -> Box:
    """The operator of a probability or an expectation."""
    head = text_box(term.data if p.style.ascii else PROBABILITY_SIGNS.get(term.data, term.data))
    under = [a for a in term.args if a.head == "expect_under"]
    return p.lowered(head, ", ".join(p.tight(a).replace(" ", "") for a in under)) if under else head


def _probability(p: Layout, term: Term) -> Placed:
    inside = p.separated(listed_operands(term), "; " if term.data == "I" else ", ")
    left, right = ("[", "]") if term.data == "E" else ("(", ")")
    return p.row(probability_head(p, term), p.enclose(inside, left, right)), CALL


def _given(p: Layout, term: Term) -> Placed:
    left, right = p.at(term.args[0], GIVEN + 1), p.separated(term.args[1:])
    if left.height == right.height == 1:
        return text_box(p.text(term)), GIVEN
    return p.row(left, " ", bracketed(right, "|", "", p.style)), GIVEN


def _dist(p: Layout, term: Term) -> Placed:
    head = p.sign("𝒩") if term.data == "Normal" else term.data
    return (p.row(text_box(head), p.enclose(p.separated(term.args))), CALL) if term.args else (text_box(head), CALL)


def _task(p: Layout, term: Term) -> Placed:
    return p.row(*(text_box(p.ascii(piece)) if isinstance(piece, str) else p.place(piece)[0] for piece in task_phrase(term))), LIST


def _lines(p: Layout, term: Term) -> Placed:
    rows = [p.place(row)[0] for row in term.args]
    width = max(box.width for box in rows)
    lines = [line + " " * (width - box.width) for box in rows for line in box.lines]
    return Box(tuple(lines), rows[0].baseline), LIST


OPERATORS: dict[str, Callable[[Layout, Term], Box]] = {
    "sum": _big_sign,
    "prod": _big_sign,
    "integral": _integral_sign,
    "limit": _limit_sign,
    "derivative": _derivative_sign,
    "gradient": _nabla_sign("∇"),
    "hessian": _nabla_sign("∇²"),
    "divergence": _nabla_sign("∇ ·"),
    "laplacian": _nabla_sign("Δ"),
    "jacobian": _jacobian_sign,
    "optimum": _optimum_sign,
}

BINDING: dict[str, Writer] = {
    **dict.fromkeys(OPERATORS, _operator),
    "total_derivative": _total_derivative,
    "at": _evaluated,
    "rel": _rel,
    "chain": _chain,
    "and": _logic,
    "or": _logic,
    "not": lambda p, term: (p.row("¬", p.at(term.args[0], NOT)), NOT),
    "list": lambda p, term: (p.separated(term.args, ", ", GIVEN), LIST),
    "cases": _cases,
    "indicator": lambda p, term: (p.row("𝟙", p.enclose(p.place(term.args[0])[0], "[", "]")), ATOM),
    "probability": _probability,
    "given": _given,
    "divergence_bar": lambda p, term: (p.separated(term.args, " || " if p.style.ascii else " ‖ ", GIVEN), GIVEN),
    "dist": _dist,
    "directional": _task,
    "task": _task,
    "lines": _lines,
}
