"""Why a text cannot be read: from the parser's state to a sentence, a place, and what was expected, in words.

In: the token that does not fit and everything that is still open. Out: a `SyntaxProblem`.
"""

from __future__ import annotations

from typing import Any

from derive.errors import SyntaxProblem
from derive.reading.item import Item
from derive.reading.token import Mismatch, NoOperand, Token, Unexpected

__all__ = ["explain", "mismatch", "no_operand"]

_CLOSING = {"(": ")", "[": "]", "{": "}", "<": "⟩", "⌊": "⌋", "⌈": "⌉", "|": "|", "‖": "‖", "⟦": "⟧"}
_CLOSING_COMMANDS = {"\\{": "\\}", "\\lvert": "\\rvert", "\\lVert": "\\rVert", "\\langle": "\\rangle"}
_OPENERS = frozenset({"OPEN", "LSQB", "LBRACE", "LEFT", "BEGIN"})
_CLOSERS = frozenset({"CLOSE", "RSQB", "RBRACE", "RIGHT", "END"})
_WAITING = frozenset({"FRAC", "SQRT", "ACCENT", "FONT", "OPERATOR", "STACK", "BRACE", "WRAP", "NORM", "ARROW", "RATIO"})
_SCRIPTS = {"SUB": "subscript", "SUP": "superscript", "POW": "exponent"}


def explain(unexpected: Unexpected, text: str, start: int, end: int, notation: str) -> SyntaxProblem:
    """The error to show for a token that the grammar does not take."""
    token = unexpected.token
    if token.type == "UNKNOWN":
        return _unknown(token)
    values = _completed(unexpected.values)
    waiting = [value for value in values if isinstance(value, Token)]
    last = values[-1] if values else None
    pending = last if isinstance(last, Token) else None
    if pending is None and len(values) > 1 and isinstance(last, Item) and isinstance(values[-2], Token):
        pending = values[-2]  # \frac{a} without its second argument
        if pending.type not in _WAITING:
            pending = None
    if pending is not None and pending.type in {*_SCRIPTS, "RADICAL", "MINUS"}:
        return _script(pending, token, text, notation)
    if pending is not None and pending.type in _WAITING:
        return _argument(pending, token, text, last is not pending)
    opening = next((value for value in reversed(waiting) if value.type in _OPENERS), None)
    if token.type == "$END":
        return _open_at_end(opening, text, end)
    return _misplaced(token, opening, text)


def no_operand(found: NoOperand, text: str, notation: str) -> SyntaxProblem:
    """The error to show for an operator or a bar in the place of an argument or a script."""
    token = Token("ATOM", text[found.start : found.end], found.start, found.end)
    if found.sign.type in {*_SCRIPTS, "RADICAL"}:
        return _script(found.sign, token, text, notation)
    return _argument(found.sign, token, text, False)


def mismatch(found: Mismatch, text: str) -> SyntaxProblem:
    """The error to show for a bracket or an environment that closes another kind."""
    opening, closing = found.opening, found.closing
    return SyntaxProblem(
        f"{_shown(closing, text)} does not close {_shown(opening, text)}",
        span=_span(closing),
        expected=(_closing(opening, text),),
        suggestion=f"\\end{{{opening.text}}}" if opening.type == "BEGIN" else None,
    )


def _completed(values: list[Any]) -> list[Any]:
    """The parser's stack with a bracket that has just been closed as one item."""
    if values and isinstance(values[-1], Token) and values[-1].type in _CLOSERS:
        place = len(values) - 1
        while place and not (isinstance(values[place], Token) and values[place].type in _OPENERS):
            place -= 1
        return [*values[:place], Item("group", "", (), values[place].start, values[-1].end)]
    return values


def _shown(token: Token, text: str) -> str:
    return text[token.start : token.end].strip() or "the end"


def _unknown(token: Token) -> SyntaxProblem:
    code = ord(token.text[0])
    shown = token.text if token.text.isprintable() else f"the character U+{code:04X}"
    return SyntaxProblem(f"{shown} has no meaning here", span=(token.start, token.end), expected=("mathematics",))


def _found(token: Token, text: str) -> str:
    return "the line ends" if token.type == "$END" else f"found {_shown(token, text)}"


def _script(pending: Token, token: Token, text: str, notation: str) -> SyntaxProblem:
    if pending.type == "RADICAL":
        return SyntaxProblem(
            f"{_shown(pending, text)} has nothing under it; {_found(token, text)}",
            span=_span(token),
            expected=("a number, a name or a bracket after the radical sign",),
        )
    if pending.type == "MINUS":
        return SyntaxProblem(
            "without brackets it is not clear what the minus takes",
            span=(pending.start, pending.end),
            expected=("brackets around the whole exponent: ^(-…)",),
        )
    name = _SCRIPTS[pending.type]
    brackets = "braces" if notation == "latex" else "brackets"
    if token.type in {"NUMBER", "NAME"} and notation == "latex" and token.text[0].isdigit():
        sign = text[pending.start]
        return SyntaxProblem(
            f"without braces only the first digit of {token.text} would be in the {name}",
            span=(pending.start, token.end),
            expected=("braces around the whole number",),
            suggestion=f"{sign}{{{token.text}}}",
        )
    return SyntaxProblem(
        f"the {name} is missing; {_found(token, text)}",
        span=_span(token),
        expected=(f"a {name} after {_shown(pending, text)}: a letter, a digit or a group in {brackets}",),
    )


def _argument(pending: Token, token: Token, text: str, second: bool) -> SyntaxProblem:
    name = _shown(pending, text)
    which = "the argument" if pending.type not in {"FRAC", "STACK"} else "the second argument" if second else "the first argument"
    if token.type == "NUMBER":
        return SyntaxProblem(
            f"without braces only the first digit of {token.text} would be {which} of {name}",
            span=_span(token),
            expected=(f"an argument of {name} in braces",),
            suggestion=f"{{{token.text}}}",
        )
    return SyntaxProblem(
        f"{which} of {name} is missing; {_found(token, text)}",
        span=_span(token),
        expected=(f"an argument of {name} in braces",),
    )


def _span(token: Token) -> tuple[int, int]:
    return (token.start, token.end)


def _closing(opening: Token, text: str) -> str:
    """What would close the bracket, in words."""
    column = opening.start - text.rfind("\n", 0, opening.start)
    shown = " ".join(text[opening.start : opening.end].split())
    if opening.type == "BEGIN":
        return f"\\end{{{opening.text}}} for the {shown} at column {column}"
    if opening.type == "LEFT":
        return f"\\right with a closing delimiter for the {shown} at column {column}"
    closing = _CLOSING_COMMANDS.get(shown) or _CLOSING.get(opening.text, "")
    return f"a closing bracket {closing} for the {shown} at column {column}"


def _open_at_end(opening: Token | None, text: str, end: int) -> SyntaxProblem:
    if opening is None:
        return SyntaxProblem("the line ends too early", span=(end, end), expected=("the rest of the formula",))
    shown = " ".join(text[opening.start : opening.end].split())
    return SyntaxProblem(f"{shown} is never closed", span=(opening.start, opening.end), expected=(_closing(opening, text),))


def _misplaced(token: Token, opening: Token | None, text: str) -> SyntaxProblem:
    shown = _shown(token, text)
    if token.type in _CLOSERS:
        if opening is None:
            word = {"END": "\\begin", "RIGHT": "\\left"}.get(token.type, "an opening bracket")
            return SyntaxProblem(f"{shown} closes nothing", span=_span(token), expected=(f"{word} before it",))
        return SyntaxProblem(f"{shown} comes before a bracket is closed", span=_span(token), expected=(_closing(opening, text),))
    if token.type in {"NEWLINE", "AMP"} and opening is not None:
        return SyntaxProblem(f"{shown} inside an open bracket", span=_span(token), expected=(_closing(opening, text),))
    return SyntaxProblem(f"{shown} does not fit here", span=_span(token), expected=("an operand or an operator",))
