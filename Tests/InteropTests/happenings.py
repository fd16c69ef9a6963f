"""Events of every kind as integrators send them, with times of their own, and the wait until they are all counted."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any, Sequence

import pytest

import workload
from cluster import Tideline, wait_until

TOLERANCE = 1e-9

_serial = itertools.count(1)


def happened(kind: str, data: dict[str, Any], at: datetime, **segments: str) -> dict[str, Any]:
    """A `tideline.KIND.v1` event with an id of its own."""
    return {
        "specversion": "1.0", "id": f"{kind}-{next(_serial)}", "source": "/happenings", "type": f"tideline.{kind}.v1",
        "time": at.isoformat(), "data": {**data, "segments": segments},
    }  # fmt: skip


def measure(measures: dict[str, Any], at: datetime, respondent: str | None = None, **segments: str) -> dict[str, Any]:
    return happened("measure", {"measures": measures, "respondent": respondent}, at, **segments)


def invitation(at: datetime, survey: str = "post-ticket", **segments: str) -> dict[str, Any]:
    return happened("invitation", {"survey": survey}, at, **segments)


def response(
    answers: dict[str, Any], at: datetime, invited: datetime | None = None, comment: str | None = None, **segments: str
) -> dict[str, Any]:
    data: dict[str, Any] = {"survey": "post-ticket", "answers": answers}
    if invited is not None:
        data["invited"] = invited.isoformat()
    if comment is not None:
        data["comment"] = comment
    return happened("response", data, at, **segments)


def duration(seconds: float, to: datetime) -> dict[str, str]:
    return {"from": (to - timedelta(seconds=seconds)).isoformat(), "to": to.isoformat()}


def publish(cluster: Tideline, events: Sequence[dict[str, Any]], per_message: int = 100) -> None:
    """Sends events, all of which must be accepted, and waits until each is counted and committed."""
    before = _accepted(cluster)
    workload.assert_statuses(cluster.publish(events, per_message=per_message), "accepted")
    # What ingest says of its blocks is written at the same moment as how much it accepted, and not more than that is new.
    wait_until(lambda: _accepted(cluster) >= before + len(events), 60, "ingest tells what it accepted")
    workload.wait_until_idle(cluster)


def _accepted(cluster: Tideline) -> int:
    return int(cluster.ingest.metrics().value("tideline_ingest_accepted_total"))


def figure(score: dict[str, Any], name: str) -> float:
    (value,) = (figure["value"] for figure in score["figures"] if figure["name"] == name)
    return value


def near(value: Any) -> Any:
    return pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE)
