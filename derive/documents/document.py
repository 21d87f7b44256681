"""A document from end to end: its formulas found, read in order, translated and proved, and written as a module with a report.

    translate_document(paths, settings=…, processes=2, cache=…)  → Translation: the text of the module, and an Outcome for each formula

The formulas are read one after the other, for each may rest on those before it; translating them is independent and goes to processes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from derive.answering import Settings
from derive.documents.cache import Cache, key_of
from derive.documents.claims import DIFFERS
from derive.documents.explaining import take_all
from derive.documents.formulas import DISPLAY, INLINE, Formula, Place, Remark, Text
from derive.documents.kinds import TRANSLATED, Entry
from derive.documents.latex import latex_formulas
from derive.documents.macros import Macros
from derive.documents.markdown import DocumentProblem, line_formulas, markdown_formulas, notebook_formulas
from derive.documents.module import Function, module
from derive.documents.naming import Names
from derive.documents.rows import Piece, pieces
from derive.documents.understanding import Understanding
from derive.documents.work import Done, worked

__all__ = ["SUFFIXES", "DocumentProblem", "Outcome", "Translation", "read_document", "translate_document"]

SUFFIXES = (".tex", ".md", ".markdown", ".ipynb", ".txt")
LARGEST = 50_000_000
MOST_FORMULAS = 200_000
_WHERE = re.compile(r"^[\s,;.:~]*(?:\\noindent\s*)?(?:here,?|(?:in\s+)?where|with|in\s+which)\b", re.IGNORECASE)
_JOINED = re.compile(r"[.!?](?=\s|$)|\n[ \t]*\n|\\(?:par|item|section|subsection|begin|end)(?![A-Za-z])")


class Outcome(NamedTuple):
    """What became of one formula: where it stands, what it is, what was said of it, and the function if there is one."""

    place: Place
    text: str
    kind: str
    label: str
    status: str
    function: str = ""
    reason: str = ""
    expected: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """The module, what became of each formula in the order of the document, remarks; how many came from the cache; tests."""

    source: str
    outcomes: tuple[Outcome, ...]
    remarks: tuple[Remark, ...] = ()
    from_cache: int = 0
    tests: tuple[tuple[str, str], ...] = ()

    def count(self, status: str) -> int:
        """How many formulas have this status."""
        return sum(outcome.status == status for outcome in self.outcomes)


# ---------------------------------------------------------------------------------------------- finding and reading
def _found(path: Path, macros: Macros) -> Iterator[Formula | Remark]:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DocumentProblem(f"{path}: a document is one of {', '.join(SUFFIXES)}")
    try:
        if path.stat().st_size > LARGEST:
            raise DocumentProblem(f"{path} is larger than {LARGEST:,} bytes")
        text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\ufeff")
    except OSError as problem:
        raise DocumentProblem(f"cannot read {path}: {problem.strerror}") from None
    name = path.name
    if suffix == ".tex":
        return latex_formulas(Text(text, name), macros)
    if suffix == ".ipynb":
        return notebook_formulas(text, name, macros)
    return line_formulas(Text(text, name)) if suffix == ".txt" else markdown_formulas(Text(text, name), macros)


def _in_reading_order(listed: list[Formula]) -> Iterator[list[tuple[int, int, Piece, bool]]]:
    """The pieces in the order in which they are to be read: what “where …” says behind a display comes before it, in one list with it.

    With each stands its place in the document, the number of the formula and that of the piece, and whether “where …” says it.
    """
    place = 0
    while place < len(listed):
        behind = place + 1
        if listed[place].kind == DISPLAY:
            while behind < len(listed) and _explains(listed[place + 1 : behind + 1]):
                behind += 1
        group: list[tuple[int, int, Piece, bool]] = []
        for number in (*range(place + 1, behind), place):
            made = list(enumerate(pieces(listed[number])))
            if listed[number].kind != INLINE:
                made = _explained(made)
            group += ((number, k, piece, number != place or piece.role == "where") for k, piece in made)
        yield group
        place = behind


def _explained(made: list[tuple[int, Piece]]) -> list[tuple[int, Piece]]:
    """The pieces behind a `\\text{where}` of a display before the piece that they explain."""
    ordered: list[tuple[int, Piece]] = []
    main = 0
    for k, piece in made:
        if piece.role == "where":
            ordered.insert(main, (k, piece))
            main += 1
        else:
            main = len(ordered)
            ordered.append((k, piece))
    return ordered


def _explains(behind: list[Formula]) -> bool:
    """Whether the last of these formulas behind a display belongs to the sentence with “where” that follows it."""
    first, last = behind[0], behind[-1]
    if not _WHERE.match(first.before):
        return False
    if last.kind != INLINE:
        return len(behind) == 1 and not _WHERE.sub("", last.before).strip()
    return len(behind) == 1 or not _JOINED.search(last.before)


def read_document(path: Path, settings: Settings, remarks: list[Remark]) -> list[Entry]:
    """The pieces of one document, each with what it is, in the order of the document. Raises DocumentProblem."""
    listed: list[Formula] = []
    for found in _found(path, Macros()):
        if isinstance(found, Remark):
            remarks.append(found)
        elif len(listed) >= MOST_FORMULAS:
            raise DocumentProblem(f"{path} has more than {MOST_FORMULAS:,} formulas")
        else:
            listed.append(found)
    understanding = Understanding(settings)
    entries = []
    for group in _in_reading_order(listed):
        made = take_all(understanding, [(piece, explains) for _, _, piece, explains in group])
        entries += [(number, k, entry) for (number, k, _, _), entry in zip(group, made, strict=True)]
    return [entry for _, _, entry in sorted(entries, key=lambda e: e[:2])]


# ---------------------------------------------------------------------------------------------- translating
def translate_document(
    paths: Sequence[Path],
    settings: Settings | None = None,
    *,
    processes: int | Callable[[int], int] = 1,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Translation:
    """The formulas of documents as one module. Each document is a session of its own; names are unique over all of them.

    `processes` is a number, or says one for the number of formulas that are to be translated; `cache` is a file that holds what earlier
    runs translated; `progress` is told how many formulas of how many are done. Raises
    DocumentProblem for a file that is no document. The same documents give the same module, whatever `processes` and `cache` are.
    """
    settings = settings or Settings()
    remarks: list[Remark] = []
    entries = [entry for path in paths for entry in read_document(path, settings, remarks)]
    names = Names()
    entries = [_named(entry, names) for entry in entries]
    memory = Cache(cache)
    is_complete = False
    try:
        results = _results(entries, settings, processes, memory, progress)
        is_complete = True
    finally:
        memory.close(is_complete)
    outcomes, functions = [], []
    for entry, result in zip(entries, results, strict=True):
        outcomes.append(_outcome(entry, result))
        if result is not None and result.status == TRANSLATED:
            functions.append(_function(entry, result))
    source = module(functions, [path.name for path in paths])
    tests = tuple((r.function, r.tests) for r in results if r is not None and r.status == TRANSLATED and r.tests)
    return Translation(source, tuple(outcomes), tuple(remarks), memory.found, tests)


def _named(entry: Entry, names: Names) -> Entry:
    if entry.job is None:
        return entry
    role = entry.job.reading.task.replace("-", "_") if entry.job.reading is not None else "formula"
    update = "_update" if any(r.startswith("an update") for r in entry.remarks) else ""
    name = names.give(entry.left, entry.piece.label, role if role != "expression" else "formula", update)
    return entry._replace(job=entry.job._replace(function=name))


def _results(
    entries: list[Entry],
    settings: Settings,
    processes: int | Callable[[int], int],
    memory: Cache,
    progress: Callable[[int, int], None] | None,
) -> list[Done | None]:
    results: list[Done | None] = [None] * len(entries)
    waiting: list[tuple[int, str]] = []
    for number, entry in enumerate(entries):
        if entry.job is None:
            continue
        key = key_of(entry.job, settings) if memory.path is not None else ""
        results[number] = memory.get(key) if key else None
        if results[number] is None:
            waiting.append((number, key))
    total = sum(entry.job is not None for entry in entries)
    finished = total - len(waiting)
    if progress is not None:
        progress(finished, total)
    jobs = (job for number, _ in waiting if (job := entries[number].job) is not None)
    count = processes if isinstance(processes, int) else processes(len(waiting))
    for (number, key), result in zip(waiting, worked(jobs, settings, min(count, max(len(waiting), 1))), strict=True):
        results[number] = result
        if key:
            memory.put(key, result)
        finished += 1
        if progress is not None:
            progress(finished, total)
    return results


def _outcome(entry: Entry, result: Done | None) -> Outcome:
    text = " ".join(entry.piece.stretch.text.split()) or " ".join(entry.piece.formula.source.split())
    notes = (*entry.remarks, *entry.notes)
    formula = entry.piece.formula
    common = (entry.place, text, formula.kind, entry.piece.label)
    if result is None:
        return Outcome(*common, entry.status, "", entry.reason, entry.expected, notes)
    return Outcome(*common, result.status, result.function, result.reason, result.expected, tuple(dict.fromkeys((*notes, *result.notes))))


def _function(entry: Entry, result: Done) -> Function:
    place = entry.place
    cell = f", cell {place.cell}" if place.cell else ""
    label = f" ({entry.piece.label})" if entry.piece.label else ""
    where = f"{place.file}{cell}, line {place.line}{label}"
    stretch, formula = entry.piece.stretch, entry.piece.formula
    first, last = stretch.places[0], stretch.places[len(stretch.text)]
    written = formula.origin.text[first:last] if last > first else ""
    written = written.strip() or formula.source
    unproved = tuple(n for n in result.notes if n.startswith("the code was not proved") or DIFFERS in n)
    return Function(result.source, result.function, where, written, (*entry.remarks, *unproved))
