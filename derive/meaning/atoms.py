"""Primaries: numbers, names, brackets, bars, fractions, matrices, and the scripts that hang on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import AmbiguousInput, NotSupported, SyntaxProblem
from derive.expressions.functions import canonical_function
from derive.expressions.term import Name, Span, Term, number
from derive.meaning import application, binders, brackets, differentiation, probability, slashed
from derive.meaning.context import base_name, label_text
from derive.meaning.estimates import hat_of_a_power
from derive.meaning.names import resolve_name
from derive.meaning.scripts import scripts
from derive.meaning.vocabulary import ALIGNED, GREEK, KEYWORDS, RELATIONS
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["check_slash", "is_differential", "primary"]

_MATRICES = {
    "pmatrix": "",
    "bmatrix": "",
    "matrix": "",
    "smallmatrix": "",
    "array": "",
    "Bmatrix": "",
    "vmatrix": "det",
    "Vmatrix": "norm",
}


def primary(parser: Parser) -> Term:
    """One primary with its scripts; errors name what was expected."""
    item = parser.peek()
    if item is None:
        raise parser.missing("an expression")
    if item.kind == "op":
        return _operator(parser, item)
    if parser.is_keyword(item) and not (
        item.text in ("for", "of", "is", "at", "as", "map", "st") and parser.context.known(Name(item.text))
    ):
        raise parser.missing("an expression")
    handler = _HANDLERS.get(item.kind)
    if handler is None:
        raise SyntaxProblem(f"{item.text or item.kind} cannot stand here", span=(item.start, item.end), expected=("an expression",))
    parser.position += 1
    return handler(parser, item)


def _operator(parser: Parser, item: Item) -> Term:
    if item.is_op("<"):
        return _angle(parser, item)
    if item.is_op("top"):
        raise SyntaxProblem(
            "a transposition has nothing to transpose", span=(item.start, item.end), expected=("a vector or matrix before it",)
        )
    if item.is_op("forall", "exists"):
        raise NotSupported("quantifiers are not supported", span=(item.start, item.end))
    if item.is_op("%"):
        raise SyntaxProblem("% stands without a number", span=(item.start, item.end))
    raise parser.missing("an expression")


def _angle(parser: Parser, item: Item) -> Term:
    for place in range(parser.position + 1, len(parser.items)):
        if parser.items[place].is_op(">"):
            inside = tuple(parser.items[parser.position + 1 : place])
            if any(i.is_op(",") for i in inside):
                parser.position = place + 1
                return brackets.inner_product(parser, inside, (item.start, parser.items[place].end))
    raise parser.missing("an expression")


# ------------------------------------------------------------------ numbers and names
def _number(parser: Parser, item: Item) -> Term:
    span = (item.start, item.end)
    following = parser.peek()
    if item.text == "1":
        if (
            following is not None
            and following.kind == "fence"
            and following.text in ("[]", "{}", "()")
            and brackets.is_condition(following.children)
        ):
            return _indicator(parser)
        if item.sub is not None:
            return _ones(parser, item)
        if item.sup is not None and (item.sup.is_op("top") or label_text(item.sup) in ("T", "top")):
            return Term("transpose", (Term("ones", (), None, span),), None, span)
    if item.text == "1" and following is not None and following.kind == "name" and following.text == "j" and not following.space:
        if following.sub is None and not parser.context.known(Name("j")) and not parser.context.is_running("j"):
            parser.take()
            parser.context.note("1j is the imaginary unit")
            return scripts(parser, Term("constant", (), "i", (item.start, following.end)), None, following.sup, 0)
    if item.text.endswith("j"):
        return Term("mul", (number(item.text[:-1] or "1", span), Term("constant", (), "i", span)), None, span)
    if item.sub is not None:
        raise SyntaxProblem("a number has no subscript", span=span)
    term = number(item.text, span)
    return scripts(parser, term, None, item.sup, 0)


def _indicator(parser: Parser) -> Term:
    fence = parser.take()
    condition = parser.sub_parser(fence.children, events=False, whole=(fence.start, fence.end)).expression()
    return scripts(parser, Term("indicator", (condition,), None, (fence.start, fence.end)), None, fence.sup, 0)


def _ones(parser: Parser, item: Item) -> Term:
    span = (item.start, item.end)
    assert item.sub is not None
    content = item.sub.children if item.sub.kind in ("group", "fence") else (item.sub,)
    if len(content) == 1 and content[0].kind == "fence" and content[0].text in ("[]", "{}", "()"):
        content = content[0].children
    if brackets.is_condition(content):
        term = Term("indicator", (parser.sub_parser(content, events=False, whole=span).expression(),), None, span)
    else:
        term = Term("ones", (parser.sub_parser(content, events=False, whole=span).expression(),), None, span)
    return scripts(parser, term, None, item.sup, 0)


def _name(parser: Parser, item: Item) -> Term:
    """A name, font or accent: a function of the table, a probability operator, a distribution, an element, or a plain name."""
    name = base_name(item)
    if item.kind == "font" and len(item.children) == 1 and item.children[0].kind == "number" and item.children[0].text == "1":
        name = Name("1", item.text)
        special = _blackboard(parser, item, name)
        if special is not None:
            return special
    if name is None:
        return _styled(parser, item)
    context = parser.context
    full = name if item.sub is None else Name(name.base, name.font, name.accents, label_text(item.sub))
    if (item.kind == "font" and item.text == "bb") or (name.font in ("bf", "bb") and name.base == "1"):
        special = _blackboard(parser, item, name)
        if special is not None:
            return special
    if not context.known(full) and not context.known(name):
        found = slashed.plain_derivative(parser, item) or binders.word_binder(parser, item, name)
        found = found or slashed.word_operator(parser, item, name)
        found = found or probability.operator(parser, item, name) or probability.distribution(parser, item, name)
        found = found or application.named_function(parser, item, name)
        if found is not None:
            return found
        found = special_name(parser, item, name)
        if found is not None:
            return scripts(parser, found, None, item.sup, 0)
    following = parser.peek()
    fence = following if following is not None and application.follows(parser, following) else None
    if fence is not None and item.sup is None and (law := _named_law(parser, full)) is not None:
        parser.take()
        density = Term("probability", (*application.arguments(parser, fence), law), "p", parser.span_from(item.start))
        return scripts(parser, density, fence.sub, fence.sup, 0)
    applied = fence is not None and parser.applies(full, fence)
    term, sup = resolve_name(item, parser, applied)
    if applied and fence is not None:
        return application.call(parser, term, fence, sup)
    if fence is not None and term.head == "name" and not context.known(full) and full not in context.bare:
        context.note(f"{label_text(item)}(…) is read as a product")
    elif fence is not None and full == Name("sigma") and not context.known(full) and len(fence.children) > 0:
        scale = fence in context.scaled
        context.note("σ^2(…) is read as a product: σ is a scale" if scale else "σ(…) is read as a product, for σ stands by itself, too")
    return scripts(parser, term, None, sup, 0)


def _named_law(parser: Parser, name: Name) -> Term | None:
    """The distribution that an earlier line named, P = Exponential(a): p(x) is its density at x."""
    definition = parser.context.scope.definitions.get(name)
    return definition.body if definition is not None and not definition.parameters and definition.body.head == "dist" else None


def special_name(parser: Parser, item: Item, name: Name) -> Term | None:
    """A name that its subscript makes a constant of the field: `\\delta_{ij}`, `\\gamma_{\\mathrm{E}}`."""
    if item.sub is None or name.accents or name.font:
        return None
    span = (item.start, item.end)
    if name.base == "gamma" and label_text(item.sub) == "E":
        return Term("constant", (), "eulergamma", span)
    if name.base != "delta":
        return None
    content = item.sub.children if item.sub.kind == "group" else (item.sub,)
    entries = tuple(i for i in content if not i.is_op(","))
    if len(entries) == 2 and all(base_name(_bare(i)) for i in entries) and any(i.sub is not None for i in entries):
        if not parser.context.known(Name("delta")):  # δ_{y_i, c}
            term = Term("delta", tuple(parser.sub_parser((i,)).expression() for i in entries), None, span)
            parser.context.note(term, " is the Kronecker delta")
            return term
    letters = [c for i in content if i.kind == "name" and i.sub is None for c in ([i.text] if i.text in GREEK else i.text)]
    plain = all(i.kind == "name" or i.is_op(",") for i in content)
    if not plain or len(letters) != 2 or not all(parser.context.is_running(c) or c in "ijklmn" for c in letters):
        return None
    first, second = (Term("name", (), Name(c)) for c in letters)
    term = Term("delta", (first, second), None, span)
    parser.context.note(term, " is the Kronecker delta")
    return term


def _bare(item: Item) -> Item:
    """The item without its scripts."""
    return Item(item.kind, item.text, item.children, item.start, item.end)


def _styled(parser: Parser, item: Item) -> Term:
    """An accent or font over more than one name: `\\overline{AB}`, `\\mathbf{Ax}`."""
    if item.kind == "font":
        term = parser.sub_parser(item.children, whole=(item.start, item.end)).expression()
        return scripts(parser, term, item.sub, item.sup, item.primes)
    power = hat_of_a_power(item)
    if power is not None:
        return parser.sub_parser((power,), whole=(item.start, item.end)).expression()
    raise NotSupported(f"\\{item.text} over an expression is not supported", span=(item.start, item.end))


def _is_indicated(fence: Item) -> bool:
    """Whether 𝟏 before these brackets is an indicator: of a condition or an event; 𝟏(𝟏ᵀx) is the vector of ones times a number."""
    if fence.text not in ("[]", "{}", "()"):
        return False
    return fence.text != "()" or len(fence.children) == 1 or brackets.is_condition(fence.children) or not _is_arithmetic(fence.children)


def _is_arithmetic(items: tuple[Item, ...]) -> bool:
    return any((i.kind == "op" and i.text in ("+", "-", "*", "/")) or (i.sup is not None and not i.sup.is_op("c")) for i in items)


def _blackboard(parser: Parser, item: Item, name: Name) -> Term | None:
    span = (item.start, item.end)
    following = parser.peek()
    if name.base == "1":
        if item.sup is None and following is not None and following.kind == "fence" and _is_indicated(following):
            return _indicator(parser)
        if item.sub is not None:
            return _ones(parser, item)
        return scripts(parser, Term("ones", (), None, span), None, item.sup, 0)
    if name.base == "I" and following is not None and following.kind == "fence" and brackets.is_condition(following.children):
        return _indicator(parser)
    if name.base in ("E", "P", "V"):
        return probability.operator(parser, item, name)
    return None


def _text(parser: Parser, item: Item) -> Term:
    text = item.text.strip()
    if text in KEYWORDS:
        raise parser.missing("an expression")
    if base_name(item) is not None:
        return _name(parser, item)
    return scripts(parser, Term("word", (), text, (item.start, item.end)), None, item.sup, 0)


# ------------------------------------------------------------------ fractions, roots, environments
def _frac(parser: Parser, item: Item) -> Term:
    found = differentiation.fraction(parser, item)
    if found is not None:
        return found
    span = (item.start, item.end)
    top, bottom = (parser.sub_parser(g.children if g.kind == "group" else (g,), whole=(g.start, g.end)).expression() for g in item.children)
    return scripts(parser, Term("div", (top, bottom), None, span), None, item.sup, 0)


def _binomial(parser: Parser, item: Item) -> Term:
    parts = tuple(parser.sub_parser(g.children if g.kind == "group" else (g,), whole=(g.start, g.end)).expression() for g in item.children)
    return scripts(parser, Term("binomial", parts, None, (item.start, item.end)), None, item.sup, 0)


def _root(parser: Parser, item: Item) -> Term:
    span = (item.start, item.end)
    parts = [parser.sub_parser(g.children if g.kind == "group" else (g,), whole=(g.start, g.end)).expression() for g in item.children]
    term = Term("sqrt", (parts[0],), None, span) if len(parts) == 1 else Term("root", (parts[0], parts[1]), None, span)
    return scripts(parser, term, None, item.sup, 0)


def _environment(parser: Parser, item: Item) -> Term:
    span = (item.start, item.end)
    if item.text in _MATRICES:
        rows = [[_cell(parser, cell) for cell in row.children] for row in item.children if row.children]
        rows = [r for r in rows if not (len(r) == 1 and r[0].head == "blank")]
        term = brackets.matrix(rows, span)
        if _MATRICES[item.text] == "det":
            term = Term("apply", (term,), "det", span)
        elif _MATRICES[item.text] == "norm":
            term = Term("norm", (term,), "", span)
        return scripts(parser, term, item.sub, item.sup, 0)
    if item.text in ("cases", "dcases", "rcases"):
        args: list[Term] = []
        for row in item.children:
            cells = [c for c in row.children]
            if not cells or not any(c.children for c in cells):
                continue
            value = parser.sub_parser(_strip_comma(cells[0].children), whole=span).expression()
            args += [value, brackets.condition(parser, [i for c in cells[1:] for i in c.children], span)]
        return scripts(parser, Term("cases", tuple(args), None, span), None, item.sup, 0)
    if item.text in ALIGNED:
        rows_read: list[Term] = []
        for row in item.children:
            content = tuple(i for cell in row.children for i in cell.children)
            sign = RELATIONS.get(content[0].text) if content and content[0].kind == "op" else None
            if sign is not None and len(content) > 1 and rows_read:
                following = parser.sub_parser(_strip_comma(content[1:]), whole=span).statement_or_list()
                rows_read[-1] = _chained(rows_read[-1], sign, following, span)
            elif content:
                rows_read.append(parser.sub_parser(_strip_comma(content), whole=span).statement_or_list())
        return rows_read[0] if len(rows_read) == 1 else Term("lines", tuple(rows_read), None, span)
    raise NotSupported(f"the environment {item.text} is not supported", span=span)


def _parts_of(term: Term) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """The sides of a relation or chain and its signs; a side by itself has none."""
    if term.head == "chain":
        return term.args, term.data
    return (term.args, (term.data,)) if term.head == "rel" else ((term,), ())


def _chained(above: Term, sign: str, following: Term, span: Span) -> Term:
    """The row above continued: `a = b` and `= c` are the chain a = b = c."""
    args, signs = _parts_of(above)
    more, others = _parts_of(following)
    terms, all_signs = (*args, *more), (*signs, sign, *others)
    return Term("rel", terms, all_signs[0], span) if len(all_signs) == 1 else Term("chain", terms, all_signs, span)


def _strip_comma(items: tuple[Item, ...]) -> tuple[Item, ...]:
    while items and items[-1].is_op(",", ".", ";"):
        items = items[:-1]
    return items


def _cell(parser: Parser, cell: Item) -> Term:
    if not cell.children:
        return Term("blank")
    return parser.sub_parser(cell.children, whole=(cell.start, cell.end)).expression()


# ------------------------------------------------------------------ scripts, slashes, differentials
def check_slash(parser: Parser, slash: Item) -> None:
    """`1/2x` has two readings; refuse with both."""
    after = parser.peek()
    beyond = parser.peek(1)
    if after is None or beyond is None or after.kind not in ("number", "name") or beyond.kind not in ("name", "function", "accent", "font"):
        return
    if (
        beyond.space
        or parser.is_keyword(beyond)
        or canonical_function(beyond.text)
        or (parser.in_integral and is_differential(parser, parser.position + 1))
    ):
        return
    if after.kind == "name" and (canonical_function(after.text) or after.sub is not None or after.sup is not None):
        return
    left = "".join(label_text(i) for i in parser.items[max(0, parser.position - 2) : parser.position - 1])
    one, two = label_text(after), label_text(beyond)
    raise AmbiguousInput(
        f"{left}/{one}{two} can be read in two ways",
        readings=(f"({left}/{one}) {two}", f"{left}/({one} {two})"),
        span=(parser.items[max(0, parser.position - 2)].start, beyond.end),
        expected=(f"({left}/{one}) {two}", f"{left}/({one} {two})"),
    )


def is_differential(parser: Parser, place: int) -> bool:
    """Whether a differential (`dx`, `d\\theta`, `\\mathrm{d}x`) stands at the place."""
    return binders.differential_at(parser, place) is not None


def _dots(parser: Parser, item: Item) -> Term:
    return Term("dots", (), None, (item.start, item.end))


def _placeholder(parser: Parser, item: Item) -> Term:
    return Term("blank", (), None, (item.start, item.end))


_HANDLERS = {
    "number": _number, "name": _name, "font": _name, "accent": _name, "function": _name, "text": _text, "group": brackets.group,
    "fence": brackets.fence, "bar": brackets.bar, "frac": _frac, "binom": _binomial, "sqrt": _root, "env": _environment, "big": binders.big,
    "nabla": differentiation.nabla, "partial": slashed.partial, "dots": _dots, "placeholder": _placeholder,
}  # fmt: skip
