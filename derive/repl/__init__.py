"""The prompt: an editor for mathematics (prompt_toolkit), commands that begin with a colon, a journal that survives a kill."""

from __future__ import annotations

__all__ = ["is_command"]


def is_command(line: str) -> bool:
    """Whether the line is a command rather than mathematics (`:=` begins neither)."""
    bare = line.lstrip()
    return len(bare) > 1 and bare[0] == ":" and (bare[1].isalpha() or bare[1] == "?")
