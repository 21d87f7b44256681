"""Where lines end, when Enter submits, colours and mates of brackets."""

from __future__ import annotations

import pytest

from derive.reading import highlight, is_complete, join_check, matching_bracket, split_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x = 1\ny = 2", [("x = 1", 1), ("y = 2", 2)]),
        ("# remark\n\nx\n  % another\ny\n", [("x", 3), ("y", 5)]),
        ("(a +\n b)\nc", [("(a +\n b)", 1), ("c", 3)]),
        ("\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\nx", [("\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}", 1), ("x", 5)]),
        ("\\left(\nx\n\\right)", [("\\left(\nx\n\\right)", 1)]),
        ("a &= b \\\\\n c &= d\nx", [("a &= b \\\\\n c &= d", 1), ("x", 3)]),
        ("check\nx\n= y\n\nz", [("check\nx\n= y", 1), ("z", 5)]),
        ("check\nx\n= y", [("check\nx\n= y", 1)]),
        ("def f(x):\n    y = x\n\n    return y\nx", [("def f(x):\n    y = x\n\n    return y", 1), ("x", 5)]),
        ("def f(x): return x\nx", [("def f(x): return x", 1), ("x", 2)]),
        ("(a\n\nb", [("(a", 1), ("b", 3)]),
        ("x in [0, 1)\ny", [("x in [0, 1)", 1), ("y", 2)]),
        ("$$\nx\n$$", [("$$\nx\n$$", 1)]),
        ("\\{ x \\\n\\}", [("\\{ x \\\n\\}", 1)]),
        ("x\r\ncheck\r\na\r\n= b\r\n\r\ny\r\n", [("x", 1), ("check\r\na\r\n= b", 2), ("y", 6)]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_split(text: str, lines: list[tuple[str, int]]) -> None:
    found = split_lines(text)
    assert [(line.text, line.number) for line in found] == lines
    assert all(text[line.start : line.end] == line.text for line in found)


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("x", True),
        ("", True),
        ("\\frac{1}{", False),
        ("\\frac{1}{2}", True),
        ("(x", False),
        ("x)", True),
        ("\\begin{cases} x", False),
        ("\\begin{cases} x \\end{cases}", True),
        ("\\left( x", False),
        ("\\left( x \\right.", True),
        ("\\leftarrow", True),
        ("$x", False),
        ("$x$", True),
        ("\\[ x", False),
        ("\\{ x", False),
        ("\\{ x \\}", True),
        ("[0, 1)", True),
        ("a &= b \\\\", False),
        ("check", False),
        ("check\nx\n= y", False),
        ("check\nx\n= y\n", True),
        ("def f(x):", False),
        ("def f(x):\n    return x", False),
        ("def f(x):\n    return x\n", True),
    ],
)
def test_enter_submits_when_balanced(text: str, complete: bool) -> None:
    assert is_complete(text) is complete


def test_join_check() -> None:
    assert join_check(["x", "check", "a", "= b", "", "y"]) == ["x", "check\na\n= b", "y"]
    assert join_check(["check", "a"]) == ["check\na"]
    assert join_check(["check \\begin{aligned} a \\end{aligned}", "b"]) == ["check \\begin{aligned} a \\end{aligned}", "b"]


def classes(text: str) -> dict[str, str]:
    return {text[start:end]: kind for start, end, kind in highlight(text)}


def test_classes_of_latex() -> None:
    found = classes(r"\frac{\sin x}{2} \simga \alpha + \begin{cases} \end{cases}")
    assert found[r"\frac"] == "command"
    assert found[r"\sin"] == "function"
    assert found[r"\simga"] == "error"
    assert found[r"\alpha"] == "name"
    assert (found["x"], found["2"], found["+"], found["{"]) == ("name", "number", "operator", "bracket")
    assert found[r"\begin{cases}"] == "keyword"


def test_classes_of_plain_text() -> None:
    found = classes("grad softmax(z) wrt z_1 # x")
    assert (found["grad"], found["wrt"], found["softmax"], found["z_1"]) == ("keyword", "keyword", "function", "name")
    assert classes("# all of it") == {"# all of it": "comment"}
    assert classes("x + 1)")[")"] == "error"
    assert classes("θ ≤ ∞")["θ"] == "name"


def test_a_command_being_typed_is_no_error_yet() -> None:
    assert classes(r"x + \si")[r"\si"] == "command"
    assert classes(r"\si + x")[r"\si"] == "error"


def test_functions_may_be_given() -> None:
    assert (0, 4, "function") in highlight("mine(x)", functions={"mine"})


@pytest.mark.parametrize(
    ("text", "position", "mate"),
    [
        ("(x)", 0, 2),
        ("(x)", 2, 0),
        ("(x)", 3, 0),
        ("((x))", 1, 3),
        ("(x", 0, None),
        ("x)", 1, None),
        ("[0, 1)", 0, 5),
        (r"\left( x \right]", 0, 9),
        (r"\left( x \right]", 9, 0),
        (r"\begin{cases} x \end{cases}", 3, 16),
        (r"\{ x \}", 0, 5),
        ("x", 0, None),
        ("", 0, None),
    ],
)
def test_mates(text: str, position: int, mate: int | None) -> None:
    assert matching_bracket(text, position) == mate
