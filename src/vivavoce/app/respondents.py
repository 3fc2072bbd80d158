"""Who fills in ballots, and what texts are compared with: made by their names from the settings of this process."""

from __future__ import annotations

from vivavoce.app.embedders import embedder_named
from vivavoce.app.settings import Settings
from vivavoce.studies.port import Embedder, Respondent
from vivavoce.studies.respondents.llm import AT_ONCE, Answers
from vivavoce.studies.respondents.open import open_respondent


class Respondents:
    """A `studies.canvass.Openers`.

    Args:
        at_once: requests to one model under way.
    """

    def __init__(self, settings: Settings, *, at_once: int = AT_ONCE) -> None:
        self._settings = settings
        self._at_once = at_once

    def embedder(self, name: str) -> Embedder:
        return embedder_named(name, self._settings)

    def respondent(self, name: str, embedder: Embedder, answers: Answers) -> Respondent:
        return open_respondent(name, self._settings, embedder=lambda: embedder, answers=answers, at_once=self._at_once)
