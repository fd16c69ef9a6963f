"""Comments in three languages: found by score, theme, segment and text, through both doors and a crash; in no log."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import pytest

import bus
import contracts
import workload
from cluster import Service, Tideline, free_port, wait_until

Make = Callable[..., Tideline]

THEMES = {
    "delivery": ["delivery", "courier", "Lieferung", "Kurier", "доставка", "курьер"],
    "price": ["price", "expensive", "Preis", "teuer", "цена", "дорого"],
}
METRICS = {"csat": {"scale": "1..5", "satisfied": "4..5", "words": {"плохо": 1}}, "nps": {"scale": "0..10"}}

# answer, region, channel, comment, its themes; in the order of arrival, one an hour.
SAID: list[tuple[Any, str, str, str | None, list[str]]] = [
    (5, "eu", "chat", "Quick and friendly support, thank you!", []),
    (1, "eu", "email", "Die Lieferungen kamen eine Woche zu spät.", ["delivery"]),
    (4, "us", "chat", None, []),
    (2, "us", "email", "Deliveries are late and the prices went up", ["delivery", "price"]),
    ("плохо", "ru", "chat", "Курьера ждали три дня, а доставку так и не получили", ["delivery"]),
    (3, "ru", "email", "Слишком высокая цена", ["price"]),
    (5, "eu", "email", "Preise sind fair, die Lieferung war pünktlich \u001b[31mrot\u001b[0m", ["delivery", "price"]),
    ({"value": 4}, "us", "chat", "The \"old\" app crashed\nand took my order with it \U0001f622", []),
]
TEXTS = [comment for *_, comment, _ in SAID if comment is not None]
NEWEST_FIRST = TEXTS[::-1]

START = datetime(2026, 11, 20, 20, tzinfo=timezone.utc)
DOORS = ["ingest", "alerting"]


def spoken(number: int, answer: Any, region: str, channel: str, comment: str | None) -> dict[str, Any]:
    """The n-th response, an hour after the one before."""
    at = (START + timedelta(hours=number)).isoformat()
    data = {"comment": comment} if comment is not None else {}
    return bus.response(
        answer, id=f"said-{number}", source="/desk", at=at, respondent=f"respondent-{number}", survey="post-ticket",
        segments={"region": region, "channel": channel, "agent": f"agent-{number % 3}"}, **data,
    )  # fmt: skip


EVENTS = [spoken(number, *row[:4]) for number, row in enumerate(SAID)]


def settle(cluster: Tideline) -> Tideline:
    """Starts the cluster with alerting asking this ingest."""
    cluster.settings["alerting"]["comments"] = cluster.settings["ingest"]["http"]
    cluster.configuration.write_text(json.dumps(cluster.settings))
    return cluster.start()


SETTINGS: dict[str, Any] = {
    "metrics": METRICS, "themes": THEMES, "rules": [], "timezone": "Europe/Berlin", "log.level": "trace",
}  # fmt: skip


@pytest.fixture(scope="module")
def cluster(module_tideline: Make) -> Tideline:
    """All that was said, in blocks of two events."""
    cluster = settle(module_tideline(clock="message", settings=SETTINGS | {"ingest.blockEventsMax": 2}))
    workload.assert_statuses(cluster.publish(EVENTS), "accepted")
    workload.wait_until_idle(cluster)
    return cluster


def door(cluster: Tideline, name: str) -> Service:
    return cluster.ingest if name == "ingest" else cluster.alerting


def ask(service: Service, path: str = "comments", **query: Any) -> Any:
    names = {"start": "from", "end": "to"}
    items = urllib.parse.urlencode({names.get(name, name): value for name, value in query.items()})
    return service.get_json(f"/api/v1/{path}?{items}")


def texts(service: Service, **query: Any) -> list[str]:
    return [comment["comment"] for comment in ask(service, **query)["comments"]]


# MARK: Finding


@pytest.mark.parametrize("name", DOORS)
def test_all_of_them_newest_first(cluster: Tideline, name: str) -> None:
    found = ask(door(cluster, name))
    assert [comment["comment"] for comment in found["comments"]] == NEWEST_FIRST
    assert found["truncated"] is False
    assert [comment["themes"] for comment in found["comments"]] == [
        themes for *_, comment, themes in reversed(SAID) if comment is not None
    ]
    assert found["comments"][-1] == {
        "time": "2026-11-20T20:00:00.000Z", "source": "/desk", "id": "said-0", "survey": "post-ticket",
        "answers": {"csat": 5}, "segments": {"region": "eu", "channel": "chat", "agent": "agent-0"},
        "comment": TEXTS[0], "themes": [],
    }  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"metric": "csat", "max": 2}, [4, 3, 1]),
        ({"metric": "csat", "min": 4}, [7, 6, 0]),
        ({"metric": "csat", "min": 3, "max": 4}, [7, 5]),
        ({"metric": "nps"}, []),
        ({"theme": "delivery"}, [6, 4, 3, 1]),
        ({"theme": "price", "metric": "csat", "max": 3}, [5, 3]),
        ({"segment": "region:eu"}, [6, 1, 0]),
        ({"segment": "region:eu,channel:email"}, [6, 1]),
        ({"segment": "agent:agent-1"}, [7, 4, 1]),
        ({"segment": "region:eu", "theme": "delivery", "metric": "csat", "max": 2}, [1]),
        ({"contains": "LIEFERUNG"}, [6, 1]),
        ({"contains": "доставку"}, [4]),
        ({"contains": "nobody wrote this"}, []),
        # Berlin's 21st begins at 23:00 UTC.
        ({"start": "2026-11-21"}, [7, 6, 5, 4, 3]),
        ({"end": "2026-11-21"}, [1, 0]),
        ({"start": "2026-11-21T00:00:00Z", "end": "2026-11-21T02:00:00+00:00"}, [5, 4]),
    ],
    ids=lambda value: urllib.parse.urlencode(value) if isinstance(value, dict) else "",
)
def test_filters(cluster: Tideline, name: str, query: dict[str, Any], wanted: list[int]) -> None:
    assert texts(door(cluster, name), **query) == [SAID[place][3] for place in wanted]


@pytest.mark.parametrize("name", DOORS)
def test_limits(cluster: Tideline, name: str) -> None:
    page = ask(door(cluster, name), limit=3)
    assert [comment["comment"] for comment in page["comments"]] == NEWEST_FIRST[:3]
    assert page["truncated"] is True
    assert ask(door(cluster, name), limit=len(TEXTS))["truncated"] is False


@pytest.mark.parametrize("name", DOORS)
def test_words(cluster: Tideline, name: str) -> None:
    found = ask(door(cluster, name), "words")
    assert found["comments"] == len(TEXTS)
    counts = {entry["word"]: entry["comments"] for entry in found["words"]}
    # Forms of one word count together; which is shown is the most frequent, or else the alphabetically first.
    assert counts["lieferung"] == 2 and counts["доставку"] == 1 and counts["deliveries"] == 1
    assert not {"die", "the", "and", "а", "не", "zu"} & counts.keys()
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    angry = ask(door(cluster, name), "words", metric="csat", max=2, segment="region:eu")
    assert angry["comments"] == 1
    assert {entry["word"] for entry in angry["words"]} == {"lieferungen", "kamen", "woche", "spät"}


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("metric=effort", "csat, nps"), ("max=3", "metric is missing"), ("theme=colour", "delivery, price"),
        ("limit=1001", "1 to 1000"), ("from=noon", "2026-11-21"), ("respondent=respondent-1", "unknown"),
        ("segment=eu", "region:eu"), ("metric=csat&min=4&max=2", "above max"),
    ],
)  # fmt: skip
def test_wrong_questions_are_refused(cluster: Tideline, name: str, query: str, sentence: str) -> None:
    status, body = door(cluster, name).get(f"/api/v1/comments?{query}")
    assert status == 400
    assert sentence in json.loads(body)["error"]


def test_many_questions_at_once_do_not_stop_ingest(cluster: Tideline) -> None:
    """Those beyond the limit are told to come again; health is answered all the while."""
    statuses: list[int] = []

    def questions() -> None:
        for _ in range(20):
            statuses.append(cluster.ingest.get("/api/v1/words")[0])

    askers = [threading.Thread(target=questions) for _ in range(8)]
    for asker in askers:
        asker.start()
    assert cluster.ingest.get("/healthz", timeout=5)[0] == 200
    for asker in askers:
        asker.join()
    assert len(statuses) == 160 and set(statuses) <= {200, 503} and 200 in statuses


# MARK: Silence elsewhere


def test_no_comment_leaves_the_message_files(cluster: Tideline) -> None:
    """Neither logs, at their loudest, nor the trend store hold what customers wrote; refused ones are dead letters."""
    refused = spoken(50, 9, "eu", "chat", "Nine of five stars, unbelievable!")
    (receipt,) = cluster.publish([refused])
    assert receipt["status"] == "rejected" and "unbelievable" not in json.dumps(receipt)
    for name in DOORS:
        texts(door(cluster, name), contains="unbelievable")
    written = [text.splitlines()[0].encode() for text in [*TEXTS, "unbelievable"]]
    # As JSON writes them, too.
    written += [json.dumps(text.splitlines()[0])[1:-1].encode() for text in TEXTS]
    for service in cluster.services:
        log = service.log.read_bytes()
        assert log and not [text for text in written if text in log], service.name
        metrics = service.get("/metrics")[1]
        assert not [text for text in written if text in metrics], service.name

    def holders() -> set[str]:
        files = [path for path in cluster.data.rglob("*") if path.is_file()]
        holding = [path for path in files if any(text in path.read_bytes() for text in written)]
        return {str(path.parent.relative_to(cluster.data)) for path in holding}

    # A dead letter is written after its receipt.
    wait_until(lambda: "ingest/deadletters" in holders(), what="the dead letter")
    assert holders() == {"ingest/journal", "ingest/deadletters"}


@pytest.mark.parametrize("name", DOORS)
def test_never_the_respondent(cluster: Tideline, name: str) -> None:
    for path in ("comments", "words"):
        status, body = door(cluster, name).get(f"/api/v1/{path}")
        assert status == 200 and b"respondent" not in body


def test_where_few_answers_must_not_be_seen(tideline: Make) -> None:
    cluster = settle(tideline(clock="message", settings=SETTINGS | {"privacy.minimumAnswers": 3}))
    workload.assert_statuses(cluster.publish(EVENTS), "accepted")
    for service in (cluster.ingest, cluster.alerting):
        found = ask(service)
        assert len(found["comments"]) >= 3
        for comment in found["comments"]:
            assert comment["segments"] == {} and not comment.keys() & {"id", "source", "answers"}
            assert comment["time"].endswith("T00:00:00.000Z")
        for question in ("comments?segment=region:eu", "words?segment=region:ru"):
            status, body = service.get(f"/api/v1/{question}")
            assert status == 403 and "of a segment" in json.loads(body)["error"]
        status, body = service.get("/api/v1/comments?contains=app")
        assert status == 403 and "fewer than 3 responses" in json.loads(body)["error"]
        # Each other word stands in fewer comments.
        assert ask(service, "words")["words"] == []


# MARK: Crashes


def test_through_a_crash_of_ingest(tideline: Make) -> None:
    """Everything accepted is found once, before and after; meanwhile alerting says who does not answer."""
    cluster = settle(tideline(clock="wall", settings=SETTINGS | {"ingest.blockEventsMax": 4}))
    said = [f"Kommentar {number} о доставке, number {number}" for number in range(300)]
    events = [
        bus.response(number % 5 + 1, id=f"c-{number}", comment=text, segments={"region": "eu"})
        for number, text in enumerate(said)
    ]
    workload.assert_statuses(cluster.publish(events[:100]), "accepted")
    receipts: list[dict[str, Any]] = []
    publisher = threading.Thread(target=lambda: receipts.extend(cluster.publish_surely(events[100:], window=8)))
    publisher.start()
    wait_until(lambda: len(texts(cluster.ingest, limit=1000)) > 150, what="half of the comments")
    cluster.ingest.kill9()
    status, body = cluster.alerting.get("/api/v1/comments")
    assert status == 503 and "ingest" in json.loads(body)["error"]
    cluster.ingest.restart()
    publisher.join(120)
    workload.assert_statuses(receipts, "accepted", "duplicate")
    for service in (cluster.ingest, cluster.alerting):
        found = texts(service, limit=1000)
        assert sorted(found) == sorted(said)
        assert len(texts(service, limit=1000, theme="delivery")) == 300
        assert len(texts(service, limit=1000, metric="csat", max=1)) == 60
    # Those that were answered before the crash are the oldest.
    assert texts(cluster.ingest, limit=1000)[-100:] == said[:100][::-1]
    log = "".join(service.log.read_text(errors="replace") for service in cluster.services)
    assert "Kommentar" not in log


# MARK: The command line


def run(cluster: Tideline, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(contracts.executable("tideline")), *arguments, "--config", str(cluster.configuration)],
        capture_output=True, text=True, timeout=60,
        env={"LC_ALL": "C.UTF-8", "COLUMNS": "60"},
    )  # fmt: skip


def test_comments_on_the_terminal(cluster: Tideline) -> None:
    shown = run(cluster, "comments", "--metric", "csat", "--max", "2", "--limit", "2")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [
        "2026-11-21 01:00  csat плохо · region:ru, channel:chat, agent:agent-1 · delivery",
        "  Курьера ждали три дня, а доставку так и не получили",
        "",
        "2026-11-21 00:00  csat 2 · region:us, channel:email, agent:agent-0 · delivery, price",
        "  Deliveries are late and the prices went up",
        "",
        "There is more; ask for a shorter time or a smaller group, or for more with --limit.",
    ]
    everything = run(cluster, "comments")
    assert "\x1b" not in everything.stdout, "what customers write must not drive the terminal"
    assert max(len(line) for line in everything.stdout.splitlines() if line.startswith("  ")) <= 60
    answer = json.loads(run(cluster, "comments", "--json", "--theme", "price").stdout)
    assert answer == ask(cluster.ingest, theme="price")


def test_words_on_the_terminal(cluster: Tideline) -> None:
    shown = run(cluster, "words", "--limit", "1")
    assert shown.returncode == 0
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["words", "of", "7", "comments"], [], ["word", "comments", "share"], ["lieferung", "2", "28.6", "%"],
    ]  # fmt: skip
    assert json.loads(run(cluster, "words", "--json").stdout) == ask(cluster.ingest, "words")


def test_mistakes_on_the_terminal(cluster: Tideline) -> None:
    wrong = run(cluster, "comments", "--theme", "colour")
    assert wrong.returncode == 2 and "delivery, price" in wrong.stderr
    absent = run(cluster, "words", "--set", f"alerting.comments=127.0.0.1:{free_port()}")
    assert absent.returncode == 1 and "is ingest running?" in absent.stderr
