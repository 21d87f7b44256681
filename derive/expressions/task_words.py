"""Tasks in words: the phrase around the expressions of a task, for every notation.

In: a task term. Out: strings and terms in order; a printer sets each its own way.
"""

from __future__ import annotations

from derive.expressions.term import Term

__all__ = ["task_phrase"]

# A number stands for the argument at that place, "*" for all that are left, separated by commas.
_PHRASES: dict[str, tuple[str | int, ...]] = {
    "solve": ("solve ", 0, " for ", "*"),
    "taylor": ("taylor ", 0, " at ", 1, " = ", 2, " order ", 3),
    "gradient-descent": ("gradient descent ", 0, " from ", 1, " rate ", 2, " steps ", 3),
    "newton": ("newton ", 0, " from ", 1, " steps ", 2),
    "project": ("project ", 0, " onto ", 1),
    "backprop": ("backprop ", 0, " wrt ", "*"),
    "directional": ("directional derivative of ", 0, " at ", 1, " along ", 2),
    "expression": ("*",),
}


def task_phrase(term: Term) -> tuple[str | Term, ...]:
    """The words and the arguments of a task, in the order of the plain language."""
    task = term.data or term.head
    arguments = term.args
    if task == "directional" and len(arguments) == 2:
        return ("directional derivative of ", arguments[0], " along ", arguments[1])
    phrase = _PHRASES.get(task, (task.replace("-", " ") + " ", "*"))
    pieces: list[str | Term] = []
    used = 0
    for piece in phrase:
        if isinstance(piece, int):
            if piece >= len(arguments):
                pieces.pop()  # the word that would introduce it
                break
            pieces.append(arguments[piece])
            used = piece + 1
        elif piece == "*":
            for position, argument in enumerate(arguments[used:]):
                pieces.extend((", ", argument) if position else (argument,))
            used = len(arguments)
        else:
            pieces.append(piece)
    for argument in arguments[used:]:
        pieces.extend((", ", argument))
    return tuple(pieces)
