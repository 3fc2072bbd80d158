"""GitHub: issues of any repository, by its search. What people report there is what they could not do."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from vivavoce.errors import InputError, VivaError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.address import check_encrypted, check_sendable
from vivavoce.studies.sources.answers import UNREADABLE, Answer, read_items
from vivavoce.studies.sources.columns import EARLIEST, LATEST
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.http import Client, Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, insight
from vivavoce.studies.sources.markup import from_markdown
from vivavoce.studies.sources.waits import UNTOLD_WAIT_S, asked_wait_s
from vivavoce.studies.sources.walking import cursor_of, place_of, step

NAME = "github"
API_URL = "https://api.github.com"
SETTING = "github_token"
_HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_PER_PAGE = 100
_WITHIN_REACH = 1_000
"""Results of one search, by their reference."""
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_OURS = re.compile(r"\b(?:is|type|sort|created):\S+")
"""What we say ourselves: which items, and in which order."""
_REPOSITORY = re.compile(r"[\w.-]{1,39}/[\w.-]{1,100}")


class _User(msgspec.Struct):
    id: int
    login: str = ""
    type: str = "User"


class _Label(msgspec.Struct):
    name: str = ""


class _Issue(msgspec.Struct):
    number: int
    title: str
    html_url: str
    repository_url: str
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    body: str | None = None
    user: _User | None = None
    labels: list[_Label] = []
    pull_request: msgspec.Raw = msgspec.Raw(b"")


class _Found(msgspec.Struct):
    total_count: int
    incomplete_results: bool
    items: list[msgspec.Raw]


class _Message(msgspec.Struct):
    message: str = ""


def _judge(answer: Answer) -> VivaError | None:
    """What the status alone does not say.

    Source: docs.github.com/en/rest/using-the-rest-api, "Troubleshooting" and "Rate limits"
    """
    if answer.status == 422:
        return InputError(f"{NAME}: want a search it knows, in repositories that are there, got one that it refuses")
    if answer.status == 403 and asked_wait_s(answer.headers, 0.0) is None:
        try:
            message = msgspec.json.decode(answer.data, type=_Message).message
        except UNREADABLE:
            return None
        if "rate limit" in message.lower():  # the secondary one, which has no header of its own
            return SourceError(f"{NAME} asks us to wait {UNTOLD_WAIT_S:.0f} s", kind="wait", wait_s=UNTOLD_WAIT_S)
    return None


class GitHub:
    """A query is `OWNER/NAME` for the issues of a repository, or words and qualifiers as in GitHub's own search:
    `repo:OWNER/NAME label:bug export`.

    Args:
        token: of anybody, with no rights at all, for thirty searches a minute in place of ten; empty for none.
    Raises:
        SettingsError: the token would go unencrypted, or cannot be sent.
    """

    name = NAME

    def __init__(
        self,
        *,
        pseudonym: Pseudonym,
        token: str = "",
        base_url: str = API_URL,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        if token:
            check_encrypted(NAME, base_url, SETTING)
            check_sendable(NAME, token, SETTING)
        headers = _HEADERS | ({"authorization": f"Bearer {token}"} if token else {})
        self._client = Client(NAME, base_url, headers=headers, judge=_judge, setting=SETTING, clock=clock, pause=pause)
        self._pseudonym = pseudonym

    async def page(self, query: str, cursor: str | None) -> Page:
        place = place_of(NAME, cursor)
        wanted = f"{_search(query)} is:issue"
        if place.until is not None:
            until = min(max(place.until, EARLIEST), LATEST)  # at the ends of time a zone leads out of the calendar
            wanted += f" created:<={datetime.fromtimestamp(until, UTC).strftime(_TIME)}"
        params: dict[str, str | int] = {
            "q": wanted,
            "sort": "created",
            "order": "desc",
            "per_page": _PER_PAGE,
            "page": place.page,
        }
        found = (await self._client.get("/search/issues", params)).read(_Found)
        if found.incomplete_results:
            # some are missing and nobody can say which: an answer that would lose them is no page
            raise SourceError(f"{NAME} failed: its search gave up; narrow it down if it stays so", kind="transient")
        issues, unreadable = read_items(NAME, found.items, _Issue)
        turned = step(
            NAME,
            place,
            [(str(issue.html_url), int(issue.created_at.timestamp())) for issue in issues],
            more=found.total_count > (place.page - 1) * _PER_PAGE + len(found.items),
            pages=_WITHIN_REACH // _PER_PAGE,
            total=found.total_count,
        )
        left_out = {"unreadable": unreadable, "bot": 0, "empty": 0, "out-of-reach": turned.skipped}
        insights: list[Insight] = []
        for issue in (issues[at] for at in turned.fresh):
            if issue.user is not None and (issue.user.type == "Bot" or issue.user.login.endswith("[bot]")):
                left_out["bot"] += 1
            elif bytes(issue.pull_request) not in (b"", b"null") or (said := self._insight(issue)) is None:
                left_out["empty"] += 1
            else:
                insights.append(said)
        return Page(
            insights=tuple(insights),
            cursor=cursor_of(turned.next),
            left_out={reason: count for reason, count in left_out.items() if count},
            total=place.total if place.until is not None else found.total_count,
        )

    def _insight(self, issue: _Issue) -> Insight | None:
        repository = "/".join(issue.repository_url.rsplit("/", 2)[-2:])
        return insight(
            source=NAME,
            ref=f"{repository}#{issue.number}",
            text=f"{issue.title}\n\n{from_markdown(issue.body or '')}",
            url=issue.html_url,
            said_at=issue.created_at.timestamp(),
            group=f"{repository}#{issue.number}",
            title=issue.title,
            person=self._pseudonym(str(issue.user.id) if issue.user is not None else ""),
            tags=[label.name for label in issue.labels],
        )

    async def close(self) -> None:
        await self._client.close()


def _search(query: str) -> str:
    """The query in GitHub's words."""
    query = query.strip()
    if _REPOSITORY.fullmatch(query):
        return f"repo:{query}"
    found = _OURS.search(query)
    if found is not None:
        raise InputError(f"{NAME}: want a search without {found[0].partition(':')[0]}:, which is said for it")
    return query
