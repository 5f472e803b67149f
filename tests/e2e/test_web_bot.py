"""`python -m bot demo --web` as people run it: the whole bot, talked with in a browser."""

import asyncio
import io
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect

from bot.demo.bot_process import PROJECT
from tests.e2e.browser import Messenger, messenger, window
from tests.e2e.conftest import PATIENCE
from tests.e2e.pictures import photo, style
from tests.e2e.running import alive, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SETTINGS = {"ENGINE_DEVICES": "cpu", "IMAGE_SIZE": "64", "ITERATIONS": "100"}
MS = PATIENCE * 1000
ADDRESS = re.compile(rb"Atelier is at (\S+)\n")


@dataclass(frozen=True)
class Running:
    """The command at work."""

    process: asyncio.subprocess.Process
    address: str
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "demo" / "bot.log").read_text(encoding="utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page, None]:
    """One window for all: each opening costs more than most of what is done in it."""
    async with window(browser) as page:
        yield page


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(
    tmp_path_factory: pytest.TempPathFactory, page: Page
) -> AsyncGenerator[Running, None]:
    del page  # without one there is nothing to run for
    folder = tmp_path_factory.mktemp("web")
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # Without a display no browser is opened but the test's own.
    own = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--web", "--port", "0"),
        cwd=folder,
        env={**own, "PYTHONPATH": os.pathsep.join(paths), **SETTINGS},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            found = ADDRESS.search(await process.stdout.readline())
        assert found is not None
        yield Running(process, found[1].decode(), folder)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def shown(running: Running, page: Page) -> AsyncGenerator[Messenger, None]:
    async with messenger(page, running.address) as shown:
        yield shown


def with_key(shown: Messenger, data: str) -> Locator:
    """The messages that have a button with such data."""
    return shown.find("article").filter(has=shown.find(f"[data-key^='{data}:']"))


async def order(shown: Messenger) -> None:
    """Begin if need be, and drop two photos."""
    begin = shown.find("#begin")
    await expect(shown.find("#begin:visible, #text:visible")).to_have_count(1)
    if await begin.is_visible():
        await begin.click()
        await expect(shown.message("Welcome to Atelier")).to_be_visible(timeout=MS)
    await shown.bring(photo(), style())
    await shown.send_picked()


async def test_two_photos_become_a_painting_though_the_page_is_reloaded_midway(
    shown: Messenger,
) -> None:
    # The page is there before the bot is: what one writes waits for it.
    await order(shown)
    card = with_key(shown, "cancel")
    await expect(card).to_be_visible(timeout=MS)
    await shown.page.reload()
    await expect(card).to_be_visible()
    painting = with_key(shown, "file")
    await expect(painting).to_contain_text("Finished in", timeout=MS)
    await expect(card).to_have_count(0, timeout=MS)
    source = await painting.locator(".photo img").get_attribute("src")
    response = await shown.page.request.get(shown.address + str(source))
    with Image.open(io.BytesIO(await response.body())) as image:
        assert max(image.size) == int(SETTINGS["IMAGE_SIZE"])
        assert np.asarray(image).std() > 10


async def test_a_button_under_a_painting_orders_another_which_is_cancelled(
    shown: Messenger,
) -> None:
    await expect(shown.find("#begin:visible, #text:visible")).to_have_count(1)
    if not await with_key(shown, "file").count():
        await order(shown)
    await expect(with_key(shown, "file")).to_have_count(1, timeout=MS)
    await with_key(shown, "file").last.get_by_role("button", name="Stronger").click()
    await expect(shown.find("#toasts")).to_have_text("Coming up: stronger.")
    await with_key(shown, "cancel").last.get_by_role("button", name="Cancel").click(timeout=MS)
    await expect(shown.message("Cancelled")).to_be_visible(timeout=MS)
    await expect(with_key(shown, "cancel")).to_have_count(0)


async def test_in_the_group_one_s_photo_is_painted_at_another_s_word(shown: Messenger) -> None:
    await shown.page.select_option("#person", label="Bruno")
    await shown.enter("Friends")
    await shown.bring(photo())
    await shown.send_picked()
    await expect(shown.find("article.own .photo")).to_have_count(1)
    await shown.page.select_option("#person", label="Ada")
    await shown.find("article .photo").click(button="right")
    await shown.page.click("#actions [data-do=reply]")
    await shown.bring(style())
    await shown.send_picked(caption="/stylize@atelier_bot")
    await expect(with_key(shown, "file")).to_contain_text("Finished in", timeout=MS)
    await expect(with_key(shown, "file").locator(".quote")).to_be_visible()


async def test_ctrl_c_ends_it_all(running: Running) -> None:
    await until(lambda: "The engine on" in running.log)
    [engine] = re.findall(r"is up \(process (\d+)\)", running.log)[-1:]
    running.process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        printed, _ = await running.process.communicate()
    assert running.process.returncode == 0
    assert printed.endswith(b"Stopped.\n")
    assert not alive(int(engine))
    assert "Traceback" not in running.log
