"""Message framing: bytes of a connection ⇄ JSON bodies.

Owns the two forms a peer may use, `Content-Length` headers (which may be cut anywhere and may share a chunk) and
one bare JSON object per frame. Refuses to look into a body.

Invariant: the buffer holds at most one incomplete message, and never more than the limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Largest accepted message. A 2 MiB document with JSON escapes fits well."""

_MAX_HEADER_BYTES = 8 * 1024
_BLANKS = b" \t\r\n"
_HEADER_NAMES = (b"content-length:", b"content-type:")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*$", re.IGNORECASE | re.MULTILINE)


class FramingError(Exception):
    """A chunk that starts no message; it has been dropped and reading may go on."""


class MessageTooLarge(Exception):
    """A message over the limit; the connection cannot be used any further."""


class FrameReader:
    """Turns received chunks into message bodies. `headers` is the form of the first message, None before it."""

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self.headers: bool | None = None
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes | FramingError]:
        """Every message completed by this chunk, and an error for each piece that had to be dropped.

        Raises `MessageTooLarge`; after that the reader must not be used again.
        """
        self._buffer += chunk
        while self._buffer:
            message = self._take()
            if message is None:
                return
            yield message

    def _take(self) -> bytes | FramingError | None:
        self._skip_blanks()
        buffer = self._buffer
        if not buffer:
            return None
        if buffer[0] in b"{[":
            self._check(len(buffer))
            return self._found(len(buffer), headers=False)
        if not self._looks_like_headers():
            buffer.clear()
            return FramingError("Expected a JSON object or a Content-Length header")
        return self._take_framed()

    def _take_framed(self) -> bytes | FramingError | None:
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > _MAX_HEADER_BYTES:
                buffer.clear()
                return FramingError("The message header is not closed by an empty line")
            return None
        length = _LENGTH.search(bytes(buffer[:end]).replace(b"\r\n", b"\n"))
        if length is None:
            buffer.clear()
            return FramingError("The message header has no valid Content-Length")
        size = int(length.group(1))
        self._check(size)
        if len(buffer) < end + 4 + size:
            return None
        del buffer[: end + 4]
        return self._found(size, headers=True)

    def _found(self, size: int, *, headers: bool) -> bytes:
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        if self.headers is None:
            self.headers = headers
        return body

    def _looks_like_headers(self) -> bool:
        start = bytes(self._buffer[:15]).lower()
        return any(start.startswith(name[: len(start)]) for name in _HEADER_NAMES) or any(
            start.startswith(name) for name in _HEADER_NAMES
        )

    def _skip_blanks(self) -> None:
        buffer = self._buffer
        at = 0
        while at < len(buffer) and buffer[at] in _BLANKS:
            at += 1
        del buffer[:at]

    def _check(self, size: int) -> None:
        if size > self._limit:
            self._buffer.clear()
            raise MessageTooLarge(f"A message may have at most {self._limit} bytes, this one has {size}")


def with_headers(body: bytes) -> bytes:
    """The body behind a `Content-Length` header that counts its bytes."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
