"""Values that experiments share between steps and worlds: what is wrong still fails in every place, and what it rests on is not forgotten."""

import pytest

from derive.checking.chance import check_derivation
from derive.checking.chance.laboratory import Laboratory
from derive.derivation import Derivation, Step
from derive.meaning.reader import read
from derive.meaning.scope import Scope
from derive.probability.build import build


def _session(*lines):
    scope = Scope()
    for line in lines:
        reading, scope = read(line, scope)
    model = build(reading)
    return scope, model, {**reading.types, **model.types}


def _checks(lines, *equations):
    """The checks of a derivation whose steps are these equations."""
    scope, model, types = _session(*lines)
    terms = [tuple(read(side, scope)[0].expanded for side in sides) for sides in equations]
    steps = tuple(Step("", "", before, after, "=") for before, after in terms)
    made = check_derivation(Derivation(terms[0][0], terms[-1][1], steps, model=model), model, types)
    return [step.check.status for step in made.steps]


NUMBERS = ("X ~ Exponential(2)", "E[X]")
LETTERS = ("X ~ Normal(mu, sigma^2)", "E[X] + mu")
HALF = ("X ~ Exponential(2)", "Y ~ Normal(mu, 1)", "X indep Y", "X + Y + c + mu")
MADE_UP = ("E[X] = m", "Var(X) = v", "E[X] + m + v")

# session, equations, what the checks say
CHAINS = [
    (NUMBERS, [("E[X]", "1/2"), ("E[X]", "1/3")], ["verified", "failed"]),
    (NUMBERS, [("E[X]", "1/3"), ("E[X]", "1/2")], ["failed", "verified"]),
    (NUMBERS, [("P(X > 3)", "e^(-6)"), ("P(X > 3)", "e^(-5)")], ["verified", "failed"]),
    (HALF, [("E[Y] + P(X > 3)", "mu + e^(-6)"), ("P(X > 3) + E[Y]", "e^(-6)")], ["verified", "failed"]),
    (HALF, [("P(X > c) + E[X]", "1/2"), ("E[Y^2] - E[X]", "mu^2 + 1/2")], ["failed", "verified"]),
    (LETTERS, [("E[X^2]", "mu^2 + sigma^2"), ("E[X^2]", "mu^2 + sigma")], ["verified", "failed"]),
    (LETTERS, [("E[X^2]", "mu^2"), ("E[X^2] - mu^2", "sigma^2")], ["failed", "verified"]),
    (MADE_UP, [("E[X^2]", "v + m^2"), ("E[X^2]", "v")], ["verified", "failed"]),
    (MADE_UP, [("Var(2 X)", "2 v"), ("Var(2 X)", "4 v")], ["failed", "verified"]),
]


@pytest.mark.parametrize(("lines", "equations", "expected"), CHAINS)
def test_steps_over_the_same_operator(lines, equations, expected):
    assert _checks(lines, *equations) == expected


def test_what_diverges_is_verified_at_no_place():
    statuses = _checks(("X ~ Normal(0, 1)", "E[1/X]"), ("E[1/X]", "0"), ("E[1/X]", "0"))
    assert "verified" not in statuses


def _value(lines, text, number, times=1):
    scope, model, types = _session(*lines)
    laboratory = Laboratory(model, types)
    from derive.checking.chance.terms import Reader

    laboratory.reader = Reader(laboratory.structure)
    expression = laboratory.reader.read(read(text, scope)[0].expanded)
    for n in range(number):  # the worlds before it have been asked
        laboratory.measured(laboratory.world(n), laboratory.world(n).frame(), [expression])
    world = laboratory.world(number)
    found = [laboratory.measured(world, world.frame(), [expression]) for _ in range(times)]
    return [(m.columns[0][0], world.is_exact, m.scale) for m in found], laboratory.structure.settled


@pytest.mark.parametrize("lines", [NUMBERS, LETTERS, MADE_UP])
def test_a_value_met_again_says_what_it_said(lines):
    first, second = _value(lines, "E[X^2]", 0, times=2)[0]
    assert first == second


def test_worlds_share_what_no_number_enters():
    alone = _value(NUMBERS, "E[X^2]", 1)[0]
    again, settled = _value(NUMBERS, "E[X^2]", 1)
    assert settled
    assert alone == again


@pytest.mark.parametrize("lines", [LETTERS, MADE_UP, HALF])
def test_worlds_with_numbers_of_their_own_share_nothing(lines):
    text = "E[(X + Y)^2]" if lines is HALF else "E[X^2]"
    (first, settled), (second, also) = _value(lines, text, 0), _value(lines, text, 1)
    assert not settled
    assert not also
    assert first[0][0] != second[0][0]
