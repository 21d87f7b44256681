"""Functions of a matrix that is written out: Aⁿ for a symbol n, exp(tA), square roots.

In: a SymPy matrix with numbers. Out: parts by name, steps in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.errors import DoesNotExist, NotSupported
from derive.rules import linear_algebra as rules
from derive.solving.written_out.matrices import inverse_of, is_numeric, matrix_term, neat, square
from derive.solving.written_out.spectra import spectrum
from derive.solving.written_out.work import Work

__all__ = ["exponential", "inverse_square_root", "power", "square_root"]


def power(work: Work, a: Any, n: Any) -> Mapping[str, Any]:
    """Aⁿ for a symbol n: by Aⁿ = P Jⁿ P⁻¹; the check is Aⁿ A = Aⁿ⁺¹ and A⁰ = I."""
    square(a, "a power")
    if not is_numeric(a) or neat(a.det()) == 0:
        raise NotSupported("a power with a symbol of a matrix that is singular or holds symbols")
    k = sp.Dummy("n", integer=True, nonnegative=True)
    spectrum(work, a)
    found = (a**k).applyfunc(sp.simplify)
    following = (found * a - found.subs(k, k + 1)).applyfunc(sp.simplify)
    start = found.subs(k, 0).applyfunc(sp.simplify)
    claim = (sp.Tuple(*following.subs(k, n), *start), sp.Tuple(*[sp.S.Zero] * len(a), *sp.eye(a.shape[0])))
    found = found.subs(k, n)
    work.step(rules.POWER, sp.Symbol("A") ** n, found, ("Aⁿ A = Aⁿ⁺¹ and A⁰ = I",), claim)
    work.note(((n, " is a whole number, at least 0"),))
    return {"power": matrix_term(found)}


def exponential(work: Work, a: Any) -> Mapping[str, Any]:
    """exp(A) by the Jordan form; the check is d/ds exp(sA) = A exp(sA) and exp(0) = I."""
    square(a, "the matrix exponential")
    s = sp.Dummy("s", real=True)
    try:
        found = (a * s).exp().applyfunc(_tidied)
    except (NotImplementedError, sp.MatrixError):
        raise NotSupported("the exponential of a matrix whose eigenvalues have no closed form") from None
    slope = (found.diff(s) - a * found).applyfunc(_tidied).subs(s, sp.Rational(3, 7)).applyfunc(_tidied)
    start = found.subs(s, 0).applyfunc(sp.simplify)
    claim = (sp.Tuple(*slope, *start), sp.Tuple(*[sp.S.Zero] * len(a), *sp.eye(a.shape[0])))
    value = found.subs(s, 1).applyfunc(_tidied)
    work.step(rules.EXPONENTIAL, sp.Symbol("exp A"), value, ("d/ds exp(sA) = A exp(sA) and exp(0) = I",), claim)
    return {"exp": matrix_term(value)}


def _tidied(value: Any) -> Any:
    return sp.simplify(sp.re(sp.expand(value.rewrite(sp.cos), complex=True)) if value.has(sp.I) else value)


def _root_of(a: Any) -> Any:
    """P √D Pᵀ of the spectral form."""
    pairs = a.diagonalize(sort=True)
    p, d = sp.Matrix.hstack(*(v.normalized() for v in sp.GramSchmidt([pairs[0][:, k] for k in range(a.shape[0])]))), pairs[1]
    if any(e.is_negative for e in d.diagonal()):
        raise DoesNotExist("the matrix has a negative eigenvalue: it has no real symmetric square root")
    return (p * d.applyfunc(sp.sqrt) * p.T).applyfunc(neat)


def square_root(work: Work, a: Any) -> Mapping[str, Any]:
    """The symmetric square root of a positive semidefinite matrix."""
    square(a, "the square root")
    if not is_numeric(a) or a != a.T:
        raise NotSupported("the square root of a matrix that is not symmetric, or holds symbols")
    root = _root_of(a)
    work.step(rules.POWER, sp.sqrt(sp.Symbol("A")), root, ("its square is A",), ((root * root).applyfunc(neat), a))
    return {"root": matrix_term(root)}


def inverse_square_root(work: Work, a: Any) -> Mapping[str, Any]:
    """The symmetric inverse of the square root of a positive definite matrix."""
    if neat(a.det()) == 0:
        raise DoesNotExist("the matrix is singular: its square root has no inverse")
    square_root(work, a)
    found = inverse_of(_root_of(a))
    work.step(
        rules.POWER,
        1 / sp.sqrt(sp.Symbol("A")),
        found,
        ("A times its square is I",),
        ((a * found * found).applyfunc(neat), sp.eye(a.shape[0])),
    )
    return {"root": matrix_term(found)}
