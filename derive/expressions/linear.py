"""Printing in one line: what LaTeX, plain text and inline Unicode have in common.

A notation is a `Linear`: a table of writers, one a head, and a few habits (how brackets, minus and products look). A writer takes
the notation and a term and gives the text with its level (see `precedence`). Whoever needs the text at some level asks `at`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.expressions.functions import FUNCTIONS
from derive.expressions.precedence import (
    AND,
    ATOM,
    CALL,
    GIVEN,
    IMPLICATION,
    LIST,
    NOT,
    OPEN,
    OR,
    PRODUCT,
    QUOTIENT,
    RELATION,
    SHORT,
    SIGN,
    SUM,
)
from derive.expressions.task_words import task_phrase
from derive.expressions.term import Term

__all__ = [
    "STRUCTURE",
    "Linear",
    "Writer",
    "Written",
    "around",
    "as_product",
    "between_relations",
    "bounds_of",
    "expect_under",
    "infix",
    "joined",
    "logic",
    "members",
]

Written = tuple[str, int]


class Linear:
    """A notation.

    `enclose(text, left, right)` puts brackets around a text. `join(before, factor, text before, text, sign)` is what stands
    between two factors. `closed(term)` writes the application of a function with its brackets. A factor of a level below `factor`
    goes into brackets, and so does one whose head is in `fenced` even where it stands last.
    """

    __slots__ = ("closed", "enclose", "factor", "fenced", "join", "minus", "relations", "words", "writers")

    def __init__(
        self,
        writers: Mapping[str, Writer],
        *,
        enclose: Callable[..., str],
        join: Callable[[Term, Term, str, str, object], str],
        closed: Callable[[Linear, Term], Written],
        relations: Mapping[str, str],
        words: Callable[[str], str],
        minus: str = "-",
        factor: int = QUOTIENT,
        fenced: frozenset[str] = frozenset(),
    ) -> None:
        self.writers = {**STRUCTURE, **writers}
        self.enclose = enclose
        self.join = join
        self.closed = closed
        self.relations = relations
        self.words = words
        self.minus = minus
        self.factor = factor
        self.fenced = fenced

    def write(self, term: Term) -> Written:
        """The text of the term and its level."""
        writer = self.writers.get(term.head)
        if writer is None:
            return f"{self.words(term.head)}{self.enclose(self.sequence(term.args))}", CALL
        return writer(self, term)

    def text(self, term: Term) -> str:
        """The text of the term, whatever its level."""
        return self.write(term)[0]

    def at(self, term: Term, level: int) -> str:
        """The text of the term, in brackets unless it holds together at least at `level`."""
        text, found = self.write(term)
        return text if found >= level else self.enclose(text)

    def sequence(self, terms: tuple[Term, ...], separator: str = ", ") -> str:
        """The terms with commas between them."""
        return separator.join([self.at(t, GIVEN) for t in terms])

    def body(self, term: Term, least: int = OPEN) -> str:
        """What a big operator stands before; what begins with another big operator needs no brackets."""
        text, found = self.write(term)
        return text if found >= least or found == OPEN else self.enclose(text)


Writer = Callable[[Linear, Term], Written]


def joined(separator: str, level: int) -> Writer:
    """A writer that puts the separator between the arguments."""
    return lambda p, term: (separator.join([p.at(a, level + 1) for a in term.args]), level)


def infix(sign: str) -> Writer:
    """A writer for elementwise and Kronecker products, whose factors are no products themselves."""
    return lambda p, term: (f" {sign} ".join([p.at(a, p.factor) for a in term.args]), PRODUCT)


def logic(sign: str, word: str, level: int) -> Writer:
    """A writer for “and” and “or”: a word between equations and inequalities, a sign between everything else."""

    def write(p: Linear, term: Term) -> Written:
        return joined(word if between_relations(term) else sign, level)(p, term)

    return write


def between_relations(term: Term) -> bool:
    """Whether an “and” or “or” stands between equations and inequalities only: `x = 2 or x = 3` is read as a sentence."""
    return all(a.head in ("rel", "chain") or (a.head in ("and", "or") and between_relations(a)) for a in term.args)


def bounds_of(p: Linear, term: Term, dots: str) -> Written:
    """A range of values: from … to with dots between; without a beginning `<t` or `≤t`, as in x_{<t}."""
    lower, upper = term.args[:2]
    if lower.head == "blank":
        sign = p.relations.get(term.data, term.data) if term.data in ("<", "<=") else dots.strip()
        gap = " " if sign[-1:].isalpha() else ""  # a command of LaTeX ends before a letter
        return f"{sign}{gap}{p.at(upper, SUM)}", LIST
    return f"{p.at(lower, SUM)}{dots}{p.at(upper, SUM)}", LIST


def members(p: Linear, term: Term) -> str:
    """What stands in the braces of a set: a range of values needs no brackets there."""
    return ", ".join([p.text(a) if a.head == "range" else p.at(a, GIVEN) for a in term.args])


def expect_under(p: Linear, term: Term, sign: str) -> Written:
    """The subscript of an expectation: `x ~ q`, or `q` alone."""
    if len(term.args) == 1:
        return p.write(term.args[0])
    return f"{p.text(term.args[0])} {sign} {p.text(term.args[1])}", RELATION


def around(left: str, right: str) -> Writer:
    """A writer that puts brackets around the arguments."""
    return lambda p, term: (p.enclose(p.sequence(term.args), left, right), ATOM)


def _add(p: Linear, term: Term) -> Written:
    first, *rest = term.args
    parts = [p.at(first, SIGN)]
    for part in rest:
        if part.head == "neg":
            parts.append(f" {p.minus} {p.at(part.args[0], OPEN)}")
        elif part.head == "plusminus":
            parts.append(f" {p.at(part, SIGN)}")
        else:
            parts.append(f" + {p.at(part, OPEN)}")
    return "".join(parts), SUM


def _neg(p: Linear, term: Term) -> Written:
    return p.minus + p.at(term.args[0], OPEN), SIGN


def _begins_with_function(term: Term) -> bool:
    while term.head == "pow":
        term = term.args[0]
    return term.head == "apply" and term.data in FUNCTIONS


def _mul(p: Linear, term: Term) -> Written:
    factors, sign = term.args, term.data
    last = len(factors) - 1
    text = before = ""
    for position, factor in enumerate(factors):
        piece, level = p.write(factor)
        if level < p.factor or factor.head in p.fenced:
            if level == SHORT:
                if position != last and not _begins_with_function(factors[position + 1]):
                    piece = p.closed(p, factor)[0]
            elif level == PRODUCT and position == 0 and bool(factor.data) != bool(sign):
                pass  # a · b c and a b · c are read from left to right
            elif level != OPEN or position != last or (factor.head in p.fenced and not sign):
                piece = p.enclose(piece)
        text += piece if position == 0 else p.join(factors[position - 1], factor, before, piece, sign) + piece
        before = piece
    return text, PRODUCT


def as_product(p: Linear, term: Term) -> Written:
    """The arguments as an ordinary product: the `@` of NumPy on paper."""
    return _mul(p, Term("mul", term.args))


def _rel(p: Linear, term: Term) -> Written:
    level = IMPLICATION if term.data in ("=>", "<=>") else RELATION
    if term.args[0].head == "blank":  # a row that goes on from the row above
        return f"{p.relations.get(term.data, term.data)} {p.at(term.args[1], level + 1)}", level
    return f"{p.at(term.args[0], level + 1)} {p.relations.get(term.data, term.data)} {p.at(term.args[1], level + 1)}", level


def _chain(p: Linear, term: Term) -> Written:
    parts = ["" if term.args[0].head == "blank" else p.at(term.args[0], SUM)]
    for sign, argument in zip(term.data, term.args[1:], strict=True):
        parts.append(f" {p.relations.get(sign, sign)} {p.at(argument, SUM)}")
    return "".join(parts).lstrip(), RELATION


def _task(p: Linear, term: Term) -> Written:
    return "".join([p.words(piece) if isinstance(piece, str) else p.text(piece) for piece in task_phrase(term)]), LIST


STRUCTURE: dict[str, Writer] = {
    "add": _add,
    "neg": _neg,
    "mul": _mul,
    "matmul": as_product,
    "rel": _rel,
    "chain": _chain,
    "list": joined(", ", LIST),
    "semicolon": lambda p, term: (p.sequence(term.args), LIST),
    "tuple": around("(", ")"),
    "directional": _task,
    "task": _task,
    "and": joined(" and ", AND),
    "or": joined(" or ", OR),
    "not": lambda p, term: (f"not {p.at(term.args[0], NOT)}", NOT),
}
