"""Ctrl-C that cannot get lost."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Interrupt:
    """Notes Ctrl-C as well as raising it.

    Python raises KeyboardInterrupt wherever the program happens to be. Within a finaliser or the
    callback of a weak reference, of which TensorFlow has many, it is printed and forgotten, and
    the work would go on for minutes. So whoever works asks `check` between two steps.
    """

    def __init__(self) -> None:
        self._asked = False

    def __enter__(self) -> Self:
        # Python lets only the main thread handle signals.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """Raise the interrupt that was asked for, if it got lost.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
        """
        if self._asked:
            raise KeyboardInterrupt

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked = True
        raise KeyboardInterrupt
