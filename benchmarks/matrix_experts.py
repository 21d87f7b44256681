"""The same mathematics as matrix_code.txt, written by hand: NumPy as somebody writes it who knows NumPy well.

A heading of matrix_code.txt → the function `EXPERTS[heading]` and arrays to run it on, `inputs(heading, size, rng)`. Arguments have
the names of the emitted code; results are one array or a tuple of arrays in the order of the variables. float64 throughout, stable
for any argument, temporaries reused in place, scalars folded into the smallest array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import expit

__all__ = ["EXPERTS", "SIZES", "inputs"]

Arrays = dict[str, Any]

SIZES: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    "usual": {
        "ridge gradient": {"n": 5000, "d": 200},
        "logistic gradient": {"n": 5000, "d": 200},
        "logistic Hessian": {"n": 5000, "d": 200},
        "softmax cross-entropy": {"n": 1024, "d": 256, "k": 32},
        "three-layer network": {"n": 256, "p": 512, "q": 512, "k": 10},
        "Gaussian log-likelihood": {"n": 5000, "d": 64},
        "attention": {"n": 256, "t": 256, "d": 64, "p": 64},
    },
    "small": {
        "ridge gradient": {"n": 40, "d": 8},
        "logistic gradient": {"n": 40, "d": 8},
        "logistic Hessian": {"n": 40, "d": 8},
        "softmax cross-entropy": {"n": 32, "d": 16, "k": 5},
        "three-layer network": {"n": 16, "p": 32, "q": 32, "k": 5},
        "Gaussian log-likelihood": {"n": 40, "d": 5},
        "attention": {"n": 16, "t": 16, "d": 8, "p": 8},
    },
}


def ridge(w: Any, X: Any, y: Any, lam: float) -> Any:
    """Gradient in w, shape (d,)."""
    r = X @ w
    r -= y
    r *= 2 / len(y)
    return r @ X + 2 * lam * w


def logistic_gradient(w: Any, X: Any, y: Any) -> Any:
    """Gradient in w, shape (d,)."""
    p = expit(X @ w)
    p -= y
    p /= len(y)
    return p @ X


def logistic_hessian(w: Any, X: Any, y: Any) -> Any:
    """Hessian in w, shape (d, d). NumPy computes B.T @ B as a symmetric product, at half the cost of a general one."""
    p = expit(X @ w)
    B = np.sqrt(p * (1 - p) / len(p))[:, None] * X
    return B.T @ B


def softmax_rows(Z: Any) -> Any:
    """The softmax of each row, in place."""
    Z -= Z.max(axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z


def softmax_cross_entropy(W: Any, b: Any, X: Any, Y: Any) -> Any:
    """Gradients in W (d, k) and b (k,)."""
    Z = X @ W
    Z += b
    D = softmax_rows(Z)
    D -= Y
    D /= len(X)
    return X.T @ D, D.sum(axis=0)


def network(W_1: Any, b_1: Any, W_2: Any, b_2: Any, W_3: Any, b_3: Any, X: Any, Y: Any) -> Any:
    """Gradients in W_1, b_1, W_2, b_2, W_3, b_3."""
    A_1 = X @ W_1
    A_1 += b_1
    np.maximum(A_1, 0, out=A_1)
    A_2 = A_1 @ W_2
    A_2 += b_2
    np.maximum(A_2, 0, out=A_2)
    Z = A_2 @ W_3
    Z += b_3
    D_3 = softmax_rows(Z)
    D_3 -= Y
    D_3 /= len(X)
    D_2 = D_3 @ W_3.T
    D_2 *= A_2 > 0
    D_1 = D_2 @ W_2.T
    D_1 *= A_1 > 0
    return X.T @ D_1, D_1.sum(axis=0), A_1.T @ D_2, D_2.sum(axis=0), A_2.T @ D_3, D_3.sum(axis=0)


def gaussian(mu: Any, Sigma: Any, x: Any) -> Any:
    """Gradients in mu (d,) and Sigma (d, d)."""
    D = x - mu
    P = np.linalg.inv(Sigma)
    G = P @ (D.T @ D) @ P
    G -= len(x) * P
    G *= 0.5
    return P @ D.sum(axis=0), G


def attention(Q: Any, K: Any, V: Any, G: Any) -> Any:
    """Gradients in Q (n, d), K (t, d) and V (t, p)."""
    scale = 1 / np.sqrt(Q.shape[1])
    Q = Q * scale
    P = softmax_rows(Q @ K.T)
    S = G @ V.T
    S -= np.einsum("ij,ij->i", P, S)[:, None]
    S *= P
    gradient_Q = S @ K
    gradient_Q *= scale
    return gradient_Q, S.T @ Q, P.T @ G


EXPERTS: dict[str, Callable[..., Any]] = {
    "ridge gradient": ridge,
    "logistic gradient": logistic_gradient,
    "logistic Hessian": logistic_hessian,
    "softmax cross-entropy": softmax_cross_entropy,
    "three-layer network": network,
    "Gaussian log-likelihood": gaussian,
    "attention": attention,
}


def inputs(heading: str, size: str, rng: Any) -> Arrays:
    """Random arrays of the sizes of the case, by the names of the arguments."""
    s = SIZES[size][heading]

    def normal(*shape: str, scale: float = 1.0) -> Any:
        return scale * rng.normal(size=tuple(s[a] for a in shape))

    def onehot() -> Any:
        return np.eye(s["k"])[rng.integers(s["k"], size=s["n"])]

    if heading == "ridge gradient":
        return {"w": normal("d"), "X": normal("n", "d"), "y": normal("n"), "lam": 0.3}
    if heading in ("logistic gradient", "logistic Hessian"):
        labels = (rng.random(s["n"]) < 0.5).astype(float)
        return {"w": normal("d", scale=s["d"] ** -0.5), "X": normal("n", "d"), "y": labels}
    if heading == "softmax cross-entropy":
        return {"W": normal("d", "k", scale=s["d"] ** -0.5), "b": normal("k"), "X": normal("n", "d"), "Y": onehot()}
    if heading == "three-layer network":
        weights = {}
        for layer, (a, b) in enumerate((("p", "q"), ("q", "q"), ("q", "k")), start=1):
            weights[f"W_{layer}"] = normal(a, b, scale=s[a] ** -0.5)
            weights[f"b_{layer}"] = normal(b, scale=0.1)
        return {**weights, "X": normal("n", "p"), "Y": onehot()}
    if heading == "Gaussian log-likelihood":
        A = normal("d", "d")
        return {"mu": normal("d"), "Sigma": A @ A.T / s["d"] + np.eye(s["d"]), "x": normal("n", "d")}
    if heading == "attention":
        return {"Q": normal("n", "d"), "K": normal("t", "d"), "V": normal("t", "p"), "G": normal("n", "p")}
    raise ValueError(f"no inputs for {heading}")
