"""Our own calls: what callers said in talks that have ended, and what they typed, for as long as both are kept.

Their words are verbatim; facts that the model noted are its own wording, so they only say what a turn is about. What a
call left vague or open is left alone: what it did not take for an answer should be nobody's pain. So is what a caller
took back or would not tell: taking back empties a fact, so the log says in which turns it was told before; it is kept
for as long as the turns are. An insight of a call goes when the call is erased, and when its words
or its facts have had their time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import and_, or_, select

from vivavoce.agents import load
from vivavoce.agents.states import FactState
from vivavoce.errors import InputError, VivaError
from vivavoce.panel.insights import Insight
from vivavoce.panel.texts import words
from vivavoce.store.calls import CallFilter
from vivavoce.store.database import Database
from vivavoce.store.models import Call, Event, Fact, Turn
from vivavoce.studies.port import Page
from vivavoce.studies.sources.http import Clock
from vivavoce.studies.sources.making import Pseudonym, insight

CALLER = "caller"
PER_PAGE = 50
"""Calls of a page: each has some ten turns."""
LEAST_WORDS = 4
"""Fewer say nothing to somebody who did not hear the question: "about nine", "Jane Doe". Not tuned."""
OWN_WORDS = frozenset({"text", "story", "quote"})
"""Types of fields into which people write as they talk. An address, a date or a choice is not what anybody says."""


class _Place(msgspec.Struct, frozen=True):
    """The last call that was read, as the list of calls goes on from it."""

    started_at: float
    id: str


class _Call(msgspec.Struct):
    id: str
    agent_name: str
    agent_source: str
    started_at: float
    person_id: str | None
    turns: list[_Turn] = []
    facts: list[_Fact] = []
    taken_back: set[int] = set()
    """Turns in which something was told that the caller took back by hand."""
    vague: set[int] = set()
    """Turns that the call took for no answer when they were said, even where one came later."""


class _Turn(msgspec.Struct):
    turn: int
    start_ms: int
    text: str


class _Moment(msgspec.Struct):
    turn: int


class _Fact(msgspec.Struct):
    field: str
    state: FactState
    value: Any
    source: str
    evidence: list[_Moment]


class _Noted(msgspec.Struct):
    """A fact as it stood after a step, as the log has it among what else was done."""

    effect: str
    field: Any = None
    state: Any = None
    source: Any = None
    evidence: Any = ()


class OwnCalls:
    """
    Args:
        clock: Unix seconds, by which a call's words are still kept.
    """

    name = "calls"

    def __init__(self, database: Database, *, pseudonym: Pseudonym, clock: Clock = time.time) -> None:
        self._database = database
        self._pseudonym = pseudonym
        self._clock = clock

    async def page(self, query: str, cursor: str | None) -> Page:
        """Calls newest first; what is booked or erased meanwhile neither repeats one nor hides one.

        Args:
            query: names of agents with commas between them, or `*` for all.
        """
        calls = await self._read(_parsed(query), _read_cursor(cursor))
        found: list[Insight] = []
        left_out: Counter[str] = Counter()
        typable: dict[str, frozenset[str]] = {}
        for call in calls:
            if call.agent_source not in typable:
                typable[call.agent_source] = _typable(call.agent_source)
            for made in self._said(call, typable[call.agent_source]):
                if isinstance(made, str):
                    left_out[made] += 1
                else:
                    found.append(made)
        after = _Place(calls[-1].started_at, calls[-1].id) if len(calls) == PER_PAGE else None
        return Page(
            insights=tuple(found),
            cursor=msgspec.json.encode(after).decode() if after is not None else None,
            left_out=dict(left_out),
        )

    async def close(self) -> None:
        """The database is not ours to close."""

    async def _read(self, agents: tuple[str, ...], after: _Place | None) -> list[_Call]:
        """A page of calls with their turns and facts. What is erased between these questions is missing in the last."""
        more = ("turns", "facts", "taken_back", "vague")
        columns = [getattr(Call, name) for name in _Call.__struct_fields__ if name not in more]
        conditions = CallFilter(agents=agents, state="ended").conditions()
        now = self._clock()
        # an insight is made of words and facts; years of calls without them would be pages of nothing
        conditions += [or_(until.is_(None), until > now) for until in (Call.transcript_until, Call.facts_until)]
        if after is not None:
            same = and_(Call.started_at == after.started_at, Call.id > after.id)
            conditions.append(or_(Call.started_at < after.started_at, same))
        query = select(*columns).where(*conditions).order_by(Call.started_at.desc(), Call.id).limit(PER_PAGE)
        calls = {row["id"]: msgspec.convert(row, _Call) for row in await self._database.rows(query)}
        said = select(Turn.call_id, Turn.turn, Turn.start_ms, Turn.text).order_by(Turn.call_id, Turn.turn)
        for row in await self._database.rows(said.where(Turn.call_id.in_(calls), Turn.who == CALLER)):
            calls[row["call_id"]].turns.append(msgspec.convert(row, _Turn))
        known = select(Fact.call_id, Fact.field, Fact.state, Fact.value, Fact.source, Fact.evidence)
        for row in await self._database.rows(known.where(Fact.call_id.in_(calls)).order_by(Fact.call_id, Fact.field)):
            calls[row["call_id"]].facts.append(msgspec.convert(row, _Fact))
        await self._read_log(calls)
        return list(calls.values())

    async def _read_log(self, calls: Mapping[str, _Call]) -> None:
        """Turns that were evidence of a fact before the caller took it back by hand, whatever came of it since; and
        those that made it no more than vague. Facts keep both where an answer came later.
        """
        query = select(Event.call_id, Event.effects).where(
            Event.call_id.in_(calls), Event.effects.contains('"effect":"note"', autoescape=True)
        )
        told: dict[tuple[str, str], set[int]] = {}
        for row in await self._database.rows(query.order_by(Event.call_id, Event.seq)):
            for noted in msgspec.json.decode(row["effects"], type=list[_Noted]):
                if noted.effect != "note":
                    continue
                turns = told.setdefault((row["call_id"], noted.field), set())
                turns.update(moment[0] for moment in noted.evidence)
                call, last = calls[row["call_id"]], {moment[0] for moment in noted.evidence[-1:]}
                if noted.state == FactState.REFUSED and noted.source == "typed":
                    call.taken_back |= turns
                elif noted.state == FactState.VAGUE:
                    call.vague |= last
                elif noted.source == "caller-said":
                    call.vague -= last  # the model thought again, and took the same turn for an answer

    def _said(self, call: _Call, typable: frozenset[str]) -> Iterator[Insight | str]:
        """Each thing the caller said, or why it is no insight.

        Args:
            typable: fields into which they may have typed what they say.
        """
        about: dict[int, list[str]] = {}
        withheld, vague = set(call.taken_back), set(call.vague)
        for fact in call.facts:
            for moment in fact.evidence:
                if fact.state.given:
                    about.setdefault(moment.turn, []).append(fact.field)
                elif fact.state is FactState.REFUSED:
                    withheld.add(moment.turn)
                else:
                    vague.add(moment.turn)
        for turn in call.turns:
            if turn.turn in withheld:
                yield "withheld"
            elif turn.turn in vague:
                # whatever else it answers: the words stand or go whole
                yield "vague"
            else:
                yield self._made(call, str(turn.turn), turn.text, about.get(turn.turn, []), turn.start_ms / 1000)
        for fact in call.facts:
            typed = fact.state.given and fact.source == "typed" and fact.field in typable
            if typed and isinstance(fact.value, str):
                yield self._made(call, fact.field, fact.value, [fact.field], 0.0)

    def _made(self, call: _Call, place: str, text: str, fields: list[str], after_s: float) -> Insight | str:
        if len(words(text)) < LEAST_WORDS:
            return "short"
        made = insight(
            source=self.name,
            ref=f"{call.id}/{place}",
            text=text,
            said_at=call.started_at + after_s,
            group=call.id,
            title=call.agent_name,
            person=self._pseudonym(call.person_id or call.id),
            tags=sorted(fields),
        )
        return made if made is not None else "empty"


async def strangers(database: Database, query: str) -> tuple[str, ...]:
    """Names in a query that no call has had for its agent so far.

    Raises:
        InputError: it names nobody.
    """
    names = _parsed(query)
    found = await database.rows(select(Call.agent_name).where(Call.agent_name.in_(names)).distinct())
    known = {row["agent_name"] for row in found}
    return tuple(name for name in names if name not in known)


def _typable(agent_source: str) -> frozenset[str]:
    """Fields of an agent that hold what people say; none of one that cannot be read any more."""
    try:
        fields = load(agent_source).spec.fields()
    except VivaError:
        return frozenset()
    return frozenset(name for name, field in fields.items() if field.type.kind in OWN_WORDS)


def _parsed(query: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in query.split(",") if name.strip())
    if not names:
        raise InputError("calls: want names of agents, or * for all, got none")
    return () if names == ("*",) else names


def _read_cursor(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(cursor, type=_Place)
    except msgspec.DecodeError:
        raise InputError("calls: want a cursor as it was given, got another") from None
