"""Derivatives with a slash and in words: `d/dx f`, `dy/dx`, `∂²f/∂x∂y`, `grad f wrt x`, `integrate f wrt x` inside an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Term, integer, number
from derive.meaning.binders import operand
from derive.meaning.context import base_name, label_text
from derive.meaning.differentiation import d_kind, differentials, finish, power_of, script_content, unglue, without_d
from derive.meaning.points import around_derivative
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["partial", "plain_derivative", "word_operator"]


def plain_derivative(parser: Parser, item: Item) -> Term | None:
    """`d/dx f`, `d^2/dx dy f`, `dy/dx`, `dL/dw` with a slash; the cursor stands after `item`. None when this is something else."""
    slash = parser.peek()
    if slash is None or (item.kind not in ("name", "partial") and d_kind(item) is None):
        return None
    kind = "partial" if item.kind == "partial" else "d"
    if not slash.is_op("/"):
        return _spaced(parser, item, kind)
    if item.kind not in ("name", "partial"):
        return _with_slash(parser, item, kind, ())
    above: tuple[Item, ...] = ()
    if item.kind == "name":
        if item.text != "d":
            if not (item.text[0] == "d" and len(item.text) > 1) or parser.context.known(Name(item.text)):
                return None
            above = (without_d(item),)
    return _with_slash(parser, item, kind, above)


def _spaced(parser: Parser, item: Item, kind: str) -> Term | None:
    """`d loss/dw`, `d^2y/dx^2`, `\\mathrm{d}L/\\mathrm{d}w`: the function stands between the d and the slash."""
    function, slash = parser.peek(), parser.items[parser.position + 1] if parser.position + 1 < len(parser.items) else None
    below = parser.items[parser.position + 2] if parser.position + 2 < len(parser.items) else None
    if d_kind(item) != "d" or function is None or slash is None or below is None or not slash.is_op("/") or base_name(function) is None:
        return None
    glued = below.kind == "name" and below.text.startswith("d") and len(below.text) > 1
    if not glued and d_kind(below) != "d":
        return None
    parser.position += 1
    found = _with_slash(parser, item, kind, (function,))
    if found is None:
        parser.position -= 1
    return found


def _with_slash(parser: Parser, item: Item, kind: str, above: tuple[Item, ...]) -> Term | None:
    begin = parser.position
    parser.position += 1
    below: list[Item] = []
    order = power_of(parser, item)
    most = integer(order) or 1
    while _total_order(below, kind) < most:
        following = parser.items[parser.position] if parser.position < len(parser.items) else None
        if following is None:
            break
        if kind == "partial" and following.kind == "partial" and parser.position + 1 < len(parser.items):
            below += [following, parser.items[parser.position + 1]]
            parser.position += 2
            continue
        if kind == "d" and following.kind == "font" and d_kind(following) == "d" and parser.position + 1 < len(parser.items):
            below += [following, parser.items[parser.position + 1]]
            parser.position += 2
            continue
        if kind == "d" and following.kind == "name" and following.text.startswith("d") and not parser.context.known(Name(following.text)):
            if following.text == "d" and parser.position + 1 < len(parser.items) and not parser.items[parser.position + 1].space:
                target = parser.items[parser.position + 1]
                if base_name(target) is None and target.kind != "fence":
                    break
                below += [following, target]
                parser.position += 2
                continue
            if len(following.text) > 1:
                below += unglue([following])
                parser.position += 1
                continue
        break
    variables = differentials(parser, below, kind) if below else None
    if not variables:
        parser.position = begin
        return None
    anchor = Item("frac", "", (), item.start, parser.items[parser.position - 1].end)
    return finish(parser, anchor, kind, order, variables, above)


def _total_order(below: list[Item], kind: str) -> int:
    """How many times the differentials so far differentiate: dx² counts twice."""
    total = 0
    for place, item in enumerate(below):
        if d_kind(item) == kind and place % 2 == 0 and place + 1 < len(below):
            above = below[place + 1].sup
            power = label_text(above) if above is not None else "1"
            total += int(power) if power.isdigit() else 1
    return total


def partial(parser: Parser, item: Item) -> Term:
    """∂ outside a fraction: `∂/∂x f`, `∂L/∂w`, `\\partial_x f`."""
    slash = parser.peek()
    if slash is not None and slash.is_op("/"):
        found = _with_slash(parser, item, "partial", ())
        if found is not None:
            return found
    if item.sub is not None:
        variables = parser.sub_parser(script_content(item.sub), events=False).sequence()
        body = operand(parser)
        pairs = (t for v in variables for t in (v, number(1)))
        return around_derivative(Term("derivative", (body, *pairs), "partial", parser.span_from(item.start)))
    begin = parser.position
    above: list[Item] = []
    while (following := parser.peek()) is not None and not following.is_op("/"):
        above.append(parser.take())
        if len(above) > 6:
            break
    if following is not None and following.is_op("/") and above:
        found = _with_slash(parser, item, "partial", tuple(above))
        if found is not None:
            return found
    parser.position = begin
    raise SyntaxProblem("∂ needs a variable", span=(item.start, item.end), expected=(r"\frac{\partial}{\partial x}", "∂/∂x"))


def _worded_integral(parser: Parser, item: Item) -> Term:
    """`integrate f wrt x from a to b` inside another expression."""
    following = parser.peek()
    if following is not None and following.kind == "name" and following.text == "of":
        parser.take()
    body = operand(parser)

    def behind(word: str) -> Term | None:
        found = parser.peek()
        if found is None or found.text != word:
            return None
        parser.take()
        return parser.sum()

    variable = behind("wrt")
    if variable is None or variable.head != "name":
        raise SyntaxProblem("the integral needs its variable", span=parser.span_from(item.start), expected=("wrt x",))
    ends = [end for end in (behind("from"), behind("to")) if end is not None]
    kind = "definite" if len(ends) == 2 else "indefinite"
    if len(ends) == 1:
        raise SyntaxProblem("an integral has two ends or none", span=parser.span_from(item.start), expected=("from a to b",))
    return Term("integral", (body, variable, *ends), kind, parser.span_from(item.start))


def word_operator(parser: Parser, item: Item, name: Name) -> Term | None:
    """`jacobian of (…)`, `grad f wrt x` inside another expression; `d(…)` the differential."""
    following = parser.peek()
    if name.base == "d" and following is not None and following.kind == "fence" and following.text == "()" and not following.space:
        if Name("d") not in parser.context.bare:
            parser.take()
            inner = parser.sub_parser(following.children, events=False).expression()
            return Term("differential", (inner,), None, (item.start, following.end))
        return None
    if name.base in ("integrate", "integral") and item.sub is None and item.sup is None:
        return _worded_integral(parser, item)
    heads = {"grad": "gradient", "gradient": "gradient", "hessian": "hessian", "jacobian": "jacobian"}
    if name.base not in heads or item.sub is not None or item.sup is not None or len(name.base) < 4:
        return None
    if following is not None and following.kind == "name" and following.text == "of":
        parser.take()
    body = operand(parser)
    variables: tuple[Term, ...] = ()
    word = parser.peek()
    if word is not None and word.kind == "name" and word.text == "wrt":
        parser.take()
        listed = [parser.factor()]
        while (comma := parser.peek()) is not None and comma.is_op(","):
            parser.take()
            listed.append(parser.factor())
        variables = tuple(listed)
    return Term(heads[name.base], (body, *variables), None, parser.span_from(item.start))
