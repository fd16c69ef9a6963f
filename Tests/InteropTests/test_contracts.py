"""Schemas, examples, counterexamples and the AsyncAPI document agree with each other and with the Swift decoders."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml
from jsonschema import Draft202012Validator

import contracts
from contracts import CONTRACTS, REPOSITORY, TYPES, Counterexample, Example

EXAMPLES = [example for kind in TYPES for example in contracts.examples(kind)]
COUNTEREXAMPLES = [counter for kind in TYPES for counter in contracts.counterexamples(kind)]

# Written by a service and read by none, so there is no Swift decoder to ask.
NEVER_READ = ("receipt", "score", "alert", "followup", "advocate", "feedreply", "alertmark", "markreply")

DECODED = [example for example in EXAMPLES if example.kind not in NEVER_READ]
REFUSED = [counter for counter in COUNTEREXAMPLES if counter.kind not in NEVER_READ]


def name_of(item: Example | Counterexample) -> str:
    return f"{item.kind}/{item.name}"


@cache
def validator(kind: str) -> Draft202012Validator:
    return contracts.validator(kind)


# MARK: Schemas


def test_there_is_one_schema_per_type_and_the_envelope() -> None:
    assert {path.name for path in contracts.schema_files()} == {
        "envelope.schema.json", *(f"{kind}.v1.schema.json" for kind in TYPES)
    }  # fmt: skip


@pytest.mark.parametrize("path", contracts.schema_files(), ids=lambda path: path.name)
def test_schema_is_valid_under_its_metaschema(path: Path) -> None:
    schema = json.loads(path.read_bytes())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == path.name, "a relative $id keeps references working wherever the folder lies"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", contracts.schema_files(), ids=lambda path: path.name)
def test_every_field_has_title_and_description(path: Path) -> None:
    bare: list[str] = []

    def look(node: Any, place: str) -> None:
        if not isinstance(node, dict):
            return
        for name, field in node.get("properties", {}).items():
            resolved = _resolved(path, field)
            # Conditions inside if and then only narrow a field described elsewhere.
            if not (resolved.get("title") and resolved.get("description")):
                bare.append(f"{place}/{name}")
            look(field, f"{place}/{name}")
        for name in ("items", "additionalProperties"):
            look(node.get(name), f"{place}/{name}")
        for name, definition in node.get("$defs", {}).items():
            if not (definition.get("title") and definition.get("description")):
                bare.append(f"{place}/$defs/{name}")
            look(definition, f"{place}/$defs/{name}")

    schema = json.loads(path.read_bytes())
    assert schema.get("title") and schema.get("description")
    look(schema, "")
    assert bare == []


def _resolved(path: Path, field: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in field:
        return field
    file, _, fragment = field["$ref"].partition("#")
    target = json.loads((CONTRACTS / (file or path.name)).read_bytes())
    for step in fragment.strip("/").split("/"):
        target = target[step] if step else target
    return {**target, **field}


@pytest.mark.parametrize("path", contracts.schema_files(), ids=lambda path: path.name)
def test_every_reference_resolves(path: Path) -> None:
    resolver = contracts.registry().resolver(path.name)
    references = list(_references(json.loads(path.read_bytes())))
    assert references or path.name == "envelope.schema.json"
    for reference in references:
        assert resolver.lookup(reference).contents is not None


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def test_formats_are_checked_and_not_merely_noted() -> None:
    """Without its optional packages the validator would skip these formats in silence."""
    for name in ("date-time", "json-pointer"):
        assert name in contracts.format_checker().checkers, "install jsonschema with its extra `format`"


def test_schemas_name_the_types_and_reasons_of_the_code() -> None:
    messages = REPOSITORY / "Sources" / "Contract" / "Messages"
    assert _cases(messages / "Envelope.swift", "MessageType") == set(TYPES)
    assert _cases(messages / "Rejection.swift", "Reason") == set(contracts.REJECTIONS)
    receipt = json.loads((CONTRACTS / "receipt.v1.schema.json").read_bytes())
    rejected, unavailable, _ = (rule["then"]["properties"]["reason"] for rule in receipt["properties"]["data"]["allOf"])
    assert set(rejected["enum"]) == set(contracts.REJECTIONS)
    assert set(unavailable["enum"]) == _cases(messages / "Rejection.swift", "Unavailability")


def _cases(file: Path, enumeration: str) -> set[str]:
    body = re.search(rf"enum {enumeration}\b[^{{]*\{{(.*?)\n\s*(?:package var|\}})", file.read_text(), re.DOTALL)
    assert body, f"no enum {enumeration} in {file.name}"
    lists = re.findall(r"^\s*case (.+)$", body.group(1), re.MULTILINE)
    return {name.strip() for names in lists for name in names.split(",")}


# MARK: Examples


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_has_examples_and_counterexamples(kind: str) -> None:
    assert len(contracts.examples(kind)) >= 2
    assert len(contracts.counterexamples(kind)) >= 2


def test_there_is_nothing_beside_the_known_types() -> None:
    for folder in ("examples", "counterexamples"):
        assert {path.name for path in (CONTRACTS / folder).iterdir()} == set(TYPES)


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_example_is_valid(example: Example) -> None:
    assert example.text.count(b"\n") == 1 and example.text.endswith(b"\n"), "an example is one line, as on the wire"
    assert not contracts.has_duplicate_member(example.text)
    assert example.event["type"] == f"tideline.{example.kind}.v1"
    validator(example.kind).validate(example.event)


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_example_fits_its_own_type_only(example: Example) -> None:
    """A message must be valid against one schema of its channel and no other."""
    assert [kind for kind in TYPES if validator(kind).is_valid(example.event)] == [example.kind]


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_unknown_members_are_kept(example: Example) -> None:
    """Additive evolution: what a later release adds must not make an event invalid today."""
    event = example.event
    event["laterattribute"] = {"of": ["a", "later", "release"]}
    event["data"]["laterMember"] = [1, None, {"x": 2}]
    validator(example.kind).validate(event)


# MARK: Counterexamples


@pytest.mark.parametrize("counter", COUNTEREXAMPLES, ids=name_of)
def test_counterexample_is_refused_by_the_schema(counter: Counterexample) -> None:
    assert counter.reason in contracts.REJECTIONS
    assert not counter.unknown, f"unknown members {sorted(counter.unknown)}"
    is_exception = counter.schema_accepts or counter.decoder_accepts
    assert bool(counter.why) == is_exception, "an exception says why, and only an exception"
    if not counter.has_event:
        assert counter.reason == "syntax" and counter.pointer is None
        return
    event = contracts.strict_json(counter.text)
    found = {pointer for error in validator(counter.kind).iter_errors(event) for pointer in contracts.pointers(error)}
    if counter.schema_accepts:
        assert found == set(), "the schema sees this after all: drop `schema: accepts`"
        return
    assert counter.pointer in found
    assert counter.several or found == {counter.pointer}, "a counterexample has one fault"


@pytest.mark.parametrize(
    "counter", [counter for counter in COUNTEREXAMPLES if counter.reason == "duplicateMember"], ids=name_of
)
def test_duplicates_are_duplicates(counter: Counterexample) -> None:
    assert contracts.has_duplicate_member(counter.text)


def test_the_counterexamples_of_a_response_reach_every_reason_an_event_can_have() -> None:
    """The others are those of whole messages, of a configured source, of measures, and of metrics with words."""
    elsewhere = {"wrongSource", "tooManyFrames", "tooLarge", "emptyMessage", "unknownMeasure", "unknownWord"}
    reached = {counter.reason for counter in contracts.counterexamples("response")}
    assert reached == set(contracts.REJECTIONS) - elsewhere


# MARK: The Swift decoders


class Decoder:
    """Runs `tideline check-message` once per type and clock and keeps its verdicts."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.verdicts: dict[str, dict[str, dict[str, Any]]] = {}
        self.configuration = folder / "tideline.yaml"
        # JSON is YAML, and says itself what is a text and what a number.
        self.configuration.write_text(json.dumps({"metrics": contracts.metrics_of_examples()}))

    def verdict(self, item: Example | Counterexample) -> dict[str, Any]:
        at = item.at if isinstance(item, Counterexample) else contracts.CHECKED_AT
        batch = f"{item.kind} {at}"
        if batch not in self.verdicts:
            self.verdicts[batch] = self._run(item.kind, at)
        return self.verdicts[batch][f"{type(item).__name__} {item.name}"]

    def _run(self, kind: str, at: str) -> dict[str, dict[str, Any]]:
        items: list[Example | Counterexample] = []
        items += [counter for counter in contracts.counterexamples(kind) if counter.at == at]
        if at == contracts.CHECKED_AT:
            items += contracts.examples(kind)
        files = []
        for number, item in enumerate(items):
            file = self.folder / f"{kind}-{at.replace(':', '')}-{number}.json"
            file.write_bytes(item.text)
            files.append(file)
        lines = self.run(["--at", at, *([] if kind == "response" else ["--schema", kind]), *map(str, files)])
        assert len(lines) == len(items), f"{len(items)} files, but {len(lines)} verdicts"
        return {f"{type(item).__name__} {item.name}": json.loads(line) for item, line in zip(items, lines)}

    def run(self, arguments: list[str], stdin: bytes = b"") -> list[str]:
        program = str(contracts.executable("tideline"))
        command = [program, "check-message", "--config", str(self.configuration), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=120)
        assert done.returncode in (0, 1), f"exit status {done.returncode}\n{done.stderr.decode(errors='replace')}"
        return done.stdout.decode().splitlines()


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    try:
        contracts.executable("tideline")
    except contracts.MissingExecutable as missing:
        pytest.skip(str(missing))
    return Decoder(tmp_path_factory.mktemp("messages"))


@pytest.mark.parametrize("example", DECODED, ids=name_of)
def test_decoder_accepts_the_example(decoder: Decoder, example: Example) -> None:
    assert decoder.verdict(example) == {"status": "accepted"}


@pytest.mark.parametrize("counter", REFUSED, ids=name_of)
def test_decoder_refuses_the_counterexample(decoder: Decoder, counter: Counterexample) -> None:
    verdict = decoder.verdict(counter)
    if counter.decoder_accepts:
        assert verdict == {"status": "accepted"}, "the decoder refuses this after all: drop `decoder: accepts`"
        return
    assert verdict["status"] == "rejected"
    assert verdict["sentence"], "a refusal says what stands there and what would be right"
    if counter.kind in contracts.INCOMING:
        assert (verdict.get("reason"), verdict.get("pointer")) == (counter.reason, counter.pointer), verdict["sentence"]
        if counter.reason == "syntax":
            assert re.search(r"byte \d+ \(line \d+, column \d+\)", verdict["sentence"])
    elif counter.pointer is not None and verdict.get("pointer") is not None:
        # Between services a refusal may point to the object around the fault.
        assert counter.pointer.startswith(verdict["pointer"])


def test_decoder_reads_one_event_a_line_from_standard_input(decoder: Decoder) -> None:
    good = [example.text for example in contracts.examples("response")]
    lines = decoder.run(["--at", contracts.CHECKED_AT, "-"], stdin=b"".join([*good, b"{}\n", good[0]]))
    assert [json.loads(line)["status"] for line in lines] == ["accepted"] * len(good) + ["rejected", "accepted"]


@pytest.mark.parametrize("kind", NEVER_READ)
def test_there_is_no_decoder_for_what_no_service_reads(kind: str) -> None:
    command = [str(contracts.executable("tideline")), "check-message", "--schema", kind]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "read by none of them" in done.stderr


# MARK: AsyncAPI

DOCUMENT = CONTRACTS / "asyncapi.yaml"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return yaml.safe_load(DOCUMENT.read_bytes())


def lookup(document: dict[str, Any], reference: str) -> Any:
    """What a reference of the document points to, inside it or in a file beside it."""
    file, _, fragment = reference.partition("#")
    target = json.loads((CONTRACTS / file).read_bytes()) if file else document
    for step in fragment.split("/")[1:]:
        target = target[step.replace("~1", "/").replace("~0", "~")]
    return target


def test_document_has_the_members_asyncapi_3_requires(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert document.keys() <= {
        "asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"
    }  # fmt: skip
    assert document["info"]["title"] and document["info"]["version"]
    for server in document["servers"].values():
        assert server["host"] and server["protocol"] == "zmtp"
    for channel in document["channels"].values():
        assert "address" in channel and channel["messages"] and channel["servers"]
        used = set(re.findall(r"\{(\w+)\}", channel["address"] or ""))
        assert used == set(channel.get("parameters", {}))
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive") and operation["channel"].keys() == {"$ref"}


@pytest.mark.filterwarnings("ignore::UserWarning")  # its own fields named `schema`
def test_document_fits_the_object_model_of_asyncapi_3(document: dict[str, Any]) -> None:
    from asyncapi3 import AsyncAPI3

    AsyncAPI3.model_validate(document)


def test_every_reference_of_the_document_resolves(document: dict[str, Any]) -> None:
    references = list(_references(document))
    assert len(references) > 40
    for reference in references:
        assert lookup(document, reference) is not None, reference


def test_every_message_has_its_schema(document: dict[str, Any]) -> None:
    messages = document["components"]["messages"]
    assert set(messages) == set(TYPES)
    for kind, message in messages.items():
        assert message["payload"] == {
            "schemaFormat": "application/schema+json;version=2020-12", "schema": {"$ref": f"{kind}.v1.schema.json"}
        }  # fmt: skip
        assert message["name"] == f"tideline.{kind}.v1"


def test_operations_use_messages_of_their_channel(document: dict[str, Any]) -> None:
    used = set()
    for name, operation in document["operations"].items():
        for part in [operation, *([operation["reply"]] if "reply" in operation else [])]:
            prefix = part["channel"]["$ref"] + "/messages/"
            for message in part["messages"]:
                assert message["$ref"].startswith(prefix), f"{name} uses a message of another channel"
                target = lookup(document, message["$ref"])
                used.add(target["$ref"].rpartition("/")[2])
    assert used == set(TYPES), "every type travels somewhere"


def test_servers_are_the_default_ports(document: dict[str, Any]) -> None:
    assert {name: server["host"] for name, server in document["servers"].items()} == {
        "responses": "127.0.0.1:7401", "receipts": "127.0.0.1:7402", "work": "127.0.0.1:7403",
        "tallies": "127.0.0.1:7411", "feed": "127.0.0.1:7412", "requests": "127.0.0.1:7413",
    }  # fmt: skip


TOPICS = {
    "score/day-of-a-region": "tideline.score.v1.csat.region:eu",
    "score/first-of-total": "tideline.score.v1.csat.total",
    "score/pair": "tideline.score.v1.csat.region:eu,channel:chat",
    "alert/firing": "tideline.alert.v1.csat.channel:chat",
    "alert/total": "tideline.alert.v1.csat.total",
    "alertmark/silenced": "tideline.alertmark.v1.csat.channel:chat",
    "alertmark/labelled-false-of-total": "tideline.alertmark.v1.csat.total",
    "followup/at-the-threshold": "tideline.followup.v1.csat.total",
    "advocate/above-the-threshold": "tideline.advocate.v1.nps.total",
}


@pytest.mark.parametrize("name", TOPICS)
def test_feed_topics_follow_from_the_event(document: dict[str, Any], name: str) -> None:
    """A channel's address, filled from the event, is the topic in frame 0."""
    example = next(example for example in EXAMPLES if name_of(example) == name)
    data = example.event["data"]
    segment = ",".join(f"{dimension}:{value}" for dimension, value in data.get("segment", {}).items()) or "total"
    address = document["channels"][f"{example.kind}s"]["address"]
    assert address.format(metric=data["metric"], segment=segment) == TOPICS[name]
