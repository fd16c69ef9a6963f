"""Public ratings of real customers, with the default configuration.

The files belong to others and are no part of the project. Expected is what is known of them: when they fell, and where
nothing fell.
"""

import csv
import gzip
import json
import shutil
from datetime import datetime, timedelta, timezone

import nullstudy
import replays
from judge.oracle import Oracle

RULE = {"name": "csat-dip", "metric": "csat", "smallestDip": 3}
STEP = datetime(2024, 12, 5, tzinfo=timezone.utc)
# Satisfied share before and after the step of December 2024, and answers a day.
SHARES, VOLUME = (0.756, 0.704), 500


def run(tideline, work, folder):
    """Replays every file that is there; returns what was found by file."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    print("\nreal ratings, default configuration")
    checks = {"uber_play_2024": uber, "hotstar_play_2024": hotstar, "shopzilla_csat": shopzilla}
    found = {}
    for name, check in checks.items():
        path = folder / f"{name}.csv.gz"
        if not path.exists():
            print(f"  {name}: {path} is absent")
            continue
        with gzip.open(path, "rt", newline="") as text:
            rows = list(csv.DictReader(text))
        found[name] = [*check(tideline, work, rows)]
        for sentence, reached in found[name]:
            print(f"  {name}: {sentence}" + ("" if reached is None else f": {'yes' if reached else 'NO'}"))
    return found


def said(tideline, work, events, dimensions=()):
    """What the default rule says of these events: its dips' revisions, all revisions, the backtest's text."""
    config, path, alerts = work / "tideline.yaml", work / "events.jsonl", work / "alerts.jsonl"
    config.write_text(
        json.dumps({"clock": "message", "dimensions": [*dimensions], "model": [*dimensions], "rules": [RULE]})
    )
    path.write_text("".join(event + "\n" for event in events))
    text, _ = replays.replay(tideline, config, path, alerts, quiet=False)
    everything = replays.revisions(alerts)
    return [one for one in everything if one["kind"] == "dip"], everything, text


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def onset_known(dips, first):
    """The onset of an alert as its last revision within three days says it."""
    until = moment(first["detected"]) + timedelta(days=3)
    return [one for one in dips if one["id"] == first["id"] and moment(one["changed"]) <= until][-1]["onset"]


def store_events(rows):
    return [replays.event("/store", row["review_id"], row["answered_at"] + "Z", int(row["score"])) for row in rows]


def uber(tideline, work, rows):
    dips, _, _ = said(tideline, work, store_events(rows))
    firings = [one for one in dips if one["status"] == "firing"]
    oracle = Oracle.get(*SHARES, 2000.0 * VOLUME)
    yield f"an oracle that knows both shares needs {oracle.steady:.0f} answers, {oracle.steady / VOLUME:.1f} days", None
    if firings:
        delay = moment(firings[0]["detected"]) - STEP
        yield (
            f"fires {firings[0]['detected']}, {delay / timedelta(days=1):.2f} days after the step, onset then "
            f"{firings[0]['onset']}, three days later {onset_known(dips, firings[0])}", None
        )  # fmt: skip
    window = STEP <= moment(firings[0]["detected"]) < STEP + timedelta(days=5) if firings else False
    yield "first fires between 5 and 9 December 2024", window


def hotstar(tideline, work, rows):
    dips, _, _ = said(tideline, work, store_events(rows))
    firings = [one for one in dips if one["status"] == "firing"]
    for one in firings:
        yield f"fires {one['detected']}, onset then {one['onset']}, three days later {onset_known(dips, one)}", None
    first = firings[0] if firings else None
    yield (
        "first fires between 12 August and 10 September 2024",
        bool(first) and "2024-08-12" <= first["detected"] < "2024-09-11",
    )
    yield "with its onset not before 11 August", bool(first) and onset_known(dips, first) >= "2024-08-11"


def shopzilla(tideline, work, rows):
    rows = sorted(rows, key=lambda row: row["answered_on"])

    def events(until):
        # Stamps are days: noon.
        return [
            replays.event("/support", row["id"], row["answered_on"] + "T12:00:00Z", int(row["score"]),
                          {"channel": row["channel"]})
            for row in rows if row["answered_on"] <= until
        ]  # fmt: skip

    _, _, text = said(tideline, work, events("2023-08-10"))
    yield "is armed by 10 August 2023", "is armed from" not in text
    _, _, text = said(tideline, work, events("2023-08-11"))
    yield f"segment-days watched by 11 August: {nullstudy.watched_days(text, RULE['name'])}", None
    for dimensions in ((), ("channel",)):
        dips, everything, _ = said(tideline, work, events("2024"), dimensions)
        whole = [one for one in dips if one["status"] == "firing" and one["segment"] == {}]
        name = f"with dimensions {', '.join(dimensions) or 'none'}"
        yield f"{name}: stays quiet on the total", not whole
        late = [one for one in dips if one["status"] == "firing" and one["detected"] >= "2023-08-22"]
        yield f"{name}: its rise from 22 August is never called a dip", not late
        for one in everything:
            if one["status"] == "firing":
                yield f"{name}: {one['kind']} of {one['segment']} {one['detected']}, {one['drop']:.1f} points", None
