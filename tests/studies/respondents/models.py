"""What models say to a sheet of ours, well and badly; and services that say it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.panel.reasoner.samples import CHASES, THEME, question
from tests.studies.sources.fake import Fake, Reply, Time
from vivavoce.panel.ballots import Sheet
from vivavoce.studies.respondents.gemini import Gemini
from vivavoce.studies.respondents.openai import OpenAi

KEY = "sk-not-to-be-seen"
SHEET = Sheet(question=question(CHASES, THEME), order=("b", "a"), seed=7)


def one(label: str, /, **more: Any) -> dict[str, Any]:
    """A good answer for a variant."""
    reason = {"sign": "con", "text": "No use to me.", "because": "F1"}
    return {"label": label, "text": "Well.", "reasons": [reason], "would": "might", "appeal": 4, **more}


def good(**more: Any) -> dict[str, Any]:
    """Of SHEET: A is the theme, B the chaser."""
    return {
        "answers": [one("A", appeal=2, would="would_not"), one("B", appeal=8, would="would")],
        "prefers": "B",
        **more,
    }


def text_of(said: Any) -> str:
    return said if isinstance(said, str) else json.dumps(said)


def completion(said: Any, finish: str = "stop", **message: Any) -> Reply:
    """As OpenAI says it."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text_of(said), **message},
    }
    return Reply({"choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}})


def generated(said: Any, finish: str = "STOP") -> Reply:
    """As Gemini says it: a thought, then the answer in two parts."""
    text = text_of(said)
    parts = [{"text": "let me think", "thought": True}, {"text": text[:9]}, {"text": text[9:]}]
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 15, "thoughtsTokenCount": 5, "totalTokenCount": 120}
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}
    return Reply({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m"})


def openai(fake: Fake, time: Time | None = None, **more: Any) -> OpenAi:
    time = time or Time()
    return OpenAi("m", key=KEY, base_url=f"{fake.url}/v1", clock=time, pause=time.pause, **more)


def gemini(fake: Fake, time: Time | None = None) -> Gemini:
    time = time or Time()
    return Gemini("m", key=KEY, base_url=f"{fake.url}/v1beta", clock=time, pause=time.pause)


@asynccontextmanager
async def silent() -> AsyncIterator[Fake]:
    """Takes every call and never says a word."""
    fake = Fake(lambda _: Reply())
    over = asyncio.Event()
    waiting: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        waiting.add(task)
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake
        over.set()
        await asyncio.gather(*waiting)
