"""Scores of every kind over the bus, against numpy, scipy and statsmodels: ratings, shares, ratios, durations, indexes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Iterator

import numpy
import pytest
from jsonschema import Draft202012Validator
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

import contracts
from cluster import Tideline, wait_until
from happenings import TOLERANCE, duration, figure, invitation, measure, near, publish, response

Make = Callable[..., Tideline]

METRICS: dict[str, Any] = {
    "csat": {"scale": "1..5", "satisfied": "4..5"},
    "csat.mean": {"scale": "1..5"},
    "nps": {},
    "ces": {"scale": "1..7", "polarity": "ease"},
    "response.time": {},
    "response.time.median": {"kind": "response.time", "show": "median"},
    "response.time.p90": {"kind": "response.time", "show": "p90"},
    "fcr": {},
    "conversion": {},
    "churn": {},
    "response.rate": {"survey": "post-ticket"},
    "adoption": {"count": "distinct"},
    "roi": {"margin": 40},
    "basket": {"kind": "mean", "of": "measure basket", "unit": "EUR"},
    "loyalty": {"kind": "index", "of": {"csat": 60, "nps": 40}},
}

SKETCH_ERROR = 0.01
# Of one count of different people; three of them are passed once in several hundred, and hashes are the same every time.
DISTINCT_ERROR = 0.016
REGIONS = ("eu", "us")
DAY = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)
NEXT_DAY = DAY + timedelta(days=1)


class Sample:
    """A day of a shop in one region, the same for the same seed."""

    def __init__(self, seed: int, count: int = 400) -> None:
        random = numpy.random.default_rng(seed)
        self.recommend = random.choice(11, count, p=[0.04] * 5 + [0.05, 0.05, 0.1, 0.15, 0.2, 0.25])
        self.satisfied = random.integers(1, 6, count)
        self.ease = random.integers(1, 8, count)
        # In whole milliseconds, as times on the bus are.
        self.seconds = random.lognormal(5, 1.2, count).round(3)
        self.solved = random.random(count) < 0.72
        self.visitors = random.integers(1, 400, count)
        self.acted = random.binomial(self.visitors, 0.03)
        self.basket = random.lognormal(3, 1, count).round(2)
        self.sales = random.normal(900, 400, count).round(2)
        self.spend = random.normal(250, 20, count).round(2)
        # People come more than once; the first third of them use the feature.
        self.people = random.integers(0, 2 * count, 3 * count)
        self.customers = (int(random.integers(2000, 3000)), int(random.integers(1500, 2000)))
        self.asked = 3 * count

    def events(self, region: str) -> Iterator[dict[str, Any]]:
        def later(number: int, hours: int) -> datetime:
            return DAY + timedelta(hours=hours, seconds=number)

        for number in range(self.asked):
            yield invitation(later(number, 0), region=region)
            yield invitation(later(number, 0), survey="another", region=region)
        for number in range(len(self.recommend)):
            answers = {"nps": self.recommend[number], "csat": self.satisfied[number], "ces": self.ease[number]}
            answered = later(number, 1)
            yield response(
                {name: int(answer) for name, answer in answers.items()}, answered, later(number, 0), region=region
            )
            at = later(number, 2)
            values = {
                "firstResponseTime": duration(self.seconds[number], at), "solvedAtFirstContact": bool(self.solved[number]),
                "visitors": int(self.visitors[number]), "acted": int(self.acted[number]),
                "basket": float(self.basket[number]), "sales": float(self.sales[number]),
                "spend": float(self.spend[number]),
            }  # fmt: skip
            yield measure(values, at, region=region)
        for number, person in enumerate(self.people):
            used = {"featureUsed": True} if person < len(self.recommend) // 3 * 2 else {"active": True}
            yield measure(used | {"active": True}, later(number, 3), respondent=f"{region}-{person}", region=region)
            # Who does not, is none who does.
            yield measure({"featureUsed": False}, later(number, 3), respondent=f"{region}-{person}", region=region)
        yield measure({"customersStart": self.customers[0]}, later(0, 4), region=region)
        yield measure({"customersEnd": self.customers[1]}, later(1, 4), region=region)


SAMPLES = {region: Sample(seed) for seed, region in enumerate(REGIONS)}


@pytest.fixture(scope="module")
def cluster(module_tideline: Make) -> Tideline:
    settings = {"metrics": METRICS, "dimensions": ["region"], "model": ["region"], "rules": []}
    cluster = module_tideline(clock="message", scoring=2, settings=settings).start()
    events = [event for region, sample in SAMPLES.items() for event in sample.events(region)]
    # The clock of messages never goes back.
    events.sort(key=lambda event: event["time"])
    publish(cluster, events)
    return cluster


def day(cluster: Tideline, metric: str, region: str | None) -> dict[str, Any]:
    """The one score of the day."""
    (score,) = cluster.scores(metric, region and f"region:{region}", step="1d")
    return score


# MARK: Ratings


def tango(positive: int, negative: int, answers: int) -> list[float]:
    """The score interval of a difference of two shares of one sample (Tango 1998), by the likelihood itself."""
    rest = answers - positive - negative
    observed = (positive - negative) / answers

    def likeliest(difference: float) -> float:
        """The share of negative answers that is likeliest, where positive ones have that much more."""

        def slope(share: float) -> float:
            return positive / (share + difference) + negative / share - 2 * rest / (1 - 2 * share - difference)

        lowest, highest = max(0.0, -difference), (1 - difference) / 2
        margin = 1e-12 * (highest - lowest)
        return brentq(slope, lowest + margin, highest - margin, xtol=1e-16, rtol=1e-14)

    def excess(difference: float) -> float:
        share = likeliest(difference)
        variance = (2 * share + difference * (1 - difference)) / answers
        return (observed - difference) ** 2 / variance - norm.ppf(0.975) ** 2

    return [100 * brentq(excess, observed, end, xtol=1e-13) for end in (-0.999, 0.999)]


@pytest.mark.parametrize("region", REGIONS)
def test_net_promoter_score(cluster: Tideline, region: str) -> None:
    answers = SAMPLES[region].recommend
    promoters, detractors = int((answers >= 9).sum()), int((answers <= 6).sum())
    score = day(cluster, "nps", region)
    assert (score["method"], score["unit"], score["responses"]) == ("multinomial", "points", len(answers))
    assert {int(answer): count for answer, count in score["counts"].items() if count} == {
        int(answer): int(count) for answer, count in zip(*numpy.unique(answers, return_counts=True))
    }
    assert score["score"] == near(100 * (promoters - detractors) / len(answers))
    assert score["interval"] == pytest.approx(tango(promoters, detractors, len(answers)), abs=1e-6)
    assert figure(score, "passives") == near(100 * ((answers > 6) & (answers < 9)).mean())


@pytest.mark.parametrize("region", REGIONS)
def test_mean_of_ratings(cluster: Tideline, region: str) -> None:
    answers = DescrStatsW(SAMPLES[region].satisfied)
    score = day(cluster, "csat.mean", region)
    assert (score["method"], score["responses"]) == ("t", answers.nobs)
    assert score["score"] == near(answers.mean)
    assert score["interval"] == near(list(answers.tconfint_mean(alpha=0.05)))


@pytest.mark.parametrize("region", REGIONS)
def test_effort(cluster: Tideline, region: str) -> None:
    answers = DescrStatsW(SAMPLES[region].ease)
    score = day(cluster, "ces", region)
    assert score["score"] == near(answers.mean)
    assert score["interval"] == near(list(answers.tconfint_mean(alpha=0.05)))
    assert figure(score, "topBox") == near(100 * (SAMPLES[region].ease == 7).mean())


# MARK: Durations and sums


@pytest.mark.parametrize("region", REGIONS)
def test_response_time(cluster: Tideline, region: str) -> None:
    """The mean to the millisecond's rounding, quantiles within the sketch's relative error of an answer."""
    seconds = SAMPLES[region].seconds
    times = DescrStatsW(seconds)
    score = day(cluster, "response.time", region)
    assert (score["method"], score["unit"], score["responses"]) == ("sketch", "s", len(seconds))
    assert "counts" not in score
    assert score["score"] == near(times.mean)
    # Never narrower than the interval of the durations themselves, and wider by no more than the sketch may be wrong.
    low, high = times.tconfint_mean(alpha=0.05)
    widening = 1 + 2.5 * SKETCH_ERROR * (1 + times.mean / times.std)
    assert low - (times.mean - low) * (widening - 1) <= score["interval"][0] <= low + TOLERANCE
    assert high - TOLERANCE <= score["interval"][1] <= high + (high - times.mean) * (widening - 1)
    for name, quantile in (("median", 0.5), ("p90", 0.9)):
        lower, higher = (numpy.quantile(seconds, quantile, method=method) for method in ("lower", "higher"))
        assert (1 - SKETCH_ERROR) * lower <= figure(score, name) <= (1 + SKETCH_ERROR) * higher
        shown = day(cluster, f"response.time.{name}", region)
        assert shown["score"] == figure(score, name)
        assert shown["interval"][0] <= shown["score"] <= shown["interval"][1]


@pytest.mark.parametrize("region", REGIONS)
def test_mean_of_a_measure(cluster: Tideline, region: str) -> None:
    basket = DescrStatsW(SAMPLES[region].basket)
    score = day(cluster, "basket", region)
    assert (score["method"], score["unit"], score["responses"]) == ("t", "EUR", basket.nobs)
    assert score["score"] == near(basket.mean)
    assert score["interval"] == near(list(basket.tconfint_mean(alpha=0.05)))


@pytest.mark.parametrize("region", REGIONS)
def test_return_on_investment(cluster: Tideline, region: str) -> None:
    sales, spend = SAMPLES[region].sales.sum(), SAMPLES[region].spend.sum()
    score = day(cluster, "roi", region)
    assert (score["method"], score["interval"]) == ("none", None)
    assert score["score"] == near(100 * (0.4 * sales - spend) / spend)


# MARK: Shares


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("metric", ["csat", "fcr", "conversion", "churn", "response.rate"])
def test_share(cluster: Tideline, metric: str, region: str) -> None:
    sample = SAMPLES[region]
    part, whole = {
        "csat": ((sample.satisfied >= 4).sum(), len(sample.satisfied)),
        "fcr": (sample.solved.sum(), len(sample.solved)),
        "conversion": (sample.acted.sum(), sample.visitors.sum()),
        "churn": (sample.customers[0] - sample.customers[1], sample.customers[0]),
        "response.rate": (len(sample.recommend), sample.asked),
    }[metric]
    score = day(cluster, metric, region)
    assert (score["method"], score["unit"], score["responses"]) == ("wilson", "%", whole)
    assert score["score"] == near(100 * part / whole)
    low, high = proportion_confint(part, whole, alpha=0.05, method="wilson")
    assert score["interval"] == near([100 * low, 100 * high])


@pytest.mark.parametrize("region", REGIONS)
def test_response_rate_knows_the_time_to_answer(cluster: Tideline, region: str) -> None:
    """An hour for everyone: see the sample."""
    score = day(cluster, "response.rate", region)
    assert figure(score, "timeToAnswer.mean") == near(3600)
    assert figure(score, "timeToAnswer.p90") == pytest.approx(3600, rel=SKETCH_ERROR)


@pytest.mark.parametrize("region", REGIONS)
def test_adoption_counts_each_person_once(cluster: Tideline, region: str) -> None:
    people = set(SAMPLES[region].people.tolist())
    users = {person for person in people if person < len(SAMPLES[region].recommend) // 3 * 2}
    score = day(cluster, "adoption", region)
    assert score["method"] == "sketch"
    assert figure(score, "users") == pytest.approx(len(people), rel=3 * DISTINCT_ERROR)
    assert figure(score, "featureUsers") == pytest.approx(len(users), rel=3 * DISTINCT_ERROR)
    assert score["interval"][0] <= 100 * len(users) / len(people) <= score["interval"][1]


# MARK: Together


@pytest.mark.parametrize("region", REGIONS)
def test_index_of_metrics(cluster: Tideline, region: str) -> None:
    csat, nps, index = (day(cluster, metric, region) for metric in ("csat", "nps", "loyalty"))
    assert index["score"] == near(0.6 * csat["score"] + 0.4 * (nps["score"] + 100) / 2)
    half = 0.6 * max(csat["interval"][1] - csat["score"], csat["score"] - csat["interval"][0])
    half += 0.4 / 2 * max(nps["interval"][1] - nps["score"], nps["score"] - nps["interval"][0])
    assert index["interval"] == near([index["score"] - half, index["score"] + half])
    assert {part["name"]: part["weight"] for part in index["components"]} == {"csat": 0.6, "nps": 0.4}


def test_total_is_that_of_all_regions(cluster: Tideline) -> None:
    """What is merged over segments is what the answers together give."""
    together = numpy.concatenate([sample.seconds for sample in SAMPLES.values()])
    score = day(cluster, "response.time", None)
    assert score["responses"] == len(together)
    assert score["score"] == near(together.mean())


def test_scores_keep_their_contract(cluster: Tideline) -> None:
    """What the API answers is what the schema of a score message says of its data."""
    schema = contracts.validator("score").schema
    data = schema["properties"]["data"]
    checked = Draft202012Validator(
        {**data, "$defs": schema["$defs"], "$id": "score.v1.schema.json"}, registry=contracts.registry(), format_checker=contracts.format_checker()
    )
    for metric in METRICS:
        for step in ("1d", "1w", "1y", "all"):
            for score in cluster.scores(metric, step=step):
                checked.validate(score)


def test_every_metric_is_described(cluster: Tideline) -> None:
    described = {metric["name"]: metric for metric in cluster.alerting.get_json("/api/v1/metrics")["metrics"]}
    assert set(described) == set(METRICS)
    for name, metric in described.items():
        score = day(cluster, name, None)
        assert (metric["contract"], metric["unit"], metric["method"]) == (
            score["contract"], score["unit"], score["method"]
        )  # fmt: skip
        low, high = metric["range"]
        assert (low is None or low <= score["score"]) and (high is None or score["score"] <= high)
        assert metric["contract"] in metric["versions"]


# MARK: Refusals


@pytest.mark.parametrize(
    "value, reason, pointer",
    [
        ({"contcats": 2}, "unknownMeasure", "contcats"),
        ({"solvedAtFirstContact": "yes"}, "wrongType", "solvedAtFirstContact"),
        ({"solvedAtFirstContact": 2}, "outsideScale", "solvedAtFirstContact"),
        ({"acted": -1}, "outsideScale", "acted"),
        ({"firstResponseTime": True}, "wrongType", "firstResponseTime"),
        ({"firstResponseTime": {"from": "2026-03-02T08:00:01Z", "to": "2026-03-02T08:00:00Z"}}, "outsideScale",
         "firstResponseTime/to"),
        # Different people are counted, and nobody is named.
        ({"featureUsed": True}, "wrongType", "featureUsed"),
    ],
)  # fmt: skip
def test_receipt_names_the_wrong_measure(cluster: Tideline, value: Any, reason: str, pointer: str) -> None:
    (receipt,) = cluster.publish([measure(value, DAY)])
    assert (receipt["status"], receipt["reason"]) == ("rejected", reason)
    assert receipt["pointer"] == f"/data/measures/{pointer}" and receipt["sentence"]


@pytest.mark.parametrize(
    "answers, reason", [({"csat": 6}, "outsideScale"), ({"nps": 11}, "outsideScale"), ({"ces": 0}, "outsideScale"),
                        ({"nps": 7.5}, "notWhole"), ({"csat": {"value": 8, "scale": "1-10"}}, "otherScale")]
)  # fmt: skip
def test_receipt_names_the_answer_outside_its_scale(cluster: Tideline, answers: dict[str, Any], reason: str) -> None:
    (receipt,) = cluster.publish([response(answers, DAY, DAY)])
    assert (receipt["status"], receipt["reason"]) == ("rejected", reason)
    (name,) = answers
    assert receipt["pointer"].startswith(f"/data/answers/{name}") and receipt["sentence"]


# MARK: The contract's examples


def test_measures_and_invitations_of_the_contract(tideline: Make) -> None:
    """Each is answered by the real service as the contract says, and the good ones are counted between the bad ones."""
    metrics = contracts.metrics_of_examples() | {"response.rate": {}, "invited": {"kind": "response.rate", "basis": "answered"}}
    cluster = tideline(settings={"metrics": metrics, "rules": []}).start()
    texts: list[bytes] = []
    wanted: list[tuple[str, str | None, str | None]] = []
    for kind in ("measure", "invitation"):
        # Whether a time is ahead depends on the clock of this machine.
        bad = [counter for counter in contracts.counterexamples(kind) if counter.reason != "timeAhead"]
        good = contracts.examples(kind)
        for place, counter in enumerate(bad):
            example = good[place % len(good)]
            texts += [counter.text, json.dumps(example.event | {"id": f"{kind}-{place}"}).encode()]
            wanted += [("rejected", counter.reason, counter.pointer), ("accepted", None, None)]
    receipts = cluster.publish(texts)
    for text, receipt, expected in zip(texts, receipts, wanted, strict=True):
        assert (receipt["status"], receipt.get("reason"), receipt.get("pointer")) == expected, text
        assert (receipt["status"] == "rejected") == bool(receipt.get("sentence"))
    sent = Counter(
        name for text, (status, *_) in zip(texts, wanted) if status == "accepted"
        for name in json.loads(text)["data"].get("measures", {"invitation": 1})
    )  # fmt: skip

    def counted() -> bool:
        for name, of in ((name, metric["of"].removeprefix("measure ")) for name, metric in metrics.items() if "of" in metric):
            assert [score["responses"] for score in cluster.scores(name, step="all")] == ([sent[of]] if sent[of] else [])
        (rate,) = cluster.scores("invited", step="all")
        return rate["responses"] == sent["invitation"]

    wait_until(counted, 30, "every good measure is counted once")


# MARK: Invited yesterday


def test_an_answer_counts_where_the_customer_was_asked(tideline: Make) -> None:
    metrics = {"csat": {}, "response.rate": {}, "answers.by.day": {"kind": "response.rate", "basis": "answered"}}
    cluster = tideline(clock="message", settings={"metrics": metrics, "rules": []}).start()
    asked = [DAY + timedelta(minutes=number) for number in range(40)]
    events = [invitation(at) for at in asked] + [invitation(NEXT_DAY + timedelta(minutes=number)) for number in range(10)]
    # Nine answer on the same day, six on the next.
    events += [response({"csat": 4}, at + timedelta(hours=2), at) for at in asked[:9]]
    events += [response({"csat": 4}, at + timedelta(hours=26), at) for at in asked[9:15]]
    events.sort(key=lambda event: event["time"])
    publish(cluster, events)
    assert [score["score"] for score in cluster.scores("response.rate")] == [near(100 * 15 / 40), 0]
    assert [score["score"] for score in cluster.scores("answers.by.day")] == [near(100 * 9 / 40), near(100 * 6 / 10)]
    first = cluster.scores("response.rate")[0]
    assert figure(first, "timeToAnswer.mean") == near((9 * 7200 + 6 * 93_600) / 15)
