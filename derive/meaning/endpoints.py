"""An antiderivative between its ends: `[x^3/3]_0^1`, `\\left. x^3/3 \\right|_{x=0}^{1}`: its value at the upper end less that at the lower.

In: the expression between the brackets, what hangs below and above. Out: a difference of two values; an infinite end is a limit.
Without a name below, the variable is the one that an integral of the line runs over.
"""

from __future__ import annotations

from derive.errors import NotSupported
from derive.expressions.term import Name, Term
from derive.meaning.context import Context
from derive.meaning.parser import Parser
from derive.reading.item import Item

__all__ = ["between_ends", "is_between_ends"]

_INTEGRALS = ("int", "integral", "∫", "iint")


def is_between_ends(item: Item, context: Context) -> bool:
    """Whether the brackets with these scripts stand for a difference: the line integrates, or the variable is named below."""
    if item.sub is None or item.sup is None or item.primes:
        return False
    below = item.sub.children if item.sub.kind == "group" else (item.sub,)
    if any(i.is_op("=") for i in below):
        return bool(below) and below[0].kind == "name" and not any(i.is_op(",") for i in below) and _is_named(item)
    return any(_integrates(i) for i in context.items)


def _is_named(item: Item) -> bool:
    """Σ-like scripts hang below an operator; here the brackets themselves carry them."""
    return item.kind in ("fence", "bar")


def _integrates(item: Item) -> bool:
    if item.text.strip() in _INTEGRALS:
        return True
    parts = (*item.children, *(s for s in (item.sub, item.sup) if s is not None))
    return any(_integrates(p) for p in parts)


def between_ends(parser: Parser, inner: Term, item: Item) -> Term:
    """F at the upper end less F at the lower."""
    span = (item.start, item.end)
    assert item.sub is not None and item.sup is not None
    lower, upper = (_end(parser, script, span) for script in (item.sub, item.sup))
    named = [e.args[0] for e in (lower, upper) if e.head == "rel" and e.data == "=" and e.args[0].head == "name"]
    low, high = (e.args[1] if e.head == "rel" else e for e in (lower, upper))
    variable = named[0] if named else _variable(parser.context, inner, span)
    return Term("add", (_value(inner, variable, high), Term("neg", (_value(inner, variable, low),))), None, span)


def _end(parser: Parser, script: Item, span: tuple[int, int]) -> Term:
    content = script.children if script.kind == "group" else (script,)
    return parser.sub_parser(content, events=False, whole=span).expression()


def _variable(context: Context, inner: Term, span: tuple[int, int]) -> Term:
    """The only name inside, or the only one that the line integrates over."""
    names = list(dict.fromkeys(n.data for n in inner.walk() if n.head == "name"))
    if len(names) > 1:
        over = {d.key for i in context.items for d in _differentials(i)}
        names = [n for n in names if n.key in over] or names
    if len(names) != 1:
        raise NotSupported("the variable of an antiderivative between its ends", span=span, expected=("[…]_{x=a}^{x=b}",))
    return Term("name", (), names[0])


def _differentials(item: Item) -> list[Name]:
    """The names behind a d: dx, d\\theta, and those of nested items."""
    found: list[Name] = []
    text = item.text.strip()
    if item.kind == "name" and len(text) > 1 and text[0] == "d":
        found.append(Name(text[1:]))
    children = item.children
    for first, second in zip(children, children[1:], strict=False):
        if first.kind in ("name", "text") and first.text.strip() == "d" and second.kind == "name":
            found.append(Name(second.text.strip()))
    for part in (*children, *(s for s in (item.sub, item.sup) if s is not None)):
        found += _differentials(part)
    return found


def _value(inner: Term, variable: Term, end: Term) -> Term:
    infinite = any(n == Term("constant", (), "inf") for n in end.walk())
    if infinite:
        return Term("limit", (inner, variable, end), "")
    return inner if end == variable else Term("at", (inner, variable, end))
