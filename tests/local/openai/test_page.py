"""The reference page: its example runs, and it names what there is."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ScriptedMind, ToneMouth, TurnedClock
from vivavoce.local.server import serve
from vivavoce.wire.openai.client import CLIENT_EVENTS
from vivavoce.wire.openai.refusals import BY_CODE, BY_STATUS

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "openai-realtime.md").read_text()


async def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    async with serve(
        ears=ScriptedEars(),
        mouth=ToneMouth(),
        make_mind=ScriptedMind(),
        make_detector=LoudDetector,
        tempo=INSTANT,
        clock=TurnedClock(),
    ) as server:
        told = {"OPENAI_BASE_URL": f"http://127.0.0.1:{server.port}/v1", "OPENAI_API_KEY": "any"}
        # another process: the page's reader has one of their own
        run = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            example,
            env=os.environ | told,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await run.communicate()
    assert (out.decode(), run.returncode) == ("You wrote Is anybody there?.\n", 0), err.decode()


def test_every_event_of_a_client_is_explained() -> None:
    named = set(re.findall(r"^\| `([a-z_.]+)` \|", PAGE, re.MULTILINE))
    assert {str(kind.__struct_config__.tag) for kind in CLIENT_EVENTS} <= named


def test_every_error_that_ends_a_call_is_explained() -> None:
    assert [code for code in BY_CODE if f"`{code}`" not in PAGE] == []
    assert [status for status in BY_STATUS if str(status) not in PAGE] == []
