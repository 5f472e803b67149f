"""The bot is killed or asked to stop in mid-run: nothing is lost, nothing comes twice."""

import pytest

from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, Stage, card_goes, is_running, painting, paintings
from tests.e2e.running import alive, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_kill_in_mid_run_loses_nothing_and_doubles_nothing(medium_real: Stage) -> None:
    bot = medium_real.bot
    ada, bob = medium_real.person(), medium_real.person("Bob")
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
    gone = await card_goes(ada)
    await painting(bob)
    await card_goes(bob)
    assert gone.message_id == shown.message_id
    assert len(paintings(ada)) == 1
    assert len(paintings(bob)) == 1
    assert len(ada.from_bot()) == 1


async def test_sigterm_ends_the_bot_in_time_and_the_next_start_goes_on(medium: Stage) -> None:
    bot = medium.bot
    ada = medium.person()
    await ada.send_album([pictures.photo(), pictures.style()])
    shown = await ada.wait_for(is_running, timeout=PATIENCE)
    children = bot.children()

    assert await bot.terminate() == 0

    assert not any(alive(pid) for pid in children)
    now = ada.chat.messages[shown.message_id]
    assert "restart" in now.words.lower()
    await bot.start()
    await painting(ada)
    await card_goes(ada)
    assert len(paintings(ada)) == 1
