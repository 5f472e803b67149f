"""`python -m tools.screenshots`: photograph the page of `python -m bot demo --web`, with Chromium.

The whole bot paints the sample photo meanwhile: some minutes on two cores.
"""

import argparse
import asyncio
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from bot.demo.bot_process import PROJECT

IMAGES: Final = PROJECT / "docs" / "images"

_MS: Final = 900_000
_QUALITY: Final = 85
_DESKTOP: Final[ViewportSize] = {"width": 1200, "height": 820}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 820}
_SETTLE_SECONDS: Final = 1.0


@asynccontextmanager
async def served() -> AsyncGenerator[str, None]:
    """Run the command; yields the page's address."""
    with tempfile.TemporaryDirectory() as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", "--web", "--port", "0", "--out", out),
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            said = await process.stdout.readline() if process.stdout is not None else b""
            found = re.search(rb"http://\S+", said)
            if found is None:
                raise RuntimeError("the page did not come up")
            yield found[0].decode()
        finally:
            process.send_signal(signal.SIGINT)
            await process.wait()


async def photograph(browser: Browser, address: str, folder: Path) -> None:
    """Have the sample photo painted, and take one picture in each theme and one on a phone."""
    context = await browser.new_context(viewport=_DESKTOP, color_scheme="dark")
    page = await context.new_page()
    await page.goto(address)
    await page.click("#begin")
    await page.wait_for_selector("text=Welcome to Atelier", timeout=_MS)
    await page.click("#attach")
    await page.click("[data-pick=samples]")
    await page.click("#send-sheet")
    await page.click("#open-faults")
    await page.wait_for_selector("article:has-text('██████') .photo", timeout=_MS)
    await _take(page, folder / "page-dark.jpg")
    await page.click("#close-panel")
    await page.wait_for_selector("[data-key^='file:']", timeout=_MS)
    await page.wait_for_selector("[data-key^='cancel:']", state="detached", timeout=_MS)
    await page.emulate_media(color_scheme="light")
    await _take(page, folder / "page-light.jpg")
    await page.set_viewport_size(_PHONE)
    await page.click("article:has([data-key^='file:']) .photo")
    await _take(page, folder / "page-phone.jpg")


async def _take(page: Page, path: Path) -> None:
    await page.mouse.move(0, 0)  # else what lies under it looks as if it were meant
    await asyncio.sleep(_SETTLE_SECONDS)
    await page.screenshot(path=path, type="jpeg", quality=_QUALITY)


async def _run(chromium: str, folder: Path) -> None:
    async with served() as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await photograph(browser, address, folder)
        await browser.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see this module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=IMAGES, help="default: %(default)s")
    options = parser.parse_args(arguments)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("Chromium is not installed (on Debian: apt-get install chromium).\n")
        return 1
    asyncio.run(_run(chromium, options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
