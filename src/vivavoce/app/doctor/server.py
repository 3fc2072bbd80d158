"""Checks of what a server needs beside its parts: a port, and agents that hold."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from vivavoce.app.agent_files import file_names, find_agent
from vivavoce.app.doctor.finding import Finding, fail, ok, warn
from vivavoce.app.prompts import open_prompts
from vivavoce.app.settings import Settings
from vivavoce.errors import InputError

ANSWER_WITHIN_S = 3.0


async def port(settings: Settings) -> Finding:
    """Whether the port is free, or a server of ours has it."""
    where = f"{settings.host}:{settings.port}"
    if not 0 <= settings.port <= 65_535:
        return fail("port", where, "Set port to a number from 0 to 65535.")
    if settings.port == 0 or (problem := await asyncio.to_thread(_taken, settings)) is None:
        return ok("port", f"{where} is free")
    if (told := await _health(settings)) is not None:
        return ok("port", f"a server of version {told.get('version', '?')} runs at {where}")
    return fail("port", f"{where}: {problem}", "Stop what has it, or take another (port, --port; 0 for a free one).")


def _taken(settings: Settings) -> str | None:
    """Why the address cannot be had; None when it can."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            return error.strerror or type(error).__name__
    return None


async def _health(settings: Settings) -> dict[str, Any] | None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  told apart, not bound
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/health"
    try:
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
            told = msgspec.json.decode((await client.get(url)).content)
    except (httpx.HTTPError, msgspec.DecodeError):
        return None
    return told if isinstance(told, dict) and "version" in told else None


def prompts(settings: Settings) -> Iterator[Finding]:
    """Whether the prompts of the server's own folder hold."""
    if not settings.prompts_dir and not settings.prompt:
        return
    found = open_prompts(settings)
    for problem in found.problems:
        yield warn("prompts", problem, "Correct it: until then the newest prompt of the package stands in.")
    if not found.problems:
        yield ok("prompts", f"versions {', '.join(map(str, found.versions))}")


def agents(settings: Settings) -> Iterator[Finding]:
    """Whether the files of the agents folder hold."""
    folder = Path(settings.agents_dir)
    if not folder.is_dir():
        yield warn(
            "agents", f"there is no folder {folder}", "Make it and put agent files there, or name one in agents_dir."
        )
        return
    holding = 0
    for name in file_names(settings):
        try:
            find_agent(settings, name)
            holding += 1
        except InputError as error:
            yield fail(f"agent {name}", str(error).splitlines()[0], f"Run `viva check {folder / name}.yaml`.")
    yield ok("agents", f"{holding} {'file holds' if holding == 1 else 'files hold'} in {folder}")
