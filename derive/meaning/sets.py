"""The sets of declarations: ℝ, ℝⁿ, ℝ^{m×n}, ℕ, 𝕊ⁿ₊₊, Δᵏ, {0, 1}ⁿ, {1..K}, intervals. In: items. Out: a type, or None."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Term, number
from derive.meaning.context import base_name, label_text
from derive.meaning.scope import Bound, Type
from derive.meaning.sizes import size_text
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.context import Context

__all__ = ["set_term", "type_of_set"]

_DOMAINS = {"R": "real", "N": "natural", "Z": "integer", "C": "complex", "Q": "real"}
_PSD = {"++": ("positive-definite", "symmetric", "invertible"), "+": ("positive-semidefinite", "symmetric"), "": ("symmetric",)}


def type_of_set(items: tuple[Item, ...], context: Context) -> Type | None:
    """The type of the members of the set, or None when the items are no set of the language."""
    if not items:
        return None
    first = items[0]
    if first.kind == "fence" and first.text in ("{}", "[]", "()", "[)", "(]"):
        return _fenced(items, context)
    name = base_name(first)
    if name is None or len(items) > 1:
        return None
    if name.base in _DOMAINS and (name.font in ("", "bb", "bf") or name.font == "cal"):
        shape = _sizes(first.sup, context)
        sub = label_text(first.sub) if first.sub is not None else ""
        lower = Bound(number(0), True) if sub in ("+", "++", ">0") else None
        if shape is None and first.sup is not None:
            if label_text(first.sup) in ("+", "++"):
                return Type(_DOMAINS[name.base], lower=Bound(number(0), True))
            raise SyntaxProblem("a shape is expected in the exponent", span=(first.sup.start, first.sup.end), expected=("n", "m x n"))
        return Type(_DOMAINS[name.base], shape or (), lower=lower)
    if name.base == "S" and first.sup is not None:
        sub = label_text(first.sub) if first.sub is not None else ""
        sizes = _sizes(first.sup, context)
        if sizes and len(sizes) == 1 and sub in _PSD:
            return Type("real", (sizes[0], sizes[0]), properties=frozenset(_PSD[sub]))
        return None
    if name.base == "Delta":
        sizes = _sizes(first.sup, context) if first.sup is not None else (Term("blank"),)
        return Type(
            "real",
            sizes or (Term("blank"),),
            lower=Bound(number(0), False),
            upper=Bound(number(1), False),
            properties=frozenset(("simplex",)),
        )
    return None


def set_term(items: tuple[Item, ...], context: Context) -> Term:
    """The set as it is shown: `ℝ^{m×n}`, `𝕊ⁿ₊₊`, `{0, 1}^n`."""
    from derive.meaning.parser import Parser

    first = items[0]
    name = base_name(first)
    if len(items) == 1 and name is not None:
        font = "bb" if name.base in ("R", "N", "Z", "C", "Q", "S") else name.font
        sizes = _sizes(first.sup, context) if first.sup is not None else ()
        above = "×".join(size_text(s) for s in sizes) if sizes else label_text(first.sup) if first.sup is not None else ""
        return Term("name", (), Name(name.base, font, (), label_text(first.sub) if first.sub is not None else "", above))
    if any(i.kind == "dots" or i.is_op(".", "..") for i in first.children):
        ends = [i for i in first.children if i.kind != "dots" and not i.is_op(",", ".", "..")]
        low, high = (Parser((e,), context).expression() for e in (ends[0], ends[-1]))
        inside = Term("set", (Term("range", (low, high)),))
        sizes = _sizes(first.sup, context) if first.sup is not None else ()
        return Term("pow", (inside, sizes[0])) if sizes else inside
    parser = Parser(items, context)
    parser.expecting_set = True
    return parser.expression()


def _sizes(sup: Item | None, context: Context) -> tuple[Term, ...] | None:
    """`n`, `m x n`, `m \\times n`, `N-K+1` as sizes."""
    if sup is None:
        return ()
    from derive.meaning.parser import Parser

    content = sup.children if sup.kind in ("group", "fence") else (sup,)
    parts: list[list[Item]] = [[]]
    for place, item in enumerate(content):
        word = item.kind == "name" and item.text == "x" and 0 < place < len(content) - 1 and item.sub is None
        if item.is_op("times", "*", "cross") or word:
            parts.append([])
        elif item.kind == "name" and item.glued and "x" in item.text[1:-1] and context.notation == "plain":
            pieces = item.text.split("x")
            for k, piece in enumerate(pieces):
                if k:
                    parts.append([])
                parts[-1].append(Item("name", piece, (), item.start, item.end))
        else:
            parts[-1].append(item)
    sizes: list[Term] = []
    for part in parts:
        if not part:
            return None
        size = _letter(part, context) or Parser(tuple(part), context).expression()
        if size.head not in ("name", "number", "add", "mul", "neg"):
            return None
        sizes.append(size)
    return tuple(sizes)


def _letter(part: list[Item], context: Context) -> Term | None:
    """A size that is one letter of which nothing is known yet: there is nothing to resolve."""
    item = part[0]
    if len(part) > 1 or item.kind != "name" or len(item.text) > 1 or not "a" <= item.text.lower() <= "z" or item.text == "e":
        return None
    if item.sub is not None or item.sup is not None or item.primes or item.children or context.known(Name(item.text)):
        return None
    return Term("name", (), Name(item.text), (item.start, item.end))


def _fenced(items: tuple[Item, ...], context: Context) -> Type | None:
    from derive.meaning.parser import Parser

    first = items[0]
    if len(items) > 1:
        return None
    shape = _sizes(first.sup, context) if first.sup is not None else ()
    parts = Parser(first.children, context).sequence() if not _dotted(first) else None
    if first.text != "{}":
        if parts is None or len(parts) != 2:
            return None
        return Type("real", shape or (), _end(parts[0], first.text[0] == "("), _end(parts[1], first.text[1] == ")"))
    if parts is None or any(p.head == "dots" for p in parts):
        ends = [i for i in first.children if i.kind not in ("dots",) and not i.is_op(",", ".", "..")]
        low = Parser((ends[0],), context).expression()
        high = Parser((ends[-1],), context).expression()
        return Type("integer", shape or (), Bound(low, False), Bound(high, False), properties=frozenset(("labels",)))
    integral = all(p.head == "number" or (p.head == "neg" and p.args[0].head == "number") for p in parts)
    return Type("integer" if integral else "label", shape or (), values=tuple(parts))


def _dotted(item: Item) -> bool:
    return any(i.kind == "dots" or i.is_op("..", ".") for i in item.children)


def _end(value: Term, strict: bool) -> Bound | None:
    if value.head == "constant" and value.data == "inf":
        return None
    if value.head == "neg" and value.args[0].head == "constant":
        return None
    return Bound(value, strict)
