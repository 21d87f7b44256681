"""Probability as it is written: P(A | B), E[f(X) | Y], E_{x ~ p}[…], Var, Cov, KL(p ‖ q), H, I, and distributions; read only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Span, Term
from derive.meaning.context import base_name, label_text, walk_items
from derive.meaning.scripts import scripts
from derive.meaning.vocabulary import DISTRIBUTIONS, PROBABILITY
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["conditioned", "distribution", "event_items", "operator"]

_DIVERGENCES = {"KL": "KL", "JS": "JS", "TV": "TV", "alpha": "alpha"}
_SIGNS = {"+": "+", "-": "-"}


def operator(parser: Parser, item: Item, name: Name) -> Term | None:
    """A probability operator with its brackets, or None when the name is an ordinary one."""
    following = parser.peek()
    kind = PROBABILITY.get(name.base)
    sub_label = label_text(item.sub) if item.sub is not None else ""
    if name.base == "D" and sub_label.upper() in _DIVERGENCES:
        kind = _DIVERGENCES[sub_label.upper()]
    if name.base == "KL" or name.base == "D_KL":
        kind = "KL"
    if kind is None or (name.accents and not (kind == "E" and name.font == "bb")):
        return None
    if name.accents:
        parser.context.note("the hat on 𝔼 says that it is an average over samples")
    if name.base == "V" and name.font != "bb":
        return None
    if following is None or following.kind != "fence" or following.text not in ("()", "[]", "{}"):
        return _unbracketed(parser, item, kind, name)
    if following.text == "()" and following.space and parser.context.notation == "plain" and len(name.base) == 1 and name.font != "bb":
        return None
    inside = following.children
    if name.base in ("H", "I") and name.font == "" and (item.sub is not None or any(i.is_op("+", "-", "*", "cdot") for i in inside)):
        return None
    if name.base == "I" and name.font == "" and not any(i.is_op(";") for i in inside):
        return None
    if name.base == "E" and name.font == "" and following.text == "()" and item.kind == "name" and not _random_inside(parser, inside):
        return None
    if (
        name.base in ("E", "H")
        and name.font == ""
        and parser.context.notation == "latex"
        and item.kind == "name"
        and following.text == "()"
        and not inside
    ):
        return None
    parser.take()
    start = item.start
    span: Span = (start, following.end)
    under = _under(parser, item) if kind in ("E", "Var", "P", "Cov") and name.base != "D" else ()
    body = _inside(parser, kind, inside, (following.start, following.end))
    term = Term("probability", (*body, *under), kind, span)

    return scripts(parser, _powered(parser, term, item), following.sub, following.sup, 0)


def _random_inside(parser: Parser, items: tuple[Item, ...]) -> bool:
    """Whether a random variable stands in the brackets: a declared one, or a capital letter."""
    for item in walk_items(items):
        name = base_name(item)
        if name is None:
            continue
        declared = parser.context.declared(name)
        if (declared is not None and declared.domain == "random") or (len(name.base) == 1 and name.base.isupper()):
            return True
    return False


def _powered(parser: Parser, term: Term, item: Item) -> Term:
    if item.sup is None:
        return term
    content = item.sup.children if item.sup.kind == "group" else (item.sup,)
    exponent = parser.sub_parser(content, events=False).expression()
    if exponent.head != "number":
        raise SyntaxProblem("this superscript has no meaning here", span=(item.sup.start, item.sup.end))
    return Term("pow", (term, exponent), None, term.span)


def _unbracketed(parser: Parser, item: Item, kind: str, name: Name) -> Term | None:
    """`\\mathbb{E}\\, X` and `\\mathbb{E}_{x ~ p} f(x)`: the operand goes to the next + or −."""
    if name.font != "bb" or name.base != "E":
        return None
    under = _under(parser, item)
    body = parser.hadamard()
    return Term("probability", (body, *under), kind, parser.span_from(item.start))


def _under(parser: Parser, item: Item) -> tuple[Term, ...]:
    """The subscript of an expectation: `x ~ p`, `x`, `p`, `q(z|x)`."""
    if item.sub is None:
        return ()
    content = item.sub.children if item.sub.kind == "group" else (item.sub,)
    under: list[Term] = []
    if parser.unpaired_bar(content):
        condition = conditioned(parser, content, (item.start, item.end), events=False)
        return (Term("expect_under", (condition,), None, condition.span),)
    for part in parser.sub_parser(content, events=False).sequence():
        if part.head == "rel" and part.data == "~":
            under.append(Term("expect_under", part.args, None, part.span))
        else:
            under.append(Term("expect_under", (part,), None, part.span))
    return tuple(under)


def event_items(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """A lone + or − (a test result) becomes a word."""
    result: list[Item] = []
    for place, item in enumerate(items):
        if item.kind == "op" and item.text in _SIGNS:
            before = items[place - 1] if place else None
            after = items[place + 1] if place + 1 < len(items) else None
            opens = (
                before is None
                or before.kind == "bar"
                or before.is_op(",", "and", "or", "cap", "cup", "not", "neg")
                or before.text in ("not", "and", "or")
            )
            closes = after is None or after.kind == "bar" or after.is_op(",", "and", "or", "cap", "cup") or after.text in ("and", "or")
            if opens and closes:
                result.append(Item("text", _SIGNS[item.text], (), item.start, item.end))
                continue
        result.append(item)
    return tuple(result)


def conditioned(parser: Parser, items: tuple[Item, ...], span: Span, *, events: bool = True) -> Term:
    """`A, B | C, D` as given(A and B, C and D), or a list without a bar."""
    inner = parser.sub_parser(event_items(items), events=True, whole=span)
    left = _listed(inner)
    bar = inner.peek()
    if bar is None:
        return left
    if bar.kind != "bar" or bar.text not in ("|", "mid"):
        inner.leftover()
    inner.take()
    right = _listed(inner)
    inner.leftover()
    return Term("given", (left, right), None, span)


def _listed(parser: Parser) -> Term:
    parts = [parser.statement()]
    while (item := parser.peek()) is not None and item.is_op(","):
        parser.take()
        parts.append(parser.statement())
    return parts[0] if len(parts) == 1 else Term("list", tuple(parts))


def _inside(parser: Parser, kind: str, items: tuple[Item, ...], span: Span) -> tuple[Term, ...]:
    if not items:
        raise SyntaxProblem("empty brackets", span=span, expected=("an event or an expression",))
    if kind in ("KL", "JS", "TV"):
        cut = _double_bar(items)
        if cut is None:
            parts = parser.sub_parser(items, events=True, whole=span).sequence()
            if len(parts) != 2:
                raise SyntaxProblem(f"{kind} compares two distributions", span=span, expected=("p || q",))
            return (Term("divergence_bar", tuple(parts)),)
        left = _distribution_like(parser, items[: cut[0]], span)
        right = _distribution_like(parser, items[cut[1] :], span)
        return (Term("divergence_bar", (left, right), None, span),)
    if kind == "I":
        groups: list[list[Item]] = [[]]
        for item in items:
            if item.is_op(";"):
                groups.append([])
            else:
                groups[-1].append(item)
        return tuple(conditioned(parser, tuple(g), span) for g in groups)
    term = conditioned(parser, items, span)
    if kind in ("E", "Var", "MGF", "SD") and term.head == "list":
        return (Term("tuple", term.args),)
    return term.args if term.head == "list" and kind in ("Cov", "Corr", "H") else (term,)


def _double_bar(items: tuple[Item, ...]) -> tuple[int, int] | None:
    for place, item in enumerate(items):
        if item.kind == "bar" and item.text == "‖":
            return place, place + 1
        if item.is_op(";", "parallel"):
            return place, place + 1
    bars = [p for p, i in enumerate(items) if i.kind == "bar" and i.text == "|"]
    for first, second in zip(bars, bars[1:], strict=False):
        if second == first + 1:
            return first, second + 1
    return (bars[0], bars[0] + 1) if len(bars) == 1 else None


def _distribution_like(parser: Parser, items: tuple[Item, ...], span: Span) -> Term:
    if not items:
        raise SyntaxProblem("a distribution is missing beside the bars", span=span, expected=("p || q",))
    return parser.sub_parser(items, events=True, whole=span).expression()


def distribution(parser: Parser, item: Item, name: Name) -> Term | None:
    """`Normal(mu, sigma^2)`, `\\mathcal{N}(0, 1)`, `Gamma(shape=2, rate=3)`, or None."""
    canonical = DISTRIBUTIONS.get(name.base)
    following = parser.peek()
    if canonical is None or name.accents or following is None or following.kind != "fence" or following.text != "()":
        return None
    if following.space and parser.context.notation == "plain":
        return None
    if name.base == "Exp" and not _after_tilde(parser):
        return None
    short = len(name.base) <= 2
    alone = parser.events and len(parser.items) == 2  # KL(N(0, 1) || …), H(U(0, 1))
    if short and name.font not in ("cal", "rm", "bb") and not alone and not _after_tilde(parser) and not _is_density(following):
        return None
    if name.base in ("Gamma", "Beta", "Exp", "Bin", "Cat", "Logistic") and not (
        _after_tilde(parser) or parser.events or item.kind == "function" or name.font
    ):
        if name.base in ("Gamma",) and not any(i.is_op(",") for i in following.children):
            return None
        if name.base == "Beta" and not any(i.is_op(",") for i in following.children):
            return None
    if name.base == "Gamma" and item.kind == "name" and len([i for i in following.children if i.is_op(",")]) == 0:
        return None
    parser.take()
    span = (item.start, following.end)
    groups: list[list[Item]] = [[]]
    at_value: list[Item] | None = None
    for child in following.children:
        if (child.is_op(";") and len(groups) == 1 and at_value is None) or (
            child.kind == "bar" and child.text in ("mid", "|") and at_value is None and len(groups) == 1
        ):
            at_value = groups[0]
            groups = [[]]
        elif child.is_op(","):
            groups.append([])
        else:
            groups[-1].append(child)
    args: list[Term] = []
    for group in groups:
        if not group:
            raise SyntaxProblem("an empty parameter", span=span)
        if len(group) > 2 and group[0].kind == "name" and group[1].is_op("="):
            value = parser.sub_parser(tuple(group[2:]), events=False, whole=span).expression()
            args.append(Term("keyword", (value,), group[0].text))
        else:
            args.append(parser.sub_parser(tuple(group), events=False, whole=span).expression())
    term = Term("dist", tuple(args), canonical, span)
    if canonical == "Normal" and not any(a.head == "keyword" for a in args):
        second = args[1] if len(args) > 1 else None
        if second is not None:
            parser.context.note("Normal(mean, variance): the second argument ", second, " is the variance")
    elif canonical in ("Gamma", "Exponential") and not any(a.head == "keyword" for a in args):
        parser.context.note("Gamma(shape, rate)" if canonical == "Gamma" else "Exponential(rate)")
    elif canonical == "Geometric":
        parser.context.note("Geometric(p) counts trials, on {1, 2, …}")
    if at_value is not None:
        value = parser.sub_parser(tuple(at_value), events=False, whole=span).expression()
        return Term("probability", (value, term), "p", span)
    return term


def _is_density(fence: Item) -> bool:
    """Whether a value stands before one bar and two parameters behind it: N(x | m, v)."""
    bars = [place for place, i in enumerate(fence.children) if i.kind == "bar"]
    return (
        len(bars) == 1
        and bars[0] > 0
        and [i.text for i in fence.children if i.is_op(",", ";")] == [","]
        and not any(i.is_op(",") for i in fence.children[: bars[0]])
    )


def _after_tilde(parser: Parser) -> bool:
    place = parser.position - 2
    while place >= 0:
        item = parser.items[place]
        if item.is_op("~") or (item.kind == "accent"):
            return True
        if item.is_op("+", "-", "*", "="):
            return False
        place -= 1
    return False
