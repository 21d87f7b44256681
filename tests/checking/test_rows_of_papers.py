"""Worked solutions as papers and students write them: right ones are not accused, wrong ones are found at the right row."""

from __future__ import annotations

import pytest

import derive

SIZED = ["X \\in \\mathbb{R}^{n\\times d}", "y \\in \\mathbb{R}^n", "w \\in \\mathbb{R}^d"]


def _aligned(*rows: str) -> str:
    return "check \\begin{aligned} " + " \\\\ ".join(rows) + " \\end{aligned}"


RIGHT: dict[str, list[str]] = {
    "gradients on both sides": [
        *SIZED,
        _aligned(
            "\\nabla_w \\lVert Xw-y\\rVert^2 &= \\nabla_w (Xw-y)^\\top(Xw-y)",
            "&= \\nabla_w(w^\\top X^\\top X w - 2 y^\\top X w + y^\\top y)",
            "&= 2X^\\top X w - 2X^\\top y",
        ),
    ],
    "a gradient inside a product": [
        "X \\in \\mathbb{R}^{n\\times n}",
        "X \\text{ invertible}",
        _aligned("\\nabla_X \\log\\det X &= \\frac{1}{\\det X}\\nabla_X \\det X", "&= X^{-\\top}"),
    ],
    "shapes from the rows": ["A symmetric", "x in R^n", "check\ngrad x^T A x wrt x\n= (A + A^T) x\n= 2 A x"],
    "an indefinite integral": [_aligned("\\int x e^x\\,dx &= x e^x - \\int e^x\\,dx", "&= x e^x - e^x + C", "&= (x-1)e^x")],
    "an antiderivative between its ends": [_aligned("\\int_0^1 x^2\\,dx &= \\left[\\frac{x^3}{3}\\right]_0^1", "&= \\frac13")],
    "ends at infinity": [
        _aligned("\\int_0^\\infty x e^{-x}\\,dx &= \\left[-xe^{-x}\\right]_0^\\infty + \\int_0^\\infty e^{-x}\\,dx", "&= 0 + 1")
    ],
    "a matrix equation with numbers": [
        _aligned(
            "\\begin{pmatrix} 2 & 1 \\\\ 1 & 3 \\end{pmatrix}\\begin{pmatrix} x \\\\ y \\end{pmatrix} &= \\begin{pmatrix} 3 \\\\ 5 \\end{pmatrix}",
            "\\begin{pmatrix} x \\\\ y \\end{pmatrix} &= \\begin{pmatrix} 4/5 \\\\ 7/5 \\end{pmatrix}",
        )
    ],
    "a system": ["check\n2x + y = 5 and x - y = 1\n=> 3x = 6\n=> x = 2"],
    "both signs of a root": [_aligned("x^2 + 2x &= 3", "(x+1)^2 &= 4", "x + 1 &= \\pm 2")],
    "a sample mean": [
        "x_1, \\dots, x_n \\in \\mathbb{R}",
        _aligned("\\sum_{i=1}^n (x_i-\\mu) &= 0", "\\sum_{i=1}^n x_i &= n\\mu", "\\mu &= \\frac1n\\sum_{i=1}^n x_i"),
    ],
    "normal equations": [*SIZED, _aligned("X w &= y", "X^\\top X w &= X^\\top y")],
    "variances of undeclared names": [_aligned("\\operatorname{Var}(X) &= \\mathbb{E}[X^2]-\\mathbb{E}[X]^2")],
    "total variance": ["check\nVar(X)\n= E[Var(X|Y)] + Var(E[X|Y])"],
    "inclusion and exclusion": ["check\nP(A or B)\n= P(A) + P(B) - P(A and B)"],
    "independent events": ["A indep B", "check\nP(A and B)\n= P(A) P(B)"],
    "an equation of the lines before": ["x + y = 3", "check\nx^2 + 2 x y + y^2\n= (x + y)^2\n= 9"],
    "reasons behind the rows": [
        _aligned("\\frac{d}{dx} x^2 e^x &= 2xe^x + x^2e^x && \\text{(product rule)}", "&= x(x+2)e^x \\quad \\text{by factoring}")
    ],
    "a label of one class": [
        "z in R^K",
        "y in R^K",
        "y onehot",
        _aligned("-\\sum_{k=1}^K y_k\\log\\frac{e^{z_k}}{\\sum_{j=1}^K e^{z_j}} &= -\\sum_{k=1}^K y_k z_k + \\log\\sum_{j=1}^K e^{z_j}"),
    ],
    "a power of a matrix": ["check\n[[1, 2], [3, 4]]^2\n= [[7, 10], [15, 22]]"],
}
WRONG: dict[str, tuple[int, list[str]]] = {
    "no independence": (1, [_aligned("\\operatorname{Var}(X+Y) &= \\operatorname{Var}(X)+\\operatorname{Var}(Y)")]),
    "a variance that loses its square": (
        2,
        [_aligned("\\operatorname{Var}(aX+b) &= a^2\\operatorname{Var}(X)", "&= a\\operatorname{Var}(X)")],
    ),
    "a product of means": (2, ["check\nE[X Y]\n= E[X] E[Y]"]),
    "events that may be dependent": (2, ["check\nP(A and B)\n= P(A) P(B)"]),
    "events that may overlap": (2, ["check\nP(A or B)\n= P(A) + P(B)"]),
    "the wrong condition": (1, [_aligned("P(A\\mid B) &= \\frac{P(B\\mid A)P(B)}{P(A)}")]),
    "a factor of a gradient": (
        2,
        [*SIZED, _aligned("\\nabla_w \\lVert Xw-y\\rVert^2 &= \\nabla_w (Xw-y)^\\top(Xw-y)", "&= X^\\top(Xw-y)")],
    ),
    "an inverse that is not transposed": (
        2,
        [
            "X \\in \\mathbb{R}^{n\\times n}",
            "X \\text{ invertible}",
            _aligned("\\nabla_X \\log\\det X &= \\frac{1}{\\det X}\\nabla_X \\det X", "&= X^{-1}"),
        ],
    ),
    "shapes that do not fit": (2, [*SIZED, _aligned("X^\\top X w &= X^\\top y", "(X^\\top X + 1)w &= X^\\top X y")]),
    "a transposition that does not fit": (3, ["A in R^{m x n}", "B in R^{n x m}", "check\ntr(A B)\n= tr(B A)\n= tr(A^T B)"]),
    "a factor X cancelled": (2, [*SIZED, _aligned("X^\\top X w &= X^\\top y", "X w &= y")]),
    "a sign of an antiderivative": (2, [_aligned("\\int x\\cos x\\,dx &= x\\sin x - \\int\\sin x\\,dx", "&= x\\sin x - \\cos x + C")]),
    "an end forgotten": (2, [_aligned("\\int_0^\\pi \\sin x\\,dx &= \\left[-\\cos x\\right]_0^\\pi", "&= 0")]),
    "a wrong solution of a system": (2, ["check\n2x + y = 5 and x - y = 1\n=> x = 3"]),
    "a count forgotten": (
        2,
        ["x_1, \\dots, x_n \\in \\mathbb{R}", _aligned("\\sum_{i=1}^n (x_i-\\mu) &= 0", "\\sum_{i=1}^n x_i &= \\mu")],
    ),
    "a limit that grows": (
        2,
        [_aligned("\\lim_{x\\to 0}\\frac{e^x-1-x}{x^2} &= \\lim_{x\\to 0}\\frac{e^x-1}{2x}", "&= \\lim_{x\\to 0}\\frac{e^x}{2x}")],
    ),
    "an entry": (2, ["check\n[[1, 2], [3, 4]]^2\n= [[7, 10], [15, 20]]"]),
}


def _judged(lines: list[str]) -> tuple[int | None, set[str]]:
    check = derive.solve(lines).to_dict()["check"]
    return check["first_wrong"], {row["status"] for row in check["lines"]}


@pytest.mark.parametrize("name", RIGHT)
def test_right_rows_follow(name: str) -> None:
    first_wrong, statuses = _judged(RIGHT[name])
    assert first_wrong is None
    assert "undecided" not in statuses


@pytest.mark.parametrize("name", WRONG)
def test_the_first_wrong_row_is_found(name: str) -> None:
    row, lines = WRONG[name]
    assert _judged(lines)[0] == row
