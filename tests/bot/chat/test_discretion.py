"""Many kinds of conversation, and whether the log tells anybody what was said in them."""

import io
from collections.abc import AsyncGenerator

import pytest
from telegram import Message, Update
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.engines.protocol import EngineDied, Finished, Job, Progress
from bot.logs import LEFT_OUT, configure
from bot.sandbox import Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.studio.ledger.model import OrderState
from tests.bot.chat.conftest import HeldEngine, House, Open, is_painting, picture

SAID = "Qvxz"
"""Stands in everything that people write here, and nowhere else."""


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    return sandbox.person(f"{SAID}a", last_name=f"{SAID}b", username=f"{SAID}_c")


@pytest.mark.parametrize("form", ["text", "json"])
async def test_no_line_of_the_log_holds_what_people_wrote_nor_the_token(
    open_house: Open,
    sandbox: Sandbox,
    person: Person,
    untouched: None,  # noqa: ARG001
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    house = await open_house()
    stream = io.StringIO()
    loud = {"log_level": "debug", "log_format": form}
    configure(house.app.settings.model_copy(update=loud), stream)
    await _talk(house, sandbox, person)
    await _meet_faults_of_telegrams(house, sandbox, person)
    assert not [record for record in caplog.records if record.exc_info], stream.getvalue()
    await _meet_faults_of_ours(house, person, monkeypatch)
    shown = stream.getvalue()
    for logged in (
        "begins on held",
        "is refused: NotAnImageError",
        "was not said",
        "An update could not be handled",
        f"ValueError: {LEFT_OUT}",
        f"OperationalError: {LEFT_OUT}",
        "the engine died",
    ):
        assert logged in shown
    said = [record.getMessage() for record in caplog.records if not record.exc_info]
    for text in (shown, *said, *capfd.readouterr()):
        assert SAID not in text
        assert sandbox.token.partition(":")[2] not in text


async def _talk(house: House, sandbox: Sandbox, person: Person) -> None:
    """All that people usually send, with words in each place that takes some."""
    house.engine.may_finish.set()
    group = sandbox.group(SAID, person)
    for command in ("", "/start ", "/stylize ", "/save ", f"/{SAID} ", "/settings ", "/forget "):
        await person.send_text(f"{command}{SAID}")
        await person.send_text(f"{command}{SAID}", chat=group)
    await person.send_document(b"no picture", f"{SAID}.png", "image/png", SAID)
    await person.send_document(SAID.encode(), f"{SAID}.pdf", SAID)
    await person.send_contact(SAID, SAID)
    photo = await person.send_photo(picture(1), SAID)
    await person.send_text(f"/save {SAID}", reply_to=photo)
    await person.send_photo(picture(2), SAID, chat=group)
    await person.send_photo(picture(3), f"/stylize@atelier_bot {SAID}", chat=group)
    await person.send_album([picture(4), picture(5)], SAID)
    painting = await person.wait_for(is_painting)
    await person.press_data(painting, f"again:1:{SAID}")
    await person.press_data(painting, SAID)
    await person.send_text(SAID, reply_to=painting)
    await house.idle()


async def _meet_faults_of_telegrams(house: House, sandbox: Sandbox, person: Person) -> None:
    sandbox.faults.add("sendMessage", faults.bad_gateway(), times=2)
    sandbox.faults.add("sendMessage", faults.lost_response(), times=2)
    sandbox.faults.add("sendMessage", faults.refusal(ApiError(400, "Bad Request: no")), times=2)
    sandbox.faults.add("getUpdates", faults.bad_gateway())
    sandbox.faults.add("download", faults.lost_request(), times=2)
    for number in range(6):
        await person.send_text(f"{SAID} {number}")
    await person.send_photo(picture(6), SAID)
    await house.idle()
    with pytest.raises(TelegramError):  # an answer that was cut off
        HTTPXRequest.parse_json_payload(f'{{"result": [{{"text": "{SAID}'.encode())


async def _meet_faults_of_ours(
    house: House, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defects, as none is known; each would quote what it has before it."""

    def stumble(message: Message, _person: object) -> None:
        raise ValueError(message.text)

    async def trip(update: Update) -> None:
        raise KeyError(update.to_json())

    async def die(_self: HeldEngine, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        if job.order_id:
            raise EngineDied("it ran out of memory")
        yield Finished(image=b"", width=1, height=1, elapsed=0.0)

    monkeypatch.setattr(HeldEngine, "paint", die)
    await person.send_album([picture(7), picture(8)], SAID)
    with house.ledger.changed.subscribe() as changes:
        while OrderState.FAILED not in {order.state for order in await house.orders()}:
            assert await changes.wait(10)
    async with house.ledger.begin() as transaction:
        await transaction._connection.exec_driver_sql("DROP TABLE saved_styles")
    await person.send_photo(picture(9), f"/save {SAID}")
    await house.idle()
    with monkeypatch.context() as patch:
        patch.setattr("bot.chat.handlers.private.read", stumble)
        await person.send_text(SAID)
        await house.idle()
    monkeypatch.setattr(house.app.inbox, "_handle", trip)
    await person.send_text(SAID)
    await house.idle()
