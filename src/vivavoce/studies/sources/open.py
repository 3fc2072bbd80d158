"""Which sources there are, and how each is made. Credentials come from settings and never from what a job was asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, TypedDict

import msgspec

from vivavoce.agents.problems import did_you_mean
from vivavoce.errors import InputError, MissingError
from vivavoce.store.database import Database
from vivavoce.studies.port import Source
from vivavoce.studies.sources import app_store, github, google_play, hackernews, product_hunt, reddit, stackexchange
from vivavoce.studies.sources.calls import OwnCalls
from vivavoce.studies.sources.files import Files
from vivavoce.studies.sources.http import Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, pseudonyms

MAX_QUERY_CHARS = 500


class Access(Protocol):
    """What of a server's settings is about sources: where they are, and what lets us in."""

    @property
    def hackernews_url(self) -> str: ...
    @property
    def stackexchange_url(self) -> str: ...
    @property
    def stackexchange_key(self) -> str: ...
    @property
    def github_url(self) -> str: ...
    @property
    def github_token(self) -> str: ...
    @property
    def reddit_url(self) -> str: ...
    @property
    def reddit_token_url(self) -> str: ...
    @property
    def reddit_client(self) -> str: ...
    @property
    def reddit_username(self) -> str: ...
    @property
    def app_store_url(self) -> str: ...
    @property
    def google_play_url(self) -> str: ...
    @property
    def google_play_account(self) -> str: ...
    @property
    def product_hunt_url(self) -> str: ...
    @property
    def product_hunt_token(self) -> str: ...


class Wanted(msgspec.Struct, frozen=True):
    """What is collected: from which source, and what it is asked for."""

    source: str
    query: str


class _Web(TypedDict):
    """What every source on the net takes."""

    pseudonym: Pseudonym
    base_url: str
    clock: Clock
    pause: Pause


class _With(msgspec.Struct, frozen=True, kw_only=True):
    """What a source is made with."""

    access: Access
    pseudonym: Pseudonym
    database: Database | None
    clock: Clock
    pause: Pause

    def web(self, base_url: str) -> _Web:
        return _Web(pseudonym=self.pseudonym, base_url=base_url, clock=self.clock, pause=self.pause)


def parse(text: str) -> Wanted:
    """`SOURCE:QUERY`, such as `hackernews:invoicing tool` or `github:owner/name`.

    Raises:
        InputError: another form, a source that there is not, or nothing to ask for.
    """
    name, colon, query = text.partition(":")
    name, query = name.strip().lower(), query.strip()
    if not colon and name in _MAKERS:
        raise InputError(f"want a colon and what to look for behind it, as in {name}:QUERY, got the source alone")
    if name not in _MAKERS:
        hint = did_you_mean(name, list(_MAKERS))
        known = f"; {hint}" if hint else f"; sources are {', '.join(_MAKERS)}"
        raise InputError(f"want SOURCE:QUERY, got {name[:40]!r} as the source{known}")
    if not query or len(query) > MAX_QUERY_CHARS or not query.isprintable():
        raise InputError(
            f"{name}: want 1 to {MAX_QUERY_CHARS} characters to ask for, all of them visible, got {len(query)}"
            + (" with others" if 0 < len(query) <= MAX_QUERY_CHARS else "")
        )
    return Wanted(name, query)


def open_source(
    name: str,
    access: Access,
    *,
    hashed: Callable[[str], str],
    database: Database | None = None,
    clock: Clock = time.time,
    pause: Pause = asyncio.sleep,
) -> Source:
    """A source by its name, to be closed after use.

    Args:
        hashed: what pseudonyms are made with: keyed, or names could be tried until one fits (`Vault.hash`).
        database: that of our own calls; needed for `calls` only.
    Raises:
        InputError: there is no such source.
        MissingError: it wants a credential that is not set.
        SettingsError: one that is set does not hold, or would go unencrypted.
    """
    maker = _MAKERS.get(name)
    if maker is None:
        raise InputError(f"want a source, got {name[:40]!r}; sources are {', '.join(_MAKERS)}")
    return maker(_With(access=access, pseudonym=pseudonyms(name, hashed), database=database, clock=clock, pause=pause))


def _hackernews(made: _With) -> Source:
    return hackernews.HackerNews(**made.web(made.access.hackernews_url))


def _stackexchange(made: _With) -> Source:
    return stackexchange.StackExchange(key=made.access.stackexchange_key, **made.web(made.access.stackexchange_url))


def _github(made: _With) -> Source:
    return github.GitHub(token=made.access.github_token, **made.web(made.access.github_url))


def _reddit(made: _With) -> Source:
    remedy = "Register an app of the kind script at reddit.com/prefs/apps"
    return reddit.Reddit(
        client=_needed(made.access.reddit_client, reddit.SETTING, remedy),
        username=made.access.reddit_username,
        token_url=made.access.reddit_token_url,
        **made.web(made.access.reddit_url),
    )


def _app_store(made: _With) -> Source:
    return app_store.AppStore(**made.web(made.access.app_store_url))


def _google_play(made: _With) -> Source:
    remedy = "Let a service account read reviews in the Play Console"
    account = _needed(made.access.google_play_account, google_play.SETTING, remedy)
    return google_play.GooglePlay(account=account, **made.web(made.access.google_play_url))


def _product_hunt(made: _With) -> Source:
    remedy = "Make a developer token at producthunt.com/v2/oauth"
    token = _needed(made.access.product_hunt_token, product_hunt.SETTING, remedy)
    return product_hunt.ProductHunt(token=token, **made.web(made.access.product_hunt_url))


def _file(made: _With) -> Source:
    return Files(pseudonym=made.pseudonym)


def _calls(made: _With) -> Source:
    if made.database is None:
        raise InputError("calls: want a server's database to read from, got none")
    return OwnCalls(made.database, pseudonym=made.pseudonym, clock=made.clock)


def _needed(value: str, setting: str, remedy: str) -> str:
    if not value:
        raise MissingError(f"{setting} is not set", remedy=f"{remedy} and set VIVA_{setting.upper()}")
    return value


_MAKERS: dict[str, Callable[[_With], Source]] = {
    "hackernews": _hackernews,
    "stackexchange": _stackexchange,
    "github": _github,
    "reddit": _reddit,
    "app-store": _app_store,
    "google-play": _google_play,
    "product-hunt": _product_hunt,
    "file": _file,
    "calls": _calls,
}
SOURCES = tuple(_MAKERS)
