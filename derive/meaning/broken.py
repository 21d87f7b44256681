"""Lines that could not be read and the names that they would have defined: what rests on one has no value, and is refused.

In: the text of a line that failed, or a term and the scope. Out: names, or an Undetermined that names the line.
"""

from __future__ import annotations

import re

from derive.errors import DeriveError, Undetermined
from derive.expressions.term import Name, Term
from derive.meaning.context import base_name, label_text
from derive.meaning.scope import Scope
from derive.reading import detect, parse

__all__ = ["broken_name", "broken_names", "refuse_broken"]

_DEFINES = re.compile(r"&?\s*(?::=|(?<![<>!:=\\])=(?!=)|\\leftarrow(?![A-Za-z])|\\gets(?![A-Za-z])|<-)")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{[a-z]+\*?\}|\$|\\\[|\\\]|\\\(|\\\)")
_LONGEST = 200


def broken_name(line: str) -> Name | None:
    """The name that a line which could not be read would have defined; the first one of a block."""
    names = broken_names(line)
    return names[0] if names else None


def broken_names(line: str) -> tuple[Name, ...]:
    """The names that a line, or the rows of a block, would have defined."""
    rows = [_ENVIRONMENT.sub(" ", row) for row in re.split(r"\\\\(?:\[[^\]]*\])?", line)]
    found = [_defined(row) for row in rows]
    return tuple(dict.fromkeys(name for name in found if name is not None))


def _defined(row: str) -> Name | None:
    match = _DEFINES.search(row)
    left = row[: match.start()].strip() if match is not None else ""
    if not left or len(left) > _LONGEST:
        return None
    try:
        items = parse(left.replace("&", " "), detect(left))
    except DeriveError:
        return None
    name = base_name(items[0]) if items else None
    if name is None or len(items) > 2 or (len(items) == 2 and items[1].kind != "fence"):
        return None
    first = items[0]
    sub = label_text(first.sub) if first.sub is not None else ""
    return name._replace(sub=sub, sup=label_text(first.sup) if first.sup is not None else "", primes=first.primes)


def refuse_broken(term: Term, scope: Scope) -> None:
    """Raise when the term rests on a name whose defining line failed: on the name itself, on σ where σ² failed, on K where K_ij did."""
    if not scope.broken:
        return
    lost = {key: place for name, place in scope.broken.items() for key in _meant(name)}
    seen: set[Name] = set()
    waiting = [term]
    while waiting:
        for node in waiting.pop().walk():
            if node.head == "constant" and Name(str(node.data)) in scope.broken:  # e = … could not be read: e is no constant here
                line = scope.broken[Name(str(node.data))]
                raise Undetermined(f"{node.data} is not defined: line {line} could not be read", span=node.span)
            if node.head != "name" or node.data in seen:
                continue
            seen.add(node.data)
            known = node.data in scope.definitions or node.data in scope.declarations
            place = scope.broken.get(node.data) or (None if known else lost.get(node.data))
            if place is not None:
                raise Undetermined(f"{node.data.key} is not defined: line {place} could not be read", span=node.span)
            if node.data in scope.definitions:
                waiting.append(scope.definitions[node.data].body)


def _meant(name: Name) -> tuple[Name, ...]:
    """The names that a line with this name on its left says something about."""
    plain = name._replace(sup="") if name.sup.isdigit() else name
    indices = name.sub.replace(",", "")
    running = indices.isalpha() and indices.islower() and len(indices) <= 3
    return (name, plain, plain._replace(sub="")) if running else (name, plain)
