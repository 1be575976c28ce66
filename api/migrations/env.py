"""Runs revisions on the connection that `api.migrations.upgrade` hands over."""

from alembic import context

from api.tables import METADATA

connection = context.config.attributes["connection"]
# SQLite can't alter a table in place: it is copied.
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
