"""What a model is told of a talk that it does not know."""

from __future__ import annotations

from vivavoce.conversation.said import MAX_UNANSWERED, Said


def exchanges(said: Said, count: int) -> None:
    for number in range(1, 2 * count, 2):
        said.asked(number, f"question {number}")
        said.reply_began(number, "alex")
        said.heard(number + 1, "alex", f"answer {number}")
        said.reply_over(number)


def test_the_newest_turns_are_told() -> None:
    said = Said(4)
    exchanges(said, 5)
    assert [text for _, text in said.told(fresh=True)] == ["question 7", "answer 7", "question 9", "answer 9"]
    assert [text for _, text in said.told(fresh=True, since=9)] == ["answer 9"]


def test_what_waits_for_an_answer_pushes_nothing_out() -> None:
    said = Said(4)
    exchanges(said, 5)
    before = said.told(fresh=True)
    for number in range(11, 11 + 3 * MAX_UNANSWERED):
        said.asked(number, f"line {number}")
    assert said.told(fresh=True) == before
    assert len(said.told(fresh=False)) == 4
    said.reply_began(99, "alex")
    assert len(said.told(fresh=True)) == 4, "once they are answered they are turns like others"


def test_who_says_line_after_line_to_nobody_loses_the_oldest() -> None:
    said = Said(1000)
    for number in range(1, 1 + 3 * MAX_UNANSWERED):
        said.asked(number, f"line {number}")
    assert len(said.told(fresh=False)) == MAX_UNANSWERED


def test_words_that_come_late_stand_where_they_were_said() -> None:
    said = Said(4)
    said.asked(2, "typed")
    said.asked(1, "spoken before")
    said.reply_began(1, "alex")
    assert [text for _, text in said.told(fresh=True)] == ["spoken before", "typed"]


def test_a_reply_that_is_still_to_be_heard_is_told_to_who_does_not_know_it() -> None:
    said = Said(4)
    said.newest = 2
    said.reply_began(1, "alex")
    said.reply_worded(1, " Where were ")
    assert said.told(fresh=True, since=1) == [("alex", "Where were")]
    assert said.told(fresh=True, since=2) == []
    assert said.on_its_way
    said.reply_over(1)
    assert not said.on_its_way
