"""kill -9 at any moment: what was committed is there, and nothing is there by half."""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Draft, NewOrder, OrderState
from bot.studio.ledger.tables import deliveries, orders, pictures
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from bot.telegram.place import Place
from tests.bot.studio.endless_work import image

ROUNDS = 5


async def _work_and_die(url: str, data: Path, first: int, chance: random.Random) -> list[Any]:
    """Let the work run for a while, kill it, and return what it said."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.studio.endless_work",
        url,
        str(data),
        str(first),
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    said = []
    for _ in range(chance.randint(5, 40)):
        line = await child.stdout.readline()
        assert line, "the child ended by itself"
        said.append(json.loads(line))
    await asyncio.sleep(chance.uniform(0, 0.02))
    child.kill()
    said += [json.loads(line) async for line in child.stdout if line.endswith(b"\n")]
    await child.wait()
    return said


class _Said:
    """All that the killed processes said they had committed."""

    def __init__(self) -> None:
        self.updates: set[int] = set()
        self.drafts: dict[int, int] = {}
        self.orders: dict[str, int] = {}
        self.ready: set[int] = set()
        self.paintings: set[int] = set()

    def add(self, fact: dict[str, Any]) -> None:
        match fact:
            case {"update": number}:
                self.updates.add(number)
            case {"draft": number, "content": message_id}:
                self.drafts[number] = message_id
            case {"order": order_id, "source": source}:
                self.orders[source] = order_id
            case {"ready": picture_id}:
                self.ready.add(picture_id)
            case {"painting": order_id}:
                self.paintings.add(order_id)
            case _:
                raise AssertionError(fact)


def _images(data: Path) -> set[str]:
    return {path.relative_to(data).as_posix() for path in data.glob("images/*/*")}


async def _check(transaction: Transaction, files: Files, said: _Said, data: Path) -> None:
    if transaction._connection.dialect.name == "sqlite":
        check = await transaction._connection.exec_driver_sql("PRAGMA integrity_check")
        assert check.scalar_one() == "ok"
    known = {row.source: row.id for row in await transaction._read(select(orders))}
    assert said.orders.items() <= known.items()
    # An update is waiting exactly as long as its order is not placed.
    waiting = {number for number, _ in await transaction.kept_updates()}
    assert waiting == {n for n in waiting | said.updates if f"42:{n}" not in known}
    for number, message_id in said.drafts.items():
        draft = await transaction.draft(Place(chat_id=number), 1)
        if f"42:{number}" in known:
            assert draft == Draft(place=Place(chat_id=number), user_id=1)
        else:
            assert draft.content is not None
            assert draft.content.message_id in {message_id, message_id + 1}
    for picture_id in said.ready:
        picture = await transaction.picture(picture_id)
        assert picture is not None
        assert picture.state == "ready"
    for order_id in known.values():
        order = await transaction.order(order_id)
        assert order is not None
        assert (order.painting is not None) == (order.state is OrderState.DONE)
        if order_id in said.paintings:
            assert order.state is OrderState.DONE
        if order.painting:
            assert await files.read(order.painting) == image(order_id)
    for row in await transaction._read(select(pictures).where(pictures.c.path.is_not(None))):
        assert await files.read(row.path) == image(row.message_id)
    told = await transaction._read(select(deliveries.c.order_id, func.count()).group_by("order_id"))
    done = await transaction._read(select(orders.c.id).where(orders.c.state == OrderState.DONE))
    assert {tuple(row) for row in told} == {(row.id, 1) for row in done}
    named = await transaction.named_files()
    await files.sweep(named, older_than=0)
    assert _images(data) == named


async def test_nothing_is_lost_and_nothing_is_half(ledger_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    files, said, chance = Files(data), _Said(), random.Random(20260)  # noqa: S311 - not a secret
    first = 1
    for _ in range(ROUNDS):
        for fact in await _work_and_die(ledger_url, data, first, chance):
            said.add(fact)
        ledger = await Ledger.open(ledger_url)
        async with ledger.begin() as transaction:
            await _check(transaction, files, said, data)
            # Telegram sends the last update once more; its order is not made twice.
            [source] = list(said.orders)[-1:]
            placed = await transaction.order(said.orders[source])
            assert placed is not None
            again = await transaction.place_order(
                NewOrder(
                    place=placed.place,
                    user_id=placed.user_id,
                    source=source,
                    reply_to=1,
                    content=placed.content,
                    styles=placed.styles,
                ),
                limit=1,
            )
            assert again.id == placed.id
            newest = await transaction.newest_update()
            assert newest is not None
            first = newest + 1
        await ledger.close()
    assert len(said.paintings) >= ROUNDS
