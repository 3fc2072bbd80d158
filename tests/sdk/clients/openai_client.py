"""Talks to a server of OpenAI's Realtime API through the official SDK; lines in and out as in genai_client.py."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from typing import Any

import openai

WITHIN_S = 20.0
CHUNK_MS = 100
LOUD = b"\xe8\x03"  # a sample that the test's detector takes for speech; 24 samples are a millisecond


class Record:
    """What one connection saw. `events` has each type once per run, so that chunk sizes do not show."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.count: dict[str, int] = {}
        self.said = ""
        self.heard = ""
        self.audio_bytes = 0
        self.calls: list[dict[str, Any]] = []
        self.statuses: list[str] = []
        self.usage: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.item = ""

    def take(self, event: Any) -> None:
        self.count[event.type] = self.count.get(event.type, 0) + 1
        if not self.events or self.events[-1] != event.type:
            self.events.append(event.type)
        match event.type:
            case "response.output_audio.delta":
                self.audio_bytes += len(base64.b64decode(event.delta))
                self.item = event.item_id
            case "response.output_audio_transcript.delta":
                self.said += event.delta
            case "conversation.item.input_audio_transcription.completed":
                self.heard += event.transcript
            case "response.function_call_arguments.done":
                self.calls.append({"id": event.call_id, "name": event.name, "args": json.loads(event.arguments)})
            case "response.done":
                self.statuses.append(event.response.status)
                if event.response.usage is not None:
                    self.usage.append(event.response.usage.to_dict())
            case "error":
                self.errors.append(event.error.to_dict())


class Scenario:
    """One scenario on one connection."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        self.record = Record()
        self._connection: Any = None
        self.step: list[Any] = []

    async def run(self) -> None:
        async with self._client() as client:
            try:
                for step in self._given["steps"]:
                    self.step = step
                    if step[0] == "connect":
                        self._connection = await client.realtime.connect(model=step[1]).enter()
                    else:
                        await getattr(self, f"_{step[0]}")(*step[1:])
            finally:
                if self._connection is not None:
                    await self._connection.close()

    def _client(self) -> openai.AsyncOpenAI:
        if self._given["base_url"] is None:
            return openai.AsyncOpenAI()
        url = f"{self._given['base_url']}/v1"
        return openai.AsyncOpenAI(api_key=self._given.get("key", "any"), base_url=url)

    async def _session(self, session: dict[str, Any]) -> None:
        await self._connection.session.update(session={"type": "realtime", **session})

    async def _text(self, text: str) -> None:
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        await self._connection.conversation.item.create(item=item)
        await self._connection.response.create()

    async def _speak(self, speech_ms: int, silence_ms: int = 0) -> None:
        sound = LOUD * 24 * speech_ms + bytes(48 * silence_ms)
        for at in range(0, len(sound), 48 * CHUNK_MS):
            audio = base64.b64encode(sound[at : at + 48 * CHUNK_MS]).decode()
            await self._connection.input_audio_buffer.append(audio=audio)

    async def _answer(self, output: dict[str, Any]) -> None:
        """Answer the newest call and ask for what follows from it."""
        item = {"type": "function_call_output", "call_id": self.record.calls[-1]["id"], "output": json.dumps(output)}
        await self._connection.conversation.item.create(item=item)
        await self._connection.response.create()

    async def _cancel(self) -> None:
        await self._connection.response.cancel()

    async def _truncate(self, heard_ms: int) -> None:
        await self._connection.conversation.item.truncate(
            item_id=self.record.item, content_index=0, audio_end_ms=heard_ms
        )

    async def _raw(self, event: dict[str, Any]) -> None:
        await self._connection.send(event)

    async def _until(self, kind: str, times: int = 1) -> None:
        """Receive until so many more events of a type were seen."""
        wanted = self.record.count.get(kind, 0) + times
        while self.record.count.get(kind, 0) < wanted:
            self.record.take(await self._connection.recv())

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        await connection.close()


async def hold(given: dict[str, Any]) -> dict[str, Any]:
    scenario = Scenario(given)
    error = None
    try:
        async with asyncio.timeout(WITHIN_S):
            await scenario.run()
    except Exception as caught:  # noqa: BLE001  the test says which were expected
        refused = getattr(caught, "response", None)
        code = refused.status_code if refused is not None else getattr(getattr(caught, "rcvd", None), "code", None)
        error = {"step": scenario.step[0], "type": type(caught).__name__, "code": code, "text": str(caught)}
    return {"records": [vars(scenario.record)], "error": error}


def main() -> None:
    print(json.dumps({"version": openai.__version__, "features": []}), flush=True)
    for line in sys.stdin:
        print(json.dumps(asyncio.run(hold(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
