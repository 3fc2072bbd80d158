"""The fault file: rules of what goes wrong and when.

    seed: 7
    faults:
      - when: {server: audio, nth: 20}
        do: close
        code: 1011
        reason: Internal error encountered.

Every kind of fault is a struct, its tag is what stands behind `do` (docs/reference/faults.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from vivavoce.local.typed_yaml import read
from vivavoce.wire.gemini.wording import DEADLINE, INTERNAL

ClientKind = Literal[
    "message", "setup", "audio", "video", "text", "activityStart", "activityEnd", "audioStreamEnd", "clientContent",
    "toolResponse", "contextUpdate",
]  # fmt: skip
ServerKind = Literal[
    "message", "setupComplete", "audio", "text", "inputTranscription", "outputTranscription", "generationComplete",
    "turnComplete", "interrupted", "toolCall", "toolCallCancellation", "usageMetadata", "goAway",
    "sessionResumptionUpdate", "voiceActivity",
]  # fmt: skip

Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
CloseCode = Annotated[int, msgspec.Meta(ge=1000, le=4999)]
UNSENDABLE = (1004, 1005, 1006, 1015)
"""Close codes that no frame may carry (RFC 6455, 7.4.1)."""


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At what moment of a connection. One of `after_s`, `client` and `server`; the others narrow it."""

    after_s: Seconds | None = None
    """Seconds after the setup was answered."""
    client: ClientKind | None = None
    """A message of the client with this in it."""
    server: ServerKind | None = None
    """A message of the server with this in it."""
    nth: Count | None = None
    """The n-th such message of the connection, or of the turn where one is named; the first unless told."""
    chance: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    """Each such message, with this chance, instead of the n-th."""
    turn: Count | None = None
    """In this turn of the connection only; a turn ends with `turnComplete`."""
    link: Count | None = None
    """On this connection only, counted over the life of the server."""

    def __post_init__(self) -> None:
        moments = sum(value is not None for value in (self.after_s, self.client, self.server))
        if moments > 1:
            raise ValueError("want one of after_s, client and server, got several")
        if self.nth is not None and self.chance is not None:
            raise ValueError("want nth or chance, got both")
        for name in ("turn", "nth"):
            if getattr(self, name) is not None and self.client is None and self.server is None:
                raise ValueError(f"want client or server beside {name}, got neither")


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """Base of all faults."""

    when: When

    moments: ClassVar[frozenset[str]] = frozenset({"after_s", "client", "server"})
    """What `when` may name."""

    def __post_init__(self) -> None:
        when = self.when
        named = next((name for name in ("after_s", "client", "server") if getattr(when, name) is not None), None)
        if named is None and self.moments:
            raise ValueError(f"want one of {', '.join(sorted(self.moments))} in when, got none")
        if named is not None and named not in self.moments:
            wanted = f"one of {', '.join(sorted(self.moments))}" if self.moments else "chance or link alone"
            raise ValueError(f"want {wanted} in when, got {named}")


# ------------------------------------------------------------------------------------------------ the connection


class Close(Fault, frozen=True, tag="close"):
    """The connection is closed with a code and the service's words."""

    code: CloseCode
    reason: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.code in UNSENDABLE:
            raise ValueError(f"want a code that a close frame may carry, got {self.code}; `do: reset` sends none")


class Reset(Fault, frozen=True, tag="reset"):
    """TCP ends without a word."""


class GoAway(Fault, frozen=True, tag="go_away"):
    """The end is announced, and comes."""

    lead_s: Seconds = 10.0
    then: Literal["close", "silence", "reset"] = "close"
    """What happens when the lead is over. `silence`: nothing more is sent, and the connection stays."""
    code: CloseCode = 1011
    reason: str = DEADLINE


class RefuseUpgrade(Fault, frozen=True, tag="refuse_upgrade"):
    """The dial fails: an HTTP status in place of the upgrade."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)]
    moments = frozenset()


class DeadHandles(Fault, frozen=True, tag="dead_handles"):
    """From now on handles are unknown."""

    times: Count | None = None
    """So many resumptions are refused; None for all."""


class RefuseResume(Fault, frozen=True, tag="refuse_resume"):
    """From now on a session is not resumed while its old connection lives, nor for a time after that."""

    for_s: Seconds = 5.0
    code: CloseCode = 1011
    reason: str = INTERNAL


class Silence(Fault, frozen=True, tag="silence"):
    """Nothing of what the model says is sent."""

    for_s: Seconds | None = None
    """None: for ever."""


class Stall(Fault, frozen=True, tag="stall"):
    """Nothing is read and nothing is sent, pongs neither; then everything comes at once."""

    for_s: Seconds


class SlowPong(Fault, frozen=True, tag="slow_pong"):
    """Pings are answered late."""

    delay_s: Seconds | None = None
    """None: never."""


# ------------------------------------------------------------------------------------------------ one message


class Lose(Fault, frozen=True, tag="lose"):
    """The message does not arrive."""

    moments = frozenset({"client", "server"})


class Repeat(Fault, frozen=True, tag="repeat"):
    """The message comes again."""

    times: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    moments = frozenset({"server"})


class TruncatedJson(Fault, frozen=True, tag="truncated_json"):
    """The message breaks off in the middle."""

    moments = frozenset({"server"})


class OversizedMessage(Fault, frozen=True, tag="oversized_message"):
    """A message follows that is larger than SDKs take."""

    bytes: Annotated[int, msgspec.Meta(ge=1, le=16_000_000)] = 1_200_000


class Inject(Fault, frozen=True, tag="inject"):
    """A message follows that the model did not send."""

    message: dict[str, Any]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.message or "error" in self.message:
            raise ValueError("want a message that a server may send, got another: errors are told by closing")


class CancelledToolCall(Fault, frozen=True, tag="cancelled_tool_call"):
    """The calls of the message are taken back; the model goes on as if they had failed."""

    after_s: Seconds = 0.0
    moments = frozenset({"server"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.when.server != "toolCall":
            raise ValueError("want when to name server: toolCall, got something else")


# ------------------------------------------------------------------------------------------------ one turn


class EmptyTurn(Fault, frozen=True, tag="empty_turn"):
    """Neither sound nor words of the turn are sent."""


class PrematureTurnComplete(Fault, frozen=True, tag="premature_turn_complete"):
    """The turn is said to be complete in the middle of it, and the rest is missing."""

    moments = frozenset({"server"})


class UnorderedTranscripts(Fault, frozen=True, tag="unordered_transcripts"):
    """Transcripts come late and in the wrong order, right before the turn is complete."""


class SlowAudio(Fault, frozen=True, tag="slow_audio"):
    """The sound of the turn comes more slowly than it is played."""

    delay_s: Seconds
    """Before each message with sound."""


class Burst(Fault, frozen=True, tag="burst"):
    """The sound of the turn comes in bursts."""

    messages: Count
    """Held back, then sent at once."""


class Tone(Fault, frozen=True, tag="tone"):
    """A steady tone stands in the place of speech."""

    hz: Annotated[int, msgspec.Meta(ge=0, le=12_000)] = 440
    """0 is digital silence."""


class LateAudio(Fault, frozen=True, tag="late_audio"):
    """Sound of the turn still comes after `interrupted`."""

    messages: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3


AnyFault = (
    Close | Reset | GoAway | RefuseUpgrade | DeadHandles | RefuseResume | Silence | Stall | SlowPong | Lose | Repeat
    | TruncatedJson | OversizedMessage | Inject | CancelledToolCall | EmptyTurn | PrematureTurnComplete
    | UnorderedTranscripts | SlowAudio | Burst | Tone | LateAudio
)  # fmt: skip


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault file."""

    faults: list[AnyFault]
    seed: int = 0
    """The same seed and the same messages give the same faults."""


def read_script(path: Path) -> Script:
    """A fault file from the disk.

    Raises:
        InputError: it cannot be read or does not hold; says where, what was wanted and what came.
    """
    return read(path, Script)
