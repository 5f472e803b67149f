"""Pictures from strangers are decoded in a process of their own; this is the bot's side of it."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self

from PIL import Image

from bot.engines import frames
from bot.engines.child_process import child_environment
from bot.engines.frames import Frame, FrameError
from bot.studio.ledger.model import Refusal

COMMAND: Final = (sys.executable, "-m", "bot.studio.pictures.decoder_child")

SECONDS_PER_PICTURE: Final = 30.0
"""The largest that are opened were measured to take six on two busy cores."""

_SECONDS_TO_START: Final = 60.0
_SECONDS_TO_END: Final = 2.0
_LARGEST_SIDE: Final = 65_535
_LARGEST_NUMBER: Final = 2**64
_LONGEST_TEXT: Final = 100

_KEPT: Final = frozenset({"PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG"})
_ADDED: Final = {
    # Threads and their heaps count against the limit on memory, used or not.
    "MALLOC_ARENA_MAX": "2",
    # A process of one thread may leave the network.
    "OPENBLAS_NUM_THREADS": "1",
}

_FACTS: Final[Mapping[str, frozenset[str]]] = {
    "NotAnImageError": frozenset(),
    "UnsupportedImageError": frozenset({"format"}),
    "TruncatedImageError": frozenset(),
    "ImageTooLargeError": frozenset({"width", "height", "limit", "unit"}),
    "ImageTooSmallError": frozenset({"width", "height", "minimum"}),
    "AspectRatioError": frozenset({"width", "height", "limit"}),
}
"""What belongs to a refusal, by its name; these and no others are taken from the child."""

_TEXTS: Final = frozenset({"format", "unit"})

log = logging.getLogger(__name__)


class PictureRefused(Exception):
    """A picture cannot be used; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


class DecoderDied(Exception):
    """The child ended over a picture, took too long, or answered with nonsense; it was ended."""


class DecoderUnavailable(Exception):
    """The child cannot be started, whatever the picture."""


class DecoderChild:
    """A running child. Made by `start`; after `DecoderDied`, or once broken off, it has ended."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        seconds: float,
    ) -> None:
        self._process = process
        self._stdin = stdin
        self._stdout = stdout
        self._seconds = seconds
        self._ended = False

    @classmethod
    async def start(cls, command: Sequence[str], seconds: float) -> Self:
        """Start a fresh interpreter, and wait until it is ready.

        Args:
            command: program and arguments; this process's id is appended.
            seconds: how long it may take for a picture.

        Raises:
            DecoderUnavailable: it does not start.
        """
        kept = {name: value for name, value in os.environ.items() if name in _KEPT}
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                str(os.getpid()),
                env=child_environment(kept, _ADDED),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise DecoderUnavailable(error.strerror) from error
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The decoder's input and output are not piped.")
        child = cls(process, process.stdin, process.stdout, seconds)
        try:
            async with asyncio.timeout(_SECONDS_TO_START):
                hello = await frames.read(process.stdout, limit=0)
        except (OSError, asyncio.IncompleteReadError, FrameError) as error:
            raise DecoderUnavailable(f"it said: {(await child.end())[-500:]}") from error
        except BaseException:
            await child.end()
            raise
        log.debug("Process %d decodes pictures: %s", process.pid, hello.header)
        return child

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._ended and self._process.returncode is None

    async def size(self, data: bytes) -> tuple[int, int]:
        """Decode a whole picture.

        Returns:
            Width and height in pixels, upright.

        Raises:
            PictureRefused: it cannot be used.
            DecoderDied: the child did not survive it.
        """
        answer = await self._ask({"do": "size"}, data, limit=0)
        match answer.header:
            case {"size": [width, height]} if _is_side(width) and _is_side(height):
                return width, height
        raise await self._nonsense()

    async def tile(self, data: bytes, size: tuple[int, int]) -> Image.Image:
        """Decode a picture, and cut and scale it to a size.

        Its pixels come as they are: to decode what the child encoded would be to trust it.

        Raises:
            PictureRefused: it cannot be used.
            DecoderDied: the child did not survive it.
        """
        length = 3 * size[0] * size[1]
        answer = await self._ask({"do": "tile", "size": size}, data, limit=length)
        if [len(blob) for blob in answer.blobs] != [length]:
            raise await self._nonsense()
        return Image.frombytes("RGB", size, answer.blobs[0])

    async def end(self) -> str:
        """End the child at once: it has nothing to lose.

        Returns:
            What it said before it was ready.
        """
        self._ended = True
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._stdin.close()
        said = b""
        # Whoever the child started might hold its output open for ever.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_TO_END):
                _, said = await self._process.communicate()
        return said.decode(errors="replace").strip()

    async def _ask(self, header: dict[str, Any], data: bytes, *, limit: int) -> Frame:
        request = frames.encode(Frame(header, (data,)))
        try:
            async with asyncio.timeout(self._seconds):
                self._stdin.write(request)
                await self._stdin.drain()
                answer = await frames.read(self._stdout, limit=limit)
        except TimeoutError as error:
            await self.end()
            raise DecoderDied(f"no answer in {self._seconds:g} s") from error
        except FrameError as error:
            raise await self._nonsense() from error
        except (OSError, asyncio.IncompleteReadError) as error:
            await self.end()
            raise DecoderDied(f"it ended with {self._process.returncode}") from error
        except BaseException:
            # Its answer to a question that nobody asks any more must not pass for the next one's.
            await self.end()
            raise
        match answer.header:
            case {"refused": str(name), "facts": dict(facts)} if _is_refusal(name, facts):
                raise PictureRefused(Refusal(name=name, facts=facts))
        return answer

    async def _nonsense(self) -> DecoderDied:
        await self.end()
        return DecoderDied("it answered with nonsense")


class Decoder:
    """Keeps one child, which is started when it is first needed and replaced when it has ended.

    Args:
        command: the child's program.
        seconds: how long it may take for a picture.
    """

    def __init__(
        self, command: Sequence[str] = COMMAND, *, seconds: float = SECONDS_PER_PICTURE
    ) -> None:
        self._command = command
        self._seconds = seconds
        self._child: DecoderChild | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[DecoderChild, None]:
        """The child, ready, and for the time being nobody else's: a picture may need much memory.

        Raises:
            DecoderUnavailable: it does not start.
        """
        async with self._turn:
            if self._child is None or not self._child.alive:
                await self.close()
                self._child = await DecoderChild.start(self._command, self._seconds)
            yield self._child

    async def close(self) -> None:
        """End the child; it would be started again if it were needed."""
        if self._child is not None:
            await self._child.end()
            self._child = None


def _is_side(value: object) -> bool:
    return type(value) is int and 0 < value <= _LARGEST_SIDE


def _is_refusal(name: str, facts: Mapping[str, object]) -> bool:
    """Whether the child may say so, and the words for it can be found."""
    expected = _FACTS.get(name)
    return expected is not None and expected == facts.keys() and all(map(_is_fact, facts.items()))


def _is_fact(fact: tuple[str, object]) -> bool:
    name, value = fact
    match value:
        case str() | None:
            return name in _TEXTS and len(value or "") <= _LONGEST_TEXT
        case int() | float():
            return name not in _TEXTS and 0 <= value < _LARGEST_NUMBER
    return False
