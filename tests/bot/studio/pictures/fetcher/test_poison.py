"""Pictures over which the decoder dies."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select
from telegram import Bot

from bot.sandbox import Person
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Picture, PictureState
from bot.studio.ledger.tables import pictures
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.telegram.downloads import Downloads
from tests.bot.studio.fetching import (
    Maker,
    announced,
    at_work,
    fetch,
    refusal_of,
    until_settled,
    waited_for,
)
from tests.bot.studio.pictures import faulty_decoder
from tests.bot.studio.pictures.faulty_decoder import POISON


@pytest.fixture
async def poison(ledger: Ledger, ada: Person, picture: Maker) -> Picture:
    data = picture(64, 48, "PNG") + POISON
    return await waited_for(ledger, await ada.send_document(data, "poison.png", "image/png"))


@asynccontextmanager
async def decoding(mode: str) -> AsyncIterator[Decoder]:
    decoder = Decoder((sys.executable, faulty_decoder.__file__, mode))
    try:
        yield decoder
    finally:
        await decoder.close()


async def decodings(ledger: Ledger, picture: Picture) -> int:
    async with ledger.begin() as transaction:
        [row] = await transaction._read(select(pictures).where(pictures.c.id == picture.id))
    return int(row.decodings)


async def until_begun(ledger: Ledger, picture: Picture, times: int) -> None:
    with ledger.changed.subscribe() as changes:
        while await decodings(ledger, picture) < times:
            assert await changes.wait(20)


async def test_a_picture_that_kills_the_decoder_twice_is_refused_and_the_others_are_fine(
    bot: Bot,
    ledger: Ledger,
    files: Files,
    ada: Person,
    poison: Picture,
    picture: Maker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    others = [await announced(ledger, await ada.send_photo(picture(seed=n))) for n in range(3)]
    async with (
        decoding("abort") as decoder,
        at_work(Fetcher(Downloads(bot), ledger, files, decoder)),
    ):
        assert (await until_settled(ledger, poison)).state is PictureState.REFUSED
        for other in others:
            assert (await until_settled(ledger, other)).state is PictureState.READY
    assert (await refusal_of(ledger, poison)).name == "DecoderDied"
    assert caplog.text.count(f"picture {poison.id}: the decoder died over it") == 2


async def test_a_picture_that_the_bot_did_not_outlive_twice_is_not_tried_again(
    bot: Bot,
    ledger: Ledger,
    files: Files,
    decoder: Decoder,
    poison: Picture,
) -> None:
    for life in (1, 2):
        async with (
            decoding("hang") as stuck,
            at_work(Fetcher(Downloads(bot), ledger, files, stuck)),
        ):
            await until_begun(ledger, poison, life)
    refused = await fetch(Fetcher(Downloads(bot), ledger, files, decoder), ledger, poison)
    assert refused.state is PictureState.REFUSED
    assert (await refusal_of(ledger, poison)).name == "DecoderDied"


async def test_a_decoder_that_does_not_start_is_not_held_against_the_picture(
    bot: Bot, ledger: Ledger, files: Files, decoder: Decoder, poison: Picture
) -> None:
    broken = Decoder(("/nowhere/python",))
    for _ in range(3):
        fetcher = Fetcher(Downloads(bot), ledger, files, broken)
        with pytest.raises(Exception, match="No such file"):
            await fetcher._settle(poison)
    assert await decodings(ledger, poison) == 0
    ready = await fetch(Fetcher(Downloads(bot), ledger, files, decoder), ledger, poison)
    assert ready.state is PictureState.READY
