"""Leave to book that our frame carries along: the frame's own origin says nothing of the page it stands in, and a
sandboxed one has none. Signed, so that the server keeps nothing.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from vivavoce.app.origins import Sites, parse_origin
from vivavoce.store.vault import Vault

LIFE_S = 12 * 3600.0
"""A working day: a tab that is left open in the morning still talks in the evening."""
MAX_CHARS = 1_000
_USE = b"embed pass\0"
"""What the signature is about, so that nothing else the vault signs holds as a pass."""


class EmbedPass(msgspec.Struct, frozen=True, array_like=True):
    agent: str
    """What the agent is found by."""
    site: str
    """Origin of the page around the frame, as a browser writes it; empty where it did not say."""
    until: float
    """Unix seconds."""

    def holds(self, agent: str, sites: Sites, now: float) -> bool:
        """Whether it lets somebody talk with an agent.

        Args:
            sites: those of the agent now: it may have listed others when the pass was given.
        """
        site = parse_origin(self.site)
        listed = site in sites if site is not None else bool(sites)
        return self.agent == agent and now < self.until and listed


def give(vault: Vault, agent: str, site: str, now: float) -> str:
    """A pass as pages carry it: letters of URLs only."""
    body = msgspec.json.encode(EmbedPass(agent, site, now + LIFE_S))
    return f"{base64.urlsafe_b64encode(body).decode().rstrip('=')}.{vault.sign(_USE + body)}"


def read(vault: Vault, text: str) -> EmbedPass | None:
    """What stands in a pass, whether it holds or not; None where this server did not sign it."""
    packed, _, signature = text.partition(".")
    if len(text) > MAX_CHARS or not text.isascii():
        return None
    try:
        body = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if not vault.verify(_USE + body, signature):
        return None
    try:
        return msgspec.json.decode(body, type=EmbedPass)
    except msgspec.MsgspecError:  # signed by an older version
        return None
