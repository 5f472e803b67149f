"""Second thoughts with the running bot: buttons outlive a kill, a file is what was painted."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.sandbox import Message, Person, Sandbox
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, QUICK, card_says, is_card, painting
from tests.e2e.running import running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _captioned(person: Person, words: str) -> Message:
    return await person.wait_for(
        lambda message: (
            message.photo is not None and message.words == words and not is_card(message)
        ),
        timeout=PATIENCE,
    )


async def test_buttons_outlive_a_kill_and_paint_from_the_same_pictures(folder: Path) -> None:
    async with Sandbox() as sandbox, running(sandbox, folder, **QUICK) as bot:
        ada = sandbox.person("Ada")
        await ada.send_album([pictures.photo(), pictures.style()])
        first = await painting(ada)
        await card_says(ada, "Finished")
        fetched = len(sandbox.calls("getFile"))
        await bot.kill()
        # Pressed while nobody listens, and twice.
        ada.tap(first, "Swap photo and style")
        ada.tap(first, "Swap photo and style")
        await bot.start()

        swapped = await _captioned(ada, "The other way round this time.")
        assert swapped.reply_to == first.message_id
        # The style's proportions, which is the photo now.
        assert Image.open(io.BytesIO(swapped.data)).size == (48, 64)

        answer = await ada.press(swapped, "Larger", timeout=PATIENCE)
        assert answer.text == "Coming up: larger."
        larger = await _captioned(ada, "Larger this time.")
        assert Image.open(io.BytesIO(larger.data)).size == (72, 96)

        await ada.press(larger, "File", timeout=PATIENCE)
        file = await ada.wait_for(lambda message: message.document is not None, timeout=PATIENCE)
        assert file.reply_to == larger.message_id
        kept = [path.read_bytes() for path in (bot.data_dir / "images").glob("*/*")]
        assert file.data in kept
        assert len(sandbox.calls("getFile")) == fetched
        assert len(sandbox.calls("sendPhoto")) == 3
