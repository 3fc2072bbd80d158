"""The tables. Whatever changes here needs a migration; a test compares the two.

Moments are Unix seconds (UTC) as doubles, which SQLite and Postgres hold alike. Everything of a call hangs off its row
and goes with it, so that erasing one is one statement; likewise what hangs off a job, a key, an agent, a webhook or a
corpus.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Text,
)
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


def _call_id(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    return mapped_column(Text, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


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


class Handle(Base):
    """What the live model's session of a call can be resumed with: the newest, sealed. It goes when the call ends."""

    __tablename__ = "handles"
    call_id: Mapped[str] = _call_id(primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[int] = mapped_column(BigInteger)  # samples: a day of them is more than 2^30


class Return(Base):
    """Leave to come back to a live call whose socket is lost. Only the SHA-256 of it is kept, until the call ends."""

    __tablename__ = "returns"
    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    call_id: Mapped[str] = _call_id(index=True)


class Report(Base):
    """A file made from a call (report page, transcript, facts, sound); it lies in the reports folder."""

    __tablename__ = "reports"
    call_id: Mapped[str] = _call_id(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    media_type: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger)  # six hours of WAV are more than 2 GiB
    made_at: Mapped[float] = mapped_column(Double)
    code_version: Mapped[str] = mapped_column(Text)


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


class Corpus(Base):
    """A named body of insights."""

    __tablename__ = "corpora"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    made_at: Mapped[float] = mapped_column(Double)


def _corpus(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    return mapped_column(Text, ForeignKey("corpora.name", ondelete="CASCADE"), primary_key=primary_key, index=index)


class Harvest(Base):
    """One run of collecting from one source into a corpus, and how far it is. `pages` and `job` say who may write."""

    __tablename__ = "harvests"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    corpus: Mapped[str] = _corpus(index=True)
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
    corpus: Mapped[str] = _corpus(primary_key=True)
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


class Panel(Base):
    """Personas drawn from a corpus, as JSON text byte for byte: the same evidence, spec and seed give the same."""

    __tablename__ = "panels"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    corpus: Mapped[str] = _corpus(index=True)
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
    panel. Only one open study has a `key`: the same question to the same members by the same respondents.
    """

    __tablename__ = "studies"
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
