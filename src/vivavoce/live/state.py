"""How it stands with the live model, for those who run the server: told in the log once, and asked for by `/health`."""

from __future__ import annotations

import structlog

from vivavoce.errors import LinkError

log = structlog.get_logger(__name__)


class State:
    """What the last dials of a backend came to. One problem is one line in the log, however many calls meet it."""

    def __init__(self) -> None:
        self.problem = ""
        """Why the model cannot be talked to, one sentence; empty while it can."""
        self.remedy = ""
        """What to do about it; may be empty."""

    def opened(self) -> None:
        if self.problem:
            log.info("the live model can be talked to again")
        self.problem = self.remedy = ""

    def failed(self, error: LinkError) -> None:
        """A dial failed. A session that cannot be resumed is no trouble: a fresh one is opened instead."""
        if error.kind == "dead_handle" or str(error) == self.problem:
            return
        self.problem, self.remedy = str(error), error.remedy
        log.warning(
            "the live model cannot be talked to",
            problem=self.problem,
            reason=error.reason,
            remedy=error.remedy,
            kind=error.kind,
        )

    def dropped(self, error: LinkError) -> None:
        """An open connection was closed by the other side. That every connection ends some time is no trouble."""
        if error.kind in ("fatal", "quota"):
            self.failed(error)

    def as_dict(self) -> dict[str, str]:
        """For `/health`: `status` is ok or failing; with the problem and, where there is one, the remedy. The service's
        own wording stays in the log: it may name a project.
        """
        if not self.problem:
            return {"status": "ok"}
        told = {"status": "failing", "problem": self.problem, "remedy": self.remedy}
        return {name: value for name, value in told.items() if value}
