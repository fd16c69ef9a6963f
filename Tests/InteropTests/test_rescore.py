"""`tideline rescore` with the real processes: contracts that change on the way, compared with counting in Python."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from typing import Any, Callable

import bus
import contracts
from cluster import Tideline, wait_until

Make = Callable[..., Tideline]

SMALL_BLOCKS = {"ingest": {"blockEventsMax": 16}}
DAY = 86_400
# Noon of a day in the past, so that the answers of all days are well before now.
FIRST_NOON = int(time.time()) // DAY * DAY + DAY // 2 - 40 * DAY


def answers(count: int, seed: int, scale: range = range(1, 6)) -> list[dict[str, Any]]:
    """Responses over five days, two dimensions, half of them with an NPS answer as well."""
    generator = random.Random(seed)
    made = []
    for _ in range(count):
        given: dict[str, Any] = {"csat": generator.choice(scale)}
        if generator.random() < 0.5:
            given["nps"] = generator.randrange(11)
        segments = {"region": generator.choice(["eu", "us", "asia"])}
        if generator.random() < 0.7:
            segments["channel"] = generator.choice(["chat", "phone"])
        at = FIRST_NOON + generator.randrange(5) * DAY + generator.randrange(-30_000, 30_000)
        made.append(bus.response(answers=given, segments=segments, at=bus.moment(at)))
    return made


def publish(cluster: Tideline, events: list[dict[str, Any]]) -> None:
    receipts = cluster.publish(events, per_message=20)
    assert Counter(receipt["status"] for receipt in receipts) == {"accepted": len(events)}


def counted(
    events: list[dict[str, Any]], segment: tuple[str, str] | None, metric: str = "csat",
    convert: Callable[[int], int | None] = lambda answer: answer,
) -> dict[str, Counter[str]]:  # fmt: skip
    """Answers by day and value, counted here."""
    days: dict[str, Counter[str]] = {}
    for event in events:
        data = event["data"]
        if metric not in data["answers"] or (segment and data["segments"].get(segment[0]) != segment[1]):
            continue
        answer = convert(data["answers"][metric])
        if answer is not None:
            days.setdefault(event["time"][:10], Counter())[str(answer)] += 1
    return days


SEGMENTS = [None, ("region", "eu"), ("region", "us"), ("region", "asia"), ("channel", "chat"), ("channel", "phone")]


def assert_scores(
    cluster: Tideline, satisfied: set[int], wanted: Callable[[tuple[str, str] | None], dict[str, Counter[str]]],
    **query: str,
) -> None:  # fmt: skip
    """Every day of every segment has exactly these counts, and the share that follows from them."""

    def agree() -> bool:
        for segment in SEGMENTS:
            days = wanted(segment)
            scores = cluster.scores(segment=":".join(segment) if segment else None, **query)
            assert {score["start"][:10] for score in scores} == set(days), segment
            for score in scores:
                counts = days[score["start"][:10]]
                assert +Counter(score["counts"]) == counts, segment
                share = sum(count for answer, count in counts.items() if int(answer) in satisfied) / counts.total()
                assert abs(score["score"] - 100 * share) < 1e-9
                assert score["responses"] == counts.total()
        return True

    # What is applied can be read after the next transaction.
    wait_until(agree, 10, "the scores are those counted here")


def configure(cluster: Tideline, **metrics: Any) -> None:
    cluster.settings["metrics"] = metrics
    cluster.configuration.write_text(json.dumps(cluster.settings, indent=2))


def rescore(cluster: Tideline, *options: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    command = [str(contracts.executable("tideline")), "rescore", "--config", str(cluster.configuration), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=cluster.folder)


def contract(cluster: Tideline, metric: str = "csat") -> str:
    return cluster.scores(metric)[0]["contract"]


def applied(cluster: Tideline, responses: int) -> None:
    """Waits until everything published is in the trend lines, whatever its contract."""

    def are_applied() -> bool:
        return cluster.alerting.metrics().value("tideline_alerting_responses_total") >= responses

    wait_until(are_applied, what=f"{responses} responses are applied")


WIDE = {"scale": "1..5", "satisfied": "4..5"}
NARROW = {"scale": "1..5", "satisfied": 5}


def test_a_changed_contract_gets_its_past(tideline: Make) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS | {"metrics": {"csat": WIDE, "nps": {}}}).start()
    first, second = answers(2000, 1), answers(2000, 2)
    publish(cluster, first)
    applied(cluster, 2000)
    assert_scores(cluster, {4, 5}, lambda segment: counted(first, segment))
    old = contract(cluster)
    nps = cluster.scores("nps")
    cluster.stop()

    configure(cluster, csat=NARROW, nps={})
    cluster.start()
    publish(cluster, second)
    applied(cluster, 2000)
    assert_scores(cluster, {5}, lambda segment: counted(second, segment))
    new = contract(cluster)
    assert new != old

    said = rescore(cluster, "--dry-run")
    assert said.returncode == 0, said.stderr
    assert new in said.stdout and "2,000 responses would be counted" in said.stdout, said.stdout
    assert_scores(cluster, {5}, lambda segment: counted(second, segment))

    refused = rescore(cluster)
    assert refused.returncode == 1
    assert "alerting is running on this data folder; stop it, run rescore, start it again" in refused.stderr

    assert cluster.alerting.stop() == 0
    # Ingest goes on accepting meanwhile.
    third = answers(200, 3)
    publish(cluster, third)
    done = rescore(cluster)
    assert done.returncode == 0, done.stderr
    assert "with 2,000 responses counted again" in done.stdout, done.stdout
    again = rescore(cluster)
    assert again.returncode == 0 and "nothing to do" in again.stdout, again.stdout + again.stderr
    cluster.alerting.restart()
    applied(cluster, 200)

    everything = first + second + third
    assert_scores(cluster, {5}, lambda segment: counted(everything, segment))
    assert_scores(cluster, {4, 5}, lambda segment: counted(first, segment), contract=old)
    assert sum(score["responses"] for score in cluster.scores("nps")) == sum(
        "nps" in event["data"]["answers"] for event in everything
    )
    assert contract(cluster, "nps") == nps[0]["contract"], "a contract that did not change is not counted again"


def test_killed_again_and_again(tideline: Make) -> None:
    settings = {"ingest": {"blockEventsMax": 4}, "metrics": {"csat": WIDE, "nps": {}}}
    cluster = tideline(settings=settings).start()
    events = answers(6000, 4)
    publish(cluster, events)
    applied(cluster, 6000)
    cluster.stop()
    configure(cluster, csat=NARROW, nps={})
    store = f"file:{cluster.data / 'alerting' / 'trends.sqlite'}?mode=ro"

    def reached() -> int:
        """The block that the last stored transaction came to; 0 while the table is not there or being made."""
        try:
            with contextlib.closing(sqlite3.connect(store, uri=True)) as database:
                return database.execute("SELECT coalesce(max(next), 0) FROM rescored").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    command = [str(contracts.executable("tideline")), "rescore", "--config", str(cluster.configuration)]
    stops = []
    while True:
        before = reached()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cluster.folder)
        # Killed as soon as it has stored something more, in the middle of what comes next.
        while process.poll() is None and reached() <= before:
            pass
        process.kill()
        said, complaint = process.communicate()
        if process.returncode != -signal.SIGKILL:
            assert process.returncode == 0, complaint
            break
        stops.append(reached())
        if len(stops) > 1:
            assert b"an earlier run has counted already" in said
    assert len(stops) >= 2 and stops == sorted(stops) and stops[0] < stops[-1], stops
    cluster.start()
    publish(cluster, [bus.response(5, at=bus.moment(FIRST_NOON), segments={"region": "eu"})])
    applied(cluster, 1)
    last = bus.response(answers={"csat": 5}, at=bus.moment(FIRST_NOON), segments={"region": "eu"})
    assert_scores(cluster, {5}, lambda segment: counted([*events, last], segment))


def test_another_scale(tideline: Make) -> None:
    """Answers given on 1..5 count on 1..10 by the declared rule, and not at all without one."""
    cluster = tideline(settings=SMALL_BLOCKS | {"metrics": {"csat": WIDE, "nps": {}}}).start()
    events = answers(1234, 6)
    publish(cluster, events)
    applied(cluster, 1234)
    cluster.stop()

    table = {"1": 1, "2": 3, "3": 5, "4": 8, "5": 10}
    wide_scale = {"scale": "1..10", "satisfied": "8..10"}
    configure(cluster, csat=wide_scale, nps={})
    done = rescore(cluster)
    assert done.returncode == 0, done.stderr
    assert "csat: 1,234 answers were refused under the new contract: otherScale 1,234" in done.stdout, done.stdout

    configure(cluster, csat=wide_scale | {"convert": {"1..5": table}}, nps={})
    done = rescore(cluster)
    assert done.returncode == 0 and "refused" not in done.stdout, done.stdout + done.stderr
    cluster.start()
    live = answers(300, 7, scale=range(1, 11))
    publish(cluster, live)
    applied(cluster, 300)

    def wanted(segment: tuple[str, str] | None) -> dict[str, Counter[str]]:
        days = counted(events, segment, convert=lambda answer: table[str(answer)])
        for day, counts in counted(live, segment).items():
            days.setdefault(day, Counter()).update(counts)
        return days

    assert_scores(cluster, {8, 9, 10}, wanted)


def test_a_folder_without_trend_store_is_said(tideline: Make) -> None:
    cluster = tideline()
    said = rescore(cluster)
    assert said.returncode == 1 and "there is no trend store" in said.stderr
    assert not cluster.data.exists(), "nothing is made"


def test_two_alertings_on_one_folder(tideline: Make) -> None:
    cluster = tideline().start()
    command = [*cluster.alerting.command, "--alerting.tallies", "tcp://127.0.0.1:*", "--alerting.feed"]
    command += ["tcp://127.0.0.1:*", "--alerting.requests", "tcp://127.0.0.1:*", "--alerting.http", "127.0.0.1:0"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=cluster.folder)
    assert second.returncode == 1 and "is in use by another alerting" in second.stderr, second.stderr + second.stdout
    cluster.assert_alive()
