"""The child's end of the channel to the bot: blocking, on one socket."""

import os
import socket
import threading
from queue import SimpleQueue

from bot.engines import frames
from bot.engines.messages import Message, Stop, from_frame, to_frame
from bot.engines.protocol import Job, OfJob


class ChannelClosed(Exception):
    """The other end is closed: the bot has ended, however it ended."""


class ChildChannel:
    """Messages over a connected stream socket. Sending is safe from any thread."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def send(self, message: Message) -> None:
        """Send a message; blocks while the other end does not read.

        Raises:
            OSError: the other end is closed.
        """
        data = frames.encode(to_frame(message))
        with self._sending:
            self._connection.sendall(data)

    def receive(self) -> Message:
        """Wait for a message.

        Raises:
            HungUp: there will be none.
            FrameError: what came is no message.
        """
        return from_frame(frames.read_blocking(self._exactly))

    def _exactly(self, count: int) -> bytes:
        data = bytearray(count)
        view = memoryview(data)
        while view:
            try:
                received = self._connection.recv_into(view)
            except OSError as error:
                raise ChannelClosed from error
            if not received:
                raise ChannelClosed
            view = view[received:]
        return bytes(data)


class Control:
    """The thread that listens to the bot while the main thread computes.

    The main thread may be inside TensorFlow for seconds, so when the bot is gone this thread
    ends the whole process at once rather than asking for it.
    """

    def __init__(self, channel: ChildChannel) -> None:
        self._channel = channel
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._stops: set[tuple[int, int]] = set()

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._listen, name="control", daemon=True).start()

    def next_job(self) -> Job:
        """Wait for a job."""
        return self._jobs.get()

    def stopped(self, job: OfJob) -> bool:
        """Whether the bot wants that attempt stopped."""
        return (job.order_id, job.epoch) in self._stops

    def _listen(self) -> None:
        code = 70
        try:
            while True:
                match self._channel.receive():
                    case Job() as job:
                        # What was to be stopped before has ended, or this would not have come.
                        self._stops = set()
                        self._jobs.put(job)
                    case Stop() as stop:
                        self._stops = {*self._stops, (stop.order_id, stop.epoch)}
                    case other:
                        raise frames.FrameError(f"{type(other).__name__} is not for a child.")
        except ChannelClosed:
            code = 0
        finally:
            os._exit(code)
