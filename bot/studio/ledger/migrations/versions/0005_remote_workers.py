"""What carries orders to workers on other machines, on PostgreSQL, and a quick way to the next one.

The queue's tables are Procrastinate's own, in the version that is installed when this runs. They
hold what is being painted and nothing else: a later version may drop them and make them anew.
"""

import asyncpg
import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE workers (
    id bigint PRIMARY KEY REFERENCES procrastinate_workers ON DELETE CASCADE,
    revision integer NOT NULL,
    name text NOT NULL,
    speed double precision NOT NULL,
    ready boolean NOT NULL
);
CREATE TABLE worker_pictures (
    job_id bigint PRIMARY KEY REFERENCES procrastinate_jobs ON DELETE CASCADE,
    pictures bytea[] NOT NULL
);
CREATE UNLOGGED TABLE worker_progress (
    job_id bigint PRIMARY KEY REFERENCES procrastinate_jobs ON DELETE CASCADE,
    number bigint NOT NULL,
    header text NOT NULL,
    preview bytea,
    preview_number bigint NOT NULL,
    checkpoint bytea,
    checkpoint_number bigint NOT NULL
);
CREATE TABLE worker_results (
    job_id bigint PRIMARY KEY REFERENCES procrastinate_jobs ON DELETE CASCADE,
    header text NOT NULL,
    pictures bytea[] NOT NULL
);
-- Pictures and checkpoints are compressed already.
ALTER TABLE worker_pictures ALTER pictures SET STORAGE EXTERNAL;
ALTER TABLE worker_progress
    ALTER preview SET STORAGE EXTERNAL, ALTER checkpoint SET STORAGE EXTERNAL;
ALTER TABLE worker_results ALTER pictures SET STORAGE EXTERNAL;
"""
_SERVED = {
    "postgresql": "(extract(epoch FROM served_at) * 1000000)::bigint",
    "sqlite": "CAST((julianday(served_at) - 2440587.5) * 86400000000 AS INTEGER)",
}
_DROP = """
DROP TABLE worker_results, worker_progress, worker_pictures, workers;
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT oid::regclass AS name FROM pg_class
        WHERE relname LIKE 'procrastinate\\_%' AND relkind = 'r'
    LOOP
        EXECUTE format('DROP TABLE %s CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT oid::regtype AS name FROM pg_type
        WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('c', 'e')
    LOOP
        EXECUTE format('DROP TYPE %s CASCADE', one.name);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    """Make the tables where workers can reach them; no order has lost a worker yet."""
    op.add_column("orders", sa.Column("losses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "orders", sa.Column("served", sa.BigInteger(), nullable=False, server_default="0")
    )
    dialect = op.get_bind().dialect.name
    op.execute(
        "UPDATE orders SET served = (SELECT coalesce("  # noqa: S608 (nothing from outside)
        f"{_SERVED[dialect]}, 0) FROM patrons WHERE patrons.user_id = orders.user_id)"
        " WHERE finished_at IS NULL"
    )
    op.drop_index("ix_orders_state", "orders")
    op.create_index("ix_orders_line", "orders", ["state", "started_at", "served", "id"])
    begun = sa.text("state = 'queued' AND started_at IS NOT NULL")
    op.create_index(
        "ix_orders_interrupted",
        "orders",
        ["served", "id"],
        sqlite_where=begun,
        postgresql_where=begun,
    )
    if dialect == "postgresql":
        _run(SchemaManager.get_schema())
        _run(_TABLES)


def downgrade() -> None:
    """Take them away."""
    if op.get_bind().dialect.name == "postgresql":
        _run(_DROP)
    op.drop_index("ix_orders_interrupted", "orders")
    op.drop_index("ix_orders_line", "orders")
    op.create_index("ix_orders_state", "orders", ["state"])
    op.drop_column("orders", "served")
    op.drop_column("orders", "losses")


def _run(script: str) -> None:
    # Many statements at once, which no prepared statement can be.
    try:
        op.get_bind().connection.run_async(lambda connection: connection.execute(script))
    except asyncpg.PostgresError as error:
        # What passes SQLAlchemy by has errors of its own.
        raise sa.exc.DBAPIError(None, None, error) from error
