"""ZMTP 3.0 by hand, for what no honest client sends: half handshakes, invented frame lengths."""

from __future__ import annotations

import socket
import struct

GREETING_BYTES = 64


def greeting(mechanism: bytes = b"NULL", version: bytes = b"\x03\x00") -> bytes:
    signature = b"\xff" + bytes(8) + b"\x7f"
    return (signature + version + mechanism.ljust(20, b"\0") + b"\0").ljust(GREETING_BYTES, b"\0")


def ready(socket_type: bytes) -> bytes:
    """The READY command of the NULL mechanism."""
    body = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type
    return b"\x04" + bytes([len(body)]) + body


def announcement(length: int, more: bool = False) -> bytes:
    """The head of a long frame; its body is left to imagination."""
    return bytes([0x02 | more]) + struct.pack(">Q", length)


def frame(body: bytes) -> bytes:
    return announcement(len(body)) + body


class Peer:
    """A TCP connection that has shaken hands as a ZeroMQ socket of that type. Use as a context manager."""

    def __init__(self, port: int, socket_type: bytes = b"DEALER", timeout: float = 10):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout)
        self.connection.sendall(greeting())
        self._read(GREETING_BYTES)
        self.connection.sendall(ready(socket_type))
        flags, length = self._read(2)
        assert flags == 0x04, "expected the READY command"
        self._read(length)

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.connection.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed during the handshake")
            data += piece
        return data

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def is_closed_within(self, seconds: float) -> bool:
        """Whether the other side ends the connection; what it says before that is thrown away."""
        self.connection.settimeout(seconds)
        try:
            while self.connection.recv(65_536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True
