"""The certificate of the live server, made here and kept in the user's cache folder, or brought along.

The official Python SDK speaks TLS to its socket whatever the base URL says, so a stand-in without a certificate is of
no use to it.
"""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi

from vivavoce.errors import InputError

HOSTS = ("localhost", "127.0.0.1", "::1")
LIFE = timedelta(days=397)
"""Some clients refuse certificates of 398 days and more."""
RENEW = timedelta(days=30)
"""A certificate with less than that left is made anew at the next start."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files a TLS server is made of, PEM."""

    certificate_file: Path
    """The server's own certificate first, then what signed it."""
    key_file: Path
    authority_file: Path | None = None
    """What `NODE_EXTRA_CA_CERTS` names; None for a certificate somebody else made."""
    trust_file: Path | None = None
    """What `SSL_CERT_FILE` names: our authority and the usual ones, because that variable replaces them all."""

    def context(self) -> ssl.SSLContext:
        """A server's TLS settings with this certificate.

        Raises:
            InputError: the files are not there, or are no certificate with its key.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self.certificate_file, self.key_file, password=_no_password)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            why = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else "no such pair"
            files = f"{self.certificate_file} and {self.key_file}"
            raise InputError(f"want a certificate and its key, PEM without a password, got {files}: {why}") from None
        return context


def _no_password() -> str:
    raise ValueError("want a key without a password")  # OpenSSL would ask for one on the terminal


def self_made(folder: Path | None = None, *, hosts: Sequence[str] = (), now: datetime | None = None) -> Certificate:
    """The certificate of this machine; made when there is none, when it ends soon, or when it lacks a host.

    Args:
        folder: None for a place in the user's cache folder.
        hosts: names and addresses it holds besides those of the loopback.
        now: None for the time it is.

    Raises:
        InputError: the folder cannot be written.
    """
    folder = cache_folder() if folder is None else folder
    now = datetime.now(UTC) if now is None else now
    wanted = tuple(dict.fromkeys([*HOSTS, *(host.lower() for host in hosts)]))
    certificate, key, authority, trust = (
        folder / name for name in ("certificate.pem", "key.pem", "authority.pem", "trust.pem")
    )
    from vivavoce.local.front.authority import issue  # brings cryptography along, which a plain port does not need

    try:
        if not _usable((certificate, key, authority, trust), wanted, now):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            secret, chain, root = issue(wanted, life=LIFE, now=now)
            _write(key, secret, 0o600)
            _write(certificate, chain, 0o644)
            _write(authority, root, 0o644)
            _write(trust, root + _usual_roots(trust), 0o644)
    except OSError as error:
        raise InputError(f"want a folder for the certificate, got {folder}: {error.strerror}") from error
    return Certificate(certificate, key, authority, trust)


def cache_folder() -> Path:
    """Where this user's programs keep what they can make again."""
    if named := os.environ.get("XDG_CACHE_HOME"):
        base = Path(named)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "vivavoce" / "tls"


def _usable(files: Sequence[Path], hosts: Sequence[str], now: datetime) -> bool:
    try:
        certificate, key, authority, trust = (path.read_bytes() for path in files)
    except FileNotFoundError:
        return False
    from vivavoce.local.front.authority import holds

    ours = bool(authority) and certificate.endswith(authority) and trust.startswith(authority)
    return ours and holds(certificate, key, hosts, at=now, until=now + RENEW)


def _usual_roots(ours: Path) -> bytes:
    """What the program would trust otherwise, so that its other connections go on working."""
    named = os.environ.get("SSL_CERT_FILE")
    if named and Path(named) != ours and Path(named).is_file():
        return Path(named).read_bytes()
    return Path(certifi.where()).read_bytes()


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment: two servers may start together."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    fresh.replace(path)
