"""Tail bounds by name: Markov, Chebyshev, Cantelli, Hoeffding, Chernoff, Jensen.

In: a reading `bound P(…) by …`. Out: a Solution whose answer is the bound; every step claims the inequality. What a bound needs and the
line does not say (a variance, X ≥ 0, bounded values) is asked for, or stated as an assumption where it is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim, Prose, Rule
from derive.errors import DoesNotExist, NotSupported, Undetermined, WrongUse
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample
from derive.rules.chance_bounds import CANTELLI, CHEBYSHEV, CHERNOFF, CHERNOFF_OPTIMUM, HOEFFDING, JENSEN, MARKOV, MOMENT_OF
from derive.solution import Solution
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_bound"]


class Tail(NamedTuple):
    """P(X − centre ≥ t), P(X − centre ≤ −t) or P(|X − centre| ≥ t): `sides` is 1, −1 or 2; the statement is P(event)."""

    event: Term
    variable: Term
    centre: Any
    distance: Any
    sides: int


class Task(NamedTuple):
    """What every bound works with."""

    reading: Reading
    model: Model
    journal: Journal


def solve_bound(reading: Reading) -> Solution:
    """The bound that was asked for. Raises WrongUse for a form the inequality does not bound, Undetermined for what it needs."""
    target = reading.expanded.args[0]
    name = next((str(a.args[0].data) for a in reading.expanded.args if a.head == "keyword"), "")
    work = Task(reading, build(reading), Journal(reading.term))
    solvers: Mapping[str, Callable[[Task, Term], Any]] = {
        "markov": _markov, "chebyshev": _chebyshev, "chebychev": _chebyshev, "cantelli": _cantelli, "hoeffding": _hoeffding,
        "chernoff": _chernoff, "jensen": _jensen,
    }  # fmt: skip
    if name.lower() not in solvers:
        raise NotSupported(f"a bound by {name or 'no named inequality'}", expected=tuple(f"by {n}" for n in solvers))
    value = solvers[name.lower()](work, target)
    return Solution(
        derivation(work.journal, value, work.model), value, {}, work.journal.notes, work.journal.assumptions, types=work.model.types
    )


# ── what is bounded ──────────────────────────────────────────────────────────────────────────────────────────────────


def _tail(target: Term, model: Model) -> Tail:
    body = target.args[0] if target.head == "probability" and target.data == "P" else None
    if body is None or body.head != "rel" or body.data not in (">=", ">", "<=", "<"):
        raise WrongUse(f"{plain(target)} is no tail probability", span=target.span, expected=("P(X >= c)", "P(|X - mu| >= t)"))
    left, right = body.args
    sign = 1 if body.data in (">=", ">") else -1
    distance = to_sympy(right, model.types)
    if left.head == "abs":
        variable, centre = _apart(left.args[0], model)
        if sign < 0:
            raise WrongUse("an upper bound of P(|X − μ| ≤ t) says nothing: ask for P(|X − μ| ≥ t)", span=target.span)
        return Tail(body, variable, centre, distance, 2)
    variable, centre = _apart(left, model)
    return Tail(body, variable, centre, distance if sign > 0 else -distance, sign)


def _apart(term: Term, model: Model) -> tuple[Term, Any]:
    """X − μ as X and μ; constants are what holds no random name."""
    parts = term.args if term.head == "add" else (term,)
    constants = [p for p in parts if not _is_random(p, model)]
    random = tuple(p for p in parts if p not in constants)
    if not random:
        raise WrongUse(f"nothing in {plain(term)} is random", span=term.span, expected=("X ~ …",))
    variable = random[0] if len(random) == 1 else Term("add", random)
    if variable.head == "neg" and len(constants) == 1:  # |μ − X|
        return variable.args[0], to_sympy(constants[0], model.types)
    return variable, -sp.Add(*(to_sympy(c, model.types) for c in constants))


def _is_random(term: Term, model: Model) -> bool:
    names = [n.data for n in term.walk() if n.head == "name"]
    stated = {n.data for f in model.moments for a in f.arguments for n in a.walk() if n.head == "name"}
    return any(model.is_random(n) or n in stated or _mean_of_sample(n, model) is not None for n in names)


def _mean_of_sample(name: Name, model: Model) -> Sample | None:
    """The sample whose mean a barred name is."""
    if "bar" not in name.accents:
        return None
    return next((s for s in model.samples.values() if s.base.base == name.base), None)


def _moment(work: Task, operator: str, variable: Term) -> Any:
    """E or Var of a variable, as the expectation solver finds it."""
    from derive.solving.chance.expectation import solve_expectation

    body = variable.transform(lambda t: _written_out(t, work.model))
    node = Term("probability", (body,), operator)
    inner = replace(work.reading, term=node, expanded=node, task="expectation" if operator == "E" else "variance")
    try:
        solution = solve_expectation(inner)
    except Undetermined as error:
        raise Undetermined(f"the bound needs {operator}({plain(variable)}): {error.message}") from None
    if solution is None or solution.answer is None:
        raise Undetermined(f"the bound needs {operator}({plain(variable)})", expected=(f"{operator}({plain(variable)}) = …",))
    value = to_sympy(solution.answer, work.model.types) if isinstance(solution.answer, Term) else solution.answer
    shown = Term("probability", (variable,), operator)
    work.journal.assume(solution.assumptions)
    work.journal.add(
        step(MOMENT_OF, shown, value, steps=solution.derivation.steps if solution.derivation else (), claim=Claim("equal", node, value))
    )
    return value


def _written_out(term: Term, model: Model) -> Term:
    """x̄ as (1/n) Σ x_i."""
    sample = _mean_of_sample(term.data, model) if term.head == "name" else None
    if sample is None or sample.size is None or (term.head == "name" and term.data in model.defined):
        return term
    i = Term("name", (), Name("i"))
    total = Term("sum", (Term("index", (Term("name", (), sample.base), i)), i, Term("number", (), "1"), sample.size), "range")
    return Term("mul", (Term("div", (Term("number", (), "1"), sample.size)), total))


def _law(work: Task, variable: Term) -> Distribution | None:
    if variable.head != "name":
        return None
    known = work.model.variables.get(variable.data)
    sample = work.model.sample_of(variable.data)
    return known.law if known is not None else sample.law if sample is not None else None


def _concluded(work: Task, target: Term, rule: Rule, bound: Any, because: Prose = ()) -> Any:
    value = shortened(bound)
    at_value = target.transform(lambda t: _written_out(t, work.model))
    assumed = work.journal.assumptions
    work.journal.add(step(rule, target, value, "≤", because, claim=Claim("at-most", at_value, value), assumptions=assumed))
    return value


def _positive(work: Task, value: Any, what: str) -> None:
    if value.is_negative or value == 0:
        raise WrongUse(f"{what} must be positive")
    if not value.is_positive:
        work.journal.assume(((value, " > 0"),))


# ── the inequalities ─────────────────────────────────────────────────────────────────────────────────────────────────


def _markov(work: Task, target: Term) -> Any:
    tail = _tail(target, work.model)
    if tail.sides != 1 or tail.centre != 0:
        raise WrongUse("Markov's inequality bounds P(X ≥ c)", span=target.span, expected=("P(X >= c)",))
    law = _law(work, tail.variable)
    if law is not None:
        lower = law.family.support(*law.values).lower
        if lower is None or sp.sympify(lower).is_negative or lower == -sp.oo:
            raise WrongUse(f"Markov's inequality needs X ≥ 0; {law.name} takes negative values")
        if not sp.sympify(lower).is_nonnegative:
            work.journal.assume(((sp.Ge(lower, 0),),))
    else:
        work.journal.assume(((tail.variable, " ≥ 0"),))
    _positive(work, tail.distance, "the threshold")
    mean = _moment(work, "E", tail.variable)
    return _concluded(work, target, MARKOV, mean / tail.distance)


def _chebyshev(work: Task, target: Term) -> Any:
    tail = _tail(target, work.model)
    variance = _variance_about(work, tail, target)
    _positive(work, tail.distance, "the distance")
    because: Prose = () if tail.sides == 2 else ("one side is less likely than both",)
    return _concluded(work, target, CHEBYSHEV, variance / tail.distance**2, because)


def _cantelli(work: Task, target: Term) -> Any:
    tail = _tail(target, work.model)
    if tail.sides == 2:
        raise WrongUse("Cantelli's inequality is about one side", span=target.span, expected=("P(X - mu >= t)",))
    variance = _variance_about(work, tail, target)
    _positive(work, tail.distance, "the distance")
    return _concluded(work, target, CANTELLI, variance / (variance + tail.distance**2))


def _variance_about(work: Task, tail: Tail, target: Term) -> Any:
    """Var(X), after a look whether the distance is taken from the mean."""
    mean = _moment(work, "E", tail.variable)
    if sp.simplify(mean - tail.centre) != 0:
        if tail.sides == 2 or tail.centre != 0:
            raise WrongUse(f"the distance is to be taken from the mean {plain(from_sympy(mean))}", span=target.span)
        raise WrongUse(f"ask for the distance from the mean: P(|X − {plain(from_sympy(mean))}| ≥ t)", span=target.span)
    return _moment(work, "Var", tail.variable)


def _hoeffding(work: Task, target: Term) -> Any:
    tail = _tail(target, work.model)
    sample, scale = _averaged(work, tail.variable)
    lower, upper = _range(work, sample)
    mean = _moment(work, "E", tail.variable)
    if sp.simplify(mean - tail.centre) != 0:
        raise WrongUse(f"the distance is to be taken from the mean {plain(from_sympy(mean))}", span=target.span)
    _positive(work, tail.distance, "the distance")
    if sample.size is None:
        raise Undetermined(
            f"how many members {sample.base.key} has is not said", expected=(f"{sample.base.key}_1, ..., {sample.base.key}_n",)
        )
    n, width = to_sympy(sample.size, work.model.types), upper - lower
    exponent = -2 * tail.distance**2 / (n * (scale * width) ** 2)
    because = ("every value lies between ", lower, " and ", upper)
    work.journal.assume(((f"the members of {sample.base.key} are independent",),))
    return _concluded(work, target, HOEFFDING, (2 if tail.sides == 2 else 1) * sp.exp(exponent), because)


def _range(work: Task, sample: Sample) -> tuple[Any, Any]:
    """Between which values every member lies: by its law, or as it is declared of the sample or of a member X_i."""
    if sample.law is not None:
        support = sample.law.family.support(*sample.law.values)
        if support.lower in (None, -sp.oo) or support.upper in (None, sp.oo):
            raise DoesNotExist(f"Hoeffding's inequality needs bounded values; {sample.law.name} is unbounded")
        return support.lower, support.upper
    types = work.model.types
    kind = types.get(sample.base)
    if kind is not None and kind.lower is not None and kind.upper is not None:
        ends = to_sympy(kind.lower.value, types), to_sympy(kind.upper.value, types)
        if any(isinstance(s, sp.Symbol) and s.name.endswith(("_i", "_j", "_k", "_t")) for e in ends for s in e.free_symbols):
            raise NotSupported("Hoeffding's inequality with a range for each member")
        return ends
    raise Undetermined(
        "Hoeffding's inequality needs bounded values: their law or their range",
        expected=(f"{sample.base.key}_i in [a, b]", "X_1, ..., X_n iid ~ Bernoulli(p)"),
    )


def _averaged(work: Task, variable: Term) -> tuple[Sample, Any]:
    """The sample that is summed, and the factor of each member: 1/n for a mean, 1 for a sum."""
    written = variable.transform(lambda t: _written_out(t, work.model))
    for sample in work.model.samples.values():
        if sample.size is None:
            continue
        value = to_sympy(written, work.model.types)
        for total in value.atoms(sp.Sum):
            member = next((e for e in total.function.atoms(sp.Indexed) if str(e.base.label) == sample.base.key), None)
            scale = value.coeff(total)
            inner = total.function.coeff(member) if member is not None else sp.S.Zero
            if scale != 0 and inner != 0 and not inner.has(total.limits[0][0]):
                return sample, scale * inner
    raise WrongUse(
        "Hoeffding's inequality is about the mean or the sum of a sample", expected=("X_1, ..., X_n iid ~ …", "P(|X_bar - mu| >= t)")
    )


def _chernoff(work: Task, target: Term) -> Any:
    tail = _tail(target, work.model)
    law = _law(work, tail.variable)
    if tail.sides == 2:
        raise WrongUse("Chernoff's bound is about one side", span=target.span, expected=("P(X >= c)",))
    if law is None:
        raise Undetermined("Chernoff's bound needs the law of X", expected=("X ~ …",))
    if law.family.mgf is None:
        raise DoesNotExist(f"{law.name} has no moment generating function: Chernoff's bound does not exist")
    taken = {s.name for v in (tail.centre, tail.distance, *law.values) for s in getattr(v, "free_symbols", ())}
    t = sp.Symbol(next(c for c in ("t", "s", "u", "lambda") if c not in taken), positive=True)
    threshold = tail.centre + tail.distance if tail.sides > 0 else tail.centre - tail.distance
    if tail.sides < 0:
        raise NotSupported("Chernoff's bound of a lower tail")
    logarithm = sp.expand_log(sp.log(law.family.mgf(t, *law.values)), force=True) - t * threshold
    shown = sp.exp(-t * threshold) * law.family.mgf(t, *law.values)
    exists = law.family.mgf_exists(t, *law.values) if law.family.mgf_exists is not None else sp.true
    needed: tuple[Prose, ...] = ((exists, ": where the moment generating function exists"),) if isinstance(exists, sp.Rel) else ()
    first = step(CHERNOFF, target, shown, "≤", ("for every ", t, " > 0"), claim=Claim("at-most", target, shown))
    work.journal.add(replace(first, assumptions=needed))
    best = _best(sp.simplify(sp.diff(logarithm, t)), t, law)
    result = sp.Eq(t, best, evaluate=False)
    condition = sp.Gt(best, 0)
    if condition == sp.false:
        raise WrongUse("the threshold is not above the mean: Chernoff's bound is 1 there")
    mean = law.family.mean(*law.values) if law.family.mean is not None else None
    if condition != sp.true and mean is not None:
        work.journal.assume(((sp.Gt(threshold, mean), ": the threshold is above the mean"),))
    slope = Claim("equal", sp.diff(logarithm, t).subs(t, best), sp.S.Zero)
    work.journal.add(
        step(CHERNOFF_OPTIMUM, sp.Eq(sp.Derivative(logarithm, t, evaluate=False), 0, evaluate=False), result, "⇔", claim=slope)
    )
    value = shortened(sp.simplify(shown.subs(t, best)))
    work.journal.add(step(CHERNOFF, target, value, "≤", ("at the best ", result), claim=Claim("equal", shown.subs(t, best), value)))
    return value


def _best(slope: Any, t: Any, law: Distribution) -> Any:
    try:
        roots = [r for r in sp.solve(slope, t) if r.is_real is not False and r != 0]
    except NotImplementedError:
        roots = []
    if len(roots) != 1:
        raise NotSupported(f"the best t of Chernoff's bound for {law.name} in closed form")
    return roots[0]


def _jensen(work: Task, target: Term) -> Any:
    if target.head != "probability" or target.data != "E":
        raise WrongUse("Jensen's inequality bounds an expectation", span=target.span, expected=("bound E[log X] by jensen",))
    body = target.args[0]
    function = to_sympy(body, work.model.types)
    names = [n for n in body.walk() if n.head == "name" and (_is_random(n, work.model) or n.data.base.isupper())]
    distinct = list(dict.fromkeys(names))
    if len(distinct) != 1:
        raise WrongUse("Jensen's inequality is about a function of one random variable", span=target.span)
    variable = distinct[0]
    x = to_sympy(variable, work.model.types)
    positive = sp.Dummy("x", positive=True)
    curvature = sp.simplify(sp.diff(function, x, 2))
    sign, needs = _sign(curvature, x, positive)
    if needs and function.subs(x, -1).is_real:
        shown = plain(variable)
        word = "concave" if sign < 0 else "convex"
        raise WrongUse(
            f"the function is {word} for {shown} > 0 only, and nothing says that {shown} is positive: Jensen's inequality does not apply",
            span=target.span,
            expected=(f"{shown} > 0",),
        )
    if needs:
        work.journal.assume(((variable, " > 0"),))
    known = work.model.is_random(variable.data) or any(a == variable for f in work.model.moments for a in f.arguments)
    mean: Any = _moment(work, "E", variable) if known else None
    inside = from_sympy(mean) if mean is not None else Term("probability", (variable,), "E")
    bound = body.transform(lambda t: inside if t == variable else t)
    relation = "≤" if sign < 0 else "≥"
    word = "concave" if sign < 0 else "convex"
    because = ("the function is ", word, ": its second derivative is ", curvature)
    value: Any = shortened(to_sympy(bound, work.model.types)) if mean is not None else bound
    sides = (target, value) if sign < 0 else (value, target)
    claim = Claim("at-most", *sides) if mean is not None else None
    work.journal.add(step(JENSEN, target, value, relation, because, claim=claim))
    work.journal.note(((f"a{'n upper' if sign < 0 else ' lower'} bound, for the function is {word}",),))
    return value


def _sign(curvature: Any, x: Any, positive: Any) -> tuple[int, bool]:
    """The sign of the second derivative, and whether X > 0 was needed for it."""
    for value, needs in ((curvature, False), (sp.simplify(curvature.subs(x, positive)), True)):
        if value.is_nonpositive and value != 0:
            return -1, needs
        if value.is_nonnegative and value != 0:
            return 1, needs
    raise WrongUse("the function is neither convex nor concave where X may be: Jensen's inequality does not apply")
