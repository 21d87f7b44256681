"""The rules of information: entropy, cross-entropy and divergences as expectations of log-densities, and what relates them."""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "CHAIN_RULE",
    "CROSS_ENTROPY",
    "ELBO",
    "ENTROPY",
    "EXPONENTIAL_FAMILY",
    "FIX_MULTIPLIERS",
    "INSERT_LOG_DENSITIES",
    "INSERT_MOMENTS",
    "JENSEN_SHANNON",
    "KL",
    "KL_NORMALS",
    "LINEAR_EXPECTATION",
    "MARGINALS",
    "MUTUAL_INFORMATION",
    "RULES",
    "STATIONARY_FUNCTIONAL",
    "SUM_OVER_TABLE",
]

KL = move(
    "kl-divergence",
    "Kullback–Leibler divergence",
    "KL(p ‖ q) = E_p[log p − log q]",
    r"D_{KL}(p \,\|\, q) = \mathbb{E}_{p}[\log p(x) - \log q(x)]",
)
ENTROPY = move("entropy", "Entropy", "H(p) = −E_p[log p]", r"H(p) = -\mathbb{E}_p[\log p(x)]")
CROSS_ENTROPY = move("cross-entropy", "Cross-entropy", "H(p, q) = −E_p[log q]", r"H(p, q) = -\mathbb{E}_p[\log q(x)]")
JENSEN_SHANNON = move(
    "jensen-shannon",
    "Jensen–Shannon divergence",
    "JS(p ‖ q) = ½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½(p + q)",
    r"\mathrm{JS}(p \,\|\, q) = \tfrac12 D_{KL}(p \,\|\, m) + \tfrac12 D_{KL}(q \,\|\, m)",
)
MUTUAL_INFORMATION = move("mutual-information", "Mutual information", "I(X; Y) = H(X) + H(Y) − H(X, Y)", r"I(X; Y) = H(X) + H(Y) - H(X, Y)")
CHAIN_RULE = move("entropy-chain-rule", "Chain rule of entropy", "H(Y | X) = H(X, Y) − H(X)", r"H(Y \mid X) = H(X, Y) - H(X)")
INSERT_LOG_DENSITIES = move("insert-log-densities", "Insert the log-densities", "log p(x) written out", r"\log p(x)")
LINEAR_EXPECTATION = move(
    "linearity", "Linearity of expectation", "E[a X + b Y] = a E[X] + b E[Y]", r"\mathbb{E}[aX + bY] = a\,\mathbb{E}[X] + b\,\mathbb{E}[Y]"
)
INSERT_MOMENTS = move("insert-moments", "Insert the moments", "the moments of a known law", r"\mathbb{E}[T(X)]")
MARGINALS = move("marginals", "Marginals", "p(x) = Σ_y p(x, y)", r"p(x) = \sum_y p(x, y)")
SUM_OVER_TABLE = move("sum-over-values", "Sum over the values", "E[g(X)] = Σ_x p(x) g(x)", r"\mathbb{E}[g(X)] = \sum_x p(x)\,g(x)")
KL_NORMALS = move(
    "kl-normals", "KL divergence of Gaussians", "½ (tr(Σ₁⁻¹Σ₀) + (μ₁ − μ₀)ᵀΣ₁⁻¹(μ₁ − μ₀) − n + log det Σ₁ − log det Σ₀)",
    r"\tfrac12\left(\operatorname{tr}(\Sigma_1^{-1}\Sigma_0) + (\mu_1-\mu_0)^\top\Sigma_1^{-1}(\mu_1-\mu_0) - n"
    r" + \log\frac{\det\Sigma_1}{\det\Sigma_0}\right)",
)  # fmt: skip
ELBO = move(
    "elbo", "Evidence lower bound", "ELBO = E_q[log p(x, z) − log q(z)]", r"\mathrm{ELBO} = \mathbb{E}_{q}[\log p(x, z) - \log q(z)]"
)

STATIONARY_FUNCTIONAL = move(
    "stationary-functional", "Lagrangian of the entropy", "−log p(x) − 1 + Σ λₖ Tₖ(x) = 0", r"-\log p(x) - 1 + \sum_k \lambda_k T_k(x) = 0"
)
EXPONENTIAL_FAMILY = move("exponential-family", "Exponential family", "p(x) ∝ exp(Σ λₖ Tₖ(x))", r"p(x) \propto e^{\sum_k \lambda_k T_k(x)}")
FIX_MULTIPLIERS = move("fix-multipliers", "The constraints fix the parameters", "∫ Tₖ p = cₖ", r"\int T_k(x)\,p(x)\,dx = c_k")

RULES: tuple[Rule, ...] = (
    KL, ENTROPY, CROSS_ENTROPY, JENSEN_SHANNON, MUTUAL_INFORMATION, CHAIN_RULE, INSERT_LOG_DENSITIES, LINEAR_EXPECTATION, INSERT_MOMENTS,
    MARGINALS, SUM_OVER_TABLE, KL_NORMALS, ELBO, STATIONARY_FUNCTIONAL, EXPONENTIAL_FAMILY, FIX_MULTIPLIERS,
)  # fmt: skip
