"""What people do with the bot, scene by scene, for `docs/conversation.md`."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PIL import Image

from bot.sandbox.model import Message
from bot.sandbox.person import Person
from bot.sandbox.room import Room

PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays, where, and with which pictures (JPEG)."""

    ada: Person
    bob: Person
    room: Room
    photo: bytes
    style: bytes

    async def hears(
        self,
        predicate: Callable[[Message], bool],
        *,
        since: int,
        who: Person | None = None,
        together: bool = False,
    ) -> Message:
        """Wait for a message or an edit of the bot's."""
        person = who or self.ada
        place = self.room if together else None
        return await person.wait_for(predicate, timeout=PATIENCE, chat=place, since=since)

    async def asks(self, text: str) -> Message:
        """Ada writes in private and gets an answer."""
        since = self.ada.mark()
        await self.ada.send_text(text)
        return await self.hears(lambda _: True, since=since)

    async def presses(self, message: Message, button: str, who: Person | None = None) -> None:
        """Press the button whose text begins so, or whose data is this."""
        person = who or self.ada
        now = message.chat.messages[message.message_id]
        found = next(
            (b for b in now.buttons if b.text.startswith(button) or b.data == button), None
        )
        if found is None:
            raise LookupError(f"no button {button!r} under {now.words!r}")
        await person.press(now, found.data, timeout=PATIENCE)


Play = Callable[[Cast], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A part of the page."""

    title: str
    play: Play
    in_group: bool = False


def is_painting(message: Message) -> bool:
    """A finished painting: a photo with second thoughts under it."""
    return message.photo is not None and any(b.data.startswith("file:") for b in message.buttons)


def is_card(message: Message) -> bool:
    """A status card of an order that is not over."""
    return any(button.data.startswith("cancel:") for button in message.buttons)


def is_closed(message: Message) -> bool:
    """A card after the end."""
    return not is_card(message) and message.words.startswith(("Finished", "Cancelled"))


async def begin(cast: Cast) -> None:
    """Two photos become a painting."""
    await cast.asks("/start")
    since = cast.ada.mark()
    await cast.ada.send_photo(cast.photo)
    await cast.hears(lambda m: "Lovely" in m.words, since=since)
    await cast.ada.send_photo(cast.style)
    await cast.hears(is_painting, since=since)
    await cast.hears(is_closed, since=since)


async def rethink(cast: Cast) -> None:
    """The buttons under a painting."""
    painting = next(m for m in reversed(cast.ada.from_bot()) if is_painting(m))
    since = cast.ada.mark()
    await cast.presses(painting, "Stronger")
    await cast.hears(is_painting, since=since)
    await cast.hears(is_closed, since=since)
    await cast.presses(painting, "File")
    await cast.hears(lambda m: m.document is not None, since=since)


async def turn_an_album(cast: Cast) -> None:
    """An album, turned round in time, then cancelled."""
    since = cast.ada.mark()
    await cast.bob.send_album([cast.photo, cast.style])
    await cast.ada.send_album([cast.style, cast.photo])
    card = await cast.hears(is_card, since=since)
    await cast.presses(card, "Swap photo and style")
    await cast.presses(card, "Cancel")
    await cast.hears(is_closed, since=since)
    await cast.hears(is_closed, since=since, who=cast.bob)


async def choose_a_style(cast: Cast) -> None:
    """The gallery."""
    since = cast.ada.mark()
    gallery = await cast.asks("/styles")
    await cast.presses(gallery, "›")
    await cast.presses(gallery, "3  ")
    await cast.hears(lambda m: "fine style" in m.words, since=since)
    await cast.ada.send_photo(cast.photo)
    await cast.hears(is_painting, since=since)
    await cast.hears(is_closed, since=since)


async def keep_a_style(cast: Cast) -> None:
    """A style of one's own."""
    since = cast.ada.mark()
    await cast.ada.send_photo(cast.style, "/save Starry night")
    await cast.hears(lambda m: "Saved" in m.words, since=since)
    await cast.asks("/save")
    await cast.ada.send_photo(cast.photo, "/stylize starry nigt")
    await cast.hears(lambda m: "know a style" in m.words, since=since)
    await cast.asks("/cancel")


async def settle(cast: Cast) -> None:
    """Preferences."""
    message = await cast.asks("/settings")
    await cast.presses(message, "Strength")
    await cast.presses(message, "70")
    await cast.presses(message, "Language")
    await cast.presses(message, "Deutsch")
    await cast.presses(message, "Sprache")
    await cast.presses(message, "English")
    await cast.presses(message, "Done")


async def misunderstand(cast: Cast) -> None:
    """What is no picture, or none that can be painted."""
    await cast.asks("Hello, who are you?")
    await cast.asks("/paint")
    since = cast.ada.mark()
    await cast.ada.send_dice()
    await cast.hears(lambda _: True, since=since)
    since = cast.ada.mark()
    await cast.ada.send_document(b"Dear diary", "diary.txt", "text/plain")
    await cast.hears(lambda _: True, since=since)
    since = cast.ada.mark()
    await cast.ada.send_document(_dot(), "dot.png", "image/png")
    await cast.hears(lambda m: "too small" in m.words, since=since)
    await cast.asks("/cancel")


async def trust(cast: Cast) -> None:
    """What is kept, and how to have it deleted."""
    await cast.asks("/help")
    await cast.asks("/privacy")
    message = await cast.asks("/forget")
    await cast.presses(message, "Yes, forget")


async def count(cast: Cast) -> None:
    """The figures, for those who run the studio."""
    await cast.asks("/stats")


async def meet_in_a_group(cast: Cast) -> None:
    """A group: introduced, asked, answered, and a stranger at the button."""
    cast.room.add_bot(by=cast.ada)
    since = cast.ada.mark()
    photo = await cast.bob.send_photo(cast.photo, chat=cast.room)
    await cast.ada.send_text("/stylize@atelier_bot", chat=cast.room, reply_to=photo)
    asked = await cast.hears(lambda m: "reply to this" in m.words, since=since, together=True)
    await cast.ada.send_photo(cast.style, chat=cast.room, reply_to=asked)
    card = await cast.hears(is_card, since=since, together=True)
    await cast.presses(card, "Cancel", cast.bob)
    await cast.hears(is_painting, since=since, together=True)
    await cast.hears(is_closed, since=since, together=True)
    since = cast.ada.mark()
    await cast.bob.send_photo(cast.photo, "/stylize@atelier_bot mosaic", chat=cast.room)
    await cast.hears(is_painting, since=since, together=True)
    await cast.hears(is_closed, since=since, together=True)
    await cast.bob.send_text("/settings@atelier_bot", chat=cast.room)
    await cast.hears(lambda m: "admins" in m.words, since=since, together=True)


SCENES = (
    Scene("Two photos become a painting", begin),
    Scene("Second thoughts", rethink),
    Scene("An album, turned round and called off", turn_an_album),
    Scene("Styles to choose from", choose_a_style),
    Scene("A style of one's own", keep_a_style),
    Scene("Settings", settle),
    Scene("Misunderstandings", misunderstand),
    Scene("In a group", meet_in_a_group, in_group=True),
    Scene("How the studio is doing", count),
    Scene("Help, trust and farewell", trust),
)


def _dot() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(buffer, "PNG")
    return buffer.getvalue()
