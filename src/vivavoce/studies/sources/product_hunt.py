"""Product Hunt: what is said below one launch, or below the newest launches of a topic (GraphQL v2).

What a launch says of itself is advertising, and so is what its poster says below it; both are left out. There is no
search by words.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from typing import Any, TypeVar

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.address import check_encrypted, check_sendable
from vivavoce.studies.sources.answers import UNREADABLE, Answer, changed, read_items
from vivavoce.studies.sources.columns import moment
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.http import Client, Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, insight
from vivavoce.studies.sources.markup import from_html
from vivavoce.studies.sources.waits import UNTOLD_WAIT_S

T = TypeVar("T")
API_URL = "https://api.producthunt.com"
SETTING = "product_hunt_token"
PER_PAGE = 20
"""More are not given, however many are asked for."""
REPLIES = 4
"""Of each comment. A question may cost 1,000 points of complexity, as a rule one for each field of each item: twenty
comments with four replies each come to some 720 by our count. Further replies are counted as folded."""
_FIELDS = "id body createdAt url userId"
_BELOW = f"replies(first: {REPLIES}) {{ totalCount edges {{ node {{ {_FIELDS} }} }} }}"
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
COMMENTS = f"""query($id: ID, $slug: String, $after: String) {{
  post(id: $id, slug: $slug) {{
    id name userId
    comments(first: {PER_PAGE}, after: $after, order: NEWEST) {{
      totalCount {_PAGE_INFO} edges {{ node {{ {_FIELDS} {_BELOW} }} }}
    }}
  }}
}}"""
LAUNCHES = f"""query($topic: String, $after: String) {{
  posts(topic: $topic, first: {PER_PAGE}, after: $after, order: NEWEST) {{
    {_PAGE_INFO} edges {{ node {{ id commentsCount }} }}
  }}
}}"""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_URL = re.compile(r"https://www\.producthunt\.com/(?:posts|products)/(?P<slug>[a-z0-9][a-z0-9-]{0,99})")
_HIDDEN = frozenset({"", "0", "[REDACTED]"})
"""Ids of people that tell nobody apart: most are withheld from apps."""


class _Place(msgspec.Struct, frozen=True):
    """Where a harvest is, as its cursor says it."""

    launches: str | None = None
    """The topic's own cursor."""
    last: bool = False
    """There is no further page of launches."""
    posts: tuple[str, ...] = ()
    """Ids of launches whose comments are not read to the end."""
    comments: str | None = None
    """The cursor within the first of them."""


class _Info(msgspec.Struct, rename="camel"):
    has_next_page: bool = False
    end_cursor: str | None = None


class _Edge(msgspec.Struct):
    node: msgspec.Raw


class _Connection(msgspec.Struct, rename="camel"):
    edges: list[_Edge]
    page_info: _Info = msgspec.field(default_factory=_Info)
    total_count: int = 0


class _Reply(msgspec.Struct, rename="camel"):
    id: str
    body: str
    created_at: str = ""
    url: str = ""
    user_id: str = ""


class _Comment(_Reply, rename="camel"):
    replies: _Connection | None = None


class _Post(msgspec.Struct, rename="camel"):
    id: str
    comments: _Connection
    name: str = ""
    user_id: str = ""


class _Launch(msgspec.Struct, rename="camel"):
    id: str
    comments_count: int = 0


class _OfPost(msgspec.Struct):
    post: _Post | None


class _OfTopic(msgspec.Struct):
    posts: _Connection


class _Details(msgspec.Struct):
    reset_in: float = UNTOLD_WAIT_S


class _Error(msgspec.Struct):
    error: str = ""
    details: _Details = msgspec.field(default_factory=_Details)


class _Answer(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_Error] = []


class ProductHunt:
    """
    Args:
        token: a developer token.
    Raises:
        SettingsError: it would go unencrypted.
    """

    name = "product-hunt"

    def __init__(
        self,
        *,
        token: str,
        pseudonym: Pseudonym,
        base_url: str = API_URL,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        check_encrypted(self.name, base_url, SETTING)
        check_sendable(self.name, token, SETTING)
        header = {"authorization": f"Bearer {token}"}
        self._client = Client(
            self.name, base_url, headers=header, judge=_judge, setting=SETTING, clock=clock, pause=pause
        )
        self._pseudonym = pseudonym

    async def page(self, query: str, cursor: str | None) -> Page:
        """
        Args:
            query: the slug or the address of a launch, or `topic:SLUG`.
        """
        slug, topic = _parsed(query)
        place = _read_cursor(cursor)
        if topic and not place.posts:
            place = await self._launches(topic, place)
            return Page(insights=(), cursor=_cursor(place))
        which: dict[str, Any] = {"id": place.posts[0]} if topic else {"slug": slug}
        post = (await self._ask(COMMENTS, {**which, "after": place.comments}, _OfPost)).post
        if post is None:
            if not topic:
                raise SourceError("product-hunt: want a launch that is there, got another", kind="gone")
            return Page(insights=(), cursor=_cursor(_done(place)), left_out={"deleted": 1})
        found, left_out = self._read(post)
        info = post.comments.page_info
        more = info.end_cursor if info.has_next_page and info.end_cursor != place.comments else None
        after = msgspec.structs.replace(place, comments=more) if more else _done(place)
        return Page(
            insights=tuple(found),
            cursor=_cursor(after) if topic or more else None,
            left_out=dict(left_out),
            total=None if topic else post.comments.total_count,
        )

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, question: str, variables: dict[str, Any], as_type: type[T]) -> T:
        answer = await self._client.post("/v2/api/graphql", body={"query": question, "variables": variables})
        try:
            return msgspec.json.decode(answer.read(_Answer).data, type=as_type)
        except UNREADABLE:
            raise changed(self.name, "data as they were asked for, got others") from None

    async def _launches(self, topic: str, place: _Place) -> _Place:
        posts = (await self._ask(LAUNCHES, {"topic": topic, "after": place.launches}, _OfTopic)).posts
        found, _ = read_items(self.name, [edge.node for edge in posts.edges], _Launch)
        info = posts.page_info
        ended = not info.has_next_page or info.end_cursor in (None, place.launches)
        return _Place(info.end_cursor, ended, tuple(launch.id for launch in found if launch.comments_count))

    def _read(self, post: _Post) -> tuple[list[Insight], Counter[str]]:
        comments, unreadable = read_items(self.name, [edge.node for edge in post.comments.edges], _Comment)
        left_out: Counter[str] = Counter(unreadable=unreadable)
        found = []
        for comment in comments:
            replies: list[_Reply] = []
            if comment.replies is not None:
                replies, strange = read_items(self.name, [edge.node for edge in comment.replies.edges], _Reply)
                left_out["unreadable"] += strange
                left_out["folded"] += max(0, comment.replies.total_count - len(comment.replies.edges))
            for said in (comment, *replies):
                made = self._made(said, post)
                if isinstance(made, str):
                    left_out[made] += 1
                else:
                    found.append(made)
        return found, +left_out

    def _made(self, said: _Reply, post: _Post) -> Insight | str:
        """The insight, or why it is none."""
        known = said.user_id not in _HIDDEN
        if known and said.user_id == post.user_id:
            return "maker"
        made = insight(
            source=self.name,
            ref=said.id,
            text=from_html(said.body),
            url=said.url,
            said_at=moment(said.created_at),
            group=post.id,
            title=post.name,
            person=self._pseudonym(said.user_id) if known else "",
        )
        return made if made is not None else "empty"


def _done(place: _Place) -> _Place:
    """The first launch is read to its end."""
    return msgspec.structs.replace(place, posts=place.posts[1:], comments=None)


def _cursor(place: _Place) -> str | None:
    return None if place.last and not place.posts else msgspec.json.encode(place).decode()


def _read_cursor(cursor: str | None) -> _Place:
    try:
        return msgspec.json.decode(cursor, type=_Place) if cursor is not None else _Place()
    except msgspec.DecodeError:
        raise InputError("product-hunt: want a cursor as it was given, got another") from None


def _parsed(query: str) -> tuple[str, str]:
    """Slug of a launch, or of a topic."""
    text = query.strip()
    if text.startswith("topic:") and _SLUG.fullmatch(text[6:]):
        return "", text[6:]
    url = _URL.match(text)
    slug = url["slug"] if url else text
    if not _SLUG.fullmatch(slug):
        raise InputError("product-hunt: want the slug or the address of a launch, or topic:SLUG, got something else")
    return slug, ""


def _judge(answer: Answer) -> SourceError | None:
    """GraphQL says what is wrong in the answer, with whatever status."""
    try:
        errors = msgspec.json.decode(answer.data, type=_Answer).errors
    except UNREADABLE:
        return None
    for error in errors:
        if error.error == "rate_limit_reached":
            wait_s = max(error.details.reset_in, 1.0)
            return SourceError(f"product-hunt asks us to wait {wait_s:.0f} s", kind="wait", wait_s=wait_s)
        if error.error in ("invalid_oauth_token", "unauthorized_oauth"):
            return SourceError(
                f"product-hunt does not let us in; look at the setting {SETTING}", kind="refused", setting=SETTING
            )
    if errors and answer.status < 400:
        return changed("product-hunt", f"an answer without errors, got {len(errors)} of them")
    return None
