"""Names that turn out to be entries: x_k, x_1 and W_{ij} where what stands around them shows that x is a vector and W a matrix.

In: terms and the types that were inferred from them. Out: for each such name the element that it is, and terms and definitions in which
it stands for that. A name whose array was declared before is read as an element at once; this is for what the whole line has to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from derive.derivation import Prose
from derive.errors import Undetermined
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Scope, Type

__all__ = ["as_elements", "elements_among", "elements_of_absent", "said_of", "with_elements"]

_SUBSCRIPT = re.compile(r"(?P<name>[a-z]|ell)(?P<shift>[+-]\d+)?|(?P<number>[1-9]\d?)")
_OPERATORS = ("gradient", "jacobian", "hessian", "derivative")


def elements_among(terms: Iterable[Term], types: Mapping[Name, Type], scope: Scope) -> dict[Name, Term]:
    """The names that are elements of arrays, with the elements: x_k beside a vector x of which nothing else is known by its name."""
    names = {n.data for term in terms for n in term.walk() if n.head == "name"}
    found: dict[Name, Term] = {}
    for name in sorted(names, key=lambda n: n.key):
        array = name._replace(sub="")
        kind, own = types.get(array), types.get(name)
        if not name.sub or kind is None or not kind.shape or array not in names or array in scope.definitions:
            continue
        if (own is not None and (own.shape or own.domain in ("size", "index"))) or name in scope.declarations or name in scope.definitions:
            continue
        places = _places(name.sub, len(kind.shape))
        if places:
            found[name] = Term("index", (Term("name", (), array), *places))
    return found


def _places(subscript: str, rank: int) -> tuple[Term, ...]:
    """The subscript as so many indices; none where it is something else."""
    parts = subscript.split(",")
    if len(parts) == 1 and rank > 1:
        parts = list(subscript)
    matches = [_SUBSCRIPT.fullmatch(part.strip()) for part in parts]
    if len(parts) != rank or not all(matches):
        return ()
    return tuple(_place(match) for match in matches if match is not None)


def _place(match: re.Match[str]) -> Term:
    if match["number"]:
        return number(match["number"])
    index, shift = Term("name", (), Name(match["name"])), match["shift"]
    if not shift:
        return index
    amount = number(shift[1:])
    return Term("add", (index, amount if shift[0] == "+" else Term("neg", (amount,))))


def elements_of_absent(term: Term, types: Mapping[Name, Type], scope: Scope) -> tuple[dict[Name, Term], dict[Name, Type], list[Prose]]:
    """`jacobian (x_1², x_1 x_2) wrt x`: x stands nowhere but in its entries. It is the vector of x_1, …, x_n where all of these occur;
    where that is not so, nothing says what x is, and a derivative of 0 would be wrong."""
    for node in term.walk():
        if node.head not in _OPERATORS:
            continue
        names = {n.data for n in node.args[0].walk() if n.head == "name"}
        for variable in node.args[1 : 2 if node.head == "derivative" else None]:
            if variable.head != "name" or variable.data in names or variable.data in scope.declarations or variable.data.sub:
                continue
            kind = types.get(variable.data)
            siblings = sorted((n for n in names if n._replace(sub="") == variable.data and n.sub), key=lambda n: n.key)
            siblings = [n for n in siblings if n not in scope.declarations and n not in scope.definitions]
            if not siblings or (kind is not None and kind.shape):
                continue
            count = len(siblings)
            if {n.sub for n in siblings} != {str(k) for k in range(1, count + 1)} or node.head == "derivative":
                raise Undetermined(
                    f"{variable.data.key} does not occur, and nothing says that {siblings[0].key} is an entry of it",
                    span=variable.span or node.span,
                    expected=(f"{variable.data.key} in R^n on an earlier line", f"wrt {siblings[0].key}"),
                )  # fmt: skip
            elements = {n: Term("index", (variable, number(n.sub))) for n in siblings}
            said: list[Prose] = [(variable, f" is taken as the vector of its {count} entries")]
            return elements, {variable.data: Type("real", (number(count),))}, said
    return {}, {}, []


def as_elements(term: Term, elements: Mapping[Name, Term]) -> Term:
    """The term with these names replaced by the elements that they are."""
    return term.transform(lambda node: elements[node.data].at(node.span) if node.head == "name" and node.data in elements else node)


def with_elements(scope: Scope, elements: Mapping[Name, Term]) -> Scope:
    """The scope whose definitions hold the elements."""
    definitions = {n: replace(d, body=as_elements(d.body, elements)) for n, d in scope.definitions.items()}
    return replace(scope, definitions=definitions, expansions={})


def said_of(elements: Mapping[Name, Term]) -> list[Prose]:
    """What the reading says of them: "x_1, x_2 are entries of x"."""
    said: list[Prose] = []
    for array in dict.fromkeys(e.args[0] for e in elements.values()):
        of_it = [e for e in elements.values() if e.args[0] == array]
        listed = [part for k, e in enumerate(of_it) for part in ((", ", e) if k else (e,))]
        said.append((*listed, " is an entry of " if len(of_it) == 1 else " are entries of ", array))
    return said
