"""Calendars are read as other programs read them, and one that cannot be read stops a service before it starts."""

from __future__ import annotations

import datetime
import json
import random
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

import contracts

PROGRAMS = ("ingest", "scoring", "alerting")
ZONE = ZoneInfo("Europe/Berlin")
YEAR = datetime.date.today().year
# Whole years, so that the years in which the programs cut off play no part.
SPAN = (datetime.date(YEAR - 2, 1, 1), datetime.date(YEAR + 2, 1, 1))

ZONED = """\
BEGIN:VTIMEZONE
TZID:Somewhere Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:-0330
TZOFFSETTO:-0430
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0430
TZOFFSETTO:-0330
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*events: str, head: str = "") -> str:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{head}{body}END:VCALENDAR\n".replace("\n", "\r\n")


def event(number: int, rule: str, start: str, more: str = "") -> str:
    rule = f"RRULE:{rule}\n" if rule else ""
    return f"UID:{number}@test\nDTSTAMP:20200101T000000Z\nSUMMARY:event {number}\nDTSTART{start}\n{rule}{more}"


def ours(tmp_path: Path, text: str) -> set[tuple[str, datetime.datetime]]:
    """Beginnings within the span, in UTC."""
    path = tmp_path / "calendar.ics"
    path.write_bytes(text.encode())
    done = subprocess.run(
        [contracts.executable("tideline"), "calendar", "--json", "--set", f"calendar={path}", "--set", f"timezone={ZONE.key}"],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    notes = [json.loads(line) for line in done.stdout.splitlines()]
    low, high = (datetime.datetime.combine(day, datetime.time(), ZONE) for day in SPAN)
    starts = {(note["name"], datetime.datetime.fromisoformat(note["start"])) for note in notes}
    return {(name, start) for name, start in starts if low <= start < high}


def theirs(text: str) -> set[tuple[str, datetime.datetime]]:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*SPAN)
    starts = set()
    low, high = (datetime.datetime.combine(day, datetime.time(), ZONE) for day in SPAN)
    for each in found:
        start = each["DTSTART"].dt
        if not isinstance(start, datetime.datetime):
            start = datetime.datetime.combine(start, datetime.time())
        if start.tzinfo is None:
            start = start.replace(tzinfo=ZONE)
        if low <= start < high:
            starts.add((str(each["SUMMARY"]), start.astimezone(datetime.timezone.utc)))
    return starts


RULES = [
    ("FREQ=YEARLY", ":19991225"), ("FREQ=YEARLY;INTERVAL=2", ":20000131"),
    ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ":20001123"), ("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", ":20000529"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", ":20000229"), ("FREQ=YEARLY;BYDAY=-1FR", ":20001229"),
    ("FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", ":20001107"),
    ("FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR", ":20001013"), ("FREQ=YEARLY;BYMONTH=3,9;BYDAY=MO;BYSETPOS=1,-1", ":20000306"),
    ("FREQ=MONTHLY", ":20200131"), ("FREQ=MONTHLY;BYMONTHDAY=31", ":20200131"), ("FREQ=MONTHLY;INTERVAL=5;BYDAY=2WE", ":20200108"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ":20200131"), ("FREQ=MONTHLY;BYMONTH=1,7;BYMONTHDAY=-2,5", ":20200105"),
    ("FREQ=WEEKLY", ":20200106"), ("FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,TU;WKST=SU", ":20200105"),
    ("FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,TU;WKST=MO", ":20200107"), ("FREQ=WEEKLY;BYMONTH=12;BYDAY=MO,TH", ":20191202"),
    ("FREQ=DAILY;INTERVAL=11", ":20200101"), ("FREQ=DAILY;BYMONTH=8;BYDAY=SA", ":20200801"),
    (f"FREQ=DAILY;BYMONTHDAY=1,-1;UNTIL={YEAR}0630", ":20200101"), ("FREQ=WEEKLY;COUNT=300", ":20240101"),
    (f"FREQ=WEEKLY;UNTIL={YEAR}0629T070000Z", ";TZID=Europe/Berlin:20240101T090000"),
    ("FREQ=MONTHLY;BYDAY=-1SU", ";TZID=America/New_York:20240128T023000"), ("FREQ=DAILY;INTERVAL=5", ":20240101T120000"),
    ("FREQ=WEEKLY", ":20240101T233000Z"), ("FREQ=WEEKLY;BYDAY=MO,WE", ";TZID=Asia/Tokyo:20240101T010000"),
]


@pytest.mark.parametrize("rule, start", RULES)
def test_rules_mean_what_they_mean_elsewhere(tmp_path: Path, rule: str, start: str) -> None:
    text = calendar(event(1, rule, start))
    expected = theirs(text)
    assert expected, "the case must say something"
    assert ours(tmp_path, text) == expected


def test_exceptions_additions_and_replacements(tmp_path: Path) -> None:
    text = calendar(
        event(1, "FREQ=WEEKLY", ";TZID=Europe/Berlin:20240101T090000", f"EXDATE;TZID=Europe/Berlin:20240108T090000,{YEAR - 1}0106T090000\n"
              f"RDATE;TZID=Europe/Berlin:{YEAR}0303T110000"),
        event(2, "FREQ=MONTHLY;COUNT=60", f";VALUE=DATE:{YEAR - 3}0110", f"EXDATE;VALUE=DATE:{YEAR}0510"),
        event(2, "", f";VALUE=DATE:{YEAR}0611", f"RECURRENCE-ID;VALUE=DATE:{YEAR}0610"),
        event(3, "FREQ=WEEKLY", ";TZID=Somewhere Standard Time:20240103T120000"),
        head=ZONED)
    assert ours(tmp_path, text) == theirs(text)


@pytest.mark.parametrize("seed", range(4))
def test_random_rules(tmp_path: Path, seed: int) -> None:
    """A calendar of rules drawn at random: those whose start fits its rule, as the standard asks."""
    draw = random.Random(seed)
    events = []
    days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    for number in range(60):
        start = datetime.date(YEAR - 6, 1, 1) + datetime.timedelta(days=draw.randrange(1500))
        weekday = days[start.weekday()]
        kind = draw.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
        parts = [f"FREQ={kind}", f"INTERVAL={draw.randint(1, 4) if kind != 'DAILY' else draw.randint(9, 40)}"]
        if kind == "YEARLY" and draw.random() < 0.7:
            parts.append(f"BYMONTH={','.join(map(str, sorted({start.month, draw.randint(1, 12)})))}")
        if kind in ("YEARLY", "MONTHLY"):
            shape = draw.randrange(3)
            if shape == 0 and (kind == "MONTHLY" or any(part.startswith("BYMONTH") for part in parts)):
                parts.append(f"BYDAY={(start.day - 1) // 7 + 1}{weekday}")
            elif shape == 1:
                parts.append(f"BYMONTHDAY={','.join(map(str, sorted({start.day, draw.randint(1, 28)})))}")
        if kind == "WEEKLY":
            parts.append(f"BYDAY={','.join(sorted({weekday, draw.choice(days)}))}")
            parts.append(f"WKST={draw.choice(['MO', 'SU'])}")
        if draw.random() < 0.3:
            parts.append(f"COUNT={draw.randint(1, 60)}")
        events.append(event(number, ";".join(parts), f";VALUE=DATE:{start:%Y%m%d}"))
    text = calendar(*events)
    expected = theirs(text)
    assert len(expected) > 300
    assert ours(tmp_path, text) == expected


BAD = {
    "missing": (None, "cannot be read: No such file"),
    "no calendar": ("hello", "line 1 is \"hello\""),
    "cut short": ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260101\r\n", "line 2 begins VEVENT, which never ends"),
    "part not understood": (
        calendar(event(1, "FREQ=YEARLY;BYWEEKNO=20", ":20260511")), "line 9 RRULE part BYWEEKNO=20 is not understood"),
    "zone not known": (calendar(event(1, "", ";TZID=Mars/Base:20260511T090000")), "line 8 has TZID=Mars/Base"),
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("case", BAD)
def test_a_calendar_that_cannot_be_read(tmp_path: Path, case: str, program: str) -> None:
    text, sentence = BAD[case]
    path = tmp_path / "calendar.ics"
    if text is not None:
        path.write_bytes(text.encode())
    configuration = tmp_path / "tideline.yaml"
    configuration.write_text(f"data: {tmp_path}/data\ncalendar:\n  - {{file: {path}, kind: holiday}}\n")
    done = subprocess.run(
        [contracts.executable(program), "--config", str(configuration), "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{configuration}:3:12: calendar[0] names {path}, w" in done.stderr
    assert sentence in done.stderr
    if program == "ingest":
        done = subprocess.run(
            [contracts.executable(program), "--config", str(configuration)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and sentence in done.stderr
        assert not (tmp_path / "data").exists(), "nothing is opened before the configuration is right"
