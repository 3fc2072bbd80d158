"""What the service says when it closes a connection, in its own words, for the server that must say the same and for
the client that must understand it.

Source: reference gemini-live 1.1, 3.3, 4.6, 4.7 and 4.9. Names in braces are filled in.
"""

from __future__ import annotations

import re

from vivavoce.errors import WireError

# 1007
INVALID = "Request contains an invalid argument."
PRECONDITION = "Precondition check failed."
BAD_JSON = "Invalid JSON payload received."
UNKNOWN_NAME = "Invalid JSON payload received. Unknown name \"{name}\" at '{path}': Cannot find field."
UNKNOWN_TOP_NAME = 'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
BAD_KEY = "API key not valid. Please pass a valid API key."
NO_TEXT = "Text output is not supported for native audio output model."
NO_MODALITIES = "The requested combination of response modalities ({modalities}) is not supported by the model {model}."
NO_VOICE_IN_TEXT = "Cannot extract voices from a non-audio request."
NO_VOICE = "No matching speaker voice found for name: {voice}"
BAD_SAMPLE = "Failed to parse WAV audio."
NO_THINKING_LEVEL = "Thinking level is not supported for this model."
NEED_THINKING_LEVEL = "Thinking level must be specified for this model."
NO_BLOCKING = "BLOCKING function calls are not supported for this model."
NO_SCHEDULING = "Function response scheduling is not supported for this model."
NO_AUDIO = "The audio content type (CONTENT_TYPE_AUDIO) is not supported for this model configuration."
NO_LOCATION = "User location is not supported for the API use."
NOT_LIVE = "{model} is not supported in the live api."

# 1008
NO_MODEL = "{model} is not found for API version {version}, or is not supported for bidiGenerateContent."
NO_PUBLISHER_MODEL = "Publisher Model `{model}` was not found."
UNREGISTERED = "Method doesn't allow unregistered callers (callers without established identity)."
BAD_CREDENTIALS = "Request had invalid authentication credentials."
PROJECT_DENIED = "Your project has been denied access."
NOT_ENABLED = "The API has not been used in this project before or it is disabled."
NOT_IMPLEMENTED = "Operation is not implemented, or supported, or enabled."
NOT_FOUND = "Requested entity was not found."
ABORTED = "The operation was aborted."
LINGERED = "Connection aborted because the client failed to close the connection after receiving a GoAway."

# 1011
INTERNAL = "Internal error encountered."
INTERNAL_OCCURRED = "Internal error occurred."
NO_INFERENCE = "Failed to run inference for model {model}."
UNAVAILABLE = "The service is currently unavailable."
DEADLINE = "Deadline expired before operation could complete."
THREAD_CANCELLED = "Thread was cancelled when writing StartStep status."
EXHAUSTED = "Resource has been exhausted (e.g. check quota)."
OVER_QUOTA = "You exceeded your current quota."
NO_CREDITS = "Your prepayment credits are depleted."

# 1000
CANCELLED = "The operation was cancelled."


class Refused(WireError):
    """A peer sent what the service refuses.

    Attributes:
        reason: the service's wording, for the close.
        code: WebSocket close code.
    """

    def __init__(self, reason: str, *, code: int = 1007, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}" if detail else reason, code=code)
        self.reason = reason


def reason_of(error: WireError) -> str:
    """The close reason for an error: the service's own words, without ours behind them."""
    return error.reason if isinstance(error, Refused) else INVALID


_UNKNOWN = re.compile(r'(?:(?P<where>[\w.\[\]]+)\.)?(?P<name>\w+|".*")', re.DOTALL)


def unknown_name(path: str) -> str:
    """What the service says to a key it does not know, by the key's path as `codec.unknown` writes it."""
    found = _UNKNOWN.fullmatch(path)
    assert found is not None, "want a path of codec.unknown"
    name, where = found["name"].strip('"'), found["where"]
    at = f" at '{where}'" if where else ""
    return f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
