"""An authority that signs one certificate and is forgotten.

Strict verifiers (Python 3.13 on) want key usages and both key identifiers, so all of them are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SKEW = timedelta(days=1)
"""Clocks of containers and virtual machines differ from their host's."""


def issue(hosts: Sequence[str], *, life: timedelta, now: datetime) -> tuple[bytes, bytes, bytes]:
    """A key, a certificate for these names and addresses, and the authority that signed it; all PEM.

    The authority's key is gone when this returns, and the authority may sign for these hosts only: who trusts its file
    trusts this one certificate.
    """
    key, authority_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    # a name of its own for each, or a client that knows an earlier one takes the two for the same
    authority_name = _name(f"Viva Voce stand-in authority {now:%Y-%m-%d %H:%M:%S}")
    authority = (
        _begun(authority_name, authority_name, authority_key, authority_key, life, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints([_general(host, subtree=True) for host in hosts], None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _begun(_name("localhost"), authority_name, key, authority_key, life, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    root = authority.public_bytes(serialization.Encoding.PEM)
    return secret, certificate.public_bytes(serialization.Encoding.PEM) + root, root


def holds(certificate_pem: bytes, key_pem: bytes, hosts: Sequence[str], *, at: datetime, until: datetime) -> bool:
    """Whether a certificate belongs to a key, names all these hosts, and is good at and until then."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, None)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return (
        key.public_key() == certificate.public_key()
        and set(hosts) <= {str(name.value) for name in names}
        and certificate.not_valid_before_utc <= at
        and certificate.not_valid_after_utc > until
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    life: timedelta,
    now: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life - SKEW)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(host: str, *, subtree: bool = False) -> x509.GeneralName:
    address = _address(host)
    if address is None:
        return x509.DNSName(host)
    return x509.IPAddress(ip_network(address) if subtree else address)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
