"""The right answer, computed slowly and plainly from the file itself: counts of 1..5 per hour for the total and for each
value of each dimension, a redelivered response counted once, a wrong one not at all."""

import json
from datetime import datetime, timezone

DIMENSIONS = ["region", "channel", "agent", "product"]
HOUR_SECONDS = 3600


class Reference:
    """cells: {(dimension, value): {hour start in Unix seconds: [count of 1, …, count of 5]}}, the total under ("", "")."""

    def __init__(self):
        self.lines = self.accepted = self.duplicates = self.rejected = 0
        self.cells = {}

    def take(self, line, seen):
        self.lines += 1
        try:
            event = json.loads(line)
            time = datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
            score = event["data"]["answers"]["csat"]
            segments = event["data"]["segments"]
            identity = (event["source"], event["id"])
            if type(score) is not int or not 1 <= score <= 5:
                raise ValueError("score")
        except (ValueError, KeyError, TypeError):
            self.rejected += 1
            return
        if identity in seen:
            self.duplicates += 1
            return
        seen.add(identity)
        self.accepted += 1
        hour = int(time.timestamp()) // HOUR_SECONDS * HOUR_SECONDS
        self._count("", "", hour, score)
        for dimension in DIMENSIONS:
            self._count(dimension, segments[dimension], hour, score)

    def _count(self, dimension, value, hour, score):
        hours = self.cells.setdefault((dimension, value), {})
        hours.setdefault(hour, [0, 0, 0, 0, 0])[score - 1] += 1

    @property
    def hours(self):
        """The first hour and the end of the last, in Unix seconds."""
        starts = self.cells[("", "")]
        return min(starts), max(starts) + HOUR_SECONDS


def compute(path):
    reference = Reference()
    seen = set()
    with open(path, encoding="utf-8") as file:
        for line in file:
            reference.take(line, seen)
    return reference


def differences(reference, read_series, listed_max=5):
    """Compares every cell with what `read_series(dimension, value, first, end)` answers, {hour: [c1, …, c5]}.

    Returns the number of cells compared, the number that differ, and a sentence for the first few of those."""
    first, end = reference.hours
    compared = different = 0
    sentences = []
    for (dimension, value), expected in sorted(reference.cells.items()):
        found = read_series(dimension, value, first, end)
        for hour in sorted(expected.keys() | found.keys()):
            compared += 1
            if expected.get(hour) != found.get(hour):
                different += 1
                if len(sentences) < listed_max:
                    when = datetime.fromtimestamp(hour, timezone.utc).isoformat()
                    sentences.append(
                        f"{dimension or 'total'} {value} {when}: {found.get(hour)}, expected {expected.get(hour)}"
                    )
    return compared, different, sentences
