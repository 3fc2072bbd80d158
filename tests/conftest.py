"""For the tests of every room: databases, and logs of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from tests.postgres import Cluster, Postgres, in_thread, open_postgres
from vivavoce.store import migrate

# How long one example takes says how busy the machine is: tests run beside each other.
hypothesis.settings.register_profile("beside others", deadline=None)
hypothesis.settings.load_profile("beside others")


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A command configures the logs of its process; the next test has its own."""
    yield
    structlog.reset_defaults()


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


@pytest.fixture(scope="session")
def sqlite_at_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head, to be copied: that costs a fiftieth of making one."""
    path = tmp_path_factory.mktemp("head") / "viva.db"
    in_thread(migrate, f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the test's own, of either kind, at head."""
    if request.param == "sqlite":
        path = tmp_path / "viva.db"
        shutil.copyfile(request.getfixturevalue("sqlite_at_head"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    return url
