from __future__ import annotations

import threading
from pathlib import Path

import pytest

from vivavoce.errors import InputError, SettingsError, StoreError
from vivavoce.store.vault import FILE, Vault

OLD, NEW = Vault.make_key(), Vault.make_key()


def test_what_is_sealed_comes_back_and_does_not_show() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(b"whsec_1234")
    assert vault.open(sealed) == b"whsec_1234"
    assert b"1234" not in sealed
    assert vault.seal(b"whsec_1234") != sealed, "the same secret twice does not show either"


def test_a_new_key_in_front_opens_what_the_old_one_sealed() -> None:
    sealed = Vault([OLD]).seal(b"secret")
    both = Vault([NEW, OLD])
    assert both.open(sealed) == b"secret"
    assert both.hash("anna") == Vault([OLD]).hash("anna"), "people are found as before"
    with pytest.raises(StoreError, match="was sealed with another secret_key"):
        Vault([NEW]).open(sealed)
    with pytest.raises(StoreError):
        Vault([OLD]).open(both.seal(b"secret"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda s: s[:-1],
        lambda s: s[:20] + (b"B" if s[20:21] == b"A" else b"A") + s[21:],
        lambda s: b"",
        lambda s: b"\xff",
    ],
)
def test_damage_is_told(damage: object) -> None:
    assert callable(damage)
    vault = Vault([NEW])
    with pytest.raises(StoreError):
        vault.open(damage(vault.seal(b"secret")))


def test_hashes_differ_by_text_and_by_key() -> None:
    vault = Vault([NEW])
    assert vault.hash("anna") == vault.hash("anna")
    assert len({vault.hash("anna"), vault.hash("Anna"), vault.hash("\ud800"), Vault([OLD]).hash("anna")}) == 4


def test_keys_come_from_the_settings(tmp_path: Path) -> None:
    vault = Vault.of(f"{NEW}, {OLD}", tmp_path)
    assert vault.open(Vault([OLD]).seal(b"secret")) == b"secret"
    assert list(tmp_path.iterdir()) == [], "no file is made then"
    for wrong in ("short", f"{NEW},short", "ü" * 44, " , "):
        with pytest.raises(SettingsError) as caught:
            Vault.of(wrong, tmp_path)
        assert wrong not in str(caught.value)


def test_without_one_a_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    vault = Vault.of("", tmp_path / "data")
    (path,) = (tmp_path / "data").iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == (FILE, 0o600)
    assert Vault.of("", tmp_path / "data").open(vault.seal(b"secret")) == b"secret"


def test_two_who_make_the_file_at_once_have_one_key(tmp_path: Path) -> None:
    made: list[Vault] = []
    problems: list[BaseException] = []
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        try:
            made.append(Vault.of("", tmp_path))
        except BaseException as error:  # noqa: BLE001  told below
            problems.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    sealed = made[0].seal(b"secret")
    assert [vault.open(sealed) for vault in made] == [b"secret"] * 8


def test_a_file_that_does_not_do_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(StoreError, match="it is not text"):
        Vault.of("", tmp_path)
    (tmp_path / FILE).write_text("short")
    with pytest.raises(SettingsError, match="want secret keys of 32 bytes"):
        Vault.of("", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="want a file for the secret key"):
        Vault.of("", tmp_path / "file")


def test_no_key_is_no_vault() -> None:
    with pytest.raises(InputError, match="at least one secret key"):
        Vault([])
