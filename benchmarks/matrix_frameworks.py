"""The same mathematics as matrix_code.txt for PyTorch and autograd: the function is written, the framework differentiates it.

`pytorch(heading, arrays)` and `by_autograd(heading, arrays)` give a callable that takes nothing and computes all gradients once, as
NumPy arrays; both raise ImportError where the package is not installed. Everything in float64 on one thread. Conversion of the
inputs is not part of what is timed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["by_autograd", "pytorch"]

VARIABLES = {
    "ridge gradient": ("w",),
    "logistic gradient": ("w",),
    "logistic Hessian": ("w",),
    "softmax cross-entropy": ("W", "b"),
    "three-layer network": ("W_1", "b_1", "W_2", "b_2", "W_3", "b_3"),
    "Gaussian log-likelihood": ("mu", "Sigma"),
    "attention": ("Q", "K", "V"),
}


def pytorch(heading: str, arrays: dict[str, Any]) -> Callable[[], Any]:
    """Reverse mode by PyTorch on the CPU; the Hessian by `torch.func.hessian`."""
    import torch

    torch.set_num_threads(1)
    F = torch.nn.functional
    names = VARIABLES[heading]
    a = {k: torch.tensor(v, dtype=torch.float64, requires_grad=k in names) for k, v in arrays.items()}
    n = len(arrays.get("X", arrays.get("x", ())))

    def logistic(w: Any) -> Any:
        return F.binary_cross_entropy_with_logits(a["X"] @ w, a["y"])

    if heading == "logistic Hessian":
        hessian = torch.func.hessian(logistic)
        point = a["w"].detach()
        return lambda: (hessian(point).numpy(),)

    def mlp() -> Any:
        hidden = torch.relu(torch.addmm(a["b_1"], a["X"], a["W_1"]))
        hidden = torch.relu(torch.addmm(a["b_2"], hidden, a["W_2"]))
        return F.cross_entropy(torch.addmm(a["b_3"], hidden, a["W_3"]), a["Y"])

    def gaussian() -> Any:
        factor = torch.linalg.cholesky(a["Sigma"])
        z = torch.linalg.solve_triangular(factor, (a["x"] - a["mu"]).T, upper=False)
        return -n * factor.diagonal().log().sum() - 0.5 * (z * z).sum()

    def attention() -> Any:
        return (a["G"] * F.scaled_dot_product_attention(a["Q"], a["K"], a["V"])).sum()

    losses: dict[str, Callable[[], Any]] = {
        "ridge gradient": lambda: F.mse_loss(a["X"] @ a["w"], a["y"]) + a["lam"] * (a["w"] @ a["w"]),
        "logistic gradient": lambda: logistic(a["w"]),
        "softmax cross-entropy": lambda: F.cross_entropy(torch.addmm(a["b"], a["X"], a["W"]), a["Y"]),
        "three-layer network": mlp,
        "Gaussian log-likelihood": gaussian,
        "attention": attention,
    }
    loss = losses[heading]
    variables = [a[name] for name in names]
    return lambda: tuple(g.numpy() for g in torch.autograd.grad(loss(), variables))


def by_autograd(heading: str, arrays: dict[str, Any]) -> Callable[[], Any]:
    """Reverse mode by autograd; the Hessian by `autograd.hessian`."""
    import autograd
    import autograd.numpy as np
    from autograd.scipy.special import logsumexp

    names = VARIABLES[heading]
    rest = {k: v for k, v in arrays.items() if k not in names}

    def ridge(w: Any, X: Any, y: Any, lam: float) -> Any:
        r = X @ w - y
        return r @ r / len(y) + lam * (w @ w)

    def logistic(w: Any, X: Any, y: Any) -> Any:
        z = X @ w
        return (np.sum(np.logaddexp(0.0, z)) - y @ z) / len(y)

    def cross_entropy(Z: Any, Y: Any) -> Any:
        return (np.sum(logsumexp(Z, axis=1)) - np.sum(Y * Z)) / len(Y)

    def mlp(W_1: Any, b_1: Any, W_2: Any, b_2: Any, W_3: Any, b_3: Any, X: Any, Y: Any) -> Any:
        hidden = np.maximum(X @ W_1 + b_1, 0)
        hidden = np.maximum(hidden @ W_2 + b_2, 0)
        return cross_entropy(hidden @ W_3 + b_3, Y)

    def gaussian(mu: Any, Sigma: Any, x: Any) -> Any:
        d = x - mu
        return -0.5 * len(x) * np.linalg.slogdet(Sigma)[1] - 0.5 * np.sum(d.T * np.linalg.solve(Sigma, d.T))

    def attention(Q: Any, K: Any, V: Any, G: Any) -> Any:
        S = Q @ K.T / np.sqrt(Q.shape[1])
        return np.sum(G * (np.exp(S - logsumexp(S, axis=1, keepdims=True)) @ V))

    losses: dict[str, Callable[..., Any]] = {
        "ridge gradient": ridge,
        "logistic gradient": logistic,
        "logistic Hessian": logistic,
        "softmax cross-entropy": lambda W, b, X, Y: cross_entropy(X @ W + b, Y),
        "three-layer network": mlp,
        "Gaussian log-likelihood": gaussian,
        "attention": attention,
    }
    loss = functools.partial(losses[heading], **rest)
    values = [arrays[name] for name in names]
    if heading == "logistic Hessian":
        hessian = autograd.hessian(loss)
        return lambda: (hessian(*values),)
    gradient = autograd.grad(lambda packed: loss(*packed))
    return lambda: tuple(gradient(tuple(values)))
