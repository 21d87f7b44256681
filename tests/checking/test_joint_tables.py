"""Steps about events are checked on a joint table: what is true passes, what is planted fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.checking.chance.joint_tables import check_tables, tables_of
from derive.derivation import Derivation
from derive.expressions.term import Name, Term, number
from derive.session import Session


def derivation(*lines: str) -> Derivation:
    session = Session()
    for line in lines:
        report, session = session.run(line)
    assert report is not None
    assert report.derivation is not None
    return report.derivation


QUESTIONS = [
    ("P(D|+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",),
    ("P(A) = a", "P(B) = b", "A indep B", "P(A or B)"),
    ("P(E|H) / P(E|not H) = 20", "P(H) = 0.01", "P(H|E)"),
    ("X_0, X_1, ... markov", "X_t in {0, 1}", "P(X_{t+1}=1|X_t=0) = a", "P(X_{t+1}=0|X_t=1) = b", "P(X_2=1|X_0=0)"),
    ("X, Y iid ~ DiscreteUniform(1, 6)", "P(X + Y = 7)"),
]


@pytest.mark.parametrize("lines", QUESTIONS)
def test_true_steps_pass(lines: tuple[str, ...]) -> None:
    checked = check_tables(derivation(*lines))
    assert all(s.check is not None and s.check.status in ("exact", "verified") for s in checked.walk())


@pytest.mark.parametrize("lines", QUESTIONS)
def test_a_planted_error_is_caught(lines: tuple[str, ...]) -> None:
    honest = derivation(*lines)
    last = honest.steps[-1]
    value = last.after.args[-1] if last.after.head == "chain" else last.after
    wrong = Term("add", (value, number(1)))
    planted = replace(honest, steps=(*honest.steps[:-1], replace(last, after=wrong, claim=None)))
    check = check_tables(planted).steps[-1].check
    assert check is not None
    assert check.status == "failed"
    assert check.counterexample


def test_independence_that_was_not_declared_is_caught() -> None:
    found = derivation("P(A) = 0.3", "P(B) = 0.5", "P(A and B) = 0.2", "P(A or B)")
    a, b = (Term("name", (), Name(n)) for n in "AB")
    both = Term("probability", (Term("and", (a, b)),), "P")
    product = Term("mul", (Term("probability", (a,), "P"), Term("probability", (b,), "P")))
    planted = replace(found, steps=(replace(found.steps[0], before=both, after=product),))
    check = check_tables(planted).steps[0].check
    assert check is not None
    assert check.status == "failed"


def test_tables_satisfy_facts_with_symbols() -> None:
    problem = derivation("P(A) = p", "P(B|A) = q", "P(B|not A) = r", "P(A|B)").model
    tables = tables_of(problem)
    assert len(tables) == 2
    for table in tables:
        exact = problem.at({s: v for s, v in table.values.items()})
        assert all(0 < v < 1 for v in table.values.values())
        assert exact is None or table.satisfies(exact)
