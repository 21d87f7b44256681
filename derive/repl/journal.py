"""The journal of a session: its lines on disk as they come, and what an earlier process left behind.

A session appends each finished line to a file of its own and syncs it, so that a killed process loses at most the line in
progress. A lock that ends with the process tells the journals of the dead from those of the living. A session that ends as it
should removes its journal.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

__all__ = ["Journal", "left_behind", "script", "state_directory"]


def state_directory() -> Path:
    """Where history and journals live: `$XDG_STATE_HOME/derive`, by default `~/.local/state/derive`. Made if it is not there."""
    base = os.environ.get("XDG_STATE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    directory = root / "derive"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def script(lines: Iterable[str]) -> str:
    """The lines as the text of a `.derive` file that replays; a line of several rows ends with a blank one."""
    return "".join(line + ("\n\n" if "\n" in line else "\n") for line in lines)


def _lock(file: IO[str]) -> bool:
    """Takes the lock of the file without waiting; True where that worked (always, where the system has no such locks)."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Journal:
    """The lines of this process's session on disk."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / f"session-{os.getpid()}-{time.time_ns()}.derive"
        self._lines: tuple[str, ...] = ()
        self._file = self.path.open("w", encoding="utf-8", errors="surrogateescape")
        self.path.chmod(0o600)
        _lock(self._file)

    def record(self, lines: tuple[str, ...]) -> None:
        """Brings the journal up to the lines of the session: appends what is new; writes all anew after an undo."""
        kept = len(self._lines)
        if lines[:kept] == self._lines:
            fresh = lines[kept:]
        else:
            self._file.seek(0)
            self._file.truncate()
            fresh = lines
        self._lines = lines
        if fresh or not lines:
            self._file.write(script(fresh))
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """The session ended as it should: nothing has to be offered back."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def left_behind(directory: Path) -> Iterator[tuple[Path, str]]:
    """The journals of processes that ended unexpectedly and their texts, newest first; empty ones are removed."""
    found: list[tuple[float, Path]] = []
    for path in directory.glob("session-*.derive"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path))
    for _, path in sorted(found, reverse=True):
        try:
            file = path.open("r+", encoding="utf-8", errors="surrogateescape")
        except OSError:
            continue
        with file:
            if not _lock(file):
                continue
            text = file.read()
        if text.strip():
            yield path, text
        else:
            path.unlink(missing_ok=True)
