"""Differentiation: which rule is used where, and in which order, until no derivative is left.

In: an expression with unresolved derivatives. Out: the expression without them, with one step of the journal for every rule
that a teacher would name. Rules that need no word (constants, sums of simple terms, powers of the variable itself) are
sub-steps of the step that made them necessary.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp
from sympy import S
from sympy.core.function import AppliedUndef

from derive.derivation import Derivation, Prose, Rewrite, Rule, Step
from derive.errors import NotSupported, TooLarge
from derive.expressions.binding_terms import unevaluated_derivative
from derive.expressions.nodes import DefinedFunction
from derive.rules.catalogue import rule_that_applies
from derive.rules.chain import BY_FUNCTION, CHAIN
from derive.rules.dependence import depends, derivative, split
from derive.rules.moves import CANCEL_TERMS, CONSTANT, DEFINITION, LOWER_ORDER, REMAINING, SIMPLE_TERMS, SYMPY_DERIVATIVE
from derive.solving.at_once import at_once
from derive.solving.cost import size
from derive.solving.journal import Journal
from derive.solving.places import Closed, next_derivative, unresolved, with_all_replaced, with_replaced
from derive.solving.simplification import delta_resolved, finish

__all__ = ["differentiate", "resolve"]

MAX_STEPS = 2_000
MAX_SIZE = 60_000
LONG = 700  # nodes beyond which the rest is told in one step
MAX_ORDER = 40
MAX_TOLD = 3  # up to this order the lower derivatives are told step by step
MAX_LISTED = 12
MAX_CANCELLING = 6  # terms of a sum whose cancelling is shown
MAX_PASSED = 8  # rules without a word of their own in one step
_PASSING = frozenset({"sum-rule", "constant-multiple-rule", "derivative-of-a-sum"})


def differentiate(expression: Any, variable: Any, order: int = 1) -> Derivation:
    """The derivation of d^order expression / d variable^order.

    `expression` is a SymPy expression, `variable` a symbol or an entry of an array. Raises NotSupported where no rule exists.
    """
    journal = Journal(unevaluated_derivative(expression, (variable, sp.Integer(order))))
    answer = resolve(journal.start, journal)
    return journal.derivation(finish(answer, journal))


def resolve(whole: Any, journal: Journal) -> Any:
    """The expression with every derivative worked out (not yet in its final form); the steps go to the journal."""
    closed: Closed = set()
    for _ in range(MAX_STEPS):
        if size(whole, LONG) >= LONG:
            return _rest(whole, journal, closed)
        found = next_derivative(whole, closed)
        if found is None:
            return whole
        node, binder = found
        known = at_once(node)
        if known is not None:
            step, result = known
        elif _order(node) > 1:
            told = _one_after_the_other(whole, node, journal) if binder is None and _order(node) <= MAX_TOLD else None
            if told is not None:
                whole = told
                continue
            step, result = _lower_order(node, journal)
        else:
            step, result = _one_step(node, journal, closed)
            uncancelled = _uncancelled(whole, node, result)
            if uncancelled is not None:
                whole = _cancelled(whole, node, replace(step, after=uncancelled), result, journal)
                continue
        new = with_replaced(whole, node, result, closed)
        part = (node, result)
        if binder is not None:
            part = (binder, with_replaced(binder, node, result, closed))
        journal.add(replace(step, before=whole, after=new, part=part))
        whole = delta_resolved(new, journal, closed)
    raise TooLarge(f"a derivative that needs more than {MAX_STEPS} steps")


def _rest(whole: Any, journal: Journal, closed: Closed) -> Any:
    """A long expression is finished in one step; each sub-step shows only the part that it changes."""
    start = whole
    steps: list[Step] = []
    if any(isinstance(node.args[0], sp.Basic) and node.args[0].has(sp.Derivative) for node in unresolved(whole, closed)):
        raise TooLarge("derivatives inside derivatives of so long an expression")
    table = {node: _all_the_way(node, steps, journal) for node in unresolved(whole, closed)}
    whole = with_all_replaced(whole, table, closed)
    if size(whole, MAX_SIZE) >= MAX_SIZE:
        raise TooLarge(f"the derivative has more than {MAX_SIZE} parts")
    if steps:
        names = dict.fromkeys(step.title.lower() for step in steps)
        journal.add(
            Step(
                REMAINING.id,
                REMAINING.title,
                start,
                whole,
                part=(start, whole),
                because=(", ".join(names),),
                steps=tuple(steps),
            )
        )
    return delta_resolved(whole, journal, closed)


def _all_the_way(root: Any, steps: list[Step], journal: Journal) -> Any:
    """One derivative without what stands around it: inner derivatives first, each put in where it is needed."""
    closed: Closed = set()
    values: dict[Any, Any] = {}
    stack: list[tuple[Any, Any]] = [(root, None)]
    while stack:
        node, local = stack.pop()
        if node in values:
            continue
        if local is None:
            step, local = _lower_order(node, journal) if _order(node) > 1 else _one_step(node, journal, closed)
            steps.append(step)
            if len(steps) > MAX_STEPS:
                raise TooLarge(f"a derivative that needs more than {MAX_STEPS} steps")
            stack.append((node, local))
            stack.extend((inner, None) for inner in reversed(unresolved(local, closed)))
        else:
            values[node] = with_all_replaced(local, values, closed)
            if len(values) % 16 == 0 and size(values[node], MAX_SIZE) >= MAX_SIZE:
                raise TooLarge(f"the derivative has more than {MAX_SIZE} parts")
    return values[root]


# ── one visible step ─────────────────────────────────────────────────────────────────────────────────────────────────


def _one_step(node: Any, journal: Journal, closed: Closed) -> tuple[Step, Any]:
    """The step that replaces one derivative: its rule, and the simple derivatives that this leaves, as sub-steps."""
    steps: list[Step] = []
    chief, chief_rewrite = _fire(node, journal)
    local = chief_rewrite.result
    steps.append(_sub_step(chief, chief_rewrite, node, local, node, local))
    local = _settle(local, steps, journal, closed)
    name, rewrite = chief, chief_rewrite
    for _ in range(MAX_PASSED):
        if name.id not in _PASSING:
            break
        left = unresolved(local, closed)
        if len(left) != 1:
            break
        inner, rewrite = _fire(left[0], journal)
        name = inner
        new = with_replaced(local, left[0], rewrite.result, closed)
        steps.append(_sub_step(inner, rewrite, local, new, left[0], rewrite.result))
        local = _settle(new, steps, journal, closed)
    if name.id in _PASSING and len(steps) > 1:
        name, rewrite = _telling(steps, name, rewrite)
    shown = tuple(steps) if len(steps) > 1 else ()
    title = _title(name, rewrite)
    because = rewrite.because
    if name is not chief and chief.id == "sum-rule" and chief_rewrite.because and name.id not in _PASSING:
        because = (*because, "; constants vanish") if because else ("constants vanish",)
    assumptions = tuple(dict.fromkeys(a for s in steps for a in s.assumptions))
    step = Step(
        CHAIN.id if title == CHAIN.title and name.id.startswith("derivative-of-") else name.id,
        title,
        node,
        local,
        part=(node, local),
        because=because,
        formula=name.formula,
        assumptions=assumptions,
        steps=shown,
    )
    return step, local


def _telling(steps: list[Step], name: Rule, rewrite: Rewrite) -> tuple[Rule, Rewrite]:
    """The rule after which a step of simple terms is called: the sum rule for a sum, else the last rule that was needed."""
    if name.id == "sum-rule":
        return name, rewrite
    last = steps[-1]
    if last.rule in ("identity-rule", "constant-rule"):
        return name, rewrite
    return Rule(last.rule, last.title, last.formula, "", (), lambda node: None), Rewrite(last.after, last.because)


def _title(rule: Rule, rewrite: Rewrite) -> str:
    """A function at an inner expression is the chain rule; at the variable itself it is its own derivative."""
    if rule.id.startswith("derivative-of-") and rule in BY_FUNCTION.values() and rewrite.because:
        return CHAIN.title
    return rule.title


def _sub_step(rule: Rule, rewrite: Rewrite, before: Any, after: Any, old: Any, new: Any, trivial: bool | None = None) -> Step:
    return Step(
        rule.id,
        _title(rule, rewrite),
        before,
        after,
        part=(old, new),
        because=rewrite.because,
        formula=rule.formula,
        assumptions=rewrite.assumptions,
        trivial=rule.trivial if trivial is None else trivial,
    )


def _settle(local: Any, steps: list[Step], journal: Journal, closed: Closed) -> Any:
    """Works out the simple derivatives in `local`, one sub-step each (all in one where they are many)."""
    simple = [d for d in unresolved(local, closed) if _order(d) == 1 and _is_simple(*split(d), 0)]
    if len(simple) > MAX_LISTED:
        start = local
        table = {d: _worked_out(d, journal)[1] for d in simple}
        local = with_all_replaced(local, table, closed)
        steps.append(
            Step(
                SIMPLE_TERMS.id,
                SIMPLE_TERMS.title,
                start,
                local,
                part=(start, local),
                because=(f"{len(simple)} simple derivatives",),
                trivial=True,
            )
        )
        return local
    for node in simple:
        rule, result, rewrite = _worked_out(node, journal)
        new = with_replaced(local, node, result, closed)
        if not any(node == s.part[0] for s in steps if s.part):
            steps.append(_sub_step(rule, rewrite, local, new, node, result, True))
        local = new
    return local


def _worked_out(node: Any, journal: Journal) -> tuple[Rule, Any, Rewrite]:
    """A simple derivative all the way: the rule that tells most, the result, the instance."""
    rule, first = _fire(node, journal)
    result = first.result
    while isinstance(result, sp.Expr) and (left := unresolved(result, set())):
        for inner in left:
            deeper, value, instance = _worked_out(inner, journal)
            result = with_replaced(result, inner, value, set())
            if rule.id == "constant-multiple-rule":
                rule, first = deeper, Rewrite(result, instance.because)
    return rule, result, Rewrite(result, first.because, first.assumptions)


def _is_simple(f: Any, x: Any, depth: int) -> bool:
    """Whether the derivative needs no word: constants, the variable, its powers, functions of it, sums and multiples of these."""
    if f == x or not depends(f, x):
        return True
    if depth > 3:
        return False
    if f.is_Add:
        return len(f.args) <= 400 and all(_is_simple(a, x, depth + 1) for a in f.args)
    if f.is_Mul:
        bound = [a for a in f.args if depends(a, x)]
        return len(bound) == 1 and _is_simple(bound[0], x, depth + 1)
    if f.is_Pow:
        return bool((f.base == x and not depends(f.exp, x)) or (f.exp == x and not depends(f.base, x)))
    if isinstance(f, sp.Indexed):
        return True
    return type(f) in BY_FUNCTION and len(f.args) == 1 and bool(f.args[0] == x)


# ── rules and what stands in for them ────────────────────────────────────────────────────────────────────────────────


def _fire(node: Any, journal: Journal) -> tuple[Rule, Rewrite]:
    """The rule for a derivative; where there is none, the definition written out, SymPy's own derivative, or a refusal."""
    if _order(node) > 1:
        raise NotSupported("a derivative of higher order under another derivative")
    found = rule_that_applies(node)
    if found is not None:
        journal.note(found[1].notes)
        return found
    function, x = split(node)
    if isinstance(function, DefinedFunction):
        return DEFINITION, Rewrite(derivative(function.definition(), x), (function, " is ", function.definition()))
    if isinstance(function, (sp.Sum, sp.Product, sp.Integral, sp.Limit)) or not isinstance(function, sp.Function):
        raise NotSupported(f"the derivative of {_called(function)} with respect to {x}")
    result = function.diff(x)
    if result.has(sp.Derivative, sp.Subs) or result.has(S.NaN):
        raise NotSupported(f"the derivative of {_called(function)}")
    return SYMPY_DERIVATIVE, Rewrite(result, ("the derivative of ", function))


def _called(function: Any) -> str:
    name = type(function).__name__
    return {"Sum": "a sum whose limits depend on the variable", "Product": "a product whose limits depend on the variable"}.get(name, name)


def _order(node: Any) -> int:
    orders = [pair[1] for pair in node.args[1:]]
    if not all(o.is_Integer and o >= 0 for o in orders):
        raise NotSupported(f"the derivative of {_called(node.args[0])} to an order that is not a number")
    total = int(sum(orders))
    if total > MAX_ORDER:
        raise TooLarge(f"a derivative of order {total}; the bound is {MAX_ORDER}")
    return total


def _one_after_the_other(whole: Any, node: Any, journal: Journal) -> Any:
    """The steps of the inner derivative with the outer one around them; the whole after them. None where the inner one has no steps."""
    _, rest, inner = _inner_derivative(node)
    first = finish(resolve(inner.start, inner), inner)
    if not inner.steps:
        return None
    journal.note(inner.notes)

    def around(value: Any) -> Any:
        return with_replaced(whole, node, unevaluated_derivative(value, *((v, sp.Integer(k)) for v, k in rest)), set())

    for place, step in enumerate(inner.steps):
        journal.add(replace(step, before=whole if place == 0 else around(step.before), after=around(step.after)))
    if all(depends(first, v) for v, _ in rest):
        return around(first)
    new = with_replaced(whole, node, S.Zero, set())
    journal.record(CONSTANT, Rewrite(new, (first, " is constant there")), around(first), new, (around(first), new))
    return new


def _inner_derivative(node: Any) -> tuple[tuple[Any, int], list[tuple[Any, int]], Journal]:
    """∂ⁿf as ∂ⁿ⁻¹(∂f): the variable of the inner derivative, what is left to do after it, and a journal for it."""
    pairs = [(x, int(n)) for x, n in node.args[1:]]
    x, n = pairs[-1]  # ∂²/∂x∂y is ∂/∂x (∂/∂y)
    rest = [(v, k) for v, k in pairs[:-1] + ([(x, n - 1)] if n > 1 else []) if k]
    return (x, n), rest, Journal(unevaluated_derivative(node.args[0], (x, S.One)))


def _uncancelled(whole: Any, node: Any, result: Any) -> Any:
    """The derivative of a sum as it is before terms cancel; None where nothing does."""
    total, x = split(node)
    if not total.is_Add or len(total.args) > MAX_CANCELLING or result.has(sp.Derivative, AppliedUndef, sp.Sum, sp.Piecewise):
        return None
    if whole != node and not (isinstance(whole, (sp.Subs, sp.Derivative)) and whole.args[0] == node):
        return None
    bound = [term for term in total.args if depends(term, x)]
    left = len(sp.Add.make_args(result)) if not result.is_zero else 0
    if left >= len(bound):
        return None
    terms = [part for term in bound for part in sp.Add.make_args(_all_the_way(derivative(term, x), [], Journal(term)))]
    if len(terms) - left < 2 or sp.Add(*terms) != result:
        return None
    return sp.Add(*sorted(terms, key=lambda t: (bool(t.is_number), bool(t.could_extract_minus_sign()))), evaluate=False)


def _cancelled(whole: Any, node: Any, step: Step, result: Any, journal: Journal) -> Any:
    """Writes down a step whose terms cancel, and the cancelling as a step of its own; the whole after them."""
    shown = step.after
    between = shown if whole == node else with_replaced(whole, node, shown, set())
    new = with_replaced(whole, node, result, set())
    journal.add(replace(step, before=whole, after=between, part=(node, shown)))
    journal.record(CANCEL_TERMS, Rewrite(new), between, new, (shown, result))
    return new


def _lower_order(node: Any, journal: Journal) -> tuple[Step, Any]:
    """∂ⁿf = ∂ⁿ⁻¹(∂f): the inner derivative with its own steps as sub-steps, in its final form."""
    (x, _), rest, inner = _inner_derivative(node)
    first = finish(resolve(inner.start, inner), inner)
    journal.note(inner.notes)
    if all(depends(first, v) for v, k in rest if k):
        result = unevaluated_derivative(first, *((v, sp.Integer(k)) for v, k in rest if k))
    else:
        result = S.Zero
    because: Prose = ("the derivative with respect to ", x, " is ", first)
    return Step(
        LOWER_ORDER.id,
        LOWER_ORDER.title,
        node,
        result,
        part=(node, result),
        because=because,
        formula=LOWER_ORDER.formula,
        steps=tuple(inner.steps),
    ), result
