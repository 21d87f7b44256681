"""The words of the language that are not functions: constants, number sets, distributions, properties, task words."""

from __future__ import annotations

__all__ = [
    "ALIGNED",
    "APPLIED_FUNCTIONS",
    "CONSTANTS",
    "DISTRIBUTIONS",
    "FUNCTION_LETTERS",
    "GREEK",
    "INDEX_LETTERS",
    "KEYWORDS",
    "NAMED_BY_THE_FIELD",
    "OPERATOR_WORDS",
    "PROBABILITY",
    "PROPERTIES",
    "RELATIONS",
    "UNARY_TASKS",
    "WORD_FORMS",
]

GREEK = frozenset(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi omicron pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar""".split()
)

CONSTANTS = {"e": "e", "pi": "pi", "infty": "inf", "inf": "inf", "oo": "inf", "infinity": "inf", "eulergamma": "eulergamma"}

# Letters that are functions of the field when they are applied and not declared otherwise.
APPLIED_FUNCTIONS = {
    "sigma": "sigmoid",
    "Phi": "normal_cdf",
    "phi": "normal_pdf",
    "Gamma": "gamma",
    "psi": "digamma",
    "delta": "delta",
}
# Letters read as an unknown function when applied, undeclared and never used bare.
FUNCTION_LETTERS = frozenset("f g h p q F G J V Q k u v phi varphi psi ell L r s w P pi mu Phi".split())
INDEX_LETTERS = frozenset("i j k l m n s t r p q a b c d u v".split())

RELATIONS = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in", "notin": "notin", "~": "~", "∝": "propto",
    "propto": "propto", "≈": "approx", "approx": "approx", ":=": ":=", "<-": ":=", "->": "->", "to": "->", "mapsto": "->",
    "<=>": "<=>", "=>": "=>", "subset": "subset", "indep": "indep", "perp": "indep", "succ": "succ", "succeq": "succeq",
    "prec": "prec", "preceq": "preceq", "≡": "equiv", "≅": "equiv", "<<": "<<", ">>": ">>",
}  # fmt: skip

PROBABILITY = {
    "P": "P", "Pr": "P", "Prob": "P", "E": "E", "Var": "Var", "var": "Var", "V": "Var", "Cov": "Cov",
    "cov": "Cov", "Corr": "Corr", "corr": "Corr",
    "H": "H", "I": "I", "KL": "KL", "D_KL": "KL", "JS": "JS", "D_JS": "JS", "MGF": "MGF", "ELBO": "ELBO", "SD": "SD", "Std": "SD",
}  # fmt: skip

DISTRIBUTIONS = {
    **{n: n for n in """Bernoulli Binomial Geometric NegativeBinomial Poisson Categorical Multinomial Dirichlet Uniform DiscreteUniform
       Normal Lognormal Exponential Gamma InverseGamma ChiSquared Weibull Rayleigh Beta Laplace Logistic StudentT Cauchy Pareto
       HalfNormal Gumbel Mixture Wishart VonMises GaussianProcess""".split()},
    "Bern": "Bernoulli", "Ber": "Bernoulli", "Bin": "Binomial", "Binom": "Binomial", "Geom": "Geometric", "NegBin": "NegativeBinomial",
    "NB": "NegativeBinomial", "Poi": "Poisson", "Pois": "Poisson", "Cat": "Categorical", "Mult": "Multinomial", "Multi": "Multinomial",
    "Dir": "Dirichlet", "Unif": "Uniform", "U": "Uniform", "N": "Normal", "Gaussian": "Normal", "MVN": "Normal", "LogNormal": "Lognormal",
    "Expo": "Exponential", "Exp": "Exponential", "Gam": "Gamma", "InvGamma": "InverseGamma", "IG": "InverseGamma", "Chi2": "ChiSquared",
    "ChiSquare": "ChiSquared", "Student": "StudentT", "Lap": "Laplace", "GP": "GaussianProcess",
}  # fmt: skip

PROPERTIES = {
    "symmetric": ("symmetric",), "orthogonal": ("orthogonal", "square", "invertible"), "diagonal": ("diagonal", "symmetric"),
    "invertible": ("invertible", "square"), "nonsingular": ("invertible", "square"), "square": ("square",),
    "onehot": ("onehot", "simplex"), "one-hot": ("onehot", "simplex"), "psd": ("positive-semidefinite", "symmetric"),
    "spd": ("positive-definite", "symmetric", "invertible"), "positive definite": ("positive-definite", "symmetric", "invertible"),
    "positive semidefinite": ("positive-semidefinite", "symmetric"), "idempotent": ("idempotent",),
}  # fmt: skip

# Words that end an expression in a task: they introduce the task's other parts.
KEYWORDS = frozenset(
    """wrt where with given using by over subject from to for at as order twice along onto st s.t. otherwise if iid independent
    indep markov partition and or not is are of""".split()
)

# words with a notation of their own: word → (head, fewest arguments, most, data)
WORD_FORMS = {
    "sqrt": ("sqrt", 1, 1, None), "cbrt": ("root", 1, 1, None), "abs": ("abs", 1, 1, "np"), "norm": ("norm", 1, 1, ""),
    "transpose": ("transpose", 1, 1, None), "inv": ("inverse", 1, 1, None), "pinv": ("pinv", 1, 1, None),
    "factorial": ("factorial", 1, 1, None), "binomial": ("binomial", 2, 2, None), "binom": ("binomial", 2, 2, None),
    "choose": ("binomial", 2, 2, None), "kron": ("kron", 2, 2, None), "inner": ("inner", 2, 2, None),
    "indicator": ("indicator", 1, 1, None), "frac": ("div", 2, 2, None), "pow": ("pow", 2, 2, None),
}  # fmt: skip

# functions that papers define before they use them: on the left of an equation they are defined
NAMED_BY_THE_FIELD = frozenset(
    """sigmoid logit log_sigmoid softplus relu relu6 leaky_relu elu selu celu gelu gelu_tanh swish silu mish softsign hard_sigmoid hard_tanh
    hard_swish tanhshrink huber step clip softmax log_softmax logsumexp layernorm normal_pdf mean""".split()
)

ALIGNED = frozenset(
    "aligned align align* alignedat gather gather* gathered split eqnarray eqnarray* multline multline* equation equation*".split()
)

OPERATOR_WORDS = frozenset(
    """sum prod int integral lim max min argmax argmin sup inf arg grad gradient hessian jacobian limit integrate""".split()
)

# word → task name, for tasks of the form WORD expression
UNARY_TASKS = {
    "simplify": "simplify", "expand": "expand", "factor": "factor", "factorise": "factor", "factorize": "factor",
    "inverse": "inverse", "rref": "rref", "nullspace": "nullspace", "lu": "lu", "qr": "qr", "cholesky": "cholesky", "eig": "eig",
    "eigenvalues": "eig", "eigenvectors": "eig", "svd": "svd", "pca": "pca", "diagonalise": "diagonalise",
    "diagonalize": "diagonalise", "posterior": "posterior", "predictive": "predictive", "evidence": "evidence", "mle": "mle", "map": "map",
    "elbo": "elbo", "marginal": "marginal", "density": "density", "code": "code", "evaluate": "expression", "explain": "explain",
    "differential": "differential", "columnspace": "columnspace",
}  # fmt: skip
