"""A document of 1,000 formulas, read, translated and proved, beside SymPy's reader and lambdify one at a time.

    python benchmarks/document.py [--formulas N] [--backend lark|antlr|both] [--jobs N] [--only time,memory]

Both sides get the same formulas in one run, those that SymPy reads: derive as a LaTeX document, with its definitions, names, docstrings
and proofs; SymPy the right sides, text after text, without a proof. All formulas are translated as well.
Prints one table: what was measured, seconds on the clock and their ratio, the ratio of processor seconds (of all processes of either
side: what else the machine does is not counted), the bar. The exit status is 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

BAR = 1 / 3
FLAT = 1.25  # of the memory at a quarter of the document
SEED = 20

# What papers have: %-letters are names, drawn anew for each formula. Digits stay.
TEMPLATES = (
    r"{f}({x}) = \frac{{1}}{{1 + e^{{-{a} {x}}}}}",
    r"{f}({x}) = \log\left(1 + e^{{{x}}}\right)",
    r"{f}({x}) = \frac{{1}}{{\sqrt{{2 \pi}} {s}}} \exp\left(-\frac{{({x} - {m})^2}}{{2 {s}^2}}\right)",
    r"{f} = \frac{{{a}}}{{{b}}} + \sqrt{{{x}^2 + {c}^2}}",
    r"{f} = -{a} \log {x} - (1 - {a}) \log (1 - {x})",
    r"{f} = \sum_{{i=1}}^n ({p}_i - {q}_i)^2",
    r"{f} = \frac{{1}}{{n}} \sum_{{i=1}}^n \log\left(1 + e^{{-{p}_i {q}_i}}\right)",
    r"{f} = \sum_{{i=1}}^n {p}_i \log {q}_i",
    r"{f} = {a} {x}^3 - {b} {x}^2 + {c} {x} - 1",
    r"{f}({x}) = \tanh({a} {x} + {b})",
    r"{f} = \sin({a} {x}) \cos({b} {x}) e^{{-{c} {x}}}",
    r"{f} = \frac{{{x} - {a}}}{{{b} - {a}}}",
    r"{f} = {s}^2 \exp\left(-\frac{{{x}^2}}{{2 {m}^2}}\right)",
    r"{f} = {a} {b} + (1 - {a}) {x}",
    r"{f} = \frac{{2 {a} {b}}}{{{a} + {b}}}",
    r"{f} = \log \sum_{{i=1}}^n e^{{{p}_i}}",
    r"{f} = \lVert {M} {v} - {w} \rVert_2^2 + {s} \lVert {v} \rVert_2^2",
    r"{f} = {v}^\top {M} {v} + {w}^\top {v}",
    r"{f} = ({M}^\top {M} + {s} I)^{{-1}} {M}^\top {v}",
    r"{f} = \frac{{{v}^\top {w}}}{{\lVert {v} \rVert \lVert {w} \rVert}}",
    r"{f}({x}) = \begin{{cases}} {x} & {x} > 0 \\ {a} (e^{{{x}}} - 1) & {x} \le 0 \end{{cases}}",
    r"{f} = \max(0, 1 - {a} {x})",
    r"{f} = \log\frac{{{a}}}{{{b}}} + \frac{{{b}^2 + ({c} - {x})^2}}{{2 {a}^2}} - \frac{{1}}{{2}}",
    r"{f} = \log\det({M} + {s} I)",
    r"{f} = \frac{{e^{{{a}}}}}{{e^{{{a}}} + e^{{{b}}}}}",
)
FUNCTIONS = r"f g h L J \mathcal{L} \ell \phi \psi \rho H F G Q \hat{y} \varphi S".split()
SCALARS = r"x t u z r \alpha \beta \gamma \tau \nu a b c d".split()
ARRAYS = r"y o k p q \theta \xi \pi".split()  # a letter is one thing throughout a paper
POSITIVE = r"\sigma \lambda \eta \kappa \delta s".split()
MATRICES = r"A B X W \Phi".split()
VECTORS = r"\mathbf{v} \mathbf{w} \mathbf{u} \mathbf{b} \mathbf{y}".split()


def formulas(count: int) -> list[str]:
    """Formulas from the templates with names drawn for each; the same every time."""
    rng = random.Random(SEED)
    made = []
    for number in range(count):
        f, m, v = rng.choice(FUNCTIONS), rng.choice(MATRICES), rng.sample(VECTORS, 2)
        a, b, c, x, mean = rng.sample([n for n in SCALARS if n != f], 5)
        p, q = rng.sample([n for n in ARRAYS if n != f], 2)
        template = TEMPLATES[number % len(TEMPLATES)]
        # an index on the left side, so that no formula defines a name of another
        text = template.format(f=f"{f}_{{{number}}}", a=a, b=b, c=c, x=x, m=mean, s=rng.choice(POSITIVE), M=m, p=p, q=q, v=v[0], w=v[1])
        made.append(text)
    return made


def document(listed: list[str]) -> str:
    """A LaTeX document with the formulas and the words between them."""
    words = "The next quantity is used in what follows."
    rows = [f"{words}\n\\begin{{equation}}\\label{{eq:{k}}}\n  {text}\n\\end{{equation}}\n" for k, text in enumerate(listed)]
    return "\\documentclass{article}\n\\begin{document}\n" + "\n".join(rows) + "\\end{document}\n"


class Spent(NamedTuple):
    """Seconds on the clock, and of the processor: of this process and of those that it has waited for."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> Spent:
        """What was spent so far."""
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.perf_counter(), own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime)

    def since(self, start: Spent) -> Spent:
        """What was spent from there to here."""
        return Spent(self.clock - start.clock, self.processor - start.processor)


def ours(listed: list[str], jobs: int, watch: Callable[[int, int], None] | None = None) -> tuple[Spent, int]:
    """What the document costs, its process that runs code included, and how many formulas were translated and proved."""
    from derive.documents.document import translate_document
    from derive.documents.kinds import TRANSLATED
    from derive.translation.run import stop

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.tex"
        path.write_text(document(listed), encoding="utf-8")
        stop()
        start = Spent.now()
        made = translate_document([path], processes=jobs, progress=watch)
        compile(made.source, "paper.py", "exec")
        stop()
        return Spent.now().since(start), made.count(TRANSLATED)


def theirs(listed: list[str], backend: str) -> tuple[Spent, list[int]]:
    """What the formulas cost that SymPy makes a function of, and which these are; what it does not read costs it nothing here."""
    import sympy
    from sympy.parsing.latex import parse_latex

    made, clock, processor = [], 0.0, 0.0
    for number, text in enumerate(listed):
        right = text.split(" = ", 1)[1]
        start = Spent.now()
        try:
            expression = parse_latex(right, backend=backend)
            sympy.lambdify(sorted(expression.free_symbols, key=str), expression, "numpy")
        except Exception:  # its own errors, those of Lark and of ANTLR, and what lambdify raises of what they made
            continue
        spent = Spent.now().since(start)
        clock, processor = clock + spent.clock, processor + spent.processor
        made.append(number)
    return Spent(clock, processor), made


def resident() -> float:
    """Megabytes of memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def memory(count: int) -> tuple[float, float]:
    """Megabytes at a quarter of the formulas and at the end, in one process."""
    seen: dict[int, float] = {}
    quarter = max(count // 4, 1)

    def watch(finished: int, total: int) -> None:
        if finished in (quarter, total):
            seen[finished] = resident()

    ours(formulas(count), 1, watch)
    return seen[quarter], seen[max(seen)]


def backends(wanted: str) -> list[str]:
    """Those that are asked for and installed."""
    modules = {"lark": "lark", "antlr": "antlr4"}
    return [b for b in modules if wanted in (b, "both") and importlib.util.find_spec(modules[b]) is not None]


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formulas", type=int, default=1000)
    parser.add_argument("--backend", choices=("lark", "antlr", "both"), default="both")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="time,memory")
    parser.add_argument("--memory-of", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.memory_of:
        print(*memory(given.memory_of))
        return 0
    missed = False
    wanted = set(given.only.split(","))
    print(f"{'measured':<58} {'ours':>9} {'theirs':>9} {'ratio':>7} {'processor':>9} {'bar':>6}")
    if "time" in wanted:
        listed = formulas(given.formulas)
        ours(listed[:50], 1)  # both sides warm
        for backend in backends(given.backend):
            theirs(listed[:5], backend)
            other, made = theirs(listed, backend)
            same = [listed[number] for number in made]
            if not same:
                print(f"SymPy's {backend} reads none of them here: it is not installed")
                continue
            for jobs in dict.fromkeys((1, given.jobs)):
                spent, translated = ours(same, jobs)
                ratio = spent.clock / other.clock
                work = spent.processor / other.processor
                said = f"{len(same):,} formulas that SymPy ({backend}) reads, {jobs} process{'es' * (jobs > 1)}"
                missed |= jobs == 1 and work > BAR
                shown = f"{work:9.3f} {BAR:6.3f}" if jobs == 1 else f"{'':>9} {'':>6}"  # the processes of processes are not waited for here
                print(f"{said:<58} {spent.clock:8.2f}s {other.clock:8.2f}s {ratio:7.3f} {shown}   proved: {translated:,}")
        spent, translated = ours(listed, given.jobs)
        print(f"{f'all {given.formulas:,} formulas':<58} {spent.clock:8.2f}s {'':>9} {'':>7} {'':>9} {'':>6}   proved: {translated:,}")
    if "memory" in wanted:
        command = [sys.executable, __file__, "--memory-of", str(given.formulas)]
        first, last = map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
        missed |= last / first > FLAT
        print(f"{'memory at the end, against that at a quarter':<58} {last:7.1f}MB {first:7.1f}MB {last / first:7.3f} {'':>9} {FLAT:6.3f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
