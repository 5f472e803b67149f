"""A studio for those on its list only, which keeps nothing: access, settings and forgetting."""

import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from PIL import Image

from bot.sandbox import Message, Person, Sandbox
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, QUICK, card, painting
from tests.e2e.running import RunningBot, running, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True)
class Club:
    """The bot, two people on its list, and one who is not."""

    bot: RunningBot
    ada: Person
    grace: Person
    mallory: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Club, None]:
    async with Sandbox() as sandbox:
        ada, grace, mallory = [sandbox.person(name) for name in ("Ada", "Grace", "Mallory")]
        settings = {
            **QUICK,
            "ALLOWED_USER_IDS": f"{ada.id},{grace.id}",
            "RETENTION_DAYS": "0",
        }
        async with running(sandbox, tmp_path_factory.mktemp("club"), **settings) as bot:
            yield Club(bot, ada, grace, mallory)


def _has(word: str, message: Message) -> bool:
    return any(button.data.startswith(f"{word}:") for button in message.buttons)


async def test_who_is_not_on_the_list_gets_one_polite_sentence(club: Club) -> None:
    ada, mallory = club.ada, club.mallory
    await mallory.send_photo(pictures.photo())
    said = await mallory.wait_for(timeout=PATIENCE)
    assert str(mallory.id) in said.words
    await mallory.send_text("/start")
    await mallory.send_album([pictures.photo(), pictures.style()])

    await ada.send_album([pictures.photo(), pictures.style()])
    shown = await card(ada)
    data = next(button.data for button in shown.buttons)
    answer = await mallory.press_data(shown, data)
    assert answer.alert

    await painting(ada)
    assert not any(message.photo for message in mallory.from_bot())


async def test_wishes_are_heard_and_pictures_do_not_outlive_their_time(club: Club) -> None:
    bot, grace = club.bot, club.grace
    images = bot.data_dir / "images"
    await grace.send_text("/settings")
    settings = await grace.wait_for(lambda message: _has("set", message), timeout=PATIENCE)
    for button in ("Size: as usual", "128", "Done"):
        assert not (await grace.press(settings, button, timeout=PATIENCE)).alert

    await grace.send_album([pictures.photo(), pictures.style()])
    brought = await painting(grace)
    assert Image.open(io.BytesIO(brought.data)).size == (128, 96)
    await until(lambda: not list(images.glob("??/*")))
    gone = await grace.press(brought, brought.buttons[0].data, timeout=PATIENCE)
    assert gone.alert

    await grace.send_text("/privacy")
    await grace.wait_for(lambda message: "as soon as" in message.words, timeout=PATIENCE)
    await grace.send_photo(pictures.photo())
    # A file that is still being written has another ending.
    await until(lambda: len(list(images.glob("??/*.jpg"))) == 1)
    await grace.send_text("/forget")
    question = await grace.wait_for(lambda message: _has("forget", message), timeout=PATIENCE)
    await grace.press(question, "Yes, forget", timeout=PATIENCE)
    assert grace.chat.messages[question.message_id].words.startswith("Forgotten")
    assert not list(images.glob("??/*"))
    assert await bot.terminate() == 0
