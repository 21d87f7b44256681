"""Brackets and bars: groups, tuples, literals, intervals, cases, absolute values, norms, and what hangs under a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Name, Span, Term
from derive.meaning.context import base_name, label_text
from derive.meaning.scripts import scripts
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["at_values", "bar", "condition", "evaluated_at", "fence", "group", "inner_product", "is_condition", "matrix"]

_NORMS = {
    "1": "1",
    "2": "2",
    "infty": "inf",
    "inf": "inf",
    "oo": "inf",
    "∞": "inf",
    "F": "F",
    "*": "*",
    "star": "*",
    "0": "0",
    "p": "p",
    "": "",
}


def group(parser: Parser, item: Item) -> Term:
    """Braces: their content, or what follows when they are empty."""
    if not item.children:
        if item.sub is None and item.sup is None:
            return parser.factor()
        raise SyntaxProblem("an empty group", span=(item.start, item.end), expected=("an expression",))
    term = parser.sub_parser(item.children, whole=(item.start, item.end)).expression()
    return scripts(parser, term, item.sub, item.sup, item.primes)


def fence(parser: Parser, item: Item) -> Term:
    """What stands in brackets, by their kind."""
    span = (item.start, item.end)
    kind = item.text
    if kind == ".|":
        inner = parser.sub_parser(item.children, whole=span).expression()
        return evaluated_at(parser, inner, item)
    if kind in ("||", "‖‖"):
        inner = parser.sub_parser(item.children, events=False, whole=span).expression()
        return _measure(parser, inner, "|" if kind == "||" else "‖", item, span)
    if kind == "<>" and item.sub is not None and label_text(item.sub) not in ("F", "2"):
        raise NotSupported("an inner product of a named space is not supported", span=span)
    if kind == "<>":
        return scripts(parser, inner_product(parser, item.children, span), None, item.sup, 0)
    if kind in ("⌊⌋", "⌈⌉"):
        inner = parser.sub_parser(item.children, whole=span).expression()
        return scripts(parser, Term("apply", (inner,), "floor" if kind == "⌊⌋" else "ceil", span), None, item.sup, 0)
    if not item.children:
        raise SyntaxProblem("empty brackets", span=span, expected=("an expression",))
    if kind == "{}" and item.sub is not None and is_condition(item.sub.children):
        return _family(parser, item)
    if kind in ("{}",):
        return scripts(parser, _braces(parser, item), item.sub, item.sup, 0)
    listed = any(i.is_op(",") for i in item.children)
    if kind in ("[)", "(]") or (
        kind == "[]"
        and listed
        and parser.context.notation == "latex"
        and parser.position >= 2
        and parser.items[parser.position - 2].is_op("in")
    ):
        ends = parser.sub_parser(item.children, whole=span).sequence()
        if len(ends) != 2:
            raise SyntaxProblem("an interval has two ends", span=span)
        return Term("interval", tuple(ends), kind, span)
    rows = [i for i in item.children if i.is_op(";")]
    if kind == "[]" and (listed or rows or _is_nested_literal(item)):
        return scripts(parser, literal(parser, item), item.sub, item.sup, 0)
    if kind == "[]" and is_condition(item.children) and not parser.events:
        condition = parser.sub_parser(item.children, whole=span).expression()
        parser.context.note("[condition] is read as an indicator")
        return scripts(parser, Term("indicator", (condition,), None, span), None, item.sup, 0)
    composed = _composition(parser, item)
    if composed is not None:
        return composed
    parts = parser.sub_parser(item.children, whole=span).sequence()
    if kind in ("[]", "()") and len(parts) == 1 and item.sub is not None and item.sup is not None:
        from derive.meaning.endpoints import between_ends, is_between_ends

        if is_between_ends(item, parser.context):
            return between_ends(parser, parts[0].at(span), item)
    if kind == "[]" and len(parts) == 2 and parser.set_expected():
        return scripts(parser, Term("interval", tuple(parts), "[]", span), None, item.sup, 0)
    term = parts[0].at(span) if len(parts) == 1 else Term("tuple", tuple(parts), None, span)
    return scripts(parser, term, item.sub, item.sup, item.primes)


def _family(parser: Parser, item: Item) -> Term:
    """`\\{x_i\\}_{i=1}^n`: the set of the elements of a family."""
    span = (item.start, item.end)
    assert item.sub is not None
    inside = parser.sub_parser(item.children, whole=span).sequence()
    body = inside[0] if len(inside) == 1 else Term("tuple", tuple(inside))
    binding = parser.sub_parser(item.sub.children, whole=span).expression()
    if item.sup is not None and binding.head == "rel":
        content = item.sup.children if item.sup.kind == "group" else (item.sup,)
        upper = parser.sub_parser(content, whole=span).expression()
        binding = Term("rel", (binding.args[0], Term("range", (binding.args[1], upper))), "=")
    return Term("setbuilder", (body, binding), None, span)


def _composition(parser: Parser, item: Item) -> Term | None:
    """`(f ∘ g)(x)` is f(g(x))."""
    children = item.children
    following = parser.peek()
    if len(children) != 3 or following is None or following.kind != "fence" or following.text != "()":
        return None
    outer, inner = (base_name(children[k]) for k in (0, 2))
    if outer is None or inner is None:
        return None
    if children[1].is_op("*") and {outer, inner} <= parser.context.applied:
        parser.take()
        span = (item.start, following.end)
        args = parser.sub_parser(following.children, whole=span).sequence()
        parser.context.note(f"{outer.key} * {inner.key} is read as the convolution of functions")
        return Term("call", (Term("name", (), Name(f"({outer.key} * {inner.key})")), *args), None, span)
    if not children[1].is_op("circ"):
        return None
    parser.take()
    span = (item.start, following.end)
    args = parser.sub_parser(following.children, whole=span).sequence()
    parser.context.note("f ∘ g is read as the composition of functions")
    first, second = Term("name", (), inner), Term("name", (), outer)
    return Term("call", (second, Term("call", (first, *args), None, span)), None, span)


def _is_nested_literal(item: Item) -> bool:
    return len(item.children) == 1 and item.children[0].kind == "fence" and item.children[0].text == "[]"


def literal(parser: Parser, item: Item) -> Term:
    """`[1, 2]` a vector, `[[1, 2], [3, 4]]` and `[1, 2; 3, 4]` a matrix."""
    span = (item.start, item.end)
    children = item.children
    if any(i.is_op(";") for i in children):
        rows: list[list[Item]] = [[]]
        for child in children:
            if child.is_op(";"):
                rows.append([])
            else:
                rows[-1].append(child)
        cells = [parser.sub_parser(tuple(r), whole=span).sequence() for r in rows if r]
        return matrix(cells, span)
    if all(i.is_op(",") or (i.kind == "fence" and i.text == "[]" and i.sup is None) for i in children) and children[0].kind == "fence":
        cells = [parser.sub_parser(i.children, whole=(i.start, i.end)).sequence() for i in children if i.kind == "fence"]
        return matrix(cells, span)
    return Term("vector", tuple(parser.sub_parser(children, whole=span).sequence()), None, span)


def matrix(rows: list[list[Term]], span: Span) -> Term:
    """A matrix literal from its rows."""
    if not rows or any(len(r) != len(rows[0]) for r in rows) or not rows[0]:
        raise SyntaxProblem(
            "the rows of the matrix differ in length", span=span, expected=(f"{len(rows[0]) if rows else 1} entries in each row",)
        )
    return Term("matrix", tuple(e for r in rows for e in r), (len(rows), len(rows[0])), span)


def _braces(parser: Parser, item: Item) -> Term:
    span = (item.start, item.end)
    words = [i.text for i in item.children if i.kind in ("name", "text")]
    if any(i.is_op(";") for i in item.children) or "if" in words or "otherwise" in words:
        return _plain_cases(parser, item)
    paired = sum(1 for c in item.children if c.kind == "bar" and c.text == "|") % 2 == 0
    for place, child in enumerate(item.children):
        if paired and child.kind == "bar" and child.text == "|":
            continue
        if (
            child.kind == "bar" and child.text in ("mid", "|") and not any(c.kind == "bar" for c in item.children[place + 1 :])
        ) or child.is_op(":"):
            left = parser.sub_parser(item.children[:place], events=False, whole=span).expression()
            right = parser.sub_parser(item.children[place + 1 :], events=False, whole=span).sequence()
            return Term("setbuilder", (left, *right), None, span)
    parts = parser.sub_parser(item.children, whole=span).sequence()
    dotted = [i for i, p in enumerate(parts) if p.head == "dots"]
    if len(parts) == 1 and dotted == [] and parts[0].head != "range" and not parser.set_expected():
        return parts[0].at(span)
    return Term("set", tuple(parts), None, span)


def _plain_cases(parser: Parser, item: Item) -> Term:
    """`{x if x > 0; 0 otherwise}`."""
    span = (item.start, item.end)
    branches: list[list[Item]] = [[]]
    for child in item.children:
        if child.is_op(";") or (
            child.is_op(",") and any(i.text in ("if", "otherwise") for i in branches[-1] if i.kind in ("name", "text"))
        ):
            branches.append([])
        else:
            branches[-1].append(child)
    args: list[Term] = []
    for branch in branches:
        if not branch:
            continue
        cut = next((k for k, i in enumerate(branch) if i.kind in ("name", "text") and i.text.strip() in ("if", "otherwise")), None)
        if cut is None:
            raise SyntaxProblem(
                "a case needs its condition", span=(branch[0].start, branch[-1].end), expected=("if and a condition, or otherwise",)
            )
        args.append(parser.sub_parser(tuple(branch[:cut]), whole=span).expression())
        args.append(condition(parser, branch[cut:], span))
    return Term("cases", tuple(args), None, span)


def condition(parser: Parser, items: list[Item], span: Span) -> Term:
    """The condition of a case; nothing and `otherwise` are the rest."""
    while items and items[0].kind in ("text", "name") and items[0].text.strip() in ("if", "for", "when"):
        items = items[1:]
    while items and (items[-1].is_op(",", ".", ";")):
        items = items[:-1]
    if not items or (
        items[0].kind in ("text", "name") and items[0].text.strip().rstrip(".,;") in ("otherwise", "else", "o.w.", "elsewhere")
    ):
        return Term("otherwise")
    parts = parser.sub_parser(tuple(items), events=False, whole=span).sequence()
    return parts[0] if len(parts) == 1 else Term("and", tuple(parts))


def bar(parser: Parser, item: Item) -> Term:
    """An opening bar; the closing one is found by reading on."""
    if item.text == "mid":
        raise SyntaxProblem(
            "a condition bar stands where an expression is expected", span=(item.start, item.end), expected=("an expression",)
        )
    if parser.peek() is None and parser.bars:
        opened = parser.bars[-1]
        raise SyntaxProblem(f"{opened} is closed by {item.text}", span=(item.start, item.end), expected=(f"a closing {opened}",))
    parser.bars.append(item.text)
    inner = parser.statement()
    closing = parser.peek()
    if closing is None or closing.kind != "bar" or closing.text != item.text:
        raise SyntaxProblem(f"the bar {item.text} is not closed", span=(item.start, item.end), expected=(f"a closing {item.text}",))
    parser.position += 1
    parser.bars.pop()
    return _measure(parser, inner, item.text, closing, (item.start, closing.end))


def _measure(parser: Parser, inner: Term, bar: str, closing: Item, span: Span) -> Term:
    if bar == "|" and closing.sub is not None:
        raise SyntaxProblem("a subscript on | has no meaning", span=span, expected=("‖x‖_1 for a norm", "|_{x=0} for a point"))
    if bar == "|":
        return scripts(parser, Term("abs", (inner,), None, span), None, closing.sup, 0)
    label = label_text(closing.sub) if closing.sub is not None else ""
    args: tuple[Term, ...] = (inner,)
    kind = _NORMS.get(label)
    if kind is None and closing.sub is not None:
        kind = "p"
        content = closing.sub.children if closing.sub.kind == "group" else (closing.sub,)
        if label in ("op", "2→2", "spectral"):
            return scripts(parser, Term("norm", (inner,), "spectral", span), None, closing.sup, 0)
        if any(i.is_op(",") for i in content) or any(i.kind in ("text", "function") for i in content):
            raise NotSupported(f"the norm with subscript {label} is not supported", span=span)
        order = parser.sub_parser(content, whole=span).expression()
        if order.head not in ("number", "name", "div") or (order.head == "name" and order.data.base not in ("p", "q", "r", "s", "k", "n")):
            raise NotSupported(f"the norm with subscript {label} is not supported", span=span)
        args = (inner, order)
    elif kind == "p":
        args = (inner, Term("name", (), Name("p")))
    return scripts(parser, Term("norm", args, kind, span), None, closing.sup, 0)


def evaluated_at(parser: Parser, inner: Term, item: Item) -> Term:
    """`… |_{x = a}`: the values hang under the bar."""
    span = (item.start, item.end)
    if item.sub is None:
        raise SyntaxProblem("the bar needs the point below it", span=span, expected=("a subscript such as _{x=0}",))
    content = item.sub.children if item.sub.kind == "group" else (item.sub,)
    if item.sup is not None:
        from derive.meaning.endpoints import between_ends

        return between_ends(parser, inner, item)
    values = parser.sub_parser(content, events=False, whole=span).sequence()
    return scripts(parser, at_values(inner, values, span), None, None, 0)


def at_values(inner: Term, values: list[Term], span: Span | None) -> Term:
    """`inner` at the points that the relations `x = a` state."""
    args: list[Term] = [inner]
    for value in values:
        if value.head == "rel" and value.data == "=" and value.args[0].head == "tuple" and value.args[1].head in ("tuple", "vector"):
            for left, right in zip(value.args[0].args, value.args[1].args, strict=True):
                args += [left, right]
        elif value.head == "rel" and value.data == "=":
            args += list(value.args)
        else:
            raise SyntaxProblem("a point is written as name = value", span=value.span or span, expected=("name = value",))
    return Term("at", tuple(args), None, span)


def inner_product(parser: Parser, inside: tuple[Item, ...], span: Span) -> Term:
    """`<x, y>`: the inner product of two vectors."""
    parts = parser.sub_parser(inside, events=False, whole=span).sequence()
    if len(parts) != 2:
        raise SyntaxProblem("an inner product takes two arguments", span=span, expected=("two expressions with a comma between",))
    return Term("inner", tuple(parts), None, span)


def is_condition(items: tuple[Item, ...]) -> bool:
    """Whether the items state a relation: the content of an indicator."""
    return any(i.kind == "op" and i.text in ("=", "<", ">", "<=", ">=", "!=", "in", "notin", "≡") for i in items) or any(
        i.kind == "name" and i.text == "in" for i in items
    )
