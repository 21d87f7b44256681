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
from derive.graph.graph import walk
from derive.graph.node import ArgumentType, Node
from derive.graph.operations import OPERATIONS
from derive.rules import matrix as rules
from derive.solving.intermediates import Definition, Parts

__all__ = ["Stage", "differentiated", "pairing", "part_differential", "rules_in"]


class Stage(NamedTuple):
    """dL once a part has been taken apart: the part (None for the output), the rules in it, the adjoints reached.

    `loose` are the terms before those of one variable are gathered, where any are.
    """

    part: Definition | None
    rules: tuple[Rule, ...]
    adjoints: dict[Node, Node]
    loose: tuple[tuple[Node, Node], ...] = ()


def differentiated(a: Algebra, parts: Parts, seed: Node, variables: Sequence[Node]) -> tuple[dict[Node, Node], list[Stage]]:
    """The adjoints of the variables over the names of the parts, and the stages; `seed` is the adjoint of the output."""
    targets = [*variables, *(d.symbol for d in parts.definitions)]
    reached: dict[Node, Node] = {}
    stages: list[Stage] = []

    def take(part: Definition | None, body: Node, g: Node) -> None:
        beside, loose = list(reached.items()), []
        gathered = False
        for node, found in _adjoints(a, body, g, targets).items():
            named = part is not None and not part.body.axes and part.body is not node
            contribution = a.rebuilt(found, {part.body: part.symbol}) if named and part is not None else found
            before = reached.get(node)
            loose.append((node, contribution))
            gathered = gathered or before is not None
            total = contribution if before is None else a.add(contribution, before)
            if a.zero(total):
                reached.pop(node, None)
            else:
                reached[node] = total
        stages.append(Stage(part, rules_in(body, targets), dict(reached), (*loose, *beside) if gathered and part is not None else ()))

    take(None, parts.output, seed)
    for definition in reversed(parts.definitions):
        g = reached.pop(definition.symbol, None)
        if g is not None:
            take(definition, definition.body, g)
    return reached, stages


def _adjoints(a: Algebra, body: Node, g: Node, targets: Sequence[Node]) -> dict[Node, Node]:
    """The adjoints of the targets; z_ij that the function holds as the whole array z too gets that of its entry."""
    elements = {t.args[0]: t for t in targets if t.op == "element"}
    nodes = walk((body,)) if elements else ()
    whole = {x: elements[x] for node in nodes for x in node.args if x in elements and node is not elements[x]}
    if not whole:
        return sweep(a, [(body, g)], targets)
    arrays = [next((x for x, symbol in whole.items() if symbol is t), t) for t in targets]
    found = sweep(a, [(body, g)], arrays)
    return {whole.get(x, x): a.element(a.full(adjoint, x.shape), whole[x].data) if x in whole else adjoint for x, adjoint in found.items()}


def part_differential(raising: Raising, a: Algebra, part: Definition, targets: Sequence[Node], taken: set[str]) -> Term | None:
    """dr = A dx of a part r = A x − b, over the differentials of what it is made of; None where it has no matrix form."""
    names = [n for n in targets if n is not part.symbol]
    try:
        if not part.body.shape:
            found = sweep(a, [(part.body, a.number(1))], names, part.body.axes)
            terms = [_paired(raising, a, g, z, Term("differential", (raising.term(z),))) for z, g in found.items() if not z.axes]
            return None if len(terms) < len(found) or not terms else terms[0] if len(terms) == 1 else Term("add", tuple(terms))
        if part.body.axes or part.symbol.op != "argument":
            return None
        return _pushed(raising, a, part, names, taken)
    except NotSupported:
        return None


def _pushed(raising: Raising, a: Algebra, part: Definition, names: Sequence[Node], taken: set[str]) -> Term | None:
    """The differential of a vector or matrix: the adjoint of the adjoint."""
    free = next(c for c in ("u", "U", *(f"u_{k}" for k in range(1, 99))) if c not in taken)
    seed = a.nodes.argument(ArgumentType(free), part.body.shape)
    shown = Raising(a, raising.names)
    terms: list[Node] = []
    for z, g in sweep(a, [(part.body, seed)], names).items():
        if z.axes:
            return None
        along = a.nodes.argument(ArgumentType(f"d({z.number})"), z.shape)
        shown.names[along] = Term("differential", (raising.term(z),))
        inner = a.dot(a.full(g, z.shape), along)
        terms.append(sweep(a, [(inner, a.number(1))], [seed]).get(seed, a.number(0)))
    if not terms:
        return None
    whole = a.full(a.add(*terms), part.body.shape)
    named = a.rebuilt(whole, {part.body: part.symbol})
    return shown.term(named)


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
            row = raising.transposed(a.full(g, z.shape))
            body = Term("neg", (Term("mul", (row.args[0], differential)),)) if row.head == "neg" else Term("mul", (row, differential))
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
