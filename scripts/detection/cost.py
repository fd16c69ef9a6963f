"""What detection costs: seconds of CPU of a replay, with the rule and without."""

import json
import shutil

import numpy as np
import replays
from judge.worlds import base_cfg, simulate
from nullstudy import moments

# Values by dimension: one total, five single values and ten pairs a response, 16 segments; or 11 with four dimensions.
DIMENSIONS = {
    "region": ["eu", "us", "asia"],
    "channel": ["web", "phone"],
    "product": ["a", "b"],
    "tier": ["free", "paid"],
    "team": ["x", "y"],
}
# Days over which a million is spread: 1.9 answers a step of a minute, and 35.
SPREADS = {"a year": 365, "twenty days": 20}
SEED = 11
RUNS = 2


def run(tideline, work, responses):
    """Measures every spread with four and with five dimensions; the least CPU of a few runs each."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    print(f"\ncost: replay of {responses:,} responses, least of {RUNS} runs")
    found = []
    for spread, days in SPREADS.items():
        path = work / "events.jsonl"
        write(path, days, responses)
        for count in (4, 5):
            segments = 1 + count + count * (count - 1) // 2
            seconds = {}
            for is_watched in (False, True):
                config = work / "tideline.yaml"
                config.write_text(json.dumps(configuration(list(DIMENSIONS)[:count], is_watched)))
                seconds[is_watched] = min(replays.replay(tideline, config, path)[1] for _ in range(RUNS))
            each = 1e6 * (seconds[True] - seconds[False]) / responses
            found.append(
                {"spread": spread, "segments": segments, "without": seconds[False], "with": seconds[True], "each": each}
            )
            print(
                f"  over {spread}, {segments} watched segments a response: {seconds[False]:.1f} s without the rule, "
                f"{seconds[True]:.1f} s with it, {each:.2f} µs a response for detection", flush=True
            )  # fmt: skip
        path.unlink()
    return found


def configuration(dimensions, is_watched):
    rules = [{"name": "csat-dip", "metric": "csat", "smallestDip": 3}] if is_watched else []
    # The trend lines are the same in both, and without pairs of their own: only detection makes the difference.
    return {"dimensions": dimensions, "model": dimensions, "clock": "message", "rules": rules}


def write(path, days, responses):
    generator = np.random.default_rng(SEED)
    settings = base_cfg(generator, 1.03 * responses / days, days, dims=DIMENSIONS, p=0.85, dow_amp=0.05)
    stream = simulate(settings, generator)
    with path.open("w") as out:
        for place, moment in zip(stream["order"][:responses], moments(stream)):
            cell = settings["cells"][stream["cell"][place]]
            out.write(replays.event("/cost", f"{place}", moment, int(stream["score"][place]), cell) + "\n")
