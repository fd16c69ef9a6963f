"""Message files read and written by docs/message-files.md alone, independent of the services."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable


def _table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x82F63B78 if crc & 1 else crc >> 1
        table.append(crc)
    return table


_TABLE = _table()


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


@dataclass(frozen=True)
class Block:
    header: dict[str, Any]
    payload: bytes
    # Of the header line.
    offset: int
    length: int

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.payload.splitlines()]


_MEMBERS = (
    "node", "number", "generation", "mark", "previous", "synced", "step", "through", "clock", "set", "count", "bytes",
)  # fmt: skip


def sealed(header: dict[str, Any], payload: bytes) -> bytes:
    """Header line and payload with the right checksum."""
    body = json.dumps({name: header[name] for name in _MEMBERS}, separators=(",", ":"))[:-1].encode()
    return body + b',"crc":"%08x"}\n' % crc32c(body + payload) + payload


def files(folder: Path) -> list[Path]:
    """The message files of <data>/ingest/journal, in order."""
    return sorted(folder.glob("messages-*.jsonl"))


def read(path: Path) -> tuple[dict[str, Any], list[Block]]:
    """Preamble and blocks of one file, every checksum verified."""
    data = path.read_bytes()
    offset = data.index(b"\n") + 1
    preamble = json.loads(data[:offset])
    body = data[: data.rindex(b',"crc":"', 0, offset)]
    assert preamble["crc"] == f"{crc32c(body):08x}", f"{path.name}: the preamble's checksum"
    blocks = []
    while offset < len(data):
        end = data.index(b"\n", offset) + 1
        header = json.loads(data[offset:end])
        payload = data[end : end + header["bytes"]]
        assert sealed(header, payload) == data[offset : end + header["bytes"]], f"{path.name}: block at {offset}"
        blocks.append(Block(header, payload, offset, end + header["bytes"] - offset))
        offset = end + header["bytes"]
    return preamble, blocks


def blocks(folder: Path) -> list[Block]:
    return [block for path in files(folder) for block in read(path)[1]]


def append(folder: Path, lines: Iterable[bytes]) -> Block:
    """Adds a block of these lines, whatever they hold, to a journal whose ingest does not run."""
    path = files(folder)[-1]
    _, before = read(path)
    last = before[-1].header
    payload = b"".join(line + b"\n" for line in lines)
    header = last | {
        "number": last["number"] + 1, "generation": 0, "mark": f"{random.getrandbits(64) | 1:016x}",
        "previous": last["mark"], "synced": last["number"], "step": last["through"], "through": last["through"],
        "count": payload.count(b"\n"), "bytes": len(payload),
    }  # fmt: skip
    with path.open("ab") as file:
        offset = file.tell()
        file.write(sealed(header, payload))
    return Block(header, payload, offset, path.stat().st_size - offset)


def replace_payload(path: Path, number: int, lines: Iterable[bytes]) -> None:
    """Gives one block of a file another payload, checksum and all."""
    _, before = read(path)
    data = path.read_bytes()
    block = next(block for block in before if block.header["number"] == number)
    payload = b"".join(line + b"\n" for line in lines)
    header = block.header | {"count": payload.count(b"\n"), "bytes": len(payload)}
    path.write_bytes(data[: block.offset] + sealed(header, payload) + data[block.offset + block.length :])
