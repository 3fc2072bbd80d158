"""Databases for the tests of every room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster, Postgres, open_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A Postgres server, started with the first test that asks."""
    server = open_postgres()
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A Postgres database of the test's own, at head."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A Postgres server that the test may stop and start."""
    server = Cluster()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the test's own, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'viva.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
