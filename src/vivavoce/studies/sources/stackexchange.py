"""Stack Exchange: questions of any of its sites. Answers say what helps, questions say what hurts."""

from __future__ import annotations

import asyncio
import re
import time

import msgspec

from vivavoce.errors import InputError, VivaError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.address import check_encrypted, check_sendable
from vivavoce.studies.sources.answers import UNREADABLE, Answer, changed, read_items
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.http import Client, Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, insight
from vivavoce.studies.sources.markup import from_entities, from_html
from vivavoce.studies.sources.waits import UNTOLD_WAIT_S
from vivavoce.studies.sources.walking import cursor_of, place_of, step

NAME = "stackexchange"
API_URL = "https://api.stackexchange.com"
SETTING = "stackexchange_key"
_PER_PAGE = 100
_PAGES = 25
"""Of one search; those behind want a person who is logged in."""
_DEFAULT_SITE = "stackoverflow"
_SITE = re.compile(r"([a-z0-9][a-z0-9.-]{0,60})/\s*(.*)", re.DOTALL)
_IN_S = re.compile(r"\bin (\d{1,6}) seconds\b")


class _Owner(msgspec.Struct):
    user_id: int | None = None
    display_name: str | None = None


class _Question(msgspec.Struct):
    question_id: int
    creation_date: int
    title: str
    link: str
    body: str | None = None
    owner: _Owner | None = None
    tags: list[str] = []
    content_license: str = ""


class _Found(msgspec.Struct):
    items: list[msgspec.Raw]
    has_more: bool
    backoff: float | None = None
    quota_remaining: int | None = None


class _Trouble(msgspec.Struct):
    error_id: int
    error_name: str = ""
    error_message: str = ""


def _judge(answer: Answer) -> VivaError | None:
    """Errors stand in the body; the status is 400 for all of them.

    Source: api.stackexchange.com/docs/error-handling
    """
    try:
        trouble = msgspec.json.decode(answer.data, type=_Trouble)
    except UNREADABLE:  # a good answer, or none of theirs: the general rule has it
        return None
    match trouble.error_id:
        case 400:
            return InputError(f"{NAME}: want a site that there is and a search it knows, got one that it refuses")
        case 502:
            told = _IN_S.search(trouble.error_message)
            wait_s = float(told[1]) if told else UNTOLD_WAIT_S
            return SourceError(f"{NAME} asks us to wait {wait_s:.0f} s", kind="wait", wait_s=wait_s)
        case 401 | 402 | 403 | 405 | 406:
            message = f"{NAME} does not let us in (error {trouble.error_id}); look at the setting {SETTING}"
            return SourceError(message, kind="refused", setting=SETTING)
        case 500 | 503:
            return SourceError(f"{NAME} failed: error {trouble.error_id}", kind="transient")
        case _:
            return changed(NAME, f"an answer to a request as it is known, got error {trouble.error_id}")


class StackExchange:
    """A query is `SITE/WORDS`, with `[tags]` among the words; without a site it is Stack Overflow.

    Args:
        key: of an app, for 10,000 requests a day in place of 300; empty for none.
    Raises:
        SettingsError: the key would go unencrypted.
    """

    name = NAME

    def __init__(
        self,
        *,
        pseudonym: Pseudonym,
        key: str = "",
        base_url: str = API_URL,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        if key:
            check_encrypted(NAME, base_url, SETTING)
            check_sendable(NAME, key, SETTING)
        self._client = Client(NAME, base_url, judge=_judge, setting=SETTING, clock=clock, pause=pause)
        self._pseudonym = pseudonym
        self._key = key

    async def page(self, query: str, cursor: str | None) -> Page:
        place = place_of(NAME, cursor)
        site, words = _site_and_words(query)
        params: dict[str, str | int] = {
            "q": words,
            "site": site,
            "sort": "creation",
            "order": "desc",
            "filter": "withbody",
            "pagesize": _PER_PAGE,
            "page": place.page,
        }
        if place.until is not None:
            params["todate"] = place.until
        if self._key:
            params["key"] = self._key
        found = (await self._client.get("/2.3/search/advanced", params)).read(_Found)
        if found.backoff:
            self._client.hold(found.backoff)
        questions, unreadable = read_items(NAME, found.items, _Question)
        turned = step(
            NAME,
            place,
            [(str(question.question_id), question.creation_date) for question in questions],
            more=found.has_more,
            pages=_PAGES,
        )
        made = [self._insight(site, questions[at]) for at in turned.fresh]
        left_out = {"unreadable": unreadable, "empty": made.count(None), "out-of-reach": turned.skipped}
        return Page(
            insights=tuple(said for said in made if said is not None),
            cursor=cursor_of(turned.next),
            left_out={reason: count for reason, count in left_out.items() if count},
        )

    def _insight(self, site: str, question: _Question) -> Insight | None:
        title = from_entities(question.title)
        owner = question.owner or _Owner()
        handle = str(owner.user_id) if owner.user_id is not None else owner.display_name or ""
        return insight(
            source=NAME,
            ref=f"{site}/{question.question_id}",
            text=f"{title}\n\n{from_html(question.body or '')}",
            url=question.link,
            said_at=question.creation_date,
            group=f"{site}/{question.question_id}",
            title=title,
            person=self._pseudonym(f"{site}/{handle}" if handle else ""),
            tags=question.tags,
            licence=question.content_license,
        )

    async def close(self) -> None:
        await self._client.close()


def _site_and_words(query: str) -> tuple[str, str]:
    found = _SITE.fullmatch(query.strip())
    site, words = found.groups() if found is not None else (_DEFAULT_SITE, query.strip())
    if not words:
        raise InputError(f"{NAME}: want SITE/WORDS such as money/invoice, got a site and no words")
    return site, words
