"""derive: the mathematics of machine learning, derived step by step, checked numerically, and turned into NumPy code.

    >>> import derive
    >>> report = derive.solve("d/dx x^3")
    >>> print(derive.read(r"\\frac{1}{1+e^{-x}}").sympy)

`solve(lines)` gives the Report of the last task, `read(text)` how a line is understood, `translate(expression)` its NumPy
code, `Session` everything in between. What is imported here loads when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from derive.errors import AmbiguousInput as AmbiguousInput
    from derive.errors import DeriveError as DeriveError
    from derive.errors import DoesNotExist as DoesNotExist
    from derive.errors import FailedCheck as FailedCheck
    from derive.errors import InconsistentInput as InconsistentInput
    from derive.errors import InputError as InputError
    from derive.errors import InternalError as InternalError
    from derive.errors import NotSupported as NotSupported
    from derive.errors import Refusal as Refusal
    from derive.errors import SyntaxProblem as SyntaxProblem
    from derive.errors import TimeLimit as TimeLimit
    from derive.errors import TooLarge as TooLarge
    from derive.errors import Undetermined as Undetermined
    from derive.errors import UnknownName as UnknownName
    from derive.errors import WrongUse as WrongUse
    from derive.report import Report as Report
    from derive.session import Session as Session
    from derive.session import read as read
    from derive.session import solve as solve
    from derive.session import translate as translate

__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(("Session", "read", "solve", "translate"), "derive.session"),
    "Report": "derive.report",
    **dict.fromkeys(
        (
            "AmbiguousInput",
            "DeriveError",
            "DoesNotExist",
            "FailedCheck",
            "InconsistentInput",
            "InputError",
            "InternalError",
            "NotSupported",
            "Refusal",
            "SyntaxProblem",
            "TimeLimit",
            "TooLarge",
            "Undetermined",
            "UnknownName",
            "WrongUse",
        ),
        "derive.errors",
    ),
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 (the names of a table are strings)


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
