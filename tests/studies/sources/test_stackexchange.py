"""Stack Exchange as it answers: always in gzip, errors in the body with status 400, and `backoff` in good answers."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.studies.sources.fake import Fake, Reply, Request, Time, first_page, in_turn, opened, pseudonym
from vivavoce.errors import InputError, SettingsError
from vivavoce.studies.port import Page
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.stackexchange import StackExchange


def question(id_: int, at: int, body: str = "<p>It hurts</p>", **other: Any) -> dict[str, Any]:
    return {
        "tags": ["invoicing", "pdf"],
        "owner": {
            "account_id": 1,
            "reputation": 101,
            "user_id": 40 + id_,
            "user_type": "registered",
            "profile_image": "https://i.example/a.png",
            "display_name": "Jane Doe",
            "link": "https://softwarerecs.stackexchange.com/users/41/jane-doe",
        },
        "is_answered": False,
        "view_count": 12,
        "answer_count": 0,
        "score": 3,
        "last_activity_date": at + 50,
        "creation_date": at,
        "question_id": id_,
        "content_license": "CC BY-SA 4.0",
        "link": f"https://softwarerecs.stackexchange.com/questions/{id_}/can-i",
        "title": f"Can&#39;t I &quot;send&quot; {id_}?",
        "body": body,
        **other,
    }


def wrapped(items: list[dict[str, Any]], has_more: bool = False, **other: Any) -> Reply:
    return Reply({"items": items, "has_more": has_more, "quota_max": 300, "quota_remaining": 299, **other}, packed=True)


def error(id_: int, name: str, message: str) -> Reply:
    return Reply({"error_id": id_, "error_message": message, "error_name": name}, 400, packed=True)


class Site:
    def __init__(self, *questions: dict[str, Any]) -> None:
        self.questions = list(questions)

    def __call__(self, request: Request) -> Reply:
        assert request.path == "/2.3/search/advanced"
        asked = request.query
        assert (asked["sort"], asked["order"], asked["filter"]) == ("creation", "desc", "withbody")
        found = sorted(self.questions, key=lambda each: -each["creation_date"])
        if "todate" in asked:
            found = [each for each in found if each["creation_date"] <= int(asked["todate"])]
        page, per_page = int(asked["page"]), int(asked["pagesize"])
        if page > 25:
            return error(403, "access_denied", "page above 25 requires access token or app key")
        begin = (page - 1) * per_page
        return wrapped(found[begin : begin + per_page], len(found) > begin + per_page)


def source(
    answer: Any, time: Time | None = None, **kinds: Any
) -> AbstractAsyncContextManager[tuple[StackExchange, Fake]]:
    return opened(StackExchange, answer, time, **kinds)


async def one_page(answer: Any, query: str = "invoices") -> Page:
    return await first_page(StackExchange, answer, query)


async def test_a_question() -> None:
    body = "<p>I want <b>one</b>.</p>\n<pre><code>x = 1</code></pre>\n<blockquote><p>No.</p></blockquote><p>How?</p>"
    async with source(Site(question(7, 1_700_000_000, body))) as (made, fake):
        page = await made.page("softwarerecs/[pdf] invoices", None)
    (said,) = page.insights
    assert said.text == 'Can\'t I "send" 7?\n\nI want one.\n\n[code]\n\nHow?'
    assert (said.source, said.ref, said.group) == ("stackexchange", "softwarerecs/7", "softwarerecs/7")
    assert said.url == "https://softwarerecs.stackexchange.com/questions/7/can-i"
    assert (said.title, said.person) == ('Can\'t I "send" 7?', "p-softwarerecs/47")
    assert (said.tags, said.licence, said.said_at) == (("invoicing", "pdf"), "CC BY-SA 4.0", 1_700_000_000.0)
    assert (page.cursor, page.left_out) == (None, {})
    assert "Jane" not in repr(page)
    assert (fake.requests[0].query["site"], fake.requests[0].query["q"]) == ("softwarerecs", "[pdf] invoices")
    assert "key" not in fake.requests[0].query


async def test_without_a_site_it_is_stack_overflow_and_a_key_goes_along() -> None:
    async with source(Site(), key="k(") as (made, fake):
        await made.page("invoices", None)
    assert (fake.requests[0].query["site"], fake.requests[0].query["key"]) == ("stackoverflow", "k(")


async def test_only_a_site_is_no_search() -> None:
    with pytest.raises(InputError, match="got a site and no words"):
        await one_page(Site(), "softwarerecs/")


async def test_people_without_an_account() -> None:
    page = await one_page(
        Site(
            question(1, 9, owner={"user_type": "does_not_exist", "display_name": "user123"}),
            question(2, 8, owner={"user_type": "does_not_exist"}),
            question(3, 7, owner=None),
        )
    )
    assert [said.person for said in page.insights] == ["p-stackoverflow/user123", "", ""]


async def test_all_pages_and_none_twice() -> None:
    site = Site(*(question(id_, 10_000 + id_ // 2) for id_ in range(330)))
    cursor: str | None = None
    refs: list[str] = []
    async with source(site) as (made, _):
        while True:
            page = await made.page("invoices", cursor)
            refs += [said.ref for said in page.insights]
            site.questions.append(question(1_000 + len(refs), 90_000))
            cursor = page.cursor
            if cursor is None:
                break
    assert sorted(refs) == sorted(f"stackoverflow/{id_}" for id_ in range(330))


async def test_a_good_answer_may_ask_for_time() -> None:
    time = Time()
    first = wrapped([question(2, 9)], has_more=True, backoff=10)
    async with source(in_turn(first, wrapped([question(1, 8)])), time) as (made, _):
        page = await made.page("invoices", None)
        assert ([said.ref for said in page.insights], time.pauses) == (["stackoverflow/2"], [])
        await made.page("invoices", page.cursor)
    assert time.pauses == [10]


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        (error(502, "throttle_violation", "too many requests, more requests available in 84321 seconds"), 84_321),
        (error(502, "throttle_violation", "Violation of backoff parameter"), 60),
    ],
)
async def test_throttled(reply: Reply, wait_s: float) -> None:
    with pytest.raises(SourceError) as raised:
        await one_page(reply)
    assert (raised.value.kind, raised.value.wait_s) == ("wait", wait_s)


@pytest.mark.parametrize(
    ("reply", "kind", "setting"),
    [
        (error(402, "invalid_access_token", "x"), "refused", "stackexchange_key"),
        (error(403, "access_denied", "x"), "refused", "stackexchange_key"),
        (error(404, "no_method", "x"), "changed", ""),
        (error(500, "internal_error", "x"), "transient", ""),
        (error(503, "temporarily_unavailable", "x"), "transient", ""),
        (error(999, "news", "x"), "changed", ""),
        (Reply(b"<html>", 503, {"content-type": "text/html"}), "transient", ""),
        (Reply({"items": [{"title": "only"}], "has_more": False}), "changed", ""),
        (Reply({"items": []}), "changed", ""),
    ],
)
async def test_errors_stand_in_the_body(reply: Reply, kind: str, setting: str) -> None:
    with pytest.raises(SourceError) as raised:
        await one_page(reply)
    assert (raised.value.kind, raised.value.setting) == (kind, setting)


async def test_a_site_that_is_not_there_is_ours_to_put_right() -> None:
    with pytest.raises(InputError, match="want a site that there is"):
        await one_page(error(400, "bad_parameter", "No site found for name `nowhere`"), "nowhere/x")


def test_a_key_goes_encrypted_or_not_at_all() -> None:
    with pytest.raises(SettingsError, match="https where stackexchange_key"):
        StackExchange(pseudonym=pseudonym, key="k", base_url="http://api.example")
