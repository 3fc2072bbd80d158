"""Our own calls as a source: verbatim words only, for as long as they are kept, and nothing that was taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conversation.talk import ROOT, Talk
from vivavoce.app.settings import Settings
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Note
from vivavoce.errors import InputError
from vivavoce.panel.insights import Insight
from vivavoce.store import Store
from vivavoce.store.database import table_of
from vivavoce.store.models import Person
from vivavoce.store.rows import StoredEvent, StoredFact, StoredTurn
from vivavoce.studies.port import Page
from vivavoce.studies.sources import calls
from vivavoce.studies.sources.calls import OwnCalls
from vivavoce.studies.sources.making import pseudonyms
from vivavoce.studies.sources.open import open_source

NOW = 1_750_000_000.0
FOUNDER = (ROOT / "examples" / "agents" / "founder.yaml").read_text()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


def source(store: Store, now: float = NOW) -> OwnCalls:
    return OwnCalls(store.database, pseudonym=pseudonyms("calls", lambda text: text[::-1] * 16), clock=lambda: now)


async def talk(
    store: Store, call_id: str, *said: str, at: float = NOW - 9_000, agent: str = "founder", **columns: Any
) -> None:
    """A call that has ended: turns of the caller and the agent in turns."""
    await store.create_call(
        call_id=call_id,
        agent_name=agent,
        agent_source=columns.pop("agent_source", ""),
        spec_hash="",
        code_version="",
        started_at=at,
        person_id=columns.pop("person_id", None),
    )
    for number, text in enumerate(said):
        at_ms = number * 1_000
        await store.save_turn(
            StoredTurn(
                call_id=call_id,
                turn=number,
                who="caller" if number % 2 == 0 else "host",
                start_ms=at_ms,
                end_ms=at_ms + 900,
                text=text,
                complete=True,
            )
        )
    await store.finish_call(call_id, ended_at=at + 60, reason="done")
    if columns:
        await store.update_call(call_id, epoch=0, **columns)


async def fact(
    store: Store, call_id: str, field: str, state: str, value: Any, *turns: int, source: str = "caller-said"
) -> None:
    await store.save_fact(
        StoredFact(
            call_id=call_id,
            field=field,
            objective="",
            state=state,
            value=value,
            source=source,
            evidence=[{"turn": turn, "start_ms": 0, "end_ms": 1} for turn in turns],
            updated_seq=1,
        )
    )


async def walk(one: OwnCalls, query: str = "*") -> list[Page]:
    pages = [await one.page(query, None)]
    while (cursor := pages[-1].cursor) is not None:
        pages.append(await one.page(query, cursor))
    return pages


async def insights(one: OwnCalls, query: str = "*") -> list[Insight]:
    return [insight for page in await walk(one, query) for insight in page.insights]


async def test_turns_of_the_caller_are_taken_with_what_they_are_evidence_for(store: Store) -> None:
    await talk(
        store, "c1", "We lose two days a month. Ask kim@example.org", "How bad is that?", "I would say about nine"
    )
    await fact(store, "c1", "problem", "answered", "they lose time on invoices", 0)
    await fact(store, "c1", "severity", "confirmed", 9, 2)
    first, second = await insights(source(store))
    assert first.text == "We lose two days a month. Ask [email]"
    assert (first.group, first.ref, first.tags, first.title) == ("c1", "c1/0", ("problem",), "founder")
    assert first.said_at == NOW - 9_000
    assert (second.text, second.tags, second.said_at) == ("I would say about nine", ("severity",), NOW - 9_000 + 2)
    assert first.person == second.person != ""
    assert "invoices" not in str((first, second)), "the model's wording is nobody's words"


async def test_what_says_nothing_or_was_taken_back_is_counted_and_left(store: Store) -> None:
    await talk(store, "c1", "yes", "And the margin?", "I told you forty percent of it", "Sorry.", "...", "ok", "")
    await fact(store, "c1", "margin", "refused", None, 2)
    (page,) = await walk(source(store))
    assert page.insights == ()
    assert page.left_out == {"short": 3, "withheld": 1}


@pytest.mark.parametrize("state", ["vague", "asked"])
async def test_what_the_call_itself_took_for_no_answer_is_counted_and_left(store: Store, state: str) -> None:
    said = ("It is bad for really everybody", "How bad?", "We lose two days a month")
    await talk(store, "c1", *said, agent_source=FOUNDER)
    await fact(store, "c1", "severity", state, None, 0)
    await fact(store, "c1", "problem", "answered", "it is bad", 0, 2)
    await fact(store, "c1", "workaround", state, "One button that sends them all", source="typed")
    (page,) = await walk(source(store))
    assert [one.ref for one in page.insights] == ["c1/2"]
    assert page.left_out == {"vague": 1}


@pytest.mark.parametrize("again", ["another turn", "the same turn"])
async def test_a_vague_turn_stays_one_though_an_answer_came_later(store: Store, again: str) -> None:
    """The answered fact keeps both turns: only the log knows. Through the machine, as it writes."""
    machine = Talk().join()
    machine.tell(ev.SpeechStarted(16_000))
    machine.tell(ev.SpeechEnded(48_000), after=2.0)
    machine.tell(ev.CallerTranscribed(1, " It is bad for really everybody."))
    machine.tell(ev.ToolCalled(1, "n1", "note", {"vague": ["severity"]}))
    (said,) = machine.last(Note).evidence
    if again == "another turn":
        machine.hear(machine.agent_says("How bad, from one to ten?"), 2.0)
        machine.tell(ev.SpeechStarted(96_000), after=2.0)
        machine.tell(ev.SpeechEnded(128_000), after=2.0)
        machine.tell(ev.CallerTranscribed(1, " Eight of ten, I would say."))
    machine.tell(ev.ToolCalled(1, "n2", "note", {"facts": {"severity": 8}}))
    last = machine.last(Note)
    turns = [moment[0] for moment in last.evidence]
    assert (turns[0], len(turns)) == (said[0], 2 if again == "another turn" else 1)
    await talk(store, "c1")
    for turn in turns:
        await store.save_turn(
            StoredTurn(call_id="c1", turn=turn, who="caller", start_ms=1, end_ms=2, text="four words of somebody",
                       complete=True)
        )  # fmt: skip
    for entry in machine.entries:
        await store.write(
            [StoredEvent(call_id="c1", seq=entry.seq, at_s=entry.at, event=entry.event, effects=entry.effects)]
        )
    await fact(store, "c1", "severity", last.state, last.value, *turns)
    (page,) = await walk(source(store))
    assert [one.ref for one in page.insights] == [f"c1/{turns[-1]}"]
    assert page.left_out == ({"vague": 1} if again == "another turn" else {})


async def test_what_was_typed_is_verbatim_too(store: Store) -> None:
    await talk(store, "c1", "hm", agent_source=FOUNDER)
    await fact(store, "c1", "workaround", "confirmed", "One button that sends them all", source="typed")
    await fact(store, "c1", "severity", "confirmed", 9, source="typed")
    await fact(store, "c1", "solution", "refused", None, source="typed")
    (one,) = await insights(source(store))
    assert (one.text, one.ref) == ("One button that sends them all", "c1/workaround")


async def test_what_is_typed_into_a_field_for_something_else_is_nobodys_words(store: Store) -> None:
    """A name, an address, a date or a choice: they would stand in a corpus unmasked."""
    await talk(store, "c1", "hm", "How bad?", "about nine", agent_source=FOUNDER)
    await fact(store, "c1", "workaround", "confirmed", "Jane Doe", source="typed")
    await fact(store, "c1", "churn", "confirmed", "a choice of four words", source="typed")
    await fact(store, "c1", "no_such_field", "confirmed", "a field that is no more", source="typed")
    await fact(store, "c1", "severity", "confirmed", 9, 2)
    await talk(store, "c2", "hm", agent_source="no agent")
    await fact(store, "c2", "workaround", "confirmed", "One button that sends them all", source="typed")
    (page,) = await walk(source(store))
    assert (page.insights, page.left_out) == ((), {"short": 4})


@pytest.mark.parametrize("since", ["nothing", "another value"])
async def test_what_is_taken_back_by_hand_is_left_with_the_turns_it_was_told_in(store: Store, since: str) -> None:
    """Taking back empties the evidence: only the log knows. Through the machine, as it writes."""
    machine = Talk().join()
    machine.tell(ev.SpeechStarted(16_000))
    machine.tell(ev.SpeechEnded(48_000), after=2.0)
    machine.tell(ev.CallerTranscribed(1, " It is an eight, and we are broke."))
    machine.tell(ev.ToolCalled(1, "n1", "note", {"facts": {"severity": 8}}))
    (said,) = machine.last(Note).evidence
    machine.tell(ev.FactCorrected("severity", 3))
    machine.tell(ev.FactCorrected("severity", None))
    if since == "another value":
        machine.tell(ev.FactCorrected("severity", 5))
    last = machine.last(Note)
    assert last.evidence == ()
    await talk(store, "c1", "We lose two days a month")
    await store.save_turn(
        StoredTurn(
            call_id="c1", turn=said[0], who="caller", start_ms=1, end_ms=2, text="It is an eight, we are broke",
            complete=True,
        )
    )  # fmt: skip
    await store.save_turn(
        StoredTurn(
            call_id="c1", turn=90, who="caller", start_ms=1, end_ms=2, text="And late invoices hurt us", complete=True
        )
    )  # fmt: skip
    for entry in machine.entries:
        await store.write(
            [StoredEvent(call_id="c1", seq=entry.seq, at_s=entry.at, event=entry.event, effects=entry.effects)]
        )
    await fact(store, "c1", "severity", last.state, last.value, source=last.source)
    (page,) = await walk(source(store))
    assert "eight" not in str(page.insights)
    assert "c1/90" in [one.ref for one in page.insights]
    assert page.left_out["withheld"] == 1


@pytest.mark.parametrize("part", ["transcript_until", "facts_until"])
async def test_what_is_kept_no_longer_is_not_taken(store: Store, part: str) -> None:
    over: dict[str, Any] = {part: NOW}
    kept: dict[str, Any] = {part: NOW + 1}
    await talk(store, "c1", "We lose two days a month", **over)
    await talk(store, "c2", "We lose three days a month", **kept)
    (page,) = await walk(source(store))
    assert [one.group for one in page.insights] == ["c2"]
    assert page.left_out == {}


async def test_calls_that_had_their_time_are_no_pages_of_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "PER_PAGE", 2)
    for number in range(5):
        await talk(store, f"c{number}", "We lose two days a month", transcript_until=NOW, at=NOW - number)
    await talk(store, "old", "We lose two days a month", at=NOW - 9_000)
    (page,) = await walk(source(store))
    assert [one.group for one in page.insights] == ["old"]


async def test_only_calls_that_have_ended_and_are_not_being_erased(store: Store) -> None:
    await talk(store, "c1", "We lose two days a month")
    await talk(store, "c2", "We lose three days a month", state="live")
    await talk(store, "c3", "We lose four days a month", state="erasing")
    assert [one.group for one in await insights(source(store))] == ["c1"]


async def test_agents_are_chosen_by_name(store: Store) -> None:
    for number, agent in enumerate(("founder", "support", "sales")):
        await talk(store, f"c{number}", "We lose two days a month", agent=agent)
    assert {one.title for one in await insights(source(store), "founder, sales")} == {"founder", "sales"}
    assert len(await insights(source(store), "*")) == 3
    for query in ("", " , "):
        with pytest.raises(InputError, match="names of agents"):
            await source(store).page(query, None)
    with pytest.raises(InputError, match="cursor"):
        await source(store).page("*", "{}")


async def test_a_person_of_several_calls_is_one_and_no_id_is_shown(store: Store) -> None:
    person = {"id": "person-of-two", "ref_hash": "h", "ref_sealed": b"s", "created_at": NOW}
    await store.database.run(table_of(Person).insert().values(person))
    await talk(store, "c1", "We lose two days a month", person_id="person-of-two")
    await talk(store, "c2", "We lose three days a month", person_id="person-of-two")
    await talk(store, "c3", "We lose four days a month")
    found = {one.group: one.person for one in await insights(source(store))}
    assert found["c1"] == found["c2"] != found["c3"]
    assert "person-of-two" not in found.values()


async def test_pages_are_whole_whatever_is_written_meanwhile(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "PER_PAGE", 2)
    for number in range(5):
        await talk(store, f"c{number}", "We lose two days a month", at=NOW - 9_000 + number // 3)
    one = source(store)
    found: list[str] = []
    cursor = None
    for turn in range(9):
        page = await one.page("*", cursor)
        found += [insight.group for insight in page.insights]
        await talk(store, f"new{turn}", "We lose nothing at all", at=NOW)
        await store.update_call(found[0], epoch=0, state="erasing")
        if (cursor := page.cursor) is None:
            break
    assert found == ["c3", "c4", "c0", "c1", "c2"]


async def test_it_is_opened_with_a_database_or_not_at_all(store: Store) -> None:
    await talk(store, "c1", "We lose two days a month")
    one = open_source("calls", Settings(), hashed=lambda text: text, database=store.database)
    assert len((await one.page("founder", None)).insights) == 1
    await one.close()
    with pytest.raises(InputError, match="database"):
        open_source("calls", Settings(), hashed=lambda text: text)
