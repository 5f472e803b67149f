"""What a busy Telegram and a bad line do to a conversation with the running bot."""

import pytest

from bot.sandbox import faults
from tests.e2e import pictures
from tests.e2e.conftest import (
    PATIENCE,
    Stage,
    card,
    card_goes,
    is_closed,
    painting,
    paintings,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def _no_faults_left(quick: Stage) -> None:
    quick.sandbox.faults.clear()


async def test_a_storm_of_429_on_edits_does_not_delay_the_painting(quick: Stage) -> None:
    ada = quick.person()
    quick.sandbox.faults.add("editMessage*", faults.retry_after(3600), times=None, chat=ada.id)
    await ada.send_album([pictures.photo(), pictures.style()])
    await painting(ada)
    assert len(paintings(ada)) == 1


async def test_429_on_the_painting_delays_it_and_no_more(quick: Stage) -> None:
    ada = quick.person()
    since = len(quick.sandbox.log)
    quick.sandbox.faults.add("sendPhoto", faults.retry_after(1), times=3, chat=ada.id)
    await ada.send_album([pictures.photo(), pictures.style()])
    await painting(ada)
    await card_goes(ada)
    assert len(paintings(ada)) == 1
    refused = [call for call in quick.sandbox.calls("sendPhoto", since=since) if not call.ok]
    assert len(refused) == 3


async def test_a_lost_answer_brings_no_second_painting(quick: Stage) -> None:
    ada = quick.person()
    since = len(quick.sandbox.log)
    quick.sandbox.faults.add("sendPhoto", faults.lost_response(), chat=ada.id)
    await ada.send_album([pictures.photo(), pictures.style()])
    await painting(ada)
    # Whether the painting arrived was unknown, so that the card carries it, too.
    await ada.wait_for(
        lambda message: is_closed(message) and "to be sure" in message.words,
        timeout=PATIENCE,
    )
    assert sum(message.photo is not None for message in ada.from_bot()) == 2
    assert len(quick.sandbox.calls("sendPhoto", since=since)) == 1


async def test_a_lost_request_loses_no_painting(quick: Stage) -> None:
    ada = quick.person()
    quick.sandbox.faults.add("sendPhoto", faults.lost_request(), chat=ada.id)
    await ada.send_album([pictures.photo(), pictures.style()])
    closed = await ada.wait_for(
        lambda message: is_closed(message) and "to be sure" in message.words, timeout=PATIENCE
    )
    assert closed.photo is not None


async def test_an_unchanged_card_is_no_fault(quick: Stage) -> None:
    ada = quick.person()
    quick.sandbox.faults.add("editMessage*", faults.not_modified(), times=2, chat=ada.id)
    await ada.send_album([pictures.photo(), pictures.style()])
    await painting(ada)
    assert len(paintings(ada)) == 1


async def test_who_blocks_the_bot_keeps_nobody_waiting(quick: Stage) -> None:
    ada, bob = quick.person(), quick.person("Bob")
    await ada.send_album([pictures.photo(), pictures.style()])
    await card(ada)
    await ada.block()
    await bob.send_album([pictures.photo(), pictures.style()])
    await painting(bob)
    assert not paintings(ada)


async def test_a_deleted_card_loses_no_painting(quick: Stage) -> None:
    ada = quick.person()
    await ada.send_album([pictures.photo(), pictures.style()])
    shown = await card(ada)
    await ada.delete(shown)
    await painting(ada)
    assert len(paintings(ada)) == 1


async def test_a_bad_gateway_while_fetching_a_photo_is_waited_out(quick: Stage) -> None:
    ada = quick.person()
    quick.sandbox.faults.add("getFile", faults.bad_gateway(), times=1)
    quick.sandbox.faults.add("download", faults.lost_request(), times=1)
    await ada.send_album([pictures.photo(), pictures.style()])
    await painting(ada)
    assert len(paintings(ada)) == 1
