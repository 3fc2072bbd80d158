"""Attempts: against real receivers on loopback, and against names that lie."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from vivavoce.app.webhooks import delivery as delivering
from vivavoce.app.webhooks import signing
from vivavoce.app.webhooks.addresses import parse_networks
from vivavoce.app.webhooks.delivery import TIMETABLE_S, Courier, Outcome
from vivavoce.store import Store
from vivavoce.store.vault import Vault
from vivavoce.store.webhooks import StoredDelivery, StoredWebhook, Webhooks

LOOPBACK = parse_networks("127.0.0.0/8")


class Jobs:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[Mapping[str, Any], float]] = {}

    async def enqueue(
        self,
        kind: str,
        args: Mapping[str, Any] | None = None,
        *,
        call_id: str | None = None,
        key: str | None = None,
        delay_s: float = 0.0,
    ) -> str:
        assert (kind, key is not None) == ("webhook", True)
        self.asked.setdefault(key or "", (args or {}, delay_s))
        return key or ""

    async def status(self, job_id: str) -> None: ...
    def events(self, job_id: str, *, after: int = 0) -> Any: ...
    async def cancel(self, job_id: str) -> bool:
        return False

    async def schedule(self, name: str, kind: str, args: Any = None, *, every_s: float) -> None: ...


class Post:
    """A courier with everything around it in the hands of the test."""

    def __init__(self, store: Store) -> None:
        self.webhooks = Webhooks(store.database)
        self.vault = Vault([Vault.make_key()])
        self.jobs = Jobs()
        self.now = 1_750_000_000.0
        self.resolved = ["127.0.0.1"]
        self.looks = 0
        self.secret = signing.make_secret()
        self.tls: ssl.SSLContext | None = None
        self.own = LOOPBACK

    async def _resolve(self, host: str, port: int) -> list[str]:
        self.looks += 1
        return self.resolved

    @property
    def courier(self) -> Courier:
        return Courier(
            self.webhooks, self.vault, self.jobs, own=self.own, resolve=self._resolve,
            clock=lambda: self.now, chance=random.Random(7), tls=self.tls,
        )  # fmt: skip

    async def to(self, url: str) -> tuple[StoredWebhook, StoredDelivery]:
        sealed = self.vault.seal(self.secret.encode())
        hook = await self.webhooks.add(url, events=(), agent=None, secret_sealed=sealed, now=self.now)
        body = '{"type":"call.ended"}'
        sent = await self.webhooks.write_delivery(hook.id, type_="call.ended", body=body, call_id=None, now=self.now)
        return hook, sent

    async def outcome(self, url: str, attempt: int = 1) -> Outcome:
        _, sent = await self.to(url)
        return await self.courier.deliver(sent.id, attempt)

    async def row(self, delivery_id: str) -> StoredDelivery:
        row = await self.webhooks.delivery(delivery_id)
        assert row is not None
        return row


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    yield Post(store)
    await store.close()


class Receiver:
    """Takes one request a connection and answers what it was told to."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[dict[str, str], bytes, str]] = []
        self.port = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.requests.append((headers, body, head[0]))
            writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(*answers: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(*answers)
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


def answer(status: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_what_is_taken_is_delivered(post: Post) -> None:
    async with receiving(answer(204)) as receiver:
        _, sent = await post.to(f"http://hooks.example:{receiver.port}/viva?x=1")
        outcome = await post.courier.deliver(sent.id, 1)
    assert outcome == Outcome(state="delivered", status=204)
    headers, body, line = receiver.requests[0]
    assert line == "POST /viva?x=1 HTTP/1.1"
    assert headers["host"] == f"hooks.example:{receiver.port}"
    assert (headers["webhook-id"], headers["content-type"]) == (sent.id, "application/json")
    assert headers["webhook-timestamp"] == str(int(post.now))
    row = await post.row(sent.id)
    assert (row.state, row.attempts, row.delivered_at, row.next_at) == ("delivered", 1, post.now, None)
    assert post.jobs.asked == {}
    assert (await post.courier.deliver(sent.id, 1)).state == "gone", "once is enough"
    assert len(receiver.requests) == 1
    assert body == sent.body.encode()


async def test_both_secrets_sign_while_a_rotation_lasts(post: Post) -> None:
    import time

    post.now = time.time()  # the standard's library looks at the real clock
    new = signing.make_secret()
    async with receiving(answer(200)) as receiver:
        url = f"http://hooks.example:{receiver.port}/"
        for until, both in ((post.now + 60, True), (post.now - 1, False)):
            hook, sent = await post.to(url)
            await post.webhooks.change(
                hook.id,
                secret_sealed=post.vault.seal(new.encode()),
                old_secret_sealed=hook.secret_sealed,
                old_secret_until=until,
            )
            await post.courier.deliver(sent.id, 1)
            headers, body, _ = receiver.requests[-1]
            Webhook(new).verify(body, headers)
            assert len(headers["webhook-signature"].split()) == (2 if both else 1)
            if both:
                Webhook(post.secret).verify(body, headers)


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
async def test_what_is_refused_is_tried_again(post: Post, status: int) -> None:
    async with receiving(answer(status, "location: http://127.0.0.1:1/")) as receiver:
        _, sent = await post.to(f"http://hooks.example:{receiver.port}/")
        outcome = await post.courier.deliver(sent.id, 1)
    assert (outcome.state, outcome.status, len(receiver.requests)) == ("waiting", status, 1)
    assert outcome.problem.startswith(f"HTTP {status}")
    assert outcome.next_in_s == pytest.approx(5, rel=0.1)
    assert post.jobs.asked == {f"webhook-{sent.id}-2": ({"delivery": sent.id, "attempt": 2}, outcome.next_in_s)}
    row = await post.row(sent.id)
    assert (row.attempts, row.last_status, row.next_at) == (1, status, post.now + (outcome.next_in_s or 0))


async def test_the_timetable_has_an_end(post: Post) -> None:
    async with receiving(answer(500)) as receiver:
        _, sent = await post.to(f"http://hooks.example:{receiver.port}/")
        waits = []
        for attempt in range(1, len(TIMETABLE_S) + 2):
            outcome = await post.courier.deliver(sent.id, attempt)
            waits.append(outcome.next_in_s)
        assert outcome.state == "failed"
        assert waits[-1] is None
        assert waits[:-1] == [pytest.approx(wait, rel=0.1) for wait in TIMETABLE_S]
        assert len(post.jobs.asked) == len(TIMETABLE_S)
        assert {headers["webhook-id"] for headers, *_ in receiver.requests} == {sent.id}
        assert await post.webhooks.again(sent.id, post.now), "somebody presses the button"
        receiver.answers = [answer(200)]
        await post.courier.enqueue(await post.row(sent.id))
        assert (await post.courier.deliver(sent.id, len(TIMETABLE_S) + 2)).state == "delivered"


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("retry-after: 3600", 3600),
        ("retry-after: 999999999999", 86_400),
        (f"retry-after: {formatdate(1_750_000_000 + 600, usegmt=True)}", 600),
        ("retry-after: 1", None),
        ("retry-after: soon", None),
        ("retry-after: -5", None),
        ("retry-after: Mon, 99 Foo 2020 00:00:00 GMT", None),
    ],
)
async def test_a_receiver_may_ask_for_more_time(post: Post, header: str, wait_s: float | None) -> None:
    async with receiving(answer(503, header)) as receiver:
        outcome = await post.outcome(f"http://hooks.example:{receiver.port}/")
    assert outcome.next_in_s == pytest.approx(wait_s or 5, rel=0.1)


async def test_a_receiver_that_is_gone_is_not_asked_again(post: Post) -> None:
    async with receiving(answer(410)) as receiver:
        hook, sent = await post.to(f"http://hooks.example:{receiver.port}/")
        assert (await post.courier.deliver(sent.id, 1)).state == "failed"
        other = await post.webhooks.write_delivery(hook.id, type_="t", body="{}", call_id=None, now=post.now)
        assert (await post.courier.deliver(other.id, 1)).state == "failed"
        assert len(receiver.requests) == 1
    switched = await post.webhooks.get(hook.id)
    assert switched is not None
    assert not switched.active


async def test_an_attempt_that_died_before_it_asked_for_the_next_asks_now(post: Post) -> None:
    async with receiving(answer(500)) as receiver:
        _, sent = await post.to(f"http://hooks.example:{receiver.port}/")
        await post.webhooks.tried(sent.id, attempt=1, next_at=post.now + 4, last_status=500, last_problem="HTTP 500")
        await post.courier.deliver(sent.id, 1)
        assert receiver.requests == []
    assert post.jobs.asked == {f"webhook-{sent.id}-2": ({"delivery": sent.id, "attempt": 2}, 4.0)}


async def test_what_was_erased_is_not_delivered(post: Post) -> None:
    hook, sent = await post.to("https://hooks.example/")
    await post.webhooks.remove(hook.id)
    assert (await post.courier.deliver(sent.id, 1)).state == "gone"
    assert (await post.courier.deliver("msg_made_up", 1)).state == "gone"


async def test_a_name_that_leads_inside_is_not_asked(post: Post) -> None:
    post.own = ()
    async with receiving(answer(200)) as receiver:
        outcome = await post.outcome(f"https://hooks.example:{receiver.port}/")
        assert (outcome.state, receiver.requests) == ("waiting", [])
    assert outcome.problem == "want a public address, got one of a private or reserved network"


async def test_the_connection_goes_to_the_address_that_was_looked_at(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: by the time of the connection the name leads elsewhere, and nobody asks it again."""
    loop = asyncio.get_running_loop()

    async def no_resolver(*_: object, **__: object) -> None:
        raise AssertionError("a second look at the name")

    async with receiving(answer(200)) as receiver:
        monkeypatch.setattr(type(loop), "getaddrinfo", no_resolver)
        outcome = await post.outcome(f"http://localhost.rebinding.example:{receiver.port}/")
    assert (outcome.state, post.looks) == ("delivered", 1)


async def test_the_next_address_is_tried_when_one_does_not_answer(post: Post) -> None:
    post.resolved = ["127.0.0.2", "127.0.0.1"]
    async with receiving(answer(200)) as receiver:
        assert (await post.outcome(f"http://hooks.example:{receiver.port}/")).state == "delivered"
    outcome = await post.outcome(f"http://hooks.example:{receiver.port}/")
    assert outcome.problem == "no answer: ConnectError"


async def test_names_that_do_not_resolve(post: Post) -> None:
    post.resolved = []
    assert (await post.outcome("https://hooks.example/")).problem == "no answer: OSError"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 99999 X\r\n\r\n",
        b"HTTP/1.1 200 X\r\ncontent-length: 5\r\n\r\nab",
        b"HTTP/1.1 200 X\r\n" + b"x: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
)
async def test_rubbish_is_no_answer(post: Post, said: bytes) -> None:
    async with receiving(said) as receiver:
        outcome = await post.outcome(f"http://hooks.example:{receiver.port}/")
    assert (outcome.state, outcome.problem.split(":")[0]) == ("waiting", "no answer")


async def test_a_body_without_end_is_not_read(post: Post) -> None:
    flood = b"HTTP/1.1 200 X\r\ncontent-length: 1000000000\r\n\r\n" + b"x" * 500_000
    async with receiving(flood) as receiver:
        assert (await post.outcome(f"http://hooks.example:{receiver.port}/")).state == "delivered"


async def test_an_answer_that_does_not_come_is_not_waited_for(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "WITHIN_S", 0.05)

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server:
        outcome = await post.outcome(f"http://hooks.example:{server.sockets[0].getsockname()[1]}/")
    assert (outcome.state, outcome.status) == ("waiting", None)


async def test_tls_is_checked_against_the_name_and_not_the_address(post: Post, tmp_path: Path) -> None:
    served, trusted = certified(tmp_path, "hooks.example")
    post.tls = trusted
    async with receiving(answer(200), tls=served) as receiver:
        assert (await post.outcome(f"https://hooks.example:{receiver.port}/")).state == "delivered"
        other = await post.outcome(f"https://other.example:{receiver.port}/")
        assert other.problem.startswith("no answer: the certificate does not hold")
        assert len(receiver.requests) == 1
        post.tls = None
        unknown = await post.outcome(f"https://hooks.example:{receiver.port}/")
        assert unknown.problem.startswith("no answer: the certificate does not hold")


async def test_neither_url_nor_secret_is_told(post: Post) -> None:
    with capture_logs() as logs:
        async with receiving(answer(410)) as receiver:
            outcome = await post.outcome(f"http://hooks.example:{receiver.port}/very-secret")
        broken = await post.outcome("http://hooks.example:1/very-secret")
    for told in (str(outcome), str(broken), str(logs), str(post.jobs.asked)):
        assert "very-secret" not in told
        assert post.secret not in told
        assert "hooks.example" not in told


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS context with a certificate for a name, and a client's that believes it."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(path)
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(path)
    return served, trusted
