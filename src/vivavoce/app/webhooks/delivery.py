"""One attempt to deliver one message, and what follows from how it went."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx
import msgspec
import structlog

from vivavoce import __version__
from vivavoce.app.webhooks import signing
from vivavoce.app.webhooks.addresses import (
    Address,
    Network,
    Resolve,
    Target,
    parse_target,
    resolve_target,
    system_resolve,
)
from vivavoce.errors import InputError
from vivavoce.jobs.port import Jobs
from vivavoce.live.network import trust
from vivavoce.store.vault import Vault
from vivavoce.store.webhooks import StoredDelivery, StoredWebhook, Webhooks

log = structlog.get_logger(__name__)

JOB = "webhook"
"""Kind of the job that makes an attempt; its arguments are `delivery` and `attempt`."""
TIMETABLE_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Waits before the second to the tenth attempt, as Standard Webhooks proposes them: the last is three days on."""
SPREAD = 0.1
"""Waits are drawn from a tenth less to a tenth more, so that a receiver that comes back is not run over."""
RETRY_AFTER_MOST_S = 86_400.0
"""A receiver may ask for more time than the timetable has, within this."""
WITHIN_S = 20.0
"""For the whole of an attempt; the standard wants 15 to 30."""
CONNECT_S = 5.0
MAX_ANSWER_BYTES = 16 * 1024
"""Nobody looks at an answer's body; this much is read, so that the connection ends in peace."""
MAX_ADDRESSES = 3
"""Of a name, tried one after the other until one takes the connection."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt went. It is a job's result, so it holds no word of anybody."""

    state: str
    """`delivered`, `waiting` (there will be another attempt), `failed`, or `gone`: nothing is left to deliver."""
    status: int | None = None
    problem: str = ""
    next_in_s: float | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver said."""

    status: int
    retry_after: str = ""


class Courier:
    """Makes attempts. One for a process.

    Args:
        own: networks of the operator's own, see `addresses`.
        clock: Unix seconds.
        chance: draws waits.
        tls: whose certificates are believed; the system's by default.
    """

    def __init__(
        self,
        webhooks: Webhooks,
        vault: Vault,
        jobs: Jobs,
        *,
        own: Sequence[Network] = (),
        resolve: Resolve = system_resolve,
        clock: Callable[[], float] = time.time,
        chance: random.Random | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._webhooks = webhooks
        self._vault = vault
        self._jobs = jobs
        self._own = own
        self._resolve = resolve
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311  spreads waits, guards nothing
        self._tls = tls

    async def enqueue(self, delivery: StoredDelivery, *, delay_s: float = 0.0) -> None:
        """Ask for the next attempt of a delivery. Asking twice is asking once.

        Raises:
            StoreError: the database did not take it.
        """
        attempt = delivery.attempts + 1
        await self._jobs.enqueue(
            JOB,
            {"delivery": delivery.id, "attempt": attempt},
            call_id=delivery.call_id,
            key=f"{JOB}-{delivery.id}-{attempt}",
            delay_s=delay_s,
        )

    async def deliver(self, delivery_id: str, attempt: int) -> Outcome:
        """Make an attempt, write down how it went, and ask for the next one if there is to be one.

        Made twice (the worker died in between), the receiver gets the message twice with one `webhook-id`, which is
        how receivers know, and what came of it is written once.

        Raises:
            StoreError: the database does not answer.
        """
        delivery = await self._webhooks.delivery(delivery_id)
        webhook = await self._webhooks.get(delivery.webhook_id) if delivery is not None else None
        if delivery is None or webhook is None or delivery.state != "waiting":
            return Outcome(state="gone")
        if delivery.attempts >= attempt:  # written down by a worker that died before it could ask for the next
            await self.enqueue(delivery, delay_s=max(0.0, (delivery.next_at or 0.0) - self._clock()))
            return Outcome(state="waiting", status=delivery.last_status, problem=delivery.last_problem)
        if not webhook.active:
            return await self._failed(delivery, attempt, None, "the webhook was switched off")
        try:
            answer = await self._send(webhook, delivery)
        except InputError as error:  # where it leads is not allowed; tomorrow it may lead elsewhere
            return await self._again(delivery, attempt, None, str(error))
        except TimeoutError:
            return await self._again(delivery, attempt, None, f"no whole answer within {WITHIN_S:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return await self._again(delivery, attempt, None, f"no answer: {_kind(error)}")
        status = answer.status
        if HTTPStatus(200) <= status < HTTPStatus(300):
            await self._webhooks.tried(
                delivery.id,
                attempt=attempt,
                state="delivered",
                delivered_at=self._clock(),
                next_at=None,
                last_status=status,
                last_problem="",
            )
            return Outcome(state="delivered", status=status)
        if status == HTTPStatus.GONE:  # the standard's word for: do not come again
            await self._webhooks.change(webhook.id, active=False)
            log.warning("a webhook was switched off: its receiver is gone", webhook=webhook.id)
            return await self._failed(delivery, attempt, status, "HTTP 410: the receiver is gone; switched off")
        redirected = ", and redirects are not followed" if 300 <= status < 400 else ""
        return await self._again(delivery, attempt, status, f"HTTP {status}{redirected}", answer.retry_after)

    async def _again(
        self, delivery: StoredDelivery, attempt: int, status: int | None, problem: str, retry_after: str = ""
    ) -> Outcome:
        if attempt > len(TIMETABLE_S):
            return await self._failed(delivery, attempt, status, problem)
        wait_s = TIMETABLE_S[attempt - 1] * self._chance.uniform(1 - SPREAD, 1 + SPREAD)
        wait_s = max(wait_s, min(_retry_after_s(retry_after, self._clock()), RETRY_AFTER_MOST_S))
        written = await self._webhooks.tried(
            delivery.id,
            attempt=attempt,
            next_at=self._clock() + wait_s,
            last_status=status,
            last_problem=problem,
        )
        if written:
            await self.enqueue(msgspec.structs.replace(delivery, attempts=attempt), delay_s=wait_s)
        return Outcome(state="waiting", status=status, problem=problem, next_in_s=wait_s)

    async def _failed(self, delivery: StoredDelivery, attempt: int, status: int | None, problem: str) -> Outcome:
        await self._webhooks.tried(
            delivery.id, attempt=attempt, state="failed", next_at=None, last_status=status, last_problem=problem
        )
        return Outcome(state="failed", status=status, problem=problem)

    async def _send(self, webhook: StoredWebhook, delivery: StoredDelivery) -> Answer:
        target = parse_target(webhook.url, self._own)
        body = delivery.body.encode()
        now = self._clock()
        keys = [self._vault.open(webhook.secret_sealed).decode()]
        if webhook.old_secret_sealed is not None and now < (webhook.old_secret_until or 0.0):
            keys.append(self._vault.open(webhook.old_secret_sealed).decode())
        headers = {
            "content-type": "application/json",
            "user-agent": f"vivavoce/{__version__}",
            **signing.headers(delivery.id, int(now), body, keys),
        }
        async with asyncio.timeout(WITHIN_S):
            addresses = await resolve_target(target, self._resolve, self._own)
            refused: httpx.TransportError | None = None
            for address in addresses[:MAX_ADDRESSES]:
                try:
                    return await self._post(target, address, body, headers)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    refused = error
            assert refused is not None, "a target has at least one address"
            raise refused

    async def _post(self, target: Target, address: Address, body: bytes, headers: dict[str, str]) -> Answer:
        """Ask one address, whatever its name resolves to by now. TLS is checked against the name."""
        place = f"[{address}]" if address.version == 6 else str(address)
        tls = self._tls if self._tls is not None else await asyncio.to_thread(trust, "")
        async with (
            httpx.AsyncClient(verify=tls, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST",
                f"{target.scheme}://{place}:{target.port}{target.path}",
                content=body,
                headers={"host": target.authority, "accept-encoding": "identity", **headers},
                timeout=httpx.Timeout(WITHIN_S, connect=CONNECT_S),
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            read = 0
            async for piece in answer.aiter_raw():
                read += len(piece)
                if read > MAX_ANSWER_BYTES:
                    break
            return Answer(status=answer.status_code, retry_after=answer.headers.get("retry-after", ""))


def _retry_after_s(text: str, now: float) -> float:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3); 0.0 for none and for rubbish."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _kind(error: BaseException) -> str:
    """What went wrong, without the library's text: it may quote the URL."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 8:
        causes.append(cause)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate does not hold ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "TLS failed"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
