"""What integrators are promised: a receipt for every response, and what it says is true whatever happens next."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Callable

import pytest
import zmq

import bus
import contracts
import messagefiles
import workload
from bus import batch, encoded, lines, receipts_in, response
from cluster import Service, Tideline, wait_until

Make = Callable[..., Tideline]


@pytest.fixture(scope="module")
def cluster(module_tideline: Make) -> Tideline:
    return module_tideline().start()


@pytest.fixture
def dealer(cluster: Tideline) -> Any:
    with bus.Client(cluster.endpoints["receipts"]) as client:
        yield client


def data_of(reply: list[bytes]) -> list[dict[str, Any]]:
    return [receipt["data"] for receipt in receipts_in(reply[-1])]


def accepted(cluster: Tideline) -> float:
    return cluster.ingest.metrics().value("tideline_ingest_accepted_total")


# MARK: The five lines of the README


def readme_snippets() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (contracts.REPOSITORY / "README.md").read_text(), re.DOTALL)


def run_snippet(cluster: Tideline, kind: str, event: dict[str, Any]) -> dict[str, Any]:
    """Runs the README's integrator as a program of its own, with another address, socket type and identity."""
    snippet = next(text for text in readme_snippets() if "7402" in text)
    assert len(snippet.strip().splitlines()) <= 6, "five lines, and one for the width of the page"
    assert "zmq.DEALER" in snippet
    program = (
        snippet.replace("tcp://127.0.0.1:7402", cluster.endpoints["receipts"])
        .replace("zmq.DEALER", f"zmq.{kind}")
        .replace('"42"', json.dumps(event["id"]))
        .replace('"/shop"', json.dumps(event["source"]))
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    # It prints a Python dictionary.
    return json.loads(done.stdout.replace("'", '"'))


@pytest.mark.parametrize("kind", ["DEALER", "REQ"])
def test_five_lines_of_the_readme(tideline: Make, kind: str) -> None:
    cluster = tideline().start()
    event = response(4)
    assert run_snippet(cluster, kind, event) == {"id": event["id"], "status": "accepted"}
    assert run_snippet(cluster, kind, event) == {"id": event["id"], "status": "duplicate"}
    cluster.wait_counts({4: 1})
    cluster.wait_counts({4: 1}, segment="region:eu")


# MARK: Forms of a request


@pytest.mark.parametrize("join", [lines, batch], ids=["lines", "batch"])
@pytest.mark.parametrize("count", [1, 2, 100, 2000])
def test_receipts_stand_in_the_order_of_the_events(
    cluster: Tideline, dealer: bus.Client, join: Callable[[Any], bytes], count: int
) -> None:
    events = [response(4) for _ in range(count)]
    # Every seventh is refused, every tenth repeats the one before it.
    wanted = []
    for place, event in enumerate(events):
        if place % 7 == 3:
            event["data"]["answers"]["csat"] = 9
            wanted.append((event["id"], "rejected"))
        elif place % 10 == 5:
            events[place] = events[place - 1]
            wanted.append((events[place]["id"], "rejected" if wanted[-1][1] == "rejected" else "duplicate"))
        else:
            wanted.append((event["id"], "accepted"))
    before = accepted(cluster)
    reply = dealer.ask(b"", join(events))
    assert len(reply) == 2 and reply[0] == b""
    assert [(receipt["id"], receipt["status"]) for receipt in data_of(reply)] == wanted
    fresh = sum(status == "accepted" for _, status in wanted)
    wait_until(lambda: accepted(cluster) == before + fresh, what="the metric counts the accepted ones")


def test_receipt_is_a_whole_event(cluster: Tideline, dealer: bus.Client) -> None:
    first, second = response(3), response(9)
    (accepted, refused) = receipts_in(dealer.ask(lines([first, second]))[-1])
    schema = contracts.validator("receipt")
    for receipt in (accepted, refused):
        schema.validate(receipt)
        assert receipt["type"] == "tideline.receipt.v1" and receipt["source"].startswith("/ingest/")
    assert accepted["id"] != refused["id"]
    assert accepted["data"] == {"id": first["id"], "status": "accepted"}
    assert refused["data"]["pointer"] == "/data/answers/csat" and "9" in refused["data"]["sentence"]


@pytest.mark.parametrize(
    "leading", [[], [b""], [b"17", b""], [b"17", b"\x00\xff" * 100, b""]],
    ids=["bare", "delimiter", "numbered", "numbered twice"],
)  # fmt: skip
def test_frames_before_the_payload_come_back(dealer: bus.Client, leading: list[bytes]) -> None:
    reply = dealer.ask(*leading, encoded(response()))
    assert reply[:-1] == leading
    assert data_of(reply)[0]["status"] == "accepted"


def test_replies_leave_in_the_order_of_the_requests(cluster: Tideline, dealer: bus.Client) -> None:
    """Also when a later one is decided at once, because it is refused, and the earlier ones wait for the disk."""
    kinds: list[tuple[str, bytes]] = []
    for number in range(600):
        event = response(4)
        if number % 3 == 0:
            kinds.append(("accepted", encoded(event)))
        elif number % 3 == 1:
            kinds.append(("rejected", b"{broken"))
        else:
            kinds.append(("duplicate", kinds[-2][1]))
    for number, (_, text) in enumerate(kinds):
        dealer.send([str(number).encode(), b"", text])
    for number, (status, _) in enumerate(kinds):
        reply = dealer.receive()
        assert reply[:2] == [str(number).encode(), b""]
        assert data_of(reply)[0]["status"] == status


def test_peers_get_their_own_receipts(cluster: Tideline) -> None:
    clients = [bus.Client(cluster.endpoints["receipts"]) for _ in range(20)]
    try:
        wanted = [[response() for _ in range(20)] for _ in clients]
        for events in zip(*wanted, strict=True):
            for client, event in zip(clients, events, strict=True):
                client.send([b"", encoded(event)])
        for client, events in zip(clients, wanted, strict=True):
            found = [data_of(client.receive())[0] for _ in events]
            assert found == [{"id": event["id"], "status": "accepted"} for event in events]
    finally:
        for client in clients:
            client.socket.close()


def test_same_id_of_another_source_is_another_response(dealer: bus.Client) -> None:
    one, other = response(source="/a"), response(source="/b")
    other["id"] = one["id"]
    receipts = data_of(dealer.ask(lines([one, other, one])))
    assert [receipt["status"] for receipt in receipts] == ["accepted", "accepted", "duplicate"]


# MARK: What a receipt is worth


def test_receipt_follows_the_disk(cluster: Tideline, dealer: bus.Client) -> None:
    """What is accepted stands in the message files, whole and under a right checksum, before the receipt is here."""
    journal = cluster.data / "ingest" / "journal"
    for _ in range(50):
        event = response(5)
        assert data_of(dealer.ask(encoded(event)))[0]["status"] == "accepted"
        last = messagefiles.blocks(journal)[-50:]
        holding = [block for block in last if event["id"].encode() in block.payload]
        assert len(holding) == 1 and event["id"] in [kept["id"] for kept in holding[0].events]


def test_message_files_hold_what_was_sent(tideline: Make) -> None:
    """Read by the format's description alone: every event once, unknown members and comment kept, a `recordedtime`."""
    cluster = tideline().start()
    events = [event | {"vendor": {"ticket": place}} for place, event in enumerate(workload.some(300))]
    for event in events:
        event["data"]["comment"] = "Großartig — 很好 \u0001 \"quoted\"\nline"
    workload.assert_statuses(cluster.publish(events, per_message=7), "accepted")
    kept = [event for block in messagefiles.blocks(cluster.data / "ingest" / "journal") for event in block.events]
    assert all("recordedtime" in event for event in kept)
    assert [{name: value for name, value in event.items() if name != "recordedtime"} for event in kept] == events


@pytest.mark.parametrize("join", [lines, batch], ids=["lines", "batch"])
def test_accepted_equals_counted(tideline: Make, join: Any) -> None:
    cluster = tideline(scoring=2).start()
    events = workload.some(5000)
    receipts = cluster.publish(events, per_message=100, join=join)
    workload.assert_statuses(receipts, "accepted")
    workload.assert_counted(cluster, events)
    wait_until(lambda: accepted(cluster) == len(events), what="the metric counts the accepted ones")
    again = cluster.publish(events, per_message=100, join=join)
    workload.assert_statuses(again, "duplicate")

    def duplicates() -> float:
        return cluster.ingest.metrics().value("tideline_ingest_duplicates_total")

    wait_until(lambda: duplicates() == len(events), what="the metric counts the duplicates")
    assert accepted(cluster) == len(events)
    workload.assert_counted(cluster, events)


def test_entrance_without_receipts_counts_exactly(tideline: Make) -> None:
    cluster = tideline().start()
    events = workload.some(3000)
    push = zmq.Context.instance().socket(zmq.PUSH)
    push.setsockopt(zmq.LINGER, 10_000)
    push.setsockopt(zmq.SNDHWM, 0)
    push.connect(cluster.endpoints["responses"])
    for start in range(0, 1000, 10):
        push.send(lines(events[start : start + 10]))
    for start in range(1000, 2000, 50):
        push.send(batch(events[start : start + 50]))
    for event in events[2000:]:
        push.send(encoded(event))
    # Sent twice: counted once.
    push.send(lines(events[:100]))
    push.close()
    workload.assert_counted(cluster, events)
    # Both entrances share the identities.
    workload.assert_statuses(cluster.publish(events[-200:], per_message=50), "duplicate")
    workload.assert_counted(cluster, events)


# MARK: Duplicates, whatever happened in between


def end_by_kill(service: Service) -> None:
    service.kill9()


def end_by_drain(service: Service) -> None:
    assert service.stop() == 0


@pytest.mark.parametrize("end", [end_by_kill, end_by_drain], ids=["kill -9", "SIGTERM"])
@pytest.mark.parametrize("identities", ["in memory", "on disk"])
def test_duplicates_are_known_after_a_restart(tideline: Make, end: Callable[[Service], None], identities: str) -> None:
    # 1000 is the least; a few thousand responses then move to disk while running.
    settings = {"ingest.identitiesMax": 1000} if identities == "on disk" else {}
    cluster = tideline(settings=settings).start()
    old = workload.some(2500, seed="old")
    workload.assert_statuses(cluster.publish(old, per_message=50), "accepted")
    if identities == "on disk":
        wait_until(lambda: run_files(cluster), what="identities are on disk")
    recent = workload.some(300, seed="recent")
    workload.assert_statuses(cluster.publish(recent, per_message=1), "accepted")
    for _ in range(2):
        end(cluster.ingest)
        cluster.ingest.restart()
        fresh = workload.some(200, seed="fresh")
        workload.assert_statuses(cluster.publish(recent + old, per_message=20), "duplicate")
        workload.assert_statuses(cluster.publish(fresh), "accepted")
        old += fresh
    workload.assert_counted(cluster, old + recent)


def run_files(cluster: Tideline) -> list[Path]:
    return sorted((cluster.data / "ingest").rglob("run-*"))


def test_lost_identity_files_are_made_again(tideline: Make) -> None:
    """The runs are a cache of the message files: without them, and with damaged ones, nothing is counted twice."""
    cluster = tideline(settings={"ingest.identitiesMax": 1000}).start()
    events = workload.some(4000)
    workload.assert_statuses(cluster.publish(events, per_message=100), "accepted")
    wait_until(lambda: run_files(cluster), what="identities are on disk")
    assert cluster.ingest.stop() == 0
    for run in run_files(cluster):
        run.unlink()
    cluster.ingest.restart()
    workload.assert_statuses(cluster.publish(events, per_message=100), "duplicate")
    assert cluster.ingest.stop() == 0
    damaged = run_files(cluster)
    assert damaged, "a drain leaves the identities on disk"
    for run in damaged:
        run.write_bytes(run.read_bytes()[: run.stat().st_size // 2])
    cluster.ingest.restart()
    workload.assert_statuses(cluster.publish(events, per_message=100), "duplicate")
    workload.assert_counted(cluster, events)


def test_resending_after_every_lost_receipt(tideline: Make) -> None:
    """A sender that never hears its receipts, because its connection ends each time, may repeat itself for ever."""
    cluster = tideline().start()
    events = workload.some(500)
    for _ in range(5):
        client = bus.Client(cluster.endpoints["receipts"])
        for start in range(0, len(events), 50):
            client.send([b"", lines(events[start : start + 50])])
        client.socket.close(linger=2000)
    workload.assert_statuses(cluster.publish(events, per_message=50), "accepted", "duplicate")
    workload.assert_counted(cluster, events)


# MARK: A peer that does not read


def test_peer_that_never_reads_harms_nobody(tideline: Make) -> None:
    """It loses receipts, which is counted, never responses; others are served, and memory stays within bounds."""
    cluster = tideline().start()
    deaf = bus.Client(cluster.endpoints["receipts"])
    deaf.socket.setsockopt(zmq.RCVHWM, 1)
    deaf.socket.disconnect(deaf.endpoint)
    deaf.socket.connect(deaf.endpoint)
    before = cluster.ingest.resident_bytes
    events = workload.some(1000)
    for start in range(0, len(events), 10):
        deaf.send([b"", lines(events[start : start + 10])])
    # A reply to each of these many has to lie somewhere, or be lost.
    for _ in range(130_000):
        deaf.send([b"", b"[]"])
    listening = workload.some(200, seed="listening")
    started = time.monotonic()
    workload.assert_statuses(cluster.publish(listening, per_message=1, window=1), "accepted")
    assert time.monotonic() - started < 15, "others do not wait for one that does not read"
    workload.assert_counted(cluster, events + listening)
    wait_until(
        lambda: cluster.ingest.metrics().value("tideline_ingest_receipts_lost_total") > 0, 15, "lost receipts are counted"
    )
    assert cluster.ingest.resident_bytes < before + 500 * (1 << 20)
    deaf.socket.close()
    workload.assert_statuses(cluster.publish(events, per_message=10), "duplicate")
    cluster.assert_alive()


# MARK: Together


def test_accepted_of_every_entrance_are_the_api_counts(cluster: Tideline) -> None:
    """Last in this module: whatever the tests above sent to the shared services, the sums agree."""
    workload.wait_until_idle(cluster)
    wait_until(lambda: sum(cluster.counts().values()) == accepted(cluster), what="the API counts what was accepted")
    assert Counter(cluster.counts()).total() > 0
