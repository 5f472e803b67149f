"""`python -m tests.bot.studio.endless_work`: a studio at work, to be killed at any moment.

Arguments: the ledger's URL, the data directory, and a number from which the work goes on. What is
committed is said on standard output, a JSON line each, after the commit.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Arrival, Draft, NewOrder, PictureKind
from bot.studio.pictures.files import Files
from bot.telegram.place import Place

PLACE = Place(chat_id=42)


def image(number: int) -> bytes:
    """The bytes of a picture, told by its number; a few blocks long, so that half of it shows."""
    return number.to_bytes(8, "big") * 4096


async def work(ledger: Ledger, files: Files, first: int, say: Callable[..., None]) -> None:
    """Receive, draft, order and paint, again and again."""
    async with ledger.begin() as transaction:
        await transaction.requeue_running()
    for number in count(first):
        source = f"42:{number}"
        async with ledger.begin() as transaction:
            assert await transaction.keep_update(number, source)
        say(update=number)
        pictures = []
        for message_id in (2 * number, 2 * number + 1):
            arrival = Arrival(
                place=PLACE,
                message_id=message_id,
                user_id=number % 3,
                kind=PictureKind.PHOTO,
                file_id=str(message_id),
                file_unique_id=str(message_id),
            )
            async with ledger.begin() as transaction:
                picture = await transaction.add_picture(arrival)
                assert picture is not None
                draft = Draft(place=Place(chat_id=number), user_id=1, content=picture)
                await transaction.save_draft(draft)
            say(draft=number, content=message_id)
            pictures.append(picture)
        async with ledger.begin() as transaction:
            await transaction.clear_draft(Place(chat_id=number), 1)
            order = await transaction.place_order(
                NewOrder(
                    place=PLACE,
                    user_id=number % 3,
                    source=source,
                    reply_to=1,
                    content=pictures[0],
                    styles=(pictures[1],),
                ),
                limit=10_000,
            )
            await transaction.update_handled(number)
        say(order=order.id, source=source)
        for picture in pictures:
            path = await files.write(image(picture.message_id), ".jpg")
            async with ledger.begin() as transaction:
                await transaction.picture_ready(picture.id, path=path, width=1, height=1)
            say(ready=picture.id)
        async with ledger.begin() as transaction:
            running = await transaction.claim_next()
            assert running is not None
        path = await files.write(image(running.id), ".png")
        async with ledger.begin() as transaction:
            assert await transaction.finish(running.id, running.epoch, painting=path)
        say(painting=running.id)


async def main(url: str, data_dir: str, first: str) -> None:
    """Live until killed."""

    def say(**fact: object) -> None:
        sys.stdout.write(json.dumps(fact) + "\n")
        sys.stdout.flush()

    await work(await Ledger.open(url), Files(Path(data_dir)), int(first), say)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
