"""Commands of ours in other processes, for what is looked at from outside: a server, and a live model to stand in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from vivavoce.app import samples
from vivavoce.errors import MissingError
from vivavoce.local.starting import started

READY_WITHIN_S = 60.0
"""For a server with its ears and mouth; a slow machine takes ten seconds."""
STOP_WITHIN_S = 15.0
_REMEDY = "Run it by hand, and `viva doctor`, to see what is wrong."


@asynccontextmanager
async def stand_in() -> AsyncIterator[str]:
    """The embedded live model by itself; yields its URL."""
    async with _folder() as folder:
        ready = re.compile(rb"^plain +(\S+)", re.MULTILINE)
        ports = ("--host", "127.0.0.1", "--port", "0", "--tls-port", "0")
        async with _child("live", *ports, env=_clean(), folder=folder, ready=ready) as url:
            yield url


@asynccontextmanager
async def server(calls: int, model_url: str, *, agent: str = "") -> AsyncIterator[str]:
    """A server with the agent `founder`, without limits but the number of calls; yields its URL.

    Args:
        model_url: of the live model it talks to.
        agent: the text of its file; empty for the one of the examples.
    Raises:
        MissingError: it does not come up.
    """
    async with _folder() as folder:
        (folder / "agents").mkdir()
        text = agent or await asyncio.to_thread(samples.FOUNDER.read_text, "utf-8")
        await asyncio.to_thread((folder / "agents" / "founder.yaml").write_text, text, "utf-8")
        wanted = {
            "VIVA_BACKEND_URL": model_url,
            "VIVA_MAX_CALLS": str(calls),
            "VIVA_REQUESTS_PER_S": "0",
            "VIVA_VISITOR_BOOKINGS_PER_MINUTE": "0",
            "VIVA_KEY_BOOKINGS_PER_MINUTE": "0",
            "VIVA_CALLS_PER_ADDRESS": "0",
            "VIVA_WORKERS": "0",
            "VIVA_DATA_DIR": str(folder / "data"),
            "VIVA_LOG_LEVEL": "warning",
        }
        child = _child(
            "serve", "--port", "0", "--agents", str(folder / "agents"), env=_clean() | wanted,
            folder=folder, ready=re.compile(rb"listening on (\S+)"),
        )  # fmt: skip
        async with child as url:
            yield url


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("VIVA_")}


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="viva-"))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@asynccontextmanager
async def _child(*args: str, env: dict[str, str], folder: Path, ready: re.Pattern[bytes]) -> AsyncIterator[str]:
    """A command of ours in another process; yields what it says when it is ready."""
    child = await started(
        sys.executable, "-m", "vivavoce", *args, env=env, cwd=folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None, "it was asked for"
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while line := await child.stdout.readline():
                if (told := ready.search(line)) is not None:
                    break
            else:
                raise MissingError(f"`viva {args[0]}` ended before it was ready", remedy=_REMEDY)
        yield told[1].decode()
    except TimeoutError:
        raise MissingError(f"`viva {args[0]}` was not ready within {READY_WITHIN_S:g} s", remedy=_REMEDY) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), STOP_WITHIN_S)
        except TimeoutError:
            child.kill()
            await child.wait()
