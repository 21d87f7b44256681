"""The tables of outer derivatives against differences of values, for every function and every argument."""

from __future__ import annotations

from random import Random

import pytest
import sympy as sp
from derivative_oracle import close, slope, value

from derive.expressions import nodes
from derive.rules.chain import BY_FUNCTION, OUTER
from derive.rules.dependence import derivative

X = sp.Symbol("x", real=True)
OTHERS = sp.symbols("a b c", positive=True)
NARROW = {  # where the function is defined and smooth
    sp.asin: (-0.9, 0.9), sp.acos: (-0.9, 0.9), sp.atanh: (-0.9, 0.9), sp.acosh: (1.1, 3), sp.log: (0.1, 3), sp.gamma: (0.2, 3),
    sp.loggamma: (0.2, 3), sp.polygamma: (0.2, 3), sp.erfinv: (-0.9, 0.9), sp.beta: (0.2, 3), nodes.logit: (0.05, 0.95), nodes.log1p: (-0.9, 3),
    sp.factorial: (0.2, 3), nodes.trigamma: (0.3, 3), sp.LambertW: (0.1, 3),
}  # fmt: skip
ARITY = {
    sp.polygamma: 2, sp.beta: 2, sp.atan2: 2, sp.Mod: 2, nodes.hypot: 2, nodes.clip: 3, nodes.leaky_relu: 2, nodes.elu: 2, nodes.celu: 2, nodes.swish: 2,
}  # fmt: skip
CASES = [
    (head, place)
    for head, outer in OUTER.items()
    for place in range(ARITY.get(head, 1))
    if head is not sp.re and place < len(outer.partials) and outer.partials[place]
]
CLIP = ((-2.7, 2.7), (-1.5, 1.4), (-0.9, 2.7))  # where the argument, the lower and the upper end may be
ENDS = {OTHERS[1]: -1.0, OTHERS[2]: 1.5}


@pytest.mark.parametrize(("head", "place"), CASES, ids=[f"{h.__name__}-{p}" for h, p in CASES])
def test_a_stated_derivative_is_the_slope(head: type, place: int) -> None:
    arguments: list[sp.Expr] = list(OTHERS[: ARITY.get(head, 1)])
    if head is sp.polygamma:
        arguments[0] = sp.Integer(1)
    arguments[place] = X
    function = head(*arguments)
    rewrite = BY_FUNCTION[head].apply(derivative(function, X))
    assert rewrite is not None
    answer = rewrite.result.subs(sp.Derivative(X, X, evaluate=False), 1).doit()
    random = Random(head.__name__)
    low, high = NARROW.get(head, (-2.7, 2.7))
    compared = 0
    for _ in range(12):
        point = {X: random.uniform(low, high), **{s: random.uniform(0.3, 2.5) for s in OTHERS}}
        if head is nodes.clip:
            point = {**point, **ENDS, X: random.uniform(*CLIP[place])}
        expected, found = slope(function, X, point), value(answer, point)
        if expected is None:
            continue
        assert found is not None
        assert close(expected, found, 1e-14), (point, expected, found)
        compared += 1
    assert compared >= 6


@pytest.mark.parametrize(
    ("function", "kink"),
    [
        (nodes.relu(X), True), (sp.Abs(X), True), (nodes.relu(X**2 + 1), False), (nodes.hard_tanh(X), True), (nodes.elu(X), False),
        (nodes.elu(X, OTHERS[0]), True), (nodes.softplus(X), False), (sp.sign(X), True), (sp.Abs(sp.exp(X)), False),
    ],
)  # fmt: skip
def test_kinks_and_jumps_are_named(function: sp.Expr, kink: bool) -> None:
    if function.func not in BY_FUNCTION:
        pytest.skip("SymPy has already removed the function")
    rewrite = BY_FUNCTION[function.func].apply(derivative(function, X))
    assert rewrite is not None
    assert bool(rewrite.notes) is kink
