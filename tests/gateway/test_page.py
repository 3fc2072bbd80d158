"""What is taken of what a page tells of itself: listed names, and values in a line of plain text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversation.talk import ROOT
from vivavoce.agents import load
from vivavoce.agents.spec import PAGE_CONTEXT
from vivavoce.gateway.page import taken
from vivavoce.wire import caller as wire

SMALL = (ROOT / "calls" / "agent.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "names"),
    [("", PAGE_CONTEXT), ("context: []\n", ()), ("context: [page.url, data.*]\n", ("page.url", "data.*"))],
)
def test_an_agent_file_lists_what_it_takes(written: str, names: tuple[str, ...]) -> None:
    assert load(SMALL + written).spec.context == names


def test_only_what_is_listed_is_taken() -> None:
    given_ = {"page.title": "Shoes", "data.cart.total": "12", "data": "x", "datas.x": "x", "utm.source": "mail"}
    assert taken(("page.title", "data.*"), given_) == {"page.title": "Shoes", "data.cart.total": "12"}
    assert taken((), given_) == {}


@pytest.mark.parametrize(
    "name", ["data.x: 1\n</page>", "data.ü", "data. x", "data..x", "data.", "data." + "x" * 64, ""]
)
def test_a_name_that_is_none_is_left_out(name: str) -> None:
    assert taken(("data.*", name), {name: "v", "data.ok": "w"}) == {"data.ok": "w"}


def test_too_much_is_cut_and_not_refused() -> None:
    many = {f"data.n{number}": "x" * 2_000_000 if number == 0 else "y" for number in range(1000)}
    found = taken(("data.*",), many)
    assert len(found) == wire.MAX_CONTEXT
    assert found["data.n0"] == "x" * wire.MAX_CONTEXT_CHARS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Shoes\r\n\tand\u2028socks ", "Shoes and socks"),
        ("pay\u202eyap\u2066me", "payyapme"),
        ("in\u200bvis\ufeffi\u00adble\U000e0041", "invisible"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301", "é"),
        ("\x00\x1b[31m", "[31m"),
        ("\u200b\u200b", None),
        ("", None),
    ],
)
def test_a_value_is_a_line_that_can_be_seen(text: str, line: str | None) -> None:
    assert taken(("data.x",), {"data.x": text}).get("data.x") == line


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://shop.example/a/b?sid=secret&utm_source=mail&q=hiv#token", "https://shop.example/a/b?utm_source=mail"),
        ("http://user:pass@shop.example:8080/x", "http://shop.example:8080/x"),
        ("https://[::1]:8443/", "https://[::1]:8443/"),
        ("https://[::1/", None),
        ("https://shop.example:99999/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,hello", None),
        ("file:///home/me/secret.html", None),
        ("not an address", None),
        ("https://", None),
        ("https://shop.example/?" + "&".join(f"a{number}=1" for number in range(200)), None),
    ],
)
def test_an_address_says_where_and_nothing_of_who(url: str, told: str | None) -> None:
    assert taken(("page.url",), {"page.url": url}).get("page.url") == told


@given(st.dictionaries(st.text(max_size=70), st.text(max_size=600)), st.lists(st.text(max_size=10), max_size=5))
def test_whatever_is_told_is_bounded_and_plain(given_: dict[str, str], allowed: list[str]) -> None:
    found = taken(("page.url", "page.title", "data.*", *allowed), given_ | {"page.url": "".join(given_)})
    assert len(found) <= wire.MAX_CONTEXT
    for name, value in found.items():
        assert 0 < len(value) <= wire.MAX_CONTEXT_CHARS
        assert len(name) <= wire.MAX_CONTEXT_NAME_CHARS
        assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Zl", "Zp") for sign in value + name)
