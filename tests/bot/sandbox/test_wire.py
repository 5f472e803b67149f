"""HTTP and parameters: what is read, and what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientConnectionError, ClientSession, FormData
from telegram import Bot

from bot.sandbox import Person, Sandbox

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Api, Picture


@pytest.fixture(autouse=True)
async def _met(ada: Person) -> None:
    await ada.send_text("hello")


async def test_a_wrong_token_is_unauthorized(sandbox: Sandbox) -> None:
    async with (
        ClientSession() as session,
        session.get(f"{sandbox.url}/bot1:wrong/getMe") as response,
    ):
        assert response.status == 401
        assert await response.json() == {
            "ok": False,
            "error_code": 401,
            "description": "Unauthorized",
        }


async def test_an_unknown_method_is_not_found(api: Api) -> None:
    assert await api("sendPigeon") == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found: method not found"},
    )


async def test_methods_are_case_insensitive(api: Api) -> None:
    assert (await api.ok("GETME"))["username"] == "atelier_bot"


async def test_parameters_come_by_query_form_multipart_and_json(api: Api, ada: Person) -> None:
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    fields = {"chat_id": str(ada.id), "text": "form", "reply_markup": json.dumps(markup)}
    multipart = FormData(default_to_multipart=True)
    for name, value in fields.items():
        multipart.add_field(name, value)
    answers = [
        await api.get(f"sendMessage?chat_id={ada.id}&text=query"),
        await api.form("sendMessage", fields),
        await api.form("sendMessage", multipart),
        await api("sendMessage", chat_id=ada.id, text="json", reply_markup=markup),
    ]
    assert [status for status, _ in answers] == [200] * 4
    assert [one.words for one in ada.from_bot()] == ["query", "form", "form", "json"]
    assert [one.buttons[0].data for one in ada.from_bot()[1:]] == ["go"] * 3


async def test_an_upload_may_come_in_crumbs(
    sandbox: Sandbox, bot: Bot, ada: Person, picture: Picture
) -> None:
    form = FormData()
    form.add_field("chat_id", str(ada.id))
    form.add_field("document", sent := picture(900, 700), filename="photo.jpg")
    body = form()
    whole = await body.as_bytes()
    start = whole.index(b"filename") + 1024

    async def crumbs() -> AsyncIterator[bytes]:
        for begin, end in ((0, start), (start, start + 3), (start + 3, len(whole))):
            yield whole[begin:end]
            # The server is to read each piece by itself.
            await asyncio.sleep(0.05)

    address = f"{sandbox.url}/bot{sandbox.token}/sendDocument"
    headers = {"Content-Type": body.content_type}
    async with (
        ClientSession() as session,
        session.post(address, data=crumbs(), headers=headers) as response,
    ):
        assert response.status == 200, await response.text()
        answer = await response.json()
    file = await bot.get_file(answer["result"]["document"]["file_id"])
    assert bytes(await file.download_as_bytearray()) == sent


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"chat_id": "1", "text": "x", "colour": "red"}, "colour"),
        ({"chat_id": "1", "text": "x", "disable_notification": "maybe"}, "disable_notification"),
        ({"chat_id": "1", "text": "x", "message_thread_id": "one"}, "message_thread_id"),
        ({"chat_id": "1", "text": "x", "reply_parameters": "{"}, "JSON"),
        ({"chat_id": "1", "text": "x", "reply_parameters": '{"message_id": "5"}'}, "message_id"),
        ({"chat_id": "1", "text": "x", "reply_parameters": '{"message_id": 5, "x": 1}'}, '"x"'),
        ({"chat_id": "1", "text": "x", "reply_markup": '{"inline_keyboard": [[{}]]}'}, "reply"),
        ({"chat_id": "1", "text": "x", "suggested_post_parameters": "{}"}, "sandbox"),
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": "1"}, "message text is empty"),
    ],
)
async def test_wrong_parameters_are_refused(api: Api, fields: dict[str, str], word: str) -> None:
    status, body = await api.form("sendMessage", fields)
    assert status == 400
    assert body["description"].startswith("Bad Request: ")
    assert word in body["description"]


async def test_json_values_are_not_guessed(api: Api, ada: Person) -> None:
    assert "text" in await api.refused("sendMessage", chat_id=ada.id, text=5)
    assert "disable" in await api.refused(
        "sendMessage", chat_id=ada.id, text="x", disable_notification=1
    )


async def test_a_body_that_is_no_json_object_is_refused(sandbox: Sandbox) -> None:
    headers = {"Content-Type": "application/json"}
    async with ClientSession() as session:
        for body in ("[1]", "{"):
            address = f"{sandbox.url}/bot{sandbox.token}/getMe"
            async with session.post(address, data=body, headers=headers) as response:
                assert response.status == 400


async def test_files_that_belong_to_nothing_are_refused(
    api: Api, ada: Person, picture: Picture
) -> None:
    form = FormData()
    form.add_field("chat_id", str(ada.id))
    form.add_field("text", "x")
    form.add_field("photo", picture(), filename="photo.jpg")
    status, body = await api.form("sendMessage", form)
    assert (status, "photo" in body["description"]) == (400, True)

    form = FormData()
    form.add_field("chat_id", str(ada.id))
    form.add_field("photo", "attach://nowhere")
    assert (await api.form("sendPhoto", form))[0] == 400
    assert "HTTP URL" in await api.refused(
        "sendPhoto", chat_id=ada.id, photo="https://example.com/cat.jpg"
    )


async def test_the_server_comes_back_on_its_port_with_its_world(
    sandbox: Sandbox, ada: Person
) -> None:
    url = sandbox.url
    await sandbox.stop()
    async with ClientSession() as session:
        with pytest.raises(ClientConnectionError):
            await session.get(f"{url}/bot{sandbox.token}/getMe")
        await sandbox.start()
        async with session.get(f"{url}/bot{sandbox.token}/getUpdates") as response:
            [update] = (await response.json())["result"]
    assert update["message"]["from"]["id"] == ada.id
