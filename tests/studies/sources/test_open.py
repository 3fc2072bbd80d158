"""Which sources there are, and what they want."""

from __future__ import annotations

import hashlib

import pytest

from vivavoce.app.settings import SECRET, Settings
from vivavoce.errors import InputError, MissingError
from vivavoce.studies.sources.making import insight, pseudonyms
from vivavoce.studies.sources.open import Wanted, open_source, parse


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("hackernews:invoicing tool", Wanted("hackernews", "invoicing tool")),
        (" GitHub : repo:acme/bills label:bug ", Wanted("github", "repo:acme/bills label:bug")),
        ("file:/tmp/a:b.csv", Wanted("file", "/tmp/a:b.csv")),
    ],
)
def test_parse(text: str, wanted: Wanted) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "want SOURCE:QUERY"),
        ("invoices", "sources are hackernews"),
        ("hackernew:x", "did you mean hackernews"),
        ("hackernews", "want a colon and what to look for behind it, as in hackernews:QUERY"),
        ("hackernews:", "got 0"),
        ("hackernews:  ", "got 0"),
        ("hackernews:" + "x" * 501, "got 501"),
        ("hackernews:a\nb", "with others"),
        ("hackernews:a\u202eb", "with others"),
    ],
)
def test_what_cannot_be_asked(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse(text)


@pytest.mark.parametrize("name", ["hackernews", "stackexchange", "github", "app-store", "file"])
async def test_open_without_a_credential(name: str) -> None:
    source = open_source(name, Settings(), hashed=hashed)
    assert source.name == name
    await source.close()


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("reddit", "reddit_client"),
        ("google-play", "google_play_account"),
        ("product-hunt", "product_hunt_token"),
    ],
)
def test_a_credential_that_is_not_there_is_asked_for(name: str, setting: str) -> None:
    with pytest.raises(MissingError, match=f"{setting} is not set") as raised:
        open_source(name, Settings(), hashed=hashed)
    assert f"VIVA_{setting.upper()}" in raised.value.remedy


def test_no_such_source() -> None:
    with pytest.raises(InputError, match="want a source, got 'usenet'"):
        open_source("usenet", Settings(), hashed=hashed)


def test_credentials_are_secrets() -> None:
    credentials = {"stackexchange_key", "github_token", "reddit_client", "google_play_account", "product_hunt_token"}
    assert credentials <= SECRET


def test_one_name_at_two_sources_is_two_people() -> None:
    assert pseudonyms("github", hashed)("jane") != pseudonyms("reddit", hashed)("jane")
    assert pseudonyms("github", hashed)("") == ""
    assert len(pseudonyms("github", hashed)("jane")) == 16


def test_an_insight_is_masked_and_cut() -> None:
    made = insight(
        source="file",
        ref="1",
        text="I am  jane@example.com. " + "It hurts much. " * 400,
        title="From\njane@example.com",
        tags=["a", "a", "", "b" * 60],
    )
    assert made is not None
    assert made.text.startswith("I am [email]. It hurts")
    assert made.text.endswith("much.")
    assert 3_900 < len(made.text) <= 4_000
    assert (made.title, made.tags) == ("From [email]", ("a", "b" * 40))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x?y=1", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        ("https://a.example/\njavascript:", False),
        ("//a.example", False),
        ("https://a.example/" + "x" * 3_000, False),
    ],
)
def test_only_an_address_of_the_web_is_a_link(url: str, kept: bool) -> None:
    made = insight(source="file", ref="1", text="It hurts", url=url)
    assert made is not None
    assert made.url == (url if kept else "")


def test_a_number_that_the_cut_would_halve_is_masked_before() -> None:
    made = insight(source="file", ref="1", text="x" * 3_990 + " +49 171 1234567")
    assert made is not None
    assert "171" not in made.text


@pytest.mark.parametrize("at", [1_700_000_000_000, 10**400, -1, 0.0, float("nan"), float("inf"), None])
def test_what_is_no_moment_is_none(at: float | None) -> None:
    made = insight(source="hackernews", ref="1", text="It hurts", said_at=at)
    assert made is not None
    assert made.said_at is None


@pytest.mark.parametrize("text", ["", " \n", "...", "\u200b", "—"])
def test_nothing_to_read_is_no_insight(text: str) -> None:
    assert insight(source="file", ref="1", text=text) is None
