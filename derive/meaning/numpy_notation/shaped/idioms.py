"""What people write for numeric safety, read as what it means: a softmax with the maximum taken off, log-sum-exp, the safe logistic.

In: terms in the heads of the paper, with assignments put in. Out: the same with `softmax(x)` for e^(x − max x) / Σ e^(x − max x).
The shift by the maximum changes no value; left in, it would give every derivative a part that cancels, and a kink that is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.expressions.term import Name, Term, number

__all__ = ["with_idioms"]

ZERO, ONE, TWO = number(0), number(1), number(2)
Definitions = list[tuple[Name, Term]]


def with_idioms(definitions: Sequence[tuple[Name, Term]], values: Sequence[Term]) -> tuple[Definitions, list[Term]]:
    """The definitions and the values with idioms read as what they mean; what has none keeps the names that it stands on."""
    full: dict[Name, Term] = {}
    kept: Definitions = []
    for name, term in definitions:
        put = _put(term, full)
        full[name] = read = put.transform(_idiom)
        kept.append((name, term if read == put else read))
    made: list[Term] = []
    for value in values:
        put = _put(value, full)
        read = put.transform(_idiom)
        made.append(value if read == put else read)
    return kept, made


def _put(term: Term, values: dict[Name, Term]) -> Term:
    return term.transform(lambda node: values.get(node.data, node) if node.head == "name" else node)


def _idiom(node: Term) -> Term:
    for reader in _READERS.get(node.head, ()):
        found = reader(node)
        if found is not None:
            return found.at(node.span)
    return node


def _apply(function: str, *args: Term) -> Term:
    return Term("apply", args, function)


def _of(term: Term, function: str) -> Term | None:
    """x where the term is function(x)."""
    return term.args[0] if term.head == "apply" and term.data == function and len(term.args) == 1 else None


def _one(term: Term) -> bool:
    return term.head == "number" and term.value == 1


# ---------------------------------------------------------------------------------------------- the maximum taken off
def _flat(term: Term) -> list[Term]:
    return [part for a in term.args for part in (_flat(a) if a.head == "add" else [a])] if term.head == "add" else [term]


def _row(term: Term) -> Term | None:
    """r where the term is r 1ᵀ."""
    if term.head != "mul" or len(term.args) != 2 or term.args[1].head != "transpose" or term.args[1].args[0].head != "ones":
        return None
    return term.args[0]


def _largest(term: Term) -> Term | None:
    """x where the term is the largest entry of x, or that of each row."""
    inner = _of(term, "max")
    if inner is not None:
        return inner
    row = _row(term)
    row = term if row is None else row
    if row.head == "apply" and row.data == "max" and len(row.args) == 2 and row.args[1] == Term("keyword", (ONE,), "axis"):
        return row.args[0]
    return None


def _shifted(term: Term) -> Term | None:
    """x where the term is x − max x."""
    parts = _flat(term)
    if len(parts) != 2:
        return None
    for first, second in (parts, parts[::-1]):
        if second.head == "neg" and _largest(second.args[0]) == first:
            return first
    return None


def _total(term: Term) -> Term | None:
    """The exponent s where the term is Σ eˢ, or that of each row, repeated or not."""
    inner = _of(term, "sum")
    if inner is None:
        row = _row(term)
        row = term if row is None else row
        inner = row.args[0] if row.head == "mul" and len(row.args) == 2 and row.args[1].head == "ones" else None
    return None if inner is None else _of(inner, "exp")


def _softmax(node: Term) -> Term | None:
    top = _of(node.args[0], "exp")
    x = None if top is None else _shifted(top)
    return _apply("softmax", x) if x is not None and _total(node.args[1]) == top else None


def _log_softmax(node: Term) -> Term | None:
    """x − max x − log Σ e^(x − max x), and max x + log Σ e^(x − max x)."""
    parts = _flat(node)
    for k, part in enumerate(parts):
        sign = part.head == "neg"
        log = part.args[0] if sign else part
        row = _row(log)
        total = _of(log if row is None else row, "log")
        exponent = None if total is None else _total(total)
        x = None if exponent is None else _shifted(exponent)
        if x is None:
            continue
        rest = parts[:k] + parts[k + 1 :]
        if not sign and len(rest) == 1 and _largest(rest[0]) == x:
            return _apply("logsumexp", x)
        if sign and len(rest) == 2 and _shifted(Term("add", tuple(rest))) == x:
            return _apply("log_softmax", x)
    return None


# ---------------------------------------------------------------------------------------------- the logistic function
def _size(term: Term) -> Term | None:
    """x where the term is e^(−|x|)."""
    exponent = _of(term, "exp")
    inner = exponent.args[0] if exponent is not None and exponent.head == "neg" else None
    if inner is None:
        return None
    if inner.head == "abs":
        return inner.args[0]
    mirrored = inner.head == "apply" and inner.data == "max" and len(inner.args) == 2 and inner.args[1] == Term("neg", (inner.args[0],))
    return inner.args[0] if mirrored else None


def _sigmoid(node: Term) -> Term | None:
    """max(e, x ≥ 0) / (1 + e) and e / (1 + e)² with e = e^(−|x|)."""
    top, bottom = node.args
    squared = bottom.head in ("pow", "hadamard_pow") and bottom.args[1] == TWO
    parts = _flat(bottom.args[0] if squared else bottom)
    e = parts[1] if len(parts) == 2 and _one(parts[0]) else None
    x = None if e is None else _size(e)
    if x is None or e is None:
        return None
    sigmoid = _apply("sigmoid", x)
    if squared:
        rest = Term("add", (ONE, Term("neg", (sigmoid,))))
        return Term("mul" if node.head == "div" else "hadamard", (sigmoid, rest)) if top == e else None
    positive = Term("indicator", (Term("rel", (x, ZERO), ">="),))
    return sigmoid if top.head == "apply" and top.data == "max" and set(top.args) == {e, positive} else None


def _softplus(node: Term) -> Term | None:
    """log(e⁰ + eˣ)."""
    parts = _flat(node.args[0]) if len(node.args) == 1 and node.data == "log" else []
    if len(parts) != 2:
        return None
    for first, second in (parts, parts[::-1]):
        zero, x = _of(first, "exp"), _of(second, "exp")
        if zero is not None and x is not None and zero.head == "number" and zero.value == 0:
            return _apply("softplus", x)
    return None


_READERS = {
    "div": (_softmax, _sigmoid),
    "hadamard_div": (_softmax, _sigmoid),
    "add": (_log_softmax,),
    "apply": (_softplus,),
}
