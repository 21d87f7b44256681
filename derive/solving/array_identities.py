"""Identities of matrices of any size: tr(AᵀB) − tr(BᵀA) is 0, det(AB) is det A det B, tr(X(XᵀX)⁻¹Xᵀ) is d, ‖Qx‖² is ‖x‖² for orthogonal Q.

In: a term and the types of its names. Out: an equal term in normal form, or None where it holds something else. Arrays are sums of words of
letters, turned letters and inverses; scalars are polynomials in traces of words (a word up to its turns and its transposition) and in
determinants of letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import DeriveError, NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, integer, number
from derive.expressions.to_sympy import symbol
from derive.meaning.inference import shape_of
from derive.meaning.scope import Type

__all__ = ["normal_form"]

MOST_WORDS = 64
LONGEST = 24


class Letter(NamedTuple):
    """A name, or an inverse of a word; transposed or not. `inner` is the word that an inverse is of."""

    key: str
    turned: bool = False
    inner: tuple[Any, ...] = ()


Word = tuple[Letter, ...]
Sum = dict[Word, Any]


def normal_form(term: Term, types: Mapping[Name, Type]) -> Term | None:
    """The term in normal form; None where it holds what no identity is about."""
    try:
        algebra = _Words(types)
        shape = shape_of(term, types)
        if shape:
            return algebra.array_term(algebra.words(term), term)
        return algebra.scalar_term(sp.expand(sp.expand_log(sp.expand(algebra.scalar(term)), force=True)))
    except (DeriveError, NotImplementedError, KeyError):
        return None


class _Words:
    """The normal forms over the names of one line."""

    def __init__(self, types: Mapping[Name, Type]) -> None:
        self.types = types
        self.shapes: dict[str, tuple[Term, ...]] = {}
        self.names: dict[str, Name] = {}
        self.traces: dict[Any, Word] = {}
        self.determinants: dict[Any, str] = {}

    # ------------------------------------------------------------------------------------------ arrays
    def words(self, term: Term) -> Sum:
        """The sum of words that an array is."""
        head, args = term.head, term.args
        if head == "name":
            return {(self._letter(term.data),): sp.S.One}
        if head == "identity":
            return {(): sp.S.One}
        if head == "add":
            total: Sum = {}
            for a in args:
                for word, factor in self.words(a).items():
                    total[word] = total.get(word, sp.S.Zero) + factor
            return _kept(total)
        if head == "neg":
            return {w: -f for w, f in self.words(args[0]).items()}
        if head == "transpose":
            return self._collected((self._transposed(w), f) for w, f in self.words(args[0]).items())
        if head == "inverse":
            return self._inverse(args[0])
        if head in ("mul", "div"):
            return self._product(term)
        if head == "pow" and (power := integer(args[1])) is not None and 1 <= power <= 6:
            return self._multiplied([self.words(args[0])] * power)
        if head == "outer":
            return self._multiplied([self.words(args[0]), self.words(Term("transpose", (args[1],)))])
        raise NotSupported(f"“{head}” in an identity of arrays")

    def _letter(self, name: Name) -> Letter:
        shape = self.types[name].shape
        if len(shape) not in (1, 2):
            raise NotSupported("an array of this rank")
        self.shapes[name.key], self.names[name.key] = shape, name
        return Letter(name.key)

    def _properties(self, key: str) -> frozenset[str]:
        return self.types[self.names[key]].properties if key in self.names else frozenset()

    def _transposed(self, word: Word) -> Word:
        return tuple(self._turn(letter) for letter in reversed(word))

    def _turn(self, letter: Letter) -> Letter:
        if letter.inner:
            return letter._replace(inner=self._transposed(letter.inner))
        return letter if "symmetric" in self._properties(letter.key) else letter._replace(turned=not letter.turned)

    def _product(self, term: Term) -> Sum:
        factor, arrays = sp.S.One, []
        parts = term.args if term.head == "mul" else term.args[:1]
        if term.head == "div":
            factor = 1 / self.scalar(term.args[1])
        run: list[Term] = []
        for part in parts:
            if not shape_of(part, self.types) and part.head != "transpose":
                if run and not _is_scalar_factor(part):
                    raise NotSupported("a scalar inside a product")
                factor = factor * self.scalar(part)
            else:
                run.append(part)
                arrays.append(self.words(part))
        if not arrays:
            raise NotSupported("a product without arrays")
        return {w: f * factor for w, f in self._multiplied(arrays).items()}

    def _multiplied(self, sums: list[Sum]) -> Sum:
        result: Sum = {(): sp.S.One}
        for following in sums:
            result = self._collected((self._reduced((*a, *b)), f * g) for a, f in result.items() for b, g in following.items())
            if len(result) > MOST_WORDS:
                raise NotSupported("too many terms")
        return result

    def _collected(self, pairs: Any) -> Sum:
        total: Sum = {}
        for word, factor in pairs:
            if len(word) > LONGEST:
                raise NotSupported("a product of this length")
            total[word] = total.get(word, sp.S.Zero) + factor
        return _kept(total)

    def _reduced(self, word: Word) -> Word:
        """The word without what cancels: A⁻¹A, (XᵀX)⁻¹XᵀX, QᵀQ of an orthogonal Q."""
        letters = list(word)
        changed = True
        while changed:
            changed = False
            for k, letter in enumerate(letters):
                size = len(letter.inner)
                if size and tuple(letters[k + 1 : k + 1 + size]) == letter.inner:
                    del letters[k : k + 1 + size]
                    changed = True
                elif size and k >= size and tuple(letters[k - size : k]) == letter.inner:
                    del letters[k - size : k + 1]
                    changed = True
                elif k + 1 < len(letters) and "orthogonal" in self._properties(letter.key):
                    following = letters[k + 1]
                    if following.key == letter.key and following.turned != letter.turned and not following.inner:
                        del letters[k : k + 2]
                        changed = True
                if changed:
                    break
        return tuple(letters)

    def _inverse(self, term: Term) -> Sum:
        shape = shape_of(term, self.types)
        inner = self.words(term)
        if len(shape) != 2 or len(inner) != 1:
            raise NotSupported("the inverse of a sum")
        ((word, factor),) = inner.items()
        if all(self._is_square(letter) for letter in word):
            letters: list[Letter] = []
            for letter in reversed(word):
                letters += letter.inner or (Letter(f"inverse {letter.key}", False, (letter,)),)
            return {self._reduced(tuple(letters)): 1 / factor}
        return {(Letter("inverse", False, word),): 1 / factor}

    def _is_square(self, letter: Letter) -> bool:
        if letter.inner:
            return True
        shape = self.shapes[letter.key]
        return len(shape) == 2 and shape[0] == shape[1]

    # ------------------------------------------------------------------------------------------ scalars
    def scalar(self, term: Term) -> Any:
        """The polynomial that a scalar is."""
        head, args = term.head, term.args
        if head == "number":
            return sp.Rational(str(term.data))
        if head == "name":
            kind = self.types.get(term.data)
            if kind is not None and kind.shape:
                raise NotSupported("an array where a number stands")
            return symbol(term.data, kind)
        if head == "neg":
            return -self.scalar(args[0])
        if head == "add":
            return sp.Add(*(self.scalar(a) for a in args))
        if head == "div":
            return self.scalar(args[0]) / self.scalar(args[1])
        if head == "pow":
            if args[0].head == "norm" and args[1] == number(2) and str(args[0].data) in ("2", "F", ""):
                return self._square(args[0].args[0])
            return self.scalar(args[0]) ** self.scalar(args[1])
        if head == "inner":
            return self._trace(self.words(Term("mul", (Term("transpose", (args[0],)), args[1]))))
        if head == "apply" and term.data == "tr":
            size = shape_of(args[0], self.types)
            return self._trace(self.words(args[0]), size[0])
        if head == "apply" and term.data == "det":
            return self._determinant(args[0])
        if head == "apply" and term.data in ("log", "logdet", "exp") and len(args) == 1:
            value = self._determinant(args[0]) if term.data == "logdet" else self.scalar(args[0])
            return sp.exp(value) if term.data == "exp" else sp.log(value)
        if head == "mul":
            return self._scalar_product(args)
        raise NotSupported(f"“{head}” in an identity of scalars")

    def _square(self, term: Term) -> Any:
        """‖X‖² as a trace."""
        return self._trace(self._multiplied([self.words(Term("transpose", (term,))), self.words(term)]))

    def _scalar_product(self, args: tuple[Term, ...]) -> Any:
        """Numbers, and runs of arrays that multiply to a number: xᵀA y."""
        factor, run = sp.S.One, []
        for part in args:
            if shape_of(part, self.types) or part.head == "transpose":
                run.append(part)
            elif _is_scalar_factor(part) or not run:
                factor = factor * self.scalar(part)
            else:
                raise NotSupported("a scalar inside a product")
        if not run:
            return factor
        return factor * self._trace(self._multiplied([self.words(p) for p in run]))

    def _trace(self, words: Sum, size: Term | None = None) -> Any:
        total = sp.S.Zero
        for word, factor in words.items():
            total = total + factor * self._trace_of(word, size)
        return total

    def _trace_of(self, word: Word, size: Term | None) -> Any:
        word, around = self._cyclic(word, size)
        if not word:
            if around is None:
                raise NotSupported("a trace of unknown size")
            return self._size(around)
        turns = [w[k:] + w[:k] for w in (word, self._transposed(word)) for k in range(len(word))]
        best = min(turns, key=lambda w: [(x.key, x.turned, str(x.inner)) for x in w])
        atom = sp.Symbol("tr " + str(best), real=True)
        self.traces[atom] = best
        return atom

    def _cyclic(self, word: Word, size: Term | None) -> tuple[Word, Term | None]:
        """The word without what cancels around its ends, and the side of the square that is left where nothing is."""
        for k in range(len(word)):
            turned = word[k:] + word[:k]
            left = self._reduced(turned)
            if len(left) < len(word):
                side = self._rows(turned[0])
                return self._cyclic(left, side) if left else ((), side)
        return word, size

    def _rows(self, letter: Letter) -> Term | None:
        """How many rows a letter has."""
        if letter.inner:
            return self._rows(letter.inner[0])
        shape = self.shapes[letter.key]
        return None if len(shape) == 1 else shape[1] if letter.turned else shape[0]

    def _size(self, size: Term) -> Any:
        if size.head == "number":
            return sp.Integer(str(size.data))
        if size.head == "name":
            return symbol(size.data, self.types.get(size.data))
        raise NotSupported("a size of this form")

    def _determinant(self, term: Term) -> Any:
        shape = shape_of(term, self.types)
        words = self.words(term)
        size = self._size(shape[0])
        if len(words) == 2 and () in words and words[()] == 1:
            ((word, factor),) = ((w, f) for w, f in words.items() if w)
            if len(word) == 2 and len(self.shapes.get(word[0].key, ())) == 1 and word[1].turned and not word[0].turned:
                return 1 + factor * self._trace_of(word, None)
        if len(words) != 1:
            raise NotSupported("the determinant of a sum")
        ((word, factor),) = words.items()
        result = factor**size
        for letter in word:
            if not self._is_square(letter):
                raise NotSupported("a determinant of factors that are not square")
            result = result * self._letter_determinant(letter)
        return result

    def _letter_determinant(self, letter: Letter) -> Any:
        if letter.inner:
            value = sp.S.One
            for inner in letter.inner:
                if not self._is_square(inner):
                    raise NotSupported("a determinant of factors that are not square")
                value = value * self._letter_determinant(inner)
            return 1 / value
        atom = sp.Symbol("det " + letter.key, real=True, nonzero=True)
        self.determinants[atom] = letter.key
        return atom

    # ------------------------------------------------------------------------------------------ back to terms
    def scalar_term(self, value: Any) -> Term:
        """The polynomial with traces and determinants written out."""
        names: dict[str, Term] = {}
        table = {}
        for place, atom in enumerate(sorted(value.free_symbols & (set(self.traces) | set(self.determinants)), key=str)):
            stand_in = f"atom{place}"
            table[atom] = sp.Symbol(stand_in, real=True)
            found = self.traces.get(atom)
            names[stand_in] = self._trace_term(found) if found is not None else Term("apply", (self._name(self.determinants[atom]),), "det")
        return from_sympy(value.xreplace(table)).transform(lambda n: names.get(n.data.key, n) if n.head == "name" else n)

    def _trace_term(self, word: Word) -> Term:
        for w in (word, self._transposed(word)):
            for k in range(len(w)):
                turn = w[k:] + w[:k]
                if len(self.shapes.get(turn[0].key, ())) == 1 and turn[0].turned and not turn[-1].turned and self._ends(turn):
                    return self._word_term(turn)
        return Term("apply", (self._word_term(word),), "tr")

    def _ends(self, turn: Word) -> bool:
        return len(self.shapes.get(turn[-1].key, ())) == 1

    def _name(self, key: str) -> Term:
        return Term("name", (), self.names[key])

    def _word_term(self, word: Word) -> Term:
        parts = tuple(self._letter_term(letter) for letter in word)
        return parts[0] if len(parts) == 1 else Term("mul", parts)

    def _letter_term(self, letter: Letter) -> Term:
        if letter.inner:
            return Term("inverse", (self._word_term(letter.inner),))
        name = self._name(letter.key)
        return Term("transpose", (name,)) if letter.turned else name

    def array_term(self, words: Sum, like: Term) -> Term:
        """The sum of words written out; zero is the number."""
        if not words:
            return number(0)
        parts = []
        for word, factor in words.items():
            body = self._word_term(word) if word else Term("identity", (shape_of(like, self.types)[0],))
            if factor == 1:
                parts.append(body)
            elif factor == -1:
                parts.append(Term("neg", (body,)))
            else:
                parts.append(Term("mul", (self.scalar_term(factor), *(body.args if body.head == "mul" else (body,)))))
        return parts[0] if len(parts) == 1 else Term("add", tuple(parts))


def _kept(total: Sum) -> Sum:
    return {w: f for w, f in total.items() if sp.expand(f) != 0}


def _is_scalar_factor(term: Term) -> bool:
    return term.head in ("number", "name", "neg", "div", "apply", "norm", "pow")
