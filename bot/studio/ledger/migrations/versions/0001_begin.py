"""The tables that Atelier begins with."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "albums",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("media_group_id", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "media_group_id", name="pk_albums"),
    )
    op.create_index("ix_albums_settled", "albums", ["settled"], unique=False)
    op.create_table(
        "patrons",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name="pk_patrons"),
    )
    op.create_table(
        "pictures",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("file_unique_id", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("media_group_id", sa.Text(), nullable=True),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
        sa.UniqueConstraint("chat_id", "message_id", name="uq_pictures_chat_id_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_pictures_chat_id_media_group_id",
        "pictures",
        ["chat_id", "media_group_id"],
        unique=False,
    )
    op.create_index("ix_pictures_file_unique_id", "pictures", ["file_unique_id"], unique=False)
    op.create_index("ix_pictures_state", "pictures", ["state"], unique=False)
    op.create_index("ix_pictures_user_id", "pictures", ["user_id"], unique=False)
    op.create_table(
        "preferences",
        sa.Column("holder_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quality", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("strength", sa.Integer(), nullable=True),
        sa.Column("keep_colours", sa.Boolean(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("holder_id", name="pk_preferences"),
    )
    op.create_table(
        "updates",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_updates"),
        sa.UniqueConstraint("update_id", name="uq_updates_update_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_updates_handled", "updates", ["handled"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("content_id", RowId, nullable=True),
        sa.Column("prompt", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["content_id"], ["pictures.id"], name="fk_drafts_content_id"),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.UniqueConstraint(
            "chat_id", "thread_id", "user_id", name="uq_drafts_chat_id_thread_id_user_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "orders",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=False),
        sa.Column("content_id", RowId, nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("change", sa.String(16), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("card", sa.BigInteger(), nullable=True),
        sa.Column("card_has_photo", sa.Boolean(), nullable=False),
        sa.Column("painting", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["content_id"], ["pictures.id"], name="fk_orders_content_id"),
        sa.ForeignKeyConstraint(["user_id"], ["patrons.user_id"], name="fk_orders_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("source", name="uq_orders_source"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_orders_content_id", "orders", ["content_id"], unique=False)
    op.create_index("ix_orders_finished_at", "orders", ["finished_at"], unique=False)
    op.create_index("ix_orders_state", "orders", ["state"], unique=False)
    op.create_index("ix_orders_user_id_state", "orders", ["user_id", "state"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("order_id", RowId, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_deliveries_order_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("order_id", "kind", name="uq_deliveries_order_id_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"], unique=False)
    op.create_table(
        "draft_styles",
        sa.Column("draft_id", RowId, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("picture_id", RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["drafts.id"], name="fk_draft_styles_draft_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name="fk_draft_styles_picture_id"),
        sa.PrimaryKeyConstraint("draft_id", "position", name="pk_draft_styles"),
    )
    op.create_index("ix_draft_styles_picture_id", "draft_styles", ["picture_id"], unique=False)
    op.create_table(
        "order_styles",
        sa.Column("order_id", RowId, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("picture_id", RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_styles_order_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name="fk_order_styles_picture_id"),
        sa.PrimaryKeyConstraint("order_id", "position", name="pk_order_styles"),
    )
    op.create_index("ix_order_styles_picture_id", "order_styles", ["picture_id"], unique=False)
    op.create_table(
        "saved_styles",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("picture_id", RowId, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name="fk_saved_styles_picture_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_styles"),
        sa.UniqueConstraint("user_id", "name", name="uq_saved_styles_user_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_saved_styles_picture_id", "saved_styles", ["picture_id"], unique=False)
    op.create_table(
        "sheets",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sheets"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("sheets")
    op.drop_index("ix_saved_styles_picture_id", table_name="saved_styles")
    op.drop_table("saved_styles")
    op.drop_index("ix_order_styles_picture_id", table_name="order_styles")
    op.drop_table("order_styles")
    op.drop_index("ix_draft_styles_picture_id", table_name="draft_styles")
    op.drop_table("draft_styles")
    op.drop_index("ix_deliveries_state_due_at", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index("ix_orders_user_id_state", table_name="orders")
    op.drop_index("ix_orders_state", table_name="orders")
    op.drop_index("ix_orders_finished_at", table_name="orders")
    op.drop_index("ix_orders_content_id", table_name="orders")
    op.drop_table("orders")
    op.drop_table("drafts")
    op.drop_index("ix_updates_handled", table_name="updates")
    op.drop_table("updates")
    op.drop_table("preferences")
    op.drop_index("ix_pictures_user_id", table_name="pictures")
    op.drop_index("ix_pictures_state", table_name="pictures")
    op.drop_index("ix_pictures_file_unique_id", table_name="pictures")
    op.drop_index("ix_pictures_chat_id_media_group_id", table_name="pictures")
    op.drop_table("pictures")
    op.drop_table("patrons")
    op.drop_index("ix_albums_settled", table_name="albums")
    op.drop_table("albums")
