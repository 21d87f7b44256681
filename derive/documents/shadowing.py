"""The parameters on the left side of a function are names of their own: `Attention(Q, K, V) = …` after a Gram matrix K means another K.

In: the text of a left side, the scope of the document. Out: the scope in which the equation is read, and the scope after it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from derive.expressions.latex import latex
from derive.expressions.term import Name, Term
from derive.meaning.scope import Scope

__all__ = ["parameters", "restored", "shadowed"]

_INSIDE = re.compile(r"[^()]*\(([^()]*)\)\s*")
_BETWEEN = re.compile(r",|;|\||\\mid(?![A-Za-z])")


def parameters(left: str, scope: Scope) -> frozenset[Name]:
    """The names in the brackets of a left side f(a, b) that the document has defined already."""
    call = _INSIDE.fullmatch(left)
    if call is None or not scope.definitions:
        return frozenset()
    texts = {_bare(t.replace("\\right", "")) for t in _BETWEEN.split(call[1])}
    return frozenset(n for n in scope.definitions if _bare(latex(Term("name", (), n))) in texts)


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
