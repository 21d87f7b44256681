"""Declarations, definitions and facts: what a line says about its names.

In: the items of a line. Out: a `Statement` (the term to show, what it adds to the scope), or None when the line declares nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.errors import InconsistentInput, SyntaxProblem, UnknownName
from derive.expressions.term import Name, Term, number
from derive.meaning.context import Context, base_name, label_text, nearest, walk_items
from derive.meaning.parser import Parser
from derive.meaning.scope import Bound, Declaration, Definition, Scope, Type
from derive.meaning.sets import set_term, type_of_set
from derive.meaning.vocabulary import DISTRIBUTIONS, PROBABILITY, PROPERTIES
from derive.reading.item import Item

__all__ = ["Statement", "declare", "split_commas", "top_level"]

_BOUNDS = ("<", ">", "<=", ">=", "!=", "succ", "succeq", "prec", "preceq", ">>", "<<")
_FAMILY = frozenset("ijkn")
_INDICES = frozenset("ijklmn")
_WORDS = ("iid", "independent", "markov", "partition", "mutually")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a line declares: its term, its kind ("declaration", "definition", "fact"), and what it adds."""

    term: Term
    kind: str
    declarations: tuple[Declaration, ...] = ()
    definition: Definition | None = None
    facts: tuple[Term, ...] = ()
    constraints: tuple[Term, ...] = ()

    def apply(self, scope: Scope) -> Scope:
        """The scope with this statement in force."""
        scope = scope.declare(*self.declarations)
        if self.definition is not None:
            scope = scope.define(self.definition)
        return replace(scope, facts=scope.facts + self.facts, constraints=scope.constraints + self.constraints)


def top_level(items: tuple[Item, ...], *texts: str) -> int | None:
    """The place of the first operator or word with one of these texts."""
    for place, item in enumerate(items):
        if item.kind in ("op", "name", "text", "function") and item.text.strip() in texts:
            if (item.sub is None and item.sup is None) or item.is_op("~"):
                return place
        if item.kind == "accent" and len(item.children) == 1 and item.children[0].kind == "op" and item.children[0].text in texts:
            return place
    return None


def split_commas(items: tuple[Item, ...], *also: str) -> list[tuple[Item, ...]]:
    """The stretches between top-level commas (and semicolons where asked)."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.is_op(",", *also):
            parts.append([])
        else:
            parts[-1].append(item)
    return [tuple(p) for p in parts]


def declare(items: tuple[Item, ...], scope: Scope, context: Context, line: int) -> list[Statement] | None:
    """The statements of a line that only declares; None when the line is an expression or a task."""
    if not items:
        return None
    tilde = top_level(items, "~")
    if tilde is not None and tilde > 0 and not any(i.text in ("given",) for i in items):
        return [_model(items, tilde, context, line)]
    word = next((p for p, i in enumerate(items) if i.kind in ("name", "text") and i.text.strip() in (*_WORDS, "indep")), None)
    perp = top_level(items, "perp", "indep")
    if word is not None or (perp is not None and perp > 0):
        return [_independence(items, context, line)]
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
        elif _is_name_item(part) or all(i.kind == "dots" for i in part):
            waiting.append(part)
        else:
            return None
    return statements if statements and not waiting else None


def _is_name_item(part: tuple[Item, ...]) -> bool:
    return len(part) == 1 and base_name(part[0]) is not None and part[0].sup is None


def _one(part: tuple[Item, ...], waiting: list[tuple[Item, ...]], scope: Scope, context: Context, line: int) -> list[Statement] | None:
    place = top_level(part, ":=", "<-")
    if place is not None:
        return [_definition(part[:place], part[place + 1 :], context, line, True)]
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
        return _equation(part, equals, scope, context, line)
    return None


# ------------------------------------------------------------------ names and their types
def _named(item: Item, context: Context) -> tuple[Name, bool]:
    """The declared name; whether it is a family `x_i` (an array with one entry per i)."""
    name = base_name(item)
    assert name is not None
    if item.sub is None:
        return name._replace(primes=item.primes), False
    label = label_text(item.sub)
    if len(label) == 1 and (label in _FAMILY or context.is_running(label)):
        return name, True
    return name._replace(sub=label, primes=item.primes), False


def _names(parts: list[tuple[Item, ...]], context: Context) -> list[tuple[Name, bool, Item]]:
    found: list[tuple[Name, bool, Item]] = []
    for part in parts:
        for item in part:
            if item.kind == "dots" or item.is_op(","):
                continue
            if base_name(item) is None:
                raise SyntaxProblem("a name is expected in a declaration", span=(item.start, item.end), expected=("a name",))
            found.append((*_named(item, context), item))
    return found


def _membership(part: tuple[Item, ...], place: int, waiting: list[tuple[Item, ...]], context: Context, line: int) -> list[Statement] | None:
    left = part[:place]
    if not all((base_name(i) is not None and i.sup is None) or i.kind == "dots" for i in left):
        return None
    kind = type_of_set(part[place + 1 :], context)
    if kind is None:
        return None
    names = _names([*waiting, left], context)
    declarations = []
    shown = []
    dotted = any(i.kind == "dots" for p in waiting for i in p)
    for name, family, item in names:
        own = replace(kind, shape=(Term("blank"), *kind.shape)) if family or dotted else kind
        declarations.append(Declaration(name if not dotted else name._replace(sub=""), own, line))
        shown.append(Term("name", (), Name.from_key(label_text(item)) if family else name, (item.start, item.end)))
    span = (names[0][2].start, part[-1].end)
    subject = shown[0] if len(shown) == 1 else Term("list", tuple(shown))
    return [Statement(Term("rel", (subject, set_term(part[place + 1 :], context)), "in", span), "declaration", tuple(declarations))]


def _property(part: tuple[Item, ...]) -> tuple[tuple[str, ...], tuple[Item, ...]] | None:
    """`A symmetric`, `A \\text{ is invertible}`, `A is symmetric positive definite`."""
    words: list[str] = []
    cut = len(part)
    while cut > 1 and part[cut - 1].kind in ("name", "text", "function") and part[cut - 1].sub is None:
        words[:0] = part[cut - 1].text.replace(" and ", " ").split()
        cut -= 1
        if not all(w in ("is", "are", "positive", "semidefinite", "definite", "and", "a", "matrix", *PROPERTIES) for w in words):
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
    for name, family, _item in _names([*waiting, items], context):
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
    name = _named(part[0], context)[0] if base_name(part[0]) is not None else None
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
    names = _names(waiting, context) if waiting else []
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
        return None
    declarations = tuple(Declaration(n, k, line) for n, k in found.items())
    return [Statement(term, "declaration", declarations, constraints=(term,) if sum(s.head == "name" for s in sides) > 1 else ())]


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


# ------------------------------------------------------------------ definitions, facts, models
def _definition(left: tuple[Item, ...], right: tuple[Item, ...], context: Context, line: int, explicit: bool) -> Statement:
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
        if (
            letters
            and all(c in _INDICES or context.is_running(c) for c in letters)
            and label.replace(",", "") == "".join(letters)
            and _uses(right, letters)
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
        if not all(_is_name_item(p) for p in inside) or not inside:
            raise SyntaxProblem("the parameters of a definition are names", span=(left[1].start, left[1].end), expected=("f(x) := …",))
        parameters = tuple(_named(p[0], context)[0] for p in inside)
        if len(set(parameters)) != len(parameters):
            raise SyntaxProblem("a parameter is named twice", span=(left[1].start, left[1].end), expected=("different names",))
    elif len(left) != 1:
        raise SyntaxProblem("a definition has one name on its left", span=span, expected=("name := expression",))
    for parameter in parameters:
        context.bare.add(parameter)
    parser = Parser(right, context)
    body = parser.statement_or_list()
    shown = Term("name", (), name, span)
    if name in {n.data for n in body.walk() if n.head == "name"} and explicit and not parameters:
        context.note(shown, " on the left is its new value")
        return Statement(Term("rel", (shown, body), ":=", (left[0].start, right[-1].end)), "update")
    if parameters:
        shown = Term("call", (shown, *(Term("name", (), p) for p in parameters)), None, span)
    if indexed:
        shown = Term("index", (shown, *(Term("name", (), p) for p in indexed)), None, span)
    term = Term("rel", (shown, body), ":=" if explicit else "=", (left[0].start, right[-1].end))
    return Statement(term, "definition", definition=Definition(name, parameters or indexed, body, line))


def _uses(items: tuple[Item, ...], letters: list[str]) -> bool:
    below = {c for i in walk_items(items) if i.sub is not None for c in label_text(i.sub)}
    return all(c in below for c in letters)


def _equation(part: tuple[Item, ...], equals: int, scope: Scope, context: Context, line: int) -> list[Statement] | None:
    left, right = part[:equals], part[equals + 1 :]
    name = base_name(left[0])
    simple = len(left) == 1 and name is not None and left[0].kind not in ("function",) and left[0].primes == 0
    applied = name is not None and len(left) == 2 and (name in scope.definitions or _parameter_list(left, name))
    if top_level(right, "=") is not None or top_level(right, *_BOUNDS) is not None:
        return None
    if (simple and name is not None and left[0].sup is None) or (
        simple and name is not None and label_text(left[0].sup or left[0]).startswith(("(", "*", "["))
    ):
        full = name._replace(sub=label_text(left[0].sub) if left[0].sub is not None else "")
        known = scope.definitions.get(full)
        declared = scope.declarations.get(full)
        redefines = known is not None and not known.parameters
        if (
            not redefines
            and not _mentions(right, left[0])
            and (declared is None or declared.type.domain in ("real", "natural", "integer", "whole"))
        ):
            return [_definition(left, right, context, line, False)]
        if redefines and known is not None and not _mentions(right, left[0]):
            context.note(Term("name", (), full), f" was defined on line {known.line}; this definition replaces it")
            return [_definition(left, right, context, line, False)]
    if applied and not context.known(Name("_")) and name is not None:
        names = [base_name(p[0]) for p in split_commas(left[1].children, ";") if p]
        if not any(n in scope.definitions for n in names if n is not None):
            return [_definition(left, right, context, line, False)]
    term = Parser(part, context, events=False).expression()
    if term.head == "rel" and any(n.head == "probability" for n in term.args[0].walk()):
        return [Statement(term, "fact", facts=(term,))]
    return [Statement(term, "constraint", constraints=(term,))]


def _parameter_list(left: tuple[Item, ...], name: Name) -> bool:
    """`f(x, y)` on the left of an equation: a short name that is no operator, and names in the brackets."""
    if left[1].kind != "fence" or left[1].text != "()" or left[0].kind not in ("name", "accent", "font", "function", "text"):
        return False
    if name.base in PROBABILITY and not (name.base == "E" and left[0].kind == "name"):
        return False
    parts = [p for p in split_commas(left[1].children, ";") if p]
    if name.base in ("E", "V") and any(p[0].text[:1].isupper() for p in parts):
        return False
    return all(_is_name_item(p) and not (p[0].sub is not None and label_text(p[0].sub) in _FAMILY) for p in parts)


def _mentions(items: tuple[Item, ...], target: Item) -> bool:
    wanted = label_text(Item(target.kind, target.text, target.children, sub=target.sub))
    return any(i.kind == target.kind and label_text(Item(i.kind, i.text, i.children, sub=i.sub)) == wanted for i in walk_items(items))


def _model(items: tuple[Item, ...], tilde: int, context: Context, line: int) -> Statement:
    """`X ~ Normal(mu, sigma^2)`, `X_1, …, X_n iid ~ …`, `y_i | w ~ … for i = 1, …, n`."""
    left = tuple(i for i in items[:tilde] if not (i.kind in ("name", "text") and i.text.strip() in _WORDS))
    iid = len(left) < tilde or items[tilde].kind == "accent" or items[tilde].sup is not None
    right = items[tilde + 1 :]
    rest: tuple[Item, ...] = ()
    for place, item in enumerate(right):
        if item.is_op(",") or (item.kind in ("name", "text") and item.text.strip() in ("for", "iid", "independently", "independent")):
            right, rest = right[:place], right[place:]
            break
    from derive.meaning.probability import conditioned

    subject = conditioned(Parser(left, context), left, (items[0].start, items[tilde].end))
    _known_distribution(right, context)
    law = Parser(items[: tilde + 1] + right, context, events=True)
    law.position = tilde + 1
    value = law.statement()
    law.leftover()
    variables = subject.args[0] if subject.head == "given" else subject
    declarations = []
    for node in variables.args if variables.head in ("list", "tuple") else (variables,):
        target = node.args[0] if node.head == "index" else node
        if target.head == "name":
            known = context.declared(target.data)
            declarations.append(Declaration(target.data, replace(known or Type(), domain="random"), line))
    term = Term("rel", (subject, value), "~", (items[0].start, items[-1].end))
    if iid:
        context.note("independent and identically distributed")
        term = Term("task", (term,), "iid", term.span)
    if rest:
        term = Term("task", (term, Term("word", (), "".join(label_text(i) for i in rest).strip(","))), "for-each", term.span)
    return Statement(term, "fact", tuple(declarations), facts=(term,))


def _known_distribution(items: tuple[Item, ...], context: Context) -> None:
    """Raise when an unknown distribution is applied; a bare name (`x ~ p`) is a distribution of its own."""
    if len(items) < 2 or items[1].kind != "fence":
        return
    name = base_name(items[0])
    known = name is None or name.base in DISTRIBUTIONS or context.known(name) or items[0].sub is not None
    if known or name is None or (len(name.base) < 3 and name.font != "cal"):
        return
    close = nearest(name.base, [d for d in DISTRIBUTIONS if len(d) > 2])
    span = (items[0].start, items[0].end)
    raise UnknownName(
        f"{name.base} is no distribution that is known", span=span, expected=("a distribution such as Normal(mu, s^2)",), suggestion=close
    )


def _independence(items: tuple[Item, ...], context: Context, line: int) -> Statement:
    names = [p for p in split_commas(items)]
    shown = []
    words = []
    for part in names:
        kept = tuple(i for i in part if not (i.kind in ("name", "text") and i.text.strip() in (*_WORDS, "are", "is", "mutually")))
        words += [i.text.strip() for i in part if i not in kept]
        if kept and kept[0].kind != "dots":
            from derive.meaning.probability import conditioned

            shown.append(conditioned(Parser(kept, context), kept, (kept[0].start, kept[-1].end)))
        elif kept:
            shown.append(Term("dots"))
    label = words[-1] if words else "independent"
    subject = shown[0] if len(shown) == 1 else Term("list", tuple(shown))
    term = Term("task", (subject,), label, (items[0].start, items[-1].end)) if label != "independent" or len(shown) > 1 else subject
    declarations = tuple(
        Declaration(t.data, Type("random"), line)
        for t in shown
        if t.head == "name" and context.declared(t.data) is None and label in ("iid",)
    )
    return Statement(term, "fact", declarations, facts=(term,))
