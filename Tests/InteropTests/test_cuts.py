"""Leaderboards, profiles and themes against Python, calls for single answers, privacy, and contracts that change."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Iterable

import numpy
import pytest
from scipy import stats

import contracts
from bus import Feed
from cluster import Tideline, wait_until
from happenings import near, publish, response

Make = Callable[..., Tideline]

NOON = datetime(2026, 5, 6, 12, tzinfo=timezone.utc)
Z = 1.959963984540054


def ask(cluster: Tideline, path: str, **query: str) -> Any:
    return cluster.alerting.get_json(f"/api/v1/{path}?" + urllib.parse.urlencode(query))


def refusal(cluster: Tideline, path: str, **query: str) -> str:
    status, body = cluster.alerting.get(f"/api/v1/{path}?" + urllib.parse.urlencode(query))
    assert status == 400, body
    return body.decode()


# MARK: A company

THEMES = {"delivery": ["deliver", "delivery", "courier"], "price": ["price", "expensive"], "support": ["helpdesk"]}
COMMENTS = {
    "The courier never came.": {"delivery"},
    "Too expensive, and delivered late": {"delivery", "price"},
    "Prices went up": {"price"},
    "Nice people at the helpdesk": {"support"},
    "It was fine": set(),
}


class Row:
    def __init__(self, csat: int, csi: dict[str, tuple[int, int]], agent: str, channel: str, comment: str | None):
        self.csat, self.csi, self.agent, self.channel, self.comment = csat, csi, agent, channel, comment

    def event(self, at: datetime) -> dict[str, Any]:
        parts = {name: {"rating": rating, "importance": weight} for name, (rating, weight) in self.csi.items()}
        answers = {"csat": self.csat, "csi": {"components": parts}}
        return response(answers, at, comment=self.comment, agent=self.agent, channel=self.channel)


def company() -> list[Row]:
    random = numpy.random.default_rng(3)
    rows = []
    # Of very different sizes; the two answers of the newest agent are perfect.
    for number, size in enumerate((400, 350, 300, 120, 60, 25, 8)):
        shares = random.dirichlet([2, 1, 1, 3, 1.5 + number])
        for csat in random.choice([1, 2, 3, 4, 5], size, p=shares):
            csi = {
                "speed": (int(random.integers(1, 6)), int(random.integers(3, 6))),
                "price": (int(random.integers(1, 5)), int(random.integers(1, 6))),
            }
            channel = "chat" if random.random() < 0.4 else "email"
            comment = str(random.choice(list(COMMENTS))) if random.random() < 0.5 else None
            rows.append(Row(int(csat), csi, f"agent-{number}", channel, comment))
    csi = {"speed": (5, 5), "price": (4, 2)}
    return rows + [Row(5, csi, "novice", "chat", None), Row(5, csi, "novice", "email", None)]


ROWS = company()


@pytest.fixture(scope="module")
def cluster(module_tideline: Make) -> Tideline:
    settings = {
        "dimensions": ["agent", "channel"], "model": ["channel"], "rules": [], "themes": THEMES,
        "metrics": {"csat": {}, "csat.mean": {}, "csi": {"kind": "csi.weighted", "components": ["speed", "price"]}},
    }  # fmt: skip
    cluster = module_tideline(clock="message", scoring=2, settings=settings).start()
    publish(cluster, [row.event(NOON + timedelta(seconds=number)) for number, row in enumerate(ROWS)])
    return cluster


# MARK: Leaderboard


def credible(groups: dict[str, numpy.ndarray]) -> tuple[float, dict[str, tuple[float, float, float, float]]]:
    """Bühlmann and Straub: the grand mean, and for each row credibility, shrunk mean and the ends of its interval."""
    sizes = numpy.array([len(group) for group in groups.values()], float)
    means = numpy.array([group.mean() for group in groups.values()])
    total, rows = sizes.sum(), len(sizes)
    together = numpy.concatenate(list(groups.values()))
    within = sum(((group - group.mean()) ** 2).sum() for group in groups.values()) / (total - rows)
    within = max(within, together.var(ddof=1) / (total - rows + 1))
    spread = (sizes * (means - together.mean()) ** 2).sum() - within * (rows - 1)
    between = max(0.0, spread / (total - (sizes**2).sum() / total))
    assert between > 0
    own = sizes / (sizes + within / between)
    grand = (own * means).sum() / own.sum()
    shrunk = own * means + (1 - own) * grand
    half = Z * numpy.sqrt(between * (1 - own) + (1 - own) ** 2 * between / own.sum())
    return grand, dict(zip(groups, zip(own, shrunk, shrunk - half, shrunk + half)))


def answers_of(metric: str) -> dict[str, numpy.ndarray]:
    value = (lambda csat: float(csat)) if metric == "csat.mean" else (lambda csat: 100.0 * (csat >= 4))
    names = sorted({row.agent for row in ROWS})
    return {name: numpy.array([value(row.csat) for row in ROWS if row.agent == name]) for name in names}


@pytest.mark.parametrize("metric", ["csat", "csat.mean"])
def test_leaderboard_is_shrunk_towards_the_mean(cluster: Tideline, metric: str) -> None:
    groups = answers_of(metric)
    grand, wanted = credible(groups)
    board = ask(cluster, "leaderboard", metric=metric, dimension="agent")
    assert board["mean"] == near(grand) and board["total"] == len(groups)
    assert [row["value"] for row in board["rows"]] == sorted(groups, key=lambda name: (-wanted[name][1], name))
    for row in board["rows"]:
        group = groups[row["value"]]
        own, shrunk, low, high = wanted[row["value"]]
        assert (row["responses"], row["unshrunk"]) == (len(group), near(group.mean()))
        # Cut to the scores there can be.
        lowest, highest = (1, 5) if metric == "csat.mean" else (0, 100)
        interval = [max(low, lowest), min(high, highest)]
        assert (row["credibility"], row["score"], row["interval"]) == (near(own), near(shrunk), near(interval))
    assert board["rows"][0]["value"] != "novice", "two lucky answers do not lead"


@pytest.mark.parametrize("metric", ["csat", "csat.mean"])
def test_rows_whose_intervals_overlap_share_a_rank(cluster: Tideline, metric: str) -> None:
    rows = ask(cluster, "leaderboard", metric=metric, dimension="agent")["rows"]

    def overlap(left: dict[str, Any], right: dict[str, Any]) -> bool:
        return left["interval"][0] <= right["interval"][1] and right["interval"][0] <= left["interval"][1]

    # Whoever overlaps, and whoever overlaps with those.
    for row in rows:
        chain, grown = [row], 0
        while grown < len(chain):
            grown = len(chain)
            chain += [other for other in rows if other not in chain and any(overlap(other, one) for one in chain)]
        assert {other["rank"] for other in chain} == {row["rank"]}
        others = [other for other in rows if other not in chain]
        assert row["rank"] == 1 + sum(other["interval"][0] > row["interval"][1] for other in others)
        assert row["surelyAbove"] == sum(other["interval"][0] > row["interval"][1] for other in rows)
        assert row["surelyBelow"] == sum(other["interval"][1] < row["interval"][0] for other in rows)


def test_leaderboard_refuses_what_it_cannot_rank(cluster: Tideline) -> None:
    assert "csat" in refusal(cluster, "leaderboard", metric="csi", dimension="agent")
    assert "agent, channel" in refusal(cluster, "leaderboard", metric="csat", dimension="team")


# MARK: Profile


def test_profile_of_ratings(cluster: Tideline) -> None:
    by = {name: [row.csat for row in ROWS if row.channel == name] for name in ("chat", "email")}
    (line,) = ask(cluster, "profile", metric="csat", a="channel:chat", b="channel:email")["components"]
    compare(line, by["chat"], by["email"], highest=5)
    for side, name in (("a", "chat"), ("b", "email")):
        counts = Counter(by[name])
        assert line[side]["shares"] == near([100 * counts[step] / len(by[name]) for step in range(1, 6)])


def test_profile_of_an_index_component_by_component(cluster: Tideline) -> None:
    lines = ask(cluster, "profile", metric="csi", a="agent:agent-0", b="agent:agent-1")["components"]
    assert {line["name"] for line in lines} == {"speed", "price"}
    for line in lines:
        ratings = {
            agent: [row.csi[line["name"]][0] for row in ROWS if row.agent == agent] for agent in ("agent-0", "agent-1")
        }
        compare(line, ratings["agent-0"], ratings["agent-1"], highest=5)


def compare(line: dict[str, Any], first: list[int], second: list[int], highest: int) -> None:
    """The second group less the first, with Welch's interval."""
    welch = stats.ttest_ind(second, first, equal_var=False)
    low, high = welch.confidence_interval(0.95)
    difference = numpy.mean(second) - numpy.mean(first)
    assert (line["a"]["responses"], line["b"]["responses"]) == (len(first), len(second))
    assert (line["a"]["mean"], line["b"]["mean"]) == (near(numpy.mean(first)), near(numpy.mean(second)))
    assert line["difference"] == near(difference) and line["percent"] == near(100 * difference / highest)
    assert line["interval"] == pytest.approx([low, high], abs=1e-8)
    assert line["verdict"] == ("differs" if low > 0 or high < 0 else "mayBeEqual")


def test_profile_refuses_groups_that_share_answers(cluster: Tideline) -> None:
    assert "both" in refusal(cluster, "profile", metric="csat", a="channel:chat", b="agent:agent-1")
    assert "both" in refusal(cluster, "profile", metric="csat", a="channel:chat", b="channel:chat")


def test_components_of_an_index(cluster: Tideline) -> None:
    (score,) = cluster.scores("csi", step="1d")
    importance = {name: numpy.mean([row.csi[name][1] for row in ROWS]) for name in ("speed", "price")}
    rating = {name: numpy.mean([row.csi[name][0] for row in ROWS]) for name in importance}
    weight = {name: importance[name] / sum(importance.values()) for name in importance}
    assert score["score"] == near(sum(weight[name] * rating[name] / 5 * 100 for name in importance))
    assert [part["name"] for part in score["components"]] == sorted(weight, key=weight.__getitem__, reverse=True)
    for part in score["components"]:
        name = part["name"]
        assert (part["importance"], part["weight"]) == (near(importance[name]), near(weight[name]))
        assert (part["rating"], part["index"]) == (near(rating[name]), near(rating[name] / 5 * 100))
        assert part["gap"] == near((importance[name] - rating[name]) / 5 * 100)


# MARK: Themes


@pytest.mark.parametrize("channel", [None, "chat", "email"])
def test_themes_of_dissatisfied_answers(cluster: Tideline, channel: str | None) -> None:
    spoken = [row for row in ROWS if row.comment and channel in (None, row.channel)]
    every = Counter(theme for row in spoken for theme in COMMENTS[row.comment or ""])
    angry = Counter(theme for row in spoken if row.csat <= 2 for theme in COMMENTS[row.comment or ""])
    found = ask(cluster, "themes", metric="csat", **({"segment": f"channel:{channel}"} if channel else {}))
    assert (found["comments"], found["dissatisfiedComments"]) == (len(spoken), sum(row.csat <= 2 for row in spoken))
    lines = found["themes"]
    assert {line["theme"]: (line["answers"], line["dissatisfied"]) for line in lines} == {
        theme: (every[theme], angry[theme]) for theme in THEMES
    }
    assert [line["dissatisfied"] for line in lines] == sorted(angry.values(), reverse=True)
    sums = numpy.cumsum([line["dissatisfied"] for line in lines]) / sum(angry.values())
    scale = 100 if lines[-1]["cumulativeShare"] > 1.5 else 1
    assert [line["cumulativeShare"] for line in lines] == near([scale * float(part) for part in sums])


def test_comments_are_not_logged(cluster: Tideline) -> None:
    for service in cluster.services:
        assert "courier" not in service.log.read_text()


# MARK: Calls


def gathered(feed: Feed, wanted: int, timeout: float = 20) -> list[tuple[str, dict[str, Any]]]:
    """That many messages, and what else comes within a moment after them."""
    found: list[tuple[str, dict[str, Any]]] = []
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        message = feed.receive(0.5 if len(found) >= wanted else deadline - time.monotonic())
        if message is None:
            break
        found.append(message)
    return found


def test_each_answer_at_a_threshold_calls_once(tideline: Make) -> None:
    metrics = {
        "csat": {"followUp": 2, "advocate": 5},
        "nps": {"followUp": 6, "advocate": 9},
        # High is bad: the same answer calls on the other side.
        "ces": {"polarity": "effort", "followUp": 6},
    }
    cluster = tideline(clock="message", scoring=2, settings={"metrics": metrics, "rules": []}).start()
    events = []
    for number in range(200):
        answers = {"csat": 1 + number % 5, "nps": number % 11, "ces": 1 + number % 7}
        at = NOON + timedelta(seconds=number)
        events.append(response(answers, at, comment="Not to be told", channel="chat", agent=f"a-{number}"))
        events[-1]["data"]["respondent"] = f"c-{number}"
    lower = {"followup": {"csat": {1, 2}, "nps": set(range(7)), "ces": {6, 7}}, "advocate": {"csat": {5}, "nps": {9, 10}}}
    wanted = {
        (kind, metric, event["id"]): (event["data"]["answers"][metric], event)
        for kind, of in lower.items() for metric, answers in of.items() for event in events
        if event["data"]["answers"][metric] in answers
    }  # fmt: skip
    with cluster.feed("tideline.followup", "tideline.advocate") as feed:
        # Nobody hears what is published before the subscription has arrived: the first answers are tried until heard.
        publish(cluster, events[:1])
        publish(cluster, events[1:], per_message=7)
        # What was missed by then, and everything else, can be asked for again.
        told = [event for kind in lower for event in cluster.feed_request(f"tideline.{kind}")[1]]
        live = gathered(feed, len(wanted) - 3)
    for kind in lower:
        validator = contracts.validator(kind)
        for event in told:
            if event["type"] == f"tideline.{kind}.v1":
                validator.validate(event)
    assert len({event["id"] for event in told}) == len(told) == len(wanted)
    for event in told:
        data = event["data"]
        kind = event["type"].split(".")[1]
        answer, sent = wanted[kind, data["metric"], data["response"]["id"]]
        assert (data["answer"], data["threshold"]) == (answer, metrics[data["metric"]][threshold_of(kind)])
        assert data["segments"] == sent["data"]["segments"] and data["respondent"] == sent["data"]["respondent"]
        assert data["response"]["source"] == sent["source"]
        assert datetime.fromisoformat(data["response"]["time"]) == datetime.fromisoformat(sent["time"])
        assert "Not to be told" not in json.dumps(event)
    # Live: the same messages, under the topic of the total, each at most once and in order.
    known = {event["id"]: event for event in told}
    assert len(live) >= len(wanted) - 3
    assert len({event["id"] for _, event in live}) == len(live)
    for topic, event in live:
        assert event["data"] == known[event["id"]]["data"]
        assert topic == f"{event['type']}.{event['data']['metric']}.total"
    # Sent once more they are duplicates, and nobody is called again.
    cluster.publish(events, per_message=50)
    publish(cluster, [response({"csat": 3}, NOON + timedelta(hours=1))])
    again = [event for kind in lower for event in cluster.feed_request(f"tideline.{kind}")[1]]
    assert {event["id"] for event in again} == set(known) and len(again) == len(known)


def threshold_of(kind: str) -> str:
    return {"followup": "followUp", "advocate": "advocate"}[kind]


# MARK: Privacy


def rated(count: int, at: datetime, **segments: str) -> list[dict[str, Any]]:
    return [response({"csat": 1 + number % 5}, at + timedelta(seconds=number), **segments) for number in range(count)]


WITHHELD = {"score": None, "interval": None, "withheld": True}


def is_withheld(score: dict[str, Any]) -> bool:
    """Withheld, and then without anything that was counted."""
    if "withheld" not in score:
        return False
    assert {name: score[name] for name in WITHHELD} == WITHHELD
    assert score.keys() <= {*WITHHELD, "metric", "contract", "segment", "start", "end", "step", "unit", "provisional"}
    return True


@pytest.fixture(scope="module")
def private(module_tideline: Make) -> Tideline:
    settings = {
        "dimensions": ["region"], "model": ["region"], "rules": [], "privacy.minimumAnswers": 5,
        "alerting.scoreInterval": "10ms",
    }  # fmt: skip
    cluster = module_tideline(clock="message", settings=settings).start()
    monday = NOON - timedelta(days=2)
    events: list[dict[str, Any]] = []
    # Three of one region; the total less the other two regions would tell them.
    for region, count in (("eu", 20), ("us", 12), ("asia", 3)):
        events += rated(count, monday, region=region)
    # A week of days: one has too few, and the week less the other days would tell it.
    for day, count in enumerate((10, 11, 2, 12, 13), start=7):
        events += rated(count, monday + timedelta(days=day), region="eu")
    publish(cluster, sorted(events, key=lambda event: event["time"]))
    return cluster


def test_few_answers_are_withheld_and_one_sibling_with_them(private: Tideline) -> None:
    def first_day(segment: str | None) -> dict[str, Any]:
        return private.scores("csat", segment, step="1d", end="2026-05-05")[0]

    assert is_withheld(first_day("region:asia"))
    hidden = [segment for segment in (None, "region:eu", "region:us") if is_withheld(first_day(segment))]
    assert hidden, "the total less the other regions tells what is withheld"


DAYS = [f"2026-05-{day:02}" for day in range(4, 17)]


def questions() -> list[dict[str, str]]:
    """What an owner of the API's address may ask: days, weeks, months, rolling windows, and any span of days."""
    asked = [{"step": step} for step in ("1d", "1w", "1mo", "1q", "1y", "2d", "3d", "7d", "28d", "all")]
    for first in range(len(DAYS)):
        for last in range(first + 1, len(DAYS)):
            asked += [{"step": step, "start": DAYS[first], "end": DAYS[last]} for step in ("all", "1d")]
    return asked


def answered(cluster: Tideline, segment: str | None, query: dict[str, str]) -> list[dict[str, Any]]:
    """Scores, none where the question is refused: what is not decided is not shown."""
    names = {"start": "from", "end": "to"}
    items = {"metric": "csat", "segment": segment or "", **{names.get(name, name): value for name, value in query.items()}}
    status, body = cluster.alerting.get("/api/v1/scores?" + urllib.parse.urlencode(items))
    assert status in (200, 400), body
    return json.loads(body)["scores"] if status == 200 else []


PRIVATE_REGIONS = ("eu", "us", "asia")


def test_no_few_answers_follow_from_all_one_can_ask(private: Tideline) -> None:
    """Every answer is an equation in the answers of a region's days; no few answers must be their solution."""
    equations: dict[tuple[int, ...], int] = {}
    for region in (None, *PRIVATE_REGIONS):
        for query in questions():
            for score in answered(private, region and f"region:{region}", {**query, "compare": "previous"}):
                if is_withheld(score):
                    continue
                told = [(score["start"], score["end"], score["responses"])]
                if before := score.get("comparison", {}).get("previous"):
                    told.append((before["start"], before["end"], before["responses"]))
                for start, end, responses in told:
                    days = [int(start < f"{day}T12" < end) for day in DAYS]
                    cells = tuple(
                        cell for of in PRIVATE_REGIONS for cell in (days if region in (None, of) else [0] * len(days))
                    )
                    assert equations.setdefault(cells, responses) == responses
    assert len(equations) >= 10
    known, counts = numpy.array(list(equations), float), numpy.array(list(equations.values()), float)
    names = [f"{region} on {day}" for region in PRIVATE_REGIONS for day in DAYS]
    told = {}
    for name, wanted in zip(names, numpy.eye(len(names))):
        factors, *_ = numpy.linalg.lstsq(known.T, wanted, rcond=None)
        if numpy.allclose(known.T @ factors, wanted, atol=1e-9):
            told[name] = round(float(factors @ counts))
    assert {name: count for name, count in told.items() if 0 < count < 5} == {}


def test_leaderboards_are_of_whole_windows_so_that_two_do_not_tell_a_day(private: Tideline) -> None:
    for span in (("2026-05-11", "2026-05-13"), ("2026-05-11", "2026-05-14"), ("2026-05-11T12:00:00Z", "2026-05-12")):
        text = refusal(private, "leaderboard", metric="csat", dimension="region", **{"from": span[0], "to": span[1]})
        assert "whole civil window" in text
    for span in (("2026-05-11", "2026-05-12"), ("2026-05-11", "2026-05-18"), ("2026-05-01", "2026-06-01")):
        board = ask(private, "leaderboard", metric="csat", dimension="region", **{"from": span[0], "to": span[1]})
        assert all(row["responses"] >= 5 for row in board["rows"])


def test_what_is_withheld_is_so_everywhere(private: Tideline) -> None:
    board = ask(private, "leaderboard", metric="csat", dimension="region", **{"from": "2026-05-04", "to": "2026-05-05"})
    assert "asia" not in {row["value"] for row in board["rows"]} and board["withheld"] >= 1
    text = refusal(private, "profile", metric="csat", a="region:asia", b="region:eu", **{"from": "2026-05-04", "to": "2026-05-05"})
    assert "asia" in text and "3" not in text.replace("region:asia", "")
    assert "day" in refusal(private, "scores", metric="csat", step="1h")
    for line in ("region:asia", "region:eu", None):
        for score in private.scores("csat", line, step="1d", compare="previous"):
            if "comparison" in score:
                assert not is_withheld(score)


def test_the_feed_says_nothing_of_few_answers(tideline: Make) -> None:
    settings = {
        "dimensions": ["region"], "model": ["region"], "rules": [], "privacy.minimumAnswers": 5,
        "alerting.scoreInterval": "10ms",
    }  # fmt: skip
    cluster = tideline(clock="message", settings=settings).start()
    with cluster.feed("tideline.score") as feed:
        def heard() -> bool:
            publish(cluster, rated(10, NOON - timedelta(days=30), region="eu"), per_message=10)
            return feed.receive(0.3) is not None

        wait_until(heard, 30, "the subscription has arrived")
        while feed.receive(0.5):
            pass
        told: dict[str, list[int]] = {}
        for number in range(12):
            publish(cluster, rated(1, NOON + timedelta(minutes=number), region="asia"))
            while message := feed.receive(0.2):
                topic, event = message
                assert "withheld" not in event["data"]
                if event["data"]["start"] >= "2026-05-06":
                    told.setdefault(topic, []).append(event["data"]["responses"])
    assert told, "with enough answers there are scores"
    for topic, counts in told.items():
        steps = [after - before for before, after in zip([0, *counts], counts)]
        assert all(step >= 5 for step in steps), f"{topic}: {counts}"
    # Who asks for the latest is told what was published last, and no less than the subscribers.
    for _ in range(2):
        _, messages = cluster.feed_request("tideline.score.v1.csat.region:asia")
        assert [event["data"]["responses"] for event in messages] == [told["tideline.score.v1.csat.region:asia"][-1]]


# MARK: Contracts


def series(cluster: Tideline, segment: str = "total") -> list[dict[str, Any]]:
    return [line for line in cluster.series("csat")["series"] if line["name"] == segment]


def test_a_changed_contract_is_another_series(tideline: Make) -> None:
    """The answers before and after the change are never counted together, whoever asks and however."""
    cluster = tideline(clock="message", scoring=2, settings={"rules": []}).start()
    publish(cluster, rated(50, NOON, region="eu"))
    ((old,), before) = series(cluster), cluster.scores("csat", step="1d")
    reconfigure(cluster, {"csat": {"scale": "1..5", "satisfied": "5"}})
    publish(cluster, rated(25, NOON + timedelta(hours=1), region="eu"))

    lines = series(cluster)
    assert len(lines) == len({line["contract"] for line in lines}) == 2
    (new,) = (line["contract"] for line in lines if line["contract"] != old["contract"])
    for segment in (None, "region:eu"):
        (now,) = cluster.scores("csat", segment, step="1d")
        assert (now["contract"], now["responses"], now["score"]) == (new, 25, near(20))
        (then,) = cluster.scores("csat", segment, step="1d", contract=old["contract"])
        assert (then["contract"], then["responses"], then["score"]) == (old["contract"], 50, near(40))
    assert cluster.scores("csat", step="1d", contract=old["contract"])[0]["counts"] == before[0]["counts"]
    (metric,) = ask(cluster, "metrics")["metrics"]
    assert metric["contract"] == new and set(metric["versions"]) == {old["contract"], new}
    text = refusal(cluster, "scores", metric="csat", contract="0" * 32)
    assert old["contract"] in text and new in text

    # Back to the old one: its series goes on where it stopped.
    reconfigure(cluster, {"csat": {"scale": "1..5", "satisfied": "4..5"}})
    publish(cluster, rated(5, NOON + timedelta(hours=2), region="eu"))
    (now,) = cluster.scores("csat", step="1d")
    assert (now["contract"], now["responses"]) == (old["contract"], 55)
    (then,) = cluster.scores("csat", step="1d", contract=new)
    assert then["responses"] == 25 and len(series(cluster)) == 2


def test_what_changes_no_score_changes_no_contract(tideline: Make) -> None:
    cluster = tideline(clock="message", settings={"rules": []}).start()
    publish(cluster, rated(20, NOON))
    ((line,),) = [series(cluster)]
    reconfigure(cluster, {"csat": {"satisfied": "4..5", "scale": "1..5", "followUp": 2, "target": 80}})
    publish(cluster, rated(20, NOON + timedelta(hours=1)))
    assert series(cluster) == [line]
    (score,) = cluster.scores("csat", step="1d", compare="target")
    assert score["responses"] == 40 and score["comparison"]["target"]["value"] == 80


def reconfigure(cluster: Tideline, metrics: dict[str, Any]) -> None:
    """Stops everything, changes the metrics, and starts again."""
    cluster.stop()
    cluster.settings["metrics"] = metrics
    cluster.configuration.write_text(json.dumps(cluster.settings, indent=2))
    cluster.start()
