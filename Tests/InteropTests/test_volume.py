"""What the real services say of the number of answers: a burst from one source, a missing feed, another scale."""

from __future__ import annotations

import copy
import json
import random
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import pytest

import bus
import workload
from cluster import Tideline, wait_until

Make = Callable[..., Tideline]

START = datetime(2025, 9, 1, tzinfo=timezone.utc)
DAYS = 33
SETTINGS = {
    "step": "15m",
    # The second question keeps the clock going when nobody answers the first.
    "metrics": {"csat": {"scale": "1..5", "satisfied": "4..5"}, "other": {"kind": "csat", "scale": "1..5"}},
    "rules": [{"name": "csat-dip", "metric": "csat"}],
}


def moment(hours: float) -> str:
    return bus.moment((START + timedelta(hours=hours)).timestamp())


def answer(hours: float, csat: int, source: str = "/web", **answers: int) -> dict[str, Any]:
    return bus.response(
        at=moment(hours), source=source, answers=answers or {"csat": csat},
        segments={"region": random.Random(hours).choice(["eu", "us"]), "channel": "chat"},
    )  # fmt: skip


def tick(hours: float) -> dict[str, Any]:
    return answer(hours, 0, other=5)


def history(scale: tuple[int, int] = (2, 5)) -> list[dict[str, Any]]:
    """Two answers an hour, one in eight of them a bad one."""
    chance = random.Random(9)
    return [
        answer(hour + part / 2, scale[0] if chance.random() < 0.125 else scale[1])
        for hour in range(DAYS * 24) for part in range(2)
    ]  # fmt: skip


def volumes(cluster: Tideline) -> list[dict[str, Any]]:
    alerts = cluster.alerting.get_json("/api/v1/alerts")["alerts"]
    return sorted((alert for alert in alerts if alert["kind"] == "volume"), key=lambda alert: alert["onset"])


def send(cluster: Tideline, events: list[dict[str, Any]]) -> None:
    workload.assert_statuses(cluster.publish(events, per_message=200), "accepted")


@pytest.fixture
def learned(tideline: Make) -> Tideline:
    cluster = tideline(clock="message", settings=copy.deepcopy(SETTINGS)).start()
    send(cluster, history())
    return cluster


def test_a_burst_from_one_source_is_information_and_no_dip(learned: Tideline) -> None:
    now = DAYS * 24
    send(learned, [answer(now + part / 400, 1, "/mail-scanner") for part in range(300)])
    send(learned, [answer(now + 0.5 + hour / 2, 5) for hour in range(12)])
    alert = wait_until(lambda: [a for a in volumes(learned) if a["state"] == "resolved"], what="the burst is over")[0]
    assert (alert["severity"], alert["segment"], alert["resolution"]) == ("info", {}, "recovered")
    assert alert["onset"].startswith("2025-10-04T00:00:00")
    remark = alert["remarks"][0]
    assert remark.startswith("300 answers from /mail-scanner in a burst since 2025-10-04 00:00"), remark
    assert "100 % of them dissatisfied (usually 1" in remark, remark
    assert alert["current"]["responses"] == 300 and alert["current"]["score"] == 0
    assert 85 < alert["baseline"]["score"] < 90
    said = [a for a in learned.alerting.get_json("/api/v1/alerts")["alerts"] if a["state"] != "pending"]
    assert [a["kind"] for a in said] == ["volume"], "answers of a burst are no evidence of a dip"


def test_a_missing_feed_says_no_answers_since_and_never_a_score(learned: Tideline) -> None:
    now = DAYS * 24
    send(learned, [tick(now + hour / 2) for hour in range(60)])
    alert = wait_until(lambda: volumes(learned), what="the silence is told")[0]
    assert alert["state"] == "firing"
    assert alert["remarks"][0].startswith("no answers since 2025-10-03 23:45 (usually about "), alert["remarks"]
    assert alert["current"] == {"score": None, "interval": None, "responses": 0}
    assert 85 < alert["baseline"]["score"] < 90
    learned.alerting.kill9()
    learned.alerting.restart()
    send(learned, [answer(now + 31, 5), tick(now + 32), tick(now + 33)])
    over = wait_until(lambda: [a for a in volumes(learned) if a["state"] == "resolved"], what="answers are back")[0]
    assert over["id"] == alert["id"] and "until 2025-10-05 07:" in over["remarks"][0], over["remarks"]
    assert len(volumes(learned)) == 1


def test_another_scale_is_told_and_its_fall_is_no_dip(learned: Tideline) -> None:
    learned.stop()
    learned.settings["metrics"]["csat"] = {"scale": "0..10", "satisfied": "8..10"}
    learned.configuration.write_text(json.dumps(learned.settings, indent=2))
    learned.start()
    now = DAYS * 24
    send(learned, [answer(now + hour / 2, 5) for hour in range(96)])
    alert = wait_until(lambda: volumes(learned), what="the change is told")[0]
    assert alert["state"] == "firing" and alert["severity"] == "info" and alert["segment"] == {}
    assert alert["remarks"] == [
        "csat is measured differently since 2025-10-03 23:30: scale 1..5 → 0..10; falls across the change are not dips"
    ]
    said = [a for a in learned.alerting.get_json("/api/v1/alerts")["alerts"] if a["state"] != "pending"]
    assert len(said) == 1


def invitation(hours: float) -> dict[str, Any]:
    event = answer(hours, 5)
    del event["data"]["answers"]
    return event | {"type": "tideline.invitation.v1"}


@pytest.mark.parametrize(("asked", "answered", "words"), [(1, 0.4, "fewer answer: response rate 50 % →"),
                                                          (0.4, 0.4, "fewer are asked: invitations 96 → ")])  # fmt: skip
def test_fewer_asked_is_told_apart_from_fewer_answers(
    tideline: Make, asked: float, answered: float, words: str
) -> None:
    metrics = copy.deepcopy(SETTINGS["metrics"]) | {"asked": {"kind": "response.rate", "basis": "answered"}}
    cluster = tideline(clock="message", settings=SETTINGS | {"metrics": metrics}).start()
    chance = random.Random(5)
    events = []
    for quarter in range((DAYS + 8) * 96):
        hours = quarter / 4
        is_less = hours >= DAYS * 24
        if not is_less or chance.random() < asked:
            events.append(invitation(hours))
        if quarter % 2 == 0 and (not is_less or chance.random() < answered):
            events.append(answer(hours, 5))
    send(cluster, events)
    alert = wait_until(lambda: volumes(cluster), what="the break is told")[0]
    assert alert["segment"] == {} and alert["remarks"][0].endswith("(usually 48 a day)"), alert["remarks"]
    assert alert["onset"].startswith("2025-10-04") or alert["onset"].startswith("2025-10-05")
    assert alert["remarks"][1].startswith(words), alert["remarks"]
    assert alert["baseline"]["score"] == 100
    assert alert["current"]["score"] == 100
