from __future__ import annotations

import pytest

from vivavoce.local.minds.mood import Mood, cleaned, is_correction, mood_of


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I'd rather not say.", Mood.REFUSED),
        ("we are not allowed to share that", Mood.REFUSED),
        ("can we skip this one", Mood.REFUSED),
        ("they skip breakfast and pass the invoices on to the owner", Mood.ANSWER),
        ("hold on a second", Mood.WAIT),
        ("wait", Mood.WAIT),
        ("clients wait three weeks for their money and then they call us every day", Mood.ANSWER),
        ("That's all, thank you.", Mood.BYE),
        ("goodbye", Mood.BYE),
        ("they stop paying after a month", Mood.ANSWER),
        ("what?", Mood.REPEAT),
        ("what do you mean", Mood.REPEAT),
        ("sorry I did not understand the question", Mood.REPEAT),
        ("what they do is copy it by hand", Mood.ANSWER),
        ("how many do you need", Mood.ASKED_BACK),
        ("is it nine or ten", Mood.ANSWER),
        ("I have no idea", Mood.UNKNOWING),
        ("hello my name is dana", Mood.GREETING),
        ("are you still there", Mood.THERE),
        ("am I talking to a robot", Mood.MACHINE),
        ("can I talk to a real person", Mood.PERSON),
        ("by the way we have twelve customers", Mood.ASIDE),
        ("small accounting companies in texas", Mood.ANSWER),
        ("", Mood.ANSWER),
    ],
)
def test_mood(text: str, mood: Mood) -> None:
    assert mood_of(text) is mood


@pytest.mark.parametrize("text", ["actually, it is nine", "no, it's nine", "Sorry, I meant nine", "make that nine"])
def test_corrections(text: str) -> None:
    assert is_correction(text)


def test_what_stands_before_an_answer_is_no_part_of_it() -> None:
    assert cleaned("well, um, I think small firms") == "small firms"
    assert cleaned("no competitors") == "no competitors"
