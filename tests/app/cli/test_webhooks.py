"""`viva webhooks`: registered here, delivered by workers."""

from __future__ import annotations

import pytest

from tests.app.cli.conftest import CALL, Shell

URL = "https://hooks.example.test/viva"


@pytest.fixture
def webhook(shell: Shell) -> str:
    made = shell("webhooks", "add", URL, "--json").document
    assert isinstance(made["id"], str)
    return made["id"]


def test_a_secret_is_shown_once(shell: Shell) -> None:
    ran = shell("webhooks", "add", URL, "--event", "call.ended", "--agent", "founder")
    secret = ran.out.strip()
    assert secret.startswith("whsec_")
    assert ran.out.count("\n") == 1, "nothing else, so that a script can take it"
    listed, [about] = shell("webhooks", "list"), shell("webhooks", "list", "--json").document
    assert URL in listed.out
    assert secret not in listed.out
    assert (about["events"], about["agent"], about["active"]) == (["call.ended"], "founder", True)
    assert not any("sealed" in name for name in about)


def test_a_secret_is_changed(shell: Shell, webhook: str) -> None:
    first = shell("webhooks", "rotate", webhook, "--json").document
    second = shell("webhooks", "rotate", webhook, "--overlap", "0", "--json").document
    assert first["secret"] != second["secret"]
    assert first["old_secret_until"] > first["created_at"]
    assert second["old_secret_until"] is None


def test_a_message_is_asked_for(shell: Shell, webhook: str) -> None:
    delivery = shell("webhooks", "test", webhook).out.strip()
    [told] = shell("webhooks", "deliveries", webhook, "--json").document
    assert (told["id"], told["state"], told["body"]["type"]) == (delivery, "waiting", "webhook.test")
    assert delivery in shell("webhooks", "deliveries", webhook).out
    assert shell("jobs", "list", "--kind", "webhook", "--json").document
    assert shell("webhooks", "replay", delivery).code == 2, "it waits for its first attempt"


def test_pause_resume_remove(shell: Shell, webhook: str) -> None:
    assert shell("webhooks", "pause", webhook).out == f"{webhook}: paused\n"
    assert shell("webhooks", "test", webhook).code == 2
    assert "paused" in shell("webhooks", "list").out
    assert shell("webhooks", "resume", webhook).out == f"{webhook}: on\n"
    assert shell("webhooks", "remove", webhook).code == 2, "nobody can be asked here"
    assert shell("webhooks", "remove", webhook, "--yes").out == f"{webhook}: deleted\n"
    assert shell("webhooks", "list", "--json").document == []


def test_an_erasure_is_told(shell: Shell, webhook: str) -> None:
    assert shell("calls", "delete", CALL, "--yes").code == 0
    [told] = shell("webhooks", "deliveries", webhook, "--json").document
    assert told["body"]["type"] == "call.erased"


@pytest.mark.parametrize(
    "args",
    [
        ("add", "http://hooks.example.test/"),
        ("add", "https://127.0.0.1/"),
        ("add", "https://me:secret@hooks.example.test/"),
        ("add", URL, "--event", "call.endet"),
        ("rotate", "nobody"),
        ("pause", "nobody"),
        ("resume", "nobody"),
        ("remove", "nobody", "--yes"),
        ("test", "nobody"),
        ("deliveries", "nobody"),
        ("replay", "nobody"),
    ],
)
def test_what_is_no_webhook(args: tuple[str, ...], shell: Shell) -> None:
    ran = shell("webhooks", *args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert shell("webhooks", "list", "--json").document == []
