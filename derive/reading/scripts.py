"""What the grammars call for scripts: subscripts, superscripts, primes, transpositions, raised and lowered runs, marks.

In: a list of items, the sign, the script. Out: the list, the script hung on its last item. Like `callbacks`, whose rest this
is: a function's name is the alias behind `->` in grammar/*.lark.
"""

from __future__ import annotations

from typing import Any

from derive.errors import InputError, SyntaxProblem
from derive.reading.characters import LOWERED, RAISED
from derive.reading.commands import ACCENT_WORDS
from derive.reading.engine import MAXIMUM_NESTING
from derive.reading.item import Item
from derive.reading.leaves import is_operand, run_items
from derive.reading.token import NoOperand, Token

_INFIX = frozenset({"+", "-", "*", "/", "=", "!=", "<", ">", "<=", ">=", "<<", ">>", ":=", "<-", "->", "=>", "<=>", ",", ";", ":", "."})
_SETTABLE = frozenset({"=", "->", "=>", "<=>", ":=", "<", ">", "<=", ">="})  # may carry a word above: \overset{def}{=}


def _grown(items: list[Item], item: Item) -> list[Item]:
    item.space = bool(items) and item.start > items[-1].end
    items.append(item)
    return items


def _base(items: list[Item], sign: Token) -> Item:
    """The item that a script hangs on."""
    if not items or (items[-1].kind == "op" and items[-1].text in _INFIX and not (sign.type == "SUP" and items[-1].text in _SETTABLE)):
        what = {"SUB": "subscript", "PRIME": "prime", "LOWERED": "subscript", "COMBINING": "accent"}.get(sign.type, "superscript")
        raise SyntaxProblem(
            f"nothing stands before this {what}",
            span=(sign.start, sign.end),
            expected=("a name, a number or a bracket before it",),
        )
    return items[-1]


def subscript(children: list[Any]) -> list[Item]:
    items: list[Item] = children[0]
    sign, script = children[1:]
    base = _base(items, sign)
    _script(sign, script)
    return _with_subscript(items, base, script, sign)


def _script(sign: Token, script: Item) -> None:
    if not is_operand(script):
        raise NoOperand(sign, script.start, script.end)


def _with_subscript(items: list[Item], base: Item, script: Item, sign: Token) -> list[Item]:
    if base.kind == "group" and base.text == "brace":
        base.end = script.end
        return items
    if script.kind == "name" and script.text in ACCENT_WORDS and script.is_bare():
        items[-1] = _accented(base, script)
        return items
    base = _innermost_of_number(base)
    if base.sub is not None:
        raise SyntaxProblem(
            "two subscripts on one name",
            span=(sign.start, script.end),
            expected=("one subscript, its parts separated by commas in braces",),
        )
    if script.kind == "group":
        _refuse_signed_letter(base, script)
        if base.kind == "name" and base.text in {"Sigma", "Pi"} and any(i.is_op("=", "in") for i in script.children):
            base.kind, base.text = "big", "sum" if base.text == "Sigma" else "prod"
    base.sub = script
    base.end = items[-1].end = script.end
    return items


def _accented(base: Item, word: Item) -> Item:
    if word.text == "star":
        base.sup = Item("op", "*", (), word.start, word.end)
    elif word.text == "prime":
        base.primes += 1
    else:
        sub, sup, primes = base.sub, base.sup, base.primes
        base.sub = base.sup = None
        base.primes = 0
        base = Item("accent", word.text, (base,), base.start, word.end, sub=sub, sup=sup, primes=primes, space=base.space)
    base.end = word.end
    return base


def _innermost_of_number(base: Item) -> Item:
    """In `e^x_{i}` and `2^n_{k}` the subscript can only belong to the exponent."""
    if base.sup is not None and base.sup.kind == "name" and base.sup.sub is None and (base.kind == "number" or base.text == "e"):
        return base.sup
    return base


def superscript(children: list[Any]) -> list[Item]:
    """A superscript in LaTeX: at most one, except that primes may join."""
    items: list[Item] = children[0]
    sign, script = children[1:]
    base = _base(items, sign)
    _script(sign, script)
    if base.kind == "group" and base.text == "brace":
        base.end = script.end
        return items
    primes = _primes(script)
    if primes:
        base.primes += primes
    elif base.sup is not None:
        raise SyntaxProblem(
            "two superscripts on one base",
            span=(sign.start, script.end),
            expected=("braces that say which comes first, {a^b}^c or a^{b^c}",),
        )
    else:
        if script.kind == "group":
            _refuse_signed_letter(base, script)
        base.sup = script
    base.end = script.end
    return items


def _primes(script: Item) -> int:
    """How many primes the superscript consists of, 0 when it is anything else."""
    if script.is_op("prime"):
        return 1 + script.primes
    if script.kind == "group" and script.children and all(item.is_op("prime") for item in script.children):
        return sum(1 + item.primes for item in script.children)
    return 0


def _refuse_signed_letter(base: Item, script: Item) -> None:
    """`P^-H` could be a minus as a label before H; only e^-x is beyond doubt, and signs before digits."""
    if script.text == "signed" and script.children[1].kind == "name" and base.text != "e" and script.children[1].glued is False:
        _unbraced(script.start, script.end)


def unbraced(children: list[Any]) -> Item:
    _unbraced(children[0].start, children[0].end)
    raise AssertionError


def _unbraced(start: int, end: int) -> None:
    raise SyntaxProblem(
        "without braces it is not clear what the minus takes",
        span=(start, end),
        expected=("braces around the whole script: ^{-x}, or a space after the sign where it is a label: ^{-} x",),
    )


def power(children: list[Any]) -> list[Item]:
    """A superscript in plain text, where a tower x^y^z is x^(y^z)."""
    items: list[Item] = children[0]
    sign, script = children[1:]
    base = _base(items, sign)
    _script(sign, script)
    if base.kind == "sqrt" and base.glued:
        base = base.children[0].children[-1]  # √x^2 is √(x^2)
    primes = _primes(script)
    depth = 0
    while (exponent := base.sup) is not None and not primes:
        if exponent.kind == "op" or (exponent.kind == "name" and exponent.text in {"T", "top"}):
            base = _enclose(items, base)
            break
        base = exponent
        if base.kind == "group" and base.text == "signed":
            base = base.children[-1]
        depth += 1
        if depth > MAXIMUM_NESTING:
            raise InputError(f"nested deeper than {MAXIMUM_NESTING} levels", span=(sign.start, sign.end))
    if primes:
        base.primes += primes
    else:
        base.sup = script
    base.end = items[-1].end = script.end
    return items


def _enclose(items: list[Item], base: Item) -> Item:
    """A group around the last item, so that it can carry another script."""
    outer = Item("group", "", (base,), base.start, base.end, space=base.space)
    items[-1] = outer
    return outer


def prime(children: list[Any]) -> list[Item]:
    items: list[Item] = children[0]
    sign: Token = children[1]
    count = int(sign.text)
    if not count:
        raise SyntaxProblem("a stray quotation mark", span=(sign.start, sign.end), expected=("an apostrophe ' for a derivative",))
    if not items:
        items.append(Item("op", "prime", (), sign.start, sign.end))
        items[0].primes = count - 1
        return items
    base = items[-1]
    if base.is_op("prime"):
        base.primes += count
        base.end = sign.end
        return items
    base = _base(items, sign)
    if base.sup is not None and base.sup.kind == "number":
        raise SyntaxProblem(
            "a prime after a power",
            span=(sign.start, sign.end),
            expected=("brackets that say what is differentiated: (x^2)' or (x')^2",),
        )
    base.primes += count
    base.end = sign.end
    return items


def prime_item(children: list[Any]) -> Item:
    """A prime that was written as a superscript: f^'."""
    return prime([[], children[0]])[0]


def transposed(children: list[Any]) -> list[Item]:
    items: list[Item] = children[0]
    sign: Token = children[1]
    base = _base(items, sign)
    if base.sup is not None:
        base = _enclose(items, base)
    base.sup = Item("op", "top", (), sign.start, sign.end)
    base.end = sign.end
    return items


def raised(children: list[Any]) -> list[Item]:
    """x², xᵀ, x⁻¹, ℝᵐˣⁿ."""
    items: list[Item] = children[0]
    sign: Token = children[1]
    base = _base(items, sign)
    script = _run(sign, RAISED)
    if base.kind == "sqrt" and base.glued:
        base = base.children[0].children[-1]
    if base.sup is not None:
        base = _enclose(items, base)
    if script.kind == "group" and (base.text == "R" or (base.kind == "font" and base.text == "bb")):
        for item in script.children:
            if item.kind == "name" and item.text == "x":
                item.kind, item.text = "op", "times"
    base.sup = script
    base.end = items[-1].end = sign.end
    return items


def lowered(children: list[Any]) -> list[Item]:
    """x₁, ∇ₓ, aᵢⱼ."""
    items: list[Item] = children[0]
    sign: Token = children[1]
    return _with_subscript(items, _base(items, sign), _run(sign, LOWERED), sign)


def _run(sign: Token, table: dict[str, str]) -> Item:
    parts = run_items(sign.text, sign.start, table)
    if len(parts) > 2 and parts[0].is_op("(") and parts[-1].is_op(")"):
        return Item("fence", "()", parts[1:-1], sign.start, sign.end)
    for item in parts:
        if item.is_op("(", ")"):
            raise SyntaxProblem("an unbalanced raised or lowered bracket", span=(item.start, item.end), expected=("both brackets",))
    return parts[0] if len(parts) == 1 else Item("group", "", parts, sign.start, sign.end)


def radical(children: list[Any]) -> list[Item]:
    items: list[Item] = children[0]
    sign, inner = children[1:]
    if not is_operand(inner) or inner.is_op("+", "-"):
        raise NoOperand(sign, inner.start, inner.end)
    bracketed = inner.kind == "group" or (inner.kind == "fence" and inner.text == "()")
    body = Item("group", "", inner.children if bracketed else (inner,), inner.start, inner.end)
    index = () if sign.text == "2" else (Item("group", "", (Item("number", sign.text, (), sign.start, sign.end),), sign.start, sign.end),)
    return _grown(items, Item("sqrt", "", (body, *index), sign.start, inner.end, glued=not bracketed))


def negative(children: list[Any]) -> Item:
    """A minus before a bracket in a plain script: e^-(x + y)."""
    sign, inner = children
    return Item("group", "signed", (Item("op", "-", (), sign.start, sign.end), inner), sign.start, inner.end)


def negative_root(children: list[Any]) -> Item:
    sign, root, inner = children
    return negative([sign, radical([[], root, inner])[0]])


def combining(children: list[Any]) -> list[Item]:
    items: list[Item] = children[0]
    sign: Token = children[1]
    base = _base(items, sign)
    if base.kind == "name" and base.sub is not None:
        base.sub = Item("accent", sign.text, (base.sub,), base.sub.start, sign.end)
    else:
        items[-1] = Item("accent", sign.text, (base,), base.start, sign.end, space=base.space)
    items[-1].end = sign.end
    return items
