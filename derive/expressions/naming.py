"""Names in code: what a symbol on paper is called in Python, and the text of an expression with those names.

    lambda → lam, other Greek letters by name     \\hat y → y_hat     x^* → x_star     w' → w_prime     W^{(l)} → W_l
    c_{t-1} → c_t_minus_1     \\ell → ell     fonts are dropped     keywords, `np` and what emitted code calls get a trailing underscore

In: names, or a SymPy expression. Out: Python identifiers, or text that `sympy.sympify` reads.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from derive.expressions.term import Name

__all__ = ["assign_code_names", "code_name", "sympy_text"]

_SPELLED = {"lambda": "lam", "infty": "inf"}
_SIGNS = {
    "*": "star", "+": "plus", "-": "minus", "−": "minus", "'": "prime", "′": "prime", "=": "eq", "<": "lt", ">": "gt", "†": "dagger",
    "⊤": "top", "/": "over", "≤": "le", "≥": "ge", "∞": "inf",
}  # fmt: skip
_POWERS = {"2": "squared", "3": "cubed"}  # of a name that is defined by its power: σ² = …
_PARTS = re.compile(r"[^\W_]+|[^\w\s]")
# Module names and builtins that emitted code uses.
_TAKEN = frozenset(("np", "scipy", "special", "linalg", "abs", "bool", "float", "int", "len", "max", "min", "range", "sum", "tuple", "zip"))
# What `sympify` reads as a number even where a symbol of that name is meant.
_SYMPY_NUMBERS = frozenset(("E", "I", "pi", "oo", "zoo", "nan"))


def _words(label: str) -> list[str]:
    """The parts of a label as words: "t-1" → t, minus, 1."""
    return [_SIGNS.get(part, part) for part in _PARTS.findall(label) if part in _SIGNS or part[0].isalnum()]


@lru_cache(maxsize=4096)
def code_name(name: Name) -> str:
    """The Python identifier for a name; two names may share one (see `assign_code_names`)."""
    above = _words(_POWERS.get(name.sup, name.sup))
    parts = [_SPELLED.get(name.base, name.base), *name.accents, *_words(name.sub), *above, *["prime"] * name.primes]
    text = unicodedata.normalize("NFKD", "_".join(parts))
    text = re.sub(r"\W", "", text if text.isascii() else "".join(_ascii(c) for c in text))
    if not text or text[0].isdigit():
        text = f"x{text}" if text[:1].isdigit() else "x"
    return text + "_" if keyword.iskeyword(text) or text in _TAKEN else text


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    return unicodedata.name(character, "").split(" ")[-1].lower()


def assign_code_names(names: Iterable[Name]) -> dict[Name, str]:
    """A Python identifier for each name, no two alike.

    The first name of a kind gets its plain identifier, later ones that would share it get `_2`, `_3`, … in the order given; an identifier
    that is some other name's own is never given to them. Repeated names are one name.
    """
    listed = list(dict.fromkeys(names))
    assigned: dict[Name, str] = {}
    used: set[str] = set()
    for name in listed:
        text = code_name(name)
        if text not in used:
            used.add(text)
            assigned[name] = text
    for name in listed:
        if name not in assigned:
            plain = code_name(name).rstrip("_")
            count = 2
            while f"{plain}_{count}" in used:
                count += 1
            assigned[name] = f"{plain}_{count}"
            used.add(assigned[name])
    return {name: assigned[name] for name in listed}


def sympy_text(expression: Any, names: Mapping[Name, str] | None = None) -> str | None:
    """The text of a scalar expression that `sympy.sympify` reads, in SymPy's own functions and with names as in code.

    None where the expression is no scalar (arrays, their elements, tuples, statements). A name that `sympify` would read as a number
    (E, I, pi) gets a trailing underscore here; names that are SymPy functions (beta, gamma, S) stay as they are.
    """
    import sympy as sp
    from sympy.core.function import AppliedUndef

    from derive.expressions.nodes import expand_definitions

    if not isinstance(expression, sp.Expr) or isinstance(expression, sp.MatrixExpr):
        return None
    if expression.has(sp.Indexed, sp.IndexedBase, sp.MatrixSymbol):
        return None
    plain = expand_definitions(expression)
    if plain.has(sp.Indexed):
        return None
    symbols = sorted(plain.atoms(sp.Symbol), key=lambda s: s.name)
    functions = sorted({f.func for f in plain.atoms(AppliedUndef)}, key=lambda f: f.__name__)
    keys = {Name.from_key(key): None for key in (*(s.name.lstrip("_") for s in symbols), *(f.__name__ for f in functions))}
    known = dict(names) if names is not None else {}
    missing = {n: t for n, t in assign_code_names((*known, *keys)).items() if n not in known}
    known.update(missing)

    def spelled(key: str) -> str:
        text = known[Name.from_key(key)]
        return text + "_" if text in _SYMPY_NUMBERS else text

    plain = plain.xreplace({s: sp.Symbol(spelled(s.name.lstrip("_"))) for s in symbols})
    for function in functions:
        if spelled(function.__name__) != function.__name__:
            plain = plain.replace(function, sp.Function(spelled(function.__name__)))
    return str(sp.sstr(plain))
