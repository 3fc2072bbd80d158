"""Ephemeral tokens: made with a key, shown by clients that must not have it, used up, run out.

A token lets new sessions begin until a time, a number of times; resuming a session does not count. It may fix fields of
the setup, and what it fixes wins over what the client sends (reference: gemini-live 1.3). The handle of a resumption is
no setting but a credential of its own, so it is always the client's.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from vivavoce.errors import InputError
from vivavoce.local.front.credentials import TOKEN_PREFIX
from vivavoce.local.front.shelf import Shelf
from vivavoce.wire.gemini.resources import AuthToken, AuthTokenRequest
from vivavoce.wire.gemini.setup import Setup
from vivavoce.wire.gemini.wording import BAD_CREDENTIALS, INVALID, Refused

LIFE_S = 30 * 60.0
NEW_SESSION_S = 60.0
LONGEST_S = 20 * 60 * 60.0

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_SNAKE = re.compile(r"_([a-z0-9])")

Path = tuple[str, ...]


@dataclass(slots=True)
class Token:
    """One token. Times are seconds of the epoch."""

    name: str = field(repr=False)
    sessions_left: int | None
    """None for no limit."""
    start_by: float
    expires_at: float
    fixed: Mapping[str, Any] | None
    """The setup it fixes, as JSON; None when the client may choose everything."""
    mask: Sequence[Path] | None
    """Which fields of it are fixed; None for all."""
    now: Callable[[], float]

    @property
    def expired(self) -> bool:
        return self.now() >= self.expires_at

    def admit(self, setup: Setup) -> Setup:
        """Let a session begin or be resumed.

        Returns:
            The setup with the token's fields laid over it.
        Raises:
            Refused: the token is over, used up, or too late for a new session.
        """
        resumes = setup.session_resumption is not None and bool(setup.session_resumption.handle)
        if self.expired or (not resumes and (self.sessions_left == 0 or self.now() >= self.start_by)):
            raise Refused(BAD_CREDENTIALS, code=1008)
        if not resumes and self.sessions_left is not None:
            self.sessions_left -= 1
        return setup if self.fixed is None else _laid_over(setup, self.fixed, self.mask)


class Tokens:
    """The tokens of a server.

    Args:
        now: seconds of the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tokens = Shelf[Token]()

    def mint(self, request: AuthTokenRequest) -> AuthToken:
        """Make a token.

        Raises:
            InputError: the request does not hold.
        """
        now = self._now()
        uses = 1 if request.uses is None else request.uses
        if uses < 0:
            raise InputError(f"want uses of 0 or more, got {uses}")
        expires_at = _time("expireTime", request.expire_time, now + LIFE_S)
        if not now < expires_at <= now + LONGEST_S:
            raise InputError(f"want expireTime within the next {LONGEST_S / 3600:.0f} hours, got another time")
        start_by = _time("newSessionExpireTime", request.new_session_expire_time, min(now + NEW_SESSION_S, expires_at))
        if not now < start_by <= expires_at:
            raise InputError("want newSessionExpireTime between now and expireTime, got another time")
        setup = request.bidi_generate_content_setup
        fixed = msgspec.to_builtins(setup) if setup is not None else None
        mask = _mask(request.field_mask)
        if mask is not None and fixed is not None:
            _check_covered(fixed, mask)
        if mask is not None and fixed is None:
            fixed = {}  # the named fields stay at the service's defaults
        name = TOKEN_PREFIX + secrets.token_urlsafe(32)
        token = Token(name, uses or None, start_by, expires_at, fixed, mask, self._now)
        self._tokens.put(name, token, len(msgspec.json.encode((fixed, mask))))
        return AuthToken(name=name)

    def find(self, name: str) -> Token | None:
        """A token that may still be used; None when there is none of this name, or none any more."""
        token = self._tokens.find(name)
        if token is not None and token.expired:
            self._tokens.drop(name)
            return None
        return token


def _time(name: str, given: str | None, default: float) -> float:
    if given is None:
        return default
    try:
        if _RFC3339.fullmatch(given) is None:
            raise ValueError(given)
        return datetime.fromisoformat(given.upper()).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        raise InputError(f"want {name} as in 2026-01-31T12:00:00Z, got something else") from None


def _mask(given: str | None) -> tuple[Path, ...] | None:
    """Paths of a field mask, in camelCase; None when there is none."""
    paths = (_SNAKE.sub(lambda found: found[1].upper(), path.strip()) for path in (given or "").split(","))
    found = tuple(tuple(path.split(".")) for path in paths if path)
    known = set(Setup.__struct_encode_fields__)
    for path in found:
        if path[0] not in known or "" in path:
            raise InputError(f"want fieldMask to name fields of the setup, got {'.'.join(path)[:80]!r}")
    return found or None


def _check_covered(fixed: Mapping[str, Any], mask: Sequence[Path]) -> None:
    """The service refuses a token that sets a field which its mask does not fix."""
    for name, value in fixed.items():
        inner = value if isinstance(value, dict) else {}
        paths: list[Path] = [(name, key) for key in inner]
        for path in paths or [(name,)]:
            if not any(path[: len(covering)] == covering for covering in (item[:2] for item in mask)):
                raise InputError(f"want every field of the setup in fieldMask, got {'.'.join(path)} outside of it")


def _laid_over(setup: Setup, fixed: Mapping[str, Any], mask: Sequence[Path] | None) -> Setup:
    given: dict[str, Any] = msgspec.to_builtins(setup)
    if mask is None:
        result = {"model": setup.model, **fixed}
    else:
        result = given
        for path in mask:
            _put(result, path, _get(fixed, path))
    if setup.session_resumption is not None and setup.session_resumption.handle is not None:
        resumption = dict(result.get("sessionResumption") or {})
        result["sessionResumption"] = resumption | {"handle": setup.session_resumption.handle}
    try:
        return msgspec.convert(result, Setup)
    except msgspec.ValidationError:
        raise Refused(INVALID) from None  # the mask took away what a setup cannot be without


def _get(tree: Any, path: Path) -> Any:
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _put(tree: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            if value is None:
                return
            inner = {}
        tree[name] = inner = dict(inner)
        tree = inner
    if value is None:
        tree.pop(path[-1], None)
    else:
        tree[path[-1]] = value
