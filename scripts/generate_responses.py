#!/usr/bin/env python3
"""Writes survey responses as JSON Lines, the same bytes for the same arguments.

usage: generate_responses.py N FILE [--seed S] [--start YYYY-MM-DD]

Exactly N lines of about 380 bytes over 30 days: 6 regions, 5 channels, 200 agents, 40 products, a satisfaction of 82 %.
About 0.1 % of the lines are redeliveries (the bytes of a valid line 1 to 50,000 lines earlier) and about 0.1 % are
wrong (broken JSON, a score outside 1..5, no time). Times are up to five minutes behind their place in the file.
"""

import argparse
import collections
import datetime
import json
import math
import random
from bisect import bisect_left

START = "2026-10-01"
SEED = 20261021
DAYS = 30
DAY_MS = 86_400_000

REGIONS = ["eu-west", "eu-north", "us-east", "us-west", "ap-south", "latam"]
CHANNELS = ["email", "chat", "phone", "web", "app"]
AGENTS = [f"a-{number:03d}" for number in range(1, 201)]
PRODUCTS = [
    "sofa", "armchair", "bed-frame", "mattress", "desk", "bookcase", "wardrobe", "dining-table", "chair", "stool",
    "lamp", "rug", "mirror", "dresser", "nightstand", "tv-stand", "bench", "ottoman", "cabinet", "shelf", "crib",
    "bunk-bed", "recliner", "hammock", "parasol", "planter", "pillow", "duvet", "curtain", "blinds", "clock", "vase",
    "basket", "hook-rail", "coat-rack", "shoe-rack", "bar-cart", "sideboard", "futon", "daybed",
]
SOURCES = ["/helpdesk/zendesk", "/helpdesk/intercom", "/helpdesk/freshdesk"]
# As they stand between the quotes of a JSON string.
COMMENTS = [
    "Fast and friendly answer", "Took three days to get a reply, but it was solved in the end", "Thanks!",
    "Agent said \\\"it is policy\\\" and closed my ticket", "Très bien, merci pour votre aide rapide",
    "Had to explain the problem twice to two different people", "Great", "Still waiting for the refund",
    "Perfect, the replacement arrived the next day already", "ok", "The chat dropped twice\\nthen it worked",
    "Sehr freundlich und hilfreich, gerne wieder so schnell", "Could not understand the instructions",
    "Quick fix, no complaints from my side at all", "Could be better, the form asked for my order number again",
]
WRONG_SCORES = [0, 6, 7, 10, 99, -1]


def cumulated(weights):
    total = sum(weights)
    sums, sum_so_far = [], 0.0
    for weight in weights:
        sum_so_far += weight / total
        sums.append(sum_so_far)
    sums[-1] = 1.0
    return sums


REGION_SUMS = cumulated([30, 12, 28, 14, 10, 6])
CHANNEL_SUMS = cumulated([34, 30, 12, 14, 10])
AGENT_SUMS = cumulated([1 / (1 + 0.01 * place) for place in range(len(AGENTS))])
PRODUCT_SUMS = cumulated([1 / (1 + 0.05 * place) for place in range(len(PRODUCTS))])
SOURCE_SUMS = cumulated([70, 20, 10])
SCORE_SUMS = cumulated([6, 4.5, 7.5, 30, 52])


class Generator:
    """Draws lines. The order of its draws is part of its contract: another order is another file."""

    def __init__(self, count, seed, start):
        self.random = random.Random(seed)
        self.start_ms = int(datetime.datetime.fromisoformat(start + "T00:00:00+00:00").timestamp() * 1000)
        self.step_ms = DAYS * DAY_MS / count
        self.recent = collections.deque(maxlen=50_000)
        self.dates = {}

    def pick(self, values, sums):
        return values[bisect_left(sums, self.random.random())]

    def timestamp(self, milliseconds):
        day, rest = divmod(milliseconds, DAY_MS)
        date = self.dates.get(day)
        if date is None:
            date = self.dates[day] = str(datetime.date(1970, 1, 1) + datetime.timedelta(days=day))
        hour, rest = divmod(rest, 3_600_000)
        minute, rest = divmod(rest, 60_000)
        second, rest = divmod(rest, 1000)
        return f"{date}T{hour:02d}:{minute:02d}:{second:02d}.{rest:03d}Z"

    def broken(self, line):
        """The line cut off, or without one of its structural characters, and no JSON in either case."""
        if self.random.random() < 0.5:
            return line[: self.random.randrange(1, len(line) - 1)]
        while True:
            place = self.random.randrange(len(line))
            if line[place] in '{}":,':
                shorter = line[:place] + line[place + 1 :]
                try:
                    json.loads(shorter)
                except ValueError:
                    return shorter

    def line(self, index):
        draw = self.random.random()
        if draw < 0.001 and self.recent:
            length = len(self.recent)
            near = self.random.random() < 0.5
            return self.recent[-(1 + self.random.randrange(min(length, 100) if near else length))]
        behind_ms = min(300_000.0, -30_000.0 * math.log(1.0 - self.random.random()))
        time_ms = self.start_ms + max(0, int(index * self.step_ms - behind_ms))
        digits = "%032x" % self.random.getrandbits(128)
        identity = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        score = bisect_left(SCORE_SUMS, self.random.random()) + 1
        time = f'"time":"{self.timestamp(time_ms)}",'
        is_wrong = 0.001 <= draw < 0.002
        fault = self.random.randrange(3) if is_wrong else -1
        if fault == 1:
            score = self.random.choice(WRONG_SCORES)
        if fault == 2:
            time = ""
        line = (
            f'{{"specversion":"1.0","id":"{identity}","source":"{self.pick(SOURCES, SOURCE_SUMS)}",'
            f'"type":"tideline.response.v1",{time}'
            f'"datacontenttype":"application/json","data":{{"survey":"post-ticket","answers":{{"csat":{score}}},'
            f'"segments":{{"region":"{self.pick(REGIONS, REGION_SUMS)}",'
            f'"channel":"{self.pick(CHANNELS, CHANNEL_SUMS)}",'
            f'"agent":"{self.pick(AGENTS, AGENT_SUMS)}","product":"{self.pick(PRODUCTS, PRODUCT_SUMS)}"}},'
            f'"comment":"{COMMENTS[int(self.random.random() * len(COMMENTS))]}"}}}}'
        )
        if fault == 0:
            return self.broken(line)
        if not is_wrong:
            self.recent.append(line)
        return line


def generate(count, path, seed=SEED, start=START):
    generator = Generator(count, seed, start)
    with open(path, "w", encoding="utf-8", newline="\n", buffering=1 << 20) as file:
        for index in range(count):
            file.write(generator.line(index))
            file.write("\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, metavar="N")
    parser.add_argument("path", metavar="FILE")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--start", default=START, help="first day, YYYY-MM-DD (default %(default)s)")
    arguments = parser.parse_args()
    generate(arguments.count, arguments.path, arguments.seed, arguments.start)
