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
from typing import Annotated, Any, Literal

import msgspec

from vivavoce.local.faults.network import HalfOpen, Latency, Loss, Throttle
from vivavoce.local.faults.when import Count, Fault, Seconds
from vivavoce.local.typed_yaml import read
from vivavoce.wire.gemini.wording import DEADLINE, INTERNAL

Place = Literal["model", "caller", "storage", "server"]
"""The live model's link, the caller's, the database and the disk, the server itself."""
CloseCode = Annotated[int, msgspec.Meta(ge=1000, le=4999)]
UNSENDABLE = (1004, 1005, 1006, 1015)
"""Close codes that no frame may carry (RFC 6455, 7.4.1)."""


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
    then: Literal["close", "silence", "reset", "nothing"] = "close"
    """What happens when the lead is over. `silence`: nothing more is sent, and the connection stays. `nothing`: it was
    a false alarm.
    """
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


class RepeatedTurn(Fault, frozen=True, tag="repeated_turn"):
    """A session that is resumed begins with what it said last."""

    moments = frozenset({"client"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.when.client != "setup":
            raise ValueError("want when to name client: setup, got something else")


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


class CutMessage(Fault, frozen=True, tag="cut_message"):
    """The connection ends in the middle of the message."""

    moments = frozenset({"server"})


class Rubbish(Fault, frozen=True, tag="rubbish"):
    """A message follows that is none."""

    text: str = "\x00 no message of any protocol"


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


class LateWords(Fault, frozen=True, tag="late_words"):
    """The words of the turn come after it is complete."""


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
    Close | Reset | GoAway | RefuseUpgrade | DeadHandles | RefuseResume | RepeatedTurn | Silence | Stall | SlowPong
    | HalfOpen | Latency | Loss | Throttle | Lose | Repeat | TruncatedJson | CutMessage | Rubbish | OversizedMessage
    | Inject | CancelledToolCall | EmptyTurn | PrematureTurnComplete | UnorderedTranscripts | LateWords | SlowAudio
    | Burst | Tone | LateAudio
)  # fmt: skip


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault file. Those of the library tell a story beside their faults; of others nobody asks for one."""

    faults: list[AnyFault]
    seed: int = 0
    """The same seed and the same messages give the same faults."""
    story: str = ""
    """What goes wrong, in one line."""
    at: Place = "model"
    """Where. What is not at the model's link has no faults that a model's server could play."""
    outcome: str = ""
    """What must come of it."""
    told: list[str] = []
    """Codes of the notices that the caller gets, in their order; each has words and is said once."""
    ends: str = ""
    """Why the call ends, if it cannot go on."""
    seen: list[str] = []
    """Where it was met: threads in public trackers, and rows of the reference."""

    def __post_init__(self) -> None:
        if self.faults and self.at != "model":
            raise ValueError(f"want no faults of the model's link where at is {self.at}, got {len(self.faults)}")


def read_script(path: Path) -> Script:
    """A fault file from the disk.

    Raises:
        InputError: it cannot be read or does not hold; says where, what was wanted and what came.
    """
    return read(path, Script)
