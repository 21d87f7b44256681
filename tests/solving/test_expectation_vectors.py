"""Random vectors with covariances such as Λ⁻¹, s² I and A S Aᵀ + R, and laws given other vectors; the code is compared with NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive

X = np.array([[0.4, 1.3], [2.2, -0.7], [1.1, 0.3]])
M, Y, LAMBDA = np.array([0.5, -1.2]), np.array([0.3, 1.4, -0.6]), np.array([[2.0, 0.3], [0.3, 1.0]])
L, B, MU = np.array([[1.5, 0.2, 0.0], [0.2, 2.0, 0.1], [0.0, 0.1, 0.8]]), np.array([0.1, -0.4, 0.7]), np.array([1.0, 2.0])
S = 0.7

REGRESSION = "w in R^d; X in R^{n x d}; w ~ Normal(m, Lambda^{-1}); y | w ~ Normal(X w, s^2 I)"
BISHOP = r"x, mu in R^d; y, b in R^n; X in R^{n x d}; x ~ Normal(mu, \Lambda^{-1}); y | x ~ Normal(X x + b, L^{-1})"
LEAST_SQUARES = "X in R^{n x d}; w in R^d; y in R^n; E[y] = X w; Cov(y) = s^2 I"
VALUES = {"X": X, "m": M, "w": M, "y": Y, "Lambda": LAMBDA, "L": L, "b": B, "mu": MU, "s": S}


def inverse(a: Any) -> Any:
    return np.linalg.inv(a)


def posterior(precision: Any, noise: Any, gap: Any, mean: Any) -> tuple[Any, Any]:
    covariance = inverse(precision + X.T @ noise @ X)
    return covariance @ (X.T @ noise @ gap + precision @ mean), covariance


ANSWERS = [
    (f"{REGRESSION}; posterior of w", posterior(LAMBDA, np.eye(3) / S**2, Y, M)),
    (f"{REGRESSION}; marginal of y", (X @ M, X @ inverse(LAMBDA) @ X.T + S**2 * np.eye(3))),
    (f"{REGRESSION}; E[w]", M),
    (f"{REGRESSION}; Cov(w)", inverse(LAMBDA)),
    (f"{REGRESSION}; E[y]", X @ M),
    (f"{REGRESSION}; Cov(w, y)", inverse(LAMBDA) @ X.T),
    (f"{REGRESSION}; E[w^T w]", np.trace(inverse(LAMBDA)) + M @ M),
    (f"{BISHOP}; p(x | y)", posterior(LAMBDA, L, Y - B, MU)),
    (f"{BISHOP}; marginal of y", (X @ MU + B, X @ inverse(LAMBDA) @ X.T + inverse(L))),
    (f"{LEAST_SQUARES}; Cov((X^T X)^{{-1}} X^T y)", S**2 * inverse(X.T @ X)),
    (f"{LEAST_SQUARES}; E[(X^T X)^{{-1}} X^T y]", M),
    ("x in R^n; X in R^{m x n}; E[x] = 0; Cov(x) = s^2 I; Cov(X x)", S**2 * X @ X.T),
]

PLAIN = [
    ("x in R^n; E[x] = 0; Cov(x) = s^2 I; E[||x||^2]", "s^2 n"),
    ("x in R^n; E[x] = 0; Cov(x) = s^2 I; E[x x^T]", "s^2 I_n"),
    (f"{LEAST_SQUARES}; E[||y - X w||^2]", "s^2 n"),
    ("x, mu in R^n; x ~ Normal(mu, Sigma); E[(x - mu)^T Sigma^{-1} (x - mu)]", "n"),
    ("x in R^n; x ~ Normal(mu, A + s^2 I); Cov(x)", "A + s^2 I_n"),
    (f"{REGRESSION}; Cov(y)", "X Lambda^(-1) X^T + s^2 I_n"),
    (f"{REGRESSION}; Cov(y - X w)", "s^2 I_n"),
    ("w ~ Normal(0, alpha^{-1} I); y | w ~ Normal(X w, s^2 I); Cov(w, y)", "alpha^(-1) X^T"),
]


@pytest.mark.parametrize(("lines", "expected"), ANSWERS)
def test_the_code_gives_what_numpy_gives(lines: str, expected: Any) -> None:
    record = derive.solve(lines.split("; ")).to_dict()
    assert record["verification"]["status"] == "verified"
    namespace: dict[str, Any] = {}
    exec(record["code"]["source"], namespace)
    names = [a if isinstance(a, str) else a["name"] for a in record["code"]["arguments"]]
    value = namespace[record["code"]["function"]](**{n: VALUES[n] for n in names})
    if isinstance(expected, tuple):
        assert len(value) == len(expected)
        assert all(np.allclose(a, b) for a, b in zip(value, expected, strict=True))
    else:
        np.testing.assert_allclose(value, expected)


@pytest.mark.parametrize(("lines", "answer"), PLAIN)
def test_identities_have_the_size_of_the_vector(lines: str, answer: str) -> None:
    record = derive.solve(lines.split("; ")).to_dict()
    assert record["answer"]["plain"] == answer
    assert record["verification"]["status"] == "verified"


def test_a_wrong_covariance_of_a_conditional_law_is_caught() -> None:
    from derive.checking.chance.arrays import VectorLaboratory
    from derive.checking.chance.structure import Structure
    from derive.expressions.term import Name, Term
    from derive.meaning.reader import read
    from derive.meaning.scope import Scope
    from derive.probability.build import build

    scope = Scope()
    for line in f"{REGRESSION}; Cov(y)".split("; "):
        reading, scope = read(line, scope)
    model = build(reading)
    laboratory = VectorLaboratory(Structure(model, model.types))
    y, image = Term("name", (), Name("y")), Term("mul", (Term("name", (), Name("X")), Term("name", (), Name("w"))))
    without_noise = Term("probability", (image,), "Cov")
    assert laboratory.compare(Term("probability", (y,), "Cov"), without_noise).status == "failed"
    assert laboratory.compare(Term("probability", (y,), "E"), Term("probability", (image,), "E")).status == "verified"
