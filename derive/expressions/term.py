"""The tree of what was written: one small immutable node type for every mathematical expression.

In: the readers build it. Out: printers (LaTeX, plain, two-dimensional), SymPy, and the operation graph read it.
A term keeps what the author wrote (order of factors, a quotient as a quotient); nothing is simplified here.
No SymPy is imported, so reading and printing work at once.

Heads, their `data`, and their arguments (`…` repeats; `?` may be absent):

    atoms
      number        data: text ("3", "0.25")                  exact value: Fraction(data)
      constant      data: "e" "pi" "inf" "i" "eulergamma"
      name          data: Name
      word          data: str                                  an event, a label, a piece of text
      dots                                                     …
      ones          data: None                                 the vector of ones
      identity      (size?)                                    I, I_n
      blank                                                    an empty cell, a missing bound, `\\cdot` as a placeholder
    arithmetic
      add           (a, b, …)      a subtraction is a `neg` argument
      neg           (a,)
      mul           (a, b, …)      as written; order matters;  data: None (juxtaposed) or "*" (a sign was written)
      div           (a, b)         pow (a, b)      sqrt (a,)      root (a, n)
      factorial     (a,)           binomial (n, k)
      hadamard      (a, b, …)      hadamard_div (a, b)   hadamard_pow (a, b)   kron (a, b, …)
      matmul        (a, b, …)      the `@` of NumPy
    applications
      apply         data: canonical name in FUNCTIONS          (x, …)     sin, log, sigmoid, softmax, det, tr, diag …
      call          (f, x, …)      an undefined or declared function; f is a `name`; `;` parameters: `semicolon` node last
      prime         data: order    (f, x?)                     f'(x), f''(x), f' alone
      index         (x, i, …)      x_i, A_{ij}, A_{i,:} (a `blank` is a whole axis)
      range         (a, b)         1..K, x_{<t} is index with data "<" (x, t)
      slice         (x, …)         NumPy's own positions, from 0: numbers, `range` (from, to, step?) with `blank` ends, words
      size          (x, axis?)     x.shape[axis], axes counted from 0; the number of entries without an axis
    matrices
      transpose (a,)   inverse (a,)   pinv (a,)   trace is apply "tr"
      abs (a,)         norm  data: "2" "1" "inf" "F" "*" "p" "0"   (x, p?)
      inner (a, b)     matrix  data: (rows, columns)  (entries row by row, …)     vector (a, …)
      tuple (a, …)     set (a, …)   setbuilder (a, cond)   interval  data: "[]" "[)" "(]" "()"   (a, b)
    binding
      sum, prod     data: "range" (body, i, lower, upper) · "cond" (body, i?, condition) · "bare" (body, i) · "none" (body,)
      integral      data: "indefinite" (body, x) · "definite" (body, x, a, b) · "region" (body, condition, x, y, …)
      limit         data: "" "+" "-"   (body, x, point)
      derivative    data: "d" or "partial"   (body, x, order, y, order, …)
      gradient, hessian, jacobian            (body, x, …)      divergence, laplacian (body, x?)
      directional   (body, point?, v)
      differential  (body,)
      total_derivative                       (y, x)            dy/dx to be found from an equation or from definitions
      at            (body, x, value, …)      evaluated at
      optimum       data: "min" "max" "argmin" "argmax" "sup" "inf"   (body, variables as tuple, constraint, …)
      lambda        (body, x, …)
    relations and logic
      rel           data: "=" "!=" "<" "<=" ">" ">=" "in" "notin" "~" "propto" "approx" ":=" "->" "<=>" "=>" "subset"
                          "indep" "succ" "succeq" "given-iid" "equiv"      (a, b)
      chain         data: (op, op, …)   (a, b, c, …)           a = b = c
      and, or (a, b, …)    not (a,)     list (a, …)            comma-separated statements
      cases         (value, condition, value, condition, …)    the last condition may be `otherwise`
      otherwise
      indicator     (condition,)        delta (i, j)           the Kronecker delta
    probability
      probability   data: "P" "E" "Var" "Cov" "Corr" "H" "I" "KL" "p" "MGF" …   (arguments, …)
      given         (a, b)              a | b
      divergence_bar (p, q)             p ‖ q
      dist          data: canonical distribution name          (parameter, …)  a keyword parameter is
      keyword       data: name          (value,)
      expect_under  (variable, distribution or name)           the subscript x ~ p of an expectation
    tasks
      task          data: kebab-case name                      (arguments, …)     words around an expression
      lines         (line, …)                                  the rows of an aligned block
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = ["Name", "Span", "Term", "call_name", "integer", "listed_operands", "name", "number"]

Span = tuple[int, int]
REMEMBERED = 1024


class Name(NamedTuple):
    """A name as typography knows it: `\\hat{y}_{\\mathrm{MLE}}^{(l)}` is Name("y", accents=("hat",), sub="MLE", sup="(l)").

    `base` is a letter, a Greek letter's English name (`lambda`, `Sigma`) or a word. `font` is "" or one of
    bf cal bb rm sf tt frak scr. `sub` is the label in the subscript ("" for none), `sup` the label in the
    superscript ("*", "(l)", "pi"), `primes` the number of primes.
    """

    base: str
    font: str = ""
    accents: tuple[str, ...] = ()
    sub: str = ""
    sup: str = ""
    primes: int = 0

    @property
    def key(self) -> str:
        """A reversible text, used as the name of the SymPy symbol: `lambda`, `y_hat`-like names are `hat(y)`, `bf(w)_0`, `W^(l)`."""
        text = self.base
        if not (self.font or self.accents or self.sup or self.primes):
            return f"{text}_{self.sub}" if self.sub else text
        if self.font:
            text = f"{self.font}({text})"
        for accent in self.accents:
            text = f"{accent}({text})"
        if self.sub:
            text += f"_{self.sub}"
        if self.sup:
            text += f"^{self.sup}"
        return text + "'" * self.primes

    @classmethod
    def from_key(cls, key: str) -> Name:
        """The name that `key` came from."""
        return _name_of(key)


@lru_cache(REMEMBERED)
def _name_of(key: str) -> Name:
    base, _, label = key.partition("_")
    if base.isalnum() and (label.isalnum() or base == key):
        return Name(base, sub=label)
    primes = len(key) - len(key.rstrip("'"))
    text = key.rstrip("'")
    depth, cut_sub, cut_sup = 0, -1, -1
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif depth == 0 and character == "^" and cut_sup < 0:
            cut_sup = position
        elif depth == 0 and character == "_" and cut_sub < 0 and cut_sup < 0 and position > 0:
            cut_sub = position
    sup = text[cut_sup + 1 :] if cut_sup >= 0 else ""
    head = text[:cut_sup] if cut_sup >= 0 else text
    sub = head[cut_sub + 1 :] if cut_sub >= 0 else ""
    head = head[:cut_sub] if cut_sub >= 0 else head
    wrappers: list[str] = []
    while head.endswith(")") and "(" in head:
        wrapper, head = head[:-1].split("(", 1)
        wrappers.append(wrapper)
    wrappers.reverse()
    font = wrappers.pop(0) if wrappers and wrappers[0] in FONTS else ""
    return Name(head, font, tuple(wrappers), sub, sup, primes)


FONTS = ("bf", "cal", "bb", "rm", "sf", "tt", "frak", "scr", "bs")


class Term:
    """One node: a head, its data, its arguments, and where in the line it stands. Equality ignores the place."""

    __slots__ = ("_hash", "args", "data", "head", "span")

    def __init__(self, head: str, args: tuple[Term, ...] = (), data: Any = None, span: Span | None = None) -> None:
        self.head = head
        self.args = args
        self.data = data
        self.span = span
        self._hash: int | None = None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Term):
            return NotImplemented
        return self.head == other.head and hash(self) == hash(other) and self.data == other.data and self.args == other.args

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.head, self.data, self.args))
        return self._hash

    def __repr__(self) -> str:
        inside = [repr(self.data)] if self.data is not None else []
        inside += [repr(a) for a in self.args]
        return f"{self.head}({', '.join(inside)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Term, (self.head, self.args, self.data, self.span))

    def at(self, span: Span | None) -> Term:
        """The same term at another place."""
        return Term(self.head, self.args, self.data, span)

    def with_args(self, args: tuple[Term, ...]) -> Term:
        """The same head and data over other arguments; the same object where nothing changed."""
        if len(args) == len(self.args) and all(map(operator.is_, args, self.args)):
            return self
        return Term(self.head, args, self.data, self.span)

    def walk(self) -> Iterator[Term]:
        """Every node once, this one first; a part that is shared is not visited again."""
        if not self.args:
            return iter((self,))
        stack = [self]
        order: list[Term] = []
        seen: set[int] = set()
        pop, add, made = stack.pop, seen.add, order.append
        while stack:
            node = pop()
            if node.args:
                place = id(node)
                if place in seen:
                    continue
                add(place)
                stack += node.args[::-1]
            made(node)
        return iter(order)

    def transform(self, function: Callable[[Term], Term]) -> Term:
        """The tree with `function` applied to every node, arguments first; shared parts stay shared."""
        done: dict[int, Term] = {}

        def change(node: Term) -> Term:
            if not node.args:
                return function(node)
            place = id(node)
            known = done.get(place)
            if known is None:
                known = done[place] = function(node.with_args(tuple([change(a) for a in node.args])))
            return known

        return change(self)

    def has(self, *heads: str) -> bool:
        """Whether a node with one of these heads occurs."""
        if not self.args:
            return self.head in heads
        stack = [self]
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            if node.head in heads:
                return True
            if node.args and id(node) not in seen:
                seen.add(id(node))
                stack.extend(node.args)
        return False

    @property
    def value(self) -> Fraction:
        """The exact value of a `number`."""
        return _value_of(self.data)


@lru_cache(REMEMBERED)
def _value_of(text: str) -> Fraction:
    """The value of a number as it is written; reading one takes long, and the same ones occur again and again."""
    return Fraction(text)


def number(value: int | str | Fraction, span: Span | None = None) -> Term:
    """A number; a fraction becomes a quotient and a negative one a `neg`."""
    if isinstance(value, str):
        return Term("number", (), value, span)
    if value < 0:
        return Term("neg", (number(-value, span),), None, span)
    if isinstance(value, Fraction) and value.denominator != 1:
        return Term("div", (number(value.numerator, span), number(value.denominator, span)), None, span)
    return Term("number", (), str(int(value)), span)


def integer(term: Term) -> int | None:
    """The integer that the term is, if it is one literally."""
    if term.head == "neg":
        inner = integer(term.args[0])
        return None if inner is None else -inner
    if term.head == "number" and term.value.denominator == 1:
        return int(term.value)
    return None


def name(text: str, span: Span | None = None) -> Term:
    """A name from its key: `name("x")`, `name("theta_0")`."""
    return Term("name", (), Name.from_key(text), span)


def listed_operands(term: Term) -> tuple[Term, ...]:
    """What stands inside the brackets of a `probability`, one after the other; P((X = 1, Y = 2)) is P(X = 1, Y = 2)."""
    operands = tuple(a for a in term.args if a.head != "expect_under")
    return operands[0].args if len(operands) == 1 and operands[0].head == "list" else operands


def call_name(function: str, *args: Term, span: Span | None = None) -> Term:
    """The application of a function of the table."""
    return Term("apply", args, function, span)
