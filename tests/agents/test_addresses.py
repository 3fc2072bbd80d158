from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents.addresses import email, phone, url


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("dana@acme.com", "dana@acme.com"),
        ("Write to Dana@Acme.com, please.", "dana@acme.com"),
        ("dana at acme dot com", "dana@acme.com"),
        ("dana@acme.com is what I use at work", "dana@acme.com"),
        ("it's dana at acme dot com please", "dana@acme.com"),
        ("d a n a underscore lee at acme dot co dot uk", "dana_lee@acme.co.uk"),
        ("reach me at dana dot lee at acme dash sync dot io", "dana.lee@acme-sync.io"),
        ("dana forty two at acme dot com", "dana42@acme.com"),
        ("dana 42 at acme dot com", "dana42@acme.com"),
    ],
)
def test_email(said: str, address: str) -> None:
    assert email(said) == address


@pytest.mark.parametrize(
    "said",
    [
        "",
        "dana",
        "dana at acme",
        "a@b.com and c@d.com",
        "we met at the acme dot",
        "you should really talk to dana at acme dot com",
    ],
)
def test_no_email_is_guessed(said: str) -> None:
    assert email(said) is None


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("https://acme.com/pricing?x=1", "https://acme.com/pricing?x=1"),
        ("http://ACME.com", "http://acme.com"),
        ("acme.com/pricing.", "https://acme.com/pricing"),
        ("our site is acme dot com slash pricing", "https://acme.com/pricing"),
        ("acme.com:8080", "https://acme.com:8080"),
    ],
)
def test_url(said: str, address: str) -> None:
    assert url(said) == address


@pytest.mark.parametrize(
    "said",
    ["", "acme", "javascript:alert(1)", "javascript://acme.com", "ftp://acme.com", "dana@acme.com", "http://localhost"],
)
def test_no_other_link(said: str) -> None:
    assert url(said) is None


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("+49 30 1234567", "+49301234567"),
        ("plus four nine three oh double five one two three", "+493055123"),
        ("my number is (555) 010-9999", "5550109999"),
        ("triple seven one two", "77712"),
    ],
)
def test_phone(said: str, number: str) -> None:
    assert phone(said) == number


@pytest.mark.parametrize("said", ["", "1234", "1" * 16, "call me on 030 tomorrow 12345", "no phone"])
def test_no_other_phone(said: str) -> None:
    assert phone(said) is None


@given(st.text(max_size=300) | st.text("ab.@-:/ 1", max_size=300))
def test_any_text_will_do(text: str) -> None:
    for read in (email, url, phone):
        assert read(text) is None or isinstance(read(text), str)


def test_a_flood_of_labels_ends_at_once() -> None:
    assert email("a" * 60 + ".a-" * 1000) is None
    assert url("a-" * 2000) is None
