"""How good emitted code is, each figure beside what it is measured against, alternating in one run.

    python benchmarks/translation.py [--rounds N] [--entries 1000000,10000000] [--only elementwise,inplace,reductions,extremes]

`elementwise`: emitted code against expert NumPy, `inplace`: code of `--inplace` against numexpr, `reductions`: reductions, pairwise forms
and attention against expert NumPy, `extremes`: values far out, near zero and at zero, against mpmath, where a warning is a miss. One thread
everywhere. Values are compared before anything is timed. What is not installed is skipped and said. The exit status is 1 when a bar is
missed.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

for pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS"):
    os.environ[pool] = "1"

import numpy as np  # noqa: E402 (the pools are read at import)
from translation_cases import ARRAYS, ELEMENTWISE, EXTREMES  # noqa: E402

LAYOUT = "{:<44} {:<22} {:>10} {:>10} {:>7} {:>7}  {}"
BAR = 1.1


class Row(NamedTuple):
    """One line of the table; times in seconds. `met` is None where the row has no bar."""

    measured: str
    against: str
    ours: float
    theirs: float
    bar: str
    met: bool | None


def emitted(lines: list[str], inplace: bool = False) -> Callable[..., Any]:
    """The function that derive writes for the last line."""
    from derive import solve

    report = solve(lines, inplace=inplace)
    if report.code is None or report.code.check is None or report.code.check.status != "verified":
        raise SystemExit(f"no verified code for {lines[-1]}: {report}")
    space: dict[str, Any] = {}
    exec(compile(report.code.source, "emitted.py", "exec"), space)
    found: Callable[..., Any] = space[report.code.function]
    return found


def alternate(actions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each action, measured A B A B; the clock is the process's own."""
    seen: dict[str, list[float]] = {name: [] for name in actions}
    for action in actions.values():
        action()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, action in actions.items():
                start = time.process_time()
                action()
                seen[name].append(time.process_time() - start)
    finally:
        gc.enable()
    return {name: statistics.median(values) for name, values in seen.items()}


def compared(name: str, ours: Any, theirs: Any) -> None:
    """Stop where the two sides do not compute the same."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=name)


# ---------------------------------------------------------------------------------------------- the parts
def elementwise(rounds: int, entries: list[int]) -> Iterator[Row]:
    """Emitted code against expert NumPy."""
    for count in entries:
        for case in ELEMENTWISE:
            mine, given = emitted(case.lines), case.given(np.random.default_rng(0), count)
            compared(case.name, mine(**given), case.expert(**given))
            found = alternate({"ours": lambda: mine(**given), "expert": lambda: case.expert(**given)}, rounds)  # noqa: B023
            ratio = found["ours"] / found["expert"]
            yield Row(f"{case.name}, {count:.0e} entries", "expert NumPy", found["ours"], found["expert"], f"{BAR}", ratio <= BAR)


def inplace(rounds: int, entries: list[int]) -> Iterator[Row]:
    """Code in blocks against numexpr: ahead on most."""
    try:
        import numexpr
    except ImportError:
        print("numexpr is not installed: skipped")
        return
    numexpr.set_num_threads(1)
    ahead, rows = 0, []
    for count in entries:
        for case in ELEMENTWISE:
            if not case.numexpr:
                continue
            mine, given = emitted(case.lines, inplace=True), case.given(np.random.default_rng(0), count)
            out, other = np.empty(count), np.empty(count)
            compared(case.name, mine(**given, out=out), case.expert(**given))
            actions = {
                "ours": lambda: mine(**given, out=out),  # noqa: B023
                "numexpr": lambda: numexpr.evaluate(case.numexpr, given, out=other),  # noqa: B023
            }
            found = alternate(actions, rounds)
            compared(case.name, out, other)
            ahead += found["ours"] < found["numexpr"]
            rows.append(Row(f"{case.name}, {count:.0e} entries", "numexpr, one thread", found["ours"], found["numexpr"], "", None))
    yield from rows
    if rows:
        yield Row("formulas ahead of numexpr", f"of {len(rows)}", ahead, len(rows), "most", ahead > len(rows) / 2)


def reductions(rounds: int, entries: list[int]) -> Iterator[Row]:
    """Reductions, pairwise forms, attention against expert NumPy."""
    for case in ARRAYS:
        mine, given = emitted(case.lines), case.given(np.random.default_rng(0), 0)
        compared(case.name, mine(**given), case.expert(**given))
        found = alternate({"ours": lambda: mine(**given), "expert": lambda: case.expert(**given)}, 3 * rounds)  # noqa: B023
        yield Row(case.name, "expert NumPy", found["ours"], found["expert"], f"{BAR}", found["ours"] / found["expert"] <= BAR)


def extremes(rounds: int, entries: list[int]) -> Iterator[Row]:
    """Values at extremes against mpmath; a warning is a miss."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = 900
    right = 0
    for lines, reference, points in EXTREMES:
        mine = emitted([lines])
        wanted = [float(reference(context, context.mpf(x))) for x in points]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            got = mine(np.array(points))
        fine = bool(np.allclose(got, wanted, rtol=1e-12, atol=1e-300)) and not caught
        right += fine
        if not fine:
            print(f"{lines}: {got} against {wanted}, warnings {[str(w.message) for w in caught]}")
    yield Row("formulas right at extremes, no warning", f"mpmath, of {len(EXTREMES)}", right, len(EXTREMES), "all", right == len(EXTREMES))


PARTS = {"elementwise": elementwise, "inplace": inplace, "reductions": reductions, "extremes": extremes}


def shown(row: Row) -> str:
    """A line of the table."""
    verdict = "" if row.met is None else "met" if row.met else "MISSED"
    if row.bar in {"most", "all"}:
        return LAYOUT.format(row.measured, row.against, f"{row.ours:g}", f"{row.theirs:g}", "", row.bar, verdict)
    milliseconds = f"{row.ours * 1e3:.2f} ms", f"{row.theirs * 1e3:.2f} ms"
    return LAYOUT.format(row.measured, row.against, *milliseconds, f"{row.ours / row.theirs:.2f}", row.bar, verdict)


def main() -> int:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--entries", default="1000000,10000000")
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    entries = [int(count) for count in options.entries.split(",")]
    print(LAYOUT.format("measured", "against", "derive", "other", "ratio", "bar", ""))
    missed = False
    for name in options.only.split(","):
        for row in PARTS[name](options.rounds, entries):
            print(shown(row), flush=True)
            missed = missed or row.met is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
