"""The type of every name of a term before shapes are inferred: declared ones, indices, sizes, arrays.

In: a term, the scope, the context of the line. Out: Name → Type; a name of which nothing is known is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.expressions.term import Name, Term, number
from derive.meaning.context import Context
from derive.meaning.scope import Bound, Scope, Type

__all__ = ["is_label_type", "types_of"]

_PLACES = (Name("i"), Name("j"))  # Σ_{j=1}^i goes up to a place
_COVARIANCES = frozenset(("Sigma", "Lambda", "Omega"))
_NATURAL = Type("natural", lower=Bound(number(1), False))


def types_of(term: Term, scope: Scope, context: Context | None = None) -> dict[Name, Type]:
    """The types that are known of the names in the term."""
    types: dict[Name, Type] = {}
    rows = _rows(term)
    local = dict(context.types) if context is not None else {}
    names = dict.fromkeys(n.data for n in term.walk() if n.head == "name")  # in the order of the line: sizes are named in it
    for name in names:
        if name in local:
            types[name] = local[name]
        elif name in scope.declarations:
            types[name] = scope.declarations[name].type
    for node in term.walk():
        if node.head in ("sum", "prod") and len(node.args) > 1:
            _binder(node, types)
        elif node.head == "index":
            _indexed(node, types, scope, rows)
    _labels(term, types, scope)
    for kind in list(types.values()):
        for size in kind.shape:
            for part in size.walk():
                if part.head == "name" and part.data not in types:
                    types[part.data] = Type("size", lower=Bound(number(1), False))
    return types


def _labels(term: Term, types: dict[Name, Type], scope: Scope) -> None:
    """What is compared with a label, or with the place of a maximum, is a label as well: 1[ŷ_i = y_i], 1[argmax_k z_ik = y_i]."""
    compared = [n.args for n in term.walk() if n.head == "delta" or (n.head == "rel" and n.data in ("=", "!="))]
    deltas = [a for n in term.walk() if n.head == "delta" for a in n.args]
    compared = [sides for sides in compared if len(sides) == 2]
    for _ in range(2):  # ŷ is compared with y, and y with the place of a maximum
        for left, right in (pair for sides in compared for pair in (sides, sides[::-1])):
            if right.head == "name" and right.data not in types and right.data not in scope.definitions and _is_label(left, types):
                types[right.data] = Type("index")  # 1[y_i = k]
            if right.head != "index" or right.args[0].head != "name" or right.args[0].data in scope.declarations:
                continue
            kind = types.get(right.args[0].data)
            in_delta = right in deltas and left.head in ("index", "name")
            entries = kind is None or (kind.domain == "real" and len(kind.shape) == len(right.args) - 1)
            if entries and (_is_label(left, types) or in_delta):
                types[right.args[0].data] = Type("index", (Term("blank"),) * (len(right.args) - 1))


def _is_label(term: Term, types: Mapping[Name, Type]) -> bool:
    """Whether the term is the place of a maximum, or an entry of an array of labels 1, …, K."""
    if term.head == "optimum":
        return str(term.data) in ("argmax", "argmin")
    kind = types.get(term.args[0].data) if term.head == "index" and term.args[0].head == "name" else None
    if kind is None or len(kind.shape) != len(term.args) - 1:
        return False
    return is_label_type(kind) or (kind.domain == "index" and kind.lower is None)


def is_label_type(kind: Type) -> bool:
    """Whether entries of an array are declared as 1, …, K."""
    listed = len(kind.values) == 1 and kind.values[0].head == "range" and kind.values[0].args[0] == number(1)
    counted = kind.domain in ("integer", "natural", "index") and kind.lower is not None and kind.lower.value == number(1)
    return bool(kind.shape) and (listed or (counted and kind.upper is not None))


def _binder(node: Term, types: dict[Name, Type]) -> None:
    index = node.args[1]
    if index.head != "name":
        return
    types[index.data] = Type("index")
    if node.data == "range" and len(node.args) > 3:
        for end in node.args[2:4]:
            for part in end.walk() if end.head in ("name", "add", "neg", "mul") else ():
                if part.head == "name" and part.data not in types:
                    types[part.data] = Type("index") if part.data in _PLACES else _NATURAL


def _rows(term: Term) -> dict[Name, int]:
    """Undeclared families whose elements are vectors (1) or matrices (2): `x_i` stands under a transposition, behind one, in a norm, in an
    inner product, or is bold; `W_l` stands in a Frobenius norm."""
    found: dict[Name, int] = {}

    def element(node: Term, rank: int = 1) -> None:
        if node.head == "index" and node.args[0].head == "name":
            found[node.args[0].data] = max(rank, found.get(node.args[0].data, 0))

    for node in term.walk():
        if node.head in ("transpose", "norm"):
            for part in node.args[0].args if node.args[0].head in ("add", "neg") else (node.args[0],):
                inner = part.args[0] if part.head == "neg" else part
                families = inner.head == "mul" and len(inner.args) == 2 and inner.args[0].head == "index"
                if node.head == "norm" and families and _is_capital(inner.args[0]):
                    element(inner.args[0], 2)  # ‖W_l a_l − b_l‖
                    element(inner.args[1])
                elif node.head == "norm" and inner.head == "mul" and any(_is_capital(a) for a in inner.args[:-1]):
                    element(inner.args[-1])  # ‖A x_i − b_i‖
                element(part.args[0] if part.head == "neg" else part, 2 if node.head == "norm" and node.data in ("F", "*") else 1)
        elif node.head == "abs" and node.args[0].head == "index" and node.args[0].args[0].head == "name":
            if node.args[0].args[0].data.base in _COVARIANCES and len(node.args[0].args) == 2:
                element(node.args[0], 2)  # |Σ_k|
        elif node.head == "inner":
            for part in node.args:
                element(part)
        elif node.head == "mul":
            for before, after in zip(node.args, node.args[1:], strict=False):
                if before.head == "transpose" and before.args[0].head in ("name", "index"):
                    element(after)
        elif node.head == "index" and node.args[0].head == "name" and node.args[0].data.font == "bf" and node.args[0].data.base.islower():
            element(node)
    return found


def _is_capital(term: Term) -> bool:
    base = term.args[0] if term.head == "index" else term
    return base.head == "name" and base.data.base[:1].isupper()


def _indexed(node: Term, types: dict[Name, Type], scope: Scope, rows: Mapping[Name, int]) -> None:
    base = node.args[0]
    if base.head == "name" and base.data not in types:
        types[base.data] = Type("real", (Term("blank"),) * (len(node.args) - 1 + rows.get(base.data, 0)))
    elif base.head == "name" and len(types[base.data].shape) < len(node.args) - 1 and base.data not in scope.declarations:
        kind = types[base.data]
        shape = (Term("blank"),) * (len(node.args) - 1 + rows.get(base.data, 0))
        types[base.data] = Type(kind.domain, shape, kind.lower, kind.upper, kind.values, kind.properties)
    for place in node.args[1:]:
        if place.head == "index" and place.args[0].head == "name":  # Z_{i y_i}: entries that are used as indices
            types.setdefault(place.args[0].data, Type("index", (Term("blank"),) * (len(place.args) - 1)))
        for part in place.walk():
            if part.head == "name" and part.data not in types:
                types[part.data] = Type("index")
