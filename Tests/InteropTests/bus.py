"""A foreign integrator: CloudEvents over ZMTP with pyzmq, as proto-json/README.md describes it."""

from __future__ import annotations

import itertools
import json
import time
from collections import deque
from datetime import datetime, timezone
from typing import Any, Callable, Iterable, Iterator, Sequence

import zmq

Event = dict[str, Any] | str | bytes

_serial = itertools.count(1)
_run = f"{time.time_ns():x}"


def moment(seconds: float | None = None) -> str:
    """RFC 3339 in UTC with milliseconds; now, unless `seconds` since 1970 are given."""
    at = datetime.fromtimestamp(time.time() if seconds is None else seconds, timezone.utc)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def response(
    csat: Any = 4, *, id: str | None = None, source: str = "/interop", at: str | None = None,
    segments: dict[str, str] | None = None, answers: dict[str, Any] | None = None,
    recordedtime: str | None = None, **data: Any,
) -> dict[str, Any]:  # fmt: skip
    """A `tideline.response.v1` event, of now and with an id of its own unless told otherwise."""
    event: dict[str, Any] = {
        "specversion": "1.0", "id": id or f"{_run}-{next(_serial)}", "source": source,
        "type": "tideline.response.v1", "time": at or moment(),
    }  # fmt: skip
    if recordedtime is not None:
        event["recordedtime"] = recordedtime
    event["data"] = {"answers": answers if answers is not None else {"csat": csat}}
    if segments is not None:
        event["data"]["segments"] = segments
    event["data"].update(data)
    return event


def encoded(event: Event) -> bytes:
    """One line without its newline; bytes and text go as they are."""
    if isinstance(event, bytes):
        return event
    if isinstance(event, str):
        return event.encode().rstrip(b"\n")
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def lines(events: Iterable[Event]) -> bytes:
    return b"\n".join(encoded(event) for event in events)


def batch(events: Iterable[Event]) -> bytes:
    """A CloudEvents batch."""
    return b"[" + b",".join(encoded(event) for event in events) + b"]"


class NoReply(AssertionError):
    """A request message that was not answered in time."""


class Client:
    """One connection to a ROUTER that answers every request message with one reply message.

    Not for two threads. Use as a context manager.
    """

    def __init__(self, endpoint: str, kind: int = zmq.DEALER, receive_bytes_max: int = -1):
        self.endpoint = endpoint
        self.kind = kind
        self.socket = zmq.Context.instance().socket(kind)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.MAXMSGSIZE, receive_bytes_max)
        self.socket.connect(endpoint)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, frames: Sequence[bytes]) -> None:
        self.socket.send_multipart(list(frames))

    def receive(self, timeout: float = 30) -> list[bytes]:
        if not self.socket.poll(max(0, int(timeout * 1000))):
            raise NoReply(f"no reply from {self.endpoint} within {timeout:g} s")
        return self.socket.recv_multipart()

    def ask(self, *frames: bytes, timeout: float = 30) -> list[bytes]:
        """Sends the frames as they are and returns the reply's frames."""
        self.send(frames)
        return self.receive(timeout)


def receipts_in(frame: bytes) -> list[dict[str, Any]]:
    """The receipt events of a reply's last frame."""
    return [json.loads(line) for line in frame.splitlines() if line]


def publish(
    endpoint: str, events: Iterable[Event], per_message: int = 1, timeout: float = 60, window: int = 64,
    join: Callable[[Iterable[Event]], bytes] = lines,
) -> list[dict[str, Any]]:  # fmt: skip
    """Sends events with receipts, `per_message` joined in a message and at most `window` messages unanswered.

    Returns the `data` of one receipt per event, in the order of the events. Raises `NoReply` when receipts are missing
    after `timeout` seconds. A batch that gets fewer receipts than it has events fails.
    """
    groups = iter(_groups(events, per_message))
    answers: list[dict[str, Any]] = []
    waiting: deque[tuple[bytes, int]] = deque()
    deadline = time.monotonic() + timeout
    with Client(endpoint) as client:
        for number in itertools.count():
            group = next(groups, None)
            if group is not None:
                name = str(number).encode()
                client.send([name, b"", join(group)])
                waiting.append((name, len(group)))
            while waiting and (group is None or len(waiting) >= window):
                try:
                    reply = client.receive(deadline - time.monotonic())
                except NoReply as missing:
                    progress = f"{len(answers)} receipts so far, {len(waiting)} messages open"
                    raise NoReply(f"{missing}: {progress}") from None
                name, count = waiting.popleft()
                assert reply[:-1] == [name, b""], f"the reply to request {name!r} has frames {reply!r:.300}"
                receipts = [receipt["data"] for receipt in receipts_in(reply[2])]
                assert len(receipts) == count, f"{count} events got {len(receipts)} receipts: {receipts!r:.500}"
                answers += receipts
            if group is None:
                return answers
    raise AssertionError("unreachable")


def _groups(events: Iterable[Event], size: int) -> Iterator[list[Event]]:
    iterator = iter(events)
    while group := list(itertools.islice(iterator, size)):
        yield group


def publish_surely(
    endpoint: str, events: Iterable[Event], per_message: int = 1, timeout: float = 120, window: int = 64,
    patience: float = 2,
) -> list[dict[str, Any]]:  # fmt: skip
    """Sends every event again until it is decided, however often the service dies meanwhile.

    Like a careful integrator: what stays unanswered for `patience` seconds or is `unavailable` is sent once more on a
    new connection. Returns the deciding receipts (accepted, duplicate or rejected) in the order of the events.
    """
    pending: list[tuple[int, Event]] = list(enumerate(events))
    decided: dict[int, dict[str, Any]] = {}
    deadline = time.monotonic() + timeout
    while pending:
        if time.monotonic() > deadline:
            raise NoReply(f"{len(pending)} of {len(pending) + len(decided)} events undecided after {timeout:g} s")
        answered = _publish_once(endpoint, pending, per_message, window, min(patience, deadline - time.monotonic()))
        decided |= {place: answer for place, answer in answered.items() if answer["status"] != "unavailable"}
        pending = [(place, event) for place, event in pending if place not in decided]
        if pending and answered:
            time.sleep(0.1)
    return [decided[place] for place in sorted(decided)]


def _publish_once(
    endpoint: str, pending: list[tuple[int, Event]], per_message: int, window: int, patience: float
) -> dict[int, dict[str, Any]]:
    answers: dict[int, dict[str, Any]] = {}
    waiting: dict[bytes, list[int]] = {}
    groups = [pending[start : start + per_message] for start in range(0, len(pending), per_message)]
    with Client(endpoint) as client:
        sent = 0
        while sent < len(groups) or waiting:
            while sent < len(groups) and len(waiting) < window:
                waiting[str(sent).encode()] = [place for place, _ in groups[sent]]
                client.send([str(sent).encode(), b"", lines(event for _, event in groups[sent])])
                sent += 1
            try:
                reply = client.receive(patience)
            except NoReply:
                return answers
            receipts = [receipt["data"] for receipt in receipts_in(reply[-1])]
            answers.update(zip(waiting.pop(reply[0]), receipts, strict=True))
    return answers


class Feed:
    """A subscriber of scores and alerts. Use as a context manager."""

    def __init__(self, endpoint: str, *topics: str):
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        for topic in topics or ("",):
            self.socket.setsockopt_string(zmq.SUBSCRIBE, topic)
        self.socket.connect(endpoint)

    def __enter__(self) -> Feed:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def receive(self, timeout: float = 30) -> tuple[str, dict[str, Any]] | None:
        """The next (topic, event), or None when none comes in time."""
        if not self.socket.poll(max(0, int(timeout * 1000))):
            return None
        topic, event = self.socket.recv_multipart()
        return topic.decode(), json.loads(event)


def feed_request(endpoint: str, topic: str, **data: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Asks for feed messages again; `data` may hold `after` and `epoch`. Returns the feedreply and the messages."""
    event = {
        "specversion": "1.0", "id": f"{_run}-{next(_serial)}", "source": "/interop",
        "type": "tideline.feedrequest.v1", "data": {"topic": topic, **data},
    }  # fmt: skip
    with Client(endpoint) as client:
        *_, frame = client.ask(b"", encoded(event))
    reply, *messages = receipts_in(frame)
    return reply, messages
