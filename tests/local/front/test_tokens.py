"""Ephemeral tokens: uses, times, and the fields they fix."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from vivavoce.errors import InputError, WireError
from vivavoce.local.front.shelf import MOST_BYTES
from vivavoce.local.front.tokens import Tokens
from vivavoce.wire.gemini.resources import AuthTokenRequest
from vivavoce.wire.gemini.setup import Setup

pytestmark = pytest.mark.conformance("S5")


class Wall:
    """A wall clock the test turns."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def setup(**fields: Any) -> Setup:
    return msgspec.convert({"model": "models/gemini-3.8-live", **fields}, Setup)


RESUMED = setup(sessionResumption={"handle": "h"})


def minted(tokens: Tokens, **fields: Any) -> Any:
    token = tokens.find(tokens.mint(msgspec.convert(fields, AuthTokenRequest)).name)
    assert token is not None
    return token


def test_a_token_starts_one_session_within_a_minute() -> None:
    wall = Wall()
    token = minted(Tokens(wall))
    assert token.admit(setup()) == setup()
    with pytest.raises(WireError, match="invalid authentication credentials") as refused:
        token.admit(setup())
    assert refused.value.code == 1008
    late = minted(Tokens(wall))
    wall.now += 60
    with pytest.raises(WireError):
        late.admit(setup())


def test_resuming_takes_no_use_and_has_until_the_end() -> None:
    wall = Wall()
    token = minted(Tokens(wall))
    token.admit(setup())
    wall.now += 29 * 60
    for _ in range(3):
        token.admit(RESUMED)
    wall.now += 60
    with pytest.raises(WireError):
        token.admit(RESUMED)


def test_uses_and_times_can_be_chosen() -> None:
    wall = Wall()
    tokens = Tokens(wall)
    token = minted(tokens, uses=2, expireTime=at(wall.now + 100), newSessionExpireTime=at(wall.now + 90))
    wall.now += 89
    token.admit(setup())
    token.admit(setup())
    with pytest.raises(WireError):
        token.admit(setup())
    unlimited = minted(tokens, uses=0)
    for _ in range(20):
        unlimited.admit(setup())


def test_an_expired_token_is_not_found() -> None:
    wall = Wall()
    tokens = Tokens(wall)
    name = tokens.mint(AuthTokenRequest()).name
    assert name.startswith("auth_tokens/")
    wall.now += 30 * 60
    assert tokens.find(name) is None
    assert tokens.find("auth_tokens/other") is None


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"uses": -1}, "want uses of 0 or more"),
        ({"expireTime": "tomorrow"}, "want expireTime as in"),
        ({"expireTime": "2027-01-15T08:30:00"}, "want expireTime as in"),
        ({"expireTime": "9999-99-99T00:00:00Z"}, "want expireTime as in"),
        ({"expireTime": at(1_800_000_000 - 1)}, "want expireTime within"),
        ({"expireTime": at(1_800_000_000 + 20 * 3600 + 1)}, "within the next 20 hours"),
        ({"newSessionExpireTime": at(1_800_000_000 + 1801)}, "want newSessionExpireTime between"),
        ({"fieldMask": "nonsense"}, "want fieldMask to name fields of the setup"),
        ({"fieldMask": "generationConfig."}, "want fieldMask to name fields"),
        (
            {
                "bidiGenerateContentSetup": {"model": "m", "generationConfig": {"temperature": 1, "topP": 0.5}},
                "fieldMask": "model,generationConfig.temperature",
            },
            "got generationConfig.topP outside of it",
        ),
    ],
)
def test_requests_that_do_not_hold(fields: dict[str, Any], wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        Tokens(Wall()).mint(msgspec.convert(fields, AuthTokenRequest))


FIXED = {"generationConfig": {"temperature": 0.5}, "systemInstruction": {"parts": [{"text": "Be brief."}]}}
THEIRS = setup(
    generationConfig={"temperature": 1.5, "topP": 0.9},
    systemInstruction={"parts": [{"text": "Be long."}]},
    outputAudioTranscription={},
    sessionResumption={"handle": "h"},
)


def test_a_token_without_a_setup_leaves_the_choice_to_the_client() -> None:
    assert minted(Tokens(Wall())).admit(THEIRS) == THEIRS


def test_without_a_mask_the_whole_setup_is_fixed() -> None:
    token = minted(Tokens(Wall()), bidiGenerateContentSetup=FIXED)
    assert token.admit(THEIRS) == setup(**FIXED, sessionResumption={"handle": "h"})
    other = minted(Tokens(Wall()), bidiGenerateContentSetup=FIXED | {"model": "models/other"})
    assert other.admit(THEIRS).model == "models/other"


def test_a_mask_fixes_what_it_names_and_leaves_the_rest() -> None:
    mask = "generationConfig.temperature,systemInstruction.parts,output_audio_transcription,proactivity"
    token = minted(Tokens(Wall()), bidiGenerateContentSetup=FIXED, fieldMask=mask)
    assert token.admit(THEIRS) == setup(
        generationConfig={"temperature": 0.5, "topP": 0.9},
        systemInstruction={"parts": [{"text": "Be brief."}]},
        sessionResumption={"handle": "h"},
    )
    assert token.mask is not None
    alone = minted(Tokens(Wall()), bidiGenerateContentSetup=FIXED, fieldMask=mask)
    assert alone.admit(setup()) == setup(**FIXED), "what the client left out is fixed too"


def test_a_mask_without_a_setup_fixes_the_defaults() -> None:
    token = minted(Tokens(Wall()), fieldMask="generationConfig.temperature,outputAudioTranscription")
    assert token.admit(THEIRS).output_audio_transcription is None
    assert token.mask is not None


def test_the_handle_is_the_clients_even_when_resumption_is_fixed() -> None:
    token = minted(Tokens(Wall()), bidiGenerateContentSetup={"sessionResumption": {}}, fieldMask="sessionResumption")
    assert token.admit(THEIRS) == THEIRS


def test_a_mask_that_takes_the_model_away_is_refused_at_the_setup() -> None:
    token = minted(Tokens(Wall()), fieldMask="model")
    with pytest.raises(WireError) as refused:
        token.admit(setup())
    assert refused.value.code == 1007


def test_the_oldest_tokens_go_when_they_carry_too_much() -> None:
    """Anybody may ask for tokens where no keys are wanted."""
    tokens = Tokens(Wall())
    fixed = {"model": "models/gemini-3.8-live", "systemInstruction": {"parts": [{"text": "x" * 60_000}]}}
    request = msgspec.convert({"bidiGenerateContentSetup": fixed}, AuthTokenRequest)
    names = [tokens.mint(request).name for _ in range(MOST_BYTES // 60_000 + 1)]
    assert tokens.find(names[0]) is None
    assert names[-1] not in repr(tokens.find(names[-1]))
    assert tokens.find(names[-1]) is not None
