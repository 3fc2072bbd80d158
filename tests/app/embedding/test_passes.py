"""Passes of frames: what they let, and what nobody can make of them."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.app.embedding import passes
from vivavoce.app.origins import Sites
from vivavoce.store.vault import Vault

SITE = "https://acme.example"
SITES = Sites(["acme.example"])
OLD, NEW = Vault.make_key(), Vault.make_key()
VAULT = Vault([OLD])


def test_a_pass_lets_one_agents_visitors_in_for_a_working_day() -> None:
    text = passes.give(VAULT, "ambassador", SITE, 1_000.0)
    shown = passes.read(VAULT, text)
    assert shown == passes.EmbedPass("ambassador", SITE, 1_000.0 + passes.LIFE_S)
    assert shown.holds("ambassador", SITES, 1_000.0 + passes.LIFE_S - 1)
    assert not shown.holds("ambassador", SITES, 1_000.0 + passes.LIFE_S)
    assert not shown.holds("founder", SITES, 1_000.0)


def test_a_site_that_is_listed_no_more_is_out() -> None:
    known = passes.EmbedPass("ambassador", SITE, 10.0)
    unknown = passes.EmbedPass("ambassador", "", 10.0)
    assert known.holds("ambassador", Sites(["*"]), 1.0)
    assert not known.holds("ambassador", Sites(["other.example"]), 1.0)
    assert unknown.holds("ambassador", Sites(["other.example"]), 1.0)
    assert not unknown.holds("ambassador", Sites([]), 1.0)


def test_a_new_key_in_front_lets_old_passes_live() -> None:
    text = passes.give(VAULT, "ambassador", SITE, 1_000.0)
    assert passes.read(Vault([NEW, OLD]), text) is not None
    assert passes.read(Vault([NEW]), text) is None


def test_it_may_stand_in_an_address() -> None:
    for name in ("a", "ambassador", "x" * 64):
        text = passes.give(VAULT, name, "https://" + "a" * 290, 1e9)
        assert set(text) <= set(string.ascii_letters + string.digits + "-_.")
        assert len(text) <= passes.MAX_CHARS


def test_what_was_signed_for_something_else_is_no_pass() -> None:
    body, _, _ = passes.give(VAULT, "ambassador", SITE, 1_000.0).partition(".")
    assert passes.read(VAULT, f"{body}.{VAULT.sign(body.encode())}") is None


@pytest.mark.parametrize("text", ["", ".", "a", "a.b", "é.b", "=.=", "W10.", "x" * 5_000, "\ud800"])
def test_rubbish_is_no_pass(text: str) -> None:
    assert passes.read(VAULT, text) is None


@given(st.data())
def test_whoever_changes_a_letter_has_none(data: st.DataObject) -> None:
    text = passes.give(VAULT, "ambassador", SITE, 1_000.0)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_.=+/"))
    changed = text[:place] + letter + text[place + 1 :]
    shown = passes.read(VAULT, changed)
    # the last letter before the dot has bits that mean nothing
    assert shown is None or shown == passes.read(VAULT, text)
