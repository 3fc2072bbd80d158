"""What the service objects to, in its own words, and what an error or a close means for the one who dialled.

An error event leaves the session as it was, so most of them are answers to one event. A few end it, and so does a
close. Source: error codes and close reasons as users of the service report them.
"""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.errors import WireError
from vivavoce.wire.gemini.closes import CloseClass
from vivavoce.wire.openai.server import ErrorDetail

INVALID_REQUEST = "invalid_request_error"
EXPIRED = "Your session hit the maximum duration of {minutes} minutes."
ACTIVE_RESPONSE = (
    "Conversation already has an active response in progress: {response}. "
    "Wait until the response is finished before creating a new one."
)
BUFFER_TOO_SMALL = (
    "Error committing input audio buffer: buffer too small. "
    "Expected at least 100ms of audio, but buffer only has {milliseconds:.2f}ms of audio."
)


class EventRefused(WireError):
    """One event of a client was not taken; the session goes on.

    Attributes:
        error: what the client is told.
    """

    def __init__(self, message: str, *, code: str, param: str | None = None, event_id: str | None = None) -> None:
        super().__init__(message)
        self.error = ErrorDetail(message=message, type=INVALID_REQUEST, code=code, param=param, event_id=event_id)


def missing(param: str) -> EventRefused:
    return EventRefused(f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param)


def invalid(param: str, value: object, supported: str) -> EventRefused:
    message = f"Invalid value: '{str(value)[:100]}'. Supported values are: {supported}."
    return EventRefused(message, code="invalid_value", param=param)


def refused(param: str, message: str) -> EventRefused:
    return EventRefused(message, code="invalid_value", param=param)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What to make of it."""

    kind: CloseClass
    remedy: str = ""
    """What the one who runs the server can do; empty where dialling again is all."""


_BILLING = "Add credit or raise the limit of the OpenAI project, then call again."
_KEY = "Set VIVA_BACKEND_KEY to a valid OpenAI API key; a short-lived client secret may have expired."
_MODEL = "Set VIVA_BACKEND_MODEL to a Realtime model the OpenAI project may use."

# By the code of an error; the reasons of closes end in the same words (`invalid_request_error.invalid_api_key`).
BY_CODE: dict[str, Meaning] = {
    "invalid_api_key": Meaning(CloseClass.FATAL, _KEY),
    "model_not_found": Meaning(CloseClass.FATAL, _MODEL),
    "invalid_model": Meaning(CloseClass.FATAL, _MODEL),
    "insufficient_quota": Meaning(CloseClass.FATAL, _BILLING),
    "rate_limit_exceeded": Meaning(CloseClass.QUOTA, "Wait a little, or ask OpenAI for a higher rate limit."),
    "session_expired": Meaning(CloseClass.TRANSIENT),
}
# By the status of an upgrade that was refused.
BY_STATUS: dict[int, Meaning] = {
    401: Meaning(CloseClass.FATAL, _KEY),
    403: Meaning(CloseClass.FATAL, "Check the OpenAI project's permissions, and whether its country is served."),
    404: Meaning(CloseClass.FATAL, _MODEL),
    429: Meaning(CloseClass.QUOTA, _BILLING),
}
_LASTING_CLOSES = (1007, 1008, 3000)
"""Closes that come again with the same input."""


def meaning_of_close(code: int, reason: str) -> Meaning:
    """Class and remedy of a close, or of an HTTP status where the upgrade was refused; unnamed ones are transient."""
    if (meaning := BY_STATUS.get(code)) is not None:
        return meaning
    for name, meaning in BY_CODE.items():
        if reason.endswith(name):
            return meaning
    return Meaning(CloseClass.FATAL if code in _LASTING_CLOSES else CloseClass.TRANSIENT)


def meaning_of_error(error: ErrorDetail) -> Meaning | None:
    """What an error means for the connection; None where it goes on."""
    return BY_CODE.get(error.code or "")
