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
from vivavoce.local.front import private_folder

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
        InputError: the folder cannot be written, or is not this user's alone.
    """
    folder = cache_folder() if folder is None else folder
    now = datetime.now(UTC) if now is None else now
    wanted = tuple(dict.fromkeys([*HOSTS, *(host.lower() for host in hosts)]))
    certificate, key, authority, trust = (
        folder / name for name in ("certificate.pem", "key.pem", "authority.pem", "trust.pem")
    )
    from vivavoce.local.front.authority import issue  # brings cryptography along, which a plain port does not need

    try:
        with private_folder.entered(folder):
            if not _usable((certificate, authority, trust), key, wanted, now):
                secret, chain, root = issue(wanted, life=LIFE, now=now)
                private_folder.write(key, secret, secret=True)
                private_folder.write(certificate, chain)
                private_folder.write(authority, root)
                private_folder.write(trust, root + _usual_roots(trust))
    except OSError as error:
        raise InputError(f"want a folder for the certificate, got {folder}: {error.strerror}") from error
    return Certificate(certificate, key, authority, trust)


def cache_folder() -> Path:
    """Where this user's programs keep what they can make again.

    Raises:
        InputError: nothing says where this user's files are.
    """
    named = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
    if named:
        base = Path(named)
    else:
        try:
            home = Path.home()
        except RuntimeError:  # a container's user that no list of users has
            raise InputError("want HOME or XDG_CACHE_HOME to say where to keep a certificate, got neither") from None
        base = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return base / "vivavoce" / "tls"


def _usable(files: Sequence[Path], key_file: Path, hosts: Sequence[str], now: datetime) -> bool:
    certificate, authority, trust = map(private_folder.read, files)
    key = private_folder.read(key_file, secret=True)
    if not (certificate and key and authority and trust):
        return False
    from vivavoce.local.front.authority import holds

    ours = certificate.endswith(authority) and trust.startswith(authority)
    return ours and holds(certificate, key, hosts, at=now, until=now + RENEW)


def _usual_roots(ours: Path) -> bytes:
    """What the program would trust otherwise, so that its other connections go on working."""
    named = os.environ.get("SSL_CERT_FILE")
    if named and Path(named) != ours and Path(named).is_file():
        return Path(named).read_bytes()
    return Path(certifi.where()).read_bytes()
