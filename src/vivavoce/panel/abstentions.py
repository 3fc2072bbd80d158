"""Why a ballot is empty, in words for people. What to do about it stands in docs/howto/ask-models.md."""

from __future__ import annotations

WHY = {
    "no-evidence": "nothing that was said bears on it",
    "not-english": "a variant is not in English, and it reads no other language",
    "instructions": "the question speaks to a model, so none was asked",
    "refused": "the model will not",
    "not-json": "it answered twice, and not with a ballot",
    "wrong-shape": "it answered twice, and not with a whole ballot",
    "empty": "it answered nothing, twice",
    "cut-off": "its answer was longer than may be",
    "timeout": "it took too long",
    "endless": "it would not stop talking",
    "rate-limited": "its service asks for more time than we give it",
    "unreachable": "its service or the network failed",
    "failing": "its service fails at this one again and again, and answers others",
    "no-access": "its service does not take the key, or wants to be paid",
    "no-model": "its service has no such model",
    "not-taken": "its service refuses the request",
    "unreadable": "what came is nothing the service is known to say",
}


def explained(abstains: str) -> str:
    """The reason in words; one that nobody has put into words yet stands for itself."""
    return WHY.get(abstains, abstains.replace("-", " "))
