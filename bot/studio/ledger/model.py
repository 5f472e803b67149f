"""What the ledger remembers, as immutable values: pictures, drafts, orders, deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.engines.protocol import Note
from bot.telegram.place import Place


class PictureKind(StrEnum):
    """How a picture arrived, after the field of the Bot API's Message that carried it."""

    PHOTO = "photo"
    DOCUMENT = "document"
    STICKER = "sticker"
    SHIPPED = "shipped"
    """A style that ships with Atelier or lies in the host's own folder; it has no Telegram file."""


class PictureState(StrEnum):
    """Whether a picture's bytes are at hand."""

    PENDING = "pending"
    READY = "ready"
    REFUSED = "refused"
    GONE = "gone"
    """It was here, and has been deleted: its time was over, or its person asked for it."""


class OrderState(StrEnum):
    """Where an order stands; the last three are final."""

    PREPARING = "preparing"
    """One of its pictures is not fetched yet."""
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the order."""
        return self in {OrderState.DONE, OrderState.FAILED, OrderState.CANCELLED}


class Change(StrEnum):
    """What an order made by a button under a painting does otherwise than that painting's."""

    STRONGER = "stronger"
    SOFTER = "softer"
    COLOURS = "colours"
    """The photo's colours where they were the style's, and the other way round."""
    LARGER = "larger"
    SWAP = "swap"
    """The style becomes the photo, and the photo the style."""
    STYLE = "style"
    """The same photo in another style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A picture as Telegram announces it, before its bytes are fetched.

    `chat_id` and `message_id` name the message that carried it: the key by which a redelivered
    update is recognised. `size` is in bytes, where Telegram tells it.
    """

    place: Place
    message_id: int
    user_id: int
    kind: PictureKind
    file_id: str
    file_unique_id: str
    size: int | None = None
    media_group_id: str | None = None
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A received picture. `path` is relative to the data directory and set once it is READY."""

    id: int
    place: Place
    message_id: int
    user_id: int
    kind: PictureKind
    file_id: str
    file_unique_id: str
    media_group_id: str | None
    caption: str | None
    state: PictureState
    path: str | None
    width: int | None
    height: int | None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a picture cannot be used.

    `name` is the stable name of the reason: an exception class of `core`, or one of the fetcher's
    own. `facts` are the numbers and units that belong to it, by the names of its attributes.
    """

    name: str
    facts: Mapping[str, int | float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedStyle:
    """A gallery style's picture as it was copied into the studio.

    `digest` is that of its file, in hexadecimal; `path` is relative to the data directory, `width`
    and `height` are in pixels.
    """

    digest: str
    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedStyle:
    """A picture that a person has kept as a style.

    `name` is how it is found, `title` how the person wrote it. `language` is the person's, for
    what has to be said to them later.
    """

    id: int
    user_id: int
    name: str
    title: str
    picture: Picture
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one person has sent so far in one place, on the way to an order.

    `prompt` is the bot's own message that asked for what is missing; None: it was never sent, so
    that a redelivered update is still to be answered. In a group it is what people reply to.
    `language` is the person's, for what has to be said to them later. `changed_at` is when it
    came to be so; None: it is not in the ledger.
    """

    place: Place
    user_id: int
    content: Picture | None = None
    styles: tuple[Picture, ...] = ()
    prompt: int | None = None
    language: str = "en"
    changed_at: datetime | None = field(default=None, compare=False)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All its pictures, content first."""
        return (*((self.content,) if self.content else ()), *self.styles)

    @property
    def picture_ids(self) -> list[int]:
        """Their ids."""
        return [picture.id for picture in self.pictures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person (or the host's settings) asks of the painting; None: the engine's default.

    `size` is the long side in pixels; `strength` runs from 0 to 100.
    """

    size: int | None = None
    iterations: int | None = None
    quality: str | None = None
    strength: int | None = None
    keep_colours: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a person or a group has chosen once for all their next orders; None: nothing.

    The fields are those of `Wishes`, and `language` is the code of a language that Atelier
    speaks.
    """

    quality: str | None = None
    size: int | None = None
    strength: int | None = None
    keep_colours: bool | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order to be written down.

    `source` is the unique key of the message or button press that asked for it (for example
    `"42:1007"` for chat 42, message 1007): a second order with the same key is not made.
    `reply_to` is the message that the painting answers. `change` says what is different this time
    where the order goes back to an earlier painting.
    """

    place: Place
    user_id: int
    source: str
    reply_to: int
    content: Picture
    styles: tuple[Picture, ...]
    wishes: Wishes = Wishes()
    language: str = "en"
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as the ledger knows it.

    `epoch` counts its attempts' generations: a result counts only if it carries the order's
    present epoch. `deaths` counts the engine's deaths while it painted this order, and `losses`
    how often it went out of reach. `card` is the message id of its status card, `card_has_photo`
    whether that message already is a photo (nothing turns it back into text). `painting` is the
    finished file, relative to the data directory, and `note` what its person should know about
    it. `failure` is the stable name of the reason, for a FAILED order.
    """

    id: int
    place: Place
    user_id: int
    source: str
    reply_to: int
    content: Picture
    styles: tuple[Picture, ...]
    wishes: Wishes
    language: str
    state: OrderState
    epoch: int
    deaths: int
    card: int | None
    card_has_photo: bool
    painting: str | None
    failure: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    change: Change | None = None
    note: Note | None = None
    losses: int = 0


class DeliveryKind(StrEnum):
    """What must reach a person, whatever happens in between."""

    PAINTING = "painting"
    FAILURE = "failure"
    CANCELLATION = "cancellation"
    """The card says so and loses its buttons; where there is no card it is a message."""
    FILE = "file"
    """The painting once more, as an uncompressed file that somebody asked for."""
    REFUSAL = "refusal"
    """Why a picture cannot be used, and what to send instead."""
    DISK_FULL = "disk full"
    """There is no room for a picture just now, and it is kept in mind."""
    STRAY_CARD = "stray card"
    """A second card of an order, sent when the answer to the first was lost; it goes."""


class DeliveryState(StrEnum):
    """How far a delivery is.

    SENDING survives in the ledger only when the process died or the answer was lost between
    asking Telegram to send and hearing that it did: whether it arrived is then unknown.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMessage:
    """A card whose order the ledger does not know any more, or knows by another card."""

    order_id: int
    message_id: int
    has_photo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told of no order in the ledger, and to whom.

    A REFUSAL has a `refusal`, and the title of the saved `style` that is lost by it. A DISK_FULL
    needs nothing more. The others have a `card`.
    """

    place: Place
    user_id: int
    language: str
    refusal: Refusal | None = None
    style: str | None = None
    card: CardMessage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the outbox: about an order, or else a notice.

    `asked_at` is when it was put there; it is not tried for ever. `reply_to` is the message that
    it answers where that is not the order's own. `asked_by` names the request that whoever made
    it hears the answer to in another way.
    """

    id: int
    order_id: int | None
    kind: DeliveryKind
    state: DeliveryState
    attempts: int
    due_at: datetime
    asked_at: datetime
    asked_by: str | None = None
    reply_to: int | None = None
    notice: Notice | None = None
