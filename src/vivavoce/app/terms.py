"""The terms of one call: what was decided for it at its booking. They are stored with the call, so that it is carried,
and replayed, by what it was booked under and not by what has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from vivavoce import __version__
from vivavoce.agents import AgentFile, AgentSpec, Prose
from vivavoce.agents.callsettings import (
    RULES,
    CallSettings,
    Resolved,
    as_run,
    decided,
    read_resolved,
    resolve,
    wishes_of,
)
from vivavoce.app.agent_shelf import read
from vivavoce.app.prompts import Prompts
from vivavoce.app.settings import Explained, Settings, SettingsWithSources, server_wishes
from vivavoce.conversation import ConversationSettings
from vivavoce.conversation.log import Stamp
from vivavoce.store.agents import hash_of
from vivavoce.store.rows import StoredCall

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Terms:
    spec: AgentSpec
    """The agent as this call runs it."""
    resolved: Resolved
    stamp: Stamp
    prose: Prose

    @property
    def settings(self) -> CallSettings:
        return self.resolved.settings

    def stored(self) -> dict[str, Any]:
        """What stands in the call's row."""
        return {"stamp": msgspec.to_builtins(self.stamp), "resolved": self.resolved.told()}


def make_terms(
    agent: AgentFile,
    settings: Settings,
    prompts: Prompts,
    *,
    tools: Iterable[str],
    call_id: str,
    wishes: Mapping[str, Any],
) -> Terms:
    """The terms of a call that is booked.

    Args:
        tools: that can be run here.
        wishes: of the booking, by `callsettings`.
    Raises:
        InputError: a wish that is none, or that may not be granted.
    """
    resolved = settings_of(agent.spec, settings, wishes)
    chosen = resolved.settings
    prose = prompts.choose(chosen.prompt, call_id, strict="prompt" in wishes)
    stamp = Stamp(
        code_version=__version__,
        spec_hash=hash_of(agent.source),
        tools=tuple(tools),
        settings=ConversationSettings(
            ahead_s=chosen.ahead_s,
            ring_s=chosen.ring_s,
            return_within_s=settings.return_within_s,
            drain_s=settings.drain_s,
            text_only=chosen.mode == "text",
            tool_timeout_s=chosen.tool_timeout_s,
            fillers=chosen.fillers == "on",
            filler_after_s=chosen.filler_after_s,
        ),
        prompt=prose.version,
        prompt_hash=prose.hash,
        briefing=prose.briefing,
    )
    return Terms(as_run(agent.spec, chosen), resolved, stamp, prose)


def settings_of(spec: AgentSpec, settings: Settings, wishes: Mapping[str, Any] | None = None) -> Resolved:
    """What a call with this agent would be run with, and who decided it.

    Raises:
        InputError: as `callsettings.decided`.
    """
    above = resolve({"server": server_wishes(settings), "agent": wishes_of(spec)})
    return decided(above, "call", wishes or {})


def read_terms(call: StoredCall, prompts: Prompts) -> Terms:
    """The terms a call was booked under. Should its prompt be gone since, the newest stands in for the links to come;
    the log goes on in the words it was stamped with.
    """
    stamp = stamp_of(call)
    prose = prompts.versions.get(stamp.prompt) or prompts.choose("", call.id)
    return Terms(spec_of(call), read_resolved(call.settings.get("resolved", {})), stamp, prose)


def stamp_of(call: StoredCall) -> Stamp:
    return msgspec.convert(call.settings["stamp"], Stamp)


def spec_of(call: StoredCall) -> AgentSpec:
    """The agent as the call ran it."""
    spec = read(call.agent_source, call.agent_name).spec
    told = call.settings.get("resolved")
    return as_run(spec, read_resolved(told).settings) if told else spec


def kept_until(settings: CallSettings, ended_at: float) -> dict[str, float]:
    """When sound, words and facts of a call are to be erased: columns of its row, without those that stay."""
    days = {
        "audio_until": settings.keep_audio_days,
        "transcript_until": settings.keep_transcript_days,
        "facts_until": settings.keep_facts_days,
    }
    return {column: ended_at + each * DAY_S for column, each in days.items() if each is not None}


def explained(found: SettingsWithSources, spec: AgentSpec) -> list[Explained]:
    """Every setting of a call with this agent, booked without a wish.

    Raises:
        InputError: as `settings_of`.
    """
    resolved = settings_of(spec, found.settings)
    values = msgspec.structs.asdict(resolved.settings)
    said = {"server": server_wishes(found.settings), "agent": wishes_of(spec)}
    told = []
    for name, layer in resolved.sources.items():
        words = "default"
        if layer != "package":
            # what a layer did not set itself was set back by another of its settings
            by = name if name in said[layer] else next(other for other, rule in RULES.items() if name in rule.resets)
            at = RULES[by].written or f"settings.{by}"
            words = found.sources[by] if layer == "server" else f"agent file, {at}"
        told.append(Explained(name, values[name], words))
    return told
