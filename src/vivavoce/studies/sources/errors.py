"""What a source can answer in place of a page, sorted by what follows from it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from vivavoce.errors import VivaError

Trouble: TypeAlias = Literal["wait", "refused", "changed", "gone", "transient"]


class SourceError(VivaError):
    """A source gave no page. But for `gone` the cursor still holds: the same page can be asked for again.

    Attributes:
        kind: `wait`: it asks for time, come again after `wait_s`. `refused`: it does not let us in, `setting` says
            what a person has to set. `changed`: it does not answer as it is known to, so somebody has to look at the
            code. `gone`: what was asked for is not there. `transient`: it or the network failed, and trying again a
            few times did not help; later it may.
        wait_s: seconds after which it is worth trying again; 0 but for `wait`.
        setting: which setting holds the credential; empty but for `refused`, and there where none is known.
    """

    def __init__(self, message: str, *, kind: Trouble, wait_s: float = 0.0, setting: str = "") -> None:
        super().__init__(message)
        self.kind: Trouble = kind
        self.wait_s = wait_s
        self.setting = setting


class SlowError(SourceError):
    """`transient`: no whole answer came in time."""

    def __init__(self, place: str, within_s: float) -> None:
        super().__init__(f"{place} failed: no whole answer within {within_s:g} s", kind="transient")


class EndlessError(SourceError):
    """`changed`: an answer went on beyond what is taken."""

    def __init__(self, place: str, most_bytes: int) -> None:
        super().__init__(f"{place} has changed: want an answer of at most {most_bytes} bytes, got more", kind="changed")
