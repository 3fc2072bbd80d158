"""`panel.html`: who sits on a panel, what hurts them and who said so, where they differ, and how sure we are of it.

The page carries its own style, runs no script and asks for nothing. Every word of a person is escaped by the engine,
and a link is one only where it leads to the web.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from markupsafe import Markup

from vivavoce.errors import InputError
from vivavoce.findings.leanings import Common, common, leanings, told
from vivavoce.findings.report import digest, environment, part
from vivavoce.panel.abstentions import explained as why_not
from vivavoce.panel.archetypes import ARCHETYPES, BIASES
from vivavoce.panel.ballots import Ballot, Question, Reason
from vivavoce.panel.differing import differences
from vivavoce.panel.insights import Insight
from vivavoce.panel.personas import Panel, Persona, Point
from vivavoce.panel.reasoner.terms import HOLD_ON
from vivavoce.panel.thinness import explained

FACES = 12
"""Members who are shown each; a panel that is drawn to decide has more, and shows what they share."""
TOPICS = 14
"""Rows of the table of differences."""
COLOURS = 6
"""Of the style sheet; a seventh member shares the first one's."""
PLACES = {
    "hackernews": "on Hacker News",
    "reddit": "on Reddit",
    "app-store": "in the App Store",
    "google-play": "on Google Play",
    "product-hunt": "on Product Hunt",
    "github": "on GitHub",
    "stackexchange": "on Stack Exchange",
    "file": "in a file of yours",
    # a founder speaks of customers and is none: nobody should take these words for a customer's
    "calls": "in a call of yours: the one who was interviewed",
}
MODELS = ("openai/", "gemini/")
"""What the names of respondents begin with that are language models."""
WOULD = {"would": "would buy", "might": "might", "would_not": "would not"}


class Cited(msgspec.Struct, frozen=True):
    """An insight that somebody on the panel rests on."""

    id: str
    text: str
    source: str
    url: str
    """Empty where a person cannot read it on the web."""
    day: str
    by: tuple[str, ...]
    """Names of members."""


class Topic(msgspec.Struct, frozen=True):
    """What some members have and others do not."""

    text: str
    side: str
    held: tuple[float, ...]
    """By member, how much it weighs with them; 0 where they do not have it."""


class Verdict(msgspec.Struct, frozen=True):
    """What one respondent says for one member of one variant."""

    respondent: str
    appeal: float
    would: str
    chance: float
    """Of that word; 0 where the respondent gives none."""
    abstains: str
    """Why there is no answer, in words."""
    text: str
    """What a model lets them say: nobody's words."""
    pros: tuple[Reason, ...]
    cons: tuple[Reason, ...]


class Heard(msgspec.Struct, frozen=True):
    """A member, and what each respondent says for them."""

    member: str
    colour: int
    verdicts: tuple[Verdict, ...]


class Judged(msgspec.Struct, frozen=True):
    """A variant and what the members say of it."""

    text: str
    price: str
    above: tuple[Common, ...]
    heard: tuple[Heard, ...]


class Parted(msgspec.Struct, frozen=True):
    """One thing that respondents answer differently for a member."""

    member: str
    colour: int
    about: str
    """The variant's text; empty: which one they would rather have."""
    says: tuple[str, ...]
    """By respondent, in the order of the page; empty where one says nothing of it."""


def render_panel(
    panel: Panel,
    insights: Mapping[str, Insight],
    *,
    corpus: str,
    question: Question | None = None,
    ballots: Sequence[Ballot] = (),
) -> str:
    """The page of one panel.

    Args:
        insights: what the panel rests on, by id; what was deleted since is said to be gone.
        corpus: where they were drawn from.
        question: what the members were asked, if anything.
        ballots: what they answered.
    Returns:
        a whole HTML document; write it as UTF-8.
    Raises:
        InputError: there is nobody on the panel, or a ballot of somebody who is not.
    """
    if not panel.personas:
        raise InputError("want a panel with at least one member, got none")
    ids = {persona.id for persona in panel.personas}
    if strangers := sorted({ballot.persona for ballot in ballots} - ids):
        raise InputError(f"want ballots of members of the panel, got one of {strangers[0]!r}")
    faces = panel.personas[:FACES]
    topics = _topics(faces)
    answered = {
        id_ for ballot in ballots for answer in ballot.answers for reason in answer.reasons for id_ in reason.evidence
    }
    respondents = list(dict.fromkeys(ballot.respondent for ballot in ballots))
    names = {persona.id: persona.name for persona in panel.personas}
    above = common(ballots)
    style = part("palette.css") + part("report.css") + part("panel.css")
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest(style)}'"
    return (
        environment()
        .get_template("panel.html.j2")
        .render(
            panel=panel,
            corpus=corpus,
            faces=faces,
            colours={persona.id: 1 + at % COLOURS for at, persona in enumerate(panel.personas)},
            archetypes=ARCHETYPES,
            places=PLACES,
            biases=BIASES,
            acts=HOLD_ON.keys(),
            topics=topics[:TOPICS],
            more=len(topics[TOPICS:]),
            cited=_cited(faces, answered, insights),
            gone=sorted(_evidence(faces) - insights.keys()),
            warnings=[explained(warning) for warning in panel.warnings],
            question=question,
            leanings=[] if question is None else leanings(question, ballots, names, WOULD),
            judged=[] if question is None else _judged(question, ballots, panel.personas, above),
            respondents=respondents,
            models=[name for name in respondents if name.startswith(MODELS)],
            reasoned=any(name.startswith("reasoner/") for name in respondents),
            parted=[] if question is None else _parted(question, ballots, panel.personas, respondents),
            validated=bool(ballots) and all(ballot.validated for ballot in ballots),
            policy=policy,
            style=Markup(style),  # noqa: S704  # packaged files, not input; their hash is in the policy
        )
    )


def _points(persona: Persona) -> Iterable[tuple[str, Point]]:
    for point in persona.frustrations:
        yield "hurts", point
    for point in persona.goals:
        yield "wants", point


def _evidence(personas: Sequence[Persona]) -> set[str]:
    points = {id_ for persona in personas for _, point in _points(persona) for id_ in point.evidence}
    return points | {quote.insight for persona in personas for quote in persona.quotes}


def _topics(personas: Sequence[Persona]) -> list[Topic]:
    """What people said that divides the members: held by some and not by all, what most of them hold first."""
    held: dict[tuple[str, str], list[float]] = {}
    for at, persona in enumerate(personas):
        for side, point in _points(persona):
            if point.origin == "real":
                held.setdefault((side, point.text), [0.0] * len(personas))[at] = point.weight
    topics = [Topic(text, side, tuple(weights)) for (side, text), weights in held.items()]
    dividing = [topic for topic in topics if not all(topic.held)]
    return sorted(dividing, key=lambda topic: (-sum(map(bool, topic.held)), -sum(topic.held), topic.text))


def _cited(personas: Sequence[Persona], answered: set[str], insights: Mapping[str, Insight]) -> list[Cited]:
    by: dict[str, list[str]] = {id_: [] for id_ in answered}
    for persona in personas:
        for id_ in sorted(_evidence([persona])):
            by.setdefault(id_, []).append(persona.name)
    return [
        Cited(
            id_,
            insights[id_].text,
            insights[id_].source,
            insights[id_].url,
            _day(insights[id_].said_at),
            tuple(names),
        )
        for id_, names in sorted(by.items())
        if id_ in insights
    ]


def _judged(
    question: Question, ballots: Sequence[Ballot], personas: Sequence[Persona], above: Sequence[Common]
) -> list[Judged]:
    return [
        Judged(
            variant.text,
            "" if variant.price is None else f"{variant.price:g} {question.currency}".strip(),
            tuple(each for each in above if each.variant == variant.id),
            tuple(
                Heard(persona.name, 1 + at % COLOURS, tuple(_verdict(ballot, variant.id, above) for ballot in theirs))
                for at, persona in enumerate(personas)
                if (theirs := [ballot for ballot in ballots if ballot.persona == persona.id])
            ),
        )
        for variant in question.variants
    ]


def _verdict(ballot: Ballot, variant: str, above: Sequence[Common]) -> Verdict:
    answer = next((answer for answer in ballot.answers if answer.variant == variant), None)
    if answer is None:
        return Verdict(ballot.respondent, 0.0, "", 0.0, why_not(ballot.abstains or "no answer"), "", (), ())
    return Verdict(
        ballot.respondent,
        answer.appeal,
        WOULD[answer.would],
        answer.chances.get(answer.would, 0.0),
        "",
        answer.text,
        *(
            tuple(
                each
                for each in answer.reasons
                if each.sign == sign and not told(each, ballot.respondent, variant, above)
            )
            for sign in ("pro", "con")
        ),
    )


def _parted(
    question: Question, ballots: Sequence[Ballot], personas: Sequence[Persona], respondents: Sequence[str]
) -> list[Parted]:
    texts = {variant.id: variant.text for variant in question.variants}
    at = {persona.id: number for number, persona in enumerate(personas)}
    return [
        Parted(
            personas[at[each.persona]].name,
            1 + at[each.persona] % COLOURS,
            texts.get(each.variant, ""),
            tuple(_word(each.says.get(name, ""), texts) for name in respondents),
        )
        for each in differences(ballots)
    ]


def _word(says: str, texts: Mapping[str, str]) -> str:
    """A word about buying, or the text of the variant that is rather had."""
    return WOULD.get(says) or texts.get(says, "")


def _day(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y")
