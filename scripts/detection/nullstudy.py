"""Are false alarms as rare as promised? Streams without any change, four budgets, exact Poisson bounds."""

import concurrent.futures
import json
import math
import pathlib
import re
import shutil

import numpy as np
import replays
from judge.worlds import DAY, EPOCH, base_cfg, simulate

DAYS = 365
VOLUMES = [20, 50, 100]
SHARES = [0.85, 0.7, 0.95]
KINDS = ["iid", "seasonal", "overdispersed", "drifting"]
# Name, sentence, and days between two false alarms: of one segment, or of the whole stream.
BUDGETS = [
    ("in500", "1 per segment per 500 days", 500, "segment"),
    ("in1000", "1 per segment per 1000 days", 1000, "segment"),
    ("in2000", "1 per segment per 2000 days", 2000, "segment"),
    ("monthly", "1 per month", 30.4375, "all"),
]
# One stream in four has a dimension of four values: five watched segments that overlap.
VALUES = ["a", "b", "c", "d"]
SPLIT_EVERY = 4
EXPECTED_MIN = 30
SEED = 947


def run(tideline, work, streams, jobs):
    """Measures `streams` streams of each kind; returns a row by kind, layout and budget."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    rules = [
        {"name": name, "metric": "csat", "smallestDip": 3, "falseAlarms": text} for name, text, _, _ in BUDGETS
    ]  # fmt: skip
    config = work / "tideline.yaml"
    config.write_text(
        json.dumps({"dimensions": ["channel"], "model": ["channel"], "clock": "message", "rules": rules})
    )
    tasks = [(tideline, config, work, kind, number) for kind in KINDS for number in range(streams)]
    with concurrent.futures.ProcessPoolExecutor(max_workers=jobs) as pool:
        measured = list(pool.map(measure, tasks))
    rows = []
    for group, belongs in groups():
        chosen = [one for one in measured if belongs(one)]
        rows += [row(group, chosen, budget) for budget in BUDGETS if chosen]
    show(rows, streams)
    return rows


def groups():
    yield from ((kind, lambda one, kind=kind: one["kind"] == kind) for kind in KINDS)
    yield "one segment", lambda one: one["segments"] == 1
    yield "five segments", lambda one: one["segments"] > 1
    yield "all", lambda one: True


def world(kind, number, generator):
    """A stream without any change, as the judge's generator takes it."""
    is_split = number % SPLIT_EVERY == SPLIT_EVERY - 1
    settings = base_cfg(
        generator, VOLUMES[number % len(VOLUMES)], DAYS, dims={"channel": VALUES if is_split else ["all"]},
        p=SHARES[(number // len(VOLUMES)) % len(SHARES)], spread=0.25 if is_split else 0.0,
        dow_amp=generator.uniform(0.45, 0.65) if kind == "seasonal" else 0.0,
    )  # fmt: skip
    if kind != "seasonal":
        settings["dow_v"] = np.ones(7)
    if kind == "overdispersed":
        settings["rho"] = 0.01
    if kind == "drifting":
        # Up and down once a year, by 0.16 on the logit scale: two points each way at 85 %.
        settings["drift"] = 0.16
    return settings, is_split


def measure(task):
    """One stream: false alarms and segment-days watched by budget."""
    tideline, config, work, kind, number = task
    generator = np.random.default_rng([SEED, KINDS.index(kind), number])
    settings, is_split = world(kind, number, generator)
    stream = simulate(settings, generator)
    name = f"{kind}-{number}"
    events, alerts = work / f"{name}.jsonl", work / f"{name}.alerts.jsonl"
    with events.open("w") as out:
        for place, moment in zip(stream["order"], moments(stream)):
            segments = settings["cells"][stream["cell"][place]] if is_split else None
            out.write(replays.event("/null", f"{place}", moment, int(stream["score"][place]), segments) + "\n")
    text, _ = replays.replay(tideline, config, events, alerts, quiet=False)
    fired = {(one["rule"], one["id"]) for one in replays.revisions(alerts) if is_false_alarm(one)}
    events.unlink()
    alerts.unlink()
    return {
        "kind": kind,
        "segments": 1 + (len(VALUES) if is_split else 0),
        "alarms": {name: sum(rule == name for rule, _ in fired) for name, *_ in BUDGETS},
        "watched": {name: watched_days(text, name) for name, *_ in BUDGETS},
    }


def moments(stream):
    """When the answers of a stream were given, in the order in which they arrive."""
    times = (EPOCH + (stream["t"][stream["order"]] * DAY).astype("timedelta64[s]")).astype("datetime64[s]")
    return [f"{time}Z" for time in times.astype(str)]


def is_false_alarm(revision):
    """Nothing changes in these streams: every dip that fires is false."""
    return revision["kind"] == "dip" and revision["status"] == "firing"


def watched_days(text, rule):
    """Segment-days watched, as the backtest counts them: armed, and no dip open that speaks for the segment."""
    section = re.search(rf"^{re.escape(rule)}: .*?(\d+) segment-days watched", text, re.MULTILINE | re.DOTALL)
    return int(section[1]) if section else 0


def row(group, measured, budget):
    name, sentence, days, scope = budget
    alarms = sum(one["alarms"][name] for one in measured)
    exposure = sum(one["watched"][name] for one in measured)
    promised = sum(one["watched"][name] / (days * (one["segments"] if scope == "all" else 1)) for one in measured)
    least = poisson_lower(alarms)
    return {
        "group": group,
        "budget": sentence,
        "alarms": alarms,
        "segmentDays": exposure,
        "promised": promised,
        "leastExpected": least,
        "isKept": least <= promised,
    }


def poisson_lower(count, confidence=0.95):
    """One-sided lower bound of a Poisson mean (Garwood 1936): the mean under which so many or more are seen with
    probability 1 − confidence."""
    if count == 0:
        return 0.0

    def at_least(mean):
        return 1 - math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count))

    low, high = 1e-9, float(count)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if at_least(middle) > 1 - confidence else (middle, high)
    return low


def show(rows, streams):
    print(
        f"\nnull study: {streams} streams of each kind, {DAYS} days of {', '.join(map(str, VOLUMES))} answers a day; rates "
        "per 1,000 segment-days"
    )
    print(f"  {'streams':<15}{'budget':<29}{'alarms':>7}{'promised':>10}{'segment-days':>14}{'rate':>7}{'at least':>10}"
          f"{'promise':>9}")  # fmt: skip
    for one in rows:
        thousands = one["segmentDays"] / 1000
        few = "" if one["group"] != "all" or one["promised"] >= EXPECTED_MIN else ", fewer than 30 promised"
        print(
            f"  {one['group']:<15}{one['budget']:<29}{one['alarms']:>7}{one['promised']:>10.1f}{one['segmentDays']:>14,}"
            f"{one['alarms'] / thousands:>7.2f}{one['leastExpected'] / thousands:>10.2f}"
            f"{one['promised'] / thousands:>9.2f}  {'kept' if one['isKept'] else 'NOT KEPT'}{few}"
        )
