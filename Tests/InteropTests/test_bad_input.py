"""Whatever is sent to the real services: the bad is refused with a reason, the good beside it counted, nobody dies."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator

import pytest
import zmq
from jsonschema import Draft202012Validator
from zmq.utils.monitor import recv_monitor_message

import bus
import contracts
import zmtp
from bus import batch, encoded, lines, receipts_in, response
from cluster import Tideline, wait_until
from contracts import Counterexample

# Those that name a moment of their own cannot be judged by a service that follows the wall clock.
COUNTEREXAMPLES = [counter for counter in contracts.counterexamples("response") if counter.at == contracts.CHECKED_AT]
SYNTAX = [counter for counter in COUNTEREXAMPLES if counter.reason == "syntax"]
EVENTS = [counter for counter in COUNTEREXAMPLES if counter.reason != "syntax"]

MEGABYTE = 1 << 20


class Running:
    """A cluster, and the answers it has promised to count."""

    def __init__(self, make: Callable[..., Tideline]):
        self._make = make
        self.renew()

    def renew(self) -> None:
        """Begins anew, so that what one test breaks does not fail the next."""
        if hasattr(self, "cluster"):
            self.cluster.end()
        self.cluster = self._make(settings={"alerting.scoreInterval": "50ms"}).start()
        self.accepted: Counter[str] = Counter()

    def good(self, csat: int = 4, **options: Any) -> dict[str, Any]:
        return response(csat, **options)

    def promised(self, receipts: Iterable[dict[str, Any]], csat: int = 4) -> None:
        """Notes that these receipts, all of answers `csat`, are acceptances."""
        for receipt in receipts:
            assert receipt["status"] == "accepted", receipt
            self.accepted[str(csat)] += 1

    def check(self) -> None:
        """The services live, take a response by DEALER and by REQ, and have counted exactly what they accepted."""
        self.cluster.assert_alive()
        self.promised(self.cluster.publish([self.good(2)]), 2)
        with bus.Client(self.cluster.endpoints["receipts"], zmq.REQ) as client:
            self.promised(data_of(client.ask(encoded(self.good(5)))), 5)
        self.cluster.wait_counts(self.accepted)
        self.cluster.assert_alive()


@pytest.fixture(scope="module")
def running(module_tideline: Callable[..., Tideline]) -> Running:
    return Running(module_tideline)


@pytest.fixture(autouse=True)
def everything_still_works(request: pytest.FixtureRequest) -> Iterator[None]:
    running: Running | None = request.getfixturevalue("running") if "running" in request.fixturenames else None
    yield
    if running is None:
        return
    if getattr(request.node, "failed", False):
        running.renew()
        return
    try:
        running.check()
    except BaseException:
        running.renew()
        raise


@pytest.fixture
def dealer(running: Running) -> Iterator[bus.Client]:
    with bus.Client(running.cluster.endpoints["receipts"]) as client:
        yield client


# MARK: Receipts


@cache
def receipt_schema() -> Draft202012Validator:
    return contracts.validator("receipt")


def data_of(reply: list[bytes]) -> list[dict[str, Any]]:
    """The data of the receipts in a reply's last frame, checked against the contract (of very many the first)."""
    receipts = receipts_in(reply[-1])
    for receipt in [*receipts[:200], *receipts[-1:]]:
        receipt_schema().validate(receipt)
    return [receipt["data"] for receipt in receipts]


def fault(counter: Counterexample, receipt: dict[str, Any]) -> str | None:
    """What is wrong with the receipt of a counterexample; None when all is right."""
    name = f"{counter.name}: {receipt}"
    told = (receipt["status"], receipt.get("reason"), receipt.get("pointer"))
    if told != ("rejected", counter.reason, counter.pointer):
        return f"{name}, but should be rejected, {counter.reason}, {counter.pointer}"
    if not receipt.get("sentence"):
        return f"{name} has no sentence"
    if (counter.readable_id is not None or counter.reason == "syntax") and receipt["id"] != counter.readable_id:
        return f"{name}, but the id is {counter.readable_id!r}"
    return None


def faults(pairs: Iterable[tuple[Counterexample, dict[str, Any]]]) -> list[str]:
    return [text for counter, receipt in pairs if (text := fault(counter, receipt))]


def only(receipts: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(receipts) == 1, receipts
    return receipts[0]


# MARK: The contract's examples


def test_every_example_is_accepted(running: Running) -> None:
    examples = contracts.examples("response")
    # Examples share one id, so each gets its own here; the longest one keeps its length.
    texts = [
        example.text.rstrip(b"\n").replace(b"01JD4Z6T4M", f"example-{place}".encode())
        for place, example in enumerate(examples)
    ]
    receipts = zip(examples, running.cluster.publish(texts), strict=True)
    assert [(example.name, receipt) for example, receipt in receipts if receipt["status"] != "accepted"] == []
    for example in examples:
        answer = example.event["data"]["answers"]["csat"]
        running.accepted[str(int(answer["value"] if isinstance(answer, dict) else answer))] += 1


# MARK: Counterexamples, in every way a message can be sent

WAYS: dict[str, tuple[int, list[bytes]]] = {
    "dealer": (zmq.DEALER, []),
    "dealer-delimiter": (zmq.DEALER, [b""]),
    "dealer-numbered": (zmq.DEALER, [b"request 7", b"\x00\xff", b""]),
    "req": (zmq.REQ, []),
}


@pytest.mark.parametrize("way", WAYS)
def test_counterexample_alone(running: Running, way: str) -> None:
    kind, leading = WAYS[way]
    found = []
    with bus.Client(running.cluster.endpoints["receipts"], kind) as client:
        for counter in COUNTEREXAMPLES:
            reply = client.ask(*leading, counter.text)
            assert reply[:-1] == leading, "the frames before the payload come back as they were sent"
            found += faults([(counter, only(data_of(reply)))])
    assert found == []


def test_counterexample_between_good_lines(running: Running, dealer: bus.Client) -> None:
    found = []
    for counter in COUNTEREXAMPLES:
        before, refused, after = data_of(dealer.ask(b"", lines([running.good(), counter.text, running.good()])))
        running.promised([before, after])
        found += faults([(counter, refused)])
    assert found == []


def test_all_counterexamples_in_one_message_of_lines(running: Running, dealer: bus.Client) -> None:
    events: list[bus.Event] = []
    for counter in COUNTEREXAMPLES:
        events += [counter.text, running.good()]
    receipts = data_of(dealer.ask(b"", lines(events)))
    running.promised(receipts[1::2])
    assert faults(zip(COUNTEREXAMPLES, receipts[::2], strict=True)) == []


def test_all_counterexamples_in_one_batch(running: Running, dealer: bus.Client) -> None:
    events: list[bus.Event] = []
    for counter in EVENTS:
        events += [counter.text, running.good()]
    receipts = data_of(dealer.ask(b"", batch(events)))
    running.promised(receipts[1::2])
    assert faults(zip(EVENTS, receipts[::2], strict=True)) == []


def test_counterexample_in_a_batch_laid_out_over_lines(running: Running, dealer: bus.Client) -> None:
    found = []
    for counter in EVENTS:
        if contracts.has_duplicate_member(counter.text):
            continue
        events = [running.good(), contracts.strict_json(counter.text), running.good()]
        before, refused, after = data_of(dealer.ask(b"", json.dumps(events, indent=2).encode()))
        running.promised([before, after])
        found += faults([(counter, refused)])
    assert found == []


@pytest.mark.parametrize("counter", SYNTAX, ids=lambda counter: counter.name)
def test_syntax_error_spoils_a_whole_batch(running: Running, dealer: bus.Client, counter: Counterexample) -> None:
    receipt = only(data_of(dealer.ask(b"", batch([running.good(), counter.text, running.good()]))))
    assert (receipt["id"], receipt["status"], receipt["reason"]) == (None, "rejected", "syntax")
    assert "pointer" not in receipt
    assert "byte" in receipt["sentence"] and "line" in receipt["sentence"] and "column" in receipt["sentence"]


def test_repeated_event_is_a_duplicate(running: Running, dealer: bus.Client) -> None:
    event = running.good()
    first, second = data_of(dealer.ask(b"", lines([event, event])))
    running.promised([first])
    third = only(data_of(dealer.ask(b"", encoded(event))))
    assert (second["status"], third["status"]) == ("duplicate", "duplicate")
    assert (second["id"], third["id"]) == (event["id"], event["id"])


def test_counterexamples_on_the_port_without_receipts(running: Running) -> None:
    """Nobody hears of a refusal there, but the good ones in between are counted."""
    goods = [running.good(3) for _ in COUNTEREXAMPLES]
    push = zmq.Context.instance().socket(zmq.PUSH)
    push.setsockopt(zmq.LINGER, 10_000)
    push.connect(running.cluster.endpoints["responses"])
    for counter, good in zip(COUNTEREXAMPLES, goods):
        push.send(lines([counter.text, good]))
        push.send(counter.text)
        push.send_multipart([b"", b"x", counter.text])
    push.send(b"")
    push.close()
    running.accepted["3"] += len(goods)
    running.cluster.wait_counts(running.accepted)


def test_refusals_can_be_counted_and_inspected(running: Running, dealer: bus.Client) -> None:
    def refused() -> float:
        samples = running.cluster.ingest.metrics().samples
        return sum(value for _, labels, value in samples if labels.get("reason") == "outsideScale")

    # Metrics follow a little behind: earlier refusals must be in before one more is counted.
    before = -1.0
    while before != refused():
        before = refused()
        time.sleep(0.3)
    marker = f"inspect me {random.getrandbits(64):x}"
    event = running.good(answers={"csat": 77}, survey=marker)
    assert only(data_of(dealer.ask(b"", encoded(event))))["reason"] == "outsideScale"
    wait_until(lambda: refused() == before + 1, what="the metric counts the refusal")

    def is_kept() -> bool:
        files = [path for path in (running.cluster.data / "ingest").rglob("*") if path.is_file()]
        holding = [path for path in files if marker.encode() in path.read_bytes()]
        assert not [path for path in holding if "journal" in path.parts], "a refused message is no part of the journal"
        return bool(holding)

    wait_until(is_kept, what="the dead letters hold the refused message")


# MARK: Frames

EMPTY_MESSAGES: dict[str, list[bytes]] = {
    "one empty frame": [b""],
    "delimiter and empty frame": [b"", b""],
    "numbered, empty payload": [b"7", b"", b""],
    "blank lines": [b"", b"\n\n\n"],
    "spaces": [b"", b"   "],
    "empty batch": [b"", b"[]"],
    "spaced empty batch": [b"", b" [ \n ] "],
}


@pytest.mark.parametrize("name", EMPTY_MESSAGES)
def test_message_without_an_event(dealer: bus.Client, name: str) -> None:
    receipt = only(data_of(dealer.ask(*EMPTY_MESSAGES[name])))
    assert (receipt["id"], receipt["status"], receipt["reason"]) == (None, "rejected", "emptyMessage")


@pytest.mark.parametrize("before", [[], [b""]], ids=["bare", "delimiter"])
@pytest.mark.parametrize("count", [2, 3, 1000])
def test_too_many_frames(running: Running, dealer: bus.Client, before: list[bytes], count: int) -> None:
    receipt = only(data_of(dealer.ask(*before, *[encoded(running.good()) for _ in range(count)])))
    assert (receipt["id"], receipt["status"], receipt["reason"]) == (None, "rejected", "tooManyFrames")


def test_a_thousand_empty_frames(dealer: bus.Client) -> None:
    receipt = only(data_of(dealer.ask(*[b""] * 1000)))
    assert receipt["status"] == "rejected" and receipt["reason"] in ("tooManyFrames", "emptyMessage")


def test_array_as_a_line(running: Running, dealer: bus.Client) -> None:
    before, refused, after = data_of(dealer.ask(b"", lines([running.good(), batch([running.good()]), running.good()])))
    running.promised([before, after])
    assert (refused["status"], refused["reason"], refused["pointer"]) == ("rejected", "notObject", "")


# MARK: Limits


def padded(running: Running, size: int) -> bytes:
    """A good event of exactly that many bytes; the padding is an unknown member."""
    bare = len(encoded(running.good(padding="")))
    event = encoded(running.good(padding="x" * (size - bare)))
    # Ids grow by a digit now and then.
    return event if len(event) == size else encoded(running.good(padding="x" * (size - bare - len(event) + size)))


def test_largest_event_and_one_byte_more(running: Running, dealer: bus.Client) -> None:
    largest = padded(running, 256 * 1024)
    larger = padded(running, 256 * 1024 + 1)
    first, refused, last = data_of(dealer.ask(b"", lines([largest, larger, running.good()])))
    running.promised([first, last])
    assert (refused["status"], refused["reason"]) == ("rejected", "tooLarge")


def test_largest_message(running: Running, dealer: bus.Client) -> None:
    events = [padded(running, 128 * 1024 - 1) for _ in range(7)]
    events.append(padded(running, 128 * 1024))
    message = lines(events)
    assert len(message) == MEGABYTE, "exactly the limit"
    running.promised(data_of(dealer.ask(b"", message)))


def test_larger_frame_closes_its_connection_only(running: Running, dealer: bus.Client) -> None:
    running.promised(data_of(dealer.ask(b"", encoded(running.good()))))
    with bus.Client(running.cluster.endpoints["receipts"]) as offender:
        offender.ask(b"", b"[]")
        monitor = offender.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        offender.send([b"", lines([running.good()] * (2 * MEGABYTE // 150))])
        assert monitor.poll(10_000), "the connection is closed"
        assert recv_monitor_message(monitor)["event"] == zmq.EVENT_DISCONNECTED
        offender.socket.disable_monitor()
    # The neighbour's connection never broke.
    running.promised(data_of(dealer.ask(b"", encoded(running.good()))))


@pytest.mark.parametrize("length", [1 << 30, (1 << 63) - 1, (1 << 64) - 1], ids=["a gigabyte", "2^63-1", "2^64-1"])
@pytest.mark.parametrize("entrance", ["receipts", "responses", "requests"])
def test_announced_frame_closes_the_connection(running: Running, entrance: str, length: int) -> None:
    service = running.cluster.alerting if entrance == "requests" else running.cluster.ingest
    before = service.resident_bytes
    with zmtp.Peer(port_of(running, entrance), b"PUSH" if entrance == "responses" else b"DEALER") as peer:
        peer.send(zmtp.announcement(length) + b"x" * 1000)
        assert peer.is_closed_within(10)
    assert service.resident_bytes < before + 200 * MEGABYTE, "no memory for a frame that never came"


@pytest.mark.parametrize("entrance", ["work", "tallies", "feed"])
def test_announced_frame_among_services_does_no_harm(running: Running, entrance: str) -> None:
    service = running.cluster.ingest if entrance == "work" else running.cluster.alerting
    before = service.resident_bytes
    for length in (1 << 30, (1 << 64) - 1):
        with zmtp.Peer(port_of(running, entrance), b"SUB" if entrance == "feed" else b"DEALER") as peer:
            peer.send(zmtp.announcement(length) + b"x" * 1000)
            peer.is_closed_within(0.5)
    assert service.resident_bytes < before + 200 * MEGABYTE


def test_most_events_of_a_message_and_one_more(running: Running, dealer: bus.Client) -> None:
    receipts = data_of(dealer.ask(b"", b"{}\n" * 10_000))
    assert {(receipt["status"], receipt["reason"]) for receipt in receipts} == {("rejected", "missing")}
    assert len(receipts) == 10_000
    receipts = data_of(dealer.ask(b"", b"{}\n" * 10_001))
    assert (receipts[-1]["id"], receipts[-1]["status"], receipts[-1]["reason"]) == (None, "rejected", "tooMany")
    assert len(receipts) <= 10_001


def test_thousands_of_events_in_one_message(running: Running, dealer: bus.Client) -> None:
    events = [running.good(1) for _ in range(5000)]
    running.promised(data_of(dealer.ask(b"", batch(events))), 1)


@pytest.mark.parametrize("count", [65, 10_000])
def test_too_many_segments(running: Running, dealer: bus.Client, count: int) -> None:
    event = running.good(segments={f"attribute-{number}": "v" for number in range(count)})
    before, refused, after = data_of(dealer.ask(b"", batch([running.good(), event, running.good()])))
    running.promised([before, after])
    assert (refused["id"], refused["reason"], refused["pointer"]) == (event["id"], "tooMany", "/data/segments")


def test_more_values_of_a_dimension_than_become_series(running: Running) -> None:
    """Later values go to `other`; the total still counts every one."""
    events = [running.good(segments={"region": f"region {number}"}) for number in range(3000)]
    running.promised(running.cluster.publish(events, per_message=500))


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_deepest_event_and_one_level_more(running: Running, dealer: bus.Client) -> None:
    # The event and its data are the first two of 64 levels.
    deepest, deeper = running.good(vendor=nested(62)), running.good(vendor=nested(63))
    first, refused, last = data_of(dealer.ask(b"", lines([deepest, deeper, running.good()])))
    running.promised([first, last])
    assert (refused["status"], refused["reason"], refused["id"]) == ("rejected", "syntax", None)


BOTTOMLESS: dict[str, tuple[bytes, str]] = {
    "open arrays": (b"[" * 100_000, "syntax"),
    "arrays": (b"[" * 100_000 + b"]" * 100_000, "syntax"),
    "open objects": (b'{"a":' * 50_000, "syntax"),
    "objects": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "syntax"),
    "objects, too large besides": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "tooLarge"),
}


@pytest.mark.parametrize("name", BOTTOMLESS)
def test_bottomless_nesting(running: Running, dealer: bus.Client, name: str) -> None:
    text, reason = BOTTOMLESS[name]
    receipt = only(data_of(dealer.ask(b"", text)))
    assert (receipt["id"], receipt["status"], receipt["reason"]) == (None, "rejected", reason)
    good, refused = data_of(dealer.ask(b"", lines([running.good(), b'{"data":' + text[:200_000] + b"}"])))
    running.promised([good])
    assert refused["reason"] == "syntax"


def test_random_bytes_as_payloads(running: Running, dealer: bus.Client) -> None:
    generator = random.Random(20261121)
    for size in (1, 2, 3, 7, 64, 1000, 65_536):
        for _ in range(20):
            payload = generator.randbytes(size)
            receipts = data_of(dealer.ask(b"", payload))
            assert receipts and all(receipt["status"] == "rejected" for receipt in receipts), payload[:80]


def test_mutated_good_events(running: Running, dealer: bus.Client) -> None:
    """One byte changed anywhere: refused or accepted, but answered, and counted when accepted."""
    generator = random.Random(7)
    for number in range(500):
        # An id that no other event's id can turn into.
        good = running.good(id=f"mutation of {number}", segments={"region": "eu"}, comment="fine")
        event = bytearray(encoded(good))
        event[generator.randrange(len(event))] = generator.randrange(256)
        for receipt in data_of(dealer.ask(b"", bytes(event))):
            if receipt["status"] == "accepted":
                running.accepted[str(int(json.loads(event)["data"]["answers"]["csat"]))] += 1


# MARK: Sources


def test_source_of_another_node(tideline: Callable[..., Tideline]) -> None:
    cluster = tideline(settings={"ingest.sources": ["/helpdesk/eu", "/helpdesk/us"]}).start()
    mine, other = response(5, source="/helpdesk/us"), response(5, source="/helpdesk/asia")
    accepted, refused = cluster.publish([mine, other], per_message=2)
    assert accepted["status"] == "accepted"
    assert (refused["status"], refused["reason"], refused["pointer"]) == ("rejected", "wrongSource", "/source")
    assert "/helpdesk/asia" in refused["sentence"]
    cluster.wait_counts({"5": 1})


# MARK: Hostile peers

ENTRANCES = (
    "ingest http", "responses", "receipts", "work", "alerting http", "tallies", "feed", "requests", "scoring http",
)  # fmt: skip


def port_of(running: Running, entrance: str) -> int:
    cluster = running.cluster
    services = {"ingest http": cluster.ingest, "alerting http": cluster.alerting, "scoring http": cluster.scoring[0]}
    address = services[entrance].http if entrance in services else cluster.endpoints[entrance]
    return int(address.rpartition(":")[2])


GARBAGE: dict[str, bytes] = {
    "nothing": b"",
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
    "random": random.Random(1).randbytes(65_536),
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "http without end": b"GET /" + b"a" * 200_000,
    "http with endless header": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Header: " + b"a" * 200_000,
    "http with a wrong length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nx",
    "http with a bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(100),
    "tls": bytes.fromhex("1603010200010001fc0303") + random.Random(2).randbytes(500),
    "json": b'{"specversion":"1.0"}\n' * 100,
    "half a greeting": zmtp.greeting()[:11],
    "greeting only": zmtp.greeting(),
    "greeting of version 1": b"\x01\x00",
    "greeting of an unknown mechanism": zmtp.greeting(b"PIGEON") + b"coo" * 100,
    "greeting of CURVE": zmtp.greeting(b"CURVE") + random.Random(3).randbytes(500),
    "ready of the wrong type": zmtp.greeting() + zmtp.ready(b"PUB"),
    "ready of an unknown type": zmtp.greeting() + zmtp.ready(b"PIGEON"),
    "ready with a long lie": zmtp.greeting() + b"\x04\x20\x05READY\x0bSocket-Type\xff\xff\xff\xffDEALER",
    "frames before ready": zmtp.greeting() + b"\x00\x05hello" * 100,
    "command in place of a message": zmtp.greeting() + zmtp.ready(b"DEALER") + b"\x04\x06\x05PANIC",
    "reserved flags": zmtp.greeting() + zmtp.ready(b"DEALER") + b"\xf8\x01x" * 10,
    "cut frame": zmtp.greeting() + zmtp.ready(b"DEALER") + b"\x00\xffabc",
    "half a message": zmtp.greeting() + zmtp.ready(b"DEALER") + b"\x01\x00" + b"\x01\x01x",
}


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_garbage_on_every_port(running: Running, entrance: str) -> None:
    for garbage in GARBAGE.values():
        with socket.create_connection(("127.0.0.1", port_of(running, entrance)), 10) as connection:
            connection.settimeout(0.05)
            try:
                connection.sendall(garbage)
                connection.recv(65_536)
            except OSError:
                pass  # Being thrown out, or left alone, is as good an answer as any.
    running.cluster.assert_alive()


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_many_connections_that_never_speak(running: Running, entrance: str) -> None:
    connections = [socket.create_connection(("127.0.0.1", port_of(running, entrance)), 10) for _ in range(100)]
    try:
        running.check()
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.parametrize(
    "query",
    [
        "", "metric=", "metric=nothing", "metric=csat&step=banana", "metric=csat&from=yesterday", "metric=csat&to=2026",
        "metric=csat&segment=region", "metric=csat&segment=:", "metric=csat&segment=planet:mars", "metric=%00%ff",
        "metric=csat&from=2026-11-20T00:00:00Z&to=2020-01-01T00:00:00Z&step=1d", "metric=" + "x" * 4000,
        "metric=csat&step=15m&from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
        "metric=csat';DROP%20TABLE%20scores;--",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["scores", "series", "alerts"])
def test_strange_questions_to_the_api(running: Running, path: str, query: str) -> None:
    status, body = running.cluster.alerting.get(f"/api/v1/{path}?{query}")
    assert status in (200, 400, 404, 414), body[:300]
    assert status != 200 or isinstance(json.loads(body), dict | list)


NONSENSE: list[list[bytes]] = [
    [b""],
    [b"", b""],
    [b"\x00\xff\xfe"],
    [b"{}"],
    [b"[]"],
    [b"null"],
    [b"[" * 100_000],
    [b"x"] * 1000,
    [encoded({"specversion": "1.0", "id": "1", "source": "/x", "type": "tideline.nonsense.v1", "data": {}})],
    [encoded({"specversion": "1.0", "id": "1", "source": "/x", "type": "tideline.ready.v2", "data": {}})],
    [encoded({"specversion": "2.0", "id": "1", "source": "/x", "type": "tideline.ready.v1", "data": {}})],
    [encoded({"specversion": "1.0", "id": "1", "source": "/x", "type": "tideline.ready.v1"})],
    [encoded({"specversion": "1.0", "id": "1", "source": "/x", "type": "tideline.score.v1", "data": {"score": 1}})],
    [encoded(response())],
    [encoded(response()), b"", b"frames", b"more"],
]


def refused_between_services() -> Iterator[list[bytes]]:
    """What the decoders refuse; what they let pass says something, and is not for a stranger to say."""
    for kind in ("hello", "ready", "heartbeat", "block", "tallied", "tally", "committed", "refused", "feedrequest"):
        for counter in contracts.counterexamples(kind):
            if not counter.decoder_accepts:
                yield [counter.text]
                yield [counter.text, b"", b"\x00\xff"]


@pytest.mark.parametrize("entrance", ["work", "tallies", "requests"])
def test_nonsense_between_services(running: Running, entrance: str) -> None:
    with bus.Client(running.cluster.endpoints[entrance]) as stranger:
        for frames in [*NONSENSE, *refused_between_services()]:
            stranger.send(frames)
            stranger.send([b"", *frames])
        # Answers are allowed, silence is too; reading them keeps the pipe from filling.
        while stranger.socket.poll(200):
            stranger.receive()


def test_strange_subscriptions(running: Running) -> None:
    """By hand, because a subscriber's own libzmq does not survive the longest ones."""
    topics = (b"\x00\xff", b"x" * 500_000, "tideline.score.v1.csat.region:köln".encode(), b"tideline." * 1000, b"")
    # A topic longer than the limit ends its connection, maybe while the next one is being sent.
    with zmtp.Peer(port_of(running, "feed"), b"SUB") as subscriber, contextlib.suppress(ConnectionError):
        for topic in topics:
            for command in (b"\x01", b"\x00", b"\x00", b"\x02", b""):
                subscriber.send(zmtp.frame(command + topic))
        subscriber.is_closed_within(0.5)
    with zmtp.Peer(port_of(running, "feed"), b"SUB") as subscriber, contextlib.suppress(ConnectionError):
        for topic in topics:
            subscriber.send(zmtp.frame(b"\x01" + topic))
        subscriber.is_closed_within(0.2)
    assert running.cluster.feed_request("no such topic")[0]["data"]["messages"] == 0


def test_sender_that_never_reads_its_receipts(running: Running) -> None:
    """It loses receipts, never responses: sent again they are accepted or duplicates, and counted once."""
    events = [running.good() for _ in range(2000)]
    deaf = bus.Client(running.cluster.endpoints["receipts"])
    for event in events:
        deaf.send([b"", encoded(event)])
    deaf.socket.close(linger=1000)
    receipts = running.cluster.publish(events, per_message=100)
    assert {receipt["status"] for receipt in receipts} <= {"accepted", "duplicate"}
    running.accepted["4"] += len(events)


# MARK: At the end


def test_counts_are_exact_after_a_restart_of_everything(running: Running) -> None:
    running.check()
    running.cluster.stop()
    running.cluster.start()
    running.cluster.wait_counts(running.accepted)
    broken = [entry for service in running.cluster.services for entry in service.logs() if "Fatal error" in str(entry)]
    assert broken == []
    assert not list(Path(running.cluster.folder).rglob("core*"))
