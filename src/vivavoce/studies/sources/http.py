"""How a source is asked: politely, patiently within bounds, and believing nothing it says of itself."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import httpx
import msgspec

from vivavoce import __version__
from vivavoce.live.http import PROBLEMS  # with it, httpx logs no URL: a key may stand there
from vivavoce.live.network import proxy_for, trust
from vivavoce.studies.sources.address import checked, stays
from vivavoce.studies.sources.answers import Answer, Judge, changed, failed
from vivavoce.studies.sources.bodies import body_of, check_json
from vivavoce.studies.sources.errors import SlowError, SourceError
from vivavoce.studies.sources.refusals import cause, refusal
from vivavoce.studies.sources.waits import spent_s

Clock: TypeAlias = Callable[[], float]
"""Unix seconds."""
Pause: TypeAlias = Callable[[float], Awaitable[None]]

USER_AGENT = f"vivavoce/{__version__}"
CONNECT_S = 10.0
RETRIES_S = (1.0, 3.0, 9.0)
"""Waits before another attempt after a failure of the other side. Not tuned: a restart behind a balancer takes seconds,
and whoever asks for the page tries again later."""
PATIENCE_S = 20.0
"""So long a wait that a service asks for is waited here; a longer one is told, for it is better waited by a job that
survives a restart. Stack Exchange asks for 10 s as a rule."""
MAX_WAIT_S = 24 * 3600.0 + 60.0
"""Longer waits are not believed: quotas that are known last a day at most."""
MAX_REDIRECTS = 3


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How long an answer is waited for, and how much of it is taken."""

    within_s: float = 30.0
    """For one whole answer, from the dial to the last byte."""
    slow_again: bool = True
    """Whether one that did not come in that time is asked for again."""
    most_bytes: int = 32 * 1024 * 1024
    """Unpacked. The largest page by what services promise: 100 GitHub issues of 65,536 characters, up to 26 MB."""
    packed: bool = True
    """Whether it may come in gzip."""


A_PAGE = Bounds()


class Client:
    """Asks one service. Keeps no more than how long it has to wait.

    Args:
        place: the source's name, for messages.
        base_url: http(s) with a host, with or without a path.
        headers: of every request; a credential may be among them.
        judge: the source's own reading of answers.
        setting: name of the setting that holds its credential, told when the service lets us not in.
        every_s: least time from one request to the next, where a service says so in words and not in headers.
        bounds: those of a page by default.
        tls: whose certificates are believed; the system's by default.
    Raises:
        SettingsError: an address that is none, or a credential that would go over the open net unencrypted.
    """

    def __init__(
        self,
        place: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        judge: Judge | None = None,
        setting: str = "",
        every_s: float = 0.0,
        bounds: Bounds = A_PAGE,
        tls: ssl.SSLContext | None = None,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._place = place
        self._base = checked(place, base_url)
        self._headers = {
            "user-agent": USER_AGENT,
            "accept": "application/json",
            "accept-encoding": "gzip" if bounds.packed else "identity",
            **(headers or {}),
        }
        self._judge = judge
        self._setting = setting
        self._every_s = every_s
        self._bounds = bounds
        self._tls = tls
        self._clock = clock
        self._pause = pause
        self._free_at = 0.0
        self._http: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def get(
        self, path: str, params: Mapping[str, str | int] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for JSON.

        Args:
            path: below the base URL, beginning with a slash.
        Raises:
            SourceError: there is no good answer; see its kinds.
            VivaError: what the judge makes of one.
        """
        return await self._ask("GET", path, params=params, headers=headers)

    async def post(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        form: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for JSON with a form or with JSON (`body`). It may be sent more than once: for questions only."""
        if form is not None:
            return await self._ask("POST", path, params=params, headers=headers, data=dict(form))
        sent = {"content-type": "application/json", **(headers or {})}
        return await self._ask("POST", path, params=params, headers=sent, content=msgspec.json.encode(body))

    def hold(self, wait_s: float) -> None:
        """Ask nothing more for so long: a good answer said so (Stack Exchange's `backoff`)."""
        self._free_at = max(self._free_at, self._clock() + min(max(wait_s, 0.0), MAX_WAIT_S))

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _ask(self, method: str, path: str, **request: Any) -> Answer:
        patience = PATIENCE_S
        retries = iter(RETRIES_S)
        while True:
            patience -= await self._turn(patience)
            try:
                return await self._once(method, path, request)
            except SourceError as error:
                if error.kind == "wait":
                    self.hold(max(error.wait_s, 1.0))  # a service that asks for no time at all is not asked for ever
                    continue
                again = self._bounds.slow_again if isinstance(error, SlowError) else error.kind == "transient"
                wait_s = next(retries, None) if again else None
                if wait_s is None:
                    raise
                await self._pause(wait_s)

    async def _turn(self, patience: float) -> float:
        """Wait until it may be asked again.

        Returns:
            how long that was.
        Raises:
            SourceError: `wait`: longer than that.
        """
        wait_s = self._free_at - self._clock()
        if wait_s <= 0:
            return 0.0
        if wait_s > patience:
            raise SourceError(f"{self._place} asks us to wait {wait_s:.0f} s", kind="wait", wait_s=wait_s)
        await self._pause(wait_s)
        self._free_at = 0.0  # waited by the pause, whatever the clock makes of it
        return wait_s

    async def _once(self, method: str, path: str, request: dict[str, Any]) -> Answer:
        opened = await self._opened()
        try:
            async with asyncio.timeout(self._bounds.within_s):
                answer = await self._send(opened, method, path, request)
        except (TimeoutError, httpx.ReadTimeout):
            raise SlowError(self._place, self._bounds.within_s) from None
        except PROBLEMS as error:
            raise failed(self._place, cause(error)) from None
        finally:
            if self._every_s:
                self.hold(self._every_s)
        trouble = self._judge(answer) if self._judge is not None else None
        trouble = trouble or refusal(answer, now=self._clock(), setting=self._setting)
        if trouble is not None:
            raise trouble
        check_json(answer)
        spent = spent_s(answer.headers, self._clock())
        if spent:
            self.hold(spent)
        return answer

    async def _opened(self) -> httpx.AsyncClient:
        async with self._opening:  # who asks at the same time waits for the one that is being made
            if self._http is None:
                tls = self._tls if self._tls is not None else await asyncio.to_thread(trust, "")
                self._http = httpx.AsyncClient(
                    verify=tls,
                    proxy=proxy_for(self._base),
                    trust_env=False,
                    follow_redirects=False,
                    timeout=httpx.Timeout(self._bounds.within_s, connect=CONNECT_S),
                )
            return self._http

    async def _send(self, opened: httpx.AsyncClient, method: str, path: str, request: dict[str, Any]) -> Answer:
        """One request with its redirects, which stay within the host: a credential goes along."""
        url = httpx.URL(self._base + path)
        headers = {**self._headers, **(request.get("headers") or {})}
        rest = {name: value for name, value in request.items() if name != "headers" and value is not None}
        for _ in range(MAX_REDIRECTS + 1):
            async with opened.stream(method, url, headers=headers, **rest) as answer:
                if not answer.has_redirect_location:
                    return await self._whole(answer)
                target = answer.url.join(answer.headers["location"])
            if method != "GET" or not stays(answer.url, target):
                raise changed(self._place, f"an answer, got a redirect (HTTP {answer.status_code}) to another place")
            url, rest = target, {}  # the parameters stand in the new address
        raise changed(self._place, f"an answer, got more than {MAX_REDIRECTS} redirects")

    async def _whole(self, answer: httpx.Response) -> Answer:
        """Read and unpack an answer as far as it may go. That of a refusal may be anything, and is let go if so."""
        try:
            data = await body_of(self._place, answer, most_bytes=self._bounds.most_bytes, packed=self._bounds.packed)
        except SourceError:
            if answer.is_success:
                raise
            data = b""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(place=self._place, status=answer.status_code, headers=headers, data=data)
