"""What a speaker is told when its turn begins for a reason other than the caller's words.

One prose line any live model understands, and the state of the talk as YAML between `<briefing>` lines for the keyless
brain. What the caller's page tells of itself stands apart, between `<page>` lines: others wrote it, so it is quoted
value by value and can neither end its lines nor pass for a briefing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from vivavoce.agents.emit import block, quoted
from vivavoce.agents.layers import PROSE, between
from vivavoce.agents.nodes import compose, plain
from vivavoce.agents.problems import AgentFileError

Reason = Literal[
    "opening", "handover", "reseed", "nudge", "wrap_up", "idle", "corrected", "missed", "returned", "go_on"
]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Briefing(msgspec.Struct, frozen=True):
    """Why a speaker is woken and what it must know.

    Attributes:
        speaker: who is told; `previous` is who spoke before, in a hand-over.
        facts: per field {"state": a fact state, "value": plain data}.
        open: fields still to ask, the next one first.
        said: the last turns as (who, text), who being "caller" or a speaker.
        page: what the caller's page tells of itself, by name. It is told and never read back.
    """

    reason: Reason
    speaker: str
    previous: str | None = None
    facts: dict[str, dict[str, Any]] = {}
    open: list[str] = []
    said: list[tuple[str, str]] = []
    page: dict[str, str] = {}


def render_briefing(briefing: Briefing, prose: Mapping[str, str] = PROSE.briefing) -> str:
    """The text for a live model.

    Args:
        prose: a sentence for each reason, of the prompt that the call runs with. What it has none for is said in the
            package's words.

    Raises:
        InputError: a fact's value is not plain data.
    """
    silent = briefing.reason == "handover" and not briefing.previous
    line = _said("handover_silent" if silent else briefing.reason, prose)
    previous = (briefing.previous or "").replace("_", " ").title()
    told: dict[str, Any] = {"reason": briefing.reason, "speaker": briefing.speaker}
    if briefing.previous:
        told["previous"] = briefing.previous
    told |= {"facts": briefing.facts, "open": briefing.open, "said": briefing.said}
    text = line.format(previous=previous) + "\n<briefing>\n" + block(told, deep=2) + "</briefing>\n"
    return text + _page(briefing.page, prose) if briefing.page else text


def _said(name: str, prose: Mapping[str, str]) -> str:
    return prose.get(name) or PROSE.briefing[name]


def _page(page: Mapping[str, str], prose: Mapping[str, str]) -> str:
    lines = (f"{name}: {quoted(_unmarked(value))}\n" for name, value in page.items())
    return _said("page", prose) + "\n<page>\n" + "".join(lines) + "</page>\n"


def _unmarked(text: str) -> str:
    return text.replace("<", "‹").replace(">", "›")


def read_briefing(text: str) -> Briefing | None:
    """The briefing a text carries, or None when there is none that can be read."""
    inner = between(text, "briefing")
    if inner is None:
        return None
    try:
        return msgspec.convert(plain(compose(inner)), Briefing)
    except (AgentFileError, msgspec.ValidationError):
        return None
