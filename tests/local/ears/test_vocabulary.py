"""Words of an agent file as the recogniser's help."""

from __future__ import annotations

from vivavoce.local.ears.vocabulary import MOST_WORDS, spoken_words, vocabulary


def test_names_are_taken_apart_and_digits_left_out() -> None:
    assert spoken_words("What's the last_event, HubSpot? 0..10 (per_month)") == (
        "what's",
        "the",
        "last",
        "event",
        "hub",
        "spot",
        "per",
        "month",
    )


def test_a_typographic_apostrophe_is_one() -> None:
    assert spoken_words("I’d rather not") == ("i'd", "rather", "not")


def test_the_words_are_in_the_model_with_their_neighbours() -> None:
    model, words = vocabulary(["reconcile the ledger", "the ledger"])
    assert words == ["reconcile", "the", "ledger"]
    assert "\treconcile the ledger" in model
    assert "\trather not say" in model  # the packaged phrases are there too


def test_an_endless_agent_file_does_not_make_an_endless_model() -> None:
    def name(number: int) -> str:
        return "".join(chr(97 + int(digit)) for digit in str(number))

    _, words = vocabulary(" ".join(name(at) for at in range(start, start + 100)) for start in range(0, 100_000, 100))
    assert len(words) == MOST_WORDS
