"""How a source is asked: politely, patiently within bounds, and believing nothing it says of itself."""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx
import msgspec

from vivavoce import __version__
from vivavoce.errors import SettingsError
from vivavoce.live.http import PROBLEMS  # with it, httpx logs no URL: a key may stand there
from vivavoce.live.network import is_loopback, proxy_for, trust
from vivavoce.studies.sources.answers import UNREADABLE, Answer, Judge, changed
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.waits import UNTOLD_WAIT_S, asked_wait_s, spent_s

Clock: TypeAlias = Callable[[], float]
"""Unix seconds."""
Pause: TypeAlias = Callable[[float], Awaitable[None]]

USER_AGENT = f"vivavoce/{__version__}"
WITHIN_S = 30.0
"""For one whole answer, from the dial to the last byte."""
CONNECT_S = 10.0
MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Unpacked. The largest page there is by what services promise: 100 GitHub issues of 65,536 characters, up to 26 MB."""
RETRIES_S = (1.0, 3.0, 9.0)
"""Waits before another attempt after a failure of the other side. Not tuned: a restart behind a balancer takes seconds,
and whoever asks for the page tries again later."""
PATIENCE_S = 20.0
"""So long a wait that a service asks for is waited here; a longer one is told, for it is better waited by a job that
survives a restart. Stack Exchange asks for 10 s as a rule."""
MAX_WAIT_S = 24 * 3600.0 + 60.0
"""Longer waits are not believed: quotas that are known last a day at most."""
MAX_REDIRECTS = 3
_JSON = frozenset({"application/json", "text/json", "text/javascript", "application/javascript"})
"""The App Store's feeds call their JSON a script."""


class Client:
    """Asks one service. Keeps no more than how long it has to wait.

    Args:
        place: the source's name, for messages.
        base_url: http(s) with a host, with or without a path.
        headers: of every request; a credential may be among them.
        judge: the source's own reading of answers.
        setting: name of the setting that holds its credential, told when the service lets us not in.
        every_s: least time from one request to the next, where a service says so in words and not in headers.
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
        tls: ssl.SSLContext | None = None,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._place = place
        self._base = _checked(place, base_url)
        self._headers = {
            "user-agent": USER_AGENT,
            "accept": "application/json",
            "accept-encoding": "gzip",
            **(headers or {}),
        }
        self._judge = judge
        self._setting = setting
        self._every_s = every_s
        self._tls = tls
        self._clock = clock
        self._pause = pause
        self._free_at = 0.0
        self._http: httpx.AsyncClient | None = None

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
                wait_s = next(retries, None) if error.kind == "transient" else None
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
            async with asyncio.timeout(WITHIN_S):
                answer = await self._send(opened, method, path, request)
        except TimeoutError:
            raise self._failed(f"no whole answer within {WITHIN_S:g} s") from None
        except PROBLEMS as error:
            raise self._failed(_cause(error)) from None
        finally:
            if self._every_s:
                self.hold(self._every_s)
        trouble = self._judge(answer) if self._judge is not None else None
        trouble = trouble or self._judged(answer)
        if trouble is not None:
            raise trouble
        self._check_json(answer)
        spent = spent_s(answer.headers, self._clock())
        if spent:
            self.hold(spent)
        return answer

    async def _opened(self) -> httpx.AsyncClient:
        if self._http is None:
            tls = self._tls if self._tls is not None else await asyncio.to_thread(trust, "")
            self._http = httpx.AsyncClient(
                verify=tls,
                proxy=proxy_for(self._base),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(WITHIN_S, connect=CONNECT_S),
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
            if method != "GET" or not _within(answer.url, target):
                raise changed(self._place, f"an answer, got a redirect (HTTP {answer.status_code}) to another place")
            url, rest = target, {}  # the parameters stand in the new address
        raise changed(self._place, f"an answer, got more than {MAX_REDIRECTS} redirects")

    async def _whole(self, answer: httpx.Response) -> Answer:
        """Read and unpack an answer as far as it may go. That of a refusal may be anything, and is let go if so."""
        try:
            data = await self._body(answer)
        except SourceError:
            if answer.is_success:
                raise
            data = b""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(place=self._place, status=answer.status_code, headers=headers, data=data)

    async def _body(self, answer: httpx.Response) -> bytes:
        packing = answer.headers.get("content-encoding", "").strip().lower()
        if packing not in ("", "identity", "gzip", "x-gzip"):
            raise changed(self._place, "an answer plain or in gzip, got another encoding")
        unpack = zlib.decompressobj(wbits=31) if "gzip" in packing else None
        data = bytearray()
        async for piece in answer.aiter_raw():
            # never a byte more than may be: a few packed ones can be gigabytes
            data += piece if unpack is None else _unpacked(self._place, unpack, piece, MAX_ANSWER_BYTES + 1 - len(data))
            if len(data) > MAX_ANSWER_BYTES:
                raise changed(self._place, f"an answer of at most {MAX_ANSWER_BYTES} bytes, got more")
        if unpack is not None and data and not unpack.eof:
            raise self._failed("its answer broke off")
        return bytes(data)

    def _check_json(self, answer: Answer) -> None:
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media and media not in _JSON and not media.endswith("+json"):
            known = media if media.isascii() and len(media) <= 40 else "something else"
            raise changed(self._place, f"JSON, got {known}")
        try:
            msgspec.json.decode(answer.data, type=msgspec.Raw)
        except UNREADABLE:
            # a line that was cut and a service that writes nonsense look alike; the first is far more frequent
            raise self._failed("its JSON is broken or breaks off") from None

    def _judged(self, answer: Answer) -> SourceError | None:
        """The general rule, by status."""
        status = answer.status
        if HTTPStatus(200) <= status < HTTPStatus(300):
            return None
        wait_s = asked_wait_s(answer.headers, self._clock())
        if status == HTTPStatus.TOO_MANY_REQUESTS or (wait_s is not None and status in (403, 503)):
            wait_s = UNTOLD_WAIT_S if wait_s is None else wait_s
            return SourceError(f"{self._place} asks us to wait {wait_s:.0f} s", kind="wait", wait_s=wait_s)
        if status in (401, 403, 407):
            return self._refused(status)
        if status in (404, 410, 451):
            return SourceError(f"{self._place} does not have it (HTTP {status})", kind="gone")
        if status >= 500 or status in (408, 425):
            return self._failed(f"HTTP {status}")
        return changed(self._place, f"an answer to a request as it is known, got HTTP {status}")

    def _refused(self, status: int) -> SourceError:
        if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return SourceError(f"the proxy before {self._place} does not let us through", kind="refused")
        remedy = f"; look at the setting {self._setting}" if self._setting else ""
        return SourceError(
            f"{self._place} does not let us in (HTTP {status}){remedy}", kind="refused", setting=self._setting
        )

    def _failed(self, why: str) -> SourceError:
        return SourceError(f"{self._place} failed: {why}", kind="transient")


def _unpacked(place: str, unpack: Any, piece: bytes, most: int) -> bytes:
    try:
        data: bytes = unpack.decompress(piece, most)
    except zlib.error:
        raise SourceError(f"{place} failed: what it sent cannot be unpacked", kind="transient") from None
    return data


def _within(here: httpx.URL, there: httpx.URL) -> bool:
    """Whether a redirect stays at its host, and is no less encrypted."""
    port = {"http": 80, "https": 443}
    if there.scheme not in port or here.host != there.host:
        return False
    if (here.scheme, there.scheme) == ("http", "https"):
        return here.port is None and there.port is None
    return here.scheme == there.scheme and (here.port or port[here.scheme]) == (there.port or port[there.scheme])


def _checked(place: str, base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        good = good and not (parts.query or parts.fragment or parts.username or parts.password)
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{place}: want an address such as https://api.example, got one that cannot be used")
    return base_url.rstrip("/")


def check_encrypted(place: str, base_url: str, setting: str) -> None:
    """A credential goes only where nobody reads it on the way: by https, or on this machine.

    Raises:
        SettingsError: it would.
    """
    parts = urlsplit(_checked(place, base_url))
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise SettingsError(f"{place}: want https where {setting} is sent, got plain http")


def _cause(error: BaseException) -> str:
    """What went wrong, without the library's text: it may quote the URL, and with it a key."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 8:
        causes.append(cause)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate does not hold ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "TLS failed"
    return f"no answer ({type(error).__name__})"
