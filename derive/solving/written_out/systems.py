"""Systems of linear equations: A x = b with a matrix that is written out, and equations between scalars; stationary distributions.

In: the reading of a `solve` task. Out: its Solution. A system without solutions is refused with the row that says so; free unknowns become
parameters, named in a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.solvers.solveset import NonlinearError

from derive.errors import DoesNotExist, InconsistentInput, NotSupported, WrongUse
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules import linear_algebra as rules
from derive.solution import Solution
from derive.solving.written_out.elimination import reduced
from derive.solving.written_out.matrices import SCALAR, column_term, is_literal, is_numeric, neat, read_array, square, term_of
from derive.solving.written_out.work import Work

__all__ = ["equations_of", "is_matrix_equation", "is_system", "solve_matrix_equation", "solve_system", "stationary"]

MOST_UNKNOWNS = 8


def is_matrix_equation(term: Term) -> bool:
    """Whether it is `solve A x = b` with A written out."""
    if term.head != "task" or term.data != "solve" or not term.args or term.args[0].head != "rel":
        return False
    return any(n.head in ("matrix", "vector") for n in term.args[0].walk())


def is_system(term: Term) -> bool:
    """Whether it is `solve …, … for x, y`."""
    if term.head != "task" or term.data != "solve" or not term.args:
        return False
    return term.args[0].head in ("list", "and", "tuple", "lines") or _is_bracket(term.args[0])


def _is_bracket(term: Term) -> bool:
    """Equations behind a brace, without conditions."""
    return term.head == "cases" and all(a.head == "rel" for a in term.args[::2]) and all(a.head == "otherwise" for a in term.args[1::2])


# ── A x = b ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def solve_matrix_equation(reading: Reading) -> Solution:
    """x with A x = b, by elimination of (A | b)."""
    equation, *wanted = reading.expanded.args
    left, right = equation.args
    scalars = _scalars(reading, equation)
    if scalars is not None:
        from derive.solving.unknowns import solve_unknown

        return solve_unknown(replace(reading, expanded=reading.expanded.with_args((scalars, *wanted))))
    column = _unknowns_of(left)
    if column is not None:
        return _solved_by_rows(reading, left, right, column)
    name, coefficient = _linear_in(left, wanted)
    a = read_array(coefficient, reading.types).entries if coefficient is not None else None
    if a is None:
        raise NotSupported("an equation of another form than A x = b", span=equation.span)
    b = sp.zeros(a.shape[0], 1) if right == Term("number", (), "0") else read_array(right, reading.types).entries
    if b.shape[0] != a.shape[0]:
        raise InconsistentInput(f"A is {a.shape[0]} × {a.shape[1]} and the right side has {b.shape[0]} entries", span=equation.span)
    work = Work(a.row_join(b))
    return _answered(work, a, b, name)


def _scalars(reading: Reading, equation: Term) -> Term | None:
    """det(A − λI) = 0 as an equation between scalars; None for one between arrays."""
    try:
        sides = [read_array(side, reading.types) for side in equation.args]
    except NotSupported:
        return None
    return equation.with_args(tuple(term_of(s.scalar) for s in sides)) if all(s.kind == SCALAR for s in sides) else None


def _unknowns_of(left: Term) -> Term | None:
    """The column of unknowns in `[[2, 1], [1, 3]] [[x], [y]]`."""
    if left.head != "mul" or len(left.args) != 2 or not is_literal(left.args[1]):
        return None
    entries = left.args[1].args
    return left.args[1] if all(e.head == "name" for e in entries) and len(set(entries)) == len(entries) else None


def _solved_by_rows(reading: Reading, left: Term, right: Term, column: Term) -> Solution:
    a = read_array(left.args[0], reading.types).entries
    b = read_array(right, reading.types).entries
    if a.shape != (b.shape[0], len(column.args)):
        raise InconsistentInput("the sizes of the matrix, the unknowns and the right side do not fit", span=left.span)
    work = Work(a.row_join(b))
    return _parts(work, a, b, [to_sympy(e, reading.types) for e in column.args])


def _linear_in(left: Term, wanted: Sequence[Term]) -> tuple[str, Term | None]:
    """The unknown that stands last in the product, and what stands before it."""
    if left.head != "mul" or left.args[-1].head != "name" or (wanted and wanted[0] != left.args[-1]):
        return "", None
    rest = left.args[:-1]
    return left.args[-1].data.key, rest[0] if len(rest) == 1 else Term("mul", rest)


def _answered(work: Work, a: Any, b: Any, name: str) -> Solution:
    x, kernel = _general(work, a, b)
    if b.shape[1] > 1 and kernel:
        raise NotSupported("a system with free unknowns and several right sides")
    if not kernel:
        return Solution(work.derivation(sp.ImmutableMatrix(x)), column_term(x), {}, work.notes, work.assumptions)
    letters = _letters(len(kernel), a.free_symbols | b.free_symbols | {sp.Symbol(name)})
    general = x + sp.Add(*(t * v for t, v in zip(letters, kernel, strict=True)), sp.zeros(*x.shape))
    work.step(
        rules.GENERAL_SOLUTION, sp.Symbol(name or "x"), general, ("for every ", *_listed(letters)), ((a * general).applyfunc(neat), b)
    )
    work.note((_free(letters),))
    return Solution(work.derivation(sp.ImmutableMatrix(general)), column_term(general), {}, work.notes, work.assumptions)


def _listed(names: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(part for k, name in enumerate(names) for part in ((", ", name) if k else (name,)))


def _free(names: Sequence[Any]) -> tuple[Any, ...]:
    return ("infinitely many solutions: ", *_listed(names), " is free" if len(names) == 1 else " are free")


def _letters(count: int, taken: set[Any]) -> list[Any]:
    used = {s.name for s in taken}
    names = [n for n in ("t", "s", "u", "v", "w", *(f"t_{k}" for k in range(1, count + 1))) if n not in used]
    return [sp.Symbol(n, real=True) for n in names[:count]]


def _general(work: Work, a: Any, b: Any) -> tuple[Any, list[Any]]:
    """A solution and a basis of the null space. Raises DoesNotExist for a system that contradicts itself."""
    unknowns = a.shape[1]
    if unknowns > MOST_UNKNOWNS:
        raise NotSupported(f"systems of more than {MOST_UNKNOWNS} unknowns")
    form, pivots = reduced(work, a.row_join(b), unknowns)
    for row in range(len(pivots), a.shape[0]):
        rest = [neat(e) for e in form[row, unknowns:] if neat(e) != 0]
        if rest and not rest[0].is_number:
            raise DoesNotExist(
                f"no solution unless {plain(term_of(rest[0]))} = 0: a row of the elimination says 0 = {plain(term_of(rest[0]))}"
            )
        if rest:
            raise DoesNotExist(
                f"the system is inconsistent: a row of the elimination says 0 = {plain(term_of(rest[0]))}, so there is no solution"
            )
    solution = sp.zeros(unknowns, b.shape[1])
    for row, pivot in enumerate(pivots):
        solution[pivot, :] = form[row, unknowns:]
    free = [c for c in range(unknowns) if c not in pivots]
    kernel = []
    for column in free:
        vector = sp.zeros(unknowns, 1)
        vector[column] = 1
        for row, pivot in enumerate(pivots):
            vector[pivot] = -form[row, column]
        kernel.append(vector)
    if not free:
        _collect_determinant(work, a)
    work.step(rules.GENERAL_SOLUTION, sp.Symbol("x"), solution, (), ((a * solution).applyfunc(neat), b))
    return solution, kernel


def _collect_determinant(work: Work, a: Any) -> None:
    """For a square matrix with symbols det A ≠ 0 says all that the pivots do."""
    if a.shape[0] == a.shape[1] and not is_numeric(a):
        determinant = neat(a.det())
        work.reassume(determinant)
        for value in _where_zero(determinant):
            work.note((("no solution or infinitely many where ", value),))


def _where_zero(determinant: Any) -> list[Any]:
    if len(determinant.free_symbols) != 1 or not determinant.is_polynomial():
        return []
    (t,) = determinant.free_symbols
    return [sp.Eq(t, r) for r in sp.roots(sp.Poly(determinant, t)) if r.is_real]


# ── equations between scalars ────────────────────────────────────────────────────────────────────────────────────────


def equations_of(term: Term) -> list[Term]:
    """The equations of a list of statements."""
    found: list[Term] = []
    for part in term.args[::2] if _is_bracket(term) else term.args:
        found += equations_of(part) if part.head in ("list", "and", "tuple", "lines") else [part]
    return found


def solve_system(reading: Reading) -> Solution:
    """The unknowns of linear equations, each by its name."""
    statement, *wanted = reading.expanded.args
    pairs: list[Any] = []
    for equation in equations_of(statement):
        if equation.head != "rel" or equation.data != "=":
            raise NotSupported("a system that holds something else than equations", span=equation.span)
        left, right = (to_sympy(side, reading.types) for side in equation.args)
        pairs.append(sp.expand(left - right))
    named = [a for w in wanted for a in (w.args if w.head in ("tuple", "list") else (w,))]
    unknowns = [to_sympy(w, reading.types) for w in named]
    if not unknowns:
        unknowns = sorted(set().union(*(p.free_symbols for p in pairs)), key=lambda s: s.name)
    if not unknowns or not all(u.is_Symbol for u in unknowns):
        raise WrongUse("a system is solved for names", span=statement.span, expected=("for x, y",))
    try:
        a, b = sp.linear_eq_to_matrix(pairs, unknowns)
    except NonlinearError:
        raise NotSupported("systems of equations that are not linear", span=statement.span) from None
    return _parts(Work(a.row_join(b)), a, b, unknowns)


def _parts(work: Work, a: Any, b: Any, unknowns: Sequence[Any]) -> Solution:
    x, kernel = _general(work, a, b)
    if kernel:
        free = [unknowns[max(k for k in range(len(v)) if v[k] == 1 and all(w is v or w[k] == 0 for w in kernel))] for v in kernel]
        x = x + sp.Add(*(t * v for t, v in zip(free, kernel, strict=True)), sp.zeros(*x.shape))
        work.note((_free(free),))
        work.step(rules.GENERAL_SOLUTION, sp.Tuple(*unknowns), sp.Tuple(*x), (), ((a * x).applyfunc(neat), b))
    parts = {u.name: e for u, e in zip(unknowns, x, strict=True)}
    return Solution(work.derivation(sp.Tuple(*x)), None, parts, work.notes, work.assumptions)


# ── stationary distributions ─────────────────────────────────────────────────────────────────────────────────────────


def stationary(work: Work, p: Any) -> Mapping[str, Any]:
    """π with π P = π and entries that sum to 1, for a matrix whose rows do."""
    square(p, "a transition matrix")
    size = p.shape[0]
    for row in range(size):
        total = neat(sum(p[row, :]))
        if total != 1:
            raise WrongUse(f"row {row + 1} of a transition matrix sums to 1, not to {plain(term_of(total))}")
        if any(e.is_number and e.is_negative for e in p[row, :]):
            raise WrongUse(f"row {row + 1} holds a negative probability")
    system = (p.T - sp.eye(size)).col_join(sp.ones(1, size))
    right = sp.zeros(size, 1).col_join(sp.ones(1, 1))
    x, kernel = _general(work, system, right)
    if kernel:
        raise DoesNotExist("the chain has several closed classes: its stationary distribution is not unique")
    claim = (sp.Tuple(*(x.T * p).applyfunc(neat), neat(sum(x))), sp.Tuple(*x, sp.Integer(1)))
    work.step(rules.STATIONARY, sp.Symbol("pi"), x, (), claim)
    return {"pi": column_term(x)}
