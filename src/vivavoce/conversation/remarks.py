"""The words of a `Remark`: what was decided or noticed, and why. Everything that a person should learn of a call from
its log, beside what its events and effects say by themselves, has its word here, and a sentence in `telling`;
`docs/reference/conversation.md` lists them.
"""

from __future__ import annotations

WHATS: dict[str, frozenset[str]] = {
    # the link
    "link_up": frozenset({"first", "resumed", "reseeded"}),  # so long after the one before was lost
    "link_lost": frozenset({"transient", "quota", "fatal", "dead_handle", "silent", "suspected", "unanswered"}),
    "redialled": frozenset({"at_once", "later", "quota", "cut_off"}),  # after so long, for the `count`th time
    "rotated": frozenset({"go_away", "age", "deadline", "switch", "pace"}),
    "handle_given_up": frozenset({"transient", "fatal", "dead_handle"}),
    "cut_off": frozenset(),
    "given_up": frozenset({"link_lost", "link_refused", "model_busy"}),
    "resent": frozenset(),  # so many seconds of the caller's sound went again
    "missed": frozenset(),  # of so many seconds nobody has heard anything
    "repeated": frozenset({"sound", "words"}),  # the model said again what came before, and it is left out
    "errand_kept": frozenset({"running", "done"}),  # asked for again over another link, and not run again
    # turns and watchdogs
    "noticed": frozenset({"empty_turn", "silence", "tone", "slow"}),  # of the model, `count` times in a row
    "reminded": frozenset(  # the model is told to speak
        {"no_answer", "mute_start", "after_interrupted", "text_ignored", "empty_turn", "silence", "tone", "broken_off"}
    ),
    "suspected": frozenset(  # it was told in vain: the link is taken for dead
        {"no_answer", "mute_start", "after_interrupted", "text_ignored", "empty_turn", "silence", "tone"}
    ),
    "turn_ended": frozenset({"level", "words"}),  # by a fallback of ours: the model has not noticed
    # the reply that is being heard, `seconds` of standing still
    "held": frozenset({"speech", "doubt", "model"}),
    "resumed": frozenset({"cough", "doubt_passed", "backchannel", "echo", "noise", "away"}),
    "cut": frozenset({"words", "long", "no_words", "done", "typed", "model", "answered", "stalled"}),
    # the caller, and the server
    "wrap_up": frozenset({"time_limit", "turn_limit", "token_limit"}),
    "idle": frozenset(),
    "passed_on": frozenset({"quiet", "away", "overdue"}),
    "taken_over": frozenset({"handed_over", "server_lost"}),
}
"""By what was decided or noticed: the reasons there can be; empty where it needs none."""
