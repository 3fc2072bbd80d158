"""Models that speak OpenAI's chat completions: OpenAI's own, or a server of one's own such as Ollama or vLLM."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from vivavoce.errors import InputError, MissingError
from vivavoce.studies.respondents.service import MOST_TOKENS, WITHIN_S, Ask, Manner, ModelClient, Said, Speaking
from vivavoce.studies.sources.answers import Answer, changed
from vivavoce.studies.sources.http import Clock, Pause, check_encrypted

OPENAI_URL = "https://api.openai.com/v1"
PLACE = "the model's service"


class _Part(msgspec.Struct):
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAi(Speaking):
    """One model of one service.

    Args:
        model: as the service calls it.
        key: goes along as a bearer token; a service of one's own may do without.
        base_url: up to where "/chat/completions" follows.
    Raises:
        MissingError: OpenAI's own service without a key.
        SettingsError: no such address, or a key would go over the open net unencrypted.
    """

    def __init__(
        self,
        model: str,
        *,
        key: str = "",
        base_url: str = OPENAI_URL,
        within_s: float = WITHIN_S,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        if not model.strip():
            raise InputError("want the name of a model, got none")
        self.address = base_url.rstrip("/")
        theirs = self.address == OPENAI_URL
        if key:
            check_encrypted(PLACE, base_url, "its key")
        elif theirs:
            raise MissingError(
                f"want a key for OpenAI's model {model!r}, got none",
                remedy="Give one of an account there, or name the address of a server of your own",
            )
        headers = {"authorization": f"Bearer {key}"} if key else {}
        client = ModelClient(PLACE, base_url, headers=headers, within_s=within_s, clock=clock, pause=pause)
        # the old name is refused by OpenAI's newer models, and the new one is not known to all servers
        self._limit = "max_completion_tokens" if theirs else "max_tokens"
        super().__init__(client, "/chat/completions", frozenset({"temperature", "seed", self._limit}))
        self._model = model
        self.name = f"openai/{model}" if theirs else f"openai/{model}@{urlsplit(base_url).netloc}"

    def body(self, ask: Ask, manner: Manner) -> dict[str, Any]:
        roles = ("user", "assistant")
        turns = [{"role": roles[at % 2], "content": text} for at, text in enumerate(ask.turns)]
        wishes = {"temperature": ask.temperature, "seed": ask.seed % 2**31, self._limit: MOST_TOKENS}
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "system", "content": ask.rules}, *turns],
            **{name: wish for name, wish in wishes.items() if name in manner.wishes},
        }
        if manner.format == "schema":
            schema = {"name": "ballot", "strict": True, "schema": ask.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif manner.format == "json":
            body["response_format"] = {"type": "json_object"}
        return body

    def read(self, answer: Answer) -> Said:
        """
        Raises:
            SourceError: it is no completion.
        """
        completion = answer.read(_Completion)
        if not completion.choices:
            raise changed(PLACE, "a completion with a choice, got none")
        choice, usage = completion.choices[0], completion.usage or _Usage()
        content = choice.message.content or ""
        said = Said(
            text=content if isinstance(content, str) else "".join(part.text for part in content),
            tokens_in=usage.prompt_tokens,
            tokens_out=usage.completion_tokens,
        )
        if choice.message.refusal or choice.finish_reason == "content_filter":
            return msgspec.structs.replace(said, ended="refused")
        return msgspec.structs.replace(said, ended="cut-off" if choice.finish_reason == "length" else "stop")
