"""The ledger's tables, for SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from bot.engines.protocol import Note
from bot.studio.ledger.model import (
    Change,
    DeliveryKind,
    DeliveryState,
    OrderState,
    PictureKind,
    PictureState,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows up by itself only where the key's type is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """A point in time, aware and in UTC on the Python side; SQLite keeps no zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time, turn any other into UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(names: type[StrEnum]) -> Enum:
    """A short text that is one of `names`; no CHECK, so that a new name needs no migration."""
    return Enum(
        names,
        native_enum=False,
        create_constraint=False,
        length=16,
        values_callable=lambda kind: [member.value for member in kind],
    )


def _place() -> list[Column[Any]]:
    return [
        Column("chat_id", BigInteger, nullable=False),
        # 0 outside a forum's topics: a key column cannot be NULL.
        Column("thread_id", BigInteger, nullable=False),
        Column("private", Boolean, nullable=False),
    ]


def _row_id() -> Column[int]:
    return Column("id", RowId, primary_key=True, autoincrement=True)


_BEGUN = text("state = 'queued' AND started_at IS NOT NULL")

# Ids are never given out twice (AUTOINCREMENT): an old button must not name a new order.
updates = Table(
    "updates",
    metadata,
    _row_id(),
    Column("update_id", BigInteger, nullable=False, unique=True),
    Column("payload", Text, nullable=False),
    Column("handled", Boolean, nullable=False, index=True),
    Column("kept_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

pictures = Table(
    "pictures",
    metadata,
    _row_id(),
    *_place(),
    Column("message_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("kind", _one_of(PictureKind), nullable=False),
    Column("file_id", Text, nullable=False),
    Column("file_unique_id", Text, nullable=False, index=True),
    Column("size", BigInteger),
    Column("media_group_id", Text),
    Column("caption", Text),
    Column("state", _one_of(PictureState), nullable=False, index=True),
    Column("path", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("reason", Text),
    # Begun without having come to an end: each may have been the death of whoever decoded it.
    Column("decodings", Integer, nullable=False, server_default="0"),
    Column("received_at", Moment, nullable=False),
    UniqueConstraint("chat_id", "message_id"),
    Index(None, "chat_id", "media_group_id"),
    sqlite_autoincrement=True,
)

albums = Table(
    "albums",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("media_group_id", Text, primary_key=True),
    Column("settled", Boolean, nullable=False, index=True),
)

drafts = Table(
    "drafts",
    metadata,
    _row_id(),
    *_place(),
    Column("user_id", BigInteger, nullable=False),
    Column("content_id", RowId, ForeignKey("pictures.id")),
    Column("prompt", BigInteger),
    Column("language", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("chat_id", "thread_id", "user_id"),
    sqlite_autoincrement=True,
)

draft_styles = Table(
    "draft_styles",
    metadata,
    Column("draft_id", RowId, ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("picture_id", RowId, ForeignKey("pictures.id"), nullable=False, index=True),
)

patrons = Table(
    "patrons",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("served_at", Moment),
)

# A group's id is below zero and a person's above it, so that one table serves both.
preferences = Table(
    "preferences",
    metadata,
    Column("holder_id", BigInteger, primary_key=True, autoincrement=False),
    Column("quality", Text),
    Column("size", Integer),
    Column("strength", Integer),
    Column("keep_colours", Boolean),
    Column("language", Text),
)

orders = Table(
    "orders",
    metadata,
    _row_id(),
    *_place(),
    Column("user_id", BigInteger, ForeignKey("patrons.user_id"), nullable=False),
    Column("source", Text, nullable=False, unique=True),
    Column("reply_to", BigInteger, nullable=False),
    Column("content_id", RowId, ForeignKey("pictures.id"), nullable=False, index=True),
    Column("wishes", JSON, nullable=False),
    Column("change", _one_of(Change)),
    Column("language", Text, nullable=False),
    Column("state", _one_of(OrderState), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("losses", Integer, nullable=False, server_default="0"),
    # A copy of its person's served_at while it is open, in microseconds since 1970, 0 for never:
    # whose turn is next is then the first entry of an index, however many wait.
    Column("served", BigInteger, nullable=False, server_default="0"),
    Column("card", BigInteger),
    Column("card_has_photo", Boolean, nullable=False),
    Column("painting", Text),
    Column("note", _one_of(Note)),
    Column("failure", Text),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Index(None, "user_id", "state"),
    # For those of a state, and of those that wait the one whose turn is next comes first.
    Index("ix_orders_line", "state", "started_at", "served", "id"),
    # PostgreSQL takes the started among them for many, and would rather read them all.
    Index("ix_orders_interrupted", "served", "id", sqlite_where=_BEGUN, postgresql_where=_BEGUN),
    Index(None, "finished_at"),
    sqlite_autoincrement=True,
)

order_styles = Table(
    "order_styles",
    metadata,
    Column("order_id", RowId, ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("picture_id", RowId, ForeignKey("pictures.id"), nullable=False, index=True),
)

saved_styles = Table(
    "saved_styles",
    metadata,
    _row_id(),
    Column("user_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("picture_id", RowId, ForeignKey("pictures.id"), nullable=False, index=True),
    Column("language", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
    UniqueConstraint("user_id", "name"),
    sqlite_autoincrement=True,
)

sheets = Table(
    "sheets",
    metadata,
    Column("key", Text, primary_key=True),
    Column("file_id", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    _row_id(),
    Column("order_id", RowId, ForeignKey("orders.id", ondelete="CASCADE")),
    Column("kind", _one_of(DeliveryKind), nullable=False),
    Column("state", _one_of(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("asked_at", Moment, nullable=False),
    # The request that asked for it, by which a redelivered one is recognised.
    Column("asked_by", Text),
    Column("reply_to", BigInteger),
    Column("message_id", BigInteger),
    Column("reason", Text),
    # The rest is set where there is no order.
    Column("chat_id", BigInteger),
    Column("thread_id", BigInteger),
    Column("private", Boolean),
    Column("user_id", BigInteger, index=True),
    Column("language", Text),
    Column("facts", JSON(none_as_null=True)),
    UniqueConstraint("order_id", "kind"),
    Index(None, "state", "due_at"),
    sqlite_autoincrement=True,
)
