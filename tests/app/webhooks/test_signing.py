"""Signatures, verified with the standard's own library."""

from __future__ import annotations

import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from vivavoce.app.webhooks import signing

BODY = b'{"type":"call.ended","data":{"agent":"\xc3\xa4"}}'


def test_the_standards_library_takes_our_signature() -> None:
    secret, now = signing.make_secret(), int(time.time())
    headers = signing.headers("msg_1", now, BODY, [secret])
    assert Webhook(secret).verify(BODY, headers)["type"] == "call.ended"
    for wrong in (
        {**headers, "webhook-id": "msg_2"},
        {**headers, "webhook-timestamp": str(now + 1)},
        {**headers, "webhook-signature": "v1,AAAA"},
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY, wrong)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)


def test_during_a_rotation_either_secret_does() -> None:
    new, old, other = signing.make_secret(), signing.make_secret(), signing.make_secret()
    headers = signing.headers("msg_1", int(time.time()), BODY, [new, old])
    assert Webhook(new).verify(BODY, headers) == Webhook(old).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)


def test_the_example_of_the_standard() -> None:
    """Source: standard-webhooks/libraries, the vector its test suites share."""
    headers = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_long_and_never_the_same() -> None:
    secrets = {signing.make_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)
