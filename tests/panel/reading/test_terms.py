"""Terms are found as whole words, the longest first, each owner's for itself."""

from __future__ import annotations

import pytest

from vivavoce.panel.reading.terms import Term, Terms


def found(terms: dict[str, list[str]], text: str) -> list[str]:
    index = Terms(Term(owner, term, 1.0) for owner, some in terms.items() for term in some)
    return [f"{each.term.owner}:{each.term.text}@{each.at}" for each in index.find(text.split())]


@pytest.mark.parametrize(
    ("terms", "text", "expected"),
    [
        (["card"], "cards card discard", ["a:card@1"]),
        (["card*"], "cards card discard", ["a:card*@0", "a:card*@1"]),
        (["credit card*", "card*", "credit"], "my credit cards", ["a:credit card*@1"]),
        (["credit card*", "credit"], "my credit", ["a:credit@1"]),
        (["credit* card*"], "crediting cards", ["a:credit* card*@0"]),
        (["to do list"], "a to do", []),
        (["in*", "invoic*"], "invoices", ["a:invoic*@0"]),
        (["a b", "b c"], "a b c", ["a:a b@0"]),
        (["no"], "", []),
    ],
)
def test_terms(terms: list[str], text: str, expected: list[str]) -> None:
    assert found({"a": terms}, text) == expected


def test_owners_do_not_know_of_each_other() -> None:
    assert found({"a": ["menu bar"], "b": ["menu"]}, "the menu bar") == ["a:menu bar@1", "b:menu@1"]
    assert found({"a": ["menu bar"], "b": ["the", "bar"]}, "the menu bar") == ["b:the@0", "a:menu bar@1", "b:bar@2"]


def test_a_term_that_would_be_any_word_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="any word"):
        Terms([Term("a", "i*", 1.0)])
