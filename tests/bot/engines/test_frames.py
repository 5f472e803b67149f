import asyncio
import contextlib
import io
import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines import frames
from bot.engines.frames import BLOB_LIMIT, BLOBS_LIMIT, HEADER_LIMIT, Frame, FrameError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FRAMES = st.builds(
    Frame,
    st.dictionaries(st.text(), JSON, max_size=4),
    st.lists(st.binary(max_size=64), max_size=BLOBS_LIMIT).map(tuple),
)


class Ended(Exception):
    pass


def read_blocking(data: bytes) -> list[Frame]:
    """Read frames until the bytes end; a frame cut short raises Ended."""
    stream = io.BytesIO(data)

    def receive(count: int) -> bytes:
        received = stream.read(count)
        if len(received) < count:
            raise Ended
        return received

    found = []
    while stream.tell() < len(data):
        found.append(frames.read_blocking(receive))
    return found


def read_async(data: bytes) -> list[Frame]:
    async def read() -> list[Frame]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        found = []
        while not reader.at_eof():
            try:
                found.append(await frames.read(reader))
            except asyncio.IncompleteReadError:
                raise Ended from None
        return found

    return asyncio.run(read())


BOTH = pytest.mark.parametrize("read", [read_blocking, read_async])


def raw(header: object, rest: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + rest


@given(st.lists(FRAMES, min_size=1, max_size=3))
def test_frames_arrive_as_they_were_sent(sent: list[Frame]) -> None:
    data = b"".join(frames.encode(frame) for frame in sent)
    assert read_blocking(data) == sent
    assert read_async(data) == sent


@given(FRAMES, st.data())
def test_a_frame_cut_short_is_the_end_of_the_stream(frame: Frame, data: st.DataObject) -> None:
    encoded = frames.encode(frame)
    cut = encoded[: data.draw(st.integers(1, len(encoded) - 1))]
    for read in (read_blocking, read_async):
        with pytest.raises(Ended):
            read(cut)


@given(st.binary(max_size=200))
def test_noise_is_a_frame_error_or_the_end_and_nothing_else(noise: bytes) -> None:
    for read in (read_blocking, read_async):
        with contextlib.suppress(FrameError, Ended):
            read(noise)


@BOTH
@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x00",
        struct.pack(">I", HEADER_LIMIT + 1),
        raw(b"hello"),
        raw(b"\xff\xfe"),
        raw(b"[" * 60_000),
        raw([]),
        raw({"lengths": []}),
        raw({"body": {}}),
        raw({"lengths": [], "body": []}),
        raw({"lengths": 3, "body": {}}),
        raw({"lengths": [BLOB_LIMIT + 1], "body": {}}),
        raw({"lengths": [-1], "body": {}}),
        raw({"lengths": [True], "body": {}}),
        raw({"lengths": ["1"], "body": {}}),
        raw({"lengths": [1.0], "body": {}}),
        raw({"lengths": [0] * (BLOBS_LIMIT + 1), "body": {}}),
    ],
)
def test_what_is_over_the_limits_or_no_frame_is_refused_before_it_is_read(
    read: Callable[[bytes], list[Frame]], data: bytes
) -> None:
    with pytest.raises(FrameError):
        read(data)


def test_what_is_over_the_limits_is_not_sent_either() -> None:
    with pytest.raises(FrameError, match="header"):
        frames.encode(Frame({"text": "x" * HEADER_LIMIT}))
    with pytest.raises(FrameError, match="blobs"):
        frames.encode(Frame({}, (b"",) * (BLOBS_LIMIT + 1)))
