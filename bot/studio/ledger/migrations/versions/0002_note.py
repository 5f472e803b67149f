"""What a person should know about a painting."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give orders a note; those from before have none."""
    op.add_column("orders", sa.Column("note", sa.String(16), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("orders", "note")
