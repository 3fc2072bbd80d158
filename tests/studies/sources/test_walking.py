"""Whatever appears, goes or is of one second while somebody turns pages: nothing twice, nothing lost."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vivavoce.errors import InputError
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.walking import Place, cursor_of, place_of, step


class World:
    """A service as they are: newest first, so many a page, no more than so many pages of one search."""

    def __init__(self, items: dict[str, int], per_page: int, pages: int) -> None:
        self.items = items
        self.per_page = per_page
        self.pages = pages

    def page(self, place: Place) -> tuple[list[tuple[str, int]], bool]:
        found = [each for each in self.items.items() if place.until is None or each[1] <= place.until]
        found.sort(key=lambda each: (-each[1], each[0]))
        assert place.page <= self.pages, "behind what the service gives"
        begin = (place.page - 1) * self.per_page
        return found[begin : begin + self.per_page], len(found) > begin + self.per_page


def walk(world: World, changes: list[tuple[dict[str, int], set[str]]]) -> tuple[list[str], int]:
    """Ids in the order they were got, and how many the service would not give."""
    cursor: str | None = None
    got: list[str] = []
    skipped = 0
    while True:
        place = place_of("world", cursor)
        items, more = world.page(place)
        turned = step("world", place, items, more=more, pages=world.pages)
        got += [items[at][0] for at in turned.fresh]
        skipped += turned.skipped
        cursor = cursor_of(turned.next)
        if cursor is None:
            return got, skipped
        new, gone = changes.pop(0) if changes else ({}, set())
        world.items = new | world.items  # what was said then was said then
        for id_ in gone:
            world.items.pop(id_, None)


SECONDS = st.integers(0, 12)


CHANGES = st.lists(
    st.tuples(
        st.dictionaries(st.text("XYZ", min_size=1, max_size=4), SECONDS, max_size=5),
        st.sets(st.text("abcdef", min_size=1, max_size=2), max_size=3),
    ),
    max_size=10,
)


@given(
    items=st.dictionaries(st.text("abcdef", min_size=1, max_size=4), SECONDS, max_size=40),
    changes=CHANGES,
    per_page=st.integers(1, 7),
)
def test_what_stays_is_got_once(
    items: dict[str, int], changes: list[tuple[dict[str, int], set[str]]], per_page: int
) -> None:
    gone = set[str]().union(*(gone for _, gone in changes))
    # within one second only page numbers part them, and deletions shift these
    stays = {id_ for id_, at in items.items() if not gone or list(items.values()).count(at) <= 1} - gone
    got, skipped = walk(World(dict(items), per_page, pages=100), changes)
    assert len(got) == len(set(got)), "twice"
    assert stays <= set(got), "lost"
    assert skipped == 0


def test_a_deletion_in_front_pulls_nothing_past_us() -> None:
    """With page numbers, what stood first on the second page would be on the first by now."""
    items = {f"i{at:02}": 100 - at for at in range(30)}
    got, _ = walk(World(dict(items), 10, pages=3), [({}, {"i00", "i01", "i02"}), ({"new": 200}, set())])
    assert got == sorted(items)


def test_a_second_with_more_than_a_page_is_turned_within() -> None:
    items = {f"i{at:02}": 5 for at in range(25)} | {"old": 4, "new": 6}
    got, skipped = walk(World(items, 10, pages=3), [])
    assert (sorted(got), skipped) == (sorted(items), 0)


def test_a_second_with_more_than_the_service_gives_is_told() -> None:
    items = {f"i{at:02}": 5 for at in range(25)} | {"old": 4}
    got, skipped = walk(World(items, 10, pages=2), [])
    assert (len(got), "old" in got, skipped) == (21, True, 1)


def test_more_than_all_pages_of_one_search() -> None:
    items = {f"i{at:03}": at // 3 for at in range(300)}
    got, skipped = walk(World(items, 10, pages=1), [])
    assert (sorted(got), skipped) == (sorted(items), 0)


def test_a_service_that_ignores_the_time_is_caught() -> None:
    with pytest.raises(SourceError, match="got later ones"):
        step("world", Place(until=10, seen=("a",)), [("b", 11)], more=True, pages=10)


def test_a_service_that_gives_the_same_page_for_ever_is_caught() -> None:
    def turn_for_ever() -> None:
        cursor: str | None = None
        for _ in range(100):
            turned = step("world", place_of("world", cursor), [("a", 900)], more=True, pages=1_000)
            cursor = cursor_of(turned.next)

    with pytest.raises(SourceError, match="nothing new"):
        turn_for_ever()


def test_another_order_is_no_order() -> None:
    with pytest.raises(SourceError, match="got another order"):
        step("world", Place(), [("a", 1), ("b", 2)], more=True, pages=5)


def test_the_claim_of_the_beginning_stays() -> None:
    after = step("world", Place(), [("a", 3)], more=True, pages=5, total=99).next
    assert after == Place(3, ("a",), total=99)
    again = step("world", after, [("a", 3), ("b", 2)], more=True, pages=5, total=50).next
    assert again == Place(2, ("b",), total=99)


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"until": "x"}', "[" * 100_000, "\ud800"])
def test_a_cursor_of_somebody_else(cursor: str) -> None:
    with pytest.raises(InputError, match="want a cursor of world"):
        place_of("world", cursor)
