"""What was translated already: a file beside the module, one line a function, so that an interrupted run goes on where it was.

In: a job. Out: its `Done` of an earlier run, if everything that it depends on is the same: the formula with all that was put into it, its
types, the settings, the source of derive itself, and the versions of Python, NumPy, SciPy and SymPy. A line that is damaged is no line.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import derive
from derive.documents.kinds import TRANSLATED, Job
from derive.documents.work import Done
from derive.expressions.term import Term

__all__ = ["Cache", "key_of", "path_of"]

FORMAT = 1
LARGEST = 200_000_000  # bytes of a file that is read


def path_of(output: Path) -> Path:
    """The file beside a module."""
    return output.with_name(f"{output.stem}.derive-cache")


@cache
def _version() -> str:
    """The source of derive and the versions of what it works with: other code never meets old answers."""
    digest = hashlib.sha256(f"{FORMAT} {sys.version}".encode())
    for package in ("numpy", "scipy", "sympy", "mpmath"):
        try:
            digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
        except importlib.metadata.PackageNotFoundError:
            digest.update(f"{package} -\n".encode())
    root = Path(derive.__file__).parent
    for path in sorted(p for p in root.rglob("*") if p.suffix in {".py", ".json", ".lark"} and p.is_file()):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _Digests:
    """Digests of values by their content; a shared term is looked at once."""

    def __init__(self) -> None:
        self._terms: dict[int, bytes] = {}
        self._kept: list[Term] = []

    def of(self, value: Any) -> bytes:
        if isinstance(value, Term):
            return self._of_term(value)
        if value is None or isinstance(value, str | int | float | bool):
            return hashlib.sha256(f"{type(value).__name__} {value!r}".encode()).digest()
        if isinstance(value, Mapping):
            parts = sorted(self.of(k) + self.of(v) for k, v in value.items())
        elif isinstance(value, frozenset | set):
            parts = sorted(self.of(v) for v in value)
        elif isinstance(value, tuple | list):
            parts = [self.of(v) for v in value]
        elif is_dataclass(value):
            parts = [self.of(getattr(value, f.name)) for f in fields(value)]
        else:
            parts = [self.of(getattr(value, name)) for name in _slots(value)]
        return hashlib.sha256(type(value).__name__.encode() + b"(" + b"".join(parts) + b")").digest()

    def _of_term(self, term: Term) -> bytes:
        stack = [term]
        while stack:
            node = stack[-1]
            missing = [a for a in node.args if id(a) not in self._terms]
            if missing:
                stack += missing
                continue
            stack.pop()
            inner = b"".join(self._terms[id(a)] for a in node.args)
            self._terms[id(node)] = hashlib.sha256(node.head.encode() + b" " + self.of(node.data) + inner).digest()
            self._kept.append(node)  # so that no other term gets its identity
        return self._terms[id(term)]


def _slots(value: Any) -> list[str]:
    slots = getattr(type(value), "__slots__", None)
    if slots is not None:
        return [slots] if isinstance(slots, str) else list(slots)
    if hasattr(value, "__dict__"):
        return sorted(vars(value))
    raise TypeError(f"no digest of {type(value).__name__}")


def key_of(job: Job, settings: Any) -> str:
    """The key of a job: equal keys mean equal work."""
    digests = _Digests()
    reading = job.reading
    parts = [digests.of(part) for part in (job.function, job.summary, job.target, job.types, job.formula, job.first, settings)]
    parts += [digests.of((c.words, c.reading.expanded, c.reading.types, c.reading.task)) for c in job.claims]
    if reading is not None:
        parts += [digests.of(p) for p in (reading.term, reading.expanded, reading.task, reading.types, reading.using, reading.options)]
    return hashlib.sha256(_version().encode() + b"".join(parts)).hexdigest()


class Cache:
    """The results of earlier runs by key; new ones are written at once, and `close` leaves those of this run alone."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.used: dict[str, Done] = {}
        self.found = 0
        self._known = _read(path) if path is not None else {}
        self._file: IO[str] | None = None

    def get(self, key: str) -> Done | None:
        """The result of an earlier run."""
        known = self._known.get(key)
        if known is not None:
            self.found += 1
            self.used[key] = known
        return known

    def put(self, key: str, done: Done) -> None:
        """Remember a function that was translated. What failed is tried again: it may have been the time."""
        if self.path is None or done.status != TRANSLATED or done.check != "verified":
            return
        self.used[key] = done
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8")
        self._file.write(_line(key, done))
        self._file.flush()

    def close(self, is_complete: bool) -> None:
        """After a complete run the file holds what that run used, and nothing else."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.path is None or not is_complete or set(self._known) == set(self.used):
            return
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("w", encoding="utf-8") as file:
            for key in sorted(self.used):
                file.write(_line(key, self.used[key]))
        fresh.replace(self.path)


def _line(key: str, done: Done) -> str:
    body = json.dumps([key, done.source, done.function, done.notes, done.tests], ensure_ascii=False)
    return f"{hashlib.sha256(body.encode()).hexdigest()[:16]} {body}\n"


def _read(path: Path) -> dict[str, Done]:
    known: dict[str, Done] = {}
    try:
        if path.stat().st_size > LARGEST:
            return {}
        rows = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    for row in rows:
        checksum, _, body = row.partition(" ")
        if hashlib.sha256(body.encode(errors="replace")).hexdigest()[:16] != checksum:
            continue
        try:
            key, source, function, notes, tests = json.loads(body)
        except ValueError:
            continue
        known[key] = Done(TRANSLATED, source, function, notes=tuple(notes), check="verified", tests=tests)
    return known
