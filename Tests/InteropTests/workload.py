"""Constant load by careful integrators, and what must be counted in the end."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any, Iterable, Iterator, Sequence

import bus
from cluster import Tideline, wait_until

REGIONS = ("eu", "us", "asia")
CHANNELS = ("chat", "email")

TOTAL = None
# Every series there is for these responses.
SEGMENTS: tuple[str | None, ...] = (
    TOTAL, *(f"region:{region}" for region in REGIONS), *(f"channel:{channel}" for channel in CHANNELS),
)  # fmt: skip


def responses(seed: object, source: str = "/interop") -> Iterator[dict[str, Any]]:
    """Endless responses of now, the same answers and segments for the same seed."""
    generator = random.Random(f"{seed}")
    while True:
        segments = {"region": generator.choice(REGIONS), "channel": generator.choice(CHANNELS)}
        yield bus.response(generator.randint(1, 5), segments=segments, source=source)


def some(count: int, seed: object = 1, source: str = "/interop") -> list[dict[str, Any]]:
    return [event for event, _ in zip(responses(seed, source), range(count))]


def tally(events: Iterable[dict[str, Any]]) -> dict[str | None, Counter[str]]:
    """What a few lines of Python count: answers per value, for the total and every segment."""
    counts: dict[str | None, Counter[str]] = {segment: Counter() for segment in SEGMENTS}
    for event in events:
        answer = str(event["data"]["answers"]["csat"])
        counts[TOTAL][answer] += 1
        for pair in event["data"].get("segments", {}).items():
            counts[":".join(pair)][answer] += 1
    return counts


def assert_counted(cluster: Tideline, events: Iterable[dict[str, Any]], timeout: float = 30) -> None:
    """Waits until exactly these are counted, in the total and in every segment.

    Asks once more after a second of quiet, because a response counted twice may come late.
    """
    wanted = tally(events)
    for segment, counts in wanted.items():
        cluster.wait_counts(counts, segment=segment, timeout=timeout)
    wait_until_idle(cluster)
    for segment, counts in wanted.items():
        cluster.wait_counts(counts, segment=segment, timeout=0)


def wait_until_idle(cluster: Tideline, timeout: float = 30) -> None:
    """Until every durable block is committed and none is on its way."""

    def idle() -> bool:
        metrics = cluster.ingest.metrics()
        assert metrics.value("tideline_ingest_pending_bytes") == 0
        assert metrics.value("tideline_ingest_blocks_backlog") == 0
        return metrics.value("tideline_ingest_blocks_in_flight") == 0

    wait_until(idle, timeout, "no block waits")


def assert_statuses(receipts: Sequence[dict[str, Any]], *allowed: str) -> None:
    wrong = [receipt for receipt in receipts if receipt["status"] not in allowed]
    assert wrong == [], f"{len(wrong)} of {len(receipts)} receipts are none of {allowed}: {wrong[:3]}"


class Publisher(threading.Thread):
    """Sends without pause until told to stop, and sends again what stays undecided, whatever dies meanwhile."""

    def __init__(self, cluster: Tideline, seed: object, chunk: int = 100, per_message: int = 10, pause: float = 0.0):
        super().__init__(daemon=True, name=f"publisher {seed}")
        self._endpoint = cluster.endpoints["receipts"]
        self._events = responses(seed, source=f"/publisher/{seed}")
        self._chunk = chunk
        self._per_message = per_message
        self._pause = pause
        self._stopping = threading.Event()
        self.decided: list[dict[str, Any]] = []
        self.receipts: list[dict[str, Any]] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                events = [next(self._events) for _ in range(self._chunk)]
                self.receipts += bus.publish_surely(
                    self._endpoint, events, self._per_message, timeout=120, window=4, patience=1
                )
                self.decided += events
                self._stopping.wait(self._pause)
        except BaseException as failure:
            self.failure = failure

    def stop(self) -> None:
        self._stopping.set()

    def finish(self, timeout: float = 60) -> None:
        """Stops, waits for what is open, and fails as the thread failed."""
        self.stop()
        self.join(timeout)
        if self.failure:
            raise self.failure
        assert not self.is_alive(), f"{self.name} still waits for receipts after {timeout:g} s"


class Load:
    """Several publishers at once. Use as a context manager; leaving it stops them."""

    def __init__(self, cluster: Tideline, publishers: int = 2, seed: object = 1, **options: Any):
        self.cluster = cluster
        self.publishers = [Publisher(cluster, f"{seed}-{number}", **options) for number in range(publishers)]

    def __enter__(self) -> Load:
        for publisher in self.publishers:
            publisher.start()
        return self

    def __exit__(self, *_: object) -> None:
        for publisher in self.publishers:
            publisher.stop()

    @property
    def decided(self) -> list[dict[str, Any]]:
        return [event for publisher in self.publishers for event in publisher.decided]

    @property
    def receipts(self) -> list[dict[str, Any]]:
        return [receipt for publisher in self.publishers for receipt in publisher.receipts]

    def wait_for(self, further: int, timeout: float = 30) -> None:
        """Until that many more responses are decided."""
        goal = len(self.decided) + further
        started = time.monotonic()

        def enough() -> bool:
            for publisher in self.publishers:
                if publisher.failure:
                    raise publisher.failure
            return len(self.decided) >= goal

        wait_until(enough, timeout, f"{further} further responses are decided (asked at {started:.0f})")

    def finish(self, timeout: float = 60) -> list[dict[str, Any]]:
        """Stops the publishers and returns everything that must be counted, each once."""
        for publisher in self.publishers:
            publisher.stop()
        for publisher in self.publishers:
            publisher.finish(timeout)
        assert_statuses(self.receipts, "accepted", "duplicate")
        return self.decided
