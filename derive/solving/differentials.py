"""The differential of a function of arrays, part by part: dL = ⟨G, dZ⟩ from the output back to the variables.

In: the parts of a function and its variables. Out: the adjoint of every variable over the names of the parts, and the stages on the way:
each is dL as a sum over the parts and variables reached so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from derive.derivation import Rule
from derive.errors import NotSupported
from derive.expressions.term import Term, call_name, number
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.entries import entry, fresh_axes, lettered
from derive.graph.calculus.factors import Factors, factors
from derive.graph.calculus.raising import Raising, mul_term
from derive.graph.calculus.reverse import dependents, sweep
from derive.graph.node import Node
from derive.graph.operations import OPERATIONS
from derive.rules import matrix as rules
from derive.solving.intermediates import Definition, Parts

__all__ = ["Stage", "differentiated", "pairing", "rules_in"]


class Stage(NamedTuple):
    """dL once a part has been taken apart: the part (None for the output), the rules in it, the adjoints reached."""

    part: Definition | None
    rules: tuple[Rule, ...]
    adjoints: dict[Node, Node]


def differentiated(a: Algebra, parts: Parts, seed: Node, variables: Sequence[Node]) -> tuple[dict[Node, Node], list[Stage]]:
    """The adjoints of the variables over the names of the parts, and the stages; `seed` is the adjoint of the output."""
    targets = [*variables, *(d.symbol for d in parts.definitions)]
    reached: dict[Node, Node] = {}
    stages: list[Stage] = []

    def take(part: Definition | None, body: Node, g: Node) -> None:
        for node, found in sweep(a, [(body, g)], targets).items():
            named = part is not None and not part.body.axes and part.body is not node
            contribution = a.rebuilt(found, {part.body: part.symbol}) if named and part is not None else found
            before = reached.get(node)
            total = contribution if before is None else a.add(contribution, before)
            if a.zero(total):
                reached.pop(node, None)
            else:
                reached[node] = total
        stages.append(Stage(part, rules_in(body, targets), dict(reached)))

    take(None, parts.output, seed)
    for definition in reversed(parts.definitions):
        g = reached.pop(definition.symbol, None)
        if g is not None:
            take(definition, definition.body, g)
    return reached, stages


def pairing(raising: Raising, a: Algebra, g: Node, z: Node, taken: set[str]) -> Term:
    """⟨G, dZ⟩ as it is written: g dz, gᵀdz, tr(Gᵀ dZ), a sum over running indices."""
    differential = Term("differential", (raising.term(z),))
    try:
        return _paired(raising, a, g, z, differential)
    except NotSupported:
        if z.axes or not z.shape or z.op != "argument":
            raise
    axes = fresh_axes(a.full(g, z.shape), taken)
    names = [raising.axis(axis) for axis in axes]
    named = lettered(a, entry(a, a.full(g, z.shape), axes), axes, taken)
    body = _times(raising.term(named), Term("index", (differential, *(name for name, _, _ in names))))
    for ends in reversed(names):
        body = Term("sum", (body, *ends), "range")
    return body


def _paired(raising: Raising, a: Algebra, g: Node, z: Node, differential: Term) -> Term:
    if not z.shape:
        body = _times(raising.term(g), differential)
    elif len(z.shape) == 1:
        body = mul_term([raising.transposed(a.full(g, z.shape)), differential])
        view = factors(g)
        if view.coefficient.denominator != 1 or any(p < 0 for p in view.powers.values()):
            body = Term("mul", (raising.transposed(a.full(g, z.shape)), differential))
    else:
        body = _trace_form(raising, a, a.full(g, z.shape), differential)
    for axis in z.axes:
        body = Term("sum", (body, *raising.axis(axis)), "range")
    return body


def _times(left: Term, differential: Term) -> Term:
    if left == number(1):
        return differential
    if left.head == "neg":
        return Term("neg", (_times(left.args[0], differential),))
    if left.head == "div":
        return Term("mul", (left, differential))
    return mul_term([left, differential])


def _trace_form(raising: Raising, a: Algebra, g: Node, differential: Term) -> Term:
    view = factors(g)
    arrays = view.parted(False).powers
    if len(arrays) == 1 and set(arrays.values()) == {1}:
        (core,) = arrays
        scale = view.parted(True)
        if core.op == "outer":  # tr((u vᵀ)ᵀ dX) = uᵀ dX v
            u, v = core.args
            inner = mul_term([raising.transposed(u), differential, raising.term(v)])
            return raising._scaled(raising._scalars(scale), inner, scale)
        inner = call_name("tr", differential if core.op == "identity" else mul_term([raising.term(a.transpose(core)), differential]))
        return raising._scaled(raising._scalars(scale), inner, Factors(scale.coefficient, scale.powers))
    return call_name("tr", mul_term([raising.term(a.transpose(g)), differential]))


# ---------------------------------------------------------------------------------------------- which rules
def rules_in(body: Node, variables: Sequence[Node]) -> tuple[Rule, ...]:
    """The rules that the differential of this body needs, the outermost first."""
    depends = dependents((body,), variables)
    stop = set(variables)
    found: dict[str, Rule] = {}
    stack, seen = [body], set()
    while stack:
        node = stack.pop(0)
        if node in stop or node in seen or node not in depends:
            continue
        seen.add(node)
        rule, below = _rule(node, depends)
        if rule is not None:
            found.setdefault(rule.id, rule)
        stack += below
    return tuple(found.values()) or (rules.DIFFERENTIAL,)


def _rule(node: Node, depends: set[Node]) -> tuple[Rule | None, list[Node]]:
    op, args = node.op, list(node.args)
    inside = [x for x in args if x in depends]
    if op == "pow" and args[0].op == "norm" and args[1].op == "number" and args[1].data == 2:
        return rules.SQUARED_NORM, list(args[0].args)
    if op == "matmul":
        if len(inside) == 1:
            return (rules.AFFINE if len(args[0].shape) + len(args[1].shape) < 4 else rules.PRODUCT), inside
        if args[0] is args[1]:
            return rules.SQUARED_NORM, inside[:1]
        if len(args[0].shape) == len(args[1].shape) == 1 and args[1].op == "matmul" and args[1].args[1] is args[0]:
            return rules.QUADRATIC, []
        return rules.PRODUCT, inside
    if op == "trace" and args[0].op == "matrix_power":
        return rules.TRACE_POWER, list(args[0].args)
    if op == "div":
        return (rules.QUOTIENT if args[1] in depends and args[0] in depends else None if args[0] in depends else rules.ENTRYWISE), inside
    if op in ("mul", "outer"):
        return (rules.HADAMARD if len(inside) > 1 and any(x.shape for x in inside) else rules.PRODUCT if len(inside) > 1 else None), inside
    if op in ("add", "neg"):
        return None, inside
    if OPERATIONS[op].elementwise:
        return rules.ENTRYWISE, inside
    return rules.rule_of(node), inside
