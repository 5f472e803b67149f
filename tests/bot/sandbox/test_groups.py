"""What reaches the bot in groups, and in what shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from telegram import Bot, Message, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.sandbox import ChatKind, Group, Person, Sandbox

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Picture


@pytest.fixture
def room(sandbox: Sandbox, ada: Person, bob: Person) -> Group:
    """A supergroup with a bot in privacy mode; nothing waits to be fetched."""
    room = sandbox.group("Friends", ada, bob)
    sandbox.world.updates.clear()
    return room


def _heard(sandbox: Sandbox) -> list[str]:
    """Return what the bot has been told since, in words or by the kind of update."""
    heard = []
    for update in sandbox.world.updates.unconfirmed:
        words = update.payload.get("text", update.payload.get("caption", update.kind))
        heard.append(str(words))
    sandbox.world.updates.clear()
    return heard


async def _newest(bot: Bot) -> Message:
    update = (await bot.get_updates())[-1]
    message = update.effective_message
    assert isinstance(message, Message)
    return message


async def test_being_added_and_thrown_out(sandbox: Sandbox, bot: Bot, ada: Person) -> None:
    room = sandbox.group("Friends", ada)
    standing, joined = await bot.get_updates()
    assert standing.my_chat_member is not None
    assert standing.my_chat_member.old_chat_member.status == "left"
    assert standing.my_chat_member.new_chat_member.status == "member"
    assert joined.message is not None
    assert [user.id for user in joined.message.new_chat_members] == [bot.id]
    room.remove_bot()
    gone = (await bot.get_updates())[-1].my_chat_member
    assert gone is not None
    assert gone.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(room.id, "hello?")


async def test_privacy_mode_lets_little_through(
    sandbox: Sandbox, bot: Bot, room: Group, ada: Person, bob: Person
) -> None:
    await ada.send_text("hello everybody", chat=room)
    await ada.send_text("@atelier_bot look", chat=room)
    await ada.send_text("/stylize", chat=room)
    await ada.send_text("/stylize@other_bot", chat=room)
    await ada.send_text("please /stylize@atelier_bot", chat=room)
    assert _heard(sandbox) == []
    await ada.send_text("/stylize@atelier_bot", chat=room)
    await ada.send_text("/STYLIZE@Atelier_Bot", chat=room)
    assert _heard(sandbox) == ["/stylize@atelier_bot", "/STYLIZE@Atelier_Bot"]
    await bot.send_message(room.id, "which photo?")
    await ada.send_text("/stylize", chat=room)
    await bob.send_text("this", chat=room, reply_to=room.from_bot[0])
    await bob.send_text("that", chat=room, reply_to=room.messages[1])
    assert _heard(sandbox) == ["/stylize", "this"]
    room.other_bot("me too")
    await ada.send_text("/stylize", chat=room)
    assert _heard(sandbox) == []


@pytest.mark.parametrize("way", ["mode off", "admin"])
async def test_without_privacy_everything_comes_but_other_bots(
    sandbox: Sandbox, room: Group, ada: Person, way: str
) -> None:
    if way == "admin":
        room.promote_bot()
    else:
        sandbox.world.privacy.mode = False
    sandbox.world.updates.clear()
    await ada.send_text("hello everybody", chat=room)
    room.other_bot("hello from a bot")
    assert _heard(sandbox) == ["hello everybody"]


async def test_captions_with_a_command(
    sandbox: Sandbox, room: Group, ada: Person, picture: Picture
) -> None:
    await ada.send_photo(picture(), "/stylize@atelier_bot", chat=room)
    await ada.send_photo(picture(), "my cat", chat=room)
    await ada.send_album([picture(seed=1), picture(seed=2)], "/stylize@atelier_bot swap", chat=room)
    assert _heard(sandbox) == ["/stylize@atelier_bot", "/stylize@atelier_bot swap"]
    sandbox.world.privacy.captioned_commands = False
    await ada.send_photo(picture(), "/stylize@atelier_bot", chat=room)
    assert _heard(sandbox) == []


async def test_an_edit_is_delivered_as_its_message_would_be(
    sandbox: Sandbox, room: Group, ada: Person, picture: Picture
) -> None:
    photo = await ada.send_photo(picture(), "cat", chat=room)
    assert _heard(sandbox) == []
    await ada.edit_caption(photo, "/stylize@atelier_bot")
    [update] = sandbox.world.updates.unconfirmed
    assert update.kind == "edited_message"


async def test_a_reply_brings_the_original_photo_one_level_deep(
    bot: Bot, room: Group, ada: Person, bob: Person, picture: Picture
) -> None:
    first = await ada.send_text("look:", chat=room)
    photo = await ada.send_photo(picture(200, 100), chat=room, reply_to=first)
    await bob.send_text("/stylize@atelier_bot", chat=room, reply_to=photo)
    message = await _newest(bot)
    assert message.reply_to_message is not None
    assert message.reply_to_message.photo[-1].width == 200
    assert message.reply_to_message.reply_to_message is None
    # A reply has a thread in a supergroup, but is in no topic: it must not be sent back.
    assert message.message_thread_id == first.message_id
    assert message.is_topic_message is None
    with pytest.raises(BadRequest, match=r"[Mm]essage thread not found"):
        await bot.send_message(room.id, "x", message_thread_id=message.message_thread_id)
    await ada.delete(photo)
    await bob.edit_text(room.messages[-1], "/stylize@atelier_bot now")
    assert (await _newest(bot)).reply_to_message is None


async def test_topics(sandbox: Sandbox, bot: Bot, ada: Person, bob: Person) -> None:
    forum = sandbox.group("Artists", ada, bob, is_forum=True)
    thread = forum.topic("Paintings")
    await bob.send_text("/stylize@atelier_bot", chat=forum, thread=thread)
    message = await _newest(bot)
    assert (message.message_thread_id, message.is_topic_message) == (thread, True)
    assert message.chat.is_forum
    # What replies to nothing else seems to reply to the topic's own beginning.
    assert message.reply_to_message is not None
    assert message.reply_to_message.forum_topic_created is not None
    assert message.reply_to_message.forum_topic_created.name == "Paintings"

    here = await bot.send_message(forum.id, "here", message_thread_id=thread)
    follows = await bot.send_message(forum.id, "too", reply_to_message_id=here.message_id)
    assert (here.is_topic_message, follows.message_thread_id) == (True, thread)
    general = await bot.send_message(forum.id, "general")
    assert (general.message_thread_id, general.is_topic_message) == (None, None)
    with pytest.raises(BadRequest, match=r"[Mm]essage thread not found"):
        await bot.send_message(forum.id, "x", message_thread_id=4711)
    forum.close_topic(thread)
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(forum.id, "x", message_thread_id=thread)


async def test_anonymous_admins_channels_and_forwards(
    sandbox: Sandbox, bot: Bot, room: Group, ada: Person, bob: Person
) -> None:
    channel = sandbox.group("News", ada, kind=ChatKind.CHANNEL, with_bot=False)
    room.promote(bob, anonymous=True)
    with pytest.raises(PermissionError):
        room.anonymous(sandbox.person("Eve"))
    await room.anonymous(bob).send_text("/stylize@atelier_bot")
    await room.as_channel(channel).send_text("/stylize@atelier_bot")
    room.promote_bot()
    await room.automatic(channel).send_text("news of the day")
    messages = [update.message for update in await bot.get_updates() if update.message]
    anonymous, posted, forwarded = messages[-3:]
    assert anonymous.from_user is not None
    assert (anonymous.from_user.id, anonymous.from_user.is_bot) == (1087968824, True)
    assert anonymous.sender_chat is not None
    assert anonymous.sender_chat.id == room.id
    assert posted.from_user is not None
    assert posted.from_user.id == 136817688
    assert posted.sender_chat is not None
    assert posted.sender_chat.type == "channel"
    assert forwarded.from_user is not None
    assert (forwarded.from_user.id, forwarded.from_user.is_bot) == (777000, False)
    assert forwarded.is_automatic_forward
    assert forwarded.forward_origin is not None
    assert (await bot.get_chat(room.id)).linked_chat_id == channel.id


async def test_posts_of_a_channel(sandbox: Sandbox, bot: Bot, ada: Person) -> None:
    channel = sandbox.group("News", ada, kind=ChatKind.CHANNEL)
    voice = channel.as_itself()
    posted = await voice.send_text("news")
    update = (await bot.get_updates())[-1]
    assert update.message is None
    assert update.channel_post is not None
    assert update.channel_post.from_user is None
    own = await bot.send_message(channel.id, "from the bot")
    assert own.sender_chat is not None
    await own.edit_text("from the bot, better")
    assert (await bot.get_updates())[-1].channel_post is not None
    sandbox.world.edit(posted, words="newer")
    assert (await bot.get_updates())[-1].edited_channel_post is not None


async def test_a_group_becomes_a_supergroup(
    sandbox: Sandbox, bot: Bot, ada: Person, bob: Person
) -> None:
    group = sandbox.group("Friends", ada, bob, kind=ChatKind.GROUP)
    sent = await bot.send_message(group.id, "before")
    grown = group.migrate()
    for call in (bot.send_message(group.id, "x"), sent.edit_text("x"), bot.get_chat(group.id)):
        with pytest.raises(ChatMigrated) as moved:
            await call
        assert moved.value.new_chat_id == grown.id
    before, after = (await bot.get_updates())[-2:]
    assert isinstance(before, Update)
    assert before.message is not None
    assert (before.message.chat.id, before.message.migrate_to_chat_id) == (group.id, grown.id)
    assert after.message is not None
    assert (after.message.chat.id, after.message.migrate_from_chat_id) == (grown.id, group.id)
    await bot.send_message(grown.id, "after")
    await bob.send_text("/help@atelier_bot", chat=grown)
    with pytest.raises(PermissionError):
        await bob.send_text("anybody here?", chat=group)


async def test_members_and_administrators(
    sandbox: Sandbox, bot: Bot, room: Group, ada: Person, bob: Person
) -> None:
    eve = sandbox.person("Eve")
    with pytest.raises(PermissionError):
        await eve.send_text("let me in", chat=room)
    room.promote(bob)
    room.add(eve)
    assert await bot.get_chat_member_count(room.id) == 4
    administrators = await bot.get_chat_administrators(room.id)
    assert {member.user.id for member in administrators} == {ada.id, bob.id}
    standings = [
        (await bot.get_chat_member(room.id, person.id)).status for person in (ada, bob, eve)
    ]
    assert standings == ["creator", "administrator", "member"]
    room.remove(eve)
    assert (await bot.get_chat_member(room.id, eve.id)).status == "kicked"
    with pytest.raises(BadRequest, match=r"[Uu]ser not found"):
        await bot.get_chat_member(room.id, 12345)
    await ada.send_text("hello")
    assert (await bot.get_chat_member(ada.id, ada.id)).status == "member"
    with pytest.raises(BadRequest, match="no administrators in the private chat"):
        await bot.get_chat_administrators(ada.id)


async def test_leaving_and_rights(bot: Bot, room: Group, ada: Person, picture: Picture) -> None:
    room.forbid("photo")
    with pytest.raises(BadRequest, match=r"[Nn]ot enough rights to send photos to the chat"):
        await bot.send_photo(room.id, picture())
    permissions = (await bot.get_chat(room.id)).permissions
    assert permissions is not None
    assert permissions.can_send_photos is False
    others = await ada.send_text("x", chat=room)
    with pytest.raises(BadRequest, match=r"can't be deleted"):
        await bot.delete_message(room.id, others.message_id)
    room.promote_bot()
    await bot.send_photo(room.id, picture())
    await bot.delete_message(room.id, others.message_id)
    await bot.leave_chat(room.id)
    with pytest.raises(Forbidden, match="not a member of the supergroup"):
        await bot.send_message(room.id, "bye")


async def test_two_people_press_buttons_in_one_group(
    bot: Bot, room: Group, ada: Person, bob: Person
) -> None:
    await bot.send_message(
        room.id,
        "card",
        reply_markup={"inline_keyboard": [[{"text": "Cancel", "callback_data": "c"}]]},  # type: ignore[arg-type]
    )
    card = await ada.wait_for(lambda message: bool(message.buttons), chat=room)
    ada.tap(card, "Cancel")
    bob.tap(card, "Cancel")
    queries = [update.callback_query for update in await bot.get_updates()]
    presses = [query.from_user.id for query in queries if query]
    assert presses == [ada.id, bob.id]


async def test_a_forward_tells_its_origin(
    bot: Bot, ada: Person, bob: Person, room: Group, picture: Picture
) -> None:
    photo = await bob.send_photo(picture(), chat=room)
    await ada.forward(photo)
    forwarded = await _newest(bot)
    assert forwarded.photo
    assert forwarded.forward_origin is not None
    assert forwarded.forward_origin.type == "user"
