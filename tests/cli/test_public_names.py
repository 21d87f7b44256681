"""The library's face: what `import derive` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import derive
from derive import errors


def test_importing_derive_imports_next_to_nothing() -> None:
    program = "import sys; before = set(sys.modules); import derive; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert set(done.stdout.split()) <= {"__future__", "derive"}


@pytest.mark.parametrize("name", derive.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(derive, name) is not None
    assert name in dir(derive)


def test_every_error_is_public() -> None:
    assert set(errors.__all__) <= set(derive.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        derive.nothing_of_the_kind  # noqa: B018


def test_solving_reading_translating() -> None:
    report = derive.solve(["f(x) := x^3", "f'(x)"])
    assert report.to_dict()["answer"]["sympy"] == "3*x**2"
    assert "3 x²" in str(report)
    assert str(derive.read("x^2 + 1").sympy) == "x**2 + 1"
    assert "def " in derive.translate("x^2 + 1").source


def test_a_reading_goes_on_in_sympy() -> None:
    import sympy

    x = sympy.Symbol("x")
    expression = derive.read("x^2 + sin(x)").sympy
    assert expression.subs(x, 0) == 0
    assert expression.free_symbols == {x}
    assert sympy.latex(expression) == r"x^{2} + \sin{\left(x \right)}"
    assert derive.read(sympy.sin(x) / x).plain == "sin(x)/x"
    assert derive.solve(sympy.Derivative(x**3, x)).to_dict()["answer"]["plain"] == "3 x^2"
