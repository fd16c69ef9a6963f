"""Windows of the calendar in Europe/Berlin against Python's zoneinfo, what they are compared with, and late answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from typing import Any, Callable
from zoneinfo import ZoneInfo

import numpy
import pytest
from statsmodels.stats.proportion import proportion_confint

from cluster import Tideline
from happenings import near, publish, response

Make = Callable[..., Tideline]
Window = tuple[datetime, datetime]

BERLIN = ZoneInfo("Europe/Berlin")
TARGETS = {2024: 55, 2026: 65}
STEP = 60
COMPLETENESS = timedelta(hours=1)
REGIONS = ("eu", "us")

# The moments at which clocks change, the ends of years of 52 and of 53 weeks, and a leap day.
EDGES = [
    "2024-02-28T23:30:00+01:00", "2024-02-29T00:10:00+01:00", "2024-02-29T23:50:00+01:00", "2024-03-01T00:00:00+01:00",
    "2024-03-31T01:59:00+01:00", "2024-03-31T03:01:00+02:00", "2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00",
    "2024-12-29T23:59:59+01:00", "2024-12-30T00:00:00+01:00", "2025-01-01T00:00:00+01:00", "2025-12-31T23:59:59+01:00",
    "2026-01-04T23:59:59+01:00", "2026-01-05T00:00:00+01:00", "2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00",
    "2026-10-25T01:59:00+02:00", "2026-10-25T02:15:00+02:00", "2026-10-25T02:15:00+01:00", "2026-10-25T03:00:00+01:00",
]  # fmt: skip


class Answer:
    def __init__(self, at: datetime, csat: int, region: str, arrived: datetime | None = None) -> None:
        self.at = at.astimezone(timezone.utc)
        self.csat = csat
        self.region = region
        self.arrived = (arrived or at).astimezone(timezone.utc)

    @property
    def event(self) -> dict[str, Any]:
        return response({"csat": self.csat}, self.at, region=self.region) | {"recordedtime": self.arrived.isoformat()}


def answers() -> list[Answer]:
    """Three years of answers, two a day and more in the last weeks, and some that arrive late; in order of arrival."""
    random = numpy.random.default_rng(7)
    first, last = datetime(2023, 12, 28, tzinfo=timezone.utc), datetime(2026, 10, 27, 17, tzinfo=timezone.utc)
    spread = [first + (last - first) * share for share in random.random(2500)]
    spread += [last - timedelta(days=28) * share for share in random.random(1500)]
    moments = [moment.replace(microsecond=0) for moment in spread] + [datetime.fromisoformat(edge) for edge in EDGES]
    made = [Answer(at, int(random.integers(1, 6)), str(random.choice(REGIONS))) for at in moments]
    for number in range(60):
        at = last - timedelta(days=float(random.random() * 200))
        delay = timedelta(days=float(random.random() * 20))
        made.append(Answer(at, int(random.integers(1, 6)), "eu", min(at + delay, last + timedelta(minutes=number))))
    return sorted(made, key=lambda answer: answer.arrived)


ANSWERS = answers()
CLOCK = ANSWERS[-1].arrived


# MARK: The calendar, once more


def midnight(day: date) -> datetime:
    """The first moment of a civil day of Berlin, where no clock ever changes at midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(timezone.utc)


def month_after(day: date, months: int = 1) -> date:
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def windows_of(moment: datetime, step: str) -> list[Window]:
    """The windows a moment lies in: one, or of rolling ones as many as they have days."""
    local = moment.astimezone(BERLIN)
    day = local.date()
    match step:
        case "1h":
            start = moment.replace(minute=0, second=0, microsecond=0)
            return [(start, start + timedelta(hours=1))]
        case "1d":
            return [(midnight(day), midnight(day + timedelta(days=1)))]
        case "1w":
            monday = day - timedelta(days=day.weekday())
            return [(midnight(monday), midnight(monday + timedelta(days=7)))]
        case "1mo":
            return [(midnight(day.replace(day=1)), midnight(month_after(day)))]
        case "1q":
            start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            return [(midnight(start), midnight(month_after(start, 3)))]
        case "1y":
            return [(midnight(date(day.year, 1, 1)), midnight(date(day.year + 1, 1, 1)))]
    days = int(step.removesuffix("d"))
    ends = [day + timedelta(days=number) for number in range(1, days + 1)]
    return [(midnight(end - timedelta(days=days)), midnight(end)) for end in ends]


def expected(step: str, region: str | None = None) -> dict[Window, list[Answer]]:
    found: dict[Window, list[Answer]] = defaultdict(list)
    for answer in ANSWERS:
        if region in (None, answer.region):
            for window in windows_of(answer.at, step):
                found[window].append(answer)
    return found


def percent(part: list[Answer]) -> float:
    return 100 * sum(answer.csat >= 4 for answer in part) / len(part)


def window(score: dict[str, Any]) -> Window:
    return datetime.fromisoformat(score["start"]), datetime.fromisoformat(score["end"])


# MARK: Windows


@pytest.fixture(scope="module")
def cluster(module_tideline: Make) -> Tideline:
    settings = {
        "timezone": "Europe/Berlin", "dimensions": ["region"], "model": ["region"], "rules": [],
        "metrics": {"csat": {"target": {str(year): value for year, value in TARGETS.items()}}},
    }  # fmt: skip
    cluster = module_tideline(clock="message", scoring=2, settings=settings).start()
    publish(cluster, [answer.event for answer in ANSWERS])
    return cluster


@pytest.mark.parametrize("region", [None, *REGIONS])
@pytest.mark.parametrize("step", ["1d", "1w", "1mo", "1q", "1y"])
def test_windows_of_the_calendar(cluster: Tideline, step: str, region: str | None) -> None:
    wanted = expected(step, region)
    scores = cluster.scores("csat", region and f"region:{region}", step=step)
    assert [window(score) for score in scores] == sorted(wanted)
    for score in scores:
        part = wanted[window(score)]
        satisfied = sum(answer.csat >= 4 for answer in part)
        assert score["responses"] == len(part) and score["score"] == near(percent(part))
        assert score["interval"] == near([100 * end for end in proportion_confint(satisfied, len(part), method="wilson")])
        assert score["step"] == step


@pytest.mark.parametrize("step", ["7d", "28d", "90d"])
def test_rolling_windows(cluster: Tideline, step: str) -> None:
    """One for every civil day asked for, of that day and those before it."""
    first, last = date(2026, 2, 10), date(2026, 10, 26)
    wanted = {
        (start, end): part
        for (start, end), part in expected(step).items()
        if midnight(first) < end <= midnight(last + timedelta(days=1))
    }
    scores = cluster.scores("csat", step=step, start=f"{first}", end=f"{last + timedelta(days=1)}")
    assert [window(score) for score in scores] == sorted(wanted)
    for score in scores:
        part = wanted[window(score)]
        assert score["responses"] == len(part) and score["score"] == near(percent(part))


@pytest.mark.parametrize("region", [None, "eu"])
def test_hours(cluster: Tideline, region: str | None) -> None:
    """Years ago as well; where clocks go back, two hours of the same name are two windows."""
    wanted = expected("1h", region)
    scores = cluster.scores("csat", region and f"region:{region}", step="1h")
    assert {window(score): score["responses"] for score in scores} == {key: len(part) for key, part in wanted.items()}
    assert {score["start"][:16] for score in scores} >= {"2024-10-27T00:00", "2024-10-27T01:00"}


@pytest.mark.parametrize(
    "start, end",
    [
        ("2026-10-25", "2026-10-26"), ("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"), ("2024-01-01", "2025-01-01"),
        # Neither lies on a quarter of an hour.
        ("2026-10-20T10:07:00Z", "2026-10-22T11:23:30Z"),
    ],
)  # fmt: skip
def test_one_window_over_a_span(cluster: Tideline, start: str, end: str) -> None:
    """Whatever window is answered, what it counts is what lies in it."""
    scores = cluster.scores("csat", step="all", start=start, end=end)
    for score in scores:
        first, last = window(score)
        part = [answer for answer in ANSWERS if first <= answer.at < last]
        assert (score["responses"], score["score"]) == (len(part), near(percent(part)))
    assert len(scores) <= 1


def test_days_of_23_24_and_25_hours(cluster: Tideline) -> None:
    hours = {
        start.astimezone(BERLIN).date(): (end - start) / timedelta(hours=1)
        for start, end in map(window, cluster.scores("csat", step="1d"))
    }
    assert hours[date(2024, 3, 31)] == hours[date(2026, 3, 29)] == 23
    assert hours[date(2024, 10, 27)] == hours[date(2026, 10, 25)] == 25
    assert hours[date(2024, 2, 29)] == 24
    assert set(hours.values()) == {23, 24, 25}


def test_a_window_is_provisional_until_it_is_complete(cluster: Tideline) -> None:
    for step in ("1d", "1w", "1mo", "1q", "1y", "28d"):
        for score in cluster.scores("csat", step=step, start="2026-09-01"):
            assert score["provisional"] == (window(score)[1] + COMPLETENESS > CLOCK)


@pytest.mark.parametrize("step", ["1h", "1d", "1w", "1mo", "1y", "28d"])
def test_revision_counts_the_steps_that_changed_a_window(cluster: Tideline, step: str) -> None:
    since = midnight(date(2026, 10, 1))
    arrived = max(answer.arrived for part in expected("1d").values() for answer in part)
    end = midnight(arrived.astimezone(BERLIN).date() + timedelta(days=1))
    wanted = {
        key: len({answer.arrived.timestamp() // STEP for answer in part})
        for key, part in expected(step).items()
        # Rolling windows end with the day of the clock: those of days to come would only repeat it.
        if key[1] > since and not (step == "28d" and key[1] > end)
    }
    scores = cluster.scores("csat", step=step, start="2026-10-01")
    assert {window(score): score["revision"] for score in scores} == wanted


# MARK: Comparisons


def before(key: Window, step: str) -> Window:
    moment = key[0] - timedelta(seconds=1)
    return windows_of(moment, step)[0]


def year_before(key: Window, step: str) -> Window | None:
    first = key[0].astimezone(BERLIN).date()
    match step:
        case "1d":
            # The 29th of February is compared with the 28th.
            day = 28 if (first.month, first.day) == (2, 29) else first.day
            return windows_of(midnight(first.replace(year=first.year - 1, day=day)), step)[0]
        case "1w":
            year, week, _ = first.isocalendar()
            last = date(year - 1, 12, 28).isocalendar().week
            return windows_of(midnight(date.fromisocalendar(year - 1, min(week, last), 1)), step)[0]
        case "28d":
            end = key[1].astimezone(BERLIN).date() - timedelta(days=1)
            day = 28 if (end.month, end.day) == (2, 29) else end.day
            return windows_of(midnight(end.replace(year=end.year - 1, day=day)), step)[0]
    return windows_of(midnight(date(first.year - 1, first.month, 1)), step)[0]


@pytest.mark.parametrize("step", ["1d", "1w", "1mo", "1q", "1y", "28d"])
def test_comparison(cluster: Tideline, step: str) -> None:
    wanted = expected(step)
    scores = cluster.scores("csat", step=step, start="2023-12-28", end="2026-10-20", compare="previous,lastYear,target")
    assert len(scores) > 2
    compared = 0
    for score in scores:
        key, comparison = window(score), score.get("comparison", {})
        for name, other in (("previous", before(key, step)), ("lastYear", year_before(key, step))):
            if other not in wanted:
                assert name not in comparison, f"{score['start']} {name}"
                continue
            said = comparison[name]
            assert window(said) == other, f"{name} of {score['start']}"
            assert said["score"] == near(percent(wanted[other])) and said["responses"] == len(wanted[other])
            assert said["difference"] == near(score["score"] - said["score"])
            if said["score"]:
                assert said["percent"] == near(100 * said["difference"] / said["score"])
            compared += 1
        # That of the year of the window's last day, of a week its ISO year; each is in force until the next.
        last = (key[1] - timedelta(seconds=1)).astimezone(BERLIN).date()
        year = last.isocalendar().year if step == "1w" else last.year
        target = next((TARGETS[since] for since in sorted(TARGETS, reverse=True) if since <= year), None)
        if target is None:
            assert "target" not in comparison
        else:
            assert comparison["target"]["value"] == target
            assert comparison["target"]["difference"] == near(score["score"] - target)
    assert compared > len(scores) / 2


def test_a_comparison_nobody_knows_is_refused(cluster: Tideline) -> None:
    status, body = cluster.alerting.get("/api/v1/scores?metric=csat&step=1d&compare=lastMonth")
    assert status == 400 and b"lastYear" in body


# MARK: Late answers


def test_late_answers_revise_the_window_they_belong_to(tideline: Make) -> None:
    """After the store has been closed and opened as well: what a window was made of is not forgotten."""
    cluster = tideline(clock="message", settings={"timezone": "Europe/Berlin", "rules": []}).start()
    noon = datetime(2026, 5, 4, 12, tzinfo=BERLIN)

    def send(*made: Answer) -> dict[str, Any]:
        publish(cluster, [answer.event for answer in made])
        (score,) = cluster.scores("csat", step="1d", start="2026-05-04", end="2026-05-05")
        return score

    score = send(*(Answer(noon + timedelta(seconds=number), 5, "eu") for number in range(10)))
    assert (score["revision"], score["provisional"], score["score"]) == (1, True, 100)
    score = send(Answer(noon, 1, "eu", noon + timedelta(minutes=2)))
    assert (score["revision"], score["provisional"], score["responses"]) == (2, True, 11)
    # Of another day: it only moves the clock, to a moment before the day is complete.
    score = send(Answer(noon + timedelta(hours=12, minutes=59), 5, "eu"))
    assert (score["revision"], score["provisional"]) == (2, True)
    score = send(Answer(noon + timedelta(hours=13), 5, "eu"))
    assert (score["revision"], score["provisional"]) == (2, False)
    score = send(*(Answer(noon, 1, "eu", noon + timedelta(days=3, seconds=number)) for number in range(3)))
    assert (score["revision"], score["provisional"], score["responses"]) == (3, False, 14)
    cluster.alerting.stop()
    cluster.alerting.restart()
    score = send(Answer(noon, 1, "eu", noon + timedelta(days=9)))
    assert (score["revision"], score["responses"], score["score"]) == (4, 15, near(100 * 10 / 15))
