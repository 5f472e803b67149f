"""The engine is killed in mid-run: the order is tried again, and not for ever."""

from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.e2e import pictures
from tests.e2e.conftest import MEDIUM, PATIENCE, card_goes, is_running, painting, paintings
from tests.e2e.running import kill, running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_killed_engine_is_replaced_and_the_order_tried_again(folder: Path) -> None:
    async with Sandbox() as sandbox, running(sandbox, folder, **MEDIUM) as bot:
        ada = sandbox.person("Ada")
        await ada.send_album([pictures.photo(), pictures.style()])
        await ada.wait_for(is_running, timeout=PATIENCE)
        (child,) = bot.engines()

        kill(child)

        await painting(ada)
        await card_goes(ada)
        assert len(paintings(ada)) == 1
        assert bot.engines() != [child]


async def test_an_engine_killed_twice_over_one_order_ends_it_with_a_word(folder: Path) -> None:
    settings = {**MEDIUM, "ITERATIONS": "5000"}
    async with Sandbox() as sandbox, running(sandbox, folder, **settings) as bot:
        ada = sandbox.person("Ada")
        await ada.send_album([pictures.photo(), pictures.style()])
        for attempt in (1, 2):
            await bot.logs("Order 1 begins", times=attempt)
            since = ada.mark()
            await ada.wait_for(is_running, timeout=PATIENCE, since=since)
            kill(bot.engines()[0])
        said = await ada.wait_for(
            lambda message: message.edit_date is None and "too much" in message.words,
            timeout=PATIENCE,
        )
        assert not paintings(ada)
        assert "Traceback" not in said.words
