"""Facts as equations over a joint table: what they determine, the bounds that they leave, the tables that satisfy them."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from derive.expressions.inline import inline
from derive.expressions.term import Name, Term, number
from derive.meaning.reader import read
from derive.meaning.scope import Scope
from derive.probability.build import build
from derive.probability.finite import Problem, System
from derive.probability.finite_facts import problem_of
from derive.probability.outcomes import Outcome, Space, tidy


def problem(*lines: str) -> tuple[Problem, tuple[int, int]]:
    """The problem of the last line and its goal."""
    scope = Scope()
    for line in lines:
        reading, scope = read(line, scope)
    term = reading.expanded
    if term.head == "task":
        term = term.args[0]
    inside = term.args[0] if len(term.args) == 1 else Term("list", term.args)
    event, given = inside.args if inside.head == "given" else (inside, None)
    queries = [tidy(t) for t in (event, given) if t is not None]
    found = problem_of(build(reading), queries)
    condition = found.space.all if given is None else found.space.event(queries[1])
    return found, (found.space.event(queries[0]) & condition, condition)


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (("P(D|+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",), F(1, 6)),
        (("P(A) = 0.3", "P(B) = 0.5", "A indep B", "P(A or B)"), F(13, 20)),
        (("P(A) = 0.3", "P(B) = 0.5", "P(A or B)"), None),
        (("P(E|H) / P(E|not H) = 20", "P(H) = 0.01", "P(H|E)"), F(20, 119)),
        (("A indep B", "P(A) = 0.5", "P(A or B) = 0.8", "P(B)"), F(3, 5)),
        (("A, B, C partition", "P(A) = 0.5", "P(B) = 0.3", "P(C)"), F(1, 5)),
        (("A, B disjoint", "P(A) = 0.5", "P(B) = 0.3", "P(A or B)"), F(4, 5)),
        (("P(X=1) = 0.2", "P(X=2) = 0.3", "P(X=3) = 0.5", "P(X >= 2)"), F(4, 5)),
        (("P(A|B) = P(A)", "P(A) = 0.3", "P(B) = 0.5", "P(A and B)"), F(3, 20)),
    ],
)
def test_what_the_equations_determine(lines: tuple[str, ...], value: F | None) -> None:
    found, goal = problem(*lines)
    system = System(found)
    assert system.consistent
    assert system.value(*goal) == value


def test_bounds_are_those_of_frechet() -> None:
    found, goal = problem("P(A) = 0.7", "P(B) = 0.8", "P(A and B)")
    assert System(found).bounds(*goal) == (F(1, 2), F(7, 10))


def test_a_table_satisfies_the_facts() -> None:
    found, _ = problem("P(A) = 0.7", "P(B) = 0.8", "P(A and B)")
    cells = System(found).table()
    assert cells is not None
    assert sum(cells) == 1
    for fact in found.facts:
        assert sum(cells[c] for c in range(found.space.cells) if fact.event >> c & 1) == fact.value


def test_conditions_on_symbols_are_said() -> None:
    found, _ = problem("A, B partition", "P(A) = p", "P(B) = q", "P(E|A) = a", "P(E|B) = b", "P(E)")
    assert [str(c) for c in System(found).conditions] == ["Eq(p + q, 1)"]


def test_an_event_and_its_complement_in_all_spellings() -> None:
    space = Space([Outcome("A", (Term("name", (), Name("A")), Term("not", (Term("name", (), Name("A")),))), "event")])
    a = Term("name", (), Name("A"))
    spelled = [
        Term("not", (a,)),
        Term("name", (), Name("A", accents=("bar",))),
        Term("pow", (a, Term("name", (), Name("c")))),
        Term("name", (), Name("A", sup="c")),
    ]
    assert {space.event(tidy(t)) for t in spelled} == {space.all & ~space.event(a)}


def test_statements_print_as_a_person_writes() -> None:
    x = Outcome("X", (number(1), number(2), number(3)), "finite")
    space = Space([x])
    name = Term("name", (), Name("X"))
    one = space.event(Term("rel", (name, number(1)), "="))
    assert [inline(t) for t in space.statement(one)] == ["X = 1"]
    assert [inline(t) for t in space.statement(space.all & ~one)] == ["X ≠ 1"]
    assert space.event(Term("rel", (name, number(2)), ">=")) == space.all & ~one


@pytest.mark.parametrize("line", ["A indep B, C indep D", "A indep B | C, D", "A, B indep C given D", "A and B independent given C"])
def test_statements_of_independence_speak_of_what_they_say(line: str) -> None:
    scope = Scope()
    for text in (line, "P(A) = 0.5", "P(B) = 0.5", "P(A and B and C and D)"):
        reading, scope = read(text, scope)
    found = build(reading).independences
    groups = [[inline(t) for t in g] for s in found for g in s.groups]
    conditions = [inline(t) for s in found for t in s.given]
    expected = {
        "A indep B, C indep D": ([["A"], ["B"], ["C"], ["D"]], []),
        "A indep B | C, D": ([["A"], ["B"]], ["C", "D"]),
        "A, B indep C given D": ([["A", "B"], ["C"]], ["D"]),
        "A and B independent given C": ([["A"], ["B"]], ["C"]),
    }
    assert (groups, conditions) == expected[line]
