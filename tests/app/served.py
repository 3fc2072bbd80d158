"""The REST surface without a socket and without a model: requests come from any address a test likes."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tests.app.at_head import begin_at_head
from tests.conversation.talk import ROOT
from vivavoce.app.api import make_api
from vivavoce.app.keyring import Scope
from vivavoce.app.services import Services, open_services
from vivavoce.app.settings import Settings

SERVER_KEY = "the-servers-own-key"
PAGE = "https://acme.example"
"""A site that the ambassador's file lists; the founder's lists none."""


@dataclass
class Served:
    app: FastAPI
    here: Services

    async def ask(
        self, method: str, path: str, *, key: str = "", by: str = "203.0.113.5", host: str = "localhost", **more: Any
    ) -> httpx.Response:
        """
        Args:
            key: shown as a bearer token.
            by: address of the peer.
        """
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **more.pop("headers", {})}
        transport = httpx.ASGITransport(app=self.app, client=(by, 4711))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as http:
            return await http.request(method, path, headers=headers, **more)

    async def key(self, *scopes: Scope, **more: Any) -> str:
        """A key with these scopes."""
        _, secret = await self.here.keyring.keys.add("test", scopes=scopes, now=1.0, **more)
        return secret


@asynccontextmanager
async def served(tmp_path: Path, **settings: Any) -> AsyncIterator[Served]:
    agents = tmp_path / "agents"
    agents.mkdir(exist_ok=True)
    for name in ("founder", "ambassador"):
        shutil.copy(ROOT / f"examples/agents/{name}.yaml", agents)
    given = {
        "data_dir": str(tmp_path / "data"),
        "agents_dir": str(agents),
        "workers": 0,
        # a service that is never dialled and makes no tokens for browsers
        "backend": "vertex",
        "backend_url": "ws://127.0.0.1:1",
        "backend_token": "cloud-token",
        "backend_project": "p",
    }
    if not {"data_dir", "database_url"} & settings.keys():
        begin_at_head(tmp_path / "data")
    async with open_services(Settings(**{**given, **settings})) as services:
        yield Served(make_api(services), services)
