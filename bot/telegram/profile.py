"""What the bot's profile says of itself: its name, its description and the short one.

Rule: what the host wrote stays. Telegram keeps these texts with the bot, and BotFather sets them
too, so that Atelier only fills what is empty and renews what it wrote itself:

* A description is Atelier's if the one for all languages is empty, or was published by Atelier.
  Where it is the host's, Atelier writes none in any language.
* The name for all languages is BotFather's and is never changed. While it is Atelier's own, the
  name is published in the languages that write it otherwise; a host who gives the bot another
  name has those withdrawn at the next start, so that it has that name everywhere.

What was published is remembered in the data directory, because the next version may say it
differently. Losing that file costs no more than a text that is left as it is.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot import storage
from bot.telegram.account import Account
from bot.telegram.errors import TelegramFault
from bot.words import SOURCE_LANGUAGE, Library, Words, telegram_code

log = logging.getLogger(__name__)

MEMORY: Final = "published.json"
"""The file in the data directory: field -> language code -> text."""

EVERYWHERE: Final = ""
"""Stands for the text that Telegram shows where a language has none of its own."""

Texts = Mapping[str, str]
"""By two-letter language code, or `EVERYWHERE`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One of the profile's texts: what it says, and how Telegram is asked and told.

    `fixed` fields have a text for all languages that only the host changes.
    """

    name: str
    say: Callable[[Words], str]
    get: Callable[[str | None], Awaitable[str]]
    put: Callable[[str, str | None], Awaitable[None]]
    fixed: bool = False


def name(words: Words) -> str:
    """The bot's name (setMyName, at most 64 characters)."""
    # Translators: the bot's name: keep Atelier and add what it is called in your script, if any.
    return words.text("Atelier")


def short_description(words: Words) -> str:
    """What stands on the profile page and beside shared links (at most 120 characters)."""
    return words.text(
        "I paint your photo in the style of any picture you like. Send two pictures and watch."
    )


def description(words: Words) -> str:
    """What an empty chat with the bot shows (at most 512 characters)."""
    return words.text(
        "Send me a photo and a picture whose style you like, "
        "and watch the photo become a painting.\n\n"
        "Then make it stronger, softer, larger or change its colours. "
        "In groups, reply to a photo with /stylize."
    )


def changes(wanted: Texts, shown: Texts, before: Texts, *, fixed: bool) -> dict[str, str]:
    """The texts to set, by this module's rule; an empty one is withdrawn.

    Args:
        wanted: Atelier's own texts.
        shown: what Telegram answers; where a language has no text of its own, that may be
            nothing or the text for all languages.
        before: what Atelier published earlier.
        fixed: whether the text for all languages is the host's matter.
    """
    everywhere = shown[EVERYWHERE]
    is_ours = everywhere in {"", wanted[EVERYWHERE], before.get(EVERYWHERE)}
    found = {}
    for code, text in wanted.items():
        present = shown[code]
        if code == EVERYWHERE:
            if is_ours and not fixed and present != text:
                found[code] = text
        elif is_ours:
            if present in {"", everywhere, before.get(code)} and (present or everywhere) != text:
                found[code] = text
        elif present in {text, before.get(code)} - {"", everywhere}:
            found[code] = ""
    return found


class Profile:
    """Publishes the texts."""

    def __init__(self, account: Account, library: Library, data_dir: Path) -> None:
        self._account = account
        self._path = data_dir / MEMORY
        self._spoken: dict[str, Words] = {
            EVERYWHERE if code == SOURCE_LANGUAGE else telegram_code(code): library.words(code)
            for code in library.languages
        }

    async def publish(self) -> None:
        """Set what differs from what Telegram shows (getMyName, setMyName, and their like).

        A failure is logged and let go: the rest of that field waits for the next start.
        """
        memory = await _recall(self._path)
        for field in self._fields():
            known = memory.setdefault(field.name, {})
            try:
                if await self._renew(field, known):
                    log.info("The bot's %s is published", field.name)
            except TelegramFault as fault:
                log.warning("The bot's %s was not published: %s", field.name, fault)
        await _remember(self._path, memory)

    async def _renew(self, field: Field, known: dict[str, str]) -> bool:
        """Bring one field up to date; `known` grows with every text that Telegram has taken."""
        wanted = {code: field.say(words) for code, words in self._spoken.items()}
        shown = {}
        for code in wanted:
            shown[code] = await field.get(code or None)
        due = changes(wanted, shown, known, fixed=field.fixed)
        for code, text in due.items():
            await field.put(text, code or None)
            known[code] = text
        return bool(due)

    def _fields(self) -> list[Field]:
        account = self._account
        return [
            Field("description", description, account.description, account.set_description),
            Field(
                "short description",
                short_description,
                account.short_description,
                account.set_short_description,
            ),
            # Telegram allows few changes of name, and the others should not wait for it.
            Field("name", name, account.name, account.set_name, fixed=True),
        ]


async def _recall(path: Path) -> dict[str, dict[str, str]]:
    try:
        memory = json.loads(await storage.read(path))
        return {str(field): dict(texts) for field, texts in memory.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        log.warning("What was published before is not known (%s)", error)
        return {}


async def _remember(path: Path, memory: dict[str, dict[str, str]]) -> None:
    text = json.dumps(memory, ensure_ascii=False, indent=1)
    try:
        await storage.write(path, text.encode())
    except OSError as error:
        log.warning("What was published could not be noted (%s)", error)
