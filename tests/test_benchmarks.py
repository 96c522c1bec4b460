"""The benchmarks run, and say what they measured."""

import json
import subprocess
import sys
from pathlib import Path

import dropviz

ROOT = Path(__file__).parents[1]


def benchmarks(*args):
    """Run the benchmarks as a developer does."""
    command = [sys.executable, "-m", "benchmarks", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_case_prints_a_row_for_each_figure():
    """Every row names what was measured and has a value; the versions stand on stderr."""
    result = benchmarks("limits", "--json", "--rounds", "1")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 6, result.stderr
    assert all(row["what"] and row["value"] and row["gflops"] > 0 for row in rows)
    assert "dropviz" in result.stderr


def test_an_unknown_case_is_refused():
    """The message lists the cases there are."""
    result = benchmarks("speed")
    assert result.returncode == 2
    assert "must be one of accuracy, network" in result.stderr


def test_results_are_of_this_version():
    """The table that is kept says for which version it holds, and has every target."""
    kept = (ROOT / "benchmarks/RESULTS.md").read_text()
    assert f"dropviz {dropviz.__version__}" in kept
    for target in (
        "40 or more",
        "30 or more",
        "0.15 or less",
        "1.05 or less",
        "100 or more",
        "7 or more",
        "0.70 or more",
    ):
        assert target in kept
