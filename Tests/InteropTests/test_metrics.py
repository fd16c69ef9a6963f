"""Scores of every kind over the bus, against numpy and statsmodels: means, net scores, quantiles, shares and ratios."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Iterator

import numpy
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

import workload
from cluster import Tideline

pytestmark = pytest.mark.skip(reason="the services do not take measures and invitations yet")

Make = Callable[..., Tideline]

# What the configuration and the measures are called, in one place.
METRICS: dict[str, Any] = {
    "nps": {"scale": "0..10"},
    "csat.mean": {"scale": "1..5"},
    "firstResponseTime": {},
    "firstContactResolution": {},
    "conversion": {},
    "responseRate": {},
}
FIRST_RESPONSE, SOLVED, ACTED, VISITORS = "firstResponse", "solvedAtFirstContact", "acted", "visitors"

TOLERANCE = 1e-9
SKETCH_ERROR = 0.01
REGIONS = ("eu", "us")
DAY = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)

_serial = itertools.count(1)


def happened(kind: str, data: dict[str, Any], at: datetime, **segments: str) -> dict[str, Any]:
    """A `tideline.KIND.v1` event as an integrator sends it."""
    return {
        "specversion": "1.0", "id": f"{kind}-{next(_serial)}", "source": "/metrics", "type": f"tideline.{kind}.v1",
        "time": at.isoformat(), "data": {**data, "segments": segments},
    }  # fmt: skip


def measure(measures: dict[str, Any], at: datetime, **segments: str) -> dict[str, Any]:
    return happened("measure", {"measures": measures}, at, **segments)


def invitation(at: datetime, **segments: str) -> dict[str, Any]:
    return happened("invitation", {"survey": "post-ticket"}, at, **segments)


def response(answers: dict[str, Any], at: datetime, **segments: str) -> dict[str, Any]:
    return happened("response", {"survey": "post-ticket", "answers": answers}, at, **segments)


def duration(seconds: float, to: datetime) -> dict[str, str]:
    return {"from": (to - timedelta(seconds=seconds)).isoformat(), "to": to.isoformat()}


class Sample:
    """A day of a shop in one region, the same for the same seed."""

    def __init__(self, seed: int, count: int = 400) -> None:
        random = numpy.random.default_rng(seed)
        self.recommend = random.choice(11, count, p=[0.04] * 5 + [0.05, 0.05, 0.1, 0.15, 0.2, 0.25])
        self.satisfied = random.integers(1, 6, count)
        # In whole milliseconds, as times on the bus are.
        self.seconds = random.lognormal(5, 1.2, count).round(3)
        self.solved = random.random(count) < 0.72
        self.visitors = random.integers(1, 400, count)
        self.acted = random.binomial(self.visitors, 0.03)
        self.asked = 3 * count

    def events(self, region: str) -> Iterator[dict[str, Any]]:
        for number in range(self.asked):
            yield invitation(DAY + timedelta(seconds=number), region=region)
        for number, (recommend, satisfied) in enumerate(zip(self.recommend, self.satisfied)):
            at = DAY + timedelta(hours=1, seconds=number)
            yield response({"nps": int(recommend), "csat": int(satisfied)}, at, region=region)
        rows = zip(self.seconds, self.solved, self.visitors, self.acted)
        for number, (seconds, solved, visitors, acted) in enumerate(rows):
            at = DAY + timedelta(hours=2, seconds=number)
            values = {FIRST_RESPONSE: duration(seconds, at), SOLVED: bool(solved)}
            yield measure(values | {VISITORS: int(visitors), ACTED: int(acted)}, at, region=region)


SAMPLES = {region: Sample(seed) for seed, region in enumerate(REGIONS)}


@pytest.fixture(scope="module")
def cluster(module_tideline: Make) -> Tideline:
    settings = {"metrics": METRICS, "dimensions": ["region"], "model": ["region"], "rules": []}
    cluster = module_tideline(clock="message", scoring=2, settings=settings).start()
    events = [event for region, sample in SAMPLES.items() for event in sample.events(region)]
    # The clock of messages never goes back.
    events.sort(key=lambda event: event["time"])
    workload.assert_statuses(cluster.publish(events, per_message=100), "accepted")
    workload.wait_until_idle(cluster)
    return cluster


def day(cluster: Tideline, metric: str, region: str) -> dict[str, Any]:
    """The one score of the day."""
    (score,) = cluster.scores(metric, f"region:{region}", step="1d")
    return score


def figure(score: dict[str, Any], name: str) -> float:
    (value,) = (figure["value"] for figure in score["figures"] if figure["name"] == name)
    return value


def near(value: float) -> Any:
    return pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.parametrize("region", REGIONS)
def test_net_promoter_score(cluster: Tideline, region: str) -> None:
    """Its variance is that of a difference of two shares of one multinomial sample."""
    answers = SAMPLES[region].recommend
    promoters, detractors = (answers >= 9).mean(), (answers <= 6).mean()
    net = promoters - detractors
    half = norm.ppf(0.975) * numpy.sqrt((promoters + detractors - net**2) / len(answers))
    score = day(cluster, "nps", region)
    assert (score["method"], score["unit"], score["responses"]) == ("multinomial", "points", len(answers))
    assert {int(answer): count for answer, count in score["counts"].items() if count} == {
        int(answer): int(count) for answer, count in zip(*numpy.unique(answers, return_counts=True))
    }
    assert score["score"] == near(100 * net)
    assert score["interval"] == near([100 * (net - half), 100 * (net + half)])


@pytest.mark.parametrize("region", REGIONS)
def test_mean_of_ratings(cluster: Tideline, region: str) -> None:
    answers = DescrStatsW(SAMPLES[region].satisfied)
    score = day(cluster, "csat.mean", region)
    assert (score["method"], score["responses"]) == ("t", answers.nobs)
    assert score["score"] == near(answers.mean)
    assert score["interval"] == near(list(answers.tconfint_mean(alpha=0.05)))


@pytest.mark.parametrize("region", REGIONS)
def test_response_time(cluster: Tideline, region: str) -> None:
    """The mean to the millisecond's rounding, quantiles within the sketch's relative error of an answer."""
    seconds = SAMPLES[region].seconds
    times = DescrStatsW(seconds)
    score = day(cluster, "firstResponseTime", region)
    assert (score["unit"], score["responses"]) == ("s", len(seconds))
    assert "counts" not in score
    assert score["score"] == near(times.mean)
    assert score["interval"] == pytest.approx(list(times.tconfint_mean(alpha=0.05)), rel=SKETCH_ERROR)
    for name, quantile in (("median", 0.5), ("p90", 0.9)):
        lower, higher = (numpy.quantile(seconds, quantile, method=method) for method in ("lower", "higher"))
        assert (1 - SKETCH_ERROR) * lower <= figure(score, name) <= (1 + SKETCH_ERROR) * higher


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("metric", ["firstContactResolution", "conversion", "responseRate"])
def test_share(cluster: Tideline, metric: str, region: str) -> None:
    sample = SAMPLES[region]
    part, whole = {
        "firstContactResolution": (sample.solved.sum(), len(sample.solved)),
        "conversion": (sample.acted.sum(), sample.visitors.sum()),
        "responseRate": (len(sample.recommend), sample.asked),
    }[metric]
    score = day(cluster, metric, region)
    assert (score["method"], score["unit"]) == ("wilson", "%")
    assert score["score"] == near(100 * part / whole)
    low, high = proportion_confint(part, whole, alpha=0.05, method="wilson")
    assert score["interval"] == near([100 * low, 100 * high])


def test_total_is_that_of_all_regions(cluster: Tideline) -> None:
    """What is merged over segments is what the answers together give."""
    together = numpy.concatenate([sample.seconds for sample in SAMPLES.values()])
    (score,) = cluster.scores("firstResponseTime", step="1d")
    assert score["responses"] == len(together)
    assert score["score"] == near(together.mean())


def test_receipt_names_the_wrong_measure(cluster: Tideline) -> None:
    (receipt,) = cluster.publish([measure({"contcats": 2}, DAY)])
    assert (receipt["status"], receipt["reason"]) == ("rejected", "unknownMeasure")
    assert receipt["pointer"] == "/data/measures/contcats"
    (receipt,) = cluster.publish([measure({SOLVED: "yes"}, DAY)])
    assert (receipt["status"], receipt["pointer"]) == ("rejected", f"/data/measures/{SOLVED}")
