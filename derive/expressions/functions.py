"""The named functions of the language, one line each: what they are called in every notation and how many arguments they take.

A function of the field is added here (name, spellings), in `expressions/nodes.py` (its SymPy class, where SymPy has none),
in `rules/` (its derivative) and in `graph/operations.py` (its NumPy form); everything else follows from these tables.
No SymPy is imported.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ALIASES", "FUNCTIONS", "FunctionName", "canonical_function"]


class FunctionName(NamedTuple):
    """A named function: `name` is canonical, `aliases` other spellings (any notation), `arity` (least, most; -1: any number).

    `latex` is how it is set (`\\sin`), `acts` is "elementwise", "vector" (on the last axis) or "matrix" (on a whole matrix).
    `words` is what it is called in prose.
    """

    name: str
    latex: str
    aliases: tuple[str, ...] = ()
    arity: tuple[int, int] = (1, 1)
    acts: str = "elementwise"
    words: str = ""


def _rm(text: str) -> str:
    return rf"\operatorname{{{text}}}"


_TABLE = (
    # elementary
    FunctionName("exp", r"\exp", words="exponential"),
    FunctionName("log", r"\log", ("ln",), (1, 2), words="natural logarithm"),  # log(x, b): base b
    FunctionName("log1p", _rm("log1p"), words="log(1 + x)"),
    FunctionName("expm1", _rm("expm1"), words="exp(x) − 1"),
    FunctionName("sin", r"\sin"),
    FunctionName("cos", r"\cos"),
    FunctionName("tan", r"\tan", ("tg",)),
    FunctionName("cot", r"\cot", ("ctg",)),
    FunctionName("sec", r"\sec"),
    FunctionName("csc", r"\csc", ("cosec",)),
    FunctionName("asin", r"\arcsin", ("arcsin",)),
    FunctionName("acos", r"\arccos", ("arccos",)),
    FunctionName("atan", r"\arctan", ("arctan",)),
    FunctionName("acot", _rm("arccot"), ("arccot",)),
    FunctionName("atan2", _rm("atan2"), ("arctan2",), (2, 2)),
    FunctionName("sinh", r"\sinh"),
    FunctionName("cosh", r"\cosh"),
    FunctionName("tanh", r"\tanh"),
    FunctionName("coth", r"\coth"),
    FunctionName("sech", _rm("sech")),
    FunctionName("csch", _rm("csch")),
    FunctionName("asinh", _rm("arsinh"), ("arcsinh", "arsinh")),
    FunctionName("acosh", _rm("arcosh"), ("arccosh", "arcosh")),
    FunctionName("atanh", _rm("artanh"), ("arctanh", "artanh")),
    FunctionName("sign", _rm("sign"), ("sgn",)),
    FunctionName("step", _rm("step"), ("heaviside", "Heaviside"), words="unit step, 1 for x > 0"),
    FunctionName("floor", _rm("floor")),
    FunctionName("ceil", _rm("ceil"), ("ceiling",)),
    FunctionName("round", _rm("round")),
    FunctionName("max", r"\max", ("maximum", "Max"), (1, -1)),
    FunctionName("min", r"\min", ("minimum", "Min"), (1, -1)),
    FunctionName("gcd", r"\gcd", (), (2, 2)),
    FunctionName("mod", _rm("mod"), (), (2, 2)),
    FunctionName("clip", _rm("clip"), (), (3, 3)),
    FunctionName("hypot", _rm("hypot"), (), (2, 2)),
    FunctionName("square", _rm("square")),
    FunctionName("re", _rm("Re")),
    FunctionName("im", _rm("Im")),
    # special
    FunctionName("erf", _rm("erf"), words="error function"),
    FunctionName("erfc", _rm("erfc"), words="complementary error function"),
    FunctionName("erfinv", _rm("erfinv")),
    FunctionName("student_quantile", _rm("student_quantile"), (), (2, 2), words="quantile of the t distribution"),
    FunctionName("chisquared_quantile", _rm("chisquared_quantile"), (), (2, 2), words="quantile of the chi-squared distribution"),
    FunctionName("gamma_cdf", "P", (), (2, 2), words="regularised lower incomplete gamma function"),
    FunctionName("gamma_tail", "Q", (), (2, 2), words="regularised upper incomplete gamma function"),
    FunctionName("beta_cdf", "I", (), (3, 3), words="regularised incomplete beta function I_x(a, b), as (a, b, x)"),
    FunctionName("student_cdf", _rm("student_cdf"), (), (2, 2), words="distribution function of the t distribution"),
    FunctionName("normal_cdf", r"\Phi", ("Phi", "normcdf", "ndtr"), words="standard normal distribution function"),
    FunctionName("normal_pdf", _rm("normpdf"), ("normpdf",), words="standard normal density"),
    FunctionName("gamma", r"\Gamma", ("Gamma",), words="gamma function"),
    FunctionName("loggamma", r"\log\Gamma", ("gammaln", "lgamma", "lnGamma"), words="log gamma function"),
    FunctionName("digamma", r"\psi", ("psi",), words="digamma function"),
    FunctionName("trigamma", r"\psi_1", words="trigamma function"),
    FunctionName("polygamma", _rm("polygamma"), (), (2, 2)),
    FunctionName("beta", r"\mathrm{B}", ("Beta", "Betafn"), (2, 2), words="beta function"),
    FunctionName("zeta", r"\zeta", ("zetafn",)),
    # activations
    FunctionName("sigmoid", r"\sigma", ("logistic", "expit", "sigm"), words="logistic function"),
    FunctionName("logit", _rm("logit")),
    FunctionName("log_sigmoid", r"\log\sigma", ("logsigmoid",)),
    FunctionName("softplus", _rm("softplus")),
    FunctionName("relu", _rm("ReLU"), ("ReLU", "Relu", "RELU")),
    FunctionName("relu6", _rm("ReLU6"), ("ReLU6",)),
    FunctionName("leaky_relu", _rm("LeakyReLU"), ("LeakyReLU", "lrelu", "leakyrelu", "prelu", "PReLU"), (1, 2)),
    FunctionName("elu", _rm("ELU"), ("ELU",), (1, 2)),
    FunctionName("selu", _rm("SELU"), ("SELU",)),
    FunctionName("celu", _rm("CELU"), ("CELU",), (1, 2)),
    FunctionName("gelu", _rm("GELU"), ("GELU",)),
    FunctionName("gelu_tanh", _rm("GELU_tanh"), ("GELU_tanh",)),
    FunctionName("swish", _rm("swish"), ("Swish",), (1, 2)),  # swish(x, beta) = x σ(βx)
    FunctionName("silu", _rm("SiLU"), ("SiLU",)),
    FunctionName("mish", _rm("mish"), ("Mish",)),
    FunctionName("softsign", _rm("softsign")),
    FunctionName("hard_sigmoid", _rm("hardsigmoid"), ("hardsigmoid", "HardSigmoid")),
    FunctionName("hard_tanh", _rm("hardtanh"), ("hardtanh", "HardTanh", "Hardtanh")),
    FunctionName("hard_swish", _rm("hardswish"), ("hardswish", "HardSwish", "Hardswish")),
    FunctionName("huber", _rm("huber"), ("Huber",), (1, 2)),
    FunctionName("tanhshrink", _rm("tanhshrink")),
    # on the last axis
    FunctionName("softmax", _rm("softmax"), ("Softmax",), (1, -1), "vector"),
    FunctionName("log_softmax", _rm("logsoftmax"), ("logsoftmax", "LogSoftmax"), (1, -1), "vector"),
    FunctionName("logsumexp", _rm("logsumexp"), ("LSE", "lse", "log_sum_exp", "LogSumExp"), (1, -1), "vector"),
    FunctionName("sum", _rm("sum"), (), (1, 1), "vector"),
    FunctionName("mean", _rm("mean"), (), (1, 1), "vector"),
    FunctionName("median", _rm("median"), (), (1, 1), "vector"),
    FunctionName("prod", _rm("prod"), (), (1, 1), "vector"),
    FunctionName("sort", _rm("sort"), (), (1, 1), "vector"),
    FunctionName("layernorm", _rm("LayerNorm"), ("LayerNorm", "layer_norm"), (1, 3), "vector"),
    FunctionName("cumsum", _rm("cumsum"), (), (1, 1), "vector"),
    # on a matrix
    FunctionName("det", r"\det", acts="matrix", words="determinant"),
    FunctionName("logdet", r"\log\det", ("log_det",), acts="matrix"),
    FunctionName("tr", r"\operatorname{tr}", ("trace", "Tr", "Trace"), acts="matrix", words="trace"),
    FunctionName("diag", _rm("diag"), ("Diag",), (1, -1), "matrix"),
    FunctionName("blockdiag", _rm("blockdiag"), (), (1, -1), "matrix"),
    FunctionName("vec", _rm("vec"), (), (1, 1), "matrix", "the columns one below the other"),
    FunctionName("unvec", _rm("unvec"), (), (3, 3), "matrix", "the matrix of these columns, one after the other"),
    FunctionName("concat", _rm("concat"), ("concatenate",), (1, -1), "matrix", "one after the other"),
    FunctionName("hcat", _rm("hcat"), ("hstack",), (1, -1), "matrix", "side by side"),
    FunctionName("slice", _rm("slice"), (), (3, 3), "matrix", "the entries from one place to another"),
    FunctionName("hslice", _rm("hslice"), (), (3, 3), "matrix", "the columns from one place to another"),
    FunctionName("rank", _rm("rank"), ("rk",), acts="matrix"),
    FunctionName("null", _rm("null"), ("nullspace", "ker"), acts="matrix"),
    FunctionName("adj", _rm("adj"), (), acts="matrix"),
    FunctionName("matrix_exp", _rm("expm"), ("expm",), acts="matrix"),
    FunctionName("matrix_log", _rm("logm"), ("logm",), acts="matrix"),
    FunctionName("polarfactor", _rm("polar"), (), acts="matrix", words="U Vᵀ of the singular value decomposition U S Vᵀ"),
    FunctionName("leadingpair", _rm("leading"), (), acts="matrix", words="u vᵀ of the largest singular value"),
    FunctionName("eigmax", r"\lambda_{\max}", (), acts="matrix", words="largest eigenvalue"),
    FunctionName("eigmin", r"\lambda_{\min}", (), acts="matrix", words="smallest eigenvalue"),
    FunctionName("leadingeigen", _rm("leadingeigen"), (), acts="matrix", words="v vᵀ of the largest eigenvalue"),
    FunctionName("trailingeigen", _rm("trailingeigen"), (), acts="matrix", words="v vᵀ of the smallest eigenvalue"),
    FunctionName("eigenvalues", _rm("eig"), (), acts="matrix"),
    FunctionName("span", _rm("span"), (), (1, -1), "matrix"),
    FunctionName("dim", r"\dim", (), acts="matrix"),
    FunctionName("onehot", _rm("onehot"), ("one_hot",), (1, 2), "matrix"),
    FunctionName("cond", _rm("cond"), ("kappa_cond",), acts="matrix"),
    FunctionName("stop_gradient", _rm("stopgrad"), ("stopgrad", "sg", "stop_grad", "detach")),
)

FUNCTIONS: dict[str, FunctionName] = {f.name: f for f in _TABLE}
ALIASES: dict[str, str] = {spelling: f.name for f in _TABLE for spelling in (f.name, *f.aliases)}


def canonical_function(spelling: str) -> str | None:
    """The canonical name of the function that is spelled so, or None."""
    return ALIASES.get(spelling)
