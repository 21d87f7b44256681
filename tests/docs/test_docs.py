"""What the documentation shows is true: scripts run, transcripts are what the program prints, excerpts stand in the code.

Fenced blocks, by their info string:

    derive           a script: every task in it is solved
    derive read      a script whose lines are read; solving them is not asked for
    derive refused   a script whose last task is refused
    derive error     a script whose last line cannot be read
    console          commands behind `$ ` with what they print
    python           with a first line `# path`, an excerpt of that file; else a program that runs

`python tests/docs/test_docs.py` writes what the commands print now into the transcripts.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

import derive
from derive.lines import split_text
from derive.meaning import read
from derive.meaning.scope import Scope

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
ERROR_SIZE = re.compile(r"(max error|to within|error) [0-9.e−-]+")


class Block(NamedTuple):
    """A fenced block: its page, first line, info string and text."""

    page: str
    line: int
    info: str
    text: str


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        content = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(content):
            found.append(Block(page.name, content[: match.start()].count("\n") + 2, match[1].strip(), match[2]))
    return found


def of(*infos: str) -> list[object]:
    found = [block for block in blocks() if block.info in infos and (block.info != "console" or has_output(block))]
    return [pytest.param(block, id=f"{block.page}:{block.line}") for block in found]


def has_output(block: Block) -> bool:
    """Whether a transcript shows what its commands print."""
    return any(row.strip() and not row.startswith("$ ") for row in block.text.splitlines())


def lines_of(block: Block) -> list[str]:
    return [line.text for line in split_text(block.text)]


def test_the_pages_have_examples() -> None:
    assert len([block for block in blocks() if block.info.startswith("derive")]) >= 15
    assert [block for block in blocks() if block.page == "README.md" and block.info == "console"]


@pytest.mark.parametrize("block", of("derive"))
def test_a_script_is_solved(block: Block) -> None:
    reports, _ = derive.Session().run_all(lines_of(block))
    assert reports
    for report in reports:
        assert report.status == "solved", (report.text, report.error and report.error.message)
        assert report.verification is None or report.verification.status in ("verified", "partly")


@pytest.mark.parametrize("block", of("derive read"))
def test_a_script_is_read(block: Block) -> None:
    scope = Scope()
    for number, line in enumerate(lines_of(block), 1):
        reading, scope = read(line, scope, line=number)
        assert reading.term is not None


@pytest.mark.parametrize("block", of("derive refused", "derive error"))
def test_a_script_ends_as_the_page_says(block: Block) -> None:
    reports, _ = derive.Session().run_all(lines_of(block))
    assert reports[-1].status == block.info.split()[1]
    assert reports[-1].error is not None


@pytest.mark.parametrize("block", of("console"))
def test_a_transcript_is_what_is_printed(block: Block) -> None:
    assert plain(printed(block.text).splitlines()) == plain(block.text.splitlines())


def printed(transcript: str) -> str:
    """The transcript with what its commands print now."""
    shown: list[str] = []
    for command in re.findall(r"^\$ (.*)$", transcript, re.MULTILINE):
        program, *arguments = shlex.split(command)
        assert program == "derive"
        done = subprocess.run([sys.executable, "-m", "derive", *arguments], capture_output=True, text=True, timeout=120, check=False)
        shown += [f"$ {command}", *(line.rstrip() for line in (done.stdout + done.stderr).splitlines())]
    return "\n".join(shown) + "\n"


def plain(lines: list[str]) -> list[str]:
    """The lines without trailing space, blank lines and the sizes of errors, which differ between machines."""
    return [ERROR_SIZE.sub(r"\1 …", line.rstrip()) for line in lines if line.strip()]


@pytest.mark.parametrize("block", of("python"))
def test_python_in_the_pages_is_true(block: Block) -> None:
    first, _, rest = block.text.partition("\n")
    if first.startswith("# ") and (ROOT / first[2:]).is_file():
        code = (ROOT / first[2:]).read_text(encoding="utf-8")
        for part in rest.split("    …\n"):
            assert squeeze(part) in squeeze(code), part
    else:
        exec(compile(block.text, f"{block.page}:{block.line}", "exec"), {"__name__": "page"})


def squeeze(text: str) -> str:
    """The text without indentation and line breaks."""
    return " ".join(textwrap.dedent(text).split())


def rewrite() -> None:
    """Puts what the commands print now into every transcript of the pages."""
    for page in PAGES:
        content = page.read_text(encoding="utf-8")
        for block in [b for b in blocks() if b.page == page.name and b.info == "console" and has_output(b)]:
            content = content.replace(block.text, printed(block.text))
        page.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    rewrite()
