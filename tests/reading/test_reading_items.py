"""What the reader makes of everyday input: golden items, notations, places, and the shapes the resolver relies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.expressions.functions import ALIASES
from derive.reading import detect, parse
from derive.reading.commands import UNDERSCORED, UNICODE
from derive.reading.item import Item

HERE = Path(__file__).parent
GOLDEN = (HERE / "items.golden").read_text("utf-8").split("\n")
EVERYDAY = (HERE / "everyday.txt").read_text("utf-8").splitlines()


def printed(text: str, notation: str | None = None) -> str:
    return " ".join(map(repr, parse(text, notation)))


@pytest.mark.parametrize(("text", "items"), list(zip(GOLDEN[:-1:2], GOLDEN[1::2], strict=True)))
def test_items_are_the_golden_ones(text: str, items: str) -> None:
    assert printed(text) == items.strip()


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_lines_are_read_to_the_end(text: str) -> None:
    items = parse(text)
    assert items[0].start <= len(text) - len(text.lstrip()) + 8
    assert items[-1].end >= len(text.rstrip(" .$")) - 12


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("x^2 + 1", "plain"),
        ("$x^2$", "latex"),
        ("\\lambda > 0", "latex"),
        ("lambda > 0", "plain"),
        ("lim x→a f", "plain"),
        ("grad \\frac{1}{2} x^2 wrt x", "latex"),
        ("np.exp(x)", "numpy"),
        ("jacobian of np.exp(A @ x) wrt x", "numpy"),
        ("W @ x + b", "numpy"),
        ("lambda x: x + 1", "numpy"),
        ("lambda: R -> R", "plain"),
        ("lambda := 3", "plain"),
        ("def f(x):\n    return x", "numpy"),
        ("f: R^n -> R", "plain"),
        ("check \\begin{aligned} a &= b \\end{aligned}", "latex"),
    ],
)
def test_notation(text: str, notation: str) -> None:
    assert detect(text) == notation


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        ("x_{1}^{2}", "x_{1}^{2}"),
        (r"\alpha + \beta_{i}", "α + β_{i}"),
        (r"\nabla_{x} f", "nabla_{x} f".replace("nabla", "∇")),
        (r"\hat{y} \le \infty", "ŷ ≤ ∞"),
        (r"\mathbb{R}", "ℝ"),
        (r"\mathcal{N}", "𝒩"),
        (r"\mathbf{x}", "𝐱"),
        (r"A^\top", "Aᵀ"),
        (r"\int_0^1", "∫₀¹"),
        (r"\frac12", "½"),
        (r"f'", "f′"),
        (r"x \in A \cup B", "x ∈ A ∪ B"),
    ],
)
def test_unicode_is_the_same_as_the_command(latex: str, plain: str) -> None:
    assert printed(latex, "latex") == printed(plain, "plain")


@pytest.mark.parametrize("command", sorted(UNICODE))
def test_completion_to_a_character_reads_the_same(command: str) -> None:
    assert printed(UNICODE[command], "plain") == printed(command, "latex")


def test_functions_with_an_underscore_are_one_name() -> None:
    assert {spelling for spelling in ALIASES if "_" in spelling} <= UNDERSCORED
    for spelling in UNDERSCORED:
        for notation in ("plain", "latex"):
            assert parse(spelling, notation)[0].text == spelling


def leaves(items: tuple[Item, ...]) -> list[Item]:
    found = []
    for item in items:
        parts = [*item.children, *(script for script in (item.sub, item.sup) if script)]
        found.extend(leaves(tuple(parts)) if item.children else [item, *leaves(tuple(parts))])
    return found


@pytest.mark.parametrize(
    "text",
    [r"\frac{\alpha}{x_1} + \sin \hat{y}", "$x + \\beta$", r"\begin{equation} a + b \end{equation}", "A x_1 + ||y||^2", r"\[ \theta \]"],
)
def test_places_are_places_in_the_whole_text(text: str) -> None:
    for item in leaves(parse(text)):
        written = text[item.start : item.end]
        if item.kind in {"name", "number"} and item.sub is None and item.sup is None:
            assert written.lstrip("\\") == item.text


def test_space_is_kept_in_plain_text() -> None:
    assert [item.space for item in parse("f (x) A x-b")] == [False, True, True, True, False, False]


@pytest.mark.parametrize(("text", "glued"), [("xy", True), ("x", False), ("x1", False), ("ab1", True), ("exp", True)])
def test_runs_of_letters_in_latex_are_glued(text: str, glued: bool) -> None:
    assert parse(text, "latex")[0].glued is glued


def test_two_bars_as_typed_may_be_taken_apart() -> None:
    assert [item.glued for item in parse("|A||B|") if item.kind == "bar"] == [False, True, False]
    assert [item.glued for item in parse(r"\|A\|") if item.kind == "bar"] == [False, False]


def test_rows_of_a_check_are_cells_of_one_block() -> None:
    head, block = parse("check\nd/dx x^2\n= 2 x\n\\frac12 = 1")
    assert (head.text, block.kind, block.text) == ("check", "env", "aligned")
    assert [[len(cell.children) for cell in row.children] for row in block.children] == [[4], [3], [3]]
    assert parse("check \\begin{aligned} a &= b \\\\ &= c \\end{aligned}")[1].text == "aligned"


def test_several_lines_never_run_together() -> None:
    assert (
        printed("x = 1\ny = 2")
        == "(env 'aligned' [(row [(cell [(name 'x'), (op '='), (number '1')])]), (row [(cell [(name 'y'), (op '='), (number '2')])])])"
    )


@pytest.mark.parametrize(
    ("text", "text_of_env", "shape"),
    [
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "pmatrix", (2, 2)),
        (r"\begin{bmatrix} 1 \\ 3 \\ \end{bmatrix}", "bmatrix", (2, 1)),
        (r"\left(\begin{array}{cc} 1 & 2 \end{array}\right)", "pmatrix", (1, 2)),
        (r"\left|\begin{matrix} a & b \\ c & d \end{matrix}\right|", "vmatrix", (2, 2)),
        (r"\begin{dcases} 1 & x > 0 \\[4pt] 0 & \text{else} \end{dcases}", "cases", (2, 2)),
        (r"\left\{\begin{array}{ll} 1 & x > 0 \\ 0 & x \le 0 \end{array}\right.", "cases", (2, 2)),
        (r"\begin{align*} a &= b \\ &= c \end{align*}", "aligned", (2, 2)),
        (r"\begin{equation}\begin{split} a &= b \end{split}\end{equation}", "aligned", (1, 2)),
        (r"a &= b \\ c &= d", "aligned", (2, 2)),
    ],
)
def test_environments(text: str, text_of_env: str, shape: tuple[int, int]) -> None:
    (item,) = parse(text)
    assert (item.kind, item.text) == ("env", text_of_env)
    assert (len(item.children), len(item.children[0].children)) == shape


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (r"\left( x \right)", "(x)"),
        (r"\big( x \Big)", "(x)"),
        (r"x \, y \; z \quad w", "x y z w"),
        (r"\sum\limits_{i}", r"\sum_{i}"),
        (r"\underbrace{a + b}_{c} d", r"\underbrace{a + b} d"),
        (r"x \label{eq} \tag{1} \nonumber", "x"),
        (r"\operatorname{arg\,max}_x f", r"\arg\max_x f"),
        (r"\mathop{\rm argmax}_x f", r"\operatorname*{arg\,max}_x f"),
        (r"X \perp\!\!\!\perp Y", r"X \perp Y"),
        (r"x % a remark", "x"),
        (r"\displaystyle x", "x"),
        (r"$$ x $$", "x"),
        (r"\(x\)", "x"),
        (r"f(x)~dx", "f(x) dx"),
        (r"\mathrm{Var}(X)", r"\operatorname{Var}(X)"),
        (r"\dfrac{a}{b}", r"\frac ab"),
        (r"{a \over b}", r"\frac ab"),
        (r"x = 1, ", "x = 1"),
        (r"x^y.", "x^y"),
        (r"\begin{cases} 1, & x > 0, \\ 0, & \text{else} \end{cases}", r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}"),
    ],
)
def test_what_says_nothing_is_dropped(text: str, same: str) -> None:
    assert printed(text, "latex") == printed(same, "latex")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("e^-x^2", "e^(-(x^2))".replace("(-(x^2))", "-x^2")),
        ("x**2", "x^2"),
        ("A.T", "Aᵀ"),
        ("y_hat_i", "ŷ_i"),
        ("i.i.d.", "iid"),
        ("1_000", "1000"),
        ("arg max", "argmax"),
        ("a − b", "a - b"),
        ("f’(x)", "f'(x)"),
    ],
)
def test_spellings_of_plain_text(text: str, same: str) -> None:
    assert printed(text, "plain") == printed(same, "plain")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (r"f(\cdot)", ["name", "fence"]),
        (r"a \cdot b", ["name", "op", "name"]),
        (r"\|\cdot\|", ["bar", "placeholder", "bar"]),
        (r"|x| \cdot |y|", ["bar", "name", "bar", "op", "bar", "name", "bar"]),
        (r"\cdot", ["placeholder"]),
    ],
)
def test_a_dot_without_operands_is_a_placeholder(text: str, kinds: list[str]) -> None:
    assert [item.kind for item in parse(text)] == kinds
