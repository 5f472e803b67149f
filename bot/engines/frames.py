"""Frames on a byte stream: a length-prefixed JSON header, then the binary blobs that it counts.

There is no pickle anywhere: whoever sits at the other end can send data, never code. Lengths are
checked against limits before anything is allocated for them.
"""

import json
import struct
from asyncio import StreamReader
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

HEADER_LIMIT: Final = 64 * 1024
BLOB_LIMIT: Final = 128 * 1024 * 1024
"""In bytes; above what `core` opens and what a JPEG of the largest painting needs."""
BLOBS_LIMIT: Final = 16

_LENGTH: Final = struct.Struct(">I")


class FrameError(Exception):
    """The stream holds something that is no frame, or a frame over the limits."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`header` is a JSON object; `blobs` travel beside it as they are."""

    header: dict[str, Any]
    blobs: tuple[bytes, ...] = ()


def encode(frame: Frame) -> bytes:
    """Make the bytes of one frame.

    Raises:
        FrameError: the frame is over the limits.
    """
    header = json.dumps(
        {"lengths": [len(blob) for blob in frame.blobs], "body": frame.header},
        separators=(",", ":"),
    ).encode()
    _check_header(len(header))
    _check_lengths([len(blob) for blob in frame.blobs])
    return b"".join((_LENGTH.pack(len(header)), header, *frame.blobs))


async def read(reader: StreamReader, *, limit: int = BLOBS_LIMIT * BLOB_LIMIT) -> Frame:
    """Read one frame.

    Args:
        reader: where it comes from.
        limit: the most bytes that all blobs may have together.

    Raises:
        FrameError: what came is no frame, or more than that.
        asyncio.IncompleteReadError: the stream ended; cleanly if `partial` is empty.
    """
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    _check_header(length)
    header, lengths = _parse(await reader.readexactly(length))
    if sum(lengths) > limit:
        raise FrameError(f"A frame's blobs have {sum(lengths)} bytes; at most {limit} are read.")
    return Frame(header, tuple([await reader.readexactly(size) for size in lengths]))


def read_blocking(receive: Callable[[int], bytes]) -> Frame:
    """Read one frame.

    Args:
        receive: returns exactly as many bytes as asked for.

    Raises:
        FrameError: what came is no frame.
    """
    (length,) = _LENGTH.unpack(receive(_LENGTH.size))
    _check_header(length)
    header, lengths = _parse(receive(length))
    return Frame(header, tuple(receive(size) for size in lengths))


def _parse(header: bytes) -> tuple[dict[str, Any], list[int]]:
    try:
        parsed = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise FrameError("A frame's header is not JSON.") from error
    match parsed:
        case {"lengths": [*lengths], "body": dict(body)}:
            _check_lengths(lengths)
            return body, lengths
        case _:
            raise FrameError("A frame's header lacks its lengths or its body.")


def _check_header(length: int) -> None:
    if not 0 < length <= HEADER_LIMIT:
        raise FrameError(f"A frame's header of {length} bytes is not from 1 to {HEADER_LIMIT}.")


def _check_lengths(lengths: Sequence[object]) -> None:
    if len(lengths) > BLOBS_LIMIT:
        raise FrameError(f"A frame has {len(lengths)} blobs; at most {BLOBS_LIMIT} are read.")
    for length in lengths:
        if type(length) is not int or not 0 <= length <= BLOB_LIMIT:
            raise FrameError(f"A frame's blob of {length!r} bytes is not from 0 to {BLOB_LIMIT}.")
