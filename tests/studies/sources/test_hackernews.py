"""Hacker News in Algolia's format: newest first, at most 1,000 of a search, and HTML in the comments."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.studies.sources.fake import Fake, Reply, Request, Time, first_page, in_turn, opened, pseudonym, service
from vivavoce.errors import InputError
from vivavoce.studies.port import Page
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.hackernews import HackerNews


def comment(id_: int, at: int, text: str | None = "It hurts", **other: Any) -> dict[str, Any]:
    """As the search gives it, with what it has besides."""
    return {
        "_highlightResult": {"author": {"matchLevel": "none", "matchedWords": [], "value": f"user{id_}"}},
        "_tags": ["comment", f"author_user{id_}", "story_77"],
        "author": f"user{id_}",
        "comment_text": text,
        "created_at": "2023-11-14T22:13:20Z",
        "created_at_i": at,
        "objectID": str(id_),
        "parent_id": 78,
        "story_id": 77,
        "story_title": "Ask HN: How do you invoice?",
        "story_url": None,
        "updated_at": "2024-09-20T15:31:15Z",
        **other,
    }


def ask(id_: int, at: int, title: str, text: str) -> dict[str, Any]:
    return {
        "_tags": ["story", f"author_user{id_}", f"story_{id_}", "ask_hn"],
        "author": f"user{id_}",
        "children": [1, 2],
        "created_at_i": at,
        "num_comments": 2,
        "objectID": str(id_),
        "points": 5,
        "story_id": id_,
        "story_text": text,
        "title": title,
    }


async def test_a_moment_that_no_number_holds_costs_itself_only() -> None:
    async with service(Reply({"hits": [comment(1, 1_700_000_000_000)], "nbHits": 1})) as fake:
        source = HackerNews(pseudonym=pseudonym, base_url=fake.url)
        (one,) = (await source.page("invoices", None)).insights
        await source.close()
    assert one.said_at is None


class Search:
    """The service: filters, orders and turns pages as Algolia does."""

    def __init__(self, *hits: dict[str, Any], within_reach: int = 1_000) -> None:
        self.hits = list(hits)
        self.within_reach = within_reach

    def __call__(self, request: Request) -> Reply:
        assert request.path == "/api/v1/search_by_date"
        assert request.query["tags"] == "(comment,ask_hn)"
        hits = sorted(self.hits, key=lambda hit: -hit["created_at_i"])
        if "numericFilters" in request.query:
            bound = re.fullmatch(r"created_at_i<=(\d+)", request.query["numericFilters"])
            assert bound is not None
            hits = [hit for hit in hits if hit["created_at_i"] <= int(bound[1])]
        per_page, page = int(request.query["hitsPerPage"]), int(request.query.get("page", 0))
        reachable = hits[: self.within_reach]
        return Reply(
            {
                "exhaustive": {"nbHits": True, "typo": True},
                "hits": reachable[page * per_page : (page + 1) * per_page],
                "hitsPerPage": per_page,
                "nbHits": len(hits),
                "nbPages": -(-len(reachable) // per_page),
                "page": page,
                "params": "query=invoices",
                "query": request.query["query"],
            }
        )


def source(answer: Any, time: Time | None = None, **kinds: Any) -> AbstractAsyncContextManager[tuple[HackerNews, Fake]]:
    return opened(HackerNews, answer, time, **kinds)


async def one_page(answer: Any) -> Page:
    return await first_page(HackerNews, answer, "invoices")


async def test_a_comment() -> None:
    text = "I&#x27;d <i>pay</i> for it. Mail me: jane@example.com<p>&gt; what they said<p>It takes hours."
    page = await one_page(Search(comment(101, 1_700_000_000, text)))
    (said,) = page.insights
    assert said.text == "I'd pay for it. Mail me: [email]\n\nIt takes hours."
    assert (said.source, said.ref, said.said_at) == ("hackernews", "101", 1_700_000_000.0)
    assert said.url == "https://news.ycombinator.com/item?id=101"
    assert (said.group, said.title, said.lang) == ("77", "Ask HN: How do you invoice?", "en")
    assert said.person == "p-user101"
    assert (page.cursor, page.left_out, page.total) == (None, {}, 1)


async def test_a_question_is_asked_in_its_title_too() -> None:
    (said,) = (await one_page(Search(ask(5, 9, "Ask HN: Who likes invoices?", "<p>I do not.")))).insights
    assert said.text == "Ask HN: Who likes invoices?\n\nI do not."
    assert (said.group, said.title) == ("5", "Ask HN: Who likes invoices?")


async def test_what_is_no_insight_is_counted() -> None:
    page = await one_page(
        Search(
            comment(1, 9, "[deleted]"),
            comment(2, 8, "<p>&gt; only a quotation"),
            comment(3, 7, None),
            comment(4, 6, "...", author=None),
            comment(5, 6, author={"name": "somebody"}),
            comment(6, 5, "Good", author=None, story_title=None, story_id=None),
        )
    )
    assert [said.ref for said in page.insights] == ["6"]
    assert (page.insights[0].person, page.insights[0].group) == ("", "6")
    assert page.left_out == {"deleted": 1, "empty": 3, "unreadable": 1}


async def collected(made: HackerNews, between: Any = None) -> list[Page]:
    pages: list[Page] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        pages.append(await made.page("invoices", cursor))
        cursor = pages[-1].cursor
        if between is not None:
            between(len(pages))
    return pages


async def test_pages_that_shift_lose_and_repeat_nothing() -> None:
    search = Search(*(comment(id_, 10_000 + id_ // 3, f"No {id_}.") for id_ in range(1_450)))

    def between(turned: int) -> None:
        search.hits.append(comment(9_000 + turned, 50_000 + turned))
        search.hits = [hit for hit in search.hits if hit["objectID"] != str(1_449 - turned)]  # already got

    async with source(search) as (made, fake):
        pages = await collected(made, between)
    refs = [said.ref for page in pages for said in page.insights]
    assert sorted(refs, key=int) == [str(id_) for id_ in range(1_450)]
    assert {page.total for page in pages} == {1_450}
    assert all("page" not in request.query or request.query["page"] == "0" for request in fake.requests)


async def test_another_process_goes_on_where_one_was() -> None:
    search = Search(*(comment(id_, 10_000 + id_, f"No {id_}.") for id_ in range(450)))
    cursor: str | None = None
    refs: list[str] = []
    while True:
        async with source(search) as (made, _):  # everything anew but the cursor
            page = await made.page("invoices", cursor)
        refs += [said.ref for said in page.insights]
        cursor = page.cursor
        if cursor is None:
            break
    assert len(refs) == len(set(refs)) == 450


async def test_more_in_one_second_than_can_be_reached_is_told() -> None:
    search = Search(*(comment(id_, 10_000, f"No {id_}.") for id_ in range(1_100)), comment(5_000, 9_000, "Old."))
    async with source(search) as (made, _):
        pages = await collected(made)
    refs = [said.ref for page in pages for said in page.insights]
    assert (len(refs), refs[-1]) == (1_001, "5000")
    assert sum(page.left_out.get("out-of-reach", 0) for page in pages) == 1


@pytest.mark.parametrize(
    "data",
    [[], {"hits": []}, {"hits": {}, "nbHits": 0}, {"hits": [], "nbHits": "many"}, {"hits": [{"id": 1}], "nbHits": 1}],
)
async def test_another_format_is_told(data: Any) -> None:
    with pytest.raises(SourceError, match="hackernews has changed") as raised:
        await one_page(Reply(data))
    assert raised.value.kind == "changed"


async def test_nothing_found() -> None:
    page = await one_page(Reply({"hits": [], "nbHits": 0}))
    assert (page.insights, page.cursor, page.total) == ((), None, 0)


async def test_hits_that_do_not_come_although_they_are_counted() -> None:
    assert (await one_page(Reply({"hits": [], "nbHits": 10**9}))).cursor is None


async def test_it_is_waited_for() -> None:
    time = Time()
    found = {"hits": [comment(1, 9)], "nbHits": 1}
    async with source(in_turn(Reply({}, 429, {"retry-after": "5"}), Reply(found)), time) as (made, _):
        assert len((await made.page("invoices", None)).insights) == 1
    assert time.pauses == [5]


async def test_a_cursor_of_somebody_else() -> None:
    async with source(Search()) as (made, fake):
        with pytest.raises(InputError, match="want a cursor of hackernews"):
            await made.page("invoices", "page=2")
    assert fake.requests == []
