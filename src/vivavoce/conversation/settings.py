"""The numbers a conversation is run with. They are part of its log: the same events with other numbers are another
call.
"""

from __future__ import annotations

import msgspec

SOONEST_ANSWER_S = 0.25
"""What a model makes sooner after it was told something was under way before, and is no answer to it: the fastest live
models take 0.3 s within their own data centre. Not tuned."""


class ConversationSettings(msgspec.Struct, frozen=True, kw_only=True):
    confirm_speech_s: float = 0.45
    """Speech over the agent holds at once and is more than a cough after this long. Chosen between a cough and "no,
    wait"; not tuned on recordings."""
    long_speech_s: float = 1.5
    """Speech over the agent that goes on for this long is meant, whatever its words: the 1.2 s that hardly an "mm-hm,
    okay" takes, and the half second after which the gate is sure of an end, less the 190 ms until it is of the
    beginning. Not tuned on recordings."""
    words_within_s: float = 1.5
    """How long a reply stays held for words of who spoke over it; live models tell them 0.3 to 1 s after the sound. Not
    tuned."""
    words_settle_s: float = 0.3
    """An "okay" goes on as "okay, but" within this: increments of a transcript follow each other closer. Not tuned."""
    doubt_s: float = 0.35
    """How long a reply that the caller's machine has held by itself stays held unless our gate hears speech too: the
    190 ms that the gate needs, two frames, and a tenth of a second for frames that come late. Not tuned on recordings.
    """
    ahead_s: float = 2.0
    """How much of a reply is sent ahead of what is heard; bounds what a cut throws away on the wire."""
    stalled_s: float = 10.0
    """A caller's machine that has sound and reports no progress for this long is taken to be unable to play."""
    return_within_s: float = 120.0
    """How long a caller whose socket is lost may take to come back: a phone that changes networks needs seconds, a
    laptop that wakes up in another place a minute. Meanwhile the link to the model stays open. 0: the call ends at
    once. Not tuned."""
    drain_s: float = 10.0
    """How long a server that stops waits for a good moment to hand the call on: a sentence of the agent takes 2 to 8 s.
    Not tuned."""
    answer_within_s: float = 8.0
    """After the caller's turn (or the opening) the model is reminded when nothing came; live models answer in 0.5 to 4
    s.
    """
    nudges: int = 3
    """How often the model is reminded in a row (V5)."""
    quiet_turn_s: float = 1.8
    """V5, for the casual pace: a turn that the gate heard end and the model does not answer is ended for it after this
    long."""
    wordless_turn_s: float = 3.0
    """V5, for the casual pace: likewise where noise keeps the gate open, after this long without a new word."""
    greet_after_s: float = 3.0
    """A caller who was away for longer has lost the thread, and the agent takes it up; a phone that changes networks is
    back before that. Not tuned."""
    text_only: bool = False
    """The caller types and reads, whatever they choose."""
    tool_timeout_s: float = 20.0
    fillers: bool = True
    filler_after_s: float = 0.75
    """V8: a tool that runs longer than 700 to 800 ms."""
    redials: int = 3
    """V9: the first at once, the others `redial_step_s` times the attempt apart."""
    redial_step_s: float = 0.5
    redial_jitter_s: float = 0.25
    cut_off_again_s: float = 10.0
    """After those the call goes on by text, and the model is dialled this often. Not tuned."""
    cut_off_for_s: float = 120.0
    """How long that may last: as long as a caller is waited for. Not tuned."""
    quota_wait_s: float = 30.0
    """The service asks for half a minute at least (reference gemini-live, 4.9)."""
    quota_jitter_s: float = 5.0
    """All calls of a key are refused at the same moment; they must not come back at the same moment."""
    quota_waits: int = 2
    ring_s: float = 90.0
    """How much of the caller's sound is kept for the link to come. Any reconnect that succeeds does so within a few
    seconds, or within this of going on by text; it is 2.9 MB."""
    open_within_s: float = 15.0
    healthy_after_s: float = 10.0
    """A link that has carried this long resets the count of attempts; resetting at once made peers redial for ever."""
    link_age_s: float = 540.0
    """Own rotation, a minute before the service's ten."""
    handle_within_s: float = 1.0
    """How long a planned switch waits for a fresh handle before it goes without."""
    leave_within_s: float = 8.0
    """How long a hand-over or a goodbye waits for the agent to finish speaking."""
    wrap_up_s: float = 60.0
    """The model is told that time is short this long before the limit."""
    recent_turns: int = 12
    """Turns that a model is told besides the facts. A cut reply and an "mm-hm" are turns, too: of six, two exchanges
    with interruptions left nothing of what was talked about before them (`viva storm`)."""
