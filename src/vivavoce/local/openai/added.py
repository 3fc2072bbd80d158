"""Items a client adds: what they say, and which are refused."""

from __future__ import annotations

from typing import Any

import msgspec

from vivavoce.wire.openai.conversation import Item
from vivavoce.wire.openai.refusals import invalid, missing, refused

KINDS = ("message", "function_call", "function_call_output")
ROLES = ("user", "assistant", "system")


def check(item: Item) -> None:
    """Raises EventRefused: no item a client may add here."""
    if item.type not in KINDS:
        raise invalid("item.type", item.type, _named(KINDS))
    if item.type == "function_call_output" and not item.call_id:
        raise missing("item.call_id")
    if item.type != "message":
        return
    if item.role is None:
        raise missing("item.role")
    if item.role not in ROLES:
        raise invalid("item.role", item.role, _named(ROLES))
    for index, part in enumerate(item.content or []):
        if part.audio is not None and part.transcript is None:
            raise refused(
                f"item.content[{index}].audio",
                "This server takes sound in items only with its transcript; append it to the input audio buffer.",
            )


def kept(item: Item, item_id: str) -> Item:
    """An item as it is kept and told of: with an id and a status, without sound and pictures."""
    content = item.content
    if content is not None:
        content = [msgspec.structs.replace(part, audio=None, image_url=None) for part in content]
    return msgspec.structs.replace(
        item, id=item_id, object="realtime.item", status=item.status or "completed", content=content
    )


def words_of(item: Item) -> str:
    """Words of a message."""
    return "\n".join(words for part in item.content or [] if (words := part.text or part.transcript))


def pictures_in(item: Item) -> int:
    return sum(part.type == "input_image" for part in item.content or [])


def output_of(item: Item) -> dict[str, Any]:
    """A call's output as a tool answers: the object it is, or its text."""
    text = item.output or ""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        value = text
    return value if isinstance(value, dict) else {"output": value}


def _named(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
