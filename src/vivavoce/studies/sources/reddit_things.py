"""What Reddit answers with: posts and comments, as things in listings, and what of them nobody says any more."""

from __future__ import annotations

import re

import msgspec

_BOT = re.compile(r"AutoModerator|.*[-_][Bb]ot|.*[a-z0-9]Bot|.*[-_]BOT")
_GONE = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})


class Thing(msgspec.Struct):
    kind: str
    data: msgspec.Raw


class Things(msgspec.Struct):
    children: list[msgspec.Raw]
    after: str | None = None


class Listing(msgspec.Struct):
    data: Things


class Said(msgspec.Struct):
    """What posts and comments have in common. `author` is read for two things only: a pseudonym, and bots."""

    id: str
    author: str | None = None
    author_fullname: str | None = None
    created_utc: float | None = None
    distinguished: str | None = None


class Post(Said):
    title: str = ""
    selftext: str = ""
    is_self: bool = True
    num_comments: int = 0
    subreddit: str = ""


class Comment(Said):
    body: str = ""
    replies: msgspec.Raw = msgspec.Raw(b'""')


class More(msgspec.Struct):
    count: int = 0


class Refusal(msgspec.Struct):
    reason: str = ""


def is_gone(text: str) -> bool:
    """Whether it stands where something was taken away."""
    return text.strip() in _GONE


def is_bot(author: str) -> bool:
    """Whether it calls itself one."""
    return _BOT.fullmatch(author) is not None
