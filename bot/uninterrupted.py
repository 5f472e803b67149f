"""Doing a short piece of work to its end, even when the task that wants it is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Do `work` to its end even when cancelled meanwhile; only then be cancelled.

    A database driver that is interrupted in mid-statement goes on in its own thread or on the
    server, and may leave a transaction open that nobody knows of: the next one then waits for
    its lock until a timeout.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        # A caller that tries again after an error must not miss that it is to end.
        raise cancelled from task.exception()
    return task.result()
