"""What people read and take away: report, leaderboard, profile, trends, metrics and exports, against Python's own sums."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import random
import stat
import subprocess
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable
from zoneinfo import ZoneInfo

import pyreadstat
import pytest
from scipy.stats import ttest_ind
from statsmodels.stats.proportion import proportion_confint

import bus
import contracts
import workload
from cluster import Tideline

Make = Callable[..., Tideline]

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2026, 9, 28)  # a Monday
DAYS = 28
REGIONS = {"eu": 0.85, "us": 0.6}
AGENTS = {"anna": 0.9, "boris": 0.88, "clara": 0.5}
COMMENTS = {True: "Friendly and fast", False: "The courier was late, delivery took a week; \"sorry\" is not enough"}
COMPONENTS = {"speed": 2, "price": 4, "friendliness": 5}

SETTINGS: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "dimensions": ["region", "agent"],
    "model": ["region"],
    "metrics": {
        "csat": {"scale": "1..5", "satisfied": "4..5", "target": 75, "minimumSample": 10},
        "nps": {"scale": "0..10"},
        "mood": {"kind": "csat", "scale": "1..3", "words": "smileys"},
        "csi": {"kind": "csi.weighted", "components": list(COMPONENTS), "scale": "1..5", "minimumSample": 5},
    },
    "themes": {"delivery": ["delivery", "courier"], "price": ["expensive", "price"]},
    "rules": [],
}


def some_responses() -> list[dict[str, Any]]:
    """Four weeks, 30 answers a day, the same each time."""
    generator = random.Random(20260928)
    events = []
    for number in range(DAYS * 30):
        day, of_day = divmod(number, 30)
        at = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=BERLIN) + timedelta(days=day)
        at = at.astimezone(timezone.utc) + timedelta(minutes=45 * of_day)
        region, agent = generator.choice(list(REGIONS)), generator.choice(list(AGENTS))
        satisfied = generator.random() < (REGIONS[region] + AGENTS[agent]) / 2
        answers: dict[str, Any] = {"csat": generator.choice([4, 5] if satisfied else [1, 2, 3])}
        if generator.random() < 0.8:
            answers["nps"] = generator.choice([9, 10, 10, 8] if satisfied else [0, 3, 6, 7])
        if generator.random() < 0.3:
            answers["mood"] = generator.choice(["sad", "neutral", "happy"])
        if generator.random() < 0.5:
            answers["csi"] = {
                "components": {
                    name: {
                        "rating": generator.randint(max(1, usual - 1), min(5, usual + 1)),
                        "importance": generator.randint(3, 5),
                    }
                    for name, usual in COMPONENTS.items()
                }
            }
        extra: dict[str, Any] = {"survey": "post-ticket", "respondent": f"c-{number}"}
        if number % 3 == 0:
            extra["comment"] = COMMENTS[satisfied]
        events.append(
            bus.response(
                id=f"r-{number}", at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), answers=answers,
                segments={"region": region, "agent": agent}, **extra,
            )
        )  # fmt: skip
    return events


EVENTS = some_responses()


@pytest.fixture(scope="module")
def cluster(module_tideline: Make) -> Tideline:
    contracts.executable("tideline")
    cluster = module_tideline(clock="message", settings=SETTINGS).start()
    workload.assert_statuses(cluster.publish(EVENTS, per_message=100), "accepted")
    workload.wait_until_idle(cluster)
    return cluster


def tideline(cluster: Tideline, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDELINE_")}
    environment |= {"COLUMNS": "160", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    run = subprocess.run(
        [str(contracts.executable("tideline")), *arguments, "--config", str(cluster.configuration)],
        capture_output=True, encoding="utf-8", env=environment, timeout=120, cwd=cluster.folder,
    )  # fmt: skip
    assert run.returncode == status, f"status {run.returncode}\n{run.stdout}\n{run.stderr}"
    return run


def day_of(event: dict[str, Any]) -> date:
    return datetime.fromisoformat(event["time"].replace("Z", "+00:00")).astimezone(BERLIN).date()


def week_of(event: dict[str, Any]) -> str:
    year, week, _ = day_of(event).isocalendar()
    return f"{year}-W{week:02}"


def csat_by(key: Callable[[dict[str, Any]], str], **segments: str) -> dict[str, tuple[int, int]]:
    """Satisfied answers and all answers by what `key` says."""
    counts: dict[str, list[int]] = {}
    for event in EVENTS:
        if any(event["data"]["segments"][name] != value for name, value in segments.items()):
            continue
        count = counts.setdefault(key(event), [0, 0])
        count[0] += event["data"]["answers"]["csat"] >= 4
        count[1] += 1
    return {name: (satisfied, answers) for name, (satisfied, answers) in counts.items()}


def wilson(satisfied: int, answers: int) -> tuple[float, float]:
    low, high = proportion_confint(satisfied, answers, method="wilson")
    return 100 * low, 100 * high


# MARK: Report


def test_report_says_the_contract_and_every_week(cluster: Tideline) -> None:
    contract = cluster.scores()[0]["contract"]
    text = tideline(cluster, "report", "--metric", "csat", "--compare", "previous,target").stdout
    heading = " ".join(text.split("\n\n")[0].split())
    assert (
        "csat: share of 4..5 on 1..5 among those who answered, in %; 95 % Wilson interval; ISO weeks of Europe/Berlin; "
        f"contract {contract}." in heading
    )
    assert "excellent above 80, good from 70, average from 60, critical below; target 75; small below 10 answers" in heading
    weeks = csat_by(week_of)
    assert list(weeks) == ["2026-W40", "2026-W41", "2026-W42", "2026-W43"]
    before = None
    for week, (satisfied, answers) in weeks.items():
        (row,) = [line for line in text.splitlines() if line.startswith(week)]
        score = 100 * satisfied / answers
        low, high = wilson(satisfied, answers)
        below, above = f"{score - low:.1f}", f"{high - score:.1f}"
        shown = f"{score:.1f} ± {above}" if below == above else f"{score:.1f} [{low:.1f}, {high:.1f}]"
        assert shown in row
        assert f" {answers} " in row
        assert f"{score - 75:+.1f}" in row.split()
        if before is not None:
            assert f"{score - before:+.1f} ({100 * (score - before) / before:+.1f} %)" in row
        before = score
    (row,) = [line for line in text.splitlines() if line.startswith("all of these")]
    assert f" {len(EVENTS)} " in row


def test_report_of_a_segment_by_day(cluster: Tideline) -> None:
    arguments = ["--segment", "region:eu", "--step", "1d", "--from", "2026-10-05", "--to", "2026-10-06"]
    text = tideline(cluster, "report", *arguments).stdout
    satisfied, answers = csat_by(lambda event: str(day_of(event)), region="eu")["2026-10-05"]
    rows = [line for line in text.splitlines() if line.startswith("2026-10-")]
    assert len(rows) == 1 and f"{100 * satisfied / answers:.1f} " in rows[0] and f" {answers} " in rows[0]
    assert "region:eu" in text


def test_report_lists_components_by_gap_and_themes(cluster: Tideline) -> None:
    text = tideline(cluster, "report", "--metric", "csi").stdout
    given = [event["data"]["answers"]["csi"]["components"] for event in EVENTS if "csi" in event["data"]["answers"]]
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.split() and line.split()[0] in COMPONENTS}
    gaps = {}
    for name in COMPONENTS:
        rating = sum(answer[name]["rating"] for answer in given) / len(given)
        importance = sum(answer[name]["importance"] for answer in given) / len(given)
        gaps[name] = 100 * importance / 5 - 100 * rating / 5
        assert rows[name][1:4] == [str(len(given)), f"{rating:.2f}", f"{importance:.2f}"]
    assert list(rows) == sorted(gaps, key=lambda name: -gaps[name])
    assert float(rows["speed"][-1]) == pytest.approx(gaps["speed"], abs=0.051)

    text = tideline(cluster, "report", "--metric", "csat").stdout
    commented = [event["data"]["answers"]["csat"] for event in EVENTS if event["data"].get("comment")]
    # Dissatisfied are as many of the worst answers as there are satisfied ones among the best: 1 and 2 of 1..5.
    worst = sum(answer <= 2 for answer in commented)
    assert f"Themes of {worst} dissatisfied comments" in text
    (row,) = [line.split() for line in text.splitlines() if line.startswith("delivery")]
    assert row == ["delivery", str(worst), "100.0", "%", "100.0", "%", str(sum(answer <= 3 for answer in commented))]


def test_report_as_csv_and_json_lines(cluster: Tideline) -> None:
    arguments = ["report", "--metric", "csat", "--step", "1w", "--compare", "previous"]
    rows = list(csv.DictReader(io.StringIO(tideline(cluster, *arguments, "--format", "csv").stdout)))
    lines = [json.loads(line) for line in tideline(cluster, *arguments, "--format", "jsonl").stdout.splitlines()]
    weeks = csat_by(week_of)
    assert [row["window"] for row in rows] == [line["window"] for line in lines] == list(weeks)
    for row, line, (satisfied, answers) in zip(rows, lines, weeks.values()):
        assert float(row["score"]) == line["score"] == pytest.approx(100 * satisfied / answers, abs=1e-9)
        assert [line["low"], line["high"]] == pytest.approx(wilson(satisfied, answers), abs=1e-9)
        assert int(row["responses"]) == line["responses"] == answers
        assert sum(line[f"count_{answer}"] for answer in range(1, 6)) == answers
    assert rows[0]["previous_difference"] == "" and lines[0]["previous_difference"] is None
    assert lines[1]["previous_difference"] == pytest.approx(lines[1]["score"] - lines[0]["score"], abs=1e-9)


def test_wrong_questions_are_answered_with_what_would_be_right(cluster: Tideline) -> None:
    assert "csat, nps, mood, csi" in tideline(cluster, "report", "--metric", "nope", status=2).stderr
    assert "1w" in tideline(cluster, "report", "--step", "1fortnight", status=2).stderr
    assert "region, agent" in tideline(cluster, "leaderboard", "--dimension", "team", status=2).stderr
    assert "there are no answers" in tideline(cluster, "report", "--segment", "region:mars", status=1).stderr


# MARK: Leaderboard and profile


def test_leaderboard(cluster: Tideline) -> None:
    arguments = ["leaderboard", "--metric", "csat", "--dimension", "agent"]
    board = json.loads(tideline(cluster, *arguments, "--json").stdout)
    counts = csat_by(lambda event: event["data"]["segments"]["agent"])
    assert {row["value"]: row["responses"] for row in board["rows"]} == {name: n for name, (_, n) in counts.items()}
    for row in board["rows"]:
        satisfied, answers = counts[row["value"]]
        assert row["unshrunk"] == pytest.approx(100 * satisfied / answers, abs=1e-9)
        towards = board["mean"] - row["unshrunk"]
        assert row["score"] == pytest.approx(row["unshrunk"] + (1 - row["credibility"]) * towards, abs=1e-9)
    ranks = {row["value"]: row["rank"] for row in board["rows"]}
    # Anna and Boris are alike, Clara is far behind: chance cannot tell the two apart.
    assert ranks["anna"] == ranks["boris"] == 1 and ranks["clara"] == 3

    text = tideline(cluster, *arguments).stdout
    rows = [line.split() for line in text.splitlines() if set(line.split()) & set(AGENTS)]
    assert [row[0] for row in rows] == ["=1", "=1", "3"]
    assert [row[1] for row in rows] == [row["value"] for row in board["rows"]]
    for shown, row in zip(rows, board["rows"]):
        assert shown[2] == f"{row['score']:.1f}"
        assert f"{row['unshrunk']:.1f}" in shown and "●" in "".join(shown)
    text = tideline(cluster, *arguments, "--limit", "1").stdout
    assert "1 of 3 rows" in text and "clara" not in text


def test_profile(cluster: Tideline) -> None:
    profile = ["profile", "--metric", "csi", "--a", "region:eu", "--b", "region:us"]
    answer = json.loads(tideline(cluster, *profile, "--json").stdout)
    text = tideline(cluster, *profile).stdout
    ratings: dict[str, dict[str, list[int]]] = {region: {name: [] for name in COMPONENTS} for region in REGIONS}
    for event in EVENTS:
        for name, given in event["data"]["answers"].get("csi", {"components": {}})["components"].items():
            ratings[event["data"]["segments"]["region"]][name].append(given["rating"])
    for line in answer["components"]:
        eu, us = ratings["eu"][line["name"]], ratings["us"][line["name"]]
        difference = sum(us) / len(us) - sum(eu) / len(eu)
        assert line["difference"] == pytest.approx(difference, abs=1e-9)
        assert line["percent"] == pytest.approx(20 * difference, abs=1e-9)
        interval = ttest_ind(us, eu, equal_var=False).confidence_interval(0.95)
        assert line["interval"] == pytest.approx([interval.low, interval.high], abs=1e-6)
        (row,) = [shown for shown in text.splitlines() if shown.startswith(line["name"])]
        assert f"{difference:+.2f} [{interval.low:+.2f}, {interval.high:+.2f}]" in row.replace("-0.00", "0.00") or (
            abs(difference) < 0.005
        )
        assert ("differs" in row) == (line["verdict"] == "differs")


def test_profile_of_ratings_compares_shares(cluster: Tideline) -> None:
    text = tideline(cluster, "profile", "--metric", "csat", "--a", "region:eu", "--b", "region:us").stdout
    counts = {region: Counter[int]() for region in REGIONS}
    for event in EVENTS:
        counts[event["data"]["segments"]["region"]][event["data"]["answers"]["csat"]] += 1
    shares = {region: 100 * count[5] / count.total() for region, count in counts.items()}
    (row,) = [line for line in text.splitlines() if line.strip().startswith("5 ")]
    assert f"{shares['eu']:.1f} %" in row and f"{shares['us']:.1f} %" in row
    assert "differs" in text


# MARK: Trends and metrics


@pytest.mark.parametrize("step", ["1h", "1d", "1w", "1mo", "1q", "1y", "7d", "all"])
def test_trends_knows_every_window(cluster: Tideline, step: str) -> None:
    text = tideline(cluster, "trends", "--step", step).stdout
    assert "csat · everyone" in text and "%" in text.splitlines()[0]


def test_trends_takes_unit_and_range_from_the_metric(cluster: Tideline) -> None:
    head = tideline(cluster, "trends", "--metric", "nps", "--step", "1w").stdout.splitlines()[0]
    last = [event for event in EVENTS if week_of(event) == "2026-W43" and "nps" in event["data"]["answers"]]
    answers = [event["data"]["answers"]["nps"] for event in last]
    score = 100 * (sum(a >= 9 for a in answers) - sum(a <= 6 for a in answers)) / len(answers)
    assert f"now {score:.1f} points" in head
    assert "1w" in tideline(cluster, "trends", "--step", "2w", status=2).stderr


def test_metrics_lists_contracts_without_services(cluster: Tideline) -> None:
    text = tideline(cluster, "metrics").stdout
    rows = {line.split()[0]: line for line in text.splitlines()[1:]}
    assert list(rows)[:4] == ["csat", "nps", "mood", "csi"]
    contract = {metric["name"]: metric["contract"] for metric in cluster.alerting.get_json("/api/v1/metrics")["metrics"]}
    for name, row in rows.items():
        assert contract[name] in row
    assert "answer csi" in rows["csi"] and "multinomial" in rows["nps"]
    for line in tideline(cluster, "metrics", "--json").stdout.splitlines():
        metric = json.loads(line)
        assert metric["contract"] == contract[metric["name"]]
        assert metric["definition"]["kind"]


# MARK: Exports of scores


def export(cluster: Tideline, *arguments: str, name: str) -> Path:
    file = cluster.folder / name
    file.unlink(missing_ok=True)
    tideline(cluster, "export", *arguments, "--output", str(file))
    assert [path.name for path in cluster.folder.iterdir() if "partial" in path.name] == []
    return file


def test_export_of_scores_in_every_format(cluster: Tideline) -> None:
    asked = ["scores", "--metric", "csat", "--segment", "total", "--dimension", "region", "--step", "1w"]
    rows = list(csv.DictReader(export(cluster, *asked, name="scores.csv").open(encoding="utf-8", newline="")))
    lines = [json.loads(line) for line in export(cluster, *asked, name="scores.jsonl").read_text().splitlines()]
    frame, meta = pyreadstat.read_sav(export(cluster, *asked, name="scores.sav"))
    expected = {
        (segment, week): counts
        for segment, chosen in [("total", {}), ("region:eu", {"region": "eu"}), ("region:us", {"region": "us"})]
        for week, counts in csat_by(week_of, **chosen).items()
    }
    assert [(line["segment"], line["window"]) for line in lines] == list(expected)
    assert len(rows) == len(lines) == len(frame) == meta.number_rows == 12
    for row, line, (_, saved) in zip(rows, lines, frame.iterrows()):
        satisfied, answers = expected[line["segment"], line["window"]]
        for given in (row, line, saved):
            assert float(given["score"]) == pytest.approx(100 * satisfied / answers, abs=1e-9)
            assert [float(given["low"]), float(given["high"])] == pytest.approx(wilson(satisfied, answers), abs=1e-9)
            assert int(given["responses"]) == answers
            assert given["band"] == line["band"] and given["contract"] == line["contract"]
        assert saved["start"].isoformat() + ".000Z" == line["start"]
        assert line["small"] is False and saved["small"] == 0
    labels = meta.column_names_to_labels
    assert labels["score"] == "csat: Customer satisfaction: satisfied answers in percent of all answers."
    assert labels["count_5"] == "Answers of 5" and meta.value_labels


def test_export_of_all_metrics(cluster: Tideline) -> None:
    file = export(cluster, "scores", "--step", "1mo", name="all.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["metric"] for line in lines} == {"csat", "nps", "mood", "csi"}
    (mood,) = [line for line in lines if (line["metric"], line["window"]) == ("mood", "2026-09")]
    assert mood["count_5"] is None and mood["count_3"] is not None


# MARK: Exports of responses


def test_export_of_responses_to_spss(cluster: Tideline) -> None:
    file = export(cluster, "responses", name="responses.sav")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    frame, meta = pyreadstat.read_sav(file)
    assert len(frame) == len(EVENTS)
    assert "comment" not in frame and "respondent" not in frame
    words = {"sad": 1, "neutral": 2, "happy": 3}
    for event, (_, row) in zip(EVENTS, frame.iterrows()):
        data = event["data"]
        assert (row["source"], row["id"], row["survey"]) == (event["source"], event["id"], "post-ticket")
        assert row["time"].isoformat(timespec="milliseconds") + "Z" == event["time"]
        assert row["csat"] == data["answers"]["csat"]
        for name, value in [("nps", data["answers"].get("nps")), ("mood", words.get(data["answers"].get("mood")))]:
            assert math.isnan(row[name]) if value is None else row[name] == value
        assert (row["region"], row["agent"]) == (data["segments"]["region"], data["segments"]["agent"])
        speed = next(name for name in frame if name.startswith("csi") and "speed" in name and "rating" in name)
        given = data["answers"].get("csi")
        assert math.isnan(row[speed]) if given is None else row[speed] == given["components"]["speed"]["rating"]
    labels = meta.variable_value_labels
    assert labels["csat"] == {1: "lowest", 4: "satisfied", 5: "highest, satisfied"}
    assert labels["nps"][0] == labels["nps"][6] == "detractor"
    assert (labels["nps"][8], labels["nps"][9]) == ("passive", "promoter")
    assert labels["mood"] == {1: "sad", 2: "neutral", 3: "happy, satisfied"}
    assert meta.column_names_to_labels["csat"].startswith("Customer satisfaction")


def test_export_of_responses_with_comments(cluster: Tideline) -> None:
    asked = ["responses", "--comments", "--respondents", "--from", "2026-10-05", "--to", "2026-10-12"]
    wanted = [event for event in EVENTS if week_of(event) == "2026-W41"]
    rows = list(csv.DictReader(export(cluster, *asked, name="week.csv").open(encoding="utf-8", newline="")))
    lines = [json.loads(line) for line in export(cluster, *asked, name="week.jsonl").read_text().splitlines()]
    frame, _ = pyreadstat.read_sav(export(cluster, *asked, name="week.sav"))
    assert len(rows) == len(lines) == len(frame) == len(wanted) == 210
    for event, row, line, comment in zip(wanted, rows, lines, frame["comment"]):
        assert row["comment"] == comment == event["data"].get("comment", "")
        assert line["comment"] == event["data"].get("comment")
        assert row["respondent"] == line["respondent"] == event["data"]["respondent"]
        assert int(row["csat"]) == line["csat"] == event["data"]["answers"]["csat"]
        assert (row["nps"] or None) == (None if line["nps"] is None else str(line["nps"]))
        assert line["time"] == event["time"]


def test_export_to_standard_output_and_to_nowhere(cluster: Tideline) -> None:
    run = tideline(cluster, "export", "responses", "--format", "jsonl", "--output", "-")
    assert len(run.stdout.splitlines()) == len(EVENTS) and "840" in run.stderr
    run = tideline(cluster, "export", "responses", "--output", "/nowhere/at/all.csv", status=1)
    assert "No such file or directory" in run.stderr and "--output" in run.stderr
    assert "csv, jsonl or sav" in tideline(cluster, "export", "scores", "--output", "scores.xlsx", status=2).stderr


def test_a_failed_export_leaves_the_old_file(cluster: Tideline) -> None:
    file = cluster.folder / "kept.csv"
    file.write_text("as it was")
    run = tideline(cluster, "export", "scores", "--metric", "nope", "--output", str(file), status=2)
    assert "the metrics are" in run.stderr and file.read_text() == "as it was"


def test_privacy_is_said_and_does_not_stop_the_operator(cluster: Tideline) -> None:
    run = tideline(
        cluster, "export", "responses", "--format", "csv", "--output", "-", "--set", "privacy.minimumAnswers=5"
    )
    assert "privacy.minimumAnswers is 5" in run.stderr
    assert len(list(csv.reader(io.StringIO(run.stdout)))) == len(EVENTS) + 1


def test_what_is_withheld_says_so_everywhere(tideline_cluster: Tideline) -> None:
    """Two answers from one region are not shown where five are needed, in no table and no file."""
    cluster = tideline_cluster
    asked = ["--metric", "csat", "--segment", "region:us", "--step", "1w"]
    rows = [line for line in tideline(cluster, "report", *asked).stdout.splitlines() if line.startswith("2026-W")]
    assert len(rows) == 1 and "withheld" in rows[0] and "%" not in rows[0]
    assert not any(character.isdigit() for character in rows[0].removeprefix("2026-W40"))
    (line,) = tideline(cluster, "report", *asked, "--format", "jsonl").stdout.splitlines()
    assert json.loads(line)["withheld"] is True and json.loads(line)["score"] is json.loads(line)["responses"] is None
    frame, _ = pyreadstat.read_sav(export(cluster, "scores", *asked, name="withheld.sav"))
    assert frame["withheld"][0] == 1 and math.isnan(frame["score"][0]) and math.isnan(frame["responses"][0])
    board = tideline(cluster, "leaderboard", "--dimension", "region").stdout
    assert "withheld: too few answers" in board and "us " not in board


@pytest.fixture
def tideline_cluster(request: pytest.FixtureRequest) -> Tideline:
    make: Make = request.getfixturevalue("tideline")
    settings = {"dimensions": ["region"], "model": ["region"], "rules": [], "privacy": {"minimumAnswers": 5}}
    cluster = make(clock="message", settings=settings).start()
    answers = {"eu": 12, "us": 2, "asia": 9, "africa": 8}
    events = [
        bus.response(1 + number % 5, at="2026-09-28T12:00:00Z", segments={"region": region})
        for region, count in answers.items()
        for number in range(count)
    ]
    workload.assert_statuses(cluster.publish(events, per_message=10), "accepted")
    workload.wait_until_idle(cluster)
    return cluster
