"""Whether a function of a vector is convex or concave: the sign of its Hessian, argued from its form, and the definition at random points.

In: a reading of `is f convex in x` over arrays, the function, what is asked, the variables. Out: a Solution whose answer is yes or no;
Undetermined where nothing says the sign. Source: Boyd & Vandenberghe, Convex Optimization (2004), sections 3.1 and 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.derivation import Claim, Derivation, Prose
from derive.errors import NotSupported, Undetermined, WrongUse
from derive.expressions.plain import plain
from derive.expressions.term import Term, number
from derive.graph.calculus.factors import factors
from derive.graph.calculus.linear import coefficient
from derive.graph.calculus.reverse import dependents, sweep
from derive.graph.node import ArgumentType, Node
from derive.meaning.scope import Reading
from derive.rules import questions
from derive.solution import Solution
from derive.solving.optimisation.array_programmes import ArrayProgramme, array_programme, claim_step, relation, terms_of
from derive.solving.optimisation.definiteness import Sign, definiteness

__all__ = ["array_convexity"]


def array_convexity(reading: Reading, subject: Term, asked: str, variables: Sequence[Term]) -> Solution:
    """Yes or no. Raises Undetermined where the sign of the Hessian is not known, WrongUse without a variable."""
    strictly, word = asked.startswith("strictly "), asked.removeprefix("strictly ")
    variable = _variable(reading, subject, variables)
    kind = "min" if word == "convex" else "max"
    task = Term("optimum", (subject, Term("tuple", (variable,))), kind)
    p = array_programme(replace(reading, expanded=task))
    terms = p.root.args if p.root.op == "add" else (p.root,)
    signs = [_sign_of(p, t) for t in terms if p.depends(t)]
    if not signs:
        raise WrongUse(f"{variable.data.key} does not occur in the function", span=subject.span)
    level = min(s.level for s in signs)
    assumed: tuple[Prose, ...] = tuple(dict.fromkeys(a for s in signs for a in s.assumptions))
    if level < 0 and all(s.level in (-1, -2) for s in signs):
        return _answer(p, "no", word, (), strict=False, opposite=True)
    if level <= 0:
        raise Undetermined(f"whether it is {word} depends on the sign of the Hessian of {plain(subject)}", span=subject.span)
    strict = max(s.level for s in signs) == 2
    if strictly and not strict:
        raise Undetermined(f"it is {word}; whether strictly depends on the rank of its matrices", span=subject.span)
    return _answer(p, "yes", word, assumed, strict=strict, opposite=False)


def _variable(reading: Reading, subject: Term, variables: Sequence[Term]) -> Term:
    if len(variables) == 1 and variables[0].head == "name":
        return variables[0]
    declared = reading.options.get("declarations", {})
    names = dict.fromkeys(n.data for n in subject.walk() if n.head == "name" and n.data in reading.types)
    vectors = [n for n in names if len(reading.types[n].shape) == 1] if not variables else []
    free = [n for n in vectors if n not in declared] or vectors
    if len(free) != 1:
        raise WrongUse("in which variable?", span=subject.span, expected=("in x",))
    return Term("name", (), free[0])


def _sign_of(p: ArrayProgramme, term: Node) -> Sign:
    """The sign of the Hessian of one term; norms and log Σ exp of affine arguments are convex by themselves."""
    a = p.a
    view = factors(term)
    inside = [b for b in view.powers if p.depends(b)]
    if (
        len(inside) == 1
        and view.powers[inside[0]] == 1
        and inside[0].op in ("norm", "logsumexp", "amax")
        and _is_affine(p, inside[0].args[0])
    ):
        front = [b for b in view.powers if b is not inside[0]]
        if all(b.bounds.nonnegative for b in front):
            return Sign(1 if view.coefficient > 0 else -1)
        named = tuple((p.term(b), " > 0") for b in front if not b.bounds.nonnegative)
        return Sign(1, named) if view.coefficient > 0 else Sign(0)
    try:
        hessian = _hessian(p, term)
    except NotSupported:
        return Sign(0)
    if hessian is None:
        return Sign(1)
    sign = definiteness(a, hessian)
    if sign.level > 0:
        return sign
    other = definiteness(a, a.add(*(a.neg(t) for t in terms_of(a, hessian))))
    return Sign(-2) if other.level == 2 and not other.assumptions else Sign(0)


def _hessian(p: ArrayProgramme, term: Node) -> Node | None:
    """The Hessian of a term; None where it is affine."""
    a = p.a
    gradient = sweep(a, [(term, a.number(1))], [p.x]).get(p.x)
    if gradient is None or not p.depends(gradient):
        return None
    if len(p.x.shape) != 1:
        raise NotSupported("the Hessian of a function of a matrix")
    u = a.nodes.argument(ArgumentType(p.task.fresh("u").key), p.x.shape)
    pulled = sweep(a, [(a.full(gradient, p.x.shape), u)], [p.x]).get(p.x)
    return None if pulled is None else coefficient(a, a.full(pulled, p.x.shape), u)


def _is_affine(p: ArrayProgramme, node: Node) -> bool:
    """Whether the variable goes through sums, transposes and products with what does not hold it only."""
    holds = dependents((node,), (p.x,))

    def affine(part: Node) -> bool:
        if part not in holds or part is p.x:
            return True
        if part.op in ("mul", "neg", "div", "matmul"):
            inner = [b for b in part.args if b in holds]
            return len(inner) == 1 and affine(inner[0]) and (part.op != "div" or inner[0] is part.args[0])
        return part.op in ("add", "transpose", "sum", "element", "stack") and all(affine(b) for b in part.args)

    return affine(node)


def _answer(p: ArrayProgramme, said: str, word: str, assumed: tuple[Prose, ...], *, strict: bool, opposite: bool) -> Solution:
    """The definition at the middle of the variable and of another point, as terms that the check evaluates."""
    x = p.variable.term
    letter = p.task.fresh("z", "v", "q")
    z = Term("name", (), letter)
    types = {letter: replace(p.kind, lower=None, upper=None)}
    middle = Term("at", (p.written, x, Term("div", (Term("add", (x, z)), number(2)))))
    mean = Term("div", (Term("add", (p.written, Term("at", (p.written, x, z)))), number(2)))
    low, high = (middle, mean) if (word == "convex") != opposite else (mean, middle)
    shown = relation(low, high, "<=")
    notes: tuple[Prose, ...] = (
        ((f"f is {'strictly ' if strict else ''}{word} in ", x),) if said == "yes" else ((f"f is not {word} in ", x),)
    )
    because: Prose = ("the Hessian of every term is positive semi-definite, or the term a norm or log Σ exp of an affine function",)
    if word == "concave" or opposite:
        because = ("the same of the negative function",)
    step = claim_step(questions.MIDPOINT, p.written, shown, Claim("at-most", low, high), because, assumed)
    answer = Term("word", (), said)
    derivation = Derivation(p.reading.expanded, answer, (step,), assumed)
    return Solution(derivation, answer, {}, notes, assumed, types=types)
