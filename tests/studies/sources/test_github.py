"""GitHub's search: 100 a page, 1,000 a search, limits in headers, and forms in the issues."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.studies.sources.fake import Fake, Reply, Request, Time, first_page, in_turn, opened, pseudonym
from vivavoce.errors import InputError, SettingsError
from vivavoce.studies.port import Page
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.github import GitHub

BEGIN = 1_700_000_000


def issue(number: int, at: int, body: str | None = "It hurts", **other: Any) -> dict[str, Any]:
    return {
        "url": f"https://api.github.com/repos/acme/bills/issues/{number}",
        "repository_url": "https://api.github.com/repos/acme/bills",
        "html_url": f"https://github.com/acme/bills/issues/{number}",
        "id": 9_000 + number,
        "node_id": "I_kw",
        "number": number,
        "title": f"Export {number} fails",
        "user": {"login": "jane-doe", "id": 500 + number, "node_id": "MDQ6", "type": "User", "site_admin": False},
        "labels": [{"id": 1, "name": "bug", "color": "d73a4a", "default": True, "description": None}],
        "state": "open",
        "comments": 2,
        "created_at": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "closed_at": None,
        "author_association": "NONE",
        "body": body,
        "reactions": {"total_count": 0},
        "state_reason": None,
        "score": 1.0,
        **other,
    }


class Search:
    def __init__(self, *issues: dict[str, Any]) -> None:
        self.issues = list(issues)

    def __call__(self, request: Request) -> Reply:
        assert request.path == "/search/issues"
        asked = request.query
        assert (asked["sort"], asked["order"]) == ("created", "desc")
        assert " is:issue" in asked["q"]
        found = sorted(self.issues, key=lambda each: each["created_at"], reverse=True)
        bound = re.search(r"created:<=(\S+)", asked["q"])
        if bound is not None:
            found = [each for each in found if each["created_at"] <= bound[1]]
        begin = (int(asked["page"]) - 1) * int(asked["per_page"])
        if begin >= 1_000:
            return Reply({"message": "Only the first 1000 search results are available"}, 422)
        data = {"total_count": len(found), "incomplete_results": False, "items": found[begin : begin + 100]}
        return Reply(data, headers={"x-ratelimit-limit": "10", "x-ratelimit-remaining": "9"})


def source(answer: Any, time: Time | None = None, **kinds: Any) -> AbstractAsyncContextManager[tuple[GitHub, Fake]]:
    return opened(GitHub, answer, time, **kinds)


async def one_page(answer: Any, query: str = "acme/bills") -> Page:
    return await first_page(GitHub, answer, query)


async def test_an_issue() -> None:
    body = "### Describe the bug\r\n<!-- be kind -->\r\nIt **stops**, says @joe.\r\n- [x] I searched\r\n> theirs\r\n"
    async with source(Search(issue(7, BEGIN, body)), token="t0") as (made, fake):
        page = await made.page("acme/bills", None)
    (said,) = page.insights
    assert said.text == "Export 7 fails\n\nIt stops, says [handle]."
    assert (said.source, said.ref, said.group) == ("github", "acme/bills#7", "acme/bills#7")
    assert (said.url, said.said_at) == ("https://github.com/acme/bills/issues/7", float(BEGIN))
    assert (said.title, said.person, said.tags) == ("Export 7 fails", "p-507", ("bug",))
    assert (page.cursor, page.left_out, page.total) == (None, {}, 1)
    assert "jane" not in repr(page)
    request = fake.requests[0]
    assert request.query["q"] == "repo:acme/bills is:issue"
    assert request.headers["authorization"] == "Bearer t0"
    assert request.headers["x-github-api-version"] == "2022-11-28"


async def test_words_go_as_they_are() -> None:
    async with source(Search()) as (made, fake):
        await made.page("repo:acme/bills label:bug export", None)
    assert fake.requests[0].query["q"] == "repo:acme/bills label:bug export is:issue"
    assert "authorization" not in fake.requests[0].headers


@pytest.mark.parametrize("query", ["x is:pr", "x created:>2020-01-01", "sort:updated x"])
async def test_what_we_say_ourselves_cannot_be_said(query: str) -> None:
    with pytest.raises(InputError, match="want a search without"):
        await one_page(Search(), query)


async def test_bots_and_pull_requests_are_left_out() -> None:
    page = await one_page(
        Search(
            issue(1, BEGIN + 9, user={"login": "renovate", "id": 1, "type": "Bot"}),
            issue(2, BEGIN + 8, user={"login": "old[bot]", "id": 2}),
            issue(3, BEGIN + 7, pull_request={"url": "https://api.github.com/x"}),
            issue(4, BEGIN + 6, user=None, body=None),
            issue(5, BEGIN + 5, created_at="yesterday"),
        )
    )
    assert [(said.ref, said.person, said.text) for said in page.insights] == [("acme/bills#4", "", "Export 4 fails")]
    assert page.left_out == {"bot": 2, "empty": 1, "unreadable": 1}


async def test_more_than_one_search_gives() -> None:
    search = Search(*(issue(number, BEGIN + number // 2) for number in range(1_250)))
    cursor: str | None = None
    refs: list[str] = []
    totals = set()
    async with source(search) as (made, _):
        while True:
            page = await made.page("acme/bills", cursor)
            refs += [said.ref for said in page.insights]
            totals.add(page.total)
            search.issues.append(issue(5_000 + len(refs), BEGIN + 90_000))
            cursor = page.cursor
            if cursor is None:
                break
    assert sorted(refs) == sorted(f"acme/bills#{number}" for number in range(1_250))
    assert totals == {1_250}


@pytest.mark.parametrize(
    ("at", "bound"),
    [
        ("0001-01-01T00:00:00+14:00", "created:<=1990-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59-14:00", "created:<=2100-01-01T00:00:00Z"),
    ],
)
async def test_the_ends_of_time_are_no_place_to_go_on_from(at: str, bound: str) -> None:
    data = {"total_count": 200, "incomplete_results": False, "items": [issue(1, BEGIN, created_at=at)]}
    async with source(Reply(data)) as (github, fake):
        page = await github.page("acme/bills", None)
        await github.page("acme/bills", page.cursor)
    assert page.insights[0].said_at is None
    assert bound in fake.requests[-1].query["q"]


async def test_a_search_that_gave_up_is_no_page() -> None:
    gave_up = Reply({"total_count": 50, "incomplete_results": True, "items": [issue(1, BEGIN)]})
    with pytest.raises(SourceError, match="gave up") as raised:
        await one_page(gave_up)
    assert raised.value.kind == "transient"


async def test_a_spent_limit_lets_this_page_through_and_holds_the_next() -> None:
    time = Time()
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.now) + 45)}
    data = {"total_count": 300, "incomplete_results": False, "items": [issue(1, BEGIN)]}
    async with source(Reply(data, headers=spent), time) as (made, fake):
        page = await made.page("acme/bills", None)
        assert (len(page.insights), len(fake.requests)) == (1, 1)
        with pytest.raises(SourceError) as raised:
            await made.page("acme/bills", page.cursor)
    assert (raised.value.kind, raised.value.wait_s, len(fake.requests)) == ("wait", 46, 1)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"message": "You have exceeded a secondary rate limit. Please wait"}, 403), "wait"),
        (Reply({"message": "slow down"}, 403, {"retry-after": "70"}), "wait"),
        (Reply({"message": "Resource not accessible"}, 403), "refused"),
        (Reply(b"<html>", 403), "refused"),
        (Reply({"message": "Bad credentials"}, 401), "refused"),
        (Reply({"message": "Server Error"}, 502), "transient"),
        (Reply({"total_count": 1, "items": []}), "changed"),
    ],
)
async def test_refusals_are_told_apart(reply: Reply, kind: str) -> None:
    with pytest.raises(SourceError) as raised:
        await one_page(reply)
    assert raised.value.kind == kind
    assert raised.value.setting == ("github_token" if kind == "refused" else "")


async def test_a_search_it_refuses_is_ours_to_put_right() -> None:
    with pytest.raises(InputError, match="repositories that are there"):
        await one_page(Reply({"message": "Validation Failed", "errors": []}, 422), "nobody/nothing")


async def test_a_short_wait_is_waited() -> None:
    time = Time()
    nothing = Reply({"total_count": 0, "incomplete_results": False, "items": []})
    async with source(in_turn(Reply({}, 403, {"retry-after": "3"}), nothing), time) as (made, _):
        assert (await made.page("acme/bills", None)).insights == ()
    assert time.pauses == [3]


def test_a_token_goes_encrypted_or_not_at_all() -> None:
    with pytest.raises(SettingsError, match="https where github_token"):
        GitHub(pseudonym=pseudonym, token="t", base_url="http://git.example/api/v3")
