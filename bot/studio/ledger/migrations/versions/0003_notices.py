"""An outbox that also tells of what is no order."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADDED: dict[str, sa.types.TypeEngine[Any]] = {
    "chat_id": sa.BigInteger(),
    "thread_id": sa.BigInteger(),
    "private": sa.Boolean(),
    "user_id": sa.BigInteger(),
    "language": sa.Text(),
    "facts": sa.JSON(),
}


def upgrade() -> None:
    """Give deliveries an address of their own; those of orders have none and stay."""
    with op.batch_alter_table(
        "deliveries", table_kwargs={"sqlite_autoincrement": True}
    ) as deliveries:
        deliveries.alter_column("order_id", nullable=True)
        for name, kind in ADDED.items():
            deliveries.add_column(sa.Column(name, kind, nullable=True))
    op.create_index("ix_deliveries_user_id", "deliveries", ["user_id"], unique=False)


def downgrade() -> None:
    """Drop what has no order, and the address."""
    op.execute("DELETE FROM deliveries WHERE order_id IS NULL")
    op.drop_index("ix_deliveries_user_id", table_name="deliveries")
    with op.batch_alter_table(
        "deliveries", table_kwargs={"sqlite_autoincrement": True}
    ) as deliveries:
        for name in ADDED:
            deliveries.drop_column(name)
        deliveries.alter_column("order_id", nullable=False)
