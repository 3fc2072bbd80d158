"""Who is let in, who is told, and what is switched off for the moment."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Double, ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from vivavoce.store.models.base import Base


class Key(Base):
    """An API key. Only the SHA-256 of it is kept; `prefix` is what people recognise it by."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text, unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    agents: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[float] = mapped_column(Double)
    expires_at: Mapped[float | None] = mapped_column(Double)
    revoked_at: Mapped[float | None] = mapped_column(Double)
    last_used_at: Mapped[float | None] = mapped_column(Double)


class Session(Base):
    """Somebody's browser that has shown a key; the cookie's SHA-256."""

    __tablename__ = "sessions"
    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    key_id: Mapped[str | None] = mapped_column(Text, ForeignKey("keys.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float] = mapped_column(Double)
    expires_at: Mapped[float] = mapped_column(Double, index=True)


class Webhook(Base):
    """Where somebody wants to be told, of what, and the sealed secrets it is signed with: the present one, and the one
    before it while that still counts.
    """

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON)
    agent: Mapped[str | None] = mapped_column(Text)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_secret_until: Mapped[float | None] = mapped_column(Double)
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[float] = mapped_column(Double)


class Delivery(Base):
    """One message to one webhook and how it fares. It goes with the call it tells of."""

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(Text, ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[str | None] = mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[float] = mapped_column(Double, index=True)
    next_at: Mapped[float | None] = mapped_column(Double)
    delivered_at: Mapped[float | None] = mapped_column(Double)
    last_status: Mapped[int | None] = mapped_column(Integer)
    last_problem: Mapped[str] = mapped_column(Text)


class Switch(Base):
    """What an operator has switched off for the moment; gateways look every second."""

    __tablename__ = "switches"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    set_at: Mapped[float] = mapped_column(Double)
