"""How good the matrix calculus is, each figure beside what it is measured against, alternating in one run.

    python benchmarks/matrices.py [--rounds N] [--size usual,small] [--only code,frameworks,derivation,depth]

`code`: emitted code against hand-written NumPy, `frameworks`: emitted code against PyTorch and autograd, `derivation`: derive with steps,
checks and code against tensorgrad's derivative, `depth`: networks of growing depth. One thread everywhere. Values are compared before
anything is timed. What is not installed is skipped and said. The exit status is 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
POOLS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
LAYOUT = "{:<48} {:<24} {:>10} {:>10} {:>8} {:>8}  {}"
SLICE = 0.01  # seconds that one measurement of emitted code lasts at least
DEPTHS = (3, 10, 40, 80, 200)
PATIENCE = 30.0


class Row(NamedTuple):
    """One line of the table; times in seconds. `met` is None where the row has no bar."""

    measured: str
    against: str
    ours: float
    theirs: float
    bar: str
    met: bool | None
    note: str = ""


def blocks(name: str) -> dict[str, list[str]]:
    """The headings of an input file with the lines below each."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            current = found.setdefault(line[2:].strip(), [])
        elif line.strip():
            current.append(line)
    return found


def timed(action: Callable[[], object], times: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds for one of `times` calls."""
    start = clock()
    for _ in range(times):
        action()
    return (clock() - start) / times


def alternate(actions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each action, measured A B C A B C with as many calls a measurement as fill a slice of time.

    The clock is the process's own: all of it runs in one thread here, and what else the machine does is not counted.
    """
    times = {name: max(1, int(SLICE / max(timed(a), timed(a), 1e-9))) for name, a in actions.items()}
    seen: dict[str, list[float]] = {name: [] for name in actions}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, action in actions.items():
                seen[name].append(timed(action, times[name], time.process_time))
    finally:
        gc.enable()
    return {name: statistics.median(values) for name, values in seen.items()}


def arrays_of(result: Any) -> tuple[Any, ...]:
    """A result as a tuple of arrays, whether it came as one array or as named parts."""
    return tuple(result) if isinstance(result, tuple) else (result,)


def difference(result: Any, expected: Any) -> float:
    """The largest difference, relative to the largest entry of each part; infinite where the shapes differ."""
    import numpy as np

    worst = 0.0
    mine, theirs = arrays_of(result), arrays_of(expected)
    if [np.shape(a) for a in mine] != [np.shape(b) for b in theirs]:
        return float("inf")
    for a, b in zip(mine, theirs, strict=True):
        worst = max(worst, float(np.max(np.abs(a - b)) / np.max(np.abs(b))))
    return worst


def emitted(lines: Sequence[str], arrays: Mapping[str, Any]) -> Callable[[], Any] | str:
    """The emitted function bound to its arguments; a reason where there is none."""
    import derive
    from derive.session import Settings

    reports, _ = derive.Session(settings=Settings(time_limit=PATIENCE)).run_all(list(lines))
    report = reports[-1]
    if report.code is None:
        return "; ".join(f"{r.text}: {r.status}, {r.error}" for r in reports if r.error is not None)
    names = [argument.name for argument in report.code.arguments]
    if unknown := [name for name in names if name not in arrays]:
        return f"the code has an argument that is no input: {', '.join(unknown)}"
    module: dict[str, Any] = {}
    exec(compile(report.code.source, "emitted", "exec"), module)  # the project's own output, as a person would run it
    function, values = module[report.code.function], [arrays[name] for name in names]
    return lambda: function(*values)


def cases(size: str) -> Iterator[tuple[str, dict[str, Any], Callable[[], Any] | None, Callable[[], Any]]]:
    """Each case of matrix_code.txt: heading, arrays, emitted call, the expert's call. A case without code is said and gives None."""
    import matrix_experts as experts
    import numpy as np

    for heading, lines in blocks("matrix_code.txt").items():
        arrays = experts.inputs(heading, size, np.random.default_rng(1))
        expert = lambda f=experts.EXPERTS[heading], a=arrays: f(**a)  # noqa: E731
        ours = emitted(lines, arrays)
        if not isinstance(ours, str):
            error = difference(ours(), expert())
            if error < 1e-9:
                yield heading, arrays, ours, expert
                continue
            ours = f"the values differ, relative error {error:.1e}"
        print(f"{heading}: {ours}", flush=True)
        yield heading, arrays, None, expert


def label(heading: str, size: str) -> str:
    """The name of a case with its size."""
    from matrix_experts import SIZES

    return f"{heading} ({', '.join(f'{k}={v}' for k, v in SIZES[size][heading].items())})"


def code(rounds: int, size: str) -> Iterator[Row]:
    """Emitted code against the expert's."""
    for heading, _, ours, expert in cases(size):
        if ours is None:
            yield Row(label(heading, size), "expert's NumPy", 0.0, 0.0, "≤ 1.15", False)
            continue
        seen = alternate({"ours": ours, "expert": expert}, rounds)
        ratio = seen["ours"] / seen["expert"]
        yield Row(label(heading, size), "expert's NumPy", seen["ours"], seen["expert"], "≤ 1.15", ratio <= 1.15)


def frameworks(rounds: int, size: str) -> Iterator[Row]:
    """Emitted code against PyTorch and autograd; to be faster wherever the expert's code is."""
    import matrix_frameworks

    makers = {"PyTorch": matrix_frameworks.pytorch, "autograd": matrix_frameworks.by_autograd}
    for heading, arrays, ours, expert in cases(size):
        actions = {"expert": expert} if ours is None else {"ours": ours, "expert": expert}
        for name, maker in list(makers.items()):
            try:
                action = maker(heading, arrays)
            except ImportError:
                print(f"{name}: not installed", flush=True)
                del makers[name]
                continue
            if (error := difference(action(), expert())) < 1e-9:
                actions[name] = action
            else:
                print(f"{heading}: {name} differs from the expert's code, relative error {error:.1e}", flush=True)
        if ours is None:
            continue
        seen = alternate(actions, rounds)
        for name in makers:
            if name in seen:
                met = seen["ours"] < seen[name] or seen["expert"] >= seen[name]
                note = f"expert's over {name}'s: {seen['expert'] / seen[name]:.3f}"
                yield Row(label(heading, size), name, seen["ours"], seen[name], "< 1", met, note if seen["ours"] >= seen[name] else "")


def derivation(rounds: int, size: str) -> Iterator[Row]:
    """Warm derivation with steps, checks and code, SymPy's caches emptied before each measurement of either side."""
    from sympy.core.cache import clear_cache

    import derive

    try:
        from matrix_tensorgrad import FORMS
    except ImportError as problem:
        print(f"tensorgrad: not installed ({problem})", flush=True)
        FORMS = {}
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    shares: list[Mapping[str, float]] = []
    for heading, lines in blocks("matrix_problems.txt").items():
        derive.solve(lines)
        report = derive.solve(lines)
        if report.code is None or report.verification is None or report.verification.status != "verified":
            print(f"{heading}: {report.status}, {report.verification}, {report.error}", flush=True)
            yield Row(f"  {heading}", "an answer with code", 0.0, 0.0, "", False)
            continue
        shares.append(report.seconds)
        form = FORMS.get(heading)
        if form is not None:
            form()
        mine: list[float] = []
        other: list[float] = []
        for _ in range(max(3, rounds // 4)):
            clear_cache()
            mine.append(timed(lambda: derive.solve(lines)))  # noqa: B023  called at once
            if form is not None:
                clear_cache()
                other.append(timed(form))
        ours[heading] = statistics.median(mine)
        if other:
            theirs[heading] = statistics.median(other)
    slowest = ", ".join(f"{h} {1000 * s:.0f} ms" for h, s in sorted(ours.items(), key=lambda i: -i[1])[:5])
    both = sorted((h for h in ours if h in theirs), key=lambda h: ours[h] / theirs[h])
    measured = "warm derivation, check, code (median)"
    if both:
        ours_median, theirs_median = (statistics.median(side[h] for h in both) for side in (ours, theirs))
        ratios = statistics.median(ours[h] / theirs[h] for h in both)
        note = f"{len(ours)} problems, {len(both)} in both; median of the ratios {ratios:.2f}"
        yield Row(measured, "tensorgrad's derivative", ours_median, theirs_median, "≤ 0.2", ours_median <= theirs_median / 5, note)
    else:
        yield Row(measured, "", statistics.median(ours.values()), 0.0, "≤ 0.2", None)
    parts = ", ".join(f"{name} {1000 * statistics.median(s[name] for s in shares):.1f}" for name in shares[0])
    print(f"    median of the parts in ms: {parts}")
    print(f"    slowest: {slowest}", flush=True)
    for heading in both:
        yield Row(f"  {heading}", "tensorgrad", ours[heading], theirs[heading], "", None)


def network(depth: int) -> list[str]:
    """A network of tanh layers as a definition block, all shapes declared."""
    lines = ["x in R^d", "y in R^k"]
    for layer in range(1, depth + 1):
        rows, columns = ("k" if layer == depth else "q"), ("d" if layer == 1 else "q")
        lines += [f"W_{layer} in R^{{{rows} x {columns}}}", f"b_{layer} in R^{rows}"]
    for layer in range(1, depth + 1):
        lines.append(f"h_{layer} = tanh(W_{layer} {'x' if layer == 1 else f'h_{layer - 1}'} + b_{layer})")
    variables = ", ".join(f"W_{layer}, b_{layer}" for layer in range(1, depth + 1))
    return [*lines, f"L = ||h_{depth} - y||^2", f"backprop L wrt {variables}"]


def depth(rounds: int, size: str) -> Iterator[Row]:
    """Time to derive, check and emit networks of growing depth."""
    import derive

    derive.solve(network(2))
    seen: dict[int, float] = {}
    for layers in DEPTHS:
        lines = network(layers)
        times: list[float] = []
        for _ in range(max(3, rounds // 4)):
            start = time.perf_counter()
            report = derive.solve(lines, time_limit=PATIENCE)
            times.append(time.perf_counter() - start)
            if times[-1] > 5 or report.code is None:
                break
        parts = ", ".join(f"{k} {1000 * v:.0f}" for k, v in report.seconds.items())
        if report.code is None:
            print(f"depth {layers}: {report.status}, {report.error} after {times[-1]:.1f} s; {parts}", flush=True)
            break
        seen[layers] = statistics.median(times)
        bar, met = ("≤ 500 ms", seen[layers] <= 0.5) if layers == 200 else ("", None)
        yield Row(f"network of depth {layers}: derive and emit", "", seen[layers], 0.0, bar, met, f"ms: {parts}")
    if 200 in seen:
        yield Row("network of depth 200", "depth 40", seen[200], seen[40], "≤ 6", seen[200] <= 6 * seen[40])
    else:
        yield Row("network of depth 200", "depth 40", 0.0, 0.0, "≤ 6", False, "not reached")


def profile(layers: int) -> None:
    """Where the time of one network goes."""
    import derive

    derive.solve(network(2))
    profiler = cProfile.Profile()
    report = profiler.runcall(derive.solve, network(layers), time_limit=PATIENCE)
    print(report.status, report.error, dict(report.seconds))
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(50).sort_stats("tottime").print_stats(30)


BENCHMARKS: dict[str, Callable[[int, str], Iterator[Row]]] = {
    "code": code,
    "frameworks": frameworks,
    "derivation": derivation,
    "depth": depth,
}


def show(row: Row) -> None:
    """Prints one line of the table."""
    ratio = f"{row.ours / row.theirs:.3f}" if row.theirs else ""
    ours, theirs = (f"{1000 * t:.3f}" if t else "" for t in (row.ours, row.theirs))
    print(LAYOUT.format(row.measured, row.against, ours, theirs, ratio, row.bar, {True: "yes", False: "NO", None: ""}[row.met]), flush=True)
    if row.note:
        print(f"    {row.note}", flush=True)


def main() -> int:
    """Runs the benchmarks and prints the table; the exit status is 1 when a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=21, help="measurements of each side (default 21)")
    options.add_argument("--size", default="usual", help="comma-separated: usual, small (overhead of the calls; default usual)")
    options.add_argument("--only", default=",".join(BENCHMARKS), help="comma-separated: " + ", ".join(BENCHMARKS))
    options.add_argument("--profile", type=int, metavar="DEPTH", help="instead: profile a network of this depth")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    os.environ.update(dict.fromkeys(POOLS, "1"))  # read when NumPy and PyTorch load, inherited by the process that runs emitted code
    if chosen.profile:
        profile(chosen.profile)
        return 0
    print(LAYOUT.format("measured", "against", "ms", "ms", "ratio", "bar", "met"))
    missed = 0
    for name in chosen.only.split(","):
        for size in chosen.size.split(",") if name in ("code", "frameworks") else ("usual",):
            for row in BENCHMARKS[name](chosen.rounds, size):
                show(row)
                missed += row.met is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
