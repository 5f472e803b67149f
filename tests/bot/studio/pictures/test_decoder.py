"""The process that decodes strangers' pictures, and the bot when one has taken it over."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from bot.studio.ledger.model import Refusal
from bot.studio.pictures.decoder import (
    Decoder,
    DecoderDied,
    DecoderUnavailable,
    PictureRefused,
)
from tests.bot.studio.pictures import faulty_decoder
from tests.bot.studio.pictures.faulty_decoder import LIES, POISON

Maker = Callable[..., bytes]
_UNSHARE = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x5000_0000) != 0)"


@asynccontextmanager
async def decoding(mode: str | None = None, *, seconds: float = 30.0) -> AsyncIterator[Decoder]:
    """The real decoder; if a mode is given, one that fails so over what ends in `POISON`."""
    command = () if mode is None else ((sys.executable, faulty_decoder.__file__, mode),)
    decoder = Decoder(*command, seconds=seconds)
    try:
        yield decoder
    finally:
        await decoder.close()


async def size(decoder: Decoder, data: bytes) -> tuple[int, int]:
    async with decoder.turn() as child:
        return await child.size(data)


async def report(mode: str, data: bytes) -> object:
    """What the child says of its surroundings."""
    async with decoding(mode) as decoder:
        with pytest.raises(PictureRefused) as told:
            await size(decoder, data + POISON)
    return told.value.refusal.facts["format"]


async def test_one_child_decodes_what_comes(picture: Maker) -> None:
    async with decoding() as decoder:
        async with decoder.turn() as first:
            assert await first.size(picture(96, 64)) == (96, 64)
            with pytest.raises(PictureRefused) as told:
                await first.size(picture(2, 1, "PNG"))
            facts = {"width": 2, "height": 1, "minimum": 16}
            assert told.value.refusal == Refusal(name="ImageTooSmallError", facts=facts)
            with pytest.raises(PictureRefused, match="NotAnImageError"):
                await first.size(b"")
        async with decoder.turn() as second:
            assert await second.size(picture(30, 20, "WEBP")) == (30, 20)
        assert second is first


async def test_a_tile_is_cut_from_the_middle() -> None:
    image = Image.new("RGB", (300, 100), "red")
    image.paste("lime", (100, 0, 200, 100))
    data = io.BytesIO()
    image.save(data, "PNG")
    async with decoding() as decoder, decoder.turn() as child:
        tile = await child.tile(data.getvalue(), (40, 40))
        assert (tile.mode, tile.size) == ("RGB", (40, 40))
        assert tile.getpixel((20, 20)) == (0, 255, 0)
        with pytest.raises(PictureRefused):
            await child.tile(b"\0", (40, 40))


@pytest.mark.parametrize("mode", ["abort", "exit", "garble"])
async def test_a_picture_that_ends_the_child_costs_itself_alone(mode: str, picture: Maker) -> None:
    async with decoding(mode) as decoder:
        assert await size(decoder, picture()) == (64, 48)
        with pytest.raises(DecoderDied):
            await size(decoder, picture() + POISON)
        assert await size(decoder, picture()) == (64, 48)


async def test_a_picture_has_its_time(picture: Maker) -> None:
    async with decoding("hang", seconds=3.0) as decoder:
        with pytest.raises(DecoderDied, match="no answer in 3 s"):
            await size(decoder, picture() + POISON)
        assert await size(decoder, picture()) == (64, 48)


async def test_an_answer_that_nobody_waits_for_is_given_to_nobody(picture: Maker) -> None:
    async with decoding("hang") as decoder:
        async with decoder.turn() as child:
            asking = asyncio.create_task(child.size(picture() + POISON))
            await asyncio.sleep(0.1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert not child.alive
        assert await size(decoder, picture()) == (64, 48)


async def test_a_picture_that_takes_too_much_memory_is_too_large(picture: Maker) -> None:
    async with decoding("greed") as decoder, decoder.turn() as child:
        with pytest.raises(PictureRefused) as told:
            await child.size(picture() + POISON)
        assert told.value.refusal.name == "ImageTooLargeError"
        assert await child.size(picture()) == (64, 48)


@pytest.mark.parametrize("lie", LIES)
async def test_what_a_child_that_was_taken_over_says_is_not_believed(
    lie: str, picture: Maker
) -> None:
    async with decoding(lie) as decoder:
        async with decoder.turn() as child:
            with pytest.raises(DecoderDied, match="nonsense"):
                await child.size(picture() + POISON)
        async with decoder.turn() as child:
            with pytest.raises(DecoderDied, match="nonsense"):
                await child.tile(picture() + POISON, (8, 8))
        assert await size(decoder, picture()) == (64, 48)


async def test_the_child_knows_no_secrets(picture: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")
    monkeypatch.setenv("ANOTHER_SECRET", "hush")
    assert await report("environment", picture()) == ""


@pytest.fixture
def _own_networks() -> None:
    if subprocess.run([sys.executable, "-c", _UNSHARE], check=False).returncode:
        pytest.skip("this system gives nobody a network of their own")


@pytest.mark.usefixtures("_own_networks")
async def test_the_child_reaches_nobody(picture: Maker) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await report(f"connect:{port}", picture()) in {"ENETUNREACH", "ECONNREFUSED"}


async def test_the_child_writes_nothing(picture: Maker, tmp_path: Path) -> None:
    assert await report(f"write:{tmp_path}", picture()) == "EFBIG"


async def test_a_child_that_died_between_two_pictures_is_replaced(picture: Maker) -> None:
    async with decoding() as decoder:
        async with decoder.turn() as child:
            os.kill(child._process.pid, signal.SIGKILL)
            await child._process.wait()
        assert await size(decoder, picture()) == (64, 48)


async def test_the_child_ends_when_the_bot_hangs_up() -> None:
    async with decoding() as decoder, decoder.turn() as child:
        child._stdin.close()
        assert await child._process.wait() == 0


async def test_a_child_that_does_not_start_is_no_picture_s_fault() -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no luck today')")
    with pytest.raises(DecoderUnavailable, match="no luck today"):
        async with Decoder(command).turn():
            pass
    with pytest.raises(DecoderUnavailable, match="No such file"):
        async with Decoder(("/nowhere/python",)).turn():
            pass
