"""The sentences of a story: what was decided or noticed (`remarks`), and why, as a person reads it."""

from __future__ import annotations

from vivavoce.conversation.effects import Remark

SENTENCES: dict[str, str] = {
    "link_up": "link {link} carries the talk",
    "link_lost": "link {link} is lost",
    "redialled": "the link is dialled again, try {count}",
    "rotated": "link {link} is left for a new one",
    "handle_given_up": "the handle is given up: the model is told anew",
    "cut_off": "no link comes up: the call goes on by text",
    "given_up": "the live model is given up",
    "resent": "{seconds} of the caller's sound go to the model again",
    "missed": "{seconds} of the caller's sound are lost: the ring had no more",
    "repeated": "what the model says a second time is left out",
    "errand_kept": "a tool that the model calls again is not run again",
    "noticed": "noticed of the model",
    "reminded": "the model is told to speak",
    "suspected": "the link is up, and taken for dead",
    "turn_ended": "the caller's turn is ended for the model",
    "held": "the agent is silent",
    "resumed": "the agent goes on after {seconds}",
    "cut": "the rest of the reply is thrown away",
    "wrap_up": "the agent is told to come to an end",
    "idle": "the agent is told to ask whether anybody is there",
    "passed_on": "the call is let go, for another server to take",
    "taken_over": "this server carries the call from now on",
}
"""By what a remark is about. A reason of its own wording stands in `REASONS`."""

REASONS: dict[tuple[str, str], str] = {
    ("link_up", "first"): "the first one",
    ("link_up", "resumed"): "the model knows the talk",
    ("link_up", "reseeded"): "the model is told what was said",
    ("link_lost", "transient"): "it dropped",
    ("link_lost", "quota"): "no quota left",
    ("link_lost", "fatal"): "refused, and would be again",
    ("link_lost", "dead_handle"): "its handle was not taken",
    ("link_lost", "silent"): "nothing came any more",
    ("link_lost", "suspected"): "up, and of no use",
    ("link_lost", "unanswered"): "it did not open in time",
    ("redialled", "at_once"): "at once",
    ("redialled", "later"): "after {seconds}",
    ("redialled", "quota"): "after {seconds}, for want of quota",
    ("redialled", "cut_off"): "after {seconds}; meanwhile the call goes on by text",
    ("rotated", "go_away"): "the service asked for it",
    ("rotated", "age"): "it is old",
    ("rotated", "deadline"): "there was no better moment",
    ("rotated", "switch"): "another speaker takes over",
    ("rotated", "pace"): "the caller wants other pauses",
    ("handle_given_up", "transient"): "resuming failed twice",
    ("handle_given_up", "fatal"): "it was refused",
    ("handle_given_up", "dead_handle"): "the service does not know it",
    ("given_up", "link_lost"): "it could not be reached again",
    ("given_up", "link_refused"): "it refuses us",
    ("given_up", "model_busy"): "it has no quota left",
    ("repeated", "sound"): "the same sound came before",
    ("repeated", "words"): "the same words came before",
    ("errand_kept", "running"): "it still runs",
    ("errand_kept", "done"): "its result is there",
    ("noticed", "empty_turn"): "an empty turn, {count} in a row",
    ("noticed", "silence"): "digital silence, {count} in a row",
    ("noticed", "tone"): "a tone, {count} in a row",
    ("noticed", "slow"): "it came {seconds} late, {count} in a row",
    ("reminded", "no_answer"): "no answer for {seconds}",
    ("reminded", "mute_start"): "it has not said a word for {seconds}",
    ("reminded", "after_interrupted"): "it was interrupted, and said nothing for {seconds}",
    ("reminded", "text_ignored"): "what was typed was not answered for {seconds}",
    ("reminded", "empty_turn"): "empty turns",
    ("reminded", "silence"): "silence instead of speech",
    ("reminded", "tone"): "a tone instead of speech",
    ("reminded", "broken_off"): "its sentence broke off",
    ("turn_ended", "level"): "quiet for {seconds}",
    ("turn_ended", "words"): "no new word for {seconds}",
    ("held", "speech"): "somebody speaks over it",
    ("held", "doubt"): "the caller's machine hears somebody",
    ("held", "model"): "the model heard somebody",
    ("resumed", "cough"): "a cough",
    ("resumed", "doubt_passed"): "nobody else heard anybody",
    ("resumed", "backchannel"): "the caller only listens",
    ("resumed", "echo"): "it was the agent's own voice",
    ("resumed", "noise"): "a noise without words",
    ("resumed", "away"): "who spoke is gone",
    ("cut", "words"): "the caller wants to speak",
    ("cut", "long"): "the caller speaks on",
    ("cut", "no_words"): "the model took it for speech",
    ("cut", "done"): "the caller says that this was their turn",
    ("cut", "typed"): "the caller typed",
    ("cut", "model"): "the model heard the caller",
    ("cut", "answered"): "the model's answer takes its place",
    ("cut", "stalled"): "the caller's machine has played nothing for {seconds}",
    ("wrap_up", "time_limit"): "little time is left",
    ("wrap_up", "turn_limit"): "the talk has had its turns",
    ("wrap_up", "token_limit"): "the tokens are used up",
    ("passed_on", "quiet"): "in a quiet moment",
    ("passed_on", "away"): "the caller is away",
    ("passed_on", "overdue"): "no quiet moment came",
    ("taken_over", "handed_over"): "it was handed over",
    ("taken_over", "server_lost"): "the one before is gone",
}
_LIKE = {"suspected": "reminded"}  # the same reasons in the same words


def told(remark: Remark) -> str:
    """A remark as a sentence. One of another version, which has no words here, says its own."""
    like = _LIKE.get(remark.what, remark.what)
    sentences = SENTENCES.get(remark.what), REASONS.get((like, remark.why))
    numbers = {"link": remark.link, "count": remark.count, "seconds": f"{remark.seconds:.1f} s"}
    parts = (
        word.replace("_", " ") if sentence is None else sentence.format(**numbers)
        for word, sentence in zip((remark.what, remark.why), sentences, strict=True)
    )
    return ": ".join(filter(None, parts))
