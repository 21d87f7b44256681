"""Rules about several variables at once: entropies that add up, quadrants of a Gaussian pair, areas, mixtures."""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "ADDITIVE_ENTROPY",
    "AFFINE_ENTROPY",
    "AREA",
    "INDEPENDENT_INFORMATION",
    "MIXTURE_DENSITY",
    "ORTHANT",
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
MIXTURE_DENSITY = move(
    "mixture-density", "Density of a mixture", "p(x) = Σₖ P(z = k) p(x | z = k)", r"p(x) = \sum_k P(z = k)\,p(x \mid z = k)"
)
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
    ORTHANT, ADDITIVE_ENTROPY, INDEPENDENT_INFORMATION, AFFINE_ENTROPY, AREA, MIXTURE_DENSITY, POSTERIOR_PROBABILITY, STANDARDISED,
)  # fmt: skip
