"""`derive translate`: documents in, modules and a report out.

In: the arguments behind the word. Out: the exit status: 0 when every formula that computes something was translated, 1 when some were not,
2 for wrong use or a file that is no document. Module files are replaced in one piece, never left half written.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from derive.documents.options import TranslateOptions, parse_translate, translate_usage
from derive.options import WrongOptions

if TYPE_CHECKING:
    from derive.documents.document import Translation

__all__ = ["Bar", "run"]

WORTH_A_PROCESS = 40  # formulas
OFTEN = 0.1  # seconds between two pictures of the bar
LENGTH = 30


class Bar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self, stream: TextIO, title: str, is_shown: bool) -> None:
        self.stream = stream
        self.title = title
        self.is_shown = is_shown and stream.isatty()
        self._last = 0.0
        self._drawn = False

    def __call__(self, finished: int, total: int) -> None:
        now = time.monotonic()
        if not self.is_shown or not total or (now - self._last < OFTEN and finished < total):
            return
        self._last, self._drawn = now, True
        full = LENGTH * finished // total
        self.stream.write(f"\r{self.title} [{'#' * full}{'.' * (LENGTH - full)}] {finished}/{total}\x1b[K")
        self.stream.flush()

    def clear(self) -> None:
        """Takes the bar away."""
        if self._drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def run(arguments: list[str]) -> int:
    """Runs the command. Raises WrongOptions, and KeyboardInterrupt with what is done already kept for the next run."""
    options = parse_translate(arguments)
    if options.help:
        sys.stdout.write(translate_usage())
        return 0
    if options.with_tests and options.output in ("", "-"):
        raise WrongOptions("--with-tests needs a module: -o MODULE.py")
    if not options.files:
        raise WrongOptions("translate needs a document: derive translate paper.tex -o module.py")
    return _work(options)


def _work(options: TranslateOptions) -> int:
    from derive.documents.document import DocumentProblem, Translation
    from derive.documents.kinds import NEEDS, REFUSED, UNREADABLE, WITHHELD
    from derive.documents.report import as_json, as_markdown, as_text

    documents = [Path(name) for name in options.files]
    given = Path(options.output)
    into_folder = options.output not in ("", "-") and (options.output.endswith(("/", os.sep)) or given.is_dir() or not given.suffix)
    try:
        plan = _plan(options, documents, into_folder)
        made = [_translated(group, output, options) for group, output in plan]
    except DocumentProblem as problem:
        sys.stderr.write(f"derive: {problem}\n")
        return 2
    whole = Translation(
        "", tuple(o for t in made for o in t.outcomes), tuple(r for t in made for r in t.remarks), sum(t.from_cache for t in made)
    )
    if options.report:
        _write(Path(options.report), as_json(whole) if options.report.lower().endswith(".json") else as_markdown(whole))
    sys.stderr.write(as_text(whole, options.quiet))
    return 1 if any(whole.count(status) for status in (NEEDS, UNREADABLE, WITHHELD, REFUSED)) else 0


def _plan(options: TranslateOptions, documents: list[Path], into_folder: bool) -> list[tuple[list[Path], Path | None]]:
    """Which documents make which module."""
    if not options.output or options.output == "-":
        return [(documents, None)]
    if not into_folder:
        return [(documents, Path(options.output))]
    folder = Path(options.output)
    outputs = [folder / f"{_module_name(path)}.py" for path in documents]
    if len(set(outputs)) < len(outputs):
        raise WrongOptions("two documents would make the same module: give them one by one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise WrongOptions(f"cannot make the folder {folder}: {problem.strerror}") from None
    return [([path], output) for path, output in zip(documents, outputs, strict=True)]


def _module_name(path: Path) -> str:
    name = "".join(c if c.isalnum() and c.isascii() else "_" for c in path.stem)
    return f"_{name}" if name[:1].isdigit() else name or "formulas"


def _translated(documents: Sequence[Path], output: Path | None, options: TranslateOptions) -> Translation:
    from derive.answering import Settings
    from derive.documents.cache import path_of
    from derive.documents.companion import companion
    from derive.documents.document import translate_document
    from derive.translation.run import start

    start()
    bar = Bar(sys.stderr, ", ".join(path.name for path in documents)[:LENGTH], options.progress)
    settings = Settings(time_limit=options.time_limit, target=options.target, inplace=options.inplace, with_tests=options.with_tests)
    cache = path_of(output) if output is not None and options.cache else None
    try:
        made = translate_document(documents, settings, processes=options.jobs or _processes, cache=cache, progress=bar)
    except OSError as problem:
        raise WrongOptions(f"cannot write {cache}: {problem.strerror}") from None
    finally:
        bar.clear()
    if output is None:
        sys.stdout.write(made.source)
    else:
        _write(output, made.source)
        if options.with_tests:
            _write(output.with_name(f"test_{output.name}"), companion(made.tests, output.stem))
    return made


def _processes(formulas: int) -> int:
    """How many processes are worth starting: each of them has one beside it that runs the code."""
    return 1 if formulas < WORTH_A_PROCESS else min(max((os.cpu_count() or 1) // 2, 1), 8)


def _write(path: Path, text: str) -> None:
    """Writes a file in one piece."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as problem:
        raise WrongOptions(f"cannot write {path}: {problem.strerror}") from None
