"""Our own protocol between a caller's machine and the gateway, version 1.

A WebSocket with the subprotocol `vivavoce.v1`; the ticket travels as a second offered subprotocol `ticket.<ticket>`,
because browsers can set no header and query strings end in access logs. Binary messages are audio frames: a 16-byte
header and PCM16 little-endian mono. Text messages are JSON objects with a `kind`.

Header (little-endian): version u8, kind u8, speaker u16, reply u32, position u64.
- microphone frame: speaker 0, reply 0, position = samples of the microphone clock (16 kHz) before this frame;
  the clock counts through gaps.
- reply frame: speaker = index in `Welcome.speakers`, reply = its number (from 1), position = samples of the
  reply (24 kHz) before this frame.
"""

from __future__ import annotations

import re
import struct
from enum import IntEnum
from typing import Annotated, Any, Literal

import msgspec

from vivavoce.errors import WireError

VERSION = 1
SUBPROTOCOL = "vivavoce.v1"
TICKET_PREFIX = "ticket."
CALLER_HZ = 16_000
REPLY_HZ = 24_000
MAX_TYPED_CHARS = 4_000
"""A page of typing; what is longer is refused and told so."""
MAX_NAME_CHARS = 200
"""Of a field, a language, a client, a version: names, and not the place for anything else."""
MAX_CONTEXT = 24
MAX_CONTEXT_NAME_CHARS = 64
MAX_CONTEXT_CHARS = 500
"""Of what a page tells of itself: so many values, and so long a name and a value; the rest is cut off."""
MAX_MIC_SAMPLES = 3_200
"""A microphone frame holds 200 ms at most: it is worked on at one go, which behind a canceller keeps all other calls
waiting for 5 ms (2 s: 50 ms, and 110 ms with the detector of voices)."""
MIN_MIC_SAMPLES = 160
"""And 10 ms at least: every frame has its own costs."""
MAX_LEVELS = 100
"""Levels in one report: a report a second with a value each 10 ms."""
MAX_FAULTS = 64
"""Faults in one report; a machine with more than that a second counts them together."""
MAX_NUMBER = 2**31 - 1
MAX_FRAME_BYTES = 1024 * 1024
"""A WebSocket message above this is refused with close code 1009 by the server's own limit."""

_HEADER = struct.Struct("<BBHIQ")
HEADER_BYTES = _HEADER.size


class CloseCode(IntEnum):
    """Close codes of ours; the rest are WebSocket's."""

    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    PROTOCOL = 4400
    """Too many messages outside the protocol."""
    NOT_AUTHORISED = 4401
    """No ticket, or one that is unknown, used or expired."""
    NO_HELLO = 4408
    """Nothing sensible came in time."""
    MOVED = 4412
    """The call goes on at another server: come back at once, with the secret."""
    BUSY = 4413
    """As many calls as this server takes are running; try again later."""
    REPLACED = 4409
    """The caller has come back by another socket; this one is not needed any more."""
    ELSEWHERE = 4423
    """The call goes on over another socket of its caller, and this server lets no second one have it. Their ticket to
    come back with stays good."""
    SLOW_PEER = 4429
    """The caller's machine does not read; its queue stayed full."""
    FAILED = 4500
    """Our fault; the call was saved as far as it went."""


class FrameKind(IntEnum):
    MIC = 1
    REPLY = 2


class Frame(msgspec.Struct, frozen=True):
    """One audio frame. `pcm` is PCM16 LE mono, a whole number of samples."""

    kind: FrameKind
    speaker: int
    reply: int
    position: int
    pcm: bytes


def encode_frame(frame: Frame) -> bytes:
    return _HEADER.pack(VERSION, frame.kind, frame.speaker, frame.reply, frame.position) + frame.pcm


def decode_frame(data: bytes) -> Frame:
    """Header and PCM of a binary message.

    Raises:
        WireError: too short, another version, an unknown kind, or an odd number of PCM bytes.
    """
    if len(data) < HEADER_BYTES:
        raise WireError(f"want a frame of at least {HEADER_BYTES} bytes, got {len(data)}", code=CloseCode.PROTOCOL)
    version, kind, speaker, reply, position = _HEADER.unpack_from(data)
    if version != VERSION:
        raise WireError(f"want frame version {VERSION}, got {version}", code=CloseCode.PROTOCOL)
    try:
        frame_kind = FrameKind(kind)
    except ValueError:
        raise WireError(f"want frame kind 1 (mic) or 2 (reply), got {kind}", code=CloseCode.PROTOCOL) from None
    pcm = data[HEADER_BYTES:]
    if len(pcm) % 2:
        raise WireError(f"want whole 16-bit samples, got {len(pcm)} bytes", code=CloseCode.PROTOCOL)
    return Frame(frame_kind, speaker, reply, position, pcm)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class _Control(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag=_snake):
    """Base of the JSON messages; unknown fields are ignored so that either side may be newer."""


# ------------------------------------------------------------------------------------------------ caller to gateway

_Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARS)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)]
"""Counts what the caller did, on from the welcome's `taken`: so what a dead line has swallowed is sent again and taken
once. 0 from machines that do not count."""


class Hello(_Control, frozen=True, kw_only=True):
    """First message. Everything else before it is refused."""

    mode: Literal["voice", "text"] = "voice"
    echo_cancelled: bool = False
    """The caller's machine removes the agent's voice from the microphone (browser echo cancellation, headphones)."""
    lang: _Name = "en"
    client: _Name = ""
    pace: Literal["", "interview", "casual"] = ""
    """How long a pause may be; empty for what was booked."""
    context: dict[str, str] = {}
    """What the page around the call tells of itself, by name ("page.url"); the agent file says which names are taken.
    What is longer than we take is cut, not refused: a page with a long title is no reason to have no call."""
    reply: int = 0
    """For who comes back: the newest reply of which anything was heard, and how many samples of it (24 kHz)."""
    samples: int = 0


class Played(_Control, frozen=True, kw_only=True):
    """`samples` of a reply (24 kHz) have been heard when the microphone clock stood at `at` (16 kHz)."""

    reply: int
    samples: int
    at: int


class Typed(_Control, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(max_length=MAX_TYPED_CHARS)]
    number: _Number = 0


class Correct(_Control, frozen=True, kw_only=True):
    """The caller sets a fact by hand."""

    field: _Name
    value: Any
    number: _Number = 0


class Mode(_Control, frozen=True, kw_only=True):
    mode: Literal["voice", "text"]


class Pace(_Control, frozen=True, kw_only=True):
    """How long a pause may be from now on: the caller takes their time, or does not."""

    pace: Literal["interview", "casual"]


class Done(_Control, frozen=True, kw_only=True):
    """The caller says that their turn is over, so that no pause has to say it. Silence while nobody speaks."""


class Consent(_Control, frozen=True, kw_only=True):
    """The caller's decision on recording, with the version and the language of the text they saw."""

    decision: Literal["given", "refused", "withdrawn"]
    text_version: _Name = ""
    lang: _Name = ""
    number: _Number = 0


class Doubt(_Control, frozen=True, kw_only=True):
    """The caller's machine hears somebody over the agent and has held the reply by itself; the gateway decides what
    follows: `hold`, `cut` or `resume`.
    """

    reply: int
    at: int
    """Microphone clock (16 kHz) where the sound began."""
    level: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.0


class Levels(_Control, frozen=True, kw_only=True):
    """What the caller's machine measured around the speech gate, so that every call's gate can be examined.

    `mic` and `far` are levels in dBFS (-120 for digital silence) of what was heard and what was being played, one
    value for each `step` samples of the microphone clock from `at` on.
    """

    at: int
    step: Annotated[int, msgspec.Meta(ge=160, le=16_000)]
    mic: Annotated[list[float], msgspec.Meta(max_length=MAX_LEVELS)]
    far: Annotated[list[float], msgspec.Meta(max_length=MAX_LEVELS)] = []
    return_loss_db: float | None = None
    """Estimated: how much weaker the agent is in the microphone than in the loudspeaker; None while unknown."""
    delay_ms: float | None = None
    """Estimated: from what is played to what is heard of it."""
    noise_dbfs: float | None = None


class Echo(_Control, frozen=True, kw_only=True):
    """How well the caller's machine keeps the agent out of the microphone has changed; the gate follows."""

    state: Literal["good", "poor", "raw"]
    """good: both may talk; poor: much of the agent comes back; raw: nothing is cancelled by the caller's machine."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that disturbs the sound, seen on the caller's machine."""

    what: Literal[
        "underrun", "gap", "long_task", "stall", "late_frame",
        "network_gap", "mic_dropped", "suspended", "device", "hidden",
    ]  # fmt: skip
    at: int
    """Microphone clock (16 kHz) where it began."""
    ms: Annotated[float, msgspec.Meta(ge=0.0)] = 0.0
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class Health(_Control, frozen=True, kw_only=True):
    """Faults since the last report, at most once a second and only when there are any."""

    faults: Annotated[list[Fault], msgspec.Meta(max_length=MAX_FAULTS)]


class Leave(_Control, frozen=True, kw_only=True):
    """The caller hangs up."""


CallerMessage = Hello | Played | Typed | Correct | Mode | Pace | Done | Consent | Doubt | Levels | Echo | Health | Leave

# ------------------------------------------------------------------------------------------------ gateway to caller


class SpeakerInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str
    role: str = ""


class FieldInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    objective: str
    type: str
    required: bool = False


class Welcome(_Control, frozen=True, kw_only=True):
    """Answer to `hello`. The index in `speakers` plus 1 is the speaker number of frames."""

    call: str
    version: int = VERSION
    title: str = ""
    speakers: list[SpeakerInfo] = []
    fields: list[FieldInfo] = []
    consent: str = ""
    """About recording: "ask" (answer with `Consent`), "always" (told, not asked) or "never"; for who comes back, what
    they have decided: "given", "refused" or "withdrawn"."""
    resume: str = ""
    """A ticket to come back to this very call with, once, when the socket is lost. A secret; each welcome has another.
    """
    returned: bool = False
    """The caller came back: the call goes on, what was not heard follows."""
    at: int = 0
    """Where the microphone clock stands: a machine that has lost its own goes on from here."""
    heard: int = 0
    """To where on that clock the caller has been heard: what their machine still has of later sound is sent again."""
    taken: int = 0
    """Number of the newest of what the caller typed, set or decided that was taken: what is newer is sent again."""
    return_within_s: float = 0.0
    """How long the call waits for a caller whose socket is lost; 0 from servers that do not tell."""
    pace: Literal["", "interview", "casual"] = ""
    """The pace in force, so that a screen shows what it can change; empty from servers that do not tell."""
    erase: str = ""
    """Leave to have this call erased, also after it has ended (`POST /api/v1/erasures`). A secret. Empty where nothing
    can be erased by the caller."""


class Floor(_Control, frozen=True, kw_only=True):
    """Who has the floor. `holder` is "caller", a speaker id, or "" for nobody."""

    turn: Literal["open", "caller", "waiting", "agent", "held"]
    holder: str = ""


class Caption(_Control, frozen=True, kw_only=True):
    """Words to read. `who` is "caller" or a speaker id; a caption with the same `turn` replaces the one before."""

    who: str
    turn: int
    text: str
    final: bool = False


class Hold(_Control, frozen=True, kw_only=True):
    """Freeze the reply: silence now, keep what is queued."""

    reply: int


class Resume(_Control, frozen=True, kw_only=True):
    """It was nothing: go on with the held reply."""

    reply: int


class Cut(_Control, frozen=True, kw_only=True):
    """Throw away the reply and all before it, and every later frame that carries such a number."""

    reply: int


class ReplyDone(_Control, frozen=True, kw_only=True):
    """The reply has this many samples in all; when they are played, it was heard."""

    reply: int
    samples: int


class Fact(_Control, frozen=True, kw_only=True):
    field: str
    state: str
    value: Any = None
    evidence: list[tuple[int, int, int]] = []
    """Turn, start and end in ms of the call."""


class Show(_Control, frozen=True, kw_only=True):
    """Something to look at: `what` names its sort ("table", "calculator", "link", "text" ...)."""

    what: str
    title: str = ""
    data: Any = None


class Gate(_Control, frozen=True, kw_only=True):
    """The speech gate changed. `level` is the RMS of the frame that did it, 0..1."""

    open: bool
    level: float


class Notice(_Control, frozen=True, kw_only=True):
    """Something the caller should know, in words they can act on; `code` is for programs."""

    code: str
    text: str
    action: str = ""


class Pulse(_Control, frozen=True, kw_only=True):
    """Nothing else was said for some seconds; the line holds. Browsers hide the pings of a socket from their pages, so
    this is how a caller's machine knows a line that is dead though nobody closed it.
    """


class Ended(_Control, frozen=True, kw_only=True):
    """Last message of a call."""

    reason: str
    text: str = ""


GatewayMessage = (
    Welcome | Floor | Caption | Hold | Resume | Cut | ReplyDone | Fact | Show | Gate | Notice | Pulse | Ended
)

_encoder = msgspec.json.Encoder()
_caller = msgspec.json.Decoder(CallerMessage)
_gateway = msgspec.json.Decoder(GatewayMessage)


def encode(message: CallerMessage | GatewayMessage) -> str:
    return _encoder.encode(message).decode()


def decode_caller(data: str | bytes) -> CallerMessage:
    """A JSON message of a caller.

    Raises:
        WireError: says what was wanted and where; never repeats what the caller typed.
    """
    try:
        message: CallerMessage = _caller.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"want a message of {SUBPROTOCOL}: {_harmless(error)}", code=CloseCode.PROTOCOL) from None
    return message


def decode_gateway(data: str | bytes) -> GatewayMessage:
    """A JSON message of the gateway; for clients. Raises WireError like `decode_caller`."""
    try:
        message: GatewayMessage = _gateway.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"want a message of {SUBPROTOCOL}: {_harmless(error)}", code=CloseCode.PROTOCOL) from None
    return message


def _harmless(error: Exception) -> str:
    """What was wrong and where, without the value: some messages of msgspec repeat what came."""
    text = str(error) if isinstance(error, msgspec.DecodeError | msgspec.ValidationError) else "it cannot be read"
    if text.startswith("Invalid "):
        what, _, where = text.partition(" - at ")
        return f"invalid value at {where}" if where and "'" in what else "unknown kind"
    return text


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every control message, for other languages."""
    kinds = (*CallerMessage.__args__, *GatewayMessage.__args__)
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    del schemas  # every message is a component of its own
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SUBPROTOCOL,
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds],
        "$defs": components,
        "x-caller": [kind.__name__ for kind in CallerMessage.__args__],
        "x-gateway": [kind.__name__ for kind in GatewayMessage.__args__],
        "x-frame": {
            "bytes": HEADER_BYTES,
            "layout": "<BBHIQ",
            "fields": ["version", "kind", "speaker", "reply", "position"],
        },
    }
