"""Colours for what is being typed, and the mate of a bracket. Works on half-typed input and never raises.

In: the text of a line. Out: spans with a class each: command, function, name, number, operator, bracket, keyword, comment,
error.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from derive.reading.commands import COMMANDS, FUNCTION_WORDS, SYMBOLS

__all__ = ["KEYWORDS", "highlight", "matching_bracket"]

KEYWORDS = frozenset(
    "and along argmax argmin at backprop bound by check cholesky code density derivative det diagonalise diff directional eig elbo "
    "evidence evaluate expand factor fisher for from given grad gradient hessian iid in indep information integrate inverse is jacobian "
    "least limit lu map marginal maximize minimize mle moment newton not nullspace of onto or order over pca posterior predictive prod "
    "project qr rank rref simplify solve squares subject sum svd symmetric taylor to twice using where with wrt as".split()
)

_TOKENS = re.compile(
    r"(?P<comment>(?m:^)[ \t]*[#%][^\n]*)|(?P<repl>\A[ \t]*:[a-z]+)|(?P<environment>\\(?:begin|end)\s*\{[^{}\n]*\}?)"
    r"|(?P<side>\\(?:left|right|middle)(?![a-z])\s*(?:\\[A-Za-z]+|\\.|[^\s\\])?)|(?P<command>\\(?:[A-Za-z]+\*?|.)|\\)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)|(?P<text>\"[^\"\n]*\"?)"
    r"|(?P<name>[^\W\d_](?:[^\W_]|_(?=[^\W_]))*)|(?P<bracket>[()\[\]{}⟨⟩⌊⌋⌈⌉])|(?P<other>\S)",
    re.DOTALL,
)
_PAIRS = {")": "([", "]": "[(", "}": "{", "⟩": "⟨", "⌋": "⌊", "⌉": "⌈", "\\}": ("\\{",), "\\]": ("\\[",), "\\)": ("\\(",)}
_OPENERS = frozenset("([{⟨⌊⌈") | {"\\{", "\\[", "\\("}
_SCRIPT_SIGNS = frozenset("_^'&")


def highlight(text: str, functions: Collection[str] = FUNCTION_WORDS) -> list[tuple[int, int, str]]:
    """The spans of a text in order, (start, end, class); `functions` are the words that are coloured as functions."""
    spans: list[tuple[int, int, str]] = []
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or "other"
        spans.append((*match.span(), _class(kind, match[0], match.end() == len(text), functions)))
    matched = {place for pair in _pairs(text) for place in pair}
    return [
        (start, end, "error" if kind == "bracket" and text[start:end] in _PAIRS and start not in matched else kind)
        for start, end, kind in spans
    ]


def _class(kind: str, word: str, last: bool, functions: Collection[str]) -> str:
    if kind == "command":
        return _command_class(word, last)
    if kind == "name":
        return "keyword" if word in KEYWORDS else "function" if word in functions else "name"
    if kind == "other":
        if word in _SCRIPT_SIGNS or word in SYMBOLS:
            return "name" if SYMBOLS.get(word, ("", "", ""))[1] == "name" else "operator"
        return "name" if word.isalpha() else "operator" if not word.isascii() and word.isprintable() else "error"
    return {"environment": "keyword", "side": "bracket", "repl": "keyword", "text": "comment"}.get(kind, kind)


def _command_class(word: str, last: bool) -> str:
    entry = COMMANDS.get(word) or COMMANDS.get(word.rstrip("*"))
    if entry is None:
        known = word in _OTHER_COMMANDS or (last and any(command.startswith(word) for command in COMMANDS))
        return "command" if known or (len(word) > 1 and word[1].isspace()) else "error"
    if entry[0] in {"OPEN", "CLOSE"}:
        return "bracket"
    if entry[0] == "ATOM":
        return {"function": "function", "big": "function", "op": "operator", "bar": "operator", "name": "name"}.get(entry[1], "command")
    return "command"


_OTHER_COMMANDS = frozenset(
    "\\text \\mbox \\textrm \\textnormal \\textup \\textsf \\texttt \\textit \\emph "
    "\\label \\tag \\color \\textcolor \\phantom \\begin \\end "
    "\\left \\right \\middle \\not \\hspace \\vspace \\DeclareMathOperator".split()
)


def _pairs(text: str) -> list[tuple[int, int]]:
    """Brackets, `\\left` with `\\right` and `\\begin` with `\\end`: the places where they start, opening first."""
    waiting: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for match in _TOKENS.finditer(text):
        word, place = match[0], match.start()
        if match.lastgroup == "environment":
            word = word[:4]
        elif match.lastgroup == "side":
            word = word[:5]
        elif match.lastgroup not in {"bracket", "command"}:
            continue
        if word in _OPENERS or word in {"\\beg", "\\left"}:
            waiting.append((word, place))
        elif word in {"\\end", "\\righ"[:5]} or word in _PAIRS:
            wanted = {"\\end": ("\\beg",), "\\righ"[:5]: ("\\left",)}.get(word) or tuple(_PAIRS[word])
            if waiting and waiting[-1][0] in wanted:
                pairs.append((waiting.pop()[1], place))
    return pairs


def matching_bracket(text: str, position: int) -> int | None:
    """Where the mate of the bracket at (or just before) `position` starts, if it has one."""
    mates: dict[int, int] = {}
    for opening, closing in _pairs(text):
        mates[opening] = closing
        mates[closing] = opening
    if position in mates:
        return mates[position]
    for match in _TOKENS.finditer(text):
        if match.start() <= position <= match.end() and match.start() in mates:
            return mates[match.start()]
    return None
