"""Markov chains: probabilities some steps ahead, paths, and the stationary distribution.

In: a Reading whose query is P(…) about X_0, X_1, …, or `stationary distribution of X`. Out: a Solution. Without a declared Markov property
nothing is said of more than one step.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation, Rule, Step
from derive.errors import DoesNotExist, NotSupported, TooLarge, Undetermined
from derive.expressions.inline import inline
from derive.expressions.term import Term, number
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.chain import Chain, Path, chain_of, time_of
from derive.probability.outcomes import MOST_CELLS
from derive.rules import chance_events as rules
from derive.solution import Solution
from derive.solving.chance.events_search import Formula, Goal, Proof, Search
from derive.solving.chance.events_writing import Writer, as_sympy, as_term, shortest

__all__ = ["chain_probability", "solve_stationary"]

MOST_SEARCHED = 81  # cells up to which other questions are searched


def chain_probability(reading: Reading, event: Term, given: Term | None) -> Solution | None:
    """P(X_2 = 1 | X_0 = 0) and the like; None where no chain is declared or the question is about something else."""
    model = build(reading)
    chain = chain_of(model)
    if chain is None:
        return None
    times = {time_of(n.data, chain.base) for t in (event, given) if t is not None for n in t.walk() if n.head == "name"}
    times.discard(None)
    if not times:
        return None
    if any(isinstance(t, str) for t in times):
        raise NotSupported(f"{inline(reading.expanded)}: the number of steps has to be a number")
    last = max(t for t in times if isinstance(t, int))
    if len(chain.states) ** (last - chain.first + 1) > MOST_CELLS:
        raise TooLarge(f"{last - chain.first} steps of a chain with {len(chain.states)} states have too many paths to be checked")
    path = chain.path(last)
    space = path.space
    condition = space.all if given is None else space.event(given)
    goal: Goal = (space.event(event) & condition, condition)
    said = Term("probability", (event if given is None else Term("given", (event, given)),), "P")
    writer = Writer(path, {goal: said})
    value = _ahead(chain, path, goal, writer)
    answer = as_sympy(value)
    assumptions = tuple(dict.fromkeys(a for step in writer.steps for a in step.assumptions))
    return Solution(Derivation(said, answer, tuple(writer.steps), assumptions, path), answer, notes=_homogeneous(chain))


def _homogeneous(chain: Chain) -> tuple[tuple[Any, ...], ...]:
    return (("the transition probabilities are the same at all times: ", chain.matrix()),)


def _ahead(chain: Chain, path: Path, goal: Goal, writer: Writer) -> Any:
    """The value with its steps: by Chapman–Kolmogorov where one state is asked for, else by a search."""
    space = path.space
    event, given = space.fixed(goal[0]), space.fixed(goal[1])
    if event is not None and given is not None:
        literals = {p: v for p, v in event.items() if given.get(p) != v}
        plain = len(literals) == 1 and all(len(v) == 1 for v in (*literals.values(), *given.values()))
        if plain and all(p < next(iter(literals)) for p in given):
            ((place, (state,)),) = literals.items()
            start = max(given) if given else None
            if start is None and chain.initial is None:
                raise Undetermined(
                    f"{inline(writer.chance(goal))} is not determined: the law of {inline(chain.at(chain.first))} is needed",
                    expected=(f"P({inline(chain.is_at(chain.first, len(chain.states) - 1))}) = …",),
                )
            if len(given) <= 1:
                return writer.write(_Proofs(chain, path, goal[1], start).at(place, state))
    if space.cells > MOST_SEARCHED:
        raise TooLarge(f"{inline(writer.chance(goal))}: questions of this kind are answered for short chains only")
    proof = Search(path).proof(goal)
    if proof is None:
        first = inline(chain.at(chain.first))
        raise Undetermined(f"{inline(writer.chance(goal))} is not determined: the law of {first} is needed")
    return writer.write(proof)


class _Proofs:
    """P(X_t = k | start) from the step before, for one start."""

    def __init__(self, chain: Chain, path: Path, given: int, start: int | None) -> None:
        self.chain, self.path, self.given, self.start = chain, path, given, start
        self.facts = {(f.event, f.given): f for f in path.facts}
        self.known: dict[tuple[int, int], Proof] = {}

    def at(self, place: int, state: int) -> Proof:
        """The proof of P(X_place = state | start)."""
        if (place, state) not in self.known:
            self.known[place, state] = self._made(place, state)
        return self.known[place, state]

    def _made(self, place: int, state: int) -> Proof:
        space = self.path.space
        goal = (space.masks[place][state] & self.given, self.given)
        fact = self.facts.get(goal)
        if fact is not None:
            return self._stated(goal)
        terms: list[Formula] = []
        children: list[Proof] = []
        for before in range(len(self.chain.states)):
            step = (space.masks[place][state] & space.masks[place - 1][before], space.masks[place - 1][before])
            if self.facts[step].value == 0:
                continue
            here = self.at(place - 1, before)
            terms.append(("*", ("P", *here.goal), ("P", *step)))
            children += [here, self._stated(step)]
        formula: Formula = ("0",) if not terms else terms[0] if len(terms) == 1 else ("+", *terms)
        said = next((i.term for i in self.path.independent if i.given.get(place - 1, ()) is None), None)
        assumes = (said,) if said is not None and self.start is not None and place - 1 > self.start else ()
        rule = rules.CHAPMAN if self.start is not None else rules.TOTAL
        return Proof(goal, rule, formula, tuple(children), 1, None, assumes)

    def _stated(self, goal: Goal) -> Proof:
        """A transition, or the law at the start."""
        return Proof(goal, rules.FACT, ("P", *goal), (), 0, self.facts[goal])


# ── stationary distribution ──────────────────────────────────────────────────────────────────────────────────────────


def solve_stationary(reading: Reading) -> Solution | None:
    """`stationary distribution of X` of a declared chain; None for a matrix."""
    term = reading.expanded
    model = build(reading)
    chain = chain_of(model)
    subject = term.args[0] if term.args else None
    if chain is None or (subject is not None and (subject.head != "name" or subject.data._replace(sub="") != chain.base)):
        return None
    rows = [[as_sympy(v) for v in row] for row in chain.whole()]
    count = len(rows)
    letters = [Term("name", (), _letter(chain, k)) for k in range(count)]
    symbols = [sp.Symbol(t.data.key, real=True) for t in letters]
    equations = [sp.Add(*(symbols[i] * rows[i][j] for i in range(count))) - symbols[j] for j in range(count)]
    found = sp.linsolve([*equations[:-1], sp.Add(*symbols) - 1], symbols) if count > 1 else {(sp.S.One,)}
    solution = next(iter(found), None)
    if solution is None or any(v.free_symbols & set(symbols) for v in solution):
        raise DoesNotExist("the chain has more than one stationary distribution: it falls into classes that do not communicate")
    values = tuple(as_sympy(shortest(_fraction(sp.factor(v)))) for v in solution)
    return _stationary(chain, rows, letters, symbols, values)


def _letter(chain: Chain, place: int) -> Any:
    from derive.expressions.term import Name

    return Name("pi", sub=inline(chain.states[place]))


def _fraction(value: Any) -> Any:
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value


def _stationary(chain: Chain, rows: list[list[Any]], letters: list[Term], symbols: list[Any], values: tuple[Any, ...]) -> Solution:
    count = len(rows)
    at = dict(zip(symbols, values, strict=True))
    started = replace(chain, initial=tuple(_fraction(v) for v in values), first=0)
    named = {letter.data.key: value for letter, value in zip(letters, values, strict=True)}
    path = replace(started.path(1), named=named)
    steps = []
    for j in range(count - 1):
        inflow = sp.Add(*(symbols[i] * rows[i][j] for i in range(count)), evaluate=False)
        claim = _stays(started, j)
        steps.append(_step(rules.STATIONARY, letters[j], as_term(inflow), claim))
    steps.append(_step(rules.NORMALISED, Term("add", tuple(letters)), number(1)))
    for k, (letter, symbol) in enumerate(zip(letters, symbols, strict=True)):
        steps.append(_step(rules.BALANCE, letter, as_term(_fraction(at[symbol])), _stays(started, k)))
    start = Term("task", (Term("name", (), chain.base),), "stationary-distribution")
    answer = sp.Tuple(*values)
    notes = (("states in the order ", Term("list", chain.states)), *_homogeneous(chain))
    return Solution(Derivation(start, answer, tuple(steps), (), path), answer, dict(named), notes)


def _stays(chain: Chain, state: int) -> Claim:
    """P(X_1 = k) = P(X_0 = k) where X_0 has the stationary law."""
    after, before = (Term("probability", (chain.is_at(t, state),), "P") for t in (1, 0))
    return Claim("equal", after, before)


def _step(rule: Rule, before: Term, after: Term, claim: Claim | None = None) -> Step:
    return Step(rule.id, rule.title, before, after, formula="" if rule is rules.BALANCE else rule.formula, claim=claim)
