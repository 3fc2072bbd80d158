"""What a service means when it gives no good answer: by its status, or by how the connection failed."""

from __future__ import annotations

import ssl
from http import HTTPStatus

from vivavoce.studies.sources.answers import Answer, changed, failed
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.waits import UNTOLD_WAIT_S, asked_wait_s


def refusal(answer: Answer, *, now: float, setting: str = "") -> SourceError | None:
    """The general rule, by status; None where there is a good answer.

    Args:
        now: Unix seconds.
        setting: name of the setting that holds the credential.
    """
    place, status = answer.place, answer.status
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return None
    wait_s = asked_wait_s(answer.headers, now)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (wait_s is not None and status in (403, 503)):
        wait_s = UNTOLD_WAIT_S if wait_s is None else wait_s
        return SourceError(f"{place} asks us to wait {wait_s:.0f} s", kind="wait", wait_s=wait_s)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return SourceError(f"the proxy before {place} does not let us through", kind="refused")
    if status in (401, 403):
        remedy = f"; look at the setting {setting}" if setting else ""
        return SourceError(f"{place} does not let us in (HTTP {status}){remedy}", kind="refused", setting=setting)
    if status in (404, 410, 451):
        return SourceError(f"{place} does not have it (HTTP {status})", kind="gone")
    if status >= 500 or status in (408, 425):
        return failed(place, f"HTTP {status}")
    return changed(place, f"an answer to a request as it is known, got HTTP {status}")


def cause(error: BaseException) -> str:
    """What went wrong, without the library's text: it may quote the URL, and with it a key."""
    causes = [error]
    while (deeper := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 8:
        causes.append(deeper)
    for each in causes:
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"its certificate does not hold ({each.verify_message})"
        if isinstance(each, ssl.SSLError):
            return "TLS failed"
    return f"no answer ({type(error).__name__})"
