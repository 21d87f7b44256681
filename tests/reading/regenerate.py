"""Writes items.golden anew from its own inputs: `python tests/reading/regenerate.py`. Read the difference before keeping it."""

from pathlib import Path

from derive.reading import parse

GOLDEN = Path(__file__).with_name("items.golden")


def pairs() -> list[tuple[str, str]]:
    """The inputs and the items they make, as printed."""
    rows = GOLDEN.read_text("utf-8").split("\n")
    return [(rows[place], rows[place + 1].strip()) for place in range(0, len(rows) - 1, 2)]


def printed(text: str) -> str:
    """The items of a text in one row."""
    return " ".join(map(repr, parse(text)))


if __name__ == "__main__":
    GOLDEN.write_text("".join(f"{text}\n    {printed(text)}\n" for text, _ in pairs()), "utf-8")
