"""Services that are slow, broken, in another shape, or hostile; and those that only ask for patience."""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any

import httpx
import msgspec
import pytest

from tests.studies.sources.fake import Answering, Fake, Reply, Time, in_turn, pseudonym, service
from vivavoce.errors import InputError, SettingsError
from vivavoce.live.network import trust
from vivavoce.studies.embedding.openai import OpenAiEmbedder
from vivavoce.studies.respondents.openai import OpenAi
from vivavoce.studies.sources import bodies, http
from vivavoce.studies.sources.address import check_encrypted
from vivavoce.studies.sources.answers import Answer, read_items
from vivavoce.studies.sources.bearer import Bearer
from vivavoce.studies.sources.errors import EndlessError, SlowError, SourceError
from vivavoce.studies.sources.github import GitHub
from vivavoce.studies.sources.http import MAX_WAIT_S, PATIENCE_S, RETRIES_S, Bounds, Client
from vivavoce.studies.sources.product_hunt import ProductHunt
from vivavoce.studies.sources.reddit import Reddit
from vivavoce.studies.sources.stackexchange import StackExchange
from vivavoce.studies.sources.waits import UNTOLD_WAIT_S

GOOD = Reply({"a": 1})


class Shape(msgspec.Struct):
    a: int


@asynccontextmanager
async def asking(
    answer: Answering | Reply, time: Time | None = None, **kinds: Any
) -> AsyncIterator[tuple[Client, Fake]]:
    time = time or Time()
    async with service(answer) as fake:
        client = Client("place", fake.url, clock=time, pause=time.pause, **kinds)
        try:
            yield client, fake
        finally:
            await client.close()


async def trouble(answer: Answering | Reply, time: Time | None = None, **kinds: Any) -> SourceError:
    async with asking(answer, time, **kinds) as (client, _):
        with pytest.raises(SourceError) as raised:
            (await client.get("/x")).read(Shape)
    return raised.value


async def test_it_says_who_it_is_and_reads_what_was_promised() -> None:
    async with asking(GOOD, headers={"x-mine": "1"}) as (client, fake):
        answer = await client.get("/v1/x", {"q": "a b", "n": 2}, headers={"x-own": "2"})
        assert answer.read(Shape).a == 1
    request = fake.requests[0]
    assert (request.method, request.path, request.query) == ("GET", "/v1/x", {"q": "a b", "n": "2"})
    assert request.headers["user-agent"].startswith("vivavoce/")
    assert (request.headers["accept"], request.headers["x-mine"], request.headers["x-own"]) == (
        "application/json", "1", "2",
    )  # fmt: skip


async def test_forms_and_json_are_posted() -> None:
    async with asking(GOOD) as (client, fake):
        await client.post("/x", form={"grant_type": "a b"})
        await client.post("/x", body={"query": "{x}"})
    assert fake.requests[0].form == {"grant_type": "a b"}
    assert fake.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert fake.requests[1].json == {"query": "{x}"}
    assert fake.requests[1].headers["content-type"] == "application/json"


async def test_packed_answers_are_unpacked() -> None:
    async with asking(Reply({"a": 3}, packed=True)) as (client, _):
        assert (await client.get("/x")).read(Shape).a == 3


# Bodies


async def test_another_shape_is_told_by_its_place_and_not_quoted() -> None:
    error = await trouble(Reply({"a": "jane@example.com"}))
    assert error.kind == "changed"
    assert "want an answer as it is known" in str(error)
    assert "$.a" in str(error)
    assert "jane" not in str(error)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"<html>", headers={"content-type": "text/html"}), "changed"),
        (Reply(b'{"a":', headers={}), "transient"),
        (Reply(b"", headers={}), "transient"),
        (Reply(b"[" * 100_000), "transient"),
        (Reply(b'{"a": 1}', headers={"content-encoding": "br"}), "changed"),
        (Reply(b"no gzip", headers={"content-encoding": "gzip"}), "transient"),
        (Reply(gzip.compress(b'{"a": 1}' * 9)[:-12], headers={"content-encoding": "gzip"}), "transient"),
        (Reply({"a": 1}, length=1_000), "transient"),
        (Reply({"a": 1}, length=3), "transient"),
        (Reply(mute=True), "transient"),
        (Reply(status=200, headers={"content-type": "x" * 90_000}), "changed"),
    ],
    ids=["html", "cut", "empty", "deep", "brotli", "rubbish", "half", "says more", "says less", "mute", "long header"],
)
async def test_rubbish_has_a_name(reply: Reply, kind: str) -> None:
    assert (await trouble(reply)).kind == kind


async def test_a_script_may_be_json() -> None:
    async with asking(Reply({"a": 1}, headers={"content-type": "text/javascript;charset=utf-8"})) as (client, _):
        assert (await client.get("/x")).read(Shape).a == 1


SMALL = Bounds(most_bytes=100_000)


async def test_endless_bodies_end() -> None:
    error = await trouble(Reply(b"[" + b" " * 10_000, again=True), bounds=SMALL)
    assert isinstance(error, EndlessError)
    assert (error.kind, "at most 100000 bytes" in str(error)) == ("changed", True)


async def test_where_none_may_be_packed_none_is_asked_for_and_none_is_taken() -> None:
    async with asking(in_turn(GOOD, Reply({"a": 1}, packed=True)), bounds=Bounds(packed=False)) as (client, fake):
        assert (await client.get("/x")).read(Shape).a == 1
        with pytest.raises(SourceError, match="a plain answer, got a packed one") as raised:
            await client.get("/x")
    assert raised.value.kind == "changed"
    assert {request.headers["accept-encoding"] for request in fake.requests} == {"identity"}


async def test_a_bomb_is_not_unpacked_beyond_what_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = []
    whole = bodies._unpacked

    def counted(*args: Any) -> bytes:
        unpacked.append(len(data := whole(*args)))
        return data

    monkeypatch.setattr(bodies, "_unpacked", counted)
    error = await trouble(Reply(b" " * 50_000_000, packed=True), bounds=SMALL)
    assert error.kind == "changed"
    assert sum(unpacked) == 100_001


@pytest.mark.parametrize(("slow_again", "pauses"), [(True, list(RETRIES_S)), (False, [])])
async def test_the_whole_answer_has_a_time(slow_again: bool, pauses: list[float]) -> None:
    time = Time()
    # never too large, never at its end
    bounds = Bounds(within_s=0.05, slow_again=slow_again, most_bytes=10**12)
    error = await trouble(Reply(b" ", again=True), time, bounds=bounds)
    assert isinstance(error, SlowError)
    assert (error.kind, str(error)) == ("transient", "place failed: no whole answer within 0.05 s")
    assert time.pauses == pauses


async def test_who_asks_at_the_same_time_shares_what_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(given: str) -> ssl.SSLContext:
        made.append(given)
        return trust(given)

    monkeypatch.setattr(http, "trust", counted)
    async with asking(GOOD) as (client, _):
        await asyncio.gather(*(client.get("/x") for _ in range(3)))
    assert len(made) == 1


# Statuses


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, "changed") for status in (400, 418)),
        *((status, "refused") for status in (401, 403, 407)),
        *((status, "gone") for status in (404, 410, 451)),
        *((status, "transient") for status in (408, 500, 503)),
        (429, "wait"),
    ],
)
async def test_each_status_says_what_to_do(status: int, kind: str) -> None:
    error = await trouble(Reply(b"whatever", status, {"content-type": "text/html"}), setting="place_key")
    assert error.kind == kind
    assert "whatever" not in str(error)
    assert (error.setting == "place_key") == (status in (401, 403))
    assert (error.wait_s == UNTOLD_WAIT_S) == (kind == "wait")


async def test_a_refusal_may_be_wrapped_in_anything() -> None:
    assert (await trouble(Reply(b"no", 404, {"content-encoding": "br"}))).kind == "gone"
    assert (await trouble(Reply(b"no", 401, {"content-encoding": "gzip"}))).kind == "refused"


async def test_failures_are_tried_again_and_then_told() -> None:
    time = Time()
    async with asking(in_turn(Reply(status=500), Reply(mute=True), GOOD), time) as (client, fake):
        assert (await client.get("/x")).read(Shape).a == 1
    assert (len(fake.requests), time.pauses) == (3, list(RETRIES_S[:2]))
    time = Time()
    async with asking(Reply(status=502), time) as (client, fake):
        with pytest.raises(SourceError, match="HTTP 502"):
            await client.get("/x")
    assert (len(fake.requests), time.pauses) == (len(RETRIES_S) + 1, list(RETRIES_S))


async def test_a_source_reads_answers_in_its_own_way() -> None:
    def judge(answer: Any) -> InputError | None:
        return InputError("no such site") if b"no_site" in answer.data else None

    async with asking(in_turn(Reply({"e": "no_site"}, 400), GOOD), judge=judge) as (client, _):
        with pytest.raises(InputError, match="no such site"):
            await client.get("/x")
        assert (await client.get("/x")).status == 200


# Waiting


def headers(**named: str) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in named.items()}


NOW = Time().now


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        (Reply({}, 429, headers(retry_after="120")), 120),
        (Reply({}, 503, headers(retry_after="120")), 120),
        (Reply({}, 403, headers(retry_after="120")), 120),
        (Reply({}, 429, headers(retry_after=formatdate(NOW + 90, usegmt=True))), 90),
        # by the service's own clock, which is an hour ahead of ours
        (
            Reply({}, 429, headers(retry_after=formatdate(NOW + 3690), date=formatdate(NOW + 3600, usegmt=True))),
            90,
        ),
        (Reply({}, 429, headers(retry_after="999999999999")), MAX_WAIT_S),
        (Reply({}, 429, headers(retry_after="soon")), UNTOLD_WAIT_S),
        (Reply({}, 403, headers(x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 50))), 51),
        (Reply({}, 429, headers(x_ratelimit_remaining="0.0", x_ratelimit_reset="200")), 201),
        (Reply({}, 429, headers(x_rate_limit_remaining="0", x_rate_limit_reset="300")), 301),
        (Reply({}, 429, headers(x_ratelimit_remaining="nan", x_ratelimit_reset="inf")), UNTOLD_WAIT_S),
        (Reply({}, 429, headers(x_ratelimit_remaining="0")), UNTOLD_WAIT_S),
    ],
)
async def test_a_service_says_how_long_to_wait(reply: Reply, wait_s: float) -> None:
    time = Time()
    error = await trouble(reply, time)
    assert (error.kind, error.wait_s, time.pauses) == ("wait", wait_s, [])


async def test_short_waits_are_waited() -> None:
    time = Time()
    async with asking(in_turn(Reply({}, 429, headers(retry_after="7")), GOOD), time) as (client, _):
        assert (await client.get("/x")).read(Shape).a == 1
    assert time.pauses == [7]


@pytest.mark.parametrize("asked", ["0", "5"])
async def test_patience_has_an_end(asked: str) -> None:
    time = Time()
    error = await trouble(Reply({}, 429, headers(retry_after=asked)), time)
    assert error.kind == "wait"
    assert 0 < sum(time.pauses) <= PATIENCE_S


async def test_a_spent_limit_is_known_before_it_is_asked_again() -> None:
    time = Time()
    spent = Reply({"a": 1}, headers=headers(x_ratelimit_remaining="0", x_ratelimit_reset=str(int(time.now) + 40)))
    async with asking(in_turn(spent, GOOD), time) as (client, fake):
        assert (await client.get("/x")).read(Shape).a == 1
        with pytest.raises(SourceError, match="wait 41 s") as raised:
            await client.get("/x")
        assert (raised.value.kind, len(fake.requests)) == ("wait", 1)
        time.now += 41
        assert (await client.get("/x")).read(Shape).a == 1


async def test_held_back_by_word_and_by_pace() -> None:
    time = Time()
    async with asking(GOOD, time, every_s=2.0) as (client, _):
        await client.get("/x")
        await client.get("/x")
        client.hold(10)
        await client.get("/x")
    assert time.pauses == [2, 10]


# Redirects and addresses


async def test_redirects_within_the_host_are_followed() -> None:
    def answer(request: Any) -> Reply:
        return GOOD if request.path == "/new" else Reply(b"", 301, {"location": "/new?q=2"})

    async with asking(answer, headers={"authorization": "Bearer t"}) as (client, fake):
        assert (await client.get("/old", {"q": "1"})).read(Shape).a == 1
    assert fake.requests[1].query == {"q": "2"}
    assert fake.requests[1].headers["authorization"] == "Bearer t"


async def test_a_redirect_elsewhere_is_not_followed() -> None:
    async with service(GOOD) as other:
        error = await trouble(Reply(b"", 302, {"location": f"{other.url}/x"}), headers={"authorization": "Bearer t"})
    assert (error.kind, other.requests) == ("changed", [])
    assert "another place" in str(error)


@pytest.mark.parametrize("location", ["https://127.0.0.1/x", "ftp://127.0.0.1/", "//evil.example/", "http://[::"])
async def test_nor_one_to_another_port_or_scheme(location: str) -> None:
    assert (await trouble(Reply(b"", 302, {"location": location}))).kind in ("changed", "transient")


async def test_redirects_in_a_circle_end() -> None:
    error = await trouble(Reply(b"", 302, {"location": "/x"}))
    assert (error.kind, "more than 3 redirects" in str(error)) == ("changed", True)


async def test_what_is_posted_is_not_carried_on() -> None:
    async with asking(Reply(b"", 307, {"location": "/y"})) as (client, fake):
        with pytest.raises(SourceError, match="redirect"):
            await client.post("/x", form={"a": "b"})
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://a", "http://", "http://u:p@a", "http://a?b", "http://a:0", "http://[x"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(SettingsError, match="place: want an address"):
        Client("place", url)


def test_a_credential_goes_encrypted_or_not_at_all() -> None:
    check_encrypted("place", "https://api.example", "place_key")
    check_encrypted("place", "http://localhost:80", "place_key")
    with pytest.raises(SettingsError, match="want https where place_key is sent"):
        check_encrypted("place", "http://api.example", "place_key")


async def test_the_environment_names_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with service(in_turn(GOOD, Reply({}, 407))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        client = Client("place", "http://api.example", setting="place_key")
        assert (await client.get("/x")).read(Shape).a == 1
        assert (proxy.requests[0].path, proxy.requests[0].headers["host"]) == ("/x", "api.example")
        with pytest.raises(SourceError, match="the proxy before place") as raised:
            await client.get("/x")
        assert (raised.value.kind, raised.value.setting) == ("refused", "")
        await client.close()


async def test_nobody_there() -> None:
    async with service(GOOD) as fake:
        pass
    time = Time()
    client = Client("place", fake.url, clock=time, pause=time.pause)
    with pytest.raises(SourceError, match="no answer \\(ConnectError\\)") as raised:
        await client.get("/x")
    assert raised.value.kind == "transient"
    await client.close()


async def test_given_up_it_leaves_nothing_open() -> None:
    async with asking(Reply(b" ", again=True)) as (client, fake):
        asked = asyncio.create_task(client.get("/x"))
        while not fake.requests:  # noqa: ASYNC110  # what it does is not ours to signal
            await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked


async def test_a_key_in_an_address_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with asking(in_turn(Reply(status=500), GOOD)) as (client, _):
        await client.get("/x", {"key": "geheim"})
    assert "geheim" not in caplog.text


# Items


def test_a_strange_item_costs_itself_only() -> None:
    items = [msgspec.Raw(b'{"a": 1}'), msgspec.Raw(b'{"a": "x"}'), msgspec.Raw(b"7")]
    read, unreadable = read_items("place", items, Shape)
    assert ([item.a for item in read], unreadable) == ([1], 2)


def test_nothing_but_strange_items_is_a_change() -> None:
    with pytest.raises(SourceError, match="got 2 others") as raised:
        read_items("place", [msgspec.Raw(b'{"b": "secret"}')] * 2, Shape)
    assert (raised.value.kind, "secret" in str(raised.value)) == ("changed", False)
    assert read_items("place", [], Shape) == ([], 0)


@pytest.mark.parametrize("value", ["ключ", "a\nb", "a\udcff", "a\0"])
def test_a_credential_that_no_header_takes_is_refused_by_its_name(value: str) -> None:
    for setting, make in (
        ("github_token", lambda: GitHub(token=value, pseudonym=pseudonym)),
        ("product_hunt_token", lambda: ProductHunt(token=value, pseudonym=pseudonym)),
        ("stackexchange_key", lambda: StackExchange(key=value, pseudonym=pseudonym)),
        ("reddit_client", lambda: Reddit(client=f"{value}:b", pseudonym=pseudonym)),
        ("reddit_username", lambda: Reddit(client="a:b", username=value, pseudonym=pseudonym)),
        ("its key", lambda: OpenAiEmbedder("text-embedding-3-small", key=value)),
        ("its key", lambda: OpenAi("gpt-5-mini", key=value)),
    ):
        with pytest.raises(SettingsError, match=f"want {setting} in plain letters") as raised:
            make()
        assert value not in str(raised.value)


async def test_a_lent_token_that_no_header_takes_is_a_change_of_the_service() -> None:
    async def lend() -> Answer:
        return Answer(place="place", status=200, headers={}, data=msgspec.json.encode({"access_token": "t\r\nx: y"}))

    async def ask(headers: Mapping[str, str]) -> Answer:
        raise AssertionError("nothing is asked with it")

    with pytest.raises(SourceError, match="place") as raised:
        await Bearer(lend).ask(ask)
    assert raised.value.kind == "changed"


class _Endless(httpx.AsyncByteStream):
    """What was packed, and then what never ends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield gzip.compress(b"[1]")
        yield b"x"
        raise AssertionError("asked for more, behind the end")


async def test_nothing_is_waited_for_behind_the_end_of_what_is_packed() -> None:
    answer = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=_Endless())
    assert await bodies.body_of("place", answer, most_bytes=100, packed=True) == b"[1]"
