"""log N(x; μ, Σ) of a vector inside a derivative, written out: −½ (x − μ)ᵀ Σ⁻¹ (x − μ) − ½ log det Σ − (d/2) log 2π.

In: a term with log densities of multivariate Normals and what is declared. Out: the term over vectors and matrices.
"""

from __future__ import annotations

from derive.derivation import Prose
from derive.expressions.term import Term, number
from derive.meaning.scope import Scope

__all__ = ["with_densities"]

_OPERATORS = frozenset(("derivative", "gradient", "jacobian", "hessian"))


def with_densities(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    """The term with the log densities in its derivatives written out, and a note where there are any."""
    notes: list[Prose] = []
    if term.head not in _OPERATORS or not term.args[0].has("probability"):
        return term, notes

    def change(node: Term) -> Term:
        if node.head != "apply" or node.data != "log" or node.args[0].head != "probability" or node.args[0].data != "p":
            return node
        density = node.args[0]
        if len(density.args) != 2 or density.args[1].head != "dist" or density.args[1].data != "Normal" or len(density.args[1].args) != 2:
            return node
        x, (mean, covariance) = density.args[0], density.args[1].args
        size = _length(x, scope) or _length(mean, scope)
        if size is None or covariance.head == "keyword":
            return node
        note: Prose = ("the multivariate Normal density is written out; its second argument ", covariance, " is the covariance matrix")
        if note not in notes:
            notes.append(note)
        return _log_density(x, mean, covariance, size)

    return term.with_args((term.args[0].transform(change), *term.args[1:])), notes


def _length(term: Term, scope: Scope) -> Term | None:
    """The length of a vector that is declared, or of a difference or product with one."""
    if term.head == "name":
        known = scope.declarations.get(term.data)
        return known.type.shape[0] if known is not None and len(known.type.shape) == 1 else None
    if term.head in ("add", "neg"):
        return next((size for a in term.args if (size := _length(a, scope)) is not None), None)
    if term.head == "mul" and term.args[0].head == "name":
        known = scope.declarations.get(term.args[0].data)
        if known is not None and len(known.type.shape) == 2 and _length(term.args[-1], scope) is not None:
            return known.type.shape[0]
    return None


def _log_density(x: Term, mean: Term, covariance: Term, size: Term) -> Term:
    half = Term("div", (number(1), number(2)))
    gap = x if mean == number(0) else Term("add", (x, Term("neg", (mean,))))
    square = Term("mul", (Term("transpose", (gap,)), Term("inverse", (covariance,)), gap))
    volume = Term("apply", (Term("apply", (covariance,), "det"),), "log")
    circle = Term("apply", (Term("mul", (number(2), Term("constant", (), "pi"))),), "log")
    constant = Term("mul", (Term("div", (size, number(2))), circle))
    return Term("add", tuple(Term("neg", (part,)) for part in (Term("mul", (half, square)), Term("mul", (half, volume)), constant)))
