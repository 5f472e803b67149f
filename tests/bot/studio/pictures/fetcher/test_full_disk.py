"""Pictures that come while the disk is full."""

import pytest
from telegram import Bot

from bot.sandbox import Person
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import DeliveryKind, Draft, PictureState
from bot.studio.ledger.repository import utc_now
from bot.studio.pictures import fetcher as module
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.telegram.downloads import Downloads
from tests.bot.full_disk import FULL, ROOM_AGAIN, Disk
from tests.bot.outages import told
from tests.bot.studio.fetching import Maker, announced, at_work, known, until_settled


async def test_pictures_wait_for_room_and_each_person_is_told_once(
    bot: Bot,
    ledger: Ledger,
    decoder: Decoder,
    disk: Disk,
    ada: Person,
    bob: Person,
    picture: Maker,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LOOK_INTERVAL", 0.05)
    await disk.fill()
    pictures = []
    for person, number in ((ada, 4), (bob, 3)):
        sent = [
            await announced(ledger, await person.send_photo(picture(seed=seed)))
            for seed in range(number)
        ]
        async with ledger.begin() as transaction:
            place = sent[0].place
            draft = Draft(place=place, user_id=person.id, content=sent[0], styles=(*sent[1:],))
            await transaction.save_draft(draft)
        pictures += sent
    async with at_work(Fetcher(Downloads(bot), ledger, Files(disk.folder), decoder)):
        with ledger.changed.subscribe() as changes:
            while len(await news(ledger)) < 2:
                assert await changes.wait(20)
        for one in pictures:
            assert (await known(ledger, one)).state is PictureState.PENDING
        await disk.empty()
        for one in pictures:
            assert (await until_settled(ledger, one)).state is PictureState.READY
    assert sorted(await news(ledger)) == [
        (ada.id, DeliveryKind.DISK_FULL),
        (bob.id, DeliveryKind.DISK_FULL),
    ]
    told(caplog, FULL, ROOM_AGAIN)


async def news(ledger: Ledger) -> list[tuple[int, DeliveryKind]]:
    """Who is to be told what."""
    async with ledger.begin() as transaction:
        deliveries = await transaction.due_deliveries(utc_now())
    return [(told.notice.user_id, told.kind) for told in deliveries if told.notice is not None]
