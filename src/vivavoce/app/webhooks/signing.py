"""Secrets and signatures of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The standard wants 24 to 64."""


def make_secret() -> str:
    """A secret as both sides keep it. Never log it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(message_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The three headers of a message.

    Args:
        timestamp: Unix seconds of this attempt; receivers refuse what is five minutes off.
        keys: one signature each, so that a receiver may know either the new secret or the old one.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(key: str, signed: bytes) -> str:
    digest = hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), signed, "sha256")
    return "v1," + base64.b64encode(digest).decode()
