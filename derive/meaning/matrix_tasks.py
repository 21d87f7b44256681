"""Tasks about a matrix in words: `eigenvalues of A`, `basis of the column space of [[1, 2], [2, 4]]`, `project b onto A`.

In: the items of a line. Out: a `Wording` whose term is a task of its operands, or None where the line begins with no such words. A bracket
behind the words is the operand, never an index.
"""

from __future__ import annotations

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Term
from derive.meaning.clauses import Items, Wording, Words, is_word
from derive.meaning.context import Context
from derive.meaning.parser import Parser

__all__ = ["read_matrix_task"]

_FACTORISATIONS = {
    "lu": "lu", "qr": "qr", "cholesky": "cholesky", "svd": "svd", "eig": "eig", "eigen": "eig", "eigenvalue": "eig", "spectral": "eig",
    "singular value": "svd",
}  # fmt: skip
_FORMS = ("decomposition", "factorisation", "factorization")
# words → task; "of" may follow, and an article or `basis of` may stand before
_WORDS: dict[str, str] = {
    "inverse": "inverse", "rref": "rref", "reduced row echelon form": "rref", "row echelon form": "rref", "nullspace": "nullspace",
    "null space": "nullspace", "kernel": "nullspace", "columnspace": "columnspace", "column space": "columnspace", "range": "columnspace",
    "row space": "rowspace", "rowspace": "rowspace", "lu": "lu", "qr": "qr", "cholesky": "cholesky", "eig": "eig",
    "eigenvalues": "eig", "eigenvectors": "eig", "eigenvalues and eigenvectors": "eig", "eigendecomposition": "eig", "svd": "svd",
    "singular values": "singular-values", "pca": "pca", "principal components": "pca", "diagonalise": "diagonalise",
    "diagonalize": "diagonalise", "characteristic polynomial": "characteristic-polynomial", "minimal polynomial": "minimal-polynomial",
    "condition number": "condition-number", "spectral radius": "spectral-radius", "gram schmidt": "gram-schmidt",
    "gram-schmidt": "gram-schmidt", "orthonormal basis": "gram-schmidt", "orthonormalise": "gram-schmidt", "orthonormalize": "gram-schmidt",
    "projection matrix": "projection-matrix", "projection matrix onto": "projection-matrix", "matrix exponential": "matrix-exponential",
    "expm": "matrix-exponential", "matrix square root": "matrix-square-root", "sqrtm": "matrix-square-root",
    "pseudoinverse": "pinv", "pseudo inverse": "pinv", "pseudo-inverse": "pinv", "moore-penrose inverse": "pinv",
    "nullity": "nullity", "covariance matrix": "covariance-matrix", "sample covariance": "covariance-matrix",
    "adjugate": "adjugate", "cofactor matrix": "cofactor-matrix", "rank": "rank", "det": "det", "determinant": "det", "trace": "tr",
    **{f"{word} {form}": task for word, task in _FACTORISATIONS.items() for form in _FORMS},
}  # fmt: skip
_LISTS = ("gram-schmidt",)
_FUNCTIONS = ("det", "tr", "rank")
_ARTICLES = ("the", "a", "an")
_SPANNED = ("nullspace", "columnspace", "rowspace")
_ORDERED = sorted((w.split() for w in _WORDS), key=lambda parts: -len(parts))
_BEGINNING = {first: [parts for parts in _ORDERED if parts[0] == first] for first in {parts[0] for parts in _ORDERED}}
_BEFORE_TARGETS = (*_ARTICLES, "span", "of", "column", "columns", "space", "line", "vector", "vectors")
_AMBIGUOUS = frozenset(("range", "kernel", "spectral", "eigen", "covariance", "sample"))  # words that need `of` behind them


def read_matrix_task(items: Items, context: Context) -> Wording | None:
    """The task about a matrix that the line words, or None."""
    words = [_spelled(i) for i in items[:10]]
    if not words or not words[0] or items[0].sub is not None or items[0].sup is not None or context.known(Name(items[0].text.strip())):
        return None
    if words[0] == "project":
        return _projection(items, context)
    start, basis = _opening(words)
    found = next((p for p in _BEGINNING.get(words[start], ()) if words[start : start + len(p)] == p), None) if start < len(words) else None
    if found is None:
        return None
    task, place = _WORDS[" ".join(found)], start + len(found)
    of = place < len(items) and is_word(items[place], "of", "for", "onto")
    operand = items[place + 1 :] if of else items[place:]
    while operand and operand[0].text.strip() in (*_ARTICLES, "matrix", "columns", "vectors", "span", "of") and len(operand) > 1:
        operand = operand[1:]
    if not operand or (basis and task not in _SPANNED and task != "gram-schmidt") or (found[0] in _AMBIGUOUS and not of):
        return None
    first = operand[0]
    if first.kind == "op" and not (first.is_op("-") and of):
        return None
    if task in _FUNCTIONS:
        return _applied(operand, task, context) if of and start + len(found) > 0 else None
    if first.kind == "fence" and not of and len(operand) > 1 and first.text == "()" and task not in _LISTS:
        return None
    return _operand(items, operand, task, context)


def _spelled(item: object) -> str:
    kind, text = getattr(item, "kind", ""), getattr(item, "text", "").strip()
    return text.lower().rstrip(":") if kind in ("name", "function", "text") else ""


def _opening(words: list[str]) -> tuple[int, bool]:
    """How many words stand before the name of the task: `the`, `find a basis of the`, `compute the`."""
    place, basis = 0, False
    while place < len(words) and words[place] in (*_ARTICLES, "find", "compute", "basis", "of", "for", "orthonormal"):
        if words[place] == "orthonormal" and place + 1 < len(words) and words[place + 1] == "basis":
            break
        basis = basis or words[place] == "basis"
        place += 1
    return place, basis


def _applied(operand: Items, function: str, context: Context) -> Wording:
    """`determinant of A`: an expression."""
    body = Parser(operand, context).statement_or_list_as_tuple()
    return Wording(Term("apply", (body,), function), "expression")


def _operand(items: Items, operand: Items, task: str, context: Context) -> Wording:
    words = Words(operand, context)
    if task in _LISTS:
        vectors = Parser(words.head, context).sequence()
        return Wording(Term("task", tuple(vectors), task), task, words.using)
    body = words.expression(words.head)
    if body.head in ("list", "tuple"):
        return Wording(Term("task", body.args, task), task, words.using)
    return Wording(Term("task", (body,), task), task, words.using)


def _projection(items: Items, context: Context) -> Wording | None:
    """`project b onto A`, `project b onto the span of u, v`."""
    place = next((k for k, i in enumerate(items) if is_word(i, "onto", "on")), None)
    if place is None or place < 2 or place + 1 >= len(items):
        return None
    target = items[place + 1 :]
    while len(target) > 1 and target[0].text.strip() in _BEFORE_TARGETS:
        target = target[1:]
    subject = Parser(items[1:place], context).sequence()
    if len(subject) != 1:
        raise SyntaxProblem("one vector is projected", span=(items[1].start, items[place - 1].end))
    onto = Parser(target, context).sequence()
    return Wording(Term("task", (subject[0], Term("keyword", tuple(onto), "onto")), "project"), "project")
