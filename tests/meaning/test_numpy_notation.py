"""NumPy as a notation: what is read, what it is worth when the term is evaluated, and what is refused where."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats

from derive.errors import DeriveError, NotSupported, SyntaxProblem, TooLarge, UnknownName
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term
from derive.meaning.numpy_notation import read_numpy
from derive.meaning.numpy_notation.arrays import ARRAYS
from derive.meaning.numpy_notation.formulas import FORMULAS
from derive.meaning.numpy_notation.names import ELEMENTWISE, REDUCTIONS, SHAPED, WRITTEN_OUT
from derive.meaning.numpy_notation.settling import settle_numpy


def shown(term: Term) -> str:
    """A short text of a term: `mul.np(2, x)`."""
    if term.head in ("number", "constant", "word"):
        return str(term.data)
    if term.head == "name":
        return term.data.key
    label = term.data if term.head == "apply" else term.head
    if term.data is not None and term.head != "apply":
        label += f".{term.data}"
    return f"{label}({', '.join(map(shown, term.args))})" if term.args else label


READ = [
    ("np.maximum(x, 0)", "max(x, 0)"),
    ("np.maximum(x, 0) @ w", "matmul(max(x, 0), w)"),
    ("A @ B @ x", "matmul(A, B, x)"),
    ("A @ (B @ x)", "matmul(A, matmul(B, x))"),
    ("x * y", "mul.np(x, y)"),
    ("2 * x", "mul(2, x)"),
    ("x / y", "div.np(x, y)"),
    ("x / 2", "div(x, 2)"),
    ("-x**2", "neg(pow.np(x, 2))"),
    ("a - b - c", "add.np(a, neg(b), neg(c))"),
    ("a - (b - c)", "add.np(a, neg(add.np(b, neg(c))))"),
    ("np.where(x > 0, x, 0)", "cases(x, rel.>(x, 0), 0, otherwise)"),
    ("np.where(x > 1, 1, np.where(x < -1, -1, x))", "cases(1, rel.>(x, 1), neg(1), rel.<(x, neg(1)), x, otherwise)"),
    ("(x > 0) * g", "mul.np(indicator(rel.>(x, 0)), g)"),
    ("(x > 0).astype(float)", "indicator(rel.>(x, 0))"),
    ("(x > 0) & (x < 1)", "indicator(and(rel.>(x, 0), rel.<(x, 1)))"),
    ("x == y", "rel.=(x, y)"),
    ("x.T @ A @ x", "matmul(transpose.np(x), A, x)"),
    ("np.abs(x)", "abs.np(x)"),
    ("x.sum()", "sum(x)"),
    ("x.max()", "max(x, keyword.axis(all))"),
    ("scipy.special.softmax(z, axis=-1)", "softmax(z)"),
    ("scipy.special.softmax(z)", "softmax(z, keyword.axis(all))"),
    ("np.sum(X, axis=1, keepdims=True)", "sum(X, keyword.axis(1), keyword.keepdims(1))"),
    ("X.mean(0)", "mean(X, keyword.axis(0))"),
    ("np.linalg.norm(x)", "norm.(x)"),
    ("np.linalg.norm(x, 1)", "norm.1(x)"),
    ("np.linalg.norm(X, 'nuc')", "norm.*(X)"),
    ("np.linalg.slogdet(S)[1]", "log(abs(det(S)))"),
    ("np.linalg.solve(A, b)", "matmul(inverse(A), b)"),
    ("np.array([[1, 2], [3, 4.5]])", "matrix.(2, 2)(1, 2, 3, 4.5)"),
    ("np.array([a, b])", "vector(a, b)"),
    ("np.outer(x, y)", "mul(x, transpose(y))"),
    ("np.eye(n)", "identity(n)"),
    ("np.ones(n)", "ones(n)"),
    ("np.ones(2)", "vector(1, 1)"),
    ("np.zeros((1, 2))", "matrix.(1, 2)(0, 0)"),
    ("x[0]", "index(x, 1)"),
    ("x[i]", "index(x, i)"),
    ("x[i + 1]", "index(x, add(i, 1))"),
    ("X[:, j]", "index(X, blank, j)"),
    ("X[i][0]", "index(X, i, 1)"),
    ("x[-1]", "slice(x, neg(1))"),
    ("x[1:]", "slice(x, range(1, blank))"),
    ("x[:, None]", "slice(x, range(blank, blank), newaxis)"),
    ("X.shape[0]", "size(X, 0)"),
    ("len(y)", "size(y, 0)"),
    ("sum(x[i] for i in range(n))", "sum.range(index(x, i), i, 1, n)"),
    ("sum(x[i + 1] - x[i] for i in range(n - 1))",
     "sum.range(add.np(index(x, add(i, 1)), neg(index(x, i))), i, 1, add(n, neg(1)))"),
    ("np.pi * np.e", "mul(pi, e)"),
    ("lam * y_hat", "mul.np(lambda, hat(y))"),
    ("α + λ", "add.np(alpha, lambda)"),
    ("1e-8 + x", "add(1e-8, x)"),
    ("scipy.special.expit(z)", "sigmoid(z)"),
    ("expit(z)", "sigmoid(z)"),
    ("gelu(x)", "gelu(x)"),
    ("scipy.stats.norm.cdf(x)", "normal_cdf(x)"),
    ("0.5 if x > 0 else y", "cases(0.5, rel.>(x, 0), y, otherwise)"),
    ("x + 1 if x > 0 else y", "cases(add(x, 1), rel.>(x, 0), y, otherwise)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_an_expression_is_read_as(text: str, expected: str) -> None:
    assert shown(read_numpy(text).term) == expected


def value(term: Term, names: dict[str, object]) -> object:
    """What a term is worth on arrays, by the meaning that the module's docstring gives it."""
    arguments = [a for a in term.args if a.head != "keyword"]
    keywords = {a.data: a.args[0] for a in term.args if a.head == "keyword"}

    def at(place: int) -> np.ndarray:
        return value(arguments[place], names)  # type: ignore[return-value]

    match term.head:
        case "number":
            return float(term.value)
        case "constant":
            return {"pi": math.pi, "e": math.e, "inf": math.inf}[term.data]
        case "name":
            return names[term.data.key]
        case "add":
            return sum((at(k) for k in range(1, len(arguments))), at(0))
        case "mul":
            return math.prod((at(k) for k in range(len(arguments))), start=1.0)
        case "neg":
            return -at(0)
        case "div":
            return at(0) / at(1)
        case "pow":
            return at(0) ** at(1) if term.data == "np" or np.ndim(at(0)) < 2 else np.linalg.matrix_power(at(0), int(at(1)))
        case "sqrt":
            return np.sqrt(at(0))
        case "root":
            return np.cbrt(at(0))
        case "abs":
            return np.abs(at(0))
        case "matmul":
            result = at(0)
            for k in range(1, len(arguments)):
                result = result @ at(k)
            return result
        case "transpose":
            return np.transpose(at(0))
        case "inverse":
            return np.linalg.inv(at(0))
        case "inner":
            return np.vdot(at(0), at(1))
        case "norm":
            orders = {"": None, "1": 1, "2": 2, "inf": np.inf}
            return np.linalg.norm(at(0), orders[term.data])
        case "size":
            return np.shape(at(0))[int(at(1))] if len(arguments) > 1 else np.size(at(0))
        case "vector":
            return np.array([value(a, names) for a in arguments])
        case "matrix":
            return np.array([value(a, names) for a in arguments]).reshape(term.data)
        case "identity":
            return np.eye(int(at(0)))
        case "ones":
            return np.ones([int(at(k)) for k in range(len(arguments))])
        case "indicator":
            return np.where(truth(arguments[0], names), 1.0, 0.0)
        case "cases":
            result = at(len(arguments) - 2)
            for k in range(len(arguments) - 4, -1, -2):
                result = np.where(truth(arguments[k + 1], names), at(k), result)
            return result
        case "binomial":
            return scipy.special.binom(at(0), at(1))
        case "sum":
            lower, upper = int(at(2)), int(at(3))
            return sum(value(term.args[0], {**names, term.args[1].data.key: k}) for k in range(lower, upper + 1))
        case "index" | "slice":
            return at(0)[tuple(position(a, names, paper=term.head == "index") for a in arguments[1:])]
        case "apply":
            return applied(term.data, [value(a, names) for a in arguments], keywords)
    raise AssertionError(term.head)


def position(term: Term, names: dict[str, object], *, paper: bool) -> object:
    """An index of an array from one of a term."""
    if term.head == "blank":
        return slice(None)
    if term.head == "word":
        return None
    if term.head == "range":
        return slice(*(None if a.head == "blank" else int(value(a, names)) for a in term.args))  # type: ignore[call-overload]
    return int(value(term, names)) - paper  # type: ignore[call-overload]


def truth(term: Term, names: dict[str, object]) -> object:
    """Whether a condition holds, entry by entry."""
    if term.head == "otherwise":
        return True
    if term.head in ("and", "or"):
        combine = np.logical_and if term.head == "and" else np.logical_or
        return combine(truth(term.args[0], names), truth(term.args[1], names))
    if term.head == "not":
        return np.logical_not(truth(term.args[0], names))
    relations = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal, "!=": np.not_equal}
    return relations[term.data](value(term.args[0], names), value(term.args[1], names))


def applied(function: str, values: list, keywords: dict[str, Term]) -> object:
    """A function of the language on arrays."""
    x = values[0]
    if "axis" in keywords:
        axis_term = keywords["axis"]
        axis = None if axis_term.head == "word" else int(value(axis_term, {}))  # type: ignore[call-overload]
        reductions = {
            "logsumexp": scipy.special.logsumexp,
            "softmax": scipy.special.softmax,
            "log_softmax": scipy.special.log_softmax,
        }
        extra = {"keepdims": True} if "keepdims" in keywords else {}
        return reductions.get(function, getattr(np, function, None))(x, axis=axis, **extra)
    if function in ("sum", "mean", "prod"):
        return getattr(np, function)(x)
    if function in ("softmax", "logsumexp", "log_softmax"):
        return getattr(scipy.special, function)(x, axis=-1)
    if function in ("max", "min"):
        combine = np.maximum if function == "max" else np.minimum
        return combine(x, values[1]) if len(values) == 2 else combine.reduce(values)
    if function == "log" and len(values) == 2:
        return np.log(x) / np.log(values[1])
    own = {
        "sigmoid": scipy.special.expit, "normal_cdf": scipy.special.ndtr, "normal_pdf": scipy.stats.norm.pdf, "asin": np.arcsin,
        "atan": np.arctan, "atan2": np.arctan2, "det": np.linalg.det, "tr": np.trace, "loggamma": scipy.special.gammaln,
        "ceil": np.ceil, "erf": scipy.special.erf, "digamma": scipy.special.digamma, "beta": scipy.special.beta,
        "softplus": lambda x: np.logaddexp(0, x), "logit": scipy.special.logit, "mod": np.mod,
    }  # fmt: skip
    return (own.get(function) or getattr(np, function))(*values)


SAME_VALUE = [
    "np.maximum(x, 0) @ w", "np.minimum(x, y) - np.abs(x)", "x * y / w", "x ** 2 + y ** 3", "X ** 2", "X * X @ x", "2 ** x",
    "x @ y * 2",
    "np.exp(X @ x)", "np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)", "np.sqrt(x ** 2 + y ** 2)", "np.hypot(x, y)",
    "np.cbrt(x)",
    "np.where(x > 0, x, 0.1 * np.expm1(x))", "(x > 0) * y", "((x > 0) & (y < 1)) * x", "(~(x > 0)) * x",
    "np.sign(x) * np.square(x)",
    "np.clip(x, -0.5, 0.5)", "np.clip(x, 0, None)", "np.clip(x, a_min=-1, a_max=1)", "x.clip(None, 0.25)", "np.heaviside(x, 0.5)",
    "np.select([x < -1, x > 1], [-1, 1], default=x)", "x[0] + x[1]", "x[1:] - x[:-1]", "np.diff(x)", "x[-1] * x",
    "X[:, 0] + x", "X[1] @ x",
    "X[0, 1]", "x[:, None] * y", "x - x.mean()", "X - X.mean(axis=0)", "X.sum(axis=1, keepdims=True) + X", "np.var(x)",
    "X.std(axis=1)",
    "np.var(X, axis=0, keepdims=True) + X", "np.linalg.norm(x)", "np.linalg.norm(X)", "np.linalg.norm(X, axis=1)",
    "np.linalg.norm(x, np.inf)",
    "np.linalg.norm(X, 2)", "np.linalg.norm(X, 1, axis=0)", "np.linalg.det(X)", "np.trace(X @ X.T)", "np.linalg.inv(X) @ x",
    "np.linalg.solve(X, x)", "np.linalg.matrix_power(X, 2)", "np.linalg.slogdet(X)[1]", "np.linalg.slogdet(X)[0]", "np.dot(x, y)",
    "np.dot(2, x)", "np.inner(x, y)", "np.inner(X, X)", "np.vdot(X, X)", "x.T @ x", "x.dot(y) / len(x)",
    "X.T @ (X @ w - y) / X.shape[0]",
    "np.array([1, 2, 3]) @ x", "np.array([[1, 2, 3], [4, 5, 6]]) @ x", "np.eye(3) @ x", "np.ones(3) @ x", "np.ones((2, 3)) @ x",
    "np.zeros(3) + x", "np.full(3, 2.5) * x", "np.multiply(x, np.add(y, 1))", "np.power(np.abs(x), 1.5)",
    "np.logaddexp(x, y)", "np.exp2(x)",
    "np.log2(np.abs(x)) + np.log10(np.abs(y))", "np.arctan2(x, y)", "np.arcsin(np.tanh(x))", "np.where(x == y, 0, 1)",
    "np.max(X) - X.min()",
    "np.max(X, axis=1)", "scipy.special.expit(x)", "scipy.special.softmax(X)", "scipy.special.softmax(X, axis=1)",
    "scipy.special.softmax(X, axis=-1)", "np.mean(X)", "np.prod(X)",
    "scipy.special.logsumexp(X, axis=0)", "scipy.special.logsumexp(x)", "scipy.special.xlogy(np.abs(x), np.abs(y))",
    "scipy.special.entr(np.abs(x))", "scipy.special.gammaln(np.abs(x))", "scipy.special.comb(5, 2) * x",
    "scipy.special.huber(0.7, x)",
    "scipy.stats.norm.pdf(x, 1, 2)", "scipy.stats.norm.cdf(x, loc=0.5)", "scipy.stats.norm.logpdf(x)", "scipy.stats.norm.sf(x)",
    "sum(x[i] * y[i] for i in range(3))", "sum(i * x[i] for i in range(1, 3))", "sum(x[i + 1] - x[i] for i in range(2))",
    "sum(X[i, j] * x[i] * x[j] for i in range(3) for j in range(3))", "sum(x[2 - i] * y[i] for i in range(3))", "math.exp(2) * x",
    "x // 0.3", "x % 0.3", "np.where(x > 0, np.ones_like(x), np.zeros_like(x))", "np.linalg.multi_dot([X, X, x])",
    "np.deg2rad(x)",
    "np.reciprocal(x)", "abs(x) + pow(x, 2)", "max(2, 3) * x", "x if 1 > 0 else y",
    "x - y - w + x * 2 - 1", "x / y / w", "x / (y / w)", "x - (y - w)", "2 ** 3 ** 0.5 * x", "-x ** 2", "(-x) ** 2", "+x",
    "1_000.5 * x",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME_VALUE)
def test_the_term_is_worth_what_the_code_computes(text: str) -> None:
    rng = np.random.default_rng(len(text))
    arrays = {"x": rng.normal(size=3), "y": rng.normal(size=3), "w": rng.normal(size=3), "X": rng.normal(size=(3, 3))}
    code = eval(text, {"np": np, "scipy": scipy, "math": math, **arrays})
    found = value(read_numpy(text).term, dict(arrays))
    assert np.shape(found) == np.shape(code)
    np.testing.assert_allclose(found, code, rtol=1e-12, atol=1e-14)


PROGRAMS = [
    ("def f(x):\n    return np.tanh(x)", ["x"], "tanh(x)"),
    ("def f(x): return x ** 2", ["x"], "pow.np(x, 2)"),
    ("lambda x, y: x * y", ["x", "y"], "mul.np(x, y)"),
    ("lambda e: e + 1", ["e"], "add(e, 1)"),
    ("def loss(w, X):\n    '''Squares.'''\n    r: np.ndarray = X @ w\n    return r @ r", ["w", "X"],
     "matmul(matmul(X, w), matmul(X, w))"),
    ("def f(x):\n    x = x - 1\n    x *= 2\n    return x", ["x"], "mul(add(x, neg(1)), 2)"),
    ("def f(x):\n    if x > 0:\n        return x\n    return 0", ["x"], "cases(x, rel.>(x, 0), 0, otherwise)"),
    ("def f(x):\n    if x > 1:\n        return 1\n    elif x > 0:\n        return x\n    else:\n        return 0", ["x"],
     "cases(1, rel.>(x, 1), x, rel.>(x, 0), 0, otherwise)"),
    ("import numpy as xp\nfrom scipy.special import expit as s\ndef f(x):\n    return xp.exp(x) * s(x)", ["x"],
     "mul.np(exp(x), sigmoid(x))"),
    ("def f(S):\n    sign, logdet = np.linalg.slogdet(S)\n    return logdet", ["S"], "log(abs(det(S)))"),
    ("def f(x):\n    a, b = x, 2\n    return a * b", ["x"], "mul.np(x, 2)"),
    ("def f(x):\n    k = 1\n    return x[k]", ["x"], "index(x, add(1, 1))"),
    ("z = x - 1\nz @ z", [], "matmul(add(x, neg(1)), add(x, neg(1)))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parameters", "expected"), PROGRAMS, ids=[text for text, *_ in PROGRAMS])
def test_a_function_is_read_as(text: str, parameters: list[str], expected: str) -> None:
    reading = read_numpy(text)
    assert [name.key for name in reading.parameters] == parameters
    assert shown(reading.term) == expected


def test_assignments_are_kept_beside_the_value() -> None:
    reading = read_numpy("def p(z):\n    z = z - z.max()\n    e = np.exp(z)\n    return e / e.sum()")
    assert reading.name == Name("p")
    assert [(name.key, shown(term)) for name, term in reading.definitions] == [
        ("z'", "add.np(z, neg(max(z, keyword.axis(all))))"),
        ("e", "exp(z')"),
    ]
    assert shown(reading.body) == "div.np(e, sum(e))"


def test_choices_are_noted() -> None:
    assert any("constant" in note[0] for note in read_numpy("e ** x").notes)
    assert any("counted from 0" in note[0] for note in read_numpy("x[i]").notes)
    assert any("defaults" in note[0] for note in read_numpy("def f(x, a=1): return a * x").notes)
    assert read_numpy("np.exp(x)").notes == ()


def test_the_session_says_what_names_are() -> None:
    assert shown(read_numpy("e * x", names=["e"]).term) == "mul.np(e, x)"
    assert shown(read_numpy("f(x) + 1", functions=["f"]).term) == "add(call(f, x), 1)"
    assert shown(read_numpy("x[n - 1]", sizes=["n"]).term) == "index(x, n)"


REFUSED = [
    ("np.maxium(x, 0)", UnknownName, "np.maxium", "np.maximum"),
    ("np.linalg.nrom(x)", UnknownName, "np.linalg.nrom", "np.linalg.norm"),
    ("simgoid(x)", UnknownName, "simgoid", "sigmoid"),
    ("np.fft.fft(x)", UnknownName, "np.fft.fft", None),
    ("x.summ()", UnknownName, "x.summ", "sum"),
    ("x.dtype", UnknownName, "x.dtype", None),
    ("np.sin", SyntaxProblem, "np.sin", None),
    ("x ^ 2", SyntaxProblem, "x ^ 2", "**"),
    ("x[x > 0]", SyntaxProblem, "x > 0", None),
    ("np.sum(x, where=m)", SyntaxProblem, "m", None),
    ("np.exp(x, out=y)", SyntaxProblem, "y", None),
    ("np.log(x, 2)", SyntaxProblem, "np.log(x, 2)", None),
    ("np.exp(*x)", SyntaxProblem, "*x", None),
    ("'text'", SyntaxProblem, "'text'", None),
    ("f'{x}'", SyntaxProblem, "f'{x}'", None),
    ("[x for x in y]", SyntaxProblem, "[x for x in y]", None),
    ("sum(t for t in y)", SyntaxProblem, "y", None),
    ("x + ", SyntaxProblem, None, None),
    ("np.exp(x", SyntaxProblem, "(", None),
    ("x[i] * i", NotSupported, "i", None),
    ("x[i * j]", NotSupported, "i * j", None),
    ("lam + lambda_", SyntaxProblem, "lambda_", None),
    ("__import__('os').system('ls')", UnknownName, None, None),
    ("().__class__.__bases__", UnknownName, None, None),
    ("_x + 1", UnknownName, "_x", None),
    ("open('f')", UnknownName, "open", None),
    ("eval('1')", UnknownName, "eval", None),
    ("np.load('f')", UnknownName, "np.load", None),
    ("import os\nos.getcwd()", UnknownName, "import os", None),
    ("from os import system\nsystem(1)", UnknownName, "from os import system", None),
    ("x := 3", SyntaxProblem, None, None),
    ("(y := 3) + y", SyntaxProblem, "y := 3", None),
    ("def f(x):\n    for i in x:\n        pass\n    return x", SyntaxProblem, None, None),
    ("def f(x):\n    x[0] = 1\n    return x", SyntaxProblem, "x[0]", None),
    ("def f(*x):\n    return x", SyntaxProblem, "x", None),
    ("def f(x):\n    y = 1", SyntaxProblem, None, None),
    ("@g\ndef f(x):\n    return x", SyntaxProblem, "g", None),
    ("class A: pass", SyntaxProblem, None, None),
    ("await x", SyntaxProblem, None, None),
    ("1e999 * x", TooLarge, "1e999", None),
    ("np.ones_like(x)", SyntaxProblem, None, None),
    ("", SyntaxProblem, None, None),
    ("x\\alpha", SyntaxProblem, "\\", None),
    ("ünï + 1", UnknownName, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "place", "suggestion"), REFUSED, ids=[repr(text) for text, *_ in REFUSED])
def test_anything_else_is_refused_at_its_place(text: str, kind: type[DeriveError], place: str | None, suggestion: str | None) -> None:
    with pytest.raises(kind) as caught:
        read_numpy(text, 7)
    error = caught.value
    assert error.span is not None
    start, end = error.span[0] - 7, error.span[1] - 7
    assert 0 <= start <= end <= max(len(text), 1)
    if place is not None:
        assert text[start:end] == place
    assert error.suggestion == suggestion


def test_places_count_characters_not_bytes() -> None:
    with pytest.raises(UnknownName) as caught:
        read_numpy("α + β + np.foo(γ)")
    assert caught.value.span == (8, 14)


HUGE = [
    "(" * 500 + "x" + ")" * 500,
    "-" * 15_000 + "x",
    "x" + " + x" * 6_000,
    "x" + "[0]" * 3_000,
    "x" + ".T" * 3_000,
    "not " * 3_000 + "x",
    "x" * 30_000,
    "9" * 19_000,
    "x" + " ** x" * 4_000,
    "lambda x: " * 1_500 + "x",
    "x if y else " * 1_000 + "z",
    "def f(x):\n" + "    x = x * x\n" * 40 + "    return x",
]


@pytest.mark.parametrize("text", HUGE, ids=[text[:12] + "…" for text in HUGE])
def test_huge_input_is_bounded(text: str) -> None:
    try:
        reading = read_numpy(text)
    except DeriveError as error:
        assert error.span is not None
    else:
        assert sum(1 for _ in reading.term.walk()) < 50_000


def test_every_listed_name_is_read() -> None:
    own = {"linalg.slogdet", "sum", "math.prod", *REDUCTIONS}
    assert set(WRITTEN_OUT) - own == set(FORMULAS) | set(ARRAYS) - own
    assert all(function in FUNCTIONS for function in (*ELEMENTWISE.values(), *SHAPED.values()))


SETTLED = [
    ("X * Y", {"X": 2, "Y": 2}, "hadamard(X, Y)"),
    ("c * X", {"X": 2}, "mul(c, X)"),
    ("c * x * y", {"x": 1, "y": 1}, "hadamard(c, x, y)"),
    ("a * b", {}, "mul(a, b)"),
    ("X ** 2", {"X": 2}, "hadamard_pow(X, 2)"),
    ("2 ** x", {"x": 1}, "hadamard_pow(2, x)"),
    ("a ** 2", {}, "pow(a, 2)"),
    ("a / x", {"x": 1}, "hadamard_div(a, x)"),
    ("x / a", {"x": 1}, "div(x, a)"),
    ("np.abs(X)", {"X": 2}, "max(X, neg(X))"),
    ("np.abs(x)", {"x": 1}, "abs(x)"),
    ("x.T @ x", {"x": 1}, "mul(transpose(x), x)"),
    ("X.T @ x", {"X": 2, "x": 1}, "mul(transpose(X), x)"),
    ("x @ X @ y", {"X": 2, "x": 1, "y": 1}, "mul(transpose(x), X, y)"),
    ("x @ X", {"X": 2, "x": 1}, "mul(transpose(X), x)"),
    ("x @ X @ Y", {"X": 2, "Y": 2, "x": 1}, "mul(transpose(Y), transpose(X), x)"),
    ("X @ x @ y", {"X": 2, "x": 1, "y": 1}, "matmul(X, x, y)"),
    ("a @ b", {}, "matmul(a, b)"),
    ("(x > 0) * y", {"x": 1, "y": 1}, "hadamard(indicator(rel.>(x, 0)), y)"),
    ("np.max(x)", {"x": 1}, "max(x)"),
    ("np.max(X)", {"X": 2}, "max(X)"),
    ("np.max(X, axis=1)", {"X": 2}, "max(X, keyword.axis(1))"),
    ("np.sum(X, axis=1)", {"X": 2}, "mul(X, ones)"),
    ("np.sum(X, axis=0)", {"X": 2}, "mul(transpose(X), ones)"),
    ("scipy.special.softmax(x)", {"x": 1}, "softmax(x)"),
    ("scipy.special.softmax(X)", {"X": 2}, "softmax(X, keyword.axis(all))"),
    ("scipy.special.softmax(X, axis=1)", {"X": 2}, "softmax(X)"),
    ("scipy.special.logsumexp(X)", {"X": 2}, "log(sum(exp(X)))"),
    ("np.max(a)", {}, "max(a, keyword.axis(all))"),
    ("X + b", {"X": 2, "b": 1}, "add(X, mul(ones, transpose(b)))"),
    ("X * b", {"X": 2, "b": 1}, "hadamard(X, mul(ones, transpose(b)))"),
]


@pytest.mark.parametrize(("text", "ranks", "expected"), SETTLED, ids=[text for text, *_ in SETTLED])
def test_arithmetic_is_settled_by_rank(text: str, ranks: dict[str, int], expected: str) -> None:
    def rank(term: Term) -> int | None:
        return rank(term.args[0]) if term.head == "transpose" else ranks.get(term.data.key) if term.head == "name" else None

    def settled(term: Term) -> Term:
        term = term.with_args(tuple(settled(a) for a in term.args))
        numpy = term.data == "np" or term.head == "matmul" or any(a.head == "keyword" for a in term.args)
        return settle_numpy(term, rank) if numpy else term

    assert shown(settled(read_numpy(text).term)) == expected
