"""Agents that are kept in the database."""

from __future__ import annotations

from sqlalchemy import Double, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from vivavoce.store.models.base import Base


class Agent(Base):
    """An agent kept in the database: a draft that is worked on, and the version that callers meet."""

    __tablename__ = "agents"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    draft: Mapped[str] = mapped_column(Text)
    published: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[float] = mapped_column(Double)
    updated_at: Mapped[float] = mapped_column(Double)


class AgentVersion(Base):
    """An agent file as it once was published, byte for byte. It never changes."""

    __tablename__ = "agent_versions"
    agent: Mapped[str] = mapped_column(Text, ForeignKey("agents.name", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    spec_hash: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[float] = mapped_column(Double)
