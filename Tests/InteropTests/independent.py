"""CSAT computed a second time, by pandas and statsmodels, from the answers alone.

Nothing here knows how Tideline counts: calendars are pandas' and Python's, intervals are statsmodels'.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy
import pandas
from statsmodels.stats.proportion import proportion_confint

RATINGS = [1, 2, 3, 4, 5]
SATISFIED = [4, 5]

# Of each data set: columns of identity, time and answer, and the columns that become segments.
COLUMNS = {
    "uber_play_2024": ("review_id", "answered_at", "score", ["version"]),
    "hotstar_play_2024": ("review_id", "answered_at", "score", ["version"]),
    "shopzilla_csat": ("id", "answered_on", "score", ["channel", "category", "supervisor", "tenure", "shift"]),
}


def read(path: Path) -> pandas.DataFrame:
    """Answers of a data set in the order of their times: `id`, `time` (UTC), `answer`, and a column per dimension.

    The files have no zone, so their stamps are taken for UTC; a stamp that is a day becomes its noon. An empty cell is
    a segment that is not known.
    """
    identity, time, answer, dimensions = COLUMNS[path.name.removesuffix(".csv.gz")]
    rows = pandas.read_csv(path, dtype=str, keep_default_na=False)
    stamps = rows[time].where(rows[time].str.contains("T"), rows[time] + "T12:00:00")
    answers = pandas.DataFrame(
        {"id": rows[identity], "time": pandas.to_datetime(stamps, utc=True), "answer": rows[answer].astype(int)}
    )
    for dimension in dimensions:
        answers[dimension] = rows[dimension].where(rows[dimension] != "")
    assert answers["answer"].isin(RATINGS).all() and answers["id"].is_unique
    return answers.sort_values("time", kind="stable", ignore_index=True)


def moved(answers: pandas.DataFrame, days: int) -> pandas.DataFrame:
    """The same answers at other times, so that they lie across a change of the clocks or of the year."""
    return answers.assign(time=answers["time"] + pandas.Timedelta(days=days))


def windows(times: pandas.Series, zone: str, step: str) -> pandas.DataFrame:
    """First moment of the civil day (`1d`) or ISO week (`1w`) of each time, and first moment after it, in UTC."""
    local = times.dt.tz_convert(zone)
    if step == "1d":
        first, length = pandas.to_datetime(local.dt.date), pandas.DateOffset(days=1)
    elif step == "1w":
        weeks = local.dt.isocalendar()
        mondays = [date.fromisocalendar(int(year), int(week), 1) for year, week in zip(weeks["year"], weeks["week"])]
        first, length = pandas.to_datetime(pandas.Series(mondays, index=times.index)), pandas.DateOffset(days=7)
    else:
        raise ValueError(f"no step {step}")
    ends = {"start": first, "end": first + length}
    # A civil midnight, wherever the clocks stand that day.
    return pandas.DataFrame({name: at.dt.tz_localize(zone).dt.tz_convert("UTC") for name, at in ends.items()})


def csat(answers: pandas.DataFrame, zone: str, step: str, *dimensions: str) -> pandas.DataFrame:
    """CSAT per window and per combination of values of `dimensions`; answers without one of them are left out.

    A row per (value of each dimension…, start): columns `end`, the count of each rating, `answers`, `score` and the
    bounds `low` and `high` of its 95 % interval by Wilson, all three in percent. There is no row without answers.
    """
    known = answers.dropna(subset=list(dimensions))
    cells = pandas.concat([known[[*dimensions, "answer"]], windows(known["time"], zone, step)], axis=1)
    table = cells.groupby([*dimensions, "start", "end", "answer"]).size().unstack("answer", fill_value=0)
    table = table.reindex(columns=RATINGS, fill_value=0).reset_index("end")
    table["answers"] = table[RATINGS].sum(axis=1)
    satisfied = table[SATISFIED].sum(axis=1)
    table["score"] = 100 * satisfied / table["answers"]
    low, high = proportion_confint(satisfied.to_numpy(), table["answers"].to_numpy(), alpha=0.05, method="wilson")
    table["low"], table["high"] = 100 * numpy.asarray(low), 100 * numpy.asarray(high)
    return table
