"""What people said, where it was collected, and what the reader makes of it."""

from __future__ import annotations

from sqlalchemy import JSON, Double, ForeignKey, ForeignKeyConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from vivavoce.store.models.base import Base, key_of_corpus


class Corpus(Base):
    """A named body of insights."""

    __tablename__ = "corpora"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    made_at: Mapped[float] = mapped_column(Double)


class Harvest(Base):
    """One run of collecting from one source into a corpus, and how far it is. `pages` and `job` say who may write."""

    __tablename__ = "harvests"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    corpus: Mapped[str] = key_of_corpus(index=True)
    source: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    most: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    job: Mapped[str | None] = mapped_column(Text)
    cursor: Mapped[str | None] = mapped_column(Text)
    pages: Mapped[int] = mapped_column(Integer)
    kept: Mapped[int] = mapped_column(Integer)
    known: Mapped[int] = mapped_column(Integer)
    left_out: Mapped[dict[str, int]] = mapped_column(JSON)
    total: Mapped[int | None] = mapped_column(Integer)
    problem: Mapped[str] = mapped_column(Text)
    began_at: Mapped[float] = mapped_column(Double)
    ended_at: Mapped[float | None] = mapped_column(Double)


class Insight(Base):
    """What one person said (`panel.insights`). What was said in a call of ours goes with the call."""

    __tablename__ = "insights"
    corpus: Mapped[str] = key_of_corpus(primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    said_at: Mapped[float | None] = mapped_column(Double)
    group: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(Text)
    rating: Mapped[float | None] = mapped_column(Double)
    person: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    licence: Mapped[str] = mapped_column(Text)
    collected_at: Mapped[float] = mapped_column(Double)
    same_as: Mapped[str | None] = mapped_column(Text)
    harvest_id: Mapped[str | None] = mapped_column(Text, ForeignKey("harvests.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[str | None] = mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), index=True)


class Reading(Base):
    """What the reader makes of an insight (`panel.insights`); read again, it is replaced."""

    __tablename__ = "readings"
    __table_args__ = (
        ForeignKeyConstraint(["corpus", "insight"], ["insights.corpus", "insights.id"], ondelete="CASCADE"),
    )
    corpus: Mapped[str] = mapped_column(Text, primary_key=True)
    insight: Mapped[str] = mapped_column(Text, primary_key=True)
    niche: Mapped[str] = mapped_column(Text)
    niche_sure: Mapped[float] = mapped_column(Double)
    kind: Mapped[str | None] = mapped_column(Text)
    kind_sure: Mapped[float] = mapped_column(Double)
    sentiment: Mapped[float | None] = mapped_column(Double)
    flags: Mapped[list[str]] = mapped_column(JSON)
