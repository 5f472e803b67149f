"""What alembic runs around the migrations; the connection comes from `migrations.upgrade`."""

from alembic import context

from bot.studio.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
