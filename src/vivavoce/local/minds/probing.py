"""What to ask when an answer was not enough, and when to stop asking."""

from __future__ import annotations

from vivavoce.agents import Field, Objective
from vivavoce.local.minds.mood import Mood
from vivavoce.local.minds.understanding import NUMERIC
from vivavoce.local.minds.wording import WORDING, choices, line, question

MOST_PROBES = 2
"""For an answer that says something, but not enough."""
MOST_PROBES_EMPTY = 1
"""For no answer at all: a question back, or "I do not know". Asking twice would press."""
_WH = ("who", "what", "when", "where", "why", "how", "which")


def probe(field: Field, objective: Objective, *, hint: str, mood: Mood, done: int) -> str | None:
    """The next, closer question for a field; None when it has been probed enough.

    Args:
        hint: what the answer lacks, as the vague-claim rule says; empty when no value could be read at all.
        done: probes so far.
    """
    if done >= (MOST_PROBES if mood is Mood.ANSWER else MOST_PROBES_EMPTY):
        return None
    kind = field.type
    plain = question(field.id, kind)
    if hint:
        return _closer(objective, kind.kind, hint, done)
    if mood is Mood.UNKNOWING and kind.kind in NUMERIC:
        return line("guess", done, question=plain)
    if choices(kind):
        return line("choose", done, options=choices(kind))
    if mood is not Mood.ANSWER:
        return line("story", done) if kind.kind == "story" else line("try", done, question=plain)
    if kind.kind in NUMERIC:
        return line("number_please", done, question=plain)
    return line("plainly", done, question=plain)


def _closer(objective: Objective, kind: str, hint: str, done: int) -> str:
    """First for the anchor that is missing, then along the objective's own list."""
    if done and objective.probe:
        topic = objective.probe[(done - 1) % len(objective.probe)]
        if topic.split()[0].lower() in _WH:
            return topic[0].upper() + topic[1:].rstrip("?") + "?"
        return line("more", 0, topic=topic)
    if kind == "story":
        return line("story", done)
    return WORDING.hints.get(hint, WORDING.hints["what exactly?"])
