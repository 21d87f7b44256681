"""Definitions and equations: `f(x) := …`, `L = …`, `D_{ij} = …`, updates, and equations that hold."""

from __future__ import annotations

from collections.abc import Iterator

from derive.errors import SyntaxProblem
from derive.expressions.functions import canonical_function
from derive.expressions.term import Name, Term
from derive.meaning.context import Context, base_name, label_text, walk_items
from derive.meaning.parser import Parser
from derive.meaning.scope import Definition, Scope
from derive.meaning.statements import (
    FAMILY,
    INDICES,
    Statement,
    declared_name,
    is_labelled,
    is_name_item,
    split_commas,
    top_level,
)
from derive.meaning.vocabulary import GREEK, NAMED_BY_THE_FIELD, PROBABILITY, WORD_FORMS
from derive.reading.item import Item

__all__ = ["definition_of", "equation"]

_SCALARS = ("real", "natural", "integer", "whole")
_PREFIXES = frozenset("ijklst")  # letters that are places, not sizes, where they are the end of a sum
_BOUNDS = ("<", ">", "<=", ">=", "!=", "succ", "succeq", "prec", "preceq", ">>", "<<")


def definition_of(left: tuple[Item, ...], right: tuple[Item, ...], context: Context, line: int, explicit: bool) -> Statement:
    span = (left[0].start, left[-1].end)
    name = base_name(left[0])
    if name is None or not right:
        if not right:
            raise SyntaxProblem("the right side is missing", span=(left[-1].end, left[-1].end + 1), expected=("an expression",))
        raise SyntaxProblem("a definition is written name := expression", span=span, expected=("name := expression", "f(x) := expression"))
    sup = label_text(left[0].sup) if left[0].sup is not None else ""
    parameters: tuple[Name, ...] = ()
    indexed: tuple[Name, ...] = ()
    if left[0].sub is not None:
        label = label_text(left[0].sub)
        letters = context.script_letters(left[0].sub)
        if len(letters) == 1 and len(label) in (2, 3) and set(label) <= INDICES and _uses(right, list(label)):
            letters = list(label)  # D_ij beside x_i and x_j, glued or not
        if (
            letters
            and (all(c in INDICES or context.is_running(c) for c in letters) or _runs_to(right, letters))
            and label.replace(",", "") == "".join(letters)
            and (_uses(right, letters) or _runs_to(right, letters))
        ):
            indexed = tuple(Name(c) for c in letters)
            context.running |= set(letters)
            context.indexed.add(name)
            context.scan(right)
        else:
            name = name._replace(sub=label)
    name = name._replace(sup=sup, primes=left[0].primes)
    if len(left) == 2 and left[1].kind == "fence" and left[1].text == "()":
        inside = [p for p in split_commas(left[1].children, ";") if p]
        if not all(is_name_item(p) for p in inside) or not inside:
            raise SyntaxProblem("the parameters of a definition are names", span=(left[1].start, left[1].end), expected=("f(x) := …",))
        parameters = tuple(declared_name(p[0], context)[0] for p in inside)
        if len(set(parameters)) != len(parameters):
            raise SyntaxProblem("a parameter is named twice", span=(left[1].start, left[1].end), expected=("different names",))
    elif len(left) != 1:
        raise SyntaxProblem("a definition has one name on its left", span=span, expected=("name := expression",))
    for parameter in parameters:
        if parameter not in context.applied:
            context.bare.add(parameter)
    alone = bool(parameters) and name.base in ("p", "q") and len(right) == 2
    family = alone and any(i.is_op(",") for i in right[1].children)  # q(z) = N(m, v): the whole right side is a law
    parser = Parser(right, context, events=family)
    body = parser.statement_or_list()
    shown = Term("name", (), name, span)
    if indexed:
        shown = Term("index", (shown, *(Term("name", (), p) for p in indexed)), None, span)
    if name in {n.data for n in body.walk() if n.head == "name"} and explicit and not parameters:
        context.note(shown, " on the left is its new value")
        return Statement(Term("rel", (shown, body), ":=", (left[0].start, right[-1].end)), "update")
    if parameters:
        shown = Term("call", (shown, *(Term("name", (), p) for p in parameters)), None, span)
    term = Term("rel", (shown, body), ":=" if explicit else "=", (left[0].start, right[-1].end))
    definition = Definition(name, parameters or indexed, body, line, bool(indexed))
    if sup.isdigit() and not explicit:  # what else holds of σ, dσ/dx, follows from the equation
        power = Term("pow", (Term("name", (), name._replace(sup="")), Term("number", (), sup)))
        return Statement(term, "definition", definition=definition, constraints=() if indexed else (Term("rel", (power, body), "="),))
    return Statement(term, "definition", definition=definition)


def _uses(items: tuple[Item, ...], letters: list[str]) -> bool:
    below = {c for i in walk_items(items) if i.sub is not None for c in label_text(i.sub)}
    return all(c in below for c in letters)


def _runs_to(items: tuple[Item, ...], letters: list[str]) -> bool:
    """Whether a sum or product goes as far as the one letter says: s_i = Σ_{j=1}^i x_j has one value for every i; x̄_n has one."""
    ends = {label_text(i.sup) for i in walk_items(items) if i.text in ("sum", "prod") and i.sup is not None and i.sub is not None}
    return len(letters) == 1 and letters[0] in _PREFIXES and any(end.split("-")[0].split("+")[0] == letters[0] for end in ends)


def equation(part: tuple[Item, ...], equals: int, scope: Scope, context: Context, line: int) -> list[Statement] | None:
    left, right = part[:equals], part[equals + 1 :]
    name = base_name(left[0])
    simple = len(left) == 1 and name is not None and left[0].kind not in ("function",) and not _is_derivative(left[0], name, scope)
    applied = (
        name is not None
        and len(left) == 2
        and left[1].sub is None
        and left[1].sup is None
        and (name in scope.definitions or _parameter_list(left, name))
    )
    if top_level(right, "=") is not None or top_level(right, *_BOUNDS) is not None:
        return None
    above = label_text(left[0].sup) if left[0].sup is not None else ""
    if simple and name is not None and (not above or above.startswith(("(", "*", "[")) or _is_power(above, name, left[0], right, scope)):
        full = name._replace(sub=label_text(left[0].sub) if left[0].sub is not None else "", primes=left[0].primes)
        full = full._replace(sup=above) if above.isdigit() else full
        known = scope.definitions.get(full)
        declared = scope.declarations.get(full)
        redefines = known is not None and not known.parameters
        if (
            not redefines
            and not _mentions(right, left[0], scope)
            and (declared is None or declared.type.domain in ("real", "natural", "integer", "whole"))
        ):
            return [definition_of(left, right, context, line, False)]
        if redefines and known is not None and not _mentions(right, left[0], scope):
            context.note(Term("name", (), full), f" was defined on line {known.line}; this definition replaces it")
            return [definition_of(left, right, context, line, False)]
    if applied and not context.known(Name("_")) and name is not None:
        names = [base_name(p[0]) for p in split_commas(left[1].children, ";") if p]
        if not any(n in scope.definitions for n in names if n is not None):
            return [definition_of(left, right, context, line, False)]
    term = Parser(part, context, events=False).expression()
    if term.head == "rel" and any(n.head == "probability" for n in term.args[0].walk()):
        return [Statement(term, "fact", facts=(term,))]
    return [Statement(term, "constraint", constraints=(term,))]


def _is_power(above: str, name: Name, left: Item, right: tuple[Item, ...], scope: Scope) -> bool:
    """Whether `σ^2 = …` says what σ² is: a whole power of a name that nothing else says, and that the right side does not hold."""
    if not above.isdigit() or int(above) < 2 or left.primes:
        return False
    full = name._replace(sub=label_text(left.sub) if left.sub is not None else "")
    declared = scope.declarations.get(full)
    if full in scope.definitions or (declared is not None and (declared.type.shape or declared.type.domain not in _SCALARS)):
        return False  # A² = I says something of A
    if len(right) == 1 and right[0].text in ("I", "0", left.text):
        return False
    return not _mentions(right, Item(left.kind, left.text, left.children, sub=left.sub), scope)


def _parameter_list(left: tuple[Item, ...], name: Name) -> bool:
    """`f(x, y)` on the left of an equation: a short name that is no operator, and names in the brackets."""
    if left[1].kind != "fence" or left[1].text != "()" or left[0].kind not in ("name", "accent", "font", "function", "text"):
        return False
    if name.base in PROBABILITY and not (name.base in ("E", "V") and left[0].kind == "name"):
        return False
    known = canonical_function(name.base)
    if name.base in WORD_FORMS or (known is not None and known not in NAMED_BY_THE_FIELD and name.base not in GREEK):
        return False
    parts = [p for p in split_commas(left[1].children, ";") if p]
    if name.base in ("E", "V") and any(p[0].text[:1].isupper() for p in parts):
        return False
    return all(is_name_item(p) and not (p[0].sub is not None and label_text(p[0].sub) in FAMILY) for p in parts)


def _is_derivative(left: Item, name: Name, scope: Scope) -> bool:
    """Whether a primed name is the derivative of a function or of a quantity that is defined; else it is a name of its own."""
    declared = scope.declarations.get(name)
    return left.primes > 0 and (name in scope.definitions or (declared is not None and bool(declared.type.arguments)))


def _mentions(items: tuple[Item, ...], target: Item, scope: Scope) -> bool:
    """Whether the name stands in these items; the z of a declared W_z is a label."""
    wanted = label_text(Item(target.kind, target.text, target.children, sub=target.sub))
    if target.sup is not None and is_labelled(target):  # h^{(2)} = f(h^{(1)}) does not mention itself
        label = label_text(target.sup)
        items = tuple(i for i in walk_items(items) if i.sup is not None and label_text(i.sup) == label)
    return any(
        i.kind == target.kind and i.primes == target.primes and label_text(Item(i.kind, i.text, i.children, sub=i.sub)) == wanted
        for i in _outside_labels(items, scope, wanted)
    )


def _outside_labels(items: tuple[Item, ...], scope: Scope, wanted: str) -> Iterator[Item]:
    """The items without labels: the i of W_i in i = σ(W_i x) is one, for nothing is defined by its own place in an array."""
    for item in items:
        yield item
        yield from _outside_labels(item.children, scope, wanted)
        name = base_name(item) if item.sub is not None else None
        labelled = None if name is None or item.sub is None else name._replace(sub=label_text(item.sub))
        known = labelled is not None and (labelled in scope.declarations or labelled in scope.definitions)
        own = item.sub is not None and label_text(item.sub) == wanted
        for script in (None if known or own else item.sub, item.sup):
            if script is not None:
                yield from _outside_labels((script,), scope, wanted)
