"""Over-surveyed respondents: flagged in receipt and message file, never refused, and known across a kill -9."""

from __future__ import annotations

import time
from typing import Any, Callable

import pytest

import bus
import contracts
import messagefiles
import workload
from cluster import Tideline, wait_until

Make = Callable[..., Tideline]

FLAGGED = ["overSurveyed"]


@pytest.fixture
def door(tideline: Make) -> Make:
    """Ingest alone: what it says at once needs no other service."""

    def make(**options: Any) -> Tideline:
        cluster = tideline(**options)
        cluster.ingest.restart()
        return cluster

    return make


def invitation(respondent: str, **members: Any) -> dict[str, Any]:
    event = bus.response(respondent=respondent)
    del event["data"]["answers"]
    return event | {"type": "tideline.invitation.v1"} | members


def flags(cluster: Tideline, events: list[dict[str, Any]], per_message: int = 1) -> list[list[str]]:
    """The flags of each event's receipt; all of them must be accepted."""
    receipts = cluster.publish(events, per_message=per_message)
    workload.assert_statuses(receipts, "accepted")
    return [receipt.get("flags", []) for receipt in receipts]


def journaled(cluster: Tideline) -> list[dict[str, Any]]:
    return [event for block in messagefiles.blocks(cluster.data / "ingest" / "journal") for event in block.events]


def metric(cluster: Tideline, name: str) -> float:
    return cluster.ingest.metrics().value(f"tideline_ingest_{name}")


def days_ago(days: float) -> str:
    return bus.moment(time.time() - days * 86_400)


def test_the_contact_after_the_last_allowed_one_is_flagged(door: Make) -> None:
    cluster = door(settings={"fatigue.contactsMax": 3})
    events = [invitation("anna"), bus.response(respondent="anna"), bus.response(respondent="ben"),
              invitation("anna"), bus.response(respondent="anna"), bus.response(), bus.response(respondent="anna")]  # fmt: skip
    assert flags(cluster, events) == [[], [], [], [], FLAGGED, [], FLAGGED]
    kept = journaled(cluster)
    assert [event["id"] for event in kept] == [event["id"] for event in events], "nothing is dropped"
    assert [event.get("contacts") for event in kept] == [None, None, None, None, 4, None, 5]
    wait_until(lambda: metric(cluster, "oversurveyed_total") == 2, what="the metric counts the flagged ones")
    assert metric(cluster, "respondents") == 2 and metric(cluster, "respondents_forgotten_total") == 0


def test_several_events_of_one_message_are_counted_one_by_one(door: Make) -> None:
    cluster = door(settings={"fatigue.contactsMax": 2})
    events = [bus.response(respondent="anna") for _ in range(5)]
    assert flags(cluster, events, per_message=5) == [[], [], FLAGGED, FLAGGED, FLAGGED]


def test_a_flagged_receipt_is_valid_and_says_no_more_than_that(door: Make) -> None:
    cluster = door(settings={"fatigue.contactsMax": 1})
    event = bus.response(respondent="anna")
    with bus.Client(cluster.endpoints["receipts"]) as client:
        plain, flagged = bus.receipts_in(client.ask(bus.lines([bus.response(respondent="anna"), event]))[-1])
    for receipt in (plain, flagged):
        contracts.validator("receipt").validate(receipt)
    assert "flags" not in plain["data"]
    assert flagged["data"] == {"id": event["id"], "status": "accepted", "flags": FLAGGED}
    assert "anna" not in cluster.ingest.log.read_text(), "respondents never reach the log"


def test_a_killed_ingest_counts_on(door: Make) -> None:
    cluster = door(settings={"fatigue.contactsMax": 3})
    first = [invitation("anna"), bus.response(respondent="anna"), bus.response(respondent="ben")]
    assert flags(cluster, first) == [[], [], []]
    for wanted in ([], FLAGGED):
        cluster.ingest.kill9()
        cluster.ingest.restart()
        workload.assert_statuses(cluster.publish(first), "duplicate")
        found = flags(cluster, [bus.response(respondent="anna"), bus.response(respondent="ben")])
        assert found == [wanted, []]
    assert cluster.ingest.stop() == 0
    cluster.ingest.restart()
    assert flags(cluster, [bus.response(respondent="anna"), bus.response(respondent="ben")]) == [FLAGGED, FLAGGED]
    assert [event.get("contacts") for event in journaled(cluster)] == [None] * 5 + [4, None, 5, 4]


def test_only_contacts_of_the_window_count(door: Make) -> None:
    cluster = door(settings={"fatigue.contactsMax": 2, "fatigue.window": "30d"})
    old = [invitation("anna", time=days_ago(31 + day)) for day in range(5)]
    recent = [invitation("anna", time=days_ago(28)), bus.response(respondent="anna", at=days_ago(10))]
    assert flags(cluster, old + recent) == [[]] * 7
    assert flags(cluster, [bus.response(respondent="anna")]) == [FLAGGED]
    cluster.ingest.kill9()
    cluster.ingest.restart()
    assert flags(cluster, [bus.response(respondent="anna")]) == [FLAGGED]
    assert journaled(cluster)[-1]["contacts"] == 4


def test_a_senders_own_word_on_contacts_is_replaced(door: Make) -> None:
    cluster = door(settings={"fatigue.contactsMax": 1})
    events = [bus.response(respondent="anna") | {"contacts": 40}, bus.response(respondent="anna") | {"contacts": "many"}]
    assert flags(cluster, events) == [[], FLAGGED]
    assert [event.get("contacts") for event in journaled(cluster)] == [None, 2]


def test_respondents_beyond_the_limit_are_forgotten_and_counted(door: Make) -> None:
    cluster = door(settings={"fatigue.contactsMax": 1, "fatigue.respondentsMax": 50})
    assert flags(cluster, [bus.response(respondent=f"r{number}") for number in range(120)], 40) == [[]] * 120
    wait_until(lambda: metric(cluster, "respondents_forgotten_total") == 70, what="the forgotten are counted")
    assert metric(cluster, "respondents") == 50
    assert flags(cluster, [bus.response(respondent="r119"), bus.response(respondent="r0")]) == [FLAGGED, []]


def test_off_by_default(tideline: Make) -> None:
    """And what a flag would be is counted as any other answer."""
    cluster = tideline().start()
    events = [bus.response(5, respondent="anna") for _ in range(50)]
    assert flags(cluster, events) == [[]] * 50
    assert all("contacts" not in event for event in journaled(cluster))
    cluster.wait_counts({5: 50})
    assert metric(cluster, "oversurveyed_total") == 0 and metric(cluster, "respondents") == 0


def test_flagged_answers_count_as_any_other(tideline: Make) -> None:
    cluster = tideline(settings={"fatigue.contactsMax": 1}).start()
    assert flags(cluster, [bus.response(2, respondent="anna") for _ in range(20)], 5) == [[]] + [FLAGGED] * 19
    cluster.wait_counts({2: 20})
