"""With which code a command ends, and what each means. A program that calls `viva` may rely on them."""

from __future__ import annotations

from enum import IntEnum

from vivavoce.errors import InputError, LinkError, MissingError, StoreError, VivaError


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    ASKED_WRONGLY = 2
    MISSING = 3
    STORE = 4
    MODEL = 5
    INTERRUPTED = 130
    UNREAD = 141


MEANING: dict[Exit, str] = {
    Exit.DONE: "done; of a server: it was told to stop and did",
    Exit.FAILED: "the thing itself failed: a call not carried to its end, a check, a replay, a finding of the doctor",
    Exit.ASKED_WRONGLY: "asked wrongly: an option, a file, an id or a setting that does not hold",
    Exit.MISSING: "something that must be installed or given is not there; the message says how to get it",
    Exit.STORE: "the database or the disk did not take it",
    Exit.MODEL: "the live model could not be talked to",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
    Exit.UNREAD: "whoever read the output went away, as `head` does; as with a program that SIGPIPE ends",
}

_OF: tuple[tuple[type[VivaError], Exit], ...] = (
    (InputError, Exit.ASKED_WRONGLY),
    (MissingError, Exit.MISSING),
    (StoreError, Exit.STORE),
    (LinkError, Exit.MODEL),
)


def exit_of(error: VivaError) -> Exit:
    """The code a command ends with for an error; those that are not told apart are failures of the thing itself."""
    return next((code for kind, code in _OF if isinstance(error, kind)), Exit.FAILED)
