"""The rules behind answers of yes and no: convexity by second derivatives and by its definition, definiteness, independence."""

from __future__ import annotations

import sympy as sp

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "COMBINATION", "COUNTEREXAMPLE", "DETERMINANT", "KINK", "MIDPOINT", "MIDPOINT_GAP", "MINORS", "ORTHOGONALITY", "RULES",
    "SECOND_ORDER", "SIGN", "SQUARES",
    "TRANSPOSE", "WITNESS",
]  # fmt: skip

SECOND_ORDER = move("convexity-second-order", "Second-order condition", "f″ ≥ 0 ⇔ f convex", r"f'' \ge 0 \iff f \text{ convex}")
SQUARES = move("complete-squares", "Complete the squares", "vᵀH v = Σ dₖ (ℓₖᵀv)²", r"v^\top H v = \sum_k d_k (\ell_k^\top v)^2")
MINORS = move("principal-minors", "Principal minors", "H ≻ 0 ⇔ all leading minors are positive", r"\Delta_k > 0", sp.Tuple)
SIGN = move("sign-of-minor", "Sign", "a sum, product or power of known signs", r"\Delta_k \ge 0")
KINK = move("slope-at-kink", "Slopes at a kink", "the slope of a convex function does not fall", r"f'(c^-) \le f'(c^+)")
MIDPOINT = move(
    "midpoint-convexity", "Definition", "f((a + b)/2) ≤ (f(a) + f(b))/2", r"f\!\left(\tfrac{a+b}{2}\right) \le \tfrac{f(a)+f(b)}{2}"
)
MIDPOINT_GAP = move(
    "midpoint-gap",
    "Definition",
    "(f(a) + f(b))/2 − f((a + b)/2) = f″ (a − b)²/8 for constant f″",
    r"\tfrac{f(a)+f(b)}{2} - f\!\left(\tfrac{a+b}{2}\right) = \tfrac18 f'' (a-b)^2",
)
COUNTEREXAMPLE = move(
    "convexity-counterexample", "Counterexample", "f((a + b)/2) > (f(a) + f(b))/2", r"f\!\left(\tfrac{a+b}{2}\right) > \tfrac{f(a)+f(b)}{2}"
)
WITNESS = move("witness-vector", "A vector of the other sign", "vᵀA v at one vector v", r"v^\top A v")
DETERMINANT = move("determinant-decides", "Determinant", "A invertible ⇔ det A ≠ 0", r"\det A \ne 0", sp.MatrixBase)
TRANSPOSE = move("compare-transpose", "Compare with the transpose", "A symmetric ⇔ Aᵀ = A", r"A^\top = A", sp.MatrixBase)
ORTHOGONALITY = move("columns-orthonormal", "Products of the columns", "A orthogonal ⇔ AᵀA = I", r"A^\top A = I", sp.MatrixBase)
COMBINATION = move("linear-combination", "Linear combination", "Σ cₖ vₖ = 0 with some cₖ ≠ 0", r"\sum_k c_k v_k = 0", sp.MatrixBase)
RULES: tuple[Rule, ...] = (
    SECOND_ORDER, SQUARES, MINORS, SIGN, KINK, MIDPOINT, MIDPOINT_GAP, COUNTEREXAMPLE,
    WITNESS, DETERMINANT, TRANSPOSE, ORTHOGONALITY, COMBINATION,
)  # fmt: skip
