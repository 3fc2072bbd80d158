"""The table of the link: what it leaves out, and what it must not."""

from __future__ import annotations

from vivavoce.conversation.link import NEXT, Cue, Link, diagram


def test_nothing_leads_out_of_a_link_that_was_given_up() -> None:
    assert not [cue for state, cue in NEXT if state is Link.GIVEN_UP]


def test_every_state_can_be_reached() -> None:
    assert set(NEXT.values()) | {Link.NONE} == set(Link)


def test_a_link_opens_only_where_one_is_being_opened() -> None:
    opening = {state for state, cue in NEXT if cue is Cue.OPENED}
    assert opening == {Link.DIALLING, Link.WAITING, Link.CUT_OFF}


def test_whatever_a_close_comes_to_has_an_answer_wherever_there_is_a_link_to_lose() -> None:
    closes = {Cue.LOST, Cue.SPENT, Cue.BUSY, Cue.REFUSED, Cue.OVER}
    for state in (Link.DIALLING, Link.UP, Link.WAITING, Link.CUT_OFF):
        assert all((state, cue) in NEXT for cue in closes)


def test_the_diagram_has_a_line_for_every_row() -> None:
    lines = diagram().splitlines()
    assert len(lines) == len(NEXT) + 2
    assert "    up --> cut_off: it is lost, and no try is left" in lines
