"""How quick probability is, each figure beside what it is measured against, in one run.

    python benchmarks/probability.py [--rounds N] [--lea PYTHON] [--only queries,session,slowest,bayes]

`queries`: warm queries with steps, checks and code against sympy.stats, simplify and lambdify on those that sympy.stats answers rightly;
`session`: the same with SymPy's caches as the other questions leave them; `slowest`: the slowest query of the file; `bayes`: Bayes' rule
with numbers against lea. What is not installed is said and skipped. The exit status is 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from matrices import LAYOUT, Row, blocks, show, timed

TIME_LIMIT = 20.0  # seconds that sympy.stats has for one question
INTEGERS = {"k": 3, "n": 6}
SMALL = {"t": 0.11, "c": 0.4}


class OutOfTime(BaseException):
    """The time is up; no Exception, so that nothing on the way catches it."""


def limited(action: Callable[[], Any]) -> Any:
    """The value of the action. Raises OutOfTime."""

    def stop(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT)
    try:
        return action()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def numbers(expression: Any) -> list[complex]:
    """The values of an expression at three points, by the names of its symbols."""
    import sympy

    from derive.expressions.nodes import expand_definitions

    names = sorted(expression.free_symbols, key=str)
    found = []
    for shift in (0.0, 0.06, 0.13):
        point = {}
        for place, symbol in enumerate(names):
            value = 0.37 + shift + 0.083 * (hash_of(symbol.name) % 5) + 0.01 * place
            point[symbol] = INTEGERS.get(symbol.name, SMALL.get(symbol.name, value))
        found.append(complex(sympy.N(expand_definitions(expression).subs(point), 15)))
    return found


def hash_of(name: str) -> int:
    """A number of a name, the same in every run."""
    return sum(ord(letter) for letter in name)


def agree(ours: Any, theirs: Any) -> bool:
    """Whether two answers have the same values, the names of their symbols being the same."""
    import sympy

    if not isinstance(ours, sympy.Expr) or not isinstance(theirs, sympy.Expr):
        return False
    if {s.name for s in ours.free_symbols} != {s.name for s in theirs.free_symbols}:
        theirs = sympy.simplify(theirs)
    if {s.name for s in ours.free_symbols} != {s.name for s in theirs.free_symbols}:
        return False
    try:
        return all(abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a, b in zip(numbers(ours), numbers(theirs), strict=True))
    except TypeError:
        return False


def value_of(report: Any) -> Any:
    """The answer of a report; where that is a law, its density at z."""
    import sympy

    law = report.solution.distribution
    return (
        report.answer
        if law is None or isinstance(report.answer, sympy.Expr)
        else sympy.exp(law.family.log_density(sympy.Symbol("z", real=True), *law.values))
    )


def sessions() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each query as a call that runs its last line in a session that holds the others."""
    from derive.session import Session

    for heading, lines in blocks("probability_problems.txt").items():
        session = Session()
        for line in lines[:-1]:
            _, session = session.run(line)
        yield heading, lambda session=session, line=lines[-1]: session.run(line)[0]


def forget() -> None:
    """Empty SymPy's caches, and what derive keeps of expressions that it has met."""
    from sympy.core.cache import clear_cache

    from derive.expressions import from_sympy

    clear_cache()
    from_sympy._term.cache_clear()


def counterpart(question: Callable[[], Any]) -> Callable[[], Any]:
    """What gives sympy.stats' answer in a form to be shown, and a function of it."""
    import sympy

    def answered() -> Any:
        answer = sympy.simplify(question())
        sympy.lambdify(sorted(answer.free_symbols, key=str), answer, "numpy")
        return answer

    return answered


def queries(rounds: int, lea: str) -> Iterator[Row]:
    """Warm queries against sympy.stats, SymPy's caches emptied before each measurement of either side."""
    from probability_sympy import QUESTIONS

    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    bare: dict[str, float] = {}
    for heading, query in sessions():
        query()
        report = query()
        if report.status != "solved" or report.verification is None or report.verification.status != "verified" or report.code is None:
            print(f"{heading}: {report.status}, {report.verification and report.verification.status}, {report.error}", flush=True)
            yield Row(f"  {heading}", "an answer, checked, with code", 0.0, 0.0, "", False)
            continue
        full = counterpart(QUESTIONS[heading]) if heading in QUESTIONS else None
        if full is not None:
            try:
                right = agree(value_of(report), limited(full))
            except OutOfTime:
                print(f"{heading}: sympy.stats gives nothing in {TIME_LIMIT:g} s", flush=True)
                full = None
            else:
                if not right:
                    print(f"{heading}: sympy.stats answers otherwise", flush=True)
                    full = None
        mine: list[float] = []
        other: list[float] = []
        only: list[float] = []
        for _ in range(max(3, rounds // 4)):
            forget()
            mine.append(timed(query))
            if full is not None:
                forget()
                other.append(timed(full))
                forget()
                only.append(timed(QUESTIONS[heading]))
        ours[heading] = statistics.median(mine)
        if other:
            theirs[heading], bare[heading] = statistics.median(other), statistics.median(only)
    both = sorted(theirs, key=lambda h: ours[h] / theirs[h])
    mine_median, their_median = (statistics.median(side[h] for h in both) for side in (ours, theirs))
    ratio = statistics.median(ours[h] / theirs[h] for h in both)
    whole, alone = statistics.median(ours.values()), statistics.median(ours[h] / bare[h] for h in both)
    note = f"{len(ours)} queries, median {1000 * whole:.1f} ms; {len(both)} in both, median of the ratios {ratio:.2f}, "
    note += f"against sympy.stats without simplify {alone:.2f}"
    yield Row("query with steps, checks, code (median)", "sympy.stats, simplify", mine_median, their_median, "≤ 0.1", ratio <= 0.1, note)
    for heading in both:
        yield Row(f"  {heading}", f"(alone {1000 * bare[heading]:.1f})", ours[heading], theirs[heading], "", None)


def session(rounds: int, lea: str) -> Iterator[Row]:
    """The queries of either side in turn, nothing emptied in between: what somebody who asks one thing after another waits for."""
    from probability_sympy import QUESTIONS

    asked = [(heading, query) for heading, query in sessions() if heading in QUESTIONS]
    counterparts: dict[str, Callable[[], Any]] = {}
    for heading, query in asked:
        full = counterpart(QUESTIONS[heading])
        try:
            if agree(value_of(query()), limited(full)):
                counterparts[heading] = full
        except OutOfTime:
            continue
    mine: dict[str, list[float]] = {heading: [] for heading in counterparts}
    other: dict[str, list[float]] = {heading: [] for heading in counterparts}
    for _ in range(max(3, rounds // 7)):
        for heading, query in asked:
            seconds = timed(query)
            if heading in mine:
                mine[heading].append(seconds)
        for heading, full in counterparts.items():
            other[heading].append(timed(full))
    ours, theirs = ({h: statistics.median(times) for h, times in side.items()} for side in (mine, other))
    ratio = statistics.median(ours[h] / theirs[h] for h in ours)
    note = f"{len(ours)} queries in both, median of the ratios {ratio:.2f}"
    mine_median, their_median = statistics.median(ours.values()), statistics.median(theirs.values())
    yield Row("query after other queries (median)", "sympy.stats, simplify", mine_median, their_median, "", None, note)


def slowest(rounds: int, lea: str) -> Iterator[Row]:
    """The slowest query, warm."""
    seen: dict[str, float] = {}
    for heading, query in sessions():
        query()
        seen[heading] = statistics.median(timed(query) for _ in range(max(3, rounds // 4)))
    order = sorted(seen, key=lambda h: -seen[h])
    note = ", ".join(f"{h} {1000 * seen[h]:.0f} ms" for h in order[:5])
    yield Row("slowest query", order[0], seen[order[0]], 0.0, "≤ 3 s", seen[order[0]] <= 3, note)


def bayes(rounds: int, lea: str) -> Iterator[Row]:
    """Bayes' rule with numbers against lea, which runs in a process of its own."""
    from probability_bayes import QUESTIONS, by_derive, by_lea

    theirs = by_lea(lea, rounds)
    if theirs is None:
        print(f"lea: not installed in {lea}", flush=True)
    for heading in QUESTIONS:
        seconds, answer = by_derive(heading, rounds)
        if theirs is None:
            yield Row(f"  {heading}", "", seconds, 0.0, "≤ 20", None)
            continue
        other, said = theirs[heading]
        yield Row(f"{heading}: {answer}", f"lea: {said}", seconds, other, "≤ 20", seconds <= 20 * other and answer == said)


BENCHMARKS: dict[str, Callable[[int, str], Iterator[Row]]] = {
    "queries": queries, "session": session, "slowest": slowest, "bayes": bayes,
}  # fmt: skip


def main() -> int:
    """Runs the benchmarks and prints the table; the exit status is 1 when a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=21, help="measurements of each side (default 21)")
    options.add_argument("--lea", default=sys.executable, help="a Python in which lea is installed (default: this one)")
    options.add_argument("--only", default=",".join(BENCHMARKS), help="comma-separated: " + ", ".join(BENCHMARKS))
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    from derive.answering import load

    load()
    time.sleep(1)  # the process that runs emitted code loads NumPy
    print(LAYOUT.format("measured", "against", "ms", "ms", "ratio", "bar", "met"))
    missed = 0
    for name in chosen.only.split(","):
        for row in BENCHMARKS[name](chosen.rounds, chosen.lea):
            show(row)
            missed += row.met is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
