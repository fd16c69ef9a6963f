"""Histories through the shipped binary: responses in, what its alerts said out, one `tideline replay` per history."""

import json
import os
import pathlib
import resource
import subprocess
import time

DIMENSIONS = ["region", "channel", "team", "agent", "all"]
STATUS_KINDS = {"firing": "firing", "updated": "updated", "resolved": "resolved", "withdrawn": "resolved"}


class ReplayError(Exception):
    """A replay did not end as it should; the text says which and what it printed."""


def configuration(days, dimensions=DIMENSIONS):
    """The one configuration of all suites: the default detector at one false alarm per segment in `days` days."""
    return {
        "dimensions": dimensions,
        "model": dimensions,
        "clock": "message",
        "rules": [
            {
                "name": "csat-dip",
                "metric": "csat",
                "smallestDip": 3,
                "falseAlarms": f"1 per segment per {days:g} days",
            }
        ],
    }


def event(source, identifier, moment, score, segments=None):
    """One answer as a line of a message file; equal (source, identifier) are the same answer."""
    data = {"answers": {"csat": score}}
    if segments:
        data["segments"] = segments
    return json.dumps(
        {
            "specversion": "1.0",
            "id": identifier,
            "source": source,
            "type": "tideline.response.v1",
            "time": moment,
            "data": data,
        },
        separators=(",", ":"),
    )


def write_events(responses, path, source):
    """The judge's responses as events, in their order; a line that comes twice stays twice."""
    with open(responses) as lines, open(path, "w") as out:
        for line in lines:
            one = json.loads(line)
            out.write(event(source, one["id"], one["time"], one["score"], one["segments"]) + "\n")


def replay(tideline, config, events, alerts=None, quiet=True):
    """Runs one replay to its end.
    Returns what it printed and the seconds of CPU it took, user and system, of all its threads."""
    command = [str(tideline), "replay", "--config", str(config), "--input", str(events)]
    command += ["--alerts", str(alerts)] if alerts else []
    command += ["--quiet"] if quiet else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDELINE_")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode != 0:
        raise ReplayError(f"{' '.join(command)} ended with {result.returncode}: {result.stderr.strip()[-2000:]}")
    return result.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def revisions(path):
    """Every revision of every alert, in order."""
    with open(path) as lines:
        return [json.loads(line) for line in lines if line.strip()]


def judged(revision, instance):
    """A revision as the judge reads it; None for what it does not judge: volume is information, and so is a suspicion."""
    if revision["kind"] == "volume" or revision["status"] not in STATUS_KINDS:
        return None
    kind = STATUS_KINDS[revision["status"]]
    line = {
        "instance": instance,
        "detected_at": revision["detected"] if kind == "firing" else revision["changed"],
        "segment": revision["segment"],
        "kind": kind,
        "onset_estimate": revision["onset"],
        "cause": "mix" if revision["kind"] == "mix" else "rate",
    }
    causes = [cause["segment"] for cause in revision.get("causes") or []]
    return line | ({"causes": causes} if causes else {})


def replay_instance(task):
    """One history of a suite: its alerts as the judge's lines, and seconds of CPU. Runs in a process of its own."""
    tideline, config, suite, instance, folder = task
    folder = pathlib.Path(folder)
    events, alerts = folder / f"{instance['id']}.events.jsonl", folder / f"{instance['id']}.alerts.jsonl"
    write_events(pathlib.Path(suite) / instance["file"], events, f"/bench/{instance['id']}")
    began = time.monotonic()
    try:
        _, seconds = replay(tideline, config, events, alerts)
        lines = [judged(revision, instance["id"]) for revision in revisions(alerts)]
    finally:
        events.unlink(missing_ok=True)
        alerts.unlink(missing_ok=True)
    return instance["id"], [line for line in lines if line], seconds, time.monotonic() - began
