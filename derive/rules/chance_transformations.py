"""The rules of transformed variables: change of variables, sums, extremes, order statistics, conditionals and marginals of Gaussians."""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "CHANGE",
    "CLOSED_UNDER_SUMS",
    "CONVOLUTION",
    "DERIVATIVE_OF_CDF",
    "GAUSSIAN_CONDITIONAL",
    "GAUSSIAN_LINEAR",
    "GAUSSIAN_MARGINAL",
    "INSERT_DENSITY",
    "INVERSE",
    "JACOBIAN",
    "LINEAR_COMBINATION",
    "MAXIMUM",
    "MGF_PRODUCT",
    "MINIMUM",
    "ORDER_STATISTIC",
    "RULES",
]

INVERSE = move("inverse-transformation", "Solve for x", "y = g(x) ⇔ x = h(y)", r"y = g(x) \Leftrightarrow x = h(y)")
JACOBIAN = move("jacobian-factor", "Derivative of the inverse", "|dx/dy|", r"\left|\frac{dx}{dy}\right|")
CHANGE = move(
    "change-of-variables", "Change of variables", "p_Y(y) = Σ p_X(h(y)) |h′(y)| over the branches", r"p_Y(y) = \sum_h p_X(h(y))\,|h'(y)|"
)
INSERT_DENSITY = move("insert-density", "Insert the density", "p_X written out", r"p_X(x)")
MGF_PRODUCT = move("mgf-product", "Generating functions multiply", "M_{X+Y}(t) = M_X(t) M_Y(t)", r"M_{X+Y}(t) = M_X(t)\,M_Y(t)")
CLOSED_UNDER_SUMS = move(
    "recognise-mgf", "Recognise the law", "a law is known by its generating function", r"M_Z = M \Rightarrow Z \sim \dots"
)
CONVOLUTION = move("convolution", "Convolution", "p_{X+Y}(z) = ∫ p_X(x) p_Y(z − x) dx", r"p_{X+Y}(z) = \int p_X(x)\,p_Y(z - x)\,dx")
LINEAR_COMBINATION = move(
    "normal-combination", "Linear combinations of Normals", "Σ aᵢXᵢ + c is Normal", r"\sum_i a_i X_i + c \sim \mathcal{N}"
)
MAXIMUM = move("law-of-maximum", "Maximum", "P(max ≤ m) = ∏ P(Xᵢ ≤ m)", r"P(\max_i X_i \le m) = \prod_i P(X_i \le m)")
MINIMUM = move("law-of-minimum", "Minimum", "P(min > m) = ∏ P(Xᵢ > m)", r"P(\min_i X_i > m) = \prod_i P(X_i > m)")
DERIVATIVE_OF_CDF = move("density-from-cdf", "Differentiate the distribution function", "p = F′", r"p(m) = F'(m)")
ORDER_STATISTIC = move(
    "order-statistic",
    "Order statistic",
    "p₍ₖ₎(u) = n!/((k−1)!(n−k)!) F^{k−1}(1 − F)^{n−k} p",
    r"p_{(k)}(u) = \frac{n!}{(k-1)!(n-k)!} F^{k-1} (1-F)^{n-k} p",
)
GAUSSIAN_CONDITIONAL = move(
    "conditional-of-a-gaussian", "Conditioning a Gaussian", "X | Y = y ~ 𝒩(μₓ + Σₓᵧ Σᵧᵧ⁻¹ (y − μᵧ), Σₓₓ − Σₓᵧ Σᵧᵧ⁻¹ Σᵧₓ)",
    r"X \mid Y = y \sim \mathcal{N}(\mu_x + \Sigma_{xy}\Sigma_{yy}^{-1}(y - \mu_y),\ \Sigma_{xx} - \Sigma_{xy}\Sigma_{yy}^{-1}\Sigma_{yx})",
)  # fmt: skip
GAUSSIAN_MARGINAL = move("gaussian-marginal", "Marginal of a Gaussian", "Y ~ 𝒩(μᵧ, Σᵧᵧ)", r"Y \sim \mathcal{N}(\mu_y, \Sigma_{yy})")
GAUSSIAN_LINEAR = move(
    "gaussian-linear", "Linear map of a Gaussian", "A x + b ~ 𝒩(Aμ + b, AΣAᵀ)", r"Ax + b \sim \mathcal{N}(A\mu + b, A\Sigma A^\top)"
)

RULES: tuple[Rule, ...] = (
    INVERSE, JACOBIAN, CHANGE, INSERT_DENSITY, MGF_PRODUCT, CLOSED_UNDER_SUMS, CONVOLUTION, LINEAR_COMBINATION, MAXIMUM, MINIMUM,
    DERIVATIVE_OF_CDF, ORDER_STATISTIC, GAUSSIAN_CONDITIONAL, GAUSSIAN_MARGINAL, GAUSSIAN_LINEAR,
)  # fmt: skip
