"""Lengths of axes: integer polynomials in sizes, some of them not known yet; equal by unification.

In: terms (`n`, `3`, `n - 1`) and axes that must be as long as each other. Out: terms in one form, so that n − 1 + 1 is n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from derive.expressions.term import Term, number

__all__ = ["ONE", "Extents", "added", "linear", "polynomial", "term_of"]

ONE = number(1)
Monomial = tuple[Term, ...]
Polynomial = dict[Monomial, int]


def polynomial(term: Term) -> Polynomial | None:
    """The integer polynomial in names (and sizes that are not known yet) that the term is, or None."""
    head, args = term.head, term.args
    if head == "number":
        value = term.value
        return _clean({(): int(value)}) if value.denominator == 1 else None
    if head in ("name", "word"):
        return {(Term(head, (), term.data),): 1}
    if head in ("index", "optimum"):
        return {(term.at(None),): 1}  # an entry of an array of positions, the place of the largest entry
    if head == "neg":
        inner = polynomial(args[0])
        return None if inner is None else {m: -c for m, c in inner.items()}
    if head not in ("add", "mul"):
        return None
    total: Polynomial = {} if head == "add" else {(): 1}
    for argument in args:
        part = polynomial(argument)
        if part is None:
            return None
        total = _sum(total, part) if head == "add" else _product(total, part)
    return _clean(total)


def _sum(left: Polynomial, right: Polynomial) -> Polynomial:
    total = dict(left)
    for monomial, coefficient in right.items():
        total[monomial] = total.get(monomial, 0) + coefficient
    return total


def _product(left: Polynomial, right: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for a, x in left.items():
        for b, y in right.items():
            monomial = tuple(sorted((*a, *b), key=_key))
            total[monomial] = total.get(monomial, 0) + x * y
    return total


def _clean(poly: Polynomial) -> Polynomial:
    return {m: c for m, c in poly.items() if c}


def _key(term: Term) -> tuple[str, str]:
    return (term.head, term.data.key if term.head == "name" else repr(term))


def term_of(poly: Polynomial) -> Term:
    """The polynomial as a term, names before the number."""
    parts: list[Term] = []
    for monomial in sorted(poly, key=lambda m: (not m, poly[m] < 0, tuple(map(_key, m)))):
        coefficient = poly[monomial]
        factors = (*((number(abs(coefficient)),) if abs(coefficient) != 1 or not monomial else ()), *monomial)
        part = factors[0] if len(factors) == 1 else Term("mul", factors)
        parts.append(part if coefficient > 0 else Term("neg", (part,)))
    return number(0) if not parts else parts[0] if len(parts) == 1 else Term("add", tuple(parts))


def linear(term: Term) -> Term:
    """The term in one form where it is an integer polynomial, else as it is."""
    poly = polynomial(term)
    return term if poly is None else term_of(poly).at(term.span)


def added(term: Term, shift: Term | int) -> Term:
    """term + shift in one form."""
    other = number(shift) if isinstance(shift, int) else shift
    if other == number(0):
        return linear(term)
    return linear(Term("add", (term, other), None, term.span))


class Extents:
    """Sizes that are being found out. Unknown ones are `word` terms with a running number."""

    def __init__(self) -> None:
        self.known: dict[Term, Polynomial] = {}
        self.count = 0

    def fresh(self) -> Term:
        """A size of which nothing is known yet."""
        self.count += 1
        return Term("word", (), f"extent {self.count}")

    def find(self, size: Term) -> Term:
        """The size with what has been found out put in."""
        poly = polynomial(size)
        return size if poly is None else term_of(self._resolved(poly))

    def _resolved(self, poly: Polynomial) -> Polynomial:
        while any(part in self.known for monomial in poly for part in monomial):
            total: Polynomial = {}
            for monomial, coefficient in poly.items():
                product: Polynomial = {(): coefficient}
                for part in monomial:
                    product = _product(product, self.known.get(part, {(part,): 1}))
                total = _sum(total, product)
            poly = _clean(total)
        return poly

    def unify(self, left: Term, right: Term) -> bool:
        """Makes the two sizes one; False where they cannot be."""
        a, b = polynomial(left), polynomial(right)
        if a is None or b is None:
            return left == right
        difference = _clean(_sum(self._resolved(a), {m: -c for m, c in self._resolved(b).items()}))
        if not difference:
            return True
        unknown = [m for m in difference if len(m) == 1 and m[0].head == "word" and abs(difference[m]) == 1]
        for monomial in unknown:
            rest = {m: -c * difference[monomial] for m, c in difference.items() if m != monomial}
            if not any(monomial[0] in m for m in rest):
                self.known[monomial[0]] = _clean(rest)
                return True
        return False

    def solved(self, sizes: Iterable[Term], name: Callable[[], Term]) -> Mapping[Term, Term]:
        """Every unknown size that occurs → what it is; one that nothing says gets a name of its own."""
        found: dict[Term, Term] = {}
        for size in sizes:
            for node in self.find(size).walk():
                if node.head == "word" and node not in self.known:
                    self.known[node] = {(name(),): 1}
        for word in list(self.known):
            found[word] = self.find(word)
        return found
