"""Big operators: sums, products, integrals, limits, optima, with what hangs below and above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Name, Span, Term
from derive.meaning.context import base_name, label_text
from derive.meaning.regions import box, coordinates, inequalities
from derive.meaning.scope import Type
from derive.meaning.scripts import scripts
from derive.meaning.vocabulary import GREEK
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["approach", "big", "differential_at", "operand", "word_binder"]

_OPTIMA = {"max": "max", "min": "min", "sup": "sup", "inf": "inf", "argmax": "argmax", "argmin": "argmin"}
_INTEGRALS = ("int", "iint", "iiint", "oint")


def word_binder(parser: Parser, item: Item, name: Name) -> Term | None:
    """A big operator written as a word with scripts (`sum_{i=1}^n`, `max_j z_j`), or None."""
    word = name.base
    if name.accents or name.font not in ("", "rm"):
        return None
    if word in ("sum", "prod", "int", "integral", "lim", *_OPTIMA) and (
        item.sub is not None or word == "lim" or (item.sup is not None and word in ("sum", "int"))
    ):
        return big(parser, Item("big", "int" if word == "integral" else word, (), item.start, item.end, sub=item.sub, sup=item.sup))
    if word in ("argmax", "argmin") or (word == "arg" and _arg_of(parser) is not None):
        if word == "arg":
            following = parser.take()
            item = Item("big", "arg" + following.text, (), item.start, following.end, sub=following.sub, sup=following.sup)
        return big(parser, Item("big", item.text, (), item.start, item.end, sub=item.sub, sup=item.sup))
    return None


def _arg_of(parser: Parser) -> Item | None:
    following = parser.peek()
    return following if following is not None and following.text in ("max", "min") else None


def big(parser: Parser, item: Item) -> Term:
    """The big operator at the cursor with its body."""
    if item.text in ("sum", "prod"):
        return _sum(parser, item)
    if item.text in _INTEGRALS:
        return _integral(parser, item)
    if item.text == "lim":
        return _limit(parser, item)
    if item.text in _OPTIMA:
        return _optimum(parser, item)
    raise NotSupported(f"the operator {item.text} is not supported", span=(item.start, item.end))


def operand(parser: Parser) -> Term:
    """Everything up to the next + or − of this level; a sign right at the beginning belongs to it."""
    item = parser.peek()
    if item is None:
        raise parser.missing("the body of the operator")
    if item.is_op("-"):
        parser.take()
        inner = parser.hadamard()
        return Term("neg", (inner,), None, parser.span_from(item.start))
    return parser.hadamard()


def _script(parser: Parser, script: Item | None) -> tuple[Item, ...]:
    if script is None:
        return ()
    if script.kind == "group" and script.sub is None and script.sup is None:
        return script.children
    return (script,)


def _sum(parser: Parser, item: Item) -> Term:
    below = _script(parser, item.sub)
    above = _script(parser, item.sup)
    span_start = item.start
    upper = parser.sub_parser(above).expression() if above else None
    bindings = _bindings(parser, below, upper, item)
    body = operand(parser)
    span = parser.span_from(span_start)
    if not bindings:
        return Term(item.text, (body,), "none", span)
    bindings, conditions = _conditions(bindings)
    for condition in conditions:
        parser.context.note("the condition ", condition, " restricts the index")
        if item.text == "prod":
            body = Term("cases", (body, condition, Term("number", (), "1"), Term("otherwise")), None, span)
        else:
            body = Term("mul", (Term("indicator", (condition,), None, span), body), None, span)
    for kind, args in reversed(bindings):
        body = Term(item.text, (body, *args), kind, span)
    return body


def _bindings(parser: Parser, below: tuple[Item, ...], upper: Term | None, item: Item) -> list[tuple[str, tuple[Term, ...]]]:
    """The indices below the sign: (kind, arguments after the body), the outermost first."""
    if not below:
        if upper is not None:
            raise SyntaxProblem(
                f"the {item.text} needs its index below", span=(item.start, item.end), expected=("a subscript such as _{i=1}",)
            )
        return []
    colon = next((p for p, i in enumerate(below) if i.is_op(":")), None)
    if colon is not None and colon > 0:
        indices = parser.sub_parser(below[:colon], events=False).sequence()
        condition = parser.sub_parser(below[colon + 1 :], events=False).expression()
        return [("cond", (index, condition)) for index in indices]
    parts = parser.sub_parser(below, events=False).sequence()
    bindings: list[tuple[str, tuple[Term, ...]]] = []
    waiting: list[Term] = []
    for part in parts:
        if part.head == "rel" and part.data == "=" and part.args[0].head == "name":
            if upper is None:
                limit = _dotted_end(part.args[1])
                if limit is None:
                    bindings.append(("range", (part.args[0], part.args[1], Term("blank"))))
                else:
                    bindings.append(("range", (part.args[0], *limit)))
            else:
                bindings += [("range", (w, part.args[1], upper)) for w in waiting]
                bindings.append(("range", (part.args[0], part.args[1], upper)))
            waiting = []
        elif part.head in ("name", "index"):
            waiting.append(part)
        elif part.head in ("rel", "chain"):
            if part.head == "rel" and part.data == "!=" and waiting and part.args[0] not in waiting:
                bindings += [("bare", (w,)) for w in waiting]
                waiting = []
            if waiting and part.head == "rel" and part.data in ("in", "=") and part.args[0].head == "name":
                bindings += [("cond", (w, Term("rel", (w, part.args[1]), part.data))) for w in waiting]
                waiting = []
            bindings.append(("cond", (*_bound_of(part), part)))
        elif part.head == "mul" and all(a.head == "name" for a in part.args):
            waiting += part.args
        elif part.head == "tuple":
            waiting.append(part)
        else:
            raise SyntaxProblem("this is no index", span=part.span, expected=("an index such as i=1",))
    bindings += [("bare", (w,)) if upper is None else ("range", (w, Term("number", (), "1"), upper)) for w in waiting]
    return bindings


def _conditions(bindings: list[tuple[str, tuple[Term, ...]]]) -> tuple[list[tuple[str, tuple[Term, ...]]], list[Term]]:
    """The bindings, and apart the conditions on indices that another binding already runs: `i=1, i≠j` above n."""
    ranged = {args[0] for kind, args in bindings if kind == "range"}
    kept: list[tuple[str, tuple[Term, ...]]] = []
    for kind, args in bindings:
        if kind == "cond" and args[0] in ranged:
            continue
        before = next((p for p, (k, a) in enumerate(kept) if k == kind == "cond" and len(a) > 1 and a[0] == args[0]), None)
        if before is None:
            kept.append((kind, args))
        else:
            kept[before] = ("cond", (args[0], Term("and", (kept[before][1][-1], args[-1]))))
    return kept, [b[1][-1] for b in bindings if b[0] == "cond" and b[1][0] in ranged]


def _dotted_end(term: Term) -> tuple[Term, Term] | None:
    return (term.args[0], term.args[1]) if term.head == "range" else None


def _bound_of(condition: Term) -> tuple[Term, ...]:
    """The index that a condition binds: the first name in it."""
    if condition.head == "chain" and len(condition.args) == 3 and condition.args[1].head == "name":
        return (condition.args[1],)
    first = condition.args[0]
    return (first,) if first.head == "name" else ()


# ------------------------------------------------------------------ integrals
def differential_at(parser: Parser, place: int) -> tuple[Name, int] | None:
    """The variable of a differential that stands at the place, and how many items it takes."""
    if place >= len(parser.items):
        return None
    item = parser.items[place]
    text = item.text
    if item.kind == "name" and len(text) > 1 and text[0] == "d" and item.sup is None and (len(text) == 2 or text[1:] in GREEK):
        if parser.context.known(Name(text)):
            return None
        sub = label_text(item.sub) if item.sub is not None else ""
        return Name(text[1:], sub=sub), 1
    roman_d = item.kind == "font" and item.text == "rm" and label_text(item) == "d"
    if (
        (item.kind == "name" and text == "d" and item.sub is None and item.sup is None)
        or (roman_d and item.sub is None)
        or (item.kind == "function" and text == "d")
    ):
        following = parser.items[place + 1] if place + 1 < len(parser.items) else None
        if following is None or (following.space and parser.context.notation == "plain"):
            return None
        name = base_name(following)
        if name is None or following.sup is not None or following.kind == "function":
            return None
        sub = label_text(following.sub) if following.sub is not None else ""
        return name._replace(sub=sub), 2
    return None


def _integral(parser: Parser, item: Item) -> Term:
    below = _script(parser, item.sub)
    above = _script(parser, item.sup)
    start = item.start
    count = {"int": 1, "iint": 2, "iiint": 3, "oint": 1}[item.text]
    most = 3 if below and not above and not parser.in_integral else count  # over a region one sign may stand for several
    if item.text == "oint":
        raise NotSupported("contour integrals are not supported", span=(start, item.end))
    parser.in_integral += 1
    following = parser.peek()
    body: Term | None = None
    variables: list[Term] = []
    if following is not None and following.kind == "frac" and differential_at(parser, parser.position) is None:
        body = _fraction_with_differential(parser, following, variables)
    leading = False
    if body is None:
        leading = differential_at(parser, parser.position) is not None
        body = _integrand(parser)
    while (found := differential_at(parser, parser.position)) is not None and len(variables) < most:
        place = parser.items[parser.position]
        parser.position += found[1]
        variables.append(Term("name", (), found[0], (place.start, parser.items[parser.position - 1].end)))
    following = parser.peek()
    if leading and following is not None and not parser.stops(following) and following.kind != "op":
        body = parser.hadamard()  # ∫ dx f(x)
    parser.in_integral -= 1
    if not parser.in_integral and (extra := differential_at(parser, parser.position)) is not None:
        place = parser.items[parser.position]
        raise SyntaxProblem(
            f"d{extra[0].key} has no integral sign of its own",
            span=(place.start, place.end),
            expected=("one integral sign for each differential",),
        )
    if not variables:
        raise SyntaxProblem("the integral has no differential", span=parser.span_from(start), expected=("a differential such as dx",))
    span = parser.span_from(start)
    if below and not above:
        return _over_region(parser, below, body, variables, count, span)
    if not below and not above:
        term = body
        for variable in variables:
            term = Term("integral", (term, variable), "indefinite", span)
        return term
    if len(variables) > 1:
        raise NotSupported("a multiple integral sign takes a region below it", span=span)
    ends = [parser.sub_parser(e, events=False).expression() if e else Term("blank") for e in (below, above)]
    return Term("integral", (body, variables[0], *ends), "definite", span)


def _over_region(parser: Parser, below: tuple[Item, ...], body: Term, variables: list[Term], count: int, span: Span) -> Term:
    """An iterated integral over a product of intervals, or an integral over the region that a condition describes."""
    area = len(variables) == 1 and variables[0].data.base in ("A", "V") and count > 1
    ends = box(parser, below)
    if ends is not None and not area:
        if len(ends) != len(variables):
            raise SyntaxProblem(
                f"the number of coordinates of the region is {len(ends)}, that of differentials {len(variables)}", span=span,
                expected=("one differential for each coordinate",),
            )  # fmt: skip
        for variable, pair in zip(variables, ends, strict=True):
            body = Term("integral", (body, variable, *pair), "definite", span)
        return body
    condition = inequalities(parser, below)
    if area and (found := coordinates(condition, count)):
        parser.context.note(variables[0], " is the element of area over ", *found) if count == 2 else None
        variables = found
    return Term("integral", (body, condition, *variables), "region", span)


def _integrand(parser: Parser) -> Term:
    """Everything up to the differential: sums included."""
    item = parser.peek()
    if item is not None and differential_at(parser, parser.position) is not None:
        return Term("number", (), "1", (item.start, item.start))
    return parser.sum()


def _fraction_with_differential(parser: Parser, item: Item, variables: list[Term]) -> Term | None:
    """`\\int \\frac{dx}{1 + x^2}`: the differential stands in the numerator."""
    numerator = item.children[0]
    inner = parser.sub_parser(numerator.children if numerator.kind == "group" else (numerator,))
    for place in range(len(inner.items)):
        found = differential_at(inner, place)
        if found is not None and place + found[1] == len(inner.items):
            span = (inner.items[place].start, inner.items[-1].end)
            rest = tuple(inner.items[:place])
            top = parser.sub_parser(rest).expression() if rest else Term("number", (), "1", span)
            bottom = item.children[1]
            below = parser.sub_parser(bottom.children if bottom.kind == "group" else (bottom,)).expression()
            variables.append(Term("name", (), found[0], span))
            parser.take()
            return Term("div", (top, below), None, (item.start, item.end))
    return None


# ------------------------------------------------------------------ limits and optima
def _limit(parser: Parser, item: Item) -> Term:
    span = (item.start, item.end)
    if item.sub is None:
        variable, point, side = approach(parser, span, whole=False)
    else:
        inner = parser.sub_parser(_script(parser, item.sub), whole=span)
        variable, point, side = approach(inner, span, whole=True)
        inner.leftover()
    body = _with_terms_behind(parser, operand(parser), variable)
    return Term("limit", (body, variable, point), side, parser.span_from(item.start))


def _with_terms_behind(parser: Parser, body: Term, variable: Term) -> Term:
    """The operand of a limit with the terms behind it up to the last that holds its variable, which has no meaning outside of it."""
    terms, taken, end = [body], 1, parser.position
    while (sign := parser.peek()) is not None and sign.is_op("+", "-"):
        parser.take()
        term = parser.hadamard()
        terms.append(Term("neg", (term,), None, term.span) if sign.is_op("-") else term)
        if any(node == variable for node in term.walk()):
            taken, end = len(terms), parser.position
    parser.position = end
    if taken == 1:
        return body
    parser.context.note("the limit takes the terms behind it that hold ", variable)
    return Term("add", tuple(terms[:taken]), None, body.span)


def approach(source: Parser, span: Span, *, whole: bool) -> tuple[Term, Term, str]:
    """`x → a`, `x → 0+`, `x \\to 0^+`; `whole`: nothing else stands there, so that the place may be a product."""
    variable = source.factor()
    arrow = source.peek()
    if variable.head == "tuple" and arrow is not None and arrow.is_op("->", "to"):
        raise NotSupported("limits of several variables at once are not supported", span=span)
    if variable.head != "name" or arrow is None or not arrow.is_op("->", "to"):
        raise SyntaxProblem("a limit needs where the variable goes", span=span, expected=("x -> a",))
    source.take()
    sign = source.peek()
    negative = sign is not None and sign.is_op("-")
    if sign is not None and sign.is_op("-", "+"):
        source.take()
    side = ""
    item = source.peek()
    if item is not None and item.sup is not None and label_text(item.sup) in ("+", "-"):
        side = label_text(item.sup)
        item.sup = None
    point = source.product() if whole else source.factor()
    if negative:
        point = Term("neg", (point,), None, point.span)
    following = source.peek()
    if following is not None and following.is_op("+", "-") and (whole or source.position + 1 >= len(source.items)):
        side = source.take().text
    return variable, point, side


def _optimum(parser: Parser, item: Item) -> Term:
    from derive.meaning.application import arguments

    span = (item.start, item.end)
    kind = _OPTIMA[item.text]
    place = next((p for p in range(parser.position) if parser.items[p].start == item.start), parser.position)
    following = parser.peek()
    if item.sub is None:
        if following is not None and following.kind == "fence" and kind in ("max", "min"):
            fence = parser.take()
            args = arguments(parser, fence)
            if len(args) == 1 and args[0].head in ("tuple", "set"):
                args = args[0].args
            return scripts(parser, Term("apply", args, kind, (item.start, fence.end)), fence.sub, fence.sup, 0)
        if kind in ("max", "min"):
            return Term("apply", (operand(parser),), kind, parser.span_from(item.start))
        raise SyntaxProblem(f"{item.text} needs its variable below", span=span, expected=("a subscript with the variable",))
    parts = parser.sub_parser(_script(parser, item.sub), events=False, whole=span).sequence()
    variables: list[Term] = []
    constraints: list[Term] = []
    for read in parts:
        part = read
        if read.head == "constant" and read.data in ("pi", "e"):
            part = Term("name", (), Name(read.data), read.span)
            parser.context.types[part.data] = Type()  # the letter is a variable here
        if part.head in ("name", "index"):
            variables.append(part)
        elif part.head == "mul" and all(a.head == "name" for a in part.args):
            variables.extend(part.args)
        elif part.head == "rel" and part.data in ("in", ":=") and part.args[0].head == "name":
            variables.append(part.args[0])
            constraints.append(part)
        elif part.head in ("rel", "chain"):
            constraints.append(part)
            variables += [n for n in part.walk() if n.head == "name" and n not in variables][:1]
        else:
            raise SyntaxProblem(f"this is no variable of {item.text}", span=part.span or span)
    before = parser.items[place - 1] if place > 0 else None
    whole = item.text.startswith("arg") and (before is None or before.is_op("=", ":=", "<-"))
    body = parser.sum() if whole else operand(parser)
    if kind in ("max", "min") and body.head in ("tuple", "set") and len(body.args) > 1 and all(a.head != "dots" for a in body.args):
        body = Term("apply", body.args, kind, body.span)  # max_j (0, s_j)
    return Term("optimum", (body, Term("tuple", tuple(variables)), *constraints), kind, parser.span_from(item.start))
