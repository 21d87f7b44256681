"""The terminal between two prompts: what is typed during a computation waits silently for the next prompt.

In a terminal's usual mode it would be echoed into the output, and Ctrl-D would be lost or end the input. Ctrl-C still interrupts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["ask", "quiet_terminal"]


@contextmanager
def quiet_terminal() -> Iterator[None]:
    """No echo and no line editing by the terminal itself inside the block; nothing happens where there is no such terminal."""
    with _changed(echo=False):
        yield


def ask(question: str) -> str:
    """The answer to a question, typed on one line; empty at Ctrl-D. Raises KeyboardInterrupt at Ctrl-C."""
    with _changed(echo=True):
        try:
            return input(question).strip()
        except EOFError:
            print()
            return ""


@contextmanager
def _changed(*, echo: bool) -> Iterator[None]:
    try:
        import termios
    except ImportError:  # not a system with such terminals
        yield
        return
    try:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
    except (OSError, ValueError, termios.error):
        yield
        return
    inside = list(before)
    local = termios.ICANON | termios.ECHO
    inside[3] = before[3] | local if echo else before[3] & ~local
    termios.tcsetattr(descriptor, termios.TCSANOW, inside)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
