"""A language model behind OpenAI's chat completions: what is asked goes out, and its answer comes in as it is written.

Any server of that interface will do: llama.cpp, vLLM, Ollama, a cloud's.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import httpx

from vivavoce.local.minds.completion import Answer, ChatFailed, Failure, Piece

CONNECT_WITHIN_S = 5.0
QUIET_AT_MOST_S = 30.0
"""Without a byte. A local model reads a long prompt for many seconds before its first word."""
ANSWER_WITHIN_S = 120.0
"""Waiting altogether: an endpoint may drip empty events for ever."""
LONGEST_LINE = 1 << 20
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Endpoint:
    """One model at one endpoint; connections are kept open between turns."""

    def __init__(self, url: httpx.URL, *, model: str, key: str) -> None:
        self._url = url
        self._model = model
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._client = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(QUIET_AT_MOST_S, connect=CONNECT_WITHIN_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),  # calls are limited elsewhere
            verify=ssl.create_default_context(),
            trust_env=url.host not in LOOPBACK,  # what is on this machine is never reached through a proxy
        )

    async def ask(
        self, messages: Sequence[dict[str, Any]], functions: Sequence[dict[str, Any]], *, may_call: bool = True
    ) -> AsyncGenerator[Piece, None]:
        """The answer as it comes; calls stand at its end. Closing the iterator ends the request.

        Raises:
            ChatFailed: there is no answer, or it broke off.
        """
        order: dict[str, Any] = {"model": self._model, "messages": list(messages), "stream": True}
        if functions:
            order |= {"tools": list(functions), "tool_choice": "auto" if may_call else "none"}
        answer = Answer()
        try:
            async with self._client.stream("POST", self._url, json=order) as response:
                _check(response.status_code)
                async with aclosing(_events(response.aiter_bytes())) as events:
                    async for data in events:
                        for piece in answer.take(data):
                            yield piece
                        if answer.full:
                            break
        except httpx.TimeoutException as error:
            raise ChatFailed(Failure.SLOW) from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise ChatFailed(Failure.UNREACHABLE, type(error).__name__) from error
        for piece in answer.end():
            yield piece

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _check(status: int) -> None:
    if status == 200:
        return
    kinds = {401: Failure.REFUSED, 403: Failure.REFUSED, 404: Failure.UNKNOWN, 429: Failure.BUSY}
    other = Failure.BROKEN if status >= 500 else Failure.REJECTED
    raise ChatFailed(kinds.get(status, other), f"status {status}")


async def _events(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The data of server-sent events. Only waiting counts against `ANSWER_WITHIN_S`: speech takes its time."""
    loop = asyncio.get_running_loop()
    left_s, held, done = ANSWER_WITHIN_S, b"", False
    while not done:
        began = loop.time()
        try:
            async with asyncio.timeout(left_s):
                piece = await anext(stream, b"")
        except TimeoutError as error:
            raise ChatFailed(Failure.SLOW, "altogether") from error
        left_s -= loop.time() - began
        done = not piece
        *lines, held = (held + (piece or b"\n")).split(b"\n")
        if len(held) > LONGEST_LINE:
            raise ChatFailed(Failure.GARBAGE, "a line without an end")
        for line in lines:
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data == b"[DONE]":
                return
            if data:
                yield data
