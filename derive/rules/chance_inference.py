"""The rules of inference: Bayes' rule for densities, kernels and normalisers, likelihood, score, maxima, information.

A step that uses one names it; the strategies in `solving.chance` do the work, and the checks draw data from the model.
"""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "ASYMPTOTIC",
    "BAYES_DENSITY",
    "BLOCKS",
    "BOUNDARY",
    "COMPLETE_SQUARE",
    "CONDITIONAL_INDEPENDENCE",
    "CURVATURE",
    "E_STEP",
    "FISHER",
    "FISHER_SQUARE",
    "GATHER_EXPONENTS",
    "INSERT_DENSITIES",
    "INVARIANCE",
    "LAGRANGE_SIMPLEX",
    "LOG_LIKELIHOOD",
    "LOG_ODDS",
    "LOG_POSTERIOR",
    "MARGINALISE",
    "MEAN_OF",
    "MEDIAN_MAXIMUM",
    "MODE_OF",
    "M_STEP",
    "NORMALISERS",
    "POSTERIOR_THEN_PREDICT",
    "RECOGNISE",
    "RECOGNISE_PREDICTIVE",
    "RESPONSIBILITY",
    "RULES",
    "SCORE",
    "SCORE_ZERO",
    "SECOND_DERIVATIVE",
    "SOFT_THRESHOLD",
    "VARIANCE_OF",
]

BAYES_DENSITY = move(
    "bayes-density",
    "Bayes' rule",
    "p(θ | x) ∝ p(x | θ) p(θ)",
    r"p(\theta \mid x) = \frac{p(x \mid \theta)\,p(\theta)}{p(x)} \propto p(x \mid \theta)\,p(\theta)",
)
INSERT_DENSITIES = move("insert-densities", "Insert the densities", "factors without θ are dropped", r"c\,f(\theta) \propto f(\theta)")
GATHER_EXPONENTS = move(
    "gather-statistics",
    "Gather",
    "exp(Σ aₖTₖ) · exp(Σ bₖTₖ) = exp(Σ (aₖ + bₖ)Tₖ)",
    r"e^{\sum_k a_k T_k} e^{\sum_k b_k T_k} = e^{\sum_k (a_k + b_k) T_k}",
)
COMPLETE_SQUARE = move(
    "complete-square-density",
    "Complete the square",
    "−½(aθ² − 2bθ) = −½ a (θ − b/a)² + const",
    r"-\tfrac12(a\theta^2 - 2b\theta) = -\tfrac{a}{2}\left(\theta - \tfrac{b}{a}\right)^2 + \text{const}",
)
RECOGNISE = move(
    "recognise-kernel",
    "Recognise the kernel",
    "a density is known by its kernel",
    r"p(\theta) \propto k(\theta) \Rightarrow p(\theta) = k(\theta) / \int k",
)
NORMALISERS = move(
    "ratio-of-normalisers",
    "Ratio of normalisers",
    "p(x) = p(x | θ) p(θ) / p(θ | x)",
    r"p(x) = \frac{p(x \mid \theta)\,p(\theta)}{p(\theta \mid x)}",
)
MARGINALISE = move(
    "marginalise", "Integrate the parameter out", "p(x) = ∫ p(x | θ) p(θ) dθ", r"p(x) = \int p(x \mid \theta)\,p(\theta)\,d\theta"
)
RECOGNISE_PREDICTIVE = move(
    "recognise-predictive", "Recognise the law", "a law is known by its density", r"p(x) = f(x) \Rightarrow x \sim f"
)
POSTERIOR_THEN_PREDICT = move(
    "predict-from-posterior",
    "Posterior predictive",
    "p(x′ | x) = ∫ p(x′ | θ) p(θ | x) dθ",
    r"p(x' \mid x) = \int p(x' \mid \theta)\,p(\theta \mid x)\,d\theta",
)
MEAN_OF = move("mean-of-law", "Mean of the law", "E[θ] of a known law", r"\mathbb{E}[\theta]")
VARIANCE_OF = move("variance-of-law", "Variance of the law", "Var(θ) of a known law", r"\operatorname{Var}(\theta)")
MODE_OF = move("mode-of-law", "Mode of the law", "the θ with the largest density", r"\operatorname{argmax}_{\theta} p(\theta)")
CONDITIONAL_INDEPENDENCE = move(
    "likelihood-product",
    "Likelihood of independent data",
    "p(x₁, …, xₙ | θ) = ∏ p(xᵢ | θ)",
    r"p(x_1, \dots, x_n \mid \theta) = \prod_i p(x_i \mid \theta)",
)
LOG_LIKELIHOOD = move("log-likelihood", "Log-likelihood", "ℓ(θ) = Σ log p(xᵢ | θ)", r"\ell(\theta) = \sum_i \log p(x_i \mid \theta)")
LOG_POSTERIOR = move(
    "log-posterior",
    "Log-posterior",
    "log p(θ | x) + const = ℓ(θ) + log p(θ)",
    r"\log p(\theta \mid x) + \text{const} = \ell(\theta) + \log p(\theta)",
)
SCORE = move("score", "Score", "s(θ) = ∂ℓ/∂θ", r"s(\theta) = \frac{\partial \ell}{\partial \theta}")
SCORE_ZERO = move("score-zero", "Set the score to zero", "s(θ̂) = 0", r"s(\hat\theta) = 0")
SOFT_THRESHOLD = move(
    "soft-threshold",
    "Soft threshold",
    "−a/2 θ² + bθ − c|θ| is largest at sign(b) max(|b| − c, 0)/a",
    r"\hat\theta = \operatorname{sign}(b)\,\frac{\max(\lvert b\rvert - c, 0)}{a}",
)
SECOND_DERIVATIVE = move("second-order", "Second-order check", "ℓ″(θ̂) < 0: a maximum", r"\ell''(\hat\theta) < 0")
BOUNDARY = move(
    "boundary-maximum",
    "Maximum at the boundary",
    "ℓ is monotone: the end of its domain",
    r"\ell' \ne 0: \hat\theta \text{ is an end of the domain}",
)
MEDIAN_MAXIMUM = move(
    "median-minimises",
    "Median",
    "Σ|xᵢ − μ| is least at the median",
    r"\operatorname{argmin}_{\mu} \sum_i |x_i - \mu| = \operatorname{median}(x)",
)
LAGRANGE_SIMPLEX = move(
    "lagrange-simplex",
    "Lagrange multiplier",
    "∂/∂pₖ (ℓ + λ(1 − Σp)) = 0",
    r"\frac{\partial}{\partial p_k}\Big(\ell + \lambda(1 - \sum_j p_j)\Big) = 0",
)
INVARIANCE = move("invariance-mle", "Invariance", "the MLE of g(θ) is g(θ̂)", r"\widehat{g(\theta)} = g(\hat\theta)")
FISHER = move(
    "fisher-information",
    "Fisher information",
    "I(θ) = −E[∂² log p/∂θ²]",
    r"I(\theta) = -\mathbb{E}\left[\frac{\partial^2}{\partial\theta^2}\log p(x \mid \theta)\right]",
)
CURVATURE = move(
    "curvature", "Second derivative of the log-density", "∂² log p/∂θ²", r"\frac{\partial^2}{\partial\theta^2} \log p(x \mid \theta)"
)
FISHER_SQUARE = move(
    "fisher-score-square",
    "Fisher information",
    "I(θ) = E[(∂ log p/∂θ)²]",
    r"I(\theta) = \mathbb{E}\left[\left(\frac{\partial}{\partial\theta}\log p(x \mid \theta)\right)^2\right]",
)
LOG_ODDS = move("log-odds", "Log-odds", "a/(a + b) = σ(log a − log b)", r"\frac{a}{a+b} = \sigma(\log a - \log b)")
ASYMPTOTIC = move("information-adds", "Information of independent data", "Iₙ(θ) = n I(θ)", r"I_n(\theta) = n I(\theta)")
BLOCKS = move(
    "linear-gaussian",
    "Linear Gaussian model",
    "Λ = S⁻¹ + XᵀR⁻¹X,  m = Λ⁻¹(S⁻¹m₀ + XᵀR⁻¹y)",
    r"\Lambda = S^{-1} + X^\top R^{-1} X,\quad m = \Lambda^{-1}(S^{-1} m_0 + X^\top R^{-1} y)",
)
RESPONSIBILITY = move(
    "responsibility", "Responsibility", "γₖ = πₖ pₖ(x) / Σⱼ πⱼ pⱼ(x)", r"\gamma_k = \frac{\pi_k p_k(x)}{\sum_j \pi_j p_j(x)}"
)
E_STEP = move("e-step", "E-step", "γᵢₖ = p(zᵢ = k | xᵢ)", r"\gamma_{ik} = p(z_i = k \mid x_i)")
M_STEP = move("m-step", "M-step", "the weighted log-likelihood is maximised", r"\max_\theta \sum_{i,k} \gamma_{ik} \log p_k(x_i)")

RULES: tuple[Rule, ...] = (
    BAYES_DENSITY, INSERT_DENSITIES, GATHER_EXPONENTS, COMPLETE_SQUARE, RECOGNISE, NORMALISERS, MARGINALISE, RECOGNISE_PREDICTIVE,
    POSTERIOR_THEN_PREDICT, MEAN_OF, VARIANCE_OF, MODE_OF, CONDITIONAL_INDEPENDENCE, LOG_LIKELIHOOD, LOG_POSTERIOR, SCORE, SCORE_ZERO,
    SECOND_DERIVATIVE, SOFT_THRESHOLD, CURVATURE, FISHER_SQUARE, BOUNDARY, MEDIAN_MAXIMUM, LAGRANGE_SIMPLEX, INVARIANCE, FISHER,
    ASYMPTOTIC, BLOCKS, LOG_ODDS, RESPONSIBILITY, E_STEP, M_STEP,
)  # fmt: skip
