"""The browser's files: any site's page may load them, and none is taken from a cache that is out of date."""

from __future__ import annotations

import dataclasses
import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.served import SERVER_KEY, Served, served
from tests.conversation.talk import ROOT
from vivavoce.app.built import FOLDER, KINDS, BuiltFiles

CODE = b"export const one = 1\n"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    """A server whose files were built, as far as anybody can tell."""
    folder = tmp_path / "built"
    folder.mkdir()
    for name in ("viva.js", "viva-worker.js", "talk.js", "talk.css", "secret.txt"):
        (folder / name).write_bytes(CODE)
    async with served(tmp_path, api_key=SERVER_KEY) as house:
        house.app.state.services = dataclasses.replace(house.here, built=BuiltFiles(folder))
        yield house


async def test_a_page_of_any_site_may_load_them(house: Served) -> None:
    answer = await house.ask("GET", "/static/viva.js", headers={"Origin": "https://any.example"})
    assert (answer.status_code, answer.content) == (200, CODE)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, no-cache"
    style = await house.ask("GET", "/static/talk.css")
    assert style.headers["content-type"].startswith("text/css")


async def test_a_worker_may_open_its_socket(house: Served) -> None:
    """A worker obeys the policy its file came with."""
    worker = await house.ask("GET", "/static/viva-worker.js")
    assert worker.headers["content-security-policy"] == "default-src 'none'; connect-src *"
    other = await house.ask("GET", "/static/viva.js")
    assert "connect-src" not in other.headers["content-security-policy"]


async def test_an_unchanged_file_is_not_sent_again(house: Served) -> None:
    plain = {"Accept-Encoding": "identity"}
    tag = (await house.ask("GET", "/static/viva.js", headers=plain)).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await house.ask("GET", "/static/viva.js", headers={**plain, "If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["access-control-allow-origin"] == "*"
    fresh = await house.ask("GET", "/static/viva.js", headers={**plain, "If-None-Match": '"other"'})
    assert fresh.status_code == 200


async def test_a_file_that_was_built_anew_is_read_anew(house: Served) -> None:
    old = await house.ask("GET", "/static/viva.js")
    path = house.app.state.services.built._folder / "viva.js"
    path.write_bytes(CODE * 2)
    new = await house.ask("GET", "/static/viva.js", headers={"If-None-Match": old.headers["etag"]})
    assert (new.status_code, new.content) == (200, CODE * 2)
    assert new.headers["etag"] != old.headers["etag"]


@pytest.mark.parametrize(("accepted", "packed"), [("br, gzip;q=0.8", True), ("gzip;q=0", False), ("br", False)])
async def test_who_takes_gzip_gets_it(house: Served, accepted: str, packed: bool) -> None:
    answer = await house.ask("GET", "/static/viva.js", headers={"Accept-Encoding": accepted})
    assert answer.content == CODE, "httpx has unpacked it"
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert ("-gz" in answer.headers["etag"]) is packed, "two forms of one file have two tags"
    assert answer.headers["vary"] == "Accept-Encoding"
    if packed:
        assert int(answer.headers["content-length"]) == len(gzip.compress(CODE, mtime=0))


async def test_head_says_what_get_would(house: Served) -> None:
    head = await house.ask("HEAD", "/static/viva.js", headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(CODE)))


@pytest.mark.parametrize(
    "name", ["secret.txt", "..%2F..%2Fsettings.py", "%2e%2e/settings.py", "viva.js%00", "", "viva.js/", "VIVA.JS"]
)
async def test_nothing_else_can_be_had(house: Served, name: str) -> None:
    answer = await house.ask("GET", f"/static/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("want ")


async def test_what_was_not_built_says_so(house: Served) -> None:
    answer = await house.ask("GET", "/static/viva-audio.js")
    assert (answer.status_code, "make web" in answer.json()["error"]) == (404, True)


async def test_other_methods_are_refused(house: Served) -> None:
    answer = await house.ask("POST", "/static/viva.js")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_whatever_is_built_is_served() -> None:
    assert {path.name for path in FOLDER.glob("[!.]*")} <= set(KINDS)


def test_the_reference_names_every_file_option_and_member() -> None:
    page = (ROOT / "docs/reference/browser-sdk.md").read_text("utf-8")
    source = (ROOT / "web/sdk/src/session/options.ts").read_text("utf-8")
    options, call = (source.partition(f"export interface {name} {{")[2] for name in ("CallOptions", "VoiceCall"))
    options = options.partition("\n}")[0]
    for name in re.findall(r"^  readonly (\w+)\??:", options, re.M):
        assert f"`{name}`" in page, name
    both = page + (ROOT / "docs/reference/embedding.md").read_text("utf-8")
    for name in {re.sub(r"viva-lang-\w+", "viva-lang-XX", name) for name in KINDS}:
        assert f"`{name}`" in both, name
    for name in re.findall(r"^  (?:readonly )?(\w+)[(:]", call, re.M):
        assert re.search(rf"`{name}[`(]", page), name
