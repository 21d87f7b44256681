"""Derivatives as they are written: `d/dx`, `\\frac{\\partial^2 f}{\\partial x \\partial y}`, `\\nabla_x`, grad, hessian, jacobian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Name, Span, Term, integer, number
from derive.meaning.binders import operand
from derive.meaning.context import base_name, label_text, walk_items
from derive.meaning.inference import shape_of
from derive.meaning.names import resolve_name
from derive.meaning.points import around_derivative
from derive.meaning.scope import Scope
from derive.meaning.scripts import scripts
from derive.meaning.types import types_of
from derive.meaning.vocabulary import RELATIONS
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["d_kind", "differentials", "finish", "fraction", "nabla", "parameters_of", "power_of", "script_content", "unglue", "without_d"]

_PRODUCTS = ("cdot", "odot", "circ", ".*", "*", "times", "otimes")


def parameters_of(body: Term, scope: Scope) -> tuple[Name, ...]:
    """The parameters of a function that stands without its arguments: `∇f`, `∂f/∂x` with f(x, y) defined."""
    definition = scope.definitions.get(body.data) if body.head == "name" else None
    return definition.parameters if definition is not None else ()


def script_content(item: Item) -> tuple[Item, ...]:
    return item.children if item.kind == "group" else (item,)


def d_kind(item: Item) -> str | None:
    """ "partial" for ∂, "d" for an upright or slanted d."""
    if item.kind == "partial":
        return "partial"
    if item.kind == "name" and item.text == "d" and item.sub is None:
        return "d"
    if item.kind in ("font", "function", "text") and label_text(Item(item.kind, item.text, item.children)) == "d":
        return "d"
    return None


def power_of(parser: Parser, item: Item) -> Term:
    if item.sup is None:
        return number(1)
    return parser.sub_parser(script_content(item.sup)).expression()


def fraction(parser: Parser, item: Item) -> Term | None:
    """A fraction that is a derivative, with its operand where the numerator has none; None for an ordinary fraction."""
    top, bottom = (list(script_content(g)) for g in item.children)
    top, bottom = unglue(top), unglue(bottom)
    if not top or not bottom:
        return None
    kind = d_kind(top[0])
    if kind is None or d_kind(bottom[0]) != kind or len(bottom) < 2:
        return None
    if parser.context.known(Name("d")) and kind == "d" and len(top) > 1:
        return None
    order = power_of(parser, top[0])
    variables = differentials(parser, bottom, kind, top[0].sup is not None)
    if variables is None:
        return None
    return finish(parser, item, kind, order, variables, tuple(top[1:]))


def without_d(item: Item) -> Item:
    """The name behind the d of `dx`."""
    glued = item.glued and len(item.text) > 2
    return Item("name", item.text[1:], (), item.start + 1, item.end, sub=item.sub, sup=item.sup, primes=item.primes, glued=glued)


def unglue(items: list[Item]) -> list[Item]:
    """`dx` as d and x."""
    result: list[Item] = []
    for item in items:
        if item.kind == "name" and len(item.text) > 1 and item.text[0] == "d":
            result += [Item("name", "d", (), item.start, item.start + 1, space=item.space), without_d(item)]
        else:
            result.append(item)
    return result


def differentials(parser: Parser, items: list[Item], kind: str, orders: bool = True) -> list[tuple[Term, Term]] | None:
    """The variables below, each with its order; None when this is no list of differentials."""
    found: list[tuple[Term, Term]] = []
    place = 0
    while place < len(items):
        if d_kind(items[place]) != kind or place + 1 >= len(items):
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
        if any(i.kind == "number" for i in script_content(sup)) and len(script_content(sup)) == 1:
            raise SyntaxProblem(
                f"a derivative with respect to a power, {label_text(item)}", span=(item.start, item.end),
                expected=("a name for the power, such as v = σ^2, and a derivative with respect to v", "d^2 above for a second derivative"),
            )  # fmt: skip
        name = base_name(Item(item.kind, item.text, item.children))
        if name is not None:
            parser.context.iterated.add(name)
            return resolve_name(item, parser, False)[0], order
    if sup is not None and (sup.is_op("top") or label_text(sup) in ("top", "T", "⊤")):
        bare = Item(item.kind, item.text, item.children, item.start, item.end, sub=item.sub, primes=item.primes)
        return Term("transpose", (resolve_name(bare, parser, False)[0],)), order
    if sup is not None and not _is_label(parser, sup):
        order = parser.sub_parser(script_content(sup)).expression()
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


def finish(parser: Parser, item: Item, kind: str, order: Term, variables: list[tuple[Term, Term]], above: tuple[Item, ...]) -> Term:

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
    return around_derivative(Term("derivative", (body, *(t for pair in variables for t in pair)), kind, span))


def nabla(parser: Parser, item: Item) -> Term:
    """`\\nabla_x f`, `\\nabla^2_x f`, `\\nabla_{w, b} L`, `\\nabla f`."""
    variables = tuple(parser.sub_parser(script_content(item.sub), events=False).sequence()) if item.sub is not None else ()
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
    place = parser.position
    if following is not None and following.is_op("-"):
        body = operand(parser)
    else:
        first = parser.factor()
        span = parser.span_from(item.start)
        if first.head == "transpose" and _is_of_a_number(parser, first.args[0], variables):
            return Term("transpose", (Term(head, (first.args[0], *variables), None, span),), None, span)
        minus_one = Term("neg", (Term("number", (), "1"),))
        if head == "hessian" and first.head == "pow" and first.args[1] == minus_one and first.args[0].head in ("call", "name"):
            return Term("inverse", (Term(head, (first.args[0], *variables), None, span),), None, first.span)
        body = first
        if not _stands_alone(parser, first, head, variables):
            parser.position = place  # once more, as everything up to the next + or −
            body = operand(parser)
    following = parser.peek()
    if following is not None and following.is_op("+", "-", *_PRODUCTS):
        parser.context.note("∇ takes ", body, " only: parentheses would take more")
    return around_derivative(Term(head, (body, *variables), None, parser.span_from(item.start)))


def _is_of_a_number(parser: Parser, function: Term, variables: tuple[Term, ...]) -> bool:
    """Whether ∇f(x)ᵀv is (∇f(x))ᵀv: f stands for a number, so that the transposition can only be that of its gradient. In ∇_x xᵀA x
    and ∇_x bᵀx it belongs to a vector."""
    scope = parser.context.scope
    if function.head == "call" and function.args[0].head == "name":
        definition = scope.definitions.get(function.args[0].data)
        return definition is None or not shape_of(definition.body, types_of(definition.body, scope))
    if function.head in ("prime", "apply"):
        return not variables or function.has("call")
    if function.head != "name":
        return False
    defined = scope.definitions.get(function.data)
    if defined is not None:
        return not shape_of(defined.body, types_of(defined.body, scope))
    return not variables or not (parser.context.known(function.data) or function in variables or _stands_behind(parser, variables))


def _stands_alone(parser: Parser, first: Term, head: str, variables: tuple[Term, ...]) -> bool:
    """Whether ∇ takes the first factor only: ∇²f(x) v is the Hessian times v; in ∇_a C ⊙ σ′(z) and ∇f(x) · v the function is C, f(x)."""
    if first.head not in ("call", "name"):
        return False
    if head == "hessian" and first.head == "call":
        return True
    following = parser.peek()
    if following is None or not following.is_op(*_PRODUCTS):
        return False
    return first.head == "call" or not (first in variables or _stands_behind(parser, variables))


def _stands_behind(parser: Parser, variables: tuple[Term, ...]) -> bool:
    """Whether a variable stands in what follows up to the next + or − of this level."""
    wanted = {v.data.base for variable in variables for v in variable.walk() if v.head == "name"}
    for item in parser.items[parser.position :]:
        if item.is_op("+", "-") or (item.kind == "op" and item.text in RELATIONS):
            return False
        if any(i.text in wanted for i in walk_items((item,))):
            return True
    return False
