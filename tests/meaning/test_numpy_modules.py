"""Functions of Python files: what they compute is what was read; what cannot be read is refused at its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading_back import agrees, settled

from derive.errors import DeriveError, InconsistentInput, NotSupported, SyntaxProblem, TooLarge, UnknownName
from derive.expressions.plain import plain
from derive.expressions.term import Name
from derive.meaning.numpy_notation.module import functions_of, place_in, read_function
from derive.meaning.reader import read_python

SOURCE = (Path(__file__).parent / "numpy_functions.py").read_text(encoding="utf-8")
IMPORTS = "import math\n\nimport numpy as np\nimport scipy.linalg as sla\nfrom scipy import special, stats\n"
HEAD = "import numpy as np\n\n\n"


@pytest.mark.parametrize("function", [name for name, _ in functions_of(SOURCE)])
def test_a_function_is_read_as_what_it_computes(function: str) -> None:
    assert agrees(SOURCE, function) >= 2


VALUES = [
    "np.linalg.norm(x, 0)",
    "np.cumsum(X, axis=0)",
    "np.sort(X)",
    "np.sort(X, axis=0)",
    "np.var(X, axis=0)",
    "np.var(X)",
    "X.mean(1, keepdims=True) * X",
    "np.clip(x, None, 1)",
    "np.power(A, 2)",
    "A ** -1",
    "A ** 2",
    "np.median(X, axis=1)",
    "np.median(X)",
    "T.T",
    "np.transpose(T)",
    "np.ones((len(x),)) * x",
    "np.zeros(len(x)) + x",
    "sum(X)",
    "max(x)",
    "min(x)",
    "abs(x)",
    "np.prod(X, axis=1)",
    "np.max(X, axis=0)",
    "np.linalg.norm(X, axis=0)",
    "np.linalg.norm(X, 1)",
    "np.linalg.norm(X, np.inf)",
    "np.linalg.norm(X, 2)",
    "x @ A",
    "A @ x",
    "x @ x",
    "X.T @ x",
    "x // 0.5",
    "x % 0.7",
    "-x % 0.7",
    "np.sign(x) * np.abs(x) ** 0.5",
    "np.hypot(x, 2)",
    "np.log2(np.abs(x))",
    "np.log1p(x**2)",
    "special.expit(x)",
    "special.logit(special.expit(x))",
    "special.xlogy(x**2, x**2)",
    "special.softmax(X)",
    "special.softmax(X, axis=1)",
    "special.softmax(X, axis=0)",
    "special.log_softmax(X, axis=1)",
    "special.logsumexp(X)",
    "special.logsumexp(X, axis=0)",
    "special.logsumexp(X, axis=1, keepdims=True) + X",
    "stats.norm.logpdf(x, 1, 2)",
    "stats.norm.cdf(x)",
    "np.linalg.inv(A + 3 * np.eye(len(x))) @ x",
    "np.linalg.det(A)",
    "np.heaviside(x, 0.5)",
    "np.select([x > 1, x > 0], [x, 2 * x], 3 * x)",
    "np.where(x > 0, 1, -1)",
    "np.where(X > 0, x[:, None], 0)",
    "(X > 0).sum()",
    "(X > 0).mean(axis=0)",
    "np.minimum(x, x[::-1])",
    "T[0]",
    "T[:, 1]",
    "T[..., 0]",
    "T[:, None].sum(0)",
    "X[0] @ X[1]",
    "X[-1]",
    "X[:-1] - X[1:]",
    "X[1:, :-1].sum()",
    "x[-2:]",
    "x[:2]",
    "x[0:len(x) - 1]",
    "A[np.arange(len(x)), np.arange(len(x))]",
    "A[np.arange(len(x)), 0]",
    "np.einsum('ij->ji', X)",
    "np.einsum('ii->i', A)",
    "np.einsum('i,j->ij', x, y)",
    "np.einsum('abc->b', T)",
    "np.einsum('ij,ij->i', X, X)",
    "np.einsum('ij,j', A, x)",
    "np.einsum('ba', A)",
    "np.inner(A, A)",
    "np.vdot(A, A)",
    "np.dot(A, A)",
    "np.kron(A, A)",
    "np.diff(X, axis=0)",
    "np.diff(X)",
    "np.tril(A)",
    "np.triu(A, -1)",
    "np.subtract.outer(x, y)",
    "T.sum((0, 2))",
    "T.max(axis=(0, 1))",
    "T.mean()",
    "T.std(axis=0)",
    "T.swapaxes(0, 2)",
    "x.reshape(-1, 1) + y",
    "x.reshape(1, -1) - y.reshape(-1, 1)",
    "x.size * x.mean()",
    "X.size",
    "len(X) + X.shape[1]",
    "x[None] - x[:, None]",
    "np.full((2, 2), 3.0)",
    "np.full(3, 2.0) @ np.ones(3)",
    "np.array([x[0], x[1]])",
    "np.array([[1, 2], [3, 4]]) @ x[:2]",
    "1 if x[0] > 0 else 2",
    "x[0] if x.sum() > 0 else x[1]",
    "not x[0] > 0",
    "math.exp(x[0])",
    "math.log(x[0] ** 2)",
    "pow(x[0], 2)",
    "round(x[0])",
    "float(x[0])",
    "x.dot(A).dot(x)",
    "x.copy()",
    "x.astype(float)",
    "+x",
    "~(x > 0)",
    "(x > 0) | (x < -1)",
    "np.logical_and(x > 0, x < 1)",
    "np.average(x)",
    "np.average(X, axis=1)",
    "np.linalg.matrix_power(A, 3)",
    "np.linalg.matrix_power(A, -1)",
    "np.linalg.pinv(X)",
    "np.linalg.slogdet(A)[1]",
    "np.linalg.slogdet(A)[0]",
    "np.linalg.solve(A, X)",
    "sla.solve(A, x)",
    "x.mean(axis=-1)",
    "X.mean(axis=-1)",
    "X.sum(-2)",
    "np.logaddexp(x, 0)",
    "np.exp2(x)",
    "np.cbrt(x)",
    "np.square(x)",
    "np.reciprocal(x)",
    "np.remainder(x, 0.7)",
    "np.floor_divide(x, 0.7)",
    "np.stack([x, 2 * x])",
    "np.stack([x, 2 * x], axis=1)",
    "np.concatenate([x, y])",
    "x.clip(0)",
    "x.clip(min=0)",
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_of_arrays_is_what_numpy_makes_of_it(value: str) -> None:
    shapes = "x : (n,) array\n    y : (m,) array\n    X : (n, d) array\n    A : (n, n) array\n    T : (a, b, c) array"
    source = f'{IMPORTS}\n\ndef f(x, y, X, A, T):\n    """{shapes}\n    """\n    return {value}\n'
    assert agrees(source, "f") >= 1


PLANTED = [
    ("x[1:] - x[:-1]", "x[:-1] - x[1:]"),
    ("X.sum(axis=0)", "X.sum(axis=1)"),
    ("x[-1] * y[0]", "x[0] * y[0]"),
    ("np.arange(len(x)) * x", "np.arange(1, len(x) + 1) * x"),
    ("x[:, None] - y", "x - y[:, None]"),
    ("X[x.argmax(), 0]", "X[x.argmin(), 0]"),
    ("np.std(x)", "np.std(x, ddof=1)"),
    ("np.tril(X @ X.T).sum()", "np.triu(X @ X.T, 1).sum()"),
    ("np.where(x > 0, x, 0)", "np.where(x < 0, x, 0)"),
]


def written(value: str) -> str:
    """A function of a vector x, a vector y and a matrix X that returns this."""
    shapes = "x : (n,) array\n    y : (n,) array\n    X : (n, n) array"
    return f'{HEAD}def f(x, y, X):\n    """{shapes}"""\n    return {value}\n'


@pytest.mark.parametrize(("value", "other"), PLANTED, ids=[value for value, _ in PLANTED])
def test_the_comparison_would_notice_another_reading(value: str, other: str) -> None:
    assert agrees(written(value), "f") >= 2
    with pytest.raises(AssertionError):
        agrees(written(value), "f", run=written(other))


REFUSED: list[tuple[str, type[DeriveError], str, tuple[int, int]]] = [
    ("def f(x):\n    while x > 1:\n        x = x / 2\n    return x", SyntaxProblem, "a while loop is not read", (2, 5)),
    ("def f(x):\n    s = 0\n    for i in range(len(x)):\n        s = 0.5 * s + x[i]\n    return s", SyntaxProblem,
     "steps depend on the ones before (s)", (4, 9)),
    ("def f(x):\n    p = x[0]\n    s = 0\n    for i in range(len(x)):\n        s += x[i] - p\n        p = x[i]\n    return s", SyntaxProblem,
     "steps depend on the ones before (p)", (5, 21)),
    ("def f(x):\n    s = 0\n    for i in range(len(x)):\n        if x[i] > 9:\n            break\n        s += x[i]\n    return s", SyntaxProblem,
     "break in a loop that adds up", (5, 13)),
    ("def f(x):\n    t = 1.0\n    s = 0\n    for i in range(len(x)):\n        t = x[i]\n        s += t\n    return s + t", SyntaxProblem,
     "t, which a loop leaves with the value of its last round,", (7, 16)),
    ("def f(x):\n    s = 0\n    for v in x.tolist():\n        s += v\n    return s", SyntaxProblem, "a loop over this", (3, 14)),
    ("def f(x):\n    y = x\n    y += 1\n    return x + y", SyntaxProblem, "may be a part of another array", (3, 5)),
    ("def f(x):\n    y = x[1:]\n    y *= 2\n    return x", SyntaxProblem, "may be a part of another array", (3, 5)),
    ("def f(x):\n    x[0] = 1\n    return x", SyntaxProblem, "an assignment to a part of an array", (2, 5)),
    ("def f(x):\n    return np.sort(x[x > 0])", NotSupported, "a selection by a condition", (2, 22)),
    ("def f(x):\n    return f(x - 1)", SyntaxProblem, "f, which calls itself,", (2, 12)),
    ("def f(x, eps):\n    return x / (eps or 1.0)", SyntaxProblem, "`and`, `or` between what are no comparisons", (2, 17)),
    ("def f(x):\n    \"\"\"x : (n,) array\"\"\"\n    return ~x", NotSupported, "a bit operator on what is no condition", (3, 12)),
    ("from mine import log\n\n\ndef f(x):\n    return log(x)", UnknownName, "log comes from mine.log", (5, 12)),
    ("import torch as np\n\n\ndef f(x):\n    return np.log(x)", UnknownName, "np is torch", (5, 12)),
    ("def f(x):\n    return np.sum(x, axis=0) + undefined", UnknownName, "undefined has no value here", (2, 32)),
    ("from scipy.linalg import cholesky\n\n\ndef f(A):\n    return cholesky(A) @ A", SyntaxProblem, "SciPy's upper Cholesky factor", (5, 12)),
    ("def f(A):\n    return np.linalg.cholesky(A)", NotSupported, "a Cholesky factor by itself", (2, 12)),
    ("def f(x):\n    return np.std(x, ddof=1)", SyntaxProblem, "with ddof other than 0", (2, 27)),
    ("def f(X, y):\n    \"\"\"X : (n, d) array\n    y : (n,) array\"\"\"\n    return X - y", InconsistentInput,
     "arrays of the shapes (n, d) and (n,) do not go together", (4, 12)),
    ("def f(X, w):\n    \"\"\"X : (n, d) array\n    w : (n,) array\"\"\"\n    return X @ w", InconsistentInput, "(n, d) and (n,)", (4, 12)),
    ("def f(\n    X,  # (n, d)\n):\n    s = X.sum(0)  # (n,)\n    return s", InconsistentInput, "(d,) and (n,)", (4, 9)),
    ("def f(x):\n    try:\n        return x\n    except ValueError:\n        return 0", SyntaxProblem, "a try block", (2, 5)),
    ("def f(*xs):\n    return xs", SyntaxProblem, "a parameter with a star", (1, 8)),
    ("@mine\ndef f(x):\n    return x", SyntaxProblem, "a decorator", (1, 2)),
    ("c = 1\nc = 2\n\n\ndef f(x):\n    return c * x", SyntaxProblem, "c, which the file binds more than once,", (6, 12)),
    ("def f(x):\n    if x > 0:\n        return 1.0", SyntaxProblem, "does not return in every case", (2, 5)),
    ("def f(x):\n    print(x)", SyntaxProblem, "returns nothing", (1, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "words", "place"), REFUSED, ids=[words for _, _, words, _ in REFUSED])
def test_what_cannot_be_read_is_refused_at_its_place(code: str, kind: type[DeriveError], words: str, place: tuple[int, int]) -> None:
    source = code if "import" in code else "import numpy as np\n" + code
    line = place[0] + ("import" not in code)
    with pytest.raises(DeriveError) as caught:
        read_python(source, "f")
    assert isinstance(caught.value, kind), caught.value
    assert words in caught.value.message
    assert place_in(source, caught.value.span) == (line, place[1])


DECLARED = [
    ('def f(x):\n    """x : ndarray, shape (n, d)"""\n    return x.sum()', ("n", "d")),
    ('def f(x):\n    """x : array_like of shape (n_samples,)"""\n    return x.sum()', ("n_samples",)),
    ('def f(x):\n    """\n    Args:\n        x (np.ndarray): the data, shape (n, 3).\n    """\n    return x.sum()', ("n", "3")),
    ('def f(x):\n    """:param x: matrix of shape (n - 1, d)\n    """\n    return x.sum()', ("n - 1", "d")),
    ('def f(x, y):\n    """x, y : (n, d) arrays"""\n    return (x - y).sum()', ("n", "d")),
    ("def f(\n    x,  # (n, d)\n):\n    return x.sum()", ("n", "d")),
    ('def f(x: Float[Array, "n d"]):\n    return x.sum()', ("n", "d")),
    ('def f(x):\n    """x : array, shape (..., n)"""\n    return x.sum()', ("n",)),
    ("def f(x):\n    n, d = x.shape\n    return x.sum() / n", ("n", "d")),
    ("def f(x):\n    k = len(x)\n    return x.sum() / k", ("k",)),
    ("def f(x):\n    return x.sum(axis=2).sum()", ("n", "m", "d")),
    ("def f(x):\n    return np.einsum('ij,ij->', x, x)", ("n", "m")),
    ("def f(x):\n    return x[:, 0].sum()", ("n", "m")),
    ("def f(x):\n    return np.sum((x - 1) ** 2)", ("n",)),
    ("def f(x):\n    return np.tanh(x)", ()),
    ("def f(x: float):\n    return np.tanh(x)", ()),
]


@pytest.mark.parametrize(("code", "shape"), DECLARED, ids=[code.split("\n", 1)[1] for code, _ in DECLARED])
def test_shapes_are_read_or_inferred(code: str, shape: tuple[str, ...]) -> None:
    _, shaped, _ = settled(HEAD + code, "f")
    kind = shaped.types.get(Name("x"))
    assert tuple(plain(size) for size in (kind.shape if kind is not None else ())) == shape


MEANT = [
    ("logits", "z - z.max(axis=1, keepdims=True)\n    return s - np.log(np.exp(s).sum(axis=1, keepdims=True))", "log_softmax(z)"),
    ("weights", "np.exp(z - np.max(z, axis=-1, keepdims=True))\n    return s / np.sum(s, axis=-1, keepdims=True)", "softmax(z)"),
    ("lse", "np.max(z, axis=1)\n    return s + np.log(np.sum(np.exp(z - s[:, None]), axis=1))", "logsumexp(z)"),
    ("safe sigmoid", "np.exp(-np.abs(z))\n    return np.maximum(s, z >= 0) / (1.0 + s)", "sigmoid(z)"),
    ("softplus", "np.logaddexp(0.0, z)\n    return s", "softplus(z)"),
    ("another total", "np.exp(z - np.max(z, axis=-1, keepdims=True))\n    return s / np.sum(s, axis=0, keepdims=True)", None),
    ("another shift", "z - z.min(axis=1, keepdims=True)\n    return s - np.log(np.exp(s).sum(axis=1, keepdims=True))", None),
]


@pytest.mark.parametrize(("what", "code", "meaning"), MEANT, ids=[what for what, _, _ in MEANT])
def test_what_is_written_for_safety_is_read_as_what_it_means(what: str, code: str, meaning: str | None) -> None:
    source = f'{HEAD}def f(z):\n    """z : (n, k) array"""\n    s = {code}\n'
    _, _, values = settled(source, "f")
    found = plain(values[0])
    assert found == meaning if meaning is not None else "softmax" not in found and "sigmoid" not in found
    assert agrees(source, "f") >= 2


def test_nothing_of_the_file_is_run(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    source = (
        f"import numpy as np\nopen({str(trace)!r}, 'w').close()\n\n\ndef f(x):\n    return np.sum(x)\n\n\nf(__import__('os').getcwd())\n"
    )
    read_python(source, "f")
    assert not trace.exists()


CALLS = "".join(f"def g{k}(x):\n    return g{k + 1}(x) + g{k + 1}(x)\n\n\n" for k in range(60)) + "def g60(x):\n    return x\n"
BRANCHES = "".join(f"    if x > {k}:\n        return x + {k}\n    if x < -{k}:\n        x = x * x\n" for k in range(40))
GROWING = [
    (CALLS, "g0", "too many calls"),
    (f"def f(x):\n{BRANCHES}    return x\n", "f", "more than 20000 parts"),
    ("def f(x):\n" + "".join(f"    if x > {k}:\n        return x\n    else:\n        x = x + 1\n" for k in range(90)) + "    return x\n", "f",
     "too many branches"),
    ("def f(x):\n    return " + "-" * 300 + "x\n", "f", "nested deeper"),
    ("def f(x):\n" + "    x = x * x + x\n" * 60 + "    return x\n", "f", "beyond the bound"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "function", "words"), GROWING, ids=[words for _, _, words in GROWING])
def test_what_can_grow_is_bounded(source: str, function: str, words: str) -> None:
    with pytest.raises(TooLarge) as caught:
        read_python(source, function)
    assert words in caught.value.message


def test_a_name_that_is_no_function_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        read_function(SOURCE, "logistic_los")
    assert caught.value.suggestion == "logistic_loss"


def test_the_gradient_is_of_the_floating_arguments_or_of_those_that_are_named() -> None:
    every = read_python(SOURCE, "cross_entropy").gradient
    assert every is not None
    assert [v.data.key for v in every.term.args[1:]] == ["logits"]
    chosen = read_python(SOURCE, "logistic_loss", ("w", "b")).gradient
    assert chosen is not None
    assert [v.data.key for v in chosen.term.args[1:]] == ["w", "b"]
    with pytest.raises(UnknownName):
        read_python(SOURCE, "logistic_loss", ("v",))


def test_an_array_has_its_gradient_through_an_upstream_gradient() -> None:
    found = read_python(SOURCE, "attention", ("V",)).gradient
    assert found is not None
    assert plain(found.expanded) == "grad sum(g .* (softmax(Q K^T / sqrt(d)) V)) wrt V"
