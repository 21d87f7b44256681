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
        several = len(types[name].shape) > 1
        sizes = " × ".join(f"({size_text(s)})" if several and s.head == "add" else size_text(s) for s in types[name].shape)
        said += [", " if said else "inferred: ", Term("name", (), name), f" ∈ ℝ^{sizes if len(sizes) == 1 else '(' + sizes + ')'}"]
    return tuple(said)


def _sum_of(polynomial: Mapping[tuple[str, ...], int], divisor: int) -> Term:
    """The size of these coefficients, divided."""
    parts: list[Term] = []
    for names, count in polynomial.items():
        value = abs(count) // divisor
        factors = [Term("name", (), Name.from_key(key)) for key in names]
        if value != 1 or not factors:
            factors.insert(0, Term("number", (), str(value)))
        part = factors[0] if len(factors) == 1 else Term("mul", tuple(factors))
        parts.append(Term("neg", (part,)) if count < 0 else part)
    return parts[0] if len(parts) == 1 else Term("add", tuple(parts))


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
        elif {"add", "mul"} & {a.head, b.head} and self._polynomial(a) == self._polynomial(b):
            return  # p + p is 2 p
        elif "add" in (a.head, b.head) and (self._solved(a, b) or self._solved(b, a)):
            return
        else:
            raise failure()

    def _polynomial(self, size: Term) -> dict[tuple[str, ...], int]:
        """The coefficients of the products of names that a size is the sum of."""
        found = self.find(size)
        if found.head == "number" and found.value.denominator == 1:
            return {(): int(found.value)}
        total: dict[tuple[str, ...], int] = {}
        if found.head == "add":
            for part in found.args:
                for names, count in self._polynomial(part).items():
                    total[names] = total.get(names, 0) + count
            return total
        if found.head == "neg":
            return {names: -count for names, count in self._polynomial(found.args[0]).items()}
        if found.head == "mul":
            total = {(): 1}
            for factor in found.args:
                inner = self._polynomial(factor)
                pairs = [(tuple(sorted(a + b)), m * n) for a, m in total.items() for b, n in inner.items()]
                total = {names: sum(n for other, n in pairs if other == names) for names, _ in pairs}
            return total
        return {(size_text(found) if found.head == "name" else str(found.data),): 1}

    def _solved(self, total: Term, known: Term) -> bool:
        """m + ? = m + d: whether the one unknown size in a sum is what the other side leaves for it, and now is known."""
        unknown = [part for part in map(self.find, total.args) if part.head == "word"] if total.head == "add" else []
        if not unknown or len(set(unknown)) > 1 or any(part.head == "word" for part in known.walk()):
            return False
        left = self._polynomial(known)
        for names, count in self._polynomial(Term("add", tuple(p for p in total.args if self.find(p).head != "word"))).items():
            left[names] = left.get(names, 0) - count
        left = {names: count for names, count in left.items() if count}
        if not left or any(count % len(unknown) for count in left.values()) or all(count < 0 for count in left.values()):
            return False
        self.parent[unknown[0]] = _sum_of(left, len(unknown))
        return True

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
            if found.head == "add" and any(part.head == "word" for part in map(self.find, found.args)):
                return Term("add", tuple(resolve(part) for part in found.args))
            return found

        resolved = {n: replace(k, shape=tuple(resolve(s) for s in k.shape)) if k.shape else k for n, k in types.items()}
        for kind in list(resolved.values()):
            for size in kind.shape:
                for node in size.walk():
                    if node.head == "name" and integer(node) is None and node.data not in resolved:
                        resolved[node.data] = Type("size")
        return resolved
