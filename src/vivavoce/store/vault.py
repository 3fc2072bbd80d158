"""Secrets at rest: sealed before they reach the database, opened only where they are used."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from vivavoce.errors import InputError, SettingsError, StoreError

FILE = "secret.key"


class Vault:
    """Seals, opens and signs with keys of this server (AES-128-CBC with HMAC-SHA256, as Fernet does it).

    Args:
        keys: as `Vault.make_key` gives them, the newest first; the others still open what they sealed.
    Raises:
        InputError: none, or one that is no key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise InputError("want at least one secret key, got none")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise InputError("want secret keys of 32 bytes in URL-safe base64, got something else") from None
        self._hash_key = _derived("hash", keys[-1])
        self._sign_keys = [_derived("sign", key) for key in keys]

    @staticmethod
    def make_key() -> str:
        return Fernet.generate_key().decode()

    @classmethod
    def of(cls, secret_key: str, data_dir: Path | str) -> Vault:
        """The vault of a server.

        Args:
            secret_key: keys with commas between them, the newest first; empty for the file `secret.key` in
                `data_dir`, which is made (readable by its owner only) when it is not there.
        Raises:
            SettingsError: a key does not hold.
            StoreError: the file can neither be read nor made.
        """
        text = secret_key or _from_file(Path(data_dir) / FILE)
        try:
            return cls([key.strip() for key in text.split(",") if key.strip()])
        except InputError as error:
            raise SettingsError(f"secret_key: {error}") from None

    def seal(self, secret: bytes) -> bytes:
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        """
        Raises:
            StoreError: sealed with a key that is not here any more, or damaged.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise StoreError("a stored secret was sealed with another secret_key") from None

    def hash(self, text: str) -> str:
        """A keyed hash to find something by without keeping it. It is made with the *oldest* key, so that it stays the
        same when a new key is put in front.
        """
        return hmac.digest(self._hash_key, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    def sign(self, data: bytes) -> str:
        """What `verify` knows these bytes by: an HMAC-SHA256 in hex, made with the newest key."""
        return hmac.digest(self._sign_keys[0], data, "sha256").hex()

    def verify(self, data: bytes, signature: str) -> bool:
        """Whether one of the keys signed these very bytes."""
        given = signature.encode("utf-8", "surrogatepass")
        made = [hmac.digest(key, data, "sha256").hex().encode() for key in self._sign_keys]
        return any(hmac.compare_digest(each, given) for each in made)


def _derived(use: str, key: str) -> bytes:
    """A key of its own for each use, so that nothing made for one holds for another."""
    return hashlib.sha256(f"vivavoce {use}\0".encode() + base64.urlsafe_b64decode(key)).digest()


def _from_file(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise StoreError(f"want a file for the secret key, got {path}: {why}") from error


def _make(path: Path) -> None:
    """A file with a new key. It gets its name when it is whole; of two who make one at once, the first one's stays."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(Vault.make_key())
        file.flush()
        os.fsync(file.fileno())  # what is sealed with it outlives a power cut
    try:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
    finally:
        part.unlink()
