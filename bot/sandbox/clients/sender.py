"""Somebody who can write into chats: a person, an anonymous admin, a channel."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypedDict, Unpack

from bot.sandbox.entities import find_entities
from bot.sandbox.media import animation, document, media, open_image, photo, sticker
from bot.sandbox.model import Attachment, Chat, Item, Media, Message, Photo, PhotoSize, User
from bot.sandbox.render import external_reply_json, origin_json
from bot.sandbox.world import World


class HasChat(Protocol):
    """A handle of a chat, such as `Group`."""

    @property
    def chat(self) -> Chat:
        """The chat itself."""
        ...


ChatOrHandle = Chat | HasChat


def chat_of(place: ChatOrHandle) -> Chat:
    """Return the chat that a handle stands for."""
    return place if isinstance(place, Chat) else place.chat


class Where(TypedDict, total=False):
    """Where a message goes.

    Attributes:
        chat: By default the sender's own.
        reply_to: A message there, or in another chat or topic.
        thread: A topic's id.
        album: Its ``media_group_id``.
    """

    chat: ChatOrHandle | None
    reply_to: Message | None
    thread: int | None
    album: str


class Sender:
    """Writes messages as Telegram would show them from this sender.

    Every ``send_...`` takes the keywords of `Where` and returns the message as posted. It raises
    PermissionError where Telegram's apps would not let one write.

    Args:
        world: Where it happens.
        chat: Where messages go that name no other.
        user: What the messages carry in ``from``.
        sender_chat: What they carry in ``sender_chat``.
        poster: The person behind an anonymous sender.
        extra: Further fields of each message, such as ``is_automatic_forward``.
    """

    def __init__(
        self,
        world: World,
        chat: Chat,
        *,
        user: User | None,
        sender_chat: Chat | None = None,
        poster: User | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.world = world
        self.chat = chat
        self._user = user
        self._sender_chat = sender_chat
        self._poster = poster
        self._extra = dict(extra or {})

    async def send_text(self, text: str, **where: Unpack[Where]) -> Message:
        """Send a text."""
        return self._post(None, text, **where)

    async def send_photo(self, data: bytes, caption: str = "", **where: Unpack[Where]) -> Message:
        """Send a photo: recompressed to JPEGs of at most 1280 px, as Telegram does.

        Raises:
            UnreadableImageError: The bytes are no picture; no app would send them as a photo.
        """
        return self._post(photo(self.world.files, open_image(data)), caption, **where)

    async def send_damaged_photo(
        self, data: bytes, size: tuple[int, int] = (640, 480), **where: Unpack[Where]
    ) -> Message:
        """Send bytes that claim to be a photo of this width and height, whatever they are."""
        stored = self.world.files.add(data, "photos", ".jpg")
        return self._post(Photo((PhotoSize(stored, *size),)), **where)

    async def send_document(
        self,
        data: bytes,
        filename: str,
        mime_type: str,
        caption: str = "",
        **where: Unpack[Where],
    ) -> Message:
        """Send a file, byte for byte."""
        return self._post(document(self.world.files, data, filename, mime_type), caption, **where)

    async def send_album(
        self,
        photos: Sequence[bytes],
        caption: str = "",
        *,
        captioned: int = 0,
        as_documents: bool = False,
        **where: Unpack[Where],
    ) -> list[Message]:
        """Send 2 to 10 pictures as one album: separate messages with one ``media_group_id``.

        Args:
            photos: Their bytes.
            caption: Stands under one of them.
            captioned: Under which one.
            as_documents: As files instead of photos.
            where: See the class.
        """
        place: Where = {**where, "album": self.world.new_album()}
        sent = []
        for index, data in enumerate(photos):
            words = caption if index == captioned else ""
            if as_documents:
                name = f"picture-{index}.jpg"
                sent.append(await self.send_document(data, name, "image/jpeg", words, **place))
            else:
                sent.append(await self.send_photo(data, words, **place))
        return sent

    async def send_sticker(
        self,
        data: bytes,
        *,
        emoji: str = "🎨",
        animated: bool = False,
        video: bool = False,
        **where: Unpack[Where],
    ) -> Message:
        """Send a sticker: WebP, or bytes of an animated or a video one."""
        made = sticker(self.world.files, data, emoji=emoji, animated=animated, video=video)
        return self._post(made, **where)

    async def send_animation(
        self,
        data: bytes,
        filename: str = "animation.gif",
        caption: str = "",
        **where: Unpack[Where],
    ) -> Message:
        """Send a GIF; Telegram turns it into a video without sound, kept as it is here."""
        made = animation(self.world.files, data, filename, "image/gif")
        return self._post(made, caption, **where)

    async def send_video(self, data: bytes, caption: str = "", **where: Unpack[Where]) -> Message:
        """Send a video; the bytes may be anything."""
        fields = {"width": 640, "height": 360, "duration": 3, "mime_type": "video/mp4"}
        return self._post(media(self.world.files, "video", data, fields), caption, **where)

    async def send_video_note(self, data: bytes, **where: Unpack[Where]) -> Message:
        """Send a round video."""
        made = media(self.world.files, "video_note", data, {"length": 240, "duration": 3})
        return self._post(made, **where)

    async def send_voice(self, data: bytes, **where: Unpack[Where]) -> Message:
        """Send a voice message."""
        fields = (("duration", 3), ("mime_type", "audio/ogg"))
        return self._post(Media("voice", self.world.files.add(data, "voices"), fields), **where)

    async def send_audio(self, data: bytes, **where: Unpack[Where]) -> Message:
        """Send a piece of music."""
        fields = {"duration": 3, "mime_type": "audio/mpeg", "title": "Song"}
        return self._post(media(self.world.files, "audio", data, fields), **where)

    async def send_location(
        self, latitude: float = 48.8606, longitude: float = 2.3376, **where: Unpack[Where]
    ) -> Message:
        """Send a place on the map, in degrees."""
        fields = (("latitude", latitude), ("longitude", longitude))
        return self._post(Item("location", fields), **where)

    async def send_contact(
        self, phone_number: str = "+1 555 0100", name: str = "Ada", **where: Unpack[Where]
    ) -> Message:
        """Send somebody's number."""
        fields = (("phone_number", phone_number), ("first_name", name))
        return self._post(Item("contact", fields), **where)

    async def send_dice(self, value: int = 6, **where: Unpack[Where]) -> Message:
        """Throw a die."""
        return self._post(Item("dice", (("emoji", "🎲"), ("value", value))), **where)

    async def forward(self, message: Message, **where: Unpack[Where]) -> Message:
        """Forward a message here."""
        origin = origin_json(message)
        return self._post(message.attachment, message.words, origin, **where)

    def _post(
        self,
        made: Attachment | None,
        words: str = "",
        forward_origin: Mapping[str, object] | None = None,
        **where: Unpack[Where],
    ) -> Message:
        chat = chat_of(where.get("chat") or self.chat)
        thread = where.get("thread")
        self._require(chat, thread)
        reply_to, elsewhere = where.get("reply_to"), None
        if reply_to is not None and (
            reply_to.chat is not chat or (thread is not None and reply_to.thread_id != thread)
        ):
            elsewhere, reply_to = external_reply_json(reply_to), None
        message = Message(
            chat=chat,
            sender=self._user,
            sender_chat=self._sender_chat,
            poster=self._poster,
            words=words,
            entities=find_entities(words),
            attachment=made,
            reply_to=reply_to.message_id if reply_to is not None else None,
            external_reply=elsewhere,
            thread_id=thread,
            media_group_id=where.get("album"),
            forward_origin=forward_origin,
        )
        return self.world.post(message.but(**self._extra))

    def _require(self, chat: Chat, thread: int | None) -> None:
        """Check that one may write here, as an app does before it offers the input line."""
        author = self._poster or self._user
        if chat.migrated_to is not None:
            raise PermissionError(f"{chat.title} has become a supergroup")
        if chat.is_private and (chat.user != author or chat.blocked):
            raise PermissionError("nobody else's private chat, nor with a blocked bot")
        if chat.is_group and self._sender_chat is None and not (author and chat.has(author.id)):
            raise PermissionError(f"{author and author.name} is not in {chat.title}")
        if thread is not None and thread not in chat.topics:
            raise PermissionError(f"{chat.title} has no topic {thread}")
