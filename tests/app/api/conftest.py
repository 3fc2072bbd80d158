"""A server's REST surface with calls, people and agents in it, asked in this very loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.inhabited import inhabit
from tests.app.served import SERVER_KEY, Served, served

NO_LIMITS = dict.fromkeys(("requests_per_s", "failures_per_minute", "key_bookings_per_minute"), 0)


class Home(Served):
    """Asked as the server's owner unless a key is named.

    Attributes:
        names: ids of what is there, as `inhabited.inhabit` names them.
    """

    names: dict[str, str]

    async def ask(self, method: str, path: str, *, key: str = SERVER_KEY, **more: Any) -> httpx.Response:
        return await super().ask(method, path, key=key, **more)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with served(tmp_path, api_key=SERVER_KEY, **NO_LIMITS) as given:
        home = Home(given.app, given.here)
        home.names = await inhabit(given.here)
        yield home
