from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from vivavoce.studies.sources.columns import MEANINGS, listed, meanings, moment, said, stars


def test_columns_are_known_by_the_names_that_exports_give_them() -> None:
    play = ("Package Name", "Reviewer Language", "Review Submit Millis Since Epoch", "Star Rating", "Review Title",
            "Review Text", "Review Link")  # fmt: skip
    assert meanings(play) == {
        "text": "Review Text",
        "headline": "Review Title",
        "said_at": "Review Submit Millis Since Epoch",
        "rating": "Star Rating",
        "url": "Review Link",
        "group": "Package Name",
        "lang": "Reviewer Language",
    }
    assert meanings(("E-Mail", "Comment", "comment", "Phone")) == {"text": "Comment", "person": "E-Mail"}


def test_the_better_name_wins_wherever_it_stands() -> None:
    assert meanings(("description", "text"))["text"] == "text"
    assert meanings(("name", "user_id"))["person"] == "user_id"


def test_no_column_means_two_things() -> None:
    every = [name for names in MEANINGS.values() for name in names]
    assert len(every) == len(set(every))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine nine hours from UTC."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-01T10:00:00Z", 1714557600.0),
        ("2024-05-01T12:00:00+02:00", 1714557600.0),
        ("2024-05-01 10:00:00", 1714557600.0),
        ("2024-05-01", 1714521600.0),
        ("Wed, 01 May 2024 10:00:00 +0000", 1714557600.0),
        ("1714557600", 1714557600.0),
        (1714557600000, 1714557600.0),
        ("1714557600.25", 1714557600.25),
        ("03/04/2020", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (True, None),
        ("nan", None),
        ("inf", None),
        ("1e300", None),
        ("12", None),
        ("9999-12-31T23:59:59-23:00", None),
    ],
)
def test_a_moment_is_read_or_it_is_not_known(elsewhere: None, value: object, expected: float | None) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("4", 4.0), (4.5, 4.5), ("0", None), ("10", None), ("five", None), ("nan", None)]
)
def test_a_rating_on_another_scale_is_none(value: object, expected: float | None) -> None:
    assert stars(value) == expected


def test_cells_hold_words_or_nothing() -> None:
    assert [said(value) for value in (" a ", 3, 1.5, True, None, ["a"], {"a": 1})] == ["a", "3", "1.5", "", "", "", ""]
    assert listed("slow; dear ;slow;") == ("slow", "dear")
    assert listed(["slow", 3, None, {"a": 1}]) == ("slow", "3")
    assert listed("one, two") == ("one", "two")
    assert listed(None) == ()
