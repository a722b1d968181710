"""Messages arrive however their bytes are cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation_lsp.transports.framing import FrameReader, FramingError, MessageTooLarge, with_headers

BODIES = st.lists(st.text(max_size=20).map(lambda text: json.dumps({"text": text}, ensure_ascii=False)), max_size=5)


@given(BODIES, st.data())
def test_framed_messages_may_be_cut_at_any_byte(bodies: list[str], data: st.DataObject) -> None:
    stream = b"".join(with_headers(body.encode("utf-8", "surrogatepass")) for body in bodies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    reader = FrameReader()
    found = [message for piece in pieces for message in reader.feed(piece)]
    assert found == [body.encode("utf-8", "surrogatepass") for body in bodies]


def test_several_messages_in_one_chunk_and_names_in_any_case() -> None:
    reader = FrameReader()
    chunk = b"CONTENT-length: 2\r\nContent-Type: x\r\n\r\n{}" + with_headers(b'{"a":1}')
    assert list(reader.feed(chunk)) == [b"{}", b'{"a":1}']
    assert reader.headers is True


def test_a_bare_object_is_one_frame() -> None:
    reader = FrameReader()
    assert list(reader.feed(b' \n{"a":1}')) == [b'{"a":1}']
    assert reader.headers is False


@pytest.mark.parametrize(
    "chunk",
    [
        b"hello",
        b"\xff\xfe",
        b"Content-Length: x\r\n\r\n{}",
        b"Content-Type: y\r\n\r\n{}",
        b"Content-Length: -5\r\n\r\n",
    ],
)
def test_garbage_is_dropped_and_reading_goes_on(chunk: bytes) -> None:
    reader = FrameReader()
    assert [type(m) for m in reader.feed(chunk)] == [FramingError]
    assert list(reader.feed(with_headers(b"{}"))) == [b"{}"]


def test_a_header_that_never_ends_is_dropped() -> None:
    reader = FrameReader()
    found = [m for _ in range(9) for m in reader.feed(b"content-length: 1" + b" " * 1000)]
    assert [type(m) for m in found] == [FramingError]


@pytest.mark.parametrize("chunk", [b"Content-Length: 101\r\n\r\n", b"{" + b" " * 100])
def test_what_is_too_large_cannot_be_read(chunk: bytes) -> None:
    with pytest.raises(MessageTooLarge):
        list(FrameReader(limit=100).feed(chunk))
