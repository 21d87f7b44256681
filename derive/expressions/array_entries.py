"""Entries of arrays: which entry of which array a scalar expression takes, and over which sizes an index runs.

In: a term that stands for an array, the indices of one entry (SymPy expressions, from 1), and the conversion in progress.
Out: the SymPy expression of the entry, or of a reduction of all entries; `NotSupported` where an entry has no scalar form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import sympy as sp
from sympy import S

from derive.errors import InconsistentInput, NotSupported
from derive.expressions.functions import FUNCTIONS
from derive.expressions.nodes import SampleMax, SampleMedian, SampleMin, SoftmaxAt
from derive.expressions.term import Name, Term

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["STATISTICS", "Conversion", "component", "is_array", "on_axis", "whole_range"]

STATISTICS = {"max": SampleMax, "min": SampleMin, "median": SampleMedian}
_SCALAR_VALUED = frozenset({"logsumexp", "sum", "mean", "median", "prod", "det", "tr", "logdet", "rank", "dim", "cond"})
_ELEMENTWISE = {"add": "add", "neg": "neg", "hadamard": "mul", "hadamard_div": "div", "hadamard_pow": "pow"}


class Conversion(Protocol):
    """What the conversion of a term to SymPy offers to this module."""

    bound: dict[Name, sp.Symbol]

    def expression(self, term: Term) -> Any:
        """The SymPy expression of a term."""

    def each(self, terms: tuple[Term, ...]) -> list[Any]:
        """The expressions of these terms."""

    def scalars(self, term: Term) -> list[Any]:
        """The arguments of an operation on numbers."""

    def label(self, name: Name) -> sp.IndexedBase:
        """The indexed base of an array."""

    def type(self, name: Name) -> Type | None:
        """The type of a name, where it has one."""


def _shape(name: Name, conversion: Conversion) -> tuple[Term, ...]:
    type = conversion.type(name) if name not in conversion.bound else None
    return type.shape if type is not None else ()


def is_array(term: Term, conversion: Conversion) -> bool:
    """Whether the term has a shape, as far as its names say."""
    if term.head == "name":
        return bool(_shape(term.data, conversion))
    if term.head == "index":
        array = term.args[0]
        return is_array(array, conversion) and (array.head != "name" or len(_shape(array.data, conversion)) > len(term.args) - 1)
    if term.head in ("norm", "inner", "sum", "prod") or (term.head == "apply" and term.data in _SCALAR_VALUED):
        return False
    return term.head in ("vector", "matrix", "tuple", "ones", "identity") or any(is_array(a, conversion) for a in term.args)


def component(array: Term, indices: tuple[Any, ...], conversion: Conversion, place: Term) -> Any:
    """The entry of `array` at `indices`; an elementwise expression is entered argument by argument."""
    head = array.head
    if head == "name":
        return _named(array.data, indices, conversion, place)
    if head == "index" and array.data is None:
        inner = tuple(conversion.expression(i) for i in array.args[1:])
        return component(array.args[0], inner + indices, conversion, place)
    if not is_array(array, conversion):
        raise NotSupported("an entry of something that is not an array", span=place.span)
    if head in ("vector", "tuple") and len(indices) == 1 and indices[0].is_Integer:
        return conversion.expression(array.args[_position(indices[0], len(array.args), place)])
    if head == "apply" and array.data in ("softmax", "log_softmax") and len(indices) == 1:
        if len(array.args) == 1 and array.args[0].head not in ("vector", "tuple"):
            return _softmax(array, indices[0], conversion, place)
        if indices[0].is_Integer:
            values = conversion.expression(array)
            return values[_position(indices[0], len(values), place)]
    operation = _ELEMENTWISE.get(head)
    if (
        (head == "apply" and FUNCTIONS[array.data].acts == "elementwise")
        or (head == "mul" and sum(is_array(a, conversion) for a in array.args) == 1)
        or (head == "div" and not is_array(array.args[1], conversion))
    ):
        operation = head
    if operation is None:
        raise NotSupported("an entry of an array that is not computed entry by entry", span=place.span)
    entries = tuple(
        Term("entry", (), component(a, indices, conversion, place), a.span) if is_array(a, conversion) else a for a in array.args
    )
    return conversion.expression(Term(operation, entries, array.data if head == "apply" else None, array.span))


def _position(index: Any, length: int, place: Term) -> int:
    if not 1 <= index <= length:
        raise InconsistentInput(f"component {index} of {length}", span=place.span)
    return int(index) - 1


def _named(name: Name, indices: tuple[Any, ...], conversion: Conversion, place: Term) -> Any:
    if name in conversion.bound:
        raise InconsistentInput(f"{name.key} is a running index here, not an array", span=place.span)
    shape = _shape(name, conversion)
    if shape and len(shape) != len(indices):
        raise NotSupported(f"{name.key} with {len(indices)} of its {len(shape)} indices", span=place.span)
    return sp.Indexed(conversion.label(name), *indices)


def _softmax(array: Term, i: Any, conversion: Conversion, place: Term) -> Any:
    k, size = _fresh_index(place, conversion), _length(array.args[0], conversion, place)
    body = component(array.args[0], (k,), conversion, place)
    if array.data == "softmax":
        return SoftmaxAt(body, k, S.One, size, i)
    return component(array.args[0], (i,), conversion, place) - sp.log(sp.Sum(sp.exp(body), (k, S.One, size)))


def _length(term: Term, conversion: Conversion, place: Term) -> Any:
    """The size of the last axis of an elementwise expression."""
    for node in term.walk():
        if node.head == "name" and (shape := _shape(node.data, conversion)):
            return conversion.expression(shape[-1])
    raise NotSupported("a function of a vector whose length is not known", span=place.span)


def _fresh_index(term: Term, conversion: Conversion) -> sp.Symbol:
    """A running index that occurs neither in the term nor around it."""
    used = {n.data.key for n in term.walk() if n.head == "name"} | {n.key for n in conversion.bound}
    letters = (letter + mark for mark in ("", "'", "''") for letter in "kjilmrst")
    return sp.Symbol(next(letter for letter in letters if letter not in used), integer=True)


def on_axis(term: Term, conversion: Conversion) -> Any:
    """A function of a vector that is a scalar (log-sum-exp, sum, mean, product), or any of a literal tuple."""
    function, body = term.data, term.args[0]
    if len(term.args) == 1 and body.head not in ("vector", "tuple"):
        if function in STATISTICS:
            k, size = _fresh_index(term, conversion), _length(body, conversion, term)
            return STATISTICS[function](component(body, (k,), conversion, term), k, S.One, size)
        if function not in ("logsumexp", "sum", "mean", "prod"):
            raise NotSupported(f"{function} as a whole array (its component {function}(…)_i is a scalar)", span=term.span)
        k, size = _fresh_index(term, conversion), _length(body, conversion, term)
        entry = component(body, (k,), conversion, term)
        if function == "prod":
            return sp.Product(entry, (k, S.One, size))
        total = sp.Sum(sp.exp(entry) if function == "logsumexp" else entry, (k, S.One, size))
        return sp.log(total) if function == "logsumexp" else total / size if function == "mean" else total
    values = [conversion.expression(a) for a in (body.args if len(term.args) == 1 else term.args)]
    if function in ("softmax", "log_softmax", "logsumexp"):
        total = sp.Add(*map(sp.exp, values))
        if function == "logsumexp":
            return sp.log(total)
        return sp.Tuple(*(sp.exp(v) / total if function == "softmax" else v - sp.log(total) for v in values))
    if function in ("sum", "mean"):
        return sp.Add(*values) / (len(values) if function == "mean" else 1)
    if function == "prod":
        return sp.Mul(*values)
    raise NotSupported(f"{function} in a scalar expression", span=term.span)


def whole_range(body: Term, index: Name, conversion: Conversion, place: Term) -> Any:
    """The upper end of an index's whole range: the size of the axis that it runs over, or its declared bound."""
    sizes: dict[Term, Name] = {}
    for node in body.walk():
        if node.head == "index" and node.args[0].head == "name":
            for axis, written in zip(_shape(node.args[0].data, conversion), node.args[1:], strict=False):
                if written.head == "name" and written.data == index:
                    sizes.setdefault(axis, node.args[0].data)
    if len(sizes) > 1:
        first, second = list(sizes.values())[:2]
        message = f"{index.key} runs over axes of {first.key} and of {second.key}, whose sizes are written differently"
        raise InconsistentInput(message, span=place.span, expected=(f"the range of {index.key}",))
    if sizes:
        return conversion.expression(next(iter(sizes)))
    type = conversion.type(index)
    if type is None or type.upper is None:
        raise NotSupported(f"a sum over {index.key}, whose range is not known", span=place.span)
    return conversion.expression(type.upper.value)
