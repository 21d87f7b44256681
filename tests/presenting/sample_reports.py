"""Reports made by hand, as the session would make them."""

from __future__ import annotations

from derive.derivation import Check, Derivation, Step
from derive.errors import AmbiguousInput, FailedCheck, SyntaxProblem, UnknownName
from derive.expressions.term import Term, call_name, name, number
from derive.meaning.scope import Reading
from derive.report import Report
from derive.solution import Argument, Code, Solution, Verification

X = name("x")
ONE = number(1)
EXP = Term("pow", (Term("constant", (), "e"), Term("neg", (X,))))
SUM = Term("add", (ONE, EXP))
LOGISTIC = Term("div", (ONE, SUM))
TASK = Term("derivative", (LOGISTIC, X, ONE), "d")
SIGMA = call_name("sigmoid", X)
ANSWER = Term("mul", (SIGMA, Term("add", (ONE, Term("neg", (SIGMA,))))))
SECOND = Term("div", (EXP, Term("pow", (SUM, number(2)))))
FIRST = Term("div", (Term("neg", (Term("derivative", (SUM, X, ONE), "d"),)), Term("pow", (SUM, number(2)))))
FINE = Check("verified", "finite differences", 5, 3.7e-16)

SOURCE = '''import numpy as np


def logistic_derivative(x):
    """Derivative of the logistic function, σ(x) (1 − σ(x)). x: array; the shape is kept."""
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2
'''

STEPS = (
    Step("reciprocal-rule", "Reciprocal rule", TASK, FIRST, formula="(1/u)′ = −u′/u²", because=("with u = ", SUM), check=FINE),
    Step("constant", "Constants vanish", FIRST, FIRST, trivial=True, check=Check("exact")),
    Step(
        "chain-rule",
        "Chain rule",
        FIRST,
        SECOND,
        formula="(e^v)′ = e^v v′",
        because=("with v = ", Term("neg", (X,))),
        check=FINE,
        steps=(Step("linear", "Linear", Term("derivative", (Term("neg", (X,)), X, ONE), "d"), number(-1), check=FINE),),
    ),
    Step("logistic-form", "Logistic form", SECOND, ANSWER, because=("σ(x) = 1/(1 + e⁻ˣ)",), check=FINE),
)


def reading(term: Term, task: str = "derivative", notes: tuple = (("x ∈ ℝ",),)) -> Reading:
    return Reading("…", "latex", "task", term, term, task, notes)


def solved(**changes: object) -> Report:
    values: dict = {
        "status": "solved",
        "task": "derivative",
        "text": r"\frac{d}{dx} \frac{1}{1+e^{-x}}",
        "notation": "latex",
        "reading": reading(TASK),
        "solution": Solution(Derivation(TASK, ANSWER, STEPS), ANSWER),
        "verification": Verification("verified", 5, 5, 3.7e-16),
        "code": Code(SOURCE, "logistic_derivative", (Argument("x", "x"),), (), Check("verified", "run", 12, 2e-16)),
        "seconds": {"reading": 0.0012345678},
        "number": 3,
    }
    return Report(**{**values, **changes})


def gradient() -> Report:
    parts = {"x": Term("mul", (number(2), X)), "theta_0": name("theta_0")}
    solution = Solution(None, None, parts, notes=(("a kink at ", X, " = 0"),))
    return solved(task="gradient", solution=solution, verification=None, code=None)


def failed() -> Report:
    check = Check("failed", "finite differences", 1, 0.2, counterexample=(("x", 2.0),))
    bad = Step("chain-rule", "Chain rule", TASK, SECOND, check=check)
    return solved(
        status="refused",
        solution=Solution(Derivation(TASK, SECOND, (bad,)), SECOND),
        verification=Verification("failed", 1, 0, 0.2),
        code=None,
        error=FailedCheck("the step “Chain rule” fails its check", counterexample={"x": 2.0, "left": 8.0, "right": 12.0}),
    )


def unverified() -> Report:
    step = Step("sum", "Sum rule", TASK, SECOND, check=Check("unverified", reason="no point of the domain was found"))
    return solved(solution=Solution(Derivation(TASK, SECOND, (step,)), SECOND), verification=Verification("unverified", 1, 0))


def unknown() -> Report:
    text = r"\frac{d}{dx} \simga(x)"
    error = UnknownName(r"unknown command \simga", span=(13, 19), suggestion=r"\sigma")
    return Report("error", "", text, "latex", error=error, number=2)


def unfinished() -> Report:
    error = SyntaxProblem("the line ends too early", span=(6, 6), expected=("a name", "a number", "("))
    return Report("error", "", "x +\n(y", "plain", error=error)


def ambiguous() -> Report:
    error = AmbiguousInput("two readings remain", readings=("f(x)", "f x"), expected=("f: R -> R", "f in R"))
    return Report("refused", "derivative", "d/dx f(x)", "plain", reading=reading(TASK), error=error)


ALL = {f.__name__: f for f in (solved, gradient, failed, unverified, unknown, unfinished, ambiguous)}
