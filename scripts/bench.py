#!/usr/bin/env python3
"""Measures the whole system: three services on loopback with their default configuration and a real disk.

Each run starts from nothing, publishes a generated file, waits until alerting has applied every response, compares
every cell (hour × total and each value of each dimension) with a reference computed in Python, and stops the services,
which must end with status 0. A run whose cells differ has no speed: the benchmark fails.

Speed is responses divided by the time from the first message sent to the last response applied. CPU is user and system
time of all services in that time and half a second after it; the publisher's is shown beside it and not counted.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

import generate_responses
from benchmark import reference
from benchmark.system import BenchmarkError, System

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "out" / "bench"
APPLY_SECONDS_MAX = 120
POLL_SECONDS = 0.02
SETTLE_SECONDS = 0.5
SYNC_BYTES = 256 * 1024
SYNC_COUNT = 50


def main():
    arguments = parse()
    binaries = arguments.binaries or release_binaries()
    WORK.mkdir(parents=True, exist_ok=True)
    publisher = compile_publisher()
    path, expected = inputs(arguments.responses)
    machine = describe_machine(arguments.folder)
    print(f"{machine['cpu']}, {machine['cores']} cores; data on {machine['fileSystem']}, fdatasync of 256 KiB: "
          f"median {machine['syncMilliseconds']} ms; {arguments.responses:,} responses, {arguments.workers} worker(s)")
    print(HEADING)

    results = {mode: [] for mode in arguments.modes}
    for number in range(arguments.runs):
        # Modes take turns, so that a busy minute of the machine does not fall on one of them alone.
        for mode in arguments.modes:
            run = measure(binaries, publisher, path, expected, mode, arguments)
            results[mode].append(run)
            print(line(f"{mode} #{number + 1}", run), flush=True)
    summary = {mode: summarize(runs) for mode, runs in results.items()}
    for mode in arguments.modes:
        print(line(f"{mode} best", summary[mode]["best"]))
        print(line(f"{mode} median", summary[mode]["median"]))
    report = {"machine": machine, "responses": arguments.responses, "summary": summary, "runs": results}
    (WORK / "result.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"all cells equal the reference; details in {WORK / 'result.json'}")
    return check_limits(summary, arguments)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=1_000_000, help="lines to publish (default %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="of each mode (default %(default)s)")
    parser.add_argument(
        "--modes", type=lambda text: text.split(","), default=["receipts:1", "receipts:100"],
        help="comma-separated; receipts:K or push:K with K responses a message (default receipts:1,receipts:100)")
    parser.add_argument("--workers", type=int, default=1, help="scoring processes (default %(default)s)")
    parser.add_argument("--outstanding", type=int, default=16384, help="responses that may wait for a receipt")
    parser.add_argument("--binaries", type=pathlib.Path, help="folder of the binaries (default: the release build)")
    parser.add_argument("--folder", type=pathlib.Path, default=WORK, help="where data goes (default %(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep data and logs of the runs")
    parser.add_argument("--cpu-max", type=float, help="fail when the best CPU-seconds per million are above this")
    parser.add_argument("--rate-min", type=float, help="fail when the best responses/s are below this")
    arguments = parser.parse_args()
    for mode in arguments.modes:
        kind, _, count = mode.partition(":")
        if kind not in ("receipts", "push") or not count.isdigit() or int(count) < 1:
            parser.error(f"mode {mode!r}: write receipts:K or push:K")
    return arguments


def release_binaries():
    command = [ROOT / "scripts" / "swift.sh", "build", "-c", "release", "--show-bin-path"]
    folder = pathlib.Path(subprocess.check_output(command, text=True).strip())
    if not (folder / "ingest").exists():
        raise BenchmarkError(f"no release binaries in {folder}; run `make build`")
    return folder


def compile_publisher():
    source = ROOT / "scripts" / "benchmark" / "publish.c"
    program = WORK / "publish"
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    compiler = next((found for found in map(shutil.which, ["cc", "gcc", "clang"]) if found), None)
    if compiler is None:
        raise BenchmarkError("no C compiler for the publisher; install gcc")
    flags = {name: flags_of(name) for name in ("cc-flags", "ld-flags")}
    command = [compiler, "-O2", "-Wall", *flags["cc-flags"], source, "-o", program, *flags["ld-flags"], "-lzmq"]
    subprocess.run(command, check=True)
    return program


def flags_of(name):
    path = ROOT / ".deps" / name
    return path.read_text().splitlines() if path.exists() else []


def inputs(count):
    """The file to publish and its reference; the file is kept for the next time."""
    # Ingest refuses responses from the future, so where the standard month has not passed yet, take the last one.
    first = datetime.date.fromisoformat(generate_responses.START)
    newest = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=generate_responses.DAYS)
    start = str(min(first, newest))
    path = WORK / f"responses-{count}-{start}.jsonl"
    if not path.exists():
        print(f"generating {path.name}", flush=True)
        draft = path.with_suffix(".draft")
        generate_responses.generate(count, draft, start=start)
        draft.rename(path)
    print("computing the reference", flush=True)
    return path, reference.compute(path)


def measure(binaries, publisher, path, expected, mode, arguments):
    kind, _, per_message = mode.partition(":")
    folder = arguments.folder / f"run-{os.getpid()}-{mode.replace(':', '-')}-{time.monotonic_ns()}"
    first, end = expected.hours
    with System(binaries, folder, arguments.workers) as system:
        before = system.cpu_seconds()
        port = "receipts" if kind == "receipts" else "responses"
        socket = "dealer" if kind == "receipts" else "push"
        command = [publisher, "-t", socket, "-k", per_message, "-o", str(arguments.outstanding),
                   system.endpoint(port), path]
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        system.check_alive()
        if process.returncode != 0:
            raise BenchmarkError(f"publisher: status {process.returncode}: {process.stdout}; logs in {folder}")
        published = json.loads(process.stdout)
        applied = await_applied(system, expected, first, end)
        time.sleep(SETTLE_SECONDS)
        after = system.cpu_seconds()
        cpu = {name: round(after[name] - before[name], 2) for name in after}
        memory = {name: round(mib) for name, mib in system.memory_mib().items()}
        check_receipts(kind, published, expected)
        compared, different, sentences = reference.differences(expected, system.hours)
        if different:
            raise BenchmarkError(f"{different} of {compared} cells differ:\n  " + "\n  ".join(sentences))
    data_bytes = sum(each.stat().st_size for each in (folder / "data").rglob("*") if each.is_file())
    if not arguments.keep:
        shutil.rmtree(folder)
    seconds = applied - published["startedAt"]
    millions = expected.lines / 1e6
    return {
        "seconds": round(seconds, 3),
        "responsesPerSecond": round(expected.lines / seconds),
        "receiptedPerSecond": round(expected.lines / published["answeredSeconds"]) if kind == "receipts" else 0,
        "cpuPerMillion": round(sum(cpu.values()) / millions, 3),
        "cpuOf": {name: round(value / millions, 3) for name, value in cpu.items()},
        "publisherCpuPerMillion": round(published["cpuSeconds"] / millions, 3),
        "memoryMiB": memory,
        "dataMiB": round(data_bytes / 1024 / 1024, 1),
        "cells": compared,
    }


def await_applied(system, expected, first, end):
    """Returns the instant (monotonic) at which the trend lines held every accepted response."""
    deadline = time.monotonic() + APPLY_SECONDS_MAX
    while True:
        system.check_alive()
        counted = system.counted(first, end)
        seen = time.monotonic()
        if counted == expected.accepted:
            return seen
        if counted > expected.accepted:
            raise BenchmarkError(f"{counted} responses counted, {expected.accepted} expected; logs in {system.folder}")
        if seen > deadline:
            raise BenchmarkError(f"{counted} of {expected.accepted} responses after {APPLY_SECONDS_MAX} s; "
                                 f"logs in {system.folder}")
        time.sleep(POLL_SECONDS)


def check_receipts(kind, published, expected):
    if kind != "receipts":
        return
    found = (published["accepted"], published["duplicate"], published["rejected"])
    right = (expected.accepted, expected.duplicates, expected.rejected)
    if found != right:
        raise BenchmarkError(f"receipts accepted, duplicate, rejected: {found}, expected {right}")


def summarize(runs):
    def over(choose_rate, choose_cpu):
        return {
            "responsesPerSecond": round(choose_rate(run["responsesPerSecond"] for run in runs)),
            "receiptedPerSecond": round(choose_rate(run["receiptedPerSecond"] for run in runs)),
            "cpuPerMillion": round(choose_cpu(run["cpuPerMillion"] for run in runs), 3),
            "cpuOf": {name: round(choose_cpu(run["cpuOf"][name] for run in runs), 3) for name in runs[0]["cpuOf"]},
            "publisherCpuPerMillion": round(choose_cpu(run["publisherCpuPerMillion"] for run in runs), 3),
            "memoryMiB": {name: max(run["memoryMiB"][name] for run in runs) for name in runs[0]["memoryMiB"]},
        }

    return {"best": over(max, min), "median": over(statistics.median, statistics.median)}


HEADING = (f"{'run':<22}{'responses/s':>12}{'receipts/s':>12}{'CPU-s/M':>9}"
           f"{'ingest':>8}{'scoring':>9}{'alerting':>10}{'publisher':>11}  peak MiB")


def line(name, run):
    cpu = run["cpuOf"]
    scoring = sum(value for process, value in cpu.items() if process.startswith("scoring"))
    receipted = f"{run['receiptedPerSecond']:,}" if run["receiptedPerSecond"] else "none asked"
    memory = ", ".join(f"{process} {mib}" for process, mib in run["memoryMiB"].items())
    return (f"{name:<22}{run['responsesPerSecond']:>12,}{receipted:>12}{run['cpuPerMillion']:>9.2f}"
            f"{cpu['ingest']:>8.2f}{scoring:>9.2f}{cpu['alerting']:>10.2f}"
            f"{run['publisherCpuPerMillion']:>11.2f}  {memory}")


def describe_machine(folder):
    folder.mkdir(parents=True, exist_ok=True)
    model = next((text.split(":", 1)[1].strip() for text in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if text.startswith("model name")), platform.machine())
    kind = subprocess.check_output(["stat", "-f", "-c", "%T", folder], text=True).strip()
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "fileSystem": kind,
            "syncMode": "fdatasync per group of messages", "syncMilliseconds": sync_milliseconds(folder)}


def sync_milliseconds(folder):
    """Median of writing 256 KiB and fdatasync, in the folder the data goes to: what no receipt can beat."""
    path = folder / "sync-probe"
    taken = []
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        for _ in range(SYNC_COUNT):
            started = time.monotonic()
            os.write(descriptor, b"x" * SYNC_BYTES)
            os.fdatasync(descriptor)
            taken.append(time.monotonic() - started)
    finally:
        os.close(descriptor)
        path.unlink()
    return round(statistics.median(taken) * 1000, 2)


def check_limits(summary, arguments):
    status = 0
    for mode, figures in summary.items():
        cpu, rate = figures["best"]["cpuPerMillion"], figures["best"]["responsesPerSecond"]
        if arguments.cpu_max is not None and cpu > arguments.cpu_max:
            print(f"failed: {mode}: {cpu} CPU-seconds per million, at most {arguments.cpu_max} allowed")
            status = 1
        if arguments.rate_min is not None and rate < arguments.rate_min:
            print(f"failed: {mode}: {rate:,} responses/s, at least {arguments.rate_min:,.0f} wanted")
            status = 1
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchmarkError as error:
        print(f"failed: {error}", file=sys.stderr)
        sys.exit(1)
