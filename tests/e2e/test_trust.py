"""Settings, retention and forgetting with the running bot."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.sandbox import Message, Sandbox
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, QUICK, painting
from tests.e2e.running import running, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _has(word: str, message: Message) -> bool:
    return any(button.data.startswith(f"{word}:") for button in message.buttons)


async def test_wishes_are_heard_and_pictures_do_not_outlive_their_time(
    folder: Path,
) -> None:
    async with Sandbox() as sandbox, running(sandbox, folder, **QUICK, RETENTION_DAYS="0") as bot:
        images = bot.data_dir / "images"
        ada = sandbox.person("Ada")
        await ada.send_text("/settings")
        settings = await ada.wait_for(lambda message: _has("set", message), timeout=PATIENCE)
        for button in ("Size: as usual", "128", "Done"):
            assert not (await ada.press(settings, button, timeout=PATIENCE)).alert

        await ada.send_album([pictures.photo(), pictures.style()])
        brought = await painting(ada)
        assert Image.open(io.BytesIO(brought.data)).size == (128, 96)
        await until(lambda: not list(images.glob("??/*")))
        gone = await ada.press(brought, brought.buttons[0].data, timeout=PATIENCE)
        assert gone.alert

        await ada.send_text("/privacy")
        await ada.wait_for(lambda message: "as soon as" in message.words, timeout=PATIENCE)
        await ada.send_photo(pictures.photo())
        # A file that is still being written has another ending.
        await until(lambda: len(list(images.glob("??/*.jpg"))) == 1)
        await ada.send_text("/forget")
        question = await ada.wait_for(lambda message: _has("forget", message), timeout=PATIENCE)
        await ada.press(question, "Yes, forget", timeout=PATIENCE)
        assert ada.chat.messages[question.message_id].words.startswith("Forgotten")
        assert not list(images.glob("??/*"))
        assert await bot.terminate() == 0
