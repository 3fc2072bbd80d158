"""Reddit: posts that a search finds, or the newest of a subreddit, and what is said below each of them.

Its API is OAuth only; an app's own credentials are enough, nobody's account is used. A search's page gives posts, and
each post a page of its comments: what people say they say there. Quoted lines are somebody else's and are taken out.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from vivavoce import __version__
from vivavoce.errors import InputError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.address import check_encrypted, check_sendable
from vivavoce.studies.sources.answers import Answer, changed, read_items
from vivavoce.studies.sources.bearer import Bearer
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.http import Client, Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, insight
from vivavoce.studies.sources.markup import from_markdown
from vivavoce.studies.sources.reddit_things import Comment, Listing, More, Post, Refusal, Said, Thing, is_bot, is_gone

API_URL = "https://oauth.reddit.com"
TOKEN_URL = "https://www.reddit.com"  # noqa: S105  # where tokens are asked for
SETTING = "reddit_client"
POSTS = 25
"""A page of posts: their ids stand in the cursor until their comments are read."""
COMMENTS = 500
"""As many comments as Reddit gives in one answer; what it folds away beyond is counted."""
MAX_WORDS_CHARS = 512
"""Reddit's own limit for a search."""
MOST_STRANGE = 5
"""Posts in a row that cannot be read, after which it is not the posts. Not tuned."""
EVERY_S = 0.6
"""100 requests a minute are free (Data API wiki)."""
_SUB = re.compile(r"/?r/(?P<name>[A-Za-z0-9_]{2,50})")
_ID = re.compile(r"[0-9a-z]{1,13}")


class _Place(msgspec.Struct, frozen=True):
    """Where a harvest is, as its cursor says it."""

    after: str | None = None
    """The name of the last post that was listed."""
    posts: tuple[str, ...] = ()
    """Ids of posts whose comments are not read yet."""
    last: bool = False
    """There is no further page of posts."""
    strange: int = 0
    """Posts in a row whose comments could not be read."""


class Reddit:
    """
    Args:
        client: id and secret of a registered app, as `id:secret`.
        username: of whoever runs this, for the user agent: Reddit wants to know whom to ask.
    Raises:
        SettingsError: the credential would go unencrypted, or cannot be sent.
    """

    name = "reddit"

    def __init__(
        self,
        *,
        client: str,
        pseudonym: Pseudonym,
        username: str = "",
        base_url: str = API_URL,
        token_url: str = TOKEN_URL,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        for url in (base_url, token_url):
            check_encrypted(self.name, url, SETTING)
        check_sendable(self.name, client, SETTING)
        check_sendable(self.name, username, "reddit_username")
        contact = f" (by /u/{username})" if username else ""
        agent = {"user-agent": f"python:vivavoce:v{__version__}{contact}"}
        login = {"authorization": "Basic " + base64.b64encode(client.encode()).decode()}
        self._api = Client(
            self.name, base_url, headers=agent, judge=_judge, setting=SETTING, every_s=EVERY_S, clock=clock, pause=pause
        )
        self._login = Client(
            self.name, token_url, headers={**agent, **login}, setting=SETTING, clock=clock, pause=pause
        )
        self._bearer = Bearer(self._token, clock=clock)
        self._pseudonym = pseudonym

    async def page(self, query: str, cursor: str | None) -> Page:
        """
        Args:
            query: words, `r/NAME`, or `r/NAME words`.
        """
        place = _read_cursor(cursor)
        if place.posts:
            strange = 0
            try:
                found, left_out = await self._comments(place.posts[0])
            except SourceError as error:
                # asked for again it would be the same one: the harvest would never come past it
                strange = place.strange + 1
                if error.kind not in ("changed", "refused") or strange >= MOST_STRANGE:
                    raise
                found, left_out = [], Counter(unreadable=1)
            place = msgspec.structs.replace(place, posts=place.posts[1:], strange=strange)
        else:
            strange = place.strange
            found, left_out, place = await self._posts(query, place)
            place = msgspec.structs.replace(place, strange=strange)
        done = place.last and not place.posts
        return Page(
            insights=tuple(found),
            cursor=None if done else msgspec.json.encode(place).decode(),
            left_out=dict(left_out),
        )

    async def close(self) -> None:
        await self._api.close()
        await self._login.close()

    async def _token(self) -> Answer:
        return await self._login.post("/api/v1/access_token", form={"grant_type": "client_credentials"})

    async def _get(self, path: str, asked: Mapping[str, str | int]) -> Answer:
        # raw_json: without it `<` comes as `&lt;`
        params = {**asked, "raw_json": 1}
        return await self._bearer.ask(lambda headers: self._api.get(path, params, headers=headers))

    async def _posts(self, query: str, place: _Place) -> tuple[list[Insight], Counter[str], _Place]:
        sub, words = _parsed(query)
        within = f"/r/{sub}" if sub else ""
        asked: dict[str, str | int] = {"limit": POSTS}
        if place.after:
            asked["after"] = place.after
        if words:
            asked |= {"q": words, "sort": "new", "type": "link"}
        if words and sub:
            asked["restrict_sr"] = 1
        answer = await self._get(f"{within}/search" if words else f"{within}/new", asked)
        listing = answer.read(Listing).data
        if sub and not place.after and not listing.children:
            await self._check_exists(sub)
        things, unreadable = read_items(self.name, listing.children, Thing)
        posts, strange = read_items(self.name, [each.data for each in things if each.kind == "t3"], Post)
        if any(each.kind == "t5" for each in things):
            raise _no_sub()  # led on to a search for its name
        found, left_out = self._sorted((self._of_post(post) for post in posts), unreadable + strange)
        todo = tuple(post.id for post in posts if post.num_comments and _ID.fullmatch(post.id))
        return found, left_out, _Place(listing.after, todo, last=listing.after in (None, "", place.after))

    async def _check_exists(self, sub: str) -> None:
        """One that is not there looks like one without posts: Reddit leads on to a search for its name."""
        if (await self._get(f"/r/{sub}/about", {})).read(Thing).kind != "t5":
            raise _no_sub()

    async def _comments(self, post_id: str) -> tuple[list[Insight], Counter[str]]:
        try:
            answer = await self._get(f"/comments/{post_id}", {"limit": COMMENTS, "sort": "top"})
        except SourceError as error:
            if error.kind != "gone":
                raise
            return [], Counter(deleted=1)  # the post went since it was listed
        both = answer.read(list[Listing])
        things, _ = read_items(self.name, both[0].data.children[:1] if both else [], Thing)
        posts, _ = read_items(self.name, [each.data for each in things], Post)
        if len(both) != 2 or not posts:
            raise changed(self.name, f"a post and its comments, got {len(both)} lists with {len(posts)} posts")
        post = posts[0]
        found: list[Insight | str] = []
        left_out: Counter[str] = Counter()
        waiting = list(reversed(both[1].data.children))
        while waiting:
            try:
                thing = msgspec.json.decode(waiting.pop(), type=Thing)
                if thing.kind == "more":
                    left_out["folded"] += max(0, msgspec.json.decode(thing.data, type=More).count)
                    continue
                comment = msgspec.json.decode(thing.data, type=Comment)
                if bytes(comment.replies).startswith(b"{"):  # an empty text where there are none
                    waiting += reversed(msgspec.json.decode(comment.replies, type=Listing).data.children)
            except (msgspec.DecodeError, RecursionError):
                left_out["unreadable"] += 1
                continue
            found.append(self._of_comment(comment, post))
        made, reasons = self._sorted(found, 0)
        return made, left_out + reasons

    def _sorted(self, found: Iterable[Insight | str], unreadable: int) -> tuple[list[Insight], Counter[str]]:
        each = list(found)
        left_out = Counter(why for why in each if isinstance(why, str))
        left_out["unreadable"] += unreadable
        return [one for one in each if isinstance(one, Insight)], +left_out

    def _of_post(self, post: Post) -> Insight | str:
        if not post.is_self:
            return "link"  # its title is mostly that of the page it leads to
        if is_gone(post.selftext):
            return "deleted"
        return self._made(post, f"{post.title}\n\n{post.selftext}", post)

    def _of_comment(self, comment: Comment, post: Post) -> Insight | str:
        return "deleted" if is_gone(comment.body) else self._made(comment, comment.body, post)

    def _made(self, said: Said, text: str, post: Post) -> Insight | str:
        """The insight, or why it is none."""
        author = said.author
        if author is None or author == "[deleted]":
            return "deleted"
        if is_bot(author) or said.distinguished == "moderator":
            return "bot"
        below = isinstance(said, Comment)
        made = insight(
            source=self.name,
            ref=f"t1_{said.id}" if below else f"t3_{said.id}",
            text=from_markdown(text),
            # not its permalink: below /user/ that has a name in it
            url=f"https://www.reddit.com/comments/{post.id}" + (f"/_/{said.id}" if below else ""),
            said_at=said.created_utc,
            group=f"t3_{post.id}",
            title=post.title,
            person=self._pseudonym(said.author_fullname or author),
            tags=[post.subreddit] if not post.subreddit.startswith("u_") else [],
        )
        return made if made is not None else "empty"


def _parsed(query: str) -> tuple[str, str]:
    """Subreddit and words; one of them may be empty."""
    first, _, rest = query.strip().partition(" ")
    sub = _SUB.fullmatch(first)
    words = rest.strip() if sub else query.strip()
    if len(words) > MAX_WORDS_CHARS or (sub is None and (not words or words.lstrip("/").startswith("r/"))):
        raise InputError(
            f"reddit: want words (at most {MAX_WORDS_CHARS} characters), r/NAME or both, got something else"
        )
    return sub["name"] if sub else "", words


def _read_cursor(cursor: str | None) -> _Place:
    if cursor is None:
        return _Place()
    try:
        place = msgspec.json.decode(cursor, type=_Place)
    except msgspec.DecodeError:
        raise InputError("reddit: want a cursor as it was given, got another") from None
    if not all(_ID.fullmatch(post) for post in place.posts):
        raise InputError("reddit: want a cursor as it was given, got another")
    return place


def _judge(answer: Answer) -> SourceError | None:
    """A subreddit that is private, banned or quarantined is not ours to read; our credential is not at fault."""
    if answer.status in (403, 404):
        try:
            reason = msgspec.json.decode(answer.data, type=Refusal).reason
        except msgspec.DecodeError:
            return None
        if reason in ("private", "banned", "quarantined", "gold_only"):
            return _no_sub(reason)
    return None


def _no_sub(came: str = "not there") -> SourceError:
    return SourceError(f"reddit: want a subreddit that everybody can read, got one that is {came}", kind="gone")
