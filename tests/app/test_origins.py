"""Which pages may talk to which agent."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.conversation.talk import ROOT
from vivavoce.agents import AgentSpec, load
from vivavoce.app.origins import Cors, KnownSites, Origin, Sites, allow, parse_origin, sites_of
from vivavoce.errors import StoreError

AMBASSADOR = load((ROOT / "examples/agents/ambassador.yaml").read_text()).spec
FOUNDER = load((ROOT / "examples/agents/founder.yaml").read_text()).spec


def asked(text: str) -> Origin:
    origin = parse_origin(text)
    assert origin is not None
    return origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://acme.example", Origin("https", "acme.example", 443)),
        ("HTTPS://Acme.Example:443", Origin("https", "acme.example", 443)),
        ("http://acme.example", Origin("http", "acme.example", 80)),
        ("https://xn--mnchen-3ya.example:8443", Origin("https", "xn--mnchen-3ya.example", 8443)),
        ("http://[::1]:5173", Origin("http", "::1", 5173)),
        ("https://acme.example.", Origin("https", "acme.example", 443)),
    ],
)
def test_origins_are_normal(text: str, origin: Origin) -> None:
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "null", "", "acme.example", "file://", "chrome-extension://abc", "https://", "https://a.example/path",
        "https://user@a.example", "https://a.example?x", "https://a.example#x", "https://a.example:99999",
        "https://a.example:x", "https://münchen.example", "https://a b.example", "https://" + "a" * 400, "https://[",
        "https://a.example, https://b.example",
    ],
)  # fmt: skip
def test_what_is_no_origin(text: str) -> None:
    assert parse_origin(text) is None


@pytest.mark.parametrize(
    ("entry", "page", "listed"),
    [
        ("acme.example", "https://acme.example", True),
        ("acme.example", "http://acme.example", False),
        ("acme.example", "https://acme.example:8443", False),
        ("acme.example", "https://www.acme.example", False),
        ("acme.example", "https://evilacme.example", False),
        ("acme.example", "https://acme.example.evil.example", False),
        ("Acme.Example", "https://acme.example", True),
        ("acme.example:8443", "https://acme.example:8443", True),
        ("http://localhost:5173", "http://localhost:5173", True),
        ("http://localhost:5173", "http://localhost:5174", False),
        ("*.acme.example", "https://www.acme.example", True),
        ("*.acme.example", "https://a.b.acme.example", True),
        ("*.acme.example", "https://acme.example", False),
        ("*.acme.example", "https://evilacme.example", False),
        ("http://*.acme.example:81", "http://www.acme.example:81", True),
        ("http://*.acme.example:81", "https://www.acme.example", False),
        ("münchen.example", "https://xn--mnchen-3ya.example", True),
        ("*", "https://anybody.example", True),
        ("* ", "http://127.0.0.1", True),
        ("https://acme.example/page", "https://acme.example", False),
        ("not an origin at all", "https://acme.example", False),
        ("", "https://acme.example", False),
        ("*.", "https://acme.example", False),
    ],
)
def test_entries_of_an_agent_file(entry: str, page: str, listed: bool) -> None:
    assert (asked(page) in Sites([entry])) is listed


def test_an_empty_list_is_nobody() -> None:
    assert asked("https://acme.example") in sites_of(AMBASSADOR)
    assert asked("https://www.acme.example") in sites_of(AMBASSADOR)
    assert asked("https://acme.example") not in sites_of(FOUNDER)


@pytest.mark.parametrize(
    ("entries", "ancestors"),
    [
        ([], "'none'"),
        (["*", "acme.example"], "*"),
        (
            ["b.example", "*.a.example:8443", "http://a.example"],
            "http://a.example https://*.a.example:8443 https://b.example",
        ),
        (["münchen.example"], "https://xn--mnchen-3ya.example"),
        (["http://[::1]:5173", "a b; script-src *", "https://a.example/x"], "'none'"),
    ],
)
def test_who_may_frame_is_told_in_the_grammar_of_policies(entries: list[str], ancestors: str) -> None:
    assert Sites(entries).ancestors() == ancestors


def test_a_list_is_as_true_as_it_has_sites() -> None:
    assert Sites(["*"])
    assert Sites(["acme.example"])
    assert Sites(["*.acme.example"])
    assert not Sites([])
    assert not Sites(["not a site"])


@pytest.mark.parametrize(
    "text", ["https://acme.example", "http://acme.example:8080", "http://[::1]:5173", "https://xn--mnchen-3ya.example"]
)
def test_an_origin_is_written_as_browsers_write_it(text: str) -> None:
    assert asked(text).written() == text


class Shelf:
    def __init__(self) -> None:
        self.now, self.looks, self.away = 0.0, 0, False

    async def specs(self) -> Iterable[AgentSpec]:
        self.looks += 1
        if self.away:
            raise StoreError("away")
        return [AMBASSADOR, FOUNDER]

    @property
    def known(self) -> KnownSites:
        return KnownSites(self.specs, lambda: self.now)


async def test_the_list_of_all_sites_is_read_now_and_then_and_kept_while_it_cannot_be() -> None:
    shelf = Shelf()
    known = shelf.known
    for _ in range(100):
        assert await known.know(asked("https://acme.example"))
        assert not await known.know(asked("https://evil.example"))
    assert shelf.looks == 1
    shelf.now, shelf.away = 100.0, True
    assert await known.know(asked("https://acme.example"))
    assert shelf.looks == 2


async def book(request: Request) -> PlainTextResponse:
    if request.query_params:
        allow(request.scope, request.headers["origin"])
    return PlainTextResponse("booked", int(request.query_params.get("status", 201)))


def client() -> TestClient:
    routes = [Route("/book", book, methods=["POST"]), Route("/other", book, methods=["POST"])]
    return TestClient(Cors(Starlette(routes=routes), known=Shelf().known, paths=frozenset({"/book"})))


def preflight(origin: str, path: str = "/book") -> dict[str, str]:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return dict(client().options(path, headers=headers).headers)


def test_a_preflight_is_answered_for_sites_that_some_agent_lists() -> None:
    answer = preflight("https://acme.example")
    assert answer["access-control-allow-origin"] == "https://acme.example"
    assert answer["access-control-allow-headers"] == "content-type"
    assert answer["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer
    assert preflight("null")["access-control-allow-origin"] == "null", "the route asks a sandboxed frame for a pass"
    for origin in ("https://evil.example", "http://acme.example", ""):
        answer = preflight(origin)
        assert "access-control-allow-origin" not in answer
        assert answer["vary"] == "Origin"
    assert "access-control-allow-origin" not in preflight("https://acme.example", "/other")


def test_an_answer_is_for_the_page_that_the_route_let_in() -> None:
    origin = {"Origin": "https://acme.example"}
    let_in = client().post("/book?status=429", headers=origin)
    assert let_in.headers["access-control-allow-origin"] == "https://acme.example", "also when it is refused"
    assert let_in.headers["access-control-expose-headers"] == "Retry-After"
    others = client().post("/book", headers=origin)
    assert "access-control-allow-origin" not in others.headers
    assert others.headers["vary"] == "Origin"
