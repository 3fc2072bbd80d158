"""Studies put to people, and what they answered."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Double, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from vivavoce.store.models.base import Base


class Survey(Base):
    """A study put to people. It holds its own copy of what is asked and of what was predicted before anybody answered,
    so it outlives the study, but not a call that its words may be of (`SurveyCall`).
    """

    __tablename__ = "surveys"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    study_id: Mapped[str | None] = mapped_column(Text, ForeignKey("studies.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)
    prediction: Mapped[str] = mapped_column(Text)
    links: Mapped[int] = mapped_column(Integer)
    quota: Mapped[int] = mapped_column(Integer)
    until: Mapped[float | None] = mapped_column(Double)
    opened_at: Mapped[float] = mapped_column(Double, index=True)
    closed_at: Mapped[float | None] = mapped_column(Double)
    erase_at: Mapped[float] = mapped_column(Double, index=True)
    begun: Mapped[int] = mapped_column(Integer)
    answered: Mapped[int] = mapped_column(Integer)


class SurveyCall(Base):
    """That a survey's panel rests on a call: what is asked may be in the caller's words, so it goes with the call
    (`surveys.of_call`), whether the study is still there or not.
    """

    __tablename__ = "survey_calls"
    survey_id: Mapped[str] = mapped_column(Text, ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[str] = mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True, index=True)


class SurveyLink(Base):
    """Leave to answer a survey once. Only the SHA-256 of it is kept, and not which answer came by it."""

    __tablename__ = "survey_links"
    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    survey_id: Mapped[str] = mapped_column(Text, ForeignKey("surveys.id", ondelete="CASCADE"), index=True)
    used: Mapped[bool] = mapped_column(Boolean)


class SurveyAnswer(Base):
    """What one person answered, without who they are. Whoever shows the code of `receipt` may delete it: then `body` is
    empty, and the row goes a day later.
    """

    __tablename__ = "survey_answers"
    survey_id: Mapped[str] = mapped_column(Text, ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    receipt: Mapped[str] = mapped_column(Text, unique=True)
    answered_at: Mapped[float] = mapped_column(Double)
    took_s: Mapped[float] = mapped_column(Double)
    flags: Mapped[list[str]] = mapped_column(JSON)
    suspect: Mapped[bool] = mapped_column(Boolean)
    body: Mapped[str] = mapped_column(Text)
