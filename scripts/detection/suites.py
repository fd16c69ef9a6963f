"""The judge's suites through the shipped binary, scored and set beside the peers."""

import concurrent.futures
import hashlib
import json
import pathlib
import shutil
import statistics

import replays
from judge.scoring import score
from judge.worlds import DETECT, generate

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers.json"
GENERATOR = [HERE / "judge" / "worlds.py", HERE / "judge" / "oracle.py"]
# What the project wants to reach, by suite: (column, least or most, bound), at a budget of 1 in 2,000 days.
GOALS = {
    "core": [("composite", "≥", 80), ("false alarms", "≤", 0.2), ("root-cause F1", "≥", 0.9), ("onset, days", "≤", 1)],
    "delay": [("delay/oracle", "≤", 1.8), ("false alarms", "≤", 0.3)],
    "scale": [("composite", "≥", 80)],
    "null": [("false alarms", "≤", 0.2)],
}
EAGER_DAYS = 1000
EAGER_GOALS = {"delay": [("delay/oracle", "≤", 1.3), ("false alarms", "≤", 0.5)]}
COLUMNS = ["composite", "D", "F", "delay/oracle", "false alarms", "root-cause F1", "onset, days", "resolve"]
FAMILY_COLUMNS = {
    "events": "events",
    "found": "detection_rate",
    "days": "median_delay_days",
    "delay/oracle": "delay_over_oracle",
    "false alarms": "fa_per_1000",
    "count": "false_alarms",
    "root-cause F1": "rc_f1",
    "onset, days": "onset_error_days",
    "resolve": "resolve_score",
}


def run(tideline, suite, seed, days, work, jobs):
    """Generates one suite, replays every instance once and scores what was said.
    Returns the judge's result with seconds of CPU and the number of responses."""
    folder = world(suite, seed, work)
    config = folder / "tideline.yaml"
    config.write_text(json.dumps(replays.configuration(days)))
    instances = json.loads((folder / "suite.json").read_text())["instances"]
    tasks = [(tideline, config, folder, instance, folder) for instance in instances]
    alerts, seconds = {}, 0.0
    with concurrent.futures.ProcessPoolExecutor(max_workers=jobs) as pool:
        for name, lines, cpu, _ in pool.map(replays.replay_instance, tasks):
            alerts[name] = lines
            seconds += cpu
    path = folder / "alerts.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for lines in alerts.values() for line in lines))
    result = score(str(folder), str(path), verbose=False)
    truth = json.loads((folder / "truth.json").read_text())["instances"]
    result["responses"] = sum(instance["lines"] for instance in truth.values())
    result["cpuSeconds"] = seconds
    result["budgetDays"] = days
    return result


def world(suite, seed, work):
    """The folder of a generated suite; one made by the same generator is taken again, since its bytes would be the same."""
    folder = work / f"{suite}-{seed}"
    maker = hashlib.sha256(b"".join(file.read_bytes() for file in GENERATOR)).hexdigest()
    mark = folder / "made-from"
    if not mark.exists() or mark.read_text() != maker:
        shutil.rmtree(folder, ignore_errors=True)
        generate(suite, seed, str(folder))
        mark.write_text(maker)
    return folder


def row(result):
    """The columns of one scored suite."""
    overall = result["overall"]
    # Without a single dip in the suite its timeliness, and what is made of it, are no figures of anything.
    has_dips = "delay_over_oracle" in overall
    return {
        "composite": overall["composite"] if has_dips else None,
        "D": overall["timeliness_D"] if has_dips else None,
        "F": overall["false_alarm_F"],
        "delay/oracle": overall.get("delay_over_oracle"),
        "false alarms": overall["fa_per_1000_segment_days"],
        "root-cause F1": overall["rc_f1"] if has_dips else None,
        "onset, days": overall["onset_error_days"],
        "resolve": result["families"].get("temporary", {}).get("resolve_score"),
    }


def mean(rows):
    """Column by column over seeds; None where no seed has a figure."""
    means = {}
    for column in COLUMNS:
        known = [one[column] for one in rows if one[column] is not None]
        means[column] = statistics.fmean(known) if known else None
    return means


def figure(value, digits=2):
    return "–" if value is None else (f"{value:.{digits}f}" if isinstance(value, float) else str(value))


def line(name, values):
    cells = (figure(values[column], 1 if column == "composite" else 2) for column in COLUMNS)
    return f"  {name:<24}" + "".join(f"{cell:>{width(column)}}" for cell, column in zip(cells, COLUMNS))


def width(column):
    return max(7, len(column) + 3)


HEADING = "  " + " " * 24 + "".join(f"{column:>{width(column)}}" for column in COLUMNS)


def show(results):
    """Prints the results of one suite at one budget: by seed, their mean, the peers, the goals, and by family."""
    suite, days = results[0]["suite"], results[0]["budgetDays"]
    cpu = sum(one["cpuSeconds"] for one in results)
    responses = sum(one["responses"] for one in results)
    print(f"\n{suite}, at most one false alarm per segment in {days:g} days; false alarms per 1,000 segment-days")
    print(HEADING)
    for one in results:
        print(line(f"tideline, seed {one['seed']}", row(one)))
    means = mean([row(one) for one in results])
    if len(results) > 1:
        print(line("tideline, mean", means))
    for name, values in peer_rows(suite):
        print(line(name, values))
    print(f"  {responses:,} responses, {cpu:.0f} s of CPU: {1e6 * cpu / responses:.1f} µs each, start included")
    for sentence in goals(suite, days, means):
        print("  " + sentence)
    families(results)
    return means


def goals(suite, days, means):
    """A sentence for every goal of this suite at this budget."""
    wanted = {2000: GOALS, EAGER_DAYS: EAGER_GOALS}.get(days, {}).get(suite, [])
    for column, direction, bound in wanted:
        value = means[column]
        reached = value is not None and (value >= bound if direction == "≥" else value <= bound)
        yield f"goal {column} {direction} {bound}: {figure(value)}, {'reached' if reached else 'NOT REACHED'}"


def peer_rows(suite):
    """The peers' rows of this suite, best composite first."""
    found = []
    for name, peer in json.loads(PEERS.read_text())["peers"].items():
        for key, values in peer.items():
            if not key.startswith(suite + " "):
                continue
            columns = dict(zip(COLUMNS, values)) | {"root-cause F1": None, "onset, days": None, "resolve": None}
            if key == "core 1":
                columns |= {"root-cause F1": peer["rootCauseF1"], "onset, days": peer["onsetDays"]}
            found.append((f"{name}, seed {key.split()[1]}", columns))
    return sorted(found, key=lambda one: -one[1]["composite"])


def families(results):
    """By family of worlds, pooled over seeds: counts are sums, the rest means."""
    print("  " + f"{'family':<16}" + "".join(f"{column:>{width(column)}}" for column in FAMILY_COLUMNS))
    names = sorted({name for one in results for name in one["families"]}, key=lambda name: (name not in DETECT, name))
    for name in names:
        cells = []
        for column, key in FAMILY_COLUMNS.items():
            known = [one["families"][name].get(key) for one in results if name in one["families"]]
            known = [value for value in known if value is not None]
            value = None if not known else (sum(known) if column in ("events", "count") else statistics.fmean(known))
            cells.append(f"{figure(value):>{width(column)}}")
        print(f"  {name:<16}" + "".join(cells))
