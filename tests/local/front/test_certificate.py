"""The self-made certificate: cached, renewed, its owner's alone, good for the hosts it names and no others."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from cryptography import x509

from vivavoce.errors import InputError
from vivavoce.local.front.authority import issue
from vivavoce.local.front.certificate import HOSTS, LIFE, RENEW, Certificate, cache_folder, self_made

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def shake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """A TLS handshake in memory; raises what either side thinks of it."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    done: set[int] = set()
    for _ in range(8):
        for number, end in enumerate(ends):
            try:
                end.do_handshake()
                done.add(number)
            except ssl.SSLWantReadError:
                continue
        if done == {0, 1}:
            return
    raise AssertionError("the handshake did not end")


@pytest.mark.conformance("S1")
@pytest.mark.parametrize("name", HOSTS)
def test_a_client_that_trusts_it_accepts_every_name_of_the_loopback(tmp_path: Path, name: str) -> None:
    made = self_made(tmp_path)
    for trusted in (made.authority_file, made.trust_file):
        client = ssl.create_default_context(cafile=str(trusted))
        client.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
        shake(made.context(), client, name)


def test_nobody_else_is_trusted_for_it(tmp_path: Path) -> None:
    made = self_made(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(made.context(), ssl.create_default_context(cafile=certifi.where()), "localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(made.context(), ssl.create_default_context(cafile=str(made.authority_file)), "example.org")


def test_it_is_kept(tmp_path: Path) -> None:
    first = self_made(tmp_path, now=NOW).certificate_file.read_bytes()
    assert self_made(tmp_path, now=NOW + LIFE - RENEW - timedelta(days=2)).certificate_file.read_bytes() == first
    assert self_made(tmp_path, now=NOW + LIFE - RENEW).certificate_file.read_bytes() != first


def test_it_is_made_anew_for_another_host(tmp_path: Path) -> None:
    first = self_made(tmp_path, now=NOW).certificate_file.read_bytes()
    second = self_made(tmp_path, hosts=["Stand-In.test", "192.0.2.7"], now=NOW)
    assert second.certificate_file.read_bytes() != first
    client = ssl.create_default_context(cafile=str(second.authority_file))
    for name in ("stand-in.test", "192.0.2.7", "localhost"):
        shake(self_made(tmp_path, hosts=["stand-in.test", "192.0.2.7"]).context(), client, name)


@pytest.mark.parametrize("broken", ["certificate.pem", "key.pem", "authority.pem", "trust.pem"])
def test_a_broken_file_is_made_anew(tmp_path: Path, broken: str) -> None:
    self_made(tmp_path)
    (tmp_path / broken).write_bytes(b"rubbish")
    made = self_made(tmp_path)
    shake(made.context(), ssl.create_default_context(cafile=str(made.trust_file)), "localhost")


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    made = self_made(tmp_path / "new")
    assert made.key_file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_key_that_others_could_read_is_made_anew(tmp_path: Path) -> None:
    made = self_made(tmp_path)
    known = made.key_file.read_bytes()
    made.key_file.chmod(0o644)
    again = self_made(tmp_path)
    assert again.key_file.read_bytes() != known
    assert again.key_file.stat().st_mode & 0o777 == 0o600
    shake(again.context(), ssl.create_default_context(cafile=str(again.trust_file)), "localhost")


def test_programs_that_trust_it_still_trust_the_usual_authorities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    made = self_made(tmp_path / "a")
    assert made.trust_file is not None
    assert made.trust_file.read_bytes().endswith(Path(certifi.where()).read_bytes())
    own = tmp_path / "own.pem"
    own.write_bytes(issue(["firm.test"], life=LIFE, now=NOW)[2])
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    other = self_made(tmp_path / "b")
    assert other.trust_file is not None
    assert other.trust_file.read_bytes().endswith(own.read_bytes())


def test_the_authority_may_sign_for_these_hosts_only(tmp_path: Path) -> None:
    made = self_made(tmp_path)
    assert made.authority_file is not None
    authority = x509.load_pem_x509_certificate(made.authority_file.read_bytes())
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    assert {str(name.value) for name in permitted or []} == {"localhost", "127.0.0.1/32", "::1/128"}


def test_a_certificate_brought_along_must_be_one(tmp_path: Path) -> None:
    made = self_made(tmp_path)
    with pytest.raises(InputError, match=r"want a certificate and its key.*No such file"):
        Certificate(tmp_path / "none.pem", made.key_file).context()
    with pytest.raises(InputError, match="no such pair"):
        Certificate(made.key_file, made.key_file).context()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="want a folder for the certificate"):
        self_made(tmp_path / "file" / "tls")


def test_the_cache_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "vivavoce" / "tls"


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(kind: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "home", classmethod(nowhere))
    with pytest.raises(InputError, match="want HOME or XDG_CACHE_HOME"):
        cache_folder()
