"""Sessions of people in browsers: show a key once, and a cookie stands for it. The page works without scripts."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from vivavoce.app.api.access import (
    WRONG,
    Here,
    Principal,
    address_of,
    cookie_name,
    foreign_origin,
    identify,
    is_secure,
)
from vivavoce.app.api.answers import refused
from vivavoce.app.headers import page_policy
from vivavoce.app.keyring import SERVER
from vivavoce.app.services import Services
from vivavoce.errors import InputError, LimitError
from vivavoce.findings.report import part
from vivavoce.store.sessions import LIFE_S

router = APIRouter(tags=["sessions"])
Known = Annotated[Principal, Depends(identify)]
HOME = "/api/v1/sessions"
"""Where a login leads that came from nowhere."""
MAX_NEXT_CHARS = 1_000


class KeyShown(BaseModel):
    key: str = Field(min_length=1, max_length=256)


class Who(BaseModel):
    """Who asks, and what they may."""

    id: str = Field(description='Of the key; "server" for the server\'s own, "loopback" where none is wanted.')
    scopes: list[str] = Field(description='"*" for all.')
    agents: list[str] = Field(description="The only agents they may touch; empty for all.")


@router.post("/api/v1/sessions", status_code=201, responses=refused(401, 403))
async def begin(here: Here, shown: KeyShown, request: Request, response: Response) -> Who:
    """Show a key, get a cookie that stands for it: twelve hours after its last use, or a week, it does no more. It goes
    with its key.
    """
    who, cookie = await _begin(here, shown.key, request)
    _set_cookie(here, response, cookie)
    return _who(who)


@router.get("/api/v1/sessions", responses=refused(401))
async def show(who: Known) -> Who:
    """Who one is to this server."""
    return _who(who)


@router.delete("/api/v1/sessions", status_code=204, responses=refused(401, 403))
async def end(here: Here, _: Known, request: Request, response: Response) -> None:
    """End one's session."""
    await _end(here, request, response)


@router.get("/login", include_in_schema=False)
async def login_page(here: Here, request: Request, next: str = HOME) -> HTMLResponse:
    """Where a person shows their key."""
    try:
        who: Principal | None = await identify(request)
    except HTTPException:
        who = None
    return _page(_local(next), who)


@router.post("/login", include_in_schema=False)
async def login(here: Here, request: Request) -> Response:
    """What the page's form asks for."""
    form = await _form(request)
    to = _local(form.get("next", HOME))
    try:
        _, cookie = await _begin(here, form.get("key", ""), request)
    except LimitError as error:
        return _page(to, None, "That was too often. Try again in a minute.", 429, {"Retry-After": f"{error.wait_s:g}"})
    except HTTPException as error:
        wrong = "This key does not hold." if error is WRONG else str(error.detail)
        return _page(to, None, wrong, error.status_code)
    answer = RedirectResponse(to, 303)
    _set_cookie(here, answer, cookie)
    return answer


@router.post("/logout", include_in_schema=False)
async def logout(here: Here, _: Known, request: Request) -> Response:
    """The page's other button."""
    answer = RedirectResponse("/login", 303)
    await _end(here, request, answer)
    return answer


async def _begin(here: Services, key: str, request: Request) -> tuple[Principal, str]:
    """
    Raises:
        HTTPException: 401, the key opens nothing; 403, the form is another site's: it would sit a person down in
            somebody else's name.
        LimitError: too many wrong keys.
    """
    site = request.headers.get("sec-fetch-site", "none")
    if foreign_origin(request) is not None or site not in ("same-origin", "none"):
        raise HTTPException(403, "want a login from this server's own page, got another site's")
    address = address_of(request)
    here.limits.failing(address)
    who = await here.keyring.owner_of(key.strip())
    if who is None:
        here.limits.failed(address)
        raise WRONG
    return who, await here.keyring.sit(who)


async def _end(here: Services, request: Request, response: Response) -> None:
    seated = await here.keyring.sitter_of(request.cookies.get(cookie_name(here), ""))
    if seated is not None:
        await here.keyring.sessions.end(seated[1])
    response.delete_cookie(cookie_name(here), secure=is_secure(here), httponly=True, samesite="strict")


def _set_cookie(here: Services, response: Response, cookie: str) -> None:
    response.set_cookie(
        cookie_name(here), cookie, max_age=int(LIFE_S), secure=is_secure(here), httponly=True, samesite="strict"
    )


def _who(who: Principal) -> Who:
    return Who(id=who.id, scopes=sorted(who.scopes), agents=sorted(who.agents))


def _local(path: str) -> str:
    """A path of this server; anything else is where a login leads anyway, so that no link sends people elsewhere."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= MAX_NEXT_CHARS
    return path if plain and path.startswith("/") and not path.startswith("//") else HOME


async def _form(request: Request) -> dict[str, str]:
    try:
        fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=8)
    except ValueError:
        raise InputError("want the fields of the login page, got more") from None
    return {name: values[0] for name, values in fields.items()}


def _page(
    to: str, who: Principal | None, problem: str = "", status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    policy, nonce = page_policy()
    if who is None or who.id == "loopback":
        note = "" if who is None else "<p>This server wants no key: it answers its own machine only.</p>"
        alert = f'<p class="wrong" role="alert">{html.escape(problem)}</p>' if problem else ""
        body = (
            f'<h1>Sign in</h1>{note}{alert}<form method="post" action="/login">'
            f'<input type="hidden" name="next" value="{html.escape(to)}">'
            '<label for="key">API key</label>'
            '<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>'
            "<button>Sign in</button></form>"
            "<p>Your browser then keeps a cookie in place of the key. Make keys with <code>viva keys</code>.</p>"
        )
    else:
        named = "the server's own key" if who == SERVER else f"key <code>{html.escape(who.id)}</code>"
        body = (
            f"<h1>You are signed in</h1><p>With {named}. "
            f'<a href="{html.escape(quote(to, safe="/?&=%#"))}">Go on</a></p>'
            '<form method="post" action="/logout"><button>Sign out</button></form>'
        )
    page = _PAGE.replace("{nonce}", nonce).replace("{palette}", part("palette.css")).replace("{body}", body)
    own = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"}
    # with `no-referrer` browsers send `Origin: null` with the form, which is what other sites' sandboxed frames send
    return HTMLResponse(page, status, headers={**(headers or {}), **own})


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Viva Voce</title><style nonce="{nonce}">
{palette}
body { font: 1rem/1.5 var(--sans); background: var(--paper); color: var(--ink); max-width: 24rem; margin: 12vh auto;
  padding: 0 1rem }
h1 { font: 400 2rem/1.2 var(--serif); margin: .2rem 0 1.2rem }
p { color: var(--soft) }
.kicker { font-size: .85rem; margin: 0 }
label { display: block; margin-bottom: .3rem }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; margin-bottom: .8rem;
  background: var(--card); color: inherit; border: 1px solid var(--soft); border-radius: .4rem }
button { font: inherit; padding: .5rem 1.2rem; background: var(--accent); color: var(--paper); border: 0;
  border-radius: .4rem; cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
a { color: var(--accent) }
.wrong { border-left: .3rem solid var(--bad); padding-left: .7rem; color: var(--ink) }
</style></head><body><main><p class="kicker">Viva Voce</p>{body}</main></body></html>
"""
