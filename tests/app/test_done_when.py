"""The real server and two real workers on Postgres: one worker is killed, and every report is there in the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conversation.talk import ROOT
from vivavoce.store.rows import StoredTurn
from vivavoce.store.store import Store

pytestmark = pytest.mark.slow

CALLS = 12
WITHIN_S = 90.0


@contextmanager
def viva(*arguments: str, folder: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """A `viva` process; it is killed when nobody has ended it before."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("VIVA_")}
    environ |= {"VIVA_DATABASE_URL": url, "VIVA_DATA_DIR": str(folder), "VIVA_WORKERS": "0", "VIVA_JOBS_AT_ONCE": "2"}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "vivavoce", *arguments],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def ended_calls(store: Store) -> list[str]:
    source = (ROOT / "examples/agents/founder.yaml").read_text()
    calls = []
    for _ in range(CALLS):
        call = await store.create_call(
            agent_name="founder", agent_source=source, spec_hash="", code_version="", started_at=time.time() - 60
        )
        turn = StoredTurn(call_id=call, turn=1, who="caller", start_ms=0, end_ms=900, text="An eight.", complete=True)
        await store.save_turn(turn)
        await store.finish_call(call, ended_at=time.time(), reason="agent_ended")
        calls.append(call)
    return calls


@pytest.mark.storm
async def test_reports_survive_a_killed_worker(postgres_url: str, tmp_path: Path) -> None:
    store = await Store.open(postgres_url)
    with (
        viva("serve", "--port", "0", folder=tmp_path, url=postgres_url) as server,
        viva("worker", folder=tmp_path, url=postgres_url) as doomed,
        viva("worker", folder=tmp_path, url=postgres_url) as other,
    ):
        calls = await ended_calls(store)
        await store.close()
        assert server.stdout is not None
        said = await asyncio.to_thread(server.stdout.readline)
        assert said.startswith("listening on http://"), (tmp_path / "log").read_text()
        async with httpx.AsyncClient(base_url=said.split()[2] + "/api/v1", timeout=WITHIN_S) as client:

            async def states() -> list[str]:
                answer = await client.get("/jobs", params={"limit": 100})
                return [job["state"] for job in answer.json()["jobs"] if job["kind"] == "report"]

            for call in calls:
                answer = await client.get(f"/calls/{call}/report")
                assert answer.status_code in (200, 202)
            killed = False
            async with asyncio.timeout(WITHIN_S):
                while set(await states()) != {"done"}:
                    if not killed and "done" in await states():
                        doomed.kill()
                        killed = True
                    await asyncio.sleep(0.05)
            for call in calls:
                answer = await client.get(f"/calls/{call}/report")
                assert (answer.status_code, "An eight." in answer.text) == (200, True)
            assert len(await states()) == CALLS
        for process in (server, other):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.communicate, timeout=WITHIN_S)
            assert process.returncode == 0, (tmp_path / "log").read_text()
