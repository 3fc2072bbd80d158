"""What a report shows, ready to be set: the page and the PDF say the same, for they are made of this."""

from __future__ import annotations

import msgspec


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A variant."""

    id: str
    letter: str
    name: str
    """Short; different for each."""
    colour: int
    text: str
    price: str


class StandingRow(msgspec.Struct, frozen=True, kw_only=True):
    option: Option
    wins: str
    appeal: str
    interval: str
    would: tuple[str, ...]
    """Shares of would, might, would not."""
    best: str


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """A member's marks, a row of the map."""

    member: str
    marks: tuple[str, ...]
    """By variant; empty where there is none."""
    prefers: str
    """A letter; empty for no preference."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What one respondent says on the whole."""

    respondent: str
    verdict: str
    lead: str
    sure: str
    voted: bool
    """Whether members were asked. Whoever has none has no marks either: of its rows only `best` means anything."""
    preferring: str
    """Empty where nobody was asked, or there is one variant; so is `wins` and `best` of its row."""
    effective: str
    """Empty where nobody answered, or there is one variant."""
    held_out: str
    """Empty where not validated."""
    unseen_kind: str
    """What it was checked on: "people", "headlines"."""
    of_few: str
    """Where most members give no answer: of whom the rows are."""
    rows: tuple[StandingRow, ...]
    checks: tuple[str, ...]
    map: tuple[Marks, ...]
    unseen: int
    """Members whom the map leaves out."""


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """An insight that something rests on."""

    id: str
    text: str
    where: str
    url: str
    """Empty where a person cannot read it on the web."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A reason, and what it goes back to."""

    sign: str
    text: str
    members: str
    """How many give it, or what it weighs where nobody does; empty where it is one member's own."""
    quote: str
    evidence: tuple[str, ...]
    """Ids of those that are still there; that of the quote first."""
    speaker: str = ""
    """Of the quote, where it is somebody whom a reader would take for a customer and who is none."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Reasons for and against a variant, of one respondent."""

    respondent: str
    prefer: str
    """Who prefers it, as a sentence; empty where there is nothing to prefer it to."""
    voted: bool
    """Whether members say it. Else it is what sets the wordings apart."""
    pros: tuple[Given, ...]
    cons: tuple[Given, ...]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    option: Option
    told: tuple[Told, ...]
    """By respondent."""


class Says(msgspec.Struct, frozen=True, kw_only=True):
    option: Option
    would: str
    appeal: str
    text: str
    """In the words a model lets them say; empty for none."""
    reasons: tuple[Given, ...]


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What one respondent lets one member say."""

    respondent: str
    prefers: str
    """A name of a variant; empty for none."""
    abstains: str
    """Why there is no answer, in words."""
    says: tuple[Says, ...]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    kind: str
    heard: tuple[Heard, ...]


class Parted(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that respondents answer differently for a member."""

    member: str
    about: str
    says: tuple[str, ...]
    """By respondent; empty where one says nothing of it."""


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    verdict: str
    tone: str
    score: str
    """Empty where there is no evidence."""
    people: int
    too_few: str
    """Where there is no evidence: how many speak of it all the same."""
    supporting: tuple[str, ...]
    opposing: tuple[str, ...]
    nearest: tuple[str, ...]
    """Where there is no evidence: what comes nearest besides."""


class PriceRow(msgspec.Struct, frozen=True, kw_only=True):
    price: str
    would: str
    interval: str
    revenue: str


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    option: Option
    best: str
    rows: tuple[PriceRow, ...]
    limits: tuple[tuple[str, str], ...]
    """Van Westendorp's crossings; none where the four prices are not known."""
    elasticity: str
    why: tuple[str, ...]


class HypothesisRow(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    origin: str
    state: str
    test: str
    evidence: tuple[str, ...]


class SegmentRow(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    members: str
    prefers: str
    say: str
    evidence: tuple[str, ...]


class MoveRow(msgspec.Struct, frozen=True, kw_only=True):
    member: str
    says: str
    changes: tuple[str, ...]
    evidence: tuple[str, ...]


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The discussion."""

    lead: str
    moves: tuple[MoveRow, ...]


class LeadRow(msgspec.Struct, frozen=True, kw_only=True):
    about: str
    where: str
    url: str
    fit: str


class PeopleRow(msgspec.Struct, frozen=True, kw_only=True):
    option: Option
    people: str
    interval: str
    predicted: tuple[str, ...]


class People(msgspec.Struct, frozen=True, kw_only=True):
    """What people said to the same study."""

    survey: str
    lead: str
    respondents: tuple[str, ...]
    rows: tuple[PeopleRow, ...]
    beside: tuple[str, ...]
    """Sentences: whether the panel named whom people chose, and what costs nothing to say."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    ask: str
    context: str
    today: str
    corpus: str
    day: str
    members: int
    options: tuple[Option, ...]
    respondents: tuple[str, ...]
    models: tuple[str, ...]
    """Those of the respondents that are language models."""
    voting: tuple[str, ...]
    """Those who answer for members."""
    memberless: tuple[str, ...]
    """Those who do not, and cast no vote."""
    headline: str
    parting: tuple[str, ...]
    """Where whoever has no members differs from the panel."""
    lead: str
    """Of the only respondent, or of each that calls its verdict likely: how often it was right stands beside that."""
    settle: tuple[str, ...]
    settled: str
    """What that word means."""
    worth: str
    """What that word means; empty where nobody voted."""
    heard: tuple[str, ...]
    """What people said to the same study, a sentence for each survey."""
    doubts: tuple[str, ...]
    warnings: tuple[str, ...]
    comparisons: tuple[Compared, ...]
    parted: tuple[Parted, ...]
    more_parted: int
    parted_lead: str
    """Of how many members they name different variants."""
    why: tuple[Why, ...]
    prices: Prices | None
    claims: tuple[ClaimRow, ...]
    hypotheses: tuple[HypothesisRow, ...]
    segments: tuple[SegmentRow, ...]
    discussion: Round | None
    asked_leads: bool
    leads: tuple[LeadRow, ...]
    people: tuple[People, ...]
    transcript: tuple[Member, ...]
    unheard: int
    """Members whom the transcript leaves out."""
    cited: tuple[Cited, ...]
    gone: int
    """Insights that were deleted since."""
    reproduction: tuple[tuple[str, str], ...]
    command: str
    spec: str
    """The study file."""
