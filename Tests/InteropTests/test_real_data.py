"""Answers of real customers, through ZeroMQ into the running services.

The files belong to others and are no part of the project: TIDELINE_SHARED_DATA names their folder, without it
`../shared/data` beside the repository is taken. Where it is absent, these tests say so and skip.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

import contracts
import workload
from cluster import Tideline, wait_until
from test_receipts import readme_snippets

Make = Callable[..., Tideline]

FOLDER = Path(os.environ.get("TIDELINE_SHARED_DATA") or contracts.REPOSITORY.parent / "shared" / "data")


def rows(name: str) -> list[dict[str, str]]:
    path = FOLDER / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent; TIDELINE_SHARED_DATA names the folder of the real data")
    return list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))


def event(id: str, source: str, time: str, csat: str, segments: dict[str, str] | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {"answers": {"csat": int(csat)}}
    if segments:
        data["segments"] = segments
    return {
        "specversion": "1.0", "id": id, "source": source, "type": "tideline.response.v1", "time": time, "data": data,
    }  # fmt: skip


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


# MARK: A dip that was real


class AlertListener:
    """The README's consumer of alerts as a program of its own."""

    def __init__(self, cluster: Tideline):
        snippet = next(text for text in readme_snippets() if "7412" in text)
        assert len(snippet.strip().splitlines()) == 5
        program = snippet.replace("tcp://127.0.0.1:7412", cluster.endpoints["feed"]).replace("print(", "show(")
        # Its output as JSON, at once.
        program = "import json, sys\ndef show(data): print(json.dumps(data), flush=True)\n" + program
        self.log = cluster.folder / "listener.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-c", program], stdout=log, stderr=subprocess.STDOUT)

    def __enter__(self) -> AlertListener:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)

    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def test_dip_of_december_2024(tideline: Make) -> None:
    """On 5 December 2024 satisfaction falls from 75.6 % to 70.4 % and stays there."""
    step = datetime(2024, 12, 5, tzinfo=timezone.utc)
    answers = rows("uber_play_2024")
    events = [event(row["review_id"], "/store/play", row["answered_at"] + "Z", row["score"]) for row in answers]
    assert len(events) == 12_000
    assert [one["time"] for one in events] == sorted(one["time"] for one in events), "the file is in order"
    settings = {"rules": [{"name": "csat-dip", "metric": "csat", "smallestDip": 3}]}
    cluster = tideline(clock="message", scoring=2, settings=settings).start()
    with AlertListener(cluster) as listener:
        workload.assert_statuses(cluster.publish(events, per_message=100), "accepted")
        cluster.wait_counts(Counter(row["score"] for row in answers), timeout=120)
        alerts = [alert for alert in cluster.alerts() if alert["state"] != "pending"]
        assert alerts, "the dip is found"
        for alert in alerts:
            assert moment(alert["detected"]) >= step, f"nothing fires before it: {alert}"
        (first, *_) = sorted(alerts, key=lambda alert: alert["detected"])
        assert (first["metric"], first["segment"], first["kind"]) == ("csat", {}, "dip")
        assert first["rule"] == "csat-dip"
        found = moment(first["detected"]) - step
        assert found <= timedelta(days=5), f"found after {found}"
        onset = moment(first["onset"] if isinstance(first["onset"], str) else first["onset"]["start"])
        assert abs(onset - step) <= timedelta(days=3), f"onset {onset}"
        assert first["drop"] > 0 and first["baseline"]["score"] > first["current"]["score"]
        assert 73 <= first["baseline"]["score"] <= 79, "about what it was, 75.6 %"
        print(f"detected {found} after midnight of the 5th, onset {onset}, drop {first['drop']}")

        def is_heard() -> bool:
            ids = {(alert["id"], alert["status"]) for alert in listener.heard()}
            return (first["id"], "firing") in ids

        wait_until(is_heard, 15, "who subscribed to alerts was told")
    reply, messages = cluster.feed_request("tideline.alert.v1.csat")
    assert reply["data"]["messages"] == len(messages)
    assert first["id"] in {message["data"]["id"] for message in messages}


def told(cluster: Tideline) -> dict[str, bytes]:
    """What the API says of scores and alerts, as bytes."""
    paths = ["/api/v1/alerts", "/api/v1/scores?metric=csat&step=15m", "/api/v1/scores?metric=csat&step=1d"]
    return {path: cluster.alerting.get(path)[1] for path in paths}


def test_alerts_are_the_same_whatever_was_killed(tideline: Make) -> None:
    """The same message files under many kill -9 of alerting and workers, and once more into an empty store."""
    answers = rows("uber_play_2024")
    counts = Counter(row["score"] for row in answers)
    calm = tideline(clock="message", scoring=1).start()
    events = [event(row["review_id"], "/store/play", row["answered_at"] + "Z", row["score"]) for row in answers]
    workload.assert_statuses(calm.publish(events, per_message=100), "accepted")
    calm.wait_counts(counts, timeout=120)
    workload.wait_until_idle(calm)
    wanted = told(calm)
    assert b'"firing"' in wanted["/api/v1/alerts"]
    assert calm.ingest.stop() == 0

    rough = tideline(clock="message", scoring=3, settings={"scoring.credit": 2})
    shutil.copytree(calm.data / "ingest", rough.data / "ingest")
    rough.start()
    kills = 0

    def counted() -> int:
        return sum(rough.counts().values())

    for goal in range(1500, len(answers), 3000):
        wait_until(lambda: counted() >= goal, 60, f"{goal} are counted")
        for service in (rough.alerting, rough.scoring[kills % 3]):
            service.kill9()
            service.start()
        kills += 1
        rough.alerting.wait_ready()
    rough.wait_counts(counts, timeout=120)
    workload.wait_until_idle(rough)
    assert told(rough) == wanted

    assert rough.alerting.stop() == 0
    shutil.rmtree(rough.data / "alerting")
    rough.alerting.restart()
    rough.wait_counts(counts, timeout=120)
    workload.wait_until_idle(rough)
    assert told(rough) == wanted


# MARK: Counts of a support desk


def cells(answers: list[dict[str, str]], *columns: str) -> dict[tuple[str, ...], Counter[str]]:
    """Answers by these columns and day."""
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in answers:
        counts[*(row[column] for column in columns), row["answered_on"]][row["score"]] += 1
    return counts


def asked(cluster: Tideline, segment: str | None) -> Iterator[tuple[str, Counter[str]]]:
    """Day and counts of every score of a segment, each score checked against its own counts."""
    for score in cluster.scores(segment=segment, step="1d"):
        start, end = moment(score["start"]), moment(score["end"])
        assert start.time() == end.time() == datetime.min.time() and end - start == timedelta(days=1)
        counts = +Counter(score["counts"])
        assert score["responses"] == counts.total()
        satisfied = 100 * (counts["4"] + counts["5"]) / counts.total()
        assert score["score"] == pytest.approx(satisfied, abs=0.005)
        assert score["interval"][0] <= score["score"] <= score["interval"][1]
        yield start.date().isoformat(), counts


@pytest.mark.parametrize("scoring", [1, 3])
def test_support_desk_counts(tideline: Make, scoring: int) -> None:
    """Per channel, category and day exactly what a few lines of Python over the CSV count."""
    answers = rows("shopzilla_csat")
    assert len(answers) == 17_182
    events = [
        # Stamps are days: noon, so that no zone within half a day moves them.
        event(row["id"], "/support", row["answered_on"] + "T12:00:00Z", row["score"],
              {"channel": row["channel"], "category": row["category"]})
        for row in answers
    ]  # fmt: skip
    settings = {
        "dimensions": ["channel", "category"], "pairs": [["channel", "category"]], "model": ["channel"],
        "timezone": "UTC", "ingest.blockEventsMax": 200,
    }  # fmt: skip
    cluster = tideline(clock="message", scoring=scoring, settings=settings).start()
    workload.assert_statuses(cluster.publish(events, per_message=100), "accepted")
    cluster.wait_counts(Counter(row["score"] for row in answers), timeout=60)
    workload.wait_until_idle(cluster)

    assert {(day,): counts for day, counts in asked(cluster, None)} == cells(answers)
    checked = 0
    for columns in (("channel",), ("category",), ("channel", "category")):
        wanted = cells(answers, *columns)
        for values in sorted({key[:-1] for key in wanted}):
            segment = ",".join(f"{column}:{value}" for column, value in zip(columns, values, strict=True))
            found = {(*values, day): counts for day, counts in asked(cluster, segment)}
            assert found == {key: counts for key, counts in wanted.items() if key[:-1] == values}, segment
            checked += len(found)
        assert {key[:-1] for key in wanted} == series_of(cluster, *columns), "and no series besides"
    print(f"{checked} cells agree")


def series_of(cluster: Tideline, *dimensions: str) -> set[tuple[str, ...]]:
    """Values of all series over exactly these dimensions."""
    return {
        tuple(series["segment"][dimension] for dimension in dimensions)
        for series in cluster.series()["series"]
        if set(series["segment"]) == set(dimensions)
    }
