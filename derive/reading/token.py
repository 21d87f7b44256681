"""Tokens that are no items, and what can be wrong with them while a text is parsed (`diagnosis` turns that into an error)."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Mismatch", "NoOperand", "Token", "Unexpected"]


class Token(NamedTuple):
    """A terminal that is no item: a bracket, a command that waits for its argument, a script sign."""

    type: str
    text: str
    start: int
    end: int


class Unexpected(Exception):
    """The grammar does not go on with `token`; `values` is the parser's stack, `accepts` the terminals that would do."""

    def __init__(self, token: Token, values: list[Any], accepts: tuple[str, ...]) -> None:
        super().__init__(token.type)
        self.token = token
        self.values = values
        self.accepts = accepts


class Mismatch(Exception):
    """A closing bracket of another kind than the opening one; raised by callbacks."""

    def __init__(self, opening: Token, closing: Token) -> None:
        super().__init__(opening.text)
        self.opening = opening
        self.closing = closing


class NoOperand(Exception):
    """A command or a script was given an operator or a bar where it takes an operand; raised by callbacks."""

    def __init__(self, sign: Token, start: int, end: int) -> None:
        super().__init__(sign.text)
        self.sign = sign
        self.start = start
        self.end = end
