"""Unicode mathematics in prose, put into ASCII or LaTeX.

In: one line that people wrote (formulas of rules, notes, error messages). Out: the same line for a terminal without
Unicode, or for a LaTeX document. Expressions never come this way; they have printers of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from derive.expressions.typography import GREEK

__all__ = ["formula_latex", "text_latex", "to_ascii"]

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵝᵞᵟ"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
_SUPERSCRIPTS = dict(zip(_RAISED, "0123456789+-=()abcdefghijklmnoprstuvwxyzTβγδ", strict=True))
_SUBSCRIPTS = dict(zip(_LOWERED, "0123456789+-=()aehijklmnoprstuvx", strict=True))

_GREEK = {sign: word.removeprefix("var") for word, sign in GREEK.items()}
_UPRIGHT = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΧ")  # capitals that LaTeX writes with Latin letters

# character: (ASCII, LaTeX in math mode)
_SIGNS = {
    "−": ("-", "-"),
    "–": ("-", "-"),
    "—": ("--", "-"),
    "·": ("*", r"\cdot "),
    "×": ("x", r"\times "),
    "÷": ("/", r"\div "),
    "∗": ("*", "*"),
    "⊙": (".*", r"\odot "),
    "⊗": ("(x)", r"\otimes "),
    "⊘": ("./", r"\oslash "),
    "±": ("+-", r"\pm "),
    "≤": ("<=", r"\le "),
    "≥": (">=", r"\ge "),
    "≠": ("!=", r"\ne "),
    "≈": ("~", r"\approx "),
    "≡": ("==", r"\equiv "),
    "∝": ("propto", r"\propto "),
    "∼": ("~", r"\sim "),
    "≻": (">", r"\succ "),
    "⪰": (">=", r"\succeq "),
    "∈": ("in", r"\in "),
    "∉": ("not in", r"\notin "),
    "⊂": ("subset", r"\subset "),
    "⊆": ("subset", r"\subseteq "),
    "∪": ("or", r"\cup "),
    "∩": ("and", r"\cap "),
    "∧": ("and", r"\land "),
    "∨": ("or", r"\lor "),
    "¬": ("not ", r"\neg "),
    "∀": ("for all", r"\forall "),
    "∃": ("exists", r"\exists "),
    "→": ("->", r"\to "),
    "↦": ("|->", r"\mapsto "),
    "←": ("<-", r"\leftarrow "),
    "⇒": ("=>", r"\Rightarrow "),
    "⇔": ("<=>", r"\Leftrightarrow "),
    "∞": ("inf", r"\infty "),
    "∂": ("d", r"\partial "),
    "∇": ("grad ", r"\nabla "),
    "∫": ("int ", r"\int "),
    "∑": ("sum ", r"\sum "),
    "∏": ("prod ", r"\prod "),
    "√": ("sqrt", r"\surd "),
    "′": ("'", "'"),
    "″": ("''", "''"),
    "‴": ("'''", "'''"),
    "‖": ("||", r"\Vert "),
    "∣": ("|", r"\mid "),
    "⟨": ("<", r"\langle "),
    "⟩": (">", r"\rangle "),
    "⌊": ("floor(", r"\lfloor "),
    "⌋": (")", r"\rfloor "),
    "⌈": ("ceil(", r"\lceil "),
    "⌉": (")", r"\rceil "),
    "…": ("...", r"\dots "),
    "⋯": ("...", r"\cdots "),
    "⊤": ("T", r"\top "),
    "⟂": ("indep", r"\perp "),
    "⊥": ("indep", r"\perp "),
    "∘": ("o", r"\circ "),
    "∅": ("{}", r"\emptyset "),
    "ℝ": ("R", r"\mathbb{R}"),
    "ℕ": ("N", r"\mathbb{N}"),
    "ℤ": ("Z", r"\mathbb{Z}"),
    "ℂ": ("C", r"\mathbb{C}"),
    "ℚ": ("Q", r"\mathbb{Q}"),
    "𝔼": ("E", r"\mathbb{E}"),
    "𝟙": ("1", r"\mathbb{1}"),
    "ℓ": ("l", r"\ell "),
    "½": ("1/2", r"\tfrac12 "),
    "✓": ("ok", r"\checkmark "),
    "✗": ("x", r"\times "),
    "\u2009": (" ", r"\,"),
    "\u00a0": (" ", "~"),
}
_QUOTES = {"‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"'}
_COMBINING = {"\u0302": ("_hat", r"\hat"), "\u0304": ("_bar", r"\bar"), "\u0303": ("_tilde", r"\tilde")}

_RUN_UP = re.compile(f"[{re.escape(''.join(_SUPERSCRIPTS))}]+")
_RUN_DOWN = re.compile(f"[{re.escape(''.join(_SUBSCRIPTS))}]+")


def _runs(text: str, wrap: Callable[[str, str], str]) -> str:
    text = _RUN_UP.sub(lambda m: wrap("^", "".join(_SUPERSCRIPTS[c] for c in m[0])), text)
    return _RUN_DOWN.sub(lambda m: wrap("_", "".join(_SUBSCRIPTS[c] for c in m[0])), text)


def to_ascii(text: str) -> str:
    """The line in ASCII: `σ(x)²` becomes `sigma(x)^2`, `e⁻ˣ` becomes `e^(-x)`; what has no name becomes `?`."""
    if text.isascii():
        return text
    text = _runs(text, lambda sign, body: f"{sign}({body})" if len(body) > 1 and sign == "^" else f"{sign}{body}")
    out: list[str] = []
    for character in text:
        if character.isascii():
            out.append(character)
        elif character in _SIGNS:
            out.append(_SIGNS[character][0])
        elif character in _GREEK:
            out.append(_GREEK[character])
        elif character in _QUOTES:
            out.append(_QUOTES[character])
        elif character in _COMBINING:
            out.append(_COMBINING[character][0])
        else:
            bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
            out.append(bare or "?")
    return "".join(out)


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "\u00a0": "~",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
}
_PIECE = re.compile(f"{_RUN_UP.pattern}|{_RUN_DOWN.pattern}|.", re.DOTALL)


_SPACE = re.compile(r"∈ ℝ\^(\([^()]*\)|\w+)")


def text_latex(text: str) -> str:
    """Words for the text mode of a LaTeX document: special characters made harmless, Unicode mathematics between dollars."""
    spaces = _SPACE.split(text)
    words = [_PIECE.sub(lambda match: _text_piece(match[0]), part) for part in spaces[::2]]
    sizes = [rf"$\in \mathbb{{R}}^{{{_math(size.strip('()'))}}}$" for size in spaces[1::2]]
    return "".join(part for pair in zip(words, [*sizes, ""], strict=True) for part in pair).replace("$$", "")


def _text_piece(piece: str) -> str:
    if piece[0] in _SUPERSCRIPTS:
        return f"$^{{{_math(''.join(_SUPERSCRIPTS[c] for c in piece))}}}$"
    if piece[0] in _SUBSCRIPTS:
        return f"$_{{{_math(''.join(_SUBSCRIPTS[c] for c in piece))}}}$"
    if piece in _SPECIAL:
        return _SPECIAL[piece]
    if piece in "{}$&#%_":
        return "\\" + piece
    if piece.isascii():
        return piece
    if piece in _SIGNS or piece in _GREEK:
        return f"${_math(piece)}$"
    return piece if piece.isalpha() and unicodedata.normalize("NFKD", piece)[0].isascii() else "?"


def _math(text: str) -> str:
    """Characters in math mode."""
    out = []
    for character in text:
        if character in _SIGNS:
            out.append(_SIGNS[character][1])
        elif character in _GREEK:
            word = _GREEK[character]
            out.append(rf"\mathrm{{{word[0]}}}" if character in _UPRIGHT else "o" if word == "omicron" else rf"\{word} ")
        elif character in "%#&":
            out.append("\\" + character)
        elif character in _QUOTES:
            out.append("'")
        elif character.isascii():
            out.append(character)
        else:
            out.append(rf"\text{{{_text_piece(character)}}}")
    return "".join(out)


_OPERATOR_NAMES = "sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan exp log ln max min det lim arg sup inf Pr"
_OPERATORS = frozenset(_OPERATOR_NAMES.split())
_WORD = re.compile(r"(?<![\\A-Za-z_^])[A-Za-z]{2,}(?: [A-Za-z]{2,})*")


def formula_latex(text: str) -> str:
    """A one-line formula of a rule, `(1/u)′ = −u′/u²`, for math mode: words become upright, scripts are gathered."""

    def word(match: re.Match[str]) -> str:
        words = match[0].split(" ")
        if all(w in _OPERATORS for w in words):
            return "".join(rf"\{w} " for w in words)
        if len(words) == 1:
            return match[0] if len(match[0]) == 2 and match[0].startswith("d") else rf"\operatorname{{{match[0]}}}"
        return rf"\text{{ {match[0]} }}"

    text = text.replace("{", r"\{").replace("}", r"\}") if "^{" not in text and "_{" not in text else text
    text = _WORD.sub(word, text)
    text = _runs(text, lambda sign, body: f"{sign}{{{body}}}")
    return _math(text)
