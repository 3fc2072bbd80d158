"""What all tables are made from, and what many hang off."""

from __future__ import annotations

from sqlalchemy import ForeignKey, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    # named, because a constraint without a name cannot be changed in a batch on SQLite
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def key_of_call(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    """The call that a row hangs off, and goes with."""
    return mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


def key_of_corpus(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    """The corpus that a row hangs off, and goes with."""
    return mapped_column(Text, ForeignKey("corpora.name", ondelete="CASCADE"), primary_key=primary_key, index=index)
