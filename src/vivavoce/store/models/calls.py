"""Calls and what is kept of them: who spoke, what they said, what was learnt."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Double, ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from vivavoce.store.models.base import Base, key_of_call


class Person(Base):
    """Somebody whom an operator knows by a reference of their own (a user id, an e-mail address). Of the reference we
    keep a keyed hash, to find them by, and the sealed text, to hand it back in an export.
    """

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    ref_hash: Mapped[str] = mapped_column(Text, unique=True)
    ref_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[float] = mapped_column(Double)


class Erasure(Base):
    """That somebody was erased, when, and how much: a receipt without a word about them."""

    __tablename__ = "erasures"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[float] = mapped_column(Double)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)


class Call(Base):
    """One live talk. `epoch`, `owner` and `lease_until` say who may write of it (`ownership`)."""

    __tablename__ = "calls"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    agent_name: Mapped[str] = mapped_column(Text)
    agent_source: Mapped[str] = mapped_column(Text)
    spec_hash: Mapped[str] = mapped_column(Text)
    code_version: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(Text, index=True)
    started_at: Mapped[float] = mapped_column(Double, index=True)
    ended_at: Mapped[float | None] = mapped_column(Double)
    end_reason: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[dict[str, Any]] = mapped_column(JSON)
    engines: Mapped[dict[str, Any]] = mapped_column(JSON)
    epoch: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[float | None] = mapped_column(Double)  # no index: it changes every two seconds
    person_id: Mapped[str | None] = mapped_column(Text, ForeignKey("people.id", ondelete="SET NULL"), index=True)
    agent_version: Mapped[int | None] = mapped_column(Integer)
    usage: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    audio_until: Mapped[float | None] = mapped_column(Double, index=True)
    transcript_until: Mapped[float | None] = mapped_column(Double, index=True)
    facts_until: Mapped[float | None] = mapped_column(Double, index=True)


class Event(Base):
    """What went into a conversation and what came out, as JSON text byte for byte: `viva replay` compares it."""

    __tablename__ = "events"
    call_id: Mapped[str] = key_of_call(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at_s: Mapped[float] = mapped_column(Double)
    event: Mapped[str] = mapped_column(Text)
    effects: Mapped[str] = mapped_column(Text)


class Turn(Base):
    """What one side said, as heard."""

    __tablename__ = "turns"
    call_id: Mapped[str] = key_of_call(primary_key=True)
    turn: Mapped[int] = mapped_column(Integer, primary_key=True)
    who: Mapped[str] = mapped_column(Text)
    start_ms: Mapped[int] = mapped_column(Integer)
    end_ms: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    complete: Mapped[bool] = mapped_column(Boolean)


class Fact(Base):
    """The newest state of one field, with its evidence; `updated_seq` is the event that changed it."""

    __tablename__ = "facts"
    call_id: Mapped[str] = key_of_call(primary_key=True)
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
    call_id: Mapped[str] = key_of_call(primary_key=True)
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
    call_id: Mapped[str] = key_of_call(index=True)
    expires_at: Mapped[float] = mapped_column(Double)
    used_at: Mapped[float | None] = mapped_column(Double)


class Handle(Base):
    """What the live model's session of a call can be resumed with: the newest, sealed. It goes when the call ends."""

    __tablename__ = "handles"
    call_id: Mapped[str] = key_of_call(primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[int] = mapped_column(BigInteger)  # samples: a day of them is more than 2^30


class Return(Base):
    """Leave to come back to a live call whose socket is lost. Only the SHA-256 of it is kept, until the call ends."""

    __tablename__ = "returns"
    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    call_id: Mapped[str] = key_of_call(index=True)


class Report(Base):
    """A file made from a call (report page, transcript, facts, sound); it lies in the reports folder."""

    __tablename__ = "reports"
    call_id: Mapped[str] = key_of_call(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    media_type: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger)  # six hours of WAV are more than 2 GiB
    made_at: Mapped[float] = mapped_column(Double)
    code_version: Mapped[str] = mapped_column(Text)
