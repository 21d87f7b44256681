"""Jumps and kinks of the whole function: what rules suspect is looked at from both sides, in multiple precision.

In: a function, its derivative as it was found, and the notes of the rules. Out: the notes that are true. A place outside the domain
gets none, neither does one at which it depends on the values of other names whether anything happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from derive.checking.arithmetic import multiple_precision
from derive.checking.curves import Curve, start_on_curve
from derive.checking.evaluate import root_frame
from derive.checking.frame import Frame, Unevaluable, undefined
from derive.checking.sampling import Sample
from derive.derivation import Prose
from derive.expressions.term import Name
from derive.meaning.scope import Type
from derive.rules.corners import Corner
from derive.solving.cost import size

__all__ = ["settled"]

DIGITS = 50
STEP = 1e-7
MAX_SIZE = 800
_SMOOTH, _KINK, _JUMP, _LOWER = "smooth", "kink", "jump", "lower"


def settled(notes: Iterable[Prose], function: Any, answer: Any, types: Mapping[Name, Type]) -> list[Prose]:
    """The notes with those on corners replaced by what the whole function does there."""
    found: dict[Prose, None] = {}
    for note in notes:
        if not isinstance(note, Corner):
            found[note] = None
            continue
        said = _said(note, function, answer, types)
        if said is not None:
            found[said] = None
    return list(found)


def _said(note: Corner, function: Any, answer: Any, types: Mapping[Name, Type]) -> Prose | None:
    x = note.variable
    bound = {limit[0] for node in function.atoms(sp.Sum, sp.Product, sp.Integral) for limit in node.limits}
    if not isinstance(x, sp.Symbol) or note.place.free_symbols & bound or not note.place.free_symbols <= function.free_symbols:
        return tuple(note)
    if size(function, MAX_SIZE) >= MAX_SIZE or size(answer, MAX_SIZE) >= MAX_SIZE:
        return tuple(note)
    verdicts = _verdicts(note.place, x, function, answer, types)
    if not verdicts:
        return None
    if len(verdicts) > 1:
        what = "jump" if _JUMP in verdicts else "have a kink"
        return (f"the function may {what} where ", note.where, ", depending on the other names")
    (verdict,) = verdicts
    if verdict == note.kind and (verdict != _SMOOTH or note.pieces):
        return tuple(note)
    if verdict == _JUMP:
        return ("the function jumps at ", note.where, "; the derivative holds elsewhere")
    if verdict == _KINK:
        return ("the function has a kink at ", note.where, "; there the derivative is that of the branch that is in force")
    if verdict == _LOWER:
        return ("the function is smooth at ", note.where, ", but a derivative of lower order than the answer has a kink there")
    return ("the pieces meet smoothly at ", note.where) if note.pieces else None


def _verdicts(place: Any, x: Any, function: Any, answer: Any, types: Mapping[Name, Type]) -> set[str]:
    """What happens at the zeros of `place` that are found, over several values of the other names."""
    found: set[str] = set()
    for batch in range(2):
        sample = Sample(types, 6, 20 + batch)
        try:
            roots = start_on_curve(Curve(place, x), root_frame(sample))
            lanes = [lane for lane, root in enumerate(roots) if not undefined(root)]
            if not lanes:
                continue
            frame = root_frame(sample, multiple_precision(DIGITS), lanes)
            columns = _sides(frame, x, [roots[lane] for lane in lanes], function, answer)
        except Unevaluable:
            return set()
        found |= {verdict for verdict in (_verdict(*sides) for sides in zip(*columns, strict=True)) if verdict}
    return found


def _sides(frame: Frame, x: Any, roots: list[float], function: Any, answer: Any) -> list[list[tuple[Any, Any]]]:
    """For every lane (value, derivative) at −2h, −h, h, 2h for the step h and again for h/100."""
    columns = []
    mpf = frame.arithmetic.one.context.mpf
    for step in (STEP, STEP / 100):
        for shift in (-2, -1, 1, 2):
            inner = frame.with_symbol(x, [mpf(root) + shift * mpf(step) for root in roots])
            columns.append(list(zip(inner.values(function), inner.values(answer), strict=True)))
    return columns


def _real(value: Any) -> bool:
    return not undefined(value) and not value.imag and abs(value.real) < 1e30


def _verdict(*sides: tuple[Any, Any]) -> str | None:
    """What the values on both sides say; None where the function is not defined or has no limit on a side."""
    values = [v for v, _ in sides]
    if not all(map(_real, values)):
        return None
    scale = 1 + max(abs(v) for v in values)
    below, above = 2 * values[1] - values[0], 2 * values[2] - values[3]
    nearer_below, nearer_above = 2 * values[5] - values[4], 2 * values[6] - values[7]
    if max(abs(below - nearer_below), abs(above - nearer_above)) > 1e-3 * scale:
        return None
    if abs(nearer_above - nearer_below) > 1e-4 * scale:
        return _JUMP
    step = STEP / 100
    slopes = (values[5] - values[4]) / step, (values[7] - values[6]) / step
    if abs(slopes[1] - slopes[0]) > 1e-4 * (1 + max(map(abs, slopes))):
        return _KINK
    derivatives = [d for _, d in sides]
    if all(map(_real, derivatives)):
        ends = 2 * derivatives[5] - derivatives[4], 2 * derivatives[6] - derivatives[7]
        if abs(ends[1] - ends[0]) > 1e-4 * (1 + max(map(abs, ends))):
            return _LOWER
    return _SMOOTH
