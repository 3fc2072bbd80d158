"""Clients and the certificate they trust live as long as the test run; each test has a server of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vivavoce.local.front.certificate import Certificate, self_made

from .sdks import JAVASCRIPT, OPENAI, PYTHON, Client, Sdk


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_made(tmp_path_factory.mktemp("tls"))


@pytest.fixture(
    scope="session",
    params=[
        # side by side, each process of tests would start every client
        pytest.param(sdk, marks=pytest.mark.xdist_group(sdk.name), id=sdk.name)
        for sdk in (*PYTHON, *JAVASCRIPT)
    ],
)
def client(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[Client]:
    """Every SDK in turn; pytest runs all tests of one before the next starts."""
    yield from _running(request.param, certificate)


@pytest.fixture(scope="session")
def openai_client(certificate: Certificate) -> Iterator[Client]:
    yield from _running(OPENAI, certificate)


def _running(sdk: Sdk, certificate: Certificate) -> Iterator[Client]:
    sdk.require()
    trust = {
        "SSL_CERT_FILE": str(certificate.trust_file),
        "NODE_EXTRA_CA_CERTS": str(certificate.authority_file),
        "NO_PROXY": "localhost,127.0.0.1",
    }
    with Client(sdk, trust) as client:
        yield client
