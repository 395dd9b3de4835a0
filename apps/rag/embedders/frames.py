"""Messages between a process and its model child: a length, then bytes. Never pickled objects.

Requests are JSON; an answer is one status byte, then a matrix of float32 or a sentence.
"""

from __future__ import annotations

import json
import socket
import struct
from array import array
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct(">I")
_SHAPE = struct.Struct(">II")
MAX_FRAME = 256 * 1024 * 1024  # bytes: 256 texts of a megabyte

OK = b"\x00"
FAILED = b"\x01"


def send(link: socket.socket, message: bytes) -> None:
    """Raises OSError (TimeoutError after the socket's timeout)."""
    if len(message) > MAX_FRAME:
        raise ValueError(f"A message of {len(message)} bytes exceeds {MAX_FRAME}.")
    link.sendall(_LENGTH.pack(len(message)) + message)


def receive(link: socket.socket) -> bytes:
    """Raises EOFError when the other side is gone, OSError as the socket does."""
    (length,) = _LENGTH.unpack(_exactly(link, _LENGTH.size))
    if length > MAX_FRAME:
        raise OSError(f"The other side announces {length} bytes.")
    return _exactly(link, length)


def _exactly(link: socket.socket, count: int) -> bytes:
    buffer = bytearray()
    while len(buffer) < count:
        part = link.recv(min(count - len(buffer), 1 << 20))
        if not part:
            raise EOFError("The other side closed the connection.")
        buffer += part
    return bytes(buffer)


def request(call: str, arguments: dict[str, Any]) -> bytes:
    return json.dumps({"call": call, "arguments": arguments}).encode()


def answer(rows: Sequence[Sequence[float]]) -> bytes:
    """A matrix as status, rows, columns and float32 bytes in this machine's order."""
    width = len(rows[0]) if rows else 0
    values = array("f")
    for row in rows:
        values.extend(row)
    return OK + _SHAPE.pack(len(rows), width) + values.tobytes()


def matrix(message: bytes) -> list[list[float]]:
    """The rows of an answer. Raises ValueError where the bytes do not fit the shape."""
    rows, width = _SHAPE.unpack_from(message, 1)
    values = array("f")
    values.frombytes(message[1 + _SHAPE.size :])
    if len(values) != rows * width:
        raise ValueError(f"{len(values)} numbers for {rows} rows of {width}.")
    return [values[row * width : (row + 1) * width].tolist() for row in range(rows)]
