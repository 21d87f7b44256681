"""Limits, Taylor polynomials, closed forms of sums, integrals: answers, their checks, and what does not exist."""

import pytest
import sympy as sp

import derive


def _report(*lines: str) -> dict:
    return derive.solve(list(lines)).to_dict()


VALUES = [
    ((r"\lim_{h\to 0}\frac{(x+h)^3-x^3}{h}",), "3*x**2"),
    ((r"\lim_{x\to\infty}\frac{3x^2+1}{2x^2-5x}",), "3/2"),
    (("limit sin(x)/x as x -> 0",), "1"),
    ((r"\lim_{x \to \infty} (1 + 1/x)^x",), "E"),
    (("taylor e^x sin x at x = 0 order 3",), "x + x**2 + x**3/3"),
    (("taylor log(x) at x = 1 order 2",), "(x - 1) - (x - 1)**2/2"),
    (("0 < q < 1", r"\sum_{t=0}^{\infty} q^t r"), "r/(1 - q)"),
    (("sum x^k for k from 0 to n",), "(x**(n + 1) - 1)/(x - 1)"),
    (("sum i^2 for i from 1 to n",), "n*(n + 1)*(2*n + 1)/6"),
    ((r"\int_0^{\pi/2} \sin^3 x \cos x\,dx",), "1/4"),
    (("integrate x e^(-x) wrt x from 0 to 1 using parts",), "1 - 2*exp(-1)"),
    ((r"\int_0^{\infty} \sqrt{x}\, e^{-x}\,dx",), "sqrt(pi)/2"),
    ((r"\int_0^2 3 x^2 dx + \int_0^1 2 x dx",), "9"),
]


@pytest.mark.parametrize(("lines", "expected"), VALUES, ids=[v[0][-1] for v in VALUES])
def test_value(lines, expected):
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    left, right = (sp.sympify(t) for t in (report["answer"]["sympy"], expected))
    assert sp.simplify(left - right) == 0
    assert report["verification"]["status"] == "verified"


def test_an_indefinite_integral_shows_its_constant():
    report = _report(r"\int \frac{2x+1}{x^2+x+1}\,dx")
    assert "C" in report["answer"]["plain"]
    assert report["verification"]["status"] == "verified"


REFUSED = [
    ((r"\lim_{x\to 0}\frac{|x|}{x}",), "left"),
    (("limit 1/x as x -> 0",), "does not exist"),
    (("limit sin(x) as x -> inf",), "oscillates"),
    ((r"\int_{-\infty}^{\infty} \frac{x}{\pi(1+x^2)}\,dx",), "diverges"),
    ((r"\int_1^\infty 1/x dx",), "diverges"),
    ((r"\sum_{k=1}^\infty 1/k",), "diverges"),
    (("taylor sqrt(x) at x = 0 order 2",), "does not exist"),
]


@pytest.mark.parametrize(("lines", "reason"), REFUSED, ids=[r[0][-1] for r in REFUSED])
def test_refused(lines, reason):
    report = _report(*lines)
    assert report["status"] == "refused"
    assert reason in report["error"]["message"]


@pytest.mark.parametrize(("interval", "assumed"), [("0 < q < 1", False), ("0 <= q <= 1", True), ("q > 0", True)])
def test_a_series_converges_inside_the_open_interval_only(interval, assumed):
    report = _report(interval, r"\sum_{t=0}^{\infty} q^t")
    assert bool(report["assumptions"]) is assumed


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (r"\int_{-1}^1 \frac{1}{x^2} dx", "diverges at x = 0"),
        (r"\int_{-1}^1 \frac{1}{x} dx", "diverges at x = 0"),
        (r"\int_0^3 \frac{1}{x - 1} dx", "diverges at x = 1"),
        (r"\int_0^{\pi} \tan x\,dx", "diverges at x = π/2"),
        (r"\int_0^{\infty} \sin x\,dx", "oscillates"),
    ],
)
def test_an_integral_over_a_pole_or_without_a_limit_has_no_value(line, reason):
    report = _report(line)
    assert report["status"] == "refused" and reason in report["error"]["message"]
    assert report["answer"] is None and report["code"] is None


def test_the_gamma_integral_is_the_gamma_function():
    report = _report("a > 0", r"\int_0^{\infty} x^{a-1} e^{-x}\,dx")
    assert report["answer"]["sympy"] == "gamma(a)"
