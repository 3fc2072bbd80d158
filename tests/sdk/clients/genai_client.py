"""Talks to a server of the Gemini Live API through the official Python SDK, whatever version is installed beside it.

Reads one scenario per line on stdin and prints one line of JSON for each: what every connection saw, and how the
scenario failed if it did. It imports nothing of ours, so that it runs in any environment that has the SDK.

    {"base_url": "https://localhost:1", "steps": [["connect", {"model": "gemini-3.8-live"}], ["text", "hello"],
     ["until", "turn"], ["close"]]}
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from typing import Any

from google import genai
from google.genai import types
from google.genai.live import AsyncSession
from google.oauth2.credentials import Credentials

WITHIN_S = 20.0
CHUNK_MS = 100
LOUD = b"\xe8\x03"  # a sample that the test's detector takes for speech; 16 samples are a millisecond


class Record:
    """What one connection saw. `events` has each kind once per run, so that chunk sizes do not show."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.count: dict[str, int] = {}
        self.said = ""
        self.heard = ""
        self.written = ""
        self.thought = ""
        self.audio_bytes = 0
        self.mime_types: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.cancelled: list[str] = []
        self.handles: list[str] = []
        self.usage: list[dict[str, Any]] = []
        self.time_left = ""
        self.models: list[str] = []
        self.statuses: list[str] = []

    def _saw(self, kind: str) -> None:
        self.count[kind] = self.count.get(kind, 0) + 1
        if not self.events or self.events[-1] != kind:
            self.events.append(kind)

    def take(self, message: Any) -> None:
        if message.server_content is not None:
            self._content(message.server_content)
        if message.usage_metadata is not None:
            self.usage.append(message.usage_metadata.model_dump(mode="json", exclude_none=True))
        if message.tool_call is not None:
            self._saw("call")
            for call in message.tool_call.function_calls or []:
                self.calls.append({"id": call.id, "name": call.name, "args": call.args or {}})
        if message.tool_call_cancellation is not None:
            self._saw("cancelled")
            self.cancelled += message.tool_call_cancellation.ids or []
        if message.go_away is not None:
            self._saw("go_away")
            self.time_left = message.go_away.time_left or ""
        update = message.session_resumption_update
        if update is not None:
            self._saw("handle" if update.new_handle else "no_handle")
            if update.new_handle:
                self.handles.append(update.new_handle)
        if getattr(message, "voice_activity", None) is not None:
            self._saw("activity")

    def _content(self, content: Any) -> None:
        if content.input_transcription is not None and content.input_transcription.text:
            self._saw("heard")
            self.heard += content.input_transcription.text
        for part in (content.model_turn.parts or []) if content.model_turn is not None else []:
            if part.inline_data is not None:
                self._saw("audio")
                self.audio_bytes += len(part.inline_data.data)
                if part.inline_data.mime_type not in self.mime_types:
                    self.mime_types.append(part.inline_data.mime_type)
            elif part.text and part.thought:
                self._saw("thought")
                self.thought += part.text
            elif part.text:
                self._saw("written")
                self.written += part.text
        if content.output_transcription is not None and content.output_transcription.text:
            self._saw("said")
            self.said += content.output_transcription.text
        for flag, kind in (("generation_complete", "generated"), ("interrupted", "interrupted")):
            if getattr(content, flag, None):
                self._saw(kind)
        if content.turn_complete:
            self._saw("turn")
            status = getattr(content, "interaction_status", None)
            self.statuses.append(getattr(status, "value", ""))


class Scenario:
    """One scenario: its connections, one after the other or side by side."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        self._key = given.get("key", "any")
        self.records: list[Record] = []
        self._open: list[tuple[Any, Any]] = []
        self._answered = 0
        # the oldest version knows the deprecated name only when it talks to Vertex; it sends `mediaChunks`
        self._sound = "media" if given.get("vertex") and genai.__version__ == "1.16.1" else "audio"
        self.step: list[Any] = []

    async def run(self) -> None:
        try:
            for step in self._given["steps"]:
                self.step = step
                await getattr(self, f"_{step[0]}")(*step[1:])
        finally:
            for connection, _ in self._open:
                await connection.__aexit__(None, None, None)

    @property
    def _session(self) -> Any:
        return self._open[-1][1]

    def _client(self, version: str | None = None) -> Any:
        if self._given["base_url"] is None:
            return genai.Client()
        options: Any = {"base_url": self._given["base_url"]} | ({"api_version": version} if version else {})
        if self._given.get("vertex"):
            token = Credentials(token=self._key)  # type: ignore[no-untyped-call]
            return genai.Client(
                vertexai=True, project="p", location="us-central1", credentials=token, http_options=options
            )
        return genai.Client(api_key=self._key, http_options=options)

    async def _connect(self, given: dict[str, Any]) -> None:
        config = dict(given.get("config", {}))
        if given.get("resume"):
            config["session_resumption"] = {"handle": self.records[-1].handles[-1]}
        connection = self._client(given.get("version")).aio.live.connect(model=given["model"], config=config)
        session = await connection.__aenter__()
        self._open.append((connection, session))
        self.records.append(Record())
        self._answered = 0

    async def _token(self, config: dict[str, Any], version: str = "v1alpha") -> None:
        """Mint an ephemeral token; the next connections show it in place of the key."""
        token = await self._client(version).aio.auth_tokens.create(config=config)
        self._key = token.name

    async def _models(self) -> None:
        """List the models on offer."""
        record = Record()
        self.records.append(record)
        async for model in await self._client().aio.models.list():
            record.models.append(model.name)

    async def _text(self, text: str) -> None:
        await self._session.send_realtime_input(text=text)

    async def _content(self, text: str, complete: bool = True, role: str = "user") -> None:
        turn = {"role": role, "parts": [{"text": text}]}
        await self._session.send_client_content(turns=turn, turn_complete=complete)

    async def _speak(self, speech_ms: int, silence_ms: int = 0) -> None:
        sound = LOUD * 16 * speech_ms + bytes(32 * silence_ms)
        for at in range(0, len(sound), 32 * CHUNK_MS):
            blob = types.Blob(data=sound[at : at + 32 * CHUNK_MS], mime_type="audio/pcm;rate=16000")
            await self._session.send_realtime_input(**{self._sound: blob})

    async def _mark(self, name: str) -> None:
        value: Any = True if name == "audio_stream_end" else {}
        await self._session.send_realtime_input(**{name: value})

    async def _frame(self) -> None:
        await self._session.send_realtime_input(video=types.Blob(data=b"\xff\xd8\xff\xd9", mime_type="image/jpeg"))

    async def _answer(self, response: dict[str, Any], more: dict[str, Any] | None = None) -> None:
        """Answer the oldest call that has not been answered; `willContinue` keeps it open."""
        call = self.records[-1].calls[self._answered]
        answer = types.FunctionResponse(id=call["id"], name=call["name"], response=response, **(more or {}))
        if not answer.will_continue:
            self._answered += 1
        await self._session.send_tool_response(function_responses=[answer])

    async def _instruct(self, text: str) -> None:
        await self._session.send_context_update(system_instruction=text)

    async def _until(self, kind: str, times: int = 1) -> None:
        """Receive until this connection has seen so many more messages of a kind."""
        record = self.records[-1]
        wanted = record.count.get(kind, 0) + times
        while record.count.get(kind, 0) < wanted:
            async for message in self._session.receive():
                record.take(message)
                if record.count.get(kind, 0) >= wanted:
                    break

    async def _close(self) -> None:
        connection, _ = self._open.pop()
        await connection.__aexit__(None, None, None)


async def hold(given: dict[str, Any]) -> dict[str, Any]:
    scenario = Scenario(given)
    error = None
    try:
        async with asyncio.timeout(WITHIN_S):
            await scenario.run()
    except Exception as caught:  # noqa: BLE001  the test says which were expected
        code = getattr(caught, "code", None)
        error = {"step": scenario.step[0], "type": type(caught).__name__, "code": code, "text": str(caught)}
    return {"records": [vars(record) for record in scenario.records], "error": error}


def main() -> None:
    warnings.simplefilter("ignore")  # the SDK calls half of this experimental
    knows = {
        "context_update": hasattr(AsyncSession, "send_context_update"),
        "history": "history_config" in types.LiveConnectConfig.model_fields,
        "tokens": "live_connect_constraints" in types.CreateAuthTokenConfig.model_fields,
        "thinking": "thinking_config" in types.GenerationConfig.model_fields,
        "thinking_level": "thinking_level" in types.ThinkingConfig.model_fields,
        "interaction_status": "interaction_status" in types.LiveServerContent.model_fields,
    }
    features = [name for name, known in knows.items() if known]
    print(json.dumps({"version": genai.__version__, "features": features}), flush=True)
    for line in sys.stdin:
        print(json.dumps(asyncio.run(hold(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
