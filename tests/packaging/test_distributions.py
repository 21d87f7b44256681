"""The wheel and the sdist hold what they need: the program runs from what is in them."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    return Path(next(SdistBuilder(str(ROOT)).build(directory=str(folder))))


def run_from(folder: Path, *lines: str) -> str:
    """The output of the program with `folder` before everything else that is installed."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    script = "import derive, sys; from derive.cli import main; sys.stderr.write(derive.__file__); sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, *lines], capture_output=True, text=True, timeout=120, env=environment, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(str(folder))
    return done.stdout


def test_the_wheel_holds_the_package_the_grammar_and_the_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for expected in (
        "derive/__init__.py",
        "derive/py.typed",
        "derive/grammar/latex.lark",
        "derive/grammar/plain.lark",
        "derive/grammar/shared.lark",
    ):
        assert expected in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names} == {"derive", f"{wheel.name.rsplit('-', 3)[0]}.dist-info"}
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_works(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    assert "2" in run_from(tmp_path, "-q", "d/dx x^2")


def test_the_sdist_holds_what_builds_and_tests_it(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    for expected in (
        "derive",
        "grammar",
        "tests",
        "examples",
        "docs",
        "benchmarks",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "pyproject.toml",
    ):
        assert (source / expected).exists()
    built = Path(next(WheelBuilder(str(source)).build(directory=str(tmp_path / "built"), versions=["standard"])))
    assert "derive/grammar/latex.lark" in zipfile.ZipFile(built).namelist()
