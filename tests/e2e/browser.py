"""Chromium as Debian has it, driven by Playwright, and the page as one sees it there."""

import base64
import os
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

WANTED: Final = "no Chromium is installed (on Debian: apt-get install chromium)"

PHONE: Final = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}

_PATIENCE_MS: Final = 30_000
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_DROP: Final = """
([kind, files]) => {
  const data = new DataTransfer();
  for (const [name, type, bytes] of files) {
    const raw = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
    data.items.add(new File([raw], name, { type }));
  }
  const options = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
  const event = kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
  document.body.dispatchEvent(event);
}
"""


def executable() -> str | None:
    """Where Chromium is; None if it is not installed."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@asynccontextmanager
async def chromium(path: str) -> AsyncGenerator[Browser, None]:
    """Run it without a window."""
    expect.set_options(timeout=_PATIENCE_MS)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


class Messenger:
    """The page in a window of its own."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.asked: list[str] = []
        self.complaints: list[str] = []

    async def open(self) -> None:
        await self.page.goto(self.address)
        await expect(self.page.locator("#person option")).not_to_have_count(0)

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def message(self, words: str) -> Locator:
        """The newest message with these words."""
        return self.page.locator("article", has_text=words).last

    def key(self, words: str) -> Locator:
        """The newest button under a message with these words."""
        return self.page.get_by_role("button", name=words, exact=True).locator("visible=true").last

    async def write(self, text: str) -> None:
        await self.page.fill("#text", text)
        await self.page.press("#text", "Enter")

    async def bring(self, *pictures: bytes, how: str = "drop", name: str = "photo.jpg") -> None:
        """Drop or paste files."""
        files = [(name, "image/jpeg", base64.b64encode(one).decode()) for one in pictures]
        await self.page.evaluate(_DROP, [how, files])

    async def send_picked(self, kind: str = "photo", caption: str = "") -> None:
        """Send what has been brought."""
        await self.page.check(f"#kinds [value={kind}]")
        await self.page.fill("#caption", caption)
        await self.page.click("#send-sheet")

    async def enter(self, chat: str) -> None:
        await (
            self.find(
                "#chats button",
            )
            .filter(has_text=chat)
            .click()
        )

    async def faults(self, within: str = "body") -> Sequence[str]:
        """Serious findings of axe-core on this part of what is shown now, a line each."""
        report: dict[str, Any] = (await Axe().run(self.page, within)).response
        assert report["passes"]
        return [
            f"{finding['id']}: {node['html'][:200]}"
            for finding in report["violations"]
            if finding["impact"] in {"serious", "critical"}
            for node in finding["nodes"]
        ]


@asynccontextmanager
async def messenger(page: Page, address: str) -> AsyncGenerator[Messenger, None]:
    """Open the page; it must ask for nothing elsewhere, and come to no error of its own."""
    shown = Messenger(page, address)
    listeners = {
        "request": lambda request: shown.asked.append(request.url),
        "pageerror": lambda error: shown.complaints.append(str(error)),
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]  # by name
    await shown.open()
    try:
        yield shown
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        await page.goto("about:blank")
    own = (address, "blob:", "data:")
    assert [url for url in shown.asked if not url.startswith(own)] == []
    assert shown.complaints == []


@asynccontextmanager
async def window(browser: Browser, **options: object) -> AsyncGenerator[Page, None]:
    """Open an empty window; with options, such as `PHONE`, of Playwright's new_context."""
    made: dict[str, Any] = {"locale": "en-GB", **options}
    context = await browser.new_context(**made)
    try:
        yield await context.new_page()
    finally:
        await context.close()
