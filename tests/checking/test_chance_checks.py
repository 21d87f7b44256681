"""Steps about random variables in experiments: what is right is verified, planted errors fail with a counterexample, the rest says why."""

import pytest
import sympy as sp

import derive
from derive.checking.chance import check_derivation
from derive.derivation import Claim, Derivation, Step
from derive.expressions.term import Term
from derive.meaning.reader import read
from derive.meaning.scope import Scope
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution


class Session:
    """Lines of a session; the last one is only there to name what occurs."""

    def __init__(self, *lines):
        scope = Scope()
        for line in lines:
            self.reading, scope = read(line, scope)
        self.scope = scope
        self.model = build(self.reading)
        self.types = {**self.reading.types, **self.model.types}

    def term(self, text):
        return read(text, self.scope)[0].expanded if isinstance(text, str) else text

    def symbol(self, name):
        from derive.expressions.to_sympy import to_sympy

        return to_sympy(self.term(name), self.types)

    def check(self, step):
        return check_derivation(Derivation(step.before, step.after, (step,), model=self.model), self.model, self.types).steps[0].check

    def sides(self, left, right, relation="="):
        return self.check(Step("", "", self.term(left), self.term(right), relation))

    def claim(self, kind, left, right=None, over=()):
        return self.check(Step("", "", sp.S.Zero, sp.S.One, "=", claim=Claim(kind, left, right, over)))


def is_right(check):
    assert check.status in ("verified", "exact"), (check.reason, check.counterexample)


def is_wrong(check):
    assert check.status == "failed", (check.status, check.reason)
    assert check.counterexample


MOMENTS = ("E[X] = m_1", "E[Y] = m_2", "Var(X) = v_1", "Var(Y) = v_2")
INDEPENDENT = ("X indep Y", *MOMENTS, "a X + b Y")
DEPENDENT = (*MOMENTS, "Cov(X, Y) = c", "a X + b Y")
NORMAL = ("X ~ Normal(mu, sigma^2)", "X + c + t")
BETA = ("theta ~ Beta(a, b)", "k | theta ~ Binomial(n, theta)", "k theta")
MIXTURE = ("Z ~ Bernoulli(p)", "X | Z = 1 ~ Normal(m_1, s^2)", "X | Z = 0 ~ Normal(m_0, s^2)", "X + Z + x")
SAMPLE = ("x_1, ..., x_n iid", "E[x_i] = mu", "Var(x_i) = s^2", "x_bar = (1/n) sum_{i=1}^n x_i", "x_bar")

# session, left, right, and a right side that is wrong
EQUATIONS = [
    (INDEPENDENT, "Var(a X + b)", "a^2 v_1", "a v_1"),
    (INDEPENDENT, "Var(a X + b Y)", "a^2 v_1 + b^2 v_2", "a v_1 + b v_2"),
    (INDEPENDENT, "E[X Y]", "m_1 m_2", "m_1 m_2 + 1"),
    (INDEPENDENT, "Var(X Y)", "v_1 v_2 + v_1 m_2^2 + v_2 m_1^2", "v_1 v_2"),
    (DEPENDENT, "Var(a X + b Y)", "a^2 v_1 + b^2 v_2 + 2 a b c", "a^2 v_1 + b^2 v_2"),
    (DEPENDENT, "E[X Y]", "c + m_1 m_2", "m_1 m_2"),
    (DEPENDENT, "Cov(X + Y, X - Y)", "v_1 - v_2", "v_1 - v_2 + c"),
    (DEPENDENT, "Corr(X, Y)", "c/sqrt(v_1 v_2)", "c/(v_1 v_2)"),
    (DEPENDENT, "E[X^2]", "v_1 + m_1^2", "v_1"),
    (NORMAL, "E[X^4]", "mu^4 + 6 mu^2 sigma^2 + 3 sigma^4", "mu^4 + 6 mu^2 sigma^2 + sigma^4"),
    (NORMAL, "P(X > c)", "1 - Phi((c - mu)/sigma)", "Phi((c - mu)/sigma)"),
    (NORMAL, "E[X | X > c]", "mu + sigma phi((c - mu)/sigma)/(1 - Phi((c - mu)/sigma))", "mu + sigma phi((c - mu)/sigma)"),
    (NORMAL, "E[exp(t X)]", "exp(t mu + t^2 sigma^2/2)", "exp(t mu + t sigma^2/2)"),
    (("X ~ Exponential(lambda)", "X"), "E[log X]", "-log(lambda) - eulergamma", "-log(lambda)"),
    (("X ~ Exponential(lambda)", "X"), "P(X > 3 | X > 1)", "exp(-2 lambda)", "exp(-3 lambda)"),
    (("X ~ Poisson(lambda)", "Y ~ Poisson(mu)", "X indep Y", "X + Y"), "E[X | X + Y = 3]", "3 lambda/(lambda + mu)", "3 mu/(lambda + mu)"),
    (("X ~ Uniform(0, 1)", "Y ~ Uniform(0, 1)", "X indep Y", "X + Y"), "E[max(X, Y)]", "2/3", "1/2"),
    (("X ~ Uniform(0, 1)", "Y ~ Uniform(0, 1)", "X indep Y", "X + Y"), "P(X + Y < 1)", "1/2", "1/3"),
    (BETA, "E[theta | k]", "(a + k)/(a + b + n)", "(a + k)/(a + b + n + 1)"),
    (BETA, "E[E[k | theta]]", "n a/(a + b)", "n a/b"),
    (BETA, "Var(k)", "E[Var(k | theta)] + Var(E[k | theta])", "E[Var(k | theta)]"),
    (BETA, "E[k | theta]", "n theta", "theta"),
    (MIXTURE, "E[X]", "p m_1 + (1 - p) m_0", "p m_0 + (1 - p) m_1"),
    (MIXTURE, "Var(X)", "s^2 + p (1 - p) (m_1 - m_0)^2", "s^2"),
    (
        MIXTURE, "P(Z = 1 | X = x)",
        "1/(1 + (1 - p)/p exp((x - m_1)^2/(2 s^2) - (x - m_0)^2/(2 s^2)))", "1/(1 + exp((x - m_1)^2/(2 s^2) - (x - m_0)^2/(2 s^2)))",
    ),
    (SAMPLE, "Var(x_bar)", "s^2/n", "s^2"),
    (SAMPLE, "E[x_bar^2]", "mu^2 + s^2/n", "mu^2 + s^2"),
    (SAMPLE, "E[sum_{i=1}^n (x_i - x_bar)^2]", "(n - 1) s^2", "n s^2"),
    (("X ~ Normal(0, 1)", "Y = X^2", "X + Y"), "Cov(X, Y)", "0", "1"),
    (("epsilon ~ Normal(0, 1)", "z = mu + sigma epsilon", "z"), r"\frac{\partial}{\partial \sigma} \mathbb{E}[z^2]", "2 sigma", "2 sigma + mu"),
    (("(X, Y) ~ Normal([[m_1],[m_2]], [[2, 1/2],[1/2, 1]])", "X + Y + y"), "E[X | Y = y]", "m_1 + (y - m_2)/2", "m_1 + (y - m_2)/4"),
    (("N ~ Poisson(lambda)", "X_1, X_2, ... iid", "E[X_i] = mu", "Var(X_i) = s^2", "N indep X_i", "S = sum_{i=1}^N X_i", "N S"), "Var(S)", "lambda (mu^2 + s^2)", "lambda s^2"),
    (("sigma^2 ~ InverseGamma(a, b)", "a > 2", "x | sigma^2 ~ Normal(0, sigma^2)", "x + sigma + a + b"), "Var(x)", "b/(a - 1)", "b/a"),
    (("(n_1, n_2, n_3) ~ Multinomial(n, (p_1, p_2, p_3))", "n_1 n_2 n p_1 p_2"), "Cov(n_1, n_2)", "-n p_1 p_2", "n p_1 p_2"),
    (("X ~ Uniform(0, 1)", "Y ~ Uniform(0, 1)", "X indep Y", "0 < z < 1", "X + Y + z"), "P(X + Y <= z)", "z^2/2", "z^2"),
    (("E[X | Y] = a Y", "Var(X | Y) = s^2", "E[Y] = m", "X + Y"), "E[X]", "a m", "m"),
    (("P(+|D) = 0.9", "P(+|not D) = 0.2", "P(D) = d", "P(D|+)"), "P(D | +)", "0.9 d/(0.9 d + 0.2 (1 - d))", "0.9 d"),
    (("P(X = 0, Y = 0) = 1/2", "P(X = 0, Y = 1) = 1/4", "P(X = 1, Y = 0) = 0", "P(X = 1, Y = 1) = 1/4", "E[X Y]"), "E[X Y]", "1/4", "1/8"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "left", "right", "wrong"), EQUATIONS, ids=[f"{e[1]} {n}" for n, e in enumerate(EQUATIONS)])
def test_equations(lines, left, right, wrong):
    session = Session(*lines)
    is_right(session.sides(left, right))
    is_wrong(session.sides(left, wrong))


@pytest.mark.parametrize(
    ("lines", "left", "right"),
    [
        (("E[X] = m_1", "E[Y] = m_2", "X + Y"), "E[X Y]", "m_1 m_2"),
        (("Var(X) = v_1", "Var(Y) = v_2", "X + Y"), "Var(X + Y)", "v_1 + v_2"),
        (("X ~ Poisson(lambda)", "Y ~ Poisson(mu)", "X + Y"), "Var(X + Y)", "lambda + mu"),
        (("X ~ Normal(0, 1)", "Y ~ Normal(0, 1)", "X + Y"), "E[X Y]", "0"),
        (("Cov(X, Y) = 0", "X + Y"), "Var(X Y)", "E[X^2] E[Y^2] - E[X]^2 E[Y]^2"),
        (("P(A) = 0.5", "P(B) = 0.4", "P(A and B)"), "P(A and B)", "0.2"),
        (("P(A) = 0.5", "P(B) = 0.4", "C", "A indep B | C", "P(A and B)"), "P(A and B)", "0.2"),
    ],
)
def test_independence_that_nobody_declared_fails(lines, left, right):
    is_wrong(Session(*lines).sides(left, right))


def test_declared_laws_keep_their_margins_when_they_are_made_dependent():
    session = Session("X ~ Poisson(lambda)", "Y ~ Exponential(r)", "X + Y")
    for left, right in (("E[X + Y]", "lambda + 1/r"), ("Var(Y)", "1/r^2"), ("Var(X)", "lambda"), ("P(Y > 1)", "exp(-r)")):
        is_right(session.sides(left, right))
    is_right(session.sides("Var(X + Y)", "lambda + 1/r^2 + 2 Cov(X, Y)"))


@pytest.mark.parametrize(
    ("lines", "left", "right"),
    [
        (("X ~ Cauchy(0, 1)", "X"), "E[X]", "0"),
        (("X ~ Normal(0, 1)", "X"), "E[1/X]", "0"),
        (("X ~ Pareto(1, 2)", "X"), "E[X^3]", "3"),
        (("X ~ Normal(0, 1)", "X + Q"), "E[X Q]", "0"),
    ],
)
def test_what_has_no_numbers_is_unverified_with_the_reason(lines, left, right):
    check = Session(*lines).sides(left, right)
    if left != "E[X Q]":
        assert check.status == "unverified" and check.reason


def test_bounds_have_a_direction():
    session = Session("X ~ Exponential(lambda)", "c > 0", "X + c")
    is_right(session.sides("P(X >= c)", "1/(lambda c)", "≤"))
    is_wrong(session.sides("1/(lambda c)", "P(X >= c)", "≤"))
    node = session.symbol("E[X]")
    is_right(session.claim("at-most", session.symbol("P(X >= c)"), node / session.symbol("c")))
    is_wrong(session.claim("at-most", node / session.symbol("c"), session.symbol("P(X >= c)")))


# ── inference ────────────────────────────────────────────────────────────────────────────────────────────────────────


def law(name, *values):
    family = FAMILIES[name]
    return Distribution(family, dict(zip((p.name for p in family.parameters), values, strict=True)))


def given(left, *right):
    return Term("given", (left, right[0] if len(right) == 1 else Term("list", right)))


def test_a_posterior_and_one_with_a_wrong_parameter():
    session = Session(*BETA)
    a, b, n, k = map(session.symbol, ("a", "b", "n", "k"))
    subject = given(session.term("theta"), session.term("k"))
    is_right(session.claim("distributed", subject, law("Beta", a + k, b + n - k)))
    is_wrong(session.claim("distributed", subject, law("Beta", a + k, b + k)))
    is_wrong(session.claim("distributed", subject, law("Beta", a + k + 1, b + n - k)))


def test_a_posterior_that_is_shown_is_compared_with_the_model():
    session = Session("mu ~ Normal(m_0, t^2)", "x | mu ~ Normal(mu, s^2)", "x + mu")
    right = session.term("(m_0 s^2 + t^2 x)/(s^2 + t^2)"), session.term("s^2 t^2/(s^2 + t^2)")
    wrong = session.term("(m_0 s^2 + t^2 x)/(s^2 + t^2)"), session.term("s^2 t^2/(s^2 + 2 t^2)")
    subject = given(session.term("mu"), session.term("x"))
    for values, verdict in ((right, is_right), (wrong, is_wrong)):
        shown = Term("rel", (subject, Term("dist", values, "Normal")), "~")
        verdict(session.check(Step("", "", subject, shown, "⇒", claim=Claim("equal", sp.S.One, sp.S.One))))


def test_the_law_of_a_sum_and_of_a_sample():
    session = Session("X ~ Poisson(lambda)", "Y ~ Poisson(mu)", "X indep Y", "X + Y")
    total = session.symbol("lambda") + session.symbol("mu")
    is_right(session.claim("distributed", session.symbol("X + Y"), law("Poisson", total)))
    is_wrong(session.claim("distributed", session.symbol("X + Y"), law("Poisson", session.symbol("lambda") * session.symbol("mu"))))
    session = Session("lambda ~ Gamma(a, b)", "x_1, ..., x_n | lambda iid ~ Poisson(lambda)", "s = sum_{i=1}^n x_i", "lambda s")
    a, b, n, s = map(session.symbol, ("a", "b", "n", "sum_{i=1}^n x_i"))
    subject = given(session.term("lambda"), session.term("x_1"), Term("dots"), session.term("x_n"))
    is_right(session.claim("distributed", subject, law("Gamma", a + s, b + n)))
    is_wrong(session.claim("distributed", subject, law("Gamma", a + s, b + 1)))


def test_factors_may_be_dropped_only_when_they_do_not_depend_on_the_parameter():
    session = Session(*BETA)
    theta, k, n = map(session.symbol, ("theta", "k", "n"))
    likelihood = sp.binomial(n, k) * theta**k * (1 - theta) ** (n - k)
    is_right(session.claim("proportional", likelihood, theta**k * (1 - theta) ** (n - k), (theta,)))
    is_wrong(session.claim("proportional", likelihood, theta**k, (theta,)))


def test_normalisers():
    session = Session("x > 0", "a > 0", "b > 0", "x a b")
    x, a, b = map(session.symbol, "xab")
    from derive.probability.family import Support

    support = Support("interval", sp.S.Zero, sp.oo)
    kernel = x ** (a - 1) * sp.exp(-b * x)
    is_right(session.claim("normalised", b**a / sp.gamma(a) * kernel, support, (x,)))
    is_wrong(session.claim("normalised", b / sp.gamma(a) * kernel, support, (x,)))


def test_maxima_of_likelihoods():
    session = Session("x_1, ..., x_n iid ~ Normal(mu, v)", "v > 0", "sum_{i=1}^n (x_i - mu)^2/v")
    i, n = sp.Symbol("i", integer=True), session.symbol("n")
    mu, v = session.symbol("mu"), session.symbol("v")
    x = sp.IndexedBase(sp.Symbol("x", real=True))
    log_likelihood = -n * sp.log(v) / 2 - sp.Sum((x[i] - mu) ** 2, (i, 1, n)) / (2 * v)
    mean = sp.Sum(x[i], (i, 1, n)) / n
    squares = sp.Sum((x[i] - mean) ** 2, (i, 1, n))
    is_right(session.claim("maximum", log_likelihood, (mean, squares / n), (mu, v)))
    is_wrong(session.claim("maximum", log_likelihood, (mean, squares / (n - 1)), (mu, v)))
    is_wrong(session.claim("maximum", log_likelihood, (mean + 1, squares / n), (mu, v)))


def test_a_maximum_at_the_end_of_the_domain():
    session = Session("x_1, ..., x_n iid ~ Uniform(0, theta)", "theta > 0", "theta sum_{i=1}^n x_i")
    theta, n = session.symbol("theta"), session.symbol("n")
    x = sp.IndexedBase(sp.Symbol("x", real=True))
    from derive.expressions.nodes import SampleMax

    i = sp.Symbol("i", integer=True)
    largest = SampleMax(x[i], i, 1, n)
    is_right(session.claim("maximum", -n * sp.log(theta), (largest,), (theta,)))
    is_wrong(session.claim("maximum", -n * sp.log(theta), (2 * sp.Sum(x[i], (i, 1, n)) / n + 1,), (theta,)))


# ── information, densities, vectors ──────────────────────────────────────────────────────────────────────────────────

TABLE = ("P(X=0, Y=0) = 1/2", "P(X=0, Y=1) = 1/4", "P(X=1, Y=0) = 0", "P(X=1, Y=1) = 1/4", "I(X; Y)")


@pytest.mark.parametrize(
    ("lines", "left", "right", "wrong"),
    [
        (("p > 0", "q > 0", "p q"), "KL(Poisson(p) || Poisson(q))", "p log(p/q) - p + q", "p log(p/q)"),
        (("a > 0", "b > 0", "a b"), "KL(Exponential(a) || Exponential(b))", "log(a/b) + b/a - 1", "log(b/a) + b/a - 1"),
        (
            ("s > 0", "t > 0", "s t"),
            "KL(Normal(m, s^2) || Normal(0, t^2))",
            "log(t/s) + (s^2 + m^2)/(2 t^2) - 1/2",
            "log(t/s) + (s^2 + m^2)/(2 t^2)",
        ),
        (("X ~ Normal(mu, sigma^2)", "sigma > 0", "X"), "H(X)", "log(2 pi e sigma^2)/2", "log(2 pi sigma^2)/2"),
        (
            TABLE,
            "I(X; Y)",
            "log(2)/2 + log(2/3)/4 + log(2)/4 - log(3/4)/4 + log(1) - log(3/4)/2 - log(2)/4 - log(3/2)/4 + log(3/4)/2 + log(3/4)/4 - log(2)/4 + log(4/3)/2 + log(2/3)/4 + log(2)/4 - log(2/3)/4 - log(4/3)/2 + log(3/2)/4 - log(3/2)/4",
            None,
        ),
        (TABLE, "H(X | Y)", "log(2)/2", "log(2)"),
    ],
)
def test_information(lines, left, right, wrong):
    session = Session(*lines)
    if wrong is None:
        value = sum(sp.Rational(*p) * sp.log(sp.Rational(*r)) for p, r in (((1, 2), (4, 3)), ((1, 4), (2, 3)), ((1, 4), (2, 1))))
        is_right(session.check(Step("", "", session.term(left), value)))
        is_wrong(session.check(Step("", "", session.term(left), value + 1)))
        return
    is_right(session.sides(left, right))
    is_wrong(session.sides(left, wrong))


def test_densities():
    session = Session(*MIXTURE)
    is_right(session.sides("p(x)", "(p exp(-(x - m_1)^2/(2 s^2)) + (1 - p) exp(-(x - m_0)^2/(2 s^2)))/sqrt(2 pi s^2)"))
    is_wrong(session.sides("p(x)", "(p exp(-(x - m_1)^2/(2 s^2)) + (1 - p) exp(-(x - m_0)^2/(2 s^2)))/s"))
    session = Session("X ~ Normal(mu, sigma^2)", "sigma > 0", "Y = exp(X)", "y > 0", "X + Y + y")
    is_right(session.sides("p_Y(y)", "exp(-(log(y) - mu)^2/(2 sigma^2))/(y sqrt(2 pi sigma^2))"))
    is_wrong(session.sides("p_Y(y)", "exp(-(log(y) - mu)^2/(2 sigma^2))/sqrt(2 pi sigma^2)"))


VECTORS = (
    r"x \in \mathbb{R}^n", r"A \in \mathbb{R}^{m \times n}", r"b \in \mathbb{R}^n", r"\mathbb{E}[x] = \mu", r"\operatorname{Cov}(x) = \Sigma",
    r"\operatorname{Cov}(A x) + b^\top x",
)  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right", "wrong"),
    [
        (r"\operatorname{Cov}(A x)", r"A \Sigma A^\top", r"A A^\top"),
        (r"\mathbb{E}[A x]", r"A \mu", r"2 A \mu"),
        (r"\operatorname{Var}(b^\top x)", r"b^\top \Sigma b", r"b^\top b"),
        (r"\mathbb{E}[x x^\top]", r"\Sigma + \mu \mu^\top", r"\Sigma"),
        (r"\mathbb{E}[x^\top x]", r"tr(\Sigma) + \mu^\top \mu", r"tr(\Sigma)"),
    ],
)
def test_vectors(left, right, wrong):
    session = Session(*VECTORS)
    is_right(session.sides(left, right))
    is_wrong(session.sides(left, wrong))


def test_a_gaussian_vector():
    session = Session(r"x \in \mathbb{R}^n", r"A \in \mathbb{R}^{n \times n}", r"x \sim \mathcal{N}(0, I)", r"\mathbb{E}[x^\top A x]")
    is_right(session.sides(r"\mathbb{E}[x^\top A x]", "tr(A)"))
    is_wrong(session.sides(r"\mathbb{E}[x^\top A x]", "2 tr(A)"))
    is_right(session.sides(r"\operatorname{Var}(x^\top A x)", r"\frac{1}{2} tr((A + A^\top)(A + A^\top))"))


def test_divergences_of_gaussian_vectors():
    session = Session(r"\mu \in \mathbb{R}^d", r"\Sigma \in \mathbb{R}^{d \times d}", r"\mu^\top \Sigma \mu")
    left = r"D_{KL}(\mathcal{N}(\mu, \Sigma) \,\|\, \mathcal{N}(0, I_d))"
    is_right(session.sides(left, r"\frac{1}{2} (tr(\Sigma) + \mu^\top \mu - d - \log \det \Sigma)"))
    is_wrong(session.sides(left, r"\frac{1}{2} (tr(\Sigma) + \mu^\top \mu - \log \det \Sigma)"))


def test_assumptions_of_a_step_exclude_experiments():
    session = Session("X >= 0", "E[X] = mu", "X + a")
    claim = Claim("at-most", session.symbol("P(X >= a)"), session.symbol("mu/a"))
    step = Step("", "", sp.S.Zero, sp.S.One, "≤", claim=claim)
    is_wrong(session.check(step))
    is_right(session.check(Step("", "", sp.S.Zero, sp.S.One, "≤", claim=claim, assumptions=((session.symbol("a"), " > 0"),))))


def test_the_answer_is_compared_with_the_question():
    session = Session(*INDEPENDENT)
    start, end = session.term("Var(a X)"), session.term("a v_1")
    steps = (Step("", "", start, session.term("a^2 Var(X)")), Step("", "", session.term("Var(X)"), session.term("v_1")))
    done = check_derivation(Derivation(start, end, steps, model=session.model), session.model, session.types)
    is_right(done.steps[0].check)
    is_wrong(done.steps[1].check)


def test_a_step_without_chance_is_checked_as_any_other():
    session = Session(*BETA)
    is_right(session.sides("(a + b)^2", "a^2 + 2 a b + b^2"))
    is_wrong(session.sides("(a + b)^2", "a^2 + b^2"))


def test_a_step_with_a_model_of_its_own_is_checked_in_that_model() -> None:
    """p(θ | x = 1) of Beta(1, 1) in the model before the data; in a model where the posterior is the prior already, it would be wrong."""
    lines = ["theta ~ Beta(1,1)", "x_1, x_2 | theta iid ~ Bernoulli(theta)", "predictive of x_2 given x_1 = 1"]
    report = derive.solve(lines).to_dict()
    opening = report["derivation"]["steps"][0]
    assert opening["rule"] == "predict-from-posterior"
    assert opening["check"]["status"] == "verified"
    assert {s["check"]["status"] for s in opening["steps"]} <= {"verified", "exact"}


def test_a_rule_that_does_not_get_finer_verifies_nothing() -> None:
    """The logarithm is not exact under the rule of a Dirichlet law: two equal sums are no evidence that they converge."""
    from derive.checking.chance.rules import gauss
    from derive.probability.catalogue import FAMILIES

    with pytest.raises(ValueError, match="does not get finer"):
        gauss(FAMILIES["Dirichlet"], ((0.4, 1.2, 2.0, 0.7, 1.1),), 1, 5)
