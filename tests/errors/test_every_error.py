"""One input and one message for every kind of error and refusal that a person can meet."""

from __future__ import annotations

import pytest

from derive.errors import (
    AmbiguousInput,
    DeriveError,
    DoesNotExist,
    FailedCheck,
    InconsistentInput,
    InputError,
    InternalError,
    NotSupported,
    Refusal,
    SyntaxProblem,
    TimeLimit,
    TooLarge,
    Undetermined,
    UnknownName,
    WrongUse,
)
from derive.session import Session, Settings, solve

CASES = [
    (["x + * y"], SyntaxProblem, "an expression is expected before *", (4, 5), None),
    (["2 3"], SyntaxProblem, "two numbers side by side", (2, 3), None),
    (["(x"], SyntaxProblem, "( is never closed", (0, 1), None),
    (["\\sum_{i=1}"], SyntaxProblem, "the body of the operator is expected after sum", (0, 10), None),
    (["\\int_0^1 x"], SyntaxProblem, "the integral has no differential", (0, 10), None),
    (["atan2(x)"], SyntaxProblem, "atan2 takes 2 arguments, not 1", (0, 8), None),
    (["\\frac{d^2}{dx^3} x"], SyntaxProblem, "the order above is 2 and the orders below add up to 3", (0, 16), None),
    (["\\frac{d}{dx} \\simga(x)"], UnknownName, "unknown command \\simga", (13, 19), "\\sigma"),
    (["sigmod(x)"], UnknownName, "unknown name sigmod", (0, 6), "sigmoid"),
    (["x ~ Norml(0, 1)"], UnknownName, "Norml is no distribution that is known", (4, 9), "Normal"),
    (["np.maxium(x, 0)"], UnknownName, "np.maxium is not among the functions that are read", (0, 9), "np.maximum"),
    (["A in R^{m x n}", "x in R^k", "A x"], InconsistentInput, "A x: A is m × n and x has length k; n = k is needed", (0, 3), None),
    (["a = b + 1", "b = a + 1", "a^2"], InconsistentInput, "the definitions run in a circle: a → b → a", None, None),
    (["diff x^2 wrt 3"], WrongUse, "a derivative is taken with respect to a variable", (13, 14), None),
    (["tr(x^T)"], WrongUse, "the trace of a vector", (0, 7), None),
    (["1/2x"], AmbiguousInput, "1/2x can be read in two ways", (0, 4), None),
    (
        ["p in Delta^K, c in R^K", "minimize c^T p over p"],
        NotSupported,
        "the minimiser of a linear function on the simplex: it is a vertex, where the smallest coefficient stands, and not unique",
        None,
        None,
    ),
    (["diff a x^2"], Undetermined, "with respect to which variable? a, x are free", None, None),
    (["dy/dx"], Undetermined, "dy/dx: y is not defined", (0, 5), None),
    (["10^(10^10)"], TooLarge, "the power is too large to be written out", None, None),
    (["9999999!"], TooLarge, "the factorial of so large a number", None, None),
    (["1/0"], DoesNotExist, "division by zero", None, None),
]


@pytest.mark.parametrize(("lines", "kind", "message", "span", "suggestion"), CASES, ids=[c[0][-1] for c in CASES])
def test_every_error(lines: list[str], kind: type[DeriveError], message: str, span: tuple[int, int] | None, suggestion: str | None) -> None:
    report = solve(lines)
    assert report.error is not None
    assert type(report.error) is kind
    assert report.error.message == message
    assert report.status == ("error" if issubclass(kind, InputError) else "refused")
    if span is not None:
        assert report.error.span == span
    assert report.error.suggestion == suggestion


def test_every_type_has_its_case() -> None:
    """FailedCheck and TimeLimit cannot be provoked by input alone; they have their own tests below."""
    leaves = {c for base in (InputError, Refusal) for c in base.__subclasses__()}
    assert {c[1] for c in CASES} | {FailedCheck, TimeLimit} == leaves


def test_the_time_limit_is_met_and_the_session_goes_on() -> None:
    session = Session(settings=Settings(time_limit=0.2))
    report, session = session.run("d/dx " + "^".join(["x"] * 20))
    assert report is not None
    assert isinstance(report.error, TimeLimit | TooLarge)
    report, _ = session.run("d/dx x^2")
    assert report is not None
    assert report.status == "solved"


def test_a_defect_inside_is_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that is no DeriveError ends the line, not the session, and is named."""
    import derive.session as session_module

    def broken(*_: object) -> object:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(session_module, "answer", broken)
    report, session = Session().run("d/dx x^2")
    assert report is not None
    assert isinstance(report.error, InternalError)
    assert "ZeroDivisionError: planted" in report.error.message
    assert report.status == "error"
    monkeypatch.undo()
    report, _ = session.run("d/dx x^2")
    assert report is not None
    assert report.status == "solved"


def test_a_failed_check_withholds_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted wrong rule: the derivative of the sine with the wrong sign."""
    import dataclasses

    import derive.solving.derivatives as derivatives

    honest = derivatives._fire

    def wrong(node: object, journal: object) -> object:
        rule, rewrite = honest(node, journal)
        return rule, dataclasses.replace(rewrite, result=-rewrite.result)

    monkeypatch.setattr(derivatives, "_fire", wrong)
    report = solve(["d/dx sin(x) cos(x)"])
    assert isinstance(report.error, FailedCheck)
    assert report.status == "refused"
    assert report.verification is not None
    assert report.verification.status == "failed"
    assert report.to_dict()["answer"] is None or report.to_dict()["answer"].get("plain") is None
    assert report.code is None


def test_a_definition_that_could_not_be_read_is_not_zero() -> None:
    report = solve(["w in R^d", "L = ||w", "grad L wrt w"])
    assert isinstance(report.error, Undetermined)
    assert report.status == "refused"
    assert report.answer is None


def test_what_rests_on_a_line_that_failed_is_refused() -> None:
    lines = [
        "x in R^d, y in R^d, W_1 in R^{h x d}, W_2 in R^{d x d}",
        "h_1 = tanh(W_1 x)",
        "h_2 = tanh(W_2 h_1)",
        "L = ||h_2 - y||^2",
        "grad L wrt W_1",
    ]
    report = solve(lines)
    assert isinstance(report.error, Undetermined)
    assert report.error.message == "h_2 is not defined: line 3 could not be read"
    assert report.answer is None
    report = solve([*lines[:3], "h_2 = tanh(W_1 x)", "L = ||h_2||^2", "grad L wrt W_1"])
    assert report.status == "solved"


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{d}{d\theta} \log p_\theta(x)",
        r"\frac{d}{d\theta} (\theta^2 + \log p_\theta(x))",
        r"\nabla_\theta \|\epsilon - \epsilon_\theta(x, t)\|^2",
        r"\nabla_\theta \mathbb{E}_{x \sim p_\theta}[f(x)]",
    ],
)
def test_a_subscript_is_a_dependence(text: str) -> None:
    """What depends on the variable through its subscript has no derivative 0."""
    report = solve([text])
    assert isinstance(report.error, Undetermined)
    assert report.answer is None


def test_a_sum_too_long_to_check_is_said_and_not_a_defect() -> None:
    report = solve(["d/dx sum_{i=1}^{1000000} sin(i x)"])
    assert report.error is None
    assert report.verification is not None
    assert report.verification.status == "partly"
    assert report.code is None
