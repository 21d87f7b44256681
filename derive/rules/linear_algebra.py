"""The rules of linear algebra over matrices that are written out: elimination, orthogonalisation, eigenvalues, factorisations."""

from __future__ import annotations

import sympy as sp

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "CENTRE",
    "CHARACTERISTIC_POLYNOMIAL",
    "CHOLESKY",
    "COVARIANCE",
    "EIGENVECTOR",
    "GRAM_SCHMIDT",
    "LU",
    "NORMAL_EQUATIONS",
    "NULL_VECTORS",
    "PIVOTS",
    "PRINCIPAL",
    "QR",
    "RIGHT_HALF",
    "ROW_OPERATION",
    "RULES",
    "SINGULAR_VALUES",
    "SOLVE_NORMAL",
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

RULES: tuple[Rule, ...] = (
    ROW_OPERATION, RIGHT_HALF, PIVOTS, NULL_VECTORS, LU, GRAM_SCHMIDT, QR, CHOLESKY, CHARACTERISTIC_POLYNOMIAL, EIGENVECTOR,
    SINGULAR_VALUES, SVD, NORMAL_EQUATIONS, SOLVE_NORMAL, CENTRE, COVARIANCE, PRINCIPAL,
)  # fmt: skip
