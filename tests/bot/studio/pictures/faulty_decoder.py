"""The decoder's real child, but for one picture: over that it fails as MODE says.

Usage: faulty_decoder.py MODE PARENT
"""

import errno
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

import core
from bot.engines import frames
from bot.engines.frames import Frame
from bot.studio.pictures import decoder_child

POISON = b"poison"
"""What the bytes of that picture end in; for the decoders it is none of their business."""

LIES = {
    "one side": Frame({"size": [10]}),
    "sides of text": Frame({"size": ["10", "10"]}),
    "sides below zero": Frame({"size": [10, -10]}),
    "a false side": Frame({"size": [10, True]}),
    "a side for giants": Frame({"size": [10, 2**40]}),
    "more than asked for": Frame({"size": [10, 10]}, (bytes(10_000_000),)),
    "nothing": Frame({}),
    "a strange refusal": Frame({"refused": "TokenPlease", "facts": {}}),
    "a refusal without facts": Frame({"refused": "ImageTooLargeError", "facts": {}}),
    "a refusal with other facts": Frame({"refused": "NotAnImageError", "facts": {"width": 1}}),
    "a refusal with text for a number": Frame(
        {"refused": "ImageTooSmallError", "facts": {"width": 1, "height": 1, "minimum": "%s"}}
    ),
    "a refusal with no number": Frame(
        {"refused": "ImageTooSmallError", "facts": {"width": 1, "height": 1, "minimum": None}}
    ),
    "a refusal that is long": Frame(
        {"refused": "UnsupportedImageError", "facts": {"format": "x" * 10_000}}
    ),
}


def open_image(source: bytes | str | Path) -> Image.Image:
    if isinstance(source, bytes) and source.endswith(POISON):
        misbehave()
    return really_open(source)


def misbehave() -> None:
    match MODE.split(":"):
        case ["abort"]:
            os.abort()
        case ["exit"]:
            os._exit(0)
        case ["hang"]:
            time.sleep(600)
        case ["greed"]:
            bytearray(2 * decoder_child.MEMORY)
        case ["garble"]:
            frames.encode = lambda frame: b"\xff" * (64 + len(frame.blobs))
        case ["environment"]:
            report(" ".join(name for name in os.environ if "TOKEN" in name or "SECRET" in name))
        case ["connect", port]:
            report(fault_of(lambda: socket.create_connection(("127.0.0.1", int(port)), timeout=5)))
        case ["write", folder]:
            report(fault_of(lambda: Path(folder, "written").write_bytes(b"anything")))
        case _:
            raise ValueError(MODE)


def fault_of(action: Any) -> str:  # noqa: ANN401
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "none"


def report(text: str) -> None:
    """To the test, by one of the few texts that the bot takes."""
    raise core.UnsupportedImageError(text)


def lie(wish: dict[str, Any], data: bytes) -> Frame:
    return LIES[MODE] if data.endswith(POISON) else really_answer(wish, data)


if __name__ == "__main__":
    MODE = sys.argv.pop(1)
    really_open, really_answer = core.open_image, decoder_child._answer
    if MODE in LIES:
        decoder_child._answer = lie
    else:
        core.open_image = open_image
    decoder_child.main()
