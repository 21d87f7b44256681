"""The moves that a strategy makes by itself: putting values in, working component by component, handing over to SymPy.

A step that uses one names it like any rule, and `:help` explains it; `apply` never fires, because the strategy does the work.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Rewrite, Rule
from derive.expressions.nodes import DefinedFunction

__all__ = [
    "ARITHMETIC",
    "BOTH_SIDES",
    "CANCEL_TERMS",
    "CLEAR",
    "COLLECT",
    "COMPONENT",
    "CONSTANT",
    "DEFINITION",
    "DROP",
    "ENTRIES",
    "FACTORISATION",
    "FIRST_DERIVATIVES",
    "HESSIAN",
    "INSERT",
    "INSERT_SLOPE",
    "LIKE_TERMS",
    "LOWER_ORDER",
    "ONE_SIDE",
    "REMAINING",
    "RULES",
    "SIMPLE_TERMS",
    "SUMS_TO_ONE",
    "SWAP",
    "SYMPY_DERIVATIVE",
    "SYMPY_SOLVE",
    "SYMPY_TRANSFORMATIONS",
    "TIDY",
    "USE_EQUATION",
    "WRITE_OUT",
    "move",
]


def _by_the_strategy(*_: Any) -> Rewrite | None:
    return None


def move(identity: str, title: str, formula: str, statement: str = "", head: type = sp.Expr, *, trivial: bool = False) -> Rule:
    """A rule that only names what a strategy does."""
    return Rule(identity, title, formula, statement, (head,), _by_the_strategy, trivial=trivial)


LOWER_ORDER = move("one-order", "Differentiate once", "f⁽ⁿ⁾ = (f′)⁽ⁿ⁻¹⁾", r"f^{(n)} = (f')^{(n-1)}", sp.Derivative)
SIMPLE_TERMS = move("simple-terms", "Term by term", "(Σ uᵢ)′ = Σ uᵢ′", r"\Big(\sum_i u_i\Big)' = \sum_i u_i'", trivial=True)
REMAINING = move("remaining-derivatives", "The remaining derivatives", "every inner derivative, one after the other")
DEFINITION = move("definition", "Definition", "the function written out", head=DefinedFunction)
SYMPY_DERIVATIVE = move("sympy-derivative", "SymPy's derivative", "checked numerically")
COMPONENT = move("component", "Component by component", "(∇f)ᵢ = ∂f/∂xᵢ", r"(\nabla f)_i = \frac{\partial f}{\partial x_i}", sp.Tuple)
HESSIAN = move(
    "hessian",
    "Hessian",
    "H_ij = ∂²f/∂x_i∂x_j = H_ji",
    r"H_{ij} = \frac{\partial^2 f}{\partial x_i\,\partial x_j} = H_{ji}",
    sp.MatrixBase,
)
ENTRIES = move("entry-by-entry", "Entry by entry", "J_ij = ∂f_i/∂x_j", r"J_{ij} = \frac{\partial f_i}{\partial x_j}", sp.MatrixBase)
FIRST_DERIVATIVES = move(
    "first-derivatives",
    "First derivatives",
    "∂²f/∂x∂y = ∂(∂f/∂x)/∂y",
    r"\frac{\partial^2 f}{\partial x\,\partial y} = \frac{\partial}{\partial y}\frac{\partial f}{\partial x}",
    sp.MatrixBase,
)
INSERT = move("insert-values", "Insert the values", "f(x)|ₓ₌ₐ = f(a)", r"f(x)\big|_{x=a} = f(a)", sp.Subs)
ARITHMETIC = move("arithmetic", "Arithmetic", "exact arithmetic")
CANCEL_TERMS = move("cancel-terms", "Cancel", "a − a = 0", "a - a = 0")
CONSTANT = move("constant", "Derivative of a constant", "c′ = 0", r"\frac{d}{dx} c = 0")
LIKE_TERMS = move("like-terms", "Like terms", "equal terms and factors are gathered")
WRITE_OUT = move("write-out", "Write out", "Σᵢ₌ₐᵇ f(i) = f(a) + … + f(b)", r"\sum_{i=a}^b f(i) = f(a) + \dots + f(b)", sp.Sum)
SUMS_TO_ONE = move("sums-to-one", "Entries that sum to one", "Σᵢ yᵢ = 1", r"\sum_i y_i = 1", sp.Sum)
BOTH_SIDES = move("differentiate-both-sides", "Differentiate both sides", "F = G ⇒ F′ = G′", r"F = G \implies F' = G'", sp.Eq)
COLLECT = move("collect-derivative", "Collect dy/dx", "a y′ + b = c y′ + d ⇔ (a − c) y′ = d − b", r"(a - c)\,y' = d - b", sp.Eq)
INSERT_SLOPE = move("insert-derivative", "Insert dy/dx", "y′ is known", r"y' = g(x, y)", sp.Eq)
USE_EQUATION = move("use-equation", "Use the equation", "F(x, y) = 0", "F(x, y) = 0", sp.Eq)
SWAP = move("swap-sides", "Swap the sides", "a = b ⇔ b = a", r"a = b \iff b = a", sp.Eq, trivial=True)
ONE_SIDE = move("one-side", "Bring to one side", "a = b ⇔ a − b = 0", r"a = b \iff a - b = 0", sp.Eq)
CLEAR = move("clear-denominators", "Clear the denominators", "a/b = c ⇔ a = b c, b ≠ 0", r"\frac ab = c \iff a = bc,\ b \ne 0", sp.Eq)
FACTORISATION = move("factorisation", "Factor", "SymPy's factor; checked")
SYMPY_SOLVE = move("sympy-solve", "SymPy's solve", "each solution is put back and checked", head=sp.Eq)
TIDY = move("tidy", "Simplify", "the solutions in their shortest form", head=sp.Eq)
DROP = move("test-solutions", "Test the solutions", "what does not solve the given equation is dropped", head=sp.Eq)
SYMPY_TRANSFORMATIONS: tuple[tuple[Rule, Any], ...] = (
    (move("powers", "Combine powers", "SymPy's powsimp; checked"), sp.powsimp),
    (move("rational-function", "Cancel", "SymPy's cancel; checked"), sp.cancel),
    (FACTORISATION, sp.factor),
    (move("trigonometric-identities", "Trigonometric identities", "SymPy's trigsimp; checked"), sp.trigsimp),
    (move("logarithms", "Combine logarithms", "SymPy's logcombine; checked"), sp.logcombine),
    (move("gamma-identities", "Identities of the gamma function", "SymPy's gammasimp; checked"), sp.gammasimp),
    (move("radicals", "Radicals", "SymPy's radsimp; checked"), sp.radsimp),
)
RULES: tuple[Rule, ...] = (
    LOWER_ORDER,
    SIMPLE_TERMS,
    REMAINING,
    DEFINITION,
    SYMPY_DERIVATIVE,
    COMPONENT,
    ENTRIES,
    HESSIAN,
    FIRST_DERIVATIVES,
    INSERT,
    ARITHMETIC,
    LIKE_TERMS,
    CANCEL_TERMS,
    CONSTANT,
    WRITE_OUT,
    SUMS_TO_ONE,
    BOTH_SIDES,
    COLLECT,
    INSERT_SLOPE,
    USE_EQUATION,
    SWAP,
    ONE_SIDE,
    CLEAR,
    SYMPY_SOLVE,
    TIDY,
    DROP,
    *(rule for rule, _ in SYMPY_TRANSFORMATIONS),
)
