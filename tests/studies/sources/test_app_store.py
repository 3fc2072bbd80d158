"""The App Store's feed: everything a label, ten pages at most, and empty pages in between that are no end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.studies.sources.fake import Answering, Fake, Reply, Request, Time, pseudonym, service
from vivavoce.errors import InputError
from vivavoce.studies.port import Page
from vivavoce.studies.sources.app_store import AppStore
from vivavoce.studies.sources.errors import SourceError

JAVASCRIPT = {"content-type": "text/javascript; charset=UTF-8"}


def label(text: object) -> dict[str, Any]:
    return {"label": str(text)}


def review(number: int, **more: Any) -> dict[str, Any]:
    return {
        "author": {
            "uri": label(f"https://itunes.apple.com/us/reviews/id{number}"),
            "name": label("Kim Doe"),
            "label": "",
        },
        "updated": label("2024-05-01T03:00:00-07:00"),
        "im:rating": label(2),
        "im:version": label("9.1"),
        "id": label(number),
        "title": label(f"Review {number}"),
        "content": {"label": "It loses my drafts", "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related", "href": "https://itunes.apple.com/us/review?id=1"}},
        "im:voteSum": label(0),
        "im:contentType": {"attributes": {"term": "Application", "label": "Application"}},
        "im:voteCount": label(0),
        **more,
    }


def feed(*entries: Any, last: int | None = 1) -> Reply:
    links = [{"attributes": {"rel": "self", "href": "https://itunes.apple.com/x"}}]
    if last is not None:
        href = f"https://itunes.apple.com/us/rss/customerreviews/page={last}/id=1/sortby=mostrecent/xml?urlDesc=/x"
        links.append({"attributes": {"rel": "last", "href": href}})
    body: dict[str, Any] = {"author": {"name": label("iTunes Store")}, "link": links, "id": label("x")}
    if len(entries) == 1:
        body["entry"] = entries[0]
    elif entries:
        body["entry"] = list(entries)
    return Reply({"feed": body}, headers=JAVASCRIPT)


@asynccontextmanager
async def store(answer: Answering | Reply) -> AsyncIterator[tuple[AppStore, Fake, Time]]:
    time = Time()
    async with service(answer) as fake:
        one = AppStore(pseudonym=pseudonym, base_url=fake.url, clock=time, pause=time.pause)
        try:
            yield one, fake, time
        finally:
            await one.close()


async def walk(answer: Answering | Reply, query: str = "de/123") -> tuple[list[Page], Fake, Time]:
    async with store(answer) as (one, fake, time):
        pages = [await one.page(query, None)]
        while (cursor := pages[-1].cursor) is not None:
            pages.append(await one.page(query, cursor))
        return pages, fake, time


def number_of(request: Request) -> int:
    return int(request.path.partition("page=")[2].partition("/")[0])


async def test_a_review_is_what_its_writer_said_and_not_who_that_is() -> None:
    (page,), fake, _ = await walk(feed(review(7), review(8)))
    one = page.insights[0]
    assert one.text == "Review 7\n\nIt loses my drafts"
    assert (one.source, one.ref, one.rating, one.said_at) == ("app-store", "7", 2.0, 1714557600.0)
    assert (one.group, one.person) == ("de/123", "p-https://itunes.apple.com/us/reviews/id7")
    assert one.url == "https://apps.apple.com/de/app/id123?see-all=reviews"
    assert "Doe" not in str(one)
    assert fake.requests[0].path == "/de/rss/customerreviews/page=1/id=123/sortby=mostrecent/json"


async def test_pages_go_up_to_the_last_one_that_is_named() -> None:
    pages, fake, _ = await walk(lambda request: feed(review(number_of(request)), review(99), last=3))
    assert [page.insights[0].ref for page in pages] == ["1", "2", "3"]
    assert pages[0].total == 150
    assert len(fake.requests) == 3


async def test_there_is_nothing_behind_the_tenth_page() -> None:
    for last in (40, None):
        pages, _, _ = await walk(lambda request, last=last: feed(review(number_of(request)), last=last))  # type: ignore[misc]
        assert len(pages) == 10


async def test_an_empty_page_in_between_is_asked_for_again_and_is_no_end() -> None:
    asked: list[int] = []

    def answer(request: Request) -> Reply:
        asked.append(number_of(request))
        empty = asked[-1] == 2 or (asked[-1] == 3 and asked.count(3) == 1)
        return feed(*([] if empty else [review(asked[-1])]), last=4)

    pages, _, time = await walk(answer)
    assert asked == [1, 2, 2, 3, 3, 4]
    assert [len(page.insights) for page in pages] == [1, 0, 1, 1]
    assert pages[1].left_out == {"empty-page": 1}
    assert len(time.pauses) == 2


async def test_an_app_without_reviews_has_an_end() -> None:
    for last in (None, 1):
        pages, fake, _ = await walk(feed(last=last))
        assert [page.insights for page in pages] == [()]
        assert len(fake.requests) == 1


async def test_an_older_feed_begins_with_the_app_itself() -> None:
    about = {
        "im:name": label("Notes"),
        "id": {"label": "x", "attributes": {}},
        "title": label("Notes - Maker"),
        "rights": {},
    }
    (page,), _, _ = await walk(feed(about, review(7)))
    assert [(one.ref, one.title) for one in page.insights] == [("7", "Notes")]
    assert page.left_out == {}


async def test_a_strange_review_costs_itself_only() -> None:
    strange = [review(1, id={}), review(2, title=3), review(3, content=label("..."), title=label("!"))]
    (page,), _, _ = await walk(
        feed(*strange, review(4, **{"im:rating": label("six")}), review(5, updated=label("now")))
    )
    assert [(one.ref, one.rating, one.said_at) for one in page.insights] == [
        ("4", None, 1714557600.0),
        ("5", 2.0, None),
    ]
    assert page.left_out == {"unreadable": 2, "empty": 1}


@pytest.mark.parametrize("data", [[], {}, {"feed": []}, {"feed": {"entry": "x"}}, {"feed": {"entry": [{"id": 1}]}}])
async def test_another_format_is_told(data: Any) -> None:
    with pytest.raises(SourceError) as error:
        await walk(Reply(data, headers=JAVASCRIPT))
    assert error.value.kind == "changed"


async def test_the_address_of_an_app_will_do_as_well() -> None:
    for query, path in (
        ("https://apps.apple.com/gb/app/some-notes/id42?mt=8", "/gb/rss/customerreviews/page=1/id=42/"),
        ("42", "/us/rss/customerreviews/page=1/id=42/"),
        ("id42", "/us/rss/customerreviews/page=1/id=42/"),
    ):
        _, fake, _ = await walk(feed(review(1)), query)
        assert fake.requests[0].path.startswith(path)
    async with store(feed()) as (one, fake, _):
        for query in ("", "Notes", "gb/", "../1", "https://evil.example/us/app/x/id1"):
            with pytest.raises(InputError, match="app-store: want"):
                await one.page(query, None)
        for cursor in ("", "0", "11", "x", "-1", "²"):
            with pytest.raises(InputError, match="cursor"):
                await one.page("42", cursor)
        assert fake.requests == []
