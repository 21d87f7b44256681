"""Letters that mean something else in one formula: the parameters on its left side, `Attention(Q, K, V) = …` after a Gram matrix K, and its
indices, `x_t` after a vector t.

In: the text of a left side, the scope of the document. Out: the scope in which the equation is read, and the scope after it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from derive.expressions.latex import latex
from derive.expressions.term import Name, Term
from derive.meaning.scope import Scope
from derive.meaning.types import is_label_type

__all__ = ["bare_functions", "index_letters", "numbered_letters", "parameters", "restored", "shadowed"]

_INSIDE = re.compile(r"[^()]*\(([^()]*)\)\s*")
_FUNCTION = re.compile(r"(?:\\log\s*)?\\?[A-Za-z]+(?:\{[^{}]*\})?(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|\w)|'|\\prime)*\s*(?:\\left)?")
_PARAMETER = re.compile(r"(\\?[A-Za-z]+(?:\{[A-Za-z]+\})?)(?:_(?:\{[^{}]*\}|\w))?")
_SUBSCRIPT = re.compile(r"_(?:\{([^{}\\]*)\}|([A-Za-z]))")
_UPPER = re.compile(r"\\(?:sum|prod)(?:\\limits)?\s*_(?:\{[^{}]*\}|\w)\s*\^(?:\{([A-Za-z])(?:-1)?\}|([A-Za-z]))")
_NUMBERED = re.compile(r"(\\?[A-Za-z]+)_(?:\{\d+\}|\d)")
_LETTERS = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,2}(?![A-Za-z])")
_BETWEEN = re.compile(r",|;|\||\\mid(?![A-Za-z])")


def parameters(left: str, scope: Scope) -> frozenset[Name]:
    """The names in the brackets of a left side f(a, b), log f(a), f'(a_t) that mean something in the document already."""
    call = _INSIDE.fullmatch(left)
    if call is None or _FUNCTION.fullmatch(left[: left.index("(")]) is None:
        return frozenset()
    inside = [_PARAMETER.fullmatch(t.replace("\\right", "").strip()) for t in _BETWEEN.split(call[1])]
    if not inside or any(found is None for found in inside):
        return frozenset()
    texts = {_bare(part) for found in inside if found is not None for part in (found[0], found[1])}
    return frozenset(n for n in (*scope.definitions, *scope.declarations) if _bare(latex(Term("name", (), n))) in texts)


def index_letters(text: str, scope: Scope) -> frozenset[Name]:
    """The letters in subscripts that the document has as arrays of numbers: here they are indices, and ends of sums. Labels are subscripts
    as they are."""
    arrays = {n.key: n for n, d in scope.declarations.items() if len(n.key) == 1 and d.type.shape and not is_label_type(d.type)}
    ends = {n.key: n for n, d in scope.definitions.items() if len(n.key) == 1 and d.indexed} | arrays
    if not ends:
        return frozenset()
    inside = [part for braces, letter in _SUBSCRIPT.findall(text) for part in _LETTERS.findall(braces or letter)]
    upper = [braces or letter for braces, letter in _UPPER.findall(text)]
    return frozenset([arrays[letter] for part in inside for letter in part if letter in arrays] + [ends[n] for n in upper if n in ends])


def numbered_letters(text: str, scope: Scope, explicit: Collection[Name]) -> frozenset[Name]:
    """The letters with a number for a subscript, β_1, that earlier formulas only suggest to be arrays: here they are names with numbers."""
    arrays = {_bare(latex(Term("name", (), n))): n for n, d in scope.declarations.items() if d.type.shape and n not in explicit}
    return frozenset(arrays[base] for base in _NUMBERED.findall(text) if base in arrays)


def shadowed(scope: Scope, names: Collection[Name], explicit: Collection[Name]) -> Scope:
    """The scope without the definitions of the names, and without what followed from these; what was declared in words stays."""
    return replace(
        scope,
        definitions={n: d for n, d in scope.definitions.items() if n not in names},
        declarations={n: d for n, d in scope.declarations.items() if n not in names or n in explicit},
        expansions={},
    )


def restored(scope: Scope, outer: Scope, names: Collection[Name]) -> Scope:
    """The scope with the names as they stood outside."""
    return replace(
        scope,
        definitions={**scope.definitions, **{n: d for n, d in outer.definitions.items() if n in names}},
        declarations={**scope.declarations, **{n: d for n, d in outer.declarations.items() if n in names}},
        expansions={},
    )


def _bare(text: str) -> str:
    return re.sub(r"[\s{}]", "", text)


def bare_functions(term: Term, scope: Scope) -> frozenset[Name]:
    """The functions of the document that stand in a term without an argument, and none of whose parameters stands there: other letters."""
    applied = {id(n.args[0]) for n in term.walk() if n.head in ("call", "prime") and n.args}
    names = {n.data for n in term.walk() if n.head == "name"}
    bare = {n.data for n in term.walk() if n.head == "name" and id(n) not in applied}
    functions = {n: d.parameters for n, d in scope.definitions.items() if d.parameters and n in bare}
    return frozenset(n for n, parameters in functions.items() if not names & set(parameters))
