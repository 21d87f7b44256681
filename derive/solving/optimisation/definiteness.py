"""Whether a symmetric matrix of the graph is positive (semi-)definite, argued from its form and from what is declared.

In: a node. Out: a `Sign`, with the assumptions that it rests on. AᵀA, AᵀS A and sums of such are semi-definite; a sum is definite where
one of its terms is; a scalar factor has to be positive.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from derive.derivation import Prose
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.chains import chain
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.calculus.raising import Raising
from derive.graph.node import Axis, Node
from derive.solving.optimisation.array_programmes import terms_of

__all__ = ["Sign", "definiteness"]

DEFINITE = frozenset(("positive-definite",))
SEMIDEFINITE = frozenset(("positive-definite", "positive-semidefinite"))


class Sign(NamedTuple):
    """`level` 2: positive definite, 1: semi-definite, 0: nothing is known, −1: not so; under these assumptions."""

    level: int
    assumptions: tuple[Prose, ...] = ()


def definiteness(a: Algebra, node: Node) -> Sign:
    """The sign of a matrix."""
    terms = terms_of(a, node)
    if len(terms) > 1:
        parts = [definiteness(a, x) for x in terms]
        if any(p.level <= 0 for p in parts):
            return Sign(min(p.level for p in parts))
        assumed = tuple(dict.fromkeys(x for p in parts for x in p.assumptions))
        return Sign(max(p.level for p in parts), assumed)
    if node.op == "sum" and isinstance(node.data, Axis):
        inner = definiteness(a, node.args[0])
        return Sign(min(inner.level, 1) if node.args[0].axes else inner.level, inner.assumptions)
    if not node.shape:
        return _form(a, node)
    view = factors(node)
    arrays = view.parted(False)
    if len(arrays.powers) != 1 or set(arrays.powers.values()) != {1}:
        return Sign(0)
    (core,) = arrays.powers
    scalar = _scalar(a, view.parted(True))
    inner = _core(a, core)
    if scalar.level <= 0 or inner.level <= 0:
        return Sign(-1 if scalar.level < 0 < inner.level else 0)
    return Sign(min(scalar.level, inner.level), (*scalar.assumptions, *inner.assumptions))


def _form(a: Algebra, node: Node) -> Sign:
    """A number: vᵀS v and ‖v‖² are not negative."""
    view = factors(node)
    forms = [b for b in view.powers if b.op == "matmul" or (b.op == "norm" and b.data in ("2", "F"))]
    rest = Factors(view.coefficient, {b: q for b, q in view.powers.items() if b not in forms})
    sign = _scalar(a, rest)
    assumed = list(sign.assumptions)
    for form in forms:
        if form.op == "norm":
            continue
        left = [x if len(x.shape) == 1 else a.transpose(x) for x in reversed(chain(form.args[0]))]
        inner = _palindrome(a, [*left, *chain(form.args[1])])
        if inner.level <= 0:
            return Sign(0)
        assumed += inner.assumptions
    if sign.level <= 0:
        return sign
    return Sign(1 if forms else sign.level, tuple(assumed))


def _scalar(a: Algebra, view: Factors) -> Sign:
    """Whether a scalar factor is positive (2) or at least not negative (1); a name of unknown sign is assumed to be positive."""
    if view.coefficient < 0:
        return Sign(-1)
    assumed: list[Prose] = []
    level = 2
    for base, power in view.powers.items():
        if base.bounds.positive or base.op == "size" or (power.denominator == 1 and power % 2 == 0 and (power < 0 or base.bounds.nonzero)):
            continue
        if base.bounds.nonnegative or (power.denominator == 1 and power % 2 == 0):
            level = 1  # it may be 0
            continue
        if base.bounds.high <= 0:
            return Sign(0)
        whole = product(a.nodes, Factors(Fraction(1), {base: power}))
        assumed.append((Raising(a).term(whole if power > 0 else base), " > 0"))
    return Sign(level, tuple(assumed))


def _core(a: Algebra, node: Node) -> Sign:
    if node.op == "identity":
        return Sign(2)
    if node.op == "inverse":
        return definiteness(a, node.args[0])
    if node.op == "argument":
        return Sign(2) if a.declares(node, *DEFINITE) else Sign(1) if a.declares(node, *SEMIDEFINITE) else Sign(0)
    if node.op == "diag":
        bounds = node.args[0].bounds
        return Sign(2) if bounds.positive else Sign(1) if bounds.nonnegative else Sign(0)
    if node.op == "outer":
        return Sign(1) if node.args[0] is node.args[1] else Sign(0)
    if node.op == "matmul":
        return _palindrome(a, chain(node))
    return Sign(0)


def _palindrome(a: Algebra, parts: list[Node]) -> Sign:
    """AᵀA, Aᵀ S A: semi-definite with a semi-definite middle."""
    while len(parts) >= 2 and (a.transpose(parts[0]) if len(parts[0].shape) == 2 else parts[0]) is parts[-1]:
        parts = parts[1:-1]
    if not parts:
        return Sign(1)
    if len(parts) == 1:
        middle = definiteness(a, parts[0])
        return Sign(min(middle.level, 1), middle.assumptions)
    return Sign(0)
