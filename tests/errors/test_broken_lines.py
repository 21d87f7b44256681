"""Lines with a word or a sign too many or too few: an error with its reason, never a failure inside."""

from __future__ import annotations

import pytest

from derive.errors import InternalError
from derive.session import Session

LINES = [
    ((",",), "no formula"),
    (("k ~ Binomial(3, 1/2)", ","), "no formula"),
    (("taylor a e^x order 2",), "point of a Taylor polynomial"),
    (("taylor e^x at x = 0 order 32",), "order"),
    (("X in R^{n x d}", "y in R^n", "w in R^d", "grad ||y - X w||_2^ + lambda ||w||_2^2 wrt w"), "pseudo-inverse"),
    (("taylor e^x sin x x = 0 order 3",), "not of an equation"),
    (("taylor e^x at A x = 0 order 3",), "is a name"),
    (("A = [[3, 0], [4, 5]]", "svd^ A"), "exponent"),
    ((r"X \sim \mathcal{N}(0, 1)", r"\mathbb{E}[X \mid X c]"), "determines"),
    (("||w||_2^ + 1",), "pseudo-inverse"),
]


@pytest.mark.parametrize(("lines", "words"), LINES)
def test_a_broken_line_has_a_reason(lines: tuple[str, ...], words: str) -> None:
    session = Session()
    report = None
    for line in lines:
        report, session = session.run(line)
    assert report is not None
    assert report.status in ("error", "refused")
    assert not isinstance(report.error, InternalError)
    assert report.error is not None and words in report.error.message


@pytest.mark.parametrize("line", ["taylor sin x order 3", "taylor e^x around 0 order 2", "taylor log x around x = 1 order 2"])
def test_the_place_of_a_taylor_polynomial(line: str) -> None:
    report, _ = Session().run(line)
    assert report is not None and report.status == "solved", report
