"""A small network and a few losses, as people write them; `derive explain examples/python/network.py:loss` shows what they are."""

import numpy as np


def relu(x):
    """The positive part, entry by entry."""
    return np.maximum(x, 0)


def loss(X, y, W, b, v):
    """The mean squared error of a network with one hidden layer.

    Parameters
    ----------
    X : ndarray, shape (n, d)
    y : ndarray, shape (n,)
    W : ndarray, shape (d, h)
    b : ndarray, shape (h,)
    v : ndarray, shape (h,)
    """
    H = relu(X @ W + b)  # (n, h)
    residual = H @ v - y  # (n,)
    return np.mean(residual**2)


def cross_entropy(
    logits,  # (n, k)
    y,  # (n,)
):
    """The mean of −log p, with the maximum taken off so that nothing overflows."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


def kernel_sum(x, length=1.0):
    """A sum over all pairs, in loops."""
    n = len(x)
    total = 0.0
    for i in range(n):
        for j in range(n):
            if i != j:
                total += np.exp(-0.5 * ((x[i] - x[j]) / length) ** 2)
    return total / n**2


def momentum(gradients, beta=0.9):
    """A running average: each step needs the one before, so there is no formula to be read off."""
    m = 0.0
    for g in gradients:
        m = beta * m + (1 - beta) * g
    return m
