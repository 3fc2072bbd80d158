"""The tree of our errors, sorted by what the one who catches them should do.

VivaError
├── InputError              somebody handed us something we cannot use: say so, change it, try again
│   ├── AgentFileError      agents/: an agent file does not hold; carries line, column, wanted, came
│   ├── FieldValueError     agents/: a value does not fit its field type
│   ├── AudioShapeError     audio/: bytes or arrays that are not the PCM we asked for
│   ├── ThinEvidenceError   panel/: too little was said for a panel that means something; carries why
│   ├── NotHereError        what was named is not here
│   ├── WireError           wire/: a peer sent something outside the protocol
│   ├── ScriptError         local/: a script of a brain or of faults does not hold; names every problem with its line
│   └── SettingsError       app/: a setting that does not hold; says where it came from
├── StaleError              what somebody wants to change is not any more what they have seen
├── BusyError               app/: as many calls as this server takes are running; try again later
├── LimitError              app/: somebody asks for more than they may have; carries how long to wait
├── MissingError            something that must be installed or given is not there; carries the remedy
├── LinkError               live/: the connection to a live model failed; carries code, reason, kind, remedy
├── SourceError             studies/: a place where people say things gave no page; carries kind, wait_s, setting
├── StoreError              store/: the database or the disk did not take it
└── ReplayMismatch          conversation/: the same events gave other effects

Messages say what was wanted and what came. Facts are attributes. A library's exception is translated where it
enters. Neither keys, tickets, handles nor anything a caller said ever stands in a message.
"""

from __future__ import annotations


class VivaError(Exception):
    """Root of every error raised on purpose by this package."""


class InputError(VivaError):
    """Somebody handed us something we cannot use."""


class AudioShapeError(InputError):
    """Bytes or arrays that are not the PCM that was asked for."""


class WireError(InputError):
    """A peer sent something outside the protocol.

    Attributes:
        code: WebSocket close code that fits, should the connection be closed for it.
    """

    def __init__(self, message: str, *, code: int = 1007) -> None:
        super().__init__(message)
        self.code = code


class NotHereError(InputError):
    """What was named is not here."""


class FieldValueError(InputError):
    """A value does not fit its field type.

    Attributes:
        wanted: the type in words, such as "a number from 0 to 10".
        came: the value as it came, shortened.
    """

    def __init__(self, wanted: str, came: object) -> None:
        shown = repr(came)
        self.wanted = wanted
        self.came = shown if len(shown) <= 80 else shown[:77] + "..."
        super().__init__(f"want {wanted}, got {self.came}")


class SettingsError(InputError):
    """A setting that does not hold."""


class StaleError(VivaError):
    """What somebody wants to change is not any more what they have seen: look again, then change it."""


class BusyError(VivaError):
    """As many calls as this server takes are running.

    Attributes:
        why: in a word, for metrics.
    """

    def __init__(self, message: str, *, why: str = "full") -> None:
        super().__init__(message)
        self.why = why


class LimitError(VivaError):
    """Somebody asks more often, or for more at a time, than they may.

    Attributes:
        wait_s: seconds after which it is worth trying again.
    """

    def __init__(self, message: str, *, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class MissingError(VivaError):
    """Something that must be installed or given is not there.

    Attributes:
        remedy: what to do, as a sentence a person can follow.
    """

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message}. {remedy}")
        self.remedy = remedy


class LinkError(VivaError):
    """The connection to a live model failed.

    Attributes:
        code: WebSocket close code, 1006 where the socket went without one.
            An HTTP status where the upgrade was refused.
        reason: the service's wording, at most 123 bytes.
        kind: fatal, quota, dead_handle or transient: whether to dial again.
        remedy: what the one who runs the server can do, as a sentence; empty when dialling again is all.
    """

    def __init__(
        self, message: str, *, code: int = 1006, reason: str = "", kind: str = "transient", remedy: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.kind = kind
        self.remedy = remedy


class StoreError(VivaError):
    """The database or the disk did not take it."""


class ReplayMismatch(VivaError):
    """The same events gave other effects than the recorded ones.

    Attributes:
        seq: number of the first event whose effects differ.
    """

    def __init__(self, message: str, *, seq: int) -> None:
        super().__init__(message)
        self.seq = seq
