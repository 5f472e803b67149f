"""Styles with the running bot: the host's own, one of a person's, and a kill between."""

from pathlib import Path

import pytest

from bot.sandbox import Message, Sandbox
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, QUICK, painting
from tests.e2e.running import running

pytestmark = pytest.mark.asyncio(loop_scope="session")


def is_gallery(message: Message) -> bool:
    return message.photo is not None and "pick:" in str(message.buttons)


def is_painting(message: Message) -> bool:
    return message.photo is not None and "file:" in str(message.buttons)


async def test_chosen_and_saved_styles_outlive_a_kill(folder: Path) -> None:
    styles = folder / "styles"
    styles.mkdir()
    (styles / "Quilt.jpg").write_bytes(pictures.style())
    async with (
        Sandbox() as sandbox,
        running(sandbox, folder, **QUICK, STYLES_DIR=str(styles)) as bot,
    ):
        ada = sandbox.person("Ada")
        room = sandbox.group("Friends", ada)
        await ada.send_photo(pictures.style(), "/save Lily")
        await ada.wait_for(lambda message: "Saved as “Lily”" in message.words, timeout=PATIENCE)
        await ada.send_text("/styles")
        gallery = await ada.wait_for(is_gallery, timeout=PATIENCE)
        assert [button.text for button in gallery.buttons if "pick:" in button.data] == ["1  Lily"]
        await ada.press_data(gallery, "leaf:99:0", timeout=PATIENCE)
        await ada.press(gallery, "6  Quilt", timeout=PATIENCE)
        await ada.wait_for(
            lambda message: message.words.startswith("A fine style."), timeout=PATIENCE
        )
        await bot.kill()
        (styles / "Quilt.jpg").unlink()
        await bot.start()

        since = ada.mark()
        photo = await ada.send_photo(pictures.photo())
        assert (await painting(ada, since)).reply_to == photo.message_id

        call = await ada.send_photo(pictures.photo(), "/stylize@atelier_bot lily", chat=room)
        painted = await ada.wait_for(is_painting, chat=room, timeout=PATIENCE)
        assert painted.reply_to == call.message_id
