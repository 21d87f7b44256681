"""Declarations, definitions and facts: what a line says about its names.

In: the items of a line. Out: a `Statement` (the term to show, what it adds to the scope), or None when the line declares nothing.
"""

from __future__ import annotations

from dataclasses import replace

from derive.derivation import Prose
from derive.errors import InconsistentInput, NotSupported, SyntaxProblem
from derive.expressions.term import Name, Term, number
from derive.meaning.context import Context, base_name, label_text
from derive.meaning.definitions import definition_of, equation
from derive.meaning.formula_laws import formula_law
from derive.meaning.models import independence, model
from derive.meaning.parser import Parser
from derive.meaning.scope import Bound, Declaration, Scope, Type
from derive.meaning.sets import set_term, type_of_set
from derive.meaning.statements import (
    MODEL_WORDS,
    Statement,
    declared_name,
    declared_names,
    is_labelled,
    is_name_item,
    split_commas,
    top_level,
)
from derive.meaning.stretches import jointly_independent, stretches
from derive.meaning.vocabulary import PROPERTIES
from derive.reading.item import Item

__all__ = ["declare"]

_BOUNDS = ("<", ">", "<=", ">=", "!=", "succ", "succeq", "prec", "preceq", ">>", "<<")


def declare(items: tuple[Item, ...], scope: Scope, context: Context, line: int) -> list[Statement] | None:
    """The statements of a line that only declares; None when the line is an expression or a task."""
    if not items:
        return None
    formula = formula_law(items, context, line)
    if formula is not None:
        return formula
    tilde = top_level(items, "~")
    if tilde is not None or top_level(items, "indep", "perp") is not None:
        several = _several(items, scope, context, line)
        if several is not None:
            return several
    if tilde is not None and tilde > 0 and not any(i.text in ("given",) for i in items):
        return [model(items, tilde, context, line)]
    word = next((p for p, i in enumerate(items) if i.kind in ("name", "text") and i.text.strip() in (*MODEL_WORDS, "indep")), None)
    perp = top_level(items, "perp", "indep")
    if word is not None or (perp is not None and perp > 0):
        before, items = _values_before(items)
        stated = declare(before, scope, context, line) if before else []
        if stated is None:
            raise SyntaxProblem(
                "what is independent, disjoint or a partition is said on a line of its own",
                span=(items[0].start, items[-1].end),
                expected=("A, B independent",),
            )
        return [*stated, independence(items, context, line)]
    bars = [i for i in items if i.kind == "bar"]
    if any(i.text == "mid" for i in bars) or sum(i.text == "|" for i in bars) % 2:
        return None
    statements: list[Statement] = []
    waiting: list[tuple[Item, ...]] = []
    for part in split_commas(items, ";"):
        if not part:
            continue
        found = _one(part, waiting, scope, context, line)
        if found is not None:
            statements += found
            waiting = []
        elif is_name_item(part) or all(i.kind == "dots" for i in part):
            waiting.append(part)
        else:
            return None
    return statements if statements and not waiting else None


def _values_before(items: tuple[Item, ...]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """`P(A) = 0.3, P(B) = 0.4` and the rest of `P(A) = 0.3, P(B) = 0.4, A, B independent`."""
    parts = split_commas(items)
    count = next((k for k, part in enumerate(parts) if top_level(part, "=") is None), 0)
    if not count:
        return (), items
    cut = [place for place, item in enumerate(items) if item.is_op(",")][count - 1]
    return items[:cut], items[cut + 1 :]


def _several(items: tuple[Item, ...], scope: Scope, context: Context, line: int) -> list[Statement] | None:
    """The statements of a line that says more than one thing about chance; None where it says one."""
    parts, together = jointly_independent(stretches(items))
    if len(parts) < 2:
        parts = _equation_and_law(items)
    if len(parts) < 2:
        return None
    found: list[Statement] = []
    said: list[Prose] = []
    for part in parts:
        local = scope
        for statement in found:
            local = statement.apply(local)
        own = Context(items, local, context.notation)
        statements = declare(part, local, own, line)
        if statements is None:
            return None
        found += statements
        said += own.notes
    if together:
        subjects = tuple(f.args[0] for s in found for f in s.facts if f.head == "rel" and f.data == "~")
        term = Term("task", (Term("list", subjects),), "independent", (items[0].start, items[-1].end))
        found.append(Statement(term, "fact", facts=(term,)))
    context.notes += [note for note in dict.fromkeys(said) if note not in context.notes]
    return found


def _equation_and_law(items: tuple[Item, ...]) -> list[tuple[Item, ...]]:
    """`z = mu + sigma eps, eps ~ Normal(0, 1)`: what stands before the comma and says "=" is an equation of its own."""
    tilde = top_level(items, "~")
    commas = [p for p, i in enumerate(items) if i.is_op(",", ";") and tilde is not None and p < tilde]
    if not commas or top_level(items[: commas[-1]], "=") is None:
        return [items]
    place = next(p for p in commas if top_level(items[:p], "=") is not None)
    return [items[:place], items[place + 1 :]]


def _one(part: tuple[Item, ...], waiting: list[tuple[Item, ...]], scope: Scope, context: Context, line: int) -> list[Statement] | None:
    place = top_level(part, ":=", "<-")
    if place is not None:
        return [definition_of(part[:place], part[place + 1 :], context, line, True)]
    colon = top_level(part, ":")
    if colon is not None and colon == 1 and (top_level(part, "->", "to") or 0) > colon:
        return [_function(part, colon, context, line)]
    place = top_level(part, "in")
    if place is not None and place > 0:
        return _membership(part, place, waiting, context, line)
    properties = _property(part)
    if properties is not None:
        words, names = properties
        return _with_property(names, words, waiting, scope, context, line)
    relation = next((p for p, i in enumerate(part) if i.kind == "op" and i.text in _BOUNDS), None)
    equals = top_level(part, "=")
    if relation is not None and equals is None and (relation > 0):
        return _bounds(part, waiting, context, line)
    if equals is not None and equals > 0 and not waiting:
        return equation(part, equals, scope, context, line)
    return None


def _membership(part: tuple[Item, ...], place: int, waiting: list[tuple[Item, ...]], context: Context, line: int) -> list[Statement] | None:
    left = part[:place]
    if not all((base_name(i) is not None and is_labelled(i)) or i.kind == "dots" for i in left):
        return None
    kind = type_of_set(part[place + 1 :], context)
    if kind is None:
        return None
    names = declared_names([*waiting, left], context)
    declarations = []
    shown = []
    dotted = any(i.kind == "dots" for p in waiting for i in p)
    for name, family, item in names:
        own = replace(kind, shape=(Term("blank"), *kind.shape)) if family or dotted else kind
        said = context.scope.declarations.get(name)
        if said is not None and said.type.properties and all(size.head == "blank" for size in said.type.shape):
            own = replace(own, properties=own.properties | said.type.properties)  # `y onehot` on a line before
        declarations.append(Declaration(name if not dotted else name._replace(sub=""), own, line))
        shown.append(Term("name", (), Name.from_key(label_text(item)) if family else name, (item.start, item.end)))
    span = (names[0][2].start, part[-1].end)
    subject = shown[0] if len(shown) == 1 else Term("list", tuple(shown))
    return [Statement(Term("rel", (subject, set_term(part[place + 1 :], context)), "in", span), "declaration", tuple(declarations))]


_PROPERTY_WORDS = ("is", "are", "positive", "semidefinite", "definite", "and", "a", "matrix", "triangular")


def _property(part: tuple[Item, ...]) -> tuple[tuple[str, ...], tuple[Item, ...]] | None:
    """`A symmetric`, `A \\text{ is invertible}`, `A is symmetric positive definite`."""
    words: list[str] = []
    cut = len(part)
    while cut > 1 and part[cut - 1].kind in ("name", "text", "function") and part[cut - 1].sub is None:
        words[:0] = part[cut - 1].text.replace(" and ", " ").split()
        cut -= 1
        if words[0] in ("lower", "upper") and "triangular" in words[1:2] and cut > 0 and is_name_item(part[cut - 1 : cut]):
            raise NotSupported(
                f"{words[0]} triangular is no property that is used",
                span=(part[cut].start, part[-1].end),
                suggestion="L in R^{n x n}, whose entries are then all free",
            )
        if not all(w in (*_PROPERTY_WORDS, *PROPERTIES) for w in words):
            return None
    text = " ".join(w for w in words if w not in ("is", "are", "and", "a", "matrix"))
    found: list[str] = []
    for phrase in ("positive definite", "positive semidefinite", *PROPERTIES):
        if phrase in text:
            found += PROPERTIES[phrase]
            text = text.replace(phrase, "")
    return (tuple(found), part[:cut]) if found and not text.strip() and cut < len(part) else None


def _with_property(
    items: tuple[Item, ...], words: tuple[str, ...], waiting: list[tuple[Item, ...]], scope: Scope, context: Context, line: int
) -> list[Statement]:
    declarations = []
    shown = []
    for name, family, _item in declared_names([*waiting, items], context):
        known = context.declared(name)
        vector = "onehot" in words
        size = Term("blank")
        shape = known.shape if known is not None and known.shape else ((size,) if vector else (Term("blank"), Term("blank")))
        if family and not known:
            shape = (Term("blank"), *shape)
        if (
            "symmetric" in words
            and len(shape) == 2
            and known is not None
            and shape[0] != shape[1]
            and "blank" not in (shape[0].head, shape[1].head)
        ):
            raise InconsistentInput(
                f"{name.key} is declared with two different sizes and cannot be {words[0]}", span=(items[0].start, items[-1].end)
            )
        base = known or Type()
        declarations.append(Declaration(name, replace(base, shape=shape, properties=base.properties | set(words)), line))
        shown.append(Term("name", (), name))
    subject = shown[0] if len(shown) == 1 else Term("list", tuple(shown))
    return [Statement(Term("task", (subject, Term("word", (), words[0])), "property"), "declaration", tuple(declarations))]


def _function(part: tuple[Item, ...], colon: int, context: Context, line: int) -> Statement:
    arrow = top_level(part, "->", "to")
    assert arrow is not None
    name = declared_name(part[0], context)[0] if base_name(part[0]) is not None else None
    if name is None:
        raise SyntaxProblem("a function's name is expected", span=(part[0].start, part[0].end))
    domain, codomain = type_of_set(part[colon + 1 : arrow], context), type_of_set(part[arrow + 1 :], context)
    unknown = [p for p, k in ((part[colon + 1 : arrow], domain), (part[arrow + 1 :], codomain)) if k is None]
    if unknown and all(len(p) == 1 and (b := base_name(p[0])) is not None and b.font in ("cal", "scr", "bb", "frak") for p in unknown):
        context.note("sets without a shape are taken as sets of numbers")
        domain, codomain = domain or Type(), codomain or Type()
    if domain is None or codomain is None:
        raise SyntaxProblem(
            "sets such as R^n are expected around the arrow", span=(part[colon].start, part[-1].end), expected=("f: R^n -> R",)
        )
    kind = Type("function", codomain.shape, arguments=(domain.shape,))
    sets = Term("rel", (set_term(part[colon + 1 : arrow], context), set_term(part[arrow + 1 :], context)), "->")
    term = Term("task", (Term("name", (), name), sets), "function", (part[0].start, part[-1].end))
    return Statement(term, "declaration", (Declaration(name, kind, line),))


# ------------------------------------------------------------------ bounds
def _bounds(part: tuple[Item, ...], waiting: list[tuple[Item, ...]], context: Context, line: int) -> list[Statement] | None:
    term = Parser(part, context).expression()
    if term.head not in ("rel", "chain"):
        return None
    signs = (term.data,) if term.head == "rel" else term.data
    if not all(s in _BOUNDS for s in signs):
        return None
    names = declared_names(waiting, context) if waiting else []
    found: dict[Name, Type] = {n: context.declared(n) or Type() for n, _, _ in names}
    sides = term.args
    for place, side in enumerate(sides):
        if side.head not in ("name", "index"):
            continue
        name = side.data if side.head == "name" else side.args[0].data
        kind = found.get(name) or context.declared(name) or Type()
        for neighbour, sign in _neighbours(sides, signs, place):
            kind = _bounded(kind, neighbour, sign, name)
        if side.head == "index" and not kind.shape:
            kind = replace(kind, shape=(Term("blank"),) * (len(side.args) - 1))
        found[name] = kind
        for other, _, _ in names:
            found[other] = replace(found[other], lower=kind.lower, upper=kind.upper)
    if not found:
        return [Statement(term, "constraint", constraints=(term,))] if _is_of_a_square(term) and not waiting else None
    declarations = tuple(Declaration(n, k, line) for n, k in found.items())
    return [Statement(term, "declaration", declarations, constraints=(term,) if sum(s.head == "name" for s in sides) > 1 else ())]


def _is_of_a_square(term: Term) -> bool:
    """Whether the inequality bounds a power of a name by a number: sigma^2 > 1."""
    if term.head != "rel":
        return False
    powers = [s for s in term.args if s.head == "pow" and s.args[0].head == "name" and s.args[1].head == "number"]
    return len(powers) == 1 and any(s.head == "number" for s in term.args)


def _neighbours(sides: tuple[Term, ...], signs: tuple[str, ...], place: int) -> list[tuple[Term, str]]:
    """What the side is compared with, seen from it: (other, sign)."""
    flipped = {
        "<": ">",
        ">": "<",
        "<=": ">=",
        ">=": "<=",
        "!=": "!=",
        "succ": "prec",
        "prec": "succ",
        "succeq": "preceq",
        "preceq": "succeq",
        ">>": "<<",
        "<<": ">>",
    }
    found = []
    if place + 1 < len(sides):
        found.append((sides[place + 1], signs[place]))
    if place > 0:
        found.append((sides[place - 1], flipped[signs[place - 1]]))
    return found


def _bounded(kind: Type, value: Term, sign: str, name: Name) -> Type:
    zero = value == number(0)
    if (sign in ("succ", "succeq") and zero) or (sign in (">", ">=") and zero and len(kind.shape) == 2):
        strict = sign in ("succ", ">")
        words = ("positive-definite", "symmetric", "invertible") if strict else ("positive-semidefinite", "symmetric")
        shape = kind.shape or (size := Term("word", (), f"size of {name.key}"), size)
        return replace(kind, shape=shape, properties=kind.properties | set(words))
    if sign in ("<", "<="):
        return replace(kind, upper=Bound(value, sign == "<"))
    if sign in (">", ">="):
        return replace(kind, lower=Bound(value, sign == ">"))
    return kind
