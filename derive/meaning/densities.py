"""Densities of Normal laws written out: log N(x; μ, Σ) of a vector inside a derivative, N(x; m, v) of a number inside a formula.

In: a term with densities of Normals and what is declared. Out: the term over numbers, vectors and matrices.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.derivation import Prose
from derive.expressions.term import Term, number
from derive.meaning.scope import Scope

__all__ = ["FORMULAS", "opened_densities", "with_densities"]

FORMULAS = frozenset(
    ("expression", "code", "equation", "sum", "product", "gradient", "derivative", "hessian", "jacobian", "simplify", "optimum", "integral")
)
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


def opened_densities(term: Term, scope: Scope) -> Term:
    """A formula with N(x; m, v) of numbers in it, e^(−(x − m)²/(2v))/√(2πv) in their place; what holds other operators of chance stays."""
    chance = [n for n in term.walk() if n.head in ("probability", "expect_under", "divergence_bar")]
    if not chance or any(_scalar(n, scope) is None for n in chance):
        return term
    return term.transform(lambda node: _scalar(node, scope) or node)


def _scalar(node: Term, scope: Scope) -> Term | None:
    """The density of a Normal of a number, written out."""
    law = node.args[-1] if node.head == "probability" and node.data == "p" and len(node.args) == 2 else None
    if law is None or law.head != "dist" or law.data != "Normal" or len(law.args) != 2:
        return None
    x, (mean, spread) = node.args[0], law.args
    value = spread.args[0] if spread.head == "keyword" else spread
    if any(_is_array(t, scope) for t in (x, mean, value)):
        return None
    word = str(spread.data) if spread.head == "keyword" else "var"
    if word not in _VARIANCES:
        return None
    variance = _VARIANCES[word](value)
    square = Term("pow", (x if mean == number(0) else Term("add", (x, Term("neg", (mean,)))), number(2)))
    exponent = Term("neg", (Term("div", (square, Term("mul", (number(2), variance)))),))
    scale = Term("sqrt", (Term("mul", (number(2), Term("constant", (), "pi"), variance)),))
    return Term("div", (Term("apply", (exponent,), "exp"), scale), None, node.span)


_VARIANCES: dict[str, Callable[[Term], Term]] = {
    "var": lambda v: v, "variance": lambda v: v, "sd": lambda s: Term("pow", (s, number(2))), "std": lambda s: Term("pow", (s, number(2))),
    "prec": lambda t: Term("div", (number(1), t)), "precision": lambda t: Term("div", (number(1), t)),
}  # fmt: skip


def _is_array(term: Term, scope: Scope) -> bool:
    """Whether a bare name of a declared array, or of a covariance matrix, stands in the term."""
    if term.head == "name":
        known = scope.declarations.get(term.data)
        return term.data.base == "Sigma" or (known is not None and bool(known.type.shape))
    if term.head == "index":
        return False
    return term.head in ("identity", "matrix", "vector") or any(_is_array(a, scope) for a in term.args)


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
