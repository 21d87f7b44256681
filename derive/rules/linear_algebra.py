"""The rules of linear algebra over matrices that are written out: elimination, orthogonalisation, eigenvalues, factorisations."""

from __future__ import annotations

import sympy as sp

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "ADJUGATE",
    "BY_ADJUGATE",
    "CENTRE",
    "CHARACTERISTIC_POLYNOMIAL",
    "CHOLESKY",
    "COVARIANCE",
    "DIAGONAL",
    "EIGENVECTOR",
    "EXPONENTIAL",
    "GENERAL_SOLUTION",
    "GRAM_SCHMIDT",
    "LAPLACE",
    "LU",
    "MATRIX_ARITHMETIC",
    "MINIMAL_POLYNOMIAL",
    "MINORS",
    "NORMAL_EQUATIONS",
    "NULL_VECTORS",
    "PIVOTS",
    "POLYNOMIAL",
    "POWER",
    "PRINCIPAL",
    "PROJECTION",
    "PSEUDO_INVERSE",
    "QR",
    "RANK_CASES",
    "RIGHT_HALF",
    "ROW_OPERATION",
    "RULES",
    "SINGULAR_VALUES",
    "SOLVE_NORMAL",
    "SPAN",
    "STATIONARY",
    "SVD",
]

ROW_OPERATION = move(
    "row-operation",
    "Row operation",
    "a multiple of one row added to another, rows scaled or swapped",
    r"R_i \to R_i - c R_j",
    sp.MatrixBase,
)
RIGHT_HALF = move("right-half", "Read off the inverse", "(A | I) ⇔ (I | A⁻¹)", r"(A \mid I) \Leftrightarrow (I \mid A^{-1})", sp.MatrixBase)
PIVOTS = move("count-pivots", "Count the pivots", "r = rank A = number of pivots", r"\operatorname{rank} A", sp.MatrixBase)
NULL_VECTORS = move("null-vectors", "Free variables", "one vector for each column without a pivot", r"A x = 0", sp.MatrixBase)
LU = move("lu-factorisation", "LU factorisation", "P A = L U", r"P A = L U", sp.MatrixBase)
GRAM_SCHMIDT = move(
    "gram-schmidt",
    "Gram–Schmidt",
    "vₖ = aₖ − Σⱼ (qⱼᵀaₖ) qⱼ,  qₖ = vₖ/‖vₖ‖",
    r"v_k = a_k - \sum_{j<k} (q_j^\top a_k) q_j,\quad q_k = v_k/\lVert v_k\rVert",
    sp.MatrixBase,
)
QR = move("qr-factorisation", "QR factorisation", "A = Q R, QᵀQ = I", r"A = Q R,\; Q^\top Q = I", sp.MatrixBase)
CHOLESKY = move("cholesky-factorisation", "Cholesky factorisation", "A = L Lᵀ", r"A = L L^\top", sp.MatrixBase)
CHARACTERISTIC_POLYNOMIAL = move(
    "eigenvalue-equation", "Characteristic polynomial", "det(A − λI) = 0", r"\det(A - \lambda I) = 0", sp.MatrixBase
)
EIGENVECTOR = move("eigenvector", "Eigenvector", "(A − λI) v = 0", r"(A - \lambda I) v = 0", sp.MatrixBase)
SINGULAR_VALUES = move(
    "singular-values", "Singular values", "σ² are the eigenvalues of AᵀA", r"\sigma_k = \sqrt{\lambda_k(A^\top A)}", sp.MatrixBase
)
SVD = move(
    "singular-value-decomposition",
    "Singular value decomposition",
    "A = U diag(S) Vᵀ",
    r"A = U \operatorname{diag}(S) V^\top",
    sp.MatrixBase,
)
NORMAL_EQUATIONS = move("normal-equations", "Normal equations", "AᵀA x = Aᵀb", r"A^\top A x = A^\top b", sp.MatrixBase)
SOLVE_NORMAL = move("solve-normal-equations", "Solve", "x = (AᵀA)⁻¹Aᵀb", r"x = (A^\top A)^{-1} A^\top b", sp.MatrixBase)
CENTRE = move("centre-data", "Centre the data", "X − 1 x̄ᵀ", r"X - \mathbf 1 \bar x^\top", sp.MatrixBase)
COVARIANCE = move("covariance-matrix", "Covariance matrix", "C = (1/(n − 1)) XcᵀXc", r"C = \frac{1}{n-1} X_c^\top X_c", sp.MatrixBase)
PRINCIPAL = move(
    "principal-components", "Principal components", "eigenvectors of C, largest eigenvalue first", r"C v_k = \lambda_k v_k", sp.MatrixBase
)
MINORS = move("minors", "Minors", "rank A ≥ r ⇔ some minor of size r is not 0", r"\operatorname{rank} A", sp.MatrixBase)
RANK_CASES = move(
    "rank-by-cases", "Cases of the rank", "the rank is smaller where all its minors vanish", r"\operatorname{rank} A", sp.MatrixBase
)
SPAN = move(
    "spanning-vectors", "Spanning vectors", "the columns with a pivot span the column space", r"\operatorname{col} A", sp.MatrixBase
)
ADJUGATE = move("adjugate", "Adjugate", "A adj A = (det A) I", r"A \operatorname{adj} A = (\det A) I", sp.MatrixBase)
BY_ADJUGATE = move(
    "inverse-by-adjugate",
    "Divide by the determinant",
    "A⁻¹ = adj A / det A",
    r"A^{-1} = \frac{\operatorname{adj} A}{\det A}",
    sp.MatrixBase,
)
LAPLACE = move(
    "laplace-expansion",
    "Laplace expansion",
    "det A = Σⱼ (−1)¹⁺ʲ a₁ⱼ det A₁ⱼ",
    r"\det A = \sum_j (-1)^{1+j} a_{1j} \det A_{1j}",
    sp.MatrixBase,
)
MATRIX_ARITHMETIC = move("matrix-arithmetic", "Entry by entry", "(AB)ᵢⱼ = Σₖ aᵢₖ bₖⱼ", r"(AB)_{ij} = \sum_k a_{ik} b_{kj}", sp.MatrixBase)
GENERAL_SOLUTION = move(
    "general-solution", "Read off the solution", "(A | b) ⇔ (I | x)", r"(A \mid b) \Leftrightarrow (I \mid x)", sp.MatrixBase
)
POLYNOMIAL = move(
    "polynomial-of-a-matrix", "Characteristic polynomial", "p(λ) = det(λI − A)", r"p(\lambda) = \det(\lambda I - A)", sp.MatrixBase
)
MINIMAL_POLYNOMIAL = move(
    "minimal-polynomial", "Minimal polynomial", "the divisor of p of least degree with m(A) = 0", r"m(A) = 0", sp.MatrixBase
)
DIAGONAL = move("diagonal-form", "Diagonal form", "A P = P D", r"A P = P D", sp.MatrixBase)
POWER = move("power-by-eigenvalues", "Power by eigenvalues", "Aⁿ = P Dⁿ P⁻¹", r"A^n = P D^n P^{-1}", sp.MatrixBase)
EXPONENTIAL = move(
    "matrix-exponential", "Matrix exponential", "d/dt exp(tA) = A exp(tA), exp(0) = I", r"e^{tA} = \sum_k \frac{t^k A^k}{k!}", sp.MatrixBase
)
PROJECTION = move("projection", "Projection", "p = A (AᵀA)⁻¹Aᵀ b", r"p = A (A^\top A)^{-1} A^\top b", sp.MatrixBase)
PSEUDO_INVERSE = move("pseudo-inverse", "Pseudo-inverse", "A A⁺A = A, A⁺A A⁺ = A⁺, both products symmetric", r"A A^+ A = A", sp.MatrixBase)
TEST = move("matrix-test", "Test", "the definition, put to the test", r"A^\top A = I", sp.MatrixBase)
STATIONARY = move(
    "stationary-distribution", "Stationary distribution", "π P = π, Σ πᵢ = 1", r"\pi P = \pi,\; \sum_i \pi_i = 1", sp.MatrixBase
)

RULES: tuple[Rule, ...] = (
    ROW_OPERATION, RIGHT_HALF, PIVOTS, NULL_VECTORS, LU, GRAM_SCHMIDT, QR, CHOLESKY, CHARACTERISTIC_POLYNOMIAL, EIGENVECTOR,
    SINGULAR_VALUES, SVD, NORMAL_EQUATIONS, SOLVE_NORMAL, CENTRE, COVARIANCE, PRINCIPAL,
    MINORS, RANK_CASES, SPAN, ADJUGATE, BY_ADJUGATE, LAPLACE, MATRIX_ARITHMETIC, GENERAL_SOLUTION, POLYNOMIAL, MINIMAL_POLYNOMIAL,
    DIAGONAL, POWER, EXPONENTIAL, PROJECTION, PSEUDO_INVERSE, STATIONARY,
)  # fmt: skip
