"""Iterated integrals, regions, parameters of which nothing is declared, kinks and what is not real: answers and refusals."""

import mpmath
import pytest
import sympy as sp

import derive


def _report(*lines: str) -> dict:
    return derive.solve(list(lines)).to_dict()


VALUES = [
    (r"\int_0^1\int_0^1 x y\,dx\,dy", "1/4"),
    (r"\int_0^1\int_0^x x y\,dy\,dx", "1/8"),
    (r"\int_0^1\int_0^{1-x} (x+y) dy dx", "1/3"),
    (r"\int_0^1 dx \int_0^x dy\, x y", "1/8"),
    (r"\iint_{[0,1]^2} x y dx dy", "1/4"),
    (r"\iint_{[0,1]\times[0,2]} x y\,dx\,dy", "1"),
    (r"\iint_{(x,y)\in[0,1]^2} x y\,dx\,dy", "1/4"),
    (r"\int_{\mathbb{R}^2} e^{-(x^2+y^2)} dx dy", "pi"),
    (r"\iint_{0\le x\le 1, 0\le y\le x} x y dx dy", "1/8"),
    (r"\iint_{x+y\le 1,\ x\ge 0,\ y\ge 0} x y \,dA", "1/24"),
    (r"\iint_{|x|+|y|\le 1} dx dy", "2"),
    (r"\iint_{x^2+y^2\le 1} x^2 dx dy", "pi/4"),
    (r"\iint_{x^2+y^2\le 1,\ y\ge0} y\,dx\,dy", "2/3"),
    (r"\iint_{x^2+y^2\le 1,\ x \ge 0, y\ge0} x y\,dx\,dy", "1/8"),
    (r"\iint_{1\le x^2+y^2\le 4} \log(x^2+y^2)\,dx\,dy", "pi*(8*log(2) - 3)"),
    (r"\iint_{x^2+y^2 \ge 1} \frac{1}{(x^2+y^2)^2} dx dy", "pi"),
    (r"\iint_{x^2+4y^2\le 4} 1 dx dy", "2*pi"),
    (r"\iiint_{[0,1]^3} (x+y+z)\,dx\,dy\,dz", "3/2"),
    (r"\int_0^1\int_x^1 e^{y^2} dy dx", "(E - 1)/2"),
    (r"\int_0^1\int_{\sqrt{y}}^1 e^{x^3} dx dy", "(E - 1)/3"),
    (r"\int_0^1\int_0^1 |x-y| dx dy", "1/3"),
    (r"\int_0^{2\pi} \frac{1}{1+\sin^2 x} dx", "sqrt(2)*pi"),
    (r"\int_0^{2\pi} \frac{1}{2+\cos x} dx", "2*pi/sqrt(3)"),
    (r"\int_{-1}^2 |x| dx", "5/2"),
    (r"\int_0^{2\pi} |\sin x| dx", "4"),
    (r"\int_0^3 \lfloor x \rfloor dx", "3"),
    ("integrate relu(x) wrt x from -1 to 2", "2"),
    (r"\int_0^2 \frac{1}{\sqrt{|x-1|}} dx", "4"),
    (r"\int_0^{\infty} \frac{\sin x}{x} dx", "pi/2"),
    (r"\int_0^\infty \frac{x^3}{e^x-1} dx", "pi**4/15"),
    (r"\int_{-\infty}^{\infty} \sigma(x)(1-\sigma(x)) dx", "1"),
]


@pytest.mark.parametrize(("line", "expected"), VALUES, ids=[v[0] for v in VALUES])
def test_value(line, expected):
    report = _report(line)
    assert report["status"] == "solved", report["error"]
    assert abs(sp.N(sp.sympify(report["answer"]["sympy"]) - sp.sympify(expected), 20)) < 1e-12
    assert report["verification"]["status"] == "verified"


ASSUMED = [
    (r"\int_0^\infty e^{-a x}dx", {"a > 0"}, {"a": 1.7}, lambda a: mpmath.quad(lambda x: mpmath.exp(-a * x), [0, mpmath.inf])),
    (r"\int_0^1 x^a dx", {"a > -1"}, {"a": -0.4}, lambda a: mpmath.quad(lambda x: x**a, [0, 1])),
    (r"\int_0^1 x^{a-1}(1-x)^{b-1} dx", {"a > 0", "b > 0"}, {"a": 1.5, "b": 2.5}, lambda a, b: mpmath.beta(a, b)),
    (
        r"\int_{-\infty}^\infty e^{-\frac{x^2}{2\sigma^2}} dx", {"sigma > 0"}, {"sigma": 0.6},
        lambda sigma: mpmath.sqrt(2 * mpmath.pi) * sigma,
    ),
    (r"\int_{-\infty}^{\infty} e^{-a x^2 + b x} dx", {"a > 0"}, {"a": 1.2, "b": -0.7}, lambda a, b: mpmath.sqrt(mpmath.pi / a) * mpmath.exp(b**2 / 4 / a)),
    (r"\int_0^{t} e^{-\lambda s} ds", {"lambda != 0"}, {"lam": -0.8, "t": 1.1}, lambda lam, t: (1 - mpmath.exp(-lam * t)) / lam),
    (r"\iint_{x^2+y^2\le R^2} dA", {"R > 0"}, {"R": 1.4}, lambda R: mpmath.pi * R**2),
    (r"\int_0^{\infty} \frac{x^{s-1}}{1+x} dx", {"s > 0", "s < 1"}, {"s": 0.3}, lambda s: mpmath.pi / mpmath.sin(mpmath.pi * s)),
    (r"\sum_{k=m}^n q^k", {"q != 1", "n >= m"}, {"q": 0.7, "m": 2, "n": 6}, lambda q, m, n: mpmath.fsum(q**k for k in range(m, n + 1))),
]  # fmt: skip


@pytest.mark.parametrize(("line", "assumed", "point", "expected"), ASSUMED, ids=[a[0] for a in ASSUMED])
def test_what_holds_for_some_parameters_only_says_for_which(line, assumed, point, expected):
    report = _report(line)
    assert report["status"] == "solved", report["error"]
    assert set(report["assumptions"]) == assumed
    assert report["verification"]["status"] == "verified"
    value = sp.sympify(report["answer"]["sympy"]).subs({sp.Symbol(k): v for k, v in point.items()})
    assert float(value) == pytest.approx(float(expected(**point)), rel=1e-10)


REFUSED = [
    (r"\int_{-1}^{1} x^{-1/3} dx", "no real number"),
    (r"\int_{-1}^1 \sqrt{x} dx", "no real number"),
    (r"\int_{-1}^1 \frac{1}{x^3} dx", "diverges"),
    (r"\int_{-\infty}^\infty \frac{x^2}{1+x^2} dx", "diverges"),
    (r"\iint_{x^2+y^2\le 1} \frac{1}{x^2+y^2} dx dy", "diverges"),
    (r"\iint_D xy\,dx\,dy", "region"),
    ("taylor |x| at x = 0 order 2", "kink"),
    ("taylor relu(x) at x = 0 order 1", "kink"),
    ("taylor x|x| at x = 0 order 2", "kink"),
    ("taylor 1/x at x = 0 order 2", "does not exist"),
    (r"\sum_{k=0}^\infty (-1)^k", "diverges"),
    (r"\sum_{k=1}^\infty \frac{1}{\sqrt{k}}", "diverges"),
    (r"\lim_{x\to 0} \sin\frac{1}{x}", "oscillates"),
    ("limit 1/x as x -> 0", "from the left it is −∞, from the right ∞"),
    (r"\lim_{x\to 0^-} \sqrt{x}", "no real number"),
    (r"\lim_{x\to\pi/2} \tan x", "from the left it is ∞, from the right −∞"),
]


@pytest.mark.parametrize(("line", "reason"), REFUSED, ids=[r[0] for r in REFUSED])
def test_refused(line, reason):
    report = _report(line)
    assert report["status"] == "refused" and report["answer"] is None
    assert reason in report["error"]["message"]


LIMITS = [
    (r"\lim_{x\to 1} \frac{1}{x-1} - \frac{1}{\log x}", "-1/2"),
    (r"\lim_{x\to 0} \frac{\sin x}{x} + 1", "2"),
    (r"2 \lim_{x\to 0} \frac{\sin x}{x}", "2"),
    (r"\lim_{x\to 0+} x \log x", "0"),
    (r"\lim_{x\to\infty} \frac{x+\sin x}{x}", "1"),
    (r"\lim_{x\to 0} x \sin\frac{1}{x}", "0"),
    (r"\lim_{n \to \infty} \sum_{k=1}^n \frac{1}{n} \frac{k}{n}", "1/2"),
    ("limit (1+1/n)^n as n -> oo", "E"),
    (r"\lim_{x\to 0} \sqrt{x}", "0"),
    (r"Z = \int_{-\infty}^\infty e^{-x^2/2} dx", "sqrt(2*pi)"),
    (r"\sqrt{\int_0^1 x^2 dx}", "sqrt(3)/3"),
    ("integrate 1/(x*(x+1)) from 1 to infinity", "log(2)"),
    ("taylor tanh(x) at x = 0 order 5", "x - x**3/3 + 2*x**5/15"),
    ("taylor sigmoid(x) at x = 0 order 3", "1/2 + x/4 - x**3/48"),
    (r"\frac{d}{dx} x^2 \Big|_{x=a}", "2*a"),
    (r"\frac{d}{dx} x^2 e^x \Big|_{x=1}", "3*E"),
    ("det jacobian of (r cos(t), r sin(t)) wrt r, t", "r"),
]


@pytest.mark.parametrize(("line", "expected"), LIMITS, ids=[v[0] for v in LIMITS])
def test_limits_polynomials_and_points(line, expected):
    report = _report(line)
    assert report["status"] == "solved", report["error"]
    assert sp.simplify(sp.sympify(report["answer"]["sympy"]) - sp.sympify(expected)) == 0
    assert report["verification"]["status"] == "verified"


def test_lhopital_is_not_used_where_the_derivatives_have_no_limit():
    report = _report(r"\lim_{x\to\infty} \frac{x+\sin x}{x}")
    assert all(step["rule"] != "hopital" for step in report["derivation"]["steps"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("integrate x e^(-x) wrt x from 0 to 1 using parts", "1 - 2/E"),
        ("integrate x e^(-x) wrt x from 0 to inf using parts", "1"),
        ("integrate atan(x) wrt x from 0 to 1 using parts", "pi/4 - log(2)/2"),
        ("integrate x sin(x) wrt x from 0 to pi using integration by parts", "pi"),
    ],
)
def test_parts_are_used_where_they_are_asked_for(line, expected):
    report = _report(line)
    assert "integration-by-parts" in {step["rule"] for step in report["derivation"]["steps"]}
    assert abs(sp.N(sp.sympify(report["answer"]["sympy"]) - sp.sympify(expected), 20)) < 1e-12
    assert report["verification"]["status"] == "verified"


def test_a_sign_decides_a_limit():
    report = _report(r"\lim_{\tau\to 0^+} \sigma(x/\tau)")
    cases = sp.sympify(report["answer"]["sympy"])
    assert [cases.subs(sp.Symbol("x"), v) for v in (1, -1, 0)] == [1, 0, sp.Rational(1, 2)]
    assert report["verification"]["status"] == "verified"


def test_declared_bounds_are_used_and_not_overridden():
    assert _report("a > 1", r"\int_0^{2\pi} \frac{1}{a+\cos x} dx")["answer"]["sympy"] == "2*pi/sqrt(a**2 - 1)"
    report = _report("p < 1", r"\int_1^\infty \frac{1}{x^p} dx")
    assert report["status"] == "refused" and "contradicts" in report["error"]["message"]
    assert _report("a < 0", r"\int_0^\infty e^{-a x} dx")["status"] == "refused"
