"""Words for what the caller should know. Failures have a voice and an action too; codes are for programs."""

from __future__ import annotations

from typing import Literal

from vivavoce.agents import AgentSpec
from vivavoce.agents.callsettings import Pace
from vivavoce.wire import caller as wire

NOTICES: dict[str, tuple[str, str]] = {
    "reconnecting": ("The line to the agent dropped for a moment. What you said is kept.", "wait"),
    "model_waits": ("The agent has more calls than it can take. It comes back in half a minute; please wait.", "wait"),
    "voice_lost": (
        "The line to the agent is lost for now. What you type is kept, and we go on trying to reach it.",
        "type",
    ),
    "words_lost": ("Part of what you said last was not heard. Please say it again.", "repeat"),
    "model_slow": (
        "The agent answers slowly at the moment, and its voice may break up. Nothing of what you say is lost.",
        "wait",
    ),
    "bad_message": ("Your app sent something we do not understand; it was left out.", "reload"),
    "bad_value": ("That does not fit what is wanted here, so nothing was changed.", "correct"),
    "text_only": ("Voice is switched off at the moment. Please read, and type your answers.", "type"),
    "voice_again": ("Voice is back: you may speak again.", "speak"),
    "line_again": ("The line to the agent is back.", "type"),
    "recording_incomplete": ("The recording could not be written in full. The talk goes on.", ""),
    "events_incomplete": ("Part of the call's log could not be written. The talk goes on.", ""),
}

ENDS: dict[str, str] = {
    "agent_ended": "The talk is over. Thank you.",
    "caller_hung_up": "You ended the call.",
    "caller_left": "The connection to you was lost.",
    "idle": "We have not heard from you for a while, so the call was ended.",
    "time_limit": "The time for this talk is up.",
    "turn_limit": "This talk has reached its number of turns. What you said is saved.",
    "token_limit": "The budget of this talk is used up. What you said is saved.",
    "link_lost": "The connection to the agent was lost and could not be restored. What you said is saved.",
    "link_refused": "The agent cannot be reached with the present settings. What you said is saved.",
    "model_busy": "The agent is busy at the moment. Please try again in a minute.",
    "slow_peer": "Your connection is too slow for audio at the moment. Please try again, or type instead.",
    "erased": "The call is over, and what there was of it is erased.",
    "server_stopping": "The server is being restarted. What you said is saved; please call again in a minute.",
    "failed": "Something went wrong on our side. What you said is saved.",
}

# Said aloud when no live model is there to say it.
SPOKEN: dict[str, str] = {
    "one_moment": "One moment, please.",
    "model_waits": "One moment, please. There are too many calls just now; I will be back in half a minute.",
    "voice_lost": "I am sorry, I have lost the line. What you type is kept, and I will be back as soon as I can.",
    "link_lost": "I am sorry, I lost the connection. What you said is saved. Please call again.",
    "link_refused": "I am sorry, I cannot talk right now. Please try again later.",
    "model_busy": "I am sorry, I am very busy right now. Please try again in a minute.",
}
FAILURES = tuple(phrase for phrase in SPOKEN if phrase != "one_moment")
"""Phrases for a model that is not there; the others go between its own words."""


def notice(code: str) -> wire.Notice:
    text, action = NOTICES.get(code, ("", ""))
    return wire.Notice(code=code, text=text, action=action)


def ended(reason: str) -> wire.Ended:
    return wire.Ended(reason=reason, text=ENDS.get(reason, ""))


def welcome(
    call: str,
    spec: AgentSpec,
    *,
    consent: str,
    resume: str,
    pace: Pace | Literal[""],
    erase: str,
    returned: bool = False,
    at: int = 0,
    heard: int = 0,
    taken: int = 0,
    return_within_s: float = 0.0,
) -> wire.Welcome:
    """Who will speak, what they want to know, and whether the call may be recorded.

    Args:
        consent, resume, pace, erase, returned, at, heard, taken, return_within_s: as in the message.
    """
    return wire.Welcome(
        call=call,
        title=spec.title,
        speakers=[
            wire.SpeakerInfo(id=name, name=name.capitalize(), role=speaker.role)
            for name, speaker in spec.speakers.items()
        ],
        fields=[
            wire.FieldInfo(id=field.id, objective=field.objective, type=field.type.text, required=field.required)
            for field in spec.fields().values()
        ],
        consent=consent,
        resume=resume,
        pace=pace,
        erase=erase,
        returned=returned,
        at=at,
        heard=heard,
        taken=taken,
        return_within_s=return_within_s,
    )
