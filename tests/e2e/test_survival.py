"""The bot is killed, its engine is killed, it is asked to stop: nothing is lost, nothing twice."""

from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, QUICK, card, card_says, is_running, painting, paintings
from tests.e2e.running import alive, kill, running, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

MEDIUM = {"IMAGE_SIZE": "96", "ITERATIONS": "150"}
"""A painting that takes long enough to be interrupted."""


async def test_a_kill_in_mid_run_loses_nothing_and_doubles_nothing(folder: Path) -> None:
    async with Sandbox() as sandbox, running(sandbox, folder, **MEDIUM) as bot:
        ada, bob = sandbox.person("Ada"), sandbox.person("Bob")
        await ada.send_album([pictures.photo(), pictures.style()])
        await bob.send_photo(pictures.photo())
        await bob.wait_for(timeout=PATIENCE)
        shown = await ada.wait_for(is_running, timeout=PATIENCE)
        children = bot.children()
        assert children

        await bot.kill()
        await until(lambda: not any(alive(pid) for pid in children))
        # Sent while nobody listens.
        await bob.send_photo(pictures.style())
        await bot.start()

        await painting(ada)
        closed = await card_says(ada, "Finished")
        await painting(bob)
        await card_says(bob, "Finished")
        assert closed.message_id == shown.message_id
        assert len(paintings(ada)) == 1
        assert len(paintings(bob)) == 1
        assert len(ada.from_bot()) == 2


async def test_a_killed_engine_is_replaced_and_the_order_tried_again(folder: Path) -> None:
    async with Sandbox() as sandbox, running(sandbox, folder, **MEDIUM) as bot:
        ada = sandbox.person("Ada")
        await ada.send_album([pictures.photo(), pictures.style()])
        await ada.wait_for(is_running, timeout=PATIENCE)
        (child,) = bot.children()

        kill(child)

        await painting(ada)
        await card_says(ada, "Finished")
        assert len(paintings(ada)) == 1
        assert bot.children() != [child]


async def test_an_engine_killed_twice_over_one_order_ends_it_with_a_word(folder: Path) -> None:
    settings = {**MEDIUM, "ITERATIONS": "5000"}
    async with Sandbox() as sandbox, running(sandbox, folder, **settings) as bot:
        ada = sandbox.person("Ada")
        await ada.send_album([pictures.photo(), pictures.style()])
        for attempt in (1, 2):
            await bot.logs("Order 1 begins", times=attempt)
            since = ada.mark()
            await ada.wait_for(is_running, timeout=PATIENCE, since=since)
            kill(bot.children()[0])
        said = await ada.wait_for(
            lambda message: message.edit_date is None and "too much" in message.words,
            timeout=PATIENCE,
        )
        assert not paintings(ada)
        assert "Traceback" not in said.words


async def test_sigterm_ends_the_bot_in_time_and_the_next_start_goes_on(folder: Path) -> None:
    async with Sandbox() as sandbox, running(sandbox, folder, **MEDIUM) as bot:
        ada = sandbox.person("Ada")
        await ada.send_album([pictures.photo(), pictures.style()])
        shown = await ada.wait_for(is_running, timeout=PATIENCE)
        children = bot.children()

        assert await bot.terminate() == 0

        assert not any(alive(pid) for pid in children)
        now = next(one for one in ada.from_bot() if one.message_id == shown.message_id)
        assert "restart" in now.words.lower()
        await bot.start()
        await painting(ada)
        await card_says(ada, "Finished")
        assert len(paintings(ada)) == 1


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
