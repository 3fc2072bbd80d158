"""Hacker News: comments, and questions put to everybody, by the search that Algolia runs for it."""

from __future__ import annotations

import asyncio
import time

import msgspec

from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.answers import read_items
from vivavoce.studies.sources.http import Client, Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, insight
from vivavoce.studies.sources.markup import from_html
from vivavoce.studies.sources.walking import cursor_of, place_of, step

NAME = "hackernews"
API_URL = "https://hn.algolia.com"
_PER_PAGE = 200
_WITHIN_REACH = 1_000
"""Items of one search that can be turned to, whatever `nbHits` says."""
_ITEM = "https://news.ycombinator.com/item?id="
_TAKEN_AWAY = frozenset({"[deleted]", "[dead]", "[flagged]"})


class _Hit(msgspec.Struct):
    objectID: str | int
    created_at_i: int
    author: str | None = None
    comment_text: str | None = None
    story_text: str | None = None
    title: str | None = None
    story_title: str | None = None
    story_id: int | None = None


class _Found(msgspec.Struct):
    hits: list[msgspec.Raw]
    nbHits: int


class HackerNews:
    """Stories that are a link or show something are left out: they say what somebody sells, and not what hurts."""

    name = NAME

    def __init__(
        self,
        *,
        pseudonym: Pseudonym,
        base_url: str = API_URL,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._client = Client(NAME, base_url, clock=clock, pause=pause)
        self._pseudonym = pseudonym

    async def page(self, query: str, cursor: str | None) -> Page:
        place = place_of(NAME, cursor)
        params: dict[str, str | int] = {"query": query, "tags": "(comment,ask_hn)", "hitsPerPage": _PER_PAGE}
        if place.until is not None:
            params |= {"numericFilters": f"created_at_i<={place.until}", "page": place.page - 1}
        found = (await self._client.get("/api/v1/search_by_date", params)).read(_Found)
        hits, unreadable = read_items(NAME, found.hits, _Hit)
        turned = step(
            NAME,
            place,
            [(str(hit.objectID), hit.created_at_i) for hit in hits],
            more=found.nbHits > (place.page - 1) * _PER_PAGE + len(found.hits),
            pages=_WITHIN_REACH // _PER_PAGE,
            total=found.nbHits,
        )
        left_out = {"unreadable": unreadable, "deleted": 0, "empty": 0, "out-of-reach": turned.skipped}
        insights: list[Insight] = []
        for hit in (hits[at] for at in turned.fresh):
            text = hit.comment_text or hit.story_text or ""
            if text.strip() in _TAKEN_AWAY:
                left_out["deleted"] += 1
            elif (said := self._insight(hit, text)) is None:
                left_out["empty"] += 1
            else:
                insights.append(said)
        return Page(
            insights=tuple(insights),
            cursor=cursor_of(turned.next),
            left_out={reason: count for reason, count in left_out.items() if count},
            total=place.total if place.until is not None else found.nbHits,
        )

    def _insight(self, hit: _Hit, text: str) -> Insight | None:
        words = from_html(text)
        title = hit.story_title or hit.title or ""
        return insight(
            source=NAME,
            ref=str(hit.objectID),
            # of a question the title is the asker's own; of a comment it is somebody else's
            text=f"{hit.title}\n\n{words}" if words and hit.title and not hit.comment_text else words,
            url=f"{_ITEM}{hit.objectID}",
            said_at=hit.created_at_i,
            group=str(hit.story_id or hit.objectID),
            title=title,
            person=self._pseudonym(hit.author or ""),
        )

    async def close(self) -> None:
        await self._client.close()
