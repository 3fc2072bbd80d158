"""Who comes in as what."""

from __future__ import annotations

import json

import pytest

from vivavoce.errors import WireError
from vivavoce.local.front.credentials import Credentials, credentials_of
from vivavoce.local.front.gatekeeper import Gatekeeper, RealtimeGuest
from vivavoce.local.front.paths import Live
from vivavoce.local.front.secrets import ClientSecrets
from vivavoce.local.front.tokens import Tokens
from vivavoce.wire.gemini.models import STUDIO, VERTEX
from vivavoce.wire.gemini.resources import AuthTokenRequest

NOW = 1_800_000_000.0
TOKENS, SECRETS = Tokens(lambda: NOW), ClientSecrets(lambda: NOW)
OPEN, LOCKED = Gatekeeper([], TOKENS, SECRETS), Gatekeeper(["right"], TOKENS, SECRETS)
PLACE, CONSTRAINED = Live(STUDIO, "v1beta"), Live(STUDIO, "v1alpha", constrained=True)


def test_the_path_says_platform_and_version() -> None:
    guest = OPEN.live(Live(VERTEX, "v1beta1"), Credentials())
    assert (guest.entrance.platform, guest.entrance.version) == (VERTEX, "v1beta1")
    assert not guest.over()


@pytest.mark.conformance("S4")
@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (Credentials(), 1008),
        (Credentials(keys=("wrong",)), 1007),
        (Credentials(keys=("wrong",), bearers=("wrong",)), 1007),
        (Credentials(bearers=("wrong",)), 1008),
    ],
)
def test_keys_are_wanted_when_there_are_some(shown: Credentials, code: int) -> None:
    OPEN.live(PLACE, shown)
    with pytest.raises(WireError) as refused:
        LOCKED.live(PLACE, shown)
    assert refused.value.code == code
    LOCKED.live(PLACE, Credentials(keys=(*shown.keys, "right"), bearers=shown.bearers))


def test_a_token_repeated_in_the_place_of_a_key_is_a_token() -> None:
    name = TOKENS.mint(AuthTokenRequest()).name
    assert not LOCKED.live(CONSTRAINED, Credentials(keys=(name,), bearers=(name,))).over()


@pytest.mark.parametrize(
    ("target", "session", "wanted"),
    [
        ("/v1/realtime?model=a", {}, ("a", None)),
        ("/v1/realtime", {"model": "b"}, ("b", None)),
        ("/v1/realtime?model=a", {"model": "b", "instructions": "Be brief."}, ("a", "Be brief.")),
        ("/v1/realtime", {}, ("", None)),
    ],
)
def test_a_client_secret_brings_its_session(target: str, session: dict[str, str], wanted: tuple[str, str]) -> None:
    secret = SECRETS.mint(json.dumps({"session": session}).encode())
    shown = credentials_of(target, [("sec-websocket-protocol", f"realtime, openai-insecure-api-key.{secret.value}")])
    for keeper in (OPEN, LOCKED):
        guest = keeper.realtime(target, shown)
        assert guest is not None
        first = json.loads(guest.first) if guest.first is not None else {"session": {}}
        assert (guest.model, first["session"].get("instructions")) == wanted


def test_a_bad_key_opens_no_realtime_session() -> None:
    assert OPEN.realtime("/v1/realtime", Credentials()) == RealtimeGuest("")
    assert LOCKED.realtime("/v1/realtime", Credentials(bearers=("right",))) == RealtimeGuest("")
    for shown in (Credentials(), Credentials(bearers=("wrong",))):
        assert LOCKED.realtime("/v1/realtime", shown) is None
    assert OPEN.realtime("/v1/realtime", Credentials(bearers=("ek_guessed",))) is None
