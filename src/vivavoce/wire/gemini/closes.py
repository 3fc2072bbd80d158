"""What a close of the live link means: whether to dial again, and what the one who runs the client can do.

The code alone does not tell (1011 is anything from a hiccup to an empty purse), the service's wording does. HTTP
statuses, which are below 1000, are of upgrades that were refused. First row that fits wins.

Source: reference gemini-live 4.9, close codes seen in practice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CloseClass(StrEnum):
    FATAL = "fatal"
    """The same input fails again: say so and stop."""
    QUOTA = "quota"
    """Wait, and say so."""
    DEAD_HANDLE = "dead_handle"
    """The session to resume is gone: a fresh one, told what was heard."""
    TRANSIENT = "transient"
    """Dial again."""


@dataclass(frozen=True, slots=True)
class Close:
    """One row.

    Attributes:
        code: WebSocket close code, or HTTP status of a refused upgrade.
        words: what the service's reason has in it, at its beginning where it has a beginning of its own; empty for any.
        remedy: a sentence; empty where dialling again is all there is to do.
    """

    code: int
    words: str
    kind: CloseClass
    remedy: str = ""


FATAL, QUOTA, DEAD_HANDLE, TRANSIENT = CloseClass

_KEY = "Set VIVA_BACKEND_KEY to a valid API key of Google AI Studio."
_CREDENTIAL = "Give a credential that is valid now in VIVA_BACKEND_KEY, VIVA_BACKEND_TOKEN or VIVA_BACKEND_CREDENTIALS."
_MODEL = "Set VIVA_BACKEND_MODEL to a live model that this API version and location serve."
_PROJECT = "Enable the API for the Google Cloud project, and check that the project and the account may use it."
_FIELD = "The model or the API version does not know a field of the setup: choose another model or version."
_CAPABILITY = "The model cannot do what the setup asks for: choose another model, or change the agent file."
_VOICE = "Use one of the service's own voice names in the agent file."
_BILLING = "Add credit to the project's billing account, then call again."
_WAIT = "Wait a minute, or ask for a higher quota."
_INPUT = "The service did not accept what it was sent; the same again would fail again."
_LOCATION = "The service is not offered where this machine stands; use Vertex AI with a location that serves it."
_SIZE = "A message was larger than the other side takes; send smaller pieces."
_ADDRESS = "Check that VIVA_BACKEND_URL is the service's address and not that of something in between."

CLOSES: tuple[Close, ...] = (
    Close(1000, "", TRANSIENT),
    Close(1005, "", TRANSIENT),
    Close(1006, "", TRANSIENT),
    Close(1007, "API key not valid", FATAL, _KEY),
    Close(1007, "Invalid JSON payload received. Unknown name", FATAL, _FIELD),
    Close(1007, "Invalid JSON payload received.", FATAL, _INPUT),
    Close(1007, "Cannot extract voices", FATAL, _CAPABILITY),
    Close(1007, "is not supported in the live api", FATAL, _MODEL),
    Close(1007, "The requested combination of response modalities", FATAL, _CAPABILITY),
    Close(1007, "Text output is not supported", FATAL, _CAPABILITY),
    Close(1007, "Thinking level", FATAL, _CAPABILITY),
    Close(1007, "BLOCKING function calls", FATAL, _CAPABILITY),
    Close(1007, "Function response scheduling", FATAL, _CAPABILITY),
    Close(1007, "No matching speaker voice found", FATAL, _VOICE),
    Close(1007, "Failed to parse WAV audio", FATAL, _VOICE),
    Close(1007, "The audio content type", FATAL, "The model takes no sound here, or none while it waits for a tool."),
    Close(1007, "User location is not supported", FATAL, _LOCATION),
    Close(1007, "", FATAL, _INPUT),
    Close(1008, "is not found for API version", FATAL, _MODEL),
    Close(1008, "Publisher Model", FATAL, _MODEL),
    Close(1008, "Method doesn't allow unregistered callers", FATAL, _CREDENTIAL),
    Close(1008, "Request had invalid authentication credentials", FATAL, _CREDENTIAL),
    Close(1008, "Your project has been denied access", FATAL, _PROJECT),
    Close(1008, "API has not been used in", FATAL, _PROJECT),
    Close(1008, "Operation is not implemented", TRANSIENT),
    Close(1008, "Requested entity was not found", DEAD_HANDLE),
    Close(1008, "The operation was aborted", TRANSIENT),
    Close(1008, "Connection aborted because the client failed to close", TRANSIENT),
    Close(1008, "", FATAL, _INPUT),
    Close(1009, "", FATAL, _SIZE),
    Close(1011, "Your prepayment credits are depleted", FATAL, _BILLING),
    Close(1011, "Resource has been exhausted", QUOTA, _WAIT),
    Close(1011, "You exceeded your current quota", QUOTA, _WAIT),
    Close(1011, "The service is currently unavailable", TRANSIENT),
    Close(1011, "Deadline expired", TRANSIENT),
    Close(1011, "Thread was cancelled", TRANSIENT),
    Close(1011, "", TRANSIENT),
    Close(401, "", FATAL, _CREDENTIAL),
    Close(403, "", FATAL, _PROJECT),
    Close(404, "", FATAL, _ADDRESS),
    Close(429, "", QUOTA, _WAIT),
)


def explain(code: int, reason: str) -> Close:
    """The row of a close; what no row names is transient."""
    rows = (row for row in CLOSES if row.code == code and row.words in reason)
    return next(rows, Close(code, "", CloseClass.TRANSIENT))


def classify(code: int, reason: str) -> CloseClass:
    """Class of a close by code and reason."""
    return explain(code, reason).kind


def remedy(code: int, reason: str) -> str:
    """What the one who runs the client can do about it; empty where dialling again is all."""
    return explain(code, reason).remedy
