"""What jobs there are: a kind has a handler, and the handler's steps survive the death of whoever runs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias


class Job(Protocol):
    """A job as its handler sees it."""

    @property
    def id(self) -> str: ...
    @property
    def args(self) -> Mapping[str, Any]: ...
    @property
    def call_id(self) -> str | None: ...

    async def step(self, name: str, function: Callable[..., Any], /, *args: Any) -> Any:
        """Do something once, and remember what came of it.

        A step that was finished is never run again; one that was under way when the worker died **is**, so a step must
        do no harm when it is done twice: write a file under a fixed name, insert with a key, send with an id.

        Args:
            function: async, or a plain function, which runs in a thread.
        Returns:
            what it returned, as JSON has it (a tuple comes back as a list). Small, and no word of a caller: it lies
            in the engine's own tables, which erasing a call does not reach.
        Raises:
            StepFailed: it failed as often as its kind allows, or at once with an InputError.
        """
        ...

    async def goes_on(self) -> bool:
        """Whether to begin anything more in a step that is under way; not once somebody cancelled the job, its worker
        was told to stop, or others do it. Asked for before what costs money: a look into the database each.

        Raises:
            StoreError: the database does not answer.
        """
        ...

    async def progress(self, fraction: float, note: str = "") -> None:
        """Tell those who watch how far it is, from 0 to 1. Ten times a second and more is told less often."""
        ...


Handler: TypeAlias = Callable[[Job], Awaitable[Any]]
"""Orders steps and does nothing of its own between them, for that is done again after a take-over. What it returns is
the result of the job: JSON, small, no word of a caller.
"""


class StepFailed(Exception):
    """A step failed for good; the message says which and why, without anything a caller said. A handler may catch it
    and go another way; one that does not has failed.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of job, and what may be spent on it."""

    name: str
    handler: Handler
    step_s: float = 300.0
    """A step that takes longer has failed. A plain function cannot be stopped: its thread goes on and is not waited
    for. Not tuned: many times the longest step there is (a report of a 35-minute call takes seconds).
    """
    attempts: int = 3
    """How often a step is tried. The job keeps its place in the worker meanwhile."""
    wait_s: float = 2.0
    """Before the second attempt; three times as long before each further one. Not tuned."""
