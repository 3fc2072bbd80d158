"""`viva keys`: made once, shown once."""

from __future__ import annotations

import pytest

from tests.app.cli.conftest import Shell
from vivavoce.app.keyring import SCOPES
from vivavoce.store.keys import PREFIX
from vivavoce.store.vault import Vault


def test_a_key_is_shown_once(shell: Shell) -> None:
    ran = shell("keys", "create", "backend", "--scope", "calls:book", "--agent", "founder", "--days", "7")
    key = ran.out.strip()
    assert key.startswith(PREFIX)
    assert ran.out.count("\n") == 1, "nothing else, so that a script can take it"
    assert "this once" in ran.err
    listed = shell("keys", "list")
    assert key not in listed.out
    assert "backend" in listed.out
    assert f"{key[:9]}…" in listed.out
    [about] = shell("keys", "list", "--json").document
    assert (about["scopes"], about["agents"]) == (["calls:book"], ["founder"])
    assert about["expires_at"] == pytest.approx(about["created_at"] + 7 * 86_400)


def test_a_key_for_everything(shell: Shell) -> None:
    made = shell("keys", "create", "me", "--scope", "all", "--json").document
    assert set(made["scopes"]) == SCOPES
    assert made["key"].startswith(made["prefix"])


def test_rotate_and_revoke(shell: Shell) -> None:
    old = shell("keys", "create", "me", "--scope", "calls:read", "--json").document
    new = shell("keys", "rotate", old["id"], "--overlap", "1", "--json").document
    assert new["scopes"] == old["scopes"]
    assert new["key"] != old["key"]
    assert shell("keys", "revoke", new["id"]).out == f"{new['id']}: revoked\n"
    assert shell("keys", "revoke", new["id"]).code == 2
    assert shell("keys", "rotate", new["id"]).code == 2
    states = {key["id"]: (key["revoked_at"], key["expires_at"]) for key in shell("keys", "list", "--json").document}
    assert states[new["id"]][0] is not None
    assert states[old["id"]][1] is not None, "the old one goes on for its hour"
    assert "revoked" in shell("keys", "list").out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("x",), "missing option '--scope'"),
        (("x", "--scope", "calls:bok"), "did you mean calls:book"),
        (("", "--scope", "all"), "want a name"),
        (("x", "--scope", "all", "--days", "0"), "want --days"),
        (("x", "--scope", "all", "--days", "nan"), "want --days"),
    ],
)
def test_what_is_no_key(args: tuple[str, ...], says: str, shell: Shell) -> None:
    ran = shell("keys", "create", *args)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert shell("keys", "list", "--json").document == []


def test_a_secret_key_does_for_the_setting(shell: Shell) -> None:
    first, second = shell("keys", "secret").out.strip(), shell("keys", "secret").out.strip()
    assert first != second
    assert Vault.of(f"{first},{second}", shell.data).open(Vault([second]).seal(b"x")) == b"x"
