"""Run by Alembic. The connection and its transaction belong to `store.schema`; offline it prints SQL for a dialect."""

from __future__ import annotations

from alembic import context

from vivavoce.store.models import Base

config = context.config

if context.is_offline_mode():
    context.configure(
        dialect_name=config.attributes["dialect"],
        target_metadata=Base.metadata,
        literal_binds=True,
        output_buffer=config.attributes["output"],
    )
else:
    # batch: SQLite cannot alter most of a table, Alembic then copies it
    context.configure(connection=config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True)

with context.begin_transaction():
    context.run_migrations()
