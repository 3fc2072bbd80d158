"""At what moment of a connection something goes wrong, and what every kind of fault begins with."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

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
