"""The problems of matrix_problems.txt as tensorgrad writes them: `FORMS[heading]()` builds, differentiates and simplifies.

Importing raises ImportError where tensorgrad is not installed. What tensorgrad cannot express is not in the table. The time of a
form is the time to write the expression down, to differentiate and to simplify it; tensorgrad shows no steps, makes no check, and
its code (for PyTorch) is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
import tensorgrad as tg
import tensorgrad.functions as F

__all__ = ["FORMS"]

d, k, m, n, p, q, r, t = sympy.symbols("d k m n p q r t")


def vector(name: str, size: Any) -> Any:
    """A vector with the edge of its size."""
    return tg.Variable(name, size)


def matrix(name: str, rows: Any, columns: Any) -> Any:
    """A matrix whose edges are named by its sizes."""
    return tg.Variable(name, rows, columns)


def square(name: str, size: Any) -> Any:
    """A square matrix with edges `a`, `b`."""
    return tg.Variable(name, a=size, b=size)


def gradient(value: Any, *variables: Any) -> list[Any]:
    """The simplified derivatives."""
    return [tg.Derivative(value, v).full_simplify() for v in variables]


def hessian(value: Any, variable: Any) -> list[Any]:
    """The simplified second derivative."""
    return [value.grad(variable).grad(variable).full_simplify()]


def quadratic(A: Any, x: Any, size: Any) -> Any:
    """x^T A x of a square matrix with edges a, b."""
    edge = str(size)
    return x.rename(**{edge: "a"}) @ A @ x.rename(**{edge: "b"})


def chain(*factors: Any) -> Any:
    """The trace of a product of square matrices, edges a, b each."""
    count = len(factors)
    renamed = [f.rename(a=f"s{i}", b=f"s{(i + 1) % count}") for i, f in enumerate(factors)]
    return tg.Product(renamed)


def bilinear() -> Any:
    a, X, b = vector("a", m), matrix("X", m, n), vector("b", n)
    return gradient(a @ X @ b, X)


def least_squares(differentiate: Any) -> Any:
    A, x, b = matrix("A", m, n), vector("x", n), vector("b", m)
    return differentiate(F.frobenius2(A @ x - b), x)


def ridge() -> Any:
    X, y, w, lam = matrix("X", n, d), vector("y", n), vector("w", d), tg.Variable("lambda")
    return gradient(F.frobenius2(X @ w - y) + lam * F.frobenius2(w), w)


def rayleigh() -> Any:
    A, x = square("A", n).with_symmetries("a b"), vector("x", n)
    return gradient(quadratic(A, x, n) / F.frobenius2(x), x)


def cosine() -> Any:
    x, y = vector("x", n), vector("y", n)
    return gradient((x @ y) / F.sqrt(F.frobenius2(x) * F.frobenius2(y)), x)


def twice() -> Any:
    A, X, B, C = matrix("A", p, m), matrix("X", m, n), tg.Variable("B", n, n2=n), matrix("C", m, p)
    left = A @ X @ B
    return gradient(left @ (X.rename(n="n2", m="m2") @ C.rename(m="m2")), X)


def regression() -> Any:
    X, W, Y = matrix("X", n, d), matrix("W", d, k), matrix("Y", n, k)
    return gradient(F.frobenius2(X @ W - Y), W)


def factorisation() -> Any:
    M, U, V = matrix("M", m, n), matrix("U", m, r), matrix("V", n, r)
    return gradient(F.frobenius2(M - U @ V), U, V)


def jacobian_exp() -> Any:
    A, x = matrix("A", m, n), vector("x", n)
    return gradient(F.exp(A @ x), x)


def softmax_regression() -> Any:
    X, W, Y = matrix("X", n, d), matrix("W", d, k), matrix("Y", n, k)
    return gradient(F.sum(F.cross_entropy(X @ W, Y, "k")), W)


def logistic(differentiate: Any) -> Any:
    X, y, w = matrix("X", n, d), vector("y", n), vector("w", d)
    z = X @ w
    return differentiate(F.sum(F.log(1 + F.exp(z))) - y @ z, w)


def logistic_signs() -> Any:
    X, y, w = matrix("X", n, d), vector("y", n), vector("w", d)
    return gradient(F.mean(F.log(1 + F.exp(-(y * (X @ w))))), w)


def attention(*names: str) -> Any:
    a = {"Q": matrix("Q", n, d), "K": matrix("K", t, d), "V": matrix("V", t, p), "G": matrix("G", n, p)}
    value = a["G"] @ (F.softmax(a["Q"] @ a["K"], "t") @ a["V"])
    return gradient(value, *(a[name] for name in names))


def network() -> Any:
    x, y = vector("x", d), vector("y", k)
    W_1, b_1, W_2, b_2 = matrix("W_1", q, d), vector("b_1", q), matrix("W_2", k, q), vector("b_2", k)
    value = F.frobenius2(W_2 @ F.tanh(W_1 @ x + b_1) + b_2 - y)
    return gradient(value, W_1, b_1, W_2, b_2)


def gaussian(name: str) -> Any:
    x, mu, Sigma = matrix("x", n, d), vector("mu", d), square("Sigma", d).with_symmetries("a b")
    D = x - mu @ tg.Ones(n=n)
    inner = D.rename(d="a") @ F.inverse(Sigma) @ D.rename(d="b")
    value = inner / -2
    if name == "Sigma":
        value = value - tg.Delta(n) * F.log(F.det(Sigma)) / 2
    return gradient(value, {"mu": mu, "Sigma": Sigma}[name])


FORMS: dict[str, Callable[[], Any]] = {
    "inner product": lambda: gradient(vector("a", n) @ vector("x", n), vector("x", n)),
    "bilinear in a matrix": bilinear,
    "quadratic form": lambda: gradient(quadratic(square("A", n), vector("x", n), n), vector("x", n)),
    "Hessian of a quadratic form": lambda: hessian(quadratic(square("A", n), vector("x", n), n), vector("x", n)),
    "least squares": lambda: least_squares(gradient),
    "Hessian of least squares": lambda: least_squares(hessian),
    "ridge": ridge,
    "norm": lambda: gradient(F.sqrt(F.frobenius2(vector("x", n))), vector("x", n)),
    "Rayleigh quotient": rayleigh,
    "cosine": cosine,
    "trace of a product": lambda: gradient(matrix("A", n, m) @ matrix("X", m, n), matrix("X", m, n)),
    "trace with the matrix twice": twice,
    "trace of a cube": lambda: gradient(chain(*[square("X", n)] * 3), square("X", n)),
    "trace with an inverse": lambda: gradient(chain(F.inverse(square("X", n)), square("A", n)), square("X", n)),
    "determinant": lambda: gradient(F.det(square("X", n)), square("X", n)),
    "log determinant": lambda: gradient(F.log(F.det(square("X", n))), square("X", n)),
    "linear regression in a matrix": regression,
    "matrix factorisation": factorisation,
    "elementwise Jacobian": jacobian_exp,
    "entropy": lambda: gradient(-F.sum(vector("p", n) * F.log(vector("p", n))), vector("p", n)),
    "log-sum-exp": lambda: gradient(F.log(F.sum(F.exp(vector("z", k)))), vector("z", k)),
    "softmax Jacobian": lambda: gradient(F.softmax(vector("z", k), "k"), vector("z", k)),
    "cross-entropy of logits": lambda: gradient(F.cross_entropy(vector("z", k), vector("y", k), "k"), vector("z", k)),
    "softmax regression": softmax_regression,
    "logistic regression": lambda: logistic(gradient),
    "logistic regression, Hessian": lambda: logistic(hessian),
    "logistic regression, a sum over samples": logistic_signs,
    "attention in V": lambda: attention("V"),
    "attention in Q, K, V": lambda: attention("Q", "K", "V"),
    "two-layer network": network,
    "Gaussian log-likelihood in the mean": lambda: gaussian("mu"),
    "Gaussian log-likelihood in the covariance": lambda: gaussian("Sigma"),
}
