"""Fixtures: Tideline's real processes for tests that talk to them as a foreign program would.

Run with `python -m pytest Tests/InteropTests`; TIDELINE_BIN names the directory of the executables, without it the last
debug or release build is taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

import contracts
from cluster import Tideline, wait_until

__all__ = ["Tideline", "wait_until"]

_running: list[Tideline] = []


def _make(folders: Callable[[], Path], **options: Any) -> Tideline:
    cluster = Tideline(folders(), **options)
    _running.append(cluster)
    return cluster


def _end(clusters: list[Tideline]) -> None:
    for cluster in clusters:
        cluster.end()
        _running.remove(cluster)


def _require_executables() -> None:
    try:
        for name in ("ingest", "scoring", "alerting"):
            contracts.executable(name)
    except contracts.MissingExecutable as missing:
        pytest.skip(str(missing))


@pytest.fixture
def tideline(tmp_path: Path) -> Iterator[Callable[..., Tideline]]:
    """Makes clusters: `cluster = tideline(scoring=2, settings={…}).start()`. All are ended with the test."""
    _require_executables()
    made: list[Tideline] = []

    def make(**options: Any) -> Tideline:
        made.append(_make(lambda: tmp_path / f"cluster-{len(made)}", **options))
        return made[-1]

    yield make
    _end(made)


@pytest.fixture(scope="module")
def module_tideline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Tideline]]:
    """The same for a cluster that all tests of a module share."""
    _require_executables()
    made: list[Tideline] = []

    def make(**options: Any) -> Tideline:
        made.append(_make(lambda: tmp_path_factory.mktemp("cluster"), **options))
        return made[-1]

    yield make
    _end(made)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A failure shows what each service said last, and is noted on the item for its fixtures."""
    report = yield
    if report.failed:
        item.failed = True  # type: ignore[attr-defined]
        for cluster in _running:
            for service in cluster.services:
                state = "running" if service.is_alive else f"ended with status {service.status}"
                report.sections.append((f"{service.name} ({state})", service.tail()))
    return report
