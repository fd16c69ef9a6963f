"""The three services as child processes on loopback, started from nothing in a folder of their own."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

READY_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PORTS = ["responses", "receipts", "work", "ingestHTTP", "tallies", "feed", "requests", "alertingHTTP"]

CONFIGURATION = """\
data: {folder}/data
dimensions: [region, channel, agent, product]
model: [region, channel]
timezone: UTC
clock: wall
ingest:
  responses: "tcp://127.0.0.1:{responses}"
  receipts: "tcp://127.0.0.1:{receipts}"
  work: "tcp://127.0.0.1:{work}"
  http: "127.0.0.1:{ingestHTTP}"
scoring:
  work: ["tcp://127.0.0.1:{work}"]
  tallies: "tcp://127.0.0.1:{tallies}"
  http: "127.0.0.1:0"
alerting:
  tallies: "tcp://127.0.0.1:{tallies}"
  feed: "tcp://127.0.0.1:{feed}"
  requests: "tcp://127.0.0.1:{requests}"
  http: "127.0.0.1:{alertingHTTP}"
metrics:
  csat: {{scale: 1..5, satisfied: 4..5}}
rules:
  - {{name: csat-dip, metric: csat, smallestDip: 3}}
notifiers: []
"""


class BenchmarkError(Exception):
    """Says what went wrong and where to look."""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class System:
    """Use as a context: started and ready inside, stopped in the direction of the data at its end."""

    def __init__(self, binaries, folder, workers=1):
        self.binaries = pathlib.Path(binaries)
        self.folder = pathlib.Path(folder)
        self.workers = workers
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.processes = []

    def __enter__(self):
        self.folder.mkdir(parents=True)
        self.configuration = self.folder / "tideline.yaml"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder.resolve(), **self.ports))
        try:
            self._start("alerting", "alerting")
            for number in range(self.workers):
                self._start("scoring", f"scoring-{number + 1}")
            self._start("ingest", "ingest")
            self._await_ready("alertingHTTP")
            self._await_ready("ingestHTTP")
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self._kill()
            return
        for name, process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self._kill()
                raise BenchmarkError(f"{name} did not stop in {STOP_SECONDS_MAX} s; see {self.log(name)}") from None
            if status != 0:
                self._kill()
                raise BenchmarkError(f"{name} ended with status {status}; see {self.log(name)}")

    def log(self, name):
        return self.folder / f"{name}.log"

    def endpoint(self, name):
        return f"tcp://127.0.0.1:{self.ports[name]}"

    def get(self, port, path, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}{path}{query}", timeout=30) as response:
            return response.read()

    def scores(self, dimension, value, first, end, step):
        """The scores of one series; an empty dimension means the total."""
        parameters = {"metric": "csat", "from": instant(first), "to": instant(end), "step": step}
        if dimension:
            parameters["segment"] = f"{dimension}:{value}"
        return json.loads(self.get("alertingHTTP", "/api/v1/scores", **parameters))["scores"]

    def hours(self, dimension, value, first, end):
        """{hour start in Unix seconds: [count of 1, …, count of 5]} of one series."""
        found = {}
        for score in self.scores(dimension, value, first, end, "1h"):
            start = int(datetime.fromisoformat(score["start"].replace("Z", "+00:00")).timestamp())
            found[start] = [score["counts"].get(str(answer), 0) for answer in range(1, 6)]
        return found

    def counted(self, first, end):
        """How many responses the trend lines hold between the two instants."""
        return sum(score["responses"] for score in self.scores("", "", first, end, "all"))

    def cpu_seconds(self):
        """{process: user and system time of all its threads so far}."""
        return {name: cpu_seconds(process.pid) for name, process in self.processes}

    def memory_mib(self):
        """{process: the most it ever had resident}."""
        return {name: peak_mib(process.pid) for name, process in self.processes}

    def check_alive(self):
        for name, process in self.processes:
            if process.poll() is not None:
                raise BenchmarkError(f"{name} ended with status {process.returncode}; see {self.log(name)}")

    def _start(self, executable, name):
        # Settings of whoever runs this must not reach the services.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TIDELINE_")}
        command = [self.binaries / executable, "--config", self.configuration]
        with open(self.log(name), "wb") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment
            )
        self.processes.append((name, process))

    def _await_ready(self, port):
        deadline = time.monotonic() + READY_SECONDS_MAX
        while True:
            self.check_alive()
            try:
                self.get(port, "/readyz")
                return
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline:
                    raise BenchmarkError(f"not ready after {READY_SECONDS_MAX} s; logs in {self.folder}") from None
                time.sleep(0.05)

    def _kill(self):
        for _, process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


def instant(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
