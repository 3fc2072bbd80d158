"""The tables. Whatever changes here needs a migration; a test compares the two.

Moments are Unix seconds (UTC) as doubles, which SQLite and Postgres hold alike. Everything of a call hangs off its row
and goes with it, so that erasing one is one statement; likewise what hangs off a job, a key, an agent, a webhook or a
corpus. What can be a hundred thousand rows is deleted a piece at a time before (`pieces`).
"""

from __future__ import annotations

from vivavoce.store.models.access import Delivery, Key, Session, Switch, Webhook
from vivavoce.store.models.agents import Agent, AgentVersion
from vivavoce.store.models.base import Base
from vivavoce.store.models.calls import (
    Call,
    Erasure,
    Event,
    Fact,
    Handle,
    Person,
    Recording,
    Report,
    Return,
    Ticket,
    Turn,
)
from vivavoce.store.models.insights import Corpus, Harvest, Insight, Reading
from vivavoce.store.models.panel import Answer, Ballot, Panel, PanelCall, Study
from vivavoce.store.models.surveys import Survey, SurveyAnswer, SurveyCall, SurveyLink
from vivavoce.store.models.work import Job, JobEvent, Schedule, Worker

__all__ = [
    "Agent",
    "AgentVersion",
    "Answer",
    "Ballot",
    "Base",
    "Call",
    "Corpus",
    "Delivery",
    "Erasure",
    "Event",
    "Fact",
    "Handle",
    "Harvest",
    "Insight",
    "Job",
    "JobEvent",
    "Key",
    "Panel",
    "PanelCall",
    "Person",
    "Reading",
    "Recording",
    "Report",
    "Return",
    "Schedule",
    "Session",
    "Study",
    "Survey",
    "SurveyAnswer",
    "SurveyCall",
    "SurveyLink",
    "Switch",
    "Ticket",
    "Turn",
    "Webhook",
    "Worker",
]
