"""The demonstration, run as people run it."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

from bot.demo.bot_process import PROJECT
from tests.e2e.conftest import MEDIUM, PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def demo(folder: Path, *arguments: str) -> tuple[int | None, str, str]:
    """Exit code and what was printed to either side."""
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {"PYTHONPATH": os.pathsep.join(paths), "ENGINE_DEVICES": "cpu", **MEDIUM}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        *arguments,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(3 * PATIENCE):
            printed, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            # It takes its bot along.
            process.send_signal(signal.SIGINT)
            await process.wait()
    return process.returncode, printed.decode(), complaints.decode()


def without_times(text: str) -> str:
    """The second may change between two readers of the same event."""
    return re.sub(r"(?m)^\d\d:\d\d:\d\d", "", text)


async def test_it_shows_the_conversation_and_saves_what_it_says(folder: Path) -> None:
    code, printed, complaints = await demo(folder, "--out", "shown")
    assert code == 0, complaints

    said = re.search(r"The painting is in (\S+), (\d+) previews and (\S+) beside it", printed)
    assert said is not None
    painting = folder / said[1]
    with Image.open(painting) as image:
        assert max(image.size) == int(MEDIUM["IMAGE_SIZE"])
    previews = sorted(painting.parent.glob("preview-*.jpg"))
    assert len(previews) == int(said[2]) >= 1
    for preview in previews:
        with Image.open(preview) as image:
            image.load()
    transcript = (painting.parent / said[3]).read_text(encoding="utf-8")
    assert without_times(transcript) in without_times(printed)
    for words in ("/start", "[ Cancel ]", "Finished in", "[ Stronger ]"):
        assert words in transcript
    assert "Traceback" not in (painting.parent / "bot.log").read_text(encoding="utf-8")


async def test_what_is_no_picture_is_one_line(folder: Path) -> None:
    (folder / "words.jpg").write_text("no picture")
    code, printed, complaints = await demo(folder, "--content", "words.jpg")
    assert (code, printed) == (2, "")
    assert complaints.startswith("words.jpg: ")
    assert len(complaints.splitlines()) == 1
