"""Who we are to a live model: headers that hold for the next dial. A credential never shows itself in a repr.

google-auth is imported where it is used: only who talks to Vertex AI with an account needs it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from vivavoce.errors import LinkError, MissingError, SettingsError

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
REFRESH_WITHIN_S = 10.0
"""A token comes within a second; a caller waits for this one."""
_NETWORK = "Check the network and the proxy settings of this machine."
_KINDS = ("service_account", "authorized_user")
"""What may stand in a credentials file. Other kinds name programs to run or hosts to ask; a machine that has one of
those has it as its own account."""


class Credential(Protocol):
    async def prepare(self) -> None:
        """Load what is needed, so that what is missing is told at the start. Raises SettingsError, MissingError."""
        ...

    async def headers(self) -> dict[str, str]:
        """Headers of the next handshake. Raises LinkError when there is no credential to be had."""
        ...


class Fixed:
    """Headers that never change: a key, a token given by hand, or nothing."""

    def __init__(self, **headers: str) -> None:
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    async def prepare(self) -> None:
        return

    async def headers(self) -> dict[str, str]:
        return dict(self._headers)


class GoogleAccount:
    """An access token of a Google Cloud account, fetched anew before it runs out. The network is asked in a thread,
    once at a time however many callers come and go; while a token holds nobody waits for the next.

    Args:
        load: gives google-auth's credentials; called once, in a thread.
        ask: google-auth's transport.
    """

    def __init__(self, load: Callable[[], Any], ask: Callable[..., Any]) -> None:
        self._load = load
        self._ask = ask
        self._account: Any = None
        self._loading = asyncio.Lock()
        self._renewal: asyncio.Task[LinkError | None] | None = None

    async def prepare(self) -> None:
        async with self._loading:
            if self._account is None:
                self._account = await asyncio.to_thread(self._load)

    async def headers(self) -> dict[str, str]:
        try:
            await self.prepare()
        except (SettingsError, MissingError) as error:
            raise LinkError(str(error), kind="fatal") from error
        from google.auth.credentials import TokenState

        state = self._account.token_state
        if state is not TokenState.FRESH:
            renewal = self._renewing()
            if state is TokenState.INVALID:
                await _done(renewal)
        headers = {"Authorization": f"Bearer {self._account.token}"}
        if self._account.quota_project_id:
            headers["x-goog-user-project"] = self._account.quota_project_id
        return headers

    def _renewing(self) -> asyncio.Task[LinkError | None]:
        """The one renewal that is under way."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="access-token")
        return self._renewal

    async def _renew(self) -> LinkError | None:
        """What went wrong. The text of an error is left out: it may repeat the account's assertion."""
        from google.auth.exceptions import GoogleAuthError, TransportError

        try:
            await asyncio.to_thread(self._account.refresh, self._ask)
        except GoogleAuthError as error:
            passing = isinstance(error, TransportError) or getattr(error, "retryable", False)
            return _unreachable() if passing else _refused()
        except Exception:  # noqa: BLE001  # the library stumbles in many ways over an answer that is none
            return LinkError("no access token: the token service answers with something else", remedy=_NETWORK)
        return None


async def _done(renewal: asyncio.Task[LinkError | None]) -> None:
    try:
        async with asyncio.timeout(REFRESH_WITHIN_S):
            problem = await asyncio.shield(renewal)  # others wait for it too
    except TimeoutError:
        problem = _unreachable()
    if problem is not None:
        raise problem


def _unreachable() -> LinkError:
    return LinkError("no access token: the token service cannot be reached", remedy=_NETWORK)


def _refused() -> LinkError:
    return LinkError(
        "no access token: the token service refuses the account",
        code=401,
        kind="fatal",
        remedy="Check that the account of backend_credentials exists, is enabled and that its key is current.",
    )


def account_of_file(path: str, ask: Callable[..., Any]) -> GoogleAccount:
    """The account of a credentials file: a service account's key, or a person's own login."""

    def load() -> Any:
        google_auth = _google_auth()
        from google.oauth2 import credentials, service_account

        info = read_account(path)
        try:
            if info["type"] == "service_account":
                return service_account.Credentials.from_service_account_info(info, scopes=[SCOPE])  # type: ignore[no-untyped-call]
            return credentials.Credentials.from_authorized_user_info(info, scopes=[SCOPE])  # type: ignore[no-untyped-call]
        except (google_auth.exceptions.GoogleAuthError, ValueError):
            # the error may repeat the key
            raise SettingsError(f"want Google credentials in {path}, got a file that is none") from None

    return GoogleAccount(load, ask)


def account_of_machine(ask: Callable[..., Any]) -> GoogleAccount:
    """The account this machine has by itself (application default credentials)."""

    def load() -> Any:
        google_auth = _google_auth()
        try:
            return google_auth.default(scopes=[SCOPE])[0]
        except google_auth.exceptions.GoogleAuthError as error:
            raise SettingsError(
                "want credentials for backend 'vertex', got none; set backend_credentials to a service account's file, "
                "or run `gcloud auth application-default login`"
            ) from error

    return GoogleAccount(load, ask)


def read_account(path: str) -> dict[str, Any]:
    """What stands in a credentials file.

    Raises:
        SettingsError: it cannot be read or is none; what stands in it is never repeated.
    """
    try:
        info = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"want a credentials file in backend_credentials, got {path}: {error.strerror}") from error
    except ValueError:
        raise SettingsError(f"want Google credentials in {path}, got a file that is not JSON") from None
    if not isinstance(info, dict) or info.get("type") not in _KINDS:
        raise SettingsError(f"want Google credentials ({' or '.join(_KINDS)}) in {path}, got another file")
    return info


def _google_auth() -> Any:
    try:
        import google.auth
        import google.auth.exceptions
    except ImportError as error:
        raise MissingError(
            "want google-auth for backend 'vertex', got none",
            remedy="Install the extra `vertex`, or set VIVA_BACKEND_TOKEN or VIVA_BACKEND_KEY.",
        ) from error
    return google.auth
