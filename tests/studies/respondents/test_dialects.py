"""How models are asked in their services' languages, and what is left out where a service refuses it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest

from tests.studies.respondents.models import KEY, completion, gemini, generated, openai
from tests.studies.sources.fake import Reply, Request, Time, service
from vivavoce.errors import InputError, MissingError, SettingsError
from vivavoce.studies.respondents.gemini import Gemini
from vivavoce.studies.respondents.openai import OpenAi
from vivavoce.studies.respondents.service import MAX_ANSWER_BYTES, MOST_TOKENS, Ask, Said, Silence

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "string", "enum": ["x"]}}},
    "required": ["a"],
    "additionalProperties": False,
}
ASK = Ask(rules="rules", turns=("one", "two", "three"), schema=SCHEMA, temperature=0.5, seed=2**40 + 3)


async def test_openai_is_asked_in_its_language() -> None:
    async with service(completion("yes")) as fake:
        dialect = openai(fake)
        assert await dialect.say(ASK) == Said(text="yes", tokens_in=100, tokens_out=20)
        await dialect.close()
    [request] = fake.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "rules"},
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "two"},
            {"role": "user", "content": "three"},
        ],
        "temperature": 0.5,
        "seed": 3,
        "max_tokens": MOST_TOKENS,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "ballot", "strict": True, "schema": SCHEMA},
        },
    }


async def test_gemini_is_asked_in_its_language() -> None:
    async with service(generated("it is a yes")) as fake:
        dialect = gemini(fake)
        assert await dialect.say(ASK) == Said(text="it is a yes", tokens_in=100, tokens_out=20)
        await dialect.close()
    [request] = fake.requests
    assert (request.method, request.path, request.query) == ("POST", "/v1beta/models/m:generateContent", {})
    assert request.headers["x-goog-api-key"] == KEY
    assert request.json == {
        "systemInstruction": {"parts": [{"text": "rules"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "one"}]},
            {"role": "model", "parts": [{"text": "two"}]},
            {"role": "user", "parts": [{"text": "three"}]},
        ],
        "generationConfig": {
            "temperature": 0.5,
            "seed": 3,
            "maxOutputTokens": MOST_TOKENS,
            "responseMimeType": "application/json",
            "responseSchema": {
                "type": "OBJECT",
                "properties": {"a": {"type": "ARRAY", "items": {"type": "STRING", "enum": ["x"]}}},
                "required": ["a"],
                "propertyOrdering": ["a"],
            },
        },
    }


async def test_parts_of_a_message_are_put_together() -> None:
    parts = [{"type": "text", "text": "ye"}, {"type": "text", "text": "s"}]
    async with service(completion("", content=parts)) as fake:
        said = await openai(fake).say(ASK)
    assert isinstance(said, Said)
    assert said.text == "yes"


def refusing(*names: str) -> Any:
    """Refuses requests with one of these in them, and says which."""

    def answer(request: Request) -> Reply:
        body = request.body.decode()
        name = next((name for name in names if f'"{name}"' in body), "")
        if name:
            return Reply({"error": {"message": f"Unsupported: '{name}'", "param": name}}, status=400)
        return completion("yes") if "chat" in request.path else generated("it is a yes")

    return answer


@pytest.mark.parametrize(
    ("refused", "left"),
    [
        (("json_schema",), {"temperature", "seed", "max_tokens", "response_format"}),
        (("response_format",), {"temperature", "seed", "max_tokens"}),
        (("temperature",), {"seed", "max_tokens", "response_format"}),
        (("temperature", "seed", "max_tokens"), {"response_format"}),
        (("response_format", "temperature", "seed", "max_tokens"), set()),
    ],
)
async def test_what_openai_like_services_refuse_is_left_out_from_then_on(
    refused: tuple[str, ...], left: set[str]
) -> None:
    async with service(refusing(*refused)) as fake:
        dialect = openai(fake)
        assert isinstance(await dialect.say(ASK), Said)
        asked = len(fake.requests)
        assert asked <= 6
        assert isinstance(await dialect.say(ASK), Said)
    assert len(fake.requests) == asked + 1
    assert set(fake.requests[-1].json) == {"model", "messages", *left}


async def test_what_gemini_refuses_is_left_out_from_then_on() -> None:
    async with service(refusing("responseSchema", "seed")) as fake:
        dialect = gemini(fake)
        assert isinstance(await dialect.say(ASK), Said)
        assert isinstance(await dialect.say(ASK), Said)
    assert len(fake.requests) == 4
    assert set(fake.requests[-1].json["generationConfig"]) == {"temperature", "maxOutputTokens", "responseMimeType"}


async def test_a_text_that_is_not_taken_costs_the_others_nothing() -> None:
    async with service(lambda request: Reply({}, status=400) if b"long" in request.body else completion("yes")) as fake:
        dialect = openai(fake)
        assert await dialect.say(msgspec.structs.replace(ASK, turns=("long",))) == Silence("not-taken")
        assert isinstance(await dialect.say(ASK), Said)
    assert fake.requests[-1].json["response_format"]["type"] == "json_schema"
    assert "seed" in fake.requests[-1].json


async def test_many_at_once_share_one_connection_pool() -> None:
    async with service(completion("yes")) as fake:
        dialect = openai(fake)
        said = await asyncio.gather(*(dialect.say(ASK) for _ in range(8)))
        assert all(isinstance(each, Said) for each in said)
        await dialect.close()


async def test_a_thought_is_waited_for_once() -> None:
    time = Time()
    async with service(Reply(b" ", again=True)) as fake:
        dialect = openai(fake, time, within_s=0.05)
        assert await dialect.say(ASK) == Silence("timeout")
        await dialect.close()
    assert (len(fake.requests), time.pauses) == (1, [])


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(completion("yes").data, packed=True), "unreadable"),
        (Reply(json.dumps(completion("yes").data).encode().ljust(MAX_ANSWER_BYTES + 1)), "endless"),
    ],
    ids=["packed", "endless"],
)
async def test_a_good_answer_that_is_not_taken(reply: Reply, why: str) -> None:
    async with service(reply) as fake:
        dialect = openai(fake)
        assert await dialect.say(ASK) == Silence(why)
        await dialect.close()
    assert fake.requests[0].headers["accept-encoding"] == "identity"


async def test_a_service_of_ones_own_gets_no_key() -> None:
    async with service(completion("yes")) as fake:
        dialect = OpenAi("m", base_url=fake.url)
        assert isinstance(await dialect.say(ASK), Said)
        await dialect.close()
    assert "authorization" not in fake.requests[0].headers


def test_a_key_is_wanted_where_one_is_needed_and_goes_nowhere_unencrypted() -> None:
    with pytest.raises(MissingError, match="want a key for OpenAI's model 'm', got none"):
        OpenAi("m")
    with pytest.raises(MissingError, match="want a key for Google's model 'm', got none"):
        Gemini("m")
    for make in (OpenAi, Gemini):
        with pytest.raises(SettingsError, match="want https") as told:
            make("m", key=KEY, base_url="http://example.org/v1")
        assert KEY not in str(told.value)


@pytest.mark.parametrize("name", ["", "../files", "a/b", "m?key=x", "m:generateContent", "m\n"])
def test_a_name_that_would_change_the_address_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="want a name of a model"):
        Gemini(name, key=KEY)


def test_names_say_whose_model_it_is() -> None:
    assert OpenAi("m", key=KEY).name == "openai/m"
    assert Gemini("m", key=KEY).name == "gemini/m"
    assert OpenAi("m", base_url="http://127.0.0.1:11434/v1").name == "openai/m@127.0.0.1:11434"
    with pytest.raises(InputError, match="want the name of a model"):
        OpenAi(" ", key=KEY)


async def test_openais_own_models_get_the_new_name_of_the_limit() -> None:
    dialect = OpenAi("m", key=KEY)
    body = dialect.body(ASK, dialect._manner)
    assert body["max_completion_tokens"] == MOST_TOKENS
    assert "max_tokens" not in body
