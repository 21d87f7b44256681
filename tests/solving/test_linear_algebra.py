"""Linear algebra of matrices that are written out: against NumPy, with refusals, and planted mistakes that the checks catch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import derive
from derive.checking.expressions import check_step
from derive.solving.written_out.dispatch import TASKS

MATRICES = {
    "square": [[2, 1], [1, 3]],
    "tall": [[1, 1], [1, 2], [2, 1]],
    "wide": [[1, 2, 3], [2, 4, 7]],
    "singular": [[1, 2], [2, 4]],
    "swapped": [[0, 2], [3, 4]],
}


def _solved(task: str, matrix: list[list[int]], *more: str) -> dict:
    report = derive.solve([f"A = {matrix}", *more, task]).to_dict()
    assert report["status"] == "solved", report["error"]
    assert report["verification"]["status"] == "verified"
    return report


def _parts(report: dict) -> dict[str, np.ndarray]:
    """The parts as the emitted code gives them."""
    module: dict = {"__name__": "emitted"}
    exec(compile(report["code"]["source"], "emitted.py", "exec"), module)
    return {k: np.asarray(v, float) for k, v in module[report["code"]["function"]]()._asdict().items()}


@pytest.mark.parametrize("name", MATRICES)
def test_rank(name: str) -> None:
    report = _solved("rank A", MATRICES[name])
    assert int(report["answer"]["sympy"]) == np.linalg.matrix_rank(np.array(MATRICES[name]))


@pytest.mark.parametrize("name", ["square", "tall", "wide", "swapped"])
def test_singular_values(name: str) -> None:
    parts = _parts(_solved("svd A", MATRICES[name]))
    np.testing.assert_allclose(parts["S"], np.linalg.svd(np.array(MATRICES[name], float), compute_uv=False), rtol=1e-12)


@pytest.mark.parametrize("name", ["square", "tall"])
def test_qr_multiplies_back(name: str) -> None:
    a = np.array(MATRICES[name], float)
    parts = _parts(_solved("qr A", MATRICES[name]))
    q, r = parts["Q"].reshape(a.shape), parts["R"].reshape(a.shape[1], a.shape[1])
    np.testing.assert_allclose(q @ r, a, atol=1e-12)
    np.testing.assert_allclose(q.T @ q, np.eye(a.shape[1]), atol=1e-12)


def test_eigenvalues_ascend() -> None:
    parts = _parts(_solved("eig A", MATRICES["square"]))
    np.testing.assert_allclose(parts["eigenvalues"], np.linalg.eigvalsh(np.array(MATRICES["square"], float)))


def test_lu_with_a_swap() -> None:
    parts = _parts(_solved("lu A", MATRICES["swapped"]))
    p, lower, upper = (parts[k].reshape(2, 2) for k in "PLU")
    np.testing.assert_allclose(p @ np.array(MATRICES["swapped"]), lower @ upper)


def test_least_squares() -> None:
    parts = _parts(_solved("least squares A, b", MATRICES["tall"], "b = [1, 2, 2]"))
    a, b = np.array(MATRICES["tall"], float), np.array([1.0, 2.0, 2.0])
    np.testing.assert_allclose(parts["x"], np.linalg.lstsq(a, b, rcond=None)[0])


def test_principal_components_say_what_they_divide_by() -> None:
    data = [[2, 0], [0, 2], [-2, 0], [0, -2], [3, 3], [-3, -3]]
    report = _solved("pca A", data)
    np.testing.assert_allclose(_parts(report)["explained_variance"], np.sort(np.linalg.eigvalsh(np.cov(np.array(data).T)))[::-1])
    assert "n − 1" in str(report["notes"])


@pytest.mark.parametrize(
    ("task", "matrix", "reason"),
    [
        ("inverse A", [[1, 2], [2, 4]], "singular"),
        ("diagonalise A", [[2, 1], [0, 2]], "defective"),
        ("eig A", [[1, 2, 3], [4, 5, 6]], "square"),
        ("cholesky A", [[1, 2], [2, 1]], "not positive definite"),
        ("cholesky A", [[1, 2], [3, 4]], "symmetric"),
        ("qr A", [[1, 2], [2, 4]], "dependent"),
        ("project [1, 2] onto A", [[0, 0], [0, 0]], "zero matrix"),
        ("condition number of A", [[1, 2], [2, 4]], "singular"),
        ("solve A x = [1, 3]", [[1, 2], [2, 4]], "inconsistent"),
        ("least squares A, [1, 2]", [[1, 2], [2, 4]], "not unique"),
    ],
)
def test_refusals(task: str, matrix: list[list[int]], reason: str) -> None:
    report = derive.solve([f"A = {matrix}", task]).to_dict()
    assert report["status"] in ("refused", "error") and reason in report["error"]["message"]
    assert report["answer"] is None


def test_a_wrong_row_operation_is_caught() -> None:
    step = derive.solve(["A = [[2, 1], [1, 3]]", "rref A"]).solution.derivation.steps[0]
    wrong = replace(step, before=sp.Matrix([[1, 2], [2, 4]]), after=sp.Matrix([[1, 2], [0, 1]]), part=None, relation="⇔")
    assert check_step(wrong, {}).status == "failed"


def test_every_task_is_tried_here() -> None:
    assert set(TASKS) >= {"rank", "svd", "qr", "eig", "lu", "pca", "least-squares", "inverse", "cholesky"}
