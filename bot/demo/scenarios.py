"""What people do with the bot, one scenario after the other, for `docs/conversation.md`."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PIL import Image

from bot.demo.bot_messages import is_card, is_painting
from bot.sandbox import Button, Group, Message, Person

PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part, in which group, and with which pictures (JPEG).

    Attributes:
        pause: Seconds before what people write or press, for those who watch.
    """

    ada: Person
    bob: Person
    group: Group
    photo: bytes
    style: bytes
    pause: float = 0.0

    async def wait_for(
        self,
        predicate: Callable[[Message], bool],
        *,
        since: int,
        who: Person | None = None,
        in_group: bool = False,
    ) -> Message:
        """Wait for a message or an edit of the bot's."""
        person = who or self.ada
        place = self.group if in_group else None
        return await person.wait_for(predicate, timeout=PATIENCE, chat=place, since=since)

    async def painted(
        self, *, since: int, who: Person | None = None, in_group: bool = False
    ) -> None:
        """Wait for a painting of Ada's, somebody's or the group's, and for its card to go."""
        person = who or self.ada
        await self.wait_for(is_painting, since=since, who=person, in_group=in_group)
        place = self.group if in_group else None
        await person.wait_for_deletion(is_card, timeout=PATIENCE, chat=place, since=since)

    async def ask(self, text: str) -> Message:
        """Ada writes in private and gets an answer."""
        await asyncio.sleep(self.pause)
        since = self.ada.mark()
        await self.ada.send_text(text)
        return await self.wait_for(lambda _: True, since=since)

    async def press(self, message: Message, button: str, who: Person | None = None) -> None:
        """Press the button whose text begins so, or whose data is this, once it is there."""
        await asyncio.sleep(self.pause)
        person = who or self.ada

        def found(one: Message) -> Button | None:
            fits = (b for b in one.buttons if b.text.startswith(button) or b.data == button)
            return next(fits, None) if one.message_id == message.message_id else None

        now = message.chat.messages[message.message_id]
        if found(now) is None:
            # The answer to the press before comes sooner than the edit that it leads to.
            now = await person.wait_for(
                lambda one: found(one) is not None,
                timeout=PATIENCE,
                chat=message.chat,
                since=person.mark(),
            )
        if (wanted := found(now)) is None:
            raise LookupError(f"no button {button!r} under {now.words!r}")
        await person.press(now, wanted.data, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A part of the page."""

    title: str
    run: Callable[[People], Awaitable[None]]
    in_group: bool = False


def is_closed(message: Message) -> bool:
    """The card of a cancelled order."""
    return not is_card(message) and message.words.startswith("Cancelled")


async def begin(people: People) -> None:
    """Two photos become a painting."""
    await people.ask("/start")
    since = people.ada.mark()
    await people.ada.send_photo(people.photo)
    await people.wait_for(lambda m: "Lovely" in m.words, since=since)
    await people.ada.send_photo(people.style)
    await people.painted(since=since)


async def rethink(people: People) -> None:
    """The buttons under a painting."""
    painting = next((m for m in reversed(people.ada.from_bot()) if is_painting(m)), None)
    if painting is None:
        raise LookupError("there is no painting yet")
    since = people.ada.mark()
    await people.press(painting, "Stronger")
    await people.painted(since=since)
    await people.press(painting, "File")
    await people.wait_for(lambda m: m.document is not None, since=since)


async def turn_an_album(people: People) -> None:
    """An album, turned round in time, then cancelled."""
    since = people.ada.mark()
    await people.bob.send_album([people.photo, people.style])
    await people.ada.send_album([people.style, people.photo])
    card = await people.wait_for(is_card, since=since)
    await people.press(card, "Swap photo and style")
    await people.press(card, "Cancel")
    await people.wait_for(is_closed, since=since)
    await people.painted(since=since, who=people.bob)


async def choose_a_style(people: People) -> None:
    """The gallery."""
    since = people.ada.mark()
    gallery = await people.ask("/styles")
    await people.press(gallery, "›")
    await people.press(gallery, "3  ")
    await people.wait_for(lambda m: "fine style" in m.words, since=since)
    await people.ada.send_photo(people.photo)
    await people.painted(since=since)


async def keep_a_style(people: People) -> None:
    """A style of one's own."""
    since = people.ada.mark()
    await people.ada.send_photo(people.style, "/save Starry night")
    await people.wait_for(lambda m: "Saved" in m.words, since=since)
    await people.ask("/save")
    await people.ada.send_photo(people.photo, "/stylize starry nigt")
    await people.wait_for(lambda m: "know a style" in m.words, since=since)
    await people.ask("/cancel")


async def settle(people: People) -> None:
    """Preferences."""
    message = await people.ask("/settings")
    await people.press(message, "Strength")
    await people.press(message, "70")
    await people.press(message, "Language")
    await people.press(message, "Deutsch")
    await people.press(message, "Sprache")
    await people.press(message, "English")
    await people.press(message, "Done")


async def misunderstand(people: People) -> None:
    """What is no picture, or none that can be painted."""
    await people.ask("Hello, who are you?")
    await people.ask("/paint")
    since = people.ada.mark()
    await people.ada.send_dice()
    await people.wait_for(lambda _: True, since=since)
    since = people.ada.mark()
    await people.ada.send_document(b"Dear diary", "diary.txt", "text/plain")
    await people.wait_for(lambda _: True, since=since)
    since = people.ada.mark()
    await people.ada.send_document(_dot(), "dot.png", "image/png")
    await people.wait_for(lambda m: "too small" in m.words, since=since)
    await people.ask("/cancel")


async def trust(people: People) -> None:
    """What is kept, and how to have it deleted."""
    await people.ask("/help")
    await people.ask("/privacy")
    message = await people.ask("/forget")
    await people.press(message, "Yes, forget")


async def count(people: People) -> None:
    """The figures, for those who run the studio."""
    await people.ask("/stats")


async def meet_in_a_group(people: People) -> None:
    """A group: introduced, asked, answered, and a stranger at the button."""
    people.group.add_bot(by=people.ada)
    since = people.ada.mark()
    photo = await people.bob.send_photo(people.photo, chat=people.group)
    await people.ada.send_text("/stylize@atelier_bot", chat=people.group, reply_to=photo)
    asked = await people.wait_for(lambda m: "reply to this" in m.words, since=since, in_group=True)
    await people.ada.send_photo(people.style, chat=people.group, reply_to=asked)
    card = await people.wait_for(is_card, since=since, in_group=True)
    await people.press(card, "Cancel", people.bob)
    await people.painted(since=since, in_group=True)
    since = people.ada.mark()
    await people.bob.send_photo(people.photo, "/stylize@atelier_bot mosaic", chat=people.group)
    await people.painted(since=since, in_group=True)
    await people.bob.send_text("/settings@atelier_bot", chat=people.group)
    await people.wait_for(lambda m: "admins" in m.words, since=since, in_group=True)


SCENARIOS = (
    Scenario("Two photos become a painting", begin),
    Scenario("Second thoughts", rethink),
    Scenario("An album, turned round and called off", turn_an_album),
    Scenario("Styles to choose from", choose_a_style),
    Scenario("A style of one's own", keep_a_style),
    Scenario("Settings", settle),
    Scenario("Misunderstandings", misunderstand),
    Scenario("In a group", meet_in_a_group, in_group=True),
    Scenario("How the studio is doing", count),
    Scenario("Help, trust and farewell", trust),
)


def _dot() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(buffer, "PNG")
    return buffer.getvalue()
