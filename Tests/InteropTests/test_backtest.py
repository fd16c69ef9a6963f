"""`tideline replay` as a backtest and `tideline detect --explain`, with the real programs on recorded responses."""

from __future__ import annotations

import json
import random
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Callable

import pytest

import bus
import contracts
from cluster import Tideline, wait_until

DAY = 86_400
# 2026-01-05, a Monday.
BEGIN = 1_767_571_200
DAYS = 75
PER_DAY = 60
CHANNELS = ["chat", "phone"]

CONFIGURATION = {
    "dimensions": ["channel"], "model": ["channel"], "step": "1h", "clock": "message",
    "rules": [{"name": "csat-dip", "metric": "csat"}],
}  # fmt: skip


def recorded(days: int = DAYS, per_day: int = PER_DAY, seed: int = 1) -> list[dict[str, Any]]:
    """A quiet history: 88 % satisfied whatever the channel."""
    generator = random.Random(seed)
    events = []
    for number in range(days * per_day):
        at = bus.moment(BEGIN + number * DAY // per_day)
        events.append(
            bus.response(
                generator.choice([4, 5]) if generator.random() < 0.88 else generator.choice([1, 2, 3]),
                id=f"b{number}", at=at, recordedtime=at, segments={"channel": CHANNELS[number % 2]},
            )
        )  # fmt: skip
    return events


def written(path: Path, events: list[dict[str, Any]]) -> Path:
    path.write_bytes(bus.lines(events) + b"\n")
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    (folder / "tideline.yaml").write_text(json.dumps(CONFIGURATION))
    return written(folder / "responses.jsonl", recorded())


def tideline(*arguments: str | Path, folder: Path, timeout: float = 240, **options: Any) -> Any:
    command = [str(contracts.executable("tideline")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=folder, **options)


def replay(history: Path, *arguments: str | Path, timeout: float = 240) -> Any:
    return tideline(
        "replay", "--config", "tideline.yaml", "--input", history.name, *arguments, folder=history.parent,
        timeout=timeout,
    )  # fmt: skip


# MARK: What is printed


def test_it_prints_what_each_rule_would_have_said(history: Path) -> None:
    result = replay(history, "--rule", "name=eager, falseAlarms=1 per month, smallestDip=2")
    assert result.returncode == 0, result.stderr
    assert "75 days, 4500 answers of csat" in result.stdout
    assert "csat-dip: sr-mixture on csat, false alarms 1 per segment per 2000 days" in result.stdout
    assert "eager: sr-mixture on csat" in result.stdout and "Side by side" in result.stdout
    assert "accepted 4500" in result.stderr


def test_quiet_says_nothing_and_outputs_stay_as_they_are(history: Path) -> None:
    folder = history.parent
    plain = replay(history, "--alerts", "a1.jsonl", "--scores", "s1.jsonl", "--quiet")
    assert plain.returncode == 0 and plain.stdout == ""
    more = replay(
        history, "--alerts", "a2.jsonl", "--scores", "s2.jsonl", "--report", "r.html", "--rule",
        "name=eager, falseAlarms=1 per month",
    )  # fmt: skip
    assert more.returncode == 0 and more.stdout
    assert (folder / "s1.jsonl").read_bytes() == (folder / "s2.jsonl").read_bytes()
    own = [line for line in (folder / "a2.jsonl").read_text().splitlines() if json.loads(line)["rule"] == "csat-dip"]
    assert own == (folder / "a1.jsonl").read_text().splitlines()
    piped = replay(history, "--alerts", "-")
    assert all(json.loads(line)["rule"] for line in piped.stdout.splitlines()), "nothing but alerts on the output"


def test_standard_input_is_replayed_and_cannot_be_planted_in(history: Path) -> None:
    with history.open() as lines:
        result = tideline("replay", "--config", "tideline.yaml", "--input", "-", folder=history.parent, stdin=lines)
    assert result.returncode == 0 and "4500 answers" in result.stdout
    result = tideline(
        "replay", "--config", "tideline.yaml", "--input", "-", "--inject", "drop=5", folder=history.parent, input=""
    )
    assert result.returncode == 2 and "more than once" in result.stderr


def test_several_files_are_one_history(history: Path) -> None:
    lines = history.read_bytes().splitlines(keepends=True)
    (history.parent / "one.jsonl").write_bytes(b"".join(lines[:2000]))
    (history.parent / "two.jsonl").write_bytes(b"".join(lines[2000:]))
    result = tideline(
        "replay", "--config", "tideline.yaml", "--input", "one.jsonl", "--input", "two.jsonl", "--scores", "s3.jsonl",
        folder=history.parent,
    )  # fmt: skip
    whole = replay(history, "--scores", "s4.jsonl")
    assert result.returncode == 0 and result.stdout == whole.stdout
    assert (history.parent / "s3.jsonl").read_bytes() == (history.parent / "s4.jsonl").read_bytes()


# MARK: Planted drops


def test_a_planted_drop_is_found(history: Path) -> None:
    result = replay(
        history, "--inject", "segment=channel:chat drop=30 from=2026-02-20 until=2026-03-15", "--report", "drop.html"
    )
    assert result.returncode == 0, result.stderr
    planted = re.search(r"planted: channel:chat falls by 30\.0 points .*; (\d+) answers changed", result.stdout)
    assert planted
    # 23 days of 30 answers, of which a third of the 88 % satisfied turn: 207 expected, a standard deviation of 12.
    assert 147 <= int(planted[1]) <= 267
    found = re.search(r"found after ([\d.]+) days and (\d+) answers, onset ([\d.]+) days", result.stdout)
    assert found, result.stdout
    assert 0 < float(found[1]) < 12 and 0 < int(found[2]) < 400 and float(found[3]) < 5
    assert "rightly blamed" in result.stdout
    page = (history.parent / "drop.html").read_text()
    assert "planted −30.0" in page


def test_drops_at_random_moments_give_a_distribution(history: Path) -> None:
    arguments = ("--inject", "segment=channel:phone drop=40 from=random days=14 times=4", "--seed", "5")
    first = replay(history, *arguments)
    assert first.returncode == 0, first.stderr
    assert "Drops at random moments, one a replay" in first.stdout
    row = next(line for line in first.stdout.splitlines() if "channel:phone −40.0" in line)
    assert re.search(r"\b4\b", row) and "%" in row
    assert replay(history, *arguments).stdout == first.stdout, "the same seed gives the same figures"


# MARK: Message files


def test_message_files_beside_the_running_services(tideline_cluster: Tideline, history: Path) -> None:
    cluster = tideline_cluster
    events = recorded()
    for number, event in enumerate(events):
        # The last three weeks of chat are worse: something to be said.
        if number > (DAYS - 21) * PER_DAY and event["data"]["segments"]["channel"] == "chat" and number % 3:
            event["data"]["answers"]["csat"] = 1
    # In two parts, so that the blocks of the second say that those of the first are synced.
    for part in (events[:4000], events[4000:]):
        assert {r["status"] for r in cluster.publish(part, per_message=100)} == {"accepted"}

    def are_applied() -> bool:
        return cluster.alerting.metrics().value("tideline_alerting_responses_total") >= len(events)

    wait_until(are_applied, 60, "everything is applied")
    wait_until(lambda: bool(cluster.alerts()), 30, "the alert is stored")
    before = journal_bytes(cluster.data)
    result = tideline(
        "replay", "--input", cluster.data, "--alerts", "m.jsonl", "--scores", "ms.jsonl", "--report", "m.html",
        folder=history.parent,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert journal_bytes(cluster.data) == before, "the files are not touched"
    said = [json.loads(line) for line in (history.parent / "m.jsonl").read_text().splitlines()]
    live = {alert["id"]: alert for alert in cluster.alerts()}
    assert live and live.keys() == {alert["id"] for alert in said}
    for alert in said:
        assert alert["detected"] == live[alert["id"]]["detected"]
    scores = [json.loads(line) for line in (history.parent / "ms.jsonl").read_text().splitlines()]
    for segment in (None, "channel:chat"):
        wanted = {score["start"]: score["counts"] for score in cluster.scores(segment=segment)}
        tree = {"channel": "chat"} if segment else {}
        assert {s["start"]: s["counts"] for s in scores if s["segment"] == tree} == wanted

    # The same under a configuration, and from single files.
    again = tideline(
        "replay", "--input", cluster.data, "--config", cluster.configuration, "--alerts", "m2.jsonl",
        folder=history.parent,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert (history.parent / "m2.jsonl").read_bytes() == (history.parent / "m.jsonl").read_bytes()
    files = sorted((cluster.data / "ingest" / "journal").glob("messages-*.jsonl"))
    single = [part for file in files for part in ("--input", file)]
    alone = tideline("replay", *single, "--alerts", "m3.jsonl", folder=history.parent)
    assert alone.returncode == 0, alone.stderr
    assert (history.parent / "m3.jsonl").read_bytes() == (history.parent / "m.jsonl").read_bytes()

    # A further rule and a drop, without any configuration.
    more = tideline(
        "replay", "--input", cluster.data, "--rule", "name=eager, falseAlarms=1 per month", "--inject",
        "segment=channel:phone drop=40 from=2026-02-10 days=14", folder=history.parent,
    )  # fmt: skip
    assert more.returncode == 0 and "eager: sr-mixture" in more.stdout and "found after" in more.stdout, more.stderr

    # Answers on another scale would be misread.
    other = tideline(
        "replay", "--input", cluster.data, "--set", "metrics={csat: {scale: 0..10, satisfied: 9..10}}",
        folder=history.parent,
    )  # fmt: skip
    assert other.returncode == 2 and "1..5" in other.stderr and "0..10" in other.stderr

    # Damage is named with its place.
    copy = history.parent / "damaged"
    copy.mkdir()
    data = bytearray(files[0].read_bytes())
    # In the first block: those behind it say that it was synced.
    answer = b'"answers":{"csat":'
    place = data.find(answer) + len(answer)
    assert place > len(answer)
    data[place : place + 1] = b"9"
    (copy / files[0].name).write_bytes(data)
    hurt = tideline("replay", "--input", copy, folder=history.parent)
    assert hurt.returncode == 2 and "corrupt at byte" in hurt.stderr, hurt.stderr


def journal_bytes(data: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (data / "ingest" / "journal").iterdir()}


@pytest.fixture
def tideline_cluster(request: pytest.FixtureRequest) -> Tideline:
    make: Callable[..., Tideline] = request.getfixturevalue("tideline")
    settings = {name: CONFIGURATION[name] for name in ("dimensions", "model", "step", "rules")}
    return make(clock="message", settings=settings).start()


# MARK: The page


class Document(HTMLParser):
    """Counts what is open, and collects what a reader or a screen reader needs."""

    VOID = {"meta", "link", "br", "img", "input", "hr"}

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def count(self, tag: str) -> int:
        return sum(1 for seen, _ in self.seen if seen == tag)


@pytest.mark.parametrize("rules", [1, 12])
def test_the_page_stands_by_itself(history: Path, rules: int) -> None:
    further = [
        part for number in range(1, rules) for part in ("--rule", f"name=rule-{number}, falseAlarms={number} per month")
    ]
    result = replay(
        history, "--report", "page.html", "--inject", "segment=channel:chat drop=30 from=2026-02-20 days=20", *further
    )
    assert result.returncode == 0, result.stderr
    text = (history.parent / "page.html").read_text()
    document = Document(text)
    assert not document.open
    assert document.count("h1") == 1 and document.count("script") == 0 and document.count("link") == 0
    for _, attributes in document.seen:
        assert not {"src", "onload"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#"), "nothing from elsewhere"
    pictures = [attributes for tag, attributes in document.seen if tag == "svg"]
    assert len(pictures) >= rules
    ids = [attributes["id"] for _, attributes in document.seen if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for picture in pictures:
        assert picture["role"] == "img"
        assert set((picture["aria-labelledby"] or "").split()) <= set(ids)
    assert document.count("details") == len(pictures), "figures behind every picture"
    assert "prefers-color-scheme: dark" in text and "@media print" in text


# MARK: What is wrong is said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rule", "name=x, detector=crystal-ball"], "crystal-ball"),
        (["--rule", "name=x, metric=nps"], "the metrics are: csat"),
        (["--rule", "name=x, falseAlarms=never"], "1 per segment per 2000 days"),
        (["--rule", "name=csat-dip"], "already"),
        (["--rule", "detector=ewma"], "must have a name"),
        (["--compare", "crystal-ball"], "the detectors there are"),
        (["--inject", "segment=channel:fax drop=5"], "channel has chat, phone"),
        (["--inject", "drop=5 metric=nps"], "the metrics are: csat"),
        (["--inject", "drop=5 from=2026-13-01"], "2026-13-01"),
        (["--inject", "drop=5 from=2026-02-01 until=2026-01-01"], "is not after"),
        (["--inject", "drop=5 size=7"], '"size" is not a setting'),
        (["--inject", "drop=95 from=2026-02-01"], "has to lose"),
        (["--inject", "segment=channel:chat"], "needs its size"),
        (["--inject", "drop=5 from=2031-01-01 days=7"], "has no answers"),
    ],
)
def test_what_makes_no_sense_is_refused(history: Path, arguments: list[str], says: str) -> None:
    result = replay(history, *arguments)
    assert result.returncode == 2, result.stdout + result.stderr
    assert says in result.stderr and "Fatal" not in result.stderr


def test_inputs_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "nonsense.jsonl").write_text("nonsense\n")
    (tmp_path / "messages-00000000000000000001-00000001.jsonl").write_text('{"tideline":"message-file"')
    for name, says in [
        ("empty.jsonl", "no responses"), ("folder", "holds no message files"), ("nonsense.jsonl", "no responses"),
        ("missing.jsonl", "is not there"), ("messages-00000000000000000001-00000001.jsonl", "holds no message files"),
    ]:  # fmt: skip
        result = tideline("replay", "--input", name, folder=tmp_path)
        assert result.returncode in (1, 2) and says in result.stderr, (name, result.stderr)
    mixed = tideline("replay", "--input", "empty.jsonl", "--input", "folder", folder=tmp_path)
    assert mixed.returncode == 2 and "mixture" in mixed.stderr


def test_a_short_history_says_from_when_a_rule_is_armed(tmp_path: Path) -> None:
    (tmp_path / "tideline.yaml").write_text(json.dumps(CONFIGURATION))
    history = written(tmp_path / "short.jsonl", recorded(days=12, per_day=20))
    result = replay(history)
    assert result.returncode == 0
    assert "12 days and 240 answers: csat-dip is armed from 300" in result.stdout, result.stdout


# MARK: Explained


def test_a_line_is_explained(history: Path) -> None:
    arguments = ("--explain", "--input", history.name, "--config", "tideline.yaml", "--segment", "channel:chat")
    result = tideline("detect", *arguments, "--json", folder=history.parent)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["rule"] == "csat-dip" and told["segment"] == {"channel": "chat"}
    assert abs(told["answersPerDay"] - 30) < 1.5 and abs(told["baseline"] - 88) < 4
    drops = {drop["points"]: drop for drop in told["drops"]}
    assert set(drops) == {5, 10, 20}
    assert drops[20]["days"] < drops[10]["days"] < drops[5]["days"]
    for drop in drops.values():
        assert 0 < drop["allKnowingDays"] < drop["days"] * 1.1
    # A 20-point drop at 30 answers a day: some 60 answers, whoever looks.
    assert 1 < drops[20]["allKnowingDays"] < 4
    text = tideline("detect", *arguments, folder=history.parent).stdout
    assert "answers a day" in text and "20 points" in text and "all-knowing" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "detect --explain"),
        (["--explain", "--rule", "nobody"], "the rules are: csat-dip"),
        (["--explain", "--segment", "channel:fax"], "there is no line of channel:fax"),
        (["--explain", "--segment", "chat"], "must look like channel:chat"),
    ],
)
def test_what_cannot_be_explained(history: Path, arguments: list[str], says: str) -> None:
    result = tideline(
        "detect", "--input", history.name, "--config", "tideline.yaml", *arguments, folder=history.parent
    )
    assert result.returncode == 2 and says in result.stderr, result.stderr


def test_a_learning_line_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "tideline.yaml").write_text(json.dumps(CONFIGURATION))
    history = written(tmp_path / "short.jsonl", recorded(days=10, per_day=20))
    result = tideline("detect", "--explain", "--input", history.name, "--config", "tideline.yaml", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert re.search(r"still learning: \d+ of 300 answers; about \d+ more days at 20", result.stdout), result.stdout
