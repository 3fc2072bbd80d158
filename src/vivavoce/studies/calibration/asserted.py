"""What the reasoner's asserted weights are worth where outcomes can tell: each is changed in turn, all else being the
same, on wishes that strangers found more or less useful, and on headlines that were clicked more or less.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import NotHereError
from vivavoce.panel.archetypes import chosen
from vivavoce.panel.ballots import Question, Variant
from vivavoce.panel.calibration.drawing import Floats, figure_by, mean_by
from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.reasoner.near import Near
from vivavoce.panel.reasoner.offer import read
from vivavoce.panel.reasoner.terms import TASTE, terms
from vivavoce.panel.reasoner.wording import wording
from vivavoce.studies.calibration import clicks as clicking
from vivavoce.studies.calibration.measured import Measured, Of
from vivavoce.studies.calibration.outcome import Column, Role, Row, Task, exactly, other
from vivavoce.studies.calibration.people import PRIORS, persona
from vivavoce.studies.calibration.wishers import Wishes, ceiling, load, niche_mean, panel, seats
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.port import Embedder

MEMBERS = 5
"""Of a panel: each reads every wish of its fold, and 20 take four times as long for the same differences."""
RHO, CHANGED = "rank correlation", "over as asserted"
FLOOR, OURS, CEILING = "random", "as asserted", "who knew what all think (by the raters' reliability)"
COLUMNS = (Column(RHO, "plain"), Column(CHANGED, "signed"))
TODAY = "Doing it by hand."
Kinds = dict[str, Floats]
"""By kind of term: what it adds to each wish, mean over members."""


async def asserted(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError, MissingError: as `wishes.load`.
    """
    found = await load(folder, embedder, seed)
    kinds = await _judged(found, embedder, seed)
    whole = _sum(kinds)
    rated = found.rated

    def rho(scores: Floats) -> Of:
        return Of(lambda at: spearman(scores[rated[at]], found.useful[rated[at]]))

    base = rho(whole)
    measured = Measured(
        {RHO: lambda of: figure_by(of.figure, found.authors[rated], seed=seed)}, {CHANGED: RHO}, {RHO: base}
    )

    def show(who: str, role: Role, scores: Floats) -> None:
        measured.row(who, role, {RHO: rho(scores)})

    show(FLOOR, "control", np.zeros(len(found.texts)))
    show("length", "control", np.array([float(len(text)) for text in found.texts]))
    show("niche mean", "control", niche_mean(found))
    show("wrong niche: nearest wishes of other people", "control", panel(found, MEMBERS, [seed], wrong=True))
    show("verbatim: nearest wishes of the same people", "control", panel(found, MEMBERS, [seed]))
    measured.row(OURS, "model", {RHO: base})
    for who, factors in {
        f"losses weigh as much as gains (λ {PRIORS.loss:g} to 1)": {"loss": 1 / PRIORS.loss},
        f"losses twice as much (λ {PRIORS.loss:g} to {2 * PRIORS.loss:g})": {"loss": 2.0},
        "no losses (λ 0)": {"loss": 0.0},
        f"switching costs nothing (κ {PRIORS.switching:g} to 0)": {"switching": 0.0},
        "switching costs twice as much": {"switching": 2.0},
        "no goals: what is left of the score": {"goal": 0.0},
    }.items():
        show(who, "ablation", _sum(kinds, factors))
    measured.row(CEILING, "people", {RHO: Of(lambda at: ceiling(found, rated[at]))})
    tastes = await _tastes(folder, embedder, seed)
    return Task(
        name="asserted",
        asks="what asserted weights of the reasoner change in how it ranks wishes",
        counts={"wishes": len(rated), "members of a panel": MEMBERS},
        split="as crowdre: members are of other folds than the wish",
        interval="authors drawn; one panel",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=(*measured.rows, *tastes),
        leaks=found.leaks,
        doubts=(
            "Wishes cost nothing and take little away: what a loss and a switch weigh is hardly asked here. A weight "
            "that changes nothing here may matter elsewhere.",
            "The price (p) is taken apart in cars and storytelling; what is real weighing 3 times, the cut .53 and the "
            "weights of the five parts in composite; the rest of the archetypes' figures nowhere.",
            "Habit is the same for every wish and orders nothing.",
        ),
    )


async def _judged(found: Wishes, embedder: Embedder, seed: int) -> Kinds:
    """Each wish as an offer, to people who want what they wished for themselves."""
    sense = sense_of(embedder)
    offers = [read(text) for text in found.texts]
    texts = sorted({each.text for offer in offers for each in offer} | set(found.texts) | {TODAY})
    vectors: Mapping[str, NDArray[np.float32]] = dict(zip(texts, await embedder.embed(texts), strict=True))
    near = Near(vectors)
    question = Question(ask="", variants=(), today=TODAY)
    kinds: Kinds = {name: np.zeros(len(found.texts)) for name in ("goal", "loss", "switching")}
    for rows, members in seats(found, MEMBERS, [seed]):
        people = [persona([found.texts[at] for at in own]) for own in members]
        for row in rows.tolist():
            variant = Variant(id="", text=found.texts[row])
            for member in people:
                for term in terms(member, question, variant, sense, near):
                    if term.kind in kinds:
                        kinds[term.kind][row] += term.value / len(people)
    return kinds


def _sum(kinds: Kinds, factors: Mapping[str, float] = {}) -> Floats:
    found: Floats = np.sum([factors.get(name, 1.0) * values for name, values in kinds.items()], axis=0)
    return found


async def _tastes(folder: Path, embedder: Embedder, seed: int) -> list[Row]:
    """Which of two headlines is clicked more, by the archetypes' tastes in wording and nothing else; no row where there
    are no headlines.
    """
    try:
        found = await clicking.load(folder, embedder, seed)
    except NotHereError:
        return []
    tastes: dict[str, float] = {}
    for each in chosen(()):
        for feature, taste in each.priors.style.items():
            tastes[feature] = tastes.get(feature, 0.0) + TASTE * taste
    known = {text: wording(read(text)) for text in set(found.texts)}
    scores = np.array([sum(taste * known[text][name] for name, taste in tastes.items()) for text in found.texts])
    right = found.right(found.apart(scores))
    share = mean_by(right[found.clear], found.story[found.clear], seed=seed)
    who = "tastes in wording (style), clear pairs of headlines put right"
    return [other(who, share, floor=exactly(0.5), drawn="stories")]
