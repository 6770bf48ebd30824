"""Alembic's entry: runs the revisions on the connection that `schema.migrate` holds open."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
