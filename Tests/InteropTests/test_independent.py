"""Scores of real answers against a computation by pandas and statsmodels that shares nothing with Tideline."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, Callable, Iterable

import numpy
import pandas
import pytest

import contracts
import independent
import workload
from cluster import Tideline
from test_real_data import FOLDER

Make = Callable[..., Tideline]

TOLERANCE = 1e-9
ZONES = ("UTC", "Europe/Berlin")


@cache
def answers(name: str) -> pandas.DataFrame:
    path = FOLDER / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent; TIDELINE_SHARED_DATA names the folder of the real data")
    return independent.read(path)


def dimensions_of(table: pandas.DataFrame) -> list[str]:
    return [column for column in table.columns if column not in ("id", "time", "answer")]


def events(table: pandas.DataFrame) -> list[dict[str, Any]]:
    dimensions = dimensions_of(table)
    return [
        {
            "specversion": "1.0", "id": row["id"], "source": "/independent", "type": "tideline.response.v1",
            "time": row["time"].isoformat(),
            "data": {
                "answers": {"csat": row["answer"]},
                "segments": {name: row[name] for name in dimensions if isinstance(row[name], str)},
            },
        }
        for row in table.to_dict("records")
    ]  # fmt: skip


def replayed(table: pandas.DataFrame, settings: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Every day's score of every series, by `tideline replay`."""
    try:
        program = contracts.executable("tideline")
    except contracts.MissingExecutable as missing:
        pytest.skip(str(missing))
    configuration, recorded, scores = folder / "tideline.yaml", folder / "responses.jsonl", folder / "scores.jsonl"
    configuration.write_text(json.dumps(settings))
    recorded.write_text("".join(json.dumps(event) + "\n" for event in events(table)))
    command = [program, "replay", "--config", configuration, "--input", recorded, "--scores", scores]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert f"accepted {len(table)}, duplicates 0, rejected 0" in done.stdout + done.stderr
    return [json.loads(line) for line in scores.read_text().splitlines()]


def settings(zone: str, dimensions: list[str], pairs: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    return {
        "clock": "message", "timezone": zone, "dimensions": dimensions, "pairs": [list(pair) for pair in pairs],
        "model": [], "metrics": {"csat": {"scale": "1..5", "satisfied": "4..5"}},
    }  # fmt: skip


def as_table(scores: list[dict[str, Any]], *dimensions: str) -> pandas.DataFrame:
    """Tideline's scores in the shape of `independent.csat`; fails where one window has two."""
    rows = []
    for score in scores:
        assert score["metric"] == "csat"
        assert list(score["counts"]) == [str(rating) for rating in independent.RATINGS]
        low, high = score["interval"]
        row = {dimension: score["segment"][dimension] for dimension in dimensions}
        row |= {"start": pandas.Timestamp(score["start"]), "end": pandas.Timestamp(score["end"])}
        row |= {int(rating): count for rating, count in score["counts"].items()}
        rows.append(row | {"answers": score["responses"], "score": score["score"], "low": low, "high": high})
    table = pandas.DataFrame(rows).set_index([*dimensions, "start"]).sort_index()
    assert table.index.is_unique
    return table


def assert_agree(found: pandas.DataFrame, wanted: pandas.DataFrame) -> int:
    """The same windows with the same ends and counts, and numbers within the tolerance; returns how many windows."""
    wanted = wanted.sort_index()
    assert list(found.index) == list(wanted.index), "the same windows of the same segments"
    assert list(found["end"]) == list(wanted["end"])
    whole = [*independent.RATINGS, "answers"]
    assert (found[whole].to_numpy() == wanted[whole].to_numpy()).all()
    for column in ("score", "low", "high"):
        apart = numpy.abs(found[column].to_numpy() - wanted[column].to_numpy())
        assert apart.max() <= TOLERANCE, f"{column} at {wanted.index[int(apart.argmax())]} differs by {apart.max()}"
    return len(wanted)


# MARK: The second computation itself


@pytest.mark.parametrize(
    ("ratings", "score", "low", "high"),
    [([5] * 80 + [1] * 20, 80.0, None, None), ([4] * 62 + [3] * 38, 62.0, 52.2, 70.9), ([1, 2], 0.0, None, None)],
)
def test_known_figures(ratings: list[int], score: float, low: float | None, high: float | None) -> None:
    times = pandas.Series([pandas.Timestamp("2026-11-20T10:00Z")] * len(ratings))
    (row,) = independent.csat(pandas.DataFrame({"time": times, "answer": ratings}), "UTC", "1d").to_dict("records")
    assert row["score"] == score and row["answers"] == len(ratings)
    if low is not None:
        assert (round(row["low"], 1), round(row["high"], 1)) == (low, high)


@pytest.mark.parametrize(
    ("time", "zone", "step", "start", "end"),
    [
        ("2024-10-26T22:30Z", "Europe/Berlin", "1d", "2024-10-26T22:00Z", "2024-10-27T23:00Z"),
        ("2024-10-27T22:30Z", "Europe/Berlin", "1w", "2024-10-20T22:00Z", "2024-10-27T23:00Z"),
        ("2025-03-30T21:59Z", "Europe/Berlin", "1d", "2025-03-29T23:00Z", "2025-03-30T22:00Z"),
        ("2024-12-31T12:00Z", "UTC", "1w", "2024-12-30T00:00Z", "2025-01-06T00:00Z"),
        ("2021-01-03T12:00Z", "UTC", "1w", "2020-12-28T00:00Z", "2021-01-04T00:00Z"),
    ],
)
def test_known_windows(time: str, zone: str, step: str, start: str, end: str) -> None:
    (window,) = independent.windows(pandas.Series([pandas.Timestamp(time)]), zone, step).to_dict("records")
    assert window == {"start": pandas.Timestamp(start), "end": pandas.Timestamp(end)}


# MARK: Days, by replay


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("name", "moved_by", "pairs"),
    [
        ("uber_play_2024", 0, ()),
        # Across 27 October 2024, a day of 25 hours in Berlin.
        ("uber_play_2024", -35, ()),
        # Across 30 March 2025, a day of 23 hours there.
        ("uber_play_2024", 112, ()),
        ("hotstar_play_2024", 0, ()),
        ("shopzilla_csat", 0, (("channel", "category"), ("shift", "tenure"))),
    ],
)
def test_days_agree(tmp_path: Path, name: str, moved_by: int, pairs: tuple[tuple[str, str], ...], zone: str) -> None:
    """Total, every value of every dimension, and pairs: all days there are, and no others."""
    table = independent.moved(answers(name), moved_by)
    dimensions = dimensions_of(table)
    by_dimensions: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for score in replayed(table, settings(zone, dimensions, pairs), tmp_path):
        assert score["step"] == "1d"
        by_dimensions[frozenset(score["segment"])].append(score)
    cuts: list[tuple[str, ...]] = [(), *((dimension,) for dimension in dimensions), *pairs]
    assert set(by_dimensions) == {frozenset(cut) for cut in cuts}
    checked = sum(
        assert_agree(as_table(by_dimensions[frozenset(cut)], *cut), independent.csat(table, zone, "1d", *cut))
        for cut in cuts
    )
    print(f"{checked} days agree")


# MARK: Weeks, by the services


@pytest.mark.parametrize("zone", ZONES)
def test_weeks_agree(tideline: Make, zone: str) -> None:
    """ISO weeks across the end of summer time, as the API gives them, of the total and of every version."""
    table = independent.moved(answers("uber_play_2024"), -35).iloc[::6].reset_index(drop=True)
    cluster = tideline(clock="message", scoring=2, settings=settings(zone, ["version"])).start()
    workload.assert_statuses(cluster.publish(events(table), per_message=100), "accepted")
    cluster.wait_counts(table["answer"].value_counts().to_dict(), timeout=60)
    workload.wait_until_idle(cluster)

    # The last step of the message clock stays open: what lies in it is provisional, and nothing else.
    latest = table["time"].max()
    checked = 0
    for cut in ((), ("version",)):
        wanted = independent.csat(table, zone, "1w", *cut)
        values = sorted({*wanted.index.get_level_values("version")}) if cut else [None]
        found: list[dict[str, Any]] = []
        for value in values:
            for score in cluster.scores(segment=f"version:{value}" if value else None, step="1w"):
                assert score["step"] == "1w"
                if score["provisional"]:
                    assert pandas.Timestamp(score["end"]) > latest
                found.append(score | {"provisional": False})
        checked += assert_agree(as_table(found, *cut), wanted)
    print(f"{checked} weeks agree")
