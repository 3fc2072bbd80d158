"""Panels, what they were asked and what they answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vivavoce.store.models.base import Base, key_of_corpus

_OPEN = text("state = 'open'")


class Panel(Base):
    """Personas drawn from a corpus, as JSON text byte for byte: the same evidence, spec and seed give the same."""

    __tablename__ = "panels"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    corpus: Mapped[str] = key_of_corpus(index=True)
    made_at: Mapped[float] = mapped_column(Double)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)


class PanelCall(Base):
    """That a panel rests on what was said in a call: it quotes it, so it goes with it (`panels.of_call`)."""

    __tablename__ = "panel_calls"
    panel_id: Mapped[str] = mapped_column(Text, ForeignKey("panels.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[str] = mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True, index=True)


class Answer(Base):
    """What a model said for a member of a panel, by the hash of all it was asked. It may quote what the panel quotes,
    so it goes with the panel; what another panel is asked in the same words is asked again.
    """

    __tablename__ = "answers"
    panel_id: Mapped[str] = mapped_column(Text, ForeignKey("panels.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    persona: Mapped[str] = mapped_column(Text)
    respondent: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[float] = mapped_column(Double)


class Study(Base):
    """What a panel was asked, how far that is, and what came of it. Its words may be a caller's, so it goes with the
    panel. Only one open study has a `key`: the same question to the same members by the same respondents. What is being
    deleted says so in its `state`, and nobody is shown it (`studies.Studies`).
    """

    __tablename__ = "studies"
    __table_args__ = (Index("uq_studies_key", "key", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    panel_id: Mapped[str] = mapped_column(Text, ForeignKey("panels.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    spec: Mapped[str] = mapped_column(Text)
    seed: Mapped[int] = mapped_column(BigInteger)
    respondents: Mapped[list[str]] = mapped_column(JSON)
    embedder: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    job: Mapped[str | None] = mapped_column(Text)
    wanted: Mapped[int] = mapped_column(Integer)
    asked: Mapped[int] = mapped_column(Integer)
    abstained: Mapped[int] = mapped_column(Integer)
    usage: Mapped[dict[str, Any]] = mapped_column(JSON)
    problem: Mapped[str] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[float] = mapped_column(Double, index=True)
    ended_at: Mapped[float | None] = mapped_column(Double)


class Ballot(Base):
    """One answer to one sheet, as JSON text: kept once under its number, whoever asks again."""

    __tablename__ = "ballots"
    study_id: Mapped[str] = mapped_column(Text, ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    part: Mapped[str] = mapped_column(Text)
    respondent: Mapped[str] = mapped_column(Text)
    persona: Mapped[str] = mapped_column(Text)
    abstains: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
