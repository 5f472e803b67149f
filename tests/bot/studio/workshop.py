"""A courier at work in the sandbox; the tests play the chat and the engine by hand."""

import asyncio
from collections.abc import Callable

from sqlalchemy import select
from telegram import Bot

from bot.engines.protocol import Note, Progress
from bot.sandbox import Group, Person
from bot.studio.courier.courier import Courier
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Arrival, DeliveryState, NewOrder, Order, Picture, PictureKind
from bot.studio.ledger.tables import deliveries
from bot.studio.pictures.files import Files
from bot.telegram.client import Client
from bot.telegram.place import Place
from bot.words import Library

TICK = 0.05
"""Seconds between two edits here; the true intervals are tested where time is made up."""


class Workshop:
    """Orders as the chat writes them, progress as an engine reports it, and a real courier."""

    def __init__(
        self, bot: Bot, ledger: Ledger, files: Files, picture: Callable[..., bytes]
    ) -> None:
        self.bot = bot
        self.ledger = ledger
        self.files = files
        self.picture = picture
        self.courier = self.new_courier()
        self._task: asyncio.Task[None] | None = None

    def new_courier(self) -> Courier:
        return Courier(
            Client(self.bot),
            self.ledger,
            self.files,
            Library(),
            private_interval=TICK,
            group_interval=TICK,
        )

    def open(self) -> None:
        self._task = asyncio.create_task(self.courier.run())

    async def kill(self) -> None:
        """End the courier as a kill of the process would: no farewell."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self.courier._outbox.stop(0)
            self._task = None

    async def restart(self) -> None:
        """Kill the courier and start another one on the same ledger."""
        await self.kill()
        async with self.ledger.begin() as transaction:
            await transaction.requeue_running()
        self.courier = self.new_courier()
        self.open()

    async def add_picture(self, place: Place, person: Person, message_id: int) -> Picture:
        async with self.ledger.begin() as transaction:
            added = await transaction.add_picture(
                Arrival(
                    place=place,
                    message_id=message_id,
                    user_id=person.id,
                    kind=PictureKind.PHOTO,
                    file_id=f"file-{message_id}",
                    file_unique_id=f"unique-{message_id}",
                )
            )
        assert added is not None
        return added

    async def place_order(
        self,
        person: Person,
        *,
        room: Group | None = None,
        thread: int | None = None,
        language: str = "en",
    ) -> Order:
        """Two photos and an order, QUEUED, as the chat writes them."""
        chat_id = person.id if room is None else room.id
        place = Place(chat_id=chat_id, thread_id=thread, private=room is None)
        pictures = []
        for seed in range(2):
            message = await person.send_photo(self.picture(seed=seed), chat=room, thread=thread)
            pictures.append(await self.add_picture(place, person, message.message_id))
        path = await self.files.write(self.picture(), ".jpg")
        async with self.ledger.begin() as transaction:
            for one in pictures:
                await transaction.picture_ready(one.id, path=path, width=64, height=48)
            content, style = [await transaction.picture(one.id) for one in pictures]
            assert content is not None
            assert style is not None
            return await transaction.place_order(
                NewOrder(
                    place=place,
                    user_id=person.id,
                    source=f"{chat_id}:{style.message_id}",
                    reply_to=style.message_id,
                    content=content,
                    styles=(style,),
                    language=language,
                ),
                limit=5,
            )

    async def claim(self) -> Order:
        async with self.ledger.begin() as transaction:
            order = await transaction.claim_next()
        assert order is not None
        return order

    def progress(self, order: Order, iteration: int, *, preview: bool = False) -> None:
        self.courier.progressed(
            order,
            Progress(
                iteration=iteration,
                iterations=100,
                loss=1 - 0.009 * iteration,
                elapsed=float(iteration),
                remaining=100.0 - iteration,
                share=iteration / 100,
                preview=self.picture(96, 64, seed=iteration) if preview else None,
            ),
        )

    async def finish(
        self, order: Order, painting: bytes | None = None, *, note: Note | None = None
    ) -> None:
        path = await self.files.write(painting or self.picture(128, 96, seed=99), ".jpg")
        async with self.ledger.begin() as transaction:
            assert await transaction.finish(order.id, order.epoch, painting=path, note=note)

    async def fail(self, order: Order, failure: str) -> None:
        async with self.ledger.begin() as transaction:
            assert await transaction.fail(order.id, order.epoch, failure=failure)

    async def cancel(self, order: Order, *, asked_by: str | None = None) -> None:
        async with self.ledger.begin() as transaction:
            assert await transaction.cancel(order.id, asked_by=asked_by)

    async def order(self, order: Order) -> Order:
        async with self.ledger.begin() as transaction:
            found = await transaction.order(order.id)
        assert found is not None
        return found

    async def painted(self, person: Person, *, room: Group | None = None) -> Order:
        """An order with a card, run and finished."""
        order = await self.place_order(person, room=room)
        await person.wait_for(lambda message: bool(message.buttons), chat=room)
        running = await self.claim()
        self.progress(running, 50)
        await person.wait_for(lambda message: "50 %" in message.words, chat=room)
        await self.finish(running)
        return order

    async def until(self, condition: Callable[[Order], bool], order: Order) -> Order:
        """Wait until the ledger shows the order so."""
        with self.ledger.changed.subscribe() as changes:
            async with asyncio.timeout(20):
                while not condition(found := await self.order(order)):
                    await changes.wait(1.0)
        return found

    async def deliveries(self, order: Order) -> list[tuple[DeliveryState, int | None]]:
        """How far the order's deliveries are, and as which messages they arrived."""
        async with self.ledger.begin() as transaction:
            rows = await transaction._read(
                select(deliveries.c.state, deliveries.c.message_id).where(
                    deliveries.c.order_id == order.id
                )
            )
        return [(row.state, row.message_id) for row in rows]
