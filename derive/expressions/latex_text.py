"""Pieces of LaTeX that are no terms of their own: names with their scripts, labels, words, brackets, environments.

In: names and texts. Out: LaTeX for math mode.
"""

from __future__ import annotations

import re
from functools import lru_cache

from derive.expressions.linear import Linear
from derive.expressions.precedence import is_small_fraction
from derive.expressions.term import Name, Term
from derive.expressions.typography import GREEK

__all__ = ["bars", "braced", "enclose", "environment", "escape", "label", "latex_name", "list_of_scripts", "script", "unscripted"]

_TALL = re.compile(r"\\(?:frac|sum|prod|int|iint|iiint|begin|binom|left|lim|min|max|operatorname\*)(?![a-zA-Z])")
_FONTS = {
    "bf": "mathbf", "bs": "boldsymbol", "cal": "mathcal", "bb": "mathbb", "rm": "mathrm", "sf": "mathsf", "tt": "mathtt",
    "frak": "mathfrak", "scr": "mathscr",
}  # fmt: skip
_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
_ACCENTS = {"overline": "bar", "widehat": "hat", "widetilde": "tilde"}
_WITHOUT_COMMAND = frozenset((
    "Alpha", "Beta", "Epsilon", "Zeta", "Eta", "Iota", "Kappa", "Mu", "Nu", "Omicron", "Rho", "Tau", "Chi", "omicron",
))  # fmt: skip
_COMMANDS = (frozenset(GREEK) | {"ell", "hbar"}) - _WITHOUT_COMMAND
_NUMBER_SPACE = re.compile(r"(?<![\w^_])(\d+) (?=[a-zA-Z\\])(?!\\cdot)")
_LABEL_SIGNS = {"×": r" \times ", "∞": r"\infty ", "⊤": r"\top ", "†": r"\dagger ", "∗": "*", "−": "-"}
_LABEL_PARTS = re.compile(r"[A-Za-z]+|\d+|.")


@lru_cache(maxsize=4096)
def latex_name(name: Name) -> str:
    """The LaTeX of a name: fonts, accents, label scripts, primes. Words are upright."""
    text = unscripted(name) + "'" * name.primes
    if name.sub:
        text += "_" + braced(label(name.sub))
    if name.sup:
        text += "^" + braced(label(name.sup))
    return text


@lru_cache(maxsize=4096)
def unscripted(name: Name) -> str:
    """The LaTeX of a name without its scripts and primes."""
    base = name.base
    if base in _COMMANDS:
        text = "\\" + base
        if name.font:
            text = rf"\boldsymbol{{{text}}}" if name.font in ("bf", "bs") else rf"\{_FONTS[name.font]}{{{text}}}"
    elif name.font:
        text = rf"\{_FONTS[name.font]}{{{escape(base)}}}"
    else:
        text = base if len(base) == 1 else rf"\mathrm{{{escape(base)}}}"
    for accent in name.accents:
        text = rf"\{_ACCENTS.get(accent, accent)}{{{text}}}"
    return text


def label(text: str) -> str:
    """A label of a name: single letters and pairs of index letters in italics, Greek letters by their command, words upright."""
    if text in ("max", "min"):
        return "\\" + text
    parts = []
    for part in _LABEL_PARTS.findall(text):
        if part in _COMMANDS:
            parts.append(f"\\{part} ")
        elif len(part) > 1 and part.isalpha() and not (len(part) == 2 and set(part) <= set("ijklmnt")):
            parts.append(rf"\mathrm{{{part}}}")
        else:
            parts.append(_LABEL_SIGNS.get(part) or _ESCAPED.get(part, part))
    return "".join(parts).strip()


def escape(text: str) -> str:
    """A word with LaTeX's special characters made harmless."""
    return text if text.isalnum() else "".join([_ESCAPED.get(c, c) for c in text])


def braced(text: str) -> str:
    """The text as the argument of a script: one letter, digit or command stands without braces."""
    return text if len(text) == 1 or (text[:1] == "\\" and text[1:].isalpha()) else f"{{{text}}}"


def script(p: Linear, term: Term) -> str:
    """A term in a script: without spaces around + and −, small fractions with a slash."""
    if term.head == "neg" and term.args[0].head == "div":
        return "-" + script(p, term.args[0])
    if is_small_fraction(term):
        return "/".join(map(p.text, term.args))
    text = p.text(term)
    return text if len(text) < 3 else _NUMBER_SPACE.sub(r"\1", text.replace(" + ", "+").replace(" - ", "-"))


def list_of_scripts(p: Linear, terms: tuple[Term, ...]) -> str:
    """Several terms in one script: `ij`, or `i, j+1` where one is longer than a character."""
    texts = [":" if t.head == "blank" else script(p, t) for t in terms]
    return ("" if all(len(t) == 1 for t in texts) else ", ").join(texts)


def enclose(text: str, left: str = "(", right: str = ")") -> str:
    """The text in brackets, which grow where it is tall."""
    return rf"\left{left}{text}\right{right}" if _TALL.search(text) else f"{left}{text}{right}"


def bars(text: str, letter: str) -> str:
    """The text between bars: `v` for |…|, `V` for ‖…‖."""
    if _TALL.search(text):
        return rf"\left\l{letter}ert {text} \right\r{letter}ert"
    return rf"\l{letter}ert {text} \r{letter}ert"


def environment(name: str, rows: list[str]) -> str:
    """The rows in an environment."""
    return rf"\begin{{{name}}} " + r" \\ ".join(rows) + rf" \end{{{name}}}"
