"""What people do on the page becomes what people do in Telegram, or a word why not."""

from collections.abc import Callable

import pytest
from aiohttp.test_utils import TestClient, TestServer
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup

from bot.demo.web import server
from bot.demo.web.actions import ACTIONS
from bot.demo.web.network import RETRY_SECONDS
from bot.demo.web.session import Session
from bot.sandbox import Message, Person
from tests.bot.demo.web.conftest import Page, Stream

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Cancel", callback_data="cancel:1")]])


def on(person: Person, message: Message) -> dict[str, object]:
    chat, number = message.chat.id, message.message_id
    return {"person": person.id, "chat": chat, "message": number}


async def test_a_text_is_sent_and_an_answer_names_what_it_answers(page: Page, ada: Person) -> None:
    assert await page.send(ada, text=" /start ") == (200, {})
    assert await page.send(ada, text="that one", reply_to=1) == (200, {})
    first, second = ada.messages()
    assert (first.words, first.commands) == ("/start", ["/start"])
    assert second.reply_to == first.message_id


async def test_pictures_become_an_album_or_files_or_stickers(
    page: Page, ada: Person, picture: Callable[..., bytes]
) -> None:
    pictures = ("a.jpg", picture(64, 48)), ("b.jpg", picture(48, 64, seed=1))
    await page.send(ada, *pictures, kind="photo", text="/stylize")
    await page.send(ada, pictures[0], kind="document")
    await page.send(ada, pictures[0], kind="sticker")
    first, second, file, sticker = ada.messages()
    assert first.photo
    assert second.photo
    assert first.media_group_id == second.media_group_id is not None
    assert (first.words, second.words) == ("/stylize", "")
    assert file.document is not None
    assert dict(file.document.fields)["file_name"] == "a.jpg"
    assert file.data == pictures[0][1]
    assert sticker.attachment is not None
    assert sticker.attachment.kind == "sticker"
    assert sticker.data[8:12] == b"WEBP"


async def test_more_than_ten_pictures_are_two_albums(
    page: Page, ada: Person, picture: Callable[..., bytes]
) -> None:
    await page.send(ada, *[(f"{n}.jpg", picture(8, 8)) for n in range(12)], kind="document")
    albums = [message.media_group_id for message in ada.messages()]
    assert [albums.count(album) for album in dict.fromkeys(albums)] == [10, 2]


@pytest.mark.parametrize("kind", ["photo", "sticker"])
async def test_what_is_no_picture_is_refused_and_goes_as_a_file(
    page: Page, ada: Person, kind: str
) -> None:
    diary = ("diary.txt", b"<script>alert(1)</script>")
    assert await page.send(ada, diary, kind=kind) == (400, {"error": "no-picture"})
    assert ada.messages() == []
    assert await page.send(ada, diary, kind="document") == (200, {})


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"text": "  "}, 400, "not-understood"),
        ({"text": "x" * 4097}, 403, "not-allowed"),
        ({"text": "hi", "person": "somebody"}, 400, "not-understood"),
        ({"text": "hi", "person": 1}, 404, "gone"),
        ({"text": "hi", "chat": 1}, 404, "gone"),
        ({"text": "hi", "reply_to": 99}, 404, "gone"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused_in_a_word(
    page: Page, ada: Person, fields: dict[str, object], status: int, error: str
) -> None:
    assert await page.send(ada, **fields) == (status, {"error": error})
    assert ada.messages() == []


async def test_what_is_too_large_is_refused_in_a_word(
    session: Session, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_BODY_LIMIT", 1000)
    async with TestClient(TestServer(server.application(session))) as client:
        answer = await Page(client).send(ada, ("a.bin", bytes(2000)), kind="document")
    assert answer == (413, {"error": "too-large"})
    assert ada.messages() == []


async def test_nobody_writes_in_anybody_elses_chat(page: Page, ada: Person, bruno: Person) -> None:
    assert (await page.send(ada, text="hi", chat=bruno.id))[0] == 403
    assert bruno.messages() == []


async def test_a_press_returns_the_query_that_the_answer_names(
    bot: Bot, page: Page, ada: Person, stream: Stream
) -> None:
    await ada.send_text("/start")
    await bot.send_message(ada.id, "card", reply_markup=KEYS)
    [card] = ada.from_bot()
    status, answer = await page.act("press", **on(ada, card), data="cancel:1")
    assert status == 200
    await bot.answer_callback_query(str(answer["query"]), "Cancelled")
    assert (await stream.next_of("answer"))["query"] == answer["query"]
    assert (await page.act("press", **on(ada, card), data="other"))[0] == 404


async def test_one_edits_and_deletes_what_one_wrote(
    page: Page, session: Session, ada: Person, bruno: Person
) -> None:
    mine = await ada.send_text("helo", chat=session.friends)
    assert (await page.act("edit", **on(ada, mine), text="hello"))[0] == 200
    assert (await page.act("edit", **on(bruno, mine), text="no"))[0] == 403
    assert session.friends.messages[-1].words == "hello"
    assert (await page.act("delete", **on(bruno, mine)))[0] == 403
    assert (await page.act("delete", **on(ada, mine)))[0] == 200
    assert mine.message_id not in session.friends.chat.messages


async def test_reactions_are_those_that_telegram_has(page: Page, ada: Person) -> None:
    message = await ada.send_text("hello")
    assert (await page.act("react", **on(ada, message), emoji="🔥"))[0] == 200
    assert ada.messages()[0].people_reactions == ((ada.id, "🔥"),)
    assert (await page.act("react", **on(ada, message), emoji="<b>"))[0] == 403
    assert (await page.act("react", **on(ada, message), emoji=""))[0] == 200
    assert ada.messages()[0].people_reactions == ()


async def test_a_blocked_bot_hears_nothing(page: Page, ada: Person) -> None:
    await page.send(ada, text="/start")
    for _ in range(2):
        assert (await page.act("block", person=ada.id, blocked=True))[0] == 200
    assert (await page.send(ada, text="hello"))[0] == 403
    await page.act("block", person=ada.id, blocked=False)
    assert (await page.send(ada, text="hello"))[0] == 200
    kinds = [update.kind for update in ada.world.updates.history.values()]
    assert kinds.count("my_chat_member") == 3  # once in the group, then blocked and unblocked


async def test_the_language_is_that_of_the_next_message_and_of_the_menu(
    bot: Bot, page: Page, ada: Person
) -> None:
    await bot.set_my_commands([BotCommand("help", "Help")])
    await bot.set_my_commands([BotCommand("help", "Hilfe")], language_code="de")
    menu = f"/menu?person={ada.id}&chat={ada.id}"
    assert (await (await page.get(menu)).json())["commands"][0]["description"] == "Help"
    assert (await page.act("language", person=ada.id, language="de"))[0] == 200
    assert (await (await page.get(menu)).json())["commands"][0]["description"] == "Hilfe"
    await page.send(ada, text="/help")
    assert (await bot.get_updates())[-1].effective_user.language_code == "de"  # type: ignore[union-attr]
    assert (await page.act("language", person=ada.id, language="../de"))[0] == 400


async def test_somebody_new_joins_the_group(page: Page, session: Session) -> None:
    status, answer = await page.act("person", name=" Chloé ", language="fr")
    assert status == 200
    chloe = session.person(int(str(answer["person"])))
    assert chloe.user.name == "Chloé"
    assert session.friends.chat.has(chloe.id)


async def test_privacy_mode_decides_what_the_bot_sees_in_the_group(
    page: Page, session: Session, ada: Person
) -> None:
    for mode in (True, False):
        assert (await page.act("privacy", mode=mode))[0] == 200
        await page.send(ada, text=f"{mode}", chat=session.friends.id)
    texts = [update.payload.get("text") for update in session.world.updates.history.values()]
    assert texts[-1] == "False"
    assert "True" not in texts


async def test_the_network_fares_as_the_switch_says(
    page: Page, session: Session, ada: Person
) -> None:
    take = session.sandbox.faults.take
    for network, method, expected in (
        ("busy", "sendPhoto", f"429 Too Many Requests: retry after {RETRY_SECONDS}"),
        ("lossy", "editMessageText", "None"),
        ("down", "getUpdates", "None"),
        ("slow", "sendMessage", "None"),
    ):
        assert (await page.act("network", network=network))[0] == 200
        fault = take(method, ada.id)
        assert fault is not None
        assert str(fault.error) == expected
        assert fault.lost == (network in {"lossy", "down"})
        assert fault.after_effect == (network == "lossy")
        assert bool(fault.delay) == (network == "slow")
    assert (await page.act("network", network="fine"))[0] == 200
    assert take("sendMessage", ada.id) is None
    assert (await page.act("network", network="odd"))[0] == 400


async def test_a_scene_that_cannot_be_played_says_why(page: Page, stream: Stream) -> None:
    await stream.next()
    assert (await page.act("scene", title="No such scene"))[0] == 404
    assert (await page.act("scene", title="Second thoughts"))[0] == 200
    scenes = [(await stream.next_of("setting"))["setting"]["scenes"] for _ in range(2)]
    assert [one["playing"] for one in scenes] == ["Second thoughts", ""]
    assert scenes[-1]["failure"] == "there is no painting yet"


async def test_a_scene_can_be_stopped(page: Page, session: Session) -> None:
    assert (await page.act("scene", title="Settings"))[0] == 200
    assert session.scenes.view()["playing"] == "Settings"
    assert (await page.act("scene", title=""))[0] == 200
    assert session.scenes.view()["playing"] == ""


async def test_without_a_bot_there_is_none_to_kill(page: Page) -> None:
    assert await page.act("bot", what="kill") == (404, {"error": "gone"})


@pytest.mark.parametrize("name", [*ACTIONS, "nothing"])
@pytest.mark.parametrize("body", [{}, {"person": [], "x": 1}])
async def test_what_the_page_never_sends_is_refused(
    page: Page, name: str, body: dict[str, object]
) -> None:
    status, answer = await page.act(name, **body)
    assert (status, answer["error"]) in {(400, "not-understood"), (404, "gone")}


async def test_a_stranger_s_file_is_saved_and_never_shown(page: Page, ada: Person) -> None:
    html = b"<script>alert(document.domain)</script>"
    await ada.send_document(html, "page.html", "text/html")
    file = ada.messages()[0].document
    assert file is not None
    response = await page.get(f"/file/{file.file.path}")
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"] == "attachment"
    assert await response.read() == html
    assert (await page.get("/file/photos/file_99.jpg")).status == 404
