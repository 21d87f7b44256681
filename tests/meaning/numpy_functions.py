"""Functions as people write them, for the tests of the reader: each is read, and what was read is compared with what it computes."""

import math
from typing import Annotated

import numpy as np
import numpy.linalg as la
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.special import expit, logsumexp

LAM = 0.1
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def correlation(x, y):
    """x : (n,) array
    y : (n,) array"""
    return np.sum((x - x.mean()) * (y - y.mean())) / np.sqrt(np.sum((x - x.mean()) ** 2) * np.sum((y - y.mean()) ** 2))


def logistic_loss(X, w, b, y, lam=LAM):
    """X : (n, d) array
    w : (d,) array
    y : (n,) array"""
    p = sigmoid(X @ w + b)
    ll = np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return -ll + lam * np.dot(w, w)


def covariance(X):
    """X : (n, d) array"""
    Xc = X - X.mean(axis=0)
    return Xc.T @ Xc / X.shape[0]


def standardised(X):
    """X : (n, d) array"""
    mu = np.mean(X, 0)
    sd = np.std(X, 0)
    return (X - mu) / (sd + 1e-8)


def attention(Q, K, V):
    """Q : (n, d) array
    K : (m, d) array
    V : (m, p) array"""
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    scores -= scores.max(axis=-1, keepdims=True)
    w = np.exp(scores)
    w /= w.sum(axis=-1, keepdims=True)
    return w @ V


def squared_distances(X, Y):
    """X : (n, d) array
    Y : (m, d) array"""
    xx = np.sum(X**2, axis=1)[:, None]
    yy = np.sum(Y**2, axis=1)[None, :]
    return xx + yy - 2 * X @ Y.T


def log_density(x, mu, Sigma):
    """x : (d,) array
    mu : (d,) array
    Sigma : (d, d) array, positive definite"""
    d = len(mu)
    diff = x - mu
    _, logdet = np.linalg.slogdet(Sigma)
    return -0.5 * (d * np.log(2 * np.pi) + logdet + diff @ np.linalg.inv(Sigma) @ diff)


def log_density_by_cholesky(x, mu, Sigma):
    """x : (d,) array
    mu : (d,) array
    Sigma : (d, d) array, positive definite"""
    L = la.cholesky(Sigma)
    alpha = solve_triangular(L, x - mu, lower=True)
    return -0.5 * np.sum(alpha**2) - np.sum(np.log(np.diag(L))) - len(x) * HALF_LOG_2PI


def loop_with_continue(x):
    """x : (n,) array"""
    s = 0.0
    p = 1.0
    for i, xi in enumerate(x):
        if i == 2:
            continue
        s += i * xi
        p *= 1 + xi**2
    return s + p


def loop_over_pairs(X, y):
    """X : (n, d) array
    y : (n,) array"""
    n, _ = X.shape
    total = 0.0
    for i in range(n):
        for j in range(i):
            total += abs(y[i] - y[j]) * np.sum((X[i] - X[j]) ** 2)
    return total / (n * (n - 1))


def slices(x):
    """x : (n,) array"""
    return x[1:].sum() - x[:-1].prod() + x[-1] * x[-2] + x[::-1] @ x


def axes_of_a_tensor(T):
    """T : (a, b, c) array"""
    return T.transpose(2, 0, 1).sum(axis=1) + T.mean(axis=0).T


def einsum_products(A, B):
    """A : (n, m) array
    B : (m, k) array"""
    return np.einsum("ij,jk->ik", A, B) + np.einsum("ij,jk", A, B) - A.dot(B)


def triangles(A):
    """A : (n, n) array"""
    return np.einsum("ii->", A) + np.trace(A) * 2 + np.diag(A).sum() + np.tril(A, -1).sum() - np.triu(A, 1).sum()


def entry(x, k: int):
    """x : (n,) array"""
    return x[k] ** 2 + k


def cross_entropy(logits, labels):
    """logits : (n, k) array
    labels : (n,) int array"""
    z = logits - logsumexp(logits, axis=1)[:, None]
    return -np.mean(z[np.arange(logits.shape[0]), labels])


def huber_mean(x, y):
    """x : (n,) array
    y : (n,) array"""
    d = np.abs(x - y)
    return np.where(d < 1, 0.5 * d**2, d - 0.5).mean()


def convolution(x, w):
    """x : (n,) array
    w : (3,) array"""
    out = np.zeros(len(x) - 2)
    for i in range(len(x) - 2):
        for j in range(len(w)):
            out[i] += x[i + j] * w[j]
    return out


def log_sum_exp(x):
    """x : (n,) array"""
    m = x.max()
    return m + np.log(np.sum(np.exp(x - m)))


def outer_differences(x, y):
    """x : (n,) array
    y : (m,) array"""
    return np.subtract.outer(x, y) ** 2 + np.outer(x, y)


def masks(x, alpha):
    """x : (n,) array"""
    mask = x > 0
    return (mask * x + ~mask * alpha * (np.exp(x) - 1)).sum()


def norms(X, W, b):
    """X : (n, d) array
    W : (d, k) array
    b : (k,) array"""
    Z = X @ W + b
    A = np.maximum(Z, 0.01 * Z)
    return np.linalg.norm(A) + np.linalg.norm(A, axis=1).sum() + np.linalg.norm(b, 1) + np.linalg.norm(b, np.inf)


def positions(x):
    """x : (n,) array"""
    n = len(x)
    return np.sum(np.arange(n) * x) + (np.arange(1, n + 1) ** 2) @ x


def solved(A, b):
    """A : (n, n) array
    b : (n, k) array"""
    return np.linalg.solve(A, b).T


def moments(x):
    """x : (n,) array"""
    x = x - x.mean()
    x = x / np.sqrt((x**2).mean())
    return (x**3).mean() + (x**4).mean()


def column(X, c):
    """X : (n, d) array
    c : (d, 1) array"""
    return (X @ c).sum() + (X * c.T).sum() + c.shape[0]


def reductions(X):
    """X : (n, d) array"""
    return X.sum(axis=(0, 1)) + X.max(axis=0).sum() - X.min()


def running_sums(x, y):
    """x : (n,) array
    y : (n,) array"""
    return x[:, np.newaxis] * y - np.cumsum(x)[None, :]


def inner_function(x, t):
    """x : (n,) array"""

    def g(u):
        return np.tanh(u) ** 2

    return np.sum(g(x) * t)


def options(x, y, z=None, reduction="mean"):
    """x : (n,) array
    y : (n,) array"""
    loss = (x - y) ** 2
    if z is not None:
        loss = loss * z
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    return loss


def swap(a: float, b: float):
    if a > b:
        a, b = b, a
    return a - 2 * b


def branches(x: float):
    y = 0.0
    if x < 0:
        return -x
    if x < 1:
        y = x**2
    else:
        y = 2 * x - 1
    y += 1
    return y


def differences_and_median(x):
    """x : (n,) array"""
    return np.mean(np.diff(x) ** 2) + np.median(x) + np.var(x)


def weighted_means(X, w):
    """X : (n, d) array
    w : (n,) array"""
    return np.average(X, axis=0, weights=w[:, None] * np.ones_like(X)) + (w[:, None] * X).sum(0) / w.sum()


def comprehensions(x, y):
    """x : (n,) array
    y : (n,) array"""
    return np.sum([x[i] * y[i] for i in range(len(x))]) + sum(x[i] ** 2 for i in range(1, len(x)))


def divergence(P, Q):
    """P : (n,) array, positive
    Q : (n,) array, positive"""
    p = P / P.sum()
    q = Q / Q.sum()
    return np.sum(p * np.log(p / q)) + np.sum(np.where(p > 0.2, p * np.log(p), 0))


def unrolled(W):
    """W : (d, d) array"""
    h = W
    for c in (1.0, 2.0, 0.5):
        h = np.tanh(c * h @ W)
    return h.sum()


def double_centring(X):
    """X : (n, d) array"""
    G = X @ X.T
    n = G.shape[0]
    H = np.eye(n) - np.ones((n, n)) / n
    return H @ G @ H


def largest(x, y):
    """x : (n,) array
    y : (n,) array"""
    i = np.argmax(x)
    return y[i] - x[i]


def products(A, x):
    """A : (n, n) array
    x : (n,) array"""
    return x @ A @ x + x.T @ A.T @ x + (A @ x) @ (A @ x) + np.inner(x, x) + np.vdot(A, A) + (A * A).sum() + np.sum(A @ A)


def layer_norm(X, gamma, beta, eps=1e-5):
    """X : (n, d) array
    gamma : (d,) array
    beta : (d,) array"""
    mean = X.mean(axis=1, keepdims=True)
    var = X.var(axis=1, keepdims=True)
    return gamma * (X - mean) / np.sqrt(var + eps) + beta


def gate(h, Wz, Uz, x):
    """h : (k,) array
    Wz : (k, d) array
    Uz : (k, k) array
    x : (d,) array"""
    z = expit(Wz @ x + Uz @ h)
    return (1 - z) * h + z * np.tanh(x[0] * h)


def kernel_mean(x, y):
    """x : (n,) array
    y : (m,) array"""
    return np.exp(-0.5 * (x[:, None] - y[None, :]) ** 2).mean(axis=1)


def batched_product(X, Y):
    """X : (b, n, d) array
    Y : (b, d, m) array"""
    return (X @ Y).sum(axis=0)


def blocks(x):
    """x : (n,) array"""
    y = np.concatenate([x, 2 * x])
    return y.sum()


def taken_along(X, idx):
    """X : (n, d) array
    idx : (n,) int array"""
    return np.take_along_axis(X, idx[:, None], axis=1).squeeze(1).sum()


def power_series(x: float, n: int):
    total = 0
    for k in range(n):
        total += x**k / math.factorial(k)
    return total


def hinge(X, y, w):
    """X : (n, d) array
    y : (n,) array, one of -1, 1
    w : (d,) array"""
    return np.maximum(0, 1 - y * (X @ w)).mean() + 0.5 * np.linalg.norm(w) ** 2


def conditions(x, y):
    """x : (n,) array
    y : (n,) array"""
    both = (x > 0) & (y > 0)
    either = np.logical_or(x > 1, y > 1)
    return np.sum(both) + either.sum() + np.mean(x == y)


def matrix_functions(A, B):
    """A : (n, n) array
    B : (n, n) array"""
    return np.kron(A, B).sum() + np.linalg.det(A) + np.linalg.matrix_power(B, 3)[0, 1]


def cho_solved(A, b):
    """A : (n, n) array, positive definite
    b : (n,) array"""
    c, low = cho_factor(A)
    return b @ cho_solve((c, low), b) + b @ cho_solve(cho_factor(A), b)


def filled(X):
    """X : (n, d) array"""
    n = len(X)
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            difference = X[i] - X[j]
            K[i, j] = np.exp(-0.5 * difference @ difference)
    return K


def rows(X, y, w):
    """X : (n, d) array
    y : (n,) array
    w : (d,) array"""
    loss = 0.0
    for x, t in zip(X, y, strict=True):
        residual = x @ w - t
        if residual > 0:
            loss += residual**2
        else:
            loss -= 2 * residual
    return loss / len(y)


def several(x, y):
    """x : (n,) array
    y : (n,) array"""
    residual = x - y
    return 0.5 * residual @ residual, residual


def early(x, a):
    """x : float
    a : float, positive"""
    if a <= 0:
        raise ValueError("a is positive")
    if x > a:
        return a * (x - 0.5 * a)
    return 0.5 * x**2


def stacked(a: float, b: float):
    return np.stack([a + b, a * b, a / (1 + b**2)])


def one_hot(labels, p):
    """labels : (n,) int array
    p : (n, k) array"""
    targets = (labels[:, None] == np.arange(p.shape[1])).astype(float)
    return ((p - targets) ** 2).sum()


def in_comments(
    X,  # (n, d)
    w,  # (d,)
):
    z = X @ w  # (n,)
    return np.log1p(np.exp(-z)).sum()


def typed(X: Annotated[np.ndarray, "n d"], b: Annotated[np.ndarray, "(d,)"], lam: float):
    return ((X + b) ** 2).sum() + lam * b @ b
