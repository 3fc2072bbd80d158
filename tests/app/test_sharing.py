"""Shared links: tags for crawlers, oEmbed, the picture, the QR code."""

from __future__ import annotations

import json
import struct
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import segno

from tests.app.served import PAGE, SERVER_KEY, Served
from tests.app.shown import HOST, OWN, shown, write_agent

PUBLIC = "https://talk.example/voice"


class Head(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, dict[str, str]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and "content" in given:
            self.meta[given.get("property") or given.get("name", "")] = given["content"]
        elif tag == "link":
            self.links[given["rel"]] = given


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with shown(tmp_path, api_key=SERVER_KEY) as house:
        yield house


async def head_of(house: Served, path: str = "/t/open", host: str = HOST) -> Head:
    answer = await house.ask("GET", path, host=host)
    assert answer.status_code == 200
    return Head(answer.text)


async def oembed(house: Served, url: str, *, host: str = HOST, **query: object) -> httpx.Response:
    asked = {"url": url, **{name: str(value) for name, value in query.items()}}
    return await house.ask("GET", "/oembed", host=host, params=asked)


# tags


async def test_a_shared_page_has_title_words_and_picture(house: Served) -> None:
    head = await head_of(house)
    assert head.meta["og:title"] == head.meta["twitter:title"] == "Startup idea interview"
    assert "Alex, Sam and Maya" in head.meta["description"]
    assert "AI" in head.meta["og:description"]
    assert head.meta["twitter:card"] == "summary_large_image"
    assert head.meta["og:url"] == head.links["canonical"]["href"] == f"{OWN}/t/open"
    for name in ("og:image", "twitter:image"):
        picture = await house.ask("GET", httpx.URL(head.meta[name]).path, host=HOST)
        assert picture.headers["content-type"] == "image/png"
        size = struct.unpack_from(">II", picture.content, 16)
        assert size == (int(head.meta["og:image:width"]), int(head.meta["og:image:height"]))
    assert not any(name.startswith("twitter:player") for name in head.meta)


async def test_a_pass_is_never_shared(house: Served) -> None:
    page = httpx.URL((await house.ask("GET", "/api/v1/card?agent=ambassador", headers={"Origin": PAGE})).json()["page"])
    tab = await house.ask("GET", str(page.raw_path, "ascii"))
    head = Head(tab.text)
    assert "pass=" not in json.dumps([head.meta, head.links])


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("talk.example:8443", "http://talk.example:8443"),
        ("[::1]:8642", "http://[::1]:8642"),
        ("localhost", "http://localhost"),
    ],
)
async def test_addresses_are_those_that_people_came_by(tmp_path: Path, host: str, base: str) -> None:
    async with shown(tmp_path, api_key=SERVER_KEY) as house:
        write_agent(tmp_path, "everywhere", origins=["*"])
        answer = await house.ask("GET", "/t/everywhere", headers={"Host": host})
        assert Head(answer.text).meta["og:url"] == f"{base}/t/everywhere"


async def test_a_host_that_is_none_stands_in_no_address(house: Served) -> None:
    for host in ('"><script>', "a b", "evil.example/x?"):
        answer = await house.ask("GET", "/t/open", key=SERVER_KEY, headers={"Host": host})
        head = Head(answer.text)
        assert "og:url" not in head.meta
        assert head.meta["og:title"] == "Startup idea interview"
        assert (await house.ask("GET", "/t/open/qr.svg", key=SERVER_KEY, headers={"Host": host})).status_code == 400


async def test_behind_a_proxy_addresses_are_https(tmp_path: Path) -> None:
    async with shown(tmp_path, api_key=SERVER_KEY, https=True) as house:
        write_agent(tmp_path, "everywhere", origins=["*"])
        assert (await head_of(house, "/t/everywhere")).meta["og:url"] == "https://talk.example/t/everywhere"
        card = (await oembed(house, "https://talk.example/t/everywhere")).json()
        assert card["provider_url"] == "https://talk.example"
        assert (await oembed(house, "http://talk.example/t/everywhere")).status_code == 404


async def test_a_public_url_stands_in_every_address(tmp_path: Path) -> None:
    async with shown(tmp_path, api_key=SERVER_KEY, public_url=f"{PUBLIC}/") as house:
        write_agent(tmp_path, "everywhere", origins=["*"])
        head = await head_of(house, "/t/everywhere", "10.0.0.7:8642")
        assert head.meta["og:image"] == f"{PUBLIC}/t/everywhere/picture.png"
        for url in (f"{PUBLIC}/t/everywhere", "http://10.0.0.7:8642/t/everywhere"):
            card = (await oembed(house, url, host="10.0.0.7:8642")).json()
            assert f'src="{PUBLIC}/embed/everywhere"' in card["html"]
        assert (await oembed(house, "https://talk.example/t/everywhere", host="10.0.0.7:8642")).status_code == 404


# oEmbed


async def test_discovery_leads_to_the_frame(house: Served) -> None:
    link = (await head_of(house)).links["alternate"]
    assert link["type"] == "application/json+oembed"
    url = httpx.URL(link["href"])
    answer = await house.ask("GET", str(url.raw_path, "ascii"), host=HOST)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    card = answer.json()
    assert (card["version"], card["type"], card["title"]) == ("1.0", "rich", "Startup idea interview")
    assert (card["width"], card["height"]) == (400, 640)
    frame = ElementTree.fromstring(card["html"])
    assert frame.tag == "iframe", "outermost, for consumers that strip wrappers"
    assert frame.attrib["src"] == f"{OWN}/embed/open"
    assert "microphone" in frame.attrib["allow"]
    assert (await house.ask("GET", httpx.URL(frame.attrib["src"]).path, host=HOST)).status_code == 200


@pytest.mark.parametrize(
    ("most", "size", "thumbnail"),
    [
        ({}, (400, 640), 1200),
        ({"maxwidth": 320, "maxheight": 200}, (320, 200), 300),
        ({"maxwidth": 1199}, (400, 640), 600),
        ({"maxheight": 314}, (400, 314), 300),
        ({"maxwidth": 1, "maxheight": 1}, (1, 1), None),
    ],
)
async def test_nothing_is_larger_than_asked_for(
    house: Served, most: dict[str, Any], size: tuple[int, int], thumbnail: int | None
) -> None:
    card = (await oembed(house, f"{OWN}/t/open", **most)).json()
    assert (card["width"], card["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in card["html"]
    assert card.get("thumbnail_width") == thumbnail
    if thumbnail is not None:
        url = httpx.URL(card["thumbnail_url"])
        picture = await house.ask("GET", str(url.raw_path, "ascii"), host=HOST)
        assert struct.unpack_from(">II", picture.content, 16) == (thumbnail, card["thumbnail_height"])
    else:
        assert "thumbnail_url" not in card


async def test_an_agent_that_no_site_may_frame_is_a_link(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        card = (await oembed(house, "http://localhost/t/founder", host="localhost")).json()
        assert card["type"] == "link"
        assert not {"html", "width", "height"} & card.keys()


@pytest.mark.parametrize("path", ["/t/open", "/t/open/", "/embed/open", "/talk/open", "/t/open?lang=de#x", "/t/op%65n"])
async def test_every_address_of_an_agent_is_known(house: Served, path: str) -> None:
    assert (await oembed(house, OWN + path)).json()["title"] == "Startup idea interview"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/t/open", f"http://{HOST}:81/t/open", f"http://{HOST}.evil.example/t/open", OWN,
        f"{OWN}/", f"{OWN}/health", f"{OWN}/t/", f"{OWN}/t/open/qr.svg", f"{OWN}/t//open", f"{OWN}/static/open",
        "", "null", "/t/open", "javascript:alert(1)", "http://[", f"http://u:p@evil.example@{HOST}x/t/open",
        f"{OWN}\\@evil.example/t/open",
    ],
)  # fmt: skip
async def test_other_addresses_are_not_here(house: Served, url: str) -> None:
    answer = await oembed(house, url)
    assert (answer.status_code, "want" in answer.json()["error"]) == (404, True)


async def test_what_is_not_public_is_not_told(house: Served) -> None:
    for agent in ("founder", "nobody"):
        assert (await oembed(house, f"{OWN}/t/{agent}")).status_code == 401, "nobody learns which there are"


async def test_other_sites_pages_read_what_is_public_alone(house: Served, tmp_path: Path) -> None:
    """A server on one's own machine tells whoever sits there, and not the pages that they visit."""
    assert (await oembed(house, f"{OWN}/t/open")).headers["access-control-allow-origin"] == "*"
    with_key = {"Authorization": f"Bearer {SERVER_KEY}"}
    (tmp_path / "own").mkdir()
    async with shown(tmp_path / "own") as own:
        for server, host, headers in ((house, HOST, with_key), (own, "localhost", {})):
            asked = {"url": f"http://{host}/t/founder"}
            answer = await server.ask("GET", "/oembed", host=host, params=asked, headers=headers)
            assert (answer.status_code, answer.json()["title"]) == (200, "Startup idea interview")
            assert "access-control-allow-origin" not in answer.headers
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_formats_and_numbers_that_are_not_made(house: Served) -> None:
    for format_ in ("xml", "yaml", ""):
        assert (await oembed(house, f"{OWN}/t/open", format=format_)).status_code == 501
    for name in ("maxwidth", "maxheight"):
        for wrong in (0, -5, "wide", 10**9):
            query: dict[str, Any] = {name: wrong}
            assert (await oembed(house, f"{OWN}/t/open", **query)).status_code == 422
    assert (await house.ask("GET", "/oembed", host=HOST)).status_code == 422
    assert (await oembed(house, "http://x/" + "y" * 3_000)).status_code == 422


# picture and code


async def test_who_may_see_the_page_may_have_its_picture_and_code(house: Served) -> None:
    for name, kind in (("picture.png", "image/png"), ("qr.png", "image/png"), ("qr.svg", "image/svg+xml")):
        answer = await house.ask("GET", f"/t/open/{name}", host=HOST)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert (await house.ask("GET", f"/t/founder/{name}", host=HOST)).status_code == 401
        assert (await house.ask("GET", f"/t/founder/{name}", key=SERVER_KEY)).status_code == 200
        assert (await house.ask("GET", f"/t/nobody/{name}", key=SERVER_KEY)).status_code == 404
    narrow = await house.key("calls:book", agents=frozenset({"ambassador"}))
    assert (await house.ask("GET", "/t/founder/qr.svg", key=narrow)).status_code == 403


async def test_the_code_is_the_pages_address(house: Served) -> None:
    expected = segno.make(f"{OWN}/t/open", error="m", micro=False)
    drawn = ElementTree.fromstring((await house.ask("GET", "/t/open/qr.svg", host=HOST)).content)
    side = expected.symbol_size(scale=12)[0]
    assert (drawn.attrib["width"], drawn.attrib["height"]) == (str(side), str(side))
    picture = (await house.ask("GET", "/t/open/qr.png", host=HOST)).content
    assert struct.unpack_from(">II", picture, 16) == (side, side)
    other = (await house.ask("GET", "/t/ambassador/qr.png", host=HOST, key=SERVER_KEY)).content
    assert picture != other


@pytest.mark.parametrize("name", ["picture.png?width=1201", "picture.png?width=x", "qr.gif", "qr.", "picture.jpg"])
async def test_other_pictures_are_not_made(house: Served, name: str) -> None:
    answer = await house.ask("GET", f"/t/open/{name}", key=SERVER_KEY)
    assert answer.status_code in (400, 404, 422)
