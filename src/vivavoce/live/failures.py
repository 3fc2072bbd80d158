"""A handshake that failed, as one sentence with what to do about it.

What the libraries say is left out: their texts hold URLs, headers and bodies, and with them keys.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable

import picows
from python_socks import ProxyError

from vivavoce.errors import LinkError
from vivavoce.live.dialect import Dialect

_NETWORK = "Check VIVA_BACKEND_URL, and the network and proxy settings of this machine."
SHORTEST_SECRET = 4
"""Shorter ones are words such as a model's name, or guessed anyway; taking them out would only garble the reason."""
DIAL_ERRORS = (OSError, picows.WSError, ProxyError)
"""What a dial raises."""


def explained(error: Exception, dialect: Dialect) -> LinkError:
    """What went wrong before there was a WebSocket."""
    match error:
        case picows.WSHandshakeError() if error.response is not None:
            status = int(error.response.status)
            return LinkError(
                f"the live model's address answers HTTP {status} instead of a WebSocket",
                code=status,
                kind=dialect.classify(status, "").value,
                remedy=dialect.remedy(status, ""),
            )
        case ssl.SSLCertVerificationError():
            return LinkError(
                f"the live model's certificate is not trusted ({error.verify_message})",
                kind="fatal",
                remedy="Give the authority's certificate in VIVA_BACKEND_CA or SSL_CERT_FILE.",
            )
        case ssl.SSLError():
            return LinkError(
                "no TLS connection to the live model",
                kind="fatal",
                remedy="Check that VIVA_BACKEND_URL names a TLS port; http:// or ws:// is for plain ones.",
            )
        case socket.gaierror():
            return LinkError("the live model's host name is not known", remedy=_NETWORK)
        case ConnectionRefusedError():
            return LinkError("nobody listens at the live model's address", remedy=_NETWORK)
        case ProxyError():
            refused = "407" in str(error)
            return LinkError(
                "the proxy does not let us through to the live model",
                kind="fatal" if refused else "transient",
                remedy="Check https_proxy and all_proxy, or name the host in no_proxy.",
            )
        case _:
            return LinkError(f"no connection to the live model ({type(error).__name__})", remedy=_NETWORK)


def hung_up() -> LinkError:
    """The other side closed without a word before there was a WebSocket."""
    return LinkError(
        "the live model's address hangs up at once",
        remedy=f"A TLS port wants https:// or wss:// in VIVA_BACKEND_URL. {_NETWORK}",
    )


def too_late(within_s: float) -> LinkError:
    """Nothing was answered in time, by the network or by the model."""
    return LinkError(f"no answer to the setup within {within_s:g} s", remedy=_NETWORK)


def without(error: LinkError, secrets: Iterable[str]) -> LinkError:
    """The same error, its reason free of these: a service or a proxy may repeat what it was sent."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            error.reason = error.reason.replace(secret, "…")
    return error
