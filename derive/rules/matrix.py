"""Rules of matrix calculus in differential form: what d of each operation is.

In a derivation a step names the rule of the operation that it takes apart; the adjoint of the same operation is in
`graph.calculus.adjoints`. Sources: Magnus & Neudecker, Matrix Differential Calculus (2019), chapters 8 to 10; Petersen & Pedersen,
The Matrix Cookbook (2012), section 2.
"""

from __future__ import annotations

from derive.derivation import Rule
from derive.graph.node import Node

__all__ = ["BY_OPERATION", "NAME", "PUT_BACK", "READ_OFF", "RULES", "rule_of"]

_COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook (2012), section 2"
_BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006), section 5.3"
_MAGNUS = "Magnus & Neudecker, Matrix Differential Calculus (2019), chapter 8"


def _rule(identity: str, title: str, formula: str, statement: str, source: str = _MAGNUS) -> Rule:
    return Rule(identity, title, formula, statement, (Node,), lambda node: None, source=source)


MATRIX_ALGEBRA = _rule(
    "matrix-algebra",
    "Matrix algebra",
    "tr(A B) = tr(B A),  (A B)ᵀ = Bᵀ Aᵀ,  A A⁻¹ = I",
    r"\operatorname{tr}(AB) = \operatorname{tr}(BA),\quad (AB)^\top = B^\top A^\top,\quad A A^{-1} = I",
)
NAME = _rule("name-intermediates", "Name the parts", "L = f(r), r = g(x)", r"L = f(r),\quad r = g(x)")
READ_OFF = _rule(
    "read-off-gradient",
    "Read off the gradient",
    "dL = gᵀdx ⇒ ∇L = g; dL = tr(GᵀdX) ⇒ ∇L = G",
    r"dL = g^\top dx \Rightarrow \nabla_x L = g,\qquad dL = \operatorname{tr}(G^\top dX) \Rightarrow \nabla_X L = G",
)
READ_OFF_MATRIX = _rule(
    "read-off-jacobian", "Read off the matrix", "df = J dx ⇒ ∂f/∂x = J", r"df = J\,dx \Rightarrow \frac{\partial f}{\partial x} = J"
)
PUT_BACK = _rule("put-back", "Put the parts back", "r = g(x)", r"r = g(x)")
FORWARD = _rule("forward-pass", "Forward pass", "z = W h + b, h⁺ = σ(z)", r"z = Wh + b,\quad h^+ = \sigma(z)", _BISHOP)
BACKWARD = _rule(
    "backpropagation",
    "Backward pass",
    "δ = (W⁺ᵀ δ⁺) ⊙ σ′(z)",
    r"\delta = \bigl((W^+)^\top\delta^+\bigr)\odot\sigma'(z)",
    _BISHOP,
)
GATHER = _rule("gather", "Gather", "gᵀdx + hᵀdx = (g + h)ᵀdx", r"g^\top dx + h^\top dx = (g + h)^\top dx")
TIDY = _rule("properties-used", "Properties used", "Σᵀ = Σ for symmetric Σ", r"\Sigma^\top = \Sigma")
GRADIENT_FIRST = _rule("gradient-first", "The gradient first", "∇²f = ∂(∇f)/∂x", r"\nabla^2 f = \frac{\partial}{\partial x}\nabla f")
DIRECTION = _rule("along-a-direction", "Along the direction", "D_v f = ⟨∇f, v⟩", r"D_v f = \langle \nabla f, v\rangle")
ENTRY_BY_ENTRY = _rule(
    "entries-of-arrays",
    "Entry by entry",
    "∂x_i/∂x_k = δ_ik,  ∂X_ij/∂X_kl = δ_ik δ_jl",
    r"\frac{\partial X_{ij}}{\partial X_{kl}} = \delta_{ik}\delta_{jl}",
)
ENTRY = _rule("entry-of-the-gradient", "Take the entry", "∂f/∂x_k = (∇f)_k", r"\frac{\partial f}{\partial x_k} = (\nabla f)_k")
POINT = _rule("at-the-point", "At the point", "f(a)", r"f(a)")
TAYLOR = _rule(
    "taylor-of-arrays",
    "Taylor polynomial",
    "f(x) ≈ f(a) + ∇f(a)ᵀ(x − a) + ½ (x − a)ᵀ∇²f(a)(x − a)",
    r"f(x) \approx f(a) + \nabla f(a)^\top (x - a) + \tfrac12 (x - a)^\top \nabla^2 f(a) (x - a)",
)
ALONG = _rule("hessian-vector-product", "Along the vector", "∇²f v = ∇(∇fᵀv)", r"\nabla^2 f\,v = \nabla(\nabla f^\top v)")
PUT_IN = _rule("put-derivative-in", "Put the derivative in", "g = ∇f", r"g = \nabla f")
DIFFERENTIAL = _rule("matrix-differential", "Linearity", "d(a f + b g) = a df + b dg", r"d(a f + b g) = a\,df + b\,dg")
PRODUCT = _rule("matrix-product", "Product rule", "d(A B) = dA B + A dB", r"d(AB) = dA\,B + A\,dB", _COOKBOOK)
AFFINE = _rule("affine-map", "Affine map", "d(A x + b) = A dx", r"d(Ax + b) = A\,dx", _COOKBOOK)
HADAMARD = _rule("hadamard-product", "Entrywise product", "d(A ⊙ B) = dA ⊙ B + A ⊙ dB", r"d(A\odot B) = dA\odot B + A\odot dB")
QUOTIENT = _rule("scalar-quotient", "Quotient rule", "d(a/b) = da/b − a db/b²", r"d\frac{a}{b} = \frac{da}{b} - \frac{a\,db}{b^2}")
SQUARED_NORM = _rule("squared-norm", "Squared norm", "d‖r‖² = 2 rᵀdr", r"d\lVert r\rVert^2 = 2 r^\top dr")
QUADRATIC = _rule("quadratic-form", "Quadratic form", "d(xᵀA x) = xᵀ(A + Aᵀ) dx", r"d(x^\top A x) = x^\top(A + A^\top)\,dx", _COOKBOOK)
NORM = _rule("norm", "Norm", "d‖r‖ = rᵀdr/‖r‖", r"d\lVert r\rVert = \frac{r^\top dr}{\lVert r\rVert}")
NUCLEAR = _rule(
    "nuclear-norm",
    "Nuclear norm",
    "d‖A‖⁎ = tr((U Vᵀ)ᵀ dA),  A = U S Vᵀ",
    r"d\lVert A\rVert_* = \operatorname{tr}((UV^\top)^\top dA)",
    "Watson 1992",
)
SPECTRAL = _rule(
    "spectral-norm",
    "Spectral norm",
    "d‖A‖₂ = uᵀ dA v,  A v = ‖A‖₂ u",
    r"d\lVert A\rVert_2 = u^\top dA\,v,\quad Av = \lVert A\rVert_2 u",
    "Watson 1992",
)
EIGENVALUE = _rule(
    "extreme-eigenvalue",
    "Extreme eigenvalue",
    "dλ = vᵀ dA v,  A v = λ v,  ‖v‖ = 1",
    r"d\lambda = v^\top dA\,v,\quad Av = \lambda v,\quad \lVert v\rVert = 1",
    "Magnus 1985, theorem 1",
)
TRACE = _rule(
    "trace",
    "Trace",
    "d tr(A) = tr(dA), tr(A B) = tr(B A)",
    r"d\operatorname{tr}A = \operatorname{tr}dA,\quad \operatorname{tr}AB = \operatorname{tr}BA",
)
TRACE_POWER = _rule(
    "trace-of-power", "Trace of a power", "d tr(Aᵏ) = k tr(Aᵏ⁻¹ dA)", r"d\operatorname{tr}A^k = k\operatorname{tr}(A^{k-1}dA)", _COOKBOOK
)
INVERSE = _rule("inverse", "Inverse", "d(A⁻¹) = −A⁻¹ dA A⁻¹", r"d(A^{-1}) = -A^{-1}\,dA\,A^{-1}", _COOKBOOK)
DETERMINANT = _rule("determinant", "Determinant", "d det A = det(A) tr(A⁻¹ dA)", r"d\det A = \det(A)\operatorname{tr}(A^{-1}dA)", _COOKBOOK)
LOGDET = _rule("log-determinant", "Log-determinant", "d log det A = tr(A⁻¹ dA)", r"d\log\det A = \operatorname{tr}(A^{-1}dA)", _COOKBOOK)
MATRIX_POWER = _rule("matrix-power", "Matrix power", "d(Aᵏ) = Σᵢ Aⁱ dA Aᵏ⁻¹⁻ⁱ", r"d(A^k) = \sum_i A^i\,dA\,A^{k-1-i}", _COOKBOOK)
ENTRYWISE = _rule("entrywise-function", "Entry by entry", "d f(z) = f′(z) ⊙ dz", r"d f(z) = f'(z)\odot dz")
SOFTMAX = _rule("softmax", "Softmax", "dp = (diag(p) − p pᵀ) dz", r"dp = (\operatorname{diag}(p) - pp^\top)\,dz", "Bridle 1990")
LOG_SUM_EXP = _rule(
    "log-sum-exp-vector", "Log-sum-exp", "d log Σ eᶻ = softmax(z)ᵀ dz", r"d\log\sum_j e^{z_j} = \operatorname{softmax}(z)^\top dz"
)
LOG_SOFTMAX = _rule("log-softmax", "Log-softmax", "d log p = dz − 1 pᵀdz  with p = softmax(z)", r"d\log p = dz - \mathbf 1\,p^\top dz")
SUMMATION = _rule("sum-of-entries", "Sum", "d Σᵢ fᵢ = Σᵢ dfᵢ", r"d\sum_i f_i = \sum_i df_i")
MEAN = _rule("mean-of-entries", "Mean", "d mean(x) = 1ᵀdx/n", r"d\bar x = \tfrac1n \mathbf 1^\top dx")
PRODUCT_OF_ENTRIES = _rule(
    "product-of-entries", "Product of entries", "d Πᵢ xᵢ = (Πᵢ xᵢ) Σᵢ dxᵢ/xᵢ", r"d\prod_i x_i = \prod_i x_i\sum_i\frac{dx_i}{x_i}"
)
EXTREME = _rule("largest-entry", "Largest entry", "d max(x) = dx_k  with k = argmax x", r"d\max_i x_i = dx_k")
DIAGONAL = _rule(
    "diagonal", "Diagonal", "tr(G diag(dx)) = diag(G)ᵀ dx", r"\operatorname{tr}(G\operatorname{diag}(dx)) = \operatorname{diag}(G)^\top dx"
)
CASES = _rule("cases-of-arrays", "Case by case", "d of the case that holds", r"d\,[f \text{ if } c] = [df \text{ if } c]")
ELEMENT = _rule("element", "Element", "d(x_k) = (dx)_k", r"d(x_k) = (dx)_k")

BY_OPERATION: dict[str, Rule] = {
    "matmul": PRODUCT,
    "outer": PRODUCT,
    "mul": HADAMARD,
    "div": QUOTIENT,
    "norm": NORM,
    "eigmax": EIGENVALUE,
    "eigmin": EIGENVALUE,
    "trace": TRACE,
    "inverse": INVERSE,
    "det": DETERMINANT,
    "logdet": LOGDET,
    "matrix_power": MATRIX_POWER,
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "logsumexp": LOG_SUM_EXP,
    "sum": SUMMATION,
    "mean": MEAN,
    "variance": MEAN,
    "prod": PRODUCT_OF_ENTRIES,
    "amax": EXTREME,
    "amin": EXTREME,
    "diag": DIAGONAL,
    "diagonal": DIAGONAL,
    "where": CASES,
}

RULES: tuple[Rule, ...] = (
    MATRIX_ALGEBRA,
    NAME,
    READ_OFF,
    READ_OFF_MATRIX,
    PUT_BACK,
    FORWARD,
    BACKWARD,
    GATHER,
    TIDY,
    GRADIENT_FIRST,
    DIRECTION,
    ENTRY_BY_ENTRY,
    ENTRY,
    POINT,
    TAYLOR,
    ALONG,
    PUT_IN,
    DIFFERENTIAL,
    PRODUCT,
    AFFINE,
    HADAMARD,
    QUOTIENT,
    SQUARED_NORM,
    QUADRATIC,
    NORM,
    NUCLEAR,
    SPECTRAL,
    EIGENVALUE,
    TRACE,
    TRACE_POWER,
    INVERSE,
    DETERMINANT,
    LOGDET,
    MATRIX_POWER,
    ENTRYWISE,
    SOFTMAX,
    LOG_SUM_EXP,
    LOG_SOFTMAX,
    SUMMATION,
    MEAN,
    PRODUCT_OF_ENTRIES,
    EXTREME,
    DIAGONAL,
    CASES,
    ELEMENT,
)


def rule_of(node: Node) -> Rule | None:
    """The rule of an operation; None for what needs no word (sums, signs, transposes)."""
    if node.op == "norm" and len(node.args[0].shape) == 2 and node.data in ("*", "2"):
        return NUCLEAR if node.data == "*" else SPECTRAL
    return BY_OPERATION.get(node.op)
