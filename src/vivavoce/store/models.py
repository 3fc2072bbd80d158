"""The tables. Whatever changes here needs a migration; a test compares the two.

Moments are Unix seconds (UTC) as doubles, which SQLite and Postgres hold alike. Everything of a call hangs off its row
and goes with it, so that erasing one is one statement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Double, ForeignKey, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    # named, because a constraint without a name cannot be changed in a batch on SQLite
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _call_id(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    return mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


class Call(Base):
    """One live talk. `epoch`, `owner` and `lease_until` fence a take-over by another replica."""

    __tablename__ = "calls"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    agent_name: Mapped[str] = mapped_column(Text)
    agent_source: Mapped[str] = mapped_column(Text)
    spec_hash: Mapped[str] = mapped_column(Text)
    code_version: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(Text)
    started_at: Mapped[float] = mapped_column(Double, index=True)
    ended_at: Mapped[float | None] = mapped_column(Double)
    end_reason: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[dict[str, Any]] = mapped_column(JSON)
    engines: Mapped[dict[str, Any]] = mapped_column(JSON)
    epoch: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[float | None] = mapped_column(Double)


class Event(Base):
    """What went into a conversation and what came out, as JSON text byte for byte: `viva replay` compares it."""

    __tablename__ = "events"
    call_id: Mapped[str] = _call_id(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at_s: Mapped[float] = mapped_column(Double)
    event: Mapped[str] = mapped_column(Text)
    effects: Mapped[str] = mapped_column(Text)


class Turn(Base):
    """What one side said, as heard."""

    __tablename__ = "turns"
    call_id: Mapped[str] = _call_id(primary_key=True)
    turn: Mapped[int] = mapped_column(Integer, primary_key=True)
    who: Mapped[str] = mapped_column(Text)
    start_ms: Mapped[int] = mapped_column(Integer)
    end_ms: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    complete: Mapped[bool] = mapped_column(Boolean)


class Fact(Base):
    """The newest state of one field, with its evidence; `updated_seq` is the event that changed it."""

    __tablename__ = "facts"
    call_id: Mapped[str] = _call_id(primary_key=True)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    objective: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    source: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[Any]] = mapped_column(JSON)
    updated_seq: Mapped[int] = mapped_column(Integer)


class Recording(Base):
    """One track of a recorded call; the sound itself lies in the recordings folder."""

    __tablename__ = "recordings"
    call_id: Mapped[str] = _call_id(primary_key=True)
    track: Mapped[str] = mapped_column(Text, primary_key=True)
    rate_hz: Mapped[int] = mapped_column(Integer)
    samples: Mapped[int] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(Text)
    complete: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str | None] = mapped_column(Text)


class Ticket(Base):
    """Leave to open one call's socket, once. Only the SHA-256 of it is kept."""

    __tablename__ = "tickets"
    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    call_id: Mapped[str] = _call_id(index=True)
    expires_at: Mapped[float] = mapped_column(Double)
    used_at: Mapped[float | None] = mapped_column(Double)
