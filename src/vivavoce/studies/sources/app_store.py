"""App Store: the newest customer reviews of an app in one country, from Apple's public feed.

The feed holds 500 reviews at most, in ten pages of fifty. Now and then it gives an empty page in between, which is no
end: it is asked for again, then counted, and the next one is read.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.answers import read_items
from vivavoce.studies.sources.columns import moment, stars
from vivavoce.studies.sources.http import Client, Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, insight

API_URL = "https://itunes.apple.com"
PAGES, PER_PAGE = 10, 50
"""What the feed gives; behind the tenth page it answers with an error."""
AGAIN_S = 2.0
"""Before an empty page is asked for once more. Not tuned."""
_QUERY = re.compile(r"(?:(?P<country>[a-z]{2})/)?(?:id)?(?P<app>[0-9]{1,15})")
_URL = re.compile(r"https://(?:apps|itunes)\.apple\.com/(?P<country>[a-z]{2})/app/(?:[^/?#]+/)?id(?P<app>[0-9]{1,15})")
_PAGE = re.compile(r"/page=([0-9]{1,3})/")


class _Label(msgspec.Struct):
    label: str


class _Author(msgspec.Struct):
    """Read for a pseudonym only: the address has a number of the reviewer in it."""

    uri: _Label | None = None


class _Entry(msgspec.Struct, rename={"rating": "im:rating", "app": "im:name"}):
    """A review; older feeds begin with an entry about the app, which has a name and no rating."""

    id: _Label
    title: _Label
    content: _Label | None = None
    rating: _Label | None = None
    app: _Label | None = None
    updated: _Label | None = None
    author: _Author = msgspec.field(default_factory=_Author)


class _Attributes(msgspec.Struct):
    rel: str = ""
    href: str = ""


class _Link(msgspec.Struct):
    attributes: _Attributes


class _Feed(msgspec.Struct):
    entry: msgspec.Raw = msgspec.Raw(b"[]")
    """A list; of a single review that review itself, and nothing at all where there is none."""
    link: msgspec.Raw = msgspec.Raw(b"[]")


class _Answer(msgspec.Struct):
    feed: _Feed


class AppStore:
    name = "app-store"

    def __init__(
        self,
        *,
        pseudonym: Pseudonym,
        base_url: str = API_URL,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._client = Client(self.name, base_url, clock=clock, pause=pause)
        self._pseudonym = pseudonym
        self._pause = pause

    async def page(self, query: str, cursor: str | None) -> Page:
        """
        Args:
            query: `COUNTRY/ID` such as `us/284882215`, an id alone (of the US), or the address of the app's page.
        """
        country, app = _parsed(query)
        number = _read_cursor(cursor)
        path = f"/{country}/rss/customerreviews/page={number}/id={app}/sortby=mostrecent/json"
        feed = (await self._client.get(path)).read(_Answer).feed
        last = self._last(feed)
        if not _listed(feed.entry) and number < last:
            await self._pause(AGAIN_S)
            feed = (await self._client.get(path)).read(_Answer).feed
        items = _listed(feed.entry)
        entries, unreadable = read_items(self.name, items, _Entry)
        left_out: Counter[str] = Counter(unreadable=unreadable)
        if not items and number < last:
            left_out["empty-page"] += 1
        title = next((entry.app.label for entry in entries if entry.app is not None), "")
        found = []
        for entry in entries:
            if entry.rating is None:
                continue
            made = self._made(entry, country, app, title)
            if made is None:
                left_out["empty"] += 1
            else:
                found.append(made)
        return Page(
            insights=tuple(found),
            cursor=str(number + 1) if number < last else None,
            left_out=dict(+left_out),
            total=last * PER_PAGE,
        )

    async def close(self) -> None:
        await self._client.close()

    def _last(self, feed: _Feed) -> int:
        """The number of the last page. The feed names it in a link; without one, an empty page is the last."""
        links, _ = read_items(self.name, _listed(feed.link), _Link)
        href = next((link.attributes.href for link in links if link.attributes.rel == "last"), "")
        if (named := _PAGE.search(href)) is not None:
            return min(int(named[1]), PAGES)
        return PAGES if _listed(feed.entry) else 0

    def _made(self, entry: _Entry, country: str, app: str, title: str) -> Insight | None:
        return insight(
            source=self.name,
            ref=entry.id.label,
            text=f"{entry.title.label}\n\n{_label(entry.content)}",
            url=f"https://apps.apple.com/{country}/app/id{app}?see-all=reviews",
            said_at=moment(_label(entry.updated)),
            group=f"{country}/{app}",
            title=title,
            rating=stars(_label(entry.rating)),
            person=self._pseudonym(_label(entry.author.uri)),
        )


def _label(field: _Label | None) -> str:
    return field.label if field is not None else ""


def _listed(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The items of a list, or the one thing in its place."""
    if bytes(raw).startswith(b"["):
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    return [raw]


def _parsed(query: str) -> tuple[str, str]:
    text = query.strip()
    parts = _QUERY.fullmatch(text) or _URL.match(text)
    if parts is None:
        raise InputError(
            "app-store: want COUNTRY/ID such as us/284882215, or the address of an app, got something else"
        )
    return parts["country"] or "us", parts["app"]


def _read_cursor(cursor: str | None) -> int:
    if cursor is None:
        return 1
    if not (cursor.isascii() and cursor.isdigit() and 1 <= int(cursor[:4]) <= PAGES):
        raise InputError("app-store: want a cursor as it was given, got another")
    return int(cursor)
