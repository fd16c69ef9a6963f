"""The real services as processes of this machine, on loopback ports of their own."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Iterable, TypeVar

import bus
import contracts

T = TypeVar("T")

# Slow enough for two loaded cores and a debug build; what works takes a fraction of it.
READY_SECONDS = 30.0


def wait_until(condition: Callable[[], T], timeout: float = 30, what: str = "condition") -> T:
    """Asks `condition` until it returns something true, and returns that.

    An AssertionError or a failed connection of the condition counts as "not yet" and is told with the failure.
    """
    deadline = time.monotonic() + timeout
    pause = 0.01
    last: object = None
    while True:
        try:
            if value := condition():
                return value
            last = value
        except (AssertionError, OSError, http.client.HTTPException) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout:g} s still not: {what} (last: {last!r:.500})")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


_given_ports: set[int] = set()


def free_port() -> int:
    """A loopback port nobody listens on, below the range from which outgoing connections take theirs.

    So it stays free while a service that is bound to it is down.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        if port in _given_ports:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given_ports.add(port)
        return port


class Scrape:
    """One answer of /metrics in the Prometheus text format."""

    _SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \S+)?$")
    _LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text: str):
        self.samples: list[tuple[str, dict[str, str], float]] = []
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            match = self._SAMPLE.match(line)
            assert match, f"no sample of the Prometheus text format: {line!r}"
            name, labels, value = match.groups()
            self.samples.append((name, dict(self._LABEL.findall(labels or "")), float(value)))

    def value(self, name: str, **labels: str) -> float:
        """Sum of the samples of that name which have these labels; 0 when there is none."""
        return sum(
            value
            for sample, own, value in self.samples
            if sample == name and all(own.get(label) == wanted for label, wanted in labels.items())
        )

    def names(self) -> set[str]:
        return {name for name, _, _ in self.samples}


class Service:
    """One process of Tideline: started, watched, killed, started again on the same ports and data."""

    def __init__(self, name: str, program: str, arguments: list[str], http: str, folder: Path):
        self.name = name
        self.command = [str(contracts.executable(program)), *arguments]
        self.http = f"http://{http}"
        self.log = folder / f"{name}.log"
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    # MARK: Life

    def start(self) -> Service:
        """Starts without waiting; see `wait_ready`."""
        assert not self.is_alive, f"{self.name} runs already"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDELINE_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
                env=environment,
            )  # fmt: skip
        return self

    def wait_ready(self, timeout: float = READY_SECONDS) -> Service:
        def ready() -> bool:
            if not self.is_alive:
                raise RuntimeError(f"{self.name} ended with status {self.status}\n{self.tail()}")
            return self.get("/readyz")[0] == 200

        wait_until(ready, timeout, f"{self.name} is ready")
        return self

    def kill9(self) -> None:
        """Ends the process at once, as a crash does; returns when it is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self, timeout: float = 30) -> int:
        """Asks it to drain (SIGTERM) and returns its exit status, 0 when all went well."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs {timeout:g} s after SIGTERM\n{self.tail()}") from None

    def restart(self, timeout: float = READY_SECONDS) -> Service:
        """Starts again after `kill9` or `stop`, and waits until ready."""
        return self.start().wait_ready(timeout)

    def pause(self) -> None:
        """Freezes the process (SIGSTOP): alive for the kernel, silent for everybody."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Makes sure that nothing is left, whatever state it is in."""
        if self.is_alive:
            self.resume()
            self.kill9()

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def status(self) -> int | None:
        """Exit status; negative is the signal that ended it; None while it runs."""
        return self.process.poll() if self.process else None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def resident_bytes(self) -> int:
        """Memory that is really there (Linux)."""
        match = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text(), re.MULTILINE)
        assert match
        return int(match.group(1)) * 1024

    # MARK: What it says

    def get(self, path: str, timeout: float = 10) -> tuple[int, bytes]:
        """Status and body of an HTTP GET; an error status is a value, no connection an OSError."""
        try:
            with urllib.request.urlopen(self.http + path, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def get_json(self, path: str) -> Any:
        status, body = self.get(path)
        assert status == 200, f"{self.name} answers {status} to GET {path}: {body!r:.500}"
        return json.loads(body)

    def metrics(self) -> Scrape:
        status, body = self.get("/metrics")
        assert status == 200, f"{self.name} answers {status} to GET /metrics"
        return Scrape(body.decode())

    def logs(self) -> list[dict[str, Any]]:
        """Every line so far, over all starts; a line that is no JSON object (a trap, say) comes as {"text": line}."""
        entries = []
        for line in self.log.read_text(errors="replace").splitlines() if self.log.exists() else []:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"text": line}
            entries.append(entry if isinstance(entry, dict) else {"text": line})
        return entries

    def tail(self, lines: int = 40) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:]) or "(no output)"


class Tideline:
    """ingest, alerting and any number of scoring processes over one configuration file and one data directory.

        cluster = Tideline(tmp_path, clock="wall", scoring=2, settings={"ingest": {"blockEventsMax": 16}})
        cluster.start()
        receipts = cluster.publish([bus.response(5)])
        cluster.ingest.kill9()
        cluster.ingest.restart()

    Settings are nested dictionaries or dotted paths and win over the defaults here. In tests take the fixture
    `tideline`, which ends every process and shows the ends of their logs when the test fails.
    """

    def __init__(
        self, folder: Path, clock: str = "wall", scoring: int = 1, settings: dict[str, Any] | None = None
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        names = ("responses", "receipts", "work", "tallies", "feed", "requests")
        self.endpoints = at = {name: f"tcp://127.0.0.1:{free_port()}" for name in names}
        ingest_http, alerting_http = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        workers = [f"127.0.0.1:{free_port()}" for _ in range(scoring)]
        self.settings: dict[str, Any] = {
            "data": str(self.data),
            "clock": clock,
            "dimensions": ["region", "channel"],
            "model": ["region", "channel"],
            "timezone": "UTC",
            "metrics": {"csat": {"scale": "1..5", "satisfied": "4..5"}},
            "ingest": {name: at[name] for name in names[:3]} | {"http": ingest_http},
            "scoring": {"work": [at["work"]], "tallies": at["tallies"]},
            "alerting": {name: at[name] for name in names[3:]} | {"http": alerting_http},
        }
        _merge(self.settings, settings or {})
        folder.mkdir(parents=True, exist_ok=True)
        self.configuration = folder / "tideline.yaml"
        # JSON is YAML, and says itself what is a text and what a number.
        self.configuration.write_text(json.dumps(self.settings, indent=2))
        config = ["--config", str(self.configuration)]
        self.ingest = Service("ingest", "ingest", config, ingest_http, folder)
        self.alerting = Service("alerting", "alerting", config, alerting_http, folder)
        self.scoring = [
            Service(f"scoring-{number}", "scoring", [*config, "--scoring.http", http], http, folder)
            for number, http in enumerate(workers)
        ]

    @property
    def services(self) -> list[Service]:
        return [self.alerting, *self.scoring, self.ingest]

    def start(self, timeout: float = READY_SECONDS) -> Tideline:
        """Starts all that do not run and waits until all are ready."""
        for service in self.services:
            if not service.is_alive:
                service.start()
        for service in self.services:
            service.wait_ready(timeout)
        return self

    def stop(self) -> None:
        """Drains in the direction of the data; every service must end with status 0."""
        for service in reversed(self.services):
            if service.is_alive:
                status = service.stop()
                assert status == 0, f"{service.name} ended with status {status} after SIGTERM\n{service.tail()}"

    def end(self) -> None:
        """Ends every process at once; never fails."""
        for service in self.services:
            service.end()

    def __enter__(self) -> Tideline:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def assert_alive(self) -> None:
        for service in self.services:
            assert service.is_alive, f"{service.name} ended with status {service.status}\n{service.tail()}"

    # MARK: Data in

    def publish(self, events: Iterable[bus.Event], per_message: int = 1, **options: Any) -> list[dict[str, Any]]:
        """Sends events with receipts; see `bus.publish`."""
        return bus.publish(self.endpoints["receipts"], events, per_message, **options)

    def publish_surely(self, events: Iterable[bus.Event], per_message: int = 1, **options: Any) -> list[dict[str, Any]]:
        """Sends events until each is decided, through crashes; see `bus.publish_surely`."""
        return bus.publish_surely(self.endpoints["receipts"], events, per_message, **options)

    # MARK: Data out

    def scores(
        self, metric: str = "csat", segment: str | None = None, step: str = "1d", **query: str
    ) -> list[dict[str, Any]]:
        """GET /api/v1/scores; `segment` as "region:eu", None for the total; `start` and `end` become from and to."""
        names = {"start": "from", "end": "to"}
        pairs = {"metric": metric, "step": step} | ({"segment": segment} if segment else {})
        pairs |= {names.get(name, name): value for name, value in query.items()}
        return self.alerting.get_json("/api/v1/scores?" + urllib.parse.urlencode(pairs))["scores"]

    def counts(self, metric: str = "csat", segment: str | None = None) -> Counter[str]:
        """Answers per value of the scale over all time."""
        total: Counter[str] = Counter()
        for score in self.scores(metric, segment, step="all"):
            total.update(score["counts"])
        return +total

    def alerts(self, **query: str) -> list[dict[str, Any]]:
        """GET /api/v1/alerts, for instance with state="firing"."""
        found = self.alerting.get_json("/api/v1/alerts?" + urllib.parse.urlencode(query))
        return found["alerts"] if isinstance(found, dict) else found

    def series(self, metric: str = "csat") -> Any:
        return self.alerting.get_json("/api/v1/series?" + urllib.parse.urlencode({"metric": metric}))

    def feed(self, *topics: str) -> bus.Feed:
        return bus.Feed(self.endpoints["feed"], *topics)

    def feed_request(self, topic: str, **data: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        return bus.feed_request(self.endpoints["requests"], topic, **data)

    def wait_counts(
        self, wanted: dict[Any, int], metric: str = "csat", segment: str | None = None, timeout: float = 30
    ) -> None:
        """Waits until exactly these answers are counted. More than these never becomes right, so it fails at once."""
        expected = +Counter({str(answer): count for answer, count in wanted.items()})

        def agree() -> bool:
            found = self.counts(metric, segment)
            if too_many := found - expected:
                raise RuntimeError(f"counted more than was accepted: {dict(too_many)}; found {dict(found)}")
            assert found == expected, f"found {dict(found)}"
            return True

        wait_until(agree, timeout, f"{metric} {segment or 'total'} counts {dict(expected)}")


def _merge(target: dict[str, Any], changes: dict[str, Any]) -> None:
    for path, value in changes.items():
        *groups, name = path.split(".")
        place = target
        for group in groups:
            place = place.setdefault(group, {})
        if isinstance(value, dict) and isinstance(place.get(name), dict) and name != "metrics":
            _merge(place[name], value)
        else:
            place[name] = value
