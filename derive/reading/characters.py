"""Characters beyond the tables: letters with accents, mathematical alphabets, raised and lowered runs.

In: a character or a run of them. Out: an entry like those of `commands`, or the plain characters it stands for.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from derive.reading.commands import SYMBOLS, Entry

__all__ = ["COMBINING", "LOWERED", "RAISED", "character_entry", "letter"]

# Combining marks and the accent that each is.
COMBINING = {
    "\u0302": "hat",
    "\u0304": "bar",
    "\u0305": "bar",
    "\u0303": "tilde",
    "\u20d7": "vec",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u20db": "dddot",
    "\u030c": "check",
    "\u0306": "breve",
    "\u0301": "acute",
    "\u0300": "grave",
    "\u030a": "ring",
    "\u0332": "underline",
}

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ", "0123456789+-=()niT", strict=True)) | dict(
    zip("ᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵁⱽᵂᵅᵝᵞᵟᶿᵠᵡ", "abcdefghjklmoprstuvwxyzABDEGHIJKLMNOPRUVWαβγδθφχ", strict=True)
)
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()", strict=True)) | dict(
    zip("ₐₑₒₓₔₕₖₗₘₙₚₛₜᵢᵣᵤᵥᵦᵧᵨᵩᵪⱼ", "aeoxəhklmnpstiruvβγρφχj", strict=True)
)

_STYLES = {
    "BOLD": "bf",
    "BOLD ITALIC": "bs",
    "ITALIC": "",
    "SCRIPT": "cal",
    "BOLD SCRIPT": "cal",
    "FRAKTUR": "frak",
    "BOLD FRAKTUR": "frak",
    "DOUBLE-STRUCK": "bb",
    "SANS-SERIF": "sf",
    "SANS-SERIF BOLD": "bf",
    "SANS-SERIF ITALIC": "sf",
    "SANS-SERIF BOLD ITALIC": "bs",
    "MONOSPACE": "tt",
}


def letter(character: str) -> str:
    """The name of a letter: itself, or the English name of a Greek one."""
    entry = SYMBOLS.get(character)
    return entry[2] if entry is not None and entry[1] == "name" else character


@lru_cache(maxsize=512)
def character_entry(character: str) -> Entry | None:
    """The entry of a character that no table has: a letter of a mathematical alphabet, an accented letter, a raised run."""
    first = character[0]
    if first in RAISED:
        return ("RAISED", "", character)
    if first in LOWERED:
        return ("LOWERED", "", character)
    if first in COMBINING:
        return ("COMBINING", "", COMBINING[first])
    styled = _styled(first)
    if styled is not None:
        return styled
    parts = unicodedata.normalize("NFD", first)
    if len(parts) > 1 and parts[0].isalpha() and all(mark in COMBINING for mark in parts[1:]):
        return ("ATOM", "accent", " ".join([letter(parts[0]), *(COMBINING[mark] for mark in parts[1:])]))
    return None


def _styled(character: str) -> Entry | None:
    """A letter or digit of the block of mathematical alphabets."""
    if not 0x1D400 <= ord(character) <= 0x1D7FF:
        return None
    words = unicodedata.name(character, "").split()
    plain = unicodedata.normalize("NFKC", character)
    for size in (4, 3, 2, 1):
        font = _STYLES.get(" ".join(words[1 : 1 + size]))
        if font is not None:
            if font:
                return ("ATOM", "font", f"{font} {letter(plain)}")
            return ("ATOM", "name", letter(plain))
    return None
