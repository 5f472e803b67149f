"""One child process, from its start to its end, as the bot sees it."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import bot
from bot.engines import frames
from bot.engines.messages import Message, Stepped, from_frame, to_frame
from bot.settings import TOKEN_SHAPE

log = logging.getLogger(__name__)

_SECRETS: Final = frozenset({"TELEGRAM_BOT_TOKEN", "DATABASE_URL"})
_LOG_LINE: Final = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) (\S+): (.*)", re.DOTALL)
_LINE_LIMIT: Final = 4096
"""Bytes of a line of output; the rest is cut into further lines."""
_LAST_WORDS: Final = 12
"""Lines of output that are told when a child ends unexpectedly."""
_BURIAL_SECONDS: Final = 2.0
"""How long a child whose channel is closed may take to end by itself."""


class ChildGone(Exception):
    """The child has ended, or has become of no use and was ended."""


class ChildProcess:
    """A running child and the channel to it. Made by `spawn`; ended by `end` or `kill`."""

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._name = name
        self._process = process
        self._reader = reader
        self._writer = writer
        self._inbox: deque[Message] = deque()
        self._news = asyncio.Event()
        self._gone: str | None = None
        self._expected = False
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._output = asyncio.create_task(self._forward_output(), name=f"output of {name}")
        self._listening = asyncio.create_task(self._listen(), name=f"channel from {name}")

    @classmethod
    async def spawn(cls, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Self:
        """Start a fresh interpreter.

        Args:
            name: for logs.
            command: program and arguments; the channel's `--fd` and `--parent` are appended.
            environment: what is added to this process's own, from which secrets are left out.

        Raises:
            WorkerGone: the program cannot be started.
        """
        ours, theirs = socket.socketpair()
        process: asyncio.subprocess.Process | None = None
        with theirs:
            reader, writer = await asyncio.open_unix_connection(sock=ours)
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    f"--fd={theirs.fileno()}",
                    f"--parent={os.getpid()}",
                    pass_fds=[theirs.fileno()],
                    env=child_environment(os.environ, environment),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                )
            except OSError as error:
                raise ChildGone(f"could not be started ({error.strerror})") from error
            finally:
                if process is None:
                    writer.close()
        return cls(name, process, reader, writer)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child can still be talked to."""
        return self._gone is None

    async def send(self, message: Message) -> None:
        """Send a message; waits while the child does not read.

        Raises:
            WorkerGone: the child has ended.
        """
        try:
            self._writer.write(frames.encode(to_frame(message)))
            await self._writer.drain()
        except OSError:
            await self._listening
        if self._gone is not None:
            raise ChildGone(self._gone)

    async def receive(self) -> Message:
        """Wait for the next message; of steps that nobody took in time only the newest comes.

        Raises:
            WorkerGone: the child has ended, and everything it said has been received.
        """
        while not self._inbox:
            if self._gone is not None:
                raise ChildGone(self._gone)
            self._news.clear()
            await self._news.wait()
        return self._inbox.popleft()

    async def kill(self) -> None:
        """End the child at once, whatever it is doing."""
        self._expected = True
        self._strike()
        await asyncio.wait([self._listening])

    async def end(self) -> None:
        """Hang up, which ends a healthy child at once, and kill one that is not."""
        self._expected = True
        self._writer.close()
        await asyncio.wait([self._listening])

    def _strike(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _listen(self) -> None:
        fault = None
        try:
            while True:
                self._put(from_frame(await frames.read(self._reader)))
        except (asyncio.IncompleteReadError, OSError):
            pass  # it ended; how, is told by its exit status
        except frames.FrameError as error:
            fault = f"spoke nonsense ({error})"
            self._strike()
        try:
            async with asyncio.timeout(_BURIAL_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._strike()
            await self._process.wait()
        # Whoever the child started might hold its output open for ever.
        await asyncio.wait([self._output], timeout=1)
        self._output.cancel()
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        self._gone = fault or _describe_end(self._process.returncode)
        if not self._expected:
            words = "\n".join(self._last_words)
            log.error(
                "%s (process %d) %s. Its last words:\n%s", self._name, self.pid, self._gone, words
            )
        self._news.set()

    def _put(self, message: Message) -> None:
        before = self._inbox[-1] if self._inbox else None
        if isinstance(message, Stepped) and isinstance(before, Stepped):
            # A newer step replaces an older one, but must not take away what it brought.
            older, newer = before.progress, message.progress
            progress = replace(
                newer,
                preview=newer.preview or older.preview,
                checkpoint=newer.checkpoint or older.checkpoint,
            )
            message = replace(message, progress=progress)
            self._inbox.pop()
        self._inbox.append(message)
        self._news.set()

    async def _forward_output(self) -> None:
        output = self._process.stdout
        if output is None:
            raise RuntimeError("The child's output is not piped.")
        rest = b""
        while chunk := await output.read(_LINE_LIMIT):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LINE_LIMIT:
                lines.append(rest)
                rest = b""
            for line in lines:
                self._log_line(line)
        if rest:
            self._log_line(rest)

    def _log_line(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if not text:
            return
        self._last_words.append(text)
        if match := _LOG_LINE.fullmatch(text):
            level = logging.getLevelNamesMapping()[match[1]]
            logging.getLogger(match[2]).log(level, "%s: %s", self._name, match[3])
        else:
            log.debug("%s: %s", self._name, text)


def child_environment(own: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child: the bot's own without secrets, and what is added."""
    clean = {
        name: value
        for name, value in own.items()
        if name.upper() not in _SECRETS and not TOKEN_SHAPE.search(value)
    }
    # The child must find the same `bot` and `core`, wherever this process was started.
    root = str(Path(bot.__file__).parents[1])
    path = clean.get("PYTHONPATH")
    clean["PYTHONPATH"] = f"{root}{os.pathsep}{path}" if path else root
    clean["PYTHONUNBUFFERED"] = "1"
    return {**clean, **added}


def _describe_end(status: int | None) -> str:
    if status is None or status >= 0:
        return f"ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = ", perhaps for want of memory" if -status == signal.SIGKILL else ""
    return f"was killed by {name}{hint}"
