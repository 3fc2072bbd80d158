from __future__ import annotations

import random
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel import duplicates
from vivavoce.panel.duplicates import SHORT, copies, fingerprint, near
from vivavoce.panel.insights import Insight

LATE = "I send the same invoice three times before anybody at the client looks at it, and then they pay late."
TEXT = """invoice client late paper bank tax month reminder bookkeeper export button screen slow lost total sum page
form mail letter stamp desk phone night weekend season holiday machine order supplier shelf stock price margin rent"""
WORDS = TEXT.split()


def said(number: int, text: str, **more: object) -> Insight:
    return Insight(**{"id": f"{number:016x}", "source": "reddit", "ref": str(number), "text": text, **more})  # type: ignore[arg-type]


def sentence(seed: int, words: int = 25) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(words))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Too expensive!", "too  expensive"),
        ("It’s “late”.", "it s late"),
        ("ＬＡＴＥ", "late"),
        ("Straße", "STRASSE"),
        ("!!!", " !!! "),
    ],
)
def test_what_differs_in_nothing_but_dress_has_one_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)
    assert len(fingerprint(one)) == 16


@pytest.mark.parametrize(("one", "other"), [("late", "later"), ("!!!", "???"), ("", "a"), ("5 %", "50 %")])
def test_what_differs_has_another(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    "again",
    [
        LATE.upper(),
        LATE.replace("anybody", "anyone"),
        LATE + " Edit: typo.",
        LATE.replace(",", " -"),
        "Update! " + LATE,
    ],
)
def test_what_is_said_again_is_found(again: str) -> None:
    other = "The export button is hidden behind two menus, so every month my bookkeeper calls me to ask where it went."
    assert near([LATE, other, again]) == [0, 1, 0]


@pytest.mark.parametrize(
    "other",
    [
        "I send the same invoice three times before anybody at the client looks at it. The tool should do that for me, "
        "every week, until somebody there has paid it and says so.",
        LATE[: len(LATE) // 2],
        sentence(1),
        "",
    ],
)
def test_what_only_begins_alike_is_not(other: str) -> None:
    assert near([LATE, other]) == [0, 1]


def test_few_words_are_the_same_only_when_all_are() -> None:
    """One of them turns the meaning."""
    assert near(["I would pay for this today", "I would not pay for this today", "i would pay, for this: today"]) == [
        0,
        1,
        0,
    ]


def test_what_is_named_is_a_first_one() -> None:
    """Each is near to the one before; the last one is not near to the first, and so begins anew."""
    assert near([LATE, f"{LATE} Edit: typo.", f"{LATE} Edit: typo."]) == [0, 0, 0]
    chain = [sentence(3, 40)]
    for number in range(8):
        words = chain[-1].split()
        words[number * 4 : number * 4 + 4] = sentence(100 + number, 4).split()
        chain.append(" ".join(words))
    firsts = near(chain)
    assert firsts[:2] == [0, 0]
    assert len(set(firsts)) > 1
    assert all(firsts[first] == first for first in firsts)


def test_the_earliest_is_the_first_whatever_the_order() -> None:
    given_ = [
        said(3, LATE, said_at=30.0),
        said(1, LATE + " Thanks.", said_at=None),
        said(2, LATE.upper(), said_at=10.0),
        said(4, sentence(9), said_at=1.0),
    ]
    wanted = {given_[0].id: given_[2].id, given_[1].id: given_[2].id}
    assert copies(given_) == wanted
    assert copies(given_[::-1]) == wanted


def test_two_people_who_say_the_same_few_words_are_two() -> None:
    short = [
        said(1, "Too expensive", person="a"),
        said(2, "too expensive!", person="b"),
        said(3, "Too expensive", person="a"),
        said(4, "Too expensive"),
        said(5, "Too expensive"),
        said(6, "Too expensive", person="a", source="github"),
    ]
    assert copies(short) == {short[2].id: short[0].id, short[4].id: short[3].id}
    short.append(said(7, "Too expensive", source="github"))
    assert copies(short)[short[6].id] == short[3].id, "nobody knows that it is somebody else"
    long = [said(number, LATE, person=f"p{number}") for number in range(3)]
    assert copies(long) == {long[1].id: long[0].id, long[2].id: long[0].id}


def test_what_thousands_share_is_not_compared_thousands_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A footer that all posts of a forum carry: they are alike in it, and each differs in what it says."""
    monkeypatch.setattr(duplicates, "MOST_IN_BAND", 4)
    monkeypatch.setattr(duplicates, "MOST_HELD", 3)
    footer = " This was written in the forum for users of the tool; please read the rules before you answer, be kind."
    texts = [sentence(number, 18) + footer for number in range(500)]
    known = duplicates._Known(texts)
    assert [known.nearest(own) for own in range(500)] == list(range(500))
    assert max(len(inside) for band in known._bands for inside in band.values()) == 4
    assert 0 < len(known._runs) <= 3


def test_texts_are_cut_into_chunks_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [sentence(number % 30) + (" again" if number >= 30 else "") for number in range(60)]
    whole = near(texts)
    assert whole == [*range(30), *range(30)]
    monkeypatch.setattr(duplicates, "CHUNK", 7)
    assert near(texts) == whole


SIGNS = st.text(st.characters(codec=None) | st.sampled_from(string.printable + "äß漢字🙂\u200b\ud800"), max_size=120)


@given(st.lists(SIGNS, max_size=12))
def test_whatever_comes_it_has_a_first(texts: list[str]) -> None:
    firsts = near(texts)
    assert len(firsts) == len(texts)
    for at, first in enumerate(firsts):
        assert firsts[first] == first <= at
    assert near(texts) == firsts
    assert all(
        fingerprint(texts[at]) == fingerprint(texts[first])
        for at, first in enumerate(firsts)
        if len(texts[at]) < SHORT // 2
    )


def test_agreement_in_a_band_is_as_likely_as_it_should_be() -> None:
    """The estimate is MinHash's own: at a Jaccard j, bands agree with 1 - (1 - j^4)^16."""
    found = {0.5: 0, 0.8: 0}
    alphabet = np.array(list(string.ascii_lowercase))
    chance = np.random.Generator(np.random.PCG64(1))
    for kept in found:
        for _ in range(200):
            one = "".join(chance.choice(alphabet, 400))
            same = round(396 * 2 * kept / (1 + kept))
            other = one[: same + 4] + "".join(chance.choice(alphabet, 396 - same))
            first, second = duplicates._folded(duplicates._least_of([one, other]))
            found[kept] += any(a == b for a, b in zip(first, second, strict=True))
    assert 200 * 0.64 - 30 < found[0.5] < 200 * 0.64 + 30
    assert found[0.8] >= 198
