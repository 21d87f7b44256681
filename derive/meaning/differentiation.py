"""Derivatives as they are written: `d/dx`, `\\frac{\\partial^2 f}{\\partial x \\partial y}`, `\\nabla_x`, grad, hessian, jacobian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Name, Span, Term, integer, number
from derive.meaning.binders import operand
from derive.meaning.context import base_name, label_text
from derive.meaning.names import resolve_name
from derive.meaning.scope import Scope
from derive.meaning.scripts import scripts
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["fraction", "nabla", "parameters_of", "partial", "plain_derivative", "word_operator"]


def parameters_of(body: Term, scope: Scope) -> tuple[Name, ...]:
    """The parameters of a function that stands without its arguments: `∇f`, `∂f/∂x` with f(x, y) defined."""
    definition = scope.definitions.get(body.data) if body.head == "name" else None
    return definition.parameters if definition is not None else ()


def _content(item: Item) -> tuple[Item, ...]:
    return item.children if item.kind == "group" else (item,)


def _d_kind(item: Item) -> str | None:
    """ "partial" for ∂, "d" for an upright or slanted d."""
    if item.kind == "partial":
        return "partial"
    if item.kind == "name" and item.text == "d" and item.sub is None:
        return "d"
    if item.kind in ("font", "function", "text") and label_text(Item(item.kind, item.text, item.children)) == "d":
        return "d"
    return None


def _power_of(parser: Parser, item: Item) -> Term:
    if item.sup is None:
        return number(1)
    return parser.sub_parser(_content(item.sup)).expression()


def fraction(parser: Parser, item: Item) -> Term | None:
    """A fraction that is a derivative, with its operand where the numerator has none; None for an ordinary fraction."""
    top, bottom = (list(_content(g)) for g in item.children)
    top, bottom = _unglue(top), _unglue(bottom)
    if not top or not bottom:
        return None
    kind = _d_kind(top[0])
    if kind is None or _d_kind(bottom[0]) != kind or len(bottom) < 2:
        return None
    if parser.context.known(Name("d")) and kind == "d" and len(top) > 1:
        return None
    order = _power_of(parser, top[0])
    variables = _variables(parser, bottom, kind, top[0].sup is not None)
    if variables is None:
        return None
    return _finish(parser, item, kind, order, variables, tuple(top[1:]))


def _unglue(items: list[Item]) -> list[Item]:
    """`dx` as d and x."""
    result: list[Item] = []
    for item in items:
        if item.kind == "name" and item.glued and len(item.text) > 1 and item.text[0] == "d":
            result.append(Item("name", "d", (), item.start, item.start + 1, space=item.space))
            result.append(
                Item(
                    "name",
                    item.text[1:],
                    (),
                    item.start + 1,
                    item.end,
                    sub=item.sub,
                    sup=item.sup,
                    primes=item.primes,
                    glued=len(item.text) > 2,
                )
            )
        elif item.kind == "name" and len(item.text) > 1 and item.text[0] == "d" and not item.glued:
            result.append(Item("name", "d", (), item.start, item.start + 1, space=item.space))
            result.append(Item("name", item.text[1:], (), item.start + 1, item.end, sub=item.sub, sup=item.sup, primes=item.primes))
        else:
            result.append(item)
    return result


def _variables(parser: Parser, items: list[Item], kind: str, orders: bool = True) -> list[tuple[Term, Term]] | None:
    """The variables below, each with its order; None when this is no list of differentials."""
    found: list[tuple[Term, Term]] = []
    place = 0
    while place < len(items):
        if _d_kind(items[place]) != kind or place + 1 >= len(items):
            return None
        target = items[place + 1]
        place += 2
        if target.kind == "fence" and target.text == "()":
            names = parser.sub_parser(target.children, events=False).sequence()
            found += [(n, number(1)) for n in names]
            continue
        if base_name(target) is None:
            return None
        if target.glued and len(target.text) > 1:
            parts = [Item("name", c, (), target.start + k, target.start + k + 1) for k, c in enumerate(target.text)]
            parts[-1].sub, parts[-1].sup = target.sub, target.sup
            rest: list[Item] = []
            for part in parts:
                if part.text == "d" and rest:
                    continue
                rest.append(part)
            if len(rest) != 1 and not (len(parts) == 3 and parts[1].text == "d"):
                return None
            for part in rest:
                found.append(_variable(parser, part, orders))
            continue
        found.append(_variable(parser, target, orders))
    return found


def _variable(parser: Parser, item: Item, orders: bool = True) -> tuple[Term, Term]:
    order = number(1)
    sup = item.sup
    if sup is not None and not orders and not _is_label(parser, sup) and label_text(sup) not in ("T", "top"):
        if any(i.kind == "number" for i in _content(sup)) and len(_content(sup)) == 1:
            raise SyntaxProblem(
                f"a derivative with respect to a power, {label_text(item)}", span=(item.start, item.end),
                expected=("a name for the power, such as v = σ^2, and a derivative with respect to v", "d^2 above for a second derivative"),
            )  # fmt: skip
        name = base_name(Item(item.kind, item.text, item.children))
        if name is not None:
            parser.context.iterated.add(name)
            return resolve_name(item, parser, False)[0], order
    if sup is not None and not _is_label(parser, sup):
        order = parser.sub_parser(_content(sup)).expression()
        item = Item(item.kind, item.text, item.children, item.start, item.end, sub=item.sub, primes=item.primes)
        if order.head == "name" and order.data.base == "T":
            return Term("transpose", (resolve_name(item, parser, False)[0],)), number(1)
    term, rest = resolve_name(item, parser, False)
    if rest is not None:
        raise SyntaxProblem("this superscript has no meaning in a differential", span=(item.start, item.end))
    return term, order


def _is_label(parser: Parser, sup: Item) -> bool:
    from derive.meaning.names import label_of_sup

    return label_of_sup(sup, parser, False) is not None


def _finish(parser: Parser, item: Item, kind: str, order: Term, variables: list[tuple[Term, Term]], above: tuple[Item, ...]) -> Term:

    start = item.start
    total = [integer(o) for _, o in variables]
    declared = integer(order)
    if declared is not None and all(t is not None for t in total) and sum(t for t in total if t is not None) != declared:
        if not (len(variables) > 1 and declared == 1):
            raise SyntaxProblem(
                f"the order above is {declared} and the orders below add up to {sum(t for t in total if t is not None)}",
                span=(item.start, item.end), expected=("the same order above and below",),
            )  # fmt: skip
    several = len(variables) > 1 and declared == 1 and all(t == 1 for t in total)
    if above:
        body = parser.sub_parser(above).expression()
        span: Span = (start, item.end)
        term = _derivative(body, kind, variables, several, span)
        if body.head == "name" and len(variables) == 1 and kind == "d" and integer(variables[0][1]) == 1:
            term = Term("total_derivative", (body, variables[0][0]), None, span)
        parameters = parameters_of(body, parser.context.scope)
        following = parser.peek()
        if parameters and following is not None and following.kind == "fence" and following.text == "()":
            values = parser.sub_parser(following.children, events=False).sequence()
            if len(values) == len(parameters):
                parser.take()
                pairs = (a for p, v in zip(parameters, values, strict=True) for a in (Term("name", (), p), v))
                term = Term("at", (_derivative(body, kind, variables, several, span), *pairs), None, span)
        return scripts(parser, term, None, item.sup, 0)
    body = operand(parser)
    following = parser.peek()
    if following is not None and following.is_op("+", "-"):
        parser.context.note("d/d", variables[0][0], " takes ", body, " only: parentheses would take more")
    return _derivative(body, kind, variables, several, parser.span_from(start))


def _derivative(body: Term, kind: str, variables: list[tuple[Term, Term]], several: bool, span: Span) -> Term:
    if several:
        return Term("jacobian", (body, *(v for v, _ in variables)), None, span)
    if any(o.head == "number" and o.data == "0" for _, o in variables):
        raise SyntaxProblem("the order of a derivative is at least 1", span=span)
    return Term("derivative", (body, *(t for pair in variables for t in pair)), kind, span)


def plain_derivative(parser: Parser, item: Item) -> Term | None:
    """`d/dx f`, `d^2/dx dy f`, `dy/dx`, `dL/dw` with a slash; the cursor stands after `item`. None when this is something else."""
    slash = parser.peek()
    if slash is None or (item.kind not in ("name", "partial") and _d_kind(item) is None):
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
            above = (
                Item(
                    "name",
                    item.text[1:],
                    (),
                    item.start + 1,
                    item.end,
                    sub=item.sub,
                    sup=item.sup,
                    primes=item.primes,
                    glued=len(item.text) > 2,
                ),
            )
    return _with_slash(parser, item, kind, above)


def _spaced(parser: Parser, item: Item, kind: str) -> Term | None:
    """`d loss/dw`, `d^2y/dx^2`, `\\mathrm{d}L/\\mathrm{d}w`: the function stands between the d and the slash."""
    function, slash = parser.peek(), parser.items[parser.position + 1] if parser.position + 1 < len(parser.items) else None
    below = parser.items[parser.position + 2] if parser.position + 2 < len(parser.items) else None
    if _d_kind(item) != "d" or function is None or slash is None or below is None or not slash.is_op("/") or base_name(function) is None:
        return None
    glued = below.kind == "name" and below.text.startswith("d") and len(below.text) > 1
    if not glued and _d_kind(below) != "d":
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
    order = _power_of(parser, item)
    most = integer(order) or 1
    while _total_order(below, kind) < most:
        following = parser.items[parser.position] if parser.position < len(parser.items) else None
        if following is None:
            break
        if kind == "partial" and following.kind == "partial" and parser.position + 1 < len(parser.items):
            below += [following, parser.items[parser.position + 1]]
            parser.position += 2
            continue
        if kind == "d" and following.kind == "font" and _d_kind(following) == "d" and parser.position + 1 < len(parser.items):
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
                below += _unglue([following])
                parser.position += 1
                continue
        break
    variables = _variables(parser, below, kind) if below else None
    if not variables:
        parser.position = begin
        return None
    anchor = Item("frac", "", (), item.start, parser.items[parser.position - 1].end)
    return _finish(parser, anchor, kind, order, variables, above)


def _total_order(below: list[Item], kind: str) -> int:
    """How many times the differentials so far differentiate: dx² counts twice."""
    total = 0
    for place, item in enumerate(below):
        if _d_kind(item) == kind and place % 2 == 0 and place + 1 < len(below):
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
        variables = parser.sub_parser(_content(item.sub), events=False).sequence()
        body = operand(parser)
        return Term("derivative", (body, *(t for v in variables for t in (v, number(1)))), "partial", parser.span_from(item.start))
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


def nabla(parser: Parser, item: Item) -> Term:
    """`\\nabla_x f`, `\\nabla^2_x f`, `\\nabla_{w, b} L`, `\\nabla f`."""
    variables = tuple(parser.sub_parser(_content(item.sub), events=False).sequence()) if item.sub is not None else ()
    if len(variables) == 1 and variables[0].head in ("tuple", "mul"):
        variables = variables[0].args
    head = "gradient"
    if item.sup is not None:
        power = label_text(item.sup)
        if power != "2":
            raise NotSupported(f"∇^{power} is not supported", span=(item.start, item.end))
        head = "hessian"
    following = parser.peek()
    if following is not None and following.is_op("cdot", "times"):
        parser.take()
        head = "divergence" if following.text == "cdot" else "curl"
    negative = following is not None and following.is_op("-")
    if negative:
        parser.take()
    first = parser.factor()
    if first.head == "transpose" and first.args[0].head in ("call", "name", "apply", "prime"):
        gradient = Term(head, (first.args[0], *variables), None, parser.span_from(item.start))
        return Term("transpose", (gradient,), None, gradient.span)
    following = parser.peek()
    rest: list[Term] = [first]
    while following is not None and not parser.stops(following) and following.kind != "op":
        rest.append(parser.factor())
        following = parser.peek()
    if following is not None and following.is_op("/"):
        parser.take()
        rest = [Term("div", (rest[0] if len(rest) == 1 else Term("mul", tuple(rest)), parser.factor(signed=True)))]
    body = rest[0] if len(rest) == 1 else Term("mul", tuple(rest), None, parser.span_from(item.start))
    body = Term("neg", (body,), None, body.span) if negative else body
    following = parser.peek()
    if following is not None and following.is_op("+", "-", "cdot", "odot", "*", "times"):
        parser.context.note("∇ takes ", body, " only: parentheses would take more")
    return Term(head, (body, *variables), None, parser.span_from(item.start))


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
