"""Moments of random vectors: E[Ax + b], Cov(Ax, By), E[xᵀAx], E[x yᵀ], Var of Gaussian quadratic forms, E[e^(tᵀx)].

In: a term with a probability head over vectors and the model. Out: a Solution whose steps hold terms. Means and covariances come from
stated facts, from declared laws, or stay as E[x] and Cov(x) where nothing is said of x.
"""

from __future__ import annotations

from derive.derivation import Derivation, Prose, Rule, Step
from derive.errors import NotSupported, Undetermined
from derive.expressions.plain import plain
from derive.expressions.term import Term, number
from derive.probability.model import Model
from derive.rules import chance_expectation as rules
from derive.solution import Solution
from derive.solving.chance.bilinear_forms import bilinear_variance, scalars_merged
from derive.solving.chance.vector_facts import VectorFacts
from derive.solving.chance.vector_terms import ONE, added, is_zero, negated, product, quadratic, scaled, transposed

__all__ = ["solve_vectors"]

MAX_DEPTH = 8  # laws given vectors whose law is given others


def solve_vectors(term: Term, model: Model) -> Solution:
    """The solution of E, Var or Cov of an expression over vectors."""
    facts = VectorFacts(model, term)
    work = _Work(term, facts)
    first = term.args[0]
    if first.head == "given" or any(a.head == "given" for a in term.args):
        raise NotSupported("conditional moments of vectors", span=term.span)
    if term.data == "E":
        answer = work.expectation(first)
    elif term.data in ("Var", "Cov"):
        operands = (*term.args, term.args[0])[:2] if len(term.args) == 1 else term.args
        answer = work.covariance(*operands)
    else:
        raise NotSupported(f"{term.data} of vectors", span=term.span)
    answer = work.inserted(answer)
    derivation = Derivation(term, answer, tuple(work.steps), tuple(dict.fromkeys(work.assumptions)), model=facts.model)
    return Solution(derivation, answer, notes=tuple(facts.notes), assumptions=derivation.assumptions, types=facts.model.types)


class _Work:
    """One computation: the steps, and the rules on terms."""

    def __init__(self, start: Term, facts: VectorFacts) -> None:
        self.whole = start
        self.facts = facts
        self.steps: list[Step] = []
        self.assumptions: list[Prose] = []

    def step(self, rule: Rule, after: Term, because: Prose = (), assumptions: tuple[Prose, ...] = ()) -> None:
        if after == self.whole:
            return
        self.assumptions += assumptions
        self.steps.append(
            Step(
                rule.id, rule.title, self.whole, after, part=(self.whole, after), because=because, formula=rule.formula,
                assumptions=assumptions,
            )
        )  # fmt: skip
        self.whole = after

    def inserted(self, answer: Term) -> Term:
        """The stated moments in the place of their nodes."""
        value = self.facts.with_values(answer)
        self.step(rules.STATED, value)
        merged = scalars_merged(value, self.facts.model.types)
        self.step(rules.TIDY, merged)
        return merged

    # ── expectation ──────────────────────────────────────────────────────────────────────────────────────────────────

    def expectation(self, body: Term) -> Term:
        exponent = _exponent(body)
        if exponent is not None and self.facts.random(exponent):
            return self._exponential(exponent)
        body = self._without_conditional(body)
        terms = self._terms(body)
        if len(terms) > 1:
            self.step(rules.LINEARITY, added([t if not self.facts.random(t) else Term("probability", (t,), "E") for t in terms]))
        found = [self._term(t) for t in terms]
        answer = added([value for value, _ in found])
        used = next((rule for _, rule in found if rule is not rules.LINEARITY), rules.LINEARITY)
        self.step(used, answer, (), tuple(self.facts.assumed))
        return answer

    def _without_conditional(self, body: Term) -> Term:
        """E[y] = E[E[y | w]] = E[A w + b]: the means of conditional laws in the place of the vectors, in what is linear in them."""
        below = self.facts.given_others(body) if self.facts.is_linear(body) else {}
        if not below:
            return body
        body = body.transform(lambda n: below[n][0] if n in below else n)
        self.step(rules.TOWER, Term("probability", (body,), "E"), self._means(below))
        return self._without_conditional(body)

    def _terms(self, body: Term) -> list[Term]:
        """The summands, with squared norms and inner products written out."""
        written = self.facts.written(body)
        if written != body:
            self.step(rules.EXPAND, Term("probability", (written,), "E"))
        return [t for part in (written.args if written.head == "add" else (written,)) for t in self._spread(part)]

    def _spread(self, term: Term) -> list[Term]:
        """Products of sums multiplied out where a factor is not linear, or where the degree is too high otherwise."""
        if term.head == "neg":
            return [negated(t) for t in self._spread(term.args[0])]
        if term.head != "mul":
            return [term]
        for place, factor in enumerate(term.args):
            if factor.head == "add" and self.facts.random(factor) and not self.facts.is_linear(factor):
                return [
                    t
                    for part in factor.args
                    for t in self._spread(product([*term.args[:place], part, *term.args[place + 1 :]], self.facts.scalars(term)))
                ]
        return [term]

    def _term(self, term: Term) -> tuple[Term, Rule]:
        """E of one product."""
        facts = self.facts
        if not facts.random(term):
            return term, rules.LINEARITY
        if term.head == "neg":
            value, rule = self._term(term.args[0])
            return negated(value), rule
        if term.head == "apply" and term.data == "tr":
            value, rule = self._term(term.args[0])
            return facts.traced(value), rule
        if term.head == "div" and not facts.random(term.args[1]):
            value, rule = self._term(facts.written(term.args[0]))
            share = Term("div", (ONE, term.args[1]))
            return product([share, value], {share}), rule
        if facts.is_linear(term):
            return facts.mean(term), rules.LINEARITY
        factors = list(term.args) if term.head == "mul" else [term]
        places = [k for k, f in enumerate(factors) if facts.random(f)]
        square = _quadratic_power(term)
        if square is not None and facts.random(square) and facts.is_linear(square):
            return added([facts.covariance(square, square), _squared(facts.mean(square))]), rules.SECOND_MOMENT
        if square is not None and facts.random(square):
            bilinear = bilinear_variance(facts, square)
            variance = bilinear if bilinear is not None else self.quadratic_variance(square, square)
            mean, _ = self._term(facts.written(square))
            return added([variance, _squared(mean)]), rules.SECOND_MOMENT
        if len(places) != 2 or not all(facts.is_linear(factors[k]) for k in places):
            raise NotSupported(f"the expectation of {plain(term)}", span=term.span)
        return self._pair(factors, *places)

    def _pair(self, factors: list[Term], i: int, j: int) -> tuple[Term, Rule]:
        facts = self.facts
        before, between, after = factors[:i], factors[i + 1 : j], factors[j + 1 :]
        first, second = factors[i], factors[j]
        scalars = facts.scalars(Term("list", tuple(factors)))
        symmetric = facts.symmetric
        rows = facts.is_row(first), facts.is_row(second)
        if rows == (True, False):
            u, w = transposed(first, symmetric), second
            cov = facts.covariance(w, u)
            outer = [f for f in (*before, *after) if f != ONE]
            tied = facts.traced(product([*between, cov], scalars))
            means = quadratic(facts.mean(u), between, facts.mean(w), symmetric, scalars)
            if facts.is_scalar(u):
                tied = product([*between, cov], scalars)
            return added([product([*outer, t], scalars) for t in (tied, means)]), rules.QUADRATIC_FORM
        if rows == (False, True) and not between:
            u, w = first, transposed(second, symmetric)
            middle = [facts.covariance(u, w), _outer(facts.mean(u), facts.mean(w), symmetric, scalars)]
            return added([product([*before, m, *after], scalars) for m in middle]), rules.SECOND_MOMENT_MATRIX
        if facts.is_scalar(first) and facts.is_scalar(second):
            rest = [*before, *between, *after]
            pair = [facts.covariance(first, second), product([facts.mean(first), facts.mean(second)], scalars)]
            return added([product([*rest, p], scalars) for p in pair]), rules.MIXED_MOMENT
        raise NotSupported("the expectation of this product of vectors")

    def _exponential(self, exponent: Term) -> Term:
        facts = self.facts
        if not facts.is_linear(exponent) or not facts.is_gaussian(exponent):
            raise NotSupported("the expectation of an exponential of vectors that are not declared Gaussian")
        half = Term("div", (facts.covariance(exponent, exponent), number(2)))
        answer = Term("apply", (added([facts.mean(exponent), half]),), "exp")
        self.step(rules.GAUSSIAN_MGF, answer)
        return answer

    # ── covariance ───────────────────────────────────────────────────────────────────────────────────────────────────

    def covariance(self, left: Term, right: Term) -> Term:
        facts = self.facts
        first, second = facts.written(left), facts.written(right)
        if facts.is_linear(first) and facts.is_linear(second):
            first, second, noise = self._split(first, second)
            answer = added([facts.covariance(first, second), *noise])
            rule = rules.COVARIANCE_OF_LINEAR
        elif left == right and (bilinear := bilinear_variance(facts, left)) is not None:
            answer, rule = bilinear, rules.BILINEAR_VARIANCE
        else:
            answer = self.quadratic_variance(first, second)
            rule = rules.QUADRATIC_VARIANCE
        self.step(rule, answer, (), tuple(facts.assumed))
        return answer

    def _split(self, left: Term, right: Term) -> tuple[Term, Term, list[Term]]:
        """Cov(y) = Cov(E[y | w]) + E[Cov(y | w)] of a law given other vectors: both sides without it, and what it adds."""
        facts, noise = self.facts, []
        for _ in range(MAX_DEPTH):
            below = facts.given_others(Term("list", (left, right)))
            last = next((n for n in below if not any(n in set(mean.walk()) for mean, _ in below.values())), None)
            if last is None:
                break
            mean, spread = below[last]
            noise.append(facts.spread_of(left, right, last, spread))
            same = left == right
            left, right = (facts.written(_put(t, last, mean)) for t in (left, right))
            operands = (left,) if same else (left, right)
            node = Term("probability", operands, "Cov" if facts.rank(left) or not same else "Var")
            self.step(rules.TOTAL_COVARIANCE, added([node, *noise]), self._means({last: below[last]}))
        return left, right, [n for n in noise if not is_zero(n)]

    def _means(self, below: dict[Term, tuple[Term, Term]]) -> Prose:
        """E[y | w] = A w + b."""
        found: list[object] = []
        for name, (mean, _) in below.items():
            given = self.facts.model.variables[name.data].given
            condition = given[0] if len(given) == 1 else Term("list", given)
            inner = Term("probability", (Term("given", (name, condition)),), "E")
            found += [*([", "] if found else []), Term("rel", (inner, mean), "=")]
        return tuple(found)

    def quadratic_variance(self, left: Term, right: Term) -> Term:
        """Cov of two quadratic forms of one Gaussian vector."""
        facts = self.facts
        forms = [facts.quadratic_form(t) for t in (left, right)]
        if forms[0] is None or forms[1] is None or forms[0][0] != forms[1][0]:
            raise NotSupported("the variance of this function of vectors")
        (vector, a), (_, b) = forms[0], forms[1]
        if not facts.is_gaussian(vector):
            raise Undetermined(
                f"the fourth moments of {plain(vector)} are needed: its mean and covariance do not determine this variance",
                expected=(f"{plain(vector)} ~ Normal(mu, Sigma)",),
            )
        cov, mean = facts.covariance(vector, vector), facts.mean(vector)
        scalars = facts.scalars(Term("list", (*a, *b, cov)))
        first, second = (facts.symmetrised(m) for m in (a, b))
        tied = facts.traced(product([*first[1], cov, *second[1], cov], scalars))
        means = quadratic(mean, [*first[1], cov, *second[1]], mean, facts.symmetric, scalars)
        halves = first[0] * second[0]  # 2 for a symmetric matrix, 1 where A + Aᵀ stands for it
        return added([_share(halves, 2, tied), _share(halves, 1, means)])


def _put(term: Term, name: Term, value: Term) -> Term:
    return term.transform(lambda n: value if n == name else n)


def _squared(term: Term) -> Term:
    return term if is_zero(term) else Term("pow", (term, number(2)))


def _share(halves: int, below: int, term: Term) -> Term:
    """(halves/below) · term."""
    count, rest = divmod(halves, below)
    return scaled(count, term) if not rest else product([Term("div", (number(halves), number(below))), term])


def _outer(u: Term, w: Term, symmetric: set[Term], scalars: set[Term]) -> Term:
    if is_zero(u) or is_zero(w):
        return number(0)
    return product([u, Term("transpose", (w,)) if w.head in ("add", "neg") else transposed(w, symmetric)], scalars)


def _exponent(term: Term) -> Term | None:
    if term.head == "apply" and term.data == "exp":
        return term.args[0]
    return term.args[1] if term.head == "pow" and term.args[0] == Term("constant", (), "e") else None


def _quadratic_power(term: Term) -> Term | None:
    """Q of Q², and of ‖x‖⁴."""
    if term.head != "pow" or term.args[1].head != "number":
        return None
    base, exponent = term.args[0], term.args[1].value
    if base.head == "norm" and exponent == 4:
        return Term("pow", (base, number(2)))
    return base if exponent == 2 and base.head != "norm" else None
