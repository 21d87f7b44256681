"""The rules of expectation algebra, as values: linearity, products of independent variables, towers, variances, the moments of laws.

A strategy (`derive.solving.chance.moments` and its neighbours) does the work of each; a step names it like any rule.
"""

from __future__ import annotations

from derive.derivation import Rule
from derive.expressions.chance import Covariance, Expectation, StandardDeviation, Variance
from derive.rules.moves import move

__all__ = ["RULES"]

CONSTANT = move("expectation-of-a-constant", "A constant", "E[c] = c", r"\mathbb{E}[c] = c", Expectation, trivial=True)
LINEARITY = move(
    "linearity-of-expectation",
    "Linearity of expectation",
    "E[aX + bY + c] = a E[X] + b E[Y] + c",
    r"\mathbb{E}[aX + bY + c] = a\,\mathbb{E}[X] + b\,\mathbb{E}[Y] + c",
    Expectation,
)
SECOND_MOMENT = move(
    "second-moment", "Second moment", "E[Z²] = Var(Z) + E[Z]²", r"\mathbb{E}[Z^2] = \operatorname{Var}(Z) + \mathbb{E}[Z]^2", Expectation
)
MIXED_MOMENT = move(
    "mixed-moment",
    "Product of two variables",
    "E[XY] = Cov(X, Y) + E[X] E[Y]",
    r"\mathbb{E}[XY] = \operatorname{Cov}(X, Y) + \mathbb{E}[X]\,\mathbb{E}[Y]",
    Expectation,
)
INDEPENDENT_PRODUCT = move(
    "expectation-of-an-independent-product",
    "Independent factors",
    "E[g(X) h(Y)] = E[g(X)] E[h(Y)] for independent X, Y",
    r"\mathbb{E}[g(X)\,h(Y)] = \mathbb{E}[g(X)]\,\mathbb{E}[h(Y)] \quad (X \perp Y)",
    Expectation,
)
JOINT_MOMENT = move(
    "isserlis",
    "Moments of jointly Gaussian variables",
    "E[Xᵃ Yᵇ] = ∂ᵃ⁺ᵇ/∂sᵃ∂tᵇ E[e^(sX + tY)] at 0",
    r"\mathbb{E}[X^a Y^b] = \frac{\partial^{a+b}}{\partial s^a \partial t^b}\,\mathbb{E}[e^{sX + tY}]\Big|_{0}",
    Expectation,
)
EXPAND = move("expand-inside", "Expand", "products and powers multiplied out", head=Expectation)
LAW_MEAN = move("mean-of-the-law", "Mean of the law", "E[X] as the family has it", head=Expectation)
RAW_MOMENT = move("moment-of-the-law", "Moment of the law", "E[Xᵏ] as the family has it", head=Expectation)
LAW_MGF = move(
    "moment-generating-function", "Moment generating function", "M_X(t) = E[e^(tX)]", r"M_X(t) = \mathbb{E}[e^{tX}]", Expectation
)
LAW_VARIANCE = move("variance-of-the-law", "Variance of the law", "Var(X) as the family has it", head=Variance)
LOTUS = move(
    "law-of-the-unconscious-statistician",
    "Law of the unconscious statistician",
    "E[g(X)] = ∫ g(x) p(x) dx",
    r"\mathbb{E}[g(X)] = \int g(x)\,p(x)\,dx",
    Expectation,
)
SPLIT_AT_KINKS = move(
    "split-at-the-kinks",
    "Split where the case changes",
    "E[g(X)] = Σ ∫ gₖ(x) p(x) dx over the intervals",
    r"\mathbb{E}[g(X)] = \sum_k \int_{I_k} g_k(x)\,p(x)\,dx",
    Expectation,
)
SYMMETRY = move(
    "symmetry-of-the-law",
    "Symmetry",
    "E[g(X)] = g(μ) where g − g(μ) is odd about the centre μ of a symmetric law",
    r"\mathbb{E}[g(X)] = g(\mu)",
    Expectation,
)
COVARIANCE_BY_CONDITION = move(
    "covariance-by-conditioning",
    "Covariance by conditioning",
    "Cov(X, Y) = Cov(X, E[Y | X])",
    r"\operatorname{Cov}(X, Y) = \operatorname{Cov}(X, \mathbb{E}[Y \mid X])",
    Covariance,
)
TABLE_SUM = move(
    "sum-over-the-table",
    "Sum over the table",
    "E[g(X, Y)] = Σ g(x, y) P(X = x, Y = y)",
    r"\mathbb{E}[g(X, Y)] = \sum_{x, y} g(x, y)\,P(X = x, Y = y)",
    Expectation,
)
EVENT_PROBABILITY = move("probability-of-the-event", "Insert the probabilities", "P(X = x, Y = y) from what is given")
TRUNCATED = move(
    "truncated-law",
    "Conditioning on an event",
    "E[g(X) | A] = E[g(X) 1_A] / P(A)",
    r"\mathbb{E}[g(X) \mid A] = \frac{\mathbb{E}[g(X)\,\mathbf{1}_A]}{P(A)}",
    Expectation,
)
MEMORYLESS = move(
    "memorylessness", "Memorylessness", "E[X | X > c] = c + E[X]", r"\mathbb{E}[X \mid X > c] = c + \mathbb{E}[X]", Expectation
)
STEIN = move(
    "stein-lemma",
    "Stein's lemma",
    "E[(X − μ) g(X)] = σ² E[g′(X)] for X ~ Normal(μ, σ²)",
    r"\mathbb{E}[(X - \mu)\,g(X)] = \sigma^2\,\mathbb{E}[g'(X)]",
    Expectation,
)
PROBIT_INTEGRAL = move(
    "probit-integral",
    "Gaussian integral of Φ",
    "E[Φ(aX + b)] = Φ((aμ + b)/√(1 + a²σ²))",
    r"\mathbb{E}[\Phi(aX + b)] = \Phi\!\left(\frac{a\mu + b}{\sqrt{1 + a^2\sigma^2}}\right)",
    Expectation,
)
GAUSSIAN_SUM = move(
    "linear-combination-of-gaussians",
    "A linear combination of Gaussians is Gaussian",
    "Σ aᵢXᵢ + b ~ Normal(Σ aᵢμᵢ + b, Var(Σ aᵢXᵢ))",
    r"\sum_i a_i X_i + b \sim \mathcal{N}\!\left(\sum_i a_i \mu_i + b,\ \operatorname{Var}\Big(\sum_i a_i X_i\Big)\right)",
    Expectation,
)
BY_MINIMUM = move(
    "by-the-minimum",
    "By the minimum",
    "max(X, Y) = X + Y − min(X, Y), |X − Y| = X + Y − 2 min(X, Y)",
    r"\max(X, Y) = X + Y - \min(X, Y)",
    Expectation,
)
TAIL_INTEGRAL = move(
    "expectation-by-tails",
    "Expectation by tails",
    "E[min(X, Y)] = l + ∫ P(X > x) P(Y > x) dx",
    r"\mathbb{E}[\min(X, Y)] = l + \int_l^\infty P(X > x)\,P(Y > x)\,dx",
    Expectation,
)
IID_PRODUCT = move(
    "product-over-a-sample",
    "Independent members",
    "E[Π g(Xᵢ)] = Π E[g(Xᵢ)]",
    r"\mathbb{E}\Big[\prod_i g(X_i)\Big] = \prod_i \mathbb{E}[g(X_i)]",
    Expectation,
)
MGF_VARIANCE = move(
    "variance-by-mgf",
    "Variance from the moment generating function",
    "Var(X) = M″(0) − M′(0)²",
    r"\operatorname{Var}(X) = M_X''(0) - M_X'(0)^2",
    Variance,
)
SOLVE_MOMENTS = move("solve-for-the-moment", "Solve for the moment", "the stated moments as linear equations")
STATED = move("given-moments", "Insert what is given", "the moments that were stated")
TOWER = move("tower-law", "Tower law", "E[X] = E[E[X | Y]]", r"\mathbb{E}[X] = \mathbb{E}\big[\mathbb{E}[X \mid Y]\big]", Expectation)
KNOWN_OUT = move(
    "taking-out-what-is-known",
    "Taking out what is known",
    "E[g(Y) X | Y] = g(Y) E[X | Y]",
    r"\mathbb{E}[g(Y)\,X \mid Y] = g(Y)\,\mathbb{E}[X \mid Y]",
    Expectation,
)
CONDITION_DROPPED = move(
    "independent-condition",
    "An independent condition",
    "E[X | Y] = E[X] for independent X, Y",
    r"\mathbb{E}[X \mid Y] = \mathbb{E}[X] \quad (X \perp Y)",
    Expectation,
)
GIVEN_VALUE = move(
    "condition-on-a-value", "Condition on a value", "E[X | Y = y] is E[X | Y] at Y = y", r"\mathbb{E}[X \mid Y = y]", Expectation
)
GAUSSIAN_CONDITIONAL = move(
    "gaussian-conditional",
    "Conditional of a joint Gaussian",
    "E[X | Y] = μ_X + Cov(X, Y)/Var(Y) (Y − μ_Y), Var(X | Y) = Var(X) − Cov(X, Y)²/Var(Y)",
    r"\mathbb{E}[X \mid Y] = \mu_X + \frac{\operatorname{Cov}(X, Y)}{\operatorname{Var}(Y)}(Y - \mu_Y)",
    Expectation,
)
EXCHANGEABLE = move(
    "exchangeability",
    "Exchangeable members",
    "E[X₁ | X₁ + … + Xₙ] = (X₁ + … + Xₙ)/n for iid members",
    r"\mathbb{E}[X_1 \mid X_1 + \dots + X_n] = \tfrac1n (X_1 + \dots + X_n)",
    Expectation,
)
TOTAL_EXPECTATION = move(
    "total-expectation",
    "Law of total expectation",
    "E[X] = Σ_z P(Z = z) E[X | Z = z]",
    r"\mathbb{E}[X] = \sum_z P(Z = z)\,\mathbb{E}[X \mid Z = z]",
    Expectation,
)
TOTAL_VARIANCE = move(
    "total-variance",
    "Law of total variance",
    "Var(X) = E[Var(X | Y)] + Var(E[X | Y])",
    r"\operatorname{Var}(X) = \mathbb{E}[\operatorname{Var}(X \mid Y)] + \operatorname{Var}(\mathbb{E}[X \mid Y])",
    Variance,
)
TOTAL_COVARIANCE = move(
    "total-covariance",
    "Law of total covariance",
    "Cov(X, Y) = E[Cov(X, Y | Z)] + Cov(E[X | Z], E[Y | Z])",
    r"\operatorname{Cov}(X, Y) = \mathbb{E}[\operatorname{Cov}(X, Y \mid Z)]"
    r" + \operatorname{Cov}(\mathbb{E}[X \mid Z], \mathbb{E}[Y \mid Z])",
    Covariance,
)
WALD = move(
    "wald",
    "Wald's identity",
    "E[X₁ + … + X_N] = E[N] E[X]",
    r"\mathbb{E}\Big[\sum_{i=1}^N X_i\Big] = \mathbb{E}[N]\,\mathbb{E}[X]",
    Expectation,
)
RANDOM_SUM_VARIANCE = move(
    "variance-of-a-random-sum",
    "Variance of a random sum",
    "Var(X₁ + … + X_N) = E[N] Var(X) + Var(N) E[X]²",
    r"\operatorname{Var}\Big(\sum_{i=1}^N X_i\Big) = \mathbb{E}[N]\operatorname{Var}(X) + \operatorname{Var}(N)\,\mathbb{E}[X]^2",
    Variance,
)
VARIANCE_BY_MOMENTS = move(
    "variance-by-moments",
    "Variance by moments",
    "Var(Z) = E[Z²] − E[Z]²",
    r"\operatorname{Var}(Z) = \mathbb{E}[Z^2] - \mathbb{E}[Z]^2",
    Variance,
)
VARIANCE_AFFINE = move(
    "variance-of-an-affine-function",
    "Shift and scale",
    "Var(aX + b) = a² Var(X)",
    r"\operatorname{Var}(aX + b) = a^2 \operatorname{Var}(X)",
    Variance,
)
VARIANCE_SUM = move(
    "variance-of-a-sum",
    "Variance of a sum",
    "Var(Σ aᵢXᵢ) = Σ aᵢ² Var(Xᵢ) + 2 Σ_{i<j} aᵢaⱼ Cov(Xᵢ, Xⱼ)",
    r"\operatorname{Var}\Big(\sum_i a_i X_i\Big) = \sum_i a_i^2 \operatorname{Var}(X_i)"
    r" + 2 \sum_{i<j} a_i a_j \operatorname{Cov}(X_i, X_j)",
    Variance,
)
INDEPENDENT_SUM = move(
    "variance-of-an-independent-sum",
    "Variance of a sum of independent terms",
    "Var(Σ aᵢXᵢ) = Σ aᵢ² Var(Xᵢ) for independent Xᵢ",
    r"\operatorname{Var}\Big(\sum_i a_i X_i\Big) = \sum_i a_i^2 \operatorname{Var}(X_i)",
    Variance,
)
BILINEARITY = move(
    "bilinearity-of-covariance",
    "Covariance is bilinear",
    "Cov(aX + b, cY + d) = a c Cov(X, Y)",
    r"\operatorname{Cov}(aX + b, cY + d) = ac\,\operatorname{Cov}(X, Y)",
    Covariance,
)
COVARIANCE_SELF = move(
    "covariance-with-itself",
    "Covariance with itself",
    "Cov(X, X) = Var(X)",
    r"\operatorname{Cov}(X, X) = \operatorname{Var}(X)",
    Covariance,
)
INDEPENDENT_COVARIANCE = move(
    "covariance-of-independent-variables",
    "Independent variables are uncorrelated",
    "Cov(X, Y) = 0 for independent X, Y",
    r"\operatorname{Cov}(X, Y) = 0 \quad (X \perp Y)",
    Covariance,
)
COVARIANCE_BY_MOMENTS = move(
    "covariance-by-moments",
    "Covariance by moments",
    "Cov(U, V) = E[UV] − E[U] E[V]",
    r"\operatorname{Cov}(U, V) = \mathbb{E}[UV] - \mathbb{E}[U]\,\mathbb{E}[V]",
    Covariance,
)
JOINT_COVARIANCE = move("covariance-of-the-joint-law", "Covariance of the joint law", "the entry of the covariance matrix", head=Covariance)
BY_CORRELATION = move(
    "covariance-by-correlation",
    "Covariance by correlation",
    "Cov(X, Y) = Corr(X, Y) √Var(X) √Var(Y)",
    r"\operatorname{Cov}(X, Y) = \operatorname{Corr}(X, Y)\sqrt{\operatorname{Var}(X)}\sqrt{\operatorname{Var}(Y)}",
    Covariance,
)
CORRELATION = move(
    "correlation",
    "Correlation",
    "Corr(X, Y) = Cov(X, Y)/√(Var(X) Var(Y))",
    r"\operatorname{Corr}(X, Y) = \frac{\operatorname{Cov}(X, Y)}{\sqrt{\operatorname{Var}(X)\operatorname{Var}(Y)}}",
)
DEVIATION = move(
    "standard-deviation", "Standard deviation", "SD(X) = √Var(X)", r"\operatorname{SD}(X) = \sqrt{\operatorname{Var}(X)}", StandardDeviation
)
CENTRAL_MOMENT = move(
    "by-mgf", "Moments from the moment generating function", "E[Xᵏ] = M⁽ᵏ⁾(0)", r"\mathbb{E}[X^k] = M_X^{(k)}(0)", Expectation
)
SAMPLE_VARIANCE = move(
    "variance-of-the-sample-variance",
    "Sample variance of Gaussian data",
    "Var(Σ (Xᵢ − X̄)²) = 2(n − 1) σ⁴, for (n − 1)S²/σ² is ChiSquared(n − 1)",
    r"\operatorname{Var}\Big(\sum_i (X_i - \bar X)^2\Big) = 2(n-1)\sigma^4",
    Variance,
)
TIDY = move("collect-result", "Simplify", "like terms together")
QUADRATIC_FORM = move(
    "expectation-of-a-quadratic-form",
    "Expectation of a quadratic form",
    "E[xᵀAx] = tr(A Cov(x)) + E[x]ᵀ A E[x]",
    r"\mathbb{E}[x^\top A x] = \operatorname{tr}(A \operatorname{Cov}(x)) + \mathbb{E}[x]^\top A\,\mathbb{E}[x]",
)
SECOND_MOMENT_MATRIX = move(
    "second-moment-matrix",
    "Second moment matrix",
    "E[x yᵀ] = Cov(x, y) + E[x] E[y]ᵀ",
    r"\mathbb{E}[x y^\top] = \operatorname{Cov}(x, y) + \mathbb{E}[x]\,\mathbb{E}[y]^\top",
)
COVARIANCE_OF_LINEAR = move(
    "covariance-of-linear-maps",
    "Covariance of linear maps",
    "Cov(Ax + a, By + b) = A Cov(x, y) Bᵀ",
    r"\operatorname{Cov}(Ax + a, By + b) = A \operatorname{Cov}(x, y) B^\top",
)
QUADRATIC_VARIANCE = move(
    "variance-of-a-gaussian-quadratic-form",
    "Variance of a Gaussian quadratic form",
    "Var(xᵀAx) = 2 tr(AΣAΣ) + 4 μᵀAΣAμ for symmetric A",
    r"\operatorname{Var}(x^\top A x) = 2 \operatorname{tr}(A\Sigma A\Sigma) + 4 \mu^\top A \Sigma A \mu",
)
BILINEAR_VARIANCE = move(
    "variance-of-a-bilinear-form",
    "Variance of a bilinear form",
    "Var(xᵀAy) = tr(AΣ_y AᵀΣ_x) + E[x]ᵀAΣ_y AᵀE[x] + E[y]ᵀAᵀΣ_x A E[y] for independent x, y",
    r"\operatorname{Var}(x^\top A y) = \operatorname{tr}(A\Sigma_y A^\top\Sigma_x)"
    r" + \mathbb{E}[x]^\top A\Sigma_y A^\top \mathbb{E}[x] + \mathbb{E}[y]^\top A^\top\Sigma_x A\,\mathbb{E}[y]",
)
GAUSSIAN_MGF = move(
    "mgf-of-a-gaussian-vector",
    "Moment generating function of a Gaussian vector",
    "E[e^(tᵀx)] = e^(tᵀμ + tᵀΣt/2)",
    r"\mathbb{E}[e^{t^\top x}] = e^{t^\top \mu + \frac12 t^\top \Sigma t}",
)
VALUE_OF = move("value-of-an-expectation", "Work out the expectation", "the expectation inside, by its own steps")
FIRST_ORDER = move("first-order-condition", "First-order condition", "f′(c) = 0", r"f'(c) = 0")
SECOND_ORDER = move("second-order-condition", "Second-order condition", "f″(c) > 0: a minimum", r"f''(c) > 0")
SCORE_FUNCTION = move(
    "score-function",
    "Score function",
    "∇_θ E[f(x)] = E[f(x) ∇_θ log p_θ(x)]",
    r"\nabla_\theta\,\mathbb{E}[f(x)] = \mathbb{E}[f(x)\,\nabla_\theta \log p_\theta(x)]",
)

UNDER_THE_EXPECTATION = move(
    "derivative-under-the-expectation",
    "Differentiate under the expectation",
    "∂/∂θ E[g(X, θ)] = E[∂g(X, θ)/∂θ]",
    r"\frac{\partial}{\partial\theta}\,\mathbb{E}[g(X, \theta)] = \mathbb{E}\Big[\frac{\partial g(X, \theta)}{\partial\theta}\Big]",
)

RULES: tuple[Rule, ...] = tuple(v for v in list(globals().values()) if isinstance(v, Rule))
