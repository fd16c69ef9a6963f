"""The life of an alert with people in it: acknowledged, silenced and labelled by bus, HTTP and command line, over kill -9."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Iterator

import pytest

import bus
import contracts
import workload
from cluster import Tideline, wait_until

START = datetime(2025, 9, 1, tzinfo=timezone.utc)
DAYS, DIP_FROM = 48, 40
UNKNOWN = "0" * 32


def story() -> Iterator[dict[str, Any]]:
    """Seven weeks of answers, of which those in chat fall from 85 % to 40 % in the last one."""
    generator = random.Random(7)
    for day in range(DAYS):
        for number in range(80):
            channel = ("chat", "email")[number % 2]
            at = START + timedelta(days=day, minutes=17 * number)
            satisfied = generator.random() < (0.40 if channel == "chat" and day >= DIP_FROM else 0.85)
            yield bus.response(
                5 if satisfied else 2, id=f"{day}-{number}", at=at.isoformat(), segments={"channel": channel, "region": "eu"}
            )


def send(cluster: Tideline, kind: str, **data: Any) -> dict[str, Any]:
    """An order on the requests port; the data of its markreply, which must fit its schema."""
    event = {
        "specversion": "1.0", "id": f"order-{time.monotonic_ns()}", "source": "/oncall", "type": f"tideline.{kind}.v1",
        "data": data,
    }  # fmt: skip
    with bus.Client(cluster.endpoints["requests"]) as client:
        *_, frame = client.ask(b"", bus.encoded(event))
    (reply,) = bus.receipts_in(frame)
    assert reply["type"] == "tideline.markreply.v1"
    contracts.validator("markreply").validate(reply)
    return reply["data"]


def post(cluster: Tideline, path: str, body: Any, content_type: str = "application/json", **headers: str) -> tuple[int, Any]:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(
        cluster.alerting.http + path, data=payload, method="POST", headers={"Content-Type": content_type, **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def command(cluster: Tideline, *words: str, status: int = 0) -> str:
    """A command of the shipped binary; what it prints, on standard error where it must fail."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDELINE_")}
    run = subprocess.run(
        [str(contracts.executable("tideline")), *words, "--config", str(cluster.configuration)],
        capture_output=True, text=True, timeout=60, env=environment | {"USER": "ops", "COLUMNS": "200"},
    )  # fmt: skip
    assert run.returncode == status, f"tideline {' '.join(words)} ended with {run.returncode}: {run.stderr}{run.stdout}"
    return run.stderr if status else run.stdout


def in_an_hour(hours: float = 1) -> str:
    return bus.moment(time.time() + 3600 * hours)


def restart(cluster: Tideline) -> None:
    cluster.alerting.kill9()
    cluster.alerting.restart()


@pytest.fixture(scope="module")
def told(module_tideline: Callable[..., Tideline]) -> tuple[Tideline, list[dict[str, Any]]]:
    """A cluster with a dip that begins under a silence of its rule and segment; and what its feed said of it."""
    cluster = module_tideline(clock="message").start()
    silenced = send(
        cluster, "silence", match={"rule": "csat-dip", "segment": {"channel": "chat"}}, until=in_an_hour(), by="ana"
    )
    assert silenced["status"] == "done" and silenced["marks"] == []
    heard = []
    with cluster.feed("tideline.alert.v1.", "tideline.alertmark.v1.") as feed:
        workload.assert_statuses(cluster.publish(story(), per_message=100), "accepted")
        workload.wait_until_idle(cluster)
        wait_until(lambda: cluster.alerts(state="open"), 60, "the dip is told")
        while message := feed.receive(timeout=1):
            heard.append(message[1])
    return cluster, heard


def of_chat(alerts: list[dict[str, Any]]) -> dict[str, Any]:
    (alert,) = [alert for alert in alerts if alert["segment"].get("channel") == "chat" and alert["kind"] == "dip"][:1]
    return alert


@pytest.fixture
def dip(told: tuple[Tideline, list[dict[str, Any]]]) -> tuple[Tideline, str]:
    """The cluster and the id of an alert that fires, with no marks that hold."""
    cluster, _ = told
    for silence in cluster.alerting.get_json("/api/v1/silences")["silences"]:
        if silence["holds"]:
            send(cluster, "silence", silence=silence["id"], undo=True)
    (alert, *_) = cluster.alerts(state="open")
    for kind in ("acknowledgement", "silence", "label"):
        send(cluster, kind, alert=alert["id"], undo=True)
    assert cluster.alerts(state="firing", id=alert["id"])
    return cluster, alert["id"]


def shown(cluster: Tideline, alert: str) -> dict[str, Any]:
    return cluster.alerting.get_json(f"/api/v1/alerts/{alert}")["alert"]


def test_an_alert_that_begins_under_a_silence_is_silent_from_its_first_revision(
    told: tuple[Tideline, list[dict[str, Any]]],
) -> None:
    cluster, heard = told
    covered = [event for event in heard if event["type"] == "tideline.alertmark.v1"]
    alerts = [event for event in heard if event["type"] == "tideline.alert.v1"]
    assert alerts
    for event in covered:
        contracts.validator("alertmark").validate(event)
    for event in alerts:
        contracts.validator("alert").validate(event)
    chat = {event["data"]["id"] for event in alerts if event["data"]["segment"].get("channel") == "chat"}
    assert {event["data"]["alert"] for event in covered} == chat
    for alert in chat:
        first = next(event for event in heard if alert in (event["data"].get("alert"), event["data"].get("id")))
        assert first["type"] == "tideline.alertmark.v1", "the mark comes before the alert"


def test_marks_outlive_kill_9_whichever_way_they_came(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    before = shown(cluster, alert)
    assert send(cluster, "acknowledgement", alert=alert, by="ana", note="on it")["marks"][0]["change"] == "acknowledged"
    restart(cluster)
    mark = shown(cluster, alert)["mark"]
    assert (mark["state"], mark["by"], mark["note"]) == ("acknowledged", "ana", "on it")
    until = in_an_hour(4)
    status, answer = post(cluster, f"/api/v1/alerts/{alert}/silence", {"until": until, "by": "ben"})
    assert status == 200 and answer["marks"][0]["until"] == until
    restart(cluster)
    assert shown(cluster, alert)["state"] == "silenced" and shown(cluster, alert)["mark"]["by"] == "ben"
    command(cluster, "alerts", "label", alert[:8], "false", "--note", "a test")
    restart(cluster)
    after = shown(cluster, alert)
    assert after["label"] == {"true": False, "at": after["label"]["at"], "by": "ops", "note": "a test"}
    # Beside the alert: nothing of it has moved.
    for name in ("revision", "status", "drop", "evidence", "changed", "onset"):
        assert after[name] == before[name]
    assert [a["id"] for a in cluster.alerts(state="silenced")] == [alert]
    assert alert not in {a["id"] for a in cluster.alerts(state="firing,acknowledged")}
    assert alert in {a["id"] for a in cluster.alerts()}


def test_a_silence_ends_by_itself(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    assert send(cluster, "acknowledgement", alert=alert)["status"] == "done"
    assert send(cluster, "silence", alert=alert, until=bus.moment(time.time() + 2))["status"] == "done"
    assert shown(cluster, alert)["state"] in ("silenced", "acknowledged")
    wait_until(lambda: shown(cluster, alert)["state"] == "acknowledged", 20, "the silence has ended")


def test_marks_are_told_on_the_feed_and_can_be_asked_for_again(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    with cluster.feed("tideline.alertmark.v1.") as feed:
        # A subscription takes a moment to arrive: marks are set until one is heard.
        for _ in range(100):
            assert send(cluster, "label", alert=alert, label=True, by="ana")["status"] == "done"
            if said := feed.receive(timeout=0.2):
                break
        while more := feed.receive(timeout=0.5):
            said = more
        assert said is not None
        _, event = said
    contracts.validator("alertmark").validate(event)
    assert event["data"]["change"] == "labelledTrue" and event["data"]["alert"] == alert
    assert event["previous"] == event["sequence"] - 1
    restart(cluster)
    assert send(cluster, "label", alert=alert, undo=True)["status"] == "done"
    _, kept = cluster.feed_request("tideline.alertmark.v1.", after=event["sequence"] - 1)
    again = [message for message in kept if message["data"]["alert"] == alert]
    assert event in again
    assert [m["sequence"] for m in again] == list(range(event["sequence"], event["sequence"] + len(again)))
    assert again[-1]["data"]["change"] == "unlabelled" and again[-1]["epoch"] == event["epoch"]


def test_the_command_line(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    short = alert[:10]
    assert f"alert {alert} acknowledged" in command(cluster, "ack", short, "--by", "ana", "--note", "looking")
    assert "acknowledged" in command(cluster, "alerts", "--state", "open") and alert[:8] in command(cluster, "alerts")
    page = command(cluster, "alerts", "show", short)
    assert "acknowledged by ana: looking" in page and "revisions" in page and alert in page and "95 % confidence" in page
    assert "unacknowledged" in command(cluster, "ack", short, "--undo")
    assert "silenced until" in command(cluster, "silence", short, "--for", "4h")
    assert "unsilenced" in command(cluster, "silence", short, "--undo")
    assert "unsilenced" not in command(cluster, "silence", "--metric", "csat", "--for", "30m", "--note", "planned")
    (silence,) = [s for s in cluster.alerting.get_json("/api/v1/silences")["silences"] if s["holds"]]
    assert silence["match"] == {"metric": "csat"} and shown(cluster, alert)["state"] == "silenced"
    assert silence["id"][:8] in command(cluster, "silence", "--list")
    assert "has ended" in command(cluster, "silence", silence["id"][:8], "--undo")
    assert shown(cluster, alert)["state"] == "firing"
    assert "labelledTrue" in command(cluster, "alerts", "label", short, "true")
    command(cluster, "alerts", "label", short, "--undo")


def test_the_command_line_says_what_is_wrong(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    assert "there is no alert ffffffffff" in command(cluster, "ack", "f" * 10, status=2)
    assert "is not acknowledged" in command(cluster, "ack", alert, "--undo", status=1)
    assert "must be a whole number with a unit" in command(cluster, "silence", alert, "--for", "soon", status=2)
    assert "--for 4h" in command(cluster, "silence", alert, status=2)
    assert "later time" in command(cluster, "silence", alert, "--until", "2020-01-01T00:00:00Z", status=2)
    assert "true or false" in command(cluster, "alerts", "label", alert, status=2)
    assert "the rules are: csat-dip" in command(cluster, "rules", "--rule", "other", status=2)
    for _ in range(2):
        command(cluster, "silence", "--rule", "csat-dip", "--for", "1h")
    candidates = [s["id"] for s in cluster.alerting.get_json("/api/v1/silences")["silences"] if s["holds"]]
    said = command(cluster, "silence", "", "--undo", status=2)
    assert "is the beginning of 2 ids" in said and all(candidate in said for candidate in candidates)
    for candidate in candidates:
        command(cluster, "silence", candidate, "--undo")


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("acknowledgement", {"alert": UNKNOWN}, "unknownAlert"),
        ("label", {"alert": UNKNOWN, "label": True}, "unknownAlert"),
        ("silence", {"alert": UNKNOWN, "until": "2999-01-01T00:00:00Z"}, "badUntil"),
        ("silence", {"alert": UNKNOWN, "until": "2020-01-01T00:00:00Z"}, "badUntil"),
        ("silence", {"silence": UNKNOWN, "undo": True}, "unknownSilence"),
        ("silence", {"match": {}, "until": "2999-01-01T00:00:00Z"}, "wrong"),
        ("silence", {"alert": UNKNOWN}, "wrong"),
        ("acknowledgement", {}, "wrong"),
        ("acknowledgement", {"alert": "a' OR 1=1 --"}, "wrong"),
        ("label", {"alert": UNKNOWN, "label": "no"}, "wrong"),
    ],
)
def test_the_bus_says_why_not(dip: tuple[Tideline, str], kind: str, data: dict[str, Any], reason: str) -> None:
    cluster, _ = dip
    reply = send(cluster, kind, **data)
    assert (reply["status"], reply["reason"]) == ("refused", reason)
    assert len(reply["sentence"]) > 15


def test_http_says_why_not(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    acknowledge = f"/api/v1/alerts/{alert}/acknowledge"
    assert post(cluster, f"/api/v1/alerts/{UNKNOWN}/acknowledge", {})[0] == 404
    assert post(cluster, "/api/v1/alerts/short/acknowledge", {})[0] == 400
    status, answer = post(cluster, acknowledge, b"by=ana", content_type="application/x-www-form-urlencoded")
    assert status == 415 and "application/json" in answer["error"]
    assert post(cluster, acknowledge, {}, content_type="text/plain")[0] == 415
    assert post(cluster, acknowledge, {}, Origin="http://evil.example")[0] == 403
    assert post(cluster, acknowledge, b"{")[0] == 400
    assert post(cluster, acknowledge, {"note": "x" * 5000})[0] == 400
    assert post(cluster, f"/api/v1/alerts/{alert}/silence", {})[0] == 400
    assert post(cluster, f"/api/v1/alerts/{alert}/label", {"label": 1})[0] == 400
    assert post(cluster, f"/api/v1/alerts/{alert}/label", {"undo": True})[0] == 409
    assert post(cluster, f"/api/v1/silences/{UNKNOWN}/end", {})[0] == 404
    assert cluster.alerting.get(f"/api/v1/alerts/{UNKNOWN}")[0] == 404
    assert cluster.alerting.get("/api/v1/alerts?state=muted")[0] == 400
    assert cluster.alerting.get(acknowledge)[0] == 405
    assert shown(cluster, alert)["state"] == "firing", "nothing of this left a mark"


def test_suspicions_are_listed_only_where_they_are_asked_for(dip: tuple[Tideline, str]) -> None:
    cluster, _ = dip
    assert all(alert["state"] != "pending" for alert in cluster.alerts())
    for alert in cluster.alerts(state="pending"):
        assert (alert["state"], alert["status"], alert["severity"]) == ("pending", "pending", "info")


def test_every_revision_is_kept(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    answer = cluster.alerting.get_json(f"/api/v1/alerts/{alert}")
    revisions = answer["revisions"]
    assert [revision["revision"] for revision in revisions] == list(range(1, answer["alert"]["revision"] + 1))
    _, kept = cluster.feed_request("tideline.alert.v1.")
    published = {message["data"]["revision"]: message["data"] for message in kept if message["data"]["id"] == alert}
    assert {revision["revision"]: revision for revision in revisions} == published


def test_rules_set_the_labels_beside_the_budget(dip: tuple[Tideline, str]) -> None:
    cluster, alert = dip
    raised = len([a for a in cluster.alerts() if a["kind"] == "dip"])
    send(cluster, "label", alert=alert, label=False)
    (rule,) = cluster.alerting.get_json("/api/v1/rules")["rules"]
    assert (rule["name"], rule["metric"], rule["budget"]) == ("csat-dip", "csat", "1 per segment per 2000 days")
    assert rule["alerts"] == {
        "raised": raised, "labelledTrue": 0, "labelledFalse": 1, "unlabelled": raised - 1
    }  # fmt: skip
    assert rule["falseAlarms"]["promised"] == 0.5 and "series" not in rule
    (whole,) = cluster.alerting.get_json("/api/v1/rules?rule=csat-dip")["rules"]
    assert sum(whole["segments"].values()) == len(whole["series"]) + whole["seriesLeftOut"]
    assert whole["segmentDays"] == sum(series["daysWatched"] for series in whole["series"])
    if whole["segmentDays"]:
        low, high = whole["falseAlarms"]["interval"]
        assert low < whole["falseAlarms"]["measured"] < high
    assert "csat-dip: " in command(cluster, "rules")
    status, _ = cluster.alerting.get("/api/v1/rules?rule=other")
    assert status == 400
