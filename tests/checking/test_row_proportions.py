"""Rows with ∝: constants in the subject may be dropped, factors that hold it may not; densities are those of the declared laws."""

from __future__ import annotations

import pytest

import derive

BINOMIAL = ["theta ~ Beta(a, b)", "X | theta ~ Binomial(n, theta)"]
GAUSSIAN = [r"\mu \sim \mathcal{N}(0, \tau^2)", r"x \mid \mu \sim \mathcal{N}(\mu, \sigma^2)"]

BLOCKS = [
    (
        [
            *BINOMIAL,
            (
                "check\np(theta | X = k)\n∝ p(X = k | theta) p(theta)\n∝ theta^k (1-theta)^(n-k) theta^(a-1) (1-theta)^(b-1)\n"
                "∝ theta^(a+k-1) (1-theta)^(b+n-k-1)"
            ),
        ],
        None,
    ),
    ([*BINOMIAL, "check\np(theta | X = k)\n∝ theta^(n-k) (1-theta)^k theta^(a-1) (1-theta)^(b-1)"], 2),
    ([*BINOMIAL, "check\np(theta | X = k)\n∝ p(X = k | theta) p(theta)\n∝ theta^(a+k) (1-theta)^(b+n-k)"], 3),
    (
        [
            *GAUSSIAN,
            (
                r"check \begin{aligned} p(\mu\mid x) &\propto p(x\mid\mu)p(\mu) \\ "
                r"&\propto e^{-\frac12\left(\frac1{\sigma^2}+\frac1{\tau^2}\right)\mu^2+\frac{x\mu}{\sigma^2}} \end{aligned}"
            ),
        ],
        None,
    ),
    (
        [
            *GAUSSIAN,
            (
                r"check \begin{aligned} p(\mu\mid x) &\propto p(x\mid\mu)p(\mu) \\ "
                r"&\propto e^{-\frac12\left(\frac1{\sigma^2}+\frac1{\tau^2}\right)\mu^2-\frac{x\mu}{\sigma^2}} \end{aligned}"
            ),
        ],
        2,
    ),
    (["check\nbinomial(n, k) theta^k (1-theta)^(n-k)\n∝ theta^k (1-theta)^(n-k)"], None),
    (["check\nbinomial(n, k) theta^k (1-theta)^(n-k)\n∝ theta^k (1-theta)^n"], 2),
    (["check\ntheta^k (1-theta)^(n-k) theta^(a-1)\n∝ theta^(k+a) (1-theta)^(n-k)"], 2),
]


@pytest.mark.parametrize(("lines", "first_wrong"), BLOCKS)
def test_first_wrong_row(lines: list[str], first_wrong: int | None) -> None:
    check = derive.solve(lines).to_dict()["check"]
    assert check["first_wrong"] == first_wrong
    assert first_wrong is not None or all(row["status"] in ("start", "follows") for row in check["lines"])
