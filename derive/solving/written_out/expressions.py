"""Expressions over arrays that are written out, worked out operation by operation from the inside: products, inverses, determinants, norms.

In: the reading of an expression. Out: its Solution, a chain of terms; each is compared with the one before by evaluating both, which knows
no rule. What holds something that is not written out is NotSupported, and stays as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from derive.derivation import Derivation, Prose, Rule, Step
from derive.errors import NotSupported
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.rules import linear_algebra as rules
from derive.solution import Solution
from derive.solving.written_out.matrices import SCALAR, Array, array_term, is_literal, is_numeric, neat, read_array, read_matrix, term_of
from derive.solving.written_out.orthogonality import pseudo_inverse_of
from derive.solving.written_out.spectra import singular_values
from derive.solving.written_out.work import Work

__all__ = ["concerns_literals", "solve_written_expression"]

LARGEST = 12
LARGEST_WITH_SYMBOLS = 4
MOST_STEPS = 40
_OPERATIONS = ("add", "mul", "neg", "div", "pow", "transpose", "inverse", "hadamard", "inner", "outer", "kron", "norm", "pinv")
_APPLIED = ("det", "tr", "diag", "rank")
_ALLOWED = frozenset(
    (*_OPERATIONS, "apply", "matrix", "vector", "tuple", "identity", "number", "constant", "name", "sqrt", "root", "abs", "factorial")
)
_TITLES = {
    "mul": "Product", "add": "Sum", "neg": "Sign", "div": "Quotient", "pow": "Power", "transpose": "Transpose", "inverse": "Inverse",
    "hadamard": "Elementwise product", "inner": "Inner product", "outer": "Outer product", "kron": "Kronecker product", "norm": "Norm",
    "pinv": "Pseudo-inverse", "det": "Determinant", "tr": "Trace", "diag": "Diagonal", "rank": "Rank",
}  # fmt: skip


def concerns_literals(term: Term) -> bool:
    """Whether the expression is made of operations on arrays that are written out, and of scalars."""
    if is_literal(term) or not _concerned_by_value(term):
        return False
    return all(n.head in _ALLOWED for n in term.walk())


def _concerned_by_value(term: Term) -> bool:
    return any(n.head in ("matrix", "vector") or (n.head == "norm" and n.args[0].head == "tuple") for n in term.walk())


def solve_written_expression(reading: Reading) -> Solution:
    """The value of the expression, with a step for each operation."""
    term = reading.expanded
    for node in term.walk():
        if node.head == "name" and node.data in reading.types and reading.types[node.data].shape:
            raise NotSupported("an array that is not written out", span=node.span)
        if node.head == "matrix" and max(node.data) > LARGEST:
            raise NotSupported("a matrix of this size", span=node.span)
    steps: list[Step] = []
    notes: list[Prose] = []
    assumed: list[Prose] = []
    current = term
    for _ in range(MOST_STEPS):
        found = _innermost(current)
        if found is None:
            break
        after, step, remarks, conditions = _reduced(found, reading.types)
        following = _replaced(current, found, after)
        if following == current:
            break
        inner = _laplace(found, reading.types)
        if inner is not None:
            between = _replaced(current, found, inner)
            steps.append(Step(rules.LAPLACE.id, rules.LAPLACE.title, current, between, part=(found, inner), formula=rules.LAPLACE.formula))
            steps.append(_step("Arithmetic", between, following, (inner, after)))
        else:
            steps.append(_step(step, current, following, (found, after)))
        notes += remarks
        assumed += conditions
        current = following
    if not steps:
        raise NotSupported("nothing to work out")
    final = _tidied(current, reading.types)
    if final != current:
        steps.append(_step("Arithmetic", current, final, (current, final)))
    held = tuple(dict.fromkeys(assumed))
    return Solution(Derivation(term, final, tuple(steps), held), final, {}, tuple(dict.fromkeys(notes)), held)


def _step(title: str, before: Term, after: Term, part: tuple[Term, Term]) -> Step:
    rule: Rule = rules.MATRIX_ARITHMETIC
    return Step(rule.id, title, before, after, part=part, formula=rule.formula if title == "Product" else "")


def _is_operation(term: Term) -> bool:
    return term.head in _OPERATIONS or (term.head == "apply" and term.data in _APPLIED)


def _concerned(term: Term) -> bool:
    return any(n.head in ("matrix", "vector", "identity", "tuple") for n in term.walk())


def _innermost(term: Term) -> Term | None:
    """The first operation on arrays whose own arguments need no more work."""
    if not _concerned_by_value(term) or is_literal(term):
        return None
    for arg in term.args:
        found = _innermost(arg)
        if found is not None:
            return found
    if term.head == "mul" and _scaled_identity(term):
        return None
    return term if _is_operation(term) and _concerned(term) and not _is_turned_vector(term) else None


def _is_turned_vector(term: Term) -> bool:
    """xᵀ of a vector has no other form."""
    return term.head == "transpose" and term.args[0].head == "vector"


def _scaled_identity(term: Term) -> bool:
    return not any(n.head in ("matrix", "vector") for n in term.walk())


def _replaced(whole: Term, part: Term, value: Term) -> Term:
    return value if whole == part else whole.transform(lambda n: value if n == part else n)


def _reduced(term: Term, types: Mapping[Name, Type]) -> tuple[Term, str, list[Prose], list[Prose]]:
    """The term worked out, the title of the step, remarks and what is assumed."""
    name = str(term.data) if term.head == "apply" else term.head
    _bounded(term, types)
    remarks: list[Prose] = []
    conditions: list[Prose] = []
    special = _SPECIAL.get(name)
    if special is not None:
        work = Work(term)
        array = special(work, term, types)
        remarks, conditions = list(work.notes), list(work.assumptions)
    else:
        array = read_array(term, types)
    array = Array(array.entries.applyfunc(neat), array.kind)
    return array_term(array), _TITLES[name], remarks, conditions


def _bounded(term: Term, types: Mapping[Name, Type]) -> None:
    for node in term.walk():
        if node.head == "matrix" and max(node.data) > LARGEST_WITH_SYMBOLS and not all(to_sympy(e, types).is_Rational for e in node.args):
            raise NotSupported("a matrix with symbols of this size", span=node.span)


def _laplace(term: Term, types: Mapping[Name, Type]) -> Term | None:
    """det A along the first row, for sides 2 and 3: products and smaller determinants."""
    if term.head != "apply" or term.data != "det" or term.args[0].head != "matrix" or term.args[0].data not in ((2, 2), (3, 3)):
        return None
    size = term.args[0].data[0]
    entries = term.args[0].args
    if size == 2:
        a, b, c, d = entries
        return Term("add", (Term("mul", (a, d)), Term("neg", (Term("mul", (b, c)),))))
    parts = []
    for column in range(3):
        if to_sympy(entries[column], types) == 0:
            continue
        kept = [k for k in range(3) if k != column]
        a, b, c, d = (entries[3 * r + k] for r in (1, 2) for k in kept)
        minor = Term("add", (Term("mul", (a, d)), Term("neg", (Term("mul", (b, c)),))))
        product = Term("mul", (entries[column], minor))
        parts.append(Term("neg", (product,)) if column == 1 else product)
    return Term("add", tuple(parts)) if len(parts) > 1 else None


# ── functions with a solver of their own ─────────────────────────────────────────────────────────────────────────────


def _scalar(value: Any) -> Array:
    return Array(sp.Matrix([[value]]), SCALAR)


def _norm(work: Work, term: Term, types: Mapping[Name, Type]) -> Array:
    array = read_array(term.args[0], types)
    entries, kind = list(array.entries), str(term.data)
    sizes = array.entries.applyfunc(sp.Abs)
    if array.kind != "matrix" or 1 in array.entries.shape:
        vector: dict[str, Callable[[], Any]] = {"1": lambda: sum(sizes), "inf": lambda: sp.Max(*sizes)}
        if kind in ("", "2", "F"):
            return _scalar(neat(sp.sqrt(sum(e**2 for e in entries))))
        if kind in vector:
            return _scalar(vector[kind]())
    elif kind in ("", "F"):
        return _scalar(neat(sp.sqrt(sum(e**2 for e in entries))))
    elif kind in ("1", "inf") and is_numeric(array.entries):
        lines = [sum(sizes[:, k]) for k in range(sizes.shape[1])] if kind == "1" else [sum(sizes[k, :]) for k in range(sizes.shape[0])]
        return _scalar(sp.Max(*lines))
    elif kind in ("spectral", "2", "nuclear", "*") and is_numeric(array.entries):
        inner = Work(array.entries)
        values = [to_sympy(v, types) for v in singular_values(inner, array.entries)["S"].args]
        return _scalar(neat(sum(values) if kind in ("nuclear", "*") else values[0]))
    raise NotSupported("this norm of arrays that are written out", span=term.span)


def _rank(work: Work, term: Term, types: Mapping[Name, Type]) -> Array:
    matrix = read_matrix(term.args[0], types)
    if not is_numeric(matrix):
        raise NotSupported("the rank of a matrix with symbols inside an expression")
    return _scalar(sp.Integer(matrix.rank(simplify=True)))


def _pseudo_inverse(work: Work, term: Term, types: Mapping[Name, Type]) -> Array:
    found = pseudo_inverse_of(read_matrix(term.args[0], types))
    for base in dict.fromkeys(sp.denom(sp.together(e)) for e in found):
        work.not_zero(base)
    return Array(found, "matrix")


_SPECIAL: Mapping[str, Callable[[Work, Term, Mapping[Name, Type]], Array]] = {
    "norm": _norm, "rank": _rank, "pinv": _pseudo_inverse,
}  # fmt: skip


def _tidied(term: Term, types: Mapping[Name, Type]) -> Term:
    """What is left of scalars, worked out; arrays stay."""
    if is_literal(term) or _concerned(term):
        return term
    value = to_sympy(term, types)
    simple = neat(value) if value.is_number else sp.simplify(value)
    return term_of(min((value, simple), key=lambda e: (e.count_ops(), len(str(e)))))
