"""The whole bot while its disk is full."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import Person
from tests.bot.chat.conftest import Open, is_painting, picture
from tests.bot.full_disk import FULL, ROOM, ROOM_AGAIN, Disk, MountedDisk, mounted_disk
from tests.bot.outages import told, until_said

LOVELY = "Lovely. Now send the picture whose style you like."
NO_ROOM = (
    "There is no room on my disk just now. I keep your picture in mind, "
    "and go on by myself as soon as there is."
)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[MountedDisk]:
    with mounted_disk(tmp_path / "small") as disk:
        yield disk


async def test_who_sends_pictures_is_told_and_painted_for_later(
    open_house: Open, disk: Disk, tmp_path: Path, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    house = await open_house(data_dir=disk.folder, database_url=ledger)
    house.engine.may_finish.set()
    await disk.fill()
    await ada.send_photo(picture(1))
    await ada.wait_for(lambda message: message.words == LOVELY)
    await ada.wait_for(lambda message: message.words == NO_ROOM)
    await ada.send_photo(picture(2))
    await house.order()
    await house.idle()
    await disk.empty()
    await ada.wait_for(is_painting)
    assert sorted(house.said()) == [LOVELY, NO_ROOM]
    told(caplog, FULL, ROOM_AGAIN)


async def test_a_style_of_the_gallery_that_finds_no_room_is_a_kind_word(
    open_house: Open, disk: Disk, tmp_path: Path, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    house = await open_house(data_dir=disk.folder, database_url=ledger)
    await ada.send_photo(picture(1))
    await ada.wait_for(lambda message: message.words == LOVELY)
    await house.idle()
    await disk.fill()
    await ada.send_text("batik")
    await ada.wait_for(
        lambda message: (
            message.words == "There is no room on my disk just now. Please try again later."
        )
    )
    told(caplog, FULL)


async def test_a_ledger_on_the_full_disk_is_waited_for_too(
    open_house: Open, mounted: MountedDisk, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    house = await open_house(data_dir=mounted.folder)
    house.engine.may_finish.set()
    await mounted.fill()
    for number in range(3):
        for seed in range(2):
            await ada.send_photo(picture(seed + number))
    await until_said(caplog, "The ledger is out of reach")
    await mounted.empty()
    async with asyncio.timeout(60):
        for number in range(1, 4):
            await house.order(number)
        while sum(map(is_painting, ada.from_bot())) < 3:  # noqa: ASYNC110 (wakes nobody)
            await asyncio.sleep(0.05)
    await house.idle()
    assert not [record for record in caplog.records if record.exc_info], caplog.text


async def test_of_a_disk_that_is_nearly_full_the_rest_is_kept_for_paintings(
    open_house: Open,
    mounted: MountedDisk,
    tmp_path: Path,
    ada: Person,
    bob: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ledger = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    house = await open_house(data_dir=mounted.folder, database_url=ledger)
    await ada.send_album([picture(1), picture(2)])
    await house.engine.began.wait()
    await mounted.fill(but=ROOM // 40)
    for person in (ada, bob, ada):
        await person.send_photo(picture(3))
    for person in (ada, bob):
        await person.wait_for(lambda message: message.words == NO_ROOM)
    house.engine.may_finish.set()
    await ada.wait_for(is_painting)
    await house.idle()
    assert house.said().count(NO_ROOM) == 2
    told(caplog, FULL)
    assert "what little is left is kept for paintings" in caplog.text
    await mounted.empty()
    await bob.send_photo(picture(4))
    await bob.wait_for(is_painting)
    told(caplog, FULL, ROOM_AGAIN)
