"""Terms as boxes: stacked fractions, tall brackets, raised exponents, ∑ with its limits. No line is broken here.

In: a term. Out: its `Box` and its level (see `precedence`), both kept for the time of one layout. Scripts, orders and limits are
written in one line by the linear notation that fits: inline Unicode, or plain text where only ASCII may be used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.expressions.boxes import ASCII, UNICODE, Box, beside, bracketed, raised_box, sunk_box, text_box
from derive.expressions.inline import FUNCTION_SIGNS, INLINE
from derive.expressions.plain import PLAIN
from derive.expressions.precedence import GIVEN, OPEN
from derive.expressions.term import Term
from derive.expressions.typography import lowered, raised

__all__ = ["Layout", "Placed", "Writer"]

Placed = tuple[Box, int]

_IN_ASCII = {
    "−": "-", "∂": "d", "·": "*", "∑": "sum", "∏": "prod", "∇": "grad", "Δ": "laplacian", "→": "->", "∧": "and", "∨": "or", "¬": "not ",
    "±": "+-", "∓": "-+", "⊙": ".*", "⊘": "./", "⊗": "(x)", "𝟙": "1", "𝒩": "Normal", "𝔼": "E", "↦": "->", "∞": "inf", "′": "'",
    "×": "x",
}  # fmt: skip
_LONGEST_RAISED = 8


class Layout:
    """One layout: the writers of the heads, the style, and the boxes made so far."""

    __slots__ = ("_known", "_writers", "linear", "style")

    def __init__(self, writers: Mapping[str, Writer], ascii: bool = False) -> None:
        self._writers = writers
        self.style = ASCII if ascii else UNICODE
        self.linear = PLAIN if ascii else INLINE
        self._known: dict[Term, Placed] = {}

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def place(self, term: Term) -> Placed:
        """The box of the term and its level."""
        known = self._known.get(term)
        if known is None:
            writer = self._writers.get(term.head)
            if writer is None:
                text, level = self.linear.write(term)
                known = text_box(self.ascii(text)), level
            else:
                known = writer(self, term)
            self._known[term] = known
        return known

    def at(self, term: Term, level: int) -> Box:
        """The box of the term, in brackets unless it holds together at `level`."""
        box, found = self.place(term)
        return box if found >= level else self.enclose(box)

    def sign(self, text: str) -> str:
        """The text with its signs in the characters of the style."""
        return self.ascii("".join(_IN_ASCII.get(c, c) for c in text)) if self.style.ascii else text

    def ascii(self, text: str) -> str:
        """The text itself, or with `?` for what the style cannot show."""
        if not self.style.ascii or text.isascii():
            return text
        return "".join(_IN_ASCII.get(c, c) for c in text).encode("ascii", "replace").decode()

    def text(self, term: Term) -> str:
        """The term in one line, for scripts."""
        return self.ascii(self.linear.text(term))

    def row(self, *parts: Box | str) -> Box:
        """Boxes and signs side by side."""
        return beside(*(text_box(self.sign(p)) if isinstance(p, str) else p for p in parts))

    def enclose(self, box: Box, left: str = "(", right: str = ")") -> Box:
        """The box in brackets."""
        return bracketed(box, left, right, self.style)

    def separated(self, terms: tuple[Term, ...], separator: str = ", ", level: int = GIVEN) -> Box:
        """The terms with a separator between them."""
        parts: list[Box | str] = []
        for position, term in enumerate(terms):
            parts.extend((separator, self.at(term, level)) if position else (self.at(term, level),))
        return self.row(*parts)

    def body(self, term: Term, least: int = OPEN) -> Box:
        """What a big operator stands before."""
        box, level = self.place(term)
        return box if level >= least or level == OPEN else self.enclose(box)

    def tight(self, term: Term) -> str:
        """The term in one line without spaces around + and −."""
        text = self.text(term)
        for sign in "+-−":
            text = text.replace(f" {sign} ", sign)
        return text

    def lifted(self, base: Box, script: str) -> Box:
        """The base with a superscript: in raised characters where there are such, else on the line above."""
        high = None if self.style.ascii else raised(script)
        return raised_box(base, text_box(script)) if high is None or len(high) > _LONGEST_RAISED else self._high(base, high)

    def _high(self, base: Box, text: str) -> Box:
        return beside(base, text_box(text)) if base.height == 1 else raised_box(base, text_box(text))

    def lowered(self, base: Box, script: str) -> Box:
        """The base with a subscript: in lowered characters where there are such, else on the line below."""
        if self.style.ascii:
            return beside(base, text_box(f"_{script}")) if script.isalnum() and base.height == 1 else sunk_box(base, text_box(script))
        low = lowered(script)
        if low is None:
            return sunk_box(base, text_box(script))
        return beside(base, text_box(low)) if base.height == 1 else sunk_box(base, text_box(low))

    def head(self, function: str) -> str:
        """A named function."""
        return function if self.style.ascii else FUNCTION_SIGNS.get(function, function)


Writer = Callable[[Layout, Term], Placed]
