"""Background work, and who does it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Double, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from vivavoce.store.models.base import Base


class Job(Base):
    """Background work that was asked for, and how far it is. The row is the truth for everybody who asks; how the
    steps of a job are remembered is the worker's own.
    """

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    call_id: Mapped[str | None] = mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(Text, index=True)
    progress: Mapped[float] = mapped_column(Double)
    result: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    problem: Mapped[str] = mapped_column(Text)
    cancel_asked: Mapped[bool] = mapped_column(Boolean)
    worker: Mapped[str | None] = mapped_column(Text)
    claims: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[float] = mapped_column(Double, index=True)
    run_at: Mapped[float] = mapped_column(Double, index=True)
    started_at: Mapped[float | None] = mapped_column(Double)
    ended_at: Mapped[float | None] = mapped_column(Double)


class JobEvent(Base):
    """Something that happened to a job, for those who watch."""

    __tablename__ = "job_events"
    job_id: Mapped[str] = mapped_column(Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[float] = mapped_column(Double)
    kind: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class Schedule(Base):
    """A job that comes again. Whoever moves `next_at` on makes the job."""

    __tablename__ = "schedules"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    every_s: Mapped[float] = mapped_column(Double)
    next_at: Mapped[float] = mapped_column(Double)


class Worker(Base):
    """A worker process that is alive until its lease runs out."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text)
    started_at: Mapped[float] = mapped_column(Double)
    lease_until: Mapped[float] = mapped_column(Double, index=True)
