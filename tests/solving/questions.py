"""What the tests of the solvers share: asking a session, the answer in one line, and equality of values at points."""

from __future__ import annotations

import random
from typing import Any

import sympy as sp

from derive.answering import Settings
from derive.expressions.inline import inline
from derive.report import Report
from derive.session import Session


def report_of(lines: tuple[str, ...], **settings: Any) -> Report:
    """The report of the last of the lines."""
    session = Session(settings=Settings(**settings))
    report: Report | None = None
    for line in lines:
        report, session = session.run(line)
    assert report is not None
    return report


def shown(report: Report) -> str:
    """The answer in one line, or its parts by label."""
    solution = report.solution
    assert solution is not None
    if solution.answer is not None:
        return inline(solution.answer)
    return "; ".join(f"{label}: {inline(value)}" for label, value in solution.parts.items())


def same(answer: sp.Expr, expected: str) -> bool:
    """Equal at three points; `lam` is λ, `pi0` the name π."""
    symbols = {s.name: s for s in answer.free_symbols}
    names = {**symbols, "lam": symbols.get("lambda", sp.Symbol("lam")), "pi0": symbols.get("pi", sp.Symbol("pi0"))}
    wanted = sp.sympify(expected, locals=names, rational=True)
    draw = random.Random(3)
    for _ in range(3):
        free = sorted(answer.free_symbols | wanted.free_symbols, key=str)
        at = {s: sp.Integer(draw.randint(2, 8)) if s.is_integer else sp.Rational(draw.randint(2, 8), 10) for s in free}
        a, b = complex(sp.N(answer.subs(at))), complex(sp.N(wanted.subs(at)))
        if abs(a - b) > 1e-9 * max(1, abs(b)):
            return False
    return True
