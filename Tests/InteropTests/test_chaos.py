"""Any process, killed or frozen at any moment, again and again, under load: what was accepted is counted exactly once.

TIDELINE_CHAOS_SECONDS sets how long (20 by default), TIDELINE_SEED which faults; a failure prints the command that
repeats them.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from typing import Any, Callable

import pytest

import messagefiles
import workload
from cluster import Service, Tideline
from workload import Load, assert_counted

SECONDS = float(os.environ.get("TIDELINE_CHAOS_SECONDS") or 20)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> Any:
    seed = int(os.environ.get("TIDELINE_SEED") or secrets.randbits(32))
    yield seed
    if getattr(request.node, "failed", False):
        print(
            f"\nseed {seed}; again with: TIDELINE_SEED={seed} TIDELINE_CHAOS_SECONDS={SECONDS:g} "
            f"python -m pytest '{request.node.nodeid}'"
        )


class Chaos:
    """Does random harm to the processes of a cluster, and keeps a diary of it."""

    # Longer than the lease of a second, so that blocks change hands; shorter than anyone's patience.
    FROZEN_SECONDS_MAX = 2.5
    DOWN_SECONDS_MAX = 1.5

    def __init__(self, cluster: Tideline, seed: int):
        self.cluster = cluster
        self.generator = random.Random(seed)
        self.started = time.monotonic()
        self.diary: list[str] = []
        # When a process that is down or frozen comes back.
        self.returns: dict[str, tuple[float, str]] = {}

    def run(self, seconds: float) -> None:
        end = self.started + seconds
        while (now := time.monotonic()) < end:
            self.bring_back(now)
            self.harm(now)
            time.sleep(self.generator.uniform(0.05, 0.6))
        self.bring_back(float("inf"))

    def harm(self, now: float) -> None:
        service = self.generator.choice(self.cluster.services)
        kind = self.generator.choice(["kill", "kill", "freeze", "drain", "kill and start at once"])
        if service.name in self.returns:
            return
        self.note(kind, service)
        if kind == "freeze":
            service.pause()
            self.returns[service.name] = (now + self.generator.uniform(0.05, self.FROZEN_SECONDS_MAX), "thaw")
            return
        if kind == "drain":
            assert service.process is not None
            service.process.terminate()
            # Perhaps killed while it drains.
            self.returns[service.name] = (now + self.generator.uniform(0, self.DOWN_SECONDS_MAX), "start")
            return
        service.kill9()
        if kind == "kill":
            self.returns[service.name] = (now + self.generator.uniform(0, self.DOWN_SECONDS_MAX), "start")
        else:
            service.start()

    def bring_back(self, now: float) -> None:
        for service in self.cluster.services:
            due, how = self.returns.get(service.name, (float("inf"), ""))
            if not how or due > now:
                continue
            del self.returns[service.name]
            self.note(how, service)
            if how == "thaw":
                service.resume()
            else:
                if service.is_alive:
                    service.kill9()
                service.start()

    def note(self, what: str, service: Service) -> None:
        self.diary.append(f"{time.monotonic() - self.started:7.3f} {what} {service.name}")


SHAPES: dict[str, dict[str, Any]] = {
    # Blocks of few events: many of them in flight, and much to get out of order.
    "small blocks": {"ingest.blockEventsMax": 8, "ingest.identitiesMax": 1000},
    # Little credit and little in flight: every lost block stops all others.
    "tight": {"ingest.blockEventsMax": 20, "scoring.credit": 1, "ingest.blocksInFlightMax": 4,
              "ingest.fileBytesMax": "64KiB"},
    # The settings as shipped.
    "defaults": {},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_chaos(tideline: Callable[..., Tideline], seed: int, shape: str) -> None:
    cluster = tideline(scoring=2, settings=SHAPES[shape]).start()
    chaos = Chaos(cluster, seed)
    with Load(cluster, publishers=3, seed=seed, pause=0.01) as load:
        chaos.run(SECONDS / len(SHAPES))
        try:
            for service in cluster.services:
                if not service.is_alive:
                    # Ended by itself after the last harm, as a drain does: anything else is told below.
                    service.start()
            cluster.start()
            events = load.finish()
            assert_counted(cluster, events)
            assert_kept_once(cluster, events)
            assert_nobody_crashed(cluster)
        except BaseException:
            print("\n".join(chaos.diary))
            raise
    print(f"{len(events)} responses, {len(chaos.diary)} harms, seed {seed}")


def assert_kept_once(cluster: Tideline, events: list[dict[str, Any]]) -> None:
    """The message files, read independently, hold every event once, in blocks without a gap."""
    blocks = messagefiles.blocks(cluster.data / "ingest" / "journal")
    assert [block.header["number"] for block in blocks] == list(range(1, len(blocks) + 1))
    kept = [(event["source"], event["id"]) for block in blocks for event in block.events]
    assert len(kept) == len(set(kept)), "an event is kept twice"
    assert set(kept) == {(event["source"], event["id"]) for event in events}
    assert workload.tally(event for block in blocks for event in block.events) == workload.tally(events)


def assert_nobody_crashed(cluster: Tideline) -> None:
    words = ("Fatal error", "Assertion", "Segmentation", "*** ", "corrupt")
    for service in cluster.services:
        broken = [entry for entry in service.logs() if any(word in str(entry) for word in words)]
        assert broken == [], f"{service.name}: {broken[:3]}"
        said = [entry for entry in service.logs() if "text" in entry]
        assert said == [], f"{service.name} said something that is no log line: {said[:3]}"
