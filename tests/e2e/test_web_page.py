"""The page in a browser, with people in the sandbox; what the bot says is said by the tests."""

import io
import random
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image
from playwright.async_api import Browser, Page, expect
from telegram import (
    Bot,
    BotCommand,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyParameters,
)
from telegram.request import HTTPXRequest

from bot.demo.web.server import application
from bot.demo.web.session import Session
from bot.sandbox import EventKind, Message, Person, Sandbox
from bot.sandbox.entities import utf16_length
from tests.e2e.browser import PHONE, Messenger, messenger, window
from tests.e2e.conftest import PATIENCE
from tests.e2e.running import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
in_session = pytest_asyncio.fixture(loop_scope="session")

KEYS = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Cancel", callback_data="cancel:1")],
        [InlineKeyboardButton("More", callback_data="more")],
    ]
)


def picture(colour: str, width: int = 96, height: int = 64) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


@in_session
async def session() -> AsyncGenerator[Session, None]:
    async with Sandbox() as sandbox:
        yield Session(sandbox, {"content": picture("teal"), "style": picture("orange", 64)})


@in_session
async def ada(session: Session) -> Person:
    """Whoever speaks first; has said hello already."""
    ada = next(iter(session.people.values()))
    await ada.send_text("/start")
    return ada


@in_session
async def bot(session: Session) -> AsyncGenerator[Bot, None]:
    sandbox = session.sandbox
    async with Bot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        request=HTTPXRequest(httpx_kwargs={"verify": False}),
        get_updates_request=HTTPXRequest(httpx_kwargs={"verify": False}),
    ) as bot:
        yield bot


@in_session
async def address(session: Session) -> AsyncGenerator[str, None]:
    """The page as it is beyond loopback; `test_web_bot` has it as it is there."""
    page = application(session, secret="s3cret")
    runner = web.AppRunner(page, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/s3cret/"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page, None]:
    """One window for all: each opening costs more than most of what is done in it."""
    async with window(browser) as page:
        yield page


@in_session
async def shown(page: Page, address: str) -> AsyncGenerator[Messenger, None]:
    async with messenger(page, address) as shown:
        yield shown


def last(person: Person) -> Message:
    return person.messages()[-1]


async def test_a_conversation_begins_with_start_and_goes_on_in_words(
    session: Session, bot: Bot, shown: Messenger
) -> None:
    await shown.page.click("#begin")
    await expect(shown.message("/start")).to_have_class("message own fresh")
    ada = next(iter(session.people.values()))
    await bot.send_message(
        ada.id,
        'Hello, <b>you</b>: <i>a <u>look</u></i> at <a href="javascript:alert(1)">this</a>, '
        '<a href="https://example.org/">that</a> and /help\n&lt;img src=x onerror=alert(1)&gt;',
        parse_mode="HTML",
    )
    words = shown.message("Hello").locator(".words")
    await expect(words.locator("b")).to_have_text("you")
    await expect(words.locator("i u")).to_have_text("look")
    await expect(words.locator("a")).to_have_count(1)
    await expect(words.locator("a")).to_have_attribute("href", "https://example.org/")
    await expect(words).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(words.locator("img")).to_have_count(0)
    await words.locator(".command").click()
    await expect(shown.find("article.own .command")).to_have_count(2)
    assert last(ada).words == "/help"


async def test_every_character_is_shown_once_however_entities_lie(shown: Messenger) -> None:
    """Overlapping ones, too, which a bot may send though no mark-up can say them."""
    text = "a🎨b\nc<d>&e " * 3
    chance = random.Random(14)  # noqa: S311  # the same cases each time
    kinds = ["bold", "italic", "spoiler", "url", "bot_command", "pre", "mention", "unheard_of"]
    length = utf16_length(text)
    cases = []
    for _ in range(200):
        spans = [
            (start, chance.randint(start + 1, length), chance.choice(kinds))
            for start in sorted(chance.choices(range(length), k=chance.randint(0, 6)))
        ]
        cases.append(
            [{"type": kind, "offset": start, "length": end - start} for start, end, kind in spans]
        )
    shown_texts = await shown.page.evaluate(
        """async ([text, cases]) => {
          const { marked } = await import("./static/bubbles.js");
          return cases.map((entities) => {
            const whole = document.createElement("p");
            whole.append(...marked(text, entities));
            return whole.textContent;
          });
        }""",
        [text, cases],
    )
    assert set(shown_texts) == {text}


async def test_what_the_bot_edits_changes_in_place_and_what_it_deletes_goes(
    bot: Bot, ada: Person, shown: Messenger
) -> None:
    card = await bot.send_message(ada.id, "Waiting", reply_markup=KEYS)
    await bot.send_message(ada.id, "Later")
    await shown.key("Cancel").focus()
    await bot.send_chat_action(ada.id, "typing")
    await expect(shown.find("#status")).to_have_text("is typing…")
    await card.edit_text("Half done", reply_markup=KEYS)
    await expect(shown.find("article .words")).to_have_text(["/start", "Half done", "Later"])
    await expect(shown.key("Cancel")).to_be_focused()
    await card.delete()
    await expect(shown.find("article .words")).to_have_text(["/start", "Later"])


async def test_the_newest_stays_in_view_while_previews_come_unless_one_reads_above(
    bot: Bot, ada: Person, shown: Messenger
) -> None:
    await ada.send_album([picture("teal", 640, 480), picture("orange", 640, 640)], "words " * 90)
    card = await bot.send_message(ada.id, "Waiting", reply_markup=KEYS)
    for colour in ("navy", "purple", "maroon"):
        media = InputMediaPhoto(picture(colour, 640, 640), caption=colour)
        await card.edit_media(media, reply_markup=KEYS)
        await expect(shown.message(colour)).to_be_visible()
        await expect(shown.key("More")).to_be_in_viewport(ratio=0.9)
    await shown.page.hover("#log")
    await shown.page.mouse.wheel(0, -2000)
    await expect(shown.message("/start")).to_be_in_viewport()
    await bot.send_message(ada.id, "Later")
    await expect(shown.find("#newest")).to_have_text("1")
    await expect(shown.message("/start")).to_be_in_viewport()
    await shown.page.click("#newest")
    await expect(shown.message("Later")).to_be_in_viewport()


async def test_a_button_waits_for_its_answer_which_is_a_notice_or_an_alert(
    bot: Bot, ada: Person, session: Session, shown: Messenger
) -> None:
    await bot.send_message(ada.id, "Card", reply_markup=KEYS)
    told = {"Cancel": "#toasts", "More": "#alert[open]"}
    for button, place in told.items():
        since = ada.mark()
        await shown.key(button).click()
        await expect(shown.key(button)).to_have_attribute("aria-busy", "true")
        press = await session.world.events.wait_for(
            lambda event: event.kind is EventKind.PRESS, timeout=PATIENCE, since=since
        )
        await bot.answer_callback_query(press.query, f"{button}!", show_alert=button == "More")
        await expect(shown.find(place)).to_contain_text(f"{button}!")
        await expect(shown.find("[aria-busy=true]")).to_have_count(0)
    await shown.page.keyboard.press("Enter")
    await expect(shown.find("#alert[open]")).to_have_count(0)


async def test_pictures_come_by_drop_paste_dialog_and_camera(
    ada: Person, shown: Messenger, tmp_path: Path
) -> None:
    await shown.bring(picture("red"), picture("blue"))
    await expect(shown.find("#picked li")).to_have_count(2)
    await shown.send_picked(caption="both")
    await expect(shown.find(".album.own .photo")).to_have_count(2)
    first, second = ada.messages()[1:]
    assert first.media_group_id == second.media_group_id is not None
    assert first.words == "both"

    await shown.bring(picture("green"), how="paste")
    await shown.send_picked("document")
    await expect(shown.find(".file")).to_contain_text("photo.jpg")
    file = last(ada).document
    assert file is not None
    assert last(ada).data == picture("green")
    async with shown.page.expect_download() as download:
        await shown.find(".file").click()
    assert (await (await download.value).path()).read_bytes() == picture("green")

    path = tmp_path / "cat.jpg"
    path.write_bytes(picture("pink"))
    await shown.page.set_input_files("#photos", path)
    await shown.send_picked("sticker")
    await expect(shown.find(".sticker")).to_have_count(1)

    await expect(shown.find("#camera")).to_have_attribute("capture", "environment")
    await shown.page.set_input_files("#camera", path)
    await shown.send_picked()
    await expect(shown.find("article.own .photo")).to_have_count(3)
    await shown.page.click("#attach")
    await shown.page.click("[data-pick=samples]")
    await expect(shown.find("#picked img")).to_have_count(2)
    await shown.page.click("#picked li:first-child button")
    await expect(shown.find("#picked img")).to_have_count(1)
    await shown.page.keyboard.press("Escape")
    await expect(shown.find("#sheet[open]")).to_have_count(0)


async def test_commands_are_offered_and_chosen_by_keyboard(
    bot: Bot, session: Session, ada: Person, shown: Messenger
) -> None:
    await bot.set_my_commands([BotCommand("styles", "Styles"), BotCommand("stylize", "Paint")])
    await shown.page.reload()
    await shown.page.fill("#text", "/sty")
    await expect(shown.find("#commands li")).to_have_count(2)
    await shown.page.keyboard.press("ArrowUp")
    await shown.page.keyboard.press("Enter")
    await expect(shown.message("/stylize")).to_be_visible()
    assert last(ada).words == "/stylize"
    await shown.enter("Friends")
    await shown.page.click("#menu")
    await shown.page.click("#commands li:first-child")
    await expect(shown.message("/styles@atelier_bot")).to_be_visible()
    assert session.friends.messages[-1].commands == ["/styles@atelier_bot"]


async def test_several_people_talk_in_a_group_where_the_bot_asks_one_of_them(
    bot: Bot, session: Session, shown: Messenger
) -> None:
    await shown.enter("Friends")
    await shown.write("between us")
    await expect(shown.message("between us")).to_be_visible()
    await shown.page.select_option("#person", label="Bruno")
    await expect(shown.message("between us").locator(".who")).to_have_text("Ada")
    await shown.write("/stylize@atelier_bot")
    await expect(shown.message("/stylize@")).to_be_visible()
    heard = [update.payload.get("text") for update in session.world.updates.history.values()]
    assert "between us" not in heard
    asked = session.friends.messages[-1]
    await bot.send_message(
        session.friends.id,
        "Reply with a photo",
        reply_markup=ForceReply(selective=True, input_field_placeholder="Das Foto"),
        reply_parameters=ReplyParameters(asked.message_id),
    )
    await expect(shown.find("#context")).to_contain_text("Reply with a photo")
    await expect(shown.find("#text")).to_have_attribute("placeholder", "Das Foto")
    await shown.page.select_option("#person", label="Ada")
    await expect(shown.find("#context")).to_be_hidden()
    await shown.page.select_option("#person", label="Bruno")
    await expect(shown.find("#context")).to_be_visible()
    await shown.write("this one")
    await expect(shown.message("this one").locator(".quote")).to_contain_text("Reply with a photo")
    assert session.friends.messages[-1].reply_to == session.friends.from_bot[-1].message_id
    await expect(shown.find("#context")).to_be_hidden()


async def test_a_message_can_be_answered_edited_reacted_to_and_deleted_by_keyboard(
    ada: Person, shown: Messenger
) -> None:
    await ada.send_text("helo")
    page = shown.page

    async def choose(what: str) -> None:
        await page.focus("#log")
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await page.focus(f"#actions {what}")
        await page.keyboard.press("Enter")
        await expect(shown.find("#actions")).to_be_hidden()

    await choose("[data-do=edit]")
    await shown.write("hello")
    await expect(shown.message("hello").locator(".meta")).to_contain_text("edited")
    await choose("[data-emoji='🔥']")
    await expect(shown.message("hello").locator(".reactions")).to_have_text("🔥")
    assert last(ada).people_reactions == ((ada.id, "🔥"),)
    await choose("[data-do=reply]")
    await shown.write("me too")
    await expect(shown.message("me too").locator(".quote")).to_contain_text("hello")
    await choose("[data-do=delete]")
    await expect(shown.find("article")).to_have_count(2)
    assert last(ada).words == "hello"


async def test_a_painting_opens_beside_the_photo_that_it_was(
    bot: Bot, ada: Person, shown: Messenger
) -> None:
    await ada.send_photo(picture("teal", 96, 64))
    await ada.send_photo(picture("orange", 64, 64))
    await bot.send_photo(ada.id, picture("navy", 192, 128), caption="Finished")
    await shown.message("Finished").locator(".photo").click()
    pressed = shown.find("#others [aria-pressed=true]")
    await expect(pressed).to_have_count(1)
    await expect(shown.find("#others button").first).to_have_attribute("aria-pressed", "true")
    cut = shown.find("#cut-at")
    await expect(cut).to_be_focused()
    before = await shown.find("#before").evaluate("one => getComputedStyle(one).clipPath")
    await shown.page.keyboard.press("ArrowRight")
    await expect(cut).to_have_value("51")
    assert await shown.find("#before").evaluate("one => getComputedStyle(one).clipPath") != before
    await shown.page.keyboard.press("Escape")
    await expect(shown.find("#viewer")).to_be_hidden()


async def test_the_switches_of_the_panel_are_those_of_the_sandbox(
    session: Session, ada: Person, shown: Messenger
) -> None:
    await shown.page.click("#open-faults")
    await shown.find("#faults [value=down]").check()
    await expect(shown.find("#notice")).to_contain_text("No connection")
    assert session.setting()["network"] == "down"
    await expect(shown.find("#bot-status")).to_have_text("The bot is not running")
    await shown.page.click("#open-settings")
    await shown.find("#privacy").uncheck()
    await shown.find("#blocked").check()
    await expect(shown.find("#unblock")).to_be_visible()
    assert ada.chat.blocked
    await until(lambda: not session.world.privacy.mode)
    await shown.page.click("#unblock")
    await expect(shown.find("#text")).to_be_visible()
    await shown.page.fill("#newcomer input", "Chloé")
    await shown.page.click("#newcomer button")
    await expect(
        shown.find(
            "#person option",
        )
    ).to_contain_text(["Chloé"])
    await shown.page.click("#open-scenes")
    await expect(shown.find("#scenes li")).not_to_have_count(0)
    await shown.page.keyboard.press("Escape")
    await expect(shown.find("#panel")).to_be_hidden()


async def test_a_scene_is_watched_as_it_is_played(shown: Messenger) -> None:
    await shown.page.click("#open-scenes")
    await shown.find("#scenes li button").first.click()
    await expect(shown.find("#person")).to_contain_text("Ada on stage")
    await expect(shown.message("/start")).to_be_visible()
    await shown.page.click("#stop-scene")
    await expect(shown.find("#stop-scene")).to_be_hidden()


async def test_an_arabic_speaker_has_the_page_mirrored_in_arabic(shown: Messenger) -> None:
    await shown.page.select_option("#person", label="Layla")
    await expect(shown.find("html")).to_have_attribute("dir", "rtl")
    await expect(shown.find("#begin")).to_have_text("ابدأ")
    sides = [await shown.find(one).bounding_box() for one in ("#side", "main")]
    assert sides[0] is not None
    assert sides[1] is not None
    assert sides[0]["x"] > sides[1]["x"]
    await shown.page.click("#open-settings")
    await shown.page.select_option("#language", "de")
    await expect(shown.find("html")).to_have_attribute("dir", "ltr")
    await expect(shown.find("#begin")).to_have_text("Starten")


async def test_five_hundred_messages_are_there_and_one_more_moves_none_of_them(
    bot: Bot, ada: Person, shown: Messenger
) -> None:
    for number in range(498):
        await ada.send_text(f"Message {number}")
    await shown.page.reload()
    await expect(shown.find("article")).to_have_count(499)
    await shown.page.evaluate("document.querySelector('article').same = true")
    await bot.send_message(ada.id, "The last")
    await expect(shown.message("The last")).to_be_in_viewport()
    assert await shown.page.evaluate("document.querySelector('article').same")
    # Those out of sight are not laid out: their height is the one that is guessed.
    skipped = await shown.page.evaluate(
        "[...document.querySelectorAll('article')]"
        ".filter((one) => !one.checkVisibility({ contentVisibilityAuto: true })"
        " || !one.firstChild.checkVisibility({ contentVisibilityAuto: true })).length"
    )
    assert skipped > 400


async def test_the_conversation_is_saved_as_one_page_with_its_pictures(
    bot: Bot, browser: Browser, ada: Person, shown: Messenger, tmp_path: Path
) -> None:
    await ada.send_photo(picture("teal"), "</style><script>alert(1)</script>")
    await bot.send_document(ada.id, picture("navy"), filename="painting.jpg")
    await expect(shown.find(".file")).to_be_visible()
    async with shown.page.expect_download() as download:
        await shown.page.click("#save")
    path = tmp_path / "saved.html"
    await (await download.value).save_as(path)
    async with window(browser, offline=True) as saved:
        await saved.goto(path.as_uri())
        words = saved.locator("article").nth(1)
        await expect(words).to_contain_text("<script>alert(1)</script>")
        width = await saved.locator(".photo img").evaluate("one => one.naturalWidth")
        assert width == 96
        await expect(saved.locator(".file")).to_have_attribute("download", "painting.jpg")
        await expect(saved.locator("script, button")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nothing_serious_is_in_the_way_of_a_screen_reader(
    bot: Bot, page: Page, ada: Person, address: str, theme: Literal["light", "dark"]
) -> None:
    await ada.send_photo(picture("teal"), "a photo")
    await ada.send_document(b"words", "words.txt", "text/plain")
    await bot.send_message(ada.id, "Waiting: /cancel", reply_markup=KEYS)
    await bot.send_photo(ada.id, picture("navy"), caption="Finished", reply_markup=KEYS)
    await page.emulate_media(color_scheme=theme)
    async with messenger(page, address) as shown:
        await expect(shown.message("Finished")).to_be_visible()
        assert await shown.faults() == []
        for panel in ("settings", "scenes", "faults"):
            await shown.page.click(f"#open-{panel}")
            assert await shown.faults("#panel") == []
        await shown.page.keyboard.press("Escape")
        await shown.bring(picture("red"))
        assert await shown.faults("#sheet") == []
        await shown.page.keyboard.press("Escape")
        await shown.message("Finished").locator(".photo").click()
        assert await shown.faults("#viewer") == []


async def test_a_phone_shows_one_thing_at_a_time_and_nothing_beyond_its_edge(
    bot: Bot, browser: Browser, ada: Person, address: str
) -> None:
    await ada.send_album([picture("teal"), picture("orange", 64, 64)], "x" * 200)
    await bot.send_photo(ada.id, picture("navy", 960, 640), caption="Finished", reply_markup=KEYS)
    async with window(browser, **PHONE) as page, messenger(page, address) as phone:
        await expect(phone.message("Finished")).to_be_in_viewport()

        async def fits() -> bool:
            return bool(await phone.page.evaluate("document.documentElement.scrollWidth <= 360"))

        assert await fits()
        assert await phone.faults() == []
        await phone.page.tap("#back")
        await expect(phone.find("main")).to_be_hidden()
        assert await fits()
        await phone.page.tap("#open-settings")
        await expect(phone.find("#theme")).to_be_in_viewport()
        assert await fits()
        await phone.page.tap("#close-panel")
        await phone.message("Finished").locator(".photo").tap()
        await expect(phone.find("#cut-at")).to_be_in_viewport()
        assert await fits()
