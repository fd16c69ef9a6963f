"""Pages that a program writes are what the program writes."""

from __future__ import annotations

import difflib
import subprocess

import pytest

import contracts


def test_metrics_page_is_the_generated_one() -> None:
    """docs/metrics.md comes from the metrics' own descriptions; it is never edited by hand."""
    try:
        program = contracts.executable("tideline")
    except contracts.MissingExecutable as missing:
        pytest.skip(str(missing))
    run = subprocess.run(
        [str(program), "metrics", "--markdown"], cwd=contracts.REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    committed = (contracts.REPOSITORY / "docs" / "metrics.md").read_text()
    difference = list(difflib.unified_diff(committed.splitlines(), run.stdout.splitlines(), "committed", "generated", lineterm=""))
    assert not difference, "run `tideline metrics --markdown > docs/metrics.md`:\n" + "\n".join(difference[:40])


def test_every_setting_has_its_meaning() -> None:
    """A table row whose last cell is empty means that a default has no comment beside it."""
    page = (contracts.REPOSITORY / "docs" / "metrics.md").read_text()
    silent = [line for line in page.splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert silent == []
