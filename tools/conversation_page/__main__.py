"""`python -m tools.conversation_page`: write `docs/conversation.md`, by talking with the real bot.

The page has two halves: what the whole bot, in a process of its own, says in the scenarios of
`bot.demo.scenarios`, and a list of every sentence from the catalogues' template.
With `--list` only the list is renewed, which takes no time.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from babel.messages import Message as Sentence
from PIL import Image

from bot.demo.bot_process import PROJECT, BotEnded, bot_process
from bot.demo.demonstration import CONTENT, STYLE
from bot.demo.scenarios import SCENARIOS, People
from bot.sandbox import Sandbox
from tools import catalogues
from tools.conversation_page.drawing import draw

PAGE = PROJECT / "docs" / "conversation.md"
LIST = "## Every sentence and button"

_SETTLE_SECONDS = 1.0
_SIDE = 480

_INTRODUCTION = """\
# What Atelier says

This page is made by code: `python -m tools.conversation_page` has the running bot talk with
scripted people in the sandbox and writes down what stands on their screens. `(becomes)` is a
message that is edited in place, `(deleted)` one that is taken away; of a status card's edits one
in the middle and the last are shown. Notices and alerts are the answers to a pressed button. The
people's pictures are small and the studio is told to hurry, so that the times are shorter than in
life.

Each scene can be watched as it is played, with its pictures: `make try`, then *Scenes*.

![The page of make try, with a painting and the buttons under it](images/page-light.jpg)
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


async def conversation(log: Path) -> str:
    """Run all scenarios; returns the first half of the page.

    Raises:
        BotEnded: The bot ended.
        TimeoutError: The bot did not say what a scenario waits for.
    """
    async with Sandbox() as sandbox:
        ada, bob = sandbox.person("Ada"), sandbox.person("Bob")
        group = sandbox.group("Sunday painters", ada, bob, with_bot=False)
        people = People(ada, bob, group, _shrunk(CONTENT), _shrunk(STYLE))
        hurry = {"IMAGE_SIZE": "160", "ADMIN_USER_IDS": str(ada.id)}
        async with bot_process(sandbox, log, **hurry) as bot:
            return await bot.unless_it_ends(_run_all(sandbox, people))


async def _run_all(sandbox: Sandbox, people: People) -> str:
    parts = [_INTRODUCTION]
    for scenario in SCENARIOS:
        sys.stderr.write(f"{scenario.title}\n")
        since = people.ada.mark()
        await scenario.run(people)
        await asyncio.sleep(_SETTLE_SECONDS)
        place = people.group.chat if scenario.in_group else people.ada.chat
        events = [event for event in sandbox.world.events[since:] if event.chat is place]
        parts.append(f"## {scenario.title}\n\n```text{draw(events)}\n```\n")
    return "\n".join(parts)


def _shrunk(path: Path) -> bytes:
    """A picture as quick to fetch as the scenarios are to run."""
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
    log = Path(tempfile.gettempdir()) / "atelier-conversation.log"
    try:
        if options.list:
            talk = page.read_text(encoding="utf-8").partition(LIST)[0]
        else:
            talk = asyncio.run(conversation(log)) + "\n"
    except (BotEnded, TimeoutError, LookupError) as error:
        sys.stderr.write(f"{error}\nThe bot's log is in {log}.\n")
        return 1
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(talk + listing(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
