"""`stationary points of f`: all of them, each a minimum, a maximum or a saddle by its second derivatives.

In: a reading of the task. Out: a Solution with the coordinates and the values as parts, in one order, and the kinds as notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported, Undetermined, WrongUse
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.optimisation.equations import real_solutions, tidy
from derive.solving.optimisation.single import classified
from derive.solving.optimisation.slopes import slope_at

__all__ = ["keyword", "solve_stationary_points", "task_variables", "without_constants"]

VARIABLES = frozenset("x y z w u v t theta".split())
CONSTANTS = frozenset("a b c d k m n alpha beta gamma kappa lambda lam".split())

MOST_POINTS = 24
MAX_NEWTON = 2


def task_variables(reading: Reading, body: Term, given: Sequence[Term], fixed: Sequence[Term] = ()) -> tuple[Any, ...]:
    """The variables that were named, or all free names of the function that nobody declared and that stand nowhere else."""
    if given:
        found = [v for t in given for v in (t.args if t.head in ("tuple", "vector", "list") else (t,))]
    else:
        beside = {n.data for t in fixed for n in t.walk() if n.head == "name"}
        bound = {a.data for n in body.walk() if n.head in ("sum", "prod", "integral") for a in n.args[1:2] if a.head == "name"}
        names = dict.fromkeys(n.data for n in body.walk() if n.head == "name" and isinstance(n.data, Name))
        declared = reading.options.get("declarations", {})
        free = [n for n in names if n not in beside | bound]
        if body.head == "name":
            raise Undetermined(
                f"{body.data.key} is not defined: there is no function to work with", span=body.span, expected=("f(x) := …",)
            )
        found = [Term("name", (), n) for n in free if n not in declared] or [Term("name", (), n) for n in free]
        found = without_constants(found)
    variables = tuple(to_sympy(v, reading.types) for v in found)
    if not variables:
        raise WrongUse("there is no variable", span=body.span, expected=("wrt and a variable",))
    if not all(isinstance(v, sp.Symbol) for v in variables):
        raise NotSupported("a task over these variables", span=body.span)
    return variables


def without_constants(names: Sequence[Term]) -> list[Term]:
    """Without a, b, c, λ and the like beside x, y, z and the like: they are taken as constants."""
    varied = any(isinstance(n.data, Name) and n.data.base in VARIABLES for n in names)
    return [n for n in names if not (varied and isinstance(n.data, Name) and n.data.base in CONSTANTS)]


def keyword(term: Term, name: str) -> tuple[Term, ...]:
    """What stands behind a word of the task; nothing where the word is missing."""
    return next((a.args for a in term.args if a.head == "keyword" and a.data == name), ())


def solve_stationary_points(reading: Reading) -> Solution:
    """All stationary points. Raises DoesNotExist where there is none, NotSupported where not all have a closed form."""
    term = reading.expanded
    body = term.args[0]
    if body.head == "rel" and body.data in ("=", ":="):
        body = body.args[1]
    given = keyword(term, "wrt") or keyword(term, "over") or keyword(term, "in")
    variables = task_variables(reading, body, given)
    function = to_sympy(body, reading.types)
    parameters = function.free_symbols - set(variables)
    slopes = tuple(sp.diff(function, v) for v in variables)
    if any(s.has(sp.sign, sp.Heaviside, sp.DiracDelta) for s in slopes):
        raise NotSupported("stationary points of a function with kinks", span=body.span)
    found = real_solutions(slopes, variables)
    solutions = sorted(found.solutions, key=lambda s: [float(sp.N(s[v])) if v in s and s[v].is_number else 0.0 for v in variables])
    if not solutions:
        raise DoesNotExist("there is no stationary point: the slopes are never zero together", span=body.span)
    if any(v not in s or s[v].free_symbols & set(variables) for s in solutions for v in variables):
        raise Undetermined("the stationary points are not isolated: they form a curve", span=body.span)
    if len(solutions) > MOST_POINTS:
        raise NotSupported("so many stationary points", span=body.span)
    steps = [
        Step(rules.STATIONARY.id, "First-order condition", sp.Derivative(function, v, evaluate=False), s, formula=rules.STATIONARY.formula)
        for v, s in zip(variables, slopes, strict=True)
    ]
    steps.append(_solved(function, variables, slopes, solutions, bool(parameters)))
    points: list[tuple[Any, ...]] = []
    notes: list[Prose] = []
    for solution in solutions:
        point = tuple(tidy(solution[v]) for v in variables)
        kind, step = _kind(function, variables, point)
        steps += step
        points.append(point)
        where: list[Any] = []
        for v, x in zip(variables, point, strict=True):
            where += [", " if where else "", sp.Eq(v, x, evaluate=False)]
        notes.append((*where, f": {kind}"))
    columns = {v.name: [p[k] for p in points] for k, v in enumerate(variables)}
    columns["value"] = [tidy(function.subs(dict(zip(variables, p, strict=True)))) for p in points]
    parts = {name: values[0] if len(values) == 1 else sp.Tuple(*values) for name, values in columns.items()}
    if len(points) > 1:
        notes.append((f"there are {len(points)} stationary points: the parts list their coordinates and values in order",))
    assumptions: tuple[Prose, ...] = tuple((sp.Ne(e, 0, evaluate=False),) for e in found.nonzero)
    rooted = {r.base for p in points for x in p for r in sp.sympify(x).atoms(sp.Pow) if r.exp.is_Rational and r.exp.q % 2 == 0}
    signed = sorted((r for r in rooted if r.free_symbols and r.is_nonnegative is None), key=str)
    assumptions += tuple((sp.Ge(r, 0, evaluate=False),) for r in signed)
    if parameters and not given:
        notes.append((f"taken as constants: {', '.join(sorted(s.name for s in parameters))}",))
    answer = sp.Tuple(*(x for p in points for x in p))
    return Solution(Derivation(function, answer, tuple(steps), assumptions), None, parts, tuple(notes), assumptions)


def _solved(
    function: Any, variables: tuple[Any, ...], slopes: tuple[Any, ...], solutions: Sequence[dict[Any, Any]], with_parameters: bool
) -> Step:
    shown = [sp.And(*(sp.Eq(v, s[v], evaluate=False) for v in variables), evaluate=False) for s in solutions]
    shown = [s.args[0] if len(variables) == 1 else s for s in shown]
    equations = [sp.Eq(s, 0, evaluate=False) for s in slopes]
    before = equations[0] if len(equations) == 1 else sp.Tuple(*equations)
    residual = sp.Tuple(*(e.subs(s) for s in solutions for e in slopes))
    claim = Claim("equal", residual, sp.Tuple(*(sp.S.Zero for _ in residual)))
    after = shown[0] if len(shown) == 1 else sp.Or(*shown, evaluate=False)
    inner: tuple[Step, ...] = ()
    if not with_parameters and len(variables) <= MAX_NEWTON:
        points = tuple(tuple(s[v] for v in variables) for s in solutions)
        whole = Claim("stationary", function, points, variables)
        rule = rules.SOLVE_STATIONARY
        inner = (Step(rule.id, "No other stationary point", before, after, "⇔", formula=rule.formula, claim=whole),)
    rule = rules.SOLVE_STATIONARY
    return Step(rule.id, rule.title, before, after, "⇔", formula=rule.formula, claim=claim, steps=inner)


def _kind(function: Any, variables: tuple[Any, ...], point: tuple[Any, ...]) -> tuple[str, list[Step]]:
    """What the point is, and the step that says so."""
    place = dict(zip(variables, point, strict=True))
    hessian = sp.hessian(function, variables).subs(place).applyfunc(tidy)
    second = sp.Tuple(*(slope_at(function, variables, point, v, w) for v in variables for w in variables))
    claim = Claim("equal", second, sp.Tuple(*hessian))
    shown = [sp.Derivative(function, v, w, evaluate=False) for v in variables for w in variables]
    before = shown[0] if len(variables) == 1 else sp.Tuple(*shown)
    after = hessian[0, 0] if len(variables) == 1 else hessian
    kind = _by_eigenvalues(hessian)
    if kind == "undecided" and len(variables) == 1 and not hessian.free_symbols:
        kind = classified(function, variables[0], point[0])[0]
        kind = "inflection (no extremum)" if kind == "saddle" else kind
    elif kind == "undecided":
        kind = _along_rays(function, variables, point)
    where: list[Any] = []
    for v, x in place.items():
        where += [", " if where else "at ", sp.Eq(v, x, evaluate=False)]
    step = Step(
        rules.CURVATURE.id,
        rules.CURVATURE.title,
        before,
        after,
        "=",
        because=(*where, f": {kind}"),
        formula=rules.CURVATURE.formula,
        claim=claim,
    )
    return kind, [step]


def _by_eigenvalues(hessian: Any) -> str:
    if hessian.free_symbols:
        minors = [sp.factor(hessian[:k, :k].det()) for k in range(1, hessian.rows + 1)]
        if all(m.is_positive for m in minors):
            return "minimum"
        if all(((-1) ** (k + 1) * m).is_negative is False and ((-1) ** (k + 1) * m).is_positive for k, m in enumerate(minors)):
            return "maximum"
        return "saddle" if hessian.rows == 2 and minors[1].is_negative else "kind depends on the parameters"
    values = [sp.re(sp.N(v, 20)) for v in hessian.eigenvals(multiple=True)] if hessian.rows > 1 else [sp.N(hessian[0, 0], 20)]
    if all(v > 1e-14 for v in values):
        return "minimum"
    if all(v < -1e-14 for v in values):
        return "maximum"
    if any(v > 1e-14 for v in values) and any(v < -1e-14 for v in values):
        return "saddle"
    return "undecided"


def _along_rays(function: Any, variables: tuple[Any, ...], point: tuple[Any, ...]) -> str:
    """A degenerate point: larger values on one ray and smaller ones on another make it a saddle; nothing else is decided."""
    t = sp.Dummy("t", real=True)
    base = function.subs(dict(zip(variables, point, strict=True)))
    signs = set()
    for direction in [(1, 0), (0, 1), (1, 1), (1, -1), (1, 2), (2, 1)] if len(variables) == 2 else []:
        along = function.subs({v: x + d * t for v, x, d in zip(variables, point, direction, strict=True)}) - base
        lead = sp.series(along, t, 0, 9).removeO() if not along.is_polynomial(t) else sp.expand(along)
        for order in range(1, 9):
            value = sp.N(lead.coeff(t, order))
            if abs(value) > 1e-15:
                signs |= {1, -1} if order % 2 else {1 if value > 0 else -1}
                break
    return "saddle" if signs == {1, -1} else "degenerate: second derivatives do not decide"
