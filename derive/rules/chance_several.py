"""Rules about several variables at once: entropies that add up, quadrants of a Gaussian pair, areas, mixtures."""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "ADDITIVE_ENTROPY",
    "AFFINE_ENTROPY",
    "AREA",
    "CHANGE_OF_MEASURE",
    "CLASSICAL",
    "COUNT_GIVEN_SUM",
    "INDEPENDENT_EVENTS_TEST",
    "INDEPENDENT_INFORMATION",
    "INDEPENDENT_VARIABLES_TEST",
    "INTEGRATE_PIECES",
    "LINEAR_DISCRIMINANT",
    "MEDIAN",
    "MIXTURE_DENSITY",
    "MODE",
    "ORTHANT",
    "OVER_PARAMETER",
    "POINTWISE",
    "POSTERIOR_PROBABILITY",
    "RULES",
    "STANDARDISED",
]

ORTHANT = move(
    "quadrant-of-a-gaussian-pair",
    "Quadrant of a Gaussian pair",
    "P(U > 0, V > 0) = 1/4 + arcsin(ρ)/(2π) for means 0",
    r"P(U > 0, V > 0) = \tfrac14 + \frac{\arcsin\rho}{2\pi}",
)
ADDITIVE_ENTROPY = move(
    "additive-entropy", "Entropies of independent variables add", "X ⫫ Y: H(X, Y) = H(X) + H(Y)", r"X \perp Y:\ H(X, Y) = H(X) + H(Y)"
)
INDEPENDENT_INFORMATION = move(
    "independent-information", "Independent variables say nothing about each other", "X ⫫ Y: I(X; Y) = 0", r"X \perp Y:\ I(X; Y) = 0"
)
AFFINE_ENTROPY = move("affine-entropy", "Entropy of an affine map", "H(aX + b) = H(X) + log |a|", r"H(aX + b) = H(X) + \log|a|")
AREA = move("area", "Integrate the conditional probability", "P(A) = ∫ P(A | X = x) p(x) dx", r"P(A) = \int P(A \mid X = x)\,p(x)\,dx")
INTEGRATE_PIECES = move("integrate-pieces", "Integrate", "∫ f = F(b) − F(a) on every piece", r"\int_a^b f = F(b) - F(a)")
CLASSICAL = move("classical-law", "A classical law", "the function of independent variables has a law with a name")
COUNT_GIVEN_SUM = move(
    "count-given-the-sum",
    "A count given the sum",
    "P(X = k | X + Y = n) = P(X = k) P(Y = n − k) / P(X + Y = n)",
    r"P(X = k \mid X + Y = n) = \frac{P(X = k)\,P(Y = n - k)}{P(X + Y = n)}",
)
MEDIAN = move("median-of-the-law", "Median of the law", "F(m) = 1/2", r"F(m) = \tfrac12")
MODE = move("mode-of-the-law", "Mode of the law", "p(x) ≤ p(m) for all x", r"p(x) \le p(m)")
MIXTURE_DENSITY = move(
    "mixture-density", "Density of a mixture", "p(x) = Σₖ P(z = k) p(x | z = k)", r"p(x) = \sum_k P(z = k)\,p(x \mid z = k)"
)
LINEAR_DISCRIMINANT = move(
    "linear-discriminant",
    "Linear discriminant",
    "one Σ: the quadratic terms cancel, wᵀx + w₀ with w = Σ⁻¹(μ₁ − μ₀)",
    r"w^\top x + w_0,\ w = \Sigma^{-1}(\mu_1 - \mu_0)",
)
INDEPENDENT_EVENTS_TEST = move(
    "test-of-independent-events",
    "Independent events",
    "A ⫫ B ⇔ P(A ∧ B) = P(A) P(B)",
    r"A \perp B \Leftrightarrow P(A \cap B) = P(A)\,P(B)",
)
INDEPENDENT_VARIABLES_TEST = move(
    "test-of-independent-variables", "Independent variables", "X ⫫ Y ⇔ I(X; Y) = 0", r"X \perp Y \Leftrightarrow I(X; Y) = 0"
)
POINTWISE = move(
    "pointwise-optimum",
    "Optimise at every point",
    "max_D ∫ F(D(x), x) dx = ∫ max_d F(d, x) dx",
    r"\max_D \int F(D(x), x)\,dx = \int \max_d F(d, x)\,dx",
)
CHANGE_OF_MEASURE = move(
    "change-of-measure",
    "Change of measure",
    "E_q[(p/q) f] = E_p[f]",
    r"\mathbb{E}_{q}\left[\frac{p(x)}{q(x)} f(x)\right] = \mathbb{E}_{p}[f(x)]",
)
OVER_PARAMETER = move("over-the-parameter", "Average over the parameter", "P(A) = E[P(A | θ)]", r"P(A) = \mathbb{E}[P(A \mid \theta)]")
POSTERIOR_PROBABILITY = move(
    "posterior-probability", "Probability under the posterior", "P(θ ∈ A | x) from the law of θ | x", r"P(\theta \in A \mid x)"
)
STANDARDISED = move(
    "standardised-variable",
    "A variable of known law",
    "E[g(X)] = E[g(h(U))] with X = h(U)",
    r"\mathbb{E}[g(X)] = \mathbb{E}[g(h(U))],\ X = h(U)",
)

RULES: tuple[Rule, ...] = (
    ORTHANT, ADDITIVE_ENTROPY, INDEPENDENT_INFORMATION, LINEAR_DISCRIMINANT,
    AFFINE_ENTROPY, AREA, INTEGRATE_PIECES, MIXTURE_DENSITY, POSTERIOR_PROBABILITY, OVER_PARAMETER,
    STANDARDISED, MEDIAN, MODE, CLASSICAL, COUNT_GIVEN_SUM, CHANGE_OF_MEASURE, POINTWISE, INDEPENDENT_EVENTS_TEST,
    INDEPENDENT_VARIABLES_TEST,
)  # fmt: skip
