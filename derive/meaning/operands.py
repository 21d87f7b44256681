"""What a derivative is of, and by what, where the line alone says it otherwise: ∇²_w (f) v, ∇_w over an expression in 𝐰.

In: the term of a task and what is declared. Out: the term as it is meant, and a note for each choice.
"""

from __future__ import annotations

from derive.derivation import Prose
from derive.expressions.term import Name, Term
from derive.meaning.scope import Scope

__all__ = ["with_operands"]

_OPERATORS = frozenset(("gradient", "jacobian", "hessian", "derivative"))


def with_operands(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    """The term with the variable in the font in which it occurs, and a vector behind a Hessian outside it."""
    if term.head not in _OPERATORS or len(term.args) < 2:
        return term, []
    term, notes = _in_one_font(term, scope)
    if term.head == "hessian" and len(term.args) == 2:
        return _along(term, scope, notes)
    return term, notes


def _in_one_font(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    """∇_w of a function of 𝐰: the same letter, where only one of the two occurs and neither is declared or defined."""
    names = {n.data for n in term.args[0].walk() if n.head == "name"}
    args, notes = list(term.args), []
    step = 2 if term.head == "derivative" else 1
    for place in range(1, len(args), step):
        variable = args[place]
        if variable.head != "name" or variable.data in names or _is_known(variable.data, scope):
            continue
        alike = [n for n in names if n._replace(font="") == variable.data._replace(font="") and not _is_known(n, scope)]
        if len(alike) == 1 and {alike[0].font, variable.data.font} == {"", "bf"}:
            args[place] = Term("name", (), alike[0], variable.span)
            notes.append((variable, " and ", args[place], " are read as one name"))
    return (term.with_args(tuple(args)), notes) if notes else (term, [])


def _is_known(name: Name, scope: Scope) -> bool:
    return name in scope.declarations or name in scope.definitions


def _along(term: Term, scope: Scope, notes: list[Prose]) -> tuple[Term, list[Prose]]:
    """∇²_w (f) v with a vector v that f has not: the Hessian of f times v, for f v is no number."""
    body, variable = term.args
    if body.head != "mul" or body.data is not None or body.args[-1].head != "name":
        return term, notes
    *rest, direction = body.args
    inside = {n.data for part in rest for n in part.walk() if n.head == "name"}
    if direction.data in inside or direction == variable or not _is_vector(direction.data, scope) or rest[-1].head in ("transpose", "name"):
        return term, notes
    whole = rest[0] if len(rest) == 1 else Term("mul", tuple(rest), None, body.span)
    notes.append(("∇² takes ", whole, " only: its product with ", direction, " is a vector"))
    return Term("mul", (Term("hessian", (whole, variable), term.data, term.span), direction), None, term.span), notes


def _is_vector(name: Name, scope: Scope) -> bool:
    """Whether the name is declared as a vector, or is bold and small."""
    known = scope.declarations.get(name)
    return len(known.type.shape) == 1 if known is not None else name.font == "bf" and name.base[:1].islower()
