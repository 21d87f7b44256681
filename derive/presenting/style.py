"""How a terminal shows text: colours (or none), Unicode (or ASCII), width."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["PLAIN", "Style"]

_CODES = {"label": "2", "title": "1", "number": "36", "good": "32", "bad": "31;1", "caret": "31", "quiet": "2", "answer": "1"}


class Style(NamedTuple):
    """`width` in columns, `colour` (SGR sequences are written), `ascii` (no other characters are)."""

    width: int = 80
    colour: bool = False
    ascii: bool = False

    def paint(self, text: str, role: str) -> str:
        """The text in the colour of a role; unchanged where there are no colours."""
        if not self.colour or not text.strip():
            return text
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m"

    def words(self, text: str) -> str:
        """The text in the characters that may be used."""
        if not self.ascii:
            return text
        from derive.presenting.transliteration import to_ascii

        return to_ascii(text)


PLAIN = Style()
