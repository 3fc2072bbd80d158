from __future__ import annotations

import pytest

from vivavoce.panel.reasoner.offer import read


@pytest.mark.parametrize(
    ("text", "costs", "frees", "effort", "eased"),
    [
        ("We chase your clients.", False, False, False, False),
        ("There is a fee for each card.", True, False, False, False),
        ("A contract of two years.", True, False, False, False),
        ("No fees and no contract.", False, True, False, False),
        ("Without a long-term contract.", False, True, False, False),
        ("You never lose a receipt again.", False, True, False, False),
        ("Stop losing receipts.", False, True, False, False),
        ("Tired of losing receipts?", False, False, False, False),
        ("No fees, but you are bound by a contract of two years.", True, False, False, False),
        ("The old editor is no longer there.", True, False, False, False),
        ("Import your ledger by hand.", False, False, True, False),
        ("No set-up, no training.", False, False, False, True),
        ("You don't need to install anything.", False, False, False, True),
        ("Tickets are not refundable.", True, False, False, False),
        ("Shows every fee before you pay.", False, False, False, False),
        ("Drafts a contract from your notes.", False, False, False, False),
        ("Stops outages, without ads.", False, True, False, False),
        ("Adds a fee of 5 %.", True, False, False, False),
        ("What it has booked cannot be undone.", True, False, False, False),
        ("You cannot export anything.", True, False, False, False),
    ],
)
def test_what_a_sentence_does(text: str, costs: bool, frees: bool, effort: bool, eased: bool) -> None:
    (said,) = read(text)
    assert (said.costs, said.frees, said.effort, said.eased) == (costs, frees, effort, eased)


def test_a_sentence_that_is_said_again_is_read_once() -> None:
    assert [said.text for said in read("No fees. It is quick. NO FEES!\n- no fees")] == ["No fees.", "It is quick."]


def test_nothing_is_read_where_nothing_is_said() -> None:
    assert read("") == read(" …\n🔥 !") == ()
