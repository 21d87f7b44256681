"""Symbolic sizes under unification: names, integers, expressions, and unknowns that get a letter at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from derive.derivation import Prose
from derive.expressions.term import Name, Term, integer
from derive.meaning.scope import Type

__all__ = ["Sizes", "inferred_sizes", "size_text"]

_LETTERS = ("n", "m", "k", "d", "p", "q", "r", "s", "l", "h")


def size_text(size: Term) -> str:
    """A size as text: "n", "3", "N - K + 1"."""
    if size.head == "name":
        return str(size.data.key)
    if size.head == "number":
        return str(size.data)
    if size.head == "add":
        parts = [size_text(a) for a in size.args]
        return parts[0] + "".join(f" - {p[1:]}" if p.startswith("-") else f" + {p}" for p in parts[1:])
    if size.head == "neg":
        return "-" + size_text(size.args[0])
    if size.head == "mul":
        return " ".join(size_text(a) for a in size.args)
    return "?"


def inferred_sizes(names: Sequence[Name], types: Mapping[Name, Type]) -> Prose:
    """What is said of arrays whose shapes were inferred."""
    said: list[object] = []
    for name in names:
        sizes = " × ".join(size_text(s) for s in types[name].shape)
        said += [", " if said else "inferred: ", Term("name", (), name), f" ∈ ℝ^{sizes if len(sizes) == 1 else '(' + sizes + ')'}"]
    return tuple(said)


class Sizes:
    """A union-find over sizes. Unknown sizes are `word` terms with a running number."""

    def __init__(self) -> None:
        self.parent: dict[Term, Term] = {}
        self.count = 0

    def fresh(self) -> Term:
        """A size of which nothing is known yet."""
        self.count += 1
        return Term("word", (), f"size {self.count}")

    def find(self, size: Term) -> Term:
        """The representative of the size."""
        while size in self.parent:
            size = self.parent[size]
        return size

    def unify(self, left: Term, right: Term, failure: Callable[[], Exception]) -> None:
        """The two sizes are one; raises `failure()` when they cannot be."""
        a, b = self.find(left), self.find(right)
        if a == b or "row" in (a.data, b.data):
            return
        if a.head == "word":
            self.parent[a] = b
        elif b.head == "word":
            self.parent[b] = a
        else:
            raise failure()

    def name_all(self, types: Mapping[Name, Type], term: Term) -> dict[Name, Type]:
        """The types with every size resolved; a size that nothing names gets a free letter."""
        taken = {n.data.key for n in term.walk() if n.head == "name"} | {n.key for n in types}
        for kind in types.values():
            taken |= {size_text(self.find(s)) for s in kind.shape}
        letters: dict[Term, Term] = {}
        free = [c for c in _LETTERS if c not in taken]

        def resolve(size: Term) -> Term:
            found = self.find(size)
            if found.head in ("word", "blank"):
                if found not in letters:
                    label = free.pop(0) if free else f"n_{len(letters) + 1}"
                    letters[found] = Term("name", (), Name.from_key(label))
                    if found.head == "word":
                        self.parent[found] = letters[found]
                return letters[found]
            return found

        resolved = {n: replace(k, shape=tuple(resolve(s) for s in k.shape)) if k.shape else k for n, k in types.items()}
        for kind in list(resolved.values()):
            for size in kind.shape:
                for node in size.walk():
                    if node.head == "name" and integer(node) is None and node.data not in resolved:
                        resolved[node.data] = Type("size")
        return resolved
