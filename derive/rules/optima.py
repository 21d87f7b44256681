"""The rules of optima: stationary points, curvature, multipliers, complementary slackness, projections.

A strategy in `solving.optimisation` does the work; a step names the rule. Sources: Boyd & Vandenberghe, Convex Optimization (2004),
chapters 4 and 5; Nocedal & Wright, Numerical Optimization (2006), chapter 12; Parikh & Boyd, Proximal Algorithms (2014), chapter 6.
"""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = ["CHARACTERISTIC", "LAGRANGIAN", "RAYLEIGH", "RULES"]

LAGRANGIAN = move(
    "lagrange-sphere",
    "Lagrange multiplier",
    "∇(uᵀS u − λ(uᵀu − 1)) = 0 ⇔ S u = λ u",
    r"\nabla(u^\top S u - \lambda(u^\top u - 1)) = 0 \Leftrightarrow S u = \lambda u",
)
CHARACTERISTIC = move("characteristic-polynomial", "Characteristic polynomial", "det(S − λI) = 0", r"\det(S - \lambda I) = 0")
RAYLEIGH = move("rayleigh-quotient", "Rayleigh quotient", "uᵀS u = λ at an eigenvector of length 1", r"u^\top S u = \lambda")
STATIONARY = move("stationary-point", "Set the gradient to zero", "∇f = 0 at an optimum inside", r"\nabla f = 0")
SOLVE_STATIONARY = move("solve-stationary", "Solve", "∇f(x) = 0 ⇔ x = x*", r"\nabla f(x) = 0 \Leftrightarrow x = x^*")
LINEAR_SYSTEM = move("gradient-system", "Linear system", "H x = b, H invertible ⇔ x = H⁻¹ b", r"Hx = b \Leftrightarrow x = H^{-1}b")
CONVEX = move(
    "convex-function", "Convex", "vᵀ∇²f v ≥ 0 for every v: a stationary point is a global minimum", r"v^\top \nabla^2 f\, v \ge 0"
)
CURVATURE = move("second-derivative-test", "Second derivatives", "∇²f > 0: minimum; < 0: maximum; both signs: saddle", r"\nabla^2 f(x^*)")
LAGRANGE = move(
    "lagrange-multipliers", "Lagrange multipliers", "∇f + Σ ν ∇h = 0, h = 0", r"\nabla f + \sum_j \nu_j \nabla h_j = 0,\ h_j = 0"
)
MULTIPLIER = move("solve-multiplier", "Solve for the multiplier", "h(x(ν)) = 0", r"h(x(\nu)) = 0")
KKT = move(
    "karush-kuhn-tucker",
    "Karush–Kuhn–Tucker conditions",
    "∇f + Σ ν ∇h + Σ μ ∇g = 0, h = 0, g ≤ 0, μ ≥ 0, μ g = 0",
    r"\nabla f + \sum \nu \nabla h + \sum \mu \nabla g = 0,\ h = 0,\ g \le 0,\ \mu \ge 0,\ \mu g = 0",
)
SLACKNESS = move("complementary-slackness", "Complementary slackness", "μ = 0 or g = 0", r"\mu g = 0")
ENTRY_BY_ENTRY = move(
    "separable-problem", "Entry by entry", "min Σ f_i(x_i) = Σ min f_i(x_i)", r"\min_x \sum_i f_i(x_i) = \sum_i \min_{x_i} f_i(x_i)"
)
CLIPPED = move(
    "clipped-minimiser", "At the nearest end", "a convex function on [l, u] is least at min(max(x*, l), u)", r"\min(\max(x^*, l), u)"
)
SOFT_THRESHOLD = move(
    "proximal-soft-threshold",
    "Soft threshold",
    "argmin ½(x − a)² + t |x| = sign(a) max(|a| − t, 0)",
    r"\operatorname{sign}(a)\max(|a| - t, 0)",
)
BLOCK_THRESHOLD = move(
    "block-soft-threshold", "Soft threshold of the length", "argmin ½‖x − a‖² + t ‖x‖ = max(0, 1 − t/‖a‖) a", r"\max(0, 1 - t/\|a\|)\,a"
)
DETERMINANT = move(
    "likelihood-of-a-covariance", "Multiply by the matrix on both sides", "α Σ⁻¹ − Σ⁻¹S Σ⁻¹ = 0 ⇔ Σ = S/α", r"\Sigma = S/\alpha"
)
BEST = move("best-candidate", "Compare", "the optimum is attained, and at one of the candidates", r"\min_k f(x_k)")
GLOBAL = move("global-optimum", "Global optimum", "no feasible point is better", r"f(x) \ge f(x^*)")
AT_OPTIMUM = move("value-at-optimum", "Value at the optimum", "f(x*)", r"f(x^*)")
DESCENT = move("gradient-descent", "Gradient descent", "x ← x − η ∇f(x)", r"x^{+} = x - \eta \nabla f(x)")
NEWTON = move("newton-step", "Newton's method", "x ← x − (∇²f)⁻¹ ∇f", r"x^{+} = x - (\nabla^2 f)^{-1} \nabla f")
NEWTON_ROOT = move("newton-root", "Newton's method", "x ← x − f(x)/f′(x)", r"x^{+} = x - f(x)/f'(x)")
EXACT_STEP = move("exact-line-search", "Exact line search", "dφ(α)/dα = 0", r"\frac{d}{d\alpha} f(x - \alpha g) = 0")
RULES: tuple[Rule, ...] = (
    LAGRANGIAN,
    CHARACTERISTIC,
    RAYLEIGH,
    STATIONARY,
    SOLVE_STATIONARY,
    LINEAR_SYSTEM,
    CONVEX,
    CURVATURE,
    LAGRANGE,
    MULTIPLIER,
    KKT,
    SLACKNESS,
    ENTRY_BY_ENTRY,
    CLIPPED,
    SOFT_THRESHOLD,
    BLOCK_THRESHOLD,
    DETERMINANT,
    BEST,
    GLOBAL,
    AT_OPTIMUM,
    DESCENT,
    NEWTON,
    NEWTON_ROOT,
    EXACT_STEP,
)
