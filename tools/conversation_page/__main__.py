"""`python -m tools.conversation_page`: write `docs/conversation.md`, by talking with the real bot.

The page has two halves: a transcript of the scenes in `tools.conversation_page.scenes`, played
by the whole bot in a process of its own, and a list of every sentence from the catalogues'
template. With `--list` only the list is renewed, which takes no time.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from babel.messages import Message as Sentence
from PIL import Image

from bot.demo.demonstration import CONTENT, PROJECT, STYLE, DemoError, bot_at_work
from bot.sandbox.server import Sandbox
from tools import catalogues
from tools.conversation_page.drawing import draw
from tools.conversation_page.scenes import SCENES, Cast

PAGE = PROJECT / "docs" / "conversation.md"
LIST = "## Every sentence and button"

_START_SECONDS = 240.0
_SETTLE_SECONDS = 1.0
_SIDE = 480

_INTRODUCTION = """\
# What Atelier says

This page is made by code: `python -m tools.conversation_page` has the running bot talk with
scripted people in the sandbox and writes down what stands on their screens. `(becomes)` is a
message that is edited in place; of a status card's edits one in the middle and the last are
shown. Notices and alerts are the answers to a pressed button. The people's pictures are small and
the studio is told to hurry, so that the times are shorter than in life.
"""

_LIST_INTRODUCTION = """\
From the catalogues' template, by the part of the code that says it; a sentence that several
parts say stands with the first. `{words in braces}` are filled in. Where the number decides,
both English forms are given. [words.md](words.md) tells how they get into the other languages.
"""


def listing() -> str:
    """The second half of the page: every message of the template, in the order of the code."""
    found = list(catalogues.messages(catalogues.read_template()))
    lines = [LIST, "", _LIST_INTRODUCTION]
    for part, sentences in groupby(found, key=_part):
        lines.append(f"### {part}\n")
        lines.extend(_item(sentence) for sentence in sentences)
        lines.append("")
    return "\n".join(lines)


def _part(sentence: Sentence) -> str:
    return f"`{sentence.locations[0][0]}`"


def _item(sentence: Sentence) -> str:
    forms = (sentence.id,) if isinstance(sentence.id, str) else dict.fromkeys(sentence.id)
    return "- " + " / ".join(form.replace("\n", " ⏎ ") for form in forms)


async def tour(log: Path) -> str:
    """Play all scenes; returns the first half of the page.

    Raises:
        DemoError: The bot ended.
        TimeoutError: The bot did not say what a scene waits for.
    """
    async with Sandbox() as sandbox:
        ada, bob = sandbox.person("Ada"), sandbox.person("Bob")
        room = sandbox.group("Sunday painters", ada, bob, with_bot=False)
        cast = Cast(ada, bob, room, _shrunk(CONTENT), _shrunk(STYLE))
        hurry = {"IMAGE_SIZE": "160", "ADMIN_USER_IDS": str(ada.id)}
        async with bot_at_work(sandbox, log, **hurry) as bot:
            return await bot.unless_it_ends(_play(sandbox, cast))


async def _play(sandbox: Sandbox, cast: Cast) -> str:
    await sandbox.wait_for_call("getUpdates", timeout=_START_SECONDS)
    parts = [_INTRODUCTION]
    for scene in SCENES:
        sys.stderr.write(f"{scene.title}\n")
        since = cast.ada.mark()
        await scene.play(cast)
        await asyncio.sleep(_SETTLE_SECONDS)
        place = cast.room.chat if scene.in_group else cast.ada.chat
        events = [event for event in sandbox.world.events[since:] if event.chat is place]
        parts.append(f"## {scene.title}\n\n```text{draw(events)}\n```\n")
    return "\n".join(parts)


def _shrunk(path: Path) -> bytes:
    """A picture as quick to fetch as the scenes are to play."""
    with Image.open(path) as image, tempfile.SpooledTemporaryFile() as file:
        image.thumbnail((_SIDE, _SIDE))
        image.save(file, "JPEG")
        file.seek(0)
        return file.read()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see this module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tools.conversation_page", description=__doc__)
    parser.add_argument("--list", action="store_true", help="renew only the list of sentences")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args(arguments)
    page: Path = options.page
    log = Path(tempfile.gettempdir()) / "atelier-tour.log"
    try:
        if options.list:
            talk = page.read_text(encoding="utf-8").partition(LIST)[0]
        else:
            talk = asyncio.run(tour(log)) + "\n"
    except (DemoError, TimeoutError, LookupError) as error:
        sys.stderr.write(f"{error}\nThe bot's log is in {log}.\n")
        return 1
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(talk + listing(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
