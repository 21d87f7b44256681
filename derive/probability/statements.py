"""How statements about chance are written: who has a law, under which condition, over which index.

In: terms as they were read. Out: names, conditions, ranges.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from derive.expressions.term import Name, Term, number

__all__ = ["Subject", "as_blocks", "columns", "over_index", "range_of", "split_given", "subject_of"]

_RANGE = re.compile(r"(?P<index>[A-Za-z])\s*(?:=|∈|in)\s*\{?\s*1\s*(?:,|\.|…|dots|ldots|cdots|\s|to)+(?P<size>[A-Za-z0-9]+)\}?\s*$")
_INDICES = frozenset("ijkn")


class Subject(NamedTuple):
    """The base of a sample, its size and its running index; all None for a single variable."""

    base: Name | None = None
    size: Term | None = None
    running: Name | None = None


def split_given(term: Term) -> tuple[Term, tuple[Term, ...]]:
    """What is on the left of the bar, and the conditions on its right."""
    if term.head != "given":
        return term, ()
    condition = term.args[1]
    return term.args[0], condition.args if condition.head in ("list", "and") else (condition,)


def range_of(word: Term) -> tuple[Name | None, Term | None, str]:
    """`for i = 1, …, n`: the index, the size, and the words; None where the range is not written."""
    text = str(word.data or "")
    match = _RANGE.search(text)
    if match is None:
        return None, None, text
    index, size = match.group("index"), match.group("size")
    return Name(index), number(size) if size.isdigit() else Term("name", (), Name.from_key(size)), text[: match.start()]


def subject_of(term: Term, index: Name | None = None) -> Subject:
    """The sample that x_1, …, x_n, or y_i under a running index, is."""
    if term.head == "list" and any(m.head == "dots" for m in term.args):
        first, last = term.args[0], term.args[-1]
        size = _label(last) if last.head != "dots" else None
        if first.head == "index" and first.args[0].head == "name" and len(first.args) == 2:  # of an array that is declared
            return Subject(first.args[0].data, size, None)
        if first.head != "name" or not first.data.sub:
            return Subject()
        return Subject(first.data._replace(sub=""), size, None)
    if term.head == "index" and term.args[0].head == "name" and len(term.args) == 2 and term.args[1].head == "name":
        return Subject(term.args[0].data, None, term.args[1].data)
    if term.head == "name" and term.data.sub in _INDICES and index is None:
        return Subject(term.data._replace(sub=""), None, Name(term.data.sub))
    return Subject()


def _label(last: Term) -> Term | None:
    """n of x_n, 5 of x_5."""
    if last.head == "index" and len(last.args) == 2:
        return last.args[1]
    if last.head != "name" or not last.data.sub:
        return None
    return number(last.data.sub) if last.data.sub.isdigit() else Term("name", (), Name.from_key(last.data.sub))


def columns(term: Term) -> tuple[Name, ...] | None:
    """The names of (X, Y), or of a column of names."""
    if term.head not in ("tuple", "vector", "matrix") or not all(a.head == "name" for a in term.args):
        return None
    return tuple(a.data for a in term.args)


def as_blocks(fact: Term) -> Term:
    """A joint law of vectors with columns of blocks, (x; y) ~ Normal((m; k), …), where the reader has put vectors together."""
    inner = fact
    while inner.head == "task" and inner.args:
        inner = inner.args[0]
    if inner.head != "rel" or inner.data != "~" or not fact.has("apply"):
        return fact
    subject = split_given(inner.args[0])[0]
    joined = subject.head == "apply" and subject.data == "concat"
    if not joined and columns(subject) is None:
        return fact

    def column(node: Term) -> Term:
        if node.head != "apply" or node.data != "concat":
            return node
        return Term("matrix", node.args, (len(node.args), 1), node.span)

    return fact.transform(column)


def over_index(fact: Term) -> Term:
    """In a law `… for i = 1, …, n`, or of a y_i, the names with that subscript are entries of arrays: x_i is the i-th entry of x."""
    index: str | None = None
    if fact.head == "task" and fact.data == "for-each":
        found = range_of(fact.args[1])[0]
        index = found.base if found is not None else None
    inner = fact
    while inner.head == "task":
        inner = inner.args[0]
    if inner.head != "rel" or inner.data != "~":
        return fact
    subject, _ = split_given(inner.args[0])
    if index is None and subject.head == "name" and subject.data.sub in _INDICES:
        index = subject.data.sub
    if index is None and subject.head == "list" and any(m.head == "dots" for m in subject.args):
        return fact
    if index is None:
        return fact

    def entry(node: Term) -> Term:
        if node.head == "name" and node.data.sub == index:
            return Term("index", (Term("name", (), node.data._replace(sub="")), Term("name", (), Name(index or ""))), None, node.span)
        return node

    return fact.transform(entry)
