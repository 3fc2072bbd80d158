"""What every answer tells a browser to leave alone. ASGI."""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.app.origins import parse_origin

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
INERT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For answers that are no pages: should one be shown as a page all the same, it does nothing."""
HSTS = "max-age=31536000"
"""A year, for this very name: what its subdomains do is not ours to say."""


def page_policy(ancestors: str = "'none'") -> tuple[str, str]:
    """For an HTML page of ours: its Content-Security-Policy, and the nonce that its inline `style` and `script` need.
    The page loads from its own server only.

    Args:
        ancestors: who may frame it.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src 'self' data:; "
        "media-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )
    return policy, nonce


def talk_policy(host: str, ancestors: str = "'none'") -> str:
    """For a page to talk on: files of its own server, nothing inline, its socket, and sound it makes itself.

    Args:
        host: of the request, such as `talk.example:8443`. It is written out beside `'self'`, of which browsers do not
            agree whether it holds for sockets, and which is nobody in a sandboxed frame.
        ancestors: who may frame it.
    """
    # the grammar of the policy has no IPv6 addresses; there `'self'` must do
    known = parse_origin(f"http://{host}") is not None and "[" not in host
    own = f" http://{host} https://{host}" if known else ""
    sockets = f" ws://{host} wss://{host}" if known else ""
    return (
        f"default-src 'none'; script-src 'self'{own}; style-src 'self'{own}; worker-src 'self'{own}; "
        f"connect-src 'self'{own}{sockets}; img-src 'self'{own} data:; media-src 'self'{own} blob: data:; "
        f"form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}"
    )


class SecurityHeaders:
    """Adds what an answer does not say itself.

    Args:
        https: browsers come by https, and are told to go on so.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._defaults = {**ALWAYS, "Content-Security-Policy": INERT, "Cache-Control": "no-store"}
        if https:
            self._defaults["Strict-Transport-Security"] = HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
