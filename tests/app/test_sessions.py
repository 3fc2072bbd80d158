"""People in browsers: a key shown once, a cookie for it, and pages of other sites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.app.served import SERVER_KEY, Served, served

OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, api_key=SERVER_KEY) as house:
        yield house


async def seated(house: Served, key: str = SERVER_KEY) -> dict[str, str]:
    """Headers of a browser that has shown a key."""
    answer = await house.ask("POST", "/api/v1/sessions", json={"key": key})
    assert answer.status_code == 201
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


async def test_a_key_shown_once_is_a_cookie(house: Served) -> None:
    answer = await house.ask("POST", "/api/v1/sessions", json={"key": SERVER_KEY})
    assert answer.json() == {"id": "server", "scopes": ["*"], "agents": []}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("viva=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie, "on the loopback alone"
    assert "Domain" not in cookie
    assert SERVER_KEY not in cookie
    headers = {"Cookie": cookie.partition(";")[0]}
    assert (await house.ask("GET", "/api/v1/keys", headers=headers)).status_code == 200
    ended = await house.ask("DELETE", "/api/v1/sessions", headers=headers | OWN)
    assert (ended.status_code, 'viva=""' in ended.headers["set-cookie"]) == (204, True)
    assert (await house.ask("GET", "/api/v1/keys", headers=headers)).status_code == 401


async def test_behind_https_the_cookie_is_the_hosts_own_and_secure(tmp_path: Path) -> None:
    async with served(tmp_path, api_key=SERVER_KEY, https=True) as house:
        answer = await house.ask("POST", "/api/v1/sessions", json={"key": SERVER_KEY}, host="viva.example")
        assert answer.headers["set-cookie"].startswith("__Host-viva=")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
        for scheme, status in (("http", 403), ("https", 204)):  # a page of the first may be by anybody on the way
            headers = cookie | {"Origin": f"{scheme}://viva.example"}
            ended = await house.ask("DELETE", "/api/v1/sessions", host="viva.example", headers=headers)
            assert ended.status_code == status


async def test_a_session_goes_with_its_key_and_may_what_it_may(house: Served) -> None:
    key, secret = await house.here.keyring.keys.add("me", scopes=["agents:read"], now=1.0)
    headers = await seated(house, secret)
    assert (await house.ask("GET", "/api/v1/sessions", headers=headers)).json()["id"] == key.id
    assert (await house.ask("GET", "/api/v1/agents", headers=headers)).status_code == 200
    assert (await house.ask("GET", "/api/v1/keys", headers=headers)).status_code == 403
    await house.ask("DELETE", f"/api/v1/keys/{key.id}", key=SERVER_KEY)
    assert (await house.ask("GET", "/api/v1/agents", headers=headers)).status_code == 401


async def test_a_page_of_another_site_changes_nothing_with_somebodys_cookie(house: Served) -> None:
    for headers in [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ]:
        cookie = await seated(house)
        wanted = {"name": "mine", "scopes": ["keys:write"]}
        refused = await house.ask("POST", "/api/v1/keys", headers=cookie | headers, json=wanted)
        assert refused.status_code == 403
        assert (await house.ask("POST", "/api/v1/keys", headers=cookie | OWN, json=wanted)).status_code == 201
        plain = cookie | {"Origin": OWN["Origin"]}
        assert (await house.ask("POST", "/api/v1/keys", headers=plain, json=wanted)).status_code == 201


async def test_a_wrong_key_is_no_session_and_guessing_is_slow(house: Served) -> None:
    for n in range(10):
        wrong = await house.ask("POST", "/api/v1/sessions", json={"key": f"vv_{n}"})
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert (await house.ask("POST", "/api/v1/sessions", json={"key": SERVER_KEY})).status_code == 429
    for cookie in ("viva=", "viva=rubbish", "viva=" + "x" * 5_000, "viva=\xff"):
        answer = await house.ask("GET", "/api/v1/keys", by="203.0.113.9", headers={"Cookie": cookie.encode("latin-1")})
        assert answer.status_code == 401


async def test_cookies_of_yesterday_keep_nobody_from_signing_in(house: Served) -> None:
    for _ in range(20):  # tabs that are opened again
        assert (await house.ask("GET", "/api/v1/keys", headers={"Cookie": "viva=yesterday"})).status_code == 401
    assert (await house.ask("POST", "/api/v1/sessions", json={"key": SERVER_KEY})).status_code == 201


# the page


async def form(house: Served, fields: dict[str, str], path: str = "/login", **headers: str) -> httpx.Response:
    return await house.ask("POST", path, data=fields, headers={"Origin": "http://localhost", **headers})


async def test_the_page_signs_in_and_out_without_a_script(house: Served) -> None:
    page = await house.ask("GET", "/login", params={"next": "/api/v1/calls?limit=5"})
    assert page.status_code == 200
    assert page.headers["referrer-policy"] == "same-origin", "without a referrer browsers call their form's origin null"
    assert "<script" not in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert 'value="/api/v1/calls?limit=5"' in page.text
    signed = await form(house, {"key": f" {SERVER_KEY} ", "next": "/api/v1/calls?limit=5"})
    assert (signed.status_code, signed.headers["location"]) == (303, "/api/v1/calls?limit=5")
    cookie = {"Cookie": signed.headers["set-cookie"].partition(";")[0]}
    assert "You are signed in" in (await house.ask("GET", "/login", headers=cookie)).text
    assert (await house.ask("POST", "/logout", headers=cookie)).status_code == 403
    out = await house.ask("POST", "/logout", headers=cookie | OWN)
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert "Sign in" in (await house.ask("GET", "/login", headers=cookie)).text


async def test_who_opens_a_page_without_a_session_signs_in_and_comes_back(house: Served) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    sent = await house.ask("GET", "/api/v1/calls", params={"limit": 5}, headers=browser)
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Fapi%2Fv1%2Fcalls%3Flimit%3D5")
    assert 'value="/api/v1/calls?limit=5"' in (await house.ask("GET", sent.headers["location"])).text
    assert (await house.ask("GET", "/api/v1/calls", headers={"Accept": "*/*"})).status_code == 401
    assert (await house.ask("GET", "/api/v1/calls", key="wrong", headers=browser)).status_code == 401
    assert (await house.ask("POST", "/api/v1/keys", headers=browser, json={})).status_code == 401


async def test_the_page_says_what_is_wrong_and_does_not_repeat_it(house: Served) -> None:
    wrong = await form(house, {"key": "<b>very-secret</b>"})
    assert (wrong.status_code, "This key does not hold." in wrong.text) == (401, True)
    assert "very-secret" not in wrong.text
    assert (await form(house, {f"f{n}": "x" for n in range(20)})).status_code == 400
    for _ in range(9):
        await form(house, {})
    often = await form(house, {"key": SERVER_KEY})
    assert (often.status_code, "too often" in often.text) == (429, True)


async def test_a_login_leads_nowhere_else(house: Served) -> None:
    for elsewhere in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/\r\nx: y",
        "/ü",
        "/" * 2,
    ]:
        signed = await form(house, {"key": SERVER_KEY, "next": elsewhere})
        assert signed.headers["location"] == "/api/v1/sessions"
        page = await house.ask("GET", "/login", params={"next": elsewhere})
        assert "evil" not in page.text


async def test_markup_in_the_way_on_is_text(house: Served) -> None:
    page = await house.ask("GET", "/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script" not in page.text
    cookie = await seated(house)
    page = await house.ask("GET", "/login", params={"next": '/"><script>alert(1)</script>'}, headers=cookie)
    assert "<script" not in page.text


async def test_nobody_is_sat_down_in_another_name(house: Served) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await form(house, {"key": SERVER_KEY}, **headers)).status_code == 403
        answer = await house.ask("POST", "/api/v1/sessions", json={"key": SERVER_KEY}, headers=headers)
        assert answer.status_code == 403


async def test_a_server_without_keys_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        assert "wants no key" in (await house.ask("GET", "/login")).text
