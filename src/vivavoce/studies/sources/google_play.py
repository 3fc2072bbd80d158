"""Google Play: reviews of one's own app, by the Play Developer API. There is no public way to anybody else's.

The API shows what was written or changed in the last week; who wants more collects every week, or reads the monthly CSV
files of the Play Console as files.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections import Counter
from urllib.parse import quote, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from vivavoce.errors import InputError, SettingsError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources.address import check_encrypted
from vivavoce.studies.sources.answers import Answer, read_items
from vivavoce.studies.sources.bearer import Bearer
from vivavoce.studies.sources.columns import moment, stars
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.http import Client, Clock, Pause
from vivavoce.studies.sources.making import Pseudonym, insight

API_URL = "https://androidpublisher.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
SETTING = "google_play_account"
PER_PAGE = 100
_LENT_S = 3600
"""For how long a token is asked for: the longest there is."""
_PACKAGE = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+", re.ASCII)


class Account(msgspec.Struct, frozen=True):
    """A service account's key, as Google hands it out as JSON; the rest of it is not needed."""

    client_email: str
    private_key: str
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # where tokens are asked for


class _Moment(msgspec.Struct):
    seconds: str | int = ""


class _UserComment(msgspec.Struct, rename="camel"):
    text: str
    original_text: str = ""
    """What they wrote, where `text` is a translation."""
    last_modified: _Moment = msgspec.field(default_factory=_Moment)
    star_rating: int | None = None
    reviewer_language: str = ""


class _Comment(msgspec.Struct, rename="camel"):
    user_comment: _UserComment | None = None
    """None for what the developer answered."""


class _Review(msgspec.Struct, rename="camel"):
    """Who wrote it is not read: somebody has one review of an app, so its id tells them apart."""

    review_id: str
    comments: list[_Comment] = []


class _Next(msgspec.Struct, rename="camel"):
    next_page_token: str = ""


class _Answer(msgspec.Struct, rename="camel"):
    reviews: list[msgspec.Raw] = []
    token_pagination: _Next = msgspec.field(default_factory=_Next)


class GooglePlay:
    """
    Args:
        account: the JSON of a service account that may reply to reviews; that is the permission which shows them.
    Raises:
        SettingsError: it is none, or would go unencrypted.
    """

    name = "google-play"

    def __init__(
        self,
        *,
        account: str,
        pseudonym: Pseudonym,
        base_url: str = API_URL,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._account, self._key = _read_account(account)
        for url in (base_url, self._account.token_uri):
            check_encrypted(self.name, url, SETTING)
        at = urlsplit(self._account.token_uri)
        self._token_path = at.path
        self._api = Client(self.name, base_url, judge=_judge, setting=SETTING, clock=clock, pause=pause)
        self._login = Client(self.name, f"{at.scheme}://{at.netloc}", setting=SETTING, clock=clock, pause=pause)
        self._bearer = Bearer(self._token, clock=clock)
        self._pseudonym = pseudonym
        self._clock = clock

    async def page(self, query: str, cursor: str | None) -> Page:
        """
        Args:
            query: the package name of an app of the account's, such as `com.example.app`.
        """
        package = query.strip()
        if not _PACKAGE.fullmatch(package) or len(package) > 255:
            raise InputError("google-play: want a package name such as com.example.app, got something else")
        path = f"/androidpublisher/v3/applications/{package}/reviews"
        asked: dict[str, str | int] = {"maxResults": PER_PAGE, **({"token": cursor} if cursor else {})}
        answer = await self._bearer.ask(lambda headers: self._api.get(path, asked, headers=headers))
        page = answer.read(_Answer)
        reviews, unreadable = read_items(self.name, page.reviews, _Review)
        left_out: Counter[str] = Counter(unreadable=unreadable)
        found = []
        for review in reviews:
            made = self._made(review, package)
            if made is None:
                left_out["empty"] += 1
            else:
                found.append(made)
        token = page.token_pagination.next_page_token
        return Page(
            insights=tuple(found), cursor=token if token and token != cursor else None, left_out=dict(+left_out)
        )

    async def close(self) -> None:
        await self._api.close()
        await self._login.close()

    def _made(self, review: _Review, package: str) -> Insight | None:
        said = next((each.user_comment for each in review.comments if each.user_comment is not None), None)
        if said is None:
            return None
        return insight(
            source=self.name,
            ref=review.review_id,
            # a title stands before a tab, where there is one
            text="\n\n".join((said.original_text or said.text).split("\t", 1)),
            url=f"https://play.google.com/store/apps/details?id={package}&reviewId={quote(review.review_id, safe='')}",
            said_at=moment(said.last_modified.seconds),
            group=package,
            lang=said.reviewer_language.replace("_", "-"),
            rating=stars(said.star_rating),
            person=self._pseudonym(review.review_id),
        )

    async def _token(self) -> Answer:
        """RFC 7523: what we sign with the account's key is worth a token."""
        now = int(self._clock())
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": self._account.token_uri,
            "iat": now,
            "exp": now + _LENT_S,
        }
        signed = b".".join(
            map(_base64, (msgspec.json.encode({"alg": "RS256", "typ": "JWT"}), msgspec.json.encode(claims)))
        )
        signature = self._key.sign(signed, padding.PKCS1v15(), SHA256())
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": b".".join((signed, _base64(signature))).decode(),
        }
        return await self._login.post(self._token_path, form=form)


def _read_account(text: str) -> tuple[Account, rsa.RSAPrivateKey]:
    try:
        account = msgspec.json.decode(text, type=Account)
        key = load_pem_private_key(account.private_key.encode(), password=None)
    except (msgspec.DecodeError, ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(f"{SETTING}: want the JSON key of a service account, got something else")
    return account, key


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _judge(answer: Answer) -> SourceError | None:
    if answer.status == 400:
        # of what we ask only the package and the cursor vary
        return SourceError(
            "google-play: want an app of this account and a cursor that still holds, got another", kind="gone"
        )
    return None
