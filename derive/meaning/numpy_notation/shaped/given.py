"""The arguments of a call of NumPy as terms: in order, or by their keyword.

In: a `numpy` term. Out: its arguments by name; what nothing reads is refused by name.
"""

from __future__ import annotations

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Term, integer

__all__ = ["Given", "axis_numbers"]


class Given:
    """The arguments of the call: in order, or by their keyword."""

    def __init__(self, term: Term, *names: str) -> None:
        self.term = term
        self.options = {a.data: a.args[0] for a in term.args if a.head == "keyword"}
        plain = [a for a in term.args if a.head != "keyword"]
        if len(plain) > len(names):
            raise SyntaxProblem(f"{term.data} with {len(plain)} arguments", span=term.span)
        self.found = dict(zip(names, plain, strict=False))
        for name in names:
            if name in self.options:
                self.found[name] = self.options.pop(name)
        if self.options:
            raise NotSupported(f"{term.data} with {next(iter(self.options))}=", span=term.span)

    def __getitem__(self, name: str) -> Term:
        if name not in self.found:
            raise SyntaxProblem(f"{self.term.data} needs {name}", span=self.term.span)
        return self.found[name]

    def get(self, name: str) -> Term | None:
        found = self.found.get(name)
        return None if found is not None and found == Term("word", (), "None") else found


def axis_numbers(term: Term) -> list[int]:
    """The integers that are written: one, or a tuple."""
    found = [integer(part) for part in (term.args if term.head == "tuple" else (term,))]
    if any(n is None for n in found):
        raise NotSupported("an axis that is not a number", span=term.span)
    return [n for n in found if n is not None]
