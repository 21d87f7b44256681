"""NumPy of every day: selections below reductions, arrays side by side, differences of all pairs, running sums."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from derive.session import solve

X, Y = np.array([1.0, -2.0, 3.0, 0.5]), np.array([0.5, 1.0, -1.0, 2.0])
Z, B = np.array([1.0, 2.0, 4.0]), np.array([0.3, -0.7])
M = np.arange(12.0).reshape(4, 3) % 5

LINES: list[tuple[str, dict[str, Any]]] = [
    ("x[x > 0].sum()", {"x": X}),
    ("np.mean(x[x > 0])", {"x": X}),
    ("np.sum(np.log(x[x > 0]))", {"x": X}),
    ("np.sum(x[x > 0]**2 * y[x > 0])", {"x": X, "y": Y}),
    ("np.max(x[y > 0]) where x in R^n, y in R^n", {"x": X, "y": Y}),
    ("np.mean(x[(y > 0) & (x < 1)])", {"x": X, "y": Y}),
    ("np.prod(x[~(x < 0)])", {"x": X}),
    ("np.sum((x[:,None]-z[None,:])**2, axis=-1) where x in R^n, z in R^m", {"x": X, "z": Z}),
    ("np.exp(-np.sum((X[:,None,:]-X[None,:,:])**2, axis=-1)/2)", {"X": M}),
    ("np.concatenate([x, z]) where x in R^n, z in R^m", {"x": X, "z": Z}),
    ("np.hstack([x, z]) where x in R^n, z in R^m", {"x": X, "z": Z}),
    ("np.stack([x, y], axis=1) where x in R^n, y in R^n", {"x": X, "y": Y}),
    ("np.vstack([x, y]) @ y where x in R^n, y in R^n", {"x": X, "y": Y}),
    ("np.column_stack([x, y]) @ b where x in R^n, y in R^n, b in R^2", {"x": X, "y": Y, "b": B}),
    ("np.cumsum(x[::-1])[::-1]", {"x": X}),
    ("x @ x[::-1]", {"x": X}),
    ("np.diff(x)", {"x": X}),
    ("np.tril(A)", {"A": M}),
    ("np.sort(x)[-2:]", {"x": X}),
]


@pytest.mark.parametrize(("line", "given"), LINES, ids=[line for line, _ in LINES])
def test_the_code_is_what_was_written(line: str, given: dict[str, Any]) -> None:
    report = solve([line])
    assert report.code is not None, report
    assert report.code.check is not None
    assert report.code.check.status == "verified"
    module = types.ModuleType("emitted")
    exec(report.code.source, module.__dict__)
    got = getattr(module, report.code.function)(**{a.name: given[a.name] for a in report.code.arguments})
    np.testing.assert_allclose(got, eval(line.partition(" where ")[0], {"np": np, **given}), rtol=1e-14)


def test_a_gradient_through_a_selection() -> None:
    report = solve(["grad np.sum(x[x > 0]**2) wrt x"])
    assert report.code is not None
    module = types.ModuleType("emitted")
    exec(report.code.source, module.__dict__)
    np.testing.assert_allclose(getattr(module, report.code.function)(x=X), np.where(X > 0, 2 * X, 0.0))


@pytest.mark.parametrize("line", ["np.exp(x[x > 0]) @ w where x in R^n, w in R^m", "np.sort(x[x > 0])", "np.sum(x[x > 0] * y[y > 0])"])
def test_a_selection_anywhere_else_is_refused(line: str) -> None:
    report = solve([line])
    assert report.code is None
    assert report.error is not None
    assert "selection" in report.error.message
