"""Somebody who can write into chats: a person, an anonymous admin, a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.sandbox.entities import find_entities
from bot.sandbox.media import animation, document, media, open_image, photo, sticker
from bot.sandbox.methods.sending import origin_of
from bot.sandbox.model import Attachment, Chat, Item, Message, Photo, PhotoSize, User
from bot.sandbox.world import World


class HasChat(Protocol):
    """A handle of a chat, such as `Room`."""

    @property
    def chat(self) -> Chat:
        """The chat itself."""
        ...


Place = Chat | HasChat


def chat_of(place: Place) -> Chat:
    """Return the chat that a handle stands for."""
    return place if isinstance(place, Chat) else place.chat


class Voice:
    """Writes messages as Telegram would show them from this sender.

    Every ``send_...`` takes the keywords ``chat`` (default: the voice's own), ``reply_to`` (a
    message there) and ``thread`` (a topic's id), and returns the message as posted. It raises
    PermissionError where Telegram's apps would not let one write.

    Args:
        world: Where it happens.
        home: Chat for messages that name none.
        sender: What the messages carry in ``from``.
        sender_chat: What they carry in ``sender_chat``.
        poster: The person behind an anonymous sender.
        extra: Further fields of each message, such as ``is_automatic_forward``.
    """

    def __init__(
        self,
        world: World,
        home: Chat,
        *,
        sender: User | None,
        sender_chat: Chat | None = None,
        poster: User | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.world = world
        self.home = home
        self._sender = sender
        self._sender_chat = sender_chat
        self._poster = poster
        self._extra = dict(extra or {})

    async def send_text(
        self,
        text: str,
        *,
        chat: Place | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
    ) -> Message:
        """Send a text."""
        return self._post(None, text, chat, reply_to=reply_to, thread=thread)

    async def send_photo(
        self,
        data: bytes,
        caption: str = "",
        *,
        chat: Place | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
        album: str | None = None,
    ) -> Message:
        """Send a photo: recompressed to JPEGs of at most 1280 px, as Telegram does.

        Raises:
            UnreadableImageError: The bytes are no picture; no app would send them as a photo.
        """
        made = photo(self.world.files, open_image(data))
        return self._post(made, caption, chat, reply_to=reply_to, thread=thread, album=album)

    async def send_damaged_photo(
        self, data: bytes, size: tuple[int, int] = (640, 480), *, chat: Place | None = None
    ) -> Message:
        """Send bytes that claim to be a photo of this width and height, whatever they are."""
        stored = self.world.files.add(data, "photos", ".jpg")
        return self._post(Photo((PhotoSize(stored, *size),)), "", chat)

    async def send_document(
        self,
        data: bytes,
        filename: str,
        mime_type: str,
        caption: str = "",
        *,
        chat: Place | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
        album: str | None = None,
    ) -> Message:
        """Send a file, byte for byte."""
        made = document(self.world.files, data, filename, mime_type)
        return self._post(made, caption, chat, reply_to=reply_to, thread=thread, album=album)

    async def send_album(
        self,
        photos: Sequence[bytes],
        caption: str = "",
        *,
        captioned: int = 0,
        as_documents: bool = False,
        chat: Place | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
    ) -> list[Message]:
        """Send 2 to 10 pictures as one album: separate messages with one ``media_group_id``.

        Args:
            photos: Their bytes.
            caption: Stands under one of them.
            captioned: Under which one.
            as_documents: As files instead of photos.
            chat: See the class.
            reply_to: See the class.
            thread: See the class.
        """
        album = self.world.new_album()
        sent = []
        for index, data in enumerate(photos):
            words = caption if index == captioned else ""
            if as_documents:
                made: Attachment = document(
                    self.world.files, data, f"picture-{index}.jpg", "image/jpeg"
                )
            else:
                made = photo(self.world.files, open_image(data))
            sent.append(
                self._post(made, words, chat, reply_to=reply_to, thread=thread, album=album)
            )
        return sent

    async def send_sticker(
        self,
        data: bytes,
        *,
        emoji: str = "🎨",
        animated: bool = False,
        video: bool = False,
        chat: Place | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
    ) -> Message:
        """Send a sticker: WebP, or bytes of an animated or a video one."""
        made = sticker(self.world.files, data, emoji=emoji, animated=animated, video=video)
        return self._post(made, "", chat, reply_to=reply_to, thread=thread)

    async def send_animation(
        self,
        data: bytes,
        filename: str = "animation.gif",
        caption: str = "",
        *,
        chat: Place | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Send a GIF; Telegram turns it into a video without sound, kept as it is here."""
        made = animation(self.world.files, data, filename, "image/gif")
        return self._post(made, caption, chat, reply_to=reply_to)

    async def send_video(
        self, data: bytes, caption: str = "", *, chat: Place | None = None
    ) -> Message:
        """Send a video; the bytes may be anything."""
        fields = {"width": 640, "height": 360, "duration": 3, "mime_type": "video/mp4"}
        return self._post(media(self.world.files, "video", data, fields), caption, chat)

    async def send_video_note(self, data: bytes, *, chat: Place | None = None) -> Message:
        """Send a round video."""
        return self._post(
            media(self.world.files, "video_note", data, {"length": 240, "duration": 3}), "", chat
        )

    async def send_voice(self, data: bytes, *, chat: Place | None = None) -> Message:
        """Send a voice message."""
        fields = {"duration": 3, "mime_type": "audio/ogg"}
        return self._post(media(self.world.files, "voice", data, fields), "", chat)

    async def send_audio(self, data: bytes, *, chat: Place | None = None) -> Message:
        """Send a piece of music."""
        fields = {"duration": 3, "mime_type": "audio/mpeg", "title": "Song"}
        return self._post(media(self.world.files, "audio", data, fields), "", chat)

    async def send_location(
        self, latitude: float = 48.8606, longitude: float = 2.3376, *, chat: Place | None = None
    ) -> Message:
        """Send a place on the map, in degrees."""
        fields = (("latitude", latitude), ("longitude", longitude))
        return self._post(Item("location", fields), "", chat)

    async def send_contact(
        self, phone_number: str = "+1 555 0100", name: str = "Ada", *, chat: Place | None = None
    ) -> Message:
        """Send somebody's number."""
        fields = (("phone_number", phone_number), ("first_name", name))
        return self._post(Item("contact", fields), "", chat)

    async def send_dice(self, value: int = 6, *, chat: Place | None = None) -> Message:
        """Throw a die."""
        return self._post(Item("dice", (("emoji", "🎲"), ("value", value))), "", chat)

    async def forward(
        self, message: Message, *, chat: Place | None = None, thread: int | None = None
    ) -> Message:
        """Forward a message here."""
        posted = self._draft(message.attachment, message.words, chat, thread=thread)
        return self.world.post(posted.but(forward_origin=origin_of(message)))

    def _post(
        self,
        made: Attachment | None,
        words: str,
        chat: Place | None,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        album: str | None = None,
    ) -> Message:
        draft = self._draft(made, words, chat, reply_to=reply_to, thread=thread)
        return self.world.post(draft.but(media_group_id=album, **self._extra))

    def _draft(
        self,
        made: Attachment | None,
        words: str,
        place: Place | None,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
    ) -> Message:
        chat = self.home if place is None else chat_of(place)
        self._require(chat, thread)
        return Message(
            chat=chat,
            sender=self._sender,
            sender_chat=self._sender_chat,
            poster=self._poster,
            words=words,
            entities=find_entities(words),
            attachment=made,
            reply_to=reply_to.message_id if reply_to is not None else None,
            thread_id=thread,
        )

    def _require(self, chat: Chat, thread: int | None) -> None:
        """Check that one may write here, as an app does before it offers the input line."""
        author = self._poster or self._sender
        if chat.migrated_to is not None:
            raise PermissionError(f"{chat.title} has become a supergroup")
        if chat.is_private and (chat.user != author or chat.blocked):
            raise PermissionError("nobody else's private chat, nor with a blocked bot")
        if author is not None and chat.is_group and author.id > 0 and not self._belongs(chat):
            raise PermissionError(f"{author.name} is not in {chat.title}")
        if thread is not None and thread not in chat.topics:
            raise PermissionError(f"{chat.title} has no topic {thread}")

    def _belongs(self, chat: Chat) -> bool:
        author = self._poster or self._sender
        return self._sender_chat is not None or (author is not None and chat.has(author.id))
