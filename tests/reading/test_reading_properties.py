"""Whatever is typed: an error of the tree or items within the text, nothing dropped, the same as Lark's own parser."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.reading import callbacks, highlight, is_complete, matching_bracket, parse, scripts, split_lines
from derive.reading.build import lark_parser, tables
from derive.reading.commands import COMMANDS, SYMBOLS
from derive.reading.item import Item
from derive.reading.leaves import entry, latex_leaf, plain_leaf
from derive.reading.reader import grammar
from derive.reading.tables import NOTATIONS, grammar_text, stored
from derive.reading.token import Mismatch, NoOperand, Unexpected

HERE = Path(__file__).parent
EVERYDAY = (HERE / "everyday.txt").read_text("utf-8").splitlines()
GOLDEN = (HERE / "items.golden").read_text("utf-8").split("\n")[:-1:2]

PIECES = sorted(
    {*COMMANDS, *SYMBOLS, *"xyzabeT0123456789(){}[]^_+-*/=,.'\"|&$%#~\\ \n\t"}
    | {"\\left", "\\right", "\\begin{cases}", "\\end{cases}", "\\begin{pmatrix}", "\\end{pmatrix}", "\\text{a}", "\\text{", "\\not", "sin"}
    | {"x_1", "y_hat", "wrt", "check\n", "def f(x):", "lambda x:", "̂", "\x00", "𝐱", "ŷ", "é", "⁻¹", "ₓ", "🙂", "\ud800", "  ", "x^"}
)
mathematics = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
balanced = st.recursive(
    st.sampled_from(["x", "2", "\\alpha", "x_1", "+", "-", " ", "\\sin ", "|", "'", "\\cdot ", "\\,", ".5", "e^-x"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        inner.map(lambda t: f"({t})"),
        inner.map(lambda t: f"x^{{{t}}}"),
        inner.map(lambda t: f"\\sqrt{{{t}}}"),
        inner.map(lambda t: f"\\left[{t}\\right)"),
        st.tuples(inner, inner).map(lambda t: f"\\frac{{{t[0]}}}{{{t[1]}}}"),
        st.tuples(inner, inner).map(lambda t: f"\\begin{{cases}} {t[0]} & {t[1]} \\end{{cases}}"),
    ),
    max_leaves=12,
)


def within(item: Item, size: int) -> bool:
    parts = [*item.children, *(script for script in (item.sub, item.sup) if script)]
    return 0 <= item.start <= item.end <= size and all(within(part, size) for part in parts)


@settings(max_examples=400, deadline=None)
@given(st.one_of(mathematics, balanced, st.text(max_size=40)), st.sampled_from([None, *NOTATIONS]))
def test_items_or_an_error_with_its_place(text: str, notation: str | None) -> None:
    try:
        items = parse(text, notation)
    except DeriveError as problem:
        assert problem.message
        assert problem.expected
        assert problem.span is not None
        assert 0 <= problem.span[0] <= problem.span[1] <= len(text)
    else:
        assert all(within(item, len(text)) for item in items)


DROPPED = re.compile(
    "|".join(
        [
            *(stored("latex")["terminals"][name] for name in ("DROPPED", "COMMENT")),
            r"\\[A-Za-z]+|\\.|\$|&|\s|[.,;，；、]\s*(?:\Z|(?=\\\\|&))",
        ]
    )
)
INVISIBLE = re.compile("[\u200b\u2060-\u2064\ufeff]")


@settings(max_examples=400, deadline=None)
@given(st.one_of(mathematics, balanced), st.sampled_from(NOTATIONS))
def test_nothing_is_dropped_in_silence(text: str, notation: str) -> None:
    try:
        items = parse(text, notation)
    except DeriveError:
        return
    covered = bytearray(len(text))
    for item in items:
        covered[item.start : item.end] = b"\x01" * (item.end - item.start)
    rest = "".join(character if not covered[place] else "\x01" for place, character in enumerate(text))
    for gap in re.split("\x01+", INVISIBLE.sub("", rest)):
        lines = [line for line in gap.split("\n") if line[:1] not in {"#", "%"}]
        left = "".join(lines) if notation == "plain" else DROPPED.sub("", "\n".join(lines))
        assert not left.strip()


@settings(max_examples=300, deadline=None)
@given(st.one_of(mathematics, balanced, st.text(max_size=40)))
def test_typing_never_raises(text: str) -> None:
    for start, end, kind in highlight(text):
        assert 0 <= start < end <= len(text)
        assert kind in {"command", "function", "name", "number", "operator", "bracket", "error", "keyword", "comment"}
    mate = matching_bracket(text, len(text) // 2)
    assert mate is None or 0 <= mate < len(text)
    assert is_complete(text) in {True, False}
    places = [(line.start, line.end) for line in split_lines(text)]
    assert places == sorted(places)


@settings(max_examples=200, deadline=None)
@given(balanced)
def test_balanced_text_is_one_line(text: str) -> None:
    assert is_complete(text)
    assert len(split_lines(text)) <= 1


class Transformer:
    """Gives Lark the same callbacks and leaves as the project's own driver."""

    patterned = frozenset(
        ("NUMBER", "NAME", "RESULT", "TEXT", "LEFT", "RIGHT", "BEGIN", "END", "LETTER", "DIGIT", "FIRST_DIGIT", "SIGNED", "LABEL", "MINUS")
    )

    def __init__(self, notation: str) -> None:
        self.leaf = {"latex": latex_leaf, "plain": plain_leaf}[notation]

    def value(self, child: Any) -> Any:
        if not isinstance(child, lark.Token):
            return child
        text, start = str(child), child.start_pos
        found = None if child.type in self.patterned else entry(text, start)
        return self.leaf(child.type, text, start, child.end_pos, found)

    def __getattr__(self, name: str) -> Any:
        function = getattr(callbacks, name, None) or getattr(scripts, name, None)
        if name[0].isupper() or name.startswith("_") or function is None:
            raise AttributeError(name)
        return lambda children: function([self.value(child) for child in children])


@pytest.fixture(scope="module")
def parsers() -> dict[str, Any]:
    return {notation: lark_parser(notation, Transformer(notation), entry) for notation in NOTATIONS}


def whole(item: Item | None) -> Any:
    if item is None:
        return None
    own = (item.kind, item.text, item.start, item.end, item.space, item.glued, item.primes)
    return (*own, tuple(map(whole, item.children)), whole(item.sub), whole(item.sup))


def outcome(read: Any) -> Any:
    try:
        return tuple(map(whole, read()))
    except (DeriveError, Unexpected, Mismatch, NoOperand, lark.exceptions.UnexpectedInput):
        return "no"


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_driver_agrees_with_lark_on_everyday_lines(parsers: dict[str, Any], notation: str) -> None:
    read = 0
    for text in [*EVERYDAY, *GOLDEN]:
        own = outcome(lambda text=text: grammar(notation).run(text, 0, len(text)))
        assert own == outcome(lambda text=text: parsers[notation].parse(text)), text
        read += own != "no"
    assert read > 200


@settings(max_examples=250, deadline=None)
@given(text=st.one_of(mathematics, balanced), notation=st.sampled_from(NOTATIONS))
def test_the_driver_agrees_with_lark(parsers: dict[str, Any], text: str, notation: str) -> None:
    own = outcome(lambda: grammar(notation).run(text, 0, len(text)))
    assert own == outcome(lambda: parsers[notation].parse(text))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_stored_tables_are_current(notation: str) -> None:
    assert stored(notation) == tables(notation), "run: python -m derive.reading.build"


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_callback_of_the_grammar_exists(notation: str) -> None:
    for alias in re.findall(r"->\s*(\w+)", grammar_text(notation)):
        assert callable(getattr(callbacks, alias, None) or getattr(scripts, alias, None)), alias


def test_reading_imports_neither_lark_nor_sympy() -> None:
    program = (
        "import sys; from derive.reading import parse; parse('x^2'); parse('$x$'); print({'lark', 'sympy', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
