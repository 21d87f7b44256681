"""The names of NumPy, SciPy and Python that the NumPy notation reads, and what each means as a term.

In: a dotted name with the module's alias resolved (`np.maximum`, `special.expit`, `norm.cdf`). Out: how its arguments make a term.
A name that is in no table here is refused by name. Axes are counted as NumPy counts them, from 0.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from derive.expressions.functions import ALIASES, FUNCTIONS
from derive.expressions.term import Name

__all__ = [
    "ALL_NAMES",
    "ARITHMETIC",
    "BARE_FUNCTIONS",
    "BY_SHAPE",
    "COMPARISONS",
    "CONSTANTS",
    "ELEMENTWISE",
    "MODULES",
    "REDUCTIONS",
    "SHAPED",
    "SHAPE_HELPS",
    "WRITTEN_OUT",
    "canonical_callable",
    "from_identifier",
    "nearest",
    "spelled",
]  # fmt: skip

MODULES: dict[str, str] = {
    "np": "np", "numpy": "np", "jnp": "np", "jax.numpy": "np",
    "np.linalg": "linalg", "numpy.linalg": "linalg", "jnp.linalg": "linalg", "linalg": "linalg", "LA": "linalg",
    "scipy.linalg": "linalg", "sp.linalg": "linalg",
    "scipy.special": "special", "special": "special", "sp.special": "special", "jax.scipy.special": "special",
    "jax.nn": "nn", "scipy.stats": "stats", "stats": "stats", "norm": "norm", "scipy.stats.norm": "norm", "stats.norm": "norm",
    "math": "math", "scipy": "scipy", "sp": "scipy",
}  # fmt: skip
"""What a module is called in everyday code, and the room of this file that holds its names."""

CONSTANTS: dict[str, str] = {
    "np.pi": "pi", "np.e": "e", "np.inf": "inf", "np.Inf": "inf", "np.infty": "inf", "np.euler_gamma": "eulergamma",
    "math.pi": "pi", "math.e": "e", "math.inf": "inf",
}  # fmt: skip


def _same(module: str, *names: str) -> dict[str, str]:
    return {f"{module}.{name}": name for name in names}


_ELEMENTARY = ("exp", "log", "log1p", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "floor", "ceil", "hypot")

ELEMENTWISE: dict[str, str] = {
    **_same("np", *_ELEMENTARY, "sign", "mod", "clip"),
    **_same("math", *_ELEMENTARY),
    **_same("math", "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "erf", "erfc", "gamma"),
    **_same("special", "erf", "erfc", "erfinv", "gamma", "digamma", "polygamma", "beta", "zeta", "logit"),
    **_same("special", "expm1", "log1p", "softplus"),
    "np.arcsin": "asin", "np.arccos": "acos", "np.arctan": "atan", "np.arctan2": "atan2",
    "np.arcsinh": "asinh", "np.arccosh": "acosh", "np.arctanh": "atanh",
    "np.asin": "asin", "np.acos": "acos", "np.atan": "atan", "np.atan2": "atan2",
    "np.asinh": "asinh", "np.acosh": "acosh", "np.atanh": "atanh",
    "np.maximum": "max", "np.minimum": "min", "np.fmax": "max", "np.fmin": "min",
    "np.round": "round", "np.rint": "round", "np.around": "round", "np.remainder": "mod",
    "special.expit": "sigmoid", "special.log_expit": "log_sigmoid", "special.psi": "digamma", "special.gammaln": "loggamma",
    "special.loggamma": "loggamma", "special.ndtr": "normal_cdf",
    "math.lgamma": "loggamma",
}  # fmt: skip
"""One to one with the functions of the language, entry by entry."""

REDUCTIONS: dict[str, str] = {
    "np.sum": "sum", "np.mean": "mean", "np.average": "mean", "np.prod": "prod", "np.max": "max", "np.amax": "max",
    "np.min": "min", "np.median": "median",
    "np.amin": "min", "np.cumsum": "cumsum", "special.logsumexp": "logsumexp", "special.softmax": "softmax",
    "special.log_softmax": "log_softmax", "np.var": "var", "np.std": "std",
}  # fmt: skip
"""Over an axis, over all entries where none is named. `var` and `std` are written out by the reader."""

SHAPED: dict[str, str] = {
    "linalg.det": "det", "np.trace": "tr", "np.diag": "diag", "np.diagonal": "diag", "linalg.matrix_rank": "rank",
    "linalg.expm": "matrix_exp",
    "linalg.logm": "matrix_log", "linalg.eigvalsh": "eigenvalues", "linalg.eigvals": "eigenvalues", "linalg.cond": "cond",
    "linalg.trace": "tr", "linalg.diagonal": "diag",
}  # fmt: skip
"""On whole matrices, one to one with the functions of the language."""

ARITHMETIC: dict[str, str] = {
    "np.add": "+", "np.subtract": "-", "np.multiply": "*", "np.divide": "/", "np.true_divide": "/", "np.power": "**",
    "np.float_power": "**",
    "np.matmul": "@", "np.dot": "@", "linalg.matmul": "@", "math.pow": "**", "pow": "**", "np.negative": "neg",
}  # fmt: skip
"""Operators as functions."""

COMPARISONS: dict[str, str] = {
    "np.greater": ">", "np.greater_equal": ">=", "np.less": "<", "np.less_equal": "<=", "np.equal": "=", "np.not_equal": "!=",
    "np.logical_and": "and", "np.logical_or": "or", "np.logical_not": "not",
}  # fmt: skip

WRITTEN_OUT: tuple[str, ...] = (
    "np.abs", "np.absolute", "np.fabs", "math.fabs", "abs", "np.sqrt", "math.sqrt", "np.cbrt", "math.cbrt", "np.square",
    "np.reciprocal",
    "np.log2", "np.log10", "math.log2", "math.log10", "np.exp2", "np.logaddexp", "np.where", "np.select", "np.heaviside",
    "np.transpose",
    "np.outer", "np.inner", "np.vdot", "np.kron", "np.array", "np.asarray", "np.eye", "np.identity", "np.ones", "np.zeros",
    "np.full",
    "np.ones_like", "np.zeros_like", "linalg.inv", "linalg.pinv", "linalg.solve", "linalg.norm", "linalg.slogdet",
    "linalg.matrix_power", "linalg.matrix_transpose", "special.xlogy", "special.xlog1py", "special.entr", "special.rel_entr",
    "special.log_ndtr", "special.comb", "special.binom", "special.factorial", "special.betaln", "math.comb", "math.factorial",
    "norm.cdf", "norm.pdf", "norm.logpdf", "norm.logcdf", "norm.sf", "np.size", "len", "sum", "max", "min",
    "np.floor_divide", "np.degrees", "np.radians",
    "np.deg2rad", "np.rad2deg", "np.diff", "np.vecdot", "linalg.multi_dot", "special.huber", "float", "np.float64",
    "linalg.vector_norm", "linalg.outer", "math.prod",
)  # fmt: skip
"""Names for which the reader has its own few lines."""

BY_SHAPE: frozenset[str] = frozenset(
    (
        *("np.arange", "np.einsum", "np.expand_dims", "np.squeeze", "np.permute_dims", "np.swapaxes", "np.reshape", "np.ravel"),
        *("np.full_like", "np.stack", "np.vstack", "np.hstack", "np.column_stack", "np.broadcast_arrays"),
        *("np.concatenate", "np.delete", "np.argmax", "np.argmin", "np.sort", "np.tril", "np.triu", "np.take_along_axis"),
        *("np.subtract.outer", "np.add.outer", "np.multiply.outer", "np.equal.outer", "np.less.outer", "np.greater.outer", "int"),
        *("linalg.lstsq", "linalg.cholesky", "linalg.solve_triangular", "linalg.cho_factor", "linalg.cho_solve"),
    )
)
"""Names that are read where the shapes of their arguments are known."""

SHAPE_HELPS: frozenset[str] = frozenset(
    (
        *("np.transpose", "linalg.matrix_transpose", "np.zeros", "np.ones", "np.full", "np.zeros_like", "np.ones_like", "np.diff"),
        "np.average",
    )
)
"""Names of which more is read where the shapes of their arguments are known."""

_NOT_BARE = {"step", "re", "im", "square", "round"}

BARE_FUNCTIONS: frozenset[str] = frozenset(name for name, f in FUNCTIONS.items() if f.acts == "elementwise" and name not in _NOT_BARE) | {
    "softmax",
    "log_softmax",
    "logsumexp",
}
"""Functions of the language that may stand in Python without a module: somebody's own `sigmoid(x)`, `softmax(z)`, `gelu(x)`."""

ELEMENTWISE.update({f"nn.{spelling}": function for spelling, function in ALIASES.items() if function in BARE_FUNCTIONS})

ALL_NAMES: frozenset[str] = frozenset((*CONSTANTS, *ELEMENTWISE, *REDUCTIONS, *SHAPED, *ARITHMETIC, *COMPARISONS, *WRITTEN_OUT, *BY_SHAPE))

_SPELLED = {"np": "np", "linalg": "np.linalg", "special": "scipy.special", "norm": "scipy.stats.norm", "math": "math"}


def canonical_callable(path: str) -> str | None:
    """The name in the tables above of a dotted name, or of a name by itself; None where a name by itself is unknown."""
    module, dot, word = path.rpartition(".")
    if dot:
        return f"{MODULES.get(module, module)}.{word}"
    return next((found for found in (word, *(f"{room}.{word}" for room in ("nn", "np", "linalg", "special"))) if found in ALL_NAMES), None)


def spelled(path: str) -> str:
    """How the name is written in full: `np.linalg.norm`, `scipy.special.expit`."""
    room, dot, word = (canonical_callable(path) or path).rpartition(".")
    if room == "nn":
        return word
    return f"{_SPELLED.get(room, room)}{dot}{word}"


def nearest(path: str, among: Collection[str] | None = None) -> str | None:
    """The known name that is closest to `path`, if one is close."""
    from difflib import get_close_matches

    if among is not None:
        return next(iter(get_close_matches(path, sorted(among), 1, 0.5)), None)
    word = path.rpartition(".")[2]
    candidates: dict[str, str] = {}
    for name in sorted(ALL_NAMES):
        candidates.setdefault(name.rpartition(".")[2], name)
    for match in get_close_matches(word, candidates, 1, 0.74):
        same = path.rpartition(".")[0]
        full = f"{MODULES.get(same, same)}.{match}"
        return spelled(full if full in ALL_NAMES else candidates[match])
    return None


_GREEK_WORDS = {"lam": "lambda", "lambda_": "lambda", "lamda": "lambda", "Lam": "Lambda"}
_ACCENTS = {"hat": "hat", "bar": "bar", "tilde": "tilde", "dot": "dot", "vec": "vec"}


def from_identifier(identifier: str) -> Name:
    """The name on paper of a Python identifier: `lam` is λ, `y_hat` is ŷ, `theta_0` is θ₀, `x_star` is x*, `w_prime` is w′.

    The inverse of how derive names symbols in code, so that code emitted for a NumPy line has the arguments that were written.
    """
    word = "".join(_greek_letter(character) or character for character in identifier) if not identifier.isascii() else identifier
    word = _GREEK_WORDS.get(word, word)
    base, _, rest = word.partition("_")
    parts = [part for part in rest.split("_") if part]
    accents: list[str] = []
    while parts and parts[0] in _ACCENTS:
        accents.append(_ACCENTS[parts.pop(0)])
    primes = 0
    while parts and parts[-1] == "prime":
        parts.pop()
        primes += 1
    sup = ""
    if parts and parts[-1] == "star":
        parts.pop()
        sup = "*"
    return Name(_GREEK_WORDS.get(base, base), accents=tuple(accents), sub="_".join(parts), sup=sup, primes=primes)


def _greek_letter(character: str) -> str | None:
    try:
        words = unicodedata.name(character).split()
    except ValueError:
        return None
    if words[:1] != ["GREEK"] or len(words) < 4 or words[2] != "LETTER":
        return None
    letter = {"LAMDA": "lambda", "FINAL": "sigma"}.get(words[3], words[3].lower())
    return letter.capitalize() if words[1] == "CAPITAL" else letter
