"""Google Play: a signed request for a token, and reviews of one's own app."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.studies.sources.fake import Fake, Reply, Request, Time, pseudonym, service
from vivavoce.errors import InputError, SettingsError
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.google_play import GooglePlay

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PATH = "/androidpublisher/v3/applications/com.example.app/reviews"


def account(token_uri: str, key: Any = KEY, **more: Any) -> str:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    whole = {"type": "service_account", "client_email": "r@p.example", "private_key": pem, "token_uri": token_uri}
    return json.dumps({**whole, **more})


def review(number: int, **said: Any) -> dict[str, Any]:
    user = {
        "text": f"\tIt lost {number} of my notes",
        "lastModified": {"seconds": "1714557600", "nanos": 5},
        "starRating": 1,
        "reviewerLanguage": "en_GB",
        "device": "a",
        "appVersionName": "1",
        **said,
    }
    developer = {"developerComment": {"text": "Sorry!", "lastModified": {"seconds": "1714557700"}}}
    return {"reviewId": f"r{number}", "authorName": "Kim Doe", "comments": [{"userComment": user}, developer]}


def lend(request: Request) -> Reply | None:
    if request.path != "/token":
        return None
    return Reply({"access_token": "lent", "expires_in": 3599, "token_type": "Bearer"})


@asynccontextmanager
async def play(answer: Callable[[Request], Reply] | Reply) -> AsyncIterator[tuple[GooglePlay, Fake, Time]]:
    time = Time()
    async with service(
        lambda request: lend(request) or (answer if isinstance(answer, Reply) else answer(request))
    ) as fake:
        one = GooglePlay(
            account=account(f"{fake.url}/token"), pseudonym=pseudonym, base_url=fake.url, clock=time, pause=time.pause
        )
        try:
            yield one, fake, time
        finally:
            await one.close()


async def test_reviews_are_read_to_the_end_without_anybodys_name() -> None:
    def answer(request: Request) -> Reply:
        if "token" in request.query:
            return Reply({"reviews": [review(2)], "tokenPagination": {}})
        return Reply({"reviews": [review(1)], "tokenPagination": {"nextPageToken": "next"}, "pageInfo": {}})

    async with play(answer) as (one, fake, _):
        first = await one.page("com.example.app", None)
        second = await one.page("com.example.app", first.cursor)
    assert (first.cursor, second.cursor) == ("next", None)
    said = first.insights[0]
    assert said.text == "It lost 1 of my notes"
    assert (said.ref, said.rating, said.lang, said.said_at) == ("r1", 1.0, "en-GB", 1714557600.0)
    assert (said.group, said.person) == ("com.example.app", "p-r1")
    assert "Kim" not in str(said)
    assert "Sorry" not in str(first)
    _, *asked = fake.requests
    assert [request.path for request in asked] == [PATH, PATH]
    assert asked[0].query == {"maxResults": "100"}
    assert asked[1].query == {"maxResults": "100", "token": "next"}
    assert asked[0].headers["authorization"] == "Bearer lent"


async def test_the_request_for_a_token_is_signed_with_the_accounts_key() -> None:
    async with play(Reply({})) as (one, fake, time):
        page = await one.page("com.example.app", None)
    assert page.insights == ()
    assert page.cursor is None
    form = fake.requests[0].form
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, signature = form["assertion"].split(".")
    KEY.public_key().verify(
        urlsafe_b64decode(signature + "=="), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256()
    )
    assert json.loads(urlsafe_b64decode(head + "==")) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(urlsafe_b64decode(claims + "==")) == {
        "iss": "r@p.example",
        "scope": "https://www.googleapis.com/auth/androidpublisher",
        "aud": f"{fake.url}/token",
        "iat": int(time.now),
        "exp": int(time.now) + 3600,
    }


async def test_a_title_stands_before_a_tab_and_the_original_before_a_translation() -> None:
    several = [
        review(1, text="Bad\tIt forgets"),
        review(2, text="It forgets", originalText="Es vergisst alles"),
        review(3, text="\t"),
        {"reviewId": "r4", "comments": [{"developerComment": {"text": "Hi"}}]},
        {"reviewId": 5},
        review(6, starRating=9, lastModified={}),
    ]
    async with play(Reply({"reviews": several})) as (one, _, _):
        page = await one.page("com.example.app", None)
    assert [said.text for said in page.insights] == ["Bad\n\nIt forgets", "Es vergisst alles", "It lost 6 of my notes"]
    assert (page.insights[2].rating, page.insights[2].said_at) == (None, None)
    assert page.left_out == {"empty": 2, "unreadable": 1}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, status=403), "refused"),
        (Reply({"error": {"code": 401}}, status=401), "refused"),
        (Reply({"error": {"code": 404}}, status=404), "gone"),
        (Reply({"error": {"code": 400}}, status=400), "gone"),
        (Reply({"reviews": {}}), "changed"),
        (Reply({"reviews": [{"id": 1}]}), "changed"),
        (Reply({}, status=429, headers={"retry-after": "3000"}), "wait"),
    ],
)
async def test_what_it_answers_in_place_of_reviews_is_sorted(reply: Reply, kind: str) -> None:
    async with play(reply) as (one, _, _):
        with pytest.raises(SourceError) as error:
            await one.page("com.example.app", None)
    assert error.value.kind == kind
    assert error.value.setting == ("google_play_account" if kind == "refused" else "")


async def test_a_cursor_that_leads_to_itself_has_an_end() -> None:
    async with play(Reply({"tokenPagination": {"nextPageToken": "again"}})) as (one, _, _):
        assert (await one.page("com.example.app", "again")).cursor is None


async def test_only_an_account_with_a_key_of_its_kind_will_do() -> None:
    good = "https://oauth2.example/token"
    other = generate_private_key(SECP256R1())
    for text in (
        "",
        "{}",
        '{"client_email": "a", "private_key": "b"}',
        account(good, other),
        account(good, client_email=1),
    ):
        with pytest.raises(SettingsError, match="google_play_account") as error:
            GooglePlay(account=text, pseudonym=pseudonym)
        assert "BEGIN" not in str(error.value)
    with pytest.raises(SettingsError, match="https"):
        GooglePlay(account=account("http://oauth2.example/token"), pseudonym=pseudonym)
    with pytest.raises(SettingsError, match="https"):
        GooglePlay(account=account(good), pseudonym=pseudonym, base_url="http://play.example")


async def test_what_is_no_package_is_not_asked_for() -> None:
    async with play(Reply({})) as (one, fake, _):
        for query in ("", "notes", "com.example/../x", "com..app", "com.example.äpp"):
            with pytest.raises(InputError, match="package"):
                await one.page(query, None)
        assert fake.requests == []
