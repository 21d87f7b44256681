"""How fast derive is, each figure beside what it is measured against, alternating in one run.

    python benchmarks/run.py [--rounds N] [--only start,prompt,oneshot,derivation,reading]

Prints one table: what was measured, the medians of both sides in milliseconds, their ratio, the bar, and whether it is met. Absolute
times drift with the machine; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PYTHON = sys.executable
DERIVE = str(Path(sys.executable).with_name("derive"))
PROMPT = "derive>"
SMALLEST_PROMPT = f"from prompt_toolkit import prompt; prompt({PROMPT + ' '!r})"
PATIENCE = 30.0


class Row(NamedTuple):
    """One line of the table; times in seconds, `bar` is the ratio to reach."""

    measured: str
    against: str
    ours: float
    theirs: float
    bar: float
    note: str = ""


def formulas() -> dict[str, list[str]]:
    """The two lists of formulas.txt, by the first word of their headings."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (HERE / "formulas.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            current = sections.setdefault(line.lstrip("# ").split(":")[0], [])
        elif line.strip():
            current.append(line)
    return sections


def timed(action: Callable[[], object]) -> float:
    """Seconds that the action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def alternate(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Medians of both sides, measured A B A B after one round that does not count."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def process(command: Sequence[str]) -> Callable[[], float]:
    """Runs the command and gives the seconds it took; it has to succeed."""

    def run() -> float:
        return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    return run


def painted(command: Sequence[str], home: str) -> Callable[[], float]:
    """Seconds until the prompt stands in a pseudo-terminal."""

    def run() -> float:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "HOME": home, "XDG_STATE_HOME": home, "XDG_DATA_HOME": home}
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True)
        os.close(slave)
        seen = b""
        try:
            while PROMPT.encode() not in seen:
                ready, _, _ = select.select([master], [], [], PATIENCE)
                if not ready:
                    raise TimeoutError(f"{command[0]} painted no prompt: {seen!r}")
                seen += os.read(master, 65536)
            return time.perf_counter() - start
        finally:
            child.kill()
            child.wait()
            os.close(master)

    return run


def start(rounds: int) -> Row:
    """The whole process of `derive --version`."""
    return Row(
        "derive --version", "python -c pass", *alternate(process([DERIVE, "--version"]), process([PYTHON, "-c", "pass"]), rounds), 2.5
    )


def prompt(rounds: int) -> Row:
    """The prompt in a pseudo-terminal."""
    with tempfile.TemporaryDirectory() as home:
        times = alternate(painted([DERIVE], home), painted([PYTHON, "-c", SMALLEST_PROMPT], home), rounds)
    return Row("prompt painted", "smallest prompt_toolkit program", *times, 1.3)


def oneshot(rounds: int) -> Row:
    """One derivative with steps, checks and code, as a whole process."""
    times = alternate(process([DERIVE, "d/dx sigmoid(x)"]), process([PYTHON, "-c", "import sympy"]), rounds)
    return Row("derive 'd/dx sigmoid(x)'", "python -c 'import sympy'", *times, 1.6)


def derivation(rounds: int) -> Row:
    """A scalar derivation with checks and code, imports done, SymPy's caches emptied before each measurement of either side."""
    import sympy
    from sympy.core.cache import clear_cache

    import derive
    from derive.expressions.nodes import expand_definitions
    from derive.expressions.to_sympy import to_sympy
    from derive.meaning import read

    ours: list[float] = []
    theirs: list[float] = []
    lines = formulas()["derivatives"]
    derive.solve([lines[0]])
    for line in lines:
        reading, _ = read(line)
        if reading.expanded.head != "derivative":
            raise ValueError(f"{line} is no derivative as a whole")
        body, *variables = reading.expanded.args
        expression = expand_definitions(to_sympy(body, reading.types))
        orders = [(to_sympy(v, reading.types), int(k.value)) for v, k in zip(variables[::2], variables[1::2], strict=True)]
        arguments = sorted(expression.free_symbols, key=str)
        mine: list[float] = []
        other: list[float] = []
        for _ in range(rounds):
            clear_cache()
            mine.append(timed(lambda: derive.solve([line])))  # noqa: B023  called at once
            clear_cache()
            other.append(timed(lambda: sympy.lambdify(arguments, sympy.simplify(sympy.diff(expression, *orders)), "numpy")))  # noqa: B023
        ours.append(statistics.median(mine))
        theirs.append(statistics.median(other))
    note = f"{len(lines)} derivatives; worst {1000 * max(ours):.0f} ms against {1000 * max(theirs):.0f} ms"
    return Row("warm derivation, check, code", "diff + simplify + lambdify", statistics.median(ours), statistics.median(theirs), 1.0, note)


def reading(rounds: int) -> Row:
    """LaTeX to a typed tree."""
    from sympy.parsing.latex import parse_latex

    from derive.meaning import read

    ours: list[float] = []
    theirs: list[float] = []
    unread = 0
    lines = formulas()["reading"]
    for line in lines:
        mine = [timed(lambda: read(line)) for _ in range(rounds)]  # noqa: B023
        ours.append(statistics.median(mine))
        try:
            other = [timed(lambda: parse_latex(line, backend="lark")) for _ in range(max(1, rounds // 3))]  # noqa: B023
            theirs.append(statistics.median(other))
        except Exception:  # whatever the other parser raises: it is counted
            unread += 1
    note = f"{len(lines)} formulas, worst {1000 * max(ours):.1f} ms; SymPy does not read {unread} of them"
    return Row("reading LaTeX", 'parse_latex(backend="lark")', statistics.median(ours), statistics.median(theirs), 1 / 20, note)


BENCHMARKS: dict[str, Callable[[int], Row]] = {
    "start": start,
    "prompt": prompt,
    "oneshot": oneshot,
    "derivation": derivation,
    "reading": reading,
}


def main() -> int:
    """Runs the benchmarks and prints the table; the exit status is 1 when a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=11, help="measurements of each side (default 11)")
    options.add_argument("--only", default=",".join(BENCHMARKS), help="comma-separated: " + ", ".join(BENCHMARKS))
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    layout = "{:<30} {:<32} {:>10} {:>10} {:>8} {:>8}  {}"
    print(layout.format("measured", "against", "ms", "ms", "ratio", "bar", "met"))
    missed = 0
    for name in chosen.only.split(","):
        row = BENCHMARKS[name](chosen.rounds)
        ratio = row.ours / row.theirs
        missed += ratio > row.bar
        print(layout.format(
            row.measured, row.against, f"{1000 * row.ours:.2f}", f"{1000 * row.theirs:.2f}", f"{ratio:.3f}", f"≤ {row.bar:g}",
            "yes" if ratio <= row.bar else "NO",
        ), flush=True)  # fmt: skip
        if row.note:
            print(f"    {row.note}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
