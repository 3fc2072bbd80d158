"""Beginning a study: whatever cannot be asked, or whoever is not to be had, is said before anything is written down."""

from __future__ import annotations

from collections.abc import Sequence

from vivavoce.errors import InputError
from vivavoce.panel.personas import Panel
from vivavoce.panel.sense import SENSES
from vivavoce.panel.study import Study
from vivavoce.panel.studying import checked
from vivavoce.store.database import Database
from vivavoce.store.panels import Panels
from vivavoce.store.studies import StoredStudy, Studies
from vivavoce.studies.asks import blocks, within_budget
from vivavoce.studies.canvass import Openers
from vivavoce.studies.embedding.senses import asked_as, sense_of
from vivavoce.studies.respondents.llm import AnswersInMemory
from vivavoce.studies.respondents.open import REASONER

MOST_RESPONDENTS = 5
MOST_SEED = 2**63 - 1
"""What a database takes."""


async def begin(
    database: Database,
    spec: Study,
    panel_id: str,
    openers: Openers,
    *,
    seed: int | None,
    respondents: Sequence[str] = (),
    embedder: str = "",
    now: float,
) -> StoredStudy:
    """Begin a study of a panel, or go on with the same one that is still open.

    Args:
        seed: None for the panel's own.
        respondents: none for the reasoner.
        embedder: empty for what the panel was drawn with.
    Raises:
        NotHereError: there is no such panel.
        InputError: no such study (`studying.checked`), too many ballots that cost something, a respondent twice or one
            that there is not, or an embedder that the reasoner knows nothing of.
        MissingError: a respondent or the embedder wants something that is not here.
    """
    names = tuple(respondents) or (REASONER,)
    if len(set(names)) < len(names) or len(names) > MOST_RESPONDENTS:
        raise InputError(f"want 1 to {MOST_RESPONDENTS} different respondents, got {len(names)}")
    spec = checked(spec)
    panel = await Panels(database).get(panel_id)
    seed = panel.seed if seed is None else seed
    if not 0 <= seed <= MOST_SEED:
        raise InputError(f"want a seed from 0 to {MOST_SEED}, got another number")
    embedder = embedder or _embedder_of(panel)
    await _can_be_had(names, embedder, openers)
    wanted = within_budget(spec, blocks(spec, len(panel.personas), names, seed))
    return await Studies(database).begin(
        spec,
        panel_id,
        seed=seed,
        respondents=names,
        embedder=embedder,
        wanted=wanted,
        now=now,
    )


async def _can_be_had(respondents: Sequence[str], embedder: str, openers: Openers) -> None:
    """Whoever is not to be had is known before anything is written down."""
    measure = openers.embedder(embedder)
    try:
        sense_of(measure)
        known: set[str] = set()
        for name in respondents:
            respondent = openers.respondent(name, measure, AnswersInMemory())
            await respondent.close()
            if respondent.name in known:  # it would have two votes
                raise InputError(f"want different respondents, got {respondent.name!a} under two names")
            known.add(respondent.name)
    finally:
        await measure.close()


def _embedder_of(panel: Panel) -> str:
    """What a panel was drawn with; one that no version has any more gives way to the first."""
    known = panel.embedder in SENSES or panel.embedder.startswith("openai:")
    return asked_as(panel.embedder if known else next(iter(SENSES)))
