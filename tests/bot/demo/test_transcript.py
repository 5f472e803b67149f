"""The written conversation."""

import io
from collections.abc import Callable

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.demo.transcript import Transcript
from bot.sandbox import Person, Sandbox

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Cancel", callback_data="c")]])


async def test_the_transcript_shows_the_conversation(
    bot: Bot, sandbox: Sandbox, ada: Person, bob: Person, picture: Callable[..., bytes]
) -> None:
    stream = io.StringIO()
    Transcript(sandbox.world, stream, clock=lambda: 0.0)
    photo = await ada.send_photo(picture(512, 384), "my cat")
    card = await bot.send_message(ada.id, "Waiting\n2 before you", reply_markup=KEYS)
    query = ada.tap(ada.from_bot()[-1], "Cancel")
    await bot.answer_callback_query(query, "Cancelled")
    await card.edit_text("Stopped")
    await bot.send_document(ada.id, bytes(2048), filename="cat.png")
    await bot.set_message_reaction(ada.id, photo.message_id, "👀")
    await bot.send_chat_action(ada.id, "typing")
    await card.delete()
    await ada.block()
    room = sandbox.group("Friends", bob)
    await bob.send_location(chat=room)
    lines = [line[10:] for line in stream.getvalue().splitlines()]
    assert lines == [
        "Ada         [photo 512x384]",
        "            my cat",
        "Atelier     Waiting",
        "            2 before you",
        "            [ Cancel ]",
        "Ada         (presses [ Cancel ])",
        "Atelier     (answers the button: “Cancelled”)",
        "Atelier     (edits #2) Stopped",
        "Atelier     [document cat.png 2 kB]",
        "Atelier     (reacts: 👀)",
        "Atelier     (deletes: Stopped)",
        "Ada         (block)",
        "Bob         in Friends: (new chat members)",
        "Bob         in Friends: (new chat members)",
        "Bob         in Friends: [location]",
    ]
