"""What outlives a kill: buttons, chosen and saved styles, and what the profile was told."""

import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from bot.sandbox import Message, Person, Sandbox
from bot.telegram.profile import MEMORY
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, QUICK, card_goes, is_card, painting
from tests.e2e.running import RunningBot, running, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True)
class Stage:
    """A bot that may be killed, and the folder of its host's styles."""

    sandbox: Sandbox
    bot: RunningBot
    styles: Path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage, None]:
    folder = tmp_path_factory.mktemp("kept")
    styles = folder / "styles"
    styles.mkdir()
    (styles / "Quilt.jpg").write_bytes(pictures.style())
    async with (
        Sandbox() as sandbox,
        running(sandbox, folder, **QUICK, STYLES_DIR=str(styles)) as bot,
    ):
        yield Stage(sandbox, bot, styles)


def setters(sandbox: Sandbox, since: int = 0) -> list[str]:
    methods = [call.method for call in sandbox.calls(since=since)]
    return [method for method in methods if method.startswith("setMy")]


async def test_the_profile_is_published_beside_the_work_and_only_once(stage: Stage) -> None:
    sandbox, bot = stage.sandbox, stage.bot
    greta = sandbox.person("Greta", language="de")
    await greta.send_text("/start")
    await greta.wait_for(lambda message: "Willkommen" in message.words, timeout=PATIENCE)
    profile = sandbox.world.profile
    await until(lambda: len(profile.names) == 5)
    assert len(profile.descriptions) == len(profile.short_descriptions) == 12
    private = {"type": "all_private_chats"}
    german, english = profile.commands_for(private, "de"), profile.commands_for(private)
    assert [one["command"] for one in german] == [one["command"] for one in english]
    assert {one["description"] for one in german}.isdisjoint(one["description"] for one in english)
    assert profile.commands_for(private, "zh")

    # Written at the very end of publishing.
    memory = bot.data_dir / MEMORY
    await until(memory.exists)
    await bot.kill()
    since, written = len(sandbox.log), memory.stat().st_mtime_ns
    await bot.start()
    await until(lambda: memory.stat().st_mtime_ns != written)
    assert len(sandbox.calls("getMyName", since=since)) == 12
    assert setters(sandbox, since) == []


async def _captioned(person: Person, words: str) -> Message:
    return await person.wait_for(
        lambda message: (
            message.photo is not None
            and message.words.startswith(f"{words} Finished in")
            and not is_card(message)
        ),
        timeout=PATIENCE,
    )


async def test_buttons_outlive_a_kill_and_paint_from_the_same_pictures(stage: Stage) -> None:
    sandbox, bot = stage.sandbox, stage.bot
    begin = len(sandbox.log)
    bob = sandbox.person("Bob")
    await bob.send_album([pictures.photo(), pictures.style()])
    first = await painting(bob)
    await card_goes(bob)
    fetched = len(sandbox.calls("getFile"))
    await bot.kill()
    # Pressed while nobody listens, and twice.
    bob.tap(first, "Swap photo and style")
    bob.tap(first, "Swap photo and style")
    await bot.start()

    swapped = await _captioned(bob, "The other way round this time.")
    assert swapped.reply_to == first.message_id
    # The style's proportions, which is the photo now.
    assert Image.open(io.BytesIO(swapped.data)).size == (48, 64)

    answer = await bob.press(swapped, "Larger", timeout=PATIENCE)
    assert answer.text == "Coming up: larger."
    larger = await _captioned(bob, "Larger this time.")
    assert Image.open(io.BytesIO(larger.data)).size == (72, 96)

    await bob.press(larger, "File", timeout=PATIENCE)
    file = await bob.wait_for(lambda message: message.document is not None, timeout=PATIENCE)
    assert file.reply_to == larger.message_id
    kept = [path.read_bytes() for path in (bot.data_dir / "images").glob("*/*")]
    assert file.data in kept
    assert len(sandbox.calls("getFile")) == fetched
    assert len(sandbox.calls("sendPhoto", since=begin)) == 3


def _is_gallery(message: Message) -> bool:
    return message.photo is not None and "pick:" in str(message.buttons)


def _is_painting(message: Message) -> bool:
    return message.photo is not None and "file:" in str(message.buttons)


async def test_chosen_and_saved_styles_outlive_a_kill(stage: Stage) -> None:
    ada = stage.sandbox.person("Ada")
    room = stage.sandbox.group("Friends", ada)
    await ada.send_photo(pictures.style(), "/save Lily")
    await ada.wait_for(lambda message: "Saved as “Lily”" in message.words, timeout=PATIENCE)
    await ada.send_text("/styles")
    gallery = await ada.wait_for(_is_gallery, timeout=PATIENCE)
    assert [button.text for button in gallery.buttons if "pick:" in button.data] == ["1  Lily"]
    await ada.press_data(gallery, "leaf:99:0", timeout=PATIENCE)
    await ada.press(gallery, "6  Quilt", timeout=PATIENCE)
    await ada.wait_for(lambda message: message.words.startswith("A fine style."), timeout=PATIENCE)
    await stage.bot.kill()
    (stage.styles / "Quilt.jpg").unlink()
    await stage.bot.start()

    since = ada.mark()
    photo = await ada.send_photo(pictures.photo())
    assert (await painting(ada, since)).reply_to == photo.message_id

    call = await ada.send_photo(pictures.photo(), "/stylize@atelier_bot lily", chat=room)
    painted = await ada.wait_for(_is_painting, chat=room, timeout=PATIENCE)
    assert painted.reply_to == call.message_id
