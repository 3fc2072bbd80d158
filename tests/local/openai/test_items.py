"""Items in order, and how many are kept."""

from __future__ import annotations

import pytest

from vivavoce.local.openai.items import MOST_BYTES, MOST_ITEMS, Ids, Items
from vivavoce.wire.openai.conversation import Item, Part
from vivavoce.wire.openai.refusals import EventRefused


def item(item_id: str, text: str = "") -> Item:
    return Item(type="message", id=item_id, role="user", content=[Part(type="input_text", text=text)])


def test_items_stand_where_they_were_put() -> None:
    items = Items()
    assert items.add(item("b")) is None
    assert items.add(item("d")) == "b"
    assert items.add(item("c"), "b") == "b"
    assert items.add(item("a"), "root") is None
    assert items.change(item("c", "said")) == "b"
    assert items.find("c") == item("c", "said")
    items.delete("b")
    assert items.change(item("c")) == "a"
    with pytest.raises(EventRefused):
        items.find("b")
    with pytest.raises(EventRefused):
        items.add(item("a"))
    with pytest.raises(EventRefused):
        items.add(item("z"), "b")


def test_an_item_that_was_deleted_meanwhile_does_not_come_back() -> None:
    items = Items()
    items.add(item("a"))
    items.delete("a")
    assert items.change(item("a", "late")) is None
    with pytest.raises(EventRefused):
        items.find("a")


def test_as_many_items_are_kept_as_there_is_room_for() -> None:
    items = Items()
    for number in range(MOST_ITEMS + 5):
        items.add(item(f"i{number}"))
    items.find("i5")
    with pytest.raises(EventRefused):
        items.find("i4")


def test_long_items_are_kept_only_as_long_as_there_is_room() -> None:
    items = Items()
    for number in range(5):
        items.add(item(f"i{number}", "x" * (MOST_BYTES // 4 - 200)))
    with pytest.raises(EventRefused):
        items.find("i0")
    items.find("i1")
    items.add(item("huge", "x" * (MOST_BYTES * 2)), "root")
    items.find("huge")
    with pytest.raises(EventRefused):
        items.find("i4")
    items.change(item("huge", ""))
    for number in range(5, 9):
        items.add(item(f"i{number}", "x" * (MOST_BYTES // 4 - 200)))
    items.find("i5")


def test_calls_are_known_by_their_id() -> None:
    items = Items()
    items.add(Item(type="function_call", id="i", call_id="call_1", name="look", arguments="{}"))
    assert items.calls("call_1")
    assert not items.calls("i")


def test_ids_of_one_session_are_not_those_of_another() -> None:
    one, other = Ids(), Ids()
    assert one.next("item") != one.next("item")
    assert one.next("resp").startswith("resp_")
    assert one.next("event") != other.next("event")


def test_whatever_an_item_is_long_by_counts() -> None:
    items = Items()
    for number in range(5):
        call = Item(
            type="function_call", id=f"i{number}", call_id="x" * (MOST_BYTES // 5), name="y" * (MOST_BYTES // 5)
        )
        items.add(call)
    with pytest.raises(EventRefused):
        items.find("i0")
    items.find("i4")
