"""A dispatcher that runs, for its tests."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from bot.studio.dispatch.dispatcher import Dispatcher
from bot.studio.dispatch.progress import ProgressListener
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order, Wishes
from bot.studio.pictures.files import Files
from tests.bot.studio.scenes import queued_order
from tests.bot.studio.scripted import Listener, ScriptedEngine

HOST = Wishes(size=96, iterations=5)


class Studio:
    """A ledger, files and a dispatcher that runs."""

    def __init__(
        self,
        ledger: Ledger,
        files: Files,
        *engines: ScriptedEngine,
        listener: ProgressListener | None = None,
    ) -> None:
        self.ledger = ledger
        self.files = files
        self.listener = Listener()
        self.dispatcher = Dispatcher(
            ledger, files, engines, listener or self.listener, defaults=HOST, delays=(0.01,)
        )

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None, None]:
        running = asyncio.create_task(self.dispatcher.run())
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def order(self, user_id: int = 7, *, wishes: Wishes | None = None) -> Order:
        path = await self.files.write(b"picture of %d" % user_id, ".jpg")
        async with self.ledger.begin() as transaction:
            return await queued_order(transaction, user_id, path=path, wishes=wishes or Wishes())

    async def cancel(self, order: Order) -> Order | None:
        """Cancel it as the chat does."""
        async with self.ledger.begin() as transaction:
            return await transaction.cancel(order.id)

    async def known(self, order: Order) -> Order:
        async with self.ledger.begin() as transaction:
            known = await transaction.order(order.id)
        assert known is not None
        return known

    async def until(self, order: Order, condition: Callable[[Order], bool]) -> Order:
        """The order as soon as the condition holds."""
        with self.ledger.changed.subscribe() as changes:
            async with asyncio.timeout(30):
                while not condition(known := await self.known(order)):
                    await changes.wait()
        return known

    async def settled(self, order: Order) -> Order:
        return await self.until(order, lambda known: known.state.final)


def images(files: Files) -> set[str]:
    """The paths of all images on the disk."""
    root = files.data_dir
    return {path.relative_to(root).as_posix() for path in (root / "images").glob("??/*")}
