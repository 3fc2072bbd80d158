"""An account's token: fetched when it is needed, before it runs out, and off the loop. The token service is ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.exceptions import RefreshError, TransportError

from vivavoce.errors import LinkError, SettingsError
from vivavoce.live.backend import BackendSettings, choose
from vivavoce.live.credentials import GoogleAccount, account_of_file, account_of_machine
from vivavoce.live.http import GoogleTransport
from vivavoce.live.network import trust

NO_NETWORK = TransportError("x")  # type: ignore[no-untyped-call]
REFUSED = RefreshError("x")  # type: ignore[no-untyped-call]
MISHAP = RefreshError("x", retryable=True)  # type: ignore[no-untyped-call]
Answer = Callable[[], tuple[int, dict[str, Any]]]


@asynccontextmanager
async def token_service(answer: Answer) -> AsyncIterator[str]:
    """A token endpoint: every request gets what `answer` says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        status, body = answer()
        data = json.dumps(body).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + data
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"


@pytest.fixture(scope="module")
def key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def account_file(folder: Path, key: str, token_uri: str) -> Path:
    file = folder / "account.json"
    file.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": "p-1",
                "private_key_id": "1",
                "private_key": key,
                "client_email": "caller@p-1.example",
                "token_uri": token_uri,
            }
        )
    )
    return file


@pytest.mark.conformance("C1")
async def test_a_service_accounts_token_is_fetched_once_while_it_holds(tmp_path: Path, key: str) -> None:
    asked: list[int] = []

    def answer() -> tuple[int, dict[str, Any]]:
        asked.append(1)
        return 200, {"access_token": f"token-{len(asked)}", "expires_in": 3600, "token_type": "Bearer"}

    async with token_service(answer) as url:
        settings = BackendSettings(kind="vertex", credentials=str(account_file(tmp_path, key, url)))
        backend = choose(settings)
        await backend.credential.prepare()
        targets = await asyncio.gather(*(backend.target() for _ in range(5)))
    assert {target.headers["Authorization"] for target in targets} == {"Bearer token-1"}
    assert len(asked) == 1
    assert backend.model.startswith("projects/p-1/")


async def test_a_token_service_that_refuses_or_is_down(tmp_path: Path, key: str) -> None:
    refusal = (400, {"error": "invalid_grant", "error_description": "very-secret"})
    async with token_service(lambda: refusal) as url:
        file = account_file(tmp_path, key, url)
        account = account_of_file(str(file), GoogleTransport(trust()))
        with pytest.raises(LinkError) as caught:
            await account.headers()
    assert (caught.value.code, caught.value.kind) == (401, "fatal")
    assert "backend_credentials" in caught.value.remedy
    assert "very-secret" not in str(caught.value) + caught.value.reason
    down = account_of_file(str(account_file(tmp_path, key, "http://127.0.0.1:1/token")), GoogleTransport(trust()))
    with pytest.raises(LinkError) as caught:
        await down.headers()
    assert caught.value.kind == "transient"
    assert "network" in caught.value.remedy


class FakeAccount:
    """google-auth's credentials with a clock of their own."""

    def __init__(self, state: Any, *refreshes: Exception | None, payer: str | None = None) -> None:
        self.quota_project_id = payer
        self.token_state = state
        self.token = "old"
        self.refreshes = list(refreshes)

    def refresh(self, request: object) -> None:
        from google.auth.credentials import TokenState

        outcome = self.refreshes.pop(0)
        if outcome is not None:
            raise outcome
        self.token, self.token_state = "new", TokenState.FRESH


async def bearer(account: FakeAccount) -> str:
    headers = await GoogleAccount(lambda: account, lambda: None).headers()
    return headers["Authorization"].removeprefix("Bearer ")


async def test_a_token_is_used_while_it_holds_and_renewed_where_there_is_none() -> None:
    from google.auth.credentials import TokenState

    assert await bearer(FakeAccount(TokenState.FRESH)) == "old"
    assert await bearer(FakeAccount(TokenState.STALE, NO_NETWORK)) == "old"
    assert await bearer(FakeAccount(TokenState.INVALID, None)) == "new"
    for error, kind in ((NO_NETWORK, "transient"), (REFUSED, "fatal")):
        with pytest.raises(LinkError) as caught:
            await bearer(FakeAccount(TokenState.INVALID, error))
        assert caught.value.kind == kind
    with pytest.raises(LinkError) as caught:
        await bearer(FakeAccount(TokenState.INVALID, MISHAP))
    assert caught.value.kind == "transient"


async def test_who_pays_is_told() -> None:
    from google.auth.credentials import TokenState

    account = FakeAccount(TokenState.FRESH, payer="payer")
    headers = await GoogleAccount(lambda: account, lambda: None).headers()
    assert headers == {"Authorization": "Bearer old", "x-goog-user-project": "payer"}


async def test_the_network_is_asked_off_the_loop() -> None:
    from google.auth.credentials import TokenState

    loop = asyncio.get_running_loop()
    reached = asyncio.Event()

    class Slow(FakeAccount):
        def refresh(self, request: object) -> None:
            # would never return if the loop that sets the event were the one that waits here
            asyncio.run_coroutine_threadsafe(reached.wait(), loop).result(10)
            super().refresh(request)

    task = asyncio.create_task(bearer(Slow(TokenState.INVALID, None)))
    await asyncio.sleep(0)
    reached.set()
    assert await task == "new"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{", "not JSON"),
        ("[]", "another file"),
        ('{"type": "surprise"}', "another file"),
        ('{"type": "service_account", "private_key": "very-secret"}', "a file that is none"),
    ],
)
async def test_a_credentials_file_that_is_none(tmp_path: Path, text: str, wanted: str) -> None:
    file = tmp_path / "account.json"
    file.write_text(text)
    with pytest.raises(SettingsError, match=wanted) as caught:
        await account_of_file(str(file), lambda: None).prepare()
    assert "very-secret" not in str(caught.value)
    with pytest.raises(LinkError) as failed:
        await account_of_file(str(file), lambda: None).headers()
    assert failed.value.kind == "fatal"


async def test_a_machine_without_an_account_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(SettingsError, match="backend_credentials"):
        await account_of_machine(lambda: None).prepare()


def test_the_margin_of_a_token_is_the_librarys() -> None:
    from google.auth._helpers import REFRESH_THRESHOLD  # what STALE means

    assert timedelta(minutes=1) < REFRESH_THRESHOLD < timedelta(minutes=10)
