"""Reddit as its API answers: listings, trees of comments, tokens that run out; what is deleted, folded or of a bot."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.studies.sources.fake import Fake, Reply, Request, Time, pseudonym, service
from vivavoce.errors import InputError, SettingsError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.reddit import MOST_STRANGE, Reddit


def listing(*children: Any, after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "before": None, "dist": len(children), "children": children}}


def thing(kind: str, **data: Any) -> dict[str, Any]:
    return {"kind": kind, "data": data}


def post(id_: str, **more: Any) -> dict[str, Any]:
    data = {
        "id": id_,
        "name": f"t3_{id_}",
        "title": f"Question {id_}",
        "selftext": f"I cannot find out why {id_} fails",
        "is_self": True,
        "author": "kim",
        "author_fullname": "t2_kim",
        "created_utc": 1_700_000_000.0,
        "num_comments": 0,
        "subreddit": "smallbusiness",
        "permalink": f"/r/smallbusiness/comments/{id_}/question/",
        "distinguished": None,
    }
    return thing("t3", **{**data, **more})


def comment(id_: str, body: str = "", replies: Any = "", **more: Any) -> dict[str, Any]:
    data = {
        "id": id_,
        "name": f"t1_{id_}",
        "body": body or f"What {id_} says of it",
        "author": "lee",
        "author_fullname": "t2_lee",
        "created_utc": 1_700_000_100.0,
        "replies": replies,
        "depth": 0,
        "distinguished": None,
    }
    return thing("t1", **{**data, **more})


class World:
    """Answers by path; whatever else there is, is Reddit's own 404."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {path.replace("_", "/"): answer for path, answer in answers.items()}
        self.tokens = 0
        self.good: Callable[[str], bool] = lambda token: True

    def __call__(self, request: Request) -> Reply:
        if request.path == "/api/v1/access_token":
            self.tokens += 1
            return Reply({"access_token": f"t{self.tokens}", "token_type": "bearer", "expires_in": 86400, "scope": "*"})
        if not self.good(request.headers.get("authorization", "")):
            return Reply({"message": "Unauthorized", "error": 401}, status=401)
        found = self.answers.get(request.path)
        if callable(found):
            found = found(request)
        if isinstance(found, Reply):
            return found
        return Reply({"message": "Not Found", "error": 404}, status=404) if found is None else Reply(found)


@asynccontextmanager
async def reddit(world: World, time: Time | None = None) -> AsyncIterator[tuple[Reddit, Fake]]:
    time = time or Time()
    async with service(world) as fake:
        one = Reddit(
            client="id:secret",
            username="someone",
            pseudonym=pseudonym,
            base_url=fake.url,
            token_url=fake.url,
            clock=time,
            pause=time.pause,
        )
        try:
            yield one, fake
        finally:
            await one.close()


async def walk(world: World, query: str = "r/smallbusiness invoices") -> list[Page]:
    async with reddit(world) as (one, _):
        pages = [await one.page(query, None)]
        while (cursor := pages[-1].cursor) is not None:
            pages.append(await one.page(query, cursor))
        return pages


def insights(pages: list[Page]) -> list[Insight]:
    return [insight for page in pages for insight in page.insights]


async def test_posts_are_listed_and_what_is_said_below_each_is_read() -> None:
    world = World()
    world.answers["/r/smallbusiness/search"] = lambda request: (
        listing(post("c3"), after=None)
        if request.query.get("after") == "t3_b2"
        else listing(post("a1", num_comments=2), post("b2", num_comments=1), after="t3_b2")
    )
    deep = comment("y", replies=listing(comment("z")))
    world.answers["/comments/a1"] = [listing(post("a1")), listing(comment("x"), deep)]
    world.answers["/comments/b2"] = [listing(post("b2")), listing(comment("w"))]
    pages = await walk(world)
    assert [[one.ref for one in page.insights] for page in pages] == [
        ["t3_a1", "t3_b2"],
        ["t1_x", "t1_y", "t1_z"],
        ["t1_w"],
        ["t3_c3"],
    ]
    first, below = insights(pages)[0], insights(pages)[2]
    assert first.text == "Question a1\n\nI cannot find out why a1 fails"
    assert (below.group, below.title, below.person) == ("t3_a1", "Question a1", "p-t2_lee")
    assert below.url == "https://www.reddit.com/comments/a1/_/x"
    assert below.said_at == 1_700_000_100.0


async def test_it_asks_as_reddit_wants_to_be_asked() -> None:
    world = World(_search=listing(), _r_small_new=listing(post("a1")))
    async with reddit(world) as (one, fake):
        await one.page("invoices that fail", None)
        await one.page("r/small", None)
    login, search, new = fake.requests
    assert login.form == {"grant_type": "client_credentials"}
    assert login.headers["authorization"] == "Basic " + b64encode(b"id:secret").decode()
    assert search.headers["authorization"] == "Bearer t1"
    assert search.headers["user-agent"].startswith("python:vivavoce:v")
    assert search.headers["user-agent"].endswith("(by /u/someone)")
    assert (search.query["q"], search.query["raw_json"]) == ("invoices that fail", "1")
    assert "restrict_sr" not in search.query
    assert new.path == "/r/small/new"


async def test_what_nobody_says_is_counted() -> None:
    below = listing(
        comment("a", "[deleted]", author="[deleted]"),
        comment("b", "[removed]"),
        comment("c", author="AutoModerator"),
        comment("d", author="remind_me_bot"),
        comment("e", distinguished="moderator"),
        comment("f", "..."),
        comment("g", author="Abbot", body="> what you said\n\nNot with mine, u/kim_doe1"),
        {"kind": "t1"},
        comment("h", created_utc="soon"),
        thing("more", count=17, children=["q"]),
    )
    found = listing(
        post("a1", num_comments=9), post("b2", selftext="[removed]"), post("c3", is_self=False), post("d4", author=None)
    )
    world = World(_search=found, _comments_a1=[listing(post("a1")), below])
    pages = await walk(world, "invoices")
    assert [one.text for one in insights(pages)] == [
        "Question a1\n\nI cannot find out why a1 fails",
        "Not with mine, [handle]",
    ]
    assert pages[0].left_out == {"deleted": 2, "link": 1}
    assert pages[1].left_out == {"deleted": 2, "bot": 3, "empty": 1, "unreadable": 2, "folded": 17}


async def test_a_page_of_a_person_shows_nobodys_name() -> None:
    world = World(
        _search=listing(post("a1", subreddit="u_kim", permalink="/user/kim/comments/a1/x/", author_fullname=None))
    )
    (one,) = insights(await walk(world, "invoices"))
    assert "kim" not in one.url
    assert one.tags == ()


async def test_a_token_that_ran_out_is_renewed_once() -> None:
    time = Time()
    world = World(_search=listing(post("a1"), after="t3_a1"))
    async with reddit(world, time) as (one, _):
        await one.page("invoices", None)
        time.now += 80_000
        await one.page("invoices", None)
        assert world.tokens == 1
        world.good = lambda token: token == "Bearer t2"
        await one.page("invoices", None)
        assert world.tokens == 2
        time.now += 86_400
        world.good = lambda token: token == "Bearer t3"
        await one.page("invoices", None)
        assert world.tokens == 3
        world.good = lambda token: False
        with pytest.raises(SourceError, match="reddit_client") as error:
            await one.page("invoices", None)
    assert error.value.kind == "refused"
    assert world.tokens == 4


async def test_a_token_that_never_held_is_not_asked_for_again() -> None:
    world = World()
    world.good = lambda token: False
    async with reddit(world) as (one, _):
        with pytest.raises(SourceError):
            await one.page("invoices", None)
    assert world.tokens == 1


async def test_a_credential_that_does_not_hold_is_told_without_it() -> None:
    world = World(_search=listing())
    async with reddit(world) as (one, fake):
        fake.answer = lambda request: Reply({"message": "Unauthorized", "error": 401}, status=401)
        with pytest.raises(SourceError, match="reddit_client") as error:
            await one.page("invoices", None)
        assert (error.value.kind, error.value.setting) == ("refused", "reddit_client")
        assert "secret" not in str(error.value)
        fake.answer = lambda request: Reply({"error": "unsupported_grant_type"})
        with pytest.raises(SourceError) as error:
            await one.page("invoices", None)
        assert error.value.kind == "changed"


@pytest.mark.parametrize(("reason", "status"), [("private", 403), ("banned", 404), ("quarantined", 403)])
async def test_a_subreddit_that_is_not_for_everybody_is_gone(reason: str, status: int) -> None:
    world = World(_r_small_new=Reply({"reason": reason, "message": "No", "error": status}, status=status))
    with pytest.raises(SourceError, match=reason) as error:
        await walk(world, "r/small")
    assert error.value.kind == "gone"


async def test_a_subreddit_that_is_not_there_is_not_an_empty_one() -> None:
    """Reddit leads on to a search for its name, which may find others or none."""
    for found in (listing(), listing(thing("t5", display_name="smallbusiness"))):
        world = World(_r_small_new=found, _r_small_about=listing())
        with pytest.raises(SourceError, match="not there") as error:
            await walk(world, "r/small")
        assert error.value.kind == "gone"
    (page,) = await walk(World(_r_small_new=listing(), _r_small_about=thing("t5", display_name="small")), "r/small")
    assert page == Page(insights=(), cursor=None)


async def test_a_post_that_went_since_costs_its_comments_only() -> None:
    world = World(_search=listing(post("a1", num_comments=2), post("b2", num_comments=1)))
    world.answers["/comments/b2"] = [listing(post("b2")), listing(comment("w"))]
    pages = await walk(world, "invoices")
    assert [page.left_out for page in pages] == [{}, {"deleted": 1}, {}]
    assert insights(pages)[-1].ref == "t1_w"


async def test_a_listing_that_leads_to_itself_has_an_end() -> None:
    world = World(_search=listing(post("a1"), after="t3_a1"))
    assert len(await walk(world, "invoices")) == 2


@pytest.mark.parametrize(
    "answer", [[], {"data": {}}, listing({"kind": 3}), listing(thing("t3", title="no id")), [listing(post("a1"))]]
)
async def test_another_format_is_told_and_not_guessed_at(answer: Any) -> None:
    world = World(_search=answer, _comments_a1=[listing(post("a1"))])
    with pytest.raises(SourceError) as error:
        await walk(world, "invoices")
    assert error.value.kind == "changed"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ([listing(post("x"))], "changed"),
        ([listing(), listing()], "changed"),
        ({}, "changed"),
        (Reply({"message": "Forbidden", "error": 403}, status=403), "refused"),
    ],
)
async def test_a_post_that_cannot_be_read_costs_itself_and_many_in_a_row_are_told(answer: Any, kind: str) -> None:
    """It would be the same one whenever it is asked for: the harvest has to come past it."""
    names = [f"a{number}" for number in range(MOST_STRANGE)]
    world = World(_search=listing(*(post(name, num_comments=1) for name in names)))
    world.answers |= {f"/comments/{name}": answer for name in names}
    world.answers["/comments/a2"] = [listing(post("a2")), listing(comment("w"))]
    pages = await walk(world, "invoices")
    assert [page.left_out.get("unreadable", 0) for page in pages[1:]] == [1, 1, 0, 1, 1]
    assert insights(pages)[-1].ref == "t1_w"
    world.answers["/comments/a2"] = answer
    with pytest.raises(SourceError) as error:
        await walk(world, "invoices")
    assert error.value.kind == kind


@pytest.mark.parametrize("query", ["", " ", "r/", "r/a-b words", "/r/x", "w" * 600])
async def test_what_cannot_be_asked_for_is_not_asked(query: str) -> None:
    async with reddit(World()) as (one, fake):
        with pytest.raises(InputError, match="reddit: want"):
            await one.page(query, None)
        for cursor in ("", "t3_a1", '{"posts": ["../../api/v1/me"]}'):
            with pytest.raises(InputError, match="cursor"):
                await one.page("invoices", cursor)
        assert fake.requests == []


def test_a_credential_goes_nowhere_unencrypted() -> None:
    plain, safe = "http://proxy.example", "https://proxy.example"
    for base_url, token_url in ((plain, safe), (safe, plain)):
        with pytest.raises(SettingsError, match="https"):
            Reddit(client="id:secret", pseudonym=pseudonym, base_url=base_url, token_url=token_url)
