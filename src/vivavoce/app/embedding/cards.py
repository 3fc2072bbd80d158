"""What is told of an agent before a call."""

from __future__ import annotations

import unicodedata
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from vivavoce.agents.callsettings import as_run, resolve, wishes_of
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.settings import LOOPBACK, Settings, server_wishes

MAX_TITLE_CHARS = 120
"""Of a title on a page, in a tag and in a list: whoever writes more is cut, nobody's page is broken."""
MAX_ROLE_CHARS = 300
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_GOOGLE = ("Google", ".googleapis.com")
_COMPANIES = {"studio": _GOOGLE, "vertex": _GOOGLE, "openai": ("OpenAI", ".openai.com")}
"""Whose service a backend is, and where all of its addresses end."""


class CardSpeaker(BaseModel):
    id: str
    name: str
    role: str


class CardKeep(BaseModel):
    """Days; null: until somebody erases it."""

    audio_days: float | None
    transcript_days: float | None
    facts_days: float | None


class Card(BaseModel):
    """What people may know of an agent before they talk with it."""

    agent: str = Field(description="What it is booked by.")
    title: str
    speakers: list[CardSpeaker]
    languages: list[str] = Field(description="`auto` follows the caller.")
    record: Literal["ask", "always", "never"] = Field(description="Whether sound is kept; `ask`: only if one agrees.")
    keep: CardKeep
    processor: str = Field(description="Who outside hears the call: a company, a host, or both; empty for nobody.")
    minutes: float
    idle_reset_s: float | None = Field(description="Of a kiosk: it starts anew after so long without anybody.")
    page: str = Field(description="Address of the agent's own page.")


def card_of(agent: Shelved, settings: Settings, page: str) -> Card:
    """
    Args:
        page: address of the agent's own page.
    """
    spec = agent.file.spec
    decided = resolve({"server": server_wishes(settings), "agent": wishes_of(spec)}).settings
    run = as_run(spec, decided)
    return Card(
        agent=agent.name,
        title=plain(spec.title, MAX_TITLE_CHARS),
        speakers=[
            CardSpeaker(id=id_, name=plain(each.name, MAX_TITLE_CHARS), role=plain(each.role, MAX_ROLE_CHARS))
            for id_, each in spec.speakers.items()
        ],
        languages=list(run.languages),
        record=run.consent.record,
        keep=CardKeep(
            audio_days=decided.keep_audio_days,
            transcript_days=decided.keep_transcript_days,
            facts_days=decided.keep_facts_days,
        ),
        processor=processor_of(settings),
        minutes=run.limits.minutes,
        idle_reset_s=spec.kiosk.idle_reset_s if spec.kiosk is not None else None,
        page=page,
    )


def processor_of(settings: Settings) -> str:
    """Who outside hears what is said. A company's service behind another address counts all the same: what stands
    there may hand it on. Where that is somebody else's machine, they hear it, too.
    """
    host = _outside(settings.backend_url)
    if settings.backend == "local":
        return host or _outside(settings.brain)
    company, domain = _COMPANIES[settings.backend]
    return f"{host}, {company}" if host and not f".{host}".endswith(domain) else company


def _outside(url: str) -> str:
    """The host of an address; empty for this machine, and for what is no address."""
    host = urlsplit(url).hostname if "://" in url else None
    return host if host and host not in LOOPBACK else ""


def plain(text: str, most: int) -> str:
    """Text in one line, of at most so many characters, without what no reader sees: controls, and marks that turn the
    direction of what stands after them.
    """
    seen = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _is_hidden(char))
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _is_hidden(char: str) -> bool:
    # other format characters join letters in Persian, Hindi and emoji
    return unicodedata.category(char) in ("Cc", "Cs") or char in _TURNING
