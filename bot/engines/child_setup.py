"""What ties an engine's child process to the bot that started it, and keeps it modest."""

import ctypes
import os
import signal
import sys
from typing import Final

NICENESS: Final = 5
"""The bot must answer within a second while TensorFlow keeps every core busy: on the processor
the scheduler then prefers the bot, and on an idle machine painting is no slower."""

_PR_SET_PDEATHSIG: Final = 1


def leave_signals_to_the_parent() -> None:
    """Ignore SIGINT and SIGTERM.

    Both reach the whole process group (Ctrl-C, a service manager's stop). The bot decides what
    becomes of the order in work, and the child ends when the bot closes the channel or dies.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; only Linux can.

    Strictly, when the thread that started it ends, which is the one that runs the event loop.

    Args:
        parent: process id of the parent, which may already be gone.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os._exit(0)


def give_way() -> None:
    """Lower this process's priority below the bot's."""
    os.nice(NICENESS)
