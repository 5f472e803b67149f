"""A studio that is open to those on its list only."""

from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, QUICK, card, painting
from tests.e2e.running import running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_is_not_on_the_list_gets_one_polite_sentence(folder: Path) -> None:
    async with Sandbox() as sandbox:
        ada, mallory = sandbox.person("Ada"), sandbox.person("Mallory")
        settings = {**QUICK, "ALLOWED_USER_IDS": str(ada.id)}
        async with running(sandbox, folder, **settings):
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
