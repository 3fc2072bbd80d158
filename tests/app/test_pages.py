"""An agent's own page: who sees it, who may book from it, what it may load, and the words in its place."""

from __future__ import annotations

import html
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.served import SERVER_KEY, Served
from tests.app.shown import HOST, OWN, Elements, policy_of, shown, voice_of, write_agent
from tests.conversation.talk import ROOT
from vivavoce.app.built import LANGUAGES

READER = {"Accept": "text/html"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with a key, and an agent that is open to the server's own pages."""
    async with shown(tmp_path, api_key=SERVER_KEY) as house:
        yield house


@pytest.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[Served]:
    """A server of one's own machine, without keys."""
    async with shown(tmp_path) as house:
        yield house


# an agent's own page


async def test_without_keys_the_page_is_there_for_this_machine(open_house: Served) -> None:
    answer = await open_house.ask("GET", "/t/founder", headers=READER)
    voice = voice_of(answer)
    assert (voice["agent"], voice["shape"]) == ("founder", "page")
    assert "pass" not in voice
    card = json.loads(voice["card"])
    assert (card["title"], card["page"]) == ("Startup idea interview", "http://localhost/t/founder")
    scripts = Elements(answer.text).of("script")
    assert [script["src"] for script in scripts] == ["../static/embed.js", "../static/talk.js"]
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert "<noscript>" in answer.text


async def test_the_page_loads_from_its_own_server_only(open_house: Served) -> None:
    answer = await open_house.ask("GET", "/t/founder", host="localhost:8642")
    policy, own = policy_of(answer), "'self' http://localhost:8642 https://localhost:8642"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["worker-src"] == own
    assert policy["connect-src"] == f"{own} ws://localhost:8642 wss://localhost:8642"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_host_that_a_policy_cannot_name_stays_out_of_it(house: Served) -> None:
    for host in ("x; script-src *", "[::1]:8642", "a b", ""):
        answer = await house.ask("GET", "/t/open", key=SERVER_KEY, headers={"Host": host})
        policy = policy_of(answer)
        assert policy["script-src"] == "'self'", host
        assert policy["connect-src"] == "'self'", host


async def test_behind_a_key_only_agents_of_this_site_are_open(house: Served) -> None:
    assert (await house.ask("GET", "/t/open", host=HOST, headers=READER)).status_code == 200
    for agent in ("founder", "ambassador", "nobody"):
        answer = await house.ask("GET", f"/t/{agent}", host=HOST, headers=READER)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next=%2Ft%2F{agent}")
    assert (await house.ask("GET", "/t/open", host="other.example", headers=READER)).status_code == 303


async def test_a_key_opens_it_too(house: Served) -> None:
    assert (await house.ask("GET", "/t/founder", key=SERVER_KEY)).status_code == 200
    assert (await house.ask("GET", "/t/founder", key=await house.key("calls:book"))).status_code == 200
    assert (await house.ask("GET", "/t/founder", key=await house.key("calls:read"))).status_code == 403
    narrow = await house.key("calls:book", agents=frozenset({"ambassador"}))
    assert (await house.ask("GET", "/t/founder", key=narrow)).status_code == 403


async def test_a_page_of_ours_books_what_any_listed_page_may(house: Served) -> None:
    async def book(agent: str, **more: Any) -> int:
        return (await house.ask("POST", "/api/v1/calls", host=HOST, json={"agent": agent}, **more)).status_code

    assert await book("open", headers={"Origin": OWN}) == 201
    assert await book("founder", headers={"Origin": OWN}) == 403
    assert await book("open", headers={"Origin": "https://evil.example"}) == 403
    assert await book("open") == 401, "a program shows a key"
    assert await book("open", headers={"Origin": OWN, "Cookie": "__Host-viva=made-up; viva=made-up"}) == 401
    assert await book("founder", key=SERVER_KEY, headers={"Origin": OWN}) == 201


async def test_who_is_signed_in_talks_with_what_their_key_may(house: Served) -> None:
    key = await house.key("calls:book", agents=frozenset({"founder"}))
    own = {"Origin": OWN}
    signed = await house.ask("POST", "/api/v1/sessions", host=HOST, json={"key": key}, headers=own)
    sitting = {"Cookie": signed.headers["set-cookie"].partition(";")[0]}
    for agent, page, booked in (("founder", 200, 201), ("ambassador", 403, 403), ("open", 403, 403)):
        assert (await house.ask("GET", f"/t/{agent}", host=HOST, headers=sitting)).status_code == page
        answer = await house.ask("POST", "/api/v1/calls", host=HOST, json={"agent": agent}, headers={**own, **sitting})
        assert answer.status_code == booked


async def test_a_ticket_says_how_long_it_holds(house: Served) -> None:
    booked = (await house.ask("POST", "/api/v1/calls", key=SERVER_KEY, json={"agent": "founder"})).json()
    assert booked["expires_in_s"] == house.here.settings.ticket_s
    fresh = (await house.ask("POST", "/api/v1/tickets", json={"ticket": booked["ticket"]})).json()
    assert 0 < fresh["expires_in_s"] <= house.here.settings.ticket_s


async def test_where_the_page_was_before(open_house: Served) -> None:
    for old, new in (
        ("/talk/founder", "../t/founder"),
        ("/talk/founder?lang=de", "../t/founder?lang=de"),
        ("/talk/a/b", "../../t/a%2Fb"),
        ("/talk/%2F%2Fevil.example", "../../../t/%2F%2Fevil.example"),
    ):
        answer = await open_house.ask("GET", old)
        assert (answer.status_code, answer.headers["location"]) == (308, new)


# what cannot be shown


async def test_what_cannot_be_talked_to_is_told_in_words(open_house: Served, tmp_path: Path) -> None:
    (tmp_path / "agents" / "broken.yaml").write_text("spec: 1\n")
    for agent, status, words in (
        ("nobody", 404, "no agent of this name"),
        ("%3Cscript%3E", 404, "no agent of this name"),
        ("x" * 300, 404, "no agent of this name"),
        ("a/b", 404, "no agent of this name"),
        ("founder/", 404, "no agent of this name"),
        ("broken", 500, "has errors"),
    ):
        for page in ("t", "embed"):
            answer = await open_house.ask("GET", f"/{page}/{agent}", headers=READER)
            assert (answer.status_code, words in answer.text) == (status, True), agent
            assert answer.headers["content-type"].startswith("text/html")
            assert "<script" not in answer.text


async def test_words_need_no_file(open_house: Served) -> None:
    answer = await open_house.ask("GET", "/t/nobody")
    assert [link["href"] for link in Elements(answer.text).of("link")] == ["data:,"]
    (style,) = Elements(answer.text).of("style")
    assert f"style-src 'nonce-{style['nonce']}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "name", ["%00", "a%00b", "..", "%2e%2e", "..%2ffounder", "%ff", "x%0d%0aSet-Cookie: a=b", "%2f%2f", "."]
)
async def test_a_hostile_name_is_nobody(open_house: Served, name: str) -> None:
    for page in ("t", "embed"):
        answer = await open_house.ask("GET", f"/{page}/{name}", headers=READER)
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


async def test_a_page_that_lacks_its_files_says_so(open_house: Served, tmp_path: Path) -> None:
    for name in ("embed.js", "viva-widget.js", "viva-more.js", "viva.js", "talk.js", "talk.css"):
        (tmp_path / "built" / name).rename(tmp_path / "built" / "away")
        for page in ("t", "embed"):
            answer = await open_house.ask("GET", f"/{page}/ambassador", headers=READER)
            assert (answer.status_code, "make web" in answer.text) == (503, True), name
        (tmp_path / "built" / "away").rename(tmp_path / "built" / name)
    assert (await open_house.ask("GET", "/t/ambassador")).status_code == 200


TITLE = "{body} {title} {agent} </title></script><script>alert(1)</script>'\"><img src=x onerror=alert(1)> & \u202eabc"


async def test_a_title_is_words_and_nothing_else(open_house: Served, tmp_path: Path) -> None:
    write_agent(tmp_path, "founder", title=TITLE)
    for page in ("t", "embed"):
        answer = await open_house.ask("GET", f"/{page}/founder", headers=READER)
        elements = Elements(answer.text)
        assert elements.of("img") == []
        assert len(elements.of("script")) == 2
        shown = json.loads(voice_of(answer)["card"])["title"]
        assert shown == TITLE.replace("\u202e", "")
        assert f"<title>{html.escape(shown)}</title>" in answer.text


async def test_a_title_of_ten_thousand_words_breaks_no_page(open_house: Served, tmp_path: Path) -> None:
    write_agent(tmp_path, "founder", title="word " * 10_000)
    answer = await open_house.ask("GET", "/t/founder")
    assert len(answer.content) < 10_000
    title = json.loads(voice_of(answer)["card"])["title"]
    assert (len(title), title[-1]) == (120, "…")


# what a page is asked for


@pytest.mark.parametrize(
    ("query", "accepted", "expected"),
    [
        ("", "de-AT,en;q=0.5", ("de", "ltr", "page", "auto")),
        ("", "sv, ar;q=0.9, en;q=0.8", ("ar", "rtl", "page", "auto")),
        ("", "tlh", ("en", "ltr", "page", "auto")),
        ("", "en;q=0, fr;q=0.1", ("fr", "ltr", "page", "auto")),
        ("", "fr;q=rubbish, it", ("it", "ltr", "page", "auto")),
        ("", "de;q=0", ("en", "ltr", "page", "auto")),
        ("", "iw", ("he", "rtl", "page", "auto")),
        ("", "sv," * 50 + "de", ("en", "ltr", "page", "auto")),
        ("?lang=ja&theme=dark&shape=kiosk", "de", ("ja", "ltr", "kiosk", "dark")),
        ("?lang=%22%3E&theme=x&shape=y", "de", ("de", "ltr", "page", "auto")),
    ],
)
async def test_language_and_looks(
    open_house: Served, query: str, accepted: str, expected: tuple[str, str, str, str]
) -> None:
    answer = await open_house.ask("GET", f"/t/founder{query}", headers={"Accept-Language": accepted})
    (page,) = Elements(answer.text).of("html")
    voice = voice_of(answer)
    assert (page["lang"], page["dir"], voice["shape"], voice["theme"]) == expected
    assert voice["lang"] == page["lang"]


def test_the_widget_speaks_what_pages_choose_from() -> None:
    folder = ROOT / "web/widget/src/words/languages"
    assert {path.stem for path in folder.glob("*.json")} | {"en"} == set(LANGUAGES)
