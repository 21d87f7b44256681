"""Every script and every notebook in examples/ runs, as a user would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.derive"))


def test_there_are_enough_examples() -> None:
    assert len(SCRIPTS) >= 12
    assert list(EXAMPLES.glob("*.ipynb"))


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])
def test_a_script_is_solved_and_verified(script: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "derive", "--json", str(script)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert reports
    for report in reports:
        assert report["status"] == "solved", report["error"]
        if report["derivation"] is not None and report["derivation"]["steps"]:
            assert report["verification"]["status"] == "verified", report["input"]["text"]
        if report["code"] is not None:
            assert report["code"]["check"]["status"] in ("verified", "exact"), report["input"]["text"]


@pytest.mark.filterwarnings("ignore")
def test_the_tour_runs() -> None:
    notebook = nbformat.read(EXAMPLES / "tour.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("text/html" in output.get("data", {}) for output in shown)
    assert not [output for output in shown if output.output_type == "error"]
