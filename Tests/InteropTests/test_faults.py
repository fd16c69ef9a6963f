"""Real processes are killed, frozen, starved and robbed of their files: what was accepted is counted exactly once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import zmq

import bus
import contracts
import messagefiles
import workload
from cluster import Service, Tideline, free_port, wait_until
from workload import Load, assert_counted, assert_statuses, some

Make = Callable[..., Tideline]

# Small blocks, so that little load makes many of them.
SMALL_BLOCKS = {"ingest.blockEventsMax": 8}


def journal(cluster: Tideline) -> Path:
    return cluster.data / "ingest" / "journal"


def store_files(cluster: Tideline) -> list[Path]:
    return sorted((cluster.data / "alerting").glob("trends.sqlite*"))


def said(service: Service, *words: str) -> list[dict[str, Any]]:
    """Log lines that hold all these words."""
    return [entry for entry in service.logs() if all(word in str(entry) for word in words)]


def ingest_value(cluster: Tideline, name: str, **labels: str) -> float:
    return cluster.ingest.metrics().value(f"tideline_ingest_{name}", **labels)


# MARK: kill -9 under load

VICTIMS: dict[str, Callable[[Tideline], list[Service]]] = {
    "ingest": lambda cluster: [cluster.ingest],
    "alerting": lambda cluster: [cluster.alerting],
    "a worker": lambda cluster: cluster.scoring[:1],
    "all workers": lambda cluster: cluster.scoring,
    "everything": lambda cluster: cluster.services,
}


@pytest.mark.parametrize("victims", VICTIMS)
def test_killed_under_load(tideline: Make, victims: str) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS).start()
    with Load(cluster, publishers=3) as load:
        for _ in range(3):
            load.wait_for(300)
            killed = VICTIMS[victims](cluster)
            for service in killed:
                service.kill9()
            if cluster.ingest not in killed:
                # Senders notice nothing.
                load.wait_for(300)
            for service in killed:
                service.start()
        events = load.finish()
    cluster.start()
    assert_counted(cluster, events)


def test_killed_again_and_again_while_starting(tideline: Make) -> None:
    """Also before recovery is done."""
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    generator = random.Random(11)
    with Load(cluster) as load:
        load.wait_for(500)
        for _ in range(12):
            for service in cluster.services:
                if service.is_alive:
                    service.kill9()
                service.start()
            # A moment that is no condition: anywhere between the first instruction and the first receipt.
            time.sleep(generator.uniform(0, 0.3))
        cluster.start()
        load.wait_for(300)
        events = load.finish()
    assert_counted(cluster, events)


# MARK: Parts that are missing for a while


def test_alerting_away(tideline: Make) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS).start()
    with Load(cluster) as load:
        load.wait_for(200)
        cluster.alerting.kill9()
        # Longer than every lease and silence there is, by the load that passes meanwhile.
        down = time.monotonic()
        while time.monotonic() - down < 4:
            load.wait_for(100)
        assert cluster.ingest.get("/healthz")[0] == 200
        wait_until(lambda: ingest_value(cluster, "blocks_backlog") > 0, what="the backlog is shown")
        for worker in cluster.scoring:
            wait_until(lambda: worker.get("/readyz")[0] == 503, what="a worker without alerting is not ready")
        cluster.alerting.restart()
        load.wait_for(100)
        events = load.finish()
    assert_counted(cluster, events)
    assert_statuses(load.receipts, "accepted")


def test_no_worker(tideline: Make) -> None:
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS)
    cluster.alerting.start()
    cluster.ingest.start().wait_ready()
    events = some(3000)
    # More blocks than may be in flight, with nobody to take them.
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    assert cluster.counts() == Counter()
    wait_until(lambda: ingest_value(cluster, "blocks_backlog") >= 300, what="the backlog is shown")
    cluster.scoring[0].start()
    assert_counted(cluster, events)


def test_started_in_any_order(tideline: Make) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS)
    cluster.ingest.start().wait_ready()
    events = some(500)
    assert_statuses(cluster.publish(events, per_message=5), "accepted")
    cluster.scoring[1].start()
    cluster.alerting.start().wait_ready()
    cluster.scoring[0].start()
    assert_counted(cluster, events)


# MARK: Workers that hold blocks


@pytest.mark.parametrize("way", ["kill -9", "SIGSTOP"])
def test_worker_gone_with_its_blocks(tideline: Make, way: str) -> None:
    """The others are out of credit, because what they could finish waits for the blocks the gone one holds."""
    settings = SMALL_BLOCKS | {"scoring.credit": 1, "ingest.blocksInFlightMax": 3}
    cluster = tideline(scoring=3, settings=settings).start()
    # Not more than one worker of a debug build can follow.
    with Load(cluster, publishers=3, chunk=20, pause=0.05) as load:
        for number in range(2):
            load.wait_for(200)
            victim = cluster.scoring[number]
            if way == "kill -9":
                victim.kill9()
            else:
                victim.pause()
            counted = sum(cluster.counts().values())
            wait_until(lambda: sum(cluster.counts().values()) > counted + 300, 15, "the others go on without it")
        events = load.finish()
    # With two of three gone.
    for segment, counts in workload.tally(events).items():
        cluster.wait_counts(counts, segment=segment)
    for victim in cluster.scoring[:2]:
        if way == "SIGSTOP":
            victim.resume()
    # What they still send is old.
    assert_counted(cluster, events)
    if way == "SIGSTOP":
        for victim in cluster.scoring[:2]:
            victim.wait_ready()


def test_frozen_and_thawed(tideline: Make) -> None:
    """Each process in turn, longer than its lease, under load."""
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS).start()
    with Load(cluster) as load:
        for service in (cluster.alerting, cluster.scoring[0], cluster.scoring[1], cluster.ingest):
            load.wait_for(150)
            service.pause()
            # Longer than the lease of a second; nothing else can be waited for while ingest stands still.
            time.sleep(1.5)
            service.resume()
        load.wait_for(150)
        events = load.finish()
    assert_counted(cluster, events)


# MARK: Lost and older files


def stop_alerting(cluster: Tideline) -> None:
    assert cluster.alerting.stop() == 0


@pytest.mark.parametrize("ingest_too", [False, True], ids=["ingest lives on", "all stopped"])
def test_trend_store_deleted(tideline: Make, ingest_too: bool) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS).start()
    events = some(1000)
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    assert_counted(cluster, events)
    before = answers(cluster)
    if ingest_too:
        cluster.stop()
    else:
        stop_alerting(cluster)
    for file in store_files(cluster):
        file.unlink()
    cluster.start()
    assert_counted(cluster, events)
    assert answers(cluster) == before, "the same scores, byte for byte"
    if not ingest_too:
        assert ingest_value(cluster, "rewinds_total") >= 1
        assert said(cluster.ingest, "lost what it had applied"), "the rewind is said"


@pytest.mark.parametrize("how", ["drained", "killed"])
def test_trend_store_rolled_back(tideline: Make, tmp_path: Path, how: str) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS).start()
    older = tmp_path / "backup"
    first, second, third = some(400, seed=1), some(400, seed=2), some(400, seed=3)
    assert_statuses(cluster.publish(first, per_message=8), "accepted")
    assert_counted(cluster, first)
    stop_alerting(cluster)
    shutil.copytree(cluster.data / "alerting", older)
    cluster.alerting.restart()
    assert_statuses(cluster.publish(second, per_message=8), "accepted")
    assert_counted(cluster, first + second)
    if how == "drained":
        stop_alerting(cluster)
    else:
        cluster.alerting.kill9()
    shutil.rmtree(cluster.data / "alerting")
    shutil.copytree(older, cluster.data / "alerting")
    assert_statuses(cluster.publish(third, per_message=8), "accepted")
    cluster.alerting.restart()
    assert_counted(cluster, first + second + third)
    assert ingest_value(cluster, "rewinds_total") >= 1
    assert said(cluster.ingest, "lost what it had applied"), "the rewind is said"


def is_halted(cluster: Tideline) -> bool:
    assert said(cluster.ingest, "nothing is dispatched"), "ingest says why"
    status, body = cluster.ingest.get("/readyz")
    assert status == 503, body
    return True


def test_journal_older_than_the_store(tideline: Make, tmp_path: Path) -> None:
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    first, second = some(300, seed=1), some(300, seed=2)
    assert_statuses(cluster.publish(first, per_message=8), "accepted")
    assert cluster.ingest.stop() == 0
    older = tmp_path / "backup"
    shutil.copytree(cluster.data / "ingest", older)
    cluster.ingest.restart()
    assert_statuses(cluster.publish(second, per_message=8), "accepted")
    assert_counted(cluster, first + second)
    before = cluster.counts()
    assert cluster.ingest.stop() == 0
    shutil.rmtree(cluster.data / "ingest")
    shutil.copytree(older, cluster.data / "ingest")
    cluster.ingest.start()
    wait_until(lambda: is_halted(cluster), 15, "ingest refuses to go on")
    halted = said(cluster.ingest, "nothing is dispatched")[0]
    assert "journal" in str(halted) and "restore" in str(halted), "with the next step"
    # Even once the journal has as many blocks again, they are others.
    with bus.Client(cluster.endpoints["receipts"]) as client:
        for event in some(900, seed=3):
            client.send([b"", bus.encoded(event)])
        for _ in range(900):
            client.receive()
    # Several heartbeats of the worker later.
    seen = cluster.scoring[0].metrics().value("tideline_scoring_blocks_total")
    time.sleep(1)
    assert cluster.scoring[0].metrics().value("tideline_scoring_blocks_total") == seen
    assert cluster.counts() == before
    assert is_halted(cluster)


def test_journal_deleted(tideline: Make) -> None:
    """A journal begun anew beside a store that has counted another one: said, and nothing is dispatched."""
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    events = some(300)
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    assert_counted(cluster, events)
    assert cluster.ingest.stop() == 0
    shutil.rmtree(cluster.data / "ingest")
    cluster.ingest.start()
    wait_until(lambda: is_halted(cluster), 10, "ingest refuses to go on")
    assert sum(cluster.counts().values()) == len(events)


# MARK: Poison


def test_poison_block_is_skipped(tideline: Make) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS).start()
    before, after = some(400, seed=1), some(400, seed=2)
    assert_statuses(cluster.publish(before, per_message=8), "accepted")
    assert_counted(cluster, before)
    assert cluster.ingest.stop() == 0
    poison = messagefiles.append(journal(cluster), [bus.encoded(workload.some(1)[0]), b'{"type":"tideline.response'])
    number = poison.header["number"]
    cluster.ingest.restart()
    assert_statuses(cluster.publish(after, per_message=8), "accepted")
    wait_until(lambda: ingest_value(cluster, "blocks_skipped_total") == 1, 20, "the block is skipped")
    assert_counted(cluster, before + after)
    said_so = [entry for entry in said(cluster.ingest, "skipped") if entry.get("level") == "critical"]
    assert [str(entry["block"]) for entry in said_so] == [str(number)]
    assert "JSON" in said_so[0]["reason"], "and why"
    assert ingest_value(cluster, "block_failures_total") >= 5, "not before it was tried enough"
    assert f'"number":{number}' in (journal(cluster) / "skips").read_text()
    # The file keeps its events, and it stays skipped: over a restart, and when all is sent again.
    assert messagefiles.blocks(journal(cluster))[number - 1].payload == poison.payload
    cluster.stop()
    for file in store_files(cluster):
        file.unlink()
    cluster.start()
    assert_counted(cluster, before + after)
    assert ingest_value(cluster, "block_failures_total") == 0
    cluster.assert_alive()


def test_broken_release_does_not_skip_its_way_through(tideline: Make) -> None:
    """A worker that never finished a block says nothing about the block by failing on it."""
    cluster = tideline(scoring=2)
    cluster.ingest.start().wait_ready()
    assert_statuses(cluster.publish(some(1)), "accepted")
    assert cluster.ingest.stop() == 0
    (path,) = messagefiles.files(journal(cluster))
    messagefiles.replace_payload(path, 1, [b"{broken"])
    cluster.start()
    wait_until(lambda: ingest_value(cluster, "block_failures_total") >= 7, 20, "the block fails again and again")
    assert ingest_value(cluster, "blocks_skipped_total") == 0
    assert not (journal(cluster) / "skips").exists()
    # Senders notice nothing.
    assert_statuses(cluster.publish(some(50)), "accepted")


# MARK: Restart


def answers(cluster: Tideline) -> list[bytes]:
    """What the API says, as bytes."""
    paths = [f"/api/v1/scores?metric=csat&step={step}" for step in ("15m", "1h", "1d", "1w", "all")]
    paths += [f"/api/v1/scores?metric=csat&step=1d&segment={name}" for name in workload.SEGMENTS if name]
    paths += ["/api/v1/series?metric=csat", "/api/v1/alerts"]
    found = []
    for path in paths:
        status, body = cluster.alerting.get(path)
        assert status == 200, (path, body[:300])
        found.append(body)
    return found


@pytest.mark.parametrize("how", ["drained", "killed"])
def test_restart_of_all(tideline: Make, how: str) -> None:
    cluster = tideline(scoring=2, settings=SMALL_BLOCKS).start()
    events = some(1500)
    # Over some days and quarters of an hour.
    now = time.time()
    for place, event in enumerate(events):
        event["time"] = bus.moment(now - place * 180)
    assert_statuses(cluster.publish(events, per_message=10), "accepted")
    assert_counted(cluster, events)
    before = answers(cluster)
    assert len(cluster.scores(step="15m")) > 200 and len(cluster.scores(step="1d")) >= 3
    if how == "drained":
        cluster.stop()
    else:
        for service in cluster.services:
            service.kill9()
    cluster.start()
    assert_counted(cluster, events)
    assert answers(cluster) == before


def test_workers_do_not_change_the_answers(tideline: Make) -> None:
    """The same message files give the same scores with one worker and with three, whatever the order of their tallies."""
    one = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    events = some(1500)
    assert_statuses(one.publish(events, per_message=10), "accepted")
    assert_counted(one, events)
    wanted = answers(one)
    assert one.ingest.stop() == 0
    three = tideline(scoring=3, settings=SMALL_BLOCKS | {"scoring.credit": 3})
    shutil.copytree(one.data / "ingest", three.data / "ingest")
    three.start()
    assert_counted(three, events)
    assert answers(three) == wanted


# MARK: No room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path, leaving: int) -> Path:
    """Takes the space of a file system but for so many bytes; frees it when removed."""
    ballast = folder / "ballast"
    free = os.statvfs(folder)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leaving)
    return ballast


@pytest.mark.parametrize("free_bytes_min", ["8MiB", "0B"], ids=["noticed before", "noticed by the write"])
def test_disk_full(tideline: Make, small_disk: Path, free_bytes_min: str) -> None:
    cluster = tideline(scoring=1, settings={"ingest.freeBytesMin": free_bytes_min})
    cluster.data.mkdir()
    (cluster.data / "ingest").symlink_to(small_disk)
    cluster.start()
    events = some(500)
    assert_statuses(cluster.publish(events, per_message=10), "accepted")
    ballast = fill(small_disk, leaving=0)
    refused: list[dict[str, Any]] = []

    def is_full() -> bool:
        event = some(1, seed=random.random())[0]
        event["data"]["comment"] = "x" * 10_000
        (receipt,) = cluster.publish([event])
        if receipt["status"] == "accepted":
            events.append(event)
            return False
        refused.append(event)
        assert receipt["status"] == "unavailable", receipt
        assert receipt["reason"] == "diskFull", receipt
        assert receipt["retryAfter"] >= 1
        return True

    wait_until(is_full, 15, "a full disk is told")
    if free_bytes_min != "0B":
        wait_until(lambda: cluster.ingest.get("/readyz")[0] == 503, what="ingest is not ready")
        assert said(cluster.ingest, "free space"), "and says why"
        # What is known stays known, what is broken is still told to be broken.
        more = cluster.publish([refused[0], some(1)[0], {"specversion": "1.0"}], per_message=3)
        assert [receipt["status"] for receipt in more] == ["unavailable", "unavailable", "rejected"]
    cluster.assert_alive()
    # Nobody can be told on this entrance; what comes meanwhile waits.
    waiting = some(200, seed="waiting")
    push = zmq.Context.instance().socket(zmq.PUSH)
    push.setsockopt(zmq.LINGER, 20_000)
    push.connect(cluster.endpoints["responses"])
    if free_bytes_min != "0B":
        for event in waiting:
            push.send(bus.encoded(event))
        events += waiting
    ballast.unlink()
    cluster.ingest.wait_ready(15)
    receipts = cluster.publish_surely(refused)
    assert_statuses(receipts, "accepted")
    events += refused
    late = some(200, seed="late")
    for event in late:
        push.send(bus.encoded(event))
    push.close()
    events += late
    assert_counted(cluster, events)
    # And all of it is really on the disk.
    cluster.ingest.kill9()
    cluster.ingest.restart()
    assert_statuses(cluster.publish(events, per_message=50), "duplicate")
    assert_counted(cluster, events)


def test_never_enough_room(tideline: Make) -> None:
    """Without a file system of our own: more free space is asked for than any disk has."""
    cluster = tideline(scoring=1, settings={"ingest.freeBytesMin": "1TiB"})
    for service in cluster.services:
        service.start()
    wait_until(lambda: cluster.ingest.get("/readyz")[0] == 503, what="ingest is not ready")
    wait_until(lambda: said(cluster.ingest, "nothing is accepted"), what="and says why")
    events = some(20)
    receipts = cluster.publish(events, per_message=5)
    assert_statuses(receipts, "unavailable")
    assert {receipt["reason"] for receipt in receipts} == {"diskFull"}
    wait_until(lambda: ingest_value(cluster, "unavailable_total") == len(events), what="the metric counts them")
    assert cluster.ingest.stop() == 0
    # With the limit put right the same events are fresh.
    cluster.ingest.command += ["--ingest.freeBytesMin", "1MiB"]
    cluster.ingest.restart()
    assert_statuses(cluster.publish(events, per_message=5), "accepted")
    assert_counted(cluster, events)


def test_store_that_cannot_be_written(tideline: Make, small_disk: Path) -> None:
    """Alerting ends and says why; ingest goes on; with room again nothing is missing."""
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS)
    cluster.data.mkdir()
    (cluster.data / "alerting").symlink_to(small_disk)
    cluster.start()
    events = some(200)
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    assert_counted(cluster, events)
    ballast = fill(small_disk, leaving=0)
    further = some(2000, seed=2)
    for place, event in enumerate(further):
        event["time"] = bus.moment(time.time() - place * 200)
    assert_statuses(cluster.publish(further, per_message=8), "accepted")
    events += further

    def ended() -> bool:
        status = cluster.alerting.status
        assert status is not None, "still running"
        return status == 1

    wait_until(ended, 15, "alerting ends with status 1")
    assert said(cluster.alerting, "trend store cannot be written")
    ballast.unlink()
    cluster.alerting.restart()
    assert_counted(cluster, events)


# MARK: Signals


@pytest.mark.parametrize("name", ["ingest", "scoring", "alerting"])
def test_drain_under_load(tideline: Make, name: str) -> None:
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    service = {"ingest": cluster.ingest, "scoring": cluster.scoring[0], "alerting": cluster.alerting}[name]
    with Load(cluster, publishers=3) as load:
        for _ in range(3):
            load.wait_for(200)
            assert service.stop() == 0
            service.restart()
        events = load.finish()
    assert_counted(cluster, events)


def test_everything_received_before_a_drain_is_answered_or_unknown(tideline: Make) -> None:
    """A sender that sent a lot and then sees ingest stop: receipts it got are true, the rest it sends again."""
    cluster = tideline(scoring=1).start()
    events = some(20_000)
    with bus.Client(cluster.endpoints["receipts"]) as client:
        for start in range(0, len(events), 10):
            client.send([b"", bus.lines(events[start : start + 10])])
        first = bus.receipts_in(client.receive()[-1])
        assert cluster.ingest.stop() == 0
        accepted = [receipt["data"]["id"] for receipt in first]
        while client.socket.poll(1000):
            receipts = bus.receipts_in(client.receive()[-1])
            assert_statuses([receipt["data"] for receipt in receipts], "accepted", "unavailable")
            accepted += [receipt["data"]["id"] for receipt in receipts if receipt["data"]["status"] == "accepted"]
    kept = [event["id"] for block in messagefiles.blocks(journal(cluster)) for event in block.events]
    assert len(kept) == len(set(kept))
    assert set(accepted) <= set(kept), "accepted and not kept"
    cluster.ingest.restart()
    receipts = cluster.publish(events, per_message=100)
    assert_statuses(receipts, "accepted", "duplicate")
    known = {receipt["id"] for receipt in receipts if receipt["status"] == "duplicate"}
    assert known == set(kept)
    assert_counted(cluster, events)


def test_ready_ends_before_the_process_does(tideline: Make) -> None:
    cluster = tideline(scoring=1).start()
    for service in reversed(cluster.services):
        assert service.process is not None
        assert service.stop() == 0
        assert said(service, "draining"), f"{service.name} says that it drains"
        assert service.logs()[-1].get("msg") == "stopped", f"{service.name} says that it stopped"


@pytest.mark.parametrize("name", ["ingest", "scoring", "alerting"])
def test_second_signal_ends_at_once(tideline: Make, name: str) -> None:
    """Two different signals to a frozen process are both there when it wakes up: no time to drain in between."""
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    service = {"ingest": cluster.ingest, "scoring": cluster.scoring[0], "alerting": cluster.alerting}[name]
    with Load(cluster) as load:
        load.wait_for(200)
        service.pause()
        assert service.process is not None
        service.process.send_signal(signal.SIGTERM)
        service.process.send_signal(signal.SIGINT)
        service.resume()
        assert service.process.wait(5) in (128 + signal.SIGTERM, 128 + signal.SIGINT)
        service.restart()
        load.wait_for(100)
        events = load.finish()
    assert_counted(cluster, events)


def test_hang_up_is_ignored(tideline: Make) -> None:
    cluster = tideline(scoring=1).start()
    for service in cluster.services:
        os.kill(service.pid, signal.SIGHUP)
        os.kill(service.pid, signal.SIGPIPE)
    events = some(20)
    assert_statuses(cluster.publish(events), "accepted")
    assert_counted(cluster, events)
    cluster.assert_alive()


# MARK: Starting wrongly


def run_to_end(cluster: Tideline, program: str, *arguments: str, timeout: float = 20) -> tuple[int, str]:
    """Runs a service that should end by itself; status and everything it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDELINE_")}
    done = subprocess.run(
        [str(contracts.executable(program)), "--config", str(cluster.configuration), *arguments],
        capture_output=True, text=True, timeout=timeout, cwd=cluster.folder, env=environment,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def other_ports(*names: str) -> list[str]:
    arguments = []
    for name in names:
        address = f"127.0.0.1:{free_port()}"
        arguments += [f"--{name}", address if name.endswith(".http") else f"tcp://{address}"]
    return arguments


def test_second_ingest_on_the_same_data(tideline: Make) -> None:
    cluster = tideline(scoring=1).start()
    ports = other_ports("ingest.responses", "ingest.receipts", "ingest.work", "ingest.http")
    status, text = run_to_end(cluster, "ingest", *ports)
    assert status == 1, text
    assert "another ingest process writes to" in text and str(journal(cluster)) in text
    events = some(50)
    assert_statuses(cluster.publish(events), "accepted")
    assert_counted(cluster, events)


@pytest.mark.parametrize(
    "program, taken",
    [("ingest", "receipts"), ("ingest", "work"), ("alerting", "tallies"), ("alerting", "feed"), ("ingest", "http"),
     ("scoring", "http")],
)  # fmt: skip
def test_address_in_use(tideline: Make, program: str, taken: str) -> None:
    cluster = tideline(scoring=1)
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        value = address if taken == "http" else f"tcp://{address}"
        status, text = run_to_end(cluster, program, f"--{program}.{taken}", value)
    assert status == 1, text
    assert address in text, "the address is named"


WRONG: list[tuple[str, str, str]] = [
    ("ingest.blockEventsMax", "0", "ingest.blockEventsMax"),
    ("ingest.blockEventsMax", "many", "ingest.blockEventsMax"),
    ("ingest.receipts", "localhost", "ingest.receipts"),
    ("ingest.receipts", "tcp://0.0.0.0:7402", "ingest.receipts"),
    ("timezone", "Europe/Atlantis", "timezone"),
    ("clock", "sundial", "clock"),
    ("step", "1ms", "step"),
    ("model", "[planet]", "model"),
    ("metrics", "{csat: {scale: 5..1}}", "csat"),
    ("metrics", "{happiness: {scale: 1..5}}", "happiness"),
    ("rules", "[{name: x, metric: nps}]", "rules"),
    ("identityHorizn", "7d", "identityHorizn"),
    ("ingest.recipts", "tcp://127.0.0.1:7402", "ingest.recipts"),
]


@pytest.mark.parametrize("program", ["ingest", "scoring", "alerting"])
def test_wrong_configuration(tideline: Make, program: str) -> None:
    cluster = tideline(scoring=1)
    found = []
    for key, value, named in WRONG:
        status, text = run_to_end(cluster, program, f"--{key}", value)
        if status != 2 or named not in text:
            found.append(f"--{key} {value}: status {status}: {text[:300]}")
        assert "Fatal error" not in text
    assert found == []
    assert not cluster.data.exists(), "nothing was begun"


def test_unknown_key_in_the_file_and_the_environment(tideline: Make) -> None:
    cluster = tideline(scoring=1)
    cluster.configuration.write_text("ingest:\n  blockEventMax: 5\n")
    status, text = run_to_end(cluster, "ingest")
    assert status == 2 and "blockEventMax" in text and "blockEventsMax" in text, "names the key, and the nearest one"
    assert "tideline.yaml" in text and "2" in text, "and where it stands"
    cluster.configuration.write_text("ingest: [\n")
    assert run_to_end(cluster, "ingest")[0] == 2
    cluster.configuration.unlink()
    status, text = run_to_end(cluster, "ingest")
    assert status == 2 and "tideline.yaml" in text
    environment = {"TIDELINE_INGEST_BLOCKEVENTMAX": "5", "PATH": os.environ["PATH"]}
    done = subprocess.run([contracts.executable("ingest"), "--check"], capture_output=True, text=True, env=environment)
    assert done.returncode == 2 and "TIDELINE_INGEST_BLOCKEVENTMAX" in done.stdout + done.stderr


def test_clock_mode_is_fixed(tideline: Make) -> None:
    cluster = tideline(scoring=1).start()
    assert_statuses(cluster.publish(some(5)), "accepted")
    cluster.stop()
    status, text = run_to_end(cluster, "ingest", "--clock", "message")
    assert status in (1, 2) and "clock" in text
    cluster.start()
    assert cluster.counts().total() == 5


# MARK: Damaged message files


def test_torn_tail(tideline: Make) -> None:
    """Bytes missing at the end, as a power loss leaves them: cut, said, and everything before is intact."""
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    events = some(800)
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    assert_counted(cluster, events)
    cluster.ingest.kill9()
    path = messagefiles.files(journal(cluster))[-1]
    # A block that no later one calls synced, cut in the middle: this is what recovery may cut.
    torn = messagefiles.append(journal(cluster), [bus.encoded(event) for event in some(8, seed="torn")])
    with path.open("r+b") as file:
        file.truncate(torn.offset + torn.length // 2)
    cluster.ingest.restart()
    (cut,) = said(cluster.ingest, "tail of the journal was cut")
    assert str(path) in str(cut) and str(torn.offset) in str(cut)
    assert path.stat().st_size == torn.offset or messagefiles.read(path)
    assert_statuses(cluster.publish(events, per_message=50), "duplicate")
    late = some(100, seed="late")
    assert_statuses(cluster.publish(late), "accepted")
    assert_counted(cluster, events + late)
    # Every block, read independently.
    numbers = [block.header["number"] for block in messagefiles.blocks(journal(cluster))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("tail", [b"{", b"\x00" * 5000, b"garbage\n" * 10, b"\n"], ids=["brace", "zeros", "words", "newline"])
def test_garbage_behind_the_last_block(tideline: Make, tail: bytes) -> None:
    cluster = tideline(scoring=1).start()
    events = some(100)
    assert_statuses(cluster.publish(events, per_message=10), "accepted")
    cluster.ingest.kill9()
    with messagefiles.files(journal(cluster))[-1].open("ab") as file:
        file.write(tail)
    cluster.ingest.restart()
    assert len(said(cluster.ingest, "tail of the journal was cut")) == 1
    assert_statuses(cluster.publish(events), "duplicate")
    assert_counted(cluster, events)


@pytest.mark.parametrize("which", ["an old file", "the last file"])
def test_corruption(tideline: Make, which: str) -> None:
    """A byte changed in what was synced: ingest refuses to start, naming file and offset, and changes nothing."""
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS | {"ingest.fileBytesMax": "64KiB"}).start()
    events = some(1500)
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    # One after the other, so that each block says of the one before that it was synced: what comes after the last such
    # word could be a tail that nobody was answered for.
    single = some(6, seed="single")
    assert_statuses(cluster.publish(single, window=1), "accepted")
    events += single
    assert_counted(cluster, events)
    assert cluster.ingest.stop() == 0
    paths = messagefiles.files(journal(cluster))
    assert len(paths) >= 3
    path = paths[len(paths) // 2] if which == "an old file" else paths[-1]
    blocks = messagefiles.read(path)[1]
    block = blocks[len(blocks) // 2] if which == "an old file" else blocks[-4]
    good = path.read_bytes()
    place = block.offset + block.length - 30
    path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    before = {file: file.read_bytes() for file in messagefiles.files(journal(cluster))}
    status, text = run_to_end(cluster, "ingest")
    assert status == 1, text
    assert str(path) in text and f"byte {block.offset}" in text, "names file and offset"
    assert f"block {block.header['number']}" in text and "restore" in text, "and the block, and the next step"
    assert {file: file.read_bytes() for file in messagefiles.files(journal(cluster))} == before, "nothing is changed"
    path.write_bytes(good)
    cluster.ingest.restart()
    assert_statuses(cluster.publish(events, per_message=50), "duplicate")
    assert_counted(cluster, events)


def test_file_missing_in_the_middle(tideline: Make) -> None:
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS | {"ingest.fileBytesMax": "64KiB"}).start()
    events = some(1500)
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    assert cluster.ingest.stop() == 0
    paths = messagefiles.files(journal(cluster))
    assert len(paths) >= 3
    first_gone = messagefiles.read(paths[1])[0]["first"]
    paths[1].rename(cluster.folder / "away")
    status, text = run_to_end(cluster, "ingest")
    assert status == 1 and paths[0].name in text, text
    assert f"block {first_gone} and those after it are absent" in text
    (cluster.folder / "away").rename(paths[1])
    cluster.ingest.restart()
    assert_counted(cluster, events)


def test_damaged_trend_store(tideline: Make) -> None:
    """Alerting does not start on a damaged store, says what to do, and doing it gives everything back."""
    cluster = tideline(scoring=1, settings=SMALL_BLOCKS).start()
    events = some(800)
    assert_statuses(cluster.publish(events, per_message=8), "accepted")
    assert_counted(cluster, events)
    before = answers(cluster)
    stop_alerting(cluster)
    store = cluster.data / "alerting" / "trends.sqlite"
    assert sqlite3.connect(store).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.write_bytes(b"no database at all" * 1000)
    for companion in store_files(cluster)[1:]:
        companion.unlink()
    status, text = run_to_end(cluster, "alerting")
    assert status == 1 and str(store) in text and "move it away" in text, text
    store.rename(cluster.folder / "damaged.sqlite")
    cluster.alerting.restart()
    assert_counted(cluster, events)
    assert answers(cluster) == before
