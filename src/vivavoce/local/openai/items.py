"""The conversation as a client of the OpenAI Realtime protocol sees it: items in order, and ids for them."""

from __future__ import annotations

import secrets
from collections import Counter

import msgspec

from vivavoce.wire.openai.conversation import Item
from vivavoce.wire.openai.refusals import EventRefused

MOST_ITEMS = 1_000
MOST_BYTES = 2_000_000
"""Of all items together, as they go over the wire. Beyond either the oldest goes; what the model remembers is not
touched by it."""
ROOT = "root"


class Ids:
    """Ids of one session: `item_1`, `resp_1` and so on, apart from those of every other session."""

    def __init__(self) -> None:
        self._own = secrets.token_hex(6)
        self._last: Counter[str] = Counter()

    def next(self, kind: str) -> str:
        self._last[kind] += 1
        return f"{kind}_{self._own}{self._last[kind]:06d}"


class Items:
    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._order: list[str] = []
        self._bytes = 0

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Put an item behind another (`root`: at the beginning, None: at the end); the one it now stands behind.

        Raises:
            EventRefused: no such place, or its id is taken.
        """
        assert item.id is not None, "every item gets an id before it is kept"
        if item.id in self._items:
            raise EventRefused(
                f"Error adding item: an item with id '{item.id}' already exists.",
                code="item_id_already_exists",
                param="item.id",
            )
        if after is not None and after != ROOT and after not in self._items:
            raise _not_found(after, "previous_item_id")
        place = len(self._order) if after is None else 0 if after == ROOT else self._order.index(after) + 1
        self._order.insert(place, item.id)
        self._items[item.id] = item
        self._bytes += _size(item)
        before = self._order[place - 1] if place else None
        while len(self._order) > MOST_ITEMS or (self._bytes > MOST_BYTES and len(self._order) > 1):
            self.delete(next(name for name in self._order if name != item.id))
        return before

    def change(self, item: Item) -> str | None:
        """An item as it now stands; the one it stands behind."""
        if item.id not in self._items:
            return None  # deleted while it was being made
        self._bytes += _size(item) - _size(self._items[item.id])
        self._items[item.id] = item
        place = self._order.index(item.id)
        return self._order[place - 1] if place else None

    def find(self, item_id: str, param: str = "item_id") -> Item:
        """Raises EventRefused: there is none with this id."""
        item = self._items.get(item_id)
        if item is None:
            raise _not_found(item_id, param)
        return item

    def delete(self, item_id: str) -> None:
        """Raises EventRefused: there is none with this id."""
        self._bytes -= _size(self.find(item_id))
        del self._items[item_id]
        self._order.remove(item_id)

    def calls(self, call_id: str) -> bool:
        """Whether a call of this id was made."""
        return any(item.type == "function_call" and item.call_id == call_id for item in self._items.values())


def _size(item: Item) -> int:
    return len(msgspec.json.encode(item))


def _not_found(item_id: str, param: str) -> EventRefused:
    return EventRefused(f"Item with item_id '{item_id[:100]}' not found.", code="item_not_found", param=param)
