"""Product Hunt's GraphQL: cursors within cursors, errors inside of good answers, and a budget of complexity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.studies.sources.fake import Answering, Fake, Reply, Request, Time, in_turn, pseudonym, service
from vivavoce.errors import InputError, SettingsError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.product_hunt import PER_PAGE, REPLIES, ProductHunt

MOST_COMPLEX = 1_000
"""Of one question, by their own word."""


def connection(*nodes: Any, more: str | None = None, total: int | None = None) -> dict[str, Any]:
    return {
        "totalCount": len(nodes) if total is None else total,
        "pageInfo": {"hasNextPage": more is not None, "endCursor": more or "MQ"},
        "edges": [{"node": node} for node in nodes],
    }


def comment(id_: str, *replies: Any, body: str = "", user: str = "0", folded: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": id_,
        "body": body or f"<p>I cannot import {id_} &amp; others</p>",
        "createdAt": "2024-05-01T10:00:00Z",
        "url": f"https://www.producthunt.com/products/notes?comment={id_}",
        "userId": user,
    }
    return {**found, "replies": connection(*replies, total=len(replies) + folded)} if replies or folded else found


def launch(id_: str, *comments: Any, more: str | None = None, total: int | None = None) -> Reply:
    post = {"id": id_, "name": "Notes", "userId": "77", "comments": connection(*comments, more=more, total=total)}
    return Reply({"data": {"post": post}})


@asynccontextmanager
async def hunt(answer: Answering | Reply, time: Time | None = None) -> AsyncIterator[tuple[ProductHunt, Fake]]:
    time = time or Time()
    async with service(answer) as fake:
        one = ProductHunt(token="tok", pseudonym=pseudonym, base_url=fake.url, clock=time, pause=time.pause)
        try:
            yield one, fake
        finally:
            await one.close()


async def walk(answer: Answering | Reply, query: str = "notes", time: Time | None = None) -> tuple[list[Page], Fake]:
    async with hunt(answer, time) as (one, fake):
        pages = [await one.page(query, None)]
        while (cursor := pages[-1].cursor) is not None:
            pages.append(await one.page(query, cursor))
        return pages, fake


def insights(pages: list[Page]) -> list[Insight]:
    return [insight for page in pages for insight in page.insights]


async def test_comments_of_a_launch_are_read_to_the_end() -> None:
    pages, fake = await walk(
        in_turn(
            launch("1", comment("a", comment("b"), folded=3), more="Mg", total=3), launch("1", comment("c", user="5"))
        )
    )
    assert [one.ref for one in insights(pages)] == ["a", "b", "c"]
    first, _, last = insights(pages)
    assert first.text == "I cannot import a & others"
    assert (first.group, first.title, first.said_at) == ("1", "Notes", 1714557600.0)
    assert first.url == "https://www.producthunt.com/products/notes?comment=a"
    assert (first.person, last.person) == ("", "p-5")
    assert pages[0].left_out == {"folded": 3}
    assert pages[0].total == 3
    asked = [request.json["variables"] for request in fake.requests]
    assert asked == [{"slug": "notes", "after": None}, {"slug": "notes", "after": "Mg"}]
    assert {request.headers["authorization"] for request in fake.requests} == {"Bearer tok"}
    assert {(request.method, request.path) for request in fake.requests} == {("POST", "/v2/api/graphql")}


async def test_of_a_topic_each_launch_is_read() -> None:
    def answer(request: Request) -> Reply:
        asked = request.json["variables"]
        if "topic" in asked:
            if asked["after"]:
                return Reply({"data": {"posts": connection({"id": "3", "commentsCount": 1})}})
            some = [{"id": "1", "commentsCount": 2}, {"id": "2", "commentsCount": 0}, {"id": "9", "commentsCount": 1}]
            return Reply({"data": {"posts": connection(*some, more="MjA")}})
        if asked["id"] == "9":
            return Reply({"data": {"post": None}})
        more = "Mg" if asked["id"] == "1" and not asked["after"] else None
        return launch(asked["id"], comment(f"{asked['id']}{asked['after'] or ''}"), more=more)

    pages, _ = await walk(answer, "topic:invoicing")
    assert [one.ref for one in insights(pages)] == ["1", "1Mg", "3"]
    assert [page.left_out for page in pages if page.left_out] == [{"deleted": 1}]
    assert pages[-1].cursor is None


async def test_advertising_and_the_unreadable_are_left_out() -> None:
    pages, _ = await walk(
        launch(
            "1",
            comment("a", comment("b", user="77"), {"id": 1}, user="77"),
            comment("c", body="<p>🔥🔥🔥</p>"),
            {"id": "d"},
            comment("e", body="<p>Write me: kim@example.org</p><script>x</script>", user="[REDACTED]"),
        )
    )
    assert [(one.text, one.person) for one in insights(pages)] == [("Write me: [email]", "")]
    assert pages[0].left_out == {"maker": 2, "empty": 1, "unreadable": 2}


def test_a_question_costs_less_than_it_may() -> None:
    """By the rule of their library: a field is a point, and a list as many times as are asked for."""
    fields, edge = 5, 2
    reply = REPLIES * (fields + edge) + 1
    assert PER_PAGE * (fields + edge + 1 + reply) + 10 < MOST_COMPLEX


async def test_a_spent_budget_is_waited_for_within_bounds() -> None:
    spent = {"error": "rate_limit_reached", "details": {"limit": 6250, "remaining": -50, "reset_in": 12}}
    time = Time()
    pages, _ = await walk(
        in_turn(Reply({"data": None, "errors": [spent]}, status=429), launch("1", comment("a"))), time=time
    )
    assert len(insights(pages)) == 1
    assert sum(time.pauses) == 12
    spent["details"] = {"reset_in": 850}
    for status in (200, 429):
        with pytest.raises(SourceError) as error:
            await walk(Reply({"data": None, "errors": [spent]}, status=status))
        assert (error.value.kind, error.value.wait_s) == ("wait", 850.0)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"data": None, "errors": [{"error": "invalid_oauth_token"}]}, status=401), "refused"),
        (Reply({"data": None, "errors": [{"error": "invalid_oauth_token"}]}), "refused"),
        (Reply({"data": {"post": {"id": "1", "comments": connection()}}, "errors": [{"message": "x"}]}), "changed"),
        (Reply({"data": None, "errors": [{"message": "Query has complexity of 1126"}]}), "changed"),
        (Reply({"data": {"post": {"id": 1}}}), "changed"),
        (Reply({"data": {}}), "changed"),
        (Reply([]), "changed"),
        (Reply({"data": {"post": {"id": "1", "comments": connection({"id": 1})}}}), "changed"),
        (Reply({"data": {"post": None}}), "gone"),
        (Reply(b"<html>", status=403), "refused"),
    ],
)
async def test_what_it_answers_in_place_of_comments_is_sorted(reply: Reply, kind: str) -> None:
    with pytest.raises(SourceError) as error:
        await walk(reply)
    assert error.value.kind == kind
    assert error.value.setting == ("product_hunt_token" if kind == "refused" else "")
    assert "1126" not in str(error.value)


async def test_pages_that_lead_to_themselves_have_an_end() -> None:
    pages, _ = await walk(launch("1", comment("a"), more="Mg"))
    assert len(pages) == 2
    endless = Reply({"data": {"posts": connection({"id": "1", "commentsCount": 0}, more="MjA")}})
    pages, _ = await walk(endless, "topic:invoicing")
    assert len(pages) == 2


async def test_what_cannot_be_asked_for_is_not_asked() -> None:
    async with hunt(launch("1")) as (one, fake):
        for query in ("", "Two Words", "topic:", "topic:a b", "https://evil.example/posts/x"):
            with pytest.raises(InputError, match="product-hunt: want"):
                await one.page(query, None)
        with pytest.raises(InputError, match="cursor"):
            await one.page("notes", "MjA")
        assert fake.requests == []
        await one.page("https://www.producthunt.com/posts/some-notes?ref=x", None)
        assert fake.requests[0].json["variables"]["slug"] == "some-notes"


def test_a_token_goes_nowhere_unencrypted() -> None:
    with pytest.raises(SettingsError, match="https"):
        ProductHunt(token="tok", pseudonym=pseudonym, base_url="http://proxy.example")
