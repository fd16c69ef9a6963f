"""The message contracts in proto-json/, read once: schemas, examples and counterexamples."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACTS = REPOSITORY / "proto-json"

TYPES = (
    "response", "measure", "invitation", "receipt",
    "hello", "ready", "heartbeat", "block", "tallied", "tally", "committed", "refused",
    "score", "alert", "followup", "advocate", "feedrequest", "feedreply",
    "acknowledgement", "silence", "label", "alertmark", "markreply",
)  # fmt: skip

# What integrators send to ingest, through the same entrances and each answered by a receipt.
INCOMING = ("response", "measure", "invitation")

REJECTIONS = (
    "syntax", "notObject", "duplicateMember", "missing", "wrongType", "empty", "tooLong", "tooMany",
    "badTime", "timeTooOld", "timeAhead", "unknownType", "unknownVersion", "unknownMetric", "unknownMeasure",
    "notWhole", "outsideScale", "otherScale", "unknownWord", "wrongSource", "tooManyFrames", "tooLarge", "emptyMessage",
)  # fmt: skip

# Every example and counterexample is decided at this moment unless it names another one in `at`.
CHECKED_AT = "2026-11-22T00:00:00Z"


class NotStrictJSON(ValueError):
    """A text that a strict reader of RFC 8259 refuses, though Python's own takes it."""


def strict_json(text: bytes) -> Any:
    """Parses what is JSON and nothing else: valid UTF-8 without byte order mark, no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise NotStrictJSON(f"{constant} is no JSON number")

    try:
        return json.loads(text.decode("utf-8"), parse_constant=refuse)
    except UnicodeDecodeError as error:
        raise NotStrictJSON(str(error)) from error


def has_duplicate_member(text: bytes) -> bool:
    found = False

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        found = found or len({name for name, _ in pairs}) < len(pairs)
        return dict(pairs)

    json.loads(text, object_pairs_hook=look)
    return found


@dataclass(frozen=True)
class Example:
    kind: str
    name: str
    text: bytes

    @property
    def event(self) -> Any:
        return strict_json(self.text)


@dataclass(frozen=True)
class Counterexample:
    """An event that must be refused; see proto-json/README.md for the file format."""

    kind: str
    name: str
    reason: str
    pointer: str | None
    text: bytes
    schema_accepts: bool = False
    decoder_accepts: bool = False
    why: str = ""
    at: str = CHECKED_AT
    several: bool = False
    unknown: frozenset[str] = field(default_factory=frozenset)

    @property
    def has_event(self) -> bool:
        try:
            strict_json(self.text)
        except ValueError:
            return False
        return True

    @property
    def readable_id(self) -> str | None:
        """The id that a receipt must repeat; None where the event has none, or not a plain one."""
        if self.reason == "syntax" or has_duplicate_member(self.text):
            return None
        event = strict_json(self.text)
        identity = event.get("id") if isinstance(event, dict) else None
        return identity if isinstance(identity, str) and 0 < len(identity.encode()) <= 256 else None


_KNOWN = {"reason", "pointer", "event", "text", "base64", "schema", "decoder", "why", "at", "several"}


def _counterexample(kind: str, path: Path) -> Counterexample:
    members = json.loads(path.read_bytes())
    if "text" in members:
        text = members["text"].encode()
    elif "base64" in members:
        text = base64.b64decode(members["base64"], validate=True)
    else:
        text = json.dumps(members["event"], ensure_ascii=False, separators=(",", ":")).encode()
    return Counterexample(
        kind, path.stem, members["reason"], members["pointer"], text,
        schema_accepts=members.get("schema") == "accepts",
        decoder_accepts=members.get("decoder") == "accepts",
        why=members.get("why", ""),
        at=members.get("at", CHECKED_AT),
        several=members.get("several", False),
        unknown=frozenset(members.keys() - _KNOWN),
    )  # fmt: skip


def examples(kind: str) -> list[Example]:
    paths = sorted((CONTRACTS / "examples" / kind).glob("*.json"))
    return [Example(kind, path.stem, path.read_bytes()) for path in paths]


def counterexamples(kind: str) -> list[Counterexample]:
    return [_counterexample(kind, path) for path in sorted((CONTRACTS / "counterexamples" / kind).glob("*.json"))]


# Only in a counterexample: it is there to be unknown.
_UNKNOWN_MEASURES = {"contcats"}


def metrics_of_examples() -> dict[str, Any]:
    """A configuration's metrics that take what the examples have: csat, and of each measure any value."""
    events = [example.event for example in examples("measure")]
    events += [strict_json(counter.text) for counter in counterexamples("measure") if counter.has_event]
    names: set[str] = set()
    for event in events:
        data = event.get("data")
        measures = data.get("measures") if isinstance(data, dict) else None
        names |= set(measures if isinstance(measures, dict) else ())
    metrics: dict[str, Any] = {"csat": {"scale": "1..5", "satisfied": "4..5"}}
    for number, name in enumerate(sorted(names - _UNKNOWN_MEASURES)):
        metrics[f"measured.{number}"] = {"kind": "mean", "of": f"measure {name}"}
    return metrics


def schema_files() -> list[Path]:
    return sorted(CONTRACTS.glob("*.schema.json"))


def registry() -> Registry:
    """Every schema under its own file name, so that a `$ref` by file name is found and nothing is fetched."""
    schemas = [json.loads(path.read_bytes()) for path in schema_files()]
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)


def format_checker() -> FormatChecker:
    return Draft202012Validator.FORMAT_CHECKER


def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((CONTRACTS / f"{kind}.v1.schema.json").read_bytes())
    return Draft202012Validator(schema, registry=registry(), format_checker=format_checker())


def pointers(error: ValidationError) -> Iterator[str]:
    """JSON Pointers to what `error` complains of; of a missing member the place where it should stand."""
    at = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in error.absolute_path)
    if error.validator == "required":
        yield from (f"{at}/{name}" for name in error.validator_value if name not in error.instance)
    else:
        yield at


class MissingExecutable(Exception):
    """No built executable to test with; the text says where it was looked for."""


def executable(name: str) -> Path:
    """The executable from the directory TIDELINE_BIN, else from the last debug or release build."""
    folder = os.environ.get("TIDELINE_BIN")
    places = [Path(folder)] if folder else [REPOSITORY / ".build" / "debug", REPOSITORY / ".build" / "release"]
    for place in places:
        if os.access(place / name, os.X_OK):
            return place / name
    if folder:
        raise FileNotFoundError(f"TIDELINE_BIN is {folder}, but there is no executable {name} in it")
    raise MissingExecutable(
        f"no executable {name} in {' or '.join(str(place.relative_to(REPOSITORY)) for place in places)}: "
        "build first, or name the directory in TIDELINE_BIN"
    )
