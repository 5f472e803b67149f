"""How often a picture has begun to be decoded without an end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count for each picture; those from before begin with none."""
    op.add_column(
        "pictures", sa.Column("decodings", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("pictures", "decodings")
