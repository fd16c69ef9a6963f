"""Bad definitions of metrics are refused before anything is opened: where they stand, what is wrong, what would be right."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

import contracts

PROGRAMS = ("ingest", "scoring", "alerting")

# Settings, the place of what is wrong (line and column in the file), its key, and a word of the remedy.
BAD: dict[str, tuple[str, str, str, str]] = {
    "satisfied set outside the scale": (
        "metrics:\n  csat: {scale: 1..5, satisfied: 4..6}\n", "2:34", "metrics.csat.satisfied", "ends at 5"),
    "satisfied set at the wrong end": (
        "metrics:\n  csat: {scale: 1..5, satisfied: 1..2}\n", "2:34", "metrics.csat.satisfied", "ends at 5"),
    "satisfied set of all answers": (
        "metrics:\n  csat: {scale: 1..5, satisfied: 1..5}\n", "2:34", "metrics.csat.satisfied", "begins above 1"),
    "scale upside down": ("metrics:\n  csat: {scale: 5..1}\n", "2:17", "metrics.csat.scale", "LOWEST..HIGHEST"),
    "weights of an index that do not sum": (
        "metrics:\n  csat: {}\n  nps: {}\n  loyalty: {kind: index, of: {csat: 60, nps: 30}}\n",
        "4:30", "metrics.loyalty.of", "sum to 100"),
    "weights of a scorecard that do not sum": (
        "rules: []\nmetrics:\n  csi: {kind: csi.scorecard, weights: {speed: 50, price: 40}}\n",
        "3:39", "metrics.csi.weights", "sum to 100"),
    "weights of three questions that do not sum": (
        "rules: []\nmetrics:\n  acsi: {weights: {overall: 0.4, expectations: 0.4, ideal: 0.4}}\n",
        "3:19", "metrics.acsi.weights", "sum to 1"),
    "unknown zone": ("timezone: Europe/Berlim\n", "1:11", "timezone", "Europe/Berlin"),
    "zone by its short name": ("timezone: CEST\n", "1:11", "timezone", "Europe/Berlin"),
    "unknown band": ("metrics:\n  csat: {bands: splendid}\n", "2:17", "metrics.csat.bands", "standard, problem"),
    "bands that rise": (
        "metrics:\n  csat:\n    bands:\n      - {label: good, from: 50}\n      - {label: better, from: 70}\n      - {label: rest}\n",
        "4:7", "metrics.csat.bands", "falling"),
    "index of itself": (
        "metrics:\n  csat: {}\n  loyalty: {kind: index, of: {csat: 60, loyalty: 40}}\n",
        "3:30", "metrics.loyalty.of", "part of itself"),
    "index of an index of itself": (
        "metrics:\n  csat: {}\n  first: {kind: index, of: {csat: 50, second: 50}}\n"
        "  second: {kind: index, of: {csat: 50, first: 50}}\n",
        "3:28", "metrics.first.of", "first → second → first"),
    "index of what is no metric": (
        "metrics:\n  csat: {}\n  loyalty: {kind: index, of: {csat: 60, nsp: 40}}\n",
        "3:30", "metrics.loyalty.of", "the metrics are: csat"),
    "index of what has no ends": (
        "metrics:\n  csat: {}\n  roi: {}\n  loyalty: {kind: index, of: {csat: 60, roi: 40}}\n",
        "4:30", "metrics.loyalty.of", "no highest or lowest"),
    "unknown kind": ("metrics:\n  customer: {scale: 1..5}\n", "2:13", "metrics.customer.kind", "csat, "),
    "unknown setting": ("metrics:\n  csat: {scal: 1..5}\n", "2:16", "metrics.csat.scal", "scale"),
    "setting of another kind": (
        "metrics:\n  csat: {kind: nps, satisfied: 9..10}\n", "2:32", "metrics.csat.satisfied", "it has: "),
    "threshold outside the scale": ("metrics:\n  csat: {followUp: 9}\n", "2:20", "metrics.csat.followUp", "1..5"),
    "threshold without ratings": (
        "rules: []\nmetrics:\n  churn: {advocate: 9}\n", "3:21", "metrics.churn.advocate", "needs ratings"),
    "target that is no score": ("metrics:\n  csat: {target: soon}\n", "2:18", "metrics.csat.target", "{2026: 80"),
    "target of no year": ("metrics:\n  csat: {target: {soon: 80}}\n", "2:18", "metrics.csat.target", "{2026: 80"),
    "mean of nothing": ("rules: []\nmetrics:\n  basket: {kind: mean, of: basket}\n", "3:28", "metrics.basket.of", "measure NAME"),
    "mean without room": (
        "rules: []\nmetrics:\n  basket: {kind: mean, of: measure basket, lowest: 9, highest: 3}\n",
        "3:52", "metrics.basket.lowest", "below highest"),
    "ratio of one measure": (
        "rules: []\nmetrics:\n  refunds: {kind: ratio, numerator: a, denominator: a}\n",
        "3:53", "metrics.refunds.denominator", "different measures"),
    "share outside the scale": (
        "rules: []\nmetrics:\n  calm: {kind: share, scale: 1..5, counts: 0..2}\n",
        "3:44", "metrics.calm.counts", "part of 1..5"),
    "themes without lists": ("themes: {delivery: deliver}\n", "1:9", "themes", "list of words"),
    "privacy of nobody": ("privacy: {minimumAnswers: 0}\n", "1:27", "privacy.minimumAnswers", "from 1 to 1000"),
    "completeness after a season": ("completenessDelay: 99d\n", "1:20", "completenessDelay", "31d"),
    "rule of a metric without ratings": (
        "metrics:\n  csat: {}\n  roi: {}\nrules: [{name: dip, metric: roi}]\n", "4:8", "rules", "tell good from bad"),
    "rule of a metric whose parts come apart": (
        "metrics:\n  csat: {}\n  churn: {}\nrules: [{name: dip, metric: churn}]\n", "4:8", "rules", "whole days"),
    "detector that needs bands": (
        "metrics:\n  csat: {bands: []}\nrules: [{name: dip, metric: csat, detector: band-crossing}]\n", "3:8", "rules",
        "bands"),
}  # fmt: skip

GOOD = {
    "one satisfied answer, as a number": "metrics:\n  csat: {scale: 1..5, satisfied: 5}\n",
    "one satisfied answer, as a range": "metrics:\n  csat: {scale: 1..5, satisfied: 5..5}\n",
    "path of targets": "metrics:\n  csat: {target: {2026: 80, 2027: 85}}\n",
    "index of an index": (
        "metrics:\n  csat: {}\n  nps: {}\n  inner: {kind: index, of: {csat: 50, nps: 50}}\n"
        "  outer: {kind: index, of: {inner: 70, csat: 30}}\n"
    ),
    "bands with a note": (
        "metrics:\n  csat:\n    bands:\n      - {label: good, from: 70, note: keep on}\n      - {label: poor}\n"
    ),
}


def check(program: str, folder: Path, settings: str) -> subprocess.CompletedProcess[str]:
    try:
        executable = contracts.executable(program)
    except contracts.MissingExecutable as missing:
        pytest.skip(str(missing))
    (folder / "tideline.yaml").write_text(settings)
    command = [str(executable), "--check", "--config", "tideline.yaml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", BAD)
def test_bad_definition_is_refused_with_place_and_remedy(tmp_path: Path, name: str) -> None:
    settings, place, key, remedy = BAD[name]
    for program in PROGRAMS:
        done = check(program, tmp_path, settings)
        assert done.returncode == 2, f"{program}: {done.stdout}{done.stderr}"
        said = [line for line in done.stderr.splitlines() if line.startswith(f"tideline.yaml:{place}: {key} ")]
        assert len(said) == 1 and remedy in said[0], f"{program}: {done.stderr}"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["tideline.yaml"], "nothing is opened"


@pytest.mark.parametrize("name", BAD)
def test_a_service_does_not_start_with_it(tmp_path: Path, name: str) -> None:
    """As it is refused by --check, so it is at start, before any file or socket."""
    (tmp_path / "tideline.yaml").write_text(BAD[name][0])
    program = contracts.executable("ingest")
    done = subprocess.run(
        [str(program), "--config", "tideline.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and BAD[name][2] in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tideline.yaml"]


@pytest.mark.parametrize("name", GOOD)
def test_good_definition_is_taken(tmp_path: Path, name: str) -> None:
    for program in PROGRAMS:
        done = check(program, tmp_path, GOOD[name])
        assert done.returncode == 0, f"{program}: {done.stderr}"


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    settings: list[str] = [
        "timezone: Europe/Berlim", "completenessDelay: 99d", "metrics:", "  csat: {satisfied: 4..6}", "  nps: {bands: splendid}",
    ]  # fmt: skip
    done = check("ingest", tmp_path, "\n".join(settings) + "\n")
    assert done.returncode == 2
    found: list[Any] = [key for key in ("completenessDelay", "metrics.csat.satisfied", "metrics.nps.bands") if key in done.stderr]
    assert len(found) == 3, done.stderr
