"""`python -m bot.studio.pictures.decoder_child PARENT`: decodes pictures from strangers.

Only `Decoder` starts it. It answers on standard output what it is asked on standard input, one
frame each (`bot.engines.frames`), and ends when that is closed. Since a picture may take over
whoever decodes it, it is given no secrets, and gives up what decoding does without.
"""

import ctypes
import gc
import os
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, ImageOps

import core
from bot.engines import child_setup, frames
from bot.engines.frames import Frame

MEMORY: Final = 1_500_000_000
"""Bytes of address space above what it has at rest: what `core.open_image` promises to do with,
the file twice, and room to spare."""

OPEN_FILES: Final = 16

_MEGAPIXELS: Final = 50
"""What to offer to whose picture takes too much memory."""

_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000


def main() -> None:
    """Answer until the bot hangs up."""
    network = leave_network()
    # After that, which would undo it.
    child_setup.die_with_parent(int(sys.argv[1]))
    child_setup.leave_signals_to_the_parent()
    _go_first_when_memory_is_short()
    with os.fdopen(os.dup(1), "wb") as answers:
        # What a library prints is neither an answer nor worth a pipe that nobody empties.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for output in (1, 2):
            os.dup2(nowhere, output)
        limit()
        _send(answers, Frame({"network": network}))
        _serve(answers)


def leave_network() -> str:
    """Move to a network, and among users, of its own, where the system allows it.

    Returns:
        How that went.
    """
    if sys.platform != "linux":
        return "shared, as it is on this system"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return f"shared ({os.strerror(ctypes.get_errno())})"
    return "none"


def limit() -> None:
    """Take no more memory and files than decoding needs."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def _go_first_when_memory_is_short() -> None:
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _serve(answers: BinaryIO) -> None:
    while True:
        try:
            request = frames.read_blocking(_exactly)
        except EOFError:
            return
        try:
            answer = _answer(request.header, request.blobs[0])
        except core.ImageError as error:
            answer = _refusal(error)
        except MemoryError:
            answer = _refusal(core.ImageTooLargeError(0, 0, _MEGAPIXELS))
        _send(answers, answer)
        del request, answer
        gc.collect()


def _answer(wish: dict[str, Any], data: bytes) -> Frame:
    image = core.open_image(data)
    if wish["do"] == "size":
        return Frame({"size": image.size})
    tile = ImageOps.fit(image, tuple(wish["size"]), Image.Resampling.LANCZOS)
    return Frame({}, (tile.tobytes(),))


def _refusal(error: core.ImageError) -> Frame:
    return Frame({"refused": type(error).__name__, "facts": vars(error)})


def _exactly(count: int) -> bytes:
    data = sys.stdin.buffer.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _send(answers: BinaryIO, frame: Frame) -> None:
    answers.write(frames.encode(frame))
    answers.flush()


if __name__ == "__main__":
    main()
