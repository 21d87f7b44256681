"""Characters: Greek letters, raised and lowered forms, accents, letters of other fonts, and how many columns a text takes.

In: names and texts. Out: Unicode text. Everything here is a table or a look-up in one.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from derive.expressions.term import Name

__all__ = ["GREEK", "LETTERS", "RELATION_SIGNS", "columns", "lowered", "raised", "unicode_name"]

_GREEK_NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu
    nu xi omicron pi rho sigma tau upsilon phi chi psi omega Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu
    Nu Xi Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega"""
GREEK: dict[str, str] = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", strict=True))
# The plain letters go to the common forms ε and φ, which keyboards and plain text use; the variants take the other ones.
GREEK |= {"varepsilon": "ϵ", "vartheta": "ϑ", "varpi": "ϖ", "varrho": "ϱ", "varsigma": "ς", "varphi": "ϕ"}
# Names of letters that are no Latin letter themselves.
LETTERS: dict[str, str] = {**GREEK, "ell": "ℓ", "hbar": "ℏ"}

_RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW*′βγδθχ⊤",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ*′ᵝᵞᵟᶿᵡᵀ",
        strict=True,
    )
)
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵪ", strict=True))

_COMBINING = {
    "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303", "widetilde": "\u0303", "vec": "\u20d7",
    "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "underline": "\u0332",
    "mathring": "\u030a",
}  # fmt: skip

_BLACKBOARD = {
    "R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "P": "ℙ", "E": "𝔼", "S": "𝕊", "V": "𝕍", "1": "𝟙", "D": "𝔻", "H": "ℍ", "I": "𝕀",
}  # fmt: skip
_SCRIPT = {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"}

RELATION_SIGNS = {
    "!=": "≠", "<=": "≤", ">=": "≥", "in": "∈", "notin": "∉", "~": "∼", "propto": "∝", "approx": "≈", "->": "→", "<=>": "⇔", "=>": "⇒",
    "subset": "⊆", "indep": "⫫", "succ": "≻", "succeq": "⪰", "prec": "≺", "preceq": "⪯", "given-iid": "∼ iid", "equiv": "≡", "<<": "≪",
    ">>": "≫",
}  # fmt: skip


def raised(text: str) -> str | None:
    """The text in superscript characters, without its spaces; None where a character has no such form."""
    found = [_RAISED.get(character) for character in text if character != " "]
    return "".join(c for c in found if c) if found and all(found) else None


def lowered(text: str) -> str | None:
    """The text in subscript characters, without its spaces; None where a character has no such form."""
    found = [_LOWERED.get(character) for character in text if character != " "]
    return "".join(c for c in found if c) if found and all(found) else None


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: combining marks none, wide characters two."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


@lru_cache(maxsize=2048)
def _columns_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _label(text: str) -> str:
    """A label with its Greek letters as characters: "theta" → "θ"."""
    if text in LETTERS:
        return LETTERS[text]
    if len(text) > 2 and text[0] == "(" and text[-1] == ")":
        return f"({_label(text[1:-1])})"
    return text.replace("-", "−")


def _in_font(letter: str, font: str) -> str:
    """The letter in a mathematical alphabet; the letter itself where Unicode has none."""
    if font == "bb":
        return _BLACKBOARD.get(letter, letter)
    if font in ("cal", "scr"):
        if letter in _SCRIPT:
            return _SCRIPT[letter]
        return chr(0x1D49C + ord(letter) - 65) if len(letter) == 1 and "A" <= letter <= "Z" else letter
    if font in ("bf", "bs") and len(letter) == 1:
        if "A" <= letter <= "Z":
            return chr(0x1D400 + ord(letter) - 65)
        if "a" <= letter <= "z":
            return chr(0x1D41A + ord(letter) - 97)
        if "α" <= letter <= "ω":
            return chr(0x1D6C2 + ord(letter) - 0x3B1)
        if "Α" <= letter <= "Ω":
            return chr(0x1D6A8 + ord(letter) - 0x391)
    return letter


@lru_cache(maxsize=4096)
def unicode_name(name: Name) -> tuple[str, bool]:
    """The name in Unicode, and whether it ends in a raised label or a prime (so that a power needs brackets)."""
    text = _in_font(LETTERS.get(name.base, name.base), name.font)
    for accent in name.accents:
        mark = _COMBINING.get(accent)
        text = unicodedata.normalize("NFC", text + mark) if mark and columns(text) == 1 else f"{text}_{accent}"
    if name.sub:
        label = _label(name.sub)
        low = lowered(label)
        text += low if low is not None else f"_{label}" if label.isalnum() or len(label) == 1 else f"_({label})"
    if name.sup:
        label = _label(name.sup)
        high = raised(label)
        text += high if high is not None else f"^{label}" if label.isalnum() or label[:1] == "(" or len(label) == 1 else f"^({label})"
    return text + "′" * name.primes, bool(name.sup or name.primes)
